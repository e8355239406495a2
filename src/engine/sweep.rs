//! The search: sweeps over the systems whose values have changed, in the order of the flow.
//!
//! A part of the order (what flows in circles) is swept until nothing changes in it, then left for good, as no arc leads
//! back to it. Label-correcting can take many sweeps where a circle is wound badly; a part that takes too many is ended
//! best first, which leaves every state at most twice more. Either way the same values come out: see the floor's caption.

use super::active::Positions;
use super::label::Label;
use super::packed::{Engine, PackedWay, Work};
use crate::catalog::{End, Layer};
use crate::estate::SystemIx;
use crate::graph::{Semiring, State, TwoBest, weigh};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The layers of one system in a search.
#[derive(Copy, Clone, Debug)]
struct Line<L> {
    labels: [L; Layer::COUNT],
    /// The layers whose labels have grown since they were carried on, a bit each.
    grown: u16,
}

/// A search at one end.
struct Sweep<'e, L, X> {
    engine: &'e Engine,
    extend: X,
    lines: Vec<Line<L>>,
    /// INVARIANT: the positions whose lines have grown labels.
    active: Positions,
    reached: Positions,
    resistance: Vec<f64>,
    detection: Vec<f64>,
    barrier: Vec<f64>,
    leaves: Vec<u16>,
    work: Work,
}

impl Engine {
    /// The value of the best path from any seed into every state; 0 where there is none. Indexed by [`State::index`].
    ///
    /// The same as [`graph::solve`](crate::graph::solve), bit for bit.
    ///
    /// # Complexity
    /// *O*((V + E) log V) at worst; a few passes over the part of the graph that is reached, as a rule.
    pub fn solve(&self, seeds: &[(State, f64)], semiring: Semiring, end: End) -> Vec<f64> {
        self.solve_counted(seeds, semiring, end).0
    }

    /// As [`Engine::solve`], with how much there was to do.
    pub fn solve_counted(&self, seeds: &[(State, f64)], semiring: Semiring, end: End) -> (Vec<f64>, Work) {
        match semiring {
            // Spelled out, so that the inner loop is compiled for it alone.
            Semiring::Product => self.values(seeds, |value, factor| value * factor, end),
            Semiring::Bottleneck | Semiring::Reach { .. } => self.values(seeds, |value, factor| semiring.extend(value, factor), end),
        }
    }

    /// For every system that a seed reaches, in no particular order, the two best labels of its layers, of different groups of
    /// seeds.
    ///
    /// The same as [`graph::solve_two_best`](crate::graph::solve_two_best) gives: bit for bit the values, and of equal ones any
    /// group.
    pub fn solve_two_best(&self, seeds: &[(State, f64, u32)], end: End, mut each: impl FnMut(SystemIx, &[TwoBest; Layer::COUNT])) {
        let mut sweep = Sweep::new(self, |value, factor| value * factor, end);
        for &(state, value, group) in seeds {
            sweep.seed(state, TwoBest::default().with(value, group));
        }
        sweep.run();
        sweep.each_reached(|system_ix, line| each(system_ix, &line.labels));
    }

    /// Carries on every value of every system once, in order: what any search of the whole graph must do at least. A
    /// yardstick for benches.
    pub fn relax_once(&self, seeds: &[(State, f64)], end: End) -> Work {
        let mut sweep = Sweep::new(self, |value, factor| value * factor, end);
        for &(state, value) in seeds {
            sweep.seed(state, value);
        }
        for position in 0..self.systems.len() {
            sweep.lines[position].grown = (1 << Layer::COUNT) - 1;
            sweep.leave(position);
        }
        sweep.work
    }

