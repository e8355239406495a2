//! The fixes within a budget that leave the least risk, and how near to the best they are.
//!
//! Closing gaps has supermodular benefit: two gaps can each be worth nothing alone and everything together, so that a
//! greedy choice has no guarantee. The plan therefore carries a bound: no plan within the budget leaves less.

use super::Watch;
use super::bound::{Row, Weighed, settle};
use super::candidate::{Candidate, Fix};
use super::survey::{Path, Shop, Survey};
use crate::analysis::posture::score_of;
use crate::analysis::retrial::{Retrial, Retried, witness};
use crate::catalog::{BasisPoints, End, Layer};
use crate::estate::SystemIx;
use crate::graph::ExposureGraph;
use std::collections::{BTreeMap, BTreeSet};

/// A plan within a budget.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The end of which all figures are: on the low end only what is known to be open counts.
    pub end: End,
    /// What may be spent.
    pub budget: u64,
    /// What is spent.
    pub cost: u64,
    /// The fixes, in the order in which to do them.
    pub steps: Vec<Step>,
    /// Risk, the sum over all systems: before, and after all steps.
    pub base: f64,
    /// The part of it that is known: what would be there if every unknown turned out well.
    pub known: f64,
    /// What is left after all steps.
    pub residual: f64,
    /// No plan within the budget leaves less than this.
    pub bound: f64,
    /// The posture, before and after.
    pub posture: [u8; 2],
    /// How far the plan is known to be the best.
    pub proof: Proof,
    /// The paths behind the bound, where no search of all plans stands behind it.
    pub certificate: Vec<Weighed>,
    /// How many fixes there were to choose from.
    pub candidates: usize,
    /// Whether the search was ended before its time.
    pub is_interrupted: bool,
}

/// A fix of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What is done.
    pub fix: Fix,
    /// What that costs.
    pub cost: u32,
    /// The risk that is left once this and all before it are done.
    pub residual: f64,
}

/// How far a plan is known to be the best.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// All other plans were looked at, or shown to leave no less.
    Search,
    /// The bound is what the plan leaves.
    Bound,
    /// Nobody knows; the bound says how much better another plan could be.
    Open,
}

impl Proof {
    /// Whether no plan within the budget is better.
    pub const fn is_optimal(self) -> bool {
        !matches!(self, Self::Open)
    }
}

/// Rounds in which fixes are chosen, and the paths looked for that they leave.
const ROUNDS: usize = 24;

/// Fixes that are tried in the place of each one of a plan.
const MOST_SWAPS: usize = 24;

/// What two values of the same sum may differ by without being two.
const SAME: f64 = 1e-9;

/// Trials of a search of all plans: fewer where each is dearer, and none where they would not come far.
fn most_trials(systems: usize, candidates: usize) -> usize {
    let trials = (20_000_000 / (systems * Layer::COUNT + candidates * 20 + 1)).min(200_000);
    if trials < 20 * candidates { 0 } else { trials }
}

/// Rounds, fewer where an estate takes long to solve.
fn rounds(systems: usize) -> usize {
    (30_000 / systems.max(1)).clamp(4, ROUNDS)
}

/// Returns the best plan found within a budget, for the risk at one end.
///
/// Every figure is of an estate solved after the fixes, with all factors as they then are.
///
/// # Complexity
/// Some forty searches of the estate, a hundred trials for every fix of the plan, and where it is small enough a branch
/// and bound over all plans.
///
/// # Source
/// Specification, section 8. Hardness: the gap-only case is the weighted minimum k-union of Chlamtáč, Dinitz and
/// Makarychev, *Minimizing the union* (2017).
pub fn plan<'g>(graph: &'g ExposureGraph<'g>, candidates: Vec<Candidate>, budget: u64, end: End, watch: Watch<'_>) -> Plan {
    let affordable = candidates.into_iter().filter(|candidate| u64::from(candidate.cost) <= budget).collect();
    let shop = Shop::new(graph, affordable, end);
    let witness = witness(graph, end);
    let retrial = Retrial::new(graph, &witness);
    let base = retrial.unedited();
    let residual = base.risk;
    let known_risk = if end == End::Low { residual } else { Shop::new(graph, Vec::new(), End::Low).survey(&[]).residual };
    Search {
        shop: &shop,
        budget,
        watch,
        retrial,
        base,
        known_risk,
        paths: BTreeMap::new(),
        known: BTreeSet::new(),
        best: Vec::new(),
        residual,
        trials: 0,
    }
    .run()
}

