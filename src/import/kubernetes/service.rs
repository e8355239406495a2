//! Services: which workloads stand behind them, who calls them, and which of them the world can reach.

use super::object::{Kind, Object};
use super::selector::Selector;
use super::workload::{Workload, Workloads};
use crate::catalog::{ConnectionKind, ControlStatus, Facing};
use crate::import::tree::{entries, find, get, items, text, text_of, truth};
use crate::import::{Evidence, Observations, environment};
use crate::source::Node;
use std::collections::BTreeMap;

/// A Service with the workloads behind it.
#[derive(Debug)]
struct Service<'w, 'a> {
    object: Object<'a>,
    behind: Vec<&'w Workload<'a>>,
}

/// All Services.
#[derive(Debug)]
pub(super) struct Services<'w, 'a> {
    all: Vec<Service<'w, 'a>>,
    by_name: BTreeMap<(&'a str, &'a str), usize>,
}

impl<'w, 'a> Services<'w, 'a> {
    /// The Services among objects.
    pub(super) fn of(objects: &[Object<'a>], workloads: &'w Workloads<'a>, seen: &mut Observations) -> Self {
        let mut services = Self { all: Vec::new(), by_name: BTreeMap::new() };
        for &object in objects.iter().filter(|object| object.kind == Kind::Service) {
            let selector = Selector::plain(object.find("spec.selector"));
            let behind = if selector.is_empty() { Vec::new() } else { workloads.selected(object.namespace, &selector) };
            if !selector.is_empty() && behind.is_empty() {
                seen.unresolved(object.span, format!("selector of {}", object.id()));
            }
            for _ in &behind {
                seen.reference(object.span);
            }
            services.by_name.insert((object.namespace, object.name), services.all.len());
            services.all.push(Service { object, behind });
        }
        services
    }

    fn named(&self, namespace: &str, name: &str) -> Option<&Service<'w, 'a>> {
        self.by_name.get(&(namespace, name)).map(|&service_ix| &self.all[service_ix])
    }

    /// The Service that a host name means for a Pod of a namespace: `web`, `web.shop`, `web.shop.svc.cluster.local`, and
    /// the same after the name of a Pod.
    fn of_host(&self, namespace: &str, host: &str) -> Option<&Service<'w, 'a>> {
        let mut labels = host.split('.');
        match (labels.next()?, labels.next(), labels.next()) {
            (name, None, _) => self.named(namespace, name),
            (first, Some(second), None) => self.named(second, first).or_else(|| self.named(namespace, second)),
            (name, Some(of), Some("svc")) => self.named(of, name),
            (_, Some(name), Some(of)) => self.named(of, name).filter(|_| labels.next().is_none_or(|label| label == "svc")),
        }
    }

    /// Tells which workloads the variables of workloads say that they call.
    pub(super) fn tell_callers(&self, workloads: &Workloads<'a>, seen: &mut Observations) {
        for workload in workloads.roots() {
            for (variable, value) in workload.containers().flat_map(variables) {
                self.tell_calls(workload, variable, value, seen);
            }
        }
    }

    fn tell_calls(&self, workload: &Workload<'a>, variable: &'a Node<'a>, value: &str, seen: &mut Observations) {
        let Some(name) = text(variable) else { return };
        for host in environment::hosts(value) {
            let is_inside = host.name.split('.').skip(2).any(|label| label == "svc");
            let is_sure = host.is_marked || is_inside || environment::names_hosts(name);
            if !is_sure {
                continue;
            }
            if let Some(service) = self.of_host(workload.object.namespace, host.name) {
                seen.reference(variable.span);
                for callee in service.behind.iter().filter(|callee| callee.id != workload.id) {
                    let evidence = Evidence::of(variable.span, format!("env {name}"));
                    seen.connect(&workload.id, ConnectionKind::Reaches, &callee.id, evidence);
                }
            } else if is_inside || (host.is_marked && !host.name.contains('.')) {
                seen.unresolved(variable.span, format!("host in env {name} of {}", workload.id));
            }
        }
    }

    /// Tells which workloads the world can reach, and over which ways.
    pub(super) fn tell_facing(&self, objects: &[Object<'a>], seen: &mut Observations) {
        for Service { object, behind } in &self.all {
            let kind = object.find("spec.type").filter(|kind| matches!(text(kind), Some("LoadBalancer" | "NodePort")));
            let Some(at) = kind.or_else(|| object.find("spec.externalIPs").filter(|addresses| !items(addresses).is_empty())) else {
                continue;
            };
            let attribute = if kind.is_some() { "type" } else { "externalIPs" };
            let facing = facing(object);
            for workload in behind {
                tell_facing(workload, facing, Evidence::of(at.span, attribute), seen);
                if let Some(ranges) = object.find("spec.loadBalancerSourceRanges").filter(|ranges| are_narrow(ranges)) {
                    let evidence = Evidence::of(ranges.span, "loadBalancerSourceRanges");
                    seen.control(&workload.id, "network.source-restriction", ControlStatus::Implemented, evidence);
                }
            }
        }
        for object in objects {
            match object.kind {
                Kind::Ingress => self.tell_ingress(object, seen),
                Kind::Route => self.tell_route(object, objects, seen),
                _ => {}
            }
        }
    }

    /// Tells what an Ingress lets in.
    fn tell_ingress(&self, ingress: &Object<'a>, seen: &mut Observations) {
        let facing = facing(ingress);
        let defaults =
            ["spec.defaultBackend", "spec.backend"].into_iter().filter_map(|path| ingress.find(path)).map(|backend| (None, backend));
        let rules = ingress.find("spec.rules").map(items).unwrap_or_default().iter().flat_map(|rule| {
            let paths = find(rule, "http.paths").map(items).unwrap_or_default();
            paths.iter().filter_map(move |path| Some((text_of(rule, "host"), get(path, "backend")?)))
        });
        for (host, backend) in defaults.chain(rules) {
            // `service.name` since networking.k8s.io/v1, `serviceName` before.
            let Some(name) = find(backend, "service.name").or_else(|| get(backend, "serviceName")) else { continue };
            let tls = ingress.find("spec.tls").map(items).unwrap_or_default().iter().find(|tls| covers(tls, host));
            self.tell_backend(ingress, ingress.namespace, name, facing, tls.map(|tls| Evidence::of(tls.span, "tls")).as_ref(), seen);
        }
    }

    /// Tells what a route of a Gateway lets in; one of a mesh lets in nothing.
    fn tell_route(&self, route: &Object<'a>, objects: &[Object<'a>], seen: &mut Observations) {
        let parents = route.find("spec.parentRefs").map(items).unwrap_or_default();
        let parents: Vec<&Node<'_>> = parents.iter().filter(|parent| matches!(text_of(parent, "kind"), None | Some("Gateway"))).collect();
        if parents.is_empty() {
            return;
        }
        let gateways = objects.iter().filter(|object| {
            let is_parent = |parent: &&Node<'_>| {
                text_of(parent, "name") == Some(object.name) && text_of(parent, "namespace").unwrap_or(route.namespace) == object.namespace
            };
            object.kind == Kind::Gateway && parents.iter().any(is_parent)
        });
        let listeners: Vec<&Node<'_>> = gateways.filter_map(|gateway| gateway.find("spec.listeners")).flat_map(items).collect();
        let is_encrypted = |listener: &&Node<'_>| matches!(text_of(listener, "protocol"), Some("HTTPS" | "TLS"));
        let encrypted = listeners.iter().all(is_encrypted).then(|| listeners.first()).flatten();
        for backend in
            route.find("spec.rules").map(items).unwrap_or_default().iter().filter_map(|rule| get(rule, "backendRefs")).flat_map(items)
        {
            let Some(name) = get(backend, "name").filter(|_| text_of(backend, "kind").is_none_or(|kind| kind == "Service")) else {
                continue;
            };
            let namespace = text_of(backend, "namespace").unwrap_or(route.namespace);
            let tls = encrypted.and_then(|listener| get(listener, "protocol")).map(|protocol| Evidence::of(protocol.span, "protocol"));
            self.tell_backend(route, namespace, name, Facing::Internet, tls.as_ref(), seen);
        }
    }

