//! How far the controls of a layer are in place: an interval, and what it rests on.

use crate::catalog::{ControlCatalog, ControlStatus, Interval, Layer, Policy};
use crate::estate::{Party, Stated};
use jiff::civil::Date;

/// How far the controls of a layer are in place.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Control {
    /// The least-covered control that counts.
    pub value: Interval,
    /// A value that counted became unknown, or an attestation lapsed, by age.
    pub stale: bool,
    /// The policy's default for providers was used.
    pub unattested: bool,
}

impl Control {
    const fn of(value: Interval) -> Self {
        Self { value, stale: false, unattested: false }
    }

    /// The weaker of two, end by end; it rests on what both rest on.
    #[must_use]
    pub fn weaker(self, other: Self) -> Self {
        Self { value: self.value.min(other.value), stale: self.stale || other.stale, unattested: self.unattested || other.unattested }
    }
}

/// Whose attestation stands behind a layer that says nothing about its controls.
#[derive(Copy, Clone, Debug)]
pub enum Backing<'a> {
    /// None: the layer is not a provider's.
    None,
    /// A provider that is not a declared party, or not known.
    Undeclared,
    /// A declared provider.
    Provider(&'a Party),
}

/// What a policy and a date make of claims about controls.
pub struct Assessor<'a> {
    policy: &'a Policy,
    as_of: Date,
}

impl<'a> Assessor<'a> {
    /// An assessor for one policy and analysis date.
    pub const fn new(policy: &'a Policy, as_of: Date) -> Self {
        Self { policy, as_of }
    }

    /// How far the controls of `layer` are in place, by what is stated (specification, section 3).
    ///
    /// With controls listed it is the minimum over the layer's baseline and every other listed preventive control;
    /// a baseline control that is not listed counts as the layer would if none were.
    pub fn control(&self, layer: Layer, stated: &Stated, backing: Backing<'_>) -> Control {
        let stale = stated.evidence.as_ref().is_some_and(|evidence| self.is_stale(evidence.age_days(self.as_of)));
        let aged = |status: ControlStatus| {
            if stale && status.needs_evidence() {
                Control { stale: true, ..Control::of(Interval::UNKNOWN) }
            } else {
                Control::of(self.policy.status(status))
            }
        };
        let whole = match stated.status {
            Some(status) if status != ControlStatus::NotApplicable => aged(status),
            _ => self.unstated(backing),
        };
        if stated.controls.is_empty() {
            return whole;
        }
        let catalog = ControlCatalog::shipped();
        let listed = stated
            .controls
            .iter()
            .filter(|(control_ix, status)| *status != ControlStatus::NotApplicable && catalog.control(*control_ix).counts());
        let silent =
            catalog.baseline(layer).iter().filter(|&baseline| !stated.controls.iter().any(|(control_ix, _)| control_ix == baseline));
        listed.map(|&(_, status)| aged(status)).chain(silent.map(|_| whole)).reduce(Control::weaker).unwrap_or(whole)
    }

    fn unstated(&self, backing: Backing<'_>) -> Control {
        let fallback = Control::of(self.policy.provider_unattested);
        match backing {
            Backing::None => Control::of(Interval::UNKNOWN),
            Backing::Undeclared => Control { unattested: true, ..fallback },
            Backing::Provider(party) => match &party.attested {
                Some(evidence) if self.is_stale(evidence.age_days(self.as_of)) => Control { stale: true, ..fallback },
                Some(_) => Control::of(Interval::ONE),
                None => Control { unattested: true, ..fallback },
            },
        }
    }

    /// Exactly the policy's age is fresh.
    fn is_stale(&self, age_days: i32) -> bool {
        age_days > self.policy.evidence_max_age_days
    }
}
