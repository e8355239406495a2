//! From observations to one model file: facts about one system come together, and who contradicts whom is told.

use super::names::{NameIx, Names};
use super::observation::{ClaimFact, Claimed, ConnectionFact, Evidence, Half, Observations, SystemFact};
use super::report::{FileReport, Import};
use super::{Format, identifier};
use crate::catalog::{Cell, Certainty, ConnectionKind, ControlStatus, Facing, Layer, PartyKind, ResponsibilityMatrix, ServiceModel};
use crate::estate::NOBODY;
use crate::estate::document::{ConnectionControlEntry, ConnectionEntry, Document, HalfClaim, LayerClaim, PartyEntry, Setting, SystemEntry};
use crate::source::{At, Fault, Source, Span, visible};
use std::collections::{BTreeMap, BTreeSet};

/// Pieces of evidence that one note names; the rest is counted.
const MOST_EVIDENCE: usize = 3;

/// One model of all that was seen, and the account of it.
pub(super) fn merged(mut seen: Observations, files: &[(&Source, Format)]) -> Import {
    let groups = Groups::of(&mut seen);
    let shown = files.iter().map(|(source, _)| (source.index(), (*source, shown_name(source, files)))).collect();
    let (unresolved, warnings) = (std::mem::take(&mut seen.unresolved), std::mem::take(&mut seen.diagnostics));
    let mut merger = Merger { files, shown, names: &seen.names, groups, unresolved, warnings };
    let mut systems = merger.systems(&seen.systems);
    merger.claims(&seen.claims, &mut systems);
    let ends = merger.ends(&seen.connections);
    let mut order: Vec<usize> = (0..systems.len()).collect();
    order.sort_unstable_by(|&one, &other| systems[one].id.value.cmp(&systems[other].id.value));
    let connections = merger.connections(&seen.connections, &ends, &systems, &order);
    let parties = parties(&seen, &systems);
    let reports = merger.reports(&seen, &ends);
    let mut unordered: Vec<Option<SystemEntry>> = systems.into_iter().map(Some).collect();
    let systems = order.iter().filter_map(|&system| unordered[system].take()).collect();
    merger.warnings.sort();
    let document = Document { weaklink: 1, name: None, parties, systems, connections, rules: Vec::new(), costs: Vec::new() };
    Import { document, files: reports, warnings: merger.warnings }
}

/// What a file is called in a note: without its folders, unless two files are called the same.
fn shown_name(source: &Source, files: &[(&Source, Format)]) -> String {
    let last = |source: &Source| source.name().rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    let own = last(source);
    let is_alone = files.iter().filter(|(other, _)| last(other) == own).count() == 1;
    identifier::name(if is_alone { &own } else { source.name() })
}

/// Which facts are about the same system: those that share a name.
struct Groups {
    /// The group of every name, if it is a system's.
    of_name: Vec<Option<usize>>,
    /// The group of every system fact; groups are numbered in the order of their first facts.
    of_fact: Vec<usize>,
}

impl Groups {
    fn of(seen: &mut Observations) -> Self {
        let Observations { names, systems, aliases, .. } = seen;
        let other_names: Vec<(usize, NameIx)> = systems
            .iter()
            .enumerate()
            .flat_map(|(ix, fact)| fact.aliases.iter().map(move |alias| (ix, alias)))
            .map(|(ix, alias)| (ix, names.say(alias)))
            .collect();
        let mut leader: Vec<usize> = (0..systems.len()).collect();
        // First a fact of each name, in the end its group.
        let mut of_name: Vec<Option<usize>> = vec![None; names.len()];
        let ids = systems.iter().enumerate().map(|(ix, fact)| (ix, fact.id));
        for (fact_ix, name) in ids.chain(other_names) {
            match of_name[name.number()] {
                Some(other) => join(&mut leader, fact_ix, other),
                None => of_name[name.number()] = Some(fact_ix),
            }
        }
        // A name may stand for one that is itself only such a name, stated later.
        let mut open: Vec<(NameIx, NameIx)> = aliases.clone();
        loop {
            let before = open.len();
            open.retain(|(name, of)| {
                let Some(fact_ix) = of_name[of.number()] else { return true };
                match of_name[name.number()] {
                    Some(other) => join(&mut leader, fact_ix, other),
                    None => of_name[name.number()] = Some(fact_ix),
                }
                false
            });
            if open.len() == before {
                break;
            }
        }
        let mut numbers: Vec<Option<usize>> = vec![None; leader.len()];
        let mut next = 0;
        let mut of_fact = Vec::with_capacity(leader.len());
        for fact_ix in 0..leader.len() {
            let first = lead(&mut leader, fact_ix);
            of_fact.push(*numbers[first].get_or_insert_with(|| {
                next += 1;
                next - 1
            }));
        }
        for fact_ix in of_name.iter_mut().flatten() {
            *fact_ix = of_fact[*fact_ix];
        }
        Self { of_name, of_fact }
    }

