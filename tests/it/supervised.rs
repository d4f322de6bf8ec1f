//! Learning a target on a real warehouse: what is learnt from, what is kept, what is refused.

use std::path::Path;

use arrow::util::display::array_value_to_string;
use wh::diagnostic::At;
use wh::engine::{DuckDb, Engine, Relation, Session, Settings, fetch};
use wh::ml::{Outcome, Request, prepare, train};
use wh::project::nodes::{MlModel, Reference};
use wh::project::yaml;

const CUSTOMERS: &str = "create table customers as
    select i as id, (i * 7919) % 61 as tenure, ['month', 'year'][1 + (i * 104729) % 2] as contract,
        case when (i * 15485863) % 100 < case when (i * 7919) % 61 < 20 then 80 else 15 end then 'yes' else 'no' end as churned,
        case when i % 5 = 0 then 'test' else 'train' end as split
    from range(400) t(i)";

const OPTIONS: &str = "{target: churned, split: {column: split}, cross_validation: {folds: 3},
    preprocess: [{impute: median}, {one_hot: auto}, {scale: standard}],
    candidates: [{name: line, algorithm: logistic_regression}, {name: trees, algorithm: random_forest, params: {n_trees: 10}}]}";

fn warehouse(setup: &str) -> Box<dyn Session> {
    let engine = DuckDb::open(&Settings {
        path: ":memory:".into(),
        ..Settings::default()
    })
    .unwrap();
    let mut session = engine.connect().unwrap();
    session.execute(setup).unwrap();
    prepare(session.as_mut()).unwrap();
    session
}

fn train_in(session: &mut dyn Session, options: &str) -> anyhow::Result<Outcome> {
    let file = Path::new("models/ml.yml");
    let mapping = yaml::parse(file, options).unwrap();
    let mapping = mapping.as_mapping().unwrap().clone();
    let algorithm = mapping.get("algorithm").and_then(|name| name.as_str());
    let model = MlModel {
        name: "churn".into(),
        algorithm: algorithm.map(str::to_owned),
        from: Reference::Ref {
            package: None,
            name: "customers".into(),
            version: None,
        },
        score: None,
        key: vec!["id".into()],
        features: vec!["tenure".into(), "contract".into()],
        options: mapping
            .into_iter()
            .filter(|(key, _)| key.as_str() != Some("algorithm"))
            .collect(),
        at: At::new(file, 3, 5),
    };
    let (input, output) = (
        Relation::new("main", "customers"),
        Relation::new("main", "churn"),
    );
    train(
        session,
        &Request {
            model: &model,
            input: &input,
            score: None,
            data_version: Some("v7".into()),
            output: &output,
            now: 1_700_000_000_000_000,
        },
    )
}

fn failure(setup: &str, options: &str) -> String {
    let mut session = warehouse(setup);
    match train_in(session.as_mut(), options) {
        Ok(_) => "no error".into(),
        Err(err) => err.to_string(),
    }
}

fn rows(session: &mut dyn Session, sql: &str) -> Vec<String> {
    let batch = fetch(session, sql, &[]).unwrap();
    let row = |row: usize| {
        let cells = batch.columns().iter();
        let cells = cells.map(|column| array_value_to_string(column, row).unwrap());
        cells.collect::<Vec<_>>().join("|")
    };
    (0..batch.num_rows()).map(row).collect()
}

#[test]
fn the_same_rows_in_any_order_give_the_same_bytes() {
    let bytes = "select candidate, sha256 from wh.ml_models order by candidate";
    let everything = "select * from churn order by id";
    let mut seen = Vec::new();
    for order in ["id", "id desc", "hash(id)"] {
        let mut session = warehouse(&format!("{CUSTOMERS} order by {order}"));
        train_in(session.as_mut(), OPTIONS).unwrap();
        seen.push([bytes, everything].map(|sql| rows(session.as_mut(), sql)));
    }
    assert_eq!(seen[0][1].len(), 400);
    assert!(seen[0] == seen[1] && seen[0] == seen[2]);
}

#[test]
fn nothing_is_learnt_from_test_rows() {
    let learnt = "select feature, step, parameter, value from wh.ml_preprocessing order by all";
    let bytes = "select candidate, sha256 from wh.ml_models order by candidate";
    let found = [
        "",
        "; update customers set tenure = 999, contract = 'never' where split = 'test'",
    ]
    .map(|change| {
        let mut session = warehouse(&format!("{CUSTOMERS}{change}"));
        train_in(session.as_mut(), OPTIONS).unwrap();
        [learnt, bytes].map(|sql| rows(session.as_mut(), sql))
    });
    assert_eq!(found[0], found[1]);
}

