//! JSON of `fix`: a plan or a protection with its certificate, which `verify` reads back.

use super::blast::{Step, steps};
use super::{PolicyUsed, analysis_date};
use crate::analysis::fixes::{Candidate, Fix, Path, Plan, Proof, Protection, Uncut};
use crate::catalog::{BasisPoints, End, FixKind, Layer, points};
use crate::graph::{Arc, ExposureGraph};
use schemars::JsonSchema;
use serde::Serialize;

/// Fixes, and what is known of them.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Fixes {
    /// `weaklink/fix/1`.
    pub schema: &'static str,
    /// The policy used.
    pub policy: PolicyUsed,
    /// The analysis date, if any evidence is dated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// The kinds of fixes that were allowed.
    pub kinds: Vec<FixKind>,
    /// The plan, where a budget was given.
    pub plan: Option<PlanEntry>,
    /// What protects a target, where one was given.
    pub protection: Option<ProtectionEntry>,
}

/// A plan within a budget.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PlanEntry {
    /// The end of which all figures are: on the high one every unknown counts as bad, on the low one as good.
    pub end: End,
    /// What may be spent.
    pub budget: u64,
    /// What is spent.
    pub cost: u64,
    /// Risk, summed over all systems, before the fixes.
    pub base: u64,
    /// What of that is known: what would be there if every unknown turned out well.
    pub known: u64,
    /// The risk after the fixes.
    pub residual: u64,
    /// No plan within the budget leaves less; rounded down.
    pub bound: u64,
    /// Whether the plan is known to be the best.
    pub optimal: bool,
    /// `search`: all plans were looked at; `bound`: the certificate comes to as much; `open`: it comes to less.
    pub proof: &'static str,
    /// Whether the search was ended before its time.
    pub interrupted: bool,
    /// The posture, before and after.
    pub posture: [u8; 2],
    /// How many fixes there were to choose from.
    pub candidates: usize,
    /// The fixes, in the order in which to do them.
    pub fixes: Vec<FixEntry>,
    /// The paths behind the bound; empty where it was proved by a search.
    pub certificate: Vec<WeighedEntry>,
}

/// A fix.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FixEntry {
    /// What is done.
    pub kind: FixKind,
    /// The system of the layer, for `close` and `own`.
    pub system: Option<String>,
    /// The layer, likewise.
    pub layer: Option<Layer>,
    /// The connection, for `control` and `remove`.
    pub connection: Option<String>,
    /// The class of the control, for `control`.
    pub class: Option<String>,
    /// What it costs.
    pub cost: u32,
    /// Who has to act; null among them is nobody.
    pub who: Vec<Option<String>>,
    /// In a plan, the risk that is left once this and all before it are done.
    pub residual: Option<u64>,
}

/// A path of a certificate.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WeighedEntry {
    /// Its part of the bound, in billionths of a crown jewel wholly exposed; rounded down.
    pub weight: u64,
    /// Its states; the first is a gap.
    pub path: Vec<Step>,
}

/// What protects a target.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ProtectionEntry {
    /// The target, as asked.
    pub target: String,
    /// Paths count whose severity and factors are all at or above this.
    pub threshold: BasisPoints,
    /// Whether the fixes protect it; where not, `uncut` says why.
    pub protected: bool,
    /// The fixes, in order.
    pub fixes: Vec<FixEntry>,
    /// What they cost together.
    pub cost: u64,
    /// No set of fixes costs less.
    pub bound: u64,
    /// Whether it took a search beyond the paths to prove that.
    pub searched: bool,
    /// Whether the search was ended before its time.
    pub interrupted: bool,
    /// Paths, and what each costs to cut; together they share no more of a fix than it costs.
    pub paths: Vec<CutPath>,
    /// A path into the target that no fix cuts.
    pub uncut: Option<Vec<Step>>,
}

/// A path that has to be cut.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CutPath {
    /// What that costs.
    pub cost: u64,
    /// Its states; the first is a gap.
    pub path: Vec<Step>,
}

