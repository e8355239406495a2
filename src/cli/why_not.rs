//! `why-not`: what holds, where one thing does not expose another.

use super::arguments::{ModelOptions, RowsOptions, parse_threshold};
use super::commands::{answer, target, threshold};
use super::input::Model;
use super::output::Failure;
use clap::Args;
use weaklink::analysis;
use weaklink::report::{json, pages};
use weaklink::source::visible;

#[derive(Debug, Args)]
pub(crate) struct WhyNotOptions {
    #[command(flatten)]
    pub(crate) model: ModelOptions,
    /// What would fail, named as a TARGET of `blast`.
    #[arg(value_name = "FROM")]
    pub(crate) from: String,
    /// What is not exposed, named likewise.
    #[arg(value_name = "TO")]
    pub(crate) to: String,
    /// Exposed is what is at or above this, 0 to 1; default: the policy's.
    #[arg(long, value_name = "X", value_parser = parse_threshold)]
    pub(crate) threshold: Option<f64>,
    #[command(flatten)]
    pub(crate) rows: RowsOptions,
}

/// Shows what holds between two targets.
pub(crate) fn why_not(options: &WhyNotOptions) -> Result<(), Failure> {
    let model = Model::read(&options.model)?;
    let graph = model.graph();
    let (from, to) = (target(&graph, &options.from)?, target(&graph, &options.to)?);
    let Some(found) = analysis::why_not(&graph, from, to, threshold(&graph, options.threshold)) else {
        let (is_bare, from_name, to_name) = (to.states(&graph).is_empty(), visible(&options.from), visible(&options.to));
        let message = if from.states(&graph).is_empty() || is_bare {
            format!("`{}` stands for no layer of this model", if is_bare { to_name } else { from_name })
        } else {
            format!("`{to_name}` fails itself if `{from_name}` does: there is nothing to hold")
        };
        return Err(Failure::bad_input_with_help(message, "FROM and TO are two different things, each with a layer"));
    };
    let names = [options.from.as_str(), options.to.as_str()];
    answer(&options.rows, || json::why_not(&graph, &found, (names[0], names[1])), |rows| pages::why_not(&graph, &found, names, rows))
}
