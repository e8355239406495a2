//! Estates of any size that look like real ones: tenants, a platform that serves them, and few gaps; deterministic.
//!
//! Every system and every connection is a function of the seed and its number, so that an estate of a million systems is
//! streamed to a writer as JSON or made into a document without the one ever being read from the other.

use crate::common::Dice;
use jiff::civil::{Date, date};
use std::collections::BTreeMap;
use std::io::{self, Write};
use weaklink::catalog::{
    Cell, Certainty, ConnectionKind, ControlStatus, Criticality, Facing, Layer, PartyKind, ResponsibilityMatrix, ServiceModel, Strength,
};
use weaklink::estate::document::{
    ConnectionControlEntry, ConnectionEntry, Document, EvidenceEntry, HalfClaim, LayerClaim, PartyEntry, SplitClaim, SystemEntry,
};
use weaklink::source::{At, Span};

/// How many connections there are for every system.
pub(crate) const CONNECTIONS_PER_SYSTEM: usize = 5;
/// One system in this many belongs to the platform, which is one component in either shape.
const PLATFORM_SHARE: usize = 100;
/// The first systems of every tenant: identity provider, CI, vault, monitoring, backup.
const SERVICES: usize = 5;

/// How the systems of an estate hang together.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Tenants one after the other, with small cycles inside: the largest component is the platform, 1 % of the systems.
    Segmented,
    /// The same with ways back from the systems to identity provider, CI and monitoring: one component of about 3/4.
    Giant,
}

impl Shape {
    pub(crate) const ALL: [Self; 2] = [Self::Segmented, Self::Giant];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Segmented => "segmented",
            Self::Giant => "giant",
        }
    }
}

/// What a system does.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Role {
    Identity,
    Pipeline,
    Vault,
    Monitoring,
    Backup,
    Host,
    Gateway,
    Service,
    Function,
    Store,
    Queue,
    Saas,
}

/// A part of the estate with systems of its own. Number 0 is the platform.
#[derive(Clone, Debug)]
struct Tenant {
    name: String,
    /// The number of its first system.
    first: usize,
    size: usize,
    /// Earlier tenants that it depends on; none for one that stands alone.
    parents: Vec<usize>,
    /// Whether it uses the platform's services.
    is_served: bool,
}

/// An estate before it is written down.
#[derive(Clone, Debug)]
pub(crate) struct Blueprint {
    shape: Shape,
    systems: usize,
    tenants: Vec<Tenant>,
}

/// A system by its tenant and its place there.
type Place = (usize, usize);

impl Blueprint {
    pub(crate) fn new(shape: Shape, systems: usize) -> Self {
        let mut dice = Dice::seeded(1, systems);
        let mut tenants: Vec<Tenant> = Vec::new();
        let mut first = 0;
        while first < systems {
            let number = tenants.len();
            let wanted = if number == 0 { (systems / PLATFORM_SHARE).max(2 * SERVICES) } else { 40 + dice.below(260) };
            // What is left over joins the last tenant where it would be too little for one of its own.
            let left = systems - first;
            let size = if left < wanted + 2 * SERVICES { left } else { wanted };
            let name = if number == 0 {
                "platform".to_owned()
            } else {
                format!("{}-{}-{number:05}", dice.pick(&DOMAINS), dice.pick(&["prod", "prod", "staging", "dev"]))
            };
            let is_alone = number > 0 && dice.below(100) < 12;
            let parents = if number < 2 || is_alone {
                Vec::new()
            } else {
                // Most depend on tenants that are near.
                (0..=dice.below(3)).map(|_| number - 1 - dice.below(30.min(number - 1))).collect()
            };
            let is_served = number > 0 && !is_alone && dice.below(100) < 80;
            tenants.push(Tenant { name, first, size, parents, is_served });
            first += size;
        }
        Self { shape, systems, tenants }
    }

