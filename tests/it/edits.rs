//! Random edits of models, single changes undone in the document, and what a review of two documents says.

use crate::generate;
use crate::oracle::{Reference, connection_ids};
use crate::world::{AS_OF, CONTROLS, POLICY, Random, SERVICES, World};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use weaklink::analysis::review::{self, Review};
use weaklink::catalog::{BasisPoints, Interval, Layer, Policy};
use weaklink::estate::{Change, Estate};
use weaklink::project::{ReviewLimits, Waivers};
use weaklink::source::{Limits, Source};

/// Every rule on, and no room.
pub(crate) const STRICT: ReviewLimits =
    ReviewLimits { critical: Some(BasisPoints(0)), ratchet: Some(0), budget: Some(0), weakening: true, unknown: true };

/// A base and the head that random edits made of it; their rules are written out.
#[derive(Clone)]
pub(crate) struct Pair {
    pub(crate) base: Value,
    pub(crate) head: Value,
}

impl fmt::Debug for Pair {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "BASE {}\nHEAD {}", self.base, self.head)
    }
}

/// A pair of so many systems at most.
pub(crate) fn pair() -> impl Strategy<Value = Pair> {
    (any::<u64>(), 2..=5_usize, any::<u64>(), 1..=9_usize).prop_map(|(seed, systems, edits, count)| {
        let base = plain(&generate::estate(seed, systems));
        // Where most layers are covered, single edits show.
        let base = if seed % 3 == 0 { base } else { mostly_covered(&base, &mut Random(seed)) };
        Pair { head: edited(&base, edits, count), base }
    })
}

/// The model after so many random edits.
pub(crate) fn edited(model: &Value, seed: u64, count: usize) -> Value {
    let (mut random, mut edited) = (Random(seed), model.clone());
    (0..count).for_each(|_| edit(&mut edited, &mut random));
    edited
}

/// The model with its rules written out.
pub(crate) fn plain(model: &Value) -> Value {
    let reference = Reference::new(model, &POLICY, &SERVICES, &CONTROLS, "2026-11-01");
    let mut plain = model.clone();
    (plain["systems"], plain["rules"]) = (json!(reference.systems), json!([]));
    plain
}

/// The model with most of its layers covered, and most of its providers attested.
fn mostly_covered(model: &Value, random: &mut Random) -> Value {
    let reference = Reference::new(model, &POLICY, &SERVICES, &CONTROLS, "2026-11-01");
    let mut covered = model.clone();
    for state in reference.states.iter().filter(|_| random.chance(90)) {
        let half = |owner: &str| json!({ "owner": owner, "status": "implemented" });
        let split = json!({ "split": { "customer": half("acme"), "provider": { "status": "implemented" } } });
        let claim = match state.cell.as_str() {
            "customer" => half("acme"),
            "provider" => json!({}),
            _ => split,
        };
        let system = named(&mut covered, "systems", reference.id(state.system)).expect("the system");
        if system["provider"].is_null() && system["service"].is_null() {
            system["provider"] = json!("gcp");
        }
        system["layers"][&reference.layers[state.layer]] = claim;
    }
    for party in list(&mut covered, "parties").iter_mut().filter(|party| party["kind"] == "provider" && random.chance(80)) {
        party["attested"] = json!({ "as_of": "2026-09-30" });
    }
    if is_valid(&covered) { covered } else { model.clone() }
}

pub(crate) fn is_valid(model: &Value) -> bool {
    let source = Source::from_bytes("model".to_owned(), model.to_string().into_bytes(), 0).expect("the model is text");
    Estate::load(&[&source], Policy::shipped(), AS_OF, &Limits::default()).is_ok()
}

pub(crate) fn list<'v>(model: &'v mut Value, key: &str) -> &'v mut Vec<Value> {
    if model[key].is_null() {
        model[key] = json!([]);
    }
    model[key].as_array_mut().expect("a list")
}

pub(crate) fn texts(model: &Value, key: &str) -> Vec<String> {
    model[key].as_array().into_iter().flatten().map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
}

