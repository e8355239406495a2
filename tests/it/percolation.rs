//! Percolation of published graphs and networks: exact where it is exact, and inside its interval where it is sampled.

use crate::cli::{code, stderr, stdout, weaklink};
use crate::path_graph::{PathGraph, node};
use crate::percolation_oracle as oracle;
use crate::published_graphs::EXAMPLES;
use crate::published_percolation::{GOLDEN, NETWORKS, PERCOLATION, WHATEVER};
use crate::world::{World, json, shared};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU64;
use weaklink::analysis::{self, CONFIDENCE, Failing, Method, Percolation, ProbableSystem, Sampling, Target};
use weaklink::catalog::{BasisPoints, End};
use weaklink::graph::{ExposureGraph, State};

pub(crate) fn percolate(graph: &ExposureGraph<'_>, failing: Failing, worlds: Option<u64>) -> Percolation {
    let sampling = Sampling { worlds: worlds.and_then(NonZeroU64::new), seed: 1, threads: None };
    analysis::percolation(graph, failing, sampling, BasisPoints(0), &|_, _| ())
}

/// The exact probability of every node; 0 where nothing leads to it.
fn exact(graph: &ExposureGraph<'_>, failing: Failing) -> BTreeMap<String, f64> {
    let percolation = percolate(graph, failing, None);
    assert!(matches!(percolation.method, Method::Exact { .. }), "{:?}", percolation.method);
    let mut nodes: BTreeMap<String, f64> = graph.estate.systems().iter().map(|system| (system.id.clone(), 0.0)).collect();
    for system in &percolation.systems {
        assert_eq!(system.probability.low, system.probability.high, "nothing is unknown");
        assert_eq!(system.confidence, system.probability, "nothing is left to chance");
        let state = percolation.states_in(system.system).iter().map(|probable| probable.probability.high).fold(0.0, f64::max);
        assert_eq!(state, system.probability.high, "a node is one state");
        nodes.insert(graph.estate.system(system.system).id.clone(), system.probability.high);
    }
    nodes
}

fn path_graph(id: &str) -> PathGraph {
    let example = EXAMPLES.iter().find(|example| example.id == id).expect("the example");
    let nodes: Vec<&str> = example.values.iter().map(|value| value.0).collect();
    let build = if example.is_directed { PathGraph::new } else { PathGraph::undirected };
    build(&nodes, example.edges, example.seeds)
}

#[test]
fn published_graphs_have_their_published_probabilities() {
    assert_eq!(PERCOLATION.len(), EXAMPLES.len());
    for &(id, values) in PERCOLATION {
        let given = path_graph(id);
        let world = given.world();
        let nodes = exact(&world.graph(), Failing::Gaps);
        assert_eq!(nodes.len(), values.len(), "{id}");
        for &(name, wanted) in values {
            assert!((nodes[name] - wanted).abs() < 1e-9, "{id}, {name}: {} instead of {wanted}", nodes[name]);
        }
    }
}

/// Matthews, Mace, Soudjani, van Moorsel (2020): the local formula counts the shared ancestor twice and gives 0.7795.
#[test]
fn the_shared_ancestor_of_matthews_is_counted_once() {
    let given = path_graph("matthews2021-loop");
    let world = given.world();
    let n8 = exact(&world.graph(), Failing::Gaps)["n8"];
    assert_eq!(BasisPoints::of(n8), BasisPoints(7_104));
}

#[test]
fn bounds_whatever_depends_on_what_are_the_published_ones() {
    for &(id, values) in WHATEVER {
        let given = path_graph(id);
        let world = given.world();
        let percolation = percolate(&world.graph(), Failing::Gaps, None);
        for &(name, (least, most)) in values {
            let found = percolation.systems.iter().find(|system| system.system == world.system(name));
            let bounds = found.map_or(weaklink::catalog::Interval::ZERO, |system| system.bounds.expect("the graph is small"));
            let is_close = |got: f64, wanted: f64| (got - wanted).abs() < 1e-9;
            assert!(is_close(bounds.low, least) && is_close(bounds.high, most), "{id}, {name}: {bounds:?} instead of {least}–{most}");
        }
    }
}

