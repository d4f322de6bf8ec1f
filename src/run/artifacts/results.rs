//! `results` of `on-run-end`: how each node ended, as templates read it.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr};
use minijinja::{Error, State, Value};

use super::ledger::Ledger;
use super::run_results::ResultView;
use crate::compile::manifest::node_json;
use crate::compile::{Compiled, is_ephemeral};
use crate::jinja::{self, Globals};
use crate::run::{NodeResult, Status};

/// A mapping whose `to_dict()` is the mapping as artifacts have it.
#[derive(Debug)]
struct Record {
    seen: Value,
    plain: Value,
}

impl Object for Record {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.seen.as_object()?.get_value(key)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        match self.seen.try_iter() {
            Ok(keys) => Enumerator::Values(keys.collect()),
            Err(_) => Enumerator::Empty,
        }
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "to_dict" => Ok(self.plain.clone()),
            _ => self.seen.call_method(state, method, args),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.seen)
    }
}

/// Adds `results`, `schemas` and `database_schemas` to what a statement of `on-run-end` may name.
pub(in crate::run) fn fill(
    globals: &mut Globals,
    compiled: &Compiled,
    (results, ledger): (&[NodeResult], &Ledger),
) {
    let view = |result: &NodeResult| record(compiled, result, ledger);
    globals.insert("results", jinja::list(results.iter().map(view)));
    let mut built = BTreeSet::new();
    for result in results {
        let node = &compiled.plan.nodes[result.node];
        let is_built = matches!(result.status, Status::Success | Status::Warn);
        let relation = node.relation.as_ref();
        let relation = relation.filter(|_| is_built && node.resource.is_referable());
        if let Some(relation) = relation.filter(|_| !is_ephemeral(node)) {
            let database = relation.database.as_ref();
            let database = database.unwrap_or(&compiled.about.database);
            built.insert((database.clone(), relation.schema.clone()));
        }
    }
    let schemas: BTreeSet<&String> = built.iter().map(|(_, schema)| schema).collect();
    globals.insert("schemas", jinja::list(schemas.into_iter().map(Value::from)));
    let pairs = built.iter().map(|(database, schema)| {
        Value::from_iter([database, schema].map(|part| Value::from(part.as_str())))
    });
    globals.insert("database_schemas", jinja::list(pairs));
}

fn record(compiled: &Compiled, result: &NodeResult, ledger: &Ledger) -> Value {
    let view = ResultView {
        compiled,
        node: &compiled.plan.nodes[result.node],
        entry: ledger.entry(result.node),
        result,
    };
    let mut json = serde_json::to_value(&view).unwrap_or_default();
    if let Some(map) = json.as_object_mut() {
        for key in ["unique_id", "compiled", "compiled_code", "relation_name"] {
            map.remove(key);
        }
    }
    let node = jinja::from_json(&node_json(compiled, result.node, ledger));
    let node = Value::from_object(Record {
        seen: node.clone(),
        plain: node,
    });
    let with = |timing: Option<Value>| {
        let plain = jinja::from_json(&json);
        let keys = plain.try_iter().into_iter().flatten();
        let mut entries: Vec<(Value, Value)> = keys
            .filter_map(|key| Some((key.clone(), plain.get_item(&key).ok()?)))
            .collect();
        entries.push((Value::from("node"), node.clone()));
        entries.push((Value::from("agate_table"), Value::from(())));
        entries.extend(timing.map(|timing| (Value::from("timing"), timing)));
        jinja::dict(entries)
    };
    let moment = |at: jiff::Timestamp| {
        let local = at.to_zoned(jiff::tz::TimeZone::UTC).datetime();
        jinja::modules::datetime::datetime(local)
    };
    let steps = view.steps().into_iter().enumerate();
    let steps = steps.map(|(index, (name, from, to))| {
        let seen = [
            ("name", Value::from(name)),
            ("started_at", moment(from)),
            ("completed_at", moment(to)),
        ];
        Value::from_object(Record {
            seen: jinja::dict(seen),
            plain: jinja::from_json(&json["timing"][index]),
        })
    });
    Value::from_object(Record {
        seen: with(Some(jinja::list(steps))),
        plain: with(None),
    })
}
