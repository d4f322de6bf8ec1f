//! A run as dbt logs it, for scripts that read its lines: `1 of 3 OK created sql view model main.a … [OK in 0.02s]`.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::{Show, explained_rows};
use crate::compile::{Compiled, Index, Node, Resource};
use crate::engine::Progress;
use crate::project::Project;
use crate::run::history::{explained, full_name};
use crate::run::{Attempt, NodeResult, Observer, Status, Summary};

/// Columns before the status, as dbt's `printer_width` has it.
const WIDTH: usize = 80;

/// Logs a run on standard output.
pub(super) struct Log<'a> {
    compiled: &'a Compiled,
    project: &'a Project,
    quiet: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    total: usize,
    /// The number of each node that began, from 1.
    numbers: BTreeMap<Index, usize>,
}

impl<'a> Log<'a> {
    pub(super) fn new(quiet: bool, project: &'a Project, compiled: &'a Compiled) -> Self {
        Self {
            compiled,
            project,
            quiet,
            state: Mutex::default(),
        }
    }

    fn node(&self, index: Index) -> &Node {
        &self.compiled.plan.nodes[index]
    }

    /// Returns a node's number and how many there are.
    fn number(&self, index: Index) -> (usize, usize) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let next = state.numbers.len() + 1;
        let number = *state.numbers.entry(index).or_insert(next);
        (number, state.total)
    }

    fn say(&self, text: &str) {
        if self.quiet {
            return;
        }
        self.insist(text);
    }

    /// Prints what is printed even when quiet is asked for.
    fn insist(&self, text: &str) {
        let clock = jiff::Zoned::now().strftime("%H:%M:%S");
        let text = crate::cli::secrets::hidden(text);
        let mut out = std::io::stdout().lock();
        for line in text.split('\n') {
            let written = writeln!(out, "{}", format!("{clock}  {line}").trim_end());
            if let Err(err) = written {
                tracing::debug!(error = %err, "standard output");
            }
        }
    }

    fn line(&self, index: Index, text: &str, status: &str) {
        let (number, total) = self.number(index);
        self.say(&line(&format!("{number} of {total} {text} "), status));
    }

    /// `2 seeds, 3 view models, 1 data test`: what ran, by kind.
    fn counted(&self, summary: &Summary) -> String {
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for result in &summary.results {
            *kinds.entry(kind(self.node(result.node))).or_default() += 1;
        }
        let counted = kinds
            .iter()
            .map(|(kind, n)| match (*n, kind.strip_suffix('y')) {
                (1, _) => format!("1 {kind}"),
                (n, Some(stem)) => format!("{n} {stem}ies"),
                (n, None) => format!("{n} {kind}s"),
            });
        let counted: Vec<String> = counted.collect();
        match counted.is_empty() {
            true => "nothing".into(),
            false => counted.join(", "),
        }
    }

    /// The last line of dbt's log, which scripts read.
    fn done(&self, summary: &Summary) -> String {
        let count = |status| summary.count(status);
        let is_no_op = |result: &&NodeResult| {
            result.status == Status::Success && self.node(result.node).resource.is_no_op()
        };
        let n_no_op = summary.results.iter().filter(is_no_op).count();
        format!(
            "Done. PASS={} WARN={} ERROR={} SKIP={} NO-OP={n_no_op} REUSED=0 TOTAL={}",
            count(Status::Success) - n_no_op,
            count(Status::Warn),
            count(Status::Error) + count(Status::Fail),
            count(Status::Skipped),
            summary.results.len()
        )
    }

    fn explained(&self, result: &NodeResult) -> Option<String> {
        let node = self.node(result.node);
        let (what, rows) = (kind_word(node), result.rows.unwrap_or_default());
        let place = format!("{} {} ({})", what, full_name(node), node.path.display());
        match result.status {
            Status::Error | Status::Skipped if result.error.is_some() => {
                let why = result.error.as_ref().map(explained);
                Some(format!(
                    "Error in {place}\n{}",
                    indented(&why.unwrap_or_default())
                ))
            }
            Status::Fail | Status::Warn => {
                let head = match result.status {
                    Status::Fail => "Failure",
                    _ => "Warning",
                };
                let why = match what {
                    "test" => format!("Got {rows} result{}", if rows == 1 { "" } else { "s" }),
                    _ => result.message.clone(),
                };
                let found = explained_rows(result);
                Some(format!(
                    "{head} in {place}\n{}",
                    indented(&format!("{why}\n{found}"))
                ))
            }
            _ => None,
        }
    }
}

