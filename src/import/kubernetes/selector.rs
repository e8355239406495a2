//! Which labels an object asks for.

use crate::import::tree::{entries, get, items, scalar, text, text_of};
use crate::source::Node;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The labels of an object.
pub(super) type Labels<'a> = BTreeMap<&'a str, Cow<'a, str>>;

/// The labels that a mapping holds.
pub(super) fn labels<'a>(node: Option<&'a Node<'a>>) -> Labels<'a> {
    let pairs = node.map(entries).unwrap_or_default().iter();
    pairs.filter_map(|entry| Some((entry.key.as_ref(), scalar(&entry.node)?))).collect()
}

/// What labels must be like.
#[derive(Debug, Default)]
pub(super) struct Selector<'a> {
    /// Labels that must be there with these values.
    equal: Labels<'a>,
    /// Further demands: key, operator, values.
    demands: Vec<(&'a str, &'a str, Vec<&'a str>)>,
}

impl<'a> Selector<'a> {
    /// The selector of a Service, a plain mapping of labels.
    pub(super) fn plain(node: Option<&'a Node<'a>>) -> Self {
        Self { equal: labels(node), demands: Vec::new() }
    }

    /// A selector with `matchLabels` and `matchExpressions`.
    pub(super) fn of(node: &'a Node<'a>) -> Self {
        let demands = get(node, "matchExpressions").map(items).unwrap_or_default().iter().filter_map(|demand| {
            let values = get(demand, "values").map(items).unwrap_or_default().iter().filter_map(text).collect();
            Some((text_of(demand, "key")?, text_of(demand, "operator")?, values))
        });
        Self { equal: labels(get(node, "matchLabels")), demands: demands.collect() }
    }

    /// Whether it asks for nothing: of a Service that selects nothing, elsewhere everything.
    pub(super) fn is_empty(&self) -> bool {
        self.equal.is_empty() && self.demands.is_empty()
    }

    /// Whether labels are as it asks for.
    pub(super) fn matches(&self, labels: &Labels<'_>) -> bool {
        let has_all = self.equal.iter().all(|(key, value)| labels.get(key).is_some_and(|known| known == value));
        has_all
            && self.demands.iter().all(|(key, operator, values)| {
                let known = labels.get(key);
                let is_listed = known.is_some_and(|known| values.contains(&known.as_ref()));
                match *operator {
                    "In" => is_listed,
                    "NotIn" => !is_listed,
                    "Exists" => known.is_some(),
                    "DoesNotExist" => known.is_none(),
                    _ => false,
                }
            })
    }
}
