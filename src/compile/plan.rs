//! The plan: every node with its edges, ready to be selected from and run.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use serde_yaml::{Mapping, Value};

pub use super::config::Config;
use crate::diagnostic::{At, Warning};
use crate::engine::Relation;
use crate::jinja::Template;
use crate::project::nodes::{Export, FeatureView, Ingest, MlModel, Reference, Report};
use crate::project::{Column, Declared, Source, TestUse, UnitTest, quoted};

/// A node's number: its index in [`Plan::nodes`].
pub type Index = usize;

/// All nodes of a project, and what else its files say.
#[derive(Debug, Default)]
pub struct Plan {
    /// Enabled nodes; their order is that of their unique ids.
    pub nodes: Vec<Node>,
    /// Nodes that are switched off, in the order of their unique ids. They have neither parents nor inputs.
    pub disabled: Vec<Node>,
    /// Tests of what is switched off or not there, in the order of their unique ids. Their parents are what else they read.
    pub idle: Vec<Node>,
    /// `on-run-start` and `on-run-end` of all packages, in the order in which they run.
    pub operations: Vec<Node>,
    /// `groups:`.
    pub groups: Vec<Declared>,
    /// `macros:`: what YAML says of macros.
    pub macros: Vec<Declared>,
    /// `{% docs %}` blocks.
    pub docs: Vec<Doc>,
    /// What is suspicious, with its place.
    pub warnings: Vec<Warning>,
    by_id: HashMap<String, Index>,
}

impl Plan {
    /// Makes a plan of nodes that are sorted by their unique ids.
    #[must_use]
    pub fn new(nodes: Vec<Node>) -> Self {
        let ids = nodes.iter().enumerate();
        let by_id = ids.map(|(index, node)| (node.id.clone(), index));
        Self {
            by_id: by_id.collect(),
            nodes,
            ..Self::default()
        }
    }

    /// Returns the node with this unique id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Node> {
        self.index(id).map(|index| &self.nodes[index])
    }

    /// Returns the number of the node with this unique id.
    #[must_use]
    pub fn index(&self, id: &str) -> Option<Index> {
        self.by_id.get(id).copied()
    }
}

/// A `{% docs %}` block.
#[derive(Debug, Clone)]
pub struct Doc {
    /// The package it belongs to.
    pub package: String,
    /// Its name.
    pub name: String,
    /// Its text, without whitespace around it.
    pub text: String,
    /// Its file, relative to the project's root.
    pub path: PathBuf,
    /// Its file, relative to the root of its package.
    pub original: PathBuf,
    /// Its file, relative to the configured folder.
    pub inner: PathBuf,
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
    /// The file that defines it, relative to the project's root.
    pub path: PathBuf,
    /// The file that defines it, relative to the root of its package: dbt's `original_file_path`.
    pub original: PathBuf,
    /// Dbt's `path`: relative to the configured folder; for a generic test, its file below the folder of compiled SQL.
    pub inner: PathBuf,
    /// Package, folders, name: what selectors and configuration trees match.
    pub fqn: Vec<String>,
    /// Resolved configuration.
    pub config: Config,
    /// Its tags, each once: those of its configuration, of a test also those of what it is put on.
    pub tags: Vec<String>,
    /// What the template itself said by `config(…)`.
    pub said: Mapping,
    /// Of a seed, what tells its content from another: the kind of the check, and the check.
    pub checksum: Option<(&'static str, String)>,
    /// What configures it, of each key what the last that says it writes: it tells a changed node.
    pub unrendered: Mapping,
    /// Text for readers.
    pub description: String,
    /// The docs blocks that the text names, by unique id.
    pub doc_blocks: Vec<String>,
    /// Described columns.
    pub columns: Vec<Column>,
    /// All other keys of its declaration, such as `constraints`, `owner`, `loader` or `type_params`.
    pub options: Mapping,
    /// The YAML file that describes it: the file's package, and its path relative to that.
    pub patch: Option<(String, PathBuf)>,
    /// Which parts of its relation's name stand between quotes: database, schema, identifier.
    pub quoted: [bool; 3],
    /// The relation it makes, if it makes one.
    pub relation: Option<Relation>,
    /// Nodes it reads.
    pub parents: BTreeSet<Index>,
    /// What its references mean.
    pub inputs: BTreeMap<Reference, Index>,
    /// Its references in the order in which they are written, repetitions included.
    pub references: Vec<Reference>,
    /// dbt's names of the macros that its template calls itself: `macro.package.name`.
    pub macros: Vec<String>,
}

impl Node {
    /// Returns a node of which only the kind and the place are known.
    #[must_use]
    pub(super) fn new(resource: Resource, at: At) -> Self {
        Self {
            id: String::new(),
            name: String::new(),
            package: String::new(),
            resource,
            path: at.file.clone(),
            original: PathBuf::new(),
            inner: PathBuf::new(),
            at,
            fqn: Vec::new(),
            config: Config::default(),
            tags: Vec::new(),
            said: Mapping::new(),
            checksum: None,
            unrendered: Mapping::new(),
            description: String::new(),
            doc_blocks: Vec::new(),
            columns: Vec::new(),
            options: Mapping::new(),
            patch: None,
            quoted: [true; 3],
            relation: None,
            parents: BTreeSet::new(),
            inputs: BTreeMap::new(),
            references: Vec::new(),
            macros: Vec::new(),
        }
    }

