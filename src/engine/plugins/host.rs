//! The program that holds plug-ins, and the lines between it and this process.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::Said;
use crate::diagnostic::{Diagnostic, Result};

/// The modules that stand in for dbt-duckdb's where it is not installed, by their paths.
const STAND_IN: &[(&str, &str)] = &[
    ("dbt/adapters/duckdb/__init__.py", ""),
    (
        "dbt/adapters/duckdb/utils.py",
        include_str!("stand_in/utils.py"),
    ),
    (
        "dbt/adapters/duckdb/credentials.py",
        include_str!("stand_in/credentials.py"),
    ),
    (
        "dbt/adapters/duckdb/plugins/__init__.py",
        include_str!("stand_in/plugins.py"),
    ),
    (
        "dbt/adapters/duckdb/plugins/pd_utils.py",
        include_str!("stand_in/pd_utils.py"),
    ),
    (
        "dbt/adapters/duckdb/plugins/excel.py",
        include_str!("stand_in/excel.py"),
    ),
    (
        "dbt/adapters/duckdb/plugins/sqlalchemy.py",
        include_str!("stand_in/sqlalchemy.py"),
    ),
    ("dbt/adapters/events/__init__.py", ""),
    (
        "dbt/adapters/events/logging.py",
        include_str!("stand_in/logging.py"),
    ),
];

/// A running program of Python. When it is dropped, it is told that nothing more comes, and waited for.
pub(super) struct Host {
    child: Child,
    /// Taken to say that nothing more comes.
    told: Option<ChildStdin>,
    said: BufReader<ChildStdout>,
    /// What it is made of, and the rows it gives.
    _folder: TempDir,
}

impl Host {
    /// Starts the program.
    ///
    /// # Errors
    /// `Environment` when there is no Python, or no room for its files.
    pub(super) fn start() -> Result<Self> {
        let folder = written().map_err(|err| {
            Diagnostic::environment("the temporary folder cannot be used")
                .because(err)
                .hint("set TMPDIR to a folder with space")
        })?;
        let mut child = Command::new(interpreter())
            .arg(folder.path().join("wh_host.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(no_python)?;
        let (told, said) = (child.stdin.take(), child.stdout.take());
        Ok(Self {
            child,
            told,
            said: BufReader::new(said.ok_or_else(silent)?),
            _folder: folder,
        })
    }

    /// Says one line and returns the answer.
    ///
    /// # Errors
    /// `Environment` when the program has ended.
    pub(super) fn say(&mut self, told: &Value) -> Result<Said> {
        let mut line = told.to_string();
        line.push('\n');
        let stream = self.told.as_mut().ok_or_else(silent)?;
        stream.write_all(line.as_bytes()).map_err(|_| silent())?;
        stream.flush()?;
        let mut answer = String::new();
        match self.said.read_line(&mut answer)? {
            0 => Err(silent()),
            _ => Ok(serde_json::from_str(&answer)?),
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.told = None;
        if let Err(err) = self.child.wait() {
            tracing::debug!(error = %err, "plug-ins");
        }
    }
}

/// Writes what the program is made of.
fn written() -> std::io::Result<TempDir> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("wh_host.py"), include_str!("host.py"))?;
    for (path, text) in STAND_IN {
        let path = folder.path().join("stand_in").join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, text)?;
    }
    Ok(folder)
}

/// Returns the Python that is asked for: `WH_PYTHON`, else that of the active virtual environment, else `python3`.
#[must_use]
pub fn interpreter() -> PathBuf {
    let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let within = |folder: std::ffi::OsString| match cfg!(windows) {
        true => Path::new(&folder).join("Scripts").join("python.exe"),
        false => Path::new(&folder).join("bin").join("python"),
    };
    let own = named("WH_PYTHON").map(PathBuf::from);
    let active = || named("VIRTUAL_ENV").map(within);
    own.or_else(active).unwrap_or_else(|| "python3".into())
}

fn no_python(err: std::io::Error) -> anyhow::Error {
    let what = format!(
        "`{}` cannot be run, and the plug-ins of the profile need it",
        interpreter().display()
    );
    Diagnostic::environment(what)
        .because(err)
        .hint("install Python 3 with `duckdb`, activate a virtual environment that has it, or name one in WH_PYTHON")
        .into()
}

fn silent() -> anyhow::Error {
    Diagnostic::environment("the program that holds the plug-ins has ended").into()
}
