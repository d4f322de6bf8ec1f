//! Versions of the data where a transcript cannot show it: types, sizes, killed processes, models trained again.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use wh::engine::{DuckDb, Engine, Relation, Session, Settings};
use wh::version::{self, Committed, Origin, Request, RestoreRequest, Tracked};

use super::scratch::Scratch;

/// A warehouse in a folder of its own.
struct Place {
    folder: tempfile::TempDir,
    session: Box<dyn Session>,
}

impl Place {
    fn new(setup: &str) -> Self {
        Self::with("2", setup)
    }

    fn with(threads: &str, setup: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let engine = DuckDb::open(&Settings {
            path: folder.path().join("w.duckdb"),
            options: [("threads".to_owned(), threads.to_owned())].into(),
            ..Settings::default()
        })
        .unwrap();
        let mut session = engine.connect().unwrap();
        session.execute(setup).unwrap();
        version::prepare(session.as_mut(), folder.path()).unwrap();
        Self { folder, session }
    }

    fn execute(&mut self, sql: &str) {
        self.session.execute(sql).unwrap();
    }

    fn try_commit(&mut self) -> anyhow::Result<Committed> {
        let tables = [Tracked {
            relation: Relation::new("main", "t"),
            key: Vec::new(),
            origin: Origin::Built,
        }];
        let request = Request {
            root: self.folder.path(),
            tables: &tables,
            source: "commit",
            message: "test",
            now: jiff::Timestamp::UNIX_EPOCH,
            exactly: true,
        };
        version::commit(self.session.as_mut(), &request)
    }

    fn commit(&mut self) -> Committed {
        self.try_commit().unwrap()
    }

    fn restore(&mut self, name: &str) {
        let version = version::find(self.session.as_mut(), Some(name)).unwrap();
        let request = RestoreRequest {
            root: self.folder.path(),
            version: &version,
            only: None,
            force: true,
            now: jiff::Timestamp::UNIX_EPOCH,
        };
        version::restore(self.session.as_mut(), &request).unwrap();
    }

    /// Returns the table's columns with their types, its statement, and its rows as text, sorted.
    fn all(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        for sql in [
            "select sql from duckdb_tables() where table_name = 't'",
            "select sql from duckdb_indexes() where table_name = 't'",
            "select coalesce(cast(columns(*) as varchar), 'NULL') from t order by all",
        ] {
            self.session
                .query(sql, &[], &mut |batch| {
                    for row in 0..batch.num_rows() {
                        let cells = batch.columns().iter().map(|column| {
                            arrow::util::display::array_value_to_string(column, row).unwrap()
                        });
                        lines.push(cells.collect::<Vec<_>>().join("|"));
                    }
                    Ok(())
                })
                .unwrap();
        }
        lines
    }
}

/// A column of each type, and values at the edges of what it holds.
const EDGES: &[(&str, &[&str])] = &[
    ("BOOLEAN", &["true", "false"]),
    ("TINYINT", &["-128", "127"]),
    ("UBIGINT", &["0", "18446744073709551615"]),
    (
        "HUGEINT",
        &[
            "-170141183460469231731687303715884105728",
            "170141183460469231731687303715884105727",
        ],
    ),
    ("UHUGEINT", &["340282366920938463463374607431768211455"]),
    (
        "BIGNUM",
        &["'123456789012345678901234567890123456789012345678901234567890'"],
    ),
    ("FLOAT", &["'nan'", "-0.0::float", "0.0", "1e-45"]),
    (
        "DOUBLE",
        &["'nan'", "'-infinity'", "-0.0::double", "0.0", "5e-324"],
    ),
    ("DECIMAL(4,1)", &["-999.9", "0.1"]),
    (
        "DECIMAL(38,10)",
        &["-9999999999999999999999999999.9999999999"],
    ),
    (
        "VARCHAR",
        &[
            "''",
            "'NULL'",
            "' a '",
            "'é💡'",
            "'a' || chr(0) || 'b'",
            "e'two\\nlines'",
        ],
    ),
    ("BLOB", &["''", "'\\x00\\xFF'::blob"]),
    ("BIT", &["'0001'", "'1'"]),
    ("UUID", &["'ffffffff-ffff-ffff-ffff-ffffffffffff'"]),
    (
        "DATE",
        &[
            "'infinity'",
            "'-infinity'",
            "'0044-03-15 (BC)'",
            "'290000-01-01'",
        ],
    ),
    ("TIME", &["'00:00:00'", "'23:59:59.999999'", "'24:00:00'"]),
    ("TIME_NS", &["'23:59:59.999999999'"]),
    ("TIME WITH TIME ZONE", &["'10:00:00+02'", "'08:00:00+00'"]),
    (
        "TIMESTAMP",
        &[
            "'infinity'",
            "'1677-01-01 00:00:00.000001'",
            "'294000-01-01'",
        ],
    ),
    ("TIMESTAMP_S", &["'290300-01-01 00:00:01'"]),
    ("TIMESTAMP_MS", &["'2000-01-01 00:00:00.123'"]),
    ("TIMESTAMP_NS", &["'1700-01-01 00:00:00.123456789'"]),
    (
        "TIMESTAMP WITH TIME ZONE",
        &["'2024-10-27 02:30:00+02'", "'2024-10-27 02:30:00+01'"],
    ),
    (
        "INTERVAL",
        &[
            "interval '1 month'",
            "interval '30 days'",
            "interval '-3 days 04:05:06.123456'",
        ],
    ),
    ("JSON", &["'{\"a\": [1, null]}'"]),
    ("ENUM('sad', 'o''k', 'a)[')", &["'sad'", "'o''k'", "'a)['"]),
    ("INTEGER[]", &["[]", "[null]", "[3, 1]"]),
    ("INTEGER[2]", &["[1, null]"]),
    ("HUGEINT[][]", &["[[1], null, []]"]),
    (
        "STRUCT(a INTEGER, \"b, c\" ENUM('p', 'q')[])",
        &["{'a': null, 'b, c': ['q', null]}"],
    ),
    (
        "MAP(VARCHAR, INTERVAL)",
        &["map{'x': interval '1 month'}", "map{}"],
    ),
];

