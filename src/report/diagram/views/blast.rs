//! The picture of a blast radius: what fails at the left, every column one connection further away.

use super::{MOST_CARDS, exposure_badge, listed};
use crate::analysis::{BlastRadius, ExposedSystem, Target};
use crate::catalog::{BasisPoints, Layer, Published};
use crate::estate::{ConnectionIx, SystemIx};
use crate::graph::{Arc, ExposureGraph, Semiring};
use crate::report::diagram::labels::Labels;
use crate::report::diagram::picture::{Badge, Card, Flow, Frame, Group, Key, Link, Meaning, Picture, Sign, Tone};
use crate::report::page::{decimal, interval};
use crate::report::pages;
use std::collections::{BTreeMap, BTreeSet};

/// Paths that are written out below the picture.
const MOST_PATHS: usize = 12;
/// Systems named as not reached.
const MOST_SPARED: usize = 12;

/// What is exposed if a target fails: a card per system, the witness paths between them, most exposed first.
///
/// Draws at most 40 systems, each with all systems on its witness path; the others are counted, column by column.
pub fn blast(graph: &ExposureGraph<'_>, radius: &BlastRadius<'_>, target: &str, semiring: Semiring, labels: &dyn Labels) -> Picture {
    let order = radius.worst_first();
    let failing: Vec<&ExposedSystem> = radius.systems.iter().filter(|exposed| radius.is_origin(exposed.system)).collect();
    let mut drawing = Drawing { graph, radius, labels, drawn: BTreeMap::new(), columns: Vec::new(), links: BTreeMap::new() };
    let numbered = drawing.choose(&failing, &order);
    let mut picture = drawing.picture(&failing, &order, &numbered);
    picture.question = question(target, radius);
    picture.answer = answer(graph, radius, target, &order);
    picture.notes = notes(graph, radius, &order, &numbered);
    picture.basis = pages::policy_line(graph, semiring).text();
    picture
}

struct Drawing<'a, 'g> {
    graph: &'a ExposureGraph<'g>,
    radius: &'a BlastRadius<'a>,
    labels: &'a dyn Labels,
    /// The column of every drawn system.
    drawn: BTreeMap<SystemIx, usize>,
    columns: Vec<Vec<SystemIx>>,
    /// Every connection on a drawn witness path, and which way: the exposure of the states that it leads into, and the
    /// paths that cross it.
    links: BTreeMap<(SystemIx, SystemIx, ConnectionIx), (BasisPoints, Vec<usize>)>,
}

