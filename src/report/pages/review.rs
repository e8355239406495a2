//! The page of `review`, and of `check --gate`.

use super::{count, gap_kind, gap_words, path_line, policy_line, state_id};
use crate::analysis::check::Check;
use crate::analysis::gate::{Gate, Limit, Rule, RuleOutcome, WaiverStanding};
use crate::analysis::review::{Cause, CauseKind, LeftOut, Review, Rise, WayBack, WayBackKind};
use crate::catalog::{BasisPoints, End, Published};
use crate::estate::{Change, PartyIx};
use crate::graph::{Arc, ExposureGraph, Semiring, State};
use crate::project::{FindingId, FindingKind};
use crate::report::changes;
use crate::report::page::{Cell, Column, Line, Page, Rows, Section, both_ends, decimal, points};
use crate::source::Source;

/// Rises that are explained on a page; JSON explains all.
const MOST_EXPLAINED: usize = 3;

/// Changes on the path of one rise that a page shows.
const MOST_CHANGES: usize = 8;

/// Failing findings that a page names below the gate.
const MOST_NAMED: usize = 5;

/// The verdict on a change, and its proof. With the head's files, places are shown.
pub fn review(review: &Review<'_>, gate: &Gate<'_>, files: Option<&[Source]>, rows: Rows) -> Page {
    let mut sections = Vec::new();
    let risen = review.worst_first();
    if !risen.is_empty() {
        sections.push(rises(review, gate, &risen, rows));
        let explained = match rows {
            Rows::All => MOST_EXPLAINED,
            Rows::Top(most) => MOST_EXPLAINED.min(most),
        };
        sections.extend(risen.iter().take(explained).map(|rise| why(review, rise)));
        let rest = risen.len().saturating_sub(explained);
        if let (Some(last), 1..) = (sections.last_mut(), rest) {
            let rises = count(rest, "rise is", "rises are");
            last.notes.push(Line::default().and_faint(format!("{rises} explained in the JSON only (--format json)")));
        }
    }
    sections.extend(weakenings(review, gate, rows));
    sections.extend(less_known(review, gate, rows));
    sections.extend(falls(review, rows));
    sections.extend(policy_change(review, rows));
    sections.extend(changed(review, files, rows));
    if !review.is_empty() {
        sections.push(rules(gate));
    }
    sections.extend(waivers(gate, rows));
    let mut closing = Vec::new();
    if !review.is_empty() {
        closing.push(Line::default().and_faint(
            "risk = criticality × exposure on the most likely path from a gap; a point is .01 of risk; what falls never pays for what rises",
        ));
    }
    closing.push(policy_line(review.head, Semiring::Product));
    Page { headline: headline(review, gate), remarks: figures(review).into_iter().collect(), sections, closing }
}

fn headline(review: &Review<'_>, gate: &Gate<'_>) -> Line {
    if let Some(broken) = gate.rules.iter().find(|outcome| !outcome.passed) {
        return Line::default().and_strong("Gate failed").and(": ").and_line(broken_rule(review, broken));
    }
    if review.is_empty() {
        return Line::words("Nothing changes: ").and_strong("no system's risk rises or falls");
    }
    let passed = Line::default().and_strong("Gate passed").and(": ");
    match review.worst_first().first() {
        None => passed.and("no system's risk rises"),
        Some(rise) if gate.waiver(&rise.id).is_some() => passed.and("every rise above a limit is accepted"),
        Some(rise) => passed.and("the largest rise is ").and(points_of(rise.delta())).and(", of ").and_name(system_id(review.head, rise)),
    }
}