    fn named(&self, name: NameIx) -> Option<usize> {
        self.of_name[name.number()]
    }
}

/// The first fact of the group of a fact.
fn lead(leader: &mut [usize], mut fact_ix: usize) -> usize {
    while leader[fact_ix] != fact_ix {
        leader[fact_ix] = leader[leader[fact_ix]];
        fact_ix = leader[fact_ix];
    }
    fact_ix
}

fn join(leader: &mut [usize], one: usize, other: usize) {
    let (one, other) = (lead(leader, one), lead(leader, other));
    leader[one.max(other)] = one.min(other);
}

/// The systems at both ends of a connection, if it has two.
type Ends = Option<(u32, u32)>;

struct Merger<'a> {
    files: &'a [(&'a Source, Format)],
    /// The files by number, each with its name as it is shown.
    shown: BTreeMap<u16, (&'a Source, String)>,
    names: &'a Names,
    groups: Groups,
    unresolved: Vec<super::Unresolved>,
    warnings: crate::source::Diagnostics,
}

impl Merger<'_> {
    /// The systems, one a group, in the order of the groups.
    fn systems(&mut self, facts: &[SystemFact]) -> Vec<SystemEntry> {
        let mut systems: Vec<SystemEntry> = Vec::new();
        let mut owners: Vec<Vec<(String, Span)>> = Vec::new();
        for (fact, &group) in facts.iter().zip(&self.groups.of_fact) {
            if group == systems.len() {
                systems.push(SystemEntry {
                    id: At { value: identifier::of(&self.names[fact.id]).into_owned(), span: fact.evidence.span },
                    name: None,
                    service: None,
                    model: None,
                    provider: None,
                    owner: None,
                    criticality: None,
                    facing: None,
                    settings: BTreeMap::new(),
                    tags: None,
                    layers: BTreeMap::new(),
                    source: Some(At { value: self.place(fact.evidence.span), span: fact.evidence.span }),
                    span: fact.evidence.span,
                });
                owners.push(Vec::new());
            }
            add(&mut systems[group], fact, &self.names[fact.id]);
            if let Some(owner) = &fact.owner {
                owners[group].push((identifier::of(owner).into_owned(), fact.evidence.span));
            }
        }
        for (system, owners) in systems.iter_mut().zip(owners) {
            if system.service.is_some() {
                // The service says both; a second word could only contradict it.
                system.model = None;
                system.provider = None;
            }
            system.owner = self.agreed(&system.id.value, None, &owners);
        }
        systems
    }

    /// The one owner that all name; with two the layer is in truth nobody's until they agree, and that is told.
    fn agreed(&mut self, system: &str, layer: Option<Layer>, owners: &[(String, Span)]) -> Option<At<String>> {
        let (first, span) = owners.first()?;
        let Some((other, at)) = owners.iter().find(|(owner, _)| owner != first) else {
            return Some(At { value: first.clone(), span: *span });
        };
        let fault = Fault::OwnersDiffer { system: system.to_owned(), layer: layer.map(Layer::id), owners: [first.clone(), other.clone()] };
        self.warnings.warning_with(*at, fault, *span);
        layer.map(|_| At { value: NOBODY.to_owned(), span: *span })
    }

    /// Puts the claims into their systems' layers.
    fn claims(&mut self, facts: &[ClaimFact], systems: &mut [SystemEntry]) {
        let mut of_layers: Vec<(usize, Layer, &ClaimFact)> = Vec::with_capacity(facts.len());
        for fact in facts {
            match self.groups.named(fact.system) {
                Some(group) => of_layers.push((group, fact.layer, fact)),
                None => self.lost(fact.evidence.span, format!("{} of {}", fact.layer, &self.names[fact.system])),
            }
        }
        of_layers.sort_by_key(|&(group, layer, _)| (group, layer));
        for facts in of_layers.chunk_by(|one, other| (one.0, one.1) == (other.0, other.1)) {
            let (group, layer, _) = facts[0];
            let cell = cell(&systems[group], layer);
            if cell == Cell::NotApplicable {
                continue;
            }
            // Only a shared layer has halves; of another one each side speaks for the whole.
            let has_halves = matches!(cell, Cell::Shared | Cell::Unknown | Cell::Undetermined);
            for half in [None, Some(Half::Customer), Some(Half::Provider)] {
                let of_half = facts.iter().map(|(_, _, fact)| *fact).filter(|fact| fact.half.filter(|_| has_halves) == half);
                let facts: Vec<&ClaimFact> = of_half.collect();
                if !facts.is_empty() {
                    let stated = self.stated(&systems[group].id.value, layer, &facts);
                    put(systems[group].layers.entry(layer).or_default(), half, stated, facts[0].evidence.span);
                }
            }
        }
    }

    /// What several facts about one layer, or one half of it, come to: the worst word of each control counts.
    fn stated(&mut self, system: &str, layer: Layer, facts: &[&ClaimFact]) -> LayerClaim {
        let mut owners = Vec::new();
        let mut claim = LayerClaim::default();
        for fact in facts {
            let span = fact.evidence.span;
            match &fact.claim {
                Claimed::Owner(owner) => owners.push((identifier::of(owner).into_owned(), span)),
                Claimed::Status(status) => worsen(&mut claim.status, *status, span),
                Claimed::Control(control, status) => {
                    let mut known = claim.controls.remove(*control);
                    worsen(&mut known, *status, span);
                    claim.controls.extend(known.map(|known| ((*control).to_owned(), known)));
                }
            }
        }
        claim.owner = self.agreed(system, Some(layer), &owners);
        claim.note = self.note(facts.iter().map(|fact| &fact.evidence)).map(Box::new);
        claim
    }

    /// The systems at both ends of every connection; none where one is not described, or both are the same.
    fn ends(&mut self, facts: &[ConnectionFact]) -> Vec<Ends> {
        let mut ends = Vec::with_capacity(facts.len());
        for fact in facts {
            let found = self.groups.named(fact.from).zip(self.groups.named(fact.to));
            if found.is_none() {
                self.lost(fact.evidence.span, format!("{} {} {}", &self.names[fact.from], fact.kind, &self.names[fact.to]));
            }
            ends.push(found.filter(|(from, to)| from != to).map(|(from, to)| (from as u32, to as u32)));
        }
        ends
    }

    /// The connections, those of the same ends, kind and controls as one, in the order of the ids of their ends.
    fn connections(&mut self, facts: &[ConnectionFact], ends: &[Ends], systems: &[SystemEntry], order: &[usize]) -> Vec<ConnectionEntry> {
        // Ranks compare faster than ids do: sorted by both ends, what may be one connection stands side by side.
        let mut rank = vec![0u32; systems.len()];
        for (place, &system) in order.iter().enumerate() {
            rank[system] = place as u32;
        }
        let mut kinds: Vec<ConnectionKind> = ConnectionKind::ALL.to_vec();
        kinds.sort_by_key(|kind| kind.id());
        let kind_rank = |kind: ConnectionKind| kinds.iter().position(|known| *known == kind).unwrap_or_default() as u32;
        let ranked = |(ix, fact): (usize, &ConnectionFact)| {
            let (from, to) = ends[ix]?;
            Some(([rank[from as usize], kind_rank(fact.kind), rank[to as usize]], fact.evidence.span, ix as u32))
        };
        let mut sorted: Vec<([u32; 3], Span, u32)> = facts.iter().enumerate().filter_map(ranked).collect();
        sorted.sort_unstable();
        let mut connections: Vec<ConnectionEntry> = Vec::with_capacity(sorted.len());
        for alike in sorted.chunk_by(|one, other| one.0 == other.0) {
            let [from, _, to] = alike[0].0.map(|rank| rank as usize);
            let mut rest: Vec<&ConnectionFact> = alike.iter().map(|&(_, _, ix)| &facts[ix as usize]).collect();
            // Those with other controls are connections of their own.
            while let Some(&first) = rest.first() {
                let same = rest.extract_if(.., |fact| fact.controls == first.controls && fact.copy == first.copy).collect::<Vec<_>>();
                connections.push(self.connection(&same, [&systems[order[from]], &systems[order[to]]]));
            }
        }
        connections
    }

    /// One connection of facts that say the same: it is certain if one of them is.
    fn connection(&self, same: &[&ConnectionFact], [from, to]: [&SystemEntry; 2]) -> ConnectionEntry {
        let fact = same[0];
        let span = fact.evidence.span;
        let at = |value| At { value, span };
        let controls = fact.controls.iter().map(|&(class, strength, status)| ConnectionControlEntry {
            class: at(class.to_owned()),
            strength: At { value: strength, span },
            status: At { value: status, span },
            note: None,
        });
        let controls: Vec<ConnectionControlEntry> = controls.collect();
        let is_possible = same.iter().all(|fact| fact.certainty == Certainty::Possible);
        ConnectionEntry {
            id: None,
            from: at(from.id.value.clone()),
            to: at(to.id.value.clone()),
            kind: At { value: fact.kind, span },
            controls: (!controls.is_empty()).then_some(controls),
            certainty: is_possible.then_some(At { value: Certainty::Possible, span }),
            copy: fact.copy.map(|copy| At { value: copy, span }),
            note: self.note(same.iter().map(|fact| &fact.evidence)).map(Box::new),
            span,
        }
    }

    /// Remembers a fact about what no file describes.
    fn lost(&mut self, span: Span, reference: String) {
        self.unresolved.push(super::Unresolved { span, reference });
    }

    /// The attributes and places that facts rest on, in words.
    fn note<'e>(&self, mut evidence: impl Iterator<Item = &'e Evidence>) -> Option<At<String>> {
        let first = evidence.next()?;
        let Some(second) = evidence.next() else {
            return Some(At { value: self.told(first), span: first.span });
        };
        let evidence = [first, second].into_iter().chain(evidence);
        let mut span = None;
        let mut told: Vec<String> = Vec::new();
        let mut more = 0;
        let mut known = BTreeSet::new();
        for evidence in evidence {
            span.get_or_insert(evidence.span);
            if !known.insert((evidence.span, &evidence.attribute)) {
                continue;
            }
            if told.len() == MOST_EVIDENCE {
                more += 1;
            } else {
                told.push(self.told(evidence));
            }
        }
        let rest = if more > 0 { format!(", and {more} more") } else { String::new() };
        Some(At { value: format!("{}{rest}", told.join(", ")), span: span? })
    }

    /// An attribute and its place.
    fn told(&self, evidence: &Evidence) -> String {
        if evidence.attribute.is_empty() {
            return self.place(evidence.span);
        }
        let attribute = visible(&evidence.attribute);
        match self.file_and_line(evidence.span) {
            (name, Some(line)) => format!("{attribute} ({name}:{line})"),
            (name, None) => format!("{attribute} ({name})"),
        }
    }

    /// A file and line.
    fn place(&self, span: Span) -> String {
        match self.file_and_line(span) {
            (name, Some(line)) => format!("{name}:{line}"),
            (name, None) => name.to_owned(),
        }
    }

    fn file_and_line(&self, span: Span) -> (&str, Option<usize>) {
        self.shown.get(&span.source).map_or(("", None), |(source, name)| (name, source.line(span.start)))
    }

    /// What each file gave.
    fn reports(&mut self, seen: &Observations, ends: &[Ends]) -> Vec<FileReport> {
        let mut unresolved = std::mem::take(&mut self.unresolved);
        unresolved.sort();
        unresolved.dedup();
        let report = |&(source, format): &(&Source, Format)| {
            let of = source.index();
            let facts = seen.systems.iter().zip(&self.groups.of_fact).filter(|(fact, _)| fact.evidence.span.source == of);
            let mut systems: Vec<usize> = facts.map(|(_, &group)| group).collect();
            systems.sort_unstable();
            systems.dedup();
            let stated = seen.connections.iter().zip(ends).filter(|(fact, _)| fact.evidence.span.source == of);
            let mut made: Vec<(u32, ConnectionKind, u32, Certainty)> =
                stated.filter_map(|(fact, ends)| ends.map(|(from, to)| (from, fact.kind, to, fact.certainty))).collect();
            // Of the same connection the certain word stands first, and stays.
            made.sort_unstable();
            made.dedup_by_key(|(from, kind, to, _)| (*from, *kind, *to));
            let mut controls: BTreeMap<Layer, BTreeSet<(NameIx, &str)>> = BTreeMap::new();
            for fact in seen.claims.iter().filter(|fact| fact.evidence.span.source == of) {
                if let Claimed::Control(control, _) = &fact.claim {
                    controls.entry(fact.layer).or_default().insert((fact.system, control));
                }
            }
            let named = seen.systems.iter().filter(|fact| fact.evidence.span.source == of && fact.owner.is_some()).count();
            let claimed =
                seen.claims.iter().filter(|fact| fact.evidence.span.source == of && matches!(fact.claim, Claimed::Owner(_))).count();
            let kinds = seen.not_understood.iter().filter(|((file, _), _)| *file == of);
            let mut not_understood: Vec<(String, usize)> = kinds.map(|((_, kind), &count)| (kind.clone(), count)).collect();
            not_understood.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
            let lost = unresolved.iter().filter(|lost| lost.span.source == of);
            FileReport {
                source: of,
                name: source.name().to_owned(),
                format,
                things: seen.things.get(&of).copied().unwrap_or_default(),
                references: seen.references.get(&of).copied().unwrap_or_default(),
                systems: systems.len(),
                connections: made.len(),
                possible: made.iter().filter(|(.., certainty)| *certainty == Certainty::Possible).count(),
                controls: controls.into_iter().map(|(layer, controls)| (layer, controls.len())).collect(),
                owners: named + claimed,
                not_understood,
                unresolved: lost.map(|lost| (source.line(lost.span.start).unwrap_or(1) as u32, lost.reference.clone())).collect(),
            }
        };
        self.files.iter().map(report).collect()
    }
}

