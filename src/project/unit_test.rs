//! Reading `unit_tests:`.

use std::path::PathBuf;

use serde_yaml::{Mapping, Value};

use super::resources::Reader;
use super::shared::Declared;
use super::yaml::{Doc, Fields};
use crate::diagnostic::{At, Diagnostic, Result};

/// A unit test: what a model makes of given rows.
#[derive(Debug, Clone)]
pub struct UnitTest {
    /// The model under test, by name.
    pub model: String,
    /// The versions of the model that are tested; empty means all.
    pub include: Vec<String>,
    /// The versions that are not.
    pub exclude: Vec<String>,
    /// What stands for the model's inputs.
    pub given: Vec<Given>,
    /// The rows that the model has to make.
    pub expect: Rows,
    /// `overrides: {macros: …}`: what calls of macros answer instead.
    pub macros: Mapping,
    /// `overrides: {vars: …}`.
    pub vars: Mapping,
    /// `overrides: {env_vars: …}`.
    pub env_vars: Mapping,
}

/// What stands for an input of the model.
#[derive(Debug, Clone)]
pub struct Given {
    /// `ref('…')`, `source('…', '…')`, or `this` for the model's own relation.
    pub input: String,
    /// Its rows.
    pub rows: Rows,
    /// The place of the entry.
    pub at: At,
}

/// Rows of a unit test.
#[derive(Debug, Clone)]
pub struct Rows {
    /// How they are written.
    pub format: RowFormat,
    /// Rows as mappings; empty unless the format is [`RowFormat::Dict`].
    pub dicts: Vec<Mapping>,
    /// CSV or SQL; empty for [`RowFormat::Dict`].
    pub text: String,
    /// The name of the file in `tests/fixtures` that the text is read from.
    pub fixture: Option<String>,
    /// Whether none are written: they are those of the seed that they stand for.
    pub is_missing: bool,
    /// The place of the rows.
    pub at: At,
}

/// How the rows of a unit test are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowFormat {
    /// A list of mappings in YAML.
    Dict,
    /// Lines with a header.
    Csv,
    /// A query.
    Sql,
}

impl RowFormat {
    /// Returns dbt's word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Dict => "dict",
            Self::Csv => "csv",
            Self::Sql => "sql",
        }
    }
}

