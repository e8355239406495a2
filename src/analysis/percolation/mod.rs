//! Percolation: how probable it is that a system is exposed at all, over all paths together.

mod bounds;
mod confidence;
mod exact;
mod sample;

pub use confidence::CONFIDENCE;

use super::Target;
use super::blast_radius::holds;
use crate::catalog::{BasisPoints, End, Interval, Published};
use crate::estate::SystemIx;
use crate::graph::{Cascade, ExposureGraph, Semiring, State, solve};
use std::num::NonZeroU64;

/// What fails.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Failing {
    /// A target, wholly.
    Target(Target),
    /// Every gap, each with its severity.
    Gaps,
}

/// How worlds are drawn where they are.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Sampling {
    /// So many worlds, also where the exact answer is near; none: exact if that is near, else enough for a hundredth.
    pub worlds: Option<NonZeroU64>,
    /// Which worlds. The same seed draws the same ones for every model.
    pub seed: u64,
    /// On so many threads, which changes no figure; none: on all processors.
    pub threads: Option<usize>,
}

/// How the figures of an answer were found.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Method {
    /// Every outcome of every coin counted, equal ones merged.
    Exact {
        /// How many were told apart, both ends.
        outcomes: usize,
    },
    /// In worlds drawn by chance.
    Sampled {
        /// How many.
        worlds: u64,
        /// Which.
        seed: u64,
        /// How far from the truth any figure may be, but for one answer in a thousand.
        error: f64,
    },
}

/// How probable exposure is.
#[derive(Clone, Debug, PartialEq)]
pub struct Percolation {
    /// What fails.
    pub failing: Failing,
    /// The states that fail, or that are gaps, in order of (system id, layer).
    pub origins: Vec<State>,
    /// The probability at or above which a system is listed.
    pub threshold: BasisPoints,
    /// How the figures were found.
    pub method: Method,
    /// Every state that may be exposed, in order of (system id, layer).
    pub states: Vec<ProbableState>,
    /// The listed systems, in order of ids.
    pub systems: Vec<ProbableSystem>,
    /// The systems that may be exposed, but only below the threshold, in order of ids.
    pub below: Vec<SystemIx>,
}

/// A state that may be exposed.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct ProbableState {
    /// The state.
    pub state: State,
    /// The probability that it is exposed; where it is sampled, within the method's error.
    pub probability: Interval,
}

/// A system that may be exposed.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct ProbableSystem {
    /// The system.
    pub system: SystemIx,
    /// The probability that any of its layers is exposed.
    pub probability: Interval,
    /// Where both ends of that truly lie, for all systems and states of an answer at once, at [`CONFIDENCE`].
    pub confidence: Interval,
    /// The value of its most likely path, which is never more than the probability.
    pub path: Interval,
    /// The least on the low end and the most on the high end, whatever depends on what; none where not computed.
    pub bounds: Option<Interval>,
}

/// Returns how probable it is that each state and each system is exposed, if something fails.
///
/// An independent cascade: every coin is tossed once, an arc is live if its coin shows less than its factor, and a state is
/// exposed if live arcs lead to it from a seed that came up. What shares a coin is told in [`Coin`](crate::graph::Coin).
/// Both ends see the same coins, so that the low end is below the high end in every world. Exact if at most a million and a
/// half outcomes have to be told apart at either end; otherwise counted in sampled worlds, the most likely path being a
/// floor. `progress` is told how many worlds of how many are done.
///
/// # Complexity
/// Sampled *O*(worlds × E / 64); the bounds of a system cost a maximum flow, and of a large estate only the worst have them.
///
/// # Source
/// Kempe, Kleinberg, Tardos, *Maximizing the spread of influence through a social network* (2003); cycles as in Matthews,
/// Mace, Soudjani, van Moorsel, *Cyclic Bayesian attack graphs* (2020): everything is drawn once, then the least fixpoint.
pub fn percolation(
    graph: &ExposureGraph<'_>,
    failing: Failing,
    sampling: Sampling,
    threshold: BasisPoints,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Percolation {
    let seeds = seeds(graph, failing);
    let cascade = Cascade::of(graph, &seeds);
    let paths = End::BOTH.map(|end| {
        let of_end = seeds.iter().map(|&(state, severity)| (state, severity[usize::from(end == End::High)]));
        solve(graph, &of_end.collect::<Vec<_>>(), Semiring::Product, end)
    });
    let path = |state: &State| Interval::new(paths[0][state.index()], paths[1][state.index()]);
    let figures = figures(&cascade, sampling, progress);

    let mut states: Vec<ProbableState> = Vec::with_capacity(cascade.states.len());
    for (place, &state) in cascade.states.iter().enumerate() {
        states.push(ProbableState { state, probability: at_least(figures.states[place], path(&state)) });
    }
    let (mut systems, mut below) = (Vec::new(), Vec::new());
    for (number, places) in cascade.systems().enumerate() {
        let of_system = &cascade.states[places];
        let path = of_system.iter().map(path).fold(Interval::ZERO, at_least);
        let probability = at_least(figures.systems[number], path);
        let system = of_system[0].system();
        if BasisPoints::of(probability.high) < threshold {
            below.push(system);
            continue;
        }
        let confidence = figures.confidence(number, probability, path);
        systems.push(ProbableSystem { system, probability, confidence, path, bounds: None });
    }
    let origins = seeds.iter().map(|&(state, _)| state).collect();
    let mut percolation = Percolation { failing, origins, threshold, method: figures.method, states, systems, below };
    percolation.bound(graph, &cascade, &seeds);
    percolation
}

/// What fails, with its severity at both ends.
fn seeds(graph: &ExposureGraph<'_>, failing: Failing) -> Vec<(State, [f64; 2])> {
    match failing {
        Failing::Target(target) => target.states(graph).into_iter().map(|state| (state, [1.0; 2])).collect(),
        Failing::Gaps => {
            let gaps = graph.gap_seeds(End::High).into_iter();
            gaps.map(|(state, high)| (state, [graph.severity(state, End::Low), high])).collect()
        }
    }
}

/// Figures by place and by system number of a cascade.
struct Figures {
    method: Method,
    states: Vec<Interval>,
    systems: Vec<Interval>,
    /// What was counted in how many worlds, for how many figures; none where nothing was.
    counts: Option<(sample::Counts, u64, usize)>,
}

fn figures(cascade: &Cascade, sampling: Sampling, progress: &(dyn Fn(u64, u64) + Sync)) -> Figures {
    if sampling.worlds.is_none() {
        // The high end first: it has more arcs, and is the one that may be too much.
        let high = exact::exact(cascade, 1, exact::MOST_OUTCOMES);
        let both = high.and_then(|high| Some((exact::exact(cascade, 0, exact::MOST_OUTCOMES)?, high)));
        if let Some((low, high)) = both {
            let method = Method::Exact { outcomes: low.outcomes + high.outcomes };
            return Figures { method, states: pairs(&low.states, &high.states), systems: pairs(&low.systems, &high.systems), counts: None };
        }
    }
    let count = figure_count(cascade);
    let worlds = sampling.worlds.map_or_else(|| confidence::worlds_for(count).next_multiple_of(sample::BLOCK), NonZeroU64::get);
    let threads = sampling.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get));
    let counts = sample::count(cascade, sampling.seed, worlds, threads, &|done| progress(done.min(worlds), worlds));
    let share = |hits: &sample::Hits| Interval::new(hits[0] as f64 / worlds as f64, hits[1] as f64 / worlds as f64);
    Figures {
        method: Method::Sampled { worlds, seed: sampling.seed, error: confidence::error(count, worlds) },
        states: counts.states.iter().map(share).collect(),
        systems: counts.systems.iter().map(share).collect(),
        counts: Some((counts, worlds, count)),
    }
}

