//! The page of `why`.

use super::blast::no_layer;
use super::{count, policy_line, state_id};
use crate::analysis::{AttackPath, Target};
use crate::catalog::{BasisPoints, Certainty, End, Interval, Published};
use crate::graph::{Arc, ExposureGraph, Factor, Semiring};
use crate::report::page::{Cell, Column, Line, Page, Section, decimal, interval};

/// The best paths between two targets, each given with the name it was asked by; every factor explained.
pub fn why(graph: &ExposureGraph<'_>, paths: &[AttackPath], ends: [(Target, &str); 2], semiring: Semiring) -> Page {
    let [(_, from), (_, to)] = ends;
    let headline = match paths.first() {
        None => no_path(graph, ends),
        Some(best) => Line::name(from)
            .and(" exposes ")
            .and_name(to)
            .and(" ")
            .and_strong(interval(published(best)))
            .and(format!(" in {}", count(best.arcs.len(), "step", "steps"))),
    };
    let mut sections: Vec<Section> = paths
        .iter()
        .enumerate()
        .map(|(path_ix, path)| Section {
            title: Some(Line::words(format!(
                "{}  {} in {}",
                path_ix + 1,
                interval(published(path)),
                count(path.arcs.len(), "step", "steps")
            ))),
            key: Some((PATH, Cell::Count(path_ix as u64 + 1))),
            columns: columns(),
            rows: steps(graph, path, semiring),
            ..Section::default()
        })
        .collect();
    if paths.is_empty() {
        // Without rows, and so on no page; a table for machines still has its heading.
        sections.push(Section { key: Some((PATH, Cell::Empty)), columns: columns(), ..Section::default() });
    }
    let mut closing = Vec::new();
    if !paths.is_empty() {
        closing.push(
            Line::default()
                .and_faint("factor = level × max(floor, resistance × barrier × detection); resistance does not count on certain steps"),
        );
    }
    closing.push(policy_line(graph, semiring));
    Page { headline, remarks: Vec::new(), sections, closing }
}

/// Why there is no path: an end without layers, two ends that are one, or nothing that leads from one to the other.
fn no_path(graph: &ExposureGraph<'_>, [(start, from), (goal, to)]: [(Target, &str); 2]) -> Line {
    let (starts, goals) = (start.states(graph), goal.states(graph));
    if let Some((target, name)) =
        [(&starts, start, from), (&goals, goal, to)].iter().find_map(|(states, target, name)| states.is_empty().then_some((*target, *name)))
    {
        return no_layer(target, name).and(": ").and_strong("no path starts or ends there");
    }
    if starts.iter().all(|state| goals.contains(state)) {
        let is_one = starts.len() == goals.len();
        let how = if is_one { " is both ends" } else { " lies within " };
        let line = Line::words("No path: ").and_name(from).and(how);
        let line = if is_one { line } else { line.and_name(to) };
        return line.and(", so what fails there is exposed at once");
    }
    Line::words("No path: ").and_name(from).and(" does not expose ").and_name(to)
}

/// The number of a path, best first.
const PATH: Column = Column::number("PATH");

fn published(path: &AttackPath) -> Published<BasisPoints> {
    Published::of(Interval::new(path.low, path.high))
}

fn columns() -> Vec<Column> {
    vec![Column::interval("EXPOSURE"), Column::text("STATE"), Column::interval("FACTOR"), Column::prose("HOW"), Column::prose("BECAUSE")]
}

fn steps(graph: &ExposureGraph<'_>, path: &AttackPath, semiring: Semiring) -> Vec<Vec<Cell>> {
    let one = Cell::Interval(Published::of(Interval::ONE));
    let mut rows = vec![vec![one, Cell::name(state_id(graph, path.start)), Cell::Empty, Cell::Empty, Cell::words("fails")]];
    let mut value = Interval::ONE;
    for arc in &path.arcs {
        let (low, high) = (graph.factor(arc, End::Low), graph.factor(arc, End::High));
        value = Interval::new(semiring.extend(value.low, low.value), semiring.extend(value.high, high.value));
        rows.push(vec![
            Cell::Interval(Published::of(value)),
            Cell::name(state_id(graph, arc.to)),
            Cell::Interval(Published::of(Interval::new(low.value, high.value))),
            Cell::Line(factor_line(graph, arc, low, high)),
            Cell::Line(because(graph, arc)),
        ]);
    }
    rows
}

/// The parts of a factor that are not 1: `likely .80 × resistance .50–1.00`.
pub(in crate::report) fn factor_line(graph: &ExposureGraph<'_>, arc: &Arc, low: Factor, high: Factor) -> Line {
    let level = graph.rule(arc.rule).level();
    let mut line = Line::default().and_free(level.name.clone()).and(format!(" {}", decimal(BasisPoints::of(level.value))));
    for (part, low, high) in [
        ("resistance", low.resistance, high.resistance),
        ("barrier", low.barrier, high.barrier),
        ("detection", low.detection, high.detection),
    ] {
        if low < 1.0 || high < 1.0 {
            line = line.and(format!(" × {part} {}", interval(Published::of(Interval::new(low, high)))));
        }
    }
    let is_possible = arc.connection.is_some_and(|connection_ix| graph.estate.connection(connection_ix).certainty == Certainty::Possible);
    if is_possible { line.and(" × may not exist") } else { line }
}

fn because(graph: &ExposureGraph<'_>, arc: &Arc) -> Line {
    let why = graph.rule(arc.rule).why();
    match arc.connection {
        None => Line::default().and_free(why),
        Some(connection_ix) => {
            let connection = graph.estate.connection(connection_ix);
            Line::name(graph.estate.system(connection.from).id.clone())
                .and(format!(" {} ", connection.kind))
                .and_name(graph.estate.system(connection.to).id.clone())
                .and(": ")
                .and_free(why)
        }
    }
}
