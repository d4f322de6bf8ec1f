//! The shell's own commands, which begin with a point.

use std::path::PathBuf;

use clap::ValueEnum;

use crate::cli::output::Format;
use crate::diagnostic::{Diagnostic, Result, nearest};

/// One line of the shell that is not SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    /// List the commands.
    Help,
    /// List tables and views, all or those whose name holds a text.
    Tables(String),
    /// List the columns of a table, or of all.
    Schema(String),
    /// Choose how rows are written.
    Mode(Format),
    /// Show or hide how long a statement took.
    Timer(bool),
    /// Show or hide the types of columns.
    Types(bool),
    /// Run a file of SQL.
    Read(PathBuf),
    /// Write rows to a file, or to the terminal again.
    Output(Option<PathBuf>),
    /// Leave.
    Quit,
}

/// Name, argument and meaning, in the order of `.help`.
const COMMANDS: &[(&str, &str, &str)] = &[
    (
        ".tables",
        "[TEXT]",
        "List tables and views, or those whose name holds TEXT",
    ),
    (
        ".schema",
        "[TABLE]",
        "List the columns of a table, or of all",
    ),
    (
        ".mode",
        "FORMAT",
        "Write rows as table, csv, json, ndjson or markdown",
    ),
    (
        ".output",
        "[FILE]",
        "Write rows to a file, or to the terminal again",
    ),
    (".read", "FILE", "Run a file of SQL"),
    (".timer", "on|off", "Show or hide how long a statement took"),
    (".types", "on|off", "Show or hide the types of columns"),
    (".help", "", "List these commands"),
    (".quit", "", "Leave, as Ctrl-D does"),
];

/// Returns the names of all commands.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().map(|(name, _, _)| *name)
}

/// Returns the words that can follow a command.
pub(super) fn choices(command: &str) -> Vec<String> {
    match command {
        ".mode" => text_formats().map(name).collect(),
        ".timer" | ".types" => ["on", "off"].map(String::from).to_vec(),
        _ => Vec::new(),
    }
}

/// Returns what `.help` prints.
pub(super) fn help() -> String {
    let line =
        |(name, argument, about): &(&str, &str, &str)| format!("{name:<8} {argument:<8} {about}\n");
    let commands: String = COMMANDS.iter().map(line).collect();
    commands
        + "\nAnything else is SQL and ends with a semicolon; {{ ref('model') }} works. Ctrl-C stops a statement.\n"
}

/// Reads one command.
///
/// # Errors
/// `Project` when there is no such command, or its argument does not fit.
pub(super) fn parse(line: &str) -> Result<Command> {
    let line = line.trim().trim_end_matches(';').trim_end();
    let (word, argument) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let argument = argument.trim();
    match word {
        ".help" => Ok(Command::Help),
        ".tables" => Ok(Command::Tables(argument.into())),
        ".schema" => Ok(Command::Schema(argument.into())),
        ".mode" => format(argument).map(Command::Mode),
        ".timer" => switch(word, argument).map(Command::Timer),
        ".types" => switch(word, argument).map(Command::Types),
        ".read" if !argument.is_empty() => Ok(Command::Read(argument.into())),
        ".read" => Err(Diagnostic::project("`.read` names no file").into()),
        ".output" => Ok(Command::Output(
            (!argument.is_empty()).then(|| argument.into()),
        )),
        ".quit" | ".exit" => Ok(Command::Quit),
        _ => {
            let hint = match nearest(word, names()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`.help` lists the commands".into(),
            };
            Err(
                Diagnostic::project(format!("`{word}` is no command of the shell"))
                    .hint(hint)
                    .into(),
            )
        }
    }
}

fn format(word: &str) -> Result<Format> {
    match Format::from_str(word, true) {
        Ok(format) if !format.is_binary() => Ok(format),
        Ok(format) => Err(
            Diagnostic::project(format!("`{word}` is nothing for a terminal"))
                .hint(format!(
                    "leave the shell and write a file: `wh query -o result.{} \"…\"`",
                    name(format)
                ))
                .into(),
        ),
        Err(_) => {
            let known: Vec<_> = text_formats().map(name).collect();
            Err(Diagnostic::project(format!("`{word}` is no format"))
                .hint(format!("the formats are {}", known.join(", ")))
                .into())
        }
    }
}

fn text_formats() -> impl Iterator<Item = Format> {
    Format::value_variants()
        .iter()
        .copied()
        .filter(|format| !format.is_binary())
}

fn name(format: Format) -> String {
    format
        .to_possible_value()
        .map(|value| value.get_name().to_owned())
        .unwrap_or_default()
}

fn switch(command: &str, word: &str) -> Result<bool> {
    match word {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(Diagnostic::project(format!("`{command}` is on or off")).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_that_help_lists_is_understood() {
        for (name, argument, _) in COMMANDS {
            let argument = match *argument {
                "FORMAT" => "csv",
                "on|off" => "on",
                other => other,
            };
            assert!(parse(&format!("{name} {argument}")).is_ok(), "{name}");
        }
    }

    #[test]
    fn a_slip_of_the_keys_is_answered_with_the_nearest_command() {
        let err = parse(".table").unwrap_err().to_string();
        assert!(err.contains("did you mean `.tables`?"), "{err}");
        assert!(
            parse(".mode xlsx")
                .unwrap_err()
                .to_string()
                .contains("wh query -o result.xlsx")
        );
        assert!(
            parse(".mode cvs")
                .unwrap_err()
                .to_string()
                .contains("table, csv, json, ndjson, markdown")
        );
    }
}
