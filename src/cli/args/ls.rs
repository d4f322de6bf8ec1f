//! The command line of `wh ls`, as clap sees it.

use clap::{Args, ValueEnum};

use super::Selection;

/// Options of `wh ls`.
#[derive(Debug, Clone, Args)]
pub(crate) struct LsArgs {
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// What is printed of each node
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = LsOutput::Selector)]
    pub(crate) output: LsOutput,
    /// What of each node is in the JSON, such as name or config.materialized
    #[arg(long, value_name = "KEY", num_args = 1..)]
    pub(crate) output_keys: Vec<String>,
}

/// What `wh ls` prints of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LsOutput {
    /// Its full name, as --select takes it.
    Selector,
    /// Its name.
    Name,
    /// Its file.
    Path,
    /// One JSON object a line.
    Json,
}
