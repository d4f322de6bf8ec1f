//! dbt's options that every command takes, as a table: each is an option, a variable of the environment (`DBT_…`) and a key of
//! `flags:` in the project's file, and the first of these that says something wins.

use std::collections::BTreeMap;

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, parser::ValueSource};
use serde_json::{Value, json};

use crate::project::yaml;

use super::{MESSAGES, PROJECT, RUNNING, SELECTION, STATE};

/// An option of dbt.
pub(crate) struct Opt {
    /// Its name on the command line, without the dashes.
    name: &'static str,
    short: Option<char>,
    form: Form,
    /// The heading it stands under in `--help`; none for one that is taken without being shown.
    heading: Option<&'static str>,
    help: &'static str,
}

const DOES: &str = "What is done";

/// What an option takes.
#[derive(Clone, Copy)]
enum Form {
    /// Nothing: `--name`, and the opposite named here; with what it is when nobody says.
    Switch(&'static str, Option<bool>),
    /// A text, given its placeholder and what it is when nobody says.
    Text(&'static str, Option<&'static str>),
    /// A whole number, with what it is when nobody says.
    Number(u64),
    /// YAML.
    Yaml,
}

use Form::{Number, Switch, Text, Yaml};

/// A switch of this name.
macro_rules! switch {
    ($name:literal, $default:expr) => {
        Switch(concat!("no-", $name), $default)
    };
}

const fn shown(name: &'static str, form: Form, heading: &'static str, help: &'static str) -> Opt {
    Opt {
        name,
        short: None,
        form,
        heading: Some(heading),
        help,
    }
}

const fn taken(name: &'static str, form: Form) -> Opt {
    Opt {
        name,
        short: None,
        form,
        heading: None,
        help: "Taken as dbt takes it",
    }
}

const fn short(letter: char, mut opt: Opt) -> Opt {
    opt.short = Some(letter);
    opt
}

/// Every option; those without a heading mostly steer machinery that `wh` does not have.
pub(crate) const OPTIONS: &[Opt] = &[
    shown(
        "profile",
        Text("NAME", None),
        PROJECT,
        "Profile to use instead of the project's",
    ),
    shown(
        "target-path",
        Text("DIR", None),
        PROJECT,
        "Folder for compiled SQL and artifacts",
    ),
    shown(
        "log-path",
        Text("DIR", None),
        MESSAGES,
        "Folder of the log file",
    ),
    short(
        'x',
        shown(
            "fail-fast",
            switch!("fail-fast", None),
            RUNNING,
            "Stop at the first failure",
        ),
    ),
    shown(
        "state",
        Text("DIR", None),
        STATE,
        "Folder of an earlier run's artifacts, for state:, result: and --defer",
    ),
    shown(
        "defer",
        switch!("defer", Some(false)),
        STATE,
        "Read what is not selected from the relations of --state",
    ),
    shown(
        "favor-state",
        switch!("favor-state", Some(false)),
        STATE,
        "With --defer: also what is there in this warehouse",
    ),
    shown(
        "defer-state",
        Text("DIR", None),
        STATE,
        "Another folder of artifacts for --defer alone",
    ),
    shown(
        "warn-error",
        switch!("warn-error", None),
        RUNNING,
        "Take warnings for errors",
    ),
    shown(
        "warn-error-options",
        Yaml,
        RUNNING,
        "Which warnings, such as '{error: all, warn: [NoNodesForSelectionCriteria]}'",
    ),
    short(
        'd',
        shown(
            "debug",
            switch!("debug", None),
            MESSAGES,
            "Record the SQL of every statement in the log",
        ),
    ),
    short(
        'q',
        shown(
            "quiet",
            switch!("quiet", Some(false)),
            MESSAGES,
            "Print nothing but results and errors",
        ),
    ),
    shown(
        "log-format",
        Text("FORMAT", Some("default")),
        MESSAGES,
        "How messages are written: text or json",
    ),
    shown(
        "log-level",
        Text("LEVEL", Some("info")),
        MESSAGES,
        "What the log file records: trace, debug, info, warn, error or none",
    ),
    shown(
        "print",
        switch!("print", Some(true)),
        MESSAGES,
        "Print nothing that templates print",
    ),
    shown(
        "use-colors",
        switch!("use-colors", Some(true)),
        MESSAGES,
        "Print without colours, as NO_COLOR=1 does",
    ),
    taken(
        "cache-selected-only",
        switch!("cache-selected-only", Some(false)),
    ),
    taken("hints-enabled", switch!("hints-enabled", Some(true))),
    shown(
        "indirect-selection",
        Text("MODE", Some("eager")),
        SELECTION,
        "Tests that come along: eager, cautious, buildable, empty",
    ),
    taken("log-cache-events", switch!("log-cache-events", None)),
    taken("log-file-max-bytes", Number(10 << 20)),
    taken("log-format-file", Text("FORMAT", Some("debug"))),
    taken("log-level-file", Text("LEVEL", Some("debug"))),
    taken("macro-debugging", switch!("macro-debugging", Some(false))),
    taken("maximum-seed-size-mib", Number(1)),
    taken("partial-parse", switch!("partial-parse", Some(true))),
    taken(
        "partial-parse-file-diff",
        switch!("partial-parse-file-diff", Some(true)),
    ),
    taken("partial-parse-file-path", Text("FILE", None)),
    taken("populate-cache", switch!("populate-cache", Some(true))),
    taken("printer-width", Number(80)),
    short('r', taken("record-timing-info", Text("FILE", None))),
    taken(
        "send-anonymous-usage-stats",
        switch!("send-anonymous-usage-stats", Some(true)),
    ),
    taken(
        "show-all-deprecations",
        switch!("show-all-deprecations", Some(false)),
    ),
    taken(
        "show-resource-report",
        switch!("show-resource-report", Some(false)),
    ),
    taken("single-threaded", switch!("single-threaded", None)),
    taken(
        "snowflake-projects-otel",
        switch!("snowflake-projects-otel", Some(false)),
    ),
    taken("sqlparse", Yaml),
    taken("static-parser", switch!("static-parser", Some(true))),
    taken(
        "upload-to-artifacts-ingest-api",
        switch!("upload-to-artifacts-ingest-api", Some(false)),
    ),
    taken("use-colors-file", switch!("use-colors-file", Some(true))),
    taken(
        "use-experimental-parser",
        switch!("use-experimental-parser", None),
    ),
    taken(
        "use-fast-test-edges",
        switch!("use-fast-test-edges", Some(false)),
    ),
    taken("use-v2-parser", switch!("use-v2-parser", Some(false))),
    taken("version-check", switch!("version-check", Some(true))),
    taken("write-json", switch!("write-json", Some(true))),
];

/// Options about how nodes are run, of the commands that run or compile them.
pub(crate) const DOING: &[Opt] = &[
    short(
        'f',
        shown(
            "full-refresh",
            switch!("full-refresh", Some(false)),
            DOES,
            "Rebuild incremental models and seeds from nothing",
        ),
    ),
    shown(
        "empty",
        switch!("empty", Some(false)),
        DOES,
        "Read no row of what models read, to check them",
    ),
    shown(
        "sample",
        Text("TIME", None),
        DOES,
        "Read only rows of this time, such as '3 days', by event_time",
    ),
    shown(
        "event-time-start",
        Text("TIME", None),
        DOES,
        "First event time of microbatch models",
    ),
    shown(
        "event-time-end",
        Text("TIME", None),
        DOES,
        "End of the event times of microbatch models",
    ),
    shown(
        "store-failures",
        switch!("store-failures", Some(false)),
        DOES,
        "Keep the rows that tests find in tables",
    ),
    taken("show", switch!("show", Some(false))),
    taken("introspect", switch!("introspect", Some(true))),
    taken(
        "inject-ephemeral-ctes",
        switch!("inject-ephemeral-ctes", Some(true)),
    ),
    taken(
        "export-saved-queries",
        switch!("export-saved-queries", Some(false)),
    ),
    taken(
        "include-saved-query",
        switch!("include-saved-query", Some(false)),
    ),
];

impl Opt {
    /// The flag's name: `fail_fast`.
    pub(crate) fn flag(&self) -> String {
        self.name.replace('-', "_")
    }

