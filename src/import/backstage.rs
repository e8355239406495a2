//! Backstage catalogues: who owns what, and what depends on what.
//!
//! **Systems** are Components and Resources. An API is what its provider provides; only one that nobody provides is a
//! system of its own. Systems and Domains are labels of what is in them, and systems of ours only where something
//! depends on them. The identifier is the entity's name (`namespace/name` outside `default`), with its kind before it
//! where several kinds share the name, or what an annotation `weaklink/id` says. An entity is also known under its full
//! reference, `backstage.io/kubernetes-id`, `github.com/project-slug` and every ARN in an annotation, unless entities
//! share it. The one workload of a cluster that bears the same `backstage.io/kubernetes-id` as a label is the entity.
//!
//! **Owners** are Groups and Users, all of them teams of ours. An entity without an owner, or with one that the
//! catalogue does not describe although it describes others, has none, and that is told.
//!
//! **Connections.** A dependency says that a needs b; the kind of b says what that exposes: a cluster `hosts` a, a
//! library `supplies` it, an identity provider `authenticates` it and a vault `keeps-secrets` of it. Everything else is
//! called: a `reaches` b; and what is kept in a database or bucket is likely a's own, so that it possibly `stores` a.
//! Whoever consumes an API `reaches` its provider.

use super::observation::Evidence;
use super::tree::{documents, entries, find, get, items, text, text_of};
use super::{Format, Observations, Options};
use crate::catalog::{Certainty, ConnectionKind, PartyKind};
use crate::source::{Fault, Node, Source, Span};
use std::collections::{BTreeMap, BTreeSet};

/// Annotations that hold another name of the entity.
const NAMING: [&str; 2] = [KUBERNETES_ID, "github.com/project-slug"];

/// The annotation that holds what workloads of the entity bear as a label of the same name.
const KUBERNETES_ID: &str = "backstage.io/kubernetes-id";

/// The annotation that holds the identifier in a model.
const OWN: &str = "weaklink/id";

/// Types of what others are hosted by.
const HOSTS: [&str; 9] =
    ["cluster", "kubernetes-cluster", "k8s-cluster", "namespace", "host", "server", "vm", "virtual-machine", "cloud-account"];

/// Types of what keeps data of others.
const STORES: [&str; 9] = ["database", "db", "storage", "bucket", "s3-bucket", "object-store", "data-store", "datastore", "file-system"];

/// Types of what keeps secrets of others.
const VAULTS: [&str; 5] = ["vault", "secret-store", "secrets-manager", "key-vault", "kms"];

/// Types of what others accept identities from.
const ISSUERS: [&str; 4] = ["identity-provider", "idp", "directory", "auth-provider"];

/// Reads files of this format.
pub(super) fn read(sources: &[&Source], options: &Options, seen: &mut Observations) {
    let trees: Vec<Node<'_>> = sources.iter().flat_map(|source| documents(source, options, seen)).collect();
    let entities: Vec<Entity<'_>> = trees.iter().filter_map(|tree| Entity::of(tree, seen)).collect();
    let catalogue = Catalogue::of(&entities);
    for entity in &entities {
        seen.thing(entity.span);
        match entity.kind.as_str() {
            "group" | "user" => party(entity, seen),
            _ if catalogue.is_system(entity) => system(entity, &catalogue, seen),
            _ => {}
        }
    }
    for entity in &entities {
        connections(entity, &catalogue, seen);
    }
}

/// What an entity is called, in full: `component:default/web`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Reference {
    kind: String,
    namespace: String,
    name: String,
}

impl Reference {
    /// A reference as fields write it, `[kind:][namespace/]name`, in small letters; what it leaves out the field says.
    fn of(text: &str, kind: &str, namespace: &str) -> Self {
        let text = text.trim().to_ascii_lowercase();
        let (kind, rest) = text.split_once(':').unwrap_or((kind, &text));
        let (namespace, name) = rest.split_once('/').unwrap_or((namespace, rest));
        Self { kind: kind.to_owned(), namespace: namespace.to_owned(), name: name.to_owned() }
    }

    /// Without the kind, and without the namespace where that is the default one.
    fn short(&self) -> String {
        if self.namespace == "default" { self.name.clone() } else { format!("{}/{}", self.namespace, self.name) }
    }

