//! `(Project, Catalog) -> Plan`: parsing, graph, selection, SQL with the way back to template lines.
//! Pure: no file, no clock, no warehouse.

mod access;
pub mod adapter;
mod api;
mod column;
mod comment;
mod config;
mod configured;
mod context;
pub mod deferred;
mod ephemeral;
mod exceptions;
pub mod external;
mod features;
mod flags;
mod functions;
mod graph;
mod inline;
mod invocation;
mod macros;
pub mod manifest;
mod names;
mod parse;
mod period;
mod place;
mod plan;
mod program;
mod references;
mod relation;
mod resolve;
mod results;
mod runtime;
mod said;
mod select;
mod semantic;
mod syntax;
mod table;
mod tests;
mod texts;
mod unique;
mod unit_test;
mod unrendered;
mod vars;
mod warnings;
mod yaml_text;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use minijinja::Value;
use serde_yaml::Mapping;

pub use self::comment::{Comment, Commenter, OUTSIDE};
pub use self::context::database;
pub use self::ephemeral::InEphemeral;
pub use self::flags::Flags;
pub use self::graph::Graph;
pub use self::invocation::{Invocation, Listener, Voice};
pub use self::period::{Period, instant, literal};
pub use self::plan::{
    Body, Config, Doc, Generic, Index, Model, Node, Operation, Plan, Resource, Test,
};
pub use self::relation::{RelationObject, TimeFilter};
pub use self::results::{Answer, Results};
use self::said::Sources;
use self::select::Field;
pub use self::select::{Chosen, Indirect, Past, Selection, Selectors, Unmet, statuses};
pub use self::table::TableObject;
pub use self::unit_test::UnitSql;
pub use self::warnings::Verdict;
use crate::diagnostic::{At, Diagnostic, Result};
use crate::engine::Relation;
use crate::jinja;
use crate::jinja::{Dialect, Globals, Template};
use crate::project::nodes::Reference;
use crate::project::{Package, Project, Renderer, Rendering, SELECTORS, Target};

use self::adapter::{Adapter, AdapterObject};
use self::manifest::{About, Rendered};

/// A range of time: the first instant, and the first that is no more in it, as SQL literals without quotes.
pub type Range = (String, String);

/// A part of a model's time that is built by itself.
#[derive(Debug, Clone)]
pub struct Batch {
    /// What it is called by its beginning, such as `2024-09-17`.
    pub name: String,
    /// Its time.
    pub range: Range,
    /// `model.batch` as templates see it.
    pub about: Value,
}

/// The packages of the macros that every project has, the first searched first.
const BUILT_IN: &[&str] = &["dbt_duckdb", "dbt", "wh"];

/// A parsed project: its plan, and what is needed to render each node's SQL.
pub struct Compiled {
    /// How many rows of each input are read; `None` for all.
    limit: Option<u64>,
    /// The time of which inputs are read, by `--sample`.
    pub sample: Option<Period>,
    /// The time of which microbatch models are built, by `--event-time-start` and `--event-time-end`.
    pub events: Option<Period>,
    /// Every enabled node.
    pub plan: Arc<Plan>,
    /// Its edges.
    pub graph: Graph,
    /// Macros and templates.
    pub dialect: Dialect,
    /// What all templates share.
    pub shared: Arc<Globals>,
    /// What artifacts say beside the nodes.
    pub about: Arc<About>,
    /// `graph` of templates.
    nodes: Value,
    /// `selected_resources` of templates.
    selected: Value,
    scopes: parse::Scopes,
    /// Selections with a name.
    pub selectors: Selectors,
    /// Whether the project is one of `wh.yml`, not of dbt.
    pub is_ours: bool,
    /// The folder of compiled SQL and artifacts.
    pub target: PathBuf,
    /// Where nodes are read that are not built here: those of another environment.
    pub deferred: BTreeMap<Index, Relation>,
    root: String,
    sources: OnceLock<Arc<Sources>>,
}

