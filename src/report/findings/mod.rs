//! Findings of a review or a check as other programs take them: one list, and one file per form.

pub mod github;
pub mod gitlab;
pub mod junit;
pub mod sarif;

use super::page::{Line, MOST_STEPS, both_ends, decimal, points};
use super::pages::{gap_words, layer_span, state_id};
use super::{changes, rules};
use crate::analysis::check::Check;
use crate::analysis::gate::{Gate, WaiverStanding};
use crate::analysis::review::Review;
use crate::catalog::{BasisPoints, End};
use crate::graph::{Arc, ExposureGraph, State};
use crate::project::{FindingId, FindingKind, Waiver};
use crate::source::{Source, Span};

/// What a review or a check finds.
#[derive(Clone, Debug)]
pub struct Findings<'a> {
    /// `review` or `check`.
    pub command: &'static str,
    /// The findings, those that fail first, then by risk, then by identity.
    pub list: Vec<Finding>,
    /// What the gate says.
    pub gate: &'a Gate<'a>,
    /// The files of the model, with what each is called from the root of its repository.
    pub files: &'a Files<'a>,
}

/// The files that findings stand in.
#[derive(Clone, Debug)]
pub struct Files<'a> {
    /// The files, by their numbers.
    pub sources: &'a [Source],
    /// For each what it is called from the root of its repository: a relative path with `/`.
    pub paths: Vec<String>,
}

/// A finding.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What it is known by.
    pub id: FindingId,
    /// Whether it breaks a rule of the gate.
    pub fails: bool,
    /// Who accepts it, if somebody does.
    pub waiver: Option<Waiver>,
    /// The risk that it is about, on the high end.
    pub risk: BasisPoints,
    /// What it is, in one sentence.
    pub message: String,
    /// Where it stands.
    pub span: Span,
    /// The path that exposure takes, each state with where it stands; empty where there is none.
    pub path: Vec<(Span, String)>,
}

/// How much a finding weighs.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Level {
    /// It breaks a rule of the gate.
    Error,
    /// It breaks none.
    Warning,
    /// It is accepted, or concerns no system's risk.
    Note,
}

impl Finding {
    /// How much it weighs.
    pub fn level(&self) -> Level {
        match (self.fails, &self.waiver, self.risk) {
            (true, ..) => Level::Error,
            (false, Some(_), _) | (false, None, BasisPoints(0)) => Level::Note,
            (false, None, _) => Level::Warning,
        }
    }

    /// The finding's kind, as a rule that it was found by.
    pub fn rule(&self) -> &'static str {
        self.id.kind.id()
    }
}

/// The section of the rule reference about a kind of finding.
fn help(kind: FindingKind) -> &'static str {
    // A gap's kind comes first in the reference, before the status of the same name; the other way round for the rest.
    let found = rules::sections(kind.id());
    let section = if matches!(kind, FindingKind::Gap(_)) { found.first() } else { found.last() };
    section.copied().unwrap_or_default()
}

/// The findings of a review. What stands in no file of the head any more is told at the beginning of its first file.
pub fn of_review<'a>(review: &Review<'_>, gate: &'a Gate<'a>, files: &'a Files<'a>) -> Findings<'a> {
    let (base, head) = (review.base.estate, review.head.estate);
    let finding = |id: &FindingId, risk: BasisPoints, message: Line, span: Option<Span>, path: Vec<(Span, String)>| Finding {
        id: id.clone(),
        fails: gate.fails(id),
        waiver: gate.waiver(id).cloned(),
        risk,
        message: message.text(),
        span: span.unwrap_or_else(|| Span::new(0, 0, 0)),
        path,
    };
    let of_rise = |rise: &crate::analysis::review::Rise| {
        let cause = &rise.cause;
        // The change is where the author of the request looks; its platform shows no other lines.
        let changed = cause.changes.iter().find_map(|left_out| changes::place(head, &review.changes[left_out.change_ix]));
        let gap = gap_words(review.head, cause.origin);
        let message = Line::words("The risk of ")
            .and_name(head.system(rise.system).id.clone())
            .and(format!(" rises by {} points to {}: ", points(rise.delta()), decimal(rise.head.high)))
            .and_line(gap)
            .and(" reaches its layer ")
            .and(rise.worst.layer().id())
            .and(".");
        let path = path_places(review.head, cause.origin, &review.path(rise));
        finding(&rise.id, rise.head.high, message, changed.or_else(|| Some(head.system(rise.system).span)), path)
    };
    let of_weakening = |weakening: &crate::analysis::review::Weakening| {
        let message = super::pages::what_weakens(&weakening.id).and(".");
        let span = weakening.change_ix.and_then(|change_ix| changes::place(head, &review.changes[change_ix]));
        finding(&weakening.id, weakening.retired.unwrap_or(BasisPoints(0)), capital(message), span, Vec::new())
    };
    let of_less_known = |known: &crate::analysis::review::LessKnown| {
        let before = if base.find_system(&known.id.subject).is_some() { "" } else { " (a new system)" };
        let message = Line::words("The risk of ")
            .and_name(known.id.subject.clone())
            .and(format!(" is less well known than before{before}: {}.", super::page::interval(known.head)));
        finding(&known.id, known.head.high, message, Some(head.system(known.system).span), Vec::new())
    };
    let list = review.rises.iter().map(of_rise);
    let list = list.chain(review.weakenings.iter().map(of_weakening)).chain(review.less_known.iter().map(of_less_known));
    Findings { command: "review", list: in_order(list.collect()), gate, files }
}

