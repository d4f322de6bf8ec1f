//! Questions outside the graph, such as those of `wh query`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use minijinja::Value;

use super::Compiled;
use super::adapter::Adapter;
use super::context;
use super::names::Namer;
use super::parse::Parser;
use super::plan::{Config, Resource};
use super::resolve::Names;
use super::results::Results;
use crate::diagnostic::Result;
use crate::jinja::Globals;
use crate::project::{Project, SourceFile};

/// Renders a question outside the graph; see [`Compiled::inline`].
pub(super) fn inline(
    compiled: &Compiled,
    (file, text): (&Path, &str),
    project: &Project,
    adapter: Option<Arc<dyn Adapter>>,
) -> Result<String> {
    if !text.contains("{{") && !text.contains("{%") {
        return Ok(text.into());
    }
    let parser = Parser {
        project,
        namer: Namer {
            project,
            dialect: &compiled.dialect,
            shared: &compiled.shared,
        },
        dialect: &compiled.dialect,
        shared: &compiled.shared,
    };
    let source = SourceFile {
        package: project.name.clone(),
        path: file.to_owned(),
        inner: file.to_owned(),
        text: text.into(),
    };
    let (template, recorded) = parser.listen(&source, text, &Config::default())?;
    let mut node = parser.node(
        &source,
        Resource::Analysis(template.clone()),
        Config::default(),
        None,
    );
    let names = Names::of(&compiled.plan.nodes);
    let mut printed = BTreeMap::new();
    for reference in recorded.references {
        let Some(input) = names.find(&compiled.plan.nodes, &reference, &project.name) else {
            let at = context::place_of(&reference, &node, text);
            return Err(names.missing(&reference, &[]).at(&at).into());
        };
        printed.insert(reference.clone(), compiled.printed(input));
        node.inputs.insert(reference, input);
    }
    let mut globals = Globals::over(&compiled.shared);
    context::running(&mut globals, &node, printed, compiled.adapter(adapter));
    compiled.dialect.render(&template, &Arc::new(globals))
}

/// Renders a statement of the project itself, such as one of `on-run-start`.
pub(super) fn statement(
    compiled: &Compiled,
    project: &Project,
    text: &str,
    adapter: Arc<dyn Adapter>,
) -> Result<String> {
    let template = compiled
        .dialect
        .compile(&project.name, project.file.clone(), text)?;
    let mut globals = Globals::over(&compiled.shared);
    Results::default().put(&mut globals);
    globals.insert("execute", Value::from(true));
    globals.insert(
        "adapter",
        Value::from_object(compiled.adapter(Some(adapter))),
    );
    compiled.dialect.render(&template, &Arc::new(globals))
}
