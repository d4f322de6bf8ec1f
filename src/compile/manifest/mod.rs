//! The plan as dbt's JSON: what `manifest.json` says of each node, and what templates read as `graph` and `model`.
//!
//! Everything is written straight from the plan, entry by entry. Writes no file and asks no warehouse.

mod checks;
mod columns;
mod config;
mod declared;
mod depends_on;
mod edges;
mod lazy;
mod macros;
mod node;
mod selectors;
mod semantic;
mod shape;
mod source;
mod test;
mod unit_test;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use rayon::prelude::*;
use serde::ser::{Error, Serialize, SerializeMap, Serializer};
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};

pub(super) use self::lazy::{graph, model, model_of};
use self::node::NodeView;
pub use self::node::{relation_name, written_at};
pub use self::semantic::SemanticManifest;
pub use self::source::freshness;
use super::plan::{Index, Node, Plan, Resource};
use super::{Compiled, Invocation, context};
use crate::project::Project;

/// Returns a column's `meta` and `tags`, be they beside its `config` or in it.
pub(super) fn column_settings(options: &serde_yaml::Mapping) -> serde_yaml::Mapping {
    columns::settings(options).values
}

/// The version of dbt whose artifacts these are: tools that read them ask for it.
pub use crate::project::DBT_VERSION;

/// What every node's description needs beside the node.
#[derive(Debug)]
pub struct About {
    /// The project's name.
    pub project: String,
    /// The project's folder.
    pub root: PathBuf,
    /// The folder of each package, relative to the project's.
    pub packages: HashMap<String, PathBuf>,
    /// The folder of artifacts, relative to the project's unless absolute.
    pub target: PathBuf,
    /// The name of the warehouse's own database.
    pub database: String,
    /// The schema of nodes that name none.
    pub schema: String,
    /// Which parts of relations' names are quoted: database, schema, identifier.
    pub quoting: [bool; 3],
    /// What `selectors.yml` says.
    pub selectors: serde_json::Value,
    /// dbt's flags and arguments of this call.
    pub args: serde_json::Map<String, serde_json::Value>,
    /// This call's id.
    pub invocation_id: String,
    /// When it began.
    pub started_at: jiff::Timestamp,
}

impl About {
    /// Gathers it from the project and the call.
    #[must_use]
    pub fn new(project: &Project, invocation: &Invocation) -> Self {
        let mut args = invocation.flags.args();
        let root = project.root.display().to_string();
        let logs = project.root.join("logs").display().to_string();
        args.entry("project_dir").or_insert_with(|| root.into());
        args.entry("log_path").or_insert_with(|| logs.into());
        Self {
            project: project.name.clone(),
            root: project.root.clone(),
            packages: project
                .packages
                .iter()
                .map(|package| (package.name.clone(), package.folder.clone()))
                .collect(),
            target: project.paths.target.clone(),
            database: context::database(&project.warehouse),
            schema: project.warehouse.schema.clone(),
            quoting: project.quoting(),
            selectors: serde_json::to_value(&project.selectors).unwrap_or_default(),
            args,
            invocation_id: invocation.uuid(),
            started_at: invocation.started_at,
        }
    }

    /// Writes the `metadata` that all artifacts share; `schema` is such as `manifest/v12`.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn metadata<M: SerializeMap>(&self, map: &mut M, schema: &str) -> Result<(), M::Error> {
        let env: BTreeMap<String, String> = std::env::vars()
            .filter_map(|(name, value)| {
                let name = name.strip_prefix("DBT_ENV_CUSTOM_ENV_")?.to_owned();
                Some((name, value))
            })
            .collect();
        let url = format!("https://schemas.getdbt.com/dbt/{schema}.json");
        map.serialize_entry("dbt_schema_version", &url)?;
        map.serialize_entry("dbt_version", DBT_VERSION)?;
        map.serialize_entry("generated_at", &instant(jiff::Timestamp::now()))?;
        map.serialize_entry("invocation_id", &self.invocation_id)?;
        map.serialize_entry("invocation_started_at", &instant(self.started_at))?;
        map.serialize_entry("env", &env)
    }

    /// Returns the folder of a node's package.
    fn root_of(&self, node: &Node) -> PathBuf {
        let folder = self.packages.get(&node.package);
        folder.map_or_else(|| self.root.clone(), |folder| self.root.join(folder))
    }

    /// Returns when nodes were read, in seconds since 1970.
    fn created_at(&self) -> f64 {
        self.started_at.as_duration().as_secs_f64()
    }
}

