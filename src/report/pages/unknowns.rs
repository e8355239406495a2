//! The page of `unknowns`.

use super::{count, names, policy_line, state_id};
use crate::analysis::{Unknown, Unknowns, Worth};
use crate::catalog::{GapKind, Verdict, points};
use crate::estate::{ConnectionIx, SystemIx};
use crate::graph::{ExposureGraph, Semiring, State};
use crate::report::page::{Cell, Column, Line, Page, Rows, Section, sum};

/// The word for what is unknown.
pub(in crate::report) const fn unknown_kind(unknown: Unknown) -> &'static str {
    match unknown {
        Unknown::Layer(_) => "layer",
        Unknown::Setting(..) => "setting",
        Unknown::Facing(_) => "facing",
        Unknown::Criticality(_) => "criticality",
        Unknown::Controls(_) => "controls",
        Unknown::Certainty(_) => "certainty",
        Unknown::System(_) => "system",
    }
}

/// What the unknown is about: the layer, the system or the connection.
pub(in crate::report) fn unknown_id(graph: &ExposureGraph<'_>, unknown: Unknown) -> String {
    match unknown {
        Unknown::Layer(state) => state_id(graph, state),
        Unknown::Setting(system_ix, _) | Unknown::Facing(system_ix) | Unknown::Criticality(system_ix) | Unknown::System(system_ix) => {
            graph.estate.system(system_ix).id.clone()
        }
        Unknown::Controls(connection_ix) | Unknown::Certainty(connection_ix) => graph.estate.connection(connection_ix).id.clone(),
    }
}

/// The name of a setting that is unknown.
pub(in crate::report) fn setting_name<'g>(graph: &'g ExposureGraph<'_>, system_ix: SystemIx, setting: usize) -> &'g str {
    graph.estate.system(system_ix).service.map_or("", |service| service.settings()[setting])
}

/// Which fact to find out next: the unknowns by what each is worth.
pub fn unknowns(graph: &ExposureGraph<'_>, unknowns: &Unknowns, rows: Rows) -> Page {
    let total = sum(points(unknowns.risk));
    let worth: Vec<&Worth> = unknowns.facts.iter().collect();
    let headline = match (worth.first(), unknowns.systems.first().filter(|system| system.removes > 0)) {
        (None, _) => Line::words("Nothing is unknown: ").and_strong("there is no fact to find out"),
        (Some(first), _) if first.removes > 0 => Line::words("Find out next: ")
            .and_line(question(graph, first.unknown))
            .and(" If that turns out well, ")
            .and_strong(format!("{} of {total} risk points are gone", sum(first.removes))),
        (Some(_), Some(system)) => Line::words("No fact alone takes risk away; all that is unknown of ")
            .and_name(unknown_id(graph, system.unknown))
            .and(" together: ")
            .and_strong(format!("{} of {total} risk points", sum(system.removes))),
        (Some(_), None) => Line::words("No fact alone takes risk away: ").and_strong("something else is always as bad"),
    };
    let idle = worth.iter().filter(|worth| worth.removes == 0).count();
    let mut remark = format!("{}; posture {} in the worst case", count(worth.len(), "unknown", "unknowns"), unknowns.posture);
    if idle > 0 && idle < worth.len() {
        remark.push_str(&format!("; {idle} of them would take nothing away alone"));
    }
    let mut sections = vec![section(graph, worth, "Unknowns, by what each takes away if it turns out well", rows)];
    if !unknowns.systems.is_empty() {
        let title = "All that is unknown of the layers of one system, together";
        sections.push(section(graph, unknowns.systems.iter().collect(), title, rows));
    }
    Page { headline, remarks: vec![Line::default().and_faint(remark)], sections, closing: vec![policy_line(graph, Semiring::Product)] }
}

fn section(graph: &ExposureGraph<'_>, mut list: Vec<&Worth>, title: &'static str, rows: Rows) -> Section {
    let is_empty = list.is_empty();
    let cut = rows.cut(&mut list, "unknowns");
    let rows = list
        .iter()
        .map(|worth| {
            let ask: Vec<String> = worth.ask.iter().map(|&party_ix| graph.estate.party(party_ix).id.clone()).collect();
            vec![
                Cell::Points(worth.removes),
                Cell::Count(u64::from(worth.posture)),
                Cell::name(unknown_id(graph, worth.unknown)),
                Cell::words(unknown_kind(worth.unknown)),
                Cell::Line(question(graph, worth.unknown)),
                Cell::Line(if ask.is_empty() { Line::words("no owner is known") } else { names("", ask.into_iter(), 3) }),
            ]
        })
        .collect();
    Section {
        title: (!is_empty).then(|| Line::words(title)),
        columns: vec![
            Column::number("REMOVES"),
            Column::number("POSTURE"),
            Column::text("UNKNOWN"),
            Column::text("KIND"),
            Column::prose("QUESTION"),
            Column::prose("ASK"),
        ],
        rows,
        notes: cut.into_iter().collect(),
        ..Section::default()
    }
}

/// The question to ask, in plain words.
pub(in crate::report) fn question(graph: &ExposureGraph<'_>, unknown: Unknown) -> Line {
    let name = |system_ix: SystemIx| Line::name(graph.estate.system(system_ix).id.clone());
    match unknown {
        Unknown::Layer(state) => of_layer(graph, state),
        Unknown::System(system_ix) => Line::words("whose are the layers of ").and_line(name(system_ix)).and(", and what is in place?"),
        Unknown::Setting(system_ix, setting) => {
            Line::words("what is ").and_name(setting_name(graph, system_ix, setting)).and(" of ").and_line(name(system_ix)).and("?")
        }
        Unknown::Facing(system_ix) => Line::words("from where can ").and_line(name(system_ix)).and(" be attacked?"),
        Unknown::Criticality(system_ix) => Line::words("how much does ").and_line(name(system_ix)).and(" matter?"),
        Unknown::Controls(connection_ix) => {
            Line::words("are the controls between ").and_line(ends(graph, connection_ix, " and ")).and(" in place?")
        }
        Unknown::Certainty(connection_ix) => {
            let kind = graph.estate.connection(connection_ix).kind;
            Line::words("is it true that ").and_line(ends(graph, connection_ix, &format!(" {kind} "))).and("?")
        }
    }
}

fn ends(graph: &ExposureGraph<'_>, connection_ix: ConnectionIx, between: &str) -> Line {
    let connection = graph.estate.connection(connection_ix);
    let id = |system_ix: SystemIx| graph.estate.system(system_ix).id.clone();
    Line::name(id(connection.from)).and(between).and_name(id(connection.to))
}

fn of_layer(graph: &ExposureGraph<'_>, state: State) -> Line {
    let layer = Line::name(state_id(graph, state));
    let coverage = graph.coverage.layer(state.system(), state.layer());
    match (coverage.map(|coverage| coverage.ownership.verdict), coverage.and_then(|coverage| coverage.gap)) {
        (Some(Verdict::Unclaimed), _) => Line::words("who secures ").and_line(layer).and(", and are its controls in place?"),
        (Some(Verdict::Unsplit), _) => Line::words("who does which half of ").and_line(layer).and(", and is it in place?"),
        (_, Some(GapKind::Stale)) => Line::words("are the controls of ").and_line(layer).and(" still in place? The evidence lapsed."),
        _ => Line::words("are the controls of ").and_line(layer).and(" in place?"),
    }
}
