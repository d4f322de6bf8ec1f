//! A unit test as the manifest describes it.

use serde::ser::SerializeMap;
use serde_json::json;

use super::checks;
use super::node::NodeView;
use super::shape::Preset::{Maybe, Null};
use super::shape::Set;
use crate::compile::plan::{Node, Plan, Resource};
use crate::project::{RowFormat, Rows, UnitTest};

impl NodeView<'_> {
    /// Writes what a unit test has before its identity.
    pub(super) fn unit_test<M: SerializeMap>(
        &self,
        map: &mut M,
        test: &UnitTest,
    ) -> Result<(), M::Error> {
        let given: Vec<_> = test
            .given
            .iter()
            .map(|given| {
                let mut rows = fixture(&given.rows);
                rows.shift_insert(0, "input".into(), given.input.as_str().into());
                rows
            })
            .collect();
        map.serialize_entry("model", &test.model)?;
        map.serialize_entry("given", &given)?;
        map.serialize_entry("expect", &fixture(&test.expect))
    }

    /// Writes what a unit test has after its identity.
    pub(super) fn unit_test_rest<M: SerializeMap>(
        &self,
        map: &mut M,
        test: &UnitTest,
    ) -> Result<(), M::Error> {
        let node = self.node;
        let overridden = [&test.macros, &test.vars, &test.env_vars];
        let overrides = overridden
            .iter()
            .any(|part| !part.is_empty())
            .then(|| json!({"macros": test.macros, "vars": test.vars, "env_vars": test.env_vars}));
        let versions = node.options.get("versions");
        let on = under_test(self.plan, node, test);
        let schema = on
            .and_then(|on| on.relation.as_ref())
            .map(|made| &made.schema);
        let version = on.and_then(|on| match &on.resource {
            Resource::Model(model) => model.version.as_ref(),
            _ => None,
        });
        map.serialize_entry("description", &node.description)?;
        map.serialize_entry("overrides", &overrides)?;
        map.serialize_entry("depends_on", &self.depends_on())?;
        self.config(map)?;
        map.serialize_entry("checksum", &checks::unit_test(node, test))?;
        map.serialize_entry("schema", &schema)?;
        self.created(map)?;
        let default = Maybe(&[("include", Null), ("exclude", Null)]);
        map.serialize_entry(
            "versions",
            &Set {
                value: versions,
                default,
            },
        )?;
        map.serialize_entry("version", &version)
    }
}

/// Returns the model that a unit test is of.
pub(super) fn under_test<'a>(plan: &'a Plan, node: &Node, test: &UnitTest) -> Option<&'a Node> {
    let parents = node.parents.iter().map(|index| &plan.nodes[*index]);
    let mut models = parents.filter(|parent| matches!(parent.resource, Resource::Model(_)));
    models.find(|parent| parent.name == test.model)
}

/// Returns a fixture of a unit test as dbt keeps it.
fn fixture(given: &Rows) -> serde_json::Map<String, serde_json::Value> {
    let mut map = serde_json::Map::new();
    map.insert("rows".into(), rows(given));
    map.insert("format".into(), given.format.word().into());
    map.insert("fixture".into(), json!(given.fixture));
    map
}

/// Returns rows of a unit test as dbt keeps them: those of CSV as mappings of texts, and a row that has everything at the top.
pub(super) fn rows(given: &Rows) -> serde_json::Value {
    let mut rows = match given.format {
        RowFormat::Dict => json!(given.dicts),
        RowFormat::Sql => json!(given.text),
        RowFormat::Csv => json!(csv_rows(&given.text)),
    };
    let has_all = |row: &serde_json::Value| {
        let cells = row.as_object().into_iter().flat_map(|row| row.values());
        !cells.into_iter().any(serde_json::Value::is_null)
    };
    if let Some(rows) = rows.as_array_mut()
        && let Some(whole) = rows.iter().position(has_all)
    {
        rows.swap(0, whole);
    }
    rows
}

fn csv_rows(text: &str) -> Vec<serde_json::Map<String, serde_json::Value>> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::Headers)
        .from_reader(text.as_bytes());
    let header = reader.headers().cloned().unwrap_or_default();
    let cell = |cell: &str| match cell {
        "" => serde_json::Value::Null,
        cell => cell.into(),
    };
    let row = |record: csv::StringRecord| {
        let cells = header.iter().zip(record.iter());
        cells
            .map(|(name, text)| (name.to_owned(), cell(text)))
            .collect()
    };
    reader.records().flatten().map(row).collect()
}
