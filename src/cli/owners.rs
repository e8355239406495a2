//! `owners`: what each party's gaps do to the systems of each other party.

use super::arguments::{Format, ModelOptions, RowsOptions};
use super::commands::{answer, progress_bar, report_progress};
use super::input::Model;
use super::output::Failure;
use clap::Args;
use weaklink::analysis;
use weaklink::report::pages::OwnersView;
use weaklink::report::{json, pages};

#[derive(Debug, Args)]
pub(crate) struct OwnersOptions {
    #[command(flatten)]
    pub(crate) model: ModelOptions,
    #[command(flatten)]
    pub(crate) rows: RowsOptions,
}

/// Shows what parties generate and suffer, and the flow between them; CSV holds the flow.
pub(crate) fn owners(options: &OwnersOptions) -> Result<(), Failure> {
    let model = Model::read(&options.model)?;
    let graph = model.graph();
    let bar = progress_bar("attributed");
    let owners = analysis::owners(&graph, &|done, all| report_progress(&bar, done, all));
    bar.finish_and_clear();
    let view = if options.rows.format == Format::Csv { OwnersView::Flows } else { OwnersView::Page };
    answer(&options.rows, || json::owners(&graph, &owners), |rows| pages::owners(&graph, &owners, view, rows))
}
