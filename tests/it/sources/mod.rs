//! Sources that are asked: databases and services, with the real binary, real servers and real faults.

mod database;
mod file;
mod kill;
mod service;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use super::scratch::{Said, Scratch};

/// A project whose only files are `wh.yml` and these sources.
fn project(sources: &str) -> Scratch {
    let project = Scratch::empty();
    project.write("wh.yml", "name: p\n");
    project.write("models/sources.yml", sources);
    project
}

/// A source `s` with one table `t`, ingested like this.
fn source(ingest: &str) -> Scratch {
    project(&format!(
        "sources:\n  - name: s\n    tables:\n      - name: t\n        ingest: {{{ingest}}}\n"
    ))
}

fn run(project: &Scratch, words: &[&str], variables: &[(&str, &str)]) -> Said {
    let output = project
        .wh(words)
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    project.said(&output)
}

/// Builds what must go well and returns what was said.
fn good(project: &Scratch, variables: &[(&str, &str)]) -> String {
    let said = run(project, &["build"], variables);
    assert_eq!(said.code, 0, "{}", said.text);
    said.text
}

/// Builds what must fail and returns what was said.
fn bad(project: &Scratch, variables: &[(&str, &str)]) -> String {
    let said = run(project, &["build"], variables);
    assert_ne!(said.code, 0, "{}", said.text);
    said.text
}

/// Returns a query's rows as lines of CSV, without the header.
fn rows(project: &Scratch, sql: &str) -> Vec<String> {
    let said = run(project, &["query", "--quiet", "--format", "csv", sql], &[]);
    assert_eq!(said.code, 0, "{}", said.text);
    said.text.lines().skip(1).map(str::to_owned).collect()
}

/// The demo's help desk, on a free port.
struct Desk {
    child: Child,
    url: String,
}

impl Desk {
    /// Serves `tickets.ndjson` of the project; the first requests are answered with the statuses `fail`.
    fn open(project: &Scratch, fail: &str) -> Self {
        let mut words = vec![
            "demo",
            "serve-tickets",
            "--quiet",
            "--port",
            "0",
            "--file",
            "tickets.ndjson",
        ];
        if !fail.is_empty() {
            words.extend(["--fail", fail]);
        }
        let mut command: Command = project.wh(&words);
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stderr.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let url = line.split(' ').find(|word| word.starts_with("http://"));
        Self {
            url: url.unwrap_or_else(|| panic!("{line}")).to_owned(),
            child,
        }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Tickets from `first` to `last`; number n was changed on day n / 24, hour n % 24.
fn tickets(first: usize, last: usize) -> String {
    let ticket = |n: usize| {
        let (month, day, hour) = (n / 24 / 28 + 1, n / 24 % 28 + 1, n % 24);
        format!(
            "{{\"ticket_id\": {n}, \"updated_at\": \"2025-{month:02}-{day:02}T{hour:02}:00:00Z\", \"body\": \"text {n}\"}}\n"
        )
    };
    (first..=last).map(ticket).collect()
}
