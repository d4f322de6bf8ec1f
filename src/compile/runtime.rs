//! `ref.config`: the project as it runs, as packages read it.

use std::sync::Arc;

use minijinja::value::{Object, ObjectRepr, Value};
use minijinja::{Error, State};

use super::context::from_yaml;
use crate::jinja::{self, Globals};
use crate::project::{Package, Project};

/// The name, which no template can write, of what `ref.config` answers.
pub(super) const RUNTIME_CONFIG: &str = "ref.config";

/// Describes the project as packages find it at `ref.config`: names, variables and installed packages.
pub(super) fn runtime(project: &Project) -> Value {
    let text = |text: &Option<String>| text.as_deref().map_or(Value::from(()), Value::from);
    let described = |package: &Package| {
        jinja::dict([
            ("project_name", Value::from(&package.name)),
            ("version", text(&package.version)),
            ("vars", from_yaml(&package.vars.clone().into())),
        ])
    };
    let packages = project.packages.iter();
    let packages = packages.map(|package| (package.name.clone(), described(package)));
    jinja::dict([
        ("project_name", Value::from(&project.name)),
        ("version", text(&project.own().version)),
        (
            "vars",
            Value::from_object(VarProvider(from_yaml(&project.vars.clone().into()))),
        ),
        ("profile_name", Value::from(&project.warehouse.profile)),
        ("target_name", Value::from(&project.warehouse.target)),
        ("dependencies", jinja::dict(packages)),
    ])
}

/// `config.vars` of the project as it runs: a mapping by its `to_dict()`.
#[derive(Debug)]
struct VarProvider(Value);

impl Object for VarProvider {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        (key.as_str() == Some("vars")).then(|| self.0.clone())
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        _: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "to_dict" => Ok(self.0.clone()),
            _ => Err(jinja::unknown_method("variables", method, &["to_dict"])),
        }
    }
}

/// Returns what [`shared`] noted of the project for `ref.config`.
pub(super) fn runtime_config(globals: &Globals) -> Value {
    globals.get(RUNTIME_CONFIG).cloned().unwrap_or_default()
}
