//! The picture of a large estate: where its gaps are and what they expose, group by group.

use super::{MOST_CARDS, exposure_badge};
use crate::analysis::{Flow as GroupFlow, GroupBy, Groups};
use crate::catalog::{BasisPoints, Interval, Published};
use crate::graph::{ExposureGraph, Semiring};
use crate::report::diagram::palette::{HEAT_STEPS, heat};
use crate::report::diagram::picture::{Card, Flow, Frame, Group, Key, Link, Meaning, Picture, Tone};
use crate::report::page::{decimal, interval};
use crate::report::pages::{self, count};
use std::collections::BTreeMap;

/// Groups that are drawn in a column.
const MOST_GROUPS: usize = 16;
/// Links that are drawn.
const MOST_LINKS: usize = 40;

/// Where an estate is exposed, and where the gaps are that it comes from: groups with gaps at the left, exposed groups
/// at the right.
pub fn fold(graph: &ExposureGraph<'_>, groups: &Groups) -> Picture {
    let mut flows: Vec<&GroupFlow> = groups.flows.iter().filter(|flow| BasisPoints::of(flow.exposure).0 > 0).collect();
    flows.sort_by(|left, right| right.systems.cmp(&left.systems).then((left.from, left.to).cmp(&(right.from, right.to))));
    let all_flows = flows.len();
    let systems_of = |ix: usize| groups.groups[ix].systems.len();
    let mut sources: Vec<usize> = (0..groups.groups.len()).filter(|&ix| groups.groups[ix].gaps > 0).collect();
    sources.sort_by_key(|&ix| (std::cmp::Reverse(groups.groups[ix].gaps), ix));
    let mut exposed: Vec<usize> = (0..groups.groups.len()).collect();
    exposed.sort_by_key(|&ix| (std::cmp::Reverse(systems_of(ix)), ix));
    let (mut cards, mut card_of) = (Vec::new(), BTreeMap::new());
    for (column, order) in [&sources, &exposed].into_iter().enumerate() {
        for &ix in order.iter().take(MOST_GROUPS) {
            card_of.insert((column, ix), cards.len());
            cards.push(if column == 0 { source(groups, ix) } else { card(graph, groups, ix) });
        }
        cards.extend(rest(groups, order, column));
    }
    flows.retain(|flow| card_of.contains_key(&(0, flow.from)) && card_of.contains_key(&(1, flow.to)));
    flows.truncate(MOST_LINKS);
    flows.sort_by_key(|flow| (flow.from, flow.to));
    let links: Vec<Link> = flows
        .iter()
        .map(|flow| Link {
            from: card_of[&(0, flow.from)],
            from_row: None,
            to: card_of[&(1, flow.to)],
            to_row: None,
            kind: None,
            tone: Tone::Path(BasisPoints::of(flow.exposure)),
            label: format!("{} to {}", flow.systems, decimal(BasisPoints::of(flow.exposure))),
            detail: Vec::new(),
            both_ways: false,
        })
        .collect();
    let mut notes =
        vec!["A link “9 to .80” reads: the worst exposure of 9 systems comes from a gap in that group, and is up to .80.".to_owned()];
    if links.len() < all_flows {
        notes.push(format!("{} of {all_flows} links are drawn, those of most systems.", links.len()));
    }
    Picture {
        question: question(graph, groups.by),
        answer: answer(graph, groups),
        groups: ["gaps are in", "exposed are"].map(|title| Group { title: title.to_owned(), meaning: Meaning::Distance }).to_vec(),
        cards,
        links,
        notes,
        basis: pages::policy_line(graph, Semiring::Product).text(),
        legend: vec![Key::Heat, Key::Bar],
        flow: Flow::Right,
    }
}

fn title(groups: &Groups, ix: usize) -> String {
    groups.groups[ix].name.clone().unwrap_or_else(|| format!("no {}", noun(groups.by)))
}

/// A group at the left: its gaps.
fn source(groups: &Groups, ix: usize) -> Card {
    let group = &groups.groups[ix];
    Card {
        group: Some(0),
        title: title(groups, ix),
        caption: format!("{} in {}", count(group.gaps, "gap", "gaps"), count(group.systems.len(), "system", "systems")),
        frame: Frame::Origin,
        ..Card::default()
    }
}

fn rest(groups: &Groups, order: &[usize], column: usize) -> Option<Card> {
    let rest = order.get(MOST_GROUPS..).filter(|rest| !rest.is_empty())?;
    let systems: usize = rest.iter().map(|&ix| groups.groups[ix].systems.len()).sum();
    let worst = rest.iter().filter_map(|&ix| groups.groups[ix].systems.first()).map(|worst| worst.1).fold(Interval::ZERO, Interval::max);
    let caption = if column == 0 {
        count(rest.iter().map(|&ix| groups.groups[ix].gaps).sum(), "gap", "gaps")
    } else {
        format!("{}, at most {}", count(systems, "system", "systems"), interval(Published::of(worst)))
    };
    Some(Card::rest(Some(column), format!("+ {} more", count(rest.len(), "group", "groups")), caption))
}

fn noun(by: GroupBy) -> &'static str {
    match by {
        GroupBy::Provider => "provider",
        GroupBy::Owner => "owner",
        GroupBy::Tag => "tag",
    }
}

fn question(graph: &ExposureGraph<'_>, by: GroupBy) -> String {
    match graph.estate.name() {
        Some(name) => format!("Where is {name} exposed, by {}?", noun(by)),
        None => format!("Where is the estate exposed, by {}?", noun(by)),
    }
}

fn answer(graph: &ExposureGraph<'_>, groups: &Groups) -> String {
    let systems = graph.estate.systems().len();
    let exposed =
        groups.groups.iter().flat_map(|group| &group.systems).filter(|(_, exposure)| BasisPoints::of(exposure.high).0 > 0).count();
    let worst = groups
        .groups
        .iter()
        .filter_map(|group| group.systems.first())
        .max_by(|left, right| left.1.high.total_cmp(&right.1.high).then(right.0.cmp(&left.0)));
    let mut answer = format!(
        "{}, {}, {} in {} · {exposed} exposed",
        count(systems, "system", "systems"),
        count(graph.estate.connections().len(), "connection", "connections"),
        count(groups.groups.iter().map(|group| group.gaps).sum(), "gap", "gaps"),
        count(groups.groups.len(), "group", "groups"),
    );
    if let Some((system, exposure)) = worst.filter(|_| exposed > 0) {
        answer.push_str(&format!(", worst {} {}", graph.estate.system(*system).id, interval(Published::of(*exposure))));
    }
    if systems > MOST_CARDS {
        answer.push_str(&format!(" · folded, as there are more than {MOST_CARDS} systems"));
    }
    answer
}

fn card(graph: &ExposureGraph<'_>, groups: &Groups, ix: usize) -> Card {
    let group = &groups.groups[ix];
    let mut bar = [0; HEAT_STEPS];
    for (_, exposure) in &group.systems {
        bar[heat(BasisPoints::of(exposure.high)) as usize] += 1;
    }
    let worst = group.systems.first();
    let exposed = group.systems.len() - bar[0];
    Card {
        group: Some(1),
        title: title(groups, ix),
        name: Some(format!("{exposed} of {} exposed", count(group.systems.len(), "system", "systems"))),
        caption: worst.map_or_else(String::new, |(system, _)| format!("worst: {}", graph.estate.system(*system).id)),
        badge: worst.map(|(_, exposure)| exposure_badge(*exposure)),
        bar: Some(bar),
        ..Card::default()
    }
}
