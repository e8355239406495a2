//! Graphs in DOT: every node is a system, every edge a connection; attributes say more.

mod graph;
mod token;

use super::table::{self, Row};
use super::{Observations, Options};
use crate::source::{Fault, Source, Span, SyntaxFaultKind};
use graph::Graph;

/// Reads graphs.
pub(super) fn read(sources: &[&Source], options: &Options, seen: &mut Observations) {
    for source in sources {
        match graph::graphs(source) {
            Ok(graphs) => graphs.iter().for_each(|graph| observe(graph, options, seen)),
            Err(bad) => {
                let end = source.text()[bad.at.min(source.text().len())..].chars().next().map_or(0, char::len_utf8);
                let span = Span::new(source.index(), bad.at, bad.at + end);
                seen.diagnostics.error(span, Fault::Syntax(SyntaxFaultKind::Syntax { message: bad.message.to_owned() }));
            }
        }
    }
}

fn observe(graph: &Graph<'_>, options: &Options, seen: &mut Observations) {
    for node in &graph.nodes {
        seen.thing(node.span);
        let value = |name: &str| node.attributes.get(name).map(AsRef::as_ref);
        table::system(plain(&node.id), &Row { span: node.span, value: &value, options, is_bare: node.attributes.is_empty() }, seen);
        let last = seen.systems.len() - 1;
        let system = &mut seen.systems[last];
        system.name = value("label").filter(|label| !label.is_empty() && *label != "\\N").map(str::to_owned);
        system.tags.extend(node.boxes.iter().map(ToString::to_string));
    }
    for edge in &graph.edges {
        seen.reference(edge.span);
        let value = |name: &str| edge.attributes.get(name).map(AsRef::as_ref);
        let ends = [plain(&graph.nodes[edge.from].id), plain(&graph.nodes[edge.to].id)];
        table::connection(
            ends,
            !graph.directed,
            &Row { span: edge.span, value: &value, options, is_bare: edge.attributes.is_empty() },
            seen,
        );
    }
}

/// The address of a node of `terraform graph` without what that writes around it; any other id as it is.
fn plain(id: &str) -> &str {
    let inner = id.strip_prefix("[root] ").unwrap_or(id);
    if inner.len() == id.len() {
        return id;
    }
    inner.strip_suffix(" (expand)").or_else(|| inner.strip_suffix(" (close)")).unwrap_or(inner)
}

/// Whether a graph is one that Terraform draws of its resources.
pub(super) fn is_of_terraform(source: &Source) -> bool {
    source.text().contains("\"[root] ") || source.text().contains("rankdir = \"RL\"")
}

/// The edges between addresses in a graph of Terraform, `from` needing `to`.
pub(super) fn dependencies(source: &Source) -> Vec<(String, String)> {
    let graphs = graph::graphs(source).unwrap_or_default();
    let of = |graph: &Graph<'_>| {
        let address = |node: usize| plain(&graph.nodes[node].id).to_owned();
        graph.edges.iter().map(|edge| (address(edge.from), address(edge.to))).collect::<Vec<_>>()
    };
    graphs.iter().flat_map(of).collect()
}
