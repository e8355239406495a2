//! What a diagram writes on its cards and links.

use crate::estate::{ConnectionIx, SystemIx};
use crate::graph::ExposureGraph;

/// The words on cards and links; implement it to have a diagram say something else.
///
/// Whatever it returns is text: every writer escapes it.
pub trait Labels {
    /// The title of a system's card: its id, if nothing else is said.
    fn title(&self, graph: &ExposureGraph<'_>, system_ix: SystemIx) -> String {
        graph.estate.system(system_ix).id.clone()
    }

    /// A second line: its name, if nothing else is said.
    fn name(&self, graph: &ExposureGraph<'_>, system_ix: SystemIx) -> Option<String> {
        graph.estate.system(system_ix).name.clone()
    }

    /// The words on a connection: its verb, if nothing else is said.
    fn connection(&self, graph: &ExposureGraph<'_>, connection_ix: ConnectionIx) -> String {
        graph.estate.connection(connection_ix).kind.id().to_owned()
    }
}

/// Ids, names and verbs, as on the screens.
#[derive(Copy, Clone, Debug, Default)]
pub struct Plain;

impl Labels for Plain {}
