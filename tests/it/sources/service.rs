//! Connector `rest`: pages, faults, schedules.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

use super::{Desk, Scratch, bad, good, rows, run, source, tickets};

const TICKETS: &str = "connector: rest, url: \"{{ env_var('DESK', 'http://none') }}\", auth: {bearer: demo}, \
    paginate: {kind: cursor, param: after, next: $.meta.next}, records: $.data, \
    cursor: {field: updated_at, param: since}, mode: merge, primary_key: ticket_id, retry: {attempts: 4, backoff: 20ms}";

fn desk_project(more: &str) -> Scratch {
    let project = source(&format!("{TICKETS}{more}"));
    project.write("tickets.ndjson", tickets(1, 350));
    project
}

#[test]
fn pages_come_in_spite_of_500_500_and_429_and_then_only_what_changed() {
    let project = desk_project("");
    {
        let desk = Desk::open(&project, "500,500,429");
        let text = good(&project, &[("DESK", &desk.url)]);
        assert!(text.contains("350 rows"), "{text}");
        let attempts = "select status, rows, attempts, cursor_after from wh.ingestions";
        assert_eq!(
            rows(&project, attempts),
            ["success,350,7,2025-01-15T14:00:00Z"]
        );
        assert_eq!(
            rows(&project, "select count(distinct ticket_id) from s.t"),
            ["350"]
        );
        let log = std::fs::read_to_string(project.path(".wh/logs/wh.log")).unwrap();
        for word in [
            "500 Internal Server Error",
            "\"wait_ms\":1000",
            "\"page\":4",
            "\"status\":200",
        ] {
            assert!(log.contains(word), "no {word} in {log}");
        }
        assert!(
            !log.contains("Bearer") && !log.contains("text 17"),
            "a secret or a value is logged"
        );
    }
    // One ticket changes, and another one ties with the last change.
    let changed = "{\"ticket_id\": 7, \"updated_at\": \"2025-02-01T00:00:00Z\", \"body\": \"changed\"}\n\
        {\"ticket_id\": 351, \"updated_at\": \"2025-01-15T14:00:00Z\", \"body\": \"late\"}\n";
    let rest: String = tickets(1, 350)
        .lines()
        .filter(|line| !line.contains("\"ticket_id\": 7,"))
        .map(|line| format!("{line}\n"))
        .collect();
    project.write("tickets.ndjson", format!("{rest}{changed}"));
    let desk = Desk::open(&project, "");
    good(&project, &[("DESK", &desk.url)]);
    assert_eq!(
        rows(
            &project,
            "select ticket_id, body from s.t where ticket_id in (7, 350, 351) order by 1"
        ),
        ["7,changed", "350,text 350", "351,late"]
    );
    assert_eq!(rows(&project, "select count(*) from s.t"), ["351"]);
    assert_eq!(
        rows(&project, "select field, value from wh.cursors"),
        ["updated_at,2025-02-01T00:00:00Z"]
    );
    let said = run(
        &project,
        &["build", "--full-refresh"],
        &[("DESK", &desk.url)],
    );
    assert!(
        said.code == 0 && said.text.contains("351 rows"),
        "{}",
        said.text
    );
    assert_eq!(rows(&project, "select count(*) from s.t"), ["351"]);
}

#[test]
fn a_service_that_is_down_fails_the_node_or_keeps_the_last_rows_as_declared() {
    let down = [("DESK", "http://127.0.0.1:9/v1/tickets")];
    for (more, fails) in [("", true), (", on_unavailable: keep", false)] {
        let project = desk_project(more);
        project.write(
            "models/m.sql",
            "select count(*) as n from {{ source('s', 't') }}",
        );
        let desk = Desk::open(&project, "");
        good(&project, &[("DESK", &desk.url)]);
        let text = match fails {
            true => bad(&project, &down),
            false => good(&project, &down),
        };
        assert!(
            text.contains("`http://127.0.0.1:9/v1/tickets` is not available"),
            "{text}"
        );
        assert!(text.contains("Connection refused"), "{text}");
        let expected = if fails {
            "because of t"
        } else {
            "kept the rows of 2026-01-01 00:00 UTC"
        };
        assert!(text.contains(expected), "{text}");
        assert_eq!(rows(&project, "select count(*) from s.t"), ["350"]);
        let attempts = rows(
            &project,
            "select status, attempts, error is null from wh.ingestions order by rows desc",
        );
        let status = if fails { "error" } else { "kept" };
        assert_eq!(
            attempts,
            ["success,4,true".to_owned(), format!("{status},4,false")]
        );
    }
}

