//! What a search keeps of every state: the best value, or the two best of different groups.

use crate::graph::TwoBest;

/// What a search knows of a state. It only ever grows.
pub(super) trait Label: Copy + Default {
    /// The greatest value in it.
    fn greatest(&self) -> f64;

    /// Takes in what a transfer of this factor makes of another label, and returns whether that changed anything.
    fn offer(&mut self, from: Self, factor: f64, extend: impl Fn(f64, f64) -> f64) -> bool;

    /// As [`Label::offer`], of several at once.
    #[inline]
    fn offer_all<const COUNT: usize>(&mut self, offers: [(Self, f64); COUNT], extend: &impl Fn(f64, f64) -> f64) -> bool {
        offers.into_iter().fold(false, |grown, (from, factor)| grown | self.offer(from, factor, extend))
    }

    /// The greatest value that is in it and was not in what it was.
    fn greatest_new(&self, before: &Self) -> f64;
}

/// The greater of two numbers, neither of which is NaN: one operation, where [`f64::max`] needs six.
#[inline]
pub(super) fn greater(one: f64, other: f64) -> f64 {
    if one > other { one } else { other }
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
        *self = greater(extended, *self);
        is_greater
    }

    /// Two and two, so that the compiler can have them side by side.
    #[inline]
    fn offer_all<const COUNT: usize>(&mut self, offers: [(Self, f64); COUNT], extend: &impl Fn(f64, f64) -> f64) -> bool {
        let mut best = [0.0; 2];
        for (slot, (from, factor)) in offers.into_iter().enumerate() {
            best[slot % 2] = greater(extend(from, factor), best[slot % 2]);
        }
        self.offer(greater(best[0], best[1]), 1.0, |value, _| value)
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