    fn values(&self, seeds: &[(State, f64)], extend: impl Fn(f64, f64) -> f64, end: End) -> (Vec<f64>, Work) {
        let mut sweep = Sweep::new(self, extend, end);
        for &(state, value) in seeds {
            sweep.seed(state, value);
        }
        sweep.run();
        let mut values = vec![0.0; self.systems.len() * Layer::COUNT];
        sweep.each_reached(|system_ix, line| {
            let first = State::new(system_ix, Layer::Physical).index();
            values[first..first + Layer::COUNT].copy_from_slice(&line.labels);
        });
        (values, sweep.work)
    }
}

impl<'e, L: Label, X: Fn(f64, f64) -> f64> Sweep<'e, L, X> {
    fn new(engine: &'e Engine, extend: X, end: End) -> Self {
        let systems = engine.systems.len();
        Self {
            engine,
            extend,
            lines: vec![Line { labels: [L::default(); Layer::COUNT], grown: 0 }; systems],
            active: Positions::none(systems),
            reached: Positions::none(systems),
            resistance: engine.resistance.iter().map(|resistance| resistance.end(end)).collect(),
            detection: engine.detection.iter().map(|detection| detection.end(end)).collect(),
            barrier: engine.passages.iter().map(|passage| passage.barrier.end(end)).collect(),
            leaves: engine.leaves(end),
            work: Work::default(),
        }
    }

    fn seed(&mut self, state: State, label: L) {
        let (position, layer) = self.engine.place(state);
        if self.lines[position].labels[layer].take(label) > 0.0 {
            self.lines[position].grown |= 1 << layer;
            self.active.insert(position);
        }
    }

    /// Searches until nothing changes any more.
    fn run(&mut self) {
        let parts = &self.engine.order.parts;
        let (mut part, mut from) = (0, 0);
        while let Some(position) = self.active.next(from) {
            while parts[part + 1] as usize <= position {
                part += 1;
            }
            let end = parts[part + 1] as usize;
            self.sweep_part(position, parts[part] as usize, end);
            from = end;
        }
    }

    /// Searches in a part until nothing changes in it; `first` is its first position that has changed.
    fn sweep_part(&mut self, first: usize, start: usize, end: usize) {
        let most = self.work.visits + self.engine.patience * (end - start) as u64;
        let (mut at, mut back) = (first, usize::MAX);
        loop {
            match self.active.next(at).filter(|&position| position < end) {
                Some(position) => {
                    self.active.remove(position);
                    back = back.min(self.leave(position));
                    at = position + 1;
                }
                None if back == usize::MAX => return,
                None if self.work.visits > most => return self.best_first(start, end),
                None => (at, back) = (back, usize::MAX),
            }
        }
    }

    /// Carries on what has grown on a line, and returns the least position at or before it that has grown so.
    fn leave(&mut self, position: usize) -> usize {
        let engine = self.engine;
        let system = &engine.systems[position];
        let grown = self.climb(position);
        let labels = self.lines[position].labels;
        let detection = self.detection[system.layers[Layer::Monitoring as usize] as usize];
        let crossings = engine.crossings_from(position);
        self.work.visits += 1;
        self.work.crossings += crossings.len() as u64;
        self.reached.insert(position);
        let mut back = usize::MAX;
        for crossing in crossings {
            if self.leaves[crossing.passage as usize] & grown == 0 {
                continue;
            }
            let passage = &engine.passages[crossing.passage as usize];
            let barrier = self.barrier[crossing.passage as usize];
            let to = crossing.to as usize;
            let mut raised = 0;
            for way in engine.ways_of(&passage.ways) {
                if grown >> way.from & 1 == 1 && self.carry(way, labels[way.from as usize], to, barrier, detection) > 0.0 {
                    raised |= 1 << way.to;
                }
            }
            if raised != 0 {
                self.lines[to].grown |= raised;
                self.active.insert(to);
                if to <= position {
                    back = back.min(to);
                }
            }
        }
        back
    }

