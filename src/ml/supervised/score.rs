//! One training from end to end: rows in, a version in the registry, the champion's predictions out.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Builder, Int32Array, RecordBatch, StringBuilder};
use arrow::compute::concat_batches;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::blocks;
use super::declaration::{Declaration, Split};
use super::design::Design;
use super::explain::{REASONS, Reason, reasons};
use super::learn::{Lesson, learn};
use super::measure::THRESHOLD;
use super::model::{Classes, Model};
use super::records::{self, Entry, Kept, Version, hex};
use super::split;
use super::steps;
use super::table::{self, Table};
use crate::diagnostic::{Diagnostic, Place, Result};
use crate::engine::{Session, render, transaction};
use crate::ml::record::Batches;
use crate::ml::{Outcome, Request};
use crate::project::nodes::MlModel;
use crate::project::yaml::Fields;

/// Raised when the same rows and settings train another model than before.
const GENERATION: u32 = 1;

/// Checks the declaration of a model.
///
/// # Errors
/// `Project`, with its place, for a key that is unknown, missing or wrong.
pub(in crate::ml) fn check(model: &MlModel, options: &Fields<'_>) -> Result<()> {
    Declaration::read(model, options).map(drop)
}

/// Trains the candidates, unless they were trained on the same rows in the same way the last time, and writes the
/// champion's predictions.
///
/// All in one transaction of its own. A version that misses a gate is recorded, and nothing else changes.
///
/// # Errors
/// `Project` when the declaration does not fit the table; `Data` when nothing can be learnt from it, or a gate is missed.
pub(in crate::ml) fn train(
    session: &mut dyn Session,
    request: &Request<'_>,
    options: &Fields<'_>,
) -> Result<Outcome> {
    let declaration = Declaration::read(request.model, options)?;
    let training = Training {
        request,
        declaration: &declaration,
    };
    let ended = transaction(session, |session| training.run(session));
    ended.and_then(|ended| ended).place(&request.model.at)
}

struct Training<'a> {
    request: &'a Request<'a>,
    declaration: &'a Declaration,
}

