//! The kinds of relations: `table`, `view`, …, which are members of an enumeration in dbt.

use minijinja::Value;

/// The kinds, and the names of the enumeration's members.
const KINDS: &[(&str, &str)] = &[
    ("table", "Table"),
    ("view", "View"),
    ("cte", "CTE"),
    ("materialized_view", "MaterializedView"),
    ("ephemeral", "Ephemeral"),
    ("external", "External"),
    ("pointer_table", "PointerTable"),
    ("function", "Function"),
];

/// Makes the kind of a relation: a text, but within lists written as the member that it is.
///
/// Nothing is escaped in SQL, so the engine's mark of what needs no escaping is free to tell it from other texts.
#[must_use]
pub fn kind(word: &str) -> Value {
    Value::from_safe_string(word.to_owned())
}

/// Returns the kind that a member's name means: `View` of `api.Relation.View`.
#[must_use]
pub fn kind_named(name: &str) -> Option<Value> {
    let (word, _) = KINDS.iter().find(|(_, member)| *member == name)?;
    Some(kind(word))
}

/// Returns the member as Python's `repr()` writes it.
pub(super) fn repr(value: &Value) -> Option<String> {
    let text = value.as_str().filter(|_| value.is_safe())?;
    let (kind, name) = KINDS.iter().find(|(kind, _)| *kind == text)?;
    Some(format!("<RelationType.{name}: '{kind}'>"))
}
