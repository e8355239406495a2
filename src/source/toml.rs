//! TOML into the tree: the `toml` crate reads and judges, and the source itself says how a number was written.
//!
//! The crate recovers from faults, so that all of a file are told of in one run. Its tables forget the file's order,
//! which the places of their keys restore: the crate can keep the order itself, but then takes time that is quadratic
//! in the number of tables.

use std::borrow::Cow;
use std::collections::HashMap;

use ::toml::Spanned;
use ::toml::de::{DeArray, DeTable, DeValue, Error};

use super::text::Source;
use super::tree::{self, Entry, Faults, Limits, Node, SyntaxFaultKind, Value};
use super::{Span, tree::character_span};

/// How many collections the crate reads inside one another; it counts brackets and the parts of one key apart.
const DEEPEST: usize = 80;

/// Returns the tree of a TOML text, or nothing if it has a fault of syntax; faults go to `faults`.
///
/// # Complexity
/// *O*(bytes), besides a logarithm for the keys of large tables; twice that if keys are repeated.
pub(super) fn parse<'s>(source: &'s Source, limits: &Limits, faults: &mut Faults) -> Option<Node<'s>> {
    let (table, errors) = DeTable::parse_recoverable(source.text());
    let (refusals, errors): (Vec<Error>, Vec<Error>) = errors.into_iter().partition(is_refusal);
    let depth = limits.depth.min(DEEPEST);
    let mut builder = Builder { source, text: source.text(), depth, limits, nodes: 0, found: Vec::new(), stop: None };
    let root = builder.root(table.into_inner());

    let too_deep = |error: &Error| (refusal_place(source, error), SyntaxFaultKind::TooDeep { limit: depth });
    let stop = builder.stop.into_iter().chain(refusals.first().map(too_deep)).min_by_key(|(span, _)| *span);
    let is_read = |span: Span| stop.as_ref().is_none_or(|(stop, _)| span < *stop);

    let mut places = Vec::with_capacity(errors.len());
    let mut first_places = first_places(source, &errors);
    for error in &errors {
        let span = place_of(source, error);
        places.push(span.start);
        if !is_read(span) {
            continue;
        }
        let kind = match first_places.remove(&span) {
            Some((key, first)) => SyntaxFaultKind::DuplicateKey { key, first },
            None => SyntaxFaultKind::Syntax { message: tree::plain_message(error.message()) },
        };
        faults.add(span, kind);
    }
    places.sort_unstable();
    for (span, kind) in builder.found {
        // Of a scalar that the crate refuses it hands out a likeness, of which there is nothing to say.
        let next = places.partition_point(|&place| place < span.start);
        if is_read(span) && places.get(next).is_none_or(|&place| place > span.end) {
            faults.add(span, kind);
        }
    }
    if let Some((span, kind)) = stop {
        faults.add_last(span, kind);
        return None;
    }
    if errors.is_empty() { root } else { None }
}

struct Builder<'s, 'a> {
    source: &'s Source,
    text: &'s str,
    depth: usize,
    limits: &'a Limits,
    nodes: usize,
    found: Vec<(Span, SyntaxFaultKind)>,
    /// The limit that ended the building.
    stop: Option<(Span, SyntaxFaultKind)>,
}

