//! Who may read whose models: `access: private` keeps a model to its group, `restrict-access` a package's models to the package.

use super::plan::{Node, Resource};
use crate::diagnostic::Diagnostic;
use crate::project::Project;

/// Adds an error for each reference to a model that the reader may not read.
pub(super) fn check(project: &Project, nodes: &[Node], errors: &mut Vec<anyhow::Error>) {
    for node in nodes {
        if matches!(node.resource, Resource::Test(_) | Resource::UnitTest(_)) {
            continue;
        }
        for input in node.inputs.values() {
            let model = &nodes[*input];
            if let Some(why) = refusal(project, node, model) {
                let what = format!("`{}` may not read the model `{}`", node.name, model.name);
                errors.push(
                    Diagnostic::project(what)
                        .at(&node.at)
                        .note(why)
                        .hint(format!(
                            "change `access` of `{}`, or what reads it",
                            model.name
                        ))
                        .into(),
                );
            }
        }
    }
}

/// Says why a node may not read a model; nothing where it may.
fn refusal(project: &Project, node: &Node, model: &Node) -> Option<String> {
    if !matches!(model.resource, Resource::Model(_)) {
        return None;
    }
    let group = model.config.text("group");
    match model.config.text("access").as_deref() {
        Some("private") if group.is_some() && group != node.config.text("group") => Some(format!(
            "it is private to the group `{}`",
            group.unwrap_or_default()
        )),
        Some("public") => None,
        _ if node.package != model.package => {
            let package = project.package(&model.package)?;
            package
                .restricts_access
                .then(|| format!("the package `{}` keeps its models to itself", model.package))
        }
        _ => None,
    }
}
