//! The forms of findings, read back by parsers: hostile names stay names, places are right, and no other byte moves.

use crate::cli::{Folder, code, path, stderr, stdout, weaklink};
use crate::world::shared;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

const FORMS: &[&str] = &["table", "markdown", "json", "sarif", "junit", "github", "gitlab"];
const AS_OF: &[&str] = &["--as-of", "2026-11-24"];

/// Ids that are legal and would be something else elsewhere.
pub(crate) const HOSTILE: &[&str] = &[
    "`",
    "``a`",
    "a``",
    "|",
    "\\|",
    "\\\\|",
    "a\\",
    "<script>alert(1)</script>",
    "-->",
    "<!--",
    "@team",
    "#1",
    "![](http://x)",
    "[x](y)",
    "<details>",
    "::add-mask::x",
    "::stop-commands::x",
    "##[add-mask]x",
    "##vso[task.x]y",
    "##VSO[x]",
    "]]>",
    "<![CDATA[",
    "&",
    "&amp;",
    "%0A",
    "%0A::error::x",
    "%25",
    "http://x.example",
    "**b**",
    "__b__",
    "~~b~~",
    "---",
    "{0}",
    "${{x}}",
    "$(id)",
    "\"",
    "'",
    "../x",
    "/etc/passwd",
    "C:\\x",
    "=1+1",
    "--help",
    "a,b",
    "a:b",
    ":",
    "::",
    "a:os",
    "null",
    "1e9",
]; // rustfmt keeps lists of short texts as they are

/// Free texts with what no reader sees.
const TEXTS: &[&str] =
    &["a\u{202e}b", "\u{200b}", "x\u{fffe}", "\u{feff}y", "\u{e0041}", " lead", "`a` | b", "@team <b>", "]]>", "::x", "💥é"];

/// A model in which every system has a gap, and one failure reaches the next.
pub(crate) fn model(names: &[&str], status: &str) -> Value {
    let systems: Vec<Value> = names
        .iter()
        .enumerate()
        .map(|(ix, name)| {
            let text = TEXTS[ix % TEXTS.len()];
            json!({ "id": name, "name": text, "model": "on-premises", "owner": name, "facing": "internet", "criticality": "crown-jewel",
                "layers": { "os": { "status": status, "note": text } } })
        })
        .collect();
    let parties: Vec<Value> = names.iter().map(|name| json!({ "id": name, "kind": "customer" })).collect();
    let rest = ["physical", "virtualization", "network", "applications", "directory", "monitoring", "config", "access", "code", "data"];
    let covered: serde_json::Map<_, _> = rest.map(|layer| (layer.to_owned(), json!({ "status": "implemented" }))).into_iter().collect();
    let rules = json!([{ "match": { "id": "*" }, "layers": covered }]);
    json!({ "weaklink": 1, "parties": parties, "systems": systems, "rules": rules })
}

fn answers(arguments: &[&str]) -> Vec<(&'static str, String)> {
    let of = |form: &&'static str| {
        let output = weaklink(&[arguments, AS_OF, &["--format", form]].concat());
        assert!(code(&output) < 2, "{form}: {}", stderr(&output));
        (*form, stdout(&output))
    };
    FORMS.iter().map(of).collect()
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("the answer is JSON")
}

/// The results of a SARIF log.
fn results(text: &str) -> Vec<Value> {
    parsed(text)["runs"][0]["results"].as_array().expect("results").clone()
}

/// A message's text as its reader sees it.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        plain.push(if letter == '\\' { letters.next().expect("a letter follows") } else { letter });
    }
    plain
}

fn unescaped(text: &str) -> String {
    text.replace("%2C", ",").replace("%3A", ":").replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
}

