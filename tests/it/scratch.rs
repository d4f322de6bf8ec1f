//! A project in a temporary folder, the real binary run in it, and what it left behind.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use arrow::array::{Array, ArrayRef, AsArray};
use regex::Regex;
use wh::engine::{DuckDb, Engine, Session, Settings};

/// Tables that tell of runs, whatever they built.
const HISTORY: [&str; 3] = [
    r#""wh"."test_results""#,
    r#""wh"."row_counts""#,
    r#""wh"."ingestions""#,
];

/// Returns the Python that `scripts/test` installs, with what the tests need of it.
pub(crate) fn python() -> PathBuf {
    let named = std::env::var("WH_TEST_PYTHON");
    let python = named.unwrap_or_else(|_| {
        let home = std::env::var("HOME").unwrap_or_default();
        format!("{home}/.cache/wh-test-venv/bin/python")
    });
    assert!(
        Path::new(&python).exists(),
        "{python} is missing: run scripts/test, which installs it"
    );
    python.into()
}

/// A project that a test may change; the folder goes when the value does.
pub(crate) struct Scratch(tempfile::TempDir);

/// What one run of `wh` said, and its exit code.
pub(crate) struct Said {
    pub(crate) text: String,
    pub(crate) code: i32,
}

impl Scratch {
    /// Makes an empty folder.
    pub(crate) fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Copies a folder, given from the root of the repository.
    pub(crate) fn copy_of(folder: impl AsRef<Path>) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        copy(folder.as_ref(), scratch.path());
        Self(scratch)
    }

    /// Copies one more folder, given from the root of the repository, to the same place below the project.
    pub(crate) fn add(&self, folder: &str) {
        fs::create_dir_all(self.path(folder)).unwrap();
        copy(Path::new(folder), &self.path(folder));
    }

    /// Makes the sources of the project those of the folder again; what was built stays.
    pub(crate) fn restore(&self, folder: impl AsRef<Path>) {
        for entry in fs::read_dir(folder.as_ref()).unwrap() {
            let path = self.0.path().join(entry.unwrap().file_name());
            let inbox = path.join("inbox");
            match path.is_dir() {
                true if inbox.exists() => fs::remove_dir_all(inbox).unwrap(),
                true => fs::remove_dir_all(path).unwrap(),
                false => {}
            }
        }
        copy(folder.as_ref(), self.0.path());
    }

    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    pub(crate) fn write(&self, file: &str, text: impl AsRef<[u8]>) {
        let file = self.path(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
        set_time(&file);
    }

    /// Changes the one place of a file where `old` stands.
    pub(crate) fn replace(&self, file: &str, old: &str, new: &str) {
        let text = fs::read_to_string(self.path(file)).unwrap();
        assert_eq!(text.matches(old).count(), 1, "`{old}` in {file}");
        self.write(file, text.replace(old, new));
    }

    /// Returns `wh` with these words, to be run in the project.
    pub(crate) fn wh(&self, words: &[&str]) -> Command {
        let mut command = in_project(Command::new(env!("CARGO_BIN_EXE_wh")), self.0.path());
        command.args(words);
        command
    }

    /// Runs `wh` to its end.
    pub(crate) fn run(&self, words: &[&str]) -> Said {
        let output = self.wh(words).output().unwrap();
        self.said(&output)
    }

    /// Runs one line of a shell in which `wh` is the binary under test.
    pub(crate) fn shell(&self, line: &str) -> Said {
        let folder = Path::new(env!("CARGO_BIN_EXE_wh")).parent().unwrap();
        let path = std::env::var("PATH").unwrap();
        let mut command = in_project(Command::new("sh"), self.0.path());
        command.env("PATH", format!("{}:{path}", folder.display()));
        let output = command.args(["-c", line]).output().unwrap();
        self.said(&output)
    }

    pub(crate) fn said(&self, output: &Output) -> Said {
        let text = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
        Said {
            text: self.normal(&text.concat()),
            code: output.status.code().unwrap_or(-1),
        }
    }

    /// Runs `wh build` and requires that all went well.
    pub(crate) fn build(&self) {
        let said = self.run(&["build"]);
        assert_eq!(said.code, 0, "{}", said.text);
    }

    /// Replaces what differs from run to run and from machine to machine.
    fn normal(&self, text: &str) -> String {
        static TIME: LazyLock<Regex> =
            LazyLock::new(|| Regex::new(r" *\b(\d+ ms|\d+\.\d\d s)\b").unwrap());
        static MILLIS: LazyLock<Regex> =
            LazyLock::new(|| Regex::new(r#""elapsed_ms":\d+"#).unwrap());
        static CLOCK: LazyLock<Regex> =
            LazyLock::new(|| Regex::new(r"(?m)^\d\d:\d\d:\d\d\b").unwrap());
        static ELAPSED: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(
                r"in (\d+\.\d\ds|\d+ hours \d+ minutes and \d+\.\d\d seconds \(\d+\.\d\ds\))",
            )
            .unwrap()
        });
        static PROCESS: LazyLock<Regex> =
            LazyLock::new(|| Regex::new(r"\b(process|pid|PID) \d+").unwrap());
        let text = text.replace(self.0.path().to_str().unwrap(), "$PROJECT");
        let text = text.replace(env!("CARGO_PKG_VERSION"), "[version]");
        let text = TIME.replace_all(&text, " [time]");
        let text = MILLIS.replace_all(&text, r#""elapsed_ms":"[time]""#);
        let text = CLOCK.replace_all(&text, "[clock]");
        let text = ELAPSED.replace_all(&text, "in [time]");
        PROCESS.replace_all(&text, "$1 [pid]").into_owned()
    }

    /// Returns every row of every table and view, as sorted lines of text, by relation.
    pub(crate) fn tables(&self) -> BTreeMap<String, Vec<String>> {
        let path = self.path("warehouse.duckdb");
        if !path.exists() {
            return BTreeMap::new();
        }
        let settings = Settings {
            path,
            read_only: true,
            ..Settings::default()
        };
        let engine = DuckDb::open(&settings).unwrap();
        let mut session = engine.connect().unwrap();
        let entries = session.catalog().unwrap();
        // The history of tests, row counts and attempts grows with each run; it is no data that a run makes anew.
        let is_history = |name: &String| HISTORY.iter().any(|table| name.ends_with(table));
        let names = entries.iter().map(|entry| entry.relation.to_string());
        names
            .filter(|name| !is_history(name))
            .map(|name| (name.clone(), rows(session.as_mut(), &name)))
            .collect()
    }

    /// Returns the content of every file below the folders, by path.
    pub(crate) fn files(&self, folders: &[&str]) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        for folder in folders
            .iter()
            .map(|folder| self.path(folder))
            .filter(|path| path.exists())
        {
            each_file(&folder, &mut |file| {
                let name = file.strip_prefix(self.0.path()).unwrap().to_owned();
                found.insert(name, fs::read(file).unwrap());
            });
        }
        found
    }
}

