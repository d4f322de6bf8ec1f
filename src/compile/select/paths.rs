//! `path:`: files and folders by pattern, part by part.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use super::methods::wild;

/// Returns which of these files and of the folders above them a pattern names.
///
/// `*` and `?` stay within one part of a path; `**` stands for any number of folders.
pub(super) fn named<'a>(pattern: &str, files: impl Iterator<Item = &'a Path>) -> BTreeSet<PathBuf> {
    let pattern = parts(Path::new(pattern));
    let mut seen: BTreeSet<&Path> = BTreeSet::new();
    let mut found = BTreeSet::new();
    for file in files {
        for path in file.ancestors() {
            if !seen.insert(path) {
                break;
            }
            if matches(&pattern, &parts(path)) {
                found.insert(path.to_owned());
            }
        }
    }
    found
}

fn parts(path: &Path) -> Vec<String> {
    path.components()
        .filter(|part| !matches!(part, Component::CurDir))
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect()
}

fn matches(pattern: &[String], path: &[String]) -> bool {
    match pattern.split_first() {
        None => path.is_empty(),
        Some((first, rest)) if first == "**" => {
            (0..=path.len()).any(|skipped| matches(rest, &path[skipped..]))
        }
        Some((first, rest)) => path
            .split_first()
            .is_some_and(|(part, below)| wild(first, part) && matches(rest, below)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_names_files_and_folders() {
        let files = [
            Path::new("models/staging/a.sql"),
            Path::new("models/marts/b.sql"),
        ];
        let found = |pattern: &str| -> Vec<String> {
            named(pattern, files.iter().copied())
                .iter()
                .map(|path| path.display().to_string())
                .collect()
        };
        assert_eq!(found("models/staging/"), ["models/staging"]);
        assert_eq!(found("./models"), ["models"]);
        assert_eq!(found("models/*/b.sql"), ["models/marts/b.sql"]);
        assert_eq!(
            found("models/**/*.sql"),
            ["models/marts/b.sql", "models/staging/a.sql"]
        );
        assert!(found("staging").is_empty());
    }
}
