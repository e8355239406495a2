//! Whether what an earlier run claims holds: paths, cuts and plans, checked on the model by other means than they were found.

use super::Target;
use super::attribution::criticality;
use super::fixes::{Applied, Candidate, Fix};
use crate::catalog::{BasisPoints, End, points};
use crate::estate::Cost;
use crate::graph::{Arc, ExposureGraph, Semiring, State, solve};
use std::collections::BTreeMap;

/// A path as it is claimed.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimedPath {
    /// Its states.
    pub states: Vec<State>,
    /// How each state but the first is entered: the connection's id, or none inside a system.
    pub via: Vec<Option<String>>,
}

/// Something that is claimed.
#[derive(Clone, Debug, PartialEq)]
pub enum Claim {
    /// A path from a failing state has this value, on the high end.
    Witness {
        /// The path.
        path: ClaimedPath,
        /// Its value.
        exposure: BasisPoints,
        /// Where it must start.
        starts: Option<Target>,
        /// Where it must end.
        ends: Option<Target>,
        /// How its value grows.
        semiring: Semiring,
    },
    /// A plan leaves this risk, costs this much, and no plan within its budget leaves less than the bound.
    Plan {
        /// The end of which the figures are.
        end: End,
        /// What may be spent.
        budget: u64,
        /// The fixes, with the costs claimed.
        fixes: Vec<Candidate>,
        /// Risk before and after.
        base: u64,
        /// Risk after.
        residual: u64,
        /// The bound.
        bound: u64,
        /// The kinds of fixes allowed, all of which there are.
        candidates: Vec<Candidate>,
        /// The paths behind the bound, with their weights; empty where a search stands behind it.
        certificate: Vec<(ClaimedPath, f64)>,
    },
    /// A set of fixes cuts every path of steps at or above a threshold into a target, and none costs less than the bound.
    Cut {
        /// The target.
        target: Target,
        /// The threshold.
        threshold: BasisPoints,
        /// The fixes.
        fixes: Vec<Candidate>,
        /// What they cost.
        cost: u64,
        /// The bound.
        bound: u64,
        /// The kinds of fixes allowed, all of which there are.
        candidates: Vec<Candidate>,
        /// Paths, and what each costs to cut.
        paths: Vec<(ClaimedPath, u64)>,
    },
}

/// What became of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Holds,
    /// It holds as far as it was checked; a search of all plans was not repeated.
    HoldsUnsearched,
    /// It does not.
    Fails(Flaw),
}

/// Why a claim does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// A step of a path is none of the model's.
    NoSuchStep {
        /// From.
        from: State,
        /// To.
        to: State,
    },
    /// A path starts or ends elsewhere.
    WrongEnd,
    /// A figure is another one.
    Figure {
        /// Which.
        what: &'static str,
        /// What is claimed.
        claimed: u64,
        /// What it is.
        found: u64,
    },
    /// A fix is none that the model allows, or costs another amount.
    NoSuchFix,
    /// More is spent than the budget.
    OverBudget,
    /// The target is still reached.
    StillReached,
    /// The paths share more of a fix than it costs, or weigh more than they are worth.
    UnsoundBound,
    /// A cheaper or better set of fixes was found.
    Better,
}

/// Sets of fixes up to which a search of all is repeated.
const MOST_SETS: usize = 5_000;

/// Checks a claim.
///
/// Paths are walked arc by arc, cuts tried with a walk from every gap, plans solved anew; nothing of the searches that
/// found them is used.
pub fn verify(graph: &ExposureGraph<'_>, claim: &Claim) -> Verdict {
    let checked = match claim {
        Claim::Witness { path, exposure, starts, ends, semiring } => {
            witness(graph, path, *exposure, [*starts, *ends], *semiring).map(|()| true)
        }
        Claim::Plan { end, budget, fixes, base, residual, bound, candidates, certificate } => {
            plan(graph, *end, (*budget, fixes), [*base, *residual, *bound], candidates, certificate)
        }
        Claim::Cut { target, threshold, fixes, cost, bound, candidates, paths } => {
            cut(graph, &target.states(graph), *threshold, fixes, [*cost, *bound], candidates, paths)
        }
    };
    match checked {
        Ok(true) => Verdict::Holds,
        Ok(false) => Verdict::HoldsUnsearched,
        Err(flaw) => Verdict::Fails(flaw),
    }
}