/// Adds a fact to what is known of its system: what was said first stays, and the widest facing.
fn add(system: &mut SystemEntry, fact: &SystemFact, id: &str) {
    let span = fact.evidence.span;
    let at = |text: &String| At { value: text.clone(), span };
    let name = |text: &str| At { value: identifier::name(text), span };
    let keep = |known: &mut Option<At<String>>, said: Option<At<String>>| {
        if known.is_none() {
            *known = said;
        }
    };
    let shown = fact.name.as_deref().or((identifier::of(id) != id).then_some(id));
    keep(&mut system.name, shown.map(name).filter(|name| name.value != system.id.value));
    keep(&mut system.service, fact.service.as_ref().map(at));
    keep(&mut system.provider, fact.provider.as_ref().map(|provider| At { value: identifier::of(provider).into_owned(), span }));
    system.model = system.model.take().or(fact.model.map(|value| At { value, span }));
    system.criticality = system.criticality.take().or(fact.criticality.map(|value| At { value, span }));
    let widest = |facing: Facing| Facing::ALL.iter().position(|known| *known == facing);
    if let Some(facing) = fact.facing.filter(|facing| system.facing.as_ref().is_none_or(|known| widest(*facing) < widest(known.value))) {
        system.facing = Some(At { value: facing, span });
    }
    for (setting, value) in &fact.settings {
        system.settings.entry(setting.clone()).or_insert_with(|| Setting { value: value.clone(), key_span: span });
    }
    for tag in &fact.tags {
        let tags = system.tags.get_or_insert_default();
        if tags.iter().all(|known| known.value != *tag) {
            tags.push(name(tag));
        }
    }
}

