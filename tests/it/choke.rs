//! Choke points against brute force: everything taken out in turn, and every fix made in the model itself.

use crate::answers::name;
use crate::edits::{self, plain};
use crate::laws::{cases, connected};
use crate::oracle::connection_ids;
use crate::path_graph::{PathGraph, node};
use crate::published::{COOPER_HARVEY_KENNEDY, FlowGraph, LENGAUER_TARJAN};
use crate::world::{Random, World};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use weaklink::analysis::{self, ChokePoints, Passage, Target};
use weaklink::catalog::{BasisPoints, Cell, ControlCatalog, ControlStatus, End, points};
use weaklink::estate::{ConnectionIx, PartyIx};
use weaklink::graph::{Arc, ExposureGraph, State};

fn choke(graph: &ExposureGraph<'_>, targets: &[Target], threshold: BasisPoints) -> ChokePoints {
    analysis::choke_points(graph, targets, threshold, &|_, _| ())
}

/// Exposure on the high end without some states and arcs, by sweeping over all arcs until nothing changes.
fn exposure(graph: &ExposureGraph<'_>, is_out: &dyn Fn(State) -> bool, is_cut: &dyn Fn(&Arc) -> bool) -> Vec<f64> {
    let mut values = vec![0.0; graph.state_bound()];
    for state in graph.states().filter(|&state| !is_out(state)) {
        values[state.index()] = graph.severity(state, End::High);
    }
    let arcs: Vec<(Arc, f64)> = graph
        .states()
        .flat_map(|state| graph.arcs_from(state))
        .filter(|arc| !is_out(arc.from) && !is_out(arc.to) && !is_cut(arc))
        .map(|arc| (arc, graph.factor(&arc, End::High).value))
        .collect();
    loop {
        let mut has_changed = false;
        for (arc, factor) in &arcs {
            let extended: f64 = values[arc.from.index()] * factor;
            if extended > values[arc.to.index()] {
                values[arc.to.index()] = extended;
                has_changed = true;
            }
        }
        if !has_changed {
            return values;
        }
    }
}

/// Everything that exposure can pass through, with the states and connections that it stands for.
fn passages(graph: &ExposureGraph<'_>) -> BTreeMap<Passage, (BTreeSet<State>, BTreeSet<ConnectionIx>)> {
    let mut all: BTreeMap<Passage, (BTreeSet<State>, BTreeSet<ConnectionIx>)> = BTreeMap::new();
    for state in graph.states() {
        all.entry(Passage::State(state)).or_default().0.insert(state);
    }
    for (ix, connection) in graph.estate.connections().iter().enumerate() {
        let connection_ix = ConnectionIx(ix as u32);
        all.entry(Passage::Connection(connection_ix)).or_default().1.insert(connection_ix);
        for control in connection.controls.iter().filter(|control| control.status != ControlStatus::NotApplicable) {
            let class = graph.policy.classes.iter().position(|class| *class == control.class).expect("a known class");
            all.entry(Passage::Class(class)).or_default().1.insert(connection_ix);
        }
    }
    for party in 0..graph.estate.parties().len() as u32 {
        let states = Target::Party(PartyIx(party)).states(graph);
        all.insert(Passage::Party(PartyIx(party)), (states.into_iter().collect(), BTreeSet::new()));
    }
    for control in ControlCatalog::shipped().controls() {
        let control_ix = ControlCatalog::shipped().find(&control.id).expect("a control");
        let states = Target::Control(control_ix).states(graph);
        all.insert(Passage::Control(control_ix), (states.into_iter().collect(), BTreeSet::new()));
    }
    all
}

/// The targets that each passage cuts off; of a layer not itself alone.
fn by_brute_force(graph: &ExposureGraph<'_>, targets: &[Target], threshold: BasisPoints) -> BTreeMap<Passage, Vec<usize>> {
    let is_exposed = |values: &[f64], target: &Target| {
        let exposure = target.states(graph).iter().map(|state| values[state.index()]).fold(0.0, f64::max);
        exposure > 0.0 && BasisPoints::of(exposure) >= threshold
    };
    let before = exposure(graph, &|_| false, &|_| false);
    passages(graph)
        .into_iter()
        .filter_map(|(passage, (states, connections))| {
            let is_cut = |arc: &Arc| arc.connection.is_some_and(|connection_ix| connections.contains(&connection_ix));
            let after = exposure(graph, &|state| states.contains(&state), &is_cut);
            let cuts: Vec<usize> =
                (0..targets.len()).filter(|&ix| is_exposed(&before, &targets[ix]) && !is_exposed(&after, &targets[ix])).collect();
            let is_itself = |&ix: &usize| matches!(passage, Passage::State(state) if targets[ix] == Target::State(state));
            (!cuts.iter().all(is_itself)).then_some((passage, cuts))
        })
        .collect()
}

