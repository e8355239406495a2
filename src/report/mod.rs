//! Floor 9: findings and faults in their forms. Nothing is computed here.

pub mod badge;
mod changes;
pub mod csv;
#[cfg(feature = "graph")]
pub mod diagram;
pub mod explain;
pub mod export;
pub mod faults;
pub mod findings;
pub mod json;
pub mod markdown;
pub mod model;
pub mod owners;
pub mod page;
pub mod pages;
pub mod rules;
pub mod screen;
pub mod snippet;
