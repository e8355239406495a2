//! Findings as a GitLab code quality report.

use super::{Findings, Level, region};
use crate::source::visible;
use serde::Serialize;

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
}

/// Writes the report: a list of issues, in the order of the findings.
///
/// # Errors
/// The writer's.
///
/// # Source
/// GitLab, *Code Quality*, report format.
pub fn write(findings: &Findings<'_>, out: &mut impl std::io::Write) -> std::io::Result<()> {
    let issues: Vec<Issue<'_>> = findings
        .list
        .iter()
        .map(|finding| {
            let source_ix = usize::from(finding.span.source);
            let begin = findings.files.sources.get(source_ix).map_or(1, |source| region(source, finding.span).0.0);
            let severity = match (finding.level(), finding.risk.0 / 100) {
                (Level::Note, _) => "info",
                (Level::Warning, _) => "minor",
                (Level::Error, 80..) => "critical",
                (Level::Error, _) => "major",
            };
            Issue {
                description: visible(&finding.message).into_owned(),
                check_name: finding.rule(),
                fingerprint: finding.id.fingerprint(),
                severity,
                location: Location { path: findings.files.paths.get(source_ix).map_or("", String::as_str), lines: Lines { begin } },
            }
        })
        .collect();
    crate::report::json::write(&issues, out)
}
