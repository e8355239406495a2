//! Gates: rules with limits, the findings that break them, and the waivers that accept findings.

use crate::project::{FindingId, Waiver, Waivers};
use jiff::civil::Date;

/// The outcome of a gate.
#[derive(Clone, Debug)]
pub struct Gate<'w> {
    /// The rules, in order; those that are off included.
    pub rules: Vec<RuleOutcome>,
    /// Every waiver, in order of findings, with what became of it.
    pub waivers: Vec<(&'w Waiver, WaiverStanding)>,
}

/// A rule of a gate.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A system at or above the limit rises; of a single model: is there.
    Critical,
    /// The largest rise is above the limit.
    Ratchet,
    /// The sum of the rises is above the limit.
    Budget,
    /// Risk is lowered by word alone.
    Weakening,
    /// Less is known of a touched system.
    Unknown,
    /// The posture is below the limit.
    Posture,
    /// A gap of a denied kind is there.
    Deny,
}

impl Rule {
    /// The word for it.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Ratchet => "ratchet",
            Self::Budget => "budget",
            Self::Weakening => "weakening",
            Self::Unknown => "unknown",
            Self::Posture => "posture",
            Self::Deny => "deny",
        }
    }
}

/// The limit of a rule.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The rule is off.
    Off,
    /// Basis points of risk.
    Risk(u64),
    /// A posture, 0 to 100.
    Posture(u8),
    /// None of its findings is let pass.
    None,
}

/// What a rule says.
#[derive(Clone, Debug)]
pub struct RuleOutcome {
    /// The rule.
    pub rule: Rule,
    /// Its limit.
    pub limit: Limit,
    /// What is held against the limit: basis points of risk, a posture, or a number of findings.
    pub found: u64,
    /// Whether the limit is kept; a rule that is off passes.
    pub passed: bool,
    /// The findings that break it, in order of identity.
    pub findings: Vec<FindingId>,
}

/// What became of a waiver.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum WaiverStanding {
    /// Its finding is there, and does not count.
    Holds,
    /// Its date is past; the finding counts.
    Expired,
    /// Its finding is not there.
    Unmatched,
    /// It was changed after it was sealed; the finding counts.
    Tampered,
    /// The finding is larger than what was accepted; it counts.
    Exceeded,
}

impl WaiverStanding {
    /// The word for it.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Expired => "expired",
            Self::Unmatched => "unmatched",
            Self::Tampered => "tampered",
            Self::Exceeded => "exceeded",
        }
    }
}

impl RuleOutcome {
    /// The outcome of a rule with a limit, broken by these findings; a rule that is off is broken by none.
    pub(super) fn new(rule: Rule, limit: Limit, found: u64, mut findings: Vec<FindingId>) -> Self {
        if limit == Limit::Off {
            findings.clear();
        }
        findings.sort();
        Self { rule, limit, found, passed: findings.is_empty(), findings }
    }
}

impl<'w> Gate<'w> {
    /// A gate without rules, with what becomes of every waiver of a kind that it can find; `size` is that of a finding,
    /// in basis points of risk, if it is there.
    pub(super) fn of(
        waivers: &'w Waivers,
        finds: impl Fn(&FindingId) -> bool,
        size: impl Fn(&FindingId) -> Option<u64>,
        as_of: Date,
    ) -> Self {
        let own = waivers.list.iter().filter(|(waiver, ..)| finds(&waiver.finding));
        let waivers = own.map(|(waiver, is_whole, _)| (waiver, standing(waiver, *is_whole, size(&waiver.finding), as_of))).collect();
        Self { rules: Vec::new(), waivers }
    }

    /// Whether every rule passes.
    pub fn passed(&self) -> bool {
        self.rules.iter().all(|outcome| outcome.passed)
    }

    /// Whether a finding breaks a rule.
    pub fn fails(&self, id: &FindingId) -> bool {
        self.rules.iter().any(|outcome| outcome.findings.binary_search(id).is_ok())
    }

    /// The waiver that a finding is accepted by.
    pub fn waiver(&self, id: &FindingId) -> Option<&Waiver> {
        let at = self.waivers.binary_search_by(|(waiver, _)| waiver.finding.cmp(id)).ok()?;
        let (waiver, standing) = self.waivers[at];
        (standing == WaiverStanding::Holds).then_some(waiver)
    }
}

/// What becomes of a waiver of a finding of this size, in basis points of risk; none: the finding is not there.
fn standing(waiver: &Waiver, is_whole: bool, size: Option<u64>, as_of: Date) -> WaiverStanding {
    match (is_whole, size) {
        (false, _) => WaiverStanding::Tampered,
        (true, _) if waiver.until < as_of => WaiverStanding::Expired,
        (true, None) => WaiverStanding::Unmatched,
        (true, Some(size)) if waiver.up_to.is_some_and(|up_to| size > up_to) => WaiverStanding::Exceeded,
        (true, Some(_)) => WaiverStanding::Holds,
    }
}
