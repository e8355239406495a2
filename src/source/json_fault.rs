//! What is wrong with a text that is no JSON, in the words of `serde_json`, and where.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::text::Source;
use super::tree::{self, SyntaxFaultKind};
use super::{Span, tree::character_span};

/// Returns what `serde_json` finds wrong with a text that is no JSON; `skipped` is where a value begins that it steps over
/// as a whole. Of what it finds nothing wrong with, which would be a fault of ours, the place is `at`.
pub(super) fn judged(source: &Source, at: usize, skipped: Option<usize>) -> (Span, SyntaxFaultKind) {
    let mut deserializer = serde_json::Deserializer::from_str(source.text());
    let mut judge = Judge { text: source.text(), at: 0, skipped };
    match JudgeSeed(&mut judge).deserialize(&mut deserializer).and_then(|()| deserializer.end()) {
        Err(error) => fault_of(source, &error),
        Ok(()) => (character_span(source, at), SyntaxFaultKind::Syntax { message: "expected value".to_owned() }),
    }
}

/// Follows `serde_json` through a text. Scalars and keys are taken as slices of it, so that no number is too large.
struct Judge<'s> {
    text: &'s str,
    /// The offset after what was last taken.
    at: usize,
    skipped: Option<usize>,
}

impl<'s> Judge<'s> {
    fn take(&mut self, raw: &'s RawValue) {
        self.at = raw.get().as_ptr().addr() - self.text.as_ptr().addr() + raw.get().len();
    }
}

struct JudgeSeed<'r, 's>(&'r mut Judge<'s>);

impl<'s> DeserializeSeed<'s> for JudgeSeed<'_, 's> {
    type Value = ();

    fn deserialize<D: Deserializer<'s>>(self, deserializer: D) -> Result<(), D::Error> {
        let judge = self.0;
        let bytes = judge.text.as_bytes();
        while matches!(bytes.get(judge.at), Some(b' ' | b'\t' | b'\n' | b'\r' | b',' | b':')) {
            judge.at += 1;
        }
        match bytes.get(judge.at) {
            Some(b'{' | b'[') if judge.skipped != Some(judge.at) => deserializer.deserialize_any(JudgeVisitor(judge)),
            _ => {
                let raw = <&RawValue as serde::Deserialize>::deserialize(deserializer)?;
                judge.take(raw);
                Ok(())
            }
        }
    }
}

struct JudgeVisitor<'r, 's>(&'r mut Judge<'s>);

impl<'s> Visitor<'s> for JudgeVisitor<'_, 's> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_seq<A: SeqAccess<'s>>(self, mut access: A) -> Result<(), A::Error> {
        self.0.at += 1;
        while access.next_element_seed(JudgeSeed(self.0))?.is_some() {}
        self.close(b']');
        Ok(())
    }

    fn visit_map<A: MapAccess<'s>>(self, mut access: A) -> Result<(), A::Error> {
        self.0.at += 1;
        while let Some(raw) = access.next_key::<&'s RawValue>()? {
            self.0.take(raw);
            access.next_value_seed(JudgeSeed(self.0))?;
        }
        self.close(b'}');
        Ok(())
    }
}

impl JudgeVisitor<'_, '_> {
    /// Steps out of a collection.
    fn close(self, bracket: u8) {
        let rest = &self.0.text.as_bytes()[self.0.at..];
        self.0.at += memchr::memchr(bracket, rest).map_or(rest.len(), |before| before + 1);
    }
}

/// Returns the place and the fault that an error of `serde_json` tells of.
fn fault_of(source: &Source, error: &serde_json::Error) -> (Span, SyntaxFaultKind) {
    let text = source.text();
    let message = tree::plain_message(&error.to_string());
    if error.is_eof() {
        let span = character_span(source, text.trim_end().len());
        // Past the end there is nothing to point at, not even the white space there.
        let span = Span { end: span.start, ..span };
        let message = message.replace("EOF while parsing", "the text ends inside");
        return (span, SyntaxFaultKind::Syntax { message });
    }
    let line = source.line_range(error.line());
    // The column counts the bytes read of the line, the offending one included; only of a control character it
    // counts those before.
    let before = usize::from(!message.starts_with("control character"));
    let offset = (line.start + error.column()).saturating_sub(before).max(line.start);
    let kind = if message.starts_with("recursion limit exceeded") {
        SyntaxFaultKind::TooDeep { limit: 127 }
    } else {
        SyntaxFaultKind::Syntax { message }
    };
    (character_span(source, offset), kind)
}
