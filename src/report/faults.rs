//! The wording of every fault of an input file, in one place, and the listing of all faults of a run.

use super::snippet::{self, Snippet};
use crate::catalog::{ConnectionKind, ControlCatalog, ControlStatus, Layer, PartyKind, Strength};
use crate::source::{Diagnostic, Diagnostics, Fault, Noun, Severity, Source, Span, SyntaxFaultKind, nearest, visible};
use std::fmt::{self, Write as _};

/// What a reader is told about a fault.
///
/// Texts of the model come in backticks and unfiltered; [`snippet::render`] and [`visible`] make them fit to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wording {
    /// The stable kebab-case code, which names a section of the rule reference.
    pub code: &'static str,
    /// What is wrong: what was found, and where it is not in the label, what was expected.
    pub message: String,
    /// What stands under the place; may be empty.
    pub label: String,
    /// What stands under the other place; empty where there is none.
    pub other: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Wording {
    fn new(code: &'static str, message: impl Into<String>, label: impl Into<String>) -> Self {
        Self { code, message: message.into(), label: label.into(), other: String::new(), help: None }
    }

    fn other(self, other: impl Into<String>) -> Self {
        Self { other: other.into(), ..self }
    }

    fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

/// Characters of a text of the model that a message repeats; the excerpt shows the rest.
const LONGEST: usize = 80;

/// Words of a vocabulary up to which a message lists all of them.
const SHORT: usize = 13;

const CODES: &[&str] = &[
    "bad-date",
    "bad-finding",
    "bad-id",
    "bad-name",
    "broad-grant",
    "dangling",
    "downward-climb",
    "duplicate-key",
    "foreign-version",
    "future-evidence",
    "hidden-characters",
    "idle-rule",
    "incomplete",
    "inverted",
    "isolated-system",
    "layer-exists",
    "lone-surrogate",
    "merge-key",
    "misplaced-control",
    "misplaced-copy",
    "misplaced-split",
    "missing-key",
    "model-conflict",
    "multiple-documents",
    "no-such-layer",
    "nobody-owner",
    "non-string-key",
    "not-finite",
    "not-ours",
    "not-rendered",
    "not-that-format",
    "odd-provider",
    "out-of-range",
    "outside-folder",
    "owners-differ",
    "recursive-alias",
    "repeated-id",
    "reserved-id",
    "self-connection",
    "syntax",
    "too-deep",
    "too-many-aliases",
    "too-many-rules",
    "too-many-values",
    "unknown-certainty",
    "unknown-class",
    "unknown-connection",
    "unknown-control",
    "unknown-criticality",
    "unknown-direction",
    "unknown-facing",
    "unknown-fix",
    "unknown-format",
    "unknown-gap-kind",
    "unknown-key",
    "unknown-kind",
    "unknown-layer",
    "unknown-level",
    "unknown-model",
    "unknown-party",
    "unknown-party-kind",
    "unknown-profile",
    "unknown-service",
    "unknown-status",
    "unknown-strength",
    "unknown-system",
    "unknown-verdict",
    "unmet-responsibility",
    "unsupported-tag",
    "unused-party",
    "unused-setting",
    "version",
    "wrong-type",
];

/// Returns every code that a diagnostic can have, once, sorted.
pub fn codes() -> Vec<&'static str> {
    CODES.to_vec()
}

/// Returns what a reader is told about a fault of a file: of one that is not ours, nothing that it holds.
pub fn wording_in(fault: &Fault, source: Option<&Source>) -> Wording {
    let wording = wording(fault);
    let Fault::Syntax(kind) = fault else { return wording };
    if source.is_none_or(Source::is_ours) {
        return wording;
    }
    let message = match kind {
        SyntaxFaultKind::Syntax { message } if PARSERS_WORDS.iter().any(|(theirs, _, _)| message.starts_with(theirs)) => return wording,
        SyntaxFaultKind::Syntax { message } if OWN_WORDS.iter().any(|own| message.starts_with(own)) => return wording,
        SyntaxFaultKind::Syntax { .. } => "the text is not well formed",
        SyntaxFaultKind::DuplicateKey { .. } => "a key is given twice",
        SyntaxFaultKind::UnsupportedTag { .. } => "a tag is not supported",
        SyntaxFaultKind::NotFinite { .. } => "a number is not finite",
        _ => return wording,
    };
    Wording { message: message.to_owned(), ..wording }
}

