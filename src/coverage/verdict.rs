//! Who must secure a layer against who is said to: the verdict on its ownership.

use crate::catalog::{Cell, Side, Verdict};
use crate::estate::{Estate, LayerInPlace, Owner, PartyIx};

/// The verdict on one layer's ownership, with the parties that it rests on.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Ownership {
    /// Whether the declared owner agrees with the matrix.
    pub verdict: Verdict,
    /// Who is accountable.
    pub accountable: Accountable,
}

/// Who is accountable for a layer.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Accountable {
    /// Nobody is said to be.
    Nobody,
    /// A declared party.
    Party(PartyIx),
    /// The system's provider, which is not a declared party.
    UndeclaredProvider,
    /// Both sides, by a written split. The provider is none where it is not a declared party.
    Split {
        /// The owner of the customer's half.
        customer: PartyIx,
        /// The owner of the provider's half.
        provider: Option<PartyIx>,
    },
}

/// The verdict on the ownership of a layer (specification, section 3).
///
/// `nobody` is decided first. A silent layer of the customer takes the system's owner. A system of which no provider
/// is known accepts any. A split counts only with both halves, each owned by its own side: the provider's half by the
/// system's provider.
///
/// Beside it: whether the party that is accountable, or the customer's half of a split, is the system's owner.
pub(super) fn ownership(estate: &Estate, of: &LayerInPlace<'_>) -> (Ownership, bool) {
    let facts = of.facts;
    let claim = facts.claim.as_deref();
    let cell = facts.cell;
    let is_nobodys = claim.is_some_and(|claim| {
        [Some(&claim.stated), claim.customer.as_deref(), claim.provider.as_deref()]
            .into_iter()
            .flatten()
            .any(|stated| stated.owner == Some(Owner::Nobody))
    });
    if is_nobodys {
        let verdict = if cell == Cell::Provider { Verdict::Contradicted } else { Verdict::Unowned };
        return (Ownership { verdict, accountable: Accountable::Nobody }, false);
    }
    let stated = match claim.and_then(|claim| claim.stated.owner) {
        Some(Owner::Party(party_ix)) => Some(party_ix),
        Some(Owner::Nobody) | None => None,
    };
    if cell.allows_split()
        && let Some((accountable, is_owners)) = split(estate, of)
    {
        return (Ownership { verdict: Verdict::Clear, accountable }, is_owners);
    }
    let side = |party_ix: PartyIx| estate.party(party_ix).kind.side();
    let verdict = match cell {
        Cell::Customer => match stated.or(of.owner).map(side) {
            Some(Side::Customer) => Verdict::Clear,
            Some(Side::Provider) => Verdict::Contradicted,
            None => Verdict::Unclaimed,
        },
        Cell::Provider => match stated {
            None => Verdict::Clear,
            Some(party_ix) if of.provider == Some(estate.party(party_ix).id.as_str()) => Verdict::Clear,
            Some(party_ix) if side(party_ix) == Side::Customer => Verdict::Double,
            Some(_) if of.provider.is_none() => Verdict::Clear,
            Some(_) => Verdict::Contradicted,
        },
        Cell::Shared => Verdict::Unsplit,
        Cell::Unknown | Cell::Undetermined if stated.is_some() => Verdict::Clear,
        Cell::Unknown | Cell::Undetermined | Cell::NotApplicable => Verdict::Unclaimed,
    };
    let silent = match cell {
        Cell::Customer => of.owner.map_or(Accountable::Nobody, Accountable::Party),
        Cell::Provider => provider_of(estate, of),
        Cell::Shared | Cell::Unknown | Cell::Undetermined | Cell::NotApplicable => Accountable::Nobody,
    };
    let is_owners = stated.map_or(cell == Cell::Customer, |party_ix| is_own(estate, of, party_ix));
    (Ownership { verdict, accountable: stated.map_or(silent, Accountable::Party) }, is_owners)
}

/// Whether a party that is named is the system's own anyway, see [`LayerInPlace::own_customer`].
fn is_own(estate: &Estate, of: &LayerInPlace<'_>, party_ix: PartyIx) -> bool {
    of.own_customer(estate.parties()) == Some(party_ix)
}

fn provider_of(estate: &Estate, of: &LayerInPlace<'_>) -> Accountable {
    match of.provider {
        Some(provider) => estate.find_party(provider).map_or(Accountable::UndeclaredProvider, Accountable::Party),
        None => Accountable::Nobody,
    }
}

/// The parties of a split with both halves, each owned by its own side; and whether the customer's is the system's owner.
fn split(estate: &Estate, of: &LayerInPlace<'_>) -> Option<(Accountable, bool)> {
    let claim = of.facts.claim.as_deref()?;
    let (customer, provider) = (claim.customer.as_deref()?, claim.provider.as_deref()?);
    let party = |owner: Option<Owner>| match owner {
        Some(Owner::Party(party_ix)) => Some(party_ix),
        Some(Owner::Nobody) | None => None,
    };
    let is_owners = party(customer.owner).is_none_or(|party_ix| is_own(estate, of, party_ix));
    let customer = party(customer.owner).or(of.owner)?;
    if estate.party(customer).kind.side() != Side::Customer {
        return None;
    }
    let provider = match (party(provider.owner), of.provider) {
        (Some(party_ix), Some(known)) => (estate.party(party_ix).id == known).then_some(Some(party_ix))?,
        (Some(party_ix), None) => Some(party_ix),
        (None, Some(known)) => estate.find_party(known),
        (None, None) => return None,
    };
    if provider.is_some_and(|party_ix| estate.party(party_ix).kind.side() != Side::Provider) {
        return None;
    }
    Some((Accountable::Split { customer, provider }, is_owners))
}
