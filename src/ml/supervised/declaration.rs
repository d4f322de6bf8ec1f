//! The keys of `ml_models:` that are those of supervised models.

use serde_json::json;

use super::measure::{MEASURES, Measure};
use super::steps::{self, Step};
use super::{CLASSIFIERS, Classifier, Learner};
use crate::diagnostic::{At, Diagnostic, Result, nearest};
use crate::ml::params;
use crate::project::nodes::MlModel;
use crate::project::yaml::{Doc, Fields};

/// A checked declaration.
pub(super) struct Declaration {
    /// The column that is learnt.
    pub(super) target: String,
    /// Its value that counts as yes; found out from the data when absent.
    pub(super) positive: Option<String>,
    pub(super) steps: Vec<Step>,
    /// The steps as they are declared.
    pub(super) preprocess: serde_json::Value,
    pub(super) split: Split,
    /// Folds of the cross-validation; 0 for none.
    pub(super) folds: usize,
    /// At least one, with different names.
    pub(super) candidates: Vec<Candidate>,
    /// What the champion is chosen by.
    pub(super) by: Measure,
    /// What the champion must reach on the test rows.
    pub(super) gates: Vec<(Measure, f64)>,
}

/// How test rows are chosen.
pub(super) enum Split {
    /// At random: their share, whether of each class alike, and the seed.
    Random {
        share: f64,
        stratify: bool,
        seed: u64,
    },
    /// By a column: `train` and `test`, or true for a test row.
    Column(String),
}

/// One of the algorithms that compete.
pub(super) struct Candidate {
    pub(super) name: String,
    pub(super) classifier: &'static dyn Classifier,
    pub(super) learner: Box<dyn Learner>,
}

impl Declaration {
    /// Reads the options of a model.
    ///
    /// # Errors
    /// `Project`, with its place, for a key that is unknown, missing or wrong.
    pub(super) fn read(model: &MlModel, options: &Fields<'_>) -> Result<Self> {
        let declaration = Self {
            target: options.required("target")?,
            positive: options.text("positive")?,
            steps: steps::read(options)?,
            preprocess: json_of(options, "preprocess")?,
            split: split(options)?,
            folds: folds(options)?,
            candidates: candidates(model, options)?,
            by: champion(options)?,
            gates: gates(options)?,
        };
        options.finish()?;
        if declaration.folds == 0
            && let Split::Random { share: 0.0, .. } = declaration.split
        {
            let what = format!(
                "ml model `{}` has neither test rows nor cross-validation",
                model.name
            );
            return Err(Diagnostic::project(what)
                .at(&model.at)
                .hint("add `split: {test_share: 0.2}`")
                .into());
        }
        Ok(declaration)
    }

    /// Returns the seed of the split.
    pub(super) fn seed(&self) -> u64 {
        match self.split {
            Split::Random { seed, .. } => seed,
            Split::Column(_) => SEED,
        }
    }

    /// Returns all that the trained models depend on but the data.
    pub(super) fn settings(&self, model: &MlModel) -> serde_json::Value {
        let candidates = self.candidates.iter().map(|candidate| {
            json!({
                "name": candidate.name,
                "algorithm": candidate.classifier.name(),
                "params": candidate.learner.params(),
            })
        });
        json!({
            "key": model.key,
            "features": model.features,
            "target": self.target,
            "positive": self.positive,
            "preprocess": self.preprocess,
            "split": match &self.split {
                Split::Random { share, stratify, seed } => {
                    json!({"test_share": share, "stratify": stratify, "seed": seed})
                }
                Split::Column(column) => json!({"column": column}),
            },
            "folds": self.folds,
            "candidates": candidates.collect::<Vec<_>>(),
            "by": self.by.name,
        })
    }
}

const SEED: u64 = 42;

fn json_of(options: &Fields<'_>, key: &str) -> Result<serde_json::Value> {
    let value = options
        .get(key)
        .map(|doc| serde_json::to_value(doc.value))
        .transpose()?;
    Ok(value.unwrap_or_else(|| json!([])))
}

fn split(options: &Fields<'_>) -> Result<Split> {
    let Some(doc) = options.get("split") else {
        return Ok(Split::Random {
            share: 0.2,
            stratify: true,
            seed: SEED,
        });
    };
    let fields = doc.fields("`split`")?;
    let split = match fields.text("column")? {
        Some(column) => Split::Column(column),
        None => Split::Random {
            share: match fields.get("test_share") {
                None => 0.2,
                Some(share) => match share.number() {
                    Some(value) if (0.0..1.0).contains(&value) => value,
                    _ => {
                        return Err(params::out_of_range(
                            &share,
                            "test_share",
                            "a share from 0 to below 1",
                        ));
                    }
                },
            },
            stratify: match fields.get("stratify") {
                None => true,
                Some(stratify) => match stratify.value.as_bool() {
                    Some(value) => value,
                    None => {
                        return Err(params::out_of_range(&stratify, "stratify", "true or false"));
                    }
                },
            },
            seed: params::whole(&fields, "seed", Some(SEED), 0..=i64::MAX as u64)?,
        },
    };
    fields.finish()?;
    Ok(split)
}

