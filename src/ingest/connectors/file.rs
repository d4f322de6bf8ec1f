//! Files that people and systems drop: paths and patterns below the project's folder, or absolute.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_yaml::{Mapping, Value};

use super::options::{Options as KnownOptions, declared_columns};
use super::{Ask, Connector, Extent, Landing};
use crate::diagnostic::{Diagnostic, Result, nearest};
use crate::ingest::formats::{FORMATS, Reading};
use crate::ingest::lake::{Lake, slashed};
use crate::project::nodes::Mode;

/// The connector `file`.
pub(super) struct File;

impl Connector for File {
    fn name(&self) -> &'static str {
        "file"
    }

    fn about(&self) -> &'static str {
        "CSV, JSON, NDJSON, Parquet and Excel files by path or pattern"
    }

    fn mode(&self) -> Mode {
        Mode::Append
    }

    fn land(&self, ask: &Ask<'_>, lake: &mut Lake) -> Result<Landing> {
        let request = ask.request;
        let options = Options::parse(&request.ingest.options)?;
        let found = find(request.root, &options, !lake.entries.is_empty())?;
        let mut notes: Vec<String> = found.note.into_iter().collect();
        let mut matching: Vec<String> = Vec::new();
        for path in &found.paths {
            let sha256 = lake.land(path, request.now)?;
            if let Some(i) = matching.iter().position(|known| *known == sha256) {
                let loaded = lake.entries.iter().find(|entry| entry.sha256 == sha256);
                let is_first = loaded.is_none_or(|entry| entry.origin != slashed(path));
                let (copy, original) = match is_first {
                    true => (path, &found.paths[i]),
                    false => (&found.paths[i], path),
                };
                notes.push(format!(
                    "`{}` has the content of `{}` and is not loaded twice",
                    file_name(copy),
                    file_name(original)
                ));
            }
            matching.push(sha256);
        }
        Ok(Landing {
            matching,
            extent: Extent::Lake,
            reading: options.reading,
            cursor: None,
            tries: 1,
            note: (!notes.is_empty()).then(|| notes.join(", ")),
        })
    }
}

fn file_name(path: &Path) -> std::borrow::Cow<'_, str> {
    path.file_name().unwrap_or_default().to_string_lossy()
}

/// What to do when nothing matches a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum OnMissing {
    Error,
    Keep,
}

/// One or many, as YAML allows to write either.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl From<OneOrMany> for Vec<String> {
    fn from(one_or_many: OneOrMany) -> Self {
        match one_or_many {
            OneOrMany::One(one) => vec![one],
            OneOrMany::Many(many) => many,
        }
    }
}

/// The options as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawOptions {
    path: OneOrMany,
    format: Option<String>,
    delimiter: Option<String>,
    quote: Option<String>,
    header: Option<bool>,
    encoding: Option<String>,
    null: Option<OneOrMany>,
    sheet: Option<OneOrMany>,
    records: Option<String>,
    on_missing: Option<OnMissing>,
}

/// The keys of [`RawOptions`], and `columns`, which every connector reads alike.
const KEYS: [&str; 11] = [
    "path",
    "format",
    "delimiter",
    "quote",
    "header",
    "encoding",
    "null",
    "columns",
    "sheet",
    "records",
    "on_missing",
];

/// The options, checked.
#[derive(Debug)]
struct Options {
    paths: Vec<String>,
    reading: Reading,
    /// `None`: a path must exist, a pattern only until something was loaded.
    on_missing: Option<OnMissing>,
}

impl Options {
    fn parse(options: &Mapping) -> Result<Self> {
        KnownOptions::new("connector `file`", options, &KEYS)?;
        let is_own = |(key, _): &(&Value, &Value)| key.as_str() != Some("columns");
        let pair = |(key, value): (&Value, &Value)| (key.clone(), value.clone());
        let own: Mapping = options.iter().filter(is_own).map(pair).collect();
        let raw: RawOptions = serde_yaml::from_value(Value::mapping(own)).map_err(|err| {
            Diagnostic::project("the options of connector `file` are wrong").because(err)
        })?;
        let mut reading = Reading {
            format: raw.format.as_deref().map(format).transpose()?,
            delimiter: raw
                .delimiter
                .as_deref()
                .map(|text| one_byte("delimiter", text))
                .transpose()?,
            encoding: encoding(raw.encoding.as_deref().unwrap_or("utf-8"))?,
            ..Reading::default()
        };
        if let Some(quote) = raw.quote.as_deref() {
            reading.quote = if quote.is_empty() {
                None
            } else {
                Some(one_byte("quote", quote)?)
            };
        }
        reading.header = raw.header.unwrap_or(reading.header);
        reading.nulls = raw.null.map_or(reading.nulls, Vec::from);
        reading.sheets = raw.sheet.map(Vec::from).unwrap_or_default();
        reading.records = raw.records.as_deref().map(keys_of_path).unwrap_or_default();
        reading.columns = declared_columns(options)?;
        Ok(Self {
            paths: raw.path.into(),
            reading,
            on_missing: raw.on_missing,
        })
    }
}

