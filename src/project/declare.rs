//! Reading the nodes that dbt does not have: ingestion, ML models, exports, reports.

use std::path::PathBuf;

use serde_yaml::Mapping;

use super::files;
use super::nodes::{
    Export, ExportTable, Ingest, MlModel, Mode, OnUnavailable, ProfileOf, Reference, Report,
    Schedule, Tolerance,
};
use super::resources::Reader;
use super::shared::Declared;
use super::yaml::{Doc, Fields};
use crate::diagnostic::{At, Diagnostic, Result};

impl Reader<'_> {
    pub(super) fn ml_model(&self, item: Doc<'_>) -> Result<(Declared, MlModel)> {
        let fields = item.fields("an entry of `ml_models`")?;
        let declared = self.node(&fields)?;
        let model = MlModel {
            name: declared.name.clone(),
            algorithm: fields.text("algorithm")?,
            from: reference(&fields, "from")?,
            score: fields
                .get("score")
                .map(|_| reference(&fields, "score"))
                .transpose()?,
            key: fields.texts("key")?,
            features: fields.texts("features")?,
            at: declared.at.clone(),
            options: fields.rest(),
        };
        Ok((declared, model))
    }

    pub(super) fn export(&self, item: Doc<'_>) -> Result<(Declared, Export)> {
        let fields = item.fields("an entry of `exports`")?;
        let declared = self.node(&fields)?;
        let (sink, path, mut options) = destination(&fields)?;
        let mut tables = Vec::new();
        if fields.get("from").is_some() {
            tables.push(export_table(&fields, declared.at.clone())?);
        }
        for sheet in ["sheets", "tables"]
            .iter()
            .flat_map(|key| fields.items(key))
        {
            let sheet_fields = sheet.fields(&format!("a table of export `{}`", declared.name))?;
            let mut table = export_table(&sheet_fields, sheet.at())?;
            table.name = sheet_fields.text("name")?.unwrap_or(table.name);
            table.options = sheet_fields.rest();
            tables.push(table);
        }
        if tables.is_empty() {
            let what = format!(
                "export `{}` says neither `from` nor `sheets`",
                declared.name
            );
            return Err(Diagnostic::project(what).at(&declared.at).into());
        }
        options.extend(fields.rest());
        let export = Export {
            name: declared.name.clone(),
            description: declared.description.clone(),
            sink,
            path,
            tables,
            options,
            at: declared.at.clone(),
        };
        Ok((declared, export))
    }

    pub(super) fn report(&self, item: Doc<'_>) -> Result<(Declared, Report)> {
        let fields = item.fields("an entry of `reports`")?;
        let declared = self.node(&fields)?;
        let profile = fields
            .get("profile")
            .map(|doc| profile_of(doc, &declared.name));
        let profile = profile.transpose()?;
        let (file, text) = match &profile {
            Some(_) => (declared.at.file.clone(), String::new()),
            None => self.report_text(&fields, &declared.name)?,
        };
        let report = Report {
            name: declared.name.clone(),
            description: declared.description.clone(),
            text,
            profile,
            to: fields.texts("to")?.into_iter().map(PathBuf::from).collect(),
            file,
            at: declared.at.clone(),
        };
        if report.to.is_empty() {
            let what = format!("report `{}` has no `to`", declared.name);
            return Err(Diagnostic::project(what)
                .at(&declared.at)
                .hint("add `to: [reports/NAME.html]`")
                .into());
        }
        fields.finish()?;
        Ok((declared, report))
    }

    fn report_text(&self, fields: &Fields<'_>, report: &str) -> Result<(PathBuf, String)> {
        let file = PathBuf::from(fields.required("file")?);
        let at = fields.get("file").map_or(fields.at(), |doc| doc.at());
        if !self.root.join(&file).is_file() {
            let what = format!(
                "report `{report}` is made from `{}`, which does not exist",
                file.display()
            );
            return Err(Diagnostic::project(what).at(&at).into());
        }
        let text = files::read(self.root, &file)?;
        Ok((file, text))
    }
}

