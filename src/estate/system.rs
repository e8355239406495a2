//! A system of the estate, with what it claims about each layer after rules and overlays.

use super::{Party, PartyIx};
use crate::catalog::{Cell, ControlIx, ControlStatus, Criticality, Facing, Layer, Service, ServiceModel, Side};
use crate::source::Span;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Position of a system; systems are in ascending order of their ids.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SystemIx(pub u32);

impl SystemIx {
    /// The position as an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A system of the estate.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct System {
    /// Identifier.
    pub id: String,
    /// Name for people.
    pub name: Option<String>,
    /// The catalogued service, if any.
    pub service: Option<&'static Service>,
    /// The service model: the service's, else as stated, else unknown.
    pub model: ServiceModel,
    /// Who runs it: as stated, else the service's provider. It need not be a declared party.
    pub provider: Option<String>,
    /// The party accountable for the customer's layers.
    pub owner: Option<PartyIx>,
    /// How much it matters; none: unknown.
    pub criticality: Option<Criticality>,
    /// From where it can be attacked; none: unknown.
    pub facing: Option<Facing>,
    /// Settings, as text.
    pub settings: BTreeMap<String, String>,
    /// Free labels.
    pub tags: Vec<String>,
    /// Where an importer found it.
    pub source: Option<String>,
    /// Where its entry stands.
    pub span: Span,
    /// Per layer, bottom to top: the matrix's cell and what is claimed.
    pub layers: [LayerFacts; Layer::COUNT],
}

impl System {
    /// The facts about a layer.
    pub fn layer(&self, layer: Layer) -> &LayerFacts {
        &self.layers[layer.index()]
    }

    /// A layer with what of the system counts for it.
    pub fn layer_in_place(&self, layer: Layer) -> LayerInPlace<'_> {
        let facts = self.layer(layer);
        LayerInPlace { layer, facts, owner: self.owner, provider: self.provider.as_deref(), facing: self.facing }
    }
}

/// A layer with what of its system counts for it.
#[derive(Copy, Clone, Debug)]
pub struct LayerInPlace<'e> {
    /// Which.
    pub layer: Layer,
    /// What is stated about it.
    pub facts: &'e LayerFacts,
    /// The party accountable for the customer's layers.
    pub owner: Option<PartyIx>,
    /// Who runs the system.
    pub provider: Option<&'e str>,
    /// From where it can be attacked.
    pub facing: Option<Facing>,
}

impl LayerInPlace<'_> {
    /// The owner of the system, if that is a party on the customer's side, and not the provider too: which one it is makes no
    /// difference to how a layer is covered.
    pub fn own_customer(&self, parties: &[Party]) -> Option<PartyIx> {
        self.owner.filter(|owner| {
            let party = &parties[owner.index()];
            party.kind.side() == Side::Customer && self.provider != Some(&party.id)
        })
    }
}

/// What is stated about one layer of one system.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LayerFacts {
    /// Who must secure it.
    pub cell: Cell,
    /// What is claimed; none if nothing is.
    pub claim: Option<Box<Claim>>,
}

impl LayerFacts {
    /// Whether the layer exists: the matrix does not call it not-applicable, nor does a claim on an open cell.
    pub fn exists(&self) -> bool {
        let denied = self.claim.as_ref().is_some_and(|claim| claim.stated.status == Some(ControlStatus::NotApplicable));
        self.cell != Cell::NotApplicable && !(denied && self.cell.is_open())
    }
}

/// What somebody claims about a layer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claim {
    /// The layer as a whole.
    pub stated: Stated,
    /// The customer's half of a split.
    pub customer: Option<Box<Stated>>,
    /// The provider's half of a split.
    pub provider: Option<Box<Stated>>,
    /// A remark.
    pub note: Option<String>,
    /// Where the claim stands.
    pub span: Span,
}

impl Claim {
    /// What is stated of the layer as a whole and of its halves, those that there are.
    pub fn statements(&self) -> impl Iterator<Item = &Stated> {
        std::iter::once(&self.stated).chain(self.customer.as_deref()).chain(self.provider.as_deref())
    }

    /// The same, to be changed.
    pub fn statements_mut(&mut self) -> impl Iterator<Item = &mut Stated> {
        std::iter::once(&mut self.stated).chain(self.customer.as_deref_mut()).chain(self.provider.as_deref_mut())
    }
}

/// An owner, a status, controls and evidence, each where stated.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Stated {
    /// Who owns it.
    pub owner: Option<Owner>,
    /// How far it is covered as a whole.
    pub status: Option<ControlStatus>,
    /// Status of single controls, in catalogue order.
    pub controls: Vec<(ControlIx, ControlStatus)>,
    /// What it rests on.
    pub evidence: Option<Box<Evidence>>,
}

/// The owner of a layer or of half of it.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Owner {
    /// Nobody, said so.
    Nobody,
    /// A party.
    Party(PartyIx),
}

/// Evidence for a claim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The date it speaks of.
    pub as_of: Date,
    /// What it is.
    pub source: Option<String>,
    /// Where its date stands.
    pub span: Span,
}

impl Evidence {
    /// Its age in days on a date; negative if it is dated later.
    pub fn age_days(&self, on: Date) -> i32 {
        (on - self.as_of).get_days()
    }
}
