//! Where answers go: files and streams that are full, closed, inputs themselves, or no terminal; and hostile arguments.

use crate::cli::{Folder, TWO, code, path, stderr, stdout, weaklink};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

const OVERLAY: &str = r#"{"weaklink":1,"systems":[{"id":"c","model":"iaas"}]}"#;

#[test]
fn an_answer_is_never_written_over_what_it_is_made_from() {
    let folder = Folder::new("inputs");
    let (model, overlay) = (folder.file("model.json", TWO), folder.file("overlay.json", OVERLAY));
    let policy = folder.file("policy.json", weaklink::catalog::Policy::SHIPPED_TEXT);
    let linked = folder.path().join("linked.json");
    fs::hard_link(&model, &linked).expect("a link can be made");
    let roundabout = folder.path().join(".").join("model.json");
    for output in [&model, &overlay, &policy, &linked, &roundabout] {
        for command in ["check", "matrix", "gaps", "score", "dot"] {
            let before = fs::read(output).expect("the file can be read");
            let arguments = [command, path(&model), "--with", path(&overlay), "--policy", path(&policy), "-o", path(output)];
            let refused = weaklink(&arguments);
            let told = format!("error: cannot write `{}`: the answer is made from it\n  help: name another file\n", output.display());
            assert_eq!((code(&refused), stdout(&refused), stderr(&refused)), (3, String::new(), told), "{command}");
            assert_eq!(fs::read(output).expect("the file can be read"), before);
        }
    }
    let base = format!("diff:{}", overlay.display());
    assert_eq!(code(&weaklink(&["dot", path(&model), "--view", &base, "-o", path(&overlay)])), 3);
    assert_eq!(fs::read_to_string(&overlay).expect("the file can be read"), OVERLAY);
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_ends_quietly_in_every_form() {
    use std::os::unix::process::ExitStatusExt;
    let folder = Folder::new("closed");
    // More than a pipe holds, so that the program is still writing when its reader goes.
    let systems: Vec<String> = (0..400).map(|ix| format!(r#"{{"id":"system-{ix}","model":"iaas"}}"#)).collect();
    let model = folder.file("model.json", format!(r#"{{"weaklink":1,"systems":[{}]}}"#, systems.join(",")));
    for form in ["table", "json", "csv", "markdown"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_weaklink"))
            .args(["matrix", path(&model), "--all", "--format", form])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("the program ends");
        assert!(output.status.code() == Some(0) || output.status.signal().is_some(), "{form}: {:?}", output.status);
        let told = stderr(&output);
        assert!(told.is_empty() || told == "note: 400 warnings about the model; `weaklink check` shows them\n", "{form}: {told}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_no_bug() {
    for arguments in [&["completions", "bash"][..], &["man"], &["explain"], &["schema"]] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("the device is there");
        let output = Command::new(env!("CARGO_BIN_EXE_weaklink")).args(arguments).stdout(full).output().expect("the program runs");
        let told = stderr(&output);
        assert_eq!((code(&output), told.as_str()), (3, "error: cannot write to standard output: no space left\n"), "{arguments:?}");
    }
}

#[test]
fn nothing_hidden_in_an_argument_reaches_a_terminal() {
    let hostile = "x\u{1b}]0;title\u{7}\u{9b}31m\u{202e}\u{200b}\n::y";
    let shown = weaklink::source::visible(hostile);
    for (arguments, wanted) in [
        (vec![hostile.to_owned()], format!("error: unrecognized subcommand '{shown}'\n")),
        (vec!["check".into(), "m".into(), format!("--{hostile}")], format!("error: unexpected argument '--{shown}' found\n")),
        (vec!["score".into(), "m".into(), "--top".into(), hostile.into()], format!("error: invalid value '{shown}' for '--top <N>'")),
        (
            vec!["score".into(), "m".into(), "--as-of".into(), hostile.into()],
            format!("error: invalid value '{shown}' for '--as-of <DATE>'"),
        ),
        (vec!["score".into(), "m".into(), "-f".into(), hostile.into()], format!("error: invalid value '{shown}' for '--format <FORM>'\n")),
    ] {
        let output = weaklink(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        let told = stderr(&output);
        assert_eq!((code(&output), stdout(&output).as_str()), (2, ""), "{told}");
        assert!(told.starts_with(&wanted), "{told}\n{wanted}");
        assert!(told.chars().all(|c| c == '\n' || !weaklink::source::is_hidden(c)), "{told:?}");
    }
    for (arguments, is_help) in [(&["--help"][..], true), (&["--version"], true), (&["score", "--help"], true), (&[], false)] {
        let output = weaklink(arguments);
        assert_eq!(
            (code(&output), output.stdout.is_empty(), output.stderr.is_empty()),
            if is_help { (0, false, true) } else { (2, true, false) }
        );
    }
}

#[test]
fn standard_output_has_names_of_its_own() {
    let folder = Folder::new("names");
    let model = folder.file("model.json", TWO);
    let plain = stdout(&weaklink(&["score", path(&model), "--as-of", "2026-11-01"]));
    let names: &[&str] = if cfg!(unix) { &["-", "/dev/stdout"] } else { &["-"] };
    for name in names {
        let output = weaklink(&["score", path(&model), "--as-of", "2026-11-01", "-o", name]);
        assert_eq!((code(&output), stdout(&output), stderr(&output)), (0, plain.clone(), String::new()), "{name}");
    }
    // Redirected, the stream is a file; it is written to, not replaced.
    let target = folder.file("target.txt", "");
    let file = fs::OpenOptions::new().append(true).open(&target).expect("the file can be opened");
    let arguments = ["score", path(&model), "--as-of", "2026-11-01", "-o", names[names.len() - 1]];
    let status = Command::new(env!("CARGO_BIN_EXE_weaklink")).args(arguments).stdout(file).status().expect("the program runs");
    assert_eq!((status.code(), fs::read_to_string(&target).expect("the file can be read")), (Some(0), plain));
}

#[cfg(unix)]
#[test]
fn a_replaced_file_keeps_its_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("permissions");
    let (model, out) = (folder.file("model.json", TWO), folder.file("out.json", "old"));
    for mode in [0o600, 0o640, 0o755] {
        fs::set_permissions(&out, fs::Permissions::from_mode(mode)).expect("permissions can be set");
        assert_eq!(code(&weaklink(&["score", path(&model), "-f", "json", "-o", path(&out)])), 0);
        assert_eq!(fs::metadata(&out).expect("the file is there").permissions().mode() & 0o777, mode);
        assert_ne!(fs::read_to_string(&out).expect("the file can be read"), "old");
    }
}

#[test]
fn a_file_that_cannot_be_written_is_told_of_by_its_own_name() {
    let folder = Folder::new("unwritable");
    let (model, file) = (folder.file("model.json", TWO), folder.file("file", ""));
    for (output, why) in [
        (file.join("x"), "a part of its path is a file, not a folder"),
        (folder.path().join("none/x"), "there is no such folder"),
        (folder.path().join("x".repeat(300)), "invalid filename"),
    ] {
        let refused = weaklink(&["score", path(&model), "-o", path(&output)]);
        let told = format!("error: cannot write `{}`: {why}\n", output.display());
        assert_eq!((code(&refused), stderr(&refused)), (3, told));
    }
}

/// Runs a command line on a terminal of so many columns; says aloud that a test is skipped where there is none.
#[cfg(target_os = "linux")]
fn on_terminal(columns: u16, line: &str) -> Option<String> {
    let line = format!("stty rows 24 cols {columns}; {line}");
    let output = Command::new("script").args(["-qec", &line, "/dev/null"]).stdin(Stdio::null()).env("NO_COLOR", "1").output();
    match output {
        Ok(output) if output.status.success() => Some(stdout(&output).replace("\r\n", "\n")),
        _ => {
            eprintln!("SKIPPED: no terminal can be made here (script)");
            None
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn only_a_terminal_has_a_width_and_every_line_keeps_to_it() {
    let folder = Folder::new("width");
    let program = env!("CARGO_BIN_EXE_weaklink");
    let graph = concat!(env!("CARGO_MANIFEST_DIR"), "/graphs/storefront.yaml");
    let arguments = ["blast", graph, "shop:os", "--as-of", "2026-11-24"];
    let plain = stdout(&weaklink(&arguments));
    let line = format!("'{program}' {}", arguments.join(" "));
    let Some(narrow) = on_terminal(60, &line) else { return };
    assert!(narrow.lines().all(|line| line.chars().count() <= 60), "{narrow}");
    assert_ne!(narrow, plain);
    let file = folder.path().join("page.txt");
    on_terminal(60, &format!("{line} > '{}'", file.display()));
    assert_eq!(fs::read_to_string(&file).expect("the page was written"), plain);
}

#[test]
fn the_faults_of_a_policy_and_of_a_model_are_told_of_in_one_run() {
    let folder = Folder::new("both");
    let model = folder.file("model.json", r#"{"weaklink":1,"systems":[{"id":"a","model":"iass"}]}"#);
    let policy = folder.file("policy.json", r#"{"weaklink_policy":2}"#);
    let output = weaklink(&["check", path(&model), "--policy", path(&policy), "-f", "json"]);
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("the answer is JSON");
    let told: Vec<_> = answer["diagnostics"].as_array().expect("a list").iter().map(|d| (d["code"].as_str(), d["file"].as_str())).collect();
    assert_eq!(told, [(Some("unknown-model"), Some(path(&model))), (Some("version"), Some(path(&policy)))]);
    assert_eq!((code(&output), stderr(&output).as_str()), (2, ""));
}

#[test]
fn check_answers_in_json_about_a_file_that_cannot_be_read() {
    let missing = Path::new("no/such/model.yaml");
    let output = weaklink(&["check", path(missing), "-f", "json"]);
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("the answer is JSON");
    let wanted = serde_json::json!({
        "schema": "weaklink/check/1", "valid": false, "parties": null, "systems": null, "connections": null, "gaps": null,
        "diagnostics": [{ "severity": "error", "code": "unreadable", "message": "cannot read `no/such/model.yaml`: no such file",
            "help": null, "file": "no/such/model.yaml", "line": 1, "column": 1 }],
    });
    assert_eq!((code(&output), answer, stderr(&output).as_str()), (2, wanted, ""));
}
