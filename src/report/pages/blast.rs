//! The pages of `blast` and `exposed`.

use super::{count, names, path_line, policy_line, state_id};
use crate::analysis::{BlastRadius, ExposedSystem, Exposure, Target};
use crate::catalog::{BasisPoints, Published};
use crate::estate::SystemIx;
use crate::graph::{Arc, ExposureGraph, Semiring, State};
use crate::report::page::{Cell, Column, Line, Page, Rows, Section, decimal};

/// What is exposed if a target fails: systems worst first, each with the path that proves it.
pub fn blast(graph: &ExposureGraph<'_>, radius: &BlastRadius<'_>, target: &str, semiring: Semiring, rows: Rows) -> Page {
    if radius.origins.is_empty() {
        return Page {
            headline: no_layer(radius.target, target).and(": ").and_strong("nothing fails, nothing is exposed"),
            sections: vec![systems_section(graph, Vec::new(), rows, |_| Line::default(), "EXPOSURE")],
            closing: vec![policy_line(graph, semiring)],
            ..Page::default()
        };
    }
    let others = radius.worst_first();
    let mut page = Page {
        headline: headline(graph, radius, target, &others),
        remarks: vec![Line::default().and_faint(format!("exposure of {} and above", decimal(radius.threshold)))],
        sections: vec![systems_section(graph, listed(radius, others), rows, |exposed| blast_path(graph, radius, exposed), "EXPOSURE")],
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
    if matches!(radius.target, Target::Connection(_)) {
        page.closing.push(names("It enters ", radius.origins.iter().map(|&state| state_id(graph, state)), 12));
    }
    if !radius.connections.is_empty() {
        page.closing.push(crossed_line(graph, radius));
    }
    let id = |system_ix: SystemIx| graph.estate.system(system_ix).id.clone();
    if !radius.below.is_empty() {
        page.closing.push(names(&format!("Below {}: ", decimal(radius.threshold)), radius.below.iter().copied().map(id), 12));
    }
    let spared = radius.spared(graph);
    if !spared.is_empty() {
        page.closing.push(names("Not reached: ", spared.into_iter().map(id), 12));
    }
    page.closing.push(policy_line(graph, semiring));
    page
}

/// What fails, and how much of the rest that exposes.
fn headline(graph: &ExposureGraph<'_>, radius: &BlastRadius<'_>, target: &str, others: &[&ExposedSystem]) -> Line {
    let failing = radius.systems.len() - others.len();
    let all = graph.estate.systems().len() - failing;
    let rest = if others.is_empty() {
        "no other system".to_owned()
    } else if all == 1 {
        "the only other system".to_owned()
    } else {
        format!("{} of {all} other systems", others.len())
    };
    let mut headline = Line::words("If ").and_line(failure(radius.target, target)).and(", ");
    headline = if matches!(radius.target, Target::Connection(_)) {
        // What a connection leads into did not fail: it is the first that is exposed.
        let entered = radius.systems.iter().filter(|exposed| radius.is_origin(exposed.system));
        for (ix, exposed) in entered.enumerate() {
            headline = headline.and(if ix == 0 { "" } else { " and " }).and_name(graph.estate.system(exposed.system).id.clone());
        }
        let is_one = failing == 1;
        match others.len() {
            0 => headline.and_strong(if is_one { " is exposed" } else { " are exposed" }).and(", and ").and_strong(rest),
            _ => headline.and(" and ").and_strong(rest).and_strong(" are exposed"),
        }
    } else {
        let verb = if others.len() > 1 { "are" } else { "is" };
        headline.and_strong(format!("{rest} {verb} exposed"))
    };
    match others.first() {
        Some(worst) => {
            headline.and(", worst ").and_name(graph.estate.system(worst.system).id.clone()).and(format!(" {}", decimal_of(worst)))
        }
        None => headline,
    }
}

/// The systems to list, worst first: those that do not fail themselves, and before them what a connection leads into.
fn listed<'a>(radius: &'a BlastRadius<'_>, others: Vec<&'a ExposedSystem>) -> Vec<&'a ExposedSystem> {
    let is_entered = |exposed: &&ExposedSystem| matches!(radius.target, Target::Connection(_)) && radius.is_origin(exposed.system);
    radius.systems.iter().filter(is_entered).chain(others).collect()
}

