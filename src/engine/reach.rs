//! Whether anything gets from some states to others at all: the search without the values.

use super::active::Positions;
use super::gate::{Factors, Gate};
use super::packed::Engine;
use crate::catalog::End;
use crate::estate::SystemIx;
use crate::graph::State;

/// The states that a search reached.
#[derive(Clone, Debug)]
pub struct Reached<'e> {
    engine: &'e Engine,
    /// By position the layers that are reached, a bit each.
    layers: Vec<u16>,
}

impl Reached<'_> {
    /// Whether any layer of a system is reached.
    pub fn reaches(&self, system_ix: SystemIx) -> bool {
        self.layers[self.engine.positions[system_ix.index()] as usize] != 0
    }

    /// How many states are reached.
    pub fn count(&self) -> usize {
        self.layers.iter().map(|layers| layers.count_ones() as usize).sum()
    }

    /// Whether a state is reached.
    pub fn contains(&self, state: State) -> bool {
        let (position, layer) = self.engine.place(state);
        self.layers[position] >> layer & 1 == 1
    }
}

/// A search at one end.
struct Spread<'e> {
    engine: &'e Engine,
    layers: Vec<u16>,
    /// By position the layers that were reached since they were carried on.
    grown: Vec<u16>,
    active: Positions,
    gates: Vec<Gate>,
    factors: Factors,
}

impl Engine {
    /// The states that some states reach over arcs that let anything through, themselves included.
    ///
    /// # Complexity
    /// *O*(V + E), a few bytes for every system.
    pub fn reach(&self, from: &[State], end: End) -> Reached<'_> {
        let systems = self.systems.len();
        let mut spread = Spread {
            engine: self,
            layers: vec![0; systems],
            grown: vec![0; systems],
            active: Positions::none(systems),
            gates: self.gates(end),
            factors: self.factors(end),
        };
        for &state in from {
            let (position, layer) = self.place(state);
            spread.add(position, 1 << layer);
        }
        spread.run();
        Reached { engine: self, layers: spread.layers }
    }
}

impl Spread<'_> {
    fn add(&mut self, position: usize, layers: u16) {
        let new = layers & !self.layers[position];
        if new != 0 {
            self.layers[position] |= new;
            self.grown[position] |= new;
            self.active.insert(position);
        }
    }

    /// Every layer is carried on once, so the order matters for speed alone: along the flow, and over from the first of those
    /// that were reached again behind it.
    fn run(&mut self) {
        let mut from = 0;
        loop {
            let mut back = usize::MAX;
            while let Some(position) = self.active.next(from) {
                self.active.remove(position);
                back = back.min(self.leave(position));
                from = position + 1;
            }
            if back == usize::MAX {
                return;
            }
            from = back;
        }
    }

    /// Carries on what is new at a position, and returns the least position at or before it that has something new so.
    fn leave(&mut self, position: usize) -> usize {
        let engine = self.engine;
        let records = &engine.systems[position].layers;
        let inside = &engine.insides[engine.systems[position].inside as usize];
        let mut new = std::mem::take(&mut self.grown[position]);
        let mut left = new & inside.leaves;
        while left != 0 {
            let layer = left.trailing_zeros() as usize;
            left &= left - 1;
            for way in inside.ways_from(layer, &engine.ways) {
                let into = 1 << way.to;
                if self.layers[position] & into == 0 && self.factors.factor(way, records, (1.0, 1.0)) > 0.0 {
                    self.layers[position] |= into;
                    new |= into;
                    left |= into & inside.leaves;
                }
            }
        }
        let detection = self.factors.detection(records);
        let mut back = usize::MAX;
        for crossing in engine.crossings_from(position) {
            let to = crossing.to as usize;
            let gate = &self.gates[crossing.passage as usize];
            if gate.leaves & new == 0 || gate.enters & !self.layers[to] == 0 {
                continue;
            }
            let mut entered = 0;
            for way in gate.ways(&engine.ways) {
                let is_new = new >> way.from & 1 == 1 && (self.layers[to] | entered) >> way.to & 1 == 0;
                if is_new && self.factors.factor(way, &engine.systems[to].layers, (gate.barrier, detection)) > 0.0 {
                    entered |= 1 << way.to;
                }
            }
            self.add(to, entered);
            if entered != 0 && to <= position {
                back = back.min(to);
            }
        }
        back
    }
}
