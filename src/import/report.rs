//! What an import came to: the model file, and per source file what was seen, inferred and not known.

use super::Format;
use crate::catalog::Layer;
use crate::estate::document::Document;
use crate::source::Diagnostics;
use std::collections::BTreeMap;

/// What an import came to.
#[derive(Debug)]
pub struct Import {
    /// The model.
    pub document: Document,
    /// What each file gave, in the order given.
    pub files: Vec<FileReport>,
    /// What there is to tell that does not stop the import.
    pub warnings: Diagnostics,
}

/// What one file gave.
#[derive(Clone, Debug)]
pub struct FileReport {
    /// The number of the file in its run.
    pub source: u16,
    /// Its name; not yet fit to be shown.
    pub name: String,
    /// The format that it was read as.
    pub format: Format,
    /// Things that it describes: resources, objects, components.
    pub things: usize,
    /// References between them that lead somewhere.
    pub references: usize,
    /// Systems that it states, or adds to.
    pub systems: usize,
    /// Connections that it states.
    pub connections: usize,
    /// Those of the connections that are inferred, and may not exist.
    pub possible: usize,
    /// Controls that it speaks of, by layer.
    pub controls: BTreeMap<Layer, usize>,
    /// Owners of systems or layers that it names.
    pub owners: usize,
    /// Kinds of things that were read over, most frequent first, each with how many there are.
    pub not_understood: Vec<(String, usize)>,
    /// References that lead nowhere: the line, and what refers to what.
    pub unresolved: Vec<(u32, String)>,
}
