//! Time spines: models with a row for each moment, which the semantic layer joins its metrics to.

use serde_yaml::Value;

use super::text;
use crate::compile::plan::{Node, Plan, Resource};
use crate::diagnostic::Diagnostic;

/// The granularities of time, finest first.
const GRAINS: [&str; 11] = [
    "nanosecond",
    "microsecond",
    "millisecond",
    "second",
    "minute",
    "hour",
    "day",
    "week",
    "month",
    "quarter",
    "year",
];

/// The model that is a time spine of days although nothing says so.
const UNCONFIGURED: &str = "metricflow_time_spine";

/// A model that says it is a time spine.
pub(in crate::compile) struct Spine<'a> {
    pub(in crate::compile) node: &'a Node,
    /// `time_spine:` of the model.
    pub(in crate::compile) said: &'a serde_yaml::Mapping,
    /// The column that holds the moments.
    pub(in crate::compile) column: &'a str,
    /// How far apart they are; nothing where the column does not say it.
    pub(in crate::compile) grain: Option<String>,
}

/// Returns the models that say they are time spines; as in dbt, none of those that have versions.
pub(in crate::compile) fn spines(nodes: &[Node]) -> impl Iterator<Item = Spine<'_>> {
    nodes.iter().filter_map(|node| {
        let Resource::Model(model) = &node.resource else {
            return None;
        };
        let said = node.options.get("time_spine")?.as_mapping()?;
        if model.version.is_some() {
            return None;
        }
        let column = text(said, "standard_granularity_column")?;
        let described = node.columns.iter().find(|other| other.name == column);
        let grain = described.and_then(|column| text(&column.options, "granularity"));
        let grain = grain.map(str::to_lowercase);
        Some(Spine {
            node,
            said,
            column,
            grain,
        })
    })
}

/// Returns the model that is a time spine by its name alone; nothing where there is no semantic model to use it.
pub(in crate::compile) fn unconfigured(plan: &Plan) -> Option<&Node> {
    let found = by_name(&plan.nodes)?;
    let has_models = plan.nodes.iter().any(is_semantic_model);
    (has_models && !found.options.contains_key("time_spine")).then_some(found)
}

fn by_name(nodes: &[Node]) -> Option<&Node> {
    let mut models = nodes
        .iter()
        .filter(|node| matches!(node.resource, Resource::Model(_)));
    models.find(|node| node.name == UNCONFIGURED)
}

fn is_semantic_model(node: &Node) -> bool {
    matches!(node.resource, Resource::SemanticModel)
}

/// Adds an error for each time spine that lacks a column or its granularity, and for semantic models without a time spine of days.
pub(in crate::compile) fn check(nodes: &[Node], errors: &mut Vec<anyhow::Error>) {
    let before = errors.len();
    for spine in spines(nodes) {
        errors.extend(check_columns(&spine).map(anyhow::Error::from));
    }
    let Some(first) = nodes.iter().find(|node| is_semantic_model(node)) else {
        return;
    };
    let days = GRAINS.iter().position(|grain| *grain == "day");
    let is_fine = |spine: Spine<'_>| {
        let grain = spine.grain?;
        Some(GRAINS.iter().position(|known| *known == grain) <= days)
    };
    let has_days = spines(nodes).any(|spine| is_fine(spine) == Some(true));
    if errors.len() == before && !has_days && by_name(nodes).is_none() {
        let what = "there are semantic models and no time spine of days, or finer";
        let hint = format!(
            "add a model with a row for each day and `time_spine: {{standard_granularity_column: …}}`, or call it `{UNCONFIGURED}`"
        );
        errors.push(Diagnostic::project(what).at(&first.at).hint(hint).into());
    }
}

fn check_columns(spine: &Spine<'_>) -> Option<Diagnostic> {
    let name = &spine.node.name;
    let has = |column: &str| spine.node.columns.iter().any(|known| known.name == column);
    let customs = spine.said.get("custom_granularities");
    let customs = customs.and_then(Value::as_sequence).into_iter().flatten();
    let column_of = |custom: &Value| {
        let named = custom.get("column_name").and_then(Value::as_str);
        named
            .or(custom.get("name").and_then(Value::as_str))
            .map(str::to_owned)
    };
    let mut columns = std::iter::once(spine.column.to_owned()).chain(customs.filter_map(column_of));
    if let Some(missing) = columns.find(|column| !has(column)) {
        let what = format!(
            "the time spine `{name}` names the column `{missing}`, which its `columns` do not have"
        );
        let hint = format!("add `- name: {missing}` under `columns:`");
        return Some(Diagnostic::project(what).at(&spine.node.at).hint(hint));
    }
    let column = spine.column;
    match spine.grain.as_deref() {
        Some(grain) if GRAINS.contains(&grain) => None,
        Some(grain) => Some(
            Diagnostic::project(format!("`{grain}` is no granularity of time"))
                .at(&spine.node.at)
                .hint(format!("use one of: {}", GRAINS.join(", "))),
        ),
        None => Some(
            Diagnostic::project(format!(
                "the column `{column}` of the time spine `{name}` has no `granularity`"
            ))
            .at(&spine.node.at)
            .hint("add `granularity: day`, or whatever it holds, to the column"),
        ),
    }
}
