//! What is beside the warehouse's file: attached databases, and the secrets that open them.

use std::collections::BTreeMap;

use duckdb::Connection;

use super::{Settings, error};
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::statement::{literal, render};

/// A database to attach.
#[derive(Debug, Clone, Default)]
pub struct Attachment {
    /// Its file or address.
    pub path: String,
    /// What it is called; `DuckDB` derives a name where none is given.
    pub alias: Option<String>,
    /// Options: a word with a value, or alone.
    pub options: Vec<(String, Option<String>)>,
}

/// A secret to create for the time the warehouse is open.
#[derive(Debug, Clone, Default)]
pub struct Secret {
    /// Its name; one is made where none is given.
    pub name: Option<String>,
    /// Whether it outlives the process.
    pub persistent: bool,
    /// `type`, `provider`, `scope` and what the type takes.
    pub keys: serde_json::Map<String, serde_json::Value>,
}

/// Creates the secrets.
///
/// # Errors
/// `Environment` with what `DuckDB` says of the one it refuses.
pub(super) fn create_secrets(connection: &Connection, settings: &Settings) -> Result<()> {
    for (number, secret) in settings.secrets.iter().enumerate() {
        let name = secret.name.clone();
        let name = name.unwrap_or_else(|| format!("_dbt_secret_{}", number + 1));
        let parts = parts(secret)?;
        let persistent = secret.persistent;
        let values = minijinja::context! {name => &name, parts, persistent};
        let sql = render(include_str!("secret.sql"), values)?;
        connection.execute_batch(&sql).map_err(|err| {
            Diagnostic::environment(format!("the secret `{name}` is refused"))
                .note(error::message(&err))
                .hint("its keys are those of DuckDB's `create secret`")
        })?;
    }
    Ok(())
}

/// Attaches the databases.
///
/// # Errors
/// As [`create_secrets`].
pub(super) fn attach(connection: &Connection, settings: &Settings) -> Result<()> {
    for attachment in &settings.attachments {
        let Attachment {
            path,
            alias,
            options,
        } = attachment;
        for (word, _) in options {
            checked_word(word)?;
        }
        let values = minijinja::context! {path, alias, options};
        let sql = render(include_str!("attach.sql"), values)?;
        connection.execute_batch(&sql).map_err(|err| {
            Diagnostic::environment(format!("the database `{path}` cannot be attached"))
                .note(error::message(&err))
                .hint("see `attach:` of the target")
        })?;
    }
    Ok(())
}

/// Writes the keys of a secret as SQL.
fn parts(secret: &Secret) -> Result<Vec<(String, String)>> {
    let mut parts = BTreeMap::new();
    for (word, value) in &secret.keys {
        checked_word(word)?;
        if !value.is_null() {
            parts.insert(word.clone(), written(value));
        }
    }
    let mut ordered = Vec::new();
    ordered.extend(parts.remove_entry("type"));
    ordered.extend(parts);
    Ok(ordered)
}

fn written(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Array(items) => {
            let items: Vec<String> = items.iter().map(written).collect();
            format!("[{}]", items.join(", "))
        }
        serde_json::Value::Object(map) => {
            let pair = |(key, value): (&String, _)| format!("{}: {}", literal(key), written(value));
            format!(
                "map {{{}}}",
                map.iter().map(pair).collect::<Vec<_>>().join(", ")
            )
        }
        serde_json::Value::String(text) => literal(text),
        other => literal(&other.to_string()),
    }
}

/// Refuses a word that would be more than a word in a statement.
fn checked_word(word: &str) -> Result<()> {
    let is_word = !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    match is_word {
        true => Ok(()),
        false => Err(Diagnostic::project(format!("`{word}` is no option of DuckDB's")).into()),
    }
}
