//! Rights in the cluster: which roles are dangerous, and who holds them.

use super::cluster::{Cluster, Scope};
use super::object::{Kind, Object};
use super::workload::{Workload, Workloads};
use crate::import::tree::{get, items, text, text_of, truth};
use crate::import::{Evidence, Observations};
use crate::source::{Fault, Node};
use std::collections::BTreeMap;

/// How much a role gives.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Power {
    /// Nothing that leads to more.
    Ordinary,
    /// Something that leads to more: secrets, other workloads, other accounts' rights.
    Dangerous,
}

/// What a danger lies in: any of the verbs on any of the resources of a group.
struct Danger {
    group: &'static str,
    resources: &'static [&'static str],
    verbs: &'static [&'static str],
}

const fn danger(group: &'static str, resources: &'static [&'static str], verbs: &'static [&'static str]) -> Danger {
    Danger { group, resources, verbs }
}

/// Rights that lead to more rights.
///
/// # Source
/// Kubernetes, *Role Based Access Control Good Practices*, "privilege escalation risks".
const DANGERS: &[Danger] = &[
    danger("", &["secrets"], &["get", "list", "watch"]),
    danger("", &["pods", "replicationcontrollers"], &["create", "update", "patch"]),
    danger("", &["pods/exec", "pods/attach", "pods/ephemeralcontainers"], &["create", "get", "update", "patch"]),
    danger("", &["serviceaccounts/token"], &["create"]),
    danger("", &["nodes/proxy"], &["create", "get"]),
    danger("", &["users", "groups", "serviceaccounts"], &["impersonate"]),
    danger("apps", &["deployments", "daemonsets", "statefulsets", "replicasets"], &["create", "update", "patch"]),
    danger("extensions", &["deployments", "daemonsets", "replicasets"], &["create", "update", "patch"]),
    danger("batch", &["jobs", "cronjobs"], &["create", "update", "patch"]),
    danger("rbac.authorization.k8s.io", &["roles", "clusterroles"], &["escalate", "bind"]),
    danger(
        "admissionregistration.k8s.io",
        &["mutatingwebhookconfigurations", "validatingwebhookconfigurations"],
        &["create", "update", "patch"],
    ),
];

/// Roles that every cluster has, whether or not a file describes them.
const BUILT_IN: &[(&str, Power)] =
    &[("cluster-admin", Power::Dangerous), ("admin", Power::Dangerous), ("edit", Power::Dangerous), ("view", Power::Ordinary)];

/// Groups that nearly everybody belongs to.
const BROAD: &[&str] = &["system:authenticated", "system:unauthenticated", "system:serviceaccounts"];

/// What the rules of a role give. Rights on things that are named one by one are narrow.
fn power(role: &Object<'_>) -> Power {
    let rules = role.find("rules").map(items).unwrap_or_default();
    let is_dangerous = |rule: &Node<'_>| {
        let has = |key: &str, word: &str| {
            get(rule, key).map(items).unwrap_or_default().iter().filter_map(text).any(|stated| stated == "*" || stated == word)
        };
        get(rule, "resourceNames").is_none_or(|names| items(names).is_empty())
            && DANGERS.iter().any(|danger| {
                has("apiGroups", danger.group)
                    && danger.resources.iter().any(|resource| has("resources", resource))
                    && danger.verbs.iter().any(|verb| has("verbs", verb))
            })
    };
    if rules.iter().any(is_dangerous) { Power::Dangerous } else { Power::Ordinary }
}

/// Whom a subject of a binding means.
#[derive(Debug, PartialEq, Eq)]
enum Holder<'a> {
    /// One account of workloads.
    Account(&'a str, &'a str),
    /// All accounts of one namespace.
    AccountsOf(&'a str),
    /// All accounts.
    Accounts,
    /// People, or others outside.
    Others,
}

impl<'a> Holder<'a> {
    fn of(subject: &'a Node<'a>, binding: &Object<'a>) -> Self {
        let name = text_of(subject, "name").unwrap_or_default();
        match text_of(subject, "kind").unwrap_or_default() {
            "ServiceAccount" => Self::Account(text_of(subject, "namespace").unwrap_or(binding.namespace), name),
            "User" => match name.strip_prefix("system:serviceaccount:").and_then(|account| account.split_once(':')) {
                Some((namespace, name)) => Self::Account(namespace, name),
                None => Self::Others,
            },
            "Group" if matches!(name, "system:serviceaccounts" | "system:authenticated") => Self::Accounts,
            "Group" => name.strip_prefix("system:serviceaccounts:").map_or(Self::Others, Self::AccountsOf),
            _ => Self::Others,
        }
    }

    /// Whether it means the account that a workload acts as.
    fn includes(&self, workload: &Workload<'_>) -> bool {
        let namespace = workload.object.namespace;
        match *self {
            Self::Account(of, name) => of == namespace && name == workload.account(),
            Self::AccountsOf(of) => of == namespace,
            Self::Accounts => true,
            Self::Others => false,
        }
    }
}

/// A dangerous role in somebody's hands.
struct Grant<'a> {
    holder: Holder<'a>,
    scope: Scope,
    evidence: Evidence,
}

