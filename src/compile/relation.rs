//! Relations as templates see them: `ref('orders')`, `this`, `api.Relation.create(…)`.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use minijinja::value::{DynObject, Enumerator, Object, ObjectRepr, Value, ValueKind};
use minijinja::{Error, State};

use crate::diagnostic::Diagnostic;
use crate::engine::{EntryKind, Relation, quote};
use crate::jinja::{self, bind, unknown_method};

/// The parts of a relation's name, in the order in which they are printed.
const PARTS: [&str; 3] = ["database", "schema", "identifier"];

/// Rows of a time range only: `field >= start and field < end`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeFilter {
    /// The column, as it is written in SQL.
    pub field: String,
    /// First instant, as a SQL literal without quotes.
    pub start: Option<String>,
    /// First instant no more in the range.
    pub end: Option<String>,
}

/// A relation in a template; prints as its quoted name, or as what stands for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelationObject {
    path: [Option<String>; 3],
    /// dbt's word for what it is: `table`, `view`, `cte`, `external`, …
    kind: Option<String>,
    include: [bool; 3],
    quoted: [bool; 3],
    /// A view of the information schema.
    view: Option<String>,
    /// What is read instead of the name, such as `read_csv('…')`.
    external: Option<String>,
    limit: Option<u64>,
    time_filter: Option<TimeFilter>,
}

impl RelationObject {
    /// Makes a relation without a name.
    fn blank() -> Self {
        Self {
            path: [None, None, None],
            kind: None,
            include: [true; 3],
            quoted: [true; 3],
            view: None,
            external: None,
            limit: None,
            time_filter: None,
        }
    }

    /// Names a relation.
    #[must_use]
    pub fn new(relation: &Relation) -> Self {
        let schema = Some(relation.schema.clone()).filter(|schema| !schema.is_empty());
        Self {
            path: [
                relation.database.clone(),
                schema,
                Some(relation.name.clone()),
            ],
            ..Self::blank()
        }
    }

    /// Names a relation that is there.
    #[must_use]
    pub fn existing(relation: &Relation, kind: EntryKind) -> Self {
        let mut made = Self::new(relation);
        made.kind = Some(kind_word(kind).to_owned());
        made
    }

    /// Wraps a relation for a template.
    #[must_use]
    pub fn value(relation: &Relation, kind: Option<EntryKind>) -> Value {
        Value::from_object(match kind {
            Some(kind) => Self::existing(relation, kind),
            None => Self::new(relation),
        })
    }

    /// Makes what stands for an ephemeral model: the name of its common table expression, unquoted.
    #[must_use]
    pub fn ephemeral(name: &str) -> Self {
        Self {
            path: [None, None, Some(name.to_owned())],
            kind: Some("cte".into()),
            quoted: [true, true, false],
            ..Self::blank()
        }
    }

    /// Prints as `text` instead of the name.
    #[must_use]
    pub fn with_external(mut self, text: Option<String>) -> Self {
        self.external = text;
        self
    }

    /// Reads at most so many rows.
    #[must_use]
    pub fn with_limit(mut self, limit: Option<u64>) -> Self {
        self.limit = limit;
        self
    }

    /// Reads rows of a time range only.
    #[must_use]
    pub fn with_time_filter(mut self, filter: Option<TimeFilter>) -> Self {
        self.time_filter = filter;
        self
    }

    /// Says which of database, schema and identifier are quoted.
    #[must_use]
    pub fn with_quoting(mut self, quoted: [bool; 3]) -> Self {
        self.quoted = quoted;
        self
    }

    /// Returns the relation inside a template's value.
    #[must_use]
    pub fn of(value: &Value) -> Option<Relation> {
        let own = value.downcast_object_ref::<Self>()?;
        let [database, schema, identifier] = own.path.clone();
        Some(Relation {
            database,
            schema: schema.unwrap_or_default(),
            name: identifier.unwrap_or_default(),
        })
    }

    /// Returns what kind of relation it says it is.
    #[must_use]
    pub fn kind(&self) -> Option<&str> {
        self.kind.as_deref()
    }

    /// Returns the name with the parts that are included, quoted as asked.
    #[must_use]
    pub fn render_name(&self) -> String {
        if let Some(external) = &self.external {
            return external.clone();
        }
        let part = |index: usize| {
            let part = self.path[index]
                .as_deref()
                .filter(|_| self.include[index])?;
            Some(match self.quoted[index] {
                true => quote(part),
                false => part.to_owned(),
            })
        };
        let parts = (0..3).filter_map(part).chain(self.view.clone());
        parts.collect::<Vec<_>>().join(".")
    }

    fn render_limited(&self) -> String {
        let name = self.render_name();
        match self.limit {
            None => name,
            Some(0) => format!("(select * from {name} where false limit 0)"),
            Some(limit) => format!("(select * from {name} limit {limit})"),
        }
    }

