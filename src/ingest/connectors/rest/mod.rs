//! HTTP services that answer with JSON, page by page. Every record lands as it stands in its page.

mod auth;
mod client;
mod paginate;
mod records;

use std::cmp::Ordering;
use std::io::Write;
use std::time::Duration;

use self::auth::Auth;
use self::client::{Client, Retry, shown};
use self::paginate::{Pages, Paginate, Read};
use self::records::{Path, compare, field, records};
use super::options::{Options, declared_columns};
use super::{Ask, Connector, Landing};
use crate::diagnostic::{Diagnostic, Result, nearest};
use crate::ingest::cursors::{Boundary, Cursor};
use crate::ingest::formats::Reading;
use crate::ingest::lake::Lake;
use crate::project::nodes::Mode;

/// The connector `rest`.
pub(super) struct Rest;

const KEYS: [&str; 10] = [
    "url", "auth", "params", "headers", "paginate", "records", "cursor", "retry", "timeout",
    "columns",
];

impl Connector for Rest {
    fn name(&self) -> &'static str {
        "rest"
    }

    fn about(&self) -> &'static str {
        "HTTP services that answer with JSON, page by page"
    }

    fn mode(&self) -> Mode {
        Mode::Replace
    }

    fn land(&self, ask: &Ask<'_>, lake: &mut Lake) -> Result<Landing> {
        let service = Service::parse(ask)?;
        let since = ask.since.filter(|since| {
            service
                .cursor
                .as_ref()
                .is_some_and(|cursor| cursor.field == since.field)
        });
        let mut fetch = Fetch {
            draft: lake.draft()?,
            n_records: 0,
            greatest: since.map(|since| since.value.clone()),
            ties: Boundary::default(),
            without: Boundary::default(),
            last: String::new(),
        };
        let tries = service.fetch(ask, since, &mut fetch)?;
        let cursor = service.reached(&fetch, since)?;
        let mut landing = Landing {
            matching: Vec::new(),
            extent: super::extent(ask.mode),
            reading: Reading {
                format: Some("ndjson"),
                columns: declared_columns(&ask.request.ingest.options)?,
                fetched: true,
                ..Reading::default()
            },
            cursor,
            tries,
            note: Some("nothing new".into()),
        };
        let is_known = since.is_some() && since == landing.cursor.as_ref();
        if fetch.n_records > 0 && !is_known {
            let name = format!("{}.ndjson", ask.request.ingest.table);
            let origin = shown(&service.url);
            landing.matching = vec![lake.admit(fetch.draft, (&origin, &name), ask.request.now)?];
            landing.note = None;
        }
        Ok(landing)
    }
}

/// The field whose values grow, and the parameter that asks for those from a value on.
struct Growing {
    field: String,
    param: String,
    /// What the first fetch asks for.
    start: Option<String>,
}

/// What is asked of which service, and how.
struct Service {
    url: String,
    params: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    auth: Auth,
    paginate: Paginate,
    records: Path,
    cursor: Option<Growing>,
    retry: Retry,
    timeout: Duration,
}

/// What has come so far.
struct Fetch {
    draft: crate::ingest::lake::Draft,
    n_records: u64,
    /// The cursor's greatest value.
    greatest: Option<String>,
    /// Records with that value.
    ties: Boundary,
    /// Records without a value.
    without: Boundary,
    /// The last record, for messages about its keys.
    last: String,
}

impl Fetch {
    /// Takes a record's value of the cursor into account.
    fn compare(&mut self, value: Option<String>, record: &str) {
        let Some(value) = value else {
            return self.without.add(record.as_bytes());
        };
        let order = self
            .greatest
            .as_ref()
            .map_or(Ordering::Greater, |greatest| compare(&value, greatest));
        if order == Ordering::Greater {
            self.greatest = Some(value);
            self.ties = Boundary::default();
        }
        if order != Ordering::Less {
            self.ties.add(record.as_bytes());
        }
    }
}