#[test]
fn every_type_comes_back_as_it_was() {
    let columns = EDGES.iter().enumerate();
    let columns = columns.map(|(n, (kind, _))| format!("c{n} {kind}"));
    let create = format!(
        "create table t ({})",
        columns.collect::<Vec<_>>().join(", ")
    );
    let mut place = Place::new(&create);
    let n_rows = EDGES.iter().map(|(_, values)| values.len()).max().unwrap();
    for row in 0..=n_rows {
        let cells = EDGES
            .iter()
            .map(|(_, values)| values.get(row).copied().unwrap_or("null"));
        let cells = cells.collect::<Vec<_>>().join(", ");
        place.execute(&format!("insert into t values ({cells})"));
    }
    let before = place.all();
    assert!(place.commit().is_new);
    place.execute("drop table t");
    place.restore("v1");
    assert_eq!(place.all(), before);
    assert!(
        !place.commit().is_new,
        "what was restored is what was committed"
    );
}

#[test]
fn values_that_count_as_equal_are_still_told_apart() {
    for (kind, before, after) in [
        ("double", "0.0", "-0.0::double"),
        ("interval", "interval '1 month'", "interval '30 days'"),
        ("time with time zone", "'10:00:00+02'", "'08:00:00+00'"),
        ("double[]", "[0.0]", "[-0.0::double]"),
    ] {
        let mut place = Place::new(&format!(
            "create table t (c {kind}); insert into t values ({before})"
        ));
        place.commit();
        // An update leaves out what it takes to be the same.
        place.execute(&format!("delete from t; insert into t values ({after})"));
        assert!(place.commit().is_new, "{kind}");
    }
}

#[test]
fn constraints_defaults_and_indexes_come_back() {
    let mut place = Place::new(
        "create table t (a integer primary key, b varchar default 'x' not null, c integer check (c > 0));
        create index t_c on t (c); insert into t values (1, 'y', 2)",
    );
    let before = place.all();
    place.commit();
    place.execute("drop table t; create view t as select 1 as a");
    place.restore("v1");
    assert_eq!(place.all(), before);
}

#[test]
fn a_type_without_a_faithful_copy_is_refused_and_nothing_is_kept() {
    let mut place = Place::new("create table t (u union(n integer, s varchar))");
    let err = place.try_commit().unwrap_err().to_string();
    assert!(
        err.starts_with("the column `u` of `t` has a type that no version can hold"),
        "{err}"
    );
    assert!(version::log(place.session.as_mut()).unwrap().is_empty());
}

#[derive(Debug, Clone)]
struct Row(Option<i32>, Option<String>, Option<i64>, f64);

fn row() -> impl Strategy<Value = Row> {
    let text = prop::option::of("[a-c'é ]{0,3}");
    (
        prop::option::of(-3..3),
        text,
        prop::option::of(any::<i64>()),
        any::<f64>(),
    )
        .prop_map(|(a, b, c, d)| Row(a, b, c, d))
}

