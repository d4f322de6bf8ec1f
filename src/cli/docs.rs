//! What clap knows of the command line, for shells and manuals.

use std::io::Write;
use std::path::Path;

use clap::CommandFactory;

use super::args::{self, Cli, CompletionsArgs, ManArgs};
use crate::diagnostic::{Diagnostic, Result};

/// Prints the completion script of a shell.
///
/// # Errors
/// What standard output answers.
pub(super) fn completions(args: &CompletionsArgs) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut args::command(), "wh", &mut script);
    Ok(std::io::stdout().write_all(&script)?)
}

/// Prints the manual page of `wh`, or writes a page a command into a folder.
///
/// # Errors
/// `Environment` when the folder cannot be written.
pub(super) fn man(args: &ManArgs) -> Result<()> {
    let Some(folder) = &args.output else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Cli::command()).render(&mut page)?;
        return Ok(std::io::stdout().write_all(&page)?);
    };
    pages(folder).map_err(|err| {
        let what = format!("`{}` cannot be written", folder.display());
        Diagnostic::environment(what).because(err).into()
    })
}

fn pages(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    clap_mangen::generate_to(Cli::command(), folder)
}
