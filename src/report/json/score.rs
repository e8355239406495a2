//! JSON of `score`.

use super::coverage::{ScoredLayer, scored_layer};
use super::{PolicyUsed, analysis_date, bp, sums};
use crate::analysis;
use crate::catalog::{BasisPoints, GapKind, Layer, Published, points};
use crate::estate::PartyIx;
use crate::graph::ExposureGraph;
use schemars::JsonSchema;
use serde::Serialize;

/// The score of an estate.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Score {
    /// `weaklink/score/1`.
    pub schema: &'static str,
    /// The policy used.
    pub policy: PolicyUsed,
    /// The analysis date, if any evidence is dated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// The threshold of the gaps' blast radii.
    pub threshold: BasisPoints,
    /// `100 × (1 − largest risk)`, rounded down.
    pub posture: Published<u8>,
    /// The sum of all risks.
    pub risk_points: Published<u64>,
    /// The systems.
    pub systems: Vec<SystemEntry>,
    /// The gaps; their figures are those of the high end.
    pub gaps: Vec<GapEntry>,
    /// The parties, and last, without an id, what nobody answers for; their figures are those of the high end.
    pub parties: Vec<PartyEntry>,
}

/// A system's exposure and risk.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SystemEntry {
    /// Its id.
    pub id: String,
    /// Its weight.
    pub criticality: Published<BasisPoints>,
    /// The largest exposure of its layers.
    pub exposure: Published<BasisPoints>,
    /// Its own largest severity.
    pub own: Published<BasisPoints>,
    /// Its exposure if it had no gaps of its own.
    pub inherited: Published<BasisPoints>,
    /// `criticality × exposure`.
    pub risk: Published<BasisPoints>,
    /// What is lost if it fails; null where not computed.
    pub impact: Option<Published<u64>>,
    /// Its layers, bottom to top.
    pub layers: Vec<ScoredLayer>,
}

/// A gap's figures.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct GapEntry {
    /// Its system's id.
    pub system: String,
    /// Its layer.
    pub layer: Layer,
    /// Why it is a gap.
    pub kind: GapKind,
    /// Its severity.
    pub severity: BasisPoints,
    /// What its total failure would expose; null where not computed.
    pub blast: Option<GapBlast>,
    /// `Σ criticality × best path value from it`; null where not computed.
    pub downstream: Option<u64>,
    /// `Σ criticality × (exposure − exposure without it)`.
    pub marginal: u64,
    /// Its Shapley value; all shares add up to the risk points; null where not computed.
    pub share: Option<u64>,
}

/// The blast radius of a gap.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct GapBlast {
    /// Other systems exposed at or above the threshold.
    pub systems: usize,
    /// The sum of their criticalities.
    pub criticality: u64,
}

/// What a party generates and suffers.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PartyEntry {
    /// Its id; null for what nobody answers for.
    pub id: Option<String>,
    /// The sum of its gaps' shares; null where not computed.
    pub generated: Option<u64>,
    /// The sum of its systems' risks.
    pub suffered: u64,
    /// What its gaps contribute to the risk of each party's systems; parts of 0 are left out.
    pub contributes: Vec<Contribution>,
}

/// What one party's gaps contribute to the risk of another's systems.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Contribution {
    /// Whose systems; null for those without an owner.
    pub to: Option<String>,
    /// How much.
    pub risk: u64,
}

/// JSON of a score.
pub fn score(graph: &ExposureGraph<'_>, score: &analysis::Score<'_>) -> Score {
    let party_id = |party: Option<PartyIx>| party.map(|party_ix| graph.estate.party(party_ix).id.clone());
    let systems = score.posture.systems.iter().map(|system| SystemEntry {
        id: graph.estate.system(system.system).id.clone(),
        criticality: bp(system.criticality),
        exposure: bp(system.exposure),
        own: bp(system.own),
        inherited: bp(system.inherited),
        risk: bp(system.risk),
        impact: score.impacts.get(&system.system).copied().map(sums),
        layers: graph
            .states_of(system.system)
            .filter_map(|state| Some(scored_layer(graph, &score.posture, state, &graph.coverage.layer(state.system(), state.layer())?)))
            .collect(),
    });
    let gaps = score.gaps.iter().map(|gap| GapEntry {
        system: graph.estate.system(gap.state.system()).id.clone(),
        layer: gap.state.layer(),
        kind: gap.kind,
        severity: BasisPoints::of(gap.severity.high),
        blast: gap.reach.map(|reach| GapBlast { systems: reach.systems, criticality: points(reach.criticality) }),
        downstream: gap.reach.map(|reach| points(reach.downstream)),
        marginal: points(gap.marginal),
        share: gap.reach.and_then(|reach| reach.share).map(points),
    });
    let parties = score.parties.iter().map(|party| PartyEntry {
        id: party_id(party.party),
        generated: party.generated.map(points),
        suffered: points(party.suffered.high),
        contributes: party
            .flow
            .iter()
            .map(|&(to, risk)| Contribution { to: party_id(to), risk: points(risk) })
            .filter(|contribution| contribution.risk > 0)
            .collect(),
    });
    Score {
        schema: "weaklink/score/1",
        policy: PolicyUsed::of(graph.policy),
        as_of: analysis_date(graph),
        threshold: score.threshold,
        posture: score.posture.posture,
        risk_points: sums(score.posture.risk_points),
        systems: systems.collect(),
        gaps: gaps.collect(),
        parties: parties.collect(),
    }
}
