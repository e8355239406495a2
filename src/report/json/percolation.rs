//! JSON of `percolate`.

use super::{PolicyUsed, analysis_date, bp};
use crate::analysis::{CONFIDENCE, Method, Percolation, ProbableState, ProbableSystem};
use crate::catalog::{BasisPoints, Interval, Layer, Published};
use crate::graph::ExposureGraph;
use schemars::JsonSchema;
use serde::Serialize;

/// How probable it is that systems are exposed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Percolate {
    /// `weaklink/percolate/1`.
    pub schema: &'static str,
    /// The policy used.
    pub policy: PolicyUsed,
    /// The analysis date, if any evidence is dated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// What fails, as asked; null: every gap of the estate, with its severity.
    pub target: Option<String>,
    /// The probability at or above which a system is listed.
    pub threshold: BasisPoints,
    /// `exact` or `sampled`.
    pub method: &'static str,
    /// The outcomes that were told apart; null where the answer is sampled.
    pub outcomes: Option<usize>,
    /// How the sample was drawn; null where the answer is exact.
    pub sample: Option<Sample>,
    /// The systems.
    pub systems: Vec<ProbableEntry>,
    /// Ids of the systems that may be exposed, but only below the threshold.
    pub below: Vec<String>,
}

/// How a sample was drawn, and what it is worth.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Sample {
    /// The worlds drawn.
    pub worlds: u64,
    /// The seed of all coins.
    pub seed: u64,
    /// The probability with which every interval and the error hold, all at once.
    pub confidence: BasisPoints,
    /// How far any probability may be from the truth.
    pub error: BasisPoints,
}

/// A system that may be exposed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ProbableEntry {
    /// Its id.
    pub id: String,
    /// The probability that any of its layers is exposed.
    pub probability: Published<BasisPoints>,
    /// Where both ends of it truly lie; the same where the answer is exact.
    pub confidence: Published<BasisPoints>,
    /// The value of its most likely path.
    pub path: Published<BasisPoints>,
    /// The least on the low end and the most on the high end, whatever depends on what; null where not computed: of a large
    /// estate only the most probable systems have them.
    pub bounds: Option<Published<BasisPoints>>,
    /// Its layers that may be exposed.
    pub layers: Vec<ProbableLayer>,
}

/// A layer that may be exposed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ProbableLayer {
    /// The layer.
    pub layer: Layer,
    /// The probability that it is exposed.
    pub probability: Published<BasisPoints>,
}

/// JSON of a percolation.
pub fn percolate(graph: &ExposureGraph<'_>, percolation: &Percolation, target: Option<&str>) -> Percolate {
    let (method, outcomes, sample) = match percolation.method {
        Method::Exact { outcomes } => ("exact", Some(outcomes), None),
        Method::Sampled { worlds, seed, error } => {
            let error = Published::around(Interval::new(0.0, error)).high;
            ("sampled", None, Some(Sample { worlds, seed, confidence: BasisPoints(CONFIDENCE), error }))
        }
    };
    let id = |system_ix| graph.estate.system(system_ix).id.clone();
    let layer = |probable: &ProbableState| ProbableLayer { layer: probable.state.layer(), probability: bp(probable.probability) };
    let entry = |system: &ProbableSystem| ProbableEntry {
        id: id(system.system),
        probability: bp(system.probability),
        confidence: percolation.confidence(system),
        path: bp(system.path),
        bounds: system.bounds.map(Published::around),
        layers: percolation.states_in(system.system).iter().map(layer).collect(),
    };
    Percolate {
        schema: "weaklink/percolate/1",
        policy: PolicyUsed::of(graph.policy),
        as_of: analysis_date(graph),
        target: target.map(str::to_owned),
        threshold: percolation.threshold,
        method,
        outcomes,
        sample,
        systems: percolation.systems.iter().map(entry).collect(),
        below: percolation.below.iter().copied().map(id).collect(),
    }
}
