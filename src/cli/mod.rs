//! Floor 8: arguments, commands, exit codes, and the words around them on the terminal.

mod arguments;
mod commands;
mod diagram;
mod explain;
mod graphviz;
mod init;
mod input;
mod output;
mod raster;

use arguments::{Arguments, Command};
use clap::{CommandFactory, Parser};
use output::Failure;
use std::io::Write;
use std::process::ExitCode;

/// Done, and no gate failed.
pub(crate) const FINE: u8 = 0;
/// Wrong usage or bad input; nothing was written. Exit 1 is kept for a failed gate.
pub(crate) const BAD_INPUT: u8 = 2;
/// The answer could not be delivered, or the program is at fault.
pub(crate) const INTERNAL: u8 = 3;

/// Runs the program on the process's arguments.
pub(crate) fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|at| format!(" at {}:{}", at.file(), at.line())).unwrap_or_default();
        let version = env!("CARGO_PKG_VERSION");
        let _ = writeln!(anstream::stderr(), "weaklink: internal error{place} (version {version}); this is a bug, please report it");
    }));
    // A panic in any thread is a bug of ours: exit 3, never a half-told answer with exit 0.
    let code = std::panic::catch_unwind(|| run(Arguments::parse())).unwrap_or(INTERNAL);
    ExitCode::from(code)
}

fn run(arguments: Arguments) -> u8 {
    arguments.color.write_global();
    let result = match arguments.command {
        Command::Check(options) => commands::check(&options),
        Command::Matrix(options) => commands::matrix(&options),
        Command::Gaps(options) => commands::gaps(&options),
        Command::Blast(options) => commands::blast(&options),
        Command::Exposed(options) => commands::exposed(&options),
        Command::Why(options) => commands::why(&options),
        Command::Score(options) => commands::score(&options),
        Command::Dot(options) => diagram::dot(&options),
        Command::Explain { what, format, out } => explain::explain(what.as_deref(), format, &out),
        Command::Init(options) => init::init(&options),
        Command::Schema { of, out } => commands::schema(&of, &out),
        Command::Completions { shell } => output::write(&output::Destination::default(), |out| {
            clap_complete::generate(shell, &mut Arguments::command(), "weaklink", out);
            Ok(())
        }),
        Command::Man { directory } => init::man(directory.as_deref()),
    };
    match result {
        Ok(()) | Err(Failure::ClosedPipe) => FINE,
        Err(Failure::BadInput(text)) => {
            let _ = write!(anstream::stderr(), "{text}");
            BAD_INPUT
        }
        Err(Failure::Output(text)) => {
            let _ = writeln!(anstream::stderr(), "error: {text}");
            INTERNAL
        }
    }
}
