//! Dates and times with a zone, against `DuckDB`'s own ICU extension in the Python wheel.

use std::process::Command;

use arrow::array::{Array, AsArray};
use wh::engine::{DuckDb, Engine, Session, Settings, fetch};

use super::scratch::python;

const EXPRESSIONS: &str = "tests/timezone/expressions.sql";

/// The text and type of an expression's value; `None` for NULL.
type Outcome = [Option<String>; 2];

/// A line of the file: expression, zone, and whether it stands below `-- differs: …`.
struct Line {
    zone: String,
    sql: String,
    differs: bool,
}

#[test]
fn every_expression_gives_what_icu_gives() {
    let lines = lines();
    assert!(
        lines.len() >= 300,
        "{} expressions are too few",
        lines.len()
    );
    let expected = oracle();
    assert_eq!(
        lines.len(),
        expected.len(),
        "the two readers of {EXPRESSIONS} disagree"
    );
    let engine = DuckDb::open(&in_memory()).unwrap();
    let mut session = engine.connect().unwrap();
    let mut wrong = Vec::new();
    for (line, expected) in lines.iter().zip(expected) {
        session
            .execute(&format!("set TimeZone = '{}'", line.zone))
            .unwrap();
        let outcome = evaluate(session.as_mut(), &line.sql);
        let actual = outcome
            .as_ref()
            .cloned()
            .unwrap_or_else(|_| [Some("error".into()), Some("error".into())]);
        if (actual == expected) == line.differs {
            wrong.push(format!(
                "[{}] {}\n    icu {expected:?}\n    wh  {outcome:?}",
                line.zone, line.sql
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        lines.len(),
        wrong.join("\n")
    );
}

fn evaluate(session: &mut dyn Session, sql: &str) -> Result<Outcome, String> {
    let query = format!("select cast(({sql}) as varchar), typeof({sql})");
    let batch = fetch(session, &query, &[]).map_err(|err| format!("{err:#}"))?;
    Ok([0, 1].map(|at| {
        let texts = batch.column(at).as_string::<i32>();
        texts.is_valid(0).then(|| texts.value(0).to_owned())
    }))
}

fn in_memory() -> Settings {
    Settings {
        path: ":memory:".into(),
        ..Settings::default()
    }
}

fn lines() -> Vec<Line> {
    let text = std::fs::read_to_string(EXPRESSIONS).unwrap();
    let (mut zone, mut differs, mut lines) = (String::from("UTC"), false, Vec::new());
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(name) = line.strip_prefix("-- zone: ") {
            (zone, differs) = (name.to_owned(), false);
        }
        differs |= line.starts_with("-- differs: ");
        if !line.starts_with("--") {
            lines.push(Line {
                zone: zone.clone(),
                sql: line.to_owned(),
                differs,
            });
        }
    }
    lines
}

fn oracle() -> Vec<Outcome> {
    let output = Command::new(python())
        .args(["tests/timezone/oracle.py", EXPRESSIONS])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_session_keeps_its_own_zone() {
    let engine = DuckDb::open(&in_memory()).unwrap();
    let [mut tokyo, mut berlin] = [engine.connect().unwrap(), engine.connect().unwrap()];
    tokyo.execute("set TimeZone = 'asia/tokyo'").unwrap();
    berlin.execute("set time zone 'Europe/Berlin'").unwrap();
    // Enough rows for several threads; every one must see the zone of its query.
    let instants = "(select make_timestamptz(i * 3600000000) as t from range(300000) r(i))";
    let wrong = format!(
        "(select count(*) from {instants} where t::timestamp != timezone(current_setting('TimeZone'), t))"
    );
    for (session, zone) in [(&mut tokyo, "Asia/Tokyo"), (&mut berlin, "Europe/Berlin")] {
        let value = |sql: &str, session: &mut dyn Session| {
            evaluate(session, sql).unwrap()[0].clone().unwrap()
        };
        assert_eq!(value("current_setting('TimeZone')", session.as_mut()), zone);
        assert_eq!(value(&wrong, session.as_mut()), "0");
    }
    tokyo.execute("reset TimeZone").unwrap();
    let [fresh, reset] = [engine.connect().unwrap(), tokyo]
        .map(|mut session| evaluate(session.as_mut(), "current_setting('TimeZone')").unwrap());
    assert_eq!(fresh, reset);
}

#[test]
fn an_unknown_zone_is_answered_with_the_nearest() {
    let engine = DuckDb::open(&in_memory()).unwrap();
    let mut session = engine.connect().unwrap();
    let refused = format!(
        "{:#}",
        session
            .execute("set TimeZone = 'Amerika/New_York'")
            .unwrap_err()
    );
    assert!(
        refused.contains("no time zone is named `Amerika/New_York`"),
        "{refused}"
    );
    assert!(refused.contains("`America/New_York`"), "{refused}");
    session.execute("set TimeZone = null").unwrap_err();
}
