//! Networks: who could speak with whom where nobody says who does.

use super::project::{Project, Service};
use crate::catalog::{Certainty, ConnectionKind, ControlStatus, Facing, Layer, ServiceModel};
use crate::import::tree::{get, text, text_of, truth};
use crate::import::{Claimed, Evidence, NameIx, Observations};
use crate::source::{Node, Span};
use std::collections::{BTreeMap, BTreeSet};

/// Members up to which a network is told as connections between them; with more there would be more of these than
/// connections with the network in the middle.
const MOST_PAIRED: usize = 3;

/// A network with the services on it.
struct Network<'p, 'a> {
    id: String,
    name: &'a str,
    members: Vec<&'p Service<'a>>,
    span: Span,
}

/// Tells what networks make possible.
pub(super) fn tell(projects: &[Project<'_>], seen: &mut Observations) {
    let mut networks: BTreeMap<String, Network<'_, '_>> = BTreeMap::new();
    for project in projects {
        for service in project.services.values() {
            for (name, span) in memberships(service) {
                let node = project.networks.get(name).copied();
                if node.is_none() && name != "default" {
                    seen.unresolved(span, format!("networks of {}", service.id));
                }
                let id = id(project, name, node.map(|(node, _)| node));
                let span = node.map_or(span, |(_, span)| span);
                let network = networks.entry(id.clone()).or_insert_with(|| Network { id, name, members: Vec::new(), span });
                network.members.push(service);
            }
        }
    }
    let known: BTreeSet<(NameIx, NameIx)> = seen.connections.iter().map(|known| (known.from, known.to)).collect();
    for network in networks.values() {
        let names: Vec<NameIx> = network.members.iter().map(|member| seen.names.say(&member.id)).collect();
        let speaks = |one: &NameIx| names.iter().any(|other| known.contains(&(*one, *other)));
        // Where some say whom they speak with, the others are taken to speak with nobody.
        if names.len() > 1 && !names.iter().any(speaks) {
            tell_possible(network, seen);
        }
    }
}

/// The networks of a service, each with the place that says so: `default`, unless it says otherwise.
fn memberships<'a>(service: &Service<'a>) -> Vec<(&'a str, Span)> {
    let named = service.names("networks");
    let has_own = service.last("network_mode").and_then(text).is_some_and(|mode| mode != "bridge");
    if named.is_empty() && !has_own { vec![("default", service.span)] } else { named }
}

/// The id of a network. One with a name of its own is the same in every project.
fn id(project: &Project<'_>, name: &str, node: Option<&Node<'_>>) -> String {
    let is_external = |node: &Node<'_>| get(node, "external").is_some_and(|external| truth(external) != Some(false));
    let own = node.and_then(|node| text_of(node, "name").or_else(|| is_external(node).then_some(name)));
    match own.filter(|own| !own.contains('$')) {
        Some(own) => format!("network/{own}"),
        None => project.id(&format!("network/{name}")),
    }
}

/// Where the networks of a service say that they have no way in or out, if all of them say so.
pub(super) fn shut_off<'a>(project: &Project<'a>, service: &Service<'a>) -> Vec<&'a Node<'a>> {
    let internal = |name: &str| {
        let (node, _) = project.networks.get(name)?;
        get(node, "internal").filter(|node| truth(node) == Some(true))
    };
    let nodes: Option<Vec<&Node<'_>>> = memberships(service).into_iter().map(|(name, _)| internal(name)).collect();
    nodes.unwrap_or_default()
}

/// Tells that any member may speak with any other.
fn tell_possible(network: &Network<'_, '_>, seen: &mut Observations) {
    let mut possible = |from: &str, to: &str, span: Span| {
        let evidence = Evidence::of(span, format!("networks {}", network.name));
        seen.connect(from, ConnectionKind::Reaches, to, evidence).certainty = Certainty::Possible;
    };
    if network.members.len() <= MOST_PAIRED {
        for one in &network.members {
            for other in network.members.iter().filter(|other| other.id != one.id) {
                possible(&one.id, &other.id, one.span);
            }
        }
        return;
    }
    for member in &network.members {
        possible(&member.id, &network.id, member.span);
        possible(&network.id, &member.id, member.span);
    }
    let fact = seen.system(&network.id, Evidence::at(network.span));
    fact.name = Some(format!("network {}", network.name));
    fact.model = Some(ServiceModel::Unknown);
    fact.facing = Some(Facing::Internal);
    // A network is configured and carries traffic; nothing runs in it.
    for layer in Layer::ALL.iter().copied().filter(|layer| !matches!(layer, Layer::Network | Layer::Config)) {
        seen.claim(&network.id, layer, Claimed::Status(ControlStatus::NotApplicable), Evidence::at(network.span));
    }
}
