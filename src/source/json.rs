//! JSON into the tree: `serde_json` reads and judges, we only follow where it is.
//!
//! serde hands out values without positions. Scalars and keys are therefore taken as `&RawValue`, a slice of the
//! source, whose address is its position; between two of these only brackets, separators and white space can stand,
//! and only after `serde_json` has accepted them do we step over them.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::text::Source;
use super::tree::{self, Entry, Faults, Limits, Node, Part, SyntaxFaultKind, Value};
use super::{Span, tree::character_span};

/// Returns the tree of a JSON text, or nothing if a fault ended the reading; faults go to `faults`.
///
/// # Complexity
/// One pass: *O*(bytes), besides the hashing of keys in large mappings.
pub(super) fn parse<'s>(source: &'s Source, limits: &Limits, faults: &mut Faults) -> Option<Node<'s>> {
    let mut reader = Reader { source, text: source.text(), at: 0, depth: 0, nodes: 0, limits, faults, stop: None };
    let mut deserializer = serde_json::Deserializer::from_str(source.text());
    let root = NodeSeed(&mut reader).deserialize(&mut deserializer);
    reader.finish(root.and_then(|root| deserializer.end().map(|()| root)))
}

/// Returns the tree of a JSON text without the items of the `lists` in its outermost mapping, each of which goes to
/// `item`; see [`tree::parse_items`].
pub(super) fn parse_items<'s>(
    source: &'s Source,
    limits: &Limits,
    faults: &mut Faults,
    lists: &[&str],
    item: &mut dyn FnMut(&str, Node<'s>),
) -> Option<Node<'s>> {
    let mut reader = Reader { source, text: source.text(), at: 0, depth: 0, nodes: 0, limits, faults, stop: None };
    let mut deserializer = serde_json::Deserializer::from_str(source.text());
    let root = RootSeed { reader: &mut reader, lists, item }.deserialize(&mut deserializer);
    reader.finish(root.and_then(|root| deserializer.end().map(|()| root)))
}

/// The outermost value, whose `lists` are given out item by item.
struct RootSeed<'r, 's, 'a> {
    reader: &'r mut Reader<'s, 'a>,
    lists: &'r [&'r str],
    item: &'r mut dyn FnMut(&str, Node<'s>),
}

impl<'s> DeserializeSeed<'s> for RootSeed<'_, 's, '_> {
    type Value = Node<'s>;

    fn deserialize<D: Deserializer<'s>>(self, deserializer: D) -> Result<Node<'s>, D::Error> {
        if self.reader.step_to_value() != Some(b'{') {
            return NodeSeed(self.reader).deserialize(deserializer);
        }
        self.reader.count()?;
        deserializer.deserialize_map(self)
    }
}

impl<'s> Visitor<'s> for RootSeed<'_, 's, '_> {
    type Value = Node<'s>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping")
    }

    fn visit_map<A: MapAccess<'s>>(self, mut access: A) -> Result<Node<'s>, A::Error> {
        let RootSeed { reader, lists, item } = self;
        let start = reader.open()?;
        let mut entries = Vec::new();
        while let Some((key, key_span)) = reader.key(&mut access)? {
            let node = if lists.contains(&&*key) {
                access.next_value_seed(ListSeed { reader, key: &key, item })?
            } else {
                access.next_value_seed(NodeSeed(reader))?
            };
            entries.push(Entry { key, key_span, node });
        }
        let span = reader.close(start);
        reader.faults.add_duplicates(&entries);
        Ok(Node { span, value: Value::Mapping(entries) })
    }
}

/// A list that is given out item by item, and read as an empty one.
struct ListSeed<'r, 's, 'a> {
    reader: &'r mut Reader<'s, 'a>,
    key: &'r str,
    item: &'r mut dyn FnMut(&str, Node<'s>),
}

impl<'s> DeserializeSeed<'s> for ListSeed<'_, 's, '_> {
    type Value = Node<'s>;

    fn deserialize<D: Deserializer<'s>>(self, deserializer: D) -> Result<Node<'s>, D::Error> {
        if self.reader.step_to_value() != Some(b'[') {
            return NodeSeed(self.reader).deserialize(deserializer);
        }
        self.reader.count()?;
        deserializer.deserialize_seq(self)
    }
}

