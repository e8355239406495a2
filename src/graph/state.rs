//! A state of the exposure graph: one layer of one system.

use crate::catalog::Layer;
use crate::estate::SystemIx;

/// One layer of one system; it orders as (system id, layer from the bottom).
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct State(u32);

impl State {
    /// The state of a layer of a system.
    pub const fn new(system_ix: SystemIx, layer: Layer) -> Self {
        Self(system_ix.0 * Layer::COUNT as u32 + layer as u32)
    }

    /// The state at a position among all states.
    pub const fn from_index(index: usize) -> Self {
        Self(index as u32)
    }

    /// Its position among all states, `system × 11 + layer`.
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// The system.
    pub const fn system(self) -> SystemIx {
        SystemIx(self.0 / Layer::COUNT as u32)
    }

    /// The layer.
    pub const fn layer(self) -> Layer {
        Layer::ALL[(self.0 % Layer::COUNT as u32) as usize]
    }
}
