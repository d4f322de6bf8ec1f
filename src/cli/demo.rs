//! `wh demo serve-tickets`: a help desk of the demo, which hands out tickets page by page. No part of the product:
//! it answers on this machine only, one request after the other.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use clap::{Args, Subcommand};

use super::args::Global;
use super::{project, say};
use crate::diagnostic::{Diagnostic, Result};

/// Parts of the demo that are not in files.
#[derive(Debug, Clone, Args)]
pub(crate) struct DemoArgs {
    #[command(subcommand)]
    pub(crate) command: DemoCommand,
}

/// What `wh demo` can run.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum DemoCommand {
    /// Serve support tickets over HTTP, on this machine only: pages of 100, bearer token `demo`
    ServeTickets(ServeTicketsArgs),
}

/// Options of `wh demo serve-tickets`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ServeTicketsArgs {
    /// Port to serve at; 0 takes a free one and says which
    #[arg(long, value_name = "PORT", default_value_t = 8788)]
    pub(crate) port: u16,
    /// File of tickets in the project, one JSON object a line
    #[arg(
        long,
        value_name = "FILE",
        default_value = "scripts/demo/tickets.ndjson"
    )]
    pub(crate) file: PathBuf,
    /// Answer the first requests with these statuses, such as 500,500,429
    #[arg(long, value_name = "STATUS", value_delimiter = ',')]
    pub(crate) fail: Vec<u16>,
}

/// What a request must carry.
const TOKEN: &str = "demo";
/// Tickets of a page.
const PAGE: usize = 100;
/// The longest request line or header, in bytes.
const LONGEST_LINE: u64 = 8 << 10;

/// Serves the tickets of a file until it is stopped.
///
/// # Errors
/// `Environment` when the file cannot be read or the port is taken, `Data` when a line of the file is no ticket.
pub(super) fn serve_tickets(global: &Global, args: &ServeTicketsArgs) -> Result<()> {
    let file = project::root(global)?.join(&args.file);
    let desk = Desk {
        tickets: read(&file, &args.file)?,
        token: TOKEN,
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, args.port)).map_err(|err| {
        Diagnostic::environment(format!("port {} cannot be served", args.port))
            .because(err)
            .hint("choose another one: `--port 8790`")
    })?;
    let port = listener.local_addr().map_or(args.port, |at| at.port());
    say(&format!(
        "{} tickets at http://127.0.0.1:{port}/v1/tickets · bearer token `{TOKEN}` · Ctrl-C ends it",
        desk.tickets.len()
    ));
    let mut failures = args.fail.iter().copied();
    for stream in listener.incoming() {
        let served = stream.and_then(|stream| desk.serve(stream, failures.next()));
        match served {
            Ok(line) if !global.quiet => say(&line),
            Ok(_) => {}
            Err(err) => say(&format!("a request broke off: {err}")),
        }
    }
    Ok(())
}

/// The tickets in the order of their last change.
struct Desk {
    tickets: Vec<Ticket>,
    token: &'static str,
}

struct Ticket {
    updated_at: String,
    id: String,
    /// The ticket as it stands in the file.
    value: Value,
}

fn read(file: &Path, shown: &Path) -> Result<Vec<Ticket>> {
    let text = std::fs::read_to_string(file).map_err(|err| {
        Diagnostic::environment(format!("`{}` cannot be read", shown.display()))
            .because(err)
            .hint("name a file of tickets, one JSON object a line: `--file FILE`")
    })?;
    let mut tickets = Vec::new();
    for (line, text) in (1..)
        .zip(text.lines())
        .filter(|(_, text)| !text.trim().is_empty())
    {
        let wrong = || {
            Diagnostic::data("a line is no ticket")
                .at_line(shown, line, 0)
                .hint("a ticket is a JSON object with `ticket_id` and `updated_at`")
        };
        let value: Value = serde_json::from_str(text).map_err(|err| wrong().because(err))?;
        let field = |name: &str| match value.get(name) {
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => None,
        };
        let (Some(updated_at), Some(id)) = (field("updated_at"), field("ticket_id")) else {
            return Err(wrong().into());
        };
        tickets.push(Ticket {
            updated_at,
            id,
            value,
        });
    }
    tickets.sort_by(|a, b| (&a.updated_at, &a.id).cmp(&(&b.updated_at, &b.id)));
    Ok(tickets)
}

/// What is asked for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Asked {
    path: String,
    after: Option<String>,
    since: Option<String>,
    token: Option<String>,
}

