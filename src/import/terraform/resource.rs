//! A resource as a plan or a state shows it: what its attributes come to, while they are at hand.

use super::address::Address;
use super::passes::{is_anywhere, passes};
use super::table::{ControlRule, ResourceType, resource_type};
use crate::catalog::{ControlStatus, ResponsibilityMatrix};
use crate::import::hashed::HashMap;
use crate::import::tree;
use crate::source::{Node, Span, Value};
use std::borrow::Cow;

/// A text in an attribute, which may name another resource.
#[derive(Debug)]
pub(super) struct Leaf<'s> {
    /// The attribute, by its number.
    pub(super) path: u32,
    pub(super) span: Span,
    pub(super) text: Cow<'s, str>,
    /// Whether it stands inside a document that the attribute holds as a text.
    pub(super) is_inside: bool,
}

/// What an attribute says of a control.
#[derive(Clone, Copy, Debug)]
pub(super) struct Verdict {
    pub(super) rule: &'static ControlRule,
    /// Whether the control is met; none: nothing is said, and the status is the rule's for that.
    pub(super) met: Option<bool>,
    pub(super) status: Option<ControlStatus>,
    pub(super) span: Span,
}

/// Who a rule of a firewall lets in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opening {
    /// Whether it lets everybody in to more than web pages.
    pub(super) is_wide: bool,
    pub(super) span: Span,
}

/// A resource.
#[derive(Debug)]
pub(in crate::import) struct Resource<'s> {
    pub(super) id: Cow<'s, str>,
    /// A name for people.
    pub(in crate::import) name: Option<String>,
    /// Whether it is only there under a condition.
    pub(in crate::import) is_possible: bool,
    /// Whether it stands in a template, which writes names of attributes in another way.
    pub(in crate::import) is_template: bool,
    pub(super) address: Address,
    pub(super) meaning: Option<&'static ResourceType>,
    pub(super) span: Span,
    /// What other resources call it in their attributes.
    pub(in crate::import) ids: Vec<Cow<'s, str>>,
    pub(super) names: Vec<Cow<'s, str>>,
    pub(super) leaves: Vec<Leaf<'s>>,
    pub(super) verdicts: Vec<Verdict>,
    /// Controls about which only the configuration can tell, since the attribute is known after apply.
    pub(super) pending: Vec<&'static ControlRule>,
    pub(super) settings: Vec<(&'static str, &'static str)>,
    /// Of a group or a rule of one, who is let in; none if it is about something else.
    pub(super) openings: Vec<Opening>,
    /// Whether it is a rule about what goes out.
    pub(super) is_outbound: bool,
}

/// How an attribute lies to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Within {
    /// It is that one.
    Itself,
    /// It is a part of that one.
    Inside,
    /// It is another.
    Apart,
}

/// The names of attributes, numbered.
#[derive(Debug, Default)]
pub(in crate::import) struct Paths {
    children: Vec<HashMap<String, u32>>,
    names: Vec<String>,
}

impl Paths {
    pub(in crate::import) fn new() -> Self {
        Self { children: vec![HashMap::default()], names: vec![String::new()] }
    }

    pub(super) fn name(&self, path: u32) -> &str {
        &self.names[path as usize]
    }

    /// Of every number, whether it is an attribute, lies in it, or neither.
    pub(super) fn within(&self, attribute: &str) -> Vec<Within> {
        let within = |name: &String| match name.strip_prefix(attribute) {
            Some("") => Within::Itself,
            Some(rest) if rest.starts_with('.') => Within::Inside,
            _ => Within::Apart,
        };
        self.names.iter().map(within).collect()
    }

    fn child(&mut self, parent: u32, key: &str) -> u32 {
        if let Some(&known) = self.children[parent as usize].get(key) {
            return known;
        }
        let number = self.names.len() as u32;
        let parent_name = &self.names[parent as usize];
        // What a stand-in puts out is what was put in.
        let is_outer = parent == 0 && (key == "input" || key == "output");
        let name = if is_outer || parent_name.is_empty() {
            if is_outer { String::new() } else { key.to_owned() }
        } else {
            format!("{parent_name}.{key}")
        };
        self.names.push(name);
        self.children.push(HashMap::default());
        self.children[parent as usize].insert(key.to_owned(), number);
        number
    }
}

/// Shorter texts are words, not identifiers.
const SHORTEST_ID: usize = 6;

impl<'s> Resource<'s> {
    /// A resource of an address, with its attributes and which of them are known only after apply.
    pub(super) fn of(id: Cow<'s, str>, span: Span, values: Option<&Node<'s>>, unknown: Option<&Node<'s>>, paths: &mut Paths) -> Self {
        let address = Address::of(&id);
        Self::at(id, address, span, (values, unknown), false, paths)
    }

    /// A resource of a type of the table, whatever its id looks like.
    pub(in crate::import) fn made(id: String, kind: &str, span: Span, values: Option<&Node<'s>>, paths: &mut Paths) -> Self {
        let address = Address { configured: id.clone(), kind: kind.to_owned(), ..Address::default() };
        Self::at(Cow::Owned(id), address, span, (values, None), true, paths)
    }

