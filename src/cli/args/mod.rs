//! The command line as clap sees it: commands, options, help. Decides nothing and reads no file.

mod dbt;
mod ls;
mod options;
mod taken;

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::styling::{AnsiColor, Style, Styles};
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use serde_yaml::Mapping;

pub(crate) use self::dbt::*;
pub(crate) use self::ls::{LsArgs, LsOutput};
pub(crate) use self::options::{DOING, Doing, Given, OPTIONS, Opt, truth};
use super::build::Call;
use super::data::{self, DataCommand};
use super::demo::DemoArgs;
use super::examples::{
    BUILD_EXAMPLES, COMPLETIONS_EXAMPLES, EXAMPLES, LS_EXAMPLES, PROFILE_EXAMPLES,
    QUALITY_EXAMPLES, QUERY_EXAMPLES, SERVE_EXAMPLES,
};
use super::features;
use super::operate::{
    JOBS_EXAMPLES, JobsArgs, LogsArgs, RUNS_EXAMPLES, ResumeArgs, RunsArgs, ServeArgs, UpArgs,
};
use super::output::Format;
use crate::compile::Flags;
use crate::project::{self, yaml};

/// A data warehouse in one binary: ingest, model, learn, export.
#[derive(Debug, Parser)]
#[command(name = "wh", version, styles = STYLES, max_term_width = 100)]
#[command(disable_help_flag = true, disable_help_subcommand = true)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options that every command takes, as dbt names them.
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// Folder of the project [default: the nearest one, upwards from here]
    #[arg(long, value_name = "DIR", global = true, env = "WH_PROJECT_DIR", help_heading = PROJECT)]
    #[arg(hide_env = true)]
    pub(crate) project_dir: Option<PathBuf>,
    /// Folder of profiles.yml [default: the project's, then ~/.dbt]
    #[arg(long, value_name = "DIR", global = true, env = "WH_PROFILES_DIR", help_heading = PROJECT)]
    #[arg(hide_env = true)]
    pub(crate) profiles_dir: Option<PathBuf>,
    /// Target of the profile, such as dev or prod
    #[arg(short, long, value_name = "NAME", global = true, env = "WH_TARGET", help_heading = PROJECT)]
    #[arg(hide_env = true)]
    pub(crate) target: Option<String>,
    /// Variables for var() in YAML or JSON, such as '{start: 2024-01-01}'
    #[arg(long, value_name = "YAML", global = true, value_parser = vars, help_heading = PROJECT)]
    pub(crate) vars: Option<Vars>,
    /// Threads to use [default: the profile's, else all cores]
    #[arg(long, value_name = "N", global = true, value_parser = threads, help_heading = RUNNING)]
    pub(crate) threads: Option<usize>,
    /// How long to wait for a warehouse that another process holds, such as 30s or 5m
    #[arg(long, value_name = "TIME", global = true, value_parser = duration, help_heading = RUNNING)]
    #[arg(default_value = "0s")]
    pub(crate) lock_timeout: Duration,
    #[command(flatten)]
    pub(crate) given: Given,
    /// Print help
    #[arg(short, long, global = true, action = clap::ArgAction::HelpShort)]
    help: Option<bool>,
    /// Every flag, decided.
    #[arg(skip)]
    pub(crate) flags: Flags,
    /// Prints nothing but results and errors.
    #[arg(skip)]
    pub(crate) quiet: bool,
    /// Prints in colours where they can be shown.
    #[arg(skip)]
    pub(crate) use_colors: bool,
    /// How messages are written.
    #[arg(skip)]
    pub(crate) log_format: LogFormat,
    /// What the log file records.
    #[arg(skip)]
    pub(crate) log_level: Option<LogLevel>,
}

/// Values of `--vars`, in the order given.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Vars(pub(crate) Mapping);

impl Vars {
    /// Returns them as artifacts have them: dates are text.
    pub(crate) fn json(&self) -> serde_json::Value {
        yaml::to_json(&serde_yaml::Value::mapping(self.0.clone()))
    }
}

/// How messages are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Lines for people: with colours and progress on a terminal, dbt's lines elsewhere.
    #[default]
    Default,
    /// The same.
    Text,
    /// The same; `dbt` adds the time and the level.
    Debug,
    /// One JSON object a line.
    Json,
}

