//! Threagile models: technical assets, their communication links, and the boundaries and runtimes around them.
//!
//! **Systems.** An asset keeps its id. The machine and the boundaries around it tell its service model: a network of a
//! cloud provider makes physical and virtual machines `iaas`, containers `caas` and serverless functions `faas`; a
//! dedicated hoster is `colocation`, the own network and a physical machine outside any are `on-premises`. An external
//! entity out of scope that no human uses is somebody else's service, `saas`, run by its owner. Of the ratings of
//! confidentiality, integrity and availability the highest is the criticality. Boundaries and technologies are tags. A
//! shared runtime is a system that `hosts` its assets. What an asset says of encryption is a word about stored data
//! where it stores any, and of an asset that stores none only if it is encrypted.
//!
//! **Connections.** Every link is one `reaches` from the caller to its target, with controls: an encrypted protocol,
//! authentication, authorization, and segmentation by VPN or filtered addresses; what the link says is lacking is a
//! control that is not implemented. Data sent over a link make the caller `feeds` the target, data received the target
//! `feeds` the caller; the receiver keeps a copy where it is said to store one of them. What a technology is for makes
//! further connections possible: whoever calls an identity provider, other than a human's client or for operations, may
//! accept its identities, a vault may keep the caller's secrets, a build pipeline may deploy what it calls for
//! operations or run what it takes from a repository, and monitoring may watch whoever has a link with it.

use super::observation::{ConnectionFact, Evidence};
use super::tree::{documents, entries, get, items, scalar, text, text_of, truth};
use super::{Format, Observations, Options};
use crate::catalog::{Certainty, ConnectionKind, ControlStatus, Criticality, Facing, PartyKind, ServiceModel, Strength};
use crate::source::{Entry, Fault, Node, Source, Span};
use std::collections::{BTreeMap, BTreeSet};

/// Technologies that issue or keep identities.
const ISSUERS: [&str; 4] = ["identity-provider", "ldap-server", "identity-store-ldap", "identity-store-database"];

/// Technologies that keep secrets.
const VAULTS: [&str; 2] = ["vault", "hsm"];

/// Technologies that a build takes code from.
const REPOSITORIES: [&str; 2] = ["sourcecode-repository", "artifact-registry"];

/// Technologies that a build calls and does not deploy.
const SERVES_BUILDS: [&str; 2] = ["code-inspection-platform", "monitoring"];

/// Encrypted protocols, beside those whose name says it.
const ENCRYPTED: [&str; 8] = ["https", "wss", "ssh", "ssh-tunnel", "ftps", "sftp", "scp", "ldaps"];

/// Protocols that never leave the machine, and those of which nothing is known.
const NO_NETWORK: [&str; 5] =
    ["local-file-access", "in-process-library-call", "inter-process-communication", "container-spawning", "unknown-protocol"];

/// Providers by the tag that names them, alone or before a colon.
const PROVIDERS: [&str; 3] = ["aws", "azure", "gcp"];

/// The parts of a model that are read.
const PARTS: [&str; 3] = ["technical_assets", "trust_boundaries", "shared_runtimes"];

/// Reads files of this format.
pub(super) fn read(sources: &[&Source], options: &Options, seen: &mut Observations) {
    let mut trees = Vec::new();
    for source in sources {
        for tree in documents(source, options, seen) {
            if is_model(&tree, seen) {
                trees.push(tree);
            }
        }
        includes(source, &trees, sources, seen);
    }
    let model = Model::of(&trees, seen);
    for asset in model.assets.values() {
        system(asset, &model, seen);
    }
    for asset in model.assets.values() {
        for link in asset.links() {
            see_link(asset, &link, &model, seen);
        }
    }
    for runtime in part(&trees, "shared_runtimes") {
        shared_runtime(runtime, &model, seen);
    }
}

