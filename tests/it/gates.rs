//! Exit codes of what has a gate: a verdict is 0 or 1, bad input is 2, an answer that cannot be delivered is 3.

use crate::cli::{Folder, code, stderr, stdout};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const FORMS: &[&str] = &["table", "markdown", "json", "sarif", "junit", "github", "gitlab"];
const AS_OF: &[&str] = &["--as-of", "2026-11-24"];

/// A folder with a project for the base, one for the head, and more files.
struct Stage(Folder);

impl Stage {
    fn new(name: &str) -> Self {
        let stage = Self(Folder::new(&format!("gates-{name}")));
        stage.project("base", &graph("storefront.yaml"), "");
        stage.project("head", &graph("pull-requests/new-saas.yaml"), "");
        stage
    }

    fn project(&self, name: &str, model: &str, settings: &str) {
        fs::create_dir_all(self.file(name)).expect("a folder can be made");
        self.write(&format!("{name}/model.yaml"), model);
        self.write(&format!("{name}/weaklink.toml"), &format!("weaklink = 1\nmodel = \"model.yaml\"\n{settings}"));
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: &str) {
        fs::write(self.file(name), content).expect("a file can be written");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).expect("the file can be read")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_weaklink"));
        command.args(arguments).current_dir(self.0.path()).stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the program runs")
    }

    /// The exit status, and what is said on standard error, where nothing may stand on standard output.
    fn refused(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.run(arguments);
        assert_eq!(stdout(&output), "", "{arguments:?}");
        (code(&output), stderr(&output))
    }
}

fn graph(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("graphs").join(name)).expect("the graph is there")
}

fn with<'a>(arguments: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [arguments, AS_OF, more].concat()
}

#[test]
fn a_verdict_is_0_or_1_in_every_form() {
    let stage = Stage::new("verdict");
    for form in FORMS {
        for (arguments, wanted) in [
            (&["review", "base", "head"][..], 1),
            (&["review", "base", "head", "--exit-zero"], 0),
            (&["review", "base", "base"], 0),
            (&["review", "head", "head"], 0),
            (&["check", "base", "--gate", "--critical", "81"], 0),
            (&["check", "base", "--gate"], 1),
            (&["check", "base", "--gate", "--critical", "80"], 1),
            (&["check", "base", "--gate", "--critical", "80", "--exit-zero"], 0),
            (&["check", "base", "--gate", "--critical", "off", "--posture", "21"], 1),
            (&["check", "base", "--gate", "--critical", "off", "--posture", "20"], 0),
            (&["check", "base", "--gate", "--critical", "off", "--deny", "unsplit"], 1),
        ] {
            let output = stage.run(&with(arguments, &["-f", form]));
            assert_eq!((code(&output), stderr(&output).as_str()), (wanted, ""), "{arguments:?} {form}");
        }
    }
}

#[cfg(unix)]
#[test]
fn the_verdict_stands_when_the_reader_is_gone() {
    let stage = Stage::new("closed");
    // More than a pipe holds, so that the program is still writing when its reader goes.
    let model = |facing: &str| {
        let systems: Vec<Value> = (0..1_500)
            .map(|ix| json!({ "id": format!("system-{ix}-{}", "x".repeat(200)), "model": "iaas", "facing": facing, "criticality": "high" }))
            .collect();
        json!({ "weaklink": 1, "systems": systems }).to_string()
    };
    stage.write("large-base.json", &model("isolated"));
    stage.write("large-head.json", &model("internet"));
    for form in FORMS {
        for (arguments, failed) in [
            (&["review", "large-base.json", "large-head.json", "--all"][..], 1),
            (&["check", "large-head.json", "--gate", "--critical", "1", "--all"], 1),
        ] {
            for (more, wanted) in [(&[][..], failed), (&["--exit-zero"], 0)] {
                let mut child = stage
                    .command(&[&with(arguments, &["-f", form]), more].concat())
                    .stdout(Stdio::piped())
                    .stderr(Stdio::piped())
                    .spawn()
                    .expect("the program runs");
                drop(child.stdout.take());
                let output = child.wait_with_output().expect("the program ends");
                assert_eq!(code(&output), wanted, "{arguments:?} {form}: {}", stderr(&output));
                assert!(!stderr(&output).contains("error"), "{}", stderr(&output));
            }
        }
    }
}

