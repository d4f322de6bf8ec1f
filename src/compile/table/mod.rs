//! Query results as templates see them, in the shape of agate's tables: `run_query(…)`, `load_result('main').table`.

mod cells;
mod mapped;
mod print;

use std::fmt;
use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr, Tuple, Value, ValueKind};
use minijinja::{Error, State};

use self::cells::{Kind, cells};
use self::mapped::{Mapped, TypeObject, What};
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::RecordBatch;
use crate::jinja::{self, bind, unknown_method};

/// A result: rows of cells, names and types of columns.
#[derive(Debug, Clone)]
pub struct TableObject {
    names: Arc<Vec<String>>,
    kinds: Vec<Kind>,
    rows: Vec<Vec<Value>>,
}

impl TableObject {
    /// Wraps a result.
    ///
    /// # Errors
    /// `Bug` for a type that cannot be shown.
    pub fn value(batch: &RecordBatch) -> Result<Value> {
        let schema = batch.schema();
        let names = schema.fields().iter().map(|field| field.name().as_str());
        let columns: Vec<Vec<Value>> = batch.columns().iter().map(cells).collect::<Result<_>>()?;
        let row = |row: usize| columns.iter().map(|column| column[row].clone()).collect();
        Ok(Value::from_object(Self {
            names: Arc::new(distinct(names)),
            kinds: batch
                .columns()
                .iter()
                .map(|column| Kind::of(column))
                .collect(),
            rows: (0..batch.num_rows()).map(row).collect(),
        }))
    }

    /// Makes a table without columns and rows.
    #[must_use]
    pub fn empty() -> Value {
        Value::from_object(Self {
            names: Arc::default(),
            kinds: Vec::new(),
            rows: Vec::new(),
        })
    }

    /// Makes a table of rows; all types are those of text.
    #[must_use]
    pub fn of_texts(names: &[String], rows: Vec<Vec<Value>>) -> Value {
        Value::from_object(Self {
            names: Arc::new(names.to_vec()),
            kinds: vec![Kind::Text; names.len()],
            rows,
        })
    }

    /// `adapter.convert_type(table, index)`: the SQL type of a column.
    pub(super) fn sql_type(args: &[Value]) -> Result<Value, Error> {
        let bound = bind("convert_type", &["agate_table", "col_idx"], 2, args)?;
        let at_own = |table: &Value| {
            let types = table.get_attr("sql_types").ok()?;
            types.get_item(bound[1].as_ref()?).ok()
        };
        if let Some(own) = bound[0].as_ref().and_then(at_own).filter(Value::is_true) {
            return Ok(own);
        }
        let table = bound[0]
            .as_ref()
            .and_then(|table| table.downcast_object_ref::<Self>());
        let at = bound[1].as_ref().and_then(Value::as_usize);
        let kind = table.zip(at).and_then(|(table, at)| table.kinds.get(at));
        kind.map(|kind| Value::from(kind.sql())).ok_or_else(|| {
            jinja::raise(Diagnostic::project(
                "`convert_type` takes a table and a column's index",
            ))
        })
    }

    fn row(&self, row: &[Value]) -> Value {
        Value::from_object(Mapped {
            what: What::Row,
            names: self.names.clone(),
            items: row.to_vec(),
        })
    }

    fn rows(&self) -> Vec<Value> {
        self.rows.iter().map(|row| self.row(row)).collect()
    }

    fn column(&self, index: usize) -> Value {
        Value::from_object(Mapped {
            what: What::Column(self.names[index].clone(), self.kinds[index], index),
            names: Arc::default(),
            items: self.rows.iter().map(|row| row[index].clone()).collect(),
        })
    }

    fn columns(&self) -> Value {
        Value::from_object(Mapped {
            what: What::Items,
            names: self.names.clone(),
            items: (0..self.names.len())
                .map(|index| self.column(index))
                .collect(),
        })
    }

    /// Returns the cells row by row.
    pub(super) fn cells_of_rows(&self) -> Vec<Vec<Value>> {
        self.rows.clone()
    }

    /// Returns the names of the columns.
    pub(super) fn names(&self) -> Vec<String> {
        Vec::clone(&self.names)
    }

    /// Returns the rows as lists of cells, as `load_result(…).data`.
    pub(super) fn matrix(&self) -> Value {
        jinja::list(
            self.rows
                .iter()
                .map(|row| Value::from(Tuple::from(row.clone()))),
        )
    }

