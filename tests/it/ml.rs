//! Training on a real warehouse: tables in, predictions and records out.

use std::path::Path;

use arrow::util::display::array_value_to_string;
use wh::diagnostic::At;
use wh::engine::{DuckDb, Engine, RecordBatch, Relation, Session, Settings, fetch};
use wh::ml::{Outcome, Request, train};
use wh::project::nodes::{MlModel, Reference};
use wh::project::yaml;

/// Two groups of ten customers each, one that buys about 100 and one that buys about 1,000.
const CUSTOMERS: &str = "create table customers as
    select 'C' || lpad(i::varchar, 2, '0') as id,
        cast(case when i % 2 = 0 then 1000 + i else 100 + i end as decimal(10, 2)) as amount,
        i % 5 as visits
    from range(20) as t(i)";

const OPTIONS: &str = "{preprocess: [{scale: minmax}], params: {k: 2}, label: {rank_by: amount, names: [VIP, Non-VIP]}}";

fn warehouse(setup: &str) -> Box<dyn Session> {
    let engine = DuckDb::open(&Settings {
        path: ":memory:".into(),
        ..Settings::default()
    })
    .unwrap();
    let mut session = engine.connect().unwrap();
    session.execute(setup).unwrap();
    session
}

fn model(options: &str) -> MlModel {
    let file = Path::new("models/ml.yml");
    let mapping = yaml::parse(file, options).unwrap();
    MlModel {
        name: "vips".into(),
        algorithm: Some("kmeans".into()),
        score: None,
        from: Reference::Ref {
            package: None,
            name: "customers".into(),
            version: None,
        },
        key: vec!["id".into()],
        features: vec!["amount".into(), "visits".into()],
        options: mapping.as_mapping().unwrap().clone(),
        at: At::new(file, 3, 5),
    }
}

fn train_in(session: &mut dyn Session, model: &MlModel) -> anyhow::Result<Outcome> {
    let (input, output) = (
        Relation::new("main", "customers"),
        Relation::new("scores", "vips"),
    );
    train(
        session,
        &Request {
            model,
            input: &input,
            score: None,
            data_version: None,
            output: &output,
            now: 1_700_000_000_000_000,
        },
    )
}

fn failure(session: &mut dyn Session, model: &MlModel) -> String {
    match train_in(session, model) {
        Ok(_) => "no error".into(),
        Err(err) => err.to_string(),
    }
}

/// All rows as text, `|` between values.
fn rows(session: &mut dyn Session, sql: &str) -> Vec<String> {
    let batch: RecordBatch = fetch(session, sql, &[]).unwrap();
    (0..batch.num_rows())
        .map(|row| {
            let cells = batch
                .columns()
                .iter()
                .map(|column| array_value_to_string(column, row).unwrap());
            cells.collect::<Vec<_>>().join("|")
        })
        .collect()
}

#[test]
fn predictions_are_a_table_with_key_features_cluster_label_and_distance() {
    let mut session = warehouse(CUSTOMERS);
    let outcome = train_in(session.as_mut(), &model(OPTIONS)).unwrap();
    assert_eq!(outcome.rows, 20);
    assert!(
        outcome.summary.starts_with("VIP 10, Non-VIP 10; inertia "),
        "{}",
        outcome.summary
    );
    let described =
        "select string_agg(column_name || ' ' || data_type, ', ' order by ordinal_position)
        from information_schema.columns where table_schema = 'scores'";
    let expected = "id VARCHAR, amount DECIMAL(10,2), visits BIGINT, cluster INTEGER, label VARCHAR, distance DOUBLE";
    assert_eq!(rows(session.as_mut(), described), [expected]);
    let wrong = "select count(*) from scores.vips
        where label <> case when amount >= 1000 then 'VIP' else 'Non-VIP' end or cluster <> (amount < 1000)::int";
    assert_eq!(rows(session.as_mut(), wrong), ["0"]);
}

