//! A table cut into chunks of rows, each of which becomes one object. Changes no table.
//!
//! Chunks are ranges of one column, cut at values that their own hash chooses: rows added to, or removed from, one
//! range leave the others as they were, so that a large table which grows is stored once and not once a version.

use minijinja::{Value, context};

use super::objects::Store;
use super::record::{self, Chunk, Column, Origin, Table, rows};
use super::types::{has_equal_variants, stored_as};
use crate::diagnostic::{Diagnostic, Kind, Result};
use crate::engine::{Relation, Session, quote, render};

/// Rows a chunk has, about. Three quarters of a power of two: where every row has a value of its own, an estimate of
/// how many there are may err by a quarter without another cut.
const ROWS_PER_CHUNK: u64 = 3 << 18;

/// The time a row came; ingestion adds it.
const LOADED_AT: &str = "_wh_loaded_at";

/// What is asked for of a table.
#[derive(Debug, Clone)]
pub struct Tracked {
    /// Where it stands.
    pub relation: Relation,
    /// Columns that identify a row; empty where nothing says so.
    pub key: Vec<String>,
    /// What it is to the project.
    pub origin: Origin,
}

/// A table as it stands: everything of its manifest but the objects.
#[derive(Debug, Clone)]
pub(super) struct Survey {
    /// The manifest, with chunks that have no object yet.
    pub(super) table: Table,
    /// The condition that gives each chunk's rows.
    pub(super) ranges: Vec<String>,
    layout: Layout,
}

/// How the rows of a table are read and ordered.
#[derive(Debug, Clone)]
struct Layout {
    columns: Value,
    /// The column whose ranges are the chunks, as an expression; `None` when the table is one chunk.
    lead: Option<Lead>,
}

#[derive(Debug, Clone)]
struct Lead {
    column: String,
    sql_type: String,
    is_instant: bool,
}

/// Looks at a table: its schema, its ranges, and a fingerprint of each.
///
/// Reads the table three times at most, one column of it twice; the cost is that of an aggregate.
///
/// # Errors
/// `Data` for a type that cannot be kept exactly; `Bug` when there is no such table.
pub(super) fn survey(session: &mut dyn Session, tracked: &Tracked) -> Result<Survey> {
    let relation = &tracked.relation;
    let names = [
        relation.schema.as_str().into(),
        relation.name.as_str().into(),
    ];
    let found = rows(session, include_str!("table_sql.sql"), &names)?;
    let Some([Some(schema), Some(name), Some(create)]) = found.first().map(Vec::as_slice) else {
        let what = format!("{relation} was listed as a table and is none");
        return Err(Diagnostic::new(Kind::Bug, what).into());
    };
    let columns: Vec<Column> = rows(session, include_str!("table_columns.sql"), &names)?
        .into_iter()
        .filter_map(|row| {
            let [name, sql_type] = <[Option<String>; 2]>::try_from(row).ok()?;
            Some(Column {
                name: name?,
                sql_type: sql_type?,
            })
        })
        .collect();
    let indexes = rows(session, include_str!("table_indexes.sql"), &names)?;
    let table = Table {
        schema: schema.clone(),
        name: name.clone(),
        hash: String::new(),
        schema_hash: String::new(),
        n_rows: 0,
        n_bytes: 0,
        key: tracked.key.clone(),
        origin: tracked.origin.clone(),
        create: create.clone(),
        indexes: indexes.into_iter().flatten().flatten().collect(),
        chunks: Vec::new(),
        columns,
    };
    let mut survey = Survey {
        layout: layout(&table)?,
        ranges: Vec::new(),
        table,
    };
    survey.cut(session)?;
    Ok(survey)
}

/// Decides how a table's rows are read: what each column is stored as, and which one leads.
fn layout(table: &Table) -> Result<Layout> {
    let columns = table.columns.iter().map(|column| {
        let stored = stored_as(&column.sql_type).map_err(|err| {
            Diagnostic::data(format!(
                "the column `{}` of `{}` has a type that no version can hold",
                column.name,
                table.shown()
            ))
            .hint("cast it in the model, for example to JSON or VARCHAR, or leave the table out")
            .because(err)
        })?;
        Ok(context! {
            name => &column.name,
            stored => (stored != column.sql_type).then_some(stored),
            has_equal_variants => has_equal_variants(&column.sql_type),
            is_float => ["FLOAT", "DOUBLE"].contains(&column.sql_type.as_str()),
        })
    });
    let columns = columns.collect::<Result<Vec<_>>>()?;
    Ok(Layout {
        columns: columns.into(),
        lead: lead(&table.columns),
    })
}

