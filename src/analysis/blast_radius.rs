//! Blast radius: what is exposed if something fails wholly.

use super::Target;
use crate::catalog::{BasisPoints, End, Interval, Published};
use crate::estate::{ConnectionIx, PartyIx, SystemIx};
use crate::graph::{Arc, ExposureGraph, Semiring, State, Witness, solve};
use std::collections::{BTreeMap, BTreeSet};

/// What is exposed if a target fails wholly.
#[derive(Clone, Debug)]
pub struct BlastRadius<'g> {
    /// What fails.
    pub target: Target,
    /// The states that fail, in order of (system id, layer).
    pub origins: Vec<State>,
    /// The exposure at or above which a state is listed.
    pub threshold: BasisPoints,
    /// The exposed states, in order of (system id, layer).
    pub states: Vec<ExposedState>,
    /// The exposed systems, in order of ids.
    pub systems: Vec<ExposedSystem>,
    /// The systems that are reached, but only below the threshold, in order of ids.
    pub below: Vec<SystemIx>,
    /// The parties accountable for exposed layers, in order of ids.
    pub parties: Vec<ExposedParty>,
    /// The connections that witness paths cross, in order of ids.
    pub connections: Vec<CrossedConnection>,
    witness: Witness<'g>,
}

/// An exposed state.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct ExposedState {
    /// The state.
    pub state: State,
    /// How exposed it is.
    pub exposure: Interval,
    /// The number of arcs of its witness path.
    pub hops: u32,
}

/// An exposed system.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct ExposedSystem {
    /// The system.
    pub system: SystemIx,
    /// The largest exposure of its layers, end by end.
    pub exposure: Interval,
    /// Its most exposed layer on the high end; of equal ones that with the fewest hops, then the lowest.
    pub worst: State,
    /// The fewest hops to any of its exposed layers that carry the largest exposure.
    pub hops: u32,
}

/// A party with exposed layers.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct ExposedParty {
    /// The party.
    pub party: PartyIx,
    /// The largest exposure of the layers accountable to it.
    pub exposure: Interval,
    /// How many such layers are exposed.
    pub layers: usize,
}

/// A connection that witness paths cross.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct CrossedConnection {
    /// The connection.
    pub connection: ConnectionIx,
    /// The largest exposure, on the high end, of a state behind it.
    pub exposure: f64,
    /// How many exposed systems lie behind it, on their worst layer's witness path.
    pub systems: usize,
}

/// Returns every state that a total failure of `target` exposes.
///
/// Exposure is an interval: `high` counts every unknown as bad. A hypothetical failure changes no factor. States whose
/// high end is below `threshold` are absent.
///
/// # Complexity
/// *O*((V + E) log V), two passes; V = systems × layers.
///
/// # Source
/// Max-product over the semiring ([0, 1], max, ×): Mohri, *Semiring frameworks and algorithms for shortest-distance
/// problems* (2002), section 3.
pub fn blast_radius<'g>(graph: &'g ExposureGraph<'g>, target: Target, semiring: Semiring, threshold: BasisPoints) -> BlastRadius<'g> {
    let origins = target.states(graph);
    let seeds: Vec<(State, f64)> = origins.iter().map(|&state| (state, 1.0)).collect();
    let low = solve(graph, &seeds, semiring, End::Low);
    let high = solve(graph, &seeds, semiring, End::High);
    let witness = Witness::new(graph, high, &seeds, semiring, End::High);
    let states: Vec<ExposedState> = graph
        .states()
        .filter_map(|state| {
            let exposure = Interval::new(low[state.index()], witness.value(state));
            let hops = witness.hops(state)?;
            (BasisPoints::of(exposure.high) >= threshold).then_some(ExposedState { state, exposure, hops })
        })
        .collect();
    let systems = by_system(&states);
    let listed: BTreeSet<SystemIx> = systems.iter().map(|exposed| exposed.system).collect();
    let is_reached = |system_ix: SystemIx| graph.states_of(system_ix).any(|state| witness.hops(state).is_some());
    let below = graph.estate.system_ixs().filter(|system_ix| !listed.contains(system_ix) && is_reached(*system_ix)).collect();
    let parties = by_party(graph, &states);
    let connections = crossed(&witness, &systems);
    BlastRadius { target, origins, threshold, states, systems, below, parties, connections, witness }
}