#[test]
fn hostile_names_stay_names_in_every_form() {
    let mut names: Vec<String> = HOSTILE.iter().map(|name| (*name).to_owned()).collect();
    if let Some(file) = shared("naughty.txt", "hostile_names_stay_names_in_every_form: the shared list") {
        let text = fs::read(file).expect("the list can be read");
        let legal = |name: &&str| (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic()) && *name != "nobody";
        names.extend(String::from_utf8_lossy(&text).split('\u{1e}').filter(legal).map(str::to_owned));
    }
    names.sort();
    names.dedup();
    let folder = Folder::new("hostile-forms");
    for names in names.chunks(60) {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let base = folder.file("base.json", model(&names, "implemented").to_string());
        let head = folder.file("head.json", model(&names, "not-implemented").to_string());
        for arguments in [&["review", path(&base), path(&head), "--all"][..], &["check", path(&head), "--gate", "--all"]] {
            check_forms(&names, &answers(arguments));
        }
        for (form, empty) in answers(&["review", path(&head), path(&head)]) {
            match form {
                "sarif" => assert_eq!(results(&empty), Vec::<Value>::new()),
                "gitlab" => assert_eq!(empty, "[]\n"),
                "github" => assert_eq!(empty, ""),
                "junit" => assert!(!empty.contains("<failure"), "{empty}"),
                _ => assert!(!names.iter().any(|name| name.len() > 8 && empty.contains(name)), "{form}: {empty}"),
            }
        }
    }
}

fn check_forms(names: &[&str], answers: &[(&str, String)]) {
    let visible: Vec<String> = names.iter().map(|name| weaklink::source::visible(name).into_owned()).collect();
    for (form, text) in answers {
        let lower = text.to_lowercase();
        assert!(!lower.contains("##[") && !lower.contains("##vso["), "{form}");
        assert!(text.chars().all(|c| c == '\n' || !weaklink::source::is_hidden(c)), "{form}");
        let commands = text.lines().filter(|line| line.trim_start().starts_with("::"));
        assert_eq!(commands.count(), if *form == "github" { text.lines().count() } else { 0 }, "{form}: {text}");
        match *form {
            "sarif" => {
                let results = results(text);
                assert_eq!(results.len(), names.len());
                for name in &visible {
                    let of_name =
                        |result: &&Value| result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == format!("{name}:os");
                    let found = results.iter().find(of_name).expect("the result is there");
                    let message = plain(found["message"]["text"].as_str().expect("a text"));
                    assert!(message.contains(&format!(" {name}:os (")), "{message}");
                }
            }
            "junit" => {
                let document = roxmltree::Document::parse(text).expect("the report is XML");
                let count = |tag: &str| document.descendants().filter(|node| node.has_tag_name(tag)).count().to_string();
                for suite in document.descendants().filter(|node| node.has_tag_name("testsuite") || node.has_tag_name("testsuites")) {
                    assert_eq!(suite.attribute("tests"), Some(count("testcase").as_str()));
                    assert_eq!(suite.attribute("failures"), Some(count("failure").as_str()));
                }
                let failure =
                    document.descendants().find(|node| node.has_tag_name("failure")).and_then(|node| node.text()).expect("a failure");
                for name in &visible {
                    assert!(failure.contains(&format!("@{name}:os: ")), "{name}: {failure}");
                }
            }
            "github" => {
                assert_eq!(text.lines().count(), 10);
                for line in text.lines().take(9) {
                    let (_, message) = line[2..].split_once("::").expect("a message");
                    let message = unescaped(message);
                    assert!(!message.contains('\n') && visible.iter().any(|name| message.contains(&format!(" {name}:os ("))), "{line}");
                }
            }
            "gitlab" => {
                let issues = parsed(text);
                let issues = issues.as_array().expect("a list");
                let mut prints: Vec<&str> = issues.iter().filter_map(|issue| issue["fingerprint"].as_str()).collect();
                prints.sort_unstable();
                prints.dedup();
                assert_eq!((issues.len(), prints.len()), (names.len(), names.len()));
            }
            "json" => drop(parsed(text)),
            "markdown" => {
                for name in &visible {
                    let layer = format!("{name}:os");
                    assert!(text.contains(&spanned(name)) || text.contains(&spanned(&layer)), "{name}: {text}");
                }
            }
            _ => {}
        }
    }
}

/// A name as a table's code span.
fn spanned(name: &str) -> String {
    let longest = name.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let pad = if name.starts_with('`') || name.ends_with('`') { " " } else { "" };
    let span = format!("{0}{pad}{name}", "`".repeat(longest + 1));
    span.trim_end_matches('`').replace('|', "\\|")
}

