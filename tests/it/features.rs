//! Feature views and training sets on a real warehouse, held against a naive computation.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use proptest::prelude::*;
use wh::compile::{self, Compiled, Invocation, Listener, YamlRenderer};
use wh::engine::{DuckDb, Engine, EntryKind, Relation, Session, Settings, fetch};
use wh::features;
use wh::project::{Overrides, Project, load};

use super::scratch::Scratch;

const VIEWS: &str = "
feature_views:
  - name: activity
    entity: customer_id
    from: source('shop', 'months')
    timestamp: known_at
    created: loaded_at
    ttl: 10h
    features: [n_orders]
  - name: support
    entity: customer_id
    from: source('shop', 'weeks')
    timestamp: known_at
    features: [n_tickets]
sources:
  - {name: shop, schema: main, tables: [{name: months}, {name: weeks}, {name: labels}]}
";

const TRAINING: &str =
    "{{ training_set(labels=source('shop', 'labels'), entity='customer_id', timestamp='asked_at',
    features=['activity:n_orders', 'support:*']) }}";

/// A row of a view's source: customer, hour it became known, hour it was written, value.
type Known = (i64, i64, i64, Option<i64>);

/// A label: customer, hour it asks for.
type Label = (Option<i64>, Option<i64>);

/// Hours a value of `activity` is good for; as in [`VIEWS`].
const TTL: i64 = 10;

fn project() -> (Project, Compiled) {
    let scratch = Scratch::empty();
    scratch.write("wh.yml", "name: shop");
    scratch.write("models/views.yml", VIEWS);
    scratch.write("models/training.sql", TRAINING);
    let renderer = YamlRenderer::new().unwrap();
    let project = load(&scratch.path("."), &Overrides::default(), &renderer).unwrap();
    let invocation = Invocation {
        id: "test".into(),
        started_at: jiff::Timestamp::UNIX_EPOCH,
        full_refresh: false,
        flags: wh::compile::Flags::default(),
        command: "test".into(),
        listener: Listener(Arc::new(|_, _| {})),
    };
    let compiled = compile::compile(&project, &invocation).unwrap();
    (project, compiled)
}

fn warehouse(months: &[Known], weeks: &[Known], labels: &[Label]) -> Box<dyn Session> {
    let engine = DuckDb::open(&Settings {
        path: ":memory:".into(),
        ..Settings::default()
    })
    .unwrap();
    let mut session = engine.connect().unwrap();
    let number = |value: Option<i64>| value.map_or("null".into(), |value| value.to_string());
    let time = |hour: i64| format!("timestamp '2024-01-01' + interval '{hour} hours'");
    let mut script = String::from(
        "create table months (customer_id bigint, known_at timestamp, loaded_at timestamp, n_orders bigint);
         create table weeks (customer_id bigint, known_at timestamp, n_tickets bigint);
         create table labels (label bigint, customer_id bigint, asked_at timestamp);",
    );
    for (customer, known, loaded, value) in months {
        let (known, loaded, value) = (time(*known), time(*loaded), number(*value));
        script += &format!("insert into months values ({customer}, {known}, {loaded}, {value});");
    }
    for (customer, known, _, value) in weeks {
        let (known, value) = (time(*known), number(*value));
        script += &format!("insert into weeks values ({customer}, {known}, {value});");
    }
    for (label, (customer, asked)) in labels.iter().enumerate() {
        let asked = asked.map_or("null".into(), time);
        let customer = number(*customer);
        script += &format!("insert into labels values ({label}, {customer}, {asked});");
    }
    session.execute(&script).unwrap();
    session
}

fn build(session: &mut dyn Session, project: &Project) {
    for (_, view) in project.feature_views() {
        let table = if view.name == "activity" {
            "months"
        } else {
            "weeks"
        };
        let request = features::Request {
            view,
            tags: &[],
            input: &Relation::new("main", table),
            output: &Relation::new("main", &view.name),
            kind: EntryKind::Table,
            existing: None,
            now: jiff::Timestamp::UNIX_EPOCH,
        };
        features::build(session, &request).unwrap();
    }
}

