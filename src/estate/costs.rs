//! What fixes cost, as the model states it.

use super::document::{CostEntry, OneOrMany};
use crate::catalog::{FixKind, Layer};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use wildmatch::WildMatch;

/// What a fix costs, in units of the author's choice.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cost {
    /// A whole number, at least 1.
    Units(u32),
    /// It cannot be done.
    Impossible,
}

impl Cost {
    /// The word for what cannot be done.
    pub const IMPOSSIBLE: &'static str = "impossible";

    /// The most that a fix may cost.
    pub const MOST: u32 = 1_000_000;
}

impl Default for Cost {
    fn default() -> Self {
        Self::Units(1)
    }
}

impl Serialize for Cost {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Units(units) => serializer.serialize_u32(*units),
            Self::Impossible => serializer.serialize_str(Self::IMPOSSIBLE),
        }
    }
}

impl JsonSchema for Cost {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Cost".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let units = schemars::json_schema!({ "type": "integer", "minimum": 1, "maximum": Self::MOST });
        schemars::json_schema!({ "anyOf": [units, { "const": Self::IMPOSSIBLE }] })
    }

    fn inline_schema() -> bool {
        true
    }
}

/// What the fixes that a rule matches cost; a later rule wins.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CostRule {
    kinds: Option<Vec<FixKind>>,
    systems: Option<Vec<WildMatch>>,
    layers: Option<Vec<Layer>>,
    connections: Option<Vec<WildMatch>>,
    #[serde(serialize_with = "units", deserialize_with = "of_units")]
    cost: Cost,
}

impl CostRule {
    pub(super) fn of(entry: &CostEntry) -> Self {
        fn all<T: Clone>(values: &OneOrMany<T>) -> Vec<T> {
            values.0.iter().map(|value| value.value.clone()).collect()
        }
        let globs = |patterns: &OneOrMany<String>| patterns.0.iter().map(|pattern| WildMatch::new(&pattern.value)).collect();
        Self {
            kinds: entry.fix.as_ref().map(all),
            systems: entry.system.as_ref().map(globs),
            layers: entry.layer.as_ref().map(all),
            connections: entry.connection.as_ref().map(globs),
            cost: entry.cost.value,
        }
    }

    /// What a fix of a layer costs by this rule, if it is about that.
    pub(super) fn of_layer(&self, kind: FixKind, system: &str, layer: Layer) -> Option<Cost> {
        let holds = self.is_about(kind)
            && self.connections.is_none()
            && self.systems.as_ref().is_none_or(|globs| globs.iter().any(|glob| glob.matches(system)))
            && self.layers.as_ref().is_none_or(|layers| layers.contains(&layer));
        holds.then_some(self.cost)
    }

    /// What a fix of a connection costs by this rule, if it is about that.
    pub(super) fn of_connection(&self, kind: FixKind, connection: &str) -> Option<Cost> {
        let holds = self.is_about(kind)
            && self.systems.is_none()
            && self.layers.is_none()
            && self.connections.as_ref().is_none_or(|globs| globs.iter().any(|glob| glob.matches(connection)));
        holds.then_some(self.cost)
    }

    fn is_about(&self, kind: FixKind) -> bool {
        self.kinds.as_ref().is_none_or(|kinds| kinds.contains(&kind))
    }
}

/// A cost as a number, none where it cannot be done.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes the field by reference")]
fn units<S: Serializer>(cost: &Cost, to: S) -> Result<S::Ok, S::Error> {
    match cost {
        Cost::Units(units) => Some(*units),
        Cost::Impossible => None,
    }
    .serialize(to)
}

fn of_units<'de, D: Deserializer<'de>>(from: D) -> Result<Cost, D::Error> {
    Ok(Option::deserialize(from)?.map_or(Cost::Impossible, Cost::Units))
}