#[test]
fn a_bar_is_escaped_in_a_table_only() {
    let folder = Folder::new("bar");
    let base = folder.file("base.json", model(&["a|b"], "implemented").to_string());
    let head = folder.file("head.json", model(&["a|b"], "not-implemented").to_string());
    let comment = stdout(&weaklink(&["review", path(&base), path(&head), "-f", "markdown"]));
    assert!(comment.contains("### weaklink: **Gate failed**: the risk of `a|b` rises"), "{comment}");
    assert!(comment.contains("### Why `a|b` rises\n"), "{comment}");
    assert!(comment.contains("| `a\\|b` |"), "{comment}");
}

#[test]
fn a_comment_fits_whatever_rises() {
    let folder = Folder::new("comment");
    let names: Vec<String> = (0..600).map(|ix| format!("{ix:04}{}", "`|\\<@".repeat(100))).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let base = folder.file("base.json", model(&names, "implemented").to_string());
    let head = folder.file("head.json", model(&names, "not-implemented").to_string());
    let waivers: String = names
        .iter()
        .map(|name| {
            let finding = format!("rise@{name}:os");
            let finding = weaklink::project::FindingId::parse(&finding).expect("a finding");
            let (reason, by) = ("r".repeat(2_000), "b".repeat(2_000));
            let waiver = weaklink::project::Waiver { finding, until: jiff::civil::date(2026, 1, 1), reason, by, up_to: None };
            format!(
                "[[waiver]]\nfinding = '{}'\nuntil = 2026-01-01\nreason = '{}'\nby = '{}'\nseal = '{}'\n",
                waiver.finding,
                waiver.reason,
                waiver.by,
                waiver.seal()
            )
        })
        .collect();
    let waivers = folder.file("waivers.toml", format!("weaklink_waivers = 1\n{waivers}"));
    for more in [&["--all"][..], &["--top", "500"], &[]] {
        let arguments = [&["review", path(&base), path(&head), "--waivers", path(&waivers), "-f", "markdown"], AS_OF, more].concat();
        let output = weaklink(&arguments);
        let comment = stdout(&output);
        assert_eq!(code(&output), 1, "{}", stderr(&output));
        assert!(comment.len() <= 65_000, "{}", comment.len());
        assert!(comment.starts_with("<!-- weaklink:review -->\n") && comment.ends_with("nothing*\n\n"), "{}", comment.len());
    }
}

/// The places of a review's findings: of each its uri, and its region.
fn places(arguments: &[&str], stdin: Option<&Path>, folder: &Path) -> Vec<(String, Value)> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_weaklink"));
    command.args([arguments, AS_OF, &["-f", "sarif"]].concat()).current_dir(folder);
    match stdin {
        Some(file) => command.stdin(fs::File::open(file).expect("the file can be opened")),
        None => command.stdin(Stdio::null()),
    };
    let output = command.output().expect("the program runs");
    assert!(code(&output) < 2, "{}", stderr(&output));
    let place = |result: &Value| {
        let place = &result["locations"][0]["physicalLocation"];
        (place["artifactLocation"]["uri"].as_str().expect("a uri").to_owned(), place["region"].clone())
    };
    results(&stdout(&output)).iter().map(place).collect()
}

#[test]
fn a_file_is_named_from_the_root_of_its_repository_and_in_the_letters_of_a_uri() {
    let folder = Folder::new("uris");
    let (root, elsewhere) = (folder.path().join("repo"), folder.path().join("elsewhere"));
    fs::create_dir_all(root.join("sub/a b")).expect("a folder can be made");
    fs::create_dir_all(&elsewhere).expect("a folder can be made");
    let head = model(&["a"], "not-implemented").to_string();
    let files = ["m.json", "sub/m.json", "sub/a b/ü#%?&:[x].json", "sub/git:x:y"];
    for file in files {
        fs::write(root.join(file), &head).expect("a file can be written");
    }
    fs::write(elsewhere.join("e.json"), &head).expect("a file can be written");
    let base = folder.file("base.json", model(&["a"], "implemented").to_string());
    let base = path(&base);
    let uri = |head: &str, stdin: Option<&Path>, at: &Path| {
        let found = places(&["review", base, head], stdin, at);
        assert_eq!(found.len(), 1, "{head}");
        found[0].0.clone()
    };
    let sub = root.join("sub");
    // Without a repository names are those from where the program runs.
    assert_eq!(uri("sub/m.json", None, &root), "sub/m.json");
    let absolute = elsewhere.join("e.json");
    let named = path(&absolute).trim_start_matches('/').replace(' ', "%20");
    assert_eq!(uri(path(&absolute), None, &root), named);
    assert_eq!(uri("../elsewhere/e.json", None, &root), "elsewhere/e.json");
    fs::create_dir(root.join(".git")).expect("a folder can be made");
    for (head, at, wanted) in [
        ("m.json", &root, "m.json"),
        ("./m.json", &root, "m.json"),
        (".//sub/../sub/./m.json", &root, "sub/m.json"),
        ("m.json", &sub, "sub/m.json"),
        ("../m.json", &sub, "m.json"),
        (path(&root.join("sub/m.json")), &elsewhere, "sub/m.json"),
        ("a b/ü#%?&:[x].json", &sub, "sub/a%20b/%C3%BC%23%25%3F%26%3A%5Bx%5D.json"),
        ("./git:x:y", &sub, "sub/git%3Ax%3Ay"),
    ] {
        assert_eq!(uri(head, None, at), wanted, "{head}");
    }
    assert_eq!(uri("-", Some(&absolute), &root), "standard%20input");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("sub/m.json", root.join("link.json")).expect("a link can be made");
        assert_eq!(uri("link.json", None, &root), "sub/m.json");
    }
}

