//! The steps of a project: what is changed before a command, and the command.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use wh::engine::{DuckDb, Engine, Settings};

use crate::scratch::{Scratch, python};

/// `steps.yml`, as `tests/dbt/record` describes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Plan {
    #[expect(dead_code, reason = "said to the reader of the file")]
    about: String,
    #[serde(default = "one_database")]
    pub(super) databases: Vec<String>,
    pub(super) steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    #[serde(default)]
    copy: BTreeMap<String, String>,
    #[serde(default)]
    write: BTreeMap<String, String>,
    #[serde(default)]
    remove: Vec<String>,
    sql: Option<String>,
    pub(super) run: String,
    #[serde(default)]
    env: BTreeMap<String, String>,
    pub(super) stdout: Option<String>,
    #[serde(default)]
    pub(super) files: Vec<String>,
    #[serde(default, rename = "manifest")]
    _manifest: bool,
}

fn one_database() -> Vec<String> {
    vec!["dev.duckdb".into()]
}

impl Plan {
    pub(super) fn read(folder: &Path) -> Self {
        let text = fs::read_to_string(folder.join("steps.yml")).unwrap();
        let plan = serde_yaml::from_str(&text);
        plan.unwrap_or_else(|error| panic!("{}/steps.yml: {error}", folder.display()))
    }
}

impl Step {
    /// Changes the project as the step says.
    ///
    /// # Errors
    /// What is missing after the steps before.
    pub(super) fn prepare(&self, project: &Scratch, database: &str) -> anyhow::Result<()> {
        for (from, to) in &self.copy {
            copy(&project.path(from), &project.path(to))?;
        }
        for (file, text) in &self.write {
            project.write(file, text);
        }
        for path in self.remove.iter().map(|path| project.path(path)) {
            match path.is_dir() {
                true => fs::remove_dir_all(path)?,
                false => fs::remove_file(path)?,
            }
        }
        if let Some(sql) = &self.sql {
            let settings = Settings {
                path: project.path(database),
                ..Settings::default()
            };
            DuckDb::open(&settings)?.connect()?.execute(sql)?;
        }
        Ok(())
    }

    /// Returns the command, to be run in the project.
    pub(super) fn command(&self, project: &Scratch) -> Command {
        let words = words(&self.run);
        let quiet = self.stdout.iter().map(|_| "--quiet");
        let words: Vec<&str> = quiet.chain(words.iter().map(String::as_str)).collect();
        let mut command = project.wh(&words);
        command.env_remove("WH_NOW").env("WH_PYTHON", python());
        command.envs(&self.env);
        command
    }
}

/// Splits a line as a shell does; quotes join words.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for letter in line.chars() {
        match (letter, quote) {
            ('\'' | '"', None) => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (_, Some(mark)) if letter == mark => quote = None,
            (' ', None) => words.extend(word.take()),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    if !from.is_dir() {
        fs::create_dir_all(to.parent().unwrap())?;
        fs::copy(from, to)?;
        return Ok(());
    }
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        copy(&path, &to.join(path.file_name().unwrap()))?;
    }
    Ok(())
}
