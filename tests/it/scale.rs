//! What is answered without walking every path: the same as the slow, obvious way says, and whole on long chains.

use crate::answers;
use crate::laws::{cases, connected};
use crate::world::{Random, World};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use weaklink::analysis::{self, CrossedConnection, Target};
use weaklink::catalog::{BasisPoints, End, Layer};
use weaklink::estate::{ConnectionIx, Estate};
use weaklink::graph::{Arc, ExposureGraph, FlatGraph, LANES, LaneSearch, Semiring, State, Witness, solve};
use weaklink::source::{Fault, Source};

const SEMIRINGS: [Semiring; 3] = [Semiring::Product, Semiring::Bottleneck, Semiring::Reach { threshold: BasisPoints(3_000) }];

fn pick(graph: &ExposureGraph<'_>, random: &mut Random) -> Target {
    let targets = answers::targets(graph);
    Target::parse(graph, &targets[random.below(targets.len())]).expect("a target")
}

/// The last arc of a witness as the specification words it, from all arcs into the state.
fn parent(graph: &ExposureGraph<'_>, witness: &Witness<'_>, semiring: Semiring, state: State) -> Option<Arc> {
    let before = witness.hops(state)?.checked_sub(1)?;
    graph
        .arcs_to(state)
        .filter(|arc| witness.hops(arc.from) == Some(before))
        .filter(|arc| {
            semiring.extend(witness.value(arc.from), graph.factor(arc, End::High).value).to_bits() == witness.value(state).to_bits()
        })
        .min_by_key(|arc| (arc.from, arc.connection, arc.rule))
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn a_witness_goes_by_the_smallest_tight_arcs(model in connected(), seed in any::<u64>()) {
        let world = World::of(&model);
        let graph = world.graph();
        let target = pick(&graph, &mut Random(seed));
        let seeds: Vec<(State, f64)> = target.states(&graph).into_iter().map(|state| (state, 1.0)).collect();
        for semiring in SEMIRINGS {
            let fresh = || Witness::new(&graph, solve(&graph, &seeds, semiring, End::High), &seeds, semiring, End::High);
            let witness = fresh();
            // Asked alone, when no distances are there yet, and again when the forest is.
            let single: Vec<Vec<Arc>> = graph.states().map(|state| fresh().path(state)).collect();
            for (state, single) in graph.states().zip(single) {
                prop_assert_eq!(witness.parent(state), parent(&graph, &witness, semiring, state));
                prop_assert_eq!(single, witness.path(state));
                prop_assert_eq!(witness.origin(state), witness.path(state).first().map_or(state, |arc| arc.from));
            }
        }
    }

    #[test]
    fn a_connection_has_the_systems_behind_it_whose_paths_cross_it(model in connected(), seed in any::<u64>()) {
        let world = World::of(&model);
        let graph = world.graph();
        let mut random = Random(seed);
        let target = pick(&graph, &mut random);
        let threshold = BasisPoints(random.below(4_000) as u16);
        for semiring in SEMIRINGS {
            let radius = analysis::blast_radius(&graph, target, semiring, threshold);
            let mut wanted: BTreeMap<ConnectionIx, CrossedConnection> = BTreeMap::new();
            for exposed in &radius.systems {
                let on_path: BTreeSet<ConnectionIx> = radius.path(exposed.worst).iter().filter_map(|arc| arc.connection).collect();
                for connection in on_path {
                    let entry = wanted.entry(connection).or_insert(CrossedConnection { connection, exposure: 0.0, systems: 0 });
                    entry.systems += 1;
                    entry.exposure = entry.exposure.max(exposed.exposure.high);
                }
            }
            prop_assert_eq!(&radius.connections, &wanted.into_values().collect::<Vec<_>>());
        }
    }

    #[test]
    fn exposure_is_the_product_along_the_path_at_any_threshold(model in connected(), seed in any::<u64>()) {
        let world = World::of(&model);
        let graph = world.graph();
        let mut random = Random(seed);
        let target = pick(&graph, &mut random);
        let threshold = BasisPoints(random.below(10_001) as u16);
        for semiring in SEMIRINGS {
            let all = analysis::exposure_of(&graph, target, semiring, BasisPoints(0));
            for exposed in &all.states {
                let path = all.path(exposed.state);
                let value = path.iter().fold(1.0, |value, arc| semiring.extend(value, graph.factor(arc, End::High).value));
                prop_assert_eq!((exposed.hops as usize, exposed.exposure.high.to_bits()), (path.len(), value.to_bits()));
            }
            let some = analysis::exposure_of(&graph, target, semiring, threshold);
            let wanted: Vec<_> = all.states.into_iter().filter(|exposed| BasisPoints::of(exposed.exposure.high) >= threshold).collect();
            prop_assert_eq!(some.states, wanted);
        }
    }

    #[test]
    fn whoever_asks_for_more_paths_gets_the_same_first(model in connected(), seed in any::<u64>()) {
        let world = World::of(&model);
        let graph = world.graph();
        let mut random = Random(seed);
        let (from, to) = (pick(&graph, &mut random), pick(&graph, &mut random));
        for semiring in SEMIRINGS {
            let most = analysis::best_paths(&graph, from, to, semiring, 6);
            for count in 0..6 {
                prop_assert_eq!(&analysis::best_paths(&graph, from, to, semiring, count)[..], &most[..count.min(most.len())]);
            }
        }
    }

    #[test]
    fn searches_side_by_side_give_the_bits_of_searches_one_by_one(model in connected(), seed in any::<u64>()) {
        let world = World::of(&model);
        let graph = world.graph();
        let mut random = Random(seed);
        let states: Vec<State> = graph.states().collect();
        for end in End::BOTH {
            let flat = FlatGraph::of(&graph, end);
            let mut search = LaneSearch::new(&flat);
            // The second round finds the memory as the first one left it.
            for _ in 0..2 {
                let seeds: Vec<(State, usize, f64)> = (0..random.below(30))
                    .map(|_| (random.pick(&states), random.below(LANES), random.below(1_001) as f64 / 1_000.0))
                    .collect();
                let found: BTreeMap<_, _> = search.solve(seeds.iter().copied(), 0.0).into_iter().collect();
                for lane in 0..LANES {
                    let own: Vec<(State, f64)> = seeds.iter().filter(|seed| seed.1 == lane).map(|seed| (seed.0, seed.2)).collect();
                    let values = solve(&graph, &own, Semiring::Product, end);
                    for system_ix in graph.estate.system_ixs() {
                        let wanted = graph.states_of(system_ix).map(|state| values[state.index()]).fold(0.0, f64::max);
                        let got = found.get(&system_ix).map_or(0.0, |lanes| lanes[lane]);
                        prop_assert_eq!(got.to_bits(), wanted.to_bits());
                    }
                }
            }
        }
    }
}