#[test]
fn models_that_cannot_be_used_are_bad_input_and_told_apart() {
    let stage = Stage::new("input");
    fs::create_dir_all(stage.file("bare")).expect("a folder can be made");
    stage.write("bad.json", "{\"weaklink\":1,\"systems\":[{\"id\":\"a\",\"model\":\"iass\"}]}");
    let faults = "error[unknown-model]: unknown service model `iass`\n --> bad.json:1:44\n  |\n1 | {\"weaklink\":1,\"systems\":[{\"id\":\"a\",\"model\":\"iass\"}]}\n  \
                  |                                            ^^^^^^ no such service model\n  |\n  = help: did you mean `iaas`?\n\n1 error\n";
    let missing = "error: cannot read `missing.yaml`: no such file\n";
    let bare =
        "error: the folder `bare` has no `weaklink.toml`\n  help: name a model file, or write a `weaklink.toml` with `model = \"FILE\"`\n";
    let option = "error: cannot read `git:--upload-pack=x:y`: its revision begins with `-`\n  help: git:REV:PATH names a file or folder of a \
                  commit; PATH may be empty for its root\n";
    for form in FORMS {
        for (named, told) in [("bad.json", faults), ("missing.yaml", missing), ("bare", bare), ("git:--upload-pack=x:y", option)] {
            let of_base = format!("{told}error: the base cannot be used, so nothing is reviewed\n");
            let of_head = format!("{told}error: the head cannot be used, so nothing is reviewed\n");
            assert_eq!(stage.refused(&["review", named, "head", "--exit-zero", "-f", form]), (2, of_base));
            assert_eq!(stage.refused(&["review", "base", named, "--exit-zero", "-f", form]), (2, of_head));
            if *form != "json" {
                assert_eq!(stage.refused(&["check", named, "--gate", "--exit-zero", "-f", form]), (2, told.to_owned()));
            }
        }
        let twice = "error: standard input can be read once, and `-` is named more than once\n";
        assert_eq!(stage.refused(&["review", "-", "-", "-f", form]), (2, twice.to_owned()));
    }
    let bare_check = stage.refused(&["check", "base", "-f", "sarif"]);
    assert_eq!(bare_check, (2, "error: this form shows findings, and a plain check has none\n  help: add --gate\n".to_owned()));
}

#[test]
fn one_of_both_models_may_be_standard_input() {
    let stage = Stage::new("stdin");
    let run = |arguments: &[&str], model: &str| {
        let file = fs::File::open(stage.file(model)).expect("the file can be opened");
        code(&stage.command(arguments).stdin(file).output().expect("the program runs"))
    };
    assert_eq!(run(&with(&["review", "-", "head"], &[]), "base/model.yaml"), 1);
    assert_eq!(run(&with(&["review", "base", "-"], &[]), "base/model.yaml"), 0);
}

#[test]
fn an_answer_that_cannot_be_delivered_is_no_verdict() {
    let stage = Stage::new("output");
    fs::create_dir_all(stage.file("folder")).expect("a folder can be made");
    stage.write("waivers.toml", "weaklink_waivers = 1\n");
    stage.write("base/weaklink-waivers.toml", "weaklink_waivers = 1\n");
    for form in FORMS {
        let inputs = ["base/weaklink.toml", "base/model.yaml", "head/model.yaml", "head/weaklink.toml", "waivers.toml"];
        for input in inputs.iter().chain(&["base/weaklink-waivers.toml"]) {
            let before = stage.read(input);
            let told = format!("error: cannot write `{input}`: the answer is made from it\n  help: name another file\n");
            let arguments = ["review", "base", "head", "--waivers", "waivers.toml", "--exit-zero", "-f", form, "-o", input];
            assert_eq!(stage.refused(&arguments), (3, told.clone()), "{form}");
            if input.starts_with("base") {
                assert_eq!(stage.refused(&["check", "base", "--gate", "-f", form, "-o", input]), (3, told), "{form}");
            }
            assert_eq!(&stage.read(input), &before);
        }
        for (output, why) in [("folder", "it is a folder"), ("none/x", "there is no such folder")] {
            let told = format!("error: cannot write `{output}`: {why}\n");
            assert_eq!(stage.refused(&with(&["review", "base", "head"], &["--exit-zero", "-f", form, "-o", output])), (3, told));
        }
        #[cfg(target_os = "linux")]
        {
            let told = "error: cannot write `/dev/full`: no space left\n".to_owned();
            assert_eq!(stage.refused(&with(&["review", "base", "head"], &["-f", form, "-o", "/dev/full"])), (3, told));
            let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("the device is there");
            let output = stage.command(&with(&["review", "base", "head"], &["-f", form])).stdout(full).output().expect("the program runs");
            let told = "error: cannot write to standard output: no space left\n";
            // An empty answer needs no space.
            assert_eq!((code(&output), stderr(&output).as_str()), (3, told), "{form}");
        }
        let output = stage.run(&with(&["review", "base", "head"], &["-f", form, "-o", "answer"]));
        assert_eq!((code(&output), stdout(&output).as_str()), (1, ""), "{form}");
        assert_eq!(stage.read("answer"), stdout(&stage.run(&with(&["review", "base", "head"], &["-f", form]))));
    }
    let leftovers = fs::read_dir(stage.0.path()).expect("the folder can be read").filter_map(Result::ok);
    assert_eq!(leftovers.filter(|entry| entry.file_name().to_string_lossy().starts_with(".weaklink-")).count(), 0);
}

