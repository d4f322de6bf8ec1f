//! Descriptions: `{{ doc('…') }}` and other Jinja in them becomes the text that readers see.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use minijinja::{Error, Value};
use rayon::prelude::*;
use regex::Regex;

use super::parse::Scopes;
use super::plan::{Doc, Node, Plan, Resource};
use super::semantic;
use crate::diagnostic::{At, Diagnostic, Place, Result, all_or_none, nearest};
use crate::jinja::{self, Dialect, Globals};

/// Renders docs blocks, which see nothing of the project, and then the descriptions of all nodes, columns, macros and groups of a plan.
///
/// # Errors
/// `Project`, at the place of the node, for a docs block that does not exist; all of them together.
pub(super) fn render(
    plan: &mut Plan,
    dialect: &Dialect,
    (shared, scopes): (&Arc<Globals>, &Scopes),
) -> Result<()> {
    let writer = Writer {
        docs: Arc::new(Docs::of(&plan.docs)),
        dialect,
        shared,
        scopes,
    };
    let nodes = plan.nodes.par_iter_mut();
    let nodes = nodes.chain(&mut plan.disabled).chain(&mut plan.idle);
    let errors: Vec<Vec<anyhow::Error>> = nodes.map(|node| writer.describe(node)).collect();
    let mut errors: Vec<anyhow::Error> = errors.into_iter().flatten().collect();
    for declared in plan.macros.iter_mut().chain(&mut plan.groups) {
        let written = writer.write(&declared.package, &mut declared.description, &declared.at);
        errors.extend(written.err());
    }
    all_or_none(errors)
}

/// Docs blocks by name.
#[derive(Debug)]
struct Docs(HashMap<String, Vec<(String, String)>>);

impl Docs {
    fn of(docs: &[Doc]) -> Self {
        let mut found: HashMap<String, Vec<(String, String)>> = HashMap::new();
        for doc in docs {
            let named = found.entry(doc.name.clone()).or_default();
            named.push((doc.package.clone(), doc.text.clone()));
        }
        Self(found)
    }

    /// Finds a block: of the package that is named, or else of `from`, or else of any.
    fn find(&self, package: Option<&str>, name: &str, from: &str) -> Option<&(String, String)> {
        let named = self.0.get(name)?;
        let of = |wanted: &str| named.iter().find(|(package, _)| package == wanted);
        match package {
            Some(package) => of(package),
            None => of(from).or(named.first()),
        }
    }
}

struct Writer<'a> {
    docs: Arc<Docs>,
    dialect: &'a Dialect,
    shared: &'a Arc<Globals>,
    scopes: &'a Scopes,
}

impl Writer<'_> {
    /// Renders the descriptions of a node and of its columns in place; returns what is wrong with them.
    fn describe(&self, node: &mut Node) -> Vec<anyhow::Error> {
        let mut errors = Vec::new();
        let package = node.package.clone();
        let mut write = |text: &mut String| {
            let written = self.write(&package, text, &node.at);
            written.map_err(|err| errors.push(err)).unwrap_or_default()
        };
        node.doc_blocks = write(&mut node.description);
        for column in &mut node.columns {
            column.doc_blocks = write(&mut column.description);
        }
        if matches!(node.resource, Resource::SemanticModel) {
            for element in semantic::elements_mut(&mut node.options) {
                if let Some(serde_yaml::Value::String(text, _)) = element.get_mut("description") {
                    write(text);
                }
            }
        }
        if let Resource::Source { about, .. } = &mut node.resource
            && jinja::is_template(&about.description)
        {
            write(&mut Arc::make_mut(about).description);
        }
        errors
    }

    /// Renders one text in place and returns the unique ids of the blocks it names.
    fn write(&self, package: &str, text: &mut String, at: &At) -> Result<Vec<String>> {
        if !jinja::is_template(text) {
            return Ok(Vec::new());
        }
        let docs = self.docs.clone();
        let from = package.to_owned();
        let doc = move |first: String, second: Option<String>| -> Result<Value, Error> {
            let (package, name) = match &second {
                Some(name) => (Some(first.as_str()), name.as_str()),
                None => (None, first.as_str()),
            };
            match docs.find(package, name, &from) {
                Some((_, text)) => Ok(Value::from(text.as_str())),
                None => Err(jinja::raise(missing(&docs, name))),
            }
        };
        let mut globals = Globals::over(self.scopes.get(package).unwrap_or(self.shared));
        globals.insert("doc", Value::from_function(doc));
        let value = self.dialect.evaluate(package, text, &Arc::new(globals));
        let ids = self.blocks(package, text);
        *text = jinja::text(&value.place(at)?);
        Ok(ids)
    }

    fn blocks(&self, package: &str, text: &str) -> Vec<String> {
        #[expect(
            clippy::unwrap_used,
            reason = "the pattern is a constant that a test compiles"
        )]
        static CALL: LazyLock<Regex> = LazyLock::new(|| {
            // Only what is all of an expression counts, as for dbt.
            Regex::new(
                r#"\{\{[-+]?\s*doc\(\s*['"]([^'"]+)['"]\s*(?:,\s*['"]([^'"]+)['"]\s*)?\)\s*[-+]?\}\}"#,
            )
            .unwrap()
        });
        let id = |call: regex::Captures<'_>| {
            let first = call.get(1)?.as_str();
            let found = match call.get(2) {
                Some(name) => self.docs.find(Some(first), name.as_str(), package),
                None => self.docs.find(None, first, package),
            };
            let name = call.get(2).map_or(first, |name| name.as_str());
            found.map(|(package, _)| format!("doc.{package}.{name}"))
        };
        CALL.captures_iter(text).filter_map(id).collect()
    }
}

fn missing(docs: &Docs, name: &str) -> Diagnostic {
    let err = Diagnostic::project(format!("there is no docs block `{name}`"));
    match nearest(name, docs.0.keys().map(String::as_str)) {
        Some(near) => err.hint(format!("did you mean `{near}`?")),
        None => err.hint(format!(
            "write it in a Markdown file: {{% docs {name} %}} … {{% enddocs %}}"
        )),
    }
}
