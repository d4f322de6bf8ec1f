//! The command line: parses, calls one function, prints. The only module that prints.
#![expect(clippy::print_stderr, reason = "cli is the only module that prints")]

mod args;
mod output;

use std::process::ExitCode;

/// Runs `wh` and returns its exit code.
#[must_use]
pub fn main() -> ExitCode {
    match args::parse(std::env::args_os()) {
        Ok(cli) => eprintln!("{cli:?}"),
        Err(err) => err.exit()
    }
    ExitCode::from(2)
}
