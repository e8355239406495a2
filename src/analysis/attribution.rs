//! Attribution: what each gap does to the estate, and what of the risk is its share.

use crate::catalog::{BasisPoints, End, GapKind, Interval, points};
use crate::coverage::LayerCoverage;
use crate::engine::{Engine, Search};
use crate::estate::{PartyIx, SystemIx};
use crate::graph::{ExposureGraph, FlatGraph, LANES, LaneSearch, Semiring, State, TwoBest};
use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{self, AtomicUsize};

/// A gap and what removing it alone would bring.
#[derive(Clone, Debug, PartialEq)]
pub struct GapScore {
    /// Where it is.
    pub state: State,
    /// Why it is a gap.
    pub kind: GapKind,
    /// Its severity.
    pub severity: Interval,
    /// `Σ criticality × (exposure − exposure without it)`, on the high end.
    pub marginal: f64,
    /// The figures that need the gap's own reach.
    pub reach: Option<GapReach>,
}

/// The figures that need a gap's own reach, on the high end.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct GapReach {
    /// How many other systems its total failure would expose at or above the threshold.
    pub systems: usize,
    /// The sum of their criticalities.
    pub criticality: f64,
    /// `Σ criticality × best path value from it`, its own system included.
    pub downstream: f64,
    /// Its Shapley value in the max-game over all gaps; all shares add up to the risk points. None where not all gaps were looked
    /// at.
    pub share: Option<f64>,
}

impl GapScore {
    /// The order in which gaps are told: by share where there is one, by marginal, by severity, then the smaller state.
    pub fn worse_first(&self, other: &Self) -> Ordering {
        let share = |gap: &Self| gap.reach.and_then(|reach| reach.share).map(points);
        let rank = |gap: &Self| (share(gap), points(gap.marginal), BasisPoints::of(gap.severity.high));
        rank(other).cmp(&rank(self)).then(self.state.cmp(&other.state))
    }
}

/// Risk that a party's gaps generate and that its systems suffer.
#[derive(Clone, Debug, PartialEq)]
pub struct PartyScore {
    /// The party; none for gaps and systems that nobody answers for.
    pub party: Option<PartyIx>,
    /// The sum of its gaps' shares.
    pub generated: Option<f64>,
    /// The sum of its systems' risks, by their owners.
    pub suffered: Interval,
    /// What its gaps contribute to the risk of each party's systems, in order of parties, none last.
    pub flow: Vec<(Option<PartyIx>, f64)>,
}

/// Every gap with its marginal, in order of (system id, layer).
///
/// # Complexity
/// One two-best search: *O*((V + E) log V).
///
/// # Source
/// Specification, section 6.
pub fn gap_scores(graph: &ExposureGraph<'_>) -> Vec<GapScore> {
    gap_scores_by(graph, &Engine::new(graph))
}

/// As [`gap_scores`], with the graph packed already.
pub(super) fn gap_scores_by(graph: &ExposureGraph<'_>, engine: &Engine) -> Vec<GapScore> {
    let seeds: Vec<(State, f64, u32)> =
        graph.gap_seeds(End::High).into_iter().map(|(state, severity)| (state, severity, state.index() as u32)).collect();
    // By system first, as sums run in the order of systems.
    let mut best = vec![TwoBest::default(); graph.estate.systems().len()];
    engine.solve_two_best(&seeds, End::High, |system_ix, labels| {
        best[system_ix.index()] = labels
            .iter()
            .fold(TwoBest::default(), |all, labels| all.with(labels.values[0], labels.groups[0]).with(labels.values[1], labels.groups[1]));
    });
    let mut marginals: HashMap<u32, f64, foldhash::fast::FixedState> = HashMap::default();
    for (system_ix, labels) in graph.estate.system_ixs().zip(best) {
        let [exposure, without] = labels.values;
        if exposure > without {
            *marginals.entry(labels.groups[0]).or_default() += criticality(graph, system_ix, End::High) * (exposure - without);
        }
    }
    graph
        .coverage
        .gaps()
        .map(|(system_ix, layer, kind, coverage)| {
            let state = State::new(system_ix, layer);
            let marginal = marginals.get(&(state.index() as u32)).copied().unwrap_or(0.0);
            GapScore { state, kind, severity: coverage.severity, marginal, reach: None }
        })
        .collect()
}

