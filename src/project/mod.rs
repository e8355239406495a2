//! Floor 3: what a project says beside its model: which files belong together, the limits of its gates, and what it accepts.

mod finding;
mod settings;
mod waivers;

pub use finding::{FindingId, FindingKind};
pub use settings::{CheckLimits, ReviewLimits, SETTINGS_FILE, Settings};
pub use waivers::{Waiver, Waivers};