impl BlastRadius<'_> {
    /// The arcs of the witness path into a state, from what fails on.
    pub fn path(&self, state: State) -> Vec<Arc> {
        self.witness.path(state)
    }

    /// The exposed systems that do not fail themselves, worst first; of equal figures the nearer one, then the smaller id.
    pub fn worst_first(&self) -> Vec<&ExposedSystem> {
        let origins: BTreeSet<SystemIx> = self.origins.iter().map(|state| state.system()).collect();
        let mut others: Vec<&ExposedSystem> = self.systems.iter().filter(|exposed| !origins.contains(&exposed.system)).collect();
        others.sort_by(|left, right| left.worse_first(right));
        others
    }

    /// The exposed states of a system, bottom to top.
    pub fn states_in(&self, system_ix: SystemIx) -> &[ExposedState] {
        let start = self.states.partition_point(|exposed| exposed.state.system() < system_ix);
        let end = self.states.partition_point(|exposed| exposed.state.system() <= system_ix);
        &self.states[start..end]
    }

    /// Whether the system is among those that fail.
    pub fn is_origin(&self, system_ix: SystemIx) -> bool {
        self.origins.iter().any(|state| state.system() == system_ix)
    }
}

impl ExposedSystem {
    /// The order in which systems are told: by published figures, then the nearer one, then the smaller id.
    pub fn worse_first(&self, other: &Self) -> std::cmp::Ordering {
        let (own, others) = (Published::of(self.exposure), Published::of(other.exposure));
        others.high.cmp(&own.high).then(others.low.cmp(&own.low)).then(self.hops.cmp(&other.hops)).then(self.system.cmp(&other.system))
    }
}

pub(super) fn by_system(states: &[ExposedState]) -> Vec<ExposedSystem> {
    let mut systems: Vec<ExposedSystem> = Vec::new();
    for exposed in states {
        let system = exposed.state.system();
        match systems.last_mut().filter(|last| last.system == system) {
            None => systems.push(ExposedSystem { system, exposure: exposed.exposure, worst: exposed.state, hops: exposed.hops }),
            Some(last) => {
                let is_worse =
                    exposed.exposure.high > last.exposure.high || (exposed.exposure.high == last.exposure.high && exposed.hops < last.hops);
                if is_worse {
                    (last.worst, last.hops) = (exposed.state, exposed.hops);
                }
                last.exposure = Interval::new(last.exposure.low.max(exposed.exposure.low), last.exposure.high.max(exposed.exposure.high));
            }
        }
    }
    systems
}

fn by_party(graph: &ExposureGraph<'_>, states: &[ExposedState]) -> Vec<ExposedParty> {
    let mut parties: BTreeMap<PartyIx, ExposedParty> = BTreeMap::new();
    for exposed in states {
        let Some(coverage) = graph.coverage.layer(exposed.state.system(), exposed.state.layer()) else { continue };
        for party in coverage.parties() {
            let entry = parties.entry(party).or_insert(ExposedParty { party, exposure: Interval::ZERO, layers: 0 });
            entry.layers += 1;
            entry.exposure = Interval::new(entry.exposure.low.max(exposed.exposure.low), entry.exposure.high.max(exposed.exposure.high));
        }
    }
    parties.into_values().collect()
}

fn crossed(witness: &Witness<'_>, systems: &[ExposedSystem]) -> Vec<CrossedConnection> {
    let mut connections: BTreeMap<ConnectionIx, CrossedConnection> = BTreeMap::new();
    for system in systems {
        let on_path: BTreeSet<ConnectionIx> = witness.path(system.worst).iter().filter_map(|arc| arc.connection).collect();
        for connection in on_path {
            let entry = connections.entry(connection).or_insert(CrossedConnection { connection, exposure: 0.0, systems: 0 });
            entry.systems += 1;
            entry.exposure = entry.exposure.max(system.exposure.high);
        }
    }
    connections.into_values().collect()
}
