//! An estate in the formats of other tools: threat models and responsibility matrices.

pub mod crm;
pub mod otm;
