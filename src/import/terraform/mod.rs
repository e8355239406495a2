//! Terraform and OpenTofu: plans and states as JSON, and beside a plan the graph that knows what its locals stand for.
//!
//! A plan says what a configuration would make, a state what is there. A resource is not a system: its type decides, by
//! the table in `resources.json`, whether it is one, a part of one, or a connection between two. What is known only
//! after apply is no evidence, unless the configuration says where it comes from. Values of attributes are compared and
//! forgotten: no name, note or message ever holds one.

mod address;
mod config;
mod connect;
mod passes;
mod resource;
mod table;

use super::format::{beginning, first_keys};
use super::hashed::HashSet;
use super::{Format, Observations, Options, dot, tree};
use crate::source::{Fault, Node, Part, Source, Span, Value, parse_parts};

pub(super) use resource::{Paths, Resource};
use std::borrow::Cow;
pub(super) use table::resource_type;

/// What one file holds.
pub(super) struct File<'s> {
    resources: Vec<Resource<'s>>,
    configuration: Option<Node<'s>>,
    /// Whether it is a template, whose things and references are counted where it is read.
    is_template: bool,
}

impl<'s> File<'s> {
    /// The resources of a template.
    pub(super) fn of_template(resources: Vec<Resource<'s>>) -> Self {
        Self { resources, configuration: None, is_template: true }
    }
}

/// Reads plans and states, and the graphs given beside them.
pub(super) fn read(sources: &[&Source], options: &Options, seen: &mut Observations) {
    let (graphs, documents): (Vec<&&Source>, Vec<&&Source>) = sources.iter().partition(|source| Format::of(source) == Some(Format::Dot));
    let dependencies: Vec<(String, String)> = graphs.iter().flat_map(|graph| dot::dependencies(graph)).collect();
    let mut paths = Paths::new();
    let files: Vec<File<'_>> = documents.iter().filter_map(|source| file(source, options, &mut paths, seen)).collect();
    connect::observe(&files, &paths, &dependencies, seen);
}

/// Turns the resources of templates into observations, as those of states.
pub(super) fn observe(files: &[File<'_>], paths: &Paths, seen: &mut Observations) {
    connect::observe(files, paths, &[], seen);
}

/// Reads one file; its faults go to the observations.
fn file<'s>(source: &'s Source, options: &Options, paths: &mut Paths, seen: &mut Observations) -> Option<File<'s>> {
    let keys = first_keys(source);
    let has = |key: &str| keys.contains(key);
    let whole = beginning(source);
    if has("encrypted_data") {
        seen.diagnostics.error(whole, Fault::NotThatFormat { expected: "a readable state", lacks: "a state that is not encrypted" });
        return None;
    }
    let is_raw = has("version") && !has("format_version");
    if !is_raw && !has("format_version") {
        let lacks = "the key `format_version` of `terraform show -json`, or `version` of a state file";
        seen.diagnostics.error(whole, Fault::NotThatFormat { expected: Format::Terraform.title(), lacks });
        return None;
    }
    let mut reader = Reader { paths, faults: Vec::new(), resources: Vec::new(), prior: Vec::new(), configuration: None, is_raw };
    let has_changes = source.text().contains("\"resource_changes\"");
    let mut plan = |path: &[Cow<'_, str>]| part(path, has_changes);
    let read = parse_parts(source, &options.limits, &mut plan, &mut |path, node| reader.take(path, node));
    let Reader { faults, mut resources, prior, configuration, .. } = reader;
    for (span, fault) in faults {
        seen.diagnostics.error(span, fault);
    }
    if let Err(faults) = read {
        tree::refuse(faults, seen);
        return None;
    }
    // What a plan does not touch stands in the state before it.
    let known: HashSet<Cow<'s, str>> = resources.iter().map(|resource| resource.id.clone()).collect();
    resources.extend(prior.into_iter().filter(|resource| !known.contains(&resource.id)));
    Some(File { resources, configuration, is_template: false })
}

