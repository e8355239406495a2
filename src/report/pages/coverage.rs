//! The pages of `matrix` and `gaps`.

use super::{count, facts_line, layer_span, place};
use crate::catalog::{BasisPoints, Cell as MatrixCell, GapKind, Layer, Published, Side};
use crate::coverage::LayerCoverage;
use crate::estate::{Owner, SystemIx};
use crate::graph::{ExposureGraph, State};
use crate::report::owners;
use crate::report::page::{Cell, Column, Line, Page, Rows, Section};
use crate::source::Source;

/// The responsibility ladder of systems, data on top as the model is drawn.
pub fn matrix(graph: &ExposureGraph<'_>, systems: &[SystemIx], rows: Rows) -> Page {
    let mut shown = systems.to_vec();
    let cut = rows.cut(&mut shown, "systems");
    let asked: std::collections::BTreeSet<SystemIx> = systems.iter().copied().collect();
    let gaps = graph.coverage.gaps().filter(|(system_ix, ..)| asked.contains(system_ix)).count();
    let mut page = Page {
        headline: Line::default()
            .and_strong(count(gaps, "gap", "gaps"))
            .and(" in ")
            .and(count(systems.len(), "system", "systems"))
            .and(": who claims each layer, who the responsibility matrix expects, and what is in place"),
        ..Page::default()
    };
    page.sections = shown.iter().map(|&system_ix| ladder(graph, system_ix)).collect();
    page.closing = cut.into_iter().chain([facts_line(graph)]).collect();
    page
}

fn ladder(graph: &ExposureGraph<'_>, system_ix: SystemIx) -> Section {
    let system = graph.estate.system(system_ix);
    let mut title = Line::name(system.id.clone());
    if let Some(name) = &system.name {
        title = title.and("  ").and_free(name.clone());
    }
    title = match system.service {
        Some(service) => title.and(format!(" · {} ({})", service.id, system.model)),
        None => title.and(format!(" · {}", system.model)),
    };
    title = match &system.provider {
        Some(provider) => title.and(" · provider ").and_name(provider.clone()),
        None => title,
    };
    title = match system.owner {
        Some(party_ix) => title.and(" · owner ").and_name(graph.estate.party(party_ix).id.clone()),
        None => title.and(" · no owner"),
    };
    title = title.and(match system.facing {
        Some(facing) => format!(" · facing {facing}"),
        None => " · facing unknown".to_owned(),
    });
    let rows = Layer::ALL
        .iter()
        .rev()
        .filter_map(|&layer| graph.coverage.layer(system_ix, layer).map(|coverage| rung(graph, system_ix, layer, &coverage)))
        .collect();
    Section {
        title: Some(title),
        key: Some((Column::text("SYSTEM"), Cell::name(system.id.clone()))),
        columns: vec![
            Column::text("LAYER"),
            Column::text("CLAIMED"),
            Column::text("EXPECTED"),
            Column::interval("CONTROL"),
            Column::interval("COVERAGE"),
            Column::text("GAP"),
            Column::prose("BECAUSE"),
        ],
        rows,
        notes: Vec::new(),
    }
}

fn rung(graph: &ExposureGraph<'_>, system_ix: SystemIx, layer: Layer, coverage: &LayerCoverage) -> Vec<Cell> {
    vec![
        Cell::words(layer.id()),
        Cell::name(owners::shown(graph.estate, system_ix, coverage)),
        Cell::words(coverage.cell.id()),
        Cell::Interval(Published::of(coverage.control)),
        Cell::Interval(Published::of(coverage.coverage)),
        coverage.gap.map_or(Cell::Empty, |kind| Cell::Line(Line::default().and_strong(kind.id()))),
        coverage.gap.map_or(Cell::Empty, |kind| Cell::Line(because(graph, system_ix, layer, kind, coverage))),
    ]
}

