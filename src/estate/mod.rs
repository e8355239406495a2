//! Floor 4: what exists: parties, systems with their layers, and connections, read from model files and validated.

mod alike;
mod changes;
mod connection;
mod costs;
pub mod document;
mod edit;
mod entries;
mod hashed;
mod incidence;
mod merge;
mod order;
mod party;
mod read;
mod resolve;
mod rules;
mod stored;
mod system;

pub use alike::Alike;
pub use changes::{Change, changes};
pub use connection::{Connection, ConnectionControl, ConnectionIx};
pub use costs::{Cost, CostRule};
pub use edit::{Migration, migrate};
pub use entries::Entries;
pub use incidence::ConnectionEnd;
pub use merge::documents as merged;
pub use party::{Party, PartyIx};
pub use read::document as read_document;
pub use system::{Claim, Evidence, LayerFacts, LayerInPlace, Owner, Stated, System, SystemIx};

use crate::cache::Cache;
use crate::catalog::{Criticality, FixKind, Layer, Policy};
use crate::source::{Diagnostics, Fault, Limits, Source, Span, SyntaxFaultKind};
use document::Document;
use incidence::{Incidence, MOST_CONNECTIONS};
use jiff::civil::Date;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// The owner of a layer that nobody owns, as written.
pub const NOBODY: &str = "nobody";

/// Everything that a model and its overlays say, resolved and valid: from here on nothing can fail.
#[derive(Clone, Debug)]
pub struct Estate {
    // INVARIANT (sorted): parties, systems and connections are in ascending order of their ids, so that an index
    // compares as its id does; witnesses and sums rely on it.
    name: Option<String>,
    parties: Vec<Party>,
    systems: Entries<System>,
    connections: Entries<Connection>,
    costs: Vec<CostRule>,
    /// The youngest date of any evidence that the model states.
    latest_evidence: Option<Date>,
    columns: Columns,
    /// The cache that it is read from.
    cache: Option<Arc<Cache>>,
}

/// How much a system matters, and whose it is; each none where it is not known.
pub type Weight = (Option<Criticality>, Option<PartyIx>);

/// What whole-estate questions ask of every system and connection, collected once.
#[derive(Clone, Debug, Default)]
struct Columns {
    alike: OnceLock<Arc<Alike>>,
    incidence: OnceLock<Arc<Incidence>>,
    /// By system how much it matters, and whose it is.
    weights: OnceLock<Arc<Vec<Weight>>>,
    is_dated: OnceLock<bool>,
    /// Of an estate that is read from a cache what is sampled of it, so that no systems need be read for that.
    samples: Option<Arc<Vec<stored::Sample>>>,
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
        if let Some((span, fault)) = excess(&document, MOST_SYSTEMS, MOST_CONNECTIONS) {
            diagnostics.error(span, Fault::Syntax(fault));
            diagnostics.sort();
            return Err(diagnostics);
        }
        let estate = resolve::estate(document, policy, as_of, &mut diagnostics);
        diagnostics.sort();
        if diagnostics.has_errors() { Err(diagnostics) } else { Ok((estate, diagnostics)) }
    }

    /// The youngest date of any evidence that the model states: on a day before it some evidence is dated in the future.
    pub fn latest_evidence(&self) -> Option<Date> {
        self.latest_evidence
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
    pub fn systems(&self) -> &Entries<System> {
        &self.systems
    }

    /// Every connection, in order of ids.
    pub fn connections(&self) -> &Entries<Connection> {
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

    /// Goes through the ids of all systems, in order, and keeps nothing of what had to be read for it.
    pub fn each_system_id(&self, mut each: impl FnMut(&str)) {
        self.systems.each(|system| each(&system.id));
    }

    /// The same of all connections.
    pub fn each_connection_id(&self, mut each: impl FnMut(&str)) {
        self.connections.each(|connection| each(&connection.id));
    }

    /// How much a system matters; none: unknown.
    pub fn criticality(&self, system_ix: SystemIx) -> Option<Criticality> {
        self.weights()[system_ix.index()].0
    }

    /// The party accountable for the customer's layers of a system.
    pub fn owner(&self, system_ix: SystemIx) -> Option<PartyIx> {
        self.weights()[system_ix.index()].1
    }

    /// How much every system matters, and whose it is, in order of ids.
    pub fn weights(&self) -> &Arc<Vec<Weight>> {
        self.columns.weights.get_or_init(|| Arc::new(self.systems.iter().map(|system| (system.criticality, system.owner)).collect()))
    }

    /// Which layers and connections say the same.
    pub fn alike(&self) -> &Arc<Alike> {
        self.columns.alike.get_or_init(|| Arc::new(Alike::of(self.systems.iter(), self.connections.iter(), &self.parties)))
    }

    /// A layer that has a number.
    pub fn sample(&self, number: u32) -> LayerInPlace<'_> {
        let ix = number as usize - 1;
        match &self.columns.samples {
            Some(samples) => samples[ix].in_place(),
            None => {
                let (system_ix, layer) = self.alike().layer_samples()[ix];
                self.system(system_ix).layer_in_place(layer)
            }
        }
    }

    /// The ends of a system's connections, in order of connection ids.
    pub fn ends_at(&self, system_ix: SystemIx) -> impl DoubleEndedIterator<Item = ConnectionEnd> + ExactSizeIterator + '_ {
        self.incidence().at(system_ix)
    }

    /// The numbers of a system's ends among the ends of all systems.
    pub(crate) fn end_numbers(&self, system_ix: SystemIx) -> Range<usize> {
        self.incidence().numbers(system_ix)
    }

    /// The number of the end that a connection has at one of its systems.
    pub(crate) fn end_number(&self, system_ix: SystemIx, connection_ix: ConnectionIx) -> usize {
        self.incidence().number(system_ix, connection_ix)
    }

    fn incidence(&self) -> &Arc<Incidence> {
        self.columns
            .incidence
            .get_or_init(|| Arc::new(Incidence::of(self.systems.len(), (0..self.connections.len()).map(|ix| &self.connections[ix]))))
    }

    /// Whether any evidence of the model is dated, so that an answer may depend on the day.
    pub fn is_dated(&self) -> bool {
        let dated = |claim: &Claim| claim.statements().any(|stated| stated.evidence.is_some());
        *self.columns.is_dated.get_or_init(|| {
            self.parties.iter().any(|party| party.attested.is_some())
                || self.systems.iter().flat_map(|system| &system.layers).any(|facts| facts.claim.as_deref().is_some_and(dated))
        })
    }

    /// The position of every system, in order of ids.
    pub fn system_ixs(&self) -> impl DoubleEndedIterator<Item = SystemIx> + ExactSizeIterator + use<> {
        (0..self.systems.len() as u32).map(SystemIx)
    }

    /// The system with this id.
    pub fn find_system(&self, id: &str) -> Option<SystemIx> {
        self.systems.find(id, |system| &system.id).map(|ix| SystemIx(ix as u32))
    }

    /// The estate with another party in the place of one.
    #[must_use]
    pub fn with_party(&self, party_ix: PartyIx, party: Party) -> Self {
        let mut estate = self.clone();
        // Another side tells layers apart that were alike.
        estate.columns = Columns { incidence: estate.columns.incidence, ..Columns::default() };
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
        // Who owns what has another number, but what is alike remains so.
        let Columns { alike, incidence, .. } = estate.columns;
        estate.columns = Columns { alike, incidence, ..Columns::default() };
        for system in estate.systems.to_mut() {
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
        self.connections.find(id, |connection| &connection.id).map(|ix| ConnectionIx(ix as u32))
    }
}

