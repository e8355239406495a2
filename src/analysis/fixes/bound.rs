//! A bound that no plan within a budget can beat, from paths that every plan must leave or pay for.
//!
//! A path from a gap to a system keeps at least the share `1 − Σ (1 − r)` of its value, summed over the fixes of a plan
//! that touch it, each of which alone leaves the share `r`: factors multiply, the floor only helps, and
//! `Π r ≥ 1 − Σ (1 − r)`. Weights on the paths of every system, none above what its paths are worth, therefore bound
//! what is left: the weights' sum, less the most that a budget can take off them. The best weights solve a linear
//! program; here two players find them, one who buys fixes and one who moves weight to paths that stay.

use std::collections::BTreeMap;

/// A path to a system, with its weight in a bound.
#[derive(Clone, Debug, PartialEq)]
pub struct Weighed {
    /// Where it starts, and its arcs.
    pub path: super::survey::Path,
    /// Its part of the bound, in risk.
    pub weight: f64,
}

/// A path as the two players see it.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// Criticality of the system times the path's value.
    pub(super) value: f64,
    /// The fixes that touch it, each with the share of the value that it alone takes off.
    pub(super) hits: Vec<(usize, f64)>,
}

/// What the players come to.
#[derive(Clone, Debug)]
pub(super) struct Settled {
    /// No plan within the budget leaves less.
    pub(super) bound: f64,
    /// The weight of every path, by system and path.
    pub(super) weights: Vec<Vec<f64>>,
    /// How much of each fix the buyer holds, of those that touch a path.
    pub(super) held: BTreeMap<usize, f64>,
}

/// Lets the players play for a number of rounds; `systems` holds the paths of each, the worst first.
///
/// # Complexity
/// Rounds × (paths × fixes on them + fixes × log fixes).
///
/// # Source
/// Fictitious play with the steps of Frank and Wolfe, *An algorithm for quadratic programming* (1956); the bound of the
/// program's dual holds in every round.
pub(super) fn settle(systems: &[Vec<Row>], costs: &[u32], budget: u64, rounds: usize) -> Settled {
    let mut slots: BTreeMap<usize, usize> = BTreeMap::new();
    for row in systems.iter().flatten() {
        for &(fix, _) in &row.hits {
            let next = slots.len();
            slots.entry(fix).or_insert(next);
        }
    }
    let mut fixes = vec![0_usize; slots.len()];
    for (&fix, &slot) in &slots {
        fixes[slot] = fix;
    }
    let hits: Vec<Vec<Vec<(usize, f64)>>> = systems
        .iter()
        .map(|rows| rows.iter().map(|row| row.hits.iter().map(|&(fix, share)| (slots[&fix], share)).collect()).collect())
        .collect();
    let mut held = vec![0.0; fixes.len()];
    let mut weights: Vec<Vec<f64>> = systems.iter().map(|rows| vec![0.0; rows.len()]).collect();
    let mut best = Settled { bound: f64::NEG_INFINITY, weights: Vec::new(), held: BTreeMap::new() };
    for round in 0..rounds {
        let step = 2.0 / (round as f64 + 2.0);
        for ((rows, hits), weights) in systems.iter().zip(&hits).zip(&mut weights) {
            answer(rows, hits, &held, |path, weight| {
                weights[path] += step * (weight - weights[path]);
            });
        }
        let mut loads = vec![0.0; fixes.len()];
        for (hits, weights) in hits.iter().zip(&weights) {
            for (hits, weight) in hits.iter().zip(weights) {
                for &(slot, share) in hits {
                    loads[slot] += share * weight;
                }
            }
        }
        let (taken, bought) = buy(&loads, &fixes, costs, budget);
        let sum: f64 = weights.iter().flatten().sum();
        if sum - taken > best.bound {
            best.bound = sum - taken;
            best.weights.clone_from(&weights);
        }
        for (held, bought) in held.iter_mut().zip(bought) {
            *held += step * (bought - *held);
        }
    }
    best.held = fixes.iter().copied().zip(held).filter(|(_, share)| *share > 0.0).collect();
    best
}

/// The weights of one system's paths that gain most against what is held: every step between the values of two paths
/// goes to the path, among those worth at least as much, that is touched least.
fn answer(rows: &[Row], hits: &[Vec<(usize, f64)>], held: &[f64], mut give: impl FnMut(usize, f64)) {
    let mut gained = vec![0.0; rows.len()];
    let mut least = (f64::INFINITY, 0);
    for (ix, row) in rows.iter().enumerate() {
        let touched: f64 = hits[ix].iter().map(|&(slot, share)| share * held[slot]).sum();
        if touched < least.0 {
            least = (touched, ix);
        }
        let next = rows.get(ix + 1).map_or(0.0, |next| next.value);
        if least.0 < 1.0 {
            gained[least.1] += row.value - next;
        }
    }
    for (ix, weight) in gained.into_iter().enumerate() {
        give(ix, weight);
    }
}

/// The most that a budget takes off, fixes being divisible, and how much of each that is.
fn buy(loads: &[f64], fixes: &[usize], costs: &[u32], budget: u64) -> (f64, Vec<f64>) {
    let rate = |slot: usize| loads[slot] / f64::from(costs[fixes[slot]]);
    let mut order: Vec<usize> = (0..loads.len()).filter(|&slot| loads[slot] > 0.0).collect();
    order.sort_unstable_by(|&one, &other| rate(other).total_cmp(&rate(one)).then(fixes[one].cmp(&fixes[other])));
    let (mut taken, mut left) = (0.0, budget as f64);
    let mut bought = vec![0.0; loads.len()];
    for slot in order {
        if left <= 0.0 {
            break;
        }
        let part = (left / f64::from(costs[fixes[slot]])).min(1.0);
        bought[slot] = part;
        taken += part * loads[slot];
        left -= part * f64::from(costs[fixes[slot]]);
    }
    (taken, bought)
}
