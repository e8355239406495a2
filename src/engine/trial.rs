//! Edits tried on a solved graph: only what an edit can touch is solved again.

use super::gate::{Factors, Gate, LayerNumbers};
use super::passages::{OutAndIn, Passages};
use crate::catalog::{self, Layer};
use crate::estate::{ConnectionIx, SystemIx};
use crate::graph::{Edit, Edited, ExposureGraph, Incidence, State, Travel, Witness};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::ops::ControlFlow;

/// A solved graph on which edits are tried, one after the other, each undone before the next.
///
/// Exact, bit for bit: a state that has a best path which no edit touches keeps at least its value, as the path is still
/// there with all its factors. The others are solved again from their untouched neighbours, and what rises is carried on.
///
/// # Memory
/// 168 bytes per system and 24 per connection, beside a graph for the edits.
///
/// # Source
/// The idea is that of Ramalingam and Reps, *An incremental algorithm for a generalization of the shortest-path problem*
/// (1996).
#[derive(Clone, Debug)]
pub struct Trial<'w> {
    solved: &'w ExposureGraph<'w>,
    witness: &'w Witness<'w>,
    edited: ExposureGraph<'w>,
    /// By system.
    lines: Vec<Line>,
    /// The ends of all connections, in the order of the estate.
    ends: Vec<PackedEnd>,
    passages: Passages,
    gates: Vec<Gate>,
    factors: Factors,
    /// By number of a layer's record.
    severities: Vec<f64>,
    end: catalog::End,
}

/// A system.
#[derive(Clone, Debug)]
struct Line {
    /// INVARIANT (undone): between trials those of the witness.
    values: [f64; Layer::COUNT],
    /// By layer how many states were found before it on the way from the seeds along best paths.
    places: [u32; Layer::COUNT],
    records: LayerNumbers,
    /// The layers that may have lost their value, a bit each.
    open: u16,
    /// The layers whose ways out are still to be looked at.
    pending: u16,
    shape: u32,
}

/// One end of a connection, as seen from a system.
#[derive(Copy, Clone, Debug)]
struct PackedEnd {
    other: u32,
    passages: OutAndIn,
}

/// An arc with its factor, and over which end of a connection it goes; none inside a system.
#[derive(Copy, Clone, Debug)]
struct Step {
    from: State,
    to: State,
    factor: f64,
    end: Option<usize>,
}

/// The place of a state that nothing reaches.
const UNREACHED: u32 = u32::MAX;

const ALL_LAYERS: u16 = (1 << Layer::COUNT) - 1;

/// The layer of a system that is numbered so.
fn state(system: usize, layer: u8) -> State {
    State::new(SystemIx(system as u32), Layer::ALL[layer as usize])
}

const fn bit(state: State) -> u16 {
    1 << state.layer() as u16
}

impl<'w> Trial<'w> {
    /// Trials on a graph that was solved in the default semiring, at the end that `witness` explains.
    ///
    /// # Complexity
    /// *O*(V + E).
    pub fn new(solved: &'w ExposureGraph<'w>, witness: &'w Witness<'w>) -> Self {
        let mut passages = Passages::none();
        let line = |system_ix| Line {
            values: std::array::from_fn(|layer| witness.value(State::new(system_ix, Layer::ALL[layer]))),
            places: [UNREACHED; Layer::COUNT],
            records: *solved.layer_numbers(system_ix),
            open: 0,
            pending: 0,
            shape: passages.shape(solved, solved.standings(system_ix)),
        };
        let lines: Vec<Line> = solved.estate.system_ixs().map(line).collect();
        let mut ends = Vec::with_capacity(solved.estate.connections().len() * 2);
        for (system_ix, line) in solved.estate.system_ixs().zip(&lines) {
            ends.extend(solved.incident(system_ix).map(|incidence| {
                let there = lines[incidence.other.index()].shape;
                PackedEnd { other: incidence.other.0, passages: passages.over(solved, &incidence, line.shape, there) }
            }));
        }
        let end = witness.end();
        let mut trial = Self {
            solved,
            witness,
            edited: solved.clone(),
            lines,
            ends,
            passages,
            gates: Vec::new(),
            factors: Factors::none(solved.policy.floor),
            severities: Vec::new(),
            end,
        };
        trial.learn();
        trial.find_places();
        trial
    }

