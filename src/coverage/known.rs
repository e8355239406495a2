//! What coverage would be if what is not known turned out well.

use super::{Assessor, Backing, Coverage, LayerCoverage, Statements, severity, statements};
use crate::catalog::{Layer, Policy, Verdict};
use crate::estate::{Estate, Stated, SystemIx};

impl Coverage {
    /// The coverage that a layer would have if all that is not known of it turned out well: whose it is, where nobody claims
    /// it or no split is written, and what is in place, where that is unknown, not said, or rests on evidence that lapsed.
    /// None where nothing of that is open, or would cover more.
    ///
    /// What a provider does silently is not unknown: the policy says what it counts as.
    ///
    /// # Source
    /// Specification, section 3.
    pub fn at_best(&self, estate: &Estate, policy: &Policy, system_ix: SystemIx, layer: Layer) -> Option<LayerCoverage> {
        let known = self.layer(system_ix, layer)?;
        let system = estate.system(system_ix);
        let assessor = Assessor::new(policy, self.as_of);
        let control = |stated: &Stated, backing: Backing<'_>| {
            let is_silent = !matches!(backing, Backing::None);
            assessor.control(layer, &assessor.at_best(stated, is_silent), backing)
        };
        let control = match statements(estate, &system.layer_in_place(layer), known.ownership) {
            Statements::Whole(stated, backing) => control(&stated, backing),
            Statements::Split { customer, provider } => control(&customer.0, customer.1).weaker(control(&provider.0, provider.1)),
        };
        let mut ownership = known.ownership;
        if matches!(ownership.verdict, Verdict::Unclaimed | Verdict::Unsplit) {
            ownership.verdict = Verdict::Clear;
        }
        let coverage = policy.accountability(ownership.verdict).times(control.value);
        if coverage.low <= known.coverage.low {
            return None;
        }
        let severity = severity(policy.threat(system.facing), coverage);
        let gap = known.gap.filter(|_| severity.high > 0.0);
        Some(LayerCoverage { ownership, control: control.value, coverage, severity, gap, ..known })
    }
}
