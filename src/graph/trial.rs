//! Edits tried on a solved graph: only what an edit can touch is solved again.

use super::build::{Arc, ExposureGraph};
use super::state::State;
use super::witness::Witness;
use crate::catalog::{End, Layer};
use crate::coverage::CoverageRow;
use crate::estate::{Connection, ConnectionIx, SystemIx};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// One part of an edit.
#[derive(Clone, Debug)]
pub enum Edit<'a> {
    /// The system's layers have this coverage; those without one are gone.
    System(SystemIx, Box<CoverageRow>),
    /// The connection has the controls, certainty and copy of this one between the same systems.
    Connection(ConnectionIx, &'a Connection),
    /// The connection is gone.
    Removal(ConnectionIx),
    /// Nothing enters or leaves the state, nor begins in it; every factor stays as it is.
    Block(State),
}

/// A solved graph on which edits are tried, one after the other, each undone before the next.
///
/// Exact, bit for bit: a state that has a best path which no edit touches keeps at least its value, as the path is still
/// there with all its factors. The others are solved again from their untouched neighbours, and what rises is carried on.
///
/// # Source
/// The idea is that of Ramalingam and Reps, *An incremental algorithm for a generalization of the shortest-path problem*
/// (1996).
#[derive(Clone, Debug)]
pub struct Trial<'w> {
    solved: &'w ExposureGraph<'w>,
    witness: &'w Witness<'w>,
    edited: ExposureGraph<'w>,
    /// INVARIANT (undone): between trials the values of the witness.
    values: Vec<f64>,
    is_open: Vec<bool>,
    end: End,
}

impl<'w> Trial<'w> {
    /// Trials on a graph that was solved in the default semiring, at the end that `witness` explains.
    pub fn new(solved: &'w ExposureGraph<'w>, witness: &'w Witness<'w>) -> Self {
        let values = (0..solved.state_bound()).map(|state| witness.value(State::from_index(state))).collect();
        Self { solved, witness, edited: solved.clone(), values, is_open: vec![false; solved.state_bound()], end: witness.end() }
    }

    /// Returns every state whose value is another under the edits, with that value, in order of states.
    ///
    /// # Complexity
    /// *O*(k log k), k the arcs at states whose witness paths the edits touch, or whose values rise.
    pub fn with(&mut self, edits: &[Edit<'_>]) -> Vec<(State, f64)> {
        let open = self.opened(edits);
        for edit in edits {
            self.edited.edit(edit);
        }
        let changed = self.solve(&open, edits);
        for edit in edits {
            match edit {
                Edit::System(system_ix, _) => self.edited.set_system(*system_ix, self.solved.coverage.row(*system_ix)),
                Edit::Block(state) => self.edited.set_system(state.system(), self.solved.coverage.row(state.system())),
                Edit::Connection(connection_ix, _) | Edit::Removal(connection_ix) => {
                    let connection = self.solved.estate.connection(*connection_ix);
                    self.edited.set_connection(*connection_ix, Some(connection));
                }
            }
        }
        changed
    }

    /// The states that may lose their value by the edits: those whose best paths, one or all, the edits touch.
    ///
    /// An arc is tight if its factor makes the value that it enters of the value that it leaves, bit for bit. A state keeps its
    /// value as long as a chain of tight arcs from a seed is left whole; all that hangs on an edited one is opened.
    fn opened(&mut self, edits: &[Edit<'_>]) -> Vec<State> {
        let mut open: Vec<State> = Vec::new();
        for edit in edits {
            match edit {
                Edit::System(system_ix, _) => {
                    open.extend(Layer::ALL.iter().map(|&layer| State::new(*system_ix, layer)));
                }
                Edit::Block(state) => open.push(*state),
                Edit::Connection(connection_ix, _) | Edit::Removal(connection_ix) => {
                    let crossed = |from| self.tight_from(from).filter(|arc| arc.connection == Some(*connection_ix));
                    open.extend(self.ends(*connection_ix).flat_map(crossed).map(|arc| arc.to));
                }
            }
        }
        open.retain(|state| !std::mem::replace(&mut self.is_open[state.index()], true));
        let mut next = 0;
        while let Some(&from) = open.get(next) {
            next += 1;
            let hanging: Vec<State> = self.tight_from(from).map(|arc| arc.to).collect();
            open.extend(hanging.into_iter().filter(|to| !std::mem::replace(&mut self.is_open[to.index()], true)));
        }
        open
    }

    /// The tight arcs that leave a state and enter one which has no gap that is as bad by itself.
    fn tight_from(&self, from: State) -> impl Iterator<Item = Arc> + '_ {
        let value = self.values[from.index()];
        let arcs = (value > 0.0 && self.solved.contains(from)).then(|| self.solved.weighted_arcs_from(from, self.end));
        let is_tight = move |arc: &Arc, factor: f64| {
            let entered = self.values[arc.to.index()];
            (value * factor).to_bits() == entered.to_bits() && self.solved.severity(arc.to, self.end) < entered
        };
        arcs.into_iter().flatten().filter(move |(arc, factor)| is_tight(arc, *factor)).map(|(arc, _)| arc)
    }

    fn ends(&self, connection_ix: ConnectionIx) -> impl Iterator<Item = State> + use<'w> {
        let (solved, connection) = (self.solved, self.solved.estate.connection(connection_ix));
        [connection.from, connection.to].into_iter().flat_map(|system_ix| solved.states_of(system_ix))
    }

    /// Solves the edited graph, of which only the states that are open can have lost their value.
    fn solve(&mut self, open: &[State], edits: &[Edit<'_>]) -> Vec<(State, f64)> {
        let mut heap: BinaryHeap<(u64, Reverse<State>)> = BinaryHeap::new();
        for &state in open {
            self.values[state.index()] = 0.0;
        }
        for &state in open.iter().filter(|&&state| self.edited.contains(state)) {
            let from_others = self.edited.predecessors(state, self.end).filter(|(from, _)| !self.is_open[from.index()]);
            let best = from_others.map(|(from, factor)| self.values[from.index()] * factor).fold(0.0, f64::max);
            self.values[state.index()] = best.max(self.edited.severity(state, self.end));
            if self.values[state.index()] > 0.0 {
                heap.push((self.values[state.index()].to_bits(), Reverse(state)));
            }
        }
        // A connection that lets more through than before raises what no witness path shows.
        for edit in edits {
            if let Edit::Connection(connection_ix, _) = edit {
                heap.extend(self.ends(*connection_ix).map(|state| (self.values[state.index()].to_bits(), Reverse(state))));
            }
        }
        let mut raised: Vec<State> = Vec::new();
        while let Some((popped, Reverse(state))) = heap.pop() {
            let value = self.values[state.index()];
            if popped != value.to_bits() || !self.edited.contains(state) {
                continue;
            }
            for (to, factor) in self.edited.successors(state, self.end) {
                let extended = value * factor;
                if extended > self.values[to.index()] {
                    self.values[to.index()] = extended;
                    heap.push((extended.to_bits(), Reverse(to)));
                    if !self.is_open[to.index()] {
                        raised.push(to);
                    }
                }
            }
        }
        let mut touched: Vec<State> = open.iter().copied().chain(raised).collect();
        touched.sort_unstable();
        touched.dedup();
        let mut changed = Vec::new();
        for state in touched {
            let (tried, known) = (self.values[state.index()], self.witness.value(state));
            self.values[state.index()] = known;
            self.is_open[state.index()] = false;
            if tried != known {
                changed.push((state, tried));
            }
        }
        changed
    }
}
