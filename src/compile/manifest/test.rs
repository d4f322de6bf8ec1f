//! What the manifest says of generic tests alone.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_yaml::{Mapping, Value};

use super::node::NodeView;
use crate::compile::context::from_yaml;
use crate::compile::plan::{Generic, Resource};
use crate::compile::tests::{COLUMN, column_of};
use crate::jinja;
use crate::project::TestUse;
use crate::project::nodes::Reference;

impl NodeView<'_> {
    /// Writes which test it is, with which arguments, and what it is put on.
    pub(super) fn generic<M: SerializeMap>(
        &self,
        map: &mut M,
        generic: &Generic,
    ) -> Result<(), M::Error> {
        let off = || {
            let mut off = self.plan.disabled.iter();
            off.find(|node| node.id == generic.on_id)
        };
        let on = self.plan.find(&generic.on_id).or_else(off);
        let attached = on.filter(|on| !matches!(on.resource, Resource::Source { .. }));
        map.serialize_entry("column_name", &generic.column)?;
        map.serialize_entry("file_key_name", &generic.key)?;
        map.serialize_entry("attached_node", &attached.map(|node| &node.id))?;
        map.serialize_entry("test_metadata", &Called(generic))
    }
}

/// Returns the name of a test, and of the package that is named before it.
fn named(generic: &Generic) -> (Option<&str>, &str) {
    match generic.test.test.split_once('.') {
        Some((package, name)) => (Some(package), name),
        None => (None, generic.test.test.as_str()),
    }
}

/// Returns the template that dbt makes of a generic test: a call, and its configuration.
pub(super) fn raw_code(generic: &Generic, config: &Mapping) -> String {
    let (package, name) = named(generic);
    let package = package.map_or_else(String::new, |package| format!("{package}."));
    let call = format!("{{{{ {package}test_{name}(**_dbt_generic_test_kwargs) }}}}");
    let settings: Vec<String> = config
        .iter()
        .filter_map(|(key, value)| Some(format!("{}={}", key.as_str()?, setting(value))))
        .collect();
    match settings.is_empty() {
        true => call,
        false => format!("{call}{{{{ config({}) }}}}", settings.join(",")),
    }
}

fn setting(value: &Value) -> String {
    match value {
        Value::String(text, _) => {
            let text = text.replace('"', "\\\"");
            format!("\"{text}\"")
        }
        Value::Bool(true, _) => "True".into(),
        Value::Bool(false, _) => "False".into(),
        Value::Null(_) => "None".into(),
        value => jinja::repr(&from_yaml(value)),
    }
}

/// Which test it is, with which arguments.
struct Called<'a>(&'a Generic);

impl Serialize for Called<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (package, name) = named(self.0);
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("name", name)?;
        map.serialize_entry("kwargs", &Arguments(self.0))?;
        map.serialize_entry("namespace", &package)?;
        map.end()
    }
}

type Pairs<'a> = Vec<(&'a Value, &'a Value)>;

/// Returns the arguments that stand beside the test's other keys, and those below `arguments:`; `has_column`: the column apart.
fn arguments(test: &TestUse, has_column: bool) -> (Pairs<'_>, Pairs<'_>) {
    let pairs = test.arguments.iter().enumerate();
    let pairs = pairs.filter(|(_, (key, _))| !has_column || key.as_str() != Some(COLUMN));
    let (beside, below): (Vec<_>, Vec<_>) = pairs.partition(|(at, _)| *at < test.n_beside);
    let plain = |pairs: Vec<(usize, (_, _))>| pairs.into_iter().map(|(_, pair)| pair).collect();
    (plain(beside), plain(below))
}

struct Arguments<'a>(&'a Generic);

impl Serialize for Arguments<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let generic = self.0;
        let mut map = serializer.serialize_map(None)?;
        let column = column_of(&generic.test, generic.column.as_deref());
        let (beside, below) = arguments(&generic.test, column.is_some());
        for (key, value) in beside {
            map.serialize_entry(key, value)?;
        }
        if let Some(column) = column {
            map.serialize_entry(COLUMN, column)?;
        }
        for (key, value) in below {
            map.serialize_entry(key, value)?;
        }
        let on = match &generic.on {
            Reference::Ref {
                name,
                version: Some(version),
                ..
            } => format!("ref('{name}', version='{version}')"),
            other => other.to_string(),
        };
        map.serialize_entry("model", &format!("{{{{ get_where_subquery({on}) }}}}"))?;
        map.end()
    }
}
