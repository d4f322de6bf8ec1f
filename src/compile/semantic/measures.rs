//! The measures of the semantic layer: which semantic model declares one, which metrics read it.

use serde_yaml::{Mapping, Value};

use crate::compile::plan::Config;
use crate::project::Declared;

/// Returns the names of the measures that a semantic model declares.
pub(in crate::compile) fn declared(options: &Mapping) -> Vec<String> {
    options.get("measures").map(names).unwrap_or_default()
}

/// Returns the metrics that a semantic model makes of its measures with `create_metric: true`; they are configured as it is.
pub(in crate::compile) fn metrics_of(model: &Declared, config: &Config) -> Vec<Declared> {
    let measures = model.options.get("measures").and_then(Value::as_sequence);
    let is_asked = |measure: &&Value| {
        let asked = measure.get("create_metric").and_then(Value::as_bool);
        asked == Some(true)
    };
    let asked = measures.into_iter().flatten().filter(is_asked);
    asked
        .filter_map(|measure| metric_of(model, measure, config))
        .collect()
}

fn metric_of(model: &Declared, measure: &Value, config: &Config) -> Option<Declared> {
    let text = |key: &str| measure.get(key).and_then(Value::as_str);
    let name = text("name")?;
    let entry = |key: &str, value: Value| (Value::string(key.into()), value);
    let word = |text: &str| Value::string(text.into());
    let said = measure.get("expr").filter(|said| !said.is_null());
    let expression = said.cloned().unwrap_or_else(|| word(name));
    let parameters = [entry("measure", word(name)), entry("expr", expression)];
    let options = [
        entry("label", word(text("label").unwrap_or(name))),
        entry("type", word("simple")),
        entry(
            "type_params",
            Value::mapping(parameters.into_iter().collect()),
        ),
    ];
    let is_enabled = config.flag("enabled").unwrap_or(true);
    let meta = config.values.get("meta").cloned();
    let config = [
        entry("enabled", Value::bool(is_enabled)),
        entry("meta", meta.unwrap_or(Value::mapping(Mapping::new()))),
    ];
    let config: Mapping = config.into_iter().collect();
    let made_from = || format!("Metric created from measure {name}");
    Some(Declared {
        name: name.to_owned(),
        description: text("description").map_or_else(made_from, str::to_owned),
        options: options.into_iter().collect(),
        unrendered: config.clone(),
        config,
        tags: Vec::new(),
        ..model.clone()
    })
}

/// Returns the names of the measures that a metric reads.
pub(in crate::compile) fn read(options: &Mapping) -> Vec<String> {
    let Some(params) = options.get("type_params") else {
        return Vec::new();
    };
    let conversion = params.get("conversion_type_params");
    let places = [
        params.get("measure"),
        params.get("input_measures"),
        conversion.and_then(|params| params.get("base_measure")),
        conversion.and_then(|params| params.get("conversion_measure")),
    ];
    places.into_iter().flatten().flat_map(names).collect()
}

/// Returns the name of the semantic model that a metric sums up itself, without a measure.
pub(in crate::compile) fn aggregated(options: &Mapping) -> Option<&str> {
    let params = options.get("type_params")?;
    params
        .get("metric_aggregation_params")?
        .get("semantic_model")?
        .as_str()
}

/// Returns a name, the `name` of a mapping, or those of a list.
pub(in crate::compile) fn names(value: &Value) -> Vec<String> {
    match value {
        Value::Null(_) => Vec::new(),
        Value::Sequence(items, _) => items.iter().flat_map(names).collect(),
        Value::Mapping(map, _) => map.get("name").map(names).unwrap_or_default(),
        value => value
            .as_scalar_string()
            .map(|text| text.into_owned())
            .into_iter()
            .collect(),
    }
}
