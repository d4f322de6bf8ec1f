//! Parquet, read by the engine itself with the types the file declares.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::sync::Arc;

use minijinja::context;

use super::blocks::unreadable;
use super::{Format, Source, Survey, Target, check_names};
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::{Param, Scan, Session, fetch, render};
use crate::ingest::ledger::text;
use crate::ingest::table::described;
use crate::ingest::types::{Column, Type};

/// What a Parquet file begins and ends with.
const MAGIC: [u8; 4] = *b"PAR1";

/// Apache Parquet.
pub(super) struct Parquet;

impl Format for Parquet {
    fn name(&self) -> &'static str {
        "parquet"
    }

    fn about(&self) -> &'static str {
        "Apache Parquet, with the types it declares"
    }

    fn suffixes(&self) -> &'static [&'static str] {
        &["parquet", "pq"]
    }

    fn columns(
        &self,
        session: &mut dyn Session,
        file: &Source<'_>,
        _: Survey,
    ) -> Result<Vec<Column>> {
        check_magic(file)?;
        let sql = render(
            include_str!("columns.sql"),
            context! { path => pattern(file) },
        )?;
        let found = fetch(session, &sql, &[]).map_err(|err| damaged(file).because(err))?;
        let (Some(names), Some(types)) = (
            found.column_by_name("column_name"),
            found.column_by_name("column_type"),
        ) else {
            return Err(damaged(file).into());
        };
        let column = |row| Column::new(text(names, row), Type::from_sql(&text(types, row)));
        let columns: Vec<Column> = (0..found.num_rows()).map(column).collect();
        check_names(&columns, file.shown)?;
        Ok(columns)
    }

    fn open(&self, _: &Source<'_>, _: &Target<'_>) -> Result<Option<Arc<dyn Scan>>> {
        Ok(None)
    }

    fn insert(
        &self,
        session: &mut dyn Session,
        file: &Source<'_>,
        target: &Target<'_>,
    ) -> Result<u64> {
        let own = self.columns(session, file, Survey::Begin)?;
        let is_own = |column: &&Column| own.iter().any(|own| own.is_called(&column.name));
        let columns: Vec<Column> = target.columns.iter().filter(is_own).cloned().collect();
        let columns = described(&columns);
        let table = target.relation.to_string();
        let staged = target.staged;
        let sql = render(
            include_str!("load.sql"),
            context! { table, columns, staged, path => pattern(file) },
        )?;
        let mut params = vec![
            file.recorded.into(),
            Param::Instant(target.loaded_at.as_microsecond()),
        ];
        if staged {
            params.push(Param::Int(i64::try_from(file.position).unwrap_or(i64::MAX)));
        }
        session
            .execute_with(&sql, &params)
            .map_err(|err| damaged(file).because(err).into())
    }
}

/// Makes sure that the file looks like Parquet from both ends.
fn check_magic(file: &Source<'_>) -> Result<()> {
    let wrong = |err| unreadable(file.shown, err);
    let mut reader = File::open(file.path).map_err(wrong)?;
    let size_bytes = reader.metadata().map_err(wrong)?.len();
    let (mut first, mut last) = ([0; 4], [0; 4]);
    if size_bytes >= 12 {
        reader.read_exact(&mut first).map_err(wrong)?;
        reader.seek(SeekFrom::End(-4)).map_err(wrong)?;
        reader.read_exact(&mut last).map_err(wrong)?;
    }
    match (first == MAGIC, last == MAGIC) {
        (true, true) => Ok(()),
        (true, false) => Err(damaged(file).into()),
        _ => Err(
            Diagnostic::data(format!("`{}` is no Parquet file", file.shown.display()))
                .at_line(file.shown, 0, 0)
                .hint("set `format:` to what it is")
                .into(),
        ),
    }
}

fn damaged(file: &Source<'_>) -> Diagnostic {
    Diagnostic::data(format!(
        "`{}` cannot be read as Parquet",
        file.shown.display()
    ))
    .at_line(file.shown, 0, 0)
    .hint("fetch the file again, complete, from where it came")
}

/// Returns the file's path as a pattern that matches nothing else.
fn pattern(file: &Source<'_>) -> String {
    file.path
        .to_string_lossy()
        .chars()
        .fold(String::new(), |mut pattern, c| {
            match c {
                '*' | '?' | '[' => pattern.extend(['[', c, ']']),
                _ => pattern.push(c),
            }
            pattern
        })
}
