//! Compose files: services become systems, and what they depend on, name and share the connections between them.

mod machine;
mod network;
mod project;
mod reference;
mod service;
mod value;

use super::{Format, Observations, Options, tree};
use crate::source::{Fault, Node, Source};
use project::Project;

/// Reads files of this format. Files of one project, by their `name` or else their folder, add up, as Compose adds them up.
pub(super) fn read(sources: &[&Source], options: &Options, seen: &mut Observations) {
    let mut files: Vec<(&Source, Node<'_>)> = Vec::new();
    for source in sources {
        let documents = tree::documents(source, options, seen);
        files.extend(documents.into_iter().map(|document| (*source, document)));
    }
    let is_whole = |(source, document): &&(&Source, Node<'_>)| {
        let is_whole = tree::get(document, "services").is_some();
        if !is_whole {
            let fault = Fault::NotThatFormat { expected: Format::Compose.title(), lacks: "`services`" };
            seen.diagnostics.error(super::format::beginning(source), fault);
        }
        is_whole
    };
    let whole: Vec<&(&Source, Node<'_>)> = files.iter().filter(is_whole).collect();
    let projects = Project::all(&whole, seen);
    for project in &projects {
        let names = project.host_names();
        for service in project.services.values() {
            service::tell(project, service, seen);
            reference::tell(project, service, &names, seen);
        }
        machine::tell(project, seen);
    }
    network::tell(&projects, seen);
}
