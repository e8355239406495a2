//! The search: sweeps over the systems whose values have changed, in the order of the flow.
//!
//! A part of the order (what flows in circles) is swept until nothing changes in it, then left for good, as no arc leads
//! back to it. In a part great values go first: what they reach is then mostly visited once. Label-correcting can still take
//! many sweeps where a circle is wound badly; a part that takes too many is ended best first, which leaves every state once
//! per value. Either way the same values come out: see the floor's caption.

use super::active::Positions;
use super::entrance::{Entrance, Within};
use super::gate::{Factors, Gate, Guard};
use super::label::{Label, greater};
use super::packed::{Engine, Work};
use crate::catalog::{End, Layer};
use crate::estate::SystemIx;
use crate::graph::{Semiring, State, TwoBest};
use crate::threads::side_by_side;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Of the greatest value in a part, the share from which on values go first. Chosen by `benches/engine.rs`: visits per system
/// fall from 1.7 to 1.1, and more steps bring no more.
const GREAT: f64 = 0.25;

/// Bytes of the lines of a search that are too many to have twice.
const MUCH: usize = 64 << 20;

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
    room: Room<L>,
    extend: X,
    factors: Factors,
    gates: Vec<Gate>,
    work: Work,
}

/// The memory of a search.
#[derive(Clone, Debug)]
struct Room<L> {
    /// By position.
    lines: Vec<Line<L>>,
    /// INVARIANT: the positions whose lines have grown labels.
    active: Positions,
    reached: Positions,
}

impl<L: Label> Room<L> {
    fn of(engine: &Engine) -> Self {
        let systems = engine.systems.len();
        let lines = vec![Line { labels: [L::default(); Layer::COUNT], grown: 0 }; systems];
        Self { lines, active: Positions::none(systems), reached: Positions::none(systems) }
    }

    /// The positions that were reached, with their labels, in order.
    fn each_reached(&self, mut each: impl FnMut(usize, &[L; Layer::COUNT])) {
        let mut next = 0;
        while let Some(position) = self.reached.next(next) {
            each(position, &self.lines[position].labels);
            next = position + 1;
        }
    }

    /// Takes in what enters the system at a position, and queues what has grown: what lies behind the part is for later.
    fn enter_queued<const WIDTH: usize>(
        &mut self,
        queue: &mut Queue,
        position: usize,
        entrance: &Entrance<WIDTH>,
        (from, guard): (&[L; Layer::COUNT], &Guard<'_>),
        extend: &impl Fn(f64, f64) -> f64,
    ) {
        let (line, layer) = (&mut self.lines[position], entrance.to as usize);
        let before = line.labels[layer];
        let raised = entrance.enter(from, guard, &mut line.labels[layer], extend);
        line.grown |= raised;
        if raised != 0 && position < queue.end {
            queue.add(line.labels[layer].greatest_new(&before), position, layer);
        } else if raised != 0 {
            self.active.insert(position);
        }
    }

    /// Forgets what was reached; what was not is as it was.
    fn clear(&mut self) {
        let mut next = 0;
        while let Some(position) = self.reached.next(next) {
            self.lines[position] = Line { labels: [L::default(); Layer::COUNT], grown: 0 };
            self.reached.remove(position);
            next = position + 1;
        }
    }
}

/// What of a part is still to be left, the greatest first.
struct Queue {
    heap: BinaryHeap<(u64, Reverse<(usize, u8)>)>,
    /// The end of the part.
    end: usize,
}

impl Queue {
    fn add(&mut self, value: f64, position: usize, layer: usize) {
        self.heap.push((value.to_bits(), Reverse((position, layer as u8))));
    }
}

/// Searches for the values of best paths, one after the other in the same memory.
#[derive(Clone, Debug)]
pub struct Search<'e> {
    engine: &'e Engine,
    room: Room<f64>,
}

impl<'e> Search<'e> {
    /// A search that has reached nothing.
    pub fn new(engine: &'e Engine) -> Self {
        Self { engine, room: Room::of(engine) }
    }

    /// Finds what [`Engine::solve`] gives, in place of what was found before.
    pub fn solve(&mut self, seeds: &[(State, f64)], semiring: Semiring, end: End) -> Work {
        match semiring {
            // Spelled out, so that the inner loop is compiled for it alone.
            Semiring::Product => self.find(seeds, |value, factor| value * factor, end),
            Semiring::Bottleneck | Semiring::Reach { .. } => self.find(seeds, |value, factor| semiring.extend(value, factor), end),
        }
    }

