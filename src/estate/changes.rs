//! What changed from one estate to another: every element whose meaning differs, whatever its order, name or remarks.

use super::{Claim, Connection, ConnectionIx, Estate, Evidence, Owner, Party, PartyIx, Stated, System, SystemIx};
use crate::catalog::{ConnectionKind, Layer};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// A changed element; places are those of the estate that has it.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Only the head has the party.
    PartyAdded(PartyIx),
    /// Only the base has the party.
    PartyRemoved(PartyIx),
    /// The party's kind, customer or attestation differs.
    PartyChanged {
        /// The party in the base.
        base: PartyIx,
        /// The party in the head.
        head: PartyIx,
    },
    /// Only the head has the system.
    SystemAdded(SystemIx),
    /// Only the base has the system.
    SystemRemoved(SystemIx),
    /// What the system says of itself as a whole differs.
    SystemChanged {
        /// The system in the base.
        base: SystemIx,
        /// The system in the head.
        head: SystemIx,
    },
    /// What is claimed about one layer of the system differs.
    LayerChanged {
        /// The system in the base.
        base: SystemIx,
        /// The system in the head.
        head: SystemIx,
        /// The layer.
        layer: Layer,
    },
    /// Only the head has the connection.
    ConnectionAdded(ConnectionIx),
    /// Only the base has the connection.
    ConnectionRemoved(ConnectionIx),
    /// The connection's controls, certainty or copy differ.
    ConnectionChanged {
        /// The connection in the base.
        base: ConnectionIx,
        /// The connection in the head.
        head: ConnectionIx,
    },
}

/// Returns what changed from `base` to `head`: parties, systems with their layers, then connections, each in order of
/// ids. Rules count by what they fill in.
///
/// A connection is known by its ends and its kind, of several alike by its strength and then by its id: an id may be
/// derived, and then a remark can change its running number.
pub fn changes(base: &Estate, head: &Estate) -> Vec<Change> {
    let mut changes = Vec::new();
    for (before, after) in pairs(base.parties().iter().map(|party| &party.id), head.parties().iter().map(|party| &party.id)) {
        changes.extend(match (before.map(|ix| PartyIx(ix as u32)), after.map(|ix| PartyIx(ix as u32))) {
            (Some(before), None) => Some(Change::PartyRemoved(before)),
            (None, Some(after)) => Some(Change::PartyAdded(after)),
            (Some(before), Some(after)) if !same_party(base, head, base.party(before), head.party(after)) => {
                Some(Change::PartyChanged { base: before, head: after })
            }
            _ => None,
        });
    }
    for (before, after) in pairs(base.systems().iter().map(|system| &system.id), head.systems().iter().map(|system| &system.id)) {
        match (before.map(|ix| SystemIx(ix as u32)), after.map(|ix| SystemIx(ix as u32))) {
            (Some(before), None) => changes.push(Change::SystemRemoved(before)),
            (None, Some(after)) => changes.push(Change::SystemAdded(after)),
            (Some(before), Some(after)) => {
                let (of_base, of_head) = (base.system(before), head.system(after));
                if !same_system(base, head, of_base, of_head) {
                    changes.push(Change::SystemChanged { base: before, head: after });
                }
                let differing = Layer::ALL.iter().copied().filter(|&layer| !same_layer(base, head, of_base, of_head, layer));
                changes.extend(differing.map(|layer| Change::LayerChanged { base: before, head: after, layer }));
            }
            (None, None) => {}
        }
    }
    connections(base, head, &mut changes);
    changes
}

fn connections<'e>(base: &'e Estate, head: &'e Estate, changes: &mut Vec<Change>) {
    // Nearly all are the same down to the id; what is not is grouped by what it is known by.
    let mut sides: BTreeMap<Name<'_>, [Vec<ConnectionIx>; 2]> = BTreeMap::new();
    let of = |connection: &'e Connection| &connection.id;
    for (before, after) in pairs(base.connections().iter().map(of), head.connections().iter().map(of)) {
        if let (Some(before), Some(after)) = (before, after)
            && name(base, &base.connections()[before]) == name(head, &head.connections()[after])
            && same_strength(&base.connections()[before], &head.connections()[after])
        {
            continue;
        }
        for (side, estate, connection_ix) in [(0, base, before), (1, head, after)] {
            if let Some(connection_ix) = connection_ix {
                let name = name(estate, &estate.connections()[connection_ix]);
                sides.entry(name).or_default()[side].push(ConnectionIx(connection_ix as u32));
            }
        }
    }
    let mut found = Vec::new();
    for [mut before, mut after] in sides.into_values() {
        take_pairs(&mut before, &mut after, |before, after| same_strength(base.connection(before), head.connection(after)));
        let of_one_id = take_pairs(&mut before, &mut after, |before, after| base.connection(before).id == head.connection(after).id);
        let in_order = take_pairs(&mut before, &mut after, |_, _| true);
        found.extend(of_one_id.into_iter().chain(in_order).map(|(base, head)| Change::ConnectionChanged { base, head }));
        found.extend(before.into_iter().map(Change::ConnectionRemoved));
        found.extend(after.into_iter().map(Change::ConnectionAdded));
    }
    let id = |change: &Change| match *change {
        Change::ConnectionRemoved(before) => &base.connection(before).id,
        Change::ConnectionAdded(after) | Change::ConnectionChanged { head: after, .. } => &head.connection(after).id,
        _ => unreachable!("only connections are in this list"),
    };
    found.sort_by(|left, right| id(left).cmp(id(right)));
    changes.extend(found);
}