#[test]
fn a_service_never_reached_gives_an_empty_table_only_where_columns_are_declared() {
    let down = [("DESK", "http://127.0.0.1:9/v1/tickets")];
    let project = desk_project(", on_unavailable: keep");
    let text = bad(&project, &down);
    assert!(
        text.contains("`s.t` was never loaded, and its columns are not declared"),
        "{text}"
    );
    let project = desk_project(
        ", on_unavailable: keep, columns: {ticket_id: bigint, updated_at: timestamptz}",
    );
    assert!(good(&project, &down).contains("the table has no rows yet"));
    assert_eq!(rows(&project, "select count(*) from s.t"), ["0"]);
    let desk = Desk::open(&project, "");
    good(&project, &[("DESK", &desk.url)]);
    assert_eq!(
        rows(
            &project,
            "select count(*), typeof(any_value(updated_at)), count(body) from s.t"
        ),
        ["350,TIMESTAMP WITH TIME ZONE,350"]
    );
}

#[test]
fn a_source_is_asked_again_when_it_is_due_or_asked_for() {
    for (schedule, due) in [
        ("every: 1h", "2026-01-01 01:00"),
        ("cron: \"30 0 * * *\"", "2026-01-01 00:30"),
    ] {
        let project = desk_project(&format!(", {schedule}"));
        let desk = Desk::open(&project, "");
        let at = |time: &'static str| [("DESK", &*desk.url.clone().leak()), ("WH_NOW", time)];
        good(&project, &at("2026-01-01T00:00:00Z"));
        let text = good(&project, &at("2026-01-01T00:29:00Z"));
        assert!(text.contains(&format!("not due until {due} UTC")), "{text}");
        assert_eq!(rows(&project, "select count(*) from wh.ingestions"), ["1"]);
        let said = run(
            &project,
            &["ingest", "-s", "source:s"],
            &at("2026-01-01T00:29:00Z"),
        );
        assert!(
            said.code == 0 && !said.text.contains("not due"),
            "{}",
            said.text
        );
        let text = good(&project, &at("2026-01-02T02:00:00Z"));
        assert!(!text.contains("not due"), "{text}");
    }
    let text = bad(&source("connector: rest, url: http://h, every: soon"), &[]);
    assert!(
        text.contains("`every` is `soon`") && text.contains("15m, 1h"),
        "{text}"
    );
    let text = bad(
        &source("connector: rest, url: http://h, cron: \"61 * * * *\""),
        &[],
    );
    assert!(
        text.contains("`61 * * * *` is no cron expression"),
        "{text}"
    );
}

/// A service that answers with these heads and bodies, one a request, the last one for ever; and what it was asked.
fn serve(answers: &[(&str, &str)]) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1/t", listener.local_addr().unwrap());
    let answers: Vec<(String, String)> = answers
        .iter()
        .map(|(head, body)| (head.replace("$URL", &url), body.replace("$URL", &url)))
        .collect();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let record = Arc::clone(&asked);
    thread::spawn(move || {
        for (i, stream) in listener.incoming().enumerate() {
            let mut reader = BufReader::new(stream.unwrap());
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).unwrap_or(0) > 0 {}
            record.lock().unwrap().push(head);
            let (head, body) = &answers[i.min(answers.len() - 1)];
            let length = body.len();
            let text = format!(
                "HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
            // A client that has gone away is no fault of the service.
            let _gone = reader.into_inner().write_all(text.as_bytes());
        }
    });
    (url, asked)
}

#[test]
fn every_kind_of_page_is_followed_to_its_end() {
    let one = ("200 OK", "[{\"id\": 1}]");
    let two = ("200 OK", "[{\"id\": 2}]");
    let none = ("200 OK", "[]");
    let link = (
        "200 OK\r\nLink: <$URL?page=2>; rel=\"next\"",
        "[{\"id\": 1}]",
    );
    let next = (
        "200 OK",
        "{\"next\": \"$URL?page=2\", \"items\": [{\"id\": 1}]}",
    );
    let last = ("200 OK", "{\"next\": null, \"items\": [{\"id\": 2}]}");
    for (paginate, answers, second) in [
        ("paginate: {kind: page}", vec![one, two, none], "?page=2"),
        (
            "paginate: {kind: offset, limit: 1}",
            vec![one, two, none],
            "?offset=1&limit=1",
        ),
        ("paginate: {kind: link_header}", vec![link, two], "?page=2"),
        (
            "paginate: {kind: next_url, next: $.next}, records: $.items",
            vec![next, last],
            "?page=2",
        ),
    ] {
        let (url, asked) = serve(&answers);
        let project = source(&format!("connector: rest, url: \"{url}\", {paginate}"));
        good(&project, &[]);
        assert_eq!(
            rows(&project, "select id from s.t order by id"),
            ["1", "2"],
            "{paginate}"
        );
        let asked = asked.lock().unwrap();
        assert!(asked[1].contains(second), "{paginate}: {}", asked[1]);
    }
}

