//! The registry: versions, their measures and their bytes, in tables of the warehouse.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Float64Array, Int32Array, Int64Array,
    RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{Float64Type, Int32Type};
use sha2::{Digest, Sha256};

use super::declaration::Declaration;
use super::learn::{Judged, Learnt};
use super::model::Classes;
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::{Param, Relation, Session, fetch};
use crate::ml::Request;
use crate::ml::record::Batches;

/// A version of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) number: i32,
    /// Hash of everything it was learnt from.
    pub(super) fingerprint: String,
    /// Whether it has passed its gates.
    pub(super) is_accepted: bool,
    /// Its best candidate.
    pub(super) best: String,
}

/// Returns the newest version of a model.
///
/// # Errors
/// What the warehouse answers.
pub(super) fn latest(session: &mut dyn Session, model: &str) -> Result<Option<Version>> {
    let rows = fetch(session, include_str!("latest.sql"), &[model.into()])?;
    if rows.num_rows() == 0 {
        return Ok(None);
    }
    let text = |column: usize| rows.column(column).as_string::<i32>().value(0).to_owned();
    Ok(Some(Version {
        number: rows.column(0).as_primitive::<Int32Type>().value(0),
        fingerprint: text(1),
        is_accepted: rows.column(2).as_boolean().value(0),
        best: text(3),
    }))
}

/// Returns a candidate's value of each measure: of the test rows, or the mean over the folds where there are none.
///
/// # Errors
/// What the warehouse answers.
pub(super) fn reached(
    session: &mut dyn Session,
    model: &str,
    version: &Version,
) -> Result<Vec<(String, f64)>> {
    let params = [
        model.into(),
        i64::from(version.number).into(),
        version.best.as_str().into(),
    ];
    let rows = fetch(session, include_str!("reached.sql"), &params)?;
    let (names, values) = (
        rows.column(0).as_string::<i32>(),
        rows.column(1).as_primitive::<Float64Type>(),
    );
    Ok(names
        .iter()
        .flatten()
        .map(str::to_owned)
        .zip(values.iter().flatten())
        .collect())
}

/// Makes a candidate the champion.
///
/// # Errors
/// What the warehouse answers.
pub(super) fn crown(
    session: &mut dyn Session,
    model: &str,
    (version, candidate): (i32, &str),
) -> Result<()> {
    let params = [model.into(), i64::from(version).into(), candidate.into()];
    session.execute_with(include_str!("crown.sql"), &params)?;
    Ok(())
}

/// Notes that a version has passed its gates.
///
/// # Errors
/// What the warehouse answers.
pub(super) fn accept(session: &mut dyn Session, model: &str, version: i32) -> Result<()> {
    let params: [Param; 2] = [model.into(), i64::from(version).into()];
    session.execute_with(include_str!("accept.sql"), &params)?;
    Ok(())
}

/// A model's champion as it is kept.
pub(super) struct Kept {
    pub(super) version: i32,
    pub(super) candidate: String,
    pub(super) bytes: Vec<u8>,
}

/// Returns a model's champion, if it has one.
///
/// # Errors
/// What the warehouse answers.
pub(super) fn champion(session: &mut dyn Session, model: &str) -> Result<Option<Kept>> {
    let rows = fetch(session, include_str!("champion.sql"), &[model.into()])?;
    if rows.num_rows() == 0 {
        return Ok(None);
    }
    let bytes = rows
        .column(2)
        .as_binary_opt::<i32>()
        .map(|bytes| bytes.value(0).to_vec());
    Ok(Some(Kept {
        version: rows.column(0).as_primitive::<Int32Type>().value(0),
        candidate: rows.column(1).as_string::<i32>().value(0).into(),
        bytes: bytes.unwrap_or_default(),
    }))
}

/// What a person promoted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promoted {
    /// Number of the version.
    pub version: i32,
    /// Name of the candidate.
    pub candidate: String,
}

