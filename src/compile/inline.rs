//! Questions outside the graph, such as those of `wh query`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::Compiled;
use super::adapter::Adapter;
use super::context;
use super::parse::Parser;
use super::place::place_of;
use super::plan::{Config, Resource};
use super::resolve::{Names, Off};
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
    let parser = Parser::new(
        project,
        &compiled.dialect,
        (&compiled.shared, &compiled.scopes),
    );
    let source = SourceFile {
        package: project.name.clone(),
        path: file.to_owned(),
        original: file.to_owned(),
        inner: file.to_owned(),
        text: String::new(),
        checksum: None,
    };
    let template = compiled
        .dialect
        .compile(&project.name, file.to_owned(), text)?;
    let mut node = parser.node(
        &source,
        Resource::Analysis(Box::new(template.clone())),
        None,
    );
    let recorded = parser.listen(&node, &template, &Config::default())?;
    let names = Names::of(project, &compiled.plan.nodes);
    let mut printed = BTreeMap::new();
    for reference in recorded.references {
        let Some(input) = names.find(&compiled.plan.nodes, &reference, &project.name) else {
            let at = place_of(&reference, &node);
            let off = Off::of(&compiled.plan.disabled);
            return Err(names.missing(&reference, &off).at(&at).into());
        };
        printed.insert(reference.clone(), compiled.printed(input));
        node.inputs.insert(reference, input);
    }
    let mut globals = Globals::over(&compiled.shared);
    context::running(&mut globals, &node, printed, compiled.adapter(adapter));
    compiled.dialect.render(&template, &Arc::new(globals))
}
