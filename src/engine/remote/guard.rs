//! A session that may only read, of an engine that may write.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Kind, Result};
use crate::engine::{Entry, Handle, Param, RecordBatch, Relation, Scan, Session};

/// Runs each statement in a transaction that can change nothing of the warehouse; temporary tables can be made.
pub(super) struct ReadOnly {
    inner: Box<dyn Session>,
    /// Whether the user began a transaction.
    in_transaction: bool,
}

impl ReadOnly {
    pub(super) fn new(inner: Box<dyn Session>) -> Self {
        Self {
            inner,
            in_transaction: false,
        }
    }

    fn guarded<T>(
        &mut self,
        sql: &str,
        run: impl FnOnce(&mut dyn Session, &str) -> Result<T>,
    ) -> Result<T> {
        match first_word(sql).as_str() {
            "begin" | "start" => {
                let begun = run(&mut *self.inner, include_str!("begin_read.sql"));
                self.in_transaction |= begun.is_ok();
                return begun;
            }
            "commit" | "rollback" | "abort" | "end" => {
                self.in_transaction = false;
                return run(&mut *self.inner, sql);
            }
            // A setting is of the session, and some are refused inside a transaction.
            "set" | "reset" | "use" | "pragma" => return run(&mut *self.inner, sql),
            _ if self.in_transaction => return run(&mut *self.inner, sql),
            _ => {}
        }
        self.inner.execute(include_str!("begin_read.sql"))?;
        let outcome = run(&mut *self.inner, sql);
        let end = match outcome.is_ok() {
            true => include_str!("../commit.sql"),
            false => include_str!("../rollback.sql"),
        };
        let ended = self.inner.execute(end);
        let value = outcome?;
        ended?;
        Ok(value)
    }
}

fn first_word(sql: &str) -> String {
    let mut rest = sql.trim_start();
    loop {
        let after = match rest {
            _ if rest.starts_with("--") => rest.split_once('\n').map(|(_, after)| after),
            _ if rest.starts_with("/*") => rest.split_once("*/").map(|(_, after)| after),
            _ => break,
        };
        rest = after.unwrap_or_default().trim_start();
    }
    let letters = rest.chars().take_while(|c| c.is_alphabetic());
    letters.collect::<String>().to_lowercase()
}

impl Session for ReadOnly {
    fn execute(&mut self, sql: &str) -> Result<u64> {
        self.guarded(sql, |session, sql| session.execute(sql))
    }

    fn execute_with(&mut self, sql: &str, params: &[Param]) -> Result<u64> {
        self.guarded(sql, |session, sql| session.execute_with(sql, params))
    }

    fn query(
        &mut self,
        sql: &str,
        params: &[Param],
        each: &mut dyn FnMut(&RecordBatch) -> Result<()>,
    ) -> Result<()> {
        self.guarded(sql, |session, sql| session.query(sql, params, each))
    }

    fn append(&mut self, table: &Relation, _scan: Arc<dyn Scan>) -> Result<u64> {
        let what = format!("rows for {table} in a session that only reads");
        Err(Diagnostic::new(Kind::Bug, what).into())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_is_found_behind_comments() {
        assert_eq!(first_word("-- a\n /* b */ Begin transaction"), "begin");
        assert_eq!(first_word("select 1"), "select");
        assert_eq!(first_word("-- only a comment"), "");
    }
}
