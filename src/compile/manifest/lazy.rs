//! `graph` and `model` of templates: the manifest's mappings, made when somebody first looks.

use std::fmt;
use std::sync::{Arc, OnceLock};

use minijinja::value::{Enumerator, Object, ObjectRepr};
use minijinja::{Error, State, Value};
use rayon::prelude::*;

use super::declared::Groups;
use super::node::NodeView;
use super::{About, section};
use crate::compile::plan::{Index, Node, Plan};
use crate::jinja;

/// The parts of `graph` that hold nodes.
const PARTS: [&str; 8] = [
    "nodes",
    "sources",
    "exposures",
    "metrics",
    "semantic_models",
    "saved_queries",
    "unit_tests",
    "functions",
];

/// A mapping that is made when it is first looked at, once for all who hold it.
struct Lazy {
    make: Box<dyn Fn() -> Value + Send + Sync>,
    made: OnceLock<Value>,
}

impl Lazy {
    fn value(make: impl Fn() -> Value + Send + Sync + 'static) -> Value {
        Value::from_object(Self {
            make: Box::new(make),
            made: OnceLock::new(),
        })
    }

    fn made(&self) -> &Value {
        self.made.get_or_init(|| (self.make)())
    }
}

impl fmt::Debug for Lazy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lazy")
    }
}

impl Object for Lazy {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.made().as_object()?.get_value(key)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        match self.made().try_iter() {
            Ok(keys) => Enumerator::Values(keys.collect()),
            Err(_) => Enumerator::Empty,
        }
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        self.made().call_method(state, method, args)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.made())
    }
}

/// Returns `graph`: all nodes by kind and unique id, each part made when it is first looked at.
pub(in crate::compile) fn graph(plan: &Arc<Plan>, about: &Arc<About>) -> Value {
    let part = |name: &'static str| {
        let (plan, about) = (plan.clone(), about.clone());
        (name, Lazy::value(move || nodes(&plan, &about, name)))
    };
    let groups = {
        let plan = plan.clone();
        Lazy::value(move || {
            let groups = serde_json::to_value(Groups(&plan.groups));
            jinja::from_json(&groups.unwrap_or_default())
        })
    };
    jinja::dict(PARTS.map(part).into_iter().chain([("groups", groups)]))
}

fn nodes(plan: &Plan, about: &About, part: &str) -> Value {
    let nodes = plan.nodes.par_iter().chain(&plan.operations);
    let made: Vec<(&str, Value)> = nodes
        .filter(|node| section(node) == part)
        .map(|node| (node.id.as_str(), jinja::from_json(&json(plan, about, node))))
        .collect();
    jinja::dict(made)
}

/// Returns `model`: a node of the plan as a mapping.
pub(in crate::compile) fn model(plan: &Arc<Plan>, about: &Arc<About>, index: Index) -> Value {
    let (plan, about) = (plan.clone(), about.clone());
    Lazy::value(move || mapping(&plan, &about, &plan.nodes[index]))
}

/// As [`model`], for a node that need not be one of the plan's.
pub(in crate::compile) fn model_of(plan: &Arc<Plan>, about: &Arc<About>, node: &Node) -> Value {
    let (plan, about, node) = (plan.clone(), about.clone(), node.clone());
    Lazy::value(move || mapping(&plan, &about, &node))
}

/// Returns a node as dbt gives it to its templates: keys of nothing are left out.
fn mapping(plan: &Plan, about: &About, node: &Node) -> Value {
    let mut json = json(plan, about, node);
    without_nulls(&mut json);
    if let Some(config) = json.get_mut("config") {
        without_nulls(config);
    }
    for key in ["refs", "constraints"] {
        let items = json.get_mut(key).and_then(|items| items.as_array_mut());
        items.into_iter().flatten().for_each(without_nulls);
    }
    let columns = json.get_mut("columns").and_then(|all| all.as_object_mut());
    columns
        .into_iter()
        .flatten()
        .for_each(|(_, column)| without_nulls(column));
    jinja::from_json(&json)
}

fn json(plan: &Plan, about: &About, node: &Node) -> serde_json::Value {
    let view = NodeView {
        plan,
        about,
        node,
        tests: Vec::new(),
        rendered: None,
        was_run: false,
    };
    serde_json::to_value(view).unwrap_or_default()
}

fn without_nulls(json: &mut serde_json::Value) {
    if let Some(map) = json.as_object_mut() {
        map.retain(|_, value| !value.is_null());
    }
}