    /// What the flag is when nobody says.
    pub(crate) fn default(&self) -> Option<Value> {
        match self.form {
            Switch(_, on) => on.map(Value::from),
            Text(_, text) => text.map(Value::from),
            Number(number) => Some(number.into()),
            Yaml => None,
        }
    }

    /// Reads a variable of the environment, or the text of a key in the project's file.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn read(&self, text: &str) -> Result<Value, String> {
        match self.form {
            Switch(..) => truth(text).map(Value::from),
            Text(..) => Ok(text.into()),
            Number(_) => text
                .parse::<u64>()
                .map(Value::from)
                .map_err(|_| "not a whole number".into()),
            Yaml => serde_json::to_value(yaml::value(text)?).map_err(|err| err.to_string()),
        }
    }

    /// Returns whether it is a switch that is on unless somebody says otherwise: its opposite is what `--help` shows.
    fn is_on(&self) -> bool {
        matches!(self.form, Switch(_, Some(true)))
    }

    fn arg(&self, global: bool) -> Arg {
        let arg = Arg::new(self.name)
            .long(self.name)
            .global(global)
            .help(self.help)
            .hide(self.heading.is_none() || self.is_on())
            .help_heading(self.heading);
        let arg = match self.short {
            Some(short) => arg.short(short),
            None => arg,
        };
        match self.form {
            Switch(opposite, _) => arg.action(ArgAction::SetTrue).overrides_with(opposite),
            Text(name, _) => arg.value_name(name),
            Number(_) => arg.value_name("N"),
            Yaml => arg.value_name("YAML"),
        }
    }

