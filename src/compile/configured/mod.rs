//! What a project's file says of nodes by folder.

pub(super) mod unused;

use serde_yaml::{Mapping, Value};

use super::plan::Config;
use crate::project::Package;

/// Returns what a package's file says of nodes below `fqn` in some of its trees.
pub(super) fn configured(package: &Package, trees: &[&str], fqn: &[String]) -> Config {
    let mut config = Config::default();
    for settings in levels(&package.config, trees, fqn) {
        config.lay(&settings);
    }
    config
}

/// Returns the same without merging: of each key, what the last level says.
pub(super) fn unmerged(package: &Package, trees: &[&str], fqn: &[String]) -> Mapping {
    let levels = levels(&package.unrendered, trees, fqn)
        .into_iter()
        .flatten();
    let plain = |key: Value| match key.as_str() {
        Some(name) => Value::string(name.trim_start_matches('+').to_owned()),
        None => key,
    };
    levels.map(|(key, value)| (plain(key), value)).collect()
}

/// Returns the settings of each level of the trees, from the top down to the node's folder.
fn levels(config: &Mapping, trees: &[&str], fqn: &[String]) -> Vec<Mapping> {
    let mut found = Vec::new();
    for tree in trees {
        let Some(mut below) = config.get(*tree).and_then(|tree| tree.as_mapping()) else {
            continue;
        };
        found.push(settings(below, fqn));
        for word in fqn {
            let Some(deeper) = below.get(word.as_str()).and_then(|tree| tree.as_mapping()) else {
                break;
            };
            below = deeper;
            found.push(settings(below, fqn));
        }
    }
    found
}

/// Returns the settings of one level of a tree: keys with `+`, and bare keys that are no mapping.
fn settings(tree: &Mapping, fqn: &[String]) -> Mapping {
    let is_setting = |key: &str, value: &Value| {
        key.starts_with('+') || !(value.is_mapping() || value.is_null() && is_folder(key, fqn))
    };
    tree.iter()
        .filter(|(key, value)| key.as_str().is_some_and(|key| is_setting(key, value)))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

fn is_folder(key: &str, fqn: &[String]) -> bool {
    fqn.iter().any(|word| word == key)
}

pub(super) fn single(key: &str, value: &str) -> Mapping {
    let pair = (Value::string(key.into()), Value::string(value.into()));
    std::iter::once(pair).collect()
}