    fn tell_backend(
        &self,
        from: &Object<'a>,
        namespace: &str,
        name: &Node<'_>,
        facing: Facing,
        tls: Option<&Evidence>,
        seen: &mut Observations,
    ) {
        let Some(service) = text(name).and_then(|name| self.named(namespace, name)) else {
            seen.unresolved(name.span, format!("backend of {}", from.id()));
            return;
        };
        seen.reference(name.span);
        for workload in &service.behind {
            tell_facing(workload, facing, Evidence::of(name.span, format!("backend of {}", from.word)), seen);
            if let Some(tls) = tls {
                seen.control(&workload.id, "data.encrypt-in-transit", ControlStatus::Implemented, tls.clone());
            }
        }
    }
}

fn tell_facing(workload: &Workload<'_>, facing: Facing, evidence: Evidence, seen: &mut Observations) {
    seen.system(&workload.id, evidence).facing = Some(facing);
}

/// The variables of a container that have a value of their own: their names and values.
pub(super) fn variables<'a>(container: &'a Node<'a>) -> impl Iterator<Item = (&'a Node<'a>, &'a str)> {
    let variables = get(container, "env").map(items).unwrap_or_default();
    variables.iter().filter_map(|variable| Some((get(variable, "name")?, text_of(variable, "value")?)))
}

