//! What the types that SQLite's tables declare mean to the warehouse.

/// Returns the warehouse's type for a declared one; `None` for text and for what SQLite itself gives no meaning.
///
/// The rules are SQLite's own of type affinity (a name that holds `INT` is an integer, and so on), with what people
/// mean by `BOOLEAN`, `DATE` or `DECIMAL(10, 2)`, which SQLite takes for numbers.
pub(super) fn sql_type(declared: &str) -> Option<String> {
    let declared = declared.to_ascii_uppercase();
    let (name, sizes) = declared.split_once('(').unwrap_or((&declared, ""));
    let name = name.trim();
    let zoned = name.contains("TIMESTAMPTZ") || declared.contains("WITH TIME ZONE");
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let known = match name {
        _ if has(&["INT"]) && !has(&["INTERVAL", "POINT"]) => "BIGINT",
        _ if has(&["CHAR", "CLOB", "TEXT"]) => return None,
        _ if has(&["BLOB", "BINARY"]) => "BLOB",
        _ if has(&["REAL", "FLOA", "DOUB"]) => "DOUBLE",
        _ if has(&["BOOL"]) => "BOOLEAN",
        _ if zoned => "TIMESTAMPTZ",
        _ if has(&["DATETIME", "TIMESTAMP"]) => "TIMESTAMP",
        "DATE" => "DATE",
        "TIME" => "TIME",
        "JSON" | "UUID" => name,
        "NUMERIC" | "DECIMAL" | "NUMBER" => return Some(decimal(sizes)),
        _ => return None,
    };
    Some(known.into())
}

/// Returns the type of a number with the sizes `10, 2)`; without sizes SQLite holds it in floating point.
fn decimal(sizes: &str) -> String {
    let sizes = sizes.trim_end_matches(')');
    let numbers: Option<Vec<u8>> = sizes
        .split(',')
        .map(|size| size.trim().parse().ok())
        .collect();
    match numbers.as_deref() {
        Some([width]) if (1..=38).contains(width) => format!("DECIMAL({width},0)"),
        Some([width, scale]) if (1..=38).contains(width) && scale <= width => {
            format!("DECIMAL({width},{scale})")
        }
        _ => "DOUBLE".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declared_types_mean_what_people_mean_by_them() {
        for (declared, expected) in [
            ("INTEGER", Some("BIGINT")),
            ("tinyint(1)", Some("BIGINT")),
            ("VARCHAR(20)", None),
            ("text", None),
            ("", None),
            ("double precision", Some("DOUBLE")),
            ("boolean", Some("BOOLEAN")),
            ("DATETIME", Some("TIMESTAMP")),
            ("timestamp with time zone", Some("TIMESTAMPTZ")),
            ("date", Some("DATE")),
            ("DECIMAL(10, 2)", Some("DECIMAL(10,2)")),
            ("numeric(5)", Some("DECIMAL(5,0)")),
            ("NUMERIC", Some("DOUBLE")),
            ("DECIMAL(50,2)", Some("DOUBLE")),
            ("BLOB", Some("BLOB")),
            ("geometry", None),
        ] {
            assert_eq!(sql_type(declared).as_deref(), expected, "{declared}");
        }
    }
}
