//! Running models that are programs in Python, by the machine's own Python.
//!
//! This process holds the warehouse's file, so a program cannot open it. It gets the relations that it names as Parquet files in
//! a temporary folder, finds them under their own names in a `DuckDB` in memory, and what it leaves there becomes tables here,
//! in the transaction of its node.

mod check;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use minijinja::context;
use minijinja::value::{Rest, Value, ValueOrKwargs};
use serde::{Deserialize, Serialize};

pub(super) use self::check::check;
use super::adapter::SessionAdapter;
use super::cancel::Cancel;
use super::node::Work;
use crate::compile::adapter::{Adapter, answered};
use crate::compile::{Index, Listener, Voice, database};
use crate::diagnostic::{At, Diagnostic, Result};
use crate::engine::{EntryKind, Relation, interpreter, render};
use crate::jinja;
use crate::project::Project;

/// How often a running program is looked after.
const POLL: Duration = Duration::from_millis(10);

/// Parts of the names of types that Parquet has not, or not whole: such columns travel as text.
const AS_TEXT: &[&str] = &[
    "HUGEINT",
    "INTERVAL",
    "BIT",
    "TIME WITH TIME ZONE",
    "TIME_NS",
    "UNION",
    "BIGNUM",
    "VARINT",
    "GEOMETRY",
    "VARIANT",
];

/// What a program needs to run; outlives the call that makes it.
struct Program {
    adapter: Arc<SessionAdapter>,
    cancel: Arc<Cancel>,
    listener: Listener,
    root: PathBuf,
    /// The model's file, for errors.
    at: At,
    name: String,
    reads: Vec<Relation>,
    target: Relation,
    database: String,
    module_paths: Vec<PathBuf>,
    settings: BTreeMap<String, String>,
}

/// What the runner is told, as JSON.
#[derive(Serialize)]
struct Job<'a> {
    program: PathBuf,
    module_paths: &'a [PathBuf],
    settings: &'a BTreeMap<String, String>,
    /// The warehouse's own first.
    databases: Vec<&'a str>,
    schemas: BTreeSet<[&'a str; 2]>,
    reads: Vec<Table>,
    as_text: &'static [&'static str],
}

/// A relation on its way, one way or the other.
#[derive(Serialize, Deserialize)]
struct Table {
    /// Database, schema and name.
    path: [String; 3],
    file: PathBuf,
    columns: Vec<Column>,
}

#[derive(Serialize, Deserialize)]
struct Column {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    as_text: bool,
}

/// Returns the function that templates know as `submit_python_job`, for a node that is a program.
pub(super) fn submitter(
    work: &Work<'_>,
    adapter: &Arc<SessionAdapter>,
    index: Index,
) -> Result<Value> {
    let node = &work.compiled.plan.nodes[index];
    let target = super::node::relation(node)?.clone();
    let mut reads = work.compiled.program_inputs(index);
    let text = work.compiled.program(index).unwrap_or_default();
    if text.contains("this") && adapter.known().find(&target).is_some() {
        reads.push(target.clone());
    }
    let program = Program {
        adapter: adapter.clone(),
        cancel: work.request.cancel.clone(),
        listener: work.request.invocation.listener.clone(),
        root: work.project.root.clone(),
        at: At::new(&node.path, 0, 0),
        name: node.name.clone(),
        reads,
        target,
        database: database(&work.project.warehouse),
        module_paths: module_paths(work.project),
        settings: work.project.warehouse.settings.clone(),
    };
    Ok(Value::from_function(move |args: Rest<ValueOrKwargs>| {
        let names = ["parsed_model", "compiled_code"];
        let bound = jinja::bind("submit_python_job", &names, 2, &args.into_values())?;
        let text = bound[1].as_ref().map(jinja::text).unwrap_or_default();
        program.run(&text).map_err(jinja::raise)?;
        Ok::<_, minijinja::Error>(answered())
    }))
}

/// Returns the folders of modules, from the root of the file system.
fn module_paths(project: &Project) -> Vec<PathBuf> {
    let paths = project.warehouse.module_paths.iter();
    paths.map(|path| project.root.join(path)).collect()
}