/// Fills in the figures of every gap that need its own reach, and gives what each party's gaps contribute to the risk of
/// each party's systems.
///
/// Calls `progress` with the number of systems whose gaps are done, from time to time.
///
/// # Complexity
/// Two searches per gap, all gaps of a system together: quadratic in the estate. In memory one value for every system
/// that a gap reaches.
///
/// # Source
/// Shapley value of the max-game: Littlechild and Owen, *A simple expression for the Shapley value in a special case*
/// (1973).
pub fn attribute(graph: &ExposureGraph<'_>, gaps: &mut [GapScore], threshold: BasisPoints, progress: &(dyn Fn(usize) + Sync)) -> Shares {
    let flat = FlatGraph::of(graph, End::High);
    let of_systems: Vec<&[GapScore]> = gaps.chunk_by(|left, right| left.state.system() == right.state.system()).collect();
    let reaches = in_parallel(
        of_systems.len(),
        progress,
        || LaneSearch::new(&flat),
        |search, ix| Reach::of(graph, search, of_systems[ix], threshold),
    );
    let firsts: Vec<usize> = of_systems
        .iter()
        .scan(0, |next, gaps| {
            let first = *next;
            *next += gaps.len();
            Some(first)
        })
        .collect();
    for (gap, figures) in gaps.iter_mut().zip(reaches.iter().flat_map(|reach| &reach.figures)) {
        gap.reach = Some(*figures);
    }
    let gap_count = gaps.len();
    let parties = graph.estate.parties().len();
    let slot = |party: Option<PartyIx>| party.map_or(parties, PartyIx::index);
    let answerable: Vec<Vec<usize>> = gaps
        .iter()
        .map(|gap| {
            let coverage = graph.coverage.layer(gap.state.system(), gap.state.layer());
            coverage.as_ref().map(LayerCoverage::answerable).unwrap_or_default().into_iter().map(slot).collect()
        })
        .collect();
    let mut shares = Shares { flow: vec![vec![0.0; parties + 1]; parties + 1] };
    // Not all targets at once: the shares of all gaps in all systems would be as many values again.
    let targets: Vec<SystemIx> = graph.estate.system_ixs().collect();
    for targets in targets.chunks(64) {
        let of_targets = in_parallel(
            targets.len(),
            &|_| {},
            || (),
            |(), ix| {
                let mut values = Vec::with_capacity(gap_count);
                for (reach, &first) in reaches.iter().zip(&firsts) {
                    values.extend(reach.into(targets[ix], first));
                }
                shapley(values)
            },
        );
        for (&target, of_target) in targets.iter().zip(of_targets) {
            let (weight, suffering) = (criticality(graph, target, End::High), slot(graph.estate.owner(target)));
            for (gap_ix, share) in of_target {
                let share = weight * share;
                if let Some(reach) = &mut gaps[gap_ix as usize].reach {
                    *reach.share.get_or_insert(0.0) += share;
                }
                let answerable = &answerable[gap_ix as usize];
                for &generating in answerable {
                    shares.flow[generating][suffering] += share / answerable.len() as f64;
                }
            }
        }
    }
    shares
}

/// What the gaps of one system reach.
struct Reach {
    /// Per gap, without its share.
    figures: Vec<GapReach>,
    /// The systems that any of them reaches, in order of ids.
    systems: Vec<SystemIx>,
    /// Per system, for each of the gaps in turn, the value of the best path from it, with its severity.
    values: Vec<f64>,
}

impl Reach {
    fn of(graph: &ExposureGraph<'_>, search: &mut LaneSearch<'_>, gaps: &[GapScore], threshold: BasisPoints) -> Self {
        let mut figures = vec![GapReach { systems: 0, criticality: 0.0, downstream: 0.0, share: Some(0.0) }; gaps.len()];
        let weight = |system_ix: SystemIx| criticality(graph, system_ix, End::High);
        let is_certain = gaps.iter().all(|gap| gap.severity.high == 1.0);
        let seeds = |severity: fn(&GapScore) -> f64| gaps.iter().enumerate().map(move |(lane, gap)| (gap.state, lane, severity(gap)));
        let reached = search.solve(seeds(|gap| gap.severity.high), 0.0);
        // Of gaps of severity 1 a total failure is nothing new.
        let failed = if is_certain { None } else { Some(search.solve(seeds(|_| 1.0), threshold.least())) };
        for &(system_ix, values) in failed.as_ref().unwrap_or(&reached) {
            for ((figures, gap), value) in figures.iter_mut().zip(gaps).zip(values) {
                if system_ix != gap.state.system() && value > 0.0 && BasisPoints::of(value) >= threshold {
                    figures.systems += 1;
                    figures.criticality += weight(system_ix);
                }
            }
        }
        let mut values = Vec::with_capacity(reached.len() * gaps.len());
        for (system_ix, of_system) in &reached {
            for (figures, value) in figures.iter_mut().zip(of_system) {
                figures.downstream += weight(*system_ix) * value;
                values.push(*value);
            }
        }
        Self { figures, systems: reached.into_iter().map(|(system_ix, _)| system_ix).collect(), values }
    }

