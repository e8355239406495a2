//! Attribution: what each gap does to the estate, and what of the risk is its share.

use crate::catalog::{BasisPoints, End, GapKind, Interval};
use crate::coverage::LayerCoverage;
use crate::estate::{PartyIx, SystemIx};
use crate::graph::{ExposureGraph, FlatGraph, State, TwoBest, solve_two_best};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

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
    /// Its Shapley value in the max-game over all gaps; all shares add up to the risk points.
    pub share: f64,
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
    let seeds: Vec<(State, f64, u32)> =
        graph.gap_seeds(End::High).into_iter().map(|(state, severity)| (state, severity, state.index() as u32)).collect();
    let best = solve_two_best(graph, &seeds, End::High);
    let mut marginals: BTreeMap<u32, f64> = BTreeMap::new();
    for system_ix in graph.estate.system_ixs() {
        let labels = graph
            .states_of(system_ix)
            .map(|state| best[state.index()])
            .fold(TwoBest::default(), |all, labels| all.with(labels.first.0, labels.first.1).with(labels.second.0, labels.second.1));
        let (exposure, gap) = labels.first;
        if exposure > labels.second.0 {
            *marginals.entry(gap).or_default() += criticality(graph, system_ix) * (exposure - labels.second.0);
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

/// Fills in the figures of every gap that need its own reach, and gives per (gap, system) what of the risk is the gap's.
///
/// Calls `progress` with the number of gaps done, from time to time.
///
/// # Complexity
/// Two searches per gap: quadratic in the estate.
///
/// # Source
/// Shapley value of the max-game: Littlechild and Owen, *A simple expression for the Shapley value in a special case*
/// (1973).
pub fn attribute(graph: &ExposureGraph<'_>, gaps: &mut [GapScore], threshold: BasisPoints, progress: &(dyn Fn(usize) + Sync)) -> Shares {
    let flat = FlatGraph::of(graph, End::High);
    // What rounds to the threshold is at least half a basis point below it; nothing less can count.
    let least = (f64::from(threshold.0) - 0.5).max(0.0) / 10_000.0 * 0.999_999;
    let reached = in_parallel(gaps.len(), progress, |gap_ix| {
        let gap = &gaps[gap_ix];
        let potential = flat.solve(&[(gap.state, 1.0)], least);
        let values = flat.solve(&[(gap.state, gap.severity.high)], 0.0);
        (blast(graph, gap.state, &potential, threshold), systems_reached(graph, &values))
    });
    let mut by_target: Vec<Vec<(f64, u32)>> = vec![Vec::new(); graph.estate.systems().len()];
    for (gap_ix, ((systems, weight), values)) in reached.into_iter().enumerate() {
        let mut downstream = 0.0;
        for (system_ix, value) in values {
            downstream += criticality(graph, system_ix) * value;
            by_target[system_ix.index()].push((value, gap_ix as u32));
        }
        gaps[gap_ix].reach = Some(GapReach { systems, criticality: weight, downstream, share: 0.0 });
    }
    let mut shares = Shares { by_target: Vec::with_capacity(by_target.len()) };
    for (system_ix, values) in graph.estate.system_ixs().zip(by_target) {
        let weight = criticality(graph, system_ix);
        let of_target: Vec<(u32, f64)> = shapley(values).into_iter().map(|(gap_ix, share)| (gap_ix, weight * share)).collect();
        for &(gap_ix, share) in &of_target {
            if let Some(reach) = &mut gaps[gap_ix as usize].reach {
                reach.share += share;
            }
        }
        shares.by_target.push(of_target);
    }
    shares
}

/// Per target system the shares of the gaps in its risk.
#[derive(Clone, Debug)]
pub struct Shares {
    by_target: Vec<Vec<(u32, f64)>>,
}

/// What each party generates and suffers, in order of parties, none last.
///
/// A gap's share goes to the party accountable for its layer, or to the one that the matrix expects where the claim
/// disagrees with it; of a split layer to the half that sets the minimum, in equal parts if both do. A system's risk is
/// suffered by its owner.
pub fn parties(graph: &ExposureGraph<'_>, gaps: &[GapScore], systems: &[super::SystemPosture], shares: Option<&Shares>) -> Vec<PartyScore> {
    let everyone: Vec<Option<PartyIx>> = (0..graph.estate.parties().len() as u32).map(|ix| Some(PartyIx(ix))).chain([None]).collect();
    let slot = |party: Option<PartyIx>| party.map_or(everyone.len() - 1, PartyIx::index);
    let mut flow = vec![vec![0.0; everyone.len()]; everyone.len()];
    let mut suffered = vec![Interval::ZERO; everyone.len()];
    for system in systems {
        let sum = &mut suffered[slot(graph.estate.system(system.system).owner)];
        *sum = Interval::new(sum.low + system.risk.low, sum.high + system.risk.high);
    }
    for (system_ix, of_target) in graph.estate.system_ixs().zip(shares.iter().flat_map(|shares| &shares.by_target)) {
        let suffering = slot(graph.estate.system(system_ix).owner);
        for &(gap_ix, share) in of_target {
            let state = gaps[gap_ix as usize].state;
            let answerable = graph.coverage.layer(state.system(), state.layer()).map(LayerCoverage::answerable).unwrap_or_default();
            for party in &answerable {
                flow[slot(*party)][suffering] += share / answerable.len() as f64;
            }
        }
    }
    everyone
        .iter()
        .zip(flow)
        .zip(suffered)
        .map(|((&party, row), suffered)| PartyScore {
            party,
            generated: shares.map(|_| row.iter().sum()),
            suffered,
            flow: if shares.is_some() { everyone.iter().copied().zip(row).collect() } else { Vec::new() },
        })
        .collect()
}

/// What is lost if each system fails wholly: `Σ criticality × exposure` over the other systems, in order of ids.
///
/// # Complexity
/// Two searches per system: quadratic in the estate.
pub fn impacts(graph: &ExposureGraph<'_>, progress: &(dyn Fn(usize) + Sync)) -> Vec<Interval> {
    let (low, high) = (FlatGraph::of(graph, End::Low), FlatGraph::of(graph, End::High));
    in_parallel(graph.estate.systems().len(), progress, |system_ix| {
        let system_ix = SystemIx(system_ix as u32);
        let seeds: Vec<(State, f64)> = graph.states_of(system_ix).map(|state| (state, 1.0)).collect();
        let lost = |flat: &FlatGraph, end: End| {
            systems_reached(graph, &flat.solve(&seeds, 0.0))
                .into_iter()
                .filter(|&(other, _)| other != system_ix)
                .map(|(other, value)| graph.policy.criticality(graph.estate.system(other).criticality).end(end) * value)
                .fold(0.0, |sum, part| sum + part)
        };
        Interval::new(lost(&low, End::Low), lost(&high, End::High))
    })
}

/// The Shapley value of every player of a max-game, zero values left out: equal parts of each rise, shared by those
/// who reach it. Gives (player, share) in ascending order of value, then player.
pub fn shapley(mut values: Vec<(f64, u32)>) -> Vec<(u32, f64)> {
    values.sort_by(|left, right| left.0.total_cmp(&right.0).then(left.1.cmp(&right.1)));
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

fn criticality(graph: &ExposureGraph<'_>, system_ix: SystemIx) -> f64 {
    graph.policy.criticality(graph.estate.system(system_ix).criticality).high
}

/// The largest value of each system's layers, where it is above 0, in order of ids.
fn systems_reached(graph: &ExposureGraph<'_>, values: &[f64]) -> Vec<(SystemIx, f64)> {
    graph
        .estate
        .system_ixs()
        .zip(values.chunks_exact(crate::catalog::Layer::COUNT))
        .map(|(system_ix, layers)| (system_ix, layers.iter().copied().fold(0.0, f64::max)))
        .filter(|&(_, value)| value > 0.0)
        .collect()
}

/// Count and criticality of the other systems that a total failure exposes at or above the threshold.
fn blast(graph: &ExposureGraph<'_>, origin: State, potential: &[f64], threshold: BasisPoints) -> (usize, f64) {
    systems_reached(graph, potential)
        .into_iter()
        .filter(|&(system_ix, value)| system_ix != origin.system() && BasisPoints::of(value) >= threshold)
        .fold((0, 0.0), |(count, weight), (system_ix, _)| (count + 1, weight + criticality(graph, system_ix)))
}

/// Runs `work` for every index on all processors; results come back in order of the indexes, so that the number of
/// threads changes nothing.
fn in_parallel<T: Send>(count: usize, progress: &(dyn Fn(usize) + Sync), work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(count.max(1));
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<(usize, T)>> = Mutex::new(Vec::with_capacity(count));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= count {
                        break;
                    }
                    let result = work(index);
                    if let Ok(mut results) = results.lock() {
                        results.push((index, result));
                    }
                    if index % 64 == 63 {
                        progress(index + 1);
                    }
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_default();
    results.sort_unstable_by_key(|&(index, _)| index);
    results.into_iter().map(|(_, result)| result).collect()
}
