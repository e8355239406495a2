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
    high: Inbound<'g>,
}

/// Returns every state whose total failure would expose `target` at or above `threshold`.
///
/// # Complexity
/// *O*((V + E) log V), two passes over the reversed arcs; then the length of every state's path.
pub fn exposure_of<'g>(graph: &'g ExposureGraph<'g>, target: Target, semiring: Semiring, threshold: BasisPoints) -> Exposure<'g> {
    let goals = target.states(graph);
    let (low, high) = (Inbound::new(graph, &goals, semiring, End::Low), Inbound::new(graph, &goals, semiring, End::High));
    let states: Vec<ExposedState> = graph
        .states()
        .filter_map(|state| {
            let hops = high.hops(state)?;
            let exposure = Interval::new(low.value(state), high.value(state));
            (BasisPoints::of(exposure.high) >= threshold).then_some(ExposedState { state, exposure, hops })
        })
        .collect();
    Exposure { target, goals, threshold, systems: by_system(&states), states, high }
}

impl Exposure<'_> {
    /// The arcs of the best path from a state to the target: of those of equal value one with the fewest arcs.
    pub fn path(&self, state: State) -> Vec<Arc> {
        self.high.path(state)
    }
}

/// The best paths from every state into the goals, at one end.
#[derive(Clone, Debug)]
struct Inbound<'g> {
    graph: &'g ExposureGraph<'g>,
    semiring: Semiring,
    end: End,
    /// Products from the goals backwards.
    values: Vec<f64>,
    /// Hops to the nearest goal over tight arcs only. Following any tight arc instead could run into a circle among
    /// arcs that take nothing away, and never arrive.
    hops: Vec<u32>,
}

const UNREACHED: u32 = u32::MAX;

impl<'g> Inbound<'g> {
    fn new(graph: &'g ExposureGraph<'g>, goals: &[State], semiring: Semiring, end: End) -> Self {
        let seeds: Vec<(State, f64)> = goals.iter().map(|&state| (state, 1.0)).collect();
        let values = solve_reverse(graph, &seeds, semiring, end);
        let mut inbound = Self { graph, semiring, end, values, hops: vec![UNREACHED; graph.state_bound()] };
        for goal in goals {
            inbound.hops[goal.index()] = 0;
        }
        let (mut frontier, mut hop) = (goals.to_vec(), 0);
        while !frontier.is_empty() {
            hop += 1;
            let mut next = Vec::new();
            for to in frontier {
                for (from, factor) in graph.predecessors(to, end) {
                    if inbound.hops[from.index()] == UNREACHED && inbound.is_tight(from, to, factor) {
                        inbound.hops[from.index()] = hop;
                        next.push(from);
                    }
                }
            }
            frontier = next;
        }
        inbound
    }

    fn is_tight(&self, from: State, to: State, factor: f64) -> bool {
        let value = self.values[from.index()];
        value > 0.0 && self.semiring.extend(self.values[to.index()], factor).to_bits() == value.to_bits()
    }

    /// The number of arcs to the nearest goal; none if there is no way.
    fn hops(&self, state: State) -> Option<u32> {
        let hops = self.hops[state.index()];
        (hops != UNREACHED).then_some(hops)
    }

    /// The left-to-right product along the path, as everywhere; the search ran from the other end.
    fn value(&self, state: State) -> f64 {
        match self.hops(state) {
            None => 0.0,
            Some(_) => self.path(state).iter().fold(1.0, |value, arc| self.semiring.extend(value, self.graph.factor(arc, self.end).value)),
        }
    }

    fn path(&self, state: State) -> Vec<Arc> {
        let mut arcs = Vec::new();
        let mut at = state;
        while let Some(arc) = self.next(at) {
            arcs.push(arc);
            at = arc.to;
        }
        arcs
    }

    /// The first arc of the path from a state; none for a goal and for what reaches none.
    fn next(&self, state: State) -> Option<Arc> {
        let after = self.hops(state)?.checked_sub(1)?;
        self.graph
            .arcs_from(state)
            .filter(|arc| self.hops[arc.to.index()] == after)
            .filter(|arc| self.is_tight(state, arc.to, self.graph.factor(arc, self.end).value))
            .min_by_key(|arc| (arc.to, arc.connection, arc.rule))
    }
}
