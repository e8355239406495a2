//! The identity of a finding: its kind and what it is about, never a line of a file.

use crate::catalog::{GapKind, Layer};
use sha2::{Digest, Sha256};
use std::fmt;

/// What kind of risk a finding is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingKind {
    /// A coverage gap.
    Gap(GapKind),
    /// A system's risk rises.
    Rise,
    /// Less is known of a touched system's risk than before.
    LessKnown,
    /// The policy is another one.
    PolicyChanged,
    /// A system is said to matter less.
    LowerCriticality,
    /// A layer is said to be better covered, without evidence.
    ClaimWithoutEvidence,
    /// What was said of a layer's cover is no longer said.
    RemovedStatus,
    /// A system is gone.
    RemovedSystem,
    /// A connection is gone.
    RemovedConnection,
    /// The consumer of a feed is said to keep no copy any more.
    NoCopy,
    /// A layer is said not to exist any more.
    NotApplicable,
}

/// What a finding is about.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum About {
    /// The whole model.
    Model,
    /// A system.
    System,
    /// A layer of a system, `system:layer`.
    State,
    /// A connection.
    Connection,
}

impl FindingKind {
    /// Every kind that is no gap.
    const OF_REVIEWS: &'static [(Self, &'static str, About)] = &[
        (Self::Rise, "rise", About::State),
        (Self::LessKnown, "less-known", About::System),
        (Self::PolicyChanged, "policy-changed", About::Model),
        (Self::LowerCriticality, "lower-criticality", About::System),
        (Self::ClaimWithoutEvidence, "claim-without-evidence", About::State),
        (Self::RemovedStatus, "removed-status", About::State),
        (Self::RemovedSystem, "removed-system", About::System),
        (Self::RemovedConnection, "removed-connection", About::Connection),
        (Self::NoCopy, "no-copy", About::Connection),
        (Self::NotApplicable, "not-applicable", About::State),
    ];

    /// The word for it, in kebab-case.
    pub fn id(self) -> &'static str {
        match self {
            Self::Gap(kind) => kind.id(),
            other => Self::OF_REVIEWS.iter().find(|(kind, ..)| *kind == other).map_or("", |(_, id, _)| id),
        }
    }

    /// The kind with this word.
    pub fn from_id(id: &str) -> Option<Self> {
        let of_review = Self::OF_REVIEWS.iter().find(|(_, word, _)| *word == id).map(|(kind, ..)| *kind);
        of_review.or_else(|| GapKind::from_id(id).map(Self::Gap))
    }

    /// The word of every kind.
    pub fn ids() -> Vec<&'static str> {
        GapKind::IDS.iter().copied().chain(Self::OF_REVIEWS.iter().map(|(_, id, _)| *id)).collect()
    }

    fn about(self) -> About {
        match self {
            Self::Gap(_) => About::State,
            other => Self::OF_REVIEWS.iter().find(|(kind, ..)| *kind == other).map_or(About::Model, |(_, _, about)| *about),
        }
    }
}

/// Bytes of an id in a model.
const LONGEST_ID: usize = 512;

/// Bytes of the id of a connection that states none: two ids, a kind between them, and a number.
const LONGEST_DERIVED_ID: usize = 2 * LONGEST_ID + 64;

/// The identity of a finding, `KIND@SUBJECT`: the same as long as the risk is, wherever it stands in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FindingId {
    /// What kind of risk it is.
    pub kind: FindingKind,
    /// A system, `system:layer`, or a connection, as the kind says; empty for the model as a whole.
    pub subject: String,
}

impl FindingId {
    /// A finding about a layer of a system.
    pub fn of_layer(kind: FindingKind, system: &str, layer: Layer) -> Self {
        Self { kind, subject: format!("{system}:{layer}") }
    }

    /// A finding about a system, a connection, or with an empty subject the model.
    pub fn of(kind: FindingKind, subject: &str) -> Self {
        Self { kind, subject: subject.to_owned() }
    }

    /// The finding that a text names.
    ///
    /// # Errors
    /// What is wrong with the text, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (kind, subject) = text.split_once('@').unwrap_or((text, ""));
        let Some(kind) = FindingKind::from_id(kind) else {
            return Err(format!("a finding is `KIND@SUBJECT`, and KIND one of {}", FindingKind::ids().join(", ")));
        };
        let is_id = |id: &str| (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
        let (is_right, expected) = match kind.about() {
            About::Model => (subject.is_empty(), ""),
            About::System => (is_id(subject), "@SYSTEM"),
            About::Connection => {
                // A derived id holds those of both ends.
                let is_graphic = subject.bytes().all(|byte| byte.is_ascii_graphic());
                (!subject.is_empty() && subject.len() <= LONGEST_DERIVED_ID && is_graphic, "@CONNECTION")
            }
            About::State => {
                let is_state = |(system, layer): (&str, &str)| is_id(system) && Layer::from_id(layer).is_some();
                (subject.rsplit_once(':').is_some_and(is_state), "@SYSTEM:LAYER")
            }
        };
        if is_right { Ok(Self::of(kind, subject)) } else { Err(format!("this finding is written `{}{expected}`", kind.id())) }
    }

    /// A hash of the identity, 32 hexadecimal digits, for machines that follow a finding from run to run.
    pub fn fingerprint(&self) -> String {
        digest(&format!("weaklink/finding/1\n{self}"))
    }
}

/// The first 32 hexadecimal digits of a text's SHA-256.
pub(super) fn digest(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let first = digest.iter().take(16).fold(0, |number: u128, &byte| number << 8 | u128::from(byte));
    format!("{first:032x}")
}

impl fmt::Display for FindingId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = if self.subject.is_empty() { "" } else { "@" };
        write!(out, "{}{at}{}", self.kind.id(), self.subject)
    }
}