/// The arcs of a path: of several between two states over one connection that which lets most through.
fn arcs(graph: &ExposureGraph<'_>, path: &ClaimedPath, end: End) -> Result<Vec<Arc>, Flaw> {
    let steps = path.states.windows(2).zip(&path.via);
    steps
        .map(|(ends, via)| {
            let is_over =
                |arc: &Arc| arc.connection.map(|connection_ix| graph.estate.connection(connection_ix).id.as_str()) == via.as_deref();
            let fits = graph.arcs_from(ends[0]).filter(|arc| arc.to == ends[1] && is_over(arc));
            let factor = |arc: &Arc| graph.factor(arc, end).value;
            fits.max_by(|one, other| factor(one).total_cmp(&factor(other))).ok_or(Flaw::NoSuchStep { from: ends[0], to: ends[1] })
        })
        .collect()
}

fn witness(
    graph: &ExposureGraph<'_>,
    path: &ClaimedPath,
    exposure: BasisPoints,
    ends: [Option<Target>; 2],
    semiring: Semiring,
) -> Result<(), Flaw> {
    for (target, state) in ends.into_iter().zip([path.states.first(), path.states.last()]) {
        let lies_in = |target: Target| state.is_some_and(|state| target.states(graph).contains(state));
        if target.is_some_and(|target| !lies_in(target)) {
            return Err(Flaw::WrongEnd);
        }
    }
    let value = arcs(graph, path, End::High)?.iter().fold(1.0, |value, arc| semiring.extend(value, graph.factor(arc, End::High).value));
    same("exposure", u64::from(exposure.0), u64::from(BasisPoints::of(value).0))
}

fn same(what: &'static str, claimed: u64, found: u64) -> Result<(), Flaw> {
    if claimed == found { Ok(()) } else { Err(Flaw::Figure { what, claimed, found }) }
}

fn cost(fixes: &[Candidate]) -> u64 {
    fixes.iter().map(|candidate| u64::from(candidate.cost)).sum()
}

/// Whether every fix is one of the model's, at its price.
fn are_had(graph: &ExposureGraph<'_>, fixes: &[Candidate]) -> Result<(), Flaw> {
    let is_had = |candidate: &Candidate| candidate.fix.cost(graph) == Cost::Units(candidate.cost);
    if fixes.iter().all(is_had) { Ok(()) } else { Err(Flaw::NoSuchFix) }
}

/// The risk at one end after some fixes, summed over all systems.
fn residual(graph: &ExposureGraph<'_>, end: End, fixes: &[Candidate]) -> f64 {
    let applied = Applied::of(graph, fixes.iter().map(|candidate| candidate.fix));
    let edited = graph.with_edits(&applied.edits());
    let values = solve(&edited, &edited.gap_seeds(end), Semiring::Product, end);
    let risk = |system_ix| {
        let exposure = edited.states_of(system_ix).map(|state| values[state.index()]).fold(0.0, f64::max);
        criticality(graph, system_ix, end) * exposure
    };
    graph.estate.system_ixs().map(risk).fold(0.0, |sum, risk| sum + risk)
}

/// Every set of fixes within a budget; none if there are too many.
fn sets(candidates: &[Candidate], budget: u64) -> Option<Vec<Vec<Candidate>>> {
    let mut sets: Vec<Vec<Candidate>> = vec![Vec::new()];
    for candidate in candidates {
        for ix in 0..sets.len() {
            if cost(&sets[ix]) + u64::from(candidate.cost) <= budget {
                let with = [sets[ix].as_slice(), &[*candidate]].concat();
                sets.push(with);
            }
        }
        if sets.len() > MOST_SETS {
            return None;
        }
    }
    Some(sets)
}

