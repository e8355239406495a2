//! Looking into the trees of foreign files, where much may be missing and nothing is a fault until it is needed.

use super::{Observations, Options};
use crate::source::{Entry, Fault, Node, Source, SyntaxFault, Value, parse_foreign};
use std::borrow::Cow;

/// The documents of a file; its faults go to the observations.
pub(super) fn documents<'s>(source: &'s Source, options: &Options, seen: &mut Observations) -> Vec<Node<'s>> {
    match parse_foreign(source, &options.limits) {
        Ok(documents) => documents,
        Err(faults) => {
            refuse(faults, seen);
            Vec::new()
        }
    }
}

/// Tells of faults of syntax.
pub(super) fn refuse(faults: Vec<SyntaxFault>, seen: &mut Observations) {
    for fault in faults {
        seen.diagnostics.error(fault.span, Fault::Syntax(fault.kind));
    }
}

/// The entries of a mapping; of anything else none.
pub(super) fn entries<'a, 's>(node: &'a Node<'s>) -> &'a [Entry<'s>] {
    if let Value::Mapping(entries) = &node.value { entries } else { &[] }
}

/// The items of a list; of anything else none.
pub(super) fn items<'a, 's>(node: &'a Node<'s>) -> &'a [Node<'s>] {
    if let Value::Sequence(items) = &node.value { items } else { &[] }
}

/// What a key of a mapping holds, unless it is null.
pub(super) fn get<'a, 's>(node: &'a Node<'s>, key: &str) -> Option<&'a Node<'s>> {
    entries(node).iter().find(|entry| entry.key == key).map(|entry| &entry.node).filter(|node| node.value != Value::Null)
}

/// What a path of keys, `spec.template`, leads to; keys that themselves hold a dot cannot be named so.
pub(super) fn find<'a, 's>(node: &'a Node<'s>, path: &str) -> Option<&'a Node<'s>> {
    path.split('.').try_fold(node, |node, key| get(node, key))
}

/// Everything that a path of keys leads to, through every item of every list on the way.
pub(super) fn find_all<'a, 's>(node: &'a Node<'s>, path: &str) -> Vec<&'a Node<'s>> {
    let mut found = Vec::new();
    collect(node, path, &mut found);
    found
}

fn collect<'a, 's>(node: &'a Node<'s>, path: &str, found: &mut Vec<&'a Node<'s>>) {
    match &node.value {
        Value::Sequence(items) => items.iter().for_each(|item| collect(item, path, found)),
        Value::Null => {}
        _ if path.is_empty() => found.push(node),
        _ => {
            let (key, rest) = path.split_once('.').unwrap_or((path, ""));
            if let Some(inner) = get(node, key) {
                collect(inner, rest, found);
            }
        }
    }
}

/// A string.
pub(super) fn text<'a>(node: &'a Node<'_>) -> Option<&'a str> {
    if let Value::String(text) = &node.value { Some(text) } else { None }
}

/// The string that a key holds.
pub(super) fn text_of<'a>(node: &'a Node<'_>, key: &str) -> Option<&'a str> {
    get(node, key).and_then(text)
}

/// A string, number or truth value as text.
pub(super) fn scalar<'a>(node: &'a Node<'_>) -> Option<Cow<'a, str>> {
    match &node.value {
        Value::String(text) | Value::Number(text) => Some(Cow::Borrowed(text)),
        Value::Bool(true) => Some(Cow::Borrowed("true")),
        Value::Bool(false) => Some(Cow::Borrowed("false")),
        _ => None,
    }
}

/// A truth value, which many files write as text.
pub(super) fn truth(node: &Node<'_>) -> Option<bool> {
    match &node.value {
        Value::Bool(value) => Some(*value),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}
