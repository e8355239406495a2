//! The tree of values of a file, every one with its place; the same for JSON, YAML and TOML.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher as _, RandomState};

use super::text::{Format, Source};
use super::visible::visible;
use super::{Span, json, toml, yaml};

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node<'s> {
    /// A scalar with its quotes, a flow or JSON collection with its brackets, a block collection from its first key
    /// or item, with the mark before that, to the end of its last value. What an alias stands for has the place of
    /// its definition.
    ///
    /// A TOML table with a header, `[a]` or `[[a]]`, has the place of that header, a list of such tables that of its
    /// first, and a table that only the path to another one names (`a` in `[a.b]` and in `a.b = 1`) the place of that
    /// name. The file's own table reaches from its first key or header to the end of its last value.
    pub span: Span,
    /// The value itself.
    pub value: Value<'s>,
}

/// A value as the file states it, before anything is expected of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'s> {
    /// `null`, and in YAML `~` and nothing at all.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A finite number in the file's own digits: `1.10` stays `1.10`.
    Number(Cow<'s, str>),
    /// A string, decoded; a date or a time of TOML in the file's own characters.
    String(Cow<'s, str>),
    /// A sequence.
    Sequence(Vec<Node<'s>>),
    /// A mapping in the file's order, without repeated keys.
    Mapping(Vec<Entry<'s>>),
}

/// One key of a mapping with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry<'s> {
    /// The key, decoded; a plain number or truth value as a YAML key is its own text.
    pub key: Cow<'s, str>,
    /// Where the key stands, with its quotes.
    pub key_span: Span,
    /// The value.
    pub node: Node<'s>,
}

/// How much a file may ask of us before it is refused.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Sequences and mappings inside one another; JSON never goes beyond 127 and TOML never beyond 80, whatever stands
    /// here.
    pub depth: usize,
    /// Values in the tree, with what aliases repeat.
    pub nodes: usize,
    /// Aliases (`*name`) in a YAML file.
    pub aliases: usize,
    /// Values and collection ends that all aliases of a YAML file together may repeat.
    pub alias_events: usize,
    /// Faults after which no more are collected.
    pub faults: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { depth: 32, nodes: 20_000_000, aliases: 1000, alias_events: 200_000, faults: 1000 }
    }
}

impl Limits {
    /// The limits where files of up to so many MiB are read: above the usual size as many more values.
    #[must_use]
    pub fn for_files_of(mib: u64) -> Self {
        let usual = Self::default();
        Self { nodes: usual.nodes.max(usize::try_from(mib.saturating_mul(78_000)).unwrap_or(usize::MAX)), ..usual }
    }
}

/// A fault that stands between a file and its tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxFault {
    /// Where it is; empty where something is missing.
    pub span: Span,
    /// What it is.
    pub kind: SyntaxFaultKind,
}

/// The faults that a file can have before its meaning is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields say what their names say")]
pub enum SyntaxFaultKind {
    /// The text is not of its format; `message` is fit for a terminal.
    Syntax { message: String },
    /// `key` stands a second time in its mapping; `first` is where it stood first.
    DuplicateKey { key: String, first: Span },
    /// More than `limit` collections lie inside one another.
    TooDeep { limit: usize },
    /// There are more than `limit` values.
    TooManyNodes { limit: usize },
    /// An estate has more than `limit` systems or connections, and no number is left for another.
    TooManyEntries { of: &'static str, limit: usize },
    /// There are more than `limit` anchors, aliases, or repetitions by aliases.
    TooManyAliases { limit: usize, of: Repeating },
    /// An alias stands inside the very value that it names.
    RecursiveAlias,
    /// A YAML tag that means nothing here.
    UnsupportedTag { tag: String },
    /// A number without a finite value; `text` is the file's own.
    NotFinite { text: String },
    /// A YAML merge key.
    MergeKey,
    /// A key that is a collection or nothing.
    NonStringKey,
    /// Half of a surrogate pair, which is no character.
    LoneSurrogate,
    /// A second YAML document.
    MultipleDocuments,
}

/// What repeats values in a YAML file, and has a limit.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Repeating {
    /// Names for values (`&name`).
    Anchors,
    /// Uses of such names (`*name`).
    Aliases,
    /// The values that the uses stand for.
    Values,
}

