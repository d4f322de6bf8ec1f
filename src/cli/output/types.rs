//! Columns by type: their SQL name, and whether they hold numbers.

use arrow::datatypes::Field;

use crate::engine::SchemaRef;

/// Where a field's metadata keeps the SQL type that Arrow's type came from.
const SQL_TYPE: &str = "sql_type";

/// Returns `columns` with their SQL types noted, for [`name`] and [`is_json`].
pub(crate) fn note(columns: &SchemaRef, types: &[String]) -> SchemaRef {
    let fields = columns.fields().iter().zip(types).map(|(field, sql_type)| {
        let mut field = Field::clone(field);
        field.metadata_mut().insert(SQL_TYPE, sql_type.as_str());
        field
    });
    let fields: Vec<_> = fields.collect();
    std::sync::Arc::new(arrow::datatypes::Schema::new(fields))
}

/// Returns whether values are aligned by their last digit.
pub(super) fn is_number(field: &Field) -> bool {
    let sql_type = field.metadata().get(SQL_TYPE).map_or("", String::as_str);
    field.data_type().is_numeric() || ["UHUGEINT", "BIGNUM"].contains(&sql_type)
}

/// Returns whether a column holds JSON documents.
pub(super) fn is_json(field: &Field) -> bool {
    field.metadata().get(SQL_TYPE).is_some_and(|name| name == "JSON")
}

/// Returns the SQL type in lower case, such as `decimal(18,2)`; Arrow's name where SQL's is not known.
pub(super) fn name(field: &Field) -> String {
    match field.metadata().get(SQL_TYPE) {
        Some(name) if name.starts_with("ENUM(") => "enum".into(),
        Some(name) => name.to_lowercase().replace("timestamp with time zone", "timestamptz"),
        None => field.data_type().to_string().to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::datatypes::{DataType, Schema};

    use super::*;

    #[test]
    fn a_column_is_named_by_its_sql_type_where_that_is_known() {
        let columns = Arc::new(Schema::new(vec![Field::new("a", DataType::Utf8, true)]));
        assert_eq!(name(columns.field(0)), "utf8");
        let named = note(&columns, &["ENUM('a', 'B')".into()]);
        assert_eq!(name(named.field(0)), "enum");
        let named = note(&columns, &["MAP(VARCHAR, TIMESTAMP WITH TIME ZONE)".into()]);
        assert_eq!(name(named.field(0)), "map(varchar, timestamptz)");
    }
}