/// Parses a project into a plan: every template once, references resolved, no circles.
///
/// # Errors
/// `Project` with the place of what is wrong; independent errors together.
pub fn compile(project: &Project, invocation: &Invocation) -> Result<Compiled> {
    let sample = Period::sampled(&invocation.flags, invocation.started_at)?;
    let events = Period::of_events(&invocation.flags)?;
    let dialect = syntax::readable(project, macros::dialect(project))?;
    let shared = Arc::new(context::shared(project, invocation));
    let scopes = parse::scopes(project, &shared);
    let mut plan = parse::plan(project, &dialect, (&shared, &scopes))?;
    unique::without_spaces(&plan, &invocation.flags)?;
    texts::render(&mut plan, &dialect, (&shared, &scopes))?;
    let graph = Graph::new(&plan)?;
    let selectors = Selectors::read(Path::new(SELECTORS), &project.selectors, &mut plan.warnings)?;
    let (plan, about) = (Arc::new(plan), Arc::new(About::new(project, invocation)));
    Ok(Compiled {
        limit: invocation.flags.is("empty").then_some(0),
        sample,
        events,
        nodes: manifest::graph(&plan, &about),
        selected: jinja::list(Vec::<Value>::new()),
        scopes,
        selectors,
        sources: OnceLock::new(),
        deferred: BTreeMap::new(),
        target: project.root.join(&project.paths.target),
        plan,
        graph,
        dialect,
        shared,
        about,
        is_ours: project.is_ours(),
        root: project.name.clone(),
    })
}

/// Renders the Jinja of YAML values.
pub struct YamlRenderer(Dialect);

impl YamlRenderer {
    /// Creates a renderer; macros are not known in YAML, as in dbt.
    ///
    /// # Errors
    /// `Bug` only.
    pub fn new() -> Result<Self> {
        Ok(Self(Dialect::new("", &[], Vec::new())?))
    }

    /// Renders one value: `{{ var('x') }}` alone gives the variable with its type.
    ///
    /// # Errors
    /// `Project` when the template does not render.
    pub fn render(&self, text: &str, vars: &Mapping) -> Result<serde_yaml::Value> {
        self.evaluate(text, &Arc::new(context::for_yaml(vars, (None, None))))
    }

    fn evaluate(&self, text: &str, globals: &Arc<Globals>) -> Result<serde_yaml::Value> {
        let value = self.0.evaluate("", text, globals)?;
        Ok(serde_yaml::to_value(jinja::to_json(&value))?)
    }
}

impl Renderer for YamlRenderer {
    fn with<'a>(&'a self, vars: &Mapping, target: Target<'_>) -> Rendering<'a> {
        let globals = Arc::new(context::for_yaml(vars, target));
        Box::new(move |text| self.evaluate(text, &globals))
    }

    fn check(&self, package: &Package) -> Result<()> {
        syntax::check_all(&self.0, package)
    }
}

impl Compiled {
    /// Returns the nodes that a selection chooses.
    ///
    /// # Errors
    /// `Project` for an unknown method, selector or kind, or a malformed criterion, with the nearest name.
    pub fn select(&self, selection: &Selection) -> Result<Chosen> {
        let field = Field {
            plan: &self.plan,
            graph: &self.graph,
            root: &self.root,
            selectors: &self.selectors,
            past: &selection.past,
            now: &|| self.manifest(),
            warnings: Default::default(),
        };
        select::select(&field, selection)
    }

    /// Tells templates what a command was asked to do: `selected_resources`.
    pub fn tell_selected(&mut self, chosen: &BTreeSet<Index>) {
        let ids = chosen.iter().map(|index| &self.plan.nodes[*index].id);
        self.selected = jinja::list(ids.map(Value::from));
    }

    /// Returns the project as `manifest.json` describes it.
    fn manifest(&self) -> Result<serde_json::Value> {
        let (compiled, remains) = (self, &manifest::Nothing);
        let manifest = manifest::Manifest { compiled, remains };
        Ok(serde_json::to_value(manifest)?)
    }

    /// Returns what a node's templates may name, with the warehouse behind `adapter` when there is one.
    #[must_use]
    pub fn globals(&self, index: Index, adapter: Option<Arc<dyn Adapter>>) -> Globals {
        let node = &self.plan.nodes[index];
        let mut globals = self.globals_but_model(node, adapter, None);
        globals.insert("model", self.model(index));
        context::deferred(&mut globals, node, self.deferred.get(&index));
        globals
    }