fn indented(text: &str) -> String {
    let lines: Vec<String> = text
        .trim_end()
        .lines()
        .map(|line| format!("  {line}"))
        .collect();
    lines.join("\n")
}

/// Pads a line with dots up to its status.
fn line(text: &str, status: &str) -> String {
    format!("{text:.<WIDTH$} [{status}]")
}

/// `0 hours 0 minutes and 0.98 seconds (0.98s)`.
fn spoken(elapsed: Duration) -> String {
    let seconds = elapsed.as_secs();
    let left = elapsed.as_secs_f64() - (seconds - seconds % 60) as f64;
    format!(
        "{} hours {} minutes and {left:.2} seconds ({:.2}s)",
        seconds / 3600,
        seconds / 60 % 60,
        elapsed.as_secs_f64()
    )
}

fn materialized(node: &Node) -> String {
    let word = node.config.text("materialized");
    word.unwrap_or_else(|| "view".into())
}

/// What a node is called among what ran: `view model`, `data test`.
fn kind(node: &Node) -> String {
    match &node.resource {
        Resource::Model(_) => format!("{} model", materialized(node)),
        Resource::Test(_) => "data test".into(),
        resource => resource.word().replace('_', " "),
    }
}

/// What a node is called in a sentence: `model`, `test`.
fn kind_word(node: &Node) -> &'static str {
    node.resource.word()
}

/// How dbt speaks of a node that begins, and of one that ended well or badly.
struct Words {
    what: String,
    good: &'static str,
    bad: &'static str,
}

fn words(node: &Node) -> Words {
    let place = |node: &Node| match &node.relation {
        Some(relation) => format!("{}.{}", relation.schema, relation.name),
        None => full_name(node),
    };
    let (what, good, bad) = match node.resource.word() {
        "model" => {
            let is_python = node.path.extension().is_some_and(|suffix| suffix == "py");
            let language = if is_python { "python" } else { "sql" };
            let what = format!("{language} {} model {}", materialized(node), place(node));
            (what, "OK created", "ERROR creating")
        }
        "seed" => (
            format!("seed file {}", place(node)),
            "OK loaded",
            "ERROR loading",
        ),
        "snapshot" => (
            format!("snapshot {}", place(node)),
            "OK snapshotted",
            "ERROR snapshotting",
        ),
        "test" => (full_name(node), "PASS", "ERROR"),
        "unit_test" => (full_name(node), "PASS", "ERROR"),
        "source" => (
            format!("source {}", full_name(node)),
            "OK ingested",
            "ERROR ingesting",
        ),
        word => (
            format!("{} {}", word.replace('_', " "), full_name(node)),
            "OK created",
            "ERROR creating",
        ),
    };
    Words { what, good, bad }
}

impl Show for Log<'_> {
    fn finish(&self, summary: &Summary) {
        self.say(&format!(
            "\nFinished running {} in {}.\n",
            self.counted(summary),
            spoken(summary.elapsed)
        ));
        let bad = |status: &Status| matches!(status, Status::Error | Status::Fail);
        let errors = summary.results.iter().filter(|result| bad(&result.status));
        let errors = errors.count() + usize::from(summary.error.is_some());
        let warnings = summary.count(Status::Warn);
        if errors + warnings == 0 {
            self.say("Completed successfully");
        } else {
            let s = |n: usize| if n == 1 { "" } else { "s" };
            self.insist(&format!(
                "Completed with {errors} error{} and {warnings} warning{}:",
                s(errors),
                s(warnings)
            ));
        }
        for result in &summary.results {
            if let Some(text) = self.explained(result) {
                self.insist(&format!("\n{text}"));
            }
        }
        if let Some(err) = &summary.error {
            self.insist(&format!("\n{}", explained(err)));
        }
        self.say(&format!("\n{}", self.done(summary)));
    }
}