/// How much the log file records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogLevel {
    /// Batches of rows.
    Trace,
    /// The SQL of every statement.
    Debug,
    /// One line a step.
    Info,
    /// What is doubtful.
    Warn,
    /// What failed.
    Error,
    /// Nothing.
    None,
}

/// What `wh` can do; the order and headings of `wh --help` are in [`GROUPS`].
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Build everything in order: ingest, seed, model, test, learn, export, report
    #[command(after_help = BUILD_EXAMPLES)]
    Build(BuildArgs),
    /// Build models, without their tests
    Run(BuildArgs),
    /// Test what has been built
    Test(BuildArgs),
    /// Load the CSV files of the seed folders
    Seed(BuildArgs),
    /// Update the tables that keep how rows change
    Snapshot(BuildArgs),
    /// Take new files in: inbox to lake to source tables
    Ingest(BuildArgs),
    /// Run jobs on their schedules and hold the warehouse for other commands, until Ctrl-C
    Up(UpArgs),
    /// List the jobs of wh.yml, or run one now
    #[command(after_help = JOBS_EXAMPLES)]
    Jobs(JobsArgs),
    /// Go on with the last run, or the one named: what failed, was skipped or never ran
    Resume(ResumeArgs),
    /// Run again what did not end well in the last run, as run_results.json tells
    Retry(RetryArgs),
    /// List the runs so far, or show one: its nodes, attempts, errors
    #[command(after_help = RUNS_EXAMPLES)]
    Runs(RunsArgs),
    /// Print the log of the last run, or of the one named
    Logs(LogsArgs),
    /// Serve a page for the browser: runs, graph, quality, models; for this machine only
    #[command(after_help = SERVE_EXAMPLES)]
    Serve(ServeArgs),
    /// Write the SQL of models to the target folder, without running it
    Compile(CompileArgs),
    /// List the nodes of the project
    #[command(alias = "list", after_help = LS_EXAMPLES)]
    Ls(LsArgs),
    /// Show the first rows of a model, without building it
    Show(ShowArgs),
    /// Make views on the relations of another environment, as its manifest names them
    Clone(BuildArgs),
    /// Run a macro, or SQL, by itself
    RunOperation(RunOperationArgs),
    /// Look at sources: how fresh their tables are
    Source(SourceArgs),
    /// Write or serve the documentation of the project
    Docs(DocsArgs),
    /// Read the project and write manifest.json
    Parse,
    /// Ask the warehouse a question in SQL, or open a shell
    #[command(after_help = QUERY_EXAMPLES)]
    Query(QueryArgs),
    /// Keep versions of the data: commit, log, diff, tag, restore
    #[command(subcommand, after_help = data::EXAMPLES)]
    Data(DataCommand),
    /// Look at feature views, get their latest values, write training sets
    #[command(subcommand_required = true, arg_required_else_help = true, after_help = features::EXAMPLES)]
    Features {
        #[command(subcommand)]
        command: features::FeaturesCommand,
    },
    /// Report what the checks of the last runs found
    Quality(QualityArgs),
    /// Sum up a table or file column by column, as numbers and as a page of charts
    #[command(after_help = PROFILE_EXAMPLES)]
    Profile(ProfileArgs),
    /// Install the packages that packages.yml or dependencies.yml lists
    Deps(DepsArgs),
    /// Write a new project that builds at once
    Init(InitArgs),
    /// Delete what can be built again: the folders of clean-targets
    Clean(CleanArgs),
    /// Show what wh sees: versions, project, warehouse
    Debug(DebugArgs),
    /// Run what the demo's pipelines ask for
    Demo(DemoArgs),
    /// Look after trained models: compare, promote, predict, report
    Ml(super::ml::MlArgs),
    /// Print the completion script of a shell
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions(CompletionsArgs),
    /// Print the manual page, or write one for every command
    Man(ManArgs),
}