    fn full(&self) -> String {
        format!("{}:{}/{}", self.kind, self.namespace, self.name)
    }
}

/// One entity of the catalogue.
struct Entity<'a> {
    kind: String,
    reference: Reference,
    node: &'a Node<'a>,
    span: Span,
}

impl<'a> Entity<'a> {
    /// The entity of a document; a document that is none is told, and a kind that says nothing here is counted.
    fn of(node: &'a Node<'a>, seen: &mut Observations) -> Option<Self> {
        if entries(node).is_empty() {
            return None;
        }
        let not_that = |lacks| Fault::NotThatFormat { expected: Format::Backstage.title(), lacks };
        let (Some(version), Some(kind)) = (get(node, "apiVersion"), text_of(node, "kind")) else {
            seen.diagnostics.error(node.span, not_that("`apiVersion` and `kind`"));
            return None;
        };
        let Some((group, number)) =
            text(version).and_then(|text| text.split_once('/')).filter(|(group, _)| group.ends_with("backstage.io"))
        else {
            seen.diagnostics.error(version.span, not_that("an `apiVersion` of `backstage.io`"));
            return None;
        };
        let is_known = matches!(kind, "Component" | "Resource" | "API" | "System" | "Domain" | "Group" | "User");
        if group != "backstage.io" || !is_known {
            seen.not_understood(node.span, kind);
            return None;
        }
        if !matches!(number, "v1alpha1" | "v1beta1") {
            seen.diagnostics.error(version.span, Fault::ForeignVersion { format: "Backstage", expected: "v1alpha1 or v1beta1" });
            return None;
        }
        let Some(name) = find(node, "metadata.name") else {
            seen.diagnostics.error(node.span, not_that("`metadata.name`"));
            return None;
        };
        if text(name).is_some_and(|name| name.contains("${{")) {
            seen.diagnostics.error(name.span, Fault::NotRendered { remedy: "Backstage's scaffolder" });
            return None;
        }
        let namespace = find(node, "metadata.namespace").and_then(text).unwrap_or("default").to_ascii_lowercase();
        let kind = kind.to_ascii_lowercase();
        let name = text(name)?.to_ascii_lowercase();
        Some(Self { reference: Reference { kind: kind.clone(), namespace, name }, kind, node, span: node.span })
    }

    /// A field of the entity's `spec`.
    fn spec(&self, key: &str) -> Option<&'a Node<'a>> {
        get(self.node, "spec").and_then(|spec| get(spec, key))
    }

    fn spec_text(&self, key: &str) -> Option<&'a str> {
        self.spec(key).and_then(text)
    }

    /// The references of a list in `spec`, each with its place.
    fn references(&self, key: &str, kind: &str) -> Vec<(Reference, Span)> {
        let list = self.spec(key).map_or(&[][..], items).iter();
        list.filter_map(|item| Some((Reference::of(text(item)?, kind, &self.reference.namespace), item.span))).collect()
    }

    fn annotations(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let all = find(self.node, "metadata.annotations").map_or(&[][..], entries).iter();
        all.filter_map(|entry| Some((entry.key.as_ref(), text(&entry.node)?)))
    }

    fn title(&self) -> Option<&'a str> {
        let profile = find(self.node, "spec.profile.displayName").and_then(text);
        find(self.node, "metadata.title").and_then(text).or(profile)
    }

    /// The type, as the lists above write it.
    fn sort(&self) -> String {
        self.spec_text("type").unwrap_or_default().to_ascii_lowercase().replace([' ', '_'], "-")
    }
}

/// The entities, and what is to be known of all of them together.
struct Catalogue<'a> {
    by_reference: BTreeMap<Reference, &'a Entity<'a>>,
    /// Who provides an API.
    providers: BTreeMap<Reference, Vec<Reference>>,
    /// What something depends on.
    needed: BTreeSet<Reference>,
    /// The identifiers of systems.
    ids: BTreeMap<Reference, String>,
    /// The same identifiers by themselves.
    taken: BTreeSet<String>,
    /// Short names that only one entity bears.
    unique: BTreeSet<String>,
    /// Other names, and how many entities bear them.
    borne: BTreeMap<String, usize>,
    /// Whether any Group or User is described.
    knows_owners: bool,
}

