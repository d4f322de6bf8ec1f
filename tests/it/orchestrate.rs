//! Runs that fail, are killed, tried again, gone on with; jobs on schedules; commands through the process that holds
//! the warehouse.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::scratch::Scratch;

/// A statement that no machine finishes while a test waits.
const ENDLESS: &str =
    "select count(*) as n from range(10000000) a, range(10000000) b where a.range + b.range = 7";

/// How long something may take that happens soon.
const SOON: Duration = Duration::from_secs(60);

/// A project of three models, one after the other; `middle` is as given.
fn chain(middle: &str) -> Scratch {
    let project = Scratch::empty();
    project.write(
        "wh.yml",
        "name: chain\nwarehouse: {threads: 1}\nmodels: {chain: {+materialized: table}}\n",
    );
    std::fs::create_dir(project.path("models")).unwrap();
    project.write("models/first.sql", "select 1 as a");
    project.write(
        "models/middle.sql",
        format!("{middle} -- {{{{ ref('first') }}}}"),
    );
    project.write("models/last.sql", "select * from {{ ref('middle') }}");
    project
}

/// The lines of JSON that a command prints.
fn json(project: &Scratch, words: &[&str]) -> Vec<Value> {
    let output = project.wh(words).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The last run, with its nodes.
fn last_run(project: &Scratch) -> Value {
    let runs = json(project, &["runs", "--output", "json", "--limit", "1"]);
    json(
        project,
        &[
            "runs",
            runs[0]["run_id"].as_str().unwrap(),
            "--output",
            "json",
        ],
    )
    .remove(0)
}

/// `name attempt status` of each node of a run.
fn nodes(run: &Value) -> Vec<String> {
    let text = |node: &Value, key: &str| node[key].as_str().unwrap().to_owned();
    let nodes = run["nodes"].as_array().unwrap().iter();
    nodes
        .map(|node| {
            format!(
                "{} {} {}",
                text(node, "name"),
                node["attempt"],
                text(node, "status")
            )
        })
        .collect()
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < SOON, "never: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// `wh up`, killed when the test is done with it.
struct Up {
    child: Child,
    lines: mpsc::Receiver<String>,
    said: String,
}

impl Up {
    fn start(project: &Scratch) -> Self {
        let mut child = project
            .wh(&["up", "--no-page"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let mut up = Self {
            child,
            lines,
            said: String::new(),
        };
        up.wait_for("Ctrl-C ends");
        up
    }

    /// Waits for a line that holds `text`.
    fn wait_for(&mut self, text: &str) {
        loop {
            match self.lines.recv_timeout(SOON) {
                Ok(line) => {
                    self.said += &format!("{line}\n");
                    if line.contains(text) {
                        return;
                    }
                }
                Err(_) => panic!("`{text}` was never said, but: {}", self.said),
            }
        }
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &pid])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Ends it politely and returns all it said.
    fn end(mut self) -> String {
        self.signal("-TERM");
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
        while let Ok(line) = self.lines.recv_timeout(Duration::from_secs(1)) {
            self.said += &format!("{line}\n");
        }
        std::mem::take(&mut self.said)
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        if self.child.try_wait().unwrap().is_none() {
            self.child.kill().unwrap();
            self.child.wait().unwrap();
        }
    }
}

#[test]
fn a_killed_build_is_told_as_crashed_and_gone_on_with() {
    let project = chain(ENDLESS);
    let mut child = project.wh(&["build", "--quiet"]).spawn().unwrap();
    until("the second model runs", || {
        project.path(".wh/state.db").exists()
            && last_run_nodes(&project) == ["first 1 success", "middle 1 running"]
    });
    child.kill().unwrap();
    child.wait().unwrap();
    let run = last_run(&project);
    assert_eq!(run["status"], "crashed");
    assert_eq!(nodes(&run), ["first 1 success", "middle 1 error"]);
    project.write("models/middle.sql", "select 2 as a -- {{ ref('first') }}");
    let said = project.run(&["resume"]);
    assert_eq!(said.code, 0, "{}", said.text);
    let resumed = last_run(&project);
    assert_eq!(resumed["resumed_from"], run["run_id"]);
    assert_eq!(nodes(&resumed), ["middle 1 success", "last 1 success"]);
    let again = project.run(&["resume"]);
    assert!(
        again.text.contains("nothing to resume") && again.code == 0,
        "{}",
        again.text
    );
}

/// As [`nodes`] of the last run, while there may be none.
fn last_run_nodes(project: &Scratch) -> Vec<String> {
    let runs = json(project, &["runs", "--output", "json", "--limit", "1"]);
    match runs.first() {
        Some(_) => nodes(&last_run(project)),
        None => Vec::new(),
    }
}

#[test]
fn resume_runs_what_failed_and_what_waited_for_it_with_the_same_choice() {
    let project = chain("select error('no') as a");
    let said = project.run(&[
        "build",
        "-s",
        "first+",
        "--exclude",
        "last",
        "--vars",
        "{x: 1}",
    ]);
    assert_eq!(said.code, 1);
    let failed = last_run(&project);
    assert_eq!(nodes(&failed), ["first 1 success", "middle 1 error"]);
    assert!(
        failed["nodes"][1]["error"]
            .as_str()
            .unwrap()
            .contains("models/middle.sql")
    );
    let said = project.run(&["retry"]);
    assert_eq!(said.code, 1, "{}", said.text);
    project.write(
        "models/middle.sql",
        "select {{ var('x') }} as a -- {{ ref('first') }}",
    );
    let id = failed["run_id"].as_str().unwrap();
    let said = project.run(&["resume", id]);
    assert_eq!(said.code, 0, "{}", said.text);
    assert_eq!(nodes(&last_run(&project)), ["middle 1 success"]);
    let logs = project.run(&["logs", "-s", "middle"]);
    assert!(
        logs.text.contains("info  model middle: success"),
        "{}",
        logs.text
    );
    let wrong = project.run(&["logs", "-s", "midle"]);
    assert!(
        wrong.code == 2 && wrong.text.contains("did you mean `middle`?"),
        "{}",
        wrong.text
    );
}

#[test]
fn a_failed_node_is_tried_again_and_each_attempt_is_kept() {
    let project = chain("{{ config(retries=2, retry_delay='10ms') }} select error('no') as a");
    let said = project.run(&["build"]);
    assert!(
        said.text.matches("retry middle in").count() == 2,
        "{}",
        said.text
    );
    let run = last_run(&project);
    let expected = [
        "first 1 success",
        "middle 1 retried",
        "middle 2 retried",
        "middle 3 error",
        "last 1 skipped",
    ];
    assert_eq!(nodes(&run), expected);
    project.write(
        "models/middle.sql",
        "{{ config(retries='often') }} select 1 as a",
    );
    let wrong = project.run(&["build"]);
    assert!(
        wrong
            .text
            .contains("`retries: often` of `middle` cannot be read"),
        "{}",
        wrong.text
    );
}

#[test]
fn a_history_that_cannot_be_written_stops_no_build() {
    let project = chain("select 2 as a");
    std::fs::create_dir_all(project.path(".wh/state.db")).unwrap();
    let said = project.run(&["build"]);
    assert_eq!(said.code, 0, "{}", said.text);
    assert!(
        said.text.contains("warning: the run is not recorded"),
        "{}",
        said.text
    );
}

/// Adds jobs to a project.
fn with_jobs(project: &Scratch, jobs: &str) {
    let text = std::fs::read_to_string(project.path("wh.yml")).unwrap();
    project.write("wh.yml", format!("{text}{jobs}"));
}

#[test]
fn a_job_runs_on_its_schedule_until_it_is_told_to_end() {
    let project = chain("select 2 as a");
    with_jobs(
        &project,
        "jobs: [{name: often, schedule: {every: 1s}, select: first}]\n",
    );
    let mut up = Up::start(&project);
    up.wait_for("done in");
    up.wait_for("done in");
    up.end();
    let runs = json(&project, &["runs", "--job", "often", "--output", "json"]);
    assert!(runs.len() >= 2);
    assert!(
        runs.iter()
            .all(|run| run["trigger"] == "schedule" && run["status"] == "success")
    );
    assert!(!project.path(".wh/wh.sock").exists());
    let jobs = json(&project, &["jobs", "--output", "json"]);
    assert_eq!(jobs[0]["last_status"], "success");
}

#[test]
fn what_runs_at_the_end_is_undone_and_a_time_that_comes_meanwhile_is_skipped() {
    let project = chain(ENDLESS);
    with_jobs(&project, "jobs: [{name: often, schedule: {every: 1s}}]\n");
    let mut up = Up::start(&project);
    up.wait_for("still runs: this time is skipped");
    let said = up.end();
    assert!(said.contains("stopping: what runs is undone"), "{said}");
    let run = last_run(&project);
    assert_eq!(run["status"], "interrupted");
    assert_eq!(
        nodes(&run),
        ["first 1 success", "middle 1 error", "last 1 skipped"]
    );
}

#[test]
fn a_job_that_takes_too_long_is_stopped_and_has_failed() {
    let project = chain(ENDLESS);
    with_jobs(&project, "jobs: [{name: slow, timeout: 500ms}]\n");
    let said = project.run(&["jobs", "run", "slow"]);
    assert_eq!(said.code, 1, "{}", said.text);
    let run = last_run(&project);
    assert_eq!(run["status"], "failed");
    assert!(
        run["error"]
            .as_str()
            .unwrap()
            .contains("longer than the job's `timeout` of 500ms")
    );
}

#[test]
fn a_time_missed_while_nobody_was_there_is_made_up_for_once() {
    let project = chain("select 2 as a");
    with_jobs(
        &project,
        "jobs:\n- {name: made_up, schedule: {every: 1s}, select: first}\n- {name: left, schedule: {every: 1s}, select: first, on_missed: skip}\n",
    );
    let mut up = Up::start(&project);
    up.wait_for("done in");
    up.end();
    let count = |job: &str| json(&project, &["runs", "--job", job, "--output", "json"]).len();
    let before = count("left");
    thread::sleep(Duration::from_secs(3));
    let mut up = Up::start(&project);
    up.wait_for("job `left` was missed");
    let said = up.end();
    assert!(
        said.contains("job `made_up` was missed") && said.contains("it runs once now"),
        "{said}"
    );
    assert!(
        said.contains("it waits for the next time (`on_missed: skip`)"),
        "{said}"
    );
    assert!(count("left") <= before + 1);
}

/// Answers one request after the other with these statuses, and returns the bodies.
fn webhook(statuses: &'static [u16]) -> (String, mpsc::Receiver<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (sender, bodies) = mpsc::channel();
    thread::spawn(move || {
        for status in statuses {
            let (stream, _) = listener.accept().unwrap();
            sender.send(answer(stream, *status)).unwrap();
        }
    });
    (url, bodies)
}

fn answer(stream: TcpStream, status: u16) -> Value {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let head = format!("HTTP/1.1 {status} x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    reader.get_mut().write_all(head.as_bytes()).unwrap();
    serde_json::from_slice(&body).unwrap()
}

#[test]
fn a_webhook_hears_of_failure_and_recovery_though_it_refuses_at_first() {
    let project = chain("select error('no') as a");
    let (url, bodies) = webhook(&[500, 200, 200]);
    with_jobs(
        &project,
        "jobs: [{name: nightly, alerts: [ops, log]}]\nalerts:\n- {name: ops, on: [failure, recovery], webhook: \"{{ env_var('HOOK') }}\"}\n- {name: log, on: [failure], command: \"cat > told.json\"}\n",
    );
    let run = || {
        let output = project
            .wh(&["jobs", "run", "nightly"])
            .env("HOOK", &url)
            .output()
            .unwrap();
        project.said(&output)
    };
    assert_eq!(run().code, 1);
    let first = bodies.recv_timeout(SOON).unwrap();
    assert_eq!(first, bodies.recv_timeout(SOON).unwrap());
    assert_eq!(
        (&first["event"], &first["job"]),
        (&"failure".into(), &"nightly".into())
    );
    assert_eq!(first["failed"][0]["name"], "middle");
    let told = std::fs::read_to_string(project.path("told.json")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&told).unwrap(), first);
    project.write("models/middle.sql", "select 2 as a -- {{ ref('first') }}");
    let output = project.wh(&["resume"]).env("HOOK", &url).output().unwrap();
    assert_eq!(project.said(&output).code, 0);
    assert_eq!(bodies.recv_timeout(SOON).unwrap()["event"], "recovery");
    // Who only builds needs no secret of the alerts; an alert that cannot be sent fails no job.
    let said = project.run(&["build"]);
    assert_eq!(said.code, 0, "{}", said.text);
}

#[test]
fn an_alert_that_cannot_be_sent_is_said_and_the_job_stays_good() {
    let project = chain("select 2 as a");
    with_jobs(
        &project,
        "jobs: [{name: nightly, alerts: ops}]\nalerts: [{name: ops, on: success, webhook: \"{{ env_var('NO_SUCH') }}\"}]\n",
    );
    let said = project.run(&["jobs", "run", "nightly"]);
    assert_eq!(said.code, 0, "{}", said.text);
    assert!(
        said.text
            .contains("warning: the alert `ops` could not be sent"),
        "{}",
        said.text
    );
}

#[test]
fn a_job_whose_process_was_killed_is_told_of_at_the_next_start() {
    let project = chain(ENDLESS);
    with_jobs(
        &project,
        "jobs: [{name: often, schedule: {every: 1s}, on_missed: skip, alerts: log}]\nalerts: [{name: log, on: failure, command: 'cat >> told.json'}]\n",
    );
    let mut up = Up::start(&project);
    up.wait_for("still runs");
    up.child.kill().unwrap();
    up.child.wait().unwrap();
    // Whoever looks first finds the crash, and takes nothing away by looking.
    assert_eq!(last_run(&project)["status"], "crashed");
    let mut up = Up::start(&project);
    up.wait_for("begins");
    let told = std::fs::read_to_string(project.path("told.json")).unwrap();
    let told: Value = serde_json::from_str(told.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&told["event"], &told["status"]),
        (&"failure".into(), &"crashed".into())
    );
    up.end();
}

#[test]
fn what_is_wrong_with_jobs_is_said_with_its_place() {
    let wrong = |jobs: &str| {
        let project = chain("select 2 as a");
        with_jobs(&project, jobs);
        let said = project.run(&["jobs"]);
        assert_eq!(said.code, 2, "{}", said.text);
        said.text
    };
    let selection = wrong("jobs: [{name: a, select: frist}]\n");
    assert!(
        selection.contains("the job `a` selects no node\n  --> wh.yml:4:15"),
        "{selection}"
    );
    let cron = wrong("jobs: [{name: a, schedule: {cron: \"61 * * * *\"}}]\n");
    assert!(
        cron.contains("`61 * * * *` is no cron expression\n  --> wh.yml:4:35"),
        "{cron}"
    );
    let key = wrong("jobs: [{name: a, shedule: {every: 1s}}]\n");
    assert!(key.contains("did you mean `schedule`?"), "{key}");
    let project = chain("select 2 as a");
    with_jobs(&project, "jobs: [{name: nightly}]\n");
    let said = project.run(&["jobs", "run", "nigthly"]);
    assert!(
        said.code == 2 && said.text.contains("did you mean `nightly`?"),
        "{}",
        said.text
    );
}

/// Commands whose words must not depend on who holds the warehouse.
const COMMANDS: &[&str] = &[
    "wh build",
    "wh build -s revenue --quiet",
    "wh query \"from revenue order by product\"",
    "wh query --format csv \"select *, [1, null] as l, {'a': 1.5::decimal(9, 2)} as s, 'x'::blob as b, null as n from revenue order by product\"",
    "wh query --format json \"from test_all_types()\"",
    "wh query --types \"from test_all_types() limit 0\"",
    "wh query \"select 1 as a; create temp table q as select 3 as x; from q\"",
    "wh query \"begin; from revenue order by product; commit\"",
    "wh query \"explain select 1\"",
    "wh query \"select * from revenu\"",
    "wh query \"drop table revenue\"",
    "wh query --write \"create table t as select 1 as a\"",
    "echo 'select sum(a) as a from t' | wh query -",
    "wh query -o t.csv 'from t' && cat t.csv",
    "wh query --format csv 'select * from range(300000) t(n)' | tail -1",
    "wh query --format csv 'select * from range(3000000) t(n)' | head -1",
    "wh test",
    "wh ingest --full-refresh",
    "wh seed",
    "wh query \"from segments order by customer\"",
    "wh query \"select current_setting('TimeZone') as zone\"",
    "cd models && wh query \"select count(*) as n from read_text('sources.yml')\"",
    "wh build -s no_such",
    "wh build --vars '{least_pieces: 99}' -s stg_orders+",
    "wh debug",
];

#[test]
fn a_command_says_and_does_the_same_through_the_process_that_holds_the_warehouse() {
    let (alone, held) = (
        Scratch::copy_of("tests/projects/shop"),
        Scratch::copy_of("tests/projects/shop"),
    );
    let up = Up::start(&held);
    for line in COMMANDS {
        let (expected, found) = (alone.shell(line), held.shell(line));
        assert_eq!(expected.text, found.text, "{line}");
        assert_eq!(expected.code, found.code, "{line}");
    }
    assert!(held.path(".wh/wh.sock").exists());
    up.end();
    assert_eq!(alone.tables(), held.tables());
    let folders = ["exports", "reports", "raw/lake"];
    assert_eq!(alone.files(&folders), held.files(&folders));
}

#[test]
fn a_second_process_that_wants_to_hold_the_warehouse_is_told_who_does() {
    let project = chain("select 2 as a");
    let up = Up::start(&project);
    let said = project.run(&["up"]);
    assert_eq!(said.code, 2);
    assert!(
        said.text.contains("is in use by `wh` (process [pid])"),
        "{}",
        said.text
    );
    up.end();
}

#[test]
fn one_at_a_time_changes_the_warehouse_and_the_other_waits_as_long_as_it_is_told() {
    let project = chain(ENDLESS);
    let _up = Up::start(&project);
    let mut first = project.wh(&["build", "--quiet"]).spawn().unwrap();
    until("the second model runs", || {
        last_run_nodes(&project).len() == 2
    });
    let said = project.run(&["run", "-s", "first"]);
    assert_eq!(said.code, 2);
    assert!(
        said.text
            .contains("is in use by `wh build` (process [pid])"),
        "{}",
        said.text
    );
    let read = project.run(&["query", "from first"]);
    assert_eq!(read.code, 0, "{}", read.text);
    first.kill().unwrap();
    first.wait().unwrap();
    let said = project.run(&["run", "-s", "first", "--lock-timeout", "30s"]);
    assert_eq!(said.code, 0, "{}", said.text);
}

#[test]
fn a_command_stopped_by_ctrl_c_stops_its_statement_in_the_process_that_holds_the_warehouse() {
    let project = chain(ENDLESS);
    let _up = Up::start(&project);
    let mut build = project.wh(&["build", "--quiet"]).spawn().unwrap();
    until("the second model runs", || {
        last_run_nodes(&project).len() == 2
    });
    let pid = build.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(build.wait().unwrap().code(), Some(1));
    assert_eq!(last_run(&project)["status"], "interrupted");
}

#[test]
fn a_socket_left_behind_by_a_killed_process_is_passed_over() {
    let project = chain("select 2 as a");
    let mut up = Up::start(&project);
    up.child.kill().unwrap();
    up.child.wait().unwrap();
    assert!(project.path(".wh/wh.sock").exists());
    project.build();
    Up::start(&project).end();
}
