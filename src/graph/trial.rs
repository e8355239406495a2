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
    /// *O*(k log k), k the arcs at states that lose their best paths to the edits, or whose values rise.
    pub fn with(&mut self, edits: &[Edit<'_>]) -> Vec<(State, f64)> {
        let open = self.opened(edits);
        for edit in edits {
            self.edited.edit(edit);
        }
        let changed = self.solve(&open, edits);
        for edit in edits {
            match edit {
                Edit::System(system_ix, _) => self.edited.restore_system(self.solved, *system_ix),
                Edit::Block(state) => self.edited.restore_system(self.solved, state.system()),
                Edit::Connection(connection_ix, _) | Edit::Removal(connection_ix) => {
                    let connection = self.solved.estate.connection(*connection_ix);
                    self.edited.set_connection(*connection_ix, Some(connection));
                }
            }
        }
        changed
    }

    /// The states that may lose their value by the edits: those that no path keeps up which the edits leave whole.
    ///
    /// An arc is tight if its factor makes the value that it enters of the value that it leaves, bit for bit. A state of so
    /// many hops is kept up by tight arcs from states of one hop less, down to a seed: never in a circle.
    fn opened(&mut self, edits: &[Edit<'_>]) -> Vec<State> {
        let mut open: Vec<State> = Vec::new();
        let mut crossed: Vec<State> = Vec::new();
        for edit in edits {
            match edit {
                Edit::System(system_ix, _) => {
                    open.extend(Layer::ALL.iter().map(|&layer| State::new(*system_ix, layer)));
                }
                Edit::Block(state) => open.push(*state),
                Edit::Connection(connection_ix, _) | Edit::Removal(connection_ix) => {
                    let over = |from| self.keeping_up(from).filter(|arc| arc.connection == Some(*connection_ix));
                    crossed.extend(self.ends(*connection_ix).flat_map(over).map(|arc| arc.to));
                }
            }
        }
        open.retain(|state| !std::mem::replace(&mut self.is_open[state.index()], true));
        let mut hanging = crossed;
        let mut next = 0;
        loop {
            for state in hanging.drain(..) {
                if !self.is_open[state.index()] && !self.is_kept_up(state, edits) {
                    self.is_open[state.index()] = true;
                    open.push(state);
                }
            }
            let Some(&from) = open.get(next) else { return open };
            next += 1;
            hanging.extend(self.keeping_up(from).map(|arc| arc.to).filter(|to| !self.is_open[to.index()]));
        }
    }

    /// The tight arcs that leave a state for one of a hop more.
    fn keeping_up(&self, from: State) -> impl Iterator<Item = Arc> + '_ {
        let (value, hops) = (self.values[from.index()], self.witness.hops(from).map(|hops| hops + 1));
        let arcs = (hops.is_some() && self.solved.contains(from)).then(|| self.solved.weighted_arcs_from(from, self.end));
        let is_tight = move |(arc, factor): &(Arc, f64)| {
            self.witness.hops(arc.to) == hops && (value * factor).to_bits() == self.values[arc.to.index()].to_bits()
        };
        arcs.into_iter().flatten().filter(is_tight).map(|(arc, _)| arc)
    }

    /// Whether a state is a seed, or a tight arc enters it from a state of a hop less that is not open, over a connection that
    /// is not edited.
    fn is_kept_up(&self, state: State, edits: &[Edit<'_>]) -> bool {
        let (value, hops) = (self.values[state.index()], self.witness.hops(state));
        let Some(before) = hops.and_then(|hops| hops.checked_sub(1)) else { return true };
        let is_edited = |arc: &Arc| {
            edits.iter().any(|edit| match edit {
                Edit::Connection(connection_ix, _) | Edit::Removal(connection_ix) => arc.connection == Some(*connection_ix),
                Edit::System(..) | Edit::Block(_) => false,
            })
        };
        self.solved.weighted_arcs_to(state, self.end).any(|(arc, factor)| {
            self.witness.hops(arc.from) == Some(before)
                && !self.is_open[arc.from.index()]
                && (self.values[arc.from.index()] * factor).to_bits() == value.to_bits()
                && !is_edited(&arc)
        })
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
        // The arcs between open states: what has not risen has nothing new for any other.
        let mut inner: Vec<(State, State, f64)> = Vec::new();
        for &state in open.iter().filter(|&&state| self.edited.contains(state)) {
            let mut best = self.edited.severity(state, self.end);
            for (from, factor) in self.edited.predecessors(state, self.end) {
                if self.is_open[from.index()] {
                    inner.push((from, state, factor));
                } else {
                    best = best.max(self.values[from.index()] * factor);
                }
            }
            self.values[state.index()] = best;
            if best > 0.0 {
                heap.push((best.to_bits(), Reverse(state)));
            }
        }
        inner.sort_unstable_by_key(|&(from, to, _)| (from, to));
        // A connection that lets more through than before raises what no witness path shows.
        for edit in edits {
            if let Edit::Connection(connection_ix, _) = edit {
                heap.extend(self.ends(*connection_ix).map(|state| (self.values[state.index()].to_bits(), Reverse(state))));
            }
        }
        let is_edited = |state: State| {
            edits.iter().any(|edit| match edit {
                Edit::System(system_ix, _) => state.system() == *system_ix,
                Edit::Connection(connection_ix, _) => {
                    let connection = self.solved.estate.connection(*connection_ix);
                    [connection.from, connection.to].contains(&state.system())
                }
                Edit::Removal(_) | Edit::Block(_) => false,
            })
        };
        let mut raised: Vec<State> = Vec::new();
        while let Some((popped, Reverse(state))) = heap.pop() {
            let value = self.values[state.index()];
            if popped != value.to_bits() || !self.edited.contains(state) {
                continue;
            }
            let mut offer = |to: State, factor: f64| {
                let extended = value * factor;
                if extended > self.values[to.index()] {
                    self.values[to.index()] = extended;
                    heap.push((extended.to_bits(), Reverse(to)));
                    if !self.is_open[to.index()] {
                        raised.push(to);
                    }
                }
            };
            if value > self.witness.value(state) || is_edited(state) {
                self.edited.successors(state, self.end).for_each(|(to, factor)| offer(to, factor));
            } else {
                let first = inner.partition_point(|&(from, _, _)| from < state);
                inner[first..].iter().take_while(|&&(from, _, _)| from == state).for_each(|&(_, to, factor)| offer(to, factor));
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
