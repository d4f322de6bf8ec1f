//! The page, served by the real binary to a real client.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use wh::engine::{DuckDb, Engine, Settings};
use wh::state::State;
use wh::state::runs::{
    Ended, Level, LogLine, NodeStatus, Record, Run, RunStatus, Started, Trigger,
};

use crate::scratch::Scratch;

/// `wh serve` on a free port; ends with the value.
struct Served {
    child: Child,
    host: String,
}

impl Served {
    fn of(project: &Scratch) -> Self {
        let mut child = project
            .wh(&["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let host = line.trim().strip_prefix("http://").unwrap().to_owned();
        Self { child, host }
    }

    fn get(&self, path: &str) -> (u16, String) {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(20)))
            .build()
            .into();
        let mut answer = agent
            .get(format!("http://{}{path}", self.host))
            .call()
            .unwrap();
        let status = answer.status().as_u16();
        (status, answer.body_mut().read_to_string().unwrap())
    }

    /// Returns a page that must be there.
    fn page(&self, path: &str) -> String {
        let (status, body) = self.get(path);
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.page(path)).unwrap()
    }

    /// Sends a request as it is written, and returns the whole answer.
    fn raw(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.host).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Served {
    /// Sends a form of the page itself.
    fn post(&self, path: &str) -> String {
        self.post_from(path, &format!("Origin: http://{}\r\n", self.host))
    }

    fn post_from(&self, path: &str, origin: &str) -> String {
        let host = &self.host;
        self.raw(&format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\n{origin}Connection: close\r\nContent-Length: 0\r\n\r\n"
        ))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

const PAGES: &[&str] = &[
    "/",
    "/runs",
    "/runs?status=failed&job=nightly",
    "/catalog",
    "/catalog?q=orders",
    "/graph",
    "/graph?select=%2Borders&tests=1",
    "/quality",
    "/ingestion",
    "/models",
    "/models/churn",
    "/features",
    "/versions",
    "/versions/1",
    "/assets/page.css",
    "/assets/page.js",
    "/assets/icon.svg",
];

fn empty_project() -> Scratch {
    let project = Scratch::empty();
    project.write("wh.yml", "name: empty\n");
    project
}

/// A run of one failed node, whose words are markup.
fn record_a_failed_run(project: &Scratch, run_id: &str, markup: &str) {
    let state = State::open(&project.path("")).unwrap();
    let run = Run {
        run_id: run_id.into(),
        command: "build".into(),
        arguments: format!("wh build -s {markup}"),
        selection: "{}".into(),
        job: Some(markup.into()),
        trigger: Trigger::Schedule,
        resumed_from: None,
        started_at: 1_700_000_000_000_000,
        ended_at: None,
        status: RunStatus::Running,
        pid: 1,
        git_commit: Some(markup.into()),
        n_nodes: 1,
        error: None,
    };
    let held = state.begin_run(&run).unwrap();
    let started = |attempt: u32| {
        Record::Started(Started {
            node_id: "model.empty.orders".into(),
            attempt,
            name: markup.into(),
            kind: "model".into(),
            worker: 0,
            at: run.started_at + i64::from(attempt) * 1_000_000,
        })
    };
    let ended = |attempt: u32, status| {
        Record::Ended(Ended {
            node_id: "model.empty.orders".into(),
            attempt,
            at: run.started_at + i64::from(attempt) * 1_000_000 + 500_000,
            status,
            n_rows: None,
            message: markup.into(),
            error: Some(markup.into()),
        })
    };
    let line = Record::Log(LogLine {
        at: run.started_at,
        level: Level::Error,
        node_id: None,
        text: markup.into(),
    });
    let records = [
        started(1),
        ended(1, NodeStatus::Retried),
        started(2),
        ended(2, NodeStatus::Error),
        line,
    ];
    state.record(run_id, &records).unwrap();
    let end = run.started_at + 3_000_000;
    state
        .end_run(run_id, end, RunStatus::Failed, Some(markup))
        .unwrap();
    drop(held);
}

#[test]
fn every_page_of_a_project_without_any_run_says_what_to_do() {
    let project = empty_project();
    let served = Served::of(&project);
    for path in PAGES {
        served.page(path);
    }
    assert!(served.page("/").contains("wh build"));
    assert!(served.page("/models").contains("cannot be looked into now"));
    assert_eq!(served.json("/api/runs"), serde_json::json!({"runs": []}));
    assert_eq!(served.json("/healthz")["status"], "ok");
}

#[test]
fn every_page_shows_what_a_build_left_behind() {
    let project = Scratch::copy_of("tests/projects/shop");
    let built = project.wh(&["build"]).output().unwrap();
    assert!(built.status.success(), "{built:?}");
    let served = Served::of(&project);
    for path in PAGES {
        served.page(path);
    }
    let runs = served.json("/api/runs");
    let run = &runs["runs"][0];
    assert_eq!(run["status"], "success");
    assert_eq!(run["counts"]["success"], run["n_nodes"]);
    let id = run["run_id"].as_str().unwrap();
    let detail = served.json(&format!("/api/runs/{id}"));
    let nodes = detail["nodes"].as_array().unwrap();
    let page = served.page(&format!("/runs/{id}"));
    for node in nodes {
        let (node_id, name) = (&node["node_id"], node["name"].as_str().unwrap());
        let node_id = node_id.as_str().unwrap();
        assert!(page.contains(name), "{name}");
        served.page(&format!("/runs/{id}/nodes/{node_id}"));
        assert!(served.page(&format!("/nodes/{node_id}")).contains(name));
    }
    assert!(page.contains("<svg class=\"gantt\""));
    assert!(served.page("/").contains("All good"));
}

#[test]
fn names_and_messages_are_text_and_never_markup() {
    let project = empty_project();
    let markup = "<script>alert('x')</script>";
    record_a_failed_run(&project, "one", markup);
    let served = Served::of(&project);
    for path in [
        "/",
        "/runs",
        "/runs/one",
        "/runs/one/nodes/model.empty.orders",
        "/runs/%3Cscript%3Ealert('x')",
        "/nodes/%3Cscript%3Ealert('x')",
        "/models/%3Cscript%3Ealert('x')",
        "/versions/%3Cscript%3Ealert('x')",
        "/runs?status=%3Cscript%3Ealert('x')",
        "/catalog?q=%22%3E%3Cscript%3Ealert('x')",
        "/graph?select=%22%3E%3Cscript%3Ealert('x')",
    ] {
        let (_, body) = served.get(path);
        assert!(!body.contains("<script>alert"), "{path}");
    }
    assert!(served.page("/runs/one").contains("&lt;script&gt;alert"));
}

#[test]
fn a_failed_run_says_how_to_go_on_and_shows_every_attempt() {
    let project = empty_project();
    record_a_failed_run(&project, "one", "no such column");
    let served = Served::of(&project);
    let page = served.page("/runs/one");
    assert!(page.contains("wh resume one"));
    assert!(page.contains("fill s-retried"));
    let attempts = served.page("/runs/one/nodes/model.empty.orders");
    assert!(attempts.contains("Attempt 2"));
    let nodes = &served.json("/api/runs/one")["nodes"];
    assert_eq!(nodes[0]["status"], "retried");
    assert_eq!(nodes[1]["elapsed_ms"], 500);
    assert_eq!(
        served.json("/api/runs?status=success")["runs"],
        serde_json::json!([])
    );
}

#[test]
fn a_job_is_shown_with_its_next_moment_and_begun_by_a_click() {
    let project = Scratch::copy_of("tests/projects/shop");
    let yml = std::fs::read_to_string(project.path("wh.yml")).unwrap();
    let jobs = "\njobs: [{name: nightly, schedule: {cron: '0 3 * * *', timezone: UTC}}]\n";
    project.write("wh.yml", yml + jobs);
    let served = Served::of(&project);
    let job = &served.json("/api/jobs")["jobs"][0];
    assert_eq!(job["name"], "nightly");
    assert!(job["next"].as_str().unwrap().contains("T03:00:00"), "{job}");
    assert_eq!(job["last_run"], Value::Null);
    assert!(served.page("/").contains("Run now"));
    let answer = served.post("/jobs/nightly/run");
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    let begun = |run: &Value| run["job"] == "nightly";
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        let runs = served.json("/api/runs");
        let run = &runs["runs"][0];
        if begun(run) && run["status"] != "running" {
            assert_eq!(run["status"], "success", "{run}");
            break;
        }
        assert!(Instant::now() < until, "{run}");
        std::thread::sleep(Duration::from_millis(100));
    }
    let refused = served.post("/jobs/weekly/run");
    assert!(refused.starts_with("HTTP/1.1 409"), "{refused}");
    assert!(refused.contains("no job is called `weekly`"), "{refused}");
}

