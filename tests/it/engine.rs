//! The engine against the plain searches: the same values, bit for bit, whatever the order of its work.

use crate::answers;
use crate::generate;
use crate::laws::{cases, connected};
use crate::world::{Random, World};
use proptest::prelude::*;
use serde_json::{Value, json};
use weaklink::analysis::Target;
use weaklink::catalog::{BasisPoints, Certainty, End, Interval, Layer};
use weaklink::engine::{Engine, Search, Trial};
use weaklink::estate::{Connection, ConnectionIx};
use weaklink::graph::{Edit, ExposureGraph, Semiring, State, TwoBest, Witness, solve, solve_two_best};

const SEMIRINGS: [Semiring; 3] = [Semiring::Product, Semiring::Bottleneck, Semiring::Reach { threshold: BasisPoints(3_000) }];

/// No sweep is finished; some are; all are, or nearly.
const PATIENCE: [u64; 3] = [0, 1, 32];

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

fn engine(graph: &ExposureGraph<'_>, patience: u64) -> Engine {
    let mut engine = Engine::new(graph);
    engine.patience = patience;
    engine
}

fn agree(graph: &ExposureGraph<'_>, seeds: &[(State, f64)]) {
    for patience in PATIENCE {
        let engine = engine(graph, patience);
        for end in End::BOTH {
            for semiring in SEMIRINGS {
                let ours = engine.solve(seeds, semiring, end);
                assert_eq!(bits(&ours), bits(&solve(graph, seeds, semiring, end)), "{patience} {end:?} {semiring:?}");
            }
        }
    }
}

fn agree_on_two_best(graph: &ExposureGraph<'_>, seeds: &[(State, f64, u32)]) {
    for patience in PATIENCE {
        let engine = engine(graph, patience);
        for end in End::BOTH {
            let mut ours = vec![TwoBest::default(); graph.state_bound()];
            engine.solve_two_best(seeds, end, |system_ix, labels| {
                let first = State::new(system_ix, Layer::Physical).index();
                ours[first..first + Layer::COUNT].copy_from_slice(labels);
            });
            for (ours, plain) in ours.iter().zip(solve_two_best(graph, seeds, end)) {
                assert_eq!(bits(&ours.values), bits(&plain.values), "{patience} {end:?}");
                // Of equal values any group may be named.
                let [first, second] = ours.values;
                assert!(first == second || ours.groups[0] == plain.groups[0]);
            }
        }
    }
}

/// Searches one after the other in the same memory: nothing of an earlier one is left.
fn agree_again(graph: &ExposureGraph<'_>, all: &[Vec<(State, f64)>]) {
    let engine = Engine::new(graph);
    let mut search = Search::new(&engine);
    for (seeds, end) in all.iter().flat_map(|seeds| End::BOTH.map(|end| (seeds, end))) {
        for semiring in SEMIRINGS {
            search.solve(seeds, semiring, end);
            let wanted = solve(graph, seeds, semiring, end);
            assert_eq!(bits(&search.values()), bits(&wanted));
            for state in graph.states() {
                assert_eq!(search.value(state).to_bits(), wanted[state.index()].to_bits());
                assert!(search.greatest(state.system()) >= wanted[state.index()]);
            }
            let mut reached = vec![0.0; graph.state_bound()];
            search.each_reached(|state, value| reached[state.index()] = value);
            assert_eq!(bits(&reached), bits(&wanted));
        }
    }
}

/// Values above a bound, and whether there is one at all.
fn agree_in_part(graph: &ExposureGraph<'_>, seeds: &[(State, f64)], least: f64) {
    let engine = Engine::new(graph);
    let states: Vec<State> = seeds.iter().map(|&(state, _)| state).collect();
    for semiring in SEMIRINGS {
        for end in End::BOTH {
            let above = engine.solve_above(seeds, semiring, end, least);
            let whole = solve(graph, seeds, semiring, end);
            for (above, value) in above.iter().zip(&whole) {
                assert!(above == value || (*above == 0.0 && *value < least), "{above} {value} {least}");
            }
            let reached = engine.reach(&states, end);
            if semiring != SEMIRINGS[2] {
                for state in graph.states() {
                    assert_eq!(reached.contains(state), whole[state.index()] > 0.0);
                    assert!(!reached.contains(state) || reached.reaches(state.system()));
                }
            }
        }
    }
}

