//! Open Threat Models: components, what they are part of, and the data flows between them.
//!
//! **Systems** are the components, with their ids. A type that is a service of the catalogue makes it one; other types
//! of a cloud provider tell at least the model and the provider; the type is a tag in any case. A component inside
//! another one runs on it: the outer one `hosts` it. Trust zones are tags, and one that is the internet makes what is in
//! it face it. Of the ratings of the assets that a component processes or stores the highest is its criticality, by the
//! bands of NIST SP 800-30.
//!
//! **Connections.** A data flow from a to b is one `reaches`, and where it names the assets that flow a `feeds`, too; a
//! flow both ways is both of each.
//!
//! The owner of a project answers for the threat model and not for each component, and so owns no system. Threats and
//! mitigations bear free titles that no control of the catalogue can be told by; they are counted.
//!
//! **Written by `weaklink export`**, a model holds in its attributes what the format has no field for: these are read back,
//! and the gaps among the threats are read over, since they are found anew.

use super::observation::{Evidence, SystemFact};
use super::tree::{documents, entries, find, get, items, scalar, text, text_of, truth};
use super::{Format, Observations, Options};
use crate::catalog::{
    Certainty, ConnectionKind, ControlStatus, Criticality, Facing, PartyKind, Policy, ResponsibilityMatrix, ServiceModel, Strength,
};
use crate::source::{Fault, Node, Source, Span};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Types of components that are a service of the catalogue under a name of their own.
const SERVICES: [(&str, &str); 14] = [
    ("api-gateway", "aws.api_gateway"),
    ("aws-lambda-function", "aws.lambda"),
    ("azure-storage", "azure.blob"),
    ("CD-SECRETS-MANAGER", "aws.secrets_manager"),
    ("cf-cloudfront", "aws.cloudfront"),
    ("cognito", "aws.cognito"),
    ("dynamodb", "aws.dynamodb"),
    ("ec2", "aws.ec2"),
    ("kms", "aws.kms"),
    ("rds", "aws.rds"),
    ("s3", "aws.s3"),
    ("sns", "aws.sqs"),
    ("sqs-simple-queue-service", "aws.sqs"),
    ("vpc", "aws.vpc"),
];

/// Types of components of which the model and the provider can be told.
const MODELS: [(&str, ServiceModel, &str); 20] = [
    ("athena", ServiceModel::Paas, "aws"),
    ("CD-ACM", ServiceModel::Paas, "aws"),
    ("CD-CONFIG", ServiceModel::Paas, "aws"),
    ("CD-EC2-AUTO-SCALING", ServiceModel::Paas, "aws"),
    ("CD-GUARDDUTY", ServiceModel::Paas, "aws"),
    ("CD-INSPECTOR", ServiceModel::Paas, "aws"),
    ("CD-MACIE", ServiceModel::Paas, "aws"),
    ("CD-MICROSOFT-AZURE-DB-POSTGRESQL", ServiceModel::Paas, "azure"),
    ("CD-MQ", ServiceModel::Paas, "aws"),
    ("CD-SES", ServiceModel::Paas, "aws"),
    ("CD-SYSTEMS-MANAGER", ServiceModel::Paas, "aws"),
    ("CD-WAF", ServiceModel::Paas, "aws"),
    ("cloudtrail", ServiceModel::Paas, "aws"),
    ("cloudwatch", ServiceModel::Paas, "aws"),
    ("elastic-container-registry", ServiceModel::Paas, "aws"),
    ("elastic-container-service", ServiceModel::Caas, "aws"),
    ("elasticache", ServiceModel::Paas, "aws"),
    ("kinesis-data-analytics", ServiceModel::Paas, "aws"),
    ("kinesis-data-firehose", ServiceModel::Paas, "aws"),
    ("redshift", ServiceModel::Paas, "aws"),
];

/// The trust zone that is the internet in the models of `IriusRisk` and of what converts to them.
const INTERNET: &str = "f0ba7722-39b6-4c81-8290-a30a248bb8d9";

