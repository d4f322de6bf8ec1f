//! Storing a relation with a plug-in: `adapter.store_relation`.

use minijinja::{Error, State, Value};
use serde_json::json;

use super::{Adapter, word};
use crate::compile::relation::RelationObject;
use crate::jinja::{self, bind};

/// Tells the plug-in what dbt-duckdb's `TargetConfig` holds; the model of the materialization stands for its configuration.
pub(super) fn relation(
    adapter: &dyn Adapter,
    state: &State<'_, '_>,
    args: &[Value],
) -> Result<Value, Error> {
    let names = [
        "plugin_name",
        "relation",
        "column_list",
        "path",
        "format",
        "config",
    ];
    let bound = bind("store_relation", &names, 6, args)?;
    let plugin = word(bound[0].as_ref());
    let given = bound[1].clone().unwrap_or_default();
    let part = |key: &str| given.get_attr(key).map(|part| jinja::to_json(&part));
    let kind = given
        .downcast_object_ref::<RelationObject>()
        .and_then(RelationObject::kind);
    let mut columns = Vec::new();
    for column in bound[2].clone().unwrap_or_default().try_iter()? {
        let text = |key: &str| column.get_attr(key).map(|part| jinja::text(&part));
        columns.push([text("column")?, text("dtype")?]);
    }
    let model = state.lookup("model").unwrap_or_default();
    let target = json!({
        "relation": {
            "database": part("database")?,
            "schema": part("schema")?,
            "identifier": part("identifier")?,
            "type": kind,
        },
        "columns": columns,
        "location": word(bound[3].as_ref()),
        "format": word(bound[4].as_ref()),
        "model": jinja::to_json(&model),
    });
    adapter.store(&plugin, &target).map_err(jinja::raise)?;
    Ok(Value::from(()))
}