/// What is said of the systems that a blast radius starts in. A connection does not fail: what it leads to is entered.
fn origin_word(radius: &BlastRadius<'_>) -> &'static str {
    if matches!(radius.target, Target::Connection(_)) { "entered" } else { "fails" }
}

/// The numbers of the paths that a link carries, where it carries several.
fn numbers(paths: &[usize]) -> String {
    if paths.len() < 2 {
        return String::new();
    }
    let shown: Vec<String> = paths.iter().take(3).map(usize::to_string).collect();
    format!(" · {}{}", shown.join(" "), if paths.len() > 3 { "…" } else { "" })
}

/// The connections of a path, in order, each with the systems that it leads from and to.
fn crossings(arcs: &[Arc]) -> Vec<(&Arc, ConnectionIx)> {
    arcs.iter().filter_map(|arc| Some((arc, arc.connection?))).collect()
}

impl Drawing<'_, '_> {
    /// Chooses the systems that are drawn, and returns those whose paths are numbered, in the order of their numbers.
    fn choose(&mut self, failing: &[&ExposedSystem], order: &[&ExposedSystem]) -> Vec<SystemIx> {
        let mut numbered = Vec::new();
        for exposed in order {
            let arcs = self.radius.path(exposed.worst);
            let path = crossings(&arcs);
            let start = path.first().map_or(exposed.system, |(arc, _)| arc.from.system());
            let on_path: BTreeSet<SystemIx> =
                path.iter().map(|(arc, _)| arc.to.system()).chain([start]).filter(|system| !self.drawn.contains_key(system)).collect();
            if self.drawn.len() + on_path.len() > MOST_CARDS {
                continue;
            }
            self.add(start, 0);
            for (at, (arc, _)) in path.iter().enumerate() {
                self.add(arc.to.system(), at + 1);
            }
            numbered.push(exposed.system);
            for (arc, connection) in path {
                let link = self.links.entry((arc.from.system(), arc.to.system(), connection)).or_default();
                link.0 = link.0.max(BasisPoints::of(self.radius.exposure(arc.to)));
                link.1.push(numbered.len());
            }
        }
        for exposed in failing {
            if self.drawn.len() < MOST_CARDS {
                self.add(exposed.system, 0);
            }
        }
        numbered
    }

    fn add(&mut self, system: SystemIx, column: usize) {
        if let std::collections::btree_map::Entry::Vacant(slot) = self.drawn.entry(system) {
            slot.insert(column);
            if self.columns.len() <= column {
                self.columns.resize(column + 1, Vec::new());
            }
            self.columns[column].push(system);
        }
    }

    fn picture(&self, failing: &[&ExposedSystem], order: &[&ExposedSystem], numbered: &[SystemIx]) -> Picture {
        let mut cards = Vec::new();
        let mut card_of: BTreeMap<SystemIx, usize> = BTreeMap::new();
        for (column, systems) in self.columns.iter().enumerate() {
            for &system in systems {
                card_of.insert(system, cards.len());
                cards.push(self.card(system, column, numbered));
            }
        }
        cards.extend(self.rest(failing, order));
        let links: Vec<Link> = self
            .links
            .iter()
            .map(|(&(from, to, connection_ix), (exposure, paths))| {
                let against = self.graph.estate.connection(connection_ix).from != from;
                let back = if against { " (back)" } else { "" };
                let verb = self.labels.connection(self.graph, connection_ix);
                Link {
                    from: card_of[&from],
                    from_row: None,
                    to: card_of[&to],
                    to_row: None,
                    kind: Some(self.graph.estate.connection(connection_ix).kind),
                    tone: Tone::Path(*exposure),
                    label: format!("{verb}{back} {}{}", decimal(*exposure), numbers(paths)),
                    detail: Vec::new(),
                    both_ways: false,
                }
            })
            .collect();
        let groups = (0..self.columns.len())
            .map(|column| Group {
                title: match column {
                    0 => origin_word(self.radius).to_owned(),
                    1 => "1 connection away".to_owned(),
                    far => format!("{far} connections away"),
                },
                meaning: Meaning::Distance,
            })
            .collect();
        let legend = [Key::Heat, Key::Strip].into_iter().chain(Key::lines(&links)).collect();
        Picture {
            question: String::new(),
            answer: String::new(),
            groups,
            cards,
            links,
            notes: Vec::new(),
            basis: String::new(),
            legend,
            flow: Flow::Right,
        }
    }

    fn card(&self, system: SystemIx, column: usize, numbered: &[SystemIx]) -> Card {
        let exposed = self.radius.systems.iter().find(|exposed| exposed.system == system);
        let is_origin = self.radius.is_origin(system);
        let number = numbered.iter().position(|of| *of == system).map(|at| Sign::Number(at + 1));
        let mut strip = [None; Layer::COUNT];
        for state in self.graph.states_of(system) {
            strip[state.layer().index()] = Some(BasisPoints(0));
        }
        for state in self.radius.states_in(system) {
            strip[state.state.layer().index()] = Some(BasisPoints::of(state.exposure.high));
        }
        let caption = if is_origin {
            let layers: Vec<&str> = self.radius.origins_in(system).iter().map(|state| state.layer().id()).collect();
            let all = self.graph.states_of(system).count();
            if layers.len() == all { "all of its layers".to_owned() } else { listed(&layers, 3) }
        } else {
            let arcs = exposed.map(|exposed| self.radius.path(exposed.worst)).unwrap_or_default();
            let layer = exposed.map_or("", |exposed| exposed.worst.layer().id());
            match crossings(&arcs).last().map(|(arc, _)| arc.from.system()) {
                Some(from) => format!("{layer} ← {}", self.graph.estate.system(from).id),
                None => layer.to_owned(),
            }
        };
        let badge = match exposed {
            Some(_) if is_origin => Some(Badge { text: origin_word(self.radius).to_owned(), heat: None }),
            Some(exposed) => Some(exposure_badge(exposed.exposure)),
            None => None,
        };
        Card {
            group: Some(column),
            sign: number,
            title: self.labels.title(self.graph, system),
            name: self.labels.name(self.graph, system),
            caption,
            badge,
            strip: Some(strip),
            frame: if is_origin { Frame::Origin } else { Frame::Plain },
            ..Card::default()
        }
    }

    /// A card per column for what is not drawn.
    fn rest(&self, failing: &[&ExposedSystem], order: &[&ExposedSystem]) -> Vec<Card> {
        let mut rest: BTreeMap<usize, (usize, &ExposedSystem)> = BTreeMap::new();
        for exposed in failing.iter().chain(order).filter(|exposed| !self.drawn.contains_key(&exposed.system)) {
            let far = if self.radius.is_origin(exposed.system) { 0 } else { crossings(&self.radius.path(exposed.worst)).len() };
            rest.entry(far.min(self.columns.len() - 1)).or_insert((0, exposed)).0 += 1;
        }
        rest.into_iter()
            .map(|(column, (count, worst))| {
                Card::rest(
                    Some(column),
                    format!("+ {count} more"),
                    if column == 0 { "not drawn".to_owned() } else { format!("at most {}", interval(Published::of(worst.exposure))) },
                )
            })
            .collect()
    }
}

fn question(target: &str, radius: &BlastRadius<'_>) -> String {
    format!("What is exposed if {}?", pages::failure(radius.target, target).text())
}

fn answer(graph: &ExposureGraph<'_>, radius: &BlastRadius<'_>, target: &str, order: &[&ExposedSystem]) -> String {
    if radius.origins.is_empty() {
        return format!("{}: nothing fails, nothing is exposed", pages::no_layer(radius.target, target).text());
    }
    let all = graph.estate.systems().len() - (radius.systems.len() - order.len());
    let mut answer = match order.first() {
        None => format!("None of {all} other systems at {} and above", decimal(radius.threshold)),
        Some(worst) => format!(
            "{} of {all} other systems at {} and above · worst: {} {}",
            order.len(),
            decimal(radius.threshold),
            graph.estate.system(worst.system).id,
            interval(Published::of(worst.exposure))
        ),
    };
    let id = |system: SystemIx| graph.estate.system(system).id.as_str();
    if matches!(radius.target, Target::Connection(_)) {
        let entered: Vec<&str> =
            radius.systems.iter().map(|exposed| exposed.system).filter(|system| radius.is_origin(*system)).map(id).collect();
        answer = format!("Entered: {} · {answer}", listed(&entered, MOST_SPARED));
    }
    if !radius.below.is_empty() {
        let below: Vec<&str> = radius.below.iter().copied().map(id).collect();
        answer.push_str(&format!(" · below {}: {}", decimal(radius.threshold), listed(&below, MOST_SPARED)));
    }
    let spared: Vec<&str> = radius.spared(graph).into_iter().map(id).collect();
    if !spared.is_empty() {
        answer.push_str(&format!(" · not reached: {}", listed(&spared, if order.is_empty() { MOST_SPARED / 2 } else { MOST_SPARED })));
    }
    answer
}

fn notes(graph: &ExposureGraph<'_>, radius: &BlastRadius<'_>, order: &[&ExposedSystem], numbered: &[SystemIx]) -> Vec<String> {
    let by_system: BTreeMap<SystemIx, &ExposedSystem> = order.iter().map(|exposed| (exposed.system, *exposed)).collect();
    let mut notes: Vec<String> = numbered
        .iter()
        .take(MOST_PATHS)
        .enumerate()
        .map(|(at, system)| {
            let exposed = by_system[system];
            let path = pages::witness_line(graph, exposed.worst, &radius.path(exposed.worst)).text();
            format!("{}  {}  {path}", at + 1, interval(Published::of(exposed.exposure)))
        })
        .collect();
    if numbered.len() > MOST_PATHS {
        notes.push(format!("Paths {} to {} are on the screen and in the JSON of the same question.", MOST_PATHS + 1, numbered.len()));
    }
    notes
}
