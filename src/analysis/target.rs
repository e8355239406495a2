//! What a question is about: a layer, a system, a party, a control, a connection or a gap kind.

use crate::catalog::{ControlCatalog, ControlIx, ControlStatus, GapKind, Layer};
use crate::coverage::LayerCoverage;
use crate::estate::{Claim, ConnectionIx, Owner, PartyIx, SystemIx};
use crate::graph::{ExposureGraph, State};
use crate::source::{nearest, nearest_of, visible};

/// Systems up to which a message can list them all.
const FEW: usize = 12;

/// Connections up to which any misspelt text is compared with the ids of all.
const MANY: usize = 100_000;

/// What fails, or what is to be reached.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A whole system: all its layers.
    System(SystemIx),
    /// One layer of one system.
    State(State),
    /// Every layer accountable to a party.
    Party(PartyIx),
    /// Every layer that claims a control.
    Control(ControlIx),
    /// A connection: what its rules lead into, as if nothing stood in between.
    Connection(ConnectionIx),
    /// Every gap of a kind.
    GapKind(GapKind),
}

/// Why a text names no target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetError {
    /// Nothing has this name.
    Unknown {
        /// The text.
        text: String,
        /// The nearest name.
        nearest: Option<String>,
        /// The systems, where they are few.
        systems: Vec<String>,
    },
    /// The system is known, but nothing is a layer of that name, nor near to one.
    UnknownLayer {
        /// The text.
        text: String,
        /// The system.
        system: String,
    },
    /// The system has no such layer: the matrix says that it does not exist.
    NoSuchLayer {
        /// The system.
        system: String,
        /// The layer.
        layer: Layer,
    },
    /// The target names no layer at all, such as a party that is accountable for nothing.
    Empty {
        /// The text.
        text: String,
    },
}

impl std::fmt::Display for TargetError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unknown { text, .. } | Self::UnknownLayer { text, .. } => write!(out, "no target named `{}`", visible(text)),
            Self::NoSuchLayer { system, layer } => write!(out, "`{}` has no layer `{layer}`", visible(system)),
            Self::Empty { text } => write!(out, "`{}` stands for no layer of this model", visible(text)),
        }
    }
}

impl std::error::Error for TargetError {}

impl Target {
    /// The target that a text names.
    ///
    /// A text that is a system's whole id is that system. Otherwise `system:layer` is a layer; then come parties, gap
    /// kinds, controls and connections. `party:`, `gap:`, `control:`, `connection:` and `system:` before a name say
    /// which is meant.
    ///
    /// # Errors
    /// Nothing has the name, or it stands for no layer.
    pub fn parse(graph: &ExposureGraph<'_>, text: &str) -> Result<Self, TargetError> {
        let target = Self::named(graph, text)?;
        if target.states(graph).is_empty() {
            return Err(TargetError::Empty { text: text.to_owned() });
        }
        Ok(target)
    }

    /// The same, also where it stands for no layer: then nothing fails and nothing is reached.
    ///
    /// # Errors
    /// Nothing has the name.
    pub fn named(graph: &ExposureGraph<'_>, text: &str) -> Result<Self, TargetError> {
        find(graph, text)
    }

    /// The states that the target stands for, in order of (system id, layer).
    pub fn states(self, graph: &ExposureGraph<'_>) -> Vec<State> {
        match self {
            Self::System(system_ix) => graph.states_of(system_ix).collect(),
            Self::State(state) => vec![state],
            Self::Party(party_ix) => graph.states().filter(|&state| parties_at(graph, state).contains(&party_ix)).collect(),
            Self::Control(control_ix) => {
                graph.states().filter(|&state| controls_at(graph, state).any(|control| control == control_ix)).collect()
            }
            Self::Connection(connection_ix) => graph.entered_by(connection_ix),
            Self::GapKind(kind) => graph
                .coverage
                .gaps()
                .filter(|&(_, _, of, _)| of == kind)
                .map(|(system_ix, layer, _, _)| State::new(system_ix, layer))
                .collect(),
        }
    }
}