    /// Returns the positions of the columns that an argument names: one or several.
    fn positions(&self, named: &Value) -> Result<Vec<usize>, Error> {
        let names: Vec<Value> = match named.kind() {
            ValueKind::String | ValueKind::Number => vec![named.clone()],
            _ => named.try_iter()?.collect(),
        };
        let position = |name: &Value| match name.as_str() {
            Some(name) => self.names.iter().position(|own| own == name),
            None => name.as_usize().filter(|at| *at < self.names.len()),
        };
        let found = names.iter().map(|name| {
            position(name).ok_or_else(|| {
                let what = format!("the result has no column {}", jinja::repr(name));
                let known = self.names.iter().map(String::as_str);
                let missing = Diagnostic::project(what);
                jinja::raise(
                    match crate::diagnostic::nearest(&jinja::text(name), known) {
                        Some(near) => missing.hint(format!("did you mean `{near}`?")),
                        None => missing,
                    },
                )
            })
        });
        found.collect()
    }

    fn with_columns(&self, kept: &[usize]) -> Value {
        let row = |row: &Vec<Value>| kept.iter().map(|at| row[*at].clone()).collect();
        Value::from_object(Self {
            names: Arc::new(kept.iter().map(|at| self.names[*at].clone()).collect()),
            kinds: kept.iter().map(|at| self.kinds[*at]).collect(),
            rows: self.rows.iter().map(row).collect(),
        })
    }

    fn with_rows(&self, rows: Vec<Vec<Value>>) -> Value {
        Value::from_object(Self {
            rows,
            ..self.clone()
        })
    }

    fn rename(&self, args: &[Value]) -> Result<Value, Error> {
        let bound = bind("rename", &["column_names", "row_names"], 0, args)?;
        let given = bound[0].clone().unwrap_or_default();
        let mut names = Vec::clone(&self.names);
        for (index, name) in names.iter_mut().enumerate() {
            let renamed = match given.kind() {
                ValueKind::Map => given.get_item(&Value::from(name.as_str()))?,
                ValueKind::Seq => given.get_item(&Value::from(index))?,
                _ => Value::UNDEFINED,
            };
            if !renamed.is_undefined() && !renamed.is_none() {
                *name = jinja::text(&renamed);
            }
        }
        Ok(Value::from_object(Self {
            names: Arc::new(names),
            ..self.clone()
        }))
    }

    fn order_by(&self, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let bound = bind("order_by", &["key", "reverse"], 1, args)?;
        let by = bound[0].clone().unwrap_or_default();
        let mut keyed = Vec::new();
        for row in &self.rows {
            let key = match by.kind() {
                ValueKind::Plain => by.call(state, &[self.row(row)])?,
                _ => {
                    let keys = self.positions(&by)?;
                    Value::from(Tuple::from(
                        keys.iter().map(|at| row[*at].clone()).collect::<Vec<_>>(),
                    ))
                }
            };
            keyed.push((key, row.clone()));
        }
        keyed.sort_by(|a, b| a.0.cmp(&b.0));
        if bound[1].as_ref().is_some_and(Value::is_true) {
            keyed.reverse();
        }
        Ok(self.with_rows(keyed.into_iter().map(|(_, row)| row).collect()))
    }

    fn filtered(&self, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let test = bind("where", &["test"], 1, args)?[0]
            .clone()
            .unwrap_or_default();
        let mut kept = Vec::new();
        for row in &self.rows {
            if test.call(state, &[self.row(row)])?.is_true() {
                kept.push(row.clone());
            }
        }
        Ok(self.with_rows(kept))
    }

    fn limited(&self, args: &[Value]) -> Result<Value, Error> {
        let bound = bind("limit", &["start_or_stop", "stop", "step"], 1, args)?;
        let number = |index: usize| bound[index].as_ref().and_then(Value::as_usize);
        let (start, stop) = match number(1) {
            Some(stop) => (number(0).unwrap_or(0), stop),
            None => (0, number(0).unwrap_or(self.rows.len())),
        };
        let stop = stop.min(self.rows.len());
        let part = self.rows.get(start..stop).unwrap_or_default();
        Ok(self.with_rows(
            part.iter()
                .step_by(number(2).unwrap_or(1).max(1))
                .cloned()
                .collect(),
        ))
    }

