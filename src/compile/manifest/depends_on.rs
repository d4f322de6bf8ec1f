//! What a node depends on, as the manifest says it: nodes, and the macros that it calls.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::edges;
use super::node::NodeView;
use crate::compile::plan::{Node, Resource};

impl NodeView<'_> {
    pub(super) fn depends_on(&self) -> DependsOn<'_> {
        DependsOn(self)
    }
}

/// dbt's two plainest tests.
pub(super) const PLAIN: &[&str] = &["macro.dbt.test_not_null", "macro.dbt.test_unique"];

/// The macros that dbt's materialization of tests calls itself, in order.
const JUDGING: &[&str] = &[
    "macro.dbt.get_limit_subquery_sql",
    "macro.dbt.should_store_failures",
    "macro.dbt.statement",
];

/// Returns the macros that a node calls: of a generic test its own macro first, and of dbt's two plainest nothing else.
pub(super) fn called(node: &Node) -> Vec<&String> {
    let is_test = |id: &&String| {
        id.rsplit('.')
            .next()
            .is_some_and(|name| name.starts_with("test_"))
    };
    let mut called: Vec<&String> = node.macros.iter().collect();
    if matches!(node.resource, Resource::Test(_)) {
        called.sort_by_key(|id| !is_test(id));
        if called
            .first()
            .is_some_and(|id| PLAIN.contains(&id.as_str()))
        {
            called.truncate(1);
        }
    }
    called
}

pub(super) struct DependsOn<'a>(&'a NodeView<'a>);

impl DependsOn<'_> {
    /// Returns the macros that the node is known to call, then those that it and its test's materialization called when they ran.
    fn called(&self) -> Vec<&str> {
        let view = self.0;
        let known = called(view.node).into_iter().map(String::as_str);
        let ran = view.rendered.iter().flat_map(|rendered| &*rendered.macros);
        let judged = match view.was_run && matches!(view.node.resource, Resource::Test(_)) {
            true => JUDGING,
            false => &[],
        };
        let mut called: Vec<&str> = Vec::new();
        for id in known
            .chain(ran.map(String::as_str))
            .chain(judged.iter().copied())
        {
            if !called.contains(&id) {
                called.push(id);
            }
        }
        called
    }
}

impl Serialize for DependsOn<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let NodeView { plan, node, .. } = self.0;
        let called = self.called();
        let parents = edges::parents_of(plan, node);
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("macros", &called)?;
        map.serialize_entry("nodes", &parents)?;
        map.end()
    }
}
