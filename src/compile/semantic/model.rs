//! Semantic models: those that a model's own entry declares by `semantic_model:`, and what all of them share.

use serde_yaml::{Mapping, Value};

use super::{config_of, map, mapping, own, said, text, word};
use crate::compile::manifest::column_settings;
use crate::diagnostic::{Diagnostic, Result};
use crate::project::{Column, Declared};

/// Lists whose items describe a part of a semantic model.
const ELEMENTS: [&str; 3] = ["entities", "dimensions", "measures"];

/// Returns the semantic model that a model's entry declares, in the form of an entry of `semantic_models:`.
///
/// # Errors
/// `Project` where a key of it, of a dimension or of an entity is missing or not known.
pub(in crate::compile) fn said_in(model: &Declared) -> Result<Option<Declared>> {
    let Some(asked) = said(&model.options, "semantic_model") else {
        return Ok(None);
    };
    let nothing = Mapping::new();
    let settings = match asked {
        Value::Mapping(settings, _) => settings,
        Value::Bool(true, _) => &nothing,
        _ => return Ok(None),
    };
    // dbt makes none of a model with versions.
    if !model.versions.is_empty() || settings.get("enabled") == Some(&Value::bool(false)) {
        return Ok(None);
    }
    check_settings(model, settings)?;
    let derived = model.options.get("derived_semantics");
    let derived = |key: &str| {
        let items = derived.and_then(|derived| derived.get(key)?.as_sequence());
        items.into_iter().flatten().filter_map(Value::as_mapping)
    };
    let mut dimensions: Vec<Value> = model.columns.iter().filter_map(dimension).collect();
    dimensions.extend(derived("dimensions").map(derived_dimension));
    let mut entities: Vec<Value> = model.columns.iter().filter_map(entity).collect();
    entities.extend(derived("entities").map(derived_entity));
    let options = &model.options;
    let defaults = map([("agg_time_dimension", own(options, "agg_time_dimension"))]);
    Ok(Some(Declared {
        name: name_of(model).to_owned(),
        config: config(settings),
        unrendered: config(settings),
        tags: Vec::new(),
        columns: Vec::new(),
        tests: Vec::new(),
        options: mapping([
            ("model", word(&format!("ref('{}')", model.name))),
            ("description", word("")),
            ("defaults", Some(defaults)),
            ("entities", Some(Value::sequence(entities))),
            ("dimensions", Some(Value::sequence(dimensions))),
            ("primary_entity", own(options, "primary_entity")),
        ]),
        ..model.clone()
    }))
}

/// Returns the name of the semantic model that a model's entry declares.
pub(super) fn name_of(model: &Declared) -> &str {
    let asked = model.options.get("semantic_model");
    let name = asked.and_then(|asked| asked.get("name")?.as_str());
    name.unwrap_or(&model.name)
}

/// Returns the configuration that `semantic_model:` gives. As in dbt, `enabled` and `group` count only beside a `config`.
fn config(settings: &Mapping) -> Mapping {
    let Some(within) = said(settings, "config") else {
        return Mapping::new();
    };
    let meta = within.get("meta").cloned();
    let enabled = own(settings, "enabled").unwrap_or(Value::bool(true));
    mapping([
        (
            "meta",
            meta.or_else(|| Some(Value::mapping(Mapping::new()))),
        ),
        ("enabled", Some(enabled)),
        ("group", own(settings, "group")),
    ])
}

fn check_settings(model: &Declared, settings: &Mapping) -> Result<()> {
    const KNOWN: [&str; 4] = ["name", "enabled", "group", "config"];
    let strange = |key: &&Value| !key.as_str().is_some_and(|key| KNOWN.contains(&key));
    let Some(key) = settings.keys().find(strange) else {
        return Ok(());
    };
    let key = key.as_scalar_string().unwrap_or_default();
    let what = format!(
        "`semantic_model` of model `{}` does not take `{key}`",
        model.name
    );
    Err(Diagnostic::project(what)
        .at(&model.at)
        .hint(format!("its keys are: {}", KNOWN.join(", ")))
        .into())
}

/// Returns the dimension or entity of a column that says no more of it than its type.
fn by_type(column: &Column, kind: &Value, settings: &Mapping) -> Value {
    map([
        ("name", word(&column.name)),
        ("type", Some(kind.clone())),
        ("description", word(&column.description)),
        ("config", Some(config_of_column(settings, None))),
    ])
}

