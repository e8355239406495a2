//! From a positioned tree to typed values, collecting every fault instead of stopping at the first.

use super::{Diagnostics, Entry, Fault, Node, Noun, Span, Value, is_hidden};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// A value with the place it was read from.
#[derive(Clone, Debug, PartialEq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

impl<T: Serialize> Serialize for At<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

impl<T: JsonSchema> JsonSchema for At<T> {
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn inline_schema() -> bool {
        T::inline_schema()
    }
}

/// The entries of one mapping, looked up by key; a mapping has no key twice.
pub struct Fields<'a, 's> {
    entries: &'a [Entry<'s>],
    span: Span,
    place: &'static str,
    known: &'static [&'static str],
}

impl<'a, 's> Fields<'a, 's> {
    /// Opens a mapping that describes `place` and has the keys `known`.
    ///
    /// Reports every unknown key at once; a node that is no mapping is reported and gives none.
    pub fn open(node: &'a Node<'s>, place: &'static str, known: &'static [&'static str], diagnostics: &mut Diagnostics) -> Option<Self> {
        let entries = mapping(node, diagnostics)?;
        for entry in entries {
            if !known.contains(&entry.key.as_ref()) {
                diagnostics.error(entry.key_span, Fault::UnknownKey { key: entry.key.to_string(), place, known });
            }
        }
        Some(Self { entries, span: node.span, place, known })
    }

    /// The entry of an optional key.
    #[inline]
    pub fn entry(&self, key: &'static str) -> Option<&'a Entry<'s>> {
        debug_assert!(self.known.contains(&key), "`{key}` is read but not listed among the keys of a {}", self.place);
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// The node of an optional key.
    #[inline]
    pub fn node(&self, key: &'static str) -> Option<&'a Node<'s>> {
        self.entry(key).map(|entry| &entry.node)
    }

    /// The node of a key that must be there.
    #[inline]
    pub fn required(&self, key: &'static str, diagnostics: &mut Diagnostics) -> Option<&'a Node<'s>> {
        let node = self.node(key);
        if node.is_none() {
            diagnostics.error(self.span, Fault::MissingKey { key, place: self.place });
        }
        node
    }

    /// Where the mapping stands.
    pub fn span(&self) -> Span {
        self.span
    }
}

/// What a node holds, for messages.
pub fn found(node: &Node<'_>) -> &'static str {
    match node.value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Sequence(_) => "a list",
        Value::Mapping(_) => "a mapping",
    }
}

fn mismatch(node: &Node<'_>, expected: &'static str, diagnostics: &mut Diagnostics) {
    diagnostics.error(node.span, Fault::WrongType { found: found(node), expected });
}

/// The entries of a mapping, or a fault.
pub fn mapping<'a, 's>(node: &'a Node<'s>, diagnostics: &mut Diagnostics) -> Option<&'a [Entry<'s>]> {
    if let Value::Mapping(entries) = &node.value {
        return Some(entries);
    }
    mismatch(node, "a mapping", diagnostics);
    None
}

/// The items of a list, or a fault.
pub fn sequence<'a, 's>(node: &'a Node<'s>, diagnostics: &mut Diagnostics) -> Option<&'a [Node<'s>]> {
    if let Value::Sequence(items) = &node.value {
        return Some(items);
    }
    mismatch(node, "a list", diagnostics);
    None
}

/// A text, or a fault.
pub fn text<'a>(node: &'a Node<'_>, diagnostics: &mut Diagnostics) -> Option<&'a str> {
    if let Value::String(text) = &node.value {
        return Some(text);
    }
    mismatch(node, "a text", diagnostics);
    None
}

/// A text with its place, or a fault.
pub fn located_text(node: &Node<'_>, diagnostics: &mut Diagnostics) -> Option<At<String>> {
    text(node, diagnostics).map(|text| At { value: text.to_owned(), span: node.span })
}

/// A scalar as text: settings compare as text, so that YAML's true is `true`.
pub fn scalar(node: &Node<'_>, diagnostics: &mut Diagnostics) -> Option<At<String>> {
    let value = match &node.value {
        Value::Bool(value) => value.to_string(),
        Value::Number(text) | Value::String(text) => text.to_string(),
        Value::Null | Value::Sequence(_) | Value::Mapping(_) => {
            mismatch(node, "a text, a number or a boolean", diagnostics);
            return None;
        }
    };
    Some(At { value, span: node.span })
}

/// The number 1, the only version of our files so far, or a fault.
pub fn version(node: &Node<'_>, diagnostics: &mut Diagnostics) -> Option<()> {
    match &node.value {
        Value::Number(text) if text == "1" => return Some(()),
        Value::Number(text) | Value::String(text) => diagnostics.error(node.span, Fault::Version { found: text.to_string() }),
        _ => mismatch(node, "the number 1", diagnostics),
    }
    None
}

