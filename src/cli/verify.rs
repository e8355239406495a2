//! `weaklink verify`: whether what an earlier run claims holds.

use super::arguments::{ModelOptions, RowsOptions};
use super::commands::answer;
use super::input::{Model, read_stdin_once, unreadable};
use super::output::Failure;
use super::place::Place;
use super::{FINE, GATE_FAILED};
use clap::Args;
use std::path::PathBuf;
use weaklink::analysis::verify::{self, Verdict};
use weaklink::report::json::{self, CHECKED, NoClaims};
use weaklink::report::pages;
use weaklink::source::visible;

#[derive(Debug, Args)]
pub(crate) struct VerifyOptions {
    /// A result in JSON, of `blast`, `exposed`, `why` or `fix`; `-` is standard input.
    #[arg(value_name = "RESULT")]
    pub(crate) result: PathBuf,
    #[command(flatten)]
    pub(crate) model: ModelOptions,
    #[command(flatten)]
    pub(crate) rows: RowsOptions,
}

/// Checks every claim of a result; 1 where one does not hold.
pub(crate) fn verify(options: &VerifyOptions) -> Result<u8, Failure> {
    read_stdin_once([&options.result, &options.model.model])?;
    let model = Model::read(&options.model)?;
    let graph = model.graph();
    let limit = options.model.reading.max_size * 1024 * 1024;
    let source = Place::parse(&options.result)?.read(0, limit)?.map_err(|error| unreadable(&[error]))?;
    let name = visible(source.name()).into_owned();
    let claims = json::claims(&graph, source.text()).map_err(|error| match error {
        NoClaims::NotAResult => Failure::bad_input_with_help(
            format!("`{name}` is no result of weaklink"),
            "give what `weaklink blast MODEL TARGET --format json` writes",
        ),
        NoClaims::Unchecked(schema) => {
            let message = format!("`{name}` is a result of the kind `{}`, whose claims are not checked", visible(&schema));
            Failure::bad_input_with_help(message, format!("these are: {}", CHECKED.join(", ")))
        }
        NoClaims::OtherPolicy => {
            Failure::bad_input_with_help(format!("`{name}` was made with another policy"), "give the same `--policy` and `--profiles`")
        }
        NoClaims::Malformed(what) => {
            let message = format!("`{name}` has a fault: {}", visible(&what));
            Failure::bad_input_with_help(message, "was it made from another model, or changed since?")
        }
    })?;
    let verdicts: Vec<(String, Verdict)> = claims.into_iter().map(|(about, claim)| (about, verify::verify(&graph, &claim))).collect();
    answer(&options.rows, || json::verify(&graph, &verdicts), |rows| pages::verify(&graph, &verdicts, rows))?;
    Ok(if verdicts.iter().any(|(_, verdict)| matches!(verdict, Verdict::Fails(_))) { GATE_FAILED } else { FINE })
}
