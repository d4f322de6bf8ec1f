//! `fromyaml` and `toyaml`: YAML 1.1 as templates read and write it.

mod write;

use minijinja::Error;
use minijinja::value::Value;

use super::context::from_yaml;
use crate::jinja::{self, bind};
use crate::project::yaml;

/// `toyaml(value, default, sort_keys)`: block style, lines of 80 characters; the default where YAML has no form for it.
pub(super) fn to_text(args: &[Value]) -> Result<Value, Error> {
    let mut bound = bind("toyaml", &["value", "default", "sort_keys"], 1, args)?;
    let is_sorted = bound[2].as_ref().is_some_and(Value::is_true);
    let value = bound[0].take().unwrap_or_default();
    let default = || bound[1].take().unwrap_or_else(|| Value::from(()));
    Ok(write::document(&value, is_sorted).map_or_else(default, Value::from))
}

/// `fromyaml(text, default)`: the default where the text is no YAML.
pub(super) fn from_text(args: &[Value]) -> Result<Value, Error> {
    let bound = bind("fromyaml", &["value", "default"], 1, args)?;
    let text = bound[0].as_ref().map(jinja::text).unwrap_or_default();
    let default = || bound[1].clone().unwrap_or_else(|| Value::from(()));
    let parsed = yaml::value_with_moments(&text);
    Ok(parsed.map_or_else(|_| default(), |value| from_yaml(&value)))
}
