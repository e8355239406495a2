//! Witnesses: for a solved exposure, the canonical path that explains each state's value.

use super::build::{Arc, ExposureGraph};
use super::semiring::Semiring;
use super::state::State;
use crate::catalog::End;

/// The canonical path into every state of a solved exposure.
///
/// An arc is tight if extending its source's value by its factor gives its destination's value bit for bit. Hops
/// count all arcs of the shortest tight path; the parent is the smallest tight arc by (source state, connection,
/// rule). Parents are derived again when asked for, none is stored.
///
/// # Source
/// Specification, section 9.
#[derive(Clone, Debug)]
pub struct Witness<'g> {
    graph: &'g ExposureGraph<'g>,
    values: Vec<f64>,
    hops: Vec<u32>,
    semiring: Semiring,
    end: End,
}

const UNREACHED: u32 = u32::MAX;

impl<'g> Witness<'g> {
    /// Prepares the witnesses of values that were solved from these seeds.
    ///
    /// # Complexity
    /// *O*(V + E).
    pub fn new(graph: &'g ExposureGraph<'g>, values: Vec<f64>, seeds: &[(State, f64)], semiring: Semiring, end: End) -> Self {
        let mut hops = vec![UNREACHED; graph.state_bound()];
        let mut frontier: Vec<State> = Vec::new();
        for &(state, severity) in seeds {
            if severity > 0.0 && severity.to_bits() == values[state.index()].to_bits() && hops[state.index()] == UNREACHED {
                hops[state.index()] = 0;
                frontier.push(state);
            }
        }
        let mut hop = 0;
        while !frontier.is_empty() {
            hop += 1;
            let mut next = Vec::new();
            for from in frontier {
                let value = values[from.index()];
                for (to, factor) in graph.successors(from, end) {
                    let slot = &mut hops[to.index()];
                    if *slot == UNREACHED && is_tight(semiring, value, factor, values[to.index()]) {
                        *slot = hop;
                        next.push(to);
                    }
                }
            }
            frontier = next;
        }
        Self { graph, values, hops, semiring, end }
    }

    /// The exposure of a state at the end that was solved.
    pub fn value(&self, state: State) -> f64 {
        self.values[state.index()]
    }

    /// The number of arcs of the witness; none if nothing reaches the state.
    pub fn hops(&self, state: State) -> Option<u32> {
        let hops = self.hops[state.index()];
        (hops != UNREACHED).then_some(hops)
    }

    /// The arcs of the witness into a state, from the seed on; empty for a seed and for a state that nothing reaches.
    pub fn path(&self, state: State) -> Vec<Arc> {
        let mut arcs = Vec::new();
        let mut at = state;
        while let Some(arc) = self.parent(at) {
            arcs.push(arc);
            at = arc.from;
        }
        arcs.reverse();
        arcs
    }

    /// The seed that the witness into a state starts from.
    pub fn origin(&self, state: State) -> State {
        self.path(state).first().map_or(state, |arc| arc.from)
    }

    /// The last arc of the witness into a state.
    pub fn parent(&self, state: State) -> Option<Arc> {
        let hops = self.hops(state)?;
        let before = hops.checked_sub(1)?;
        self.graph
            .arcs_to(state)
            .filter(|arc| self.hops[arc.from.index()] == before)
            .filter(|arc| {
                let factor = self.graph.factor(arc, self.end).value;
                is_tight(self.semiring, self.value(arc.from), factor, self.value(state))
            })
            .min_by_key(|arc| (arc.from, arc.connection, arc.rule))
    }
}

fn is_tight(semiring: Semiring, value: f64, factor: f64, reached: f64) -> bool {
    reached > 0.0 && semiring.extend(value, factor).to_bits() == reached.to_bits()
}
