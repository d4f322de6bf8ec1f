//! Metrics of the second form: those in a model's entry, and those that stand alone without `type_params`.

use serde_yaml::{Mapping, Value};

use super::model::name_of;
use super::{map, mapping, own, said, text, word};
use crate::compile::plan::{Node, Resource};
use crate::diagnostic::{Diagnostic, Result};
use crate::project::yaml::Doc;
use crate::project::{Declared, Project};

/// Adds an error for each metric that says its window beside `cumulative_type_params`, unless the project's flags still allow it.
pub(in crate::compile) fn check_windows(
    project: &Project,
    nodes: &[Node],
    errors: &mut Vec<anyhow::Error>,
) {
    let flag = project.flags.get("require_nested_cumulative_type_params");
    let is_model = |node: &Node| matches!(node.resource, Resource::SemanticModel);
    if flag.and_then(Value::as_bool) == Some(false) || !nodes.iter().any(is_model) {
        return;
    }
    let is_metric = |node: &&Node| matches!(node.resource, Resource::Metric);
    for metric in nodes.iter().filter(is_metric) {
        let parameters = metric
            .options
            .get("type_params")
            .and_then(Value::as_mapping);
        let is_beside = |key: &&&str| parameters.is_some_and(|all| said(all, key).is_some());
        if let Some(key) = ["window", "grain_to_date"].iter().find(is_beside) {
            let what = format!(
                "metric `{}` has `{key}` beside `cumulative_type_params`",
                metric.name
            );
            let beside = Diagnostic::project(what).at(&metric.at);
            errors.push(beside.hint("put it below `cumulative_type_params:`").into());
        }
    }
}

/// Where a metric is declared.
struct Home<'a> {
    semantic_model: &'a str,
    /// The time that its metrics are about, unless they say another.
    time: Option<Value>,
}

/// Returns the metrics in the entry of a model that declares a semantic model, in the form of entries of `metrics:`.
///
/// # Errors
/// `Project` where one has no name, or not what its type asks for.
pub(in crate::compile) fn metrics_of(model: &Declared) -> Result<Vec<Declared>> {
    let metrics = model.options.get("metrics").and_then(Value::as_sequence);
    let home = Home {
        semantic_model: name_of(model),
        time: own(&model.options, "agg_time_dimension"),
    };
    let metrics = metrics.into_iter().flatten();
    metrics.map(|metric| within(model, metric, &home)).collect()
}

fn within(model: &Declared, metric: &Value, home: &Home<'_>) -> Result<Declared> {
    let options = metric.as_mapping();
    let Some((options, name)) = options.and_then(|options| Some((options, text(options, "name")?)))
    else {
        let what = format!("a metric of model `{}` has no `name`", model.name);
        return Err(Diagnostic::project(what).at(&model.at).into());
    };
    let file = &model.at.file;
    let at = Doc {
        value: metric,
        file,
    }
    .at();
    let config = said(options, "config").and_then(Value::as_mapping);
    let config = config.cloned().unwrap_or_default();
    let description = text(options, "description").unwrap_or_default();
    let declared = Declared {
        name: name.to_owned(),
        description: description.to_owned(),
        unrendered: config.clone(),
        config,
        tags: Vec::new(),
        columns: Vec::new(),
        tests: Vec::new(),
        options: options.clone(),
        at,
        ..model.clone()
    };
    rewritten(declared, Some(home))
}

/// Returns an entry of `metrics:` of the second form in its first; nothing where it has `type_params`, which is the first.
///
/// # Errors
/// `Project` where it has not what its type asks for.
pub(in crate::compile) fn standing_alone(metric: &Declared) -> Result<Option<Declared>> {
    match metric.options.contains_key("type_params") {
        true => Ok(None),
        false if said(&metric.options, "type").is_none() => Err(wrong(
            metric,
            "has no `type`",
            "use one of: simple, ratio, cumulative, derived, conversion",
        )),
        false => rewritten(metric.clone(), None).map(Some),
    }
}

