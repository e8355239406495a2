//! Why-not against brute force: everything that can hold is let go in the model itself, one after the other.

use crate::edits::{self, plain};
use crate::laws::{cases, connected};
use crate::oracle::connection_ids;
use crate::world::{POLICY, Random, World, policy};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use weaklink::analysis::{self, Answer, Target};
use weaklink::catalog::{BasisPoints, ConnectionKind, Direction, End, Layer, Profile};
use weaklink::estate::ConnectionIx;
use weaklink::graph::{Arc, ExposureGraph, Hold, RuleIx, State, TransferRule};

/// Everything that could hold anywhere.
fn all_holds(graph: &ExposureGraph<'_>) -> Vec<Hold> {
    let mut holds: BTreeSet<Hold> = graph.states().map(Hold::Layer).collect();
    for (ix, connection) in graph.estate.connections().iter().enumerate() {
        let connection_ix = ConnectionIx(ix as u32);
        holds.extend((0..connection.controls.len()).map(|control| Hold::Control(connection_ix, control)));
        if connection.kind == ConnectionKind::Feeds && !connection.copy {
            holds.insert(Hold::Copy(connection_ix));
        }
    }
    for (ix, climb) in graph.policy.climb.iter().enumerate() {
        if !graph.policy.profiles.contains(&climb.profile) {
            holds.insert(Hold::Rule(RuleIx(ix as u16)));
        }
    }
    let there: BTreeSet<Arc> = graph.states().flat_map(|state| graph.arcs_from(state)).collect();
    holds.extend(bounded(graph).into_iter().filter(|arc| !there.contains(arc)).map(Hold::Boundary));
    holds.into_iter().collect()
}

/// The arcs that the ownership boundary may keep away: all climbs, and what a host hands down.
fn bounded(graph: &ExposureGraph<'_>) -> Vec<Arc> {
    let mut arcs = Vec::new();
    for system_ix in graph.estate.system_ixs() {
        for (ix, climb) in graph.policy.climb.iter().enumerate() {
            let (from, to) = (State::new(system_ix, climb.from), State::new(system_ix, climb.to));
            arcs.push(Arc { from, to, rule: RuleIx(ix as u16), connection: None });
        }
    }
    for (connection, ix) in graph.estate.connections().iter().zip(0..).filter(|(connection, _)| connection.kind == ConnectionKind::Hosts) {
        for (cross, rule) in graph.policy.cross.iter().zip(graph.policy.climb.len() as u16..) {
            if cross.kind == ConnectionKind::Hosts && matches!(cross.to, Layer::Os | Layer::Applications) {
                let is_reverse = cross.direction == Direction::Reverse;
                let (start, end) = if is_reverse { (connection.to, connection.from) } else { (connection.from, connection.to) };
                let (from, to) = (State::new(start, cross.from), State::new(end, cross.to));
                arcs.push(Arc { from, to, rule: RuleIx(rule), connection: Some(ConnectionIx(ix)) });
            }
        }
    }
    arcs.retain(|arc| graph.contains(arc.from) && graph.contains(arc.to));
    arcs
}

