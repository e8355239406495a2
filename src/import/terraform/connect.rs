//! From resources to systems and connections: parts go to what they are parts of, relays and groups of firewalls
//! dissolve into what they connect.

use super::File;
use super::address::{Address, agree};
use super::config::{Config, Led};
use super::resource::{Paths, Resource, Within};
use super::table::{EdgeRule, ReferenceRule, ResourceType, Role, Says, Tells, provider};
use crate::catalog::{Certainty, ConnectionKind, ControlStatus, Facing};
use crate::import::hashed::{HashMap, HashSet};
use crate::import::{Evidence, Observations, cloudformation};
use crate::source::Span;
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Pairs of members of two groups up to which each pair is connected; above, they are through the group.
const MOST_PAIRS: usize = 2_000;

/// Resources that stand for others, one behind the other, at most.
const DEEPEST: usize = 16;

/// Turns resources into observations.
pub(super) fn observe(files: &[File<'_>], paths: &Paths, dependencies: &[(String, String)], seen: &mut Observations) {
    let mut all: Vec<&Resource<'_>> = Vec::new();
    let mut configs: Vec<Option<Config<'_, '_>>> = Vec::new();
    let mut file_of: Vec<usize> = Vec::new();
    for (file_ix, file) in files.iter().enumerate() {
        all.extend(&file.resources);
        file_of.resize(all.len(), file_ix);
        configs.push(file.configuration.as_ref().map(|root| Config::of(root, dependencies)));
    }
    count(files, &configs, &all, paths, seen);
    let world = World::of(all, file_of, configs, paths);
    let estate = Connected::of(&world, seen);
    estate.systems(seen);
    estate.controls(seen);
    estate.connections(seen);
}

/// Counts what the files describe, and the references in them.
fn count(files: &[File<'_>], configs: &[Option<Config<'_, '_>>], all: &[&Resource<'_>], paths: &Paths, seen: &mut Observations) {
    for (file, config) in files.iter().zip(configs).filter(|(file, _)| !file.is_template) {
        match config {
            Some(config) => {
                for (address, span) in config.resources() {
                    seen.thing(span);
                    let targets: BTreeSet<String> =
                        config.everything(address).targets.into_iter().map(|target| target.configured).collect();
                    for _ in targets {
                        seen.reference(span);
                    }
                }
            }
            None => {
                let by_id: HashMap<&str, usize> =
                    file.resources.iter().enumerate().flat_map(|(ix, it)| it.ids.iter().map(move |id| (&**id, ix))).collect();
                for (ix, resource) in file.resources.iter().enumerate() {
                    seen.thing(resource.span);
                    let mut known = HashSet::default();
                    for leaf in &resource.leaves {
                        let target = by_id.get(&*leaf.text).filter(|&&target| target != ix);
                        if target.is_some_and(|&target| known.insert((paths.name(leaf.path), target))) {
                            seen.reference(resource.span);
                        }
                    }
                }
            }
        }
    }
    for resource in all {
        if resource.meaning.is_none() && !resource.address.is_data && !resource.is_template {
            seen.not_understood(resource.span, resource.address.kind.clone());
        }
    }
}

/// A resource that an attribute names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Named {
    resource: usize,
    certainty: Certainty,
    span: Span,
}

/// What an attribute leads to and where it stands, if the configuration states it.
type Stated = Option<Rc<(Led, Span)>>;

/// All resources, and who is called what.
struct World<'a, 's> {
    all: Vec<&'a Resource<'s>>,
    file_of: Vec<usize>,
    configs: Vec<Option<Config<'a, 's>>>,
    /// What attributes of the configuration lead to: the same for every instance of a resource.
    led: RefCell<HashMap<(usize, &'a str, &'static str), Stated>>,
    /// The instances of every resource of a configuration, by the instance of the module that they are in.
    by_configured: HashMap<(usize, &'a str), BTreeMap<&'a str, Vec<usize>>>,
    /// Which numbered attributes are, or lie in, an attribute that the table asks for.
    asked: HashMap<&'static str, Vec<Within>>,
    by_id: HashMap<&'a str, usize>,
    by_name: HashMap<&'a str, Vec<usize>>,
}

impl<'a, 's> World<'a, 's> {
    fn of(all: Vec<&'a Resource<'s>>, file_of: Vec<usize>, configs: Vec<Option<Config<'a, 's>>>, paths: &'a Paths) -> Self {
        let mut by_configured: HashMap<(usize, &str), BTreeMap<&str, Vec<usize>>> = HashMap::default();
        let mut asked: HashMap<&'static str, Vec<Within>> = HashMap::default();
        let mut by_id: HashMap<&str, usize> = HashMap::default();
        let mut by_name: HashMap<&str, Vec<usize>> = HashMap::default();
        for (ix, resource) in all.iter().enumerate() {
            let instances = by_configured.entry((file_of[ix], &*resource.address.configured)).or_default();
            instances.entry(&*resource.address.module).or_default().push(ix);
            for attribute in resource.meaning.into_iter().flat_map(asked_by) {
                asked.entry(attribute).or_insert_with(|| paths.within(attribute));
            }
            for id in &resource.ids {
                by_id.entry(id).or_insert(ix);
            }
            for name in &resource.names {
                by_name.entry(name).or_default().push(ix);
            }
        }
        Self { all, file_of, configs, led: RefCell::default(), by_configured, asked, by_id, by_name }
    }