impl<'s> Visitor<'s> for ListSeed<'_, 's, '_> {
    type Value = Node<'s>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'s>>(self, mut access: A) -> Result<Node<'s>, A::Error> {
        let ListSeed { reader, key, item } = self;
        let start = reader.open()?;
        while let Some(node) = access.next_element_seed(NodeSeed(reader))? {
            item(key, node);
        }
        let span = reader.close(start);
        Ok(Node { span, value: Value::Sequence(Vec::new()) })
    }
}

/// Reads a JSON text part by part; see [`tree::parse_parts`].
pub(super) fn parse_parts<'s>(
    source: &'s Source,
    limits: &Limits,
    faults: &mut Faults,
    plan: &mut dyn FnMut(&[Cow<'s, str>]) -> Part,
    part: &mut dyn FnMut(&[Cow<'s, str>], Node<'s>),
) {
    let mut reader = Reader { source, text: source.text(), at: 0, depth: 0, nodes: 0, limits, faults, stop: None };
    let mut deserializer = serde_json::Deserializer::from_str(source.text());
    let mut walk = Walk { reader: &mut reader, path: Vec::new(), plan, part };
    let read = PartSeed(&mut walk).deserialize(&mut deserializer).and_then(|()| deserializer.end());
    reader.finish(read);
}

/// A walk over the parts of a text.
struct Walk<'r, 's, 'a> {
    reader: &'r mut Reader<'s, 'a>,
    path: Vec<Cow<'s, str>>,
    plan: &'r mut dyn FnMut(&[Cow<'s, str>]) -> Part,
    part: &'r mut dyn FnMut(&[Cow<'s, str>], Node<'s>),
}

struct PartSeed<'w, 'r, 's, 'a>(&'w mut Walk<'r, 's, 'a>);

impl<'s> DeserializeSeed<'s> for PartSeed<'_, '_, 's, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'s>>(self, deserializer: D) -> Result<(), D::Error> {
        let walk = self.0;
        let first = walk.reader.step_to_value();
        match (walk.plan)(&walk.path) {
            how @ (Part::Take | Part::Pick) => {
                let node = walk.node(how, first, deserializer)?;
                (walk.part)(&walk.path, node);
                Ok(())
            }
            Part::Enter if matches!(first, Some(b'{' | b'[')) => deserializer.deserialize_any(PartVisitor(walk)),
            Part::Enter | Part::Skip => {
                let raw = <&RawValue as serde::Deserialize>::deserialize(deserializer)?;
                walk.reader.take(raw);
                Ok(())
            }
        }
    }
}

impl<'s> Walk<'_, 's, '_> {
    /// The tree of the value that begins with `first`.
    fn node<D: Deserializer<'s>>(&mut self, how: Part, first: Option<u8>, deserializer: D) -> Result<Node<'s>, D::Error> {
        if how == Part::Pick && first == Some(b'{') {
            return deserializer.deserialize_map(PickVisitor(self));
        }
        NodeSeed(self.reader).deserialize(deserializer)
    }
}

/// A part of which parts are picked; none where it is stepped over.
struct PickSeed<'w, 'r, 's, 'a>(&'w mut Walk<'r, 's, 'a>);

impl<'s> DeserializeSeed<'s> for PickSeed<'_, '_, 's, '_> {
    type Value = Option<Node<'s>>;

    fn deserialize<D: Deserializer<'s>>(self, deserializer: D) -> Result<Option<Node<'s>>, D::Error> {
        let walk = self.0;
        let first = walk.reader.step_to_value();
        match (walk.plan)(&walk.path) {
            how @ (Part::Take | Part::Pick) => walk.node(how, first, deserializer).map(Some),
            Part::Enter | Part::Skip => {
                let raw = <&RawValue as serde::Deserialize>::deserialize(deserializer)?;
                walk.reader.take(raw);
                Ok(None)
            }
        }
    }
}

struct PickVisitor<'w, 'r, 's, 'a>(&'w mut Walk<'r, 's, 'a>);

