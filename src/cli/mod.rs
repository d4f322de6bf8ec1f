//! The command line: parses, calls one function, prints. The only module that prints.

mod args;
mod aside;
mod build;
mod data;
mod dbt;
mod demo;
mod deps;
mod docs;
mod dotenv;
mod examples;
mod features;
mod flags;
mod init;
mod jobs;
mod log;
mod look;
mod ml;
mod operate;
mod output;
mod profile;
mod project;
mod quality;
mod query;
mod runs;
mod secrets;
mod sent;
mod serve;
mod shell;
mod terminal;
mod ui;
mod up;
mod warehouse;
mod warn;

use std::io::{self, Write};
use std::process::ExitCode;

use self::args::{Cli, Command, Global, QualityCommand, SourceCommand};
use self::demo::DemoCommand;
use crate::diagnostic::{Diagnostic, Result, Several};

/// Errors of one stage that are printed at most.
const MAX_ERRORS: usize = 20;

/// Runs `wh` and returns its exit code: 0 good, 1 data or a node failed, 2 the project or the command line is wrong.
#[must_use]
pub fn main() -> ExitCode {
    match dotenv::load() {
        Ok(warnings) => warnings
            .iter()
            .for_each(|warning| say(&format!("warning: {warning}"))),
        Err(err) => {
            say(&format!("error: {err:#}"));
            return ExitCode::from(2);
        }
    }
    let mut cli = match args::parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err(err) => {
            // Help asked for is a result: a closed pipe is no error.
            let printed = err.print().is_ok() || !err.use_stderr();
            return ExitCode::from(if err.use_stderr() || !printed { 2 } else { 0 });
        }
    };
    match flags::settle(&mut cli).and_then(|()| dispatch(&cli)) {
        Ok(code) => code,
        Err(err) if is_broken_pipe(&err) => ExitCode::SUCCESS,
        Err(err) => {
            print_error(&cli.global, &err);
            ExitCode::from(exit_code(&err))
        }
    }
}

fn dispatch(cli: &Cli) -> Result<ExitCode> {
    let global = &cli.global;
    let done = match &cli.command {
        Command::Build(args) => return build::build(global, "build", &args.call(&global.flags)),
        Command::Run(args) => return build::build(global, "run", &args.call(&global.flags)),
        Command::Seed(args) => return build::build(global, "seed", &args.call(&global.flags)),
        Command::Ingest(args) => return build::build(global, "ingest", &args.call(&global.flags)),
        Command::Snapshot(args) => {
            return build::build(global, "snapshot", &args.call(&global.flags));
        }
        Command::Test(args) => return build::build(global, "test", &args.call(&global.flags)),
        Command::Retry(args) => return dbt::retry::retry(global, args),
        Command::Resume(args) => return runs::resume(global, args),
        Command::Up(args) => return up::up(global, args),
        Command::Jobs(args) => return jobs::jobs(global, args),
        Command::Runs(args) => runs::runs(global, args),
        Command::Logs(args) => runs::logs(global, args),
        Command::Ml(args) => return ml::ml(global, args),
        Command::Serve(args) => serve::serve(global, args),
        Command::Ls(args) => look::ls(global, args),
        Command::Compile(args) => dbt::compile::compile(global, args),
        Command::Show(args) => dbt::show::show(global, args),
        Command::RunOperation(args) => return dbt::operation::run_operation(global, args),
        Command::Clone(args) => return dbt::clone::clone(global, args),
        Command::Parse => dbt::parse(global),
        Command::Docs(args) => dbt::docs::docs(global, &args.command),
        Command::Source(args) => match &args.command {
            SourceCommand::Freshness(args) => return dbt::freshness::freshness(global, args),
        },
        Command::Clean(args) => dbt::clean::clean(global, args),
        Command::Debug(args) => return look::debug(global, args),
        Command::Query(args) => query::query(global, args),
        Command::Data(command) => data::data(global, command),
        Command::Features { command } => features::features(global, command),
        Command::Profile(args) => profile::profile(global, args),
        Command::Quality(args) => match &args.command {
            QualityCommand::Report(args) => quality::report(global, args),
        },
        Command::Deps(args) => deps::deps(global, args),
        Command::Init(args) => init::init(global, args),
        Command::Demo(args) => match &args.command {
            DemoCommand::ServeTickets(args) => demo::serve_tickets(global, args),
        },
        Command::Completions(args) => docs::completions(args),
        Command::Man(args) => docs::man(args),
    };
    done.map(|()| ExitCode::SUCCESS)
}

/// Prints an error as people read it; of several, each, but not more than a screen can hold.
fn print_error(global: &Global, err: &anyhow::Error) {
    if let Some(Several(errors)) = err.downcast_ref() {
        for err in errors.iter().take(MAX_ERRORS) {
            print_error(global, err);
        }
        if errors.len() > MAX_ERRORS {
            say(&format!("… and {} more", errors.len() - MAX_ERRORS));
        }
        return;
    }
    let (red, plain) = match terminal::color_of_errors(global) {
        true => ("\x1b[1;31m", "\x1b[0m"),
        false => ("", ""),
    };
    match err
        .chain()
        .find_map(|cause| cause.downcast_ref::<Diagnostic>())
    {
        Some(diagnostic) => say(&format!("{red}error:{plain} {diagnostic}")),
        None => say(&format!(
            "{red}error:{plain} {err:#}\nhint: this is a bug in wh {}; please report it with what you did",
            env!("CARGO_PKG_VERSION")
        )),
    }
}

/// Prints one message to standard error; when nobody listens there is nobody to tell.
fn say(text: &str) {
    let text = secrets::hidden(text);
    if let Err(err) = writeln!(io::stderr(), "{text}") {
        tracing::debug!(error = %err, "standard error");
    }
}

fn exit_code(err: &anyhow::Error) -> u8 {
    if let Some(Several(errors)) = err.downcast_ref() {
        return errors.iter().map(exit_code).max().unwrap_or(2);
    }
    let diagnostic = err
        .chain()
        .find_map(|cause| cause.downcast_ref::<Diagnostic>());
    diagnostic.map_or(2, Diagnostic::exit_code)
}

fn is_broken_pipe(err: &anyhow::Error) -> bool {
    let broken = |err: &io::Error| err.kind() == io::ErrorKind::BrokenPipe;
    err.chain()
        .any(|cause| cause.downcast_ref().is_some_and(broken))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_of_several_errors_is_the_gravest() {
        let several = Several(vec![
            Diagnostic::data("a").into(),
            Diagnostic::project("b").into(),
        ]);
        assert_eq!(exit_code(&several.into()), 2);
        assert_eq!(exit_code(&Diagnostic::data("a").into()), 1);
        assert_eq!(exit_code(&anyhow::anyhow!("x")), 2);
    }

    #[test]
    fn a_broken_pipe_is_known_wherever_it_is_in_the_chain() {
        let pipe = io::Error::from(io::ErrorKind::BrokenPipe);
        assert!(is_broken_pipe(
            &Diagnostic::environment("x").because(pipe).into()
        ));
        assert!(!is_broken_pipe(&Diagnostic::environment("x").into()));
    }
}
