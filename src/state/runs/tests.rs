//! The history as it is written and read back.

use super::*;
use crate::state::State;

fn run(run_id: &str, started_at: i64) -> Run {
    Run {
        run_id: run_id.into(),
        command: "build".into(),
        arguments: "wh build".into(),
        selection: "{}".into(),
        job: None,
        trigger: Trigger::User,
        resumed_from: None,
        started_at,
        ended_at: None,
        status: RunStatus::Running,
        pid: std::process::id(),
        git_commit: None,
        n_nodes: 2,
        error: None,
    }
}

fn started(attempt: u32) -> Record {
    Record::Started(Started {
        node_id: "model.shop.orders".into(),
        attempt,
        name: "orders".into(),
        kind: "model".into(),
        worker: 1,
        at: i64::from(attempt) * 10,
    })
}

fn ended(attempt: u32, status: NodeStatus) -> Record {
    Record::Ended(Ended {
        node_id: "model.shop.orders".into(),
        attempt,
        at: i64::from(attempt) * 10 + 5,
        status,
        n_rows: Some(3),
        message: "table".into(),
        error: (status != NodeStatus::Success).then(|| "no".into()),
    })
}

#[test]
fn every_attempt_at_a_node_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let state = State::open(folder.path()).unwrap();
    let held = state.begin_run(&run("a", 1)).unwrap();
    state
        .record(
            "a",
            &[started(1), ended(1, NodeStatus::Retried), started(2)],
        )
        .unwrap();
    state.record("a", &[ended(2, NodeStatus::Success)]).unwrap();
    state.end_run("a", 30, RunStatus::Success, None).unwrap();
    drop(held);
    let nodes = state.node_runs("a").unwrap();
    let seen: Vec<_> = nodes
        .iter()
        .map(|node| {
            (
                node.attempt,
                node.status,
                node.ended_at,
                node.error.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            (1, NodeStatus::Retried, Some(15), Some("no")),
            (2, NodeStatus::Success, Some(25), None)
        ]
    );
    let run = state.run("a").unwrap();
    assert_eq!((run.status, run.ended_at), (RunStatus::Success, Some(30)));
}

#[test]
fn a_run_that_nobody_holds_any_more_has_crashed() {
    let folder = tempfile::tempdir().unwrap();
    let state = State::open(folder.path()).unwrap();
    let alive = state.begin_run(&run("alive", 1)).unwrap();
    let dead = state.begin_run(&run("dead", 2)).unwrap();
    state.record("dead", &[started(1)]).unwrap();
    drop(dead);
    let crashed = state.mark_crashed().unwrap();
    assert_eq!(crashed.len(), 1);
    assert_eq!(state.run("dead").unwrap().status, RunStatus::Crashed);
    assert_eq!(
        state.node_runs("dead").unwrap()[0].status,
        NodeStatus::Error
    );
    assert_eq!(state.run("alive").unwrap().status, RunStatus::Running);
    drop(alive);
}

#[test]
fn a_run_is_found_by_the_beginning_of_its_id() {
    let folder = tempfile::tempdir().unwrap();
    let state = State::open(folder.path()).unwrap();
    for (n, id) in ["2026-a", "2026-b", "2027"].into_iter().enumerate() {
        state
            .begin_run(&run(id, i64::try_from(n).unwrap()))
            .unwrap();
    }
    assert_eq!(state.run("2027").unwrap().run_id, "2027");
    assert_eq!(state.run("2026-a").unwrap().run_id, "2026-a");
    let err = state.run("2026").unwrap_err().to_string();
    assert!(err.contains("`2026-b` and `2026-a`"), "{err}");
    assert!(
        state
            .run("x")
            .unwrap_err()
            .to_string()
            .contains("no run is called `x`")
    );
    assert_eq!(state.last_run(None).unwrap().unwrap().run_id, "2027");
}

#[test]
fn a_line_of_log_keeps_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let state = State::open(folder.path()).unwrap();
    let line = |text: &str, node: Option<&str>| {
        Record::Log(LogLine {
            at: 7,
            level: Level::Info,
            node_id: node.map(str::to_owned),
            text: text.into(),
        })
    };
    state.begin_run(&run("a", 1)).unwrap();
    state.record("a", &[line("one", None)]).unwrap();
    state
        .record("a", &[line("two", Some("n")), line("three", None)])
        .unwrap();
    let texts = |node| -> Vec<String> {
        let lines = state.run_logs("a", node).unwrap();
        lines.into_iter().map(|line| line.text).collect()
    };
    assert_eq!(texts(None), ["one", "two", "three"]);
    assert_eq!(texts(Some("n")), ["two"]);
}

#[test]
fn a_moment_is_recorded_once() {
    let folder = tempfile::tempdir().unwrap();
    let state = State::open(folder.path()).unwrap();
    let fire = |due_at, status| Fire {
        job: "nightly".into(),
        due_at,
        fired_at: due_at,
        run_id: None,
        status,
    };
    assert!(state.record_fire(&fire(1, FireStatus::Started)).unwrap());
    assert!(!state.record_fire(&fire(1, FireStatus::Missed)).unwrap());
    assert!(state.record_fire(&fire(2, FireStatus::Skipped)).unwrap());
    assert_eq!(state.last_fire("nightly").unwrap().unwrap().due_at, 2);
    assert_eq!(state.fires("nightly", 9).unwrap().len(), 2);
    assert_eq!(state.last_fire("other").unwrap(), None);
}

#[test]
fn what_is_old_is_forgotten_with_all_that_belongs_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let state = State::open(folder.path()).unwrap();
    let now = now();
    let fire = |due_at| Fire {
        job: "nightly".into(),
        due_at,
        fired_at: due_at,
        run_id: None,
        status: FireStatus::Started,
    };
    for (id, at) in [("old", 1), ("new", now)] {
        state.begin_run(&run(id, at)).unwrap();
        state.record(id, &[started(1)]).unwrap();
    }
    for due_at in [1, 2] {
        state.record_fire(&fire(due_at)).unwrap();
    }
    state.forget(now).unwrap();
    let left: Vec<_> = state.runs(None, 9).unwrap();
    assert_eq!((left.len(), left[0].run_id.as_str()), (1, "new"));
    assert!(state.node_runs("old").unwrap().is_empty());
    assert_eq!(state.node_runs("new").unwrap().len(), 1);
    // The last is what missed moments are counted from.
    assert_eq!(state.fires("nightly", 9).unwrap().len(), 1);
}