/// How many figures an answer holds: both ends of every state and system.
fn figure_count(cascade: &Cascade) -> usize {
    2 * (cascade.states.len() + cascade.systems().count())
}

/// Exact figures of both ends; sums of either are rounded on their own, so that equal ones may differ in the last place.
fn pairs(low: &[f64], high: &[f64]) -> Vec<Interval> {
    low.iter().zip(high).map(|(&low, &high)| Interval::new(low.min(high), high)).collect()
}

/// A figure, but no less than the value of a path: that much is certain, whatever the sample says.
fn at_least(figure: Interval, path: Interval) -> Interval {
    Interval::new(figure.low.max(path.low), figure.high.max(path.high))
}

impl Figures {
    fn confidence(&self, system: usize, probability: Interval, path: Interval) -> Interval {
        let Some((counts, worlds, count)) = &self.counts else { return probability };
        let (low, high) = (counts.systems[system][0], counts.systems[system][1]);
        let (low, _) = confidence::interval(low, *worlds, *count);
        let (_, high) = confidence::interval(high, *worlds, *count);
        Interval::new(low.max(path.low), high.max(path.high))
    }
}

impl Percolation {
    /// The listed systems that do not fail themselves, worst first; of equal figures the smaller id. Where gaps fail, all.
    pub fn worst_first(&self) -> Vec<&ProbableSystem> {
        let mut others: Vec<&ProbableSystem> = self.systems.iter().filter(|system| !self.is_origin(system.system)).collect();
        let key = |system: &ProbableSystem| Published::of(system.probability);
        others.sort_by(|left, right| {
            let (left_key, right_key) = (key(left), key(right));
            right_key.high.cmp(&left_key.high).then(right_key.low.cmp(&left_key.low)).then(left.system.cmp(&right.system))
        });
        others
    }

    /// Whether the system has a layer that fails by what is asked, and not by chance.
    pub fn is_origin(&self, system_ix: SystemIx) -> bool {
        matches!(self.failing, Failing::Target(_)) && holds(&self.origins, system_ix)
    }

    /// Where both ends of a system's probability truly lie, rounded outwards; where they are exact, there.
    pub fn confidence(&self, system: &ProbableSystem) -> Published<BasisPoints> {
        match self.method {
            Method::Exact { .. } => Published::of(system.confidence),
            Method::Sampled { .. } => Published::around(system.confidence),
        }
    }

    /// The states of a system that may be exposed, bottom to top.
    pub fn states_in(&self, system_ix: SystemIx) -> &[ProbableState] {
        let start = self.states.partition_point(|probable| probable.state.system() < system_ix);
        let end = self.states.partition_point(|probable| probable.state.system() <= system_ix);
        &self.states[start..end]
    }

    /// Computes the bounds of the worst systems, and then of those that fail themselves.
    fn bound(&mut self, graph: &ExposureGraph<'_>, cascade: &Cascade, seeds: &[(State, [f64; 2])]) {
        let mut order: Vec<SystemIx> = self.worst_first().iter().map(|system| system.system).collect();
        order.extend(self.systems.iter().map(|system| system.system).filter(|&system_ix| self.is_origin(system_ix)));
        order.truncate(bounds::most_bounded(cascade.arcs().len()));
        let bounds = bounds::bounds(cascade, graph, seeds, &order);
        for system in &mut self.systems {
            system.bounds = bounds.get(&system.system).copied();
        }
    }
}