fn fix_entry(graph: &ExposureGraph<'_>, candidate: Candidate, residual: Option<f64>) -> FixEntry {
    let (state, connection, class) = match candidate.fix {
        Fix::Close(state) | Fix::Own(state) => (Some(state), None, None),
        Fix::Control(connection_ix, class_ix) => (None, Some(connection_ix), Some(graph.policy.classes[usize::from(class_ix)].clone())),
        Fix::Remove(connection_ix) => (None, Some(connection_ix), None),
    };
    FixEntry {
        kind: candidate.fix.kind(),
        system: state.map(|state| graph.estate.system(state.system()).id.clone()),
        layer: state.map(crate::graph::State::layer),
        connection: connection.map(|connection_ix| graph.estate.connection(connection_ix).id.clone()),
        class,
        cost: candidate.cost,
        who: candidate.fix.actors(graph).into_iter().map(|actor| actor.map(|party_ix| graph.estate.party(party_ix).id.clone())).collect(),
        residual: residual.map(points),
    }
}

fn path_steps(graph: &ExposureGraph<'_>, path: &Path) -> Vec<Step> {
    let arcs: Vec<Arc> = path.arcs.iter().map(|arc| arc.arc()).collect();
    steps(graph, path.start, &arcs)
}

fn fixes(graph: &ExposureGraph<'_>, kinds: &[FixKind]) -> Fixes {
    Fixes {
        schema: "weaklink/fix/1",
        policy: PolicyUsed::of(graph.policy),
        as_of: analysis_date(graph),
        kinds: kinds.to_vec(),
        plan: None,
        protection: None,
    }
}

/// JSON of a plan.
pub fn plan(graph: &ExposureGraph<'_>, plan: &Plan, kinds: &[FixKind]) -> Fixes {
    let step = |step: &crate::analysis::fixes::Step| fix_entry(graph, Candidate { fix: step.fix, cost: step.cost }, Some(step.residual));
    let weighed = plan
        .certificate
        .iter()
        .map(|weighed| WeighedEntry { weight: (weighed.weight * 1e9).floor() as u64, path: path_steps(graph, &weighed.path) });
    let entry = PlanEntry {
        end: plan.end,
        budget: plan.budget,
        cost: plan.cost,
        base: points(plan.base),
        known: points(plan.known),
        residual: points(plan.residual),
        bound: if plan.proof.is_optimal() { points(plan.residual) } else { (plan.bound * 10_000.0).floor() as u64 },
        optimal: plan.proof.is_optimal(),
        proof: match plan.proof {
            Proof::Search => "search",
            Proof::Bound => "bound",
            Proof::Open => "open",
        },
        interrupted: plan.is_interrupted,
        posture: plan.posture,
        candidates: plan.candidates,
        fixes: plan.steps.iter().map(step).collect(),
        certificate: weighed.collect(),
    };
    Fixes { plan: Some(entry), ..fixes(graph, kinds) }
}

/// JSON of what protects a target.
pub fn protection(
    graph: &ExposureGraph<'_>,
    protection: Result<&Protection, &Uncut>,
    target: &str,
    threshold: BasisPoints,
    kinds: &[FixKind],
) -> Fixes {
    let found = protection.ok();
    let entry = ProtectionEntry {
        target: target.to_owned(),
        threshold,
        protected: found.is_some_and(|found| !(found.is_interrupted && found.fixes.is_empty())),
        fixes: found.into_iter().flat_map(|found| &found.fixes).map(|candidate| fix_entry(graph, *candidate, None)).collect(),
        cost: found.map_or(0, |found| found.cost),
        bound: found.map_or(0, |found| found.bound),
        searched: found.is_some_and(|found| found.is_searched),
        interrupted: found.is_some_and(|found| found.is_interrupted),
        paths: found
            .into_iter()
            .flat_map(|found| &found.paths)
            .map(|(path, cost)| CutPath { cost: *cost, path: path_steps(graph, path) })
            .collect(),
        uncut: protection.err().map(|uncut| path_steps(graph, &uncut.path)),
    };
    Fixes { protection: Some(entry), ..fixes(graph, kinds) }
}