/// Makes another version or candidate of a model the champion: `3` or `v3` for the best of a version, the name of a
/// candidate for that of the newest version, `v3/forest` for both.
///
/// # Errors
/// `Project` when there is no such version or candidate.
pub fn promote(session: &mut dyn Session, model: &str, which: &str) -> Result<Promoted> {
    let rows = fetch(session, include_str!("versions.sql"), &[model.into()])?;
    let numbers = rows.column(0).as_primitive::<Int32Type>();
    let names = rows.column(1).as_string::<i32>();
    let known: Vec<(i32, &str)> = numbers
        .iter()
        .flatten()
        .zip(names.iter().flatten())
        .collect();
    let number = |text: &str| text.strip_prefix('v').unwrap_or(text).parse::<i32>().ok();
    let (version, candidate) = match which.split_once('/') {
        Some((version, candidate)) => (number(version), Some(candidate)),
        None => (number(which), number(which).is_none().then_some(which)),
    };
    let newest = known.first().map(|(version, _)| *version);
    let found = known.iter().find(|(own, name)| {
        Some(*own) == version.or(newest) && candidate.is_none_or(|candidate| candidate == *name)
    });
    let Some((version, candidate)) = found else {
        let hint = match known.is_empty() {
            true => format!("`wh build -s {model}` trains it"),
            false => "`wh ml ls` lists what there is".into(),
        };
        let what = format!("ml model `{model}` has no version or candidate `{which}`");
        return Err(Diagnostic::project(what).hint(hint).into());
    };
    crown(session, model, (*version, candidate))?;
    Ok(Promoted {
        version: *version,
        candidate: (*candidate).into(),
    })
}

/// What is written of a version.
pub(super) struct Entry<'a> {
    pub(super) request: &'a Request<'a>,
    pub(super) declaration: &'a Declaration,
    pub(super) version: &'a Version,
    pub(super) classes: &'a Classes,
    pub(super) learnt: &'a Learnt,
    /// Features with the number of rows in which they are missing.
    pub(super) missing: &'a [(&'a str, usize)],
}

type Named = Vec<(&'static str, ArrayRef)>;

fn texts<T: AsRef<str>>(values: impl IntoIterator<Item = T>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

fn numbers(values: impl IntoIterator<Item = f64>) -> ArrayRef {
    Arc::new(Float64Array::from_iter_values(values))
}

fn whole(values: impl IntoIterator<Item = usize>) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(
        values
            .into_iter()
            .map(|value| i64::try_from(value).unwrap_or(i64::MAX)),
    ))
}

