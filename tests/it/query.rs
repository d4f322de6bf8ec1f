//! `wh query` and its neighbours, run as a user runs them: the real binary on a real warehouse.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;
use wh::engine::{DuckDb, Engine, Settings};

/// A folder with a project whose warehouse holds what `sql` makes.
fn project(sql: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("wh.yml"), "name: demo\n").unwrap();
    let settings = Settings {
        path: folder.path().join("warehouse.duckdb"),
        ..Settings::default()
    };
    let mut session = DuckDb::open(&settings).unwrap().connect().unwrap();
    for statement in sql
        .split(';')
        .filter(|statement| !statement.trim().is_empty())
    {
        session.execute(statement).unwrap();
    }
    folder
}

fn products() -> TempDir {
    project(
        "create table products as select * from (values
            ('P104', 47797.5::decimal(18, 2), 0.25),
            ('P101', 42313.5, null),
            ('P1,\"3', 40464, -0.1)) as t (product_id, revenue, sentiment)",
    )
}

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wh"));
    command.args(args).current_dir(folder).stdin(Stdio::null());
    for variable in ["WH_LOG", "WH_TARGET", "WH_PROJECT_DIR", "WH_PROFILES_DIR"] {
        command.env_remove(variable);
    }
    command
}

fn wh(folder: &Path, args: &[&str]) -> Output {
    command(folder, args).output().unwrap()
}