#[test]
fn a_file_of_a_commit_is_named_from_the_root_too() {
    let folder = Folder::new("git-uris");
    let root = folder.path();
    fs::create_dir_all(root.join("sub")).expect("a folder can be made");
    fs::write(root.join("sub/base.json"), model(&["a"], "implemented").to_string()).expect("a file can be written");
    fs::write(root.join("sub/head.json"), model(&["a"], "not-implemented").to_string()).expect("a file can be written");
    for arguments in [
        &["init", "--quiet"][..],
        &["add", "."],
        &["-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false", "commit", "--quiet", "-m", "m"],
    ] {
        if !Command::new("git").args(arguments).current_dir(root).status().is_ok_and(|status| status.success()) {
            eprintln!("SKIPPED a_file_of_a_commit_is_named_from_the_root_too: git is not there");
            return;
        }
    }
    let sub = root.join("sub");
    fs::remove_file(sub.join("head.json")).expect("the file can be removed");
    for (head, at) in [
        ("git:HEAD:sub/head.json", root),
        ("git:HEAD:sub/../sub//head.json", root),
        ("git:HEAD:./head.json", &sub),
        ("git:HEAD:../sub/head.json", &sub),
    ] {
        let found = places(&["review", "git:HEAD:sub/base.json", head], None, at);
        assert_eq!(found.iter().map(|(uri, _)| uri.as_str()).collect::<Vec<_>>(), ["sub/head.json"], "{head}");
    }
}

#[test]
fn a_region_counts_lines_and_code_points_whatever_the_file_looks_like() {
    let folder = Folder::new("regions");
    let text = |name: &str, status: &str| {
        let rest = ["physical", "virtualization", "network", "applications", "directory", "monitoring", "config", "access", "code", "data"];
        let covered: String = rest.iter().map(|layer| format!(", {layer}: {{ status: implemented }}")).collect();
        let own = "model: on-premises, owner: p, facing: internet, criticality: crown-jewel";
        let system = format!("{{ id: \"a\", name: \"{name}\", {own}, layers: {{ os: {{ status: {status} }}{covered} }} }}");
        format!("weaklink: 1\nname: \"{name}\"\nparties: [{{ id: p, kind: customer }}]\nsystems:\n  - {system}\n")
    };
    let plain_base = folder.file("base.yaml", text("x", "implemented"));
    for name in ["x", "💥", "e\u{301}", "日本", "\u{1f468}\u{200d}\u{1f9b0}"] {
        let whole = text(name, "not-implemented");
        for (form, bytes) in [
            ("lf", whole.clone()),
            ("crlf", whole.replace('\n', "\r\n")),
            ("bom", format!("\u{feff}{whole}")),
            ("bom-crlf", format!("\u{feff}{}", whole.replace('\n', "\r\n"))),
        ] {
            let head = folder.file("head.yaml", &bytes);
            let found = places(&["review", path(&plain_base), path(&head)], None, folder.path());
            let line = whole.lines().nth(4).expect("the line is there");
            for (_, region) in &found {
                let number = |key: &str| region[key].as_u64().expect("a number") as usize;
                let (start, end) = ((number("startLine"), number("startColumn")), (number("endLine"), number("endColumn")));
                let length = line.chars().count();
                assert!(start.0 == 5 && start.1 >= 1 && start <= end && end <= (5, length + 1), "{form} {name}: {region}");
            }
            let column = |key: &str| found[0].1[key].as_u64().expect("a number") as usize;
            let (start, end) = (column("startColumn") - 1, column("endColumn") - 1);
            let shown: String = line.chars().skip(start).take(end - start).collect();
            assert_eq!(shown, "os", "{form} {name}");
        }
    }
}