/// Reads files of this format.
pub(super) fn read(sources: &[&Source], options: &Options, seen: &mut Observations) {
    let mut trees = Vec::new();
    for source in sources {
        for tree in documents(source, options, seen) {
            if is_model(&tree, seen) {
                trees.push(tree);
            }
        }
    }
    let model = Model::of(&trees);
    for tree in &trees {
        see_parties(tree, seen);
    }
    for component in list(&trees, "components") {
        see_component(component, &model, seen);
    }
    for flow in list(&trees, "dataflows") {
        see_flow(flow, &model, seen);
    }
    for kind in ["threats", "mitigations"] {
        for thing in list(&trees, kind).into_iter().filter(|thing| own(thing, "gap").is_none()) {
            seen.not_understood(thing.span, kind);
        }
    }
}

/// Whether a document is a model of a version that is read; what it is else is told.
fn is_model(tree: &Node<'_>, seen: &mut Observations) -> bool {
    let Some(version) = get(tree, "otmVersion") else {
        seen.diagnostics.error(tree.span, Fault::NotThatFormat { expected: Format::Otm.title(), lacks: "`otmVersion`" });
        return false;
    };
    let is_read =
        scalar(version).is_some_and(|text| ["0.1", "0.2"].iter().any(|known| text == *known || text.starts_with(&format!("{known}."))));
    if !is_read {
        seen.diagnostics.error(version.span, Fault::ForeignVersion { format: "OTM", expected: "0.1 or 0.2" });
    }
    is_read
}

/// The items of a list of all models.
fn list<'a>(trees: &'a [Node<'a>], key: &str) -> Vec<&'a Node<'a>> {
    trees.iter().filter_map(|tree| get(tree, key)).flat_map(items).collect()
}

fn by_id<'a>(nodes: Vec<&'a Node<'a>>) -> BTreeMap<&'a str, &'a Node<'a>> {
    nodes.into_iter().filter_map(|node| Some((text_of(node, "id")?, node))).collect()
}

/// What the lists of the models hold, by id.
struct Model<'a> {
    components: BTreeSet<&'a str>,
    zones: BTreeMap<&'a str, &'a Node<'a>>,
    assets: BTreeMap<&'a str, &'a Node<'a>>,
}

impl<'a> Model<'a> {
    fn of(trees: &'a [Node<'a>]) -> Self {
        Self {
            components: by_id(list(trees, "components")).into_keys().collect(),
            zones: by_id(list(trees, "trustZones")),
            assets: by_id(list(trees, "assets")),
        }
    }

    /// The zones around one, itself first.
    fn around(&self, zone: &str) -> Vec<&'a Node<'a>> {
        let mut around: Vec<&'a Node<'a>> = Vec::new();
        let mut next = self.zones.get(zone).copied();
        while let Some(zone) = next.filter(|zone| around.iter().all(|known| !std::ptr::eq(*known, *zone))) {
            around.push(zone);
            next = find(zone, "parent.trustZone").and_then(text).and_then(|outer| self.zones.get(outer)).copied();
        }
        around
    }
}

fn see_component(component: &Node<'_>, model: &Model<'_>, seen: &mut Observations) {
    let Some(id) = text_of(component, "id") else {
        seen.not_understood(component.span, "component without id");
        return;
    };
    let parent = parent(component, model, seen);
    let sort = text_of(component, "type").unwrap_or_default();
    seen.thing(component.span);
    let fact = seen.system(id, Evidence::at(component.span));
    fact.name = text_of(component, "name").map(str::to_owned);
    fact.criticality = criticality(component, model);
    fact.service = service(sort).map(str::to_owned);
    let tags = || get(component, "tags").map_or(&[][..], items).iter().filter_map(text).map(str::to_owned);
    if let Some(service_model) = own(component, "model") {
        fact.model = ServiceModel::from_id(&service_model);
        fact.tags.extend(tags());
        describe(component, fact);
        if let Some(Parent::Component(outer)) = parent {
            seen.connect(outer, ConnectionKind::Hosts, id, Evidence::of(component.span, "parent"));
        }
        return;
    }
    if let Some((_, service_model, provider)) = MODELS.iter().find(|(known, ..)| *known == sort) {
        fact.model = Some(*service_model);
        fact.provider = Some((*provider).to_owned());
    }
    fact.tags.extend(tags());
    if !sort.is_empty() {
        fact.tags.push(format!("type:{sort}"));
    }
    match parent {
        Some(Parent::Zone(zones)) => {
            fact.tags.extend(zones.iter().filter_map(|zone| Some(format!("zone:{}", text_of(zone, "name")?))));
            fact.facing = zones.first().is_some_and(|zone| is_internet(zone)).then_some(Facing::Internet);
        }
        Some(Parent::Component(outer)) => {
            seen.connect(outer, ConnectionKind::Hosts, id, Evidence::of(component.span, "parent"));
        }
        None => {}
    }
}

