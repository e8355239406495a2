//! JSON of `what-if`.

use super::{PolicyUsed, analysis_date, bp, sums};
use crate::analysis::{BlastDifference, Difference, SystemDifference};
use crate::catalog::{BasisPoints, Interval, Published};
use crate::estate::SystemIx;
use crate::graph::ExposureGraph;
use schemars::JsonSchema;
use serde::Serialize;

/// A model before and after edits.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WhatIf {
    /// `weaklink/what-if/1`.
    pub schema: &'static str,
    /// The policy used.
    pub policy: PolicyUsed,
    /// The analysis date, if any evidence is dated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// The edits, as given.
    pub edits: Vec<String>,
    /// The target, as asked; null where the score is compared.
    pub target: Option<String>,
    /// For a target: exposure at or above which a system is exposed.
    pub threshold: Option<BasisPoints>,
    /// Without a target: the posture.
    pub posture: Option<BeforeAfter<Published<u8>>>,
    /// Without a target: the sum of all risks.
    pub risk_points: Option<BeforeAfter<Published<u64>>>,
    /// Every system whose exposure changes.
    pub systems: Vec<SystemChange>,
}

/// A figure before and after.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct BeforeAfter<T> {
    /// Before.
    pub before: T,
    /// After.
    pub after: T,
}

/// A system whose exposure changes.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SystemChange {
    /// Its id.
    pub id: String,
    /// Its exposure before; null where it is not there, or not exposed at the threshold.
    pub before: Option<Published<BasisPoints>>,
    /// Its exposure after, likewise.
    pub after: Option<Published<BasisPoints>>,
    /// How far the high end rises.
    pub delta: i32,
}

fn changes(systems: &[SystemDifference]) -> Vec<SystemChange> {
    let side = |side: Option<(SystemIx, Interval)>| side.map(|(_, exposure)| bp(exposure));
    let all = systems.iter().map(|system| SystemChange {
        id: system.id.clone(),
        before: side(system.base),
        after: side(system.head),
        delta: system.delta(),
    });
    all.filter(|change| change.before != change.after).collect()
}

fn empty(graph: &ExposureGraph<'_>, edits: &[String], systems: &[SystemDifference]) -> WhatIf {
    WhatIf {
        schema: "weaklink/what-if/1",
        policy: PolicyUsed::of(graph.policy),
        as_of: analysis_date(graph),
        edits: edits.to_vec(),
        target: None,
        threshold: None,
        posture: None,
        risk_points: None,
        systems: changes(systems),
    }
}

/// JSON of what edits change in the score.
pub fn what_if(difference: &Difference<'_>, edits: &[String]) -> WhatIf {
    let (base, head) = (&difference.base_posture, &difference.head_posture);
    WhatIf {
        posture: Some(BeforeAfter { before: base.posture, after: head.posture }),
        risk_points: Some(BeforeAfter { before: sums(base.risk_points), after: sums(head.risk_points) }),
        ..empty(difference.head, edits, &difference.systems)
    }
}

/// JSON of what edits change in what a failure of a target exposes.
pub fn what_if_blast([_, after]: [&ExposureGraph<'_>; 2], difference: &BlastDifference, target: &str, edits: &[String]) -> WhatIf {
    WhatIf { target: Some(target.to_owned()), threshold: Some(difference.threshold), ..empty(after, edits, &difference.systems) }
}
