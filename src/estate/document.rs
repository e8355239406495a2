//! The model file as written: the types that its JSON Schema is generated from.

use super::costs::Cost;
use crate::catalog::{Certainty, ConnectionKind, ControlStatus, Criticality, Facing, FixKind, Layer, PartyKind, ServiceModel, Strength};
use crate::source::{At, Span};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// A weaklink model: systems and connections, and for every layer who owns it and whether its controls are in place.
///
/// An overlay is the same kind of file; it adds to the model that it is given with.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, title = "weaklink model")]
pub struct Document {
    /// Version of the file format.
    #[schemars(with = "Version")]
    pub weaklink: u32,
    /// Name of the estate, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<At<String>>,
    /// Who takes part: providers, the customer, its teams, third parties.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<PartyEntry>,
    /// What exists.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub systems: Vec<SystemEntry>,
    /// How the systems are connected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub connections: Vec<ConnectionEntry>,
    /// Claims for many systems at once; a rule fills only what a system does not state itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<RuleEntry>,
    /// What fixes cost; 1 where nothing is said. A later entry wins.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub costs: Vec<CostEntry>,
}

/// The versions of the file format that this program reads.
#[derive(JsonSchema)]
#[schemars(inline, extend("const" = 1))]
struct Version(#[expect(dead_code, reason = "only its schema is used")] u32);

/// A party.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct PartyEntry {
    /// Identifier: 1 to 512 printable ASCII characters without white space.
    pub id: At<String>,
    /// What it is.
    pub kind: At<PartyKind>,
    /// Name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<At<String>>,
    /// A team's customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<At<String>>,
    /// Evidence over a provider's layers, such as an audit report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attested: Option<EvidenceEntry>,
    /// Where the entry stands.
    #[serde(skip)]
    pub span: Span,
}

/// Evidence for a claim.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct EvidenceEntry {
    /// The date it speaks of, `YYYY-MM-DD`.
    #[schemars(with = "CalendarDate")]
    pub as_of: At<Date>,
    /// What it is: a report, a ticket, a review.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<At<String>>,
}

#[derive(JsonSchema)]
#[schemars(inline, extend("format" = "date", "pattern" = r"^\d{4}-\d{2}-\d{2}$"))]
struct CalendarDate(#[expect(dead_code, reason = "only its schema is used")] String);

/// A system.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct SystemEntry {
    /// Identifier: 1 to 512 printable ASCII characters without white space.
    pub id: At<String>,
    /// Name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<At<String>>,
    /// A catalogued service, such as `aws.lambda`; gives provider, model and exceptions to the model's row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "service_schema")]
    pub service: Option<At<String>>,
    /// The service model, where no catalogued service says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<At<ServiceModel>>,
    /// Who runs it, where no catalogued service says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<At<String>>,
    /// The party accountable for every layer that the matrix gives to the customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<At<String>>,
    /// How much it matters; not stated: unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub criticality: Option<At<Criticality>>,
    /// From where it can be attacked; not stated: unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facing: Option<At<Facing>>,
    /// Settings that decide cells of the responsibility matrix; they compare as text.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "settings_schema")]
    pub settings: BTreeMap<String, Setting>,
    /// Free labels, for rules to match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<At<String>>>,
    /// Claims about layers; a layer without a claim still exists.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "layers_schema")]
    pub layers: BTreeMap<Layer, Box<LayerClaim>>,
    /// Where an importer found the system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<At<String>>,
    /// Where the entry stands.
    #[serde(skip)]
    pub span: Span,
}

/// A setting's value as text, with the place of its key.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Setting {
    /// The value, as text.
    pub value: String,
    /// Where the key stands.
    #[serde(skip)]
    pub key_span: Span,
}

/// What somebody claims about a layer.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct LayerClaim {
    /// Who owns the layer: a party's id, or `nobody`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<At<String>>,
    /// How far the layer as a whole is covered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<At<ControlStatus>>,
    /// Status of single controls of the catalogue.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "controls_schema")]
    pub controls: BTreeMap<String, At<ControlStatus>>,
    /// For a shared layer: both halves, each with its own claim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split: Option<Box<SplitClaim>>,
    /// What the claim rests on; without evidence it is taken at its word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Box<EvidenceEntry>>,
    /// A remark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Box<At<String>>>,
    /// Where the claim stands: the layer's key.
    #[serde(skip)]
    pub span: Span,
}

/// The halves of a shared layer.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct SplitClaim {
    /// The customer's half.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<HalfClaim>,
    /// The provider's half.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<HalfClaim>,
    /// Where the split stands.
    #[serde(skip)]
    pub span: Span,
}

/// What somebody claims about one half of a shared layer.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct HalfClaim {
    /// Who owns the half: a party's id, or `nobody`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<At<String>>,
    /// How far the half is covered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<At<ControlStatus>>,
    /// Status of single controls of the catalogue.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "controls_schema")]
    pub controls: BTreeMap<String, At<ControlStatus>>,
    /// What the claim rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Box<EvidenceEntry>>,
    /// A remark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Box<At<String>>>,
}

