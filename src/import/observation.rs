//! What importers see: facts about parties, systems, layers and connections, each with the place that states it.

use super::names::{NameIx, Names};
use crate::catalog::{Certainty, ConnectionKind, ControlStatus, Criticality, Facing, Layer, PartyKind, ServiceModel, Strength};
use crate::source::{Diagnostics, Fault, Span};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Where a fact stands, and which attribute states it.
///
/// The attribute is named, its value never kept: it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The place.
    pub span: Span,
    /// The name of the attribute, `storage_encrypted` say; empty where the whole thing speaks.
    pub attribute: Cow<'static, str>,
}

impl Evidence {
    /// Evidence that is a whole thing at a place.
    pub fn at(span: Span) -> Self {
        Self { span, attribute: Cow::Borrowed("") }
    }

    /// Evidence that is an attribute at a place.
    pub fn of(span: Span, attribute: impl Into<Cow<'static, str>>) -> Self {
        Self { span, attribute: attribute.into() }
    }
}

/// A system that was seen. Facts of the same id, or that share a name of another kind, are about one system.
#[derive(Clone, Debug)]
pub struct SystemFact {
    /// What the source calls it, in the source's own characters.
    pub id: NameIx,
    /// Other names under which other facts mean it: addresses, resource names, uuids.
    pub aliases: Vec<String>,
    /// Name for people, where it is not the id.
    pub name: Option<String>,
    /// The catalogued service.
    pub service: Option<String>,
    /// The service model, where no catalogued service says it.
    pub model: Option<ServiceModel>,
    /// Who runs it, where no catalogued service says it.
    pub provider: Option<String>,
    /// Who is accountable for the customer's layers.
    pub owner: Option<String>,
    /// How much it matters.
    pub criticality: Option<Criticality>,
    /// From where it can be attacked; of several facts the widest counts.
    pub facing: Option<Facing>,
    /// Settings that decide cells of the responsibility matrix.
    pub settings: BTreeMap<String, String>,
    /// Labels.
    pub tags: Vec<String>,
    /// Where.
    pub evidence: Evidence,
}

/// A side of a shared layer.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Half {
    /// The customer's.
    Customer,
    /// The provider's.
    Provider,
}

/// What was seen of a layer.
#[derive(Clone, Debug)]
pub struct ClaimFact {
    /// The system, by id or another of its names.
    pub system: NameIx,
    /// The layer.
    pub layer: Layer,
    /// Of a shared layer, the half; none: the layer as a whole.
    pub half: Option<Half>,
    /// What is claimed.
    pub claim: Claimed,
    /// Where.
    pub evidence: Evidence,
}

/// What is claimed of a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// Who owns it.
    Owner(String),
    /// How far it is covered as a whole.
    Status(ControlStatus),
    /// How far one control of the catalogue is in place.
    Control(&'static str, ControlStatus),
}

/// A connection that was seen. Exposure comes from `from` and goes to `to`.
#[derive(Clone, Debug)]
pub struct ConnectionFact {
    /// The system it comes from, by id or another of its names.
    pub from: NameIx,
    /// The verb.
    pub kind: ConnectionKind,
    /// The system it goes to, likewise.
    pub to: NameIx,
    /// Whether it is known to exist.
    pub certainty: Certainty,
    /// Controls on it: class, strength, status.
    pub controls: Vec<(&'static str, Strength, ControlStatus)>,
    /// Of a feed, whether `to` keeps a copy.
    pub copy: Option<bool>,
    /// Where.
    pub evidence: Evidence,
}

/// A party that was seen.
#[derive(Clone, Debug)]
pub struct PartyFact {
    /// What the source calls it.
    pub id: String,
    /// What it is.
    pub kind: PartyKind,
    /// Name for people, where it is not the id.
    pub name: Option<String>,
    /// Where.
    pub evidence: Evidence,
}

/// Something that a file refers to, and no file describes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unresolved {
    /// Where the reference stands.
    pub span: Span,
    /// What it is about: `subnet_id of aws_instance.web`, say.
    pub reference: String,
}

