//! Paths: witnesses that stand alone, the k best paths against brute force, and every semiring against simple paths.

use crate::laws::{cases, connected, estate};
use crate::path_graph::{Edge, PathGraph, node};
use crate::world::{Random, World};
use crate::{answers, oracle};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use weaklink::analysis::{self, Target};
use weaklink::catalog::{BasisPoints, End};
use weaklink::graph::{Arc, ExposureGraph, Semiring, State, solve};

const SEMIRINGS: [Semiring; 3] = [Semiring::Product, Semiring::Bottleneck, Semiring::Reach { threshold: BasisPoints(4_000) }];

/// What makes one path differ from another.
type Key = (State, Vec<(State, Option<u32>, u16)>);

fn key(start: State, arcs: &[Arc]) -> Key {
    (start, arcs.iter().map(|arc| (arc.to, arc.connection.map(|ix| ix.0), arc.rule.0)).collect())
}

/// Every simple path between two sets of states, states of `starts` only as starts and of `goals` only as ends, with
/// its value; none if there are more than `limit`.
fn simple_paths(graph: &ExposureGraph<'_>, starts: &[State], goals: &[State], semiring: Semiring, limit: usize) -> Option<Vec<(Key, f64)>> {
    struct Walk<'a> {
        graph: &'a ExposureGraph<'a>,
        starts: &'a [State],
        goals: &'a [State],
        semiring: Semiring,
        steps_left: usize,
        found: Vec<(Key, f64)>,
    }
    impl Walk<'_> {
        fn go(&mut self, start: State, at: State, value: f64, arcs: &mut Vec<Arc>) -> Option<()> {
            self.steps_left = self.steps_left.checked_sub(1)?;
            if self.goals.contains(&at) {
                self.found.push((key(start, arcs), value));
                return Some(());
            }
            let leaving: Vec<Arc> = self.graph.arcs_from(at).collect();
            for arc in leaving {
                let extended = self.semiring.extend(value, self.graph.factor(&arc, End::High).value);
                let is_new = arc.to != start && arcs.iter().all(|before| before.to != arc.to);
                if is_new && extended > 0.0 && !self.starts.contains(&arc.to) {
                    arcs.push(arc);
                    self.go(start, arc.to, extended, arcs)?;
                    arcs.pop();
                }
            }
            Some(())
        }
    }
    let starts: Vec<State> = starts.iter().copied().filter(|start| !goals.contains(start)).collect();
    let mut walk = Walk { graph, starts: &starts, goals, semiring, steps_left: limit, found: Vec::new() };
    for &start in &starts {
        walk.go(start, start, 1.0, &mut Vec::new())?;
    }
    walk.found.sort_by(|left, right| right.1.total_cmp(&left.1));
    Some(walk.found)
}

/// Holds the k best paths against all simple paths.
fn check_best_paths(graph: &ExposureGraph<'_>, from: Target, to: Target, semiring: Semiring, limit: usize) -> Result<(), TestCaseError> {
    let (starts, goals) = (from.states(graph), to.states(graph));
    let Some(all) = simple_paths(graph, &starts, &goals, semiring, limit) else { return Ok(()) };
    for count in [1, 3, all.len() + 3] {
        if count > 40 && all.len() > 40 {
            continue;
        }
        let best = analysis::best_paths(graph, from, to, semiring, count);
        prop_assert_eq!(best.len(), count.min(all.len()));
        let keys: BTreeSet<Key> = best.iter().map(|path| key(path.start, &path.arcs)).collect();
        prop_assert_eq!(keys.len(), best.len(), "a path twice");
        for (path, (_, wanted)) in best.iter().zip(&all) {
            prop_assert!((path.high - wanted).abs() <= 1e-12, "{} instead of {wanted}", path.high);
            let end_to_end = |end| path.arcs.iter().fold(1.0, |value, arc| semiring.extend(value, graph.factor(arc, end).value));
            prop_assert_eq!((path.low, path.high), (end_to_end(End::Low), end_to_end(End::High)));
        }
        prop_assert!(keys.iter().all(|key| all.iter().any(|(known, _)| known == key)), "a path that brute force does not know");
        if count > all.len() {
            prop_assert_eq!(keys.len(), all.len());
        }
    }
    if starts.iter().all(|start| !goals.contains(start)) {
        let radius = analysis::blast_radius(graph, from, semiring, BasisPoints(0));
        let exposed = radius.states.iter().filter(|exposed| goals.contains(&exposed.state)).map(|exposed| exposed.exposure.high);
        let first = analysis::best_paths(graph, from, to, semiring, 1).first().map_or(0.0, |path| path.high);
        prop_assert!((exposed.fold(0.0, f64::max) - first).abs() <= 1e-12);
    }
    Ok(())
}