/// Returns what a reader is told about a fault.
#[expect(clippy::too_many_lines, reason = "an arm for every fault")]
pub fn wording(fault: &Fault) -> Wording {
    match fault {
        Fault::Syntax(kind) => syntax_wording(kind),
        Fault::NotOurs { key, known } => not_ours(key, known),
        Fault::Version { found } => {
            Wording::new("version", format!("version {} of the file format cannot be read", quoted(found)), "expected the number `1`")
                .help("write `1`; a later version needs a later release of weaklink")
        }
        Fault::WrongType { found, expected } => {
            let wording = Wording::new("wrong-type", format!("expected {expected}, found {found}"), format!("expected {expected}"));
            Wording { help: type_help(found, expected).map(str::to_owned), ..wording }
        }
        Fault::UnknownKey { key, place, known } => unknown_key(key, place, known),
        Fault::MissingKey { key, place } => missing_key(key, place),
        Fault::UnknownWord { noun, word, nearest, known } => unknown_word(*noun, word, nearest.as_deref(), known),
        Fault::Undefined { noun, id, nearest, known } => undefined(*noun, id, nearest.as_deref(), known),
        Fault::RepeatedId { noun, id } => repeated_id(*noun, id),
        Fault::BadId { id } => bad_id(id),
        Fault::ReservedId { id } => {
            Wording::new("reserved-id", format!("{} cannot be the id of a party", quoted(id)), "has a meaning of its own")
                .help("`owner: nobody` says that a layer has no owner; give the party another id")
        }
        Fault::BadName { name } => {
            Wording::new("bad-name", format!("the name {} holds control characters", quoted(name)), "expected plain text")
                .help("write the name on one line, without tabs and escape sequences")
        }
        Fault::BadDate { text } => Wording::new("bad-date", format!("{} is not a date", quoted(text)), "expected `YYYY-MM-DD`")
            .help("write a day of the calendar, such as `2026-03-31`"),
        Fault::OutOfRange { text, range } => {
            Wording::new("out-of-range", format!("the number {} is out of range", quoted(text)), format!("expected a number from {range}"))
        }
        Fault::OutsideFolder { path } => {
            Wording::new("outside-folder", format!("{} does not lie in this folder", quoted(path)), "expected a path below this folder")
                .help("name a file beside this one or below it, with `/` between folders")
        }
        Fault::BadFinding { finding, expected } => {
            Wording::new("bad-finding", format!("{} is not a finding", quoted(finding)), "cannot be told").help(expected.clone())
        }
        Fault::Inverted => Wording::new("inverted", "the low end of this interval is above its high end", "expected `[low, high]`")
            .help("write the lower number first"),
        Fault::SelfConnection { id } => {
            Wording::new("self-connection", format!("system {} is connected to itself", quoted(id)), "the same system again")
                .other("from here")
                .help("name two systems; how exposure moves inside one is the policy's part")
        }
        Fault::MisplacedControl { control, layer, belongs } => misplaced_control(control, layer, belongs),
        Fault::LayerExists { layer, of, cell } => layer_exists(layer, of, cell),
        Fault::MisplacedSplit { layer, of, cell } => misplaced_split(layer, of, cell),
        Fault::NoSuchLayer { layer, of } => {
            Wording::new("no-such-layer", format!("{} has no layer `{layer}`", quoted(of)), "this claim is ignored")
                .help("remove the claim, or correct the system's `service` or `model`")
        }
        Fault::ModelConflict { service, expected } => {
            let message = format!("service {} is of model `{expected}`, and another is stated", quoted(service));
            Wording::new("model-conflict", message, format!("expected `{expected}`"))
                .other("the service decides the model")
                .help("remove `model`, or correct `service`")
        }
        Fault::MisplacedCopy { kind } => Wording::new(
            "misplaced-copy",
            format!("`copy` is for connections of kind `feeds`, and this one is of kind `{kind}`"),
            "nothing to copy here",
        )
        .help("remove `copy`, or correct `kind`"),
        Fault::NobodyOwner => Wording::new("nobody-owner", "a system cannot be owned by `nobody`", "expected a party")
            .help("leave `owner` out; `owner: nobody` goes to each layer that nobody owns"),
        Fault::DownwardClimb { from, to } => downward_climb(from, to),
        Fault::Incomplete { key, table } => {
            Wording::new("incomplete", format!("`{table}` of the policy has no entry for `{key}`"), format!("`{key}` is missing"))
                .help("add it; a policy must say a number for every word")
        }
        Fault::TooManyRules { limit } => {
            Wording::new("too-many-rules", format!("the policy has more than {limit} transfer rules"), "a rule too many")
                .help("remove rules; the shipped policy has fewer than a hundred")
        }
        Fault::UnknownFormat { known } => {
            Wording::new("unknown-format", "this is neither a model nor a file of a format that is read", "of no known format")
                .help(format!("name the format, one of {}, if it is one of them", known.join(", ")))
        }
        Fault::NotThatFormat { expected, lacks } => {
            Wording::new("not-that-format", format!("this is not {expected}"), format!("expected {lacks}"))
                .help("leave the format out to have it found, or give the file that this one was made from")
        }
        Fault::ForeignVersion { format, expected } => {
            Wording::new("foreign-version", format!("{format} of a version that is not read"), format!("expected {expected}"))
                .help("write the file again with a tool of one of these versions")
        }
        Fault::NotRendered { remedy } => {
            Wording::new("not-rendered", "this is a template, and what fills it in is not known here", "a place to be filled in")
                .help(format!("fill it in first, with {remedy}, and import what comes out"))
        }
        Fault::OwnersDiffer { system, layer, owners: [one, other] } => {
            let of = layer.map_or_else(|| quoted(system), |layer| format!("`{layer}` of {}", quoted(system)));
            Wording::new("owners-differ", format!("different owners of {of} are named: {} and {}", quoted(one), quoted(other)), "one here")
                .other("another here")
                .help("ask both; until they agree nobody is accountable, and the model says so")
        }
        Fault::Dangling { what, name } => {
            Wording::new("dangling", format!("no file describes the {what} {}", quoted(name)), "leads nowhere")
                .help("give the file that describes it, too, or correct the reference")
        }
        Fault::Unmet { responsibility, control } => {
            let message = format!("nobody takes up the responsibility {} for {}", quoted(responsibility), quoted(control));
            Wording::new("unmet-responsibility", message, "handed over here")
                .help("each side believes that the other one does it: agree, and let the one that does it say that it is satisfied")
        }
        Fault::BroadGrant { role, group } => {
            let message = format!("the role {} is granted to {}, which nearly everybody belongs to", quoted(role), quoted(group));
            Wording::new("broad-grant", message, "granted here").help("grant it to those who need it")
        }
        Fault::UnusedParty { id } => {
            Wording::new("unused-party", format!("nothing refers to party {}", quoted(id)), "has no part in the model")
                .help("name it as an owner or a provider, or remove it")
        }
        Fault::IsolatedSystem { id } => {
            Wording::new("isolated-system", format!("system {} has no connection", quoted(id)), "nothing reaches it or leaves it")
                .help("add its connections; without them its exposure stays where it is")
        }
        Fault::IdleRule => Wording::new("idle-rule", "this rule matches no system", "has no effect")
            .help("correct its `match`: every key of it must hold for a system"),
        Fault::UnusedSetting { setting, service, nearest } => unused_setting(setting, service.as_deref(), nearest.as_deref()),
        Fault::FutureEvidence { date, as_of } => Wording::new(
            "future-evidence",
            format!("evidence of {} is later than the analysis date {}", quoted(date), quoted(as_of)),
            "counts as fresh",
        )
        .help("correct the date, or give a later date with `--as-of`"),
        Fault::OddProvider { id } => Wording::new(
            "odd-provider",
            format!("provider {} is declared as a party of the customer's side", quoted(id)),
            "expected a party of kind `provider`",
        )
        .help("declare it with `kind: provider`, or name who runs the system"),
        Fault::HiddenCharacters { name } => Wording::new(
            "hidden-characters",
            format!("the name {} holds characters that a reader does not see", quoted(name)),
            "hidden characters",
        )
        .help("type the name again; copied text can bring such characters along"),
    }
}

