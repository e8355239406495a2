//! JSON of `verify`.

use super::{PolicyUsed, analysis_date};
use crate::analysis::verify::Verdict;
use crate::graph::ExposureGraph;
use schemars::JsonSchema;
use serde::Serialize;

/// What became of the claims of a result.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Verified {
    /// `weaklink/verify/1`.
    pub schema: &'static str,
    /// The policy used.
    pub policy: PolicyUsed,
    /// The analysis date, if any evidence is dated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// Whether all hold.
    pub holds: bool,
    /// The claims.
    pub claims: Vec<VerifiedClaim>,
}

/// What became of a claim.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct VerifiedClaim {
    /// What it is about.
    pub about: String,
    /// Whether it holds.
    pub holds: bool,
    /// Whether all of it was checked; a search of all sets of fixes is not repeated where there are too many.
    pub complete: bool,
    /// Why it does not hold, or what was not checked.
    pub why: Option<String>,
}

/// JSON of verdicts, each with what it is about.
pub fn verify(graph: &ExposureGraph<'_>, verdicts: &[(String, Verdict)]) -> Verified {
    let claims = verdicts.iter().map(|(about, verdict)| VerifiedClaim {
        about: about.clone(),
        holds: !matches!(verdict, Verdict::Fails(_)),
        complete: *verdict != Verdict::HoldsUnsearched,
        why: crate::report::pages::verdict_words(graph, verdict).map(|line| line.text()),
    });
    let claims: Vec<VerifiedClaim> = claims.collect();
    Verified {
        schema: "weaklink/verify/1",
        policy: PolicyUsed::of(graph.policy),
        as_of: analysis_date(graph),
        holds: claims.iter().all(|claim| claim.holds),
        claims,
    }
}