impl Training<'_> {
    /// The inner result is what the user is told; a missed gate is told after what was learnt is kept.
    fn run(&self, session: &mut dyn Session) -> Result<Result<Outcome>> {
        let (request, name) = (self.request, self.request.model.name.as_str());
        let mut wanted = vec![self.declaration.target.as_str()];
        if let Split::Column(column) = &self.declaration.split {
            wanted.push(column);
        }
        let table = table::read(session, request.model, request.input, &wanted)?;
        let (version, is_new) = self.version(session, &table)?;
        if let Some(missed) = self.missed_gates(session, &version)? {
            return Ok(Err(missed.into()));
        }
        if !version.is_accepted {
            records::accept(session, name, version.number)?;
            records::crown(session, name, (version.number, &version.best))?;
        }
        let Some(champion) = records::champion(session, name)? else {
            return Err(
                Diagnostic::data(format!("ml model `{name}` has no champion"))
                    .hint(format!(
                        "`wh ml promote {name} {}` makes one",
                        version.number
                    ))
                    .into(),
            );
        };
        let filled = filled(&self.missing(&table));
        let target_type = table.text_types.first().cloned().unwrap_or_default();
        let table = match request.score {
            None => table,
            Some(score) => {
                drop(table);
                table::read(session, request.model, score, &[])?
            }
        };
        let rows = predictions(session, request, &champion, (&table, &target_type))?;
        let reached = records::reached(session, name, &version)?;
        Ok(Ok(Outcome {
            rows,
            summary: self.summary(&version, is_new, &champion, &reached) + &filled,
        }))
    }

    /// Returns the version that was learnt from these rows: the newest when it was, else a new one.
    fn version(&self, session: &mut dyn Session, table: &Table) -> Result<(Version, bool)> {
        let (request, declaration) = (self.request, self.declaration);
        let fingerprint = self.fingerprint(table);
        let latest = records::latest(session, &request.model.name)?;
        if let Some(latest) = &latest
            && latest.fingerprint == fingerprint
        {
            return Ok((latest.clone(), false));
        }
        let (truth, classes) = self.truth(table)?;
        let is_test = self.test_rows(table, &truth)?;
        let plans = steps::plan(&declaration.steps, &request.model.features, &table.frame)?;
        let lesson = Lesson {
            relation: &table.relation,
            features: &request.model.features,
            frame: &table.frame,
            truth: &truth,
            hashes: &table.hashes,
            is_test: &is_test,
            classes: &classes,
        };
        let learnt = learn(declaration, &lesson, &plans)?;
        let version = Version {
            number: latest.map_or(0, |latest| latest.number) + 1,
            fingerprint,
            is_accepted: false,
            best: learnt.candidates[learnt.best].name.clone(),
        };
        let missing = self.missing(table);
        let entry = Entry {
            request,
            declaration,
            version: &version,
            classes: &classes,
            learnt: &learnt,
            missing: &missing,
        };
        entry.write(session)?;
        Ok((version, true))
    }

    /// Returns the features that have no value in some rows, and in how many.
    fn missing<'b>(&'b self, table: &Table) -> Vec<(&'b str, usize)> {
        let features = self.request.model.features.iter().map(String::as_str);
        let counts = table
            .frame
            .columns
            .iter()
            .map(super::frame::Values::n_missing);
        features
            .zip(counts)
            .filter(|(_, count)| *count > 0)
            .collect()
    }

    /// Returns a hash of everything that the trained models depend on.
    fn fingerprint(&self, table: &Table) -> String {
        let mut hash = Sha256::new();
        hash.update(GENERATION.to_le_bytes());
        hash.update(self.declaration.settings(self.request.model).to_string());
        for key in &table.hashes {
            hash.update(key.to_le_bytes());
        }
        for text in table.texts.iter().flatten() {
            hash.update(text.as_deref().unwrap_or("\0"));
            hash.update([0xff]);
        }
        for column in &table.frame.columns {
            column.digest(&mut |bytes| hash.update(bytes));
        }
        hex(&hash.finalize())
    }

    /// Returns for each row whether the target is its positive value, and the target's two values.
    fn truth(&self, table: &Table) -> Result<(Vec<bool>, Classes)> {
        let (target, relation) = (&self.declaration.target, &table.relation);
        let values = table.texts.first().map_or(&[][..], Vec::as_slice);
        let missing = values.iter().filter(|value| value.is_none()).count();
        if missing > 0 {
            let rows = if missing == 1 {
                "1 row".into()
            } else {
                format!("{missing} rows")
            };
            return Err(Diagnostic::data(format!(
                "{rows} of `{relation}` without a value in `{target}`, the target"
            ))
            .hint("learn from rows whose answer is known, and predict the others with `score:`")
            .into());
        }
        let classes: std::collections::BTreeSet<&str> =
            values.iter().flatten().map(String::as_str).collect();
        let classes: Vec<&str> = classes.into_iter().collect();
        let [low, high] = classes.as_slice() else {
            let some = classes
                .iter()
                .take(5)
                .map(|class| format!("`{class}`"))
                .collect::<Vec<_>>()
                .join(", ");
            return Err(Diagnostic::data(format!(
                "the target `{target}` of `{relation}` has not two different values but {}",
                classes.len()
            ))
            .note(some)
            .into());
        };
        let positive = self.positive(&[*low, *high])?;
        let negative = if positive == *low { *high } else { *low };
        let truth = values
            .iter()
            .map(|value| value.as_deref() == Some(positive))
            .collect();
        Ok((
            truth,
            Classes {
                negative: negative.into(),
                positive: positive.into(),
            },
        ))
    }

    /// Returns the value of the target that counts as yes.
    fn positive<'b>(&self, classes: &[&'b str; 2]) -> Result<&'b str> {
        const YES: &[&str] = &["true", "t", "yes", "y", "1", "1.0"];
        let target = &self.declaration.target;
        let is_positive = |class: &&&str| match &self.declaration.positive {
            Some(positive) => {
                class.eq_ignore_ascii_case(positive)
                    || matches!((class.parse::<f64>(), positive.parse::<f64>()), (Ok(own), Ok(other)) if own == other)
            }
            None => YES.contains(&class.to_lowercase().as_str()),
        };
        let found: Vec<_> = classes.iter().filter(is_positive).collect();
        match (found.as_slice(), &self.declaration.positive) {
            ([one], _) => Ok(**one),
            (_, Some(positive)) => Err(Diagnostic::project(format!("the target `{target}` is never `{positive}`"))
                .hint(format!("`positive` is `{}` or `{}`", classes[0], classes[1]))
                .into()),
            _ => Err(Diagnostic::project(format!(
                "the target `{target}` is `{}` or `{}`, and which of them counts as yes is not said",
                classes[0], classes[1]
            ))
            .hint(format!("add for instance `positive: {}`", classes[1]))
            .into()),
        }
    }

    fn test_rows(&self, table: &Table, truth: &[bool]) -> Result<Vec<bool>> {
        let column = match &self.declaration.split {
            Split::Random {
                share,
                stratify,
                seed,
            } => {
                return Ok(split::test_rows(
                    truth,
                    &table.hashes,
                    *share,
                    (*stratify, *seed),
                ));
            }
            Split::Column(column) => column,
        };
        let is_test =
            |value: &Option<String>| match value.as_deref().map(str::to_lowercase).as_deref() {
                Some("test" | "true") => Ok(true),
                Some("train" | "false") => Ok(false),
                other => Err(Diagnostic::data(format!(
                    "`{column}` of `{}` is `{}`, where `train` or `test` belongs",
                    table.relation,
                    other.unwrap_or("NULL")
                ))
                .into()),
            };
        table
            .texts
            .get(1)
            .map_or(&[][..], Vec::as_slice)
            .iter()
            .map(is_test)
            .collect()
    }

    /// Says which gates the best candidate of a version misses, and by how much.
    fn missed_gates(
        &self,
        session: &mut dyn Session,
        version: &Version,
    ) -> Result<Option<Diagnostic>> {
        let name = &self.request.model.name;
        let reached = records::reached(session, name, version)?;
        let missed = self
            .declaration
            .gates
            .iter()
            .filter_map(|(measure, limit)| {
                let found = reached.iter().find(|(metric, _)| metric == measure.name);
                let Some((_, value)) = found else {
                    return Some(format!(
                        "{} is not defined: all test rows are of one class",
                        measure.name
                    ));
                };
                let distance = if measure.falls {
                    value - limit
                } else {
                    limit - value
                };
                let word = if measure.falls { "above" } else { "below" };
                (distance > 0.0).then(|| {
                    format!(
                        "{} {value:.4} is {distance:.4} {word} {limit}",
                        measure.name
                    )
                })
            });
        let missed: Vec<String> = missed.collect();
        if missed.is_empty() {
            return Ok(None);
        }
        let what = format!(
            "v{} of ml model `{name}` ({}) misses its gates",
            version.number, version.best
        );
        let error = missed.iter().fold(Diagnostic::data(what), Diagnostic::note);
        let kept = match records::champion(session, name)? {
            Some(kept) => format!(
                "the champion stays v{} ({}), and so do its predictions",
                kept.version, kept.candidate
            ),
            None => "there is no earlier champion, so nothing is predicted".into(),
        };
        Ok(Some(error.note(kept).hint(format!(
            "`wh ml compare {name}` shows all candidates"
        ))))
    }

    fn summary(
        &self,
        version: &Version,
        is_new: bool,
        champion: &Kept,
        reached: &[(String, f64)],
    ) -> String {
        let value = reached
            .iter()
            .find(|(metric, _)| metric == self.declaration.by.name);
        let value = value.map_or_else(String::new, |(metric, value)| {
            format!(", {metric} {value:.4}")
        });
        let is_champion = champion.version == version.number && champion.candidate == version.best;
        let word = if is_new { "new" } else { "unchanged" };
        let mut text = format!("{word} v{} {}{value}", version.number, version.best);
        if !is_champion {
            text += &format!("; champion is v{} {}", champion.version, champion.candidate);
        }
        text
    }
}

