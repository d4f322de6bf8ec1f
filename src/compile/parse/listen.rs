//! Rendering a template once, with nothing behind it, to hear its references and configuration.

use std::sync::{Arc, LazyLock};

use regex::Regex;
use serde_yaml::Value;

use super::Parser;
use crate::compile::adapter::AdapterObject;
use crate::compile::context;
use crate::compile::plan::{Config, Node, Resource};
use crate::compile::relation::RelationObject;
use crate::compile::said::{Recorded, Recorder};
use crate::diagnostic::Result;
use crate::engine::Relation;
use crate::jinja::{self, Globals, Template};
use crate::project::nodes::Reference;

impl Parser<'_> {
    /// Renders a template of the node to be to hear its references and configuration.
    pub(in crate::compile) fn listen(
        &self,
        node: &Node,
        template: &Template,
        known: &Config,
    ) -> Result<Recorded> {
        let recorder = Arc::new(Recorder::default());
        let mut globals = Globals::over(self.scope(&node.package)).lenient();
        if matches!(&node.resource, Resource::Test(test) if test.generic.is_some()) {
            globals = globals.anywhere();
        }
        if let Some(variables) = self.variables.get(node.package.as_str()) {
            globals.insert("var", variables.clone());
        }
        let relation = Relation {
            database: Some(context::database(&self.project.warehouse)),
            ..Relation::new(&self.project.warehouse.schema, &node.name)
        };
        let quoted = self.project.quoting();
        let adapter = AdapterObject {
            adapter: None,
            library: self.dialect.library().clone(),
            quoted,
        };
        let this =
            minijinja::Value::from_object(RelationObject::new(&relation).with_quoting(quoted));
        context::parsing(&mut globals, &recorder, known, (this, adapter));
        globals.insert(
            "model",
            jinja::dict([
                ("name", minijinja::Value::from(&node.name)),
                ("unique_id", minijinja::Value::from(&node.id)),
                ("package_name", minijinja::Value::from(&node.package)),
                (
                    "resource_type",
                    minijinja::Value::from(node.resource.word()),
                ),
            ]),
        );
        let (_, macros) = self.dialect.listen(template, &Arc::new(globals))?;
        let mut recorded = recorder.take();
        recorded.macros = macros.iter().map(|called| called.id()).collect();
        Ok(recorded)
    }

    /// Hears the references of a node's hooks, and the macros they call.
    pub(super) fn listen_to_hooks(&self, node: &mut Node) -> Result<()> {
        let hooks = ["pre-hook", "post-hook"]
            .iter()
            .filter_map(|key| node.config.values.get(*key));
        let texts: Vec<String> = hooks.flat_map(hook_texts).collect();
        for text in texts.iter().filter(|text| jinja::is_template(text)) {
            let template = self
                .dialect
                .compile(&node.package, node.path.clone(), text)?;
            let recorded = self.listen(node, &template, &node.config.clone())?;
            node.references.extend(recorded.references);
            for id in recorded.macros {
                if !node.macros.contains(&id) {
                    node.macros.push(id);
                }
            }
        }
        Ok(())
    }
}

/// Returns the statements of a hook as YAML has it: a text, a mapping with `sql`, or a list of those.
fn hook_texts(value: &Value) -> Vec<String> {
    match value {
        Value::Sequence(items, _) => items.iter().flat_map(hook_texts).collect(),
        Value::Mapping(map, _) => map.get("sql").map(hook_texts).unwrap_or_default(),
        value => value
            .as_scalar_string()
            .map(|text| text.into_owned())
            .into_iter()
            .collect(),
    }
}

/// Finds the calls of `ref`, `source` and `metric` in a text.
pub(in crate::compile) fn named_in(text: &str) -> Vec<Reference> {
    #[expect(
        clippy::unwrap_used,
        reason = "the pattern is a constant that a test compiles"
    )]
    static CALL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r#"(?x)\b(ref|source|metric)\(\s*['"]([^'"]+)['"]\s*
            (?:,\s*['"]([^'"]+)['"]\s*)?(?:,\s*(?:v|version)\s*=\s*['"]?([^'")\s]+)['"]?\s*)?\)"#,
        )
        .unwrap()
    });
    let read = |found: regex::Captures<'_>| {
        let word = |group: usize| found.get(group).map(|word| word.as_str().to_owned());
        let version = word(4);
        match (&found[1], word(2), word(3)) {
            ("ref", Some(name), None) => Some(Reference::Ref {
                package: None,
                name,
                version,
            }),
            ("ref", package, Some(name)) => Some(Reference::Ref {
                package,
                name,
                version,
            }),
            ("metric", Some(name), None) => Some(Reference::Metric {
                package: None,
                name,
            }),
            ("metric", package, Some(name)) => Some(Reference::Metric { package, name }),
            (_, Some(source), Some(table)) => Some(Reference::Source { source, table }),
            _ => None,
        }
    };
    CALL.captures_iter(text).filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_found_in_text() {
        let found = named_in("ref('a') {{ ref(\"p\", 'b', v=2) }} source('s', 't') metric('m')");
        let words: Vec<String> = found.iter().map(Reference::to_string).collect();
        assert_eq!(
            words,
            [
                "ref('a')",
                "ref('p', 'b', v='2')",
                "source('s', 't')",
                "metric('m')"
            ]
        );
    }
}
