//! What a search keeps of every state: the best value, or the two best of different groups.

use crate::graph::TwoBest;

/// What a search knows of a state. It only ever grows.
pub(super) trait Label: Copy + Default {
    /// The greatest value in it.
    fn greatest(&self) -> f64;

    /// Takes in what a transfer of this factor makes of another label, and returns whether that changed anything.
    fn offer(&mut self, from: Self, factor: f64, extend: impl Fn(f64, f64) -> f64) -> bool;

    /// The greatest value that is in it and was not in what it was.
    fn greatest_new(&self, before: &Self) -> f64;
}

impl Label for f64 {
    fn greatest(&self) -> f64 {
        *self
    }

    /// Without a branch: which of two values is greater is often open to the end, and a wrong guess costs more than the answer.
    #[inline]
    fn offer(&mut self, from: Self, factor: f64, extend: impl Fn(f64, f64) -> f64) -> bool {
        let extended = extend(from, factor);
        let is_greater = extended > *self;
        *self = if is_greater { extended } else { *self };
        is_greater
    }

    fn greatest_new(&self, _: &Self) -> f64 {
        *self
    }
}

impl Label for TwoBest {
    fn greatest(&self) -> f64 {
        self.values[0]
    }

    #[inline]
    fn offer(&mut self, from: Self, factor: f64, extend: impl Fn(f64, f64) -> f64) -> bool {
        let extended = from.values.map(|value| extend(value, factor));
        // Most labels are no better than the second best, and then change nothing, of whichever group they are.
        if extended[0] <= self.values[1] {
            return false;
        }
        let grown = self.with(extended[0], from.groups[0]).with(extended[1], from.groups[1]);
        let is_other = grown != *self;
        *self = grown;
        is_other
    }

    fn greatest_new(&self, before: &Self) -> f64 {
        let is_first = (self.values[0], self.groups[0]) != (before.values[0], before.groups[0]);
        self.values[usize::from(!is_first)]
    }
}
