//! The page of `percolate`.

use super::blast::{failure, no_layer};
use super::{names, policy_words};
use crate::analysis::{Failing, Method, Percolation, ProbableSystem};
use crate::catalog::{BasisPoints, Published};
use crate::estate::SystemIx;
use crate::graph::ExposureGraph;
use crate::report::page::{Cell, Column, Line, Page, Rows, Section, decimal, interval};

/// How probable it is that systems are exposed, worst first, each with what bounds its figure.
pub fn percolation(graph: &ExposureGraph<'_>, percolation: &Percolation, target: &str, rows: Rows) -> Page {
    let mut closing = Vec::new();
    let id = |system_ix: SystemIx| graph.estate.system(system_ix).id.clone();
    if !percolation.below.is_empty() {
        closing.push(names(&format!("Below {}: ", decimal(percolation.threshold)), percolation.below.iter().copied().map(id), 12));
    }
    closing.push(policy_words(graph, Some("percolation")));
    if percolation.origins.is_empty() {
        let nothing = match percolation.failing {
            Failing::Target(failing) => no_layer(failing, target).and(": ").and_strong("nothing fails, nothing is exposed"),
            Failing::Gaps => Line::words("The estate has no gap: ").and_strong("nothing is exposed"),
        };
        return Page { headline: nothing, remarks: vec![], sections: vec![systems(graph, percolation, Vec::new(), rows)], closing };
    }
    let listed = percolation.worst_first();
    Page {
        headline: headline(graph, percolation, target, &listed),
        remarks: vec![Line::default().and_faint(method(percolation))],
        sections: vec![systems(graph, percolation, listed, rows)],
        closing,
    }
}

/// What fails, and how many systems that exposes how probably.
fn headline(graph: &ExposureGraph<'_>, percolation: &Percolation, target: &str, listed: &[&ProbableSystem]) -> Line {
    let failing = graph.estate.system_ixs().filter(|&system_ix| percolation.is_origin(system_ix)).count();
    let (all, other) = (graph.estate.systems().len() - failing, if failing > 0 { "other " } else { "" });
    let cause = match percolation.failing {
        Failing::Target(failing) => Line::words("If ").and_line(failure(failing, target)).and(", "),
        Failing::Gaps => Line::words("From the gaps of the estate, "),
    };
    let (count, verb) = match listed.len() {
        0 => (format!("no {other}system"), "is"),
        1 if all == 1 => (format!("the only {other}system"), "is"),
        1 => (format!("1 of {all} {other}systems"), "is"),
        many => (format!("{many} of {all} {other}systems"), "are"),
    };
    let how = match percolation.threshold.0 {
        0 => String::new(),
        _ => format!(" with a probability of {} or more", decimal(percolation.threshold)),
    };
    let verb = if how.is_empty() && !listed.is_empty() { "may be" } else { verb };
    let headline = cause.and_strong(format!("{count} {verb} exposed")).and(how);
    match listed.first() {
        Some(worst) => headline
            .and(", above all ")
            .and_name(graph.estate.system(worst.system).id.clone())
            .and(format!(" {}", interval(Published::<BasisPoints>::of(worst.probability)))),
        None => headline,
    }
}

/// How the figures were found, and what that is worth.
fn method(percolation: &Percolation) -> String {
    match percolation.method {
        Method::Exact { outcomes: 0 } => "exact, nothing is left to chance".to_owned(),
        Method::Exact { outcomes } => format!("exact, {} told apart", super::count(outcomes, "outcome", "outcomes")),
        Method::Sampled { worlds, seed, error } => {
            let error = (error * 100.0).ceil() as u64;
            let error = if error >= 100 { "1.00".to_owned() } else { format!(".{error:02}") };
            let worlds = super::count(worlds as usize, "world", "worlds");
            format!("sampled in {worlds}, seed {seed}: every figure within {error}, all at once with a confidence of 99.9 %")
        }
    }
}

fn systems(graph: &ExposureGraph<'_>, percolation: &Percolation, mut systems: Vec<&ProbableSystem>, rows: Rows) -> Section {
    let cut = rows.cut(&mut systems, "systems");
    let bounded = systems.iter().filter(|system| system.bounds.is_some()).count();
    let unbounded = (bounded < systems.len()).then(|| Line::default().and_faint(format!("bounds are computed for the first {bounded}")));
    let row = |system: &&ProbableSystem| {
        vec![
            Cell::Interval(Published::of(system.probability)),
            Cell::name(graph.estate.system(system.system).id.clone()),
            Cell::Interval(percolation.confidence(system)),
            Cell::Interval(Published::of(system.path)),
            system.bounds.map_or(Cell::Empty, |bounds| Cell::Interval(Published::around(bounds))),
        ]
    };
    Section {
        columns: vec![
            Column::interval("PROBABILITY"),
            Column::text("SYSTEM"),
            Column::interval("CONFIDENCE"),
            Column::interval("BEST PATH"),
            Column::interval("BOUNDS"),
        ],
        rows: systems.iter().map(row).collect(),
        notes: cut.into_iter().chain(unbounded).collect(),
        ..Section::default()
    }
}
