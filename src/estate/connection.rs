//! A connection of the estate, and how its identifier is derived.

use super::SystemIx;
use super::document::ConnectionEntry;
use super::hashed::{HashMap, HashSet};
use crate::catalog::{Certainty, ConnectionKind, ControlStatus, Strength};
use crate::source::Span;
use foldhash::fast::RandomState;
use serde::{Deserialize, Serialize};
use std::collections::hash_map::Entry;

/// Position of a connection; connections are in ascending order of their ids.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ConnectionIx(pub u32);

impl ConnectionIx {
    /// The position as an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A connection of the estate. Exposure comes from `from` and goes to `to`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Connection {
    /// Identifier, stated or derived.
    pub id: String,
    /// The system that exposure comes from.
    pub from: SystemIx,
    /// The system that exposure goes to.
    pub to: SystemIx,
    /// The verb between them.
    pub kind: ConnectionKind,
    /// Controls, in the order stated.
    pub controls: Vec<ConnectionControl>,
    /// Whether it is known to exist.
    pub certainty: Certainty,
    /// Whether the consumer of a feed keeps a copy.
    pub copy: bool,
    /// A remark.
    pub note: Option<String>,
    /// Where its entry stands.
    pub span: Span,
}

/// A control on a connection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConnectionControl {
    /// Its class, from the policy's list.
    pub class: String,
    /// How strong it is.
    pub strength: Strength,
    /// How far it is in place.
    pub status: ControlStatus,
}

impl Connection {
    /// The connection with a strong control of a class in place; of controls of one class the best counts.
    #[must_use]
    pub fn with_strong_control(&self, class: &str) -> Self {
        let mut connection = self.clone();
        let control = ConnectionControl { class: class.to_owned(), strength: Strength::Strong, status: ControlStatus::Implemented };
        connection.controls.push(control);
        connection
    }
}

/// The identifier of every entry, in the order given: stated, or derived as `from>kind>to`.
///
/// Repeats are numbered `#2`, `#3` … in the order of their canonical JSON (keys sorted, no white space), so that the
/// order in the file does not matter; a number that a stated identifier has taken is skipped. Identifiers of systems
/// may hold `>` and `#`: what counts as a repeat is the derived text, and no number makes the text of another.
pub(super) fn identifiers(entries: &[ConnectionEntry]) -> Vec<String> {
    let own = |entry: &ConnectionEntry| entry.id.as_ref().map_or_else(|| derived(entry), |id| id.value.clone());
    let mut ids: Vec<String> = entries.iter().map(own).collect();
    for (entry_ix, id) in numbered(entries, &ids) {
        ids[entry_ix] = id;
    }
    ids
}

/// How long the derived text of an entry is; what is numbered is longer.
pub(super) fn derived_length(entry: &ConnectionEntry) -> usize {
    entry.from.value.len() + entry.kind.value.id().len() + entry.to.value.len() + 2
}

fn derived(entry: &ConnectionEntry) -> String {
    let mut text = String::with_capacity(derived_length(entry));
    for part in [&entry.from.value, ">", entry.kind.value.id(), ">", &entry.to.value] {
        text.push_str(part);
    }
    text
}

/// The entries whose derived text, given in `ids`, is not theirs alone, each with the identifier that it gets instead.
fn numbered(entries: &[ConnectionEntry], ids: &[String]) -> Vec<(usize, String)> {
    let stated: HashSet<&str> = entries.iter().filter_map(|entry| entry.id.as_ref()).map(|id| id.value.as_str()).collect();
    let mut first: HashMap<&str, usize> = HashMap::with_capacity_and_hasher(entries.len() - stated.len(), RandomState::default());
    let mut repeats: HashMap<&str, Vec<usize>> = HashMap::default();
    for (entry_ix, base) in ids.iter().map(String::as_str).enumerate().filter(|&(entry_ix, _)| entries[entry_ix].id.is_none()) {
        match first.entry(base) {
            Entry::Occupied(first) => repeats.entry(base).or_insert_with(|| vec![*first.get()]).push(entry_ix),
            Entry::Vacant(place) => {
                place.insert(entry_ix);
                if stated.contains(base) {
                    repeats.insert(base, vec![entry_ix]);
                }
            }
        }
    }
    let mut numbered = Vec::new();
    // In whatever order: no two texts are numbered to the same identifier.
    for (base, mut alike) in repeats {
        alike.sort_by_cached_key(|&entry_ix| canonical(&entries[entry_ix]));
        let others = (2_u32..).map(|number| format!("{base}#{number}")).filter(|id| !first.contains_key(id.as_str()));
        let free = std::iter::once(base.to_owned()).chain(others).filter(|id| !stated.contains(id.as_str()));
        numbered.extend(alike.into_iter().zip(free));
    }
    numbered
}

/// The entry as JSON with sorted keys and no white space; `serde_json`'s maps are sorted.
fn canonical(entry: &ConnectionEntry) -> String {
    serde_json::to_value(entry).map(|value| value.to_string()).unwrap_or_default()
}
