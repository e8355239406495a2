//! Which services a service calls: those it waits for, is linked to, or has in its variables.

use super::project::{Project, Service};
use super::value::filled;
use crate::catalog::ConnectionKind;
use crate::import::tree::text;
use crate::import::{Evidence, Observations, environment};
use crate::source::Span;
use std::collections::BTreeMap;

/// Tells which services a service calls.
pub(super) fn tell(project: &Project<'_>, service: &Service<'_>, names: &BTreeMap<&str, &Service<'_>>, seen: &mut Observations) {
    let tell = |kind, name: &str, span: Span, attribute: String, seen: &mut Observations| match project.services.get(name) {
        Some(other) => {
            seen.reference(span);
            seen.connect(&service.id, kind, &other.id, Evidence::of(span, attribute));
        }
        None => seen.unresolved(span, format!("{attribute} of {}", service.id)),
    };
    for (name, span) in service.names("depends_on") {
        tell(ConnectionKind::Reaches, name, span, "depends_on".to_owned(), seen);
    }
    let mut aliases = names.clone();
    for (link, span) in service.names("links") {
        let (name, alias) = link.split_once(':').unwrap_or((link, link));
        tell(ConnectionKind::Reaches, name, span, "links".to_owned(), seen);
        aliases.extend(project.services.get(name).map(|other| (alias, other)));
    }
    let mode = service.last("network_mode");
    if let Some((mode, name)) = mode.and_then(|mode| Some((mode, text(mode)?.strip_prefix("service:")?))) {
        tell(ConnectionKind::Peers, name, mode.span, "network_mode".to_owned(), seen);
    }
    for variable in service.pairs("environment") {
        tell_variable(service, &variable, &aliases, seen);
    }
}

/// Tells which services the value of a variable names.
fn tell_variable(
    service: &Service<'_>,
    variable: &super::project::Pair<'_>,
    names: &BTreeMap<&str, &Service<'_>>,
    seen: &mut Observations,
) {
    for host in environment::hosts(&filled(&variable.value)) {
        if !host.is_marked && !environment::names_hosts(variable.name) {
            continue;
        }
        if let Some(other) = names.get(host.name) {
            seen.reference(variable.span);
            if other.id != service.id {
                let evidence = Evidence::of(variable.span, format!("environment {}", variable.name));
                seen.connect(&service.id, ConnectionKind::Reaches, &other.id, evidence);
            }
        } else if host.is_marked && !host.name.contains('.') {
            seen.unresolved(variable.span, format!("host in environment {} of {}", variable.name, service.id));
        }
    }
}