    fn distinct(&self, args: &[Value]) -> Result<Value, Error> {
        let by = bind("distinct", &["key"], 0, args)?;
        let keys = match &by[0] {
            Some(by) => self.positions(by)?,
            None => (0..self.names.len()).collect(),
        };
        let mut seen: Vec<Vec<Value>> = Vec::new();
        let mut kept = Vec::new();
        for row in &self.rows {
            let key: Vec<Value> = keys.iter().map(|at| row[*at].clone()).collect();
            if !seen.contains(&key) {
                seen.push(key);
                kept.push(row.clone());
            }
        }
        Ok(self.with_rows(kept))
    }

    /// Returns a dict of tables by the values of a column, in order of appearance.
    fn group_by(&self, args: &[Value]) -> Result<Value, Error> {
        let by = bind("group_by", &["key"], 1, args)?;
        let at = self.positions(by[0].as_ref().unwrap_or(&Value::UNDEFINED))?[0];
        let mut groups: Vec<(Value, Vec<Vec<Value>>)> = Vec::new();
        for row in &self.rows {
            match groups.iter_mut().find(|(key, _)| *key == row[at]) {
                Some((_, rows)) => rows.push(row.clone()),
                None => groups.push((row[at].clone(), vec![row.clone()])),
            }
        }
        let tables = groups
            .into_iter()
            .map(|(key, rows)| (key, self.with_rows(rows)));
        Ok(jinja::dict(tables))
    }
}

/// Makes names distinct as dbt does: the second `a` is `a_2`.
fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut seen = std::collections::HashMap::new();
    for name in names {
        let count = seen.entry(name.to_owned()).or_insert(0);
        *count += 1;
        found.push(match count {
            1 => name.to_owned(),
            count => format!("{name}_{count}"),
        });
    }
    found
}

const METHODS: &[&str] = &[
    "distinct",
    "exclude",
    "group_by",
    "limit",
    "order_by",
    "print_csv",
    "print_json",
    "print_table",
    "rename",
    "select",
    "to_csv",
    "to_json",
    "where",
];

impl Object for TableObject {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.rows())
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.rows.len())
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str() {
            Some("rows") => Some(Value::from_object(Mapped {
                what: What::Items,
                names: Arc::default(),
                items: self.rows(),
            })),
            Some("columns") => Some(self.columns()),
            Some("column_names") => {
                let names = self.names.iter().map(Value::from);
                Some(Value::from(Tuple::from(names.collect::<Vec<_>>())))
            }
            Some("column_types") => {
                let kinds = self
                    .kinds
                    .iter()
                    .map(|kind| Value::from_object(TypeObject(*kind)));
                Some(Value::from(Tuple::from(kinds.collect::<Vec<_>>())))
            }
            Some("row_names") => Some(Value::from(())),
            Some(_) => None,
            None => {
                let (at, length) = (key.as_i64()?, i64::try_from(self.rows.len()).ok()?);
                let at = usize::try_from(if at < 0 { at + length } else { at }).ok()?;
                self.rows.get(at).map(|row| self.row(row))
            }
        }
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        name: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match name {
            "select" => {
                let key = bind(name, &["key"], 1, args)?;
                let kept = self.positions(key[0].as_ref().unwrap_or(&Value::UNDEFINED))?;
                Ok(self.with_columns(&kept))
            }
            "exclude" => {
                let key = bind(name, &["key"], 1, args)?;
                let left_out = self.positions(key[0].as_ref().unwrap_or(&Value::UNDEFINED))?;
                let kept = (0..self.names.len()).filter(|at| !left_out.contains(at));
                Ok(self.with_columns(&kept.collect::<Vec<_>>()))
            }
            "rename" => self.rename(args),
            "order_by" => self.order_by(state, args),
            "where" => self.filtered(state, args),
            "limit" => self.limited(args),
            "distinct" => self.distinct(args),
            "group_by" => self.group_by(args),
            "print_table" => self.print(state, args),
            "print_csv" | "to_csv" => self.say(state, &self.csv()),
            "print_json" | "to_json" => {
                let rows = self
                    .rows
                    .iter()
                    .map(|row| jinja::dict(self.names.iter().map(String::as_str).zip(row.clone())));
                self.say(state, &jinja::json_text(&jinja::list(rows), false, None))
            }
            _ => Err(unknown_method("result", name, METHODS)),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<agate.table.Table>")
    }
}
