//! The picture of a change: what was added and removed, and who is more or less exposed for it.

use super::{MOST_CARDS, count};
use crate::analysis::{Change, Difference, SystemDifference};
use crate::catalog::{BasisPoints, ConnectionKind, Interval};
use crate::estate::SystemIx;
use crate::graph::{Semiring, State, Witness};
use crate::report::diagram::labels::Labels;
use crate::report::diagram::picture::{Badge, Card, Flow, Frame, Key, Link, Picture, Sign, Tone};
use crate::report::page::decimal;
use crate::report::pages;
use std::collections::{BTreeMap, BTreeSet};

/// What changes from the base to the head: systems and connections that come and go, systems that are more or less
/// exposed, and the witness paths of those that are more.
pub fn difference(difference: &Difference<'_>, (base, head): (&str, &str), labels: &dyn Labels) -> Picture {
    let drawing = Drawing::new(difference, labels);
    let cards: Vec<Card> = drawing.drawn.iter().map(|&ix| drawing.card(&difference.systems[ix])).chain(drawing.rest()).collect();
    let links = drawing.links();
    Picture {
        question: format!("What changes from {base} to {head}?"),
        answer: answer(difference),
        groups: Vec::new(),
        cards,
        legend: if drawing.drawn.is_empty() { Vec::new() } else { [Key::Changes].into_iter().chain(Key::lines(&links)).collect() },
        links,
        notes: Vec::new(),
        basis: pages::policy_line(difference.head, Semiring::Product).text(),
        flow: Flow::Right,
    }
}

struct Drawing<'a> {
    difference: &'a Difference<'a>,
    labels: &'a dyn Labels,
    /// Positions of the systems that are drawn, in order of ids.
    drawn: Vec<usize>,
    /// Changed systems that are not.
    left_out: usize,
    by_id: BTreeMap<&'a str, usize>,
}

fn state_path(witness: &Witness<'_>, state: State) -> Vec<(SystemIx, SystemIx, crate::estate::ConnectionIx, BasisPoints)> {
    witness
        .path(state)
        .iter()
        .filter_map(|arc| Some((arc.from.system(), arc.to.system(), arc.connection?, BasisPoints::of(witness.value(arc.to)))))
        .collect()
}

impl<'a> Drawing<'a> {
    fn new(difference: &'a Difference<'a>, labels: &'a dyn Labels) -> Self {
        let by_id: BTreeMap<&str, usize> = difference.systems.iter().enumerate().map(|(ix, system)| (system.id.as_str(), ix)).collect();
        let mut order: Vec<usize> = (0..difference.systems.len()).filter(|&ix| difference.systems[ix].change != Change::Same).collect();
        order.sort_by_key(|&ix| (std::cmp::Reverse(difference.systems[ix].delta().abs()), ix));
        let mut wanted: Vec<Vec<usize>> = order
            .iter()
            .map(|&ix| {
                let mut together = vec![ix];
                if let (Change::Worse | Change::Added, Some((system, _))) = (difference.systems[ix].change, difference.systems[ix].head) {
                    let worst = difference.head_posture.systems[system.index()].worst;
                    for (from, ..) in state_path(difference.head_posture.witness(), worst) {
                        together.push(by_id[difference.head.estate.system(from).id.as_str()]);
                    }
                }
                together
            })
            .collect();
        wanted.extend(difference.connections.iter().map(|connection| vec![by_id[connection.from.as_str()], by_id[connection.to.as_str()]]));
        let mut drawn: BTreeSet<usize> = BTreeSet::new();
        for together in wanted {
            let more = together.iter().filter(|ix| !drawn.contains(ix)).collect::<BTreeSet<_>>().len();
            if drawn.len() + more <= MOST_CARDS {
                drawn.extend(together);
            }
        }
        let left_out = order.iter().filter(|ix| !drawn.contains(ix)).count();
        Self { difference, labels, drawn: drawn.into_iter().collect(), left_out, by_id }
    }

