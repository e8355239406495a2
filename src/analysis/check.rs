//! Check: the findings of one model against limits, for a gate that has nothing to compare with.

use super::gate::{Gate, Limit, Rule, RuleOutcome};
use super::posture::{most_exposed, score_of};
use crate::catalog::{BasisPoints, End, GapKind, Published};
use crate::engine::Engine;
use crate::graph::{Arc, ExposureGraph, Semiring, State, Witness};
use crate::project::{CheckLimits, FindingId, FindingKind, Waivers};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// The findings of a model, and what the gate says of them.
#[derive(Clone, Debug)]
pub struct Check<'g> {
    /// The model.
    pub graph: &'g ExposureGraph<'g>,
    /// Every gap, in order of (system id, layer).
    pub gaps: Vec<GapFinding>,
    /// The posture on its low end, waived gaps left out.
    pub posture: u8,
    /// The outcome of the gate.
    pub gate: Gate<'g>,
}

/// A gap as a finding.
#[derive(Clone, Debug)]
pub struct GapFinding {
    /// What it is known by.
    pub id: FindingId,
    /// Where it is.
    pub state: State,
    /// Its severity on the high end.
    pub severity: BasisPoints,
    /// The riskiest system of those whose witness starts from it: its risk, its most exposed layer, and the path there.
    /// None for a gap that is no system's weakest link.
    pub worst: Option<(BasisPoints, State, Vec<Arc>)>,
}

impl Check<'_> {
    /// The gaps that are a system's weakest link, riskiest first; then the others by severity.
    pub fn worst_first(&self) -> Vec<&GapFinding> {
        let mut gaps: Vec<&GapFinding> = self.gaps.iter().collect();
        let risk = |gap: &GapFinding| gap.worst.as_ref().map(|(risk, ..)| *risk);
        gaps.sort_by(|left, right| (risk(right), right.severity).cmp(&(risk(left), left.severity)).then(left.state.cmp(&right.state)));
        gaps
    }
}

/// Returns the findings of a model against limits, all on the high end. A waived gap counts as closed.
///
/// # Complexity
/// Two searches: *O*((V + E) log V).
pub fn check<'g>(graph: &'g ExposureGraph<'g>, limits: &CheckLimits, waivers: &'g Waivers, as_of: Date) -> Check<'g> {
    let id =
        |state: State, kind: GapKind| FindingId::of_layer(FindingKind::Gap(kind), &graph.estate.system(state.system()).id, state.layer());
    let mut gaps: Vec<GapFinding> = graph
        .coverage
        .gaps()
        .map(|(system_ix, layer, kind, coverage)| {
            let state = State::new(system_ix, layer);
            GapFinding { id: id(state, kind), state, severity: BasisPoints::of(coverage.severity.high), worst: None }
        })
        .collect();
    let there: BTreeSet<&FindingId> = gaps.iter().map(|gap| &gap.id).collect();
    let is_gap = |id: &FindingId| matches!(id.kind, FindingKind::Gap(_));
    let mut gate = Gate::of(waivers, is_gap, |id| there.contains(id).then_some(0), as_of);
    let counts: Vec<bool> = gaps.iter().map(|gap| gate.waiver(&gap.id).is_none()).collect();
    let all = Weakest::of(graph, &graph.gap_seeds(End::High));
    let counted: Vec<(State, f64)> =
        gaps.iter().zip(&counts).filter(|(_, counts)| **counts).map(|(gap, _)| (gap.state, graph.severity(gap.state, End::High))).collect();
    let counted = Weakest::of(graph, &counted);
    let mut by_origin: BTreeMap<State, (BasisPoints, State)> = BTreeMap::new();
    for (risk, worst, origin) in &all.systems {
        let known = by_origin.entry(*origin).or_insert((*risk, *worst));
        if *risk > known.0 {
            *known = (*risk, *worst);
        }
    }
    for gap in &mut gaps {
        gap.worst = by_origin.get(&gap.state).map(|&(risk, worst)| (risk, worst, all.witness.path(worst)));
    }
    let ids: BTreeMap<State, &FindingId> = gaps.iter().map(|gap| (gap.state, &gap.id)).collect();
    let behind = |breaks: &dyn Fn(BasisPoints) -> bool| {
        let broken = counted.systems.iter().filter(|(risk, ..)| breaks(*risk));
        let ids: BTreeSet<&FindingId> = broken.filter_map(|(.., origin)| ids.get(origin).copied()).collect();
        ids.into_iter().cloned().collect::<Vec<_>>()
    };
    let largest = counted.systems.iter().map(|(risk, ..)| *risk).max().unwrap_or(BasisPoints(0));
    let is_denied = |gap: &&GapFinding| matches!(gap.id.kind, FindingKind::Gap(kind) if limits.deny.contains(&kind));
    let denied: Vec<FindingId> =
        gaps.iter().zip(&counts).filter(|(_, counts)| **counts).map(|(gap, _)| gap).filter(is_denied).map(|gap| gap.id.clone()).collect();
    let rules = vec![
        RuleOutcome::new(
            Rule::Critical,
            limits.critical.map_or(Limit::Off, |limit| Limit::Risk(u64::from(limit.0))),
            u64::from(largest.0),
            behind(&|risk| limits.critical.is_some_and(|limit| risk >= limit)),
        ),
        RuleOutcome::new(
            Rule::Posture,
            limits.posture.map_or(Limit::Off, Limit::Posture),
            u64::from(score_of(largest)),
            behind(&|risk| limits.posture.is_some_and(|limit| score_of(risk) < limit)),
        ),
        RuleOutcome::new(Rule::Deny, if limits.deny.is_empty() { Limit::Off } else { Limit::None }, denied.len() as u64, denied),
    ];
    gate.rules = rules;
    Check { graph, posture: score_of(largest), gaps, gate }
}

/// For every system at risk: its risk, its most exposed layer, and the gap that its witness starts from.
struct Weakest<'g> {
    witness: Witness<'g>,
    systems: Vec<(BasisPoints, State, State)>,
}

impl<'g> Weakest<'g> {
    fn of(graph: &'g ExposureGraph<'g>, seeds: &[(State, f64)]) -> Self {
        let values = Engine::new(graph).solve(seeds, Semiring::Product, End::High);
        let exposed: Vec<_> = graph.estate.system_ixs().map(|system_ix| most_exposed(graph, system_ix, &values, &values)).collect();
        let witness = Witness::new(graph, values, seeds, Semiring::Product, End::High);
        let at_risk = exposed.into_iter().filter(|(exposure, _)| exposure.high > 0.0).map(|(exposure, worst)| {
            let criticality = graph.policy.criticality(graph.estate.system(worst.system()).criticality);
            (Published::of(criticality.times(exposure)).high, worst, witness.origin(worst))
        });
        let systems = at_risk.collect();
        Self { witness, systems }
    }
}
