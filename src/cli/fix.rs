//! `weaklink fix`: the best plan within a budget, or what protects a target.

use super::arguments::{Format, ModelOptions, RowsOptions, parse_threshold};
use super::commands::{answer, progress_bar, report_progress, target, threshold};
use super::input::Model;
use super::output::Failure;
use clap::{Args, ValueEnum};
use std::sync::atomic::{AtomicBool, Ordering};
use weaklink::analysis::fixes::{self, Watch};
use weaklink::catalog::{End, FixKind};
use weaklink::report::pages::FixesBy;
use weaklink::report::{json, pages};

#[derive(Debug, Args)]
pub(crate) struct FixOptions {
    #[command(flatten)]
    pub(crate) model: ModelOptions,
    /// Plan the fixes that leave the least risk for no more than this, in the units of the model's `costs`; a fix costs 1
    /// where they do not say.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000_000), required_unless_present = "protect")]
    pub(crate) budget: Option<u64>,
    /// Find the cheapest fixes after which no path reaches TARGET, named as for `blast`, whose every step is at or above the
    /// threshold.
    #[arg(long, value_name = "TARGET", conflicts_with = "budget")]
    pub(crate) protect: Option<String>,
    /// What may be done: close a gap, own a layer, put a control on a connection, or remove one.
    #[arg(long, value_name = "KINDS", value_delimiter = ',', value_parser = fix_kinds(), default_value = "close,own,control")]
    pub(crate) kinds: Vec<String>,
    /// For `--budget`: at the high end every unknown counts as bad; at the low end as good, so that the plan is for what is
    /// known to be open.
    #[arg(long, value_name = "END", value_parser = ends(), default_value = "high", conflicts_with = "protect")]
    pub(crate) end: String,
    /// For `--protect`: steps count at or above this, 0 to 1; default: the policy's.
    #[arg(long, value_name = "X", value_parser = parse_threshold, requires = "protect")]
    pub(crate) threshold: Option<f64>,
    /// List the fixes as one plan, or as a ticket for each owner.
    #[arg(long, value_name = "WHAT", default_value = "plan")]
    pub(crate) by: FixesByName,
    #[command(flatten)]
    pub(crate) rows: RowsOptions,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FixesByName {
    /// In the order in which to do them.
    Plan,
    /// By who has to act.
    Owner,
}

fn fix_kinds() -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(FixKind::IDS)
}

fn ends() -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(End::IDS)
}

/// Whether the user has asked to stop.
static IS_STOPPED: AtomicBool = AtomicBool::new(false);

/// Lets the first Ctrl-C end the search with the best that was found; the second ends the program.
fn stop_on_interrupt() {
    // Without a handler the program just ends, as it would have without this.
    let _ = ctrlc::set_handler(|| {
        if IS_STOPPED.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    });
}

/// Plans fixes.
pub(crate) fn fix(options: &FixOptions) -> Result<(), Failure> {
    let model = Model::read(&options.model)?;
    let graph = model.graph();
    let kinds: Vec<FixKind> = FixKind::ALL.iter().copied().filter(|kind| options.kinds.iter().any(|asked| asked == kind.id())).collect();
    let by = match options.by {
        FixesByName::Plan => FixesBy::Plan,
        FixesByName::Owner => FixesBy::Owner,
    };
    // A table for machines is one table.
    let by = if options.rows.format == Format::Csv { FixesBy::Plan } else { by };
    let candidates = fixes::candidates(&graph, &kinds);
    stop_on_interrupt();
    let bar = progress_bar("looked at");
    let watch = Watch { progress: &|done, all| report_progress(&bar, done, all), is_stopped: &|| IS_STOPPED.load(Ordering::Relaxed) };
    if let Some(name) = &options.protect {
        let target = target(&graph, name)?;
        let threshold = threshold(&graph, options.threshold);
        let found = fixes::protect(&graph, &target.states(&graph), &candidates, threshold, watch);
        bar.finish_and_clear();
        return answer(
            &options.rows,
            || json::protection(&graph, found.as_ref(), name, threshold, &kinds),
            |rows| pages::protection(&graph, found.as_ref(), (target, name), threshold, by, rows),
        );
    }
    let end = End::from_id(&options.end).unwrap_or(End::High);
    let plan = fixes::plan(&graph, candidates, options.budget.unwrap_or(1), end, watch);
    bar.finish_and_clear();
    answer(&options.rows, || json::plan(&graph, &plan, &kinds), |rows| pages::plan(&graph, &plan, by, rows))
}
