//! Why not: what holds, where one thing does not expose another.

use super::Target;
use crate::catalog::{BasisPoints, End};
use crate::engine::Engine;
use crate::estate::SystemIx;
use crate::graph::{Arc, ExposureGraph, Freed, Hold, LetGo, Relaxation, Semiring, State, Witness};
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

/// Holds that are let go alone, the most promising first.
pub const MOST_HOLDS: usize = 2_000;

/// Holds on one path of which every set is tried; of more the least needed are left out one by one.
const MOST_COMBINED: usize = 14;

/// Why a failure does not expose a target.
#[derive(Clone, Debug)]
pub struct WhyNot {
    /// Exposure at or above which the target counts as exposed.
    pub threshold: BasisPoints,
    /// How exposed it is, on the high end.
    pub exposure: f64,
    /// Whether it is exposed, and if not why.
    pub answer: Answer,
}

/// Whether a target is exposed, and if not why.
#[derive(Clone, Debug)]
pub enum Answer {
    /// It is: the witness, from the first state on.
    Exposed(State, Vec<Arc>),
    /// Something holds.
    Held(Held),
    /// Nothing would hold, but the path is too weak by itself: the best one, and its value.
    TooFar(State, Vec<Arc>, f64),
    /// No connection leads there, whatever is let go.
    NoWay {
        /// The systems, others than those that fail, that can be exposed, in order of ids.
        reached: Vec<SystemIx>,
        /// The systems, others than the target's, that could expose it, in order of ids.
        reaching: Vec<SystemIx>,
    },
}

/// What holds.
#[derive(Clone, Debug)]
pub struct Held {
    /// What is load-bearing: each let go alone exposes the target; most exposed first, then in order of holds.
    pub load_bearing: Vec<LetGoAlone>,
    /// What else holds on the best path, and is not enough alone; likewise.
    pub beside: Vec<LetGoAlone>,
    /// Where nothing is load-bearing: a smallest set on the best path that is enough together, and the exposure then.
    pub together: Option<(Vec<Hold>, f64)>,
    /// Where the best path starts if nothing holds anywhere.
    pub start: State,
    /// Its arcs.
    pub path: Vec<Arc>,
    /// Its value then.
    pub unheld: f64,
    /// How many more holds were not let go alone: they are less promising.
    pub untried: usize,
}

/// One hold let go alone.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct LetGoAlone {
    /// What is let go.
    pub hold: Hold,
    /// The exposure of the target then, on the high end.
    pub exposure: f64,
}

/// Returns why a total failure of `from` does not expose `to` at or above `threshold`, on the high end; none where
/// everything of `to` fails itself, or one of them has no layer.
///
/// What holds are coverage of layers, controls of connections, the ownership boundary, profiles that are switched off,
/// and feeds without a copy. Each is let go alone and all is solved again: what then exposes the target is load-bearing,
/// and nothing else is. A connection of certainty `possible` counts on the high end already, so that it holds nothing.
///
/// # Complexity
/// Three searches, and one for every hold that is let go; a search follows only what can still come to the threshold. Which
/// holds are let go: those on arcs that start where `from` reaches as it is, and from which the target could be exposed if
/// nothing held any more. A first arc of any path that a hold alone opens is among them.
pub fn why_not(graph: &ExposureGraph<'_>, from: Target, to: Target, threshold: BasisPoints) -> Option<WhyNot> {
    let starts = from.states(graph);
    let goals: Vec<State> = to.states(graph).into_iter().filter(|state| starts.binary_search(state).is_err()).collect();
    if starts.is_empty() || goals.is_empty() {
        return None;
    }
    let is_exposed = |exposure: f64| exposure > 0.0 && BasisPoints::of(exposure) >= threshold;
    let seeds: Vec<(State, f64)> = starts.iter().map(|&state| (state, 1.0)).collect();
    let values = Engine::new(graph).solve(&seeds, Semiring::Product, End::High);
    let goal = best(&goals, |state| values[state.index()]);
    let exposure = values[goal.index()];
    if is_exposed(exposure) {
        let path = Witness::new(graph, values, &seeds, Semiring::Product, End::High).path(goal);
        let start = path.first().map_or(goal, |arc| arc.from);
        return Some(WhyNot { threshold, exposure, answer: Answer::Exposed(start, path) });
    }
    let relaxation = Relaxation::new(graph);
    let freed = relaxation.search(&starts, LetGo::Everything, |_, _| true);
    let goal = best(&goals, |state| freed.value(state));
    let (unheld, path) = (freed.value(goal), freed.path(goal));
    let start = path.first().map_or(goal, |arc| arc.from);
    let answer = if unheld == 0.0 {
        no_way(graph, &relaxation, &freed, (&starts, &goals))
    } else if !is_exposed(unheld) {
        Answer::TooFar(start, path, unheld)
    } else {
        let bench = Bench { graph, relaxation, starts: &starts, goals: &goals, threshold };
        Answer::Held(bench.held(&values, &freed, start, path, unheld))
    };
    Some(WhyNot { threshold, exposure, answer })
}

