//! `require-dbt-version`: which versions of dbt a package says it works with.

use std::cmp::Ordering;

use crate::diagnostic::{At, Diagnostic, Result};

/// The version of dbt that projects meet here.
pub const DBT_VERSION: &str = "1.12.6";

/// What a package requires, and where it says so.
pub(super) type Required = (Vec<String>, At);

/// Refuses a package that is made for other versions of dbt.
///
/// # Errors
/// `Project`, at the key, for a version that cannot be read or that [`DBT_VERSION`] does not satisfy.
pub(super) fn check(package: &str, required: Option<&Required>) -> Result<()> {
    let Some((texts, at)) = required else {
        return Ok(());
    };
    for text in texts.iter().flat_map(|text| text.split(',')) {
        let text = text.trim();
        let Some(bound) = Bound::read(text) else {
            return Err(
                Diagnostic::project(format!("`{text}` is no version of dbt"))
                    .at(at)
                    .hint("write it such as `>=1.8.0`")
                    .into(),
            );
        };
        if !bound.is_met() {
            let what = format!(
                "package `{package}` is made for dbt `{text}`, and projects meet dbt {DBT_VERSION} here"
            );
            return Err(Diagnostic::project(what)
                .at(at)
                .hint("take another version of the package, or give `--no-version-check`")
                .into());
        }
    }
    Ok(())
}

/// A comparison with a version.
struct Bound<'a> {
    sign: &'a str,
    version: Version<'a>,
}

/// Three numbers, and what comes before the release, such as `rc1`.
type Version<'a> = ([u64; 3], Option<&'a str>);

impl<'a> Bound<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let start = text.find(|c: char| !"<>=".contains(c))?;
        let sign = text[..start].trim();
        let known = ["", "=", ">", ">=", "<", "<="].contains(&sign);
        let version = version(text[start..].trim())?;
        known.then_some(Self { sign, version })
    }

    fn is_met(&self) -> bool {
        let Some(here) = version(DBT_VERSION) else {
            return false;
        };
        let order = compared(here, self.version);
        match self.sign {
            ">" => order == Ordering::Greater,
            ">=" => order != Ordering::Less,
            "<" => order == Ordering::Less,
            "<=" => order != Ordering::Greater,
            _ => order == Ordering::Equal,
        }
    }
}

fn version(text: &str) -> Option<Version<'_>> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.');
    let (numbers, rest) = text.split_at(end.unwrap_or(text.len()));
    let numbers: Option<Vec<u64>> = numbers.split('.').map(|part| part.parse().ok()).collect();
    let numbers: [u64; 3] = numbers?.try_into().ok()?;
    let rest = rest.trim_start_matches('-');
    Some((numbers, (!rest.is_empty()).then_some(rest)))
}

/// Compares versions; what comes before a release is less than it.
fn compared(a: Version<'_>, b: Version<'_>) -> Ordering {
    let pre = match (a.1, b.1) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(a), Some(b)) => a.cmp(b),
    };
    a.0.cmp(&b.0).then(pre)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_met_or_not() {
        let met = |text: &str| Bound::read(text).map(|bound| bound.is_met());
        for text in [
            ">=1.0.0",
            "<2.0.0",
            ">1.12.5",
            "=1.12.6",
            "1.12.6",
            ">=1.12.6rc1",
            "<= 1.12.6",
        ] {
            assert_eq!(met(text), Some(true), "{text}");
        }
        for text in [">=2.0.0", "<1.12.6", "1.12.5", ">1.12.6", "<1.12.6-rc1"] {
            assert_eq!(met(text), Some(false), "{text}");
        }
        for text in ["latest", "1.0", "~1.0.0", ">="] {
            assert_eq!(met(text), None, "{text}");
        }
    }
}
