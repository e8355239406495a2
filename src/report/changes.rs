//! Changed elements of a model in words.

use super::page::Line;
use crate::catalog::{Certainty, Layer};
use crate::estate::{Change, Claim, Connection, Estate, Evidence, NOBODY, Owner, Party, PartyIx, Stated, System};
use crate::source::Span;

/// What stands where nothing is stated.
const NOT_SAID: &str = "not said";

/// What became of an element, and what it is: `added`, `removed` or `changed`, and `party`, `system`, `layer` or
/// `connection`.
pub(super) fn words(change: &Change) -> (&'static str, &'static str) {
    match change {
        Change::PartyAdded(_) => ("added", "party"),
        Change::PartyRemoved(_) => ("removed", "party"),
        Change::PartyChanged { .. } => ("changed", "party"),
        Change::SystemAdded(_) => ("added", "system"),
        Change::SystemRemoved(_) => ("removed", "system"),
        Change::SystemChanged { .. } => ("changed", "system"),
        Change::LayerChanged { .. } => ("changed", "layer"),
        Change::ConnectionAdded(_) => ("added", "connection"),
        Change::ConnectionRemoved(_) => ("removed", "connection"),
        Change::ConnectionChanged { .. } => ("changed", "connection"),
    }
}

/// The same as a mark: `+ system`.
pub(super) fn label(change: &Change) -> String {
    let (what, of) = words(change);
    let sign = match what {
        "added" => "+",
        "removed" => "−",
        _ => "~",
    };
    format!("{sign} {of}")
}

/// The id of the changed element.
pub(super) fn id(base: &Estate, head: &Estate, change: &Change) -> String {
    match *change {
        Change::PartyRemoved(party_ix) => base.party(party_ix).id.clone(),
        Change::PartyAdded(party_ix) | Change::PartyChanged { head: party_ix, .. } => head.party(party_ix).id.clone(),
        Change::SystemRemoved(system_ix) => base.system(system_ix).id.clone(),
        Change::SystemAdded(system_ix) | Change::SystemChanged { head: system_ix, .. } => head.system(system_ix).id.clone(),
        Change::LayerChanged { head: system_ix, layer, .. } => format!("{}:{layer}", head.system(system_ix).id),
        Change::ConnectionRemoved(connection_ix) => base.connection(connection_ix).id.clone(),
        Change::ConnectionAdded(connection_ix) | Change::ConnectionChanged { head: connection_ix, .. } => {
            head.connection(connection_ix).id.clone()
        }
    }
}

/// The whole change in a few words: `added connection ci>deploys>web`.
pub(super) fn short(base: &Estate, head: &Estate, change: &Change) -> Line {
    let (what, of) = words(change);
    Line::words(format!("{what} {of} ")).and_name(id(base, head, change))
}

/// Where the change stands, in the head; none for what is gone.
pub(super) fn place(head: &Estate, change: &Change) -> Option<Span> {
    match *change {
        Change::PartyAdded(party_ix) | Change::PartyChanged { head: party_ix, .. } => Some(head.party(party_ix).span),
        Change::SystemAdded(system_ix) | Change::SystemChanged { head: system_ix, .. } => Some(head.system(system_ix).span),
        Change::LayerChanged { head: system_ix, layer, .. } => {
            let system = head.system(system_ix);
            Some(system.layer(layer).claim.as_ref().map_or(system.span, |claim| claim.span))
        }
        Change::ConnectionAdded(connection_ix) | Change::ConnectionChanged { head: connection_ix, .. } => {
            Some(head.connection(connection_ix).span)
        }
        Change::PartyRemoved(_) | Change::SystemRemoved(_) | Change::ConnectionRemoved(_) => None,
    }
}

/// What is new about it: what an added element is, and of a changed one each part before and after.
pub(super) fn detail(base: &Estate, head: &Estate, change: &Change) -> Line {
    match *change {
        Change::PartyRemoved(party_ix) => Line::words(base.party(party_ix).kind.id()),
        Change::PartyAdded(party_ix) => Line::words(head.party(party_ix).kind.id()),
        Change::PartyChanged { base: before, head: after } => {
            differences(&party(base, base.party(before)), &party(head, head.party(after)))
        }
        Change::SystemRemoved(system_ix) => what_it_is(base.system(system_ix)),
        Change::SystemAdded(system_ix) => what_it_is(head.system(system_ix)),
        Change::SystemChanged { base: before, head: after } => {
            differences(&system(base, base.system(before)), &system(head, head.system(after)))
        }
        Change::LayerChanged { base: before, head: after, layer } => {
            differences(&claim(base, base.system(before), layer), &claim(head, head.system(after), layer))
        }
        Change::ConnectionRemoved(connection_ix) => sentence(base, base.connection(connection_ix)),
        Change::ConnectionAdded(connection_ix) => {
            let connection = head.connection(connection_ix);
            let parts: Vec<String> =
                strength(connection).into_iter().filter_map(|(name, value)| Some(format!("{name} {}", value?))).collect();
            let line = sentence(head, connection);
            if parts.is_empty() { line.and(", no controls") } else { line.and(", ").and_free(parts.join(", ")) }
        }
        Change::ConnectionChanged { base: before, head: after } => {
            differences(&strength(base.connection(before)), &strength(head.connection(after)))
        }
    }
}

