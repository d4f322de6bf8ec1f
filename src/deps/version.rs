//! Versions of packages and the ranges that lists ask for, as dbt reads them.

use std::cmp::Ordering;
use std::fmt;

/// A version: `1.2.3` or `1.2.3-beta.1`; what follows `+` does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Version {
    numbers: [u64; 3],
    before: Vec<String>,
}

impl Version {
    /// Reads a version; `None` where the text is none.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches('v');
        let text = text.split('+').next()?;
        let (core, before) = text.split_once('-').unwrap_or((text, ""));
        let mut numbers = [0; 3];
        let mut parts = core.split('.');
        for (at, number) in numbers.iter_mut().enumerate() {
            match parts.next() {
                Some(part) => *number = part.parse().ok()?,
                None if at == 0 => return None,
                None => {}
            }
        }
        let before = before.split('.').filter(|part| !part.is_empty());
        parts.next().is_none().then(|| Self {
            numbers,
            before: before.map(str::to_owned).collect(),
        })
    }

    /// Returns whether it comes before a release.
    pub(super) fn is_prerelease(&self) -> bool {
        !self.before.is_empty()
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let part = |a: &String, b: &String| match (a.parse::<u64>(), b.parse::<u64>()) {
            (Ok(a), Ok(b)) => a.cmp(&b),
            (Ok(_), Err(_)) => Ordering::Less,
            (Err(_), Ok(_)) => Ordering::Greater,
            (Err(_), Err(_)) => a.cmp(b),
        };
        let before = || match (self.before.is_empty(), other.before.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => {
                let pairs = self.before.iter().zip(&other.before);
                let differ = pairs.map(|(a, b)| part(a, b)).find(|order| order.is_ne());
                differ.unwrap_or_else(|| self.before.len().cmp(&other.before.len()))
            }
        };
        self.numbers.cmp(&other.numbers).then_with(before)
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A bound: a comparison and a version.
#[derive(Debug, Clone)]
pub(super) struct Bound {
    sign: Sign,
    version: Version,
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Exact,
    Least,
    Above,
    Most,
    Below,
}

impl Bound {
    /// Reads `1.2.3`, `=1.2.3`, `>=1.2.3`, …; `None` where the text is none of these.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let signs = [
            (">=", Sign::Least),
            ("<=", Sign::Most),
            (">", Sign::Above),
            ("<", Sign::Below),
            ("==", Sign::Exact),
            ("=", Sign::Exact),
            ("", Sign::Exact),
        ];
        let (sign, rest) = signs
            .iter()
            .find_map(|(word, sign)| Some((*sign, text.strip_prefix(word)?)))?;
        Some(Self {
            sign,
            version: Version::read(rest)?,
            text: text.to_owned(),
        })
    }

    /// Returns whether a version is within.
    pub(super) fn holds(&self, version: &Version) -> bool {
        let order = version.cmp(&self.version);
        match self.sign {
            Sign::Exact => order.is_eq(),
            Sign::Least => order.is_ge(),
            Sign::Above => order.is_gt(),
            Sign::Most => order.is_le(),
            Sign::Below => order.is_lt(),
        }
    }

    /// Returns whether it names a version before a release.
    pub(super) fn is_prerelease(&self) -> bool {
        self.version.is_prerelease()
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_as_semver_orders_them() {
        let read = |text| Version::read(text).unwrap();
        let order = [
            "0.9.9",
            "1.0.0-a.2",
            "1.0.0-a.10",
            "1.0.0-b",
            "1.0.0",
            "1.0.1",
            "1.10.0",
        ];
        for pair in order.windows(2) {
            assert!(read(pair[0]) < read(pair[1]), "{pair:?}");
        }
        assert!(Version::read("x.1").is_none());
    }

    #[test]
    fn bounds_hold_what_they_say() {
        let holds = |bound, version| {
            Bound::read(bound)
                .unwrap()
                .holds(&Version::read(version).unwrap())
        };
        assert!(holds(">=1.0.0", "1.0.0") && !holds(">1.0.0", "1.0.0"));
        assert!(holds("<2.0.0", "1.9.9") && !holds("<=1.0", "1.0.1"));
        assert!(holds("1.1.1", "1.1.1") && !holds("=1.1.1", "1.1.2"));
    }
}
