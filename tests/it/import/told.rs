//! An import as text, a line for each thing: what the tests of formats compare, whole.

use super::{connections, corpus_files, fixture, imported, model, sources};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use weaklink::catalog::ControlStatus;
use weaklink::estate::document::{HalfClaim, SystemEntry};
use weaklink::import::{Format, Import, Options, import};
use weaklink::report::faults::wording;
use weaklink::source::{At, Diagnostics, Source};

/// Everything that an import of files comes to; the model must be valid.
pub(super) fn told(paths: &[PathBuf]) -> String {
    let (import, _) = model(paths);
    let mut out = String::new();
    for party in &import.document.parties {
        let name = party.name.as_ref().map_or(String::new(), |name| format!(" ({})", name.value));
        let _ = writeln!(out, "party {} {}{name}", party.kind.value, party.id.value);
    }
    for system in &import.document.systems {
        out.push_str(&system_told(system));
    }
    for line in connections_told(&import) {
        let _ = writeln!(out, "{line}");
    }
    out.push_str(&faults_told(&import.warnings, paths));
    for file in &import.files {
        let name = short(&file.name);
        for (kind, count) in &file.not_understood {
            let _ = writeln!(out, "{name} read over: {count} {kind}");
        }
        for (line, reference) in &file.unresolved {
            let _ = writeln!(out, "{name}:{line} leads nowhere: {reference}");
        }
    }
    out
}

/// Holds a text against a file of the fixtures; `WEAKLINK_ACCEPT` writes the file anew.
pub(super) fn expect(told: &str, name: &str) {
    let path = fixture(name);
    if std::env::var_os("WEAKLINK_ACCEPT").is_some() {
        std::fs::write(&path, told).expect("the file can be written");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(told == expected, "{name} is no longer what comes of it:\n{told}");
}

/// The faults of files that must be refused.
pub(super) fn refusal(paths: &[PathBuf], format: Option<Format>) -> String {
    let sources = sources(paths);
    let files: Vec<(&Source, Option<Format>)> = sources.iter().map(|source| (source, format)).collect();
    let refused = import(&files, &Options::default()).expect_err("the files are refused");
    faults_told(&refused, paths)
}

/// Holds what every file of a folder of the corpora comes to by itself against a file of the fixtures: what was counted,
/// or why it is refused. Whatever is read must give a valid model.
pub(super) fn expect_corpus(folder: &str, name: &str) {
    let paths = corpus_files(folder);
    if paths.is_empty() {
        return;
    }
    let mut out = String::from("things references systems connections possible controls owners read-over unresolved warnings\n");
    for path in paths {
        let place = path.to_string_lossy().replace('\\', "/");
        let place = place.split_once(&format!("/{folder}/")).map_or(place.as_str(), |(_, rest)| rest);
        let _ = writeln!(out, "{} {place}", of_file(&path));
    }
    expect(&out, name);
}

fn of_file(path: &PathBuf) -> String {
    if let Err(error) = Source::read(path, 0, 1 << 30) {
        let error = error.to_string();
        return format!("unreadable, {}:", error.rsplit(": ").next().unwrap_or_default());
    }
    let paths = std::slice::from_ref(path);
    match imported(paths) {
        Err(faults) => {
            let codes: std::collections::BTreeSet<&str> = faults.iter().map(|fault| wording(&fault.fault).code).collect();
            format!("refused, {}:", codes.into_iter().collect::<Vec<_>>().join(" "))
        }
        Ok(import) => {
            model(paths);
            let file = &import.files[0];
            let controls: usize = file.controls.values().sum();
            let read_over: usize = file.not_understood.iter().map(|(_, count)| count).sum();
            let counts = [file.things, file.references, file.systems, file.connections, file.possible, controls, file.owners, read_over];
            let rest = [file.unresolved.len(), import.warnings.iter().count()];
            counts.iter().chain(&rest).map(usize::to_string).collect::<Vec<_>>().join(" ")
        }
    }
}

/// A system with its layers.
fn system_told(system: &SystemEntry) -> String {
    let text = |at: &Option<At<String>>| at.as_ref().map(|at| at.value.clone());
    let facts = [
        ("name", text(&system.name)),
        ("service", text(&system.service)),
        ("model", system.model.as_ref().map(|at| at.value.to_string())),
        ("provider", text(&system.provider)),
        ("owner", text(&system.owner)),
        ("criticality", system.criticality.as_ref().map(|at| at.value.to_string())),
        ("facing", system.facing.as_ref().map(|at| at.value.to_string())),
        ("tags", system.tags.as_ref().map(|tags| tags.iter().map(|tag| tag.value.as_str()).collect::<Vec<_>>().join(" "))),
    ];
    let mut out = format!("system {}", system.id.value);
    for (fact, value) in facts {
        if let Some(value) = value {
            let _ = write!(out, " · {fact} {value}");
        }
    }
    out.push('\n');
    for (layer, claim) in &system.layers {
        let whole = claimed(claim.owner.as_ref(), claim.status.as_ref(), &claim.controls);
        let half = |half: &HalfClaim| claimed(half.owner.as_ref(), half.status.as_ref(), &half.controls);
        let halves = claim.split.iter().flat_map(|split| {
            [
                split.customer.as_ref().map(|claim| format!(" customer:{}", half(claim))),
                split.provider.as_ref().map(|claim| format!(" provider:{}", half(claim))),
            ]
        });
        let _ = writeln!(out, "  {layer}{whole}{}", halves.flatten().collect::<String>());
    }
    out
}

fn claimed(owner: Option<&At<String>>, status: Option<&At<ControlStatus>>, controls: &BTreeMap<String, At<ControlStatus>>) -> String {
    let owner = owner.map_or(String::new(), |owner| format!(" owner {}", owner.value));
    let status = status.map_or(String::new(), |status| format!(" {}", status.value));
    let controls: String = controls.iter().map(|(control, status)| format!(" {control}={}", status.value)).collect();
    format!("{owner}{status}{controls}")
}

/// Every connection with its controls.
pub(super) fn connections_told(import: &Import) -> Vec<String> {
    let controls = import.document.connections.iter().map(|connection| {
        let mut told: Vec<String> = connection.copy.iter().map(|copy| format!("copy={}", copy.value)).collect();
        for control in connection.controls.iter().flatten() {
            told.push(format!("{} {} {}", control.class.value, control.strength.value, control.status.value));
        }
        if told.is_empty() { String::new() } else { format!(" [{}]", told.join(", ")) }
    });
    connections(import).into_iter().zip(controls).map(|(connection, controls)| connection + &controls).collect()
}

/// Faults, each with its file and line.
pub(super) fn faults_told(faults: &Diagnostics, paths: &[PathBuf]) -> String {
    let sources = sources(paths);
    let place = |source: &Source, start: u32| format!("{}:{}", short(source.name()), source.line_column(start).0);
    let line = |fault: &weaklink::source::Diagnostic| {
        let wording = wording(&fault.fault);
        format!("{} {}: {}\n", place(&sources[usize::from(fault.span.source)], fault.span.start), wording.code, wording.message)
    };
    faults.iter().map(line).collect()
}

fn short(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}
