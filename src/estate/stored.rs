//! An estate in a cache: columns that whole-estate questions ask for, and the entries themselves in blocks.

use super::alike::Alike;
use super::entries::{PER_BLOCK, ReadBlock};
use super::incidence::Incidence;
use super::{
    Columns, Connection, ConnectionIx, CostRule, Entries, Estate, LayerFacts, LayerInPlace, Owner, Party, PartyIx, System, SystemIx,
};
use crate::cache::{Blocks, Cache, CacheFault, CacheWriter};
use crate::catalog::{Criticality, Facing, Layer};
use crate::source::Span;
use crate::threads::side_by_side;
use jiff::civil::Date;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::io::{self, Write};
use std::sync::{Arc, OnceLock};

// The names of the sections.
const ESTATE: &str = "estate";
const SYSTEMS: &str = "systems";
const WEIGHTS: &str = "weights of systems";
const CONNECTIONS: &str = "connections";
const LAYER_NUMBERS: &str = "numbers of layers";
const LAYER_SAMPLES: &str = "samples of layers";
const SAMPLES: &str = "sampled layers";
const CONNECTION_NUMBERS: &str = "numbers of connections";
const CONNECTION_SAMPLES: &str = "samples of connections";
const ENDS: &str = "ends of connections";
const END_START: &str = "ends by system";

/// What of an estate is read at once.
#[derive(Serialize, Deserialize)]
struct Head {
    name: Option<String>,
    parties: Vec<Party>,
    costs: Vec<CostRule>,
    systems: u32,
    connections: u32,
    is_dated: bool,
    latest_evidence: Option<Date>,
}

impl Estate {
    /// Writes the estate into a cache.
    ///
    /// # Errors
    /// The writer's.
    pub fn store(&self, cache: &mut CacheWriter<impl Write>) -> io::Result<()> {
        let head = Head {
            name: self.name.clone(),
            parties: self.parties.clone(),
            costs: self.costs.clone(),
            systems: self.systems.len() as u32,
            connections: self.connections.len() as u32,
            is_dated: self.is_dated(),
            latest_evidence: self.latest_evidence,
        };
        cache.value(ESTATE, &head)?;
        let (alike, incidence) = (self.alike(), self.incidence());
        cache.column(LAYER_NUMBERS, &alike.layers)?;
        cache.value(LAYER_SAMPLES, &alike.layer_samples)?;
        let samples = alike.layer_samples.iter().map(|&(system_ix, layer)| Sample::of(&self.system(system_ix).layer_in_place(layer)));
        cache.value(SAMPLES, &samples.collect::<Vec<_>>())?;
        cache.column(CONNECTION_NUMBERS, &alike.connections)?;
        cache.value(CONNECTION_SAMPLES, &alike.connection_samples)?;
        cache.column(ENDS, &incidence.ends)?;
        cache.column(END_START, &incidence.start)?;
        let code = |code: Option<u32>| code.map_or(0, |code| code + 1);
        let weights = self.weights().iter();
        let weights = weights.map(|&(criticality, owner)| [code(criticality.map(|word| word as u32)), code(owner.map(|owner| owner.0))]);
        cache.column(WEIGHTS, &weights.collect::<Vec<[u32; 2]>>())?;
        cache.blocks(SYSTEMS, in_blocks(&self.systems))?;
        cache.blocks(CONNECTIONS, in_blocks(&self.connections))
    }

