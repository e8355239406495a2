//! Fixes: closing a gap, settling an owner, a control on a connection, a connection less.

use crate::catalog::{ControlStatus, End, FixKind, Interval, Strength};
use crate::coverage::{CoverageRow, LayerCoverage};
use crate::estate::{Connection, ConnectionControl, ConnectionIx, Cost, PartyIx, SystemIx};
use crate::graph::{Edit, ExposureGraph, State};
use std::collections::BTreeMap;

/// Something that can be done about exposure.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fix {
    /// Cover a layer wholly: an owner, and every control in place.
    Close(State),
    /// Settle who owns a layer, so that its controls count for what they are.
    Own(State),
    /// Have a strong, implemented control of this class, by its position among the policy's, on a connection.
    Control(ConnectionIx, u16),
    /// Take a connection away.
    Remove(ConnectionIx),
}

impl Fix {
    /// What kind of fix it is.
    pub const fn kind(self) -> FixKind {
        match self {
            Self::Close(_) => FixKind::Close,
            Self::Own(_) => FixKind::Own,
            Self::Control(..) => FixKind::Control,
            Self::Remove(_) => FixKind::Remove,
        }
    }

    /// Who has to act: whoever answers for the layer's gap, where nobody does the system's owner, and of a connection the owner
    /// of the system that it leads into. None among them is nobody.
    pub fn actors(self, graph: &ExposureGraph<'_>) -> Vec<Option<PartyIx>> {
        match self {
            Self::Close(state) | Self::Own(state) => {
                let owner = graph.estate.system(state.system()).owner;
                let answerable =
                    graph.coverage.layer(state.system(), state.layer()).as_ref().map(LayerCoverage::answerable).unwrap_or_default();
                let mut actors: Vec<Option<PartyIx>> = answerable.into_iter().map(|party| party.or(owner)).collect();
                actors.dedup();
                actors
            }
            Self::Control(connection_ix, _) | Self::Remove(connection_ix) => {
                vec![graph.estate.system(graph.estate.connection(connection_ix).to).owner]
            }
        }
    }

    /// What it costs, as the model states it.
    pub fn cost(self, graph: &ExposureGraph<'_>) -> Cost {
        match self {
            Self::Close(state) | Self::Own(state) => graph.estate.cost_of_layer(self.kind(), state.system(), state.layer()),
            Self::Control(connection_ix, _) | Self::Remove(connection_ix) => graph.estate.cost_of_connection(self.kind(), connection_ix),
        }
    }
}

/// A fix that can be had, and its cost.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// What is done.
    pub fix: Fix,
    /// What that costs.
    pub cost: u32,
}

/// Every fix of these kinds that changes something and can be had, in order.
///
/// Gaps can be closed. A layer whose ownership is not clear can be settled where its controls are then worth more.
/// A connection takes the control that lets least through: of equal ones a class that it states already before another,
/// then the policy's first.
///
/// # Complexity
/// *O*(systems × layers + connections).
pub fn candidates(graph: &ExposureGraph<'_>, kinds: &[FixKind]) -> Vec<Candidate> {
    let mut fixes: Vec<Fix> = Vec::new();
    for (system_ix, layer, _, coverage) in graph.coverage.gaps() {
        let state = State::new(system_ix, layer);
        fixes.push(Fix::Close(state));
        if coverage.control.low > coverage.coverage.low {
            fixes.push(Fix::Own(state));
        }
    }
    for (ix, connection) in graph.estate.connections().iter().enumerate() {
        let connection_ix = ConnectionIx(ix as u32);
        fixes.extend(best_class(graph, connection).map(|class_ix| Fix::Control(connection_ix, class_ix)));
        fixes.push(Fix::Remove(connection_ix));
    }
    fixes.retain(|fix| kinds.contains(&fix.kind()));
    fixes.sort_unstable();
    let priced = fixes.into_iter().filter_map(|fix| match fix.cost(graph) {
        Cost::Units(cost) => Some(Candidate { fix, cost }),
        Cost::Impossible => None,
    });
    priced.collect()
}