    fn render_filtered(&self, rendered: String) -> String {
        let Some(filter) = &self.time_filter else {
            return rendered;
        };
        let field = &filter.field;
        let start = filter.start.iter().map(|at| format!("{field} >= '{at}'"));
        let end = filter.end.iter().map(|at| format!("{field} < '{at}'"));
        let conditions = start.chain(end).collect::<Vec<_>>().join(" and ");
        match conditions.is_empty() {
            true => rendered,
            false => format!("(select * from {rendered} where {conditions})"),
        }
    }

    fn field(&self, key: &str) -> Option<Value> {
        let is = |kind: &str| Value::from(self.kind.as_deref() == Some(kind));
        Some(match key {
            "database" => Value::from(self.path[0].clone()),
            "schema" => Value::from(self.path[1].clone()),
            "identifier" | "name" | "table" => Value::from(self.path[2].clone()),
            "path" => by_part(|index| Value::from(self.path[index].clone())),
            "include_policy" => by_part(|index| Value::from(self.include[index])),
            "quote_policy" => by_part(|index| Value::from(self.quoted[index])),
            "type" => self.kind.as_deref().map_or(Value::from(()), jinja::kind),
            "external" => Value::from(self.external.clone()),
            "limit" => Value::from(self.limit),
            "information_schema_view" => Value::from(self.view.clone()),
            "quote_character" => Value::from("\""),
            "dbt_created" | "require_alias" | "can_be_renamed" | "can_be_replaced" => {
                Value::from(false)
            }
            "renameable_relations" | "replaceable_relations" => jinja::list(Vec::<Value>::new()),
            "catalog" | "event_time_filter" => Value::from(()),
            "is_table" => is("table"),
            "is_view" => is("view"),
            "is_cte" => is("cte"),
            "is_materialized_view" => is("materialized_view"),
            "is_pointer" => is("pointer_table"),
            "is_function" => is("function"),
            _ => return jinja::kind_named(key),
        })
    }

    /// Returns the relation with the parts that the arguments name replaced.
    fn incorporate(&self, args: &[Value]) -> Result<Self, Error> {
        let mut made = self.clone();
        for (name, value) in named_arguments("incorporate", args)? {
            match name.as_str() {
                "path" => made.replace_path(&value)?,
                "include_policy" => policy(&mut made.include, &value),
                "quote_policy" => policy(&mut made.quoted, &value),
                name => made.set(name, &value)?,
            }
        }
        Ok(made)
    }

    fn set(&mut self, name: &str, value: &Value) -> Result<(), Error> {
        match name {
            "type" => self.kind = optional_text(value)?,
            "external" => self.external = optional_text(value)?,
            "limit" => self.limit = value.as_usize().map(|limit| limit as u64),
            "information_schema_view" => self.view = optional_text(value)?,
            // dbt takes and forgets keys that it does not know.
            _ => {
                if let Some(index) = PARTS.iter().position(|part| *part == name) {
                    self.path[index] = optional_text(value)?;
                }
            }
        }
        Ok(())
    }

    fn replace_path(&mut self, path: &Value) -> Result<(), Error> {
        for (index, part) in PARTS.iter().enumerate() {
            let value = path.get_attr(part)?;
            if !value.is_undefined() {
                self.path[index] = optional_text(&value)?;
            }
        }
        Ok(())
    }

    fn with_policy(
        &self,
        method: &str,
        args: &[Value],
        of: fn(&mut Self) -> &mut [bool; 3],
    ) -> Result<Value, Error> {
        let bound = bind(method, &PARTS, 0, args)?;
        let mut made = self.clone();
        for (index, value) in bound.into_iter().enumerate() {
            if let Some(value) = value.filter(|value| !value.is_none()) {
                of(&mut made)[index] = value.is_true();
            }
        }
        Ok(Value::from_object(made))
    }

    fn without_identifier(&self) -> Self {
        let mut made = self.clone();
        made.include[2] = false;
        made.path[2] = None;
        made
    }

    fn information_schema(&self, view: Option<&Value>) -> Self {
        let view = view.and_then(Value::as_str).map(str::to_owned);
        Self {
            path: [
                self.path[0].clone(),
                None,
                Some("INFORMATION_SCHEMA".into()),
            ],
            kind: Some("view".into()),
            include: [self.path[0].is_some(), false, true],
            quoted: [self.quoted[0], self.quoted[1], false],
            view,
            ..Self::blank()
        }
    }

    fn matches(&self, args: &[Value]) -> Result<Value, Error> {
        let bound = bind("matches", &PARTS, 0, args)?;
        let same = |index: usize| match bound[index].as_ref().filter(|value| !value.is_none()) {
            Some(wanted) => self.path[index].as_deref() == wanted.as_str(),
            None => true,
        };
        Ok(Value::from((0..3).all(same)))
    }
}

/// Returns dbt's word for what exists.
fn kind_word(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Table => "table",
        EntryKind::View => "view",
    }
}

fn by_part(value: impl Fn(usize) -> Value) -> Value {
    jinja::dict(
        PARTS
            .iter()
            .enumerate()
            .map(|(index, part)| (*part, value(index))),
    )
}