    /// The estate of a cache. Columns are read and checked now, systems and connections when they are asked for: a fault
    /// that only shows then unwinds, with the fault as payload.
    ///
    /// # Errors
    /// What is read now cannot be read, or is not as it was written.
    pub fn stored(cache: &Arc<Cache>) -> Result<Self, CacheFault> {
        let head: Head = cache.value(ESTATE)?;
        let (systems, connections, parties) = (head.systems, head.connections, head.parties.len() as u32);
        let check = |is_sound: bool, section: &str| cache.require(is_sound, section);
        let of_systems = || {
            let layers: Vec<[u32; Layer::COUNT]> = cache.column(LAYER_NUMBERS)?;
            let layer_samples: Vec<(SystemIx, Layer)> = cache.value(LAYER_SAMPLES)?;
            let bound = layer_samples.len() as u32;
            check(layers.len() == systems as usize && layers.iter().all(|row| row.iter().all(|&number| number <= bound)), LAYER_NUMBERS)?;
            check(layer_samples.iter().all(|(system_ix, _)| system_ix.0 < systems), LAYER_SAMPLES)?;
            let samples: Vec<Sample> = cache.value(SAMPLES)?;
            let is_known = |sample: &Sample| sample.names().all(|party_ix| party_ix.0 < parties);
            check(samples.len() == layer_samples.len() && samples.iter().all(is_known), SAMPLES)?;
            let weights: Vec<[u32; 2]> = cache.column(WEIGHTS)?;
            let is_known = |&[criticality, owner]: &[u32; 2]| criticality as usize <= Criticality::ALL.len() && owner <= parties;
            check(weights.len() == systems as usize && weights.iter().all(is_known), WEIGHTS)?;
            let weights = weights.into_iter().map(|[criticality, owner]| {
                (criticality.checked_sub(1).map(|word| Criticality::ALL[word as usize]), owner.checked_sub(1).map(PartyIx))
            });
            Ok((layers, layer_samples, samples, weights.collect::<Vec<_>>()))
        };
        let of_connections = || {
            let numbers: Vec<u32> = cache.column(CONNECTION_NUMBERS)?;
            let samples: Vec<ConnectionIx> = cache.value(CONNECTION_SAMPLES)?;
            let bound = samples.len() as u32;
            check(numbers.len() == connections as usize && numbers.iter().all(|&number| number < bound), CONNECTION_NUMBERS)?;
            check(samples.iter().all(|connection_ix| connection_ix.0 < connections), CONNECTION_SAMPLES)?;
            let incidence = Incidence { ends: cache.column(ENDS)?, start: cache.column(END_START)? };
            check(incidence.is_within(systems, connections), ENDS)?;
            Ok((numbers, samples, incidence))
        };
        let (of_systems, of_connections) = side_by_side(systems as usize, of_systems, of_connections);
        let (layers, layer_samples, samples, weights) = of_systems?;
        let (numbers, connection_samples, incidence) = of_connections?;
        let columns = Columns {
            alike: OnceLock::from(Arc::new(Alike { layers, layer_samples, connections: numbers, connection_samples })),
            incidence: OnceLock::from(Arc::new(incidence)),
            weights: OnceLock::from(Arc::new(weights)),
            is_dated: OnceLock::from(head.is_dated),
            samples: Some(Arc::new(samples)),
        };
        let is_system = move |system: &System| names_only(system, parties);
        let is_connection = move |connection: &Connection| connection.from.0 < systems && connection.to.0 < systems;
        Ok(Self {
            name: head.name,
            parties: head.parties,
            systems: entries(cache.blocks(SYSTEMS)?, systems as usize, is_system)?,
            connections: entries(cache.blocks(CONNECTIONS)?, connections as usize, is_connection)?,
            costs: head.costs,
            latest_evidence: head.latest_evidence,
            columns,
            cache: Some(Arc::clone(cache)),
        })
    }

    /// The cache that the estate is read from, if it is.
    pub(crate) fn cache(&self) -> Option<&Arc<Cache>> {
        self.cache.as_ref()
    }
}

fn in_blocks<T>(entries: &Entries<T>) -> impl Iterator<Item = Vec<&T>> {
    let starts = (0..entries.len()).step_by(PER_BLOCK);
    starts.map(|start| (start..entries.len().min(start + PER_BLOCK)).map(|ix| &entries[ix]).collect())
}

/// Entries that are read from blocks; `is_sound` says whether one names only what there is.
fn entries<T: DeserializeOwned + 'static>(
    blocks: Blocks,
    len: usize,
    is_sound: impl Fn(&T) -> bool + Send + Sync + 'static,
) -> Result<Entries<T>, CacheFault> {
    if blocks.len() != len.div_ceil(PER_BLOCK) {
        return Err(blocks.damaged());
    }
    let read: ReadBlock<T> = Box::new(move |number| {
        let entries: Vec<T> = blocks.read(number).unwrap_or_else(|fault| fault.unwind());
        let wanted = PER_BLOCK.min(len - number * PER_BLOCK);
        if entries.len() != wanted || !entries.iter().all(&is_sound) {
            blocks.damaged().unwind();
        }
        entries.into_boxed_slice()
    });
    Ok(Entries::stored(len, read))
}

/// What counts of a layer that has a number.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Sample {
    layer: Layer,
    facts: LayerFacts,
    owner: Option<PartyIx>,
    provider: Option<String>,
    facing: Option<Facing>,
}

impl Sample {
    fn of(layer: &LayerInPlace<'_>) -> Self {
        let mut facts = layer.facts.clone();
        // What is said for people stays with the system.
        if let Some(claim) = facts.claim.as_deref_mut() {
            (claim.note, claim.span) = (None, Span::default());
            for evidence in claim.statements_mut().filter_map(|stated| stated.evidence.as_deref_mut()) {
                (evidence.source, evidence.span) = (None, Span::default());
            }
        }
        let provider = layer.provider.map(str::to_owned);
        Self { layer: layer.layer, facts, owner: layer.owner, provider, facing: layer.facing }
    }

    pub(super) fn in_place(&self) -> LayerInPlace<'_> {
        let Self { layer, facts, owner, provider, facing } = self;
        LayerInPlace { layer: *layer, facts, owner: *owner, provider: provider.as_deref(), facing: *facing }
    }

    fn names(&self) -> impl Iterator<Item = PartyIx> + '_ {
        self.owner.into_iter().chain(owners(&self.facts))
    }
}

/// The parties that a claim names.
fn owners(facts: &LayerFacts) -> impl Iterator<Item = PartyIx> + '_ {
    facts.claim.iter().flat_map(|claim| claim.statements()).filter_map(|stated| match stated.owner {
        Some(Owner::Party(party_ix)) => Some(party_ix),
        Some(Owner::Nobody) | None => None,
    })
}

/// Whether a system names only parties that there are.
fn names_only(system: &System, parties: u32) -> bool {
    system.owner.into_iter().chain(system.layers.iter().flat_map(owners)).all(|party_ix| party_ix.0 < parties)
}