/// Says which features have gaps that were filled.
fn filled(missing: &[(&str, usize)]) -> String {
    match missing {
        [] => String::new(),
        [(feature, 1)] => format!("; filled 1 gap in `{feature}`"),
        [(feature, count)] => format!("; filled {count} gaps in `{feature}`"),
        several => {
            let count: usize = several.iter().map(|(_, count)| count).sum();
            format!("; filled {count} gaps in {} features", several.len())
        }
    }
}

/// Writes the champion's predictions and returns how many.
fn predictions(
    session: &mut dyn Session,
    request: &Request<'_>,
    champion: &Kept,
    (table, target_type): (&Table, &str),
) -> Result<u64> {
    let model = Model::read(&champion.bytes)?;
    let rows = split::numbers(table.frame.n_rows);
    let design = Design::new(&model.encoder, &table.frame, &rows, &table.relation)?;
    let schema = table.keys.first().map_or_else(
        || Arc::new(arrow::datatypes::Schema::empty()),
        RecordBatch::schema,
    );
    let keys = concat_batches(&schema, &table.keys)?;
    let scored: Vec<RecordBatch> = blocks(rows.len())
        .into_par_iter()
        .map(|rows| {
            let (found, why) = reasons(&model, &design, &table.frame, rows.clone());
            let keys = keys.slice(rows.start, rows.len());
            let columns = schema
                .fields()
                .iter()
                .map(|field| field.name().as_str())
                .zip(keys.columns().iter().cloned());
            let own = columns_of(&model, &found, &why);
            let version: ArrayRef = Arc::new(Int32Array::from_value(champion.version, rows.len()));
            let all = columns.chain(
                own.iter()
                    .map(|(name, values)| (name.as_str(), values.clone())),
            );
            let all = all
                .chain([("model_version", version)])
                .map(|(name, values)| (name, values, true));
            Ok(RecordBatch::try_from_iter_with_nullable(all)?)
        })
        .collect::<Result<_>>()?;
    let mut columns = table.key_types.clone();
    let mut add = |name: String, sql_type: &str| columns.push((name, sql_type.to_owned()));
    add("probability".into(), "double");
    add("predicted".into(), target_type);
    for number in 1..=REASONS {
        add(format!("reason_{number}"), "varchar");
        add(format!("reason_{number}_feature"), "varchar");
        add(format!("reason_{number}_contribution"), "double");
    }
    add("model_version".into(), "integer");
    let sql = render(
        include_str!("../create_predictions.sql"),
        minijinja::context! { schema => &request.output.schema, output => request.output.to_string(), columns },
    )?;
    session.execute(&sql)?;
    if scored.is_empty() {
        return Ok(0);
    }
    session.append(request.output, Batches::of(scored))
}

