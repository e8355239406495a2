//! Backstage catalogues.

use super::told::{expect, expect_corpus, refusal, told};
use super::{fixture, model};
use weaklink::import::Format;

#[test]
fn a_catalogue_tells_owners_and_what_depends_on_what() {
    expect(&told(&[fixture("backstage/catalog.yaml")]), "backstage/catalog.told");
}

#[test]
fn where_nobody_is_described_owners_are_taken_at_their_word() {
    expect(&told(&[fixture("backstage/alone.yaml")]), "backstage/alone.told");
}

#[test]
fn a_catalogue_overlays_what_other_tools_know_under_their_names() {
    expect(&told(&["backstage/catalog.yaml", "backstage/inventory.yaml"].map(fixture)), "backstage/overlay.told");
}

#[test]
fn the_owner_of_an_entity_is_that_of_the_one_workload_that_bears_its_name() {
    let files = ["backstage/of-workloads.yaml", "backstage/workloads.yaml"].map(fixture);
    expect(&told(&files), "backstage/workloads.told");
    let (import, _) = model(&[files[1].clone(), files[0].clone()]);
    let owners: Vec<String> = import
        .document
        .systems
        .iter()
        .map(|system| format!("{} {}", system.id.value, system.owner.as_ref().map_or("-", |owner| owner.value.as_str())))
        .collect();
    assert_eq!(
        owners,
        ["mail sales", "shop/CronJob/mail-digest -", "shop/Deployment/basket sales", "shop/Deployment/mail -", "shop/Deployment/till -"]
    );
}

#[test]
fn descriptions_are_not_kept() {
    let (import, _) = model(&[fixture("backstage/catalog.yaml")]);
    assert!(!serde_json::to_string(&import.document).expect("it can be written").contains("not kept"));
}

#[test]
fn templates_other_versions_and_other_files_are_refused_all_at_once() {
    let expected = "\
broken.yaml:3 not-rendered: this is a template, and what fills it in is not known here
broken.yaml:5 foreign-version: Backstage of a version that is not read
broken.yaml:9 not-that-format: this is not a Backstage catalogue
broken.yaml:13 not-that-format: this is not a Backstage catalogue
broken.yaml:15 not-that-format: this is not a Backstage catalogue
";
    assert_eq!(refusal(&[fixture("backstage/broken.yaml")], Some(Format::Backstage)), expected);
}

#[test]
fn every_file_of_the_corpus_is_read() {
    expect_corpus("backstage", "backstage/corpus.told");
}
