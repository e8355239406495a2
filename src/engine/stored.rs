//! A packed graph in a cache: all of it that does not depend on the day.

use super::entrance::Entrances;
use super::order::Order;
use super::packed::{Engine, PackedSystem};
use super::passages::{Inside, PackedWay, Passage};
use crate::cache::{Cache, CacheFault, CacheWriter, are_bounds};
use crate::estate::SystemIx;
use crate::graph::ExposureGraph;
use crate::threads::side_by_side;
use serde::{Deserialize, Serialize};
use std::io::{self, Write};

// The names of the sections.
const ENGINE: &str = "packed graph";
const NODES: &str = "order of systems";
const PARTS: &str = "parts of the order";
const INSIDES: &str = "insides of systems";
const CROSSING_START: &str = "crossings by system";
const CROSSINGS: &str = "crossings";

/// What of a packed graph is small.
#[derive(Serialize, Deserialize)]
struct Head {
    /// What the packing was made of, see [`ExposureGraph::packing_key`].
    key: [u8; 32],
    insides: Vec<Inside>,
    passages: Vec<Passage>,
    ways: Vec<PackedWay>,
}

impl Engine {
    /// Packs a graph, and writes the packing into a cache, beside the graph's estate. A graph with edits is not for keeping, and
    /// nothing is written of it.
    ///
    /// # Errors
    /// The writer's.
    pub fn store(graph: &ExposureGraph<'_>, cache: &mut CacheWriter<impl Write>) -> io::Result<()> {
        let Some(key) = graph.packing_key() else { return Ok(()) };
        let Self { order, systems, crossing_start, crossings, insides, passages, ways, .. } = Self::pack(graph);
        cache.value(ENGINE, &Head { key, insides, passages, ways })?;
        cache.column(NODES, &order.nodes)?;
        cache.column(PARTS, &order.parts)?;
        cache.column(INSIDES, &systems.iter().map(|system| system.inside).collect::<Vec<u32>>())?;
        cache.column(CROSSING_START, &crossing_start)?;
        cache.column(CROSSINGS, &crossings)
    }

    /// The packing that a cache has of a graph; none where it was made of another policy.
    pub(super) fn stored(graph: &ExposureGraph<'_>, cache: &Cache) -> Result<Option<Self>, CacheFault> {
        let head: Head = cache.value(ENGINE)?;
        if graph.packing_key() != Some(head.key) {
            return Ok(None);
        }
        let Head { insides, passages, ways, .. } = head;
        let bound = graph.estate.systems().len();
        let check = |is_sound: bool, section: &str| cache.require(is_sound, section);
        let of_systems = || {
            let order = Order { nodes: cache.column(NODES)?, parts: cache.column(PARTS)? };
            let inside_of: Vec<u32> = cache.column(INSIDES)?;
            let mut positions = vec![u32::MAX; bound];
            for (&system, position) in order.nodes.iter().zip(0..) {
                check((system as usize) < bound, NODES)?;
                positions[system as usize] = position;
            }
            check(order.nodes.len() == bound && !positions.contains(&u32::MAX), NODES)?;
            check(are_bounds(&order.parts, order.parts.len().saturating_sub(1), bound), PARTS)?;
            check(inside_of.len() == bound && inside_of.iter().all(|&inside| (inside as usize) < insides.len()), INSIDES)?;
            let packed = |(&system, &inside): (&u32, &u32)| PackedSystem { layers: *graph.layer_numbers(SystemIx(system)), inside };
            let systems: Vec<PackedSystem> = order.nodes.iter().zip(&inside_of).map(packed).collect();
            Ok((order, positions, systems))
        };
        let of_crossings = || {
            let (start, crossings): (Vec<u32>, Vec<[u32; 2]>) = (cache.column(CROSSING_START)?, cache.column(CROSSINGS)?);
            check(are_bounds(&start, bound, crossings.len()), CROSSING_START)?;
            check(crossings.iter().all(|&[to, passage]| (to as usize) < bound && (passage as usize) < passages.len()), CROSSINGS)?;
            Ok((start, crossings))
        };
        let (of_systems, of_crossings) = side_by_side(bound, of_systems, of_crossings);
        let (order, positions, systems) = of_systems?;
        let (crossing_start, crossings) = of_crossings?;
        let is_way = |way: &PackedWay| way.is_sound();
        let of_ways = |first: u32, end: u32| first <= end && end as usize <= ways.len();
        let are_passages = passages.iter().all(|passage| of_ways(passage.ways.start, passage.ways.end));
        let are_insides = insides.iter().all(|inside| inside.start.windows(2).all(|pair| of_ways(pair[0], pair[1])));
        check(ways.iter().all(is_way) && are_passages && are_insides, ENGINE)?;
        let entrances = Entrances::of(&insides, &passages, &ways);
        let records = Self::of_records(graph);
        Ok(Some(Self { order, positions, systems, crossing_start, crossings, insides, passages, ways, entrances, ..records }))
    }
}
