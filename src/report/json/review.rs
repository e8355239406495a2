//! JSON of `review`, and of `check --gate`.

use super::blast::{Step, steps};
use super::{PolicyUsed, analysis_date};
use crate::analysis::check;
use crate::analysis::gate::{self, Limit, WaiverStanding};
use crate::analysis::review::{self, CauseKind, LeftOut, Rise, WayBackKind};
use crate::catalog::{BasisPoints, GapKind, Layer, Published};
use crate::estate::{Change, PartyIx, SystemIx};
use crate::graph::{Arc, ExposureGraph, State};
use crate::project::FindingId;
use crate::report::changes;
use crate::report::page::{MOST_STEPS, both_ends};
use schemars::JsonSchema;
use serde::Serialize;

/// What a change of the model does to the risk of every system. Risks are those of the base's policy and criticality.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Review {
    /// `weaklink/review/1`.
    pub schema: &'static str,
    /// The base's policy, which is used.
    pub policy: PolicyUsed,
    /// The head's own policy, where it is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head_policy: Option<PolicyUsed>,
    /// The analysis date, if any evidence of either model is dated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// `passed` or `failed`.
    pub verdict: &'static str,
    /// The largest rise, in basis points of risk.
    pub score: u64,
    /// The sum of the rises, in basis points of risk.
    pub added: u64,
    /// The posture of base and head in the worst case, by the base's policy and criticality.
    pub posture: BaseAndHead,
    /// The systems whose risk rises.
    pub rises: Vec<RiseEntry>,
    /// The systems of both models whose risk falls; set against no rise.
    pub falls: Vec<FallEntry>,
    /// The touched systems whose risk is less well known than before.
    pub less_known: Vec<FallEntry>,
    /// What lowers risk by word alone.
    pub weakenings: Vec<WeakeningEntry>,
    /// The rules of the gate.
    pub rules: Vec<RuleEntry>,
    /// The waivers that a review can match.
    pub waivers: Vec<WaiverEntry>,
    /// Every changed element of the model.
    pub changes: Vec<ChangeEntry>,
    /// The systems whose risk differs by the head's own policy and criticality.
    pub policy_change: Vec<PolicyChangeEntry>,
}

/// A posture before and after.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct BaseAndHead {
    /// Of the base.
    pub base: u8,
    /// Of the head.
    pub head: u8,
}

/// A system whose risk rises.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RiseEntry {
    /// Its id.
    pub id: String,
    /// Its most exposed layer in the head.
    pub layer: Layer,
    /// Whether only the head has it.
    pub new: bool,
    /// Its risk in the base; 0 for a new system.
    pub base: Published<BasisPoints>,
    /// Its risk in the head.
    pub head: Published<BasisPoints>,
    /// By how much the high end rises.
    pub delta: u64,
    /// Arcs of the witness in the head.
    pub hops: u32,
    /// The witness, its first state without `via` and `factor`; of one of more than 100 arcs the first and the last 50.
    pub path: Vec<Step>,
    /// Why it rises.
    pub causes: Causes,
    /// What the finding is known by.
    pub finding: FindingEntry,
}

/// Why a risk rises.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Causes {
    /// `new-gap`, `wider-gap`, `old-gap-new-edge`, or `old-gap-weaker-hold`.
    pub kind: &'static str,
    /// The gap that the witness starts from.
    pub gap: Gap,
    /// The number of the state on the witness that the weakest arc enters, the gap being 0; null for a gap of its own.
    pub weakest: Option<usize>,
    /// The changes on the witness, 64 at most.
    pub changes: Vec<LeftOutEntry>,
    /// Whether there are more.
    pub more_changes: bool,
    /// The cheapest single change that brings the risk back, or the best one; null where there is none, and beyond the
    /// first rises, for which none is looked for.
    pub way_back: Option<WayBackEntry>,
    /// The ids of the parties that answer for the gap; null for nobody.
    pub answerable: Vec<Option<String>>,
    /// The id of the system's owner.
    pub owner: Option<String>,
}

