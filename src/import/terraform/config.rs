//! The configuration in a plan: which resource an expression leads to, through variables, outputs and locals.

use super::address::{parted, steps};
use crate::import::hashed::{HashMap, HashSet};
use crate::import::tree;
use crate::source::{Node, Span, Value};
use std::collections::BTreeSet;

/// The configuration of a plan.
pub(super) struct Config<'a, 's> {
    modules: Vec<Module<'a, 's>>,
    /// The resources, by address without keys.
    resources: HashMap<String, Configured<'a, 's>>,
    /// Their addresses, in the order of the file.
    order: Vec<String>,
    /// What needs what, from a graph given beside the plan: it alone knows what locals stand for.
    graph: HashMap<String, Vec<String>>,
}

struct Module<'a, 's> {
    /// `module.a.module.b`; empty for the root.
    path: String,
    parent: Option<usize>,
    node: &'a Node<'s>,
    call: Option<&'a Node<'s>>,
    calls: HashMap<&'a str, usize>,
}

struct Configured<'a, 's> {
    module: usize,
    node: &'a Node<'s>,
}

/// A resource that an expression leads to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Target {
    /// Its address without keys.
    pub(super) configured: String,
    /// The key that the expression gives, `[0]`.
    pub(super) key: String,
    /// Whether a graph says so, which leaves out what follows from the rest: what is meant may lie behind it.
    pub(super) by_graph: bool,
}

/// What an expression leads to.
#[derive(Debug, Default)]
pub(super) struct Led {
    /// The resources.
    pub(super) targets: BTreeSet<Target>,
    /// Whether it names each instance's own key, so that of two resources those of one key belong together.
    pub(super) by_key: bool,
    /// Locals on the way that nothing here knows.
    pub(super) locals: BTreeSet<String>,
}

/// Steps from expression to expression; past this many one leads in a circle.
const MOST_STEPS: usize = 10_000;

impl<'a, 's> Config<'a, 's> {
    pub(super) fn of(root: &'a Node<'s>, dependencies: &[(String, String)]) -> Self {
        let mut graph: HashMap<String, Vec<String>> = HashMap::default();
        for (from, to) in dependencies {
            graph.entry(from.clone()).or_default().push(to.clone());
        }
        let mut config = Self { modules: Vec::new(), resources: HashMap::default(), order: Vec::new(), graph };
        if let Some(module) = tree::get(root, "root_module") {
            config.add(module, String::new(), None, None);
        }
        config
    }

    fn add(&mut self, node: &'a Node<'s>, path: String, parent: Option<usize>, call: Option<&'a Node<'s>>) -> usize {
        let module_ix = self.modules.len();
        let prefix = if path.is_empty() { String::new() } else { format!("{path}.") };
        self.modules.push(Module { path, parent, node, call, calls: HashMap::default() });
        for resource in tree::get(node, "resources").map_or(&[][..], tree::items) {
            if let Some(address) = tree::text_of(resource, "address") {
                let address = format!("{prefix}{address}");
                self.order.push(address.clone());
                self.resources.insert(address, Configured { module: module_ix, node: resource });
            }
        }
        for call in tree::get(node, "module_calls").map_or(&[][..], tree::entries) {
            if let Some(child) = tree::get(&call.node, "module") {
                let child = self.add(child, format!("{prefix}module.{}", call.key), Some(module_ix), Some(&call.node));
                self.modules[module_ix].calls.insert(&call.key, child);
            }
        }
        module_ix
    }

    /// The addresses of all resources, in the order of the file, each with its place.
    pub(super) fn resources(&self) -> impl Iterator<Item = (&str, Span)> {
        self.order.iter().map(|address| (address.as_str(), self.resources[address].node.span))
    }

    /// What an attribute of a resource leads to, and where it stands; none if the configuration does not state it.
    pub(super) fn attribute(&self, configured: &str, path: &str) -> Option<(Led, Span)> {
        let resource = self.resources.get(configured)?;
        let expressions = tree::get(resource.node, "expressions")?;
        let mut nodes = Vec::new();
        expressions_at(expressions, path, &mut nodes);
        let span = nodes.first()?.span;
        let mut led = Led::default();
        let mut walk = Walk { config: self, led: &mut led, seen: HashSet::default() };
        for node in nodes {
            walk.expression(node, resource.module, Some(resource.node));
        }
        Some((led, span))
    }

    /// The first resources behind a node of the graph, on every way.
    pub(super) fn behind(&self, address: &str, led: &mut Led) {
        let mut open = vec![address];
        let mut seen: HashSet<&str> = HashSet::default();
        while let Some(at) = open.pop() {
            for next in self.graph.get(at).map_or(&[][..], Vec::as_slice).iter().filter(|next| seen.insert(next)) {
                if self.resources.contains_key(next) {
                    led.targets.insert(Target { configured: next.clone(), key: String::new(), by_graph: true });
                } else if !is_module(next) {
                    open.push(next);
                }
            }
        }
    }

    /// What all of a resource leads to: its expressions and what it says that it depends on.
    pub(super) fn everything(&self, configured: &str) -> Led {
        let mut led = Led::default();
        if let Some(resource) = self.resources.get(configured) {
            let mut walk = Walk { config: self, led: &mut led, seen: HashSet::default() };
            if let Some(expressions) = tree::get(resource.node, "expressions") {
                walk.expression(expressions, resource.module, Some(resource.node));
            }
            for name in tree::get(resource.node, "depends_on").map_or(&[][..], tree::items) {
                if let Some(name) = tree::text(name) {
                    walk.reference(name, resource.module, None);
                }
            }
            // A resource that names itself, in a provisioner say, is not connected by that.
            led.targets.retain(|target| target.configured != configured);
        }
        led
    }
}

