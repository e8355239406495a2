//! Floor 6: states and how exposure moves between them. The only place that knows arcs and factors.

mod build;
mod lanes;
mod petgraph_traits;
mod relax;
mod semiring;
mod solve;
mod state;
mod transfer;
mod trial;
mod witness;

pub use build::{Arc, ExposureGraph, Factor};
pub use lanes::{FlatGraph, LANES, LaneSearch, Lanes};
pub use petgraph_traits::{ArcRef, VisitedStates};
pub use relax::{Freed, Hold, LetGo, Relaxation};
pub use semiring::Semiring;
pub use solve::{TwoBest, solve, solve_reverse, solve_two_best};
pub use state::State;
pub use transfer::{RuleIx, TransferRule, Travel};
pub use trial::{Edit, Trial};
pub use witness::Witness;