    /// As [`Search::solve`], of values that are at least so great; smaller ones may be given as 0.
    pub fn solve_above(&mut self, seeds: &[(State, f64)], semiring: Semiring, end: End, least: f64) -> Work {
        if least <= 0.0 {
            return self.solve(seeds, semiring, end);
        }
        let above = |value: f64| if value >= least { value } else { 0.0 };
        match semiring {
            Semiring::Product => self.find(seeds, |value, factor| above(value * factor), end),
            Semiring::Bottleneck | Semiring::Reach { .. } => self.find(seeds, |value, factor| above(semiring.extend(value, factor)), end),
        }
    }

    /// The value of the best path into a state; 0 where there is none.
    pub fn value(&self, state: State) -> f64 {
        let (position, layer) = self.engine.place(state);
        self.room.lines[position].labels[layer]
    }

    /// The greatest value of any layer of a system.
    pub fn greatest(&self, system_ix: SystemIx) -> f64 {
        let line = &self.room.lines[self.engine.positions[system_ix.index()] as usize];
        line.labels.iter().copied().fold(0.0, f64::max)
    }

    /// Every state that a seed reaches, with its value, in no particular order.
    pub fn each_reached(&self, mut each: impl FnMut(State, f64)) {
        self.room.each_reached(|position, labels| {
            let system_ix = self.engine.system_at(position);
            let reached = Layer::ALL.iter().zip(labels).filter(|&(_, &value)| value > 0.0);
            reached.for_each(|(&layer, &value)| each(State::new(system_ix, layer), value));
        });
    }

    /// The values of all states, by [`State::index`].
    pub fn values(&self) -> Vec<f64> {
        let mut values = vec![0.0; self.engine.states()];
        self.room.each_reached(|position, labels| {
            let first = State::new(self.engine.system_at(position), Layer::Physical).index();
            values[first..first + Layer::COUNT].copy_from_slice(labels);
        });
        values
    }

    fn find(&mut self, seeds: &[(State, f64)], extend: impl Fn(f64, f64) -> f64, end: End) -> Work {
        self.room.clear();
        let room = std::mem::replace(&mut self.room, Room { lines: Vec::new(), active: Positions::none(0), reached: Positions::none(0) });
        let mut sweep = Sweep::within(self.engine, room, extend, end);
        for &(state, value) in seeds {
            sweep.seed(state, value);
        }
        sweep.run();
        self.room = sweep.room;
        sweep.work
    }
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

    /// As [`Engine::solve`], for each end from seeds of its own, side by side.
    pub fn solve_both(&self, seeds: [&[(State, f64)]; 2], semiring: Semiring) -> [Vec<f64>; 2] {
        let [low, high] = seeds;
        let find = |seeds, end| self.solve(seeds, semiring, end);
        side_by_side(self.states(), || find(low, End::Low), || find(high, End::High)).into()
    }

    /// As [`Engine::solve`], of values that are at least so great; smaller ones may be given as 0. What is asked for is found all
    /// the same: on the way to it no value is smaller.
    pub fn solve_above(&self, seeds: &[(State, f64)], semiring: Semiring, end: End, least: f64) -> Vec<f64> {
        let mut search = Search::new(self);
        search.solve_above(seeds, semiring, end, least);
        search.values()
    }

    /// As [`Engine::solve`], with how much there was to do.
    pub fn solve_counted(&self, seeds: &[(State, f64)], semiring: Semiring, end: End) -> (Vec<f64>, Work) {
        let mut search = Search::new(self);
        let work = search.solve(seeds, semiring, end);
        (search.values(), work)
    }

    /// The slots of states, which say how much there is to search.
    fn states(&self) -> usize {
        self.systems.len() * Layer::COUNT
    }

    /// Two searches for two-best labels: side by side, but one after the other where the lines of both would take much memory.
    pub fn search_twice<A: Send, B>(&self, one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B) -> (A, B) {
        if self.systems.len() * size_of::<Line<TwoBest>>() > MUCH {
            return (one(), other());
        }
        side_by_side(self.states(), one, other)
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
        sweep.room.each_reached(|position, labels| each(self.system_at(position), labels));
    }