#[test]
fn the_keeper_of_the_warehouse_serves_the_page_from_it() {
    let project = Scratch::copy_of("tests/projects/shop");
    project.build();
    let mut child = project
        .wh(&["up", "--listen", "127.0.0.1:0"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let said = lines.find_map(|line| {
        let line = line.unwrap();
        line.strip_prefix("the page is at http://")
            .map(str::to_owned)
    });
    let served = Served {
        child,
        host: said.unwrap(),
    };
    let page = served.page("/ingestion");
    assert!(!page.contains("cannot be looked into now"), "{page}");
}

#[test]
fn only_requests_that_name_this_machine_are_answered() {
    let project = empty_project();
    let served = Served::of(&project);
    let port = served.host.rsplit(':').next().unwrap();
    let asked = |host: &str| {
        let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let answer = served.raw(&request);
        answer.lines().next().unwrap().to_owned()
    };
    assert!(asked(&format!("localhost:{port}")).contains("200"));
    assert!(asked(&format!("127.0.0.1:{port}")).contains("200"));
    assert!(asked(&format!("evil.example:{port}")).contains("403"));
    assert!(asked("127.0.0.1:1").contains("403"));
    let posted = |origin: &str| served.post_from("/jobs/x/run", origin);
    assert!(posted("").starts_with("HTTP/1.1 403"));
    assert!(posted("Origin: http://evil.example\r\n").starts_with("HTTP/1.1 403"));
    assert!(posted("Origin: null\r\n").starts_with("HTTP/1.1 403"));
}

#[test]
fn nothing_from_elsewhere_is_loaded() {
    let project = Scratch::copy_of("tests/projects/shop");
    let served = Served::of(&project);
    let request = format!(
        "GET / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        served.host
    );
    let answer = served.raw(&request);
    assert!(answer.contains("content-security-policy: default-src 'self'"));
    for path in PAGES {
        let body = served.page(path);
        let body = body.replace("http://www.w3.org/", "");
        assert!(
            !body.contains("http://") && !body.contains("https://"),
            "{path}"
        );
        // What the policy would block must not be relied on.
        assert!(
            !body.contains(" style=\"") && !body.contains("<style"),
            "{path}"
        );
    }
}

#[test]
fn what_does_not_exist_is_not_found() {
    let project = empty_project();
    let served = Served::of(&project);
    for path in [
        "/nope",
        "/runs/nope",
        "/nodes/nope",
        "/runs/nope/nodes/nope",
        "/versions/nope",
    ] {
        let (status, body) = served.get(path);
        assert_eq!(status, 404, "{path}");
        assert!(body.contains("Not found"), "{path}");
    }
    let (status, body) = served.get("/api/runs/nope");
    assert_eq!(status, 404);
    let error: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(error["error"], "no run is called `nope`");
}

#[test]
fn a_warehouse_in_use_and_a_broken_project_leave_the_rest_of_the_page() {
    let project = Scratch::copy_of("tests/projects/shop");
    project.wh(&["build"]).output().unwrap();
    let served = Served::of(&project);
    let settings = Settings {
        path: project.path("warehouse.duckdb"),
        ..Settings::default()
    };
    let engine = DuckDb::open(&settings).unwrap();
    let session = engine.connect().unwrap();
    let page = served.page("/quality");
    assert!(page.contains("cannot be looked into now"), "{page}");
    assert!(page.contains("is in use by"), "{page}");
    assert!(served.page("/runs").contains("success"));
    drop((session, engine));
    assert!(
        !served
            .page("/quality")
            .contains("cannot be looked into now")
    );
    project.write("wh.yml", "name: [\n");
    std::thread::sleep(Duration::from_millis(2_100));
    assert!(served.page("/graph").contains("cannot be read as it is"));
    assert!(served.page("/runs").contains("success"));
}

#[test]
fn a_page_that_is_looked_at_does_not_keep_a_build_out() {
    let project = Scratch::copy_of("tests/projects/shop");
    project.wh(&["build"]).output().unwrap();
    let served = Served::of(&project);
    served.page("/quality");
    let built = project.wh(&["build"]).output().unwrap();
    assert!(built.status.success(), "{built:?}");
}

#[test]
fn an_address_that_others_could_reach_is_refused() {
    let project = empty_project();
    let refused = project
        .wh(&["serve", "--listen", "0.0.0.0:0"])
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(
        said.contains("`0.0.0.0:0` is not a loopback address"),
        "{said}"
    );
}

#[test]
fn a_port_in_use_is_named_with_a_way_out() {
    let project = empty_project();
    let served = Served::of(&project);
    let refused = project
        .wh(&["serve", "--listen", &served.host])
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(
        said.contains("is in use") && said.contains("--listen 127.0.0.1:"),
        "{said}"
    );
}

#[test]
#[cfg(unix)]
fn ctrl_c_ends_it_within_a_second() {
    let project = empty_project();
    let mut served = Served::of(&project);
    served.page("/");
    let started = Instant::now();
    let pid = served.child.id().to_string();
    std::process::Command::new("kill")
        .args(["-INT", &pid])
        .status()
        .unwrap();
    let status = served.child.wait().unwrap();
    assert!(status.success(), "{status}");
    assert!(
        started.elapsed() < Duration::from_millis(1_500),
        "{:?}",
        started.elapsed()
    );
}

#[test]
fn a_trained_model_and_its_data_are_shown_and_answered_as_json() {
    let project = Scratch::copy_of("tests/projects/churn_model");
    project.build();
    let served = Served::of(&project);
    let page = served.page("/models/churn");
    for part in ["champion: version 1", "ROC", "Confusion", "standardised"] {
        assert!(page.contains(part), "{part}");
    }
    let models = served.json("/api/models");
    let models = models["models"].as_array().unwrap();
    assert!(models.iter().any(|model| model["is_champion"] == true));
}

#[test]
fn online_values_are_answered_in_the_shape_of_feast() {
    let project = Scratch::copy_of("tests/projects/feature_store");
    project.build();
    assert_eq!(project.run(&["features", "materialize"]).code, 0);
    let served = Served::of(&project);
    assert!(served.page("/features").contains("customer_activity"));
    let values = served.json("/api/features/customer_activity/C1");
    assert_eq!(values["metadata"]["feature_names"][0], "customer_id");
    assert_eq!(values["results"][0]["values"][0], "C1");
    assert_eq!(values["results"][1]["statuses"][0], "OUTSIDE_MAX_AGE");
    assert_eq!(served.get("/api/features/nope/C1").0, 404);
}
