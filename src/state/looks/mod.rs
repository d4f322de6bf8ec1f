//! The history as people look at it: across runs, by node.

use std::collections::BTreeMap;

use rusqlite::{Row, params};

use super::State;
use super::runs::NodeRun;
use crate::diagnostic::Result;

/// The end of a node in one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The run.
    pub run_id: String,
    /// The last attempt of that run.
    pub node: NodeRun,
}

/// How many nodes of a run ended in which way, by the word of the status.
pub type Counts = BTreeMap<String, i64>;

impl State {
    /// Returns how the nodes of each run ended, retried attempts not counted; runs without nodes are left out.
    ///
    /// # Errors
    /// `Environment` when `.wh/` cannot be read.
    pub fn counts(&self, run_ids: &[&str]) -> Result<BTreeMap<String, Counts>> {
        let ids = serde_json::to_string(run_ids)?;
        self.with(|connection| {
            let mut statement = connection.prepare_cached(include_str!("counts.sql"))?;
            let mut rows = statement.query([ids])?;
            let mut counts: BTreeMap<String, Counts> = BTreeMap::new();
            while let Some(row) = rows.next()? {
                let run = counts.entry(row.get(0)?).or_default();
                run.insert(row.get(1)?, row.get(2)?);
            }
            Ok(counts)
        })
    }

    /// Returns the last end of every node that took part in one of the newest `n_runs` runs that began before a
    /// moment (µs), by node id.
    ///
    /// # Errors
    /// `Environment` when `.wh/` cannot be read.
    pub fn last_seen(&self, n_runs: u32, before: i64) -> Result<BTreeMap<String, Seen>> {
        self.with(|connection| {
            let mut statement = connection.prepare_cached(include_str!("last_seen.sql"))?;
            let rows = statement.query_map(params![n_runs, before], seen)?;
            let keyed = rows.map(|row| row.map(|seen| (seen.node.node_id.clone(), seen)));
            Ok(keyed.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Returns how a node ended in the newest runs it took part in, newest first.
    ///
    /// # Errors
    /// `Environment` when `.wh/` cannot be read.
    pub fn node_history(&self, node_id: &str, limit: u32) -> Result<Vec<Seen>> {
        self.with(|connection| {
            let mut statement = connection.prepare_cached(include_str!("node_history.sql"))?;
            let rows = statement.query_map(params![node_id, limit], seen)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }
}

fn seen(row: &Row<'_>) -> rusqlite::Result<Seen> {
    Ok(Seen {
        run_id: row.get(0)?,
        node: NodeRun {
            node_id: row.get(1)?,
            attempt: row.get(2)?,
            name: row.get(3)?,
            kind: row.get(4)?,
            worker: row.get(5)?,
            started_at: row.get(6)?,
            ended_at: row.get(7)?,
            status: row.get(8)?,
            n_rows: row.get(9)?,
            message: row.get(10)?,
            error: row.get(11)?,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::super::runs::{Ended, NodeStatus, Record, Run, RunStatus, Started, Trigger};
    use super::*;

    fn state_with(runs: &[(&str, &[NodeStatus])]) -> (tempfile::TempDir, State) {
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(folder.path()).unwrap();
        for (n, (run_id, attempts)) in runs.iter().enumerate() {
            let at = i64::try_from(n).unwrap() * 100;
            let run = Run {
                run_id: (*run_id).into(),
                command: "build".into(),
                arguments: String::new(),
                selection: "{}".into(),
                job: None,
                trigger: Trigger::User,
                resumed_from: None,
                started_at: at,
                ended_at: None,
                status: RunStatus::Running,
                pid: 1,
                git_commit: None,
                n_nodes: 1,
                error: None,
            };
            drop(state.begin_run(&run).unwrap());
            for (status, attempt) in attempts.iter().zip(1..) {
                let started = Started {
                    node_id: "model.a".into(),
                    attempt,
                    name: "a".into(),
                    kind: "model".into(),
                    worker: 0,
                    at: at + i64::from(attempt),
                };
                let ended = Ended {
                    node_id: "model.a".into(),
                    attempt,
                    at: at + i64::from(attempt) + 1,
                    status: *status,
                    n_rows: None,
                    message: String::new(),
                    error: None,
                };
                let records = [Record::Started(started), Record::Ended(ended)];
                state.record(run_id, &records).unwrap();
            }
        }
        (folder, state)
    }

    #[test]
    fn a_node_is_seen_by_its_last_attempt_of_its_last_run() {
        use NodeStatus::{Error, Retried, Success};
        let (_folder, state) = state_with(&[("one", &[Error]), ("two", &[Retried, Success])]);
        let seen = state.last_seen(10, 1_000).unwrap();
        let last = &seen["model.a"];
        assert_eq!((last.run_id.as_str(), last.node.attempt), ("two", 2));
        let history = state.node_history("model.a", 10).unwrap();
        let words: Vec<_> = history.iter().map(|seen| seen.node.status).collect();
        assert_eq!(words, [Success, Error]);
        let counts = state.counts(&["one", "two", "none"]).unwrap();
        assert_eq!(counts["one"], Counts::from([("error".into(), 1)]));
        assert_eq!(counts["two"], Counts::from([("success".into(), 1)]));
        assert_eq!(counts.len(), 2);
    }
}
