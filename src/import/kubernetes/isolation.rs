//! What the specification of a Pod says of its own safety: isolation, hardening, images, secrets in clear.

use super::object::{Kind, Object};
use super::service::variables;
use super::workload::{Workload, Workloads};
use crate::catalog::ControlStatus;
use crate::import::tree::{find, get, items, scalar, text, truth};
use crate::import::{Evidence, Observations, container, environment};
use crate::source::Node;
use std::collections::BTreeMap;

/// The label by which a namespace keeps out Pods that do not keep to a level of the Pod Security Standards.
const ENFORCED: &str = "pod-security.kubernetes.io/enforce";

/// Tells what the Pods of workloads are like.
pub(super) fn tell(workloads: &Workloads<'_>, objects: &[Object<'_>], seen: &mut Observations) {
    let namespaces = objects.iter().filter(|object| object.kind == Kind::Namespace);
    let enforced = namespaces.filter_map(|namespace| Some((namespace.name, get(namespace.find("metadata.labels")?, ENFORCED)?)));
    let enforced: BTreeMap<&str, &Node<'_>> = enforced.collect();
    for workload in workloads.roots() {
        let Some(pod) = workload.pod else { continue };
        tell_isolation(workload, pod, enforced.get(workload.object.namespace).copied(), seen);
        tell_least_privilege(workload, pod, seen);
        tell_containers(workload, seen);
        tell_secrets(workload, seen);
    }
}

/// Tells whether Pods are kept apart from the machine that they run on, and so from one another.
///
/// What the level `baseline` forbids is the proof that they are not; what the level `restricted` asks for, or a namespace
/// that enforces a level, that they are. Without a word about system calls the runtime's own filter applies, so that
/// nothing is asked of `seccompProfile`.
///
/// # Source
/// Kubernetes, *Pod Security Standards*.
fn tell_isolation(workload: &Workload<'_>, pod: &Node<'_>, enforced: Option<&Node<'_>>, seen: &mut Observations) {
    let control = "virtualization.tenant-isolation";
    let breaches = breaches(workload, pod);
    if !breaches.is_empty() {
        for breach in breaches {
            seen.control(&workload.id, control, ControlStatus::NotImplemented, breach.evidence);
        }
        return;
    }
    if let Some(evidence) = of_all(workload, |container| restricted(pod, container)) {
        seen.control(&workload.id, control, ControlStatus::Implemented, evidence);
        return;
    }
    let status = match enforced.and_then(text) {
        Some("restricted") => ControlStatus::Implemented,
        Some("baseline") => ControlStatus::Partial,
        _ => return,
    };
    if let Some(label) = enforced {
        seen.control(&workload.id, control, status, Evidence::of(label.span, ENFORCED));
    }
}

/// What opens a Pod to the machine that it runs on.
pub(super) struct Breach {
    /// Where.
    pub(super) evidence: Evidence,
    /// Whether it hands over the whole machine, and does not only look at a part of it.
    pub(super) takes_machine: bool,
}

/// Everything that opens a workload's Pods to the machine.
pub(super) fn breaches(workload: &Workload<'_>, pod: &Node<'_>) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let mut add = |node: &Node<'_>, attribute: &'static str, takes_machine: bool| {
        breaches.push(Breach { evidence: Evidence::of(node.span, attribute), takes_machine });
    };
    for container in workload.containers() {
        if let Some(node) = find(container, "securityContext.privileged").filter(|node| truth(node) == Some(true)) {
            add(node, "securityContext.privileged", true);
        }
        let added = find(container, "securityContext.capabilities.add").map(items).unwrap_or_default();
        for capability in added.iter().filter(|capability| text(capability).is_some_and(container::is_dangerous_capability)) {
            add(capability, "securityContext.capabilities.add", matches!(text(capability), Some("ALL" | "SYS_ADMIN")));
        }
    }
    for key in ["hostPID", "hostIPC", "hostNetwork"] {
        if let Some(node) = get(pod, key).filter(|node| truth(node) == Some(true)) {
            add(node, key, false);
        }
    }
    for volume in get(pod, "volumes").map(items).unwrap_or_default() {
        if let Some(path) = find(volume, "hostPath.path") {
            add(path, "hostPath", text(path).is_some_and(|path| hands_over_machine(workload, volume, path)));
        }
    }
    breaches
}

/// Whether a volume is the socket of the container runtime, or a folder of the machine that gives it away to a writer,
/// which a container may write to.
fn hands_over_machine(workload: &Workload<'_>, volume: &Node<'_>, path: &str) -> bool {
    let writes = |container| {
        let mounts = get(container, "volumeMounts").map(items).unwrap_or_default().iter();
        let mut own = mounts.filter(|mount| get(mount, "name").and_then(text) == get(volume, "name").and_then(text));
        own.any(|mount| get(mount, "readOnly").and_then(truth) != Some(true))
    };
    container::is_runtime_socket(path) || (container::is_host_folder(path) && workload.containers().any(writes))
}

/// The proof that a container keeps to the level `restricted`.
fn restricted(pod: &Node<'_>, container: &Node<'_>) -> Option<Evidence> {
    let no_escalation = find(container, "securityContext.allowPrivilegeEscalation").filter(|node| truth(node) == Some(false))?;
    non_root(pod, container)?;
    drops_all(container)?;
    Some(Evidence::of(no_escalation.span, "securityContext"))
}