/// Homer et al. (2013): two stages over one shared weakness of 0.6 are anything from 0.2 to 0.6.
#[test]
fn a_chain_over_a_shared_weakness_is_bounded_by_its_extremes() {
    let given = PathGraph::new(&["s", "m", "t"], &[("s", "m", 0.6), ("m", "t", 0.6)], &[("s", 1.0)]);
    let world = given.world();
    let percolation = percolate(&world.graph(), Failing::Gaps, None);
    let t = percolation.systems.iter().find(|system| system.system == world.system("t")).expect("it is reached");
    let bounds = t.bounds.expect("the graph is small");
    assert_eq!(
        [t.probability.high, bounds.low, bounds.high].map(BasisPoints::of),
        [BasisPoints(3_600), BasisPoints(2_000), BasisPoints(6_000)]
    );
}

/// A network of links of one probability, both ways, with its first terminal as the seed.
fn network(network: &crate::published_percolation::Network, link: f64) -> PathGraph {
    let nodes: BTreeSet<&str> = network.links.iter().flat_map(|link| [link.0, link.1]).collect();
    let plain = |name: &str| name.replace(['(', ')', ' '], "").replace(',', "-");
    let names: Vec<String> = nodes.iter().map(|name| plain(name)).collect();
    let links: Vec<(String, String)> = network.links.iter().map(|(from, to)| (plain(from), plain(to))).collect();
    let edges: Vec<_> = links.iter().map(|(from, to)| (from.as_str(), to.as_str(), link)).collect();
    PathGraph::undirected(&names.iter().map(String::as_str).collect::<Vec<_>>(), &edges, &[(&plain(network.terminals[0]), 1.0)])
}

/// Two arcs that fail on their own do what one link does: exposure crosses it once at most.
#[test]
fn networks_are_as_reliable_as_published_between_two_terminals() {
    for given in NETWORKS.iter().filter(|network| network.terminals.len() == 2) {
        for &(link, reliable, unreliable) in given.expected {
            let built = network(given, link);
            let world = built.world();
            let other = given.terminals[1].replace(['(', ')', ' '], "").replace(',', "-");
            let found = exact(&world.graph(), Failing::Gaps)[&other];
            // Of links that hardly ever fail, what counts is the difference to 1.
            assert!((found - reliable).abs() < 1e-11, "{given} at {link}: {found} instead of {reliable}");
            assert!((1.0 - found - unreliable).abs() < 1e-11, "{given} at {link}: fails {} instead of {unreliable}", 1.0 - found);
        }
    }
}

/// The share of worlds in which everything is reached, world by world.
#[test]
fn networks_are_as_reliable_as_published_between_all_terminals() {
    const WORLDS: u64 = 4_000;
    for given in NETWORKS.iter().filter(|network| network.terminals.len() > 2) {
        for &(link, reliable, _) in given.expected {
            let built = network(given, link);
            let world = built.world();
            let graph = world.graph();
            let seeds = [(node(&world, given.terminals[0]), 1.0)];
            let all: BTreeSet<State> = given.terminals.iter().map(|name| node(&world, name)).collect();
            let connected = (0..WORLDS).filter(|&number| oracle::world(&graph, &seeds, End::High, 1, number).is_superset(&all)).count();
            let found = connected as f64 / WORLDS as f64;
            // Hoeffding: wrong once in a million.
            let error = (2e6_f64.ln() / (2.0 * WORLDS as f64)).sqrt();
            assert!((found - reliable).abs() < error, "{given} at {link}: {found} instead of {reliable} ± {error}");
        }
    }
}