/// What breaks a rule, in words.
fn broken_rule(review: &Review<'_>, broken: &RuleOutcome) -> Line {
    let worst = review.worst_first().into_iter().find(|rise| broken.findings.contains(&rise.id));
    let more = |line: Line| match broken.findings.len() {
        0 | 1 => line,
        all => line.and(format!(" (and {} more)", all - 1)),
    };
    match (broken.rule, worst, broken.limit, broken.findings.first()) {
        (Rule::Critical, Some(rise), Limit::Risk(limit), _) => {
            more(Line::words("the risk of ").and_name(system_id(review.head, rise)).and(format!(
                " rises to {}, and from {} on none may rise",
                decimal(rise.head.high),
                points_of(limit)
            )))
        }
        (Rule::Ratchet, Some(rise), Limit::Risk(limit), _) => {
            more(Line::words("the risk of ").and_name(system_id(review.head, rise)).and(format!(
                " rises by {} to {}; the limit is {}",
                points_of(rise.delta()),
                decimal(rise.head.high),
                points_of(limit)
            )))
        }
        (Rule::Budget, Some(_), Limit::Risk(limit), _) => {
            let rises = count(broken.findings.len(), "system rises", "systems rise");
            Line::words(format!("{rises} by {} together; the limit is {}", points_of(broken.found), points_of(limit)))
        }
        (Rule::Unknown, _, _, Some(first)) => {
            more(Line::words("the risk of ").and_name(first.subject.clone()).and(" is less well known than before"))
        }
        (_, _, _, Some(first)) => more(what_weakens(first)),
        _ => Line::words(broken.rule.id()),
    }
}

/// What a weakening does, as a sentence that a heading can end with.
pub(in crate::report) fn what_weakens(id: &FindingId) -> Line {
    let subject = || Line::name(id.subject.clone());
    match id.kind {
        FindingKind::PolicyChanged => Line::words("the policy is another one"),
        FindingKind::LowerCriticality => subject().and(" is said to matter less"),
        FindingKind::ClaimWithoutEvidence => subject().and(" is said to be better covered, without evidence"),
        FindingKind::RemovedStatus => Line::words("what was said of ").and_line(subject()).and(" is no longer said"),
        FindingKind::RemovedSystem => Line::words("system ").and_line(subject()).and(" is removed from the model"),
        FindingKind::RemovedConnection => Line::words("connection ").and_line(subject()).and(" is removed from the model"),
        FindingKind::NoCopy => Line::words("the consumer of ").and_line(subject()).and(" is said to keep no copy any more"),
        FindingKind::NotApplicable => subject().and(" is said not to exist any more"),
        FindingKind::Rise => Line::words("the risk of ").and_line(subject()).and(" rises"),
        FindingKind::LessKnown => Line::words("the risk of ").and_line(subject()).and(" is less well known than before"),
        FindingKind::Gap(kind) => subject().and(format!(" is {kind}")),
    }
}

fn figures(review: &Review<'_>) -> Option<Line> {
    if review.is_empty() {
        return None;
    }
    let mut facts = vec![
        format!("score {}", points(review.score)),
        format!("{} added", points_of(review.added)),
        format!("{}, {}", count(review.rises.len(), "system rises", "systems rise"), count_falls(review.falls.len())),
    ];
    let posture = (review.base_posture.low, review.head_posture.low);
    facts.push(if posture.0 == posture.1 { format!("posture {}", posture.0) } else { format!("posture {} → {}", posture.0, posture.1) });
    let changes = review.changes.len();
    facts.push(count(changes, "change", "changes"));
    if !review.weakenings.is_empty() {
        facts.push(count(review.weakenings.len(), "weakening", "weakenings"));
    }
    Some(Line::words(facts.join(" · ")))
}

fn count_falls(falls: usize) -> String {
    format!("{falls} {}", if falls == 1 { "falls" } else { "fall" })
}

fn system_id(graph: &ExposureGraph<'_>, rise: &Rise) -> String {
    graph.estate.system(rise.system).id.clone()
}

/// `49 points`, `1 point`, `12.5 points`.
fn points_of(basis_points: u64) -> String {
    format!("{} {}", points(basis_points), if basis_points == 100 { "point" } else { "points" })
}

