//! A node as the manifest describes it.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::config::ConfigView;
use super::{About, Rendered, macros, test};
use crate::compile::plan::{Generic, Node, Resource};
use crate::compile::{Compiled, ephemeral, is_ephemeral, template};
use crate::project::Column;
use crate::project::nodes::Reference;

/// A node with what a command left of it, as serde writes it.
pub(super) struct NodeView<'a> {
    pub(super) compiled: &'a Compiled,
    pub(super) node: &'a Node,
    pub(super) rendered: Option<Rendered>,
    pub(super) was_run: bool,
}

impl Serialize for NodeView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match &self.node.resource {
            Resource::Source { source, .. } => {
                self.place(&mut map)?;
                self.identity(&mut map)?;
                self.source(&mut map, source)?;
            }
            Resource::Export(_) | Resource::Report(_) => {
                self.identity(&mut map)?;
                self.exposure(&mut map)?;
            }
            _ => {
                self.place(&mut map)?;
                self.identity(&mut map)?;
                self.described(&mut map)?;
                self.rest(&mut map)?;
            }
        }
        map.end()
    }
}

impl NodeView<'_> {
    fn place<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let about = &self.compiled.about;
        let relation = self.node.relation.as_ref();
        let database = relation.and_then(|relation| relation.database.as_ref());
        map.serialize_entry("database", database.unwrap_or(&about.database))?;
        match (relation, &self.node.resource) {
            (Some(relation), _) => map.serialize_entry("schema", &relation.schema),
            (None, Resource::Test(_)) => {
                let custom = self.node.config.text("schema");
                let custom = custom.as_deref().unwrap_or("dbt_test__audit");
                map.serialize_entry("schema", &format!("{}_{custom}", about.schema))
            }
            (None, _) => map.serialize_entry("schema", &about.schema),
        }
    }

    fn identity<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let node = self.node;
        let path = match &node.resource {
            Resource::Analysis(_) => Path::new("analysis").join(&node.inner),
            Resource::Source { .. } => node.path.clone(),
            _ => node.inner.clone(),
        };
        let word = match &node.resource {
            Resource::FeatureView(_) | Resource::MlModel(_) => "model",
            Resource::Export(_) | Resource::Report(_) => "exposure",
            resource => resource.word(),
        };
        map.serialize_entry("name", &node.name)?;
        map.serialize_entry("resource_type", word)?;
        map.serialize_entry("package_name", &node.package)?;
        map.serialize_entry("path", &path)?;
        map.serialize_entry("original_file_path", &node.path)?;
        map.serialize_entry("unique_id", &node.id)?;
        map.serialize_entry("fqn", &node.fqn)
    }

    /// Writes what files and configuration say of it.
    fn described<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let node = self.node;
        let alias = node.relation.as_ref().map_or(&node.name, |made| &made.name);
        map.serialize_entry("alias", alias)?;
        map.serialize_entry("checksum", &self.checksum())?;
        self.config(map)?;
        map.serialize_entry("tags", &self.repeated("tags"))?;
        map.serialize_entry("description", &node.description)?;
        map.serialize_entry("columns", &self.columns())?;
        map.serialize_entry("meta", &self.repeated("meta"))?;
        map.serialize_entry("group", &self.repeated("group"))?;
        map.serialize_entry("docs", &self.repeated("docs"))?;
        let patch = node.patch.as_ref();
        let patch = patch.map(|file| format!("{}://{}", node.package, file.display()));
        map.serialize_entry("patch_path", &patch)?;
        let build_path = self.was_run.then(|| self.below_target("run"));
        map.serialize_entry("build_path", &build_path)?;
        map.serialize_entry("unrendered_config", &node.said)?;
        self.created(map)?;
        map.serialize_entry("relation_name", &self.relation_name())?;
        map.serialize_entry("raw_code", &self.raw_code())?;
        map.serialize_entry("doc_blocks", &json!([]))
    }

    /// Writes what differs by kind: references, SQL, what only models or generic tests have.
    fn rest<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        if let Resource::Seed = &self.node.resource {
            map.serialize_entry("root_path", &self.compiled.about.root)?;
            return map.serialize_entry("depends_on", &json!({"macros": []}));
        }
        self.read(map)?;
        self.sql(map)?;
        let mut contract = json!({"enforced": false, "alias_types": true, "checksum": null});
        if let Some(given) = self.node.config.values.get("contract")
            && let Some(enforced) = given.get("enforced")
        {
            contract["enforced"] = enforced.as_bool().unwrap_or(false).into();
        }
        map.serialize_entry("contract", &contract)?;
        match &self.node.resource {
            Resource::Test(test) => match &test.generic {
                Some(generic) => self.generic(map, generic),
                None => Ok(()),
            },
            Resource::Analysis(_) => Ok(()),
            _ => self.model(map),
        }
    }

    fn model<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("access", &self.repeated("access"))?;
        map.serialize_entry("constraints", &json!([]))?;
        for key in ["version", "latest_version", "deprecation_date"] {
            map.serialize_entry(key, &())?;
        }
        map.serialize_entry("primary_key", &json!([]))?;
        map.serialize_entry("time_spine", &())
    }

    /// Writes what the node reads.
    pub(super) fn read<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let references = &self.node.references;
        let refs = references.iter().filter_map(|reference| match reference {
            Reference::Ref {
                package,
                name,
                version,
            } => Some(json!({"name": name, "package": package, "version": version})),
            Reference::Source { .. } => None,
        });
        let sources = references.iter().filter_map(|reference| match reference {
            Reference::Source { source, table } => Some([source, table]),
            Reference::Ref { .. } => None,
        });
        map.serialize_entry("language", "sql")?;
        map.serialize_entry("refs", &refs.collect::<Vec<_>>())?;
        map.serialize_entry("sources", &sources.collect::<Vec<_>>())?;
        map.serialize_entry("metrics", &json!([]))?;
        map.serialize_entry("functions", &json!([]))?;
        map.serialize_entry("depends_on", &DependsOn(self))
    }

    /// Writes the SQL that was made of the template; nothing of it where nothing was made.
    fn sql<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let Some(rendered) = &self.rendered else {
            return map.serialize_entry("compiled_path", &());
        };
        let nodes = &self.compiled.plan.nodes;
        let ctes: Vec<_> = rendered
            .ctes
            .iter()
            .map(|(index, sql)| {
                let node = &nodes[*index];
                let sql = format!(" {} as (\n{sql}\n)", ephemeral::name(node));
                json!({"id": node.id, "sql": sql})
            })
            .collect();
        map.serialize_entry("compiled_path", &self.below_target("compiled"))?;
        map.serialize_entry("compiled", &true)?;
        map.serialize_entry("compiled_code", &*rendered.sql)?;
        map.serialize_entry("extra_ctes_injected", &true)?;
        map.serialize_entry("extra_ctes", &ctes)
    }

    /// Writes an export or report as the exposure it is.
    fn exposure<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let node = self.node;
        let kind = match &node.resource {
            Resource::Report(_) => "analysis",
            _ => "application",
        };
        map.serialize_entry("type", kind)?;
        map.serialize_entry("owner", &json!({"email": null, "name": node.package}))?;
        map.serialize_entry("description", &node.description)?;
        map.serialize_entry("label", &())?;
        map.serialize_entry("maturity", &())?;
        map.serialize_entry("meta", &self.repeated("meta"))?;
        map.serialize_entry("tags", &self.repeated("tags"))?;
        self.config(map)?;
        map.serialize_entry("unrendered_config", &node.said)?;
        map.serialize_entry("url", &())?;
        self.read(map)?;
        self.created(map)
    }

    pub(super) fn config<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("config", &ConfigView(self.node))
    }

    pub(super) fn created<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("created_at", &self.compiled.about.created_at())
    }

    pub(super) fn columns(&self) -> Columns<'_> {
        Columns(&self.node.columns)
    }

    pub(super) fn relation_name(&self) -> Option<String> {
        relation_name(&self.compiled.about, self.node)
    }

    fn generic_test(&self) -> Option<&Generic> {
        match &self.node.resource {
            Resource::Test(test) => test.generic.as_ref(),
            _ => None,
        }
    }

    /// Returns the template as it is in its file; of a generic test, the one dbt makes.
    fn raw_code(&self) -> String {
        match (self.generic_test(), template(self.node)) {
            (Some(generic), _) => test::raw_code(generic),
            (None, Some(template)) => template.source().text.trim().to_owned(),
            (None, None) => String::new(),
        }
    }

    fn checksum(&self) -> serde_json::Value {
        let text = match (self.generic_test(), template(self.node)) {
            (None, Some(template)) => template.source().text.trim(),
            _ => return json!({"name": "none", "checksum": ""}),
        };
        json!({"name": "sha256", "checksum": sha256(text)})
    }

    /// Returns the path of the node's SQL in a folder of the target.
    fn below_target(&self, folder: &str) -> PathBuf {
        let target = self.compiled.about.target.join(folder);
        target.join(&self.node.package).join(written_at(self.node))
    }
}