/// One part of an edit at random: a covered layer, an open one, a state that nothing passes, a connection less or a weaker one.
fn edit<'w>(world: &'w World<'_>, graph: &ExposureGraph<'_>, bare: &'w [Connection], random: &mut Random) -> Edit<'w> {
    let states: Vec<State> = graph.states().collect();
    let state = states[random.below(states.len())];
    let connections = world.estate.connections().len();
    match random.below(if connections == 0 { 3 } else { 5 }) {
        0 => Edit::System(state.system(), Box::new(world.coverage.row_covering(state.system(), [state.layer()]))),
        1 => {
            let mut row = world.coverage.row(state.system());
            if let Some(coverage) = &mut row[state.layer().index()] {
                (coverage.coverage, coverage.severity) = (Interval::ZERO, Interval::exactly(0.6));
            }
            Edit::System(state.system(), Box::new(row))
        }
        2 => Edit::Block(state),
        3 => Edit::Removal(ConnectionIx(random.below(connections) as u32)),
        _ => {
            let connection = random.below(connections);
            Edit::Connection(ConnectionIx(connection as u32), &bare[connection])
        }
    }
}

/// Trials one after the other against a whole solve of the edited graph.
fn agree_on_edits(world: &World<'_>, random: &mut Random) {
    let graph = world.graph();
    // Every connection as if nothing stood in its way, and, where it feeds, with a copy or without, whichever it is not.
    let bare: Vec<Connection> = world
        .estate
        .connections()
        .iter()
        .map(|connection| Connection { controls: Vec::new(), certainty: Certainty::Certain, copy: !connection.copy, ..connection.clone() })
        .collect();
    for end in End::BOTH {
        let seeds = graph.gap_seeds(end);
        let values = solve(&graph, &seeds, Semiring::Product, end);
        let witness = Witness::new(&graph, values.clone(), &seeds, Semiring::Product, end);
        let mut trial = Trial::new(&graph, &witness);
        for turn in 0..8 {
            let edits: Vec<Edit<'_>> = (0..=turn % 3).map(|_| edit(world, &graph, &bare, random)).collect();
            let edited = graph.with_edits(&edits);
            let solved = solve(&edited, &edited.gap_seeds(end), Semiring::Product, end);
            let others = (0..graph.state_bound()).filter(|&state| solved[state] != values[state]);
            let expected: Vec<(State, f64)> = others.map(|state| (State::from_index(state), solved[state])).collect();
            assert_eq!(trial.with(&edits), expected, "{end:?} {edits:?}");
        }
    }
}

fn by_system(seeds: &[(State, f64)]) -> Vec<(State, f64, u32)> {
    seeds.iter().map(|&(state, value)| (state, value, state.system().0)).collect()
}

fn by_state(seeds: &[(State, f64)]) -> Vec<(State, f64, u32)> {
    seeds.iter().map(|&(state, value)| (state, value, state.index() as u32)).collect()
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn gaps_of_an_estate(model in connected()) {
        let world = World::of(&model);
        let graph = world.graph();
        for end in End::BOTH {
            let seeds = graph.gap_seeds(end);
            agree(&graph, &seeds);
            agree_on_two_best(&graph, &by_system(&seeds));
            agree_on_two_best(&graph, &by_state(&seeds));
        }
    }

    #[test]
    fn a_total_failure(model in connected(), seed in any::<u64>()) {
        let world = World::of(&model);
        let graph = world.graph();
        let targets = answers::targets(&graph);
        let target = Target::parse(&graph, &targets[Random(seed).below(targets.len())]).expect("a target");
        let seeds: Vec<(State, f64)> = target.states(&graph).into_iter().map(|state| (state, 1.0)).collect();
        agree(&graph, &seeds);
        agree_in_part(&graph, &seeds, (seed % 1000) as f64 / 1000.0);
    }

    #[test]
    fn edits_that_are_tried(model in connected(), seed in any::<u64>()) {
        agree_on_edits(&World::of(&model), &mut Random(seed));
    }

    #[test]
    fn values_that_are_no_policys(model in connected(), seed in any::<u64>()) {
        let world = World::of(&model);
        let graph = world.graph();
        let mut random = Random(seed);
        let mut value = |state| (state, random.below(1_000_000) as f64 / 999_999.0);
        let seeds: Vec<(State, f64)> = graph.states().map(&mut value).filter(|seed| seed.0.index() % 3 == 0).collect();
        agree(&graph, &seeds);
        agree_on_two_best(&graph, &by_system(&seeds));
    }
}

