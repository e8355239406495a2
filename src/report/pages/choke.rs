//! The page of `choke`.

use super::{count, names, policy_line, state_id};
use crate::analysis::{Asked, ChokePoint, ChokePoints, Passage};
use crate::catalog::{BasisPoints, ControlCatalog, points};
use crate::graph::{ExposureGraph, Semiring};
use crate::report::page::{Cell, Column, Line, Page, Rows, Section, decimal, sum};

/// What a passage is called: its id, or that of the layer.
pub(in crate::report) fn passage_id(graph: &ExposureGraph<'_>, passage: Passage) -> String {
    match passage {
        Passage::State(state) => state_id(graph, state),
        Passage::Connection(connection_ix) => graph.estate.connection(connection_ix).id.clone(),
        Passage::Control(control_ix) => ControlCatalog::shipped().control(control_ix).id.clone(),
        Passage::Class(class_ix) => graph.policy.classes[class_ix].clone(),
        Passage::Party(party_ix) => graph.estate.party(party_ix).id.clone(),
    }
}

/// The word for what a passage is.
pub(in crate::report) const fn passage_kind(passage: Passage) -> &'static str {
    match passage {
        Passage::State(_) => "layer",
        Passage::Connection(_) => "connection",
        Passage::Control(_) => "control",
        Passage::Class(_) => "class",
        Passage::Party(_) => "party",
    }
}

/// Where the exposure of targets passes, each given with the name that it was asked by: first what cuts off all of them,
/// then what cuts off some.
pub fn choke(graph: &ExposureGraph<'_>, choke: &ChokePoints, targets: &[String], rows: Rows) -> Page {
    let exposed = choke.exposed();
    let (full, part): (Vec<&ChokePoint>, Vec<&ChokePoint>) = choke.points.iter().partition(|point| point.cuts.len() == exposed);
    let best = full.iter().max_by(|left, right| left.removes.cmp(&right.removes).then(right.passage.cmp(&left.passage)));
    let mut page = Page { headline: headline(graph, choke, targets, best.copied()), ..Page::default() };
    page.remarks.push(Line::default().and_faint(format!("exposure of {} and above", decimal(choke.threshold))));
    let spared = choke.targets.iter().zip(targets).filter(|(target, _)| !target.is_exposed);
    let spared: Vec<String> = spared.map(|(_, name)| name.clone()).collect();
    if exposed > 0 && !spared.is_empty() {
        page.remarks.push(names("not exposed that far: ", spared.into_iter(), 12));
    }
    let all = if exposed == 1 { "Each of these cuts it off".to_owned() } else { format!("Each of these cuts off all {exposed}") };
    let mut sections = vec![section(graph, (choke, targets), all, full, rows)];
    if !part.is_empty() {
        sections.push(section(graph, (choke, targets), "Each of these cuts off some".to_owned(), part, rows));
    }
    page.sections = sections;
    if choke.untried > 0 {
        page.closing.push(Line::words(format!(
            "{} more lie on the path of some target, and were not tried: none can cut off all",
            count(choke.untried, "place", "places")
        )));
    }
    page.closing.push(policy_line(graph, Semiring::Product));
    page
}