fn syntax_wording(kind: &SyntaxFaultKind) -> Wording {
    let code = kind.code();
    match kind {
        SyntaxFaultKind::Syntax { message } => {
            let (message, help) = plain_syntax(message);
            Wording { help: help.map(str::to_owned), ..Wording::new(code, message, "here") }
        }
        SyntaxFaultKind::DuplicateKey { .. } => {
            Wording::new(code, kind.to_string(), "again here").other("first here").help("keep one of the two")
        }
        SyntaxFaultKind::TooDeep { limit } => {
            Wording::new(code, format!("more than {limit} lists and mappings lie inside one another"), "too deep from here on")
                .help("a model needs fewer than 10 levels; look for a bracket that is not closed")
        }
        SyntaxFaultKind::TooManyNodes { .. } => Wording::new(code, kind.to_string(), "beyond the limit from here on")
            .help("`--max-size MIB` raises the limit with the size of files; or split the model, and give the parts with `--with`"),
        SyntaxFaultKind::TooManyEntries { .. } => {
            Wording::new(code, kind.to_string(), "one too many").help("no number of 32 bits is left for more: split the estate")
        }
        SyntaxFaultKind::TooManyAliases { .. } => Wording::new(code, kind.to_string(), "beyond the limit from here on")
            .help("write the values out, or state once under `rules` what many systems share"),
        SyntaxFaultKind::RecursiveAlias => {
            Wording::new(code, kind.to_string(), "would never end").help("write the value out where the alias stands")
        }
        SyntaxFaultKind::UnsupportedTag { .. } => {
            Wording::new(code, kind.to_string(), "this value has the tag").help("remove the tag; put a text that begins with `!` in quotes")
        }
        SyntaxFaultKind::NotFinite { .. } => {
            Wording::new(code, kind.to_string(), "expected a number").help("write digits, or put it in quotes if it is a text")
        }
        SyntaxFaultKind::MergeKey => Wording::new(code, "the merge key `<<` is not supported", "merges nothing")
            .help("write the keys out, or state once under `rules` what many systems share"),
        SyntaxFaultKind::NonStringKey => Wording::new(code, "a key must be a text", "not a text")
            .help("put the key in quotes; a text that begins with `[`, `{` or `~` needs them"),
        SyntaxFaultKind::LoneSurrogate => {
            Wording::new(code, kind.to_string(), "the other half is missing").help("write the character itself in place of the escape")
        }
        SyntaxFaultKind::MultipleDocuments => {
            Wording::new(code, kind.to_string(), "a second document").help("put it in a file of its own, and give that with `--with`")
        }
    }
}

