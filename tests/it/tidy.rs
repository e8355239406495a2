//! The house in order: floors use only what lies below them, files have captions and stay readable.

use std::fs;
use std::path::{Path, PathBuf};

/// The floors, lowest first; a module may use those before it.
const FLOORS: &[&str] =
    &["threads", "source", "cache", "catalog", "project", "estate", "import", "coverage", "graph", "engine", "analysis", "report"];

/// Lines that a file may have at most.
const LONGEST: usize = 800;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder can be read").map(|entry| entry.expect("the entry can be read").path()) {
        if entry.is_dir() {
            files.extend(rust_files(&entry));
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            files.push(entry);
        }
    }
    files.sort();
    files
}

fn all_files() -> Vec<PathBuf> {
    ["src", "tests", "examples", "benches"].iter().flat_map(|folder| rust_files(&root().join(folder))).collect()
}

/// The names that code takes from the root of the library: after `crate::`, or after as many `super::` as its module is
/// deep; of a group in braces each.
fn names_from_root(code: &str, depth: usize) -> Vec<String> {
    let mut names = Vec::new();
    let is_whole = |at: usize| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
    let roots = ["crate::".to_owned(), "super::".repeat(depth)];
    for root in &roots {
        for (at, _) in code.match_indices(root.as_str()).filter(|&(at, _)| is_whole(at)) {
            let rest = &code[at + root.len()..];
            let Some(group) = rest.strip_prefix('{') else {
                names.push(first_name(rest));
                continue;
            };
            let (mut open, mut start) = (1, 0);
            for (ix, c) in group.char_indices() {
                open = match c {
                    '{' => open + 1,
                    '}' => open - 1,
                    _ => open,
                };
                if open == 0 || (open == 1 && c == ',') {
                    names.push(first_name(group[start..ix].trim_start()));
                    start = ix + 1;
                }
                if open == 0 {
                    break;
                }
            }
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

fn first_name(path: &str) -> String {
    path.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// How deep the module of a file of the library lies: `report/page.rs` and `report/json/mod.rs` both 2.
fn depth(file: &Path) -> usize {
    let below = file.strip_prefix(root().join("src")).expect("the file is in src");
    below.components().count() - usize::from(below.ends_with("mod.rs"))
}

#[test]
fn names_from_the_root_are_seen_however_they_are_written() {
    let seen = |code: &str| names_from_root(code, 2);
    assert_eq!(seen("use crate::report::page;"), ["report"]);
    assert_eq!(
        seen("use crate::{\n    analysis::{self, Target},\n    report::{page, csv},\n    source,\n};"),
        ["analysis", "report", "source"]
    );
    assert_eq!(seen("use super::super::report;"), ["report"]);
    assert_eq!(seen("use super::super::{report::page, source};"), ["report", "source"]);
    assert_eq!(seen("use super::page; pub(crate) fn f() {} use mycrate::report;"), Vec::<String>::new());
    assert_eq!(names_from_root("use super::super::page;", 3), Vec::<String>::new());
}

#[test]
fn every_floor_uses_only_those_below_it() {
    let mut wrong = Vec::new();
    for (own, floor) in FLOORS.iter().enumerate() {
        for file in rust_files(&root().join("src").join(floor)) {
            let text = fs::read_to_string(&file).expect("the file is text");
            let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
            let used = names_from_root(&code, depth(&file)).into_iter().filter_map(|name| FLOORS.iter().position(|floor| *floor == name));
            wrong.extend(used.filter(|&used| used > own).map(|used| format!("{} uses {}", file.display(), FLOORS[used])));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_floors_are_the_folders_of_src() {
    let mut folders: Vec<String> = fs::read_dir(root().join("src"))
        .expect("src can be read")
        .map(|entry| entry.expect("the entry can be read"))
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    folders.sort();
    let mut floors: Vec<String> = FLOORS.iter().map(|floor| (*floor).to_owned()).chain(["cli".to_owned()]).collect();
    floors.sort();
    assert_eq!(folders, floors);
}

#[test]
fn only_the_binary_and_the_reading_of_sources_and_caches_touch_the_outside_world() {
    let outside =
        ["std::fs", "std::env", "std::process", "std::net", "SystemTime", "Timestamp::now", "Zoned::now", "println!", "eprintln!"];
    let mut wrong = Vec::new();
    for floor in FLOORS {
        for file in rust_files(&root().join("src").join(floor)) {
            let text = fs::read_to_string(&file).expect("the file is text");
            // Tests of a module may touch what they like; they stand at its end.
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let is_reader = file.ends_with("source/text.rs") || file.ends_with("cache/read.rs");
            let found = outside.iter().filter(|word| code.contains(**word) && !(is_reader && **word == "std::fs"));
            wrong.extend(found.map(|word| format!("{} uses {word}", file.display())));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_opens_with_a_caption() {
    let bare: Vec<String> = all_files()
        .into_iter()
        .filter(|file| !fs::read_to_string(file).expect("the file is text").starts_with("//! "))
        .map(|file| file.display().to_string())
        .collect();
    assert!(bare.is_empty(), "{}", bare.join("\n"));
}

#[test]
fn no_file_is_longer_than_the_limit() {
    let long: Vec<String> = all_files()
        .into_iter()
        .map(|file| (fs::read_to_string(&file).expect("the file is text").lines().count(), file))
        .filter(|&(lines, _)| lines > LONGEST)
        .map(|(lines, file)| format!("{}: {lines} lines", file.display()))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn some_crates_stay_inside_their_files() {
    let homes =
        [("petgraph::", &["graph/petgraph_traits.rs", "graph/flow.rs"][..]), ("graphviz_rust::", &["report/diagram/dot/syntax.rs"][..])];
    let mut wrong = Vec::new();
    for file in rust_files(&root().join("src")) {
        let text = fs::read_to_string(&file).expect("the file is text");
        let found = homes.iter().filter(|(used, homes)| text.contains(used) && !homes.iter().any(|home| file.ends_with(home)));
        wrong.extend(found.map(|(used, _)| format!("{} uses {used}", file.display())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