/// Tells who holds dangerous rights, and which accounts nobody describes.
pub(super) fn tell(objects: &[Object<'_>], workloads: &Workloads<'_>, cluster: &mut Cluster, seen: &mut Observations) {
    let accounts: BTreeMap<(&str, &str), &Object<'_>> = objects
        .iter()
        .filter(|object| object.kind == Kind::ServiceAccount)
        .map(|object| ((object.namespace, object.name), object))
        .collect();
    let grants = grants(objects, &accounts, cluster, seen);
    for workload in workloads.roots() {
        let account = accounts.get(&(workload.object.namespace, workload.account()));
        if account.is_some() {
            seen.reference(workload.account_place());
        } else if workload.account() != "default" {
            seen.unresolved(workload.account_place(), format!("serviceAccountName of {}", workload.id));
        }
        let of_account = || account.and_then(|account| account.find("automountServiceAccountToken")).and_then(truth);
        if workload.mounts_token().or_else(of_account) == Some(false) {
            continue;
        }
        let held: Vec<&Grant<'_>> = grants.iter().filter(|grant| grant.holder.includes(workload)).collect();
        // Rights in the whole cluster include those in a namespace.
        let widest = if held.iter().any(|grant| grant.scope == Scope::Cluster) { Scope::Cluster } else { Scope::Namespace };
        for grant in held.into_iter().filter(|grant| grant.scope == widest) {
            cluster.tell_rights(workload, widest, grant.evidence.clone(), seen);
        }
    }
}

/// The dangerous roles that bindings give away. Those given to nearly everybody are told of.
fn grants<'a>(
    objects: &[Object<'a>],
    accounts: &BTreeMap<(&'a str, &'a str), &Object<'a>>,
    cluster: &mut Cluster,
    seen: &mut Observations,
) -> Vec<Grant<'a>> {
    let mut roles: BTreeMap<(Option<&str>, &str), Power> = BTreeMap::new();
    for role in objects.iter().filter(|object| object.kind == Kind::Role) {
        let namespace = (role.word == "Role").then_some(role.namespace);
        roles.insert((namespace, role.name), power(role));
    }
    let mut grants = Vec::new();
    for binding in objects.iter().filter(|object| object.kind == Kind::Binding) {
        let Some(role) = binding.find("roleRef.name").and_then(|name| Some((text(name)?, name.span))) else { continue };
        let (role, place) = role;
        let is_of_cluster = binding.find("roleRef.kind").and_then(text) == Some("ClusterRole");
        let known = roles.get(&((!is_of_cluster).then_some(binding.namespace), role)).copied();
        let built_in = || BUILT_IN.iter().find(|(name, _)| is_of_cluster && *name == role).map(|(_, power)| *power);
        match known {
            Some(_) => seen.reference(place),
            None if built_in().is_some() || role.starts_with("system:") => {}
            None => seen.unresolved(place, format!("roleRef of {}", binding.id())),
        }
        let power = known.or_else(built_in).unwrap_or(Power::Ordinary);
        let scope = if binding.word == "ClusterRoleBinding" { Scope::Cluster } else { Scope::Namespace };
        for subject in binding.find("subjects").map(items).unwrap_or_default() {
            let Some(name) = get(subject, "name") else { continue };
            let holder = Holder::of(subject, binding);
            if let Holder::Account(namespace, account) = holder {
                if accounts.contains_key(&(namespace, account)) {
                    seen.reference(name.span);
                } else if account != "default" {
                    seen.unresolved(name.span, format!("subject of {}", binding.id()));
                }
            }
            if power == Power::Ordinary {
                continue;
            }
            let evidence = Evidence::of(name.span, format!("roleRef {role}"));
            if is_broad(subject) {
                let group = text(name).unwrap_or_default().to_owned();
                seen.warn(name.span, Fault::BroadGrant { role: role.to_owned(), group });
                cluster.tell_broad_rights(evidence.clone(), seen);
            }
            grants.push(Grant { holder, scope, evidence });
        }
    }
    grants
}

/// Whether nearly everybody is meant.
fn is_broad(subject: &Node<'_>) -> bool {
    let name = text_of(subject, "name").unwrap_or_default();
    match text_of(subject, "kind") {
        Some("Group") => BROAD.contains(&name) || name.ends_with(":authenticated"),
        Some("User") => name == "system:anonymous",
        _ => false,
    }
}
