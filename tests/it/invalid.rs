//! Files that are refused or warned about: the whole text that their author sees, and what that text keeps to.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use weaklink::catalog::{GapKind, Policy};
use weaklink::estate::Estate;
use weaklink::import::{Format, Options, import};
use weaklink::project::{Settings, Waivers};
use weaklink::report::{faults, rules};
use weaklink::source::{Diagnostics, Limits, Severity, Source, is_hidden};

/// Codes that no small file triggers, each with the reason.
const WITHOUT_FIXTURE: &[(&str, &str)] = &[
    ("too-many-rules", "10,000 transfer rules; tested where policies are read"),
    ("too-many-values", "20 million values; a smaller limit is tested below"),
    ("unmet-responsibility", "takes two files, a provider's and a customer's; tested where OSCAL is imported"),
    ("unknown-connection", "no file refers to a connection by its id; arguments do"),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/invalid")
}

/// Every fixture by its bare file name.
fn fixtures() -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder()).expect("the folder of fixtures can be read");
    let paths = entries.map(|entry| entry.expect("the folder of fixtures can be read").path());
    paths
        .filter(|path| path.extension().is_some_and(|extension| extension != "out"))
        .map(|path| {
            let name = path.file_name().expect("a fixture has a name").to_string_lossy().into_owned();
            (name, fs::read(&path).expect("a fixture can be read"))
        })
        .collect()
}

fn source(name: &str, bytes: &[u8], index: u16) -> Source {
    Source::from_bytes(name.to_owned(), bytes.to_vec(), index).expect("the sample is text")
}

/// What reading the files in one run has to say; a file whose name begins with `policy-`, `settings-`, `waivers-` or `import-` is that.
fn diagnostics(sources: &[Source]) -> Diagnostics {
    if sources[0].name().starts_with("policy-") {
        return Policy::parse(&sources[0]).err().unwrap_or_default();
    }
    if sources[0].name().starts_with("settings-") {
        return Settings::parse(&sources[0]).err().unwrap_or_default();
    }
    if sources[0].name().starts_with("waivers-") {
        return Waivers::parse(&sources[0]).err().unwrap_or_default();
    }
    if let Some(rest) = sources[0].name().strip_prefix("import-") {
        // A format in the name is the one given on the command line.
        let given = rest.split('-').find_map(|word| word.strip_prefix("as_")).and_then(Format::from_id);
        let found = import(&[(&sources[0], given)], &Options::default());
        return found.map_or_else(|faults| faults, |import| import.warnings);
    }
    let models: Vec<&Source> = sources.iter().collect();
    match Estate::load(&models, Policy::shipped(), jiff::civil::date(2026, 11, 1), &Limits::default()) {
        Ok((_, warnings)) => warnings,
        Err(diagnostics) => diagnostics,
    }
}

fn drawn(sources: &[Source]) -> String {
    faults::render(&diagnostics(sources), sources, false, 50)
}

fn codes(diagnostics: &Diagnostics) -> Vec<&'static str> {
    diagnostics.iter().map(|diagnostic| faults::wording(&diagnostic.fault).code).collect()
}

#[test]
fn every_refused_file_is_told_so_in_full() {
    let bless = std::env::var_os("WEAKLINK_ACCEPT").is_some();
    let mut differing = Vec::new();
    for (name, bytes) in fixtures() {
        let drawn = drawn(&[source(&name, &bytes, 0)]);
        let golden = folder().join(format!("{name}.out"));
        if bless {
            fs::write(&golden, &drawn).expect("a golden file can be written");
        } else if fs::read_to_string(&golden).unwrap_or_default() != drawn {
            differing.push(format!("{name} now gives:\n{drawn}"));
        }
    }
    assert!(differing.is_empty(), "WEAKLINK_ACCEPT=1 accepts these:\n\n{}", differing.join("\n"));
}

#[test]
fn every_golden_file_has_its_fixture() {
    let fixtures = fixtures();
    for entry in fs::read_dir(folder()).expect("the folder of fixtures can be read") {
        let name = entry.expect("the folder of fixtures can be read").file_name().to_string_lossy().into_owned();
        if let Some(fixture) = name.strip_suffix(".out") {
            assert!(fixtures.contains_key(fixture), "{name}");
        }
    }
}

#[test]
fn every_code_has_a_fixture_or_a_reason_to_have_none() {
    let shown: BTreeSet<&str> = fixtures().iter().flat_map(|(name, bytes)| codes(&diagnostics(&[source(name, bytes, 0)]))).collect();
    let without: BTreeSet<&str> = WITHOUT_FIXTURE.iter().map(|(code, _)| *code).collect();
    let known: BTreeSet<&str> = faults::codes().into_iter().collect();
    assert_eq!(shown.union(&without).copied().collect::<BTreeSet<_>>(), known);
    assert_eq!(shown.intersection(&without).count(), 0);
    assert_eq!(known.len(), faults::codes().len());
}

#[test]
fn a_fixture_shows_the_code_that_it_is_named_after() {
    let known = faults::codes();
    for (name, bytes) in fixtures() {
        let stem = name.split('.').next().unwrap_or_default();
        let stem = stem.strip_prefix("policy-").unwrap_or(stem);
        if known.contains(&stem) {
            assert!(codes(&diagnostics(&[source(&name, &bytes, 0)])).contains(&stem), "{name}");
        }
    }
}