impl<'s> Builder<'s, '_> {
    /// Returns the file's own table, for which the crate has no place.
    fn root(&mut self, table: DeTable<'s>) -> Option<Node<'s>> {
        let span = Span::new(self.source.index(), 0, 0);
        self.count(span)?;
        let entries = self.entries(table, span, 1)?;
        let (start, end) = reach(&entries).unwrap_or_default();
        Some(Node { span: Span { start, end, ..span }, value: Value::Mapping(entries) })
    }

    /// Returns the node of a value with `depth` collections around it, or nothing once a limit is passed.
    fn node(&mut self, value: Spanned<DeValue<'s>>, depth: usize) -> Option<Node<'s>> {
        let range = value.span();
        let span = Span::new(self.source.index(), range.start, range.end);
        self.count(span)?;
        let value = match value.into_inner() {
            DeValue::String(text) => Value::String(text),
            DeValue::Integer(integer) => {
                let radix = integer.radix();
                if radix != 10 {
                    let message = format!("a number in base {radix}, write it in decimal");
                    self.found.push((span, SyntaxFaultKind::Syntax { message }));
                }
                self.number(span)
            }
            DeValue::Float(_) => self.number(span),
            DeValue::Boolean(truth) => Value::Bool(truth),
            DeValue::Datetime(_) => Value::String(Cow::Borrowed(self.text_at(span))),
            DeValue::Array(items) => {
                self.check_depth(span, depth + 1)?;
                let mut nodes = Vec::with_capacity(items.len());
                for item in items {
                    nodes.push(self.node(item, depth + 1)?);
                }
                Value::Sequence(nodes)
            }
            DeValue::Table(table) => Value::Mapping(self.entries(table, span, depth + 1)?),
        };
        Some(Node { span, value })
    }

    /// Returns the entries of the table at `span`, itself the collection number `depth` from outside.
    fn entries(&mut self, table: DeTable<'s>, span: Span, depth: usize) -> Option<Vec<Entry<'s>>> {
        self.check_depth(span, depth)?;
        let mut pairs: Vec<_> = table.into_iter().collect();
        pairs.sort_unstable_by_key(|(key, _)| key.span().start);
        let mut entries = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            let range = key.span();
            let key_span = Span::new(self.source.index(), range.start, range.end);
            let node = self.node(value, depth)?;
            entries.push(Entry { key: key.into_inner(), key_span, node });
        }
        Some(entries)
    }

    /// Returns a number in the file's own digits, without the `_` that may stand between them.
    fn number(&mut self, span: Span) -> Value<'s> {
        let written = self.text_at(span);
        let digits = if written.contains('_') { Cow::Owned(written.replace('_', "")) } else { Cow::Borrowed(written) };
        let unsigned = digits.trim_start_matches(['-', '+']);
        if matches!(unsigned, "inf" | "nan") || tree::overflows(&digits) {
            let text = written.to_owned();
            self.found.push((span, SyntaxFaultKind::NotFinite { text }));
        }
        Value::Number(digits)
    }

    fn count(&mut self, span: Span) -> Option<()> {
        self.nodes += 1;
        let limit = self.limits.nodes;
        self.check(self.nodes <= limit, span, SyntaxFaultKind::TooManyNodes { limit })
    }

    fn check_depth(&mut self, span: Span, depth: usize) -> Option<()> {
        let limit = self.depth;
        self.check(depth <= limit, span, SyntaxFaultKind::TooDeep { limit })
    }

    fn check(&mut self, holds: bool, span: Span, kind: SyntaxFaultKind) -> Option<()> {
        if !holds {
            self.stop = Some((character_span(self.source, span.start as usize), kind));
        }
        holds.then_some(())
    }

    fn text_at(&self, span: Span) -> &'s str {
        // INVARIANT (exact): the crate's spans of values are those of its tokens; were one not to fit, a value would be
        // empty and no panic would follow.
        self.text.get(span.range()).unwrap_or_default()
    }
}