const NODES: [&str; 7] = ["a", "b", "c", "d", "e", "f", "g"];

/// A small directed graph with many ties: node count, edges, and the seeds of two nodes.
fn small_graph() -> impl Strategy<Value = PathGraph> {
    let factor = prop::sample::select(vec![1.0, 1.0, 0.9, 0.8, 0.5, 0.5, 0.4, 0.1]);
    (2..=7_usize).prop_flat_map(move |nodes| {
        let edge =
            (0..nodes, 1..nodes, factor.clone()).prop_map(move |(from, step, factor)| (NODES[from], NODES[(from + step) % nodes], factor));
        prop::collection::vec(edge, 1..14)
            .prop_map(move |edges: Vec<Edge<'_>>| PathGraph::new(&NODES[..nodes], &edges, &[("a", 1.0), ("b", 0.7)]))
    })
}

impl std::fmt::Debug for PathGraph {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "levels {:?} {}", self.policy.levels, self.model)
    }
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn the_best_paths_of_a_small_graph_are_those_of_brute_force(given in small_graph(), whole_system in any::<bool>()) {
        let world = given.world();
        let graph = world.graph();
        let last = graph.estate.systems().iter().last().expect("a system").id.clone();
        for semiring in SEMIRINGS {
            let (from, to) = if whole_system {
                (Target::System(world.system("a")), Target::System(world.system(&last)))
            } else {
                (Target::State(node(&world, "a")), Target::State(node(&world, &last)))
            };
            check_best_paths(&graph, from, to, semiring, 20_000)?;
        }
    }

    #[test]
    fn every_semiring_solves_what_all_simple_paths_say(given in small_graph()) {
        let world = given.world();
        let graph = world.graph();
        let seeds = graph.gap_seeds(End::High);
        for semiring in SEMIRINGS {
            let solved = solve(&graph, &seeds, semiring, End::High);
            for name in graph.estate.systems().iter().map(|system| system.id.as_str()) {
                let goal = node(&world, name);
                let mut wanted = 0.0;
                for &(start, severity) in &seeds {
                    let paths = simple_paths(&graph, &[start], &[goal], Semiring::Reach { threshold: BasisPoints(0) }, 20_000).expect("a small graph");
                    let along = |path: &Key| path.1.iter().fold((start, severity), |(at, value), &(to, connection, rule)| {
                        let arc = graph.arcs_from(at).find(|arc| (arc.to, arc.connection.map(|ix| ix.0), arc.rule.0) == (to, connection, rule));
                        (to, semiring.extend(value, graph.factor(&arc.expect("the arc"), End::High).value))
                    }).1;
                    let own = if start == goal { severity } else { 0.0 };
                    wanted = paths.iter().map(|(path, _)| along(path)).fold(f64::max(wanted, own), f64::max);
                }
                prop_assert_eq!(solved[goal.index()].to_bits(), wanted.to_bits(), "{} {:?}", name, semiring);
            }
        }
    }

    #[test]
    fn changing_one_factor_by_d_moves_no_exposure_by_more_than_d(edges in prop::collection::vec((0..6_usize, 1..6_usize, 0..1_000_u32), 1..=11), to in 0..1_000_u32) {
        let mut factors: Vec<u32> = Vec::new();
        // Every edge has a factor of its own, so that one level is one factor.
        let distinct: Vec<(usize, usize, u32)> = edges.into_iter().filter(|edge| !factors.contains(&edge.2) && { factors.push(edge.2); edge.2 != to }).collect();
        prop_assume!(!distinct.is_empty());
        let exposures = |first: u32| {
            let factor = |ix: usize, thousandths: u32| f64::from(if ix == 0 { first } else { thousandths }) / 1_000.0;
            let edges: Vec<Edge<'_>> = distinct.iter().enumerate().map(|(ix, edge)| (NODES[edge.0], NODES[(edge.0 + edge.1) % 6], factor(ix, edge.2))).collect();
            let given = PathGraph::new(&NODES[..6], &edges, &[("a", 1.0), ("c", 0.9)]);
            let world = given.world();
            let graph = world.graph();
            SEMIRINGS[..2].iter().map(|&semiring| crate::path_graph::values(&graph, semiring)).collect::<Vec<_>>()
        };
        let (before, after) = (exposures(distinct[0].2), exposures(to));
        let d = (f64::from(distinct[0].2) - f64::from(to)).abs() / 1_000.0;
        for (before, after) in before.iter().zip(&after) {
            prop_assert!(before.values().zip(after.values()).all(|(before, after)| (before - after).abs() <= d + 1e-12));
        }
    }
}

