//! Connectors `sqlite` and `postgres`.

use std::sync::atomic::{AtomicU32, Ordering};

use postgres::{Client, NoTls};
use rusqlite::Connection;

use super::{Scratch, bad, good, rows, source};

/// Opens a new schema of the server that the tests may use; its name is unique.
pub(super) fn server() -> (Client, String, String) {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let url = std::env::var("WH_TEST_POSTGRES").unwrap_or_else(|_| {
        panic!("WH_TEST_POSTGRES is not set: run scripts/test, or eval \"$(scripts/services start)\" first")
    });
    let mut client = Client::connect(&url, NoTls).unwrap();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let schema = format!("test_{}_{count}", std::process::id());
    client
        .batch_execute(&format!(
            "create schema {schema}; set search_path = {schema}"
        ))
        .unwrap();
    (client, schema, url)
}

fn sqlite(project: &Scratch) -> Connection {
    Connection::open(project.path("shop.sqlite")).unwrap()
}

const FILE: &str = "connector: sqlite, url: shop.sqlite, table: accounts";
const MERGE: &str = "cursor: updated_at, mode: merge, primary_key: id";

#[test]
fn sqlite_values_keep_what_their_columns_declare() {
    let project = source(FILE);
    sqlite(&project)
        .execute_batch(
            "create table accounts (id integer primary key, name text, born date, at datetime, fee decimal(10,2), ok boolean, pic blob, free);
             insert into accounts values (1, 'a,\"b\"\nc', '2024-02-29', '2024-01-01 01:02:03.5', 1.1, 1, x'00ff', 1.5),
                 (2, '', null, null, null, 0, x'', 'text'), (3, '\\N', null, null, 12, null, null, null);",
        )
        .unwrap();
    good(&project, &[]);
    assert_eq!(
        rows(&project, "select column_type from (describe s.t) limit 8"),
        [
            "BIGINT",
            "VARCHAR",
            "DATE",
            "TIMESTAMP",
            "\"DECIMAL(10,2)\"",
            "BOOLEAN",
            "BLOB",
            "VARCHAR"
        ]
    );
    let sql = "select to_json(t)::varchar from (select id, name, born, \"at\", fee, ok, hex(pic) as pic, free from s.t order by id) t";
    let found = rows(&project, sql).join("\n").replace("\"\"", "\"");
    for expected in [
        r#"{"id":1,"name":"a,\"b\"\nc","born":"2024-02-29","at":"2024-01-01 01:02:03.5","fee":1.1,"ok":true,"pic":"00FF","free":"1.5"}"#,
        r#"{"id":2,"name":"","born":null,"at":null,"fee":null,"ok":false,"pic":"","free":"text"}"#,
        r#"{"id":3,"name":"\\N","born":null,"at":null,"fee":12.0,"ok":null,"pic":null,"free":null}"#,
    ] {
        assert!(found.contains(expected), "{found}");
    }
}

#[test]
fn sqlite_values_that_do_not_fit_are_refused_or_set_aside_or_declared_as_text() {
    let make = |more: &str| {
        let project = source(&format!("{FILE}{more}"));
        let table = "create table accounts (id integer primary key, age integer); insert into accounts values (1, 30), (2, 'old')";
        sqlite(&project).execute_batch(table).unwrap();
        project
    };
    let text = bad(&make(""), &[]);
    assert!(
        text.contains(
            "1 record of 2 cannot be loaded, the first here: `old` of column age is no BIGINT"
        ),
        "{text}"
    );
    assert!(
        text.contains("declare another type in `columns:`"),
        "{text}"
    );
    let project = make(", max_rejects: 1");
    assert!(good(&project, &[]).contains("1 rejected"));
    assert_eq!(
        rows(&project, "select raw_text from s.t_rejects"),
        ["\"2,old\""]
    );
    let project = source(FILE);
    let table = "create table accounts (id integer primary key, age integer); insert into accounts values (1, 3.7), (2, 3.0)";
    sqlite(&project).execute_batch(table).unwrap();
    assert!(
        bad(&project, &[]).contains("`3.7` of column age is no BIGINT"),
        "a number is rounded"
    );
    let project = make(", columns: {age: varchar}");
    good(&project, &[]);
    assert_eq!(
        rows(&project, "select age from s.t order by id"),
        ["30", "old"]
    );
}