/// The message of a parser in words for people, and a remedy where the message points to one.
fn plain_syntax(message: &str) -> (String, Option<&'static str>) {
    if let Some((_, words, help)) = PARSERS_WORDS.iter().find(|(theirs, _, _)| message.starts_with(theirs)) {
        return ((*words).to_owned(), Some(help));
    }
    if let Some(found) = message.strip_prefix("unexpected character: `").and_then(|rest| rest.strip_suffix('\'')) {
        return match found.strip_prefix("\\u{") {
            Some(number) => {
                (format!("a character that YAML does not allow, U+{:0>4}", number.trim_end_matches('}').to_uppercase()), Some("remove it"))
            }
            None => (format!("no value can begin with `{found}`"), Some("put the text in quotes")),
        };
    }
    let help = match message {
        _ if message.starts_with("the text ends inside") => Some("look for a bracket or a quote that is not closed"),
        _ if message.starts_with("expected `,`") => Some("a comma or a closing bracket is missing before this place"),
        _ => None,
    };
    (message.to_owned(), help)
}

/// How messages begin that are ours already, and repeat nothing of the file.
const OWN_WORDS: &[&str] = &[
    "the text ends inside",
    "this row ",
    "more than 1,000 braces",
    "this graph has ",
    "an arrow ",
    "expected `",
    "expected a ",
    "a quote ",
    "a comment ",
    "an angle ",
    "a character that no name",
];

