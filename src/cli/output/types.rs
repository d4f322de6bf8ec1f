//! Columns by type: their SQL name, and whether they hold numbers.

use arrow::datatypes::{DataType, IntervalUnit, TimeUnit};

/// Returns whether values of this type are aligned by their last digit.
pub(super) fn is_number(of: &DataType) -> bool {
    of.is_numeric()
}

/// Returns the SQL type that Arrow's type came from, in lower case: `decimal(18,2)`, `integer[]`.
pub(super) fn name(of: &DataType) -> String {
    let plain = match of {
        DataType::Boolean => "boolean",
        DataType::Int8 => "tinyint",
        DataType::Int16 => "smallint",
        DataType::Int32 => "integer",
        DataType::Int64 => "bigint",
        DataType::UInt8 => "utinyint",
        DataType::UInt16 => "usmallint",
        DataType::UInt32 => "uinteger",
        DataType::UInt64 => "ubigint",
        DataType::Float32 => "float",
        DataType::Float64 => "double",
        DataType::Decimal128(38, 0) => "hugeint",
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "varchar",
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => "blob",
        DataType::Date32 => "date",
        DataType::Time64(_) => "time",
        DataType::Timestamp(TimeUnit::Microsecond, None) => "timestamp",
        DataType::Timestamp(TimeUnit::Microsecond, Some(_)) => "timestamptz",
        DataType::Timestamp(TimeUnit::Second, _) => "timestamp_s",
        DataType::Timestamp(TimeUnit::Millisecond, _) => "timestamp_ms",
        DataType::Timestamp(TimeUnit::Nanosecond, _) => "timestamp_ns",
        DataType::Interval(IntervalUnit::MonthDayNano) => "interval",
        DataType::Dictionary(_, _) => "enum",
        DataType::Union(_, _) => "union",
        DataType::Null => "null",
        _ => return nested(of),
    };
    plain.into()
}

fn nested(of: &DataType) -> String {
    match of {
        DataType::Decimal128(precision, scale) => format!("decimal({precision},{scale})"),
        DataType::List(item) | DataType::LargeList(item) => format!("{}[]", name(item.data_type())),
        DataType::FixedSizeList(item, size) => format!("{}[{size}]", name(item.data_type())),
        DataType::Struct(fields) => {
            let field = |field: &arrow::datatypes::FieldRef| {
                format!("{} {}", field.name(), name(field.data_type()))
            };
            format!(
                "struct({})",
                fields.iter().map(field).collect::<Vec<_>>().join(", ")
            )
        }
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(pair) if pair.len() == 2 => {
                format!(
                    "map({}, {})",
                    name(pair[0].data_type()),
                    name(pair[1].data_type())
                )
            }
            _ => "map".into(),
        },
        other => other.to_string().to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::Field;

    use super::*;

    #[test]
    fn nested_types_are_named_as_in_sql() {
        let decimal = DataType::Decimal128(18, 2);
        let list = DataType::new_list(decimal, true);
        let fields = vec![
            Field::new("a", DataType::Int32, true),
            Field::new("b", list, true),
        ];
        let of = DataType::Struct(fields.into());
        assert_eq!(name(&of), "struct(a integer, b decimal(18,2)[])");
    }
}