/// One run is as another: the clock stands still, nothing is coloured, one node runs at a time.
fn in_project(mut command: Command, folder: &Path) -> Command {
    for name in ["WH_PROJECT_DIR", "WH_PROFILES_DIR", "WH_TARGET", "WH_LOG"] {
        command.env_remove(name);
    }
    command
        .env("WH_NOW", "2026-01-01T00:00:00Z")
        .env("NO_COLOR", "1")
        .env("HOME", folder);
    command.current_dir(folder);
    command
}

fn rows(session: &mut dyn Session, relation: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let sql = format!("select cast(columns(*) as varchar) from {relation}");
    session
        .query(&sql, &[], &mut |batch| {
            let cell = |column: &ArrayRef, row| match column.is_valid(row) {
                true => column.as_string::<i32>().value(row).to_owned(),
                false => "NULL".into(),
            };
            for row in 0..batch.num_rows() {
                let cells = batch.columns().iter().map(|column| cell(column, row));
                lines.push(cells.collect::<Vec<_>>().join("|"));
            }
            Ok(())
        })
        .unwrap();
    lines.sort();
    lines
}

fn each_file(folder: &Path, each: &mut dyn FnMut(&Path)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => each_file(&path, each),
            false => each(&path),
        }
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
            set_time(&target);
        }
    }
}

/// Gives a file the same time of change in every copy: the lake records it.
fn set_time(file: &Path) {
    let file = fs::File::options().append(true).open(file).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000))
        .unwrap();
}