#[test]
fn the_order_of_a_model_changes_only_lines() {
    let graph = |name: &str| {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("graphs").join(name)).expect("the graph is there");
        serde_saphyr::from_str::<Value>(&text).expect("the graph is YAML")
    };
    let turned = |mut model: Value| {
        for list in ["parties", "systems", "connections"] {
            model[list].as_array_mut().expect("a list").reverse();
        }
        model
    };
    let without_places = |form: &str, text: &str| match form {
        "sarif" => {
            let mut log = parsed(text);
            strip(&mut log, "region");
            log.to_string()
        }
        "gitlab" => {
            let mut issues = parsed(text);
            strip(&mut issues, "lines");
            issues.to_string()
        }
        "github" => text
            .lines()
            .map(|line| format!("{}{}\n", line.split(",line=").next().unwrap_or(""), line.split(",title=").last().unwrap_or("")))
            .collect(),
        _ => text.to_owned(),
    };
    let folder = Folder::new("order");
    for change in ["new-saas", "new-credential", "handed-to-nobody", "monitoring-removed", "patched-os"] {
        let (base, head) = (graph("storefront.yaml"), graph(&format!("pull-requests/{change}.yaml")));
        let (base_file, head_file) = (folder.file("base.json", base.to_string()), folder.file("head.json", head.to_string()));
        let first = [answers(&["review", path(&base_file), path(&head_file)]), answers(&["check", path(&head_file), "--gate"])].concat();
        folder.file("base.json", turned(base).to_string());
        folder.file("head.json", turned(head).to_string());
        let second = [answers(&["review", path(&base_file), path(&head_file)]), answers(&["check", path(&head_file), "--gate"])].concat();
        for ((form, one), (_, other)) in first.iter().zip(&second) {
            assert_eq!(without_places(form, one), without_places(form, other), "{change} {form}");
        }
    }
}

fn strip(value: &mut Value, key: &str) {
    match value {
        Value::Object(entries) => {
            entries.remove(key);
            entries.values_mut().for_each(|inner| strip(inner, key));
        }
        Value::Array(list) => list.iter_mut().for_each(|inner| strip(inner, key)),
        _ => {}
    }
}

#[test]
fn a_badge_can_be_read_at_every_posture() {
    let brightness = |colour: &str| {
        let part = |at: usize| f64::from(u8::from_str_radix(&colour[at..at + 2], 16).expect("a colour")) / 255.0;
        let linear = |part: f64| if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) };
        0.2126 * linear(part(1)) + 0.7152 * linear(part(3)) + 0.0722 * linear(part(5))
    };
    let contrast = |one: &str, other: &str| {
        let (one, other) = (brightness(one), brightness(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    };
    let mut colours = std::collections::BTreeSet::new();
    for posture in 0..=100 {
        let badge = weaklink::report::badge::render(posture);
        let document = roxmltree::Document::parse(&badge).expect("the badge is XML");
        let root = document.root_element();
        assert_eq!(root.attribute("aria-label"), Some(format!("weaklink posture: {posture} of 100").as_str()));
        let fills = |tag: &str| {
            document
                .descendants()
                .filter(|node| node.has_tag_name(tag))
                .filter_map(|node| node.attribute("fill"))
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        for (area, text) in fills("rect").iter().zip(fills("text")) {
            assert!(contrast(area, &text) >= 4.5, "{posture}: {area} {text}");
            colours.insert(area.clone());
        }
        let texts: Vec<_> = document.descendants().filter(|node| node.has_tag_name("text")).filter_map(|node| node.text()).collect();
        assert_eq!(texts, ["weaklink posture", posture.to_string().as_str()]);
        let known = ["svg", "title", "rect", "text"];
        assert!(document.descendants().filter(roxmltree::Node::is_element).all(|node| known.contains(&node.tag_name().name())));
    }
    assert_eq!(colours.len(), 5);
}
