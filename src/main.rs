//! The command-line tool.

mod cli;

/// Reading a large model makes and drops millions of texts.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    cli::main()
}
