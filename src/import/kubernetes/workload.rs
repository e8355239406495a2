//! Workloads: which there are, which of them only run for another one, and who owns them.

use super::object::{Kind, Object};
use super::selector::{Labels, Selector, labels};
use crate::catalog::ServiceModel;
use crate::estate::NOBODY;
use crate::import::tree::{entries, find, get, items, text, text_of, truth};
use crate::import::{Evidence, Observations};
use crate::source::{Node, Span};
use std::collections::{BTreeMap, BTreeSet};

/// Longest chain from a Pod over its `ReplicaSet` to what made that.
const LONGEST_CHAIN: usize = 8;

/// A workload.
#[derive(Debug)]
pub(super) struct Workload<'a> {
    /// The object.
    pub(super) object: Object<'a>,
    /// The id of its system.
    pub(super) id: String,
    /// The labels of its Pods.
    labels: Labels<'a>,
    /// What its Pods are like.
    pub(super) pod: Option<&'a Node<'a>>,
}

impl<'a> Workload<'a> {
    fn of(object: Object<'a>) -> Self {
        let template = match object.word {
            "Pod" => Some(object.node),
            "CronJob" => object.find("spec.jobTemplate.spec.template"),
            _ => object.find("spec.template"),
        };
        let pod = template.and_then(|template| get(template, "spec"));
        let labels = labels(template.and_then(|template| find(template, "metadata.labels")));
        Self { object, id: object.id(), labels, pod }
    }

    /// Its containers, those that run first included.
    pub(super) fn containers(&self) -> impl Iterator<Item = &'a Node<'a>> + use<'a> {
        let pod = self.pod;
        ["initContainers", "containers", "ephemeralContainers"]
            .into_iter()
            .flat_map(move |key| pod.and_then(|pod| get(pod, key)).map(items).unwrap_or_default())
    }

    /// The name of the account that its Pods act as.
    pub(super) fn account(&self) -> &'a str {
        let stated = |key| self.pod.and_then(|pod| text_of(pod, key)).filter(|name| !name.is_empty());
        stated("serviceAccountName").or_else(|| stated("serviceAccount")).unwrap_or("default")
    }

    /// Where it states that account, or its own name where it states none.
    pub(super) fn account_place(&self) -> Span {
        let stated = |key| self.pod.and_then(|pod| get(pod, key));
        stated("serviceAccountName").or_else(|| stated("serviceAccount")).map_or(self.object.span, |node| node.span)
    }

    /// Whether it says that its Pods are given the token of that account.
    pub(super) fn mounts_token(&self) -> Option<bool> {
        self.pod.and_then(|pod| get(pod, "automountServiceAccountToken")).and_then(truth)
    }
}

/// All workloads, with who runs for whom.
#[derive(Debug)]
pub(super) struct Workloads<'a> {
    /// In the order of the files.
    all: Vec<Workload<'a>>,
    /// Of each the one that it runs for, in the end: itself, unless an owner of it is known.
    root: Vec<usize>,
    /// Those of each namespace.
    by_namespace: BTreeMap<&'a str, Vec<usize>>,
}

impl<'a> Workloads<'a> {
    /// The workloads among objects.
    pub(super) fn of(objects: &[Object<'a>]) -> Self {
        let all: Vec<Workload<'a>> =
            objects.iter().filter(|object| object.kind == Kind::Workload).map(|&object| Workload::of(object)).collect();
        let mut by_name = BTreeMap::new();
        let mut by_namespace: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (workload_ix, Workload { object, .. }) in all.iter().enumerate() {
            by_name.entry((object.namespace, object.word, object.name)).or_insert(workload_ix);
            by_namespace.entry(object.namespace).or_default().push(workload_ix);
        }
        let owner = |workload_ix: usize| {
            let object = all[workload_ix].object;
            object.owners().find_map(|(word, name)| by_name.get(&(object.namespace, word, name)).copied())
        };
        // Owners in a circle own nobody.
        let root = |start: usize| {
            let mut chain = std::iter::successors(Some(start), |&workload_ix| owner(workload_ix));
            let last = chain.by_ref().take(LONGEST_CHAIN).last();
            last.filter(|_| chain.next().is_none()).unwrap_or(start)
        };
        let root = (0..all.len()).map(root).collect();
        Self { all, root, by_namespace }
    }

    /// Those that run for no other one.
    pub(super) fn roots(&self) -> impl Iterator<Item = &Workload<'a>> {
        self.all.iter().enumerate().filter(|&(workload_ix, _)| self.root[workload_ix] == workload_ix).map(|(_, workload)| workload)
    }

