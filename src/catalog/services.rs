//! The responsibility matrix: who must secure which layer, by service model and by catalogued service.

use super::{Cell, Layer, ServiceModel};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The catalogue that ships.
pub(super) const SHIPPED_TEXT: &str = include_str!("services.json");

/// The responsibility matrix with the catalogue of services.
///
/// # Source
/// Providers' published responsibility tables; every service names its own source and how far it was verified.
#[derive(Debug)]
pub struct ResponsibilityMatrix {
    services: Vec<Service>,
    by_name: BTreeMap<String, usize>,
    defaults: BTreeMap<ServiceModel, [Cell; Layer::COUNT]>,
    /// Year and month of the catalogue.
    pub as_of: String,
}

/// A catalogued service: cells that differ from its model's row.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Identifier, such as `aws.lambda`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Who runs it.
    pub provider: String,
    /// The row of the matrix it starts from.
    pub model: ServiceModel,
    /// Other names accepted in a model.
    pub aliases: Vec<String>,
    /// Cells that override the row, unconditionally.
    pub cells: BTreeMap<Layer, Cell>,
    /// Cells that depend on a setting of the system.
    pub when: Vec<When>,
    /// How far the row was verified: verified, documented, derived or believed.
    pub confidence: String,
    /// Where the row comes from.
    pub source: String,
    /// A remark.
    #[serde(default)]
    pub note: String,
}

/// A rule that moves one cell when a setting has a value.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// The setting's name.
    pub setting: String,
    /// The value, compared as text.
    pub equals: String,
    /// The layer that moves.
    pub layer: Layer,
    /// Where it moves.
    pub cell: Cell,
}

/// By its identifier, as the catalogue ships with the program.
impl Serialize for Service {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.id.serialize(to)
    }
}

impl<'de> Deserialize<'de> for &'static Service {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let id = String::deserialize(from)?;
        ResponsibilityMatrix::shipped().service(&id).ok_or_else(|| D::Error::custom("no such service"))
    }
}

impl ResponsibilityMatrix {
    /// The matrix that ships with the product.
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<ResponsibilityMatrix> =
            LazyLock::new(|| serde_json::from_str(SHIPPED_TEXT).map(ResponsibilityMatrix::index).expect("the shipped catalogue is valid"));
        &SHIPPED
    }

    fn index(file: File) -> Self {
        let mut by_name = BTreeMap::new();
        for (service_ix, service) in file.services.iter().enumerate() {
            for name in std::iter::once(&service.id).chain(&service.aliases) {
                by_name.insert(name.clone(), service_ix);
            }
        }
        let defaults =
            file.defaults.into_iter().map(|(model, row)| (model, std::array::from_fn(|layer_ix| row[&Layer::ALL[layer_ix]]))).collect();
        Self { services: file.services, by_name, defaults, as_of: file.as_of }
    }

    /// The service with this identifier or alias.
    pub fn service(&self, name: &str) -> Option<&Service> {
        self.by_name.get(name).map(|&service_ix| &self.services[service_ix])
    }

    /// Every service, in catalogue order.
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// Every accepted name of a service: identifiers and aliases, sorted.
    pub fn names(&self) -> Vec<&str> {
        self.by_name.keys().map(String::as_str).collect()
    }

    /// Who must secure `layer`: the model's row, the service's override, or what its `when` rules decide.
    ///
    /// `when` is decided per layer: with none of the settings stated the cell is undetermined; otherwise the last
    /// rule, in catalogue order, whose setting is stated and equal wins; if none is, the service's own cell stands.
    pub fn cell(&self, model: ServiceModel, service: Option<&Service>, settings: &BTreeMap<String, String>, layer: Layer) -> Cell {
        let row = self.defaults[&model][layer.index()];
        let Some(service) = service else { return row };
        let own = service.cells.get(&layer).copied().unwrap_or(row);
        let mut rules = service.when.iter().filter(|rule| rule.layer == layer).peekable();
        if rules.peek().is_none() {
            return own;
        }
        let mut stated = false;
        let mut decided = own;
        for rule in rules {
            if let Some(value) = settings.get(&rule.setting) {
                stated = true;
                if *value == rule.equals {
                    decided = rule.cell;
                }
            }
        }
        if stated { decided } else { Cell::Undetermined }
    }
}

impl Service {
    /// The settings that decide a cell of this service, without repeats, in catalogue order.
    pub fn settings(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for rule in &self.when {
            if !names.contains(&rule.setting.as_str()) {
                names.push(&rule.setting);
            }
        }
        names
    }

    /// The settings, each with its accepted values, that decide the cell of one layer.
    pub fn settings_of(&self, layer: Layer) -> Vec<(&str, &str)> {
        self.when.iter().filter(|rule| rule.layer == layer).map(|rule| (rule.setting.as_str(), rule.equals.as_str())).collect()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "weaklink_services")]
    _version: u32,
    as_of: String,
    #[serde(rename = "layers")]
    _layers: serde::de::IgnoredAny,
    defaults: BTreeMap<ServiceModel, BTreeMap<Layer, Cell>>,
    services: Vec<Service>,
}
