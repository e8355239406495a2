//! The packed form of an exposure graph: both ends of it, without the names.

use super::order::{Order, along_flow};
use crate::catalog::{Interval, Layer};
use crate::estate::SystemIx;
use crate::graph::{ExposureGraph, Incidence, Records, Standings, State, Travel, Way};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::ops::Range;

/// An exposure graph packed for searches that go through much of it.
///
/// # Memory
/// 48 bytes per system, 8 per connection that exposure can cross (16 if it can be crossed both ways).
#[derive(Clone, Debug)]
pub struct Engine {
    pub(super) order: Order,
    /// By system its position.
    pub(super) positions: Vec<u32>,
    /// By position.
    pub(super) systems: Vec<PackedSystem>,
    /// By position the first of the crossings that leave it; at the end their number.
    pub(super) crossing_start: Vec<u32>,
    /// A position that is entered, and the number of a passage.
    pub(super) crossings: Vec<[u32; 2]>,
    pub(super) insides: Vec<Inside>,
    pub(super) passages: Vec<Passage>,
    pub(super) ways: Vec<PackedWay>,
    /// By number of a layer's record, what the layer lets through on the way in, and on the way out.
    pub(super) resistance: Vec<Interval>,
    pub(super) detection: Vec<Interval>,
    pub(super) floor: f64,
    /// How often, on average, the systems of one strongly connected component are visited by sweeps before the rest is searched
    /// best first. It changes how long a search takes, never what it finds.
    pub patience: u64,
}

/// How much a search did.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Times that a system's values were carried on.
    pub visits: u64,
    /// Connections looked at on the way.
    pub crossings: u64,
}

/// What a search needs of a system.
#[derive(Copy, Clone, Debug)]
pub(super) struct PackedSystem {
    /// The numbers of its layers' records.
    pub(super) layers: [u16; Layer::COUNT],
    pub(super) inside: u32,
}

/// A connection as it leaves a system.
#[derive(Copy, Clone, Debug)]
pub(super) struct Crossing {
    /// The position that it enters.
    pub(super) to: u32,
    pub(super) passage: u32,
}

/// The ways inside a system, by the layer that they leave; the same for all whose layers stand alike.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Inside {
    /// By layer the first of its ways; at the end that of no layer.
    pub(super) start: [u32; Layer::COUNT + 1],
    /// The layers that the ways leave, a bit each.
    pub(super) leaves: u16,
}

/// The ways over a connection; the same for all of its kind and controls between systems whose layers stand alike.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Passage {
    pub(super) ways: Range<u32>,
    pub(super) barrier: Interval,
    /// The layers that the ways leave, a bit each.
    pub(super) leaves: u16,
    pub(super) is_possible: bool,
}

/// A way with its layers as numbers.
#[derive(Copy, Clone, Debug, Serialize, Deserialize)]
pub(super) struct PackedWay {
    pub(super) level: f64,
    pub(super) from: u8,
    pub(super) to: u8,
    /// What of the number of a record is left: all of it, or, as a certain way meets no resistance, nothing. Record 0 is that
    /// of a layer which does not exist and does not resist.
    pub(super) record_mask: u16,
}

impl PackedWay {
    fn of(way: &Way) -> Self {
        let record_mask = if way.is_certain { 0 } else { u16::MAX };
        Self { level: way.level, from: way.from as u8, to: way.to as u8, record_mask }
    }

    /// Whether it leads from a layer to a layer.
    pub(super) fn is_sound(&self) -> bool {
        (self.from as usize) < Layer::COUNT && (self.to as usize) < Layer::COUNT
    }
}

/// A list of ways as a key: layers, certainty, and the bits of the level.
type WaysKey = Vec<(u8, u8, u16, u64)>;

/// Lists of ways, each kept once.
#[derive(Default)]
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

/// The layers that some ways leave, a bit each.
fn leaves(ways: &[Way]) -> u16 {
    ways.iter().fold(0, |leaves, way| leaves | 1 << way.from as u16)
}

/// What makes a passage: its ways, its barrier at both ends, and whether it is only possible.
type PassageKey = (u32, u32, [u64; 2], bool);

/// The passages of a graph, each kept once.
struct Passages<'g> {
    graph: &'g ExposureGraph<'g>,
    shapes: Records<Standings>,
    lists: WayLists,
    /// By a connection's record, the way it is travelled, and the shapes of its systems.
    known: HashMap<(u32, bool, u32, u32), u32, foldhash::fast::FixedState>,
    numbers: HashMap<PassageKey, u32, foldhash::fast::FixedState>,
    all: Vec<Passage>,
}

/// The number of a passage that nothing can take.
const CLOSED: u32 = u32::MAX;

impl Engine {
    /// The packing of a graph: that of the cache that the graph's estate is read from, if it has one of this graph, else a new
    /// one.
    ///
    /// # Complexity
    /// *O*(systems + connections).
    pub fn new(graph: &ExposureGraph<'_>) -> Self {
        let stored = graph.estate.cache().and_then(|cache| Self::stored(graph, cache).unwrap_or_else(|fault| fault.unwind()));
        stored.unwrap_or_else(|| Self::pack(graph))
    }

