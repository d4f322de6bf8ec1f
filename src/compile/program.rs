//! Models that are programs in Python: their text with what `dbt` is to them, and what they read.

use std::sync::Arc;

use super::adapter::Adapter;
use super::manifest::Rendered;
use super::plan::{Body, Index, Resource};
use super::{Compiled, external, is_ephemeral};
use crate::diagnostic::{Place, Result};
use crate::engine::Relation;
use crate::jinja;

/// The macro that gives a program its `dbt`.
const POSTFIX: &str = "py_script_postfix";

impl Compiled {
    /// Returns the text of a model that is a program in Python.
    #[must_use]
    pub fn program(&self, index: Index) -> Option<&str> {
        let Resource::Model(model) = &self.plan.nodes[index].resource else {
            return None;
        };
        match &model.body {
            Body::Other { language, text } if *language == "python" => Some(text),
            _ => None,
        }
    }

    /// Returns the relations that a program reads, each once; files and ephemeral models are not among them.
    #[must_use]
    pub fn program_inputs(&self, index: Index) -> Vec<Relation> {
        let inputs = self.plan.nodes[index].inputs.values();
        let mut found: Vec<Relation> = inputs
            .filter(|input| {
                let node = &self.plan.nodes[**input];
                !is_ephemeral(node) && external::location(node).is_none()
            })
            .filter_map(|input| self.read_at(*input).cloned())
            .collect();
        found.sort();
        found.dedup();
        found
    }

    /// Returns the text of a node that is no template; behind that of a program comes what `dbt` is to it, so that lines keep
    /// their numbers.
    pub(super) fn untemplated(
        &self,
        (index, text): (Index, &Arc<str>),
        adapter: Option<Arc<dyn Adapter>>,
    ) -> Result<Rendered> {
        if self.program(index).is_none() {
            return Ok(Rendered {
                sql: text.clone(),
                ctes: Arc::new([]),
                macros: Arc::new([]),
                overloads: Arc::new([]),
            });
        }
        let node = &self.plan.nodes[index];
        let globals = self.globals(index, adapter);
        let model = globals.get("model").cloned().unwrap_or_default();
        let globals = Arc::new(globals);
        let postfix = self
            .dialect
            .call(&node.package, POSTFIX, (&[model], &[]), &globals)
            .place(&node.at)?;
        Ok(Rendered {
            sql: format!("{text}\n\n{}", jinja::text(&postfix)).into(),
            ctes: Arc::new([]),
            macros: Arc::new([format!("macro.dbt.{POSTFIX}")]),
            overloads: Arc::new([]),
        })
    }
}