    /// Carries on every value of every system once, in order: what any search of the whole graph must do at least. A
    /// yardstick for benches.
    pub fn relax_once(&self, seeds: &[(State, f64)], end: End) -> Work {
        let mut sweep = Sweep::new(self, |value, factor| value * factor, end);
        for &(state, value) in seeds {
            sweep.seed(state, value);
        }
        for position in 0..self.systems.len() {
            sweep.room.lines[position].grown = (1 << Layer::COUNT) - 1;
            sweep.leave(position);
        }
        sweep.work
    }
}

impl<'e, L: Label, X: Fn(f64, f64) -> f64> Sweep<'e, L, X> {
    fn new(engine: &'e Engine, extend: X, end: End) -> Self {
        Self::within(engine, Room::of(engine), extend, end)
    }

    /// A search in memory in which nothing is reached.
    fn within(engine: &'e Engine, room: Room<L>, extend: X, end: End) -> Self {
        Self {
            engine,
            room,
            extend,
            factors: engine.factors(end),
            gates: engine.entrances.gates(&engine.passages, end),
            work: Work::default(),
        }
    }

    fn seed(&mut self, state: State, label: L) {
        let (position, layer) = self.engine.place(state);
        let line = &mut self.room.lines[position];
        if line.labels[layer].offer(label, 1.0, |value, _| value) {
            line.grown |= 1 << layer;
            self.room.active.insert(position);
        }
    }

    /// Searches until nothing changes any more.
    fn run(&mut self) {
        let parts = &self.engine.order.parts;
        let (mut part, mut from) = (0, 0);
        while let Some(position) = self.room.active.next(from) {
            while parts[part + 1] as usize <= position {
                part += 1;
            }
            let end = parts[part + 1] as usize;
            self.search_part(position, parts[part] as usize, end);
            from = end;
        }
    }

    /// Searches in a part until nothing changes in it; `first` is its first position that has changed.
    fn search_part(&mut self, first: usize, start: usize, end: usize) {
        let most = self.work.visits + self.engine.patience * (end - start) as u64;
        if end - start > 1 {
            let mut greatest = 0.0;
            let mut next = first;
            while let Some(position) = self.room.active.next(next).filter(|&position| position < end) {
                greatest = f64::max(greatest, self.greatest_grown(position));
                next = position + 1;
            }
            self.sweep(first, end, greatest * GREAT, most);
        }
        self.sweep(start, end, 0.0, most);
        if self.room.active.next(start).is_some_and(|position| position < end) {
            self.best_first(start, end);
        }
    }

    /// Sweeps over the positions from `first` to `end` until no value of `least` or more is left to carry on, or until there
    /// were more than `most` visits.
    fn sweep(&mut self, first: usize, end: usize, least: f64, most: u64) {
        let (mut at, mut back) = (first, usize::MAX);
        loop {
            match self.room.active.next(at).filter(|&position| position < end) {
                Some(position) => {
                    if least == 0.0 || self.greatest_grown(position) >= least {
                        self.room.active.remove(position);
                        back = back.min(self.leave(position));
                    }
                    at = position + 1;
                }
                None if back == usize::MAX || self.work.visits > most => return,
                None => (at, back) = (back, usize::MAX),
            }
        }
    }

    /// The greatest value on a line among those that have grown.
    fn greatest_grown(&self, position: usize) -> f64 {
        let line = &self.room.lines[position];
        let (mut greatest, mut left) = (0.0, line.grown);
        while left != 0 {
            greatest = greater(line.labels[left.trailing_zeros() as usize].greatest(), greatest);
            left &= left - 1;
        }
        greatest
    }

