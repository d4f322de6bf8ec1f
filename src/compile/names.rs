//! Where a node's relation goes: dbt's `generate_schema_name`, `generate_alias_name`, `generate_database_name`.

use std::sync::Arc;

use minijinja::Value;

use super::adapter::AdapterObject;
use super::context;
use super::plan::{Node, Resource};
use super::resolve::flag;
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::Relation;
use crate::jinja::{Dialect, Globals};
use crate::project::Project;

/// The schema that rows found by tests are stored in, unless another is configured.
const AUDIT: &str = "dbt_test__audit";

/// The namespace of the built-in macros.
const BUILT_IN: &str = "dbt";

/// Names relations; asks the naming macros of the project, or of the node's package, where they have them.
pub(super) struct Namer<'a> {
    pub(super) project: &'a Project,
    pub(super) dialect: &'a Dialect,
    /// What the macros see: what all templates share, and an adapter that answers nothing.
    globals: Arc<Globals>,
}

impl<'a> Namer<'a> {
    pub(super) fn new(project: &'a Project, dialect: &'a Dialect, shared: &Arc<Globals>) -> Self {
        let mut globals = Globals::over(shared);
        let adapter = AdapterObject {
            adapter: None,
            library: dialect.library().clone(),
            quoted: project.quoting(),
        };
        globals.insert("adapter", Value::from_object(adapter));
        globals.insert("execute", Value::from(false));
        Self {
            project,
            dialect,
            globals: Arc::new(globals),
        }
    }

    /// Returns the relation of a node with its configuration.
    pub(super) fn relation(&self, node: &Node) -> Result<Relation> {
        let custom = node.config.naming("schema");
        let custom = match (&node.resource, custom) {
            (Resource::Test(_), None) if !node.config.is_cleared("schema") => {
                Some(AUDIT.to_owned())
            }
            (_, custom) => custom,
        };
        let default = &self.project.warehouse.schema;
        let schema = match self.own("generate_schema_name", custom.clone(), node)? {
            Some(schema) => schema,
            None if flag(self.project, VALID_SCHEMA)
                && self.package_of("generate_schema_name", node).is_some() =>
            {
                return Err(no_schema(node));
            }
            None => match custom {
                Some(custom) => format!("{default}_{}", custom.trim()),
                None => default.clone(),
            },
        };
        let alias = node.config.naming("alias");
        let identifier = match self.own("generate_alias_name", alias.clone(), node)? {
            Some(identifier) => identifier,
            None => match alias {
                Some(alias) => alias.trim().to_owned(),
                None => unversioned(node),
            },
        };
        let database = node.config.naming("database");
        let database = match self.own("generate_database_name", database.clone(), node)? {
            Some(database) => Some(database),
            None => database.map(|database| database.trim().to_owned()),
        };
        Ok(self.placed(database, schema, identifier))
    }

    /// Returns a relation. A dbt project sees its database written, as dbt writes it; any other where it is not the warehouse's
    /// own, or where a schema of the same name makes two parts ambiguous.
    pub(super) fn placed(
        &self,
        database: Option<String>,
        schema: String,
        name: String,
    ) -> Relation {
        let warehouse = &self.project.warehouse;
        let database = database.unwrap_or_else(|| warehouse.database.clone());
        let own = warehouse.file_database();
        let is_own = database.eq_ignore_ascii_case(&own);
        let is_ambiguous = schema.eq_ignore_ascii_case(&own);
        Relation {
            database: (!self.project.is_ours() || !is_own || is_ambiguous).then_some(database),
            schema,
            name,
        }
    }

    /// Calls the macro of the node's package by this name, else the project's, or the built-in one where what it dispatches to is
    /// not built in.
    fn own(&self, name: &str, custom: Option<String>, node: &Node) -> Result<Option<String>> {
        let Some(package) = self.package_of(name, node) else {
            return Ok(None);
        };
        let custom = custom.map_or(Value::from(()), Value::from);
        let arguments = [custom, context::model(node)];
        let value = self
            .dialect
            .call(package, name, (&arguments, &[]), &self.globals)?;
        Ok((!value.is_none()).then(|| value.to_string().trim().to_owned()))
    }

    /// Returns the package whose macro decides; `None` where it is the built-in one.
    fn package_of<'n>(&'n self, name: &str, node: &'n Node) -> Option<&'n String> {
        let library = self.dialect.library();
        let root = &self.project.name;
        [&node.package, root]
            .into_iter()
            .find(|package| library.find_in(package, name).is_some())
            .or_else(|| self.dispatches(name).then_some(root))
    }

    /// Returns whether a package that is searched for dbt's macros defines what the macro of this name dispatches to.
    fn dispatches(&self, name: &str) -> bool {
        let library = self.dialect.library();
        let searched = library.search_order(Some(BUILT_IN)).unwrap_or_default();
        let mut own = searched.iter().filter(|package| **package != BUILT_IN);
        own.any(|package| {
            ["duckdb__", "default__"].iter().any(|prefix| {
                library
                    .find_in(package, &format!("{prefix}{name}"))
                    .is_some()
            })
        })
    }
}

/// The flag that refuses a `generate_schema_name` that returns nothing.
const VALID_SCHEMA: &str = "require_valid_schema_from_generate_schema_name";

fn no_schema(node: &Node) -> anyhow::Error {
    let what = format!("`generate_schema_name` returns none for `{}`", node.name);
    let hint = format!("return the name of a schema, or set the flag `{VALID_SCHEMA}: false`");
    Diagnostic::project(what).at(&node.at).hint(hint).into()
}

/// Returns a node's name, with the version of a model that has one.
fn unversioned(node: &Node) -> String {
    match &node.resource {
        Resource::Model(model) => match &model.version {
            Some(version) => {
                let version = version.as_scalar_string().unwrap_or_default();
                format!("{}_v{}", node.name, version.replace('.', "_"))
            }
            None => node.name.clone(),
        },
        _ => node.name.clone(),
    }
}