/// An attribute of our own, `weaklink/` and its name.
fn own<'a>(node: &'a Node<'_>, name: &str) -> Option<Cow<'a, str>> {
    let attributes = get(node, "attributes").map_or(&[][..], entries);
    attributes.iter().find(|entry| entry.key.strip_prefix(OWN) == Some(name)).and_then(|entry| scalar(&entry.node))
}

/// What begins attributes of our own.
const OWN: &str = "weaklink/";

/// The parties that own systems, where we wrote the model.
fn see_parties(tree: &Node<'_>, seen: &mut Observations) {
    let attributes = find(tree, "project.attributes").map_or(&[][..], entries);
    for entry in attributes {
        let party = entry.key.strip_prefix(OWN).and_then(|rest| rest.strip_prefix("party/"));
        if let Some((party, kind)) = party.zip(text(&entry.node).and_then(PartyKind::from_id)) {
            seen.party(party, kind, Evidence::at(entry.node.span));
        }
    }
}

/// What the attributes of a component that we wrote hold; the tags that repeat it are none of the system's.
fn describe(component: &Node<'_>, fact: &mut SystemFact) {
    fact.provider = own(component, "provider").map(Cow::into_owned);
    let facts = ["owner", "criticality", "facing"].map(|name| (name, own(component, name).map(Cow::into_owned)));
    for (name, value) in facts.iter().rev() {
        let repeated = value.as_ref().map(|value| format!("{name}:{value}"));
        fact.tags.pop_if(|tag| repeated.as_ref() == Some(&*tag));
    }
    let [owner, criticality, facing] = facts.map(|(_, value)| value);
    fact.owner = owner;
    fact.criticality = criticality.as_deref().and_then(Criticality::from_id);
    fact.facing = facing.as_deref().and_then(Facing::from_id);
    for entry in get(component, "attributes").map_or(&[][..], entries) {
        let setting = entry.key.strip_prefix(OWN).and_then(|rest| rest.strip_prefix("setting/"));
        if let Some((setting, value)) = setting.zip(scalar(&entry.node)) {
            fact.settings.insert(setting.to_owned(), value.into_owned());
        }
    }
}

/// What a component is in.
enum Parent<'a> {
    /// Trust zones, from the inside out.
    Zone(Vec<&'a Node<'a>>),
    /// Another component.
    Component(&'a str),
}

fn parent<'a>(component: &'a Node<'a>, model: &Model<'a>, seen: &mut Observations) -> Option<Parent<'a>> {
    let stated = entries(get(component, "parent")?).first()?;
    let (name, span) = (text(&stated.node)?, stated.node.span);
    let (what, found) = match stated.key.as_ref() {
        "component" => ("component", model.components.contains(name).then_some(Parent::Component(name))),
        _ => ("trust zone", Some(model.around(name)).filter(|zones| !zones.is_empty()).map(Parent::Zone)),
    };
    if found.is_some() {
        seen.reference(span);
    } else {
        seen.warn(span, Fault::Dangling { what, name: name.to_owned() });
    }
    found
}

/// The service of the catalogue that a type is, by the table or because it is one's own name.
fn service(sort: &str) -> Option<&'static str> {
    let named = SERVICES.iter().find(|(known, _)| *known == sort).map(|(_, service)| *service);
    named.or_else(|| ResponsibilityMatrix::shipped().service(sort).map(|service| service.id.as_str()))
}

