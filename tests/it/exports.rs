//! The estate in formats of other tools: what is written is valid there, holds what the model holds, and is read back.

use crate::cli::{Folder, code, path, stderr, stdout, weaklink};
use crate::forms::{HOSTILE, model as hostile_model};
use crate::generate;
use crate::world::{AS_OF, World, json, shared};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use weaklink::catalog::{Cell, ControlCatalog, ControlStatus, Interval, Policy};
use weaklink::estate::Estate;
use weaklink::import::{Import, Options, import};
use weaklink::report::export::{crm, otm};
use weaklink::report::json::write;
use weaklink::source::{Limits, Source};

const MODEL: &str = include_str!("../fixtures/export/model.yaml");

fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).expect("the model is YAML")
}

/// The threat model of a world, as it is written.
fn threat_model(world: &World<'_>) -> String {
    let mut out = Vec::new();
    write(&otm::model(&world.graph()), &mut out).expect("memory can be written");
    String::from_utf8(out).expect("the answer is UTF-8")
}

/// The rows of the responsibility matrix of a world, by column.
fn matrix(world: &World<'_>) -> Vec<BTreeMap<String, String>> {
    let mut out = Vec::new();
    crm::write(&world.graph(), &mut out).expect("memory can be written");
    let mut reader = csv::Reader::from_reader(out.as_slice());
    reader.deserialize().map(|row| row.expect("the row is CSV")).collect()
}

fn read_back(text: &str) -> (Import, Estate) {
    let source = Source::from_bytes("estate.otm".to_owned(), text.as_bytes().to_vec(), 0).expect("it is text");
    let import = import(&[(&source, None)], &Options::default()).unwrap_or_else(|faults| panic!("{faults:#?}"));
    let written = serde_json::to_vec(&import.document).expect("a document can be written");
    let written = Source::from_bytes("imported.json".to_owned(), written, 0).expect("it is text");
    let (estate, _) = Estate::load(&[&written], Policy::shipped(), AS_OF, &Limits::default()).expect("the import is valid");
    (import, estate)
}

/// What a threat model can hold of an estate, a line for each system and connection.
fn held(estate: &Estate) -> Vec<String> {
    let systems = estate.systems().iter().map(|system| {
        let service = system.service.map(|service| &service.id);
        let owner = system.owner.map(|owner| (&estate.party(owner).id, estate.party(owner).kind));
        let facts = (&system.name, service, system.model, &system.provider, owner, system.criticality, system.facing);
        format!("{} {facts:?} {:?} {:?}", system.id, system.settings, system.tags)
    });
    let connections = estate.connections().iter().map(|connection| {
        let ends = [connection.from, connection.to].map(|end| &estate.system(end).id);
        let controls: Vec<_> = connection.controls.iter().map(|control| (&control.class, control.strength, control.status)).collect();
        format!("{ends:?} {} {} {} {controls:?}", connection.kind, connection.certainty, connection.copy)
    });
    let mut held: Vec<String> = systems.chain(connections).collect();
    held.sort();
    held
}

#[track_caller]
fn check_read_back(world: &World<'_>) {
    let text = threat_model(world);
    let (import, estate) = read_back(&text);
    assert_eq!(held(&estate), held(&world.estate), "{text}");
    assert!(import.warnings.is_empty(), "{:#?}", import.warnings);
    assert!(import.files.iter().all(|file| file.not_understood.is_empty() && file.unresolved.is_empty()), "{:#?}", import.files);
    check_schema(&json(&text));
}

