//! Choke points: where all exposure of targets passes, and what fixing each would remove.

use super::Target;
use super::attribution::in_parallel;
use super::retrial::{Retrial, witness};
use super::target::{controls_at, parties_at};
use crate::catalog::{BasisPoints, ControlIx, ControlStatus, Criticality, End, points};
use crate::estate::{Connection, ConnectionIx, PartyIx, System, SystemIx};
use crate::graph::{Edit, ExposureGraph, State, Witness};
use std::collections::{BTreeMap, BTreeSet};

/// Layers and connections that are tried beside those that may cut off every target.
pub const MOST_PASSAGES: usize = 1_000;

/// Sets of layers and connections that are tried beside those that may cut off every target.
pub const MOST_SETS: usize = 8;

/// The choke points of targets.
#[derive(Clone, Debug)]
pub struct ChokePoints {
    /// The exposure at or above which a target counts as exposed.
    pub threshold: BasisPoints,
    /// What the targets are.
    pub asked: Asked,
    /// The targets, as asked; those that the estate itself names in order of ids.
    pub targets: Vec<ChokeTarget>,
    /// What cuts off one exposed target at least: what cuts off most first, then what removes most.
    pub points: Vec<ChokePoint>,
    /// The sum of all risks of the estate on the high end.
    pub risk: f64,
    /// How many more passages lie on the witness of some targets, none on those of all, and were not tried.
    pub untried: usize,
}

/// What the targets are.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Those that were named.
    Named,
    /// The systems that are stated to be crown jewels.
    CrownJewels,
    /// The systems whose risk is at or above the threshold, as no crown jewel is stated.
    Risky,
}

/// A target of choke points.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct ChokeTarget {
    /// The target.
    pub target: Target,
    /// The largest exposure of its layers, on the high end.
    pub exposure: f64,
    /// Whether that is at or above the threshold.
    pub is_exposed: bool,
}

/// What exposure can pass through. A connection, a control and a party stand for all of their arcs or layers at once.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Passage {
    /// A layer of a system.
    State(State),
    /// A connection.
    Connection(ConnectionIx),
    /// Every layer that claims a control of the catalogue.
    Control(ControlIx),
    /// Every connection with a control of a class, by its position among the policy's.
    Class(usize),
    /// Every layer accountable to a party.
    Party(PartyIx),
}

/// A passage without which some exposed target is no longer exposed.
#[derive(Clone, Debug, PartialEq)]
pub struct ChokePoint {
    /// What it is.
    pub passage: Passage,
    /// How many layers or connections it stands for.
    pub size: usize,
    /// The exposed targets that are cut off without it, by their positions.
    pub cuts: Vec<usize>,
    /// The risk that fixing it removes, in basis points of the sum of all risks on the high end.
    pub removes: u64,
    /// The targets whose exposure falls when it is fixed, by their positions, with that exposure.
    pub after: Vec<(usize, f64)>,
    /// The largest exposure, when it is fixed, of the targets that it cuts off.
    pub worst_after: f64,
}

impl ChokePoints {
    /// How many targets are exposed.
    pub fn exposed(&self) -> usize {
        self.targets.iter().filter(|target| target.is_exposed).count()
    }
}

