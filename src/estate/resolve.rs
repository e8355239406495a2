//! From a merged document to an estate: references, cells, rules, and the faults of meaning.

use super::document::{
    ConnectionControlEntry, ConnectionEntry, Document, EvidenceEntry, HalfClaim, LayerClaim, PartyEntry, RuleEntry, SplitClaim, SystemEntry,
};
use super::hashed::HashMap;
use super::order::Order;
use super::rules::{Rules, Subject};
use super::{
    Claim, Connection, ConnectionControl, Estate, Evidence, LayerFacts, NOBODY, Owner, Party, PartyIx, Stated, System, SystemIx, connection,
};
use crate::catalog::{
    Cell, Certainty, ControlCatalog, ControlIx, ControlStatus, Layer, PartyKind, Policy, ResponsibilityMatrix, Service, ServiceModel, Side,
};
use crate::source::{At, Diagnostics, Fault, Noun, Span};
use crate::threads::side_by_side;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Resolves a merged document. Total: what cannot be resolved is reported and left out.
pub(super) fn estate(document: Document, policy: &Policy, as_of: Date, diagnostics: &mut Diagnostics) -> Estate {
    let Document { name, parties: party_entries, systems, connections, rules: rule_entries, costs, .. } = document;
    let (parties, party_by_id) = parties(&party_entries, diagnostics);
    let mut resolver = Resolver {
        policy,
        as_of,
        party_ids: parties.iter().map(|party| party.id.clone()).collect(),
        party_kinds: parties.iter().map(|party| party.kind).collect(),
        party_by_id,
        party_used: vec![false; parties.len()],
        latest_evidence: None,
        diagnostics,
    };
    let parties = resolver.party_references(parties, &party_entries);
    let mut rules = Rules::new(&rule_entries);
    let mut resolved: Vec<System> = Vec::with_capacity(systems.len());
    resolved.extend(sorted(systems).map(|entry| resolver.system(entry, &mut rules)));
    let systems = resolved;
    resolver.check_rules(&rule_entries, &rules);
    let connections = resolver.connections(connections, &systems);
    resolver.warn_unused(&parties, &systems, &connections);
    let latest_evidence = resolver.latest_evidence;
    let costs = costs.iter().map(super::CostRule::of).collect();
    Estate {
        name: name.map(|name| name.value),
        parties,
        systems: systems.into(),
        connections: connections.into(),
        costs,
        latest_evidence,
        columns: super::Columns::default(),
        cache: None,
    }
}

/// The systems in order of their ids; their places are sorted, for an entry is large.
fn sorted(entries: Vec<SystemEntry>) -> impl Iterator<Item = SystemEntry> {
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by(|&left, &right| entries[left].id.value.cmp(&entries[right].id.value));
    let mut entries: Vec<Option<SystemEntry>> = entries.into_iter().map(Some).collect();
    order.into_iter().filter_map(move |entry_ix| entries[entry_ix].take())
}

/// The parties in order of their ids, with the index by id; references between them are resolved later.
fn parties(entries: &[PartyEntry], diagnostics: &mut Diagnostics) -> (Vec<Party>, HashMap<String, PartyIx>) {
    let mut first: HashMap<&str, Span> = HashMap::default();
    let mut unique: Vec<&PartyEntry> = Vec::with_capacity(entries.len());
    for entry in entries {
        if entry.id.value == NOBODY {
            diagnostics.error(entry.id.span, Fault::ReservedId { id: entry.id.value.clone() });
        }
        match first.get(entry.id.value.as_str()) {
            Some(&span) => diagnostics.error_with(entry.id.span, Fault::RepeatedId { noun: Noun::Party, id: entry.id.value.clone() }, span),
            None => {
                first.insert(&entry.id.value, entry.id.span);
                unique.push(entry);
            }
        }
    }
    unique.sort_by(|left, right| left.id.value.cmp(&right.id.value));
    let by_id = unique.iter().enumerate().map(|(ix, entry)| (entry.id.value.clone(), PartyIx(ix as u32))).collect();
    let parties = unique
        .iter()
        .map(|entry| Party {
            id: entry.id.value.clone(),
            kind: entry.kind.value,
            name: entry.name.as_ref().map(|name| name.value.clone()),
            of: None,
            attested: None,
            span: entry.id.span,
        })
        .collect();
    (parties, by_id)
}

