//! The error a user reads: what is, where (`file:line:column`), what to do. Does no I/O and prints nothing.
//!
//! A [`Diagnostic`] travels inside [`anyhow::Error`]; `?` is bare within a module and gains
//! [`Place::place`] where it crosses one. An error without a diagnostic in its chain is a bug in `wh`.

use std::fmt;
use std::path::{Path, PathBuf};

/// Result of anything in `wh` that can fail.
pub type Result<T, E = anyhow::Error> = std::result::Result<T, E>;

/// Who can repair the problem. Decides the exit code and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The data broke a promise the project makes, or a node failed.
    Data,
    /// A project file or the command line is wrong.
    Project,
    /// Disk, network, permission, or another process holds the warehouse.
    Environment,
    /// `wh` is wrong.
    Bug,
}

/// A place in a file; line and column are counted from 1, 0 where unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct At {
    /// Path relative to the project root.
    pub file: PathBuf,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl At {
    /// Creates a place; `line` and `column` count from 1, 0 where unknown.
    #[must_use]
    pub fn new(file: impl Into<PathBuf>, line: u32, column: u32) -> Self {
        Self {
            file: file.into(),
            line,
            column,
        }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        for number in [self.line, self.column] {
            if number == 0 {
                break;
            }
            write!(f, ":{number}")?;
        }
        Ok(())
    }
}

/// An error: one sentence, at most one place, at most one hint, notes, and its cause.
#[derive(Debug)]
pub struct Diagnostic(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: Kind,
    what: String,
    at: Option<At>,
    notes: Vec<String>,
    hint: Option<String>,
    source: Option<anyhow::Error>,
}

impl Diagnostic {
    /// Creates an error from a kind and one lower-case sentence without a full stop.
    pub fn new(kind: Kind, what: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            what: what.into(),
            at: None,
            notes: Vec::new(),
            hint: None,
            source: None,
        }))
    }

    /// Creates an error of the data: exit code 1.
    pub fn data(what: impl Into<String>) -> Self {
        Self::new(Kind::Data, what)
    }

    /// Creates an error of a project file or the command line: exit code 2.
    pub fn project(what: impl Into<String>) -> Self {
        Self::new(Kind::Project, what)
    }

    /// Creates an error of the machine around `wh`: exit code 2.
    pub fn environment(what: impl Into<String>) -> Self {
        Self::new(Kind::Environment, what)
    }

    /// Adds the place, unless one is already known: the innermost place wins.
    #[must_use]
    pub fn at(mut self, at: &At) -> Self {
        self.0.at.get_or_insert_with(|| at.clone());
        self
    }

    /// Adds the place as a file, line and column; see [`Diagnostic::at`].
    #[must_use]
    pub fn at_line(self, file: &Path, line: u32, column: u32) -> Self {
        self.at(&At::new(file, line, column))
    }

    /// Adds a line or block of context, shown between the place and the hint.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.0.notes.push(note.into());
        self
    }

    /// Adds what the reader can do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Adds the error that caused this one.
    #[must_use]
    pub fn because(mut self, source: impl Into<anyhow::Error>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Returns the same for another one to repair.
    #[must_use]
    pub fn of(mut self, kind: Kind) -> Self {
        self.0.kind = kind;
        self
    }

    /// Returns who can repair it.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// Returns the first line: what is.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.0.what
    }

    /// Returns where, when known.
    #[must_use]
    pub fn place(&self) -> Option<&At> {
        self.0.at.as_ref()
    }

    /// Returns the process exit code, as dbt's: 1 when data or a node failed, else 2.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self.0.kind {
            Kind::Data => 1,
            Kind::Project | Kind::Environment | Kind::Bug => 2,
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.what)?;
        if let Some(at) = &self.0.at {
            write!(f, "\n  --> {at}")?;
        }
        for cause in self.0.source.iter().flat_map(anyhow::Error::chain) {
            write!(f, "\n  because: {cause}")?;
            if cause.is::<Diagnostic>() {
                break;
            }
        }
        for note in &self.0.notes {
            for line in note.lines() {
                write!(f, "\n  {line}")?;
            }
        }
        if let Some(hint) = &self.0.hint {
            write!(f, "\nhint: {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostic {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|err| err.as_ref() as _)
    }
}

/// Several independent errors of one stage, reported together.
#[derive(Debug)]
pub struct Several(pub Vec<anyhow::Error>);

impl fmt::Display for Several {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} errors", self.0.len())
    }
}

impl std::error::Error for Several {}

/// Something doubtful, which is said or, where the user wants that, refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// What dbt calls warnings of its kind: `NoNodeForYamlKey`.
    pub event: &'static str,
    /// Where it is.
    pub at: At,
    /// What it is.
    pub text: String,
}

impl Warning {
    /// Makes a warning.
    #[must_use]
    pub fn new(event: &'static str, at: At, text: impl Into<String>) -> Self {
        Self {
            event,
            at,
            text: text.into(),
        }
    }
}

/// Fails with all of `errors` when there are any; one alone is returned as it is.
///
/// # Errors
/// The errors given, when there are any.
pub fn all_or_none(errors: Vec<anyhow::Error>) -> Result<()> {
    let mut all = Vec::with_capacity(errors.len());
    for error in errors {
        match error.downcast::<Several>() {
            Ok(several) => all.extend(several.0),
            Err(error) => all.push(error),
        }
    }
    let mut errors = all;
    match errors.len() {
        0 => Ok(()),
        1 => Err(errors.remove(0)),
        _ => Err(Several(errors).into()),
    }
}

/// Adds a place to an error that crosses a module, when it is a [`Diagnostic`] without one.
pub trait Place<T> {
    /// Adds `at` unless the error already knows its place.
    ///
    /// # Errors
    /// The same error, now with a place.
    fn place(self, at: &At) -> Result<T>;
}

impl<T> Place<T> for Result<T> {
    fn place(self, at: &At) -> Result<T> {
        self.map_err(|err| match err.downcast::<Diagnostic>() {
            Ok(diagnostic) => diagnostic.at(at).into(),
            Err(other) => other,
        })
    }
}

/// Returns the name of `known` nearest to `word`, when it is near enough to be a slip of the keys.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near = |name: &str| strsim::damerau_levenshtein(&word.to_lowercase(), &name.to_lowercase());
    known
        .into_iter()
        .map(|name| (near(name), name))
        .filter(|(distance, name)| *distance <= 1 + name.chars().count().min(12) / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_place_wins() {
        let err = Diagnostic::project("x")
            .at_line(Path::new("a.sql"), 3, 7)
            .at_line(Path::new("b.sql"), 1, 1);
        assert_eq!(err.to_string(), "x\n  --> a.sql:3:7");
    }

    #[test]
    fn a_slip_of_the_keys_finds_the_name_meant() {
        assert_eq!(
            nearest("stg_order", ["stg_orders", "orders"]),
            Some("stg_orders")
        );
        assert_eq!(nearest("customers", ["stg_orders", "products"]), None);
    }
}