    fn card(&self, system: &SystemDifference) -> Card {
        let (graph, system_ix) = match (system.head, system.base) {
            (Some((system_ix, _)), _) => (self.difference.head, system_ix),
            (None, base) => (self.difference.base, base.expect("a system is in one of the models").0),
        };
        let high = |side: &Option<(SystemIx, Interval)>| side.map_or(BasisPoints(0), |(_, exposure)| BasisPoints::of(exposure.high));
        let (before, after) = (decimal(high(&system.base)), decimal(high(&system.head)));
        let (sign, frame, caption, badge) = match system.change {
            Change::Added => (Sign::Added, Frame::Added, "added", after),
            Change::Removed => (Sign::Removed, Frame::Removed, "removed", format!("{before} → gone")),
            Change::Worse => (Sign::Worse, Frame::Worse, "more exposed", format!("{before} → {after}")),
            Change::Better => (Sign::Better, Frame::Better, "less exposed", format!("{before} → {after}")),
            Change::Same => (Sign::Same, Frame::Plain, "as exposed as before", after),
        };
        let layer = system.head.map_or_else(String::new, |(head, exposure)| {
            if exposure.high > 0.0 {
                format!("{}, ", self.difference.head_posture.systems[head.index()].worst.layer())
            } else {
                String::new()
            }
        });
        Card {
            sign: Some(sign),
            title: self.labels.title(graph, system_ix),
            name: self.labels.name(graph, system_ix),
            caption: format!("{layer}{caption}"),
            badge: Some(Badge { text: badge, heat: None }),
            frame,
            ..Card::default()
        }
    }

    fn rest(&self) -> Option<Card> {
        (self.left_out > 0).then(|| Card::rest(None, format!("+ {} more", self.left_out), "changed by less, and not drawn".to_owned()))
    }

    fn links(&self) -> Vec<Link> {
        let card_of: BTreeMap<usize, usize> = self.drawn.iter().enumerate().map(|(card, &ix)| (ix, card)).collect();
        let ends = |from: &str, to: &str| Some((*card_of.get(self.by_id.get(from)?)?, *card_of.get(self.by_id.get(to)?)?));
        let link = |(from, to): (usize, usize), kind: ConnectionKind, tone: Tone, label: String| Link {
            from,
            from_row: None,
            to,
            to_row: None,
            kind: Some(kind),
            tone,
            label,
            detail: Vec::new(),
            both_ways: false,
        };
        let mut links = Vec::new();
        let mut added: BTreeSet<&str> = BTreeSet::new();
        for connection in &self.difference.connections {
            let Some(ends) = ends(&connection.from, &connection.to) else { continue };
            let graph = if connection.is_added { self.difference.head } else { self.difference.base };
            let verb = self.labels.connection(graph, connection.connection);
            if connection.is_added {
                added.insert(&connection.id);
            }
            let (tone, sign) = if connection.is_added { (Tone::Added, '+') } else { (Tone::Removed, '−') };
            links.push(link(ends, connection.kind, tone, format!("{sign} {verb}")));
        }
        // The ways on which the more exposed are reached, as far as they are not new themselves.
        let mut carried: BTreeMap<(usize, usize, crate::estate::ConnectionIx), BasisPoints> = BTreeMap::new();
        for &ix in &self.drawn {
            let system = &self.difference.systems[ix];
            let (Change::Worse | Change::Added, Some((head, _))) = (system.change, system.head) else { continue };
            let worst = self.difference.head_posture.systems[head.index()].worst;
            for (from, to, connection, exposure) in state_path(self.difference.head_posture.witness(), worst) {
                let estate = self.difference.head.estate;
                let Some(ends) = ends(&estate.system(from).id, &estate.system(to).id) else { continue };
                let most = carried.entry((ends.0, ends.1, connection)).or_default();
                *most = (*most).max(exposure);
            }
        }
        for ((from, to, connection), exposure) in carried {
            let known = self.difference.head.estate.connection(connection);
            if !added.contains(known.id.as_str()) {
                let verb = self.labels.connection(self.difference.head, connection);
                links.push(link((from, to), known.kind, Tone::Path(exposure), format!("{verb} {}", decimal(exposure))));
            }
        }
        links
    }
}

fn answer(difference: &Difference<'_>) -> String {
    let systems = |change: Change| difference.systems.iter().filter(|system| system.change == change).count();
    let added = difference.connections.iter().filter(|connection| connection.is_added).count();
    let removed = difference.connections.len() - added;
    let (new, gone, worse, better) = (systems(Change::Added), systems(Change::Removed), systems(Change::Worse), systems(Change::Better));
    if difference.connections.is_empty() && new + gone + worse + better == 0 {
        return "Nothing: no system and no connection comes or goes, and no exposure moves".to_owned();
    }
    let both = |noun: &str, nouns: &str, added: usize, removed: usize| match (added, removed) {
        (0, 0) => None,
        (added, 0) => Some(format!("{} added", count(added, noun, nouns))),
        (0, removed) => Some(format!("{} removed", count(removed, noun, nouns))),
        (added, removed) => Some(format!("{} added, {removed} removed", count(added, noun, nouns))),
    };
    let parts = [
        both("system", "systems", new, gone),
        both("connection", "connections", added, removed),
        Some(format!("exposure: {worse} worse, {better} better")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}