impl<'s> Visitor<'s> for PickVisitor<'_, '_, 's, '_> {
    type Value = Node<'s>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping")
    }

    fn visit_map<A: MapAccess<'s>>(self, mut access: A) -> Result<Node<'s>, A::Error> {
        let walk = self.0;
        let start = walk.reader.open()?;
        // What is not picked leaves its key until repeats are told.
        let mut entries = Vec::new();
        let mut is_picked = Vec::new();
        while let Some((key, key_span)) = walk.reader.key(&mut access)? {
            walk.path.push(key.clone());
            let node = access.next_value_seed(PickSeed(walk))?;
            walk.path.pop();
            is_picked.push(node.is_some());
            entries.push(Entry { key, key_span, node: node.unwrap_or(Node { span: key_span, value: Value::Null }) });
        }
        let span = walk.reader.close(start);
        walk.reader.faults.add_duplicates(&entries);
        let mut is_picked = is_picked.into_iter();
        entries.retain(|_| is_picked.next() == Some(true));
        Ok(Node { span, value: Value::Mapping(entries) })
    }
}

struct PartVisitor<'w, 'r, 's, 'a>(&'w mut Walk<'r, 's, 'a>);

impl<'s> Visitor<'s> for PartVisitor<'_, '_, 's, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_seq<A: SeqAccess<'s>>(self, mut access: A) -> Result<(), A::Error> {
        let walk = self.0;
        let start = walk.reader.open()?;
        walk.path.push(Cow::Borrowed("[]"));
        while access.next_element_seed(PartSeed(walk))?.is_some() {}
        walk.path.pop();
        walk.reader.close(start);
        Ok(())
    }

    fn visit_map<A: MapAccess<'s>>(self, mut access: A) -> Result<(), A::Error> {
        let walk = self.0;
        let start = walk.reader.open()?;
        // Keys that were read, to tell of repeats.
        let mut keys = Vec::new();
        while let Some((key, key_span)) = walk.reader.key(&mut access)? {
            walk.path.push(key.clone());
            access.next_value_seed(PartSeed(walk))?;
            walk.path.pop();
            keys.push(Entry { key, key_span, node: Node { span: key_span, value: Value::Null } });
        }
        walk.reader.close(start);
        walk.reader.faults.add_duplicates(&keys);
        Ok(())
    }
}

struct Reader<'s, 'a> {
    source: &'s Source,
    text: &'s str,
    /// The offset after what was last taken; only white space and separators lie between it and what comes next.
    at: usize,
    depth: usize,
    nodes: usize,
    limits: &'a Limits,
    faults: &'a mut Faults,
    /// The limit that ended the reading, for serde can carry a text only.
    stop: Option<(Span, SyntaxFaultKind)>,
}

