//! Unknowns: which fact to find out next.

use super::attribution::in_parallel;
use super::posture::score_of;
use super::retrial::{Retrial, Retried, witness};
use crate::catalog::{BasisPoints, Cell, Certainty, ControlStatus, Criticality, End, Facing, Layer, ResponsibilityMatrix, Verdict, points};
use crate::estate::{Connection, ConnectionIx, PartyIx, System, SystemIx};
use crate::graph::{Edit, ExposureGraph, State, Witness};
use std::collections::BTreeSet;

/// What is not known of an estate, and what each fact would be worth.
#[derive(Clone, Debug)]
pub struct Unknowns {
    /// The sum of all risks on the high end.
    pub risk: f64,
    /// The posture on the worse end.
    pub posture: u8,
    /// Every unknown: what removes most first, then in order of unknowns.
    pub facts: Vec<Worth>,
    /// All that is unknown of the layers of one system, where that is more than one layer; likewise.
    pub systems: Vec<Worth>,
}

/// What is not known.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unknown {
    /// Of a layer: whose it is, or what is in place.
    Layer(State),
    /// A setting of a system's service that decides whose layers are, by its position among the service's.
    Setting(SystemIx, usize),
    /// From where a system can be attacked.
    Facing(SystemIx),
    /// How much a system matters.
    Criticality(SystemIx),
    /// Whether a connection's controls are in place.
    Controls(ConnectionIx),
    /// Whether a connection exists.
    Certainty(ConnectionIx),
    /// Everything that is unknown of a system's layers.
    System(SystemIx),
}

/// An unknown, and what comes of it if it turns out well.
#[derive(Clone, Debug, PartialEq)]
pub struct Worth {
    /// What is not known.
    pub unknown: Unknown,
    /// The best that it can turn out to be, where that is a word of the catalogue or the vocabulary.
    pub best: Option<String>,
    /// The risk that is gone then, in basis points of the sum of all risks on the high end.
    pub removes: u64,
    /// The posture then, on the worse end.
    pub posture: u8,
    /// Whom to ask: the parties accountable, or else the system's owner; none where nobody is.
    pub ask: Vec<PartyIx>,
}

/// Returns every unknown of an estate with what it is worth: how much of the high end of the risk vanishes if it alone
/// turns out well. Each is solved again.
///
/// Unknown is what is in place on a layer, where nothing is said, the status is unknown or its evidence lapsed; whose a layer
/// is, where nobody claims it or no split is written (both of one layer together, as neither alone would help); a setting
/// that decides whose layers are; facing and criticality where not stated; the status of a connection's controls; and
/// whether a connection exists.
///
/// # Complexity
/// One search, and one trial for every unknown on a witness of some system's worst layer: others are worth nothing alone.
pub fn unknowns(graph: &ExposureGraph<'_>, progress: &(dyn Fn(usize, usize) + Sync)) -> Unknowns {
    let witness = witness(graph, End::High);
    let used = Used::new(graph, &witness);
    let unedited = Retrial::new(graph, &witness).unedited();
    let all = all(graph);
    let worths = in_parallel(
        all.len(),
        &|done| progress(done, all.len()),
        || Retrial::new(graph, &witness),
        |retrial, ix| {
            let unknown = all[ix];
            let (best, retried) =
                if used.touches(graph, unknown) { at_best(graph, retrial, unknown) } else { (best_word(graph, unknown), None) };
            let retried = retried.filter(|retried| retried.risk <= unedited.risk);
            let retried = retried.as_ref().unwrap_or(&unedited);
            let removes = points(unedited.risk).saturating_sub(points(retried.risk));
            Worth { unknown, best, removes, posture: posture(retried), ask: ask(graph, unknown) }
        },
    );
    let (mut systems, mut facts): (Vec<Worth>, Vec<Worth>) =
        worths.into_iter().partition(|worth| matches!(worth.unknown, Unknown::System(_)));
    for list in [&mut facts, &mut systems] {
        list.sort_by(|left, right| right.removes.cmp(&left.removes).then(left.unknown.cmp(&right.unknown)));
    }
    Unknowns { risk: unedited.risk, posture: posture(&unedited), facts, systems }
}

fn posture(retried: &Retried) -> u8 {
    score_of(BasisPoints::of(retried.largest))
}

/// Everything that is not known, in order.
fn all(graph: &ExposureGraph<'_>) -> Vec<Unknown> {
    let mut all = Vec::new();
    for system_ix in graph.estate.system_ixs() {
        let is_open = |state: &State| graph.coverage.at_best(graph.estate, graph.policy, system_ix, state.layer()).is_some();
        let layers: Vec<Unknown> = graph.states_of(system_ix).filter(is_open).map(Unknown::Layer).collect();
        if layers.len() > 1 {
            all.push(Unknown::System(system_ix));
        }
        all.extend(layers);
        let system = graph.estate.system(system_ix);
        all.extend(open_settings(system).into_iter().map(|setting| Unknown::Setting(system_ix, setting)));
        all.extend(system.facing.is_none().then_some(Unknown::Facing(system_ix)));
        all.extend(system.criticality.is_none().then_some(Unknown::Criticality(system_ix)));
    }
    for (connection, ix) in graph.estate.connections().iter().zip(0..) {
        let is_unknown = connection.controls.iter().any(|control| control.status == ControlStatus::Unknown);
        all.extend(is_unknown.then_some(Unknown::Controls(ConnectionIx(ix))));
        all.extend((connection.certainty == Certainty::Possible).then_some(Unknown::Certainty(ConnectionIx(ix))));
    }
    all
}

