//! `package-lock.yml`: which versions were chosen, and for which list.

use std::fs;
use std::io::Write;
use std::path::Path;

use serde_yaml::{Mapping, Value};

use super::{Package, Pinned};
use crate::diagnostic::{Diagnostic, Result};
use crate::project::yaml::{self, Doc};

const FILE: &str = "package-lock.yml";

/// What a lock file says.
pub(super) struct Lock {
    pub(super) packages: Vec<Package>,
    pub(super) hash: String,
}

/// Reads the lock of the project in `root`, if it has one.
pub(super) fn read(root: &Path) -> Result<Option<Lock>> {
    let file = Path::new(FILE);
    let Ok(text) = fs::read_to_string(root.join(file)) else {
        return Ok(None);
    };
    let value = yaml::parse(file, &text)?;
    let doc = Doc {
        value: &value,
        file,
    };
    let fields = doc.fields("`package-lock.yml`")?;
    let hash = fields.text("sha1_hash")?.unwrap_or_default();
    let entries = fields.items("packages");
    // Locks of old versions of dbt name no packages: they are written anew.
    let packages: Option<Vec<Package>> = entries.into_iter().map(package).collect();
    Ok(packages.map(|packages| Lock { packages, hash }))
}

fn package(doc: Doc<'_>) -> Option<Package> {
    let text = |key: &str| {
        let value = doc.value.get(key)?;
        value.as_scalar_string().map(|text| text.into_owned())
    };
    let pinned = if let Some(path) = text("local") {
        Pinned::Local(path)
    } else if let Some(url) = text("git") {
        Pinned::Git {
            url,
            revision: text("revision")?,
            subdirectory: text("subdirectory"),
        }
    } else if let Some(url) = text("tarball") {
        Pinned::Tarball {
            url,
            name: text("name")?,
        }
    } else {
        Pinned::Hub {
            package: text("package")?,
            version: text("version")?,
        }
    };
    Some(Package {
        pinned,
        name: text("name")?,
    })
}

/// Writes the lock.
pub(super) fn write(root: &Path, packages: &[Package], hash: &str) -> Result<()> {
    let text = |text: &str| Value::string(text.to_owned());
    let entry = |package: &Package| {
        let pairs: Vec<(&str, &str)> = match &package.pinned {
            Pinned::Local(path) => vec![("local", path)],
            Pinned::Git {
                url,
                revision,
                subdirectory,
            } => {
                let mut pairs = vec![("git", url.as_str()), ("revision", revision)];
                pairs.extend(
                    subdirectory
                        .iter()
                        .map(|folder| ("subdirectory", folder.as_str())),
                );
                pairs
            }
            Pinned::Tarball { url, .. } => vec![("tarball", url)],
            Pinned::Hub { package, version } => vec![("package", package), ("version", version)],
        };
        let name = [("name", package.name.as_str())];
        let pairs = pairs.into_iter().chain(name);
        Value::mapping(pairs.map(|(key, value)| (text(key), text(value))).collect())
    };
    let mut whole = Mapping::new();
    let entries = packages.iter().map(entry).collect();
    whole.insert(text("packages"), Value::sequence(entries));
    whole.insert(text("sha1_hash"), text(hash));
    save(
        root,
        Path::new(FILE),
        &serde_yaml::to_string(&Value::mapping(whole))?,
    )
}

/// Writes a file of the project whole or not at all.
pub(super) fn save(root: &Path, file: &Path, text: &str) -> Result<()> {
    let unwritable = |err: std::io::Error| {
        Diagnostic::environment(format!("`{}` cannot be written", file.display())).because(err)
    };
    let mut beside = tempfile::NamedTempFile::new_in(root).map_err(unwritable)?;
    beside.write_all(text.as_bytes()).map_err(unwritable)?;
    beside
        .persist(root.join(file))
        .map_err(|err| unwritable(err.error))?;
    Ok(())
}
