//! What references print as: the relations of what they mean, of all sources beside those that a node names.

use std::sync::Arc;

use minijinja::Value;

use super::plan::{Index, Node, Resource};
use super::relation::RelationObject;
use super::said::Sources;
use super::{Batch, Compiled, ephemeral, external, is_ephemeral, period};
use crate::engine::Relation;
use crate::project::nodes::Reference;

impl Compiled {
    /// Returns the relation that readers of a node read: its own, or the one it is deferred to.
    pub(super) fn read_at(&self, index: Index) -> Option<&Relation> {
        let own = self.plan.nodes[index].relation.as_ref();
        self.deferred.get(&index).or(own)
    }

    /// Returns what references to sources print as, of all packages; of two of one name that of the project itself, or the first.
    pub(super) fn sources(&self) -> Arc<Sources> {
        let known = || {
            let mut known = Sources::new();
            for (index, node) in self.plan.nodes.iter().enumerate() {
                let Resource::Source { source, .. } = &node.resource else {
                    continue;
                };
                let reference = Reference::Source {
                    source: source.clone(),
                    table: node.name.clone(),
                };
                if node.package == self.root || !known.contains_key(&reference) {
                    known.insert(reference, self.printed(index, None, None));
                }
            }
            Arc::new(known)
        };
        self.sources.get_or_init(known).clone()
    }

    /// Returns what a reference to a node prints as where `reader` reads it: its relation, or the name of its common table
    /// expression.
    pub(super) fn printed(
        &self,
        index: Index,
        reader: Option<&Node>,
        batch: Option<&Batch>,
    ) -> Value {
        let node = &self.plan.nodes[index];
        let filter = reader.and_then(|reader| period::filter((self.sample, batch), reader, node));
        let object = match self.read_at(index) {
            _ if is_ephemeral(node) => RelationObject::ephemeral(&ephemeral::name(node)),
            Some(relation) => RelationObject::new(relation)
                .with_external(external::location(node))
                .with_quoting(node.quoted),
            None => RelationObject::new(&Relation::new("", &node.name)),
        };
        match &node.resource {
            Resource::Function(_) => Value::from_object(object),
            _ => Value::from_object(object.with_time_filter(filter).with_limit(self.limit)),
        }
    }
}