/// A walk along expressions.
struct Walk<'w, 'a, 's> {
    config: &'w Config<'a, 's>,
    led: &'w mut Led,
    /// What was looked at, so that circles end.
    seen: HashSet<(usize, String)>,
}

impl<'a, 's> Walk<'_, 'a, 's> {
    /// Follows every reference in an expression or a block of them. `each` is what `each.value` belongs to.
    fn expression(&mut self, node: &'a Node<'s>, module: usize, each: Option<&'a Node<'s>>) {
        match &node.value {
            Value::Sequence(items) => items.iter().for_each(|item| self.expression(item, module, each)),
            Value::Mapping(entries) => {
                for entry in entries {
                    match (&*entry.key, &entry.node.value) {
                        ("references", Value::Sequence(items)) => {
                            let references: Vec<&str> = items.iter().filter_map(tree::text).collect();
                            for reference in longest(&references) {
                                self.reference(reference, module, each);
                            }
                        }
                        ("constant_value", _) => {}
                        _ => self.expression(&entry.node, module, each),
                    }
                }
            }
            _ => {}
        }
    }

    fn reference(&mut self, reference: &str, module: usize, each: Option<&'a Node<'s>>) {
        if self.seen.len() > MOST_STEPS || !self.seen.insert((module, reference.to_owned())) {
            return;
        }
        let config = self.config;
        let here = &config.modules[module];
        match steps(reference).as_slice() {
            ["var", name, ..] => {
                if let (Some(parent), Some(call)) = (here.parent, here.call) {
                    let expression = tree::get(call, "expressions").and_then(|all| tree::get(all, parted(name).0));
                    if let Some(expression) = expression {
                        self.expression(expression, parent, Some(call));
                    }
                }
            }
            ["local", name, ..] => self.local(&here.path, parted(name).0),
            ["module", name, rest @ ..] => {
                let Some(&child) = here.calls.get(parted(name).0) else { return };
                let outputs = tree::get(config.modules[child].node, "outputs").map_or(&[][..], tree::entries);
                let wanted = rest.first().map(|name| parted(name).0);
                for output in outputs.iter().filter(|output| wanted.is_none_or(|name| output.key == name)) {
                    if let Some(expression) = tree::get(&output.node, "expression") {
                        self.expression(expression, child, None);
                    }
                }
            }
            ["each", ..] => {
                self.led.by_key = true;
                let Some(owner) = each else { return };
                if let Some(expression) = tree::get(owner, "for_each_expression") {
                    self.expression(expression, module, None);
                }
            }
            ["count", ..] => self.led.by_key = true,
            ["path" | "self" | "terraform", ..] => {}
            ["data", kind, name, ..] => self.resource(&here.path, &format!("data.{kind}"), name),
            [kind, name, ..] => self.resource(&here.path, kind, name),
            _ => {}
        }
    }

    fn resource(&mut self, path: &str, kind: &str, name: &str) {
        let (name, key) = parted(name);
        let prefix = if path.is_empty() { String::new() } else { format!("{path}.") };
        let configured = format!("{prefix}{kind}.{name}");
        if self.config.resources.contains_key(&configured) {
            let key = if key.contains("each.") || key.contains("count.") { String::new() } else { key.to_owned() };
            self.led.targets.insert(Target { configured, key, by_graph: false });
        }
    }

    /// Follows a local through the graph, to the first resources on every way; without the graph it stays unknown.
    fn local(&mut self, path: &str, name: &str) {
        let address = if path.is_empty() { format!("local.{name}") } else { format!("{path}.local.{name}") };
        if !self.config.graph.contains_key(&address) {
            self.led.locals.insert(address);
            return;
        }
        self.config.behind(&address, self.led);
    }
}

/// The expressions at an attribute: of a block that is itself one expression, that.
fn expressions_at<'a, 's>(node: &'a Node<'s>, path: &str, found: &mut Vec<&'a Node<'s>>) {
    if let Value::Sequence(blocks) = &node.value {
        return blocks.iter().for_each(|block| expressions_at(block, path, found));
    }
    let (key, rest) = path.split_once('.').unwrap_or((path, ""));
    let is_expression = tree::get(node, "references").is_some() || tree::get(node, "constant_value").is_some();
    if path.is_empty() || is_expression {
        found.push(node);
    } else if let Some(inner) = tree::get(node, key) {
        expressions_at(inner, rest, found);
    }
}

/// Whether a node of a graph is a module as a whole, through which everything in it would be reached.
fn is_module(address: &str) -> bool {
    let steps = steps(address);
    steps.len().is_multiple_of(2) && steps.iter().step_by(2).all(|step| *step == "module")
}

/// The references that are no beginnings of others: a list of them holds `a.b.id`, and then `a.b`, which says no more.
fn longest<'r>(references: &[&'r str]) -> Vec<&'r str> {
    let is_beginning = |short: &str, long: &str| long.strip_prefix(short).is_some_and(|rest| rest.starts_with(['.', '[']));
    references.iter().copied().filter(|reference| !references.iter().any(|other| is_beginning(reference, other))).collect()
}
