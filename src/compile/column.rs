//! Columns as templates see them: `adapter.get_columns_in_relation(…)`, `api.Column(…)`.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use minijinja::value::{DynObject, Enumerator, Object, ObjectRepr, Value};
use minijinja::{Error, State};

use crate::diagnostic::Diagnostic;
use crate::engine::quote;
use crate::jinja::{self, bind, unknown_method};

const STRINGS: &[&str] = &["text", "character varying", "character", "varchar"];
const FLOATS: &[&str] = &["real", "float", "float4", "float8", "double"];
const INTEGERS: &[&str] = &[
    "tinyint",
    "smallint",
    "integer",
    "bigint",
    "hugeint",
    "utinyint",
    "usmallint",
    "uinteger",
    "ubigint",
    "int1",
    "int2",
    "int4",
    "int8",
    "short",
    "int",
    "signed",
    "long",
];
const NUMERICS: &[&str] = &["numeric", "decimal"];

/// The length that dbt gives a text column without one.
const TEXT_SIZE: i64 = 256;

/// A column: its name and its type, with dbt's questions about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ColumnObject {
    pub(super) name: String,
    pub(super) dtype: String,
    char_size: Option<i64>,
    precision: Option<i64>,
    scale: Option<i64>,
}

impl ColumnObject {
    pub(super) fn new(name: impl Into<String>, dtype: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            dtype: dtype.into(),
            char_size: None,
            precision: None,
            scale: None,
        }
    }

    /// Wraps a column for a template.
    pub(super) fn value((name, dtype): (String, String)) -> Value {
        Value::from_object(Self::new(name, dtype))
    }

    fn is(&self, kinds: &[&str]) -> bool {
        kinds
            .iter()
            .any(|kind| self.dtype.eq_ignore_ascii_case(kind))
    }

    fn is_struct(&self) -> bool {
        self.dtype.to_lowercase().starts_with("struct")
    }

    fn string_size(&self) -> Result<i64, Error> {
        match (self.is(STRINGS), self.char_size) {
            (false, _) => Err(jinja::raise(Diagnostic::project(format!(
                "`string_size` of column `{}`, which is {} and no text",
                self.name, self.dtype
            )))),
            (true, Some(size)) if self.dtype != "text" => Ok(size),
            (true, _) => Ok(TEXT_SIZE),
        }
    }

    fn data_type(&self) -> String {
        if self.is(STRINGS) {
            return string_type(self.string_size().unwrap_or(TEXT_SIZE));
        }
        match (self.precision, self.scale) {
            (Some(precision), Some(scale)) if self.is(NUMERICS) => {
                format!("{}({precision},{scale})", self.dtype)
            }
            _ => self.dtype.clone(),
        }
    }

    /// Returns the fields of a struct as columns.
    fn fields(&self) -> Vec<Self> {
        let inner = self
            .dtype
            .get("struct(".len()..)
            .filter(|_| self.is_struct());
        let Some(inner) = inner.and_then(|inner| inner.strip_suffix(')')) else {
            return Vec::new();
        };
        let mut depth = 0;
        let split = inner.split(|c| {
            match c {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            c == ',' && depth == 0
        });
        let field = |field: &str| {
            let (name, dtype) = field.trim().split_once(' ')?;
            Some(Self::new(name, dtype))
        };
        split.filter_map(field).collect()
    }

    /// Returns the column, or the innermost fields of a struct as `column.field`.
    pub(super) fn flatten(&self) -> Vec<Self> {
        if !self.is_struct() {
            return vec![self.clone()];
        }
        let fields = self.fields();
        let inner = fields.iter().flat_map(Self::flatten);
        inner
            .map(|field| Self::new(format!("{}.{}", self.name, field.name), field.dtype))
            .collect()
    }

    fn field(&self, key: &str) -> Option<Value> {
        Some(match key {
            "name" | "column" => Value::from(&self.name),
            "quoted" => Value::from(quote(&self.name)),
            "dtype" => Value::from(&self.dtype),
            "data_type" | "expanded_data_type" => Value::from(self.data_type()),
            "char_size" => Value::from(self.char_size),
            "numeric_precision" => Value::from(self.precision),
            "numeric_scale" => Value::from(self.scale),
            "fields" => jinja::list(self.fields().into_iter().map(Value::from_object)),
            _ => return None,
        })
    }
}

fn string_type(size: i64) -> String {
    format!("character varying({size})")
}

/// Reads `api.Column(column, dtype, char_size, numeric_precision, numeric_scale)`.
pub(super) fn create(args: &[Value]) -> Result<Value, Error> {
    let names = [
        "column",
        "dtype",
        "char_size",
        "numeric_precision",
        "numeric_scale",
        "fields",
    ];
    let bound = bind("Column", &names, 2, args)?;
    let word = |index: usize| bound[index].as_ref().map(jinja::text).unwrap_or_default();
    let number = |index: usize| bound[index].as_ref().and_then(Value::as_i64);
    Ok(Value::from_object(ColumnObject {
        name: word(0),
        dtype: word(1),
        char_size: number(2),
        precision: number(3),
        scale: number(4),
    }))
}

