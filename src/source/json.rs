//! JSON into the tree, in one pass over the text.
//!
//! The pass only tells that a text is no JSON. What is wrong with it, and where, `serde_json` is asked then: it reads the
//! text once more, up to that place.

use std::borrow::Cow;

use super::json_fault::judged;
use super::text::Source;
use super::tree::{self, Entry, Faults, Limits, Node, Part, SyntaxFaultKind, Value};
use super::{Span, tree::character_span};

/// Collections inside one another that `serde_json` reads.
const DEEPEST: usize = 127;

/// Returns the tree of a JSON text, or nothing if a fault ended the reading; faults go to `faults`.
///
/// # Complexity
/// One pass: *O*(bytes), besides the hashing of keys in large mappings.
pub(super) fn parse<'s>(source: &'s Source, limits: &Limits, faults: &mut Faults) -> Option<Node<'s>> {
    Reader::new(source, limits, faults).whole(Reader::node)
}

/// Returns the tree of a JSON text without the items of the `lists` in its outermost mapping, each of which goes to
/// `item`; see [`tree::parse_items`].
pub(super) fn parse_items<'s>(
    source: &'s Source,
    limits: &Limits,
    faults: &mut Faults,
    lists: &[&str],
    item: &mut dyn FnMut(&str, &Node<'s>),
) -> Option<Node<'s>> {
    Reader::new(source, limits, faults).whole(|reader, first| {
        if first != Some(b'{') {
            return reader.node(first);
        }
        reader.count()?;
        let mut entries = Vec::new();
        let span = reader.entries(|reader, key, key_span, first| {
            let node = if first == Some(b'[') && lists.contains(&&*key) {
                reader.count()?;
                let span = reader.items(|reader, first| {
                    let node = reader.node(first)?;
                    item(&key, &node);
                    reader.reuse(node);
                    Ok(())
                })?;
                Node { span, value: Value::Sequence(Vec::new()) }
            } else {
                reader.node(first)?
            };
            entries.push(Entry { key, key_span, node });
            Ok(())
        })?;
        reader.faults.add_duplicates(&entries);
        Ok(Node { span, value: Value::Mapping(entries) })
    })
}

/// Reads a JSON text part by part; see [`tree::parse_parts`].
pub(super) fn parse_parts<'s>(
    source: &'s Source,
    limits: &Limits,
    faults: &mut Faults,
    plan: &mut dyn FnMut(&[Cow<'s, str>]) -> Part,
    part: &mut dyn FnMut(&[Cow<'s, str>], Node<'s>),
) {
    let mut walk = Walk { path: Vec::new(), plan, part };
    Reader::new(source, limits, faults).whole(|reader, first| walk.part(reader, first));
}

/// A walk over the parts of a text.
struct Walk<'r, 's> {
    path: Vec<Cow<'s, str>>,
    plan: &'r mut dyn FnMut(&[Cow<'s, str>]) -> Part,
    part: &'r mut dyn FnMut(&[Cow<'s, str>], Node<'s>),
}

impl<'s> Walk<'_, 's> {
    /// The value that begins with `first`, as it is planned.
    fn part(&mut self, reader: &mut Reader<'s, '_>, first: Option<u8>) -> Read<()> {
        match ((self.plan)(&self.path), first) {
            (how @ (Part::Take | Part::Pick), _) => {
                let node = self.node(how, reader, first)?;
                (self.part)(&self.path, node);
            }
            (Part::Enter, Some(b'[')) => {
                self.path.push(Cow::Borrowed("[]"));
                reader.items(|reader, first| self.part(reader, first))?;
                self.path.pop();
            }
            (Part::Enter, Some(b'{')) => {
                // Keys that were read, to tell of repeats.
                let mut keys = Vec::new();
                reader.entries(|reader, key, key_span, first| {
                    self.path.push(key.clone());
                    self.part(reader, first)?;
                    self.path.pop();
                    keys.push(Entry { key, key_span, node: Node { span: key_span, value: Value::Null } });
                    Ok(())
                })?;
                reader.faults.add_duplicates(&keys);
            }
            (Part::Enter | Part::Skip, _) => reader.skip()?,
        }
        Ok(())
    }

    /// The tree of the value that begins with `first`.
    fn node(&mut self, how: Part, reader: &mut Reader<'s, '_>, first: Option<u8>) -> Read<Node<'s>> {
        if how != Part::Pick || first != Some(b'{') {
            return reader.node(first);
        }
        // What is not picked leaves its key until repeats are told.
        let mut entries = Vec::new();
        let mut is_picked = Vec::new();
        let span = reader.entries(|reader, key, key_span, first| {
            self.path.push(key.clone());
            let node = match (self.plan)(&self.path) {
                how @ (Part::Take | Part::Pick) => Some(self.node(how, reader, first)?),
                Part::Enter | Part::Skip => {
                    reader.skip()?;
                    None
                }
            };
            self.path.pop();
            is_picked.push(node.is_some());
            entries.push(Entry { key, key_span, node: node.unwrap_or(Node { span: key_span, value: Value::Null }) });
            Ok(())
        })?;
        reader.faults.add_duplicates(&entries);
        let mut is_picked = is_picked.into_iter();
        entries.retain(|_| is_picked.next() == Some(true));
        Ok(Node { span, value: Value::Mapping(entries) })
    }
}

