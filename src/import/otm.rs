//! Open Threat Models.

use super::{Observations, Options};
use crate::source::Source;

/// Reads files of this format.
pub(super) fn read(_sources: &[&Source], _options: &Options, _seen: &mut Observations) {}