/// Whether a document is a model or a part of one; one that is none, or of another version, is told.
fn is_model(tree: &Node<'_>, seen: &mut Observations) -> bool {
    let others = ["threagile_version", "includes", "title", "data_assets", "tags_available", "business_criticality", "risk_tracking"];
    let others = others.into_iter().chain(["abuse_cases", "security_requirements", "questions", "individual_risk_categories"]);
    if PARTS.into_iter().chain(others).all(|key| entries(tree).iter().all(|entry| entry.key != key)) {
        let lacks = "`technical_assets` or `threagile_version`";
        seen.diagnostics.error(tree.span, Fault::NotThatFormat { expected: Format::Threagile.title(), lacks });
        return false;
    }
    let version = get(tree, "threagile_version");
    if let Some(version) = version.filter(|node| scalar(node).is_none_or(|text| !text.starts_with("1."))) {
        seen.diagnostics.error(version.span, Fault::ForeignVersion { format: "Threagile", expected: "1.0" });
        return false;
    }
    true
}

/// Files that the last document of a file includes and that are not given.
fn includes(source: &Source, trees: &[Node<'_>], sources: &[&Source], seen: &mut Observations) {
    let Some(tree) = trees.last().filter(|tree| tree.span.source == source.index()) else { return };
    for item in get(tree, "includes").map_or(&[][..], items) {
        let Some(name) = text(item) else { continue };
        let is_given = sources.iter().any(|source| source.name() == name || source.name().ends_with(&format!("/{name}")));
        if is_given {
            seen.reference(item.span);
        } else {
            seen.unresolved(item.span, format!("includes {name}"));
        }
    }
}

/// The entries of a part of the model, of all files.
fn part<'a>(trees: &'a [Node<'a>], name: &str) -> Vec<&'a Entry<'a>> {
    trees.iter().filter_map(|tree| get(tree, name)).flat_map(entries).collect()
}

/// A technical asset.
struct Asset<'a> {
    id: String,
    title: &'a str,
    node: &'a Node<'a>,
    span: Span,
    technologies: Vec<String>,
}

impl<'a> Asset<'a> {
    fn of(entry: &'a Entry<'a>) -> Self {
        let node = &entry.node;
        let several = get(node, "technologies").map_or(&[][..], items).iter().filter_map(technology);
        let technologies = get(node, "technology").and_then(technology).into_iter().chain(several).collect();
        let title = text_of(node, "title").unwrap_or(&entry.key);
        Self { id: id_of(entry), title, node, span: entry.key_span, technologies }
    }

    fn is(&self, technologies: &[&str]) -> bool {
        self.technologies.iter().any(|own| technologies.contains(&own.as_str()))
    }

    fn text(&self, key: &str) -> &'a str {
        text_of(self.node, key).unwrap_or_default()
    }

    fn has(&self, key: &str) -> bool {
        get(self.node, key).and_then(truth) == Some(true)
    }

    fn stores(&self) -> BTreeSet<&'a str> {
        names(self.node, "data_assets_stored")
    }

    /// The links by title, or, in a model that Threagile itself wrote, one after the other.
    fn links(&self) -> Vec<Link<'a>> {
        let Some(links) = get(self.node, "communication_links") else { return Vec::new() };
        let titled = entries(links).iter().map(|entry| Link { node: &entry.node, span: entry.key_span });
        titled.chain(items(links).iter().map(|node| Link { node, span: node.span })).collect()
    }

    /// Whether it is a browser, a desktop or a phone, and not a service.
    fn is_client(&self) -> bool {
        self.has("used_as_client_by_human")
    }

    fn is_service_of_others(&self) -> bool {
        self.text("type") == "external-entity" && self.has("out_of_scope") && !self.is_client()
    }
}

/// A communication link, and where it begins.
struct Link<'a> {
    node: &'a Node<'a>,
    span: Span,
}

/// A technology, by name or as a mapping with one.
fn technology(node: &Node<'_>) -> Option<String> {
    text(node).or_else(|| text_of(node, "name")).or_else(|| text_of(node, "Name")).map(str::to_owned)
}

