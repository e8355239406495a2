//! The page of `verify`.

use super::{count, facts_line, state_id};
use crate::analysis::verify::{Flaw, Verdict};
use crate::catalog::BasisPoints;
use crate::graph::ExposureGraph;
use crate::report::page::{Cell, Column, Line, Page, Rows, Section, decimal, sum};

/// Why a claim does not hold, or what of it was not checked; nothing where it holds.
pub(in crate::report) fn verdict_words(graph: &ExposureGraph<'_>, verdict: &Verdict) -> Option<Line> {
    let flaw = match verdict {
        Verdict::Holds => return None,
        Verdict::HoldsUnsearched => {
            return Some(Line::words("holds; that nothing is better was found by a search, which was not repeated"));
        }
        Verdict::Fails(flaw) => flaw,
    };
    Some(match flaw {
        Flaw::NoSuchStep { from, to } => {
            Line::words("no such step leads from ").and_name(state_id(graph, *from)).and(" to ").and_name(state_id(graph, *to))
        }
        Flaw::WrongEnd => Line::words("a path starts or ends elsewhere, or a step of it is below the threshold"),
        Flaw::Figure { what: what @ "exposure", claimed, found } => {
            let shown = |value: u64| decimal(BasisPoints(value.min(10_000) as u16));
            Line::words(format!("the {what} is {}, not {}", shown(*found), shown(*claimed)))
        }
        Flaw::Figure { what: what @ "cost", claimed, found } => Line::words(format!("the {what} is {found}, not {claimed}")),
        Flaw::Figure { what, claimed, found } => Line::words(format!("the risk ({what}) is {}, not {}", sum(*found), sum(*claimed))),
        Flaw::NoSuchFix => Line::words("a fix is none of the model's, or has another cost"),
        Flaw::OverBudget => Line::words("the fixes cost more than the budget"),
        Flaw::StillReached => Line::words("the target is still reached"),
        Flaw::UnsoundBound => Line::words("the paths do not prove the bound"),
        Flaw::Better => Line::words("another plan within the budget leaves less"),
    })
}

/// What became of every claim; those that do not hold first.
pub fn verify(graph: &ExposureGraph<'_>, verdicts: &[(String, Verdict)], rows: Rows) -> Page {
    let fails = verdicts.iter().filter(|(_, verdict)| matches!(verdict, Verdict::Fails(_))).count();
    let headline = match (verdicts.len(), fails) {
        (0, _) => Line::words("The result claims nothing that could be checked"),
        (all, 0) => Line::default().and_strong("Verified").and(format!(": {} on this model", count(all, "claim holds", "claims hold"))),
        (all, fails) => Line::default()
            .and_strong("Refuted")
            .and(format!(": {fails} of {} on this model", count(all, "claim does not hold", "claims do not hold"))),
    };
    let mut told: Vec<(&String, Line, bool)> = verdicts
        .iter()
        .filter_map(|(about, verdict)| verdict_words(graph, verdict).map(|line| (about, line, matches!(verdict, Verdict::Fails(_)))))
        .collect();
    told.sort_by_key(|(.., fails)| !fails);
    let cut = rows.cut(&mut told, "claims");
    let section = Section {
        columns: vec![Column::text("CLAIM"), Column::prose("WHY")],
        rows: told.into_iter().map(|(about, line, _)| vec![Cell::name(about.clone()), Cell::Line(line)]).collect(),
        notes: cut.into_iter().collect(),
        ..Section::default()
    };
    Page { headline, sections: vec![section], closing: vec![facts_line(graph)], ..Page::default() }
}