/// How the messages of the parsers begin, each with our words for it and the remedy.
const PARSERS_WORDS: &[(&str, &str, &str)] = &[
    ("expected ident", "expected `true`, `false` or `null`", "put a text in double quotes"),
    ("expected value", "expected a value", "a value is a text in double quotes, a number, `true`, `false`, `null`, a list or a mapping"),
    ("trailing characters", "the text goes on after its end", "a JSON file holds one value; look for a bracket closed too early"),
    ("trailing comma", "a comma before a closing bracket", "remove the comma"),
    ("key must be a string", "expected a key", "in JSON a key is a text in double quotes"),
    ("control character", "a control character or a line break in a text", "write it as an escape, such as `\\n`"),
    ("invalid escape", "unknown escape in a text", "write `\\\\` for a backslash"),
    ("invalid number", "not a number of JSON", "write it without a leading zero or plus, or put a text in double quotes"),
    ("unclosed quote", "a quote is not closed", "end the text with the same quote that it begins with"),
    (
        "illegal placement of ':'",
        "a `:` where no key can stand",
        "look for an open bracket before it; put a text that holds `: ` in quotes",
    ),
    ("alias references unknown anchor", "an alias without its anchor", "put a text that begins with `*` in quotes"),
    ("while scanning an anchor or alias", "`*` or `&` without a name", "put a text that begins with `*` or `&` in quotes"),
    ("tabs disallowed", "a tab in the indentation", "indent with blanks"),
    (
        "while parsing a block collection",
        "this line is indented neither like an item nor like a key of one",
        "indent it like the lines that it belongs to",
    ),
    ("while parsing a block mapping", "this line is indented like none of the keys above", "indent it like the lines that it belongs to"),
    ("misplaced bracket", "a closing bracket without its opening one", "remove it, or open it before"),
    ("unclosed bracket", "a bracket is not closed", "close it, or put a text that begins with a bracket in quotes"),
    (
        "while parsing a quoted scalar, found unknown escape",
        "unknown escape in a text",
        "write `\\\\` for a backslash, or use single quotes",
    ),
    ("a number in base", "a number that is not decimal", "write it in decimal"),
    ("duplicate key", "the key is given twice", "keep one of the two; a table has one header"),
    ("string values must be quoted", "expected a value", "put a text in double quotes"),
    ("cannot extend value", "the key has a value already, and cannot be a table as well", "give one of the two another name"),
    ("key with no value", "a key without its value", "write `key = value`"),
    ("unclosed array table", "a header is not closed", "end it with `]]`"),
    ("unclosed array", "a list is not closed", "end it with `]`"),
    ("unclosed inline table", "a mapping is not closed", "end it with `}`"),
    ("unclosed table", "a header is not closed", "end it with `]`"),
    ("simple key expected ':'", "a key without its `:`", "write `key: value`, with a blank after the colon"),
    ("mapping values are not allowed", "a `:` where no key can stand", "put a text that holds `: ` in quotes, and check the indentation"),
];

fn not_ours(key: &str, known: &[&str]) -> Wording {
    let (what, remedy) = match key {
        "weaklink_policy" => ("a weaklink policy", "write `weaklink_policy: 1` at the top of a policy, and start from the shipped one"),
        "weaklink_waivers" => ("a file of waivers", "write `weaklink_waivers = 1` at its top; `weaklink accept` writes such a file"),
        _ if known.contains(&"review") => ("a project's `weaklink.toml`", "write `weaklink = 1` at its top"),
        _ => ("a weaklink model", "write `weaklink: 1` at the top of a model; `weaklink init` writes one to start from"),
    };
    Wording::new("not-ours", format!("this file is not {what}"), format!("expected the key `{key}`")).help(remedy)
}

fn type_help(found: &str, expected: &str) -> Option<&'static str> {
    Some(match (found, expected) {
        ("nothing", _) => "write a value, or leave the key out",
        ("a number" | "a boolean", "a text") => "put it in quotes",
        (_, "a text") => "write a single text here",
        ("a mapping", "a list") => "write each item with its keys, such as `[{ id: web }, { id: db }]`",
        (_, "a list") => "write `[one, two]`; a single item needs the brackets, too",
        (_, "a mapping") => "write keys with their values, such as `{ status: partial }`",
        (_, "two numbers, low and high") => "write `[low, high]`, such as `[0.2, 0.8]`",
        ("a text", "a number") => "write it in digits and without quotes",
        ("a text", "true or false") => "write `true` or `false`, without quotes",
        _ => return None,
    })
}

fn unknown_key(key: &str, place: &str, known: &[&str]) -> Wording {
    let place = with_article(place);
    let help = match nearest(key, known.iter().copied()) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("{place} has the keys {}", listed(known)),
    };
    Wording::new("unknown-key", format!("unknown key {} in {place}", quoted(key)), "no such key").help(help)
}

