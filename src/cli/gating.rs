//! What the commands with a gate share: waivers, the forms of findings, and the exit status.

use super::arguments::{FindingsFormat, FindingsOptions, GatingOptions, Points};
use super::input::{Model, drawn, unreadable};
use super::output::{self, Destination, Failure};
use super::place::Place;
use super::{FINE, GATE_FAILED};
use weaklink::analysis::gate::Gate;
use weaklink::catalog::BasisPoints;
use weaklink::project::Waivers;
use weaklink::report::findings::{Files, Findings, github, gitlab, junit, sarif};
use weaklink::report::page::{Page, Rows};
use weaklink::report::{markdown, screen};

/// Bytes of a comment; GitHub takes 65,536 characters.
const LONGEST_COMMENT: usize = 65_000;

/// Reads the waivers that are asked for, or else the project's.
///
/// # Errors
/// The file cannot be read, or has faults: then none of it holds.
pub(super) fn waivers(options: &GatingOptions, of_project: Option<&Place>, limit: u64) -> Result<Waivers, Failure> {
    let asked = options.waivers.as_deref().map(Place::parse).transpose()?;
    let Some(place) = asked.as_ref().or(of_project) else { return Ok(Waivers::default()) };
    let source = place.read(0, limit)?.map_err(|error| unreadable(&[error]))?;
    Waivers::parse(&source).map_err(|faults| Failure::BadInput(drawn(&faults, std::slice::from_ref(&source))))
}

/// The files of a model, with what each is called from the root of its repository.
pub(super) fn files(model: &Model) -> Files<'_> {
    Files { sources: &model.sources, paths: model.places.iter().map(Place::below_root).collect() }
}

/// How many rows of a table are shown.
pub(super) fn rows(top: u32, all: bool) -> Rows {
    if all { Rows::All } else { Rows::Top(top as usize) }
}

/// Writes findings in a form that is neither JSON nor a page.
fn write_findings(format: FindingsFormat, findings: &Findings<'_>, out: &Destination) -> Result<(), Failure> {
    output::write(out, |mut out| match format {
        FindingsFormat::Sarif => sarif::write(findings, &mut out),
        FindingsFormat::Junit => junit::write(findings, &mut out),
        FindingsFormat::Gitlab => gitlab::write(findings, &mut out),
        _ => out.write_all(github::render(findings).as_bytes()),
    })
}

/// Writes the answer of a gate in the form that is asked for, and gives the exit status. A reader that goes away is
/// told nothing more, and the gate failed all the same.
pub(super) fn answer<'f, J: serde::Serialize>(
    form: &FindingsOptions,
    options: &GatingOptions,
    gate: &Gate<'_>,
    json: impl FnOnce() -> J,
    page: (&str, impl Fn(Rows) -> Page),
    findings: impl FnOnce() -> Findings<'f>,
) -> Result<u8, Failure> {
    let (command, page) = page;
    let (rows, out) = (rows(form.top, form.all), &form.out);
    let written = match form.format {
        FindingsFormat::Json => super::commands::write_json(out, &json()),
        FindingsFormat::Table => output::write_page(out, &screen::render(&page(rows), output::width(out))),
        FindingsFormat::Markdown => {
            let comment = comment(command, rows, page);
            output::write(out, |out| out.write_all(comment.as_bytes()))
        }
        _ => write_findings(form.format, &findings(), out),
    };
    match written {
        Ok(()) | Err(Failure::ClosedPipe) => Ok(if gate.passed() || options.exit_zero { FINE } else { GATE_FAILED }),
        Err(failure) => Err(failure),
    }
}

/// The page as a comment, with as many rows as fit.
fn comment(command: &str, rows: Rows, page: impl Fn(Rows) -> Page) -> String {
    let mut most = match rows {
        Rows::Top(most) => most,
        Rows::All => usize::MAX,
    };
    loop {
        let rows = if most == usize::MAX { Rows::All } else { Rows::Top(most) };
        let comment = markdown::comment(&page(rows), command);
        if comment.len() <= LONGEST_COMMENT || most == 1 {
            return comment;
        }
        most = if most == usize::MAX { 1_024 } else { most / 2 };
    }
}

/// Puts a limit of the command line in the place of the project's.
pub(super) fn set_share(limit: &mut Option<BasisPoints>, asked: Option<Points>) {
    if let Some(Points(asked)) = asked {
        *limit = asked.map(|points| BasisPoints(points as u16));
    }
}
