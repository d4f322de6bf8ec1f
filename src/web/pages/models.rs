//! The registry of models: versions, candidates, the champion, how good they are and what they look at.

use std::collections::BTreeMap;

use maud::{Markup, PreEscaped, html};

use crate::diagnostic::Result;
use crate::engine::Param;
use crate::report::chart::{KINDS, Spec, Style, Theme};
use crate::report::frame::Frame;
use crate::web::app::{Answer, App, Ask, Page};
use crate::web::look::Look;
use crate::web::rows::{Row, rows};
use crate::web::{parts, words};

/// Metrics in the order people ask for them; others follow.
const METRICS: &[&str] = &[
    "roc_auc",
    "accuracy",
    "precision",
    "recall",
    "f1",
    "silhouette",
    "inertia",
];

/// The rows a figure is of, the most telling first.
const SPLITS: &[&str] = &["test", "validation", "train"];

/// Features of a list of importances that are shown.
const MOST_FEATURES: usize = 25;

/// Width of a chart in pixels.
const CHART: f64 = 520.0;

/// `/models`
pub(in crate::web) fn models(app: &App, _: &Ask) -> Result<Answer<Page>> {
    let body = html! {
        h1 { "Models" }
        (app.look(registry))
    };
    Ok(Answer::Found(Page::new("/models", "Models", body)))
}

fn registry(look: &mut Look) -> Result<Markup> {
    let Some((found, metrics)) = read(look, Param::Null)? else {
        return Ok(parts::empty(
            "No model has been trained yet. Declare one under `ml_models:` in any YAML file of the models, then:",
            &["wh build -s resource_type:ml_model"],
        ));
    };
    let mut by_model: BTreeMap<String, Vec<Row<'_>>> = BTreeMap::new();
    for row in rows(&found) {
        by_model.entry(row.text("model")).or_default().push(row);
    }
    Ok(html! {
        @for (model, versions) in &by_model {
            @let champion = champion(versions);
            section.card.view {
                h2 {
                    a href={ "/models/" (words::encoded(model)) } { (model) } " "
                    (crowned(champion))
                }
                (facts(champion))
                (figures(champion, &metrics))
                p.muted { (words::counted(n_versions(versions), "version")) ", " (words::counted(versions.len(), "trained candidate")) }
            }
        }
    })
}

/// The rows of the registry and of the metrics; `None` when there are none.
fn read(look: &mut Look, model: Param) -> Result<Option<(Frame, Frame)>> {
    let tables = &["ml_models", "ml_metrics"];
    let which = [model];
    let models = look.rows(tables, include_str!("../sql/models.sql"), &which)?;
    let Some(models) = models.filter(|frame| !frame.rows.is_empty()) else {
        return Ok(None);
    };
    let metrics = look.query(include_str!("../sql/metrics.sql"), &which)?;
    Ok(Some((models, metrics)))
}

fn champion<'a>(versions: &[Row<'a>]) -> Row<'a> {
    let champion = versions.iter().find(|row| row.is("is_champion"));
    *champion.unwrap_or(&versions[0])
}

/// Says which one is used, or that none was good enough.
fn crowned(row: Row<'_>) -> Markup {
    let name = format!("version {}, {}", row.text("version"), row.text("candidate"));
    match row.is("is_champion") {
        true => html! { span.tag.good { "champion: " (name) } },
        false => {
            html! { span.status.s-warn { "no champion: no candidate was accepted; the newest is " (name) } }
        }
    }
}

