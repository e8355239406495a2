//! Best paths for petgraph's Dijkstra.

#![expect(clippy::suspicious_arithmetic_impl, reason = "a likelihood adds by multiplying")]

use std::ops::Add;

/// A likelihood as a cost for petgraph's Dijkstra: costs add by multiplying, and the likelier is the smaller.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(crate) struct Likelihood(pub(crate) f64);

impl Default for Likelihood {
    fn default() -> Self {
        Self(1.0)
    }
}

impl Add for Likelihood {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 * other.0)
    }
}

impl PartialOrd for Likelihood {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        other.0.partial_cmp(&self.0)
    }
}