/// The settings of a system's service that are not stated and decide a cell that is undetermined.
fn open_settings(system: &System) -> Vec<usize> {
    let Some(service) = system.service else { return Vec::new() };
    let is_open = |setting: &str| {
        let decides = |rule: &&crate::catalog::When| rule.setting == setting && system.layer(rule.layer).cell == Cell::Undetermined;
        !system.settings.contains_key(setting) && service.when.iter().any(|rule| decides(&rule))
    };
    service.settings().iter().enumerate().filter(|(_, setting)| is_open(setting)).map(|(ix, _)| ix).collect()
}

/// What lies on the witness of some system's worst layer.
struct Used {
    states: Vec<bool>,
    /// Systems in which such a witness begins.
    origins: BTreeSet<SystemIx>,
    /// Systems that such a witness leaves.
    left: BTreeSet<SystemIx>,
    connections: BTreeSet<ConnectionIx>,
}

impl Used {
    fn new(graph: &ExposureGraph<'_>, witness: &Witness<'_>) -> Self {
        let mut used = Self {
            states: vec![false; graph.state_bound()],
            origins: BTreeSet::new(),
            left: BTreeSet::new(),
            connections: BTreeSet::new(),
        };
        for system_ix in graph.estate.system_ixs() {
            let Some(worst) = witness.worst(graph.states_of(system_ix)) else { continue };
            let mut next = Some(worst);
            while let Some(state) = next.filter(|state| !std::mem::replace(&mut used.states[state.index()], true)) {
                let arc = witness.parent(state);
                if let Some(connection_ix) = arc.and_then(|arc| arc.connection) {
                    used.connections.insert(connection_ix);
                    used.left.extend(arc.map(|arc| arc.from.system()));
                }
                if arc.is_none() {
                    used.origins.insert(state.system());
                }
                next = arc.map(|arc| arc.from);
            }
        }
        used
    }

    /// Whether a fact can change the exposure of any system; of a criticality, whether it can matter at all.
    fn touches(&self, graph: &ExposureGraph<'_>, unknown: Unknown) -> bool {
        let layer =
            |state: State| self.states[state.index()] || (state.layer() == Layer::Monitoring && self.left.contains(&state.system()));
        match unknown {
            Unknown::Layer(state) => layer(state),
            Unknown::System(system_ix) => graph.states_of(system_ix).any(layer),
            // Which arcs there are depends on whose layers are.
            Unknown::Setting(..) | Unknown::Criticality(_) => true,
            Unknown::Facing(system_ix) => self.origins.contains(&system_ix),
            Unknown::Controls(connection_ix) | Unknown::Certainty(connection_ix) => self.connections.contains(&connection_ix),
        }
    }
}

/// The best that a fact can turn out to be, and the estate then.
fn at_best(graph: &ExposureGraph<'_>, retrial: &mut Retrial<'_>, unknown: Unknown) -> (Option<String>, Option<Retried>) {
    let word = best_word(graph, unknown);
    let retried = match unknown {
        Unknown::Layer(state) => retrial.with(&layers_at_best(graph, state.system(), &[state])),
        Unknown::System(system_ix) => retrial.with(&layers_at_best(graph, system_ix, &graph.states_of(system_ix).collect::<Vec<_>>())),
        Unknown::Setting(system_ix, setting) => return setting_at_best(graph, retrial, system_ix, setting),
        Unknown::Facing(system_ix) => {
            let system = System { facing: Some(least_facing(graph)), ..graph.estate.system(system_ix).clone() };
            retrial.with(&Retrial::rows(vec![(system_ix, graph.coverage.row_of(graph.estate, graph.policy, &system))]))
        }
        Unknown::Criticality(system_ix) => {
            let least = graph.policy.criticality(Some(least_criticality(graph))).high;
            retrial.with_criticality(system_ix, least)
        }
        Unknown::Controls(connection_ix) => {
            let mut connection: Connection = graph.estate.connection(connection_ix).clone();
            let unknown = connection.controls.iter_mut().filter(|control| control.status == ControlStatus::Unknown);
            unknown.for_each(|control| control.status = ControlStatus::Implemented);
            retrial.with(&[Edit::Connection(connection_ix, &connection)])
        }
        Unknown::Certainty(connection_ix) => retrial.with(&[Edit::Removal(connection_ix)]),
    };
    (word, Some(retried))
}