/// The system or party with this id.
pub(crate) fn named<'v>(model: &'v mut Value, key: &str, id: &str) -> Option<&'v mut Value> {
    list(model, key).iter_mut().find(|item| item["id"] == id)
}

fn set(value: &mut Value, key: &str, to: Value) {
    if to.is_null() {
        if let Some(fields) = value.as_object_mut() {
            fields.remove(key);
        }
    } else {
        value[key] = to;
    }
}

const STATUSES: [&str; 7] = ["implemented", "partial", "not-implemented", "planned", "unknown", "alternative", "not-applicable"];
const DATES: [&str; 4] = ["2026-11-01", "2025-11-01", "2025-10-31", "2024-02-29"];
const OWNERS: [&str; 6] = ["aws", "azure", "acme", "team-o", "msp", "nobody"];
const CLASSES: [&str; 6] = ["approval", "authn", "authz", "encryption", "integrity", "segmentation"];

/// One random edit; the model stays as it is where that would not be valid.
pub(crate) fn edit(model: &mut Value, random: &mut Random) {
    let before = model.clone();
    match random.below(20) {
        0..8 => edit_claim(model, random),
        8..11 => edit_system(model, random),
        11..13 => edit_party(model, random),
        13..18 => edit_connection(model, random),
        18 => add_system(model, random),
        _ => remove_system(model, random),
    }
    if !is_valid(model) {
        *model = before;
    }
}

/// A word, or nothing.
fn word(random: &mut Random, words: &[&str]) -> Value {
    if random.chance(25) { Value::Null } else { json!(random.pick(words)) }
}

fn evidence(random: &mut Random) -> Value {
    if random.chance(40) { Value::Null } else { json!({ "as_of": random.pick(&DATES), "source": "audit" }) }
}

fn control_of(layer: &str, random: &mut Random) -> String {
    let controls = CONTROLS["controls"].as_array().expect("a list");
    let of_layer: Vec<&Value> = controls.iter().filter(|control| control["layer"] == layer).collect();
    random.pick(&of_layer)["id"].as_str().expect("an id").to_owned()
}

fn edit_claim(model: &mut Value, random: &mut Random) {
    let systems = list(model, "systems");
    let system_ix = random.below(systems.len());
    let layer = random.pick(Layer::IDS);
    let layers = &mut systems[system_ix]["layers"];
    if random.chance(8) {
        set(layers, layer, Value::Null);
        return;
    }
    let part = &mut layers[layer];
    if random.chance(8) {
        let half = |owner: &str| json!({ "owner": owner, "status": "implemented" });
        set(part, "split", if random.chance(30) { Value::Null } else { json!({ "customer": half("acme"), "provider": half("aws") }) });
    }
    let sides = [None, Some("customer"), Some("provider")];
    let side = random.pick(&sides).filter(|_| part["split"].is_object());
    let part = match side {
        Some(side) => &mut part["split"][side],
        None => part,
    };
    match random.below(10) {
        0..5 => set(part, "status", word(random, &STATUSES)),
        5 | 6 => set(part, "evidence", evidence(random)),
        7 => set(part, "owner", word(random, &OWNERS)),
        _ => {
            let control = control_of(layer, random);
            let status = word(random, &STATUSES);
            set(&mut part["controls"], &control, status);
        }
    }
    if part.is_null() {
        *part = json!({});
    }
    if part["controls"].as_object().is_some_and(serde_json::Map::is_empty) || part["controls"].is_null() {
        set(part, "controls", Value::Null);
    }
}

