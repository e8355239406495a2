//! The page of an import: per file what was seen, what was inferred, and what nobody can know from it.

use super::super::page::{Cell, Column, Holds, Line, Page, Section};
use super::count;
use crate::catalog::Layer;
use crate::import::{FileReport, Import};

/// Rows of each list that a page shows.
const MOST_LISTED: usize = 20;

/// What an import came to, in one line.
pub fn import_headline(import: &Import) -> Line {
    let document = &import.document;
    let possible = document.connections.iter().filter(|connection| connection.certainty.is_some()).count();
    let inferred = if possible > 0 { format!(" ({possible} inferred)") } else { String::new() };
    Line::words(format!(
        "{} and {}{inferred} from {}",
        count(document.systems.len(), "system", "systems"),
        count(document.connections.len(), "connection", "connections"),
        count(import.files.len(), "file", "files"),
    ))
}

/// The page of an import; `all` shows every row of every list.
pub fn import(import: &Import, all: bool) -> Page {
    let document = &import.document;
    let owned = document.systems.iter().filter(|system| system.owner.is_some()).count();
    let spoken: Vec<&str> = Layer::ALL
        .iter()
        .filter(|layer| document.systems.iter().any(|system| system.layers.contains_key(layer)))
        .map(|layer| layer.id())
        .collect();
    let silent: Vec<&str> = Layer::IDS.iter().copied().filter(|layer| !spoken.contains(layer)).collect();
    let mut remarks = vec![Line::words(format!("an owner is known of {owned} of {}", count(document.systems.len(), "system", "systems")))];
    if !silent.is_empty() {
        remarks.push(Line::words(format!("these files say nothing about {}: not seen is not missing", silent.join(", "))));
    }
    remarks.push(Line::words("write into an overlay what no file knows, owners above all, and give it with `--with`"));
    let mut sections = vec![files(import)];
    for file in &import.files {
        sections.extend(controls(file));
        sections.extend(not_understood(file, all));
        sections.extend(unresolved(file, all));
    }
    Page { headline: import_headline(import), remarks, sections, closing: Vec::new() }
}

fn column(title: &'static str, holds: Holds) -> Column {
    Column { title, holds }
}

fn number(number: usize) -> Cell {
    Cell::Count(number as u64)
}

fn files(import: &Import) -> Section {
    let columns = vec![
        column("FILE", Holds::Text),
        column("FORMAT", Holds::Text),
        column("THINGS", Holds::Number),
        column("REFERENCES", Holds::Number),
        column("SYSTEMS", Holds::Number),
        column("CONNECTIONS", Holds::Number),
        column("CONTROLS", Holds::Number),
        column("OWNERS", Holds::Number),
    ];
    let row = |file: &FileReport| {
        vec![
            Cell::Line(file_name(file)),
            Cell::Line(Line::words(file.format.id())),
            number(file.things),
            number(file.references),
            number(file.systems),
            number(file.connections),
            number(file.controls.values().sum()),
            number(file.owners),
        ]
    };
    Section { columns, rows: import.files.iter().map(row).collect(), ..Section::default() }
}

fn free(text: &str) -> Line {
    Line::default().and_free(text)
}

/// A file without its folders.
fn file_name(file: &FileReport) -> Line {
    free(file.name.rsplit(['/', '\\']).next().unwrap_or_default())
}

fn controls(file: &FileReport) -> Option<Section> {
    let columns = vec![column("LAYER", Holds::Text), column("CONTROLS", Holds::Number)];
    let rows = file.controls.iter().map(|(layer, &controls)| vec![Cell::Line(Line::words(layer.id())), number(controls)]);
    section("Controls seen in ", file, columns, rows.collect(), true)
}

fn not_understood(file: &FileReport, all: bool) -> Option<Section> {
    let columns = vec![column("COUNT", Holds::Number), column("NOT UNDERSTOOD", Holds::Text)];
    let rows = file.not_understood.iter().map(|(kind, many)| vec![number(*many), Cell::Line(free(kind))]);
    section("Read over in ", file, columns, rows.collect(), all)
}

fn unresolved(file: &FileReport, all: bool) -> Option<Section> {
    let columns = vec![column("LINE", Holds::Number), column("LEADS NOWHERE", Holds::Prose)];
    let rows = file.unresolved.iter().map(|(line, reference)| vec![number(*line as usize), Cell::Line(free(reference))]);
    section("References of ", file, columns, rows.collect(), all)
}

/// A list with its title, cut to what is shown; none if it is empty.
fn section(title: &str, file: &FileReport, columns: Vec<Column>, mut rows: Vec<Vec<Cell>>, all: bool) -> Option<Section> {
    if rows.is_empty() {
        return None;
    }
    let whole = rows.len();
    if !all {
        rows.truncate(MOST_LISTED);
    }
    let more = whole - rows.len();
    let notes = if more > 0 { vec![Line::words(format!("… and {more} more; --all shows them"))] } else { Vec::new() };
    let key = Some((column("FILE", Holds::Text), Cell::Line(file_name(file))));
    Some(Section { title: Some(Line::words(title).and_line(file_name(file))), key, columns, rows, notes })
}
