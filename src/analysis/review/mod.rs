//! Review: what a change of the model does to the risk of every system.

mod causes;
mod gate;
mod weakening;

pub use causes::{Cause, CauseKind, LeftOut, MOST_LEFT_OUT, MOST_ON_PATH, MOST_WAYS_BACK, WayBack, WayBackKind};
pub use gate::gate;
pub use weakening::Weakening;

use super::posture::{most_exposed, score};
use crate::catalog::{BasisPoints, End, Interval, Published};
use crate::engine::Engine;
use crate::estate::{Change, SystemIx, changes};
use crate::graph::{Arc, ExposureGraph, Semiring, State, Witness};
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
    /// The posture of the base.
    pub base_posture: Published<u8>,
    /// The posture of the head, by the base's policy and criticality.
    pub head_posture: Published<u8>,
    /// The head's witnesses; none without a rise.
    witness: Option<Witness<'g>>,
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

    /// The arcs of the witness of a rise, from the gap on.
    ///
    /// # Complexity
    /// The length of the path.
    pub fn path(&self, rise: &Rise) -> Vec<Arc> {
        self.witness.as_ref().map(|witness| witness.path(rise.worst)).unwrap_or_default()
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
    let (of_base, of_head) = std::thread::scope(|scope| {
        let of_base = scope.spawn(|| Side::of(base));
        let of_head = Side::of(head);
        (of_base.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), of_head)
    });
    let changes = changes(base.estate, head.estate);
    let touched = touched(head, &changes);
    let (mut risen, mut falls, mut less_known) = (Vec::new(), Vec::new(), Vec::new());
    let mut largest = [Published::of(Interval::ZERO); 2];
    let mut by_base = Vec::with_capacity(of_head.systems.len());
    for (system_ix, &(exposure, worst)) in head.estate.system_ixs().zip(&of_head.systems) {
        let id = &head.estate.system(system_ix).id;
        let in_base = base.estate.find_system(id);
        let before = in_base.map_or(Published::of(Interval::ZERO), |in_base| of_base.risk(base, in_base));
        let after = Published::of(criticality(base, head, system_ix).times(exposure));
        largest[1] = larger(largest[1], after);
        by_base.push(after);
        if after.high > before.high {
            risen.push((system_ix, in_base.is_none(), worst, before, after));
        } else if after.high < before.high {
            falls.push(Fall { system: system_ix, base: before, head: after });
        }
        if touched.contains(&system_ix) && width(after) > width(before) {
            less_known.push(LessKnown { id: FindingId::of(FindingKind::LessKnown, id), system: system_ix, base: before, head: after });
        }
    }
    for system_ix in base.estate.system_ixs() {
        largest[0] = larger(largest[0], of_base.risk(base, system_ix));
    }
    let policy_change = policy_change(head, &of_head, &by_base, head_own);
    let is_other_policy = policy_change.as_ref().is_some_and(|change| change.is_other_policy);
    let weakenings = weakening::weakenings(base, head, |system_ix| of_base.risk(base, system_ix).high, &changes, is_other_policy);
    let (causes, witness) = causes::causes(base, head, of_head.high, &changes, &risen);
    let rises: Vec<Rise> = risen
        .into_iter()
        .zip(causes)
        .map(|((system, is_new, worst, base_risk, head_risk), cause)| {
            let id = FindingId::of_layer(FindingKind::Rise, &head.estate.system(system).id, worst.layer());
            Rise { id, system, is_new, worst, base: base_risk, head: head_risk, cause }
        })
        .collect();
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
        base_posture: score(largest[0]),
        head_posture: score(largest[1]),
        witness,
    }
}

/// What is asked of one model.
struct Side {
    /// The exposure of every state on the high end.
    high: Vec<f64>,
    /// For every system its exposure and its most exposed layer.
    systems: Vec<(Interval, State)>,
}

impl Side {
    fn of(graph: &ExposureGraph<'_>) -> Self {
        let engine = Engine::new(graph);
        let [low, high] = End::BOTH.map(|end| graph.gap_seeds(end));
        let [low, high] = engine.solve_both([&low, &high], Semiring::Product);
        let systems = graph.estate.system_ixs().map(|system_ix| most_exposed(graph, system_ix, &low, &high)).collect();
        Self { high, systems }
    }

    /// The published risk of a system by the graph's own criticality.
    fn risk(&self, graph: &ExposureGraph<'_>, system_ix: SystemIx) -> Published<BasisPoints> {
        Published::of(graph.policy.criticality(graph.estate.criticality(system_ix)).times(self.systems[system_ix.index()].0))
    }
}

/// The criticality of a system of the head: the base's, or for a new system its own; by the base's policy.
fn criticality(base: &ExposureGraph<'_>, head: &ExposureGraph<'_>, system_ix: SystemIx) -> Interval {
    let system = head.estate.system(system_ix);
    let before = base.estate.find_system(&system.id).map(|before| base.estate.system(before));
    base.policy.criticality(before.unwrap_or(system).criticality)
}

fn larger(left: Published<BasisPoints>, right: Published<BasisPoints>) -> Published<BasisPoints> {
    Published { low: left.low.max(right.low), high: left.high.max(right.high) }
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

/// What the head's own policy and criticality say beyond the base's, by which the risks in `by_base` are.
fn policy_change(
    head: &ExposureGraph<'_>,
    of_head: &Side,
    by_base: &[Published<BasisPoints>],
    head_own: Option<&ExposureGraph<'_>>,
) -> Option<PolicyChange> {
    let own = head_own.map(|graph| (graph, Side::of(graph)));
    let by_head = |system_ix| own.as_ref().map_or_else(|| of_head.risk(head, system_ix), |(graph, side)| side.risk(graph, system_ix));
    let risks = head.estate.system_ixs().zip(by_base).map(|(system_ix, &by_base)| (system_ix, by_base, by_head(system_ix)));
    let systems: Vec<_> = risks.filter(|(_, by_base, by_head)| by_base != by_head).collect();
    let is_other_policy = head_own.is_some();
    (is_other_policy || !systems.is_empty()).then_some(PolicyChange { is_other_policy, systems })
}