/// Which nodes of the graph a command works on.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Selection {
    /// Nodes to include: a name, +name (what it needs), name+ (what needs it), tag:x, path
    #[arg(short, long, value_name = "NODE", num_args = 1.., help_heading = SELECTION)]
    pub(crate) select: Vec<String>,
    /// The same; `wh ls` then lists models alone
    #[arg(short, long, value_name = "NODE", num_args = 1.., hide = true, conflicts_with = "select")]
    #[arg(alias = "model")]
    pub(crate) models: Vec<String>,
    /// Nodes to leave out, written the same way
    #[arg(long, value_name = "NODE", num_args = 1.., help_heading = SELECTION)]
    pub(crate) exclude: Vec<String>,
    /// Kinds of node to include, such as model, test, source, export
    #[arg(long, value_name = "KIND", num_args = 1.., value_delimiter = ',', help_heading = SELECTION)]
    #[arg(alias = "resource-types")]
    pub(crate) resource_type: Vec<String>,
    /// Kinds of node to leave out
    #[arg(long, value_name = "KIND", num_args = 1.., value_delimiter = ',', help_heading = SELECTION)]
    #[arg(alias = "exclude-resource-types")]
    pub(crate) exclude_resource_type: Vec<String>,
    /// A selection that selectors.yml defines
    #[arg(long, value_name = "NAME", help_heading = SELECTION)]
    pub(crate) selector: Option<String>,
}

/// Options of `wh build`, `run`, `test`, `seed`, `snapshot` and `ingest`.
#[derive(Debug, Clone, Args)]
pub(crate) struct BuildArgs {
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) doing: Doing,
}

impl BuildArgs {
    /// Returns what the options ask for, with the flags decided.
    pub(crate) fn call(&self, flags: &Flags) -> Call {
        Call {
            selection: self.selection.clone(),
            full_refresh: flags.is("full_refresh"),
            fail_fast: flags.is("fail_fast"),
            ..Call::default()
        }
    }
}

/// Options of `wh query`.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct QueryArgs {
    /// SQL to run; `-` reads standard input; none opens a shell
    #[arg(value_name = "SQL", conflicts_with = "file")]
    pub(crate) sql: Option<String>,
    /// File of SQL to run
    #[arg(short, long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// How rows are written [default: by the suffix of --output, else table]
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub(crate) format: Option<Format>,
    /// File to write the rows to; its suffix decides the format
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Rows to fetch at most [default: all; a terminal shows the first 40]
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<u64>,
    /// Show the type of each column in tables
    #[arg(long)]
    pub(crate) types: bool,
    /// Let the SQL change the warehouse; without it nothing can
    #[arg(short, long)]
    pub(crate) write: bool,
}

/// Options of `wh quality`.
#[derive(Debug, Clone, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct QualityArgs {
    #[command(subcommand)]
    pub(crate) command: QualityCommand,
}

/// What `wh quality` can do.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum QualityCommand {
    /// Write what was checked, what was found and what was done about it
    #[command(after_help = QUALITY_EXAMPLES)]
    Report(QualityReportArgs),
}

/// Options of `wh quality report`.
#[derive(Debug, Clone, Args)]
pub(crate) struct QualityReportArgs {
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// File to write: .html or .pdf, or the list of issues as .csv, .json, .xlsx or .parquet; may be repeated
    /// [default: reports/quality.html, .pdf and .csv]
    #[arg(long, value_name = "FILE")]
    pub(crate) to: Vec<PathBuf>,
}

/// Options of `wh profile`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ProfileArgs {
    /// A model, a source's table as source.table, or a CSV, JSON or Parquet file
    #[arg(value_name = "WHAT")]
    pub(crate) subject: String,
    /// Column of at most six values whose classes are compared
    #[arg(long, value_name = "COLUMN")]
    pub(crate) by: Option<String>,
    /// File to write: .html or .pdf, or the summary as .csv, .json, .xlsx or .parquet; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) to: Vec<PathBuf>,
    /// How the summary is printed
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
}

/// Options of `wh init`.
#[derive(Debug, Clone, Args)]
pub(crate) struct InitArgs {
    /// Name of the project and of its folder: letters, digits, underscores
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
}

/// Options of `wh completions`.
#[derive(Debug, Clone, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell to complete in
    #[arg(value_name = "SHELL", value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

/// Options of `wh man`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ManArgs {
    /// Folder to write one page a command to, such as ~/.local/share/man/man1
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
}