    /// The whole estate at once.
    pub(crate) fn document(&self) -> Document {
        Document {
            weaklink: 1,
            name: Some(at(self.name())),
            parties: self.parties().collect(),
            systems: self.systems().collect(),
            connections: self.connections().collect(),
            ..Document::default()
        }
    }

    /// The whole estate as JSON, one entry a line and never held in memory.
    pub(crate) fn write_json(&self, out: &mut impl Write) -> io::Result<()> {
        write!(out, "{{\"weaklink\":1,\"name\":\"{}\"", self.name())?;
        write_list(out, "parties", self.parties())?;
        write_list(out, "systems", self.systems())?;
        write_list(out, "connections", self.connections())?;
        writeln!(out, "}}")
    }

    fn name(&self) -> String {
        format!("{} estate of {} systems", self.shape.name(), self.systems)
    }

    fn parties(&self) -> impl Iterator<Item = PartyEntry> + '_ {
        let party = |id: String, kind, of: Option<&str>, attested: Option<Date>| PartyEntry {
            id: at(id),
            kind: at(kind),
            name: None,
            of: of.map(|of| at(of.to_owned())),
            attested: attested.map(|as_of| EvidenceEntry { as_of: at(as_of), source: Some(at("SOC 2 type II".to_owned())) }),
            span: Span::default(),
        };
        let providers = PROVIDERS
            .into_iter()
            .chain([VENDOR])
            .map(move |provider| party(provider.to_owned(), PartyKind::Provider, None, Some(date(2026, 6, 1))));
        let customer = std::iter::once(party("acme".to_owned(), PartyKind::Customer, None, None));
        let teams = (0..self.teams()).map(move |team| party(team_id(team), PartyKind::Team, Some("acme"), None));
        providers.chain(customer).chain(teams)
    }

    /// One team owns two tenants, or a part of a large one.
    fn teams(&self) -> usize {
        self.tenants.len().div_ceil(2)
    }

    fn systems(&self) -> impl Iterator<Item = SystemEntry> + '_ {
        self.places().map(|place| self.system(place))
    }

    fn connections(&self) -> impl Iterator<Item = ConnectionEntry> + '_ {
        self.places().flat_map(|place| self.connections_at(place))
    }

    fn places(&self) -> impl Iterator<Item = Place> + '_ {
        self.tenants.iter().enumerate().flat_map(|(tenant, of)| (0..of.size).map(move |slot| (tenant, slot)))
    }

    fn dice(&self, purpose: usize, (tenant, slot): Place) -> Dice {
        Dice::seeded(purpose, self.tenants[tenant].first + slot)
    }

    /// Of the platform and of every tenant: first the services, then hosts and gateways, then all else.
    fn role(&self, (tenant, slot): Place) -> Role {
        let size = self.tenants[tenant].size;
        match slot {
            0 => return Role::Identity,
            1 => return Role::Pipeline,
            2 => return Role::Vault,
            3 => return Role::Monitoring,
            4 => return Role::Backup,
            _ if slot < SERVICES + size / 20 => return Role::Host,
            _ if slot < SERVICES + size / 20 + size / 40 => return Role::Gateway,
            _ => {}
        }
        let roles = [(Role::Service, 55), (Role::Function, 10), (Role::Store, 20), (Role::Queue, 5), (Role::Saas, 7), (Role::Gateway, 3)];
        self.dice(2, (tenant, slot)).weighted(&roles)
    }

    fn id(&self, place: Place) -> String {
        let (tenant, slot) = place;
        let name = &self.tenants[tenant].name;
        let mut dice = self.dice(3, place);
        let word = dice.pick(&WORDS);
        match self.role(place) {
            Role::Identity => format!("{name}/idp-{slot}"),
            Role::Pipeline => format!("{name}/ci-{slot}"),
            Role::Vault => format!("{name}/vault-{slot}"),
            Role::Monitoring => format!("{name}/monitoring-{slot}"),
            Role::Backup => format!("{name}/backup-{slot}"),
            Role::Host => format!("{name}/node-{slot:03}.eu-central-1"),
            Role::Gateway => format!("{name}/{word}-gateway-{slot}"),
            Role::Service => format!("{name}/{word}-api-{slot}"),
            Role::Function => format!("arn:aws:lambda:eu-central-1:{tenant:012}:function:{word}-{slot}"),
            Role::Store => format!("{name}/{word}-db-{slot}"),
            Role::Queue => format!("arn:aws:sqs:eu-central-1:{tenant:012}:{word}-{slot}"),
            Role::Saas => format!("{name}/{word}-saas-{slot}"),
        }
    }

    fn system(&self, place: Place) -> SystemEntry {
        let (tenant, slot) = place;
        let role = self.role(place);
        let mut dice = self.dice(4, place);
        let model = model(role, &mut dice);
        let provider = match model {
            ServiceModel::OnPremises => None,
            ServiceModel::Saas => Some(VENDOR),
            _ => Some(if matches!(role, Role::Function | Role::Queue) { PROVIDERS[0] } else { dice.pick(&PROVIDERS) }),
        };
        let facing = match role {
            Role::Gateway => Facing::Internet,
            _ => dice.weighted(&[(Facing::Internet, 9), (Facing::Partner, 5), (Facing::Internal, 81), (Facing::Isolated, 5)]),
        };
        let criticality =
            dice.weighted(&[(Criticality::CrownJewel, 3), (Criticality::High, 17), (Criticality::Moderate, 50), (Criticality::Low, 30)]);
        let team = (tenant / 2 + slot / 150) % self.teams();
        SystemEntry {
            id: at(self.id(place)),
            name: (dice.below(2) == 0).then(|| at(format!("{} {slot}", self.tenants[tenant].name))),
            service: None,
            model: Some(at(model)),
            provider: provider.map(|provider| at(provider.to_owned())),
            owner: Some(at(team_id(team))),
            criticality: Some(at(criticality)),
            facing: Some(at(facing)),
            settings: BTreeMap::new(),
            tags: (dice.below(5) == 0).then(|| vec![at(self.tenants[tenant].name.clone())]),
            layers: layers(model, &team_id(team), &mut dice),
            source: None,
            span: Span::default(),
        }
    }

    /// The connections that come with a system: those into it, and the way back to a service where it has one.
    fn connections_at(&self, place: Place) -> Vec<ConnectionEntry> {
        let mut dice = self.dice(5, place);
        let mut chosen: Vec<(Place, Place, ConnectionKind)> = Vec::with_capacity(CONNECTIONS_PER_SYSTEM);
        chosen.extend(self.cycle(place, &mut dice));
        if self.shape == Shape::Giant {
            chosen.extend(self.way_back(place, &mut dice));
        }
        while chosen.len() < CONNECTIONS_PER_SYSTEM {
            let next = self.connection(place, &mut dice);
            if next.0 != next.1 && !chosen.contains(&next) {
                chosen.push(next);
            }
        }
        chosen.into_iter().map(|connection| self.entry(connection, &mut dice)).collect()
    }

    /// The connections that close cycles: around the platform, and around some of the sixes of a tenant's systems.
    fn cycle(&self, place: Place, dice: &mut Dice) -> Vec<(Place, Place, ConnectionKind)> {
        let (tenant, slot) = place;
        let size = self.tenants[tenant].size;
        let kind = dice.pick(&[ConnectionKind::Reaches, ConnectionKind::HoldsCredentials, ConnectionKind::Manages]);
        if tenant == 0 {
            return vec![((0, (slot + size - 1) % size), place, kind)];
        }
        let six = slot / 6;
        let mut of_six = self.dice(6, (tenant, six * 6));
        let (is_cycle, length) = (of_six.below(100) < 30, 2 + of_six.below(5));
        let begin = six * 6;
        let end = (begin + length).min(size);
        if !is_cycle || begin < SERVICES || slot >= end || end - begin < 2 {
            return Vec::new();
        }
        let before = if slot == begin { end - 1 } else { slot - 1 };
        vec![((tenant, before), place, kind)]
    }

    /// Agents, tokens and logs lead from a system back to a service, and from a tenant's services to the platform's.
    fn way_back(&self, place: Place, dice: &mut Dice) -> Option<(Place, Place, ConnectionKind)> {
        let (tenant, slot) = place;
        let of = &self.tenants[tenant];
        if tenant == 0 || !of.is_served {
            return None;
        }
        let is_service = slot < SERVICES;
        if !is_service && dice.below(100) >= 65 {
            return None;
        }
        let (service, kind) = dice.weighted(&[
            ((0, ConnectionKind::HoldsCredentials), 35),
            ((1, ConnectionKind::HoldsCredentials), 30),
            ((3, ConnectionKind::Reaches), 25),
            ((0, ConnectionKind::Manages), 10),
        ]);
        Some((place, (if is_service { 0 } else { tenant }, service), kind))
    }

    /// One more connection into a system, from something that comes before it.
    fn connection(&self, place: Place, dice: &mut Dice) -> (Place, Place, ConnectionKind) {
        let (tenant, slot) = place;
        let kind = dice.weighted(&KINDS);
        let of = &self.tenants[tenant];
        if tenant == 0 {
            return ((0, if dice.below(3) == 0 { service(kind) } else { dice.below(of.size) }), place, kind);
        }
        let is_platforms = of.is_served && (slot < SERVICES || dice.below(100) < 15);
        let from = match kind {
            ConnectionKind::Authenticates
            | ConnectionKind::Deploys
            | ConnectionKind::Monitors
            | ConnectionKind::BacksUp
            | ConnectionKind::KeepsSecrets
            | ConnectionKind::Manages => {
                if is_platforms {
                    (0, service(kind))
                } else {
                    (tenant, service(kind))
                }
            }
            ConnectionKind::Supplies if is_platforms => (0, dice.below(self.tenants[0].size)),
            ConnectionKind::Hosts if slot > SERVICES => (tenant, SERVICES + dice.below((of.size / 20).max(1)).min(slot - SERVICES - 1)),
            _ if slot < SERVICES && is_platforms => (0, dice.below(self.tenants[0].size)),
            _ if !of.parents.is_empty() && (slot == 0 || dice.below(100) < 10) => {
                let parent = of.parents[dice.below(of.parents.len())];
                (parent, dice.below(self.tenants[parent].size))
            }
            // Most are near.
            _ if slot > 0 => (tenant, slot - 1 - dice.below(slot.min(40))),
            _ => (tenant, 0),
        };
        if from.0 != tenant || from.1 < slot {
            return (from, place, kind);
        }
        // Nothing of the tenant comes before: the system serves one that comes later.
        (place, (tenant, slot + 1 + dice.below(of.size - slot - 1)), kind)
    }

    fn entry(&self, (from, to, kind): (Place, Place, ConnectionKind), dice: &mut Dice) -> ConnectionEntry {
        let (controls, is_possible) = (dice.below(3) == 0, dice.below(100) == 0);
        let control = |dice: &mut Dice| ConnectionControlEntry {
            class: at(class(kind).to_owned()),
            strength: at(dice.weighted(&[(Strength::Strong, 45), (Strength::Moderate, 40), (Strength::Weak, 15)])),
            status: at(dice.weighted(&[
                (ControlStatus::Implemented, 85),
                (ControlStatus::Partial, 10),
                (ControlStatus::NotImplemented, 3),
                (ControlStatus::Unknown, 2),
            ])),
            note: None,
        };
        ConnectionEntry {
            id: None,
            from: at(self.id(from)),
            to: at(self.id(to)),
            kind: at(kind),
            controls: controls.then(|| vec![control(dice)]),
            certainty: is_possible.then(|| at(Certainty::Possible)),
            // A copy leads both ways, and would join what a feed only passes by.
            copy: (kind == ConnectionKind::Feeds).then(|| at(from.0 == 0 && to.0 == 0)),
            note: None,
            span: Span::default(),
        }
    }
}