/// A gap.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Gap {
    /// Its system's id.
    pub system: String,
    /// Its layer.
    pub layer: Layer,
    /// Its kind.
    pub kind: Option<GapKind>,
}

/// A change, and the risk without it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LeftOutEntry {
    /// Its position in `changes` of the review.
    pub change: usize,
    /// The risk of the system if this change alone is left out; null where it cannot be.
    pub without: Option<BasisPoints>,
}

/// A single change that lowers a risk that rose.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WayBackEntry {
    /// `cover` a layer, put a strong `control` on a connection, or `leave-out` a change.
    pub kind: &'static str,
    /// `system:layer`, the connection's id, or the changed element's id.
    pub subject: String,
    /// The class of the control.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// The risk of the system after it.
    pub risk: BasisPoints,
    /// Whether that is no more than in the base.
    pub enough: bool,
    /// How many rises of the review it brings back.
    pub brings_back: usize,
}

/// A system with its risk before and after.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FallEntry {
    /// Its id.
    pub id: String,
    /// Its risk in the base; 0 for a new system.
    pub base: Published<BasisPoints>,
    /// Its risk in the head.
    pub head: Published<BasisPoints>,
    /// The change of the high end.
    pub delta: i64,
    /// What the finding is known by; a fall is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finding: Option<FindingEntry>,
}

/// A change that lowers risk by word alone.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WeakeningEntry {
    /// Its kind.
    pub kind: &'static str,
    /// What it is about: a system, `system:layer`, a connection; empty for the policy.
    pub subject: String,
    /// Its position in `changes`; null for the policy.
    pub change: Option<usize>,
    /// For a removed system: the risk that it had, retired without proof.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retired: Option<BasisPoints>,
    /// What the finding is known by.
    pub finding: FindingEntry,
}

/// What a finding is known by, and what the gate says of it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FindingEntry {
    /// `KIND@SUBJECT`, as `weaklink accept` takes it.
    pub id: String,
    /// A hash of that.
    pub fingerprint: String,
    /// Whether it breaks a rule.
    pub fails: bool,
    /// Whether a waiver accepts it.
    pub waived: bool,
}

/// A rule of the gate.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RuleEntry {
    /// Its name.
    pub rule: &'static str,
    /// Whether it passes; one that is off does.
    pub passed: bool,
    /// Its limit: basis points of risk, a posture, or 0 findings; null for a rule that is off.
    pub limit: Option<u64>,
    /// What is held against it.
    pub found: u64,
    /// The findings that break it.
    pub why: Vec<String>,
}

/// A waiver, and what became of it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WaiverEntry {
    /// What is accepted.
    pub finding: String,
    /// The last day on which it holds.
    pub until: String,
    /// Why.
    pub reason: String,
    /// Who accepts it.
    pub by: String,
    /// `holds`, `expired`, `unmatched`, `tampered` or `exceeded`.
    pub standing: &'static str,
}

/// A changed element.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ChangeEntry {
    /// `added`, `removed` or `changed`.
    pub change: &'static str,
    /// `party`, `system`, `layer` or `connection`.
    pub of: &'static str,
    /// Its id; of a layer `system:layer`.
    pub id: String,
    /// What is new about it, in words.
    pub detail: String,
}

/// A system whose risk differs by the head's own policy and criticality.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PolicyChangeEntry {
    /// Its id.
    pub id: String,
    /// Its risk in the head by the base's policy and criticality.
    pub by_base: Published<BasisPoints>,
    /// By the head's own.
    pub by_head: Published<BasisPoints>,
}

