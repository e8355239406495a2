//! Several searches of one graph at once: they reach much the same states, over the same arcs.

use super::build::ExposureGraph;
use super::state::State;
use crate::catalog::{End, Layer};
use crate::estate::SystemIx;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// How many searches run at once: one for every layer of a system, and an even number for the processor.
pub const LANES: usize = 12;

/// One value per search.
pub type Lanes = [f64; LANES];

/// The arcs of one end written out, for questions that search the same graph thousands of times.
#[derive(Clone, Debug)]
pub struct FlatGraph {
    start: Vec<u32>,
    arcs: Vec<(State, f64)>,
}

impl FlatGraph {
    /// Writes out the arcs of one end; arcs of factor 0 are left out.
    pub fn of(graph: &ExposureGraph<'_>, end: End) -> Self {
        let mut start = Vec::with_capacity(graph.state_bound() + 1);
        let mut arcs = Vec::new();
        start.push(0);
        for state in (0..graph.state_bound()).map(State::from_index) {
            if graph.contains(state) {
                arcs.extend(graph.successors(state, end).filter(|&(_, factor)| factor > 0.0));
            }
            start.push(arcs.len() as u32);
        }
        Self { start, arcs }
    }

    fn arcs_from(&self, state: State) -> &[(State, f64)] {
        &self.arcs[self.start[state.index()] as usize..self.start[state.index() + 1] as usize]
    }
}

/// Searches a [`FlatGraph`] in the default semiring, up to [`LANES`] questions at once, again and again in the same
/// memory.
#[derive(Clone, Debug)]
pub struct LaneSearch<'f> {
    flat: &'f FlatGraph,
    /// The best values so far, per state and search.
    values: Vec<Lanes>,
    /// The greatest value that was raised since a state was left last; 0 where none was.
    pending: Vec<f64>,
    heap: BinaryHeap<(u64, Reverse<State>)>,
    /// The systems that are reached, in no order.
    reached: Vec<SystemIx>,
    is_reached: Vec<bool>,
}

impl<'f> LaneSearch<'f> {
    /// A search with nothing reached.
    pub fn new(flat: &'f FlatGraph) -> Self {
        let states = flat.start.len() - 1;
        Self {
            flat,
            values: vec![[0.0; LANES]; states],
            pending: vec![0.0; states],
            heap: BinaryHeap::new(),
            reached: Vec::new(),
            is_reached: vec![false; states / Layer::COUNT],
        }
    }

    /// For every system that a seed reaches, in order of ids, and for every search, the value of the best path from its
    /// seeds into any layer; 0 where there is none. Values below `least` may be given as 0.
    ///
    /// The same values as [`solve`](super::solve) gives, bit for bit: products run from left to right, and the greatest
    /// of them does not depend on the order in which they are found.
    ///
    /// # Complexity
    /// *O*((V + E) log V) for every search at worst: whenever a state is left, the value of at least one search is
    /// final there. Searches that reach the same states leave most of them together.
    pub fn solve(&mut self, seeds: impl IntoIterator<Item = (State, usize, f64)>, least: f64) -> Vec<(SystemIx, Lanes)> {
        for (state, lane, value) in seeds {
            let slot = &mut self.values[state.index()][lane];
            if value > *slot {
                *slot = value;
                self.raise(state, value);
            }
        }
        while let Some((popped, Reverse(state))) = self.heap.pop() {
            if popped != self.pending[state.index()].to_bits() {
                continue;
            }
            self.pending[state.index()] = 0.0;
            let values = self.values[state.index()];
            for &(to, factor) in self.flat.arcs_from(state) {
                let known = &mut self.values[to.index()];
                let mut raised = [0.0; LANES];
                // Without branches, so that several lanes go through the processor together.
                for lane in 0..LANES {
                    let extended = values[lane] * factor;
                    let offered = if extended >= least { extended } else { 0.0 };
                    raised[lane] = if offered > known[lane] { offered } else { 0.0 };
                    known[lane] = if offered > known[lane] { offered } else { known[lane] };
                }
                let most = raised.into_iter().fold(0.0, |most, value| if value > most { value } else { most });
                if most > 0.0 {
                    self.raise(to, most);
                }
            }
        }
        self.take()
    }

    fn raise(&mut self, state: State, value: f64) {
        let system = state.system().index();
        if !self.is_reached[system] {
            self.is_reached[system] = true;
            self.reached.push(state.system());
        }
        if value > self.pending[state.index()] {
            self.pending[state.index()] = value;
            self.heap.push((value.to_bits(), Reverse(state)));
        }
    }

    /// The best values by system; everything is 0 again afterwards.
    fn take(&mut self) -> Vec<(SystemIx, Lanes)> {
        self.reached.sort_unstable();
        let best = |layers: &mut [Lanes]| {
            let mut best = [0.0; LANES];
            for layer in layers {
                for (best, value) in best.iter_mut().zip(std::mem::take(layer)) {
                    *best = f64::max(*best, value);
                }
            }
            best
        };
        let reached = self.reached.iter().map(|&system_ix| {
            self.is_reached[system_ix.index()] = false;
            let first = system_ix.index() * Layer::COUNT;
            (system_ix, best(&mut self.values[first..first + Layer::COUNT]))
        });
        let reached = reached.collect();
        self.reached.clear();
        reached
    }
}