/// The parties accountable for a layer, each once: those that count, and the owners of halves that make no valid split.
pub(super) fn parties_at(graph: &ExposureGraph<'_>, state: State) -> Vec<PartyIx> {
    let coverage = graph.coverage.layer(state.system(), state.layer());
    let claim = graph.estate.system(state.system()).layer(state.layer()).claim.as_deref();
    let halves = claim.into_iter().flat_map(|claim| claim.customer.iter().chain(&claim.provider));
    let owners = halves.filter_map(|half| match half.owner {
        Some(Owner::Party(party_ix)) => Some(party_ix),
        Some(Owner::Nobody) | None => None,
    });
    let mut parties: Vec<PartyIx> = coverage.iter().flat_map(LayerCoverage::parties).chain(owners).collect();
    parties.sort_unstable();
    parties.dedup();
    parties
}

/// The controls that a claim about a layer says apply to it, whatever their status; one may come more than once.
pub(super) fn controls_at<'g>(graph: &'g ExposureGraph<'_>, state: State) -> impl Iterator<Item = ControlIx> + 'g {
    let claim = graph.estate.system(state.system()).layer(state.layer()).claim.as_deref();
    let listed = claim.into_iter().flat_map(Claim::statements).flat_map(|stated| &stated.controls);
    listed.filter(|(_, status)| *status != ControlStatus::NotApplicable).map(|&(control_ix, _)| control_ix)
}

fn find(graph: &ExposureGraph<'_>, text: &str) -> Result<Target, TargetError> {
    let estate = graph.estate;
    if let Some(system_ix) = estate.find_system(text) {
        return Ok(Target::System(system_ix));
    }
    if let Some((system, layer)) = text.rsplit_once(':')
        && let (Some(system_ix), Some(layer)) = (estate.find_system(system), Layer::from_id(layer))
    {
        let state = State::new(system_ix, layer);
        if !graph.contains(state) {
            return Err(TargetError::NoSuchLayer { system: system.to_owned(), layer });
        }
        return Ok(Target::State(state));
    }
    let (noun, name) = match text.split_once(':') {
        Some((noun @ ("party" | "gap" | "control" | "connection" | "system"), name)) => (Some(noun), name),
        _ => (None, text),
    };
    let asked = |wanted: &str| noun.is_none_or(|noun| noun == wanted);
    let found = None
        .or_else(|| asked("system").then(|| estate.find_system(name).map(Target::System)).flatten())
        .or_else(|| asked("party").then(|| estate.find_party(name).map(Target::Party)).flatten())
        .or_else(|| asked("gap").then(|| GapKind::from_id(name).map(Target::GapKind)).flatten())
        .or_else(|| asked("control").then(|| ControlCatalog::shipped().find(name).map(Target::Control)).flatten())
        .or_else(|| asked("connection").then(|| estate.find_connection(name).map(Target::Connection)).flatten());
    found.ok_or_else(|| unknown(graph, text))
}

fn unknown(graph: &ExposureGraph<'_>, text: &str) -> TargetError {
    let estate = graph.estate;
    // With a known system before the colon the layer is what was misspelt, and the other way round.
    let mut near_state = None;
    if let Some((system, layer)) = text.rsplit_once(':') {
        let near_layer = Layer::from_id(layer).map(Layer::id).or_else(|| nearest(layer, Layer::IDS.iter().copied()));
        if estate.find_system(system).is_some() {
            let Some(layer) = near_layer else {
                return TargetError::UnknownLayer { text: text.to_owned(), system: system.to_owned() };
            };
            near_state = Some(format!("{system}:{layer}"));
        } else if let Some(layer) = near_layer {
            near_state = nearest_of(system, |each| estate.each_system_id(each)).map(|system| format!("{system}:{layer}"));
        }
    }
    let nearest = near_state.or_else(|| {
        nearest_of(text, |each| {
            estate.each_system_id(&mut *each);
            let parties = estate.parties().iter().map(|party| party.id.as_str());
            let controls = ControlCatalog::shipped().controls().iter().map(|control| control.id.as_str());
            parties.chain(GapKind::IDS.iter().copied()).chain(controls).for_each(&mut *each);
            // Of very many connections only what looks like one is compared with all.
            if text.contains('>') || estate.connections().len() <= MANY {
                estate.each_connection_id(each);
            }
        })
    });
    let systems =
        if estate.systems().len() <= FEW { estate.systems().iter().map(|system| system.id.clone()).collect() } else { Vec::new() };
    TargetError::Unknown { text: text.to_owned(), nearest, systems }
}