impl Observer for Log<'_> {
    fn begin(&self, n_nodes: usize) {
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .total = n_nodes;
        let warehouse = &self.project.warehouse;
        self.say(&format!("Running with wh={}", env!("CARGO_PKG_VERSION")));
        self.say(&format!("Found {}\n ", found(self.compiled)));
        if let Some(threads) = warehouse.threads {
            let target = &warehouse.target;
            self.say(&format!(
                "Concurrency: {threads} threads (target='{target}')\n "
            ));
        }
    }

    fn start(&self, attempt: Attempt) {
        if attempt.number > 1 {
            return;
        }
        let node = self.node(attempt.node);
        if node.resource.is_no_op() {
            return;
        }
        let what = words(node).what;
        let what = match node.resource.word() {
            kind @ ("test" | "unit_test") => format!("{kind} {what}"),
            _ => what,
        };
        self.line(attempt.node, &format!("START {what}"), "RUN");
    }

    fn progress(&self, _node: Index, _progress: Progress) {}

    fn retry(&self, attempt: Attempt, failure: &anyhow::Error, wait: Duration) {
        let text = format!("RETRY {}", words(self.node(attempt.node)).what);
        self.line(
            attempt.node,
            &text,
            &format!("in {:.2}s", wait.as_secs_f64()),
        );
        self.say(&indented(&explained(failure)));
    }

    fn end(&self, result: &NodeResult) {
        let node = self.node(result.node);
        let is_test = matches!(node.resource.word(), "test" | "unit_test");
        let (words, rows) = (words(node), result.rows.unwrap_or_default());
        let (head, status) = match result.status {
            Status::Success if node.resource.is_no_op() => ("NO-OP".into(), "NO-OP".into()),
            Status::Success if is_test => (words.good.to_owned(), "PASS".into()),
            Status::Success => (words.good.to_owned(), ok(node, result)),
            Status::Warn if is_test => (format!("WARN {rows}"), format!("WARN {rows}")),
            Status::Warn => (words.good.to_owned(), "WARN".into()),
            Status::Fail => (format!("FAIL {rows}"), format!("FAIL {rows}")),
            Status::Error => (words.bad.to_owned(), "ERROR".into()),
            Status::Skipped => {
                let kind = if node.relation.is_some() && !is_test {
                    "relation"
                } else {
                    node.resource.word()
                };
                let name = match &node.relation {
                    Some(relation) if !is_test => format!("{}.{}", relation.schema, relation.name),
                    _ => full_name(node),
                };
                return self.line(result.node, &format!("SKIP {kind} {name}"), "SKIP");
            }
        };
        let status = format!("{status} in {:.2}s", result.elapsed.as_secs_f64());
        self.line(result.node, &format!("{head} {}", words.what), &status);
    }
}

/// What dbt-duckdb answers for a node that was made.
fn ok(node: &Node, result: &NodeResult) -> String {
    match (node.resource.word(), result.rows) {
        ("seed", Some(rows)) => format!("INSERT {rows}"),
        _ => "OK".into(),
    }
}

/// `5 models, 6 data tests, 2 seeds`: what the project has.
fn found(compiled: &Compiled) -> String {
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for node in &compiled.plan.nodes {
        let kind = match &node.resource {
            Resource::Test(_) => "data test".to_owned(),
            resource => resource.word().replace('_', " "),
        };
        *kinds.entry(kind).or_default() += 1;
    }
    let counted = kinds
        .iter()
        .map(|(kind, n)| match (*n, kind.strip_suffix('y')) {
            (1, _) => format!("1 {kind}"),
            (n, Some(stem)) => format!("{n} {stem}ies"),
            (n, None) if kind.ends_with('s') => format!("{n} analyses"),
            (n, None) => format!("{n} {kind}s"),
        });
    let counted: Vec<String> = counted.collect();
    counted.join(", ")
}
