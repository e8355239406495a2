//! Where a piece of text lies: a range of bytes in one of the files of a run.

use serde::{Deserialize, Serialize};

/// A range of bytes, `start` up to but without `end`, in the text of the file number `source`.
///
/// File 0 is the model; overlays and the policy follow. Offsets count from the first byte after a byte order mark,
/// and both ends are character boundaries of the text.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// The index of the file in its run.
    pub source: u16,
    /// The offset of the first byte.
    pub start: u32,
    /// The offset after the last byte.
    pub end: u32,
}

impl Span {
    /// Returns the span of the bytes `start..end` of the file number `source`.
    ///
    /// Offsets above `u32::MAX` are held at that value; no [`Source`](super::Source) is that long.
    #[must_use]
    pub fn new(source: u16, start: usize, end: usize) -> Self {
        let narrow = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Span { source, start: narrow(start), end: narrow(end) }
    }

    /// Returns the range of bytes, to slice the text with.
    #[must_use]
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_slices_the_text_it_was_made_from() {
        let text = "a: ünal";
        let span = Span::new(0, 3, 8);
        assert_eq!(&text[span.range()], "ünal");
    }

    #[test]
    fn spans_sort_by_file_and_then_by_place() {
        assert!(Span::new(0, 9, 10) < Span::new(1, 0, 1));
        assert!(Span::new(1, 0, 1) < Span::new(1, 0, 2));
    }
}
