//! The score of an estate: posture, gaps and parties together.

use super::attribution::{GapScore, PartyScore, attribute, gap_scores_by, impacts, parties};
use super::posture::{Posture, posture_by};
use crate::catalog::{BasisPoints, Interval};
use crate::engine::Engine;
use crate::graph::ExposureGraph;

/// The score of an estate.
#[derive(Clone, Debug)]
pub struct Score<'g> {
    /// Posture and the systems.
    pub posture: Posture<'g>,
    /// What is lost if each system fails, in order of ids; none where attribution was left out.
    pub impacts: Option<Vec<Interval>>,
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

/// Returns the score of an estate.
///
/// `progress` is called with (done, all) units of the quadratic part, from any thread.
///
/// # Complexity
/// Three searches; with attribution two more per gap and per system, a dozen of them at a time.
pub fn score<'g>(
    graph: &'g ExposureGraph<'g>,
    threshold: BasisPoints,
    attribution: Attribution,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Score<'g> {
    let engine = Engine::new(graph);
    let (mut gaps, posture) = engine.search_twice(|| gap_scores_by(graph, &engine), || posture_by(graph, &engine));
    let (mut impact, mut shares) = (None, None);
    if attribution == Attribution::Full {
        let systems = posture.systems.len();
        shares = Some(attribute(graph, &mut gaps, threshold, &|done| progress(done, 2 * systems)));
        impact = Some(impacts(graph, &|done| progress(systems + done, 2 * systems)));
    }
    let parties = parties(graph, &posture.systems, shares.as_ref());
    Score { posture, impacts: impact, gaps, parties, threshold }
}