/// Returns the format's name as the registry holds it.
fn format(name: &str) -> Result<&'static str> {
    let known = || FORMATS.iter().map(|format| format.name());
    known().find(|known| *known == name).ok_or_else(|| {
        let hint = match nearest(name, known()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known formats: {}", known().collect::<Vec<_>>().join(", ")),
        };
        Diagnostic::project(format!("no format is called `{name}`"))
            .hint(hint)
            .into()
    })
}

/// Returns the byte that `text` means; `\t` and `tab` mean a tabulator.
fn one_byte(option: &str, text: &str) -> Result<u8> {
    match text.as_bytes() {
        b"\\t" | b"tab" => Ok(b'\t'),
        [byte] if byte.is_ascii() && !b"\r\n".contains(byte) => Ok(*byte),
        _ => Err(
            Diagnostic::project(format!("`{option}: {text}` is not one ASCII character"))
                .hint("such as `\",\"`, `\";\"` or `\"\\t\"`")
                .into(),
        ),
    }
}

fn encoding(name: &str) -> Result<&'static encoding_rs::Encoding> {
    let label = if name.eq_ignore_ascii_case("latin-1") {
        "latin1"
    } else {
        name
    };
    encoding_rs::Encoding::for_label(label.as_bytes()).ok_or_else(|| {
        Diagnostic::project(format!("no encoding is called `{name}`"))
            .hint("such as utf-8, utf-16, latin-1 or windows-1252")
            .into()
    })
}

/// Returns the keys of a path such as `$.data.items`.
fn keys_of_path(path: &str) -> Vec<String> {
    let path = path.strip_prefix('$').unwrap_or(path);
    path.split('.')
        .filter(|key| !key.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Files that match.
struct Found {
    /// Sorted, without repetition, as written or below a pattern's folder.
    paths: Vec<PathBuf>,
    note: Option<String>,
}

/// Lists the files that the paths and patterns match; `any_loaded` whether there was ever one.
fn find(root: &Path, options: &Options, any_loaded: bool) -> Result<Found> {
    let mut found = Found {
        paths: Vec::new(),
        note: None,
    };
    for path in &options.paths {
        let is_pattern = path.contains(['*', '?', '[']) && !root.join(path).exists();
        let matches = match is_pattern {
            true => matches(root, path)?,
            false if root.join(path).exists() => vec![PathBuf::from(path)],
            false => Vec::new(),
        };
        if !matches.is_empty() {
            found.paths.extend(matches);
            continue;
        }
        let keep = match options.on_missing {
            Some(on_missing) => on_missing == OnMissing::Keep,
            None => is_pattern && any_loaded,
        };
        if !keep {
            return Err(missing(path, is_pattern));
        }
        found.note = Some(format!("no file matches `{path}`"));
    }
    found.paths.sort();
    found.paths.dedup();
    Ok(found)
}

fn missing(path: &str, is_pattern: bool) -> anyhow::Error {
    let what = match is_pattern {
        true => format!("no file matches `{path}`"),
        false => format!("there is no file `{path}`"),
    };
    let hint = "put it there, correct `path:`, or set `on_missing: keep` to go on without it";
    Diagnostic::environment(what).hint(hint).into()
}

/// Lists what a pattern matches, relative to the root where it lies below it. Hidden files never match.
fn matches(root: &Path, pattern: &str) -> Result<Vec<PathBuf>> {
    let wrong =
        |err: anyhow::Error| Diagnostic::project(format!("`{pattern}` is no pattern")).because(err);
    let full = match Path::new(pattern).is_absolute() {
        true => pattern.to_owned(),
        false => format!(
            "{}/{pattern}",
            glob::Pattern::escape(&root.to_string_lossy())
        ),
    };
    let options = glob::MatchOptions {
        require_literal_leading_dot: true,
        ..glob::MatchOptions::new()
    };
    let mut found = Vec::new();
    for path in glob::glob_with(&full, options).map_err(|err| wrong(err.into()))? {
        let path = path.map_err(|err| {
            let folder = err.path().display().to_string();
            Diagnostic::environment(format!("the folder `{folder}` cannot be read")).because(err)
        })?;
        found.push(
            path.strip_prefix(root)
                .map(Path::to_path_buf)
                .unwrap_or(path),
        );
    }
    Ok(found)
}