/// Chooses the column that rows are ordered by first: one along which tables grow, a time where there is one.
fn lead(columns: &[Column]) -> Option<Lead> {
    let is_time =
        |column: &&Column| column.sql_type == "DATE" || column.sql_type.starts_with("TIMESTAMP");
    let is_plain = |column: &&Column| {
        let word = column.sql_type.split('(').next().unwrap_or_default();
        let plain = ["VARCHAR", "UUID", "DECIMAL", "HUGEINT", "UHUGEINT"];
        !column.sql_type.ends_with(']')
            && (plain.contains(&word) || word.ends_with("INT") || word == "INTEGER")
    };
    let column = columns
        .iter()
        .find(|column| column.name == LOADED_AT)
        .or_else(|| columns.iter().find(is_time))
        .or_else(|| columns.iter().find(is_plain))?;
    Some(Lead {
        column: column.name.clone(),
        sql_type: column.sql_type.clone(),
        is_instant: column.sql_type == "TIMESTAMP WITH TIME ZONE",
    })
}

impl Lead {
    /// Returns its values as an expression whose text can be read back: instants as numbers, so that no zone matters.
    fn expression(&self) -> String {
        let column = quote(&self.column);
        match self.is_instant {
            true => format!("case when isfinite({column}) then epoch_us({column}) end"),
            false => column,
        }
    }

    fn value_type(&self) -> &str {
        match self.is_instant {
            true => "BIGINT",
            false => &self.sql_type,
        }
    }
}

impl Survey {
    fn values(&self) -> Value {
        context! {
            table => self.table.relation().to_string(),
            columns => &self.layout.columns,
            lead => self.layout.lead.as_ref().map(|lead| &lead.column),
        }
    }

    /// Cuts the table into ranges, and reads a fingerprint of each that has rows.
    fn cut(&mut self, session: &mut dyn Session) -> Result<()> {
        for range in self.all_ranges(session)? {
            let values = context! {range => &range, ..self.values()};
            let sql = render(include_str!("fingerprint.sql"), values)?;
            let found = rows(session, &sql, &[])?;
            let Some([Some(n_rows), Some(fingerprint)]) = found.first().map(Vec::as_slice) else {
                continue;
            };
            let n_rows = n_rows.parse().unwrap_or(0);
            if n_rows == 0 {
                continue;
            }
            self.ranges.push(range);
            self.table.chunks.push(Chunk {
                object: String::new(),
                n_bytes: 0,
                fingerprint: fingerprint.clone(),
                n_rows,
            });
        }
        Ok(())
    }

    fn all_ranges(&self, session: &mut dyn Session) -> Result<Vec<String>> {
        let whole = vec!["true".to_owned()];
        let Some(lead) = &self.layout.lead else {
            return Ok(whole);
        };
        let expression = lead.expression();
        let values = context! {value => &expression, ..self.values()};
        let sql = render(include_str!("count.sql"), values.clone())?;
        let found = rows(session, &sql, &[])?;
        let numbers: Vec<u64> = found
            .iter()
            .flatten()
            .filter_map(|cell| cell.as_deref()?.parse().ok())
            .collect();
        let [n_rows, n_values] = numbers[..] else {
            return Ok(whole);
        };
        let one_in = one_in(n_rows, n_values);
        if n_rows <= ROWS_PER_CHUNK {
            return Ok(whole);
        }
        let sql = render(include_str!("cuts.sql"), context! {one_in, ..values})?;
        let cuts = rows(session, &sql, &[])?;
        let cuts: Vec<String> = cuts.into_iter().flatten().flatten().collect();
        let values = context! {value => expression, value_type => lead.value_type()};
        (0..=cuts.len())
            .map(|at| {
                let after = at.checked_sub(1).and_then(|before| cuts.get(before));
                let ends = context! {after, until => cuts.get(at), ..values.clone()};
                render(include_str!("range.sql"), ends)
            })
            .collect()
    }