impl<'s> Reader<'s, '_> {
    /// Steps over what separates the value to come, and returns its first byte.
    fn step_to_value(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while matches!(bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r' | b',' | b':')) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    fn span_from(&self, start: usize) -> Span {
        Span::new(self.source.index(), start, self.at)
    }

    /// Counts the value to come.
    fn count<E: serde::de::Error>(&mut self) -> Result<(), E> {
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            let limit = self.limits.nodes;
            return Err(self.stop(SyntaxFaultKind::TooManyNodes { limit }));
        }
        Ok(())
    }

    /// The key to come, if there is one more.
    fn key<A: MapAccess<'s>>(&mut self, access: &mut A) -> Result<Option<(Cow<'s, str>, Span)>, A::Error> {
        let Some(raw) = access.next_key::<&'s RawValue>()? else { return Ok(None) };
        let (raw, key_span) = self.take(raw);
        if !raw.starts_with('"') {
            return Err(A::Error::custom("key must be a string"));
        }
        Ok(Some((self.take_string(raw, key_span), key_span)))
    }

    /// What was read, or nothing and the fault that ended the reading.
    fn finish<T>(mut self, read: serde_json::Result<T>) -> Option<T> {
        read.map_err(|error| {
            let (span, kind) = self.stop.take().unwrap_or_else(|| fault_of(self.source, &error));
            self.faults.add_last(span, kind);
        })
        .ok()
    }

    /// Returns the text and the span of a raw value, and steps over it.
    fn take(&mut self, raw: &'s RawValue) -> (&'s str, Span) {
        let raw = raw.get();
        let start = raw.as_ptr().addr() - self.text.as_ptr().addr();
        self.at = start + raw.len();
        (raw, self.span_from(start))
    }

    fn take_string(&mut self, raw: &'s str, span: Span) -> Cow<'s, str> {
        let inner = &raw[1..raw.len() - 1];
        if !inner.contains('\\') {
            return Cow::Borrowed(inner);
        }
        if let Ok(text) = serde_json::from_str::<String>(raw) {
            Cow::Owned(text)
        } else {
            // The escapes were accepted one by one, so that only a pair can be broken.
            let start = span.start as usize + lone_surrogate(raw).unwrap_or(0);
            let place = Span::new(span.source, start, start + r"\ud800".len());
            self.faults.add(place, SyntaxFaultKind::LoneSurrogate);
            Cow::Borrowed(inner)
        }
    }

    fn take_scalar(&mut self, raw: &'s RawValue) -> Node<'s> {
        let (raw, span) = self.take(raw);
        let value = match raw.as_bytes().first() {
            Some(b'"') => Value::String(self.take_string(raw, span)),
            Some(b't') => Value::Bool(true),
            Some(b'f') => Value::Bool(false),
            Some(b'n') => Value::Null,
            _ => {
                if tree::overflows(raw) {
                    let text = raw.to_owned();
                    self.faults.add(span, SyntaxFaultKind::NotFinite { text });
                }
                Value::Number(Cow::Borrowed(raw))
            }
        };
        Node { span, value }
    }

    fn stop<E: serde::de::Error>(&mut self, kind: SyntaxFaultKind) -> E {
        self.stop = Some((character_span(self.source, self.at), kind));
        E::custom("limit")
    }

    /// Steps into a collection and returns where it begins.
    fn open<E: serde::de::Error>(&mut self) -> Result<usize, E> {
        if self.depth >= self.limits.depth {
            let limit = self.limits.depth;
            return Err(self.stop(SyntaxFaultKind::TooDeep { limit }));
        }
        self.depth += 1;
        self.at += 1;
        Ok(self.at - 1)
    }

    /// Steps out of the collection that began at `start`.
    fn close(&mut self, start: usize) -> Span {
        self.step_to_value();
        self.depth -= 1;
        self.at += 1;
        self.span_from(start)
    }
}

struct NodeSeed<'r, 's, 'a>(&'r mut Reader<'s, 'a>);

impl<'s> DeserializeSeed<'s> for NodeSeed<'_, 's, '_> {
    type Value = Node<'s>;

    fn deserialize<D: Deserializer<'s>>(self, deserializer: D) -> Result<Node<'s>, D::Error> {
        let reader = self.0;
        let first = reader.step_to_value();
        reader.count()?;
        match first {
            Some(b'{') => deserializer.deserialize_map(MappingVisitor(reader)),
            Some(b'[') => deserializer.deserialize_seq(SequenceVisitor(reader)),
            _ => {
                let raw = <&RawValue as serde::Deserialize>::deserialize(deserializer)?;
                Ok(reader.take_scalar(raw))
            }
        }
    }
}

struct SequenceVisitor<'r, 's, 'a>(&'r mut Reader<'s, 'a>);

impl<'s> Visitor<'s> for SequenceVisitor<'_, 's, '_> {
    type Value = Node<'s>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'s>>(self, mut access: A) -> Result<Node<'s>, A::Error> {
        let reader = self.0;
        let start = reader.open()?;
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(NodeSeed(reader))? {
            items.push(item);
        }
        let span = reader.close(start);
        let value = Value::Sequence(items);
        Ok(Node { span, value })
    }
}

struct MappingVisitor<'r, 's, 'a>(&'r mut Reader<'s, 'a>);

impl<'s> Visitor<'s> for MappingVisitor<'_, 's, '_> {
    type Value = Node<'s>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping")
    }

    fn visit_map<A: MapAccess<'s>>(self, mut access: A) -> Result<Node<'s>, A::Error> {
        let reader = self.0;
        let start = reader.open()?;
        let mut entries = Vec::new();
        while let Some((key, key_span)) = reader.key(&mut access)? {
            let node = access.next_value_seed(NodeSeed(reader))?;
            entries.push(Entry { key, key_span, node });
        }
        let span = reader.close(start);
        reader.faults.add_duplicates(&entries);
        let value = Value::Mapping(entries);
        Ok(Node { span, value })
    }
}