fn edit_system(model: &mut Value, random: &mut Random) {
    let systems = list(model, "systems");
    let system_ix = random.below(systems.len());
    let system = &mut systems[system_ix];
    match random.below(7) {
        0 => set(system, "owner", word(random, &OWNERS[2..5])),
        1 => set(system, "criticality", word(random, &["crown-jewel", "high", "moderate", "low"])),
        2 => set(system, "facing", word(random, &["internet", "partner", "internal", "isolated"])),
        3 => {
            let services = SERVICES["services"].as_array().expect("a list");
            let whens = services.iter().filter(|service| service["id"] == system["service"]);
            let whens: Vec<&Value> = whens.flat_map(|service| service["when"].as_array().into_iter().flatten()).collect();
            if !whens.is_empty() {
                let when = random.pick(&whens);
                let value = if random.chance(25) { Value::Null } else { when["equals"].clone() };
                set(&mut system["settings"], when["setting"].as_str().expect("a setting"), value);
            }
        }
        4 => {
            let services = SERVICES["services"].as_array().expect("a list");
            set(system, "model", Value::Null);
            system["service"] = services[random.below(services.len())]["id"].clone();
        }
        5 => {
            set(system, "service", Value::Null);
            system["model"] = json!(random.pick(&["on-premises", "iaas", "paas", "saas", "unknown"]));
        }
        _ => set(system, "provider", word(random, &["aws", "azure", "gcp", "hetzner"])),
    }
}

fn edit_party(model: &mut Value, random: &mut Random) {
    let parties = list(model, "parties");
    let party_ix = random.below(parties.len());
    match random.below(5) {
        0 | 1 => set(&mut parties[party_ix], "attested", evidence(random)),
        2 => parties[party_ix]["kind"] = json!(random.pick(&["provider", "customer", "third-party"])),
        3 => {
            let party = parties.remove(party_ix);
            for system in list(model, "systems") {
                disown(system, &party["id"]);
            }
        }
        _ => {
            let mut party = json!({ "id": "hetzner", "kind": random.pick(&["provider", "provider", "third-party"]) });
            set(&mut party, "attested", evidence(random));
            parties.push(party);
        }
    }
}

/// Nothing is owned by this party any more; it may still be a provider.
fn disown(value: &mut Value, party: &Value) {
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|key, value| key != "owner" || value != party);
        fields.values_mut().for_each(|value| disown(value, party));
    }
}

pub(crate) fn random_control(random: &mut Random) -> Value {
    json!({
        "class": random.pick(&CLASSES),
        "strength": random.pick(&["strong", "moderate", "weak"]),
        "status": random.pick(&STATUSES),
    })
}

/// A connection between two random systems.
pub(crate) fn random_connection(model: &Value, random: &mut Random) -> Value {
    let ids = texts(model, "systems");
    let from = random.below(ids.len());
    let to = (from + 1 + random.below(ids.len().max(2) - 1)) % ids.len();
    let kinds = weaklink::catalog::ConnectionKind::IDS;
    let mut connection = json!({ "from": ids[from], "to": ids[to], "kind": random.pick(kinds) });
    if random.chance(30) {
        connection["controls"] = json!([random_control(random)]);
    }
    connection
}

/// One random edit of a connection; the ends stay what they are.
pub(crate) fn edit_connection(model: &mut Value, random: &mut Random) {
    let added = random_connection(model, random);
    let connections = list(model, "connections");
    if connections.is_empty() || random.chance(25) {
        connections.push(added);
        return;
    }
    let connection_ix = random.below(connections.len());
    let connection = &mut connections[connection_ix];
    match random.below(8) {
        0 => drop(connections.remove(connection_ix)),
        1 => list(connection, "controls").push(random_control(random)),
        2 => drop(list(connection, "controls").pop()),
        3 => {
            let status = random.pick(&STATUSES);
            for control in list(connection, "controls") {
                control["status"] = json!(status);
            }
        }
        4 => set(connection, "certainty", word(random, &["certain", "possible"])),
        5 if connection["kind"] == "feeds" => connection["copy"] = json!(random.chance(50)),
        6 => connection["kind"] = added["kind"].clone(),
        _ => connection["note"] = json!(format!("note {}", random.below(9))),
    }
}

fn add_system(model: &mut Value, random: &mut Random) {
    let mut system = plain(&generate::estate(random.next(), 1))["systems"][0].clone();
    let id = format!("n{}", random.below(1_000));
    system["id"] = json!(id);
    list(model, "systems").push(system);
    for _ in 0..2 {
        let mut connection = random_connection(model, random);
        let end = random.pick(&["from", "to"]);
        connection[end] = json!(id);
        if connection["from"] != connection["to"] {
            list(model, "connections").push(connection);
        }
    }
}

