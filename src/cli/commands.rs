//! The commands that answer questions: read, ask, write.

use super::arguments::{
    Format, GapsOptions, MatrixOptions, QueryOptions, RowsOptions, ScoreOptions, ScoreTableName, SemiringName, WhyOptions,
};
use super::input::Model;
use super::output::{self, Destination, Failure};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use std::io::IsTerminal;
use std::time::Duration;
use weaklink::analysis::{self, Attribution, Target, TargetError};
use weaklink::catalog::{BasisPoints, Layer};
use weaklink::estate::{Estate, SystemIx};
use weaklink::graph::{ExposureGraph, Semiring};
use weaklink::report::page::{Page, Rows};
use weaklink::report::pages::ScoreTable;
use weaklink::report::{badge, csv, json, markdown, pages, screen};
use weaklink::source::visible;

/// Shows the responsibility ladder of one system or of all.
pub(crate) fn matrix(options: &MatrixOptions) -> Result<(), Failure> {
    let model = Model::read(&options.model)?;
    let graph = model.graph();
    let systems: Vec<SystemIx> = match &options.system {
        None => model.estate.system_ixs().collect(),
        Some(id) => match model.estate.find_system(id) {
            Some(system_ix) => vec![system_ix],
            None => return Err(unknown_system(&model.estate, id)),
        },
    };
    answer(&options.rows, || json::matrix(&graph, &systems), |rows| pages::matrix(&graph, &systems, rows))
}

/// Lists the coverage gaps.
pub(crate) fn gaps(options: &GapsOptions) -> Result<(), Failure> {
    let model = Model::read(&options.model)?;
    let graph = model.graph();
    answer(&options.rows, || json::gaps(&graph), |rows| pages::gaps(&graph, options.lines.then_some(&model.sources[..]), rows))
}

/// Shows what is exposed if a target fails.
pub(crate) fn blast(options: &QueryOptions) -> Result<(), Failure> {
    let model = Model::read(&options.model)?;
    let graph = model.graph();
    let target = target(&graph, &options.target)?;
    let threshold = threshold(&graph, options.threshold);
    let semiring = semiring(options.semiring, threshold);
    let radius = analysis::blast_radius(&graph, target, semiring, threshold);
    answer(
        &options.rows,
        || json::blast(&graph, &radius, &options.target, name(options.semiring)),
        |rows| pages::blast(&graph, &radius, &options.target, semiring, rows),
    )
}

/// Shows what would reach a target.
pub(crate) fn exposed(options: &QueryOptions) -> Result<(), Failure> {
    let model = Model::read(&options.model)?;
    let graph = model.graph();
    let target = target(&graph, &options.target)?;
    let threshold = threshold(&graph, options.threshold);
    let semiring = semiring(options.semiring, threshold);
    let exposure = analysis::exposure_of(&graph, target, semiring, threshold);
    answer(
        &options.rows,
        || json::exposed(&graph, &exposure, &options.target, name(options.semiring)),
        |rows| pages::exposed(&graph, &exposure, &options.target, semiring, rows),
    )
}

/// Shows the best paths between two targets.
pub(crate) fn why(options: &WhyOptions) -> Result<(), Failure> {
    let model = Model::read(&options.model)?;
    let graph = model.graph();
    let (from, to) = (target(&graph, &options.from)?, target(&graph, &options.to)?);
    let semiring = semiring(options.semiring, threshold(&graph, options.threshold));
    let paths = analysis::best_paths(&graph, from, to, semiring, options.paths as usize);
    let rows = RowsOptions { format: options.format, top: u32::MAX, all: true, out: options.out.clone() };
    answer(
        &rows,
        || json::why(&graph, &paths, (&options.from, &options.to), semiring),
        |_| pages::why(&graph, &paths, [(from, &options.from), (to, &options.to)], semiring),
    )
}

/// Scores an estate.
pub(crate) fn score(options: &ScoreOptions) -> Result<(), Failure> {
    let model = Model::read(&options.model)?;
    let graph = model.graph();
    if options.badge {
        let badge = badge::render(analysis::posture(&graph).posture.low);
        return output::write(&options.rows.out, |out| out.write_all(badge.as_bytes()));
    }
    let by_default = Attribution::by_default(model.estate.systems().len());
    // What is printed whole is computed whole; a page has the figures of the rows that it shows.
    let is_whole = options.rows.all || matches!(options.rows.format, Format::Json | Format::Csv);
    let attribution = match by_default {
        Attribution::Omitted if options.attribution && is_whole => Attribution::Full,
        Attribution::Omitted if options.attribution => Attribution::Shown(options.rows.top as usize),
        by_default => by_default,
    };
    let bar = progress_bar("attributed");
    let score = analysis::score(&graph, threshold(&graph, options.threshold), attribution, &|done, all| report_progress(&bar, done, all));
    bar.finish_and_clear();
    let by_form = (options.rows.format == Format::Csv).then_some(ScoreTableName::Systems);
    let table = options.table.or(by_form).map(|name| match name {
        ScoreTableName::Systems => ScoreTable::Systems,
        ScoreTableName::Gaps => ScoreTable::Gaps,
        ScoreTableName::Parties => ScoreTable::Parties,
    });
    answer(&options.rows, || json::score(&graph, &score), |rows| pages::score(&graph, &score, table, rows))
}

