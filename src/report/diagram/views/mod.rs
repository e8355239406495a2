//! The views: one question each, from a result to a picture.

mod blast;
mod difference;
mod estate;
mod fold;
mod path;

pub use blast::blast;
pub use difference::difference;
pub use estate::estate;
pub use fold::fold;
pub use path::path;

use super::palette::heat;
use super::picture::Badge;
use crate::catalog::{BasisPoints, Interval, Published};
use crate::report::page::interval;
use crate::report::pages::count;

/// Cards that a picture has at most; more cannot be read at a glance.
pub const MOST_CARDS: usize = 40;

/// Systems that are drawn with all their layers at most, when that is asked for.
pub const MOST_STACKS: usize = 400;

/// An exposure at the right of a card.
fn exposure_badge(exposure: Interval) -> Badge {
    let published = Published::<BasisPoints>::of(exposure);
    Badge { text: interval(published), heat: Some(heat(published.high)) }
}

/// Ids in a row, the rest counted: `erp, esx and 3 more`.
fn listed(ids: &[&str], most: usize) -> String {
    let mut text = ids.iter().take(most).copied().collect::<Vec<_>>().join(", ");
    if ids.len() > most {
        text.push_str(&format!(" and {} more", ids.len() - most));
    }
    text
}
