//! Ephemeral models become common table expressions of those that read them.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use super::adapter::Adapter;
use super::manifest::Rendered;
use super::plan::{Body, Index, Node, Resource};
use super::{Compiled, is_ephemeral, template};
use crate::diagnostic::Result;
use crate::jinja::Macro;

/// The context of an error that lies in an ephemeral model, as one that reads it meets it; holds the model's name.
#[derive(Debug)]
pub struct InEphemeral(pub String);

impl fmt::Display for InEphemeral {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the ephemeral model `{}` cannot be rendered", self.0)
    }
}

/// Returns the name of the common table expression that stands for an ephemeral model.
pub(super) fn name(node: &Node) -> String {
    let alias = node.relation.as_ref().map(|relation| &relation.name);
    format!("__dbt__cte__{}", alias.unwrap_or(&node.name))
}

/// Writes an ephemeral model as a common table expression.
pub(super) fn expression(name: &str, sql: &str) -> String {
    format!(" {name} as (\n{sql}\n)")
}

impl Compiled {
    /// Puts the ephemeral models that a node reads before its SQL.
    pub(super) fn with_ephemeral(
        &self,
        node: &Node,
        (body, called): (&str, &[Arc<Macro>]),
        adapter: Option<&Arc<dyn Adapter>>,
    ) -> Result<Rendered> {
        let body = match &node.resource {
            // As at the end of a file, one line end is none of the text.
            Resource::Snapshot(_) => body.strip_suffix('\n').unwrap_or(body),
            _ => body,
        };
        let mut ctes = Vec::new();
        self.collect(node, adapter, &mut BTreeSet::new(), &mut ctes)?;
        let named: Vec<(String, &str)> = ctes
            .iter()
            .map(|(index, sql): &(Index, Arc<str>)| (name(&self.plan.nodes[*index]), &**sql))
            .collect();
        Ok(Rendered {
            sql: inject(body, &named).into(),
            ctes: ctes.into(),
            macros: called.iter().map(|called| called.id()).collect(),
            overloads: self.overloads(node, adapter)?,
        })
    }

    /// Renders the overloads of a function; nothing of another node.
    fn overloads(
        &self,
        node: &Node,
        adapter: Option<&Arc<dyn Adapter>>,
    ) -> Result<Arc<[Arc<str>]>> {
        let Resource::Function(function) = &node.resource else {
            return Ok(Arc::new([]));
        };
        if function.overloads.is_empty() {
            return Ok(Arc::new([]));
        }
        let globals = Arc::new(self.globals_of(node, adapter.cloned()));
        let texts = function.overloads.iter().map(|body| match body {
            Body::Sql(template) => Ok(self.dialect.render(template, &globals)?.into()),
            Body::Other { text, .. } => Ok(text.clone()),
        });
        texts.collect()
    }

    /// Gathers the ephemeral models that a node reads, inputs first.
    fn collect(
        &self,
        of: &Node,
        adapter: Option<&Arc<dyn Adapter>>,
        seen: &mut BTreeSet<Index>,
        ctes: &mut Vec<(Index, Arc<str>)>,
    ) -> Result<()> {
        for input in of.inputs.values() {
            let node = &self.plan.nodes[*input];
            if is_ephemeral(node) && seen.insert(*input) {
                self.collect(node, adapter, seen, ctes)?;
                let Some(template) = template(node) else {
                    continue;
                };
                let globals = Arc::new(self.globals(*input, adapter.cloned()));
                let sql = self.dialect.render(template, &globals);
                let sql = sql.map_err(|err| err.context(InEphemeral(node.name.clone())))?;
                ctes.push((*input, sql.into()));
            }
        }
        Ok(())
    }
}

/// Puts `ctes` (name, SQL), inputs first, before the expressions `sql` has already.
pub(super) fn inject(sql: &str, ctes: &[(String, &str)]) -> String {
    if ctes.is_empty() {
        return sql.into();
    }
    let parts = ctes.iter().map(|(name, body)| expression(name, body));
    let parts = parts.collect::<Vec<_>>().join(", ");
    let rest = after_comments(sql);
    let after = keyword(rest, "with").map(|after| {
        let recursive = keyword(after.trim_start(), "recursive");
        recursive.unwrap_or(after)
    });
    match after {
        None => {
            let text = sql.trim_start();
            let space = &sql[..sql.len() - text.len()];
            format!("{space}with{parts} {text}")
        }
        Some(after) => {
            let rest = after.trim_start();
            let before = &sql[..sql.len() - rest.len()];
            format!("{before}{parts}, {rest}")
        }
    }
}

/// Returns what follows `word`, when `sql` begins with it as a whole word.
fn keyword<'a>(sql: &'a str, word: &str) -> Option<&'a str> {
    let head = sql.get(..word.len())?;
    let rest = &sql[word.len()..];
    let whole = rest.starts_with(|c: char| !c.is_alphanumeric() && c != '_');
    (head.eq_ignore_ascii_case(word) && whole).then_some(rest)
}

fn after_comments(sql: &str) -> &str {
    let mut rest = sql.trim_start();
    loop {
        let after = if rest.starts_with("--") {
            rest.split_once('\n').map_or("", |(_, after)| after)
        } else if rest.starts_with("/*") {
            rest.split_once("*/").map_or("", |(_, after)| after)
        } else {
            return rest;
        };
        rest = after.trim_start();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_come_before_those_a_query_has() {
        let ctes = [("a".to_owned(), "select 1")];
        assert_eq!(
            inject("\nselect * from a", &ctes),
            "\nwith a as (\nselect 1\n) select * from a"
        );
        assert_eq!(
            inject("-- why\nWITH b as (select 2) select * from a", &ctes),
            "-- why\nWITH  a as (\nselect 1\n), b as (select 2) select * from a"
        );
        assert_eq!(
            inject("with recursive b as (select 2) select 1", &ctes),
            "with recursive  a as (\nselect 1\n), b as (select 2) select 1"
        );
        assert_eq!(
            inject("-- x\nwith_x", &ctes),
            "with a as (\nselect 1\n) -- x\nwith_x"
        );
    }
}
