//! Questions outside the graph, such as those of `wh query`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::Compiled;
use super::adapter::Adapter;
use super::context;
use super::parse::Parser;
use super::place::place_of;
use super::plan::{Config, Index, Node, Resource};
use super::resolve::{Names, Off};
use super::results::Results;
use super::table::TableObject;
use crate::diagnostic::{Diagnostic, Result};
use crate::jinja::{Globals, Template, is_template};
use crate::project::nodes::Reference;
use crate::project::{Project, SourceFile};
use minijinja::Value;

/// The name of a question, and of the relation that it would make.
const INLINE: &str = "inline_query";

/// Renders a question outside the graph; see [`Compiled::inline`].
pub(super) fn inline(
    compiled: &Compiled,
    (file, text): (&Path, &str),
    project: &Project,
    adapter: Option<Arc<dyn Adapter>>,
) -> Result<String> {
    if !is_template(text) {
        return Ok(text.into());
    }
    let parser = Parser::new(
        project,
        &compiled.dialect,
        (&compiled.shared, &compiled.scopes),
    );
    let (template, mut node) = draft(compiled, &parser, (file, text))?;
    node.name = INLINE.into();
    node.relation = Some(parser.namer.relation(&node)?);
    let recorded = parser.listen(&node, &template, &Config::default())?;
    let names = Names::of(project, &compiled.plan.nodes);
    let mut printed = BTreeMap::new();
    for reference in recorded.references {
        let Some(input) = names.find(&compiled.plan.nodes, &reference, &project.name) else {
            let at = place_of(&reference, &node);
            let off = Off::of(&compiled.plan.disabled);
            return Err(names.missing(&reference, &off).at(&at).into());
        };
        printed.insert(reference.clone(), compiled.printed(input, None, None));
        node.inputs.insert(reference, input);
    }
    let globals = globals(compiled, &node, printed, adapter.clone());
    let body = compiled.dialect.render(&template, &Arc::new(globals))?;
    let rendered = compiled.with_ephemeral(&node, (&body, &[]), adapter.as_ref())?;
    Ok(rendered.sql.as_ref().to_owned())
}

/// Makes a node of the root project from a text that no file holds.
fn draft(
    compiled: &Compiled,
    parser: &Parser<'_>,
    (file, text): (&Path, &str),
) -> Result<(Template, Node)> {
    let source = SourceFile {
        package: compiled.root.clone(),
        path: file.to_owned(),
        original: file.to_owned(),
        inner: file.to_owned(),
        text: String::new(),
        checksum: None,
    };
    let template = compiled
        .dialect
        .compile(&compiled.root, file.to_owned(), text)?;
    let resource = Resource::Analysis(Box::new(template.clone()));
    let node = parser.node(&source, resource, None);
    Ok((template, node))
}

/// Returns what a template outside the graph may name: all that those of nodes may.
fn globals(
    compiled: &Compiled,
    node: &Node,
    references: BTreeMap<Reference, Value>,
    adapter: Option<Arc<dyn Adapter>>,
) -> Globals {
    let mut globals = Globals::over(&compiled.shared);
    let references = (references, compiled.sources());
    context::running(&mut globals, node, references, compiled.adapter(adapter));
    globals.insert("graph", compiled.nodes.clone());
    globals.insert("selected_resources", compiled.selected.clone());
    globals.insert(
        "model",
        super::manifest::model_of(&compiled.plan, &compiled.about, node),
    );
    globals
}

/// Renders a statement that runs by itself, with the warehouse behind `adapter`; see [`Compiled::call`].
///
/// Unlike a question it is not rendered before, to hear what it refers to: macros that run by themselves expect that they run.
/// So every reference that could be made is at hand.
pub(super) fn call(
    compiled: &Compiled,
    project: &Project,
    text: &str,
    adapter: Arc<dyn Adapter>,
) -> Result<String> {
    let parser = Parser::new(
        project,
        &compiled.dialect,
        (&compiled.shared, &compiled.scopes),
    );
    let (template, node) = draft(compiled, &parser, (Path::new("run-operation"), text))?;
    let nodes = &compiled.plan.nodes;
    let names = Names::of(project, nodes);
    let named = nodes.iter().flat_map(references);
    let printed = named.filter_map(|reference| {
        let index = names.find(nodes, &reference, &project.name)?;
        Some((reference, compiled.printed(index, None, None)))
    });
    let globals = globals(compiled, &node, printed.collect(), Some(adapter));
    compiled.dialect.render(&template, &Arc::new(globals))
}

impl Compiled {
    /// Calls a macro of the project, with a node's relation as its `source`, and returns the cells of the rows that it answers.
    ///
    /// # Errors
    /// `Project` when there is no such macro; whatever fails in it.
    pub fn answer(
        &self,
        index: Index,
        (name, args): (&str, &[(&str, Value)]),
        adapter: Arc<dyn Adapter>,
    ) -> Result<Vec<Vec<Value>>> {
        let found = self.dialect.library().find(&self.root, name);
        let missing = || Diagnostic::project(format!("there is no macro `{name}`"));
        let found = found.ok_or_else(missing)?;
        let mut globals = self.globals(index, Some(adapter));
        Results::default().put(&mut globals);
        let mut given = vec![("source", self.printed(index, None, None))];
        given.extend_from_slice(args);
        let package = &self.plan.nodes[index].package;
        let globals = Arc::new(globals);
        let answer = self
            .dialect
            .invoke((&found, package), (&[], &given), &globals)?;
        let table = answer.get_attr("table").ok().filter(Value::is_true);
        let table = table.unwrap_or(answer);
        let table = table.downcast_object_ref::<TableObject>();
        Ok(table.map(TableObject::cells_of_rows).unwrap_or_default())
    }

    /// Renders a text of a node's YAML that is left for when it is needed.
    ///
    /// # Errors
    /// `Project` when it does not render.
    pub fn late(&self, index: Index, text: &str, adapter: Arc<dyn Adapter>) -> Result<String> {
        let node = &self.plan.nodes[index];
        let template = self
            .dialect
            .compile(&node.package, node.at.file.clone(), text)?;
        let globals = self.globals(index, Some(adapter));
        self.dialect.render(&template, &Arc::new(globals))
    }
}

/// Every way in which a node can be referred to.
fn references(node: &Node) -> Vec<Reference> {
    let by_name = |version: Option<String>| {
        [None, Some(node.package.clone())].map(|package| Reference::Ref {
            package,
            name: node.name.clone(),
            version: version.clone(),
        })
    };
    match &node.resource {
        Resource::Source { source, .. } => vec![Reference::Source {
            source: source.clone(),
            table: node.name.clone(),
        }],
        Resource::Model(model) => {
            let version = model
                .version
                .as_ref()
                .and_then(|version| version.as_scalar_string());
            let of_version = version.map(|version| by_name(Some(version.into_owned())));
            let unversioned = by_name(None).into_iter();
            unversioned
                .chain(of_version.into_iter().flatten())
                .collect()
        }
        _ if node.relation.is_some() => by_name(None).into(),
        _ => Vec::new(),
    }
}