fn profile_of(doc: Doc<'_>, report: &str) -> Result<ProfileOf> {
    let fields = doc.fields(&format!("`profile` of report `{report}`"))?;
    let profile = ProfileOf {
        from: reference(&fields, "from")?,
        by: fields.text("by")?,
    };
    fields.finish()?;
    Ok(profile)
}

pub(super) fn ingest(doc: Doc<'_>, source: &str, table: &str) -> Result<Ingest> {
    let fields = doc.fields(&format!("`ingest` of `{source}.{table}`"))?;
    let mode = match fields.text("mode")?.as_deref() {
        None => None,
        Some("append") => Some(Mode::Append),
        Some("replace") => Some(Mode::Replace),
        Some("merge") => Some(Mode::Merge),
        Some(other) => {
            return Err(
                Diagnostic::project(format!("`{other}` is no mode of ingestion"))
                    .at(&fields.get("mode").map_or(doc.at(), |doc| doc.at()))
                    .hint("use one of: append, replace, merge")
                    .into(),
            );
        }
    };
    let max_rejects = fields
        .get("max_rejects")
        .map_or(Ok(Tolerance::Rows(0)), tolerance)?;
    let ingest = Ingest {
        source: source.into(),
        table: table.into(),
        connector: fields.required("connector")?,
        mode,
        on_unavailable: on_unavailable(&fields)?,
        schedule: schedule(&fields)?,
        primary_key: fields.texts("primary_key")?,
        max_rejects,
        at: doc.at(),
        options: fields.rest(),
    };
    if mode == Some(Mode::Merge) && ingest.primary_key.is_empty() {
        return Err(Diagnostic::project("`mode: merge` needs a `primary_key`")
            .at(&doc.at())
            .into());
    }
    Ok(ingest)
}

fn on_unavailable(fields: &Fields<'_>) -> Result<OnUnavailable> {
    match fields.text("on_unavailable")?.as_deref() {
        None | Some("error") => Ok(OnUnavailable::Error),
        Some("keep") => Ok(OnUnavailable::Keep),
        Some(other) => {
            let at = fields
                .get("on_unavailable")
                .map_or(fields.at(), |doc| doc.at());
            Err(
                Diagnostic::project(format!("`on_unavailable` is `{other}`"))
                    .at(&at)
                    .hint("use `error` to fail, or `keep` to go on with the rows there are")
                    .into(),
            )
        }
    }
}

/// Reads `every: 1h` or `cron: "0 6 * * *"`.
fn schedule(fields: &Fields<'_>) -> Result<Option<Schedule>> {
    let place = |key: &str| fields.get(key).map_or(fields.at(), |doc| doc.at());
    match (fields.text("every")?, fields.text("cron")?) {
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(Diagnostic::project(
            "a source is due by `every` or by `cron`, not by both",
        )
        .at(&place("cron"))
        .into()),
        (Some(every), None) => match every.parse::<jiff::SignedDuration>() {
            Ok(every) if every.is_positive() => Ok(Some(Schedule::Every(every))),
            _ => Err(Diagnostic::project(format!("`every` is `{every}`"))
                .at(&place("every"))
                .hint("give a time such as 15m, 1h or 24h")
                .into()),
        },
        (None, Some(cron)) => match cron.parse::<croner::Cron>() {
            Ok(_) => Ok(Some(Schedule::Cron(cron))),
            Err(err) => Err(
                Diagnostic::project(format!("`{cron}` is no cron expression"))
                    .at(&place("cron"))
                    .because(err)
                    .hint(
                        "minute, hour, day, month, weekday: `0 6 * * *` is every day at 06:00 UTC",
                    )
                    .into(),
            ),
        },
    }
}