/// What the schema of OTM 0.2.0 asks for, and that every reference leads somewhere.
fn check_schema(model: &Value) {
    let required = [
        ("/trustZones", &["id", "name", "risk"][..]),
        ("/components", &["id", "name", "type", "parent", "attributes"]),
        ("/dataflows", &["id", "name", "source", "destination", "attributes"]),
        ("/threats", &["id", "name", "risk", "categories"]),
    ];
    let mut ids: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (list, keys) in required {
        for thing in model.pointer(list).and_then(Value::as_array).expect("the list is there") {
            assert!(keys.iter().all(|key| !thing[key].is_null()), "{list}: {thing}");
            let id = thing["id"].as_str().expect("an id is text");
            assert!(ids.entry(list).or_default().insert(id), "{list} has {id} twice");
        }
    }
    assert_eq!(model["otmVersion"], "0.2.0");
    assert!(model["project"]["name"].is_string() && model["project"]["id"].is_string());
    let is_known = |list: &str, id: &Value| ids.get(list).is_some_and(|ids| ids.contains(id.as_str().expect("a reference is text")));
    for zone in model["trustZones"].as_array().expect("zones") {
        assert!((0..=100).contains(&zone["risk"]["trustRating"].as_i64().expect("a rating")));
    }
    for component in model["components"].as_array().expect("components") {
        let parent = component["parent"].as_object().expect("a parent");
        let (kind, id) = parent.iter().next().expect("a parent is something");
        assert!(parent.len() == 1 && is_known(if kind == "component" { "/components" } else { "/trustZones" }, id), "{component}");
        for threat in component["threats"].as_array().into_iter().flatten() {
            assert!(is_known("/threats", &threat["threat"]) && threat["state"] == "exposed", "{component}");
        }
    }
    for flow in model["dataflows"].as_array().expect("flows") {
        assert!(is_known("/components", &flow["source"]) && is_known("/components", &flow["destination"]), "{flow}");
    }
    for threat in model["threats"].as_array().expect("threats") {
        let of = |key: &str| threat["risk"][key].as_i64().expect("a number");
        assert!((0..=100).contains(&of("likelihood")) && (0..=100).contains(&of("impact")), "{threat}");
        assert!(threat["risk"]["likelihoodComment"].is_string() && threat["risk"]["impactComment"].is_string(), "{threat}");
    }
}

#[test]
fn a_threat_model_is_read_back_as_the_same_systems_and_connections() {
    check_read_back(&World::of(&yaml(MODEL)));
    check_read_back(&World::of(&yaml(include_str!("../../graphs/storefront.yaml"))));
    check_read_back(&World::of(&yaml(include_str!("../../graphs/minimal.yaml"))));
}

#[test]
fn both_formats_are_what_the_files_beside_the_model_say() {
    let world = World::of(&yaml(MODEL));
    expect(&threat_model(&world), "model.otm");
    let mut rows = Vec::new();
    crm::write(&world.graph(), &mut rows).expect("memory can be written");
    expect(&String::from_utf8(rows).expect("the rows are UTF-8"), "model.csv");
}

