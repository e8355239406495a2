//! JSON of `check`, `matrix` and `gaps`.

use super::{PolicyUsed, analysis_date, bp};
use crate::analysis::Posture;
use crate::catalog::{BasisPoints, Cell, Criticality, Facing, GapKind, Layer, Published, ServiceModel, Verdict};
use crate::coverage::LayerCoverage;
use crate::estate::{Estate, SystemIx};
use crate::graph::{ExposureGraph, State};
use crate::report::owners;
use schemars::JsonSchema;
use serde::Serialize;

/// Whether a model is valid, with every fault.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Check {
    /// `weaklink/check/1`.
    pub schema: &'static str,
    /// Whether the model can be used.
    pub valid: bool,
    /// Number of parties; null for an invalid model, as the other numbers.
    pub parties: Option<usize>,
    /// Number of systems.
    pub systems: Option<usize>,
    /// Number of connections.
    pub connections: Option<usize>,
    /// Number of gaps.
    pub gaps: Option<usize>,
    /// Faults and warnings, in order of their places.
    pub diagnostics: Vec<CheckDiagnostic>,
    /// With `--gate`: the findings of the model against its limits; null for an invalid model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gate: Option<super::CheckGate>,
}

/// A fault or a warning.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CheckDiagnostic {
    /// `error` or `warning`.
    pub severity: &'static str,
    /// The stable code.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

/// The responsibility ladder of systems.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Matrix {
    /// `weaklink/matrix/1`.
    pub schema: &'static str,
    /// The policy used.
    pub policy: PolicyUsed,
    /// The analysis date, if any evidence is dated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// The systems.
    pub systems: Vec<MatrixSystem>,
}

/// The responsibility ladder of a system.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct MatrixSystem {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// Its catalogued service.
    pub service: Option<String>,
    /// Its model.
    pub model: ServiceModel,
    /// Its provider.
    pub provider: Option<String>,
    /// Its owner.
    pub owner: Option<String>,
    /// From where it can be attacked.
    pub facing: Option<Facing>,
    /// How much it matters.
    pub criticality: Option<Criticality>,
    /// Its layers, bottom to top.
    pub layers: Vec<LayerRow>,
}

/// One layer of a system.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LayerRow {
    /// The layer.
    pub layer: Layer,
    /// Who must secure it.
    pub cell: Cell,
    /// Who is accountable for it; null for nobody, and for a split, which `split` names.
    pub owner: Option<String>,
    /// The owners of both halves, where the split is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split: Option<SplitOwners>,
    /// Whether the two agree.
    pub verdict: Verdict,
    /// How far its controls are in place.
    pub control: Published<BasisPoints>,
    /// `accountability × control`.
    pub coverage: Published<BasisPoints>,
    /// `threat × (1 − coverage)`.
    pub severity: Published<BasisPoints>,
    /// Why it is a gap; null if it is none.
    pub gap: Option<GapKind>,
}

/// The owners of both halves of a split.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SplitOwners {
    /// The owner of the customer's half.
    pub customer: String,
    /// The owner of the provider's half.
    pub provider: String,
}

/// The coverage gaps of an estate.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Gaps {
    /// `weaklink/gaps/1`.
    pub schema: &'static str,
    /// The policy used.
    pub policy: PolicyUsed,
    /// The analysis date, if any evidence is dated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// The gaps, in order of (system id, layer).
    pub gaps: Vec<GapEntry>,
}

/// A coverage gap.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct GapEntry {
    /// Its system's id.
    pub system: String,
    /// Its layer.
    pub layer: Layer,
    /// Why it is a gap.
    pub kind: GapKind,
    /// Who must secure the layer.
    pub cell: Cell,
    /// Who is accountable for it; null for nobody and for a split.
    pub owner: Option<String>,
    /// Whether the two agree.
    pub verdict: Verdict,
    /// How far its controls are in place.
    pub control: Published<BasisPoints>,
    /// `accountability × control`.
    pub coverage: Published<BasisPoints>,
    /// `threat × (1 − coverage)`.
    pub severity: Published<BasisPoints>,
    /// The model's remark.
    pub note: Option<String>,
}

