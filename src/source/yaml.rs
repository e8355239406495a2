//! YAML into the tree: serde-saphyr reads within budgets, and the source itself says how a scalar was written.
//!
//! serde sees a number's value, never its digits, and the same for `true` against `True`. The library's spans of
//! scalars are exact, so what was taken as plain is read again from the source there.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy, NonFiniteFloatPolicy};
use serde_saphyr::{Location, Spanned, Tagged};

use super::text::Source;
use super::tree::{self, Entry, Faults, Limits, Node, Repeating, SyntaxFaultKind, Value};
use super::{Span, tree::character_span};

/// Returns the tree of a YAML text, or nothing if a fault ended the reading; faults go to `faults`.
pub(super) fn parse<'s>(source: &'s Source, limits: &Limits, faults: &mut Faults) -> Option<Node<'s>> {
    match serde_saphyr::from_str_with_options::<Raw<'s>>(source.text(), options(limits, 2)) {
        Ok(raw) => {
            let mut builder = Builder { source, text: source.text(), limits, nodes: 0, faults, is_foreign: false };
            builder.node(raw)
        }
        Err(error) => {
            let (span, kind) = fault_of(source, limits, &error);
            faults.add_last(span, kind);
            None
        }
    }
}

/// Returns the trees of all documents of a YAML text that other tools wrote, those before a fault included.
///
/// Merge keys (`<<`) are followed, and a value with a tag of its own becomes a mapping from the tag to that value.
pub(super) fn parse_foreign<'s>(source: &'s Source, limits: &Limits, faults: &mut Faults) -> Vec<Node<'s>> {
    match serde_saphyr::from_multiple_with_options::<Raw<'s>>(source.text(), options(limits, MOST_DOCUMENTS)) {
        Ok(documents) => {
            let mut builder = Builder { source, text: source.text(), limits, nodes: 0, faults, is_foreign: true };
            documents.into_iter().map_while(|raw| builder.node(raw)).collect()
        }
        Err(error) => {
            let (span, kind) = fault_of(source, limits, &error);
            faults.add_last(span, kind);
            Vec::new()
        }
    }
}

/// Documents that a foreign file may hold.
const MOST_DOCUMENTS: usize = 100_000;

fn options(limits: &Limits, documents: usize) -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: limits.depth,
            // The parser looks up to 1,024 characters ahead for a key, and counts what it finds open there. Its own
            // limit lies beyond that, so that ours is the one that speaks.
            flow_nesting_limit: 2048,
            max_nodes: limits.nodes,
            // A value has one event, a collection two, and documents and aliases have theirs.
            max_events: limits.nodes.saturating_mul(2).saturating_add(limits.aliases).saturating_add(16),
            max_aliases: limits.aliases,
            max_anchors: limits.aliases,
            max_recorded_anchor_events: limits.alias_events,
            // Text is bounded by the file's own length, which `Source::read` limits.
            max_total_scalar_bytes: usize::MAX,
            max_documents: documents,
            enforce_alias_anchor_ratio: false,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: limits.alias_events,
            max_replay_stack_depth: limits.depth,
        },
        // Repeated keys and merge keys are passed on, because the library stops at the first and we tell of all.
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        merge_keys: MergeKeyPolicy::AsOrdinary,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        strict_booleans: true,
        with_snippet: false,
    }
}

/// A value as the library hands it out: its place, its tag, and what it took it for.
struct Raw<'s> {
    start: u32,
    end: u32,
    /// Where the value is used, if that is an alias elsewhere: the end of the alias.
    alias_end: Option<u32>,
    tag: Option<Box<str>>,
    value: RawValue<'s>,
}

enum RawValue<'s> {
    Null,
    Bool,
    Number,
    NotFinite,
    String(Cow<'s, str>),
    Sequence(Vec<Raw<'s>>),
    Mapping(Vec<(Raw<'s>, Raw<'s>)>),
}

impl<'s> Deserialize<'s> for Raw<'s> {
    fn deserialize<D: Deserializer<'s>>(deserializer: D) -> Result<Self, D::Error> {
        let Spanned { value, referenced, defined } = Spanned::<Tagged<RawValue<'s>>>::deserialize(deserializer)?;
        let (Some((start, end)), Some((_, alias_end))) = (bytes_of(defined), bytes_of(referenced)) else {
            return Err(D::Error::custom("a value without a place"));
        };
        let Tagged(value, tag) = value;
        Ok(Raw { start, end, alias_end: (referenced != defined).then_some(alias_end), tag: tag.map(String::into_boxed_str), value })
    }
}

