//! Reads the rows that are learnt from or predicted, sorted by key.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use super::frame::{Frame, Gather};
use super::split::hash;
use crate::diagnostic::{Diagnostic, Result, nearest};
use crate::engine::{Relation, Session, render};
use crate::project::nodes::MlModel;

/// Names of the predictions' own columns, which the key must leave free.
const TAKEN: &[&str] = &[
    "probability",
    "predicted",
    "reason_1",
    "reason_2",
    "reason_3",
];

/// Rows in memory.
pub(super) struct Table {
    /// Where they come from, for messages.
    pub(super) relation: String,
    /// The key of each row as it is in the table; at least one batch.
    pub(super) keys: Vec<RecordBatch>,
    /// Name and SQL type of the columns of the key.
    pub(super) key_types: Vec<(String, String)>,
    /// A hash of each row's key.
    pub(super) hashes: Vec<u64>,
    pub(super) frame: Frame,
    /// The columns asked for as text, one value a row.
    pub(super) texts: Vec<Vec<Option<String>>>,
    /// Their SQL types.
    pub(super) text_types: Vec<String>,
}

/// Reads key and features of `relation`, and the columns `texts` as text.
///
/// # Errors
/// `Project` for columns that are missing, named twice or of a type nothing is learnt from; `Data` for rows without a
/// key or with the key of another row.
pub(super) fn read(
    session: &mut dyn Session,
    model: &MlModel,
    relation: &Relation,
    texts: &[&str],
) -> Result<Table> {
    let known = session.columns(relation)?;
    let columns = Columns {
        model,
        relation,
        known: &known,
    };
    let key_types = columns.keys()?;
    let features = columns.features(texts)?;
    let text_types = texts
        .iter()
        .map(|name| Ok(columns.find(name)?.1.clone()))
        .collect::<Result<_>>()?;
    let sql = render(
        include_str!("read_rows.sql"),
        minijinja::context! { keys => &model.key, features => &features, texts => texts.iter().map(ToString::to_string).collect::<Vec<_>>(), input => relation.to_string() },
    )?;
    let mut reading = Reading {
        keys: Vec::new(),
        hashes: Vec::new(),
        last: String::new(),
        features: features
            .iter()
            .map(|(_, is_number)| Gather::new(*is_number))
            .collect(),
        texts: vec![Vec::new(); texts.len()],
    };
    session.query(&sql, &[], &mut |batch| reading.add(model, relation, batch))?;
    let columns = reading.features.into_iter().map(Gather::finish).collect();
    Ok(Table {
        relation: relation.name.clone(),
        keys: reading.keys,
        key_types,
        frame: Frame {
            n_rows: reading.hashes.len(),
            columns,
        },
        hashes: reading.hashes,
        texts: reading.texts,
        text_types,
    })
}

/// The columns of a table, checked against a declaration.
struct Columns<'a> {
    model: &'a MlModel,
    relation: &'a Relation,
    known: &'a [(String, String)],
}

