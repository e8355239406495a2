//! From the positioned tree of a model file to a `Document`, collecting every fault of shape and vocabulary.

use super::Cost;
use super::document::{
    ConnectionControlEntry, ConnectionEntry, CostEntry, Document, EvidenceEntry, HalfClaim, LayerClaim, MatchEntry, OneOrMany, PartyEntry,
    RuleEntry, Setting, SplitClaim, SystemEntry,
};
use crate::catalog::{
    Certainty, ConnectionKind, ControlCatalog, ControlStatus, Criticality, Facing, FixKind, Layer, PartyKind, ResponsibilityMatrix,
    ServiceModel, Strength,
};
use crate::source::decode::{self, Fields};
use crate::source::{At, Diagnostics, Fault, Limits, Node, Noun, Source, Span, Value, parse_items};
use std::collections::BTreeMap;

/// The keys of every mapping of the model file. A test holds them against the generated schema.
pub(super) mod keys {
    pub(crate) const DOCUMENT: &[&str] = &["weaklink", "name", "parties", "systems", "connections", "rules", "costs"];
    pub(crate) const PARTY: &[&str] = &["id", "kind", "name", "of", "attested"];
    pub(crate) const EVIDENCE: &[&str] = &["as_of", "source"];
    pub(crate) const SYSTEM: &[&str] =
        &["id", "name", "service", "model", "provider", "owner", "criticality", "facing", "settings", "tags", "layers", "source"];
    pub(crate) const CLAIM: &[&str] = &["owner", "status", "controls", "split", "evidence", "note"];
    pub(crate) const SPLIT: &[&str] = &["customer", "provider"];
    pub(crate) const HALF: &[&str] = &["owner", "status", "controls", "evidence", "note"];
    pub(crate) const CONNECTION: &[&str] = &["id", "from", "to", "kind", "controls", "certainty", "copy", "note"];
    pub(crate) const CONNECTION_CONTROL: &[&str] = &["class", "strength", "status", "note"];
    pub(crate) const RULE: &[&str] = &["match", "layers", "owner", "criticality", "facing", "settings"];
    pub(crate) const COST: &[&str] = &["fix", "system", "layer", "connection", "cost"];
    pub(crate) const MATCH: &[&str] = &["service", "provider", "model", "owner", "tags", "id"];
}

/// Reads a model or overlay file.
///
/// Gives what could be read, so that faults of meaning are found in the same run as faults of shape; the caller
/// must look at `diagnostics` before it uses the document.
pub fn document(source: &Source, limits: &Limits, diagnostics: &mut Diagnostics) -> Option<Document> {
    // The long lists are read item by item, so that their tree is never whole; what is found there counts only where the
    // file turns out to be one of ours.
    let mut of_lists = diagnostics.beside();
    let (mut systems, mut connections) = (Growing::default(), Growing::default());
    let length = source.text().len();
    let mut reader = Reader { diagnostics: &mut of_lists };
    let mut item = |list: &str, node: &Node<'_>| {
        if list == "systems" {
            systems.add(reader.system(node), node.span, length);
        } else {
            connections.add(reader.connection(node), node.span, length);
        }
    };
    let node = match parse_items(source, limits, &["systems", "connections"], &mut item) {
        Ok(node) => node,
        Err(faults) => {
            for fault in faults {
                diagnostics.error(fault.span, Fault::Syntax(fault.kind));
            }
            return None;
        }
    };
    let document = Reader { diagnostics: &mut *diagnostics }.document(&node)?;
    diagnostics.take_up(of_lists);
    Some(Document { systems: systems.entries, connections: connections.entries, ..document })
}

/// The entries of a long list, for which room is made as the text lets expect: a list that grows by doubling is moved again and
/// again, and then holds room for twice as many.
struct Growing<T> {
    entries: Vec<T>,
    /// Where the first of them begins.
    start: Option<u32>,
}

/// From how many entries on a list is worth an expectation.
const MANY: usize = 4_096;

impl<T> Default for Growing<T> {
    fn default() -> Self {
        Self { entries: Vec::new(), start: None }
    }
}

impl<T> Growing<T> {
    /// Adds the entry that was read from a place in a text of this length.
    fn add(&mut self, entry: Option<T>, span: Span, length: usize) {
        let start = *self.start.get_or_insert(span.start);
        let known = self.entries.len();
        if known == self.entries.capacity() && known >= MANY {
            let each = ((span.start - start) as usize / known).max(1);
            // If there is no such room, there may be enough for those that come.
            let _ = self.entries.try_reserve_exact((length - span.start as usize) / each + known / 64);
        }
        self.entries.extend(entry);
    }
}