/// The coverage gaps, worst first; with `sources` also the file and line of each claim.
pub fn gaps(graph: &ExposureGraph<'_>, sources: Option<&[Source]>, rows: Rows) -> Page {
    let mut gaps: Vec<_> = graph.coverage.gaps().collect();
    let systems: std::collections::BTreeSet<SystemIx> = gaps.iter().map(|&(system_ix, ..)| system_ix).collect();
    let layers = graph.coverage.layers().count();
    gaps.sort_by_key(|&(system_ix, layer, _, coverage)| {
        let severity = Published::<BasisPoints>::of(coverage.severity);
        (std::cmp::Reverse(severity.high), std::cmp::Reverse(severity.low), system_ix, layer)
    });
    let mut headline = Line::default()
        .and_strong(match gaps.len() {
            0 => "No coverage gap".to_owned(),
            found => count(found, "coverage gap", "coverage gaps"),
        })
        .and(match systems.len() {
            0 => format!(" in {}", count(graph.estate.systems().len(), "system", "systems")),
            with => format!(" in {with} of {}", count(graph.estate.systems().len(), "system", "systems")),
        })
        .and(format!(", {}", count(layers, "layer in all", "layers in all")));
    if let Some(&(system_ix, layer, kind, _)) = gaps.first() {
        headline = headline.and("; worst ").and_name(format!("{}:{layer}", graph.estate.system(system_ix).id)).and(format!(" ({kind})"));
    }
    let mut by_kind: Vec<(GapKind, usize)> = GapKind::ALL
        .iter()
        .map(|&kind| (kind, gaps.iter().filter(|&&(_, _, of, _)| of == kind).count()))
        .filter(|&(_, found)| found > 0)
        .collect();
    by_kind.sort_by_key(|&(kind, found)| (std::cmp::Reverse(found), kind));
    let kinds: Vec<String> = by_kind.iter().map(|(kind, found)| format!("{found} {kind}")).collect();
    let cut = rows.cut(&mut gaps, "gaps");
    let rows = gaps
        .iter()
        .map(|&(system_ix, layer, kind, coverage)| {
            let mut row = vec![
                Cell::Interval(Published::of(coverage.severity)),
                Cell::name(format!("{}:{layer}", graph.estate.system(system_ix).id)),
                Cell::Line(Line::default().and_strong(kind.id())),
                Cell::Line(because(graph, system_ix, layer, kind, &coverage)),
            ];
            row.extend(sources.map(|sources| Cell::name(place(sources, layer_span(graph, State::new(system_ix, layer))))));
            row
        })
        .collect();
    let mut columns = vec![Column::interval("SEVERITY"), Column::text("LAYER"), Column::text("KIND"), Column::prose("BECAUSE")];
    columns.extend(sources.map(|_| Column::text("WHERE")));
    Page {
        headline,
        remarks: if kinds.is_empty() { vec![] } else { vec![Line::default().and_faint(kinds.join(" · "))] },
        sections: vec![Section { columns, rows, notes: cut.into_iter().collect(), ..Section::default() }],
        closing: vec![Line::default().and_faint("weaklink explain KIND says what a kind means and what to do about it"), facts_line(graph)],
    }
}

/// Why a layer is a gap, in one line.
pub(in crate::report) fn because(
    graph: &ExposureGraph<'_>,
    system_ix: SystemIx,
    layer: Layer,
    kind: GapKind,
    coverage: &LayerCoverage,
) -> Line {
    let system = graph.estate.system(system_ix);
    let claim = system.layer(layer).claim.as_deref();
    let owner = || owners::shown(graph.estate, system_ix, coverage);
    let is_named =
        owners::single(graph.estate, system_ix, coverage).is_some() || owners::split(graph.estate, system_ix, coverage).is_some();
    let by_owner = |words: &str| if is_named { Line::name(owner()).and(format!(": {words}")) } else { Line::words(words) };
    let line = match kind {
        GapKind::Unowned => Line::words("said to be nobody's"),
        GapKind::Contradicted => match coverage.cell {
            MatrixCell::Provider if claim.is_some_and(|claim| claim.stated.owner == Some(Owner::Nobody)) => {
                Line::words("said to be nobody's, the matrix says provider")
            }
            cell => Line::name(owner()).and(format!(" is said to do it, the matrix says {cell}")),
        },
        GapKind::Unsplit => {
            let half = claim.map(|claim| (claim.customer.is_some(), claim.provider.is_some()));
            Line::words(match half {
                Some((true, true)) => "shared, and a half of the split is owned by the wrong side",
                Some((true, false)) => "shared, and the provider's half is not written down",
                Some((false, true)) => "shared, and the customer's half is not written down",
                _ => "shared, and the split is not written down",
            })
        }
        GapKind::Double => Line::name(owner()).and(" claims it, and so does the provider"),
        GapKind::Undetermined => {
            let mut settings: Vec<&str> =
                system.service.map(|service| service.settings_of(layer)).unwrap_or_default().iter().map(|&(name, _)| name).collect();
            settings.dedup();
            Line::words(format!("the owner depends on {}, not stated", settings.join(" or ")))
        }
        GapKind::Unclaimed => Line::words("nobody is said to own it"),
        GapKind::Missing => by_owner("no control is in place"),
        GapKind::Stale => by_owner("the evidence is too old"),
        GapKind::Partial => by_owner("controls are in place in part"),
        GapKind::Unattested => by_owner("no attestation of the provider's controls"),
        GapKind::Unknown => by_owner("controls unknown"),
    };
    let line = match (kind, coverage.weaker_half) {
        (GapKind::Missing | GapKind::Stale | GapKind::Partial | GapKind::Unattested | GapKind::Unknown, Some(Side::Customer)) => {
            line.and(" (customer's half)")
        }
        (GapKind::Missing | GapKind::Stale | GapKind::Partial | GapKind::Unattested | GapKind::Unknown, Some(Side::Provider)) => {
            line.and(" (provider's half)")
        }
        _ => line,
    };
    match claim.and_then(|claim| claim.note.clone()) {
        Some(note) => line.and(": ").and_free(note),
        None => line,
    }
}
