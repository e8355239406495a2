//! The rows of a page as CSV: one header, all sections below it, basis points for numbers, intervals in two columns.

use super::page::{Cell, Column, Holds, Line, Page, Piece, Section};
use crate::source::visible;
use std::io;

/// Writes the rows of all sections of the page as one table (RFC 4180); where sections have keys, these come first.
///
/// A text that a spreadsheet would take for a formula begins with an apostrophe instead.
///
/// # Errors
/// The writer's, of the kind that it gave; and invalid input where sections differ in their columns, since one table
/// cannot hold them and a row left out would be a lie.
pub fn write(page: &Page, out: &mut impl io::Write) -> io::Result<()> {
    let mut writer = ::csv::WriterBuilder::new().quote_style(::csv::QuoteStyle::NonNumeric).from_writer(out);
    let Some(first) = page.sections.first() else { return writer.flush() };
    let columns = titles(first);
    if page.sections.iter().any(|section| titles(section) != columns) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the sections of this page are different tables"));
    }
    writer.write_record(&columns).map_err(into_io)?;
    for section in &page.sections {
        for row in &section.rows {
            let mut record: Vec<String> = Vec::with_capacity(columns.len());
            let keys = section.key.iter().map(|(column, cell)| (cell, column));
            for (cell, column) in keys.chain(row.iter().zip(&section.columns)) {
                push(&mut record, cell, column.holds);
            }
            writer.write_record(&record).map_err(into_io)?;
        }
    }
    writer.flush()
}

/// The headings of a section's columns, an interval's twice.
fn titles(section: &Section) -> Vec<String> {
    let key = section.key.iter().map(|(column, _)| column);
    let of = |column: &Column| {
        let title = column.title.to_lowercase().replace(' ', "_");
        if column.holds == Holds::Interval { vec![format!("{title}_low"), format!("{title}_high")] } else { vec![title] }
    };
    key.chain(&section.columns).flat_map(of).collect()
}

fn push(record: &mut Vec<String>, cell: &Cell, holds: Holds) {
    match cell {
        Cell::Empty if holds == Holds::Interval => record.extend([String::new(), String::new()]),
        Cell::Empty => record.push(String::new()),
        Cell::Line(line) => record.push(guarded(plain(line))),
        Cell::Interval(value) => record.extend([value.low.0.to_string(), value.high.0.to_string()]),
        Cell::Sums(value) => record.extend([value.low.to_string(), value.high.to_string()]),
        Cell::Value(value) => record.push(value.0.to_string()),
        Cell::Points(value) | Cell::Count(value) => record.push(value.to_string()),
    }
}

/// The writer's own error: wrapped in one of CSV, a closed pipe would no longer be told from a full disk.
pub(super) fn into_io(error: ::csv::Error) -> io::Error {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error,
        kind => io::Error::other(format!("{kind:?}")),
    }
}

fn plain(line: &Line) -> String {
    line.0
        .iter()
        .map(|piece| match piece {
            Piece::Words(text) | Piece::Strong(text) | Piece::Faint(text) => text.clone(),
            Piece::Name(text) | Piece::Free(text) => visible(text).into_owned(),
        })
        .collect()
}

/// A text that no spreadsheet takes for a formula.
pub(super) fn guarded(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text }
}