#[test]
fn what_was_learnt_is_recorded_and_agrees_with_the_predictions() {
    let mut session = warehouse(CUSTOMERS);
    for _ in 0..2 {
        train_in(session.as_mut(), &model(OPTIONS)).unwrap();
    }
    let models = "select model, algorithm, n_rows, seed, params ->> 'n_init', (trained_at at time zone 'UTC')::varchar from wh.ml_models";
    assert_eq!(
        rows(session.as_mut(), models),
        ["vips|kmeans|20|42|10|2023-11-14 22:13:20"]
    );
    let inertia = "select abs(value - (select sum(distance * distance) from scores.vips)) < 1e-12
        from wh.ml_metrics where metric = 'inertia'";
    assert_eq!(rows(session.as_mut(), inertia), ["true"]);
    let silhouette =
        "select value between 0.5 and 1 from wh.ml_metrics where metric = 'silhouette'";
    assert_eq!(rows(session.as_mut(), silhouette), ["true"]);
    let centers =
        "select cluster, label, size, feature, round(center, 6) from wh.ml_clusters order by 1, 4";
    let means = "select cluster, label, count(*), 'amount', round(avg(amount)::double, 6) from scores.vips group by 1, 2
        union all select cluster, label, count(*), 'visits', round(avg(visits), 6) from scores.vips group by 1, 2
        order by 1, 4";
    assert_eq!(
        rows(session.as_mut(), centers),
        rows(session.as_mut(), means)
    );
}

#[test]
fn the_order_of_the_rows_does_not_matter() {
    let table = "create table customers as select i as id, hash(i) % 1000 as amount, hash(i + 7) % 10 as visits from range(20000) t(i)";
    let everything = "select * from scores.vips order by id";
    let (metrics, clusters) = (
        "select * from wh.ml_metrics order by metric",
        "select * from wh.ml_clusters order by cluster, feature",
    );
    let mut results = Vec::new();
    for order in ["id", "hash(id)", "id desc"] {
        let mut session = warehouse(&format!("{table} order by {order}"));
        train_in(session.as_mut(), &model("{params: {k: 3, n_init: 2}}")).unwrap();
        results.push([everything, metrics, clusters].map(|sql| rows(session.as_mut(), sql)));
    }
    assert_eq!(results[0][0].len(), 20_000);
    assert!(results[0] == results[1] && results[0] == results[2]);
}

#[test]
fn a_failed_training_leaves_the_last_one_as_it_was() {
    let mut session = warehouse(CUSTOMERS);
    train_in(session.as_mut(), &model(OPTIONS)).unwrap();
    let before = rows(session.as_mut(), "select * from scores.vips order by id");
    session
        .execute("insert into customers values ('C99', null, 3)")
        .unwrap();
    train_in(session.as_mut(), &model(OPTIONS)).unwrap_err();
    assert_eq!(
        rows(session.as_mut(), "select * from scores.vips order by id"),
        before
    );
    assert_eq!(
        rows(session.as_mut(), "select count(*) from wh.ml_models"),
        ["1"]
    );
}

#[test]
fn rows_that_nothing_can_be_learnt_from_are_counted_and_the_first_is_named() {
    for (rows, expected) in [
        (
            "('C98', null, 1), ('C97', null, 1)",
            "2 rows of `customers` without a finite value in `amount`\n  --> models/ml.yml:3:5\n  the first is id C97\nhint: leave such rows out of `customers`, or fill the gap there, for example with `coalesce(amount, 0)`",
        ),
        (
            "(null, 1, 1)",
            "1 row of `customers` without a finite value in `id`\n  --> models/ml.yml:3:5\nhint: leave such rows out of `customers`",
        ),
        (
            "('C01', 1, 1), ('C00', 1, 1)",
            "`customers` has more than one row for 2 of its keys (id)\n  --> models/ml.yml:3:5\n  the first is C00\nhint: make the rows of `customers` unique by id, or choose another `key`",
        ),
    ] {
        let mut session = warehouse(&format!("{CUSTOMERS}; insert into customers values {rows}"));
        assert_eq!(failure(session.as_mut(), &model(OPTIONS)), expected);
    }
    let mut session =
        warehouse("create table customers as select 1 as id, 'nan'::double as amount, 2 as visits");
    let found = failure(session.as_mut(), &model(OPTIONS));
    assert!(
        found.starts_with("1 row of `customers` without a finite value in `amount`"),
        "{found}"
    );
}

#[test]
fn fewer_rows_than_clusters_are_refused() {
    for (rows, said) in [(0, "0 rows"), (1, "1 row")] {
        let mut session = warehouse(&format!(
            "create table customers as select i as id, i as amount, i as visits from range({rows}) t(i)"
        ));
        let expected = format!(
            "`customers` has {said}, fewer than the 2 clusters of `k`\n  --> models/ml.yml:3:5"
        );
        assert_eq!(failure(session.as_mut(), &model(OPTIONS)), expected);
    }
}

