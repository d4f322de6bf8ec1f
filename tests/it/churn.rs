//! The churn demo at the repository's root, as a new user builds it, and what may go wrong with its sources.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use super::scratch::{Said, Scratch};

/// Outputs that the README promises.
const OUTPUTS: &[&str] = &[
    "exports/churn_retention.xlsx",
    "exports/churn_scores.csv",
    "reports/churn.html",
];

/// The support desk of the demo; it ends with the value.
struct Desk {
    process: Child,
    url: String,
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// The demo with its own data, but nothing that was built.
fn demo() -> Scratch {
    let demo = Scratch::empty();
    for folder in ["models", "sql", "raw/inbox", "scripts/demo"] {
        demo.add(folder);
    }
    for file in ["wh.yml", "raw/crm.sqlite"] {
        demo.write(file, std::fs::read(file).unwrap());
    }
    demo
}

/// Opens the support desk, which answers with the failures first.
fn open_desk(demo: &Scratch, fail: &[&str]) -> Desk {
    let mut words = vec!["demo", "serve-tickets", "--port", "0"];
    words.extend(fail);
    let mut process = demo.wh(&words).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = BufReader::new(process.stderr.take().unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    let url = line
        .split_whitespace()
        .find(|word| word.starts_with("http://"))
        .unwrap_or_else(|| panic!("no address in `{line}`"))
        .to_owned();
    // Its further lines must go somewhere, or it stops when the pipe is full.
    std::thread::spawn(move || stderr.lines().map_while(Result::ok).count());
    Desk { process, url }
}

/// Builds what is tagged `churn`, with the desk at `url`.
fn build(demo: &Scratch, url: &str) -> Said {
    let output = demo
        .wh(&["build", "-s", "tag:churn"])
        .env("SUPPORT_URL", url)
        .output()
        .unwrap();
    demo.said(&output)
}

/// Nobody listens there: port 9 is for discarding, and needs no service.
const NOBODY: &str = "http://127.0.0.1:9/v1/tickets";

fn value(demo: &Scratch, sql: &str) -> String {
    let said = demo.run(&["query", "--quiet", "--format", "csv", sql]);
    assert_eq!(said.code, 0, "{}", said.text);
    said.text.lines().nth(1).unwrap_or_default().to_owned()
}

#[test]
fn churn_is_built_from_all_sources_and_a_second_build_changes_nothing() {
    let demo = demo();
    let desk = open_desk(&demo, &[]);
    let said = build(&demo, &desk.url);
    assert_eq!(said.code, 0, "{}", said.text);
    for output in OUTPUTS {
        let length = std::fs::metadata(demo.path(output))
            .unwrap_or_else(|_| panic!("{output} is missing"))
            .len();
        assert!(length > 1000, "{output} has {length} bytes");
    }
    let counts = "select (select count(*) from raw.accounts) as accounts, (select count(*) from raw.tickets) as tickets,
        (select count(*) from churn_dataset) as examples, (select count(*) from churn_scores) as scores";
    let first = value(&demo, counts);
    assert_eq!(first, "5065,8578,4418,3183");
    let read = || std::fs::read(demo.path("exports/churn_scores.csv")).unwrap();
    let scores = read();
    let said = build(&demo, &desk.url);
    assert_eq!(said.code, 0, "{}", said.text);
    assert_eq!(value(&demo, counts), first);
    assert_eq!(
        value(
            &demo,
            "select max(version) from wh.ml_models where model = 'churn_scores'"
        ),
        "1"
    );
    assert!(read() == scores);
}

#[test]
fn a_closed_support_desk_is_said_and_the_last_tickets_stay() {
    let demo = demo();
    let said = build(&demo, NOBODY);
    assert_eq!(said.code, 0, "{}", said.text);
    assert!(said.text.contains("is not available"), "{}", said.text);
    assert_eq!(value(&demo, "select count(*) from raw.tickets"), "0");
    let desk = open_desk(&demo, &[]);
    assert_eq!(build(&demo, &desk.url).code, 0);
    assert_eq!(value(&demo, "select count(*) from raw.tickets"), "8578");
    drop(desk);
    let said = build(&demo, NOBODY);
    assert_eq!(said.code, 0, "{}", said.text);
    assert_eq!(value(&demo, "select count(*) from raw.tickets"), "8578");
}

#[test]
fn a_support_desk_that_stumbles_is_asked_again() {
    let demo = demo();
    let desk = open_desk(&demo, &["--fail", "500,500,429"]);
    let said = build(&demo, &desk.url);
    assert_eq!(said.code, 0, "{}", said.text);
    assert!(!said.text.contains("is not available"), "{}", said.text);
    assert_eq!(value(&demo, "select count(*) from raw.tickets"), "8578");
}

#[test]
fn months_that_come_late_twice_or_with_a_new_column_are_taken_once() {
    let demo = demo();
    let late = std::fs::read(demo.path("raw/inbox/invoices_2026-10.csv")).unwrap();
    std::fs::remove_file(demo.path("raw/inbox/invoices_2026-10.csv")).unwrap();
    let double = std::fs::read(demo.path("raw/inbox/invoices_2026-09.csv")).unwrap();
    demo.write("raw/inbox/invoices_2026-09 (1).csv", &double);
    let usage = std::fs::read_to_string(demo.path("raw/inbox/usage_2026-10.csv")).unwrap();
    let wider: String = usage
        .lines()
        .enumerate()
        .map(|(n, line)| format!("{line},{}\n", if n == 0 { "roaming_gb" } else { "0.5" }))
        .collect();
    demo.write("raw/inbox/usage_2026-10.csv", wider);
    let said = build(&demo, NOBODY);
    assert_eq!(said.code, 0, "{}", said.text);
    let months = "select count(distinct month), max(month) from fct_customer_months";
    assert_eq!(value(&demo, months), "23,2026-09-01");
    assert_eq!(
        value(
            &demo,
            "select count(*) - count(distinct invoice_id) < 402 from raw.invoices"
        ),
        "true"
    );
    assert_eq!(
        value(
            &demo,
            "select count(*) > 0 from raw.usage where roaming_gb = '0.5'"
        ),
        "true"
    );
    demo.write("raw/inbox/invoices_2026-10.csv", &late);
    let said = build(&demo, NOBODY);
    assert_eq!(said.code, 0, "{}", said.text);
    assert_eq!(value(&demo, months), "24,2026-10-01");
    assert_eq!(value(&demo, "select count(*) from raw.invoices"), "80043");
}

#[test]
fn no_example_knows_what_came_after_its_label() {
    let demo = demo();
    assert_eq!(build(&demo, NOBODY).code, 0);
    let before = value(
        &demo,
        "select md5(string_agg(e::varchar, '' order by customer_id)) from churn_training_set e where label_date < date '2026-01-01'",
    );
    // Everything after the labels changes: later months are multiplied, and half of the customers leave later.
    for month in ["2026-01", "2026-02", "2026-03"] {
        let file = format!("raw/inbox/usage_{month}.csv");
        let text = std::fs::read_to_string(demo.path(&file)).unwrap();
        demo.write(&file, text.replace(",1", ",9"));
    }
    assert_eq!(
        demo.run(&["build", "-s", "tag:churn", "--full-refresh"])
            .code,
        0
    );
    let after = value(
        &demo,
        "select md5(string_agg(e::varchar, '' order by customer_id)) from churn_training_set e where label_date < date '2026-01-01'",
    );
    assert_eq!(before, after);
}

#[test]
fn a_training_killed_at_any_moment_is_finished_by_the_next() {
    let demo = demo();
    let prepared = demo.run(&["build", "-s", "+churn_scores", "--exclude", "churn_scores"]);
    assert_eq!(prepared.code, 0, "{}", prepared.text);
    let train = &[
        "build",
        "-s",
        "churn_scores",
        "--exclude",
        "resource_type:test",
    ];
    let has_crashed = || demo.run(&["runs"]).text.contains("crashed");
    for wait_ms in (30..450).step_by(60).chain([1000, 2000, 4000]) {
        // The long waits are for a busy machine, where nothing has begun before.
        if wait_ms >= 1000 && has_crashed() {
            break;
        }
        let mut training = demo.wh(train).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(wait_ms));
        training.kill().unwrap();
        training.wait().unwrap();
    }
    let said = demo.run(train);
    assert_eq!(said.code, 0, "{}", said.text);
    let trained = "select max(version), count(distinct version), count(*) = count(*) filter (probability between 0 and 1)
        from wh.ml_models, churn_scores where model = 'churn_scores'";
    assert_eq!(value(&demo, trained), "1,1,true");
    assert!(has_crashed());
    let bytes = "select sha256 from wh.ml_models where model = 'churn_scores' order by all limit 1";
    let killed = value(&demo, bytes);
    let undisturbed = self::demo();
    assert_eq!(build(&undisturbed, NOBODY).code, 0);
    assert_eq!(value(&undisturbed, bytes), killed);
}
