//! The command line: parses, calls one function, prints. The only module that prints.
#![expect(clippy::print_stderr, reason = "cli is the only module that prints")]

use std::process::ExitCode;

/// Runs `wh` and returns its exit code.
#[must_use]
pub fn main() -> ExitCode {
    eprintln!("wh: nothing to run yet");
    ExitCode::from(2)
}
