//! From what a plan says of its controls to what is claimed of layers.

use super::layers;
use super::leverage::Unmet;
use super::names::{Names, Parties};
use super::plan::{Plan, Said, Subject, properties};
use crate::catalog::{ControlStatus, Layer, PartyKind};
use crate::estate::NOBODY;
use crate::import::Observations;
use crate::import::observation::{Claimed, Evidence, Half};
use crate::import::tree::{find, get, items, text};
use crate::source::{Node, Span};
use std::collections::{BTreeMap, BTreeSet};

/// Controls that one piece of evidence names; the rest is counted.
const MOST_CONTROLS: usize = 4;

/// Who implements a control, by its `control-origination`.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Origin {
    Provider,
    Customer,
    Shared,
    Inherited,
}

/// What a document says, all told: the words, the controls they are about, and the first place.
struct Told<W> {
    words: Vec<W>,
    controls: BTreeSet<String>,
    span: Span,
}

impl<W> Told<W> {
    fn add<K: Ord>(all: &mut BTreeMap<K, Self>, key: K, word: W, control: &str, span: Span) {
        let told = all.entry(key).or_insert_with(|| Self { words: Vec::new(), controls: BTreeSet::new(), span });
        told.words.push(word);
        told.controls.insert(control.to_owned());
    }

    /// The attribute with the controls that it was seen on.
    fn evidence(&self, attribute: &str) -> Evidence {
        let named: Vec<&str> = self.controls.iter().take(MOST_CONTROLS).map(String::as_str).collect();
        let more = self.controls.len() - named.len();
        let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
        Evidence::of(self.span, format!("{attribute} of {}{rest}", named.join(", ")))
    }
}

/// Tells what a plan claims of the layers of its systems; the layers of its own system that are nobody's stay nobody's.
pub(super) fn see(plan: &Plan<'_>, unmet: &Unmet, names: &Names, parties: &mut Parties, seen: &mut Observations) {
    for (subject_ix, subject) in plan.subjects.iter().enumerate() {
        let said: Vec<&Said<'_>> = plan.said.iter().filter(|said| said.subject == subject_ix).collect();
        let id = names.id(plan, subject);
        statuses(&id, subject, &said, seen);
        let is_the_system = subject_ix == 0 && !plan.is_definition;
        let nobodys = if is_the_system { unmet.keys().copied().collect() } else { BTreeSet::new() };
        owners(plan, &id, subject, &said, &nobodys, parties, seen);
    }
    for (&layer, controls) in unmet {
        for (control, span) in controls {
            let evidence = Evidence::of(*span, format!("responsibility of {control} that is handed over and not satisfied"));
            seen.claim(names.id(plan, &plan.subjects[0]), layer, Claimed::Owner(NOBODY.to_owned()), evidence);
        }
    }
}

fn statuses(id: &str, subject: &Subject<'_>, said: &[&Said<'_>], seen: &mut Observations) {
    let on_operating_system = subject.is_operating_system();
    let mut by_control = BTreeMap::new();
    let mut by_layer = BTreeMap::new();
    for said in said {
        for status in stated(said.node, seen) {
            for control in layers::catalogued(&said.control, on_operating_system) {
                Told::add(&mut by_control, control, status, &said.control, said.node.span);
            }
            if let Some(layer) = layers::layer(&said.control, on_operating_system) {
                Told::add(&mut by_layer, layer, status, &said.control, said.node.span);
            }
        }
    }
    for (control, told) in by_control {
        seen.control(id, control, together(&told.words), told.evidence("implementation-status"));
    }
    for (layer, told) in by_layer {
        let status = together(&told.words);
        if matches!(status, ControlStatus::Partial | ControlStatus::Planned | ControlStatus::NotImplemented) {
            seen.claim(id, layer, Claimed::Status(status), told.evidence("implementation-status"));
        }
    }
}

/// The statuses that a place states, as a field or, as `FedRAMP` does, as a property.
fn stated(node: &Node<'_>, seen: &mut Observations) -> Vec<ControlStatus> {
    let field = find(node, "implementation-status.state").and_then(text);
    let mut statuses = Vec::new();
    for word in field.into_iter().chain(properties(node, "implementation-status")) {
        match word {
            "implemented" => statuses.push(ControlStatus::Implemented),
            "alternative" => statuses.push(ControlStatus::Alternative),
            "partial" => statuses.push(ControlStatus::Partial),
            "planned" => statuses.push(ControlStatus::Planned),
            "not-implemented" => statuses.push(ControlStatus::NotImplemented),
            "not-applicable" => statuses.push(ControlStatus::NotApplicable),
            _ => seen.not_understood(node.span, "implementation-status"),
        }
    }
    statuses
}

