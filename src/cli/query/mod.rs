//! `wh query`: SQL from the command line, answered by the warehouse. Changes nothing unless told to.

mod file;
mod place;
mod run;
mod source;
mod statements;
mod template;
mod warehouse;

use std::io::{BufWriter, IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use minijinja::context;

pub(super) use self::file::replace;
pub(super) use self::place::located;
pub(super) use self::run::{Outcome, View, run};
pub(super) use self::source::Source;
pub(super) use self::statements::{Piece, Statement, is_complete, pieces, split, words};
pub(super) use self::template::prepare;
pub(super) use self::warehouse::Warehouse;
use super::args::{Global, QueryArgs};
use super::output::{Format, Screen};
use super::{say, shell, terminal};
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::{Entry, Relation, Session, render};

/// Rows that a table on a terminal shows.
const TERMINAL_ROWS: usize = 40;

/// Runs `wh query`.
///
/// # Errors
/// `Project` when the options do not fit together, `Environment` when the warehouse cannot be opened,
/// `Data` with the place in the SQL when a statement is refused.
pub(super) fn query(global: &Global, args: &QueryArgs) -> Result<()> {
    format(args)?;
    let source = Source::named_by(args)?;
    let warehouse = Warehouse::open(global, args.write)?;
    let mut session = warehouse.connect()?;
    answer(global, args, source, (&warehouse, &mut *session))
}

/// Answers the SQL of `source` in a session that is open already; without any, opens a shell.
///
/// # Errors
/// As [`query`].
pub(super) fn answer(
    global: &Global,
    args: &QueryArgs,
    source: Option<Source>,
    (warehouse, session): (&Warehouse, &mut dyn Session),
) -> Result<()> {
    let format = format(args)?;
    let stopped = stop_on_interrupt(session)?;
    let Some(source) = source else {
        let view = view(global, args, format, std::io::stdout().is_terminal());
        return shell::shell(global, warehouse, session, view, &stopped);
    };
    let sql = prepare(warehouse, &source)?;
    let statements = split(&sql);
    if statements.is_empty() {
        return Err(no_sql(&source).into());
    }
    let asker = Asker {
        global,
        project: &warehouse.project().name,
        args,
        format,
        source: &source,
        sql: &sql,
        stopped: &stopped,
    };
    match &args.output {
        Some(target) => asker.write_all(session, &statements, target),
        None => asker.print_all(session, &statements),
    }
}

/// Sets a flag and interrupts the session's statement at Ctrl-C and at a polite kill.
///
/// # Errors
/// `Environment` when the system refuses the handler.
fn stop_on_interrupt(session: &dyn Session) -> Result<Arc<AtomicBool>> {
    let stopped = Arc::new(AtomicBool::new(false));
    let (flag, handle) = (stopped.clone(), session.handle());
    ctrlc::set_handler(move || {
        flag.store(true, Ordering::SeqCst);
        handle.interrupt();
    })
    .map_err(|err| Diagnostic::environment("Ctrl-C cannot be handled").because(err))?;
    Ok(stopped)
}

/// What all statements of one `wh query` share.
struct Asker<'a> {
    global: &'a Global,
    project: &'a str,
    args: &'a QueryArgs,
    format: Format,
    source: &'a Source,
    sql: &'a str,
    stopped: &'a AtomicBool,
}

impl Asker<'_> {
    fn print_all(&self, session: &mut dyn Session, statements: &[Statement]) -> Result<()> {
        let stdout = std::io::stdout();
        let view = view(self.global, self.args, self.format, stdout.is_terminal());
        let mut out = BufWriter::with_capacity(1 << 16, stdout.lock());
        for (n, statement) in statements.iter().enumerate() {
            let begun = Instant::now();
            if n > 0 && view.format == Format::Table && statements::returns_rows(statement.sql) {
                writeln!(out)?;
            }
            let outcome = self.ask(session, statement, &view, &mut out)?;
            out.flush()?;
            if view.format == Format::Table || !matches!(outcome, Outcome::Rows { .. }) {
                self.report(&outcome, begun.elapsed());
            }
        }
        Ok(())
    }

    fn write_all(
        &self,
        session: &mut dyn Session,
        statements: &[Statement],
        target: &Path,
    ) -> Result<()> {
        let asking = statements
            .iter()
            .filter(|statement| statements::returns_rows(statement.sql));
        let n_results = asking.count();
        if n_results != 1 {
            let what = format!("`{}` is one file for {n_results} results", target.display());
            return Err(Diagnostic::project(what)
                .hint("leave one statement that returns rows")
                .into());
        }
        for statement in statements {
            let begun = Instant::now();
            if !statements::returns_rows(statement.sql) {
                let view = view(self.global, self.args, self.format, false);
                self.ask(session, statement, &view, &mut std::io::sink())?;
                continue;
            }
            let n_rows = self.write(session, statement, target)?;
            let rows = rows(n_rows);
            self.say(&format!(
                "{rows} to {} in {}",
                target.display(),
                time(begun.elapsed())
            ));
        }
        Ok(())
    }

    fn write(
        &self,
        session: &mut dyn Session,
        statement: &Statement,
        target: &Path,
    ) -> Result<u64> {
        if self.format.is_binary() {
            let sql = match self.args.limit {
                Some(limit) => render(
                    include_str!("limited.sql"),
                    context! {query => statement.sql, limit},
                )?,
                None => statement.sql.into(),
            };
            let written = file::export(session, &sql, target, self.project);
            return written
                .map_err(|err| located(err, self.source, self.sql, statement, &names(session)));
        }
        let view = view(self.global, self.args, self.format, false);
        file::replace(target, |out| {
            match self.ask(session, statement, &view, out)? {
                Outcome::Rows { shown, .. } => Ok(shown.n_rows),
                Outcome::Changed(_) | Outcome::Done => Ok(0),
            }
        })
    }

    fn ask(
        &self,
        session: &mut dyn Session,
        statement: &Statement,
        view: &View,
        out: &mut dyn Write,
    ) -> Result<Outcome> {
        let answer = run(session, statement.sql, view, self.stopped, out);
        answer.map_err(|err| located(err, self.source, self.sql, statement, &names(session)))
    }

    fn report(&self, outcome: &Outcome, elapsed: Duration) {
        self.say(&format!("{} in {}", summary(outcome), time(elapsed)));
    }

    fn say(&self, text: &str) {
        if !self.global.quiet {
            say(text);
        }
    }
}