impl Dice {
    /// Dice of their own for one purpose and number.
    fn seeded(purpose: usize, number: usize) -> Self {
        let mut dice = Self(((purpose as u64) << 48) ^ number as u64);
        dice.0 = dice.next();
        dice
    }

    /// One of the choices, each as often as its weight says.
    fn weighted<T: Copy>(&mut self, choices: &[(T, usize)]) -> T {
        let mut left = self.below(choices.iter().map(|&(_, weight)| weight).sum());
        for &(choice, weight) in choices {
            if left < weight {
                return choice;
            }
            left -= weight;
        }
        choices[0].0
    }
}

/// The claims about a system's layers: all is in place, and one system in eleven has a gap, rarely more.
fn layers(model: ServiceModel, owner: &str, dice: &mut Dice) -> BTreeMap<Layer, Box<LayerClaim>> {
    let matrix = ResponsibilityMatrix::shipped();
    let mut layers = BTreeMap::new();
    let mut own: Vec<Layer> = Vec::with_capacity(Layer::COUNT);
    for &layer in Layer::ALL {
        let whole = || LayerClaim { status: Some(at(ControlStatus::Implemented)), ..LayerClaim::default() };
        let claim = match matrix.cell(model, None, &BTreeMap::new(), layer) {
            // The provider's attestation stands for it.
            Cell::Provider | Cell::NotApplicable => continue,
            Cell::Shared => {
                let half = || HalfClaim { status: Some(at(ControlStatus::Implemented)), ..HalfClaim::default() };
                let split = SplitClaim { customer: Some(half()), provider: Some(half()), span: Span::default() };
                LayerClaim { split: Some(Box::new(split)), ..LayerClaim::default() }
            }
            Cell::Customer | Cell::Unknown | Cell::Undetermined => whole(),
        };
        own.push(layer);
        layers.insert(layer, Box::new(claim));
    }
    for (layer, claim) in &mut layers {
        // Owners and evidence are written down here and there.
        if claim.split.is_none() && dice.below(6) == 0 {
            claim.owner = Some(at(owner.to_owned()));
        }
        if dice.below(8) == 0 {
            let month = i8::try_from(1 + dice.below(10)).expect("a month is small");
            claim.evidence =
                Some(Box::new(EvidenceEntry { as_of: at(date(2026, month, 15)), source: Some(at(format!("review of {layer}"))) }));
        }
    }
    let gaps = dice.weighted(&[(0, 910), (1, 80), (2, 8), (3, 2)]);
    for _ in 0..gaps {
        let layer = own[dice.below(own.len())];
        if let Some(claim) = layers.get_mut(&layer) {
            open(claim, dice);
        }
    }
    layers
}