fn headline(graph: &ExposureGraph<'_>, choke: &ChokePoints, targets: &[String], best: Option<&ChokePoint>) -> Line {
    let exposed = choke.exposed();
    let noun = |number: usize| match (choke.asked, number) {
        (Asked::Named, 1) => "target",
        (Asked::Named, _) => "targets",
        (Asked::CrownJewels, 1) => "crown jewel",
        (Asked::CrownJewels, _) => "crown jewels",
        (Asked::Risky, 1) => "system at risk",
        (Asked::Risky, _) => "systems at risk",
    };
    let whom = || match (choke.targets.iter().zip(targets).find(|(target, _)| target.is_exposed), exposed) {
        (Some((_, name)), 1) => Line::name(name.clone()),
        _ => Line::words(format!("the {exposed} exposed {}", noun(exposed))),
    };
    if choke.targets.is_empty() {
        return Line::words("No crown jewel is stated and no system is at risk: ").and_strong("there is nothing to cut off");
    }
    if exposed == 0 {
        let none = match targets {
            [target] => Line::name(target.clone()).and(" is not exposed"),
            _ => Line::words(format!("None of the {} {} is exposed", targets.len(), noun(targets.len()))),
        };
        return none.and(format!(" at {} and above: ", decimal(choke.threshold))).and_strong("there is nothing to cut off");
    }
    match best {
        Some(best) => {
            let action = match best.passage {
                Passage::State(_) | Passage::Party(_) => "covered",
                Passage::Connection(_) => "removed",
                Passage::Control(_) | Passage::Class(_) => "implemented",
            };
            Line::words("All exposure of ")
                .and_line(whom())
                .and(" passes through ")
                .and_name(passage_id(graph, best.passage))
                .and(format!("; {action}, it takes "))
                .and_strong(format!("{} of {} risk points", sum(best.removes), sum(points(choke.risk))))
                .and(" away")
        }
        None => {
            let line = Line::words("No single place cuts off ").and_line(whom());
            match choke.points.first() {
                Some(most) => line
                    .and("; ")
                    .and_name(passage_id(graph, most.passage))
                    .and(" ")
                    .and_strong(format!("cuts off {} of {exposed}", most.cuts.len())),
                None => line.and(": there is always another way"),
            }
        }
    }
}

fn section(
    graph: &ExposureGraph<'_>,
    (choke, targets): (&ChokePoints, &[String]),
    title: String,
    mut found: Vec<&ChokePoint>,
    rows: Rows,
) -> Section {
    found.sort_by_key(|point| (std::cmp::Reverse((point.cuts.len(), point.removes)), point.passage));
    let is_empty = found.is_empty();
    let cut = rows.cut(&mut found, "choke points");
    let rows = found
        .iter()
        .map(|point| {
            vec![
                Cell::Count(point.cuts.len() as u64),
                Cell::name(passage_id(graph, point.passage)),
                Cell::words(passage_kind(point.passage)),
                Cell::Line(cut_off(choke, targets, point)),
                Cell::Points(point.removes),
                Cell::Value(BasisPoints::of(point.worst_after)),
                Cell::Line(fix(graph, point)),
            ]
        })
        .collect();
    Section {
        title: (!is_empty && choke.exposed() > 0).then(|| Line::words(title)),
        columns: vec![
            Column::number("CUTS"),
            Column::text("CHOKE POINT"),
            Column::text("KIND"),
            Column::prose("CUTS OFF"),
            Column::number("REMOVES"),
            Column::number("WORST AFTER"),
            Column::prose("FIX"),
        ],
        rows,
        notes: cut.into_iter().collect(),
        ..Section::default()
    }
}

/// The targets that a choke point cuts off.
fn cut_off(choke: &ChokePoints, targets: &[String], point: &ChokePoint) -> Line {
    if point.cuts.len() == choke.exposed() && point.cuts.len() > 1 {
        return Line::words(format!("all {}", point.cuts.len()));
    }
    names("", point.cuts.iter().map(|&target_ix| targets[target_ix].clone()), 3)
}

/// What to do about a choke point.
fn fix(graph: &ExposureGraph<'_>, point: &ChokePoint) -> Line {
    match point.passage {
        Passage::State(state) => match graph.coverage.layer(state.system(), state.layer()).and_then(|coverage| coverage.gap) {
            Some(gap) => Line::words(format!("cover it: {gap}")),
            None => Line::words("cover it"),
        },
        Passage::Connection(_) => Line::words("remove it"),
        Passage::Control(_) => Line::words(format!("implement it in {}", count(point.size, "layer", "layers"))),
        Passage::Class(_) => Line::words(format!("implement it on {}", count(point.size, "connection", "connections"))),
        Passage::Party(_) => Line::words(format!("cover its {}", count(point.size, "layer", "layers"))),
    }
}