/// The exposure of the goals by a failure of the starts, while these holds are let go: in the model where it says them, in
/// the policy where that does, and by arcs of their own where the ownership boundary keeps them away.
fn without(model: &Value, graph: &ExposureGraph<'_>, holds: &[Hold], starts: &[State], goals: &[State]) -> f64 {
    let (mut edited, mut text) = (model.clone(), POLICY.clone());
    let ids = connection_ids(model["connections"].as_array().map_or(&[], Vec::as_slice));
    let position = |connection_ix: ConnectionIx| {
        let entry = ids[&graph.estate.connection(connection_ix).id];
        model["connections"]
            .as_array()
            .expect("a list")
            .iter()
            .position(|connection| std::ptr::eq(connection, entry))
            .expect("the connection")
    };
    // The last control of a connection goes first, so that the others keep their places.
    for hold in holds.iter().rev() {
        match *hold {
            Hold::Layer(state) => {
                let system = edits::named(&mut edited, "systems", &graph.estate.system(state.system()).id).expect("the system");
                system["layers"][state.layer().id()] = json!({ "status": "not-implemented" });
            }
            Hold::Control(connection_ix, control) => {
                edits::list(&mut edited, "connections")[position(connection_ix)]["controls"]
                    .as_array_mut()
                    .expect("a list")
                    .remove(control);
            }
            Hold::Copy(connection_ix) => edits::list(&mut edited, "connections")[position(connection_ix)]["copy"] = json!(true),
            // Of the profiles that are on, none but `up` is bounded otherwise than this one.
            Hold::Rule(rule) => text["climb"][usize::from(rule.0)]["profile"] = json!("govern"),
            Hold::Boundary(_) => {}
        }
    }
    let policy = policy(&text);
    let world = World::of_texts(&[&edited.to_string()], &policy);
    let edited = world.graph();
    let mut arcs: BTreeSet<Arc> = edited.states().flat_map(|state| edited.arcs_from(state)).collect();
    arcs.retain(|arc| arc.connection.is_none());
    // Connections may be numbered otherwise in the edited model; only their factors count.
    let crossing = edited.states().flat_map(|state| edited.arcs_from(state)).filter(|arc| arc.connection.is_some());
    let mut weighted: Vec<(State, State, f64)> = crossing.map(|arc| (arc.from, arc.to, edited.factor(&arc, End::High).value)).collect();
    for hold in holds {
        if let Hold::Boundary(arc) = *hold {
            let is_on = match edited.rule(arc.rule) {
                TransferRule::Climb(climb) => edited.policy.profiles.contains(&climb.profile),
                TransferRule::Cross(_) => true,
            };
            if arc.connection.is_none() && is_on {
                arcs.insert(arc);
            } else if is_on {
                // A host's connection has the same controls, or fewer.
                let same = |other: &ConnectionIx| {
                    let (own, others) = (graph.estate.connection(arc.connection.expect("a host")), edited.estate.connection(*other));
                    own.from == others.from && own.to == others.to && own.kind == others.kind
                };
                let twins = (0..edited.estate.connections().len() as u32).map(ConnectionIx).filter(same);
                weighted
                    .extend(twins.map(|twin| (arc.from, arc.to, edited.factor(&Arc { connection: Some(twin), ..arc }, End::High).value)));
            }
        }
    }
    weighted.extend(arcs.iter().map(|arc| (arc.from, arc.to, edited.factor(arc, End::High).value)));
    let mut values = vec![0.0_f64; edited.state_bound()];
    for start in starts {
        values[start.index()] = 1.0;
    }
    loop {
        let before = values.clone();
        for &(from, to, factor) in &weighted {
            values[to.index()] = values[to.index()].max(values[from.index()] * factor);
        }
        if values == before {
            return goals.iter().map(|goal| values[goal.index()]).fold(0.0, f64::max);
        }
    }
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn what_is_load_bearing_alone_exposes_and_nothing_else_does(model in connected(), seed in any::<u64>()) {
        let mut model = plain(&model);
        // Two hosts of one system, or two ways of one kind, would be told apart by their numbers only.
        let mut seen = BTreeSet::new();
        edits::list(&mut model, "connections").retain(|connection| seen.insert((connection["from"].to_string(), connection["kind"].to_string(), connection["to"].to_string())));
        let world = World::of(&model);
        let graph = world.graph();
        prop_assert!(!graph.policy.profiles.contains(&Profile::Escape), "escape is off");
        let mut random = Random(seed);
        let states: Vec<State> = graph.states().collect();
        let (from, to) = (Target::State(random.pick(&states)), Target::System(random.pick(&graph.estate.system_ixs().collect::<Vec<_>>())));
        let threshold = BasisPoints(random.pick(&[300, 2_000, 5_000]));
        let Some(found) = analysis::why_not(&graph, from, to, threshold) else { return Ok(()) };
        let starts = from.states(&graph);
        let goals: Vec<State> = to.states(&graph).into_iter().filter(|goal| !starts.contains(goal)).collect();
        let exposed = |exposure: f64| exposure > 0.0 && BasisPoints::of(exposure) >= threshold;
        let holds = all_holds(&graph);
        prop_assert_eq!(found.exposure.to_bits(), without(&model, &graph, &[], &starts, &goals).to_bits());
        let everything = without(&model, &graph, &holds, &starts, &goals);
        match &found.answer {
            Answer::Exposed(..) => prop_assert!(exposed(found.exposure)),
            Answer::NoWay { reached, reaching } => {
                prop_assert_eq!(everything, 0.0);
                prop_assert!(reached.iter().all(|system_ix| !reaching.contains(system_ix)));
            }
            Answer::TooFar(_, _, unheld) => {
                prop_assert_eq!(everything.to_bits(), unheld.to_bits());
                prop_assert!(!exposed(everything) && everything > 0.0);
            }
            Answer::Held(held) => {
                prop_assert!(!exposed(found.exposure) && held.untried == 0);
                prop_assert_eq!(everything.to_bits(), held.unheld.to_bits());
                let alone = holds.iter().map(|&hold| (hold, without(&model, &graph, &[hold], &starts, &goals)));
                let alone: BTreeMap<Hold, f64> = alone.collect();
                let wanted: BTreeMap<Hold, u64> = alone.iter().filter(|(_, exposure)| exposed(**exposure)).map(|(hold, exposure)| (*hold, exposure.to_bits())).collect();
                let listed: BTreeMap<Hold, u64> = held.load_bearing.iter().map(|alone| (alone.hold, alone.exposure.to_bits())).collect();
                prop_assert_eq!(&listed, &wanted);
                for beside in &held.beside {
                    prop_assert_eq!(beside.exposure.to_bits(), alone[&beside.hold].to_bits(), "{:?}", beside.hold);
                }
                prop_assert_eq!(held.together.is_some(), wanted.is_empty());
                if let Some((set, exposure)) = &held.together {
                    prop_assert!(set.len() > 1 && exposed(*exposure));
                    prop_assert_eq!(exposure.to_bits(), without(&model, &graph, set, &starts, &goals).to_bits(), "{:?}", set);
                }
            }
        }
    }
}

