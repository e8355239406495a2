//! Floor 10: arguments, commands, exit codes, and the words around them on the terminal.

mod accept;
mod arguments;
mod cache;
mod check;
mod choke;
mod commands;
mod diagram;
mod explain;
mod export;
mod fix;
mod gating;
mod git;
mod graphviz;
mod import;
mod init;
mod input;
mod output;
mod owners;
mod percolate;
mod place;
mod program;
mod raster;
mod review;
mod unknowns;
mod verify;
mod what_if;
mod why_not;

use arguments::{Arguments, Command, ModelOptions, OutOption, ReadingOptions};
use clap::{CommandFactory, Parser};
use output::Failure;
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use weaklink::cache::CacheFault;
use weaklink::source::visible;

/// Done, and no gate failed.
pub(crate) const FINE: u8 = 0;
/// The gate failed.
pub(crate) const GATE_FAILED: u8 = 1;
/// Wrong usage or bad input; nothing was written.
pub(crate) const BAD_INPUT: u8 = 2;
/// The answer could not be delivered, or the program is at fault.
pub(crate) const INTERNAL: u8 = 3;

/// Bytes of a project's settings that are read to learn its files.
const LARGEST: u64 = 256 * 1024 * 1024;

/// Runs the program on the process's arguments.
pub(crate) fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|at| format!(" at {}:{}", at.file(), at.line())).unwrap_or_default();
        let version = env!("CARGO_PKG_VERSION");
        let _ = writeln!(anstream::stderr(), "weaklink: internal error{place} (version {version}); this is a bug, please report it");
    }));
    // A panic in any thread is a bug of ours: exit 3, never a half-told answer with exit 0. A cache that turns out to be
    // damaged late unwinds, too, and is bad input.
    let code = std::panic::catch_unwind(parse_and_run).unwrap_or_else(|cause| match cause.downcast::<CacheFault>() {
        Ok(fault) => told(cache::refused(&fault)),
        Err(_) => INTERNAL,
    });
    ExitCode::from(code)
}

fn parse_and_run() -> u8 {
    let given: Vec<OsString> = std::env::args_os().collect();
    match Arguments::try_parse_from(&given) {
        Ok(arguments) => run(arguments),
        Err(error) => refuse(&error, &given),
    }
}

/// Prints help, or what is wrong with the arguments.
///
/// A message repeats arguments as they are, and they may hold what a terminal obeys. So the message is made again from
/// arguments that passed the filter, and keeps its colours; where that says something else, it is filtered as a whole.
fn refuse(error: &clap::Error, given: &[OsString]) -> u8 {
    let told = if error.use_stderr() {
        let filtered = given.iter().map(|argument| visible(&argument.to_string_lossy()).into_owned());
        match Arguments::try_parse_from(filtered) {
            Err(same) if same.kind() == error.kind() => same.print(),
            _ => {
                let is_hidden = |text: &String| visible(text) != *text;
                let parts = |argument: &OsString| {
                    let text = argument.to_string_lossy().into_owned();
                    let value = text.split_once('=').map(|(_, value)| value.to_owned());
                    std::iter::once(text).chain(value).collect::<Vec<_>>()
                };
                let hidden = given.iter().flat_map(parts).filter(is_hidden);
                let plain = hidden.fold(error.render().to_string(), |told, argument| told.replace(&argument, &visible(&argument)));
                let lines: Vec<_> = plain.lines().map(visible).collect();
                writeln!(anstream::stderr(), "{}", lines.join("\n"))
            }
        }
    } else {
        error.print()
    };
    match told {
        Err(failed) if !error.use_stderr() && failed.kind() != std::io::ErrorKind::BrokenPipe => INTERNAL,
        _ => u8::try_from(error.exit_code()).unwrap_or(INTERNAL),
    }
}

fn run(mut arguments: Arguments) -> u8 {
    arguments.color.write_global();
    let output = arguments.command.out_mut().and_then(arguments::OutOption::settle);
    answer(arguments.command, output.as_deref()).unwrap_or_else(told)
}

/// Says why there is no answer, and gives the exit status.
fn told(failure: Failure) -> u8 {
    match failure {
        Failure::ClosedPipe => FINE,
        Failure::BadInput(text) => {
            let _ = write!(anstream::stderr(), "{text}");
            BAD_INPUT
        }
        Failure::Output(text) => {
            let _ = writeln!(anstream::stderr(), "error: {text}");
            INTERNAL
        }
    }
}

/// Does what a command says, and gives the exit status.
fn answer(command: Command, output: Option<&Path>) -> Result<u8, Failure> {
    if let Some(output) = output {
        keep_inputs(&command.inputs(), output)?;
    }
    match command {
        Command::Check(options) => return check::check(&options),
        Command::Review(options) => return review::review(&options),
        Command::Accept(options) => accept::accept(&options),
        Command::Matrix(options) => commands::matrix(&options),
        Command::Gaps(options) => commands::gaps(&options),
        Command::Blast(options) => commands::blast(&options),
        Command::Exposed(options) => commands::exposed(&options),
        Command::Why(options) => commands::why(&options),
        Command::WhyNot(options) => why_not::why_not(&options),
        Command::Choke(options) => choke::choke(&options),
        Command::Unknowns(options) => unknowns::unknowns(&options),
        Command::Owners(options) => owners::owners(&options),
        Command::Percolate(options) => percolate::percolate(&options),
        Command::Score(options) => commands::score(&options),
        Command::Verify(options) => return verify::verify(&options),
        Command::WhatIf(options) => what_if::what_if(&options),
        Command::Fix(options) => fix::fix(&options),
        Command::Dot(options) => diagram::dot(&options),
        Command::Explain { what, format, out } => explain::explain((!what.is_empty()).then(|| what.join(" ")).as_deref(), format, &out),
        Command::Import(options) => import::import(&options),
        Command::Export(options) => export::export(&options),
        Command::Compile(options) => cache::compile(&options),
        Command::Init(options) => init::init(&options),
        Command::Schema { of, out } => commands::schema(&of, &out),
        Command::Completions { shell } => output::write(&output::Destination::default(), |out| {
            // Into memory first: the generator takes every failure of its writer for a bug.
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "weaklink", &mut script);
            out.write_all(&script)
        }),
        Command::Man { directory } => init::man(directory.as_deref()),
    }?;
    Ok(FINE)
}