fn insert(rows: &[Row]) -> String {
    let null = || "null".to_owned();
    let mut sql = String::new();
    for Row(a, b, c, d) in rows {
        let a = a.map_or_else(null, |a| a.to_string());
        let b = b
            .as_ref()
            .map_or_else(null, |b| format!("'{}'", b.replace('\'', "''")));
        let c = c.map_or_else(null, |c| format!("'{c}'"));
        sql += &format!("insert into t values ({a}, {b}, {c}, '{d:?}');");
    }
    sql
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn restore_undoes_and_the_order_of_rows_does_not_matter(rows in prop::collection::vec(row(), 0..12), more in prop::collection::vec(row(), 1..4)) {
        let create = "create table t (a integer, b varchar, c double, d double);";
        let mut place = Place::new(&format!("{create}{}", insert(&rows)));
        let before = place.all();
        let first = place.commit().version;
        place.execute(&insert(&more));
        prop_assert!(place.commit().is_new);
        place.restore("v1");
        prop_assert_eq!(place.all(), before);
        let mut shuffled = rows.clone();
        shuffled.reverse();
        let mut other = Place::new(&format!("{create}{}", insert(&shuffled)));
        prop_assert_eq!(&other.commit().version.tables[0].hash, &first.tables[0].hash);
    }
}

