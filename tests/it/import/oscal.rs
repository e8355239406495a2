//! OSCAL documents.

use super::told::{expect, expect_corpus, faults_told, refusal, told};
use super::{connections, corpus, fixture, model};
use std::path::PathBuf;
use weaklink::import::Format;

const CHAIN: [&str; 3] = ["oscal/platform.yaml", "oscal/shop.json", "oscal/top.yaml"];

fn chain() -> Vec<PathBuf> {
    CHAIN.iter().map(|name| fixture(name)).collect()
}

#[test]
fn a_chain_of_plans_is_one_model_and_what_nobody_satisfies_is_nobodys() {
    expect(&told(&chain()), "oscal/chain.told");
}

#[test]
fn what_one_leveraging_plan_satisfies_is_still_nobodys_in_another_that_does_not() {
    let paths = ["oscal/platform.yaml", "oscal/shop.json", "oscal/kiosk.yaml"].map(fixture);
    expect(&told(&paths), "oscal/two.told");
}

#[test]
fn the_order_of_the_plans_changes_no_system_and_no_connection() {
    let (forth, _) = model(&chain());
    let back: Vec<PathBuf> = chain().into_iter().rev().collect();
    let (back, _) = model(&back);
    let ids = |import: &weaklink::import::Import| import.document.systems.iter().map(|system| system.id.value.clone()).collect::<Vec<_>>();
    assert_eq!((ids(&forth), connections(&forth)), (ids(&back), connections(&back)));
}

#[test]
fn what_a_plan_alone_refers_to_is_not_known_and_no_fault() {
    expect(&told(&[fixture("oscal/shop.json")]), "oscal/alone.told");
}

#[test]
fn a_component_definition_speaks_of_its_components_and_equal_titles_are_told_apart() {
    expect(&told(&[fixture("oscal/database.yaml")]), "oscal/definition.told");
}

#[test]
fn remarks_are_not_kept() {
    let (import, _) = model(&chain());
    assert!(!serde_json::to_string(&import.document).expect("it can be written").contains("not kept"));
}

#[test]
fn other_documents_and_versions_are_refused() {
    let refused = ["oscal/results.json", "oscal/newer.json"].map(|name| refusal(&[fixture(name)], Some(Format::Oscal)));
    assert_eq!(
        refused,
        [
            "results.json:1 not-that-format: this is not an OSCAL document\n",
            "newer.json:1 foreign-version: OSCAL of a version that is not read\n"
        ]
    );
}

/// The faults of two plans of the corpora that belong together, unless they are not at hand.
fn pair(folder: &str, names: [&str; 2]) -> Option<String> {
    let [one, other] = names.map(|name| corpus(&format!("oscal/{folder}/{name}")));
    let paths = [one?, other?];
    Some(faults_told(&model(&paths).0.warnings, &paths))
}

#[test]
fn nists_own_example_leaves_a_responsibility_unmet() {
    let names = ["oscal_leveraged-example_ssp.json", "oscal_leveraging-example_ssp.json"];
    let Some(faults) = pair("usnistgov__oscal-content/examples/ssp/json", names) else { return };
    let expected = "\
oscal_leveraged-example_ssp.json:185 unmet-responsibility: nobody takes up the responsibility `11111111-0000-4000-9009-002001001002` for `ac-2`
oscal_leveraging-example_ssp.json:232 dangling: no file describes the responsibility `11111111-0000-4000-9009-002001001001`
";
    assert_eq!(faults, expected);
}

#[test]
fn trestles_example_leaves_a_responsibility_unmet() {
    let names = ["leveraged_ssp.json", "leveraging_ssp.json"];
    let Some(faults) = pair("oscal-compass__compliance-trestle/tests/data/json", names) else { return };
    let expected = "leveraged_ssp.json:260 unmet-responsibility: \
                    nobody takes up the responsibility `11111111-0000-4000-9009-002001002002` for `ac-2`\n";
    assert_eq!(faults, expected);
}

#[test]
fn every_document_of_the_corpus_is_read_or_refused_with_a_reason() {
    expect_corpus("oscal", "oscal/corpus.told");
}
