//! What a search keeps of every state: the best value, or the two best of different groups.

use crate::graph::TwoBest;

/// What a search knows of a state. It only ever grows.
pub(super) trait Label: Copy + Default {
    /// The greatest value in it.
    fn greatest(&self) -> f64;

    /// What a value must exceed to change anything, whatever group it is of.
    fn least(&self) -> f64;

    /// Takes in what another label makes of a transfer, and returns the greatest value that is new here; 0 if none is.
    fn take(&mut self, extended: Self) -> f64;

    /// The label after a transfer: every value in it, changed.
    fn map(self, change: impl Fn(f64) -> f64) -> Self;
}

impl Label for f64 {
    fn greatest(&self) -> f64 {
        *self
    }

    fn least(&self) -> f64 {
        *self
    }

    fn take(&mut self, extended: Self) -> f64 {
        if extended > *self {
            *self = extended;
            extended
        } else {
            0.0
        }
    }

    fn map(self, change: impl Fn(f64) -> f64) -> Self {
        change(self)
    }
}

impl Label for TwoBest {
    fn greatest(&self) -> f64 {
        self.values[0]
    }

    fn least(&self) -> f64 {
        self.values[1]
    }

    fn take(&mut self, extended: Self) -> f64 {
        let mut greatest = 0.0;
        for (value, group) in extended.values.into_iter().zip(extended.groups) {
            let grown = self.with(value, group);
            if grown != *self {
                *self = grown;
                greatest = f64::max(greatest, value);
            }
        }
        greatest
    }

    fn map(self, change: impl Fn(f64) -> f64) -> Self {
        Self { values: self.values.map(change), ..self }
    }
}
