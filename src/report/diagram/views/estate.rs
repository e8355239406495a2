//! The picture of an estate: a card per system with its eleven layers, connections from layer to layer.

use super::{count, listed};
use crate::catalog::{GapKind, Layer, Side, Verdict};
use crate::coverage::{Accountable, LayerCoverage};
use crate::estate::{Connection, ConnectionIx, SystemIx};
use crate::graph::ExposureGraph;
use crate::report::diagram::labels::Labels;
use crate::report::diagram::palette::Role;
use crate::report::diagram::picture::{Card, Flow, Frame, Group, Key, Link, Mark, Meaning, Picture, Row, Tone};
use crate::report::{owners, pages};
use std::collections::BTreeMap;

/// Who secures what: every layer of every system with its owner and its status, every connection from the layer that it
/// leaves to the layer that it enters first.
pub fn estate(graph: &ExposureGraph<'_>, labels: &dyn Labels) -> Picture {
    let mut groups: BTreeMap<(bool, Option<&str>), usize> = BTreeMap::new();
    for system in graph.estate.systems() {
        groups.insert((system.provider.is_none(), system.provider.as_deref()), 0);
    }
    for (ix, group) in groups.values_mut().enumerate() {
        *group = ix;
    }
    let cards: Vec<Card> = graph
        .estate
        .system_ixs()
        .map(|system_ix| {
            let provider = graph.estate.system(system_ix).provider.as_deref();
            card(graph, system_ix, groups[&(provider.is_none(), provider)], labels)
        })
        .collect();
    let links: Vec<Link> = graph
        .estate
        .connections()
        .iter()
        .enumerate()
        .map(|(connection_ix, connection)| link(graph, ConnectionIx(connection_ix as u32), connection))
        .collect();
    let groups = groups.into_keys().map(|(_, provider)| Group {
        title: provider.map_or_else(|| "no provider".to_owned(), str::to_owned),
        meaning: Meaning::Belonging,
    });
    Picture {
        question: match graph.estate.name() {
            Some(name) => format!("Who secures what: {name}"),
            None => "Who secures what?".to_owned(),
        },
        answer: answer(graph),
        groups: groups.collect(),
        cards,
        legend: [Key::Rows].into_iter().chain(Key::lines(&links)).collect(),
        links,
        notes: Vec::new(),
        basis: pages::facts_line(graph).text(),
        flow: Flow::Right,
    }
}

fn answer(graph: &ExposureGraph<'_>) -> String {
    let gaps: Vec<_> = graph.coverage.gaps().collect();
    let mut systems: Vec<SystemIx> = gaps.iter().map(|&(system_ix, ..)| system_ix).collect();
    systems.dedup();
    let worst: Vec<String> =
        gaps.iter().map(|(system_ix, layer, kind, _)| format!("{}:{layer} ({kind})", graph.estate.system(*system_ix).id)).collect();
    let worst: Vec<&str> = worst.iter().map(String::as_str).collect();
    let sizes = format!(
        "{}, {}",
        count(graph.estate.systems().len(), "system", "systems"),
        count(graph.estate.connections().len(), "connection", "connections")
    );
    if gaps.is_empty() {
        return format!("{sizes} · every layer is covered");
    }
    format!("{sizes} · {} in {}: {}", count(gaps.len(), "gap", "gaps"), count(systems.len(), "system", "systems"), listed(&worst, 4))
}

fn card(graph: &ExposureGraph<'_>, system_ix: SystemIx, group: usize, labels: &dyn Labels) -> Card {
    let system = graph.estate.system(system_ix);
    let service = system.service.map_or_else(|| system.model.to_string(), |service| format!("{} ({})", service.id, system.model));
    let rows: Vec<Row> = Layer::ALL.iter().rev().map(|&layer| row(graph, system_ix, layer)).collect();
    let is_gap = rows.iter().any(|row| row.mark == Mark::Gap);
    Card {
        group: Some(group),
        title: labels.title(graph, system_ix),
        name: labels.name(graph, system_ix),
        caption: match system.owner {
            Some(party) => format!("{service} · {}", graph.estate.party(party).id),
            None => format!("{service} · no owner"),
        },
        rows,
        frame: if is_gap { Frame::Origin } else { Frame::Plain },
        ..Card::default()
    }
}

fn row(graph: &ExposureGraph<'_>, system_ix: SystemIx, layer: Layer) -> Row {
    let Some(coverage) = graph.coverage.layer(system_ix, layer) else {
        return Row { layer, owner: String::new(), tint: None, mark: Mark::Absent, status: Mark::Absent.sign().to_owned() };
    };
    let mark = match coverage.gap {
        None => Mark::Covered,
        Some(_) if coverage.severity.low > 0.0 => Mark::Gap,
        Some(_) => Mark::Doubt,
    };
    Row {
        layer,
        owner: owners::shown(graph.estate, system_ix, &coverage),
        tint: Some(tint(graph, &coverage)),
        mark,
        status: coverage.gap.map_or_else(|| mark.sign().to_owned(), |kind: GapKind| format!("{} {kind}", mark.sign())),
    }
}

fn tint(graph: &ExposureGraph<'_>, coverage: &LayerCoverage) -> Role {
    match (coverage.ownership.verdict, coverage.ownership.accountable) {
        (Verdict::Contradicted | Verdict::Double, _) => Role::Disputed,
        (Verdict::Unsplit, _) | (_, Accountable::Split { .. }) => Role::Shared,
        (_, Accountable::Nobody) => Role::Nobody,
        (_, Accountable::UndeclaredProvider) => Role::Provider,
        (_, Accountable::Party(party)) => match graph.estate.party(party).kind.side() {
            Side::Provider => Role::Provider,
            Side::Customer => Role::Customer,
        },
    }
}

fn link(graph: &ExposureGraph<'_>, connection_ix: ConnectionIx, connection: &Connection) -> Link {
    let arc = graph.principal_arc(connection_ix);
    Link {
        from: connection.from.index(),
        from_row: arc.map(|arc| arc.from.layer()),
        to: connection.to.index(),
        to_row: arc.map(|arc| arc.to.layer()),
        kind: Some(connection.kind),
        tone: Tone::Plain,
        label: String::new(),
        detail: Vec::new(),
        both_ways: connection.kind == crate::catalog::ConnectionKind::Peers,
    }
}
