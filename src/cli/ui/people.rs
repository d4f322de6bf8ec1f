//! A run as people read it: a line a node, what failed and why, a summary. Also as JSON, an object a line.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;
use std::io::IsTerminal;

use super::{Show, explained_rows};
use crate::cli::args::{Global, LogFormat};
use crate::cli::{say, terminal};
use crate::compile::{Compiled, Index};
use crate::engine::Progress;
use crate::project::Project;
use crate::run::history::{explained, full_name};
use crate::run::{Attempt, NodeResult, Observer, Status, Summary};

/// How wide names are padded at most; longer ones push the rest to the right.
const NAME_WIDTH: usize = 56;

/// Shows a run on standard error.
pub(super) struct People<'a> {
    compiled: &'a Compiled,
    project: &'a Project,
    quiet: bool,
    json: bool,
    color: bool,
    live: MultiProgress,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    total: usize,
    ended: usize,
    bars: Vec<(Index, ProgressBar)>,
}

impl<'a> People<'a> {
    pub(super) fn new(global: &Global, project: &'a Project, compiled: &'a Compiled) -> Self {
        let json = global.log_format == LogFormat::Json;
        let is_calm = global.quiet || json || global.flags.is("debug");
        let live = std::io::stderr().is_terminal() && !is_calm;
        let target = match live {
            true => ProgressDrawTarget::stderr_with_hz(10),
            false => ProgressDrawTarget::hidden(),
        };
        Self {
            compiled,
            project,
            quiet: global.quiet,
            json,
            color: terminal::color_of_errors(global),
            live: MultiProgress::with_draw_target(target),
            state: Mutex::default(),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn paint(&self, code: &str, text: &str) -> String {
        match self.color {
            true => format!("\x1b[{code}m{text}\x1b[0m"),
            false => text.into(),
        }
    }

    /// Prints above the running nodes.
    fn print(&self, text: &str) {
        self.live.suspend(|| say(text));
    }

    fn name(&self, index: Index) -> String {
        full_name(&self.compiled.plan.nodes[index])
    }

    fn counts(&self, summary: &Summary) -> String {
        let n_built = summary.count(Status::Success);
        let mut parts = vec![self.paint("32", &format!("{n_built} good"))];
        let mut add = |n: usize, word: &str, code: &str| {
            if n > 0 {
                parts.push(self.paint(code, &format!("{n} {word}")));
            }
        };
        add(summary.count(Status::Warn), "warned", "33");
        add(summary.count(Status::Fail), "failed", "31");
        add(summary.count(Status::Error), "broken", "31");
        add(summary.count(Status::Skipped), "skipped", "33");
        let head = match (summary.interrupted, summary.is_good()) {
            (true, _) => self.paint("1;33", "stopped"),
            (_, true) => self.paint("1;32", "done"),
            (_, false) => self.paint("1;31", "failed"),
        };
        format!("{head} in {}: {}", time(summary.elapsed), parts.join(", "))
    }

    fn summary_json(&self, summary: &Summary) -> String {
        json!({
            "event": "summary",
            "success": summary.is_good(),
            "elapsed_ms": millis(summary.elapsed),
            "good": summary.count(Status::Success),
            "warned": summary.count(Status::Warn),
            "failed": summary.count(Status::Fail),
            "broken": summary.count(Status::Error),
            "skipped": summary.count(Status::Skipped),
            "interrupted": summary.interrupted,
            "error": summary.error.as_ref().map(ToString::to_string),
        })
        .to_string()
    }

    fn wrong(&self, err: &anyhow::Error) -> String {
        let text = explained(err);
        format!("{} {text}", self.paint("1;31", "error:"))
    }

    /// What went wrong in a node: the diagnostic, or the test's query and some of the rows it found.
    fn explained(&self, result: &NodeResult) -> String {
        if let Some(err) = &result.error {
            return self.wrong(err);
        }
        let node = &self.compiled.plan.nodes[result.node];
        let (word, code) = match result.status {
            Status::Warn => ("warning:", "1;33"),
            _ => ("error:", "1;31"),
        };
        if node.resource.word() != "test" {
            let (word, name) = (self.paint(code, word), self.name(result.node));
            return format!("{word} `{name}`: {}\n  --> {}", result.message, node.at);
        }
        let rows = result.rows.unwrap_or_default();
        let plural = if rows == 1 { "row" } else { "rows" };
        let mut lines = vec![
            format!(
                "{} test `{}` found {} {plural}",
                self.paint(code, word),
                node.name,
                count(rows)
            ),
            format!("  --> {}", node.at),
        ];
        let found = explained_rows(result);
        lines.extend(found.lines().map(|line| format!("  {line}")));
        lines.join("\n")
    }

    fn line(&self, result: &NodeResult, ended: usize, total: usize) -> String {
        let (mark, code) = match result.status {
            Status::Success => ("ok", "32"),
            Status::Warn => ("warn", "33"),
            Status::Fail => ("FAIL", "31"),
            Status::Error => ("ERROR", "31"),
            Status::Skipped => ("skip", "33"),
        };
        let node = &self.compiled.plan.nodes[result.node];
        let width = total.to_string().len();
        let number = self.paint("2", &format!("{ended:>width$}/{total}"));
        let mark = self.paint(code, &format!("{mark:<5}"));
        let kind = match node.resource.word() {
            "feature_view" => "features".into(),
            word => word.replace('_', " "),
        };
        let name = self.name(result.node);
        let is_test = kind == "test";
        let rows = match (result.rows, is_test) {
            (Some(1), false) => "1 row".into(),
            (Some(rows), false) => format!("{} rows", count(rows)),
            (Some(rows), true) if result.status != Status::Success => {
                format!("{} found", count(rows))
            }
            _ => String::new(),
        };
        let head = format!("{number} {mark} {kind:<8} {name:<NAME_WIDTH$}");
        let message = self.paint("2", &result.message);
        let line = match result.status {
            Status::Skipped if result.message.is_empty() => head,
            Status::Skipped => format!("{head} {} {message}", self.paint("2", "because of")),
            _ => format!("{head} {rows:>16} {:>9}  {message}", time(result.elapsed)),
        };
        line.trim_end().to_owned()
    }

    fn json_line(&self, result: &NodeResult) -> String {
        let node = &self.compiled.plan.nodes[result.node];
        json!({
            "event": "node",
            "unique_id": node.id,
            "resource_type": node.resource.word(),
            "name": self.name(result.node),
            "status": status_word(result.status),
            "attempt": result.attempt,
            "elapsed_ms": millis(result.elapsed),
            "rows": result.rows,
            "message": result.message,
            "error": result.error.as_ref().map(ToString::to_string),
        })
        .to_string()
    }
}

impl Show for People<'_> {
    fn finish(&self, summary: &Summary) {
        self.state().bars.clear();
        if self.json {
            say(&self.summary_json(summary));
            return;
        }
        for result in &summary.results {
            let is_told = matches!(result.status, Status::Error | Status::Fail | Status::Warn);
            if is_told || result.error.is_some() {
                say(&format!("\n{}", self.explained(result)));
            }
        }
        if let Some(err) = &summary.error {
            say(&format!("\n{}", self.wrong(err)));
        }
        if !self.quiet || !summary.is_good() {
            say(&format!("\n{}", self.counts(summary)));
        }
    }
}

impl Observer for People<'_> {
    fn begin(&self, n_nodes: usize) {
        self.state().total = n_nodes;
        if self.json || self.quiet {
            return;
        }
        let plural = if n_nodes == 1 { "node" } else { "nodes" };
        let file = self.project.warehouse.path.display();
        say(&format!(
            "{} · {} {plural} · {file}\n",
            self.project.name,
            count(n_nodes as u64)
        ));
    }

