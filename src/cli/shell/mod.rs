//! The interactive shell of `wh query`. An error ends a statement, never the shell.

mod commands;
mod editor;
mod words;

use std::cell::RefCell;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{CompletionType, Config, Editor};

use self::commands::Command;
use self::editor::Assistant;
use self::words::Words;
use super::args::Global;
use super::output;
use super::query::{
    Outcome, Source, View, Warehouse, located, names, prepare, run, split, summary, time,
};
use super::{print_error, say, terminal};
use crate::diagnostic::{Diagnostic, Result, nearest};
use crate::engine::Session;

/// Lines that the history keeps.
const HISTORY_LINES: usize = 10_000;

/// Reads statements and commands from the terminal until Ctrl-D or `.quit`.
///
/// # Errors
/// `Environment` when the terminal cannot be read.
pub(super) fn shell(
    global: &Global,
    warehouse: &Warehouse,
    session: &mut dyn Session,
    view: View,
    stopped: &AtomicBool,
) -> Result<()> {
    let words = Rc::new(RefCell::new(Words::of(session)?));
    let mut shell = Shell {
        global,
        warehouse,
        session,
        view,
        stopped,
        words,
        timer: true,
        output: None,
    };
    let mut editor = shell.editor()?;
    let history = warehouse.project().root.join(".wh").join("history");
    if history.exists()
        && let Err(err) = editor.load_history(&history)
    {
        tracing::warn!(error = %err, "history");
    }
    shell.greet();
    loop {
        match editor.readline(&("wh> ", shell.prompt())) {
            Ok(line) if line.trim().is_empty() => {}
            Ok(line) => {
                remember(&mut editor, line.trim(), &history);
                if !shell.answer(&line) {
                    return Ok(());
                }
            }
            Err(ReadlineError::Interrupted) => {}
            Err(ReadlineError::Eof) => return Ok(()),
            Err(err) => {
                return Err(Diagnostic::environment("the terminal cannot be read")
                    .because(err)
                    .into());
            }
        }
    }
}

struct Shell<'a> {
    global: &'a Global,
    warehouse: &'a Warehouse,
    session: &'a mut dyn Session,
    view: View,
    stopped: &'a AtomicBool,
    words: Rc<RefCell<Words>>,
    timer: bool,
    output: Option<File>,
}

