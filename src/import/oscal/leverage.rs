//! Which plan leverages which, and whether each responsibility that one hands over is taken up by the other.

use super::layers;
use super::names::Names;
use super::plan::{Plan, uuid_of};
use crate::catalog::Layer;
use crate::import::Observations;
use crate::import::tree::{find, get, items};
use crate::source::{Fault, Span};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Layers of a plan's system that nobody owns: the controls whose responsibility is not taken up, each with its place.
pub(super) type Unmet = BTreeMap<Layer, Vec<(String, Span)>>;

/// What plans have to do with one another.
pub(super) struct Leverage {
    /// The uuid of each plan.
    uuids: Vec<String>,
    /// What each plan hands over.
    handed: Vec<Vec<Item>>,
    /// What each plan takes: the responsibilities that it satisfies, and what is provided to it.
    taken: Vec<Vec<(Sort, Item)>>,
    /// The plans that declare a uuid, by what it is.
    declared: HashMap<(Sort, String), BTreeSet<usize>>,
    /// Of every authorization of every plan, the plan of the leveraged system where that is given.
    joined: Vec<Vec<Option<usize>>>,
    /// The plans that each plan leverages.
    partners: Vec<BTreeSet<usize>>,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
enum Sort {
    Responsibility,
    Provided,
    Component,
}

/// A responsibility, or something provided, under a control.
struct Item {
    uuid: String,
    control: String,
    subject: usize,
    span: Span,
}

impl Leverage {
    /// What some plans have to do with one another.
    pub(super) fn of(plans: &[Plan<'_>]) -> Self {
        let handed: Vec<Vec<Item>> = plans.iter().map(|plan| items_under(plan, "export.responsibilities", "uuid")).collect();
        let mut declared: HashMap<(Sort, String), BTreeSet<usize>> = HashMap::new();
        for (plan_ix, plan) in plans.iter().enumerate() {
            let mut declare = |sort, uuid: &str| {
                declared.entry((sort, uuid.to_owned())).or_default().insert(plan_ix);
            };
            for item in &handed[plan_ix] {
                declare(Sort::Responsibility, &item.uuid);
            }
            for item in items_under(plan, "export.provided", "uuid") {
                declare(Sort::Provided, &item.uuid);
            }
            for uuid in plan.subjects.iter().flat_map(|subject| &subject.uuids) {
                declare(Sort::Component, uuid);
            }
        }
        let taken = |plan| {
            let satisfied = items_under(plan, "satisfied", "responsibility-uuid").into_iter().map(|item| (Sort::Responsibility, item));
            satisfied.chain(items_under(plan, "inherited", "provided-uuid").into_iter().map(|item| (Sort::Provided, item))).collect()
        };
        let taken: Vec<Vec<(Sort, Item)>> = plans.iter().map(taken).collect();
        let uuids = plans.iter().map(|plan| plan.uuid.clone()).collect();
        let mut leverage = Self { uuids, handed, taken, declared, joined: Vec::new(), partners: Vec::new() };
        for (plan_ix, plan) in plans.iter().enumerate() {
            leverage.join(plan_ix, plan, plans);
        }
        leverage
    }

    /// Finds the plans that a plan leverages: those whose components it inherits, that bear an authorization's title,
    /// or that declare what it takes.
    fn join(&mut self, plan_ix: usize, plan: &Plan<'_>, plans: &[Plan<'_>]) {
        if plan.is_definition {
            // It has no system that could leverage another one.
            self.joined.push(Vec::new());
            self.partners.push(BTreeSet::new());
            return;
        }
        let others = |sort: Sort, uuid: &String| {
            let plans = self.declared.get(&(sort, uuid.clone())).into_iter().flatten().copied();
            plans.filter(move |other| *other != plan_ix)
        };
        // A responsibility under the uuid of what is provided, as in NIST's own example, still tells whose it is.
        let either = |uuid| others(Sort::Responsibility, uuid).chain(others(Sort::Provided, uuid));
        let mut partners: BTreeSet<usize> = self.taken[plan_ix].iter().flat_map(|(_, item)| either(&item.uuid)).collect();
        let inherits = |authorization: Option<&String>| {
            let subjects =
                plan.subjects.iter().filter(move |subject| authorization.is_none_or(|uuid| subject.authorization.as_ref() == Some(uuid)));
            subjects.filter_map(|subject| subject.inherited.as_ref()).find_map(|uuid| others(Sort::Component, uuid).next())
        };
        partners.extend(inherits(None));
        let titled = |title: Option<&str>| {
            let title = title?.to_ascii_lowercase();
            plans.iter().enumerate().position(|(ix, other)| {
                ix != plan_ix && !other.is_definition && other.called().any(|name| name.to_ascii_lowercase() == title)
            })
        };
        let only = if plan.authorizations.len() == 1 && partners.len() == 1 { partners.first().copied() } else { None };
        let joined = plan
            .authorizations
            .iter()
            .map(|authorization| inherits(Some(&authorization.uuid)).or_else(|| titled(authorization.title)).or(only));
        let joined: Vec<Option<usize>> = joined.collect();
        partners.extend(joined.iter().flatten());
        self.joined.push(joined);
        self.partners.push(partners);
    }