/// Returns label, n_orders and n_tickets of each row of the training set.
fn training_set(
    session: &mut dyn Session,
    compiled: &Compiled,
) -> Vec<(i64, Option<i64>, Option<i64>)> {
    let nodes = &compiled.plan.nodes;
    let index = nodes
        .iter()
        .position(|node| node.name == "training")
        .unwrap();
    let sql = compiled.sql(index, None).unwrap();
    let sql = format!("select label, n_orders, n_tickets from ({sql}) order by label");
    let rows = fetch(session, &sql, &[]).unwrap();
    let column = |at: usize| {
        let numbers = rows.column(at).as_primitive::<Int64Type>().iter();
        numbers.collect::<Vec<_>>()
    };
    let (labels, orders, tickets) = (column(0), column(1), column(2));
    let rows = labels.into_iter().zip(orders).zip(tickets);
    rows.map(|((label, orders), tickets)| (label.unwrap(), orders, tickets))
        .collect()
}

/// What was known of a customer at a time, by looking at every row.
fn naive(history: &[Known], label: Label, ttl: Option<i64>) -> Option<i64> {
    let (customer, asked) = (label.0?, label.1?);
    let seen = history
        .iter()
        .filter(|row| row.0 == customer && row.1 <= asked);
    let latest = seen.max_by_key(|row| (row.1, row.2))?;
    match ttl {
        Some(ttl) if latest.1 < asked - ttl => None,
        _ => latest.3,
    }
}

/// Rows that differ in what tells them apart.
fn history(with_created: bool) -> impl Strategy<Value = Vec<Known>> {
    let row = (
        0..4_i64,
        0..40_i64,
        0..3_i64,
        proptest::option::of(0..1000_i64),
    );
    proptest::collection::vec(row, 0..30).prop_map(move |rows| {
        let key = |row: &Known| (row.0, row.1, if with_created { row.2 } else { 0 });
        let unique: BTreeMap<_, _> = rows.into_iter().map(|row| (key(&row), row)).collect();
        unique.into_values().collect()
    })
}

fn labels() -> impl Strategy<Value = Vec<Label>> {
    let label = (
        proptest::option::weighted(0.95, 0..5_i64),
        proptest::option::weighted(0.95, -2..60_i64),
    );
    proptest::collection::vec(label, 0..20)
}

#[test]
fn no_training_row_sees_a_value_later_than_its_label() {
    let (project, compiled) = project();
    let config = ProptestConfig {
        cases: 48,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(months in history(true), weeks in history(false), labels in labels())| {
        let mut session = warehouse(&months, &weeks, &labels);
        build(&mut *session, &project);
        let expected: Vec<_> = (0..).zip(&labels).map(|(n, label)| {
            (n, naive(&months, *label, Some(TTL)), naive(&weeks, *label, None))
        }).collect();
        prop_assert_eq!(training_set(&mut *session, &compiled), expected);
    });
}

#[test]
fn a_value_written_after_the_label_changes_nothing() {
    let (project, compiled) = project();
    let before = [(1, 5, 5, Some(50)), (1, 9, 9, Some(90))];
    let labels = [(Some(1), Some(9)), (Some(1), Some(8)), (Some(1), Some(4))];
    let with = |rows: &[Known]| {
        let mut session = warehouse(rows, rows, &labels);
        build(&mut *session, &project);
        training_set(&mut *session, &compiled)
    };
    let late = [
        before.as_slice(),
        &[(1, 10, 10, Some(-1)), (1, 30, 30, Some(-2))],
    ]
    .concat();
    let known = [
        (0, Some(90), Some(90)),
        (1, Some(50), Some(50)),
        (2, None, None),
    ];
    assert_eq!(with(&before), known);
    assert_eq!(with(&late), known);
}