#[test]
fn every_code_and_every_kind_of_gap_has_its_section() {
    for word in faults::codes().into_iter().chain(GapKind::IDS.iter().copied()) {
        let section = rules::section(word).unwrap_or_else(|| panic!("no section `{word}`"));
        assert!(section.starts_with(&format!("## {word}\n\n")), "{word}");
        assert!(section.lines().count() >= 4, "{word}");
    }
    for word in ["exposure", "coverage", "accountability", "severity", "posture", "risk", "marginal", "share", "downstream"] {
        assert!(rules::section(word).is_some(), "{word}");
    }
    for word in ["impact", "interval", "threshold", "hops", "product", "bottleneck", "reach"] {
        assert!(rules::section(word).is_some(), "{word}");
    }
}

#[test]
fn the_reference_is_fit_for_a_terminal() {
    let titles = rules::titles();
    assert_eq!(titles.iter().collect::<BTreeSet<_>>().len(), titles.len());
    for title in titles {
        let section = rules::section(title).expect("a title has its section");
        for line in section.lines() {
            assert!(line.chars().count() <= 76 || line.starts_with("## "), "{line}");
            assert!(!line.starts_with("# "), "{line}");
            assert!(!line.chars().any(is_hidden) && line.trim_end() == line, "{line}");
        }
    }
}

#[test]
fn all_faults_of_a_file_are_told_of_in_one_run() {
    let fixtures = fixtures();
    let found = diagnostics(&[source("ten-faults.yaml", &fixtures["ten-faults.yaml"], 0)]);
    let distinct: BTreeSet<&str> = codes(&found).into_iter().collect();
    assert!(distinct.len() >= 10, "{distinct:?}");
    assert_eq!(found.count(Severity::Warning), 0);
}

#[test]
fn an_overlay_that_repeats_an_id_is_shown_with_both_files() {
    let model = source("model.yaml", b"weaklink: 1\nparties:\n  - { id: acme, kind: customer }\n", 0);
    let overlay = source("overlay.json", br#"{ "weaklink": 1, "parties": [ { "id": "acme", "kind": "team" } ] }"#, 1);
    assert_eq!(
        drawn(&[model, overlay]),
        r#"error[repeated-id]: two parties have the id `acme`
 --> overlay.json:1:39
  |
1 | { "weaklink": 1, "parties": [ { "id": "acme", "kind": "team" } ] }
  |                                       ^^^^^^ again here, for another party
 ::: model.yaml:3:11
  |
3 |   - { id: acme, kind: customer }
  |           ---- first here
  |
  = help: keep one of the two, or give each an id of its own

1 error
"#
    );
}

#[test]
fn a_long_list_is_cut_and_errors_are_kept() {
    let text = "weaklink: 1\nparties:\n  - { id: a, kind: team, name: \"x\\u200B\" }\n  - { id: b, kind: x }\n  - { id: c, kind: y }\n";
    let sources = [source("model.yaml", text.as_bytes(), 0)];
    let found = diagnostics(&sources);
    assert_eq!(
        faults::render(&found, &sources, false, 1),
        "\
error[unknown-party-kind]: unknown kind of party `x`
 --> model.yaml:4:20
  |
4 |   - { id: b, kind: x }
  |                    ^ no such kind of party
  |
  = help: one of `provider`, `customer`, `team`, `third-party`

… and 2 more

2 errors, 1 warning
"
    );
    assert_eq!(faults::summary(&found), "2 errors, 1 warning");
    assert_eq!(
        found.to_string(),
        "\
hidden-characters: the name `x‹U+200B›` holds characters that a reader does not see
unknown-party-kind: unknown kind of party `x`
unknown-party-kind: unknown kind of party `y`"
    );
}

#[test]
fn a_file_without_faults_draws_nothing() {
    let sources = [source("model.yaml", b"weaklink: 1\nsystems: [ { id: web } ]\n", 0)];
    assert_eq!(drawn(&sources), "");
    assert_eq!(faults::summary(&diagnostics(&sources)), "no errors");
}

#[test]
fn more_values_than_the_limit_are_refused() {
    let sources = [source("model.json", br#"{ "weaklink": 1, "systems": [] }"#, 0)];
    let limits = Limits { nodes: 2, ..Limits::default() };
    let refused = Estate::load(&[&sources[0]], Policy::shipped(), jiff::civil::date(2026, 11, 1), &limits).expect_err("there are three");
    assert_eq!(
        faults::render(&refused, &sources, false, 50),
        r#"error[too-many-values]: the file holds more than 2 values
 --> model.json:1:29
  |
1 | { "weaklink": 1, "systems": [] }
  |                             ^ beyond the limit from here on
  |
  = help: `--max-size MIB` raises the limit with the size of files; or split the model, and give the parts with `--with`

1 error
"#
    );
}

#[test]
fn nothing_hidden_in_a_file_reaches_the_terminal() {
    for (name, bytes) in fixtures() {
        let sources = [source(&name, &bytes, 0)];
        let shown = drawn(&sources);
        assert!(!shown.chars().any(|c| c != '\n' && is_hidden(c)), "{name}");
        assert!(!diagnostics(&sources).to_string().chars().any(|c| c != '\n' && is_hidden(c)), "{name}");
        let colored = faults::render(&diagnostics(&sources), &sources, true, 50);
        assert!(!colored.replace('\u{1b}', "").chars().any(|c| c != '\n' && is_hidden(c)), "{name}");
    }
}
