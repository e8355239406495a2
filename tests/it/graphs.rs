//! The shipped graphs: each opens without a diagnostic, and teaches what its comments say.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use weaklink::catalog::{ConnectionKind, GapKind, Policy};
use weaklink::coverage::Coverage;
use weaklink::estate::Estate;
use weaklink::report::faults;
use weaklink::source::{Limits, Source};

/// A date on which all evidence of the graphs is fresh.
const AS_OF: jiff::civil::Date = jiff::civil::date(2026, 11, 24);

fn graphs() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("graphs");
    let mut graphs: Vec<PathBuf> = [folder.clone(), folder.join("incidents"), folder.join("pull-requests")]
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).expect("the folder can be read"))
        .map(|entry| entry.expect("the entry can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    graphs.sort();
    graphs
}

fn open(path: &Path) -> Estate {
    let source = Source::read(path, 0, 1 << 20).expect("the graph can be read");
    match Estate::load(&[&source], Policy::shipped(), AS_OF, &Limits::default()) {
        Ok((estate, warnings)) if warnings.is_empty() => estate,
        Ok((_, diagnostics)) | Err(diagnostics) => panic!("{}", faults::render(&diagnostics, &[source], false, 50)),
    }
}

fn storefront() -> Estate {
    open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("graphs/storefront.yaml"))
}

#[test]
fn every_graph_opens_without_a_diagnostic() {
    let graphs = graphs();
    assert_eq!(graphs.len(), 19);
    for graph in graphs {
        open(&graph);
    }
}

#[test]
fn the_storefront_has_ten_systems_and_every_kind_of_connection() {
    let estate = storefront();
    assert_eq!(estate.systems().len(), 10);
    let kinds: BTreeSet<ConnectionKind> = estate.connections().iter().map(|connection| connection.kind).collect();
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), ConnectionKind::ALL);
}

#[test]
fn the_storefront_has_three_honest_gaps() {
    let estate = storefront();
    let coverage = Coverage::of(&estate, Policy::shipped(), AS_OF);
    let gaps: Vec<(&str, &str, GapKind)> =
        coverage.gaps().map(|(system_ix, layer, kind, _)| (estate.system(system_ix).id.as_str(), layer.id(), kind)).collect();
    let expected =
        [("github", "access", GapKind::Partial), ("orders-db", "monitoring", GapKind::Unsplit), ("shop", "os", GapKind::Contradicted)];
    assert_eq!(gaps, expected);
}