    /// Packs a graph.
    pub(super) fn pack(graph: &ExposureGraph<'_>) -> Self {
        let mut passages = Passages {
            graph,
            shapes: Records::default(),
            lists: WayLists::default(),
            known: HashMap::default(),
            numbers: HashMap::default(),
            all: Vec::new(),
        };
        let shape_of: Vec<u32> = graph.estate.system_ixs().map(|system_ix| passages.shapes.number(graph.standings(system_ix))).collect();
        // First by system, as the order is not known yet.
        let mut start = Vec::with_capacity(shape_of.len() + 1);
        let mut crossings: Vec<[u32; 2]> = Vec::with_capacity(graph.estate.connections().len());
        start.push(0);
        for system_ix in graph.estate.system_ixs() {
            for incidence in graph.incident(system_ix) {
                let (from, to) = (shape_of[system_ix.index()], shape_of[incidence.other.index()]);
                let passage = passages.number(&incidence, from, to);
                if passage != CLOSED {
                    crossings.push([incidence.other.0, passage]);
                }
            }
            start.push(crossings.len() as u32);
        }
        let order = along_flow(&start, |crossing| crossings[crossing][0]);
        let mut positions = vec![0; order.nodes.len()];
        for (position, &system) in order.nodes.iter().enumerate() {
            positions[system as usize] = position as u32;
        }
        let insides = passages.insides();
        let packed = |&system: &u32| PackedSystem { layers: *graph.layer_numbers(SystemIx(system)), inside: shape_of[system as usize] };
        let systems = order.nodes.iter().map(packed).collect();
        let mut crossing_start = Vec::with_capacity(start.len());
        let mut ordered = Vec::with_capacity(crossings.len());
        crossing_start.push(0);
        for &system in &order.nodes {
            let own = start[system as usize] as usize..start[system as usize + 1] as usize;
            ordered.extend(crossings[own].iter().map(|&[to, passage]| [positions[to as usize], passage]));
            crossing_start.push(ordered.len() as u32);
        }
        Self {
            order,
            positions,
            systems,
            crossing_start,
            crossings: ordered,
            insides,
            passages: passages.all,
            ways: passages.lists.ways,
            ..Self::of_records(graph)
        }
    }

    /// What the records of a graph say, with nothing of the graph packed yet.
    pub(super) fn of_records(graph: &ExposureGraph<'_>) -> Self {
        Self {
            order: Order::default(),
            positions: Vec::new(),
            systems: Vec::new(),
            crossing_start: Vec::new(),
            crossings: Vec::new(),
            insides: Vec::new(),
            passages: Vec::new(),
            ways: Vec::new(),
            resistance: graph.layer_records().map(|record| record.resistance).collect(),
            detection: graph.layer_records().map(|record| record.detection).collect(),
            floor: graph.policy.floor,
            patience: 32,
        }
    }

    /// The connections that exposure can cross, each once per way that it can be travelled.
    pub fn crossings(&self) -> usize {
        self.crossings.len()
    }

    /// The strongly connected components of the systems, by their sizes, along the flow of exposure.
    pub fn parts(&self) -> impl Iterator<Item = usize> + '_ {
        self.order.parts.windows(2).map(|bounds| (bounds[1] - bounds[0]) as usize)
    }

    /// The crossings that leave the system at a position.
    pub(super) fn crossings_from(&self, position: usize) -> impl ExactSizeIterator<Item = Crossing> + Clone + '_ {
        let crossings = &self.crossings[self.crossing_start[position] as usize..self.crossing_start[position + 1] as usize];
        crossings.iter().map(|&[to, passage]| Crossing { to, passage })
    }

    /// The system at a position.
    pub(super) fn system_at(&self, position: usize) -> SystemIx {
        SystemIx(self.order.nodes[position])
    }

    /// The position of a state's system, and its layer.
    pub(super) fn place(&self, state: State) -> (usize, usize) {
        (self.positions[state.system().index()] as usize, state.layer() as usize)
    }
}

impl Passages<'_> {
    fn number(&mut self, incidence: &Incidence, from: u32, to: u32) -> u32 {
        let link_number = self.graph.link_number(incidence.connection);
        let is_along = incidence.outward == Travel::Along;
        if let Some(&known) = self.known.get(&(link_number, is_along, from, to)) {
            return known;
        }
        let link = self.graph.link(incidence.connection);
        let ways = self.graph.ways_across(link, incidence.outward, self.shapes.get(from), self.shapes.get(to));
        let number = if ways.is_empty() {
            CLOSED
        } else {
            let (leaves, barrier) = (leaves(&ways), link.barrier);
            let ways = self.lists.number(&ways);
            let key = (ways.start, ways.end, [barrier.low.to_bits(), barrier.high.to_bits()], link.is_possible);
            let all = &mut self.all;
            *self.numbers.entry(key).or_insert_with(|| {
                all.push(Passage { ways, barrier, leaves, is_possible: link.is_possible });
                all.len() as u32 - 1
            })
        };
        self.known.insert((link_number, is_along, from, to), number);
        number
    }

    /// The ways inside the systems of every shape.
    fn insides(&mut self) -> Vec<Inside> {
        let mut insides = Vec::new();
        for standings in self.shapes.iter() {
            let ways = self.graph.ways_inside(standings);
            let first = self.lists.number(&ways).start;
            let before = |layer: usize| first + ways.partition_point(|way| (way.from as usize) < layer) as u32;
            insides.push(Inside { start: std::array::from_fn(before), leaves: leaves(&ways) });
        }
        insides
    }
}