    /// What an attribute of a resource leads to in the configuration, and where it stands; none if it is not stated.
    fn led(&self, ix: usize, attribute: &'static str) -> Stated {
        let file = self.file_of[ix];
        let config = self.configs[file].as_ref()?;
        let configured = self.all[ix].address.configured.as_str();
        let mut known = self.led.borrow_mut();
        known.entry((file, configured, attribute)).or_insert_with(|| config.attribute(configured, attribute).map(Rc::new)).clone()
    }

    /// The resources that an attribute of a resource names.
    fn named(&self, ix: usize, attribute: &'static str, seen: &mut Observations) -> Vec<Named> {
        let resource = self.all[ix];
        let mut named: BTreeMap<usize, Named> = BTreeMap::new();
        let mut add = |found: Named| {
            if found.resource != ix {
                let known = named.entry(found.resource).or_insert(found);
                known.certainty = known.certainty.min(found.certainty);
            }
        };
        let config = self.configs[self.file_of[ix]].as_ref();
        let (mut is_stated, mut is_configured) = (false, false);
        if let Some(stated) = self.led(ix, attribute) {
            let (led, span) = (&stated.0, stated.1);
            self.follow(ix, led, attribute, span, 0, &mut add);
            is_configured = true;
            if let Some(local) = led.locals.first().filter(|_| led.targets.is_empty()) {
                seen.unresolved(span, format!("{attribute} of {}, through {local}, which only `terraform graph` knows", resource.id));
                is_stated = true;
            }
        }
        if let (false, Some(config)) = (is_configured, config) {
            self.guess(ix, attribute, config, &mut add);
        }
        let mut told = None;
        let within = self.asked.get(attribute);
        for leaf in &resource.leaves {
            let within = within.map_or(Within::Apart, |within| within[leaf.path as usize]);
            if within == Within::Apart {
                continue;
            }
            // What a document or a map holds need not be an identifier, and the provider's own are nobody's resources.
            if within == Within::Itself && !leaf.is_inside && !names_nothing(&leaf.text) {
                told = Some(leaf.span);
            }
            if let Some(target) = self.called(&leaf.text, attribute) {
                add(Named { resource: target, certainty: Certainty::Certain, span: leaf.span });
            }
        }
        if let (true, Some(span), false) = (named.is_empty(), told, is_stated) {
            seen.unresolved(span, format!("{} of {}", shown(resource, attribute), resource.id));
        }
        named.into_values().collect()
    }

    /// The resource that a text names: by its identifier, or, where an attribute asks for a name, by that.
    fn called(&self, text: &str, attribute: &str) -> Option<usize> {
        let plain = text.rsplit_once(":serviceAccount:").map_or(text, |(_, plain)| plain);
        let plain = plain.strip_prefix("serviceAccount:").unwrap_or(plain);
        // Of the things in a bucket or below a path the whole is meant.
        let plain = plain.trim_end_matches("/*").trim_end_matches(":*");
        if let Some(&target) = self.by_id.get(plain) {
            return Some(target);
        }
        let last = attribute.rsplit('.').next().unwrap_or_default();
        let asks_for_name = last.ends_with("name")
            || matches!(
                last,
                "role" | "roles" | "user" | "users" | "group" | "groups" | "bucket" | "network" | "subnetwork" | "load_balancers"
            );
        match self.by_name.get(plain).filter(|_| asks_for_name).map(Vec::as_slice) {
            Some(&[target]) => Some(target),
            _ => None,
        }
    }

