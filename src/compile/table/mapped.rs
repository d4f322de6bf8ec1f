//! agate's sequences whose items have names: rows, columns, and the columns and rows of a table.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use minijinja::value::{DynObject, Enumerator, Object, ObjectRepr, Tuple, Value};
use minijinja::{Error, State};

use super::cells::Kind;
use crate::jinja::{self, bind, unknown_method};

/// What a sequence is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// A row of a table.
    Row,
    /// A column of a table: its name, type and position.
    Column(String, Kind, usize),
    /// All rows, or all columns.
    Items,
}

/// A sequence whose items have names.
#[derive(Debug)]
pub(super) struct Mapped {
    pub(super) what: What,
    pub(super) names: Arc<Vec<String>>,
    pub(super) items: Vec<Value>,
}

const METHODS: &[&str] = &[
    "dict",
    "get",
    "items",
    "keys",
    "values",
    "values_distinct",
    "values_sorted",
    "values_without_nulls",
    "values_without_nulls_sorted",
];

impl Mapped {
    fn at(&self, key: &Value) -> Option<&Value> {
        match key.as_str() {
            Some(name) => {
                let at = self.names.iter().position(|own| own == name)?;
                self.items.get(at)
            }
            None => {
                let at = key.as_i64()?;
                let from_end = i64::try_from(self.items.len()).ok()?;
                self.items
                    .get(usize::try_from(if at < 0 { at + from_end } else { at }).ok()?)
            }
        }
    }

    fn pairs(&self) -> impl Iterator<Item = (Value, Value)> {
        let names = self.names.iter().map(Value::from);
        names.zip(self.items.iter().cloned())
    }

    fn column(&self, key: &str) -> Option<Value> {
        let What::Column(name, kind, index) = &self.what else {
            return None;
        };
        Some(match key {
            "name" => Value::from(name),
            "index" => Value::from(*index),
            "data_type" => Value::from_object(TypeObject(*kind)),
            _ => return None,
        })
    }

    fn without_nulls(&self) -> Vec<Value> {
        self.items
            .iter()
            .filter(|value| !value.is_none())
            .cloned()
            .collect()
    }
}

fn tuple(items: Vec<Value>) -> Value {
    Value::from(Tuple::from(items))
}

impl Object for Mapped {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.items.clone())
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.items.len())
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        Some(self.items.cmp(&other.downcast_ref::<Self>()?.items))
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let own = key.as_str().and_then(|key| self.column(key));
        own.or_else(|| self.at(key).cloned())
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        name: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let sorted = |mut values: Vec<Value>| {
            values.sort_by(|a, b| a.is_none().cmp(&b.is_none()).then_with(|| a.cmp(b)));
            tuple(values)
        };
        Ok(match name {
            "values" => tuple(self.items.clone()),
            "keys" => tuple(self.names.iter().map(Value::from).collect()),
            "items" => jinja::list(self.pairs().map(|(name, value)| tuple(vec![name, value]))),
            "dict" => jinja::dict(self.pairs()),
            "get" => {
                let bound = bind(name, &["key", "default"], 1, args)?;
                let found = bound[0].as_ref().and_then(|key| self.at(key).cloned());
                found
                    .or_else(|| bound[1].clone())
                    .unwrap_or(Value::from(()))
            }
            "values_without_nulls" => tuple(self.without_nulls()),
            "values_without_nulls_sorted" => sorted(self.without_nulls()),
            "values_sorted" => sorted(self.items.clone()),
            "values_distinct" => {
                let mut seen: Vec<Value> = Vec::new();
                for value in &self.items {
                    if !seen.contains(value) {
                        seen.push(value.clone());
                    }
                }
                tuple(seen)
            }
            _ => return Err(unknown_method("row or column", name, METHODS)),
        })
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let items = jinja::repr(&tuple(self.items.clone()));
        match &self.what {
            What::Row => write!(f, "<agate.Row: {items}>"),
            What::Column(..) => write!(f, "<agate.Column: {items}>"),
            What::Items => write!(f, "<agate.MappedSequence: {items}>"),
        }
    }
}

/// A column's type.
#[derive(Debug)]
pub(super) struct TypeObject(pub(super) Kind);

impl Object for TypeObject {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        Some(self.0.name().cmp(other.downcast_ref::<Self>()?.0.name()))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.0.name();
        match self.0 {
            Kind::Integer | Kind::Number => write!(f, "<dbt_common.clients.agate_helper.{name}>"),
            _ => write!(f, "<agate.data_types.{name}>"),
        }
    }
}
