//! What can be done about exposure: the fixes that there are, what each changes, and what it costs.

mod bound;
mod candidate;
mod plan;
mod protect;
mod survey;

pub use bound::Weighed;
pub use candidate::{Applied, Candidate, Fix, candidates};
pub use plan::{Plan, Proof, Step, plan};
pub use protect::{Protection, Uncut, protect};
pub use survey::{Path, PathArc};

/// How a search is watched, and ended before its time.
#[derive(Copy, Clone)]
pub struct Watch<'a> {
    /// Called from time to time with what is done, and of how much.
    pub progress: &'a dyn Fn(usize, usize),
    /// Whether to end with the best that was found.
    pub is_stopped: &'a dyn Fn() -> bool,
}

impl Watch<'_> {
    /// A search that nobody watches.
    pub const NOBODY: Watch<'static> = Watch { progress: &|_, _| {}, is_stopped: &|| false };
}
