//! What systems and parties of OSCAL documents are called: by their titles where that tells them apart, else by uuid.

use super::leverage::Leverage;
use super::plan::{Authorization, Plan, Subject, uuid_of};
use crate::catalog::PartyKind;
use crate::import::Observations;
use crate::import::observation::Evidence;
use crate::import::tree::{find, items, text_of};
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The identifiers of systems.
pub(super) struct Names {
    /// Of every short form of a title the things that bear it.
    bearers: HashMap<String, BTreeSet<String>>,
}

impl Names {
    /// The identifiers of what plans describe; a leveraged system is the one of its plan.
    pub(super) fn of(plans: &[Plan<'_>], leverage: &Leverage) -> Self {
        let mut bearers: HashMap<String, BTreeSet<String>> = HashMap::new();
        let mut bear = |title: Option<&str>, uuid: &str| {
            bearers.entry(short(title.unwrap_or_default())).or_default().insert(uuid.to_owned());
        };
        for (plan_ix, plan) in plans.iter().enumerate() {
            plan.subjects.iter().for_each(|subject| bear(subject.name, own(plan, subject)));
            for (authorization_ix, authorization) in plan.authorizations.iter().enumerate() {
                bear(authorization.title, leverage.partner(plan_ix, authorization_ix).unwrap_or(&authorization.uuid));
            }
        }
        Self { bearers }
    }

    /// The identifier of a system or component.
    pub(super) fn id(&self, plan: &Plan<'_>, subject: &Subject<'_>) -> String {
        self.told_apart(subject.name, own(plan, subject))
    }

    /// The identifier of a leveraged system.
    pub(super) fn authorization(&self, authorization: &Authorization<'_>) -> String {
        self.told_apart(authorization.title, &authorization.uuid)
    }

    fn told_apart(&self, title: Option<&str>, uuid: &str) -> String {
        let short = short(title.unwrap_or_default());
        let is_one = self.bearers.get(&short).is_some_and(|bearers| bearers.len() == 1);
        if !short.is_empty() && (is_one || uuid.is_empty()) { short } else { uuid.to_owned() }
    }
}

/// The uuid of a subject; the system of a plan has the plan's.
fn own<'a>(plan: &'a Plan<'_>, subject: &'a Subject<'_>) -> &'a str {
    if subject.sort == "this-system" { &plan.uuid } else { subject.uuids.first().map_or("", String::as_str) }
}

/// A title as an identifier: letters and digits in small, a hyphen for all between them.
pub(super) fn short(title: &str) -> String {
    let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}

/// The parties that documents describe, and those of them that something refers to.
pub(super) struct Parties {
    /// Name and place, by uuid.
    described: BTreeMap<String, (Option<String>, Span)>,
    /// Names that one document gives to several parties.
    ambiguous: BTreeSet<String>,
    /// Name, kind and place of those referred to, by identifier.
    used: BTreeMap<String, (Option<String>, PartyKind, Span)>,
    /// Where a party is told that no document describes.
    elsewhere: Span,
}

impl Parties {
    /// The parties of plans.
    pub(super) fn of(plans: &[Plan<'_>]) -> Self {
        let mut described = BTreeMap::new();
        let mut ambiguous = BTreeSet::new();
        for plan in plans {
            let mut of_plan: BTreeMap<String, String> = BTreeMap::new();
            for party in find(plan.node, "metadata.parties").map_or(&[][..], items) {
                let Some(uuid) = uuid_of(party, "uuid") else { continue };
                let name = text_of(party, "name").map(|name| name.trim().to_owned());
                let known = of_plan.insert(short(name.as_deref().unwrap_or_default()), uuid.clone());
                if known.is_some_and(|other| other != uuid) {
                    ambiguous.extend(name.as_deref().map(short));
                }
                described.entry(uuid).or_insert((name, party.span));
            }
        }
        let elsewhere = plans.first().map_or(Span::new(0, 0, 0), |plan| Span::new(plan.node.span.source, 0, 0));
        Self { described, ambiguous, used: BTreeMap::new(), elsewhere }
    }

    /// The identifier of the party of a uuid, which is from now on referred to: its name, since every document has uuids of
    /// its own. Whoever provides something is a provider.
    pub(super) fn id(&mut self, uuid: impl AsRef<str>, kind: PartyKind) -> String {
        let uuid = uuid.as_ref();
        let (name, span) = self.described.get(uuid).cloned().unwrap_or((None, self.elsewhere));
        let short = name.as_deref().map(short).unwrap_or_default();
        let id = if short.is_empty() || self.ambiguous.contains(&short) { uuid.to_owned() } else { short };
        self.keep(id, name, kind, span)
    }

    /// The identifier of a party that stands in for one that the document does not name.
    pub(super) fn stand_in(&mut self, system: &str, kind: PartyKind, span: Span) -> String {
        let role = if kind == PartyKind::Provider { "provider" } else { "customer" };
        self.keep(format!("{system}-{role}"), Some(format!("The {role} of {system}")), kind, span)
    }

    fn keep(&mut self, id: String, name: Option<String>, kind: PartyKind, span: Span) -> String {
        let known = self.used.entry(id.clone()).or_insert((name, kind, span));
        if kind == PartyKind::Provider {
            known.1 = kind;
        }
        id
    }

    /// Tells of the parties that are referred to.
    pub(super) fn flush(self, seen: &mut Observations) {
        for (id, (name, kind, span)) in self.used {
            seen.party(id, kind, Evidence::at(span)).name = name;
        }
    }
}
