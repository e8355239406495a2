//! `explain`: what a word, a code, a control or a service means.

use super::arguments::OutOption;
use super::output::{self, Failure};
use weaklink::report::explain;
use weaklink::source::{nearest, visible};

/// Explains one thing, or lists what there is to explain.
pub(crate) fn explain(what: Option<&str>, out: &OutOption) -> Result<(), Failure> {
    let Some(what) = what else { return output::write_page(out, &explain::index()) };
    match explain::explain(what) {
        Some(text) => output::write_page(out, &text),
        None => {
            let names = explain::names();
            let message = format!("nothing to explain about `{}`", visible(what));
            Err(match nearest(what, names.iter().map(String::as_str)) {
                Some(nearest) => Failure::bad_input_with_help(message, format!("did you mean `{nearest}`?")),
                None => Failure::bad_input_with_help(message, "`weaklink explain` lists what can be explained"),
            })
        }
    }
}