fn missing_key(key: &str, place: &str) -> Wording {
    let help = match (place, key) {
        (_, "id") => "an id is 1 to 512 printable ASCII characters without white space".to_owned(),
        ("party", "kind") => one_of(PartyKind::IDS),
        ("connection", "kind") => one_of(ConnectionKind::IDS),
        ("connection", "from") => "exposure comes from `from` and goes to `to`; both are ids of systems".to_owned(),
        ("connection", "to") => "exposure goes to `to` and comes from `from`; both are ids of systems".to_owned(),
        ("control of a connection", "strength") => one_of(Strength::IDS),
        ("control of a connection", "status") => one_of(ControlStatus::IDS),
        ("control of a connection", "class") => "the policy lists the classes, such as `authn` or `segmentation`".to_owned(),
        ("evidence", _) => "`as_of` is the day that the evidence speaks of, such as `2026-03-31`".to_owned(),
        ("rule", _) => "`match` says which systems the rule is about, such as `{ provider: aws }`".to_owned(),
        ("policy", _) => "a policy states every key; copy it from the shipped one".to_owned(),
        _ => format!("add `{key}`"),
    };
    Wording::new("missing-key", format!("missing key `{key}` in {}", with_article(place)), format!("`{key}` is missing here")).help(help)
}

fn unknown_word(noun: Noun, word: &str, nearest: Option<&str>, known: &[&str]) -> Wording {
    let (code, name) = noun_words(noun);
    let help = match nearest {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None if !known.is_empty() && known.len() <= SHORT => one_of(known),
        None => match noun {
            Noun::Service => "`weaklink explain` lists the services; for another, state `model` and `provider` instead".to_owned(),
            Noun::Control => controls_help(word),
            Noun::Level => "the policy's `levels` lists them".to_owned(),
            _ => format!("`weaklink explain` lists what a {name} can be"),
        },
    };
    Wording::new(code, format!("unknown {name} {}", quoted(word)), format!("no such {name}")).help(help)
}

/// The controls of the layer that an unknown control begins with.
fn controls_help(word: &str) -> String {
    let Some(layer) = word.split_once('.').and_then(|(layer, _)| Layer::from_id(layer)) else {
        return "a control is named after its layer, such as `os.patching`; `weaklink explain os` lists those of a layer".to_owned();
    };
    let controls = ControlCatalog::shipped().controls().iter().filter(|control| control.layer == Some(layer));
    one_of(&controls.map(|control| control.id.as_str()).collect::<Vec<_>>())
}

fn undefined(noun: Noun, id: &str, nearest: Option<&str>, known: &[String]) -> Wording {
    let (code, name) = noun_words(noun);
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let help = match (nearest, noun) {
        (Some(nearest), _) => format!("did you mean {}?", quoted(nearest)),
        (None, Noun::Class) if !known.is_empty() => one_of(&known),
        (None, Noun::Class) => "the policy's `classes` lists them".to_owned(),
        (None, _) if known.is_empty() => format!("define it under `{}`", plural(noun)),
        (None, _) => format!("define it under `{}`, or name a defined one: {}", plural(noun), listed(&known)),
    };
    match noun {
        Noun::Class => Wording::new(code, format!("unknown {name} {}", quoted(id)), "not among the policy's classes").help(help),
        _ => Wording::new(code, format!("no {name} has the id {}", quoted(id)), "not defined in any file").help(help),
    }
}

fn repeated_id(noun: Noun, id: &str) -> Wording {
    let (_, name) = noun_words(noun);
    let help = match noun {
        Noun::System => "give each system an id of its own; only an overlay, given with `--with`, can add to a system",
        Noun::Waiver => "keep one of the two: a finding is accepted once",
        Noun::Connection => "leave `id` out, and it is derived from `from`, `kind` and `to`",
        _ => "keep one of the two, or give each an id of its own",
    };
    Wording::new("repeated-id", format!("two {} have the id {}", plural(noun), quoted(id)), format!("again here, for another {name}"))
        .other("first here")
        .help(help)
}