pub(crate) fn remove_system(model: &mut Value, random: &mut Random) {
    let systems = list(model, "systems");
    if systems.len() > 1 {
        let id = systems.remove(random.below(systems.len()))["id"].clone();
        list(model, "connections").retain(|connection| connection["from"] != id && connection["to"] != id);
    }
}

/// The head's document with one change undone; none where that is no valid document.
pub(crate) fn undone(pair: &Pair, review: &Review<'_>, change: Change) -> Option<Value> {
    let (base, head) = (review.base.estate, review.head.estate);
    let (mut document, mut old) = (pair.head.clone(), pair.base.clone());
    match change {
        Change::SystemAdded(after) => {
            let id = json!(head.system(after).id);
            list(&mut document, "systems").retain(|system| system["id"] != id);
            list(&mut document, "connections").retain(|connection| connection["from"] != id && connection["to"] != id);
        }
        Change::SystemRemoved(before) => {
            let system = named(&mut old, "systems", &base.system(before).id)?.clone();
            list(&mut document, "systems").push(system);
        }
        Change::SystemChanged { head: after, .. } => {
            let system = named(&mut old, "systems", &head.system(after).id)?;
            let edited = named(&mut document, "systems", &head.system(after).id)?;
            for key in ["service", "model", "provider", "owner", "criticality", "facing", "settings"] {
                set(edited, key, system[key].clone());
            }
        }
        Change::LayerChanged { head: after, layer, .. } => {
            let claim = named(&mut old, "systems", &head.system(after).id)?["layers"][layer.id()].clone();
            set(&mut named(&mut document, "systems", &head.system(after).id)?["layers"], layer.id(), claim);
        }
        Change::ConnectionAdded(after) => {
            let at = position(&pair.head, &head.connection(after).id);
            list(&mut document, "connections").remove(at);
        }
        Change::ConnectionRemoved(before) => {
            let at = position(&pair.base, &base.connection(before).id);
            list(&mut document, "connections").push(pair.base["connections"][at].clone());
        }
        Change::ConnectionChanged { base: before, head: after } => {
            let before = position(&pair.base, &base.connection(before).id);
            let after = position(&pair.head, &head.connection(after).id);
            for key in ["controls", "certainty", "copy"] {
                set(&mut document["connections"][after], key, pair.base["connections"][before][key].clone());
            }
        }
        Change::PartyAdded(after) => list(&mut document, "parties").retain(|party| party["id"] != head.party(after).id.as_str()),
        Change::PartyRemoved(before) => {
            let party = named(&mut old, "parties", &base.party(before).id)?.clone();
            list(&mut document, "parties").push(party);
        }
        Change::PartyChanged { head: after, .. } => {
            let party = named(&mut old, "parties", &head.party(after).id)?.clone();
            *named(&mut document, "parties", &head.party(after).id)? = party;
        }
    }
    is_valid(&document).then_some(document)
}

/// Where the connection with this id stands in the document.
pub(crate) fn position(model: &Value, id: &str) -> usize {
    let connections = model["connections"].as_array().expect("a list");
    let wanted = connection_ids(connections)[id];
    connections.iter().position(|connection| std::ptr::eq(connection, wanted)).expect("the connection")
}

/// The published risk of every system on the high end, by the criticality of another model where it has the system.
pub(crate) fn risks(model: &Value, weights: &Value) -> BTreeMap<String, u16> {
    let (world, weights) = (World::of(model), World::of(weights));
    let graph = world.graph();
    let posture = weaklink::analysis::posture(&graph);
    let risk = |system: &weaklink::analysis::SystemPosture| {
        let id = &world.estate.system(system.system).id;
        let known = weights.estate.find_system(id).map(|known| weights.estate.system(known));
        let criticality = world.policy.criticality(known.unwrap_or(world.estate.system(system.system)).criticality);
        (id.clone(), BasisPoints::of(criticality.times(Interval::exactly(system.exposure.high)).high).0)
    };
    posture.systems.iter().map(risk).collect()
}