/// The findings of a check: its gaps.
pub fn of_check<'a>(check: &'a Check<'a>, files: &'a Files<'a>) -> Findings<'a> {
    let graph = check.graph;
    let finding = |gap: &crate::analysis::check::GapFinding| {
        let message = Line::words("Gap: ").and_line(gap_words(graph, gap.state));
        let (risk, message, path) = match &gap.worst {
            Some((risk, worst, path)) if !path.is_empty() => {
                let message = message.and(" is the weakest link of ").and_name(graph.estate.system(worst.system()).id.clone());
                (*risk, message.and(format!(", at risk {}.", decimal(*risk))), path_places(graph, gap.state, path))
            }
            Some((risk, ..)) => {
                (*risk, message.and(format!(" is the weakest link of its own system, at risk {}.", decimal(*risk))), Vec::new())
            }
            None => (BasisPoints(0), message.and(" is no system's weakest link."), Vec::new()),
        };
        Finding {
            id: gap.id.clone(),
            fails: check.gate.fails(&gap.id),
            waiver: check.gate.waiver(&gap.id).cloned(),
            risk,
            message: message.text(),
            span: layer_span(graph, gap.state),
            path,
        }
    };
    Findings { command: "check", list: in_order(check.gaps.iter().map(finding).collect()), gate: &check.gate, files }
}

fn in_order(mut list: Vec<Finding>) -> Vec<Finding> {
    list.sort_by(|left, right| (right.fails, right.risk).cmp(&(left.fails, left.risk)).then_with(|| left.id.cmp(&right.id)));
    list
}

fn path_places(graph: &ExposureGraph<'_>, start: State, arcs: &[Arc]) -> Vec<(Span, String)> {
    let (near, far) = both_ends(arcs, MOST_STEPS);
    let first = (layer_span(graph, start), Line::words("gap: ").and_line(gap_words(graph, start)).text());
    let rest = near.iter().chain(far).map(|arc| {
        let factor = decimal(BasisPoints::of(graph.factor(arc, End::High).value));
        let to = state_id(graph, arc.to);
        match arc.connection {
            Some(connection_ix) => {
                let connection = graph.estate.connection(connection_ix);
                (connection.span, format!("{} lets {factor} through to {to}", connection.id))
            }
            None => (layer_span(graph, arc.to), format!("climbs to {to}, factor {factor}")),
        }
    });
    std::iter::once(first).chain(rest).collect()
}

/// A line whose first word begins a sentence.
fn capital(mut line: Line) -> Line {
    if let Some(super::page::Piece::Words(words)) = line.0.first_mut()
        && let Some(first) = words.chars().next()
    {
        words.replace_range(..first.len_utf8(), &first.to_uppercase().to_string());
    }
    line
}

/// Waivers that accept nothing and are told of; the rest is counted.
const MOST_VOID: usize = 100;

/// Waivers that accept nothing, as sentences.
fn void_waivers(gate: &Gate<'_>) -> Vec<String> {
    let void = || gate.waivers.iter().filter(|(_, standing)| *standing != WaiverStanding::Holds);
    let told = |(waiver, standing): &(&Waiver, WaiverStanding)| {
        let finding = &waiver.finding;
        match standing {
            WaiverStanding::Expired => format!("the waiver of {finding} by {} expired on {}", waiver.by, waiver.until),
            WaiverStanding::Unmatched => format!("the waiver of {finding} by {} matches no finding", waiver.by),
            WaiverStanding::Exceeded => format!("{finding} is larger than what {} accepted", waiver.by),
            WaiverStanding::Tampered | WaiverStanding::Holds => format!("the waiver of {finding} was changed after it was written"),
        }
    };
    let all = void().count();
    let rest = (all > MOST_VOID).then(|| format!("{} more of {all} waivers accept nothing", all - MOST_VOID));
    void().take(MOST_VOID).map(told).chain(rest).collect()
}

/// The line and column of a place, and those of its end, all from 1.
fn region(source: &Source, span: Span) -> ((usize, usize), (usize, usize)) {
    let start = source.line_column(span.start);
    (start, source.line_column(span.end.max(span.start)))
}