fn plan(
    graph: &ExposureGraph<'_>,
    end: End,
    (budget, fixes): (u64, &[Candidate]),
    [base, left, bound]: [u64; 3],
    candidates: &[Candidate],
    certificate: &[(ClaimedPath, f64)],
) -> Result<bool, Flaw> {
    are_had(graph, fixes)?;
    if cost(fixes) > budget {
        return Err(Flaw::OverBudget);
    }
    same("base", base, points(residual(graph, end, &[])))?;
    same("residual", left, points(residual(graph, end, fixes)))?;
    if bound == 0 {
        return Ok(true);
    }
    if certificate.is_empty() {
        let Some(sets) = sets(candidates, budget) else { return Ok(false) };
        let is_better = sets.iter().any(|set| points(residual(graph, end, set)) < bound);
        return if is_better { Err(Flaw::Better) } else { Ok(true) };
    }
    // What costs more than the budget nobody buys, not even in part.
    let candidates: Vec<Candidate> = candidates.iter().copied().filter(|candidate| u64::from(candidate.cost) <= budget).collect();
    // Weights of one system, the worst path first: all from any one on are no more than that one is worth.
    let mut of_system: BTreeMap<u32, Vec<(f64, f64)>> = BTreeMap::new();
    let mut loads: BTreeMap<Candidate, f64> = BTreeMap::new();
    let mut sum = 0.0;
    for (path, weight) in certificate {
        let arcs = arcs(graph, path, end)?;
        let (Some(&start), Some(into)) = (path.states.first(), path.states.last()) else { return Err(Flaw::WrongEnd) };
        let criticality = criticality(graph, into.system(), end);
        let along =
            |graph: &ExposureGraph<'_>| arcs.iter().fold(graph.severity(start, end), |value, arc| value * graph.factor(arc, end).value);
        let value = along(graph);
        of_system.entry(into.system().0).or_default().push((criticality * value, *weight));
        sum += weight;
        for candidate in candidates.iter().filter(|candidate| touches(candidate.fix, start, &arcs)) {
            let applied = Applied::of(graph, [candidate.fix]);
            let share = 1.0 - along(&graph.with_edits(&applied.edits())) / value;
            if share > 0.0 {
                *loads.entry(*candidate).or_default() += weight * share;
            }
        }
    }
    for paths in of_system.values_mut() {
        paths.sort_by(|one, other| other.0.total_cmp(&one.0));
        let mut rest = 0.0;
        for (value, weight) in paths.iter().rev() {
            rest += weight;
            if rest > value + 1e-6 {
                return Err(Flaw::UnsoundBound);
            }
        }
    }
    let mut rates: Vec<(f64, f64)> =
        loads.iter().map(|(candidate, load)| (load / f64::from(candidate.cost), f64::from(candidate.cost))).collect();
    rates.sort_by(|one, other| other.0.total_cmp(&one.0));
    let mut budget = budget as f64;
    let mut taken = 0.0;
    for (rate, cost) in rates {
        let part = budget.min(cost).max(0.0);
        taken += rate * part;
        budget -= part;
    }
    // Weights were rounded down, each by less than a billionth.
    let proved = sum - taken + 1e-9 * certificate.len() as f64 + 1e-6;
    if bound as f64 / 10_000.0 <= proved + 0.5e-4 { Ok(true) } else { Err(Flaw::UnsoundBound) }
}

/// Whether a fix can change the value of a path at all.
fn touches(fix: Fix, start: State, arcs: &[Arc]) -> bool {
    match fix {
        Fix::Close(state) | Fix::Own(state) => {
            state == start || arcs.iter().any(|arc| arc.to == state || (arc.connection.is_some() && arc.from.system() == state.system()))
        }
        Fix::Control(connection_ix, _) | Fix::Remove(connection_ix) => arcs.iter().any(|arc| arc.connection == Some(connection_ix)),
    }
}

