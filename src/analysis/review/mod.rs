//! Review: what a change of the model does to the risk of every system.

mod causes;
mod gate;
mod weakening;

pub use causes::{Cause, CauseKind, LeftOut, MOST_LEFT_OUT, MOST_WAYS_BACK, WayBack, WayBackKind};
pub use gate::gate;
pub use weakening::Weakening;

use super::posture::{Posture, posture};
use crate::catalog::{BasisPoints, Interval, Published};
use crate::estate::{Change, SystemIx, changes};
use crate::graph::{ExposureGraph, State};
use crate::project::{FindingId, FindingKind};
use std::collections::BTreeSet;

/// What a change of the model does to the risk of every system.
///
/// Both models under the base's policy; a system's criticality is the base's, that of a new system the head's. Rises and
/// falls are those of published risk on the high end, and no fall is set against a rise.
#[derive(Clone, Debug)]
pub struct Review<'g> {
    /// The base.
    pub base: &'g ExposureGraph<'g>,
    /// The head, under the base's policy.
    pub head: &'g ExposureGraph<'g>,
    /// Every element that changed.
    pub changes: Vec<Change>,
    /// The largest rise, in basis points of risk.
    pub score: u64,
    /// The sum of the rises, in basis points of risk.
    pub added: u64,
    /// The systems whose risk rises, in order of ids.
    pub rises: Vec<Rise>,
    /// The systems of both models whose risk falls, in order of ids.
    pub falls: Vec<Fall>,
    /// The touched systems whose risk is less well known than before, in order of ids.
    pub less_known: Vec<LessKnown>,
    /// What lowers risk by word alone.
    pub weakenings: Vec<Weakening>,
    /// What the head's own policy and criticality would change beyond that; none where they are the base's.
    pub policy_change: Option<PolicyChange>,
    /// Exposure and risk of the base.
    pub base_posture: Posture<'g>,
    /// Exposure of the head, and its risk by its own criticality.
    pub head_posture: Posture<'g>,
}

/// A system whose risk rises.
#[derive(Clone, Debug)]
pub struct Rise {
    /// What it is known by.
    pub id: FindingId,
    /// The system in the head.
    pub system: SystemIx,
    /// Whether only the head has it.
    pub is_new: bool,
    /// Its most exposed layer in the head.
    pub worst: State,
    /// Its risk in the base; 0 for a new system.
    pub base: Published<BasisPoints>,
    /// Its risk in the head.
    pub head: Published<BasisPoints>,
    /// Why it rises.
    pub cause: Cause,
}

/// A system whose risk falls.
#[derive(Clone, Debug)]
pub struct Fall {
    /// The system in the head.
    pub system: SystemIx,
    /// Its risk in the base.
    pub base: Published<BasisPoints>,
    /// Its risk in the head.
    pub head: Published<BasisPoints>,
}

/// A touched system whose risk is less well known than before.
#[derive(Clone, Debug)]
pub struct LessKnown {
    /// What it is known by.
    pub id: FindingId,
    /// The system in the head.
    pub system: SystemIx,
    /// Its risk in the base; 0 for a new system.
    pub base: Published<BasisPoints>,
    /// Its risk in the head.
    pub head: Published<BasisPoints>,
}

/// What the head's own policy and criticality change.
#[derive(Clone, Debug)]
pub struct PolicyChange {
    /// Whether the policy is another one.
    pub is_other_policy: bool,
    /// The systems whose risk differs by that, in order of ids: by the base's policy and criticality, and by the head's.
    pub systems: Vec<(SystemIx, Published<BasisPoints>, Published<BasisPoints>)>,
}

impl Rise {
    /// By how much its risk rises on the high end, in basis points.
    pub fn delta(&self) -> u64 {
        u64::from(self.head.high.0) - u64::from(self.base.high.0)
    }
}

impl Review<'_> {
    /// The rises, largest first; of equal ones the riskier system, then the smaller id.
    pub fn worst_first(&self) -> Vec<&Rise> {
        let mut rises: Vec<&Rise> = self.rises.iter().collect();
        rises.sort_by(|left, right| {
            (right.delta(), right.head.high).cmp(&(left.delta(), left.head.high)).then(left.system.cmp(&right.system))
        });
        rises
    }

    /// Whether nothing that matters differs.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.weakenings.is_empty() && self.rises.is_empty() && self.falls.is_empty()
    }
}