/// The word for the best that a fact can turn out to be; of a setting it is found by trial.
fn best_word(graph: &ExposureGraph<'_>, unknown: Unknown) -> Option<String> {
    match unknown {
        Unknown::Facing(_) => Some(least_facing(graph).id().to_owned()),
        Unknown::Criticality(_) => Some(least_criticality(graph).id().to_owned()),
        Unknown::Layer(_) | Unknown::System(_) | Unknown::Controls(_) => Some(ControlStatus::Implemented.id().to_owned()),
        Unknown::Certainty(_) | Unknown::Setting(..) => None,
    }
}

fn least_facing(graph: &ExposureGraph<'_>) -> Facing {
    let threat = |facing: &Facing| graph.policy.threat(Some(*facing)).high;
    Facing::ALL
        .iter()
        .copied()
        .reduce(|least, facing| if threat(&facing) < threat(&least) { facing } else { least })
        .unwrap_or(Facing::Isolated)
}

fn least_criticality(graph: &ExposureGraph<'_>) -> Criticality {
    let weight = |criticality: &Criticality| graph.policy.criticality(Some(*criticality)).high;
    let least = |least: Criticality, other: Criticality| if weight(&other) < weight(&least) { other } else { least };
    Criticality::ALL.iter().copied().reduce(least).unwrap_or(Criticality::Low)
}

fn layers_at_best(graph: &ExposureGraph<'_>, system_ix: SystemIx, states: &[State]) -> Vec<Edit<'static>> {
    let mut row = graph.coverage.row(system_ix);
    for state in states {
        if let Some(best) = graph.coverage.at_best(graph.estate, graph.policy, system_ix, state.layer()) {
            row[state.layer().index()] = Some(best);
        }
    }
    Retrial::rows(vec![(system_ix, row)])
}

/// Tries every value of a setting that the service's rules name, and one that none names; of equally good ones the first.
fn setting_at_best(
    graph: &ExposureGraph<'_>,
    retrial: &mut Retrial<'_>,
    system_ix: SystemIx,
    setting: usize,
) -> (Option<String>, Option<Retried>) {
    let system = graph.estate.system(system_ix);
    let Some(service) = system.service else { return (None, None) };
    let name = service.settings()[setting];
    let mut values: Vec<&str> = service.when.iter().filter(|rule| rule.setting == name).map(|rule| rule.equals.as_str()).collect();
    values.sort_unstable();
    values.dedup();
    let mut best: (Option<String>, Option<Retried>) = (None, None);
    for value in values.into_iter().map(Some).chain([None]) {
        let mut decided = system.clone();
        decided.settings.insert(name.to_owned(), value.unwrap_or_default().to_owned());
        for (&layer, facts) in Layer::ALL.iter().zip(&mut decided.layers) {
            facts.cell = ResponsibilityMatrix::shipped().cell(decided.model, Some(service), &decided.settings, layer);
        }
        if !decided.layers.iter().all(fits) {
            continue;
        }
        let row = graph.coverage.row_of(graph.estate, graph.policy, &decided);
        let retried = retrial.with(&Retrial::rows(vec![(system_ix, row)]));
        if best.1.as_ref().is_none_or(|best| retried.risk < best.risk) {
            best = (value.map(str::to_owned), Some(retried));
        }
    }
    best
}

/// Whether a model could claim what is claimed about a layer, were its cell this one.
fn fits(facts: &crate::estate::LayerFacts) -> bool {
    let Some(claim) = facts.claim.as_deref() else { return true };
    let is_split = claim.customer.is_some() || claim.provider.is_some();
    let is_denied = claim.stated.status == Some(ControlStatus::NotApplicable);
    facts.cell != Cell::NotApplicable && (!is_split || facts.cell.allows_split()) && (!is_denied || facts.cell.is_open())
}

/// Whom to ask.
fn ask(graph: &ExposureGraph<'_>, unknown: Unknown) -> Vec<PartyIx> {
    let owner = |system_ix: SystemIx| graph.estate.owner(system_ix);
    let mut ask: Vec<PartyIx> = match unknown {
        Unknown::Layer(state) => {
            let coverage = graph.coverage.layer(state.system(), state.layer());
            let answerable: Vec<PartyIx> = coverage.iter().flat_map(crate::coverage::LayerCoverage::answerable).flatten().collect();
            // A layer that is shared is asked of both sides.
            let is_unsplit = coverage.is_some_and(|coverage| coverage.ownership.verdict == Verdict::Unsplit);
            let provider = graph.estate.system(state.system()).provider.as_deref().filter(|_| is_unsplit);
            let provider = provider.and_then(|provider| graph.estate.find_party(provider));
            let known: Vec<PartyIx> = answerable.into_iter().chain(provider).collect();
            if known.is_empty() || is_unsplit { owner(state.system()).into_iter().chain(known).collect() } else { known }
        }
        Unknown::Setting(system_ix, _) | Unknown::Facing(system_ix) | Unknown::Criticality(system_ix) | Unknown::System(system_ix) => {
            owner(system_ix).into_iter().collect()
        }
        Unknown::Controls(connection_ix) | Unknown::Certainty(connection_ix) => {
            let connection = graph.estate.connection(connection_ix);
            owner(connection.to).into_iter().chain(owner(connection.from)).collect()
        }
    };
    ask.sort_unstable();
    ask.dedup();
    ask
}