/// What one fix alone makes of gaps and arcs.
struct Alone<'g> {
    fix: Fix,
    after: ExposureGraph<'g>,
}

impl Alone<'_> {
    fn cuts_gap(&self, state: State, counts: impl Fn(f64) -> bool) -> bool {
        matches!(self.fix, Fix::Close(of) | Fix::Own(of) if of == state) && !counts(self.after.severity(state, End::High))
    }

    fn cuts_arc(&self, arc: &Arc, counts: impl Fn(f64) -> bool) -> bool {
        match self.fix {
            Fix::Remove(connection_ix) => arc.connection == Some(connection_ix),
            Fix::Control(connection_ix, _) => arc.connection == Some(connection_ix) && !counts(self.after.factor(arc, End::High).value),
            Fix::Close(state) | Fix::Own(state) => arc.to == state && !counts(self.after.factor(arc, End::High).value),
        }
    }
}

fn cut(
    graph: &ExposureGraph<'_>,
    goals: &[State],
    threshold: BasisPoints,
    fixes: &[Candidate],
    [claimed, bound]: [u64; 2],
    candidates: &[Candidate],
    paths: &[(ClaimedPath, u64)],
) -> Result<bool, Flaw> {
    let counts = |value: f64| value > 0.0 && BasisPoints::of(value) >= threshold;
    are_had(graph, fixes)?;
    same("cost", claimed, cost(fixes))?;
    let alone = |candidate: &Candidate| {
        let applied = Applied::of(graph, [candidate.fix]);
        Alone { fix: candidate.fix, after: graph.with_edits(&applied.edits()) }
    };
    let done: Vec<Alone<'_>> = fixes.iter().map(alone).collect();
    let mut is_reached = vec![false; graph.state_bound()];
    let is_gap = |state: &State| counts(graph.severity(*state, End::High)) && !done.iter().any(|fix| fix.cuts_gap(*state, counts));
    let mut open: Vec<State> = graph.states().filter(is_gap).collect();
    while let Some(state) = open.pop() {
        if std::mem::replace(&mut is_reached[state.index()], true) {
            continue;
        }
        let holds = |arc: &Arc| counts(graph.factor(arc, End::High).value) && !done.iter().any(|fix| fix.cuts_arc(arc, counts));
        open.extend(graph.arcs_from(state).filter(holds).map(|arc| arc.to));
    }
    if goals.iter().any(|goal| is_reached[goal.index()]) {
        return Err(Flaw::StillReached);
    }
    // Every path has to be cut: what a fix does for all of them together is no more than it costs.
    let mut shared: BTreeMap<Candidate, u64> = BTreeMap::new();
    for (path, units) in paths {
        let arcs = arcs(graph, path, End::High)?;
        let (Some(&start), Some(end)) = (path.states.first(), path.states.last()) else { return Err(Flaw::WrongEnd) };
        if !goals.contains(end)
            || !counts(graph.severity(start, End::High))
            || !arcs.iter().all(|arc| counts(graph.factor(arc, End::High).value))
        {
            return Err(Flaw::WrongEnd);
        }
        for candidate in candidates.iter().filter(|candidate| touches(candidate.fix, start, &arcs)) {
            let fix = alone(candidate);
            if fix.cuts_gap(start, counts) || arcs.iter().any(|arc| fix.cuts_arc(arc, counts)) {
                *shared.entry(*candidate).or_default() += units;
            }
        }
    }
    if shared.iter().any(|(candidate, units)| *units > u64::from(candidate.cost)) {
        return Err(Flaw::UnsoundBound);
    }
    let proved: u64 = paths.iter().map(|(_, units)| units).sum();
    Ok(proved >= bound)
}
