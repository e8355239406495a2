//! Examples of papers and textbooks, reproduced by the library's own code wherever it offers their semantics.

use crate::path_graph::{PathGraph, node, values};
use crate::published_graphs::EXAMPLES;
use crate::world::{json, shared};
use petgraph::algo::dominators::simple_fast;
use std::collections::{BTreeMap, BTreeSet};
use weaklink::analysis::{self, Target};
use weaklink::catalog::BasisPoints;
use weaklink::graph::{Semiring, State};

fn close(left: f64, right: f64) -> bool {
    (left - right).abs() <= 1e-9
}

#[test]
fn published_graphs_have_their_published_values() {
    for example in EXAMPLES {
        let nodes: Vec<&str> = example.values.iter().map(|value| value.0).collect();
        let build = if example.is_directed { PathGraph::new } else { PathGraph::undirected };
        let given = build(&nodes, example.edges, example.seeds);
        let world = given.world();
        let graph = world.graph();
        let (product, bottleneck) = (values(&graph, Semiring::Product), values(&graph, Semiring::Bottleneck));
        let reach = values(&graph, Semiring::Reach { threshold: BasisPoints(0) });
        let posture = analysis::posture(&graph);
        for &(name, best, widest) in example.values {
            let place = format!("{} ({}), {name}", example.id, example.source);
            assert!(close(product[name], best), "{place}: product {} instead of {best}", product[name]);
            assert!(close(bottleneck[name], widest), "{place}: bottleneck {} instead of {widest}", bottleneck[name]);
            assert_eq!(reach[name] > 0.0, best > 0.0, "{place}: reach");
            let exposure = posture.exposure(node(&world, name));
            assert_eq!((exposure.low, exposure.high), (product[name], product[name]), "{place}: nothing is unknown");
        }
    }
}

/// The best path to a node, as names.
fn route(id: &str, from: &str, to: &str) -> Vec<String> {
    let example = EXAMPLES.iter().find(|example| example.id == id).expect("the example");
    let nodes: Vec<&str> = example.values.iter().map(|value| value.0).collect();
    let given = PathGraph::new(&nodes, example.edges, example.seeds);
    let world = given.world();
    let graph = world.graph();
    let name = |state: State| graph.estate.system(state.system()).id.clone();
    let (start, end) = (node(&world, from), node(&world, to));
    let radius = analysis::blast_radius(&graph, Target::State(start), Semiring::Product, BasisPoints(0));
    let witness: Vec<State> = std::iter::once(start).chain(radius.path(end).iter().map(|arc| arc.to)).collect();
    let best = analysis::best_paths(&graph, Target::State(start), Target::State(end), Semiring::Product, 1);
    let first: Vec<State> = std::iter::once(start).chain(best[0].arcs.iter().map(|arc| arc.to)).collect();
    assert_eq!(witness, first, "the witness is the best path");
    witness.into_iter().map(name).collect()
}

/// Taha, *Operations Research*, section 6.3: route 1-3-5-7 with probability 0.0675.
#[test]
fn the_most_reliable_route_is_tahas() {
    assert_eq!(route("taha-most-reliable-route", "1", "7"), ["1", "3", "5", "7"]);
}

/// Wikipedia, *Viterbi algorithm*: healthy, healthy, fever with probability 0.01512.
#[test]
fn the_most_likely_states_are_viterbis() {
    assert_eq!(route("viterbi-healthy-fever", "start", "F2"), ["start", "H0", "H1", "F2"]);
}

/// The Schulze method, example 1 (45 voters): the strength of a path is the strength of its weakest link.
#[test]
fn the_strongest_paths_are_schulzes() {
    let votes = [
        ("A", "C", 26),
        ("A", "D", 30),
        ("B", "A", 25),
        ("B", "D", 33),
        ("C", "B", 29),
        ("C", "E", 24),
        ("D", "C", 28),
        ("E", "A", 23),
        ("E", "B", 27),
        ("E", "D", 31),
    ];
    let strongest = [
        ("A", [("B", 28), ("C", 28), ("D", 30), ("E", 24)]),
        ("B", [("A", 25), ("C", 28), ("D", 33), ("E", 24)]),
        ("C", [("A", 25), ("B", 29), ("D", 29), ("E", 24)]),
        ("D", [("A", 25), ("B", 28), ("C", 28), ("E", 24)]),
        ("E", [("A", 25), ("B", 28), ("C", 28), ("D", 31)]),
    ];
    let edges: Vec<_> = votes.iter().map(|&(from, to, votes)| (from, to, f64::from(votes) / 100.0)).collect();
    let given = PathGraph::new(&["A", "B", "C", "D", "E"], &edges, &[]);
    let world = given.world();
    let graph = world.graph();
    for (from, row) in strongest {
        let radius = analysis::blast_radius(&graph, Target::State(node(&world, from)), Semiring::Bottleneck, BasisPoints(0));
        for (to, votes) in row {
            let reached = radius.states.iter().find(|exposed| exposed.state == node(&world, to)).expect("all are connected");
            assert_eq!(reached.exposure.high, f64::from(votes) / 100.0, "{from} to {to}");
        }
    }
}

/// The immediate dominator of every node but the root, by petgraph on the exposure graph itself.
fn immediate_dominators(root: &str, edges: &[(&str, &str)]) -> BTreeMap<String, String> {
    let nodes: BTreeSet<&str> = edges.iter().flat_map(|edge| [edge.0, edge.1]).collect();
    let edges: Vec<_> = edges.iter().map(|&(from, to)| (from, to, 1.0)).collect();
    let given = PathGraph::new(&nodes.into_iter().collect::<Vec<_>>(), &edges, &[]);
    let world = given.world();
    let graph = world.graph();
    let dominators = simple_fast(&graph, node(&world, root));
    let name = |state: State| graph.estate.system(state.system()).id.clone();
    graph.states().filter_map(|state| Some((name(state), name(dominators.immediate_dominator(state)?)))).collect()
}

