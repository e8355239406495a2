//! A party of the estate.

use super::Evidence;
use crate::catalog::PartyKind;
use crate::source::Span;
use serde::{Deserialize, Serialize};

/// Position of a party; parties are in ascending order of their ids.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PartyIx(pub u32);

impl PartyIx {
    /// The position as an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A party of the estate.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Party {
    /// Identifier.
    pub id: String,
    /// What it is.
    pub kind: PartyKind,
    /// Name for people.
    pub name: Option<String>,
    /// A team's customer.
    pub of: Option<PartyIx>,
    /// Evidence over a provider's layers.
    pub attested: Option<Evidence>,
    /// Where its entry stands.
    pub span: Span,
}
