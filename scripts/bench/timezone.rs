//! Times expressions over time zones on this engine; run by `scripts/bench/timezone`, which compares with ICU's.
#![expect(clippy::print_stdout, reason = "its output is its result")]

use std::time::Instant;

use wh::diagnostic::Result;
use wh::engine::{DuckDb, Engine, Settings, fetch};

/// Arguments: statements that prepare, `--`, then queries. Prints the best of three times of each query in seconds.
fn main() -> Result<()> {
    let engine = DuckDb::open(&Settings {
        path: ":memory:".into(),
        ..Settings::default()
    })?;
    let mut session = engine.connect()?;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut parts = arguments.split(|argument| argument == "--");
    for statement in parts.next().unwrap_or_default() {
        session.execute(statement)?;
    }
    for query in parts.next().unwrap_or_default() {
        let mut best = f64::INFINITY;
        for _ in 0..3 {
            let started = Instant::now();
            fetch(session.as_mut(), query, &[])?;
            best = best.min(started.elapsed().as_secs_f64());
        }
        println!("{best}");
    }
    Ok(())
}