    /// Returns every state whose value is another under the edits, with that value, in order of states.
    ///
    /// # Complexity
    /// *O*(k log k), k the arcs at states that lose their best paths to the edits, or whose values rise.
    pub fn with(&mut self, edits: &[Edit<'_>]) -> Vec<(State, f64)> {
        let mut opened = self.open(edits);
        opened.sort_unstable();
        for edit in edits {
            self.edited.edit(edit);
            self.follow(edit.subject());
        }
        let raised = self.solve(&opened, edits);
        for edit in edits {
            self.edited.restore(self.solved, edit.subject());
            self.follow(edit.subject());
        }
        self.undo(opened, raised)
    }

    // --- The graph, and edits of it. ---

    /// Takes note of the records and passages that are new.
    fn learn(&mut self) {
        let end = self.end;
        self.gates.extend(self.passages.all[self.gates.len()..].iter().map(|passage| Gate::of(passage, &passage.ways, end)));
        for record in self.edited.layer_records().skip(self.severities.len()) {
            self.severities.push(record.severity.end(end));
            self.factors.add(record.resistance.end(end), record.detection.end(end));
        }
    }

    /// Takes over what the edited graph says of something.
    fn follow(&mut self, edited: Edited) {
        let graph = &self.edited;
        match edited {
            Edited::System(system_ix) => {
                let shape = self.passages.shape(graph, graph.standings(system_ix));
                let line = &mut self.lines[system_ix.index()];
                line.records = *graph.layer_numbers(system_ix);
                if std::mem::replace(&mut line.shape, shape) != shape {
                    for incidence in graph.incident(system_ix) {
                        follow_connection(graph, system_ix, &incidence, (&mut self.passages, &self.lines, &mut self.ends));
                    }
                }
            }
            Edited::Connection(connection_ix) => {
                let connection = graph.estate.connection(connection_ix);
                let incidence = Incidence { connection: connection_ix, other: connection.to, outward: Travel::Along };
                follow_connection(graph, connection.from, &incidence, (&mut self.passages, &self.lines, &mut self.ends));
            }
        }
        self.learn();
    }

    /// The numbers of the ends of a connection: at the system that it comes from, and at the one that it goes to.
    fn ends_of(&self, connection_ix: ConnectionIx) -> [(SystemIx, usize); 2] {
        let estate = self.solved.estate;
        let connection = estate.connection(connection_ix);
        [connection.from, connection.to].map(|system_ix| (system_ix, estate.end_number(system_ix, connection_ix)))
    }

    fn value(&self, state: State) -> f64 {
        self.lines[state.system().index()].values[state.layer().index()]
    }

    fn place(&self, state: State) -> u32 {
        self.lines[state.system().index()].places[state.layer().index()]
    }

    fn is_open(&self, state: State) -> bool {
        self.lines[state.system().index()].open & bit(state) != 0
    }

    /// Goes through the arcs that leave some layers of a system.
    fn each_out(&self, system: usize, layers: u16, mut each: impl FnMut(Step)) {
        let line = &self.lines[system];
        let inside = &self.passages.insides[line.shape as usize];
        let mut left = layers & inside.leaves;
        while left != 0 {
            let layer = left.trailing_zeros() as usize;
            left &= left - 1;
            for way in inside.ways_from(layer, self.passages.ways()) {
                let factor = self.factors.factor(way, &line.records, (1.0, 1.0));
                each(Step { from: state(system, way.from), to: state(system, way.to), factor, end: None });
            }
        }
        for number in self.solved.estate.end_numbers(SystemIx(system as u32)) {
            self.each_over(system, number, layers, &mut each);
        }
    }

    /// Goes through the arcs that leave some layers of a system over a connection.
    #[inline]
    fn each_over(&self, system: usize, number: usize, layers: u16, mut each: impl FnMut(Step)) {
        let end = self.ends[number];
        let gate = self.gates[end.passages[0] as usize];
        if gate.leaves & layers == 0 {
            return;
        }
        let to = end.other as usize;
        let held_back = (gate.barrier, self.factors.detection(&self.lines[system].records));
        for way in gate.ways(self.passages.ways()).iter().filter(|way| layers >> way.from & 1 == 1) {
            let factor = self.factors.factor(way, &self.lines[to].records, held_back);
            each(Step { from: state(system, way.from), to: state(to, way.to), factor, end: Some(number) });
        }
    }

    /// Goes through the arcs that enter some layers of a system, until it is enough.
    fn each_in(&self, system: usize, layers: u16, mut each: impl FnMut(Step) -> ControlFlow<()>) -> ControlFlow<()> {
        let line = &self.lines[system];
        let inside = &self.passages.insides[line.shape as usize];
        for way in inside.ways(self.passages.ways()).iter().filter(|way| layers >> way.to & 1 == 1) {
            let factor = self.factors.factor(way, &line.records, (1.0, 1.0));
            each(Step { from: state(system, way.from), to: state(system, way.to), factor, end: None })?;
        }
        for number in self.solved.estate.end_numbers(SystemIx(system as u32)) {
            let end = self.ends[number];
            let gate = self.gates[end.passages[1] as usize];
            if gate.enters & layers == 0 {
                continue;
            }
            let from = end.other as usize;
            let held_back = (gate.barrier, self.factors.detection(&self.lines[from].records));
            for way in gate.ways(self.passages.ways()).iter().filter(|way| layers >> way.to & 1 == 1) {
                let factor = self.factors.factor(way, &line.records, held_back);
                each(Step { from: state(from, way.from), to: state(system, way.to), factor, end: Some(number) })?;
            }
        }
        ControlFlow::Continue(())
    }

    // --- What may lose its value. ---

    /// Whether an arc makes the value that it enters of the value that it leaves, bit for bit.
    fn is_tight(&self, step: Step) -> bool {
        let reached = self.value(step.to);
        reached > 0.0 && (self.value(step.from) * step.factor).to_bits() == reached.to_bits()
    }

    /// Whether an arc keeps up the value of the state that it enters: it is tight, and comes from a greater value, or from an
    /// equal one that was found before. So nothing is ever kept up in a circle.
    fn keeps_up(&self, step: Step) -> bool {
        self.is_tight(step) && (self.value(step.from) > self.value(step.to) || self.place(step.from) < self.place(step.to))
    }

    /// Gives every state that has a value its place: seeds first, then what tight arcs lead to.
    fn find_places(&mut self) {
        let mut systems: VecDeque<usize> = VecDeque::new();
        let mut found: Vec<State> = self.witness.seeds().to_vec();
        let mut next = 0;
        loop {
            for state in found.drain(..) {
                let line = &mut self.lines[state.system().index()];
                let place = &mut line.places[state.layer().index()];
                if *place == UNREACHED {
                    *place = next;
                    next += 1;
                    if line.pending == 0 {
                        systems.push_back(state.system().index());
                    }
                    line.pending |= bit(state);
                }
            }
            let Some(system) = systems.pop_front() else { return };
            let layers = std::mem::take(&mut self.lines[system].pending);
            self.each_out(system, layers, |step| {
                if self.place(step.to) == UNREACHED && self.is_tight(step) {
                    found.push(step.to);
                }
            });
        }
    }

    /// Opens the states that may lose their value by the edits: those that no arc keeps up which the edits leave whole.
    fn open(&mut self, edits: &[Edit<'_>]) -> Vec<State> {
        let mut opened: Vec<State> = Vec::new();
        let mut hanging: Vec<State> = Vec::new();
        let mut edited_ends: Vec<usize> = Vec::new();
        let mut systems: VecDeque<usize> = VecDeque::new();
        for edit in edits {
            match edit {
                Edit::System(system_ix, _) => {
                    for &layer in Layer::ALL {
                        self.open_state(State::new(*system_ix, layer), (&mut opened, &mut systems));
                    }
                }
                Edit::Block(state) => self.open_state(*state, (&mut opened, &mut systems)),
                Edit::Connection(connection_ix, _) | Edit::Removal(connection_ix) => {
                    for (system_ix, number) in self.ends_of(*connection_ix) {
                        edited_ends.push(number);
                        self.each_over(system_ix.index(), number, ALL_LAYERS, |step| {
                            if self.keeps_up(step) {
                                hanging.push(step.to);
                            }
                        });
                    }
                }
            }
        }
        loop {
            for state in hanging.drain(..) {
                if !self.is_open(state) && !self.is_kept_up(state, &edited_ends) {
                    self.open_state(state, (&mut opened, &mut systems));
                }
            }
            let Some(system) = systems.pop_front() else { return opened };
            let layers = std::mem::take(&mut self.lines[system].pending);
            self.each_out(system, layers, |step| {
                if !self.is_open(step.to) && self.keeps_up(step) {
                    hanging.push(step.to);
                }
            });
        }
    }

    fn open_state(&mut self, state: State, (opened, systems): (&mut Vec<State>, &mut VecDeque<usize>)) {
        let line = &mut self.lines[state.system().index()];
        if line.open & bit(state) == 0 {
            line.open |= bit(state);
            if line.pending == 0 {
                systems.push_back(state.system().index());
            }
            line.pending |= bit(state);
            opened.push(state);
        }
    }

    /// Whether a state is a seed, or an arc keeps it up that comes from a state which is not open, over a connection that is not
    /// edited.
    fn is_kept_up(&self, state: State, edited_ends: &[usize]) -> bool {
        let is_seed = (self.place(state) as usize) < self.witness.seeds().len();
        let found = |step: Step| {
            let keeps_up = self.keeps_up(step) && !self.is_open(step.from) && step.end.is_none_or(|end| !edited_ends.contains(&end));
            if keeps_up { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        is_seed || self.each_in(state.system().index(), bit(state), found).is_break()
    }

    // --- What the values are then. ---

    /// Solves the edited graph, of which only the states that are open can have lost their value; they come in order. Returns the
    /// others that have risen.
    fn solve(&mut self, opened: &[State], edits: &[Edit<'_>]) -> Vec<State> {
        for &state in opened {
            self.lines[state.system().index()].values[state.layer().index()] = 0.0;
        }
        // The arcs from open states to open states: what has not risen has nothing new for any other.
        let mut inner: Vec<(State, State, f64)> = Vec::new();
        let mut heap: BinaryHeap<(u64, Reverse<State>)> = BinaryHeap::new();
        for states in opened.chunk_by(|left, right| left.system() == right.system()) {
            let system = states[0].system().index();
            let mut best = [0.0; Layer::COUNT];
            for state in states {
                let layer = state.layer().index();
                best[layer] = self.severities[self.lines[system].records[layer] as usize];
            }
            let layers = states.iter().fold(0, |layers, &state| layers | bit(state));
            let _ = self.each_in(system, layers, |step| {
                if self.is_open(step.from) {
                    inner.push((step.from, step.to, step.factor));
                } else {
                    let best = &mut best[step.to.layer().index()];
                    *best = f64::max(*best, self.value(step.from) * step.factor);
                }
                ControlFlow::Continue(())
            });
            for &state in states {
                let value = best[state.layer().index()];
                self.lines[system].values[state.layer().index()] = value;
                if value > 0.0 {
                    heap.push((value.to_bits(), Reverse(state)));
                }
            }
        }
        // A connection that lets more through than before raises what no best path led to.
        let mut raised: Vec<State> = Vec::new();
        let mut offers: Vec<(State, f64)> = Vec::new();
        for edit in edits {
            let Edit::Connection(connection_ix, _) = edit else { continue };
            for (system_ix, number) in self.ends_of(*connection_ix) {
                self.each_over(system_ix.index(), number, ALL_LAYERS, |step| {
                    if self.is_open(step.from) {
                        inner.push((step.from, step.to, step.factor));
                    } else {
                        offers.push((step.to, self.value(step.from) * step.factor));
                    }
                });
            }
        }
        inner.sort_unstable_by_key(|&(from, to, _)| (from, to));
        let lets_other = self.systems_that_let_other(edits);
        loop {
            for (to, value) in offers.drain(..) {
                let line = &mut self.lines[to.system().index()];
                if value > line.values[to.layer().index()] {
                    line.values[to.layer().index()] = value;
                    heap.push((value.to_bits(), Reverse(to)));
                    if line.open & bit(to) == 0 {
                        raised.push(to);
                    }
                }
            }
            let Some((popped, Reverse(state))) = heap.pop() else { return raised };
            let value = self.value(state);
            if popped != value.to_bits() {
                continue;
            }
            if value > self.witness.value(state) || lets_other.contains(&state.system()) {
                self.each_out(state.system().index(), bit(state), |step| offers.push((step.to, value * step.factor)));
            } else {
                let first = inner.partition_point(|&(from, _, _)| from < state);
                let own = inner[first..].iter().take_while(|&&(from, _, _)| from == state);
                offers.extend(own.map(|&(_, to, factor)| (to, value * factor)));
            }
        }
    }

    /// The edited systems out of which other factors lead than before, or other arcs.
    fn systems_that_let_other(&self, edits: &[Edit<'_>]) -> Vec<SystemIx> {
        let of_systems = edits.iter().filter_map(|edit| match edit.subject() {
            Edited::System(system_ix) => Some(system_ix),
            Edited::Connection(_) => None,
        });
        of_systems
            .filter(|&system_ix| {
                self.edited.standings(system_ix) != self.solved.standings(system_ix) || {
                    let (now, before) = (self.edited.layer_numbers(system_ix), self.solved.layer_numbers(system_ix));
                    self.factors.detection(now) != self.factors.detection(before)
                }
            })
            .collect()
    }

    /// Gives all states that were touched the values that they had, and returns those that had another one.
    fn undo(&mut self, opened: Vec<State>, raised: Vec<State>) -> Vec<(State, f64)> {
        let mut touched = opened;
        touched.extend(raised);
        touched.sort_unstable();
        touched.dedup();
        let mut changed = Vec::new();
        for state in touched {
            let known = self.witness.value(state);
            let line = &mut self.lines[state.system().index()];
            let tried = std::mem::replace(&mut line.values[state.layer().index()], known);
            line.open &= !bit(state);
            if tried != known {
                changed.push((state, tried));
            }
        }
        changed
    }
}

/// Finds the passages of a connection of a system anew, at both of its ends.
fn follow_connection(
    graph: &ExposureGraph<'_>,
    system_ix: SystemIx,
    incidence: &Incidence,
    (passages, lines, ends): (&mut Passages, &[Line], &mut [PackedEnd]),
) {
    let [here, there] = [system_ix, incidence.other].map(|system_ix| lines[system_ix.index()].shape);
    let [outward, inward] = passages.over(graph, incidence, here, there);
    let end_at = |system_ix| graph.estate.end_number(system_ix, incidence.connection);
    ends[end_at(system_ix)].passages = [outward, inward];
    ends[end_at(incidence.other)].passages = [inward, outward];
}