/// How exposure gets into a system; into what a connection leads into, over that connection.
fn blast_path(graph: &ExposureGraph<'_>, radius: &BlastRadius<'_>, exposed: &ExposedSystem) -> Line {
    let arcs = radius.path(exposed.worst);
    if let (Target::Connection(connection_ix), true) = (radius.target, arcs.is_empty()) {
        let connection = graph.estate.connection(connection_ix);
        let is_end = connection.to == exposed.system;
        let from = if is_end { connection.from } else { connection.to };
        return Line::name(graph.estate.system(from).id.clone())
            .and(" ─")
            .and_strong(connection.kind.id())
            .and("→ ")
            .and_name(state_id(graph, exposed.worst));
    }
    witness_line(graph, exposed.worst, &arcs)
}

/// The path into or out of a state, from its first state on.
pub(in crate::report) fn witness_line(graph: &ExposureGraph<'_>, worst: State, arcs: &[Arc]) -> Line {
    path_line(graph, arcs.first().map_or(worst, |arc| arc.from), arcs)
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

/// That a target stands for no layer, as a sentence.
pub(in crate::report) fn no_layer(target: Target, name: &str) -> Line {
    let bare = |noun: &str| name.strip_prefix(noun).unwrap_or(name).to_owned();
    match target {
        Target::System(_) | Target::State(_) => Line::name(name).and(" has no layer"),
        Target::Party(_) => Line::name(bare("party:")).and(" answers for no layer"),
        Target::Control(_) => Line::words("No layer claims ").and_name(bare("control:")),
        Target::Connection(_) => Line::name(bare("connection:")).and(" leads into no layer"),
        Target::GapKind(_) => Line::words("No layer has a gap of kind ").and_name(bare("gap:")),
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
    if exposure.goals.is_empty() {
        return Page {
            headline: no_layer(exposure.target, target).and(": ").and_strong("there is nothing to expose"),
            sections: vec![systems_section(graph, Vec::new(), rows, |_| Line::default(), "EXPOSES IT")],
            closing: vec![policy_line(graph, semiring)],
            ..Page::default()
        };
    }
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
        sections: vec![systems_section(
            graph,
            others,
            rows,
            |exposed| witness_line(graph, exposed.worst, &exposure.path(exposed.worst)),
            "EXPOSES IT",
        )],
        closing: vec![policy_line(graph, semiring)],
    }
}

fn systems_section(
    graph: &ExposureGraph<'_>,
    mut systems: Vec<&ExposedSystem>,
    rows: Rows,
    path: impl Fn(&ExposedSystem) -> Line,
    exposure: &'static str,
) -> Section {
    let cut = rows.cut(&mut systems, "systems");
    let rows = systems
        .iter()
        .map(|exposed| {
            vec![
                Cell::Interval(Published::of(exposed.exposure)),
                Cell::name(graph.estate.system(exposed.system).id.clone()),
                Cell::words(exposed.worst.layer().id()),
                Cell::Count(u64::from(exposed.hops)),
                Cell::Line(path(exposed)),
            ]
        })
        .collect();
    Section {
        columns: vec![
            Column::interval(exposure),
            Column::text("SYSTEM"),
            Column::text("LAYER"),
            Column::number("HOPS"),
            Column::prose("PATH"),
        ],
        rows,
        notes: cut.into_iter().collect(),
        ..Section::default()
    }
}

fn decimal_of(exposed: &ExposedSystem) -> String {
    crate::report::page::interval(Published::<BasisPoints>::of(exposed.exposure))
}