/// Gives a metric of the second form `type_params`.
fn rewritten(mut metric: Declared, home: Option<&Home<'_>>) -> Result<Declared> {
    check_name(&metric)?;
    let options = std::mem::take(&mut metric.options);
    let kind = text(&options, "type").unwrap_or("simple").to_lowercase();
    check(&metric, &options, (&kind, home.is_some()))?;
    let is_hidden = said(&options, "hidden").cloned();
    let home = home.filter(|_| kind == "simple");
    let parameters = map([
        ("numerator", own(&options, "numerator")),
        ("denominator", own(&options, "denominator")),
        ("expr", own(&options, "expr")),
        ("metrics", own(&options, "input_metrics")),
        (
            "conversion_type_params",
            conversion(&options).filter(|_| kind == "conversion"),
        ),
        (
            "cumulative_type_params",
            cumulative(&options).filter(|_| kind == "cumulative"),
        ),
        (
            "metric_aggregation_params",
            home.map(|home| aggregation(&options, home)),
        ),
        ("join_to_timespine", own(&options, "join_to_timespine")),
        ("is_private", is_hidden.or(Some(Value::bool(false)))),
    ]);
    let label = text(&options, "label").filter(|label| !label.is_empty());
    metric.options = mapping([
        ("label", word(label.unwrap_or(&metric.name))),
        ("type", word(&kind)),
        ("type_params", Some(parameters)),
        ("filter", own(&options, "filter")),
        ("time_granularity", own(&options, "time_granularity")),
    ]);
    Ok(metric)
}

/// Refuses a name that dbt refuses.
///
/// # Errors
/// `Project`, at the metric.
pub(in crate::compile) fn check_name(metric: &Declared) -> Result<()> {
    const MAX: usize = 250;
    let name = &metric.name;
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let what = match name.chars().next() {
        Some(first) if !first.is_ascii_alphabetic() => "begins with no letter",
        _ if !name.chars().all(is_word) => "has other than letters, digits and `_` in its name",
        _ if name.chars().count() > MAX => "has a name of more than 250 characters",
        _ => return Ok(()),
    };
    Err(wrong(metric, what, "rename it"))
}

fn check(metric: &Declared, options: &Mapping, (kind, has_home): (&str, bool)) -> Result<()> {
    let needed: &[&str] = match kind {
        "simple" => &["agg"],
        "cumulative" => &["input_metric"],
        "ratio" => &["numerator", "denominator"],
        "conversion" => &["base_metric", "conversion_metric", "entity", "calculation"],
        _ => &[],
    };
    if let Some(key) = needed.iter().find(|key| said(options, key).is_none()) {
        let what = format!("is {kind} and has no `{key}`");
        return Err(wrong(metric, &what, &format!("add `{key}:`")));
    }
    match has_home || said(options, "agg").is_none() {
        true => Ok(()),
        false => Err(wrong(
            metric,
            "aggregates, and belongs to no semantic model",
            "put it under `metrics:` of the model that it is about, or give it `type_params`",
        )),
    }
}

fn wrong(metric: &Declared, what: &str, hint: &str) -> anyhow::Error {
    let what = format!("metric `{}` {what}", metric.name);
    Diagnostic::project(what).at(&metric.at).hint(hint).into()
}

fn conversion(options: &Mapping) -> Option<Value> {
    Some(map([
        ("entity", own(options, "entity")),
        ("base_metric", own(options, "base_metric")),
        ("conversion_metric", own(options, "conversion_metric")),
        ("calculation", own(options, "calculation")),
        ("window", own(options, "window")),
        ("constant_properties", own(options, "constant_properties")),
    ]))
}

fn cumulative(options: &Mapping) -> Option<Value> {
    Some(map([
        ("window", own(options, "window")),
        ("grain_to_date", own(options, "grain_to_date")),
        ("period_agg", own(options, "period_agg")),
        ("metric", own(options, "input_metric")),
    ]))
}

/// Returns how a simple metric sums up the rows of its semantic model.
fn aggregation(options: &Mapping, home: &Home<'_>) -> Value {
    let kind = text(options, "percentile_type").unwrap_or_default();
    let kind = kind.to_lowercase();
    let beside = options.get("non_additive_dimension");
    let beside = beside.and_then(Value::as_mapping).map(|beside| {
        map([
            ("name", own(beside, "name")),
            ("window_choice", own(beside, "window_agg")),
            ("window_groupings", own(beside, "group_by")),
        ])
    });
    map([
        ("semantic_model", word(home.semantic_model)),
        ("agg", own(options, "agg")),
        (
            "agg_params",
            Some(map([
                ("percentile", own(options, "percentile")),
                (
                    "use_discrete_percentile",
                    Some(Value::bool(kind == "discrete")),
                ),
                (
                    "use_approximate_percentile",
                    Some(Value::bool(kind == "continuous")),
                ),
            ])),
        ),
        (
            "agg_time_dimension",
            own(options, "agg_time_dimension").or_else(|| home.time.clone()),
        ),
        ("non_additive_dimension", beside),
    ])
}
