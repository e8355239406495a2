//! Exposure of a target: the reverse of a blast radius, everything whose failure would reach it.

use super::Target;
use super::blast_radius::{ExposedState, ExposedSystem, by_system};
use crate::catalog::{BasisPoints, End, Interval};
use crate::graph::{Arc, ExposureGraph, Semiring, State, solve_reverse};

/// Everything whose failure would reach a target.
#[derive(Clone, Debug)]
pub struct Exposure<'g> {
    /// What would be reached.
    pub target: Target,
    /// The states of the target, in order of (system id, layer).
    pub goals: Vec<State>,
    /// The exposure at or above which a state is listed.
    pub threshold: BasisPoints,
    /// The states that would reach it, with how exposed the target would be, in order of (system id, layer).
    pub states: Vec<ExposedState>,
    /// The same by system; exposure is that of its worst layer.
    pub systems: Vec<ExposedSystem>,
    graph: &'g ExposureGraph<'g>,
    high: Vec<f64>,
    /// For every state the arcs of its shortest tight path to a goal, as in [`Witness`](crate::graph::Witness).
    hops: Vec<u32>,
    semiring: Semiring,
}

const UNREACHED: u32 = u32::MAX;

/// Returns every state whose total failure would expose `target` at or above `threshold`.
///
/// # Complexity
/// *O*((V + E) log V), two passes over the reversed arcs.
pub fn exposure_of<'g>(graph: &'g ExposureGraph<'g>, target: Target, semiring: Semiring, threshold: BasisPoints) -> Exposure<'g> {
    let goals = target.states(graph);
    let seeds: Vec<(State, f64)> = goals.iter().map(|&state| (state, 1.0)).collect();
    let low = solve_reverse(graph, &seeds, semiring, End::Low);
    let high = solve_reverse(graph, &seeds, semiring, End::High);
    let hops = hops(graph, &goals, &high, semiring);
    let mut exposure = Exposure { target, goals, threshold, states: Vec::new(), systems: Vec::new(), graph, high, hops, semiring };
    let states: Vec<ExposedState> = graph
        .states()
        .filter(|state| exposure.high[state.index()] > 0.0)
        .filter_map(|state| {
            let path = exposure.path(state);
            // The published value is the left-to-right product, as everywhere; the search ran from the other end.
            let value = path.iter().fold(1.0, |value, arc| semiring.extend(value, graph.factor(arc, End::High).value));
            (BasisPoints::of(value) >= threshold).then_some(ExposedState {
                state,
                exposure: Interval::new(low[state.index()].min(value), value),
                hops: path.len() as u32,
            })
        })
        .collect();
    exposure.systems = by_system(&states);
    exposure.states = states;
    exposure
}

/// Hops to the nearest goal over tight arcs only. Following any tight arc instead could run into a circle among arcs
/// that take nothing away, and never arrive.
fn hops(graph: &ExposureGraph<'_>, goals: &[State], high: &[f64], semiring: Semiring) -> Vec<u32> {
    let mut hops = vec![UNREACHED; graph.state_bound()];
    let mut frontier = goals.to_vec();
    for goal in goals {
        hops[goal.index()] = 0;
    }
    let mut hop = 0;
    while !frontier.is_empty() {
        hop += 1;
        let mut next = Vec::new();
        for to in frontier {
            for (from, factor) in graph.predecessors(to, End::High) {
                let is_tight = semiring.extend(high[to.index()], factor).to_bits() == high[from.index()].to_bits();
                if is_tight && high[from.index()] > 0.0 && hops[from.index()] == UNREACHED {
                    hops[from.index()] = hop;
                    next.push(from);
                }
            }
        }
        frontier = next;
    }
    hops
}

impl Exposure<'_> {
    /// The arcs of the best path from a state to the target: of those of equal value one with the fewest arcs.
    pub fn path(&self, state: State) -> Vec<Arc> {
        let mut arcs = Vec::new();
        let mut at = state;
        while let Some(arc) = self.next(at) {
            arcs.push(arc);
            at = arc.to;
        }
        arcs
    }

    /// The first arc of the best path from a state; none for a goal and for what reaches none.
    fn next(&self, state: State) -> Option<Arc> {
        let hops = self.hops[state.index()];
        let after = if hops == UNREACHED { None } else { hops.checked_sub(1) }?;
        let value = self.high[state.index()];
        self.graph
            .arcs_from(state)
            .filter(|arc| self.hops[arc.to.index()] == after)
            .filter(|arc| {
                let factor = self.graph.factor(arc, End::High).value;
                self.semiring.extend(self.high[arc.to.index()], factor).to_bits() == value.to_bits()
            })
            .min_by_key(|arc| (arc.to, arc.connection, arc.rule))
    }
}
