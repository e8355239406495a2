//! Intervals in [0, 1] and basis points: what is not known stays visible in every number.

use super::vocabulary::End;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An interval `[low, high]` inside `[0, 1]`: the true value lies somewhere in it.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The least possible value.
    pub low: f64,
    /// The greatest possible value.
    pub high: f64,
}

impl Interval {
    /// Exactly 0.
    pub const ZERO: Self = Self::new(0.0, 0.0);
    /// Exactly 1.
    pub const ONE: Self = Self::new(1.0, 1.0);
    /// Nothing is known.
    pub const UNKNOWN: Self = Self::new(0.0, 1.0);

    /// The interval from `low` to `high`.
    pub const fn new(low: f64, high: f64) -> Self {
        Self { low, high }
    }

    /// The interval of one known value.
    pub const fn exactly(value: f64) -> Self {
        Self::new(value, value)
    }

    /// The product of two intervals; both lie in `[0, 1]`, so the ends multiply.
    #[must_use]
    pub fn times(self, other: Self) -> Self {
        Self::new(self.low * other.low, self.high * other.high)
    }

    /// The minimum of two quantities, end by end.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        Self::new(self.low.min(other.low), self.high.min(other.high))
    }

    /// The maximum of two quantities, end by end.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self::new(self.low.max(other.low), self.high.max(other.high))
    }

    /// The smallest interval that holds both.
    #[must_use]
    pub fn hull(self, other: Self) -> Self {
        Self::new(self.low.min(other.low), self.high.max(other.high))
    }

    /// The end that is asked for.
    pub const fn end(self, end: End) -> f64 {
        match end {
            End::Low => self.low,
            End::High => self.high,
        }
    }
}

/// Basis points of a probability, a severity or a system's risk: `floor(x × 10,000 + 0.5)`, 0 to 10,000.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
pub struct BasisPoints(pub u16);

impl BasisPoints {
    /// The published form of a value in `[0, 1]`.
    pub fn of(value: f64) -> Self {
        Self((value * 10_000.0 + 0.5).floor() as u16)
    }

    /// A value below which nothing is published as this figure or a higher one, not even if a product of a path was
    /// rounded from another end: a millionth of margin is more than the rounding of a thousand million factors.
    pub(crate) fn least(self) -> f64 {
        (f64::from(self.0) - 0.5).max(0.0) / 10_000.0 * 0.999_999
    }
}

/// Basis points of a sum over systems or gaps: 10,000 is one system of the highest criticality, wholly exposed.
pub fn points(sum: f64) -> u64 {
    (sum * 10_000.0 + 0.5).floor() as u64
}

/// An interval as published: basis points of both ends.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Published<T> {
    /// Every unknown turns out well.
    pub low: T,
    /// Every unknown turns out badly.
    pub high: T,
}

impl Published<BasisPoints> {
    /// Publishes an interval.
    pub fn of(interval: Interval) -> Self {
        Self { low: BasisPoints::of(interval.low), high: BasisPoints::of(interval.high) }
    }

    /// Publishes an interval in which something surely lies: rounded outwards, but for what is rounding itself.
    pub fn around(interval: Interval) -> Self {
        let (low, high) = (interval.low * 10_000.0 + ROUNDING, interval.high * 10_000.0 - ROUNDING);
        Self { low: BasisPoints(low.floor() as u16), high: BasisPoints(high.ceil() as u16) }
    }
}

/// Far less than a basis point, and far more than the rounding of a sum of doubles.
const ROUNDING: f64 = 1e-6;