impl Program {
    /// Runs the text, and makes tables of what it leaves.
    fn run(&self, text: &str) -> Result<()> {
        let folder = tempfile::tempdir().map_err(unwritable)?;
        let program = folder.path().join(format!("{}.py", self.name));
        fs::write(&program, text).map_err(unwritable)?;
        let runner = folder.path().join("wh_runner.py");
        fs::write(&runner, include_str!("runner.py")).map_err(unwritable)?;
        let job = self.job(folder.path(), program.clone())?;
        let told = folder.path().join("job.json");
        fs::write(&told, serde_json::to_vec(&job)?).map_err(unwritable)?;
        let child = Command::new(interpreter())
            .args([&runner, &told])
            .current_dir(&self.root)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|err| check::no_python(err.into()))?;
        self.watched(child, &program)?;
        let left = fs::read(folder.path().join("left.json")).map_err(unwritable)?;
        let left: Vec<Table> = serde_json::from_slice(&left)?;
        self.adapter.begin()?;
        left.iter().try_for_each(|table| self.take(table))
    }

    /// Writes what the program reads, and says what is to be done.
    fn job(&self, folder: &Path, program: PathBuf) -> Result<Job<'_>> {
        let mut databases = vec![self.database.as_str()];
        let mut schemas = BTreeSet::new();
        for relation in self.reads.iter().chain([&self.target]) {
            let database = self.database_of(relation);
            if !databases.contains(&database) {
                databases.push(database);
            }
            schemas.insert([database, relation.schema.as_str()]);
        }
        let reads = self.reads.iter().enumerate();
        let reads = reads.map(|(number, relation)| {
            self.give(relation, folder.join(format!("read{number}.parquet")))
        });
        Ok(Job {
            reads: reads.collect::<Result<_>>()?,
            program,
            module_paths: &self.module_paths,
            settings: &self.settings,
            databases,
            schemas,
            as_text: AS_TEXT,
        })
    }

    fn database_of<'a>(&'a self, relation: &'a Relation) -> &'a str {
        relation.database.as_deref().unwrap_or(&self.database)
    }

    /// Writes a relation to a file.
    fn give(&self, relation: &Relation, file: PathBuf) -> Result<Table> {
        let columns = self.adapter.columns(relation)?.into_iter();
        let columns: Vec<Column> = columns
            .map(|(name, kind)| Column {
                as_text: AS_TEXT.iter().any(|word| kind.contains(word)),
                name,
                kind,
            })
            .collect();
        let sql = render(
            include_str!("export.sql"),
            context! {columns => listed(&columns)?, relation => relation.to_string(), file => file.display().to_string()},
        )?;
        self.adapter.execute(&sql, false)?;
        let path = [self.database_of(relation), &relation.schema, &relation.name];
        Ok(Table {
            path: path.map(str::to_owned),
            file,
            columns,
        })
    }

    /// Makes a table of what the program left.
    fn take(&self, table: &Table) -> Result<()> {
        let [database, schema, name] = table.path.clone();
        let is_own = self.target.database.is_none() && database == self.database;
        let relation = Relation {
            database: (!is_own).then_some(database),
            schema,
            name,
        };
        let sql = render(
            include_str!("import.sql"),
            context! {
                columns => listed(&table.columns)?,
                table => relation.to_string(),
                file => table.file.display().to_string(),
            },
        )?;
        self.adapter.execute(&sql, true)?;
        self.adapter.note(&relation, Some(EntryKind::Table));
        Ok(())
    }

    /// Waits for the program, unless the run is stopped; says what it prints.
    fn watched(&self, mut child: Child, program: &Path) -> Result<()> {
        let (printed, said) = (gathered(child.stdout.take()), gathered(child.stderr.take()));
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break status;
            }
            if self.cancel.is_stopped() {
                child.kill()?;
                child.wait()?;
                let what = format!("the program of `{}` was stopped", self.name);
                return Err(Diagnostic::data(what).at(&self.at).into());
            }
            thread::sleep(POLL);
        };
        let text = |heard: thread::JoinHandle<String>| heard.join().unwrap_or_default();
        let (printed, said) = (text(printed), text(said));
        if !printed.is_empty() {
            (self.listener.0)(Voice::Print, printed.trim_end());
        }
        if !status.success() {
            return Err(self.failed(&said, program));
        }
        if !said.is_empty() {
            (self.listener.0)(Voice::Log, said.trim_end());
        }
        Ok(())
    }

    /// Says what went wrong in a program, at the line of the model that was on its way.
    fn failed(&self, said: &str, program: &Path) -> anyhow::Error {
        let own = program.display().to_string();
        let said = said.replace(&own, &self.at.file.display().to_string());
        let line = line_of(&said, &self.at.file);
        let what = match said.trim_end().lines().next_back() {
            Some(last) => format!("the program of `{}` failed: {last}", self.name),
            None => format!("the program of `{}` failed", self.name),
        };
        Diagnostic::data(what)
            .at(&At::new(&self.at.file, line, 0))
            .note(said.trim_end())
            .into()
    }
}

/// Returns columns as templates of SQL take them.
fn listed(columns: &[Column]) -> Result<Value> {
    Ok(jinja::from_json(&serde_json::to_value(columns)?))
}

/// Returns the last line of a file that a traceback names; 0 when it names none.
fn line_of(traceback: &str, file: &Path) -> u32 {
    let named = format!("File \"{}\", line ", file.display());
    let last = traceback.rsplit_once(&named).map(|(_, rest)| rest);
    let digits = last.and_then(|rest| rest.split(|c: char| !c.is_ascii_digit()).next());
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// Reads a stream to its end on a thread of its own, so that no program waits for its reader.
fn gathered(stream: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream
            && let Err(err) = stream.read_to_end(&mut bytes)
        {
            tracing::debug!(error = %err, "program");
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

fn unwritable(err: std::io::Error) -> anyhow::Error {
    Diagnostic::environment("the temporary folder cannot be used")
        .because(err)
        .hint("set TMPDIR to a folder with space")
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_failure_is_the_models_last_line_on_the_way() {
        let said = "Traceback:\n  File \"models/m.py\", line 3, in model\n    f()\n  File \"models/m.py\", line 12, in f\n    1 / 0\n  File \"lib.py\", line 40, in g\nZeroDivisionError: division by zero\n";
        assert_eq!(line_of(said, Path::new("models/m.py")), 12);
        assert_eq!(line_of("KeyError", Path::new("models/m.py")), 0);
    }
}