    /// Returns `model` as the node's templates see it.
    #[must_use]
    pub fn model(&self, index: Index) -> Value {
        manifest::model(&self.plan, &self.about, index)
    }

    /// As [`Compiled::globals`], for a node that need not be one of the plan's.
    #[must_use]
    pub fn globals_of(&self, node: &Node, adapter: Option<Arc<dyn Adapter>>) -> Globals {
        self.globals_within(node, adapter, None)
    }

    /// As [`Compiled::globals_of`]; of inputs with an `event_time`, only the rows of a batch's time are read.
    fn globals_within(
        &self,
        node: &Node,
        adapter: Option<Arc<dyn Adapter>>,
        batch: Option<&Batch>,
    ) -> Globals {
        let mut globals = self.globals_but_model(node, adapter, batch);
        let model = manifest::model_of(&self.plan, &self.about, node);
        let model = match batch {
            Some(batch) => jinja::with_entry(&model, "batch", batch.about.clone()),
            None => model,
        };
        globals.insert("model", model);
        globals
    }

    /// Says which nodes a command works on: `selected_resources` of its templates.
    pub fn set_selected(&mut self, chosen: &BTreeSet<Index>) {
        let ids = chosen
            .iter()
            .map(|index| self.plan.nodes[*index].id.clone());
        let ids = jinja::list(ids.map(Value::from));
        let over = |globals: &Arc<Globals>| {
            let mut above = Globals::over(globals);
            above.insert("selected_resources", ids.clone());
            Arc::new(above)
        };
        self.shared = over(&self.shared);
        for scope in self.scopes.values_mut() {
            *scope = over(scope);
        }
    }

    /// Returns what a statement outside the graph may name, with the warehouse behind `adapter` when there is one.
    #[must_use]
    pub fn globals_alone(&self, adapter: Option<Arc<dyn Adapter>>) -> Globals {
        let mut globals = Globals::over(&self.shared);
        globals.insert("execute", Value::from(adapter.is_some()));
        globals.insert("adapter", Value::from_object(self.adapter(adapter)));
        globals
    }

    fn globals_but_model(
        &self,
        node: &Node,
        adapter: Option<Arc<dyn Adapter>>,
        batch: Option<&Batch>,
    ) -> Globals {
        let mut globals = Globals::over(self.scope(&node.package));
        let references = node
            .inputs
            .iter()
            .map(|(reference, input)| (reference.clone(), self.printed(*input, Some(node), batch)));
        context::running(
            &mut globals,
            node,
            (references.collect(), self.sources()),
            self.adapter(adapter),
        );
        globals.insert("graph", self.nodes.clone());
        globals.insert("selected_resources", self.selected.clone());
        globals
    }

    /// Returns what the templates of a package share.
    #[must_use]
    pub fn scope(&self, package: &str) -> &Arc<Globals> {
        self.scopes.get(package).unwrap_or(&self.shared)
    }

    fn adapter(&self, adapter: Option<Arc<dyn Adapter>>) -> AdapterObject {
        AdapterObject {
            adapter,
            library: self.dialect.library().clone(),
            quoted: self.about.quoting,
        }
    }

    /// Renders the SQL of a model, test or analysis, its ephemeral inputs included.
    ///
    /// # Errors
    /// `Project` with the template's place.
    pub fn sql(&self, index: Index, adapter: Option<Arc<dyn Adapter>>) -> Result<String> {
        Ok(self.rendered(index, adapter)?.sql.as_ref().to_owned())
    }

    /// Renders the SQL of a model, test or analysis, and says which ephemeral inputs are in it.
    ///
    /// # Errors
    /// `Project` with the template's place.
    pub fn rendered(&self, index: Index, adapter: Option<Arc<dyn Adapter>>) -> Result<Rendered> {
        self.rendered_within(index, adapter, None)
    }