impl Entry<'_> {
    /// Writes everything that is known of a version.
    ///
    /// # Errors
    /// What the warehouse answers.
    pub(super) fn write(&self, session: &mut dyn Session) -> Result<()> {
        self.append(session, "ml_models", self.models()?)?;
        let candidates = &self.learnt.candidates;
        let bytes = candidates.iter().map(|one| one.bytes.as_slice());
        let bytes: ArrayRef = Arc::new(BinaryArray::from_iter_values(bytes));
        let names = texts(candidates.iter().map(|one| &one.name));
        self.append(
            session,
            "ml_artifacts",
            vec![("candidate", names), ("bytes", bytes)],
        )?;
        for candidate in candidates {
            for (table, mut columns) in [
                ("ml_metrics", metrics(candidate)),
                ("ml_curves", curve(candidate)),
                ("ml_confusion", self.confusion(candidate)),
                ("ml_importances", importances(candidate)),
            ] {
                let n_rows = columns.first().map_or(0, |(_, values)| values.len());
                columns.push((
                    "candidate",
                    texts(std::iter::repeat_n(&candidate.name, n_rows)),
                ));
                self.append(session, table, columns)?;
            }
        }
        let mut rows = self.learnt.encoder.parameters();
        rows.extend(self.missing.iter().map(|(feature, count)| {
            [*feature, "impute", "missing rows", &count.to_string()].map(str::to_owned)
        }));
        let column = |number: usize| texts(rows.iter().map(|row| &row[number]));
        let names = ["feature", "step", "parameter", "value"];
        let columns = names
            .into_iter()
            .zip(0..)
            .map(|(name, number)| (name, column(number)));
        self.append(session, "ml_preprocessing", columns.collect())
    }

    /// Adds model and version to the columns, and the rows to a table.
    fn append(&self, session: &mut dyn Session, table: &str, mut columns: Named) -> Result<()> {
        let n_rows = columns.first().map_or(0, |(_, values)| values.len());
        if n_rows == 0 {
            return Ok(());
        }
        columns.push((
            "model",
            texts(std::iter::repeat_n(&self.request.model.name, n_rows)),
        ));
        let versions = std::iter::repeat_n(self.version.number, n_rows);
        columns.push(("version", Arc::new(Int32Array::from_iter_values(versions))));
        let batch = RecordBatch::try_from_iter_with_nullable(
            columns
                .into_iter()
                .map(|(name, values)| (name, values, true)),
        )?;
        session.append(&Relation::new("wh", table), Batches::of(vec![batch]))?;
        Ok(())
    }

    /// A row a candidate.
    fn models(&self) -> Result<Named> {
        let (candidates, model) = (&self.learnt.candidates, self.request.model);
        let n = candidates.len();
        let same = |text: &str| texts(std::iter::repeat_n(text, n));
        let count = |number: usize| whole(std::iter::repeat_n(number, n));
        let truths = |of: &dyn Fn(usize) -> bool| -> ArrayRef {
            Arc::new((0..n).map(|at| Some(of(at))).collect::<BooleanArray>())
        };
        let data_version = StringArray::from(vec![self.request.data_version.as_deref(); n]);
        let now = TimestampMicrosecondArray::from_value(self.request.now, n).with_timezone("UTC");
        Ok(vec![
            ("candidate", texts(candidates.iter().map(|one| &one.name))),
            (
                "algorithm",
                texts(candidates.iter().map(|one| one.algorithm)),
            ),
            (
                "params",
                texts(candidates.iter().map(|one| one.params.to_string())),
            ),
            ("n_rows", count(self.learnt.n_train + self.learnt.n_test)),
            ("n_train", count(self.learnt.n_train)),
            ("n_test", count(self.learnt.n_test)),
            ("seed", count(usize::try_from(self.declaration.seed())?)),
            ("trained_at", Arc::new(now)),
            ("is_champion", truths(&|_| false)),
            ("is_best", truths(&|at| at == self.learnt.best)),
            ("is_accepted", truths(&|_| false)),
            ("target", same(&self.declaration.target)),
            ("positive", same(&self.classes.positive)),
            ("features", same(&serde_json::to_string(&model.features)?)),
            (
                "settings",
                same(&self.declaration.settings(model).to_string()),
            ),
            ("data_version", Arc::new(data_version)),
            ("fingerprint", same(&self.version.fingerprint)),
            (
                "sha256",
                texts(
                    candidates
                        .iter()
                        .map(|one| hex(&Sha256::digest(&one.bytes))),
                ),
            ),
            (
                "size_bytes",
                whole(candidates.iter().map(|one| one.bytes.len())),
            ),
        ])
    }

    /// Counts at the threshold, named by the values of the target.
    fn confusion(&self, one: &Judged) -> Named {
        if self.learnt.n_test == 0 {
            return Vec::new();
        }
        let (yes, no) = (&self.classes.positive, &self.classes.negative);
        let counts = one.confusion;
        let counts = [
            counts.true_negative,
            counts.false_positive,
            counts.false_negative,
            counts.true_positive,
        ];
        vec![
            ("actual", texts([no, no, yes, yes])),
            ("predicted", texts([no, yes, no, yes])),
            ("n_rows", whole(counts)),
        ]
    }
}

fn metrics(one: &Judged) -> Named {
    vec![
        ("split", texts(one.measured.iter().map(|value| value.split))),
        (
            "fold",
            Arc::new(
                one.measured
                    .iter()
                    .map(|value| value.fold)
                    .collect::<Int32Array>(),
            ),
        ),
        (
            "metric",
            texts(one.measured.iter().map(|value| value.metric)),
        ),
        (
            "value",
            numbers(one.measured.iter().map(|value| value.value)),
        ),
    ]
}

fn curve(one: &Judged) -> Named {
    let points = || one.curve.iter();
    vec![
        (
            "point",
            Arc::new(Int32Array::from_iter_values(
                (0..).zip(points()).map(|(number, _)| number),
            )),
        ),
        ("threshold", numbers(points().map(|point| point.threshold))),
        (
            "false_positive_rate",
            numbers(points().map(|point| point.false_positive_rate)),
        ),
        (
            "true_positive_rate",
            numbers(points().map(|point| point.true_positive_rate)),
        ),
        ("precision", numbers(points().map(|point| point.precision))),
    ]
}

fn importances(one: &Judged) -> Named {
    vec![
        (
            "feature",
            texts(one.importances.iter().map(|(name, _)| name)),
        ),
        (
            "kind",
            texts(one.importances.iter().map(|_| one.importance)),
        ),
        (
            "importance",
            numbers(one.importances.iter().map(|(_, value)| *value)),
        ),
    ]
}

/// Returns bytes as lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
