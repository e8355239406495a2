//! Compose files.

use super::corpus_files;
use super::told::{assert_never_shown, assert_told, outcomes};
use std::collections::BTreeMap;

#[test]
fn services_call_what_they_depend_on_and_what_their_variables_name() {
    assert_told("compose/shop.told", &["compose/shop/compose.yaml"]);
}

#[test]
fn files_of_one_folder_add_up_and_several_projects_are_told_apart() {
    assert_told("compose/override.told", &["compose/shop/compose.yaml", "compose/shop/compose.override.yaml"]);
    assert_told("compose/projects.told", &["compose/mesh.yaml", "compose/store/compose.yaml"]);
}

#[test]
fn a_service_faces_where_its_ports_are_published() {
    assert_told("compose/facing.told", &["compose/facing.yaml"]);
}

#[test]
fn the_machine_is_told_where_a_service_can_take_it_over() {
    assert_told("compose/machine.told", &["compose/machine.yaml"]);
}

#[test]
fn networks_make_connections_possible_where_nobody_says_who_speaks() {
    assert_told("compose/mesh.told", &["compose/mesh.yaml"]);
}

#[test]
fn a_file_without_services_is_refused() {
    assert_told("compose/no-services.told", &["compose/no-services.yaml"]);
}

#[test]
fn no_value_of_a_service_is_ever_shown() {
    assert_never_shown("compose/canary.yaml", "c4n4ry");
}

#[test]
fn every_file_of_the_corpus_is_read() {
    let files = corpus_files("compose");
    let expected = BTreeMap::from([("read".to_owned(), 39)]);
    assert!(files.is_empty() || outcomes(&files) == expected, "{:#?}", outcomes(&files));
}