impl Desk {
    /// Answers one request, with the status `failure` where one is given, and returns a line about it.
    fn serve(&self, stream: TcpStream, failure: Option<u16>) -> std::io::Result<String> {
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let mut reader = BufReader::new(stream);
        let asked = asked(&mut reader)?;
        let (status, body) = match failure {
            Some(status) => (status, json!({"error": "as `--fail` asks"})),
            None => self.answer(&asked),
        };
        let body = body.to_string();
        let pause = if status == 429 {
            "Retry-After: 1\r\n"
        } else {
            ""
        };
        let head = format!(
            "HTTP/1.1 {status} {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n{pause}\r\n",
            reason(status),
            body.len()
        );
        let mut stream = reader.into_inner();
        stream.write_all(head.as_bytes())?;
        stream.write_all(body.as_bytes())?;
        stream.flush()?;
        let page = asked
            .after
            .map(|after| format!(" after {after}"))
            .unwrap_or_default();
        let since = asked
            .since
            .map(|since| format!(" since {since}"))
            .unwrap_or_default();
        Ok(format!("{status} {}{since}{page}", asked.path))
    }

    fn answer(&self, asked: &Asked) -> (u16, Value) {
        if asked.token.as_deref() != Some(self.token) {
            return (401, json!({"error": "a bearer token is missing or wrong"}));
        }
        if asked.path != "/v1/tickets" {
            return (404, json!({"error": "there is only /v1/tickets"}));
        }
        let is_asked = |ticket: &&Ticket| {
            asked
                .since
                .as_ref()
                .is_none_or(|since| ticket.updated_at >= *since)
        };
        let mark = |ticket: &Ticket| format!("{}~{}", ticket.updated_at, ticket.id);
        let found: Vec<&Ticket> = self.tickets.iter().filter(is_asked).collect();
        let start = match &asked.after {
            None => 0,
            Some(after) => match found.iter().position(|ticket| mark(ticket) == *after) {
                Some(last) => last + 1,
                None => {
                    return (
                        400,
                        json!({"error": "`after` is no cursor of this service"}),
                    );
                }
            },
        };
        let page = &found[start..found.len().min(start + PAGE)];
        let is_last = start + page.len() == found.len();
        let next = page.last().filter(|_| !is_last).map(|ticket| mark(ticket));
        let data: Vec<&Value> = page.iter().map(|ticket| &ticket.value).collect();
        (200, json!({"data": data, "meta": {"next": next}}))
    }
}

/// Reads the head of a request.
fn asked(reader: &mut impl BufRead) -> std::io::Result<Asked> {
    let mut line = String::new();
    reader.by_ref().take(LONGEST_LINE).read_line(&mut line)?;
    let target = line.split(' ').nth(1).unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut asked = Asked {
        path: path.into(),
        ..Asked::default()
    };
    for pair in query.split('&') {
        match pair.split_once('=') {
            Some(("after", value)) => asked.after = Some(decoded(value)),
            Some(("since", value)) => asked.since = Some(decoded(value)),
            _ => {}
        }
    }
    loop {
        line.clear();
        reader.by_ref().take(LONGEST_LINE).read_line(&mut line)?;
        if line.trim().is_empty() {
            return Ok(asked);
        }
        let header = line
            .split_once(':')
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim()));
        if let Some((name, value)) = header
            && name == "authorization"
        {
            asked.token = value.strip_prefix("Bearer ").map(str::to_owned);
        }
    }
}

/// Returns a value of a query without its `%` escapes.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = (*first == b'%')
            .then(|| std::str::from_utf8(after.get(..2)?).ok())
            .flatten()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match escaped {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(if *first == b'+' { b' ' } else { *first });
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        404 => "Not Found",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Status",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_with_its_cursor_and_token() {
        let head = "GET /v1/tickets?after=2026-01-01T00%3A00%3A00Z~7&since=a+b HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer demo\r\n\r\n";
        let expected = Asked {
            path: "/v1/tickets".into(),
            after: Some("2026-01-01T00:00:00Z~7".into()),
            since: Some("a b".into()),
            token: Some("demo".into()),
        };
        assert_eq!(asked(&mut head.as_bytes()).unwrap(), expected);
    }

    #[test]
    fn pages_hold_every_ticket_once_and_end() {
        let ticket = |n: usize| Ticket {
            updated_at: format!("2026-01-{:02}", n / 20 + 1),
            id: format!("{n:04}"),
            value: json!(n),
        };
        let desk = Desk {
            tickets: (0..250).map(ticket).collect(),
            token: TOKEN,
        };
        let mut asked = Asked {
            path: "/v1/tickets".into(),
            token: Some(TOKEN.into()),
            ..Asked::default()
        };
        let mut seen = Vec::new();
        loop {
            let (status, body) = desk.answer(&asked);
            assert_eq!(status, 200);
            seen.extend(
                body["data"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|n| n.as_u64().unwrap()),
            );
            let Some(next) = body["meta"]["next"].as_str() else {
                break;
            };
            asked.after = Some(next.into());
        }
        assert_eq!(seen, (0..250).collect::<Vec<u64>>());
        asked.token = None;
        assert_eq!(desk.answer(&asked).0, 401);
    }
}