/// Returns where the first key or header in some entries begins and their last value ends; the span of a table with a
/// header is the header's, so that neither can be told from outside.
fn reach(entries: &[Entry<'_>]) -> Option<(u32, u32)> {
    fn of(node: &Node<'_>) -> (u32, u32) {
        let own = (node.span.start, node.span.end);
        let inner = match &node.value {
            Value::Sequence(items) => items.iter().map(of).reduce(joined),
            Value::Mapping(entries) => reach(entries),
            _ => None,
        };
        inner.map_or(own, |inner| joined(own, inner))
    }
    fn joined(one: (u32, u32), other: (u32, u32)) -> (u32, u32) {
        (one.0.min(other.0), one.1.max(other.1))
    }
    let entry = |entry: &Entry<'_>| joined((entry.key_span.start, entry.key_span.end), of(&entry.node));
    entries.iter().map(entry).reduce(joined)
}

/// Returns whether an error of the crate is that of its own limits, which it has in one wording for brackets and in
/// another for keys.
fn is_refusal(error: &Error) -> bool {
    error.message().starts_with("cannot recurse") || error.message() == "recursion limit"
}

fn is_duplicate(error: &Error) -> bool {
    error.message() == "duplicate key"
}

/// Returns the repeated keys among `errors`, each with its name and where that stood first.
///
/// The crate tells of the second place only, so the text is read again with every second key under a name of its own:
/// then both stand in the same table.
fn first_places(source: &Source, errors: &[Error]) -> HashMap<Span, (String, Span)> {
    let mut repeated: Vec<Span> = errors.iter().filter(|error| is_duplicate(error)).map(|error| place_of(source, error)).collect();
    if repeated.is_empty() {
        return HashMap::new();
    }
    repeated.sort_unstable();
    repeated.dedup();

    let text = source.text();
    let longest = text.split(|c| c != '_').map(str::len).max().unwrap_or(0);
    let stem = "_".repeat(longest + 1);
    let mut renamed = String::with_capacity(text.len());
    // Where each repeated key begins and ends in the text with other names.
    let mut places = Vec::with_capacity(repeated.len());
    let mut done = 0;
    for (number, span) in repeated.iter().enumerate() {
        let range = span.range();
        renamed.push_str(text.get(done..range.start).unwrap_or_default());
        let start = renamed.len();
        renamed.push_str(&format!("{stem}{number}"));
        places.push((start, renamed.len()));
        done = range.end;
    }
    renamed.push_str(text.get(done..).unwrap_or_default());

    let span_before = |range: std::ops::Range<usize>| {
        let last = places.partition_point(|&(start, _)| start < range.start).checked_sub(1);
        let (from, to) = last.map_or((0, 0), |last| (places[last].1, repeated[last].end as usize));
        Span::new(source.index(), range.start - from + to, range.end - from + to)
    };
    let mut found = HashMap::new();
    let (table, _) = DeTable::parse_recoverable(&renamed);
    let mut tables = vec![table.get_ref()];
    let mut lists = Vec::new();
    while let Some(table) = tables.pop() {
        for (key, value) in table {
            if let Ok(number) = places.binary_search_by_key(&key.span().start, |&(start, _)| start) {
                let span = repeated[number];
                let name = name_of(&text[span.range()]);
                if let Some((name, (first, _))) = name.and_then(|name| Some((name.clone(), table.get_key_value(name.as_str())?))) {
                    found.insert(span, (name, span_before(first.span())));
                }
            }
            push(value, &mut tables, &mut lists);
        }
        while let Some(list) = lists.pop() {
            for item in list {
                push(item, &mut tables, &mut lists);
            }
        }
    }
    found
}

fn push<'t, 's>(value: &'t Spanned<DeValue<'s>>, tables: &mut Vec<&'t DeTable<'s>>, lists: &mut Vec<&'t DeArray<'s>>) {
    match value.get_ref() {
        DeValue::Table(table) => tables.push(table),
        DeValue::Array(list) => lists.push(list),
        _ => {}
    }
}

/// Returns the name that a key stands for, which may be in quotes and have escapes.
fn name_of(written: &str) -> Option<String> {
    let line = format!("{written}=0");
    let table = DeTable::parse(&line).ok()?.into_inner();
    table.into_iter().next().map(|(key, _)| key.into_inner().into_owned())
}

fn place_of(source: &Source, error: &Error) -> Span {
    let range = error.span().unwrap_or(0..0);
    if range.is_empty() || source.text().get(range.clone()).is_none() {
        return character_span(source, range.start);
    }
    Span::new(source.index(), range.start, range.end)
}

/// Returns where the crate met its own limit; of a key that is too long it does not say.
fn refusal_place(source: &Source, error: &Error) -> Span {
    if error.span().is_some() {
        return place_of(source, error);
    }
    // A key ends on its line and has a dot for each part but one. A text up to the end of a line is refused as the
    // whole one is, once it holds the key.
    let text = source.text();
    let mut lines = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        if line.bytes().filter(|&byte| byte == b'.').count() >= DEEPEST {
            lines.push(start..end);
        }
        start = end;
    }
    let is_before = |end: usize| !DeTable::parse_recoverable(&text[..end]).1.iter().any(is_refusal);
    let line = lines.get(lines.partition_point(|line| is_before(line.end))).cloned().unwrap_or(0..0);
    let blanks = text[line.clone()].bytes().take_while(u8::is_ascii_whitespace).count();
    character_span(source, line.start + blanks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{SyntaxFault, parse_tree as parse_source};

    fn source(text: &str) -> Source {
        Source::from_bytes("m.toml".to_owned(), text.as_bytes().to_vec(), 4).expect("the sample is text")
    }

    fn faults(text: &str) -> Vec<(String, SyntaxFaultKind)> {
        let source = source(text);
        let faults = parse_source(&source, &Limits::default()).expect_err(text);
        let told = |fault: SyntaxFault| (source.text()[fault.span.range()].to_owned(), fault.kind);
        faults.into_iter().map(told).collect()
    }

    fn codes(text: &str) -> Vec<(String, &'static str)> {
        faults(text).into_iter().map(|(place, kind)| (place, kind.code())).collect()
    }

    /// Returns a tree as one line, each value after the text of its span.
    fn told(source: &Source, node: &Node<'_>) -> String {
        let at = |span: Span| {
            assert_eq!(span.source, source.index());
            source.text()[span.range()].replace('\r', "")
        };
        let value = match &node.value {
            Value::Sequence(items) => format!("[{}]", items.iter().map(|item| told(source, item)).collect::<Vec<_>>().join(", ")),
            Value::Mapping(entries) => {
                let entry = |entry: &Entry<'_>| format!("{}<{}>: {}", entry.key, at(entry.key_span), told(source, &entry.node));
                format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
            }
            Value::Null => "null".to_owned(),
            Value::Bool(truth) => truth.to_string(),
            Value::Number(text) => format!("#{text}"),
            Value::String(text) => format!("{text:?}"),
        };
        format!("{value}<{}>", at(node.span))
    }

    /// Returns the values of a text's own table, told as one line without the table.
    fn values(text: &str) -> String {
        let source = source(text);
        let root = parse_source(&source, &Limits::default()).expect(text);
        let whole = source.text()[root.span.range()].replace('\r', "");
        let told = told(&source, &root);
        told.strip_suffix(&format!("}}<{whole}>")).and_then(|told| told.strip_prefix('{')).expect("a mapping").to_owned()
    }

    #[test]
    fn every_kind_of_value_has_its_text_and_its_place() {
        let cases = [
            ("a = 1.10", "a<a>: #1.10<1.10>"),
            ("a = +1_000", "a<a>: #+1000<+1_000>"),
            ("a=-0 # x", "a<a>: #-0<-0>"),
            ("a = 6.02_2E+2_3", "a<a>: #6.022E+23<6.02_2E+2_3>"),
            ("a = 12345678901234567890123", "a<a>: #12345678901234567890123<12345678901234567890123>"),
            ("a = true\nb = false", "a<a>: true<true>, b<b>: false<false>"),
            ("a = 2027-01-31", "a<a>: \"2027-01-31\"<2027-01-31>"),
            ("a = 2027-01-31T10:00:00Z", "a<a>: \"2027-01-31T10:00:00Z\"<2027-01-31T10:00:00Z>"),
            ("a = 2027-01-31 10:00:00", "a<a>: \"2027-01-31 10:00:00\"<2027-01-31 10:00:00>"),
            ("a = 10:00:00", "a<a>: \"10:00:00\"<10:00:00>"),
            ("a = 'x\\n' ", r#"a<a>: "x\\n"<'x\n'>"#),
            (r#"a = "x\n\u00e9\U0001F600" "#, r#"a<a>: "x\né😀"<"x\n\u00e9\U0001F600">"#),
            ("\"é a\" = 1", "é a<\"é a\">: #1<1>"),
            ("'a.b' = 1", "a.b<'a.b'>: #1<1>"),
            ("1.2 = 'x'", "1<1>: {2<2>: \"x\"<'x'>}<1>"),
            ("a = [ ]", "a<a>: []<[ ]>"),
            ("a = [1, [ 'x' ], {} , ]", "a<a>: [#1<1>, [\"x\"<'x'>]<[ 'x' ]>, {}<{}>]<[1, [ 'x' ], {} , ]>"),
            ("a = { b = 1, c.d = 2 }", "a<a>: {b<b>: #1<1>, c<c>: {d<d>: #2<2>}<c>}<{ b = 1, c.d = 2 }>"),
            ("# nothing\n", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(values(text), expected, "{text}");
        }
    }

    #[test]
    fn tables_have_the_places_of_their_headers_and_the_order_of_the_file() {
        let text = "z = 1\na.y = 2\na.x = 3\n[ c . d ] # x\nk = 4\n[[w]]\nid = 'p'\n[[ w ]]\n[w.sub]\nq = 5\n[c]\nm = 6\n[b]";
        let expected = "z<z>: #1<1>, a<a>: {y<y>: #2<2>, x<x>: #3<3>}<a>, \
            w<w>: [{id<id>: \"p\"<'p'>}<[[w]]>, {sub<sub>: {q<q>: #5<5>}<[w.sub]>}<[[ w ]]>]<[[w]]>, \
            c<c>: {d<d>: {k<k>: #4<4>}<[ c . d ]>, m<m>: #6<6>}<[c]>, b<b>: {}<[b]>";
        for text in [text.to_owned(), text.replace('\n', "\r\n"), format!("\u{feff}{text}"), format!("\n\n{text}\n\n")] {
            assert_eq!(values(&text), expected);
            let source = source(&text);
            let root = parse_source(&source, &Limits::default()).expect("the sample is TOML");
            assert_eq!(&source.text()[root.span.range()], source.text().trim());
        }
        let header_first = source("# x\n[a.b]\nc = [1,\n2] # y\n");
        let root = parse_source(&header_first, &Limits::default()).expect("the sample is TOML");
        assert_eq!(&header_first.text()[root.span.range()], "[a.b]\nc = [1,\n2]");
    }

    #[test]
    fn strings_of_several_lines_are_placed_with_their_quotes() {
        let text = "a = \"\"\"\none\n  two \\\n   three\"\"\"\nb = '''\nfour\n'''";
        let expected = "a<a>: \"one\\n  two three\"<\"\"\"\none\n  two \\\n   three\"\"\">, b<b>: \"four\\n\"<'''\nfour\n'''>";
        assert_eq!(values(text), expected);
        let expected = expected.replace("one\\n", "one\\r\\n").replace("\"four\\n\"", "\"four\\r\\n\"");
        let with_returns = values(&text.replace('\n', "\r\n"));
        assert!(with_returns == expected || with_returns == values(text), "{with_returns}");
    }

    #[test]
    fn every_repeated_key_is_told_of_with_both_places() {
        let cases = [
            ("a = 1\n\"\\u0061\" = 2\n a = 3", vec![("\"\\u0061\"", "a", 0), ("a", "a", 0)]),
            ("é.b = 1\né.b = 2", vec![("b", "b", 3)]),
            ("\"é\".b = 1\n\"é\".b = 2", vec![("b", "b", 5)]),
            ("x = 'é'\n[t]\nk = 1\n[u]\n[ t ]\n[t.v]", vec![("t", "t", 10)]),
            ("[t.v]\n[t]\nv.w = 1", vec![("v", "v", 3)]),
            ("t = [{ a = 1 }, { b.c = 1, b.c = 2, a = 3, a = 4 }]", vec![("c", "c", 20), ("a", "a", 36)]),
            ("a = []\n[[a]]", vec![("a", "a", 0)]),
            ("[[a]]\n[a]", vec![("a", "a", 2)]),
            ("__0 = 1\nb = 2\n___1 = 3\nb = 4\nc = 5\nc = 6", vec![("b", "b", 8), ("c", "c", 29)]),
        ];
        for (text, expected) in cases {
            let repeated = faults(text).into_iter().filter_map(|(place, kind)| match kind {
                SyntaxFaultKind::DuplicateKey { key, first } => Some((place, key, first)),
                _ => None,
            });
            let told: Vec<(String, String, u32)> = repeated.map(|(place, key, first)| (place, key, first.start)).collect();
            let told: Vec<(&str, &str, u32)> = told.iter().map(|(place, key, start)| (&**place, &**key, *start)).collect();
            assert_eq!(told, expected, "{text}");
        }
        // The second table goes on where the first ended, so that its keys are repeated, too.
        assert_eq!(codes("[b]\nx = 1\n[b]\nx = 2"), [("b".to_owned(), "duplicate-key"), ("x".to_owned(), "syntax")]);
        let many: Vec<String> = (0..40).map(|n| format!("k{} = 0\n", n % 20)).collect();
        assert_eq!(codes(&many.concat()).iter().filter(|(_, code)| *code == "duplicate-key").count(), 20);
    }

    #[test]
    fn every_fault_of_a_file_is_told_of_in_one_run() {
        let text = "a = 0x1F\nb = 1e999\nc = -inf\nd = +nan\ne = x\nf = 1__0\ng = nane\na = 2\ni = 2027-02-30\nj = \"open\n[h\n";
        let told = codes(text);
        let told: Vec<(&str, &str)> = told.iter().map(|(place, code)| (&**place, *code)).collect();
        let expected = [
            ("0x1F", "syntax"),
            ("1e999", "not-finite"),
            ("-inf", "not-finite"),
            ("+nan", "not-finite"),
            ("x", "syntax"),
            ("_", "syntax"),
            ("nane", "syntax"),
            ("a", "duplicate-key"),
            ("2027-02-30", "syntax"),
            ("\n", "syntax"),
            ("\n", "syntax"),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn faults_of_syntax_have_their_place_and_a_clean_message() {
        let cases = [
            ("a = 0b1", "0b1", "a number in base 2, write it in decimal"),
            ("a = x", "x", "string values must be quoted, expected literal string"),
            ("a = tru", "tru", "invalid boolean, expected `true`"),
            ("a = [1,\n2", "", "unclosed array, expected `]`"),
            ("a = { b = 1", "", "unclosed inline table, expected `}`"),
            ("[a\nb = 1", "\n", "unclosed table, expected `]`"),
            ("a", "", "key with no value, expected `=`"),
            ("a = \"x", "", "invalid basic string, expected `\"`"),
            ("a = '''x\ny", "", "invalid multi-line literal string, expected `'`"),
            ("a = 2027-02-30", "2027-02-30", "invalid date, expected day between 01 and 28"),
            ("a = 1\na.b = 2", "a", "cannot extend value of type integer with a dotted key"),
            ("é = 1", "é", "invalid unquoted key, expected letters, numbers, `-`, `_`"),
            ("a\u{1b}[2J = 1", "\u{1b}[2J", "invalid unquoted key, expected letters, numbers, `-`, `_`"),
            ("{\"a\": 1}", "{", "invalid key-value pair, expected key"),
        ];
        for (text, place, message) in cases {
            let (found, kind) = faults(text).swap_remove(0);
            assert_eq!(kind, SyntaxFaultKind::Syntax { message: message.to_owned() }, "{text}");
            assert!(found == place || place.starts_with(&found) && !found.is_empty(), "{text}: {found}");
        }
    }

    #[test]
    fn a_message_does_not_show_what_a_terminal_would_obey() {
        let text = "\"\\u001b[2J\" = 1\n\"\\u001b[2J\" = 2\n[\"\\u001b[2J\".x]\na = \"\u{1b}[2J\"\n\u{1b}[2J = 1\n#\u{1b}[2J";
        let told = faults(text);
        assert!(told.len() > 3);
        assert_eq!(told[0].1.to_string(), "the key `␛[2J` is given twice");
        for (_, kind) in told {
            assert!(!kind.to_string().chars().any(crate::source::is_hidden), "{kind}");
        }
    }

    #[test]
    fn a_truncated_file_is_refused_at_every_character_or_read() {
        let text = "a = 1\n[b.c]\nd = [\"é\", { e = '''x''' }]\n\"f\".g = 2027-01-31\n[[h]]\ni = \"\"\"\n\\u00e9\"\"\"\r\n";
        for (end, _) in text.char_indices().skip(1) {
            let source = source(&text[..end]);
            match parse_source(&source, &Limits::default()) {
                Ok(root) => drop(told(&source, &root)),
                Err(faults) => {
                    assert!(!faults.is_empty());
                    for fault in faults {
                        assert!(source.text().get(fault.span.range()).is_some());
                    }
                }
            }
        }
    }

    #[test]
    fn depth_and_count_are_limited() {
        let nested = |depth: usize| format!("a = {}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse_source(&source(&nested(31)), &Limits::default()).is_ok());
        let refused = parse_source(&source(&nested(32)), &Limits::default()).expect_err("the file is a table, too");
        assert_eq!(refused, [SyntaxFault { span: Span::new(4, 35, 36), kind: SyntaxFaultKind::TooDeep { limit: 32 } }]);
        let dotted = |parts: usize| vec!["a"; parts].join(".");
        let keyed = |parts: usize| format!("{} = 1", dotted(parts));
        assert!(parse_source(&source(&keyed(32)), &Limits::default()).is_ok());
        let refused = parse_source(&source(&keyed(33)), &Limits::default()).expect_err("the file is a table, too");
        assert_eq!(refused, [SyntaxFault { span: Span::new(4, 62, 63), kind: SyntaxFaultKind::TooDeep { limit: 32 } }]);

        let deeper = Limits { depth: 1000, ..Limits::default() };
        for text in [nested(79), keyed(80)] {
            assert!(parse_source(&source(&text), &deeper).is_ok());
        }
        for text in [nested(80), nested(81), keyed(81), keyed(82)] {
            let refused = parse_source(&source(&text), &deeper).expect_err("the crate has its own limit");
            assert_eq!(refused.len(), 1);
            assert_eq!(refused[0].kind, SyntaxFaultKind::TooDeep { limit: 80 });
        }

        let few = Limits { nodes: 4, ..Limits::default() };
        assert!(parse_source(&source("a = [1, 2]"), &few).is_ok());
        let refused = parse_source(&source("a = [1, 2, 3]"), &few).expect_err("there are five");
        assert_eq!(refused, [SyntaxFault { span: Span::new(4, 11, 12), kind: SyntaxFaultKind::TooManyNodes { limit: 4 } }]);
        assert!(parse_source(&source("a.b.c = 1"), &few).is_ok());
        assert!(parse_source(&source("a.b.c.d = 1"), &few).is_err());
    }

    #[test]
    fn what_is_built_to_exhaust_us_is_refused_soon() {
        let too_deep = SyntaxFaultKind::TooDeep { limit: 32 };
        let part = "a.".repeat(78) + "a";
        let widest = format!("[{part}]\n{}b = 1{}", format!("{part} = {{ ").repeat(79), " }".repeat(79));
        for text in [
            format!("a = {}", "[".repeat(100_000)),
            format!("a = {}{}", "[".repeat(100_000), "]".repeat(100_000)),
            "a = { ".repeat(100_000),
            format!("{}a = 1", "a.".repeat(100_000)),
            format!("[{}a]\nb = 1", "a.".repeat(100_000)),
            format!("[[{}a]]\nb = 1", "a.".repeat(100_000)),
            format!("b = {{ {}a = 1 }}", "a.".repeat(100_000)),
            widest,
        ] {
            let told = faults(&text);
            assert_eq!(told.len(), 1, "{}: {:?}", &text[..40], &told[..2]);
            assert_eq!(told[0].1, too_deep, "{}", &text[..40]);
        }
        let (place, kind) = faults(&format!("# {0}\nb = '{0}'\n  \"c\".{0}a = 1", "a.".repeat(100))).swap_remove(0);
        assert_eq!((place.as_str(), kind), ("\"", too_deep));
        assert_eq!(codes(&"[".repeat(100_000))[0].1, "syntax");
        assert_eq!(codes(&"[a]\n".repeat(100_000)).len(), 1000);
        let inner = (0..50_000).map(|n| format!("[t{n}.a]\n"));
        let tables: Vec<String> = inner.chain((0..50_000).map(|n| format!("[t{n}]\n"))).collect();
        assert!(parse_source(&source(&tables.concat()), &Limits::default()).is_ok());
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
            let text = format!("{quoted} = [{quoted}]\n");
            let source = source(&text);
            let root = parse_source(&source, &Limits::default()).expect(&text);
            let Value::Mapping(entries) = &root.value else { panic!("{text}") };
            let Value::Sequence(items) = &entries[0].node.value else { panic!("{text}") };
            assert_eq!(entries[0].key, line);
            assert_eq!(&text[items[0].span.range()], quoted);
            assert_eq!(items[0].value, Value::String(line.into()));
        }
    }
}
