//! A session that sends the project's comment with its statements.

use std::borrow::Cow;
use std::sync::Arc;

use crate::compile::Comment;
use crate::diagnostic::Result;
use crate::engine::{
    BEGIN, COMMIT, Entry, Handle, Param, ROLLBACK, RecordBatch, Relation, Scan, Session,
};

/// A session and the comment of what runs in it. What begins or ends a transaction goes without, as with dbt.
pub(super) struct Commented {
    inner: Box<dyn Session>,
    comment: Option<Comment>,
}

impl Commented {
    pub(super) fn new(inner: Box<dyn Session>, comment: Option<Comment>) -> Self {
        Self { inner, comment }
    }

    /// Sends a comment with the statements that follow.
    pub(super) fn say(&mut self, comment: Option<Comment>) {
        self.comment = comment;
    }

    /// Returns how many bytes of a statement are the comment in front of it.
    pub(super) fn comment_length(&self, statement: &str) -> usize {
        let comment = self.comment.as_ref();
        comment.map_or(0, |comment| comment.length_in_front(statement))
    }
}

fn commented<'a>(comment: Option<&Comment>, sql: &'a str) -> Cow<'a, str> {
    match comment {
        Some(comment) if ![BEGIN, COMMIT, ROLLBACK].contains(&sql) => comment.with(sql).into(),
        _ => sql.into(),
    }
}

impl Session for Commented {
    fn execute(&mut self, sql: &str) -> Result<u64> {
        self.inner.execute(&commented(self.comment.as_ref(), sql))
    }

    fn execute_with(&mut self, sql: &str, params: &[Param]) -> Result<u64> {
        let sql = commented(self.comment.as_ref(), sql);
        self.inner.execute_with(&sql, params)
    }

    fn query(
        &mut self,
        sql: &str,
        params: &[Param],
        each: &mut dyn FnMut(&RecordBatch) -> Result<()>,
    ) -> Result<()> {
        let sql = commented(self.comment.as_ref(), sql);
        self.inner.query(&sql, params, each)
    }

    fn few(&mut self, sql: &str) -> Result<Vec<RecordBatch>> {
        self.inner.few(&commented(self.comment.as_ref(), sql))
    }

    fn append(&mut self, table: &Relation, scan: Arc<dyn Scan>) -> Result<u64> {
        self.inner.append(table, scan)
    }

    fn catalog(&mut self) -> Result<Vec<Entry>> {
        self.inner.catalog()
    }

    fn columns(&mut self, relation: &Relation) -> Result<Vec<(String, String)>> {
        self.inner.columns(relation)
    }

    fn spill(&mut self, always: bool) -> Result<()> {
        self.inner.spill(always)
    }

    fn handle(&self) -> Arc<dyn Handle> {
        self.inner.handle()
    }
}
