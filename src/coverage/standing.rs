//! What is said of every control of a layer, and what of it counts.

use super::{Assessor, Coverage, Statements, statements};
use crate::catalog::{ControlCatalog, ControlIx, ControlStatus, Layer, Policy};
use crate::estate::{Claim, Estate, Evidence, Stated, SystemIx};

/// What is said of a control of a layer, and what of it counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// The control; none: the layer as a whole, which has no controls.
    pub control: Option<ControlIx>,
    /// What is claimed of it for the layer as a whole.
    pub stated: Option<ControlStatus>,
    /// What is claimed of it for the customer's half.
    pub customer: Option<ControlStatus>,
    /// What is claimed of it for the provider's half.
    pub provider: Option<ControlStatus>,
    /// The status that counts on the analysis date: unknown where the evidence is too old, implemented where a provider's
    /// attestation stands for it; of a split the weaker of the halves.
    pub counted: ControlStatus,
    /// What that status rests on.
    pub evidence: Option<Evidence>,
}

impl Coverage {
    /// What is said of every control of a layer, in the order of the catalogue: of its baseline, and of the others that
    /// are listed. One standing of the layer as a whole where there are none, and none where the layer does not exist.
    ///
    /// # Source
    /// Specification, section 3.
    pub fn standings(&self, estate: &Estate, policy: &Policy, system_ix: SystemIx, layer: Layer) -> Vec<Standing> {
        let Some(coverage) = self.layer(system_ix, layer) else { return Vec::new() };
        let system = estate.system(system_ix);
        let claim = system.layer(layer).claim.as_deref();
        let statements = statements(estate, &system.layer_in_place(layer), coverage.ownership);
        let assessor = Assessor::new(policy, self.as_of);
        let of = |control| standing(&assessor, &statements, claim, control);
        let controls = controls(layer, claim);
        if controls.is_empty() { vec![of(None)] } else { controls.into_iter().map(|control| of(Some(control))).collect() }
    }
}

/// The baseline of a layer and every control that a claim lists.
fn controls(layer: Layer, claim: Option<&Claim>) -> Vec<ControlIx> {
    let listed = claim.into_iter().flat_map(Claim::statements).flat_map(|stated| &stated.controls).map(|&(control, _)| control);
    let mut controls: Vec<ControlIx> = ControlCatalog::shipped().baseline(layer).iter().copied().chain(listed).collect();
    controls.sort_unstable();
    controls.dedup();
    controls
}

fn standing(assessor: &Assessor<'_>, statements: &Statements<'_>, claim: Option<&Claim>, control: Option<ControlIx>) -> Standing {
    let (counted, evidence) = match statements {
        Statements::Whole(stated, backing) => assessor.standing(stated, *backing, control),
        Statements::Split { customer, provider } => {
            let [one, other] = [customer, provider].map(|(stated, backing)| assessor.standing(stated, *backing, control));
            assessor.weaker(one, other)
        }
    };
    let whole = claim.map(|claim| &claim.stated);
    let said = |stated: &Stated| said(stated, control);
    let half = |half: Option<&Stated>| half.and_then(|half| said(half).or_else(|| whole.and_then(said)));
    Standing {
        control,
        stated: whole.and_then(said),
        customer: half(claim.and_then(|claim| claim.customer.as_deref())),
        provider: half(claim.and_then(|claim| claim.provider.as_deref())),
        counted,
        evidence: evidence.cloned(),
    }
}

/// The status that a statement gives a control: its own where it is listed, else that of the whole.
pub(super) fn said(stated: &Stated, control: Option<ControlIx>) -> Option<ControlStatus> {
    let listed = stated.controls.iter().find(|(listed, _)| Some(*listed) == control).map(|&(_, status)| status);
    listed.or(stated.status)
}
