//! The page of `owners`.

use super::{count, policy_line};
use crate::analysis::{OwnerScore, Owners};
use crate::catalog::points;
use crate::estate::PartyIx;
use crate::graph::{ExposureGraph, Semiring};
use crate::report::page::{Cell, Column, Line, Page, Rows, Section, sum};

/// Parties up to which the flow between them is shown as a matrix.
const MOST_IN_MATRIX: usize = 6;

/// What of owners is shown.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum OwnersView {
    /// The parties, and the flow between them: as a matrix where they are few, else as a list.
    Page,
    /// Only the flow, as one list.
    Flows,
}

/// What each party generates and suffers, and whose systems suffer what from whose gaps.
pub fn owners(graph: &ExposureGraph<'_>, owners: &Owners, view: OwnersView, rows: Rows) -> Page {
    let flows = flows(owners);
    let sections = match view {
        OwnersView::Flows => vec![list(graph, flows, rows)],
        OwnersView::Page => {
            let told: Vec<&OwnerScore> = owners.parties.iter().filter(|party| is_told(party)).collect();
            let flow = if told.len() <= MOST_IN_MATRIX { matrix(graph, &told) } else { list(graph, flows, rows) };
            vec![parties(graph, owners, rows), flow]
        }
    };
    Page {
        headline: headline(graph, owners),
        remarks: vec![Line::default().and_faint(format!(
            "risk points {} over {}, on the high end",
            sum(points(owners.risk)),
            count(graph.estate.systems().len(), "system", "systems")
        ))],
        sections,
        closing: vec![policy_line(graph, Semiring::Product)],
    }
}

fn headline(graph: &ExposureGraph<'_>, owners: &Owners) -> Line {
    let exported = |party: &OwnerScore| party.generated() - party.own();
    let most = owners.parties.iter().reduce(|most, party| if exported(party) > exported(most) { party } else { most });
    match most.filter(|most| points(exported(most)) > 0) {
        Some(most) => Line::words("Gaps of ").and_line(party_name(graph, most.score.party)).and(" ").and_strong(format!(
            "put {} of {} risk points on systems of others",
            sum(points(exported(most))),
            sum(points(owners.risk))
        )),
        None => Line::words("No party's gaps put risk on systems of others"),
    }
}

fn party_name(graph: &ExposureGraph<'_>, party: Option<PartyIx>) -> Line {
    party.map_or_else(|| Line::words("(nobody)"), |party_ix| Line::name(graph.estate.party(party_ix).id.clone()))
}

/// Whether there is any risk to tell of.
fn is_told(party: &OwnerScore) -> bool {
    points(party.generated()) > 0 || points(party.score.suffered.high) > 0
}

/// The flows that are not 0, largest first, then in order of parties.
fn flows(owners: &Owners) -> Vec<(Option<PartyIx>, Option<PartyIx>, u64)> {
    let of = |party: &OwnerScore| {
        let from = party.score.party;
        party.score.flow.iter().map(|&(to, risk)| (from, to, points(risk))).collect::<Vec<_>>()
    };
    let mut flows: Vec<_> = owners.parties.iter().flat_map(of).filter(|&(_, _, risk)| risk > 0).collect();
    // The parties are in order already, nobody last.
    flows.sort_by_key(|&(_, _, risk)| std::cmp::Reverse(risk));
    flows
}

fn parties(graph: &ExposureGraph<'_>, owners: &Owners, rows: Rows) -> Section {
    let mut parties: Vec<&OwnerScore> =
        owners.parties.iter().filter(|party| rows == Rows::All || party.layers > 0 || is_told(party)).collect();
    parties.sort_by_key(|party| std::cmp::Reverse((points(party.generated()), points(party.score.suffered.high))));
    let cut = rows.cut(&mut parties, "parties");
    let rows = parties
        .iter()
        .map(|party| {
            let (generated, suffered, own) = (party.generated(), party.score.suffered.high, party.own());
            vec![
                Cell::Line(party_name(graph, party.score.party)),
                Cell::Count(party.layers as u64),
                Cell::Count(party.gaps as u64),
                Cell::Points(points(generated)),
                Cell::Points(points(suffered)),
                Cell::Points(points((generated - own).max(0.0))),
                Cell::Points(points((suffered - own).max(0.0))),
            ]
        })
        .collect();
    Section {
        title: Some(Line::words("Parties, by the risk that their gaps generate")),
        columns: vec![
            Column::text("PARTY"),
            Column::number("LAYERS"),
            Column::number("GAPS"),
            Column::number("GENERATED"),
            Column::number("SUFFERED"),
            Column::number("EXPORTED"),
            Column::number("IMPORTED"),
        ],
        rows,
        notes: cut.into_iter().collect(),
        ..Section::default()
    }
}

/// A row for each party that generates, a column for each that suffers; the first row names these.
fn matrix(graph: &ExposureGraph<'_>, told: &[&OwnerScore]) -> Section {
    let to: Vec<Option<PartyIx>> =
        told.iter().filter(|party| points(party.score.suffered.high) > 0).map(|party| party.score.party).collect();
    let names = to.iter().map(|&party| Cell::Line(party_name(graph, party)));
    let mut rows = vec![std::iter::once(Cell::Empty).chain(names).chain([Cell::Empty]).collect::<Vec<_>>()];
    for party in told.iter().filter(|party| points(party.generated()) > 0) {
        let risk = |to: Option<PartyIx>| party.score.flow.iter().filter(|flow| flow.0 == to).map(|flow| flow.1).sum::<f64>();
        let cells = to.iter().map(|&to| Cell::Points(points(risk(to))));
        let name = Cell::Line(party_name(graph, party.score.party));
        rows.push(std::iter::once(name).chain(cells).chain([Cell::Points(points(party.generated()))]).collect());
    }
    let suffered = to.iter().map(|party| {
        let suffering = told.iter().find(|told| told.score.party == *party);
        Cell::Points(suffering.map_or(0, |told| points(told.score.suffered.high)))
    });
    rows.push(std::iter::once(Cell::words("all")).chain(suffered).chain([Cell::Empty]).collect());
    let columns = std::iter::once(Column::text("FROM")).chain(to.iter().map(|_| Column::number("TO"))).chain([Column::number("ALL")]);
    Section {
        title: (!to.is_empty()).then(|| Line::words("Whose gaps put how much risk on whose systems")),
        columns: columns.collect(),
        rows: if to.is_empty() { Vec::new() } else { rows },
        ..Section::default()
    }
}

fn list(graph: &ExposureGraph<'_>, mut flows: Vec<(Option<PartyIx>, Option<PartyIx>, u64)>, rows: Rows) -> Section {
    let is_empty = flows.is_empty();
    let cut = rows.cut(&mut flows, "flows");
    let rows = flows
        .iter()
        .map(|&(from, to, risk)| vec![Cell::Line(party_name(graph, from)), Cell::Line(party_name(graph, to)), Cell::Points(risk)])
        .collect();
    Section {
        title: (!is_empty).then(|| Line::words("Whose gaps put how much risk on whose systems, largest first")),
        columns: vec![Column::text("FROM"), Column::text("TO"), Column::number("RISK")],
        rows,
        notes: cut.into_iter().collect(),
        ..Section::default()
    }
}
