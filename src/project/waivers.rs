//! Waivers: findings that somebody accepts until a date, with a reason and a name.

use super::finding::{FindingId, digest};
use crate::source::decode::{self, Fields};
use crate::source::{Diagnostics, Fault, Limits, Node, Noun, Source, Span, parse_tree};
use jiff::civil::Date;
use std::collections::HashMap;

/// A finding that is accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiver {
    /// What is accepted.
    pub finding: FindingId,
    /// The last day on which it holds.
    pub until: Date,
    /// Why.
    pub reason: String,
    /// Who accepts it.
    pub by: String,
    /// For a rise: how much of one, in basis points of risk; none: whatever it is.
    pub up_to: Option<u64>,
}

impl Waiver {
    /// A hash over all that is accepted, 32 hexadecimal digits. No secret: it shows a careless change, and a deliberate
    /// one shows in the file's history.
    pub fn seal(&self) -> String {
        let up_to = self.up_to.map(|up_to| up_to.to_string()).unwrap_or_default();
        digest(&format!("weaklink/waiver/1\n{}\n{}\n{}\n{}\n{up_to}", self.finding, self.until, self.reason, self.by))
    }

    /// The text of a file of waivers with this one added, or put in the place of an older one for the same finding; all
    /// else in the file stays as it is. An empty text makes a new file.
    ///
    /// # Errors
    /// The text is no TOML with a list of waivers.
    pub fn added_to(&self, text: &str) -> Result<String, String> {
        let text = if text.trim().is_empty() { NEW_FILE } else { text };
        let mut document: toml_edit::DocumentMut = text.parse().map_err(|_| "it is not TOML".to_owned())?;
        let list = document.entry("waiver").or_insert_with(|| toml_edit::Item::ArrayOfTables(toml_edit::ArrayOfTables::new()));
        let list = list.as_array_of_tables_mut().ok_or("its `waiver` is no list of tables")?;
        let finding = self.finding.to_string();
        let is_same = |table: &toml_edit::Table| table.get("finding").and_then(toml_edit::Item::as_str) == Some(&finding);
        let known = list.iter().position(is_same);
        let at = known.unwrap_or_else(|| {
            list.push(toml_edit::Table::new());
            list.len() - 1
        });
        let table = list.get_mut(at).ok_or("its `waiver` is no list of tables")?;
        table["finding"] = toml_edit::value(finding);
        let date = toml_edit::Date { year: self.until.year() as u16, month: self.until.month() as u8, day: self.until.day() as u8 };
        table["until"] = toml_edit::value(toml_edit::Datetime { date: Some(date), time: None, offset: None });
        table["reason"] = toml_edit::value(&self.reason);
        table["by"] = toml_edit::value(&self.by);
        match self.up_to {
            Some(up_to) => table["up_to"] = toml_edit::value(up_to as f64 / 100.0),
            None => drop(table.remove("up_to")),
        }
        table["seal"] = toml_edit::value(self.seal());
        Ok(document.to_string())
    }
}

const NEW_FILE: &str =
    "# Findings that are accepted, until a date. `weaklink accept` writes this file; what is changed by hand breaks its seal.
weaklink_waivers = 1
";

/// A file of waivers, read.
#[derive(Clone, Debug, Default)]
pub struct Waivers {
    /// The waivers, in order of findings; each with whether its seal is whole, and where it stands.
    pub list: Vec<(Waiver, bool, Span)>,
}

const KEYS: &[&str] = &["weaklink_waivers", "waiver"];
const WAIVER_KEYS: &[&str] = &["finding", "until", "reason", "by", "up_to", "seal"];

impl Waivers {
    /// Reads a file of waivers.
    ///
    /// # Errors
    /// Every fault of the file, each with its place; then none of its waivers holds.
    pub fn parse(source: &Source) -> Result<Self, Diagnostics> {
        let mut diagnostics = Diagnostics::default();
        let waivers = match parse_tree(source, &Limits::default()) {
            Ok(node) => waivers(&node, &mut diagnostics),
            Err(faults) => {
                for fault in faults {
                    diagnostics.error(fault.span, Fault::Syntax(fault.kind));
                }
                None
            }
        };
        match waivers {
            Some(waivers) if !diagnostics.has_errors() => Ok(waivers),
            _ => {
                diagnostics.sort();
                Err(diagnostics)
            }
        }
    }
}

fn waivers(node: &Node<'_>, diagnostics: &mut Diagnostics) -> Option<Waivers> {
    let is_ours = decode::is_marked(node, "weaklink_waivers", KEYS, diagnostics)?;
    let fields = Fields::open(node, "waiver file", KEYS, diagnostics)?;
    if is_ours {
        decode::version(fields.node("weaklink_waivers")?, diagnostics)?;
    }
    let nodes = fields.node("waiver").and_then(|node| decode::sequence(node, diagnostics)).unwrap_or_default();
    let mut list: Vec<_> = nodes.iter().filter_map(|node| waiver(node, diagnostics)).collect();
    let mut first: HashMap<String, Span> = HashMap::new();
    for (waiver, _, span) in &list {
        let id = waiver.finding.to_string();
        match first.get(&id) {
            Some(&other) => diagnostics.error_with(*span, Fault::RepeatedId { noun: Noun::Waiver, id }, other),
            None => drop(first.insert(id, *span)),
        }
    }
    list.sort_by(|(left, ..), (right, ..)| left.finding.cmp(&right.finding));
    Some(Waivers { list })
}

fn waiver(node: &Node<'_>, diagnostics: &mut Diagnostics) -> Option<(Waiver, bool, Span)> {
    let fields = Fields::open(node, "waiver", WAIVER_KEYS, diagnostics)?;
    let finding = fields.required("finding", diagnostics).and_then(|node| {
        let text = decode::located_text(node, diagnostics)?;
        match FindingId::parse(&text.value) {
            Ok(finding) => Some((finding, text.span)),
            Err(expected) => {
                diagnostics.error(text.span, Fault::BadFinding { finding: text.value, expected });
                None
            }
        }
    });
    let until = fields.required("until", diagnostics).and_then(|node| decode::date(node, diagnostics));
    let reason = fields.required("reason", diagnostics).and_then(|node| stated(node, diagnostics));
    let by = fields.required("by", diagnostics).and_then(|node| stated(node, diagnostics));
    let up_to = fields.node("up_to").and_then(|node| decode::number(node, 0.0, 100.0, "0 to 100", diagnostics));
    let seal = fields.required("seal", diagnostics).and_then(|node| decode::text(node, diagnostics));
    let (finding, span) = finding?;
    let up_to = up_to.map(|points| (points * 100.0).round() as u64);
    let waiver = Waiver { finding, until: until?.value, reason: reason?, by: by?, up_to };
    let is_whole = seal? == waiver.seal();
    Some((waiver, is_whole, span))
}

/// A text that says something.
fn stated(node: &Node<'_>, diagnostics: &mut Diagnostics) -> Option<String> {
    let text = decode::name(node, diagnostics)?;
    if text.value.trim().is_empty() {
        diagnostics.error(node.span, Fault::WrongType { found: "a blank", expected: "a text" });
        return None;
    }
    Some(text.value)
}
