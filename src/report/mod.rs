//! Floor 7: findings and faults in their forms. Nothing is computed here.

pub mod faults;
pub mod rules;
pub mod snippet;
