//! The filters for text of a model that reaches a terminal: nothing unseen, nothing obeyed.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Returns whether a reader would not see `c`, or would see other text moved or changed by it.
///
/// True for control characters (C0 with tab and newline, DEL, C1), bidirectional controls, zero-width and other
/// default-ignorable characters, tag characters, line and paragraph separators and noncharacters. False for the
/// variation selectors 15 and 16, which choose between a sign's text and picture forms in ordinary names.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    if c < '\u{7F}' {
        return c < ' ';
    }
    matches!(c,
        '\u{7F}'..='\u{9F}'
        | '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}'
        | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{3164}' | '\u{FE00}'..='\u{FE0D}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFFB}'
        | '\u{FDD0}'..='\u{FDEF}'
        | '\u{110BD}' | '\u{110CD}'
        | '\u{13430}'..='\u{1343F}'
        | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}')
        || (c as u32) & 0xFFFE == 0xFFFE
}

/// Returns `text` fit for one line of a terminal, a log or an error message.
///
/// C0 controls (newline and tab too) and DEL become their pictures (`␛`); every other hidden character, see
/// [`is_hidden`], becomes its number as in `‹U+202E›`. The openings `##[` and `##vso[`, which some build services
/// obey anywhere in a line of a log, get their bracket quoted: `##‹[›`. Clean text is borrowed.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    let clean = |c: char| !is_hidden(c) && c != '#';
    if text.chars().all(clean) || first_to_change(text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for (at, c) in text.char_indices() {
        match c {
            '\u{0}'..='\u{1F}' => shown.push(picture(0x2400 + c as u32)),
            '\u{7F}' => shown.push(picture(0x2421)),
            '[' if opens_log_command(&text[..at]) => shown.push_str("‹[›"),
            _ if is_hidden(c) => {
                // Writing to a `String` cannot fail.
                let _ = write!(shown, "‹U+{:04X}›", c as u32);
            }
            _ => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

/// Returns `text` with every hidden character replaced by a visible one of the same length in bytes.
///
/// For excerpts of a source, whose spans stay valid. Newlines stay; a tab, and the carriage return of a line's end,
/// become a blank; others become `?`, `¿`, `\u{FFFD}` or `🯄` by their length. The bracket of `##[` and `##vso[`
/// becomes `?`. Clean text is borrowed.
#[must_use]
pub fn masked(text: &str) -> Cow<'_, str> {
    let clean = |c: char| c == '\n' || (!is_hidden(c) && c != '#');
    if text.chars().all(clean) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        match c {
            '\n' => shown.push(c),
            '\t' => shown.push(' '),
            '\r' if text[at + 1..].starts_with('\n') => shown.push(' '),
            '[' if opens_log_command(&text[..at]) => shown.push('?'),
            _ if is_hidden(c) => shown.push(match c.len_utf8() {
                1 => '?',
                2 => '¿',
                3 => '\u{FFFD}',
                _ => '\u{1FBC4}',
            }),
            _ => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

fn first_to_change(text: &str) -> Option<usize> {
    text.char_indices().find(|&(at, c)| is_hidden(c) || (c == '[' && opens_log_command(&text[..at]))).map(|(at, _)| at)
}

/// Returns whether a `[` after `before` would open a command of a build service's log.
pub(crate) fn opens_log_command(before: &str) -> bool {
    let bytes = before.as_bytes();
    let stem = match bytes.len().checked_sub(3) {
        Some(at) if bytes[at..].eq_ignore_ascii_case(b"vso") => &bytes[..at],
        _ => bytes,
    };
    stem.ends_with(b"##")
}

fn picture(code: u32) -> char {
    char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clean_text_is_borrowed() {
        for text in ["", "orders", "Ünal & Söhne #1 [a]", "## heading", "日本", "❤\u{FE0F}"] {
            assert!(matches!(visible(text), Cow::Borrowed(_)), "{text}");
        }
        assert!(matches!(masked("a: b\nc: d"), Cow::Borrowed(_)));
    }

    #[test]
    fn hidden_characters_are_shown_by_picture_or_number() {
        assert_eq!(visible("a\u{1b}[2J\n\t\u{7f}"), "a␛[2J␊␉␡");
        assert_eq!(visible("a\u{202e}b\u{9b}c\u{e0041}"), "a‹U+202E›b‹U+009B›c‹U+E0041›");
        assert_eq!(visible("\u{2028}\u{200d}\u{feff}\u{fffe}"), "‹U+2028›‹U+200D›‹U+FEFF›‹U+FFFE›");
    }

    #[test]
    fn log_commands_are_broken_anywhere_in_a_line() {
        assert_eq!(visible("x ##[add-mask]y"), "x ##‹[›add-mask]y");
        assert_eq!(visible("##VSO[task.x]"), "##VSO‹[›task.x]");
        assert_eq!(visible("###[x]"), "###‹[›x]");
        assert_eq!(masked("x ##[group]"), "x ##?group]");
    }

    #[test]
    fn masking_keeps_every_byte_offset() {
        let text = "a\tb\r\n\u{1b}\u{85}\u{202e}\u{e0041}é\rz";
        let shown = masked(text);
        assert_eq!(shown, "a b \n?¿\u{fffd}\u{1fbc4}é?z");
        assert_eq!(shown.len(), text.len());
        for (at, _) in text.char_indices() {
            assert!(shown.is_char_boundary(at));
        }
    }

    #[test]
    fn no_character_at_all_passes_both_filters_hidden() {
        for c in '\u{0}'..=char::MAX {
            let text = c.to_string();
            assert!(!visible(&text).chars().any(is_hidden), "U+{:04X}", c as u32);
            assert_eq!(masked(&text).len(), text.len());
            assert!(c == '\n' || !masked(&text).chars().any(is_hidden), "U+{:04X}", c as u32);
        }
    }
}
