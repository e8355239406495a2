//! The machine that containers run on, where one of them can take it over.

use super::project::{Project, Service};
use crate::catalog::{ConnectionKind, ServiceModel};
use crate::import::tree::{get, scalar, text, text_of, truth};
use crate::import::{Evidence, Observations, container};
use crate::source::Node;

/// Names for the machine; the second one where a service has the first.
const IDS: [&str; 2] = ["docker-host", "docker-host-machine"];

/// What opens a container to the machine.
pub(super) struct Breach {
    /// Where.
    pub(super) evidence: Evidence,
    /// Whether it hands over the whole machine.
    takes_machine: bool,
}

/// Everything that opens a service to the machine.
pub(super) fn breaches(service: &Service<'_>) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let mut add = |node: &Node<'_>, attribute: &'static str, takes_machine: bool| {
        breaches.push(Breach { evidence: Evidence::of(node.span, attribute), takes_machine });
    };
    if let Some(node) = service.last("privileged").filter(|node| truth(node) == Some(true)) {
        add(node, "privileged", true);
    }
    for key in ["pid", "ipc", "network_mode"] {
        if let Some(node) = service.last(key).filter(|node| text(node) == Some("host")) {
            add(node, key, false);
        }
    }
    for capability in service.items("cap_add") {
        if text(capability).is_some_and(container::is_dangerous_capability) {
            add(capability, "cap_add", matches!(text(capability), Some("ALL" | "SYS_ADMIN")));
        }
    }
    for volume in service.items("volumes").filter(|volume| hands_over_machine(volume)) {
        add(volume, "volumes", true);
    }
    breaches
}

/// Whether a volume is the socket of the container runtime, or a folder of the machine that gives it away to a writer.
fn hands_over_machine(volume: &Node<'_>) -> bool {
    let short = scalar(volume);
    let (path, is_read_only) = match &short {
        Some(short) => {
            let mut parts = short.split(':');
            let path = parts.next().unwrap_or_default();
            (path, parts.nth(1).is_some_and(|mode| mode.split(',').any(|option| option == "ro")))
        }
        None => (text_of(volume, "source").unwrap_or_default(), get(volume, "read_only").and_then(truth) == Some(true)),
    };
    container::is_runtime_socket(path) || (container::is_host_folder(path) && !is_read_only)
}

/// Tells the machine, if a service can take it over: then it is more than a place to run on, and what else runs on it is
/// exposed, too.
pub(super) fn tell(project: &Project<'_>, seen: &mut Observations) {
    let takers: Vec<(&Service<'_>, Evidence)> = project
        .services
        .values()
        .flat_map(|service| breaches(service).into_iter().map(move |breach| (service, breach)))
        .filter(|(_, breach)| breach.takes_machine)
        .map(|(service, breach)| (service, breach.evidence))
        .collect();
    let Some((_, first)) = takers.first() else { return };
    let free = IDS.iter().find(|id| !project.services.contains_key(**id)).unwrap_or(&IDS[1]);
    let id = project.id(free);
    let fact = seen.system(&id, first.clone());
    fact.name = Some("Docker host".to_owned());
    fact.model = Some(ServiceModel::Unknown);
    for service in project.services.values() {
        seen.connect(&id, ConnectionKind::Hosts, &service.id, Evidence::at(service.span));
    }
    for (service, evidence) in takers {
        seen.connect(&service.id, ConnectionKind::Manages, &id, evidence);
    }
}