impl<'a> Catalogue<'a> {
    fn of(entities: &'a [Entity<'a>]) -> Self {
        let mut catalogue = Self {
            by_reference: entities.iter().map(|entity| (entity.reference.clone(), entity)).collect(),
            providers: BTreeMap::new(),
            needed: BTreeSet::new(),
            ids: BTreeMap::new(),
            taken: BTreeSet::new(),
            unique: BTreeSet::new(),
            borne: BTreeMap::new(),
            knows_owners: entities.iter().any(|entity| matches!(entity.kind.as_str(), "group" | "user")),
        };
        for entity in entities {
            for (api, _) in entity.references("providesApis", "api") {
                catalogue.providers.entry(api).or_default().push(entity.reference.clone());
            }
            let needs = entity.references("consumesApis", "api").into_iter().chain(entity.references("dependsOn", "component"));
            catalogue.needed.extend(needs.map(|(reference, _)| reference));
            if !entity.references("dependencyOf", "component").is_empty() {
                catalogue.needed.insert(entity.reference.clone());
            }
        }
        catalogue.name(entities);
        catalogue
    }

    /// Gives every system its identifier, and counts the other names.
    fn name(&mut self, entities: &[Entity<'_>]) {
        let mut bearers: BTreeMap<String, Vec<&Entity<'_>>> = BTreeMap::new();
        for entity in entities {
            if !self.is_system(entity) {
                continue;
            }
            bearers.entry(entity.reference.short()).or_default().push(entity);
            for name in other_names(entity) {
                *self.borne.entry(name.to_owned()).or_default() += 1;
            }
        }
        for (short, bearers) in bearers {
            let is_one = bearers.iter().all(|entity| entity.reference == bearers[0].reference);
            for entity in bearers {
                let stated = entity.annotations().find(|(key, _)| *key == OWN).map(|(_, id)| id.to_owned());
                let id = if is_one { short.clone() } else { format!("{}:{short}", entity.kind) };
                let id = stated.unwrap_or(id);
                self.taken.insert(id.clone());
                self.ids.insert(entity.reference.clone(), id);
            }
            if is_one {
                self.unique.insert(short);
            }
        }
    }

    /// Whether an entity is a system of ours.
    fn is_system(&self, entity: &Entity<'_>) -> bool {
        match entity.kind.as_str() {
            "component" | "resource" => true,
            "api" => !self.providers.contains_key(&entity.reference),
            "system" | "domain" => self.needed.contains(&entity.reference),
            _ => false,
        }
    }

    /// The systems behind a reference: of an API its providers; what is not described goes by its short name.
    fn systems(&self, reference: &Reference) -> Vec<(String, Option<&'a Entity<'a>>)> {
        let own = std::slice::from_ref(reference);
        let behind = self.providers.get(reference).map_or(own, Vec::as_slice);
        let named = |reference: &Reference| {
            let id = self.ids.get(reference).cloned().unwrap_or_else(|| reference.short());
            (id, self.by_reference.get(reference).copied())
        };
        behind.iter().map(named).collect()
    }
}

/// Names under which other tools may know an entity.
fn other_names<'a>(entity: &Entity<'a>) -> impl Iterator<Item = &'a str> {
    entity.annotations().filter(|(key, value)| NAMING.contains(key) || value.starts_with("arn:")).map(|(_, value)| value)
}

/// A Group or User.
fn party(entity: &Entity<'_>, seen: &mut Observations) {
    let fact = seen.party(party_id(&entity.reference), PartyKind::Team, Evidence::at(entity.span));
    fact.name = entity.title().map(str::to_owned);
}

/// The identifier of an owner: a group goes by its name, a user by its kind and name.
fn party_id(reference: &Reference) -> String {
    if reference.kind == "group" { reference.short() } else { format!("{}:{}", reference.kind, reference.short()) }
}