const WAIVERS: &str =
    "# Findings that are accepted, until a date. `weaklink accept` writes this file; what is changed by hand breaks its seal.
weaklink_waivers = 1

[[waiver]]
finding = \"rise@crm:monitoring\"
until = 2099-01-01
reason = \"the vendor signs in May\"
by = \"dana\"
seal = \"ab65535a9be47c4a81db6e43da8211f2\"
";

#[test]
fn what_is_accepted_does_not_fail_and_a_broken_file_of_waivers_is_bad_input() {
    let stage = Stage::new("waivers");
    let accept = |finding: &str, reason: &str| {
        let output = stage.run(&["accept", finding, "--until", "2099-01-01", "--reason", reason, "--by", "dana", "--waivers", "w.toml"]);
        (code(&output), stdout(&output), stderr(&output))
    };
    let told = |finding: &str| (0, format!("accepted {finding} until 2099-01-01\nwrote w.toml\n"), String::new());
    assert_eq!(accept("rise@crm:monitoring", "the vendor signs in May"), told("rise@crm:monitoring"));
    assert_eq!(stage.read("w.toml"), WAIVERS);
    let review = |waivers: &str, form: &str| stage.run(&with(&["review", "base", "head"], &["--waivers", waivers, "-f", form]));
    assert_eq!(code(&review("w.toml", "table")), 1);
    assert_eq!(accept("less-known@crm", "the vendor answers in May"), told("less-known@crm"));
    for form in FORMS {
        let output = review("w.toml", form);
        assert_eq!((code(&output), stderr(&output).as_str()), (0, ""), "{form}");
    }
    assert_eq!(stdout(&review("w.toml", "github")), "");
    // A waiver of the head counts for nothing, and one of the base's project counts.
    fs::copy(stage.file("w.toml"), stage.file("head/weaklink-waivers.toml")).expect("a file can be copied");
    assert_eq!(code(&stage.run(&with(&["review", "base", "head"], &[]))), 1);
    fs::copy(stage.file("w.toml"), stage.file("base/weaklink-waivers.toml")).expect("a file can be copied");
    assert_eq!(code(&stage.run(&with(&["review", "base", "head"], &[]))), 0);
    fs::remove_file(stage.file("base/weaklink-waivers.toml")).expect("the file can be removed");

    stage.write("tampered.toml", &WAIVERS.replace("signs in May", "has signed"));
    let output = review("tampered.toml", "github");
    let wanted = "::error file=head/model.yaml,line=87,endLine=87,col=11,title=rise::The risk of crm rises by 80 points to .80: crm:monitoring \
                  (unsplit) reaches its layer monitoring.\n::error file=head/model.yaml,line=87,endLine=87,col=11,title=less-known::The risk \
                  of crm is less well known than before (a new system): 0–.80.\n::warning title=waiver::the waiver of rise@crm:monitoring was \
                  changed after it was written\n";
    let here = fs::canonicalize(stage.0.path()).expect("the folder is there");
    assert!(!here.ancestors().any(|folder| folder.join(".git").exists()), "the test runs outside of repositories");
    assert_eq!((code(&output), stdout(&output).as_str()), (1, wanted));

    let two = format!("{WAIVERS}\n{}", WAIVERS.split_once("\n\n").expect("a waiver").1);
    for (name, text, told) in [
        (
            "version.toml",
            WAIVERS.replace("waivers = 1", "waivers = 2"),
            "error[version]: version `2` of the file format cannot be read\n --> version.toml:2:20\n  |\n2 | weaklink_waivers = 2\n  |                    \
             ^ expected the number `1`\n  |\n  = help: write `1`; a later version needs a later release of weaklink\n\n1 error\n",
        ),
        (
            "two.toml",
            two,
            "error[repeated-id]: two waivers have the id `rise@crm:monitoring`\n  --> two.toml:12:11\n   |\n 5 | finding = \
             \"rise@crm:monitoring\"\n   |           --------------------- first here\n...\n12 | finding = \"rise@crm:monitoring\"\n   |           \
             ^^^^^^^^^^^^^^^^^^^^^ again here, for another waiver\n   |\n   = help: keep one of the two: a finding is accepted once\n\n1 error\n",
        ),
        (
            "blank.toml",
            WAIVERS.replace("the vendor signs in May", " "),
            "error[wrong-type]: expected a text, found a blank\n --> blank.toml:7:10\n  |\n7 | reason = \" \"\n  |          ^^^ expected a text\n  |\n  = \
             help: write a single text here\n\n1 error\n",
        ),
        (
            "model.json",
            "{\"weaklink\":1,\"systems\":[]}".to_owned(),
            "error[not-ours]: this file is not a file of waivers\n --> model.json:1:1\n  |\n1 | {\"weaklink\":1,\"systems\":[]}\n  | \
             ^^^^^^^^^^^^^^^^^^^^^^^^^^^ expected the key `weaklink_waivers`\n  |\n  = help: write `weaklink_waivers = 1` at its \
             top; `weaklink accept` writes such a file\n\n1 error\n",
        ),
        (
            "huge.toml",
            format!("{}\n{WAIVERS}", "#".repeat(2 * 1024 * 1024)),
            "error: cannot read `huge.toml`: it is larger than the limit of 1048576 bytes\n  help: --max-size MIB raises the limit\n",
        ),
    ] {
        stage.write(name, &text);
        for form in FORMS {
            let arguments = ["review", "base", "head", "--waivers", name, "--max-size", "1", "--exit-zero", "-f", form];
            assert_eq!(stage.refused(&arguments), (2, told.to_owned()), "{form}");
        }
        // What cannot be read is not added to, either.
        if name != "huge.toml" {
            let arguments = ["accept", "less-known@b", "--until", "2099-01-01", "--reason", "r", "--by", "b", "--waivers", name];
            assert_eq!(stage.refused(&arguments), (2, told.to_owned()));
            assert_eq!(stage.read(name), text);
        }
    }
    let missing = "error: cannot read `none.toml`: no such file\n".to_owned();
    assert_eq!(stage.refused(&["review", "base", "head", "--waivers", "none.toml"]), (2, missing));
}

