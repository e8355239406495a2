//! `explain`: what a word, a code, a control or a service means.

use super::arguments::{OutOption, PlainFormat};
use super::commands::write_json;
use super::output::{self, Failure};
use weaklink::report::{explain, json};
use weaklink::source::{nearest, visible};

/// Explains one thing, or lists what there is to explain.
pub(crate) fn explain(what: Option<&str>, format: PlainFormat, out: &OutOption) -> Result<(), Failure> {
    let text = match what {
        None => explain::index(),
        Some(what) => explain::explain(what).ok_or_else(|| unknown(what))?,
    };
    match format {
        PlainFormat::Table => output::write_page(out, &text),
        PlainFormat::Json => write_json(out, &json::explain(what, &text, explain::names())),
    }
}

fn unknown(what: &str) -> Failure {
    let names = explain::names();
    let message = format!("nothing to explain about `{}`", visible(what));
    match nearest(what, names.iter().map(String::as_str)) {
        Some(nearest) => Failure::bad_input_with_help(message, format!("did you mean `{nearest}`?")),
        None => Failure::bad_input_with_help(message, "`weaklink explain` lists what can be explained"),
    }
}