/// What several statuses come to: in place if all are, not in place if none is, else in part.
fn together(words: &[ControlStatus]) -> ControlStatus {
    use ControlStatus::{Alternative, Implemented, NotApplicable, NotImplemented, Partial, Planned};
    let words: Vec<ControlStatus> = words.iter().copied().filter(|word| *word != NotApplicable).collect();
    let all = |known: &[ControlStatus]| words.iter().all(|word| known.contains(word));
    if words.is_empty() {
        NotApplicable
    } else if all(&[Implemented]) {
        Implemented
    } else if all(&[Implemented, Alternative]) {
        Alternative
    } else if all(&[Planned]) {
        Planned
    } else if all(&[Planned, NotImplemented]) {
        NotImplemented
    } else {
        Partial
    }
}

/// Who owns the layers of a system, by where their controls come from.
fn owners(
    plan: &Plan<'_>,
    id: &str,
    subject: &Subject<'_>,
    said: &[&Said<'_>],
    nobodys: &BTreeSet<Layer>,
    parties: &mut Parties,
    seen: &mut Observations,
) {
    let mut by_layer = BTreeMap::new();
    for said in said {
        let layer = layers::layer(&said.control, subject.is_operating_system());
        for origin in origins(said.node, seen) {
            if let Some(layer) = layer.filter(|layer| !nobodys.contains(layer)) {
                Told::add(&mut by_layer, layer, origin, &said.control, said.node.span);
            }
        }
    }
    for (layer, told) in by_layer {
        let has = |origin| told.words.contains(&origin);
        let customer = has(Origin::Customer) || has(Origin::Shared);
        let provider = has(Origin::Provider) || has(Origin::Shared);
        let evidence = told.evidence("control-origination");
        let provides = if provider {
            Some(provider_of(plan, id, subject, parties))
        } else if has(Origin::Inherited) {
            leveraged(plan, subject, parties)
        } else {
            None
        };
        let (owner, half) = match (customer.then(|| customer_of(plan, id, subject, parties)), provides) {
            (Some(customer), Some(provider)) => {
                seen.claim_half(id, layer, Some(Half::Provider), Claimed::Owner(provider), evidence.clone());
                (customer, Some(Half::Customer))
            }
            (Some(owner), None) | (None, Some(owner)) => (owner, None),
            (None, None) => continue,
        };
        seen.claim_half(id, layer, half, Claimed::Owner(owner), evidence);
    }
}

/// Where the controls of a place come from; what is inherited counts with or without a property that says so.
fn origins(node: &Node<'_>, seen: &mut Observations) -> Vec<Origin> {
    let mut origins = Vec::new();
    for word in properties(node, "control-origination") {
        match word {
            "sp-corporate" | "sp-system" | "organization" | "system-specific" => origins.push(Origin::Provider),
            "customer-configured" | "customer-provided" => origins.push(Origin::Customer),
            "shared" => origins.push(Origin::Shared),
            "inherited" => origins.push(Origin::Inherited),
            _ => seen.not_understood(node.span, "control-origination"),
        }
    }
    if get(node, "inherited").is_some_and(|list| !items(list).is_empty()) {
        origins.push(Origin::Inherited);
    }
    origins
}

/// The party that runs a plan's system, or provides a component.
fn provider_of(plan: &Plan<'_>, id: &str, subject: &Subject<'_>, parties: &mut Parties) -> String {
    let roles = ["cloud-service-provider", "provider", "system-owner", "owner"];
    match subject.provider().or_else(|| plan.party(&roles)) {
        Some(uuid) => parties.id(uuid, PartyKind::Provider),
        None => parties.stand_in(id, PartyKind::Provider, subject.span),
    }
}

/// The party that uses a plan's system.
fn customer_of(plan: &Plan<'_>, id: &str, subject: &Subject<'_>, parties: &mut Parties) -> String {
    match plan.party(&["customer"]) {
        Some(uuid) => parties.id(uuid, PartyKind::Customer),
        None => parties.stand_in(id, PartyKind::Customer, subject.span),
    }
}

/// The party that runs what a system leverages: that of its own authorization, else that of the plan's only one.
fn leveraged(plan: &Plan<'_>, subject: &Subject<'_>, parties: &mut Parties) -> Option<String> {
    let own = subject.authorization.as_ref().and_then(|uuid| plan.authorizations.iter().find(|known| known.uuid == *uuid));
    let authorization = own.or_else(|| plan.authorizations.first().filter(|_| plan.authorizations.len() == 1));
    Some(parties.id(authorization?.party.as_ref()?, PartyKind::Provider))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ControlStatus::{Alternative, Implemented, NotApplicable, NotImplemented, Partial, Planned};

    #[test]
    fn in_place_is_what_all_say_and_not_in_place_what_none_does() {
        let said = [
            (vec![Implemented, Implemented], Implemented),
            (vec![Implemented, Alternative, NotApplicable], Alternative),
            (vec![Implemented, Planned], Partial),
            (vec![Partial], Partial),
            (vec![Planned, NotApplicable], Planned),
            (vec![Planned, NotImplemented], NotImplemented),
            (vec![NotApplicable], NotApplicable),
        ];
        for (words, comes_to) in said {
            assert_eq!(together(&words), comes_to, "{words:?}");
        }
    }
}
