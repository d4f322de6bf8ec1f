//! `catalog.json`: what the warehouse says of the relations of the plan.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Int64Type};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::json;

use super::Header;
use crate::compile::{Compiled, Index, Node, Resource, is_ephemeral};
use crate::diagnostic::Result;
use crate::engine::{RecordBatch, Session, fetch};

/// Database, schema and name in lower case: what relations are found by.
type Key = [String; 3];

/// A relation of the warehouse.
struct Table {
    /// Database, schema and name as the warehouse has them.
    place: Key,
    kind: String,
    comment: Option<String>,
    columns: Vec<Column>,
}

struct Column {
    name: String,
    index: i64,
    kind: String,
    comment: Option<String>,
}

/// The whole file, as serde writes it.
pub(super) struct Catalog<'a> {
    compiled: &'a Compiled,
    nodes: BTreeMap<&'a str, &'a Table>,
    sources: BTreeMap<&'a str, &'a Table>,
}

/// The relations of a warehouse by where they are.
#[derive(Default)]
pub(super) struct Tables(HashMap<Key, Table>);

impl Tables {
    /// Reads all of them.
    pub(super) fn read(session: &mut dyn Session) -> Result<Self> {
        let rows = fetch(session, include_str!("catalog.sql"), &[])?;
        let text = |column: usize, row: usize| text(&rows, column, row);
        let index = arrow::compute::cast(rows.column(6), &DataType::Int64)?;
        let index = index.as_primitive::<Int64Type>();
        let mut tables: HashMap<Key, Table> = HashMap::new();
        for row in 0..rows.num_rows() {
            let place = [0, 1, 2].map(|column| text(column, row).unwrap_or_default());
            let key = place.clone().map(|part| part.to_lowercase());
            let table = tables.entry(key).or_insert_with(|| Table {
                place,
                kind: text(3, row).unwrap_or_default(),
                comment: text(4, row),
                columns: Vec::new(),
            });
            table.columns.push(Column {
                name: text(5, row).unwrap_or_default(),
                index: index.value(row),
                kind: text(7, row).unwrap_or_default(),
                comment: text(8, row),
            });
        }
        Ok(Self(tables))
    }

    /// Finds the relations of the plan's nodes and sources, or of `only` those.
    pub(super) fn catalog<'a>(
        &'a self,
        compiled: &'a Compiled,
        only: Option<&BTreeSet<Index>>,
    ) -> Catalog<'a> {
        let mut catalog = Catalog {
            compiled,
            nodes: BTreeMap::new(),
            sources: BTreeMap::new(),
        };
        for (index, node) in compiled.plan.nodes.iter().enumerate() {
            if only.is_some_and(|only| !only.contains(&index)) {
                continue;
            }
            let Some(table) = self.of(compiled, node) else {
                continue;
            };
            match node.resource {
                Resource::Source { .. } => catalog.sources.insert(&node.id, table),
                _ => catalog.nodes.insert(&node.id, table),
            };
        }
        catalog
    }

    fn of(&self, compiled: &Compiled, node: &Node) -> Option<&Table> {
        let relation = node.relation.as_ref().filter(|_| !is_ephemeral(node))?;
        let database = relation.database.as_ref();
        let database = database.unwrap_or(&compiled.about.database);
        let key = [database, &relation.schema, &relation.name];
        self.0.get(&key.map(|part| part.to_lowercase()))
    }
}

fn text(rows: &RecordBatch, column: usize, row: usize) -> Option<String> {
    let cells = arrow::compute::cast(rows.column(column), &DataType::Utf8).ok()?;
    let cells = cells.as_string::<i32>();
    (!cells.is_null(row)).then(|| cells.value(row).to_owned())
}

impl Serialize for Catalog<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let views = |tables: &BTreeMap<&str, &Table>| -> serde_json::Map<_, _> {
            let view = |(id, table): (&&str, &&Table)| ((*id).to_owned(), view(id, table));
            tables.iter().map(view).collect()
        };
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("metadata", &Header(&self.compiled.about, "catalog/v1"))?;
        map.serialize_entry("nodes", &views(&self.nodes))?;
        map.serialize_entry("sources", &views(&self.sources))?;
        map.serialize_entry("errors", &())?;
        map.end()
    }
}

fn view(id: &str, table: &Table) -> serde_json::Value {
    let [database, schema, name] = &table.place;
    let column = |column: &Column| {
        let view = json!({
            "type": column.kind,
            "index": column.index,
            "name": column.name,
            "comment": column.comment,
        });
        (column.name.clone(), view)
    };
    let columns: serde_json::Map<_, _> = table.columns.iter().map(column).collect();
    json!({
        "metadata": {
            "type": table.kind,
            "schema": schema,
            "name": name,
            "database": database,
            "comment": table.comment,
            "owner": null,
        },
        "columns": columns,
        "stats": {
            "has_stats": {
                "id": "has_stats",
                "label": "Has Stats?",
                "value": false,
                "include": false,
                "description": "Indicates whether there are statistics for this table",
            },
        },
        "unique_id": id,
    })
}