/// A connection. Exposure comes from `from` and goes to `to`; read `from KIND to` as a sentence.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ConnectionEntry {
    /// Identifier; by default derived from `from`, `kind` and `to`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<At<String>>,
    /// The system that exposure comes from.
    pub from: At<String>,
    /// The system that exposure goes to.
    pub to: At<String>,
    /// The verb between them.
    pub kind: At<ConnectionKind>,
    /// Controls on the connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub controls: Option<Vec<ConnectionControlEntry>>,
    /// Whether it is known to exist; certain where not stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certainty: Option<At<Certainty>>,
    /// For `feeds` only: whether `to` keeps a copy of `from`'s data; true where not stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copy: Option<At<bool>>,
    /// A remark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Box<At<String>>>,
    /// Where the entry stands.
    #[serde(skip)]
    pub span: Span,
}

/// A control on a connection.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ConnectionControlEntry {
    /// Its class, from the policy's list; controls of one class do not add up.
    pub class: At<String>,
    /// How strong it is.
    pub strength: At<Strength>,
    /// How far it is in place.
    pub status: At<ControlStatus>,
    /// A remark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Box<At<String>>>,
}

/// The same claim for many systems at once. Later rules win over earlier ones, a system's own words over all.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct RuleEntry {
    /// Which systems it is about: every key must hold.
    #[serde(rename = "match")]
    pub matches: MatchEntry,
    /// Claims about layers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "layers_schema")]
    pub layers: BTreeMap<Layer, Box<LayerClaim>>,
    /// The owner of the systems.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<At<String>>,
    /// The criticality of the systems.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub criticality: Option<At<Criticality>>,
    /// The facing of the systems.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facing: Option<At<Facing>>,
    /// Settings of the systems.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "settings_schema")]
    pub settings: BTreeMap<String, Setting>,
    /// Where the rule stands.
    #[serde(skip)]
    pub span: Span,
}

/// What fixes cost: of all those that hold every key, a list holding if one of its values does.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct CostEntry {
    /// What is done: `close` a gap, `own` a layer, `control` or `remove` a connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<OneOrMany<FixKind>>,
    /// The system whose layer is fixed, by id; `*` stands for any characters, `?` for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<OneOrMany<String>>,
    /// The layer that is fixed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer: Option<OneOrMany<Layer>>,
    /// The connection that is fixed, by id; `*` stands for any characters, `?` for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<OneOrMany<String>>,
    /// How much it costs, a whole number from 1 in units of your choice; `impossible` for what cannot be done.
    pub cost: At<Cost>,
}

/// Which systems a rule is about. Every stated key must hold; a list holds if one of its values does.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct MatchEntry {
    /// The system's service, by identifier or alias.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<OneOrMany<String>>,
    /// The system's provider, its own or its service's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<OneOrMany<String>>,
    /// The system's model, its own or its service's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<OneOrMany<ServiceModel>>,
    /// The owner that the system states.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<OneOrMany<String>>,
    /// A tag of the system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<OneOrMany<String>>,
    /// The system's id; `*` stands for any characters, `?` for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<OneOrMany<String>>,
}

/// One value or a list of values.
#[derive(Clone, Debug, PartialEq)]
pub struct OneOrMany<T>(pub Vec<At<T>>);

impl<T: Serialize> Serialize for OneOrMany<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [one] => one.serialize(serializer),
            many => many.serialize(serializer),
        }
    }
}

impl<T: JsonSchema> JsonSchema for OneOrMany<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("OneOrManyOf{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let one = generator.subschema_for::<T>();
        schemars::json_schema!({ "anyOf": [one, { "type": "array", "items": one }] })
    }

    fn inline_schema() -> bool {
        true
    }
}

fn service_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({ "type": "string", "enum": crate::catalog::ResponsibilityMatrix::shipped().names() })
}

fn settings_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({ "type": "object", "additionalProperties": { "type": ["string", "boolean", "number"] } })
}

fn layers_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let claim = generator.subschema_for::<LayerClaim>();
    let layers: serde_json::Map<String, serde_json::Value> =
        Layer::IDS.iter().map(|id| ((*id).to_owned(), claim.clone().to_value())).collect();
    schemars::json_schema!({ "type": "object", "properties": layers, "additionalProperties": false })
}

fn controls_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let status = generator.subschema_for::<ControlStatus>();
    let ids: Vec<&str> = crate::catalog::ControlCatalog::shipped()
        .controls()
        .iter()
        .filter(|control| control.layer.is_some())
        .map(|control| control.id.as_str())
        .collect();
    schemars::json_schema!({ "type": "object", "propertyNames": { "enum": ids }, "additionalProperties": status })
}

/// The JSON Schema of the model file.
pub fn schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(Document).to_value();
    forbid_null(&mut schema);
    schema
}

/// An optional key is left out, never null: the reader refuses null, and so does the schema.
fn forbid_null(schema: &mut serde_json::Value) {
    use serde_json::Value;
    match schema {
        Value::Object(object) => {
            if let Some(Value::Array(types)) = object.get_mut("type") {
                types.retain(|name| name != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    object.insert("type".to_owned(), only);
                }
            }
            if let Some(Value::Array(choices)) = object.get_mut("anyOf") {
                choices.retain(|choice| choice["type"] != "null");
                if let [Value::Object(only)] = choices.as_slice() {
                    let only = only.clone();
                    object.remove("anyOf");
                    object.extend(only);
                }
            }
            object.values_mut().for_each(forbid_null);
        }
        Value::Array(items) => items.iter_mut().for_each(forbid_null),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
