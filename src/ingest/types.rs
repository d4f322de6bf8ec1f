//! Columns and their types, and the narrowest type that holds two others. Converts no values.

/// Whole numbers up to this size, 2^53, are exact as floating-point numbers.
pub(super) const EXACT_IN_DOUBLE: u64 = 1 << 53;

/// Integer types from narrow to wide.
const INTEGERS: [&str; 5] = ["TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"];

/// What the values of a column have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// No value seen.
    Null,
    /// Truth values.
    Boolean,
    /// Whole numbers of at most 2^53 in size: BIGINT, and exact as DOUBLE.
    Integer,
    /// Whole numbers that need all 64 bits: BIGINT.
    WideInteger,
    /// Floating-point numbers: DOUBLE.
    Double,
    /// Days.
    Date,
    /// Points in time without a zone, in microseconds.
    Timestamp,
    /// Objects and arrays, as JSON text.
    Json,
    /// Text, which everything can be written as.
    Text,
    /// Another type of the engine, by its SQL name.
    Other(String),
}

impl Type {
    /// Returns the type of that SQL name; a BIGINT of unknown contents is [`Type::WideInteger`].
    #[must_use]
    pub fn from_sql(name: &str) -> Self {
        match name.to_ascii_uppercase().as_str() {
            "BOOLEAN" => Self::Boolean,
            "BIGINT" => Self::WideInteger,
            "DOUBLE" => Self::Double,
            "DATE" => Self::Date,
            "TIMESTAMP" => Self::Timestamp,
            "JSON" => Self::Json,
            "VARCHAR" => Self::Text,
            _ => Self::Other(name.into()),
        }
    }

    /// Returns the type's SQL name; a column without values is VARCHAR.
    #[must_use]
    pub fn sql(&self) -> &str {
        match self {
            Self::Boolean => "BOOLEAN",
            Self::Integer | Self::WideInteger => "BIGINT",
            Self::Double => "DOUBLE",
            Self::Date => "DATE",
            Self::Timestamp => "TIMESTAMP",
            Self::Json => "JSON",
            Self::Null | Self::Text => "VARCHAR",
            Self::Other(name) => name,
        }
    }

    /// Returns whether every value of this integer type is exact as a DOUBLE.
    fn is_exact_in_double(&self) -> bool {
        *self == Self::Integer || integer_rank(self).is_some_and(|rank| rank < 3)
    }

    /// Returns the narrowest type that holds every value of both without loss.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        match (self, other) {
            (a, b) if a == b => a.clone(),
            (Self::Null, x) | (x, Self::Null) => x.clone(),
            (Self::Integer, Self::WideInteger) | (Self::WideInteger, Self::Integer) => {
                Self::WideInteger
            }
            (a, Self::Double) | (Self::Double, a) if a.is_exact_in_double() => Self::Double,
            (Self::Date, Self::Timestamp) | (Self::Timestamp, Self::Date) => Self::Timestamp,
            (a, b) => match (integer_rank(a), integer_rank(b)) {
                (Some(x), Some(y)) => {
                    if x > y {
                        a.clone()
                    } else {
                        b.clone()
                    }
                }
                _ => Self::Text,
            },
        }
    }
}

/// Returns the type's place among the integer types, narrow to wide.
fn integer_rank(ty: &Type) -> Option<usize> {
    INTEGERS.iter().position(|name| *name == ty.sql())
}

/// A column of a file or table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Name; compared without regard to ASCII case, as the engine does.
    pub name: String,
    /// Type.
    pub ty: Type,
}

impl Column {
    /// Names a column.
    pub fn new(name: impl Into<String>, ty: Type) -> Self {
        Self {
            name: name.into(),
            ty,
        }
    }

    /// Returns whether this is the column of that name.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// Adds the columns of `more` to `columns`: new ones at the end, types of known ones joined.
pub(super) fn unite(columns: &mut Vec<Column>, more: &[Column]) {
    for new in more {
        match columns
            .iter_mut()
            .find(|column| column.is_called(&new.name))
        {
            Some(known) => known.ty = known.ty.join(&new.ty),
            None => columns.push(new.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn join_is_commutative_and_associative_so_that_the_order_of_files_does_not_matter() {
        let other = |name: &str| Type::Other(name.into());
        let all = [
            Type::Null,
            Type::Boolean,
            Type::Integer,
            Type::WideInteger,
            Type::Double,
            Type::Date,
            Type::Timestamp,
            Type::Json,
            Type::Text,
            other("INTEGER"),
            other("HUGEINT"),
            other("UUID"),
        ];
        for a in &all {
            for b in &all {
                assert_eq!(a.join(b), b.join(a), "{a:?} {b:?}");
                for c in &all {
                    assert_eq!(a.join(b).join(c), a.join(&b.join(c)), "{a:?} {b:?} {c:?}");
                }
            }
        }
    }

    #[test]
    fn numbers_that_a_double_would_round_become_text_beside_doubles() {
        assert_eq!(Type::Integer.join(&Type::Double), Type::Double);
        assert_eq!(Type::WideInteger.join(&Type::Double), Type::Text);
        assert_eq!(Type::Json.join(&Type::Integer), Type::Text);
    }

    #[test]
    fn columns_are_united_by_name_without_regard_to_case() {
        let mut columns = vec![Column::new("id", Type::Integer)];
        unite(
            &mut columns,
            &[Column::new("ID", Type::Text), Column::new("b", Type::Null)],
        );
        assert_eq!(
            columns,
            [Column::new("id", Type::Text), Column::new("b", Type::Null)]
        );
    }
}
