//! What a service says of itself: from where it is reached, how it is shut in, what it keeps in clear.

use super::machine::breaches;
use super::network::shut_off;
use super::project::{Pair, Project, Service, pairs};
use super::value::{UNKNOWN, filled};
use crate::catalog::{ControlStatus, Facing, ServiceModel};
use crate::estate::NOBODY;
use crate::import::tree::{find, get, scalar, text, truth};
use crate::import::{Evidence, Observations, container, environment};
use crate::source::Node;
use core::net::IpAddr;

/// Where the logs of containers go when they do not stay on the machine.
const CENTRAL_LOGS: &[&str] = &["awslogs", "fluentd", "gcplogs", "gelf", "loki", "splunk", "syslog"];

/// Tells a service.
///
/// Of the machine that it runs on nothing is known, neither whose it is nor who keeps it up, so that its service model is
/// not known either; a managed container it is not.
pub(super) fn tell<'a>(project: &Project<'a>, service: &Service<'a>, seen: &mut Observations) {
    let fact = seen.system(&service.id, Evidence::at(service.span));
    fact.name = Some(service.name.to_owned());
    fact.model = Some(ServiceModel::Unknown);
    fact.owner = owner(service).map(|owner| owner.value.into_owned());
    tell_facing(project, service, seen);
    tell_isolation(service, seen);
    tell_hardening(service, seen);
    tell_secrets(service, seen);
}

/// Who its labels say owns it: `owner` or `team`, with any prefix.
fn owner<'a>(service: &Service<'a>) -> Option<Pair<'a>> {
    let is_owner = |label: &Pair<'_>| matches!(label.name.rsplit(['.', '/']).next(), Some("owner" | "team"));
    let mut labels = service.pairs("labels").into_iter();
    labels.find(|label| is_owner(label) && !label.value.is_empty() && label.value != NOBODY && !label.value.contains('$'))
}

/// Tells from where a service is reached.
///
/// A port that is published without an address is published on every address of the machine, past its firewall, so that
/// the internet is what it faces; one on an address of the machine itself or of a private network is not. Nothing else
/// reaches a service but those on its networks. On the machine's own network its ports are not listed, and nothing is said.
/// What a network shuts off, it shuts off both ways.
///
/// # Source
/// Docker, *Networking overview*, "Published ports".
fn tell_facing<'a>(project: &Project<'a>, service: &Service<'a>, seen: &mut Observations) {
    let shut_off = shut_off(project, service);
    for node in &shut_off {
        seen.control(&service.id, "network.egress-filter", ControlStatus::Implemented, Evidence::of(node.span, "internal"));
    }
    let mode = service.last("network_mode").and_then(text);
    if mode == Some("none") {
        seen.system(&service.id, Evidence::at(service.span)).facing = Some(Facing::Isolated);
    }
    if mode.is_some_and(|mode| mode != "bridge") {
        return;
    }
    // Networks without a way in take no published ports.
    let ports: Vec<&Node<'_>> = service.items("ports").filter(|_| shut_off.is_empty()).collect();
    if ports.is_empty() {
        seen.system(&service.id, Evidence::at(service.span)).facing = Some(Facing::Internal);
    }
    for port in ports {
        if let Some(facing) = facing(&address(port)) {
            seen.system(&service.id, Evidence::of(port.span, "ports")).facing = Some(facing);
        }
    }
}

/// The address of the machine on which a port is published; empty: all of them.
fn address(port: &Node<'_>) -> String {
    let Some(short) = scalar(port) else {
        return get(port, "host_ip").and_then(text).map(|address| filled(address).into_owned()).unwrap_or_default();
    };
    // `[address:][port:]port`, where an address may hold colons itself.
    let short = filled(&short).into_owned();
    let mut parts = short.rsplitn(3, ':');
    let address = parts.nth(2).unwrap_or_default();
    address.trim_matches(['[', ']']).to_owned()
}

/// From where an address of the machine is reached; of one from outside nothing is known.
fn facing(address: &str) -> Option<Facing> {
    if address.contains(UNKNOWN) {
        return None;
    }
    let is_inside = match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => address.is_loopback() || address.is_private() || address.is_link_local(),
        Ok(IpAddr::V6(address)) => address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local(),
        Err(_) => address == "localhost",
    };
    Some(if is_inside { Facing::Internal } else { Facing::Internet })
}