/// The id of an entry; its key, where it has none.
fn id_of(entry: &Entry<'_>) -> String {
    text_of(&entry.node, "id").unwrap_or(&entry.key).to_owned()
}

/// The texts of a list.
fn names<'a>(node: &'a Node<'a>, key: &str) -> BTreeSet<&'a str> {
    get(node, key).map_or(&[][..], items).iter().filter_map(text).collect()
}

/// The assets, and the boundaries around each, from the inside out.
struct Model<'a> {
    assets: BTreeMap<String, Asset<'a>>,
    boundaries: BTreeMap<String, &'a Node<'a>>,
    /// The boundary that an asset or a boundary is in.
    inside: BTreeMap<String, String>,
}

impl<'a> Model<'a> {
    fn of(trees: &'a [Node<'a>], seen: &mut Observations) -> Self {
        let assets = part(trees, "technical_assets").into_iter().map(Asset::of).map(|asset| (asset.id.clone(), asset)).collect();
        let stated = part(trees, "trust_boundaries");
        let boundaries = stated.iter().map(|entry| (id_of(entry), &entry.node)).collect();
        let mut model = Self { assets, boundaries, inside: BTreeMap::new() };
        for boundary in stated {
            seen.thing(boundary.key_span);
            for (key, what) in [("technical_assets_inside", "technical asset"), ("trust_boundaries_nested", "trust boundary")] {
                for item in get(&boundary.node, key).map_or(&[][..], items) {
                    model.put(text(item).unwrap_or_default(), what, id_of(boundary), item.span, seen);
                }
            }
        }
        model
    }

    fn put(&mut self, what: &str, sort: &'static str, inside: String, span: Span, seen: &mut Observations) {
        let is_known = if sort == "technical asset" { self.assets.contains_key(what) } else { self.boundaries.contains_key(what) };
        if is_known {
            seen.reference(span);
            self.inside.insert(what.to_owned(), inside);
        } else {
            seen.warn(span, Fault::Dangling { what: sort, name: what.to_owned() });
        }
    }

    /// The boundaries around an asset, the nearest first.
    fn around(&self, asset: &str) -> Vec<(&str, &'a Node<'a>)> {
        let mut around: Vec<(&str, &'a Node<'a>)> = Vec::new();
        let mut of = asset;
        while let Some(boundary) = self.inside.get(of).filter(|boundary| around.iter().all(|(known, _)| known != boundary)) {
            around.extend(self.boundaries.get(boundary).map(|node| (boundary.as_str(), *node)));
            of = boundary;
        }
        around
    }
}

fn system(asset: &Asset<'_>, model: &Model<'_>, seen: &mut Observations) {
    let around = model.around(&asset.id);
    let owner = Some(asset.text("owner")).filter(|owner| !owner.is_empty());
    if let Some(owner) = owner {
        let kind = if asset.is_service_of_others() { PartyKind::Provider } else { PartyKind::Team };
        seen.party(owner, kind, Evidence::of(asset.span, "owner")).name = Some(owner.to_owned());
    }
    seen.thing(asset.span);
    let fact = seen.system(asset.id.clone(), Evidence::at(asset.span));
    fact.name = Some(asset.title.to_owned());
    fact.criticality = criticality(asset);
    fact.facing = asset.has("internet").then_some(Facing::Internet);
    fact.model = service_model(asset, &around);
    if asset.is_service_of_others() {
        fact.provider = owner.map(str::to_owned);
    } else {
        fact.owner = owner.map(str::to_owned);
        let in_cloud = matches!(fact.model, Some(ServiceModel::Iaas | ServiceModel::Caas | ServiceModel::Faas));
        fact.provider = provider(asset, &around).filter(|_| in_cloud).map(str::to_owned);
    }
    fact.tags.extend(names(asset.node, "tags").into_iter().map(str::to_owned));
    fact.tags.extend(asset.technologies.iter().map(|technology| format!("technology:{technology}")));
    fact.tags.extend(around.iter().map(|(boundary, _)| format!("boundary:{boundary}")));
    let encrypted = asset.text("encryption");
    let keeps = !asset.stores().is_empty() || asset.text("type") == "datastore";
    if !encrypted.is_empty() && (encrypted != "none" || keeps) {
        seen.control(asset.id.clone(), "data.encrypt-at-rest", status(encrypted != "none"), Evidence::of(asset.span, "encryption"));
    }
}

