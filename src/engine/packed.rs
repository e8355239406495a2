//! The packed form of an exposure graph: both ends of it, without the names.

use super::entrance::Entrances;
use super::gate::{Factors, Gate, LayerNumbers};
use super::order::{Order, along_flow};
use super::passages::{CLOSED, Inside, PackedWay, Passage, Passages};
use crate::catalog::{End, Interval};
use crate::estate::SystemIx;
use crate::graph::{ExposureGraph, State};

/// An exposure graph packed for searches that go through much of it.
///
/// # Memory
/// 52 bytes per system, 8 per connection that exposure can cross (16 if it can be crossed both ways).
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
    pub(super) entrances: Entrances,
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
// None lies across two lines of memory.
#[repr(align(32))]
pub(super) struct PackedSystem {
    /// The numbers of its layers' records.
    pub(super) layers: LayerNumbers,
    pub(super) inside: u32,
}

/// A connection as it leaves a system.
#[derive(Copy, Clone, Debug)]
pub(super) struct Crossing {
    /// The position that it enters.
    pub(super) to: u32,
    pub(super) passage: u32,
}

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
        let mut passages = Passages::none();
        let shape = |system_ix| passages.shape(graph, graph.standings(system_ix));
        let shape_of: Vec<u32> = graph.estate.system_ixs().map(shape).collect();
        // First by system, as the order is not known yet.
        let mut start = Vec::with_capacity(shape_of.len() + 1);
        let mut crossings: Vec<[u32; 2]> = Vec::with_capacity(graph.estate.connections().len());
        start.push(0);
        for system_ix in graph.estate.system_ixs() {
            for incidence in graph.incident(system_ix) {
                let (here, there) = (shape_of[system_ix.index()], shape_of[incidence.other.index()]);
                let [outward, _] = passages.over(graph, &incidence, here, there);
                if outward != CLOSED {
                    crossings.push([incidence.other.0, outward]);
                }
            }
            start.push(crossings.len() as u32);
        }
        let order = along_flow(&start, |crossing| crossings[crossing][0]);
        let mut positions = vec![0; order.nodes.len()];
        for (position, &system) in order.nodes.iter().enumerate() {
            positions[system as usize] = position as u32;
        }
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
        let (insides, passages, ways) = passages.into_parts();
        let entrances = Entrances::of(&insides, &passages, &ways);
        Self {
            order,
            positions,
            systems,
            crossing_start,
            crossings: ordered,
            insides,
            passages,
            ways,
            entrances,
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
            entrances: Entrances::default(),
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

    /// Its passages at one end, each with its ways.
    pub(super) fn gates(&self, end: End) -> Vec<Gate> {
        self.passages.iter().map(|passage| Gate::of(passage, &passage.ways, end)).collect()
    }

    /// What its factors are made of at one end.
    pub(super) fn factors(&self, end: End) -> Factors {
        let mut factors = Factors::none(self.floor);
        for (resistance, detection) in self.resistance.iter().zip(&self.detection) {
            factors.add(resistance.end(end), detection.end(end));
        }
        factors
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
