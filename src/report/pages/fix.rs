//! The pages of `fix`: a plan within a budget, or what protects a target.

use super::{count, gap_words, path_line, policy_line};
use crate::analysis::Target;
use crate::analysis::fixes::{Candidate, Fix, Plan, Proof, Protection, Uncut};
use crate::catalog::{BasisPoints, End, points};
use crate::estate::PartyIx;
use crate::graph::{Arc, ExposureGraph, Semiring};
use crate::report::page::{Cell, Column, Line, Page, Rows, Section, decimal, sum};
use std::collections::BTreeMap;

/// Whether fixes are listed as a plan, or as a ticket for each owner.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum FixesBy {
    /// In the order in which to do them.
    Plan,
    /// By who has to act.
    Owner,
}

/// What is done, in words: `close web:os (unowned)`.
pub(in crate::report) fn fix_words(graph: &ExposureGraph<'_>, fix: Fix) -> Line {
    let connection = |connection_ix| graph.estate.connection(connection_ix).id.clone();
    match fix {
        Fix::Close(state) => Line::words("close ").and_line(gap_words(graph, state)),
        Fix::Own(state) => Line::words("settle who owns ").and_line(gap_words(graph, state)),
        Fix::Control(connection_ix, class_ix) => Line::words("put a strong control (")
            .and_name(graph.policy.classes[usize::from(class_ix)].clone())
            .and(") on ")
            .and_name(connection(connection_ix)),
        Fix::Remove(connection_ix) => Line::words("remove ").and_name(connection(connection_ix)),
    }
}

fn who(graph: &ExposureGraph<'_>, actors: &[Option<PartyIx>]) -> Line {
    actors.iter().enumerate().fold(Line::default(), |line, (ix, actor)| {
        let line = if ix == 0 { line } else { line.and(", ") };
        match actor {
            Some(party_ix) => line.and_name(graph.estate.party(*party_ix).id.clone()),
            None => line.and("(nobody)"),
        }
    })
}

/// How much worse than the best a plan can be, in tenths of a percent, rounded up; none where the bound says nothing.
fn within(plan: &Plan) -> Option<u64> {
    (plan.bound > 0.0).then(|| ((plan.residual / plan.bound - 1.0) * 1_000.0).ceil() as u64)
}

/// A plan: what it brings, how near to the best it is, and its fixes.
pub fn plan(graph: &ExposureGraph<'_>, plan: &Plan, by: FixesBy, rows: Rows) -> Page {
    let left = |residual: f64| sum(points(residual));
    let stopped = if plan.is_interrupted { "Stopped early; so far " } else { "" };
    let certificate = match (plan.proof.is_optimal(), within(plan)) {
        (true, _) => "optimal (proved)".to_owned(),
        (false, Some(tenths)) => format!("within {}.{} % of optimal", tenths / 10, tenths % 10),
        (false, None) => "how near to optimal is not known".to_owned(),
    };
    let headline = if plan.base == 0.0 {
        let known = if plan.end == End::Low { "No system is known to be exposed" } else { "No system is exposed" };
        Line::default().and_strong(known).and(": there is nothing to fix")
    } else if plan.steps.is_empty() {
        let words = if stopped.is_empty() { "No fix within a budget of " } else { "Stopped early; so far no fix within a budget of " };
        Line::words(format!("{words}{} lowers the risk: ", plan.budget)).and_strong(certificate)
    } else {
        let risk = match (plan.end, stopped.is_empty()) {
            (End::Low, true) => "Known risk",
            (End::Low, false) => "known risk",
            (End::High, true) => "Risk",
            (End::High, false) => "risk",
        };
        Line::words(format!("{stopped}{risk} points fall from {} to ", left(plan.base)))
            .and_strong(left(plan.residual))
            .and(format!(" with {} at a cost of {} of {}: ", count(plan.steps.len(), "fix", "fixes"), plan.cost, plan.budget))
            .and_strong(certificate)
    };
    let mut before = plan.base;
    let fixes: Vec<(Candidate, f64, f64)> = plan
        .steps
        .iter()
        .map(|step| {
            let taken = (before - step.residual).max(0.0);
            before = step.residual;
            (Candidate { fix: step.fix, cost: step.cost }, taken, step.residual)
        })
        .collect();
    let why = match plan.proof {
        Proof::Search => "proved by a search of all plans within the budget",
        Proof::Bound => "proved by a bound: the paths that any plan must leave or pay for come to as much",
        Proof::Open => "not proved: the paths that any plan must leave or pay for come to less",
    };
    let remark = format!(
        "posture {} → {} of 100 {} · {} to choose from · no plan within the budget leaves less than {} · {why}",
        plan.posture[0],
        plan.posture[1],
        if plan.end == End::Low { "if every unknown turns out well" } else { "in the worst case" },
        count(plan.candidates, "fix", "fixes"),
        left(plan.bound)
    );
    let columns = vec![
        Column::number("STEP"),
        Column::prose("FIX"),
        Column::number("COST"),
        Column::text("WHO"),
        Column::number("TAKES OFF"),
        Column::number("LEFT"),
    ];
    let row = |(ix, (candidate, taken, residual)): (usize, &(Candidate, f64, f64))| {
        vec![
            Cell::Count(ix as u64 + 1),
            Cell::Line(fix_words(graph, candidate.fix)),
            Cell::Count(u64::from(candidate.cost)),
            Cell::Line(who(graph, &candidate.fix.actors(graph))),
            Cell::Points(points(*taken)),
            Cell::Points(points(*residual)),
        ]
    };
    let sections = sections(graph, fixes.iter().enumerate().map(|(ix, fix)| (fix.0, row((ix, fix)))).collect(), &columns, by, rows);
    let mut remarks = vec![Line::default().and_faint(remark)];
    if points(plan.known) < points(plan.base) {
        remarks.push(Line::words(format!(
            "{} of {} risk points are known, the rest is unknown: `--end low` plans for what is known, `weaklink unknowns` ranks the rest",
            left(plan.known),
            left(plan.base)
        )));
    }
    Page { headline, remarks, sections, closing: vec![policy_line(graph, Semiring::Product)] }
}

