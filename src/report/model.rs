//! A model file, written: JSON or YAML of the same document.

use crate::estate::document::Document;

/// A document as JSON, one entry a line where it is short.
pub fn json(document: &Document) -> String {
    let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
    text.push('\n');
    text
}

/// A document as YAML.
pub fn yaml(document: &Document) -> String {
    // Every value on one line, so that a tool that looks for one finds it.
    let options = serde_saphyr::ser_options! { prefer_block_scalars: false };
    serde_saphyr::to_string_with_options(document, options).unwrap_or_default()
}
