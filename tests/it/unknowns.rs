//! What an unknown is worth is what the model lacks once it states that fact at its best.

use crate::choke::position;
use crate::completion::{Turn, complete_layer, half_owner, plain};
use crate::edits;
use crate::laws::{cases, connected};
use crate::world::World;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use weaklink::analysis::{self, Unknown, Worth};
use weaklink::catalog::points;
use weaklink::graph::State;

/// The model with one fact stated at its best.
fn stated(model: &Value, world: &World<'_>, worth: &Worth) -> Value {
    let mut stated = model.clone();
    let connection = |ix| position(model, &world.estate.connection(ix).id);
    match worth.unknown {
        Unknown::Layer(state) => complete(&mut stated, world, state),
        Unknown::System(system_ix) => world.graph().states_of(system_ix).for_each(|state| complete(&mut stated, world, state)),
        Unknown::Setting(system_ix, setting) => {
            let system = world.estate.system(system_ix);
            let name = system.service.expect("a setting is a service's").settings()[setting];
            let entry = edits::named(&mut stated, "systems", &system.id).expect("the system");
            entry["settings"][name] = json!(worth.best.as_deref().unwrap_or("some other"));
        }
        Unknown::Facing(system_ix) => {
            edits::named(&mut stated, "systems", &world.estate.system(system_ix).id).expect("the system")["facing"] = json!(worth.best);
        }
        Unknown::Criticality(system_ix) => {
            edits::named(&mut stated, "systems", &world.estate.system(system_ix).id).expect("the system")["criticality"] =
                json!(worth.best);
        }
        Unknown::Controls(connection_ix) => {
            let entry = &mut edits::list(&mut stated, "connections")[connection(connection_ix)];
            for control in entry["controls"].as_array_mut().expect("controls").iter_mut().filter(|control| control["status"] == "unknown") {
                control["status"] = json!("implemented");
            }
        }
        Unknown::Certainty(connection_ix) => {
            edits::list(&mut stated, "connections").remove(connection(connection_ix));
        }
    }
    stated
}

fn complete(model: &mut Value, world: &World<'_>, state: State) {
    let coverage = world.coverage.layer(state.system(), state.layer()).expect("the layer exists");
    let system = edits::named(model, "systems", &world.estate.system(state.system()).id).expect("the system");
    if system["layers"].is_null() {
        system["layers"] = json!({});
    }
    let claim = system["layers"].as_object_mut().expect("a map").entry(state.layer().id()).or_insert_with(|| json!({}));
    complete_layer(claim, &coverage, world, half_owner(world, state.system()), &mut Turn::Well);
}

fn figures(model: &Value) -> (u64, u8) {
    let world = World::of(model);
    let graph = world.graph();
    let posture = analysis::posture(&graph);
    (points(posture.risk_points.high), posture.posture.low)
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn an_unknown_is_worth_what_the_model_lacks_that_states_it(model in connected()) {
        let model = plain(&model);
        let world = World::of(&model);
        let graph = world.graph();
        let unknowns = analysis::unknowns(&graph, &|_, _| ());
        let before = figures(&model);
        prop_assert_eq!((points(unknowns.risk), unknowns.posture), before);
        for worth in unknowns.facts.iter().chain(&unknowns.systems) {
            // A setting that is worth nothing may be one that no value of makes better.
            if matches!(worth.unknown, Unknown::Setting(..)) && worth.removes == 0 {
                continue;
            }
            let after = figures(&stated(&model, &world, worth));
            prop_assert!(after.0 <= before.0, "{:?} makes worse", worth);
            prop_assert_eq!((worth.removes, worth.posture), (before.0 - after.0, after.1), "{:?}", worth);
        }
        for list in [&unknowns.facts, &unknowns.systems] {
            prop_assert!(list.is_sorted_by(|left, right| left.removes >= right.removes));
        }
        // What is not listed would take nothing away.
        let listed: BTreeSet<Unknown> = unknowns.facts.iter().map(|worth| worth.unknown).collect();
        for state in graph.states().filter(|&state| !listed.contains(&Unknown::Layer(state))) {
            let mut done = model.clone();
            complete(&mut done, &world, state);
            prop_assert_eq!(figures(&done).0, before.0, "{:?}", state);
        }
    }
}

#[test]
fn generated_estates_show_every_kind_of_unknown() {
    let mut seen = BTreeSet::new();
    for seed in 0..80 {
        let model = crate::generate::estate(seed, 5);
        let world = World::of(&model);
        let unknowns = analysis::unknowns(&world.graph(), &|_, _| ());
        seen.extend(unknowns.facts.iter().chain(&unknowns.systems).filter(|worth| worth.removes > 0).map(|worth| match worth.unknown {
            Unknown::Layer(_) => "layer",
            Unknown::Setting(..) => "setting",
            Unknown::Facing(_) => "facing",
            Unknown::Criticality(_) => "criticality",
            Unknown::Controls(_) => "controls",
            Unknown::Certainty(_) => "certainty",
            Unknown::System(_) => "system",
        }));
    }
    for kind in ["layer", "facing", "criticality", "controls", "certainty", "system"] {
        assert!(seen.contains(kind), "no unknown {kind} is worth anything: {seen:?}");
    }
}
