//! Tables and views of a PostgreSQL server, copied in one read-only transaction of one moment.

mod address;
mod tls;
mod types;

use std::io::Read;

use minijinja::{Value, context};
use postgres::error::SqlState;
use postgres::{Client, IsolationLevel, Transaction};

use self::address::Address;
use super::extract::{Extract, parts, reading};
use super::options::{Options, declared_columns};
use super::{Ask, Connector, Landing, Unavailable};
use crate::diagnostic::{Diagnostic, Result, nearest};
use crate::engine::{quote, render};
use crate::ingest::Cursor;
use crate::ingest::lake::Lake;
use crate::project::nodes::Mode;

/// How much is taken from the server at once, in bytes.
const CHUNK: usize = 1 << 18;

/// The connector `postgres`.
pub(super) struct Postgres;

impl Connector for Postgres {
    fn name(&self) -> &'static str {
        "postgres"
    }

    fn about(&self) -> &'static str {
        "tables and views of a PostgreSQL server"
    }

    fn mode(&self) -> Mode {
        Mode::Replace
    }

    fn land(&self, ask: &Ask<'_>, lake: &mut Lake) -> Result<Landing> {
        let table = Table::parse(ask)?;
        let tls = table.address.tls.connector(ask.request.root)?;
        let mut client: Client = table
            .address
            .config
            .connect(tls)
            .map_err(|err| table.refused(err))?;
        let snapshot = client
            .build_transaction()
            .read_only(true)
            .isolation_level(IsolationLevel::RepeatableRead)
            .start()
            .map_err(|err| table.refused(err))?;
        table.extract(snapshot, ask, lake)
    }
}

/// Which table of which server.
struct Table {
    address: Address,
    name: Vec<String>,
    cursor: Option<String>,
    columns: Vec<(String, String)>,
}

/// A column of the server's table.
struct Column {
    name: String,
    kind: types::Kind,
    ty: Option<String>,
}

impl Table {
    fn parse(ask: &Ask<'_>) -> Result<Self> {
        let given = &ask.request.ingest.options;
        let known = ["url", "table", "cursor", "columns"];
        let options = Options::new("connector `postgres`", given, &known)?;
        let cursor = options.text("cursor")?;
        super::check_mode(ask, cursor.is_some())?;
        Ok(Self {
            address: Address::parse(&options.required("url")?)?,
            name: parts(&options.required("table")?),
            cursor,
            columns: declared_columns(given)?,
        })
    }

    fn quoted(&self) -> String {
        let parts: Vec<_> = self.name.iter().map(|part| quote(part)).collect();
        parts.join(".")
    }

    fn extract(
        &self,
        mut snapshot: Transaction<'_>,
        ask: &Ask<'_>,
        lake: &mut Lake,
    ) -> Result<Landing> {
        let refused = |err| self.refused(err);
        snapshot
            .batch_execute(include_str!("setup.sql"))
            .map_err(refused)?;
        let columns = self.columns(&mut snapshot)?;
        let field = self.cursor.as_deref();
        let since = ask.since.filter(|since| Some(&*since.field) == field);
        let types = columns
            .iter()
            .filter_map(|column| Some((column.name.clone(), column.ty.clone()?)));
        let mut landing = Landing {
            matching: Vec::new(),
            extent: super::extent(ask.mode),
            reading: reading(self.columns.clone(), types),
            cursor: since.cloned(),
            tries: 1,
            note: None,
        };
        if let Some(field) = field {
            let reached = self.reached(&mut snapshot, field, since)?;
            if since.is_some() && (reached.is_none() || since == reached.as_ref()) {
                landing.note = Some("nothing new".into());
                return Ok(landing);
            }
            landing.cursor = reached;
        }
        let sql = self.copy(&columns, field, since)?;
        let mut extract = Extract::begin(lake, std::iter::empty())?;
        let mut rows = snapshot.copy_out(&sql).map_err(refused)?;
        let mut chunk = vec![0; CHUNK];
        loop {
            let n_bytes = rows.read(&mut chunk).map_err(|err| self.broke_off(err))?;
            if n_bytes == 0 {
                break;
            }
            extract.append(&chunk[..n_bytes])?;
        }
        let origin = format!("{}#{}", self.address.shown, self.name.join("."));
        let name = self.name.last().map_or("table", String::as_str);
        landing.matching = vec![extract.finish(lake, (&origin, name), ask.request.now)?];
        let ingest = &ask.request.ingest;
        tracing::info!(source = %ingest.source, table = %ingest.table, incremental = since.is_some(), "extract");
        Ok(landing)
    }

    fn columns(&self, snapshot: &mut Transaction<'_>) -> Result<Vec<Column>> {
        let found = snapshot
            .query(include_str!("columns.sql"), &[&self.quoted()])
            .map_err(|err| self.refused(err))?;
        let column = |row: &postgres::Row| {
            let (kind, ty) = types::sql_type(row.get("type"));
            Column {
                name: row.get("name"),
                kind,
                ty,
            }
        };
        let columns: Vec<Column> = found.iter().map(column).collect();
        if columns.is_empty() {
            return Err(self.no_such_table(snapshot));
        }
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        match self
            .cursor
            .as_deref()
            .filter(|field| !names.contains(field))
        {
            Some(field) => Err(super::no_such_column(field, &self.name.join("."), &names)),
            None => Ok(columns),
        }
    }