/// Returns what all or some exposure of `targets` passes through; without targets, of the crown jewels that are stated,
/// or else of the systems whose risk is at or above `threshold`.
///
/// A passage is a choke point of a target if, taken out of the graph with every other factor as it is, it leaves the
/// target's exposure below the threshold on the high end: every path of at least that value passes through it. Where all
/// factors are 1 these are the dominators of the target, seen from a super source over the gaps; where they are not, a
/// path that is too weak to matter is no way round. A layer is no choke point of itself alone.
///
/// A fix is another thing than taking out: the layers are wholly covered, the connection is removed, the control is
/// implemented wherever it is claimed. What it removes is solved again with the factors that the fix changes.
///
/// Every passage that may cut off all targets is tried; of others the [`MOST_PASSAGES`] and [`MOST_SETS`] that lie on
/// most witnesses. `progress` is called with (done, all) passages, from any thread.
///
/// # Complexity
/// One search, and two trials for every passage that is tried: only what lies on a target's witness can cut it off, as
/// the witness is a path without all the rest.
///
/// # Source
/// Dominators: Lengauer and Tarjan, *A fast algorithm for finding dominators in a flowgraph* (1979). Trials: [`crate::engine::Trial`].
pub fn choke_points(
    graph: &ExposureGraph<'_>,
    targets: &[Target],
    threshold: BasisPoints,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> ChokePoints {
    let witness = witness(graph, End::High);
    let (asked, targets) = chosen(graph, &witness, targets, threshold);
    let goals = Goals::new(graph, &witness, &targets);
    let targets: Vec<ChokeTarget> = targets
        .into_iter()
        .zip(&goals.worst)
        .map(|(target, worst)| {
            let exposure = worst.map_or(0.0, |worst| witness.value(worst));
            ChokeTarget { target, exposure, is_exposed: exposure > 0.0 && BasisPoints::of(exposure) >= threshold }
        })
        .collect();
    let passages = Passages::new(graph);
    let (candidates, untried) = passages.candidates(graph, &witness, &targets, &goals);
    let unedited = Retrial::new(graph, &witness).unedited();
    let found = in_parallel(
        candidates.len(),
        &|done| progress(done, candidates.len()),
        || Retrial::new(graph, &witness),
        |retrial, ix| {
            let passage = candidates[ix];
            let without = retrial.with(&passages.taken_out(passage));
            let mut cuts = goals.touched(&without.states);
            cuts.retain(|&target_ix| {
                let exposure = goals.exposure(target_ix, |state| without.exposure(&witness, state));
                targets[target_ix].is_exposed && (exposure == 0.0 || BasisPoints::of(exposure) < threshold)
            });
            let is_itself =
                |&target_ix: &usize| matches!(passage, Passage::State(state) if targets[target_ix].target == Target::State(state));
            if cuts.iter().all(is_itself) {
                return None;
            }
            let connections = passages.strengthened(graph, passage);
            let fixed = retrial.with(&passages.fixed(graph, passage, &connections));
            let mut after: Vec<(usize, f64)> = goals
                .touched(&fixed.states)
                .into_iter()
                .map(|target_ix| (target_ix, goals.exposure(target_ix, |state| fixed.exposure(&witness, state))))
                .collect();
            after.retain(|&(target_ix, exposure)| exposure != targets[target_ix].exposure);
            let exposure_after = |target_ix: usize| match after.binary_search_by_key(&target_ix, |&(target_ix, _)| target_ix) {
                Ok(at) => after[at].1,
                Err(_) => targets[target_ix].exposure,
            };
            let worst_after = cuts.iter().map(|&target_ix| exposure_after(target_ix)).fold(0.0, f64::max);
            let removes = points(unedited.risk).saturating_sub(points(fixed.risk));
            Some(ChokePoint { passage, size: passages.size(passage), cuts, removes, after, worst_after })
        },
    );
    let mut points: Vec<ChokePoint> = found.into_iter().flatten().collect();
    points.sort_by(|left, right| {
        (right.cuts.len(), right.removes).cmp(&(left.cuts.len(), left.removes)).then(left.passage.cmp(&right.passage))
    });
    ChokePoints { threshold, asked, targets, points, risk: unedited.risk, untried }
}

/// The targets that are named, or else those that matter.
fn chosen(graph: &ExposureGraph<'_>, witness: &Witness<'_>, named: &[Target], threshold: BasisPoints) -> (Asked, Vec<Target>) {
    if !named.is_empty() {
        return (Asked::Named, named.to_vec());
    }
    let system = |system_ix: SystemIx| graph.estate.system(system_ix);
    let is_jewel = |system_ix: &SystemIx| system(*system_ix).criticality == Some(Criticality::CrownJewel);
    let jewels: Vec<Target> = graph.estate.system_ixs().filter(is_jewel).map(Target::System).collect();
    if !jewels.is_empty() {
        return (Asked::CrownJewels, jewels);
    }
    let is_risky = |system_ix: &SystemIx| {
        let exposure = graph.states_of(*system_ix).map(|state| witness.value(state)).fold(0.0, f64::max);
        let risk = graph.policy.criticality(system(*system_ix).criticality).high * exposure;
        risk > 0.0 && BasisPoints::of(risk) >= threshold
    };
    (Asked::Risky, graph.estate.system_ixs().filter(is_risky).map(Target::System).collect())
}

/// The states of the targets.
struct Goals {
    /// Per target its states.
    states: Vec<Vec<State>>,
    /// Per target its most exposed state, the first of equal ones; none where none is exposed.
    worst: Vec<Option<State>>,
    /// INVARIANT (sorted): every state of a target with the target.
    targets_at: Vec<(State, usize)>,
}

impl Goals {
    fn new(graph: &ExposureGraph<'_>, witness: &Witness<'_>, targets: &[Target]) -> Self {
        let states: Vec<Vec<State>> = targets.iter().map(|target| target.states(graph)).collect();
        let worst = |states: &Vec<State>| witness.worst(states.iter().copied());
        let at = |(target_ix, states): (usize, &Vec<State>)| states.iter().map(move |&state| (state, target_ix)).collect::<Vec<_>>();
        let mut targets_at: Vec<(State, usize)> = states.iter().enumerate().flat_map(at).collect();
        targets_at.sort_unstable();
        Self { worst: states.iter().map(worst).collect(), states, targets_at }
    }

    /// The targets with a state among these, in order.
    fn touched(&self, states: &[(State, f64)]) -> Vec<usize> {
        let mut touched: Vec<usize> = states
            .iter()
            .flat_map(|&(state, _)| {
                let start = self.targets_at.partition_point(|&(at, _)| at < state);
                self.targets_at[start..].iter().take_while(move |&&(at, _)| at == state).map(|&(_, target_ix)| target_ix)
            })
            .collect();
        touched.sort_unstable();
        touched.dedup();
        touched
    }

    fn exposure(&self, target_ix: usize, of: impl Fn(State) -> f64) -> f64 {
        self.states[target_ix].iter().map(|&state| of(state)).fold(0.0, f64::max)
    }
}

/// The layers and connections that passages stand for, where that is more than one.
struct Passages {
    controls: BTreeMap<ControlIx, Vec<State>>,
    parties: BTreeMap<PartyIx, Vec<State>>,
    classes: BTreeMap<usize, Vec<ConnectionIx>>,
}

impl Passages {
    fn new(graph: &ExposureGraph<'_>) -> Self {
        let (mut controls, mut parties) = (BTreeMap::<ControlIx, Vec<State>>::new(), BTreeMap::<PartyIx, Vec<State>>::new());
        for state in graph.states() {
            for control_ix in controls_at(graph, state).collect::<BTreeSet<_>>() {
                controls.entry(control_ix).or_default().push(state);
            }
            for party_ix in parties_at(graph, state) {
                parties.entry(party_ix).or_default().push(state);
            }
        }
        let mut classes: BTreeMap<usize, Vec<ConnectionIx>> = BTreeMap::new();
        for (connection_ix, connection) in graph.estate.connections().iter().enumerate() {
            for class_ix in classes_of(graph, connection) {
                classes.entry(class_ix).or_default().push(ConnectionIx(connection_ix as u32));
            }
        }
        Self { controls, parties, classes }
    }

    fn size(&self, passage: Passage) -> usize {
        match passage {
            Passage::State(_) | Passage::Connection(_) => 1,
            Passage::Control(control_ix) => self.controls[&control_ix].len(),
            Passage::Party(party_ix) => self.parties[&party_ix].len(),
            Passage::Class(class_ix) => self.classes[&class_ix].len(),
        }
    }

    /// The passages to try, and how many are left out; what lies on no exposed target's witness cuts nothing off.
    fn candidates(
        &self,
        graph: &ExposureGraph<'_>,
        witness: &Witness<'_>,
        targets: &[ChokeTarget],
        goals: &Goals,
    ) -> (Vec<Passage>, usize) {
        let exposed = targets.iter().zip(&goals.worst).filter(|(target, _)| target.is_exposed);
        let ends: Vec<State> = exposed.filter_map(|(_, worst)| *worst).collect();
        // How many targets' witnesses a state lies on, summed up from the ends of the forest of witnesses to its roots.
        let mut on = vec![0_usize; graph.state_bound()];
        for end in &ends {
            on[end.index()] += 1;
        }
        let mut passages: BTreeMap<Passage, usize> = BTreeMap::new();
        for &state in witness.nearest_first().iter().rev().filter(|state| graph.contains(**state)) {
            let behind = on[state.index()];
            if behind == 0 {
                continue;
            }
            passages.insert(Passage::State(state), behind);
            if let Some(arc) = witness.parent(state) {
                on[arc.from.index()] += behind;
                // A path may cross a connection twice; counted twice it is tried all the sooner.
                arc.connection
                    .into_iter()
                    .for_each(|connection_ix| *passages.entry(Passage::Connection(connection_ix)).or_default() += behind);
            }
        }
        let (mut order, mut untried) = by_promise(passages, ends.len(), MOST_PASSAGES);
        let touching = |states: &[State], connections: &[ConnectionIx]| touching(graph, witness, (&ends, &on), states, connections);
        let controls = self.controls.iter().map(|(&control_ix, states)| (Passage::Control(control_ix), touching(states, &[])));
        let parties = self.parties.iter().map(|(&party_ix, states)| (Passage::Party(party_ix), touching(states, &[])));
        let classes = self.classes.iter().map(|(&class_ix, connections)| (Passage::Class(class_ix), touching(&[], connections)));
        let sets: BTreeMap<Passage, usize> = controls.chain(parties).chain(classes).filter(|&(_, behind)| behind > 0).collect();
        let (sets, more) = by_promise(sets, ends.len(), MOST_SETS);
        order.extend(sets);
        untried += more;
        (order, untried)
    }

    /// The edits that take a passage out, and change no factor.
    fn taken_out(&self, passage: Passage) -> Vec<Edit<'static>> {
        let blocked = |states: &[State]| states.iter().copied().map(Edit::Block).collect();
        match passage {
            Passage::State(state) => vec![Edit::Block(state)],
            Passage::Connection(connection_ix) => vec![Edit::Removal(connection_ix)],
            Passage::Control(control_ix) => blocked(&self.controls[&control_ix]),
            Passage::Party(party_ix) => blocked(&self.parties[&party_ix]),
            Passage::Class(class_ix) => self.classes[&class_ix].iter().copied().map(Edit::Removal).collect(),
        }
    }

    /// The connections of a class, its controls implemented; none for any other passage.
    fn strengthened(&self, graph: &ExposureGraph<'_>, passage: Passage) -> Vec<(ConnectionIx, Connection)> {
        let Passage::Class(class_ix) = passage else { return Vec::new() };
        let with = |&connection_ix: &ConnectionIx| {
            let mut connection = graph.estate.connection(connection_ix).clone();
            let of_class = connection.controls.iter_mut().filter(|control| control.class == graph.policy.classes[class_ix]);
            of_class
                .filter(|control| control.status != ControlStatus::NotApplicable)
                .for_each(|control| control.status = ControlStatus::Implemented);
            (connection_ix, connection)
        };
        self.classes[&class_ix].iter().map(with).collect()
    }

    /// The edits that fix a passage.
    fn fixed<'c>(&self, graph: &ExposureGraph<'_>, passage: Passage, connections: &'c [(ConnectionIx, Connection)]) -> Vec<Edit<'c>> {
        match passage {
            Passage::State(state) => covered(graph, &[state]),
            Passage::Party(party_ix) => covered(graph, &self.parties[&party_ix]),
            Passage::Connection(connection_ix) => vec![Edit::Removal(connection_ix)],
            Passage::Class(_) => {
                connections.iter().map(|(connection_ix, connection)| Edit::Connection(*connection_ix, connection)).collect()
            }
            Passage::Control(control_ix) => {
                let of_systems = self.controls[&control_ix].chunk_by(|left, right| left.system() == right.system());
                let rows = of_systems.map(|states| {
                    let mut system: System = graph.estate.system(states[0].system()).clone();
                    for &state in states {
                        implement(&mut system, state, control_ix);
                    }
                    (states[0].system(), graph.coverage.row_of(graph.estate, graph.policy, &system))
                });
                Retrial::rows(rows.collect())
            }
        }
    }
}

