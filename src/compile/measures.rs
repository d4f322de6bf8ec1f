//! The measures of the semantic layer: which semantic model declares one, which metrics read it.

use serde_yaml::{Mapping, Value};

/// Returns the names of the measures that a semantic model declares.
pub(super) fn declared(options: &Mapping) -> Vec<String> {
    options.get("measures").map(names).unwrap_or_default()
}

/// Returns the names of the measures that a metric reads.
pub(super) fn read(options: &Mapping) -> Vec<String> {
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

/// Returns a name, the `name` of a mapping, or those of a list.
pub(super) fn names(value: &Value) -> Vec<String> {
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