/// What the fixes of one owner cost, and their rows.
type Ticket = (u64, Vec<Vec<Cell>>);

/// One table, or one for each owner.
fn sections(graph: &ExposureGraph<'_>, fixes: Vec<(Candidate, Vec<Cell>)>, columns: &[Column], by: FixesBy, rows: Rows) -> Vec<Section> {
    if by == FixesBy::Plan {
        let mut fixes: Vec<Vec<Cell>> = fixes.into_iter().map(|(_, row)| row).collect();
        let cut = rows.cut(&mut fixes, "fixes");
        return vec![Section { columns: columns.to_vec(), rows: fixes, notes: cut.into_iter().collect(), ..Section::default() }];
    }
    let mut tickets: BTreeMap<(bool, Option<PartyIx>), Ticket> = BTreeMap::new();
    for (candidate, row) in fixes {
        for actor in candidate.fix.actors(graph) {
            let (cost, rows) = tickets.entry((actor.is_none(), actor)).or_default();
            *cost += u64::from(candidate.cost);
            rows.push(row.clone());
        }
    }
    let tickets = tickets.into_iter().map(|((_, actor), (cost, mut fixes))| {
        let owner = actor.map_or_else(|| "(nobody)".to_owned(), |party_ix| graph.estate.party(party_ix).id.clone());
        let title = Line::name(owner.clone()).and(format!(": {}, cost {cost}", count(fixes.len(), "fix", "fixes")));
        let cut = rows.cut(&mut fixes, "fixes");
        Section {
            title: Some(title),
            key: Some((Column::text("OWNER"), Cell::name(owner))),
            columns: columns.to_vec(),
            rows: fixes,
            notes: cut.into_iter().collect(),
        }
    });
    tickets.collect()
}

/// What protects a target, and the paths that prove that it cannot be had for less.
pub fn protection(
    graph: &ExposureGraph<'_>,
    protection: Result<&Protection, &Uncut>,
    (target, name): (Target, &str),
    threshold: BasisPoints,
    by: FixesBy,
    rows: Rows,
) -> Page {
    let semiring = Semiring::Reach { threshold };
    let arcs = |path: &crate::analysis::fixes::Path| path.arcs.iter().map(|arc| arc.arc()).collect::<Vec<Arc>>();
    let closing = vec![policy_line(graph, semiring)];
    let page = |headline: Line| Page { headline, closing: closing.clone(), ..Page::default() };
    if target.states(graph).is_empty() {
        return page(super::blast::no_layer(target, name).and(": ").and_strong("there is nothing to protect"));
    }
    let found = match protection {
        Ok(found) => found,
        Err(uncut) => {
            let line = path_line(graph, uncut.path.start, &arcs(&uncut.path));
            let headline = Line::name(name)
                .and(" ")
                .and_strong("cannot be protected")
                .and(format!(" at {}: no fix cuts this path", decimal(threshold)));
            let note = Line::words("Exposure comes by ").and_line(line);
            return Page { sections: vec![Section { notes: vec![note], ..Section::default() }], ..page(headline) };
        }
    };
    if found.fixes.is_empty() {
        let what = if found.is_interrupted { "Stopped early, before a way to protect it was found" } else { "Nothing to do" };
        return page(
            Line::default().and_strong(what).and(": nothing reaches ").and_name(name).and(format!(" at {} or above", decimal(threshold))),
        );
    }
    let certificate =
        if found.bound == found.cost { "optimal (proved)".to_owned() } else { format!("no set costs less than {}", found.bound) };
    let headline = Line::words(if found.is_interrupted { "Stopped early; so far " } else { "" })
        .and_name(name)
        .and(format!(" is protected at {} by ", decimal(threshold)))
        .and_strong(count(found.fixes.len(), "fix", "fixes"))
        .and(format!(" at a cost of {}: ", found.cost))
        .and_strong(certificate);
    let columns = vec![Column::prose("FIX"), Column::number("COST"), Column::text("WHO")];
    let row = |candidate: &Candidate| {
        vec![
            Cell::Line(fix_words(graph, candidate.fix)),
            Cell::Count(u64::from(candidate.cost)),
            Cell::Line(who(graph, &candidate.fix.actors(graph))),
        ]
    };
    let mut sections = sections(graph, found.fixes.iter().map(|candidate| (*candidate, row(candidate))).collect(), &columns, by, rows);
    let mut paths: Vec<Vec<Cell>> =
        found.paths.iter().map(|(path, units)| vec![Cell::Count(*units), Cell::Line(path_line(graph, path.start, &arcs(path)))]).collect();
    let cut = rows.cut(&mut paths, "paths");
    let title = if found.is_searched {
        "Paths that share no fix; that it costs no less, a search of all sets has proved"
    } else {
        "Paths that share no fix, and have to be cut one by one: it costs no less"
    };
    sections.push(Section {
        title: Some(Line::words(title)),
        key: Some((Column::text("OWNER"), Cell::Empty)),
        columns: vec![Column::number("COST"), Column::prose("PATH")],
        rows: paths,
        notes: cut.into_iter().collect(),
    });
    Page { sections, ..page(headline) }
}
