//! Documented incidents as models: what was exposed must be exposed, and what was not must not.

use crate::world::{AS_OF, json, shared};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use weaklink::analysis::{self, Target};
use weaklink::catalog::{BasisPoints, Policy};
use weaklink::coverage::Coverage;
use weaklink::estate::Estate;
use weaklink::graph::{ExposureGraph, Semiring};
use weaklink::source::Source;

/// The default threshold, 0.2.
const THRESHOLD: BasisPoints = BasisPoints(2_000);

/// Everything that differs from what is known of one incident.
fn surprises(model: &Path, known: &Value) -> Vec<String> {
    let source = Source::read(model, 0, 1 << 20).expect("the model is readable");
    let estate = Estate::parse(&source, AS_OF).unwrap_or_else(|faults| panic!("{}: {faults:#?}", model.display()));
    let coverage = Coverage::of(&estate, Policy::shipped(), AS_OF);
    let graph = ExposureGraph::build(&estate, &coverage, Policy::shipped());
    let words = |key: &str| -> Vec<String> {
        known[key].as_array().into_iter().flatten().map(|word| word.as_str().expect("a text").to_owned()).collect()
    };
    let mut exposed: BTreeSet<String> = BTreeSet::new();
    for gap in words("gaps") {
        let target = Target::parse(&graph, &gap).unwrap_or_else(|error| panic!("{}: {error:?}", model.display()));
        let radius = analysis::blast_radius(&graph, target, Semiring::Product, THRESHOLD);
        exposed.extend(radius.systems.iter().map(|system| estate.system(system.system).id.clone()));
        exposed.extend(radius.states.iter().map(|state| crate::answers::name(&graph, state.state)));
    }
    let missing = ["must_expose", "must_expose_layers"].into_iter().flat_map(words).filter(|word| !exposed.contains(word));
    let missing = missing.map(|word| format!("{}: {word} is not exposed", model.display()));
    let excess = ["must_not_expose", "must_not_expose_layers"].into_iter().flat_map(words).filter(|word| exposed.contains(word));
    let excess = excess.map(|word| format!("{}: {word} is exposed", model.display()));
    // A name that the model does not know would never be exposed.
    let unknown = ["must_not_expose", "must_not_expose_layers"].into_iter().flat_map(words);
    let unknown = unknown.filter(|word| estate.find_system(word.rsplit_once(':').map_or(word.as_str(), |parts| parts.0)).is_none());
    let unknown = unknown.map(|word| format!("{}: {word} is not in the model", model.display()));
    missing.chain(excess).chain(unknown).collect()
}

#[test]
fn the_shipped_incidents_expose_what_they_exposed_and_nothing_that_held() {
    let graphs = Path::new(env!("CARGO_MANIFEST_DIR")).join("graphs");
    let known = json(&std::fs::read_to_string(graphs.join("expected.json")).expect("the expectations are readable"));
    let incidents = known.as_object().expect("a map");
    assert_eq!(incidents.len(), 12);
    let folder = graphs.join("incidents");
    let wrong: Vec<String> = incidents.iter().flat_map(|(name, known)| surprises(&folder.join(format!("{name}.yaml")), known)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn incidents_expose_what_they_exposed_and_nothing_that_held() {
    let Some(folder) = shared("incidents", "incidents_expose_what_they_exposed_and_nothing_that_held") else { return };
    let known = json(&std::fs::read_to_string(folder.join("expect.json")).expect("the expectations are readable"));
    let incidents = known.as_object().expect("a map");
    let wrong: Vec<String> = incidents.iter().flat_map(|(name, known)| surprises(&folder.join(format!("{name}.yaml")), known)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let models = std::fs::read_dir(&folder).expect("the folder is readable").filter_map(Result::ok);
    let models = models.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "yaml")).count();
    assert_eq!(models, incidents.len(), "every model has expectations");
}