impl SyntaxFaultKind {
    /// Returns the stable kebab-case code of the fault.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            SyntaxFaultKind::Syntax { .. } => "syntax",
            SyntaxFaultKind::DuplicateKey { .. } => "duplicate-key",
            SyntaxFaultKind::TooDeep { .. } => "too-deep",
            SyntaxFaultKind::TooManyNodes { .. } | SyntaxFaultKind::TooManyEntries { .. } => "too-many-values",
            SyntaxFaultKind::TooManyAliases { .. } => "too-many-aliases",
            SyntaxFaultKind::RecursiveAlias => "recursive-alias",
            SyntaxFaultKind::UnsupportedTag { .. } => "unsupported-tag",
            SyntaxFaultKind::NotFinite { .. } => "not-finite",
            SyntaxFaultKind::MergeKey => "merge-key",
            SyntaxFaultKind::NonStringKey => "non-string-key",
            SyntaxFaultKind::LoneSurrogate => "lone-surrogate",
            SyntaxFaultKind::MultipleDocuments => "multiple-documents",
        }
    }
}

impl fmt::Display for SyntaxFaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SyntaxFaultKind::Syntax { message } => f.write_str(message),
            SyntaxFaultKind::DuplicateKey { key, .. } => {
                write!(f, "the key `{}` is given twice", excerpt(key))
            }
            SyntaxFaultKind::TooDeep { limit } => {
                write!(f, "more than {limit} values lie inside one another")
            }
            SyntaxFaultKind::TooManyNodes { limit } => {
                write!(f, "the file holds more than {limit} values")
            }
            SyntaxFaultKind::TooManyEntries { of, limit } => {
                write!(f, "the estate has more than {limit} {of}")
            }
            SyntaxFaultKind::TooManyAliases { limit, of } => match of {
                Repeating::Anchors => write!(f, "there are more than {limit} anchors (`&name`)"),
                Repeating::Aliases => write!(f, "there are more than {limit} aliases (`*name`)"),
                Repeating::Values => write!(f, "aliases stand for more than {limit} values"),
            },
            SyntaxFaultKind::RecursiveAlias => f.write_str("this alias stands inside the value that it names"),
            SyntaxFaultKind::UnsupportedTag { tag } => {
                write!(f, "the tag `{}` is not supported", excerpt(tag))
            }
            SyntaxFaultKind::NotFinite { text } => {
                write!(f, "`{}` is not a finite number", excerpt(text))
            }
            SyntaxFaultKind::MergeKey => f.write_str("merge keys are not supported"),
            SyntaxFaultKind::NonStringKey => f.write_str("a key must be a string"),
            SyntaxFaultKind::LoneSurrogate => f.write_str("half of a surrogate pair is not a character"),
            SyntaxFaultKind::MultipleDocuments => f.write_str("a model file holds one document, and here begins another"),
        }
    }
}

/// Returns the tree of values that `source` states.
///
/// # Errors
/// Every fault found, in the order of the text and at least one: the first fault of syntax ends the reading, the
/// others do not. At most `limits.faults` of them.
pub fn parse<'s>(source: &'s Source, limits: &Limits) -> Result<Node<'s>, Vec<SyntaxFault>> {
    let mut faults = Faults::new(limits.faults);
    let root = match source.format() {
        Format::Json => json::parse(source, limits, &mut faults),
        Format::Yaml => yaml::parse(source, limits, &mut faults),
        Format::Toml => toml::parse(source, limits, &mut faults),
    };
    match root {
        Some(root) => faults.settle(root),
        // Without a tree there is a fault.
        None => Err(faults.settle(()).err().unwrap_or_default()),
    }
}

/// Returns the tree as [`parse`] does, but gives out the items of the `lists` in its outermost mapping one by one, in the
/// order of the text, so that of a JSON text no more than one of them is held at a time. The lists are empty in the tree.
///
/// # Errors
/// As [`parse`]. What was given before a fault stays given.
pub fn parse_items<'s>(
    source: &'s Source,
    limits: &Limits,
    lists: &[&str],
    item: &mut dyn FnMut(&str, &Node<'s>),
) -> Result<Node<'s>, Vec<SyntaxFault>> {
    if source.format() == Format::Json {
        let mut faults = Faults::new(limits.faults);
        return match json::parse_items(source, limits, &mut faults, lists, item) {
            Some(root) => faults.settle(root),
            None => Err(faults.settle(()).err().unwrap_or_default()),
        };
    }
    let mut root = parse(source, limits)?;
    if let Value::Mapping(entries) = &mut root.value {
        for Entry { key, node, .. } in entries.iter_mut().filter(|entry| lists.contains(&&*entry.key)) {
            if let Value::Sequence(items) = &mut node.value {
                for node in &std::mem::take(items) {
                    item(key, node);
                }
            }
        }
    }
    Ok(root)
}

