//! Connections put in the order of their identifiers, without comparing the texts of those that are derived.

use super::{Connection, System};
use crate::catalog::ConnectionKind;

/// The order of connections by their identifiers, collected one by one.
///
/// `from>kind>to` compares as its three parts do, the first two with their `>`, as long as no system has that in its
/// own identifier. Identifiers that are stated or numbered are compared as text.
pub(super) struct Order {
    /// Of every system the place of its identifier with a `>` behind; none if a system has that in its own.
    ranks: Option<Vec<u32>>,
    /// The same of every kind.
    kinds: Vec<u8>,
    /// Ranks of system and kind, the system it goes to, and the place in the list.
    derived: Vec<(u32, u8, u32, u32)>,
    others: Vec<u32>,
}

impl Order {
    pub(super) fn new(systems: &[System], connections: usize) -> Self {
        let names: Vec<&str> = systems.iter().map(|system| system.id.as_str()).collect();
        let is_plain = names.iter().all(|name| !name.contains('>'));
        let words: Vec<&str> = ConnectionKind::ALL.iter().map(|kind| kind.id()).collect();
        Self {
            ranks: is_plain.then(|| ranks(&names)),
            kinds: ranks(&words).into_iter().map(|rank| rank as u8).collect(),
            derived: Vec::with_capacity(connections),
            others: Vec::new(),
        }
    }

    /// Takes the next connection; `is_derived` if its identifier is nothing but its ends and its kind.
    pub(super) fn add(&mut self, connection: &Connection, is_derived: bool) {
        let place = (self.derived.len() + self.others.len()) as u32;
        match &self.ranks {
            Some(ranks) if is_derived => {
                let (from, kind) = (ranks[connection.from.index()], self.kinds[connection.kind as usize]);
                self.derived.push((from, kind, connection.to.0, place));
            }
            _ => self.others.push(place),
        }
    }

    /// Sorts all the connections that were taken.
    pub(super) fn sort(self, connections: &mut [Connection]) {
        let Self { mut derived, mut others, .. } = self;
        let id = |place: u32| connections[place as usize].id.as_str();
        derived.sort_unstable();
        others.sort_unstable_by(|&left, &right| id(left).cmp(id(right)));
        let mut order: Vec<u32> = Vec::with_capacity(connections.len());
        let mut rest = derived.as_slice();
        for other in others {
            // Others are few, so that hardly any texts are compared.
            let (before, behind) = rest.split_at(rest.partition_point(|&(.., place)| id(place) < id(other)));
            order.extend(before.iter().map(|&(.., place)| place));
            order.push(other);
            rest = behind;
        }
        order.extend(rest.iter().map(|&(.., place)| place));
        for ix in 0..order.len() {
            let mut from = order[ix] as usize;
            // What stood there before has been moved to where this was taken from.
            while from < ix {
                from = order[from] as usize;
            }
            order[ix] = from as u32;
            connections.swap(ix, from);
        }
    }
}

/// The place of every name in the order of the names with a `>` behind each.
fn ranks(names: &[&str]) -> Vec<u32> {
    let marked = |name: u32| names[name as usize].bytes().chain([b'>']);
    let mut order: Vec<u32> = (0..names.len() as u32).collect();
    order.sort_by(|&left, &right| marked(left).cmp(marked(right)));
    let mut ranks = vec![0; names.len()];
    for (rank, name) in (0..).zip(order) {
        ranks[name as usize] = rank;
    }
    ranks
}
