//! The page of `score`.

use super::{count, policy_line, state_id};
use crate::analysis::{Attribution, GapScore, Score, SystemPosture};
use crate::catalog::{Published, points};
use crate::graph::{ExposureGraph, Semiring};
use crate::report::page::{Cell, Column, Line, Page, Rows, Section, band, interval, sums};

/// The tables of a score.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum ScoreTable {
    /// The systems by risk.
    Systems,
    /// The gaps by their share.
    Gaps,
    /// The parties.
    Parties,
}

/// Posture first, then the systems by risk, the gaps by their share, and the parties; or only the table asked for.
pub fn score(graph: &ExposureGraph<'_>, score: &Score<'_>, table: Option<ScoreTable>, rows: Rows) -> Page {
    let mut systems: Vec<&SystemPosture> = score.posture.systems.iter().collect();
    systems.sort_by(|left, right| left.worse_first(right));
    let posture = score.posture.posture;
    let mut headline = Line::words("Posture ").and_strong(if posture.low == posture.high {
        format!("{} of 100", posture.high)
    } else {
        format!("{} to {} of 100", posture.low, posture.high)
    });
    if let Some(weakest) = systems.first().filter(|weakest| weakest.risk.high > 0.0) {
        let risk = Published::of(weakest.risk);
        headline = headline.and(": the weakest link is ").and_name(graph.estate.system(weakest.system).id.clone()).and(format!(
            ", risk {} ({})",
            interval(risk),
            band(risk.high)
        ));
    }
    let total = score.posture.risk_points;
    let total = Published { low: points(total.low), high: points(total.high) };
    let remark = format!(
        "risk points {} over {}; {}",
        sums(total),
        count(systems.len(), "system", "systems"),
        count(score.gaps.len(), "gap", "gaps")
    );
    let sections = match table {
        Some(ScoreTable::Systems) => vec![systems_section(graph, score, systems, rows)],
        Some(ScoreTable::Gaps) => vec![gaps_section(graph, score, rows)],
        Some(ScoreTable::Parties) => vec![parties_section(graph, score, rows)],
        None => {
            let mut sections = vec![systems_section(graph, score, systems, rows)];
            if !score.gaps.is_empty() {
                sections.push(gaps_section(graph, score, rows));
            }
            if score.parties.iter().any(|party| party.party.is_some()) {
                sections.push(parties_section(graph, score, rows));
            }
            sections
        }
    };
    let mut closing = Vec::new();
    match score.attribution {
        Attribution::Full => {}
        Attribution::Shown(_) => closing.push(Line::words(
            "Impact, downstream and blast radius are those of the rows above; --all computes them of every row, and shares, which is quadratic in the estate",
        )),
        Attribution::Omitted => closing.push(Line::words(
            "Impact, downstream, share and blast radius are quadratic in the estate; --attribution computes them, as far as they can be, of the rows above",
        )),
    }
    closing.push(policy_line(graph, Semiring::Product));
    Page { headline, remarks: vec![Line::default().and_faint(remark)], sections, closing }
}

fn systems_section(graph: &ExposureGraph<'_>, score: &Score<'_>, mut systems: Vec<&SystemPosture>, rows: Rows) -> Section {
    let cut = rows.cut(&mut systems, "systems");
    let rows = systems
        .iter()
        .map(|system| {
            let origin = score.posture.witness().origin(system.worst);
            let because = if system.exposure.high == 0.0 {
                Line::words("not exposed")
            } else if origin.system() == system.system {
                Line::words("own gap, ").and_name(origin.layer().id())
            } else {
                Line::words("from ").and_name(state_id(graph, origin))
            };
            vec![
                Cell::Interval(Published::of(system.risk)),
                Cell::name(graph.estate.system(system.system).id.clone()),
                Cell::Interval(Published::of(system.exposure)),
                Cell::Interval(Published::of(system.own)),
                Cell::Interval(Published::of(system.inherited)),
                match score.impacts.get(&system.system) {
                    Some(impact) => Cell::Sums(Published { low: points(impact.low), high: points(impact.high) }),
                    None => Cell::Empty,
                },
                Cell::Line(because),
            ]
        })
        .collect();
    Section {
        title: Some(Line::words("Systems, by risk")),
        columns: vec![
            Column::interval("RISK"),
            Column::text("SYSTEM"),
            Column::interval("EXPOSURE"),
            Column::interval("OWN"),
            Column::interval("INHERITED"),
            Column::interval("IMPACT"),
            Column::prose("BECAUSE"),
        ],
        rows,
        notes: cut.into_iter().collect(),
        ..Section::default()
    }
}

fn gaps_section(graph: &ExposureGraph<'_>, score: &Score<'_>, rows: Rows) -> Section {
    let mut gaps: Vec<&GapScore> = score.gaps.iter().collect();
    gaps.sort_by(|left, right| left.worse_first(right));
    let cut = rows.cut(&mut gaps, "gaps");
    let rows = gaps
        .iter()
        .map(|gap| {
            let reach = |figure: fn(&crate::analysis::GapReach) -> Cell| gap.reach.as_ref().map_or(Cell::Empty, figure);
            vec![
                reach(|reach| reach.share.map_or(Cell::Empty, |share| Cell::Points(points(share)))),
                Cell::Points(points(gap.marginal)),
                reach(|reach| Cell::Points(points(reach.downstream))),
                Cell::name(state_id(graph, gap.state)),
                Cell::words(gap.kind.id()),
                Cell::Interval(Published::of(gap.severity)),
                reach(|reach| Cell::Count(reach.systems as u64)),
            ]
        })
        .collect();
    Section {
        title: Some(Line::words(if score.attribution == Attribution::Full {
            "Gaps, by their share of the risk"
        } else {
            "Gaps, by what closing each alone would remove"
        })),
        columns: vec![
            Column::number("SHARE"),
            Column::number("MARGINAL"),
            Column::number("DOWNSTREAM"),
            Column::text("GAP"),
            Column::text("KIND"),
            Column::interval("SEVERITY"),
            Column::number("BLAST"),
        ],
        rows,
        notes: cut.into_iter().collect(),
        ..Section::default()
    }
}

fn parties_section(graph: &ExposureGraph<'_>, score: &Score<'_>, rows: Rows) -> Section {
    // On a page, parties without any risk would only hide the others.
    let is_told =
        |suffered: f64, generated: Option<f64>| rows == Rows::All || suffered > 0.0 || generated.is_some_and(|generated| generated > 0.0);
    let rows = score
        .parties
        .iter()
        .filter(|party| is_told(party.suffered.high, party.generated))
        .map(|party| {
            vec![
                party.party.map_or_else(|| Cell::words("(nobody)"), |party_ix| Cell::name(graph.estate.party(party_ix).id.clone())),
                party.generated.map_or(Cell::Empty, |generated| Cell::Points(points(generated))),
                Cell::Points(points(party.suffered.high)),
            ]
        })
        .collect();
    Section {
        title: Some(Line::words("Parties: risk that their gaps generate, and that their systems suffer")),
        columns: vec![Column::text("PARTY"), Column::number("GENERATED"), Column::number("SUFFERED")],
        rows,
        ..Section::default()
    }
}