fn cuts(choke: &ChokePoints) -> BTreeMap<Passage, Vec<usize>> {
    choke.points.iter().map(|point| (point.passage, point.cuts.clone())).collect()
}

/// The nodes of a flow graph that are choke points of each other node.
fn chokes_of(flow: &FlowGraph) -> BTreeMap<String, BTreeSet<String>> {
    let nodes: BTreeSet<&str> = flow.edges.iter().flat_map(|edge| [edge.0, edge.1]).collect();
    let edges: Vec<_> = flow.edges.iter().map(|&(from, to)| (from, to, 1.0)).collect();
    let nodes: Vec<&str> = nodes.into_iter().collect();
    let given = PathGraph::new(&nodes, &edges, &[(flow.root, 1.0)]);
    let world = given.world();
    let graph = world.graph();
    let of = |target: &&str| {
        let choke = choke(&graph, &[Target::State(node(&world, target))], BasisPoints(10_000));
        let layers = choke.points.iter().filter_map(|point| match point.passage {
            Passage::State(state) => Some(graph.estate.system(state.system()).id.clone()),
            _ => None,
        });
        ((*target).to_owned(), layers.collect())
    };
    nodes.iter().map(of).collect()
}

/// A node's dominators are its immediate one and that one's own.
fn dominators_of(flow: &FlowGraph) -> BTreeMap<String, BTreeSet<String>> {
    let immediate: BTreeMap<&str, &str> = flow.dominators.iter().copied().collect();
    let nodes: BTreeSet<&str> = flow.edges.iter().flat_map(|edge| [edge.0, edge.1]).collect();
    let chain =
        |node: &&str| std::iter::successors(immediate.get(node), |next| immediate.get(*next)).map(|node| (*node).to_owned()).collect();
    nodes.iter().map(|node| ((*node).to_owned(), chain(node))).collect()
}

#[test]
fn choke_points_are_the_published_dominators() {
    for flow in [LENGAUER_TARJAN, COOPER_HARVEY_KENNEDY] {
        assert_eq!(chokes_of(&flow), dominators_of(&flow), "from {}", flow.root);
    }
}

/// A random flow graph whose every factor is 1: the immediate dominators are petgraph's.
#[test]
fn choke_points_are_dominators_where_every_factor_is_1() {
    for seed in 0..60 {
        let mut random = Random(seed);
        let nodes = ["a", "b", "c", "d", "e", "f", "g", "h"];
        let mut edges = BTreeSet::new();
        for _ in 0..6 + random.below(14) {
            let (from, to) = (random.pick(&nodes), random.pick(&nodes));
            if from != to {
                edges.insert((from, to));
            }
        }
        let weighted: Vec<_> = edges.iter().map(|&(from, to)| (from, to, 1.0)).collect();
        let given = PathGraph::new(&nodes, &weighted, &[("a", 1.0)]);
        let world = given.world();
        let graph = world.graph();
        let dominators = petgraph::algo::dominators::simple_fast(&graph, node(&world, "a"));
        for target in nodes.iter().map(|name| node(&world, name)) {
            let wanted: BTreeSet<State> = dominators.strict_dominators(target).into_iter().flatten().collect();
            let found = choke(&graph, &[Target::State(target)], BasisPoints(10_000));
            let found: BTreeSet<State> = found
                .points
                .iter()
                .filter_map(|point| if let Passage::State(state) = point.passage { Some(state) } else { None })
                .collect();
            assert_eq!(found, wanted, "seed {seed}: {} in {edges:?}", name(&graph, target));
        }
    }
}