/// A bar on standard error for work that is counted; `verb` is what is done to each piece of it.
pub(crate) fn progress_bar(verb: &str) -> ProgressBar {
    let target = if std::io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(None, target);
    match ProgressStyle::with_template(&format!("{{bar:40}} {{pos}} of {{len}} {verb}, {{eta}} left")) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Moves a bar, quiet for the first second: most answers are there before anybody looks for one.
pub(crate) fn report_progress(bar: &ProgressBar, done: usize, all: usize) {
    if bar.elapsed() >= Duration::from_secs(1) {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    }
}

/// Prints a JSON Schema.
pub(crate) fn schema(of: &str, out: &Destination) -> Result<(), Failure> {
    match json::output_schema(of) {
        Some(schema) => write_json(out, &schema),
        None => write_json(out, &weaklink::estate::document::schema()),
    }
}

/// Writes an answer in the form that is asked for.
pub(crate) fn answer<J: Serialize>(
    options: &RowsOptions,
    json: impl FnOnce() -> J,
    page: impl FnOnce(Rows) -> Page,
) -> Result<(), Failure> {
    let rows = super::gating::rows(options.top, options.all);
    match options.format {
        Format::Json => write_json(&options.out, &json()),
        Format::Csv => output::write(&options.out, |mut out| csv::write(&page(Rows::All), &mut out)),
        Format::Markdown => output::write(&options.out, |out| out.write_all(markdown::render(&page(rows)).as_bytes())),
        Format::Table => output::write_page(&options.out, &screen::render(&page(rows), output::width(&options.out))),
    }
}

pub(crate) fn write_json(out: &Destination, value: &impl Serialize) -> Result<(), Failure> {
    output::write(out, |mut out| json::write(value, &mut out))
}

pub(crate) fn threshold(graph: &ExposureGraph<'_>, asked: Option<f64>) -> BasisPoints {
    BasisPoints::of(asked.unwrap_or(graph.policy.threshold))
}

pub(crate) fn semiring(name: SemiringName, threshold: BasisPoints) -> Semiring {
    match name {
        SemiringName::Product => Semiring::Product,
        SemiringName::Bottleneck => Semiring::Bottleneck,
        SemiringName::Reach => Semiring::Reach { threshold },
    }
}

fn name(semiring: SemiringName) -> &'static str {
    match semiring {
        SemiringName::Product => "product",
        SemiringName::Bottleneck => "bottleneck",
        SemiringName::Reach => "reach",
    }
}

/// The target that a text names. One without a layer is no wrong usage: that nothing has a gap of a kind is an answer,
/// and the best one.
pub(crate) fn target(graph: &ExposureGraph<'_>, text: &str) -> Result<Target, Failure> {
    Target::named(graph, text).map_err(|error| no_target(error, text))
}

fn no_target(error: TargetError, text: &str) -> Failure {
    const FORMS: &str = "a target is a system, `system:layer`, a party, a control, a connection or a gap kind";
    let help = match &error {
        TargetError::Unknown { nearest: Some(nearest), .. } => format!("did you mean `{}`?", visible(nearest)),
        TargetError::Unknown { systems, .. } if systems.is_empty() => FORMS.to_owned(),
        TargetError::Unknown { systems, .. } => format!("{FORMS}; the systems are {}", quoted_list(systems.iter().map(String::as_str))),
        TargetError::UnknownLayer { system, .. } => {
            format!("`{}` is a system; layers are {}", visible(system), quoted_list(Layer::IDS.iter().copied()))
        }
        TargetError::NoSuchLayer { system, .. } => format!("`weaklink matrix MODEL {}` lists its layers", visible(system)),
        TargetError::Empty { .. } => format!("`weaklink blast MODEL {}` says what that means", visible(text)),
    };
    Failure::bad_input_with_help(error, help)
}

fn unknown_system(estate: &Estate, id: &str) -> Failure {
    let systems = estate.systems();
    let ids = || systems.iter().map(|system| system.id.as_str());
    let message = format!("no system named `{}`", visible(id));
    match weaklink::source::nearest_of(id, |each| estate.each_system_id(each)) {
        Some(nearest) => Failure::bad_input_with_help(message, format!("did you mean `{}`?", visible(&nearest))),
        None if systems.len() <= MOST_LISTED => Failure::bad_input_with_help(message, format!("the systems are {}", quoted_list(ids()))),
        None => Failure::bad_input_with_help(message, "`weaklink matrix MODEL` shows them all"),
    }
}

/// Names up to which a message lists them.
const MOST_LISTED: usize = 12;

fn quoted_list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{}`", visible(name))).collect::<Vec<_>>().join(", ")
}
