//! Percolation as the specification defines it, slowly: every outcome of every coin, and worlds one after the other.

use std::collections::{BTreeMap, BTreeSet};
use weaklink::catalog::End;
use weaklink::estate::{ConnectionIx, SystemIx};
use weaklink::graph::{Arc, Coin, ExposureGraph, RuleIx, State, is_live};

/// A seed with its severity at one end.
pub(crate) type Seed = (State, f64);

/// What one coin decides about: a seed, a climb, or all arcs from a state over a connection.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    Seed(State),
    Climb(State, RuleIx),
    Connection(State, ConnectionIx),
}

fn name(arc: &Arc) -> Name {
    arc.connection.map_or(Name::Climb(arc.from, arc.rule), |connection| Name::Connection(arc.from, connection))
}

/// The states that are reached if exactly these seeds came up and these arcs are live: the least fixpoint.
fn reached(seeds: impl Iterator<Item = State>, live: &[Arc]) -> BTreeSet<State> {
    let mut reached: BTreeSet<State> = seeds.collect();
    loop {
        let more: Vec<State> =
            live.iter().filter(|arc| reached.contains(&arc.from) && !reached.contains(&arc.to)).map(|arc| arc.to).collect();
        if more.is_empty() {
            return reached;
        }
        reached.extend(more);
    }
}

fn all_arcs(graph: &ExposureGraph<'_>, end: End) -> Vec<(Arc, f64)> {
    let arcs = graph.states().flat_map(|state| graph.arcs_from(state).collect::<Vec<_>>());
    arcs.map(|arc| (arc, graph.factor(&arc, end).value)).filter(|&(_, factor)| factor > 0.0).collect()
}

/// What is reached in one world.
pub(crate) fn world(graph: &ExposureGraph<'_>, seeds: &[Seed], end: End, seed: u64, world: u64) -> BTreeSet<State> {
    let came_up = seeds.iter().filter(|&&(state, severity)| is_live(Coin::of_seed(graph, state).shows(seed, world), severity));
    let arcs = all_arcs(graph, end).into_iter().filter(|(arc, factor)| is_live(Coin::of_arc(graph, arc).shows(seed, world), *factor));
    reached(came_up.map(|&(state, _)| state), &arcs.map(|(arc, _)| arc).collect::<Vec<_>>())
}

/// The probability of every state and of every system; none if there are more outcomes than `most`.
pub(crate) fn by_all_outcomes(
    graph: &ExposureGraph<'_>,
    seeds: &[Seed],
    end: End,
    most: usize,
) -> Option<(BTreeMap<State, f64>, BTreeMap<SystemIx, f64>)> {
    let possible: Vec<Arc> = all_arcs(graph, end).into_iter().map(|(arc, _)| arc).collect();
    let within = reached(seeds.iter().filter(|seed| seed.1 > 0.0).map(|seed| seed.0), &possible);
    let arcs: Vec<(Arc, f64)> = all_arcs(graph, end).into_iter().filter(|(arc, _)| within.contains(&arc.from)).collect();
    // Where U lies between two neighbouring thresholds of a coin, the same arcs are live.
    let mut thresholds: BTreeMap<Name, Vec<f64>> = BTreeMap::new();
    for &(arc, factor) in &arcs {
        thresholds.entry(name(&arc)).or_default().push(factor);
    }
    for &(state, severity) in seeds {
        thresholds.entry(Name::Seed(state)).or_default().push(severity);
    }
    for bars in thresholds.values_mut() {
        bars.extend([0.0, 1.0]);
        bars.sort_by(f64::total_cmp);
        bars.dedup();
    }
    let count = thresholds.values().try_fold(1_usize, |count, bars| count.checked_mul(bars.len() - 1).filter(|&count| count <= most))?;
    let (mut states, mut systems) = (BTreeMap::new(), BTreeMap::new());
    for outcome in 0..count {
        let (mut rest, mut probability) = (outcome, 1.0);
        let mut shows: BTreeMap<Name, f64> = BTreeMap::new();
        for (&name, bars) in &thresholds {
            let face = rest % (bars.len() - 1);
            rest /= bars.len() - 1;
            probability *= bars[face + 1] - bars[face];
            shows.insert(name, bars[face]);
        }
        let came_up = seeds.iter().filter(|(state, severity)| shows[&Name::Seed(*state)] < *severity).map(|seed| seed.0);
        let live: Vec<Arc> = arcs.iter().filter(|(arc, factor)| shows[&name(arc)] < *factor).map(|&(arc, _)| arc).collect();
        let reached = reached(came_up, &live);
        for &state in &reached {
            *states.entry(state).or_insert(0.0) += probability;
        }
        for system in reached.iter().map(|state| state.system()).collect::<BTreeSet<_>>() {
            *systems.entry(system).or_insert(0.0) += probability;
        }
    }
    Some((states, systems))
}
