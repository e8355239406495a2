//! Floor 1: text and positions. Reading a file, its tree with spans, faults as facts, and the filters for text.

pub mod decode;
mod fault;
mod json;
mod json_fault;
mod span;
mod suggest;
mod text;
mod toml;
mod tree;
mod visible;
mod yaml;

pub use decode::At;
pub use fault::{Diagnostic, Diagnostics, Fault, Noun, Severity};
pub use span::Span;
pub use suggest::{nearest, nearest_of};
pub use text::{Compression, FileKind, Format, ReadError, ReadText, Source};
#[cfg(test)]
pub(crate) use tree::tests::naughty;
pub use tree::{
    Entry, Limits, Node, Part, Repeating, SyntaxFault, SyntaxFaultKind, Value, parse as parse_tree, parse_foreign, parse_items, parse_parts,
};
pub(crate) use visible::opens_log_command;
pub use visible::{is_hidden, masked, visible};
