//! `api.Relation` and `api.Column`: dbt's classes as templates use them.

use std::fmt;
use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr, Value};
use minijinja::{Error, State};

use super::{column, relation};
use crate::jinja::{self, unknown_method};

/// Returns `api`; `quoted` says which parts of names are quoted.
pub(super) fn api(quoted: [bool; 3]) -> Value {
    jinja::dict([
        ("Relation", Value::from_object(RelationClass { quoted })),
        ("Column", Value::from_object(ColumnClass)),
    ])
}

/// `api.Relation`.
#[derive(Debug)]
pub(super) struct RelationClass {
    /// Which parts of names are quoted: database, schema, identifier.
    pub(super) quoted: [bool; 3],
}

impl Object for RelationClass {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        jinja::kind_named(key.as_str()?)
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "create" => relation::create(args, self.quoted),
            "add_ephemeral_prefix" => {
                let bound = jinja::bind(method, &["name"], 1, args)?;
                let name = bound[0].as_ref().map(jinja::text).unwrap_or_default();
                Ok(Value::from(format!("__dbt__cte__{name}")))
            }
            "scd_args" => {
                let bound = jinja::bind(method, &["primary_key", "updated_at"], 2, args)?;
                let keys = bound[0].clone().unwrap_or_default();
                let mut all: Vec<Value> = match keys.as_str() {
                    Some(_) => vec![keys.clone()],
                    None => keys.try_iter()?.collect(),
                };
                all.extend(bound[1].clone());
                Ok(jinja::list(all))
            }
            _ => Err(unknown_method(
                "relation class",
                method,
                &["add_ephemeral_prefix", "create", "scd_args"],
            )),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<class 'DuckDBRelation'>")
    }
}

/// `api.Column`.
#[derive(Debug)]
pub(super) struct ColumnClass;

impl Object for ColumnClass {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        column::create(args)
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        column::of_class(method, args)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<class 'DuckDBColumn'>")
    }
}