/// Tells whether a service is kept apart from the machine, by the same measure as Pods are.
///
/// # Source
/// Kubernetes, *Pod Security Standards*.
fn tell_isolation(service: &Service<'_>, seen: &mut Observations) {
    let control = "virtualization.tenant-isolation";
    let breaches = breaches(service);
    let is_shut_in = breaches.is_empty() && drops_all(service).is_some() && user(service) == Some(User::Other);
    for breach in breaches {
        seen.control(&service.id, control, ControlStatus::NotImplemented, breach.evidence);
    }
    let no_new = service.items("security_opt").find(|option| text(option).is_some_and(|option| option.starts_with("no-new-privileges")));
    if let Some(option) = no_new.filter(|option| is_shut_in && text(option).is_some_and(|option| !option.ends_with("false"))) {
        seen.control(&service.id, control, ControlStatus::Implemented, Evidence::of(option.span, "security_opt"));
    }
}

/// Whom a container runs as.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum User {
    Root,
    Other,
}

/// Whom a service says that it runs as.
fn user(service: &Service<'_>) -> Option<User> {
    let user = service.last("user").and_then(scalar)?;
    let name = user.split(':').next().unwrap_or_default();
    match name {
        "root" | "0" => Some(User::Root),
        "" => None,
        _ if name.contains('$') => None,
        _ => Some(User::Other),
    }
}

/// Where a service gives up all capabilities.
fn drops_all<'a>(service: &Service<'a>) -> Option<&'a Node<'a>> {
    service.items("cap_drop").find(|capability| text(capability).is_some_and(|capability| capability.eq_ignore_ascii_case("ALL")))
}

/// Tells how a service is run.
fn tell_hardening(service: &Service<'_>, seen: &mut Observations) {
    let mut tell = |control, status, node: &Node<'_>, attribute: &'static str| {
        seen.control(&service.id, control, status, Evidence::of(node.span, attribute));
    };
    if let Some((user, node)) = user(service).zip(service.last("user")) {
        let status = if user == User::Root { ControlStatus::NotImplemented } else { ControlStatus::Implemented };
        tell("applications.isolation", status, node, "user");
    }
    let read_only = service.last("read_only").filter(|node| truth(node) == Some(true));
    if let Some(node) = read_only.filter(|_| drops_all(service).is_some()) {
        tell("applications.hardening", ControlStatus::Implemented, node, "read_only");
    }
    if let Some(image) = service.last("image").filter(|image| text(image).is_some_and(container::is_pinned)) {
        tell("code.build-integrity", ControlStatus::Implemented, image, "image");
    }
    let limit = service.last("mem_limit").or_else(|| service.last("deploy").and_then(|deploy| find(deploy, "resources.limits.memory")));
    if let Some(limit) = limit {
        tell("virtualization.resource-limits", ControlStatus::Implemented, limit, "memory");
    }
    if let Some(driver) = service.last("logging").and_then(|logging| get(logging, "driver")) {
        match text(driver) {
            Some("none") => tell("monitoring.log-scope", ControlStatus::NotImplemented, driver, "logging.driver"),
            Some(name) if CENTRAL_LOGS.contains(&name) => {
                tell("monitoring.central-collection", ControlStatus::Implemented, driver, "logging.driver");
            }
            _ => {}
        }
    }
}

/// Tells of secrets in clear in the variables of a service and of its build.
fn tell_secrets(service: &Service<'_>, seen: &mut Observations) {
    let build = service.last("build").and_then(|build| get(build, "args")).map(pairs).unwrap_or_default();
    let variables = service.pairs("environment").into_iter().map(|pair| ("environment", pair));
    for (attribute, pair) in variables.chain(build.into_iter().map(|pair| ("build.args", pair))) {
        if environment::holds_secret(pair.name, &pair.value) {
            let evidence = Evidence::of(pair.span, format!("{attribute} {}", pair.name));
            seen.control(&service.id, "code.secret-scanning", ControlStatus::NotImplemented, evidence);
        }
    }
}
