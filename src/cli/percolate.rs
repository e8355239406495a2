//! `percolate`: how probable it is that systems are exposed, over all paths together.

use super::arguments::{ModelOptions, RowsOptions, parse_threshold};
use super::commands::{answer, progress_bar, report_progress, target, threshold};
use super::input::Model;
use super::output::Failure;
use clap::Args;
use std::num::NonZeroU64;
use weaklink::analysis::{self, Failing, Sampling};
use weaklink::report::{json, pages};

#[derive(Debug, Args)]
pub(crate) struct PercolateOptions {
    #[command(flatten)]
    pub(crate) model: ModelOptions,
    /// What fails wholly, named as a TARGET of `blast`. Without it, every gap of the estate with its severity.
    #[arg(value_name = "TARGET")]
    pub(crate) target: Option<String>,
    /// List what is exposed with this probability or a higher one, 0 to 1; default: the policy's.
    #[arg(long, value_name = "X", value_parser = parse_threshold)]
    pub(crate) threshold: Option<f64>,
    /// Sample so many worlds, also where an exact answer is near; default: exact where that is near, else enough for an
    /// error of .01.
    #[arg(long, value_name = "N", value_parser = parse_worlds)]
    pub(crate) worlds: Option<NonZeroU64>,
    /// Which worlds are sampled: the same number, the same worlds, whatever the model.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    #[command(flatten)]
    pub(crate) rows: RowsOptions,
}

/// The most worlds that are drawn: an error of .0003, and minutes of work for a small estate.
const MOST_WORLDS: u64 = 100_000_000;

/// Shows how probable it is that systems are exposed.
pub(crate) fn percolate(options: &PercolateOptions) -> Result<(), Failure> {
    let model = Model::read(&options.model)?;
    let graph = model.graph();
    let named = options.target.as_deref();
    let failing = named.map(|text| target(&graph, text)).transpose()?.map_or(Failing::Gaps, Failing::Target);
    let sampling = Sampling { worlds: options.worlds, seed: options.seed, threads: None };
    let bar = progress_bar("worlds drawn");
    let percolation = analysis::percolation(&graph, failing, sampling, threshold(&graph, options.threshold), &|done, all| {
        report_progress(&bar, done as usize, all as usize);
    });
    bar.finish_and_clear();
    answer(
        &options.rows,
        || json::percolate(&graph, &percolation, named),
        |rows| pages::percolation(&graph, &percolation, named.unwrap_or_default(), rows),
    )
}

fn parse_worlds(text: &str) -> Result<NonZeroU64, String> {
    let worlds = text.parse().ok().filter(|worlds: &NonZeroU64| worlds.get() <= MOST_WORLDS);
    worlds.ok_or_else(|| format!("worlds are a number from 1 to {MOST_WORLDS}"))
}