/// Returns the names of the warehouse's relations, with and without their schema; none when it does not say.
pub(super) fn names(session: &mut dyn Session) -> Vec<String> {
    let entries = session.catalog().unwrap_or_default();
    let both = |entry: Entry| {
        let Relation { schema, name, .. } = entry.relation;
        [format!("{schema}.{name}"), name]
    };
    entries.into_iter().flat_map(both).collect()
}

/// Says what a statement did: `1,234 rows (showing 40)`.
pub(super) fn summary(outcome: &Outcome) -> String {
    let Outcome::Rows { shown, more } = outcome else {
        return match outcome {
            Outcome::Changed(n_rows) => format!("{} changed", rows(*n_rows)),
            _ => "done".into(),
        };
    };
    let mut text = rows(shown.n_rows);
    if *more {
        text = format!("first {text}, there are more");
    }
    if shown.n_rows_shown < shown.n_rows {
        text += &format!(" (showing {})", thousands(shown.n_rows_shown));
    }
    if shown.n_columns_shown < shown.n_columns {
        text += &format!(
            ", {} columns (showing {})",
            shown.n_columns, shown.n_columns_shown
        );
    }
    text
}

/// Writes a duration in ms or s.
pub(super) fn time(elapsed: Duration) -> String {
    match elapsed.as_secs_f64() {
        seconds if seconds < 1.0 => format!("{:.0} ms", seconds * 1e3),
        seconds => format!("{seconds:.2} s"),
    }
}

/// Writes a count of rows.
pub(super) fn rows(n_rows: u64) -> String {
    let plural = if n_rows == 1 { "" } else { "s" };
    format!("{} row{plural}", thousands(n_rows))
}

/// Writes a number with separators.
pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn view(global: &Global, args: &QueryArgs, format: Format, on_terminal: bool) -> View {
    let rows = match args.limit {
        Some(limit) => usize::try_from(limit).unwrap_or(usize::MAX),
        None => TERMINAL_ROWS,
    };
    let screen = Screen {
        width: on_terminal.then(terminal::width),
        rows: on_terminal.then_some(rows),
        color: on_terminal && terminal::color(global),
        types: args.types,
    };
    View {
        format,
        limit: args.limit,
        screen,
    }
}

fn format(args: &QueryArgs) -> Result<Format> {
    let named = args.output.as_deref().map(|path| (path, Format::of(path)));
    match (args.format, named) {
        (Some(format), None) if format.is_binary() => {
            let name = if format == Format::Xlsx {
                "xlsx"
            } else {
                "parquet"
            };
            let what = format!("`--format {name}` is nothing for a terminal or a pipe");
            Err(Diagnostic::project(what)
                .hint(format!("name a file: `-o result.{name}`"))
                .into())
        }
        (Some(format), Some((path, suffix))) if format.is_binary() && suffix != Some(format) => {
            let what = format!(
                "`{}` has the suffix of another format than `--format`",
                path.display()
            );
            Err(Diagnostic::project(what)
                .hint("leave `--format` away, or rename the file")
                .into())
        }
        (Some(format), _) => Ok(format),
        (None, Some((_, Some(format)))) => Ok(format),
        (None, Some((path, None))) => {
            let what = format!("the suffix of `{}` names no format", path.display());
            let hint = "end the name in .csv, .json, .ndjson, .md, .txt, .parquet or .xlsx, or give `--format`";
            Err(Diagnostic::project(what).hint(hint).into())
        }
        (None, None) => Ok(Format::Table),
    }
}

fn no_sql(source: &Source) -> Diagnostic {
    Diagnostic::project(format!("`{}` holds no SQL", source.name.display()))
        .hint("for example `wh query \"show tables\"`")
}

#[cfg(test)]
mod tests {
    use super::super::output::Shown;
    use super::*;

    #[test]
    fn a_summary_says_what_is_not_shown() {
        let shown = Shown {
            n_rows: 1234,
            n_rows_shown: 40,
            n_columns: 9,
            n_columns_shown: 7,
        };
        let cut = summary(&Outcome::Rows { shown, more: false });
        assert_eq!(cut, "1,234 rows (showing 40), 9 columns (showing 7)");
        let shown = Shown {
            n_rows: 1,
            n_rows_shown: 1,
            n_columns: 1,
            n_columns_shown: 1,
        };
        assert_eq!(
            summary(&Outcome::Rows { shown, more: true }),
            "first 1 row, there are more"
        );
        assert_eq!(summary(&Outcome::Changed(2)), "2 rows changed");
    }
}
