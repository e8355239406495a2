//! Floor 8: the questions, one per file. Plain data in, plain data out; nothing is formatted here.

mod attribution;
mod blast_radius;
pub mod check;
mod choke_points;
mod difference;
mod exposure;
pub mod fixes;
pub mod gate;
mod groups;
mod owners;
mod paths;
mod percolation;
mod posture;
mod retrial;
pub mod review;
mod score;
mod target;
mod unknowns;
pub mod verify;
mod why_not;

pub use attribution::{GapReach, GapScore, PartyScore, Shares, attribute, gap_scores, impacts, parties, shapley};
pub use blast_radius::{BlastRadius, CrossedConnection, ExposedParty, ExposedState, ExposedSystem, blast_radius};
pub use choke_points::{Asked, ChokePoint, ChokePoints, ChokeTarget, MOST_PASSAGES, MOST_SETS, Passage, choke_points};
pub use difference::{BlastDifference, Change, ConnectionDifference, Difference, SystemDifference, difference};
pub use exposure::{Exposure, exposure_of};
pub use groups::{Flow, Group, GroupBy, Groups, groups};
pub use owners::{OwnerScore, Owners, owners};
pub use paths::{AttackPath, best_paths};
pub use percolation::{CONFIDENCE, Failing, Method, Percolation, ProbableState, ProbableSystem, Sampling, percolation};
pub use posture::{Posture, SystemPosture, posture};
pub use score::{Attribution, Score, score};
pub use target::{Target, TargetError};
pub use unknowns::{Unknown, Unknowns, Worth, unknowns};
pub use why_not::{Answer, Held, LetGoAlone, MOST_HOLDS, WhyNot, why_not};
