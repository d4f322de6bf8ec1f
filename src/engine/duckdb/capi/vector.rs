//! Reads and writes the vectors that `DuckDB` hands to a callback, as slices of plain values.
#![expect(unsafe_code, reason = "calls DuckDB's C API")]

use std::ffi::c_void;
use std::marker::PhantomData;
use std::ptr::null_mut;

use super::{Err, Handle, Outcome, setting};
use crate::engine::duckdb::timezone::definition::{Interval, Type};

api! {
    duckdb_v2_logical_type_get_id(Handle, *mut u32);
    duckdb_v2_vector_get_logical_type(Handle, *mut Handle);
    duckdb_v2_vector_get_vector_type(Handle, *mut u32);
    duckdb_v2_vector_flatten(Handle);
    duckdb_v2_vector_reference(Handle, Handle);
    duckdb_v2_vector_get_view(Handle, *mut View);
    duckdb_v2_vector_get_data_mutable(Handle, *mut Handle);
    duckdb_v2_vector_set_size(Handle, u64);
    duckdb_v2_vector_get_child(Handle, u64, *mut Handle);
    duckdb_v2_vector_flat_get_validity_mutable(Handle, *mut *mut u64);
    duckdb_v2_vector_get_arena(Handle, *mut Handle);
    duckdb_v2_arena_allocate(Handle, u64, *mut *mut u8);
}

unsafe extern "C" {
    fn duckdb_v2_logical_type_destroy(handle: *mut Handle) -> u32;
}

#[repr(C)]
struct View {
    data: *const c_void,
    validity: *const u64,
    selection: *const u32,
    count: u64,
}

/// VARCHAR as it lies in a vector: up to 12 bytes in place, longer ones behind a pointer in the last 8.
#[repr(C, align(8))]
#[derive(Clone, Copy)]
pub(in crate::engine::duckdb) struct Text {
    length: u32,
    bytes: [u8; 12],
}

/// LIST as it lies in a vector.
#[repr(C)]
#[derive(Clone, Copy)]
struct List {
    offset: u64,
    length: u64,
}

/// A value that lies in a vector as it is; implemented only here, for the layouts the C API documents.
pub(in crate::engine::duckdb) trait Plain: Copy {
    /// The types stored in this layout.
    const TYPES: &'static [Type];
}

impl Plain for i32 {
    const TYPES: &'static [Type] = &[Type::Date];
}
impl Plain for i64 {
    const TYPES: &'static [Type] = &[
        Type::BigInt,
        Type::Time,
        Type::TimestampS,
        Type::TimestampMs,
        Type::Timestamp,
        Type::TimestampNs,
        Type::TimestampTz,
        Type::TimestampTzNs,
        Type::TimeTz,
    ];
}
impl Plain for f64 {
    const TYPES: &'static [Type] = &[Type::Double];
}
impl Plain for Interval {
    const TYPES: &'static [Type] = &[Type::Interval];
}
impl Plain for Text {
    const TYPES: &'static [Type] = &[Type::Varchar];
}

/// One call: vectors of arguments, a vector for the result, the session.
pub(in crate::engine::duckdb) struct Frame<'a> {
    pub(super) context: Handle,
    pub(super) input: &'a dyn Fn(u64) -> Outcome<Handle>,
    pub(super) output: Handle,
    pub(super) n_rows: usize,
    pub(super) is_tolerant: bool,
}

impl<'a> Frame<'a> {
    /// Number of rows of every argument and of the result.
    pub(in crate::engine::duckdb) fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// Whether a row that fails becomes NULL (TRY_CAST) instead of ending the query.
    pub(in crate::engine::duckdb) fn is_tolerant(&self) -> bool {
        self.is_tolerant
    }

    /// The value of a setting in the calling session.
    pub(in crate::engine::duckdb) fn setting(&self, name: &str) -> Outcome<String> {
        setting(self.context, name)
    }

