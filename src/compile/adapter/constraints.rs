//! Constraints of contracts as the text of a table's definition: `adapter.render_raw_columns_constraints`.

use minijinja::value::{DynObject, Kwargs};
use minijinja::{Error, State, Value};

use crate::compile::parse::named_in;
use crate::diagnostic::Diagnostic;
use crate::engine::quote;
use crate::jinja::{self, bind};
use crate::project::nodes::Reference;

/// Renders each column with its type and constraints.
pub(super) fn of_columns(state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
    let bound = bind("render_raw_columns_constraints", &["raw_columns"], 1, args)?;
    let columns = bound[0].clone().unwrap_or_default();
    let pairs = columns.as_object().and_then(DynObject::try_iter_pairs);
    let mut rendered = Vec::new();
    for (_, column) in pairs.into_iter().flatten() {
        let name = text(&column, "name")?.unwrap_or_default();
        let name = match column.get_attr("quote")?.is_true() {
            true => quote(&name),
            false => name,
        };
        let dtype = text(&column, "data_type")?.unwrap_or_default();
        let mut parts = vec![format!("{name} {dtype}")];
        for constraint in items(&column, "constraints")? {
            parts.extend(of_column(state, &constraint)?);
        }
        rendered.push(Value::from(parts.join(" ")));
    }
    Ok(jinja::list(rendered))
}

/// Renders each constraint of a whole table.
pub(super) fn of_model(state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
    let bound = bind(
        "render_raw_model_constraints",
        &["raw_constraints"],
        1,
        args,
    )?;
    let mut rendered = Vec::new();
    for constraint in bound[0].clone().unwrap_or_default().try_iter()? {
        rendered.extend(of_table(state, &constraint)?.map(Value::from));
    }
    Ok(jinja::list(rendered))
}

fn text(of: &Value, key: &str) -> Result<Option<String>, Error> {
    let value = of.get_attr(key)?;
    Ok(value.is_true().then(|| jinja::text(&value)))
}

fn items(of: &Value, key: &str) -> Result<Vec<Value>, Error> {
    let value = of.get_attr(key)?;
    match value.is_true() {
        true => Ok(value.try_iter()?.collect()),
        false => Ok(Vec::new()),
    }
}

fn joined(of: &Value, key: &str) -> Result<String, Error> {
    let names: Vec<String> = items(of, key)?.iter().map(jinja::text).collect();
    Ok(names.join(", "))
}

/// Returns the table a foreign key refers to: the relation of a `ref` or `source`; DuckDB takes no database in its name.
fn target(state: &mut State<'_, '_>, constraint: &Value) -> Result<Option<String>, Error> {
    let (to, columns) = (text(constraint, "to")?, joined(constraint, "to_columns")?);
    let Some(to) = to.filter(|_| !columns.is_empty()) else {
        return Ok(None);
    };
    let to = match named_in(&to).first() {
        Some(reference) => jinja::text(&referred(state, reference)?),
        None => to,
    };
    let parts: Vec<&str> = to.split('.').collect();
    let from = usize::from(parts.len() > 2);
    Ok(Some(format!("{} ({columns})", parts[from..].join("."))))
}

/// Calls `ref` or `source` of the template.
fn referred(state: &mut State<'_, '_>, reference: &Reference) -> Result<Value, Error> {
    let (function, mut args) = match reference {
        Reference::Source { source, table } => {
            ("source", vec![Value::from(source), Value::from(table)])
        }
        Reference::Ref { package, name, .. } => {
            let names = package.iter().chain([name]);
            ("ref", names.map(Value::from).collect())
        }
        other => return Ok(Value::from(other.to_string())),
    };
    if let Reference::Ref {
        version: Some(version),
        ..
    } = reference
    {
        let version = Value::from(version);
        args.push(Kwargs::from_iter([("version", version)]).into());
    }
    let callable = state.lookup(function).unwrap_or_default();
    callable.call(state, &args)
}

fn of_column(state: &mut State<'_, '_>, constraint: &Value) -> Result<Option<String>, Error> {
    let expression = text(constraint, "expression")?;
    let optional = expression.clone().unwrap_or_default();
    let kind = text(constraint, "type")?.unwrap_or_default();
    let rendered = match kind.as_str() {
        "check" => expression.map(|expression| format!("check ({expression})")),
        "not_null" => Some(format!("not null {optional}")),
        "unique" => Some(format!("unique {optional}")),
        "primary_key" => Some(format!("primary key {optional}")),
        "foreign_key" => Some(match target(state, constraint)? {
            Some(target) => format!("references {target}"),
            None => format!("references {optional}"),
        }),
        "custom" => expression,
        _ => return Err(unknown(&kind)),
    };
    Ok(rendered.map(|rendered| rendered.trim().to_owned()))
}

fn of_table(state: &mut State<'_, '_>, constraint: &Value) -> Result<Option<String>, Error> {
    let expression = text(constraint, "expression")?;
    let name = text(constraint, "name")?;
    let prefix = name.map_or_else(String::new, |name| format!("constraint {name} "));
    let columns = joined(constraint, "columns")?;
    let optional = expression
        .as_ref()
        .map_or_else(String::new, |text| format!(" {text}"));
    let kind = text(constraint, "type")?.unwrap_or_default();
    Ok(match kind.as_str() {
        "check" => expression.map(|expression| format!("{prefix}check ({expression})")),
        "unique" => Some(format!("{prefix}unique{optional} ({columns})")),
        "primary_key" => Some(format!("{prefix}primary key{optional} ({columns})")),
        "foreign_key" => match (target(state, constraint)?, expression) {
            (Some(target), _) => Some(format!(
                "{prefix}foreign key ({columns}) references {target}"
            )),
            (None, Some(text)) => {
                Some(format!("{prefix}foreign key ({columns}) references {text}"))
            }
            (None, None) => None,
        },
        "custom" => expression.map(|expression| format!("{prefix}{expression}")),
        "not_null" => None,
        _ => return Err(unknown(&kind)),
    })
}

fn unknown(kind: &str) -> Error {
    let wrong = Diagnostic::project(format!("`{kind}` is no type of a constraint"));
    jinja::raise(wrong.hint("use check, not_null, unique, primary_key, foreign_key or custom"))
}
