//! Columns as JSON. Types without parts are written as Arrow prints and parses them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef, UnionFields, UnionMode};
use serde::{Deserialize, Serialize};

use crate::diagnostic::Result;

/// A column, or a part of one.
#[derive(Serialize, Deserialize)]
struct Column {
    name: String,
    kind: Shape,
    nullable: bool,
    metadata: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
enum Shape {
    Plain(String),
    List(Box<Column>),
    LargeList(Box<Column>),
    ListView(Box<Column>),
    LargeListView(Box<Column>),
    FixedSizeList(Box<Column>, i32),
    Map(Box<Column>, bool),
    Struct(Vec<Column>),
    Union(Vec<(i8, Column)>, bool),
    Dictionary(Box<Shape>, Box<Shape>),
    RunEndEncoded(Box<Column>, Box<Column>),
}

/// Encodes columns.
pub(super) fn encode(schema: &Schema) -> Result<Vec<u8>> {
    let columns: Vec<Column> = schema.fields().iter().map(Column::of).collect();
    Ok(serde_json::to_vec(&columns)?)
}

/// Decodes columns.
pub(super) fn decode(bytes: &[u8]) -> Result<SchemaRef> {
    let columns: Vec<Column> = serde_json::from_slice(bytes)?;
    Ok(Arc::new(Schema::new(fields(columns)?)))
}

fn fields(columns: Vec<Column>) -> Result<Vec<FieldRef>> {
    columns.into_iter().map(Column::field).collect()
}

impl Column {
    fn of(field: &FieldRef) -> Self {
        let metadata = field.metadata().iter();
        Self {
            name: field.name().clone(),
            kind: Shape::of(field.data_type()),
            nullable: field.is_nullable(),
            metadata: metadata
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect(),
        }
    }

    fn boxed(field: &FieldRef) -> Box<Self> {
        Box::new(Self::of(field))
    }

    fn field(self) -> Result<FieldRef> {
        let metadata: HashMap<String, String> = self.metadata.into_iter().collect();
        let field = Field::new(self.name, self.kind.data_type()?, self.nullable);
        Ok(Arc::new(field.with_metadata(metadata)))
    }
}

impl Shape {
    fn of(kind: &DataType) -> Self {
        match kind {
            DataType::List(item) => Self::List(Column::boxed(item)),
            DataType::LargeList(item) => Self::LargeList(Column::boxed(item)),
            DataType::ListView(item) => Self::ListView(Column::boxed(item)),
            DataType::LargeListView(item) => Self::LargeListView(Column::boxed(item)),
            DataType::FixedSizeList(item, n) => Self::FixedSizeList(Column::boxed(item), *n),
            DataType::Map(entry, sorted) => Self::Map(Column::boxed(entry), *sorted),
            DataType::Struct(parts) => Self::Struct(parts.iter().map(Column::of).collect()),
            DataType::Union(parts, mode) => {
                let parts = parts.iter().map(|(id, part)| (id, Column::of(part)));
                Self::Union(parts.collect(), *mode == UnionMode::Dense)
            }
            DataType::Dictionary(key, value) => {
                Self::Dictionary(Box::new(Self::of(key)), Box::new(Self::of(value)))
            }
            DataType::RunEndEncoded(ends, values) => {
                Self::RunEndEncoded(Column::boxed(ends), Column::boxed(values))
            }
            plain => Self::Plain(plain.to_string()),
        }
    }

    fn data_type(self) -> Result<DataType> {
        Ok(match self {
            Self::Plain(text) => text.parse()?,
            Self::List(item) => DataType::List(item.field()?),
            Self::LargeList(item) => DataType::LargeList(item.field()?),
            Self::ListView(item) => DataType::ListView(item.field()?),
            Self::LargeListView(item) => DataType::LargeListView(item.field()?),
            Self::FixedSizeList(item, n) => DataType::FixedSizeList(item.field()?, n),
            Self::Map(entry, sorted) => DataType::Map(entry.field()?, sorted),
            Self::Struct(parts) => DataType::Struct(fields(parts)?.into()),
            Self::Union(parts, dense) => {
                let (ids, parts): (Vec<i8>, Vec<Column>) = parts.into_iter().unzip();
                let mode = if dense {
                    UnionMode::Dense
                } else {
                    UnionMode::Sparse
                };
                DataType::Union(UnionFields::try_new(ids, fields(parts)?)?, mode)
            }
            Self::Dictionary(key, value) => {
                DataType::Dictionary(Box::new(key.data_type()?), Box::new(value.data_type()?))
            }
            Self::RunEndEncoded(ends, values) => {
                DataType::RunEndEncoded(ends.field()?, values.field()?)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::{IntervalUnit, TimeUnit};

    use super::*;

    #[test]
    fn columns_arrive_as_they_were() {
        let unnamed = Arc::new(Field::new("", DataType::Int32, true));
        let text: FieldRef = Arc::new(Field::new("it's \"x\"", DataType::LargeUtf8, false));
        let kinds = [
            DataType::Decimal128(38, 10),
            DataType::Timestamp(TimeUnit::Microsecond, Some("Europe/Berlin".into())),
            DataType::Time64(TimeUnit::Nanosecond),
            DataType::Interval(IntervalUnit::MonthDayNano),
            DataType::FixedSizeBinary(16),
            DataType::FixedSizeList(unnamed.clone(), 3),
            DataType::List(unnamed.clone()),
            DataType::Struct(vec![unnamed.clone(), text.clone()].into()),
            DataType::Dictionary(Box::new(DataType::UInt8), Box::new(DataType::Utf8)),
            DataType::Union(
                UnionFields::try_new([0, 4], [unnamed.clone(), text.clone()]).unwrap(),
                UnionMode::Sparse,
            ),
            DataType::Map(
                Arc::new(Field::new(
                    "entries",
                    DataType::Struct(vec![text, unnamed].into()),
                    false,
                )),
                false,
            ),
            DataType::Null,
        ];
        let metadata =
            HashMap::from([("ARROW:extension:name".to_owned(), "arrow.uuid".to_owned())]);
        let fields: Vec<Field> = kinds
            .into_iter()
            .map(|kind| Field::new("c", kind, true).with_metadata(metadata.clone()))
            .collect();
        let schema = Schema::new(fields);
        assert_eq!(*decode(&encode(&schema).unwrap()).unwrap(), schema);
    }
}