    /// The argument at position `at`, from 0.
    pub(in crate::engine::duckdb) fn column<T: Plain>(&self, at: u64) -> Outcome<Column<'a, T>> {
        Column::new((self.input)(at)?, self.n_rows)
    }

    /// The texts of the first row of a VARCHAR or VARCHAR[] argument; none for NULL.
    pub(in crate::engine::duckdb) fn texts(&self, at: u64) -> Outcome<Vec<&'a str>> {
        let vector = (self.input)(at)?;
        if type_of(vector)? == Type::Varchar as u32 {
            return Ok(self
                .column::<Text>(at)?
                .get(0)
                .map(Text::as_str)
                .into_iter()
                .collect());
        }
        call!(duckdb_v2_vector_flatten(vector))?;
        let entry: *const List = get!(duckdb_v2_vector_get_data_mutable(vector))?.cast();
        let child = get!(duckdb_v2_vector_get_child(vector, 0))?;
        // SAFETY: DuckDB calls with at least one row, and the vector is flat, so it has an entry.
        let List { offset, length } = unsafe { *entry };
        let texts = Column::<Text>::new(child, (offset + length) as usize)?;
        Ok((offset..offset + length)
            .filter_map(|row| texts.get(row as usize))
            .map(Text::as_str)
            .collect())
    }

    /// Makes the result the argument at position `at`, unchanged.
    pub(in crate::engine::duckdb) fn refer(&mut self, at: u64) -> Outcome {
        call!(duckdb_v2_vector_reference(self.output, (self.input)(at)?))
    }

    /// Whether the result is of the type.
    pub(in crate::engine::duckdb) fn returns(&self, kind: Type) -> Outcome<bool> {
        Ok(type_of(self.output)? == kind as u32)
    }

    /// The result.
    pub(in crate::engine::duckdb) fn output<T: Plain>(&mut self) -> Outcome<Output<'_, T>> {
        Output::new(self.output, self.n_rows)
    }

    /// One field of a STRUCT result, from 0.
    pub(in crate::engine::duckdb) fn field<T: Plain>(&mut self, at: u64) -> Outcome<Output<'_, T>> {
        Output::new(
            get!(duckdb_v2_vector_get_child(self.output, at))?,
            self.n_rows,
        )
    }

    /// Makes a row of a STRUCT result NULL.
    pub(in crate::engine::duckdb) fn null_struct(&mut self, row: usize) -> Outcome {
        match row < self.n_rows {
            true => invalidate(self.output, row),
            false => Ok(()),
        }
    }

    /// Writes a LIST result: each row's values, `None` for NULL.
    pub(in crate::engine::duckdb) fn lists(&mut self, rows: &[Option<Vec<i64>>]) -> Outcome {
        let child = get!(duckdb_v2_vector_get_child(self.output, 0))?;
        let values: Vec<i64> = rows.iter().flatten().flatten().copied().collect();
        fill(child, &values)?;
        let entries: *mut List = get!(duckdb_v2_vector_get_data_mutable(self.output))?.cast();
        let mut offset = 0;
        for (at, row) in rows.iter().take(self.n_rows).enumerate() {
            let length = row.as_ref().map_or(0, Vec::len) as u64;
            // SAFETY: the result of this LIST function has room for `n_rows` entries, and `at` is below it.
            unsafe { entries.add(at).write(List { offset, length }) };
            offset += length;
            if row.is_none() {
                invalidate(self.output, at)?;
            }
        }
        Ok(())
    }
}

/// The values of one argument.
pub(in crate::engine::duckdb) struct Column<'a, T> {
    view: View,
    n_rows: usize,
    values: PhantomData<&'a T>,
}

impl<'a, T: Plain> Column<'a, T> {
    fn new(vector: Handle, n_rows: usize) -> Outcome<Self> {
        const OTHER: u32 = 0;
        check::<T>(vector)?;
        if get!(duckdb_v2_vector_get_vector_type(vector), OTHER)? == OTHER {
            call!(duckdb_v2_vector_flatten(vector))?;
        }
        let empty = View {
            data: null_mut(),
            validity: null_mut(),
            selection: null_mut(),
            count: 0,
        };
        let view = get!(duckdb_v2_vector_get_view(vector), empty)?;
        Ok(Column {
            view,
            n_rows,
            values: PhantomData,
        })
    }

    /// The value of a row, `None` for NULL and beyond the last row.
    #[inline]
    pub(in crate::engine::duckdb) fn get(&self, row: usize) -> Option<&'a T> {
        if row >= self.n_rows {
            return None;
        }
        // SAFETY: selection, validity and data cover every row below `n_rows`, in the layout that was checked.
        unsafe {
            let at = if self.view.selection.is_null() {
                row
            } else {
                *self.view.selection.add(row) as usize
            };
            let is_null = !self.view.validity.is_null()
                && *self.view.validity.add(at / 64) >> (at % 64) & 1 == 0;
            (!is_null).then(|| &*self.view.data.cast::<T>().add(at))
        }
    }
}

