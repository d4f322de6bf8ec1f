//! Folders that the project's file configures, and that nothing lies in.

use std::collections::HashMap;

use serde_yaml::Mapping;

use crate::compile::plan::Node;
use crate::diagnostic::{At, Warning};
use crate::project::Project;

/// The trees of configuration that are looked through, with what the nodes below them are called.
const TREES: &[(&str, &str)] = &[
    ("models", "model"),
    ("seeds", "seed"),
    ("snapshots", "snapshot"),
    ("sources", "source"),
    ("data_tests", "test"),
    ("tests", "test"),
    ("unit_tests", "unit_test"),
    ("metrics", "metric"),
    ("semantic_models", "semantic_model"),
    ("saved_queries", "saved_query"),
    ("exposures", "exposure"),
    ("functions", "function"),
];

type Paths<'a> = HashMap<&'a str, Vec<&'a [String]>>;

/// Warns of the paths of the project's configuration that apply to no node; `off` are the nodes that are switched off.
pub(in crate::compile) fn check(
    project: &Project,
    nodes: &[Node],
    off: [&[Node]; 2],
) -> Option<Warning> {
    let mut of_kind = Paths::new();
    for node in nodes {
        let fqns = of_kind.entry(node.resource.word()).or_default();
        fqns.push(&node.fqn);
    }
    let off = off.into_iter().flatten();
    let off: Vec<&[String]> = off.map(|node| &*node.fqn).collect();
    let mut unused = Vec::new();
    for (tree, kind) in TREES {
        let settings = project.own().config.get(*tree);
        let Some(settings) = settings.and_then(|settings| settings.as_mapping()) else {
            continue;
        };
        let mut paths = Vec::new();
        configured(settings, &[], &mut paths);
        let fqns = || of_kind.get(kind).into_iter().flatten().chain(&off);
        paths.retain(|path| !fqns().any(|fqn| is_below(fqn, path)));
        unused.extend(
            paths
                .iter()
                .map(|path| [&[*tree], &**path].concat().join(".")),
        );
    }
    if unused.is_empty() {
        return None;
    }
    let (n, list) = (unused.len(), unused.join("\n- "));
    let text = format!(
        "Configuration paths exist in your {} file which do not apply to any resources.\n\
         There are {n} unused configuration paths:\n- {list}",
        project.file.display()
    );
    let at = At::new(&project.file, 0, 0);
    Some(Warning::new("UnusedResourceConfigPath", at, text))
}

/// Adds the paths of the folders that have settings, `above` and all below it.
fn configured<'a>(settings: &'a Mapping, above: &[&'a str], paths: &mut Vec<Vec<&'a str>>) {
    let mut has_own = false;
    for (key, value) in settings {
        let Some(key) = key.as_str() else { continue };
        match value.as_mapping().filter(|_| !key.starts_with('+')) {
            Some(below) => configured(below, &[above, &[key]].concat(), paths),
            None => has_own = true,
        }
    }
    if has_own {
        paths.push(above.to_vec());
    }
}

fn is_below(fqn: &[String], path: &[&str]) -> bool {
    path.len() <= fqn.len() && path.iter().zip(fqn).all(|(folder, word)| folder == word)
}