impl<'s> Deserialize<'s> for RawValue<'s> {
    fn deserialize<D: Deserializer<'s>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'s> Visitor<'s> for RawVisitor {
    type Value = RawValue<'s>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<RawValue<'s>, E> {
        Ok(RawValue::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<RawValue<'s>, E> {
        Ok(RawValue::Bool)
    }

    fn visit_i64<E>(self, _: i64) -> Result<RawValue<'s>, E> {
        Ok(RawValue::Number)
    }

    fn visit_u64<E>(self, _: u64) -> Result<RawValue<'s>, E> {
        Ok(RawValue::Number)
    }

    fn visit_f64<E>(self, value: f64) -> Result<RawValue<'s>, E> {
        Ok(if value.is_finite() { RawValue::Number } else { RawValue::NotFinite })
    }

    fn visit_borrowed_str<E>(self, text: &'s str) -> Result<RawValue<'s>, E> {
        Ok(RawValue::String(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<RawValue<'s>, E> {
        Ok(RawValue::String(Cow::Owned(text.to_owned())))
    }

    fn visit_string<E>(self, text: String) -> Result<RawValue<'s>, E> {
        Ok(RawValue::String(Cow::Owned(text)))
    }

    fn visit_seq<A: SeqAccess<'s>>(self, mut access: A) -> Result<RawValue<'s>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(RawValue::Sequence(items))
    }

    fn visit_map<A: MapAccess<'s>>(self, mut access: A) -> Result<RawValue<'s>, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(RawValue::Mapping(entries))
    }
}

struct Builder<'s, 'a> {
    source: &'s Source,
    text: &'s str,
    limits: &'a Limits,
    nodes: usize,
    faults: &'a mut Faults,
    /// Whether another tool wrote the text: merge keys and tags then mean something.
    is_foreign: bool,
}