#[test]
fn the_ownership_boundary_and_a_profile_can_be_load_bearing() {
    let model = json!({ "weaklink": 1, "parties": [{ "id": "acme", "kind": "customer" }], "systems": [
        { "id": "crm", "model": "saas", "provider": "vendor", "owner": "acme" },
        { "id": "erp", "model": "on-premises", "owner": "acme" },
    ] });
    let world = World::of(&model);
    let graph = world.graph();
    let load_bearing = |from: &str, to: &str| {
        let [from, to] = [from, to].map(|text| Target::parse(&graph, text).expect("a layer"));
        match analysis::why_not(&graph, from, to, BasisPoints(500)).expect("two layers").answer {
            Answer::Held(held) => held.load_bearing.into_iter().map(|alone| alone.hold).collect::<Vec<_>>(),
            answer => panic!("{answer:?}"),
        }
    };
    let boundary = load_bearing("crm:access", "crm:code");
    assert!(boundary.iter().any(|hold| matches!(hold, Hold::Boundary(_))), "{boundary:?}");
    let profile = load_bearing("erp:applications", "erp:os");
    assert!(profile.iter().any(|hold| matches!(hold, Hold::Rule(_))), "{profile:?}");
}

#[test]
fn generated_pairs_show_every_answer_and_every_kind_of_hold() {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in 0..60 {
        let model = crate::generate::estate(seed, 5);
        let world = World::of(&model);
        let graph = world.graph();
        let mut random = Random(seed);
        let systems: Vec<_> = graph.estate.system_ixs().collect();
        for _ in 0..12 {
            let (from, to) = (Target::System(random.pick(&systems)), Target::System(random.pick(&systems)));
            let threshold = BasisPoints(random.pick(&[2_000, 5_000, 9_000]));
            let Some(found) = analysis::why_not(&graph, from, to, threshold) else { continue };
            let answer = match &found.answer {
                Answer::Exposed(..) => "exposed",
                Answer::NoWay { .. } => "no way",
                Answer::TooFar(..) => "too far",
                Answer::Held(held) => {
                    for alone in &held.load_bearing {
                        let kind = match alone.hold {
                            Hold::Layer(_) => "coverage",
                            Hold::Control(..) => "control",
                            Hold::Boundary(_) => "boundary",
                            Hold::Rule(_) => "profile",
                            Hold::Copy(_) => "copy",
                        };
                        *seen.entry(kind).or_default() += 1;
                    }
                    if held.together.is_some() { "together" } else { "load-bearing" }
                }
            };
            *seen.entry(answer).or_default() += 1;
        }
    }
    for word in ["exposed", "no way", "too far", "together", "load-bearing", "coverage", "control", "copy"] {
        assert!(seen.contains_key(word), "no pair shows {word}: {seen:?}");
    }
}