/// Reads `20` as rows, `1%` and `0.01` as a share.
fn tolerance(doc: Doc<'_>) -> Result<Tolerance> {
    if let Some(rows) = doc.value.as_u64() {
        return Ok(Tolerance::Rows(rows));
    }
    let text = doc.text("`max_rejects`")?;
    let share = match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().map(|percent| percent / 100.0),
        None => text.parse(),
    };
    match share {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(Tolerance::Share(share)),
        _ => Err(Diagnostic::project(format!("`max_rejects` is `{text}`"))
            .at(&doc.at())
            .hint("give a number of rows (20) or a share of them (1%)")
            .into()),
    }
}

fn export_table(fields: &Fields<'_>, at: At) -> Result<ExportTable> {
    let from = reference(fields, "from")?;
    let name = from.name().to_owned();
    let limit = fields.get("limit").map(|doc| match doc.value.as_u64() {
        Some(rows) => Ok(rows),
        None => Err(Diagnostic::project("`limit` is not a number of rows").at(&doc.at())),
    });
    Ok(ExportTable {
        name,
        from,
        columns: fields.texts("columns")?,
        order_by: fields.texts("order_by")?,
        limit: limit.transpose()?,
        options: Mapping::new(),
        at,
    })
}

/// Reads `to: {xlsx: exports/x.xlsx}`; further keys beside the sink are its options.
fn destination(fields: &Fields<'_>) -> Result<(String, PathBuf, Mapping)> {
    let missing = |at: &At| {
        Diagnostic::project("an export has no `to: {SINK: PATH}`")
            .at(at)
            .hint("for instance `to: {csv: exports/orders.csv}`")
    };
    let doc = fields.get("to").ok_or_else(|| missing(&fields.at()))?;
    let map = doc.fields("`to`")?.rest();
    let mut entries = map.into_iter();
    let (sink, path) = entries.next().ok_or_else(|| missing(&doc.at()))?;
    let sink = Doc {
        value: &sink,
        file: doc.file,
    }
    .text("the sink")?;
    let path = Doc {
        value: &path,
        file: doc.file,
    }
    .text("the path of an export")?;
    Ok((sink, path.into(), entries.collect()))
}

pub(super) fn reference(fields: &Fields<'_>, key: &str) -> Result<Reference> {
    let text = fields.required(key)?;
    let at = fields.get(key).map_or(fields.at(), |doc| doc.at());
    parse_reference(&text).ok_or_else(|| {
        Diagnostic::project(format!("`{text}` is no reference"))
            .at(&at)
            .hint("write `ref('model')` or `source('source', 'table')`")
            .into()
    })
}

/// Reads `ref('a')`, `ref('package', 'a')` or `source('s', 't')`.
#[must_use]
fn parse_reference(text: &str) -> Option<Reference> {
    let (function, rest) = text.trim().split_once('(')?;
    let arguments = rest.trim_end().strip_suffix(')')?;
    let words: Option<Vec<String>> = arguments
        .split(',')
        .map(|word| unquote(word.trim()))
        .collect();
    match (function.trim(), words?.as_slice()) {
        ("ref", [name]) => Some(Reference::Ref {
            package: None,
            name: name.clone(),
            version: None,
        }),
        ("ref", [package, name]) => Some(Reference::Ref {
            package: Some(package.clone()),
            name: name.clone(),
            version: None,
        }),
        ("source", [source, table]) => Some(Reference::Source {
            source: source.clone(),
            table: table.clone(),
        }),
        _ => None,
    }
}

fn unquote(word: &str) -> Option<String> {
    let quoted = |quote: char| word.strip_prefix(quote)?.strip_suffix(quote);
    quoted('\'').or_else(|| quoted('"')).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_with_either_quote() {
        let text = |text: &str| parse_reference(text).map(|reference| reference.to_string());
        assert_eq!(text("ref('a')").unwrap(), "ref('a')");
        assert_eq!(text(r#" ref( "p" , 'a' ) "#).unwrap(), "ref('p', 'a')");
        assert_eq!(text("source('s', 't')").unwrap(), "source('s', 't')");
        assert_eq!(text("ref(a)"), None);
    }
}
