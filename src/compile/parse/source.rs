//! Nodes of sources.

use std::sync::Arc;

use serde_yaml::{Mapping, Value};

use super::described::Described;
use super::{Parser, Placed, checked, fqn};
use crate::compile::plan::{Node, Resource};
use crate::diagnostic::Result;
use crate::project::{AGED, Source, SourceTable};

impl Parser<'_> {
    pub(super) fn source(
        &self,
        source: &Arc<Source>,
        table: &SourceTable,
        described: &Described<'_>,
    ) -> Result<Vec<Node>> {
        let (source, table) = patched(source, table, described);
        let declared = &table.declared;
        let fqn = fqn(
            &declared.package,
            &self.folders_of(declared),
            &[&source.name, &declared.name],
        );
        let resource = Resource::Source {
            source: source.name.clone(),
            about: source.clone(),
            ingest: table.ingest.clone().map(Box::new),
        };
        let mut node = self.declared_node(declared, resource, fqn);
        let placed = Placed {
            trees: &["sources"],
            package: &declared.package,
            fqn: &node.fqn,
        };
        node.config = self.config(&placed, &[&declared.config]);
        checked::check(&node)?;
        node.id = format!(
            "source.{}.{}.{}",
            declared.package, source.name, declared.name
        );
        let (database, schema) = (source.database.clone(), source.schema.clone());
        let name = table.identifier.clone();
        node.relation = Some(self.namer.placed(database, schema, name));
        self.with_tests(node, Some(declared))
    }
}

/// Lays what another package says of a source (`overrides:`) over it.
fn patched(
    source: &Arc<Source>,
    table: &SourceTable,
    described: &Described<'_>,
) -> (Arc<Source>, SourceTable) {
    let over = described.overriding(&source.package, &source.name, &table.declared.name);
    let Some((over, over_table)) = over else {
        return (source.clone(), table.clone());
    };
    let mut source = Source::clone(source);
    if over.schema != over.name {
        source.schema.clone_from(&over.schema);
    }
    source.database = over.database.clone().or(source.database);
    if !over.description.is_empty() {
        source.description.clone_from(&over.description);
    }
    lay(&mut source.options, &over.options);
    lay(&mut source.config, &over.config);
    let mut table = table.clone();
    lay(&mut table.declared.options, &over.options);
    lay(&mut table.declared.config, &over.config);
    let aged = AGED.into_iter().filter_map(|key| {
        let value = over.options.get(key)?.clone();
        Some((Value::string(key.to_owned()), value))
    });
    lay(&mut table.declared.config, &aged.collect());
    if let Some(over) = over_table {
        let declared = &mut table.declared;
        lay(&mut declared.options, &over.declared.options);
        lay(&mut declared.config, &over.declared.config);
        if !over.declared.description.is_empty() {
            declared.description.clone_from(&over.declared.description);
        }
        if !over.declared.columns.is_empty() {
            declared.columns.clone_from(&over.declared.columns);
        }
        if !over.declared.tests.is_empty() {
            declared.tests.clone_from(&over.declared.tests);
        }
        if over.identifier != over.declared.name {
            table.identifier.clone_from(&over.identifier);
        }
    }
    (Arc::new(source), table)
}

fn lay(under: &mut Mapping, over: &Mapping) {
    for (key, value) in over {
        if key.as_str() != Some("overrides") && *value != Value::null() {
            under.insert(key.clone(), value.clone());
        }
    }
}
