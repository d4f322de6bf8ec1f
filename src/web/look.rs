//! A look at the warehouse: opened for one page, let go of after it, so that builds can run.

use std::collections::BTreeSet;
use std::sync::PoisonError;

use maud::{Markup, html};

use super::app::{App, said};
use crate::diagnostic::Result;
use crate::engine::{Param, Session};
use crate::report::frame::Frame;

/// Rows of one query at most.
const MOST_ROWS: usize = 5_000;

/// The warehouse, open for reading, and the tables of records it has.
pub(super) struct Look {
    session: Box<dyn Session>,
    tables: BTreeSet<String>,
}

impl Look {
    /// Returns whether the schema `wh` holds a table.
    pub(super) fn has(&self, table: &str) -> bool {
        self.tables.contains(table)
    }

    /// Returns the rows of a query over tables of the schema `wh`; `None` when one of them does not exist.
    ///
    /// # Errors
    /// `Data` when the warehouse refuses the query.
    pub(super) fn rows(
        &mut self,
        tables: &[&str],
        sql: &str,
        params: &[Param],
    ) -> Result<Option<Frame>> {
        if !tables.iter().all(|table| self.has(table)) {
            return Ok(None);
        }
        self.query(sql, params).map(Some)
    }

    /// Returns the rows of a query, [`MOST_ROWS`] at most.
    ///
    /// # Errors
    /// `Data` when the warehouse refuses the query.
    pub(super) fn query(&mut self, sql: &str, params: &[Param]) -> Result<Frame> {
        let mut frame = Frame::default();
        self.session.query(sql, params, &mut |batch| {
            let room = MOST_ROWS.saturating_sub(frame.rows.len());
            frame.extend(&batch.slice(0, batch.num_rows().min(room)))
        })?;
        Ok(frame)
    }

    /// Returns the columns of a relation with their types; none when it does not exist.
    pub(super) fn columns(&mut self, relation: &crate::engine::Relation) -> Vec<(String, String)> {
        self.session.columns(relation).unwrap_or_default()
    }
}

impl App {
    /// Shows what `show` finds in the warehouse, or says why it cannot be looked into now.
    pub(super) fn look(&self, show: impl FnOnce(&mut Look) -> Result<Markup>) -> Markup {
        let shown = self.with_warehouse(show);
        shown.unwrap_or_else(|err| closed(&said(&err)))
    }

    /// Hands the open warehouse to `work`.
    ///
    /// # Errors
    /// `Environment` when it cannot be opened; what `work` answers.
    pub(super) fn with_warehouse<T>(&self, work: impl FnOnce(&mut Look) -> Result<T>) -> Result<T> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let engine = open()?;
        let mut look = Look {
            session: engine.connect()?,
            tables: BTreeSet::new(),
        };
        let tables = look.query(include_str!("sql/tables.sql"), &[])?;
        look.tables = super::rows::rows(&tables)
            .map(|row| row.text("table_name"))
            .collect();
        work(&mut look)
    }
}

/// Says that the warehouse cannot be read now, why, and what works without it.
fn closed(why: &str) -> Markup {
    html! {
        div.notice.warn role="status" {
            p { strong { "The warehouse cannot be looked into now." } }
            pre.error { (why) }
            p.muted {
                "While a build of another process writes to it, that is so for a moment. "
                a href="/runs" { "The runs" } " are there meanwhile."
            }
        }
    }
}
