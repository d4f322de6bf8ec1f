//! The plan: every node with its edges, ready to be selected from and run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_yaml::{Mapping, Value};

use crate::diagnostic::At;
use crate::engine::Relation;
use crate::jinja::Template;
use crate::project::nodes::{Export, FeatureView, Ingest, MlModel, Reference, Report};
use crate::project::{Column, TestUse};

/// A node's number: its index in [`Plan::nodes`].
pub type Index = usize;

/// All enabled nodes of a project.
#[derive(Debug, Default)]
pub struct Plan {
    /// Nodes; their order is that of their unique ids.
    pub nodes: Vec<Node>,
    /// Nodes that are switched off; their references mean nothing.
    pub disabled: Vec<Node>,
}

impl Plan {
    /// Returns the node with this unique id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Node> {
        self.nodes.iter().find(|node| node.id == id)
    }
}

/// Anything with a name in the graph.
#[derive(Debug, Clone)]
pub struct Node {
    /// Unique id as dbt writes it: `model.package.name`.
    pub id: String,
    /// Name.
    pub name: String,
    /// Package.
    pub package: String,
    /// What it is.
    pub resource: Resource,
    /// Where it is written, for people.
    pub at: At,
    /// The file that defines it, relative to the root.
    pub path: PathBuf,
    /// The same below the folder it was found in; of a generic test, the file it would be in.
    pub inner: PathBuf,
    /// The YAML file that describes it, relative to the root.
    pub patch: Option<PathBuf>,
    /// Package, folders, name: what selectors and configuration trees match.
    pub fqn: Vec<String>,
    /// Resolved configuration.
    pub config: Config,
    /// What the node itself says of its configuration, before it is merged with what others say.
    pub said: Mapping,
    /// Text for readers; a template still.
    pub description: String,
    /// Described columns.
    pub columns: Vec<Column>,
    /// The relation it makes, if it makes one.
    pub relation: Option<Relation>,
    /// Nodes it reads.
    pub parents: BTreeSet<Index>,
    /// Its references in the order they are written, each once.
    pub references: Vec<Reference>,
    /// What its references mean.
    pub inputs: BTreeMap<Reference, Index>,
}

/// What a node is, with what only its kind has.
#[derive(Debug, Clone)]
pub enum Resource {
    /// A SQL model.
    Model(Template),
    /// A CSV file of the project.
    Seed,
    /// A table that others fill, or that `wh` ingests.
    Source {
        /// Name of the source; the node's name is the table's.
        source: String,
        /// How it is ingested.
        ingest: Option<Ingest>,
    },
    /// A query that selects offending rows.
    Test(Box<Test>),
    /// A query that is compiled but not built.
    Analysis(Template),
    /// Features over time; its relation holds their history.
    FeatureView(Box<FeatureView>),
    /// A trained model; its relation holds the predictions.
    MlModel(Box<MlModel>),
    /// A file that leaves the warehouse.
    Export(Box<Export>),
    /// A page written from data.
    Report(Box<Report>),
}

/// A data test.
#[derive(Debug, Clone)]
pub struct Test {
    /// Its query.
    pub template: Template,
    /// For a generic test: its name, arguments, and what it is put on.
    pub generic: Option<Generic>,
}

/// A generic test put to use.
#[derive(Debug, Clone)]
pub struct Generic {
    /// What the YAML file says.
    pub test: TestUse,
    /// The node under test.
    pub on: Reference,
    /// The column under test.
    pub column: Option<String>,
    /// Arguments, `model` and `column_name` among them, each an expression in Jinja.
    pub call: String,
}

impl Resource {
    /// Returns dbt's word for it, as in `resource_type:` and unique ids.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Model(_) => "model",
            Self::Seed => "seed",
            Self::Source { .. } => "source",
            Self::Test(_) => "test",
            Self::Analysis(_) => "analysis",
            Self::FeatureView(_) => "feature_view",
            Self::MlModel(_) => "ml_model",
            Self::Export(_) => "export",
            Self::Report(_) => "report",
        }
    }
}

/// Configuration of a node, merged from the project's file, the YAML that describes it, and the node itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Config {
    /// All keys, without `+`.
    pub values: Mapping,
}

impl Config {
    /// Lays `over` on top: tags and hooks add up, `meta` merges, everything else replaces.
    pub fn lay(&mut self, over: &Mapping) {
        for (key, value) in over {
            let Some(name) = key.as_str() else { continue };
            let name = name
                .trim_start_matches('+')
                .replace("pre_hook", "pre-hook")
                .replace("post_hook", "post-hook");
            let merged = match (name.as_str(), self.values.remove(name.as_str())) {
                ("tags" | "pre-hook" | "post-hook", Some(below)) => {
                    Value::sequence(joined(&below, value))
                }
                ("meta", Some(Value::Mapping(mut below, _))) => {
                    below.extend(value.as_mapping().cloned().unwrap_or_default());
                    Value::mapping(below)
                }
                _ => value.clone(),
            };
            self.values.insert(Value::string(name), merged);
        }
    }

    /// Returns a key's text.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<String> {
        self.values
            .get(key)?
            .as_scalar_string()
            .map(|text| text.into_owned())
    }

    /// Returns a key's truth value.
    #[must_use]
    pub fn flag(&self, key: &str) -> Option<bool> {
        self.values.get(key)?.as_bool()
    }

    /// Returns a key's texts; one alone counts as a list of one.
    #[must_use]
    pub fn texts(&self, key: &str) -> Vec<String> {
        let items = self.values.get(key).map(list).unwrap_or_default();
        items
            .iter()
            .filter_map(|item| item.as_scalar_string().map(|text| text.into_owned()))
            .collect()
    }
}

fn list(value: &Value) -> Vec<Value> {
    match value {
        Value::Null(_) => Vec::new(),
        Value::Sequence(items, _) => items.clone(),
        value => vec![value.clone()],
    }
}

fn joined(below: &Value, above: &Value) -> Vec<Value> {
    let mut items = list(below);
    for item in list(above) {
        if !items.contains(&item) {
            items.push(item);
        }
    }
    items
}