/// JSON of a review.
pub fn review(review: &review::Review<'_>, gate: &gate::Gate<'_>, head_own: Option<&ExposureGraph<'_>>) -> Review {
    let (base, head) = (review.base.estate, review.head.estate);
    let system_id = |system_ix: SystemIx| head.system(system_ix).id.clone();
    let changed = |change: &Change| {
        let (word, of) = changes::words(change);
        let detail = changes::detail(base, head, change).text();
        ChangeEntry { change: word, of, id: changes::id(base, head, change), detail }
    };
    let fall = |system_ix: SystemIx, base: Published<BasisPoints>, head: Published<BasisPoints>, finding: Option<&FindingId>| FallEntry {
        id: system_id(system_ix),
        base,
        head,
        delta: i64::from(head.high.0) - i64::from(base.high.0),
        finding: finding.map(|id| finding_entry(gate, id)),
    };
    Review {
        schema: "weaklink/review/1",
        policy: PolicyUsed::of(review.base.policy),
        head_policy: head_own.map(|own| PolicyUsed::of(own.policy)),
        as_of: analysis_date(review.head).or_else(|| analysis_date(review.base)),
        verdict: if gate.passed() { "passed" } else { "failed" },
        score: review.score,
        added: review.added,
        posture: BaseAndHead { base: review.base_posture.low, head: review.head_posture.low },
        rises: review.rises.iter().map(|rise| rise_entry(review, gate, rise)).collect(),
        falls: review.falls.iter().map(|fallen| fall(fallen.system, fallen.base, fallen.head, None)).collect(),
        less_known: review.less_known.iter().map(|known| fall(known.system, known.base, known.head, Some(&known.id))).collect(),
        weakenings: review
            .weakenings
            .iter()
            .map(|weakening| WeakeningEntry {
                kind: weakening.id.kind.id(),
                subject: weakening.id.subject.clone(),
                change: weakening.change_ix,
                retired: weakening.retired,
                finding: finding_entry(gate, &weakening.id),
            })
            .collect(),
        rules: rules(gate),
        waivers: waivers(gate),
        changes: review.changes.iter().map(changed).collect(),
        policy_change: review
            .policy_change
            .iter()
            .flat_map(|change| &change.systems)
            .map(|&(system_ix, by_base, by_head)| PolicyChangeEntry { id: system_id(system_ix), by_base, by_head })
            .collect(),
    }
}

fn rise_entry(review: &review::Review<'_>, gate: &gate::Gate<'_>, rise: &Rise) -> RiseEntry {
    let head = review.head;
    let cause = &rise.cause;
    let party = |party: Option<PartyIx>| party.map(|party_ix| head.estate.party(party_ix).id.clone());
    let left_out = |left_out: &LeftOut| LeftOutEntry { change: left_out.change_ix, without: left_out.risk };
    let way_back = cause.way_back.map(|way_back| {
        let (kind, subject, class) = match way_back.kind {
            WayBackKind::Cover(state) => ("cover", crate::report::pages::state_id(head, state), None),
            WayBackKind::Control(connection_ix, class_ix) => {
                ("control", head.estate.connection(connection_ix).id.clone(), Some(head.policy.classes[class_ix].clone()))
            }
            WayBackKind::LeaveOut(change_ix) => {
                ("leave-out", changes::id(review.base.estate, head.estate, &review.changes[change_ix]), None)
            }
        };
        WayBackEntry { kind, subject, class, risk: way_back.risk, enough: way_back.is_enough, brings_back: way_back.brings_back }
    });
    RiseEntry {
        id: head.estate.system(rise.system).id.clone(),
        layer: rise.worst.layer(),
        new: rise.is_new,
        base: rise.base,
        head: rise.head,
        delta: rise.delta(),
        hops: cause.hops,
        path: told_steps(head, cause.origin, &review.path(rise)),
        causes: Causes {
            kind: CauseKind::id(cause.kind),
            gap: gap_entry(head, cause.origin),
            weakest: cause.weakest.map(|(at, _)| at + 1),
            more_changes: cause.has_more_changes,
            changes: cause.changes.iter().map(left_out).collect(),
            way_back,
            answerable: cause.answerable.iter().copied().map(party).collect(),
            owner: party(head.estate.system(rise.system).owner),
        },
        finding: finding_entry(gate, &rise.id),
    }
}

