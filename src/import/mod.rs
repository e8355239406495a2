//! A side room on the floor of the model file: other tools' files → observations → a model file.
//!
//! Every importer fills the same [`Observations`], and [`import`] makes one document of them. Nothing in here ever keeps or
//! shows the value of an attribute: it may be a secret.

mod backstage;
mod cloudformation;
mod compose;
mod container;
mod csv;
mod dot;
mod environment;
mod format;
mod hashed;
mod identifier;
mod kubernetes;
mod merge;
mod names;
mod observation;
mod oscal;
mod otm;
mod report;
mod table;
mod terraform;
mod threagile;
mod tree;

pub use format::Format;
pub use names::{NameIx, Names};
pub use observation::{ClaimFact, Claimed, ConnectionFact, Evidence, Half, Observations, PartyFact, SystemFact, Unresolved};
pub use report::{FileReport, Import};

use crate::catalog::ConnectionKind;
use crate::source::{Diagnostics, Fault, Limits, Source};

/// How to read what a format leaves open.
#[derive(Clone, Debug)]
pub struct Options {
    /// The kind of a connection whose kind a graph does not say.
    pub kind: ConnectionKind,
    /// Whether the edges of a graph are dependencies, `a -> b` as `a` needs `b`: exposure then goes from `b` to `a`.
    pub reverse: bool,
    /// Which attributes or columns of a graph mean what: pairs of ours and theirs, `from` and `source` say.
    pub columns: Vec<(String, String)>,
    /// Limits of the files.
    pub limits: Limits,
}

impl Default for Options {
    fn default() -> Self {
        // Other tools nest deeper than ours does.
        let limits = Limits { depth: 100, aliases: 10_000, alias_events: 2_000_000, ..Limits::default() };
        Self { kind: ConnectionKind::Reaches, reverse: false, columns: Vec::new(), limits }
    }
}

/// Reads files of other tools and makes one model file of them.
///
/// The format of a file is the one given with it, or the one that it looks like. Files of one format are read together,
/// since they refer to one another.
///
/// # Errors
/// Every fault of every file, each with its place: nothing is made of files that are not whole.
pub fn import(files: &[(&Source, Option<Format>)], options: &Options) -> Result<Import, Diagnostics> {
    let mut seen = Observations::default();
    let mut formats = Vec::new();
    for &(source, given) in files {
        match given.or_else(|| Format::of(source)) {
            Some(format) => formats.push((source, format)),
            None => seen.diagnostics.error(format::beginning(source), Fault::UnknownFormat { known: Format::IDS }),
        }
    }
    // Beside a plan a graph of Terraform's own is a part of it, and says what the plan cannot.
    if formats.iter().any(|(_, format)| *format == Format::Terraform) {
        for (source, format) in &mut formats {
            if *format == Format::Dot && dot::is_of_terraform(source) {
                *format = Format::Terraform;
            }
        }
    }
    for format in Format::ALL {
        let sources: Vec<&Source> = formats.iter().filter(|(_, its)| *its == format).map(|(source, _)| *source).collect();
        if !sources.is_empty() {
            format.read(&sources, options, &mut seen);
        }
    }
    if seen.diagnostics.has_errors() {
        seen.diagnostics.sort();
        return Err(seen.diagnostics);
    }
    Ok(merge::merged(seen, &formats))
}