/// Makes a gap of a covered layer.
fn open(claim: &mut LayerClaim, dice: &mut Dice) {
    let status =
        |claim: &mut LayerClaim, status: Option<ControlStatus>| match claim.split.as_mut().and_then(|split| split.customer.as_mut()) {
            Some(half) => half.status = status.map(at),
            None => claim.status = status.map(at),
        };
    match dice.below(100) {
        0..35 => status(claim, Some(ControlStatus::Partial)),
        35..50 => status(claim, Some(ControlStatus::NotImplemented)),
        50..70 => status(claim, None),
        70..80 => {
            claim.owner = Some(at("nobody".to_owned()));
            claim.split = None;
        }
        80..90 if claim.split.is_some() => claim.split = None,
        _ => claim.evidence = Some(Box::new(EvidenceEntry { as_of: at(date(2025, 3, 1)), source: None })),
    }
}

fn model(role: Role, dice: &mut Dice) -> ServiceModel {
    use ServiceModel::{Caas, Colocation, Faas, Iaas, OnPremises, Paas, Saas};
    match role {
        Role::Identity | Role::Monitoring => dice.weighted(&[(Saas, 60), (Paas, 20), (OnPremises, 20)]),
        Role::Pipeline | Role::Vault => dice.weighted(&[(Saas, 40), (Iaas, 30), (Caas, 30)]),
        Role::Backup => dice.weighted(&[(Paas, 60), (OnPremises, 40)]),
        Role::Host => dice.weighted(&[(Iaas, 50), (OnPremises, 35), (Colocation, 15)]),
        Role::Gateway => dice.weighted(&[(Paas, 60), (Iaas, 40)]),
        Role::Service => dice.weighted(&[(Caas, 45), (Iaas, 25), (OnPremises, 15), (Paas, 15)]),
        Role::Function => Faas,
        Role::Store => dice.weighted(&[(Paas, 60), (Iaas, 20), (OnPremises, 20)]),
        Role::Queue => Paas,
        Role::Saas => Saas,
    }
}

