//! Loads contents of the lake into the table: rows, rejects and record in one transaction.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};

use super::files::{File, append, files};
use super::formats::{Batches, Misfit, Reading, Survey, Target};
use super::lake::{Lake, Loaded};
use super::plan::Plan;
use super::rejects::{Reject, Rejects};
use super::stage::Stage;
use super::types::Column;
use super::{Outcome, Request, ledger, table};
use crate::diagnostic::{Diagnostic, Result, nearest};
use crate::engine::{Relation, Session, transaction};
use crate::project::nodes::{Mode, Tolerance};

/// What is to be loaded.
pub(super) struct Work<'a> {
    /// Where it lies.
    pub(super) lake: &'a mut Lake,
    /// How it is read.
    pub(super) reading: &'a Reading,
    /// Which of it.
    pub(super) plan: &'a Plan,
    /// How new rows meet old ones.
    pub(super) mode: Mode,
    /// Writes down in the same transaction what else is to be known of the load.
    pub(super) record: &'a dyn Fn(&mut dyn Session, &Outcome) -> Result<()>,
}

/// Loads what is planned; afterwards the lake's entries say so.
///
/// Columns are learned from the beginning of each file; should a later value not fit them, everything is undone
/// and begun again with columns learned from the whole files.
///
/// # Errors
/// As [`super::ingest`].
pub(super) fn load(
    session: &mut dyn Session,
    request: &Request<'_>,
    work: &mut Work<'_>,
) -> Result<Outcome> {
    match attempt(session, request, work, Survey::Begin) {
        Err(err) if err.chain().any(|cause| cause.is::<Misfit>()) => {
            attempt(session, request, work, Survey::Whole)
        }
        outcome => outcome,
    }
}

/// The columns of a load.
struct Columns {
    /// Those of the files, with the types they have in the table.
    all: Vec<Column>,
    declared: Vec<Column>,
    keys: Vec<Column>,
}

fn attempt(
    session: &mut dyn Session,
    request: &Request<'_>,
    work: &mut Work<'_>,
    survey: Survey,
) -> Result<Outcome> {
    let from = (&*work.lake, work.plan);
    let (files, mut columns) = files(session, from, work.reading, survey)?;
    let existing = match work.plan.fresh {
        true => None,
        false => table::find(session, request.table)?,
    };
    let declared = declare(
        session,
        request,
        work.reading,
        &mut columns,
        existing.as_deref(),
    )?;
    let (loaded, outcome) = transaction(session, |session| {
        let mut note = None;
        let all = match &existing {
            Some(existing) => {
                note = new_columns(existing, &columns);
                table::evolve(session, request.table, existing, &columns)?
            }
            None => {
                table::create(session, request.table, &columns)?;
                columns
            }
        };
        for entry in &work.plan.leave {
            leave(session, request, work, *entry)?;
        }
        let keys = keys(request, work.mode, &all, existing.as_deref())?;
        let loaded = rows(
            session,
            request,
            work.reading,
            (
                &files,
                &Columns {
                    all,
                    declared,
                    keys,
                },
            ),
        )?;
        for (file, loaded) in files.iter().zip(&loaded) {
            let entry = &work.lake.entries[file.entry];
            ledger::record(session, request.ingest, entry, loaded)?;
        }
        let outcome = Outcome {
            note,
            ..sum(&files, &loaded, work.lake)
        };
        (work.record)(session, &outcome)?;
        work.lake.settle()?;
        Ok((loaded, outcome))
    })?;
    for (file, loaded) in files.iter().zip(loaded) {
        work.lake.entries[file.entry].loaded = Some(loaded);
    }
    for entry in &work.plan.leave {
        if let Some(loaded) = &mut work.lake.entries[*entry].loaded {
            loaded.active = false;
        }
    }
    Ok(outcome)
}

/// Adds up what the files gave.
fn sum(files: &[File], loaded: &[Loaded], lake: &Lake) -> Outcome {
    let size_bytes = |file: &File| lake.entries[file.entry].size_bytes;
    Outcome {
        rows: loaded.iter().map(|file| file.rows).sum(),
        rejected: loaded.iter().map(|file| file.rejected).sum(),
        files: files.len() as u64,
        bytes: files.iter().map(size_bytes).sum(),
        ..Outcome::default()
    }
}