    /// As [`Compiled::rendered`]; of inputs with an `event_time`, only the rows of a batch's time are read.
    ///
    /// # Errors
    /// As [`Compiled::rendered`].
    pub fn rendered_within(
        &self,
        index: Index,
        adapter: Option<Arc<dyn Adapter>>,
        batch: Option<&Batch>,
    ) -> Result<Rendered> {
        let node = &self.plan.nodes[index];
        if let Some(Body::Other { text, .. }) = body(node) {
            return self.untemplated((index, text), adapter);
        }
        let Some(template) = template(node) else {
            return Err(Diagnostic::project(format!("`{}` has no SQL", node.name))
                .at(&node.at)
                .into());
        };
        let globals = match batch {
            None => self.globals(index, adapter.clone()),
            Some(_) => self.globals_within(node, adapter.clone(), batch),
        };
        let globals = Arc::new(globals);
        let heard = self.dialect.listen(template, &globals)?;
        self.with_ephemeral(node, (&heard.0, &heard.1), adapter.as_ref())
    }

    /// Finds the template's place behind a place in a statement that was run for a node.
    ///
    /// `offset` counts bytes in `statement`, which holds the node's compiled SQL somewhere.
    #[must_use]
    pub fn origin(
        &self,
        index: Index,
        (statement, offset): (&str, usize),
        adapter: Option<Arc<dyn Adapter>>,
    ) -> Option<At> {
        place::origin(self, index, (statement, offset), adapter)
    }

    /// Renders a question outside the graph, with `ref` and `source` resolved by name, and with the warehouse behind
    /// `adapter` when there is one.
    ///
    /// # Errors
    /// `Project` with the place within `file`, or for a reference to nothing.
    pub fn inline(
        &self,
        file: &Path,
        text: &str,
        project: &Project,
        adapter: Option<Arc<dyn Adapter>>,
    ) -> Result<String> {
        inline::inline(self, (file, text), project, adapter)
    }

    /// Renders a statement that runs by itself, outside any node, with `ref` and `source` resolved by name.
    ///
    /// # Errors
    /// `Project` with the place of what does not render.
    pub fn call(&self, project: &Project, text: &str, adapter: Arc<dyn Adapter>) -> Result<String> {
        inline::call(self, project, text, adapter)
    }

    /// Renders a statement of a project or package itself: one of `on-run-start` or `on-run-end`. What the run knows by then
    /// is added by `fill`.
    ///
    /// # Errors
    /// `Project` when it does not render.
    pub fn operation(
        &self,
        operation: &Node,
        adapter: Arc<dyn Adapter>,
        fill: impl FnOnce(&mut Globals),
    ) -> Result<String> {
        let Some(template) = template(operation) else {
            return Ok(String::new());
        };
        let mut globals = self.globals_of(operation, Some(adapter));
        fill(&mut globals);
        self.dialect.render(template, &Arc::new(globals))
    }

    /// Returns the relations of a node's inputs by reference.
    #[must_use]
    pub fn relations(&self, index: Index) -> BTreeMap<Reference, Relation> {
        let inputs = self.plan.nodes[index].inputs.iter();
        inputs
            .filter_map(|(reference, input)| {
                let relation = self.read_at(*input).cloned()?;
                Some((reference.clone(), relation))
            })
            .collect()
    }
}

/// Returns whether a model exists only inside those that read it.
#[must_use]
pub fn is_ephemeral(node: &Node) -> bool {
    matches!(node.resource, Resource::Model(_))
        && node.config.text("materialized").as_deref() == Some("ephemeral")
}

/// Returns the template of a node that has one.
#[must_use]
pub fn template(node: &Node) -> Option<&Template> {
    match &node.resource {
        Resource::Analysis(template) | Resource::Snapshot(template) => Some(template),
        Resource::Operation(operation) => Some(&operation.template),
        Resource::Test(test) => Some(&test.template),
        _ => body(node)?.template(),
    }
}

/// Returns the text of a model or function.
#[must_use]
pub fn body(node: &Node) -> Option<&Body> {
    match &node.resource {
        Resource::Model(model) => Some(&model.body),
        Resource::Function(function) => Some(&function.body),
        _ => None,
    }
}