/// Whether a trust zone is the internet: by its type, or by its name where it has none.
fn is_internet(zone: &Node<'_>) -> bool {
    let told = text_of(zone, "type").or_else(|| text_of(zone, "name")).unwrap_or_default();
    told.eq_ignore_ascii_case("internet") || told == INTERNET
}

/// The highest rating of the assets that a component processes or stores.
fn criticality(component: &Node<'_>, model: &Model<'_>) -> Option<Criticality> {
    let named = ["assets.processed", "assets.stored"].into_iter().filter_map(|path| find(component, path)).flat_map(items);
    let assets = named.filter_map(text).filter_map(|id| model.assets.get(id));
    let rated = assets.flat_map(|asset| ["confidentiality", "integrity", "availability"].map(|goal| rating(asset, goal)));
    // The bands of the scale from 0 to 100: very high from 96, high from 80, moderate from 21.
    Some(match rated.flatten().max()? {
        96.. => Criticality::CrownJewel,
        80.. => Criticality::High,
        21.. => Criticality::Moderate,
        _ => Criticality::Low,
    })
}

fn rating(asset: &Node<'_>, goal: &str) -> Option<u32> {
    let number = get(get(asset, "risk")?, goal).and_then(scalar)?.parse::<f64>().ok()?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and 100")]
    let whole = number.clamp(0.0, 100.0) as u32;
    Some(whole)
}

fn see_flow(flow: &Node<'_>, model: &Model<'_>, seen: &mut Observations) {
    let (Some(from), Some(to)) = (end(flow, "source", model, seen), end(flow, "destination", model, seen)) else { return };
    if let Some(kind) = own(flow, "kind").and_then(|kind| ConnectionKind::from_id(&kind)) {
        let controls = controls(flow, seen);
        let fact = seen.connect(from, kind, to, Evidence::of(flow.span, "dataflows"));
        fact.certainty = own(flow, "certainty").and_then(|word| Certainty::from_id(&word)).unwrap_or(Certainty::Certain);
        fact.copy = own(flow, "copy").and_then(|word| (word == "false").then_some(false));
        fact.controls = controls;
        return;
    }
    let both = get(flow, "bidirectional").and_then(truth) == Some(true);
    let names_assets = get(flow, "assets").is_some_and(|assets| !items(assets).is_empty());
    let ways = [(from, to), (to, from)];
    for (from, to) in ways.into_iter().take(if both { 2 } else { 1 }) {
        seen.connect(from, ConnectionKind::Reaches, to, Evidence::of(flow.span, "dataflows"));
        if names_assets {
            seen.connect(from, ConnectionKind::Feeds, to, Evidence::of(flow.span, "assets"));
        }
    }
}

/// The controls that a flow of ours names, `class strength status` each; of a class that another policy has, they are counted.
fn controls(flow: &Node<'_>, seen: &mut Observations) -> Vec<(&'static str, Strength, ControlStatus)> {
    let told = own(flow, "controls").unwrap_or_default();
    let mut controls = Vec::new();
    for control in told.split("; ").filter(|control| !control.is_empty()) {
        let mut words = control.rsplitn(3, ' ');
        let status = words.next().and_then(ControlStatus::from_id);
        let strength = words.next().and_then(Strength::from_id);
        let class = words.next().and_then(|class| Policy::shipped().classes.iter().find(|known| *known == class));
        match (class, strength, status) {
            (Some(class), Some(strength), Some(status)) => controls.push((class.as_str(), strength, status)),
            _ => seen.not_understood(flow.span, "control of a dataflow"),
        }
    }
    controls
}

/// An end of a flow: a component that is there.
fn end<'a>(flow: &'a Node<'_>, key: &str, model: &Model<'_>, seen: &mut Observations) -> Option<&'a str> {
    let node = get(flow, key)?;
    let (name, span): (&str, Span) = (text(node)?, node.span);
    if model.components.contains(name) {
        seen.reference(span);
        return Some(name);
    }
    seen.warn(span, Fault::Dangling { what: "component", name: name.to_owned() });
    None
}