/// The reading ended before the text did: at a limit, or because the text is no JSON.
struct Ended;

type Read<T> = Result<T, Ended>;

struct Reader<'s, 'a> {
    source: &'s Source,
    text: &'s str,
    /// The offset of what comes next.
    at: usize,
    depth: usize,
    nodes: usize,
    limits: &'a Limits,
    faults: &'a mut Faults,
    /// The limit that ended the reading.
    stop: Option<(Span, SyntaxFaultKind)>,
    /// Where the value begins that was being stepped over when the reading ended.
    skipped: Option<usize>,
    /// Items and entries of the collections that are open.
    items: Vec<Node<'s>>,
    entries: Vec<Entry<'s>>,
    /// The room of mappings that are no more.
    rooms: Vec<Vec<Entry<'s>>>,
}

impl<'s, 'a> Reader<'s, 'a> {
    fn new(source: &'s Source, limits: &'a Limits, faults: &'a mut Faults) -> Self {
        Reader {
            source,
            text: source.text(),
            at: 0,
            depth: 0,
            nodes: 0,
            limits,
            faults,
            stop: None,
            skipped: None,
            items: Vec::new(),
            entries: Vec::new(),
            rooms: Vec::new(),
        }
    }

    /// What the one value of the text is read as, or nothing and the fault that ended the reading.
    fn whole<T>(mut self, value: impl FnOnce(&mut Self, Option<u8>) -> Read<T>) -> Option<T> {
        let first = self.peek();
        let read = value(&mut self, first);
        if let (Ok(read), None) = (read, self.peek()) {
            return Some(read);
        }
        let (span, kind) = self.stop.take().unwrap_or_else(|| judged(self.source, self.at, self.skipped));
        self.faults.add_last(span, kind);
        None
    }

