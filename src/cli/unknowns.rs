//! `unknowns`: which fact to find out next.

use super::arguments::{ModelOptions, RowsOptions};
use super::commands::{answer, progress_bar, report_progress};
use super::input::Model;
use super::output::Failure;
use clap::Args;
use weaklink::analysis;
use weaklink::report::{json, pages};

#[derive(Debug, Args)]
pub(crate) struct UnknownsOptions {
    #[command(flatten)]
    pub(crate) model: ModelOptions,
    #[command(flatten)]
    pub(crate) rows: RowsOptions,
}

/// Shows which fact to find out next.
pub(crate) fn unknowns(options: &UnknownsOptions) -> Result<(), Failure> {
    let model = Model::read(&options.model)?;
    let graph = model.graph();
    let bar = progress_bar("tried");
    let unknowns = analysis::unknowns(&graph, &|done, all| report_progress(&bar, done, all));
    bar.finish_and_clear();
    answer(&options.rows, || json::unknowns(&graph, &unknowns), |rows| pages::unknowns(&graph, &unknowns, rows))
}