/// JSON of a check.
pub fn check(valid: Option<(&Estate, usize)>, diagnostics: Vec<CheckDiagnostic>) -> Check {
    Check {
        schema: "weaklink/check/1",
        valid: valid.is_some(),
        parties: valid.map(|(estate, _)| estate.parties().len()),
        systems: valid.map(|(estate, _)| estate.systems().len()),
        connections: valid.map(|(estate, _)| estate.connections().len()),
        gaps: valid.map(|(_, gaps)| gaps),
        diagnostics,
        gate: None,
    }
}

/// JSON of the responsibility ladders.
pub fn matrix(graph: &ExposureGraph<'_>, systems: &[SystemIx]) -> Matrix {
    Matrix {
        schema: "weaklink/matrix/1",
        policy: PolicyUsed::of(graph.policy),
        as_of: analysis_date(graph),
        systems: systems.iter().map(|&system_ix| matrix_system(graph, system_ix)).collect(),
    }
}

fn matrix_system(graph: &ExposureGraph<'_>, system_ix: SystemIx) -> MatrixSystem {
    let system = graph.estate.system(system_ix);
    MatrixSystem {
        id: system.id.clone(),
        name: system.name.clone(),
        service: system.service.map(|service| service.id.clone()),
        model: system.model,
        provider: system.provider.clone(),
        owner: system.owner.map(|party_ix| graph.estate.party(party_ix).id.clone()),
        facing: system.facing,
        criticality: system.criticality,
        layers: graph.states_of(system_ix).filter_map(|state| layer_row(graph, state)).collect(),
    }
}

fn layer_row(graph: &ExposureGraph<'_>, state: State) -> Option<LayerRow> {
    let coverage = graph.coverage.layer(state.system(), state.layer())?;
    Some(LayerRow {
        layer: state.layer(),
        cell: coverage.cell,
        owner: owners::single(graph.estate, state.system(), &coverage),
        split: owners::split(graph.estate, state.system(), &coverage).map(|(customer, provider)| SplitOwners { customer, provider }),
        verdict: coverage.ownership.verdict,
        control: bp(coverage.control),
        coverage: bp(coverage.coverage),
        severity: bp(coverage.severity),
        gap: coverage.gap,
    })
}

/// JSON of the gaps.
pub fn gaps(graph: &ExposureGraph<'_>) -> Gaps {
    Gaps {
        schema: "weaklink/gaps/1",
        policy: PolicyUsed::of(graph.policy),
        as_of: analysis_date(graph),
        gaps: graph
            .coverage
            .gaps()
            .map(|(system_ix, layer, kind, coverage)| {
                let system = graph.estate.system(system_ix);
                GapEntry {
                    system: system.id.clone(),
                    layer,
                    kind,
                    cell: coverage.cell,
                    owner: owners::single(graph.estate, system_ix, &coverage),
                    verdict: coverage.ownership.verdict,
                    control: bp(coverage.control),
                    coverage: bp(coverage.coverage),
                    severity: bp(coverage.severity),
                    note: system.layer(layer).claim.as_deref().and_then(|claim| claim.note.clone()),
                }
            })
            .collect(),
    }
}

/// The facts of a layer as `score` lists them.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ScoredLayer {
    /// The layer.
    pub layer: Layer,
    /// Who must secure it.
    pub cell: Cell,
    /// Who is accountable for it; null for nobody and for a split.
    pub owner: Option<String>,
    /// Whether the two agree.
    pub verdict: Verdict,
    /// How far its controls are in place.
    pub control: Published<BasisPoints>,
    /// `accountability × control`.
    pub coverage: Published<BasisPoints>,
    /// `threat × (1 − coverage)`.
    pub severity: Published<BasisPoints>,
    /// Why it is a gap; null if it is none.
    pub gap: Option<GapKind>,
    /// The best path value from any gap.
    pub exposure: Published<BasisPoints>,
}

pub(super) fn scored_layer(graph: &ExposureGraph<'_>, posture: &Posture<'_>, state: State, coverage: &LayerCoverage) -> ScoredLayer {
    ScoredLayer {
        layer: state.layer(),
        cell: coverage.cell,
        owner: owners::single(graph.estate, state.system(), coverage),
        verdict: coverage.ownership.verdict,
        control: bp(coverage.control),
        coverage: bp(coverage.coverage),
        severity: bp(coverage.severity),
        gap: coverage.gap,
        exposure: bp(posture.exposure(state)),
    }
}