/// The state of the greatest value, the first of equal ones; the states are not empty.
fn best(states: &[State], value: impl Fn(State) -> f64) -> State {
    states.iter().copied().fold(states[0], |best, state| if value(state) > value(best) { state } else { best })
}

/// Where holds are let go.
struct Bench<'a> {
    graph: &'a ExposureGraph<'a>,
    relaxation: Relaxation<'a>,
    starts: &'a [State],
    goals: &'a [State],
    threshold: BasisPoints,
}

impl Bench<'_> {
    fn held(&self, values: &[f64], freed: &Freed, start: State, path: Vec<Arc>, unheld: f64) -> Held {
        let onward = self.onward(freed);
        let (candidates, untried) = self.candidates(values, &onward);
        let is_worth = |state: State, value: f64| value * onward[state.index()] >= self.threshold.least();
        let is_exposed = |exposure: f64| exposure > 0.0 && BasisPoints::of(exposure) >= self.threshold;
        let mut load_bearing = Vec::new();
        for hold in candidates {
            let alone = [hold];
            let freed = self.relaxation.search(self.starts, LetGo::These(&alone), is_worth);
            let exposure = self.goals.iter().map(|&goal| freed.value(goal)).fold(0.0, f64::max);
            if is_exposed(exposure) {
                load_bearing.push(LetGoAlone { hold, exposure });
            }
        }
        let on_path: BTreeSet<Hold> = path.iter().flat_map(|arc| self.relaxation.holds(arc)).collect();
        let is_listed = |hold: &Hold| load_bearing.iter().any(|alone| alone.hold == *hold);
        let mut beside: Vec<LetGoAlone> =
            on_path.iter().filter(|hold| !is_listed(hold)).map(|&hold| LetGoAlone { hold, exposure: self.without(&[hold]) }).collect();
        // A hold that was not tried may turn out to be load-bearing after all.
        load_bearing.extend(beside.extract_if(.., |alone| is_exposed(alone.exposure)));
        let order = |left: &LetGoAlone, right: &LetGoAlone| right.exposure.total_cmp(&left.exposure).then(left.hold.cmp(&right.hold));
        load_bearing.sort_by(order);
        beside.sort_by(order);
        let together = load_bearing.is_empty().then(|| {
            let set = self.smallest(&path, on_path.into_iter().collect());
            let exposure = self.without(&set);
            (set, exposure)
        });
        Held { load_bearing, beside, together, start, path, unheld, untried }
    }

    /// The exposure of the target while some holds are let go.
    fn without(&self, holds: &[Hold]) -> f64 {
        let freed = self.relaxation.search(self.starts, LetGo::These(holds), |_, _| true);
        self.goals.iter().map(|&goal| freed.value(goal)).fold(0.0, f64::max)
    }

    /// For every state the best value with which it would expose the target if nothing held anywhere; only for those that
    /// are then exposed enough themselves.
    fn onward(&self, freed: &Freed) -> Vec<f64> {
        let least = self.threshold.least();
        let mut into: BTreeMap<State, Vec<(State, f64)>> = BTreeMap::new();
        for from in self.graph.states().filter(|&state| freed.value(state) > 0.0 && freed.value(state) >= least) {
            for arc in self.relaxation.arcs_from(from) {
                into.entry(arc.to).or_default().push((from, self.relaxation.factor(&arc, LetGo::Everything)));
            }
        }
        let mut onward = vec![0.0; self.graph.state_bound()];
        let mut heap: BinaryHeap<(u64, State)> = BinaryHeap::new();
        for &goal in self.goals {
            onward[goal.index()] = 1.0;
            heap.push((1.0_f64.to_bits(), goal));
        }
        while let Some((popped, state)) = heap.pop() {
            let value: f64 = onward[state.index()];
            if popped != value.to_bits() {
                continue;
            }
            for &(from, factor) in into.get(&state).into_iter().flatten() {
                let extended = value * factor;
                if extended > onward[from.index()] {
                    onward[from.index()] = extended;
                    heap.push((extended.to_bits(), from));
                }
            }
        }
        onward
    }

    /// The holds that may be load-bearing, the most promising first, and how many more there are.
    fn candidates(&self, values: &[f64], onward: &[f64]) -> (Vec<Hold>, usize) {
        let mut promise: BTreeMap<Hold, f64> = BTreeMap::new();
        for from in self.graph.states().filter(|state| values[state.index()] > 0.0) {
            for arc in self.relaxation.arcs_from(from) {
                let most = values[from.index()] * self.relaxation.factor(&arc, LetGo::Everything) * onward[arc.to.index()];
                if most > 0.0 && most >= self.threshold.least() {
                    for hold in self.relaxation.sole_holds(&arc) {
                        let known = promise.entry(hold).or_default();
                        *known = known.max(most);
                    }
                }
            }
        }
        let mut order: Vec<(Hold, f64)> = promise.into_iter().collect();
        order.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
        let untried = order.len().saturating_sub(MOST_HOLDS);
        (order.into_iter().take(MOST_HOLDS).map(|(hold, _)| hold).collect(), untried)
    }

    /// A smallest set of holds on a path that is enough for the threshold on that path; of equal ones the first. Where
    /// they are too many for all sets to be tried, one from which nothing can be left out.
    fn smallest(&self, path: &[Arc], holds: Vec<Hold>) -> Vec<Hold> {
        let is_enough = |set: &[Hold]| {
            let value = path.iter().fold(1.0, |value, arc| value * self.relaxation.factor(arc, LetGo::These(set)));
            BasisPoints::of(value) >= self.threshold
        };
        let mut left = holds;
        if left.len() > MOST_COMBINED {
            for hold in left.clone() {
                let without: Vec<Hold> = left.iter().copied().filter(|&kept| kept != hold).collect();
                if is_enough(&without) {
                    left = without;
                }
            }
            return left;
        }
        let mut sets: Vec<u32> = (0..1_u32 << left.len()).collect();
        sets.sort_by_key(|set| (set.count_ones(), *set));
        let chosen = |set: u32| left.iter().enumerate().filter(|(ix, _)| set & (1 << ix) != 0).map(|(_, &hold)| hold).collect::<Vec<_>>();
        sets.into_iter().map(chosen).find(|set| is_enough(set)).unwrap_or_else(|| left.clone())
    }
}

/// What can be exposed and what could expose the target, where nothing leads from one to the other.
fn no_way(graph: &ExposureGraph<'_>, relaxation: &Relaxation<'_>, freed: &Freed, (starts, goals): (&[State], &[State])) -> Answer {
    let mut into: BTreeMap<State, Vec<State>> = BTreeMap::new();
    for arc in graph.states().flat_map(|state| relaxation.arcs_from(state)) {
        into.entry(arc.to).or_default().push(arc.from);
    }
    let mut reaching: BTreeSet<State> = goals.iter().copied().collect();
    let mut waiting = goals.to_vec();
    while let Some(state) = waiting.pop() {
        waiting.extend(into.get(&state).into_iter().flatten().filter(|from| reaching.insert(**from)));
    }
    let systems = |states: &mut dyn Iterator<Item = State>, own: &[State]| {
        let mut systems: Vec<SystemIx> = states.map(State::system).collect();
        systems.dedup();
        systems.retain(|&system_ix| own.iter().all(|state| state.system() != system_ix));
        systems
    };
    let reached = systems(&mut graph.states().filter(|&state| freed.value(state) > 0.0), starts);
    Answer::NoWay { reached, reaching: systems(&mut reaching.into_iter(), goals) }
}
