//! The program as a user meets it: streams, files, exit codes, and what hostile input gets for an answer.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder of its own for one test, removed at the end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("weaklink-cli-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder can be made");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, content).expect("a file can be written");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn weaklink(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_weaklink"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null())
        .env_remove("CLICOLOR_FORCE")
        .output()
        .expect("the program runs")
}

fn with_stdin(arguments: &[&str], stdin: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_weaklink"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    child.stdin.take().expect("stdin is piped").write_all(stdin.as_bytes()).expect("the program reads");
    child.wait_with_output().expect("the program ends")
}

pub(crate) fn code(output: &Output) -> i32 {
    output.status.code().expect("the program was not killed")
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("stdout is UTF-8")
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("stderr is UTF-8")
}

pub(crate) fn path(path: &Path) -> &str {
    path.to_str().expect("the path is UTF-8")
}

pub(crate) const TWO: &str = r#"{"weaklink":1,"systems":[{"id":"a","model":"iaas"},{"id":"b","model":"iaas"}],
 "connections":[{"from":"a","to":"b","kind":"deploys"}]}"#;

const COMMANDS: &[&[&str]] = &[
    &["check"],
    &["matrix"],
    &["gaps"],
    &["blast", "a:code"],
    &["exposed", "b:code"],
    &["why", "a:code", "b:data"],
    &["why-not", "b:code", "a:code"],
    &["choke", "b:code"],
    &["unknowns"],
    &["owners"],
    &["percolate", "a:code"],
    &["what-if", "--set", "a.facing=internal"],
    &["fix", "--budget", "2"],
    &["score"],
];

/// `command MODEL rest…`.
fn arguments<'a>(command: &[&'a str], model: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&command[..1], &[model], &command[1..], more].concat()
}

#[test]
fn a_valid_model_gives_exit_0_and_an_answer_on_stdout() {
    let folder = Folder::new("valid");
    let model = folder.file("model.json", TWO);
    for command in COMMANDS {
        let output = weaklink(&arguments(command, path(&model), &[]));
        assert_eq!(code(&output), 0, "{command:?}: {}", stderr(&output));
        assert!(!output.stdout.is_empty(), "{command:?}");
    }
}

#[test]
fn every_json_answer_satisfies_its_own_schema_names() {
    let folder = Folder::new("schemas");
    let model = folder.file("model.json", TWO);
    for command in COMMANDS {
        let output = weaklink(&arguments(command, path(&model), &["--format", "json"]));
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("the answer is JSON");
        assert_eq!(answer["schema"], format!("weaklink/{}/1", command[0]));
        let schema = weaklink(&["schema", command[0]]);
        let schema: serde_json::Value = serde_json::from_slice(&schema.stdout).expect("the schema is JSON");
        let known = schema["properties"].as_object().expect("the schema lists properties");
        for key in answer.as_object().expect("the answer is an object").keys() {
            assert!(known.contains_key(key), "{command:?}: {key}");
        }
    }
}

#[test]
fn standard_input_is_a_model() {
    let output = with_stdin(&["blast", "-", "a:code", "--format", "csv"], TWO);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(stdout(&output).starts_with("\"exposure_low\",\"exposure_high\",\"system\""));
}