/// The commands as `wh --help` lists them.
const GROUPS: &[(&str, &[&str])] = &[
    (
        "Build",
        &[
            "build",
            "run",
            "test",
            "seed",
            "snapshot",
            "ingest",
            "clone",
            "run-operation",
            "deps",
        ],
    ),
    (
        "Look",
        &[
            "query", "show", "ls", "compile", "parse", "source", "docs", "profile", "quality",
            "debug",
        ],
    ),
    ("Learn", &["features", "ml"]),
    ("Keep", &["data"]),
    (
        "Operate",
        &["up", "jobs", "runs", "logs", "resume", "retry", "serve"],
    ),
    ("Set up", &["init", "demo", "clean", "completions", "man"]),
];

pub(crate) const SELECTION: &str = "Selection";
const PROJECT: &str = "Project";
const RUNNING: &str = "Running";
const STATE: &str = "State";
const MESSAGES: &str = "Messages";

const STYLES: Styles = Styles::styled()
    .header(Style::new().bold())
    .usage(Style::new().bold())
    .literal(AnsiColor::Cyan.on_default())
    .placeholder(Style::new().dimmed())
    .error(AnsiColor::Red.on_default().bold())
    .valid(AnsiColor::Green.on_default())
    .invalid(AnsiColor::Yellow.on_default());

/// Reads the command line of this process.
///
/// # Errors
/// clap's own, which knows its text, its stream and its exit code; also for `--help` and `--version`.
pub(crate) fn parse(
    words: impl IntoIterator<Item = std::ffi::OsString>,
) -> Result<Cli, clap::Error> {
    let matches = command().try_get_matches_from(words)?;
    Cli::from_arg_matches(&matches)
}

/// Returns the whole command tree, with the commands of `wh --help` in groups.
pub(crate) fn command() -> clap::Command {
    let command = Cli::command();
    let template = help_template(&command);
    command.help_template(template)
}

fn help_template(command: &clap::Command) -> String {
    let (head, word) = (STYLES.get_header(), STYLES.get_literal());
    let mut text = String::from("{about}\n\n{usage-heading} {usage}\n");
    for (group, names) in GROUPS {
        text += &format!("\n{head}{group}:{head:#}\n");
        for name in *names {
            let about = command
                .find_subcommand(name)
                .and_then(clap::Command::get_about);
            let about = about.map(ToString::to_string).unwrap_or_default();
            text += &format!("  {word}{name:<14}{word:#} {about}\n");
        }
    }
    text += &format!("\n{head}Options:{head:#}\n");
    text + "{options}\n\n" + EXAMPLES
}

pub(crate) fn vars(text: &str) -> Result<Vars, String> {
    match yaml::value_with_moments(text) {
        Ok(serde_yaml::Value::Mapping(vars, _)) => Ok(Vars(vars)),
        Ok(serde_yaml::Value::Null(_)) => Ok(Vars::default()),
        Ok(_) => Err("not a mapping; write it as '{name: value}'".into()),
        Err(err) => Err(err),
    }
}

fn threads(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("not a whole number from 1".into()),
        Ok(threads) => Ok(threads),
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    project::duration(text).ok_or_else(|| "not a time such as 30s, 5m or 500ms".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_one_that_clap_accepts() {
        command().debug_assert();
    }

    #[test]
    fn every_command_is_in_one_group_of_the_help() {
        let mut grouped: Vec<_> = GROUPS
            .iter()
            .flat_map(|(_, names)| names.iter().copied())
            .collect();
        let tree = command();
        let mut known: Vec<_> = tree
            .get_subcommands()
            .map(clap::Command::get_name)
            .collect();
        grouped.sort_unstable();
        known.sort_unstable();
        assert_eq!(grouped, known);
    }

    #[test]
    fn vars_are_a_mapping_in_yaml_or_json() {
        let yaml = vars("{start: a, n: 3}").unwrap();
        assert_eq!(yaml.0.len(), 2);
        assert_eq!(yaml, vars(r#"{"start": "a", "n": 3}"#).unwrap());
        let (date, text) = (
            vars("{d: 2024-01-01}").unwrap(),
            vars("{d: '2024-01-01'}").unwrap(),
        );
        assert_ne!(date, text);
        assert_eq!(date.json(), text.json());
        assert!(vars("[1, 2]").unwrap_err().contains("not a mapping"));
    }
}