/// Returns the dimension that a column says it is.
fn dimension(column: &Column) -> Option<Value> {
    let asked = said(&column.options, "dimension")?;
    let settings = column_settings(&column.options);
    let Some(options) = asked.as_mapping() else {
        return Some(by_type(column, asked, &settings));
    };
    let grain = own(&column.options, "granularity");
    let name = text(options, "name").unwrap_or(&column.name);
    Some(map([
        ("name", word(name)),
        ("type", own(options, "type")),
        ("description", own(options, "description")),
        ("label", own(options, "label")),
        ("is_partition", own(options, "is_partition")),
        ("type_params", time(grain, options)),
        ("expr", word(&column.name).filter(|_| name != column.name)),
        ("config", Some(config_of_column(&settings, Some(options)))),
    ]))
}

/// Returns the entity that a column says it is.
fn entity(column: &Column) -> Option<Value> {
    let asked = said(&column.options, "entity")?;
    let settings = column_settings(&column.options);
    let Some(options) = asked.as_mapping() else {
        return Some(by_type(column, asked, &settings));
    };
    let name = text(options, "name").unwrap_or(&column.name);
    let has_meta = options
        .get("config")
        .is_some_and(|config| config.get("meta").is_some());
    let config = match has_meta {
        true => config_of(options),
        false => config_of_column(&settings, None),
    };
    Some(map([
        ("name", word(name)),
        ("type", own(options, "type")),
        ("description", own(options, "description")),
        ("label", own(options, "label")),
        ("expr", word(&column.name).filter(|_| name != column.name)),
        ("config", Some(config)),
    ]))
}

fn derived_dimension(options: &Mapping) -> Value {
    map([
        ("name", own(options, "name")),
        ("type", own(options, "type")),
        ("description", own(options, "description")),
        ("label", own(options, "label")),
        ("is_partition", own(options, "is_partition")),
        ("type_params", time(own(options, "granularity"), options)),
        ("expr", own(options, "expr")),
        ("config", Some(config_of(options))),
    ])
}

fn derived_entity(options: &Mapping) -> Value {
    map([
        ("name", own(options, "name")),
        ("type", own(options, "type")),
        ("description", own(options, "description")),
        ("label", own(options, "label")),
        ("expr", own(options, "expr")),
        ("config", Some(config_of(options))),
    ])
}

/// Returns the parameters of a dimension that has a granularity.
fn time(grain: Option<Value>, options: &Mapping) -> Option<Value> {
    let grain = grain?;
    Some(map([
        ("time_granularity", Some(grain)),
        ("validity_params", own(options, "validity_params")),
    ]))
}

/// Returns a column's `meta` under that of the dimension it is.
fn config_of_column(settings: &Mapping, over: Option<&Mapping>) -> Value {
    let mut meta = settings.get("meta").and_then(Value::as_mapping).cloned();
    let over = over.and_then(|over| over.get("config")?.get("meta")?.as_mapping());
    if let Some(over) = over {
        meta.get_or_insert_default().extend(over.clone());
    }
    map([("meta", meta.map(Value::mapping))])
}

/// Returns all entities, dimensions and measures of a semantic model.
pub(in crate::compile) fn elements_mut(
    options: &mut Mapping,
) -> impl Iterator<Item = &mut Mapping> {
    let lists = options.iter_mut().filter(|(key, _)| {
        let key = key.as_str();
        key.is_some_and(|key| ELEMENTS.contains(&key))
    });
    let lists = lists.filter_map(|(_, list)| list.as_sequence_mut());
    lists.flatten().filter_map(Value::as_mapping_mut)
}

/// Lays a semantic model's `meta` under that of each of its entities, dimensions and measures; they have no other configuration.
pub(in crate::compile) fn share_meta(options: &mut Mapping, config: &Mapping) {
    let shared = config.get("meta").and_then(Value::as_mapping);
    for element in elements_mut(options) {
        let mut meta = shared.cloned().unwrap_or_default();
        let said = element.get("config");
        let said = said.and_then(|config| config.get("meta")?.as_mapping());
        meta.extend(said.cloned().unwrap_or_default());
        let config = map([("meta", Some(Value::mapping(meta)))]);
        element.insert(Value::string("config".into()), config);
    }
}
