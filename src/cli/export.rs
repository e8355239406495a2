//! Writing the estate in formats of other tools.

use super::arguments::{ExportFormat, ExportOptions};
use super::commands::write_json;
use super::input::Model;
use super::output::{self, Failure};
use weaklink::report::export::{crm, otm};

/// Writes the estate as a threat model or a responsibility matrix.
pub(crate) fn export(options: &ExportOptions) -> Result<(), Failure> {
    let model = Model::read(&options.model)?;
    let graph = model.graph();
    match options.format {
        ExportFormat::Otm => write_json(&options.out, &otm::model(&graph)),
        ExportFormat::Crm => output::write(&options.out, |mut out| crm::write(&graph, &mut out)),
    }
}