impl Columns<'_> {
    fn error(&self, what: String) -> Diagnostic {
        Diagnostic::project(what).at(&self.model.at)
    }

    /// Returns name and SQL type of a column.
    fn find(&self, name: &str) -> Result<&(String, String)> {
        let (table, model) = (&self.relation.name, &self.model.name);
        let found = self
            .known
            .iter()
            .find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.ok_or_else(|| {
            let error = self.error(format!(
                "`{table}` has no column `{name}`, which ml model `{model}` reads"
            ));
            match nearest(name, self.known.iter().map(|(own, _)| own.as_str())) {
                Some(near) => error.hint(format!("did you mean `{near}`?")).into(),
                None => error.into(),
            }
        })
    }

    fn keys(&self) -> Result<Vec<(String, String)>> {
        let model = &self.model.name;
        if self.model.key.is_empty() {
            return Err(self
                .error(format!("ml model `{model}` has no `key`"))
                .into());
        }
        let taken = self
            .model
            .key
            .iter()
            .find(|name| TAKEN.contains(&name.to_lowercase().as_str()));
        if let Some(name) = taken {
            let what = format!(
                "ml model `{model}` has a key `{name}`, the name of a column of its result"
            );
            return Err(self
                .error(what)
                .hint(format!("give it another name in `{}`", self.relation.name))
                .into());
        }
        self.model
            .key
            .iter()
            .map(|name| self.find(name).cloned())
            .collect()
    }

    /// Returns each feature and whether it is a number.
    fn features(&self, texts: &[&str]) -> Result<Vec<(String, bool)>> {
        let model = &self.model.name;
        if self.model.features.is_empty() {
            return Err(self
                .error(format!("ml model `{model}` has no `features`"))
                .into());
        }
        let mut features: Vec<(String, bool)> = Vec::new();
        for name in &self.model.features {
            let is_same = |other: &str| other.eq_ignore_ascii_case(name);
            if features.iter().any(|(other, _)| is_same(other)) {
                return Err(self
                    .error(format!(
                        "ml model `{model}` names the feature `{name}` twice"
                    ))
                    .into());
            }
            if texts.iter().any(|other| is_same(other)) {
                let what =
                    format!("ml model `{model}` learns from `{name}`, which tells the answer");
                return Err(self.error(what).hint("take it out of `features`").into());
            }
            let (_, sql_type) = self.find(name)?;
            features.push((name.clone(), self.is_number(name, sql_type)?));
        }
        Ok(features)
    }

    fn is_number(&self, name: &str, sql_type: &str) -> Result<bool> {
        let word = sql_type
            .split(|c: char| !c.is_ascii_alphanumeric())
            .next()
            .unwrap_or_default();
        match word.to_ascii_uppercase().as_str() {
            _ if sql_type.ends_with(']') => {}
            "TINYINT" | "SMALLINT" | "INTEGER" | "BIGINT" | "HUGEINT" | "UTINYINT"
            | "USMALLINT" | "UINTEGER" | "UBIGINT" | "UHUGEINT" | "FLOAT" | "DOUBLE"
            | "DECIMAL" | "BOOLEAN" => return Ok(true),
            "VARCHAR" | "ENUM" => return Ok(false),
            _ => {}
        }
        let what = format!(
            "feature `{name}` of ml model `{}` is {sql_type}, neither number nor text",
            self.model.name
        );
        Err(self
            .error(what)
            .hint(format!(
                "make a number of it in `{}`, such as days since then",
                self.relation.name
            ))
            .into())
    }
}

/// What was read so far.
struct Reading {
    keys: Vec<RecordBatch>,
    hashes: Vec<u64>,
    /// The last key as text.
    last: String,
    features: Vec<Gather>,
    texts: Vec<Vec<Option<String>>>,
}

impl Reading {
    fn add(&mut self, model: &MlModel, relation: &Relation, batch: &RecordBatch) -> Result<()> {
        let n_keys = model.key.len();
        let keys = batch.project(&(0..n_keys).collect::<Vec<_>>())?;
        self.check(model, relation, &keys)?;
        self.keys.push(keys);
        for (number, name) in model.features.iter().enumerate() {
            self.features[number].add(name, batch.column(n_keys + number))?;
        }
        let first = n_keys + model.features.len();
        for (text, column) in self.texts.iter_mut().zip(&batch.columns()[first..]) {
            let column = column.as_string_opt::<i32>().into_iter().flatten();
            text.extend(column.map(|value| value.map(str::to_owned)));
        }
        Ok(())
    }

    fn check(&mut self, model: &MlModel, relation: &Relation, keys: &RecordBatch) -> Result<()> {
        let (table, names) = (&relation.name, model.key.join(", "));
        if keys.columns().iter().any(|column| column.null_count() > 0) {
            return Err(Diagnostic::data(format!(
                "`{table}` has rows without a value in `{names}`"
            ))
            .hint(format!("leave such rows out of `{table}`"))
            .into());
        }
        let options = FormatOptions::default();
        let columns = keys
            .columns()
            .iter()
            .map(|column| ArrayFormatter::try_new(column, &options));
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        for row in 0..keys.num_rows() {
            let values: Vec<_> = columns
                .iter()
                .map(|column| column.value(row).to_string())
                .collect();
            let key = values.join(", ");
            if !self.hashes.is_empty() && key == self.last {
                return Err(Diagnostic::data(format!(
                    "`{table}` has more than one row for a key ({names})"
                ))
                .note(format!("the first is {key}"))
                .hint(format!(
                    "make the rows of `{table}` unique by {names}, or choose another `key`"
                ))
                .into());
            }
            self.hashes.push(hash(&key));
            self.last = key;
        }
        Ok(())
    }
}