/// Returns what the change from `base` to `head` does, both built with the base's policy and one analysis date.
///
/// `head_own` is the head under its own policy, where that is another one.
///
/// # Complexity
/// A posture for each model; every explanation of a rise after that solves only what it can touch.
///
/// # Source
/// Specification, section 7.
pub fn review<'g>(base: &'g ExposureGraph<'g>, head: &'g ExposureGraph<'g>, head_own: Option<&'g ExposureGraph<'g>>) -> Review<'g> {
    let (base_posture, head_posture) = std::thread::scope(|scope| {
        let of_base = scope.spawn(|| posture(base));
        let of_head = posture(head);
        (of_base.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), of_head)
    });
    let changes = changes(base.estate, head.estate);
    let touched = touched(head, &changes);
    let (mut risen, mut falls, mut less_known) = (Vec::new(), Vec::new(), Vec::new());
    for system in &head_posture.systems {
        let id = &head.estate.system(system.system).id;
        let before = base.estate.find_system(id).map(|system_ix| &base_posture.systems[system_ix.index()]);
        let before_risk = Published::of(before.map_or(Interval::ZERO, |before| before.risk));
        let after_risk = Published::of(before.map_or(system.criticality, |before| before.criticality).times(system.exposure));
        if after_risk.high > before_risk.high {
            risen.push((system.system, before.is_none(), system.worst, before_risk, after_risk));
        } else if after_risk.high < before_risk.high {
            falls.push(Fall { system: system.system, base: before_risk, head: after_risk });
        }
        if touched.contains(&system.system) && width(after_risk) > width(before_risk) {
            let id = FindingId::of(FindingKind::LessKnown, id);
            less_known.push(LessKnown { id, system: system.system, base: before_risk, head: after_risk });
        }
    }
    let causes = causes::causes(base, head, &head_posture, &changes, &risen);
    let rises: Vec<Rise> = risen
        .into_iter()
        .zip(causes)
        .map(|((system, is_new, worst, base_risk, head_risk), cause)| {
            let id = FindingId::of_layer(FindingKind::Rise, &head.estate.system(system).id, worst.layer());
            Rise { id, system, is_new, worst, base: base_risk, head: head_risk, cause }
        })
        .collect();
    let policy_change = policy_change(base, head, &head_posture, &base_posture, head_own);
    let is_other_policy = policy_change.as_ref().is_some_and(|change| change.is_other_policy);
    let weakenings = weakening::weakenings(base, head, &base_posture, &changes, is_other_policy);
    Review {
        base,
        head,
        score: rises.iter().map(Rise::delta).max().unwrap_or(0),
        added: rises.iter().map(Rise::delta).sum(),
        changes,
        rises,
        falls,
        less_known,
        weakenings,
        policy_change,
        base_posture,
        head_posture,
    }
}

fn width(risk: Published<BasisPoints>) -> u16 {
    risk.high.0 - risk.low.0
}

/// The systems of the head that are changed themselves, or at an end of a changed connection.
fn touched(head: &ExposureGraph<'_>, changes: &[Change]) -> BTreeSet<SystemIx> {
    let mut touched = BTreeSet::new();
    for change in changes {
        match *change {
            Change::SystemAdded(system_ix)
            | Change::SystemChanged { head: system_ix, .. }
            | Change::LayerChanged { head: system_ix, .. } => {
                touched.insert(system_ix);
            }
            Change::ConnectionAdded(connection_ix) | Change::ConnectionChanged { head: connection_ix, .. } => {
                let connection = head.estate.connection(connection_ix);
                touched.extend([connection.from, connection.to]);
            }
            Change::PartyAdded(_)
            | Change::PartyRemoved(_)
            | Change::PartyChanged { .. }
            | Change::SystemRemoved(_)
            | Change::ConnectionRemoved(_) => {}
        }
    }
    touched
}

/// What the head's own policy and criticality say beyond the base's.
fn policy_change<'g>(
    base: &ExposureGraph<'_>,
    head: &ExposureGraph<'_>,
    structure: &Posture<'_>,
    before: &Posture<'_>,
    head_own: Option<&'g ExposureGraph<'g>>,
) -> Option<PolicyChange> {
    let own = head_own.map(posture);
    let own = own.as_ref();
    let systems: Vec<_> = structure
        .systems
        .iter()
        .filter_map(|system| {
            let in_base = base.estate.find_system(&head.estate.system(system.system).id);
            let criticality = in_base.map_or(system.criticality, |system_ix| before.systems[system_ix.index()].criticality);
            let by_base = Published::of(criticality.times(system.exposure));
            let by_head = Published::of(own.map_or(system.risk, |own| own.systems[system.system.index()].risk));
            (by_base != by_head).then_some((system.system, by_base, by_head))
        })
        .collect();
    let is_other_policy = head_own.is_some();
    (is_other_policy || !systems.is_empty()).then_some(PolicyChange { is_other_policy, systems })
}