/// Returns a node's relation as SQL names it, for what has one.
#[must_use]
pub fn relation_name(about: &About, node: &Node) -> Option<String> {
    let relation = node.relation.as_ref()?;
    if is_ephemeral(node) {
        return None;
    }
    let database = relation.database.as_ref().unwrap_or(&about.database);
    let parts = [database, &relation.schema, &relation.name];
    Some(parts.map(|part| format!("\"{part}\"")).join("."))
}

/// Returns where a node's SQL is written, below the folder of its package: its own file, or one in a folder with
/// the name of the YAML file it comes from.
#[must_use]
pub fn written_at(node: &Node) -> PathBuf {
    match node.path.file_name() == node.inner.file_name() {
        true => node.path.clone(),
        false => node.path.join(&node.inner),
    }
}

fn sha256(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

struct DependsOn<'a>(&'a NodeView<'a>);

impl Serialize for DependsOn<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let NodeView { compiled, node, .. } = self.0;
        let calls = template(node).map(|template| template.calls());
        let library = compiled.dialect.library();
        let called = macros::resolved(library, &node.package, &calls.unwrap_or_default());
        let parents = node.parents.iter();
        let parents: Vec<&str> = parents
            .map(|index| compiled.plan.nodes[*index].id.as_str())
            .collect();
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("macros", &called)?;
        map.serialize_entry("nodes", &parents)?;
        map.end()
    }
}

/// Columns by name.
pub(super) struct Columns<'a>(&'a [Column]);

impl Serialize for Columns<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let columns = self.0.iter();
        serializer.collect_map(columns.map(|column| (&column.name, ColumnView(column))))
    }
}

struct ColumnView<'a>(&'a Column);

impl Serialize for ColumnView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let column = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", &column.name)?;
        map.serialize_entry("description", &column.description)?;
        map.serialize_entry("meta", &json!({}))?;
        map.serialize_entry("data_type", &column.data_type)?;
        map.serialize_entry("constraints", &json!([]))?;
        map.serialize_entry("quote", &())?;
        map.serialize_entry("config", &json!({"meta": {}, "tags": []}))?;
        map.serialize_entry("tags", &json!([]))?;
        for key in ["granularity", "dimension", "entity"] {
            map.serialize_entry(key, &())?;
        }
        map.serialize_entry("doc_blocks", &json!([]))?;
        map.end()
    }
}