struct Resolver<'a> {
    policy: &'a Policy,
    as_of: Date,
    party_ids: Vec<String>,
    party_kinds: Vec<PartyKind>,
    party_by_id: HashMap<String, PartyIx>,
    party_used: Vec<bool>,
    latest_evidence: Option<Date>,
    diagnostics: &'a mut Diagnostics,
}

impl Resolver<'_> {
    fn party(&mut self, id: &At<String>) -> Option<PartyIx> {
        if let Some(&party_ix) = self.party_by_id.get(&id.value) {
            self.party_used[party_ix.index()] = true;
            return Some(party_ix);
        }
        let nearest = self.diagnostics.nearest(&id.value, self.party_ids.iter().map(String::as_str));
        let known = few(self.party_ids.iter().map(String::as_str));
        self.diagnostics.error(id.span, Fault::Undefined { noun: Noun::Party, id: id.value.clone(), nearest, known });
        None
    }

    fn owner(&mut self, id: Option<&At<String>>) -> Option<Owner> {
        let id = id?;
        if id.value == NOBODY { Some(Owner::Nobody) } else { self.party(id).map(Owner::Party) }
    }

    fn evidence(&mut self, entry: Option<EvidenceEntry>) -> Option<Evidence> {
        let entry = entry?;
        let date = entry.as_of.value;
        self.latest_evidence = self.latest_evidence.max(Some(date));
        if date > self.as_of {
            let fault = Fault::FutureEvidence { date: date.to_string(), as_of: self.as_of.to_string() };
            self.diagnostics.warning(entry.as_of.span, fault);
        }
        Some(Evidence { as_of: date, source: entry.source.map(|source| source.value), span: entry.as_of.span })
    }

    /// Resolves `of` and `attested`, which need all parties to be known.
    fn party_references(&mut self, mut parties: Vec<Party>, entries: &[PartyEntry]) -> Vec<Party> {
        for entry in entries {
            let of = entry.of.as_ref().and_then(|of| self.party(of));
            let attested = self.evidence(entry.attested.clone());
            if let Some(party_ix) = self.party_by_id.get(&entry.id.value) {
                let party = &mut parties[party_ix.index()];
                if party.span == entry.id.span {
                    party.of = of;
                    party.attested = attested;
                }
            }
        }
        parties
    }

    fn system(&mut self, mut entry: SystemEntry, rules: &mut Rules<'_>) -> System {
        let matrix = ResponsibilityMatrix::shipped();
        let service = entry.service.as_ref().and_then(|service| matrix.service(&service.value));
        let model = self.model(&entry, service);
        let stated_provider = entry.provider.as_ref().map(|provider| provider.value.as_str());
        let provider = stated_provider.or_else(|| service.map(|service| service.provider.as_str()));
        self.check_provider(&entry, provider);
        let subject = Subject { entry: &entry, service: service.map(|service| service.id.as_str()), provider, model };
        let fill = rules.fill(&subject);
        let scalars = fill.as_ref().map(|fill| &fill.scalars);
        let owner = entry.owner.as_ref().or(scalars.and_then(|scalars| scalars.owner.as_ref()));
        let owner = owner.and_then(|owner| self.party(owner));
        let criticality = entry.criticality.as_ref().or(scalars.and_then(|scalars| scalars.criticality.as_ref()));
        let facing = entry.facing.as_ref().or(scalars.and_then(|scalars| scalars.facing.as_ref()));
        let (criticality, facing) = (criticality.map(|criticality| criticality.value), facing.map(|facing| facing.value));
        self.check_settings(&entry, service);
        let filled = scalars.into_iter().flat_map(|scalars| &scalars.settings);
        let mut settings: BTreeMap<String, String> = filled.map(|(setting, value)| (setting.clone(), value.value.clone())).collect();
        settings.extend(entry.settings.into_iter().map(|(setting, value)| (setting, value.value)));
        // Claims are in the order of layers, as the layers are.
        let mut claims = std::mem::take(&mut entry.layers).into_iter().peekable();
        let layers = std::array::from_fn(|layer_ix| {
            let layer = Layer::ALL[layer_ix];
            let cell = matrix.cell(model, service, &settings, layer);
            let own = claims.next_if(|(of, _)| *of == layer).map(|(_, own)| own);
            if let Some(own) = &own {
                self.check_claim(own, layer, cell, service, model);
            }
            let claim = match &fill {
                Some(fill) => fill.claim(layer, cell, own.as_deref()),
                None => own.map(|own| *own),
            };
            LayerFacts { cell, claim: claim.map(|claim| Box::new(self.claim(claim))) }
        });
        System {
            id: entry.id.value,
            name: entry.name.map(|name| name.value),
            service,
            model,
            provider: entry.provider.map(|provider| provider.value).or_else(|| service.map(|service| service.provider.clone())),
            owner,
            criticality,
            facing,
            settings,
            tags: entry.tags.into_iter().flatten().map(|tag| tag.value).collect(),
            source: entry.source.map(|source| source.value),
            span: entry.id.span,
            layers,
        }
    }

    fn model(&mut self, entry: &SystemEntry, service: Option<&Service>) -> ServiceModel {
        let stated = entry.model.as_ref();
        if let (Some(service), Some(stated)) = (service, stated)
            && service.model != stated.value
        {
            let fault = Fault::ModelConflict { service: service.id.clone(), expected: service.model.id() };
            match entry.service.as_ref() {
                Some(at) => self.diagnostics.error_with(stated.span, fault, at.span),
                None => self.diagnostics.error(stated.span, fault),
            }
        }
        service.map(|service| service.model).or(stated.map(|model| model.value)).unwrap_or(ServiceModel::Unknown)
    }

    /// A provider need not be a declared party; one that is declared on the customer's side is odd.
    fn check_provider(&mut self, entry: &SystemEntry, provider: Option<&str>) {
        let Some(&party_ix) = provider.and_then(|provider| self.party_by_id.get(provider)) else { return };
        self.party_used[party_ix.index()] = true;
        if self.party_kinds[party_ix.index()].side() == Side::Customer
            && let Some(provider) = &entry.provider
        {
            self.diagnostics.warning(provider.span, Fault::OddProvider { id: provider.value.clone() });
        }
    }

    fn check_settings(&mut self, entry: &SystemEntry, service: Option<&Service>) {
        let known = service.map(Service::settings).unwrap_or_default();
        for (setting, value) in &entry.settings {
            if !known.contains(&setting.as_str()) {
                let nearest = self.diagnostics.nearest(setting, known.iter().copied());
                let fault = Fault::UnusedSetting { setting: setting.clone(), service: service.map(|service| service.id.clone()), nearest };
                self.diagnostics.warning(value.key_span, fault);
            }
        }
    }

    /// Faults of a system's own claim about a layer. Parts of a rule that do not fit are skipped instead.
    fn check_claim(&mut self, claim: &LayerClaim, layer: Layer, cell: Cell, service: Option<&Service>, model: ServiceModel) {
        let of = || service.map_or_else(|| model.id().to_owned(), |service| service.id.clone());
        if let Some(split) = &claim.split {
            if !cell.allows_split() {
                self.diagnostics.error(split.span, Fault::MisplacedSplit { layer: layer.id(), of: of(), cell: cell.id() });
            }
            // Who writes a split says that both sides have a part in the layer, so it exists whatever the cell.
            for status in [&split.customer, &split.provider].into_iter().flatten().filter_map(|half| half.status.as_ref()) {
                if status.value == ControlStatus::NotApplicable {
                    self.diagnostics.error(status.span, Fault::LayerExists { layer: layer.id(), of: of(), cell: "split" });
                }
            }
        }
        if cell == Cell::NotApplicable {
            let says_so = claim.status.as_ref().is_some_and(|status| status.value == ControlStatus::NotApplicable);
            // A split on such a layer is a fault of its own already.
            if !says_so && claim.split.is_none() {
                self.diagnostics.warning(claim.span, Fault::NoSuchLayer { layer: layer.id(), of: of() });
            }
        } else if let Some(status) = &claim.status
            && status.value == ControlStatus::NotApplicable
            && !cell.is_open()
        {
            self.diagnostics.error(status.span, Fault::LayerExists { layer: layer.id(), of: of(), cell: cell.id() });
        }
    }

    fn claim(&mut self, claim: LayerClaim) -> Claim {
        let stated = Stated {
            owner: self.owner(claim.owner.as_ref()),
            status: claim.status.map(|status| status.value),
            controls: controls(&claim.controls),
            evidence: self.evidence(claim.evidence.map(|evidence| *evidence)).map(Box::new),
        };
        let split = claim.split.map_or_else(SplitClaim::default, |split| *split);
        Claim {
            stated,
            customer: split.customer.map(|half| Box::new(self.half(half))),
            provider: split.provider.map(|half| Box::new(self.half(half))),
            note: claim.note.map(|note| note.value),
            span: claim.span,
        }
    }

    fn half(&mut self, half: HalfClaim) -> Stated {
        Stated {
            owner: self.owner(half.owner.as_ref()),
            status: half.status.map(|status| status.value),
            controls: controls(&half.controls),
            evidence: self.evidence(half.evidence.map(|evidence| *evidence)).map(Box::new),
        }
    }

    /// Resolves what a rule says once, also where it matches nothing, so that no fault hides in an idle rule.
    fn check_rules(&mut self, entries: &[RuleEntry], rules: &Rules<'_>) {
        for rule in entries {
            if let Some(owner) = &rule.owner {
                self.party(owner);
            }
            for claim in rule.layers.values() {
                self.claim(LayerClaim::clone(claim));
            }
            if let Some(owners) = &rule.matches.owner {
                for owner in &owners.0 {
                    self.party(owner);
                }
            }
        }
        if self.diagnostics.has_errors() {
            return;
        }
        for idle in rules.idle() {
            self.diagnostics.warning(idle.span, Fault::IdleRule);
        }
    }

    fn connections(&mut self, entries: Vec<ConnectionEntry>, systems: &[System]) -> Vec<Connection> {
        let mut first: HashMap<&str, Span> = HashMap::default();
        for id in entries.iter().filter_map(|entry| entry.id.as_ref()) {
            match first.get(id.value.as_str()) {
                Some(&span) => {
                    self.diagnostics.error_with(id.span, Fault::RepeatedId { noun: Noun::Connection, id: id.value.clone() }, span);
                }
                None => {
                    first.insert(&id.value, id.span);
                }
            }
        }
        let (ids, ends) = side_by_side(entries.len(), || connection::identifiers(&entries), || ends(&entries, systems));
        let mut connections: Vec<Connection> = Vec::with_capacity(entries.len());
        let mut order = Order::new(systems, entries.len());
        for ((entry, id), (from, to)) in entries.into_iter().zip(ids).zip(ends) {
            let is_derived = entry.id.is_none() && id.len() == connection::derived_length(&entry);
            let controls = entry.controls.into_iter().flatten().filter_map(|control| self.connection_control(control)).collect();
            for (id, end) in [(&entry.from, from), (&entry.to, to)] {
                if end.is_none() {
                    self.undefined_system(id, systems);
                }
            }
            let (Some(from), Some(to)) = (from, to) else { continue };
            if from == to {
                self.diagnostics.error_with(entry.to.span, Fault::SelfConnection { id: entry.to.value }, entry.from.span);
                continue;
            }
            let connection = Connection {
                id,
                from,
                to,
                kind: entry.kind.value,
                controls,
                certainty: entry.certainty.map_or(Certainty::Certain, |certainty| certainty.value),
                copy: entry.copy.is_none_or(|copy| copy.value),
                note: entry.note.map(|note| note.value),
                span: entry.span,
            };
            order.add(&connection, is_derived);
            connections.push(connection);
        }
        order.sort(&mut connections);
        connections
    }

    fn undefined_system(&mut self, id: &At<String>, systems: &[System]) {
        let nearest = self.diagnostics.nearest(&id.value, systems.iter().map(|system| system.id.as_str()));
        let known = few(systems.iter().map(|system| system.id.as_str()));
        self.diagnostics.error(id.span, Fault::Undefined { noun: Noun::System, id: id.value.clone(), nearest, known });
    }

    fn connection_control(&mut self, entry: ConnectionControlEntry) -> Option<ConnectionControl> {
        if !self.policy.classes.contains(&entry.class.value) {
            let nearest = self.diagnostics.nearest(&entry.class.value, self.policy.classes.iter().map(String::as_str));
            let known = few(self.policy.classes.iter().map(String::as_str));
            self.diagnostics.error(entry.class.span, Fault::Undefined { noun: Noun::Class, id: entry.class.value, nearest, known });
            return None;
        }
        Some(ConnectionControl { class: entry.class.value, strength: entry.strength.value, status: entry.status.value })
    }

    /// Warns of what nothing uses. What a fault leaves out would look unused too, so only a model without errors is told.
    fn warn_unused(&mut self, parties: &[Party], systems: &[System], connections: &[Connection]) {
        if self.diagnostics.has_errors() {
            return;
        }
        for (party, used) in parties.iter().zip(&self.party_used) {
            if !used {
                self.diagnostics.warning(party.span, Fault::UnusedParty { id: party.id.clone() });
            }
        }
        let mut is_connected = vec![false; systems.len()];
        for end in connections.iter().flat_map(|connection| [connection.from, connection.to]) {
            is_connected[end.index()] = true;
        }
        for (system, is_connected) in systems.iter().zip(is_connected) {
            if systems.len() > 1 && !is_connected {
                self.diagnostics.warning(system.span, Fault::IsolatedSystem { id: system.id.clone() });
            }
        }
    }
}

/// The systems at both ends of every connection, those that exist.
fn ends(entries: &[ConnectionEntry], systems: &[System]) -> Vec<(Option<SystemIx>, Option<SystemIx>)> {
    let by_id: HashMap<&str, SystemIx> = systems.iter().zip(0..).map(|(system, ix)| (system.id.as_str(), SystemIx(ix))).collect();
    let find = |id: &At<String>| by_id.get(id.value.as_str()).copied();
    entries.iter().map(|entry| (find(&entry.from), find(&entry.to))).collect()
}

/// All the names, where they are few enough to be listed in a message.
fn few<'n>(names: impl ExactSizeIterator<Item = &'n str>) -> Vec<String> {
    if names.len() <= 8 { names.map(str::to_owned).collect() } else { Vec::new() }
}

fn controls(entries: &BTreeMap<String, At<ControlStatus>>) -> Vec<(ControlIx, ControlStatus)> {
    let catalog = ControlCatalog::shipped();
    let mut controls: Vec<_> =
        entries.iter().filter_map(|(id, status)| catalog.find(id).map(|control_ix| (control_ix, status.value))).collect();
    controls.sort_by_key(|&(control_ix, _)| control_ix);
    controls
}
