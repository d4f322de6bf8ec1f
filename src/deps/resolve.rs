//! From a list to one version of each package, those that the packages list themselves included.

use std::collections::BTreeMap;

use super::fetch::Fetched;
use super::version::Bound;
use super::wanted::{List, Wanted};
use super::{Package, Pinned};
use crate::diagnostic::{At, Diagnostic, Result};

/// Packages that were named so far, each with all that was asked of it.
#[derive(Default)]
struct Asked {
    order: Vec<String>,
    packages: BTreeMap<String, (Wanted, At)>,
}

/// Chooses a version of each package.
///
/// # Errors
/// `Project` where what is asked of a package cannot be met together, or two packages have one name.
pub(super) fn resolve(list: &List, fetched: &mut Fetched<'_>, root: &str) -> Result<Vec<Package>> {
    let mut asked = Asked::default();
    let mut pending: Vec<String> = asked.take(list)?;
    let mut found: BTreeMap<String, Package> = BTreeMap::new();
    while let Some(key) = pending.pop() {
        let Some((wanted, at)) = asked.packages.get(&key).cloned() else {
            continue;
        };
        let pinned = pin(&wanted, fetched, &at)?;
        if found
            .get(&key)
            .is_some_and(|known| is_same(&known.pinned, &pinned))
        {
            continue;
        }
        let (name, listed, pinned) = fetched.describe(&pinned, &at)?;
        found.insert(key, Package { pinned, name });
        pending.extend(asked.take(&listed)?);
    }
    let packages: Vec<Package> = asked
        .order
        .iter()
        .filter_map(|key| found.remove(key))
        .collect();
    for (number, package) in packages.iter().enumerate() {
        let before = packages[..number]
            .iter()
            .any(|other| other.name == package.name);
        if before || package.name == root {
            let what = match before {
                true => format!("two packages are called `{}`", package.name),
                false => format!("a package is called `{root}`, as the project itself"),
            };
            return Err(Diagnostic::project(what)
                .hint("take one of them out of the list")
                .into());
        }
    }
    Ok(packages)
}

fn is_same(known: &Pinned, pinned: &Pinned) -> bool {
    match (known, pinned) {
        (Pinned::Git { url, .. }, Pinned::Git { url: other, .. }) => url == other,
        _ => known == pinned,
    }
}

impl Asked {
    /// Adds what a list asks for and returns the keys of what is new or asked for anew.
    fn take(&mut self, list: &List) -> Result<Vec<String>> {
        let mut changed = Vec::new();
        for (wanted, at) in &list.packages {
            let key = key(wanted);
            match self.packages.get_mut(&key) {
                None => {
                    self.order.push(key.clone());
                    self.packages
                        .insert(key.clone(), (wanted.clone(), at.clone()));
                }
                Some((known, _)) => merge(known, wanted, at)?,
            }
            changed.push(key);
        }
        changed.reverse();
        Ok(changed)
    }
}

/// Returns what two mentions of one package have in common.
fn key(wanted: &Wanted) -> String {
    match wanted {
        Wanted::Local(path) => path.clone(),
        Wanted::Git {
            url, subdirectory, ..
        } => {
            let url = url.trim_end_matches(".git");
            format!("{url}#{}", subdirectory.as_deref().unwrap_or_default())
        }
        Wanted::Tarball { url, .. } => url.clone(),
        Wanted::Hub { package, .. } => package.clone(),
    }
}

fn merge(known: &mut Wanted, more: &Wanted, at: &At) -> Result<()> {
    match (known, more) {
        (
            Wanted::Hub {
                bounds, prerelease, ..
            },
            Wanted::Hub {
                bounds: more,
                prerelease: also,
                ..
            },
        ) => {
            bounds.extend(more.iter().cloned());
            *prerelease |= also;
        }
        (
            Wanted::Git { url, revisions, .. },
            Wanted::Git {
                revisions: more, ..
            },
        ) => {
            for revision in more {
                if !revisions.contains(revision) {
                    revisions.push(revision.clone());
                }
            }
            if revisions.len() > 1 {
                let what = format!("`{url}` is asked for at {}", revisions.join(" and "));
                return Err(Diagnostic::project(what)
                    .at(at)
                    .hint("ask for one revision everywhere")
                    .into());
            }
        }
        _ => {}
    }
    Ok(())
}

/// Chooses the version of a package.
fn pin(wanted: &Wanted, fetched: &mut Fetched<'_>, at: &At) -> Result<Pinned> {
    Ok(match wanted {
        Wanted::Local(path) => Pinned::Local(path.clone()),
        Wanted::Git {
            url,
            revisions,
            subdirectory,
        } => Pinned::Git {
            url: url.clone(),
            revision: revisions.first().cloned().unwrap_or_else(|| "HEAD".into()),
            subdirectory: subdirectory.clone(),
        },
        Wanted::Tarball { url, name } => Pinned::Tarball {
            url: url.clone(),
            name: name.clone(),
        },
        Wanted::Hub {
            package,
            bounds,
            prerelease,
        } => {
            let bounds: &[Bound] = bounds;
            Pinned::Hub {
                package: package.clone(),
                version: fetched.hub.choose(package, (bounds, *prerelease), at)?,
            }
        }
    })
}
