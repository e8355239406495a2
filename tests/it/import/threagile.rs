//! Threagile models.

use super::told::{connections_told, expect, expect_corpus, refusal, told};
use super::{connections, corpus, fixture, model};
use std::collections::BTreeSet;
use std::path::PathBuf;
use weaklink::import::{Format, Import};

#[test]
fn a_model_in_parts_is_one_with_its_links_boundaries_and_runtimes() {
    expect(&told(&["threagile/main.yaml", "threagile/around.yaml"].map(fixture)), "threagile/shop.told");
}

#[test]
fn descriptions_are_not_kept() {
    let (import, _) = model(&[fixture("threagile/main.yaml")]);
    assert!(!serde_json::to_string(&import.document).expect("it can be written").contains("not kept"));
}

#[test]
fn other_files_and_versions_are_refused() {
    let refused = ["threagile/newer.yaml", "otm/foreign.json"].map(|name| refusal(&[fixture(name)], Some(Format::Threagile)));
    assert_eq!(
        refused,
        [
            "newer.yaml:1 foreign-version: Threagile of a version that is not read\n",
            "foreign.json:1 not-that-format: this is not a Threagile model\n"
        ]
    );
}

/// Systems, calls, assets hosted by a shared runtime, owners and boundaries.
fn counts(import: &Import) -> [usize; 5] {
    let of_kind = |kind: &str| connections(import).iter().filter(|told| told.contains(&format!(" {kind} "))).count();
    let systems = &import.document.systems;
    let owners: BTreeSet<&str> = systems.iter().filter_map(|system| Some(system.owner.as_ref()?.value.as_str())).collect();
    let tags = systems.iter().flat_map(|system| system.tags.iter().flatten());
    let boundaries: BTreeSet<&str> = tags.filter_map(|tag| tag.value.strip_prefix("boundary:")).collect();
    [systems.len(), of_kind("reaches"), of_kind("hosts"), owners.len(), boundaries.len()]
}

#[test]
fn the_demo_has_fourteen_assets_on_a_runtime_twenty_links_four_owners_and_five_boundaries() {
    let files = ["demo/example/threagile.yaml", "test/all.yaml", "test/all.json"];
    for file in files {
        let Some(path) = corpus(&format!("threagile/Threagile__threagile/{file}")) else { return };
        assert_eq!(counts(&model(&[path]).0), [15, 20, 5, 4, 5], "{file}");
    }
}

#[test]
fn a_model_in_files_that_include_one_another_is_the_same_as_in_one() {
    let parts = ["main", "technical_assets", "technical_assets_clients", "technical_assets_databases", "technical_assets_devops"];
    let parts = parts.iter().chain(&["technical_assets_infrastructure", "technical_assets_servers", "trust_boundaries", "shared_runtimes"]);
    let parts = parts.map(|name| corpus(&format!("threagile/Threagile__threagile/test/{name}.yaml")));
    let Some(parts) = parts.collect::<Option<Vec<PathBuf>>>() else { return };
    let Some(whole) = corpus("threagile/Threagile__threagile/test/all.yaml") else { return };
    let (parts, whole) = (model(&parts).0, model(&[whole]).0);
    assert_eq!((counts(&parts), connections_told(&parts)), (counts(&whole), connections_told(&whole)));
}

#[test]
fn every_file_of_the_corpus_is_read_or_refused_with_a_reason() {
    expect_corpus("threagile", "threagile/corpus.told");
}