#[test]
fn a_table_without_a_cursor_is_mirrored_and_lands_again_only_when_it_changed() {
    let project = source(FILE);
    let database = sqlite(&project);
    database.execute_batch("create table accounts (id integer primary key, name text); insert into accounts values (1, 'a'), (2, 'b')").unwrap();
    good(&project, &[]);
    assert!(good(&project, &[]).contains("unchanged"));
    assert_eq!(
        rows(&project, "select count(*) from wh.ingested_files"),
        ["1"]
    );
    database
        .execute_batch("delete from accounts where id = 1")
        .unwrap();
    good(&project, &[]);
    assert_eq!(rows(&project, "select id from s.t"), ["2"]);
    // What was there before comes back from the lake's copy.
    database
        .execute_batch("insert into accounts values (1, 'a')")
        .unwrap();
    good(&project, &[]);
    assert_eq!(rows(&project, "select id from s.t order by id"), ["1", "2"]);
    assert_eq!(
        rows(
            &project,
            "select count(*), count(*) filter (active) from wh.ingested_files"
        ),
        ["2,1"]
    );
    database.execute_batch("delete from accounts").unwrap();
    good(&project, &[]);
    assert_eq!(rows(&project, "select count(*) from s.t"), ["0"]);
}

#[test]
fn a_table_merged_without_a_cursor_takes_back_a_value_it_had_before() {
    let project = source(&format!("{FILE}, mode: merge, primary_key: id"));
    let database = sqlite(&project);
    database.execute_batch("create table accounts (id integer primary key, name text); insert into accounts values (1, 'a')").unwrap();
    for (time, name) in [
        ("2026-01-01T00:00:00Z", "a"),
        ("2026-01-02T00:00:00Z", "b"),
        ("2026-01-03T00:00:00Z", "a"),
    ] {
        database
            .execute("update accounts set name = ?1", [name])
            .unwrap();
        good(&project, &[("WH_NOW", time)]);
        assert_eq!(rows(&project, "select name from s.t"), [name]);
    }
}

#[test]
fn ties_and_missing_values_of_the_cursor_lose_no_row() {
    let project = source(&format!("{FILE}, {MERGE}"));
    let database = sqlite(&project);
    // Numbers as text would order 10 before 9.
    database.execute_batch("create table accounts (id integer primary key, updated_at, name text); insert into accounts values (1, 9, 'a'), (2, 10, 'b'), (3, null, 'c')").unwrap();
    good(&project, &[]);
    assert_eq!(rows(&project, "select value from wh.cursors"), ["10"]);
    database.execute_batch("insert into accounts values (4, 10, 'tie'), (5, null, 'none'), (6, 11, 'new'); update accounts set name = 'B' where id = 2").unwrap();
    good(&project, &[]);
    let found = rows(&project, "select id, name from s.t order by id");
    assert_eq!(found, ["1,a", "2,B", "3,c", "4,tie", "5,none", "6,new"]);
    assert_eq!(rows(&project, "select value from wh.cursors"), ["11"]);
}