/// The service of a tenant that a kind of connection comes from.
fn service(kind: ConnectionKind) -> usize {
    match kind {
        ConnectionKind::Authenticates => 0,
        ConnectionKind::KeepsSecrets => 2,
        ConnectionKind::Monitors => 3,
        ConnectionKind::BacksUp => 4,
        _ => 1,
    }
}

fn class(kind: ConnectionKind) -> &'static str {
    match kind {
        ConnectionKind::Hosts | ConnectionKind::Reaches | ConnectionKind::Peers => "segmentation",
        ConnectionKind::Authenticates | ConnectionKind::Manages => "authn",
        ConnectionKind::HoldsCredentials | ConnectionKind::Monitors | ConnectionKind::KeepsSecrets => "authz",
        ConnectionKind::Feeds | ConnectionKind::Supplies => "integrity",
        ConnectionKind::Stores | ConnectionKind::BacksUp => "encryption",
        ConnectionKind::Deploys => "approval",
    }
}

fn team_id(team: usize) -> String {
    format!("team-{}-{team:04}", DOMAINS[team % DOMAINS.len()])
}

fn at<T>(value: T) -> At<T> {
    At { value, span: Span::default() }
}

fn write_list<T: serde::Serialize>(out: &mut impl Write, key: &str, entries: impl Iterator<Item = T>) -> io::Result<()> {
    write!(out, ",\n\"{key}\":[")?;
    for (number, entry) in entries.enumerate() {
        out.write_all(if number == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, &entry)?;
    }
    write!(out, "]")
}

const PROVIDERS: [&str; 3] = ["aws", "azure", "gcp"];
const VENDOR: &str = "saas-vendors";
const DOMAINS: [&str; 12] =
    ["payments", "ledger", "onboarding", "claims", "logistics", "search", "pricing", "hr", "analytics", "shop", "support", "research"];
const WORDS: [&str; 16] = [
    "orders", "invoices", "accounts", "profile", "catalog", "sessions", "reports", "mail", "stock", "quotes", "audit", "exports", "images",
    "tickets", "rates", "events",
];
/// How often the kinds of connections are met.
const KINDS: [(ConnectionKind, usize); 12] = [
    (ConnectionKind::Reaches, 29),
    (ConnectionKind::Authenticates, 14),
    (ConnectionKind::HoldsCredentials, 11),
    (ConnectionKind::Feeds, 9),
    (ConnectionKind::Monitors, 8),
    (ConnectionKind::Manages, 7),
    (ConnectionKind::Deploys, 6),
    (ConnectionKind::Hosts, 5),
    (ConnectionKind::Stores, 4),
    (ConnectionKind::KeepsSecrets, 3),
    (ConnectionKind::Supplies, 2),
    (ConnectionKind::BacksUp, 2),
];
