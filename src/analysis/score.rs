//! The score of an estate: posture, gaps and parties together.

use super::attribution::{GapScore, PartyScore, attribute, gap_scores_by, impacts, impacts_of, parties, reaches};
use super::posture::{Posture, SystemPosture, posture_by};
use crate::catalog::{BasisPoints, Interval};
use crate::engine::Engine;
use crate::estate::SystemIx;
use crate::graph::ExposureGraph;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// The score of an estate.
#[derive(Clone, Debug)]
pub struct Score<'g> {
    /// Posture and the systems.
    pub posture: Posture<'g>,
    /// Which of the figures that are quadratic in the estate were computed.
    pub attribution: Attribution,
    /// What is lost if each system fails, for those of which it was computed.
    pub impacts: BTreeMap<SystemIx, Interval>,
    /// The gaps, in order of (system id, layer).
    pub gaps: Vec<GapScore>,
    /// The parties, in order of ids, nobody last.
    pub parties: Vec<PartyScore>,
    /// The threshold of the gaps' blast radii.
    pub threshold: BasisPoints,
}

/// Whether the figures that are quadratic in the estate are computed.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Attribution {
    /// Downstream, share, blast radius of every gap and impact of every system.
    Full,
    /// Downstream and blast radius of so many gaps, those that would be missed most, and impact of as many systems, those of the
    /// highest risk. A share needs all gaps.
    Shown(usize),
    /// None of them.
    Omitted,
}

impl Attribution {
    /// Systems up to which attribution is computed unasked.
    pub const DEFAULT_SYSTEMS: usize = 1_000;

    /// What is done for an estate of this size when nobody asks.
    pub fn by_default(systems: usize) -> Self {
        if systems <= Self::DEFAULT_SYSTEMS { Self::Full } else { Self::Omitted }
    }
}

/// Keeps the first rows by an order.
fn first<T>(rows: &mut Vec<T>, count: usize, order: impl Fn(&T, &T) -> Ordering) {
    if count < rows.len() {
        rows.select_nth_unstable_by(count, &order);
        rows.truncate(count);
    }
    rows.sort_by(order);
}

/// Returns the score of an estate.
///
/// `progress` is called with (done, all) units of the quadratic part, from any thread.
///
/// # Complexity
/// Three searches; with attribution two more per gap and per system, of all a dozen at a time.
pub fn score<'g>(
    graph: &'g ExposureGraph<'g>,
    threshold: BasisPoints,
    attribution: Attribution,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Score<'g> {
    let engine = Engine::new(graph);
    let (mut gaps, posture) = engine.search_twice(|| gap_scores_by(graph, &engine), || posture_by(graph, &engine));
    let (mut impact_of, mut shares) = (BTreeMap::new(), None);
    match attribution {
        Attribution::Full => {
            let systems = posture.systems.len();
            shares = Some(attribute(graph, &mut gaps, threshold, &|done| progress(done, 2 * systems)));
            let of_all = impacts(graph, &|done| progress(systems + done, 2 * systems));
            impact_of = graph.estate.system_ixs().zip(of_all).collect();
        }
        Attribution::Shown(rows) => {
            let mut systems: Vec<&SystemPosture> = posture.systems.iter().collect();
            first(&mut systems, rows, |left, right| left.worse_first(right));
            let systems: Vec<SystemIx> = systems.iter().map(|system| system.system).collect();
            let mut worst: Vec<&mut GapScore> = gaps.iter_mut().collect();
            first(&mut worst, rows, |left, right| left.worse_first(right));
            let all = worst.len() + systems.len();
            let found = reaches(graph, &engine, &worst, threshold, &|done| progress(done, all));
            for (gap, reach) in worst.iter_mut().zip(found) {
                gap.reach = Some(reach);
            }
            let found = impacts_of(graph, &engine, &systems, &|done| progress(all - systems.len() + done, all));
            impact_of = systems.iter().copied().zip(found).collect();
        }
        Attribution::Omitted => {}
    }
    let parties = parties(graph, &posture.systems, shares.as_ref());
    Score { posture, attribution, impacts: impact_of, gaps, parties, threshold }
}
