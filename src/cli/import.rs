//! Importing files of other tools.

use super::arguments::{ImportOptions, ModelFormat};
use super::input::{drawn, read_stdin_once, unreadable};
use super::output::{self, Failure};
use super::place::Place;
use std::io::Write;
use weaklink::import::{self, Format, Import, Options};
use weaklink::report::{model, pages, screen};
use weaklink::source::{Severity, Source, visible};

/// Makes a model file of files of other tools, or tells what they would give.
pub(crate) fn import(options: &ImportOptions) -> Result<(), Failure> {
    let sources = read(options)?;
    let format = (options.format != "auto").then(|| Format::from_id(&options.format)).flatten();
    let files: Vec<(&Source, Option<Format>)> = sources.iter().map(|source| (source, format.filter(|_| !source.is_ours()))).collect();
    let import = import::import(&files, &reading(options)).map_err(|faults| Failure::BadInput(drawn(&faults, &sources)))?;
    if !import.warnings.is_empty() {
        let _ = write!(anstream::stderr(), "{}", drawn(&import.warnings, &sources));
    }
    if options.report {
        let page = pages::import(&import, options.all);
        let to_file = options.out.output.is_some();
        if to_file {
            write_model(options, &import)?;
        }
        let screen = output::Destination::default();
        return output::write_page(&screen, &screen::render(&page, output::width(&screen)));
    }
    write_model(options, &import)?;
    tell(&import, options);
    Ok(())
}

fn read(options: &ImportOptions) -> Result<Vec<Source>, Failure> {
    let limit = options.max_size * 1024 * 1024;
    read_stdin_once(&options.files)?;
    if options.files.len() > usize::from(u16::MAX) {
        return Err(Failure::bad_input(format!("at most {} files are imported together", u16::MAX)));
    }
    let mut sources = Vec::new();
    let mut errors = Vec::new();
    for path in &options.files {
        match Place::parse(path)?.read(sources.len() as u16, limit)? {
            Ok(source) => sources.push(source),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(sources) } else { Err(unreadable(&errors)) }
}

fn reading(options: &ImportOptions) -> Options {
    let defaults = Options::default();
    let kind = options.kind.as_deref().and_then(weaklink::catalog::ConnectionKind::from_id);
    Options { kind: kind.unwrap_or(defaults.kind), reverse: options.reverse, columns: options.columns.clone(), limits: defaults.limits }
}

fn write_model(options: &ImportOptions, import: &Import) -> Result<(), Failure> {
    let is_json_name = options.out.output.as_ref().is_some_and(|path| path.extension().is_some_and(|end| end.eq_ignore_ascii_case("json")));
    let text = match options.write {
        Some(ModelFormat::Json) => model::json(&import.document),
        None if is_json_name => model::json(&import.document),
        _ => model::yaml(&import.document),
    };
    output::write(&options.out, |out| out.write_all(text.as_bytes()))
}

/// Says in a line what came of it, and where more is told.
fn tell(import: &Import, options: &ImportOptions) {
    let headline = pages::import_headline(import).text();
    let read_over: usize = import.files.iter().flat_map(|file| &file.not_understood).map(|(_, count)| count).sum();
    let lost: usize = import.files.iter().map(|file| file.unresolved.len()).sum();
    let to = options.out.output.as_ref().map_or_else(String::new, |path| format!("wrote {}: ", visible(&path.to_string_lossy())));
    let warnings = import.warnings.count(Severity::Warning);
    let rest = [(read_over, "not understood"), (lost, "references unresolved"), (warnings, "warnings above")];
    let rest: Vec<String> = rest.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    let more = if rest.is_empty() { String::new() } else { format!("; {}; `--report` tells which", rest.join(", ")) };
    let _ = writeln!(anstream::stderr(), "{to}{headline}{more}");
}