fn n_versions(versions: &[Row<'_>]) -> usize {
    let mut numbers: Vec<Option<i64>> = versions.iter().map(|row| row.int("version")).collect();
    numbers.dedup();
    numbers.len()
}

fn facts(row: Row<'_>) -> Markup {
    html! {
        dl.facts {
            div { dt { "Algorithm" } dd { (row.text("algorithm").replace('_', " ")) } }
            @if let Some(target) = row.said("target") { div { dt { "Predicts" } dd { code { (target) } } } }
            div { dt { "Trained" } dd { (parts::maybe_ago(row.int("trained_at"))) } }
            div { dt { "On" } dd { (parts::maybe_count(row.int("n_train").or(row.int("n_rows")))) " rows"
                @if let Some(test) = row.int("n_test") { ", judged on " (words::count(test)) } } }
            @if let Some(version) = row.said("data_version") { div { dt { "Data" } dd { (data_version(&version)) } } }
        }
    }
}

/// Links to the version of the data, when its name is a number.
fn data_version(name: &str) -> Markup {
    match name.trim_start_matches('v').parse::<i64>() {
        Ok(number) => html! { a href={ "/versions/" (number) } { (name) } },
        Err(_) => html! { (name) },
    }
}

/// A candidate's figures by metric: of the most telling rows, and over folds with their spread.
fn of_candidate<'a>(row: Row<'_>, metrics: &'a Frame) -> BTreeMap<String, Vec<Row<'a>>> {
    let same = |metric: &Row<'a>| {
        ["model", "version", "candidate"]
            .iter()
            .all(|column| metric.text(column) == row.text(column))
    };
    let mut by_metric: BTreeMap<String, Vec<Row<'a>>> = BTreeMap::new();
    for metric in rows(metrics).filter(same) {
        by_metric
            .entry(metric.text("metric"))
            .or_default()
            .push(metric);
    }
    by_metric
}

fn telling<'a>(figures: &[Row<'a>]) -> Option<Row<'a>> {
    let place = |row: &&Row<'a>| {
        let split = row.text("split");
        SPLITS
            .iter()
            .position(|known| *known == split)
            .unwrap_or(SPLITS.len())
    };
    let single = figures.iter().filter(|row| !row.is("is_of_folds"));
    single
        .min_by_key(place)
        .or_else(|| figures.first())
        .copied()
}

/// The names of metrics, known ones first.
fn ordered(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut names: Vec<String> = names.collect();
    let place = |name: &String| {
        METRICS
            .iter()
            .position(|known| known == name)
            .unwrap_or(METRICS.len())
    };
    names.sort_by(|a, b| (place(a), a).cmp(&(place(b), b)));
    names.dedup();
    names
}

fn figures(row: Row<'_>, metrics: &Frame) -> Markup {
    let by_metric = of_candidate(row, metrics);
    let names = ordered(by_metric.keys().cloned());
    html! {
        div.tiles {
            @for name in &names {
                @if let Some(figure) = telling(&by_metric[name]) {
                    (parts::tile(&name.replace('_', " "),
                        &html! { (words::measure(figure.number("value").unwrap_or(f64::NAN))) },
                        &html! { @match figure.said("split") { Some(split) => { "on " (split) " rows" } None => {} } }))
                }
            }
        }
    }
}

/// `/models/{model}`
pub(in crate::web) fn model(app: &App, ask: &Ask) -> Result<Answer<Page>> {
    let name = ask.part("model").to_owned();
    let body = html! {
        p.crumbs { a href="/models" { "Models" } }
        h1 { (name) }
        (app.look(|look| one(look, &name)))
    };
    Ok(Answer::Found(Page::new("/models", name, body)))
}

fn one(look: &mut Look, name: &str) -> Result<Markup> {
    let Some((found, metrics)) = read(look, name.into())? else {
        return Ok(parts::empty(
            "No model of this name has been trained.",
            &["wh build -s resource_type:ml_model"],
        ));
    };
    let versions: Vec<Row<'_>> = rows(&found).collect();
    let champion = champion(&versions);
    let of = [
        Param::from(name),
        champion.int("version").map_or(Param::Null, Param::Int),
        champion.text("candidate").into(),
    ];
    Ok(html! {
        p { (crowned(champion)) }
        (facts(champion))
        (figures(champion, &metrics))
        (candidates(&versions, &metrics))
        div.columns {
            (roc(look, &of[..2])?)
            (confusion(look, &of)?)
        }
        (importances(look, &of)?)
        (clusters(look, &of[..1])?)
        h2 { "Parameters" }
        pre { (pretty(&champion.text("params"))) }
        @if let Some(hash) = champion.said("sha256") {
            p.muted { "The trained model has " (words::size(champion.int("size_bytes").unwrap_or_default())) "; SHA-256 " span.mono { (hash) } }
        }
    })
}