fn rises(review: &Review<'_>, gate: &Gate<'_>, risen: &[&Rise], rows: Rows) -> Section {
    let mut risen = risen.to_vec();
    let cut = rows.cut(&mut risen, "rises");
    let row = |rise: &&Rise| {
        let before = if rise.is_new { Cell::words("new") } else { Cell::Value(rise.base.high) };
        vec![
            Cell::words(format!("+{}", points(rise.delta()))),
            Cell::name(system_id(review.head, rise)),
            Cell::words(rise.worst.layer().id()),
            before,
            Cell::Value(rise.head.high),
            Cell::Line(accepted(gate, &rise.id, because(review, rise))),
        ]
    };
    Section {
        title: Some(Line::words("What rises")),
        columns: vec![
            Column::number("POINTS"),
            Column::text("SYSTEM"),
            Column::text("LAYER"),
            Column::number("BEFORE"),
            Column::number("AFTER"),
            Column::prose("BECAUSE"),
        ],
        rows: risen.iter().map(row).collect(),
        notes: cut.into_iter().collect(),
        ..Section::default()
    }
}

/// A line with who accepts its finding, if somebody does.
fn accepted(gate: &Gate<'_>, id: &FindingId, line: Line) -> Line {
    match gate.waiver(id) {
        None => line,
        Some(waiver) => line.and(" (accepted by ").and_free(waiver.by.clone()).and(format!(" until {})", waiver.until)),
    }
}

fn because(review: &Review<'_>, rise: &Rise) -> Line {
    let cause = &rise.cause;
    let gap = || gap_line(review, cause);
    let changed = cause.changes.iter().map(|left_out| review.changes[left_out.change_ix]);
    match cause.kind {
        CauseKind::NewGap => Line::words("new gap ").and_line(gap()),
        CauseKind::WiderGap => Line::words("wider gap ").and_line(gap()),
        CauseKind::OldGapNewEdge => {
            let edge = changed.into_iter().find(|change| matches!(change, Change::ConnectionAdded(_)));
            let line = Line::words("old gap ").and_line(gap()).and(", new edge ");
            edge.map_or(line.clone(), |edge| line.and_name(changes::id(review.base.estate, review.head.estate, &edge)))
        }
        CauseKind::OldGapWeakerHold => {
            let line = Line::words("old gap ").and_line(gap()).and(", weaker hold at ");
            let at = changed.into_iter().next();
            at.map_or(line.clone().and("its provider"), |at| line.and_name(changes::id(review.base.estate, review.head.estate, &at)))
        }
    }
}

/// The gap that a cause starts from; of one that exposes its own system, also how many gaps there are as bad.
fn gap_line(review: &Review<'_>, cause: &Cause) -> Line {
    let (head, origin) = (review.head, cause.origin);
    let line = gap_words(head, origin);
    if cause.hops > 0 {
        return line;
    }
    let severity = |state: State| BasisPoints::of(head.severity(state, End::High));
    match head.states_of(origin.system()).filter(|&state| severity(state) == severity(origin)).count() {
        0 | 1 => line,
        alike => line.and(format!(" and {} as bad", count(alike - 1, "gap", "gaps"))),
    }
}

/// Arcs of a path that a page shows whole; of a longer one both ends.
const LONG: usize = 12;

fn shown_path(graph: &ExposureGraph<'_>, start: State, arcs: &[Arc]) -> Line {
    if arcs.len() <= LONG {
        return path_line(graph, start, arcs);
    }
    let (head, tail) = both_ends(arcs, LONG);
    let left_out = arcs.len() - LONG;
    let tail_start = tail.first().map_or(start, |arc| arc.from);
    path_line(graph, start, head).and(format!(" … {} … ", count(left_out, "step", "steps"))).and_line(path_line(graph, tail_start, tail))
}