proptest! {
    #![proptest_config(cases(60))]

    /// Layers, connections, controls, classes and parties alike.
    #[test]
    fn one_targets_choke_points_are_whatever_leaves_it_below_the_threshold(model in connected(), seed in any::<u64>()) {
        let world = World::of(&model);
        let graph = world.graph();
        let mut random = Random(seed);
        let threshold = BasisPoints(random.pick(&[1, 500, 2_000, 5_000]));
        let target = if random.chance(50) {
            Target::State(random.pick(&graph.states().collect::<Vec<_>>()))
        } else {
            Target::System(random.pick(&graph.estate.system_ixs().collect::<Vec<_>>()))
        };
        let found = choke(&graph, &[target], threshold);
        prop_assert_eq!(found.untried, 0);
        prop_assert_eq!(cuts(&found), by_brute_force(&graph, &[target], threshold));
    }

    #[test]
    fn what_cuts_off_all_targets_is_always_found(model in connected(), seed in any::<u64>()) {
        let world = World::of(&model);
        let graph = world.graph();
        let threshold = BasisPoints(Random(seed).pick(&[1, 500, 2_000]));
        let found = choke(&graph, &[], threshold);
        let targets: Vec<Target> = found.targets.iter().map(|target| target.target).collect();
        let mut wanted = by_brute_force(&graph, &targets, threshold);
        let found_cuts = cuts(&found);
        if found.untried > 0 {
            let exposed = found.exposed();
            wanted.retain(|passage, cuts| cuts.len() == exposed || found_cuts.contains_key(passage));
        }
        prop_assert_eq!(found_cuts, wanted);
        let ranks: Vec<_> = found.points.iter().map(|point| (point.cuts.len(), point.removes)).collect();
        prop_assert!(ranks.is_sorted_by(|left, right| left >= right), "{:?}", ranks);
    }

    #[test]
    fn what_a_fix_removes_is_what_the_edited_model_lacks(model in connected(), seed in any::<u64>()) {
        let model = plain(&model);
        let world = World::of(&model);
        let graph = world.graph();
        let target = Target::System(Random(seed).pick(&graph.estate.system_ixs().collect::<Vec<_>>()));
        let found = choke(&graph, &[target], BasisPoints(500));
        let before = points(analysis::posture(&graph).risk_points.high);
        prop_assert_eq!(points(found.risk), before);
        for point in &found.points {
            let fixed = World::of(&fixed(&model, &graph, point.passage));
            let fixed = fixed.graph();
            let posture = analysis::posture(&fixed);
            prop_assert_eq!(point.removes, before - points(posture.risk_points.high), "{:?}", point.passage);
            let exposure = target.states(&fixed).into_iter().map(|state| posture.exposure(state).high).fold(0.0, f64::max);
            prop_assert_eq!(point.worst_after.to_bits(), exposure.to_bits(), "{:?}", point.passage);
            let after = point.after.first().map_or(found.targets[0].exposure, |after| after.1);
            prop_assert_eq!(after.to_bits(), exposure.to_bits());
        }
    }
}

/// The plain model with a passage fixed.
fn fixed(model: &Value, graph: &ExposureGraph<'_>, passage: Passage) -> Value {
    let mut fixed = model.clone();
    let implement = |of: &mut Value, key: &str| {
        if !of[key].is_null() && of[key] != "not-applicable" {
            of[key] = json!("implemented");
        }
    };
    match passage {
        Passage::State(state) => cover(&mut fixed, graph, state),
        Passage::Party(party_ix) => Target::Party(party_ix).states(graph).into_iter().for_each(|state| cover(&mut fixed, graph, state)),
        Passage::Connection(connection_ix) => {
            let at = position(&fixed, &graph.estate.connection(connection_ix).id);
            edits::list(&mut fixed, "connections").remove(at);
        }
        Passage::Class(class_ix) => {
            for control in
                edits::list(&mut fixed, "connections").iter_mut().filter_map(|connection| connection["controls"].as_array_mut()).flatten()
            {
                if control["class"] == *graph.policy.classes[class_ix] {
                    implement(control, "status");
                }
            }
        }
        Passage::Control(control_ix) => {
            let control = ControlCatalog::shipped().control(control_ix);
            for system in edits::list(&mut fixed, "systems") {
                let layer = control.layer.expect("a layer claims it");
                let claim = &mut system["layers"][layer.id()];
                if !claim["controls"].is_null() {
                    implement(&mut claim["controls"], &control.id);
                }
                for half in claim["split"].as_object_mut().into_iter().flat_map(serde_json::Map::values_mut) {
                    if !half["controls"].is_null() {
                        implement(&mut half["controls"], &control.id);
                    }
                }
            }
            strip_nulls(&mut fixed);
        }
    }
    fixed
}

/// Where the connection with this id stands in a model.
pub(crate) fn position(model: &Value, id: &str) -> usize {
    let connections = model["connections"].as_array().expect("a list");
    let entry = connection_ids(connections)[id];
    connections.iter().position(|connection| std::ptr::eq(connection, entry)).expect("the connection")
}

/// Reading a key that is not there leaves a null.
fn strip_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, field| !field.is_null());
            fields.values_mut().for_each(strip_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(strip_nulls),
        _ => {}
    }
}

/// Gives a layer the owners that the matrix expects, with every control in place.
pub(crate) fn cover(model: &mut Value, graph: &ExposureGraph<'_>, state: State) {
    let system = graph.estate.system(state.system());
    let cell = graph.coverage.layer(state.system(), state.layer()).expect("the layer exists").cell;
    let half = |owner: &str| json!({ "owner": owner, "status": "implemented" });
    let claim = match cell {
        Cell::Provider => json!({ "status": "implemented" }),
        Cell::Shared => {
            let provider = if system.provider.is_none() { half("aws") } else { json!({ "status": "implemented" }) };
            json!({ "split": { "customer": half("acme"), "provider": provider } })
        }
        _ => half("acme"),
    };
    edits::named(model, "systems", &system.id).expect("the system")["layers"][state.layer().id()] = claim;
}
