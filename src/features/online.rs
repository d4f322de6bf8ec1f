//! Online values: the latest features of entities, as Feast's online API answers.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::diagnostic::{Diagnostic, Kind, Result, nearest};
use crate::state::State;
use crate::state::online::{Latest, View};

/// Which features of which entities are asked for.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// `view:feature`, `view:*` or `view`.
    pub features: &'a [String],
    /// Each entity column and its values, all of one length: `("customer_id", [1, 2])` asks for two entities.
    pub entities: &'a [(String, Vec<Value>)],
    /// Names features `view__feature`.
    pub full_feature_names: bool,
    /// The present; values older than a view's ttl by then are none.
    pub now: Timestamp,
}

/// Why a value is there or is not; Feast's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// There is a value.
    Present,
    /// The latest value is null.
    NullValue,
    /// Nothing is known of the entity.
    NotFound,
    /// The latest value is older than the ttl.
    OutsideMaxAge,
}

/// The answer, in the shape of Feast's `get-online-features`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// What the results are of.
    pub metadata: Metadata,
    /// A result a name of `metadata.feature_names`: the entity's columns, then the features.
    pub results: Vec<Column>,
}

/// What the results of an [`Answer`] are of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Metadata {
    /// Names in the order of the results.
    pub feature_names: Vec<String>,
}

/// One feature of all entities, in the order in which they are asked for.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Column {
    /// Values; null unless the status is `PRESENT`.
    pub values: Vec<Value>,
    /// Statuses.
    pub statuses: Vec<Status>,
    /// When each value became known, in RFC 3339; null where nothing is known.
    pub event_timestamps: Vec<Option<String>>,
}

/// Answers from the online store alone: no warehouse is opened.
///
/// # Errors
/// `Project` for a view that is not in the store, a feature it does not have, or entities that do not fit it.
pub fn answer(state: &State, question: &Question<'_>) -> Result<Answer> {
    let entities = question.entities;
    let n_entities = entities.first().map_or(0, |(_, values)| values.len());
    if entities
        .iter()
        .any(|(_, values)| values.len() != n_entities)
    {
        return Err(Diagnostic::project("the entities' columns differ in length").into());
    }
    let mut answer = Answer {
        metadata: Metadata {
            feature_names: Vec::new(),
        },
        results: Vec::new(),
    };
    for (name, values) in entities {
        answer.metadata.feature_names.push(name.clone());
        answer.results.push(Column {
            values: values.clone(),
            statuses: vec![Status::Present; n_entities],
            event_timestamps: vec![None; n_entities],
        });
    }
    for (view, features) in chosen(state, question.features)? {
        let keys = keys(&view, entities, n_entities)?;
        let found = state.online_values(&view.name, &keys)?;
        let rows: Vec<Row> = found
            .into_iter()
            .map(|latest| Row::read(&view, latest, question.now))
            .collect::<Result<_>>()?;
        for feature in features {
            answer
                .metadata
                .feature_names
                .push(match question.full_feature_names {
                    true => format!("{}__{feature}", view.name),
                    false => feature.clone(),
                });
            answer.results.push(column(&rows, &feature));
        }
    }
    Ok(answer)
}

/// Finds the views and features that are named.
fn chosen(state: &State, wanted: &[String]) -> Result<Vec<(View, Vec<String>)>> {
    let mut chosen: Vec<(View, Vec<String>)> = Vec::new();
    for text in wanted {
        let (name, feature) = text.split_once(':').unwrap_or((text, "*"));
        let view = state.online_view(name)?.ok_or_else(|| {
            Diagnostic::project(format!("feature view `{name}` is not in the online store"))
                .hint(format!("`wh features materialize {name}` puts it there"))
        })?;
        let matching = view.features.iter();
        let names: Vec<String> = matching
            .filter(|own| feature == "*" || *own == feature)
            .cloned()
            .collect();
        if names.is_empty() {
            let what =
                format!("feature view `{name}` has no feature `{feature}` in the online store");
            let near = nearest(feature, view.features.iter().map(String::as_str));
            let hint = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("its features are: {}", view.features.join(", ")),
            };
            return Err(Diagnostic::project(what).hint(hint).into());
        }
        match chosen.iter_mut().find(|(other, _)| other.name == view.name) {
            Some((_, taken)) => {
                let new: Vec<String> = names
                    .into_iter()
                    .filter(|name| !taken.contains(name))
                    .collect();
                taken.extend(new);
            }
            None => chosen.push((view, names)),
        }
    }
    Ok(chosen)
}

/// Writes the key of each entity as the store has it.
fn keys(view: &View, entities: &[(String, Vec<Value>)], n_entities: usize) -> Result<Vec<String>> {
    let columns = view.entity.iter().map(|name| {
        let found = entities.iter().find(|(column, _)| column == name);
        found.map(|(_, values)| values).ok_or_else(|| {
            let what = format!(
                "feature view `{}` is asked without its entity `{name}`",
                view.name
            );
            Diagnostic::project(what)
        })
    });
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let key = |row: usize| {
        let texts: Vec<String> = columns.iter().map(|values| text(&values[row])).collect();
        Ok(serde_json::to_string(&texts)?)
    };
    (0..n_entities).map(key).collect()
}

/// What is known of one entity now.
enum Row {
    Unknown,
    Expired(String),
    Known(String, serde_json::Map<String, Value>),
}

impl Row {
    fn read(view: &View, latest: Option<Latest>, now: Timestamp) -> Result<Self> {
        let Some(latest) = latest else {
            return Ok(Self::Unknown);
        };
        let broken = || {
            let what = format!("the online store holds no values of `{}`", latest.entity);
            Diagnostic::new(Kind::Bug, what)
        };
        let known_at = Timestamp::from_microsecond(latest.known_at)?;
        let age = now.as_microsecond().saturating_sub(latest.known_at);
        let is_expired = view
            .ttl
            .is_some_and(|ttl| age > ttl.saturating_mul(1_000_000));
        match (is_expired, serde_json::from_str(&latest.values)?) {
            (true, _) => Ok(Self::Expired(known_at.to_string())),
            (false, Value::Object(values)) => Ok(Self::Known(known_at.to_string(), values)),
            (false, _) => Err(broken().into()),
        }
    }
}

fn column(rows: &[Row], feature: &str) -> Column {
    let mut column = Column::default();
    for row in rows {
        let (value, status, at) = match row {
            Row::Unknown => (Value::Null, Status::NotFound, None),
            Row::Expired(at) => (Value::Null, Status::OutsideMaxAge, Some(at.clone())),
            Row::Known(at, values) => {
                let value = values.get(feature).cloned().unwrap_or_default();
                let status = match value.is_null() {
                    true => Status::NullValue,
                    false => Status::Present,
                };
                (value, status, Some(at.clone()))
            }
        };
        column.values.push(value);
        column.statuses.push(status);
        column.event_timestamps.push(at);
    }
    column
}
