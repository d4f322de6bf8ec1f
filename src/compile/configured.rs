//! What the project's file says of nodes by folder.

use serde_yaml::Mapping;

use super::plan::Config;
use crate::project::Project;

/// Returns what the project's file says of nodes below `fqn` in one of its trees.
pub(super) fn configured(project: &Project, trees: &[&str], fqn: &[String]) -> Config {
    let mut config = Config::default();
    for tree in trees {
        let Some(mut below) = project.config.get(*tree).and_then(|tree| tree.as_mapping()) else {
            continue;
        };
        config.lay(&settings(below, fqn));
        for word in fqn {
            let Some(deeper) = below.get(word.as_str()).and_then(|tree| tree.as_mapping()) else {
                break;
            };
            below = deeper;
            config.lay(&settings(below, fqn));
        }
    }
    config
}

/// Returns the settings of one level of a tree: keys with `+`, and bare keys that name no folder below.
fn settings(tree: &Mapping, fqn: &[String]) -> Mapping {
    let is_folder = |key: &str, value: &serde_yaml::Value| {
        value.is_mapping() && key != "meta" || fqn.iter().any(|word| word == key)
    };
    let is_setting =
        |key: &str, value: &serde_yaml::Value| key.starts_with('+') || !is_folder(key, value);
    tree.iter()
        .filter(|(key, value)| key.as_str().is_some_and(|key| is_setting(key, value)))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

pub(super) fn single(key: &str, value: &str) -> Mapping {
    let pair = (
        serde_yaml::Value::string(key.into()),
        serde_yaml::Value::string(value.into()),
    );
    std::iter::once(pair).collect()
}

pub(super) fn disabled() -> Mapping {
    std::iter::once((
        serde_yaml::Value::string("enabled".into()),
        serde_yaml::Value::bool(false),
    ))
    .collect()
}
