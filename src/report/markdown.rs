//! A page as Markdown: tables of the GitHub dialect, every name inside a code span.

use super::page::{Cell, Holds, Line, Page, Piece, Section, decimal, interval, sum, sums};
use crate::source::visible;

/// The page as Markdown.
pub fn render(page: &Page) -> String {
    let mut out = String::new();
    if !page.headline.is_empty() {
        out.push_str(&paragraph(&page.headline));
    }
    for remark in &page.remarks {
        out.push_str(&paragraph(remark));
    }
    for section in page.sections.iter().filter(|section| !section.is_bare()) {
        out.push_str(&self::section(section));
    }
    for closing in &page.closing {
        out.push_str(&paragraph(closing));
    }
    out
}

/// The page as a comment on a pull request: its first line, which is not shown, marks it, so that the next run finds
/// and renews it.
pub fn comment(page: &Page, command: &str) -> String {
    let heading = format!("### weaklink: {}\n\n", line(&page.headline).trim());
    let rest = Page { headline: Line::default(), ..page.clone() };
    format!("<!-- weaklink:{command} -->\n{heading}{}", render(&rest))
}

fn paragraph(line: &Line) -> String {
    format!("{}\n\n", self::line(line).trim())
}

fn section(section: &Section) -> String {
    let mut out = String::new();
    if let Some(title) = &section.title {
        out.push_str(&format!("### {}\n\n", line(title)));
    }
    if !section.rows.is_empty() {
        let titles: Vec<&str> = section.columns.iter().map(|column| column.title).collect();
        let rules: Vec<&str> =
            section.columns.iter().map(|column| if matches!(column.holds, Holds::Text | Holds::Prose) { "---" } else { "--:" }).collect();
        out.push_str(&format!("| {} |\n| {} |\n", titles.join(" | "), rules.join(" | ")));
        for row in &section.rows {
            let cells: Vec<String> = row.iter().map(cell).collect();
            out.push_str(&format!("| {} |\n", cells.join(" | ")));
        }
        out.push('\n');
    }
    for note in &section.notes {
        out.push_str(&paragraph(note));
    }
    out
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        // A bar would end the cell, in a code span too.
        Cell::Line(content) => line(content).replace('|', "\\|"),
        Cell::Interval(value) => no_tag(&interval(*value)),
        Cell::Value(value) => no_tag(&decimal(*value)),
        Cell::Sums(value) => no_tag(&sums(*value)),
        Cell::Points(value) => no_tag(&sum(*value)),
        Cell::Count(count) => count.to_string(),
    }
}

/// A line in which names stand in code spans, where no mention, link, image or tag can begin.
pub fn line(line: &Line) -> String {
    line.0
        .iter()
        .map(|piece| match piece {
            Piece::Words(words) => no_tag(words),
            Piece::Name(text) | Piece::Free(text) => code_span(text),
            Piece::Strong(words) => format!("**{}**", no_tag(words)),
            Piece::Faint(words) => format!("*{}*", no_tag(words)),
        })
        .collect()
}

/// Words of the program, in which no tag begins: `<.01` is a figure.
fn no_tag(words: &str) -> String {
    words.replace('<', "&lt;")
}

/// Backticks in a row that stand in a code span as they are; renderers know no fence of more than 80.
const MOST_BACKTICKS: usize = 64;

/// A code span that holds this text whatever it is: its fence is longer than any run of backticks inside, and a run that
/// no fence can be longer than is told by its length.
pub fn code_span(text: &str) -> String {
    let mut text = visible(text).into_owned();
    if text.is_empty() {
        return String::new();
    }
    let run = |text: &str| text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let mut longest = run(&text);
    while longest > MOST_BACKTICKS {
        text = text.replacen(&"`".repeat(longest), &format!("‹{longest} backticks›"), 1);
        longest = run(&text);
    }
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}