#[test]
fn a_wrong_declaration_of_a_database_is_answered_with_the_nearest_name() {
    for (ingest, words) in [
        (
            "connector: sqlite, url: \"postgres://u:s3cret@h/d\", table: t",
            vec!["is a `postgres://` address", "set `connector: postgres`"],
        ),
        (
            "connector: sqlite, url: shop.sqlite, table: account",
            vec![
                "`shop.sqlite` has no table `account`",
                "did you mean `accounts`?",
            ],
        ),
        (
            "connector: sqlite, url: shop.sqlite, table: accounts, cursor: update_at, mode: merge, primary_key: id",
            vec![
                "names `update_at`, which `accounts` does not have",
                "did you mean `updated_at`?",
            ],
        ),
        (
            "connector: sqlite, url: shop.sqlite, table: accounts, cursor: updated_at",
            vec!["`cursor:` needs `mode: merge`"],
        ),
        (
            "connector: sqlite, url: shop.sqlite, table: accounts, mode: append",
            vec!["would add the whole table again"],
        ),
        (
            "connector: sqlite, url: nowhere.sqlite, table: accounts",
            vec!["`nowhere.sqlite` cannot be opened", "there is no such file"],
        ),
        (
            "connector: sqlite, url: wh.yml, table: accounts",
            vec!["`wh.yml` is no SQLite file"],
        ),
        (
            "connector: postgres, url: \"mysql://u:s3cret@h/d\", table: t",
            vec!["is no address of a PostgreSQL server"],
        ),
        (
            "connector: postgres, url: \"postgres://u:s3cret@127.0.0.1:9/d\", table: t",
            vec![
                "`postgres://127.0.0.1:9/d` is not available",
                "Connection refused",
            ],
        ),
    ] {
        let project = source(ingest);
        sqlite(&project)
            .execute_batch("create table accounts (id integer primary key, updated_at text)")
            .unwrap();
        let text = bad(&project, &[]);
        for word in words {
            assert!(text.contains(word), "{ingest}: {text}");
        }
        assert!(
            text.contains("models/sources.yml:5:") && !text.contains("s3cret"),
            "{text}"
        );
    }
}

#[test]
fn a_file_that_a_writer_holds_is_read_as_it_was_before() {
    let project = source(FILE);
    let mut database = sqlite(&project);
    database
        .execute_batch(
            "create table accounts (id integer primary key); insert into accounts values (1)",
        )
        .unwrap();
    let change = database.transaction().unwrap();
    change
        .execute_batch("insert into accounts values (2)")
        .unwrap();
    good(&project, &[]);
    assert_eq!(rows(&project, "select id from s.t"), ["1"]);
}

#[test]
fn postgres_types_arrive_exactly() {
    let (mut client, schema, url) = server();
    client
        .batch_execute(
            "create type mood as enum ('sad', 'ok'); create domain fee as numeric(8,3);
             create table \"a.b\" (id int primary key, s smallint, b bigint, n numeric(12,2), free numeric, f fee, r real, d double precision,
                 ok boolean, \"odd \"\"name\" text, bin bytea, born date, ts timestamp, tz timestamptz, t time, iv interval, u uuid, jb jsonb,
                 tags text[], m mood, cash money, ip inet);
             insert into \"a.b\" values (1, -3, 9223372036854775807, 1234567890.12, 1.234567890123456789012345678901234567890, 1.5, 1.1, 0.1, true,
                 E'a,\"b\"\\n', '\\xdeadbeef00', '2024-02-29', '2024-01-01 01:02:03.123456', '2024-06-01 12:00:00+02', '23:59:59.5',
                 '1 year 2 mons 3 days 04:05:06', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{\"b\": [1, 2]}', '{\"x\", \"y,\\\"z\", NULL}', 'ok',
                 '1234.50', '10.0.0.1');
             insert into \"a.b\" (id) values (2);
             insert into \"a.b\" (id, s, b, n, free, f, r, d, ok, \"odd \"\"name\", bin, born, ts) values (3, null, null, null, null, null, null, 'NaN', false, '\\N', '', 'infinity', '-infinity')",
        )
        .unwrap_or_else(|err| panic!("{err:?}"));
    let project = source(&format!(
        "connector: postgres, url: \"{url}\", table: '{schema}.\"a.b\"'"
    ));
    good(&project, &[]);
    let expected = "id INTEGER, s SMALLINT, b BIGINT, n DECIMAL(12,2), free VARCHAR, f DECIMAL(8,3), r FLOAT, d DOUBLE, ok BOOLEAN, \
        odd \"name VARCHAR, bin BLOB, born DATE, ts TIMESTAMP, tz TIMESTAMP WITH TIME ZONE, t TIME, iv INTERVAL, u UUID, jb JSON, tags JSON, \
        m VARCHAR, cash DECIMAL(19,2), ip VARCHAR";
    let found = rows(
        &project,
        "select column_name || ' ' || column_type from (describe s.t) limit 22",
    )
    .join(", ");
    assert_eq!(
        found
            .replace("\"\"", "\"")
            .replace("\"n DECIMAL(12,2)\"", "n DECIMAL(12,2)")
            .replace("\"f DECIMAL(8,3)\"", "f DECIMAL(8,3)")
            .replace("\"odd \"name VARCHAR\"", "odd \"name VARCHAR")
            .replace("\"cash DECIMAL(19,2)\"", "cash DECIMAL(19,2)"),
        expected
    );
    let sql = "select b, n, free, f, r, d, hex(bin), born, ts, tz, t, iv, u, jb, tags->>1, m, cash, ip from s.t where id = 1";
    assert_eq!(
        rows(&project, sql),
        [
            "9223372036854775807,1234567890.12,1.234567890123456789012345678901234567890,1.500,1.1,0.1,DEADBEEF00,2024-02-29,\
          2024-01-01 01:02:03.123456,2024-06-01 10:00:00+00,23:59:59.5,1 year 2 months 3 days 04:05:06,\
          a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11,\"{\"\"b\"\": [1, 2]}\",\"y,\"\"z\",ok,1234.50,10.0.0.1"
        ]
    );
    let sql = "select \"odd \"\"name\", bin is null, octet_length(bin), isnan(d), born, ts from s.t where id = 3";
    assert_eq!(rows(&project, sql), ["\\N,false,0,true,infinity,-infinity"]);
}

