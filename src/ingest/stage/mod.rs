//! Rows between file and table, where declared types are cast and primary keys compared, in SQL.

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use minijinja::{Value, context};

use super::ledger::text;
use super::rejects::Reject;
use super::table::{described, rejects_of};
use super::types::{Column, Type};
use crate::diagnostic::Result;
use crate::engine::{Relation, Session, fetch, render};

/// A temporary table of this session.
const NAME: &str = "_wh_stage";

/// What happens between file and table.
pub(super) struct Stage<'a> {
    /// The table rows are meant for.
    pub(super) table: &'a Relation,
    /// Its columns, as far as the files have them, with their types.
    pub(super) columns: &'a [Column],
    /// Those whose type is declared.
    pub(super) declared: &'a [Column],
    /// Those that identify a row, when rows of the same key replace each other.
    pub(super) keys: &'a [Column],
}

/// Rows of one file that cannot be cast or have no key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    /// How many.
    pub(super) n_rejects: u64,
    /// The first of them.
    pub(super) first: Reject,
}

impl Stage<'_> {
    /// Returns the name of the staging table.
    pub(super) fn relation() -> Relation {
        Relation {
            database: Some("temp".into()),
            schema: "main".into(),
            name: NAME.into(),
        }
    }

    /// Returns the columns of the staging table: those with a declared type are still text.
    pub(super) fn staged(&self) -> Vec<Column> {
        let is_declared = |column: &Column| {
            self.declared
                .iter()
                .any(|declared| declared.is_called(&column.name))
        };
        let staged = |column: &Column| match is_declared(column) {
            true => Column::new(&*column.name, Type::Text),
            false => column.clone(),
        };
        self.columns.iter().map(staged).collect()
    }

    /// Makes the staging table, empty.
    ///
    /// # Errors
    /// As [`Session::execute`].
    pub(super) fn create(&self, session: &mut dyn Session) -> Result<()> {
        let values = context! { name => NAME, columns => described(&self.staged()) };
        session.execute(&render(include_str!("create.sql"), values)?)?;
        Ok(())
    }

    /// Moves the staged rows on, to the table or to its rejects, and returns the latter by file.
    ///
    /// # Errors
    /// As [`Session::execute`].
    pub(super) fn finish(&self, session: &mut dyn Session) -> Result<Vec<Refused>> {
        let refused = self.refused(session)?;
        if !refused.is_empty() {
            self.run(session, include_str!("reject.sql"))?;
        }
        if !self.keys.is_empty() {
            self.run(session, include_str!("supersede.sql"))?;
        }
        self.run(session, include_str!("insert.sql"))?;
        self.run(session, include_str!("drop.sql"))?;
        Ok(refused)
    }

    fn refused(&self, session: &mut dyn Session) -> Result<Vec<Refused>> {
        let found = fetch(
            session,
            &render(include_str!("count.sql"), self.values()?)?,
            &[],
        )?;
        let number = |name: &str, row: usize| {
            let numbers = found
                .column_by_name(name)
                .and_then(|column| column.as_primitive_opt::<Int64Type>());
            numbers.map_or(0, |numbers| u64::try_from(numbers.value(row)).unwrap_or(0))
        };
        let refused = |row| Refused {
            n_rejects: number("n_rejects", row),
            first: Reject {
                file: usize::try_from(number("_wh_position", row)).unwrap_or(0),
                line: number("line", row),
                column: 0,
                raw: String::new(),
                reason: found
                    .column_by_name("reason")
                    .map(|reasons| text(reasons, row))
                    .unwrap_or_default(),
            },
        };
        Ok((0..found.num_rows()).map(refused).collect())
    }

    fn run(&self, session: &mut dyn Session, sql: &str) -> Result<()> {
        session.execute(&render(sql, self.values()?)?)?;
        Ok(())
    }

    fn values(&self) -> Result<Value> {
        let (declared, keys) = (described(self.declared), described(self.keys));
        let reason = render(
            include_str!("reason.sql"),
            context! { declared, keys => &keys },
        )?;
        // The first line is a comment for readers of the file.
        let reason = reason
            .split_once('\n')
            .map(|(_, expression)| expression.to_owned());
        Ok(context! {
            table => self.table.to_string(),
            rejects => rejects_of(self.table).to_string(),
            stage => Self::relation().to_string(),
            columns => described(self.columns),
            keys,
            reason,
        })
    }
}