#[test]
fn bad_input_gives_exit_2_a_reason_and_nothing_on_stdout() {
    let folder = Folder::new("bad");
    let utf16: Vec<u8> = TWO.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let bomb = format!("a: &a [{0}]\nb: &b [{1}]\nc: [{2}]\n", "x,".repeat(2_000), "*a,".repeat(2_000), "*b,".repeat(2_000));
    let files = [
        folder.file("empty.yaml", ""),
        folder.file("utf16.json", utf16),
        folder.file("brackets.json", "[".repeat(100_000)),
        folder.file("brackets.yaml", "[".repeat(100_000)),
        folder.file("bomb.yaml", bomb),
        folder.file("zip.yaml", b"PK\x03\x04"),
        folder.file("other.json", r#"{"hello": 1}"#),
        folder.file("version.json", r#"{"weaklink": 2}"#),
        folder.file("nan.yaml", "weaklink: 1\nsystems: [{id: a, settings: {x: .nan}}]\n"),
        folder.0.clone(),
        folder.0.join("missing.yaml"),
    ];
    for file in &files {
        for command in COMMANDS {
            let output = weaklink(&arguments(command, path(file), &[]));
            assert_eq!(code(&output), 2, "{}: {}", file.display(), stderr(&output));
            assert!(output.stdout.is_empty(), "{}", file.display());
            assert!(stderr(&output).starts_with("error"), "{}: {}", file.display(), stderr(&output));
            assert!(!stderr(&output).contains("panicked") && !stderr(&output).contains("internal error"), "{}", stderr(&output));
        }
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_without_a_writer_is_refused_and_does_not_hang() {
    let folder = Folder::new("fifo");
    let fifo = folder.0.join("fifo");
    let made = Command::new("mkfifo").arg(&fifo).status().is_ok_and(|status| status.success());
    if !made {
        eprintln!("SKIPPED: no pipe can be made here");
        return;
    }
    let output = weaklink(&["score", path(&fifo)]);
    let told = format!(
        "error: cannot read `{}`: it is a pipe, not a regular file\n  help: `-` reads standard input, so that a pipe can be given as `< PIPE`\n",
        fifo.display()
    );
    assert_eq!((code(&output), stderr(&output)), (2, told));
}

#[test]
fn a_ladder_of_2_to_the_60_paths_is_answered() {
    let folder = Folder::new("ladder");
    let mut model = String::from("weaklink: 1\nsystems:\n- {id: s0, model: iaas}\n");
    let mut connections = String::new();
    for rung in 1..=60 {
        model.push_str(&format!("- {{id: s{rung}, model: iaas}}\n- {{id: l{rung}, model: iaas}}\n- {{id: r{rung}, model: iaas}}\n"));
        for side in ["l", "r"] {
            connections.push_str(&format!(
                "- {{from: s{}, to: {side}{rung}, kind: supplies}}\n- {{from: {side}{rung}, to: s{rung}, kind: supplies}}\n",
                rung - 1
            ));
        }
    }
    let model = folder.file("ladder.yaml", format!("{model}connections:\n{connections}"));
    let output = weaklink(&["why", path(&model), "s0:code", "s60:code", "--paths", "10", "--format", "json"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("the answer is JSON");
    assert_eq!(answer["paths"].as_array().expect("paths are listed").len(), 10);
    assert_eq!(code(&weaklink(&["score", path(&model)])), 0);
}

#[test]
fn an_output_file_is_written_whole_or_not_at_all() {
    let folder = Folder::new("output");
    let model = folder.file("model.json", TWO);
    let out = folder.file("out.json", "old");
    let output = weaklink(&["score", path(&model), "--format", "json", "-o", path(&out)]);
    assert_eq!((code(&output), stdout(&output).as_str()), (0, ""));
    let written = fs::read_to_string(&out).expect("the file can be read");
    assert!(serde_json::from_str::<serde_json::Value>(&written).is_ok());
    let broken = folder.file("broken.json", "{");
    assert_eq!(code(&weaklink(&["score", path(&broken), "-o", path(&out)])), 2);
    assert_eq!(fs::read_to_string(&out).expect("the file can be read"), written);
    for target in [folder.0.clone(), folder.0.join("no/such/folder.json")] {
        let output = weaklink(&["score", path(&model), "-o", path(&target)]);
        assert_eq!(code(&output), 3, "{}", stderr(&output));
    }
    #[cfg(unix)]
    {
        let link = folder.0.join("link.json");
        std::os::unix::fs::symlink(&out, &link).expect("a link can be made");
        assert_eq!(code(&weaklink(&["score", path(&model), "-o", path(&link)])), 3);
        assert_eq!(fs::read_to_string(&out).expect("the file can be read"), written);
        assert_eq!(code(&weaklink(&["score", path(&model), "-o", "/dev/full"])), 3);
    }
    let leftovers = fs::read_dir(&folder.0)
        .expect("the folder can be read")
        .filter(|entry| entry.as_ref().is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with(".weaklink-")));
    assert_eq!(leftovers.count(), 0);
}

#[test]
fn wrong_usage_gives_exit_2_and_a_suggestion() {
    let folder = Folder::new("usage");
    let model = folder.file("model.json", TWO);
    assert!(stderr(&weaklink(&["chek", path(&model)])).contains("'check'"));
    for arguments in [
        vec!["blast", path(&model), "a:cod"],
        vec!["blast", path(&model), "zzz"],
        vec!["score", path(&model), "--as-of", "2026-13-01"],
        vec!["blast", path(&model), "a", "--threshold", "NaN"],
        vec!["score", path(&model), "--with", "-", "--policy", "-"],
        vec!["score", path(&model), "--top", "0"],
        vec!["matrix", path(&model), "aa"],
        vec!["explain", "unsplitt"],
        vec![],
    ] {
        let output = weaklink(&arguments);
        assert_eq!(code(&output), 2, "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
    assert_eq!(stderr(&weaklink(&["blast", path(&model), "a:cod"])), "error: no target named `a:cod`\n  help: did you mean `a:code`?\n");
}

#[test]
fn init_writes_models_that_open_and_never_overwrites() {
    let folder = Folder::new("init");
    for (name, flag) in [("start.yaml", None), ("shop.yaml", Some("--example")), ("policy.json", Some("--policy"))] {
        let file = folder.0.join(name);
        let arguments: Vec<&str> = ["init", path(&file)].into_iter().chain(flag).collect();
        assert_eq!(code(&weaklink(&arguments)), 0);
        let content = fs::read_to_string(&file).expect("the file can be read");
        assert_eq!(code(&weaklink(&arguments)), 2);
        assert_eq!(fs::read_to_string(&file).expect("the file can be read"), content);
    }
    let (start, shop, policy) = (folder.0.join("start.yaml"), folder.0.join("shop.yaml"), folder.0.join("policy.json"));
    assert_eq!(code(&weaklink(&["check", path(&start)])), 0);
    let with_own_policy = weaklink(&["score", path(&shop), "--as-of", "2026-11-01", "--policy", path(&policy)]);
    let with_shipped = weaklink(&["score", path(&shop), "--as-of", "2026-11-01"]);
    assert_eq!(stdout(&with_own_policy), stdout(&with_shipped));
}

#[test]
fn pages_for_the_shell_and_the_manual_are_generated() {
    let folder = Folder::new("manual");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(stdout(&weaklink(&["completions", shell])).contains("blast"));
    }
    assert!(stdout(&weaklink(&["man"])).contains("weaklink"));
    assert_eq!(code(&weaklink(&["man", path(&folder.0)])), 0);
    assert!(folder.0.join("weaklink-blast.1").exists());
}

/// Control, C1, bidirectional and invisible characters that must never reach a terminal.
fn is_clean(text: &str) -> bool {
    text.chars().all(|c| {
        c == '\n'
            || !(c.is_control()
                || ('\u{200b}'..='\u{200f}').contains(&c)
                || ('\u{202a}'..='\u{202e}').contains(&c)
                || ('\u{2066}'..='\u{2069}').contains(&c))
    })
}

#[test]
fn no_hidden_character_of_a_model_reaches_a_terminal() {
    let folder = Folder::new("hidden");
    let model = r#"{"weaklink":1,"name":"\u202etxt\u200b","systems":[
      {"id":"a","model":"iaas","name":"n\u202e\u2066m","tags":["\u200f"],"layers":{"os":{"status":"partial","note":"note \u001b[2J\u009b31m\u202e end"}}},
      {"id":"b","model":"iaas"}],"connections":[{"from":"a","to":"b","kind":"deploys","note":"\u001b]8;;x\u0007"}]}"#;
    let model = folder.file("hidden.json", model);
    for command in COMMANDS {
        for form in ["table", "json", "csv", "markdown"] {
            let output = weaklink(&arguments(command, path(&model), &["--format", form]));
            assert!(is_clean(&stdout(&output)), "{command:?} {form}: {:?}", stdout(&output));
            assert!(is_clean(&stderr(&output)), "{command:?} {form}: {:?}", stderr(&output));
        }
    }
    let broken =
        folder.file("broken\u{1b}[31m.json", "{\"weaklink\":1,\"\\u001b[2J\\u202e\":1,\"systems\":[{\"id\":\"\\u0007\u{202e}\"}]}");
    let output = weaklink(&["check", path(&broken)]);
    assert!(is_clean(&stderr(&output)), "{:?}", stderr(&output));
    let output = weaklink(&["blast", path(&model), "\u{1b}[2J\u{202e}"]);
    assert!(is_clean(&stderr(&output)), "{:?}", stderr(&output));
}

#[test]
fn colour_comes_only_where_it_is_asked_for() {
    let folder = Folder::new("colour");
    let model = folder.file("model.json", TWO);
    assert!(!stdout(&weaklink(&["score", path(&model)])).contains('\u{1b}'));
    assert!(stdout(&weaklink(&["score", path(&model), "--color", "always"])).contains('\u{1b}'));
    assert!(!stdout(&weaklink(&["score", path(&model), "--color", "never"])).contains('\u{1b}'));
}

#[test]
fn the_order_of_a_file_changes_no_byte_of_any_answer() {
    let folder = Folder::new("order");
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/graphs/storefront.yaml")).expect("the graph is there");
    let document: serde_json::Value = serde_saphyr::from_str(&text).expect("the graph is YAML");
    let mut turned = document.clone();
    for list in ["parties", "systems", "connections"] {
        turned[list].as_array_mut().expect("the list is there").reverse();
    }
    // The same file name, so that messages agree too.
    fs::create_dir_all(folder.0.join("turned")).expect("a folder can be made");
    let straight = folder.file("model.json", document.to_string());
    let turned = folder.file("turned/model.json", turned.to_string());
    let first = document["systems"][0]["id"].as_str().expect("a system has an id").to_owned();
    let last = document["systems"][9]["id"].as_str().expect("a system has an id").to_owned();
    let commands: Vec<Vec<&str>> =
        vec![vec!["matrix"], vec!["gaps"], vec!["score"], vec!["blast", &first], vec!["exposed", &last], vec!["why", &first, &last]];
    for command in &commands {
        for form in ["table", "json", "csv", "markdown"] {
            let more = ["--format", form, "--as-of", "2026-11-01"];
            let (left, right) =
                (weaklink(&arguments(command, path(&straight), &more)), weaklink(&arguments(command, path(&turned), &more)));
            // Only the line numbers of `gaps` follow the file; both files have a single line here.
            assert_eq!(stdout(&left), stdout(&right), "{command:?} {form}");
            assert_eq!(code(&left), 0, "{}", stderr(&left));
        }
    }
}
