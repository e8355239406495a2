//! Open Threat Models.

use super::told::{expect, expect_corpus, refusal, told};
use super::{fixture, model};
use weaklink::import::Format;

#[test]
fn a_model_tells_components_flows_zones_and_what_they_refer_to_in_vain() {
    expect(&told(&[fixture("otm/shop.yaml")]), "otm/shop.told");
}

#[test]
fn descriptions_are_not_kept() {
    let (import, _) = model(&[fixture("otm/shop.yaml")]);
    assert!(!serde_json::to_string(&import.document).expect("it can be written").contains("not kept"));
}

#[test]
fn other_files_and_versions_are_refused() {
    let refused = ["otm/newer.json", "otm/foreign.json"].map(|name| refusal(&[fixture(name)], Some(Format::Otm)));
    assert_eq!(
        refused,
        [
            "newer.json:1 foreign-version: OTM of a version that is not read\n",
            "foreign.json:1 not-that-format: this is not an Open Threat Model\n"
        ]
    );
}

#[test]
fn every_model_of_the_corpus_is_read_or_refused_with_a_reason() {
    expect_corpus("otm", "otm/corpus.told");
}