/// The class of which a strong control takes most off what a connection lets through; none if nothing does.
fn best_class(graph: &ExposureGraph<'_>, connection: &Connection) -> Option<u16> {
    let strong = graph.policy.strength(Strength::Strong);
    let mut best: Option<(f64, bool, u16)> = None;
    for (class_ix, class) in graph.policy.classes.iter().enumerate() {
        let of_class = connection.controls.iter().filter(|control| control.class == *class);
        let counts = |control: &&ConnectionControl| control.status != ControlStatus::NotApplicable;
        let now = of_class
            .clone()
            .filter(counts)
            .map(|control| graph.policy.strength(control.strength) * graph.policy.status(control.status).low)
            .fold(0.0, f64::max);
        let remains = (1.0 - strong) / (1.0 - now);
        let is_new = of_class.count() == 0;
        if now < strong && best.is_none_or(|(least, new, _)| (remains, is_new) < (least, new)) {
            best = Some((remains, is_new, class_ix as u16));
        }
    }
    best.map(|(_, _, class_ix)| class_ix)
}

/// A connection with a strong control of a class, by its position among the policy's.
fn strengthened(graph: &ExposureGraph<'_>, connection_ix: ConnectionIx, class_ix: u16) -> Connection {
    graph.estate.connection(connection_ix).with_strong_control(&graph.policy.classes[usize::from(class_ix)])
}

/// The coverage of a layer after a fix of it.
pub(super) fn coverage_after(graph: &ExposureGraph<'_>, fix: Fix) -> Option<LayerCoverage> {
    let (Fix::Close(state) | Fix::Own(state)) = fix else { return None };
    let coverage = graph.coverage.layer(state.system(), state.layer())?;
    Some(if matches!(fix, Fix::Close(_)) {
        coverage.covered()
    } else {
        coverage.owned(graph.policy.threat(graph.estate.system(state.system()).facing))
    })
}

/// The severity of a layer after a fix of it, at one end.
pub(super) fn severity_after(graph: &ExposureGraph<'_>, fix: Fix, end: End) -> f64 {
    coverage_after(graph, fix).map_or(0.0, |coverage| coverage.severity.end(end))
}

/// How much of the value of an arc a fix of its own leaves, at one end: 1 where it is not about that arc.
pub(super) fn ratio(graph: &ExposureGraph<'_>, arc: &crate::graph::Arc, fix: Fix, end: End) -> f64 {
    let now = graph.factor(arc, end).value;
    if now == 0.0 {
        return 1.0;
    }
    let after = match fix {
        Fix::Remove(connection_ix) if arc.connection == Some(connection_ix) => 0.0,
        Fix::Control(connection_ix, class_ix) if arc.connection == Some(connection_ix) => {
            graph.factor_with(arc, end, None, None, Some(&strengthened(graph, connection_ix, class_ix)))
        }
        Fix::Close(state) | Fix::Own(state) => {
            let coverage: Option<Interval> = coverage_after(graph, fix).map(|coverage| coverage.coverage);
            let is_watched = state.layer() == crate::catalog::Layer::Monitoring && arc.from.system() == state.system();
            graph.factor_with(arc, end, coverage.filter(|_| arc.to == state), coverage.filter(|_| is_watched), None)
        }
        Fix::Remove(_) | Fix::Control(..) => now,
    };
    after / now
}

/// Several fixes together, as edits of the graph.
#[derive(Clone, Debug, Default)]
pub struct Applied {
    rows: BTreeMap<SystemIx, Box<CoverageRow>>,
    connections: BTreeMap<ConnectionIx, Option<Connection>>,
}

impl Applied {
    /// These fixes, all of them.
    pub fn of(graph: &ExposureGraph<'_>, fixes: impl IntoIterator<Item = Fix>) -> Self {
        let mut applied = Self::default();
        for fix in fixes {
            match fix {
                Fix::Close(state) | Fix::Own(state) => {
                    let row = applied.rows.entry(state.system()).or_insert_with(|| Box::new(graph.coverage.row(state.system())));
                    let slot = &mut row[state.layer().index()];
                    // Closing does all that settling an owner does.
                    let is_closed = slot.is_some_and(|coverage| coverage.coverage == Interval::ONE);
                    if !is_closed {
                        *slot = coverage_after(graph, fix);
                    }
                }
                Fix::Control(connection_ix, class_ix) => {
                    let stronger = || Some(strengthened(graph, connection_ix, class_ix));
                    applied.connections.entry(connection_ix).or_insert_with(stronger);
                }
                Fix::Remove(connection_ix) => drop(applied.connections.insert(connection_ix, None)),
            }
        }
        applied
    }

    /// The edits that make them.
    pub fn edits(&self) -> Vec<Edit<'_>> {
        let systems = self.rows.iter().map(|(&system_ix, row)| Edit::System(system_ix, row.clone()));
        let connections = self.connections.iter().map(|(&connection_ix, connection)| match connection {
            Some(connection) => Edit::Connection(connection_ix, connection),
            None => Edit::Removal(connection_ix),
        });
        systems.chain(connections).collect()
    }
}