    /// Steps over white space and returns the byte behind it, none at the end.
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while let Some(&byte) = bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(byte);
            }
            self.at += 1;
        }
        None
    }

    /// The same where the text must not end.
    fn next(&mut self) -> Read<u8> {
        self.peek().ok_or(Ended)
    }

    fn span_from(&self, start: usize) -> Span {
        Span::new(self.source.index(), start, self.at)
    }

    /// The value that begins with `first`.
    fn node(&mut self, first: Option<u8>) -> Read<Node<'s>> {
        self.count()?;
        match first {
            Some(b'{') => {
                let begin = self.entries.len();
                let span = self.entries(|reader, key, key_span, first| {
                    let node = reader.node(first)?;
                    reader.entries.push(Entry { key, key_span, node });
                    Ok(())
                })?;
                let mut entries = self.rooms.pop().unwrap_or_default();
                entries.extend(self.entries.drain(begin..));
                self.faults.add_duplicates(&entries);
                Ok(Node { span, value: Value::Mapping(entries) })
            }
            Some(b'[') => {
                let begin = self.items.len();
                let span = self.items(|reader, first| {
                    let node = reader.node(first)?;
                    reader.items.push(node);
                    Ok(())
                })?;
                let items = self.items.drain(begin..).collect();
                Ok(Node { span, value: Value::Sequence(items) })
            }
            Some(b'"') => {
                let (text, span) = self.string()?;
                Ok(Node { span, value: Value::String(text) })
            }
            _ => {
                let start = self.at;
                self.step_over_word()?;
                let (raw, span) = (&self.text[start..self.at], self.span_from(start));
                let value = match first {
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
                Ok(Node { span, value })
            }
        }
    }

    /// The items of a list, each read by `item`, which is given the byte that it begins with.
    fn items(&mut self, mut item: impl FnMut(&mut Self, Option<u8>) -> Read<()>) -> Read<Span> {
        let start = self.open()?;
        let mut first = self.next()?;
        while first != b']' {
            item(self, Some(first))?;
            first = self.next()?;
            if first == b',' {
                self.at += 1;
                first = self.next()?;
                if first == b']' {
                    return Err(Ended);
                }
            } else if first != b']' {
                return Err(Ended);
            }
        }
        Ok(self.close(start))
    }

    /// The entries of a mapping, the value of each read by `entry`, which is given its key and the byte that it begins with.
    fn entries(&mut self, mut entry: impl FnMut(&mut Self, Cow<'s, str>, Span, Option<u8>) -> Read<()>) -> Read<Span> {
        let start = self.open()?;
        let mut first = self.next()?;
        while first != b'}' {
            if first != b'"' {
                return Err(Ended);
            }
            let (key, key_span) = self.string()?;
            if self.next()? != b':' {
                return Err(Ended);
            }
            self.at += 1;
            let value = self.peek();
            entry(self, key, key_span, value)?;
            first = self.next()?;
            if first == b',' {
                self.at += 1;
                first = self.next()?;
                if first == b'}' {
                    return Err(Ended);
                }
            } else if first != b'}' {
                return Err(Ended);
            }
        }
        Ok(self.close(start))
    }

    /// Keeps the room that the mappings in a value took, for those to come.
    fn reuse(&mut self, node: Node<'s>) {
        match node.value {
            Value::Mapping(mut entries) => {
                entries.drain(..).for_each(|entry| self.reuse(entry.node));
                self.rooms.push(entries);
            }
            Value::Sequence(items) => items.into_iter().for_each(|item| self.reuse(item)),
            _ => {}
        }
    }

    /// Counts the value to come.
    fn count(&mut self) -> Read<()> {
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            let limit = self.limits.nodes;
            return Err(self.stop(SyntaxFaultKind::TooManyNodes { limit }));
        }
        Ok(())
    }

    fn stop(&mut self, kind: SyntaxFaultKind) -> Ended {
        self.stop = Some((character_span(self.source, self.at), kind));
        Ended
    }

    /// Steps into a collection and returns where it begins.
    fn open(&mut self) -> Read<usize> {
        let limit = self.limits.depth.min(DEEPEST);
        if self.depth >= limit {
            return Err(self.stop(SyntaxFaultKind::TooDeep { limit }));
        }
        self.depth += 1;
        self.at += 1;
        Ok(self.at - 1)
    }

    /// Steps out of the collection that began at `start`.
    fn close(&mut self, start: usize) -> Span {
        self.depth -= 1;
        self.at += 1;
        self.span_from(start)
    }

    /// The string to come, decoded, with its place.
    fn string(&mut self) -> Read<(Cow<'s, str>, Span)> {
        let start = self.at;
        let has_escapes = self.step_over_string()?;
        let span = self.span_from(start);
        let raw = &self.text[start..self.at];
        let inner = &raw[1..raw.len() - 1];
        if !has_escapes {
            return Ok((Cow::Borrowed(inner), span));
        }
        if let Ok(text) = serde_json::from_str::<String>(raw) {
            return Ok((Cow::Owned(text), span));
        }
        // The escapes were accepted one by one, so that only a pair can be broken.
        let start = start + lone_surrogate(raw).unwrap_or(0);
        let place = Span::new(span.source, start, start + r"\ud800".len());
        self.faults.add(place, SyntaxFaultKind::LoneSurrogate);
        Ok((Cow::Borrowed(inner), span))
    }

    /// Steps over a string; says whether it has escapes.
    fn step_over_string(&mut self) -> Read<bool> {
        let bytes = self.text.as_bytes();
        let mut at = self.at + 1;
        let mut has_escapes = false;
        loop {
            at += bytes[at..].iter().position(|&byte| matches!(byte, b'"' | b'\\' | 0..b' ')).ok_or(Ended)?;
            match &bytes[at..] {
                [b'"', ..] => {
                    self.at = at + 1;
                    return Ok(has_escapes);
                }
                [b'\\', b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => at += 2,
                [b'\\', b'u', digits @ ..] if digits.len() >= 4 && digits[..4].iter().all(u8::is_ascii_hexdigit) => at += 6,
                _ => return Err(Ended),
            }
            has_escapes = true;
        }
    }

    /// Steps over a number, `true`, `false` or `null`.
    fn step_over_word(&mut self) -> Read<()> {
        let rest = &self.text.as_bytes()[self.at..];
        let length = match rest {
            [b't', b'r', b'u', b'e', ..] | [b'n', b'u', b'l', b'l', ..] => 4,
            [b'f', b'a', b'l', b's', b'e', ..] => 5,
            _ => number_length(rest).ok_or(Ended)?,
        };
        self.at += length;
        Ok(())
    }

    /// Steps over a value, however deep.
    fn skip(&mut self) -> Read<()> {
        self.skipped = Some(self.at);
        let mut open: Vec<u8> = Vec::new();
        loop {
            match self.next()? {
                bracket @ (b'{' | b'[') => {
                    // Both closing brackets stand two behind their opening ones.
                    let close = bracket + 2;
                    self.at += 1;
                    if self.next()? != close {
                        open.push(close);
                        self.skip_key(close)?;
                        continue;
                    }
                    self.at += 1;
                }
                b'"' => {
                    self.step_over_string()?;
                }
                _ => self.step_over_word()?,
            }
            loop {
                let Some(&close) = open.last() else {
                    self.skipped = None;
                    return Ok(());
                };
                match self.next()? {
                    b',' => {
                        self.at += 1;
                        self.skip_key(close)?;
                        break;
                    }
                    byte if byte == close => {
                        self.at += 1;
                        open.pop();
                    }
                    _ => return Err(Ended),
                }
            }
        }
    }

    /// Steps over a key and its colon, where `close` ends a mapping.
    fn skip_key(&mut self, close: u8) -> Read<()> {
        if close == b'}' {
            if self.next()? != b'"' {
                return Err(Ended);
            }
            self.step_over_string()?;
            if self.next()? != b':' {
                return Err(Ended);
            }
            self.at += 1;
        }
        Ok(())
    }
}