struct Reader<'d> {
    diagnostics: &'d mut Diagnostics,
}

impl Reader<'_> {
    fn document(&mut self, node: &Node<'_>) -> Option<Document> {
        let is_ours = decode::is_marked(node, "weaklink", keys::DOCUMENT, self.diagnostics)?;
        let fields = Fields::open(node, "model", keys::DOCUMENT, self.diagnostics)?;
        if is_ours {
            decode::version(fields.node("weaklink")?, self.diagnostics)?;
        }
        Some(Document {
            weaklink: 1,
            name: fields.node("name").and_then(|node| decode::name(node, self.diagnostics)),
            parties: self.list(fields.node("parties"), Self::party),
            systems: self.list(fields.node("systems"), Self::system),
            connections: self.list(fields.node("connections"), Self::connection),
            rules: self.list(fields.node("rules"), Self::rule),
            costs: self.list(fields.node("costs"), Self::cost_entry),
        })
    }

    fn list<T>(&mut self, node: Option<&Node<'_>>, mut item: impl FnMut(&mut Self, &Node<'_>) -> Option<T>) -> Vec<T> {
        let Some(items) = node.and_then(|node| decode::sequence(node, self.diagnostics)) else { return Vec::new() };
        items.iter().filter_map(|node| item(self, node)).collect()
    }

    fn party(&mut self, node: &Node<'_>) -> Option<PartyEntry> {
        let fields = Fields::open(node, "party", keys::PARTY, self.diagnostics)?;
        let id = fields.required("id", self.diagnostics).and_then(|node| decode::identifier(node, self.diagnostics));
        let kind = fields
            .required("kind", self.diagnostics)
            .and_then(|node| decode::word(node, Noun::PartyKind, PartyKind::IDS, PartyKind::from_id, self.diagnostics));
        let name = fields.node("name").and_then(|node| decode::name(node, self.diagnostics));
        let of = fields.node("of").and_then(|node| decode::identifier(node, self.diagnostics));
        let attested = fields.node("attested").and_then(|node| self.evidence(node));
        // A party of an unknown kind is still a party: without it every reference to it would be a fault of its own.
        let kind = kind.unwrap_or(At { value: PartyKind::Provider, span: node.span });
        Some(PartyEntry { id: id?, kind, name, of, attested, span: node.span })
    }

    fn evidence(&mut self, node: &Node<'_>) -> Option<EvidenceEntry> {
        let fields = Fields::open(node, "evidence", keys::EVIDENCE, self.diagnostics)?;
        let as_of = fields.required("as_of", self.diagnostics).and_then(|node| decode::date(node, self.diagnostics));
        let source = fields.node("source").and_then(|node| decode::located_text(node, self.diagnostics));
        Some(EvidenceEntry { as_of: as_of?, source })
    }

    fn note(&mut self, fields: &Fields<'_, '_>) -> Option<Box<At<String>>> {
        fields.node("note").and_then(|node| decode::located_text(node, self.diagnostics)).map(Box::new)
    }

    fn system(&mut self, node: &Node<'_>) -> Option<SystemEntry> {
        let fields = Fields::open(node, "system", keys::SYSTEM, self.diagnostics)?;
        let id = fields.required("id", self.diagnostics).and_then(|node| decode::identifier(node, self.diagnostics));
        let name = fields.node("name").and_then(|node| decode::name(node, self.diagnostics));
        let service = fields.node("service").and_then(|node| self.service(node));
        let model = fields
            .node("model")
            .and_then(|node| decode::word(node, Noun::ServiceModel, ServiceModel::IDS, ServiceModel::from_id, self.diagnostics));
        let provider = fields.node("provider").and_then(|node| decode::identifier(node, self.diagnostics));
        let owner = fields.node("owner").and_then(|node| self.system_owner(node));
        let (criticality, facing) = self.weights(&fields);
        let settings = self.settings(fields.node("settings"));
        let tags = fields.node("tags").map(|node| self.list(Some(node), |reader, node| decode::name(node, reader.diagnostics)));
        let layers = self.layers(fields.node("layers"));
        let source = fields.node("source").and_then(|node| decode::located_text(node, self.diagnostics));
        Some(SystemEntry {
            id: id?,
            name,
            service,
            model,
            provider,
            owner,
            criticality,
            facing,
            settings,
            tags,
            layers,
            source,
            span: node.span,
        })
    }

    fn weights(&mut self, fields: &Fields<'_, '_>) -> (Option<At<Criticality>>, Option<At<Facing>>) {
        let criticality = fields
            .node("criticality")
            .and_then(|node| decode::word(node, Noun::Criticality, Criticality::IDS, Criticality::from_id, self.diagnostics));
        let facing =
            fields.node("facing").and_then(|node| decode::word(node, Noun::Facing, Facing::IDS, Facing::from_id, self.diagnostics));
        (criticality, facing)
    }

    /// A service's canonical identifier: aliases are resolved here, once.
    fn service(&mut self, node: &Node<'_>) -> Option<At<String>> {
        let name = decode::text(node, self.diagnostics)?;
        let matrix = ResponsibilityMatrix::shipped();
        if let Some(service) = matrix.service(name) {
            return Some(At { value: service.id.clone(), span: node.span });
        }
        let nearest = self.diagnostics.nearest(name, matrix.names());
        self.diagnostics.error(node.span, Fault::UnknownWord { noun: Noun::Service, word: name.to_owned(), nearest, known: &[] });
        None
    }

    /// An owner of a system: unlike an owner of a layer, it cannot be nobody.
    fn system_owner(&mut self, node: &Node<'_>) -> Option<At<String>> {
        let owner = decode::identifier(node, self.diagnostics)?;
        if owner.value == super::NOBODY {
            self.diagnostics.error(node.span, Fault::NobodyOwner);
            return None;
        }
        Some(owner)
    }

    fn settings(&mut self, node: Option<&Node<'_>>) -> BTreeMap<String, Setting> {
        let Some(entries) = node.and_then(|node| decode::mapping(node, self.diagnostics)) else { return BTreeMap::new() };
        let mut settings = BTreeMap::new();
        for entry in entries {
            if let Some(value) = decode::scalar(&entry.node, self.diagnostics) {
                settings.insert(entry.key.to_string(), Setting { value: value.value, key_span: entry.key_span });
            }
        }
        settings
    }

    fn layers(&mut self, node: Option<&Node<'_>>) -> BTreeMap<Layer, Box<LayerClaim>> {
        let Some(entries) = node.and_then(|node| decode::mapping(node, self.diagnostics)) else { return BTreeMap::new() };
        let mut layers = BTreeMap::new();
        for entry in entries {
            let layer = decode::known_word(&entry.key, entry.key_span, Noun::Layer, Layer::IDS, Layer::from_id, self.diagnostics);
            let claim = self.claim(&entry.node, layer);
            if let (Some(layer), Some(mut claim)) = (layer, claim) {
                claim.span = entry.key_span;
                layers.insert(layer, Box::new(claim));
            }
        }
        layers
    }

    fn claim(&mut self, node: &Node<'_>, layer: Option<Layer>) -> Option<LayerClaim> {
        let fields = Fields::open(node, "layer claim", keys::CLAIM, self.diagnostics)?;
        Some(LayerClaim {
            owner: fields.node("owner").and_then(|node| decode::identifier(node, self.diagnostics)),
            status: fields.node("status").and_then(|node| self.status(node)),
            controls: self.controls(fields.node("controls"), layer),
            split: fields.node("split").and_then(|node| self.split(node, layer)).map(Box::new),
            evidence: fields.node("evidence").and_then(|node| self.evidence(node)).map(Box::new),
            note: self.note(&fields),
            span: node.span,
        })
    }

    fn status(&mut self, node: &Node<'_>) -> Option<At<ControlStatus>> {
        decode::word(node, Noun::Status, ControlStatus::IDS, ControlStatus::from_id, self.diagnostics)
    }

    fn controls(&mut self, node: Option<&Node<'_>>, layer: Option<Layer>) -> BTreeMap<String, At<ControlStatus>> {
        let Some(entries) = node.and_then(|node| decode::mapping(node, self.diagnostics)) else { return BTreeMap::new() };
        let catalog = ControlCatalog::shipped();
        let mut controls = BTreeMap::new();
        for entry in entries {
            let status = self.status(&entry.node);
            let Some(control_ix) = catalog.find(&entry.key) else {
                // Controls of this layer first: the nearest name of the wrong layer would only raise the next error.
                let of_layer = catalog.controls().iter().filter(|control| layer.is_some() && control.layer == layer);
                let of_layer = self.diagnostics.nearest(&entry.key, of_layer.map(|control| control.id.as_str()));
                let any = |diagnostics: &mut Diagnostics| {
                    diagnostics.nearest(&entry.key, catalog.controls().iter().map(|control| control.id.as_str()))
                };
                let nearest = of_layer.or_else(|| any(self.diagnostics));
                let fault = Fault::UnknownWord { noun: Noun::Control, word: entry.key.to_string(), nearest, known: &[] };
                self.diagnostics.error(entry.key_span, fault);
                continue;
            };
            let belongs = catalog.control(control_ix).layer;
            if let Some(layer) = layer
                && belongs != Some(layer)
            {
                let belongs = belongs.map_or("connection", Layer::id).to_owned();
                self.diagnostics
                    .error(entry.key_span, Fault::MisplacedControl { control: entry.key.to_string(), layer: layer.id(), belongs });
                continue;
            }
            if let Some(status) = status {
                controls.insert(entry.key.to_string(), status);
            }
        }
        controls
    }

    fn split(&mut self, node: &Node<'_>, layer: Option<Layer>) -> Option<SplitClaim> {
        let fields = Fields::open(node, "split", keys::SPLIT, self.diagnostics)?;
        Some(SplitClaim {
            customer: fields.node("customer").and_then(|node| self.half(node, layer)),
            provider: fields.node("provider").and_then(|node| self.half(node, layer)),
            span: node.span,
        })
    }

    fn half(&mut self, node: &Node<'_>, layer: Option<Layer>) -> Option<HalfClaim> {
        let fields = Fields::open(node, "half of a split", keys::HALF, self.diagnostics)?;
        Some(HalfClaim {
            owner: fields.node("owner").and_then(|node| decode::identifier(node, self.diagnostics)),
            status: fields.node("status").and_then(|node| self.status(node)),
            controls: self.controls(fields.node("controls"), layer),
            evidence: fields.node("evidence").and_then(|node| self.evidence(node)).map(Box::new),
            note: self.note(&fields),
        })
    }

    fn connection(&mut self, node: &Node<'_>) -> Option<ConnectionEntry> {
        let fields = Fields::open(node, "connection", keys::CONNECTION, self.diagnostics)?;
        let id = fields.node("id").and_then(|node| decode::identifier(node, self.diagnostics));
        let from = fields.required("from", self.diagnostics).and_then(|node| decode::identifier(node, self.diagnostics));
        let to = fields.required("to", self.diagnostics).and_then(|node| decode::identifier(node, self.diagnostics));
        let kind = fields
            .required("kind", self.diagnostics)
            .and_then(|node| decode::word(node, Noun::ConnectionKind, ConnectionKind::IDS, ConnectionKind::from_id, self.diagnostics));
        let controls = fields.node("controls").map(|node| self.list(Some(node), Self::connection_control));
        let certainty = fields
            .node("certainty")
            .and_then(|node| decode::word(node, Noun::Certainty, Certainty::IDS, Certainty::from_id, self.diagnostics));
        let copy = fields.entry("copy").and_then(|entry| {
            let copy = decode::boolean(&entry.node, self.diagnostics)?;
            if let Some(kind) = &kind
                && kind.value != ConnectionKind::Feeds
            {
                self.diagnostics.error(entry.key_span, Fault::MisplacedCopy { kind: kind.value.id() });
                return None;
            }
            Some(copy)
        });
        let note = self.note(&fields);
        Some(ConnectionEntry { id, from: from?, to: to?, kind: kind?, controls, certainty, copy, note, span: node.span })
    }

    fn connection_control(&mut self, node: &Node<'_>) -> Option<ConnectionControlEntry> {
        let fields = Fields::open(node, "control of a connection", keys::CONNECTION_CONTROL, self.diagnostics)?;
        let class = fields.required("class", self.diagnostics).and_then(|node| decode::located_text(node, self.diagnostics));
        let strength = fields
            .required("strength", self.diagnostics)
            .and_then(|node| decode::word(node, Noun::Strength, Strength::IDS, Strength::from_id, self.diagnostics));
        let status = fields.required("status", self.diagnostics).and_then(|node| self.status(node));
        let note = self.note(&fields);
        Some(ConnectionControlEntry { class: class?, strength: strength?, status: status?, note })
    }

    fn rule(&mut self, node: &Node<'_>) -> Option<RuleEntry> {
        let fields = Fields::open(node, "rule", keys::RULE, self.diagnostics)?;
        let matches = fields.required("match", self.diagnostics).and_then(|node| self.matches(node));
        let layers = self.layers(fields.node("layers"));
        let owner = fields.node("owner").and_then(|node| self.system_owner(node));
        let (criticality, facing) = self.weights(&fields);
        let settings = self.settings(fields.node("settings"));
        Some(RuleEntry { matches: matches?, layers, owner, criticality, facing, settings, span: node.span })
    }

    fn cost_entry(&mut self, node: &Node<'_>) -> Option<CostEntry> {
        let fields = Fields::open(node, "cost", keys::COST, self.diagnostics)?;
        let located = |reader: &mut Self, node: &Node<'_>| decode::located_text(node, reader.diagnostics);
        let fix = self.one_or_many(fields.node("fix"), |reader, node| {
            decode::word(node, Noun::FixKind, FixKind::IDS, FixKind::from_id, reader.diagnostics)
        });
        let system = self.one_or_many(fields.node("system"), located);
        let layer = self.one_or_many(fields.node("layer"), |reader, node| {
            decode::word(node, Noun::Layer, Layer::IDS, Layer::from_id, reader.diagnostics)
        });
        let connection = self.one_or_many(fields.node("connection"), located);
        let cost = fields.required("cost", self.diagnostics).and_then(|node| self.cost(node));
        Some(CostEntry { fix, system, layer, connection, cost: cost? })
    }

    fn cost(&mut self, node: &Node<'_>) -> Option<At<Cost>> {
        const RANGE: &str = "1 to 1,000,000, whole, or `impossible`";
        let value = match &node.value {
            Value::String(word) if word == Cost::IMPOSSIBLE => Cost::Impossible,
            Value::Number(text) => match text.parse::<u32>() {
                Ok(units @ 1..=Cost::MOST) => Cost::Units(units),
                _ => {
                    self.diagnostics.error(node.span, Fault::OutOfRange { text: text.to_string(), range: RANGE });
                    return None;
                }
            },
            _ => {
                self.diagnostics.error(
                    node.span,
                    Fault::WrongType { found: decode::found(node), expected: "a whole number from 1 to 1,000,000, or `impossible`" },
                );
                return None;
            }
        };
        Some(At { value, span: node.span })
    }

    fn matches(&mut self, node: &Node<'_>) -> Option<MatchEntry> {
        let fields = Fields::open(node, "match", keys::MATCH, self.diagnostics)?;
        Some(MatchEntry {
            service: self.one_or_many(fields.node("service"), Self::service),
            provider: self.one_or_many(fields.node("provider"), |reader, node| decode::located_text(node, reader.diagnostics)),
            model: self.one_or_many(fields.node("model"), |reader, node| {
                decode::word(node, Noun::ServiceModel, ServiceModel::IDS, ServiceModel::from_id, reader.diagnostics)
            }),
            owner: self.one_or_many(fields.node("owner"), |reader, node| decode::identifier(node, reader.diagnostics)),
            tags: self.one_or_many(fields.node("tags"), |reader, node| decode::located_text(node, reader.diagnostics)),
            id: self.one_or_many(fields.node("id"), |reader, node| decode::located_text(node, reader.diagnostics)),
        })
    }

    fn one_or_many<T>(&mut self, node: Option<&Node<'_>>, item: impl Fn(&mut Self, &Node<'_>) -> Option<At<T>>) -> Option<OneOrMany<T>> {
        let node = node?;
        Some(OneOrMany(match &node.value {
            crate::source::Value::Sequence(items) => items.iter().filter_map(|node| item(self, node)).collect(),
            _ => item(self, node).into_iter().collect(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::keys;
    use serde_json::Value;

    fn properties(object: &Value) -> Vec<&str> {
        let mut properties: Vec<&str> = object["properties"].as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
        properties.sort_unstable();
        properties
    }

    #[test]
    fn the_reader_takes_the_keys_that_the_schema_publishes() {
        let schema = crate::estate::document::schema();
        for (definition, keys) in [
            (None, keys::DOCUMENT),
            (Some("PartyEntry"), keys::PARTY),
            (Some("EvidenceEntry"), keys::EVIDENCE),
            (Some("SystemEntry"), keys::SYSTEM),
            (Some("LayerClaim"), keys::CLAIM),
            (Some("SplitClaim"), keys::SPLIT),
            (Some("HalfClaim"), keys::HALF),
            (Some("ConnectionEntry"), keys::CONNECTION),
            (Some("ConnectionControlEntry"), keys::CONNECTION_CONTROL),
            (Some("RuleEntry"), keys::RULE),
            (Some("MatchEntry"), keys::MATCH),
            (Some("CostEntry"), keys::COST),
        ] {
            let published = definition.map_or(&schema, |definition| &schema["$defs"][definition]);
            let mut keys = keys.to_vec();
            keys.sort_unstable();
            assert_eq!(properties(published), keys, "{definition:?}");
        }
    }

    #[test]
    fn the_schema_allows_no_null_as_the_reader_does_not() {
        assert!(!crate::estate::document::schema().to_string().contains("null\""));
    }
}
