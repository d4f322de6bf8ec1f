//! `jobs:` and `alerts:` of the project's file: what runs when, and who is told.

use std::time::Duration;

use super::duration;
use super::schedule::Schedule;
use super::yaml::{Doc, Fields};
use crate::diagnostic::{At, Diagnostic, Result, all_or_none, nearest};

/// Something that runs on a schedule or by name.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its name.
    pub name: String,
    /// When it runs; `None` when only by name.
    pub schedule: Option<Schedule>,
    /// The command: one of [`COMMANDS`].
    pub command: String,
    /// As `--select`; empty for everything.
    pub select: Vec<String>,
    /// As `--exclude`.
    pub exclude: Vec<String>,
    /// As `--full-refresh`.
    pub full_refresh: bool,
    /// How often a failed node is tried again whose configuration does not say it.
    pub retries: u32,
    /// How long it may take.
    pub timeout: Option<Duration>,
    /// What becomes of moments that passed while nobody was there.
    pub on_missed: OnMissed,
    /// Names of the alerts that tell of it.
    pub alerts: Vec<String>,
    /// The place of its name.
    pub at: At,
}

/// What becomes of moments that passed while nobody was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnMissed {
    /// The job runs once for all of them.
    RunOnce,
    /// The job waits for the next.
    Skip,
}

/// Who is told how a job went.
#[derive(Debug, Clone)]
pub struct Alert {
    /// Its name.
    pub name: String,
    /// Of what.
    pub on: Vec<Occasion>,
    /// In what way.
    pub send: Send,
    /// The place of its name.
    pub at: At,
}

/// What an alert tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// The job failed, was stopped, or its process died.
    Failure,
    /// The job went well, and had not the time before.
    Recovery,
    /// The job went well.
    Success,
}

impl Occasion {
    /// Returns its word in YAML and in what is sent.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Failure => "failure",
            Self::Recovery => "recovery",
            Self::Success => "success",
        }
    }
}

/// How an alert reaches people. Templates still: a secret is read when it is needed, and no one who builds needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Send {
    /// A URL that gets a POST of JSON.
    Webhook(String),
    /// A command line of the shell that gets JSON on standard input.
    Command(String),
}

/// The commands that a job may run.
pub const COMMANDS: &[&str] = &["build", "run", "test", "seed", "ingest"];

/// Reads `jobs:` and `alerts:`.
///
/// # Errors
/// `Project` with the place of what is wrong; independent errors together.
pub(super) fn read(fields: &Fields<'_>) -> Result<(Vec<Job>, Vec<Alert>)> {
    let mut errors = Vec::new();
    let mut alerts: Vec<Alert> = Vec::new();
    for item in fields.items("alerts") {
        match alert(item) {
            Ok(alert) => alerts.push(alert),
            Err(err) => errors.push(err),
        }
    }
    let mut jobs: Vec<Job> = Vec::new();
    for item in fields.items("jobs") {
        match job(item, &alerts) {
            Ok(job) => jobs.push(job),
            Err(err) => errors.push(err),
        }
    }
    let names = |kind, names: Vec<(&String, &At)>| twice(kind, &names);
    errors.extend(names(
        "jobs",
        jobs.iter().map(|job| (&job.name, &job.at)).collect(),
    ));
    let named = alerts.iter().map(|alert| (&alert.name, &alert.at));
    errors.extend(names("alerts", named.collect()));
    all_or_none(errors)?;
    Ok((jobs, alerts))
}

/// Finds the second of two things of one name.
fn twice(kind: &str, named: &[(&String, &At)]) -> Option<anyhow::Error> {
    let second = |(n, (name, _)): &(usize, &(&String, &At))| {
        named[..*n].iter().any(|(other, _)| other == name)
    };
    let (_, (name, at)) = named.iter().enumerate().find(second)?;
    Some(
        Diagnostic::project(format!("two {kind} are called `{name}`"))
            .at(at)
            .into(),
    )
}

fn job(item: Doc<'_>, alerts: &[Alert]) -> Result<Job> {
    let fields = item.fields("an entry of `jobs`")?;
    let job = Job {
        name: fields.required("name")?,
        schedule: fields.get("schedule").map(Schedule::read).transpose()?,
        command: one_of(&fields, "command", COMMANDS)?
            .unwrap_or("build")
            .into(),
        select: fields.texts("select")?,
        exclude: fields.texts("exclude")?,
        full_refresh: fields.flag("full_refresh")?,
        retries: number(&fields, "retries")?,
        timeout: time(&fields, "timeout")?,
        on_missed: match one_of(&fields, "on_missed", &["run_once", "skip"])? {
            Some("skip") => OnMissed::Skip,
            _ => OnMissed::RunOnce,
        },
        alerts: fields.texts("alerts")?,
        at: fields.get("name").map_or(fields.at(), |doc| doc.at()),
    };
    fields.finish()?;
    let known = || alerts.iter().map(|alert| alert.name.as_str());
    for (name, doc) in job.alerts.iter().zip(fields.items("alerts")) {
        if !known().any(|alert| alert == name) {
            let err = Diagnostic::project(format!("no alert is called `{name}`")).at(&doc.at());
            return Err(match nearest(name, known()) {
                Some(near) => err.hint(format!("did you mean `{near}`?")),
                None => err.hint("declare it: `alerts: [{name: …, on: [failure], webhook: …}]`"),
            }
            .into());
        }
    }
    Ok(job)
}