impl<'s> Builder<'s, '_> {
    /// Returns the node of a raw value, or nothing once there are too many.
    fn node(&mut self, raw: Raw<'s>) -> Option<Node<'s>> {
        let mut span = self.span(raw.start, raw.end);
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            let limit = self.limits.nodes;
            self.faults.add_last(span, SyntaxFaultKind::TooManyNodes { limit });
            return None;
        }
        let own_tag = if self.is_foreign { raw.tag.as_deref().filter(|tag| !is_core_tag(tag)).map(str::to_owned) } else { None };
        if own_tag.is_none() {
            self.check_tag(raw.tag.as_deref(), span);
        }
        let is_alias = raw.alias_end.is_some();
        let value = match raw.value {
            RawValue::Null => Value::Null,
            RawValue::Bool | RawValue::Number => self.plain(span, raw.tag.as_deref()),
            RawValue::NotFinite => {
                let text = self.text_at(span).to_owned();
                self.faults.add(span, SyntaxFaultKind::NotFinite { text });
                Value::Null
            }
            RawValue::String(text) => {
                span = self.without_line_end(span);
                Value::String(text)
            }
            RawValue::Sequence(items) => {
                let mut end = span.end;
                let mut nodes = Vec::with_capacity(items.len());
                for item in items {
                    let used_to = item.alias_end.filter(|_| !is_alias);
                    let node = self.node(item)?;
                    end = end.max(used_to.unwrap_or(node.span.end));
                    nodes.push(node);
                }
                span.end = self.closed(span, end, b'[', b']');
                Value::Sequence(nodes)
            }
            RawValue::Mapping(pairs) => {
                let mut end = span.end;
                let mut entries = Vec::with_capacity(pairs.len());
                let mut merged = Vec::new();
                for (key, value) in pairs {
                    let used_to = value.alias_end.filter(|_| !is_alias);
                    let key_end = key.end;
                    let key_span = self.span(key.start, key.end);
                    let is_merge = self.is_foreign && self.text_at(key_span) == "<<";
                    let key = if is_merge { None } else { self.key(key) };
                    let node = self.node(value)?;
                    end = end.max(key_end).max(used_to.unwrap_or(node.span.end));
                    if let Some(key) = key {
                        entries.push(Entry { key, key_span, node });
                    } else if is_merge {
                        merged.push(node);
                    }
                }
                span.end = self.closed(span, end, b'{', b'}');
                self.faults.add_duplicates(&entries);
                merge_into(&mut entries, merged);
                Value::Mapping(entries)
            }
        };
        let node = Node { span, value };
        Some(match own_tag {
            Some(tag) => {
                let entry = Entry { key: Cow::Owned(tag), key_span: Span { end: span.start, ..span }, node };
                Node { span, value: Value::Mapping(vec![entry]) }
            }
            None => node,
        })
    }

    /// Returns the text of a key, or nothing if it cannot be one.
    fn key(&mut self, raw: Raw<'s>) -> Option<Cow<'s, str>> {
        let span = self.span(raw.start, raw.end);
        self.check_tag(raw.tag.as_deref(), span);
        match raw.value {
            // Quoted, `<<` is a string like any other.
            RawValue::String(text) if text == "<<" && self.text_at(span) == "<<" => {
                self.faults.add(span, SyntaxFaultKind::MergeKey);
                None
            }
            RawValue::String(text) => Some(text),
            RawValue::Bool | RawValue::Number | RawValue::NotFinite => Some(Cow::Borrowed(self.text_at(span))),
            RawValue::Null | RawValue::Sequence(_) | RawValue::Mapping(_) => {
                self.faults.add(span, SyntaxFaultKind::NonStringKey);
                None
            }
        }
    }

    /// Returns the value of a scalar that the library took for a number or a truth value.
    ///
    /// It takes more for numbers than the core schema of YAML 1.2 does (`1_000`, `0b11`, `-0x1`); for us those are
    /// strings, and where a number is expected they are told of.
    fn plain(&mut self, span: Span, tag: Option<&str>) -> Value<'s> {
        let written = self.text_at(span);
        // Only a tag (`!!int "5"`) makes a number of what stands in quotes.
        let text = match written.as_bytes() {
            [b'"', inner @ .., b'"'] | [b'\'', inner @ .., b'\''] if tag.is_some() => &written[1..=inner.len()],
            _ => written,
        };
        match text {
            "true" | "True" | "TRUE" => Value::Bool(true),
            "false" | "False" | "FALSE" => Value::Bool(false),
            _ if tree::is_core_number(text) => Value::Number(Cow::Borrowed(text)),
            _ => Value::String(Cow::Borrowed(text)),
        }
    }

    fn check_tag(&mut self, tag: Option<&str>, span: Span) {
        if let Some(tag) = tag.filter(|tag| !is_core_tag(tag)) {
            let tag = tag.to_owned();
            self.faults.add(span, SyntaxFaultKind::UnsupportedTag { tag });
        }
    }

    fn span(&self, start: u32, end: u32) -> Span {
        Span { source: self.source.index(), start, end }
    }

    fn text_at(&self, span: Span) -> &'s str {
        // INVARIANT (exact): the library's byte spans lie on character boundaries; were one not to, a value would be
        // empty and no panic would follow.
        self.text.get(span.range()).unwrap_or_default()
    }

    /// Returns the span without the line end that the library counts to a block scalar.
    fn without_line_end(&self, span: Span) -> Span {
        let written = self.text_at(span);
        let kept = written.trim_end_matches(['\n', '\r']).len();
        Span::new(span.source, span.start as usize, span.start as usize + kept)
    }

    /// Returns the end of a collection whose values end at `end`, with its bracket if it has one.
    fn closed(&self, span: Span, end: u32, open: u8, close: u8) -> u32 {
        let bytes = self.text.as_bytes();
        if bytes.get(span.start as usize) != Some(&open) || span.end == span.start {
            return end;
        }
        let mut at = end as usize;
        loop {
            match bytes.get(at) {
                Some(b' ' | b'\t' | b'\n' | b'\r' | b',' | b':') => at += 1,
                Some(b'#') => {
                    at += bytes[at..].iter().take_while(|&&byte| byte != b'\n').count();
                }
                Some(&byte) if byte == close => return u32::try_from(at + 1).unwrap_or(u32::MAX),
                _ => return end,
            }
        }
    }
}

/// Returns whether a tag names a type of YAML's own core schema.
fn is_core_tag(tag: &str) -> bool {
    const CORE: [&str; 7] = ["str", "int", "float", "bool", "null", "seq", "map"];
    let name = tag.strip_prefix("tag:yaml.org,2002:").or_else(|| tag.strip_prefix("!!"));
    name.is_some_and(|name| CORE.contains(&name))
}

