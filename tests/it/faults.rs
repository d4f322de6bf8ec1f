//! `kill -9` at any moment, then the same command: the end is as if nothing had happened.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::scratch::Scratch;

/// Orders of the shop here: enough for moments to differ, few enough to build it many times.
const N_ORDERS: usize = 30_000;

/// Everything that a build leaves: rows of tables, and files.
struct State {
    tables: BTreeMap<String, Vec<String>>,
    files: BTreeMap<PathBuf, Vec<u8>>,
}

/// The shop with many orders in two files, and an incremental model.
fn busy_shop() -> Scratch {
    let shop = Scratch::copy_of("tests/projects/shop");
    for (name, first) in [("orders", 1), ("orders_more", N_ORDERS / 2 + 1)] {
        let mut text = String::from("order_id,customer,product,pieces,price,ordered_on\n");
        for id in first..first + N_ORDERS / 2 {
            let (customer, product) = (id * id % 997, id % 7);
            writeln!(
                text,
                "{id},c{customer},P{product},{},{}.50,2025-01-0{}",
                id % 5 + 1,
                id % 89,
                id % 9 + 1
            )
            .unwrap();
        }
        shop.write(&format!("raw/inbox/{name}.csv"), text);
    }
    shop.write(
        "models/marts/seen.sql",
        "{{ config(materialized='incremental', unique_key='order_id') }}\nselect order_id, customer from {{ ref('stg_orders') }}\n",
    );
    shop.replace(
        "models/marts/marts.yml",
        "from: ref('revenue'), order_by: [product]}",
        "from: ref('seen'), order_by: [order_id]}",
    );
    shop
}

/// Returns what is left once every file that is wh's own record of runs, or a message of `DuckDB`'s, is set aside.
fn state(shop: &Scratch) -> State {
    let tables = shop.tables();
    let mut files = shop.files(&["."]);
    files.retain(|path, _| {
        let path = path.to_string_lossy();
        let is_unfinished_artifact =
            path.starts_with("target/.tmp") || path.starts_with(".warehouse-");
        !path.starts_with(".wh/")
            && !path.starts_with("warehouse.duckdb")
            && !is_unfinished_artifact
    });
    State { tables, files }
}

/// Returns whether a file tells of one run: its time, its id, or the folder it ran in.
fn is_of_one_run(path: &Path) -> bool {
    path.starts_with("target/run") || path.parent() == Some(Path::new("target"))
}

fn assert_same(left: &State, right: &State, when: &str) {
    let names = |state: &State| state.files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(left), names(right), "files, killed {when}");
    let tables = |state: &State| state.tables.keys().cloned().collect::<Vec<_>>();
    assert_eq!(tables(left), tables(right), "tables, killed {when}");
    for (name, rows) in &right.tables {
        let found = &left.tables[name];
        let differs = found
            .iter()
            .zip(rows)
            .find(|(found, wanted)| found != wanted);
        let (n_found, n_wanted) = (found.len(), rows.len());
        assert!(
            found == rows,
            "{name} has {n_found} rows, not {n_wanted}, killed {when}: {differs:?}"
        );
    }
    for (path, bytes) in &right.files {
        if is_of_one_run(path) {
            continue;
        }
        assert!(
            &left.files[path] == bytes,
            "{} differs, killed {when}",
            path.display()
        );
    }
}

/// How long one build takes here and now, and what it leaves.
fn undisturbed() -> (Duration, State) {
    let shop = busy_shop();
    let started = Instant::now();
    shop.build();
    (started.elapsed(), state(&shop))
}