fn policy(own: &mut [bool; 3], value: &Value) {
    for (index, part) in PARTS.iter().enumerate() {
        if let Ok(part) = value.get_attr(part)
            && !part.is_undefined()
        {
            own[index] = part.is_true();
        }
    }
}

fn optional_text(value: &Value) -> Result<Option<String>, Error> {
    match value.kind() {
        ValueKind::None => Ok(None),
        ValueKind::Undefined => Err(jinja::raise(Diagnostic::project(
            "a part of a relation's name is undefined",
        ))),
        _ => Ok(Some(jinja::text(value))),
    }
}

/// Returns named arguments; one mapping by position stands for them.
fn named_arguments(method: &str, args: &[Value]) -> Result<Vec<(String, Value)>, Error> {
    let Some(last) = args.last() else {
        return Ok(Vec::new());
    };
    let pairs = last.as_object().and_then(DynObject::try_iter_pairs);
    match pairs.filter(|_| args.len() == 1) {
        Some(pairs) => Ok(pairs
            .map(|(name, value)| (jinja::text(&name), value))
            .collect()),
        None => Err(jinja::raise(Diagnostic::project(format!(
            "`{method}` takes named arguments only"
        )))),
    }
}

/// Makes a relation from `database`, `schema`, `identifier`, `type`, …: `api.Relation.create`. Without a `quote_policy`, the
/// parts of its name are quoted as the project says.
pub(super) fn create(args: &[Value], quoted: [bool; 3]) -> Result<Value, Error> {
    let (positional, named) = match args.split_last() {
        Some((last, rest)) if last.is_kwargs() => (rest, std::slice::from_ref(last)),
        _ => (args, &[][..]),
    };
    let mut made = RelationObject::blank()
        .with_quoting(quoted)
        .incorporate(named)?;
    for (name, value) in [PARTS[0], PARTS[1], PARTS[2], "type"]
        .iter()
        .zip(positional)
    {
        made.set(name, value)?;
    }
    Ok(Value::from_object(made))
}

impl fmt::Display for RelationObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind.as_deref() {
            Some("function") => f.write_str(&self.render_name()),
            _ => f.write_str(&self.render_filtered(self.render_limited())),
        }
    }
}

#[rustfmt::skip]
const METHODS: &[&str] = &[
    "get", "include", "incorporate", "information_schema", "matches", "quote", "quoted", "render", "render_limited",
    "replace_path", "to_dict", "without_identifier",
];

impl Object for RelationObject {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        // dbt's relations are mappings, which macros test to tell them from text.
        ObjectRepr::Map
    }

    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.field(key.as_str()?)
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        let other = other.downcast_ref::<Self>()?;
        match **self == *other {
            true => Some(Ordering::Equal),
            false => Some(
                self.to_string()
                    .cmp(&other.to_string())
                    .then(Ordering::Less),
            ),
        }
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        name: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        Ok(match name {
            "render" => Value::from(self.render_name()),
            "render_limited" => Value::from(self.render_limited()),
            "quote" => return self.with_policy(name, args, |made| &mut made.quoted),
            "include" => return self.with_policy(name, args, |made| &mut made.include),
            "incorporate" | "replace" => Value::from_object(self.incorporate(args)?),
            "replace_path" => {
                let mut made = Self::clone(self);
                for (part, value) in named_arguments(name, args)? {
                    made.set(&part, &value)?;
                }
                Value::from_object(made)
            }
            "without_identifier" => Value::from_object(self.without_identifier()),
            "information_schema" | "information_schema_only" => {
                let bound = bind(name, &["view_name"], 0, args)?;
                Value::from_object(self.information_schema(bound[0].as_ref()))
            }
            "quoted" => {
                let bound = bind(name, &["identifier"], 1, args)?;
                Value::from(quote(
                    &bound[0].as_ref().map(jinja::text).unwrap_or_default(),
                ))
            }
            "matches" => return self.matches(args),
            "get" => {
                let bound = bind(name, &["key", "default"], 1, args)?;
                match bound[0].as_ref().and_then(Value::as_str) {
                    // dbt's packages tell relations by this.
                    Some("metadata") => jinja::dict([("type", "DuckDBRelation")]),
                    key => {
                        let found = key.and_then(|key| self.field(key));
                        found
                            .or_else(|| bound[1].clone())
                            .unwrap_or(Value::from(()))
                    }
                }
            }
            "to_dict" => jinja::dict([
                (
                    "path",
                    by_part(|index| Value::from(self.path[index].clone())),
                ),
                ("type", Value::from(self.kind.clone())),
                ("quote_character", Value::from("\"")),
                (
                    "include_policy",
                    by_part(|index| Value::from(self.include[index])),
                ),
                (
                    "quote_policy",
                    by_part(|index| Value::from(self.quoted[index])),
                ),
                ("dbt_created", Value::from(false)),
                ("require_alias", Value::from(false)),
                ("renameable_relations", jinja::list([""; 0])),
                ("replaceable_relations", jinja::list([""; 0])),
            ]),
            _ => return Err(unknown_method("relation", name, METHODS)),
        })
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
