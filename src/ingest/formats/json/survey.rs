//! Learns the columns of JSON records: the union of their keys, and types that hold every value.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::text::members;
use super::{Cell, Layout, unescaped_key};
use crate::diagnostic::Result;
use crate::ingest::formats::blocks::{Block, Blocks};
use crate::ingest::formats::{Source, Survey};
use crate::ingest::types::{Column, Type, unite};

/// Returns the columns of a file in the order in which they first appear.
///
/// # Errors
/// As [`Blocks::next`].
pub(super) fn columns(file: &Source<'_>, layout: Layout, survey: Survey) -> Result<Vec<Column>> {
    let blocks = Blocks::open(file, layout.cutter(file))?;
    let found = Mutex::new(BTreeMap::new());
    let work = || -> Result<()> {
        while let Some(block) = blocks.next()? {
            let columns = of_block(&block, layout)?;
            found
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(block.ordinal, columns);
            if survey == Survey::Begin {
                break;
            }
        }
        Ok(())
    };
    match survey {
        Survey::Begin => work()?,
        Survey::Whole => on_all_cores(&work)?,
    }
    let mut columns = Vec::new();
    for of_block in found
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)
        .into_values()
    {
        unite(&mut columns, &of_block);
    }
    Ok(columns)
}

fn on_all_cores(work: &(impl Fn() -> Result<()> + Sync)) -> Result<()> {
    let n_threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..n_threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| {
            thread
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    })
}

/// Returns the columns of a block. Broken records have none: they are set aside when the block is loaded.
fn of_block(block: &Block, layout: Layout) -> Result<Vec<Column>> {
    let mut columns: Vec<Column> = Vec::new();
    let mut of_record: Vec<(usize, Type)> = Vec::new();
    layout.records(block, |_, _, raw| {
        let Ok(text) = std::str::from_utf8(raw) else {
            return Ok(());
        };
        of_record.clear();
        let n_before = columns.len();
        let outcome = members(text, |key, value, at| {
            let ty = Cell::new(value, at)?.ty();
            let next = of_record.last().map_or(0, |(place, _)| place + 1);
            if columns.get(next).is_some_and(|column| column.name == key) {
                of_record.push((next, ty));
                return Ok(());
            }
            let name = unescaped_key(key, at)?;
            let place = columns
                .iter()
                .position(|column| column.is_called(&name))
                .unwrap_or_else(|| {
                    columns.push(Column::new(name, Type::Null));
                    columns.len() - 1
                });
            of_record.push((place, ty));
            Ok(())
        });
        match outcome {
            Ok(()) => {
                for (place, ty) in of_record.drain(..) {
                    let column = &mut columns[place];
                    if column.ty != ty {
                        column.ty = column.ty.join(&ty);
                    }
                }
            }
            Err(_) => columns.truncate(n_before),
        }
        Ok(())
    })?;
    Ok(columns)
}
