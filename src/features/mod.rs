//! Feature views: a table's columns become features with a history, a type, a version and a time to live.
//!
//! The history is a relation, what is known of it are tables (`wh.feature_views`, `wh.features`), the latest values are in
//! the project's state. Training sets are SQL (the macro `training_set`); nothing is computed here that a model could.

mod build;
mod columns;
mod materialize;
pub mod online;
mod registry;

use jiff::Timestamp;

pub use self::materialize::{Materialized, materialize};
use crate::diagnostic::{Place, Result};
use crate::engine::{EntryKind, Relation, Session, transaction};
use crate::project::nodes::FeatureView;

/// A feature view to be built.
pub struct Request<'a> {
    /// The declaration.
    pub view: &'a FeatureView,
    /// Its tags.
    pub tags: &'a [String],
    /// The table the features come from.
    pub input: &'a Relation,
    /// The relation that is made.
    pub output: &'a Relation,
    /// Whether it holds rows or a query.
    pub kind: EntryKind,
    /// What is there already under the name of `output`.
    pub existing: Option<EntryKind>,
    /// When.
    pub now: Timestamp,
}

/// What was built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Rows of the history.
    pub rows: u64,
    /// The version of the definition, from 1.
    pub version: i64,
}

/// Makes the tables in which feature views are recorded; before several views are built at once.
///
/// # Errors
/// As [`Session::execute`].
pub fn prepare(session: &mut dyn Session) -> Result<()> {
    registry::prepare(session)
}

/// Makes `request.output` (entity, timestamp, features) and records the view; a changed definition is a new version.
///
/// All of it in one transaction of its own: `session` must not be in one.
///
/// # Errors
/// `Project`, at the place of the declaration, when a column is missing or of another type than declared; `Data` when a
/// row has no entity or no timestamp, and when two rows have the same and nothing says which one counts.
pub fn build(session: &mut dyn Session, request: &Request<'_>) -> Result<Outcome> {
    transaction(session, |session| {
        let columns = columns::read(session, request)?;
        let contents = build::build(session, request, &columns)?;
        let version = registry::record(session, request, &columns, &contents)?;
        Ok(Outcome {
            rows: contents.rows,
            version,
        })
    })
    .place(&request.view.at)
}
