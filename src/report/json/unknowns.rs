//! JSON of `unknowns`.

use super::{PolicyUsed, analysis_date};
use crate::analysis::{self, Unknown};
use crate::catalog::points;
use crate::graph::ExposureGraph;
use crate::report::pages::{question, setting_name, unknown_id, unknown_kind};
use schemars::JsonSchema;
use serde::Serialize;

/// What is not known, and what each fact would be worth. Figures are those of the high end.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Unknowns {
    /// `weaklink/unknowns/1`.
    pub schema: &'static str,
    /// The policy used.
    pub policy: PolicyUsed,
    /// The analysis date, if any evidence is dated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// The sum of all risks.
    pub risk_points: u64,
    /// The posture on the worse end.
    pub posture: u8,
    /// Every unknown, each alone: what removes most first.
    pub unknowns: Vec<UnknownEntry>,
    /// All that is unknown of the layers of one system, where that is more than one layer: what removes most first.
    pub systems: Vec<UnknownEntry>,
}

/// An unknown.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct UnknownEntry {
    /// What it is: layer, setting, facing, criticality, controls, certainty or system.
    pub kind: &'static str,
    /// What it is about: `system:layer`, a system or a connection.
    pub id: String,
    /// Of a setting: its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub setting: Option<String>,
    /// The best that it can turn out to be; null where that is that something is not there, or any other value.
    pub best: Option<String>,
    /// The risk that is gone then.
    pub removes: u64,
    /// The posture then, on the worse end.
    pub posture: u8,
    /// The question to ask.
    pub question: String,
    /// Ids of the parties to ask; empty where no owner is known.
    pub ask: Vec<String>,
}

/// JSON of unknowns.
pub fn unknowns(graph: &ExposureGraph<'_>, unknowns: &analysis::Unknowns) -> Unknowns {
    let entry = |worth: &analysis::Worth| UnknownEntry {
        kind: unknown_kind(worth.unknown),
        id: unknown_id(graph, worth.unknown),
        setting: match worth.unknown {
            Unknown::Setting(system_ix, setting) => Some(setting_name(graph, system_ix, setting).to_owned()),
            _ => None,
        },
        best: worth.best.clone(),
        removes: worth.removes,
        posture: worth.posture,
        question: question(graph, worth.unknown).text(),
        ask: worth.ask.iter().map(|&party_ix| graph.estate.party(party_ix).id.clone()).collect(),
    };
    Unknowns {
        schema: "weaklink/unknowns/1",
        policy: PolicyUsed::of(graph.policy),
        as_of: analysis_date(graph),
        risk_points: points(unknowns.risk),
        posture: unknowns.posture,
        unknowns: unknowns.facts.iter().map(entry).collect(),
        systems: unknowns.systems.iter().map(entry).collect(),
    }
}
