//! A table goes in, a trained model and its predictions come out as tables.
//!
//! Knows nothing of how the table was made or who reads the predictions; draws no charts.

mod examples;
mod kmeans;
mod params;
mod preprocess;
mod record;
mod silhouette;
pub mod supervised;
mod table;

use serde_yaml::Value;

pub use self::examples::Examples;
pub use self::preprocess::Scaling;
use crate::diagnostic::{Diagnostic, Place, Result, nearest};
use crate::engine::{Relation, Session, transaction};
use crate::project::nodes::MlModel;
use crate::project::yaml::{Doc, Fields};

/// A way to learn from a table. One file in this folder, one line in [`ALGORITHMS`].
pub trait Algorithm: Sync {
    /// The word after `algorithm:`; lower case, unique.
    fn name(&self) -> &'static str;
    /// One line for lists and help.
    fn about(&self) -> &'static str;
    /// Checks `options`, the keys of the declaration that are the algorithm's own (`params`, `label`, …), before
    /// there is anything to learn from. It asks for those it takes, and calls [`Fields::finish`].
    ///
    /// # Errors
    /// `Project` for an option that is not taken or out of range.
    fn check(&self, features: &[String], options: &Fields<'_>) -> Result<()>;
    /// Learns from `examples`, with options as [`Algorithm::check`] takes them.
    ///
    /// The same examples and options give the same result, however many threads there are.
    ///
    /// # Errors
    /// `Project` for an option that is not taken or out of range, `Data` for examples nothing can be learnt from.
    fn fit(&self, examples: &Examples, options: &Fields<'_>) -> Result<Fitted>;
}

/// Every algorithm by name.
pub static ALGORITHMS: &[&dyn Algorithm] = &[&kmeans::KMeans];

/// A column of the predictions, one value an example, in the order of the examples.
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Its values.
    pub values: arrow::array::ArrayRef,
}

/// A group of examples that an algorithm found.
pub struct Cluster {
    /// What people call it.
    pub label: String,
    /// Number of examples in it.
    pub size: usize,
    /// Its centre, a value a feature, scaled as the examples are.
    pub center: Vec<f64>,
}

/// What an algorithm learnt.
pub struct Fitted {
    /// The predictions, beside the key and the features.
    pub columns: Vec<Column>,
    /// Groups in the order of their numbers; none for an algorithm that finds none.
    pub clusters: Vec<Cluster>,
    /// How good it is, by the measure's name.
    pub metrics: Vec<(&'static str, f64)>,
    /// Every parameter as it was used, defaults included.
    pub params: serde_json::Value,
    /// The seed of its random numbers.
    pub seed: i64,
    /// The result in a few words.
    pub summary: String,
}

/// What is to be trained, on what and where the predictions go.
pub struct Request<'a> {
    /// The declaration.
    pub model: &'a MlModel,
    /// The table it learns from.
    pub input: &'a Relation,
    /// The table whose rows a supervised model predicts; `None` for `input`.
    pub score: Option<&'a Relation>,
    /// The version of the data in `input`, for the records.
    pub data_version: Option<String>,
    /// The table of predictions, replaced; must not be a view.
    pub output: &'a Relation,
    /// When, in microseconds since 1970-01-01 UTC.
    pub now: i64,
}

/// What was trained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Number of predictions.
    pub rows: u64,
    /// The result in a few words, such as `VIP 39, Non-VIP 383`.
    pub summary: String,
}

