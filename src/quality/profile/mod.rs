//! What a profile of a relation shows, as temporary tables of a session, and the profile's own text. Writes no page.

use std::path::Path;

use arrow::array::AsArray;
use arrow::datatypes::{Float64Type, Int64Type};
use arrow::util::display::array_value_to_string;
use minijinja::{Value, context};

use crate::diagnostic::{Diagnostic, Result, nearest};
use crate::engine::{Relation, Session, fetch, literal, quote, render};

/// The profile: Markdown with queries on the tables that [`profile`] makes, and the variables `relation` and `by`.
pub const PROFILE: &str = include_str!("profile.md");

/// The query that returns one row a column.
pub const SUMMARY: &str = include_str!("summary.sql");

/// Classes of `by` at most: more cannot be told apart in a chart.
const MOST_SPLITS: usize = 6;

/// Columns that are correlated at most: the pairs grow with the square.
const MOST_CORRELATED: usize = 24;

/// Columns that stand for the types of `DuckDB` that are numbers.
const NUMBERS: &[&str] = &[
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "HUGEINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
    "UHUGEINT",
    "FLOAT",
    "DOUBLE",
    "DECIMAL",
];

/// The second of two classes as 1, the first as 0.
const PAIR: &str = include_str!("pair.sql");

/// What is profiled.
#[derive(Debug, Clone)]
pub enum Subject {
    /// A table or view of the warehouse.
    Relation(Relation),
    /// A CSV, Parquet or JSON file.
    File(std::path::PathBuf),
}

/// Names the profile in messages.
#[must_use]
pub fn profile_file() -> &'static Path {
    Path::new("<the profile>")
}

/// A column, as the statements need it.
#[derive(Debug, Clone)]
struct Column {
    name: String,
    data_type: String,
    /// `number`, `category`, `time` or `other`.
    kind: &'static str,
    is_ordered: bool,
    /// Its finite values as an expression of type double.
    value: String,
}

/// A column of numbers that differ.
#[derive(Debug, Clone)]
struct Number {
    name: String,
    value: String,
    low: f64,
    high: f64,
}

impl From<&Column> for Value {
    fn from(column: &Column) -> Self {
        context! {
            name => &column.name,
            data_type => &column.data_type,
            kind => column.kind,
            is_ordered => column.is_ordered,
            value => &column.value,
        }
    }
}

impl From<&Number> for Value {
    fn from(number: &Number) -> Self {
        context! {
            name => &number.name,
            value => &number.value,
            low => number.low,
            high => number.high,
        }
    }
}

fn listed<'a, T>(items: &'a [T]) -> Vec<Value>
where
    Value: From<&'a T>,
{
    items.iter().map(Value::from).collect()
}

/// Makes the temporary tables `profile_columns`, `profile_bins`, `profile_boxes`, `profile_values`, `profile_correlations` and
/// so on of a session. Cost: some six scans of the subject, which is copied first unless it is a table.
///
/// # Errors
/// `Project` when there is no column `by`, or the subject has no columns; `Data` when `by` has more than six values.
pub fn profile(session: &mut dyn Session, subject: &Subject, by: Option<&str>) -> Result<()> {
    let columns = subject_columns(session, subject, by)?;
    let run = |session: &mut dyn Session, sql: &str, values| session.execute(&render(sql, values)?);
    run(
        session,
        include_str!("total.sql"),
        context! {columns => listed(&columns)},
    )?;
    run(
        session,
        include_str!("columns.sql"),
        context! {columns => listed(&columns)},
    )?;
    let mut numbers = numbers(session, &columns)?;
    let correlated = correlated(session, &columns, (&numbers, by))?;
    // A column is not spread by itself.
    numbers.retain(|number| by.is_none_or(|by| !by.eq_ignore_ascii_case(&number.name)));
    match numbers.is_empty() {
        true => session.execute(include_str!("no_spread.sql"))?,
        false => {
            let values = context! {numbers => listed(&numbers)};
            run(session, include_str!("bins.sql"), values.clone())?;
            run(session, include_str!("spread.sql"), values)?
        }
    };
    let categories = categories(session, &columns)?;
    run(
        session,
        include_str!("values.sql"),
        context! {columns => categories},
    )?;
    let sql = match correlated.len() {
        0 | 1 => include_str!("no_correlations.sql").to_owned(),
        _ => render(
            include_str!("correlations.sql"),
            context! {numbers => listed(&correlated)},
        )?,
    };
    session.execute(&sql)?;
    Ok(())
}

/// Names the subject `profile_data` and returns its columns.
fn subject_columns(
    session: &mut dyn Session,
    subject: &Subject,
    by: Option<&str>,
) -> Result<Vec<Column>> {
    let copy = Relation::new("main", "profile_copy");
    let relation = match subject {
        Subject::Relation(relation) if is_table(session, relation)? => relation.clone(),
        subject => {
            let from = match subject {
                Subject::Relation(relation) => relation.to_string(),
                Subject::File(path) => literal(&path.display().to_string()),
            };
            session.execute(&render(include_str!("copy.sql"), context! {from})?)?;
            Relation {
                database: Some("temp".into()),
                ..copy
            }
        }
    };
    let columns: Vec<Column> = session
        .columns(&relation)?
        .into_iter()
        .map(|(name, data_type)| column(name, data_type))
        .filter(|column| !column.name.starts_with("_wh_"))
        .collect();
    if columns.is_empty() {
        return Err(Diagnostic::project("there is no column to profile").into());
    }
    if let Some(by) = by {
        check_by(&columns, by)?;
    }
    let values = context! {from => relation.to_string(), by, limit => MOST_SPLITS + 1};
    session.execute(&render(include_str!("data.sql"), values)?)?;
    if let Some(by) = by {
        check_splits(session, by)?;
    }
    Ok(columns)
}

