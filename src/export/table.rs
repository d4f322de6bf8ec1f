//! One table of an export: its columns, and the query that reads its rows in an order of their own.

use std::collections::BTreeMap;

use arrow::array::{AsArray, RecordBatch};
use minijinja::context;
use serde_yaml::Mapping;

use super::options;
use crate::diagnostic::{At, Diagnostic, Kind, Result};
use crate::engine::{Relation, Session, fetch, quote, render};
use crate::project::nodes::{ExportTable, Reference};

/// A column of the warehouse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type in the engine's words: `DECIMAL(18,2)`.
    pub sql_type: String,
}

/// Rows to be sent.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its name for readers: a sheet's.
    pub name: String,
    /// What it is read from; `None` for a query.
    pub from: Option<Reference>,
    /// Its columns in order.
    pub columns: Vec<Column>,
    /// The sink's options of the table.
    pub options: Mapping,
    /// Where it is declared.
    pub at: At,
    /// A relation, or a query in brackets.
    rows: String,
    /// Terms of `order by`; empty for a query, whose own order counts.
    order: Vec<String>,
    limit: Option<u64>,
}

impl Table {
    /// Returns the query; the columns for which `as_text` holds are cast to text.
    ///
    /// The same data give the same rows in the same order: what `order_by` leaves open the other columns decide.
    ///
    /// # Errors
    /// `Bug` when the statement does not render.
    pub fn query(&self, as_text: impl Fn(&Column) -> bool) -> Result<String> {
        let columns: Vec<_> = self
            .columns
            .iter()
            .map(|column| context! {name => &column.name, as_text => as_text(column)})
            .collect();
        render(
            include_str!("select.sql"),
            context! {columns, rows => &self.rows, order => &self.order, limit => self.limit},
        )
    }
}

/// Looks up what `table` declares in the warehouse.
///
/// # Errors
/// `Project` when a column does not exist, with the nearest one; what the engine answers.
pub(super) fn resolve(
    session: &mut dyn Session,
    table: &ExportTable,
    inputs: &BTreeMap<Reference, Relation>,
) -> Result<Table> {
    let relation = inputs.get(&table.from).ok_or_else(|| {
        Diagnostic::new(
            Kind::Bug,
            format!("the relation of {} was not looked up", table.from),
        )
    })?;
    let rows = relation.to_string();
    let known = describe(session, &rows)?;
    let find = |wanted: &str| {
        let found = known
            .iter()
            .find(|column| column.name.eq_ignore_ascii_case(wanted));
        found.ok_or_else(|| {
            let names = known.iter().map(|column| column.name.as_str());
            options::no_column(&relation.name, wanted, names).at(&table.at)
        })
    };
    let columns: Vec<Column> = match table.columns.is_empty() {
        true => known.clone(),
        false => {
            let named = table.columns.iter().map(|name| find(name).cloned());
            named.collect::<Result<_, _>>()?
        }
    };
    let mut order = Vec::new();
    let mut ordered = Vec::new();
    for term in &table.order_by {
        let (name, direction) = direction(term);
        let name = &find(name)?.name;
        order.push(format!("{}{direction}", term_of(name)));
        ordered.push(name.clone());
    }
    let rest = columns
        .iter()
        .filter(|column| !ordered.contains(&column.name));
    order.extend(rest.map(|column| term_of(&column.name)));
    Ok(Table {
        name: table.name.clone(),
        from: Some(table.from.clone()),
        columns,
        options: table.options.clone(),
        at: table.at.clone(),
        rows,
        order,
        limit: table.limit,
    })
}

/// Returns the rows of one query, without a semicolon behind it, as a table.
///
/// # Errors
/// What the engine answers.
pub(super) fn of_query(session: &mut dyn Session, sql: &str) -> Result<Table> {
    // The line ends keep a closing comment of the query away from the bracket.
    let rows = format!("(\n{}\n)", sql.trim());
    Ok(Table {
        name: "Result".into(),
        from: None,
        columns: describe(session, &rows)?,
        options: Mapping::new(),
        at: At::default(),
        rows,
        order: Vec::new(),
        limit: None,
    })
}

fn describe(session: &mut dyn Session, rows: &str) -> Result<Vec<Column>> {
    let sql = render(include_str!("describe.sql"), context! {rows})?;
    let found: RecordBatch = fetch(session, &sql, &[])?;
    let text = |column: usize, row: usize| {
        found
            .column(column)
            .as_string::<i32>()
            .value(row)
            .to_owned()
    };
    let columns = (0..found.num_rows()).map(|row| Column {
        name: text(0, row),
        sql_type: text(1, row),
    });
    Ok(columns.collect())
}

/// Returns a column as a term of `order by`: the table's own, not the text it may be cast to.
fn term_of(column: &str) -> String {
    format!("data.{}", quote(column))
}

/// Splits `amount desc` into the column and ` desc`; ascending is empty.
fn direction(term: &str) -> (&str, &'static str) {
    let term = term.trim();
    match term.rsplit_once(char::is_whitespace) {
        Some((name, word)) if word.eq_ignore_ascii_case("desc") => (name.trim(), " desc"),
        Some((name, word)) if word.eq_ignore_ascii_case("asc") => (name.trim(), ""),
        _ => (term, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_direction_is_the_last_word() {
        assert_eq!(direction("amount DESC"), ("amount", " desc"));
        assert_eq!(direction("net amount asc"), ("net amount", ""));
        assert_eq!(direction("desc"), ("desc", ""));
        assert_eq!(direction(" net amount "), ("net amount", ""));
    }
}
