//! The files of a load as rows: neighbours of one shape are drawn as one, so that the engine's threads pass from file to
//! file and store whole row groups.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use super::formats::{Format, Reading, Source, Survey, Target, format_of, without_rows};
use super::lake::Lake;
use super::plan::Plan;
use super::rejects::Rejects;
use super::types::{Column, unite};
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::{Relation, Scan, Session};

/// One file of a load.
#[derive(Clone)]
pub(super) struct File {
    /// Position among the files of the load.
    position: usize,
    /// Position in the lake's entries.
    pub(super) entry: usize,
    path: PathBuf,
    /// The path people know it by.
    pub(super) origin: PathBuf,
    /// What `_wh_file` says.
    pub(super) recorded: String,
    format: &'static dyn Format,
    /// Names of its columns, in order.
    names: Vec<String>,
}

impl File {
    fn source<'a>(&'a self, reading: &'a Reading) -> Source<'a> {
        Source {
            path: &self.path,
            shown: &self.origin,
            recorded: &self.recorded,
            position: self.position,
            reading,
        }
    }

    fn is_like(&self, other: &Self) -> bool {
        self.format.name() == other.format.name() && self.names == other.names
    }
}

/// Lists the files of a load with their formats, and the columns of all together.
///
/// # Errors
/// `Environment` for one that is missing in the lake; as [`Format::columns`].
pub(super) fn files(
    session: &mut dyn Session,
    (lake, plan): (&Lake, &Plan),
    reading: &Reading,
    survey: Survey,
) -> Result<(Vec<File>, Vec<Column>)> {
    let (mut files, mut all) = (Vec::new(), Vec::new());
    for (position, entry) in plan.load.iter().enumerate() {
        let known = &lake.entries[*entry];
        let path = lake.place(known);
        if !path.exists() {
            return Err(Diagnostic::environment(format!(
                "`{}` is missing from the lake",
                known.path
            ))
            .hint("restore it from a backup: the table cannot be built anew without it")
            .into());
        }
        let origin = PathBuf::from(&known.origin);
        let mut file = File {
            position,
            entry: *entry,
            path,
            format: format_of(&origin, reading)?,
            origin,
            recorded: known.path.clone(),
            names: Vec::new(),
        };
        let columns = file
            .format
            .columns(session, &file.source(reading), survey)?;
        unite(&mut all, &columns);
        file.names = columns.into_iter().map(|column| column.name).collect();
        files.push(file);
    }
    Ok((files, all))
}

/// Adds the rows of all files to a table and returns how many each gave.
///
/// # Errors
/// As [`Format::open`] and [`Format::insert`]; `Data` for a file that gives nothing and should.
pub(super) fn append(
    session: &mut dyn Session,
    files: &[File],
    reading: &Reading,
    target: &Target<'_>,
) -> Result<Vec<u64>> {
    let mut counts = Vec::new();
    for alike in files.chunk_by(File::is_like) {
        if let Some(chain) = Chain::open(alike, reading, target)? {
            let chain = Arc::new(chain);
            session.append(target.relation, chain.clone())?;
            let rows = chain.n_rows.iter();
            counts.extend(rows.map(|rows| rows.load(Ordering::Relaxed)));
            continue;
        }
        for file in alike {
            let source = file.source(reading);
            counts.push(file.format.insert(session, &source, target)?);
        }
    }
    for (file, rows) in files.iter().zip(&counts) {
        let is_empty = *rows == 0 && target.rejects.of(file.position) == 0;
        if let Some(what) = file.format.lacks_rows(reading).filter(|_| is_empty) {
            return Err(without_rows(&file.origin, what));
        }
    }
    Ok(counts)
}

/// Files of one shape, one after the other; each is opened when the one before it is drawn.
struct Chain {
    files: Vec<File>,
    reading: Reading,
    relation: Relation,
    columns: Vec<Column>,
    staged: bool,
    rejects: Arc<Rejects>,
    loaded_at: jiff::Timestamp,
    schema: SchemaRef,
    /// The position of the file being drawn, and its rows.
    current: Mutex<(usize, Arc<dyn Scan>)>,
    /// Rows that each file has given.
    n_rows: Vec<AtomicU64>,
}

impl Chain {
    /// Opens the first of the files; `None` where the engine reads them itself.
    fn open(files: &[File], reading: &Reading, target: &Target<'_>) -> Result<Option<Self>> {
        let Some(first) = files.first() else {
            return Ok(None);
        };
        let Some(scan) = first.format.open(&first.source(reading), target)? else {
            return Ok(None);
        };
        Ok(Some(Self {
            files: files.to_vec(),
            reading: reading.clone(),
            relation: target.relation.clone(),
            columns: target.columns.to_vec(),
            staged: target.staged,
            rejects: target.rejects.clone(),
            loaded_at: target.loaded_at,
            schema: scan.schema(),
            current: Mutex::new((0, scan)),
            n_rows: files.iter().map(|_| AtomicU64::new(0)).collect(),
        }))
    }

    fn current(&self) -> (usize, Arc<dyn Scan>) {
        let current = self.current.lock();
        current.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Passes to the file after the one at `drawn`, unless another thread has; returns whether there is one.
    fn pass(&self, drawn: usize) -> Result<bool> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.0 != drawn {
            return Ok(true);
        }
        let Some(file) = self.files.get(drawn + 1) else {
            return Ok(false);
        };
        let target = Target {
            relation: &self.relation,
            columns: &self.columns,
            staged: self.staged,
            rejects: &self.rejects,
            loaded_at: self.loaded_at,
        };
        let scan = file.format.open(&file.source(&self.reading), &target)?;
        let alike = scan.filter(|scan| scan.schema() == self.schema);
        let scan = alike.ok_or_else(|| {
            let shown = file.origin.display();
            Diagnostic::data(format!("`{shown}` has changed while it was read"))
                .hint("run the command again")
        })?;
        *current = (drawn + 1, scan);
        Ok(true)
    }
}

impl Scan for Chain {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn next(&self) -> Result<Option<RecordBatch>> {
        loop {
            let (position, scan) = self.current();
            if let Some(batch) = scan.next()? {
                self.n_rows[position].fetch_add(batch.num_rows() as u64, Ordering::Relaxed);
                return Ok(Some(batch));
            }
            if !self.pass(position)? {
                return Ok(None);
            }
        }
    }
}