    /// Those of a namespace whose Pods a selector selects, or for which those Pods run, each once, in the order of the files.
    pub(super) fn selected(&self, namespace: &str, selector: &Selector<'_>) -> Vec<&Workload<'a>> {
        let inside = self.by_namespace.get(namespace).map(Vec::as_slice).unwrap_or_default();
        let selected = inside.iter().filter(|&&workload_ix| selector.matches(&self.all[workload_ix].labels));
        let roots: BTreeSet<usize> = selected.map(|&workload_ix| self.root[workload_ix]).collect();
        roots.into_iter().map(|workload_ix| &self.all[workload_ix]).collect()
    }

    /// Tells the systems.
    pub(super) fn tell(&self, objects: &[Object<'a>], platform: Option<Platform>, seen: &mut Observations) {
        let known_as = self.backstage_names();
        let of_namespace: BTreeMap<&str, &str> = objects
            .iter()
            .filter(|object| object.kind == Kind::Namespace)
            .filter_map(|object| Some((object.name, owner(object.node)?)))
            .collect();
        for workload in self.roots() {
            let Workload { object, id, .. } = workload;
            let fact = seen.system(id, Evidence::at(object.span));
            fact.name = Some(object.name.to_owned());
            fact.model = Some(ServiceModel::Caas);
            if let Some(platform) = platform {
                platform.describe(fact);
            }
            fact.owner = owner(object.node).or_else(|| of_namespace.get(object.namespace).copied()).map(str::to_owned);
            // The application that something is part of owns nothing: it groups, as tags do.
            fact.tags.extend(object.label("app.kubernetes.io/part-of").map(str::to_owned));
            let backstage = object.label(BACKSTAGE_ID).filter(|name| known_as.get(name) == Some(&1));
            fact.aliases.extend(backstage.map(|name| format!("{BACKSTAGE_ID}={name}")));
        }
        for (workload, &root) in self.all.iter().zip(&self.root) {
            if self.all[root].id != workload.id {
                seen.alias(&workload.id, &self.all[root].id);
                seen.reference(workload.object.span);
            }
        }
    }

    /// How many workloads carry each name by which Backstage knows what it shows. A name of several workloads is no
    /// other name of one of them.
    fn backstage_names(&self) -> BTreeMap<&'a str, usize> {
        let mut count = BTreeMap::new();
        for name in self.roots().filter_map(|workload| workload.object.label(BACKSTAGE_ID)) {
            *count.entry(name).or_default() += 1;
        }
        count
    }
}

/// The label by which Backstage finds the workloads of a component.
const BACKSTAGE_ID: &str = "backstage.io/kubernetes-id";

/// Who an object's labels or annotations say owns it: `owner` or `team`, with any prefix but Kubernetes' own.
fn owner<'a>(node: &'a Node<'a>) -> Option<&'a str> {
    let pairs = ["metadata.labels", "metadata.annotations"].into_iter().filter_map(|path| find(node, path)).flat_map(entries);
    let named = pairs.filter(|entry| {
        let (prefix, name) = entry.key.rsplit_once('/').unwrap_or(("", entry.key.as_ref()));
        matches!(name, "owner" | "team") && !prefix.ends_with("kubernetes.io") && !prefix.ends_with("k8s.io")
    });
    named.filter_map(|entry| text(&entry.node)).find(|owner| !owner.is_empty() && *owner != NOBODY)
}

/// The catalogued service that a cluster is.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Platform {
    service: &'static str,
    setting: Option<(&'static str, &'static str)>,
}

/// Labels that the services put on their nodes, and how the names of these nodes begin.
const PLATFORMS: &[(&str, &str, Platform)] = &[
    ("eks.amazonaws.com/nodegroup", "", Platform { service: "aws.eks", setting: Some(("node_type", "managed")) }),
    ("kubernetes.azure.com/cluster", "", Platform { service: "azure.aks", setting: None }),
    ("cloud.google.com/gke-nodepool", "gke-", Platform { service: "gcp.gke_standard", setting: None }),
    ("cloud.google.com/gke-nodepool", "gk3-", Platform { service: "gcp.gke_autopilot", setting: None }),
];

impl Platform {
    /// What the nodes say that the cluster is, where all of them say the same.
    pub(super) fn of(objects: &[Object<'_>]) -> Option<Self> {
        let of_node = |node: &Object<'_>| {
            let fits = |label: &str, start: &str| node.label(label).is_some() && node.name.starts_with(start);
            PLATFORMS.iter().find(|(label, start, _)| fits(label, start)).map(|(_, _, platform)| *platform)
        };
        let mut platforms = objects.iter().filter(|object| object.kind == Kind::Node).map(of_node);
        let first = platforms.next()??;
        platforms.all(|platform| platform == Some(first)).then_some(first)
    }

    /// Says of a system that it is a part of that service.
    pub(super) fn describe(self, fact: &mut crate::import::SystemFact) {
        fact.service = Some(self.service.to_owned());
        fact.settings.extend(self.setting.map(|(setting, value)| (setting.to_owned(), value.to_owned())));
    }
}