#[test]
fn accept_has_no_verdict() {
    let stage = Stage::new("accept");
    let accept = |finding: &str, until: &str, reason: &str, more: &[&str]| {
        stage.refused(&[&["accept", finding, "--until", until, "--reason", reason, "--by", "dana"], more].concat())
    };
    let help = "\n\nFor more information, try '--help'.\n";
    for (refused, told) in [
        (
            accept("rise@crm:monitoring", "2099-01-01", " ", &[]),
            format!("error: invalid value ' ' for '--reason <TEXT>': a text on one line{help}"),
        ),
        (
            accept("rise@crm:monitoring", "2099-01-01", "a\nb", &[]),
            format!("error: invalid value 'a␊b' for '--reason <TEXT>': a text on one line{help}"),
        ),
        (
            accept("rise@crm", "2099-01-01", "r", &[]),
            format!("error: invalid value 'rise@crm' for '<FINDING>': this finding is written `rise@SYSTEM:LAYER`{help}"),
        ),
        (
            accept("rise@crm:monitoring", "2020-01-01", "r", &[]),
            "error: 2020-01-01 is past\n  help: --until DATE names a day from today on\n".to_owned(),
        ),
        (
            accept("less-known@crm", "2099-01-01", "r", &["--up-to", "3"]),
            "error: --up-to is for a rise, and `less-known@crm` is none\n".to_owned(),
        ),
        (
            accept("rise@crm:monitoring", "2099-01-01", "r", &["--waivers", "base"]),
            "error: cannot read `base`: it is a folder, not a regular file\n".to_owned(),
        ),
    ] {
        assert_eq!(refused, (2, told));
    }
    let (status, told) = accept("rise@crm:monitoring", "2099-01-01", "r", &["--exit-zero"]);
    assert_eq!((status, told.lines().next()), (2, Some("error: unexpected argument '--exit-zero' found")));
    let unwritable = accept("rise@crm:monitoring", "2099-01-01", "r", &["--waivers", "none/w.toml"]);
    assert_eq!(unwritable, (3, "error: cannot write `none/w.toml`: there is no such folder\n".to_owned()));
    // A finding about a system with the longest id can be accepted as any other.
    for finding in
        [format!("rise@{}:virtualization", "x".repeat(512)), format!("removed-connection@{0}>holds-credentials>{0}", "x".repeat(512))]
    {
        let output = stage.run(&["accept", &finding, "--until", "2099-01-01", "--reason", "r", "--by", "b", "--waivers", "long.toml"]);
        assert_eq!((code(&output), stderr(&output).as_str()), (0, ""));
    }
}