fn alert(item: Doc<'_>) -> Result<Alert> {
    let fields = item.fields("an entry of `alerts`")?;
    let name = fields.required("name")?;
    let at = fields.get("name").map_or(fields.at(), |doc| doc.at());
    let all = [Occasion::Failure, Occasion::Recovery, Occasion::Success];
    let mut on = Vec::new();
    for item in fields.items("on") {
        let word = item.text("an entry of `on`")?;
        let found = all.into_iter().find(|occasion| occasion.word() == word);
        on.push(found.ok_or_else(|| {
            Diagnostic::project(format!("an alert is not sent on `{word}`"))
                .at(&item.at())
                .hint("use one of: failure, recovery, success")
        })?);
    }
    if on.is_empty() {
        on = vec![Occasion::Failure, Occasion::Recovery];
    }
    let send = match (fields.text("webhook")?, fields.text("command")?) {
        (Some(url), None) => Send::Webhook(url),
        (None, Some(command)) => Send::Command(command),
        _ => {
            let what = format!("the alert `{name}` is sent by `webhook` or by `command`");
            return Err(Diagnostic::project(what)
                .at(&at)
                .hint("webhook: \"{{ env_var('OPS_WEBHOOK') }}\"")
                .into());
        }
    };
    fields.finish()?;
    Ok(Alert { name, on, send, at })
}

fn one_of<'a>(fields: &Fields<'_>, key: &str, words: &[&'a str]) -> Result<Option<&'a str>> {
    let Some(doc) = fields.get(key) else {
        return Ok(None);
    };
    let text = doc.text(&format!("`{key}`"))?;
    match words.iter().find(|word| **word == text) {
        Some(word) => Ok(Some(word)),
        None => Err(Diagnostic::project(format!("`{key}` is `{text}`"))
            .at(&doc.at())
            .hint(format!("use one of: {}", words.join(", ")))
            .into()),
    }
}

fn number(fields: &Fields<'_>, key: &str) -> Result<u32> {
    let Some(doc) = fields.get(key) else {
        return Ok(0);
    };
    let number = doc
        .value
        .as_u64()
        .and_then(|number| u32::try_from(number).ok());
    number.ok_or_else(|| {
        Diagnostic::project(format!("`{key}` is not a whole number"))
            .at(&doc.at())
            .into()
    })
}

fn time(fields: &Fields<'_>, key: &str) -> Result<Option<Duration>> {
    let Some(doc) = fields.get(key) else {
        return Ok(None);
    };
    let text = doc.text(&format!("`{key}`"))?;
    match duration(&text) {
        Some(time) => Ok(Some(time)),
        None => Err(Diagnostic::project(format!("`{key}: {text}` is no time"))
            .at(&doc.at())
            .hint("give a time such as 90s, 30m or 2h")
            .into()),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn jobs(yaml: &str) -> Result<(Vec<Job>, Vec<Alert>)> {
        let value: serde_yaml::Value = serde_yaml::from_str(yaml).unwrap();
        let doc = Doc {
            value: &value,
            file: Path::new("wh.yml"),
        };
        read(&doc.fields("the project")?)
    }

    #[test]
    fn a_job_says_what_runs_when_and_who_is_told() {
        let (jobs, alerts) = jobs(
            "jobs:\n- {name: nightly, schedule: {every: 1h}, select: [a, b], retries: 1, timeout: 2h, on_missed: skip, alerts: ops}\n\
             alerts:\n- {name: ops, on: [success], webhook: 'http://x'}\n",
        )
        .unwrap();
        let job = &jobs[0];
        assert_eq!(job.select, ["a", "b"]);
        assert_eq!((job.retries, job.command.as_str()), (1, "build"));
        assert_eq!(job.timeout, Some(Duration::from_secs(7200)));
        assert_eq!(job.on_missed, OnMissed::Skip);
        assert_eq!(alerts[0].on, [Occasion::Success]);
        assert_eq!(alerts[0].send, Send::Webhook("http://x".into()));
    }

    #[test]
    fn what_is_wrong_is_answered_with_its_place() {
        let wrong = |yaml: &str| jobs(yaml).unwrap_err().to_string();
        let alert = wrong("alerts: [{name: ops, webhook: x}]\njobs:\n- {name: a, alerts: [opps]}");
        assert!(
            alert.contains("wh.yml:3:") && alert.contains("`ops`?"),
            "{alert}"
        );
        assert!(wrong("jobs: [{name: a}, {name: a}]").contains("two jobs are called `a`"));
        assert!(wrong("jobs: [{name: a, command: clean}]").contains("use one of: build"));
        assert!(wrong("jobs: [{name: a, timeout: long}]").contains("`timeout: long` is no time"));
        assert!(wrong("alerts: [{name: a}]").contains("by `webhook` or by `command`"));
        assert!(wrong("alerts: [{name: a, webhook: x, on: [never]}]").contains("`never`"));
    }
}