fn folds(options: &Fields<'_>) -> Result<usize> {
    let Some(doc) = options.get("cross_validation") else {
        return Ok(5);
    };
    let fields = doc.fields("`cross_validation`")?;
    let folds = params::whole(&fields, "folds", Some(5), 0..=100)?;
    fields.finish()?;
    match folds {
        1 => Err(Diagnostic::project("one fold leaves nothing to learn from")
            .at(&doc.at())
            .hint("give at least 2 `folds`, or 0 for no cross-validation")
            .into()),
        folds => Ok(usize::try_from(folds)?),
    }
}

fn candidates(model: &MlModel, options: &Fields<'_>) -> Result<Vec<Candidate>> {
    let items = options.items("candidates");
    let mut candidates: Vec<Candidate> = Vec::new();
    match (&model.algorithm, items.is_empty()) {
        (Some(algorithm), true) => {
            candidates.push(candidate(
                algorithm,
                algorithm,
                options.get("params"),
                &model.at,
            )?);
        }
        (None, false) => {
            for item in items {
                let fields = item.fields("an entry of `candidates`")?;
                let algorithm = fields.required("algorithm")?;
                let name = fields.text("name")?.unwrap_or_else(|| algorithm.clone());
                let at = fields
                    .get("algorithm")
                    .map_or_else(|| item.at(), |doc| doc.at());
                let one = candidate(&name, &algorithm, fields.get("params"), &at)?;
                fields.finish()?;
                if candidates.iter().any(|other| other.name == name) {
                    let what = format!("ml model `{}` has two candidates `{name}`", model.name);
                    return Err(Diagnostic::project(what)
                        .at(&item.at())
                        .hint("give each a `name`")
                        .into());
                }
                candidates.push(one);
            }
        }
        _ => {
            let what = format!(
                "ml model `{}` has not exactly one of `algorithm` and `candidates`",
                model.name
            );
            return Err(Diagnostic::project(what).at(&model.at).into());
        }
    }
    Ok(candidates)
}

fn candidate(name: &str, algorithm: &str, params: Option<Doc<'_>>, at: &At) -> Result<Candidate> {
    let classifier = classifier(algorithm, at)?;
    let none = serde_yaml::Value::mapping(serde_yaml::Mapping::new());
    let doc = params.unwrap_or(Doc {
        value: &none,
        file: &at.file,
    });
    let fields = doc.fields(&format!("`params` of `{name}`"))?;
    let learner = classifier.read(&fields)?;
    fields.finish()?;
    Ok(Candidate {
        name: name.into(),
        classifier,
        learner,
    })
}

/// Returns the classifier of that name.
///
/// # Errors
/// `Project` with the nearest name when there is none.
pub(super) fn classifier(name: &str, at: &At) -> Result<&'static dyn Classifier> {
    let known = || CLASSIFIERS.iter().map(|one| one.name());
    let found = CLASSIFIERS.iter().find(|one| one.name() == name);
    found.copied().ok_or_else(|| {
        let hint = match nearest(name, known()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "algorithms that learn a target are: {}",
                known().collect::<Vec<_>>().join(", ")
            ),
        };
        Diagnostic::project(format!("`{name}` is no algorithm that learns a target"))
            .at(at)
            .hint(hint)
            .into()
    })
}

fn champion(options: &Fields<'_>) -> Result<Measure> {
    let Some(doc) = options.get("champion") else {
        return measure("roc_auc", &options.at());
    };
    let fields = doc.fields("`champion`")?;
    let by = measure(&fields.required("by")?, &doc.at())?;
    fields.finish()?;
    Ok(by)
}

fn gates(options: &Fields<'_>) -> Result<Vec<(Measure, f64)>> {
    let Some(doc) = options.get("gates") else {
        return Ok(Vec::new());
    };
    let fields = doc.fields("`gates`")?;
    let mut gates = Vec::new();
    for (key, value) in fields.rest() {
        let (key, value) = (
            Doc {
                value: &key,
                file: doc.file,
            },
            Doc {
                value: &value,
                file: doc.file,
            },
        );
        let name = key.text("a measure")?;
        let Some(limit) = value.number() else {
            return Err(params::out_of_range(&value, &name, "a number"));
        };
        gates.push((measure(&name, &key.at())?, limit));
    }
    Ok(gates)
}

fn measure(name: &str, at: &At) -> Result<Measure> {
    let known = || MEASURES.iter().map(|measure| measure.name);
    let found = MEASURES.iter().find(|measure| measure.name == name);
    found.copied().ok_or_else(|| {
        let hint = match nearest(name, known()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("measures are: {}", known().collect::<Vec<_>>().join(", ")),
        };
        Diagnostic::project(format!("`{name}` is no measure"))
            .at(at)
            .hint(hint)
            .into()
    })
}
