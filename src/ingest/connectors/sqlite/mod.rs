//! Tables of a SQLite file, read in one transaction of SQLite. The file is never written.

mod types;

use std::path::PathBuf;
use std::time::Duration;

use minijinja::context;
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, params_from_iter};

use super::extract::{Extract, parts, reading};
use super::options::{Options, declared_columns};
use super::{Ask, Connector, Landing, Unavailable};
use crate::diagnostic::{Diagnostic, Result, nearest};
use crate::engine::{quote, render};
use crate::ingest::cursors::{Boundary, Cursor};
use crate::ingest::lake::Lake;
use crate::project::nodes::Mode;

/// How long a writer of the file is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// The connector `sqlite`.
pub(super) struct Sqlite;

impl Connector for Sqlite {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn about(&self) -> &'static str {
        "tables of a SQLite file"
    }

    fn mode(&self) -> Mode {
        Mode::Replace
    }

    fn land(&self, ask: &Ask<'_>, lake: &mut Lake) -> Result<Landing> {
        let table = Table::parse(ask)?;
        let mut connection = open(&table)?;
        // One transaction, so that the rows and the greatest cursor are of one moment.
        let snapshot = connection.transaction().map_err(|err| table.refused(err))?;
        table.extract(&snapshot, ask, lake)
    }
}

/// Which table of which file.
struct Table {
    path: PathBuf,
    /// As the project writes it.
    shown: String,
    name: Vec<String>,
    cursor: Option<String>,
    columns: Vec<(String, String)>,
}

impl Table {
    fn parse(ask: &Ask<'_>) -> Result<Self> {
        let given = &ask.request.ingest.options;
        let options = Options::new(
            "connector `sqlite`",
            given,
            &["url", "table", "cursor", "columns"],
        )?;
        let url = options.required("url")?;
        if let Some((scheme, _)) = url
            .split_once("://")
            .filter(|(scheme, _)| *scheme != "sqlite" && *scheme != "file")
        {
            let what = format!("`url` of connector `sqlite` is a `{scheme}://` address");
            let hint = match scheme {
                "postgres" | "postgresql" => {
                    "set `connector: postgres`; the other options stay as they are"
                }
                _ => "give the path of a SQLite file",
            };
            return Err(Diagnostic::project(what).hint(hint).into());
        }
        let path = ["sqlite://", "file://", "sqlite:", "file:"]
            .iter()
            .find_map(|scheme| url.strip_prefix(scheme))
            .unwrap_or(&url);
        let cursor = options.text("cursor")?;
        super::check_mode(ask, cursor.is_some())?;
        Ok(Self {
            path: ask.request.root.join(path),
            shown: path.into(),
            name: parts(&options.required("table")?),
            cursor,
            columns: declared_columns(given)?,
        })
    }

    fn quoted(&self) -> String {
        let parts: Vec<_> = self.name.iter().map(|part| quote(part)).collect();
        parts.join(".")
    }

    fn extract(&self, snapshot: &Connection, ask: &Ask<'_>, lake: &mut Lake) -> Result<Landing> {
        let field = self.cursor.as_deref();
        let since = ask.since.filter(|since| Some(&*since.field) == field);
        self.check_names(snapshot, field)?;
        let greatest = self.greatest(snapshot, field)?;
        let sql = render(
            include_str!("select.sql"),
            context! { table => self.quoted(), field, since => since.is_some() },
        )?;
        let mut statement = snapshot.prepare(&sql).map_err(|err| self.refused(err))?;
        let types: Vec<(String, String)> = statement
            .columns()
            .filter_map(|column| {
                let ty = types::sql_type(column.decl_type().unwrap_or_default())?;
                Some((column.name().to_owned(), ty))
            })
            .collect();
        let mut extract = Extract::begin(lake, statement.column_names())?;
        let at_cursor = field.and_then(|field| statement.column_index(field).ok());
        let n_columns = statement.column_count();
        let least = since.map(|since| comparable(&since.value, greatest.as_ref()));
        let mut rows = statement
            .query(params_from_iter(least))
            .map_err(|err| self.refused(err))?;
        let mut boundary = Boundary::default();
        let mut n_rows = 0_u64;
        while let Some(row) = rows.next().map_err(|err| self.refused(err))? {
            for i in 0..n_columns {
                let value = row.get_ref(i).map_err(|err| self.refused(err))?;
                cell(&mut extract, value);
            }
            if let Some(i) = at_cursor {
                let value: Value = row.get(i).map_err(|err| self.refused(err))?;
                if value == Value::Null || Some(&value) == greatest.as_ref() {
                    boundary.add(extract.row());
                }
            }
            extract.end_row()?;
            n_rows += 1;
        }
        let ingest = &ask.request.ingest;
        tracing::info!(source = %ingest.source, table = %ingest.table, rows = n_rows, incremental = since.is_some(), "extract");
        let cursor = field.zip(greatest).map(|(field, value)| Cursor {
            field: field.into(),
            value: text(&value),
            boundary: boundary.to_string(),
        });
        let mut landing = Landing {
            matching: Vec::new(),
            extent: super::extent(ask.mode),
            reading: reading(self.columns.clone(), types.into_iter()),
            cursor: cursor.or_else(|| since.cloned()),
            tries: 1,
            note: Some("nothing new".into()),
        };
        if since.is_some() && (n_rows == 0 || since == landing.cursor.as_ref()) {
            return Ok(landing);
        }
        let origin = format!("{}#{}", self.shown, self.name.join("."));
        let name = self.name.last().map_or("table", String::as_str);
        landing.matching = vec![extract.finish(lake, (&origin, name), ask.request.now)?];
        landing.note = None;
        Ok(landing)
    }

