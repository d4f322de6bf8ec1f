//! Measures: a metric reads the semantic model that has its measure.

use std::collections::HashMap;

use serde_yaml::Value;

use super::plan::{Index, Node, Plan, Resource};

/// Makes the semantic models that have the measures of metrics their parents.
pub(super) fn link(plan: &mut Plan) {
    let mut owners: HashMap<String, Index> = HashMap::new();
    for (index, node) in plan.nodes.iter().enumerate() {
        if !matches!(node.resource, Resource::SemanticModel) {
            continue;
        }
        let measures = node.options.get("measures").and_then(Value::as_sequence);
        let names = measures.into_iter().flatten().filter_map(name);
        owners.extend(names.map(|name| (name, index)));
    }
    if owners.is_empty() {
        return;
    }
    for node in &mut plan.nodes {
        if matches!(node.resource, Resource::Metric) {
            let owners = named(node).into_iter().filter_map(|name| owners.get(&name));
            let owners: Vec<Index> = owners.copied().collect();
            node.parents.extend(owners);
        }
    }
}

/// Returns the measures that a metric names itself: one that stands alone, or those of a conversion.
pub(super) fn of(metric: &Node) -> Vec<&Value> {
    let parameters = metric.options.get("type_params");
    let at = |key: &str| parameters.and_then(|parameters| parameters.get(key));
    let conversion = at("conversion_type_params");
    let within = |key: &str| conversion.and_then(|conversion| conversion.get(key));
    let all = [
        at("measure"),
        within("base_measure"),
        within("conversion_measure"),
    ];
    all.into_iter().flatten().collect()
}

fn named(metric: &Node) -> Vec<String> {
    of(metric).into_iter().filter_map(name).collect()
}

/// Returns the name of a measure, which may stand alone or be one key of several.
fn name(measure: &Value) -> Option<String> {
    let within = || measure.get("name").and_then(Value::as_str);
    measure.as_str().or_else(within).map(str::to_owned)
}
