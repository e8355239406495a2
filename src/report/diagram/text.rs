//! Text of a picture: what of it is shown, and how wide it is.

use crate::source::visible;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, MetadataProvider};
use std::sync::LazyLock;

/// Characters of a text that are shown where there is no lack of room, as in a tooltip.
const MOST_CHARACTERS: usize = 256;

/// Characters of a title or a name on a card; the whole text is in the card's tooltip.
pub const MOST_ON_CARD: usize = 40;

/// The weight of a text.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Weight {
    /// As text is.
    Regular,
    /// Names and numbers that are read first.
    Bold,
}

/// The text with every hidden character made visible, cut after 256 characters.
pub fn shown(text: &str) -> String {
    cut(text, MOST_CHARACTERS)
}

/// The text with every hidden character made visible, and its middle left out where it is longer than `most`
/// characters: beginnings and ends of ids tell them apart.
pub fn cut(text: &str, most: usize) -> String {
    let text = visible(text);
    let count = text.chars().count();
    if count <= most {
        return text.into_owned();
    }
    let (head, tail) = (most.div_ceil(2), most - most.div_ceil(2) - 1);
    text.chars().take(head).chain(['…']).chain(text.chars().skip(count - tail)).collect()
}

struct Face {
    font: FontRef<'static>,
    advances: GlyphMetrics<'static>,
}

impl Face {
    fn new(data: &'static [u8]) -> Self {
        let font = FontRef::new(data).expect("the font that ships is a font");
        let advances = font.glyph_metrics(Size::new(1.0), LocationRef::default());
        Self { font, advances }
    }

    /// The advance in em. What the face has no glyph for is taken as one em: other faces will draw it, most of them
    /// of scripts with square glyphs.
    fn advance(&self, c: char) -> f32 {
        self.font.charmap().map(c).and_then(|glyph| self.advances.advance_width(glyph)).unwrap_or(1.0)
    }
}

static REGULAR: LazyLock<Face> = LazyLock::new(|| Face::new(dejavu::sans::regular()));
static BOLD: LazyLock<Face> = LazyLock::new(|| Face::new(dejavu::sans::bold()));

/// The width of a text in pixels, set at `size` in the widest face that a picture may be shown in.
pub fn width(text: &str, size: f32, weight: Weight) -> f32 {
    let face = match weight {
        Weight::Regular => &*REGULAR,
        Weight::Bold => &*BOLD,
    };
    text.chars().map(|c| face.advance(c)).sum::<f32>() * size
}

/// Whether the face that ships has a glyph for a character.
pub fn has_glyph(c: char) -> bool {
    REGULAR.font.charmap().map(c).is_some()
}

/// The text broken into lines of at most `room` pixels, at blanks; a word that is longer stands alone.
pub fn wrap(text: &str, size: f32, room: f32) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if width(&format!("{line} {word}"), size, Weight::Regular) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_id_keeps_its_beginning_and_its_end() {
        assert_eq!(cut("module.vpc.aws_subnet.private[3]", 12), "module…te[3]");
        assert_eq!(cut("short", 5), "short");
        assert_eq!(cut("a\u{202e}b", 40), "a‹U+202E›b");
        assert_eq!(shown(&"x".repeat(5_000)).chars().count(), 256);
    }

    #[test]
    fn wide_letters_are_wider_and_nothing_has_no_width() {
        assert_eq!(width("", 12.0, Weight::Regular), 0.0);
        assert!(width("WWW", 12.0, Weight::Regular) > width("iii", 12.0, Weight::Regular));
        assert!(width("abc", 12.0, Weight::Bold) > width("abc", 12.0, Weight::Regular));
        assert!((width("日本", 10.0, Weight::Regular) - 20.0).abs() < 0.01);
    }

    #[test]
    fn wrapped_lines_hold_all_words() {
        let text = "one two three four five sixteen";
        let lines = wrap(text, 10.0, 60.0);
        assert!(lines.len() > 2);
        assert_eq!(lines.join(" "), text);
    }
}
