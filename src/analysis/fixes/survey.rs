//! What an estate looks like after some fixes: what risk is left, by which paths, and which fixes lie on them.

use super::bound::Row;
use super::candidate::{Applied, Candidate, Fix, ratio, severity_after};
use crate::analysis::attribution::criticality;
use crate::analysis::retrial::witness;
use crate::catalog::{End, Layer};
use crate::estate::{ConnectionIx, SystemIx};
use crate::graph::{Arc, ExposureGraph, State};
use std::collections::BTreeMap;

/// A path from a gap into a system.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path {
    /// The gap.
    pub start: State,
    /// The state that it leads into.
    pub end: State,
    /// Its arcs, by what tells one from another between the two states.
    pub arcs: Vec<PathArc>,
}

/// An arc, in an order of its own.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PathArc {
    from: State,
    to: State,
    connection: Option<ConnectionIx>,
    rule: crate::graph::RuleIx,
}

impl PathArc {
    /// The arc of the graph.
    pub const fn arc(self) -> Arc {
        Arc { from: self.from, to: self.to, rule: self.rule, connection: self.connection }
    }
}

impl From<Arc> for PathArc {
    fn from(arc: Arc) -> Self {
        Self { from: arc.from, to: arc.to, connection: arc.connection, rule: arc.rule }
    }
}

/// The candidates, and which of them is about what.
pub(super) struct Shop<'g> {
    pub(super) graph: &'g ExposureGraph<'g>,
    pub(super) candidates: Vec<Candidate>,
    /// The end of which all figures are.
    pub(super) end: End,
    /// The candidates about a state, and those about a connection.
    of_state: BTreeMap<State, Vec<usize>>,
    of_connection: BTreeMap<ConnectionIx, Vec<usize>>,
    /// Every system's criticality.
    pub(super) weights: Vec<f64>,
}

/// An estate after some fixes.
pub(super) struct Survey {
    /// The risk that is left, the sum over all systems.
    pub(super) residual: f64,
    /// The path into every system that is still exposed.
    pub(super) paths: Vec<(SystemIx, Path)>,
    /// How much of the risk each candidate would take off, were no other path there.
    pub(super) loads: BTreeMap<usize, f64>,
}

impl<'g> Shop<'g> {
    pub(super) fn new(graph: &'g ExposureGraph<'g>, candidates: Vec<Candidate>, end: End) -> Self {
        let mut of_state: BTreeMap<State, Vec<usize>> = BTreeMap::new();
        let mut of_connection: BTreeMap<ConnectionIx, Vec<usize>> = BTreeMap::new();
        for (ix, candidate) in candidates.iter().enumerate() {
            match candidate.fix {
                Fix::Close(state) | Fix::Own(state) => of_state.entry(state).or_default().push(ix),
                Fix::Control(connection_ix, _) | Fix::Remove(connection_ix) => of_connection.entry(connection_ix).or_default().push(ix),
            }
        }
        let weights = graph.estate.system_ixs().map(|system_ix| criticality(graph, system_ix, end)).collect();
        Self { graph, candidates, end, of_state, of_connection, weights }
    }

    pub(super) fn costs(&self) -> Vec<u32> {
        self.candidates.iter().map(|candidate| candidate.cost).collect()
    }

    pub(super) fn applied(&self, chosen: &[usize]) -> Applied {
        Applied::of(self.graph, chosen.iter().map(|&ix| self.candidates[ix].fix))
    }

    /// The candidates that may be about an arc.
    fn about(&self, arc: &Arc) -> impl Iterator<Item = usize> + '_ {
        let watched = arc.connection.map(|_| State::new(arc.from.system(), Layer::Monitoring)).filter(|watched| *watched != arc.to);
        let states = std::iter::once(arc.to).chain(watched).filter_map(|state| self.of_state.get(&state));
        let connection = arc.connection.and_then(|connection_ix| self.of_connection.get(&connection_ix));
        states.chain(connection).flatten().copied()
    }

    /// A path of the graph without fixes, as a bound sees it: its value, and how much of that each candidate takes off.
    pub(super) fn row(&self, system_ix: SystemIx, path: &Path) -> Row {
        let mut value = self.graph.severity(path.start, self.end);
        let mut left: BTreeMap<usize, f64> = BTreeMap::new();
        let severity = value;
        for &ix in self.of_state.get(&path.start).into_iter().flatten() {
            left.insert(ix, severity_after(self.graph, self.candidates[ix].fix, self.end) / severity);
        }
        for arc in path.arcs.iter().map(|arc| arc.arc()) {
            value *= self.graph.factor(&arc, self.end).value;
            for ix in self.about(&arc) {
                let ratio = ratio(self.graph, &arc, self.candidates[ix].fix, self.end);
                if ratio < 1.0 {
                    *left.entry(ix).or_insert(1.0) *= ratio;
                }
            }
        }
        let hits = left.into_iter().filter(|(_, left)| *left < 1.0).map(|(ix, left)| (ix, 1.0 - left)).collect();
        Row { value: self.weights[system_ix.index()] * value, hits }
    }

    /// Solves the estate after these fixes.
    ///
    /// # Complexity
    /// One search and one forest.
    pub(super) fn survey(&self, chosen: &[usize]) -> Survey {
        let applied = self.applied(chosen);
        let graph = self.graph.with_edits(&applied.edits());
        let witness = witness(&graph, self.end);
        let mut residual = 0.0;
        let mut paths = Vec::new();
        let mut risk_at = vec![0.0; graph.state_bound()];
        for system_ix in graph.estate.system_ixs() {
            let Some(worst) = witness.worst(graph.states_of(system_ix)) else { continue };
            let risk = self.weights[system_ix.index()] * witness.value(worst);
            residual += risk;
            risk_at[worst.index()] = risk;
            let arcs = witness.path(worst).into_iter().map(PathArc::from).collect();
            paths.push((system_ix, Path { start: witness.origin(worst), end: worst, arcs }));
        }
        // From the leaves of the forest to its roots: the risk that passes every state.
        let mut loads: BTreeMap<usize, f64> = BTreeMap::new();
        for &state in witness.nearest_first().iter().rev() {
            let passing = risk_at[state.index()];
            if passing == 0.0 {
                continue;
            }
            match witness.parent(state) {
                Some(arc) => {
                    risk_at[arc.from.index()] += passing;
                    for ix in self.about(&arc) {
                        let taken = passing * (1.0 - ratio(self.graph, &arc, self.candidates[ix].fix, self.end));
                        if taken > 0.0 {
                            *loads.entry(ix).or_default() += taken;
                        }
                    }
                }
                None => {
                    let severity = graph.severity(state, self.end);
                    for &ix in self.of_state.get(&state).into_iter().flatten() {
                        let after = severity_after(self.graph, self.candidates[ix].fix, self.end).min(severity);
                        *loads.entry(ix).or_default() += passing * (1.0 - after / severity);
                    }
                }
            }
        }
        Survey { residual, paths, loads }
    }
}
