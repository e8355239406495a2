//! Whether an attribute is as a control asks for.

use super::table::Test;
use crate::import::{environment, tree};
use crate::source::{Node, Value};
use serde_json::Value as Json;

/// Whether the values of an attribute, of which there is at least one, pass a test; none where they do not tell.
pub(super) fn passes(test: &Test, nodes: &[&Node<'_>]) -> Option<bool> {
    // What stands for something that is only known when it is made tells nothing of its value.
    let is_known = |node: &&&Node<'_>| !tree::text(node).is_some_and(|text| text.starts_with('\u{1}'));
    let all = |holds: &dyn Fn(&Node<'_>) -> Option<bool>| {
        let told: Vec<bool> = nodes.iter().filter(is_known).filter_map(|node| holds(node)).collect();
        (!told.is_empty()).then(|| told.iter().all(|told| *told))
    };
    match test {
        Test::True => all(&|node| tree::truth(node)),
        Test::NotTrue => all(&|node| tree::truth(node).map(|truth| !truth)),
        Test::Set => Some(nodes.iter().any(|node| is_there(node))),
        Test::Unset => Some(!nodes.iter().any(|node| is_there(node))),
        Test::OneOf(words) => all(&|node| tree::scalar(node).map(|value| words.iter().any(|word| value.eq_ignore_ascii_case(word)))),
        Test::NoneOf(words) => all(&|node| tree::scalar(node).map(|value| !words.iter().any(|word| is_word(&value, word)))),
        Test::Above(least) => all(&|node| number(node).map(|value| value > *least)),
        Test::AtMost(most) => all(&|node| number(node).map(|value| value <= *most)),
        Test::NotAnywhere => all(&|node| tree::text(node).map(|range| !is_anywhere(range))),
        Test::NoWildcardPrincipal => all(&|node| with_policy(node, |policy| !lets_everybody_in(policy))),
        Test::NoWildcardAction => all(&|node| with_policy(node, |policy| !allows_everything(policy))),
        Test::SecureTransport => all(&|node| with_policy(node, refuses_clear)),
        Test::NoSecret => Some(!nodes.iter().any(|node| holds_secret(node))),
        Test::NotPublic => {
            all(&|node| tree::text(node).map(|list| !list.to_ascii_lowercase().contains("public") && list != "authenticated-read"))
        }
    }
}

/// Whether a value says something: no empty text, list or mapping.
pub(super) fn is_there(node: &Node<'_>) -> bool {
    match &node.value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Sequence(items) => items.iter().any(is_there),
        Value::Mapping(entries) => !entries.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

/// Whether a value is a word, or the name at the end of an address of a policy (`…/AdministratorAccess`).
fn is_word(value: &str, word: &str) -> bool {
    value == word || value.rsplit(['/', ':']).next() == Some(word)
}

fn number(node: &Node<'_>) -> Option<i64> {
    tree::scalar(node)?.parse::<f64>().ok().map(|value| value as i64)
}

/// Whether a range of addresses means everywhere.
pub(super) fn is_anywhere(range: &str) -> bool {
    matches!(range, "0.0.0.0/0" | "::/0" | "*" | "0.0.0.0" | "<nw>/0" | "/0")
        || range.eq_ignore_ascii_case("internet")
        || range.eq_ignore_ascii_case("any")
}

/// What a policy document says: a mapping, or the text of one in JSON.
fn with_policy(node: &Node<'_>, ask: impl Fn(&Json) -> bool) -> Option<bool> {
    match &node.value {
        Value::String(text) => serde_json::from_str::<Json>(text).ok().filter(Json::is_object).map(|policy| ask(&policy)),
        Value::Mapping(_) => Some(ask(&plain(node))),
        _ => None,
    }
}

/// A tree without its places.
fn plain(node: &Node<'_>) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Number(text) | Value::String(text) => Json::String(text.to_string()),
        Value::Sequence(items) => Json::Array(items.iter().map(plain).collect()),
        Value::Mapping(entries) => Json::Object(entries.iter().map(|entry| (entry.key.to_string(), plain(&entry.node))).collect()),
    }
}

/// The statements of a policy that allow something.
fn allowing(policy: &Json) -> impl Iterator<Item = &Json> {
    let statements = match &policy["Statement"] {
        Json::Array(statements) => statements.as_slice(),
        one => std::slice::from_ref(one),
    };
    statements.iter().filter(|statement| statement["Effect"] == "Allow")
}

/// Whether a value is a word, or a list that holds it.
fn holds(value: &Json, word: &str) -> bool {
    match value {
        Json::String(text) => text == word,
        Json::Array(items) => items.iter().any(|item| item == word),
        _ => false,
    }
}

fn lets_everybody_in(policy: &Json) -> bool {
    // A condition narrows who is meant, and how far cannot be told here.
    let is_open = |statement: &Json| holds(&statement["Principal"], "*") || holds(&statement["Principal"]["AWS"], "*");
    allowing(policy).any(|statement| is_open(statement) && statement["Condition"].is_null())
}

fn allows_everything(policy: &Json) -> bool {
    allowing(policy)
        .any(|statement| (holds(&statement["Action"], "*") || holds(&statement["Action"], "*:*")) && holds(&statement["Resource"], "*"))
}

fn refuses_clear(policy: &Json) -> bool {
    let statements = policy["Statement"].as_array().map_or(&[][..], Vec::as_slice);
    statements.iter().any(|statement| statement["Effect"] == "Deny" && !statement["Condition"]["Bool"]["aws:SecureTransport"].is_null())
}

/// Whether a setting of a program is a secret in clear; what stands for something made elsewhere is none.
fn is_secret(name: &str, value: &str) -> bool {
    !value.starts_with('\u{1}') && environment::holds_secret(name, value)
}

/// Whether settings of a program hold a secret in clear: variables by name, definitions of containers, scripts.
fn holds_secret(node: &Node<'_>) -> bool {
    match &node.value {
        Value::Mapping(entries) if tree::text_of(node, "name").is_some() => {
            let of = |key: &str| tree::text_of(node, key).unwrap_or_default();
            is_secret(of("name"), of("value")) || entries.iter().any(|entry| holds_secret(&entry.node))
        }
        Value::Mapping(entries) => entries.iter().any(|entry| match &entry.node.value {
            Value::String(value) => is_secret(&entry.key, value),
            _ => holds_secret(&entry.node),
        }),
        Value::Sequence(items) => items.iter().any(holds_secret),
        Value::String(text) => match serde_json::from_str::<Json>(text) {
            Ok(Json::Array(containers)) => containers.iter().any(container_holds_secret),
            Ok(one @ Json::Object(_)) => container_holds_secret(&one),
            _ => script_holds_secret(text),
        },
        _ => false,
    }
}

fn container_holds_secret(container: &Json) -> bool {
    let variables = container["environment"].as_array().map_or(&[][..], Vec::as_slice);
    variables.iter().any(|variable| {
        let of = |key: &str| variable[key].as_str().unwrap_or_default();
        is_secret(of("name"), of("value"))
    })
}

fn script_holds_secret(text: &str) -> bool {
    let is_key_id = |word: &str| word.len() == 20 && (word.starts_with("AKIA") || word.starts_with("ASIA"));
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
    text.contains("PRIVATE KEY-----") || words.any(is_key_id)
}
