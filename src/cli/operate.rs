//! The command line of `wh up`, `serve`, `jobs`, `runs`, `logs` and `resume`, as clap sees it.

use clap::{Args, Subcommand, ValueEnum};

/// Where the page is served unless somebody says otherwise.
const PAGE: &str = "127.0.0.1:8787";

/// Options of `wh up`.
#[derive(Debug, Clone, Args)]
pub(crate) struct UpArgs {
    /// Where the page is served: a loopback address and a port; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = PAGE)]
    pub(crate) listen: std::net::SocketAddr,
    /// Serve no page
    #[arg(long, conflicts_with = "listen")]
    pub(crate) no_page: bool,
}

/// Options of `wh serve`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ServeArgs {
    /// A loopback address and a port; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = PAGE)]
    pub(crate) listen: std::net::SocketAddr,
}

/// Options of `wh jobs`.
#[derive(Debug, Clone, Args)]
pub(crate) struct JobsArgs {
    #[command(subcommand)]
    pub(crate) command: Option<JobsCommand>,
    /// A table, or one JSON object a line
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = ListOutput::Table)]
    pub(crate) output: ListOutput,
}

/// What `wh jobs` does beside listing.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum JobsCommand {
    /// Run a job now, with its alerts
    Run {
        /// Its name in wh.yml
        #[arg(value_name = "JOB")]
        name: String,
    },
}

/// Options of `wh resume`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ResumeArgs {
    /// The run, as `wh runs` lists it; the beginning of its id is enough [default: the last]
    #[arg(value_name = "RUN")]
    pub(crate) id: Option<String>,
}

/// Options of `wh runs`.
#[derive(Debug, Clone, Args)]
pub(crate) struct RunsArgs {
    /// The run to show; the beginning of its id is enough
    #[arg(value_name = "RUN")]
    pub(crate) id: Option<String>,
    /// Runs of this job only
    #[arg(long, value_name = "NAME", conflicts_with = "id")]
    pub(crate) job: Option<String>,
    /// Runs to list at most, the newest first
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) limit: usize,
    /// A table, or one JSON object a line
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = ListOutput::Table)]
    pub(crate) output: ListOutput,
}

/// Options of `wh logs`.
#[derive(Debug, Clone, Args)]
pub(crate) struct LogsArgs {
    /// The run; the beginning of its id is enough [default: the last]
    #[arg(value_name = "RUN")]
    pub(crate) id: Option<String>,
    /// Only what is about this node
    #[arg(short, long, value_name = "NODE")]
    pub(crate) select: Option<String>,
    /// Lines for people, or one JSON object a line
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = ListOutput::Table)]
    pub(crate) output: ListOutput,
}

/// How a list is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListOutput {
    /// For people.
    Table,
    /// One JSON object a line.
    Json,
}

pub(super) const JOBS_EXAMPLES: &str = "\
Examples:
  wh jobs                            What runs when, and how it last went
  wh jobs run nightly                Run a job now
  wh up                              Run all jobs on their schedules";

pub(super) const RUNS_EXAMPLES: &str = "\
Examples:
  wh runs                            The last 20 runs
  wh runs 20260131                   One run, by the beginning of its id
  wh runs --output json --limit 1    The last run as JSON
  wh resume                          Go on where the last run failed";