/// Implemented or not.
fn status(is_in_place: bool) -> ControlStatus {
    if is_in_place { ControlStatus::Implemented } else { ControlStatus::NotImplemented }
}

/// The highest of the three ratings.
fn criticality(asset: &Asset<'_>) -> Option<Criticality> {
    let rated = ["confidentiality", "integrity", "availability"].into_iter().filter_map(|goal| match asset.text(goal) {
        "strictly-confidential" | "mission-critical" => Some(Criticality::CrownJewel),
        "confidential" | "critical" => Some(Criticality::High),
        "restricted" | "important" => Some(Criticality::Moderate),
        "public" | "internal" | "archive" | "operational" => Some(Criticality::Low),
        _ => None,
    });
    rated.min()
}

/// The service model by what the asset runs on and whose network that is in.
fn service_model(asset: &Asset<'_>, around: &[(&str, &Node<'_>)]) -> Option<ServiceModel> {
    if asset.is_service_of_others() {
        return Some(ServiceModel::Saas);
    }
    let machine = asset.text("machine");
    if machine == "serverless" {
        return Some(ServiceModel::Faas);
    }
    let network = around.iter().find_map(|(_, boundary)| match text_of(boundary, "type").unwrap_or_default() {
        "network-on-prem" => Some(ServiceModel::OnPremises),
        "network-dedicated-hoster" => Some(ServiceModel::Colocation),
        "network-cloud-provider" | "network-cloud-security-group" => Some(ServiceModel::Iaas),
        _ => None,
    });
    match (network, machine) {
        (Some(ServiceModel::Iaas), "container") => Some(ServiceModel::Caas),
        (Some(network), _) => Some(network),
        (None, "physical") => Some(ServiceModel::OnPremises),
        (None, _) => None,
    }
}

/// The cloud provider that a tag of the asset or of a boundary around it names.
fn provider(asset: &Asset<'_>, around: &[(&str, &Node<'_>)]) -> Option<&'static str> {
    let nodes = std::iter::once(asset.node).chain(around.iter().map(|(_, node)| *node));
    let mut tags = nodes.flat_map(|node| get(node, "tags").map_or(&[][..], items)).filter_map(text);
    tags.find_map(|tag| PROVIDERS.into_iter().find(|provider| tag.split(':').next() == Some(provider)))
}

/// The connections of a communication link.
fn see_link(asset: &Asset<'_>, link: &Link<'_>, model: &Model<'_>, seen: &mut Observations) {
    let Some(target) = get(link.node, "target").or_else(|| get(link.node, "target_id")) else { return };
    let name = text(target).unwrap_or_default();
    let Some(other) = model.assets.get(name) else {
        seen.warn(target.span, Fault::Dangling { what: "technical asset", name: name.to_owned() });
        return;
    };
    seen.reference(target.span);
    let at = |attribute: &'static str| Evidence::of(link.span, attribute);
    let connection = seen.connect(asset.id.clone(), ConnectionKind::Reaches, name, at("communication_links"));
    controls(link.node, connection);
    for (from, to, key) in [(asset, other, "data_assets_sent"), (other, asset, "data_assets_received")] {
        let data = names(link.node, key);
        if !data.is_empty() {
            let keeps = !data.is_disjoint(&to.stores());
            let connection = seen.connect(from.id.clone(), ConnectionKind::Feeds, to.id.clone(), at(key));
            connection.copy = (!keeps).then_some(false);
            controls(link.node, connection);
            if key == "data_assets_received" {
                // Who the caller proves to be is no obstacle to what comes back.
                connection.controls.retain(|(class, ..)| matches!(*class, "encryption" | "segmentation"));
            }
        }
    }
    for (from, kind, to) in possible(asset, other, text_of(link.node, "usage") == Some("devops")) {
        seen.connect(from.id.clone(), kind, to.id.clone(), at("technology")).certainty = Certainty::Possible;
    }
}

