//! What traversal needs to know of a layer and of a connection. Estates repeat themselves: every distinct record is kept
//! once, and a state or a connection is a number.

use crate::catalog::{Cell, Certainty, ConnectionKind, ControlStatus, End, Interval, Layer, Policy};
use crate::coverage::LayerCoverage;
use crate::estate::{Connection, ConnectionControl};
use indexmap::IndexSet;
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

/// Distinct records, numbered in the order in which they came.
#[derive(Clone, Debug)]
pub(crate) struct Records<T>(IndexSet<T, foldhash::fast::FixedState>);

impl<T> Default for Records<T> {
    fn default() -> Self {
        Self(IndexSet::with_hasher(foldhash::fast::FixedState::default()))
    }
}

impl<T: Copy + Eq + Hash> Records<T> {
    /// The number of a record, which is kept if it is new.
    pub(crate) fn number(&mut self, record: T) -> u32 {
        self.0.insert_full(record).0 as u32
    }

    /// The record with a number.
    pub(crate) fn get(&self, number: u32) -> &T {
        &self.0[number as usize]
    }

    /// Every record, in order of numbers.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter()
    }
}

/// Whether a state exists, and whose it is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Standing {
    Absent,
    Customer,
    Provider,
    Open,
}

/// How the layers of a system stand, bottom to top.
pub(crate) type Standings = [Standing; Layer::COUNT];

/// What traversal needs to know of a layer.
#[derive(Copy, Clone, Debug)]
pub(crate) struct LayerRecord {
    pub(crate) standing: Standing,
    pub(crate) severity: Interval,
    /// What it lets through on the way in.
    pub(crate) resistance: Interval,
    /// If it is the monitoring layer: what it lets through on the way out of the system.
    pub(crate) detection: Interval,
}

/// What traversal needs to know of a connection.
#[derive(Copy, Clone, Debug)]
pub(crate) struct LinkRecord {
    pub(crate) kind: ConnectionKind,
    pub(crate) barrier: Interval,
    pub(crate) is_possible: bool,
    pub(crate) copy: bool,
    /// Taken away by an edit.
    pub(crate) is_gone: bool,
}

impl LayerRecord {
    pub(crate) const ABSENT: Self =
        Self { standing: Standing::Absent, severity: Interval::ZERO, resistance: Interval::ONE, detection: Interval::ONE };

    /// The record of a layer with this coverage; of none, that of a layer that does not exist.
    pub(crate) fn of(coverage: Option<&LayerCoverage>, policy: &Policy) -> Self {
        let Some(coverage) = coverage else { return Self::ABSENT };
        let standing = match coverage.cell {
            Cell::Customer => Standing::Customer,
            Cell::Provider => Standing::Provider,
            Cell::Shared | Cell::Unknown | Cell::Undetermined | Cell::NotApplicable => Standing::Open,
        };
        Self {
            standing,
            severity: coverage.severity,
            resistance: remaining(policy.resist, coverage.coverage),
            detection: remaining(policy.detect, coverage.coverage),
        }
    }

    /// The record of the layer off every path; what it did to the factors of arcs elsewhere stays.
    pub(crate) fn blocked(self) -> Self {
        Self { standing: Standing::Absent, severity: Interval::ZERO, ..self }
    }

    fn key(&self) -> impl Eq + Hash + use<> {
        (self.standing, [bits(self.severity), bits(self.resistance), bits(self.detection)])
    }
}

impl LinkRecord {
    pub(crate) fn of(connection: &Connection, policy: &Policy) -> Self {
        Self {
            kind: connection.kind,
            barrier: barrier(connection, policy),
            is_possible: connection.certainty == Certainty::Possible,
            copy: connection.copy,
            is_gone: false,
        }
    }

    fn key(&self) -> impl Eq + Hash + use<> {
        (self.kind as u8, bits(self.barrier), self.is_possible, self.copy, self.is_gone)
    }
}

impl PartialEq for LayerRecord {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for LayerRecord {}

impl Hash for LayerRecord {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl PartialEq for LinkRecord {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for LinkRecord {}

impl Hash for LinkRecord {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

fn bits(interval: Interval) -> [u64; 2] {
    [interval.low.to_bits(), interval.high.to_bits()]
}

/// `1 − share × coverage`: what is let through. More coverage lets less through, so the ends swap.
pub(crate) fn remaining(share: f64, coverage: Interval) -> Interval {
    Interval::new(1.0 - share * coverage.high, 1.0 - share * coverage.low)
}

/// What a connection's controls let through: per class the best control, classes multiplied in ascending order.
///
/// The same class listed twice changes nothing; `not-applicable` is left out, and so is a class that the policy does not
/// know: a head may bring one along with its own policy, and the base's gives it no weight.
pub(crate) fn barrier(connection: &Connection, policy: &Policy) -> Interval {
    if connection.controls.is_empty() {
        return Interval::ONE;
    }
    let mut classes: BTreeMap<&str, Interval> = BTreeMap::new();
    let counts = |control: &&ConnectionControl| control.status != ControlStatus::NotApplicable && policy.classes.contains(&control.class);
    for control in connection.controls.iter().filter(counts) {
        let strength = policy.strength(control.strength);
        let status = policy.status(control.status);
        let best = classes.entry(&control.class).or_insert(Interval::ZERO);
        *best = Interval::new(best.low.max(strength * status.low), best.high.max(strength * status.high));
    }
    let through = |end: End| classes.values().fold(1.0, |through, best| through * (1.0 - best.end(end.opposite())));
    Interval::new(through(End::Low), through(End::High))
}