    /// Finds the instances that an expression leads to, through data sources that only pass on.
    fn follow(&self, ix: usize, led: &Led, attribute: &str, span: Span, depth: usize, add: &mut dyn FnMut(Named)) {
        let resource = self.all[ix];
        let file = self.file_of[ix];
        for target in &led.targets {
            let instances = self.by_configured.get(&(file, target.configured.as_str()));
            let first = instances.and_then(|instances| instances.values().flatten().next());
            // Behind what is not made in the end, or not what is asked for, may stand what is: a graph leaves out the edge.
            let is_passing = first.map_or(target.by_graph || target.configured.contains("data."), |&first| self.passes_on(first));
            if is_passing {
                if let Some(config) = self.configs[file].as_ref().filter(|_| depth < DEEPEST) {
                    self.follow(ix, &config.everything(&target.configured), attribute, span, depth + 1, add);
                }
                continue;
            }
            // In the same instance of the same module, or else in every one that this one can mean.
            let near: Vec<usize> = match instances.and_then(|instances| instances.get(&*resource.address.module)) {
                Some(here) => here.clone(),
                None => {
                    let agreeing = instances.into_iter().flatten().filter(|(module, _)| agree(&resource.address.module, module));
                    agreeing.flat_map(|(_, instances)| instances.iter().copied()).collect()
                }
            };
            let key = if target.key.is_empty() && led.by_key { &resource.address.key } else { &target.key };
            let keyed: Vec<usize> = near.iter().copied().filter(|&it| !key.is_empty() && self.all[it].address.key == *key).collect();
            let chosen = if keyed.is_empty() { near } else { keyed };
            // Of one among several it is open which; a list takes them all.
            let takes_all =
                attribute.rsplit('.').next().is_some_and(|last| last.ends_with('s') || last == "vpc_zone_identifier" || last == "policy");
            let certainty = if chosen.len() == 1 || takes_all { Certainty::Certain } else { Certainty::Possible };
            for it in chosen {
                add(Named { resource: it, certainty, span });
            }
        }
    }

    /// Finds what an attribute leads to that stands in a block made by a loop: a plan leaves its expressions out, and only
    /// the graph shows that there is something. The attribute's name must be that of its type.
    fn guess(&self, ix: usize, attribute: &str, config: &Config<'a, 's>, add: &mut dyn FnMut(Named)) {
        let resource = self.all[ix];
        let last = attribute.rsplit('.').next().unwrap_or_default();
        let noun = ["_arns", "_arn", "_ids", "_id", "_names", "_name"].iter().find_map(|end| last.strip_suffix(end)).unwrap_or(last);
        if !attribute.contains('.') {
            return;
        }
        let mut led = Led::default();
        config.behind(&resource.address.configured, &mut led);
        led.targets.retain(|target| Address::of(&target.configured).kind.ends_with(noun));
        let mut certain = |found: Named| add(Named { certainty: Certainty::Possible, ..found });
        self.follow(ix, &led, attribute, resource.span, DEEPEST, &mut certain);
    }

    /// Whether a resource is only a way to others: what it is made from counts.
    fn passes_on(&self, ix: usize) -> bool {
        self.all[ix].meaning.map_or(self.all[ix].address.is_data, |meaning| meaning.role == Role::Noise)
    }

    /// Whether an attribute is stated, and not guessed from a graph.
    fn is_exact(&self, ix: usize, attribute: &'static str) -> bool {
        self.configs[self.file_of[ix]].is_none() || self.led(ix, attribute).is_some()
    }

    fn role(&self, ix: usize) -> Option<Role> {
        self.all[ix].meaning.map(|meaning| meaning.role)
    }
}

/// Whether a text that names no resource of the files need not name one: the provider's own, or a text not yet known.
fn names_nothing(text: &str) -> bool {
    text.starts_with("arn:aws:iam::aws:") || text == cloudformation::TEXT
}

/// The attributes that the table asks of a type.
fn asked_by(meaning: &'static ResourceType) -> impl Iterator<Item = &'static str> {
    let references = meaning.references.iter().map(|rule| rule.0.as_str());
    references.chain(meaning.edges.iter().flat_map(|rule| [rule.0.as_str(), rule.2.as_str()]))
}

/// An end of a connection, or what stands between two ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum End {
    System(usize),
    Relay(usize),
    Group(usize),
}

/// A connection between ends.
#[derive(Clone, Debug)]
struct Arc {
    from: End,
    kind: ConnectionKind,
    to: End,
    certainty: Certainty,
    evidence: Evidence,
}

/// What resources come to.
struct Connected<'w, 'a, 's> {
    world: &'w World<'a, 's>,
    /// Of every resource, what it is a part of.
    wholes: Vec<Vec<usize>>,
    /// Of every resource, what it is as the end of a connection: itself, or what it is a part of.
    ends: Vec<BTreeSet<End>>,
    /// The members of every group of a firewall.
    members: BTreeMap<usize, BTreeSet<usize>>,
    arcs: Vec<Arc>,
}

