//! Network policies: whose traffic is filtered, and whom the filters let through.

use super::object::{Kind, Object};
use super::selector::{Selector, labels};
use super::service::is_everywhere;
use super::workload::{Workload, Workloads};
use crate::catalog::{Certainty, ConnectionKind, ControlStatus};
use crate::import::tree::{find, get, items, text, text_of};
use crate::import::{Evidence, Observations};
use crate::source::{Node, Span};
use std::collections::BTreeSet;

/// A direction of traffic, as seen from the Pods that a policy selects.
struct Direction {
    /// Its name among `policyTypes`.
    word: &'static str,
    /// The key of its rules.
    rules: &'static str,
    /// The key of the peers of a rule.
    peers: &'static str,
    control: &'static str,
}

const INGRESS: Direction = Direction { word: "Ingress", rules: "ingress", peers: "from", control: "network.ingress-filter" };
const EGRESS: Direction = Direction { word: "Egress", rules: "egress", peers: "to", control: "network.egress-filter" };

/// Tells which workloads are filtered, and with whom the filters let them speak.
pub(super) fn tell(objects: &[Object<'_>], workloads: &Workloads<'_>, seen: &mut Observations) {
    let policies: Vec<&Object<'_>> = objects.iter().filter(|object| object.kind == Kind::NetworkPolicy).collect();
    let mut filtered: BTreeSet<&str> = BTreeSet::new();
    for policy in &policies {
        let selector = policy.find("spec.podSelector").map(Selector::of).unwrap_or_default();
        let selected = workloads.selected(policy.namespace, &selector);
        if selected.is_empty() && !selector.is_empty() {
            seen.unresolved(policy.span, format!("podSelector of {}", policy.id()));
        }
        for direction in [INGRESS, EGRESS] {
            if !applies(policy, &direction) {
                continue;
            }
            tell_peers(policy, &direction, &selected, &peers(policy, &direction, objects, workloads), seen);
            for workload in &selected {
                seen.reference(policy.span);
                tell_filter(policy, &direction, workload, seen);
                if direction.word == INGRESS.word {
                    filtered.insert(&workload.id);
                }
            }
        }
    }
    // Where policies are in use, what none of them selects takes everything in.
    let Some(first) = policies.first() else { return };
    for workload in workloads.roots().filter(|workload| !filtered.contains(workload.id.as_str())) {
        let evidence = Evidence::of(workload.object.span, format!("no {}", first.word));
        seen.control(&workload.id, INGRESS.control, ControlStatus::NotImplemented, evidence);
    }
}

/// Whether a policy filters a direction: without `policyTypes` always what comes in, and what goes out if it has rules.
fn applies(policy: &Object<'_>, direction: &Direction) -> bool {
    match policy.find("spec.policyTypes") {
        Some(types) => items(types).iter().any(|word| text(word) == Some(direction.word)),
        None => direction.word == INGRESS.word || rules(policy, direction).is_some(),
    }
}

fn rules<'a>(policy: &Object<'a>, direction: &Direction) -> Option<&'a Node<'a>> {
    policy.find("spec").and_then(|spec| get(spec, direction.rules))
}

/// Tells that a policy filters a workload's traffic, or that it lets everything through and all others with it: policies
/// add up.
fn tell_filter(policy: &Object<'_>, direction: &Direction, workload: &Workload<'_>, seen: &mut Observations) {
    let open = rules(policy, direction).map(items).unwrap_or_default().iter().find(|rule| allows_everything(rule, direction));
    let (status, span) = match open {
        Some(rule) => (ControlStatus::NotImplemented, rule.span),
        None => (ControlStatus::Implemented, policy.span),
    };
    seen.control(&workload.id, direction.control, status, Evidence::of(span, format!("{} {}", policy.word, direction.rules)));
}

/// Whether a rule lets through everything: all ports, and all peers or all addresses.
fn allows_everything(rule: &Node<'_>, direction: &Direction) -> bool {
    let is_everybody = |peer: &Node<'_>| {
        let range = find(peer, "ipBlock.cidr").and_then(text);
        range.is_some_and(is_everywhere) && find(peer, "ipBlock.except").is_none_or(|except| items(except).is_empty())
    };
    let peers = get(rule, direction.peers).map(items).unwrap_or_default();
    get(rule, "ports").is_none_or(|ports| items(ports).is_empty()) && (peers.is_empty() || peers.iter().any(is_everybody))
}

/// The workloads that a policy names, each with the place that names it. Peers that are everybody in a namespace name
/// nobody.
fn peers<'w, 'a>(
    policy: &Object<'a>,
    direction: &Direction,
    objects: &[Object<'a>],
    workloads: &'w Workloads<'a>,
) -> Vec<(&'w Workload<'a>, Span)> {
    let rules = rules(policy, direction).map(items).unwrap_or_default();
    let mut peers = Vec::new();
    for peer in rules.iter().filter_map(|rule| get(rule, direction.peers)).flat_map(items) {
        let Some(node) = get(peer, "podSelector") else { continue };
        let selector = Selector::of(node);
        if selector.is_empty() {
            continue;
        }
        for namespace in namespaces(policy, peer, objects) {
            peers.extend(workloads.selected(namespace, &selector).into_iter().map(|workload| (workload, node.span)));
        }
    }
    peers
}

/// Tells with which workloads a policy lets those that it selects speak. A policy names them because they do, or did, so
/// that such a connection is possible.
fn tell_peers(
    policy: &Object<'_>,
    direction: &Direction,
    selected: &[&Workload<'_>],
    peers: &[(&Workload<'_>, Span)],
    seen: &mut Observations,
) {
    for workload in selected {
        for (other, place) in peers.iter().filter(|(other, _)| other.id != workload.id) {
            let evidence = Evidence::of(*place, format!("{} {}", policy.word, direction.rules));
            let (from, to) = if direction.word == INGRESS.word { (other, workload) } else { (workload, other) };
            seen.connect(&from.id, ConnectionKind::Reaches, &to.id, evidence).certainty = Certainty::Possible;
        }
    }
}

/// The namespaces that a peer is in: the policy's own, unless it selects others by their labels.
fn namespaces<'a>(policy: &Object<'a>, peer: &Node<'_>, objects: &[Object<'a>]) -> Vec<&'a str> {
    /// The label that every namespace carries with its name.
    const NAME: &str = "kubernetes.io/metadata.name";
    let Some(node) = get(peer, "namespaceSelector") else { return vec![policy.namespace] };
    let selector = Selector::of(node);
    let described = objects.iter().filter(|object| object.kind == Kind::Namespace);
    let mut names: Vec<&str> = described
        .filter(|namespace| selector.matches(&labels(namespace.find("metadata.labels"))))
        .map(|namespace| namespace.name)
        .collect();
    let by_name = get(node, "matchLabels").and_then(|labels| text_of(labels, NAME));
    let used = objects.iter().filter(|object| object.kind == Kind::Workload).map(|object| object.namespace);
    names.extend(used.filter(|namespace| selector.is_empty() || by_name == Some(*namespace)));
    names.sort_unstable();
    names.dedup();
    names
}