/// Why one system's risk rises.
fn why(review: &Review<'_>, rise: &Rise) -> Section {
    let cause = &rise.cause;
    let mut notes = Vec::new();
    if cause.hops == 0 {
        notes.push(Line::words("Its own gap: ").and_line(gap_line(review, cause)));
    } else {
        notes.push(Line::words("Path: ").and_line(shown_path(review.head, cause.origin, &review.path(rise))));
    }
    notes.extend(weakest(review.head, cause));
    let told = cause.changes.iter().take(MOST_CHANGES);
    notes.extend(told.map(|left_out| without(review, rise, *left_out)));
    if cause.changes.len() > MOST_CHANGES {
        let more = if cause.has_more_changes { "more than " } else { "" };
        notes.push(Line::default().and_faint(format!("showing {MOST_CHANGES} of {more}{} changes on the path", cause.changes.len())));
    }
    notes.extend(cause.way_back.map(|way_back| way_back_line(review, rise, way_back)));
    notes.push(affected(review, rise));
    Section { title: Some(Line::words("Why ").and_name(system_id(review.head, rise)).and(" rises")), notes, ..Section::default() }
}

fn weakest(graph: &ExposureGraph<'_>, cause: &Cause) -> Option<Line> {
    let (_, arc) = cause.weakest?;
    let factor = graph.factor(&arc, End::High);
    let line = Line::words("Weakest step: ").and_line(path_line(graph, arc.from, &[arc]));
    let line = line.and(format!(" lets {} through: ", decimal(BasisPoints::of(factor.value))));
    Some(line.and_free(graph.rule(arc.rule).why()))
}

fn without(review: &Review<'_>, rise: &Rise, left_out: LeftOut) -> Line {
    let change = &review.changes[left_out.change_ix];
    let line = Line::words("Without ").and_line(changes::short(review.base.estate, review.head.estate, change)).and(": ");
    let after = rise.head.high;
    match left_out.risk {
        None if left_out.is_tried => line.and("it cannot be left out alone"),
        None => line.and("not tried, as there are too many changes"),
        Some(risk) if risk == after => line.and(format!("still {}, another way is as good", decimal(risk))),
        Some(risk) => line.and_strong(decimal(risk)).and(format!(" instead of {}", decimal(after))),
    }
}

fn way_back_line(review: &Review<'_>, rise: &Rise, way_back: WayBack) -> Line {
    let head = review.head;
    let what = match way_back.kind {
        WayBackKind::Cover(state) => Line::words("cover ").and_line(gap_words(head, state)),
        WayBackKind::Control(connection_ix, class_ix) => Line::words("put a strong control (")
            .and_name(head.policy.classes[class_ix].clone())
            .and(") on ")
            .and_name(head.estate.connection(connection_ix).id.clone()),
        WayBackKind::LeaveOut(change_ix) => {
            Line::words("leave out the ").and_line(changes::short(review.base.estate, head.estate, &review.changes[change_ix]))
        }
    };
    let others = way_back.brings_back.saturating_sub(usize::from(way_back.is_enough));
    let line = if way_back.is_enough {
        Line::default().and_strong("Way back").and(": ").and_line(what).and(format!("; its risk is then {}", decimal(way_back.risk)))
    } else {
        let line = Line::words("No single change brings it back; the best is to ").and_line(what);
        line.and(format!(", and its risk is then {}", decimal(way_back.risk)))
    };
    let base = if rise.is_new { String::new() } else { format!(" (before: {})", decimal(rise.base.high)) };
    let line = line.and(base);
    if others == 0 { line } else { line.and(format!("; that also brings back {}", count(others, "other rise", "other rises"))) }
}

fn affected(review: &Review<'_>, rise: &Rise) -> Line {
    let name = |line: Line, party: Option<PartyIx>| match party {
        Some(party_ix) => line.and_name(review.head.estate.party(party_ix).id.clone()),
        None => line.and("nobody"),
    };
    let mut line = Line::words("Answers for the gap: ");
    for (at, &party) in rise.cause.answerable.iter().enumerate() {
        line = name(if at == 0 { line } else { line.and(", ") }, party);
    }
    name(line.and(" · suffers the rise: "), review.head.estate.system(rise.system).owner)
}