    /// Returns how far the table can be read now; `None` when there are no rows to be read.
    fn reached(
        &self,
        snapshot: &mut Transaction<'_>,
        field: &str,
        since: Option<&Cursor>,
    ) -> Result<Option<Cursor>> {
        let table = self.quoted();
        let since = since.map(|since| &since.value);
        let sql = render(
            include_str!("greatest.sql"),
            context! { table => &table, field, since },
        )?;
        let row = snapshot
            .query_one(&sql, &[])
            .map_err(|err| self.refused(err))?;
        let greatest: Option<String> = row.get("greatest");
        let Some(value) = greatest.or_else(|| since.cloned()) else {
            return Ok(None);
        };
        let sql = render(
            include_str!("boundary.sql"),
            context! { table => &table, field, value => &value },
        )?;
        let row = snapshot
            .query_one(&sql, &[])
            .map_err(|err| self.refused(err))?;
        Ok(Some(Cursor {
            field: field.into(),
            value,
            boundary: row.get("boundary"),
        }))
    }

    fn copy(
        &self,
        columns: &[Column],
        field: Option<&str>,
        since: Option<&Cursor>,
    ) -> Result<String> {
        let mut described: Vec<Value> = Vec::new();
        for column in columns {
            let (name, kind) = (&column.name, column.kind.word());
            let expression = render(include_str!("expression.sql"), context! { name, kind })?;
            // The first line is a comment for readers of the file.
            let expression = expression
                .split_once('\n')
                .map(|(_, rest)| rest.trim().to_owned());
            described.push(context! { name, expression });
        }
        let since = since.map(|since| &since.value);
        render(
            include_str!("copy.sql"),
            context! { columns => described, table => self.quoted(), field, since },
        )
    }

    fn no_such_table(&self, snapshot: &mut Transaction<'_>) -> anyhow::Error {
        let found = snapshot.query(include_str!("tables.sql"), &[]);
        let names: Vec<String> = found
            .map(|rows| rows.iter().map(|row| row.get("name")).collect())
            .unwrap_or_default();
        let name = self.name.join(".");
        let hint = match nearest(&name, names.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("its tables are {}", names.join(", ")),
        };
        Diagnostic::project(format!("`{}` has no table `{name}`", self.address.shown))
            .hint(hint)
            .into()
    }

    /// Says what the server refused; whether it might be had at another time.
    fn refused(&self, err: postgres::Error) -> anyhow::Error {
        let shown = &self.address.shown;
        let Some(answer) = err.as_db_error() else {
            let reason = said(&err);
            // The driver tells kinds of errors by their text only.
            return match reason.contains("TLS handshake") {
                true => untrusted(shown, &reason),
                false => self.unavailable(reason),
            };
        };
        let code = answer.code();
        if [
            &SqlState::CANNOT_CONNECT_NOW,
            &SqlState::TOO_MANY_CONNECTIONS,
            &SqlState::ADMIN_SHUTDOWN,
            &SqlState::CRASH_SHUTDOWN,
            &SqlState::T_R_SERIALIZATION_FAILURE,
        ]
        .contains(&code)
        {
            return self.unavailable(answer.message().into());
        }
        let hint = match code {
            code if *code == SqlState::INVALID_PASSWORD
                || *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION =>
            {
                "check user and password in `url:`, and the variable they are read from"
            }
            code if *code == SqlState::INVALID_CATALOG_NAME => "check the database in `url:`",
            code if *code == SqlState::INSUFFICIENT_PRIVILEGE => {
                "let the role read the table: `grant select on … to …`"
            }
            _ => "check `table:` and `cursor:`",
        };
        Diagnostic::project(format!("`{shown}` refuses: {}", answer.message()))
            .hint(hint)
            .into()
    }

    /// Says that the server stopped in the middle of the rows.
    fn broke_off(&self, err: std::io::Error) -> anyhow::Error {
        match err.downcast::<postgres::Error>() {
            Ok(err) => self.refused(err),
            Err(err) => self.unavailable(err.to_string()),
        }
    }

    fn unavailable(&self, reason: String) -> anyhow::Error {
        Diagnostic::environment(format!("`{}` is not available", self.address.shown))
            .because(Unavailable { reason, tries: 1 })
            .hint("start the server, check `url:`, or set `on_unavailable: keep` to go on with the rows there are")
            .into()
    }
}

/// Says that there is no encryption, or that the server is not who it says: going on without it would hide that.
fn untrusted(shown: &str, reason: &str) -> anyhow::Error {
    Diagnostic::project(format!("`{shown}` cannot be asked as `sslmode` wants: {reason}"))
        .hint("give the server a certificate of its name, and its authority in `sslrootcert=ca.pem`; or use another `sslmode`")
        .into()
}

/// Returns what an error of the driver says, with what was behind it.
fn said(err: &postgres::Error) -> String {
    match std::error::Error::source(err) {
        Some(cause) => {
            format!("{err}: {cause}").replace(&format!("{cause}: {cause}"), &cause.to_string())
        }
        None => err.to_string(),
    }
}
