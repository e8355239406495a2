//! Best-first search over the exposure graph: the value of the best path into every state.

use super::build::ExposureGraph;
use super::semiring::Semiring;
use super::state::State;
use crate::catalog::End;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A value between 0 and 1 as a key that orders as the value does: bits of non-negative doubles do.
fn key(value: f64) -> u64 {
    value.to_bits()
}

/// The value of the best path from any seed into every state; 0 where there is none.
///
/// Values are left-to-right products of the seed and the factors (in the default semiring), so that the result does
/// not depend on the order of the search. Indexed by [`State::index`].
///
/// # Complexity
/// *O*((V + E) log V).
pub fn solve(graph: &ExposureGraph<'_>, seeds: &[(State, f64)], semiring: Semiring, end: End) -> Vec<f64> {
    search(graph.state_bound(), seeds, |value, factor| semiring.extend(value, factor), |state| graph.successors(state, end))
}

/// The least that the probability of a path into every state can be, whatever depends on what; 0 where nothing is certain.
///
/// `max(0, 1 − Σ (1 − w))` over the best path's seed and arcs: the worlds in which its steps fail need not overlap.
///
/// # Complexity
/// *O*((V + E) log V).
///
/// # Source
/// Fréchet (1935) and the union bound; the semiring is that of max and the t-norm of Łukasiewicz, which is 0-closed.
pub fn solve_overlap(graph: &ExposureGraph<'_>, seeds: &[(State, f64)], end: End) -> Vec<f64> {
    search(graph.state_bound(), seeds, |value, factor| f64::max(0.0, value - (1.0 - factor)), |state| graph.successors(state, end))
}

/// The value of the best path from every state into any seed; 0 where there is none.
///
/// The same over the reversed arcs: products run from the seed backwards, equal to the forward ones but for rounding.
pub fn solve_reverse(graph: &ExposureGraph<'_>, seeds: &[(State, f64)], semiring: Semiring, end: End) -> Vec<f64> {
    search(graph.state_bound(), seeds, |value, factor| semiring.extend(value, factor), |state| graph.predecessors(state, end))
}

fn search<I: Iterator<Item = (State, f64)>>(
    bound: usize,
    seeds: &[(State, f64)],
    extend: impl Fn(f64, f64) -> f64,
    next: impl Fn(State) -> I,
) -> Vec<f64> {
    let mut best = vec![0.0_f64; bound];
    let mut heap: BinaryHeap<(u64, Reverse<State>)> = BinaryHeap::with_capacity(seeds.len());
    for &(state, value) in seeds {
        if value > best[state.index()] {
            best[state.index()] = value;
            heap.push((key(value), Reverse(state)));
        }
    }
    while let Some((popped, Reverse(state))) = heap.pop() {
        let value = best[state.index()];
        if popped != key(value) {
            continue;
        }
        for (to, factor) in next(state) {
            let extended = extend(value, factor);
            if extended > best[to.index()] {
                best[to.index()] = extended;
                heap.push((key(extended), Reverse(to)));
            }
        }
    }
    best
}

/// The two best labels of a state that come from different groups of seeds.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct TwoBest {
    /// The best value, and the best value of any other group; 0 where there is none.
    pub values: [f64; 2],
    /// The group of each; `u32::MAX` where there is none.
    pub groups: [u32; 2],
}

impl TwoBest {
    /// The best value that does not come from `group`.
    pub fn without(&self, group: u32) -> f64 {
        self.values[usize::from(self.groups[0] == group)]
    }

    /// Takes a label into the pair.
    #[must_use]
    pub fn with(self, value: f64, group: u32) -> Self {
        let ([first, second], [of_first, of_second]) = (self.values, self.groups);
        if group == of_first {
            Self { values: [first.max(value), second], ..self }
        } else if value > first {
            Self { values: [value, first], groups: [group, of_first] }
        } else if group == of_second {
            Self { values: [first, second.max(value)], ..self }
        } else if value > second {
            Self { values: [first, value], groups: [of_first, group] }
        } else {
            self
        }
    }
}

impl Default for TwoBest {
    fn default() -> Self {
        Self { values: [0.0; 2], groups: [u32::MAX; 2] }
    }
}

/// For every state the best value of any group of seeds, and the best of any other group.
///
/// One search answers for every group what the exposure would be without it: a path that is best without a group
/// never needs a third label on its way.
///
/// # Complexity
/// *O*((V + E) log V): every state is left at most twice.
pub fn solve_two_best(graph: &ExposureGraph<'_>, seeds: &[(State, f64, u32)], end: End) -> Vec<TwoBest> {
    let mut best = vec![TwoBest::default(); graph.state_bound()];
    let mut heap: BinaryHeap<(u64, Reverse<(State, u32)>)> = BinaryHeap::with_capacity(seeds.len());
    let offer = |heap: &mut BinaryHeap<_>, best: &mut [TwoBest], state: State, value: f64, group: u32| {
        let labels = &mut best[state.index()];
        // Most labels are no better than the second best, and then change nothing, of whichever group they are.
        if value <= labels.values[1] {
            return;
        }
        let grown = labels.with(value, group);
        if grown != *labels {
            *labels = grown;
            heap.push((key(value), Reverse((state, group))));
        }
    };
    for &(state, value, group) in seeds {
        offer(&mut heap, &mut best, state, value, group);
    }
    while let Some((popped, Reverse((state, group)))) = heap.pop() {
        let labels = best[state.index()];
        let is_current = (0..2).any(|ix| labels.groups[ix] == group && key(labels.values[ix]) == popped);
        if !is_current {
            continue;
        }
        let value = f64::from_bits(popped);
        for (to, factor) in graph.successors(state, end) {
            offer(&mut heap, &mut best, to, value * factor, group);
        }
    }
    best
}