impl Shell<'_> {
    fn editor(&self) -> Result<Editor<Assistant, FileHistory>> {
        let refused = |err| Diagnostic::environment("the terminal cannot be used").because(err);
        let config = Config::builder()
            .max_history_size(HISTORY_LINES)
            .and_then(|config| config.history_ignore_dups(true))
            .map_err(refused)?
            .history_ignore_space(true)
            .completion_type(CompletionType::List)
            .build();
        let mut editor = Editor::with_config(config).map_err(refused)?;
        editor.set_helper(Some(Assistant {
            words: self.words.clone(),
            color: self.view.screen.color,
        }));
        Ok(editor)
    }

    fn greet(&self) {
        if !self.global.quiet {
            let path = self.warehouse.path().display();
            let may = if self.warehouse.is_writable() {
                "may be changed"
            } else {
                "read-only"
            };
            say(&format!(
                "{path} ({may}). A statement ends with `;`, .help lists commands, Ctrl-D leaves."
            ));
        }
    }

    fn prompt(&self) -> String {
        let color = self.view.screen.color;
        if color {
            "\x1b[1;36mwh>\x1b[0m ".into()
        } else {
            "wh> ".into()
        }
    }

    /// Answers one line; returns whether to go on.
    fn answer(&mut self, line: &str) -> bool {
        let answered = match line.trim_start().starts_with('.') {
            true => match commands::parse(line) {
                Ok(Command::Quit) => return false,
                Ok(command) => self.obey(command),
                Err(err) => Err(err),
            },
            false => self.ask(&Source::new("<sql>", line.into())),
        };
        if let Err(err) = answered {
            print_error(self.global, &err);
        }
        true
    }

    fn obey(&mut self, command: Command) -> Result<()> {
        match command {
            Command::Help => Ok(std::io::stdout().write_all(commands::help().as_bytes())?),
            Command::Tables(text) => self.tables(&text),
            Command::Schema(table) => self.schema(&table),
            Command::Mode(format) => {
                self.view.format = format;
                Ok(())
            }
            Command::Timer(on) => {
                self.timer = on;
                Ok(())
            }
            Command::Types(on) => {
                self.view.screen.types = on;
                Ok(())
            }
            Command::Read(path) => self.ask(&Source::file(&path)?),
            Command::Output(path) => self.redirect(path.as_deref()),
            Command::Quit => Ok(()),
        }
    }

    /// Runs all statements of `source`, to the first that fails.
    fn ask(&mut self, source: &Source) -> Result<()> {
        let sql = prepare(self.warehouse, source)?;
        for statement in split(&sql) {
            let begun = Instant::now();
            let (view, stopped) = (self.view_of_output(), self.stopped);
            let mut out = out(self.output.as_ref());
            let outcome = run(self.session, statement.sql, &view, stopped, &mut *out);
            out.flush()?;
            drop(out);
            let outcome = outcome
                .map_err(|err| located(err, source, &sql, &statement, &names(self.session)))?;
            let time = if self.timer {
                format!(" in {}", time(begun.elapsed()))
            } else {
                String::new()
            };
            say(&format!("{}{time}", summary(&outcome)));
            if !matches!(outcome, Outcome::Rows { .. }) {
                self.words.borrow_mut().refresh(self.session)?;
            }
        }
        Ok(())
    }

    /// Shows rows of the shell's own making as if a statement had answered with them.
    fn show(&mut self, rows: &RecordBatch) -> Result<()> {
        let view = self.view_of_output();
        let mut screen = view.screen;
        screen.rows = None;
        let mut writer = output::writer(view.format, &rows.schema(), screen);
        let mut out = out(self.output.as_ref());
        writer.write(rows, &mut *out)?;
        writer.finish(&mut *out)?;
        Ok(out.flush()?)
    }

    fn tables(&mut self, text: &str) -> Result<()> {
        let text = text.to_lowercase();
        let rows = {
            let words = self.words.borrow();
            let relations = words.relations().iter();
            let named = relations.filter(|relation| relation.name.to_lowercase().contains(&text));
            named
                .map(|relation| {
                    [
                        relation.schema.clone(),
                        relation.name.clone(),
                        relation.kind.clone(),
                    ]
                })
                .collect()
        };
        self.show(&batch(["schema", "name", "kind"], rows)?)
    }

    fn schema(&mut self, table: &str) -> Result<()> {
        let (schema, name) = table.split_once('.').unwrap_or(("", table));
        let same =
            |pattern: &str, word: &str| pattern.is_empty() || pattern.eq_ignore_ascii_case(word);
        let mut rows = Vec::new();
        let words = self.words.clone();
        let words = words.borrow();
        for relation in words.relations() {
            if same(schema, &relation.schema) && same(name, &relation.name) {
                let table = format!("{}.{}", relation.schema, relation.name);
                let row = |(column, kind): &(String, String)| {
                    [table.clone(), column.clone(), kind.clone()]
                };
                rows.extend(relation.columns.iter().map(row));
            }
        }
        if rows.is_empty() && !table.is_empty() {
            let diagnostic = Diagnostic::project(format!("`{table}` is no table of the warehouse"));
            let near = nearest(
                name,
                words
                    .relations()
                    .iter()
                    .map(|relation| relation.name.as_str()),
            );
            let hint = near.map_or("`.tables` lists them".into(), |near| {
                format!("did you mean `{near}`?")
            });
            return Err(diagnostic.hint(hint).into());
        }
        self.show(&batch(["table", "column", "type"], rows)?)
    }

    fn redirect(&mut self, path: Option<&Path>) -> Result<()> {
        self.output = match path {
            None => None,
            Some(path) => Some(File::create(path).map_err(|err| {
                Diagnostic::environment(format!("`{}` cannot be written", path.display()))
                    .because(err)
            })?),
        };
        Ok(())
    }

    /// A file holds all of a table, whatever the terminal shows.
    fn view_of_output(&self) -> View {
        let mut view = self.view;
        if self.output.is_some() {
            view.screen.width = None;
            view.screen.rows = None;
            view.screen.color = false;
        } else {
            view.screen.width = view.screen.width.map(|_| terminal::width());
        }
        view
    }
}

/// Adds a line to the history in memory and on disk; a history that cannot be written is only logged.
fn remember(editor: &mut Editor<Assistant, FileHistory>, line: &str, history: &Path) {
    let folder = history.parent().map_or(Ok(()), std::fs::create_dir_all);
    let added = editor.add_history_entry(line);
    if let Err(err) = added
        .and_then(|_| folder.map_err(Into::into))
        .and_then(|()| editor.append_history(history))
    {
        tracing::warn!(error = %err, "history");
    }
}

fn out(file: Option<&File>) -> Box<dyn Write + '_> {
    match file {
        Some(file) => Box::new(BufWriter::new(file)),
        None => Box::new(BufWriter::new(std::io::stdout().lock())),
    }
}

fn batch<const N: usize>(names: [&str; N], rows: Vec<[String; N]>) -> Result<RecordBatch> {
    let column = |n: usize| -> ArrayRef {
        Arc::new(
            rows.iter()
                .map(|row| Some(&row[n]))
                .collect::<StringArray>(),
        )
    };
    let columns = names
        .into_iter()
        .enumerate()
        .map(|(n, name)| (name, column(n)));
    Ok(RecordBatch::try_from_iter(columns)?)
}