/// Writes a time as artifacts have it: UTC, microseconds, `Z`.
#[must_use]
pub fn instant(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

/// A node's SQL after its template was rendered.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// The whole statement, with the common table expressions that stand for ephemeral inputs.
    pub sql: Arc<str>,
    /// Those expressions: the ephemeral model, and its SQL.
    pub ctes: Arc<[(Index, Arc<str>)]>,
    /// The ids of the macros that the template called itself, in order.
    pub macros: Arc<[String]>,
    /// The texts of a function's overloads.
    pub overloads: Arc<[Arc<str>]>,
}

/// What a command left of nodes that it rendered.
pub trait Remains: Sync {
    /// Returns the node's SQL, if it was rendered.
    fn rendered(&self, index: Index) -> Option<Rendered>;
    /// Returns the SQL of a statement of `on-run-start` or `on-run-end`, by its place among the plan's operations.
    fn operation(&self, position: usize) -> Option<Rendered>;
    /// Returns whether its statement was run, and so lies in `run/`.
    fn was_run(&self, index: Index) -> bool;
}

/// Nothing was rendered.
#[derive(Debug)]
pub struct Nothing;

impl Remains for Nothing {
    fn rendered(&self, _: Index) -> Option<Rendered> {
        None
    }

    fn operation(&self, _: usize) -> Option<Rendered> {
        None
    }

    fn was_run(&self, _: Index) -> bool {
        false
    }
}

/// The whole manifest, as serde writes it.
pub struct Manifest<'a> {
    /// The project.
    pub compiled: &'a Compiled,
    /// What a command left.
    pub remains: &'a dyn Remains,
}

impl Serialize for Manifest<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (plan, about): (&Plan, &About) = (&self.compiled.plan, &self.compiled.about);
        let tests = tests_of(plan);
        let part = |name| Section {
            manifest: self,
            tests: &tests,
            name,
        };
        let (macros, (parents, children)) = rayon::join(
            || to_raw_value(&macros::Macros(self.compiled)),
            || {
                rayon::join(
                    || to_raw_value(&edges::Edges::parents(plan)),
                    || to_raw_value(&edges::Edges::children(self.compiled)),
                )
            },
        );
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("metadata", &Metadata(about))?;
        for name in ["nodes", "sources"] {
            map.serialize_entry(name, &part(name))?;
        }
        map.serialize_entry("macros", &macros.map_err(S::Error::custom)?)?;
        map.serialize_entry("docs", &declared::Docs(&plan.docs))?;
        for name in ["exposures", "metrics"] {
            map.serialize_entry(name, &part(name))?;
        }
        map.serialize_entry("groups", &declared::Groups(&plan.groups))?;
        map.serialize_entry("selectors", &selectors::selectors(&about.selectors))?;
        map.serialize_entry("disabled", &Disabled(self))?;
        map.serialize_entry("parent_map", &parents.map_err(S::Error::custom)?)?;
        map.serialize_entry("child_map", &children.map_err(S::Error::custom)?)?;
        map.serialize_entry("group_map", &edges::members(plan))?;
        for name in [
            "saved_queries",
            "semantic_models",
            "unit_tests",
            "functions",
        ] {
            map.serialize_entry(name, &part(name))?;
        }
        map.end()
    }
}

/// The generic tests that are put on each node, by its unique id.
type Tests<'a> = HashMap<&'a str, Vec<&'a Node>>;

fn tests_of(plan: &Plan) -> Tests<'_> {
    let mut tests: Tests<'_> = HashMap::new();
    for node in plan.nodes.iter().chain(&plan.disabled).chain(&plan.idle) {
        if let Resource::Test(test) = &node.resource
            && let Some(generic) = &test.generic
        {
            tests.entry(&generic.on_id).or_default().push(node);
        }
    }
    tests
}

impl<'a> Manifest<'a> {
    fn view(&self, node: &'a Node, index: Option<Index>, tests: &Tests<'a>) -> NodeView<'a> {
        NodeView {
            plan: &self.compiled.plan,
            about: &self.compiled.about,
            rendered: index.and_then(|index| self.remains.rendered(index)),
            was_run: index.is_some_and(|index| self.remains.was_run(index)),
            tests: tests.get(node.id.as_str()).cloned().unwrap_or_default(),
            node,
        }
    }
}

/// Returns a node of the plan as dbt's manifest describes it.
///
/// Cheap enough to be made when somebody asks, not cheap enough for each rendering.
#[must_use]
pub fn node_json(compiled: &Compiled, index: Index, remains: &dyn Remains) -> serde_json::Value {
    let manifest = Manifest { compiled, remains };
    let node = &compiled.plan.nodes[index];
    let view = manifest.view(node, Some(index), &Tests::new());
    serde_json::to_value(view).unwrap_or_default()
}