/// The states of a path, of a long one those at both ends.
fn told_steps(graph: &ExposureGraph<'_>, start: State, arcs: &[Arc]) -> Vec<Step> {
    let (first, last) = both_ends(arcs, MOST_STEPS);
    let behind = last.first().map(|arc| steps(graph, arc.from, last)).unwrap_or_default();
    steps(graph, start, first).into_iter().chain(behind.into_iter().skip(1)).collect()
}

fn gap_entry(graph: &ExposureGraph<'_>, state: State) -> Gap {
    let kind = graph.coverage.layer(state.system(), state.layer()).and_then(|coverage| coverage.gap);
    Gap { system: graph.estate.system(state.system()).id.clone(), layer: state.layer(), kind }
}

fn finding_entry(gate: &gate::Gate<'_>, id: &FindingId) -> FindingEntry {
    FindingEntry { id: id.to_string(), fingerprint: id.fingerprint(), fails: gate.fails(id), waived: gate.waiver(id).is_some() }
}

fn rules(gate: &gate::Gate<'_>) -> Vec<RuleEntry> {
    let rule = |outcome: &gate::RuleOutcome| RuleEntry {
        rule: outcome.rule.id(),
        passed: outcome.passed,
        limit: match outcome.limit {
            Limit::Off => None,
            Limit::Risk(limit) => Some(limit),
            Limit::Posture(limit) => Some(u64::from(limit)),
            Limit::None => Some(0),
        },
        found: outcome.found,
        why: outcome.findings.iter().map(ToString::to_string).collect(),
    };
    gate.rules.iter().map(rule).collect()
}

fn waivers(gate: &gate::Gate<'_>) -> Vec<WaiverEntry> {
    let waiver = |(waiver, standing): &(&crate::project::Waiver, WaiverStanding)| WaiverEntry {
        finding: waiver.finding.to_string(),
        until: waiver.until.to_string(),
        reason: waiver.reason.clone(),
        by: waiver.by.clone(),
        standing: standing.id(),
    };
    gate.waivers.iter().map(waiver).collect()
}

/// The findings of a model against limits.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CheckGate {
    /// `passed` or `failed`.
    pub verdict: &'static str,
    /// The policy used.
    pub policy: PolicyUsed,
    /// The analysis date, if any evidence is dated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// The posture on its low end, waived gaps counted as closed.
    pub posture: u8,
    /// The gaps.
    pub findings: Vec<GapFindingEntry>,
    /// The rules of the gate.
    pub rules: Vec<RuleEntry>,
    /// The waivers of gaps.
    pub waivers: Vec<WaiverEntry>,
}

/// A gap as a finding.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct GapFindingEntry {
    /// Where and what it is.
    pub gap: Gap,
    /// Its severity on the high end.
    pub severity: BasisPoints,
    /// The riskiest system that it is the weakest link of; null where it is no system's.
    pub worst: Option<Worst>,
    /// What the finding is known by.
    pub finding: FindingEntry,
}

/// The riskiest system that a gap is the weakest link of.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Worst {
    /// Its risk on the high end.
    pub risk: BasisPoints,
    /// The path from the gap to its most exposed layer; of one of more than 100 arcs the first and the last 50.
    pub path: Vec<Step>,
}

/// JSON of the findings of a model.
pub fn check_gate(check: &check::Check<'_>) -> CheckGate {
    let graph = check.graph;
    let finding = |gap: &check::GapFinding| GapFindingEntry {
        gap: gap_entry(graph, gap.state),
        severity: gap.severity,
        worst: gap.worst.as_ref().map(|(risk, _, path)| Worst { risk: *risk, path: told_steps(graph, gap.state, path) }),
        finding: finding_entry(&check.gate, &gap.id),
    };
    CheckGate {
        verdict: if check.gate.passed() { "passed" } else { "failed" },
        policy: PolicyUsed::of(graph.policy),
        as_of: analysis_date(graph),
        posture: check.posture,
        findings: check.gaps.iter().map(finding).collect(),
        rules: rules(&check.gate),
        waivers: waivers(&check.gate),
    }
}