fn pretty(json: &str) -> String {
    let value: Option<serde_json::Value> = serde_json::from_str(json).ok();
    let text = value.and_then(|value| serde_json::to_string_pretty(&value).ok());
    text.unwrap_or_else(|| json.into())
}

fn candidates(versions: &[Row<'_>], metrics: &Frame) -> Markup {
    let figures: Vec<_> = versions
        .iter()
        .map(|row| of_candidate(*row, metrics))
        .collect();
    let names = ordered(
        figures
            .iter()
            .flat_map(|by_metric| by_metric.keys().cloned()),
    );
    html! {
        h2 { "Versions and candidates" }
        div.scroll { table {
            thead { tr {
                th { "Version" } th { "Candidate" }
                @for name in &names { th.number { (name.replace('_', " ")) } }
                th { "Trained" } th { "Data" }
            } }
            tbody { @for (row, figures) in versions.iter().zip(&figures) {
                tr {
                    th.nowrap { (row.text("version")) }
                    td.nowrap { (row.text("candidate"))
                        @if row.is("is_champion") { " " span.tag.good { "champion" } }
                        @else if row.is("is_best") { " " span.tag { "best of its version" } } }
                    @for name in &names { td.number { (cell(figures.get(name))) } }
                    td.nowrap { (parts::maybe_ago(row.int("trained_at"))) }
                    td.nowrap { (row.said("data_version").map_or_else(parts::dash, |version| data_version(&version))) }
                }
            } }
        } }
        p.muted { "Figures are of rows the model has not seen, where there are some; below them, mean and spread over the folds." }
    }
}

fn cell(figures: Option<&Vec<Row<'_>>>) -> Markup {
    let Some(figures) = figures else {
        return parts::dash();
    };
    let folds = figures
        .iter()
        .find(|row| row.is("is_of_folds") && row.text("split") != "train");
    let number = |row: &Row<'_>, column: &str| row.number(column).unwrap_or(f64::NAN);
    html! {
        @if let Some(row) = telling(figures) { (words::measure(number(&row, "value"))) }
        @if let Some(row) = folds {
            div.muted.small title=(format!("mean and spread of {} folds", row.text("n"))) {
                (words::decimal(number(row, "value"), 3)) " ± " (words::decimal(number(row, "spread"), 3))
            }
        }
    }
}

fn roc(look: &mut Look, of: &[Param]) -> Result<Markup> {
    let found = look.rows(&["ml_curves"], include_str!("../sql/curves.sql"), of)?;
    let Some(found) = found.filter(|frame| !frame.rows.is_empty()) else {
        return Ok(html! {});
    };
    let spec = Spec {
        data: found,
        title: "ROC".into(),
        x: "false_positive_rate".into(),
        y: Some("true_positive_rate".into()),
        series: Some("candidate".into()),
        x_label: Some("false positive rate".into()),
        y_label: Some("true positive rate".into()),
        ..Spec::default()
    };
    let style = Style {
        width: CHART,
        theme: Theme::Page,
        id: "roc".into(),
    };
    let drawn = KINDS
        .iter()
        .find(|kind| kind.name() == "line")
        .map(|kind| kind.draw(&spec, &style));
    Ok(html! {
        @if let Some(drawn) = drawn.transpose()? {
            div { h2 { "ROC" } div.card.chart { (PreEscaped(drawn)) } }
        }
    })
}

fn confusion(look: &mut Look, of: &[Param]) -> Result<Markup> {
    let found = look.rows(&["ml_confusion"], include_str!("../sql/confusion.sql"), of)?;
    let Some(found) = found.filter(|frame| !frame.rows.is_empty()) else {
        return Ok(html! {});
    };
    let mut classes: Vec<String> = rows(&found).map(|row| row.text("actual")).collect();
    classes.dedup();
    let n = |actual: &str, predicted: &str| {
        let cell =
            |row: &Row<'_>| row.text("actual") == actual && row.text("predicted") == predicted;
        rows(&found)
            .find(cell)
            .and_then(|row| row.int("n_rows"))
            .unwrap_or_default()
    };
    Ok(html! {
        div {
            h2 { "Confusion" }
            div.scroll { table.matrix {
                thead { tr { th { "actual ↓ predicted →" } @for class in &classes { th.number { (class) } } } }
                tbody { @for actual in &classes {
                    tr {
                        th { (actual) }
                        @for predicted in &classes {
                            td.number { @if actual == predicted { strong { (words::count(n(actual, predicted))) } } @else { (words::count(n(actual, predicted))) } }
                        }
                    }
                } }
            } }
        }
    })
}

fn importances(look: &mut Look, of: &[Param]) -> Result<Markup> {
    let found = look.rows(
        &["ml_importances"],
        include_str!("../sql/importances.sql"),
        of,
    )?;
    let Some(found) = found.filter(|frame| !frame.rows.is_empty()) else {
        return Ok(html! {});
    };
    let mut by_kind: BTreeMap<String, Vec<Row<'_>>> = BTreeMap::new();
    for row in rows(&found) {
        by_kind.entry(row.text("kind")).or_default().push(row);
    }
    let size = |row: &Row<'_>| row.number("importance").unwrap_or_default().abs();
    Ok(html! {
        @for (kind, features) in &by_kind {
            h2 { "What it looks at: " (kind.replace('_', " ")) }
            @let most = features.iter().map(size).fold(f64::MIN_POSITIVE, f64::max);
            div.scroll { table { tbody { @for row in features.iter().take(MOST_FEATURES) {
                tr {
                    th.nowrap { code { (row.text("feature")) } }
                    td.number { (words::decimal(row.number("importance").unwrap_or_default(), 4)) }
                    td.bar-cell { (parts::bar(size(row) / most, "plain")) }
                }
            } } } }
            @if features.len() > MOST_FEATURES { p.muted { "and " (features.len() - MOST_FEATURES) " more" } }
        }
    })
}

fn clusters(look: &mut Look, of: &[Param]) -> Result<Markup> {
    let found = look.rows(&["ml_clusters"], include_str!("../sql/clusters.sql"), of)?;
    let Some(found) = found.filter(|frame| !frame.rows.is_empty()) else {
        return Ok(html! {});
    };
    let mut features: Vec<String> = rows(&found).map(|row| row.text("feature")).collect();
    features.sort();
    features.dedup();
    let mut by_cluster: BTreeMap<i64, Vec<Row<'_>>> = BTreeMap::new();
    for row in rows(&found) {
        by_cluster
            .entry(row.int("cluster").unwrap_or_default())
            .or_default()
            .push(row);
    }
    let center = |rows: &[Row<'_>], feature: &str| {
        let row = rows.iter().find(|row| row.text("feature") == feature);
        words::measure(row.and_then(|row| row.number("center")).unwrap_or(f64::NAN))
    };
    Ok(html! {
        h2 { "Clusters" }
        div.scroll { table {
            thead { tr { th { "Cluster" } th.number { "Size" } @for feature in &features { th.number { (feature) } } } }
            tbody { @for rows in by_cluster.values() {
                tr {
                    th { (rows[0].text("label")) }
                    td.number { (parts::maybe_count(rows[0].int("size"))) }
                    @for feature in &features { td.number { (center(rows, feature)) } }
                }
            } }
        } }
        p.muted { "Centres, in the units of the features." }
    })
}
