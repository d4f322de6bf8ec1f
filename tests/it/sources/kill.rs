//! `kill -9` in the middle of ingestion: the next run is right, nothing is lost or doubled.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::database::server;
use super::{Desk, Scratch, good, rows, source, tickets};

/// Everything that ingestion leaves: rows of tables, cursors and records among them, and the lake.
type State = (BTreeMap<String, Vec<String>>, BTreeMap<PathBuf, Vec<u8>>);

fn state(project: &Scratch) -> State {
    (project.tables(), project.files(&["raw/lake"]))
}

/// Builds, kills at many moments, changes the source, kills again, and compares with what an undisturbed project holds.
fn survives(make: &dyn Fn() -> Scratch, change: &dyn Fn(&Scratch), variables: &[(&str, &str)]) {
    let expected = make();
    let started = Instant::now();
    good(&expected, variables);
    let whole = started.elapsed();
    let first = state(&expected);
    let disturbed = make();
    kill_often(&disturbed, whole, variables);
    good(&disturbed, variables);
    assert!(state(&disturbed) == first, "the first load differs");
    for project in [&expected, &disturbed] {
        change(project);
    }
    good(&expected, variables);
    kill_often(&disturbed, whole, variables);
    good(&disturbed, variables);
    let (left, right) = (state(&disturbed), state(&expected));
    for (name, wanted) in &right.0 {
        let found = &left.0[name];
        assert!(
            found == wanted,
            "{name} has {} rows, not {}",
            found.len(),
            wanted.len()
        );
    }
    assert!(left.1 == right.1, "the lake differs");
}

fn kill_often(project: &Scratch, whole: Duration, variables: &[(&str, &str)]) {
    for step in 1..=10 {
        let mut command = project.wh(&["build", "--quiet"]);
        let mut child = command.envs(variables.iter().copied()).spawn().unwrap();
        std::thread::sleep(whole.mul_f64(f64::from(step) / 10.0));
        child.kill().unwrap();
        child.wait().unwrap();
        let lake = project.files(&["raw/lake"]);
        let landed = lake
            .keys()
            .filter(|path| !path.to_string_lossy().contains("/.landing-"));
        assert!(landed.count() <= 3, "a killed fetch is kept twice");
    }
}

#[test]
fn a_sqlite_source_killed_at_any_moment_is_finished_by_the_next_run() {
    let make = || {
        let project = source(
            "connector: sqlite, url: shop.sqlite, table: t, cursor: updated_at, mode: merge, primary_key: id",
        );
        let database = Connection::open(project.path("shop.sqlite")).unwrap();
        database.execute_batch("create table t (id integer primary key, name text, updated_at integer);
            insert into t select value, 'name ' || value, value from (with recursive n(value) as (select 1 union all select value + 1 from n where value < 60000) select value from n)").unwrap();
        project
    };
    let change = |project: &Scratch| {
        let database = Connection::open(project.path("shop.sqlite")).unwrap();
        database.execute_batch("update t set name = 'changed', updated_at = 70000 where id % 3 = 0; insert into t values (60001, 'tie', 60000)").unwrap();
    };
    survives(&make, &change, &[]);
}

#[test]
fn a_service_killed_at_any_moment_is_finished_by_the_next_run() {
    let serving = Scratch::empty();
    serving.write("wh.yml", "name: desk\n");
    serving.write("tickets.ndjson", tickets(1, 900));
    let desk = Desk::open(&serving, "");
    let make = || {
        source(
            "connector: rest, url: \"{{ env_var('DESK', 'http://none') }}\", auth: {bearer: demo}, paginate: {kind: cursor, param: after, next: $.meta.next}, \
             records: $.data, cursor: {field: updated_at, param: since}, mode: merge, primary_key: ticket_id",
        )
    };
    survives(&make, &|_| {}, &[("DESK", &desk.url)]);
}

#[test]
fn a_postgres_source_killed_at_any_moment_is_finished_by_the_next_run() {
    let (mut client, schema, url) = server();
    client.batch_execute("create table t as select n as id, 'name ' || n as name, timestamptz '2025-01-01' + n * interval '1 second' as updated_at from generate_series(1, 60000) n").unwrap();
    let make = || {
        source(&format!(
            "connector: postgres, url: \"{url}\", table: {schema}.t, mode: replace"
        ))
    };
    survives(&make, &|_| {}, &[]);
    let project = make();
    good(&project, &[]);
    assert_eq!(
        rows(&project, "select count(*), count(distinct id) from s.t"),
        ["60000,60000"]
    );
}
