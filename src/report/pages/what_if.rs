//! The pages of `what-if`: a model before and after edits.

use super::{count, path_line, policy_line};
use crate::analysis::{BlastDifference, Change, Difference, SystemDifference};
use crate::catalog::{BasisPoints, Interval, Published, points};
use crate::estate::SystemIx;
use crate::graph::{ExposureGraph, Semiring};
use crate::report::page::{Cell, Column, Line, Page, Rows, Section, decimal, sums};

/// What edits change in the score.
pub fn what_if(difference: &Difference<'_>, edits: &[String], remarks: &[String], rows: Rows) -> Page {
    let (base, head) = (&difference.base_posture, &difference.head_posture);
    let risk = |sum: Interval| sums(Published { low: points(sum.low), high: points(sum.high) });
    let posture = |posture: Published<u8>| {
        if posture.low == posture.high { posture.high.to_string() } else { format!("{}–{}", posture.low, posture.high) }
    };
    let changed: Vec<&SystemDifference> =
        difference.systems.iter().filter(|system| system.change != Change::Same || moves(system)).collect();
    let headline = if changed.is_empty() && base.posture == head.posture {
        Line::words("Nothing changes: posture ").and_strong(posture(head.posture)).and(", risk points ").and_strong(risk(head.risk_points))
    } else {
        Line::words(format!("Posture {} → ", posture(base.posture)))
            .and_strong(posture(head.posture))
            .and(format!(" of 100, risk points {} → ", risk(base.risk_points)))
            .and_strong(risk(head.risk_points))
            .and(format!(": {}", tally(&changed)))
    };
    let because = |system: &SystemDifference| {
        let (graph, posture, system_ix) = match (system.head, system.base) {
            (Some((system_ix, exposure)), _) if exposure.high > 0.0 => (difference.head, head, system_ix),
            (_, Some((system_ix, _))) => (difference.base, base, system_ix),
            _ => return Line::default(),
        };
        let worst = posture.systems[system_ix.index()].worst;
        let path = path_line(graph, posture.witness().origin(worst), &posture.witness().path(worst));
        let is_before = system.head.is_none_or(|(_, exposure)| exposure.high == 0.0);
        if is_before { Line::words("was: ").and_line(path) } else { path }
    };
    let section = section(changed, rows, because);
    page(headline, edits, remarks, section, policy_line(difference.head, Semiring::Product))
}

/// What edits change in what a failure of a target exposes.
pub fn what_if_blast(
    [_, after]: [&ExposureGraph<'_>; 2],
    difference: &BlastDifference,
    target: &str,
    edits: &[String],
    remarks: &[String],
    rows: Rows,
) -> Page {
    let exposed = |side: fn(&SystemDifference) -> &Option<(SystemIx, Interval)>| {
        difference.systems.iter().filter(|system| side(system).is_some()).count()
    };
    let (before, now) = (exposed(|system| &system.base), exposed(|system| &system.head));
    let changed: Vec<&SystemDifference> =
        difference.systems.iter().filter(|system| system.change != Change::Same || moves(system)).collect();
    let fails = Line::words("If ").and_name(target).and(" fails, ");
    let headline = match difference.has_target {
        [false, true] => Line::name(target).and(" is new: its failure exposes ").and_strong(count(now, "other system", "other systems")),
        [true, false] => {
            Line::name(target).and(" is gone: its failure exposed ").and_strong(count(before, "other system", "other systems"))
        }
        _ if changed.is_empty() => fails.and_strong(format!("{} exposed as before", count(now, "other system is", "other systems are"))),
        _ => fails
            .and(format!("{before} → "))
            .and_strong(count(now, "other system is", "other systems are"))
            .and(format!(" exposed: {}", tally(&changed))),
    };
    let section = section(changed, rows, |_| Line::default());
    let closing = Line::default().and_faint(format!("exposure of {} and above", decimal(difference.threshold)));
    let mut page = page(headline, edits, remarks, section, policy_line(after, Semiring::Product));
    page.closing.insert(0, closing);
    page
}

/// Whether an interval changes at all, if only at its low end.
fn moves(system: &SystemDifference) -> bool {
    let told = |side: Option<(SystemIx, Interval)>| side.map(|(_, exposure)| Published::<BasisPoints>::of(exposure));
    told(system.base) != told(system.head)
}

/// `2 systems more exposed, 3 less`.
fn tally(changed: &[&SystemDifference]) -> String {
    let of = |is: fn(i32) -> bool| changed.iter().filter(|system| is(system.delta())).count();
    let (more, less) = (of(|delta| delta > 0), of(|delta| delta < 0));
    let systems = |number: usize| count(number, "system", "systems");
    match (more, less) {
        (0, 0) => format!("{} better known, or less", systems(changed.len())),
        (more, 0) => format!("{} more exposed, none less", systems(more)),
        (0, less) => format!("{} less exposed, none more", systems(less)),
        (more, less) => format!("{} more exposed, {less} less", systems(more)),
    }
}

fn section(mut changed: Vec<&SystemDifference>, rows: Rows, because: impl Fn(&SystemDifference) -> Line) -> Section {
    changed.sort_by_key(|system| (std::cmp::Reverse(system.delta().abs()), std::cmp::Reverse(system.delta() > 0), system.id.clone()));
    let cut = rows.cut(&mut changed, "systems");
    let has_paths = changed.iter().any(|system| !because(system).is_empty());
    let side = |side: Option<(SystemIx, Interval)>| side.map_or(Cell::Empty, |(_, exposure)| Cell::Interval(Published::of(exposure)));
    let mut columns = vec![Column::interval("BEFORE"), Column::interval("AFTER"), Column::text("SYSTEM")];
    columns.extend(has_paths.then_some(Column::prose("BECAUSE")));
    let row = |system: &&SystemDifference| {
        let mut row = vec![side(system.base), side(system.head), Cell::name(system.id.clone())];
        row.extend(has_paths.then(|| Cell::Line(because(system))));
        row
    };
    Section { columns, rows: changed.iter().map(row).collect(), notes: cut.into_iter().collect(), ..Section::default() }
}

fn page(headline: Line, edits: &[String], remarks: &[String], section: Section, policy: Line) -> Page {
    let listed = edits
        .iter()
        .enumerate()
        .fold(Line::words("with "), |line, (ix, edit)| line.and(if ix == 0 { "" } else { ", " }).and_name(edit.clone()));
    let remarks = std::iter::once(listed).chain(remarks.iter().map(|remark| Line::words("note: ").and_free(remark.clone()))).collect();
    Page { headline, remarks, sections: vec![section], closing: vec![policy] }
}
