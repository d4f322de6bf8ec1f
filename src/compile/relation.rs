//! Relations as templates see them: `ref('orders')`, `this`, `api.Relation.create(…)`.

use std::fmt;
use std::sync::Arc;

use minijinja::value::{Enumerator, Kwargs, Object, ObjectRepr, Value, from_args};
use minijinja::{Error, ErrorKind, State};

use crate::engine::{EntryKind, Relation};

/// A relation in a template; prints as its quoted name.
#[derive(Debug, Clone, PartialEq)]
pub struct RelationObject {
    /// The relation's name.
    pub relation: Relation,
    /// What it is, where known.
    pub kind: Option<EntryKind>,
    /// For an ephemeral model: the name of the common table expression that stands for it.
    pub cte: Option<String>,
}

impl RelationObject {
    /// Wraps a relation for a template.
    #[must_use]
    pub fn value(relation: &Relation, kind: Option<EntryKind>) -> Value {
        Value::from_object(Self {
            relation: relation.clone(),
            kind,
            cte: None,
        })
    }

    /// Returns the relation inside a template's value.
    #[must_use]
    pub fn of(value: &Value) -> Option<Relation> {
        value
            .downcast_object_ref::<Self>()
            .map(|object| object.relation.clone())
    }

    fn text(&self, key: &str) -> Option<Value> {
        let relation = &self.relation;
        let is = |kind: EntryKind| Value::from(self.kind == Some(kind));
        Some(match key {
            "identifier" | "name" | "table" => Value::from(&relation.name),
            "schema" => Value::from(&relation.schema),
            "database" => Value::from(relation.database.clone()),
            "type" => match (&self.cte, self.kind) {
                (Some(_), _) => Value::from("cte"),
                (None, Some(EntryKind::Table)) => Value::from("table"),
                (None, Some(EntryKind::View)) => Value::from("view"),
                (None, None) => Value::from(()),
            },
            "is_table" => is(EntryKind::Table),
            "is_view" => is(EntryKind::View),
            "is_cte" => Value::from(self.cte.is_some()),
            _ => return None,
        })
    }

    /// Returns the relation with the parts that the arguments name replaced.
    fn incorporate(&self, kwargs: &Kwargs) -> Result<Self, Error> {
        let mut made = self.clone();
        let path: Option<Value> = kwargs.get("path")?;
        let part = |name: &str| -> Result<Option<String>, Error> {
            let direct: Option<String> = kwargs.get(name)?;
            let nested = path.as_ref().and_then(|path| path.get_attr(name).ok());
            Ok(direct.or(nested.and_then(|value| value.as_str().map(str::to_owned))))
        };
        if let Some(name) = part("identifier")? {
            made.relation.name = name;
        }
        if let Some(schema) = part("schema")? {
            made.relation.schema = schema;
        }
        if let Some(database) = part("database")? {
            made.relation.database = Some(database);
        }
        if let Some(kind) = kwargs.get::<Option<String>>("type")? {
            made.kind = kind_of(&kind);
        }
        Ok(made)
    }
}

fn kind_of(word: &str) -> Option<EntryKind> {
    match word {
        "table" => Some(EntryKind::Table),
        "view" => Some(EntryKind::View),
        _ => None,
    }
}

/// Makes a relation from `database`, `schema`, `identifier`, `type`: `api.Relation.create`.
pub(super) fn create(kwargs: &Kwargs) -> Result<Value, Error> {
    let blank = RelationObject {
        relation: Relation::new("", ""),
        kind: None,
        cte: None,
    };
    blank.incorporate(kwargs).map(Value::from_object)
}

impl fmt::Display for RelationObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cte {
            Some(cte) => f.write_str(cte),
            None => write!(f, "{}", self.relation),
        }
    }
}

impl Object for RelationObject {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.text(key.as_str()?)
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        name: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match name {
            "render" => Ok(Value::from(self.to_string())),
            "quote" | "include" => Ok(Value::from_dyn_object(self.clone())),
            "incorporate" | "replace_path" => {
                let (kwargs,): (Kwargs,) = from_args(args)?;
                self.incorporate(&kwargs).map(Value::from_object)
            }
            "without_identifier" => Ok(Value::from(crate::engine::quote(&self.relation.schema))),
            _ => Err(Error::new(
                ErrorKind::UnknownMethod,
                format!("a relation has no method `{name}`"),
            )),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