struct Search<'s, 'g, 'w, 'a> {
    shop: &'s Shop<'g>,
    budget: u64,
    watch: Watch<'a>,
    retrial: Retrial<'w>,
    /// The estate without fixes.
    base: Retried,
    /// Its risk on the low end.
    known_risk: f64,
    /// The paths found into every system, with what a bound needs of them; the worst first.
    paths: BTreeMap<SystemIx, Vec<(Path, Row)>>,
    known: BTreeSet<Path>,
    best: Vec<usize>,
    residual: f64,
    trials: usize,
}

impl Search<'_, '_, '_, '_> {
    fn run(mut self) -> Plan {
        let first = self.shop.survey(&[]);
        let loads = first.loads.clone();
        let mut held = BTreeMap::new();
        let (mut bound, mut certificate) = (0.0, Vec::new());
        self.greedy(first);
        let rounds = rounds(self.shop.weights.len());
        for round in 0..rounds {
            (self.watch.progress)(round, rounds + 1);
            let rows: Vec<Vec<Row>> = self.paths.values().map(|paths| paths.iter().map(|(_, row)| row.clone()).collect()).collect();
            let size: usize = rows.iter().flatten().map(|row| 1 + row.hits.len()).sum();
            let settled = settle(&rows, &self.shop.costs(), self.budget, (20_000_000 / size.max(1)).clamp(30, 400));
            // A little less than the players' own figure: sums are rounded.
            if settled.bound - SAME * self.base.risk > bound {
                bound = settled.bound - SAME * self.base.risk;
                certificate = self.certificate(&settled.weights);
            }
            held = settled.held;
            if self.is_proved(bound) || (self.watch.is_stopped)() {
                break;
            }
            let proposed = self.bought(&held);
            let is_new = self.look(&proposed);
            if !is_new && round > 0 {
                break;
            }
        }
        self.swap(&held);
        let mut proof = if self.is_proved(bound) { Proof::Bound } else { Proof::Open };
        if proof == Proof::Open && self.search_all(&held, &loads) {
            proof = Proof::Search;
        }
        if proof.is_optimal() {
            bound = self.residual;
        }
        self.prune();
        let posture = [self.base.largest, self.tried(&self.best.clone()).largest].map(|risk| score_of(BasisPoints::of(risk)));
        let steps = self.steps();
        if proof == Proof::Search {
            certificate.clear();
        }
        Plan {
            end: self.shop.end,
            budget: self.budget,
            cost: steps.iter().map(|step| u64::from(step.cost)).sum(),
            base: self.base.risk,
            known: self.known_risk,
            residual: self.residual,
            bound: bound.clamp(0.0, self.residual),
            posture,
            proof,
            certificate,
            candidates: self.shop.candidates.len(),
            is_interrupted: (self.watch.is_stopped)(),
            steps,
        }
    }

    /// The estate after some fixes.
    fn tried(&mut self, chosen: &[usize]) -> Retried {
        self.retrial.with(&self.shop.applied(chosen).edits())
    }

    fn is_proved(&self, bound: f64) -> bool {
        bound >= self.residual - 3.0 * SAME * self.base.risk
    }

    fn cost(&self, chosen: &[usize]) -> u64 {
        chosen.iter().map(|&ix| u64::from(self.shop.candidates[ix].cost)).sum()
    }

    /// Keeps a plan if it leaves less than the best so far.
    fn keep(&mut self, chosen: &[usize], residual: f64) -> bool {
        let is_better = residual < self.residual;
        if is_better {
            self.residual = residual;
            self.best = chosen.to_vec();
            self.best.sort_unstable();
        }
        is_better
    }