impl Service {
    fn parse(ask: &Ask<'_>) -> Result<Self> {
        let options = Options::new("connector `rest`", &ask.request.ingest.options, &KEYS)?;
        let url = options.required("url")?;
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err(
                Diagnostic::project("`url` of connector `rest` is no address of HTTP")
                    .hint("such as https://api.example.com/v1/tickets")
                    .into(),
            );
        }
        let cursor = match options.below("cursor", &["field", "param", "start"])? {
            None => None,
            Some(cursor) => Some(Growing {
                field: cursor.required("field")?,
                param: cursor.required("param")?,
                start: cursor.text("start")?,
            }),
        };
        if cursor.is_some() {
            super::check_mode(ask, true)?;
        }
        let mut retry = Retry {
            attempts: 5,
            backoff: Duration::from_secs(1),
        };
        if let Some(given) = options.below("retry", &["attempts", "backoff"])? {
            retry.attempts = given.count("attempts", retry.attempts)?;
            retry.backoff = given.time("backoff", retry.backoff)?;
        }
        Ok(Self {
            params: options.texts("params")?,
            headers: options.texts("headers")?,
            auth: Auth::parse(&options)?,
            paginate: Paginate::parse(&options)?,
            records: Path::parse(&options.text("records")?.unwrap_or_else(|| "$".into()))?,
            cursor,
            retry,
            timeout: options.time("timeout", Duration::from_secs(30))?,
            url,
        })
    }

    /// Brings every page and returns how many requests it took.
    fn fetch(&self, ask: &Ask<'_>, since: Option<&Cursor>, fetch: &mut Fetch) -> Result<u64> {
        let ingest = ask.request.ingest;
        let mut client = Client::new(
            self.auth.clone(),
            self.headers.clone(),
            (self.retry, self.timeout),
        );
        let mut pages = Pages::begin(self.paginate.clone(), &self.url);
        let asked = self.asked(since);
        let mut page = 0;
        loop {
            page += 1;
            let mut params = pages.params.clone();
            if !pages.is_whole_url(&self.url) {
                params = [self.params.clone(), asked.clone(), params].concat();
            }
            let answer = client.get(&client::Ask {
                url: &pages.url,
                params: &params,
                page,
            })?;
            let url = shown(&pages.url);
            let found = records(&answer.bytes, &self.records, &url)?;
            let n_records = found.len() as u64;
            tracing::info!(source = %ingest.source, table = %ingest.table, page, records = n_records, "records");
            for record in found {
                self.take(fetch, record)?;
            }
            let read = Read {
                url: &pages.url.clone(),
                bytes: &answer.bytes,
                link: answer.link.as_deref(),
                n_records,
            };
            if !pages.advance(&read)? {
                return Ok(client.n_requests);
            }
        }
    }

    /// Returns the parameter that asks for what has changed.
    fn asked(&self, since: Option<&Cursor>) -> Vec<(String, String)> {
        let Some(cursor) = &self.cursor else {
            return Vec::new();
        };
        let value = since
            .map(|since| since.value.clone())
            .or_else(|| cursor.start.clone());
        value
            .map(|value| (cursor.param.clone(), value))
            .into_iter()
            .collect()
    }

    fn take(&self, fetch: &mut Fetch, record: String) -> Result<()> {
        if let Some(cursor) = &self.cursor {
            fetch.compare(field(&record, &cursor.field), &record);
        }
        fetch.n_records += 1;
        writeln!(fetch.draft, "{record}")
            .map_err(|err| Diagnostic::environment("the lake cannot be written").because(err))?;
        fetch.last = record;
        Ok(())
    }

    /// Returns how far the service has been read.
    fn reached(&self, fetch: &Fetch, since: Option<&Cursor>) -> Result<Option<Cursor>> {
        let Some(cursor) = &self.cursor else {
            return Ok(None);
        };
        if fetch.n_records == 0 {
            return Ok(since.cloned());
        }
        if fetch.greatest.is_none() {
            let record: serde_json::Value = serde_json::from_str(&fetch.last).unwrap_or_default();
            let keys: Vec<&String> = record
                .as_object()
                .map(|object| object.keys().collect())
                .unwrap_or_default();
            let hint = match nearest(&cursor.field, keys.iter().map(|key| key.as_str())) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "name a field that every record has".into(),
            };
            return Err(Diagnostic::project(format!(
                "`cursor:` names `{}`, which no record has",
                cursor.field
            ))
            .hint(hint)
            .into());
        }
        Ok(fetch.greatest.clone().map(|value| Cursor {
            field: cursor.field.clone(),
            value,
            boundary: fetch.ties.and(fetch.without).to_string(),
        }))
    }
}
