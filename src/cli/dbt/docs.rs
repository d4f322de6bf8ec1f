//! `wh docs`: what the project and the warehouse hold, as files for other tools and as a page.

use std::net::SocketAddr;
use std::path::Path;

use super::without_nodes;
use crate::cli::args::{DocsCommand, DocsGenerateArgs, DocsServeArgs, Global};
use crate::cli::operate::ServeArgs;
use crate::cli::warehouse::{Access, open};
use crate::cli::{build, say, serve};
use crate::diagnostic::{Diagnostic, Result};
use crate::run::artifacts;
use crate::run::{self, Introspection};

/// Writes or serves the documentation.
///
/// # Errors
/// As [`generate`] and `wh serve`.
pub(in crate::cli) fn docs(global: &Global, command: &DocsCommand) -> Result<()> {
    match command {
        DocsCommand::Generate(args) => generate(global, args).map_err(without_nodes),
        DocsCommand::Serve(args) => served(global, args),
    }
}

/// Writes `manifest.json` with compiled SQL unless `--no-compile`, and `catalog.json`.
///
/// # Errors
/// `Project` when the project is wrong; `Environment` when the warehouse does not open or a file cannot be written.
fn generate(global: &Global, args: &DocsGenerateArgs) -> Result<()> {
    let (project, compiled) = build::parse(global, "generate", false)?;
    let engine = open(global, &project, Access::Write)?;
    let mut chosen = None;
    if !args.no_compile {
        let introspection = Introspection::open((&project, &compiled), engine.clone())?;
        let chosen = &*chosen.insert(build::choose(global, &compiled, &args.selection, &[])?);
        let summary = run::compile_to_files(&project, &compiled, chosen, &introspection)?;
        let summary = summary.without_ephemeral(&compiled);
        artifacts::manifest(&project, &compiled, &summary.ledger)?;
        artifacts::run_results(&project, &compiled, &summary)?;
    }
    let session = match args.empty_catalog {
        true => None,
        false => Some(engine.connect()?),
    };
    artifacts::catalog(&project, &compiled, chosen.as_ref(), session)?;
    for folder in &project.paths.assets {
        let from = project.root.join(folder);
        let to = project.root.join(&project.paths.target).join(folder);
        if from.is_dir() {
            copied(&from, &to).map_err(|err| {
                let what = format!("`{}` cannot be copied", folder.display());
                Diagnostic::environment(what).because(err)
            })?;
        }
    }
    if !global.quiet {
        let target = project.paths.target.display();
        say(&format!(
            "the documentation is in {target}; `wh docs serve` shows it"
        ));
    }
    Ok(())
}

/// Copies a folder with all that is in it.
fn copied(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copied(&entry.path(), &target)?,
            false => drop(std::fs::copy(entry.path(), target)?),
        }
    }
    Ok(())
}

fn served(global: &Global, args: &DocsServeArgs) -> Result<()> {
    let host = match args.host.as_str() {
        "localhost" => "127.0.0.1",
        host => host,
    };
    let address = host.parse().map_err(|_| {
        Diagnostic::project(format!("`--host {host}` is no address of this machine"))
            .hint("use 127.0.0.1")
    })?;
    let listen = SocketAddr::new(address, args.port);
    serve::serve(global, &ServeArgs { listen })
}