/// Calls a function of dbt's class: `api.Column.create(…)`.
pub(super) fn of_class(method: &str, args: &[Value]) -> Result<Value, Error> {
    let word = |value: &Option<Value>| value.as_ref().map(jinja::text).unwrap_or_default();
    Ok(match method {
        "create" => {
            let bound = bind(method, &["name", "label_or_dtype"], 2, args)?;
            ColumnObject::value((word(&bound[0]), translated(&word(&bound[1]))))
        }
        "translate_type" => {
            let bound = bind(method, &["dtype"], 1, args)?;
            Value::from(translated(&word(&bound[0])))
        }
        "string_type" => {
            let bound = bind(method, &["size"], 1, args)?;
            Value::from(format!("character varying({})", word(&bound[0])))
        }
        "numeric_type" => {
            let bound = bind(method, &["dtype", "precision", "scale"], 3, args)?;
            let missing = bound[1..].iter().flatten().any(Value::is_none);
            Value::from(match missing {
                true => word(&bound[0]),
                false => format!(
                    "{}({},{})",
                    word(&bound[0]),
                    word(&bound[1]),
                    word(&bound[2])
                ),
            })
        }
        "from_description" => {
            let bound = bind(method, &["name", "raw_data_type"], 2, args)?;
            Value::from_object(described(word(&bound[0]), &word(&bound[1])))
        }
        _ => {
            let known = [
                "create",
                "from_description",
                "numeric_type",
                "string_type",
                "translate_type",
            ];
            return Err(unknown_method("column class", method, &known));
        }
    })
}

/// Reads a type with its sizes: `varchar(20)`, `decimal(18,3)`.
fn described(name: String, raw: &str) -> ColumnObject {
    let Some((dtype, sizes)) = raw.split_once('(') else {
        return ColumnObject::new(name, raw);
    };
    let sizes = sizes.split(')').next().unwrap_or_default();
    let mut sizes = sizes.split(',').map(|size| size.trim().parse().ok());
    let (first, second) = (sizes.next().flatten(), sizes.next().flatten());
    ColumnObject {
        char_size: first.filter(|_| second.is_none()),
        precision: first.filter(|_| second.is_some()),
        scale: second,
        ..ColumnObject::new(name, dtype)
    }
}

fn translated(dtype: &str) -> String {
    match dtype.eq_ignore_ascii_case("string") {
        true => "TEXT".into(),
        false => dtype.to_owned(),
    }
}

const METHODS: &[&str] = &[
    "can_expand_to",
    "flatten",
    "is_float",
    "is_integer",
    "is_number",
    "is_numeric",
    "is_string",
    "is_struct",
    "literal",
    "numeric_type",
    "string_size",
    "string_type",
];

impl Object for ColumnObject {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.field(key.as_str()?)
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        Some((**self).cmp(other.downcast_ref::<Self>()?))
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        Ok(match method {
            "is_string" => Value::from(self.is(STRINGS)),
            "is_float" => Value::from(self.is(FLOATS)),
            "is_integer" => Value::from(self.is(INTEGERS)),
            "is_numeric" => Value::from(self.is(NUMERICS)),
            "is_number" => Value::from(self.is(INTEGERS) || self.is(NUMERICS) || self.is(FLOATS)),
            "is_struct" => Value::from(self.is_struct()),
            "flatten" => jinja::list(self.flatten().into_iter().map(Value::from_object)),
            "string_size" => Value::from(self.string_size()?),
            "can_expand_to" => {
                let bound = bind(method, &["other_column"], 1, args)?;
                let other = bound[0].as_ref();
                let other = other.and_then(|other| other.downcast_object_ref::<Self>());
                let grows = |other: &Self| {
                    let (own, other) = (self.string_size().ok()?, other.string_size().ok()?);
                    Some(other > own)
                };
                Value::from(other.and_then(grows).unwrap_or(false))
            }
            "literal" => {
                let bound = bind(method, &["value"], 1, args)?;
                let value = bound[0].as_ref().map(jinja::text).unwrap_or_default();
                Value::from(format!("{value}::{}", self.data_type()))
            }
            "string_type" | "numeric_type" | "create" | "translate_type" | "from_description" => {
                return of_class(method, args);
            }
            _ => return Err(unknown_method("column", method, METHODS)),
        })
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number =
            |value: Option<i64>| value.map_or("None".to_owned(), |value| value.to_string());
        write!(
            f,
            "DuckDBColumn(column={}, dtype={}, char_size={}, numeric_precision={}, numeric_scale={}, fields=[])",
            jinja::repr(&Value::from(&self.name)),
            jinja::repr(&Value::from(&self.dtype)),
            number(self.char_size),
            number(self.precision),
            number(self.scale),
        )
    }
}
