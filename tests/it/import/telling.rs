//! An import in few words, whole: what the fixtures beside it say that it comes to.

use super::{fixture, imported, model, sources};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use weaklink::estate::document::{LayerClaim, SystemEntry};
use weaklink::import::Import;
use weaklink::report::faults;
use weaklink::source::{ReadError, Source};

/// Asserts that fixtures come to what the file `name` beside them says; `WEAKLINK_BLESS` writes it anew, to be read before
/// it is kept.
#[track_caller]
pub(super) fn assert_told(name: &str, files: &[&str]) {
    let paths: Vec<PathBuf> = files.iter().map(|file| fixture(file)).collect();
    let told = match imported(&paths) {
        Ok(_) => told(&model(&paths).0, &sources(&paths)),
        Err(found) => faults::render(&found, &sources(&paths), false, 50),
    };
    let told = told.replace(&format!("{}/", fixture("").to_string_lossy().trim_end_matches('/')), "");
    let kept = fixture(name);
    if std::env::var_os("WEAKLINK_BLESS").is_some() {
        fs::write(&kept, &told).expect("the file can be written");
    }
    let expected = fs::read_to_string(&kept).unwrap_or_default();
    assert!(told == expected, "{name} is not what it was:\n{told}");
}

/// Everything that an import says.
pub(super) fn told(import: &Import, sources: &[Source]) -> String {
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