/// How many of the ends have a witness with one of these states or connections on it.
fn touching(
    graph: &ExposureGraph<'_>,
    witness: &Witness<'_>,
    (ends, on): (&[State], &[usize]),
    states: &[State],
    connections: &[ConnectionIx],
) -> usize {
    let is_used = states.iter().any(|state| on[state.index()] > 0) || !connections.is_empty();
    if !is_used {
        return 0;
    }
    let mut is_touched = vec![false; graph.state_bound()];
    for state in states {
        is_touched[state.index()] = true;
    }
    for &state in witness.nearest_first().iter().filter(|state| on[state.index()] > 0) {
        let touches = |arc: crate::graph::Arc| {
            is_touched[arc.from.index()] || arc.connection.is_some_and(|crossed| connections.binary_search(&crossed).is_ok())
        };
        if witness.parent(state).is_some_and(touches) {
            is_touched[state.index()] = true;
        }
    }
    ends.iter().filter(|end| is_touched[end.index()]).count()
}

/// Those that may cut off every target, and of the others as many as asked for, the most promising first; and how many
/// others there are.
fn by_promise(passages: BTreeMap<Passage, usize>, all: usize, most: usize) -> (Vec<Passage>, usize) {
    let (full, mut part): (Vec<_>, Vec<_>) = passages.into_iter().partition(|&(_, behind)| behind >= all);
    part.sort_by(|left, right| right.1.cmp(&left.1).then(left.0.cmp(&right.0)));
    let untried = part.len().saturating_sub(most);
    part.truncate(most);
    (full.into_iter().chain(part).map(|(passage, _)| passage).collect(), untried)
}