    /// Returns the greatest value of the cursor; `None` when there is none.
    fn greatest(&self, snapshot: &Connection, field: Option<&str>) -> Result<Option<Value>> {
        let Some(field) = field else {
            return Ok(None);
        };
        let sql = render(
            include_str!("greatest.sql"),
            context! { table => self.quoted(), field },
        )?;
        let value: Value = snapshot
            .query_row(&sql, [], |row| row.get(0))
            .map_err(|err| self.refused(err))?;
        Ok(Some(value).filter(|value| *value != Value::Null))
    }

    /// Makes sure that the table and the cursor exist: SQLite takes a quoted name it does not know for text.
    fn check_names(&self, snapshot: &Connection, field: Option<&str>) -> Result<()> {
        let sql = render(
            include_str!("select.sql"),
            context! { table => self.quoted(), field => (), since => false },
        )?;
        let statement = match snapshot.prepare(&sql) {
            Ok(statement) => statement,
            Err(err) if err.to_string().contains("no such table") => {
                return Err(self.no_such_table(snapshot));
            }
            Err(err) => return Err(self.refused(err)),
        };
        let names: Vec<&str> = statement.column_names().collect();
        match field.filter(|field| !names.iter().any(|name| name.eq_ignore_ascii_case(field))) {
            None => Ok(()),
            Some(field) => Err(super::no_such_column(field, &self.name.join("."), &names)),
        }
    }

    fn no_such_table(&self, snapshot: &Connection) -> anyhow::Error {
        let names = || -> rusqlite::Result<Vec<String>> {
            let mut statement = snapshot.prepare(include_str!("tables.sql"))?;
            statement.query_map([], |row| row.get(0))?.collect()
        };
        let names = names().unwrap_or_default();
        let name = self.name.join(".");
        let hint = match nearest(&name, names.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("its tables are {}", names.join(", ")),
        };
        Diagnostic::project(format!("`{}` has no table `{name}`", self.shown))
            .hint(hint)
            .into()
    }

    /// Says what SQLite refused.
    fn refused(&self, err: rusqlite::Error) -> anyhow::Error {
        let shown = &self.shown;
        let code = err.sqlite_error_code();
        match code {
            Some(ErrorCode::NotADatabase) => {
                Diagnostic::data(format!("`{shown}` is no SQLite file"))
                    .hint("give the path of a SQLite file, or use connector `file`")
                    .because(anyhow::anyhow!("{err}"))
                    .into()
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::CannotOpen) => {
                unavailable(shown, err.to_string())
            }
            _ => Diagnostic::environment(format!("`{shown}` cannot be read"))
                .because(anyhow::anyhow!("{err}"))
                .into(),
        }
    }
}

fn open(table: &Table) -> Result<Connection> {
    if !table.path.is_file() {
        return Err(unavailable(&table.shown, "there is no such file".into()));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection =
        Connection::open_with_flags(&table.path, flags).map_err(|err| table.refused(err))?;
    connection
        .busy_timeout(PATIENCE)
        .map_err(|err| table.refused(err))?;
    Ok(connection)
}

fn unavailable(shown: &str, reason: String) -> anyhow::Error {
    Diagnostic::environment(format!("`{shown}` cannot be opened"))
        .because(Unavailable { reason, tries: 1 })
        .hint(
            "put the file there, correct `url:`, or set `on_unavailable: keep` to go on without it",
        )
        .into()
}

/// Returns a recorded value of the cursor in the storage class of its column, since SQLite orders by class first.
fn comparable(value: &str, like: Option<&Value>) -> Value {
    let number = match like {
        Some(Value::Integer(_)) => value.parse().ok().map(Value::Integer),
        Some(Value::Real(_)) => value.parse().ok().map(Value::Real),
        _ => None,
    };
    number.unwrap_or_else(|| Value::Text(value.into()))
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::Blob(bytes) => escaped(bytes),
    }
}

fn cell(extract: &mut Extract, value: ValueRef<'_>) {
    match value {
        ValueRef::Null => extract.cell(None),
        ValueRef::Integer(number) => extract.cell(Some(number.to_string().as_bytes())),
        ValueRef::Real(number) => extract.cell(Some(number.to_string().as_bytes())),
        ValueRef::Text(text) => extract.cell(Some(text)),
        ValueRef::Blob(bytes) => extract.cell(Some(escaped(bytes).as_bytes())),
    }
}

/// Writes bytes as the warehouse reads them: `\x00\xFF`.
fn escaped(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        write!(text, "\\x{byte:02X}").unwrap_or_default();
        text
    })
}