/// Refuses to write an answer over a file that it is made from.
fn keep_inputs(inputs: &[PathBuf], output: &Path) -> Result<(), Failure> {
    // A project stands for its files; one that cannot be found is told of when it is read.
    let on_disk = inputs.iter().filter(|input| input.exists());
    let projects = on_disk.filter_map(|input| place::Project::find(input, LARGEST).ok());
    let named: Vec<PathBuf> = projects.flat_map(|project| project.paths().map(Path::to_owned).collect::<Vec<_>>()).collect();
    for input in inputs.iter().chain(&named) {
        if is_same_file(input, output) {
            let name = visible(&output.to_string_lossy()).into_owned();
            return Err(Failure::output_with_help(format!("cannot write `{name}`: the answer is made from it"), "name another file"));
        }
    }
    Ok(())
}

/// Whether two names mean one file, over links of either kind; only a regular file has content to lose.
fn is_same_file(left: &Path, right: &Path) -> bool {
    let (Ok(of_left), Ok(of_right)) = (left.metadata(), right.metadata()) else { return false };
    if !of_left.is_file() || !of_right.is_file() {
        return false;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if (of_left.dev(), of_left.ino()) == (of_right.dev(), of_right.ino()) {
            return true;
        }
    }
    matches!((left.canonicalize(), right.canonicalize()), (Ok(left), Ok(right)) if left == right)
}

impl Command {
    /// Where the answer goes.
    fn out_mut(&mut self) -> Option<&mut OutOption> {
        match self {
            Self::Review(options) => Some(&mut options.findings.out),
            Self::Check(options) => Some(&mut options.findings.out),
            Self::Matrix(options) => Some(&mut options.rows.out),
            Self::Gaps(options) => Some(&mut options.rows.out),
            Self::Blast(options) | Self::Exposed(options) => Some(&mut options.rows.out),
            Self::Why(options) => Some(&mut options.out),
            Self::WhyNot(options) => Some(&mut options.rows.out),
            Self::Choke(options) => Some(&mut options.rows.out),
            Self::Unknowns(options) => Some(&mut options.rows.out),
            Self::Owners(options) => Some(&mut options.rows.out),
            Self::Percolate(options) => Some(&mut options.rows.out),
            Self::Score(options) => Some(&mut options.rows.out),
            Self::Verify(options) => Some(&mut options.rows.out),
            Self::WhatIf(options) => Some(&mut options.rows.out),
            Self::Fix(options) => Some(&mut options.rows.out),
            Self::Dot(options) => Some(&mut options.out),
            Self::Import(options) => Some(&mut options.out),
            Self::Export(options) => Some(&mut options.out),
            Self::Compile(options) => Some(&mut options.out),
            Self::Explain { out, .. } | Self::Schema { out, .. } => Some(out),
            Self::Accept(_) | Self::Init(_) | Self::Completions { .. } | Self::Man { .. } => None,
        }
    }

    /// The files that the answer is made from.
    fn inputs(&self) -> Vec<PathBuf> {
        let reading = |reading: &ReadingOptions| reading.overlays.iter().chain(&reading.policy).cloned().collect::<Vec<_>>();
        let model = |options: &ModelOptions| [vec![options.model.clone()], reading(&options.reading)].concat();
        match self {
            Self::Check(options) => [model(&options.model), options.gating.waivers.iter().cloned().collect()].concat(),
            Self::Matrix(options) => model(&options.model),
            Self::Gaps(options) => model(&options.model),
            Self::Blast(options) | Self::Exposed(options) => model(&options.model),
            Self::Why(options) => model(&options.model),
            Self::WhyNot(options) => model(&options.model),
            Self::Choke(options) => model(&options.model),
            Self::Unknowns(options) => model(&options.model),
            Self::Owners(options) => model(&options.model),
            Self::Percolate(options) => model(&options.model),
            Self::Score(options) => model(&options.model),
            Self::Verify(options) => [model(&options.model), vec![options.result.clone()]].concat(),
            Self::WhatIf(options) => model(&options.model),
            Self::Fix(options) => model(&options.model),
            Self::Review(options) => {
                let models = vec![options.base.clone(), options.head.clone()];
                [models, reading(&options.reading), options.gating.waivers.iter().cloned().collect()].concat()
            }
            Self::Dot(options) => {
                let base = options.view.as_deref().and_then(|view| view.strip_prefix("diff:"));
                [model(&options.model), base.map(PathBuf::from).into_iter().collect()].concat()
            }
            Self::Import(options) => options.files.clone(),
            Self::Export(options) => model(&options.model),
            Self::Compile(options) => model(&options.model),
            Self::Accept(_) | Self::Explain { .. } | Self::Init(_) | Self::Schema { .. } | Self::Completions { .. } | Self::Man { .. } => {
                Vec::new()
            }
        }
    }
}