#[test]
fn settings_stay_in_their_folder_and_have_no_keys_of_others() {
    let stage = Stage::new("settings");
    stage.project("own", &graph("storefront.yaml"), "");
    stage.write("secret.yaml", &graph("storefront.yaml"));
    let outside = |path: &str, line: usize, column: usize, text: &str| {
        format!(
            "error[outside-folder]: `{path}` does not lie in this folder\n --> own/weaklink.toml:{line}:{column}\n  |\n{line} | {text}\n  | {}{} \
             expected a path below this folder\n  |\n  = help: name a file beside this one or below it, with `/` between folders\n\n1 error\n",
            " ".repeat(column - 1),
            "^".repeat(text.len() + 1 - column),
        )
    };
    for (settings, told) in [
        (
            "weaklink = 1\nmodel = \"model.yaml\"\npolice = \"x\"\n",
            "error[unknown-key]: unknown key `police` in a project\n --> own/weaklink.toml:3:1\n  |\n3 | police = \"x\"\n  | ^^^^^^ no such key\n  |\n  = \
             help: did you mean `policy`?\n\n1 error\n"
                .to_owned(),
        ),
        ("weaklink = 1\nmodel = \"../secret.yaml\"\n", outside("../secret.yaml", 2, 9, "model = \"../secret.yaml\"")),
        ("weaklink = 1\nmodel = \"/etc/passwd\"\n", outside("/etc/passwd", 2, 9, "model = \"/etc/passwd\"")),
        ("weaklink = 1\nmodel = \"a\\\\b\"\n", outside("a\\b", 2, 9, "model = \"a\\\\b\"")),
        ("weaklink = 1\nmodel = \"git:HEAD:x\"\n", outside("git:HEAD:x", 2, 9, "model = \"git:HEAD:x\"")),
        (
            "model = \"model.yaml\"\n",
            "error[not-ours]: this file is not a project's `weaklink.toml`\n --> own/weaklink.toml:1:1\n  |\n1 | model = \"model.yaml\"\n  | \
             ^^^^^^^^^^^^^^^^^^^^ expected the key `weaklink`\n  |\n  = help: write `weaklink = 1` at its top\n\n1 error\n"
                .to_owned(),
        ),
    ] {
        stage.write("own/weaklink.toml", settings);
        assert_eq!(stage.refused(&["check", "own", "--gate"]), (2, told.clone()));
        assert_eq!(stage.refused(&["check", "own/weaklink.toml", "--gate"]), (2, told.clone()));
        let of_base = format!("{told}error: the base cannot be used, so nothing is reviewed\n");
        assert_eq!(stage.refused(&["review", "own", "head", "--exit-zero"]), (2, of_base));
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("../secret.yaml", stage.file("own/link.yaml")).expect("a link can be made");
        std::os::unix::fs::symlink("..", stage.file("own/up")).expect("a link can be made");
        for named in ["link.yaml", "up/secret.yaml"] {
            stage.write("own/weaklink.toml", &format!("weaklink = 1\nmodel = \"{named}\"\n"));
            let told = format!(
                "error: `{named}` in `weaklink.toml` leads out of its folder over a link\n  help: put the file itself into the folder\n"
            );
            assert_eq!(stage.refused(&["check", "own", "--gate"]), (2, told));
        }
    }
}

