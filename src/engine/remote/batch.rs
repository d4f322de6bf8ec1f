//! Rows as bytes: the columns, then the buffers of the arrays as they are.

use arrow::array::{ArrayData, RecordBatch, RecordBatchOptions, make_array};
use arrow::buffer::Buffer;
use arrow::datatypes::DataType;

use super::schema;
use crate::diagnostic::{Diagnostic, Kind, Result};

/// Encodes rows and their columns.
pub(super) fn encode(batch: &RecordBatch) -> Result<Vec<u8>> {
    let columns = schema::encode(&batch.schema())?;
    let mut out = Vec::with_capacity(columns.len() + batch.get_array_memory_size() + 64);
    number(&mut out, columns.len());
    out.extend(&columns);
    number(&mut out, batch.num_rows());
    for column in batch.columns() {
        array(&mut out, &column.to_data());
    }
    Ok(out)
}

/// Decodes rows and their columns.
pub(super) fn decode(bytes: &[u8]) -> Result<RecordBatch> {
    let mut reader = Reader(bytes);
    let schema = schema::decode(reader.bytes()?)?;
    let rows = reader.number()?;
    let columns: Result<Vec<_>> = schema
        .fields()
        .iter()
        .map(|field| Ok(make_array(reader.array(field.data_type())?)))
        .collect();
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    Ok(RecordBatch::try_new_with_options(
        schema, columns?, &options,
    )?)
}

fn number(out: &mut Vec<u8>, number: usize) {
    out.extend((number as u64).to_le_bytes());
}

fn array(out: &mut Vec<u8>, data: &ArrayData) {
    number(out, data.len());
    number(out, data.offset());
    let nulls = data.nulls();
    number(out, usize::from(nulls.is_some()));
    if let Some(nulls) = nulls {
        // Validity has an offset of its own; here it begins where the array does.
        let bits = nulls.inner().sliced();
        number(out, bits.len());
        out.extend(bits.as_slice());
    }
    number(out, data.buffers().len());
    for buffer in data.buffers() {
        number(out, buffer.len());
        out.extend(buffer.as_slice());
    }
    number(out, data.child_data().len());
    for child in data.child_data() {
        array(out, child);
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let Some((taken, rest)) = self.0.split_at_checked(length) else {
            return Err(malformed());
        };
        self.0 = rest;
        Ok(taken)
    }

    fn number(&mut self) -> Result<usize> {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(self.take(8)?);
        Ok(usize::try_from(u64::from_le_bytes(bytes))?)
    }

    fn bytes(&mut self) -> Result<&'a [u8]> {
        let length = self.number()?;
        self.take(length)
    }

    fn array(&mut self, kind: &DataType) -> Result<ArrayData> {
        let (length, offset) = (self.number()?, self.number()?);
        let nulls = match self.number()? {
            0 => None,
            _ => Some(self.bytes()?),
        };
        let n_buffers = self.number()?;
        let buffers: Result<Vec<Buffer>> = (0..n_buffers)
            .map(|_| Ok(Buffer::from(self.bytes()?)))
            .collect();
        let buffers = buffers?;
        let n_children = self.number()?;
        let kinds = children(kind);
        if kinds.len() != n_children {
            return Err(malformed());
        }
        let children: Result<Vec<ArrayData>> =
            kinds.into_iter().map(|kind| self.array(kind)).collect();
        // Validity begins where the array does, which arrow reads at the array's offset.
        let nulls = nulls.map(|bits| shifted(bits, offset, length));
        let data = ArrayData::try_new(kind.clone(), length, nulls, offset, buffers, children?);
        Ok(data?)
    }
}

/// Returns bits with `offset` unset ones before them.
fn shifted(bits: &[u8], offset: usize, length: usize) -> Buffer {
    if offset == 0 {
        return Buffer::from(bits);
    }
    let mut builder = arrow::array::BooleanBufferBuilder::new(offset + length);
    builder.append_n(offset, false);
    builder.append_packed_range(0..length, bits);
    builder.finish().into_inner()
}

/// Returns the types of a type's children, in the order in which arrays hold them.
fn children(kind: &DataType) -> Vec<&DataType> {
    match kind {
        DataType::List(field)
        | DataType::LargeList(field)
        | DataType::ListView(field)
        | DataType::LargeListView(field)
        | DataType::FixedSizeList(field, _)
        | DataType::Map(field, _) => vec![field.data_type()],
        DataType::Struct(fields) => fields.iter().map(|field| field.data_type()).collect(),
        DataType::Union(fields, _) => fields.iter().map(|(_, field)| field.data_type()).collect(),
        DataType::Dictionary(_, values) => vec![values],
        DataType::RunEndEncoded(ends, values) => vec![ends.data_type(), values.data_type()],
        _ => Vec::new(),
    }
}

fn malformed() -> anyhow::Error {
    Diagnostic::new(Kind::Bug, "rows from another process cannot be read").into()
}

#[cfg(test)]
mod tests {
    use arrow::array::{
        ArrayRef, DictionaryArray, Int32Array, ListArray, StringArray, StructArray,
    };
    use arrow::datatypes::{Int32Type, Schema};
    use std::sync::Arc;

    use super::*;

    fn same(batch: &RecordBatch) {
        assert_eq!(&decode(&encode(batch).unwrap()).unwrap(), batch);
    }

    #[test]
    fn rows_arrive_as_they_were() {
        let numbers: ArrayRef = Arc::new(Int32Array::from(vec![Some(1), None, Some(3), Some(4)]));
        let texts: ArrayRef = Arc::new(StringArray::from(vec![
            Some("a"),
            Some("bc"),
            None,
            Some(""),
        ]));
        let lists: ArrayRef = Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>([
            Some(vec![Some(1), None]),
            None,
            Some(vec![]),
            Some(vec![Some(7)]),
        ]));
        let words: DictionaryArray<Int32Type> = ["x", "y", "x", "x"].into_iter().collect();
        let words: ArrayRef = Arc::new(words);
        let pair: ArrayRef = Arc::new(
            StructArray::try_from(vec![("a", numbers.clone()), ("b", texts.clone())]).unwrap(),
        );
        let columns = [
            ("n", numbers),
            ("t", texts),
            ("l", lists),
            ("w", words),
            ("p", pair),
        ];
        let batch = RecordBatch::try_from_iter(
            columns
                .map(|(name, column)| (name, column, true))
                .map(|(n, c, _)| (n, c)),
        )
        .unwrap();
        same(&batch);
        same(&batch.slice(1, 2));
        same(&batch.slice(3, 0));
    }

    #[test]
    fn rows_without_columns_keep_their_number() {
        let options = RecordBatchOptions::new().with_row_count(Some(3));
        let empty = Arc::new(Schema::empty());
        same(&RecordBatch::try_new_with_options(empty, Vec::new(), &options).unwrap());
    }

    #[test]
    fn bytes_that_are_no_rows_are_refused() {
        let numbers: ArrayRef = Arc::new(Int32Array::from(vec![1, 2, 3]));
        let bytes = encode(&RecordBatch::try_from_iter([("n", numbers)]).unwrap()).unwrap();
        for length in 0..bytes.len() {
            assert!(decode(&bytes[..length]).is_err(), "{length} bytes");
        }
    }
}
