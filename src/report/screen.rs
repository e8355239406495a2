//! A page on a terminal: aligned columns, colour where it helps and never as the only sign.

use super::page::{Cell, Holds, Line, Page, Piece, Section, decimal, interval, sum, sums};
use crate::source::visible;
use anstyle::{AnsiColor, Style};
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets};

/// Columns that an id may take before it wraps.
const WIDEST: u16 = 40;

const STRONG: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const HIGH: Style = AnsiColor::Red.on_default().bold();
const MODERATE: Style = AnsiColor::Yellow.on_default();

/// The page as text for a terminal of this width, with escape sequences for colour; a stream without colour strips
/// them.
pub fn render(page: &Page, width: u16) -> String {
    let mut out = String::new();
    if !page.headline.is_empty() {
        out.push_str(&line(&page.headline));
        out.push('\n');
    }
    for remark in &page.remarks {
        out.push_str(&line(remark));
        out.push('\n');
    }
    for section in &page.sections {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&self::section(section, width));
    }
    if !page.closing.is_empty() {
        out.push('\n');
    }
    for closing in &page.closing {
        out.push_str(&line(closing));
        out.push('\n');
    }
    out
}

fn section(section: &Section, width: u16) -> String {
    let mut out = String::new();
    if let Some(title) = &section.title {
        out.push_str(&styled(STRONG, &line(title)));
        out.push('\n');
    }
    if !section.rows.is_empty() {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        table.set_header(section.columns.iter().map(|column| {
            let alignment = if column.holds == Holds::Number { CellAlignment::Right } else { CellAlignment::Left };
            comfy_table::Cell::new(styled(FAINT, column.title)).set_alignment(alignment)
        }));
        for row in &section.rows {
            table.add_row(row.iter().zip(&section.columns).map(|(cell, column)| {
                let alignment = if column.holds == Holds::Number { CellAlignment::Right } else { CellAlignment::Left };
                comfy_table::Cell::new(self::cell(cell)).set_alignment(alignment)
            }));
        }
        // Ids and words stay whole; sentences take what room is left.
        for (column_ix, column) in section.columns.iter().enumerate() {
            let constraint = match column.holds {
                Holds::Prose => ColumnConstraint::LowerBoundary(Width::Fixed(20)),
                Holds::Text => ColumnConstraint::UpperBoundary(Width::Fixed(WIDEST)),
                Holds::Number | Holds::Interval => ColumnConstraint::ContentWidth,
            };
            let is_short = |row: &Vec<Cell>| console_width(&row[column_ix]) <= usize::from(WIDEST);
            let constraint =
                if column.holds == Holds::Text && section.rows.iter().all(is_short) { ColumnConstraint::ContentWidth } else { constraint };
            if let Some(column) = table.column_mut(column_ix) {
                column.set_constraint(constraint);
            }
        }
        for row in table.to_string().lines() {
            out.push_str(row.trim_end());
            out.push('\n');
        }
    }
    for note in &section.notes {
        out.push_str(&line(note));
        out.push('\n');
    }
    out
}

/// Characters that a cell takes, escape sequences left out.
fn console_width(cell: &Cell) -> usize {
    anstream::adapter::strip_str(&self::cell(cell)).to_string().chars().count()
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Line(content) => line(content),
        Cell::Interval(value) => heat(value.high.0, &interval(*value)),
        Cell::Value(value) => heat(value.0, &decimal(*value)),
        Cell::Sums(value) => sums(*value),
        Cell::Points(value) => sum(*value),
        Cell::Count(count) => count.to_string(),
    }
}

fn heat(basis_points: u16, text: &str) -> String {
    match basis_points / 100 {
        80.. => styled(HIGH, text),
        21.. => styled(MODERATE, text),
        _ => text.to_owned(),
    }
}

/// A line for a terminal: names pass through the one filter.
pub fn line(line: &Line) -> String {
    line.0
        .iter()
        .map(|piece| match piece {
            Piece::Words(words) => words.clone(),
            Piece::Name(text) | Piece::Free(text) => visible(text).into_owned(),
            Piece::Strong(words) => styled(STRONG, words),
            Piece::Faint(words) => styled(FAINT, words),
        })
        .collect()
}

fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}