/// The proof that a container does not run as root.
fn non_root(pod: &Node<'_>, container: &Node<'_>) -> Option<Evidence> {
    let (key, node) = own_or_pods(pod, container, "runAsNonRoot").filter(|(_, node)| truth(node) == Some(true)).or_else(|| {
        let user = own_or_pods(pod, container, "runAsUser");
        user.filter(|(_, node)| scalar(node).is_some_and(|user| user.parse::<u32>().is_ok_and(|user| user > 0)))
    })?;
    Some(Evidence::of(node.span, format!("securityContext.{key}")))
}

/// A setting of a container's security context, else of its Pod's.
fn own_or_pods<'k, 'a>(pod: &'a Node<'a>, container: &'a Node<'a>, key: &'k str) -> Option<(&'k str, &'a Node<'a>)> {
    let own = get(container, "securityContext").and_then(|context| get(context, key));
    own.or_else(|| get(pod, "securityContext").and_then(|context| get(context, key))).map(|node| (key, node))
}

/// The proof that a container gives up all capabilities.
fn drops_all(container: &Node<'_>) -> Option<Evidence> {
    let dropped = find(container, "securityContext.capabilities.drop")?;
    let all = items(dropped).iter().any(|capability| text(capability).is_some_and(|capability| capability.eq_ignore_ascii_case("ALL")));
    all.then(|| Evidence::of(dropped.span, "securityContext.capabilities.drop"))
}

/// The first proof, if there is one for every container.
fn of_all<'a>(workload: &Workload<'a>, proof: impl Fn(&'a Node<'a>) -> Option<Evidence>) -> Option<Evidence> {
    let proofs: Option<Vec<Evidence>> = workload.containers().map(proof).collect();
    proofs?.into_iter().next()
}

/// Tells whether Pods run with no more rights than they need.
fn tell_least_privilege(workload: &Workload<'_>, pod: &Node<'_>, seen: &mut Observations) {
    let control = "applications.isolation";
    let root = workload.containers().filter_map(|container| {
        let (_, user) = own_or_pods(pod, container, "runAsUser")?;
        (scalar(user).as_deref() == Some("0")).then(|| Evidence::of(user.span, "securityContext.runAsUser"))
    });
    let root: Vec<Evidence> = root.collect();
    if let Some(evidence) = of_all(workload, |container| non_root(pod, container)).filter(|_| root.is_empty()) {
        seen.control(&workload.id, control, ControlStatus::Implemented, evidence);
    }
    for evidence in root {
        seen.control(&workload.id, control, ControlStatus::NotImplemented, evidence);
    }
    if let Some(node) = get(pod, "automountServiceAccountToken").filter(|node| truth(node) == Some(false)) {
        let evidence = Evidence::of(node.span, "automountServiceAccountToken");
        seen.control(&workload.id, "access.least-privilege", ControlStatus::Implemented, evidence);
    }
}

/// Tells what all containers of a workload have in common.
fn tell_containers(workload: &Workload<'_>, seen: &mut Observations) {
    let read_only = |container| {
        let node = find(container, "securityContext.readOnlyRootFilesystem").filter(|node| truth(node) == Some(true))?;
        drops_all(container)?;
        Some(Evidence::of(node.span, "securityContext.readOnlyRootFilesystem"))
    };
    let pinned = |container| {
        let image = get(container, "image").filter(|image| text(image).is_some_and(container::is_pinned))?;
        Some(Evidence::of(image.span, "image"))
    };
    let limited = |container| find(container, "resources.limits.memory").map(|limit| Evidence::of(limit.span, "resources.limits.memory"));
    let common = [
        ("applications.hardening", of_all(workload, read_only)),
        ("code.build-integrity", of_all(workload, pinned)),
        ("virtualization.resource-limits", of_all(workload, limited)),
    ];
    for (control, evidence) in common {
        if let Some(evidence) = evidence {
            seen.control(&workload.id, control, ControlStatus::Implemented, evidence);
        }
    }
}

/// Tells of secrets in clear in the variables of containers.
fn tell_secrets(workload: &Workload<'_>, seen: &mut Observations) {
    for (variable, value) in workload.containers().flat_map(variables) {
        if let Some(name) = text(variable).filter(|name| environment::holds_secret(name, value)) {
            let evidence = Evidence::of(variable.span, format!("env {name}"));
            seen.control(&workload.id, "code.secret-scanning", ControlStatus::NotImplemented, evidence);
        }
    }
}

/// The first place where a workload refers to a Secret.
pub(super) fn secret_of<'a>(workload: &Workload<'a>) -> Option<Evidence> {
    let volumes = workload.pod.and_then(|pod| get(pod, "volumes")).map(items).unwrap_or_default();
    let of_volume = |volume: &'a Node<'a>| {
        let projected = find(volume, "projected.sources").map(items).unwrap_or_default();
        find(volume, "secret.secretName").or_else(|| projected.iter().find_map(|source| find(source, "secret.name")))
    };
    let of_container = |container: &'a Node<'a>| {
        let variables = get(container, "env").map(items).unwrap_or_default();
        let whole = get(container, "envFrom").map(items).unwrap_or_default();
        let one = variables.iter().find_map(|variable| find(variable, "valueFrom.secretKeyRef.name"));
        one.or_else(|| whole.iter().find_map(|from| find(from, "secretRef.name")))
    };
    let name = volumes.iter().find_map(of_volume).or_else(|| workload.containers().find_map(of_container))?;
    Some(Evidence::of(name.span, "secret"))
}