/// The most systems that an estate may have, so that every layer of every one has a number of 32 bits.
const MOST_SYSTEMS: usize = u32::MAX as usize / Layer::COUNT;

/// The first system or connection that is too many.
fn excess(document: &Document, most_systems: usize, most_connections: usize) -> Option<(Span, SyntaxFaultKind)> {
    let of = |of: &'static str, limit: usize| SyntaxFaultKind::TooManyEntries { of, limit };
    let system = document.systems.get(most_systems).map(|entry| (entry.span, of("systems", most_systems)));
    system.or_else(|| document.connections.get(most_connections).map(|entry| (entry.span, of("connections", most_connections))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_number_is_left_for_is_refused_at_its_place() {
        let text = r#"{"weaklink": 1, "systems": [{"id": "a"}, {"id": "b"}, {"id": "c"}],
            "connections": [{"from": "a", "to": "b", "kind": "hosts"}, {"from": "b", "to": "c", "kind": "hosts"}]}"#;
        let source = Source::from_bytes("m.json".to_owned(), text.into(), 0).expect("text");
        let mut diagnostics = Diagnostics::default();
        let document = read_document(&source, &Limits::default(), &mut diagnostics).expect("a model");
        let told =
            |systems, connections| excess(&document, systems, connections).map(|(span, fault)| (&text[span.range()], fault.to_string()));
        assert_eq!(told(3, 2), None);
        let (at, message) = told(2, 1).expect("a system too many");
        assert!(at.contains("\"c\"") && message == "the estate has more than 2 systems", "{at} {message}");
        let (at, message) = told(3, 1).expect("a connection too many");
        assert!(at.contains("\"from\": \"b\"") && message == "the estate has more than 1 connections", "{at} {message}");
    }

    #[test]
    fn every_layer_of_every_system_and_both_ends_of_every_connection_have_a_number() {
        assert!(u32::try_from(MOST_SYSTEMS * Layer::COUNT).is_ok() && u32::try_from((MOST_SYSTEMS + 1) * Layer::COUNT).is_err());
        assert!(u32::try_from(MOST_CONNECTIONS * 2).is_ok());
    }
}