fn what_it_is(system: &System) -> Line {
    let kind = system.service.map_or_else(|| system.model.id().to_owned(), |service| service.id.clone());
    let line = Line::words(kind);
    match &system.provider {
        Some(provider) => line.and(" by ").and_name(provider.clone()),
        None => line,
    }
}

fn sentence(estate: &Estate, connection: &Connection) -> Line {
    let id = |system_ix| estate.system(system_ix).id.clone();
    Line::name(id(connection.from)).and(format!(" {} ", connection.kind)).and_name(id(connection.to))
}

/// Named parts of an element, each with its value where stated.
type Parts = Vec<(String, Option<String>)>;

fn differences(before: &Parts, after: &Parts) -> Line {
    let mut names: Vec<&String> = after.iter().chain(before).map(|(name, _)| name).collect();
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(*name));
    let value = |parts: &Parts, name: &str| parts.iter().find(|(known, _)| known == name).and_then(|(_, value)| value.clone());
    let mut line = Line::default();
    for name in names {
        let (was, is) = (value(before, name), value(after, name));
        if was != is {
            let line_so_far = if line.is_empty() { line } else { line.and("; ") };
            let shown = |line: Line, value: Option<String>| match value {
                Some(value) => line.and_name(value),
                None => line.and(NOT_SAID),
            };
            line = shown(shown(line_so_far.and_free(name.clone()).and(" "), was).and(" → "), is);
        }
    }
    line
}

fn dated(evidence: Option<&Evidence>) -> Option<String> {
    evidence.map(|evidence| evidence.as_of.to_string())
}

fn party_id(estate: &Estate, party: Option<PartyIx>) -> Option<String> {
    party.map(|party_ix| estate.party(party_ix).id.clone())
}

fn party(estate: &Estate, party: &Party) -> Parts {
    vec![
        ("kind".to_owned(), Some(party.kind.id().to_owned())),
        ("of".to_owned(), party_id(estate, party.of)),
        ("attested".to_owned(), dated(party.attested.as_ref())),
    ]
}

fn system(estate: &Estate, system: &System) -> Parts {
    let fixed = [
        ("service", system.service.map(|service| service.id.clone())),
        ("model", Some(system.model.id().to_owned())),
        ("provider", system.provider.clone()),
        ("owner", party_id(estate, system.owner)),
        ("criticality", system.criticality.map(|criticality| criticality.id().to_owned())),
        ("facing", system.facing.map(|facing| facing.id().to_owned())),
    ];
    let settings = system.settings.iter().map(|(setting, value)| (setting.clone(), Some(value.clone())));
    fixed.into_iter().map(|(name, value)| (name.to_owned(), value)).chain(settings).collect()
}

fn claim(estate: &Estate, system: &System, layer: Layer) -> Parts {
    let Some(claim): Option<&Claim> = system.layer(layer).claim.as_deref() else { return Vec::new() };
    let halves = [("customer ", claim.customer.as_deref()), ("provider ", claim.provider.as_deref())];
    let mut parts = statement(estate, "", &claim.stated);
    for (half, stated) in halves {
        if let Some(stated) = stated {
            parts.push((format!("{half}half"), Some("stated".to_owned())));
            parts.extend(statement(estate, half, stated));
        }
    }
    parts
}

fn statement(estate: &Estate, of: &str, stated: &Stated) -> Parts {
    let owner = stated.owner.map(|owner| match owner {
        Owner::Nobody => NOBODY.to_owned(),
        Owner::Party(party_ix) => estate.party(party_ix).id.clone(),
    });
    let fixed =
        [("owner", owner), ("status", stated.status.map(|status| status.id().to_owned())), ("evidence", dated(stated.evidence.as_deref()))];
    let catalog = crate::catalog::ControlCatalog::shipped();
    let controls =
        stated.controls.iter().map(|&(control_ix, status)| (catalog.control(control_ix).id.clone(), Some(status.id().to_owned())));
    fixed
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .chain(controls)
        .map(|(name, value)| (format!("{of}{name}"), value))
        .collect()
}

fn strength(connection: &Connection) -> Parts {
    let mut controls: Vec<String> =
        connection.controls.iter().map(|control| format!("{} {} {}", control.strength, control.class, control.status)).collect();
    controls.sort();
    let certainty = (connection.certainty == Certainty::Possible).then(|| connection.certainty.id().to_owned());
    let copy = (!connection.copy).then(|| "false".to_owned());
    vec![
        ("controls".to_owned(), (!controls.is_empty()).then(|| controls.join(", "))),
        ("certainty".to_owned(), certainty),
        ("copy".to_owned(), copy),
    ]
}