/// Three million rows of twelve months, in an order that `by` gives.
fn months(by: &str) -> String {
    format!(
        "create table t as
        select i % 250000 as customer, date '2024-01-01' + cast(i // 250000 as integer) * 30 as month, hash(i) % 1000 / 10 as usage
        from range(3000000) as r(i) order by {by}"
    )
}

#[test]
fn a_table_that_grows_is_stored_once() {
    let mut place = Place::new(&months("i"));
    let first = place.commit();
    assert!(
        first.version.tables[0].chunks.len() > 5,
        "{:?}",
        first.version.tables[0].chunks
    );
    place.execute(
        "insert into t select customer, date '2025-01-01', usage from t where month = '2024-01-01'",
    );
    let second = place.commit();
    assert!(
        second.n_new_bytes * 6 < first.n_new_bytes,
        "{} of {} bytes were written again",
        second.n_new_bytes,
        first.n_new_bytes
    );
    place.execute("delete from t where month = '2024-05-30' and customer < 10");
    let third = place.commit();
    assert!(third.is_new);
    assert!(
        third.n_new_bytes * 2 < first.n_new_bytes,
        "{}",
        third.n_new_bytes
    );
    place.restore("v1");
    assert!(!place.commit().is_new);
}

#[test]
fn large_tables_have_the_same_hash_in_any_order_and_on_any_number_of_threads() {
    let hash = |threads, by| {
        let mut place = Place::with(threads, &months(by));
        place.commit().version.tables[0].hash.clone()
    };
    assert_eq!(hash("1", "i"), hash("4", "hash(i)"));
}

#[test]
fn a_lost_folder_of_objects_is_named_and_made_good_by_a_commit_of_the_same_tables() {
    let mut place = Place::new("create table t as select 1 as a");
    let before = place.commit();
    fs::remove_dir_all(place.folder.path().join(".wh")).unwrap();
    place.execute("update t set a = 2");
    let version = version::find(place.session.as_mut(), Some("v1")).unwrap();
    let root = place.folder.path().to_owned();
    let request = RestoreRequest {
        root: &root,
        version: &version,
        only: None,
        force: true,
        now: jiff::Timestamp::UNIX_EPOCH,
    };
    let err = version::restore(place.session.as_mut(), &request)
        .unwrap_err()
        .to_string();
    let object = &version.tables[0].chunks[0].object;
    let path = format!(
        "t: 1 rows in .wh/objects/{}/{} (missing)",
        &object[..2],
        &object[2..]
    );
    assert!(err.contains(&path), "{err}");
    place.execute("update t set a = 1");
    let again = place.commit();
    assert_eq!(again.version.name(), before.version.name());
    assert!(!again.is_new && again.n_new_bytes > 0);
    place.execute("update t set a = 3");
    place.restore("v1");
}

#[test]
fn a_lost_warehouse_leaves_the_versions_and_their_tables() {
    let shop = Scratch::copy_of("tests/projects/versions");
    shop.build();
    assert_eq!(shop.run(&["data", "commit", "-m", "one"]).code, 0);
    let before = shop.tables();
    fs::remove_file(shop.path("warehouse.duckdb")).unwrap();
    let said = shop.run(&["data", "restore", "v1"]);
    assert_eq!(said.code, 0, "{}", said.text);
    for (name, rows) in shop.tables() {
        let is_built = before.contains_key(&name) && !name.contains("\"data_");
        assert!(!is_built || before[&name] == rows, "{name}");
    }
    let said = shop.run(&["data", "commit", "-m", "two"]);
    assert!(
        said.text
            .contains("nothing to commit: the tables are as in v1"),
        "{}",
        said.text
    );
}

/// A shop with a table that takes a while to store and to restore.
fn busy_shop() -> Scratch {
    let shop = Scratch::copy_of("tests/projects/versions");
    shop.write(
        "models/marts/many.sql",
        "select i as id, hash(i) as a, hash(i + 1)::varchar as b from range(2000000) as r(i)\n",
    );
    shop.build();
    shop
}

/// Starts a command, kills it after `delay`, and returns whether it was still running.
fn kill_after(shop: &Scratch, words: &[&str], delay: Duration) -> bool {
    let mut child = shop
        .wh(words)
        .stderr(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    thread::sleep(delay);
    let killed = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    killed
}

fn drafts(shop: &Scratch) -> usize {
    fs::read_dir(shop.path(".wh/objects/tmp")).map_or(0, Iterator::count)
}

#[test]
fn a_commit_killed_at_any_moment_leaves_a_whole_version_or_none() {
    let shop = busy_shop();
    let whole = Instant::now();
    assert_eq!(shop.run(&["data", "commit", "-m", "first"]).code, 0);
    let whole = whole.elapsed();
    for step in 1..8 {
        let change = format!("update many set a = {step} where id % 3 = 0");
        assert_eq!(shop.run(&["query", "--write", &change]).code, 0);
        kill_after(&shop, &["data", "commit", "-m", "killed"], whole * step / 8);
        let verified = shop.run(&["data", "verify"]);
        assert_eq!(verified.code, 0, "step {step}: {}", verified.text);
        let said = shop.run(&["data", "commit", "-m", "after"]);
        assert_eq!(said.code, 0, "step {step}: {}", said.text);
        assert_eq!(drafts(&shop), 0);
        let said = shop.run(&["data", "diff"]);
        assert!(!said.text.contains("~ many"), "step {step}: {}", said.text);
    }
    assert_eq!(shop.run(&["data", "gc"]).code, 0);
    assert_eq!(shop.run(&["data", "verify"]).code, 0);
}

#[test]
fn a_restore_killed_at_any_moment_leaves_all_tables_old_or_all_new() {
    let shop = busy_shop();
    assert_eq!(shop.run(&["data", "commit", "-m", "first"]).code, 0);
    let change = "update many set a = 0; update customers set n_orders = 0";
    assert_eq!(shop.run(&["query", "--write", change]).code, 0);
    assert_eq!(shop.run(&["data", "commit", "-m", "second"]).code, 0);
    let whole = Instant::now();
    assert_eq!(shop.run(&["data", "restore", "v1"]).code, 0);
    let whole = whole.elapsed();
    for step in 1..8 {
        assert_eq!(shop.run(&["data", "restore", "v2"]).code, 0);
        kill_after(&shop, &["data", "restore", "v1"], whole * step / 8);
        let said = shop.run(&["data", "commit", "-m", "what is this"]).text;
        let found = said.contains("as in v1") || said.contains("as in v2");
        assert!(found, "step {step}: {said}");
    }
}

#[test]
fn two_commits_at_once_are_one_after_the_other() {
    let shop = busy_shop();
    let words = ["data", "commit", "-m", "both", "--lock-timeout", "60s"];
    let children = [shop.wh(&words), shop.wh(&words)].map(|mut command| {
        command
            .stderr(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    });
    let said = children.map(|child| shop.said(&child.wait_with_output().unwrap()));
    assert!(
        said.iter().all(|said| said.code == 0),
        "{} {}",
        said[0].text,
        said[1].text
    );
    let nothing = said
        .iter()
        .filter(|said| said.text.contains("nothing to commit"));
    assert_eq!(nothing.count(), 1);
}

#[cfg(unix)]
#[test]
fn a_read_only_warehouse_can_be_looked_at() {
    let shop = Scratch::copy_of("tests/projects/versions");
    shop.build();
    assert_eq!(shop.run(&["data", "commit", "-m", "one"]).code, 0);
    let mut permissions = fs::metadata(shop.path("warehouse.duckdb"))
        .unwrap()
        .permissions();
    permissions.set_readonly(true);
    fs::set_permissions(shop.path("warehouse.duckdb"), permissions).unwrap();
    for words in [&["data", "log"][..], &["data", "diff"], &["data", "verify"]] {
        let said = shop.run(words);
        assert_eq!(said.code, 0, "{words:?}: {}", said.text);
    }
}

#[test]
fn an_old_version_restored_and_clustered_again_gives_the_same_clusters() {
    let shop = Scratch::copy_of("tests/projects/versions");
    shop.build();
    assert_eq!(shop.run(&["data", "commit", "-m", "one"]).code, 0);
    let segments = |shop: &Scratch| shop.tables()["\"warehouse\".\"main\".\"segments\""].clone();
    let before = segments(&shop);
    let change = "update customers set revenue_cents = 100000 - revenue_cents";
    assert_eq!(shop.run(&["query", "--write", change]).code, 0);
    assert_eq!(shop.run(&["build", "-s", "segments"]).code, 0);
    assert_ne!(segments(&shop), before);
    let said = shop.run(&["data", "restore", "v1", "--force"]);
    assert_eq!(said.code, 0, "{}", said.text);
    assert_eq!(
        shop.run(&["query", "--write", "drop table segments"]).code,
        0
    );
    assert_eq!(shop.run(&["build", "-s", "segments"]).code, 0);
    assert_eq!(segments(&shop), before);
}

/// A project that learns who leaves from a seed, through a view.
fn churn() -> Scratch {
    let project = Scratch::empty();
    project.write(
        "wh.yml",
        "name: leaving\nversion: '1.0'\nwarehouse: {path: warehouse.duckdb}\n",
    );
    let mut seed = String::from("id,usage,tenure,churned\n");
    for id in 0..200 {
        let (usage, tenure) = (id * 37 % 100, id * 53 % 60);
        let churned = usage + tenure + id * 71 % 50 < 70;
        seed += &format!("{id},{usage},{tenure},{churned}\n");
    }
    project.write("seeds/accounts.csv", seed);
    project.write(
        "models/training.sql",
        "{{ config(materialized='view') }}\nselect * from {{ ref('accounts') }}\n",
    );
    project.write(
        "models/ml.yml",
        "ml_models:
  - name: churn
    from: ref('training')
    key: id
    target: churned
    features: [usage, tenure]
    split: {test_share: 0.25, stratify: true, seed: 42}
    candidates: [{name: line, algorithm: logistic_regression}, {name: trees, algorithm: random_forest}]
",
    );
    project
}

/// What is known of the newest training: its data version, and the SHA-256 of each candidate.
fn trained(project: &Scratch) -> String {
    let sql = "select data_version, candidate, sha256 from wh.ml_models where trained_at is not null order by version desc, candidate limit 2";
    project.run(&["query", "-q", "--format", "csv", sql]).text
}

#[test]
fn each_training_names_its_data_and_the_same_data_give_the_same_model_to_the_byte() {
    let project = churn();
    project.build();
    let first = trained(&project);
    assert!(
        first.contains("v1,line,") && first.contains("v1,trees,"),
        "{first}"
    );
    // The last column is the number of the training.
    let predictions = |project: &Scratch| -> Vec<String> {
        let rows = &project.tables()["\"warehouse\".\"main\".\"churn\""];
        let cut = rows.iter().map(|row| row.rsplit_once('|').unwrap().0);
        cut.map(str::to_owned).collect()
    };
    let scores = predictions(&project);
    let change = "update accounts set usage = 100 - usage where id % 4 = 0";
    assert_eq!(project.run(&["query", "--write", change]).code, 0);
    assert_eq!(project.run(&["build", "-s", "churn"]).code, 0);
    let second = trained(&project);
    assert!(second.contains("v2,line,"), "{second}");
    let said = project.run(&["data", "restore", "v1"]);
    assert_eq!(said.code, 0, "{}", said.text);
    assert_eq!(project.run(&["build", "-s", "churn"]).code, 0);
    assert_eq!(trained(&project), first);
    assert!(predictions(&project) == scores);
    let log = project.run(&["data", "log"]).text;
    assert!(log.contains("train churn") && !log.contains("v3"), "{log}");
}

#[test]
fn the_folder_of_objects_holds_parquet_files_named_by_their_sha256() {
    let mut place = Place::new("create table t as select 1 as a");
    let version = place.commit().version;
    let object = &version.tables[0].chunks[0].object;
    let path = Path::new(".wh/objects")
        .join(&object[..2])
        .join(&object[2..]);
    let bytes = fs::read(place.folder.path().join(path)).unwrap();
    assert!(bytes.starts_with(b"PAR1"));
    use sha2::{Digest, Sha256};
    let hash: String = Sha256::digest(&bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(&hash, object);
}
