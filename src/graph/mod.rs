//! Floor 6: states and how exposure moves between them. The only place that knows arcs and factors.

mod build;
mod coins;
mod edit;
mod flow;
mod lanes;
mod petgraph_traits;
mod records;
mod relax;
mod semiring;
mod solve;
mod state;
mod transfer;
mod witness;

pub use build::{Arc, ExposureGraph, Factor};
pub(crate) use build::{Incidence, passes};
pub use coins::{Cascade, CascadeArc, CascadeSeed, Coin, Toss, WORLDS_AT_ONCE, is_live};
pub use edit::Edit;
pub(crate) use edit::Edited;
pub use flow::FlowNetwork;
pub use lanes::{FlatGraph, LANES, LaneSearch, Lanes};
pub use petgraph_traits::{ArcRef, VisitedStates};
pub(crate) use records::{Records, Standings};
pub use relax::{Freed, Hold, LetGo, Relaxation};
pub use semiring::Semiring;
pub use solve::{TwoBest, solve, solve_overlap, solve_reverse, solve_two_best};
pub use state::State;
pub(crate) use transfer::Way;
pub use transfer::{RuleIx, TransferRule, Travel};
pub use witness::Witness;
