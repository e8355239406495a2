//! JSON of `choke`.

use super::{PolicyUsed, analysis_date};
use crate::analysis::{self, Asked};
use crate::catalog::{BasisPoints, points};
use crate::graph::ExposureGraph;
use crate::report::pages::{passage_id, passage_kind};
use schemars::JsonSchema;
use serde::Serialize;

/// Where all or some exposure of targets passes, and what fixing each would remove. Figures are those of the high end.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Choke {
    /// `weaklink/choke/1`.
    pub schema: &'static str,
    /// The policy used.
    pub policy: PolicyUsed,
    /// The analysis date, if any evidence is dated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// Exposure at or above which a target counts as exposed.
    pub threshold: BasisPoints,
    /// Why these are the targets: named, crown-jewels, or at-risk.
    pub asked: &'static str,
    /// The targets, as asked.
    pub targets: Vec<TargetEntry>,
    /// The sum of all risks.
    pub risk_points: u64,
    /// What cuts off one exposed target at least: what cuts off most first, then what removes most, then by kind and id.
    pub choke_points: Vec<ChokePointEntry>,
    /// Places on the paths of some targets that were not tried; none can cut off all.
    pub untried: usize,
}

/// A target.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TargetEntry {
    /// The target.
    pub target: String,
    /// The largest exposure of its layers.
    pub exposure: BasisPoints,
    /// Whether that is at or above the threshold.
    pub exposed: bool,
}

/// What all exposure of some target passes through.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ChokePointEntry {
    /// What it is: layer, connection, control, class or party.
    pub kind: &'static str,
    /// Its id: `system:layer` of a layer, the class of a connection's control.
    pub id: String,
    /// How many layers or connections it stands for.
    pub size: usize,
    /// Whether it cuts off every exposed target.
    pub all: bool,
    /// The exposed targets that are cut off without it.
    pub cuts: Vec<String>,
    /// The risk that fixing it removes.
    pub removes: u64,
    /// The targets whose exposure falls when it is fixed, with their exposure then.
    pub after: Vec<AfterEntry>,
    /// The largest exposure, when it is fixed, of the targets that it cuts off.
    pub worst_after: BasisPoints,
}

/// A target's exposure after a fix.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AfterEntry {
    /// The target.
    pub target: String,
    /// Its exposure then.
    pub exposure: BasisPoints,
}

/// JSON of choke points; targets are given with the names that they were asked by.
pub fn choke(graph: &ExposureGraph<'_>, choke: &analysis::ChokePoints, targets: &[String]) -> Choke {
    let exposed = choke.exposed();
    let entry = |point: &analysis::ChokePoint| ChokePointEntry {
        kind: passage_kind(point.passage),
        id: passage_id(graph, point.passage),
        size: point.size,
        all: point.cuts.len() == exposed,
        cuts: point.cuts.iter().map(|&target_ix| targets[target_ix].clone()).collect(),
        removes: point.removes,
        after: point
            .after
            .iter()
            .map(|&(target_ix, exposure)| AfterEntry { target: targets[target_ix].clone(), exposure: BasisPoints::of(exposure) })
            .collect(),
        worst_after: BasisPoints::of(point.worst_after),
    };
    let target = |(target, name): (&analysis::ChokeTarget, &String)| TargetEntry {
        target: name.clone(),
        exposure: BasisPoints::of(target.exposure),
        exposed: target.is_exposed,
    };
    Choke {
        schema: "weaklink/choke/1",
        policy: PolicyUsed::of(graph.policy),
        as_of: analysis_date(graph),
        threshold: choke.threshold,
        asked: match choke.asked {
            Asked::Named => "named",
            Asked::CrownJewels => "crown-jewels",
            Asked::Risky => "at-risk",
        },
        targets: choke.targets.iter().zip(targets).map(target).collect(),
        risk_points: points(choke.risk),
        choke_points: choke.points.iter().map(entry).collect(),
        untried: choke.untried,
    }
}
