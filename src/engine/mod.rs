//! Floor 7: the same graph for whole estates, at the speed of memory. Arcs and factors are the graph's; nothing here
//! knows what they mean.
//!
//! An [`Engine`] packs an exposure graph so that a search goes through memory in order: systems are numbered along the
//! flow of exposure, each system's values stand on one line, and a connection is eight bytes. It gives what the plain
//! searches of [`graph`](crate::graph) give, bit for bit: the values of best paths are the least fixpoint of transfers
//! that never raise a value, and a fixpoint does not depend on the order in which it is reached.

mod active;
mod entrance;
mod gate;
mod label;
mod order;
mod packed;
mod passages;
mod reach;
mod stored;
mod sweep;
mod trial;

pub use packed::{Engine, Work};
pub use reach::Reached;
pub use sweep::Search;
pub use trial::Trial;