fn weakenings(review: &Review<'_>, gate: &Gate<'_>, rows: Rows) -> Option<Section> {
    let mut list: Vec<_> = review.weakenings.iter().collect();
    let cut = rows.cut(&mut list, "weakenings");
    let row = |weakening: &&crate::analysis::review::Weakening| {
        let line = what_weakens(&weakening.id);
        let line = match weakening.retired {
            Some(risk) => line.and(format!("; its risk of {} is retired, unverified", decimal(risk))),
            None => line,
        };
        vec![Cell::words(weakening.id.kind.id()), Cell::Line(accepted(gate, &weakening.id, line))]
    };
    (!list.is_empty()).then(|| Section {
        title: Some(Line::words("What lowers risk by word alone")),
        columns: vec![Column::text("KIND"), Column::prose("WHAT")],
        rows: list.iter().map(row).collect(),
        notes: cut.into_iter().collect(),
        ..Section::default()
    })
}

fn less_known(review: &Review<'_>, gate: &Gate<'_>, rows: Rows) -> Option<Section> {
    let mut list: Vec<_> = review.less_known.iter().collect();
    let cut = rows.cut(&mut list, "systems");
    let row = |system: &&crate::analysis::review::LessKnown| {
        let is_new = review.base.estate.find_system(&review.head.estate.system(system.system).id).is_none();
        let before = if is_new { Cell::words("new") } else { Cell::Interval(system.base) };
        let name = Line::name(review.head.estate.system(system.system).id.clone());
        vec![Cell::Line(accepted(gate, &system.id, name)), before, Cell::Interval(system.head)]
    };
    (!list.is_empty()).then(|| Section {
        title: Some(Line::words("What is less well known")),
        columns: vec![Column::prose("SYSTEM"), Column::interval("BEFORE"), Column::interval("AFTER")],
        rows: list.iter().map(row).collect(),
        notes: cut.into_iter().collect(),
        ..Section::default()
    })
}

fn falls(review: &Review<'_>, rows: Rows) -> Option<Section> {
    let mut list: Vec<_> = review.falls.iter().collect();
    list.sort_by_key(|fall| (i32::from(fall.head.high.0) - i32::from(fall.base.high.0), fall.system));
    let cut = rows.cut(&mut list, "falls");
    let row = |fall: &&crate::analysis::review::Fall| {
        vec![
            Cell::words(format!("−{}", points(u64::from(fall.base.high.0 - fall.head.high.0)))),
            Cell::name(review.head.estate.system(fall.system).id.clone()),
            Cell::Value(fall.base.high),
            Cell::Value(fall.head.high),
        ]
    };
    (!list.is_empty()).then(|| Section {
        title: Some(Line::words("What falls")),
        columns: vec![Column::number("POINTS"), Column::text("SYSTEM"), Column::number("BEFORE"), Column::number("AFTER")],
        rows: list.iter().map(row).collect(),
        notes: cut.into_iter().collect(),
        ..Section::default()
    })
}

fn policy_change(review: &Review<'_>, rows: Rows) -> Option<Section> {
    let change = review.policy_change.as_ref()?;
    let mut list: Vec<_> = change.systems.iter().collect();
    let what = if change.is_other_policy { "another policy" } else { "another criticality" };
    let mut notes: Vec<Line> = rows.cut(&mut list, "systems").into_iter().collect();
    let by = if list.is_empty() { "no system's risk would differ by it" } else { "the figures above are by the base's" };
    notes.push(Line::default().and_faint(format!("the head has {what}; {by}")));
    let row = |(system_ix, by_base, by_head): &&(crate::estate::SystemIx, Published<BasisPoints>, Published<BasisPoints>)| {
        vec![Cell::name(review.head.estate.system(*system_ix).id.clone()), Cell::Interval(*by_base), Cell::Interval(*by_head)]
    };
    Some(Section {
        title: Some(Line::words("What the policy change adds")),
        columns: vec![Column::text("SYSTEM"), Column::interval("BY THE BASE"), Column::interval("BY THE HEAD")],
        rows: list.iter().map(row).collect(),
        notes,
        ..Section::default()
    })
}

