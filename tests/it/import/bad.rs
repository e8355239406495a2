//! Files that cannot be imported: what was found, what was expected, where; exit status 2, and nothing written.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A folder that goes when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("weaklink-import-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder can be made");
        Self(path)
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, bytes).expect("a file can be written");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Exit status, standard output, and standard error without the folder.
fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_weaklink"));
    let run = command.current_dir(folder).args(arguments).stdin(Stdio::null()).output().expect("the program runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (run.status.code().unwrap_or(-1), text(&run.stdout), text(&run.stderr))
}

const PLAN: &str = r#"{"format_version":"1.2","resource_changes":[{"address":"aws_vpc.a","change":{"actions":["create"],"after":{}}}]}"#;

#[test]
fn bad_files_are_told_of_and_nothing_is_written() {
    let folder = Folder::new("bad");
    folder.file("cut.json", &PLAN[..PLAN.len() - 9]);
    folder.file("later.json", PLAN.replace("1.2", "2.0"));
    folder.file("sbom.json", r#"{"bomFormat":"CycloneDX","components":[]}"#);
    folder.file("twice.json", PLAN.replace("{\"format", "{\"resource_changes\":[],\"format"));
    folder.file("zip.json", b"PK\x03\x04rest");
    folder.file("plan.json.gz", b"\x1f\x8b\x08\x00rest");
    folder.file("empty.json", "");
    folder.file("chart.yaml", "apiVersion: v1\nkind: Service\nmetadata: { name: {{ name }} }\n");
    folder.file("nodes.csv", "a,b\nc\n");
    let cases: [(&[&str], &str); 11] = [
        (
            &["auto", "cut.json"],
            "error[syntax]: the text ends inside a string\n--> cut.json:1:104\n = here\n = help: look for a bracket or a quote that is not closed\n\n1 error\n",
        ),
        (
            &["auto", "later.json"],
            "error[foreign-version]: a plan or state of a version that is not read\n--> later.json:1:19\n = expected format version 0 or 1\n = help: write the file again with a tool of one of these versions\n\n1 error\n",
        ),
        (
            &["auto", "sbom.json"],
            "error[unknown-format]: this is neither a model nor a file of a format that is read\n--> sbom.json:1:1\n = of no known format\n = help: name the format, one of dot, csv, terraform, kubernetes, compose, cloudformation, oscal, backstage, threagile, otm, if it is one of them\n\n1 error\n",
        ),
        (
            &["terraform", "sbom.json"],
            "error[not-that-format]: this is not a Terraform plan or state\n--> sbom.json:1:1\n = expected the key `format_version` of `terraform show -json`, or `version` of a state file\n = help: leave the format out to have it found, or give the file that this one was made from\n\n1 error\n",
        ),
        (
            &["auto", "twice.json"],
            "error[duplicate-key]: a key is given twice\n--> twice.json:1:47\n = again here\n::: twice.json:1:2\n = first here\n = help: keep one of the two\n\n1 error\n",
        ),
        (&["auto", "zip.json"], "error: cannot read `zip.json`: compressed input is not read, and this is zip\n"),
        (&["auto", "plan.json.gz"], "error: cannot read `plan.json.gz`: compressed input is not read, and this is gzip\n"),
        (&["auto", "empty.json"], "error: cannot read `empty.json`: it is empty\n"),
        (&["auto", "none.json"], "error: cannot read `none.json`: no such file\n"),
        (
            &["auto", "chart.yaml"],
            "error[not-rendered]: this is a template, and what fills it in is not known here\n--> chart.yaml:3:19\n = a place to be filled in\n = help: fill it in first, with `helm template` or `kubectl kustomize`, and import what comes out\n\n1 error\n",
        ),
        (
            &["csv", "nodes.csv"],
            "error[not-that-format]: this is not a table of edges or of systems\n--> nodes.csv:1:1\n = expected a header with the columns `from` and `to`, or with `id`; other names for them are given with `--column from=NAME`\n = help: leave the format out to have it found, or give the file that this one was made from\n\n1 error\n",
        ),
    ];
    let mut differing = Vec::new();
    for (arguments, expected) in cases {
        let told = run(&folder.0, &[&["import"], arguments, &["-o", "out.yaml"]].concat());
        if told != (2, String::new(), expected.to_owned()) {
            differing.push(format!("{arguments:?}: {told:?}"));
        }
        assert!(!folder.0.join("out.yaml").exists(), "{arguments:?}");
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn what_is_odd_but_whole_is_read() {
    let folder = Folder::new("odd");
    folder.file("mark.json", format!("\u{feff}{PLAN}"));
    folder.file("lines.json", PLAN.replace(',', ",\r\n"));
    let expected = (0, String::new(), "wrote out.yaml: 1 system and 0 connections from 1 file\n".to_owned());
    for name in ["mark.json", "lines.json"] {
        assert_eq!(run(&folder.0, &["import", "auto", name, "-o", "out.yaml"]), expected, "{name}");
    }
    // What was imported is a model.
    assert_eq!(run(&folder.0, &["check", "out.yaml"]).0, 0);
    // An answer never goes over what it is made from.
    let (status, _, told) = run(&folder.0, &["import", "auto", "mark.json", "-o", "mark.json"]);
    assert_eq!((status, told.as_str()), (3, "error: cannot write `mark.json`: the answer is made from it\n  help: name another file\n"));
}

#[cfg(unix)]
#[test]
fn links_in_a_circle_and_a_hundred_megabytes_of_brackets_are_refused_at_once() {
    let folder = Folder::new("large");
    std::os::unix::fs::symlink("b.json", folder.0.join("a.json")).expect("a link can be made");
    std::os::unix::fs::symlink("a.json", folder.0.join("b.json")).expect("a link can be made");
    let (status, out, told) = run(&folder.0, &["import", "auto", "a.json"]);
    assert_eq!((status, out.as_str()), (2, ""));
    assert!(told.starts_with("error: cannot read `a.json`: "), "{told}");
    let brackets = "[".repeat(100_000_000);
    folder.file("brackets.json", &brackets);
    folder.file("plan.json", format!("{{\"format_version\":\"1.0\",\"configuration\":{brackets}"));
    folder.file("brackets.yaml", format!("apiVersion: v1\nkind: {brackets}"));
    folder.file("brackets.dot", format!("digraph {{ a -> {}", "{".repeat(100_000_000)));
    for (name, code) in
        [("brackets.json", "unknown-format"), ("plan.json", "too-deep"), ("brackets.yaml", "too-deep"), ("brackets.dot", "syntax")]
    {
        let (status, out, told) = run(&folder.0, &["import", "auto", name]);
        assert_eq!((status, out.as_str()), (2, ""), "{name}");
        assert!(told.starts_with(&format!("error[{code}]")), "{name}: {told}");
    }
}
