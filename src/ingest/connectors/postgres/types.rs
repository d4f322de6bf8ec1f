//! What PostgreSQL's types mean to the warehouse, and how their values are written.

/// How a column's values are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// As PostgreSQL writes them.
    Plain,
    /// `bytea`.
    Bytes,
    /// An array of any type.
    Array,
    /// `money`, whose text depends on the server's locale.
    Money,
}

impl Kind {
    /// The word the statement knows it by.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Bytes => "bytes",
            Self::Array => "array",
            Self::Money => "money",
        }
    }
}

/// Returns how a column of a type, as `format_type` names it, is written, and the warehouse's type for it; `None`
/// for text and for what only text holds exactly, such as `numeric` without sizes.
pub(super) fn sql_type(name: &str) -> (Kind, Option<String>) {
    if name.ends_with("[]") {
        return (Kind::Array, Some("JSON".into()));
    }
    // `timestamp(3) with time zone` is `timestamp with time zone` here.
    let (head, rest) = name.split_once('(').unwrap_or((name, ""));
    let (sizes, tail) = rest.split_once(')').unwrap_or(("", ""));
    let plain = format!("{head}{tail}");
    let known = match plain.as_str() {
        "smallint" => "SMALLINT",
        "integer" => "INTEGER",
        "bigint" => "BIGINT",
        "oid" => "UINTEGER",
        "real" => "FLOAT",
        "double precision" => "DOUBLE",
        "numeric" => return (Kind::Plain, decimal(sizes)),
        "money" => return (Kind::Money, Some("DECIMAL(19,2)".into())),
        "boolean" => "BOOLEAN",
        "date" => "DATE",
        "timestamp without time zone" => "TIMESTAMP",
        "timestamp with time zone" => "TIMESTAMPTZ",
        "time without time zone" => "TIME",
        "interval" => "INTERVAL",
        "uuid" => "UUID",
        "json" | "jsonb" => "JSON",
        "bytea" => return (Kind::Bytes, Some("BLOB".into())),
        _ => return (Kind::Plain, None),
    };
    (Kind::Plain, Some(known.into()))
}

/// Returns the type of numbers with the sizes `10,2`; `None` for those that the warehouse's widest does not hold.
fn decimal(sizes: &str) -> Option<String> {
    let (width, scale) = sizes.split_once(',')?;
    let (width, scale): (u16, u16) = (width.parse().ok()?, scale.parse().ok()?);
    (width <= 38 && scale <= width).then(|| format!("DECIMAL({width},{scale})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_keep_their_sizes_and_what_no_type_holds_is_text() {
        for (name, expected) in [
            ("integer", Some("INTEGER")),
            ("numeric(10,2)", Some("DECIMAL(10,2)")),
            ("numeric(50,2)", None),
            ("numeric(3,-2)", None),
            ("numeric", None),
            ("character varying(20)", None),
            ("timestamp(3) with time zone", Some("TIMESTAMPTZ")),
            ("timestamp without time zone", Some("TIMESTAMP")),
            ("time with time zone", None),
            ("jsonb", Some("JSON")),
            ("shop.mood", None),
        ] {
            assert_eq!(
                sql_type(name),
                (Kind::Plain, expected.map(str::to_owned)),
                "{name}"
            );
        }
        assert_eq!(sql_type("text[]").0, Kind::Array);
        assert_eq!(sql_type("bytea").0, Kind::Bytes);
    }
}