/// Puts what was stated of a layer, or of a half of it, into its claim.
fn put(claim: &mut LayerClaim, half: Option<Half>, stated: LayerClaim, span: Span) {
    claim.span = span;
    let LayerClaim { owner, status, controls, note, .. } = stated;
    let Some(half) = half else {
        (claim.owner, claim.status, claim.controls, claim.note) = (owner, status, controls, note);
        return;
    };
    let split = claim.split.get_or_insert_default();
    split.span = span;
    let half_claim = HalfClaim { owner, status, controls, evidence: None, note };
    match half {
        Half::Customer => split.customer = Some(half_claim),
        Half::Provider => split.provider = Some(half_claim),
    }
}

/// What the matrix says of a layer of a system.
fn cell(system: &SystemEntry, layer: Layer) -> Cell {
    let matrix = ResponsibilityMatrix::shipped();
    let service = system.service.as_ref().and_then(|service| matrix.service(&service.value));
    let stated = system.model.as_ref().map(|model| model.value);
    let model = service.map(|service| service.model).or(stated).unwrap_or(ServiceModel::Unknown);
    let settings = system.settings.iter().map(|(setting, value)| (setting.clone(), value.value.clone())).collect();
    matrix.cell(model, service, &settings, layer)
}

/// Keeps the worse of two words: what is said to be missing once is missing.
fn worsen(known: &mut Option<At<ControlStatus>>, status: ControlStatus, span: Span) {
    let rank = |status: ControlStatus| match status {
        ControlStatus::NotImplemented => 0,
        ControlStatus::Planned => 1,
        ControlStatus::Partial => 2,
        ControlStatus::Unknown => 3,
        ControlStatus::Alternative => 4,
        ControlStatus::Implemented => 5,
        ControlStatus::NotApplicable => 6,
    };
    if known.as_ref().is_none_or(|known| rank(status) < rank(known.value)) {
        *known = Some(At { value: status, span });
    }
}

