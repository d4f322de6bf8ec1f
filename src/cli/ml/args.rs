//! Options of `wh ml`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::output::Format;

/// Options of `wh ml`.
#[derive(Debug, Clone, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct MlArgs {
    #[command(subcommand)]
    pub(crate) command: MlCommand,
}

/// What `wh ml` can do.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum MlCommand {
    /// List what was trained: models, versions, candidates
    Ls(LsArgs),
    /// Show one version: parameters, measures, confusion, importances
    Show(ShowArgs),
    /// Compare the candidates of a version: cross-validation and test
    Compare(ShowArgs),
    /// Train a model as `wh build` does, and predict with its champion
    Train(TrainArgs),
    /// Make another version or candidate the champion
    Promote(PromoteArgs),
    /// Predict the rows of a file with the champion
    #[command(after_help = PREDICT_EXAMPLES)]
    Predict(PredictArgs),
    /// Write the report of a version: measures, ROC curve, importances
    Report(ReportArgs),
}

/// Options of `wh ml ls`.
#[derive(Debug, Clone, Args)]
pub(crate) struct LsArgs {
    /// How rows are written
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub(crate) format: Option<Format>,
}

/// Options of `wh ml show` and `wh ml compare`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ShowArgs {
    /// Name of the model
    #[arg(value_name = "MODEL")]
    pub(crate) model: String,
    /// Number of the version [default: the newest]
    #[arg(long, value_name = "N", value_parser = version)]
    pub(crate) version: Option<i32>,
    /// How rows are written
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub(crate) format: Option<Format>,
}

/// Options of `wh ml train`.
#[derive(Debug, Clone, Args)]
pub(crate) struct TrainArgs {
    /// Name of the model
    #[arg(value_name = "MODEL")]
    pub(crate) model: String,
}

/// Options of `wh ml promote`.
#[derive(Debug, Clone, Args)]
pub(crate) struct PromoteArgs {
    /// Name of the model
    #[arg(value_name = "MODEL")]
    pub(crate) model: String,
    /// A version (3), a candidate of the newest version (forest), or both (3/forest)
    #[arg(value_name = "VERSION|CANDIDATE")]
    pub(crate) which: String,
}

/// Options of `wh ml predict`.
#[derive(Debug, Clone, Args)]
pub(crate) struct PredictArgs {
    /// Name of the model
    #[arg(value_name = "MODEL")]
    pub(crate) model: String,
    /// File with the model's features: .csv, .json, .ndjson or .parquet
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// File to write the predictions to; its suffix decides the format
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// How rows are written [default: by the suffix of --output, else table]
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub(crate) format: Option<Format>,
}

/// Options of `wh ml report`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ReportArgs {
    /// Name of the model
    #[arg(value_name = "MODEL")]
    pub(crate) model: String,
    /// Number of the version [default: the newest]
    #[arg(long, value_name = "N", value_parser = version)]
    pub(crate) version: Option<i32>,
    /// File to write, .html or .md, repeatable [default: reports/MODEL_model.html and .md]
    #[arg(long, value_name = "FILE")]
    pub(crate) to: Vec<PathBuf>,
}

const PREDICT_EXAMPLES: &str = "\
Columns that are no features are passed through. Missing values are filled as the model has learnt to.

Examples:
  wh ml predict churn new_customers.csv
  wh ml predict churn new_customers.parquet -o scores.csv";

fn version(text: &str) -> Result<i32, String> {
    let digits = text.strip_prefix('v').unwrap_or(text);
    digits
        .parse()
        .map_err(|_| "not a version such as 3 or v3".into())
}
