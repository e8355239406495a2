//! The semirings: how a path's value grows, arc by arc. The best path has the greatest value in all of them.

use crate::catalog::BasisPoints;

/// How the value of a path is computed from its arcs.
///
/// # Source
/// Mohri, *Semiring frameworks and algorithms for shortest-distance problems* (2002): all three are 0-closed, so that
/// cycles never raise a value and one best-first search is exact.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Default)]
pub enum Semiring {
    /// The product of the factors: the most likely path when barriers fail independently. The only one that scores use.
    #[default]
    Product,
    /// The least factor: the weakest barrier, the path's value if all barriers fail together.
    Bottleneck,
    /// Whether every arc is at or above a threshold.
    Reach {
        /// The threshold.
        threshold: BasisPoints,
    },
}

impl Semiring {
    /// The value of a path of this value, grown by an arc of this factor.
    pub fn extend(self, value: f64, factor: f64) -> f64 {
        match self {
            Self::Product => value * factor,
            Self::Bottleneck => value.min(factor),
            Self::Reach { threshold } if BasisPoints::of(factor) >= threshold && factor > 0.0 => value,
            Self::Reach { .. } => 0.0,
        }
    }
}