proptest! {
    #![proptest_config(cases(120))]

    #[test]
    fn the_best_paths_of_an_estate_are_those_of_brute_force(given in estate(), seed in any::<u64>()) {
        let world = World::of(&given);
        let graph = world.graph();
        let mut random = Random(seed);
        let targets = answers::targets(&graph);
        let mut pick = || Target::parse(&graph, &targets[random.below(targets.len())]).expect("a target");
        let (from, to) = (pick(), pick());
        for semiring in SEMIRINGS {
            check_best_paths(&graph, from, to, semiring, 20_000)?;
        }
    }

    #[test]
    fn a_witness_path_alone_still_exposes_its_target(given in connected(), seed in any::<u64>()) {
        let mut model: Value = (*given).clone();
        // Explicit ids, so that a connection keeps its id when others go.
        let connections = model["connections"].as_array().expect("a list").clone();
        model["connections"] = oracle::connection_ids(&connections)
            .into_iter()
            .map(|(id, connection)| {
                let mut connection = connection.clone();
                connection["id"] = json!(id);
                connection
            })
            .collect();
        let world = World::of(&model);
        let graph = world.graph();
        let mut random = Random(seed);
        let states: Vec<State> = graph.states().collect();
        let origin = random.pick(&states);
        let radius = analysis::blast_radius(&graph, Target::State(origin), Semiring::Product, BasisPoints(1));
        let exposed = radius.states[random.below(radius.states.len())];
        check_alone(&model, &graph, &radius.path(exposed.state), origin, exposed.state, |alone, from, to| {
            solve(alone, &[(from, 1.0)], Semiring::Product, End::High)[to.index()] == exposed.exposure.high
        })?;

        let posture = analysis::posture(&graph);
        let target = random.pick(&states);
        let high = posture.exposure(target).high;
        if high > 0.0 {
            let path = posture.witness().path(target);
            let gap = posture.witness().origin(target);
            check_alone(&model, &graph, &path, gap, target, |alone, from, to| {
                solve(alone, &[(from, alone.severity(from, End::High))], Semiring::Product, End::High)[to.index()] == high
            })?;
        }
    }
}

/// Reads the model with nothing but the systems and connections of one path, and asks `holds` about its two ends.
fn check_alone(
    model: &Value,
    graph: &ExposureGraph<'_>,
    path: &[Arc],
    from: State,
    to: State,
    holds: impl Fn(&ExposureGraph<'_>, State, State) -> bool,
) -> Result<(), TestCaseError> {
    let id = |state: State| graph.estate.system(state.system()).id.as_str();
    let systems: BTreeSet<&str> = path.iter().flat_map(|arc| [id(arc.from), id(arc.to)]).chain([id(from), id(to)]).collect();
    let connections: BTreeSet<&str> =
        path.iter().filter_map(|arc| arc.connection).map(|ix| graph.estate.connection(ix).id.as_str()).collect();
    let mut alone = model.clone();
    let keep = |alone: &mut Value, key: &str, ids: &BTreeSet<&str>| {
        alone[key].as_array_mut().expect("a list").retain(|entry| entry["id"].as_str().is_some_and(|id| ids.contains(id)));
    };
    keep(&mut alone, "systems", &systems);
    keep(&mut alone, "connections", &connections);
    let world = World::of(&alone);
    let reduced = world.graph();
    let there = |state: State| world.state(id(state), state.layer());
    prop_assert!(
        holds(&reduced, there(from), there(to)),
        "{} alone does not expose {}",
        answers::name(graph, from),
        answers::name(graph, to)
    );
    Ok(())
}

/// A circle of arcs that take nothing away lay on the way of a greedy walk, which stopped in it and reported 1.0.
#[test]
fn exposure_of_is_not_lost_in_a_circle_of_certain_arcs() {
    let given = PathGraph::new(&["a", "b", "t"], &[("a", "b", 1.0), ("b", "a", 1.0), ("a", "t", 0.5)], &[]);
    let world = given.world();
    let graph = world.graph();
    let exposure = analysis::exposure_of(&graph, Target::State(node(&world, "t")), Semiring::Product, BasisPoints(1));
    let found: Vec<(String, f64, u32)> =
        exposure.states.iter().map(|exposed| (answers::name(&graph, exposed.state), exposed.exposure.high, exposed.hops)).collect();
    assert_eq!(found, [("a:data".to_owned(), 0.5, 1), ("b:data".to_owned(), 0.5, 2), ("t:data".to_owned(), 1.0, 0)]);
}