/// Systems in a row, each of which deploys the next.
fn chain(systems: usize) -> Value {
    let id = |ix: usize| format!("s{ix:05}");
    json!({
        "weaklink": 1,
        "systems": (0..systems).map(|ix| json!({ "id": id(ix) })).collect::<Vec<_>>(),
        "connections": (1..systems).map(|ix| json!({ "from": id(ix - 1), "to": id(ix), "kind": "deploys" })).collect::<Vec<_>>(),
    })
}

#[test]
fn a_long_chain_is_answered_whole() {
    const SYSTEMS: usize = 3_000;
    let world = World::of(&chain(SYSTEMS));
    let graph = world.graph();
    let (first, last) = (Target::System(world.system("s00000")), Target::System(world.system("s02999")));
    let radius = analysis::blast_radius(&graph, first, Semiring::Product, BasisPoints(2_000));
    let behind: Vec<usize> = radius.connections.iter().map(|crossed| crossed.systems).collect();
    assert_eq!(behind, (1..SYSTEMS).rev().collect::<Vec<_>>());
    let exposure = analysis::exposure_of(&graph, last, Semiring::Product, BasisPoints(2_000));
    assert_eq!(exposure.systems.len(), SYSTEMS);
    let paths = analysis::best_paths(&graph, first, last, Semiring::Product, 1);
    let crossed: Vec<usize> = paths.iter().map(|path| path.arcs.iter().filter(|arc| arc.connection.is_some()).count()).collect();
    assert_eq!(crossed, [SYSTEMS - 1]);
}