/// The parties: those that files describe, and every owner that they name.
fn parties(seen: &Observations, systems: &[SystemEntry]) -> Vec<PartyEntry> {
    let mut parties: BTreeMap<String, PartyEntry> = BTreeMap::new();
    for fact in &seen.parties {
        let span = fact.evidence.span;
        let id = identifier::of(&fact.id).into_owned();
        let name = fact.name.as_ref().map(|name| At { value: identifier::name(name), span }).filter(|name| name.value != id);
        parties.entry(id.clone()).or_insert_with(|| PartyEntry {
            id: At { value: id, span },
            kind: At { value: fact.kind, span },
            name,
            of: None,
            attested: None,
            span,
        });
    }
    let services = ResponsibilityMatrix::shipped().services();
    let mut providers: BTreeSet<&str> = services.iter().map(|service| service.provider.as_str()).collect();
    providers.extend(systems.iter().filter_map(|system| system.provider.as_ref()).map(|provider| provider.value.as_str()));
    let halves = |claim: &LayerClaim| -> Vec<At<String>> {
        let split = claim.split.iter().flat_map(|split| split.customer.iter().chain(&split.provider));
        claim.owner.iter().chain(split.filter_map(|half| half.owner.as_ref())).cloned().collect()
    };
    for system in systems {
        for owner in
            system.owner.iter().cloned().chain(system.layers.values().flat_map(|claim| halves(claim))).filter(|owner| owner.value != NOBODY)
        {
            let kind = if providers.contains(owner.value.as_str()) { PartyKind::Provider } else { PartyKind::Team };
            let span = owner.span;
            parties.entry(owner.value.clone()).or_insert_with(|| PartyEntry {
                id: owner,
                kind: At { value: kind, span },
                name: None,
                of: None,
                attested: None,
                span,
            });
        }
    }
    parties.into_values().collect()
}