/// Adds what merge keys name to a mapping: its own keys win, then the earlier of the merged mappings.
fn merge_into<'s>(entries: &mut Vec<Entry<'s>>, merged: Vec<Node<'s>>) {
    for node in merged {
        match node.value {
            Value::Mapping(others) => {
                for other in others {
                    if entries.iter().all(|entry| entry.key != other.key) {
                        entries.push(other);
                    }
                }
            }
            Value::Sequence(items) => merge_into(entries, items),
            _ => {}
        }
    }
}

fn bytes_of(location: Location) -> Option<(u32, u32)> {
    let span = location.span();
    let start = span.byte_offset()?;
    let end = start.checked_add(span.byte_len()?)?;
    Some((u32::try_from(start).ok()?, u32::try_from(end).ok()?))
}

/// Returns the place and the fault that an error of the library tells of.
fn fault_of(source: &Source, limits: &Limits, error: &serde_saphyr::Error) -> (Span, SyntaxFaultKind) {
    let span = place_of(source, error.location());
    let mut error = error.without_snippet();
    // What goes wrong where an alias is used is wrapped; the use is the place, the inner error the fault.
    while let serde_saphyr::Error::AliasError { error: inner, .. } = error {
        error = inner.without_snippet();
    }
    let limit = limits.aliases;
    let kind = match error {
        serde_saphyr::Error::Budget { breach, .. } => match breach {
            BudgetBreach::Depth { .. } => SyntaxFaultKind::TooDeep { limit: limits.depth },
            BudgetBreach::Nodes { .. } | BudgetBreach::Events { .. } => SyntaxFaultKind::TooManyNodes { limit: limits.nodes },
            BudgetBreach::Documents { .. } => SyntaxFaultKind::MultipleDocuments,
            BudgetBreach::Aliases { .. } => SyntaxFaultKind::TooManyAliases { limit, of: Repeating::Aliases },
            BudgetBreach::Anchors { .. } => SyntaxFaultKind::TooManyAliases { limit, of: Repeating::Anchors },
            _ => SyntaxFaultKind::TooManyAliases { limit: limits.alias_events, of: Repeating::Values },
        },
        serde_saphyr::Error::AliasReplayLimitExceeded { .. } => {
            SyntaxFaultKind::TooManyAliases { limit: limits.alias_events, of: Repeating::Values }
        }
        serde_saphyr::Error::AliasReplayStackDepthExceeded { .. } => SyntaxFaultKind::TooDeep { limit: limits.depth },
        serde_saphyr::Error::RecursiveReferencesRequireWeakTypes { .. } => SyntaxFaultKind::RecursiveAlias,
        serde_saphyr::Error::MultipleDocuments { .. } => SyntaxFaultKind::MultipleDocuments,
        serde_saphyr::Error::InvalidScalar { .. } | serde_saphyr::Error::InvalidBooleanStrict { .. } => {
            let message = "the value does not fit its tag".to_owned();
            SyntaxFaultKind::Syntax { message }
        }
        _ => kind_by_message(limits, &error.to_string()),
    };
    (span, kind)
}

/// Returns the fault that a message of the scanner tells of; it has no other form.
fn kind_by_message(limits: &Limits, message: &str) -> SyntaxFaultKind {
    let message = tree::plain_message(message);
    if message.contains("nesting") || message.contains("recursion limit") {
        SyntaxFaultKind::TooDeep { limit: limits.depth }
    } else if message.contains("surrogate") {
        SyntaxFaultKind::LoneSurrogate
    } else {
        SyntaxFaultKind::Syntax { message }
    }
}