    /// Carries on what has grown on a line inside the system, takes note that it has been, and returns what had grown.
    fn climb(&mut self, position: usize) -> u16 {
        let engine = self.engine;
        let inside = &engine.insides[engine.systems[position].inside as usize];
        let mut grown = std::mem::take(&mut self.lines[position].grown);
        let mut left = grown;
        while left != 0 {
            let layer = left.trailing_zeros() as usize;
            left &= left - 1;
            for way in engine.ways_of(&inside.ways[layer]) {
                let label = self.lines[position].labels[layer];
                if self.carry(way, label, position, 1.0, 1.0) > 0.0 {
                    (grown, left) = (grown | 1 << way.to, left | 1 << way.to);
                }
            }
        }
        grown
    }

    /// Carries a label along a way, and returns the greatest value that is new at its end.
    fn carry(&mut self, way: &PackedWay, label: L, to: usize, barrier: f64, detection: f64) -> f64 {
        let entered = &mut self.lines[to].labels[way.to as usize];
        // A factor is at most its level, and rounding keeps order: what the level alone would not raise, the factor does not.
        if (self.extend)(label.greatest(), way.level) <= entered.least() {
            return 0.0;
        }
        let record = self.engine.systems[to].layers[way.to as usize];
        let resistance = if way.is_certain { 1.0 } else { self.resistance[record as usize] };
        let factor = weigh(self.engine.floor, way.level, resistance, barrier, detection);
        entered.take(label.map(|value| (self.extend)(value, factor)))
    }

    /// Ends the search of a part best first: whatever is greatest is final, so that a state is left once per value.
    fn best_first(&mut self, start: usize, end: usize) {
        let engine = self.engine;
        let mut heap: BinaryHeap<(u64, Reverse<(usize, u8)>)> = BinaryHeap::new();
        let mut next = start;
        while let Some(position) = self.active.next(next).filter(|&position| position < end) {
            self.active.remove(position);
            let line = &self.lines[position];
            let layers = (0..Layer::COUNT as u8).filter(|layer| line.grown >> layer & 1 == 1);
            heap.extend(layers.map(|layer| (line.labels[layer as usize].greatest().to_bits(), Reverse((position, layer)))));
            next = position + 1;
        }
        while let Some((_, Reverse((position, layer)))) = heap.pop() {
            let line = &mut self.lines[position];
            if line.grown >> layer & 1 == 0 {
                continue;
            }
            line.grown &= !(1 << layer);
            let label = line.labels[layer as usize];
            let system = &engine.systems[position];
            let mut raise = |sweep: &mut Self, to: usize, layer: u8, raised: f64| {
                sweep.lines[to].grown |= 1 << layer;
                if to < end {
                    heap.push((raised.to_bits(), Reverse((to, layer))));
                } else {
                    sweep.active.insert(to);
                }
            };
            for way in engine.ways_of(&engine.insides[system.inside as usize].ways[layer as usize]) {
                let raised = self.carry(way, label, position, 1.0, 1.0);
                if raised > 0.0 {
                    raise(self, position, way.to, raised);
                }
            }
            let detection = self.detection[system.layers[Layer::Monitoring as usize] as usize];
            let crossings = engine.crossings_from(position);
            self.work.visits += 1;
            self.work.crossings += crossings.len() as u64;
            self.reached.insert(position);
            for crossing in crossings {
                if self.leaves[crossing.passage as usize] >> layer & 1 == 0 {
                    continue;
                }
                let passage = &engine.passages[crossing.passage as usize];
                let (barrier, to) = (self.barrier[crossing.passage as usize], crossing.to as usize);
                for way in engine.ways_of(&passage.ways).iter().filter(|way| way.from == layer) {
                    let raised = self.carry(way, label, to, barrier, detection);
                    if raised > 0.0 {
                        raise(self, to, way.to, raised);
                    }
                }
            }
        }
    }

    fn each_reached(&self, mut each: impl FnMut(SystemIx, &Line<L>)) {
        let mut next = 0;
        while let Some(position) = self.reached.next(next) {
            each(self.engine.system_at(position), &self.lines[position]);
            next = position + 1;
        }
    }
}
