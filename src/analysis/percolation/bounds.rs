//! Bounds that hold whatever depends on what: for no joint distribution of the arcs is a probability outside them.

use crate::catalog::{End, Interval};
use crate::estate::SystemIx;
use crate::graph::{Cascade, ExposureGraph, FlowNetwork, State, solve_overlap};
use std::collections::HashMap;
use std::ops::Range;

/// Work up to which upper bounds are computed: arcs of the graph times systems.
const MOST_WORK: usize = 20_000_000;

/// Systems whose upper bound is computed however large the graph.
const ALWAYS: usize = 20;

/// How many systems have both bounds computed: all of a small estate, and the worst of a large one.
pub(super) fn most_bounded(arcs: usize) -> usize {
    (MOST_WORK / arcs.max(1)).max(ALWAYS)
}

/// The bounds of some systems, from the least on the low end to the most on the high end: `min(1, max-flow of w)`.
///
/// A source feeds every seed with its severity, and a system is drained through all its layers: a cut lets through no more
/// than the sum of its arcs. Capacities are whole numbers, rounded up, so that flows add up alike in any order.
///
/// # Complexity
/// A shortest path, and one maximum flow per system. No flow needs more than 1, so that few augmentations are enough.
///
/// # Source
/// The union bound on a path and on a cut; Ford and Fulkerson, *Maximal flow through a network* (1956).
pub(super) fn bounds(
    cascade: &Cascade,
    graph: &ExposureGraph<'_>,
    seeds: &[(State, [f64; 2])],
    systems: &[SystemIx],
) -> HashMap<SystemIx, Interval> {
    let low: Vec<(State, f64)> = seeds.iter().map(|&(state, severity)| (state, severity[0])).collect();
    let least = solve_overlap(graph, &low, End::Low);
    let (source, inlet) = (cascade.states.len(), cascade.states.len() + 1);
    let mut arcs: Vec<(usize, usize, u64)> = vec![(source, inlet, WHOLE)];
    arcs.extend(cascade.seeds.iter().map(|seed| (inlet, seed.at as usize, capacity(seed.severity[1]))));
    for from in 0..cascade.states.len() {
        arcs.extend(cascade.arcs_from(from).iter().map(|arc| (from, arc.to as usize, capacity(arc.factor[1]))));
    }
    let places: HashMap<SystemIx, Range<usize>> = cascade.systems().map(|places| (cascade.states[places.start].system(), places)).collect();
    let drains =
        systems.iter().enumerate().map(|(number, system_ix)| (inlet + 1 + number, places.get(system_ix).cloned().unwrap_or_default()));
    arcs.extend(drains.flat_map(|(drain, places)| places.map(move |from| (from, drain, WHOLE))));
    let network = FlowNetwork::new(inlet + 1 + systems.len(), &arcs);
    let bound = |(number, &system_ix): (usize, &SystemIx)| {
        let low = graph.states_of(system_ix).map(|state| least[state.index()]).fold(0.0, f64::max);
        let high = network.max_flow(source, inlet + 1 + number).0 as f64 / WHOLE as f64;
        (system_ix, Interval::new(low, f64::max(low, high)))
    };
    systems.iter().enumerate().map(bound).collect()
}

/// A capacity of 1. Every factor of a half and more is a whole number of these parts.
const WHOLE: u64 = 1 << 53;

fn capacity(factor: f64) -> u64 {
    (factor * WHOLE as f64).ceil() as u64
}