#[test]
fn another_policy_is_shown_apart_and_fails_by_itself() {
    let stage = Stage::new("policies");
    let mut policy: Value = serde_json::from_str(weaklink::catalog::Policy::SHIPPED_TEXT).expect("the policy is JSON");
    policy["classes"].as_array_mut().expect("a list").push(json!("seance"));
    policy["criticality"]["high"] = json!(0.1);
    let link = |controls: Value| {
        let systems = json!([{ "id": "a", "model": "iaas", "facing": "internet", "criticality": "high" },
            { "id": "b", "model": "iaas", "facing": "internal", "criticality": "high" }]);
        json!({ "weaklink": 1, "systems": systems, "connections": [{ "from": "a", "to": "b", "kind": "reaches", "controls": controls }] })
    };
    let model = link(json!([]));
    stage.project("shipped", &model.to_string(), "");
    stage.project("own", &model.to_string(), "policy = \"policy.json\"\n");
    stage.write("own/policy.json", &policy.to_string());
    let review = |base: &str, head: &str, more: &[&str]| stage.run(&with(&["review", base, head], more));
    for (base, head) in [("shipped", "own"), ("own", "shipped")] {
        let output = review(base, head, &[]);
        let page = stdout(&output);
        assert_eq!((code(&output), page.lines().next()), (1, Some("Gate failed: the policy is another one")));
        assert!(page.contains("What the policy change adds\n SYSTEM  BY THE BASE  BY THE HEAD\n"), "{page}");
        assert!(page.contains("the head has another policy; the figures above are by the base's\n"), "{page}");
        assert_eq!(code(&review(base, head, &["--weakening", "off"])), 0);
        for form in FORMS {
            assert_eq!(code(&review(base, head, &["-f", form])), 1, "{form}");
        }
    }
    // One policy for both leaves nothing to say.
    assert!(stdout(&review("shipped", "own", &["--policy", "own/policy.json"])).starts_with("Nothing changes: "));
    // A class of controls that only the head's policy knows is valid there, and the base's says what it is worth.
    let seance = link(json!([{ "class": "seance", "strength": "strong", "status": "implemented" }]));
    stage.write("own/model.yaml", &seance.to_string());
    for form in FORMS {
        let output = review("shipped", "own", &["-f", form]);
        assert_eq!((code(&output), stderr(&output).as_str()), (1, ""), "{form}");
        assert_eq!(code(&review("own", "shipped", &["-f", form])), 1, "{form}");
    }
    // And that is nothing: no control of a class that the base does not know lowers a figure.
    let told: Value = serde_json::from_str(&stdout(&review("shipped", "own", &["-f", "json"]))).expect("the answer is JSON");
    assert_eq!((&told["falls"], told["changes"].as_array().map(Vec::len)), (&json!([]), Some(1)), "{told:#}");
    let refused = stage.refused(&with(&["review", "shipped", "own/model.yaml"], &[]));
    assert_eq!((refused.0, refused.1.lines().next()), (2, Some("error[unknown-class]: unknown control class `seance`")));
}

#[test]
fn limits_of_the_base_count_and_not_those_of_the_head() {
    let stage = Stage::new("limits");
    let loose = "[review]\ncritical = false\nratchet = false\nbudget = false\nweakening = false\nunknown = false\n";
    stage.project("head", &graph("pull-requests/new-saas.yaml"), loose);
    assert_eq!(code(&stage.run(&with(&["review", "base", "head"], &[]))), 1);
    stage.project("base", &graph("storefront.yaml"), loose);
    assert_eq!(code(&stage.run(&with(&["review", "base", "head"], &[]))), 0);
    assert_eq!(code(&stage.run(&with(&["review", "base", "head"], &["--ratchet", "1"]))), 1);
}