    /// Remembers the paths of a survey; says whether one was new.
    fn learn(&mut self, survey: Survey) -> bool {
        let mut is_new = false;
        for (system_ix, path) in survey.paths {
            if self.known.insert(path.clone()) {
                is_new = true;
                let row = self.shop.row(system_ix, &path);
                let paths = self.paths.entry(system_ix).or_default();
                let at = paths.partition_point(|(_, known)| known.value >= row.value);
                paths.insert(at, (path, row));
            }
        }
        is_new
    }

    /// Solves the estate under a plan, keeps it if it is better, and learns the paths that it leaves.
    fn look(&mut self, chosen: &[usize]) -> bool {
        let survey = self.shop.survey(chosen);
        self.keep(chosen, survey.residual);
        self.learn(survey)
    }

    /// Takes the fix that lies on most of what is left for its cost, again and again.
    fn greedy(&mut self, first: Survey) {
        let mut survey = first;
        let mut chosen: Vec<usize> = Vec::new();
        loop {
            let left = self.budget - self.cost(&chosen);
            let rate = |&ix: &usize, load: f64| load / f64::from(self.shop.candidates[ix].cost);
            let free = survey.loads.iter().filter(|(ix, _)| !chosen.contains(ix) && u64::from(self.shop.candidates[**ix].cost) <= left);
            let mut order: Vec<(f64, usize)> = free.map(|(ix, &load)| (rate(ix, load), *ix)).collect();
            order.sort_unstable_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
            self.learn(survey);
            // Of a large budget several at once, or the surveys would take longer than all the rest.
            let together = 1 + (self.budget / 32) as usize;
            let mut left = left;
            let before = chosen.len();
            for (_, ix) in order.into_iter().take(together) {
                let cost = u64::from(self.shop.candidates[ix].cost);
                if cost <= left {
                    left -= cost;
                    chosen.push(ix);
                }
            }
            if chosen.len() == before || (self.watch.is_stopped)() {
                return;
            }
            survey = self.shop.survey(&chosen);
            self.keep(&chosen, survey.residual);
        }
    }

    /// A plan of what the buyer holds most of.
    fn bought(&self, held: &BTreeMap<usize, f64>) -> Vec<usize> {
        let mut order: Vec<(f64, usize)> = held.iter().map(|(&ix, &share)| (share, ix)).collect();
        order.sort_unstable_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
        let mut left = self.budget;
        let mut chosen = Vec::new();
        for (_, ix) in order {
            let cost = u64::from(self.shop.candidates[ix].cost);
            if cost <= left {
                left -= cost;
                chosen.push(ix);
            }
        }
        chosen
    }

    /// The candidates that are worth a trial, those first that the buyer holds most of, then those on most of the risk.
    fn ranked(&self, held: &BTreeMap<usize, f64>, loads: &BTreeMap<usize, f64>) -> Vec<usize> {
        let rank = |ix: usize| {
            let cost = f64::from(self.shop.candidates[ix].cost);
            (held.get(&ix).copied().unwrap_or_default() / cost, loads.get(&ix).copied().unwrap_or_default() / cost)
        };
        let mut order: Vec<usize> = (0..self.shop.candidates.len()).collect();
        order.sort_by(|&one, &other| {
            let (one_rank, other_rank) = (rank(one), rank(other));
            other_rank.0.total_cmp(&one_rank.0).then(other_rank.1.total_cmp(&one_rank.1)).then(one.cmp(&other))
        });
        order
    }

    /// Puts other fixes in the place of single ones, and adds what fits, while that leaves less.
    fn swap(&mut self, held: &BTreeMap<usize, f64>) {
        let loads = self.shop.survey(&self.best).loads;
        let tried: Vec<usize> =
            self.ranked(held, &loads).into_iter().take((100_000 / self.shop.weights.len().max(1)).clamp(6, MOST_SWAPS)).collect();
        let mut position = 0;
        // Position by position, the one after the last being an empty place.
        while position <= self.best.len() && position < 64 {
            let mut is_better = false;
            for &ix in &tried {
                if (self.watch.is_stopped)() {
                    return;
                }
                let mut chosen = self.best.clone();
                if chosen.contains(&ix) {
                    continue;
                }
                match chosen.get_mut(position) {
                    Some(place) => *place = ix,
                    None => chosen.push(ix),
                }
                if self.cost(&chosen) <= self.budget {
                    let residual = self.tried(&chosen).risk;
                    is_better |= self.keep(&chosen, residual);
                }
            }
            // The place that was changed is looked at again, as others may fit it now; those before it are not.
            if !is_better {
                position += 1;
            }
        }
    }