/// Returns the columns of some predictions: probability, class, and the reasons.
pub(super) fn columns_of(
    model: &Model,
    found: &[f64],
    why: &[Vec<Reason>],
) -> Vec<(String, ArrayRef)> {
    let mut probability = Float64Builder::with_capacity(found.len());
    let mut predicted = StringBuilder::new();
    for value in found {
        probability.append_value(*value);
        predicted.append_value(match *value > THRESHOLD {
            true => &model.classes.positive,
            false => &model.classes.negative,
        });
    }
    let mut columns: Vec<(String, ArrayRef)> = vec![
        ("probability".into(), Arc::new(probability.finish())),
        ("predicted".into(), Arc::new(predicted.finish())),
    ];
    for number in 0..REASONS {
        let (mut text, mut feature, mut part) = (
            StringBuilder::new(),
            StringBuilder::new(),
            Float64Builder::new(),
        );
        for reasons in why {
            let reason = reasons.get(number);
            text.append_option(reason.map(|reason| &reason.text));
            feature
                .append_option(reason.map(|reason| &model.encoder.features[reason.feature].name));
            part.append_option(reason.map(|reason| reason.contribution));
        }
        let name = format!("reason_{}", number + 1);
        columns.push((format!("{name}_feature"), Arc::new(feature.finish())));
        columns.push((format!("{name}_contribution"), Arc::new(part.finish())));
        columns.push((name, Arc::new(text.finish())));
    }
    columns
}
