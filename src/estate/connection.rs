//! A connection of the estate, and how its identifier is derived.

use super::SystemIx;
use super::document::ConnectionEntry;
use crate::catalog::{Certainty, ConnectionKind, ControlStatus, Strength};
use crate::source::Span;
use std::collections::{HashMap, HashSet};

/// Position of a connection; connections are in ascending order of their ids.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionIx(pub u32);

impl ConnectionIx {
    /// The position as an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A connection of the estate. Exposure comes from `from` and goes to `to`.
#[derive(Clone, Debug)]
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
#[derive(Clone, Debug, PartialEq)]
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
    let stated: HashSet<&str> = entries.iter().filter_map(|entry| entry.id.as_ref()).map(|id| id.value.as_str()).collect();
    let mut ids = vec![String::new(); entries.len()];
    let mut repeats: HashMap<String, Vec<usize>> = HashMap::with_capacity(entries.len());
    for (entry_ix, entry) in entries.iter().enumerate() {
        match &entry.id {
            Some(id) => ids[entry_ix].clone_from(&id.value),
            None => repeats.entry(format!("{}>{}>{}", entry.from.value, entry.kind.value, entry.to.value)).or_default().push(entry_ix),
        }
    }
    // In whatever order: no two texts are numbered to the same identifier.
    for (base, alike) in &repeats {
        if let ([entry_ix], false) = (alike.as_slice(), stated.contains(base.as_str())) {
            ids[*entry_ix].clone_from(base);
            continue;
        }
        let mut alike = alike.clone();
        alike.sort_by_cached_key(|&entry_ix| canonical(&entries[entry_ix]));
        let numbered = (2_u32..).map(|number| format!("{base}#{number}")).filter(|id| !repeats.contains_key(id));
        let mut free = std::iter::once(base.clone()).chain(numbered).filter(|id| !stated.contains(id.as_str()));
        for entry_ix in alike {
            ids[entry_ix] = free.next().unwrap_or_default();
        }
    }
    ids
}

/// The entry as JSON with sorted keys and no white space; `serde_json`'s maps are sorted.
fn canonical(entry: &ConnectionEntry) -> String {
    serde_json::to_value(entry).map(|value| value.to_string()).unwrap_or_default()
}
