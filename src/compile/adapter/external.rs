//! Where an external relation is written and read: `adapter.external_write_options`, `adapter.external_read_location`.

use std::path::Path;

use minijinja::value::DynObject;
use minijinja::{Error, Value};

use crate::jinja::{self, bind};

/// Returns the options of `copy … to`, with the format that the file's name says where none is given.
pub(super) fn write_options(args: &[Value]) -> Result<Value, Error> {
    let names = ["write_location", "rendered_options"];
    let bound = bind("external_write_options", &names, 2, args)?;
    let location = bound[0].as_ref().map(jinja::text).unwrap_or_default();
    let given = bound[1].as_ref().and_then(|value| value.as_object());
    let mut options: Vec<(String, String)> = given
        .and_then(DynObject::try_iter_pairs)
        .into_iter()
        .flatten()
        .map(|(key, value)| (jinja::text(&key), jinja::text(&value)))
        .collect();
    let find =
        |options: &[(String, String)], key: &str| options.iter().position(|(own, _)| own == key);
    if find(&options, "format").is_none() {
        let (format, compression) = format_of(&location, find(&options, "delimiter").is_some());
        options.push(("format".into(), format));
        if let Some(compression) = compression.filter(|_| find(&options, "compression").is_none()) {
            options.push(("compression".into(), compression.into()));
        }
    }
    let is_csv = options
        .iter()
        .any(|(key, value)| key == "format" && value == "csv");
    if is_csv && find(&options, "header").is_none() {
        options.push(("header".into(), "1".into()));
    }
    if let Some(at) = find(&options, "partition_by") {
        let columns = &options[at].1;
        if columns.contains(',') && !columns.starts_with('(') {
            options[at].1 = format!("({columns})");
        }
    }
    if let Some(given) = bound[1]
        .as_ref()
        .and_then(|value| value.downcast_object_ref::<jinja::Dict>())
    {
        // dbt's method fills in the mapping that it is given, and macros go by that.
        let options = options.iter();
        let options = options.map(|(key, value)| (Value::from(key), Value::from(value)));
        given.items().extend(options);
    }
    let written = options.iter().map(|(key, value)| {
        let is_text = matches!(
            key.to_lowercase().as_str(),
            "delimiter" | "quote" | "escape" | "null"
        );
        match is_text && !value.starts_with('\'') {
            true => format!("{key} '{value}'"),
            false => format!("{key} {value}"),
        }
    });
    Ok(Value::from(written.collect::<Vec<_>>().join(", ")))
}

/// Reads format and compression off a file's name: `data.csv.gz` is CSV in gzip.
fn format_of(location: &str, has_delimiter: bool) -> (String, Option<&'static str>) {
    let suffix = |path: &Path| {
        path.extension()
            .map(|suffix| suffix.to_string_lossy().to_lowercase())
    };
    let path = Path::new(location);
    let compression = match suffix(path).as_deref() {
        Some("gz") => Some("gzip"),
        Some("zst") => Some("zstd"),
        _ => None,
    };
    let format = match compression {
        Some(_) => path.file_stem().and_then(|stem| suffix(Path::new(stem))),
        None => suffix(path),
    };
    match format {
        Some(format) => (format, compression),
        None if has_delimiter => ("csv".into(), None),
        None => ("parquet".into(), None),
    }
}

/// Returns the pattern that reads what was written in several files, or the location itself.
pub(super) fn read_location(args: &[Value]) -> Result<Value, Error> {
    let names = ["write_location", "rendered_options"];
    let bound = bind("external_read_location", &names, 2, args)?;
    let location = bound[0].as_ref().map(jinja::text).unwrap_or_default();
    let options = bound[1].clone().unwrap_or_default();
    let partitions = options.get_attr("partition_by")?;
    if !partitions.is_true() && !options.get_attr("per_thread_output")?.is_true() {
        return Ok(Value::from(location));
    }
    let depth = match partitions.is_true() {
        true => 1 + jinja::text(&partitions).split(',').count(),
        false => 1,
    };
    let format = options.get_attr("format")?;
    let format = if format.is_true() {
        jinja::text(&format)
    } else {
        "parquet".into()
    };
    Ok(Value::from(format!(
        "{location}{}.{format}",
        "/*".repeat(depth)
    )))
}