/// What a connection is known by: its ends and its kind.
type Name<'a> = (&'a str, ConnectionKind, &'a str);

fn name<'a>(estate: &'a Estate, connection: &Connection) -> Name<'a> {
    (&estate.system(connection.from).id, connection.kind, &estate.system(connection.to).id)
}

/// Takes the connections out of two lists that belong together, the first of each that do.
fn take_pairs(
    base: &mut Vec<ConnectionIx>,
    head: &mut Vec<ConnectionIx>,
    belong: impl Fn(ConnectionIx, ConnectionIx) -> bool,
) -> Vec<(ConnectionIx, ConnectionIx)> {
    let mut pairs = Vec::new();
    base.retain(|&before| {
        let twin = head.iter().position(|&after| belong(before, after)).map(|twin| head.remove(twin));
        pairs.extend(twin.map(|after| (before, after)));
        twin.is_none()
    });
    pairs
}

/// The places of the elements of two lists that are in order of ids, side by side.
fn pairs<T: Ord>(base: impl Iterator<Item = T>, head: impl Iterator<Item = T>) -> Vec<(Option<usize>, Option<usize>)> {
    let (mut left, mut right) = (0, 0);
    let mut pairs = Vec::new();
    let (mut base, mut head) = (base.peekable(), head.peekable());
    loop {
        let order = match (base.peek(), head.peek()) {
            (Some(before), Some(after)) => before.cmp(after),
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (None, None) => return pairs,
        };
        let _ = (order.is_le().then(|| base.next()), order.is_ge().then(|| head.next()));
        pairs.push((order.is_le().then_some(left), order.is_ge().then_some(right)));
        left += usize::from(order.is_le());
        right += usize::from(order.is_ge());
    }
}

fn date(evidence: Option<&Evidence>) -> Option<Date> {
    evidence.map(|evidence| evidence.as_of)
}

fn party_id(estate: &Estate, party: Option<PartyIx>) -> Option<&str> {
    party.map(|party_ix| estate.party(party_ix).id.as_str())
}

fn owner_id(estate: &Estate, owner: Option<Owner>) -> Option<&str> {
    match owner? {
        Owner::Nobody => Some(super::NOBODY),
        Owner::Party(party_ix) => Some(&estate.party(party_ix).id),
    }
}

fn same_party(base: &Estate, head: &Estate, before: &Party, after: &Party) -> bool {
    before.kind == after.kind
        && party_id(base, before.of) == party_id(head, after.of)
        && date(before.attested.as_ref()) == date(after.attested.as_ref())
}

fn same_system(base: &Estate, head: &Estate, before: &System, after: &System) -> bool {
    before.service.map(|service| &service.id) == after.service.map(|service| &service.id)
        && before.model == after.model
        && before.provider == after.provider
        && party_id(base, before.owner) == party_id(head, after.owner)
        && before.criticality == after.criticality
        && before.facing == after.facing
        && before.settings == after.settings
}

fn same_layer(base: &Estate, head: &Estate, before: &System, after: &System, layer: Layer) -> bool {
    fn parts(claim: Option<&Claim>) -> [Option<&Stated>; 3] {
        claim.map_or([None; 3], |claim| [Some(&claim.stated), claim.customer.as_deref(), claim.provider.as_deref()])
    }
    let (before, after) = (before.layer(layer).claim.as_deref(), after.layer(layer).claim.as_deref());
    if before.is_none() && after.is_none() {
        return true;
    }
    // A half that says nothing is still half of a split; a layer of which nothing is said is as good as not mentioned.
    let is_split = |claim: Option<&Claim>| claim.map(|claim| (claim.customer.is_some(), claim.provider.is_some())).unwrap_or_default();
    let silent = Stated::default();
    is_split(before) == is_split(after)
        && parts(before)
            .iter()
            .zip(&parts(after))
            .all(|(before, after)| same_statement(base, head, before.unwrap_or(&silent), after.unwrap_or(&silent)))
}

fn same_statement(base: &Estate, head: &Estate, before: &Stated, after: &Stated) -> bool {
    owner_id(base, before.owner) == owner_id(head, after.owner)
        && before.status == after.status
        && before.controls == after.controls
        && date(before.evidence.as_deref()) == date(after.evidence.as_deref())
}

fn same_strength(before: &Connection, after: &Connection) -> bool {
    if before.controls == after.controls {
        return before.certainty == after.certainty && before.copy == after.copy;
    }
    let controls = |connection: &Connection| {
        let mut controls: Vec<_> =
            connection.controls.iter().map(|control| (control.class.clone(), control.strength, control.status)).collect();
        controls.sort();
        controls
    };
    before.certainty == after.certainty && before.copy == after.copy && controls(before) == controls(after)
}