#[test]
fn all_spokes_of_a_hub_expose_each_other() {
    const SPOKES: usize = 3_000;
    let spokes: Vec<String> = (0..SPOKES).map(|ix| format!("s{ix:05}")).collect();
    let both_ways = spokes.iter().flat_map(|spoke| [("hub", spoke.as_str()), (spoke.as_str(), "hub")]);
    let world = World::of(&json!({
        "weaklink": 1,
        "systems": spokes.iter().map(String::as_str).chain(["hub"]).map(|id| json!({ "id": id })).collect::<Vec<_>>(),
        "connections": both_ways.map(|(from, to)| json!({ "from": from, "to": to, "kind": "deploys" })).collect::<Vec<_>>(),
    }));
    let graph = world.graph();
    let spoke = Target::State(world.state("s00000", Layer::Code));
    let radius = analysis::blast_radius(&graph, spoke, Semiring::Product, BasisPoints(2_000));
    assert_eq!(radius.systems.len(), SPOKES + 1);
    assert_eq!(radius.connections.iter().map(|crossed| crossed.systems).max(), Some(SPOKES));
    let exposure = analysis::exposure_of(&graph, spoke, Semiring::Product, BasisPoints(2_000));
    assert_eq!(exposure.systems.len(), SPOKES + 1);
}

/// The suggestions in a file of nothing but misspelt words.
fn suggestions(model: &Value) -> (usize, usize) {
    let source = Source::from_bytes("model.json".to_owned(), model.to_string().into_bytes(), 0).expect("the model is text");
    let faults = Estate::parse(&source, crate::world::AS_OF).expect_err("nothing is spelt right");
    let suggested = faults.iter().filter(|diagnostic| match &diagnostic.fault {
        Fault::UnknownWord { nearest, .. } | Fault::Undefined { nearest, .. } => nearest.is_some(),
        _ => false,
    });
    (suggested.count(), faults.iter().count())
}

#[test]
fn a_hopeless_file_gets_suggestions_for_its_first_words_only() {
    let hopeless = |systems: usize| {
        let id = |ix: usize| format!("{}{ix:05}", "module.network.".repeat(8));
        let systems: Vec<String> = (0..systems).map(id).collect();
        let misspelt = systems.iter().map(|id| id.replacen("network", "netwrok", 1));
        json!({
            "weaklink": 1,
            "systems": systems.iter().map(|id| json!({ "id": id })).collect::<Vec<_>>(),
            "connections": misspelt.zip(&systems).map(|(from, to)| json!({ "from": from, "to": to, "kind": "feeds" })).collect::<Vec<_>>(),
        })
    };
    assert_eq!(suggestions(&hopeless(20)), (20, 20));
    let (suggested, all) = suggestions(&hopeless(2_000));
    assert_eq!(all, 2_000);
    assert!((5..50).contains(&suggested), "{suggested}");
}

#[test]
fn a_word_of_a_million_characters_is_refused_without_a_suggestion() {
    let model = json!({ "weaklink": 1, "systems": [{ "id": "a", "service": "aws.lambda".repeat(100_000) }, { "id": "b", "service": "aws.lamda" }] });
    assert_eq!(suggestions(&model), (1, 2));
}