    fn start(&self, attempt: Attempt) {
        if attempt.number > 1 {
            return;
        }
        let node = attempt.node;
        let bar = self.live.add(ProgressBar::new(100));
        let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.set_message(self.name(node));
        bar.enable_steady_tick(Duration::from_millis(100));
        self.state().bars.push((node, bar));
    }

    fn progress(&self, node: Index, progress: Progress) {
        let state = self.state();
        if let Some((_, bar)) = state.bars.iter().find(|(index, _)| *index == node) {
            bar.set_message(format!("{} {:.0} %", self.name(node), progress.percent));
        }
    }

    fn retry(&self, attempt: Attempt, failure: &anyhow::Error, wait: Duration) {
        let node = &self.compiled.plan.nodes[attempt.node];
        if self.json {
            let event = json!({
                "event": "retry",
                "unique_id": node.id,
                "name": self.name(attempt.node),
                "attempt": attempt.number,
                "wait_ms": millis(wait),
                "error": failure.to_string(),
            });
            say(&event.to_string());
        } else if !self.quiet {
            let mark = self.paint("33", "retry");
            let first = explained(failure);
            let first = first.lines().next().unwrap_or_default();
            let name = self.name(attempt.node);
            self.print(&format!("{mark} {name} in {}: {first}", time(wait)));
        }
    }

    fn end(&self, result: &NodeResult) {
        let (ended, total) = {
            let mut state = self.state();
            state.ended += 1;
            if let Some(at) = state
                .bars
                .iter()
                .position(|(index, _)| *index == result.node)
            {
                let (_, bar) = state.bars.swap_remove(at);
                bar.finish_and_clear();
            }
            (state.ended, state.total)
        };
        if self.json {
            say(&self.json_line(result));
        } else if !self.quiet {
            self.print(&self.line(result, ended, total));
        }
    }
}

fn status_word(status: Status) -> &'static str {
    match status {
        Status::Success => "success",
        Status::Warn => "warn",
        Status::Fail => "fail",
        Status::Error => "error",
        Status::Skipped => "skipped",
    }
}

fn millis(elapsed: Duration) -> u64 {
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}

/// Writes a number with separators: 1,234,567.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Writes a duration in ms or s.
fn time(elapsed: Duration) -> String {
    match elapsed.as_secs_f64() {
        seconds if seconds < 1.0 => format!("{:.0} ms", seconds * 1000.0),
        seconds => format!("{seconds:.2} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_separators_and_times_a_unit() {
        assert_eq!(
            ["0", "999", "1,000", "1,234,567"],
            [0, 999, 1000, 1_234_567]
                .map(count)
                .each_ref()
                .map(String::as_str)
        );
        assert_eq!(time(Duration::from_millis(12)), "12 ms");
        assert_eq!(time(Duration::from_millis(1234)), "1.23 s");
    }
}