#[test]
fn a_source_moves_from_sqlite_to_postgres_by_its_connector_and_address() {
    let (mut client, schema, url) = server();
    let table = "create table accounts (id integer primary key, name text, updated_at text)";
    let project = source(&format!("{FILE}, {MERGE}"));
    let database = sqlite(&project);
    database
        .execute_batch(&format!(
            "{table}; insert into accounts values (1, 'a', '2025-01-01'), (2, 'b', '2025-01-02')"
        ))
        .unwrap();
    good(&project, &[]);
    client.batch_execute(&format!("{table}; insert into accounts values (1, 'a', '2025-01-01'), (2, 'B', '2025-01-02'), (3, 'c', '2025-01-03')")).unwrap();
    project.replace("models/sources.yml", FILE, &format!("connector: postgres, url: \"{{{{ env_var('SHOP', 'none') }}}}\", table: {schema}.accounts, columns: {{id: bigint}}"));
    good(&project, &[("SHOP", &url)]);
    assert_eq!(
        rows(&project, "select id, name from s.t order by id"),
        ["1,a", "2,B", "3,c"]
    );
    assert_eq!(
        rows(&project, "select value from wh.cursors"),
        ["2025-01-03"]
    );
    let text = good(&project, &[("SHOP", &url)]);
    assert!(!text.contains("3 rows"), "{text}");
}

#[test]
fn a_password_is_never_shown() {
    let (_, schema, url) = server();
    let url = url.replace("s3cret", "wr0ng-s3cret");
    let project = source(&format!(
        "connector: postgres, url: \"{url}\", table: {schema}.t"
    ));
    let text = bad(&project, &[]);
    assert!(
        text.contains("password authentication failed") && text.contains("check user and password"),
        "{text}"
    );
    let log = std::fs::read_to_string(project.path(".wh/logs/wh.log")).unwrap();
    assert!(
        !text.contains("s3cret") && !log.contains("s3cret"),
        "{text}{log}"
    );
    assert_eq!(
        rows(
            &project,
            "select count(*) from wh.ingestions where error like '%s3cret%'"
        ),
        ["0"]
    );
}
