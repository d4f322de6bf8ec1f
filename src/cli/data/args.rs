//! The command line of `wh data`.

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::args::{SELECTION, Selection};

/// What `wh data --help` ends with.
pub(crate) const EXAMPLES: &str = "\
A version is v12, a tag, latest, latest~1 (the one before), or the start of a hash.
Tables are kept as Parquet files named by their content in .wh/objects: what did not change is
stored once. The files of the lake never change; a version says which of them were loaded.

Examples:
  wh data commit -m \"before the new prices\"   Keep all tables as they are
  wh data log                                  What was kept, when and why
  wh data diff                                 What has changed since
  wh data diff v1 v2 -s customers --rows 5     Which rows differ
  wh data tag 2026-q1                          Give the newest version a name
  wh data restore 2026-q1                      Make all tables what they were";

/// What `wh data` can do.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum DataCommand {
    /// Keep the tables as they are now, and say why
    Commit(DataCommitArgs),
    /// List the versions, newest first
    Log(DataLogArgs),
    /// Show what a version holds and where it came from
    Show(DataShowArgs),
    /// Show how tables differ between versions, or from what they are now
    Diff(DataDiffArgs),
    /// Name a version, or list the names
    Tag(DataTagArgs),
    /// Make tables what they were in a version
    Restore(DataRestoreArgs),
    /// Read every object and file that versions hold, and report damage
    Verify,
    /// Delete objects that no version holds
    Gc,
}

/// Which tables a command on data works on.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Tables {
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// Tables by name, as SQL names them, instead of nodes
    #[arg(long, value_name = "TABLE", num_args = 1.., value_delimiter = ',', help_heading = SELECTION)]
    #[arg(conflicts_with_all = ["select", "exclude", "resource_type"])]
    pub(crate) tables: Vec<String>,
}

/// How `wh data` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DataOutput {
    /// Lines for people.
    Text,
    /// One JSON value.
    Json,
}

/// Options of `wh data commit`.
#[derive(Debug, Clone, Args)]
pub(crate) struct DataCommitArgs {
    /// Why this version is kept
    #[arg(short, long = "message", value_name = "TEXT")]
    pub(crate) message: String,
    #[command(flatten)]
    pub(crate) tables: Tables,
}

/// Options of `wh data log`.
#[derive(Debug, Clone, Args)]
pub(crate) struct DataLogArgs {
    /// Versions at most
    #[arg(short = 'n', long = "max-count", value_name = "N")]
    pub(crate) max_count: Option<usize>,
    /// How it is printed
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = DataOutput::Text)]
    pub(crate) output: DataOutput,
}

/// Options of `wh data show`.
#[derive(Debug, Clone, Args)]
pub(crate) struct DataShowArgs {
    /// v12, a tag, latest, latest~1, or the start of a hash
    #[arg(value_name = "VERSION", default_value = "latest")]
    pub(crate) version: String,
    /// How it is printed
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = DataOutput::Text)]
    pub(crate) output: DataOutput,
}

/// Options of `wh data diff`.
#[derive(Debug, Clone, Args)]
pub(crate) struct DataDiffArgs {
    /// The version to compare from
    #[arg(value_name = "FROM", default_value = "latest")]
    pub(crate) from: String,
    /// The version to compare to [default: the tables as they are now]
    #[arg(value_name = "TO")]
    pub(crate) to: Option<String>,
    #[command(flatten)]
    pub(crate) tables: Tables,
    /// Rows to show of each kind of difference
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) rows: usize,
    /// How it is printed
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = DataOutput::Text)]
    pub(crate) output: DataOutput,
}

/// Options of `wh data tag`.
#[derive(Debug, Clone, Args)]
pub(crate) struct DataTagArgs {
    /// The name; without one, all are listed
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// The version it names
    #[arg(value_name = "VERSION", default_value = "latest")]
    pub(crate) version: String,
    /// Let a tag name another version than it does
    #[arg(short, long)]
    pub(crate) force: bool,
    /// Take the tag away; the version stays
    #[arg(short, long, requires = "name", conflicts_with = "force")]
    pub(crate) delete: bool,
}

/// Options of `wh data restore`.
#[derive(Debug, Clone, Args)]
pub(crate) struct DataRestoreArgs {
    /// v12, a tag, latest, latest~1, or the start of a hash
    #[arg(value_name = "VERSION")]
    pub(crate) version: String,
    #[command(flatten)]
    pub(crate) tables: Tables,
    /// Replace tables even where no version holds what they are now
    #[arg(short, long)]
    pub(crate) force: bool,
}
