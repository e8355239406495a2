//! Kubernetes objects as files state them: streams, lists, dumps of the API, and templates that are none yet.

use crate::import::tree::{entries, find, get, items, scalar, text, text_of};
use crate::import::{Format, Observations};
use crate::source::{Fault, Node, Source, Span, Value};

/// What a template is to be filled in with.
pub(super) const REMEDY: &str = "`helm template` or `kubectl kustomize`";

/// The namespace of what states none.
const DEFAULT_NAMESPACE: &str = "default";

/// What an object is to this importer.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Runs containers, or has others run them.
    Workload,
    /// A `Service`.
    Service,
    /// An `Ingress`.
    Ingress,
    /// A `Gateway` of the Gateway API.
    Gateway,
    /// A route of the Gateway API: `HTTPRoute`, `GRPCRoute`, `TCPRoute`, `TLSRoute`.
    Route,
    /// A `NetworkPolicy`.
    NetworkPolicy,
    /// A `ServiceAccount`.
    ServiceAccount,
    /// A `Role` or `ClusterRole`.
    Role,
    /// A `RoleBinding` or `ClusterRoleBinding`.
    Binding,
    /// A `Namespace`.
    Namespace,
    /// A `Node`.
    Node,
    /// Known, and nothing that systems, connections or controls come from.
    Plain,
    /// Not known.
    Unknown,
}

/// Kinds that no system, connection or control comes from. Of Secrets and `ConfigMap`s only the names matter, where
/// workloads refer to them.
const PLAIN: &[&str] = &[
    "APIService",
    "CSIDriver",
    "CSINode",
    "ComponentStatus",
    "ConfigMap",
    "ControllerRevision",
    "CustomResourceDefinition",
    "Endpoints",
    "EndpointSlice",
    "Event",
    "FlowSchema",
    "HorizontalPodAutoscaler",
    "IngressClass",
    "Lease",
    "LimitRange",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "PodDisruptionBudget",
    "PodSecurityPolicy",
    "PriorityClass",
    "PriorityLevelConfiguration",
    "ResourceQuota",
    "RuntimeClass",
    "Secret",
    "StorageClass",
    "VolumeAttachment",
];

impl Kind {
    /// What an object of a group and kind is. Other groups have kinds of the same names that mean something else.
    fn of(group: &str, kind: &str) -> Self {
        let is_builtin = group.is_empty() || !group.contains('.') || group.ends_with(".k8s.io");
        match (group, kind) {
            ("", "Pod" | "ReplicationController")
            | ("apps" | "extensions", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet")
            | ("batch", "Job" | "CronJob") => Self::Workload,
            ("", "Service") => Self::Service,
            ("networking.k8s.io" | "extensions", "Ingress") => Self::Ingress,
            ("gateway.networking.k8s.io", "Gateway") => Self::Gateway,
            ("gateway.networking.k8s.io", "HTTPRoute" | "GRPCRoute" | "TCPRoute" | "TLSRoute") => Self::Route,
            ("networking.k8s.io" | "extensions", "NetworkPolicy") => Self::NetworkPolicy,
            ("", "ServiceAccount") => Self::ServiceAccount,
            ("rbac.authorization.k8s.io", "Role" | "ClusterRole") => Self::Role,
            ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => Self::Binding,
            ("", "Namespace") => Self::Namespace,
            ("", "Node") => Self::Node,
            _ if is_builtin && PLAIN.contains(&kind) => Self::Plain,
            _ => Self::Unknown,
        }
    }
}

/// An object with a name.
#[derive(Copy, Clone, Debug)]
pub(super) struct Object<'a> {
    /// What it is here.
    pub(super) kind: Kind,
    /// What it is there: `Deployment`.
    pub(super) word: &'a str,
    /// The namespace; of what has none, `default`.
    pub(super) namespace: &'a str,
    /// The name.
    pub(super) name: &'a str,
    /// All of it.
    pub(super) node: &'a Node<'a>,
    /// The place of the name. A place of the whole object would show its secrets where it is shown.
    pub(super) span: Span,
}

impl<'a> Object<'a> {
    /// What it is called: `shop/Deployment/web`, or without a namespace where it is in none.
    pub(super) fn id(&self) -> String {
        if matches!(self.word, "ClusterRole" | "ClusterRoleBinding" | "Namespace" | "Node") {
            return format!("{}/{}", self.word, self.name);
        }
        format!("{}/{}/{}", self.namespace, self.word, self.name)
    }

    /// What a path of keys leads to.
    pub(super) fn find(&self, path: &str) -> Option<&'a Node<'a>> {
        find(self.node, path)
    }

    /// A label.
    pub(super) fn label(&self, key: &str) -> Option<&'a str> {
        self.find("metadata.labels").and_then(|labels| text_of(labels, key))
    }

    /// The objects that this one belongs to: kind and name.
    pub(super) fn owners(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let owners = self.find("metadata.ownerReferences").map(items).unwrap_or_default();
        owners.iter().filter_map(|owner| Some((text_of(owner, "kind")?, text_of(owner, "name")?)))
    }
}