/// Which parts of a file are read.
fn part(path: &[Cow<'_, str>], has_changes: bool) -> Part {
    let (Some(first), Some(last)) = (path.first(), path.last()) else { return Part::Enter };
    let above = path.len().checked_sub(2).map(|above| &*path[above]);
    match (&**first, path.len(), &**last) {
        ("planned_values", ..) if has_changes => Part::Skip,
        ("resource_changes", 2, "[]") | ("resource_changes", 3, "address" | "change") => Part::Pick,
        ("format_version" | "version" | "configuration", 1, _)
        | ("resources", 2, "[]")
        | ("resource_changes", 4, "actions" | "after" | "after_unknown") => Part::Take,
        ("prior_state" | "values" | "planned_values", _, "[]") if above == Some("resources") => Part::Take,
        ("resource_changes" | "resources" | "prior_state" | "values" | "planned_values", 1, _)
        | ("prior_state", 2, "values")
        | ("prior_state" | "values" | "planned_values", _, "root_module" | "child_modules" | "[]" | "resources") => Part::Enter,
        _ => Part::Skip,
    }
}

struct Reader<'p, 's> {
    paths: &'p mut Paths,
    faults: Vec<(Span, Fault)>,
    resources: Vec<Resource<'s>>,
    /// Resources of the state before a plan.
    prior: Vec<Resource<'s>>,
    configuration: Option<Node<'s>>,
    is_raw: bool,
}

impl<'s> Reader<'_, 's> {
    fn take(&mut self, path: &[Cow<'s, str>], node: Node<'s>) {
        match path.first().map(AsRef::as_ref) {
            Some("format_version") => {
                if !tree::scalar(&node).is_some_and(|version| version.starts_with("0.") || version.starts_with("1.")) {
                    self.faults.push((node.span, Fault::ForeignVersion { format: "a plan or state", expected: "format version 0 or 1" }));
                }
            }
            Some("version") => {
                if self.is_raw && tree::scalar(&node).is_none_or(|version| version != "4") {
                    let expected = "version 4; `terraform show -json` writes a state that is read whatever its version";
                    self.faults.push((node.span, Fault::ForeignVersion { format: "a state", expected }));
                }
            }
            Some("configuration") => self.configuration = Some(node),
            Some("resource_changes") => self.change(&node),
            Some("resources") => self.raw(&node),
            Some("prior_state") => {
                if let Some(resource) = self.shown(&node) {
                    self.prior.push(resource);
                }
            }
            _ => {
                if let Some(resource) = self.shown(&node) {
                    self.resources.push(resource);
                }
            }
        }
    }

    /// The text of a key that must be there.
    fn text(&mut self, node: &Node<'s>, key: &'static str) -> Option<Cow<'s, str>> {
        if !matches!(node.value, Value::Mapping(_)) {
            self.faults.push((node.span, Fault::WrongType { found: crate::source::decode::found(node), expected: "a mapping" }));
            return None;
        }
        match tree::get(node, key) {
            Some(Node { value: Value::String(text), .. }) => Some(text.clone()),
            Some(other) => {
                self.faults.push((other.span, Fault::WrongType { found: crate::source::decode::found(other), expected: "a text" }));
                None
            }
            None => {
                self.faults.push((node.span, Fault::MissingKey { key, place: "resource" }));
                None
            }
        }
    }

    /// A resource as a plan changes it.
    fn change(&mut self, node: &Node<'s>) {
        let Some(address) = self.text(node, "address") else { return };
        let change = tree::get(node, "change");
        let actions: Vec<&str> =
            change.and_then(|change| tree::get(change, "actions")).map_or(&[][..], tree::items).iter().filter_map(tree::text).collect();
        if actions == ["delete"] || actions == ["forget"] {
            return;
        }
        let after = change.and_then(|change| tree::get(change, "after"));
        let unknown = change.and_then(|change| tree::get(change, "after_unknown"));
        self.resources.push(Resource::of(address, node.span, after, unknown, self.paths));
    }

    /// A resource as `terraform show -json` writes it.
    fn shown(&mut self, node: &Node<'s>) -> Option<Resource<'s>> {
        let mut address = self.text(node, "address")?;
        // Old versions leave the key out of the address.
        if let Some(index) = tree::get(node, "index").filter(|_| !address.ends_with(']')) {
            address = Cow::Owned(format!("{address}{}", key(index)));
        }
        Some(Resource::of(address, node.span, tree::get(node, "values"), None, self.paths))
    }

    /// The instances of a resource in a state file.
    fn raw(&mut self, node: &Node<'s>) {
        let (Some(kind), Some(name)) = (self.text(node, "type"), self.text(node, "name")) else { return };
        let module = tree::text_of(node, "module").map_or_else(String::new, |module| format!("{module}."));
        let mode = if tree::text_of(node, "mode") == Some("data") { "data." } else { "" };
        for instance in tree::get(node, "instances").map_or(&[][..], tree::items) {
            // An instance that is to be destroyed after its replacement is there.
            if tree::get(instance, "deposed").is_some() {
                continue;
            }
            let key = tree::get(instance, "index_key").map_or_else(String::new, key);
            let address = format!("{module}{mode}{kind}.{name}{key}");
            self.resources.push(Resource::of(Cow::Owned(address), instance.span, tree::get(instance, "attributes"), None, self.paths));
        }
    }
}

/// The key of an instance as it stands in an address: `[0]`, `["a"]`.
fn key(index: &Node<'_>) -> String {
    match &index.value {
        Value::Number(number) => format!("[{number}]"),
        Value::String(text) => format!("[{}]", serde_json::Value::String(text.to_string())),
        _ => String::new(),
    }
}