fn changed(review: &Review<'_>, files: Option<&[Source]>, rows: Rows) -> Option<Section> {
    let mut list: Vec<&Change> = review.changes.iter().collect();
    let cut = rows.cut(&mut list, "changes");
    let (base, head) = (review.base.estate, review.head.estate);
    let row = |change: &&Change| {
        let mut row = vec![
            Cell::words(changes::label(change)),
            Cell::name(changes::id(base, head, change)),
            Cell::Line(changes::detail(base, head, change)),
        ];
        if let Some(files) = files {
            row.push(changes::place(head, change).map_or(Cell::Empty, |span| Cell::name(super::place(files, span))));
        }
        row
    };
    let mut columns = vec![Column::text("CHANGE"), Column::text("OF"), Column::prose("WHAT")];
    columns.extend(files.map(|_| Column::text("WHERE")));
    (!list.is_empty()).then(|| Section {
        title: Some(Line::words("What the model changes")),
        columns,
        rows: list.iter().map(row).collect(),
        notes: cut.into_iter().collect(),
        ..Section::default()
    })
}

fn rules(gate: &Gate<'_>) -> Section {
    let row = |outcome: &RuleOutcome| {
        let (limit, found) = match outcome.limit {
            Limit::Off => ("off".to_owned(), in_its_unit(outcome)),
            Limit::Risk(limit) => (points_of(limit), points_of(outcome.found)),
            Limit::Posture(limit) => (limit.to_string(), outcome.found.to_string()),
            Limit::None => ("none".to_owned(), outcome.found.to_string()),
        };
        let result = match (outcome.limit, outcome.passed) {
            (Limit::Off, _) => Line::default().and_faint("off"),
            (_, true) => Line::words("passed"),
            (_, false) => Line::default().and_strong("failed"),
        };
        vec![Cell::words(outcome.rule.id()), Cell::words(limit), Cell::words(found), Cell::Line(result)]
    };
    let failing: std::collections::BTreeSet<&FindingId> = gate.rules.iter().flat_map(|outcome| &outcome.findings).collect();
    let mut named = Line::words("Fails: ");
    for (at, id) in failing.iter().take(MOST_NAMED).enumerate() {
        named = if at == 0 { named } else { named.and(", ") }.and_name(id.to_string());
    }
    if failing.len() > MOST_NAMED {
        named = named.and(format!(" and {} more", failing.len() - MOST_NAMED));
    }
    let named = named.and(" (weaklink accept FINDING accepts one)");
    Section {
        title: Some(Line::words("Gate")),
        columns: vec![Column::text("RULE"), Column::number("LIMIT"), Column::number("FOUND"), Column::text("RESULT")],
        rows: gate.rules.iter().map(row).collect(),
        notes: if failing.is_empty() { Vec::new() } else { vec![named] },
        ..Section::default()
    }
}

fn in_its_unit(outcome: &RuleOutcome) -> String {
    match outcome.rule {
        Rule::Critical | Rule::Ratchet | Rule::Budget => points_of(outcome.found),
        Rule::Posture | Rule::Deny | Rule::Weakening | Rule::Unknown => outcome.found.to_string(),
    }
}

