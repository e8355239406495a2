//! Blast radius: what is exposed if something fails wholly.

use super::Target;
use crate::catalog::{BasisPoints, End, Interval, Published};
use crate::engine::{Engine, Reached, Search};
use crate::estate::{ConnectionIx, PartyIx, SystemIx};
use crate::graph::{Arc, ExposureGraph, Semiring, State, Witness};
use crate::threads::side_by_side;

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
/// *O*((V + E) log V), two passes; V = systems × layers. No path is walked.
///
/// # Source
/// Max-product over the semiring ([0, 1], max, ×): Mohri, *Semiring frameworks and algorithms for shortest-distance
/// problems* (2002), section 3.
pub fn blast_radius<'g>(graph: &'g ExposureGraph<'g>, target: Target, semiring: Semiring, threshold: BasisPoints) -> BlastRadius<'g> {
    let origins = target.states(graph);
    let seeds: Vec<(State, f64)> = origins.iter().map(|&state| (state, 1.0)).collect();
    let engine = Engine::new(graph);
    // What needs only the high end takes as long as all the rest. On the low end a figure counts for parties whatever the
    // threshold, as soon as it is published as more than 0.
    let find_others = || {
        let mut low = Search::new(&engine);
        low.solve_above(&seeds, semiring, End::Low, BasisPoints(1).least());
        let low_of_parties = low_of_parties(graph, &low);
        // Where a path exists or does not, nothing is below.
        let reached = (!matches!(semiring, Semiring::Reach { .. })).then(|| engine.reach(&origins, End::High));
        (low, low_of_parties, reached)
    };
    let find_listed = || {
        let high = engine.solve_above(&seeds, semiring, End::High, threshold.least());
        let witness = Witness::above(graph, high, &seeds, semiring, End::High, threshold.least());
        let states = listed_states(&witness, threshold);
        let systems = by_system(&states);
        let connections = crossed(&witness, &systems);
        (witness, states, systems, connections)
    };
    let (others, listed) = side_by_side(graph.state_bound(), find_others, find_listed);
    let (low, low_of_parties, reached) = others;
    let (witness, mut states, mut systems, connections) = listed;
    let below = reached.map_or_else(Vec::new, |reached| below(graph, &reached, &systems));
    for exposed in &mut states {
        exposed.exposure.low = low.value(exposed.state);
    }
    set_lows(graph, &mut systems, |state| low.value(state));
    let parties = by_party(graph, &states, &low_of_parties);
    BlastRadius { target, origins, threshold, states, systems, below, parties, connections, witness }
}

/// The states whose exposure on the high end is published as the threshold or more; the low end is for later.
fn listed_states(witness: &Witness<'_>, threshold: BasisPoints) -> Vec<ExposedState> {
    let mut listed: Vec<State> =
        witness.nearest_first().iter().copied().filter(|&state| BasisPoints::of(witness.value(state)) >= threshold).collect();
    listed.sort_unstable();
    let exposed = |state: State| {
        let hops = witness.hops(state)?;
        Some(ExposedState { state, exposure: Interval::new(0.0, witness.value(state)), hops })
    };
    listed.into_iter().filter_map(exposed).collect()
}

/// The systems that something of what fails gets to, but not enough to be listed.
fn below(graph: &ExposureGraph<'_>, reached: &Reached<'_>, listed: &[ExposedSystem]) -> Vec<SystemIx> {
    let mut listed = listed.iter().map(|exposed| exposed.system).peekable();
    let is_below = |system_ix: &SystemIx| listed.next_if_eq(system_ix).is_none() && reached.reaches(*system_ix);
    graph.estate.system_ixs().filter(is_below).collect()
}

impl BlastRadius<'_> {
    /// The arcs of the witness path into a state, from what fails on.
    pub fn path(&self, state: State) -> Vec<Arc> {
        self.witness.path(state)
    }

    /// The exposure of a state on the high end; 0 where it is below the threshold.
    pub fn exposure(&self, state: State) -> f64 {
        self.witness.value(state)
    }

    /// The exposed systems that do not fail themselves, worst first; of equal figures the nearer one, then the smaller id.
    pub fn worst_first(&self) -> Vec<&ExposedSystem> {
        let mut others: Vec<&ExposedSystem> = self.systems.iter().filter(|exposed| !self.is_origin(exposed.system)).collect();
        others.sort_by(|left, right| left.worse_first(right));
        others
    }

    /// The exposed states of a system, bottom to top.
    pub fn states_in(&self, system_ix: SystemIx) -> &[ExposedState] {
        let start = self.states.partition_point(|exposed| exposed.state.system() < system_ix);
        let end = self.states.partition_point(|exposed| exposed.state.system() <= system_ix);
        &self.states[start..end]
    }

    /// The systems that no path reaches, in order of ids.
    pub fn spared(&self, graph: &ExposureGraph<'_>) -> Vec<SystemIx> {
        let is_below = |system_ix: &SystemIx| self.below.binary_search(system_ix).is_ok();
        graph.estate.system_ixs().filter(|system_ix| !self.exposes(*system_ix) && !is_below(system_ix)).collect()
    }

    /// The states of a system that fail, bottom to top.
    pub fn origins_in(&self, system_ix: SystemIx) -> &[State] {
        let start = self.origins.partition_point(|state| state.system() < system_ix);
        let end = self.origins.partition_point(|state| state.system() <= system_ix);
        &self.origins[start..end]
    }

    /// Whether anything of the system is exposed.
    pub fn exposes(&self, system_ix: SystemIx) -> bool {
        self.systems.binary_search_by_key(&system_ix, |exposed| exposed.system).is_ok()
    }

    /// Whether the system is among those that fail.
    pub fn is_origin(&self, system_ix: SystemIx) -> bool {
        holds(&self.origins, system_ix)
    }
}

