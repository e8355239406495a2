//! The words of DOT: names in their four forms, brackets and arrows, each with its place.
//!
//! No maintained parser reads what people have: of 76 real files graphviz-rust refuses 17, and loses nodes of others in
//! silence. The language is small; this reader is held against Graphviz's own counts on all of them.

use crate::source::{Source, Span};
use std::borrow::Cow;

/// A word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token<'s> {
    /// A name; `bare` of one that may be a keyword, since it stands without quotes.
    Name { text: Cow<'s, str>, bare: bool },
    /// One of `{ } [ ] ; , = : +`.
    Mark(u8),
    /// `->` or `--`.
    Arrow,
    /// The end of the text.
    End,
}

/// What is wrong with a word.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct BadToken {
    pub(super) at: usize,
    pub(super) message: &'static str,
}

/// Takes the words of a text one by one.
pub(super) struct Tokens<'s> {
    source: &'s Source,
    text: &'s str,
    at: usize,
    ahead: Option<(Token<'s>, Span)>,
}

impl<'s> Tokens<'s> {
    pub(super) fn of(source: &'s Source) -> Self {
        Self { source, text: source.text(), at: 0, ahead: None }
    }

    /// How far the text has been read.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The next word, which stays the next.
    pub(super) fn peek(&mut self) -> Result<&Token<'s>, BadToken> {
        if self.ahead.is_none() {
            self.ahead = Some(self.read()?);
        }
        Ok(self.ahead.as_ref().map_or(&Token::End, |(token, _)| token))
    }

    /// The next word.
    pub(super) fn next(&mut self) -> Result<(Token<'s>, Span), BadToken> {
        match self.ahead.take() {
            Some(ahead) => Ok(ahead),
            None => self.read(),
        }
    }

    /// Takes a mark if it is the next word.
    pub(super) fn take(&mut self, mark: u8) -> Result<bool, BadToken> {
        let is_next = *self.peek()? == Token::Mark(mark);
        if is_next {
            self.ahead = None;
        }
        Ok(is_next)
    }

    fn read(&mut self) -> Result<(Token<'s>, Span), BadToken> {
        self.skip_blanks()?;
        let start = self.at;
        let bytes = self.text.as_bytes();
        let token = match bytes.get(start) {
            None => Token::End,
            Some(&mark @ (b'{' | b'}' | b'[' | b']' | b';' | b',' | b'=' | b':' | b'+')) => {
                self.at += 1;
                Token::Mark(mark)
            }
            Some(b'-') if matches!(bytes.get(start + 1), Some(b'>' | b'-')) => {
                self.at += 2;
                Token::Arrow
            }
            Some(b'"') => Token::Name { text: self.quoted(start)?, bare: false },
            Some(b'<') => Token::Name { text: self.markup(start)?, bare: false },
            Some(byte) if is_part(*byte) || matches!(byte, b'-' | b'.') => {
                let rest = &bytes[start + 1..];
                // A numeral may hold a point; of a name that is none the point is no part.
                let is_numeral = !byte.is_ascii_alphabetic() && *byte != b'_' && *byte < 0x80;
                let length = rest.iter().take_while(|&&byte| is_part(byte) || (is_numeral && byte == b'.')).count();
                self.at += 1 + length;
                Token::Name { text: Cow::Borrowed(&self.text[start..self.at]), bare: true }
            }
            Some(_) => return Err(BadToken { at: start, message: "a character that no name of DOT has outside quotes" }),
        };
        Ok((token, Span::new(self.source.index(), start, self.at)))
    }

    fn skip_blanks(&mut self) -> Result<(), BadToken> {
        loop {
            let rest = &self.text[self.at..];
            let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r', '\u{feff}', '\u{c}']).len();
            self.at += blank;
            let rest = &self.text[self.at..];
            let is_line_start = self.at == 0 || matches!(self.text.as_bytes()[self.at - 1], b'\n' | b'\r');
            if rest.starts_with("//") || (rest.starts_with('#') && (is_line_start || blank > 0)) {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                let end = rest.find("*/").ok_or(BadToken { at: self.at, message: "a comment is not closed" })?;
                self.at += end + 2;
            } else {
                return Ok(());
            }
        }
    }

    /// A name in quotes, joined with those that follow a `+`.
    fn quoted(&mut self, start: usize) -> Result<Cow<'s, str>, BadToken> {
        let mut text = self.one_quoted(start)?;
        loop {
            let after = self.at;
            self.skip_blanks()?;
            if !self.text[self.at..].starts_with('+') {
                self.at = after;
                return Ok(text);
            }
            self.at += 1;
            self.skip_blanks()?;
            if !self.text[self.at..].starts_with('"') {
                return Err(BadToken { at: self.at, message: "expected a quote after `+`" });
            }
            let more = self.one_quoted(self.at)?;
            text.to_mut().push_str(&more);
        }
    }

    /// A name in quotes: `\"` is a quote, a backslash before a line break joins the lines, every other one stays.
    fn one_quoted(&mut self, start: usize) -> Result<Cow<'s, str>, BadToken> {
        let bytes = self.text.as_bytes();
        let inner = start + 1;
        let mut at = inner;
        let mut is_plain = true;
        loop {
            match bytes.get(at) {
                None => return Err(BadToken { at: start, message: "a quote is not closed" }),
                Some(b'"') => break,
                Some(b'\\') => {
                    is_plain &= !matches!(bytes.get(at + 1), Some(b'"' | b'\\' | b'\n' | b'\r'));
                    at += 2;
                }
                Some(_) => at += 1,
            }
        }
        self.at = at + 1;
        let raw = &self.text[inner..at];
        if is_plain {
            return Ok(Cow::Borrowed(raw));
        }
        let unescaped = raw.replace("\\\r\n", "").replace("\\\n", "").replace("\\\"", "\"").replace("\\\\", "\\");
        Ok(Cow::Owned(unescaped))
    }

    /// Markup in angle brackets, without what stands in its tags.
    fn markup(&mut self, start: usize) -> Result<Cow<'s, str>, BadToken> {
        let bytes = self.text.as_bytes();
        let (mut at, mut open) = (start, 0usize);
        let mut shown = String::new();
        loop {
            match bytes.get(at) {
                None => return Err(BadToken { at: start, message: "an angle bracket is not closed" }),
                Some(b'<') if self.text[at..].starts_with("<!--") => {
                    at += self.text[at..].find("-->").map_or(4, |end| end + 2);
                }
                Some(b'<') => open += 1,
                Some(b'>') => {
                    open -= 1;
                    // A tag ends a word.
                    if open == 1 && !shown.is_empty() && !shown.ends_with(' ') {
                        shown.push(' ');
                    }
                }
                Some(byte) if open == 1 => {
                    let length = if *byte < 0x80 { 1 } else { self.text[at..].chars().next().map_or(1, char::len_utf8) };
                    shown.push_str(&self.text[at..at + length]);
                    at += length - 1;
                }
                Some(_) => {}
            }
            at += 1;
            if open == 0 {
                break;
            }
        }
        self.at = at;
        Ok(Cow::Owned(shown.split_whitespace().collect::<Vec<_>>().join(" ")))
    }
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}
