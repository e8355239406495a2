//! An Open Threat Model of an estate: systems as components, connections as data flows, coverage gaps as threats.
//!
//! **Zones** are from where systems can be attacked; how far one is trusted is what the policy's threat leaves of 100.
//! **Components** are the systems. One that exactly one system hosts is part of that, if both are in one zone, since
//! whoever reads the model puts a part into the zone of the whole, and if the hosting is certain and without controls.
//! Every other connection is a data flow named by its kind. **Threats** are the gaps: how likely one is used is its
//! severity, what it costs the criticality of its system, both at the end that counts every unknown as bad. What would
//! close a gap and by how much is not known, so that no mitigation is named.
//!
//! Attributes that begin with `weaklink/` hold what the format has no field for, and the import of this format reads
//! them back. It cannot hold claims about layers (the threats tell what came of them), parties that own no system, names
//! and attestations of parties, who provides a service where that is not the catalogue's provider, where a system was
//! found, and of connections their ids and notes, which the import makes anew. Connections that differ in these alone
//! come back as one, and a `%` in an id comes back written out, as in every name of another tool.

use crate::catalog::{BasisPoints, Certainty, ConnectionKind, Facing, Interval, PartyKind, Published};
use crate::estate::{Connection, Estate, Party, PartyIx, System, SystemIx};
use crate::graph::ExposureGraph;
use crate::report::json::analysis_date;
use crate::report::page;
use crate::report::pages::because;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The type of the trust zone that is the internet in the models of `IriusRisk` and of what converts to them.
const INTERNET: &str = "f0ba7722-39b6-4c81-8290-a30a248bb8d9";

/// An Open Threat Model, version 0.2.0.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ThreatModel {
    otm_version: &'static str,
    project: Project,
    trust_zones: Vec<TrustZone>,
    components: Vec<Component>,
    dataflows: Vec<Dataflow>,
    threats: Vec<Threat>,
}

type Attributes = BTreeMap<String, String>;

#[derive(Clone, Debug, Serialize)]
struct Project {
    name: String,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    attributes: Attributes,
}

