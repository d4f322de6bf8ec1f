//! The examples below the help of commands.

pub(crate) const EXAMPLES: &str = "\
Examples:
  wh init shop && cd shop && wh build    Start a project and build it
  wh build -s +top_products              Build one model and what it needs
  wh query \"from top_products\"           Look at a table
  wh query -o orders.xlsx \"from orders\"  Hand it to somebody

`wh COMMAND --help` says more about a command.
Exit codes: 0 good, 1 data or a node failed, 2 the project or the command line is wrong.";

pub(crate) const BUILD_EXAMPLES: &str = "\
Examples:
  wh build                           Build the whole project
  wh build -s +top_products          Build a model and everything it needs
  wh build -s stg_orders+            Build a model and everything that needs it
  wh build -s tag:daily --exclude path:models/marts
  wh build --full-refresh            Rebuild incremental models from nothing
  wh build --vars '{start: 2024-01-01}'";

pub(crate) const LS_EXAMPLES: &str = "\
Examples:
  wh ls                              All nodes
  wh ls -s +top_products             What a model needs
  wh ls --resource-type source       Sources only
  wh ls --output json                One JSON object a node";

pub(crate) const QUERY_EXAMPLES: &str = "\
Jinja works as in models: {{ ref('top_products') }}. The warehouse is opened for reading unless
--write is given. Several statements are separated by semicolons.

On a terminal a table is cut to the window and to 40 rows; in a pipe or a file it is whole.
CSV, JSON, NDJSON and Markdown are written as rows arrive, in constant memory.

Examples:
  wh query                                     Open the shell
  wh query \"from top_products limit 5\"         Ask a question
  wh query -f sql/analyses/churn.sql           Run a file
  wh query --format csv \"from orders\" | head   Feed a pipe
  wh query -o orders.parquet \"from orders\"     Write a file
  wh query --write \"drop table scratch\"        Change the warehouse";

pub(crate) const QUALITY_EXAMPLES: &str = "\
Reads what `wh build` and `wh test` recorded; runs no check itself.

Examples:
  wh quality report                          Write reports/quality.html, .pdf and .csv
  wh quality report -s tag:churn             On the checks of some tables only
  wh quality report --to issues.csv          One line an issue";

pub(crate) const PROFILE_EXAMPLES: &str = "\
Examples:
  wh profile customers                                    Print a summary
  wh profile customers --by churned --to customers.html   Histograms, boxes, correlations, by class
  wh profile raw/inbox/orders.csv --format markdown       A file, outside the graph";

pub(crate) const SERVE_EXAMPLES: &str = "\
Examples:
  wh serve                           Then open http://127.0.0.1:8787
  wh serve --listen 127.0.0.1:9000   Another port
  ssh -L 8787:127.0.0.1:8787 HOST    The page of another machine, in your browser";

pub(crate) const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  wh completions bash > ~/.local/share/bash-completion/completions/wh
  wh completions zsh > ~/.zfunc/_wh
  wh completions fish > ~/.config/fish/completions/wh.fish";
