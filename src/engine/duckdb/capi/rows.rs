//! What a statement answers, as Arrow batches.

use std::ffi::CString;
use std::ptr::null_mut;
use std::sync::Arc;

use duckdb::arrow::array::{RecordBatch, StructArray};
use duckdb::arrow::datatypes::{Schema, SchemaRef};
use duckdb::arrow::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi};
use duckdb::ffi;

use super::Outcome;
use super::connection::{Prepared, copied};

/// The answer of one statement.
pub(in super::super) struct Rows {
    result: ffi::duckdb_result,
    options: ffi::duckdb_arrow_options,
    /// Lives as long as rows are drawn from it.
    _statement: Option<Prepared>,
}

impl Rows {
    /// Takes over what `DuckDB` answered.
    pub(super) fn new(
        state: ffi::duckdb_state,
        result: ffi::duckdb_result,
        statement: Option<Prepared>,
    ) -> Outcome<Self> {
        let mut rows = Self {
            result,
            options: null_mut(),
            _statement: statement,
        };
        if state != ffi::DuckDBSuccess {
            return Err(rows.message());
        }
        // SAFETY: the result is whole.
        rows.options = unsafe { ffi::duckdb_result_get_arrow_options(&raw mut rows.result) };
        Ok(rows)
    }

    /// Returns how many rows the statement changed.
    pub(in super::super) fn changed(&mut self) -> u64 {
        // SAFETY: the result is whole.
        unsafe { ffi::duckdb_rows_changed(&raw mut self.result) }
    }

    /// Hands the rows to `each`, batch by batch; an empty batch where there are none.
    ///
    /// # Errors
    /// What `DuckDB` says while it makes them, or `each` answers, `refused` making one of the other.
    pub(in super::super) fn for_each<E>(
        mut self,
        each: &mut dyn FnMut(&RecordBatch) -> Result<(), E>,
        refused: impl Fn(String) -> E,
    ) -> Result<(), E> {
        let columns = self.columns().map_err(&refused)?;
        let schema = Schema::try_from(&columns).map_err(|err| refused(err.to_string()))?;
        let schema: SchemaRef = Arc::new(schema);
        let mut is_empty = true;
        while let Some(batch) = self.next(&columns).map_err(&refused)? {
            is_empty = false;
            each(&batch)?;
        }
        match is_empty {
            true => each(&RecordBatch::new_empty(schema)),
            false => Ok(()),
        }
    }

    fn columns(&mut self) -> Outcome<FFI_ArrowSchema> {
        let result = &raw mut self.result;
        // SAFETY: the result is whole; names live as long as it, and types are destroyed below.
        let (mut types, names): (Vec<_>, Vec<_>) = unsafe {
            (0..ffi::duckdb_column_count(result))
                .map(|at| {
                    let name = copied(ffi::duckdb_column_name(result, at));
                    (ffi::duckdb_column_logical_type(result, at), name)
                })
                .unzip()
        };
        let names: Result<Vec<CString>, _> = names.into_iter().map(CString::new).collect();
        let names = names.map_err(|err| err.to_string())?;
        let mut pointers: Vec<_> = names.iter().map(|name| name.as_ptr()).collect();
        let mut columns = FFI_ArrowSchema::empty();
        // SAFETY: as many types and names as are said; the place has the layout of the Arrow C interface.
        let failure = unsafe {
            ffi::duckdb_to_arrow_schema(
                self.options,
                types.as_mut_ptr(),
                pointers.as_mut_ptr(),
                types.len() as u64,
                (&raw mut columns).cast(),
            )
        };
        for kind in &mut types {
            // SAFETY: the type is owned and destroyed once.
            unsafe { ffi::duckdb_destroy_logical_type(kind) };
        }
        outcome(failure).map(|()| columns)
    }

    fn next(&mut self, columns: &FFI_ArrowSchema) -> Outcome<Option<RecordBatch>> {
        // SAFETY: the result is whole.
        let mut chunk = unsafe { ffi::duckdb_fetch_chunk(self.result) };
        if chunk.is_null() {
            return match self.message() {
                message if message.is_empty() => Ok(None),
                message => Err(message),
            };
        }
        let mut array = FFI_ArrowArray::empty();
        // SAFETY: the chunk is owned and destroyed once; the place has the layout of the Arrow C interface.
        let (n_rows, failure) = unsafe {
            let n_rows = ffi::duckdb_data_chunk_get_size(chunk);
            let place = (&raw mut array).cast();
            let failure = ffi::duckdb_data_chunk_to_arrow(self.options, chunk, place);
            ffi::duckdb_destroy_data_chunk(&raw mut chunk);
            (n_rows, failure)
        };
        outcome(failure)?;
        if n_rows == 0 {
            return Ok(None);
        }
        // SAFETY: DuckDB filled the array in the layout that the columns tell.
        let data = unsafe { from_ffi(array, columns) }.map_err(|err| err.to_string())?;
        Ok(Some(RecordBatch::from(StructArray::from(data))))
    }

    /// Returns what went wrong; nothing where nothing did.
    fn message(&mut self) -> String {
        // SAFETY: DuckDB answers null or text that lives as long as the result.
        copied(unsafe { ffi::duckdb_result_error(&raw mut self.result) })
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        // SAFETY: both are owned and destroyed once, before the statement that makes the rows.
        unsafe {
            ffi::duckdb_destroy_arrow_options(&raw mut self.options);
            ffi::duckdb_destroy_result(&raw mut self.result);
        }
    }
}

fn outcome(mut failure: ffi::duckdb_error_data) -> Outcome {
    if failure.is_null() {
        return Ok(());
    }
    // SAFETY: the error is owned and destroyed once, after its text is copied.
    unsafe {
        let failed = ffi::duckdb_error_data_has_error(failure);
        let message = copied(ffi::duckdb_error_data_message(failure));
        ffi::duckdb_destroy_error_data(&raw mut failure);
        match failed {
            true => Err(message),
            false => Ok(()),
        }
    }
}
