//! `check`: the faults of a model; and with a gate its findings.

use super::arguments::{CheckOptions, FindingsFormat, Points};
use super::commands::write_json;
use super::input::{Model, Reading, drawn, read, remedy, unreadable};
use super::output::{self, Failure};
use super::{FINE, gating};
use std::io::Write;
use weaklink::analysis;
use weaklink::catalog::GapKind;
use weaklink::project::CheckLimits;
use weaklink::report::{faults, findings, json, pages};
use weaklink::source::{Diagnostics, ReadError, Severity, Source};

/// Reports every fault and warning of a model.
pub(crate) fn check(options: &CheckOptions) -> Result<u8, Failure> {
    if !options.gate && !matches!(options.findings.format, FindingsFormat::Json | FindingsFormat::Table) {
        return Err(Failure::bad_input_with_help("this form shows findings, and a plain check has none", "add --gate"));
    }
    let reading = read(&options.model)?;
    let (valid, sources, diagnostics) = match &reading {
        Reading::Valid(model) => (Some(&**model), &model.sources, &model.warnings),
        Reading::Invalid(sources, diagnostics) => (None, sources, diagnostics),
        Reading::Unreadable(errors) => return check_unreadable(options, errors),
    };
    if let (Some(model), true) = (valid, options.gate) {
        return gate(options, model);
    }
    let gaps = valid.map_or(0, |model| model.coverage.gaps().count());
    match options.findings.format {
        FindingsFormat::Json => {
            let answer = json::check(valid.map(|model| (&model.estate, gaps)), check_diagnostics(diagnostics, sources));
            write_json(&options.findings.out, &answer)?;
        }
        FindingsFormat::Table => {
            show(diagnostics, sources);
            if let Some(model) = valid {
                let counts = format!(
                    "ok  {}, {}, {}; {}\n",
                    pages::count(model.estate.systems().len(), "system", "systems"),
                    pages::count(model.estate.connections().len(), "connection", "connections"),
                    pages::count(model.estate.parties().len(), "party", "parties"),
                    pages::count(gaps, "coverage gap", "coverage gaps"),
                );
                output::write_page(&options.findings.out, &counts)?;
            }
        }
        // Forms of findings; without a valid model there are none to show.
        _ => show(diagnostics, sources),
    }
    if valid.is_none() { Err(Failure::BadInput(String::new())) } else { Ok(FINE) }
}

/// Draws diagnostics on standard error.
fn show(diagnostics: &Diagnostics, sources: &[Source]) {
    if !diagnostics.is_empty() {
        let _ = write!(anstream::stderr(), "{}", drawn(diagnostics, sources));
    }
}

/// Holds the gaps of a valid model against limits.
fn gate(options: &CheckOptions, model: &Model) -> Result<u8, Failure> {
    let is_json = options.findings.format == FindingsFormat::Json;
    if !is_json {
        show(&model.warnings, &model.sources);
    }
    let limit = options.model.reading.max_size * 1024 * 1024;
    let waivers = gating::waivers(&options.gating, model.project.waivers.as_ref(), limit)?;
    let limits = limits(options, model.project.settings.check.clone());
    let graph = model.graph();
    let check = analysis::check::check(&graph, &limits, &waivers, model.coverage.as_of);
    let files = gating::files(model);
    let shown = options.findings.lines.then_some(&model.sources[..]);
    gating::answer(
        &options.findings,
        &options.gating,
        &check.gate,
        || {
            let answer = json::check(Some((&model.estate, check.gaps.len())), check_diagnostics(&model.warnings, &model.sources));
            json::Check { gate: Some(json::check_gate(&check)), ..answer }
        },
        ("check", |rows| pages::check(&check, shown, rows)),
        || findings::of_check(&check, &files),
    )
}

fn limits(options: &CheckOptions, mut limits: CheckLimits) -> CheckLimits {
    gating::set_share(&mut limits.critical, options.critical);
    if let Some(Points(posture)) = options.posture {
        limits.posture = posture.map(|posture| posture.div_ceil(100) as u8);
    }
    if let Some(kinds) = &options.deny {
        limits.deny = kinds.iter().filter_map(|kind| GapKind::from_id(kind)).collect();
    }
    limits
}

/// A file that cannot be read has no places; it is told of at its beginning.
fn check_unreadable(options: &CheckOptions, errors: &[ReadError]) -> Result<u8, Failure> {
    if options.findings.format == FindingsFormat::Json {
        let told = errors.iter().map(|error| json::CheckDiagnostic {
            severity: "error",
            code: "unreadable",
            message: error.to_string(),
            help: remedy(error).map(str::to_owned),
            file: error.name().to_owned(),
            line: 1,
            column: 1,
        });
        write_json(&options.findings.out, &json::check(None, told.collect()))?;
        return Err(Failure::BadInput(String::new()));
    }
    Err(unreadable(errors))
}

fn check_diagnostics(diagnostics: &Diagnostics, sources: &[Source]) -> Vec<json::CheckDiagnostic> {
    diagnostics
        .iter()
        .map(|diagnostic| {
            let source = &sources[usize::from(diagnostic.span.source)];
            let wording = faults::wording_in(&diagnostic.fault, Some(source));
            let (line, column) = source.line_column(diagnostic.span.start);
            json::CheckDiagnostic {
                severity: if diagnostic.severity == Severity::Error { "error" } else { "warning" },
                code: wording.code,
                message: wording.message,
                help: wording.help,
                file: source.name().to_owned(),
                line: line as u32,
                column: column as u32,
            }
        })
        .collect()
}
