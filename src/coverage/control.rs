//! How far the controls of a layer are in place: an interval, and what it rests on.

use super::standing::said;
use crate::catalog::{ControlCatalog, ControlIx, ControlStatus, Interval, Layer, Policy};
use crate::estate::{Evidence, Party, Stated};
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

    /// The status of one control that counts, by what is stated, and what it rests on; of none, that of the layer.
    pub(super) fn standing<'e>(
        &self,
        stated: &'e Stated,
        backing: Backing<'e>,
        control: Option<ControlIx>,
    ) -> (ControlStatus, Option<&'e Evidence>) {
        let is_listed = stated.controls.iter().any(|(listed, _)| Some(*listed) == control);
        let counts = |status: &ControlStatus| is_listed || *status != ControlStatus::NotApplicable;
        match (said(stated, control).filter(counts), backing) {
            (Some(status), _) => (self.aged(status, stated.evidence.as_deref()), stated.evidence.as_deref()),
            (None, Backing::Provider(party)) => {
                let evidence = party.attested.as_ref();
                let status = evidence.map_or(ControlStatus::Unknown, |_| self.aged(ControlStatus::Implemented, evidence));
                (status, evidence)
            }
            (None, Backing::None | Backing::Undeclared) => (ControlStatus::Unknown, None),
        }
    }

    /// The status that remains on the analysis date.
    fn aged(&self, status: ControlStatus, evidence: Option<&Evidence>) -> ControlStatus {
        let stale = evidence.is_some_and(|evidence| self.is_stale(evidence.age_days(self.as_of)));
        if stale && status.needs_evidence() { ControlStatus::Unknown } else { status }
    }

    /// What is stated, with all that is not known turned out well: what is unknown, not said, or rests on evidence that
    /// lapsed is implemented. Silence that somebody stands behind says something, and is left.
    pub(super) fn at_best(&self, stated: &Stated, is_backed: bool) -> Stated {
        let stale = stated.evidence.as_ref().is_some_and(|evidence| self.is_stale(evidence.age_days(self.as_of)));
        let turned = |status: ControlStatus| {
            let is_open = status == ControlStatus::Unknown || (stale && status.needs_evidence());
            if is_open { ControlStatus::Implemented } else { status }
        };
        let status = match stated.status {
            Some(status) => Some(turned(status)),
            None => (!is_backed).then_some(ControlStatus::Implemented),
        };
        let controls = stated.controls.iter().map(|&(control_ix, status)| (control_ix, turned(status))).collect();
        Stated { owner: stated.owner, status, controls, evidence: stated.evidence.clone().filter(|_| !stale) }
    }

    /// The weaker of two halves, by what the policy makes of their statuses; of two alike that with the older evidence.
    ///
    /// What does not apply to one half leaves the other's word.
    pub(super) fn weaker<'e>(
        &self,
        one: (ControlStatus, Option<&'e Evidence>),
        other: (ControlStatus, Option<&'e Evidence>),
    ) -> (ControlStatus, Option<&'e Evidence>) {
        match (one.0, other.0) {
            (ControlStatus::NotApplicable, _) => return other,
            (_, ControlStatus::NotApplicable) => return one,
            _ => {}
        }
        let [left, right] = [one, other].map(|(status, _)| self.policy.status(status));
        let by_value = left.low.total_cmp(&right.low).then(left.high.total_cmp(&right.high));
        let date = |half: Option<&Evidence>| half.map(|evidence| evidence.as_of);
        let older = || match (date(one.1), date(other.1)) {
            (Some(left), Some(right)) => left.cmp(&right),
            (left, right) => right.is_some().cmp(&left.is_some()),
        };
        if by_value.then_with(older).is_le() { one } else { other }
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