impl Reader<'_> {
    pub(super) fn unit_test(&self, item: Doc<'_>) -> Result<(Declared, UnitTest)> {
        let fields = item.fields("an entry of `unit_tests`")?;
        let mut declared = self.node(&fields)?;
        if let Some(versions) = fields.get("versions") {
            let key = Value::string("versions".into());
            declared.options.insert(key, versions.value.clone());
        }
        let what = format!("unit test `{}`", declared.name);
        let given = |item: Doc<'_>| self.given(item, &what);
        let Some(expect) = fields.get("expect") else {
            return Err(Diagnostic::project(format!("{what} has no `expect`"))
                .at(&declared.at)
                .into());
        };
        let part = |of: &str, key: &str| -> Result<Mapping> {
            let of = fields
                .get(of)
                .map(|doc| doc.fields(&format!("`{of}` of {what}")));
            of.transpose()?
                .map_or(Ok(Mapping::new()), |fields| fields.mapping(key))
        };
        let versions = |key: &str| -> Result<Vec<String>> {
            let doc = fields.get("versions").map(|doc| doc.fields("`versions`"));
            doc.transpose()?
                .map_or(Ok(Vec::new()), |fields| fields.texts(key))
        };
        let test = UnitTest {
            model: fields.required("model")?,
            include: versions("include")?,
            exclude: versions("exclude")?,
            given: fields
                .items("given")
                .into_iter()
                .map(given)
                .collect::<Result<_>>()?,
            expect: self.rows(&expect.fields(&format!("`expect` of {what}"))?)?,
            macros: part("overrides", "macros")?,
            vars: part("overrides", "vars")?,
            env_vars: part("overrides", "env_vars")?,
        };
        if !test.include.is_empty() && !test.exclude.is_empty() {
            let what = format!("`versions` of {what} has both `include` and `exclude`");
            return Err(Diagnostic::project(what).at(&declared.at).into());
        }
        fields.finish()?;
        Ok((declared, test))
    }

    fn given(&self, item: Doc<'_>, what: &str) -> Result<Given> {
        let fields = item.fields(&format!("an entry of `given` of {what}"))?;
        Ok(Given {
            input: fields.required("input")?,
            rows: self.rows(&fields)?,
            at: item.at(),
        })
    }

    fn rows(&self, fields: &Fields<'_>) -> Result<Rows> {
        let format = match fields.text("format")?.as_deref() {
            None | Some("dict") => RowFormat::Dict,
            Some("csv") => RowFormat::Csv,
            Some("sql") => RowFormat::Sql,
            Some(other) => {
                let at = fields.get("format").map_or(fields.at(), |doc| doc.at());
                return Err(
                    Diagnostic::project(format!("`{other}` is no format of rows"))
                        .at(&at)
                        .hint("use one of: dict, csv, sql")
                        .into(),
                );
            }
        };
        let mut rows = Rows {
            format,
            dicts: Vec::new(),
            text: String::new(),
            fixture: fields.text("fixture")?,
            is_missing: fields.get("rows").is_none_or(|doc| doc.value.is_null()),
            at: fields.get("rows").map_or(fields.at(), |doc| doc.at()),
        };
        if let Some(doc) = fields.get("rows") {
            match (format, doc.value) {
                (RowFormat::Dict, Value::Sequence(items, _)) => {
                    let mapping = |value| {
                        let doc = Doc {
                            value,
                            file: doc.file,
                        };
                        Ok(doc.fields("a row")?.all())
                    };
                    rows.dicts = items.iter().map(mapping).collect::<Result<_>>()?;
                }
                (RowFormat::Dict, Value::Null(_)) => {}
                (RowFormat::Csv | RowFormat::Sql, Value::String(text, _)) => {
                    rows.text = text.clone();
                }
                _ => return Err(mismatch(format, &doc.at())),
            }
        }
        Ok(rows)
    }
}

fn mismatch(format: RowFormat, at: &At) -> anyhow::Error {
    let wanted = match format {
        RowFormat::Dict => "a list of mappings",
        RowFormat::Csv => "text in lines with a header",
        RowFormat::Sql => "the text of a query",
    };
    let what = format!("rows of the format `{}` are not {wanted}", format.word());
    Diagnostic::project(what)
        .at(at)
        .hint("set `format` to one of dict, csv, sql")
        .into()
}

impl UnitTest {
    /// Returns the names of the files in `tests/fixtures` that it reads, with the rows that they belong to.
    pub fn fixtures(&mut self) -> impl Iterator<Item = &mut Rows> {
        let rows = self.given.iter_mut().map(|given| &mut given.rows);
        rows.chain([&mut self.expect])
            .filter(|rows| rows.fixture.is_some())
    }

    /// Returns the inputs for which no rows are written.
    pub fn without_rows(&mut self) -> impl Iterator<Item = &mut Given> {
        self.given.iter_mut().filter(|given| {
            let rows = &given.rows;
            rows.is_missing && rows.fixture.is_none() && rows.format == RowFormat::Dict
        })
    }

    /// Returns whether a version of the model is tested.
    #[must_use]
    pub fn tests_version(&self, version: &str) -> bool {
        let included = self.include.is_empty() || self.include.iter().any(|one| one == version);
        included && !self.exclude.iter().any(|one| one == version)
    }

    /// Returns the fixture's path below the folder of fixtures.
    #[must_use]
    pub fn fixture_file(name: &str, format: RowFormat) -> PathBuf {
        PathBuf::from(format!("{name}.{}", format.word()))
    }
}