/// Holds a text against a file of the fixtures; `WEAKLINK_ACCEPT` writes the file anew, to be read before it is kept.
#[track_caller]
fn expect(told: &str, name: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/export").join(name);
    if std::env::var_os("WEAKLINK_ACCEPT").is_some() {
        std::fs::write(&path, told).expect("the file can be written");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(told == expected, "{name} is no longer what comes of it:\n{told}");
}

#[test]
fn what_hosts_each_other_in_a_circle_is_part_of_nothing() {
    let hosts = |from: &str, to: &str| serde_json::json!({ "from": from, "to": to, "kind": "hosts" });
    let systems: Vec<Value> = ["a", "b", "c", "d", "e"].map(|id| serde_json::json!({ "id": id, "model": "iaas" })).to_vec();
    let connections = [hosts("a", "b"), hosts("b", "c"), hosts("c", "b"), hosts("d", "e"), hosts("e", "d"), hosts("d", "a")];
    for connections in [&connections[..3], &connections[2..], &connections[3..], &connections[..]] {
        check_read_back(&World::of(&serde_json::json!({ "weaklink": 1, "systems": systems, "connections": connections })));
    }
}

#[test]
fn a_matrix_has_every_layer_of_every_system_and_says_what_coverage_says() {
    let policy = Policy::shipped();
    for seed in 0..20 {
        let world = World::of(&generate::estate(seed, 6));
        let rows = matrix(&world);
        let places: BTreeSet<(&str, &str)> = rows.iter().map(|row| (row["System ID"].as_str(), row["Layer"].as_str())).collect();
        assert_eq!(places.len(), world.estate.systems().len() * 11);
        for (system_ix, layer, coverage) in world.coverage.layers() {
            let standings = world.coverage.standings(&world.estate, policy, system_ix, layer);
            let at = (world.estate.system(system_ix).id.as_str(), layer.id());
            let of_layer: Vec<_> = rows.iter().filter(|row| (row["System ID"].as_str(), row["Layer"].as_str()) == at).collect();
            assert_eq!(of_layer.len(), standings.len());
            assert!(of_layer.iter().all(|row| row["Responsibility"] == coverage.cell.id()));
            assert!(of_layer.iter().all(|row| row["Accountability"] == coverage.ownership.verdict.id()));
            assert!(of_layer.iter().all(|row| row["Gap"] == coverage.gap.map_or("", |kind| kind.id())));
            // Behind a layer of the customer nobody's attestation stands: the least of its controls is all that it has.
            if coverage.cell == Cell::Customer {
                let counted = standings.iter().filter(|standing| standing.counted != ControlStatus::NotApplicable);
                let counted = counted
                    .filter(|standing| standing.control.is_some_and(|control_ix| ControlCatalog::shipped().control(control_ix).counts()));
                let least = counted.map(|standing| policy.status(standing.counted)).reduce(Interval::min);
                assert!(least.is_none_or(|least| least == coverage.control), "seed {seed}, {at:?}: {standings:#?} {coverage:#?}");
            }
        }
    }
}

#[test]
fn hostile_names_stay_names_in_both_formats() {
    let mut names: Vec<String> = HOSTILE.iter().map(|name| (*name).to_owned()).collect();
    if let Some(file) = shared("naughty.txt", "hostile_names_stay_names_in_both_formats: the shared list") {
        let text = std::fs::read(file).expect("the list can be read");
        let legal = |name: &&str| (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic()) && *name != "nobody";
        names.extend(String::from_utf8_lossy(&text).split('\u{1e}').filter(legal).map(str::to_owned));
    }
    names.sort();
    names.dedup();
    let all: Vec<&str> = names.iter().map(String::as_str).collect();
    let rows = matrix(&World::of(&hostile_model(&all, "partial")));
    for text in rows.iter().flat_map(BTreeMap::values) {
        assert!(!text.starts_with(['=', '+', '-', '@', '\t', '\r']), "{text}");
        assert!(!text.chars().any(|c| c.is_control() || c == '\u{202e}' || c == '\u{200b}'), "{text:?}");
    }
    let told: BTreeSet<&str> = rows.iter().map(|row| row["System ID"].as_str()).collect();
    let guarded = |name: &str| name.starts_with(['=', '+', '-', '@']);
    let expected: BTreeSet<String> = all
        .iter()
        .map(|name| weaklink::source::visible(name))
        .map(|name| if guarded(&name) { format!("'{name}") } else { name.into_owned() })
        .collect();
    assert_eq!(told, expected.iter().map(String::as_str).collect());

    // A per cent sign is written out when a name of another tool becomes an id.
    let plain: Vec<&str> = all.iter().copied().filter(|name| !name.contains('%')).collect();
    let world = World::of(&hostile_model(&plain, "partial"));
    let text = threat_model(&world);
    assert!(!text.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}' || c == '\u{200b}'));
    let (import, estate) = read_back(&text);
    let ids = |estate: &Estate| estate.systems().iter().map(|system| system.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&estate), ids(&world.estate));
    assert!(import.warnings.is_empty());
}

#[test]
fn the_order_of_a_model_changes_no_byte_of_an_export() {
    let straight = yaml(MODEL);
    let mut turned = straight.clone();
    for list in ["parties", "systems", "connections"] {
        turned[list].as_array_mut().expect("the list is there").reverse();
    }
    let [straight, turned] = [straight, turned].map(|model| World::of(&model));
    assert_eq!(threat_model(&straight), threat_model(&turned));
    assert_eq!(matrix(&straight), matrix(&turned));
}

#[test]
fn an_export_reads_overlays_and_writes_files() {
    let folder = Folder::new("export");
    let model = folder.file("model.yaml", MODEL);
    let overlay = folder.file("more.yaml", "weaklink: 1\nsystems: [{ id: late, model: saas }]\n");
    for (format, name) in [("otm", "estate.otm"), ("crm", "matrix.csv")] {
        let file = folder.path().join(name);
        let arguments = ["export", format, path(&model), "--with", path(&overlay), "--as-of", "2026-11-01"];
        let shown = weaklink(&arguments);
        assert_eq!(code(&shown), 0, "{}", stderr(&shown));
        assert!(stdout(&shown).contains("\"late\""), "{format}");
        assert_eq!(code(&weaklink(&[&arguments[..], &["-o", path(&file)]].concat())), 0);
        assert_eq!(std::fs::read_to_string(&file).expect("the file is there"), stdout(&shown));
        assert_eq!(code(&weaklink(&[&arguments[..], &["-o", path(&model)]].concat())), 3);
    }
    // What was exported is a model for every command.
    let estate = folder.path().join("estate.otm");
    let checked = weaklink(&["check", path(&estate)]);
    assert_eq!(code(&checked), 0, "{}", stderr(&checked));
    assert_eq!(code(&weaklink(&["export", "xls", path(&model)])), 2);
}