    fn at(
        id: Cow<'s, str>,
        address: Address,
        span: Span,
        (values, unknown): (Option<&Node<'s>>, Option<&Node<'s>>),
        is_template: bool,
        paths: &mut Paths,
    ) -> Self {
        let meaning = resource_type(&address.kind);
        let mut resource = Self {
            id,
            name: None,
            is_possible: false,
            is_template,
            address,
            meaning,
            span,
            ids: Vec::new(),
            names: Vec::new(),
            leaves: Vec::new(),
            verdicts: Vec::new(),
            pending: Vec::new(),
            settings: Vec::new(),
            openings: Vec::new(),
            is_outbound: false,
        };
        if let Some(values) = values {
            resource.identify(values);
            collect(values, 0, paths, &mut resource.leaves);
        }
        // Of a resource that a file only names nothing is known, not even that nothing is said.
        if let (Some(meaning), Some(values)) = (meaning, values) {
            resource.judge(meaning, values, unknown);
            resource.set(meaning, values);
            resource.open(values);
        }
        resource
    }

    fn identify(&mut self, values: &Node<'s>) {
        let take = |key: &str| match tree::get(values, key).map(|node| &node.value) {
            Some(Value::String(text)) => Some(text.clone()),
            _ => None,
        };
        self.ids =
            ["id", "arn", "self_link", "email", "unique_id"].into_iter().filter_map(take).filter(|id| id.len() >= SHORTEST_ID).collect();
        self.names =
            ["name", "bucket", "function_name", "cluster_identifier"].into_iter().filter_map(take).filter(|name| name.len() > 2).collect();
    }

    fn judge(&mut self, meaning: &'static ResourceType, values: &Node<'s>, unknown: Option<&Node<'s>>) {
        let is_excused = meaning
            .unless
            .as_ref()
            .is_some_and(|(attribute, word)| find(values, attribute).iter().any(|node| tree::text(node) == Some(word)));
        if is_excused {
            return;
        }
        for rule in &meaning.controls {
            let ControlRule(attribute, test, _, met, unmet, absent, _) = rule;
            if attribute.is_empty() {
                // The resource itself is the control.
                self.verdicts.push(Verdict { rule, met: Some(true), status: *met, span: self.span });
                continue;
            }
            let nodes = find(values, attribute);
            let is_unknown = unknown.is_some_and(|unknown| is_unknown(unknown, attribute));
            let is_said = nodes.iter().any(|node| !matches!(node.value, Value::Null) && !is_empty(node));
            if !is_said && is_unknown {
                self.pending.push(rule);
            } else if !is_said {
                let passes_when_absent = matches!(test, super::table::Test::NotTrue | super::table::Test::Unset);
                let facing = passes_when_absent && *absent == *met;
                // What goes without saying in Terraform depends on the place in CloudFormation.
                let absent = absent.filter(|_| !(facing && self.is_template));
                self.verdicts.push(Verdict { rule, met: (facing && !self.is_template).then_some(true), status: absent, span: self.span });
            } else if let Some(passed) = passes(test, &nodes) {
                let status = if passed { *met } else { *unmet };
                self.verdicts.push(Verdict { rule, met: Some(passed), status, span: nodes[0].span });
            }
        }
    }

    /// The settings whose values are words of the service's own rules; other values are nobody's business.
    fn set(&mut self, meaning: &'static ResourceType, values: &Node<'s>) {
        let Some(service) = &meaning.service else { return };
        let Some(service) = ResponsibilityMatrix::shipped().service(service) else { return };
        for (theirs, ours) in &meaning.settings {
            let nodes = find(values, theirs);
            let stated: Option<String> = match nodes.first().map(|node| &node.value) {
                Some(Value::Sequence(items)) => Some((!items.is_empty()).to_string()),
                Some(Value::Mapping(_)) => Some("true".to_owned()),
                _ => nodes.first().and_then(|node| tree::scalar(node)).map(|value| words(&value)),
            };
            let known = service.when.iter().find(|rule| rule.setting == *ours && stated.as_deref() == Some(rule.equals.as_str()));
            if let Some(rule) = known {
                self.settings.push((ours, rule.equals.as_str()));
            }
        }
    }

    /// Who a group of a firewall, or a rule of one, lets in.
    fn open(&mut self, values: &Node<'s>) {
        use super::table::Role;
        let role = self.meaning.map(|meaning| meaning.role);
        if role == Some(Role::Group) {
            let rules = tree::find_all(values, "ingress").into_iter().chain(tree::find_all(values, "security_rule"));
            self.openings = rules.filter_map(opening).collect();
        } else if role == Some(Role::GroupRule) {
            let is_egress = |key: &str, word: &str| tree::text_of(values, key).is_some_and(|text| text.eq_ignore_ascii_case(word));
            self.is_outbound = is_egress("type", "egress") || is_egress("direction", "outbound");
            self.openings = if self.is_outbound { Vec::new() } else { opening(values).into_iter().collect() };
        }
    }
}

