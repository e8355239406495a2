//! The gate of a review: which findings count, by the limits and the waivers of the base.

use super::{Review, Rise};
use crate::analysis::gate::{Gate, Limit, Rule, RuleOutcome};
use crate::project::{FindingId, FindingKind, ReviewLimits, Waivers};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Returns the outcome of a review's gate. Waived findings count against no rule; the review's figures are what they are.
pub fn gate<'w>(review: &Review<'_>, limits: &ReviewLimits, waivers: &'w Waivers, as_of: Date) -> Gate<'w> {
    let sizes: BTreeMap<&FindingId, u64> = review
        .rises
        .iter()
        .map(|rise| (&rise.id, rise.delta()))
        .chain(review.less_known.iter().map(|less_known| (&less_known.id, 0)))
        .chain(review.weakenings.iter().map(|weakening| (&weakening.id, 0)))
        .collect();
    // What only the check of one model can find matches nothing here, and says nothing against its waiver.
    let is_reviews = |id: &FindingId| !matches!(id.kind, FindingKind::Gap(_));
    let mut gate = Gate::of(waivers, is_reviews, |id| sizes.get(id).copied(), as_of);
    let counts = |id: &FindingId| gate.waiver(id).is_none();
    let rises: Vec<&Rise> = review.rises.iter().filter(|rise| counts(&rise.id)).collect();
    let broken_by =
        |breaks: &dyn Fn(&Rise) -> bool| rises.iter().filter(|rise| breaks(rise)).map(|rise| rise.id.clone()).collect::<Vec<_>>();
    let risk = |limit: Option<u64>| limit.map_or(Limit::Off, Limit::Risk);
    let none = |is_on: bool| if is_on { Limit::None } else { Limit::Off };
    let reached = |rise: &Rise| u64::from(rise.head.high.0);
    let (critical, sum) = (limits.critical.map(|critical| u64::from(critical.0)), rises.iter().map(|rise| rise.delta()).sum());
    let weakenings: Vec<FindingId> = review.weakenings.iter().map(|weakening| weakening.id.clone()).filter(counts).collect();
    let less_known: Vec<FindingId> = review.less_known.iter().map(|less_known| less_known.id.clone()).filter(counts).collect();
    let rules = vec![
        RuleOutcome::new(
            Rule::Critical,
            risk(critical),
            rises.iter().map(|rise| reached(rise)).max().unwrap_or(0),
            broken_by(&|rise| critical.is_some_and(|limit| reached(rise) >= limit)),
        ),
        RuleOutcome::new(
            Rule::Ratchet,
            risk(limits.ratchet),
            rises.iter().map(|rise| rise.delta()).max().unwrap_or(0),
            broken_by(&|rise| limits.ratchet.is_some_and(|limit| rise.delta() > limit)),
        ),
        RuleOutcome::new(Rule::Budget, risk(limits.budget), sum, broken_by(&|_| limits.budget.is_some_and(|limit| sum > limit))),
        RuleOutcome::new(Rule::Weakening, none(limits.weakening), weakenings.len() as u64, weakenings),
        RuleOutcome::new(Rule::Unknown, none(limits.unknown), less_known.len() as u64, less_known),
    ];
    gate.rules = rules;
    gate
}
