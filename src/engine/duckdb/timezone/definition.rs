//! What an extension is made of: functions, casts, settings, and the types they are declared with.
//!
//! Pure description; `capi` registers it with `DuckDB` and calls it.

use super::super::capi::{Frame, Outcome};

/// INTERVAL: three parts that do not carry into each other.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::engine::duckdb) struct Interval {
    /// Months.
    pub months: i32,
    /// Days.
    pub days: i32,
    /// Microseconds.
    pub micros: i64,
}

/// The types that functions and casts take and give; the numbers are the C API's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine::duckdb) enum Type {
    Any = 3,
    BigInt = 14,
    Date = 15,
    Time = 16,
    TimestampS = 17,
    TimestampMs = 18,
    Timestamp = 19,
    TimestampNs = 20,
    Double = 23,
    Varchar = 25,
    Interval = 27,
    TimestampTz = 32,
    TimestampTzNs = 33,
    TimeTz = 34,
    VarcharList = 1000,
    TimestampTzList,
}

/// Returns a type, as SQL, from constant texts.
pub(in crate::engine::duckdb) type Resolve = fn(&[String]) -> Outcome<String>;

/// One scalar function under one or more names.
pub(in crate::engine::duckdb) struct Scalar {
    /// Names, each an overload beside the functions `DuckDB` has.
    pub names: &'static [&'static str],
    /// Types of the arguments.
    pub parameters: &'static [Type],
    /// Type of the result; [`Type::Any`] when `resolve` decides.
    pub returns: Type,
    /// Result type, as SQL, from the constant first argument; no texts when it is not constant.
    pub resolve: Option<Resolve>,
    /// Whether the result changes from call to call.
    pub volatile: bool,
    /// Computes one vector.
    pub run: fn(&mut Frame<'_>) -> Outcome,
}

impl Scalar {
    /// A function whose result depends on its arguments only.
    pub(super) const fn new(
        names: &'static [&'static str],
        parameters: &'static [Type],
        returns: Type,
        run: fn(&mut Frame<'_>) -> Outcome,
    ) -> Self {
        Self {
            names,
            parameters,
            returns,
            resolve: None,
            volatile: false,
            run,
        }
    }
}

/// One cast.
pub(in crate::engine::duckdb) struct Cast {
    /// Source type.
    pub from: Type,
    /// Target type.
    pub to: Type,
    /// How dear the cast is when `DuckDB` picks it by itself, as its own casts to the type; `None` for never.
    pub unasked: Option<i64>,
    /// Computes one vector.
    pub run: fn(&mut Frame<'_>) -> Outcome,
}

impl Cast {
    /// The fields in their order.
    pub(super) const fn new(
        from: Type,
        to: Type,
        unasked: Option<i64>,
        run: fn(&mut Frame<'_>) -> Outcome,
    ) -> Self {
        Self {
            from,
            to,
            unasked,
            run,
        }
    }
}

/// A text setting of the session.
pub(in crate::engine::duckdb) struct Setting {
    /// Name after `SET`.
    pub name: &'static str,
    /// One sentence for `duckdb_settings()`.
    pub about: &'static str,
    /// Returns the value to store for the one given, or why it is refused.
    pub check: fn(&str) -> Outcome<String>,
}

/// Rows of a table function, computed as they are asked for.
pub(in crate::engine::duckdb) type Rows = Box<dyn Iterator<Item = i64> + Send>;
