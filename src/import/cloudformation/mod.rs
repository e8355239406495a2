//! CloudFormation templates, those of CDK and SAM included: the same table as Terraform's, under other names.
//!
//! References become marks that stand for the resource: `!Ref Bucket` and `!GetAtt Bucket.Arn` both mean the bucket. What a
//! parameter brings is not known here; one that names a network or a group is taken for something that is there already.

mod types;

use super::format::beginning;
use super::terraform::{File, Paths, Resource, observe, resource_type};
use super::{Format, Observations, Options, tree};
use crate::source::{Entry, Fault, Node, Source, Span, Value};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

pub(super) use types::written_as;

/// What a mark begins with. No template can hold it: it is no character of YAML or JSON text.
pub(super) const MARK: char = '\u{1}';

/// What stands for a text that is only known when the stack is made.
pub(super) const TEXT: &str = "\u{1}text";

/// Reads templates.
pub(super) fn read(sources: &[&Source], options: &Options, seen: &mut Observations) {
    let documents: Vec<(&Source, Vec<Node<'_>>)> = sources.iter().map(|source| (*source, tree::documents(source, options, seen))).collect();
    let templates: Vec<(&Source, &Node<'_>)> =
        documents.iter().filter_map(|(source, nodes)| nodes.first().map(|node| (*source, node))).collect();
    let mut paths = Paths::new();
    let mut files = Vec::new();
    for (source, root) in &templates {
        let Some(resources) = tree::get(root, "Resources") else {
            let lacks = "the key `Resources`";
            seen.diagnostics.error(beginning(source), Fault::NotThatFormat { expected: Format::CloudFormation.title(), lacks });
            continue;
        };
        let prefix = if templates.len() > 1 { format!("{}/", stem(source.name())) } else { String::new() };
        let template = Template { root, resources, prefix };
        let resources = template.resources(&mut paths, seen);
        files.push(File::of_template(resources));
    }
    observe(&files, &paths, seen);
}

/// The name of a file without folders and ending.
fn stem(name: &str) -> &str {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    file.split('.').next().filter(|stem| !stem.is_empty()).unwrap_or(file)
}

/// A template.
struct Template<'a, 's> {
    root: &'a Node<'s>,
    resources: &'a Node<'s>,
    /// What goes before the names of its resources, where several templates are read together.
    prefix: String,
}

impl<'s> Template<'_, 's> {
    fn resources(&self, paths: &mut Paths, seen: &mut Observations) -> Vec<Resource<'s>> {
        let mut all = Vec::new();
        let exports = self.exports();
        for entry in tree::entries(self.resources) {
            let Some(kind) = tree::text_of(&entry.node, "Type") else {
                // Parts of a template that a macro brings have no type until it ran.
                seen.not_understood(entry.key_span, "a resource without a type");
                continue;
            };
            seen.thing(entry.key_span);
            let table = types::table_type(kind);
            if types::is_noise(kind) {
                continue;
            }
            if resource_type(&table).is_none() {
                seen.not_understood(entry.key_span, kind);
            }
            let properties = tree::get(&entry.node, "Properties").map(|properties| self.plain(properties, &table, seen));
            let none = || Node { span: entry.node.span, value: Value::Mapping(Vec::new()) };
            let properties = shaped(properties.unwrap_or_else(none), &table);
            let is_possible = tree::get(&entry.node, "Condition").is_some();
            self.add_parts(entry, &table, &properties, &mut all, paths);
            let id = format!("{}{}", self.prefix, entry.key);
            let mut resource = Resource::made(id, &table, entry.key_span, Some(&properties), paths);
            resource.is_possible = is_possible;
            resource.name = tree::get(&entry.node, "Metadata").and_then(|metadata| tree::text_of(metadata, "aws:cdk:path")).map(cdk_name);
            resource.ids = vec![Cow::Owned(self.mark(&entry.key))];
            let exported = exports.iter().filter(|(_, of)| **of == entry.key).map(|(name, _)| Cow::Owned(format!("{MARK}import:{name}")));
            resource.ids.extend(exported);
            all.push(resource);
        }
        self.add_parameters(&mut all, paths);
        all
    }

    /// The mark of a resource or parameter of this template.
    fn mark(&self, logical_id: &str) -> String {
        format!("{MARK}ref:{}{logical_id}", self.prefix)
    }

    /// The exports of the template: name, and the resource that they are about.
    fn exports(&self) -> HashMap<String, String> {
        let outputs = tree::get(self.root, "Outputs").map_or(&[][..], tree::entries);
        let export = |output: &Entry<'s>| {
            let name = tree::find(&output.node, "Export.Name").and_then(written)?;
            let mut named = Vec::new();
            named_in(tree::get(&output.node, "Value")?, &mut named);
            Some((name, named.first()?.clone()))
        };
        outputs.iter().filter_map(export).collect()
    }

    /// What a bucket says of itself that others say in resources of their own.
    fn add_parts(&self, entry: &Entry<'s>, table: &str, properties: &Node<'s>, all: &mut Vec<Resource<'s>>, paths: &mut Paths) {
        const PARTS: [(&str, &str); 3] = [
            ("public_access_block_configuration", "aws_s3_bucket_public_access_block"),
            ("logging_configuration", "aws_s3_bucket_logging"),
            ("versioning_configuration", "aws_s3_bucket_versioning"),
        ];
        if table != "aws_s3_bucket" {
            return;
        }
        for (key, kind) in PARTS {
            let Some(part) = tree::get(properties, key) else { continue };
            let Value::Mapping(entries) = &part.value else { continue };
            let mut entries =
                if key == "versioning_configuration" { vec![entry_of(key, part.span, part.clone())] } else { entries.clone() };
            let bucket = Node { span: part.span, value: Value::String(Cow::Owned(self.mark(&entry.key))) };
            entries.push(entry_of("bucket", part.span, bucket));
            let node = Node { span: part.span, value: Value::Mapping(entries) };
            all.push(Resource::made(format!("{}{}/{key}", self.prefix, entry.key), kind, part.span, Some(&node), paths));
        }
    }

    /// Networks and groups that parameters name.
    fn add_parameters(&self, all: &mut Vec<Resource<'s>>, paths: &mut Paths) {
        for parameter in tree::get(self.root, "Parameters").map_or(&[][..], tree::entries) {
            let kind = tree::text_of(&parameter.node, "Type").unwrap_or_default();
            if let Some((_, table)) = types::PARAMETERS.iter().find(|(theirs, _)| *theirs == kind) {
                let mut resource = Resource::made(format!("{}{}", self.prefix, parameter.key), table, parameter.key_span, None, paths);
                resource.ids = vec![Cow::Owned(self.mark(&parameter.key))];
                all.push(resource);
            }
        }
    }

    /// A value with the table's names for keys, and marks for references.
    fn plain(&self, node: &Node<'s>, table: &str, seen: &mut Observations) -> Node<'s> {
        if let Some(value) = self.function(node, table, seen) {
            return Node { span: node.span, value };
        }
        let value = match &node.value {
            Value::Sequence(items) => Value::Sequence(items.iter().map(|item| self.plain(item, table, seen)).collect()),
            Value::Mapping(entries) => {
                let mut plain: Vec<Entry<'s>> = Vec::with_capacity(entries.len());
                for entry in entries {
                    let is_document = entry.key.ends_with("PolicyDocument") || entry.key == "KeyPolicy" || entry.key == "Variables";
                    let node = if is_document { self.document(&entry.node, seen) } else { self.plain(&entry.node, table, seen) };
                    let key = types::attribute(table, &entry.key);
                    match (key.is_empty(), node) {
                        (false, node) => plain.push(Entry { key: Cow::Owned(key), key_span: entry.key_span, node }),
                        (true, Node { value: Value::Mapping(inner), .. }) => plain.extend(inner),
                        (true, Node { value: Value::Sequence(items), .. }) => {
                            let inner = items
                                .into_iter()
                                .filter_map(|item| if let Value::Mapping(inner) = item.value { Some(inner) } else { None });
                            plain.extend(inner.flatten());
                        }
                        (true, _) => {}
                    }
                }
                let mut known = HashSet::new();
                plain.retain(|entry| known.insert(entry.key.clone()));
                Value::Mapping(plain)
            }
            other => other.clone(),
        };
        Node { span: node.span, value }
    }

    /// A value whose keys are the author's own words, with marks for references.
    fn document(&self, node: &Node<'s>, seen: &mut Observations) -> Node<'s> {
        if let Some(value) = self.function(node, "", seen) {
            return Node { span: node.span, value };
        }
        let value = match &node.value {
            Value::Sequence(items) => Value::Sequence(items.iter().map(|item| self.document(item, seen)).collect()),
            Value::Mapping(entries) => {
                let plain = entries.iter().map(|entry| Entry { node: self.document(&entry.node, seen), ..entry.clone() });
                Value::Mapping(plain.collect())
            }
            other => other.clone(),
        };
        Node { span: node.span, value }
    }

    /// What a function of CloudFormation comes to, if a value is one: marks, and texts as far as they are known.
    fn function(&self, node: &Node<'s>, table: &str, seen: &mut Observations) -> Option<Value<'s>> {
        let [Entry { key, node: argument, .. }] = tree::entries(node) else { return None };
        let short = if key == "Ref" { Some("Ref") } else { None };
        let name = short.or_else(|| key.strip_prefix("Fn::")).or_else(|| key.strip_prefix('!'))?;
        let mark = |name: &str| Node { span: node.span, value: Value::String(Cow::Owned(self.mark(name))) };
        Some(match name {
            "Ref" => self.named(tree::text(argument)?, node.span, seen),
            "GetAtt" => {
                let whole = tree::text(argument).or_else(|| tree::items(argument).first().and_then(tree::text))?;
                self.named(whole.split('.').next().unwrap_or(whole), node.span, seen)
            }
            "Sub" => {
                let text = tree::text(argument).or_else(|| tree::items(argument).first().and_then(tree::text))?;
                let mut parts = vec![Node { span: node.span, value: Value::String(Cow::Owned(TEXT.to_owned())) }];
                for name in placeholders(text).into_iter().filter(|name| self.is_known(name)) {
                    seen.reference(node.span);
                    parts.push(mark(name));
                }
                if parts.len() == 1 && !text.contains("${") { Value::String(Cow::Owned(text.to_owned())) } else { Value::Sequence(parts) }
            }
            "ImportValue" => {
                let name = written(argument).unwrap_or_default();
                Value::String(Cow::Owned(format!("{MARK}import:{name}")))
            }
            "If" => Value::Sequence(tree::items(argument).iter().skip(1).map(|item| self.plain(item, table, seen)).collect()),
            "Join" | "Select" | "Split" => {
                Value::Sequence(tree::items(argument).iter().skip(1).map(|item| self.plain(item, table, seen)).collect())
            }
            "Base64" => self.plain(argument, table, seen).value,
            "FindInMap" | "GetAZs" | "Cidr" | "Transform" | "Length" | "ToJsonString" => Value::String(Cow::Owned(TEXT.to_owned())),
            _ => return None,
        })
    }

    /// A reference by name: the mark of a resource or parameter, or of something that is only known when it is made.
    fn named(&self, name: &str, span: Span, seen: &mut Observations) -> Value<'s> {
        if self.is_known(name) {
            seen.reference(span);
        }
        let is_there = tree::get(self.resources, name).is_some() || self.is_parameter(name);
        if name == "AWS::NoValue" {
            return Value::Null;
        }
        if !is_there && !name.starts_with("AWS::") {
            seen.unresolved(span, format!("a reference to {name}"));
        }
        Value::String(Cow::Owned(if is_there { self.mark(name) } else { TEXT.to_owned() }))
    }

    fn is_known(&self, name: &str) -> bool {
        tree::get(self.resources, name).is_some()
    }

    fn is_parameter(&self, name: &str) -> bool {
        tree::get(self.root, "Parameters").is_some_and(|parameters| tree::entries(parameters).iter().any(|entry| entry.key == name))
    }
}

fn entry_of<'s>(key: &'static str, span: Span, node: Node<'s>) -> Entry<'s> {
    Entry { key: Cow::Borrowed(key), key_span: span, node }
}

/// The names in a text with `${Name}` and `${Name.Attribute}`.
fn placeholders(text: &str) -> Vec<&str> {
    let parts = text.split("${").skip(1);
    parts.filter_map(|part| part.split_once('}')).map(|(name, _)| name.split('.').next().unwrap_or(name).trim()).collect()
}

/// A text as the author wrote it, that of a `!Sub` included.
fn written(node: &Node<'_>) -> Option<String> {
    let inner = tree::get(node, "Fn::Sub").or_else(|| tree::get(node, "!Sub")).unwrap_or(node);
    tree::text(inner).or_else(|| tree::items(inner).first().and_then(tree::text)).map(str::to_owned)
}

/// The names that a value refers to.
fn named_in(node: &Node<'_>, names: &mut Vec<String>) {
    for entry in tree::entries(node) {
        match &*entry.key {
            "Ref" | "!Ref" | "Fn::GetAtt" | "!GetAtt" => {
                let whole = tree::text(&entry.node).or_else(|| tree::items(&entry.node).first().and_then(tree::text));
                names.extend(whole.map(|whole| whole.split('.').next().unwrap_or(whole).to_owned()));
            }
            _ => named_in(&entry.node, names),
        }
    }
    for item in tree::items(node) {
        named_in(item, names);
    }
}

/// The path that CDK gives a construct, without the word for its own resource.
fn cdk_name(path: &str) -> String {
    path.strip_suffix("/Resource").or_else(|| path.strip_suffix("/Default")).unwrap_or(path).to_owned()
}

/// Properties that CloudFormation says in another shape.
fn shaped<'s>(mut properties: Node<'s>, table: &str) -> Node<'s> {
    let Value::Mapping(entries) = &mut properties.value else { return properties };
    let mut more: Vec<Entry<'s>> = Vec::new();
    for entry in entries.iter() {
        match (table, &*entry.key) {
            ("aws_lb" | "aws_elb", "scheme") => {
                let is_internal = tree::text(&entry.node) == Some("internal");
                more.push(Entry {
                    key: Cow::Borrowed("internal"),
                    key_span: entry.key_span,
                    node: Node { span: entry.node.span, value: Value::Bool(is_internal) },
                });
            }
            ("aws_lb", "load_balancer_attributes") => more.extend(load_balancer_attributes(&entry.node)),
            ("aws_instance" | "aws_launch_configuration", "ebs_block_device" | "root_block_device") => {
                let disks: Vec<Node<'s>> = tree::find_all(&entry.node, "ebs").into_iter().cloned().collect();
                more.push(Entry { node: Node { span: entry.node.span, value: Value::Sequence(disks) }, ..entry.clone() });
            }
            ("aws_lambda_function", "code") => {
                let bucket = tree::get(&entry.node, "s3_bucket").cloned();
                more.extend(bucket.map(|node| entry_of("s3_bucket", entry.key_span, node)));
            }
            _ => {}
        }
    }
    let renewed: HashSet<Cow<'s, str>> = more.iter().map(|entry| entry.key.clone()).collect();
    entries.retain(|entry| !renewed.contains(&entry.key));
    entries.extend(more);
    // Of a load balancer that does not say so the internet is the default.
    if matches!(table, "aws_lb" | "aws_elb") && entries.iter().all(|entry| entry.key != "internal") {
        let node = Node { span: properties.span, value: Value::Bool(false) };
        entries.push(entry_of("internal", properties.span, node));
    }
    properties
}

/// `access_logs.s3.enabled` and its like, of a list of keys and values.
fn load_balancer_attributes<'s>(list: &Node<'s>) -> Vec<Entry<'s>> {
    let mut more = Vec::new();
    for item in tree::items(list) {
        let (Some(key), Some(value)) = (tree::text_of(item, "key"), tree::get(item, "value")) else { continue };
        match key {
            "access_logs.s3.enabled" => {
                let inner = Node { span: value.span, value: Value::Mapping(vec![entry_of("enabled", value.span, value.clone())]) };
                more.push(entry_of("access_logs", value.span, inner));
            }
            "deletion_protection.enabled" => more.push(entry_of("enable_deletion_protection", value.span, value.clone())),
            "routing.http.drop_invalid_header_fields.enabled" => {
                more.push(entry_of("drop_invalid_header_fields", value.span, value.clone()));
            }
            _ => {}
        }
    }
    more
}
