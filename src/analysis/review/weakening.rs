//! Weakenings: changes that lower risk by word alone. They are told, not credited.

use crate::catalog::{BasisPoints, ControlStatus, Interval};
use crate::estate::{Change, Claim, Stated, System, SystemIx};
use crate::graph::ExposureGraph;
use crate::project::{FindingId, FindingKind};

/// A change that lowers risk by word alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Weakening {
    /// What it is known by.
    pub id: FindingId,
    /// The change, by its position among those of the review; none for the policy, which is no element of the model.
    pub change_ix: Option<usize>,
    /// For a system that is gone: the risk that it had in the base.
    pub retired: Option<BasisPoints>,
}

/// Returns every weakening among the changes, in the order of them; another policy first.
pub(super) fn weakenings(
    base: &ExposureGraph<'_>,
    head: &ExposureGraph<'_>,
    risk_in_base: impl Fn(SystemIx) -> BasisPoints,
    changes: &[Change],
    is_other_policy: bool,
) -> Vec<Weakening> {
    let policy = Weakening { id: FindingId::of(FindingKind::PolicyChanged, ""), change_ix: None, retired: None };
    let mut weakenings: Vec<Weakening> = is_other_policy.then_some(policy).into_iter().collect();
    for (change_ix, &change) in changes.iter().enumerate() {
        let mut tell = |id: FindingId| weakenings.push(Weakening { id, change_ix: Some(change_ix), retired: None });
        match change {
            Change::SystemRemoved(before) => {
                let id = FindingId::of(FindingKind::RemovedSystem, &base.estate.system(before).id);
                weakenings.push(Weakening { id, change_ix: Some(change_ix), retired: Some(risk_in_base(before)) });
            }
            Change::SystemChanged { base: before, head: after } => {
                let weight = |system: &System| base.policy.criticality(system.criticality).high;
                let (before, after) = (base.estate.system(before), head.estate.system(after));
                if weight(after) < weight(before) {
                    tell(FindingId::of(FindingKind::LowerCriticality, &after.id));
                }
            }
            Change::LayerChanged { base: before, head: after, layer } => {
                let (of_base, of_head) = (base.estate.system(before).layer(layer), head.estate.system(after).layer(layer));
                let id = |kind| FindingId::of_layer(kind, &head.estate.system(after).id, layer);
                if of_base.exists() && !of_head.exists() {
                    tell(id(FindingKind::NotApplicable));
                    continue;
                }
                let control = |graph: &ExposureGraph<'_>, system_ix| {
                    graph.coverage.layer(system_ix, layer).map_or(Interval::ZERO, |coverage| coverage.control)
                };
                let (was, is) = (control(base, before), control(head, after));
                let (claimed, claims) = (of_base.claim.as_deref(), of_head.claim.as_deref());
                let is_raised = is.high > was.high || is.low > was.low;
                if (says_status(claimed) && !says_status(claims)) || (is_raised && falls_silent(claimed, claims)) {
                    tell(id(FindingKind::RemovedStatus));
                } else if is_raised && !rests_on_evidence(claims) {
                    tell(id(FindingKind::ClaimWithoutEvidence));
                }
            }
            Change::ConnectionRemoved(before) => {
                let connection = base.estate.connection(before);
                let remains = |system_ix| head.estate.find_system(&base.estate.system(system_ix).id).is_some();
                // With a system its connections are gone, too; that is one change.
                if remains(connection.from) && remains(connection.to) {
                    tell(FindingId::of(FindingKind::RemovedConnection, &connection.id));
                }
            }
            Change::ConnectionChanged { base: before, head: after } => {
                let (before, after) = (base.estate.connection(before), head.estate.connection(after));
                if before.copy && !after.copy {
                    tell(FindingId::of(FindingKind::NoCopy, &after.id));
                }
            }
            Change::PartyAdded(_)
            | Change::PartyRemoved(_)
            | Change::PartyChanged { .. }
            | Change::SystemAdded(_)
            | Change::ConnectionAdded(_) => {}
        }
    }
    weakenings
}

/// Whether anything is said of how far the layer is covered.
fn says_status(claim: Option<&Claim>) -> bool {
    claim.is_some_and(|claim| claim.statements().any(says))
}

/// Whether a statement says how far something is covered.
fn says(stated: &Stated) -> bool {
    let says = |status: &ControlStatus| *status != ControlStatus::Unknown;
    stated.status.as_ref().is_some_and(says) || stated.controls.iter().any(|(_, status)| says(status))
}

/// Whether a half of a split of which something was said, by itself or by the layer, says nothing any more.
fn falls_silent(before: Option<&Claim>, after: Option<&Claim>) -> bool {
    let (Some(before), Some(after)) = (before, after) else { return false };
    let halves = [(&before.customer, &after.customer), (&before.provider, &after.provider)];
    halves.into_iter().any(|(was, is)| match (was, is) {
        (Some(was), Some(is)) => (says(was) || says(&before.stated)) && !says(is) && !says(&after.stated),
        _ => false,
    })
}

/// Whether whatever is said of it has evidence.
fn rests_on_evidence(claim: Option<&Claim>) -> bool {
    let Some(claim) = claim else { return false };
    let claims = |stated: &&Stated| stated.status.is_some() || !stated.controls.is_empty();
    // Evidence of the layer speaks for halves that have none of their own.
    claim.stated.evidence.is_some() || claim.statements().filter(claims).all(|stated| stated.evidence.is_some())
}
