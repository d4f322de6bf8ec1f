//! The log file: what happened, as one JSON object a line, for diagnosis and for log collectors. What people read is printed elsewhere.

use std::fs::{self, File, OpenOptions};
use std::io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
use std::path::Path;
use std::sync::Mutex;

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use super::args::{Global, LogLevel};
use super::{secrets, sent};
use crate::diagnostic::{Diagnostic, Result};

/// A log file larger than this is put aside as `wh.log.1` before a run, in bytes.
const MAX_BYTES: u64 = 10 << 20;

/// Starts recording into `.wh/logs/wh.log` of the project, or into the folder of `--log-path`; without a project nothing is recorded, nor in
/// one that the user may only read.
///
/// `WH_LOG` decides what is recorded (`debug`, or a filter such as `wh::ingest=trace`), else `--log-level`.
///
/// # Errors
/// `Project` when `WH_LOG` is no filter; `Environment` when the file cannot be written.
pub(super) fn start(project_root: Option<&Path>, global: &Global) -> Result<()> {
    let filter = filter(std::env::var("WH_LOG").ok().as_deref(), global.log_level)?;
    let Some(root) = project_root else {
        return Ok(());
    };
    let folder = match global.flags.text("log_path") {
        Some(folder) => root.join(folder),
        None => root.join(".wh").join("logs"),
    };
    let path = folder.join("wh.log");
    let file = match open(&path) {
        Ok(file) => Some(file),
        Err(err) if matches!(err.kind(), PermissionDenied | ReadOnlyFilesystem) => None,
        Err(err) => {
            let what = format!("the log `{}` cannot be written", path.display());
            return Err(Diagnostic::environment(what).because(err).into());
        }
    };
    let to_file = file.map(|file| {
        tracing_subscriber::fmt::layer()
            .with_writer(Mutex::new(secrets::Log(file)))
            .with_ansi(false)
            .json()
            .flatten_event(true)
            .with_filter(filter)
    });
    let is_dbts = !root.join("wh.yml").exists();
    // A second start in one process keeps the first log.
    let started = tracing_subscriber::registry()
        .with(sent::layer(global, is_dbts))
        .with(to_file)
        .try_init();
    if let Err(err) = started {
        tracing::debug!(error = %err, "log");
    }
    Ok(())
}

fn open(path: &Path) -> std::io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    if fs::metadata(path).is_ok_and(|file| file.len() > MAX_BYTES) {
        fs::rename(path, path.with_extension("log.1"))?;
    }
    OpenOptions::new().create(true).append(true).open(path)
}

fn filter(variable: Option<&str>, level: Option<LogLevel>) -> Result<EnvFilter> {
    let level = match level {
        None | Some(LogLevel::Info) => "info",
        Some(LogLevel::Trace) => "trace",
        Some(LogLevel::Debug) => "debug",
        Some(LogLevel::Warn) => "warn",
        Some(LogLevel::Error) => "error",
        Some(LogLevel::None) => "off",
    };
    let asked = variable
        .filter(|text| !text.trim().is_empty())
        .unwrap_or(level);
    let directives = match asked.parse::<tracing_subscriber::filter::LevelFilter>() {
        Ok(level) => format!("wh={level}"),
        Err(_) => asked.to_owned(),
    };
    EnvFilter::try_new(&directives).map_err(|err| {
        Diagnostic::project(format!("`WH_LOG={asked}` is no level and no filter"))
            .because(err)
            .hint("use trace, debug, info, warn, error or off")
            .into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_wins_over_the_option() {
        assert_eq!(
            filter(Some("debug"), Some(LogLevel::Error))
                .unwrap()
                .to_string(),
            "wh=debug"
        );
        assert_eq!(
            filter(None, Some(LogLevel::None)).unwrap().to_string(),
            "wh=off"
        );
        assert_eq!(filter(Some(""), None).unwrap().to_string(), "wh=info");
        assert_eq!(
            filter(Some("wh::ingest=trace"), None).unwrap().to_string(),
            "wh::ingest=trace"
        );
        let err = filter(Some("wh=loud"), None).unwrap_err().to_string();
        assert!(
            err.contains("`WH_LOG=wh=loud` is no level and no filter"),
            "{err}"
        );
    }

    #[test]
    fn a_log_that_has_grown_is_put_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logs/wh.log");
        open(&path).unwrap().set_len(MAX_BYTES + 1).unwrap();
        assert_eq!(open(&path).unwrap().metadata().unwrap().len(), 0);
        assert!(path.with_extension("log.1").exists());
    }
}