/// Attributes in which a rule of a firewall says whom it lets in.
const SOURCES: [&str; 7] =
    ["cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6", "source_address_prefix", "source_address_prefixes", "source_ranges"];

/// What a rule of a firewall opens; none if it lets nobody in.
fn opening(rule: &Node<'_>) -> Option<Opening> {
    let is = |key: &str, word: &str| tree::text_of(rule, key).is_some_and(|text| text.eq_ignore_ascii_case(word));
    if is("access", "deny") || is("direction", "outbound") {
        return None;
    }
    let sources: Vec<&Node<'_>> = SOURCES.iter().flat_map(|key| tree::find_all(rule, key)).collect();
    let anywhere = sources.iter().find(|node| tree::text(node).is_some_and(is_anywhere));
    let number = |key: &str| tree::get(rule, key).and_then(tree::scalar).and_then(|text| text.parse::<i64>().ok());
    let from = number("from_port").or(number("destination_port_range"));
    let to = number("to_port").or(from);
    let is_web = matches!((from, to), (Some(80 | 443), Some(80 | 443)));
    let span = anywhere.map_or(rule.span, |node| node.span);
    Some(Opening { is_wide: anywhere.is_some() && !is_web, span })
}

/// Names that attributes have in other versions of a provider.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("https_traffic_only_enabled", "enable_https_traffic_only"),
    ("non_ssl_port_enabled", "enable_non_ssl_port"),
    ("ip_forwarding_enabled", "enable_ip_forwarding"),
];

/// Everything at an attribute, whatever the version calls it. Empty lists count as nothing.
fn find<'a, 's>(values: &'a Node<'s>, attribute: &str) -> Vec<&'a Node<'s>> {
    let whole = tree::find(values, attribute).filter(|node| matches!(node.value, Value::Sequence(_) | Value::Mapping(_)));
    if let Some(whole) = whole {
        return match &whole.value {
            Value::Sequence(items) if items.iter().all(|item| !matches!(item.value, Value::Mapping(_))) => items.iter().collect(),
            _ => vec![whole],
        };
    }
    let found = tree::find_all(values, attribute);
    if !found.is_empty() {
        return found;
    }
    let other = OTHER_NAMES.iter().find(|(name, _)| *name == attribute);
    other.map_or_else(Vec::new, |(_, other)| tree::find_all(values, other))
}

fn is_empty(node: &Node<'_>) -> bool {
    match &node.value {
        Value::Sequence(items) => items.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

/// Whether an attribute, or what it lies in, is known only after apply.
fn is_unknown(unknown: &Node<'_>, attribute: &str) -> bool {
    let is_true = |node: &Node<'_>| node.value == Value::Bool(true);
    let mut at: Vec<&Node<'_>> = vec![unknown];
    for key in attribute.split('.') {
        at = at.into_iter().flat_map(|node| tree::find_all(node, key)).collect();
        if at.iter().any(|node| is_true(node)) {
            return true;
        }
    }
    at.iter().any(|node| tree::items(node).iter().any(is_true))
}

/// A word as ours are written: `AutomaticByPlatform` is `automatic_by_platform`.
fn words(value: &str) -> String {
    let mut text = String::new();
    for letter in value.chars() {
        if letter.is_ascii_uppercase() && !text.is_empty() && !text.ends_with('_') {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text.replace([' ', '-'], "_")
}

/// Every text of an attribute that may be an identifier; documents of JSON are looked into.
fn collect<'s>(node: &Node<'s>, path: u32, paths: &mut Paths, leaves: &mut Vec<Leaf<'s>>) {
    match &node.value {
        Value::Mapping(entries) => {
            for entry in entries {
                let child = paths.child(path, &entry.key);
                collect(&entry.node, child, paths, leaves);
            }
        }
        Value::Sequence(items) => items.iter().for_each(|item| collect(item, path, paths, leaves)),
        Value::String(text) if text.starts_with('{') || text.starts_with('[') => {
            if let Ok(document) = serde_json::from_str::<serde_json::Value>(text) {
                collect_json(&document, path, node.span, leaves);
            }
        }
        Value::String(text) if text.len() > 2 => leaves.push(Leaf { path, span: node.span, text: text.clone(), is_inside: false }),
        _ => {}
    }
}

fn collect_json(value: &serde_json::Value, path: u32, span: Span, leaves: &mut Vec<Leaf<'_>>) {
    match value {
        serde_json::Value::String(text) if text.len() >= SHORTEST_ID => {
            leaves.push(Leaf { path, span, text: Cow::Owned(text.clone()), is_inside: true });
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| collect_json(item, path, span, leaves)),
        serde_json::Value::Object(object) => object.values().for_each(|value| collect_json(value, path, span, leaves)),
        _ => {}
    }
}
