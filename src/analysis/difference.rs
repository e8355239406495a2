//! What changes from one model to another: systems, connections, and the exposure of every system.

use super::blast_radius::BlastRadius;
use super::posture::{Posture, posture};
use crate::catalog::{BasisPoints, ConnectionKind, Interval};
use crate::estate::{Change as EstateChange, ConnectionIx, SystemIx, changes};
use crate::graph::ExposureGraph;
use std::collections::BTreeMap;

/// What changes from a base model to a head model.
#[derive(Clone, Debug)]
pub struct Difference<'g> {
    /// The base.
    pub base: &'g ExposureGraph<'g>,
    /// The head.
    pub head: &'g ExposureGraph<'g>,
    /// Every system of either, in order of ids.
    pub systems: Vec<SystemDifference>,
    /// Every connection that only one of them has, in order of ids.
    pub connections: Vec<ConnectionDifference>,
    /// Exposure and risk in the base.
    pub base_posture: Posture<'g>,
    /// Exposure and risk in the head.
    pub head_posture: Posture<'g>,
}

/// A system in the base, in the head, or in both.
#[derive(Clone, Debug, PartialEq)]
pub struct SystemDifference {
    /// Its id.
    pub id: String,
    /// Its place and its exposure in the base.
    pub base: Option<(SystemIx, Interval)>,
    /// Its place and its exposure in the head.
    pub head: Option<(SystemIx, Interval)>,
    /// What that comes to.
    pub change: Change,
}

/// What became of a system's exposure, by published figures on the high end.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Only the head has it.
    Added,
    /// Only the base has it.
    Removed,
    /// More exposed than before.
    Worse,
    /// Less exposed than before.
    Better,
    /// As exposed as before.
    Same,
}

/// A connection that only one of two models has.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectionDifference {
    /// Its id.
    pub id: String,
    /// The id of the system that it comes from.
    pub from: String,
    /// Its kind.
    pub kind: ConnectionKind,
    /// The id of the system that it goes to.
    pub to: String,
    /// Its place in the model that has it.
    pub connection: ConnectionIx,
    /// Whether it is the head that has it.
    pub is_added: bool,
}

impl SystemDifference {
    /// How far its exposure rose or fell on the high end; a missing system counts as not exposed.
    pub fn delta(&self) -> i32 {
        let high = |side: &Option<(SystemIx, Interval)>| side.map_or(0, |(_, exposure)| i32::from(BasisPoints::of(exposure.high).0));
        high(&self.head) - high(&self.base)
    }
}

/// What a failure of the same target exposes in two models.
#[derive(Clone, Debug)]
pub struct BlastDifference {
    /// Every system that is exposed in either, in order of ids; those that fail themselves left out.
    pub systems: Vec<SystemDifference>,
    /// Whether either model has the target.
    pub has_target: [bool; 2],
    /// Exposure at or above which a system is exposed.
    pub threshold: BasisPoints,
}

impl BlastDifference {
    /// Compares two blast radii of one target; none where a model does not have it.
    pub fn of(graphs: [&ExposureGraph<'_>; 2], radii: &[Option<BlastRadius<'_>>; 2]) -> Self {
        let mut sides: BTreeMap<&str, [Option<(SystemIx, Interval)>; 2]> = BTreeMap::new();
        for (side, (graph, radius)) in graphs.into_iter().zip(radii).enumerate() {
            for exposed in radius.iter().flat_map(|radius| radius.systems.iter().filter(|exposed| !radius.is_origin(exposed.system))) {
                sides.entry(&graph.estate.system(exposed.system).id).or_default()[side] = Some((exposed.system, exposed.exposure));
            }
        }
        let systems = sides.into_iter().map(|(id, [base, head])| {
            let mut system = SystemDifference { id: id.to_owned(), base, head, change: Change::Same };
            system.change = match system.delta() {
                1.. => Change::Worse,
                0 => Change::Same,
                _ => Change::Better,
            };
            system
        });
        let threshold = radii.iter().flatten().map(|radius| radius.threshold).next().unwrap_or(BasisPoints(0));
        Self { systems: systems.collect(), has_target: [radii[0].is_some(), radii[1].is_some()], threshold }
    }
}

/// Returns what changes from `base` to `head`.
///
/// # Complexity
/// That of a posture for each of them.
pub fn difference<'g>(base: &'g ExposureGraph<'g>, head: &'g ExposureGraph<'g>) -> Difference<'g> {
    let (base_posture, head_posture) = (posture(base), posture(head));
    let mut sides: BTreeMap<&str, [Option<(SystemIx, Interval)>; 2]> = BTreeMap::new();
    for (side, graph, posture) in [(0, base, &base_posture), (1, head, &head_posture)] {
        for system in &posture.systems {
            sides.entry(&graph.estate.system(system.system).id).or_default()[side] = Some((system.system, system.exposure));
        }
    }
    let systems = sides
        .into_iter()
        .map(|(id, [base, head])| {
            let mut system = SystemDifference { id: id.to_owned(), base, head, change: Change::Same };
            system.change = match (base.is_some(), head.is_some(), system.delta()) {
                (false, ..) => Change::Added,
                (_, false, _) => Change::Removed,
                (_, _, 1..) => Change::Worse,
                (_, _, 0) => Change::Same,
                (_, _, _) => Change::Better,
            };
            system
        })
        .collect();
    let only_in = |graph: &ExposureGraph<'_>, connection_ix: ConnectionIx, is_added: bool| {
        let connection = graph.estate.connection(connection_ix);
        let id = |system_ix: SystemIx| graph.estate.system(system_ix).id.clone();
        let (from, to) = (id(connection.from), id(connection.to));
        ConnectionDifference { id: connection.id.clone(), from, kind: connection.kind, to, connection: connection_ix, is_added }
    };
    let connections = changes(base.estate, head.estate).into_iter().filter_map(|change| match change {
        EstateChange::ConnectionAdded(connection_ix) => Some(only_in(head, connection_ix, true)),
        EstateChange::ConnectionRemoved(connection_ix) => Some(only_in(base, connection_ix, false)),
        _ => None,
    });
    let connections = connections.collect();
    Difference { base, head, systems, connections, base_posture, head_posture }
}
