//! Who is accountable for a layer, as words.

use crate::catalog::Verdict;
use crate::coverage::{Accountable, LayerCoverage};
use crate::estate::{Estate, SystemIx};

/// What stands where nobody is named.
const NOT_SAID: &str = "not said";

/// The id of the one accountable party; none for nobody and for a split.
pub fn single(estate: &Estate, system_ix: SystemIx, coverage: &LayerCoverage) -> Option<String> {
    match coverage.ownership.accountable {
        Accountable::Nobody | Accountable::Split { .. } => None,
        Accountable::Party(party_ix) => Some(estate.party(party_ix).id.clone()),
        Accountable::UndeclaredProvider => estate.system(system_ix).provider.clone(),
    }
}

/// The ids of both owners of a split, the customer's half first.
pub fn split(estate: &Estate, system_ix: SystemIx, coverage: &LayerCoverage) -> Option<(String, String)> {
    match coverage.ownership.accountable {
        Accountable::Split { customer, provider } => {
            let provider = match provider {
                Some(party_ix) => estate.party(party_ix).id.clone(),
                None => estate.system(system_ix).provider.clone().unwrap_or_default(),
            };
            Some((estate.party(customer).id.clone(), provider))
        }
        Accountable::Nobody | Accountable::Party(_) | Accountable::UndeclaredProvider => None,
    }
}

/// One word or two for a table: the party, both owners of a split, `nobody` where that is said, or that nothing is.
pub fn shown(estate: &Estate, system_ix: SystemIx, coverage: &LayerCoverage) -> String {
    if let Some((customer, provider)) = split(estate, system_ix, coverage) {
        return format!("{customer} + {provider}");
    }
    let is_nobodys = matches!(coverage.ownership.verdict, Verdict::Unowned | Verdict::Contradicted);
    let nobody = if is_nobodys { "nobody" } else { NOT_SAID };
    single(estate, system_ix, coverage).unwrap_or_else(|| nobody.to_owned())
}
