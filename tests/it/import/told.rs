//! An import as text, whole: what the tests of formats compare with the files beside the fixtures.
//!
//! [`told`] has a line for each thing with all its facts; [`in_few_words`] says less of systems and connections, draws the
//! faults as the program does, and names the evidence of each layer.

use super::{connections, corpus_files, fixture, imported, model, sources};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use weaklink::catalog::ControlStatus;
use weaklink::estate::document::{HalfClaim, LayerClaim, SystemEntry};
use weaklink::import::{Format, Import, Options, import};
use weaklink::report::faults::{self, wording};
use weaklink::source::{At, Diagnostics, ReadError, Source};

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

/// Holds a text against a file of the fixtures; `WEAKLINK_ACCEPT` writes the file anew, to be read before it is
/// kept.
#[track_caller]
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

/// Asserts that fixtures come, in few words, to what the file `name` beside them says.
#[track_caller]
pub(super) fn assert_told(name: &str, files: &[&str]) {
    let paths: Vec<PathBuf> = files.iter().map(|file| fixture(file)).collect();
    let told = match imported(&paths) {
        Ok(_) => in_few_words(&model(&paths).0, &sources(&paths)),
        Err(found) => faults::render(&found, &sources(&paths), false, 50),
    };
    let told = told.replace(&format!("{}/", fixture("").to_string_lossy().trim_end_matches('/')), "");
    expect(&told, name);
}

/// What an import says, in few words.
pub(super) fn in_few_words(import: &Import, sources: &[Source]) -> String {
    let mut told = String::new();
    for party in &import.document.parties {
        let _ = writeln!(told, "party {} {}", party.id.value, party.kind.value);
    }
    import.document.systems.iter().for_each(|system| tell_system(system, &mut told));
    for connection in super::connections(import) {
        let _ = writeln!(told, "{connection}");
    }
    for (connection, controls) in import.document.connections.iter().filter_map(|it| Some((it, it.controls.as_ref()?))) {
        for control in controls {
            let (class, strength, status) = (&control.class.value, control.strength.value, control.status.value);
            let _ = writeln!(told, "on {}>{}: {class} {strength} {status}", connection.from.value, connection.to.value);
        }
    }
    for file in &import.files {
        let _ = writeln!(told, "{} things, {} references", file.things, file.references);
        for (kind, count) in &file.not_understood {
            let _ = writeln!(told, "not understood: {count} {kind}");
        }
        for (line, reference) in &file.unresolved {
            let _ = writeln!(told, "unresolved: {reference} (line {line})");
        }
    }
    told + &faults::render(&import.warnings, sources, false, 50)
}

fn tell_system(system: &SystemEntry, told: &mut String) {
    let _ = write!(told, "{}", system.id.value);
    let facts = [
        system.name.as_ref().map(|name| format!("{:?}", name.value)),
        system.service.as_ref().map(|service| service.value.clone()),
        system.model.as_ref().map(|model| model.value.to_string()),
        system.facing.as_ref().map(|facing| format!("facing {}", facing.value)),
        system.owner.as_ref().map(|owner| format!("owner {}", owner.value)),
        system.tags.as_ref().map(|tags| format!("tags {:?}", tags.iter().map(|tag| &tag.value).collect::<Vec<_>>())),
    ];
    facts.into_iter().flatten().for_each(|fact| {
        let _ = write!(told, " {fact}");
    });
    told.push('\n');
    for (layer, claim) in &system.layers {
        let _ = writeln!(told, "    {layer}: {}", words(claim));
    }
}

fn words(claim: &LayerClaim) -> String {
    let status = claim.status.iter().map(|status| status.value.to_string());
    let controls = claim.controls.iter().map(|(control, status)| format!("{control} {}", status.value));
    let words: Vec<String> = status.chain(controls).collect();
    let note = claim.note.as_ref().map(|note| note.value.clone()).unwrap_or_default();
    format!("{}; {note}", words.join(", "))
}

/// How many files come to what: read, or the code of the fault for which they are refused. Those that are read must give
/// models that are valid.
pub(super) fn outcomes(files: &[PathBuf]) -> BTreeMap<String, usize> {
    let mut outcomes = BTreeMap::new();
    for file in files {
        *outcomes.entry(outcome(file)).or_default() += 1;
    }
    outcomes
}

fn outcome(file: &PathBuf) -> String {
    match Source::read(file, 0, 1 << 30) {
        Err(error) => format!("unreadable: {}", reason(&error)),
        Ok(_) => match imported(std::slice::from_ref(file)) {
            Ok(_) => {
                model(std::slice::from_ref(file));
                "read".to_owned()
            }
            Err(found) => {
                let first = found.iter().next().expect("a refusal has a reason");
                faults::wording(&first.fault).code.to_owned()
            }
        },
    }
}

fn reason(error: &ReadError) -> String {
    error.to_string().rsplit(": ").next().unwrap_or_default().to_owned()
}

/// Holds that nothing that is told of an import of a fixture holds a text that stands in its values.
pub(super) fn assert_never_shown(name: &str, canary: &str) {
    let paths = [fixture(name)];
    let (import, _) = model(&paths);
    let sources = sources(&paths);
    let written = serde_json::to_string(&import.document).expect("a document can be written");
    let warnings = faults::render(&import.warnings, &sources, false, 50);
    for text in [written, format!("{:?}", import.files), warnings, in_few_words(&import, &sources)] {
        assert!(!text.contains(canary), "{text}");
    }
}
