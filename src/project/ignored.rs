//! `.dbtignore`: files that are passed over, by the rules of `.gitignore`.

use std::path::Path;

use regex::Regex;

use super::files;
use crate::diagnostic::Result;

/// The patterns of a file; the last that fits a path decides.
#[derive(Debug, Default)]
pub(super) struct Ignored(Vec<(Regex, bool)>);

impl Ignored {
    /// Reads `.dbtignore` in a package's folder; without one nothing is passed over.
    pub(super) fn of(base: &Path) -> Result<Self> {
        let file = Path::new(".dbtignore");
        match base.join(file).is_file() {
            true => Ok(Self::read(&files::read(base, file)?)),
            false => Ok(Self::default()),
        }
    }

    fn read(text: &str) -> Self {
        Self(text.lines().filter_map(pattern).collect())
    }

    /// Returns whether a file is passed over; its path is relative to the package's folder.
    pub(super) fn holds(&self, path: &Path) -> bool {
        let path = path.to_string_lossy().replace('\\', "/");
        let mut last = self.0.iter().rev();
        let last = last.find(|(pattern, _)| pattern.is_match(&path));
        last.is_some_and(|(_, is_ignored)| *is_ignored)
    }
}

/// Reads one line: an expression for paths, and whether what fits is passed over; a pattern after `!` takes files back in.
fn pattern(line: &str) -> Option<(Regex, bool)> {
    let line = line.trim_end_matches(['\r', ' ']);
    let (line, is_ignored) = match line.strip_prefix('!') {
        Some(line) => (line, false),
        None => (line, true),
    };
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let bare = line.trim_end_matches('/');
    let is_folder = bare.len() < line.len();
    let is_anchored = bare.contains('/');
    let bare = bare.trim_start_matches('/');
    let mut expression = match is_anchored {
        true => String::from("^"),
        false => String::from("^(?:.*/)?"),
    };
    expression.push_str(&translated(bare));
    expression.push_str(if is_folder { "/" } else { "(?:/|$)" });
    Some((Regex::new(&expression).ok()?, is_ignored))
}

/// Writes a pattern of file names as a regular expression: `**` crosses folders, `*` and `?` do not.
fn translated(pattern: &str) -> String {
    let mut expression = String::new();
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let (part, taken) = match c {
            _ if rest.starts_with("**/") => ("(?:.*/)?".to_owned(), 3),
            _ if rest.starts_with("**") => (".*".to_owned(), 2),
            '*' => ("[^/]*".to_owned(), 1),
            '?' => ("[^/]".to_owned(), 1),
            '[' => match rest.find(']') {
                Some(end) => (rest[..=end].replacen("[!", "[^", 1), end + 1),
                None => (r"\[".to_owned(), 1),
            },
            '\\' if rest.len() > 1 => {
                let next = rest[1..].chars().next().unwrap_or_default();
                (regex::escape(&next.to_string()), 1 + next.len_utf8())
            }
            c => (regex::escape(&c.to_string()), c.len_utf8()),
        };
        expression.push_str(&part);
        rest = &rest[taken..];
    }
    expression
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_gitignore() {
        let ignored = Ignored::read(
            "# note\n*.bak.sql\n/models/old/\ndrafts\nmodels/**/x?.yml\n!keep.bak.sql\n",
        );
        let holds = |path: &str| ignored.holds(Path::new(path));
        assert!(holds("models/a.bak.sql") && holds("models/old/a.sql"));
        assert!(
            holds("seeds/drafts/a.csv") && holds("models/a/b/x1.yml") && holds("models/x1.yml")
        );
        assert!(!holds("models/a.sql") && !holds("models/keep.bak.sql"));
        assert!(!holds("other/models/old/a.sql") && !holds("models/drafts.sql"));
    }
}
