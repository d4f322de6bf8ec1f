//! Names of tables and views.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::quote;

/// A table or view by name. Displayed quoted, ready for SQL: `"db"."schema"."name"`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Relation {
    /// Database (DuckDB: the attached file's name); `None` for the session's own.
    pub database: Option<String>,
    /// Schema.
    pub schema: String,
    /// Table or view.
    pub name: String,
}

impl Relation {
    /// Names a relation of the session's own database.
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            database: None,
            schema: schema.into(),
            name: name.into(),
        }
    }

    /// Returns the same place under another name.
    #[must_use]
    pub fn with_name(&self, name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..self.clone()
        }
    }

    /// Returns whether both name the same relation; DuckDB's names ignore case.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        self.schema.eq_ignore_ascii_case(&other.schema)
            && self.name.eq_ignore_ascii_case(&other.name)
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(database) = &self.database {
            write!(f, "{}.", quote(database))?;
        }
        write!(f, "{}.{}", quote(&self.schema), quote(&self.name))
    }
}

/// Whether a relation holds rows or a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EntryKind {
    /// Rows.
    Table,
    /// A query.
    View,
}

/// A relation that exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its name; the database is always given.
    pub relation: Relation,
    /// What it is.
    pub kind: EntryKind,
}