/// Returns where in the raw string `raw`, its escapes being well formed, half a surrogate pair stands.
fn lone_surrogate(raw: &str) -> Option<usize> {
    let unit_at = |at: usize| {
        let digits = raw.get(at..)?.strip_prefix(r"\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut at = 0;
    while let Some(step) = raw[at..].find('\\') {
        at += step;
        match unit_at(at) {
            Some(0xD800..=0xDBFF) if matches!(unit_at(at + 6), Some(0xDC00..=0xDFFF)) => at += 12,
            Some(0xD800..=0xDFFF) => return Some(at),
            Some(_) => at += 6,
            None => at += 2,
        }
    }
    None
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{SyntaxFault, parse_tree as parse_source};

    fn source(text: &str) -> Source {
        Source::from_bytes("m.json".to_owned(), text.as_bytes().to_vec(), 3).expect("the sample is text")
    }

    fn faults(text: &str) -> Vec<(String, SyntaxFaultKind)> {
        let source = source(text);
        let faults = parse_source(&source, &Limits::default()).expect_err(text);
        let told = |fault: SyntaxFault| (text[fault.span.range()].to_owned(), fault.kind);
        faults.into_iter().map(told).collect()
    }

    /// Each span, alone, must be read as the value it is the span of.
    fn assert_spans(source: &Source, node: &Node<'_>) {
        let written = &source.text()[node.span.range()];
        assert_eq!(node.span.source, source.index());
        match &node.value {
            Value::Null => assert_eq!(written, "null"),
            Value::Bool(truth) => assert_eq!(written, truth.to_string()),
            Value::Number(text) => assert_eq!(written, text),
            Value::String(text) => assert_eq!(serde_json::from_str::<String>(written).ok().as_deref(), Some(&**text)),
            Value::Sequence(items) => {
                assert!(written.starts_with('[') && written.ends_with(']'), "{written}");
                for item in items {
                    assert_spans(source, item);
                }
            }
            Value::Mapping(entries) => {
                assert!(written.starts_with('{') && written.ends_with('}'), "{written}");
                for entry in entries {
                    let key = &source.text()[entry.key_span.range()];
                    assert_eq!(serde_json::from_str::<String>(key).ok().as_deref(), Some(&*entry.key));
                    assert_spans(source, &entry.node);
                }
            }
        }
        let whole: serde_json::Value = serde_json::from_str(written).expect(written);
        assert_eq!(whole.is_object(), matches!(node.value, Value::Mapping(_)));
    }

    #[test]
    fn every_span_slices_back_to_its_value() {
        let text = "\r\n {\t\"é\\u00e9\" : [ ] ,\r\n \"a b\":{ \"x\":[1.10 , -0,1E+2,[[] ,{ } ]\t] } ,\"日本\":\"\\n\\\"\\ud83d\\ude00,}\",\n\"t\":true,\"f\" :false , \"n\":null\t}\r\n ";
        let source = source(text);
        let root = parse_source(&source, &Limits::default()).expect("the sample is JSON");
        assert_spans(&source, &root);
        assert_eq!(&text[root.span.range()], text.trim());
        for scalar in ["1.10", "\"a\"", "null", "true", "[]", "{}"] {
            let source = self::source(scalar);
            assert_spans(&source, &parse_source(&source, &Limits::default()).expect(scalar));
        }
    }

    #[test]
    fn every_repeated_key_is_told_of_with_both_places() {
        let text = r#"{"a":1,"\u0061":2,"b":{"c":1,"c":2},"a":3}"#;
        let first = |start| Span::new(3, start, start + 3);
        let duplicate = |key: &str, at| SyntaxFaultKind::DuplicateKey { key: key.to_owned(), first: first(at) };
        assert_eq!(
            faults(text),
            [
                (r#""\u0061""#.to_owned(), duplicate("a", 1)),
                (r#""c""#.to_owned(), duplicate("c", 23)),
                (r#""a""#.to_owned(), duplicate("a", 1)),
            ]
        );
        let many: Vec<String> = (0..40).map(|n| format!("\"k{}\":0", n % 20)).collect();
        assert_eq!(faults(&format!("{{{}}}", many.join(","))).len(), 20);
    }

    #[test]
    fn faults_of_syntax_are_placed_on_the_offending_character() {
        let syntax = |message: &str| SyntaxFaultKind::Syntax { message: message.to_owned() };
        let cases = [
            ("{\"a\": tru}", "}", syntax("expected ident")),
            ("[1, 2] x", "x", syntax("trailing characters")),
            ("{\"é\": 1,\n  \"b\": NaN}", "N", syntax("expected value")),
            ("[1,]", "]", syntax("trailing comma")),
            ("{\"a\":1,}", "}", syntax("trailing comma")),
            ("[,1]", ",", syntax("expected value")),
            ("[,{}]", ",", syntax("expected value")),
            ("[1 2]", "2", syntax("expected `,` or `]`")),
            ("{\"a\" 1}", "1", syntax("expected `:`")),
            ("{1: 2}", "1", syntax("key must be a string")),
            ("[\"a\u{1}b\"]", "\u{1}", syntax("control character (\\u0000-\\u001F) found while parsing a string")),
            ("[\"é\nb\"]", "\n", syntax("control character (\\u0000-\\u001F) found while parsing a string")),
            ("[\"\\x\"]", "x", syntax("invalid escape")),
            ("[01]", "1", syntax("invalid number")),
            ("{\"a\": [1,\n ", "", syntax("the text ends inside a value")),
            ("[\"abc", "", syntax("the text ends inside a string")),
            ("{\u{1b}[2J}", "\u{1b}", syntax("key must be a string")),
            ("[1e999]", "1e999", SyntaxFaultKind::NotFinite { text: "1e999".to_owned() }),
            ("[\"x\\n\\ud800\\u0041\"]", "\\ud800", SyntaxFaultKind::LoneSurrogate),
            ("{\"\\\\udc00\\udc00\":1}", "\\udc00", SyntaxFaultKind::LoneSurrogate),
        ];
        for (text, place, kind) in cases {
            assert_eq!(faults(text), [(place.to_owned(), kind)], "{text}");
        }
    }

    #[test]
    fn what_is_wrong_before_a_fault_of_syntax_is_told_of_too() {
        let kinds: Vec<&str> = faults(r#"[{"a":1,"a":2}, 1e999, "#).iter().map(|(_, kind)| kind.code()).collect();
        assert_eq!(kinds, ["duplicate-key", "not-finite", "syntax"]);
    }

    #[test]
    fn depth_and_count_are_limited() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse_source(&source(&nested(32)), &Limits::default()).is_ok());
        let too_deep = [("[".to_owned(), SyntaxFaultKind::TooDeep { limit: 32 })];
        assert_eq!(faults(&nested(33)), too_deep);
        assert_eq!(faults(&"[".repeat(1_000_000)), too_deep);
        assert_eq!(faults(&"{\"a\":".repeat(100_000))[0].1, too_deep[0].1);
        let deeper = Limits { depth: 1000, ..Limits::default() };
        let refused = parse_source(&source(&nested(500)), &deeper).expect_err("serde_json has its own limit");
        assert_eq!(refused[0].kind, SyntaxFaultKind::TooDeep { limit: 127 });
        let few = Limits { nodes: 3, ..Limits::default() };
        assert!(parse_source(&source("[1,2]"), &few).is_ok());
        let refused = parse_source(&source("[1,2,3]"), &few).expect_err("there are four");
        assert_eq!(refused[0].kind, SyntaxFaultKind::TooManyNodes { limit: 3 });
        assert_eq!(refused[0].span, Span::new(3, 5, 6));
    }

    #[test]
    fn a_naughty_string_is_read_back_as_value_and_as_key() {
        for line in crate::source::tree::tests::naughty() {
            let quoted = serde_json::to_string(&line).expect("a string has a JSON form");
            let text = format!("{{{quoted}: [{quoted}]}}");
            let source = source(&text);
            let root = parse_source(&source, &Limits::default()).expect(&text);
            let Value::Mapping(entries) = &root.value else { panic!("{text}") };
            let Value::Sequence(items) = &entries[0].node.value else { panic!("{text}") };
            assert_eq!(entries[0].key, line);
            assert_eq!(items[0].value, Value::String(line.into()));
            assert_spans(&source, &root);
        }
    }
}
