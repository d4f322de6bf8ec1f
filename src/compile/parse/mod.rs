//! From files and declarations to nodes: each template is compiled once and rendered once to hear what it
//! says of itself. Files and declarations are worked off on all cores.

mod batched;
mod checked;
mod described;
mod docs;
mod file;
mod fixture;
mod generic;
mod listen;
mod operation;
mod python;
mod said;
mod source;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;
use serde_yaml::{Mapping, Value};

use self::described::Described;
pub(super) use self::listen::named_in;
use super::configured::{configured, unmerged};
use super::names::Namer;
use super::plan::{Config, Node, Plan, Resource};
use super::resolve::resolve;
use super::vars;
use crate::diagnostic::{At, Result, Warning, all_or_none};
use crate::jinja::{Dialect, Globals};
use crate::project::{Declared, Package, Project, Source, SourceFile, SourceTable};

/// What the templates of each package share, by package.
pub(super) type Scopes = HashMap<String, Arc<Globals>>;

/// Drafts every node of the project and resolves their references.
pub(super) fn plan(
    project: &Project,
    dialect: &Dialect,
    (shared, scopes): (&Arc<Globals>, &Scopes),
) -> Result<Plan> {
    let mut warnings = Vec::new();
    let parser = Parser::new(project, dialect, (shared, scopes));
    let described = Described::of(&parser, &mut warnings)?;
    let tasks = tasks(project);
    let outcomes: Vec<Result<Vec<Node>>> = tasks
        .par_iter()
        .map(|task| parser.draft(task, &described))
        .collect();
    let mut drafts = Vec::new();
    let mut errors = Vec::new();
    for outcome in outcomes {
        match outcome {
            Ok(drafted) => drafts.extend(drafted),
            Err(err) => errors.push(err),
        }
    }
    for (kind, declared) in &described.strays {
        match parser.stray_tests(kind.word(), declared) {
            Ok(tests) => drafts.extend(tests),
            Err(err) => errors.push(err),
        }
    }
    let operations = operation::drafts(&parser, &mut errors);
    let docs = docs::blocks_of(project, dialect, &mut errors);
    all_or_none(errors)?;
    let quoting = project.quoting();
    for node in &mut drafts {
        if node.tags.is_empty() && !matches!(node.resource, Resource::Metric) {
            node.tags = file::unique([&node.config]);
        }
        // As in dbt, templates read a source as it says itself, and a node as the project says.
        node.quoted = match &node.resource {
            Resource::Source { .. } => node.quoting_over([true; 3]),
            _ => quoting,
        };
    }
    let groups = groups(&parser);
    warnings.extend(
        parser
            .warnings
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner),
    );
    let mut plan = resolve(project, (drafts, operations), warnings)?;
    plan.docs = docs;
    plan.groups = groups;
    for package in &project.packages {
        plan.macros.extend(package.resources.macros.iter().cloned());
    }
    Ok(plan)
}

/// Returns the groups of all packages, configured as dbt does it: by what the project's file says of models of their name.
fn groups(parser: &Parser<'_>) -> Vec<Declared> {
    let packages = parser.project.packages.iter();
    let groups = packages.flat_map(|package| &package.resources.groups);
    let configured = groups.map(|group| {
        let placed = Placed {
            trees: &["models"],
            package: &group.package,
            fqn: &fqn(&group.package, &parser.folders_of(group), &[&group.name]),
        };
        Declared {
            config: parser.config(&placed, &[&group.config]).values,
            ..group.clone()
        }
    });
    configured.collect()
}

