//! The pages: one file per command, from results to lines and rows.

mod blast;
mod choke;
mod coverage;
mod fix;
mod import;
mod owners;
mod percolation;
mod review;
mod score;
mod unknowns;
mod verify;
mod what_if;
mod why;
mod why_not;

pub use blast::{blast, exposed};
#[cfg(feature = "graph")]
pub(in crate::report) use blast::{failure, no_layer, witness_line};
pub use choke::choke;
pub(in crate::report) use choke::{passage_id, passage_kind};
pub(in crate::report) use coverage::because;
pub use coverage::{gaps, matrix};
pub use fix::{FixesBy, plan, protection};
pub use import::{import, import_headline};
pub use owners::{OwnersView, owners};
pub use percolation::percolation;
pub(in crate::report) use review::what_weakens;
pub use review::{check, review};
pub use score::{ScoreTable, score};
pub use unknowns::unknowns;
pub(in crate::report) use unknowns::{question, setting_name, unknown_id, unknown_kind};
pub(in crate::report) use verify::verdict_words;
pub use verify::verify;
pub use what_if::{what_if, what_if_blast};
#[cfg(feature = "graph")]
pub(in crate::report) use why::factor_line;
pub use why::why;
pub(in crate::report) use why_not::hold_kind;
pub use why_not::why_not;

use super::page::{Line, Piece, decimal};
use crate::catalog::GapKind;
use crate::graph::{Arc, ExposureGraph, Semiring, State};
use crate::source::{Source, Span};

/// The id of a state, `system:layer`.
pub fn state_id(graph: &ExposureGraph<'_>, state: State) -> String {
    format!("{}:{}", graph.estate.system(state.system()).id, state.layer())
}

/// Where something stands: `file:line`.
pub(in crate::report) fn place(sources: &[Source], span: Span) -> String {
    match sources.get(usize::from(span.source)) {
        Some(source) => {
            let file = std::path::Path::new(source.name()).file_name().map_or(source.name().into(), |name| name.to_string_lossy());
            format!("{file}:{}", source.line_column(span.start).0)
        }
        None => String::new(),
    }
}

/// Where the claim about a layer stands, or else its system.
pub(in crate::report) fn layer_span(graph: &ExposureGraph<'_>, state: State) -> Span {
    let system = graph.estate.system(state.system());
    system.layer(state.layer()).claim.as_deref().map_or(system.span, |claim| claim.span)
}

/// The kind of the gap that a state is.
fn gap_kind(graph: &ExposureGraph<'_>, state: State) -> &'static str {
    graph.coverage.layer(state.system(), state.layer()).and_then(|coverage| coverage.gap).map_or("gap", GapKind::id)
}

/// A gap with its kind: `web:os (unowned)`.
pub(in crate::report) fn gap_words(graph: &ExposureGraph<'_>, state: State) -> Line {
    Line::name(state_id(graph, state)).and(format!(" ({})", gap_kind(graph, state)))
}

/// A path in one line: `web:os → data ─feeds→ db:data`.
pub(in crate::report) fn path_line(graph: &ExposureGraph<'_>, start: State, arcs: &[Arc]) -> Line {
    let mut line = Line::name(state_id(graph, start));
    for arc in arcs {
        let verb = arc.connection.map(|connection_ix| graph.estate.connection(connection_ix).kind.id());
        line = match verb {
            Some(verb) => {
                let against = arc.connection.is_some_and(|connection_ix| graph.estate.connection(connection_ix).from != arc.from.system());
                line.and(" ─").and_strong(verb).and(if against { " (back)→ " } else { "→ " })
            }
            None => line.and(" → "),
        };
        // Inside a system the layer is enough; the system was just named.
        line = if arc.connection.is_none() { line.and_name(arc.to.layer().id()) } else { line.and_name(state_id(graph, arc.to)) };
    }
    line
}

/// The policy that figures come from, in the words of every page's last line.
pub(in crate::report) fn policy_line(graph: &ExposureGraph<'_>, semiring: Semiring) -> Line {
    let how = match semiring {
        Semiring::Product => "most likely path".to_owned(),
        Semiring::Bottleneck => "weakest barrier of the strongest path".to_owned(),
        Semiring::Reach { threshold } => format!("reachability over arcs of {} and above", decimal(threshold)),
    };
    policy_words(graph, Some(&how))
}

/// The same for a page on which no path is followed.
pub(in crate::report) fn facts_line(graph: &ExposureGraph<'_>) -> Line {
    policy_words(graph, None)
}

fn policy_words(graph: &ExposureGraph<'_>, how: Option<&str>) -> Line {
    let how = how.map(|how| format!("{how} · ")).unwrap_or_default();
    let profiles: Vec<&str> = graph.policy.profiles.iter().map(|profile| profile.id()).collect();
    let switched = match (graph.policy.is_switched, profiles.is_empty()) {
        (false, _) => String::new(),
        (true, false) => format!(" with profiles {}", profiles.join(", ")),
        (true, true) => " without profiles".to_owned(),
    };
    Line(vec![Piece::Faint(format!(
        "{how}policy {} ({}){switched} · as of {} · expert judgement, calibrated against nothing",
        graph.policy.version,
        &graph.policy.hash[..12.min(graph.policy.hash.len())],
        graph.coverage.as_of
    ))])
}

/// Names after words, the rest counted.
fn names(words: &str, names: impl ExactSizeIterator<Item = String>, most: usize) -> Line {
    let mut line = Line::words(words);
    let more = names.len().saturating_sub(most);
    // Those that are counted only are not asked for.
    for (ix, name) in names.take(most).enumerate() {
        line = line.and(if ix == 0 { "" } else { ", " }).and_name(name);
    }
    if more > 0 { line.and(format!(" and {more} more")) } else { line }
}

/// A count with its noun.
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
