//! The table of a source: made, and changed as the columns of its files change. Loads no rows.

use arrow::array::AsArray;
use minijinja::{Value, context};

use super::ledger::text;
use super::types::{Column, EXACT_IN_DOUBLE, Type};
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::{EntryKind, Param, Relation, Session, fetch, render};

/// Columns that `wh` adds to every row.
const OWN: [&str; 3] = ["_wh_file", "_wh_line", "_wh_loaded_at"];

/// Returns the table's columns without those of `wh`, or `None` when there is no table.
///
/// # Errors
/// `Project` when a view or a table that was not ingested has its name.
pub(super) fn find(session: &mut dyn Session, table: &Relation) -> Result<Option<Vec<Column>>> {
    let catalog = session.catalog()?;
    let Some(entry) = catalog.into_iter().find(|entry| entry.relation.same(table)) else {
        return Ok(None);
    };
    let is_own = |name: &str| OWN.iter().any(|own| own.eq_ignore_ascii_case(name));
    let columns = session.columns(table)?;
    let n_own = columns.iter().filter(|(name, _)| is_own(name)).count();
    if entry.kind == EntryKind::View || n_own < OWN.len() {
        return Err(
            Diagnostic::project(format!("{table} exists and was not made by ingestion"))
                .hint("drop or rename it, or give the source table another `identifier:`")
                .into(),
        );
    }
    let columns = columns.into_iter().filter(|(name, _)| !is_own(name));
    Ok(Some(
        columns
            .map(|(name, ty)| Column::new(name, Type::from_sql(&ty)))
            .collect(),
    ))
}

/// Returns the table beside `table` for records that cannot be loaded.
pub(super) fn rejects_of(table: &Relation) -> Relation {
    table.with_name(format!("{}_rejects", table.name))
}

/// Makes the table and its rejects anew, without rows.
///
/// # Errors
/// As [`Session::execute`].
pub(super) fn create(
    session: &mut dyn Session,
    table: &Relation,
    columns: &[Column],
) -> Result<()> {
    let values = context! {
        database => &table.database,
        schema => &table.schema,
        table => table.to_string(),
        rejects => rejects_of(table).to_string(),
        columns => described(columns),
    };
    session.execute(&render(include_str!("create.sql"), values)?)?;
    Ok(())
}

/// Adds the columns of `files` that the table lacks and widens those that do not hold theirs; returns the types
/// that the files' columns have in the table then.
///
/// # Errors
/// As [`Session::execute`].
pub(super) fn evolve(
    session: &mut dyn Session,
    table: &Relation,
    existing: &[Column],
    files: &[Column],
) -> Result<Vec<Column>> {
    let mut after = Vec::new();
    for new in files {
        let Some(old) = existing.iter().find(|old| old.is_called(&new.name)) else {
            alter(session, include_str!("add_column.sql"), table, new)?;
            after.push(new.clone());
            continue;
        };
        let old_ty = match (&old.ty, &new.ty) {
            (Type::WideInteger, Type::Double) if is_exact(session, table, &old.name)? => {
                Type::Integer
            }
            _ => old.ty.clone(),
        };
        let column = Column::new(&*old.name, old_ty.join(&new.ty));
        if column.ty.sql() != old.ty.sql() {
            alter(session, include_str!("widen_column.sql"), table, &column)?;
        }
        after.push(column);
    }
    Ok(after)
}

/// Removes the rows and rejects that a file of the lake gave.
///
/// # Errors
/// As [`Session::execute`].
pub(super) fn leave(session: &mut dyn Session, table: &Relation, path: &str) -> Result<()> {
    for table in [table, &rejects_of(table)] {
        let sql = render(
            include_str!("leave.sql"),
            context! { table => table.to_string() },
        )?;
        session.execute_with(&sql, &[path.into()])?;
    }
    Ok(())
}

/// Returns the type that a declaration names.
///
/// # Errors
/// `Project` when the engine knows no such type.
pub(super) fn declared_type(session: &mut dyn Session, name: &str, ty: &str) -> Result<Type> {
    let unknown = || {
        Diagnostic::project(format!(
            "column `{name}` is declared as `{ty}`, which is no SQL type"
        ))
        .hint("such as varchar, bigint, double, decimal(18, 2), date, timestamp, boolean")
    };
    let sql = render(include_str!("type_name.sql"), context! { type => ty })?;
    let found = fetch(session, &sql, &[]).map_err(|err| unknown().because(err))?;
    let known = found
        .column_by_name("type_name")
        .map(|names| Type::from_sql(&text(names, 0)));
    known.ok_or_else(|| unknown().into())
}

/// Returns columns as templates take them.
pub(super) fn described(columns: &[Column]) -> Vec<Value> {
    columns
        .iter()
        .map(|column| context! { name => &column.name, type => column.ty.sql() })
        .collect()
}

fn alter(session: &mut dyn Session, sql: &str, table: &Relation, column: &Column) -> Result<()> {
    let values =
        context! { table => table.to_string(), column => &column.name, type => column.ty.sql() };
    session.execute(&render(sql, values)?)?;
    Ok(())
}

fn is_exact(session: &mut dyn Session, table: &Relation, column: &str) -> Result<bool> {
    let sql = render(
        include_str!("is_exact.sql"),
        context! { table => table.to_string(), column },
    )?;
    let most = i64::try_from(EXACT_IN_DOUBLE).unwrap_or(i64::MAX);
    let found = fetch(session, &sql, &[Param::Int(most)])?;
    let exact = found
        .column_by_name("is_exact")
        .and_then(|column| column.as_boolean_opt());
    Ok(exact.is_some_and(|exact| exact.value(0)))
}
