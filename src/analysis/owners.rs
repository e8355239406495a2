//! Owners: what each party's gaps do to the systems of each other party.

use super::attribution::{PartyScore, attribute, gap_scores, parties};
use super::posture::posture;
use crate::catalog::BasisPoints;
use crate::estate::PartyIx;
use crate::graph::ExposureGraph;
use std::collections::BTreeMap;

/// What the parties of an estate generate and suffer.
#[derive(Clone, Debug)]
pub struct Owners {
    /// The sum of all risks on the high end: all that is generated, and all that is suffered.
    pub risk: f64,
    /// The parties, in order of ids, nobody last.
    pub parties: Vec<OwnerScore>,
}

/// A party, and what its gaps and its systems come to.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnerScore {
    /// What it generates and suffers, and the flow from it to each party.
    pub score: PartyScore,
    /// How many layers are accountable to it.
    pub layers: usize,
    /// How many gaps are attributed to it.
    pub gaps: usize,
}

impl OwnerScore {
    /// The risk that its gaps generate, on the high end.
    pub fn generated(&self) -> f64 {
        self.score.generated.unwrap_or(0.0)
    }

    /// What of that its own systems suffer.
    pub fn own(&self) -> f64 {
        self.score.flow.iter().filter(|(to, _)| *to == self.score.party).map(|&(_, risk)| risk).sum()
    }
}

/// Returns what each party's gaps generate of each party's risk, by the Shapley shares of the gaps: what a party generates
/// is the sum over whom it flows to, and what one suffers the sum over whom it flows from, both on the high end.
///
/// `progress` is called with (done, all) systems, from any thread.
///
/// # Complexity
/// Two searches per gap: quadratic in the estate.
///
/// # Source
/// Specification, section 6.
pub fn owners(graph: &ExposureGraph<'_>, progress: &(dyn Fn(usize, usize) + Sync)) -> Owners {
    let posture = posture(graph);
    let mut gaps = gap_scores(graph);
    let systems = posture.systems.len();
    let shares = attribute(graph, &mut gaps, BasisPoints::of(graph.policy.threshold), &|done| progress(done, systems));
    let (mut layers, mut held): (BTreeMap<Option<PartyIx>, usize>, BTreeMap<Option<PartyIx>, usize>) = Default::default();
    for (_, _, coverage) in graph.coverage.layers() {
        let parties: Vec<PartyIx> = coverage.parties().collect();
        if parties.is_empty() {
            *layers.entry(None).or_default() += 1;
        }
        for party_ix in parties {
            *layers.entry(Some(party_ix)).or_default() += 1;
        }
        if coverage.gap.is_some() {
            for party in coverage.answerable() {
                *held.entry(party).or_default() += 1;
            }
        }
    }
    let count = |of: &BTreeMap<Option<PartyIx>, usize>, party: Option<PartyIx>| of.get(&party).copied().unwrap_or(0);
    let parties = parties(graph, &posture.systems, Some(&shares))
        .into_iter()
        .map(|score| OwnerScore { layers: count(&layers, score.party), gaps: count(&held, score.party), score })
        .collect();
    Owners { risk: posture.risk_points.high, parties }
}
