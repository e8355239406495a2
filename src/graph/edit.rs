//! Edits: another coverage of a system, other controls of a connection, or one thing less.

use super::build::{ExposureGraph, layer_number};
use super::records::{LayerRecord, LinkRecord};
use super::state::State;
use crate::coverage::CoverageRow;
use crate::estate::{Connection, ConnectionIx, SystemIx};

/// One part of an edit.
#[derive(Clone, Debug)]
pub enum Edit<'a> {
    /// The system's layers have this coverage; those without one are gone.
    System(SystemIx, Box<CoverageRow>),
    /// The connection has the controls, certainty and copy of this one between the same systems.
    Connection(ConnectionIx, &'a Connection),
    /// The connection is gone.
    Removal(ConnectionIx),
    /// Nothing enters or leaves the state, nor begins in it; every factor stays as it is.
    Block(State),
}

/// What an edit is about.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Edited {
    System(SystemIx),
    Connection(ConnectionIx),
}

impl Edit<'_> {
    pub(crate) const fn subject(&self) -> Edited {
        match self {
            Self::System(system_ix, _) => Edited::System(*system_ix),
            Self::Block(state) => Edited::System(state.system()),
            Self::Connection(connection_ix, _) | Self::Removal(connection_ix) => Edited::Connection(*connection_ix),
        }
    }
}

impl ExposureGraph<'_> {
    /// The graph with edits made for good.
    #[must_use]
    pub fn with_edits(&self, edits: &[Edit<'_>]) -> Self {
        let mut edited = self.clone();
        for edit in edits {
            edited.edit(edit);
        }
        edited
    }

    /// Makes an edit.
    pub(crate) fn edit(&mut self, edit: &Edit<'_>) {
        self.is_edited = true;
        match edit {
            Edit::System(system_ix, row) => self.set_system(*system_ix, row),
            Edit::Connection(connection_ix, connection) => self.set_link(*connection_ix, LinkRecord::of(connection, self.policy)),
            Edit::Removal(connection_ix) => {
                self.set_link(*connection_ix, LinkRecord { is_gone: true, ..*self.link(*connection_ix) });
            }
            Edit::Block(state) => self.block(*state),
        }
    }

    /// Undoes what edits did to something: it is again as in the graph that this one was made from.
    pub(crate) fn restore(&mut self, from: &Self, edited: Edited) {
        match edited {
            Edited::System(system_ix) => self.layers[system_ix.index()] = from.layers[system_ix.index()],
            Edited::Connection(connection_ix) => self.links[connection_ix.index()] = from.links[connection_ix.index()],
        }
    }

    /// Gives the states of a system the coverage of a row.
    fn set_system(&mut self, system_ix: SystemIx, row: &CoverageRow) {
        for (layer, coverage) in row.iter().enumerate() {
            let record = LayerRecord::of(coverage.as_ref(), self.policy);
            self.layers[system_ix.index()][layer] = layer_number(&mut self.layer_records, record);
        }
    }

    /// Takes a state off every path; what it did to the factors of arcs elsewhere stays.
    fn block(&mut self, state: State) {
        let record = self.layer(state).blocked();
        self.layers[state.system().index()][state.layer().index()] = layer_number(&mut self.layer_records, record);
    }

    fn set_link(&mut self, connection_ix: ConnectionIx, record: LinkRecord) {
        self.links[connection_ix.index()] = self.link_records.number(record);
    }
}