/// The controls that a link states.
fn controls(link: &Node<'_>, connection: &mut ConnectionFact) {
    use Strength::{Moderate, Strong, Weak};
    let text = |key: &str| text_of(link, key).unwrap_or_default();
    let has = |key: &str| get(link, key).and_then(truth) == Some(true);
    let mut put = |class, strength, is_in_place| connection.controls.push((class, strength, status(is_in_place)));
    match text("authentication") {
        "" => {}
        "none" => put("authn", Moderate, false),
        "credentials" => put("authn", Weak, true),
        "two-factor" | "client-certificate" => put("authn", Strong, true),
        _ => put("authn", Moderate, true),
    }
    match text("authorization") {
        "" => {}
        "none" => put("authz", Moderate, false),
        "technical-user" => put("authz", Weak, true),
        _ => put("authz", Moderate, true),
    }
    let protocol = text("protocol");
    if ENCRYPTED.contains(&protocol) || protocol.ends_with("-encrypted") {
        put("encryption", Strong, true);
    } else if has("vpn") {
        put("encryption", Moderate, true);
    } else if !protocol.is_empty() && !NO_NETWORK.contains(&protocol) {
        put("encryption", Strong, false);
    }
    if has("vpn") || has("ip_filtered") {
        put("segmentation", Moderate, true);
    }
}

/// What the technologies of both ends of a link make possible beside the call itself.
fn possible<'m, 'a>(
    asset: &'m Asset<'a>,
    target: &'m Asset<'a>,
    for_operations: bool,
) -> Vec<(&'m Asset<'a>, ConnectionKind, &'m Asset<'a>)> {
    let mut found = Vec::new();
    let builds = asset.is(&["build-pipeline"]);
    if target.is(&ISSUERS) && !asset.is_client() && !for_operations {
        found.push((target, ConnectionKind::Authenticates, asset));
    }
    if target.is(&VAULTS) && !asset.is_client() {
        found.push((target, ConnectionKind::KeepsSecrets, asset));
    }
    if builds && target.is(&REPOSITORIES) {
        found.push((target, ConnectionKind::Supplies, asset));
    } else if builds && for_operations && !target.is(&SERVES_BUILDS) && !target.is(&ISSUERS) && !target.is(&VAULTS) {
        found.push((asset, ConnectionKind::Deploys, target));
    }
    if target.is(&["monitoring"]) {
        found.push((target, ConnectionKind::Monitors, asset));
    } else if asset.is(&["monitoring"]) {
        found.push((asset, ConnectionKind::Monitors, target));
    }
    found
}

/// A runtime that several assets share.
fn shared_runtime(runtime: &Entry<'_>, model: &Model<'_>, seen: &mut Observations) {
    let id = id_of(runtime);
    seen.thing(runtime.key_span);
    let fact = seen.system(id.clone(), Evidence::at(runtime.key_span));
    fact.name = Some(text_of(&runtime.node, "title").unwrap_or(&runtime.key).to_owned());
    fact.tags.extend(names(&runtime.node, "tags").into_iter().map(str::to_owned));
    for item in get(&runtime.node, "technical_assets_running").map_or(&[][..], items) {
        let name = text(item).unwrap_or_default();
        if model.assets.contains_key(name) {
            seen.reference(item.span);
            seen.connect(id.clone(), ConnectionKind::Hosts, name, Evidence::of(item.span, "technical_assets_running"));
        } else {
            seen.warn(item.span, Fault::Dangling { what: "technical asset", name: name.to_owned() });
        }
    }
}
