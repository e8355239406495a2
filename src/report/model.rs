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
    serde_saphyr::to_string(document).unwrap_or_default()
}