fn pairs(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|&(node, dominator)| (node.to_owned(), dominator.to_owned())).collect()
}

/// A flow graph with the immediate dominator of every node but its root.
pub(crate) struct FlowGraph {
    pub(crate) root: &'static str,
    pub(crate) edges: &'static [(&'static str, &'static str)],
    pub(crate) dominators: &'static [(&'static str, &'static str)],
}

/// Lengauer and Tarjan, *A fast algorithm for finding dominators in a flowgraph* (1979), figures 1 and 2.
pub(crate) const LENGAUER_TARJAN: FlowGraph = FlowGraph {
    root: "R",
    edges: &[
        ("R", "A"),
        ("R", "B"),
        ("R", "C"),
        ("A", "D"),
        ("B", "A"),
        ("B", "D"),
        ("B", "E"),
        ("C", "F"),
        ("C", "G"),
        ("D", "L"),
        ("E", "H"),
        ("F", "I"),
        ("G", "I"),
        ("G", "J"),
        ("L", "H"),
        ("H", "E"),
        ("H", "K"),
        ("I", "K"),
        ("J", "I"),
        ("K", "I"),
        ("K", "R"),
    ],
    dominators: &[
        ("A", "R"),
        ("B", "R"),
        ("C", "R"),
        ("D", "R"),
        ("E", "R"),
        ("F", "C"),
        ("G", "C"),
        ("H", "R"),
        ("I", "R"),
        ("J", "G"),
        ("K", "R"),
        ("L", "D"),
    ],
};

/// Cooper, Harvey, Kennedy, *A simple, fast dominance algorithm*, figure 4: an irreducible graph.
pub(crate) const COOPER_HARVEY_KENNEDY: FlowGraph = FlowGraph {
    root: "6",
    edges: &[("6", "5"), ("6", "4"), ("5", "1"), ("4", "2"), ("4", "3"), ("1", "2"), ("2", "1"), ("2", "3"), ("3", "2")],
    dominators: &[("1", "6"), ("2", "6"), ("3", "6"), ("4", "6"), ("5", "6")],
};

#[test]
fn dominators_are_lengauers_and_tarjans() {
    let FlowGraph { root, edges, dominators } = LENGAUER_TARJAN;
    assert_eq!(immediate_dominators(root, edges), pairs(dominators));
}

#[test]
fn dominators_are_coopers_harveys_and_kennedys() {
    let FlowGraph { root, edges, dominators } = COOPER_HARVEY_KENNEDY;
    assert_eq!(immediate_dominators(root, edges), pairs(dominators));
}

/// Littlechild and Owen (1973): an airport for planes that need runways of 8, 11, 13 and 18.
#[test]
fn shares_are_those_of_the_airport_problem() {
    let shares = analysis::shapley(vec![(18.0, 3), (8.0, 0), (13.0, 2), (11.0, 1)]);
    assert_eq!(shares, [(0, 2.0), (1, 3.0), (2, 4.0), (3, 9.0)]);
}

/// Homer et al. (2013): two stages over one shared vulnerability of 0.6 are 0.36 if independent, 0.6 if they fail together.
#[test]
fn a_shared_vulnerability_is_between_product_and_bottleneck() {
    let given = PathGraph::new(&["s", "m", "t"], &[("s", "m", 0.6), ("m", "t", 0.6)], &[("s", 1.0)]);
    let world = given.world();
    let graph = world.graph();
    assert_eq!(values(&graph, Semiring::Product)["t"], 0.36);
    assert_eq!(values(&graph, Semiring::Bottleneck)["t"], 0.6);
}

#[test]
fn no_shared_example_is_overlooked() {
    let Some(file) = shared("published.json", "no_shared_example_is_overlooked") else { return };
    let published = json(&std::fs::read_to_string(file).expect("the examples are readable"));
    let here = ["schulze-example-1", "lengauer-tarjan-fig1", "cooper-harvey-kennedy-fig4", "airport-problem", "shared-vulnerability-chain"];
    // Percolation has its own tests. Min-cut and fix plans are not offered yet; the layered estate belongs to an older draft
    // of the policy.
    let not_yet = [
        "fault_tree",
        "undirected_reliability",
        "min_cut",
        "vertex_connectivity",
        "articulation_points",
        "chain_of_barriers",
        "fix_plan",
        "layered_estate",
    ];
    for example in published["examples"].as_array().expect("a list") {
        let (id, kind) = (example["id"].as_str().expect("an id"), example["kind"].as_str().expect("a kind"));
        if let Some(own) = EXAMPLES.iter().find(|own| own.id == id) {
            for (semiring, wanted) in [("max_product", 1), ("max_min", 2)] {
                let theirs = example["expected"][semiring].as_object().expect("a map");
                let same = own.values.iter().all(|value| theirs[value.0] == if wanted == 1 { value.1 } else { value.2 });
                assert!(same && theirs.len() == own.values.len(), "{id}: {semiring} differs from ours");
            }
            assert_eq!(example["edges"].as_array().map(Vec::len), Some(own.edges.len()), "{id}: edges");
        } else {
            assert!(here.contains(&id) || not_yet.contains(&kind), "{id} of kind {kind} is overlooked");
        }
    }
}
