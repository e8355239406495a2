//! Documents that cannot lie: the README's commands and the screens print what is written there.

/// Runs every `console` block; TRYCMD=overwrite writes anew what a changed program prints, to be read before it is kept.
#[test]
fn the_commands_of_the_documents_print_what_they_show() {
    trycmd::TestCases::new().case("README.md").case("graphs/README.md").case("tests/it/screens/*.md");
}

/// The keys of the README's page about the model file are those of the generated schema.
#[test]
fn the_readme_names_every_key_of_the_model_file() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).expect("the README is there");
    let schema = weaklink::estate::document::schema();
    let mut missing = Vec::new();
    let named = |name: &str| readme.contains(&format!("`{name}`")) || readme.contains(&format!("{name}:"));
    let objects = schema["$defs"].as_object().into_iter().flat_map(serde_json::Map::values).chain([&schema]);
    for key in objects.filter_map(|object| object["properties"].as_object()).flat_map(serde_json::Map::keys) {
        if !named(key) {
            missing.push(key.clone());
        }
    }
    missing.sort();
    missing.dedup();
    assert!(missing.is_empty(), "the README does not name {missing:?}");
}
