//! JSON of `owners`.

use super::{PolicyUsed, analysis_date};
use crate::analysis;
use crate::catalog::points;
use crate::estate::PartyIx;
use crate::graph::ExposureGraph;
use schemars::JsonSchema;
use serde::Serialize;

/// What parties generate and suffer, and the flow between them. Figures are those of the high end, each rounded alone.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Owners {
    /// `weaklink/owners/1`.
    pub schema: &'static str,
    /// The policy used.
    pub policy: PolicyUsed,
    /// The analysis date, if any evidence is dated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// The sum of all risks.
    pub risk_points: u64,
    /// The parties, in order of ids; nobody last.
    pub parties: Vec<OwnerEntry>,
    /// The flows above 0, in order of whose gaps, then of whose systems; nobody last.
    pub flows: Vec<FlowEntry>,
}

/// A party.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct OwnerEntry {
    /// Its id; null for what nobody answers for.
    pub id: Option<String>,
    /// How many layers are accountable to it.
    pub layers: usize,
    /// How many gaps are attributed to it.
    pub gaps: usize,
    /// The risk that its gaps generate: the sum of the flows from it.
    pub generated: u64,
    /// The risk of its systems: the sum of the flows to it.
    pub suffered: u64,
    /// What of the generated risk others suffer.
    pub exported: u64,
    /// What of the suffered risk others generate.
    pub imported: u64,
}

/// What one party's gaps put on another's systems.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FlowEntry {
    /// Whose gaps; null for nobody's.
    pub from: Option<String>,
    /// Whose systems; null for those without an owner.
    pub to: Option<String>,
    /// How much.
    pub risk: u64,
}

/// JSON of owners.
pub fn owners(graph: &ExposureGraph<'_>, owners: &analysis::Owners) -> Owners {
    let id = |party: Option<PartyIx>| party.map(|party_ix| graph.estate.party(party_ix).id.clone());
    let parties = owners.parties.iter().map(|party| {
        let (generated, suffered, own) = (party.generated(), party.score.suffered.high, party.own());
        OwnerEntry {
            id: id(party.score.party),
            layers: party.layers,
            gaps: party.gaps,
            generated: points(generated),
            suffered: points(suffered),
            exported: points((generated - own).max(0.0)),
            imported: points((suffered - own).max(0.0)),
        }
    });
    let flows = owners.parties.iter().flat_map(|party| {
        let from = party.score.party;
        party.score.flow.iter().map(move |&(to, risk)| FlowEntry { from: id(from), to: id(to), risk: points(risk) })
    });
    Owners {
        schema: "weaklink/owners/1",
        policy: PolicyUsed::of(graph.policy),
        as_of: analysis_date(graph),
        risk_points: points(owners.risk),
        parties: parties.collect(),
        flows: flows.filter(|flow| flow.risk > 0).collect(),
    }
}