    /// The values of the gaps that reach a system, with the gaps' numbers; the first of them has number `first`.
    fn into(&self, target: SystemIx, first: usize) -> impl Iterator<Item = (f64, u32)> + '_ {
        let gaps = self.figures.len();
        let values = match self.systems.binary_search(&target) {
            Ok(at) => &self.values[at * gaps..(at + 1) * gaps],
            Err(_) => &[],
        };
        values.iter().enumerate().filter(|(_, value)| **value > 0.0).map(move |(gap, &value)| (value, (first + gap) as u32))
    }
}

/// What the gaps of each party contribute to the risk of each party's systems, nobody's last.
#[derive(Clone, Debug)]
pub struct Shares {
    flow: Vec<Vec<f64>>,
}

/// What each party generates and suffers, in order of parties, none last.
///
/// A gap's share goes to the party accountable for its layer, or to the one that the matrix expects where the claim
/// disagrees with it; of a split layer to the half that sets the minimum, in equal parts if both do. A system's risk is
/// suffered by its owner.
pub fn parties(graph: &ExposureGraph<'_>, systems: &[super::SystemPosture], shares: Option<&Shares>) -> Vec<PartyScore> {
    let everyone: Vec<Option<PartyIx>> = (0..graph.estate.parties().len() as u32).map(|ix| Some(PartyIx(ix))).chain([None]).collect();
    let slot = |party: Option<PartyIx>| party.map_or(everyone.len() - 1, PartyIx::index);
    let mut suffered = vec![Interval::ZERO; everyone.len()];
    for system in systems {
        let sum = &mut suffered[slot(graph.estate.owner(system.system))];
        *sum = Interval::new(sum.low + system.risk.low, sum.high + system.risk.high);
    }
    everyone
        .iter()
        .zip(suffered)
        .enumerate()
        .map(|(ix, (&party, suffered))| {
            let row = shares.map(|shares| &shares.flow[ix]);
            PartyScore {
                party,
                generated: row.map(|row| row.iter().sum()),
                suffered,
                flow: row.map(|row| everyone.iter().copied().zip(row.iter().copied()).collect()).unwrap_or_default(),
            }
        })
        .collect()
}

/// What is lost if each system fails wholly: `Σ criticality × exposure` over the other systems, in order of ids.
///
/// # Complexity
/// Two searches per system, several together: quadratic in the estate.
pub fn impacts(graph: &ExposureGraph<'_>, progress: &(dyn Fn(usize) + Sync)) -> Vec<Interval> {
    let (low, high) = (FlatGraph::of(graph, End::Low), FlatGraph::of(graph, End::High));
    let systems: Vec<SystemIx> = graph.estate.system_ixs().collect();
    let together: Vec<&[SystemIx]> = systems.chunks(LANES).collect();
    let lost = in_parallel(
        together.len(),
        &|done| progress(done * LANES),
        || (LaneSearch::new(&low), LaneSearch::new(&high)),
        |(low, high), ix| {
            let lost = |search: &mut LaneSearch<'_>, end: End| {
                let failing = together[ix].iter().enumerate();
                let seeds = failing.flat_map(|(lane, &system_ix)| graph.states_of(system_ix).map(move |state| (state, lane, 1.0)));
                let mut lost = [0.0; LANES];
                for (other, values) in search.solve(seeds, 0.0) {
                    let weight = criticality(graph, other, end);
                    for ((lost, value), &failing) in lost.iter_mut().zip(values).zip(together[ix]) {
                        if other != failing {
                            *lost += weight * value;
                        }
                    }
                }
                lost
            };
            let (low, high) = (lost(low, End::Low), lost(high, End::High));
            low.into_iter().zip(high).take(together[ix].len()).map(|(low, high)| Interval::new(low, high)).collect::<Vec<_>>()
        },
    );
    lost.into_iter().flatten().collect()
}