#[test]
fn a_declaration_that_does_not_fit_the_table_is_answered_with_its_place() {
    let change = |with: &dyn Fn(&mut MlModel)| {
        let mut changed = model(OPTIONS);
        with(&mut changed);
        changed
    };
    let cases: [(MlModel, &str); 6] = [
        (
            change(&|model| model.algorithm = Some("kmean".into())),
            "ml model `vips` asks for the algorithm `kmean`, which is none\n  --> models/ml.yml:3:5\nhint: did you mean `kmeans`?",
        ),
        (
            change(&|model| model.features[1] = "visit".into()),
            "`customers` has no column `visit`, which ml model `vips` reads\n  --> models/ml.yml:3:5\nhint: did you mean `visits`?",
        ),
        (
            change(&|model| model.features[1] = "name".into()),
            "feature `name` of ml model `vips` is Utf8, no number\n  --> models/ml.yml:3:5\nhint: cast or encode it in `customers`, or take it out of `features`",
        ),
        (
            change(&|model| model.features[1] = "amount".into()),
            "ml model `vips` names `amount` twice in `key` and `features`\n  --> models/ml.yml:3:5",
        ),
        (
            change(&|model| model.features.clear()),
            "ml model `vips` has no `features`\n  --> models/ml.yml:3:5",
        ),
        (
            change(&|model| model.features[1] = "label".into()),
            "ml model `vips` reads a column `label`, the name of a column of its result\n  --> models/ml.yml:3:5\nhint: give it another name in `customers`",
        ),
    ];
    let mut session = warehouse(&format!(
        "{CUSTOMERS}; alter table customers add column name varchar; alter table customers add column label int"
    ));
    for (model, expected) in cases {
        assert_eq!(failure(session.as_mut(), &model), expected);
    }
}

#[test]
fn a_constant_feature_is_left_without_effect_and_said_so() {
    let mut session = warehouse(CUSTOMERS);
    session.execute("update customers set visits = 3").unwrap();
    let outcome = train_in(session.as_mut(), &model(OPTIONS)).unwrap();
    let note = "`visits` is the same in every row and so left without effect";
    assert!(outcome.summary.ends_with(note), "{}", outcome.summary);
    assert_eq!(
        rows(
            session.as_mut(),
            "select distinct center from wh.ml_clusters where feature = 'visits'"
        ),
        ["3.0"]
    );
}

#[test]
fn keys_of_several_columns_odd_names_and_every_kind_of_number_are_taken() {
    let mut session = warehouse(
        "create table customers as
        select i // 10 as \"a \"\"b\", date '2024-01-01' + (i % 10)::int as day, (i >= 50) as \"is big\", sum(i)::hugeint as n, i::float as f
        from range(100) t(i) group by i",
    );
    let mut odd = model("{params: {k: 2}, label: {rank_by: f, names: [it's, 'o\"her']}}");
    odd.key = vec!["a \"b".into(), "day".into()];
    odd.features = vec!["is big".into(), "n".into(), "f".into()];
    train_in(session.as_mut(), &odd).unwrap();
    let found = "select label, count(*), min(n), count(distinct (\"a \"\"b\", day)) from scores.vips group by label order by min(n)";
    assert_eq!(
        rows(session.as_mut(), found),
        ["o\"her|50|0|50", "it's|50|50|50"]
    );
}

/// More rows than one of DuckDB's row groups, on a file, read by another connection of the same process.
#[test]
fn many_predictions_are_there_for_everybody_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.duckdb");
    let engine = DuckDb::open(&Settings {
        path,
        ..Settings::default()
    })
    .unwrap();
    let setup = CUSTOMERS.replace("range(20)", "range(200_000)");
    let setup = setup.replace(", 2, '0')", ", 6, '0')");
    let mut session = engine.connect().unwrap();
    session.execute(&setup).unwrap();
    train_in(session.as_mut(), &model(OPTIONS)).unwrap();
    let mut other = engine.connect().unwrap();
    let found =
        "select count(*), count(distinct id) from scores.vips where label in ('VIP', 'Non-VIP')";
    assert_eq!(rows(other.as_mut(), found), ["200000|200000"]);
}
