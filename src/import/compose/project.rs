//! Projects: which files belong to one, and which services it has.

use crate::import::Observations;
use crate::import::tree::{entries, get, items, scalar, text, text_of};
use crate::source::{Entry, Node, Source, Span};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A service, as all files of its project together describe it.
#[derive(Debug)]
pub(super) struct Service<'a> {
    /// The id of its system.
    pub(super) id: String,
    /// Its name in the project.
    pub(super) name: &'a str,
    /// The place of its name, where it stands first.
    pub(super) span: Span,
    /// What each file says of it, in the order of the files.
    parts: Vec<&'a Node<'a>>,
}

impl<'a> Service<'a> {
    /// What the last file that has a key says under it: later files replace what earlier ones say.
    pub(super) fn last(&self, key: &str) -> Option<&'a Node<'a>> {
        self.parts.iter().rev().find_map(|part| get(part, key))
    }

    /// What all files say under a key, where they add up.
    pub(super) fn all(&self, key: &str) -> impl Iterator<Item = &'a Node<'a>> {
        self.parts.iter().filter_map(move |part| get(part, key))
    }

    /// The items of the lists under a key.
    pub(super) fn items(&self, key: &str) -> impl Iterator<Item = &'a Node<'a>> {
        self.all(key).flat_map(items)
    }

    /// The names of a list or the keys of a mapping under a key, each with its place.
    pub(super) fn names(&self, key: &str) -> Vec<(&'a str, Span)> {
        let listed = self.items(key).filter_map(|item| Some((text(item)?, item.span)));
        let mapped = self.all(key).flat_map(entries).map(|entry| (entry.key.as_ref(), entry.key_span));
        listed.chain(mapped).collect()
    }

    /// The names and values of a mapping, or of a list of `name=value`, under a key, each with the place of its name.
    pub(super) fn pairs(&self, key: &str) -> Vec<Pair<'a>> {
        self.all(key).flat_map(pairs).collect()
    }
}

/// A name with a value.
#[derive(Debug)]
pub(super) struct Pair<'a> {
    /// The name.
    pub(super) name: &'a str,
    /// The value.
    pub(super) value: Cow<'a, str>,
    /// Where the name stands.
    pub(super) span: Span,
}

/// The pairs of a mapping, or of a list of `name=value`.
pub(super) fn pairs<'a>(node: &'a Node<'a>) -> Vec<Pair<'a>> {
    let of_entry = |entry: &'a Entry<'a>| Some(Pair { name: entry.key.as_ref(), value: scalar(&entry.node)?, span: entry.key_span });
    let of_item = |item: &'a Node<'a>| {
        let (name, value) = text(item)?.split_once('=')?;
        // The place of the whole would show the value where it is shown.
        Some(Pair { name, value: Cow::Borrowed(value), span: Span { end: item.span.start, ..item.span } })
    };
    entries(node).iter().filter_map(of_entry).chain(items(node).iter().filter_map(of_item)).collect()
}

/// A project.
#[derive(Debug)]
pub(super) struct Project<'a> {
    /// What the ids of its systems begin with: nothing, unless there are several projects.
    prefix: String,
    /// Its services, by name.
    pub(super) services: BTreeMap<&'a str, Service<'a>>,
    /// Its networks, by name.
    pub(super) networks: BTreeMap<&'a str, (&'a Node<'a>, Span)>,
}

impl<'a> Project<'a> {
    /// The projects of files, in the order of their first files.
    pub(super) fn all(files: &[&'a (&'a Source, Node<'a>)], seen: &mut Observations) -> Vec<Self> {
        let mut groups: Vec<(Name, Vec<&'a Node<'a>>)> = Vec::new();
        for (source, document) in files {
            let name = Name::of(source, document);
            match groups.iter_mut().find(|(known, _)| *known == name) {
                Some((_, documents)) => documents.push(document),
                None => groups.push((name, vec![document])),
            }
        }
        let prefix = |name: &Name| {
            let is_shared = groups.iter().filter(|(other, _)| other.short() == name.short()).count() > 1;
            match groups.len() {
                1 => String::new(),
                _ if is_shared => format!("{}/", name.0),
                _ => format!("{}/", name.short()),
            }
        };
        groups.iter().map(|(name, documents)| Self::of(prefix(name), documents, seen)).collect()
    }

    fn of(prefix: String, documents: &[&'a Node<'a>], seen: &mut Observations) -> Self {
        let mut project = Self { prefix, services: BTreeMap::new(), networks: BTreeMap::new() };
        for document in documents {
            for entry in get(document, "services").map(entries).unwrap_or_default() {
                seen.thing(entry.key_span);
                let name = entry.key.as_ref();
                let new = || Service { id: format!("{}{name}", project.prefix), name, span: entry.key_span, parts: Vec::new() };
                project.services.entry(name).or_insert_with(new).parts.push(&entry.node);
                if let Some(extends) = get(&entry.node, "extends") {
                    seen.not_understood(extends.span, "extends");
                }
            }
            for entry in get(document, "networks").map(entries).unwrap_or_default() {
                project.networks.insert(entry.key.as_ref(), (&entry.node, entry.key_span));
            }
            if let Some(include) = get(document, "include") {
                seen.not_understood(include.span, "include");
            }
        }
        project
    }

    /// The id of a system of this project that is no service.
    pub(super) fn id(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// Every name under which a service is found on its networks, and the service.
    pub(super) fn host_names(&self) -> BTreeMap<&'a str, &Service<'a>> {
        let mut names = BTreeMap::new();
        for service in self.services.values() {
            let own = ["container_name", "hostname"].into_iter().filter_map(|key| service.last(key)).filter_map(text);
            let networks = service.all("networks").flat_map(entries).filter_map(|network| get(&network.node, "aliases")).flat_map(items);
            for name in own.chain(networks.filter_map(text)) {
                names.insert(name, service);
            }
        }
        // Names of services come before all others.
        names.extend(self.services.iter().map(|(&name, service)| (name, service)));
        names
    }
}

/// The name of a project: what a file says, or else the path of its folder.
#[derive(Debug, PartialEq, Eq)]
struct Name(String);

impl Name {
    fn of(source: &Source, document: &Node<'_>) -> Self {
        let stated = text_of(document, "name").filter(|name| !name.is_empty() && !name.contains('$'));
        let folder = || source.name().rsplit_once(['/', '\\']).map_or("", |(folder, _)| folder);
        Self(stated.unwrap_or_else(folder).to_owned())
    }

    /// Its last part, which is what Compose calls a project after.
    fn short(&self) -> &str {
        let last = self.0.rsplit(['/', '\\']).next().unwrap_or_default();
        if last.is_empty() { "project" } else { last }
    }
}