/// Returns nodes of the plan as dbt's manifest describes them, in the order that is asked for.
#[must_use]
pub fn nodes_json(
    compiled: &Compiled,
    nodes: &[Index],
) -> Vec<serde_json::Map<String, serde_json::Value>> {
    let remains = &Nothing;
    let manifest = Manifest { compiled, remains };
    let tests = tests_of(&compiled.plan);
    let json = |index: &Index| {
        let view = manifest.view(&compiled.plan.nodes[*index], Some(*index), &tests);
        match serde_json::to_value(view) {
            Ok(serde_json::Value::Object(map)) => map,
            _ => serde_json::Map::new(),
        }
    };
    nodes.par_iter().map(json).collect()
}

/// Returns the part of the manifest, and of `graph`, in which a node is.
///
/// What dbt does not have is where tools look for its like: what makes a relation among the models, what only reads
/// among the exposures.
#[must_use]
pub fn section(node: &Node) -> &'static str {
    match &node.resource {
        Resource::Source { .. } => "sources",
        Resource::Exposure | Resource::Export(_) | Resource::Report(_) => "exposures",
        Resource::Metric => "metrics",
        Resource::SemanticModel => "semantic_models",
        Resource::SavedQuery => "saved_queries",
        Resource::UnitTest(_) => "unit_tests",
        Resource::Function(_) => "functions",
        _ => "nodes",
    }
}

struct Metadata<'a>(&'a About);

impl Serialize for Metadata<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let about = self.0;
        let mut map = serializer.serialize_map(None)?;
        about.metadata(&mut map, "manifest/v12")?;
        map.serialize_entry("project_name", &about.project)?;
        map.serialize_entry("project_id", &context::md5(&about.project))?;
        map.serialize_entry("user_id", &())?;
        map.serialize_entry("send_anonymous_usage_stats", &false)?;
        map.serialize_entry("adapter_type", "duckdb")?;
        let [database, schema, identifier] = about.quoting;
        let quoting = json!({
            "database": database,
            "schema": schema,
            "identifier": identifier,
            "column": null,
        });
        map.serialize_entry("quoting", &quoting)?;
        map.serialize_entry("run_started_at", &instant(about.started_at))?;
        map.end()
    }
}

/// Nodes whose texts are in memory at once.
const AT_ONCE: usize = 8_192;

/// The nodes of one part by unique id.
struct Section<'a> {
    manifest: &'a Manifest<'a>,
    tests: &'a Tests<'a>,
    name: &'static str,
}

/// A node, its place in the plan, and that of an operation among its like.
type Entry<'a> = (&'a Node, Option<Index>, Option<usize>);

impl<'a> Section<'a> {
    fn entries(&self) -> Vec<Entry<'a>> {
        let plan = &self.manifest.compiled.plan;
        let nodes = plan.nodes.iter().enumerate();
        let nodes = nodes.filter(|(_, node)| section(node) == self.name);
        let mut entries: Vec<Entry<'_>> = nodes
            .map(|(index, node)| (node, Some(index), None))
            .collect();
        if self.name == "nodes" {
            entries.extend(plan.idle.iter().map(|node| (node, None, None)));
            let operations = plan.operations.iter().enumerate();
            entries.extend(operations.map(|(position, node)| (node, None, Some(position))));
        }
        entries
    }

    fn text(&self, (node, index, operation): &Entry<'a>) -> serde_json::Result<Box<RawValue>> {
        let mut view = self.manifest.view(node, *index, self.tests);
        if let Some(position) = operation {
            view.rendered = self.manifest.remains.operation(*position);
        }
        to_raw_value(&view)
    }
}

impl Serialize for Section<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for entries in self.entries().chunks(AT_ONCE) {
            let texts = entries.par_iter().map(|entry| self.text(entry));
            let texts: serde_json::Result<Vec<_>> = texts.collect();
            for ((node, ..), text) in entries.iter().zip(texts.map_err(S::Error::custom)?) {
                map.serialize_entry(&node.id, &text)?;
            }
        }
        map.end()
    }
}

/// Switched-off nodes by unique id; several may have one id.
struct Disabled<'a>(&'a Manifest<'a>);

impl Serialize for Disabled<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let disabled = &self.0.compiled.plan.disabled;
        let none = Tests::new();
        for nodes in disabled.chunk_by(|a, b| a.id == b.id) {
            let views = nodes.iter().map(|node| self.0.view(node, None, &none));
            map.serialize_entry(&nodes[0].id, &views.collect::<Vec<_>>())?;
        }
        map.end()
    }
}