    /// Looks at every plan, leaving out whole branches that cannot leave less; says whether it came to the end.
    fn search_all(&mut self, held: &BTreeMap<usize, f64>, loads: &BTreeMap<usize, f64>) -> bool {
        self.trials = most_trials(self.shop.weights.len(), self.shop.candidates.len());
        if self.trials == 0 {
            return false;
        }
        let order = self.ranked(held, loads);
        self.branch(&order, &mut Vec::new(), self.budget)
    }

    /// All plans that take `chosen`, and of the rest only from `open`.
    fn branch(&mut self, open: &[usize], chosen: &mut Vec<usize>, left: u64) -> bool {
        let open: Vec<usize> = open.iter().copied().filter(|&ix| u64::from(self.shop.candidates[ix].cost) <= left).collect();
        if open.is_empty() {
            return true;
        }
        if self.trials == 0 || (self.watch.is_stopped)() {
            return false;
        }
        self.trials -= 1;
        // More fixes never leave more: with all that is open done, no plan of this branch leaves less.
        let all: Vec<usize> = chosen.iter().chain(&open).copied().collect();
        let least = self.tried(&all).risk;
        if least >= self.residual {
            return true;
        }
        if self.cost(&open) <= left {
            self.keep(&all, least);
            return true;
        }
        chosen.push(open[0]);
        let residual = self.tried(chosen).risk;
        self.keep(chosen, residual);
        let is_whole = self.branch(&open[1..], chosen, left - u64::from(self.shop.candidates[open[0]].cost));
        chosen.pop();
        is_whole && self.branch(&open[1..], chosen, left)
    }

    /// Drops fixes without which no more is left, the dearest first.
    fn prune(&mut self) {
        let mut order = self.best.clone();
        order.sort_by_key(|&ix| (std::cmp::Reverse(self.shop.candidates[ix].cost), std::cmp::Reverse(ix)));
        for ix in order {
            let chosen: Vec<usize> = self.best.iter().copied().filter(|&other| other != ix).collect();
            if self.tried(&chosen).risk <= self.residual {
                self.best = chosen;
            }
        }
    }

    /// The fixes of the plan, each time the one that takes off most for its cost.
    fn steps(&mut self) -> Vec<Step> {
        let mut open = self.best.clone();
        let mut done: Vec<usize> = Vec::new();
        let mut steps = Vec::new();
        let mut before = self.base.risk;
        while !open.is_empty() {
            let mut best: Option<(f64, usize, f64)> = None;
            // The order is told, not chosen: in a long plan the first ones that are open stand for all.
            for (place, &ix) in open.iter().enumerate().take(16) {
                done.push(ix);
                let residual = self.tried(&done).risk;
                done.pop();
                let rate = (before - residual) / f64::from(self.shop.candidates[ix].cost);
                if best.is_none_or(|(most, ..)| rate > most) {
                    best = Some((rate, place, residual));
                }
            }
            let Some((_, place, residual)) = best else { break };
            let ix = open.remove(place);
            done.push(ix);
            before = residual;
            steps.push(Step { fix: self.shop.candidates[ix].fix, cost: self.shop.candidates[ix].cost, residual });
        }
        steps
    }

    /// The paths with weight, those of the most weight first.
    fn certificate(&self, weights: &[Vec<f64>]) -> Vec<Weighed> {
        let mut weighed: Vec<Weighed> = self
            .paths
            .values()
            .zip(weights)
            .flat_map(|(paths, weights)| paths.iter().zip(weights))
            .filter(|(_, weight)| **weight > 0.0)
            .map(|((path, _), &weight)| Weighed { path: path.clone(), weight })
            .collect();
        weighed.sort_by(|one, other| other.weight.total_cmp(&one.weight).then_with(|| one.path.cmp(&other.path)));
        weighed
    }
}
