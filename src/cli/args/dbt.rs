//! The commands that dbt has beside building: show, run-operation, source freshness, docs, clone, retry, clean.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{Doing, Selection, Vars, vars};

/// Options of `wh compile`.
#[derive(Debug, Clone, Args)]
pub(crate) struct CompileArgs {
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) doing: Doing,
    /// SQL to compile as if it were a model
    #[arg(long, value_name = "SQL", conflicts_with_all = ["select", "selector"])]
    pub(crate) inline: Option<String>,
    /// How the SQL of named nodes is printed: text or json
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Preview::Text)]
    #[arg(hide_possible_values = true)]
    pub(crate) output: Preview,
}

/// Options of `wh show`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ShowArgs {
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) doing: Doing,
    /// SQL to run as if it were a model
    #[arg(value_name = "SQL", conflicts_with_all = ["select", "selector"])]
    pub(crate) sql: Option<String>,
    /// The same
    #[arg(long, value_name = "SQL", conflicts_with_all = ["select", "selector", "sql"])]
    pub(crate) inline: Option<String>,
    /// SQL to run as it is
    #[arg(long, value_name = "SQL", hide = true, conflicts_with_all = ["select", "selector", "sql", "inline"])]
    pub(crate) inline_direct: Option<String>,
    /// Rows to show; -1 for all
    #[arg(
        long,
        value_name = "N",
        default_value_t = 5,
        allow_negative_numbers = true
    )]
    pub(crate) limit: i64,
    /// How rows are printed: text or json
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Preview::Text)]
    #[arg(hide_possible_values = true)]
    pub(crate) output: Preview,
}

/// How a preview is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Preview {
    /// For people.
    Text,
    /// One JSON object.
    Json,
}

impl Preview {
    /// Returns the word that stands for it on the command line.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
        }
    }
}

/// Options of `wh run-operation`.
#[derive(Debug, Clone, Args)]
pub(crate) struct RunOperationArgs {
    /// The macro: its name, or package.name
    #[arg(value_name = "MACRO", required_unless_present = "sql")]
    pub(crate) operation: Option<String>,
    /// Its arguments in YAML or JSON, such as '{schema: old}'
    #[arg(long, value_name = "YAML", value_parser = vars)]
    pub(crate) args: Option<Vars>,
    /// SQL to run in the place of a macro
    #[arg(long, value_name = "SQL", conflicts_with_all = ["operation", "args"])]
    pub(crate) sql: Option<String>,
}

/// Options of `wh source`.
#[derive(Debug, Clone, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct SourceArgs {
    #[command(subcommand)]
    pub(crate) command: SourceCommand,
}

/// What `wh source` can do.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum SourceCommand {
    /// See whether the tables of sources are as fresh as they should be
    #[command(alias = "snapshot-freshness")]
    Freshness(FreshnessArgs),
}

/// Options of `wh source freshness`.
#[derive(Debug, Clone, Args)]
pub(crate) struct FreshnessArgs {
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// File to write the results to [default: sources.json in the target folder]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// Options of `wh docs`.
#[derive(Debug, Clone, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct DocsArgs {
    #[command(subcommand)]
    pub(crate) command: DocsCommand,
}

/// What `wh docs` can do.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum DocsCommand {
    /// Write manifest.json and catalog.json: what the project and the warehouse hold
    Generate(DocsGenerateArgs),
    /// Serve a page of models, columns and lineage; for this machine only
    Serve(DocsServeArgs),
}

/// Options of `wh docs generate`.
#[derive(Debug, Clone, Args)]
pub(crate) struct DocsGenerateArgs {
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// Write no compiled SQL
    #[arg(long, overrides_with = "compile")]
    pub(crate) no_compile: bool,
    #[arg(long, hide = true)]
    compile: bool,
    /// Ask the warehouse nothing: catalog.json without tables
    #[arg(long)]
    pub(crate) empty_catalog: bool,
    /// Taken as dbt takes it: `wh docs serve` has no other page
    #[arg(long = "static", hide = true)]
    is_static: bool,
}

/// Options of `wh docs serve`.
#[derive(Debug, Clone, Args)]
pub(crate) struct DocsServeArgs {
    /// A loopback address
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub(crate) host: String,
    /// A port; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 8080)]
    pub(crate) port: u16,
    #[arg(long, hide = true)]
    browser: bool,
    #[arg(long, hide = true)]
    no_browser: bool,
}

/// Options of `wh retry`.
#[derive(Debug, Clone, Args)]
pub(crate) struct RetryArgs {
    #[command(flatten)]
    pub(crate) doing: Doing,
}

/// Options of `wh clean`.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct CleanArgs {
    /// Delete folders of clean-targets outside the project too
    #[arg(long)]
    pub(crate) no_clean_project_files_only: bool,
    #[arg(long, hide = true, overrides_with = "no_clean_project_files_only")]
    clean_project_files_only: bool,
}

/// Options of `wh debug`.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct DebugArgs {
    /// Print the folder of profiles.yml, nothing else
    #[arg(long)]
    pub(crate) config_dir: bool,
    /// Check the connection only
    #[arg(long)]
    pub(crate) connection: bool,
}

/// Options of `wh deps`.
#[derive(Debug, Clone, Args)]
pub(crate) struct DepsArgs {
    /// Choose versions anew although package-lock.yml fits the list
    #[arg(long)]
    pub(crate) upgrade: bool,
    /// Write package-lock.yml and install nothing
    #[arg(long)]
    pub(crate) lock: bool,
    /// Add a package to packages.yml first, such as `dbt-labs/dbt_utils@1.1.1`
    #[arg(long, value_name = "NAME[@VERSION]")]
    pub(crate) add_package: Option<String>,
    /// What the added package is: hub, git, local or tarball
    #[arg(
        long,
        value_name = "WHAT",
        default_value = "hub",
        requires = "add_package"
    )]
    pub(crate) source: String,
}