fn bad_id(id: &str) -> Wording {
    let (message, label) = match id.chars().find(|c| !c.is_ascii_graphic()) {
        _ if id.is_empty() => ("an id cannot be empty".to_owned(), "expected at least one character"),
        Some(c) if c.is_whitespace() && !c.is_control() => (format!("the id {} holds white space", quoted(id)), "expected no white space"),
        Some(c) => (format!("the id {} holds `{c}`, which is not printable ASCII", quoted(id)), "expected printable ASCII"),
        None => (format!("an id of {} characters is too long", id.len()), "expected at most 512 characters"),
    };
    Wording::new("bad-id", message, label).help("an id is 1 to 512 printable ASCII characters without white space; `name` takes any text")
}

fn misplaced_control(control: &str, layer: &str, belongs: &str) -> Wording {
    let message = |of: &str| format!("{} is a control of {of}, not of layer `{layer}`", quoted(control));
    if belongs == "connection" {
        return Wording::new("misplaced-control", message("connections"), "not of this layer")
            .help("put a control with `class`, `strength` and `status` under `controls` of the connection");
    }
    Wording::new("misplaced-control", message(&format!("layer `{belongs}`")), "not of this layer")
        .help(format!("move it to `controls` under `{belongs}`"))
}

fn layer_exists(layer: &str, of: &str, cell: &str) -> Wording {
    let message = match cell {
        "split" => format!("layer `{layer}` is split, so neither half can be `not-applicable`"),
        "shared" => format!("layer `{layer}` of {} exists: customer and provider share it", quoted(of)),
        side => format!("layer `{layer}` of {} exists: it is the {side}'s to secure", quoted(of)),
    };
    let help = match cell {
        "split" => "state how far the half is covered, or remove the split",
        _ => "state how far it is covered; a single control may be `not-applicable`, a layer that exists may not",
    };
    Wording::new("layer-exists", message, "cannot be `not-applicable`").help(help)
}

fn misplaced_split(layer: &str, of: &str, cell: &str) -> Wording {
    if cell == "not-applicable" {
        return Wording::new("misplaced-split", format!("{} has no layer `{layer}` to split", quoted(of)), "nothing to split")
            .help("remove the claim, or correct the system's `service` or `model`");
    }
    let message = format!("layer `{layer}` of {} is not shared: it is the {cell}'s alone to secure", quoted(of));
    Wording::new("misplaced-split", message, "nothing to split").help(format!("put `owner` and `status` directly under `{layer}`"))
}

fn downward_climb(from: &str, to: &str) -> Wording {
    if from == to {
        return Wording::new("downward-climb", format!("a climb rule goes from `{from}` to itself"), "expected another layer")
            .help("remove the rule, or name two layers");
    }
    Wording::new(
        "downward-climb",
        format!("a climb rule of profile `up` goes down, from `{from}` to `{to}`"),
        format!("expected a layer above `{from}`"),
    )
    .help("exchange the two, or use profile `govern` or `escape`")
}

fn unused_setting(setting: &str, service: Option<&str>, nearest: Option<&str>) -> Wording {
    let Some(service) = service else {
        let message = format!("setting {} decides nothing: the system states no service", quoted(setting));
        return Wording::new("unused-setting", message, "has no effect").help("state the `service`, or remove the setting");
    };
    let message = format!("setting {} decides nothing for {}", quoted(setting), quoted(service));
    let help = match nearest {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("remove it; `weaklink explain {service}` lists the settings that count"),
    };
    Wording::new("unused-setting", message, "has no effect").help(help)
}

/// The code of an unknown name, and what such a name is called.
fn noun_words(noun: Noun) -> (&'static str, &'static str) {
    match noun {
        Noun::System => ("unknown-system", "system"),
        Noun::Party => ("unknown-party", "party"),
        Noun::Connection => ("unknown-connection", "connection"),
        Noun::Layer => ("unknown-layer", "layer"),
        Noun::ServiceModel => ("unknown-model", "service model"),
        Noun::Service => ("unknown-service", "service"),
        Noun::Control => ("unknown-control", "control"),
        Noun::Status => ("unknown-status", "status"),
        Noun::ConnectionKind => ("unknown-kind", "kind of connection"),
        Noun::PartyKind => ("unknown-party-kind", "kind of party"),
        Noun::Criticality => ("unknown-criticality", "criticality"),
        Noun::Facing => ("unknown-facing", "facing"),
        Noun::Strength => ("unknown-strength", "strength"),
        Noun::Certainty => ("unknown-certainty", "certainty"),
        Noun::Class => ("unknown-class", "control class"),
        Noun::Level => ("unknown-level", "level"),
        Noun::Profile => ("unknown-profile", "profile"),
        Noun::Direction => ("unknown-direction", "direction"),
        Noun::Verdict => ("unknown-verdict", "verdict"),
        Noun::GapKind => ("unknown-gap-kind", "kind of gap"),
        Noun::FixKind => ("unknown-fix", "kind of fix"),
        Noun::Waiver => ("unknown-waiver", "waiver"),
    }
}