#[derive(Clone, Debug, Serialize)]
struct TrustZone {
    id: &'static str,
    name: &'static str,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    sort: Option<&'static str>,
    risk: Trust,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Trust {
    trust_rating: u16,
}

#[derive(Clone, Debug, Serialize)]
struct Component {
    id: String,
    name: String,
    #[serde(rename = "type")]
    sort: String,
    parent: Parent,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    threats: Vec<ThreatState>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    attributes: Attributes,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
enum Parent {
    TrustZone(&'static str),
    Component(String),
}

#[derive(Clone, Debug, Serialize)]
struct ThreatState {
    threat: String,
    state: &'static str,
}

#[derive(Clone, Debug, Serialize)]
struct Dataflow {
    id: String,
    name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    source: String,
    destination: String,
    bidirectional: bool,
    attributes: Attributes,
}

#[derive(Clone, Debug, Serialize)]
struct Threat {
    id: String,
    name: String,
    description: String,
    categories: Vec<&'static str>,
    risk: Risk,
    attributes: Attributes,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Risk {
    likelihood: u16,
    likelihood_comment: String,
    impact: u16,
    impact_comment: String,
}

/// The threat model of an estate.
///
/// Zones are in the order of the vocabulary, everything else by id, threats by system and layer.
pub fn model(graph: &ExposureGraph<'_>) -> ThreatModel {
    let hosts = hosts(graph.estate);
    let mut threats_of: BTreeMap<SystemIx, Vec<ThreatState>> = BTreeMap::new();
    let mut threats = Vec::new();
    for threat in threats_in(graph) {
        threats_of.entry(threat.0).or_default().push(ThreatState { threat: threat.1.id.clone(), state: "exposed" });
        threats.push(threat.1);
    }
    let components = graph.estate.system_ixs().map(|system_ix| {
        let threats = threats_of.remove(&system_ix).unwrap_or_default();
        component(graph.estate, system_ix, hosts[system_ix.index()], threats)
    });
    let flows = graph.estate.connections().iter().filter(|connection| !is_place(connection, &hosts));
    ThreatModel {
        otm_version: "0.2.0",
        project: project(graph),
        trust_zones: zones(graph),
        components: components.collect(),
        dataflows: flows.map(|connection| dataflow(graph.estate, connection)).collect(),
        threats,
    }
}

fn project(graph: &ExposureGraph<'_>) -> Project {
    let estate = graph.estate;
    let customers: Vec<&Party> = estate.parties().iter().filter(|party| party.kind == PartyKind::Customer).collect();
    let owner = if let [customer] = customers[..] { Some(customer.name.as_ref().unwrap_or(&customer.id).clone()) } else { None };
    let mut attributes = Attributes::from([("weaklink/policy".to_owned(), graph.policy.version.clone())]);
    attributes.extend(analysis_date(graph).map(|date| ("weaklink/as-of".to_owned(), date)));
    let owners: BTreeSet<PartyIx> = estate.systems().iter().filter_map(|system| system.owner).collect();
    for party in owners.into_iter().map(|party_ix| estate.party(party_ix)) {
        attributes.insert(format!("weaklink/party/{}", party.id), party.kind.id().to_owned());
    }
    let name = estate.name().filter(|name| !name.trim().is_empty()).unwrap_or("estate").to_owned();
    Project { id: slug(&name), name, owner, attributes }
}

/// A name in small letters, digits and single dashes.
fn slug(name: &str) -> String {
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    let words: Vec<&str> = plain.split('-').filter(|word| !word.is_empty()).collect();
    if words.is_empty() { "estate".to_owned() } else { words.join("-") }
}

/// The zones that systems are in.
fn zones(graph: &ExposureGraph<'_>) -> Vec<TrustZone> {
    let all = Facing::ALL.iter().copied().map(Some).chain([None]);
    let used = all.filter(|facing| graph.estate.systems().iter().any(|system| system.facing == *facing));
    let of = |facing| {
        let (id, name) = zone(facing);
        let threat = percent(graph.policy.threat(facing));
        let sort = (facing == Some(Facing::Internet)).then_some(INTERNET);
        TrustZone { id, name, sort, risk: Trust { trust_rating: 100 - threat } }
    };
    used.map(of).collect()
}

/// The id and name of the zone of what can be attacked from somewhere.
fn zone(facing: Option<Facing>) -> (&'static str, &'static str) {
    match facing {
        Some(Facing::Internet) => ("facing:internet", "Internet"),
        Some(Facing::Partner) => ("facing:partner", "Partners"),
        Some(Facing::Internal) => ("facing:internal", "Internal"),
        Some(Facing::Isolated) => ("facing:isolated", "Isolated"),
        None => ("facing:unknown", "Not known from where it can be attacked"),
    }
}

/// The worse end of an interval on the format's scale from 0 to 100.
fn percent(interval: Interval) -> u16 {
    (BasisPoints::of(interval.high).0 + 50) / 100
}

/// The system that each one is a part of, in the order of the systems.
fn hosts(estate: &Estate) -> Vec<Option<SystemIx>> {
    let mut hosted: Vec<Vec<&Connection>> = vec![Vec::new(); estate.systems().len()];
    for connection in estate.connections().iter().filter(|connection| connection.kind == ConnectionKind::Hosts) {
        hosted[connection.to.index()].push(connection);
    }
    let facing = |system_ix| estate.system(system_ix).facing;
    let is_plain = |connection: &Connection| connection.certainty == Certainty::Certain && connection.controls.is_empty();
    let only = |connections: &Vec<&Connection>| match connections[..] {
        [one] if is_plain(one) && facing(one.from) == facing(one.to) => Some(one.from),
        _ => None,
    };
    let mut hosts: Vec<Option<SystemIx>> = hosted.iter().map(only).collect();
    break_circles(&mut hosts);
    hosts
}

/// Takes the hosts from those that host each other in a circle: nothing can be a part of itself.
fn break_circles(hosts: &mut [Option<SystemIx>]) {
    let mut seen_from = vec![usize::MAX; hosts.len()];
    for start in 0..hosts.len() {
        let mut at = start;
        while seen_from[at] == usize::MAX {
            seen_from[at] = start;
            match hosts[at] {
                Some(host) => at = host.index(),
                None => break,
            }
        }
        // Back on the way from this very start, with a host still to go to: a circle.
        if seen_from[at] == start {
            while let Some(host) = hosts[at].take() {
                at = host.index();
            }
        }
    }
}

/// Whether a connection is told by where the hosted component stands.
fn is_place(connection: &Connection, hosts: &[Option<SystemIx>]) -> bool {
    connection.kind == ConnectionKind::Hosts && hosts[connection.to.index()] == Some(connection.from)
}

fn component(estate: &Estate, system_ix: SystemIx, host: Option<SystemIx>, threats: Vec<ThreatState>) -> Component {
    let system = estate.system(system_ix);
    let parent = match host {
        Some(host) => Parent::Component(estate.system(host).id.clone()),
        None => Parent::TrustZone(zone(system.facing).0),
    };
    let stated = stated(estate, system);
    let mut tags = system.tags.clone();
    tags.extend(stated.iter().map(|(fact, value)| format!("{fact}:{value}")));
    let mut attributes: Attributes = stated.into_iter().map(|(fact, value)| (format!("weaklink/{fact}"), value)).collect();
    attributes.insert("weaklink/model".to_owned(), system.model.id().to_owned());
    attributes.extend(system.provider.iter().map(|provider| ("weaklink/provider".to_owned(), provider.clone())));
    attributes.extend(system.settings.iter().map(|(setting, value)| (format!("weaklink/setting/{setting}"), value.clone())));
    Component {
        id: system.id.clone(),
        name: system.name.clone().filter(|name| !name.is_empty()).unwrap_or_else(|| system.id.clone()),
        sort: system.service.map_or_else(|| system.model.id().to_owned(), |service| service.id.clone()),
        parent,
        threats,
        tags,
        attributes,
    }
}

/// What tags and attributes tell of a system, those facts that are stated.
fn stated(estate: &Estate, system: &System) -> Vec<(&'static str, String)> {
    let owner = system.owner.map(|party_ix| ("owner", estate.party(party_ix).id.clone()));
    let criticality = system.criticality.map(|criticality| ("criticality", criticality.id().to_owned()));
    let facing = system.facing.map(|facing| ("facing", facing.id().to_owned()));
    [owner, criticality, facing].into_iter().flatten().collect()
}

fn dataflow(estate: &Estate, connection: &Connection) -> Dataflow {
    let mut attributes = Attributes::from([
        ("weaklink/kind".to_owned(), connection.kind.id().to_owned()),
        ("weaklink/certainty".to_owned(), connection.certainty.id().to_owned()),
    ]);
    if connection.kind == ConnectionKind::Feeds {
        attributes.insert("weaklink/copy".to_owned(), connection.copy.to_string());
    }
    if !connection.controls.is_empty() {
        let told = connection.controls.iter().map(|control| format!("{} {} {}", control.class, control.strength, control.status));
        attributes.insert("weaklink/controls".to_owned(), told.collect::<Vec<_>>().join("; "));
    }
    Dataflow {
        id: connection.id.clone(),
        name: connection.kind.id(),
        description: connection.note.clone(),
        source: estate.system(connection.from).id.clone(),
        destination: estate.system(connection.to).id.clone(),
        bidirectional: connection.kind == ConnectionKind::Peers,
        attributes,
    }
}

/// The gaps as threats, each with its system.
fn threats_in<'g>(graph: &'g ExposureGraph<'_>) -> impl Iterator<Item = (SystemIx, Threat)> + use<'g> {
    graph.coverage.gaps().map(|(system_ix, layer, kind, coverage)| {
        let system = graph.estate.system(system_ix);
        let criticality = system.criticality.map_or("not stated", |criticality| criticality.id());
        let threat = Threat {
            id: format!("gap:{}:{layer}", system.id),
            name: format!("{} of {}: {kind}", layer.name(), system.name.as_ref().unwrap_or(&system.id)),
            description: because(graph, system_ix, layer, kind, &coverage).text(),
            categories: vec![kind.id()],
            risk: Risk {
                likelihood: percent(coverage.severity),
                likelihood_comment: format!("severity {}", page::interval(Published::of(coverage.severity))),
                impact: percent(graph.policy.criticality(system.criticality)),
                impact_comment: format!("criticality {criticality}"),
            },
            attributes: Attributes::from([
                ("weaklink/gap".to_owned(), kind.id().to_owned()),
                ("weaklink/layer".to_owned(), layer.id().to_owned()),
            ]),
        };
        (system_ix, threat)
    })
}
