//! Floor 4: what exists: parties, systems with their layers, and connections, read from model files and validated.

mod changes;
mod connection;
mod costs;
pub mod document;
mod edit;
mod hashed;
mod merge;
mod order;
mod party;
mod read;
mod resolve;
mod rules;
mod system;

pub use changes::{Change, changes};
pub use connection::{Connection, ConnectionControl, ConnectionIx};
pub use costs::{Cost, CostRule};
pub use edit::{Migration, migrate};
pub use merge::documents as merged;
pub use party::{Party, PartyIx};
pub use read::document as read_document;
pub use system::{Claim, Evidence, LayerFacts, Owner, Stated, System, SystemIx};

use crate::catalog::{FixKind, Layer, Policy};
use crate::source::{Diagnostics, Fault, Limits, Source, SyntaxFaultKind};
use document::Document;
use jiff::civil::Date;

/// The owner of a layer that nobody owns, as written.
pub const NOBODY: &str = "nobody";

/// Everything that a model and its overlays say, resolved and valid: from here on nothing can fail.
#[derive(Clone, Debug)]
pub struct Estate {
    // INVARIANT (sorted): parties, systems and connections are in ascending order of their ids, so that an index
    // compares as its id does; witnesses and sums rely on it.
    name: Option<String>,
    parties: Vec<Party>,
    systems: Vec<System>,
    connections: Vec<Connection>,
    costs: Vec<CostRule>,
}

impl Estate {
    /// Reads one model file, with the shipped policy's control classes.
    ///
    /// Evidence dated after `as_of` is a warning; warnings are dropped here, see [`Estate::load`].
    ///
    /// # Errors
    /// Every fault of the file, each with its place.
    pub fn parse(source: &Source, as_of: Date) -> Result<Self, Diagnostics> {
        Self::load(&[source], Policy::shipped(), as_of, &Limits::default()).map(|(estate, _)| estate)
    }

    /// Reads a model and its overlays, in order, and gives the warnings beside the estate.
    ///
    /// # Errors
    /// Every fault of all the files, and the warnings, each with its place.
    pub fn load(sources: &[&Source], policy: &Policy, as_of: Date, limits: &Limits) -> Result<(Self, Diagnostics), Diagnostics> {
        let mut diagnostics = Diagnostics::default();
        let documents: Vec<_> = sources.iter().filter_map(|source| read::document(source, limits, &mut diagnostics)).collect();
        if documents.len() < sources.len() {
            // A file that could not be read at all would make every reference into it look undefined.
            diagnostics.sort();
            return Err(diagnostics);
        }
        Self::of(documents, policy, as_of, diagnostics)
    }

    /// Makes an estate of documents that were read: the model and its overlays, in order, with what reading them had to
    /// say.
    ///
    /// # Errors
    /// As [`Estate::load`].
    pub fn of(
        documents: Vec<Document>,
        policy: &Policy,
        as_of: Date,
        mut diagnostics: Diagnostics,
    ) -> Result<(Self, Diagnostics), Diagnostics> {
        let document = merge::documents(documents, &mut diagnostics);
        // Positions are numbers of 32 bits.
        let limit = u32::MAX as usize;
        let excess = document.systems.get(limit).map(|entry| entry.span);
        if let Some(span) = excess.or_else(|| document.connections.get(limit).map(|entry| entry.span)) {
            diagnostics.error(span, Fault::Syntax(SyntaxFaultKind::TooManyNodes { limit }));
            diagnostics.sort();
            return Err(diagnostics);
        }
        let estate = resolve::estate(document, policy, as_of, &mut diagnostics);
        diagnostics.sort();
        if diagnostics.has_errors() { Err(diagnostics) } else { Ok((estate, diagnostics)) }
    }

    /// Name of the estate, for people.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Every party, in order of ids.
    pub fn parties(&self) -> &[Party] {
        &self.parties
    }

    /// Every system, in order of ids.
    pub fn systems(&self) -> &[System] {
        &self.systems
    }

    /// Every connection, in order of ids.
    pub fn connections(&self) -> &[Connection] {
        &self.connections
    }

    /// What a fix of a layer costs.
    pub fn cost_of_layer(&self, kind: FixKind, system_ix: SystemIx, layer: Layer) -> Cost {
        let system = &self.system(system_ix).id;
        self.costs.iter().rev().find_map(|rule| rule.of_layer(kind, system, layer)).unwrap_or_default()
    }

    /// What a fix of a connection costs.
    pub fn cost_of_connection(&self, kind: FixKind, connection_ix: ConnectionIx) -> Cost {
        let connection = &self.connection(connection_ix).id;
        self.costs.iter().rev().find_map(|rule| rule.of_connection(kind, connection)).unwrap_or_default()
    }

    /// The party at a position.
    pub fn party(&self, party_ix: PartyIx) -> &Party {
        &self.parties[party_ix.index()]
    }

    /// The system at a position.
    pub fn system(&self, system_ix: SystemIx) -> &System {
        &self.systems[system_ix.index()]
    }

    /// The connection at a position.
    pub fn connection(&self, connection_ix: ConnectionIx) -> &Connection {
        &self.connections[connection_ix.index()]
    }

    /// The position of every system, in order of ids.
    pub fn system_ixs(&self) -> impl DoubleEndedIterator<Item = SystemIx> + ExactSizeIterator + use<> {
        (0..self.systems.len() as u32).map(SystemIx)
    }

    /// The system with this id.
    pub fn find_system(&self, id: &str) -> Option<SystemIx> {
        self.systems.binary_search_by(|system| system.id.as_str().cmp(id)).ok().map(|ix| SystemIx(ix as u32))
    }

    /// The estate with another party in the place of one.
    #[must_use]
    pub fn with_party(&self, party_ix: PartyIx, party: Party) -> Self {
        let mut estate = self.clone();
        estate.parties[party_ix.index()] = party;
        estate
    }

    /// The estate with another party among its own, which has no id of theirs and is nobody's team.
    #[must_use]
    pub fn with_another_party(&self, party: Party) -> Self {
        let at = self.parties.partition_point(|known| known.id < party.id);
        let moved = |party_ix: &mut PartyIx| party_ix.0 += u32::from(party_ix.index() >= at);
        let mut estate = self.clone();
        estate.parties.iter_mut().filter_map(|party| party.of.as_mut()).for_each(moved);
        for system in &mut estate.systems {
            system.owner.iter_mut().for_each(moved);
            for claim in system.layers.iter_mut().filter_map(|facts| facts.claim.as_deref_mut()) {
                for stated in claim.statements_mut() {
                    if let Some(Owner::Party(party_ix)) = &mut stated.owner {
                        moved(party_ix);
                    }
                }
            }
        }
        estate.parties.insert(at, Party { of: None, ..party });
        estate
    }

    /// The party with this id.
    pub fn find_party(&self, id: &str) -> Option<PartyIx> {
        self.parties.binary_search_by(|party| party.id.as_str().cmp(id)).ok().map(|ix| PartyIx(ix as u32))
    }

    /// The connection with this id.
    pub fn find_connection(&self, id: &str) -> Option<ConnectionIx> {
        self.connections.binary_search_by(|connection| connection.id.as_str().cmp(id)).ok().map(|ix| ConnectionIx(ix as u32))
    }
}