impl Text {
    /// The text.
    #[inline]
    pub(in crate::engine::duckdb) fn as_str(&self) -> &str {
        let length = self.length as usize;
        // SAFETY: DuckDB's strings are valid UTF-8; one longer than 12 bytes keeps a pointer to them in its last 8.
        unsafe {
            let start = match length <= 12 {
                true => self.bytes.as_ptr(),
                false => self
                    .bytes
                    .as_ptr()
                    .add(4)
                    .cast::<*const u8>()
                    .read_unaligned(),
            };
            std::str::from_utf8_unchecked(std::slice::from_raw_parts(start, length))
        }
    }
}

/// The rows of the result, to be written each once.
pub(in crate::engine::duckdb) struct Output<'a, T> {
    data: *mut T,
    vector: Handle,
    n_rows: usize,
    frame: PhantomData<&'a mut T>,
}

impl<T: Plain> Output<'_, T> {
    fn new(vector: Handle, n_rows: usize) -> Outcome<Self> {
        check::<T>(vector)?;
        let data = get!(duckdb_v2_vector_get_data_mutable(vector))?.cast();
        Ok(Self {
            data,
            vector,
            n_rows,
            frame: PhantomData,
        })
    }

    /// Number of rows.
    pub(in crate::engine::duckdb) fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// Writes a row; `None` is NULL.
    #[inline]
    pub(in crate::engine::duckdb) fn set(&mut self, row: usize, value: Option<T>) -> Outcome {
        match value {
            // SAFETY: the vector has room for `n_rows` values in the layout that was checked.
            Some(value) if row < self.n_rows => unsafe { self.data.add(row).write(value) },
            None if row < self.n_rows => invalidate(self.vector, row)?,
            _ => {}
        }
        Ok(())
    }
}

impl Output<'_, Text> {
    /// Copies `text` into the vector's memory, to be [`Output::set`].
    pub(in crate::engine::duckdb) fn text(&self, text: &str) -> Outcome<Text> {
        let mut bytes = [0; 12];
        if text.len() <= 12 {
            bytes[..text.len()].copy_from_slice(text.as_bytes());
        } else {
            let arena = get!(duckdb_v2_vector_get_arena(self.vector))?;
            let start = get!(
                duckdb_v2_arena_allocate(arena, text.len() as u64),
                null_mut::<u8>()
            )?;
            // SAFETY: the arena gave room for `text.len()` bytes, which nobody else has.
            unsafe { start.copy_from_nonoverlapping(text.as_ptr(), text.len()) };
            bytes[..4].copy_from_slice(&text.as_bytes()[..4]);
            bytes[4..].copy_from_slice(&(start as usize).to_ne_bytes());
        }
        let length = u32::try_from(text.len()).map_err(|err| err.to_string())?;
        Ok(Text { length, bytes })
    }
}

/// Makes `values` the contents of a vector of 64-bit values.
pub(super) fn fill(vector: Handle, values: &[i64]) -> Outcome {
    check::<i64>(vector)?;
    call!(duckdb_v2_vector_set_size(vector, values.len() as u64))?;
    let data: *mut i64 = get!(duckdb_v2_vector_get_data_mutable(vector))?.cast();
    // SAFETY: the vector was just given room for as many 64-bit values.
    unsafe { data.copy_from_nonoverlapping(values.as_ptr(), values.len()) };
    Ok(())
}

/// Makes a row NULL.
#[cold]
fn invalidate(vector: Handle, row: usize) -> Outcome {
    let validity = get!(
        duckdb_v2_vector_flat_get_validity_mutable(vector),
        null_mut::<u64>()
    )?;
    // SAFETY: the mask covers the vector's capacity, which is at least the number of rows.
    unsafe { *validity.add(row / 64) &= !(1 << (row % 64)) };
    Ok(())
}

fn type_of(vector: Handle) -> Outcome<u32> {
    let mut kind = get!(duckdb_v2_vector_get_logical_type(vector))?;
    let id = get!(duckdb_v2_logical_type_get_id(kind), 0);
    // SAFETY: the handle is owned and destroyed once.
    unsafe { duckdb_v2_logical_type_destroy(&raw mut kind) };
    id
}

/// Refuses a vector whose values do not lie as `T`.
fn check<T: Plain>(vector: Handle) -> Outcome {
    let id = type_of(vector)?;
    match T::TYPES.iter().any(|kind| *kind as u32 == id) {
        true => Ok(()),
        false => Err(format!(
            "a function of `wh` was given a vector of type {id}"
        )),
    }
}