/// The edits that cover states wholly.
fn covered(graph: &ExposureGraph<'_>, states: &[State]) -> Vec<Edit<'static>> {
    let of_systems = states.chunk_by(|left, right| left.system() == right.system());
    let rows = of_systems.map(|states| {
        let system_ix = states[0].system();
        (system_ix, graph.coverage.row_covering(system_ix, states.iter().map(|state| state.layer())))
    });
    Retrial::rows(rows.collect())
}

/// Puts a control in place wherever the claim about a layer lists it. Evidence stays as old as it is.
fn implement(system: &mut System, state: State, control_ix: ControlIx) {
    let Some(claim) = system.layers[state.layer().index()].claim.as_deref_mut() else { return };
    let statements = claim.statements_mut();
    for (_, status) in statements.flat_map(|stated| &mut stated.controls).filter(|(listed, _)| *listed == control_ix) {
        if *status != ControlStatus::NotApplicable {
            *status = ControlStatus::Implemented;
        }
    }
}

/// The classes of a connection's controls that apply, each once, by their positions among the policy's.
fn classes_of(graph: &ExposureGraph<'_>, connection: &Connection) -> BTreeSet<usize> {
    let applies = connection.controls.iter().filter(|control| control.status != ControlStatus::NotApplicable);
    applies.filter_map(|control| graph.policy.classes.iter().position(|class| *class == control.class)).collect()
}
