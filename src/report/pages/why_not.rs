//! The page of `why-not`.

use super::{count, names, path_line, policy_line, state_id};
use crate::analysis::{Answer, Held, LetGoAlone, WhyNot};
use crate::catalog::BasisPoints;
use crate::estate::SystemIx;
use crate::graph::{ExposureGraph, Hold, Semiring, TransferRule};
use crate::report::page::{Cell, Column, Line, Page, Rows, Section, decimal};

/// The word for what holds.
pub(in crate::report) const fn hold_kind(hold: Hold) -> &'static str {
    match hold {
        Hold::Layer(_) => "coverage",
        Hold::Control(..) => "control",
        Hold::Boundary(_) => "boundary",
        Hold::Rule(_) => "profile",
        Hold::Copy(_) => "copy",
    }
}

/// Why one thing does not expose another, each given with the name it was asked by.
pub fn why_not(graph: &ExposureGraph<'_>, found: &WhyNot, [from, to]: [&str; 2], rows: Rows) -> Page {
    let exposure = BasisPoints::of(found.exposure);
    let threshold = decimal(found.threshold);
    let mut page = Page {
        headline: Line::name(from).and(" does not expose ").and_name(to).and(format!(" at {threshold} and above")),
        remarks: vec![Line::default().and_faint(if exposure.0 == 0 {
            "as it is, nothing gets there".to_owned()
        } else {
            format!("as it is, {} gets there", decimal(exposure))
        })],
        ..Page::default()
    };
    match &found.answer {
        Answer::Exposed(start, path) => {
            page.headline = Line::name(from)
                .and(" does expose ")
                .and_name(to)
                .and(" ")
                .and_strong(decimal(exposure))
                .and(format!(": nothing holds it below {threshold}"));
            page.remarks.clear();
            page.sections.push(section(graph, Vec::new(), ("load-bearing", ""), rows));
            page.closing.push(Line::words("Path: ").and_line(path_line(graph, *start, path)));
            page.closing.push(Line::words("`weaklink why` shows it with every factor"));
        }
        Answer::Held(held) => hold(graph, &mut page, held, rows),
        Answer::TooFar(start, path, unheld) => {
            page.headline = page.headline.and(": ").and_strong("it is too far away");
            page.sections.push(section(graph, Vec::new(), ("load-bearing", ""), rows));
            page.closing.push(
                Line::words(format!("Without anything that holds, {} would get there: ", decimal(BasisPoints::of(*unheld))))
                    .and_line(path_line(graph, *start, path)),
            );
        }
        Answer::NoWay { reached, reaching } => {
            page.headline = page.headline.and(": ").and_strong("no connection leads there");
            let ids = |systems: &[SystemIx]| systems.iter().map(|&ix| graph.estate.system(ix).id.clone()).collect::<Vec<_>>();
            page.sections.push(section(graph, Vec::new(), ("load-bearing", ""), rows));
            let nothing = || Line::words("Whatever is let go, nothing else leads ");
            page.closing.push(match &reached[..] {
                [] => Line::words("Whatever is let go, ").and_name(from).and(" leads into no other system"),
                _ => Line::words("Whatever is let go, ").and_name(from).and_line(names(" leads only into ", ids(reached).into_iter(), 12)),
            });
            page.closing.push(match &reaching[..] {
                [] => nothing().and("into ").and_name(to),
                _ => nothing().and("into ").and_name(to).and_line(names(" but ", ids(reaching).into_iter(), 12)),
            });
        }
    }
    page.closing.push(policy_line(graph, Semiring::Product));
    page
}