/// All that importers see, in the order of the files.
#[derive(Debug, Default)]
pub struct Observations {
    /// The names of systems in all of these.
    pub names: Names,
    /// Systems.
    pub systems: Vec<SystemFact>,
    /// What was seen of layers.
    pub claims: Vec<ClaimFact>,
    /// Connections.
    pub connections: Vec<ConnectionFact>,
    /// Parties.
    pub parties: Vec<PartyFact>,
    /// Other names of systems: the name, and the id or name that it stands for.
    pub aliases: Vec<(NameIx, NameIx)>,
    /// References to what is not there.
    pub unresolved: Vec<Unresolved>,
    /// Kinds of things, types of resources say, that are read over, each with the file and how many there are.
    pub not_understood: BTreeMap<(u16, String), usize>,
    /// How many things each file describes, before they become systems, connections and claims.
    pub things: BTreeMap<u16, usize>,
    /// How many references between things each file holds that lead somewhere.
    pub references: BTreeMap<u16, usize>,
    /// What there is to tell beside: errors refuse the import, warnings do not.
    pub diagnostics: Diagnostics,
}

impl Observations {
    /// Adds a system, or another fact about one.
    pub fn system(&mut self, id: impl AsRef<str>, evidence: Evidence) -> &mut SystemFact {
        let id = self.names.say(id.as_ref());
        self.systems.push(SystemFact {
            id,
            aliases: Vec::new(),
            name: None,
            service: None,
            model: None,
            provider: None,
            owner: None,
            criticality: None,
            facing: None,
            settings: BTreeMap::new(),
            tags: Vec::new(),
            evidence,
        });
        let last = self.systems.len() - 1;
        &mut self.systems[last]
    }

    /// Adds what is claimed of a layer.
    pub fn claim(&mut self, system: impl AsRef<str>, layer: Layer, claim: Claimed, evidence: Evidence) {
        self.claim_half(system, layer, None, claim, evidence);
    }

    /// Adds what is claimed of a half of a layer, or of the whole.
    pub fn claim_half(&mut self, system: impl AsRef<str>, layer: Layer, half: Option<Half>, claim: Claimed, evidence: Evidence) {
        let system = self.names.say(system.as_ref());
        self.claims.push(ClaimFact { system, layer, half, claim, evidence });
    }

    /// Adds the status of a control of the catalogue.
    pub fn control(&mut self, system: impl AsRef<str>, control: &'static str, status: ControlStatus, evidence: Evidence) {
        let catalog = crate::catalog::ControlCatalog::shipped();
        let layer = catalog.find(control).and_then(|control_ix| catalog.control(control_ix).layer);
        debug_assert!(layer.is_some(), "`{control}` is no control of a layer");
        if let Some(layer) = layer {
            self.claim(system, layer, Claimed::Control(control, status), evidence);
        }
    }

    /// Adds a connection, certain and without controls.
    pub fn connect(&mut self, from: impl AsRef<str>, kind: ConnectionKind, to: impl AsRef<str>, evidence: Evidence) -> &mut ConnectionFact {
        let (from, to) = (self.names.say(from.as_ref()), self.names.say(to.as_ref()));
        self.connections.push(ConnectionFact { from, kind, to, certainty: Certainty::Certain, controls: Vec::new(), copy: None, evidence });
        let last = self.connections.len() - 1;
        &mut self.connections[last]
    }

    /// Adds a party.
    pub fn party(&mut self, id: impl Into<String>, kind: PartyKind, evidence: Evidence) -> &mut PartyFact {
        self.parties.push(PartyFact { id: id.into(), kind, name: None, evidence });
        let last = self.parties.len() - 1;
        &mut self.parties[last]
    }

    /// Says that a name stands for a system, known by its id or by another name.
    pub fn alias(&mut self, name: impl AsRef<str>, of: impl AsRef<str>) {
        let (name, of) = (self.names.say(name.as_ref()), self.names.say(of.as_ref()));
        self.aliases.push((name, of));
    }

    /// Counts a thing that a file describes.
    pub fn thing(&mut self, span: Span) {
        *self.things.entry(span.source).or_default() += 1;
    }

    /// Counts a reference that leads somewhere.
    pub fn reference(&mut self, span: Span) {
        *self.references.entry(span.source).or_default() += 1;
    }

    /// Counts a thing whose kind nothing here understands.
    pub fn not_understood(&mut self, span: Span, kind: impl Into<String>) {
        *self.not_understood.entry((span.source, kind.into())).or_default() += 1;
    }

    /// Adds a reference to what is not there.
    pub fn unresolved(&mut self, span: Span, reference: impl Into<String>) {
        self.unresolved.push(Unresolved { span, reference: reference.into() });
    }

    /// Adds something to tell.
    pub fn warn(&mut self, span: Span, fault: Fault) {
        self.diagnostics.warning(span, fault);
    }
}
