//! A page on a terminal: aligned columns, colour where it helps and never as the only sign.

use super::page::{Cell, Holds, Line, Page, Piece, Section, decimal, interval, sum, sums};
use crate::source::visible;
use anstyle::{AnsiColor, Style};
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets};
use textwrap::core::display_width;

/// Columns that an id may take before it wraps.
const WIDEST: u16 = 40;

/// Before what goes on from the line above.
const INDENT: &str = "  ";

const STRONG: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const HIGH: Style = AnsiColor::Red.on_default().bold();
const MODERATE: Style = AnsiColor::Yellow.on_default();

/// The page as text for a terminal of this width, with escape sequences for colour; a stream without colour strips
/// them.
pub fn render(page: &Page, width: u16) -> String {
    let mut out = String::new();
    if !page.headline.is_empty() {
        out.push_str(&wrapped(&line(&page.headline), width));
    }
    for remark in &page.remarks {
        out.push_str(&wrapped(&line(remark), width));
    }
    for section in page.sections.iter().filter(|section| !section.is_bare()) {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&self::section(section, width));
    }
    if !page.closing.is_empty() {
        out.push('\n');
    }
    for closing in &page.closing {
        out.push_str(&wrapped(&line(closing), width));
    }
    if out.contains("::") { out.split_inclusive('\n').map(harmless).collect() } else { out }
}

/// A line that no build service takes for a command when the page stands in its log: none begins with two colons.
fn harmless(line: &str) -> String {
    let is_command = anstream::adapter::strip_str(line).to_string().trim_start().starts_with("::");
    if is_command { line.replacen("::", "‹:›:", 1) } else { line.to_owned() }
}

fn section(section: &Section, width: u16) -> String {
    let mut out = String::new();
    if let Some(title) = &section.title {
        out.push_str(&wrapped(&styled(STRONG, &line(title)), width));
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
        out.push_str(&wrapped(&line(note), width));
    }
    out
}

/// A line that breaks between facts (`·`) or else between words, and goes on indented; ids stay whole, so that they can
/// be copied.
///
/// A style that spans a break is closed before and opened again after it: a pager shows each line alone.
fn wrapped(line: &str, width: u16) -> String {
    let width = usize::from(width);
    let fits = |chunk: &str| INDENT.len() + display_width(chunk.trim_end()) <= width;
    let chunks = line.split_inclusive(" · ").flat_map(|fact| {
        let words: Vec<&str> = if fits(fact) { vec![fact] } else { fact.split_inclusive(' ').collect() };
        words
    });
    let (mut out, mut used, mut open) = (String::new(), 0, String::new());
    for chunk in chunks {
        if used > 0 && used + display_width(chunk.trim_end()) > width {
            out.truncate(out.trim_end().len());
            out.push_str(if open.is_empty() { "\n" } else { "\u{1b}[0m\n" });
            out.push_str(INDENT);
            out.push_str(&open);
            used = INDENT.len();
        }
        out.push_str(chunk);
        used += display_width(chunk);
        for (at, _) in chunk.match_indices("\u{1b}[") {
            let end = chunk[at..].find('m').map_or(chunk.len(), |length| at + length + 1);
            if &chunk[at..end] == "\u{1b}[0m" { open.clear() } else { open.push_str(&chunk[at..end]) }
        }
    }
    out.push('\n');
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

#[cfg(test)]
mod tests {
    use super::{FAINT, STRONG, display_width, styled, wrapped};

    #[test]
    fn a_line_breaks_between_words_and_keeps_its_styles() {
        let line = format!("If {} fails, {}", "shop:os", styled(STRONG, "no other system is exposed at all"));
        assert_eq!(wrapped(&line, 30), "If shop:os fails, \u{1b}[1mno other\u{1b}[0m\n  \u{1b}[1msystem is exposed at all\u{1b}[0m\n");
        assert_eq!(wrapped(&line, 200), format!("{line}\n"));
        assert_eq!(wrapped("", 40), "\n");
    }

    #[test]
    fn facts_and_ids_stay_whole_where_they_can() {
        let line = styled(FAINT, "most likely path · policy 2026.11.1 · calibrated against nothing");
        let shown = wrapped(&line, 44);
        assert_eq!(shown, "\u{1b}[2mmost likely path · policy 2026.11.1 ·\u{1b}[0m\n  \u{1b}[2mcalibrated against nothing\u{1b}[0m\n");
        let id = "x".repeat(60);
        assert_eq!(wrapped(&format!("Not reached: {id}, 日本, b"), 40), format!("Not reached:\n  {id},\n  日本, b\n"));
        assert!(wrapped(&"日本 ".repeat(40), 40).lines().all(|line| display_width(line) <= 40));
    }
}