/// Whether a file has the key that marks it as ours; reports it where it lacks that.
///
/// Gives none where nothing else in it looks like ours: its other faults would be those of another kind of file. With
/// one of our keys the mark was only forgotten.
pub fn is_marked(node: &Node<'_>, mark: &'static str, known: &'static [&'static str], diagnostics: &mut Diagnostics) -> Option<bool> {
    let entries = if let Value::Mapping(entries) = &node.value { &entries[..] } else { &[] };
    if entries.iter().any(|entry| entry.key == mark) {
        return Some(true);
    }
    diagnostics.error(node.span, Fault::NotOurs { key: mark, known });
    // `version` and `name` stand in files of every kind.
    let is_telling = |key: &str| known.contains(&key) && !["version", "name", "note", "status"].contains(&key);
    entries.iter().any(|entry| is_telling(&entry.key)).then_some(false)
}

/// A boolean, or a fault.
pub fn boolean(node: &Node<'_>, diagnostics: &mut Diagnostics) -> Option<At<bool>> {
    if let Value::Bool(value) = node.value {
        return Some(At { value, span: node.span });
    }
    mismatch(node, "true or false", diagnostics);
    None
}

/// A number within a range, or a fault.
pub fn number(node: &Node<'_>, low: f64, high: f64, range: &'static str, diagnostics: &mut Diagnostics) -> Option<f64> {
    let Value::Number(text) = &node.value else {
        mismatch(node, "a number", diagnostics);
        return None;
    };
    match text.parse::<f64>() {
        // Adding zero turns -0.0 into 0.0, so that equal policies compute equal bits.
        Ok(value) if (low..=high).contains(&value) => Some(value + 0.0),
        _ => {
            diagnostics.error(node.span, Fault::OutOfRange { text: text.to_string(), range });
            None
        }
    }
}

/// A word of a closed vocabulary, or a fault with the nearest word.
pub fn word<T>(
    node: &Node<'_>,
    noun: Noun,
    known: &'static [&'static str],
    parse: fn(&str) -> Option<T>,
    diagnostics: &mut Diagnostics,
) -> Option<At<T>> {
    let text = text(node, diagnostics)?;
    known_word(text, node.span, noun, known, parse, diagnostics).map(|value| At { value, span: node.span })
}

/// The same for a word that is already at hand, such as a key.
pub fn known_word<T>(
    text: &str,
    span: Span,
    noun: Noun,
    known: &'static [&'static str],
    parse: fn(&str) -> Option<T>,
    diagnostics: &mut Diagnostics,
) -> Option<T> {
    let value = parse(text);
    if value.is_none() {
        let nearest = diagnostics.nearest(text, known.iter().copied());
        diagnostics.error(span, Fault::UnknownWord { noun, word: text.to_owned(), nearest, known });
    }
    value
}

/// An identifier: 1 to 512 printable ASCII characters without white space.
pub fn identifier(node: &Node<'_>, diagnostics: &mut Diagnostics) -> Option<At<String>> {
    let id = text(node, diagnostics)?;
    if (1..=512).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Some(At { value: id.to_owned(), span: node.span });
    }
    diagnostics.error(node.span, Fault::BadId { id: id.to_owned() });
    None
}

/// A name for people: free text without control characters; invisible characters are a warning.
pub fn name(node: &Node<'_>, diagnostics: &mut Diagnostics) -> Option<At<String>> {
    let name = text(node, diagnostics)?;
    if name.chars().any(char::is_control) {
        diagnostics.error(node.span, Fault::BadName { name: name.to_owned() });
        return None;
    }
    if name.chars().any(is_hidden) {
        diagnostics.warning(node.span, Fault::HiddenCharacters { name: name.to_owned() });
    }
    Some(At { value: name.to_owned(), span: node.span })
}

/// A calendar date written `YYYY-MM-DD`.
pub fn date(node: &Node<'_>, diagnostics: &mut Diagnostics) -> Option<At<jiff::civil::Date>> {
    let text = text(node, diagnostics)?;
    match parse_date(text) {
        Some(value) => Some(At { value, span: node.span }),
        None => {
            diagnostics.error(node.span, Fault::BadDate { text: text.to_owned() });
            None
        }
    }
}

/// The date that a text writes as `YYYY-MM-DD`, and in no other form.
pub fn parse_date(text: &str) -> Option<jiff::civil::Date> {
    let date: jiff::civil::Date = text.parse().ok()?;
    (date.to_string() == text).then_some(date)
}
