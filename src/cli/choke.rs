//! `choke`: where all exposure of targets passes, and what each fix would remove.

use super::arguments::{ModelOptions, RowsOptions, parse_threshold};
use super::commands::{answer, progress_bar, report_progress, target, threshold};
use super::input::Model;
use super::output::Failure;
use clap::Args;
use weaklink::analysis::{self, Target};
use weaklink::report::{json, pages};

#[derive(Debug, Args)]
pub(crate) struct ChokeOptions {
    #[command(flatten)]
    pub(crate) model: ModelOptions,
    /// What must not be exposed, named as a TARGET of `blast`. Without any: the crown jewels, or where none is stated the
    /// systems whose risk is at or above the threshold.
    #[arg(value_name = "TARGET")]
    pub(crate) targets: Vec<String>,
    /// A target counts as exposed at or above this, 0 to 1; default: the policy's.
    #[arg(long, value_name = "X", value_parser = parse_threshold)]
    pub(crate) threshold: Option<f64>,
    #[command(flatten)]
    pub(crate) rows: RowsOptions,
}

/// Shows where all exposure of targets passes.
pub(crate) fn choke(options: &ChokeOptions) -> Result<(), Failure> {
    let model = Model::read(&options.model)?;
    let graph = model.graph();
    let named: Vec<Target> = options.targets.iter().map(|text| target(&graph, text)).collect::<Result<_, _>>()?;
    let bar = progress_bar("tried");
    let choke = analysis::choke_points(&graph, &named, threshold(&graph, options.threshold), &|done, all| report_progress(&bar, done, all));
    bar.finish_and_clear();
    let names: Vec<String> = if named.is_empty() {
        let system = |target: Target| target.states(&graph).first().map(|state| graph.estate.system(state.system()).id.clone());
        choke.targets.iter().map(|target| system(target.target).unwrap_or_default()).collect()
    } else {
        options.targets.clone()
    };
    answer(&options.rows, || json::choke(&graph, &choke, &names), |rows| pages::choke(&graph, &choke, &names, rows))
}