#[test]
fn a_service_that_misbehaves_is_answered_with_its_address_and_a_remedy() {
    let circle = "{\"data\": [{\"id\": 1}], \"next\": \"a\"}";
    let secret = "auth: {bearer: \"{{ env_var('TOKEN') }}\"}";
    for (options, answer, words) in [
        (
            "records: $.data, paginate: {kind: cursor, param: after, next: $.next}",
            ("200 OK", circle),
            ["leads in a circle", "check `paginate:`"],
        ),
        (
            "records: $.dta",
            ("200 OK", circle),
            ["has no `$.dta`", "did you mean `$.data`?"],
        ),
        (
            "timeout: 5s",
            ("200 OK", circle),
            ["has no list at `$`", "set `records: $.data`"],
        ),
        (
            "records: $.data",
            ("200 OK", "<html>"),
            ["what is no JSON", "check `url:`"],
        ),
        (
            secret,
            ("401 Unauthorized", "no s3cret here"),
            ["answers 401 Unauthorized", "check `auth:`"],
        ),
        (
            secret,
            ("404 Not Found", ""),
            ["answers 404 Not Found", "check `url:`"],
        ),
        (
            "retry: {attempts: 2, backoff: 1ms}",
            ("503 Service Unavailable", ""),
            ["is not available", "503 Service Unavailable"],
        ),
        (
            "timeout: 5s",
            ("429 Too Many Requests\r\nRetry-After: 3600", ""),
            ["is not available", "come back in 3600 s"],
        ),
        (
            "mode: merge, primary_key: id, records: $.data, cursor: {field: updated, param: since}",
            ("200 OK", circle),
            ["names `updated`, which no record has", "name a field"],
        ),
        (
            "cursor: {field: id, param: since}",
            ("200 OK", circle),
            ["needs `mode: merge`", "replace those of their key"],
        ),
        (
            "recrods: $.data",
            ("200 OK", circle),
            ["no option `recrods`", "did you mean `records`?"],
        ),
        (
            "paginate: {kind: pages}",
            ("200 OK", circle),
            ["`pages` is no kind", "did you mean `page`?"],
        ),
        (
            "auth: {berer: x}",
            ("200 OK", circle),
            ["no option `berer`", "did you mean `bearer`?"],
        ),
    ] {
        let (url, _) = serve(&[answer]);
        let project = source(&format!(
            "connector: rest, url: \"{url}?key=s3cret\", {options}"
        ));
        let text = bad(&project, &[("TOKEN", "s3cret")]);
        for word in words {
            assert!(text.contains(word), "{options}: {text}");
        }
        assert!(text.contains("models/sources.yml:5:"), "{text}");
        let log = std::fs::read_to_string(project.path(".wh/logs/wh.log")).unwrap();
        assert!(
            !text.contains("s3cret") && !log.contains("s3cret"),
            "{text}{log}"
        );
    }
}

#[test]
fn a_secret_is_sent_as_declared() {
    for (auth, sent) in [
        ("bearer: s3cret", "authorization: Bearer s3cret"),
        ("basic: {user: u, password: p}", "authorization: Basic dTpw"),
        ("header: {name: X-Key, value: s3cret}", "x-key: s3cret"),
        ("param: {name: key, value: s3cret}", "?key=s3cret"),
    ] {
        let (url, asked) = serve(&[("200 OK", "[{\"id\": 1}]")]);
        good(
            &source(&format!(
                "connector: rest, url: \"{url}\", auth: {{{auth}}}"
            )),
            &[],
        );
        let head = asked.lock().unwrap()[0].clone();
        assert!(head.to_lowercase().contains(&sent.to_lowercase()), "{head}");
    }
}

#[test]
fn a_service_that_has_nothing_left_empties_a_table_that_mirrors_it() {
    let (url, _) = serve(&[
        ("200 OK", "[{\"id\": 1}]"),
        ("200 OK", "[{\"id\": 1}]"),
        ("200 OK", "[]"),
    ]);
    let project = source(&format!("connector: rest, url: \"{url}\""));
    good(&project, &[]);
    assert!(good(&project, &[]).contains("unchanged"));
    assert_eq!(rows(&project, "select id from s.t"), ["1"]);
    good(&project, &[]);
    assert_eq!(rows(&project, "select count(*) from s.t"), ["0"]);
}