/// Names the columns that the table gains.
fn new_columns(existing: &[Column], columns: &[Column]) -> Option<String> {
    let is_new = |column: &&Column| !existing.iter().any(|old| old.is_called(&column.name));
    let names: Vec<_> = columns
        .iter()
        .filter(is_new)
        .map(|column| format!("`{}`", column.name))
        .collect();
    let plural = if names.len() == 1 {
        "column"
    } else {
        "columns"
    };
    (!names.is_empty()).then(|| format!("new {plural} {}", names.join(", ")))
}

/// Gives declared columns their types and returns them.
fn declare(
    session: &mut dyn Session,
    request: &Request<'_>,
    reading: &Reading,
    columns: &mut Vec<Column>,
    existing: Option<&[Column]>,
) -> Result<Vec<Column>> {
    let mut declared = Vec::new();
    for (name, ty) in &reading.columns {
        let ty = table::declared_type(session, name, ty)?;
        let old = existing
            .unwrap_or_default()
            .iter()
            .find(|old| old.is_called(name));
        if let Some(old) = old.filter(|old| old.ty.sql() != ty.sql()) {
            let what = format!(
                "column `{name}` is declared as {} and is {} in {}",
                ty.sql(),
                old.ty.sql(),
                request.table
            );
            return Err(Diagnostic::project(what)
                .hint("build the table anew from the lake with `--full-refresh`")
                .into());
        }
        match columns.iter_mut().find(|column| column.is_called(name)) {
            Some(column) => {
                column.ty = ty;
                declared.push(column.clone());
            }
            None if old.is_some() => {}
            None if reading.fetched => {
                columns.push(Column::new(name, ty));
                declared.extend(columns.last().cloned());
            }
            None => return Err(no_such_column("columns", name, columns)),
        }
    }
    Ok(declared)
}

/// Returns the columns of the primary key when rows of the same key replace each other.
fn keys(
    request: &Request<'_>,
    mode: Mode,
    columns: &[Column],
    existing: Option<&[Column]>,
) -> Result<Vec<Column>> {
    if mode != Mode::Merge {
        return Ok(Vec::new());
    }
    if request.ingest.primary_key.is_empty() {
        return Err(Diagnostic::project("`mode: merge` needs a `primary_key:`")
            .hint("name the columns that identify a row, or use `mode: append`")
            .into());
    }
    let key = |name: &String| {
        let found = columns.iter().find(|column| column.is_called(name));
        found
            .cloned()
            .ok_or_else(|| no_such_column("primary_key", name, existing.unwrap_or(columns)))
    };
    request.ingest.primary_key.iter().map(key).collect()
}

fn no_such_column(setting: &str, name: &str, columns: &[Column]) -> anyhow::Error {
    let names = || columns.iter().map(|column| column.name.as_str());
    let hint = match nearest(name, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the files have {}", names().collect::<Vec<_>>().join(", ")),
    };
    Diagnostic::project(format!("`{setting}:` names `{name}`, which no file has"))
        .hint(hint)
        .into()
}

/// Takes the rows of a content out of the table.
fn leave(
    session: &mut dyn Session,
    request: &Request<'_>,
    work: &Work<'_>,
    entry: usize,
) -> Result<()> {
    let entry = &work.lake.entries[entry];
    if !work.plan.fresh {
        table::leave(session, request.table, &entry.path)?;
    }
    match &entry.loaded {
        Some(loaded) => ledger::record(
            session,
            request.ingest,
            entry,
            &Loaded {
                active: false,
                ..loaded.clone()
            },
        ),
        None => Ok(()),
    }
}