/// Risk in base and head, by system.
pub(crate) type Moves = BTreeMap<String, (u16, u16)>;

/// What a review says, apart from its causes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) score: u64,
    pub(crate) added: u64,
    pub(crate) rises: Moves,
    pub(crate) falls: Moves,
    pub(crate) less_known: BTreeSet<String>,
    pub(crate) weakenings: BTreeSet<String>,
    pub(crate) changes: usize,
    /// Whether every rule passes that has no room.
    pub(crate) passed: bool,
}

impl Outcome {
    pub(crate) fn of(base: &Value, head: &Value) -> Self {
        reviewed(base, head, Self::told)
    }

    pub(crate) fn told(review: &Review<'_>) -> Self {
        let id = |system_ix| review.head.estate.system(system_ix).id.clone();
        let waivers = Waivers::default();
        Self {
            score: review.score,
            added: review.added,
            rises: review.rises.iter().map(|rise| (id(rise.system), (rise.base.high.0, rise.head.high.0))).collect(),
            falls: review.falls.iter().map(|fall| (id(fall.system), (fall.base.high.0, fall.head.high.0))).collect(),
            less_known: review.less_known.iter().map(|less_known| less_known.id.to_string()).collect(),
            weakenings: review.weakenings.iter().map(|weakening| weakening.id.to_string()).collect(),
            changes: review.changes.len(),
            passed: review::gate(review, &STRICT, &waivers, AS_OF).passed(),
        }
    }

    /// What a review says in which nothing matters.
    pub(crate) fn nothing(changes: usize) -> Self {
        Self { passed: true, changes, ..Self::default() }
    }

    /// The change of a system's risk.
    pub(crate) fn delta(&self, system: &str) -> i32 {
        let change = self.rises.get(system).or(self.falls.get(system));
        change.map_or(0, |&(base, head)| i32::from(head) - i32::from(base))
    }
}

/// Asks the review of two models.
pub(crate) fn reviewed<T>(base: &Value, head: &Value, ask: impl FnOnce(&Review<'_>) -> T) -> T {
    let (base, head) = (World::of(base), World::of(head));
    let (base, head) = (base.graph(), head.graph());
    ask(&review::review(&base, &head, None))
}

/// A system of which everything is in place, but what is said here.
pub(crate) fn clean(id: &str, layers: &Value) -> Value {
    let claim = json!({ "owner": "acme", "status": "implemented" });
    let mut system = json!({ "id": id, "model": "on-premises", "owner": "acme", "criticality": "high", "facing": "internal" });
    system["layers"] = Layer::IDS.iter().map(|&layer| (layer.to_owned(), claim.clone())).collect::<serde_json::Map<_, _>>().into();
    for (layer, status) in layers.as_object().into_iter().flatten() {
        system["layers"][layer]["status"] = status.clone();
    }
    system
}

pub(crate) fn model(systems: &[Value], connections: &[Value]) -> Value {
    json!({ "weaklink": 1, "parties": [{ "id": "acme", "kind": "customer" }], "systems": systems, "connections": connections, "rules": [] })
}

/// The model with other ids of systems and connections.
pub(crate) fn prefixed(model: &Value, prefix: &str) -> Value {
    let mut other = model.clone();
    let longer = |value: &mut Value| {
        if let Some(text) = value.as_str() {
            *value = json!(format!("{prefix}{text}"));
        }
    };
    for system in list(&mut other, "systems") {
        longer(&mut system["id"]);
    }
    for connection in list(&mut other, "connections") {
        for key in ["id", "from", "to"] {
            if !connection[key].is_null() {
                longer(&mut connection[key]);
            }
        }
    }
    other
}

pub(crate) fn union(one: &Value, other: &Value) -> Value {
    let mut both = one.clone();
    for key in ["systems", "connections"] {
        let more = other[key].as_array().expect("a list").clone();
        list(&mut both, key).extend(more);
    }
    both
}