/// How long the number is that `bytes` begin with, if they do.
fn number_length(bytes: &[u8]) -> Option<usize> {
    let digits = |at: usize| bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let some_digits = |at: usize| Some(digits(at)).filter(|&count| count > 0);
    let mut at = usize::from(bytes.first() == Some(&b'-'));
    let whole = some_digits(at)?;
    if whole > 1 && bytes[at] == b'0' {
        return None;
    }
    at += whole;
    if bytes.get(at) == Some(&b'.') {
        at += 1 + some_digits(at + 1)?;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        at += 1 + sign + some_digits(at + 1 + sign)?;
    }
    Some(at)
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
    fn what_serde_json_reads_is_read_and_nothing_else() {
        const PIECES: &[&str] = &[
            "{", "}", "[", "]", ",", ":", "\"a\"", "\"", "\\n", "\\", "\\u00e9", "\\u12", "0", "1", "-", ".5", "e1", "E+", "true", "null",
            "fals", " ", "\n", "\u{1}", "é",
        ];
        let mut state = 7u64;
        let mut below = |bound: usize| {
            state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            (state >> 33) as usize % bound
        };
        let mut right = 0;
        for _ in 0..40_000 {
            let mut text: String = (0..=below(7)).map(|_| PIECES[below(PIECES.len())]).collect();
            // Half of them begin as a right text would go on.
            text = [&text[..], &format!("[{text}]"), &format!("{{\"k\":{text}}}"), &format!("[[],{text}")][below(4)].to_owned();
            if text.trim().is_empty() {
                continue;
            }
            let source = source(&text);
            let wanted = serde_json::from_str::<&serde_json::value::RawValue>(&text);
            right += usize::from(wanted.is_ok());
            let faults = parse_source(&source, &Limits::default()).err().unwrap_or_default();
            assert_eq!(faults.iter().all(|fault| fault.kind.code() != "syntax"), wanted.is_ok(), "{text}");
            let skipped = crate::source::parse_parts(&source, &Limits::default(), &mut |_| Part::Skip, &mut |_, _| {});
            assert_eq!(skipped.is_ok(), wanted.is_ok(), "{text}");
        }
        assert!(right > 1_000, "{right}");
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
