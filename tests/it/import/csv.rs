//! Edge lists in CSV.
