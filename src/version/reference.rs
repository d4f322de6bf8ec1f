//! How a version is named: `v12`, a tag, `latest`, the start of its hash, and `~1` for the one before.

use super::record::{Version, complete, headers, rows};
use crate::diagnostic::{Diagnostic, Result, nearest};
use crate::engine::Session;

/// The newest version.
pub(super) const LATEST: &str = "latest";
/// The shortest part of a hash that names a version.
const SHORTEST_HASH: usize = 4;

/// A name given to a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// The name.
    pub name: String,
    /// The version's number.
    pub version: i64,
}

/// Returns the version that `text` names, with its tables and files.
///
/// # Errors
/// `Project` when there is none, with the nearest name.
pub(super) fn find(session: &mut dyn Session, text: &str) -> Result<Version> {
    let versions = headers(session)?;
    let tags = tags(session)?;
    let mut version = named(text, &versions, &tags)?.clone();
    complete(session, &mut version)?;
    Ok(version)
}

/// Returns all tags, by name.
///
/// # Errors
/// As [`Session::execute`].
pub fn tags(session: &mut dyn Session) -> Result<Vec<Tag>> {
    if !super::record::is_prepared(session)? {
        return Ok(Vec::new());
    }
    let found = rows(session, include_str!("read_tags.sql"), &[])?;
    let tags = found.into_iter().filter_map(|row| {
        let [name, version] = <[Option<String>; 2]>::try_from(row).ok()?;
        Some(Tag {
            name: name?,
            version: version?.parse().ok()?,
        })
    });
    Ok(tags.collect())
}

fn named<'a>(text: &str, versions: &'a [Version], tags: &[Tag]) -> Result<&'a Version> {
    let Some(newest) = versions.last() else {
        return Err(Diagnostic::project("there is no data version yet")
            .hint("`wh data commit -m \"why\"` makes the first")
            .into());
    };
    let (name, steps) = match text.split_once('~') {
        Some((name, "")) => (name, 1),
        Some((name, steps)) => (
            name,
            steps.parse().map_err(|_| unknown(text, newest, tags))?,
        ),
        None => (text, 0),
    };
    let numbered = |number: i64| versions.iter().find(|version| version.number == number);
    let tag = tags.iter().find(|tag| tag.name == name);
    let number = name
        .strip_prefix(['v', 'V'])
        .and_then(|digits| digits.parse().ok());
    let mut version = match (tag, number) {
        (Some(tag), _) => numbered(tag.version),
        (None, Some(number)) => numbered(number),
        (None, None) if name == LATEST => Some(newest),
        (None, None) => by_hash(name, versions),
    }
    .ok_or_else(|| unknown(text, newest, tags))?;
    for _ in 0..steps {
        version = version.parent.and_then(numbered).ok_or_else(|| {
            Diagnostic::project(format!("`{text}` is before the first version"))
                .hint("`wh data log` lists them")
        })?;
    }
    Ok(version)
}

fn by_hash<'a>(start: &str, versions: &'a [Version]) -> Option<&'a Version> {
    let mut found = versions
        .iter()
        .filter(|version| start.len() >= SHORTEST_HASH && version.hash.starts_with(start));
    match (found.next(), found.next()) {
        (Some(version), None) => Some(version),
        _ => None,
    }
}

fn unknown(text: &str, newest: &Version, tags: &[Tag]) -> anyhow::Error {
    let known = tags.iter().map(|tag| tag.name.as_str()).chain([LATEST]);
    let hint = match nearest(text, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!(
            "versions go up to `{}`; `wh data log` lists them",
            newest.name()
        ),
    };
    Diagnostic::project(format!("no data version is called `{text}`"))
        .hint(hint)
        .into()
}

/// Gives a version a name, or gives the name to another version.
///
/// # Errors
/// `Project` when the name means something else already.
pub fn tag(session: &mut dyn Session, name: &str, version: &Version) -> Result<()> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
    let taken = name == LATEST || name.strip_prefix(['v', 'V']).is_some_and(is_number);
    let odd = name.is_empty() || name.starts_with('-') || name.contains(['~', ' ', '\n']);
    if taken || odd {
        let why = match taken {
            true => "names a version already",
            false => "is no name for a tag",
        };
        return Err(Diagnostic::project(format!("`{name}` {why}"))
            .hint("take letters, digits, `-`, `_`, `.` and `/`, such as `2026-q1`")
            .into());
    }
    let params = [name.into(), version.number.into()];
    session.execute_with(include_str!("write_tag.sql"), &params)?;
    Ok(())
}

/// Takes a tag away; the version stays.
///
/// # Errors
/// `Project` when there is no such tag, with the nearest.
pub fn untag(session: &mut dyn Session, name: &str) -> Result<()> {
    let tags = tags(session)?;
    if !tags.iter().any(|tag| tag.name == name) {
        let error = Diagnostic::project(format!("no tag is called `{name}`"));
        let near = nearest(name, tags.iter().map(|tag| tag.name.as_str()));
        return Err(match near {
            Some(near) => error.hint(format!("did you mean `{near}`?")).into(),
            None => error.into(),
        });
    }
    session.execute_with(include_str!("delete_tag.sql"), &[name.into()])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions() -> Vec<Version> {
        let version = |number: i64, parent: Option<i64>, hash: &str| Version {
            number,
            parent,
            hash: hash.into(),
            committed_at: jiff::Timestamp::UNIX_EPOCH,
            source: "commit".into(),
            git_commit: None,
            git_dirty: false,
            author: String::new(),
            message: String::new(),
            tables: Vec::new(),
            files: Vec::new(),
        };
        vec![
            version(1, None, "abcd1111"),
            version(2, Some(1), "abcd2222"),
            version(3, Some(1), "9e9e9e9e"),
        ]
    }

    fn number(text: &str) -> Result<i64, String> {
        let tags = [Tag {
            name: "audit".into(),
            version: 2,
        }];
        named(text, &versions(), &tags)
            .map(|version| version.number)
            .map_err(|err| err.to_string())
    }

    #[test]
    fn a_version_has_a_number_tags_a_place_and_a_hash() {
        assert_eq!(number("v2"), Ok(2));
        assert_eq!(number("audit"), Ok(2));
        assert_eq!(number("latest"), Ok(3));
        assert_eq!(number("9e9e"), Ok(3));
    }

    #[test]
    fn a_tilde_goes_back_along_parents() {
        assert_eq!(number("latest~1"), Ok(1));
        assert_eq!(number("v2~"), Ok(1));
        let err = number("latest~2").unwrap_err();
        assert!(
            err.starts_with("`latest~2` is before the first version"),
            "{err}"
        );
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_nearest() {
        assert!(
            number("audti")
                .unwrap_err()
                .ends_with("did you mean `audit`?")
        );
        assert!(number("v9").unwrap_err().contains("versions go up to `v3`"));
        assert!(number("abcd").is_err(), "two hashes start so");
    }
}
