//! The command line of `wh features`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// What `wh features` can do.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum FeaturesCommand {
    /// List the feature views: version, entity, time to live, how fresh they are
    #[command(alias = "list")]
    Ls(LsArgs),
    /// Show a feature view: where it comes from, its features, its versions
    Show(ShowArgs),
    /// Look up the latest values of entities in the online store
    #[command(after_help = GET_EXAMPLES)]
    Get(GetArgs),
    /// Put the latest values of every entity into the online store
    Materialize(MaterializeArgs),
    /// Write labels with the features known at their time to a file
    #[command(after_help = TRAINING_SET_EXAMPLES)]
    TrainingSet(TrainingSetArgs),
}

/// How values are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// A table for people.
    Table,
    /// One JSON document.
    Json,
}

/// Options of `wh features ls`.
#[derive(Debug, Clone, Args)]
pub(crate) struct LsArgs {
    /// How the list is printed
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Output::Table)]
    pub(crate) output: Output,
}

/// Options of `wh features show`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ShowArgs {
    /// Name of a feature view
    #[arg(value_name = "VIEW")]
    pub(crate) view: String,
}

/// Options of `wh features get`.
#[derive(Debug, Clone, Args)]
pub(crate) struct GetArgs {
    /// Name of a feature view
    #[arg(value_name = "VIEW")]
    pub(crate) view: String,
    /// Values of the entity, separated by commas or blanks; of an entity of several columns, one after the other
    #[arg(value_name = "ENTITY", required = true, num_args = 1.., value_delimiter = ',')]
    pub(crate) entities: Vec<String>,
    /// Features to look up [default: all]
    #[arg(long, value_name = "NAME", num_args = 1.., value_delimiter = ',')]
    pub(crate) features: Vec<String>,
    /// How values are printed; json is what the HTTP API answers
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Output::Table)]
    pub(crate) output: Output,
}

/// Options of `wh features materialize`.
#[derive(Debug, Clone, Args)]
pub(crate) struct MaterializeArgs {
    /// Names of feature views [default: all]
    #[arg(value_name = "VIEW")]
    pub(crate) views: Vec<String>,
}

/// Options of `wh features training-set`.
#[derive(Debug, Clone, Args)]
pub(crate) struct TrainingSetArgs {
    /// Model, or CSV or Parquet file, that holds the labels: a row an example
    #[arg(long, value_name = "MODEL|FILE")]
    pub(crate) labels: String,
    /// Column of the labels that says when the prediction would have been made
    #[arg(long, value_name = "COLUMN")]
    pub(crate) timestamp: String,
    /// Features, as view:feature or view:*
    #[arg(long, value_name = "FEATURE", required = true, num_args = 1.., value_delimiter = ',')]
    pub(crate) features: Vec<String>,
    /// Columns of the labels that say whose row it is [default: the entities of the feature views]
    #[arg(long, value_name = "COLUMN", num_args = 1.., value_delimiter = ',')]
    pub(crate) entity: Vec<String>,
    /// Name features view__feature
    #[arg(long)]
    pub(crate) full_feature_names: bool,
    /// File to write to; its suffix decides the format
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
}

pub(crate) const EXAMPLES: &str = "\
Examples:
  wh features ls
  wh features show customer_activity
  wh features materialize customer_activity
  wh features get customer_activity C1,C2
  wh features training-set --labels churn_labels --timestamp label_date \\
      --features 'customer_activity:*' -o training.parquet";

const GET_EXAMPLES: &str = "\
Examples:
  wh features get customer_activity C1
  wh features get customer_activity C1,C2 --features n_orders,spend
  wh features get customer_activity C1 --output json";

const TRAINING_SET_EXAMPLES: &str = "\
Each label gets the values of the latest row at or before its time, never a later one; a value older than
the view's ttl is missing. In a model the macro training_set(…) does the same.

Examples:
  wh features training-set --labels churn_labels --timestamp label_date \\
      --features 'customer_activity:*' customer_support:n_tickets -o training.parquet
  wh features training-set --labels labels.csv --timestamp asked_at --features 'customer_activity:*' -o t.csv";