    /// Gives each chunk its object from `past` tables; returns whether all have one.
    pub(super) fn resolve(&mut self, past: &[Table]) -> Result<bool> {
        let known = |chunk: &Chunk| {
            let mut chunks = past.iter().flat_map(|table| &table.chunks);
            let same = |known: &&Chunk| {
                known.fingerprint == chunk.fingerprint && known.n_rows == chunk.n_rows
            };
            chunks.find(same).cloned()
        };
        let mut whole = true;
        for chunk in &mut self.table.chunks {
            match known(chunk) {
                Some(known) => *chunk = known,
                None => whole = false,
            }
        }
        self.table.seal()?;
        Ok(whole)
    }

    /// Writes the chunks that the store does not have, and returns the whole manifest and the bytes written.
    ///
    /// # Errors
    /// `Environment` when the disk refuses; what the engine answers.
    pub(super) fn store(
        mut self,
        session: &mut dyn Session,
        store: &Store,
    ) -> Result<(Table, u64)> {
        let mut n_new_bytes = 0;
        for at in 0..self.ranges.len() {
            let chunk = &self.table.chunks[at];
            if !chunk.object.is_empty() && store.has(&chunk.object, chunk.n_bytes) {
                continue;
            }
            let draft = store.draft();
            let values = context! {
                range => &self.ranges[at],
                target => draft.to_string_lossy(),
                ..self.values()
            };
            session.execute(&render(include_str!("store.sql"), values)?)?;
            let (object, n_bytes) = store.adopt(&draft)?;
            n_new_bytes += n_bytes;
            let chunk = &mut self.table.chunks[at];
            chunk.object = object;
            chunk.n_bytes = n_bytes;
        }
        self.table.seal()?;
        Ok((self.table, n_new_bytes))
    }
}

/// Returns of how many values one is a cut, on average: a power of two, so that a few rows more change nothing.
fn one_in(n_rows: u64, n_values: u64) -> u64 {
    let values_per_chunk =
        u128::from(ROWS_PER_CHUNK) * u128::from(n_values) / u128::from(n_rows.max(1));
    1 << values_per_chunk.max(1).ilog2()
}

/// Returns every manifest that a version has of a table.
///
/// # Errors
/// As [`Session::execute`].
pub(super) fn past(session: &mut dyn Session, table: &Table) -> Result<Vec<Table>> {
    let name = format!("{}.{}", table.schema, table.name);
    record::manifests(session, include_str!("read_past.sql"), &[name.into()])
}

/// Returns a table of the warehouse as versions know it, and its rows; `None` where no version holds each of its chunks.
///
/// # Errors
/// As [`survey`].
pub(super) fn standing(
    session: &mut dyn Session,
    relation: &Relation,
) -> Result<(Option<Table>, u64)> {
    let tracked = Tracked {
        relation: relation.clone(),
        key: Vec::new(),
        origin: Origin::Built,
    };
    let mut survey = survey(session, &tracked)?;
    let past = past(session, &survey.table)?;
    let is_known = survey.resolve(&past)?;
    let n_rows = survey.table.n_rows;
    Ok((is_known.then_some(survey.table), n_rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, sql_type: &str) -> Column {
        Column {
            name: name.into(),
            sql_type: sql_type.into(),
        }
    }

    #[test]
    fn rows_are_cut_along_the_column_a_table_grows_by() {
        let name = |columns: &[Column]| lead(columns).map(|lead| lead.column);
        let mut columns = vec![column("tags", "VARCHAR[]"), column("id", "BIGINT")];
        assert_eq!(name(&columns).as_deref(), Some("id"));
        columns.push(column("month_end", "DATE"));
        assert_eq!(name(&columns).as_deref(), Some("month_end"));
        columns.push(column(LOADED_AT, "TIMESTAMP WITH TIME ZONE"));
        assert_eq!(name(&columns).as_deref(), Some(LOADED_AT));
        assert!(lead(&[column("x", "DOUBLE")]).is_none());
    }

    #[test]
    fn a_few_rows_more_leave_the_cuts_where_they_are() {
        assert_eq!(one_in(10_000_000, 10_000_000), 1 << 19);
        assert_eq!(one_in(10_000_000, 10_200_000), 1 << 19);
        assert_eq!(one_in(12_000_000, 11_700_000), 1 << 19);
        assert_eq!(one_in(12_000_000, 24), 1);
        assert_eq!(one_in(0, 0), 1);
    }
}