fn place_of(source: &Source, location: Option<Location>) -> Span {
    let Some(location) = location else {
        return character_span(source, 0);
    };
    if let Some((start, end)) = bytes_of(location).filter(|(start, end)| start < end) {
        return Span { source: source.index(), start, end };
    }
    // Faults of the scanner come without bytes, so the column, in characters, is walked to.
    let line = usize::try_from(location.line()).unwrap_or(usize::MAX);
    let column = usize::try_from(location.column()).unwrap_or(usize::MAX);
    let range = source.line_range(line);
    let text = &source.text()[range.clone()];
    let before = text.char_indices().nth(column.saturating_sub(1)).map_or(text.len(), |(at, _)| at);
    character_span(source, range.start + before)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{SyntaxFault, parse_tree as parse_source};

    fn source(text: &str) -> Source {
        Source::from_bytes("m.yaml".to_owned(), text.as_bytes().to_vec(), 2).expect("the sample is text")
    }

    fn faults(text: &str) -> Vec<(String, SyntaxFaultKind)> {
        let source = source(text);
        let faults = parse_source(&source, &Limits::default()).expect_err("the sample is wrong");
        let told = |fault: SyntaxFault| (text[fault.span.range()].to_owned(), fault.kind);
        faults.into_iter().map(told).collect()
    }

    fn codes(text: &str) -> Vec<(String, &'static str)> {
        faults(text).into_iter().map(|(place, kind)| (place, kind.code())).collect()
    }

    fn scalar(text: &str) -> Value<'static> {
        let source = source(&format!("- {text}\n"));
        let root = parse_source(&source, &Limits::default()).expect(text);
        let Value::Sequence(items) = root.value else { panic!("{text}") };
        match &items[0].value {
            Value::Null => Value::Null,
            Value::Bool(truth) => Value::Bool(*truth),
            Value::Number(text) => Value::Number(text.to_string().into()),
            Value::String(text) => Value::String(text.to_string().into()),
            other => panic!("{text}: {other:?}"),
        }
    }

    /// Each span, alone, must be read as the value it is the span of.
    fn assert_spans(source: &Source, node: &Node<'_>) {
        let written = &source.text()[node.span.range()];
        assert_eq!(node.span.source, source.index());
        let alone = |written: &str, value: &Value<'_>| {
            let source = self::source(&format!("- {written}\n"));
            let root = parse_source(&source, &Limits::default()).expect(written);
            let Value::Sequence(items) = &root.value else { panic!("{written}") };
            assert_eq!(&items[0].value, value, "{written}");
        };
        match &node.value {
            Value::Null => assert!(matches!(written, "" | "~" | "null"), "{written}"),
            Value::Number(text) => assert_eq!(written, text),
            value @ (Value::Bool(_) | Value::String(_)) => alone(written, value),
            Value::Sequence(items) => {
                let bracketed = written.starts_with('[') && written.ends_with(']');
                assert!(bracketed || written.starts_with('-'), "{written}");
                for item in items {
                    assert_spans(source, item);
                }
            }
            Value::Mapping(entries) => {
                let bracketed = written.starts_with('{') && written.ends_with('}');
                let first = entries.first().map_or(node.span.end, |entry| entry.key_span.start);
                let opening = &source.text()[node.span.start as usize..first as usize];
                assert!(bracketed || opening.is_empty() || opening == "? ", "{written}");
                for entry in entries {
                    let key = &source.text()[entry.key_span.range()];
                    assert!(key == entry.key || key.starts_with(['"', '\'']), "{key}");
                    if key.starts_with(['"', '\'']) {
                        alone(key, &Value::String(entry.key.clone()));
                    }
                    assert_spans(source, &entry.node);
                }
            }
        }
    }

    #[test]
    fn every_span_slices_back_to_its_value() {
        let text = "# ein Kommentar: ü\r\nnämé: \"日本 \\u00e9 \\\" x\"  # 日本\r\n\"k\\ty\": 'it''s'\r\nplain: a b  c\r\nnumbers: [1.10, 010, 0x1F, -1e3, .5 , ]   # end\r\nnothing:\r\ntilde: ~\r\ntruth: true\r\ndate: 2026-03-31\r\n# between\r\nblock:\r\n  - a: 1\r\n    b: {c: d, 'é': [ {} ] , # x }\r\n      f}\r\n  -   - x\r\n      -\r\n  - [\r\n    ]\r\n? asked\r\n: answered\r\nlast: end";
        for text in [text.to_owned(), text.replace("\r\n", "\n"), format!("\u{feff}---\n{text}\n...\n"), format!("\u{feff}{text}")] {
            let source = source(&text);
            let root = parse_source(&source, &Limits::default()).expect("the sample is YAML");
            assert_spans(&source, &root);
            let Value::Mapping(entries) = &root.value else { panic!("{text}") };
            assert_eq!(entries.len(), 11);
            assert_eq!(&source.text()[entries[3].node.span.range()], "[1.10, 010, 0x1F, -1e3, .5 , ]");
        }
    }

    #[test]
    fn a_block_scalar_is_placed_on_its_text() {
        let source = source("a: |\n  one\n  two\nb: >-\n  three\n  four\nc: plain\n  more\n");
        let root = parse_source(&source, &Limits::default()).expect("the sample is YAML");
        let Value::Mapping(entries) = &root.value else { panic!("a mapping") };
        let told: Vec<(&str, &Value<'_>)> =
            entries.iter().map(|entry| (&source.text()[entry.node.span.range()], &entry.node.value)).collect();
        assert_eq!(
            told,
            [
                ("one\n  two", &Value::String("one\ntwo\n".into())),
                ("three\n  four", &Value::String("three four".into())),
                ("plain\n  more", &Value::String("plain more".into())),
            ]
        );
    }

    #[test]
    fn scalars_are_told_apart_as_in_the_core_schema() {
        for text in ["1.10", "0", "-0.0", "010", "0x1F", "0o17", "+1", ".5", "5.", "1e3", "-1.5E-7", "12345678901234567890123"] {
            assert_eq!(scalar(text), Value::Number(text.to_owned().into()));
        }
        for text in ["2026-03-31", "1_000", "0b11", "-0x1", "1.2.3", "yes", "no", "on", "12:30:00", "1e", "e3", "nan", "x"] {
            assert_eq!(scalar(text), Value::String(text.to_owned().into()));
        }
        for text in ["'1.10'", "\"1.10\"", "!!str 1.10"] {
            assert_eq!(scalar(text), Value::String("1.10".into()), "{text}");
        }
        // The three spellings of the core schema: YAML 1.2, section 10.3.2.
        for (text, value) in [("true", true), ("True", true), ("TRUE", true), ("false", false), ("False", false), ("FALSE", false)] {
            assert_eq!(scalar(text), Value::Bool(value), "{text}");
        }
        assert_eq!(scalar("'true'"), Value::String("true".into()));
        for text in ["null", "~", ""] {
            assert_eq!(scalar(text), Value::Null, "{text}");
        }
        assert_eq!(scalar("''"), Value::String("".into()));
        assert_eq!(scalar("!!int \"5\""), Value::Number("5".into()));
    }

    #[test]
    fn an_alias_stands_for_its_value_with_the_place_of_its_definition() {
        let text = "x: &a {n: 1.10}\ny: *a\nz: [1, *a ]\n";
        let source = source(text);
        let root = parse_source(&source, &Limits::default()).expect("the sample is YAML");
        let Value::Mapping(entries) = &root.value else { panic!("a mapping") };
        assert_eq!(entries[0].node, entries[1].node);
        assert_eq!(&text[entries[1].node.span.range()], "{n: 1.10}");
        assert_eq!(&text[entries[2].node.span.range()], "[1, *a ]");
    }

    #[test]
    fn a_fault_that_aliases_repeat_is_told_of_once() {
        assert_eq!(codes("a: &a {b: 1, b: 2}\nc: [*a, *a]\n").len(), 1);
    }

    #[test]
    fn every_fault_of_a_file_is_told_of_in_one_run() {
        let text = "a: 1\nb: {c: 1, c: 2}\n'a': !x 2\n<<: {q: 1}\n\"<<\": ok\nn: .nan\nm: 1e999\n[s]: 1\n~: 2\na: !include /etc/passwd\n? !y k\n: v\ni: -.inf\n1: x\n'1': y\nl: !!binary aGk=\n";
        let told = codes(text);
        let expected = [
            ("c", "duplicate-key"),
            ("'a'", "duplicate-key"),
            ("2", "unsupported-tag"),
            ("<<", "merge-key"),
            (".nan", "not-finite"),
            ("1e999", "not-finite"),
            ("[", "non-string-key"),
            ("~", "non-string-key"),
            ("a", "duplicate-key"),
            ("/etc/passwd", "unsupported-tag"),
            ("k", "unsupported-tag"),
            ("-.inf", "not-finite"),
            ("'1'", "duplicate-key"),
            ("aGk=", "unsupported-tag"),
        ];
        let told: Vec<(&str, &str)> = told.iter().map(|(place, code)| (&**place, *code)).collect();
        assert_eq!(told, expected);
        let SyntaxFaultKind::DuplicateKey { key, first } = &faults(text)[1].1 else { panic!("a repeated key") };
        assert_eq!((key.as_str(), *first), ("a", Span::new(2, 0, 1)));
    }

    #[test]
    fn faults_of_syntax_have_their_place_and_a_clean_message() {
        let syntax = |message: &str| SyntaxFaultKind::Syntax { message: message.to_owned() };
        let cases = [
            ("é: 'ü\n", "'", syntax("unclosed quote")),
            ("日本: é\r\nb: [1, 2\r\nc: 3\r\n", ":", syntax("illegal placement of ':' indicator")),
            ("a: *u\n", "*", syntax("alias references unknown anchor")),
            ("a: b\u{7}\n", "b", syntax("unexpected character: `\\u{7}'")),
            ("a: !!int 1.5\n", "1.5", syntax("the value does not fit its tag")),
            ("a: \"\\ud800\"\n", "\"", SyntaxFaultKind::LoneSurrogate),
            ("a: &x [*x]\n", "*x", SyntaxFaultKind::RecursiveAlias),
            ("a: b\n---\nc: d\n", "c", SyntaxFaultKind::MultipleDocuments),
        ];
        for (text, place, kind) in cases {
            assert_eq!(faults(text), [(place.to_owned(), kind)], "{text}");
        }
    }

    #[test]
    fn what_is_built_to_exhaust_us_is_refused_soon() {
        let too_deep = SyntaxFaultKind::TooDeep { limit: 32 };
        let deep_blocks = (0..5_000).fold(String::new(), |text, depth| text + &" ".repeat(depth) + "a:\n");
        for text in [
            "[".repeat(100_000),
            "[".repeat(1_000_000),
            "{a: ".repeat(100_000),
            "- ".repeat(50_000),
            "? ".repeat(50_000),
            deep_blocks,
            format!("{}{}", "[".repeat(33), "]".repeat(33)),
        ] {
            let told = faults(&text);
            assert_eq!(told.len(), 1);
            assert_eq!(told[0].1, too_deep, "{}", &text[..40]);
        }
        let laughs = (1..12).fold("l0: &l0 ha\n".to_owned(), |text, n| {
            let aliases = format!("*l{},", n - 1).repeat(9);
            text + &format!("l{n}: &l{n} [{aliases}]\n")
        });
        assert_eq!(faults(&laughs)[0].1.code(), "too-many-aliases");
        let bomb = format!("a: &a [{}]\nb: [{}]\n", "1,".repeat(40_000), "*a,".repeat(26_000));
        assert_eq!(faults(&bomb)[0].1.code(), "too-many-aliases");
        let many = format!("a: &a x\nb: [{}]\n", "*a,".repeat(1001));
        assert_eq!(faults(&many)[0].1, SyntaxFaultKind::TooManyAliases { limit: 1000, of: Repeating::Aliases });
        let named = (0..1001).fold(String::new(), |text, n| text + &format!("- &a{n} x\n"));
        assert_eq!(faults(&named)[0].1, SyntaxFaultKind::TooManyAliases { limit: 1000, of: Repeating::Anchors });
        assert_eq!(faults(&named)[0].1.to_string(), "there are more than 1000 anchors (`&name`)");
        let enough = source(&format!("a: &a x\nb: [{}]\n", "*a,".repeat(1000)));
        assert!(parse_source(&enough, &Limits::default()).is_ok());
        let deepest = source(&format!("{}{}", "[".repeat(32), "]".repeat(32)));
        assert!(parse_source(&deepest, &Limits::default()).is_ok());
        let few = Limits { nodes: 3, ..Limits::default() };
        let refused = parse_source(&source("[1, 2, 3]"), &few).expect_err("there are four");
        assert_eq!(refused[0].kind, SyntaxFaultKind::TooManyNodes { limit: 3 });
        assert!(parse_source(&source("[1, 2]"), &few).is_ok());
    }

    #[test]
    fn a_naughty_string_is_read_back_as_value_and_as_key() {
        for line in crate::source::tree::tests::naughty() {
            let escape = |c: char| match c {
                '"' | '\\' => format!("\\{c}"),
                _ if crate::source::is_hidden(c) => format!("\\U{:08x}", c as u32),
                _ => c.to_string(),
            };
            let quoted = format!("\"{}\"", line.chars().map(escape).collect::<String>());
            // A plain key is at most 1,024 characters long in YAML, and a longer one is asked for.
            let text = format!("? {quoted}\n: [{quoted}]\n");
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
