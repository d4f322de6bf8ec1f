//! Where a node's relation goes: dbt's `generate_schema_name`, `generate_alias_name`, `generate_database_name`.

use std::sync::Arc;

use minijinja::Value;

use super::plan::Config;
use crate::diagnostic::Result;
use crate::engine::Relation;
use crate::jinja::{self, Dialect, Globals};
use crate::project::Project;

/// Names relations; asks the project's own naming macros where it has them.
pub(super) struct Namer<'a> {
    pub(super) project: &'a Project,
    pub(super) dialect: &'a Dialect,
    pub(super) shared: &'a Arc<Globals>,
}

impl Namer<'_> {
    /// Returns the relation of a node called `name` with this configuration.
    pub(super) fn relation(&self, name: &str, config: &Config) -> Result<Relation> {
        let node = || jinja::dict([("name".to_owned(), Value::from(name))]);
        let custom = config.text("schema");
        let default = &self.project.warehouse.schema;
        let schema = match self.own("generate_schema_name", custom.clone(), node())? {
            Some(schema) => schema,
            None => match custom {
                Some(custom) => format!("{default}_{}", custom.trim()),
                None => default.clone(),
            },
        };
        let alias = config.text("alias");
        let identifier = match self.own("generate_alias_name", alias.clone(), node())? {
            Some(identifier) => identifier,
            None => alias.map_or_else(|| name.to_owned(), |alias| alias.trim().to_owned()),
        };
        let database = match config.text("database") {
            Some(database) => Some(database),
            None => self.own("generate_database_name", None, node())?,
        };
        let own = super::database(&self.project.warehouse);
        Ok(Relation {
            database: database.filter(|database| !database.eq_ignore_ascii_case(&own)),
            schema,
            name: identifier,
        })
    }

    /// Calls the project's macro of this name, unless the built-in one stands.
    fn own(&self, name: &str, custom: Option<String>, node: Value) -> Result<Option<String>> {
        let root = &self.project.name;
        let found = self.dialect.library().find(root, name);
        if found.is_none_or(|found| super::BUILT_IN.contains(&found.package())) {
            return Ok(None);
        }
        let custom = custom.map_or(Value::from(()), Value::from);
        let value = self
            .dialect
            .call(root, name, (&[custom, node], &[]), self.shared)?;
        Ok(Some(value.to_string().trim().to_owned()))
    }
}