/// One thing to draft nodes of.
enum Task<'a> {
    Model(&'a SourceFile),
    Analysis(&'a SourceFile),
    Singular(&'a SourceFile),
    Seed(&'a SourceFile),
    Snapshots(&'a SourceFile),
    Snapshot(&'a Declared),
    Function(&'a SourceFile),
    Source(&'a Arc<Source>, &'a SourceTable),
    Said(said::Kind<'a>),
}

fn tasks(project: &Project) -> Vec<Task<'_>> {
    let mut tasks = Vec::new();
    for package in &project.packages {
        let resources = &package.resources;
        tasks.extend(package.models.iter().map(Task::Model));
        tasks.extend(package.analyses.iter().map(Task::Analysis));
        tasks.extend(package.tests.iter().map(Task::Singular));
        tasks.extend(package.seeds.iter().map(Task::Seed));
        tasks.extend(package.snapshots.iter().map(Task::Snapshots));
        tasks.extend(package.functions.iter().map(Task::Function));
        let written = resources.snapshots.iter();
        let written = written.filter(|declared| declared.options.contains_key("relation"));
        tasks.extend(written.map(Task::Snapshot));
        for source in resources
            .sources
            .iter()
            .filter(|source| source.overrides.is_none())
        {
            tasks.extend(
                source
                    .tables
                    .iter()
                    .map(|table| Task::Source(source, table)),
            );
        }
        tasks.extend(said::kinds(package).into_iter().map(Task::Said));
    }
    tasks
}

/// Programs of templates that are kept from parsing for running, ten kilobytes each: the templates of further nodes are compiled once
/// more when they are rendered.
const MAX_PROGRAMS: usize = 4_000;

/// Turns files and declarations into drafts of nodes.
pub(super) struct Parser<'a> {
    pub(super) project: &'a Project,
    pub(super) namer: Namer<'a>,
    pub(super) dialect: &'a Dialect,
    pub(super) scopes: &'a Scopes,
    pub(super) shared: &'a Arc<Globals>,
    /// Folders of each package, for the folders that a file of YAML lies in.
    packages: HashMap<&'a str, &'a Package>,
    warnings: Mutex<Vec<Warning>>,
    /// Nodes drafted whose templates have kept their programs.
    programs: AtomicUsize,
    /// `var` of each package while it is parsed; what dbt leaves to the run is refused at once in a project of our own.
    variables: HashMap<&'a str, minijinja::Value>,
}

impl<'a> Parser<'a> {
    pub(super) fn new(
        project: &'a Project,
        dialect: &'a Dialect,
        (shared, scopes): (&'a Arc<Globals>, &'a Scopes),
    ) -> Self {
        let packages = project.packages.iter();
        let lenient = packages.clone().filter(|_| !project.is_ours());
        let variables =
            lenient.map(|package| (package.name.as_str(), vars::lenient_vars(&package.vars)));
        Self {
            variables: variables.collect(),
            project,
            namer: Namer::new(project, dialect, shared),
            dialect,
            scopes,
            shared,
            packages: packages
                .map(|package| (package.name.as_str(), package))
                .collect(),
            warnings: Mutex::default(),
            programs: AtomicUsize::new(0),
        }
    }

    fn draft(&self, task: &Task<'_>, described: &Described<'_>) -> Result<Vec<Node>> {
        let mut nodes = self.drafted(task, described)?;
        for node in &mut nodes {
            let template = match &mut node.resource {
                Resource::Model(model) => model.body.template_mut(),
                Resource::Test(test) => Some(&mut test.template),
                Resource::Snapshot(template) | Resource::Analysis(template) => {
                    Some(&mut **template)
                }
                _ => None,
            };
            if let Some(template) = template
                && template.has_program()
                && self.programs.fetch_add(1, Ordering::Relaxed) >= MAX_PROGRAMS
            {
                template.forget_program();
            }
        }
        Ok(nodes)
    }

    fn drafted(&self, task: &Task<'_>, described: &Described<'_>) -> Result<Vec<Node>> {
        match task {
            Task::Model(file) => self.model(file, described),
            Task::Analysis(file) => self.analysis(file, described),
            Task::Singular(file) => self.singular(file, described),
            Task::Seed(file) => self.seed(file, described),
            Task::Snapshots(file) => self.snapshots(file, described),
            Task::Snapshot(declared) => self.written_snapshot(declared),
            Task::Function(file) => self.function(file, described),
            Task::Source(source, table) => self.source(source, table, described),
            Task::Said(kind) => self.said(kind, described),
        }
    }

    /// Notes what is suspicious.
    fn warn(&self, event: &'static str, at: &At, warning: &str) {
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        warnings.push(Warning::new(event, at.clone(), warning));
    }

    /// Returns what the templates of a package share.
    pub(super) fn scope(&self, package: &str) -> &Arc<Globals> {
        self.scopes.get(package).unwrap_or(self.shared)
    }

    /// Resolves the configuration of a node: its package's tree, its description, what it says itself, and, for a node of an
    /// installed package, the project's own tree over all.
    fn config(&self, place: &Placed<'_>, layers: &[&Mapping]) -> Config {
        let own = self.packages.get(place.package).copied();
        let mut config = own.map_or_else(Config::default, |package| {
            configured(package, place.trees, place.fqn)
        });
        for layer in layers {
            config.lay(layer);
        }
        let root = self.project.own();
        if place.package != root.name {
            config.lay(&configured(root, place.trees, place.fqn).values);
        }
        config
    }

    /// Returns what configures a node, unmerged: of each key, what the last one that says it writes.
    fn unrendered(&self, place: &Placed<'_>, (patch, said): (&Mapping, &Mapping)) -> Mapping {
        let own = self.packages.get(place.package).copied();
        let root = self.project.own();
        let mut config = own.map_or_else(Mapping::new, |package| {
            unmerged(package, place.trees, place.fqn)
        });
        config.extend(patch.clone());
        config.extend(said.clone());
        if place.package != root.name {
            config.extend(unmerged(root, place.trees, place.fqn));
        }
        config
    }

    /// Returns the folders that a file of YAML lies in, below the configured folder that holds it.
    fn folders_of(&self, declared: &Declared) -> Vec<String> {
        let paths = self.packages.get(declared.package.as_str());
        let folders = paths.map(|package| package.paths.described());
        let inner = folders
            .iter()
            .flatten()
            .filter_map(|folder| declared.original.strip_prefix(folder).ok())
            .min_by_key(|inner| inner.components().count());
        crate::project::folders(inner.unwrap_or(&declared.original))
    }

    /// Returns the start of a node that a declaration makes by itself.
    fn declared_node(&self, declared: &Declared, resource: Resource, fqn: Vec<String>) -> Node {
        Node {
            id: format!("{}.{}.{}", resource.word(), declared.package, declared.name),
            name: declared.name.clone(),
            package: declared.package.clone(),
            path: declared.at.file.clone(),
            inner: self.inner(declared),
            fqn,
            description: declared.description.clone(),
            columns: declared.columns.clone(),
            options: declared.options.clone(),
            original: declared.original.clone(),
            ..Node::new(resource, declared.at.clone())
        }
    }

    fn inner(&self, declared: &Declared) -> std::path::PathBuf {
        let mut inner: std::path::PathBuf = self.folders_of(declared).iter().collect();
        inner.push(declared.original.file_name().unwrap_or_default());
        inner
    }

    /// Returns the start of a node that a file makes.
    pub(super) fn node(
        &self,
        file: &SourceFile,
        resource: Resource,
        declared: Option<&Declared>,
    ) -> Node {
        let mut node = Node {
            id: format!("{}.{}.{}", resource.word(), file.package, file.stem()),
            name: file.stem(),
            package: file.package.clone(),
            path: file.path.clone(),
            original: file.original.clone(),
            inner: file.inner.clone(),
            fqn: fqn(&file.package, &file.folders(), &[&file.stem()]),
            ..Node::new(resource, At::new(&file.path, 0, 0))
        };
        if let Some(declared) = declared {
            node.description.clone_from(&declared.description);
            node.columns.clone_from(&declared.columns);
            node.options.clone_from(&declared.options);
            node.patch = Some((declared.package.clone(), declared.original.clone()));
        }
        node
    }
}

/// Lays a description's configuration as it is written over what it came to, as dbt does before it compares: lists are there twice.
pub(super) fn as_written(rendered: &Mapping, written: &Mapping) -> Mapping {
    let mut merged = rendered.clone();
    for (key, value) in &mut merged {
        let over = written.get(key).unwrap_or(value).clone();
        *value = match (&*value, over) {
            (Value::Sequence(items, _), Value::Sequence(over, _)) => {
                Value::sequence([over, items.clone()].concat())
            }
            (Value::Mapping(below, _), Value::Mapping(over, _)) => {
                Value::mapping(as_written(below, &over))
            }
            (_, over) => over,
        };
    }
    merged
}

/// Where a node stands in the trees of configuration.
struct Placed<'a> {
    trees: &'a [&'a str],
    package: &'a str,
    fqn: &'a [String],
}

fn fqn(package: &str, folders: &[String], names: &[&str]) -> Vec<String> {
    std::iter::once(package.to_owned())
        .chain(folders.iter().cloned())
        .chain(names.iter().map(|name| (*name).to_owned()))
        .collect()
}

/// Returns the variables of each package as templates see them.
pub(super) fn scopes(project: &Project, shared: &Arc<Globals>) -> Scopes {
    let scope = |package: &Package| {
        let mut globals = Globals::over(shared);
        globals.insert("var", vars::vars(&package.vars));
        (package.name.clone(), Arc::new(globals))
    };
    project.packages.iter().map(scope).collect()
}
