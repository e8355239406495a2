//! The rows of a page as CSV: one header, basis points for numbers, intervals in two columns.

use super::page::{Cell, Holds, Line, Page, Piece};
use crate::source::visible;
use std::io;

/// Writes the rows of the page's first section (RFC 4180).
///
/// A text that a spreadsheet would take for a formula begins with an apostrophe instead.
///
/// # Errors
/// The writer's.
pub fn write(page: &Page, out: &mut impl io::Write) -> io::Result<()> {
    let mut writer = ::csv::WriterBuilder::new().quote_style(::csv::QuoteStyle::NonNumeric).from_writer(out);
    let Some(section) = page.sections.first() else { return writer.flush() };
    let mut header: Vec<String> = Vec::new();
    for column in &section.columns {
        let title = column.title.to_lowercase().replace(' ', "_");
        if column.holds == Holds::Interval {
            header.extend([format!("{title}_low"), format!("{title}_high")]);
        } else {
            header.push(title);
        }
    }
    writer.write_record(&header)?;
    for row in &section.rows {
        let mut record: Vec<String> = Vec::new();
        for (cell, column) in row.iter().zip(&section.columns) {
            match cell {
                Cell::Empty if column.holds == Holds::Interval => record.extend([String::new(), String::new()]),
                Cell::Empty => record.push(String::new()),
                Cell::Line(line) => record.push(guarded(plain(line))),
                Cell::Interval(value) => record.extend([value.low.0.to_string(), value.high.0.to_string()]),
                Cell::Sums(value) => record.extend([value.low.to_string(), value.high.to_string()]),
                Cell::Value(value) => record.push(value.0.to_string()),
                Cell::Points(value) | Cell::Count(value) => record.push(value.to_string()),
            }
        }
        writer.write_record(&record)?;
    }
    writer.flush()
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

fn guarded(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text }
}
