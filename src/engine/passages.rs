//! Ways as numbers: what leads through systems and over connections, each kept once. Estates repeat themselves: there are a
//! few hundred passages, however many connections.

use crate::catalog::{Interval, Layer};
use crate::graph::{ExposureGraph, Incidence, Records, Standings, Travel, Way};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::ops::Range;

/// The ways inside a system, by the layer that they leave; the same for all whose layers stand alike.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Inside {
    /// By layer the first of its ways; at the end that of no layer.
    pub(super) start: [u32; Layer::COUNT + 1],
    /// The layers that the ways leave, a bit each.
    pub(super) leaves: u16,
}

impl Inside {
    /// Its ways among all.
    #[inline]
    pub(super) fn ways<'w>(&self, all: &'w [PackedWay]) -> &'w [PackedWay] {
        &all[self.start[0] as usize..self.start[Layer::COUNT] as usize]
    }

    /// Those that leave a layer.
    #[inline]
    pub(super) fn ways_from<'w>(&self, layer: usize, all: &'w [PackedWay]) -> &'w [PackedWay] {
        &all[self.start[layer] as usize..self.start[layer + 1] as usize]
    }
}

/// The ways over a connection; the same for all of its kind and controls between systems whose layers stand alike.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Passage {
    pub(super) ways: Range<u32>,
    pub(super) barrier: Interval,
    /// The layers that the ways leave, a bit each.
    pub(super) leaves: u16,
    /// The layers that they enter, a bit each.
    pub(super) enters: u16,
    pub(super) is_possible: bool,
}

/// A way with its layers as numbers.
#[derive(Copy, Clone, Debug, Serialize, Deserialize)]
pub(super) struct PackedWay {
    pub(super) level: f64,
    pub(super) from: u8,
    pub(super) to: u8,
    /// What of the number of a record is left: all of it, or, as a certain way meets no resistance, nothing but
    /// [`UNRESISTING`].
    pub(super) record_mask: u16,
}

/// The record of a layer which does not exist and does not resist.
pub(super) const UNRESISTING: u16 = 0;

impl PackedWay {
    fn of(way: &Way) -> Self {
        let record_mask = if way.is_certain { UNRESISTING } else { u16::MAX };
        Self { level: way.level, from: way.from as u8, to: way.to as u8, record_mask }
    }

    /// Whether it meets no resistance.
    pub(super) fn is_certain(&self) -> bool {
        self.record_mask == UNRESISTING
    }

    /// Whether it leads from a layer to a layer.
    pub(super) fn is_sound(&self) -> bool {
        (self.from as usize) < Layer::COUNT && (self.to as usize) < Layer::COUNT
    }
}

/// Of some ways the layers at one side, a bit each.
pub(super) fn bits<W>(ways: &[W], side: impl Fn(&W) -> u8) -> u16 {
    ways.iter().fold(0, |bits, way| bits | 1 << side(way))
}

/// A list of ways as a key: layers, certainty, and the bits of the level.
type WaysKey = Vec<(u8, u8, u16, u64)>;

/// Lists of ways, each kept once.
#[derive(Clone, Debug, Default)]
struct WayLists {
    numbers: HashMap<WaysKey, Range<u32>, foldhash::fast::FixedState>,
    ways: Vec<PackedWay>,
}

impl WayLists {
    fn number(&mut self, ways: &[Way]) -> Range<u32> {
        let packed: Vec<PackedWay> = ways.iter().map(PackedWay::of).collect();
        let key = packed.iter().map(|way| (way.from, way.to, way.record_mask, way.level.to_bits())).collect();
        let all = &mut self.ways;
        let range = self.numbers.entry(key).or_insert_with(|| {
            let first = all.len() as u32;
            all.extend(packed);
            first..all.len() as u32
        });
        range.clone()
    }
}

/// What makes a passage: its ways, its barrier at both ends, and whether it is only possible.
type PassageKey = (u32, u32, [u64; 2], bool);

/// The number of the passage that nothing can take.
pub(super) const CLOSED: u32 = 0;

/// The passages of a connection, as seen from a system: out of it, and into it.
pub(super) type OutAndIn = [u32; 2];

/// The ways of a graph as they are met.
#[derive(Clone, Debug)]
pub(super) struct Passages {
    shapes: Records<Standings>,
    /// By shape of a system.
    pub(super) insides: Vec<Inside>,
    lists: WayLists,
    /// By a connection's record, the way it is travelled out of a system, and the shapes of that system and of the other.
    known: HashMap<(u32, bool, u32, u32), OutAndIn, foldhash::fast::FixedState>,
    numbers: HashMap<PassageKey, u32, foldhash::fast::FixedState>,
    /// By number. The first is the one that nothing can take.
    pub(super) all: Vec<Passage>,
}

impl Passages {
    /// None yet, but the one that nothing can take.
    pub(super) fn none() -> Self {
        Self {
            shapes: Records::default(),
            insides: Vec::new(),
            lists: WayLists::default(),
            known: HashMap::default(),
            numbers: HashMap::default(),
            all: vec![Passage { ways: 0..0, barrier: Interval::ONE, leaves: 0, enters: 0, is_possible: false }],
        }
    }

    /// All ways that passages and insides are made of.
    pub(super) fn ways(&self) -> &[PackedWay] {
        &self.lists.ways
    }

    /// The same, for good.
    pub(super) fn into_parts(self) -> (Vec<Inside>, Vec<Passage>, Vec<PackedWay>) {
        (self.insides, self.all, self.lists.ways)
    }

    /// The number of the shape of a system whose layers stand like this.
    pub(super) fn shape(&mut self, graph: &ExposureGraph<'_>, standings: Standings) -> u32 {
        let shape = self.shapes.number(standings);
        if shape as usize == self.insides.len() {
            let ways = graph.ways_inside(&standings);
            let first = self.lists.number(&ways).start;
            let before = |layer: usize| first + ways.partition_point(|way| (way.from as usize) < layer) as u32;
            self.insides.push(Inside { start: std::array::from_fn(before), leaves: bits(&ways, |way| way.from as u8) });
        }
        shape
    }

    /// The numbers of a connection's passages out of a system of shape `here` to one of shape `there`, and back.
    pub(super) fn over(&mut self, graph: &ExposureGraph<'_>, incidence: &Incidence, here: u32, there: u32) -> OutAndIn {
        let key = (graph.link_number(incidence.connection), incidence.outward == Travel::Along, here, there);
        if let Some(&known) = self.known.get(&key) {
            return known;
        }
        let passages = [
            self.number(graph, incidence, incidence.outward, [here, there]),
            self.number(graph, incidence, incidence.outward.opposite(), [there, here]),
        ];
        self.known.insert(key, passages);
        passages
    }

    fn number(&mut self, graph: &ExposureGraph<'_>, incidence: &Incidence, travel: Travel, [from, to]: [u32; 2]) -> u32 {
        let link = graph.link(incidence.connection);
        let ways = graph.ways_across(link, travel, self.shapes.get(from), self.shapes.get(to));
        if ways.is_empty() {
            return CLOSED;
        }
        let (barrier, is_possible, range) = (link.barrier, link.is_possible, self.lists.number(&ways));
        let key = (range.start, range.end, [barrier.low.to_bits(), barrier.high.to_bits()], is_possible);
        let all = &mut self.all;
        *self.numbers.entry(key).or_insert_with(|| {
            all.push(Passage {
                ways: range,
                barrier,
                leaves: bits(&ways, |way| way.from as u8),
                enters: bits(&ways, |way| way.to as u8),
                is_possible,
            });
            all.len() as u32 - 1
        })
    }
}
