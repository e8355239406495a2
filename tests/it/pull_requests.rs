//! Five pull requests on the storefront: the comment that each of them gets, word by word.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The comment and the exit status of a review of the storefront against a head.
fn comment(head: &str) -> (String, Option<i32>) {
    let run = Command::new(env!("CARGO_BIN_EXE_weaklink"))
        .current_dir(root())
        .args(["review", "graphs/storefront.yaml", head, "--as-of", "2026-11-24", "--format", "markdown"])
        .output()
        .expect("the program runs");
    assert_eq!(String::from_utf8_lossy(&run.stderr), "", "{head}");
    (String::from_utf8(run.stdout).expect("a comment is text"), run.status.code())
}

fn heads() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("graphs/pull-requests")).expect("the pull requests are there");
    let mut heads: Vec<PathBuf> = entries.map(|entry| entry.expect("the entry can be read").path()).collect();
    heads.sort();
    heads
}

#[test]
fn the_comment_on_every_pull_request_is_the_one_that_was_read_and_accepted() {
    let accept = std::env::var_os("WEAKLINK_ACCEPT").is_some();
    let mut differing = Vec::new();
    for head in heads() {
        let stem = head.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        let (comment, status) = comment(&format!("graphs/pull-requests/{stem}.yaml"));
        // Only the pull request that patches something is let pass.
        assert_eq!(status, Some(i32::from(stem != "patched-os")), "{stem}");
        let golden = root().join(format!("tests/it/comments/{stem}.md"));
        if accept {
            fs::write(&golden, &comment).expect("a golden file can be written");
        } else if fs::read_to_string(&golden).unwrap_or_default() != comment {
            differing.push(format!("{stem} now gives:\n{comment}"));
        }
    }
    assert_eq!(heads().len(), 5);
    assert!(differing.is_empty(), "WEAKLINK_ACCEPT=1 accepts these:\n\n{}", differing.join("\n"));
}

#[test]
fn every_pull_request_changes_a_few_lines_of_the_storefront_and_says_how_to_review_it() {
    let body = |path: &Path| {
        let text = fs::read_to_string(path).expect("the graph can be read");
        text[text.find("weaklink: 1 #").expect("it is a model")..].lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let base = body(&root().join("graphs/storefront.yaml"));
    for head in heads() {
        let lines = body(&head);
        let added = lines.iter().filter(|line| !base.contains(line)).count();
        let removed = base.iter().filter(|line| !lines.contains(line)).count();
        assert!((1..=6).contains(&(added + removed)), "{}: {added} and {removed}", head.display());
        let name = head.file_name().expect("a file has a name").to_string_lossy().into_owned();
        let text = fs::read_to_string(&head).expect("the graph can be read");
        assert!(text.contains(&format!("#   weaklink review graphs/storefront.yaml graphs/pull-requests/{name}\n")), "{name}");
    }
}