fn waivers(gate: &Gate<'_>, rows: Rows) -> Option<Section> {
    // Those that accept nothing are what a reader must know first.
    let mut list: Vec<_> = gate.waivers.iter().collect();
    list.sort_by_key(|(_, standing)| *standing == WaiverStanding::Holds);
    let cut = rows.cut(&mut list, "waivers");
    let row = |(waiver, standing): &&(&crate::project::Waiver, WaiverStanding)| {
        let result = match standing {
            WaiverStanding::Holds => Line::words("holds"),
            standing => Line::default().and_strong(standing.id()),
        };
        vec![
            Cell::name(waiver.finding.to_string()),
            Cell::words(waiver.until.to_string()),
            Cell::Line(Line::default().and_free(waiver.by.clone())),
            Cell::Line(Line::default().and_free(waiver.reason.clone())),
            Cell::Line(result),
        ]
    };
    (!gate.waivers.is_empty()).then(|| Section {
        title: Some(Line::words("Waivers")),
        columns: vec![Column::text("FINDING"), Column::text("UNTIL"), Column::text("BY"), Column::prose("REASON"), Column::text("RESULT")],
        rows: list.iter().map(row).collect(),
        notes: cut.into_iter().collect(),
        ..Section::default()
    })
}

/// What the gate says of one model.
pub fn check(check: &Check<'_>, files: Option<&[Source]>, rows: Rows) -> Page {
    let graph = check.graph;
    let mut gaps = check.worst_first();
    let cut = rows.cut(&mut gaps, "gaps");
    let row = |gap: &&crate::analysis::check::GapFinding| {
        let worst = match &gap.worst {
            Some((_, state, path)) if path.is_empty() || state.system() == gap.state.system() => Line::words("own system"),
            Some((_, state, _)) => Line::name(state_id(graph, *state)),
            None => Line::default(),
        };
        let mut row = vec![
            gap.worst.as_ref().map_or(Cell::Empty, |(risk, ..)| Cell::Value(*risk)),
            Cell::name(state_id(graph, gap.state)),
            Cell::words(gap_kind(graph, gap.state)),
            Cell::Line(accepted(&check.gate, &gap.id, worst)),
            Cell::words(if check.gate.fails(&gap.id) { "fails" } else { "" }),
        ];
        if let Some(files) = files {
            row.push(Cell::name(super::place(files, super::layer_span(graph, gap.state))));
        }
        row
    };
    let mut columns =
        vec![Column::number("RISK"), Column::text("LAYER"), Column::text("GAP"), Column::prose("WEAKEST LINK OF"), Column::text("GATE")];
    columns.extend(files.map(|_| Column::text("WHERE")));
    let mut sections = vec![Section {
        title: (!gaps.is_empty()).then(|| Line::words("Gaps")),
        columns,
        rows: gaps.iter().map(row).collect(),
        notes: cut.into_iter().collect(),
        ..Section::default()
    }];
    sections.push(rules(&check.gate));
    sections.extend(waivers(&check.gate, rows));
    let headline = match check.gate.rules.iter().find(|outcome| !outcome.passed) {
        None => Line::default().and_strong("Gate passed").and(format!(": posture {} at worst", check.posture)),
        Some(broken) => Line::default().and_strong("Gate failed").and(": ").and_line(broken_limit(check, broken)),
    };
    Page { headline, remarks: Vec::new(), sections, closing: vec![policy_line(graph, Semiring::Product)] }
}

fn broken_limit(check: &Check<'_>, broken: &RuleOutcome) -> Line {
    let worst = check.worst_first().into_iter().find(|gap| broken.findings.contains(&gap.id));
    let behind = |line: Line| match worst {
        Some(gap) => line.and("; the weakest link is ").and_name(state_id(check.graph, gap.state)),
        None => line,
    };
    match (broken.rule, broken.limit) {
        (Rule::Critical, Limit::Risk(limit)) => {
            behind(Line::words(format!("the largest risk is {}, and {} is the limit", points_of(broken.found), points_of(limit))))
        }
        (Rule::Posture, Limit::Posture(limit)) => {
            behind(Line::words(format!("the posture is {} at worst, and {limit} is the least", broken.found)))
        }
        _ => match worst {
            Some(gap) => Line::name(state_id(check.graph, gap.state))
                .and(format!(" is {}, which is denied", gap_kind(check.graph, gap.state)))
                .and(if broken.findings.len() > 1 { format!(" (and {} more)", broken.findings.len() - 1) } else { String::new() }),
            None => Line::words(broken.rule.id()),
        },
    }
}