impl<'w, 'a, 's> Connected<'w, 'a, 's> {
    fn of(world: &'w World<'a, 's>, seen: &mut Observations) -> Self {
        let wholes = vec![Vec::new(); world.all.len()];
        let mut connected = Self { world, wholes, ends: Vec::new(), members: BTreeMap::new(), arcs: Vec::new() };
        let mut said: Vec<(usize, Says, &'static str, Vec<Named>)> = Vec::new();
        let mut edges: Vec<(&'static EdgeRule, Vec<Named>, Vec<Named>)> = Vec::new();
        for (ix, resource) in world.all.iter().enumerate() {
            let Some(meaning) = resource.meaning else { continue };
            for ReferenceRule(attribute, says) in &meaning.references {
                let named = world.named(ix, attribute, seen);
                if !named.is_empty() {
                    said.push((ix, *says, attribute, named));
                }
            }
            for rule in &meaning.edges {
                edges.push((rule, world.named(ix, &rule.0, seen), world.named(ix, &rule.2, seen)));
            }
        }
        // Parts first: what is said of a part goes for what it is a part of.
        for (ix, says, _, named) in &said {
            for other in named {
                match says {
                    Says::PartOf => connected.wholes[*ix].push(other.resource),
                    Says::HasPart => connected.wholes[other.resource].push(*ix),
                    _ => {}
                }
            }
        }
        connected.ends = (0..world.all.len()).map(|ix| connected.ends_of(ix)).collect();
        for (ix, says, attribute, named) in said {
            if world.all[ix].is_outbound {
                continue;
            }
            // Which of several is open; where all of them stand for one system, it is that one.
            let ends: BTreeSet<End> = named.iter().flat_map(|other| &connected.ends[other.resource]).copied().collect();
            for other in named {
                let certainty = if ends.len() == 1 && world.is_exact(ix, attribute) { Certainty::Certain } else { other.certainty };
                connected.say(ix, says, attribute, Named { certainty, ..other });
            }
        }
        for (EdgeRule(attribute, kind, other), from, to) in edges {
            for (one, two) in from.iter().flat_map(|one| to.iter().map(move |two| (one, two))) {
                let evidence = Evidence::of(one.span, format!("{attribute}, {other}"));
                connected.arc(one.resource, *kind, two.resource, one.certainty.min_by_doubt(two.certainty), &evidence);
            }
        }
        connected
    }

    /// What a resource says of one that it names.
    fn say(&mut self, ix: usize, says: Says, attribute: &'static str, other: Named) {
        let evidence = Evidence::of(other.span, shown(self.world.all[ix], attribute));
        match says {
            Says::PartOf | Says::HasPart => {}
            Says::Member => {
                for whole in self.systems_of(ix) {
                    for group in &self.ends[other.resource] {
                        if let End::Group(group) = *group {
                            self.members.entry(group).or_default().insert(whole);
                        }
                    }
                }
            }
            Says::FromThis(kind, may) => {
                let certainty = if may { Certainty::Possible } else { other.certainty };
                self.arc(ix, kind, other.resource, certainty, &evidence);
            }
            Says::ToThis(kind) => {
                // Who may act as a role is a holder of it, and an issuer of identities authenticates.
                let is_issuer = self.world.all[other.resource].address.kind.ends_with("_provider");
                let kind = if kind == ConnectionKind::HoldsCredentials && is_issuer { ConnectionKind::Authenticates } else { kind };
                self.arc(other.resource, kind, ix, other.certainty, &evidence);
            }
        }
    }

    fn arc(&mut self, from: usize, kind: ConnectionKind, to: usize, certainty: Certainty, evidence: &Evidence) {
        let is_possible = self.world.all[from].is_possible || self.world.all[to].is_possible;
        let certainty = if is_possible { Certainty::Possible } else { certainty };
        for &from in &self.ends[from] {
            for &to in &self.ends[to] {
                self.arcs.push(Arc { from, kind, to, certainty, evidence: evidence.clone() });
            }
        }
    }

    fn ends_of(&self, ix: usize) -> BTreeSet<End> {
        let mut ends = BTreeSet::new();
        self.find_ends(ix, 0, &mut ends);
        ends
    }

    fn find_ends(&self, ix: usize, depth: usize, ends: &mut BTreeSet<End>) {
        let wholes = &self.wholes[ix];
        match self.world.role(ix) {
            Some(Role::System | Role::Identity | Role::Security | Role::Network) => drop(ends.insert(End::System(ix))),
            Some(Role::Segment) if wholes.is_empty() => drop(ends.insert(End::System(ix))),
            Some(Role::Relay) => drop(ends.insert(End::Relay(ix))),
            Some(Role::Group) => drop(ends.insert(End::Group(ix))),
            Some(Role::Segment | Role::Part | Role::GroupRule) if depth < DEEPEST => {
                for &whole in wholes {
                    self.find_ends(whole, depth + 1, ends);
                }
            }
            _ => {}
        }
    }

    fn systems_of(&self, ix: usize) -> Vec<usize> {
        let system = |end: End| if let End::System(ix) = end { Some(ix) } else { None };
        self.ends[ix].iter().copied().filter_map(system).collect()
    }

    /// The systems, each with what its own attributes and its parts' say of where it can be attacked from.
    fn systems(&self, seen: &mut Observations) {
        for (ix, resource) in self.world.all.iter().enumerate() {
            let Some(meaning) = resource.meaning else { continue };
            let is_system = self.ends[ix].contains(&End::System(ix));
            let facing = facing(resource);
            if is_system {
                let fact = seen.system(&*resource.id, Evidence::at(resource.span));
                fact.name.clone_from(&resource.name);
                fact.service.clone_from(&meaning.service);
                fact.model = meaning.model;
                fact.provider = provider(&resource.address.kind).map(str::to_owned).filter(|_| meaning.service.is_none());
                fact.facing = facing;
                fact.settings = resource.settings.iter().map(|(setting, value)| ((*setting).to_owned(), (*value).to_owned())).collect();
                continue;
            }
            for whole in self.systems_of(ix) {
                if facing.is_some() || !resource.settings.is_empty() {
                    let fact = seen.system(&*self.world.all[whole].id, Evidence::at(resource.span));
                    fact.facing = facing;
                    fact.settings = resource.settings.iter().map(|(setting, value)| ((*setting).to_owned(), (*value).to_owned())).collect();
                }
            }
        }
    }

    /// What attributes say of controls, those of parts for their wholes and those of groups for their members.
    fn controls(&self, seen: &mut Observations) {
        let mut rules: BTreeMap<usize, Vec<&super::resource::Opening>> = BTreeMap::new();
        for (ix, resource) in self.world.all.iter().enumerate() {
            let systems = self.systems_of(ix);
            for verdict in &resource.verdicts {
                if let Some(status) = verdict.status {
                    for &system in &systems {
                        let evidence = Evidence::of(verdict.span, shown(resource, &verdict.rule.0));
                        seen.control(&*self.world.all[system].id, &verdict.rule.2, status, evidence);
                    }
                }
            }
            self.pending(ix, &systems, seen);
            for group in &self.ends[ix] {
                if let End::Group(group) = *group {
                    rules.entry(group).or_default().extend(&resource.openings);
                }
            }
        }
        for (group, openings) in rules {
            let wide = openings.iter().find(|opening| opening.is_wide);
            let status = if wide.is_some() { ControlStatus::NotImplemented } else { ControlStatus::Implemented };
            let span = wide.map_or(self.world.all[group].span, |opening| opening.span);
            for &member in self.members.get(&group).into_iter().flatten() {
                seen.control(&*self.world.all[member].id, "network.ingress-filter", status, Evidence::of(span, "ingress"));
            }
        }
    }

    /// Controls by attributes that are known only after apply: they count where the configuration names what they will be.
    fn pending(&self, ix: usize, systems: &[usize], seen: &mut Observations) {
        let resource = self.world.all[ix];
        for rule in &resource.pending {
            let led = self.world.led(ix, &rule.0);
            let (Some(stated), Some(status), super::table::Test::Set) = (led, rule.3, &rule.1) else { continue };
            let span = stated.1;
            if stated.0.targets.is_empty() {
                continue;
            }
            for &system in systems {
                seen.control(&*self.world.all[system].id, &rule.2, status, Evidence::of(span, shown(resource, &rule.0)));
            }
        }
    }

    /// The connections between systems.
    fn connections(&self, seen: &mut Observations) {
        let mut from_relay: HashMap<usize, Vec<&Arc>> = HashMap::default();
        for arc in &self.arcs {
            if let End::Relay(relay) = arc.from {
                from_relay.entry(relay).or_default().push(arc);
            }
        }
        for arc in &self.arcs {
            if matches!(arc.from, End::Relay(_)) {
                continue;
            }
            let mut ends = Vec::new();
            beyond(arc, &from_relay, 0, &mut ends);
            for (kind, to, certainty, evidence) in ends {
                self.connect(arc.from, kind, to, certainty, evidence, seen);
            }
        }
    }

    /// Connects two ends; a group stands for its members.
    fn connect(&self, from: End, kind: ConnectionKind, to: End, certainty: Certainty, evidence: &Evidence, seen: &mut Observations) {
        let (froms, tos) = (self.members_of(from), self.members_of(to));
        let id = |ix: usize| &*self.world.all[ix].id;
        if froms.len() * tos.len() <= MOST_PAIRS {
            for &one in &froms {
                for &other in tos.iter().filter(|&&other| other != one) {
                    seen.connect(id(one), kind, id(other), evidence.clone()).certainty = certainty;
                }
            }
            return;
        }
        // Two groups of hundreds: every member of one reaches the group, and through it every member of the other.
        let (End::Group(hub) | End::System(hub) | End::Relay(hub)) = to;
        let fact = seen.system(id(hub), Evidence::at(self.world.all[hub].span));
        fact.model = Some(crate::catalog::ServiceModel::Iaas);
        fact.provider = provider(&self.world.all[hub].address.kind).map(str::to_owned);
        for &one in &froms {
            seen.connect(id(one), kind, id(hub), evidence.clone()).certainty = certainty;
        }
        for &other in &tos {
            seen.connect(id(hub), kind, id(other), evidence.clone()).certainty = certainty;
        }
    }

    fn members_of(&self, end: End) -> Vec<usize> {
        match end {
            End::System(ix) => vec![ix],
            End::Group(ix) => self.members.get(&ix).into_iter().flatten().copied().collect(),
            End::Relay(_) => Vec::new(),
        }
    }
}

/// The ends of a connection, through every relay on its way.
fn beyond<'r>(
    arc: &'r Arc,
    from_relay: &HashMap<usize, Vec<&'r Arc>>,
    depth: usize,
    ends: &mut Vec<(ConnectionKind, End, Certainty, &'r Evidence)>,
) {
    let End::Relay(relay) = arc.to else {
        ends.push((arc.kind, arc.to, arc.certainty, &arc.evidence));
        return;
    };
    if depth >= DEEPEST {
        return;
    }
    for next in from_relay.get(&relay).into_iter().flatten() {
        let mut further = Vec::new();
        beyond(next, from_relay, depth + 1, &mut further);
        for (kind, to, certainty, _) in further {
            ends.push((kind, to, arc.certainty.min_by_doubt(certainty), &arc.evidence));
        }
    }
}

/// The name of an attribute as the file writes it.
fn shown(resource: &Resource<'_>, attribute: &'static str) -> Cow<'static, str> {
    if resource.is_template { Cow::Owned(cloudformation::written_as(&resource.address.kind, attribute)) } else { Cow::Borrowed(attribute) }
}

/// From where a resource can be attacked, as its attributes tell.
fn facing(resource: &Resource<'_>) -> Option<Facing> {
    let mut facing = None;
    for verdict in &resource.verdicts {
        match (verdict.rule.6, verdict.met) {
            (Some(_), Some(false)) => return Some(Facing::Internet),
            // A control that is the resource itself speaks by being there.
            (Some(Tells::Internet), Some(true)) if verdict.rule.0.is_empty() => return Some(Facing::Internet),
            (Some(Tells::Either), Some(true)) => facing = Some(Facing::Internal),
            _ => {}
        }
    }
    facing
}

/// Of two certainties the lesser.
trait Doubt {
    fn min_by_doubt(self, other: Self) -> Self;
}

impl Doubt for Certainty {
    fn min_by_doubt(self, other: Self) -> Self {
        if self == Self::Possible || other == Self::Possible { Self::Possible } else { Self::Certain }
    }
}