fn system(entity: &Entity<'_>, catalogue: &Catalogue<'_>, seen: &mut Observations) {
    let id = catalogue.ids.get(&entity.reference).cloned().unwrap_or_else(|| entity.reference.short());
    let owner = owner(entity, catalogue, &id, seen);
    let fact = seen.system(id, Evidence::at(entity.span));
    fact.owner = owner;
    fact.name = entity.title().map(str::to_owned);
    fact.aliases.push(entity.reference.full());
    fact.aliases.extend(Some(entity.reference.short()).filter(|short| catalogue.unique.contains(short)));
    let alone = other_names(entity).filter(|name| catalogue.borne.get(*name) == Some(&1));
    fact.aliases.extend(alone.filter(|name| !catalogue.taken.contains(*name)).map(str::to_owned));
    let workload = entity.annotations().find(|(key, _)| *key == KUBERNETES_ID).map(|(_, name)| name);
    fact.aliases.extend(workload.filter(|name| catalogue.borne.get(*name) == Some(&1)).map(|name| format!("{KUBERNETES_ID}={name}")));
    fact.tags = tags(entity);
}

/// The owner, where there is one and the catalogue knows it.
fn owner(entity: &Entity<'_>, catalogue: &Catalogue<'_>, id: &str, seen: &mut Observations) -> Option<String> {
    let Some(node) = entity.spec("owner") else {
        seen.warn(entity.span, Fault::Dangling { what: "owner of", name: id.to_owned() });
        return None;
    };
    let reference = Reference::of(text(node)?, "group", &entity.reference.namespace);
    if catalogue.by_reference.contains_key(&reference) {
        seen.reference(node.span);
    } else if catalogue.knows_owners {
        seen.warn(node.span, Fault::Dangling { what: "owner", name: party_id(&reference) });
        return None;
    }
    Some(party_id(&reference))
}

/// The entity's own tags, and what it is and belongs to.
fn tags(entity: &Entity<'_>) -> Vec<String> {
    let own = find(entity.node, "metadata.tags").map_or(&[][..], items).iter().filter_map(text).map(str::to_owned);
    let told = ["type", "lifecycle"].into_iter().filter_map(|key| Some(format!("{key}:{}", entity.spec_text(key)?)));
    let parts = [("system", "system"), ("domain", "domain"), ("subcomponentOf", "component")].into_iter();
    let namespace = &entity.reference.namespace;
    let part_of = parts.filter_map(|(key, kind)| {
        let label = if key == "subcomponentOf" { "part-of" } else { key };
        Some(format!("{label}:{}", Reference::of(entity.spec_text(key)?, kind, namespace).short()))
    });
    own.chain(told).chain(part_of).collect()
}

/// What an entity says of what it needs, and of what needs it.
fn connections(entity: &Entity<'_>, catalogue: &Catalogue<'_>, seen: &mut Observations) {
    for (api, span) in entity.references("consumesApis", "api") {
        depend(&entity.reference, &api, &Evidence::of(span, "consumesApis"), catalogue, seen);
    }
    for (needed, span) in entity.references("dependsOn", "component") {
        depend(&entity.reference, &needed, &Evidence::of(span, "dependsOn"), catalogue, seen);
    }
    for (needing, span) in entity.references("dependencyOf", "component") {
        depend(&needing, &entity.reference, &Evidence::of(span, "dependencyOf"), catalogue, seen);
    }
}

/// The connections of a dependency of one entity on another.
fn depend(one: &Reference, other: &Reference, evidence: &Evidence, catalogue: &Catalogue<'_>, seen: &mut Observations) {
    use ConnectionKind::{Authenticates, Hosts, KeepsSecrets, Reaches, Stores, Supplies};
    for (needing, _) in catalogue.systems(one) {
        for (needed, entity) in catalogue.systems(other) {
            if entity.is_some() {
                seen.reference(evidence.span);
            }
            let sort = entity.map(Entity::sort).unwrap_or_default();
            let is = |types: &[&str]| types.contains(&sort.as_str());
            if is(&HOSTS) {
                seen.connect(needed, Hosts, needing.clone(), evidence.clone());
            } else if is(&ISSUERS) {
                seen.connect(needed, Authenticates, needing.clone(), evidence.clone());
            } else if is(&VAULTS) {
                seen.connect(needed, KeepsSecrets, needing.clone(), evidence.clone());
            } else if sort == "library" {
                seen.connect(needed, Supplies, needing.clone(), evidence.clone());
            } else {
                seen.connect(needing.clone(), Reaches, needed.clone(), evidence.clone());
                if is(&STORES) {
                    seen.connect(needed, Stores, needing.clone(), evidence.clone()).certainty = Certainty::Possible;
                }
            }
        }
    }
}