/// Returns the algorithm a model names.
///
/// # Errors
/// `Project` with the nearest name when there is none of that name.
pub fn algorithm(model: &MlModel) -> Result<&'static dyn Algorithm> {
    let Some(asked) = model.algorithm.as_deref() else {
        let what = format!("ml model `{}` has no `algorithm`", model.name);
        return Err(Diagnostic::project(what).at(&model.at).into());
    };
    let known = || ALGORITHMS.iter().map(|algorithm| algorithm.name());
    let found = ALGORITHMS
        .iter()
        .find(|algorithm| algorithm.name() == asked);
    found.copied().ok_or_else(|| {
        if supervised::CLASSIFIERS
            .iter()
            .any(|one| one.name() == asked)
        {
            let what = format!(
                "ml model `{}` has no `target`, the column to learn",
                model.name
            );
            return Diagnostic::project(what).at(&model.at).into();
        }
        let hint = match nearest(asked, known()) {
            Some(name) => format!("did you mean `{name}`?"),
            None => format!("algorithms are: {}", known().collect::<Vec<_>>().join(", ")),
        };
        let what = format!(
            "ml model `{}` asks for the algorithm `{asked}`, which is none",
            model.name
        );
        Diagnostic::project(what).at(&model.at).hint(hint).into()
    })
}

/// Makes the tables in which training keeps its records; before several models are trained at once.
///
/// # Errors
/// As [`Session::execute`].
pub fn prepare(session: &mut dyn Session) -> Result<()> {
    record::prepare(session)
}

/// Checks what a declaration says, before anything of it is made.
///
/// # Errors
/// `Project`, with its place, for an algorithm or a key that is unknown, and a value that is missing or wrong.
pub fn check(model: &MlModel) -> Result<()> {
    let value = Value::mapping(model.options.clone());
    let options = options(model, &value)?;
    if is_supervised(&options) {
        return supervised::check(model, &options);
    }
    let algorithm = algorithm(model)?;
    preprocess::read(&options)?;
    algorithm.check(&model.features, &options).place(&model.at)
}

fn options<'a>(model: &'a MlModel, value: &'a Value) -> Result<Fields<'a>> {
    let doc = Doc {
        value,
        file: &model.at.file,
    };
    doc.fields(&format!("ml model `{}`", model.name))
}

fn is_supervised(options: &Fields<'_>) -> bool {
    options.get("target").is_some() || options.get("candidates").is_some()
}

/// Trains a model and writes its predictions to `request.output`, what was learnt to the tables `wh.ml_*`.
///
/// A model with a `target` learns from it ([`supervised`]); one without finds groups, and its predictions are key,
/// features, then the algorithm's own columns.
///
/// All of it in one transaction of its own: `session` must not be in one. The order of the rows in
/// `request.input` does not matter: examples are sorted by their key.
///
/// # Errors
/// `Project`, at the place of the declaration, when it does not fit the table or the algorithm; `Data` when
/// rows have no key, share one, or lack a feature, and when there is nothing to learn from.
pub fn train(session: &mut dyn Session, request: &Request<'_>) -> Result<Outcome> {
    let model = request.model;
    let value = Value::mapping(model.options.clone());
    let options = options(model, &value)?;
    if is_supervised(&options) {
        return supervised::train(session, request, &options);
    }
    let algorithm = algorithm(model)?;
    let scale = preprocess::read(&options)?;
    transaction(session, |session| {
        let table = table::read(session, request)?;
        let examples = Examples::new(request.input, &model.features, table.values, scale);
        let fitted = algorithm.fit(&examples, &options)?;
        let rows = record::write(
            session,
            request,
            &record::Learnt {
                examples: &examples,
                fitted: &fitted,
                kept: table.kept,
            },
        )?;
        let summary = [fitted.summary]
            .into_iter()
            .chain(examples.note())
            .collect::<Vec<_>>()
            .join("; ");
        Ok(Outcome { rows, summary })
    })
    .place(&model.at)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn algorithms_have_unique_lower_case_names_and_say_what_they_do() {
        let names: BTreeSet<_> = ALGORITHMS
            .iter()
            .map(|algorithm| algorithm.name())
            .collect();
        assert_eq!(names.len(), ALGORITHMS.len());
        for algorithm in ALGORITHMS {
            assert!(
                algorithm
                    .name()
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c == '_')
            );
            assert!(!algorithm.about().is_empty());
        }
    }
}
