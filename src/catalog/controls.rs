//! The catalogue of controls: what secures a layer, and which standards ask for it.

use super::Layer;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

/// The catalogue that ships.
pub(super) const SHIPPED_TEXT: &str = include_str!("controls.json");

/// The catalogue of controls.
#[derive(Debug)]
pub struct ControlCatalog {
    controls: Vec<Control>,
    by_id: HashMap<String, ControlIx>,
    baselines: [Vec<ControlIx>; Layer::COUNT],
}

/// Position of a control in the catalogue.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ControlIx(pub u16);

/// One control of the catalogue.
#[derive(Debug)]
pub struct Control {
    /// Identifier, such as `os.patching`.
    pub id: String,
    /// The layer it secures; none for controls of connections.
    pub layer: Option<Layer>,
    /// What it asks, in one sentence.
    pub title: String,
    /// What it does about an attack.
    pub role: ControlRole,
    /// Whether a layer without it cannot count as covered.
    pub baseline: bool,
    /// Identifiers in published standards, by standard.
    pub refs: BTreeMap<String, Vec<String>>,
}

impl Control {
    /// Whether the control counts in a layer's coverage: part of its baseline, or preventive.
    pub fn counts(&self) -> bool {
        self.baseline || self.role == ControlRole::Prevent
    }
}

/// What a control does about an attack.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ControlRole {
    /// Stops it.
    Prevent,
    /// Sees it.
    Detect,
    /// Limits it.
    Contain,
    /// Repairs after it.
    Recover,
    /// Keeps the rest in order.
    Govern,
}

impl ControlCatalog {
    /// The catalogue that ships with the product.
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<ControlCatalog> =
            LazyLock::new(|| serde_json::from_str(SHIPPED_TEXT).map(ControlCatalog::index).expect("the shipped catalogue is valid"));
        &SHIPPED
    }

    fn index(file: File) -> Self {
        let controls: Vec<Control> = file
            .controls
            .into_iter()
            .map(|entry| Control {
                layer: Layer::from_id(&entry.layer),
                id: entry.id,
                title: entry.title,
                role: entry.role,
                baseline: entry.baseline,
                refs: entry.refs,
            })
            .collect();
        let ixs = || (0..controls.len()).map(|ix| ControlIx(ix as u16));
        let by_id = ixs().map(|ix| (controls[ix.0 as usize].id.clone(), ix)).collect();
        let baselines = std::array::from_fn(|layer_ix| {
            ixs()
                .filter(|ix| {
                    let control = &controls[ix.0 as usize];
                    control.baseline && control.layer == Some(Layer::ALL[layer_ix])
                })
                .collect()
        });
        Self { controls, by_id, baselines }
    }

    /// The position of the control with this identifier.
    pub fn find(&self, id: &str) -> Option<ControlIx> {
        self.by_id.get(id).copied()
    }

    /// The control at a position.
    pub fn control(&self, control_ix: ControlIx) -> &Control {
        &self.controls[control_ix.0 as usize]
    }

    /// Every control, in catalogue order.
    pub fn controls(&self) -> &[Control] {
        &self.controls
    }

    /// The baseline of a layer: the controls without which it cannot count as covered.
    pub fn baseline(&self, layer: Layer) -> &[ControlIx] {
        &self.baselines[layer.index()]
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "weaklink_controls")]
    _version: u32,
    #[serde(rename = "note")]
    _note: String,
    controls: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    layer: String,
    title: String,
    role: ControlRole,
    baseline: bool,
    refs: BTreeMap<String, Vec<String>>,
}
