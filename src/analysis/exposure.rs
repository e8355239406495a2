//! Exposure of a target: the reverse of a blast radius, everything whose failure would reach it.

use super::Target;
use super::blast_radius::{ExposedState, ExposedSystem, by_system, holds, set_lows};
use crate::catalog::{BasisPoints, End, Interval};
use crate::estate::SystemIx;
use crate::graph::{Arc, ExposureGraph, Semiring, State, solve_reverse};

/// Everything whose failure would reach a target.
#[derive(Clone, Debug)]
pub struct Exposure {
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
    high: Inbound,
}

/// Returns every state whose total failure would expose `target` at or above `threshold`.
///
/// # Complexity
/// *O*((V + E) log V), two passes over the reversed arcs; then, for every state that is listed, the arcs of its path
/// whose factor is not 1: products are rounded from left to right, so that the path of one state says nothing exact
/// about another's.
pub fn exposure_of(graph: &ExposureGraph<'_>, target: Target, semiring: Semiring, threshold: BasisPoints) -> Exposure {
    let goals = target.states(graph);
    let (low, high) = (Inbound::new(graph, &goals, semiring, End::Low), Inbound::new(graph, &goals, semiring, End::High));
    let states: Vec<ExposedState> = graph
        .states()
        .filter_map(|state| {
            let hops = high.hops(state)?;
            if high.values[state.index()] < threshold.least() {
                return None;
            }
            let exposure = Interval::new(low.value(state), high.value(state));
            (BasisPoints::of(exposure.high) >= threshold).then_some(ExposedState { state, exposure, hops })
        })
        .collect();
    let mut systems = by_system(&states);
    set_lows(graph, &mut systems, |state| low.value(state));
    Exposure { target, goals, threshold, states, systems, high }
}

impl Exposure {
    /// Whether the system is the target or has a layer that is.
    pub fn is_goal(&self, system_ix: SystemIx) -> bool {
        holds(&self.goals, system_ix)
    }

    /// The arcs of the best path from a state to the target: of those of equal value one with the fewest arcs.
    pub fn path(&self, state: State) -> Vec<Arc> {
        self.high.path(state)
    }
}

/// The best paths from every state into the goals, at one end.
#[derive(Clone, Debug)]
struct Inbound {
    /// Products from the goals backwards.
    values: Vec<f64>,
    /// Hops to the nearest goal over tight arcs only. Following any tight arc instead could run into a circle among
    /// arcs that take nothing away, and never arrive.
    hops: Vec<u32>,
    /// The first arc of the path from a state: of those to a state nearer to a goal the smallest.
    next: Vec<Option<Arc>>,
    /// Only where the order of multiplication matters.
    legs: Option<Vec<Leg>>,
}

/// The next arc of a path that takes anything away, and where it leads. Arcs of factor 1 change no bit of a product,
/// and most arcs of an estate full of unknowns are such. A leg that leads nowhere ends a path.
#[derive(Copy, Clone, Debug)]
struct Leg {
    factor: f64,
    to: State,
}

const UNREACHED: u32 = u32::MAX;

impl Inbound {
    fn new(graph: &ExposureGraph<'_>, goals: &[State], semiring: Semiring, end: End) -> Self {
        let seeds: Vec<(State, f64)> = goals.iter().map(|&state| (state, 1.0)).collect();
        let values = solve_reverse(graph, &seeds, semiring, end);
        let bound = graph.state_bound();
        let mut hops = vec![UNREACHED; bound];
        let mut next: Vec<Option<(Arc, f64)>> = vec![None; bound];
        for goal in goals {
            hops[goal.index()] = 0;
        }
        let mut order = goals.to_vec();
        let mut at = 0;
        while let Some(&to) = order.get(at) {
            at += 1;
            let (value, hop) = (values[to.index()], hops[to.index()] + 1);
            for (arc, factor) in graph.weighted_arcs_to(to, end) {
                let from = arc.from.index();
                if hops[from] < hop || values[from] == 0.0 || semiring.extend(value, factor).to_bits() != values[from].to_bits() {
                    continue;
                }
                if hops[from] == UNREACHED {
                    hops[from] = hop;
                    order.push(arc.from);
                }
                if next[from].is_none_or(|(known, _)| rank(&arc) < rank(&known)) {
                    next[from] = Some((arc, factor));
                }
            }
        }
        let legs = (semiring == Semiring::Product).then(|| {
            let mut legs: Vec<Leg> = (0..bound).map(|state| Leg { factor: 1.0, to: State::from_index(state) }).collect();
            for &state in &order {
                if let Some((arc, factor)) = next[state.index()] {
                    legs[state.index()] = if factor == 1.0 { legs[arc.to.index()] } else { Leg { factor, to: arc.to } };
                }
            }
            legs
        });
        let next = next.into_iter().map(|next| next.map(|(arc, _)| arc)).collect();
        Self { values, hops, next, legs }
    }

    /// The number of arcs to the nearest goal; none if there is no way.
    fn hops(&self, state: State) -> Option<u32> {
        let hops = self.hops[state.index()];
        (hops != UNREACHED).then_some(hops)
    }

    /// The left-to-right product along the path, as everywhere; the search ran from the other end, which only the
    /// other semirings do not feel.
    ///
    /// # Complexity
    /// The number of arcs of the path whose factor is not 1.
    fn value(&self, state: State) -> f64 {
        let Some(legs) = &self.legs else { return self.values[state.index()] };
        if self.hops(state).is_none() {
            return 0.0;
        }
        let (mut value, mut at) = (1.0, state);
        loop {
            let leg = legs[at.index()];
            if leg.to == at || value == 0.0 {
                return value;
            }
            value *= leg.factor;
            at = leg.to;
        }
    }

    fn path(&self, state: State) -> Vec<Arc> {
        std::iter::successors(self.next[state.index()], |arc| self.next[arc.to.index()]).collect()
    }
}

/// Of the tight arcs from a state to a nearer one the one of the smallest rank is taken.
fn rank(arc: &Arc) -> impl Ord + use<> {
    (arc.to, arc.connection, arc.rule)
}
