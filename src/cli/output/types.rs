//! Columns by type: their SQL name, and whether they hold numbers.

use std::sync::Arc;

use arrow::datatypes::{Field, Schema};

use crate::engine::SchemaRef;

/// Where a field's metadata keeps the SQL type that Arrow's type came from.
const SQL_TYPE: &str = "sql_type";

/// Returns `columns` with their SQL types noted, for [`name`] and [`is_json`]; as they are without `types`.
pub(crate) fn note(columns: &SchemaRef, types: &[String]) -> SchemaRef {
    if types.len() != columns.fields().len() {
        return columns.clone();
    }
    let noted = |(field, sql_type): (&Arc<Field>, &String)| {
        let mut field = Field::clone(field);
        field.metadata_mut().insert(SQL_TYPE, sql_type.as_str());
        field
    };
    let fields: Vec<_> = columns.fields().iter().zip(types).map(noted).collect();
    Arc::new(Schema::new(fields))
}

/// Returns whether values are aligned by their last digit.
pub(super) fn is_number(field: &Field) -> bool {
    let sql_type = field.metadata().get(SQL_TYPE).map_or("", String::as_str);
    field.data_type().is_numeric() || ["UHUGEINT", "BIGNUM"].contains(&sql_type)
}

/// Returns whether the text of a column is JSON already: documents, and numbers too large for Arrow.
pub(super) fn is_json(field: &Field) -> bool {
    let sql_type = field.metadata().get(SQL_TYPE).map_or("", String::as_str);
    ["JSON", "UHUGEINT", "BIGNUM"].contains(&sql_type)
}

/// Returns the SQL type in lower case, such as `decimal(18,2)`; Arrow's name where SQL's is not known.
pub(super) fn name(field: &Field) -> String {
    match field.metadata().get(SQL_TYPE) {
        Some(name) if name.starts_with("ENUM(") => "enum".into(),
        Some(name) => name
            .to_lowercase()
            .replace("timestamp with time zone", "timestamptz"),
        None => field.data_type().to_string().to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::DataType;

    use super::*;

    #[test]
    fn a_column_is_named_by_its_sql_type_where_that_is_known() {
        let columns = Arc::new(Schema::new(vec![Field::new("a", DataType::Utf8, true)]));
        assert_eq!(name(note(&columns, &[]).field(0)), "utf8");
        let named = note(&columns, &["ENUM('a', 'B')".into()]);
        assert_eq!(name(named.field(0)), "enum");
        let named = note(&columns, &["MAP(VARCHAR, TIMESTAMP WITH TIME ZONE)".into()]);
        assert_eq!(name(named.field(0)), "map(varchar, timestamptz)");
    }
}