/// Returns the trees of the documents that a file of another tool holds: one of JSON, any number of YAML.
///
/// Merge keys of YAML are followed, and a value with a tag of its own, `!Ref a`, is a mapping from the tag to the value.
///
/// # Errors
/// As [`parse`]; no message repeats what the file holds but keys.
pub fn parse_foreign<'s>(source: &'s Source, limits: &Limits) -> Result<Vec<Node<'s>>, Vec<SyntaxFault>> {
    let mut faults = Faults::new(limits.faults);
    let documents = match source.format() {
        Format::Json => json::parse(source, limits, &mut faults).into_iter().collect(),
        Format::Yaml | Format::Toml => yaml::parse_foreign(source, limits, &mut faults),
    };
    faults.settle(documents)
}

/// What to do with a part of a JSON text.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Give it out as a tree.
    Take,
    /// Give it out as a tree, of a mapping with those parts only that are taken or picked from themselves.
    Pick,
    /// Look at its parts.
    Enter,
    /// Step over it.
    Skip,
}

/// Reads a JSON text part by part, so that no more than one of them is held at a time.
///
/// `plan` is asked for every value that is entered, with the keys that lead to it (of a list's items `[]`), and `part`
/// given those taken, in the order of the text.
///
/// # Errors
/// As [`parse`]. What was given before a fault stays given.
pub fn parse_parts<'s>(
    source: &'s Source,
    limits: &Limits,
    plan: &mut dyn FnMut(&[Cow<'s, str>]) -> Part,
    part: &mut dyn FnMut(&[Cow<'s, str>], Node<'s>),
) -> Result<(), Vec<SyntaxFault>> {
    let mut faults = Faults::new(limits.faults);
    json::parse_parts(source, limits, &mut faults, plan, part);
    faults.settle(())
}

/// The faults collected so far, up to a limit.
pub(super) struct Faults {
    limit: usize,
    list: Vec<SyntaxFault>,
}

impl Faults {
    fn new(limit: usize) -> Self {
        // One fault at least is always kept, so that no refusal is silent.
        let limit = limit.max(1);
        Faults { limit, list: Vec::new() }
    }

    /// What was read, unless there are faults.
    fn settle<T>(mut self, read: T) -> Result<T, Vec<SyntaxFault>> {
        if self.list.is_empty() {
            return Ok(read);
        }
        self.list.sort_by_key(|fault| fault.span);
        // What an alias repeats has its faults again, in the same place.
        self.list.dedup();
        Err(self.list)
    }

    /// Adds a fault; past the limit it is dropped.
    pub(super) fn add(&mut self, span: Span, kind: SyntaxFaultKind) {
        if self.list.len() < self.limit {
            self.list.push(SyntaxFault { span, kind });
        }
    }

    /// Adds the fault that ended the reading; it takes the last one's place if there is no other.
    pub(super) fn add_last(&mut self, span: Span, kind: SyntaxFaultKind) {
        self.list.truncate(self.limit - 1);
        self.list.push(SyntaxFault { span, kind });
    }

    /// Adds a fault for each key of `entries` that stood there before.
    pub(super) fn add_duplicates(&mut self, entries: &[Entry<'_>]) {
        // Most mappings are small, and for those looking back costs less than hashing.
        if entries.len() <= 12 {
            for (at, entry) in entries.iter().enumerate() {
                if let Some(first) = entries[..at].iter().find(|first| first.key == entry.key) {
                    self.add_duplicate(entry, first.key_span);
                }
            }
            return;
        }
        // A table of a large mapping's keys costs more than its reading; sorted hashes tell cheaply that no two keys
        // are equal, which is nearly always so.
        let hasher = RandomState::new();
        let mut sorted: Vec<u64> = entries.iter().map(|entry| hasher.hash_one(&*entry.key)).collect();
        sorted.sort_unstable();
        if sorted.windows(2).all(|pair| pair[0] != pair[1]) {
            return;
        }
        let mut seen: HashMap<&str, Span> = HashMap::with_capacity(entries.len());
        for entry in entries {
            match seen.get(&*entry.key) {
                Some(&first) => self.add_duplicate(entry, first),
                None => drop(seen.insert(&entry.key, entry.key_span)),
            }
        }
    }

    fn add_duplicate(&mut self, entry: &Entry<'_>, first: Span) {
        let key = entry.key.clone().into_owned();
        self.add(entry.key_span, SyntaxFaultKind::DuplicateKey { key, first });
    }
}

/// Returns the beginning of a text for a message, fit for a terminal.
fn excerpt(text: &str) -> Cow<'_, str> {
    const LONGEST: usize = 80;
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => Cow::Owned(format!("{}…", visible(&text[..at]))),
        None => visible(text),
    }
}

/// Returns whether a number's digits name more than the largest finite number.
pub(super) fn overflows(digits: &str) -> bool {
    // Without an exponent it takes over 300 digits to get there, so that the common number is not even parsed.
    let may = digits.len() > 300 || digits.contains(['e', 'E']);
    may && digits.parse::<f64>().is_ok_and(f64::is_infinite)
}

/// Returns whether the core schema of YAML 1.2 takes a plain scalar for a finite number.
pub(super) fn is_core_number(text: &str) -> bool {
    let all = |digits: &str, of: fn(&u8) -> bool| !digits.is_empty() && digits.bytes().all(|digit| of(&digit));
    if let Some(digits) = text.strip_prefix("0o") {
        return all(digits, |digit| matches!(digit, b'0'..=b'7'));
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return all(digits, u8::is_ascii_hexdigit);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits_or_nothing = |digits: &str| digits.bytes().all(|digit| digit.is_ascii_digit());
    digits_or_nothing(whole)
        && digits_or_nothing(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|digits| all(digits, u8::is_ascii_digit))
}

/// Returns a library's message as ours: fit for a terminal, from a lower-case letter, without the place at its end.
pub(super) fn plain_message(message: &str) -> String {
    let is_place = |tail: &str| {
        let word = |word: &str| {
            let word = word.trim_end_matches(',');
            matches!(word, "line" | "column") || (!word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit()))
        };
        tail.split(' ').all(word)
    };
    let message = match message.rfind(" at line ") {
        Some(at) if is_place(&message[at + " at ".len()..]) => &message[..at],
        _ => message,
    };
    let message = visible(message.trim_end_matches('.'));
    let mut letters = message.chars();
    match letters.next() {
        // Words written in capitals, `EOF` say, stay as they are.
        Some(first) if !letters.as_str().starts_with(char::is_uppercase) => first.to_lowercase().chain(letters).collect(),
        _ => message.into_owned(),
    }
}

/// Returns the span of the one character at `offset`, empty at the end of the text.
pub(super) fn character_span(source: &Source, offset: usize) -> Span {
    let text = source.text();
    let mut start = offset.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let length = text[start..].chars().next().map_or(0, char::len_utf8);
    Span::new(source.index(), start, start + length)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Returns the shared hostile strings, which U+001E separates, or none, aloud, where they are not at hand.
    pub(crate) fn naughty() -> Vec<String> {
        let beside = || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
        let folder = std::env::var_os("WEAKLINK_SHARED").map_or_else(beside, std::path::PathBuf::from);
        let Ok(bytes) = std::fs::read(folder.join("cases/naughty.txt")) else {
            eprintln!("SKIPPED: {} holds no cases/naughty.txt; set WEAKLINK_SHARED", folder.display());
            return Vec::new();
        };
        let text = String::from_utf8_lossy(&bytes);
        text.split('\u{1e}').map(str::to_owned).collect()
    }

    fn large_json() -> String {
        let system = |n: usize| {
            format!(
                r#"{{"id":"system-{n}","name":"System {n}","owner":"team-{}","service":"aws.ec2","layers":{{"os":"implemented","data":"partial"}},"weight":0.{n}}}"#,
                n % 50
            )
        };
        let systems: Vec<String> = (0..62_000).map(system).collect();
        format!("{{\"systems\":[{}]}}", systems.join(",\n"))
    }

    fn large_yaml() -> String {
        let system = |n: usize| {
            format!(
                "  - id: system-{n}\n    name: \"System {n}\"\n    owner: team-{}\n    service: aws.ec2\n    layers: {{os: implemented, data: partial}}\n    weight: 0.{n}\n",
                n % 50
            )
        };
        let systems: Vec<String> = (0..62_000).map(system).collect();
        format!("systems:\n{}", systems.concat())
    }

    fn large_toml() -> String {
        let system = |n: usize| {
            format!(
                "[[systems]]\nid = \"system-{n}\"\nname = \"System {n}\"\nowner = \"team-{}\"\nservice = \"aws.ec2\"\nlayers = {{ os = \"implemented\", data = \"partial\" }}\nweight = 0.{n}\n",
                n % 50
            )
        };
        (0..62_000).map(system).collect()
    }

    fn source(name: &str, text: &str) -> Source {
        Source::from_bytes(name.to_owned(), text.as_bytes().to_vec(), 0).expect("the sample is text")
    }

    #[test]
    fn every_format_gives_the_same_values() {
        fn values(node: &Node<'_>) -> String {
            match &node.value {
                Value::Sequence(items) => format!("[{}]", items.iter().map(values).collect::<Vec<_>>().join(",")),
                Value::Mapping(entries) => {
                    let entry = |entry: &Entry<'_>| format!("{:?}:{}", entry.key, values(&entry.node));
                    format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(","))
                }
                scalar => format!("{scalar:?}"),
            }
        }
        let text = r#"{"a": [1.10, "x", null, true], "b": {"c": "é\n", "d": {}}, "e": []}"#;
        let json = source("m.json", text);
        let flow = source("m.yaml", text);
        let block = source("m.yaml", "a:\n- 1.10\n- x\n-\n- true\nb:\n  c: \"é\\n\"\n  d: {}\ne: []\n");
        let of = |source| values(&parse(source, &Limits::default()).expect("the sample is right"));
        assert_eq!(of(&json), of(&flow));
        assert_eq!(of(&json), of(&block));
        // TOML has no null.
        let json = source("m.json", &text.replace(", null", ""));
        let inline = source("m.toml", "a = [1.10, 'x', true]\nb = { c = \"é\\n\", d = {} }\ne = []\n");
        let dotted = source("m.toml", "a = [1.10, 'x', true]\nb.c = \"\"\"\né\n\"\"\"\nb.d = {}\ne = []\n");
        assert_eq!(of(&json), of(&inline));
        assert_eq!(of(&json), of(&dotted));
    }

    #[test]
    fn messages_lose_their_place_and_their_capital() {
        assert_eq!(plain_message("Expected value at line 3 column 4"), "expected value");
        assert_eq!(plain_message("bad at line 3, column 4"), "bad");
        assert_eq!(plain_message("mapping at line noise"), "mapping at line noise");
        assert_eq!(plain_message("EOF inside"), "EOF inside");
        assert_eq!(plain_message("\u{1b}[2J."), "␛[2J");
        assert_eq!(plain_message(""), "");
    }

    #[test]
    fn no_more_faults_are_kept_than_asked_for() {
        let limits = Limits { faults: 2, ..Limits::default() };
        let source = source("m.json", r#"[{"a":1,"a":1,"a":1,"a":1}, x"#);
        let faults = parse(&source, &limits).expect_err("the sample is wrong");
        let codes: Vec<&str> = faults.iter().map(|fault| fault.kind.code()).collect();
        assert_eq!(codes, ["duplicate-key", "syntax"]);
    }

    #[test]
    fn a_fault_does_not_show_what_a_terminal_would_obey() {
        let source = source("m.json", "{\"\\u001b[2J\":1,\"\\u001b[2J\":2}");
        let faults = parse(&source, &Limits::default()).expect_err("the sample is wrong");
        assert_eq!(faults[0].kind.to_string(), "the key `␛[2J` is given twice");
        let text = "9".repeat(1_000_000);
        let message = SyntaxFaultKind::NotFinite { text }.to_string();
        assert!(message.chars().count() < 120);
    }

    #[test]
    fn a_naughty_string_as_a_whole_file_never_panics() {
        for line in naughty() {
            let texts = [line.clone(), format!("a: {line}\n"), format!("{line}: b\n"), format!("[\"{line}\"]\n")];
            for (text, name) in texts.iter().flat_map(|text| [(text, "m.yaml"), (text, "m.json"), (text, "m.toml")]) {
                let bytes = text.clone().into_bytes();
                let Ok(source) = Source::from_bytes(name.to_owned(), bytes, 0) else {
                    continue;
                };
                for fault in parse(&source, &Limits::default()).err().unwrap_or_default() {
                    assert!(source.text().get(fault.span.range()).is_some());
                    assert!(!fault.kind.to_string().chars().any(crate::source::is_hidden));
                }
            }
        }
    }

    #[test]
    fn a_model_of_eight_megabytes_is_read() {
        for (name, text) in [("m.json", large_json()), ("m.yaml", large_yaml()), ("m.toml", large_toml())] {
            let source = source(name, &text);
            assert!(parse(&source, &Limits::default()).is_ok());
        }
    }
}