fn is_table(session: &mut dyn Session, relation: &Relation) -> Result<bool> {
    let catalog = session.catalog()?;
    let found = catalog.iter().find(|entry| {
        let own = &entry.relation;
        own.schema.eq_ignore_ascii_case(&relation.schema)
            && own.name.eq_ignore_ascii_case(&relation.name)
    });
    match found {
        Some(entry) => Ok(entry.kind == crate::engine::EntryKind::Table),
        None => Err(Diagnostic::project(format!(
            "`{}` is not in the warehouse",
            super::plain(relation)
        ))
        .hint("`wh build` makes it")
        .into()),
    }
}

fn column(name: String, data_type: String) -> Column {
    let base = data_type.split('(').next().unwrap_or_default().to_owned();
    let is_number = NUMBERS.contains(&base.as_str()) && !data_type.ends_with(']');
    let quoted = quote(&name);
    let kind = match base.as_str() {
        _ if is_number => "number",
        "VARCHAR" | "BOOLEAN" | "ENUM" => "category",
        "DATE" | "TIME" => "time",
        base if base.starts_with("TIMESTAMP") => "time",
        _ => "other",
    };
    let value = match base.as_str() {
        "FLOAT" | "DOUBLE" => format!("if(isfinite({quoted}), {quoted}::double, null)"),
        "BOOLEAN" => format!("{quoted}::integer::double"),
        _ => format!("{quoted}::double"),
    };
    Column {
        is_ordered: kind != "other",
        name,
        data_type,
        kind,
        value,
    }
}

fn check_by(columns: &[Column], by: &str) -> Result<()> {
    if columns
        .iter()
        .any(|column| column.name.eq_ignore_ascii_case(by))
    {
        return Ok(());
    }
    let err = Diagnostic::project(format!("there is no column `{by}` to split by"));
    let names = columns.iter().map(|column| column.name.as_str());
    Err(match nearest(by, names) {
        Some(near) => err.hint(format!("did you mean `{near}`?")).into(),
        None => err.into(),
    })
}

fn check_splits(session: &mut dyn Session, by: &str) -> Result<()> {
    let splits = fetch(session, include_str!("splits.sql"), &[])?;
    let n_splits = splits.column(0).as_primitive::<Int64Type>().value(0);
    if usize::try_from(n_splits).is_ok_and(|n_splits| n_splits <= MOST_SPLITS) {
        return Ok(());
    }
    Err(Diagnostic::data(format!(
        "column `{by}` has more than {MOST_SPLITS} values, too many classes to compare"
    ))
    .hint("split by a column of few values, such as a flag")
    .into())
}

/// Returns the columns of numbers that differ, with their ranges.
fn numbers(session: &mut dyn Session, columns: &[Column]) -> Result<Vec<Number>> {
    let found = fetch(session, include_str!("numbers.sql"), &[])?;
    let bound = |column: usize, row: usize| {
        found
            .column(column)
            .as_primitive::<Float64Type>()
            .value(row)
    };
    let mut numbers = Vec::new();
    for row in 0..found.num_rows() {
        let name = array_value_to_string(found.column(0), row)?;
        let column = columns.iter().find(|column| column.name == name);
        numbers.extend(column.map(|column| Number {
            value: column.value.clone(),
            low: bound(1, row),
            high: bound(2, row),
            name,
        }));
    }
    Ok(numbers)
}

/// Returns the columns whose most frequent values say something: not those in which each row has its own.
fn categories(session: &mut dyn Session, columns: &[Column]) -> Result<Vec<String>> {
    let found = fetch(session, include_str!("categories.sql"), &[])?;
    let names = (0..found.num_rows()).map(|row| array_value_to_string(found.column(0), row));
    let names = names.collect::<std::result::Result<Vec<String>, _>>()?;
    let known = |name: &String| columns.iter().any(|column| column.name == *name);
    Ok(names.into_iter().filter(known).collect())
}

/// Returns the columns that are correlated: numbers that differ, flags, and a column `by` of two classes, as 0 and 1.
fn correlated(
    session: &mut dyn Session,
    columns: &[Column],
    (numbers, by): (&[Number], Option<&str>),
) -> Result<Vec<Column>> {
    let splits = fetch(session, include_str!("splits.sql"), &[])?;
    let is_pair = splits.column(0).as_primitive::<Int64Type>().value(0) == 2;
    let differs = |column: &Column| numbers.iter().any(|number| number.name == column.name);
    let mut chosen = Vec::new();
    for column in columns {
        let splits = by.is_some_and(|by| by.eq_ignore_ascii_case(&column.name));
        if column.data_type == "BOOLEAN" || differs(column) {
            chosen.push(column.clone());
        } else if splits && is_pair {
            chosen.push(Column {
                value: PAIR.into(),
                ..column.clone()
            });
        }
    }
    chosen.truncate(MOST_CORRELATED);
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_sorted_into_kinds() {
        let kind = |data_type: &str| column("a".into(), data_type.into()).kind;
        assert_eq!(kind("DECIMAL(18,3)"), "number");
        assert_eq!(kind("DOUBLE"), "number");
        assert_eq!(kind("DOUBLE[]"), "other");
        assert_eq!(kind("TIMESTAMP WITH TIME ZONE"), "time");
        assert_eq!(kind("ENUM('a', 'b')"), "category");
        assert_eq!(kind("STRUCT(a INTEGER)"), "other");
    }
}