#[test]
fn the_registry_names_data_parameters_and_the_champion() {
    let mut session = warehouse(CUSTOMERS);
    let outcome = train_in(session.as_mut(), OPTIONS).unwrap();
    assert_eq!(outcome.rows, 400);
    let models =
        "select candidate, version, algorithm, n_train, n_test, target, positive, data_version,
        params ->> 'n_trees', is_champion = is_best from wh.ml_models order by candidate";
    assert_eq!(
        rows(session.as_mut(), models),
        [
            "line|1|logistic_regression|320|80|churned|yes|v7||true",
            "trees|1|random_forest|320|80|churned|yes|v7|10|true"
        ]
    );
    let folds = "select split, count(distinct fold), count(*) from wh.ml_metrics where metric = 'recall' group by split order by split";
    assert_eq!(
        rows(session.as_mut(), folds),
        ["test|0|2", "validation|3|6"]
    );
    let corners = "select distinct min((false_positive_rate, true_positive_rate))::varchar, max((false_positive_rate, true_positive_rate))::varchar
        from wh.ml_curves group by candidate";
    assert_eq!(rows(session.as_mut(), corners).len(), 1);
    // The confusion counts the same rows as the predictions do.
    let differ = "select count(*) from (
        select actual, predicted, n_rows from wh.ml_confusion semi join (select * from wh.ml_models where is_champion) using (candidate) where n_rows > 0
        except select churned, predicted, count(*) from customers join churn using (id) where split = 'test' group by all)";
    assert_eq!(rows(session.as_mut(), differ), ["0"]);
}

#[test]
fn restored_rows_give_the_bytes_of_their_first_version() {
    let mut session = warehouse(CUSTOMERS);
    train_in(session.as_mut(), OPTIONS).unwrap();
    session
        .execute(
            "create table kept as from customers; update customers set tenure = tenure + id % 3",
        )
        .unwrap();
    train_in(session.as_mut(), OPTIONS).unwrap();
    session
        .execute("create or replace table customers as from kept")
        .unwrap();
    train_in(session.as_mut(), OPTIONS).unwrap();
    let same = "select candidate, list(distinct version order by version)::varchar from wh.ml_models group by candidate, sha256 order by all";
    assert_eq!(
        rows(session.as_mut(), same),
        ["line|[1, 3]", "line|[2]", "trees|[1, 3]", "trees|[2]"]
    );
}

#[test]
fn what_is_wrong_with_a_declaration_is_said_with_what_would_be_right() {
    let cases: [(&str, &str); 12] = [
        (
            "{target: churned, algorithm: random_forrest}",
            "did you mean `random_forest`?",
        ),
        (
            "{target: churned}",
            "not exactly one of `algorithm` and `candidates`",
        ),
        (
            "{target: churn, algorithm: random_forest}",
            "did you mean `churned`?",
        ),
        (
            "{target: contract, algorithm: random_forest}",
            "which tells the answer",
        ),
        (
            "{target: split, algorithm: random_forest}",
            "which of them counts as yes is not said",
        ),
        (
            "{target: churned, positive: ja, algorithm: random_forest}",
            "is never `ja`",
        ),
        (
            "{target: churned, algorithm: random_forest, params: {n_tree: 5}}",
            "did you mean `n_trees`?",
        ),
        (
            "{target: churned, algorithm: random_forest, params: {n_trees: 0}}",
            "a whole number from 1",
        ),
        (
            "{target: churned, algorithm: logistic_regression}",
            "no step of `preprocess` encodes it",
        ),
        (
            "{target: churned, algorithm: random_forest, gates: {auc: 1}}",
            "`auc` is no measure",
        ),
        (
            "{target: churned, algorithm: random_forest, champions: {by: f1}}",
            "did you mean `champion`?",
        ),
        (
            "{target: churned, algorithm: random_forest, split: {test_share: 2}}",
            "a share from 0 to below 1",
        ),
    ];
    for (options, wanted) in cases {
        let message = failure(CUSTOMERS, options);
        assert!(message.contains(wanted), "{options}: {message}");
        assert!(message.contains("models/ml.yml:"), "{message}");
    }
}

#[test]
fn rows_that_nothing_can_be_learnt_from_are_refused() {
    let forest = "{target: churned, algorithm: random_forest, preprocess: [{one_hot: auto}]}";
    let cases = [
        (
            "update customers set churned = null where id = 3",
            "1 row of `customers` without a value in `churned`",
        ),
        (
            "update customers set churned = 'maybe' where id = 3",
            "has not two different values but 3",
        ),
        (
            "update customers set churned = 'no'",
            "has not two different values but 1",
        ),
        (
            "update customers set tenure = null where id = 3",
            "1 row of `customers` without a value in `tenure`",
        ),
        (
            "update customers set id = 4 where id = 3",
            "more than one row for a key (id)",
        ),
        (
            "update customers set id = null where id = 3",
            "rows without a value in `id`",
        ),
        (
            "update customers set churned = case when id < 3 then 'yes' else 'no' end",
            "fewer than the 5 that are needed",
        ),
        (
            "delete from customers",
            "has not two different values but 0",
        ),
    ];
    for (change, wanted) in cases {
        let message = failure(&format!("{CUSTOMERS}; {change}"), forest);
        assert!(message.contains(wanted), "{change}: {message}");
    }
}

#[test]
fn a_target_may_be_true_or_false_or_a_number() {
    for (sql_type, positive) in [("boolean", "true"), ("integer", "1"), ("double", "1.0")] {
        let setup = format!(
            "{CUSTOMERS}; alter table customers alter churned type {sql_type} using (churned = 'yes')::{sql_type}"
        );
        let mut session = warehouse(&setup);
        train_in(session.as_mut(), OPTIONS).unwrap();
        let found = "select distinct positive, (select data_type from information_schema.columns where table_name = 'churn' and column_name = 'predicted') from wh.ml_models";
        let wanted = format!("{positive}|{}", sql_type.to_uppercase());
        assert_eq!(rows(session.as_mut(), found), [wanted]);
    }
}