fn is_inside(system: &ProbableSystem, truth: f64) -> bool {
    // A path is a product, and its rounding is none of the interval's doubt.
    system.confidence.low <= truth + 1e-12 && truth <= system.confidence.high + 1e-12
}

#[test]
fn sampled_probabilities_are_inside_their_stated_intervals() {
    for &(id, values) in PERCOLATION {
        let given = path_graph(id);
        let world = given.world();
        let percolation = percolate(&world.graph(), Failing::Gaps, Some(20_000));
        let Method::Sampled { worlds: 20_000, error, .. } = percolation.method else { panic!("{:?}", percolation.method) };
        for &(name, truth) in values {
            let Some(system) = percolation.systems.iter().find(|system| system.system == world.system(name)) else { continue };
            assert!(is_inside(system, truth), "{id}, {name}: {truth} is not in {:?}", system.confidence);
            assert!((system.probability.high - truth).abs() <= error, "{id}, {name}: {} is not near {truth}", system.probability.high);
            let width = system.confidence.high - system.confidence.low;
            assert!(width <= 2.0 * error + 1e-6, "{id}, {name}: {width} is wider than twice {error}");
        }
    }
}

/// Where nobody asks for worlds and the exact answer is far, a hundredth is promised: a network of 9 × 9 crossings.
#[test]
fn by_default_enough_worlds_are_drawn_for_a_hundredth() {
    let name = |row: usize, column: usize| format!("{row}-{column}");
    let names: Vec<String> = (0..9).flat_map(|row| (0..9).map(move |column| name(row, column))).collect();
    let right = (0..9).flat_map(|row| (1..9).map(move |column| (name(row, column - 1), name(row, column))));
    let down = (1..9).flat_map(|row| (0..9).map(move |column| (name(row - 1, column), name(row, column))));
    let links: Vec<(String, String)> = right.chain(down).collect();
    let edges: Vec<_> = links.iter().map(|(from, to)| (from.as_str(), to.as_str(), 0.6)).collect();
    let built = PathGraph::undirected(&names.iter().map(String::as_str).collect::<Vec<_>>(), &edges, &[("0-0", 1.0)]);
    let world = built.world();
    let percolation = percolate(&world.graph(), Failing::Target(Target::State(node(&world, "0-0"))), None);
    let Method::Sampled { worlds, error, .. } = percolation.method else { panic!("{:?}", percolation.method) };
    // ln(2 × 2 × (81 states + 81 systems) / 0.001) / (2 × 0.01²), in whole blocks of 256.
    assert_eq!(worlds, (648_000_f64.ln() / 2e-4).ceil() as u64 / 256 * 256 + 256);
    assert!(error <= 0.01 && error > 0.0099, "{error}");
    assert_eq!(CONFIDENCE, 9_990);
}

/// An estate of five systems under an older draft of the policy, as a plain graph.
#[test]
fn the_golden_estate_has_its_probabilities() {
    for &(end, edges, values) in GOLDEN {
        let nodes: Vec<&str> = std::iter::once("gap").chain(values.iter().map(|value| value.0)).collect();
        let given = PathGraph::new(&nodes, edges, &[("gap", 1.0)]);
        let world = given.world();
        let found = exact(&world.graph(), Failing::Gaps);
        for &(name, wanted) in values {
            assert!((found[name] - wanted).abs() < 1e-9, "{end}, {name}: {} instead of {wanted}", found[name]);
        }
    }
}