    /// Returns which parts of the name are quoted where a source says it by `quoting:`, else as before.
    #[must_use]
    pub(super) fn quoting_over(&self, before: [bool; 3]) -> [bool; 3] {
        let said = self.options.get("quoting").and_then(Value::as_mapping);
        said.map_or(before, |said| quoted(said, before))
    }
}

/// What a node is, with what only its kind has.
#[derive(Debug, Clone)]
pub enum Resource {
    /// A model.
    Model(Box<Model>),
    /// A CSV file of the project.
    Seed,
    /// A query whose rows are kept as they change.
    Snapshot(Box<Template>),
    /// A table that others fill, or that `wh` ingests.
    Source {
        /// Name of the source; the node's name is the table's.
        source: String,
        /// What the source says of itself.
        about: Arc<Source>,
        /// How it is ingested.
        ingest: Option<Box<Ingest>>,
    },
    /// A query that selects offending rows.
    Test(Box<Test>),
    /// What a model makes of given rows.
    UnitTest(Box<UnitTest>),
    /// A query that is compiled but not built.
    Analysis(Box<Template>),
    /// A function of the warehouse.
    Function(Function),
    /// A statement of `on-run-start` or `on-run-end`.
    Operation(Box<Operation>),
    /// Who reads what: a dashboard, a notebook, ….
    Exposure,
    /// A metric of the semantic layer.
    Metric,
    /// A model as the semantic layer sees it.
    SemanticModel,
    /// A query of metrics.
    SavedQuery,
    /// Features over time; its relation holds their history.
    FeatureView(Box<FeatureView>),
    /// A trained model; its relation holds the predictions.
    MlModel(Box<MlModel>),
    /// A file that leaves the warehouse.
    Export(Box<Export>),
    /// A page written from data.
    Report(Box<Report>),
}

/// A model.
#[derive(Debug, Clone)]
pub struct Model {
    /// Its query or its program.
    pub body: Body,
    /// Which version of the model it is; `None` for a model without versions.
    pub version: Option<Value>,
    /// The version that a reference without one means.
    pub latest: Option<Value>,
}

/// A statement of `on-run-start` or `on-run-end`.
#[derive(Debug, Clone)]
pub struct Operation {
    /// The statement.
    pub template: Template,
    /// Whether it runs after everything else.
    pub at_end: bool,
    /// Its number among those of its package and moment, from 0.
    pub number: usize,
}

/// A function of the warehouse.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its text.
    pub body: Body,
    /// The texts of its overloads, in the order of `overloads:`.
    pub overloads: Vec<Body>,
}

impl Function {
    /// Returns the function of a text, without overloads.
    #[must_use]
    pub fn of(body: Body) -> Self {
        Self {
            body,
            overloads: Vec::new(),
        }
    }
}

/// The text of a node that may be in SQL or in another language.
#[derive(Debug, Clone)]
pub enum Body {
    /// A template of SQL.
    Sql(Box<Template>),
    /// A program.
    Other {
        /// Its language: `python` or `javascript`.
        language: &'static str,
        /// Its text.
        text: Arc<str>,
    },
}

impl Body {
    /// Returns whether there is nothing in it, which dbt does not run.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Sql(template) => template.text().trim().is_empty(),
            Self::Other { text, .. } => text.trim().is_empty(),
        }
    }

    /// Returns the text as it is written.
    #[must_use]
    pub fn raw(&self) -> &str {
        match self {
            Self::Sql(template) => template.text(),
            Self::Other { text, .. } => text.trim(),
        }
    }

    /// Returns the template to change it, when it is one.
    pub fn template_mut(&mut self) -> Option<&mut Template> {
        match self {
            Self::Sql(template) => Some(template),
            Self::Other { .. } => None,
        }
    }

    /// Returns the language's name.
    #[must_use]
    pub fn language(&self) -> &'static str {
        match self {
            Self::Sql(_) => "sql",
            Self::Other { language, .. } => language,
        }
    }

    /// Returns the template, when it is one.
    #[must_use]
    pub fn template(&self) -> Option<&Template> {
        match self {
            Self::Sql(template) => Some(template),
            Self::Other { .. } => None,
        }
    }
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
    /// Its unique id; empty where there is no such node.
    pub on_id: String,
    /// The section of the YAML file that declares that node, as in `models.orders`.
    pub key: String,
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
            Self::Snapshot(_) => "snapshot",
            Self::Source { .. } => "source",
            Self::Test(_) => "test",
            Self::UnitTest(_) => "unit_test",
            Self::Analysis(_) => "analysis",
            Self::Function(_) => "function",
            Self::Operation(_) => "operation",
            Self::Exposure => "exposure",
            Self::Metric => "metric",
            Self::SemanticModel => "semantic_model",
            Self::SavedQuery => "saved_query",
            Self::FeatureView(_) => "feature_view",
            Self::MlModel(_) => "ml_model",
            Self::Export(_) => "export",
            Self::Report(_) => "report",
        }
    }

    /// Returns whether `ref` can mean it.
    #[must_use]
    pub fn is_referable(&self) -> bool {
        matches!(
            self,
            Self::Model(_)
                | Self::Seed
                | Self::Snapshot(_)
                | Self::FeatureView(_)
                | Self::MlModel(_)
        )
    }

    /// Returns whether dbt goes through it in a build and does nothing.
    #[must_use]
    pub fn is_no_op(&self) -> bool {
        matches!(self, Self::Exposure | Self::SavedQuery)
    }

    /// Returns whether it only says something of others: neither built, nor tested, nor written.
    #[must_use]
    pub fn is_only_said(&self) -> bool {
        matches!(
            self,
            Self::Analysis(_)
                | Self::Operation(_)
                | Self::Exposure
                | Self::Metric
                | Self::SemanticModel
                | Self::SavedQuery
        )
    }
}