/// What goes round keeps up nothing that has lost its source.
#[test]
fn a_circle_of_certain_arcs_falls_with_the_edit_that_cuts_it_off() {
    let system = |id: &str, status: &str| {
        let others: serde_json::Map<String, Value> =
            Layer::IDS.iter().map(|&layer| (layer.to_owned(), json!({ "status": "implemented" }))).collect();
        let mut system = json!({ "id": id, "model": "on-premises", "owner": "us", "layers": others });
        system["layers"]["code"]["status"] = json!(status);
        system["layers"]["monitoring"]["status"] = json!("not-implemented");
        system
    };
    let world = World::of(&json!({
        "weaklink": 1,
        "parties": [{ "id": "us", "kind": "customer" }],
        "systems": [system("a", "implemented"), system("b", "implemented"), system("source", "not-implemented")],
        "connections": [
            { "id": "cut", "from": "source", "to": "a", "kind": "deploys" },
            { "id": "round", "from": "a", "to": "b", "kind": "deploys" },
            { "id": "back", "from": "b", "to": "a", "kind": "deploys" },
        ],
    }));
    let graph = world.graph();
    let code = |id: &str| State::new(world.estate.find_system(id).expect("the system"), Layer::Code);
    let seeds = graph.gap_seeds(End::High);
    let values = solve(&graph, &seeds, Semiring::Product, End::High);
    assert!(values[code("a").index()] > 0.0 && values[code("a").index()].to_bits() == values[code("b").index()].to_bits());
    let witness = Witness::new(&graph, values.clone(), &seeds, Semiring::Product, End::High);
    let cut = Edit::Removal(world.estate.find_connection("cut").expect("the connection"));
    let edited = graph.with_edits(std::slice::from_ref(&cut));
    let solved = solve(&edited, &edited.gap_seeds(End::High), Semiring::Product, End::High);
    let others = (0..graph.state_bound()).filter(|&state| solved[state] != values[state]);
    let expected: Vec<(State, f64)> = others.map(|state| (State::from_index(state), solved[state])).collect();
    assert!(expected.iter().any(|(state, _)| *state == code("a")) && expected.iter().any(|(state, _)| *state == code("b")));
    assert_eq!(Trial::new(&graph, &witness).with(&[cut]), expected);
}

#[test]
fn larger_estates() {
    for seed in 0..4 {
        let world = World::of(&generate::estate(seed, 300));
        let graph = world.graph();
        let seeds = graph.gap_seeds(End::High);
        agree(&graph, &seeds);
        agree_on_two_best(&graph, &by_state(&seeds));
        for state in graph.states().step_by(97) {
            agree_in_part(&graph, &[(state, 1.0)], 0.2);
        }
        let few = graph.states().step_by(501).map(|state| vec![(state, 0.75)]).chain([seeds]);
        agree_again(&graph, &few.collect::<Vec<_>>());
        agree_on_edits(&world, &mut Random(seed));
    }
}

#[test]
fn work_is_counted_and_one_pass_is_all_of_it_once() {
    let world = World::of(&generate::estate(1, 300));
    let graph = world.graph();
    let engine = Engine::new(&graph);
    let pass = engine.relax_once(&graph.gap_seeds(End::High), End::High);
    assert_eq!((pass.visits, pass.crossings), (300, engine.crossings() as u64));
    assert_eq!(engine.parts().sum::<usize>(), 300);
    let (_, work) = engine.solve_counted(&graph.gap_seeds(End::High), Semiring::Product, End::High);
    assert!(work.visits >= 300 && work.visits < 300 * 32, "{work:?}");
}

/// What flows against the order is followed back step by step, and not left to the search best first.
#[test]
fn a_chain_that_leads_both_ways_takes_a_visit_per_system() {
    let count = 40;
    let system = |number: usize| json!({ "id": format!("s{number}"), "model": "on-premises", "owner": "us" });
    let link = |from: usize, to: usize| json!({ "from": format!("s{from}"), "to": format!("s{to}"), "kind": "holds-credentials" });
    let world = World::of(&json!({
        "weaklink": 1,
        "parties": [{ "id": "us", "kind": "customer" }],
        "systems": (0..count).map(system).collect::<Vec<_>>(),
        "connections": (1..count).flat_map(|number| [link(number - 1, number), link(number, number - 1)]).collect::<Vec<_>>(),
    }));
    let graph = world.graph();
    let visits = |first: &str, patience: u64| {
        let seeds = [(world.state(first, Layer::Access), 1.0)];
        engine(&graph, patience).solve_counted(&seeds, Semiring::Product, End::High).1.visits
    };
    assert_eq!(["s0", "s39"].map(|first| visits(first, 32)), [count as u64; 2]);
    // One of the two goes against the order.
    assert!(["s0", "s39"].map(|first| visits(first, 0)).iter().any(|&visits| visits > count as u64));
}