    /// Carries on what has grown on a line, and returns the least position at or before it that has grown so.
    fn leave(&mut self, position: usize) -> usize {
        let engine = self.engine;
        let crossings = engine.crossings_from(position);
        // Asked for all at once and early, so that they come from memory together while the line itself is worked on.
        let touched = crossings.clone().fold(0, |touched, crossing| {
            let (line, system) = (&self.room.lines[crossing.to as usize], &engine.systems[crossing.to as usize]);
            touched ^ line.labels[0].greatest().to_bits() ^ line.labels[8].greatest().to_bits() ^ u64::from(system.inside)
        });
        std::hint::black_box(touched);
        let grown = self.climb(position);
        let detection = self.factors.detection(&engine.systems[position].layers);
        self.work.visits += 1;
        self.work.crossings += crossings.len() as u64;
        self.room.reached.insert(position);
        let mut back = usize::MAX;
        for crossing in crossings {
            let gate = &self.gates[crossing.passage as usize];
            if gate.leaves & grown == 0 {
                continue;
            }
            let to = crossing.to as usize;
            // None leads from a system to itself.
            let Ok([line, entered]) = self.room.lines.get_disjoint_mut([position, to]) else { continue };
            let guard = self.factors.guard(&engine.systems[to].layers, (gate.barrier, detection));
            let mut raised = 0;
            for entrance in gate.ways(&engine.entrances.across) {
                raised |= entrance.enter(&line.labels, &guard, &mut entered.labels[entrance.to as usize], &self.extend);
            }
            // Whether anything is raised is often open to the end: without a branch.
            entered.grown |= raised;
            self.room.active.insert_if(to, raised != 0);
            back = back.min(if raised != 0 { to } else { usize::MAX });
        }
        if back <= position { back } else { usize::MAX }
    }

    /// Carries on what has grown on a line inside the system, takes note that it has been, and returns what had grown.
    ///
    /// First all that leads down, then all that leads up, each in order: as a rule that is all.
    fn climb(&mut self, position: usize) -> u16 {
        let system = &self.engine.systems[position];
        let (stairs, [down, up]) = self.engine.entrances.stairs(system.inside);
        let guard = self.factors.guard(&system.layers, (1.0, 1.0));
        let line = &mut self.room.lines[position];
        let mut grown = std::mem::take(&mut line.grown);
        let mut walk = |entrances: &[Within]| {
            entrances.iter().fold(0, |raised, entrance| {
                let mut label = line.labels[entrance.to as usize];
                let raised = raised | entrance.enter(&line.labels, &guard, &mut label, &self.extend);
                line.labels[entrance.to as usize] = label;
                raised
            })
        };
        if grown & stairs.leaves_down != 0 {
            grown |= walk(down);
        }
        let mut left = grown;
        while left & stairs.leaves_up != 0 {
            let raised = walk(up);
            left = if raised & stairs.leaves_down == 0 { 0 } else { walk(down) };
            grown |= raised | left;
        }
        grown
    }

    /// Ends the search of a part best first: whatever is greatest is final, so that a state is left once per value.
    fn best_first(&mut self, start: usize, end: usize) {
        let engine = self.engine;
        let mut queue = Queue { heap: BinaryHeap::new(), end };
        let mut next = start;
        while let Some(position) = self.room.active.next(next).filter(|&position| position < end) {
            self.room.active.remove(position);
            let line = &self.room.lines[position];
            let layers = (0..Layer::COUNT).filter(|layer| line.grown >> layer & 1 == 1);
            layers.for_each(|layer| queue.add(line.labels[layer].greatest(), position, layer));
            next = position + 1;
        }
        while let Some((_, Reverse((position, layer)))) = queue.heap.pop() {
            let line = &mut self.room.lines[position];
            if line.grown >> layer & 1 == 0 {
                continue;
            }
            line.grown &= !(1 << layer);
            let mut from = [L::default(); Layer::COUNT];
            from[layer as usize] = line.labels[layer as usize];
            let leaves = 1 << layer;
            let records = &engine.systems[position].layers;
            let guard = self.factors.guard(records, (1.0, 1.0));
            let (_, [down, up]) = engine.entrances.stairs(engine.systems[position].inside);
            for entrance in down.iter().chain(up).filter(|entrance| entrance.leaves & leaves != 0) {
                self.room.enter_queued(&mut queue, position, entrance, (&from, &guard), &self.extend);
            }
            let detection = self.factors.detection(records);
            let crossings = engine.crossings_from(position);
            self.work.visits += 1;
            self.work.crossings += crossings.len() as u64;
            self.room.reached.insert(position);
            for crossing in crossings {
                let gate = &self.gates[crossing.passage as usize];
                if gate.leaves & leaves == 0 {
                    continue;
                }
                let to = crossing.to as usize;
                let guard = self.factors.guard(&engine.systems[to].layers, (gate.barrier, detection));
                for entrance in gate.ways(&engine.entrances.across).iter().filter(|entrance| entrance.leaves & leaves != 0) {
                    self.room.enter_queued(&mut queue, to, entrance, (&from, &guard), &self.extend);
                }
            }
        }
    }
}