/// The version and kind that a list says its items are of.
#[derive(Copy, Clone)]
struct ItemKind<'a> {
    version: &'a str,
    kind: &'a str,
}

/// Adds the objects of a document: itself, or the items of a list.
pub(super) fn collect<'a>(document: &'a Node<'a>, objects: &mut Vec<Object<'a>>, seen: &mut Observations) {
    match &document.value {
        Value::Null => {}
        Value::Sequence(items) => items.iter().for_each(|item| add(item, None, objects, seen)),
        _ => add(document, None, objects, seen),
    }
}

/// Adds one object, or the items of one list.
fn add<'a>(node: &'a Node<'a>, inherited: Option<ItemKind<'a>>, objects: &mut Vec<Object<'a>>, seen: &mut Observations) {
    let version = text_of(node, "apiVersion").or(inherited.map(|item| item.version));
    let kind = text_of(node, "kind").or(inherited.map(|item| item.kind));
    let (Some(version), Some(kind)) = (version, kind) else {
        let lacks = "`apiVersion` and `kind` in every object";
        seen.diagnostics.error(beginning(node), Fault::NotThatFormat { expected: Format::Kubernetes.title(), lacks });
        return;
    };
    if let Some(of) = kind.strip_suffix("List").filter(|_| get(node, "items").is_some() || get(node, "metadata").is_none_or(is_unnamed)) {
        let inherited = (!of.is_empty()).then_some(ItemKind { version, kind: of });
        get(node, "items").map(items).unwrap_or_default().iter().for_each(|item| add(item, inherited, objects, seen));
        return;
    }
    let group = version.split_once('/').map_or("", |(group, _)| group);
    // What kustomize is told to do, and pieces of objects for it to put into others.
    if group == "kustomize.config.k8s.io" || get(node, "$patch").is_some() {
        seen.diagnostics.error(beginning(node), Fault::NotRendered { remedy: REMEDY });
        return;
    }
    seen.thing(node.span);
    let Some((name, span)) = name_of(node) else {
        seen.not_understood(node.span, format!("{kind} without a name"));
        return;
    };
    if let Some(place) = unfilled(node) {
        seen.diagnostics.error(place, Fault::NotRendered { remedy: REMEDY });
        return;
    }
    let namespace = find(node, "metadata.namespace").and_then(text).filter(|namespace| !namespace.is_empty());
    let object = Object { kind: Kind::of(group, kind), word: kind, namespace: namespace.unwrap_or(DEFAULT_NAMESPACE), name, node, span };
    if object.kind == Kind::Unknown {
        let kind = if group.is_empty() { kind.to_owned() } else { format!("{group}/{kind}") };
        seen.not_understood(span, kind);
    } else {
        objects.push(object);
    }
}

/// Whether metadata is that of a list: lists have no names.
fn is_unnamed(metadata: &Node<'_>) -> bool {
    get(metadata, "name").is_none()
}

/// The name of an object, or the beginning of the name that it will be given.
fn name_of<'a>(node: &'a Node<'a>) -> Option<(&'a str, Span)> {
    let metadata = get(node, "metadata")?;
    let name = get(metadata, "name").or_else(|| get(metadata, "generateName"))?;
    text(name).filter(|text| !text.is_empty()).map(|text| (text, name.span))
}

/// The place of the first key of a node, or of the node itself if it is no mapping: of a scalar its beginning.
fn beginning(node: &Node<'_>) -> Span {
    entries(node).first().map_or(Span { end: node.span.start, ..node.span }, |entry| entry.key_span)
}

/// The first place of an object that a template leaves open. Only what tells objects apart is looked at: commands and
/// data may well hold templates of their own.
fn unfilled(node: &Node<'_>) -> Option<Span> {
    let names = ["metadata.name", "metadata.namespace", "metadata.generateName"];
    let names = names.into_iter().filter_map(|path| find(node, path));
    let labels = ["metadata.labels", "spec.selector", "spec.selector.matchLabels", "spec.template.metadata.labels"];
    let labels = labels.into_iter().filter_map(|path| find(node, path)).flat_map(|labels| entries(labels).iter().map(|entry| &entry.node));
    names.chain(labels).find(|node| scalar(node).is_some_and(|text| text.contains("{{"))).map(|node| node.span)
}

/// The first mark of a template in a text that is no YAML because of it: at the beginning of a line, of an item or of a
/// value, where YAML has a mapping begin.
pub(super) fn mark(source: &Source) -> Option<Span> {
    let mut start = 0;
    for line in source.text().split_inclusive('\n') {
        let code = line.trim_start();
        let opens = code.trim_start_matches("- ").starts_with("{{") || code.contains(": {{");
        if let Some(at) = line.find("{{").filter(|_| opens && !code.starts_with('#')) {
            return Some(Span::new(source.index(), start + at, start + at + 2));
        }
        start += line.len();
    }
    None
}