/// The figures of single gaps, without their shares, in the order given; the same as [`attribute`] finds.
///
/// # Complexity
/// Two searches per gap.
pub(super) fn reaches(
    graph: &ExposureGraph<'_>,
    engine: &Engine,
    gaps: &[&mut GapScore],
    threshold: BasisPoints,
    progress: &(dyn Fn(usize) + Sync),
) -> Vec<GapReach> {
    let find = |search: &mut Search<'_>, gap: &GapScore| {
        let mut reach = GapReach { systems: 0, criticality: 0.0, downstream: 0.0, share: None };
        search.solve(&[(gap.state, gap.severity.high)], Semiring::Product, End::High);
        for system_ix in graph.estate.system_ixs() {
            reach.downstream += criticality(graph, system_ix, End::High) * search.greatest(system_ix);
        }
        search.solve_above(&[(gap.state, 1.0)], Semiring::Product, End::High, threshold.least());
        for system_ix in graph.estate.system_ixs() {
            let (value, weight) = (search.greatest(system_ix), criticality(graph, system_ix, End::High));
            if system_ix != gap.state.system() && value > 0.0 && BasisPoints::of(value) >= threshold {
                reach.systems += 1;
                reach.criticality += weight;
            }
        }
        reach
    };
    in_parallel(gaps.len(), progress, || Search::new(engine), |search, ix| find(search, gaps[ix]))
}

/// What is lost if each of some systems fails wholly; the same as [`impacts`] finds.
///
/// # Complexity
/// Two searches per system.
pub(super) fn impacts_of(
    graph: &ExposureGraph<'_>,
    engine: &Engine,
    systems: &[SystemIx],
    progress: &(dyn Fn(usize) + Sync),
) -> Vec<Interval> {
    let lost = |search: &mut Search<'_>, failing: SystemIx, end: End| {
        let seeds: Vec<(State, f64)> = graph.states_of(failing).map(|state| (state, 1.0)).collect();
        search.solve(&seeds, Semiring::Product, end);
        let others = graph.estate.system_ixs().filter(|system_ix| *system_ix != failing);
        others.fold(0.0, |lost, system_ix| lost + criticality(graph, system_ix, end) * search.greatest(system_ix))
    };
    in_parallel(
        systems.len(),
        progress,
        || Search::new(engine),
        |search, ix| Interval::new(lost(search, systems[ix], End::Low), lost(search, systems[ix], End::High)),
    )
}

/// The Shapley value of every player of a max-game, zero values left out: equal parts of each rise, shared by those
/// who reach it. Gives (player, share) in ascending order of value, then player.
pub fn shapley(mut values: Vec<(f64, u32)>) -> Vec<(u32, f64)> {
    values.sort_unstable_by(|left, right| left.0.total_cmp(&right.0).then(left.1.cmp(&right.1)));
    let count = values.len();
    let (mut below, mut share) = (0.0, 0.0);
    values
        .into_iter()
        .enumerate()
        .map(|(rank, (value, player))| {
            share += (value - below) / (count - rank) as f64;
            below = value;
            (player, share)
        })
        .collect()
}

/// What a system weighs, at one end.
pub(super) fn criticality(graph: &ExposureGraph<'_>, system_ix: SystemIx, end: End) -> f64 {
    graph.policy.criticality(graph.estate.criticality(system_ix)).end(end)
}

/// Runs `work` for every index on all processors, each with its own tools; results come back in order of the indexes,
/// so that the number of threads changes nothing.
pub(super) fn in_parallel<S, T: Send>(
    count: usize,
    progress: &(dyn Fn(usize) + Sync),
    tools: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, usize) -> T + Sync,
) -> Vec<T> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(count.max(1));
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<(usize, T)>> = Mutex::new(Vec::with_capacity(count));
    std::thread::scope(|scope| {
        let run = || {
            scope.spawn(|| {
                let mut tools = tools();
                loop {
                    let index = next.fetch_add(1, atomic::Ordering::Relaxed);
                    if index >= count {
                        break;
                    }
                    let result = work(&mut tools, index);
                    if let Ok(mut results) = results.lock() {
                        results.push((index, result));
                    }
                    if index % 64 == 63 || count < 1_000 {
                        progress(index + 1);
                    }
                }
            })
        };
        let running: Vec<_> = (0..threads).map(|_| run()).collect();
        for thread in running {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        }
    });
    let mut results = results.into_inner().unwrap_or_default();
    results.sort_unstable_by_key(|&(index, _)| index);
    results.into_iter().map(|(_, result)| result).collect()
}
