//! Telling people how the run of a job went: by a webhook, or by a command. Never fails a run.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::history::explained;
use crate::diagnostic::{Diagnostic, Result};
use crate::project::jobs::{Alert, Occasion, Send};
use crate::state::State;
use crate::state::runs::{NodeRun, NodeStatus, Run, RunStatus, SentAlert, now};

/// Attempts at an alert.
const ATTEMPTS: u32 = 3;

/// The wait before the second attempt; doubled.
const PAUSE: Duration = Duration::from_secs(1);

/// How long one attempt may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Nodes that a message names at most.
const MAX_NODES: usize = 20;

/// Whom to tell, and from where.
pub struct Post<'a> {
    /// The project's name.
    pub project: &'a str,
    /// The project's folder, in which commands run.
    pub root: &'a Path,
    /// The alerts of the job.
    pub alerts: Vec<&'a Alert>,
    /// Renders the template of a URL or command.
    pub render: &'a dyn Fn(&str) -> Result<String>,
}

impl Post<'_> {
    /// Tells everyone who wants to know how a run of a job went, and records it. Returns what could not be sent.
    ///
    /// # Errors
    /// `Environment` when the history cannot be read or written.
    pub fn send(&self, state: &State, run: &Run) -> Result<Vec<anyhow::Error>> {
        let runs = state.runs(run.job.as_deref(), 50)?;
        let before = runs
            .iter()
            .skip_while(|other| other.run_id != run.run_id)
            .skip(1)
            .find(|other| other.status != RunStatus::Running);
        let occasions = occasions(run.status, before.map(|run| run.status));
        let mut failures = Vec::new();
        for alert in &self.alerts {
            let Some(occasion) = occasions
                .iter()
                .find(|occasion| alert.on.contains(occasion))
            else {
                continue;
            };
            let message = message(self.project, run, &state.node_runs(&run.run_id)?, *occasion);
            let sent = self.insist(alert, &message);
            let record = SentAlert {
                at: now(),
                target: alert.name.clone(),
                status: if sent.is_ok() { "sent" } else { "failed" }.into(),
                error: sent.as_ref().err().map(explained),
            };
            state.record_alert(&run.run_id, &record)?;
            failures.extend(sent.err());
        }
        Ok(failures)
    }

    /// Sends one message, again and again when it fails.
    fn insist(&self, alert: &Alert, message: &Value) -> Result<()> {
        let mut pause = PAUSE;
        let mut attempt = 1;
        loop {
            let sent = self.deliver(alert, message);
            let Err(err) = sent else { return Ok(()) };
            if attempt == ATTEMPTS {
                let what = format!("the alert `{}` could not be sent", alert.name);
                return Err(Diagnostic::environment(what)
                    .at(&alert.at)
                    .because(err)
                    .into());
            }
            tracing::warn!(alert = %alert.name, attempt, error = %err, "alert");
            thread::sleep(pause);
            pause *= 2;
            attempt += 1;
        }
    }

    fn deliver(&self, alert: &Alert, message: &Value) -> Result<()> {
        match &alert.send {
            Send::Webhook(url) => post(&(self.render)(url)?, message),
            Send::Command(command) => call(self.root, &(self.render)(command)?, message),
        }
    }
}

/// Returns what a run's end is an occasion for, given how the run before it went.
fn occasions(status: RunStatus, before: Option<RunStatus>) -> Vec<Occasion> {
    match status {
        RunStatus::Running => Vec::new(),
        RunStatus::Success if before.is_some_and(|before| before != RunStatus::Success) => {
            vec![Occasion::Recovery, Occasion::Success]
        }
        RunStatus::Success => vec![Occasion::Success],
        RunStatus::Failed | RunStatus::Interrupted | RunStatus::Crashed => vec![Occasion::Failure],
    }
}

/// Makes the message; `text` is what chat programs show.
fn message(project: &str, run: &Run, nodes: &[NodeRun], occasion: Occasion) -> Value {
    let bad = |node: &&NodeRun| matches!(node.status, NodeStatus::Fail | NodeStatus::Error);
    let failed: Vec<Value> = nodes
        .iter()
        .filter(bad)
        .take(MAX_NODES)
        .map(|node| {
            json!({
                "unique_id": node.node_id,
                "name": node.name,
                "resource_type": node.kind,
                "status": node.status.word(),
                "error": node.error,
            })
        })
        .collect();
    let job = run.job.as_deref().unwrap_or_default();
    let n_failed = nodes.iter().filter(bad).count();
    let why = match (&run.error, n_failed) {
        (Some(error), _) => format!(": {error}"),
        (None, 0) => String::new(),
        (None, n) => format!(": {n} of {} nodes failed", run.n_nodes),
    };
    let time = |micros| {
        jiff::Timestamp::from_microsecond(micros).map_or(Value::Null, |at| at.to_string().into())
    };
    json!({
        "text": format!("{project}: job `{job}` {}{why} (run {})", run.status.word(), run.run_id),
        "event": occasion.word(),
        "project": project,
        "job": job,
        "run_id": run.run_id,
        "status": run.status.word(),
        "started_at": time(run.started_at),
        "ended_at": run.ended_at.map(time),
        "n_nodes": run.n_nodes,
        "n_failed": n_failed,
        "failed": failed,
        "error": run.error,
    })
}

/// Posts a message; the URL, which may hold a secret, is in no error.
fn post(url: &str, message: &Value) -> Result<()> {
    let config = ureq::Agent::config_builder().timeout_global(Some(PATIENCE));
    let agent: ureq::Agent = config.build().into();
    agent.post(url).send_json(message).map_err(|err| {
        let cause = err.to_string().replace(url, "…");
        Diagnostic::environment("the webhook did not take it").because(anyhow::Error::msg(cause))
    })?;
    Ok(())
}

/// Runs a command with the message on standard input and its facts in the environment.
fn call(root: &Path, command: &str, message: &Value) -> Result<()> {
    let fact = |key: &str| message[key].as_str().unwrap_or_default().to_owned();
    let mut child = Command::new("sh")
        .args(["-c", command])
        .current_dir(root)
        .env("WH_EVENT", fact("event"))
        .env("WH_JOB", fact("job"))
        .env("WH_RUN_ID", fact("run_id"))
        .env("WH_STATUS", fact("status"))
        .env("WH_TEXT", fact("text"))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // A command that does not read its input is no failure.
        if let Err(err) = writeln!(stdin, "{message}") {
            tracing::debug!(error = %err, "alert");
        }
    }
    let until = Instant::now() + PATIENCE;
    loop {
        match child.try_wait()? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => {
                return Err(
                    Diagnostic::environment(format!("the command ended with {status}")).into(),
                );
            }
            None if Instant::now() >= until => {
                child.kill()?;
                child.wait()?;
                let what = format!("the command took longer than {} s", PATIENCE.as_secs());
                return Err(Diagnostic::environment(what).into());
            }
            None => thread::sleep(Duration::from_millis(20)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_that_goes_well_after_a_failure_has_recovered() {
        let after = |status, before| occasions(status, before);
        assert_eq!(after(RunStatus::Success, None), [Occasion::Success]);
        assert_eq!(
            after(RunStatus::Success, Some(RunStatus::Crashed)),
            [Occasion::Recovery, Occasion::Success]
        );
        assert_eq!(
            after(RunStatus::Failed, Some(RunStatus::Failed)),
            [Occasion::Failure]
        );
    }
}