    /// `--no-name`; shown for what is on unless somebody says otherwise.
    fn opposite(&self, global: bool) -> Option<Arg> {
        let Switch(name, _) = self.form else {
            return None;
        };
        let arg = Arg::new(name)
            .long(name)
            .global(global)
            .help(self.help)
            .hide(self.heading.is_none() || !self.is_on())
            .help_heading(self.heading)
            .action(ArgAction::SetTrue);
        Some(arg)
    }
}

/// Reads a truth value as dbt reads one from the environment.
pub(crate) fn truth(text: &str) -> Result<bool, String> {
    match text.trim().to_lowercase().as_str() {
        "1" | "true" | "t" | "yes" | "y" | "on" => Ok(true),
        "0" | "false" | "f" | "no" | "n" | "off" | "" => Ok(false),
        _ => Err("neither true nor false".into()),
    }
}

/// The options that the command line names, by flag.
#[derive(Debug, Clone, Default)]
pub(crate) struct Given(pub(crate) BTreeMap<String, Value>);

/// The options of [`DOING`] that the command line names, by flag.
#[derive(Debug, Clone, Default)]
pub(crate) struct Doing(pub(crate) Given);

fn augment(command: Command, options: &[Opt], global: bool) -> Command {
    options.iter().fold(command, |command, opt| {
        let command = command.arg(opt.arg(global));
        match opt.opposite(global) {
            Some(opposite) => command.arg(opposite),
            None => command,
        }
    })
}

fn given(matches: &ArgMatches, options: &[Opt]) -> Result<Given, clap::Error> {
    let mut given = Given::default();
    let typed = |name: &str| matches.value_source(name) == Some(ValueSource::CommandLine);
    for opt in options {
        let value = match opt.form {
            Switch(opposite, _) if typed(opposite) => json!(false),
            _ if !typed(opt.name) => continue,
            Switch(..) => json!(true),
            _ => {
                let text = matches.get_one::<String>(opt.name);
                let text = text.map(String::as_str).unwrap_or_default();
                opt.read(text).map_err(|why| {
                    let what = format!("`--{} {text}` is {why}\n", opt.name);
                    clap::Error::raw(clap::error::ErrorKind::ValueValidation, what)
                })?
            }
        };
        given.0.insert(opt.flag(), value);
    }
    Ok(given)
}

impl Args for Given {
    fn augment_args(command: Command) -> Command {
        augment(command, OPTIONS, true)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Given {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        given(matches, OPTIONS)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for Doing {
    fn augment_args(command: Command) -> Command {
        augment(command, DOING, false)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Doing {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        given(matches, DOING).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_named_once() {
        let mut names: Vec<_> = OPTIONS.iter().map(|opt| opt.name).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn a_switch_has_an_opposite_and_the_last_wins() {
        let given = |words: &[&str]| {
            let command = Given::augment_args(Command::new("x").no_binary_name(true));
            Given::from_arg_matches(&command.try_get_matches_from(words).unwrap()).unwrap()
        };
        assert_eq!(given(&["--defer"]).0["defer"], json!(true));
        assert_eq!(given(&["--no-defer"]).0["defer"], json!(false));
        assert_eq!(given(&["-x"]).0["fail_fast"], json!(true));
        assert!(given(&[]).0.is_empty());
    }

    #[test]
    fn truth_is_written_as_dbt_reads_it() {
        assert_eq!(truth("True"), Ok(true));
        assert_eq!(truth("0"), Ok(false));
        assert!(truth("maybe").is_err());
    }
}