/// Annotations, or the ends of their names, by which the clouds make a load balancer an internal one, and their values.
const INTERNAL: &[(&str, &str)] = &[
    ("/aws-load-balancer-internal", "true"),
    ("/aws-load-balancer-internal", "0.0.0.0/0"),
    ("/aws-load-balancer-scheme", "internal"),
    ("alb.ingress.kubernetes.io/scheme", "internal"),
    ("/azure-load-balancer-internal", "true"),
    ("/load-balancer-type", "internal"),
    ("kubernetes.io/ingress.class", "gce-internal"),
    ("/oci-load-balancer-internal", "true"),
];

/// From where a Service or Ingress that lets the outside in lets it in.
fn facing(object: &Object<'_>) -> Facing {
    let is_internal = |key: &str, value: &str| INTERNAL.iter().any(|(end, word)| key.ends_with(end) && value.eq_ignore_ascii_case(word));
    let annotations = object.find("metadata.annotations").map(entries).unwrap_or_default();
    let is_internal = annotations.iter().any(|entry| {
        let value = text(&entry.node).or_else(|| truth(&entry.node).filter(|truth| *truth).map(|_| "true"));
        value.is_some_and(|value| is_internal(&entry.key, value))
    });
    if is_internal { Facing::Internal } else { Facing::Internet }
}

/// Whether ranges of addresses leave somebody out.
fn are_narrow(ranges: &Node<'_>) -> bool {
    let ranges = items(ranges);
    !ranges.is_empty() && ranges.iter().filter_map(text).all(|range| !is_everywhere(range))
}

/// Whether a range of addresses is all addresses.
pub(super) fn is_everywhere(range: &str) -> bool {
    range.ends_with("/0")
}

/// Whether an entry of the `tls` of an Ingress covers a host; one without hosts covers all.
fn covers(tls: &Node<'_>, host: Option<&str>) -> bool {
    let hosts = get(tls, "hosts").map(items).unwrap_or_default();
    let covers = |pattern: &str, host: &str| {
        let wildcard = pattern.strip_prefix("*.").zip(host.split_once('.')).is_some_and(|(domain, (_, rest))| domain == rest);
        pattern == host || wildcard
    };
    hosts.is_empty() || host.is_some_and(|host| hosts.iter().filter_map(text).any(|pattern| covers(pattern, host)))
}
