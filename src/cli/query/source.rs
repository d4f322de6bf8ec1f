//! The SQL of a command line: from its argument, a file or standard input.

use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

use crate::cli::args::QueryArgs;
use crate::diagnostic::{Diagnostic, Result};

/// SQL and the name of its origin, as errors show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) name: PathBuf,
    pub(crate) text: String,
}

impl Source {
    /// Reads what the command line names; `None` when it names nothing and somebody sits at a terminal.
    ///
    /// # Errors
    /// `Environment` when the file cannot be read; `Project` when it is not UTF-8.
    pub(crate) fn named_by(args: &QueryArgs) -> Result<Option<Self>> {
        match (&args.sql, &args.file) {
            (Some(sql), _) if sql != "-" => Ok(Some(Self::new("<sql>", sql.clone()))),
            (None, Some(file)) => Self::file(file).map(Some),
            (None, None) if std::io::stdin().is_terminal() => Ok(None),
            _ => {
                let mut bytes = Vec::new();
                let read = std::io::stdin().read_to_end(&mut bytes);
                read.map_err(|err| {
                    Diagnostic::environment("standard input cannot be read").because(err)
                })?;
                Self::decode(Path::new("<stdin>"), bytes).map(Some)
            }
        }
    }

    /// Reads a file of SQL.
    ///
    /// # Errors
    /// As [`Source::named_by`].
    pub(crate) fn file(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|err| {
            Diagnostic::environment(format!("`{}` cannot be read", path.display())).because(err)
        })?;
        Self::decode(path, bytes)
    }

    /// Names a text.
    pub(crate) fn new(name: impl Into<PathBuf>, text: String) -> Self {
        Self {
            name: name.into(),
            text,
        }
    }

    fn decode(name: &Path, bytes: Vec<u8>) -> Result<Self> {
        let text = String::from_utf8(bytes).map_err(|err| {
            let before = &err.as_bytes()[..err.utf8_error().valid_up_to()];
            let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            let line = u32::try_from(line).unwrap_or_default();
            Diagnostic::project(format!("`{}` is not UTF-8", name.display()))
                .at_line(name, line, 0)
                .hint("save it as UTF-8")
        })?;
        Ok(Self::new(
            name,
            text.trim_start_matches('\u{feff}').to_owned(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_no_sql() {
        let source = Source::decode(Path::new("q.sql"), b"\xef\xbb\xbfselect 1".to_vec()).unwrap();
        assert_eq!(source.text, "select 1");
    }

    #[test]
    fn a_file_that_is_not_utf_8_is_refused_with_its_line() {
        let err = Source::decode(Path::new("q.sql"), b"select\n'\xff'".to_vec()).unwrap_err();
        assert!(err.to_string().contains("q.sql:2"), "{err}");
    }
}