    /// The uuid of the plan of a leveraged system, where that is given.
    pub(super) fn partner(&self, plan_ix: usize, authorization_ix: usize) -> Option<&str> {
        let uuid = self.joined[plan_ix][authorization_ix].map(|partner| self.uuids[partner].as_str());
        uuid.filter(|uuid| !uuid.is_empty())
    }

    /// Tells of responsibilities that nobody takes up, and of what is taken that nobody hands over; returns the layers
    /// of each plan's system that are nobody's for it.
    pub(super) fn judge(&self, plans: &[Plan<'_>], names: &Names, seen: &mut Observations) -> Vec<Unmet> {
        let mut unmet = vec![Unmet::new(); plans.len()];
        for (leveraged, handed) in self.handed.iter().enumerate() {
            let leveraging: Vec<usize> = (0..plans.len()).filter(|plan| self.partners[*plan].contains(&leveraged)).collect();
            for item in handed {
                let without: Vec<usize> = leveraging.iter().copied().filter(|plan| !self.satisfies(*plan, &item.uuid)).collect();
                if !without.is_empty() && without.len() == leveraging.len() {
                    seen.warn(item.span, Fault::Unmet { responsibility: item.uuid.clone(), control: item.control.clone() });
                }
                let layer = layers::layer(&item.control, plans[leveraged].subjects[item.subject].is_operating_system());
                for (plan, layer) in without.into_iter().filter_map(|plan| Some((plan, layer?))) {
                    unmet[plan].entry(layer).or_default().push((item.control.clone(), item.span));
                }
            }
        }
        for (plan_ix, plan) in plans.iter().enumerate() {
            self.dangling(plan_ix, plan, names, seen);
        }
        unmet
    }

    fn satisfies(&self, plan: usize, responsibility: &str) -> bool {
        self.taken[plan].iter().any(|(sort, item)| *sort == Sort::Responsibility && item.uuid == responsibility)
    }

    /// What a plan takes and no document declares: a fault where the leveraged plan is given, else only not known.
    fn dangling(&self, plan_ix: usize, plan: &Plan<'_>, names: &Names, seen: &mut Observations) {
        for (sort, item) in &self.taken[plan_ix] {
            if self.declared.contains_key(&(*sort, item.uuid.clone())) {
                seen.reference(item.span);
                continue;
            }
            let (what, key) = match sort {
                Sort::Responsibility => ("responsibility", "satisfied"),
                Sort::Provided | Sort::Component => ("provided control", "inherited"),
            };
            if self.is_whole(plan_ix, plan, item.subject) {
                seen.warn(item.span, Fault::Dangling { what, name: item.uuid.clone() });
            } else {
                let system = names.id(plan, &plan.subjects[item.subject]);
                seen.unresolved(item.span, format!("{key} {} of {system}", item.control));
            }
        }
    }

    /// Whether all that a subject of a plan may take something from is given.
    fn is_whole(&self, plan_ix: usize, plan: &Plan<'_>, subject: usize) -> bool {
        let from = plan.subjects[subject].authorization.as_ref();
        let concerned = plan.authorizations.iter().zip(&self.joined[plan_ix]);
        let mut concerned = concerned.filter(|(authorization, _)| from.is_none_or(|uuid| *uuid == authorization.uuid));
        concerned.all(|(_, joined)| joined.is_some()) && !self.partners[plan_ix].is_empty()
    }
}

/// The items of a list under every place of a plan that speaks of a control.
fn items_under(plan: &Plan<'_>, list: &str, key: &str) -> Vec<Item> {
    let of = |said: &super::plan::Said<'_>| {
        let nodes = find(said.node, list).map_or(&[][..], items).iter();
        let item = |node| {
            let uuid = uuid_of(node, key)?;
            let span = get(node, key)?.span;
            Some(Item { uuid, control: said.control.clone(), subject: said.subject, span })
        };
        nodes.filter_map(item).collect::<Vec<Item>>()
    };
    plan.said.iter().flat_map(of).collect()
}
