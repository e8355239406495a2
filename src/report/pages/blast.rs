//! The pages of `blast` and `exposed`.

use super::{count, path_line, policy_line};
use crate::analysis::{BlastRadius, ExposedSystem, Exposure, Target};
use crate::catalog::{BasisPoints, Published};
use crate::graph::{Arc, ExposureGraph, Semiring, State};
use crate::report::page::{Cell, Column, Line, Page, Rows, Section, decimal};

/// What is exposed if a target fails: systems worst first, each with the path that proves it.
pub fn blast(graph: &ExposureGraph<'_>, radius: &BlastRadius<'_>, target: &str, semiring: Semiring, rows: Rows) -> Page {
    let others = radius.worst_first();
    let failing = radius.systems.len() - others.len();
    let all = graph.estate.systems().len() - failing;
    let mut headline = Line::words("If ").and_line(failure(radius.target, target)).and(", ").and_strong(if others.is_empty() {
        "no other system is exposed".to_owned()
    } else if all == 1 {
        "the only other system is exposed".to_owned()
    } else {
        format!("{} of {all} other {} exposed", others.len(), if others.len() == 1 { "systems is" } else { "systems are" })
    });
    if let Some(worst) = others.first() {
        headline = headline.and(", worst ").and_name(graph.estate.system(worst.system).id.clone()).and(format!(" {}", decimal_of(worst)));
    }
    let spared = graph.estate.system_ixs().filter(|&system_ix| !radius.exposes(system_ix));
    let spared: Vec<String> = spared.map(|system_ix| graph.estate.system(system_ix).id.clone()).collect();
    let mut page = Page {
        headline,
        remarks: vec![Line::default().and_faint(format!("exposure of {} and above", decimal(radius.threshold)))],
        sections: vec![systems_section(graph, others, rows, |state| radius.path(state), "EXPOSURE")],
        closing: vec![],
    };
    let own: Vec<&str> = radius
        .states
        .iter()
        .filter(|exposed| radius.is_origin(exposed.state.system()) && exposed.hops > 0)
        .map(|exposed| exposed.state.layer().id())
        .collect();
    if radius.origins.len() == 1 && !own.is_empty() {
        let line = Line::words("Inside ")
            .and_name(graph.estate.system(radius.origins[0].system()).id.clone())
            .and(" it also exposes ")
            .and(own.join(", "));
        page.closing.push(line);
    }
    if !radius.connections.is_empty() {
        page.closing.push(crossed_line(graph, radius));
    }
    if !spared.is_empty() {
        page.closing.push(names("Not reached: ", &spared, 12));
    }
    page.closing.push(policy_line(graph, semiring));
    page
}

/// What fails, as a clause: `shop:os fails`.
pub(in crate::report) fn failure(target: Target, name: &str) -> Line {
    let bare = |noun: &str| name.strip_prefix(noun).unwrap_or(name).to_owned();
    match target {
        Target::System(_) | Target::State(_) => Line::name(name).and(" fails"),
        Target::Party(_) => Line::words("everything that ").and_name(bare("party:")).and(" answers for fails"),
        Target::Control(_) => Line::name(bare("control:")).and(" fails wherever it is claimed"),
        Target::Connection(_) => Line::words("nothing stands in the way of ").and_name(bare("connection:")),
        Target::GapKind(_) => Line::words("every layer with a gap of kind ").and_name(bare("gap:")).and(" fails"),
    }
}

/// The connections that carry most of the systems.
fn crossed_line(graph: &ExposureGraph<'_>, radius: &BlastRadius<'_>) -> Line {
    let mut crossed = radius.connections.clone();
    crossed.sort_by(|left, right| right.systems.cmp(&left.systems).then(left.connection.cmp(&right.connection)));
    let mut line = Line::words("It crosses ");
    for (ix, connection) in crossed.iter().take(3).enumerate() {
        let link = graph.estate.connection(connection.connection);
        line = line
            .and(if ix == 0 { "" } else { "; " })
            .and_name(graph.estate.system(link.from).id.clone())
            .and(format!(" {} ", link.kind))
            .and_name(graph.estate.system(link.to).id.clone())
            .and(format!(" ({})", count(connection.systems, "system behind it", "systems behind it")));
    }
    if crossed.len() > 3 {
        line = line.and(format!("; and {} more", crossed.len() - 3));
    }
    line
}

/// What would reach a target: systems worst first, each with its best path.
pub fn exposed(graph: &ExposureGraph<'_>, exposure: &Exposure, target: &str, semiring: Semiring, rows: Rows) -> Page {
    let is_goal = |exposed: &ExposedSystem| exposure.is_goal(exposed.system);
    let mut others: Vec<&ExposedSystem> = exposure.systems.iter().filter(|exposed| !is_goal(exposed)).collect();
    others.sort_by(|left, right| left.worse_first(right));
    let all = graph.estate.systems().len() - exposure.systems.iter().filter(|exposed| is_goal(exposed)).count();
    let mut headline = Line::default().and_name(target).and(" is exposed by ").and_strong(match others.len() {
        0 => "no other system".to_owned(),
        reaching => format!("{reaching} of {all} other {}", if all == 1 { "system" } else { "systems" }),
    });
    if let Some(worst) = others.first() {
        headline = headline
            .and(": the failure of ")
            .and_name(graph.estate.system(worst.system).id.clone())
            .and(format!(" would expose it {}", decimal_of(worst)));
    }
    Page {
        headline,
        remarks: vec![Line::default().and_faint(format!("exposure of {} and above", decimal(exposure.threshold)))],
        sections: vec![systems_section(graph, others, rows, |state| exposure.path(state), "EXPOSES IT")],
        closing: vec![policy_line(graph, semiring)],
    }
}

fn systems_section(
    graph: &ExposureGraph<'_>,
    mut systems: Vec<&ExposedSystem>,
    rows: Rows,
    path: impl Fn(State) -> Vec<Arc>,
    exposure: &'static str,
) -> Section {
    let cut = rows.cut(&mut systems, "systems");
    let rows = systems
        .iter()
        .map(|exposed| {
            let arcs = path(exposed.worst);
            let start = arcs.first().map_or(exposed.worst, |arc| arc.from);
            vec![
                Cell::Interval(Published::of(exposed.exposure)),
                Cell::name(graph.estate.system(exposed.system).id.clone()),
                Cell::words(exposed.worst.layer().id()),
                Cell::Count(u64::from(exposed.hops)),
                Cell::Line(path_line(graph, start, &arcs)),
            ]
        })
        .collect();
    Section {
        title: None,
        columns: vec![
            Column::interval(exposure),
            Column::text("SYSTEM"),
            Column::text("LAYER"),
            Column::number("HOPS"),
            Column::prose("PATH"),
        ],
        rows,
        notes: cut.into_iter().collect(),
    }
}

fn decimal_of(exposed: &ExposedSystem) -> String {
    crate::report::page::interval(Published::<BasisPoints>::of(exposed.exposure))
}

fn names(words: &str, names: &[String], most: usize) -> Line {
    let mut line = Line::words(words);
    for (ix, name) in names.iter().take(most).enumerate() {
        line = line.and(if ix == 0 { "" } else { ", " }).and_name(name.clone());
    }
    if names.len() > most { line.and(format!(" and {} more", names.len() - most)) } else { line }
}
