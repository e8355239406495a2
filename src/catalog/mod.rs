//! Floor 2: the words of the model, the responsibility matrix, the controls and the policy, with the data that ships.

mod controls;
mod interval;
mod policy;
mod services;
mod vocabulary;

pub use controls::{Control, ControlCatalog, ControlIx, ControlRole};
pub use interval::{BasisPoints, Interval, Published, points};
pub use policy::{ClimbRule, CrossRule, Direction, Level, Policy, Profile};
pub use services::{ResponsibilityMatrix, Service, When};
pub use vocabulary::{
    Cell, Certainty, ConnectionKind, ControlStatus, Criticality, End, Facing, FixKind, GapKind, Layer, PartyKind, ServiceModel, Side,
    Strength, Verdict,
};
