//! Layers and connections that say the same, whoever owns them. Estates repeat themselves: what is made of one is made of all that are alike.

use super::hashed::HashMap;
use super::{Connection, ConnectionIx, Evidence, Owner, Party, PartyIx, Stated, System, SystemIx};
use crate::catalog::{Cell, Certainty, ConnectionKind, ControlIx, ControlStatus, Facing, Layer, Side, Strength};
use jiff::civil::Date;
use std::hash::Hash;

/// Numbers of layers and of connections: two have the same where nothing that coverage or exposure is made of tells them
/// apart, but which party on the customer's side owns the system.
#[derive(Clone, Debug, Default)]
pub struct Alike {
    /// By system, bottom to top; 0 for layers that do not exist.
    pub(super) layers: Vec<[u32; Layer::COUNT]>,
    /// For every number from 1 on a layer that has it.
    pub(super) layer_samples: Vec<(SystemIx, Layer)>,
    /// By connection.
    pub(super) connections: Vec<u32>,
    /// For every number a connection that has it.
    pub(super) connection_samples: Vec<ConnectionIx>,
}

impl Alike {
    /// The numbers of a system's layers, bottom to top; 0 for those that do not exist.
    pub fn layers(&self, system_ix: SystemIx) -> &[u32; Layer::COUNT] {
        &self.layers[system_ix.index()]
    }

    /// The numbers of every system's layers, in order of ids.
    pub fn all_layers(&self) -> &[[u32; Layer::COUNT]] {
        &self.layers
    }

    /// For every number of a layer, from 1 on, a layer that has it.
    pub fn layer_samples(&self) -> &[(SystemIx, Layer)] {
        &self.layer_samples
    }

    /// The number of every connection, in order of ids.
    pub fn connections(&self) -> &[u32] {
        &self.connections
    }

    /// For every number of a connection a connection that has it.
    pub fn connection_samples(&self) -> &[ConnectionIx] {
        &self.connection_samples
    }

    /// Numbers layers and connections in the order in which they come.
    ///
    /// # Complexity
    /// *O*(systems × layers + connections).
    pub(super) fn of<'e>(
        systems: impl Iterator<Item = &'e System>,
        connections: impl Iterator<Item = &'e Connection>,
        parties: &[Party],
    ) -> Self {
        let mut alike = Self::default();
        let mut layers = LayerNumbers::default();
        for (system, ix) in systems.zip(0..) {
            let row = layers.of(system, parties, SystemIx(ix), &mut alike.layer_samples);
            alike.layers.push(row);
        }
        let mut numbers: HashMap<ConnectionKey<'e>, u32> = HashMap::default();
        for (connection, ix) in connections.zip(0..) {
            let samples = &mut alike.connection_samples;
            let number = *numbers.entry(ConnectionKey::of(connection)).or_insert_with(|| {
                samples.push(ConnectionIx(ix));
                samples.len() as u32 - 1
            });
            alike.connections.push(number);
        }
        alike
    }
}

/// What a system says of all its layers at once: its owner's side, provider, facing.
type Standpoint<'e> = (Option<Side>, Option<&'e str>, Option<Facing>);

/// A layer with a claim: its system's standpoint, the layer, its cell, what is stated of it as a whole and of its halves.
type ClaimKey<'e> = (u32, Layer, Cell, [Option<StatedKey<'e>>; 3]);

/// The numbers that layers have so far.
#[derive(Default)]
struct LayerNumbers<'e> {
    standpoints: HashMap<Standpoint<'e>, u32>,
    /// Most layers have no claim, so these are found without hashing: by standpoint, layer and cell.
    silent: Vec<[[u32; Cell::ALL.len()]; Layer::COUNT]>,
    claimed: HashMap<ClaimKey<'e>, u32>,
}

impl<'e> LayerNumbers<'e> {
    fn of(
        &mut self,
        system: &'e System,
        parties: &[Party],
        system_ix: SystemIx,
        samples: &mut Vec<(SystemIx, Layer)>,
    ) -> [u32; Layer::COUNT] {
        let next = self.silent.len() as u32;
        let side = system.owner.map(|owner| parties[owner.index()].kind.side());
        let own = system.layer_in_place(Layer::Physical).own_customer(parties);
        let standpoint = (side, system.provider.as_deref(), system.facing);
        let standpoint = *self.standpoints.entry(standpoint).or_insert(next);
        if standpoint == next {
            self.silent.push([[0; Cell::ALL.len()]; Layer::COUNT]);
        }
        std::array::from_fn(|layer_ix| {
            let (layer, facts) = (Layer::ALL[layer_ix], &system.layers[layer_ix]);
            if !facts.exists() {
                return 0;
            }
            let number = match facts.claim.as_deref() {
                None => &mut self.silent[standpoint as usize][layer_ix][facts.cell as usize],
                Some(claim) => {
                    let halves = [Some(&claim.stated), claim.customer.as_deref(), claim.provider.as_deref()];
                    let key = (standpoint, layer, facts.cell, halves.map(|stated| stated.map(|stated| StatedKey::of(stated, own))));
                    self.claimed.entry(key).or_insert(0)
                }
            };
            if *number == 0 {
                samples.push((system_ix, layer));
                *number = samples.len() as u32;
            }
            *number
        })
    }
}

/// Whose a layer is said to be: the system's owner's, who is on the customer's side, or another one's.
#[derive(PartialEq, Eq, Hash)]
enum OwnerKey {
    Own,
    Other(Owner),
}

/// What of a statement counts.
#[derive(PartialEq, Eq, Hash)]
struct StatedKey<'e> {
    owner: Option<OwnerKey>,
    status: Option<ControlStatus>,
    controls: &'e [(ControlIx, ControlStatus)],
    evidence: Option<Date>,
}

impl<'e> StatedKey<'e> {
    /// What counts of a statement about a system of which a party on the customer's side is the owner.
    fn of(stated: &'e Stated, own: Option<PartyIx>) -> Self {
        let owner = match stated.owner {
            Some(Owner::Party(party_ix)) if own == Some(party_ix) => Some(OwnerKey::Own),
            owner => owner.map(OwnerKey::Other),
        };
        let date = |evidence: &Evidence| evidence.as_of;
        Self { owner, status: stated.status, controls: &stated.controls, evidence: stated.evidence.as_deref().map(date) }
    }
}

/// What of a connection counts, whatever its ends.
#[derive(PartialEq, Eq, Hash)]
struct ConnectionKey<'e> {
    kind: ConnectionKind,
    controls: Vec<(&'e str, Strength, ControlStatus)>,
    certainty: Certainty,
    copy: bool,
}

impl<'e> ConnectionKey<'e> {
    fn of(connection: &'e Connection) -> Self {
        let controls = connection.controls.iter().map(|control| (control.class.as_str(), control.strength, control.status));
        Self { kind: connection.kind, controls: controls.collect(), certainty: connection.certainty, copy: connection.copy }
    }
}
