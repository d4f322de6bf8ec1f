//! SQL types and what they are stored as: Parquet has not all of DuckDB's. Stores nothing itself.

use crate::diagnostic::{Diagnostic, Result};

/// Types that Parquet would round or does not have, and whose text says all of them.
const AS_TEXT: &[&str] = &[
    "HUGEINT",
    "UHUGEINT",
    "BIGNUM",
    "BIT",
    "INTERVAL",
    "TIME WITH TIME ZONE",
    "ENUM",
];

/// Types that have no faithful copy.
const REFUSED: &[&str] = &["UNION", "GEOMETRY", "AGGREGATE_STATE"];

/// Returns the type a column is stored as, so that a cast back gives exactly what was there.
///
/// # Errors
/// `Data` for a type that has no such copy.
pub(super) fn stored_as(sql_type: &str) -> Result<String> {
    let text = sql_type.trim();
    if let Some((inner, _)) = text
        .strip_suffix(']')
        .and_then(|rest| rest.rsplit_once('['))
    {
        return Ok(format!("{}[]", stored_as(inner)?));
    }
    let (word, inner) = match text.split_once('(') {
        Some((word, rest)) => (word.trim_end(), rest.strip_suffix(')')),
        None => (text, None),
    };
    if REFUSED.contains(&word) {
        return Err(Diagnostic::data(format!("the type `{text}` cannot be kept exactly")).into());
    }
    match (word, inner) {
        _ if AS_TEXT.contains(&word) => Ok("VARCHAR".into()),
        ("STRUCT", Some(fields)) => {
            let fields: Result<Vec<_>> = parts(fields).into_iter().map(field).collect();
            Ok(format!("STRUCT({})", fields?.join(", ")))
        }
        ("MAP", Some(types)) => {
            let types: Result<Vec<_>> = parts(types).into_iter().map(stored_as).collect();
            Ok(format!("MAP({})", types?.join(", ")))
        }
        _ => Ok(text.into()),
    }
}

/// Returns whether values that count as equal may still be told apart: -0.0 from 0.0, a month from 30 days.
pub(super) fn has_equal_variants(sql_type: &str) -> bool {
    [
        "FLOAT",
        "DOUBLE",
        "INTERVAL",
        "TIME WITH TIME ZONE",
        "VARIANT",
    ]
    .iter()
    .any(|word| sql_type.contains(word))
}

/// Returns `name TYPE` of a struct with the type it is stored as.
fn field(text: &str) -> Result<String> {
    let text = text.trim();
    let end = match text.strip_prefix('"') {
        Some(quoted) => closing_quote(quoted) + 2,
        None => text.find(' ').unwrap_or(text.len()),
    };
    let (name, sql_type) = text.split_at(end.min(text.len()));
    Ok(format!("{name} {}", stored_as(sql_type)?))
}

/// Returns where the quote that ends a quoted name is; doubled ones are part of it.
fn closing_quote(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (b'"', Some(b'"')) => at += 2,
            (b'"', _) => return at,
            _ => at += 1,
        }
    }
    text.len()
}

/// Splits at the commas that are in no bracket and no quotes.
fn parts(text: &str) -> Vec<&str> {
    let (mut found, mut depth, mut start) = (Vec::new(), 0_i32, 0);
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => depth -= 1,
            (None, ',') if depth == 0 => {
                found.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(&text[start..]);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_parquet_keeps_is_stored_as_it_is() {
        for kept in [
            "INTEGER",
            "DECIMAL(18,2)",
            "TIMESTAMP WITH TIME ZONE",
            "JSON",
        ] {
            assert_eq!(stored_as(kept).unwrap(), kept);
        }
    }

    #[test]
    fn what_parquet_would_round_is_stored_as_text_however_deep() {
        assert_eq!(stored_as("HUGEINT").unwrap(), "VARCHAR");
        assert_eq!(stored_as("ENUM('a', 'b)[')").unwrap(), "VARCHAR");
        assert_eq!(stored_as("HUGEINT[3][]").unwrap(), "VARCHAR[][]");
        assert_eq!(
            stored_as(r#"STRUCT(x HUGEINT, "y, ""z" ENUM('p,', 'q'), d DECIMAL(9,2)[])"#).unwrap(),
            r#"STRUCT(x VARCHAR, "y, ""z" VARCHAR, d DECIMAL(9,2)[])"#
        );
        assert_eq!(
            stored_as("MAP(VARCHAR, STRUCT(i INTERVAL))").unwrap(),
            "MAP(VARCHAR, STRUCT(i VARCHAR))"
        );
    }

    #[test]
    fn a_type_without_a_faithful_copy_is_refused() {
        let err = stored_as("STRUCT(u UNION(n INTEGER, s VARCHAR))").unwrap_err();
        assert_eq!(
            err.to_string(),
            "the type `UNION(n INTEGER, s VARCHAR)` cannot be kept exactly"
        );
    }
}