fn hold(graph: &ExposureGraph<'_>, page: &mut Page, held: &Held, rows: Rows) {
    let headline = std::mem::take(&mut page.headline);
    page.headline = match (&held.load_bearing[..], &held.together) {
        ([one], _) => headline.and(": ").and_line(hold_words(graph, one.hold)).and(" ").and_strong("alone holds it"),
        ([_, _, ..], _) => {
            headline.and(": ").and_strong(format!("{} are load-bearing, each alone", count(held.load_bearing.len(), "thing", "things")))
        }
        ([], Some((set, _))) => headline.and(": ").and_strong(format!("{} hold it together", count(set.len(), "thing", "things"))),
        ([], None) => headline,
    };
    if let Some((set, exposure)) = &held.together {
        let together: Vec<LetGoAlone> = set.iter().map(|&hold| LetGoAlone { hold, exposure: *exposure }).collect();
        let title = "No single thing is load-bearing; one smallest set on the best path, let go together";
        page.sections.push(section(graph, together, ("together", title), rows));
    } else {
        page.sections.push(section(graph, held.load_bearing.clone(), ("load-bearing", "Load-bearing: each let go alone exposes it"), rows));
    }
    if !held.beside.is_empty() {
        let title = "On the best path, each alone not enough";
        page.sections.push(section(graph, held.beside.clone(), ("beside", title), rows));
    }
    if held.untried > 0 {
        page.closing.push(Line::words(format!("{} less promising were not let go", count(held.untried, "thing", "things"))));
    }
    page.closing.push(
        Line::words(format!("If nothing held anywhere, {} would get there: ", decimal(BasisPoints::of(held.unheld))))
            .and_line(path_line(graph, held.start, &held.path)),
    );
}

fn section(graph: &ExposureGraph<'_>, mut list: Vec<LetGoAlone>, (how, title): (&'static str, &str), rows: Rows) -> Section {
    let is_empty = list.is_empty();
    let cut = rows.cut(&mut list, "holds");
    let rows = list
        .iter()
        .map(|alone| {
            vec![
                Cell::Value(BasisPoints::of(alone.exposure)),
                Cell::Line(hold_name(graph, alone.hold)),
                Cell::words(hold_kind(alone.hold)),
                Cell::Line(because(graph, alone.hold)),
            ]
        })
        .collect();
    Section {
        title: (!is_empty).then(|| Line::words(title)),
        key: Some((Column::text("HOLDS"), Cell::words(how))),
        columns: vec![Column::number("WITHOUT IT"), Column::text("HELD BY"), Column::text("KIND"), Column::prose("BECAUSE")],
        rows,
        notes: cut.into_iter().collect(),
    }
}

/// What a hold is called.
fn hold_name(graph: &ExposureGraph<'_>, hold: Hold) -> Line {
    match hold {
        Hold::Layer(state) => Line::name(state_id(graph, state)),
        Hold::Control(connection_ix, _) | Hold::Copy(connection_ix) => Line::name(graph.estate.connection(connection_ix).id.clone()),
        Hold::Boundary(arc) => path_line(graph, arc.from, &[arc]),
        Hold::Rule(rule) => match graph.rule(rule) {
            TransferRule::Climb(rule) => Line::name(rule.from.id()).and(" → ").and_name(rule.to.id()),
            TransferRule::Cross(rule) => Line::name(rule.kind.id()),
        },
    }
}

/// A hold within a sentence.
fn hold_words(graph: &ExposureGraph<'_>, hold: Hold) -> Line {
    let of = match hold {
        Hold::Layer(_) => "the coverage of ",
        Hold::Control(connection_ix, control) => {
            let control = &graph.estate.connection(connection_ix).controls[control];
            return Line::words("the ").and_name(control.class.clone()).and(" of ").and_line(hold_name(graph, hold));
        }
        Hold::Boundary(_) => "the ownership boundary at ",
        Hold::Rule(_) => "the profile that is off of ",
        Hold::Copy(_) => "that no copy is kept of ",
    };
    Line::words(of).and_line(hold_name(graph, hold))
}

fn because(graph: &ExposureGraph<'_>, hold: Hold) -> Line {
    match hold {
        Hold::Layer(state) => match graph.coverage.layer(state.system(), state.layer()) {
            Some(coverage) if coverage.coverage.low >= 1.0 => Line::words("covered"),
            _ => Line::words("covered in part"),
        },
        Hold::Control(connection_ix, control) => {
            let control = &graph.estate.connection(connection_ix).controls[control];
            Line::name(control.class.clone()).and(format!(", {}, {}", control.strength, control.status))
        }
        Hold::Boundary(arc) => {
            Line::words("what the customer runs does not get into what the provider runs: ").and_free(graph.rule(arc.rule).why())
        }
        Hold::Rule(rule) => match graph.rule(rule) {
            TransferRule::Climb(climb) => Line::words(format!("profile {} is off: ", climb.profile.id())).and_free(climb.why.clone()),
            TransferRule::Cross(cross) => Line::default().and_free(cross.why.clone()),
        },
        Hold::Copy(_) => Line::words("who is fed keeps no copy"),
    }
}
