//! Where answers go: standard output or a file, whole or not at all.

use super::arguments::OutOption;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use weaklink::source::visible;

/// Why a command ended without its answer.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The reader of our output went away; that is its good right.
    ClosedPipe,
    /// Wrong usage or bad input, as text for standard error.
    BadInput(String),
    /// The answer could not be delivered.
    Output(String),
}

impl Failure {
    /// A message of one line.
    pub(crate) fn bad_input(message: impl std::fmt::Display) -> Self {
        Self::BadInput(format!("error: {message}\n"))
    }

    /// Why an answer could not be delivered.
    pub(crate) fn output(message: impl std::fmt::Display) -> Self {
        Self::Output(message.to_string())
    }

    /// The same with its remedy.
    pub(crate) fn output_with_help(message: impl std::fmt::Display, help: impl std::fmt::Display) -> Self {
        Self::Output(format!("{message}\n  help: {help}"))
    }

    /// A message with its remedy.
    pub(crate) fn bad_input_with_help(message: impl std::fmt::Display, help: impl std::fmt::Display) -> Self {
        Self::BadInput(format!("error: {message}\n  help: {help}\n"))
    }
}

/// Where an answer goes.
pub(crate) type Destination = OutOption;

/// Writes an answer that has no colour.
pub(crate) fn write(destination: &Destination, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    match &destination.output {
        None => {
            let mut out = BufWriter::new(io::stdout().lock());
            content(&mut out).and_then(|()| out.flush()).map_err(|error| failure(&error, "standard output"))
        }
        Some(path) => write_file(path, content),
    }
}

/// Writes a page; colour is stripped where it is not wanted.
pub(crate) fn write_page(destination: &Destination, page: &str) -> Result<(), Failure> {
    match &destination.output {
        None => {
            let mut out = anstream::AutoStream::auto(io::stdout().lock());
            out.write_all(page.as_bytes()).and_then(|()| out.flush()).map_err(|error| failure(&error, "standard output"))
        }
        Some(path) => write_file(path, |out| out.write_all(anstream::adapter::strip_str(page).to_string().as_bytes())),
    }
}

/// The width of the terminal that standard output is, or 100 columns: what goes to a file or a pipe is the same
/// whatever window it was asked for in.
pub(crate) fn width(destination: &Destination) -> u16 {
    let is_shown = destination.output.is_none();
    let terminal = is_shown.then(|| terminal_size::terminal_size_of(io::stdout())).flatten().map(|(width, _)| width.0);
    terminal.unwrap_or(100).max(40)
}

/// Writes a file by way of a temporary one beside it, so that the old content stays until the new is whole.
fn write_file(path: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    let name = visible(&path.to_string_lossy()).into_owned();
    let refuse = |why: &str| Err(Failure::Output(format!("cannot write `{name}`: {why}")));
    let told = |error: &io::Error| Failure::Output(format!("cannot write `{name}`: {}", reason(error)));
    match path.symlink_metadata() {
        Ok(known) if known.is_dir() => return refuse("it is a folder"),
        // A link to a device or a pipe, as `/dev/stderr` is, stands for that; no file is lost behind it.
        Ok(known) if known.is_symlink() && !leads_to_device(path) => return refuse("it is a symbolic link; name the file it points to"),
        Ok(known) if !known.is_file() => {
            // A device or a pipe cannot be replaced; what is written to it is gone either way.
            let mut file = BufWriter::new(std::fs::OpenOptions::new().write(true).open(path).map_err(|error| told(&error))?);
            return content(&mut file).and_then(|()| file.flush()).map_err(|error| told(&error));
        }
        _ => {}
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let temporary = builder.prefix(".weaklink-").tempfile_in(folder).map_err(|error| told(&error))?;
    if let Ok(known) = path.metadata() {
        temporary.as_file().set_permissions(known.permissions()).map_err(|error| told(&error))?;
    }
    let mut out = BufWriter::new(temporary);
    content(&mut out).and_then(|()| out.flush()).map_err(|error| told(&error))?;
    let temporary = out.into_inner().map_err(|error| told(error.error()))?;
    temporary.persist(path).map_err(|error| told(&error.error))?;
    Ok(())
}

fn leads_to_device(path: &Path) -> bool {
    path.metadata().is_ok_and(|known| !known.is_file() && !known.is_dir())
}

fn failure(error: &io::Error, to: &str) -> Failure {
    if error.kind() == io::ErrorKind::BrokenPipe {
        Failure::ClosedPipe
    } else {
        Failure::Output(format!("cannot write to {to}: {}", reason(error)))
    }
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such folder".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::StorageFull => "no space left".to_owned(),
        io::ErrorKind::NotADirectory => "a part of its path is a file, not a folder".to_owned(),
        // The error's own text may name the temporary file, which says nothing to anybody.
        kind => kind.to_string(),
    }
}
