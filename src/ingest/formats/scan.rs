//! Rows for the engine: blocks parsed on the engine's threads, or batches that are there already.

use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use super::super::rejects::{Reject, Rejects};
use super::blocks::{Block, Blocks, Cutter};
use super::rows::{Rows, Shape};
use super::{Source, Target};
use crate::diagnostic::Result;
use crate::engine::Scan;
use crate::ingest::types::Column;

/// Turns the records of a block into rows.
pub(super) trait Parse: Send + Sync {
    /// Adds the block's good records to `rows` and hands the others to `out`.
    ///
    /// # Errors
    /// [`super::Misfit`] when a value does not fit its column.
    fn parse(&self, block: &Block, rows: &mut Rows<'_>, out: &Aside<'_>) -> Result<()>;
}

/// Takes the records of one file that cannot become rows.
pub(super) struct Aside<'a> {
    position: usize,
    rejects: &'a Rejects,
}

impl Aside<'_> {
    /// Sets a record aside that starts in `line`; `column` counts characters from 1, 0 where unknown.
    pub(super) fn put(&self, line: u64, column: u64, raw: &[u8], reason: impl Into<String>) {
        self.rejects.add(Reject {
            file: self.position,
            line,
            column: u32::try_from(column).unwrap_or(0),
            raw: String::from_utf8_lossy(raw).replace('\0', "\u{fffd}"),
            reason: reason.into(),
        });
    }
}

/// A text file as rows.
struct TextScan<P> {
    blocks: Blocks,
    shape: Shape,
    parse: P,
    position: usize,
    rejects: Arc<Rejects>,
}

impl<P: Parse> Scan for TextScan<P> {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.shape.schema)
    }

    fn next(&self) -> Result<Option<RecordBatch>> {
        while let Some(block) = self.blocks.next()? {
            let out = Aside {
                position: self.position,
                rejects: &self.rejects,
            };
            if let Some(reason) = block.broken {
                out.put(block.position.line, 1, block.bytes.trim_ascii_end(), reason);
                continue;
            }
            let mut rows = Rows::new(&self.shape, block.bytes.len());
            self.parse.parse(&block, &mut rows, &out)?;
            let batch = rows.finish()?;
            if batch.num_rows() > 0 {
                return Ok(Some(batch));
            }
        }
        Ok(None)
    }
}

/// How a text file is divided and understood.
pub(super) struct Text<'a, P> {
    /// The columns `parse` fills, in its order; their types are the target's.
    pub(super) columns: &'a [Column],
    /// Finds where records end.
    pub(super) cutter: Box<dyn Cutter>,
    /// Understands records.
    pub(super) parse: P,
}

impl<P: Parse + 'static> Text<'_, P> {
    /// Opens the rows of a text file.
    ///
    /// # Errors
    /// As [`Blocks::open`]; drawn rows as [`Blocks::next`] and [`Parse::parse`].
    pub(super) fn open(self, file: &Source<'_>, target: &Target<'_>) -> Result<Arc<dyn Scan>> {
        Ok(Arc::new(TextScan {
            blocks: Blocks::open(file, self.cutter)?,
            shape: Shape::new(file, target, self.columns),
            parse: self.parse,
            position: file.position,
            rejects: Arc::clone(target.rejects),
        }))
    }
}

/// Batches that are in memory already.
pub(in crate::ingest) struct Batches {
    schema: SchemaRef,
    batches: Mutex<Vec<RecordBatch>>,
}

impl Batches {
    /// Holds batches of one schema; they are handed out last first.
    pub(in crate::ingest) fn new(schema: SchemaRef, batches: Vec<RecordBatch>) -> Self {
        Self {
            schema,
            batches: Mutex::new(batches),
        }
    }
}

impl Scan for Batches {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn next(&self) -> Result<Option<RecordBatch>> {
        Ok(self
            .batches
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop())
    }
}