/// Starts a command, and kills it `delay` after it began or, where one is given, after the node ended.
fn kill(shop: &Scratch, command: &str, after: Option<&str>, delay: Duration) {
    let mut child = shop
        .wh(&[command, "--log-format", "json"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    if let Some(node) = after {
        let name = format!("\"name\":\"{node}\"");
        let found = { lines }.find(|line| line.as_ref().unwrap().contains(&name));
        assert!(found.is_some(), "{node} never ended");
        std::thread::sleep(delay);
        child.kill().unwrap();
    } else {
        std::thread::sleep(delay);
        child.kill().unwrap();
    }
    child.wait().unwrap();
}

#[test]
fn a_build_killed_at_any_moment_is_finished_by_the_next() {
    let (whole, expected) = undisturbed();
    for step in 0..8 {
        let delay = whole.mul_f64((f64::from(step) + 0.5) / 8.0);
        let shop = busy_shop();
        kill(&shop, "build", None, delay);
        shop.build();
        assert_same(
            &state(&shop),
            &expected,
            &format!("{delay:?} of {whole:?} after the start"),
        );
    }
}

#[test]
fn a_build_killed_again_and_again_is_finished_by_the_last() {
    let (whole, expected) = undisturbed();
    let shop = busy_shop();
    for step in 0..12 {
        kill(
            &shop,
            "build",
            None,
            whole.mul_f64(f64::from(step % 6 + 1) / 7.0),
        );
    }
    shop.build();
    assert_same(&state(&shop), &expected, "twelve times");
}

#[test]
fn a_file_is_loaded_exactly_once_though_ingestion_is_killed() {
    let (_, expected) = undisturbed();
    let whole = {
        let shop = busy_shop();
        let started = Instant::now();
        assert_eq!(shop.run(&["ingest"]).code, 0);
        started.elapsed()
    };
    let shop = busy_shop();
    for step in 0..10 {
        kill(&shop, "ingest", None, whole.mul_f64(f64::from(step) / 9.0));
    }
    shop.build();
    assert_same(&state(&shop), &expected, "ten times during ingestion");
}

#[test]
fn a_model_killed_while_it_is_built_is_whole_after_the_next_build() {
    let (_, expected) = undisturbed();
    let shop = busy_shop();
    for delay_ms in [0, 2, 4, 8, 16, 32] {
        kill(
            &shop,
            "build",
            Some("stg_orders"),
            Duration::from_millis(delay_ms),
        );
    }
    shop.build();
    assert_same(&state(&shop), &expected, "six times during a model");
}

#[test]
fn a_workbook_killed_while_it_is_written_stays_the_old_one_until_the_next() {
    let (_, expected) = undisturbed();
    let shop = busy_shop();
    shop.build();
    for delay_ms in [0, 5, 10, 20, 40, 80] {
        kill(
            &shop,
            "build",
            Some("revenue_csv"),
            Duration::from_millis(delay_ms),
        );
        let files = shop.files(&["exports"]);
        let workbook = &files[&PathBuf::from("exports/shop.xlsx")];
        assert!(
            workbook == &expected.files[&PathBuf::from("exports/shop.xlsx")],
            "half a workbook after {delay_ms} ms"
        );
    }
    shop.build();
    assert_same(&state(&shop), &expected, "six times during the workbook");
}

#[test]
fn a_model_that_does_not_fit_the_memory_is_built_on_disk() {
    let project = Scratch::empty();
    project.write(
        "wh.yml",
        "name: big\nwarehouse: {memory_limit: 300MB, threads: 4}\nmodels: {+materialized: table}\n",
    );
    project.write(
        "models/facts.sql",
        "select 'C' || lpad((i // 24)::varchar, 6, '0') as customer, (i % 24)::int as month, i::double as x, 'text number ' || i as t from range(1000000) as r(i)",
    );
    let part = |n: usize| {
        format!(
            "left join (select customer, month, sum(x) as x{n}, max(t) as t{n} from {{{{ ref('facts') }}}} group by customer, month) as b{n} using (customer, month)"
        )
    };
    project.write(
        "models/wide.sql",
        format!(
            "select customer, month, x0, t0, x1, t1, x2, t2 from {{{{ ref('facts') }}}} {} {} {}",
            part(0),
            part(1),
            part(2)
        ),
    );
    project.build();
    let sql = "select count(*), count(t2) from wide";
    let rows = project.run(&["query", "--format", "csv", sql]);
    assert!(rows.text.contains("1000000,1000000"), "{}", rows.text);
}
