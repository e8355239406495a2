//! The JSON contract: versioned types with a published schema, never a dump of internals.
//!
//! Keys are stable, arrays are sorted by id (layers bottom to top), probabilities are integer basis points, sums of
//! risk too (10,000 is one crown jewel wholly exposed), intervals are `{"low": …, "high": …}`.

mod blast;
mod choke;
mod claims;
mod coverage;
mod fix;
mod owners;
mod percolation;
mod review;
mod score;
mod unknowns;
mod verify;
mod what_if;
mod why_not;

pub use blast::{Blast, Exposed, Why, blast, exposed, why};
pub use choke::{Choke, choke};
pub use claims::{CHECKED, NoClaims, claims};
pub use coverage::{Check, CheckDiagnostic, Gaps, Matrix, check, gaps, matrix};
pub use fix::{Fixes, plan, protection};
pub use owners::{Owners, owners};
pub use percolation::{Percolate, percolate};
pub use review::{CheckGate, Review, check_gate, review};
pub use score::{Score, score};
pub use unknowns::{Unknowns, unknowns};
pub use verify::{Verified, verify};
pub use what_if::{WhatIf, what_if, what_if_blast};
pub use why_not::{WhyNot, why_not};

use crate::catalog::{BasisPoints, Interval, Published, points};
use crate::graph::ExposureGraph;
use crate::source::{is_hidden, opens_log_command};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

/// The policy that figures come from.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PolicyUsed {
    /// Version of the policy file.
    pub version: String,
    /// SHA-256 of the policy file.
    pub hash: String,
    /// The profiles of climb rules that are switched on, by the file or instead of its choice.
    pub profiles: Vec<&'static str>,
}

impl PolicyUsed {
    fn of(policy: &crate::catalog::Policy) -> Self {
        Self {
            version: policy.version.clone(),
            hash: policy.hash.clone(),
            profiles: policy.profiles.iter().map(|profile| profile.id()).collect(),
        }
    }
}

/// The analysis date, if any evidence of the model is dated.
pub fn analysis_date(graph: &ExposureGraph<'_>) -> Option<String> {
    graph.estate.is_dated().then(|| date_text(graph.coverage.as_of))
}

fn date_text(date: Date) -> String {
    date.to_string()
}

fn bp(interval: Interval) -> Published<BasisPoints> {
    Published::of(interval)
}

fn sums(interval: Interval) -> Published<u64> {
    Published { low: points(interval.low), high: points(interval.high) }
}

/// Serializes a result with characters that a terminal must not see escaped, and a line feed at its end.
///
/// # Errors
/// The writer's.
pub fn write(value: &impl Serialize, out: &mut impl std::io::Write) -> std::io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, Escaping(serde_json::ser::PrettyFormatter::new()));
    value.serialize(&mut serializer).map_err(std::io::Error::from)?;
    out.write_all(b"\n")
}

/// Pretty JSON in which hidden characters (C1, bidirectional, invisible), and the brackets that build services obey in
/// their logs, are `\u` escapes; it parses back equal.
struct Escaping(serde_json::ser::PrettyFormatter<'static>);

impl serde_json::ser::Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + std::io::Write>(&mut self, writer: &mut W, fragment: &str) -> std::io::Result<()> {
        let mut clean = 0;
        let is_escaped = |at: usize, c: char| is_hidden(c) || (c == '[' && opens_log_command(&fragment[..at]));
        for (at, hidden) in fragment.char_indices().filter(|&(at, c)| is_escaped(at, c)) {
            writer.write_all(&fragment.as_bytes()[clean..at])?;
            let mut units = [0; 2];
            for unit in hidden.encode_utf16(&mut units) {
                write!(writer, "\\u{unit:04x}")?;
            }
            clean = at + hidden.len_utf8();
        }
        writer.write_all(&fragment.as_bytes()[clean..])
    }

    fn begin_array<W: ?Sized + std::io::Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + std::io::Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + std::io::Write>(&mut self, writer: &mut W, first: bool) -> std::io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + std::io::Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + std::io::Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + std::io::Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + std::io::Write>(&mut self, writer: &mut W, first: bool) -> std::io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + std::io::Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + std::io::Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        self.0.end_object_value(writer)
    }
}

/// What a word means, or all words that can be explained.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Explain {
    /// `weaklink/explain/1`.
    pub schema: &'static str,
    /// The word, as asked; null for the list of words.
    pub word: Option<String>,
    /// What it means, as the screen says it.
    pub text: String,
    /// Every word that can be explained; empty where one was asked for.
    pub words: Vec<String>,
}

/// JSON of an explanation.
pub fn explain(word: Option<&str>, text: &str, words: Vec<String>) -> Explain {
    let words = if word.is_some() { Vec::new() } else { words };
    Explain { schema: "weaklink/explain/1", word: word.map(str::to_owned), text: text.to_owned(), words }
}

/// The JSON Schema of a command's output; none if the command has no output of its own.
pub fn output_schema(command: &str) -> Option<serde_json::Value> {
    let schema = match command {
        "check" => schemars::schema_for!(Check),
        "matrix" => schemars::schema_for!(Matrix),
        "gaps" => schemars::schema_for!(Gaps),
        "blast" => schemars::schema_for!(Blast),
        "exposed" => schemars::schema_for!(Exposed),
        "why-not" => schemars::schema_for!(WhyNot),
        "choke" => schemars::schema_for!(Choke),
        "why" => schemars::schema_for!(Why),
        "unknowns" => schemars::schema_for!(Unknowns),
        "owners" => schemars::schema_for!(Owners),
        "verify" => schemars::schema_for!(Verified),
        "what-if" => schemars::schema_for!(WhatIf),
        "fix" => schemars::schema_for!(Fixes),
        "percolate" => schemars::schema_for!(Percolate),
        "review" => schemars::schema_for!(Review),
        "score" => schemars::schema_for!(Score),
        "explain" => schemars::schema_for!(Explain),
        _ => return None,
    };
    Some(schema.to_value())
}

/// The commands whose output has a schema.
pub const OUTPUTS: &[&str] = &[
    "check",
    "matrix",
    "gaps",
    "blast",
    "exposed",
    "why",
    "why-not",
    "choke",
    "unknowns",
    "owners",
    "percolate",
    "score",
    "what-if",
    "fix",
    "verify",
    "review",
    "explain",
];
