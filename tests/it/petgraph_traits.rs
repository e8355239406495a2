//! petgraph's algorithms run on the exposure graph through its visit traits, and agree with the library and with brute force.

use crate::laws::{cases, connected};
use crate::world::{Random, World};
use petgraph::algo::dominators::simple_fast;
use petgraph::algo::{dijkstra, has_path_connecting, is_cyclic_directed, kosaraju_scc, tarjan_scc, toposort};
use petgraph::visit::{
    Bfs, EdgeCount, EdgeRef, IntoEdgeReferences, IntoEdges, IntoEdgesDirected, IntoNodeIdentifiers, NodeCount, Reversed, Walker,
};
use proptest::prelude::*;
use std::collections::BTreeSet;
use weaklink::catalog::{BasisPoints, End};
use weaklink::graph::{ExposureGraph, Semiring, State, solve, solve_reverse};

/// Whatever an arc's factor is, as long as it is above 0.
const ANY: Semiring = Semiring::Reach { threshold: BasisPoints(0) };

/// The states that `from` reaches, itself included, if `removed` is not there.
fn reached(graph: &ExposureGraph<'_>, from: State, removed: Option<State>) -> BTreeSet<State> {
    let mut seen = BTreeSet::new();
    let mut waiting = vec![from];
    while let Some(state) = waiting.pop() {
        if Some(state) != removed && seen.insert(state) {
            waiting.extend(graph.arcs_from(state).map(|arc| arc.to));
        }
    }
    seen
}

fn sorted(components: Vec<Vec<State>>) -> BTreeSet<BTreeSet<State>> {
    components.into_iter().map(|component| component.into_iter().collect()).collect()
}

proptest! {
    #![proptest_config(cases(120))]

    #[test]
    fn dominators_are_the_states_whose_removal_disconnects(model in connected(), seed in any::<u64>()) {
        let world = World::of(&model);
        let graph = world.graph();
        let root = Random(seed).pick(&graph.states().collect::<Vec<_>>());
        let dominators = simple_fast(&graph, root);
        let all = reached(&graph, root, None);
        let cut: Vec<(State, BTreeSet<State>)> = all.iter().map(|&state| (state, reached(&graph, root, Some(state)))).collect();
        for &state in &all {
            let wanted: BTreeSet<State> = cut.iter().filter(|(removed, left)| *removed == state || !left.contains(&state)).map(|(removed, _)| *removed).collect();
            let found: BTreeSet<State> = dominators.dominators(state).expect("the state is reached").collect();
            prop_assert_eq!(found, wanted, "{:?} from {:?}", state, root);
        }
        prop_assert!(graph.states().filter(|state| !all.contains(state)).all(|state| dominators.dominators(state).is_none()));
    }

    #[test]
    fn dijkstra_on_logarithms_finds_the_products_of_the_solver(model in connected(), seed in any::<u64>()) {
        let world = World::of(&model);
        let graph = world.graph();
        let root = Random(seed).pick(&graph.states().collect::<Vec<_>>());
        let forward = dijkstra(&graph, root, None, |arc| -arc.weight().ln());
        let backward = dijkstra(Reversed(&graph), root, None, |arc| -arc.weight().ln());
        let solved = [
            (forward, solve(&graph, &[(root, 1.0)], Semiring::Product, End::High)),
            (backward, solve_reverse(&graph, &[(root, 1.0)], Semiring::Product, End::High)),
        ];
        for (costs, values) in solved {
            for state in graph.states() {
                let value = costs.get(&state).map_or(0.0, |cost| f64::exp(-cost));
                prop_assert!((value - values[state.index()]).abs() <= 1e-9, "{state:?}: {value}");
            }
        }
    }

    #[test]
    fn components_are_the_states_that_reach_each_other(model in connected()) {
        let world = World::of(&model);
        let graph = world.graph();
        let reach: Vec<(State, Vec<f64>)> = graph.states().map(|state| (state, solve(&graph, &[(state, 1.0)], ANY, End::High))).collect();
        let mutual = |(state, values): &(State, Vec<f64>)| -> BTreeSet<State> {
            reach.iter().filter(|(other, back)| values[other.index()] > 0.0 && back[state.index()] > 0.0).map(|(other, _)| *other).collect()
        };
        let wanted: BTreeSet<BTreeSet<State>> = reach.iter().map(mutual).collect();
        prop_assert_eq!(&sorted(tarjan_scc(&graph)), &wanted);
        prop_assert_eq!(&sorted(kosaraju_scc(&graph)), &wanted);
        let has_circle = wanted.iter().any(|component| component.len() > 1);
        prop_assert_eq!(is_cyclic_directed(&graph), has_circle);
        let order = toposort(&graph, None);
        prop_assert_eq!(order.is_err(), has_circle);
        if let Ok(order) = order {
            let place = |state: State| order.iter().position(|other| *other == state);
            prop_assert!(graph.edge_references().all(|arc| place(arc.source()) < place(arc.target())));
        }
    }

    #[test]
    fn searches_reach_what_the_solver_reaches(model in connected(), seed in any::<u64>()) {
        let world = World::of(&model);
        let graph = world.graph();
        let states: Vec<State> = graph.states().collect();
        let root = Random(seed).pick(&states);
        let solved = solve(&graph, &[(root, 1.0)], ANY, End::High);
        let wanted: BTreeSet<State> = states.iter().copied().filter(|state| solved[state.index()] > 0.0).collect();
        prop_assert_eq!(&Bfs::new(&graph, root).iter(&graph).collect::<BTreeSet<_>>(), &wanted);
        prop_assert_eq!(&reached(&graph, root, None), &wanted);
        for &state in &states {
            prop_assert_eq!(has_path_connecting(&graph, root, state, None), wanted.contains(&state));
        }
    }

    #[test]
    fn every_trait_tells_of_the_same_arcs(model in connected()) {
        let world = World::of(&model);
        let graph = world.graph();
        let states: Vec<State> = graph.states().collect();
        prop_assert_eq!((&graph).node_identifiers().collect::<Vec<_>>(), states.clone());
        prop_assert_eq!(graph.node_count(), states.len());
        prop_assert_eq!(graph.edge_count(), graph.edge_references().count());
        let mut leaving: Vec<_> = states.iter().flat_map(|&state| graph.edges(state)).map(|arc| (arc.source(), arc.target(), arc.id().connection, arc.id().rule)).collect();
        let mut entering: Vec<_> = states
            .iter()
            .flat_map(|&state| graph.edges_directed(state, petgraph::Direction::Incoming))
            .map(|arc| (arc.source(), arc.target(), arc.id().connection, arc.id().rule))
            .collect();
        leaving.sort_unstable();
        entering.sort_unstable();
        prop_assert_eq!(leaving, entering);
        for arc in graph.edge_references() {
            prop_assert_eq!(*arc.weight(), graph.factor(&arc.id(), End::High).value);
        }
    }
}