#[test]
fn no_shared_probability_is_overlooked() {
    let Some(file) = shared("published.json", "no_shared_probability_is_overlooked") else { return };
    let published = json(&std::fs::read_to_string(file).expect("the examples are readable"));
    for example in published["examples"].as_array().expect("a list") {
        let id = example["id"].as_str().expect("an id");
        if let Some(theirs) = example["expected"]["exact_percolation"].as_object() {
            let ours = PERCOLATION.iter().find(|own| own.0 == id).unwrap_or_else(|| panic!("{id} is overlooked")).1;
            assert_eq!(theirs.len(), ours.len(), "{id}");
            assert!(ours.iter().all(|&(name, value)| theirs[name] == value), "{id}: differs from ours");
        }
        if let Some(theirs) = example["expected"]["robust_unknown_dependence"].as_object() {
            let ours = WHATEVER.iter().find(|own| own.0 == id).unwrap_or_else(|| panic!("{id} is overlooked")).1;
            assert_eq!(theirs.len(), ours.len(), "{id}");
            assert!(
                ours.iter().all(|&(name, (least, most))| theirs[name][0] == least && theirs[name][1] == most),
                "{id}: differs from ours"
            );
        }
        if id == "estate-golden" {
            for &(end, _, ours) in GOLDEN {
                let theirs = example["exact_percolation"][end].as_object().expect("a map");
                assert!(theirs.len() == ours.len() && ours.iter().all(|&(name, value)| theirs[name] == value), "{id} {end}");
            }
        }
        if example["kind"] == "undirected_reliability" {
            let ours = NETWORKS.iter().find(|own| own.id == id).unwrap_or_else(|| panic!("{id} is overlooked"));
            let links = example["edges"].as_array().expect("a list");
            assert!(
                links.len() == ours.links.len() && links.iter().zip(ours.links).all(|(their, own)| their[0] == own.0 && their[1] == own.1),
                "{id}"
            );
            let theirs = example["expected"].as_object().expect("a map");
            let is_same = |&(link, reliable, unreliable): &(f64, f64, f64)| {
                let their = &theirs[&link.to_string()];
                their["reliability"].as_f64().is_some_and(|their| (their - reliable).abs() < 1e-15)
                    && their["unreliability"].as_f64().is_some_and(|their| (their - unreliable).abs() < 1e-15)
            };
            assert!(theirs.len() == ours.expected.len() && ours.expected.iter().all(is_same), "{id}: differs from ours");
        }
    }
}

#[test]
fn a_closed_estate_and_an_empty_target_are_answers() {
    let whole = World::of(&serde_json::json!({ "weaklink": 1, "parties": [{ "id": "acme", "kind": "customer" }],
        "systems": [{ "id": "a", "model": "on-premises" }], "rules": [{ "match": {}, "owner": "acme", "facing": "isolated",
        "layers": weaklink::catalog::Layer::IDS.iter().map(|layer| (*layer, serde_json::json!({ "status": "implemented" }))).collect::<BTreeMap<_, _>>() }] }));
    let percolation = percolate(&whole.graph(), Failing::Gaps, None);
    assert!(percolation.systems.is_empty() && percolation.below.is_empty() && percolation.origins.is_empty());
    assert!(matches!(percolation.method, Method::Exact { outcomes: 0 }), "{:?}", percolation.method);
}

#[test]
fn what_is_wrong_with_the_arguments_is_told_and_nothing_is_written() {
    let wrong: [(&[&str], &str); 5] = [
        (&["graphs/minimal.yaml", "wbe"], "no target named `wbe`"),
        (&["graphs/minimal.yaml", "--worlds", "0"], "worlds are a number from 1 to 100000000"),
        (&["graphs/minimal.yaml", "--worlds", "100000001"], "worlds are a number from 1 to 100000000"),
        (&["graphs/minimal.yaml", "--threshold", "NaN"], "a threshold is a number from 0 to 1"),
        (&["graphs/minimal.yaml", "--seed=-1"], "invalid value '-1' for '--seed <N>'"),
    ];
    for (arguments, words) in wrong {
        let output = weaklink(&[&["percolate"], arguments].concat());
        assert_eq!(code(&output), 2, "{arguments:?}");
        assert_eq!(stdout(&output), "", "{arguments:?}");
        assert!(stderr(&output).contains(words), "{arguments:?}: {}", stderr(&output));
    }
}
