//! Tables: of edges, with a column for each end, or of systems, with a column `id`.

use super::hashed::HashSet;
use super::table::{self, Row};
use super::{Observations, Options};
use crate::source::{Fault, Source, Span, SyntaxFaultKind};
use csv::{ReaderBuilder, StringRecord};

/// What the columns of the ends of an edge are called, ours first.
const ENDS: [&[&str]; 2] = [&["from", "source", "src"], &["to", "target", "dst", "destination"]];

/// Reads tables.
pub(super) fn read(sources: &[&Source], options: &Options, seen: &mut Observations) {
    for source in sources {
        read_one(source, options, seen);
    }
}

fn read_one(source: &Source, options: &Options, seen: &mut Observations) {
    let whole = Span::new(source.index(), 0, source.text().lines().next().unwrap_or_default().len());
    let mut reader = ReaderBuilder::new().delimiter(delimiter(source.text())).from_reader(source.text().as_bytes());
    let header: Vec<(String, usize)> = match reader.headers() {
        Ok(header) => header.iter().enumerate().map(|(ix, name)| (name.trim().to_owned(), ix)).collect(),
        Err(error) => return refuse(source, &error, seen),
    };
    // Few columns are found faster by looking than by hashing.
    let named = |name: &str| header.iter().find(|(known, _)| known == name).map(|(_, ix)| *ix);
    let column = |ours: &str, names: &[&str]| match options.columns.iter().find(|(own, _)| own == ours) {
        Some((_, theirs)) => named(theirs),
        None => names.iter().find_map(|name| named(name)),
    };
    let ends = column("from", ENDS[0]).zip(column("to", ENDS[1]));
    let id = column("id", &["id"]);
    if ends.is_none() && id.is_none() {
        let lacks = "a header with the columns `from` and `to`, or with `id`; other names for them are given with `--column from=NAME`";
        return seen.diagnostics.error(whole, Fault::NotThatFormat { expected: "a table of edges or of systems", lacks });
    }
    let mut known = HashSet::default();
    let mut record = StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(false) => return,
            Ok(true) => {}
            Err(error) => return refuse(source, &error, seen),
        }
        let start = record.position().map_or(0, |position| position.byte() as usize);
        let length = source.text()[start..].find('\n').unwrap_or(source.text().len() - start);
        let span = Span::new(source.index(), start, start + length);
        let value = |name: &str| named(name).and_then(|ix| record.get(ix));
        let row = Row { span, value: &value, options, is_bare: false };
        let cell = |ix: usize| record.get(ix).map(str::trim).filter(|cell| !cell.is_empty());
        if let Some((from, to)) = ends {
            let (Some(from), Some(to)) = (cell(from), cell(to)) else {
                let message = "this row has an end of an edge that is empty".to_owned();
                seen.diagnostics.error(span, Fault::Syntax(SyntaxFaultKind::Syntax { message }));
                continue;
            };
            for end in [from, to] {
                if known.insert(seen.names.say(end)) {
                    seen.thing(span);
                    seen.system(end, super::Evidence::at(span));
                }
            }
            seen.reference(span);
            table::connection([from, to], false, &row, seen);
        } else if let Some(id) = id.and_then(cell) {
            seen.thing(span);
            table::system(id, &row, seen);
        }
    }
}

/// The sign between two cells: the one of these that the header holds most of.
fn delimiter(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or_default();
    let count = |sign: u8| header.bytes().filter(|byte| *byte == sign).count();
    [b',', b';', b'\t', b'|'].into_iter().rev().max_by_key(|&sign| count(sign)).unwrap_or(b',')
}

/// Tells of a row that is not like the others, with its place.
fn refuse(source: &Source, error: &csv::Error, seen: &mut Observations) {
    let start = error.position().map_or(0, |position| position.byte() as usize).min(source.text().len());
    let length = source.text()[start..].find('\n').unwrap_or(source.text().len() - start);
    let message = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("this row has {len} cells, and the header has {expected_len}")
        }
        _ => "this row is not well formed".to_owned(),
    };
    seen.diagnostics.error(Span::new(source.index(), start, start + length), Fault::Syntax(SyntaxFaultKind::Syntax { message }));
}
