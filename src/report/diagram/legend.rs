//! The words of the legend, the same in every form.

use super::palette::{HEAT_STEPS, Role};
use super::picture::Mark;

/// The steps of the scale of exposure, as the screens write numbers.
pub(super) const HEAT: [&str; HEAT_STEPS] = ["0", "to .10", "to .30", "to .60", "to .85", "to 1.00"];

/// What the columns of a strip are.
pub(super) const STRIP: [&str; 2] = [
    "height and colour are the exposure of a layer; from left to right: physical, virtualization,",
    "os, network, applications, directory, monitoring, config, access, code, data",
];

/// What the digits of a strip are, where it is written.
pub(super) const DIGITS: [&str; 2] = [
    "tenths of exposure by layer, ✗ is 1; from left to right: physical, virtualization,",
    "os, network, applications, directory, monitoring, config, access, code, data",
];

/// What a bar is.
pub(super) const BAR: &str = "the systems of the group, most exposed at the left";

/// Tints and their words.
pub(super) const OWNERS: [(Role, &str); 5] = [
    (Role::Customer, "customer"),
    (Role::Provider, "provider"),
    (Role::Shared, "shared"),
    (Role::Nobody, "nobody, or not said"),
    (Role::Disputed, "disputed"),
];

/// Marks and their words.
pub(super) const MARKS: [(Mark, Role, &str); 4] = [
    (Mark::Covered, Role::Ink, "covered"),
    (Mark::Gap, Role::Gap, "a gap, with its kind"),
    (Mark::Doubt, Role::Doubt, "a gap if the unknowns turn out badly"),
    (Mark::Absent, Role::Muted, "no such layer"),
];

/// Signs of a comparison and their words.
pub(super) const CHANGES: [(&str, Role, &str); 5] = [
    ("+", Role::Added, "added"),
    ("−", Role::Removed, "removed"),
    ("▲", Role::Worse, "more exposed"),
    ("▼", Role::Better, "less exposed"),
    ("=", Role::Muted, "as exposed as before"),
];
