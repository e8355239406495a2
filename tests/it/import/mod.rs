//! Files of other tools: small ones written for this project, and the real ones beside it where they are at hand.

mod backstage;
mod bad;
mod cloudformation;
mod compose;
mod csv;
mod dot;
mod kubernetes;
mod oscal;
mod otm;
mod terraform;
mod threagile;
mod told;

use crate::world::beside;
use std::path::{Path, PathBuf};
use weaklink::catalog::Policy;
use weaklink::estate::Estate;
use weaklink::import::{Format, Import, Options, import};
use weaklink::report::faults;
use weaklink::source::{Diagnostics, Limits, Source};

/// A small file written for this project.
fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// A real file of the shared corpora, or none, aloud, where they are not at hand.
fn corpus(name: &str) -> Option<PathBuf> {
    beside(&format!("corpora/{name}"), "import")
}

/// Every file of a folder of the shared corpora and the folders in it, sorted; none, aloud, where they are not at hand.
fn corpus_files(folder: &str) -> Vec<PathBuf> {
    fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("the folder can be read") {
            let path = entry.expect("the entry can be read").path();
            if path.is_dir() { collect(&path, files) } else { files.push(path) }
        }
    }
    let mut files = Vec::new();
    if let Some(folder) = corpus(folder) {
        collect(&folder, &mut files);
    }
    files.sort();
    files
}

/// The text of a compressed file; none, aloud, where nothing unpacks it.
fn unpacked_text(packed: &Path) -> Option<String> {
    let run = std::process::Command::new("gzip").arg("-dc").arg(packed).output();
    if let Ok(run) = run {
        return String::from_utf8(run.stdout).ok();
    }
    eprintln!("SKIPPED: no gzip unpacks {}", packed.display());
    None
}

fn sources(paths: &[PathBuf]) -> Vec<Source> {
    let read = |(ix, path): (usize, &PathBuf)| Source::read(path, ix as u16, 1 << 30).unwrap_or_else(|error| panic!("{error}"));
    paths.iter().enumerate().map(read).collect()
}

/// What an import of files comes to; their formats are found, not given.
fn imported(paths: &[PathBuf]) -> Result<Import, Diagnostics> {
    let sources = sources(paths);
    let files: Vec<(&Source, Option<Format>)> = sources.iter().map(|source| (source, None)).collect();
    import(&files, &Options::default())
}

/// What an import of files comes to, which must succeed and give a model that is valid.
fn model(paths: &[PathBuf]) -> (Import, Estate) {
    let sources = sources(paths);
    let files: Vec<(&Source, Option<Format>)> = sources.iter().map(|source| (source, None)).collect();
    let import = import(&files, &Options::default()).unwrap_or_else(|found| panic!("{}", faults::render(&found, &sources, false, 50)));
    let text = serde_json::to_string(&import.document).expect("a document can be written");
    let written = Source::from_bytes("imported.json".to_owned(), text.into_bytes(), 0).expect("it is text");
    let loaded = Estate::load(&[&written], Policy::shipped(), jiff::civil::date(2026, 11, 1), &Limits::default());
    let (estate, _) = loaded.unwrap_or_else(|found| panic!("{}", faults::render(&found, &[written], false, 50)));
    (import, estate)
}

/// Every connection of a model as `from kind to`, a `?` after those that may not exist.
fn connections(import: &Import) -> Vec<String> {
    let told = |connection: &weaklink::estate::document::ConnectionEntry| {
        let doubt = if connection.certainty.is_some() { "?" } else { "" };
        format!("{} {} {}{doubt}", connection.from.value, connection.kind.value, connection.to.value)
    };
    import.document.connections.iter().map(told).collect()
}