fn query(folder: &TempDir, args: &[&str]) -> Output {
    wh(folder.path(), &[&["query"], args].concat())
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Standard output of a query that succeeds.
fn answer(folder: &TempDir, args: &[&str]) -> String {
    let output = query(folder, args);
    assert!(output.status.success(), "{}", stderr(&output));
    stdout(&output)
}

/// Exit code and standard error of a command that fails.
fn failure(output: &Output) -> String {
    assert!(!output.status.success(), "{}", stdout(output));
    format!("exit {}\n{}", output.status.code().unwrap(), stderr(output))
}

#[test]
fn rows_are_a_table_unless_told_otherwise() {
    let folder = products();
    insta::assert_snapshot!(answer(&folder, &["--types", "from products"]), @r#"
     product_id │       revenue │    sentiment
     varchar    │ decimal(18,2) │ decimal(3,2)
    ────────────┼───────────────┼──────────────
     P104       │      47797.50 │         0.25
     P101       │      42313.50 │         NULL
     P1,"3      │      40464.00 │        -0.10
    "#);
    insta::assert_snapshot!(answer(&folder, &["--format", "csv", "from products"]), @r#"
    product_id,revenue,sentiment
    P104,47797.50,0.25
    P101,42313.50,
    "P1,""3",40464.00,-0.10
    "#);
    insta::assert_snapshot!(answer(&folder, &["--format", "json", "from products"]), @r#"
    [
    {"product_id":"P104","revenue":47797.50,"sentiment":0.25},
    {"product_id":"P101","revenue":42313.50,"sentiment":null},
    {"product_id":"P1,\"3","revenue":40464.00,"sentiment":-0.10}
    ]
    "#);
    insta::assert_snapshot!(answer(&folder, &["--format", "ndjson", "from products"]), @r#"
    {"product_id":"P104","revenue":47797.50,"sentiment":0.25}
    {"product_id":"P101","revenue":42313.50,"sentiment":null}
    {"product_id":"P1,\"3","revenue":40464.00,"sentiment":-0.10}
    "#);
    insta::assert_snapshot!(answer(&folder, &["--format", "markdown", "from products"]), @r#"
    | product_id | revenue | sentiment |
    | --- | ---: | ---: |
    | P104 | 47797.50 | 0.25 |
    | P101 | 42313.50 | NULL |
    | P1,"3 | 40464.00 | -0.10 |
    "#);
}

#[test]
fn values_of_every_type_survive_in_json() {
    let folder = project("");
    let sql = "select true as b, 9223372036854775807 as big, sum(170141183460469231731687303715884105727::hugeint) as huge,
        340282366920938463463374607431768211455::uhugeint as uhuge, 'nan'::double as nan, 1.50::decimal(5, 2) as price,
        date '0044-03-15 (BC)' as bc, timestamp '2024-02-29 12:34:56.789' as ts, '10:00:00+02'::timetz as timetz,
        interval '1 year 2 days 03:04:05' as iv, E'a\\n\"b' as txt, '\\xAA\\x00'::blob as bytes, [1, null] as list,
        {'a': 1, 'b': ['x']} as record, map {'k': 1.5} as map, '10101'::bit as bits, 'x'::enum('x', 'y') as word,
        '{\"a\": [1, 2]}'::json as doc, null as nothing, union_value(n := 2) as either";
    insta::assert_snapshot!(answer(&folder, &["--format", "ndjson", sql]), @r#"{"b":true,"big":9223372036854775807,"huge":170141183460469231731687303715884105727,"uhuge":340282366920938463463374607431768211455,"nan":null,"price":1.50,"bc":"0044-03-15 (BC)","ts":"2024-02-29T12:34:56.789","timetz":"10:00:00+02","iv":"1 year 2 days 03:04:05","txt":"a\n\"b","bytes":"aa00","list":[1,null],"record":{"a":1,"b":["x"]},"map":{"k":1.5},"bits":"10101","word":"x","doc":{"a": [1, 2]},"nothing":null,"either":2}"#);
}

#[test]
fn rows_beyond_the_limit_are_left_out() {
    let folder = project("");
    let csv = answer(
        &folder,
        &["--format", "csv", "--limit", "2", "from range(100000)"],
    );
    assert_eq!(csv, "range\n0\n1\n");
    let output = query(&folder, &["--limit", "2", "from range(100000)"]);
    assert!(
        stderr(&output).starts_with("first 2 rows, there are more in "),
        "{}",
        stderr(&output)
    );
}

#[test]
fn sql_comes_from_an_argument_a_file_or_standard_input() {
    let folder = project("");
    fs::write(
        folder.path().join("q.sql"),
        "select 1 as a;\nselect 2 as b;",
    )
    .unwrap();
    let both = answer(&folder, &["-q", "--format", "csv", "-f", "q.sql"]);
    assert_eq!(both, "a\n1\nb\n2\n");
    let mut child = command(folder.path(), &["query", "--format", "csv"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"select 3 as c")
        .unwrap();
    assert_eq!(stdout(&child.wait_with_output().unwrap()), "c\n3\n");
}

#[test]
fn nothing_is_changed_unless_told_so() {
    let folder = products();
    insta::assert_snapshot!(failure(&query(&folder, &["delete from products"])), @r#"
    exit 1
    error: the warehouse is open for reading only
    hint: `wh query --write` may change it
    "#);
    assert_eq!(
        answer(
            &folder,
            &[
                "-q",
                "--format",
                "csv",
                "select count(*) as n from products"
            ]
        ),
        "n\n3\n"
    );
    let output = query(
        &folder,
        &["--write", "delete from products where sentiment < 0"],
    );
    assert!(
        stderr(&output).starts_with("1 row changed in "),
        "{}",
        stderr(&output)
    );
    assert_eq!(
        answer(
            &folder,
            &[
                "-q",
                "--format",
                "csv",
                "select count(*) as n from products"
            ]
        ),
        "n\n2\n"
    );
}

#[test]
fn an_error_shows_its_place_in_the_sql() {
    let folder = products();
    insta::assert_snapshot!(failure(&query(&folder, &["select *\nfrom prodcts"])), @r#"
    exit 1
    error: table with name prodcts does not exist
      --> <sql>:2:6
      2 | from prodcts
        |      ^
    hint: did you mean `products`?
    "#);
    fs::write(
        folder.path().join("q.sql"),
        "select 1;\n\n  select *\n  frm products",
    )
    .unwrap();
    insta::assert_snapshot!(failure(&query(&folder, &["-q", "-f", "q.sql"])), @r#"
    exit 1
    error: syntax error at or near "products"
      --> q.sql:4:7
      4 |   frm products
        |       ^
    "#);
    insta::assert_snapshot!(failure(&query(&folder, &[" -- nothing"])), @r#"
    exit 2
    error: `<sql>` holds no SQL
    hint: for example `wh query "show tables"`
    "#);
    insta::assert_snapshot!(failure(&query(&folder, &["-f", "no.sql"])), @r#"
    exit 2
    error: `no.sql` cannot be read
      because: No such file or directory (os error 2)
    "#);
}

#[test]
fn a_file_is_whole_or_stays_as_it_was() {
    let folder = products();
    let target = folder.path().join("out.csv");
    answer(&folder, &["-o", "out.csv", "from products"]);
    let whole = fs::read_to_string(&target).unwrap();
    assert_eq!(whole.lines().count(), 4);
    let sql =
        "select case when range < 200000 then range else error('broken') end from range(300000)";
    assert!(!query(&folder, &["-o", "out.csv", sql]).status.success());
    assert_eq!(fs::read_to_string(&target).unwrap(), whole);
    insta::assert_snapshot!(failure(&query(&folder, &["-o", "no/out.csv", "from products"])), @r#"
    exit 2
    error: the folder of `no/out.csv` does not exist
    hint: `mkdir -p no` makes it
    "#);
    insta::assert_snapshot!(failure(&query(&folder, &["-o", "out.csv", "select 1; select 2"])), @r#"
    exit 2
    error: `out.csv` is one file for 2 results
    hint: leave one statement that returns rows
    "#);
    insta::assert_snapshot!(failure(&query(&folder, &["-o", "out.doc", "select 1"])), @r#"
    exit 2
    error: the suffix of `out.doc` names no format
    hint: end the name in .csv, .json, .ndjson, .md, .txt, .parquet or .xlsx, or give `--format`
    "#);
    insta::assert_snapshot!(failure(&query(&folder, &["--format", "xlsx", "select 1"])), @r#"
    exit 2
    error: `--format xlsx` is nothing for a terminal or a pipe
    hint: name a file: `-o result.xlsx`
    "#);
}

#[test]
fn workbooks_and_parquet_files_hold_all_rows() {
    let folder = products();
    answer(&folder, &["-o", "out.parquet", "from products"]);
    let n_rows = answer(
        &folder,
        &[
            "-q",
            "--format",
            "csv",
            "select count(*) as n from 'out.parquet'",
        ],
    );
    assert_eq!(n_rows, "n\n3\n");
    answer(
        &folder,
        &["-o", "out.parquet", "--limit", "2", "from products"],
    );
    let n_rows = answer(
        &folder,
        &[
            "-q",
            "--format",
            "csv",
            "select count(*) as n from 'out.parquet'",
        ],
    );
    assert_eq!(n_rows, "n\n2\n");
    answer(&folder, &["-o", "out.xlsx", "from products"]);
    assert!(
        fs::read(folder.path().join("out.xlsx"))
            .unwrap()
            .starts_with(b"PK")
    );
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let folder = project("");
    let mut child = command(
        folder.path(),
        &["query", "--format", "csv", "from range(10000000)"],
    )
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(stderr(&output), "");
}

#[test]
fn references_are_resolved_as_in_models() {
    let folder = project("create table daily as select 1 as n");
    fs::create_dir(folder.path().join("models")).unwrap();
    fs::write(folder.path().join("models/daily.sql"), "select 1 as n").unwrap();
    assert_eq!(
        answer(&folder, &["--format", "csv", "from {{ ref('daily') }}"]),
        "n\n1\n"
    );
    insta::assert_snapshot!(failure(&query(&folder, &["from {{ ref('dayly') }}"])), @r#"
    exit 2
    error: nothing is called `dayly`
      --> <sql>:1:9
    hint: did you mean `daily`?
    "#);
}

#[test]
fn a_folder_without_project_or_warehouse_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let err = failure(&query(&folder, &["select 1"]));
    assert!(err.contains("`wh init NAME` makes one"), "{err}");
    fs::write(folder.path().join("wh.yml"), "name: demo\n").unwrap();
    insta::assert_snapshot!(failure(&query(&folder, &["select 1"])), @r#"
    exit 2
    error: there is no warehouse at `warehouse.duckdb` yet
    hint: `wh build` makes it
    "#);
}

#[test]
fn a_new_project_builds_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let made = wh(folder.path(), &["init", "shop"]);
    insta::assert_snapshot!(stderr(&made), @r#"
    Wrote the project `shop`. Build it:

      cd shop && wh build
    "#);
    let shop = folder.path().join("shop");
    let built = wh(&shop, &["build"]);
    assert!(
        built.status.success(),
        "{}{}",
        stdout(&built),
        stderr(&built)
    );
    let best = wh(
        &shop,
        &[
            "query",
            "--format",
            "csv",
            "-f",
            "sql/analyses/best_customers.sql",
        ],
    );
    assert_eq!(stdout(&best).lines().nth(1), Some("Sofia Rossi,1,1249.00"));
    insta::assert_snapshot!(failure(&wh(folder.path(), &["init", "shop"])), @r#"
    exit 2
    error: the folder `shop` is not empty
    hint: choose another name, or empty it first
    "#);
    insta::assert_snapshot!(failure(&wh(folder.path(), &["init", "my-shop"])), @r#"
    exit 2
    error: `my-shop` is no name for a project
    hint: use letters, digits and underscores, such as `my_shop`
    "#);
}

#[test]
fn help_reads_well() {
    let folder = tempfile::tempdir().unwrap();
    let help = |args: &[&str]| stdout(&wh(folder.path(), args));
    insta::assert_snapshot!("help", help(&["--help"]));
    insta::assert_snapshot!("help_build", help(&["build", "--help"]));
    insta::assert_snapshot!("help_query", help(&["query", "--help"]));
}

#[test]
fn a_command_line_that_is_wrong_is_answered_with_the_nearest_one() {
    let folder = tempfile::tempdir().unwrap();
    insta::assert_snapshot!(failure(&wh(folder.path(), &["biuld"])), @r#"
    exit 2
    error: unrecognized subcommand 'biuld'

      tip: a similar subcommand exists: 'build'

    Usage: wh [OPTIONS] <COMMAND>

    For more information, try '--help'.
    "#);
    insta::assert_snapshot!(failure(&wh(folder.path(), &["query", "--fromat", "csv", "x"])), @r#"
    exit 2
    error: unexpected argument '--fromat' found

      tip: a similar argument exists: '--format'

    Usage: wh query --format <FORMAT> [SQL]

    For more information, try '--help'.
    "#);
}

#[test]
fn completions_and_manual_pages_name_every_command() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = stdout(&wh(folder.path(), &["completions", shell]));
        assert!(
            script.contains("ingest") && script.contains("full-refresh"),
            "{shell}"
        );
    }
    assert!(wh(folder.path(), &["man", "-o", "man"]).status.success());
    assert!(folder.path().join("man/wh-query.1").exists());
    assert!(stdout(&wh(folder.path(), &["man"])).starts_with(".ie"));
}