/// Loads the rows of all files and sets aside what cannot be loaded; returns what each gave.
fn rows(
    session: &mut dyn Session,
    request: &Request<'_>,
    reading: &Reading,
    (files, columns): (&[File], &Columns),
) -> Result<Vec<Loaded>> {
    let keep = match request.ingest.max_rejects {
        Tolerance::Rows(most) => most,
        Tolerance::Share(_) => u64::MAX,
    };
    let rejects = Arc::new(Rejects::new(keep));
    let stage = Stage {
        table: request.table,
        columns: &columns.all,
        declared: &columns.declared,
        keys: &columns.keys,
    };
    let is_staged = !columns.declared.is_empty() || !columns.keys.is_empty();
    let (relation, into) = match is_staged {
        true => (Stage::relation(), stage.staged()),
        false => (request.table.clone(), columns.all.clone()),
    };
    if is_staged {
        stage.create(session)?;
    }
    let target = Target {
        relation: &relation,
        columns: &into,
        staged: is_staged,
        rejects: &rejects,
        loaded_at: request.now,
    };
    let counts = append(session, files, reading, &target)?;
    let load = |(position, rows)| Loaded {
        at: request.now,
        rows,
        rejected: rejects.of(position),
        active: true,
    };
    let mut loaded: Vec<_> = counts.into_iter().enumerate().map(load).collect();
    let mut first = rejects.first();
    if is_staged {
        for refused in stage.finish(session)? {
            let file = &mut loaded[refused.first.file];
            file.rows -= refused.n_rejects;
            file.rejected += refused.n_rejects;
            first = [first, Some(refused.first)]
                .into_iter()
                .flatten()
                .min_by_key(|reject| (reject.file, reject.line));
        }
    }
    tolerate(request, reading, (files, &loaded), first)?;
    set_aside(session, request, files, rejects.take())?;
    Ok(loaded)
}

/// Fails when more records were rejected than the declaration tolerates; `first` is the first of them.
fn tolerate(
    request: &Request<'_>,
    reading: &Reading,
    (files, loaded): (&[File], &[Loaded]),
    first: Option<Reject>,
) -> Result<()> {
    let n_rejects: u64 = loaded.iter().map(|file| file.rejected).sum();
    let n_records = n_rejects + loaded.iter().map(|file| file.rows).sum::<u64>();
    let (tolerable, setting) = match request.ingest.max_rejects {
        Tolerance::Rows(most) => (n_rejects <= most, most.to_string()),
        Tolerance::Share(most) => (
            n_rejects as f64 <= most * n_records as f64,
            format!("{} %", most * 100.0),
        ),
    };
    let Some(first) = first.filter(|_| !tolerable) else {
        return Ok(());
    };
    let plural = if n_rejects == 1 { "record" } else { "records" };
    let place = files
        .get(first.file)
        .map_or(Path::new(""), |file| &file.origin);
    let line = u32::try_from(first.line).unwrap_or(u32::MAX);
    let remedy = match (reading.fetched, first.reason.contains("UTF-8")) {
        (true, _) => "correct the rows at the source, declare another type in `columns:`",
        (false, true) => "set `encoding:`, correct the file",
        (false, false) => "correct the file",
    };
    Err(Diagnostic::data(format!(
        "{n_rejects} {plural} of {n_records} cannot be loaded, the first here: {}",
        first.reason
    ))
    .at_line(place, line, first.column)
    .hint(format!(
        "{remedy}, or raise `max_rejects:` (now {setting}): such records are then set aside in {}",
        table::rejects_of(request.table)
    ))
    .into())
}

/// Adds records to the table of rejects.
fn set_aside(
    session: &mut dyn Session,
    request: &Request<'_>,
    files: &[File],
    rejects: Vec<Reject>,
) -> Result<()> {
    if rejects.is_empty() {
        return Ok(());
    }
    let zoned = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let schema = Arc::new(Schema::new(vec![
        Field::new("_wh_file", DataType::Utf8, true),
        Field::new("_wh_line", DataType::Int64, true),
        Field::new("raw_text", DataType::Utf8, true),
        Field::new("reason", DataType::Utf8, true),
        Field::new("_wh_loaded_at", zoned, true),
    ]));
    let texts = |text: &dyn Fn(&Reject) -> String| -> Arc<dyn Array> {
        Arc::new(
            rejects
                .iter()
                .map(|reject| Some(text(reject)))
                .collect::<StringArray>(),
        )
    };
    let recorded = |reject: &Reject| {
        files
            .get(reject.file)
            .map(|file| file.recorded.clone())
            .unwrap_or_default()
    };
    let lines: Int64Array = rejects
        .iter()
        .map(|reject| i64::try_from(reject.line).ok())
        .collect();
    let times = TimestampMicrosecondArray::from(vec![request.now.as_microsecond(); rejects.len()]);
    let batch = RecordBatch::try_new(
        Arc::clone(&schema),
        vec![
            texts(&recorded),
            Arc::new(lines),
            texts(&|reject| reject.raw.clone()),
            texts(&|reject| reject.reason.clone()),
            Arc::new(times.with_timezone("UTC")),
        ],
    )?;
    let into: Relation = table::rejects_of(request.table);
    session.append(&into, Arc::new(Batches::new(schema, vec![batch])))?;
    Ok(())
}
