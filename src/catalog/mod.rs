//! Floor 2: the words of the model, the responsibility matrix, the controls and the policy, with the data that ships.

mod controls;
mod interval;
mod policy;
mod services;
mod vocabulary;

use sha2::{Digest, Sha256};

pub use controls::{Control, ControlCatalog, ControlIx, ControlRole};
pub use interval::{BasisPoints, Interval, Published, points};
pub use policy::{ClimbRule, CrossRule, Direction, Level, Policy, Profile};
pub use services::{ResponsibilityMatrix, Service, When};
pub use vocabulary::{
    Cell, Certainty, ConnectionKind, ControlStatus, Criticality, End, Facing, FixKind, GapKind, Layer, PartyKind, ServiceModel, Side,
    Strength, Verdict,
};

/// Which edition of the catalogue ships, matrix and controls, in short: eight hexadecimal digits.
pub fn edition() -> String {
    let digest = Sha256::new().chain_update(services::SHIPPED_TEXT).chain_update(controls::SHIPPED_TEXT).finalize();
    format!("{:02x}{:02x}{:02x}{:02x}", digest[0], digest[1], digest[2], digest[3])
}