impl ExposedSystem {
    /// The order in which systems are told: by published figures, then the nearer one, then the smaller id.
    pub fn worse_first(&self, other: &Self) -> std::cmp::Ordering {
        let (own, others) = (Published::of(self.exposure), Published::of(other.exposure));
        others.high.cmp(&own.high).then(others.low.cmp(&own.low)).then(self.hops.cmp(&other.hops)).then(self.system.cmp(&other.system))
    }
}

/// Whether one of the states, which are in order, is the system's.
pub(super) fn holds(states: &[State], system_ix: SystemIx) -> bool {
    states.binary_search_by_key(&system_ix, |state| state.system()).is_ok()
}

/// Exposed states by system, on the high end; the low end is for [`set_lows`].
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
                last.exposure.high = last.exposure.high.max(exposed.exposure.high);
            }
        }
    }
    systems
}

/// Sets the low ends of systems, each that of all its layers: which of them are listed depends on the threshold, and a figure
/// does not.
pub(super) fn set_lows(graph: &ExposureGraph<'_>, systems: &mut [ExposedSystem], low: impl Fn(State) -> f64) {
    for exposed in systems {
        exposed.exposure.low = graph.states_of(exposed.system).map(&low).fold(0.0, f64::max);
    }
}

/// By party the largest low end of the layers accountable to it.
fn low_of_parties(graph: &ExposureGraph<'_>, low: &Search<'_>) -> Vec<f64> {
    let mut parties = vec![0.0; graph.estate.parties().len()];
    low.each_reached(|state, low| {
        for party in graph.coverage.parties(state.system(), state.layer()) {
            parties[party.index()] = f64::max(parties[party.index()], low);
        }
    });
    parties
}

fn by_party(graph: &ExposureGraph<'_>, states: &[ExposedState], low: &[f64]) -> Vec<ExposedParty> {
    let mut parties: Vec<Option<ExposedParty>> = vec![None; low.len()];
    for exposed in states {
        for party in graph.coverage.parties(exposed.state.system(), exposed.state.layer()) {
            let exposure = Interval::new(low[party.index()], 0.0);
            let entry = parties[party.index()].get_or_insert(ExposedParty { party, exposure, layers: 0 });
            entry.layers += 1;
            entry.exposure.high = entry.exposure.high.max(exposed.exposure.high);
        }
    }
    parties.into_iter().flatten().collect()
}

/// The connections that lie on the witness path of an exposed system's worst layer, without walking a path per system.
///
/// Systems and their exposure are summed up from the ends of the forest of witnesses to its roots. A path may use both
/// directions of a connection; it is counted where it is crossed first, and what hangs below that not again.
///
/// # Complexity
/// *O*(V log V).
fn crossed(witness: &Witness<'_>, systems: &[ExposedSystem]) -> Vec<CrossedConnection> {
    #[derive(Copy, Clone, Default)]
    struct Behind {
        exposure: f64,
        systems: u32,
        states: u32,
        /// Where the state stands when the forest is numbered so that everything behind a state directly follows it.
        place: u32,
        /// The place of the next state to be put behind it.
        next: u32,
    }
    let order = witness.nearest_first();
    // By place in that order, in which whatever a path goes through comes first.
    let mut behind = vec![Behind::default(); order.len()];
    for system in systems {
        if let Some(worst) = witness.place(system.worst) {
            (behind[worst].systems, behind[worst].exposure) = (1, system.exposure.high);
        }
    }
    let parent_at = |at: usize| witness.parent_at(at).and_then(|arc| Some((arc, witness.place(arc.from)?)));
    for at in (0..order.len()).rev() {
        behind[at].states += 1;
        let own = behind[at];
        if let Some((_, from)) = parent_at(at) {
            let from = &mut behind[from];
            from.systems += own.systems;
            from.exposure = from.exposure.max(own.exposure);
            from.states += own.states;
        }
    }
    let mut roots_next = 0;
    let mut crossings: Vec<(ConnectionIx, u32, usize)> = Vec::new();
    for at in 0..order.len() {
        let (parent, states) = (parent_at(at), behind[at].states);
        let next = parent.map_or(&mut roots_next, |(_, from)| &mut behind[from].next);
        let place = *next;
        *next += states;
        (behind[at].place, behind[at].next) = (place, place + 1);
        if behind[at].systems > 0 {
            crossings.extend(parent.and_then(|(arc, _)| arc.connection).map(|connection| (connection, place, at)));
        }
    }
    crossings.sort_unstable();
    let mut connections: Vec<CrossedConnection> = Vec::new();
    let mut counted_to = 0;
    for (connection, place, at) in crossings {
        let Behind { systems, exposure, states, .. } = behind[at];
        match connections.last_mut().filter(|last| last.connection == connection) {
            None => connections.push(CrossedConnection { connection, exposure, systems: systems as usize }),
            Some(_) if place < counted_to => continue,
            Some(last) => {
                last.systems += systems as usize;
                last.exposure = last.exposure.max(exposure);
            }
        }
        counted_to = place + states;
    }
    connections
}