fn plural(noun: Noun) -> String {
    match noun {
        Noun::Party => "parties".to_owned(),
        Noun::GapKind => "kinds of gaps".to_owned(),
        Noun::FixKind => "kinds of fixes".to_owned(),
        _ => format!("{}s", noun_words(noun).1),
    }
}

fn with_article(place: &str) -> String {
    match place {
        "evidence" => place.to_owned(),
        "match" => "a `match`".to_owned(),
        _ => format!("a {place}"),
    }
}

/// A text of the model in backticks, cut where it is long.
fn quoted(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("`{}…`", &text[..at]),
        None => format!("`{text}`"),
    }
}

fn one_of(words: &[&str]) -> String {
    format!("one of {}", listed(words))
}

fn listed(words: &[&str]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(", ")
}

/// Returns the drawing of the diagnostics in the order of their places, and a line that counts them.
///
/// At most `most` are drawn, warnings left out before errors, and a line says how many are not. Whatever the model
/// holds, nothing that a terminal obeys comes out but, with `color`, our own colours. Empty without diagnostics.
pub fn render(diagnostics: &Diagnostics, sources: &[Source], color: bool, most: usize) -> String {
    let mut all: Vec<&Diagnostic> = diagnostics.iter().collect();
    if all.is_empty() {
        return String::new();
    }
    all.sort_by_key(|diagnostic| (diagnostic.severity, diagnostic.span));
    let mut shown: Vec<&Diagnostic> = all.iter().copied().take(most).collect();
    shown.sort_by_key(|diagnostic| (diagnostic.span, diagnostic.severity));
    let mut text = String::new();
    for diagnostic in &shown {
        text.push_str(&drawn(diagnostic, sources, color));
        text.push('\n');
    }
    if all.len() > shown.len() {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "… and {} more\n\n", all.len() - shown.len());
    }
    let _ = writeln!(text, "{}", summary(diagnostics));
    text
}

fn drawn(diagnostic: &Diagnostic, sources: &[Source], color: bool) -> String {
    let of = sources.iter().find(|source| source.index() == diagnostic.span.source);
    let wording = wording_in(&diagnostic.fault, of);
    let also: Vec<(Span, &str)> = other_place(diagnostic).map(|span| (span, wording.other.as_str())).into_iter().collect();
    let snippet = Snippet {
        severity: diagnostic.severity,
        code: wording.code,
        message: &wording.message,
        at: Some(diagnostic.span),
        label: &wording.label,
        also: &also,
        help: wording.help.as_deref(),
    };
    snippet::render(&snippet, sources, color)
}

fn other_place(diagnostic: &Diagnostic) -> Option<Span> {
    match &diagnostic.fault {
        Fault::Syntax(SyntaxFaultKind::DuplicateKey { first, .. }) => Some(*first),
        _ => diagnostic.other,
    }
}

/// Returns how many errors and warnings there are, such as `3 errors, 1 warning`.
pub fn summary(diagnostics: &Diagnostics) -> String {
    let counted = |severity, one: &str| match diagnostics.count(severity) {
        0 => None,
        1 => Some(format!("1 {one}")),
        many => Some(format!("{many} {one}s")),
    };
    let parts: Vec<String> = [counted(Severity::Error, "error"), counted(Severity::Warning, "warning")].into_iter().flatten().collect();
    if parts.is_empty() { "no errors".to_owned() } else { parts.join(", ") }
}

/// One line per diagnostic, `code: message`, without places: [`render`] draws them against their files.
impl fmt::Display for Diagnostics {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, diagnostic) in self.iter().enumerate() {
            let wording = wording(&diagnostic.fault);
            let separator = if position == 0 { "" } else { "\n" };
            write!(out, "{separator}{}: {}", wording.code, visible(&wording.message))?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}
