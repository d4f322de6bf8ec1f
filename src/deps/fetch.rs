//! Bringing packages here: folders, commits of repositories, packed folders.

use std::fs;
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use flate2::read::GzDecoder;
use md5::{Digest, Md5};
use serde_yaml::Value;

use super::hub::{self, Hub};
use super::wanted::{List, list};
use super::{Package, Pinned};
use crate::diagnostic::{At, Diagnostic, Result};
use crate::project::yaml;

/// Packages that were brought here, in a folder that goes when all is done.
pub(super) struct Fetched<'a> {
    root: &'a Path,
    scratch: &'a Path,
    pub(super) hub: Hub,
}

impl<'a> Fetched<'a> {
    pub(super) fn new(root: &'a Path, scratch: &'a Path) -> Self {
        Self {
            root,
            scratch,
            hub: Hub::default(),
        }
    }

    pub(super) fn scratch(&self) -> &Path {
        self.scratch
    }

    /// Returns the folder of a package, and for a repository the commit that its revision means.
    pub(super) fn folder(&mut self, pinned: &Pinned) -> Result<(PathBuf, Pinned)> {
        match pinned {
            Pinned::Local(path) => Ok((self.root.join(path), pinned.clone())),
            Pinned::Git {
                url,
                revision,
                subdirectory,
            } => {
                let (folder, commit) = self.checkout(url, revision)?;
                let within = subdirectory.as_ref().map(|within| folder.join(within));
                let pinned = Pinned::Git {
                    url: url.clone(),
                    revision: commit,
                    subdirectory: subdirectory.clone(),
                };
                Ok((within.unwrap_or(folder), pinned))
            }
            Pinned::Tarball { url, .. } => Ok((self.unpacked(url)?, pinned.clone())),
            Pinned::Hub { package, version } => {
                let said = self.hub.version(package, version, &At::default())?;
                let url = said
                    .pointer("/downloads/tarball")
                    .and_then(|url| url.as_str());
                let url = url.ok_or_else(|| {
                    Diagnostic::environment(format!("the hub does not say where `{package}` lies"))
                })?;
                Ok((self.unpacked(url)?, pinned.clone()))
            }
        }
    }

    fn place(&self, what: &str) -> PathBuf {
        let digest = Md5::digest(what.as_bytes());
        let name: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        self.scratch.join(name)
    }

    /// Clones a repository and returns the folder and the commit.
    fn checkout(&self, url: &str, revision: &str) -> Result<(PathBuf, String)> {
        let folder = self.place(&format!("{url} {revision}"));
        if !folder.exists() {
            let target = folder.to_string_lossy().into_owned();
            git(self.root, &["clone", "--quiet", url, &target])?;
            if revision != "HEAD" {
                let known = git(&folder, &["checkout", "--quiet", "--detach", revision]);
                if known.is_err() {
                    let remote = format!("origin/{revision}");
                    git(&folder, &["checkout", "--quiet", "--detach", &remote])?;
                }
            }
        }
        let commit = git(&folder, &["rev-parse", "HEAD"])?;
        Ok((folder, commit.trim().to_owned()))
    }

    /// Fetches and unpacks a packed folder, and returns the one folder within.
    fn unpacked(&self, url: &str) -> Result<PathBuf> {
        let folder = self.place(url);
        if !folder.exists() {
            let bytes = match url.strip_prefix("file://") {
                Some(path) => fs::read(path).map_err(|err| {
                    Diagnostic::environment(format!("`{path}` cannot be read")).because(err)
                })?,
                None => hub::get(url)?,
            };
            unpack(&bytes, &folder).map_err(|err| {
                Diagnostic::environment(format!("`{url}` is no packed folder"))
                    .because(err)
                    .hint("a package is a .tar.gz with one folder")
            })?;
        }
        let mut within = fs::read_dir(&folder)?.flatten().map(|entry| entry.path());
        match (within.next(), within.next()) {
            (Some(only), None) if only.is_dir() => Ok(only),
            _ => Ok(folder),
        }
    }

    /// Reads what a package is called and which packages it lists itself.
    pub(super) fn describe(&mut self, pinned: &Pinned, at: &At) -> Result<(String, List, Pinned)> {
        if let Pinned::Hub { package, version } = pinned {
            let said = self.hub.version(package, version, at)?;
            let name = said.get("name").and_then(|name| name.as_str());
            let name = name.unwrap_or(package).to_owned();
            let value: Value = serde_yaml::to_value(&said)?;
            let listed = list(Path::new("packages.yml"), &value, &value)?;
            return Ok((name, listed, pinned.clone()));
        }
        let (folder, pinned) = self.folder(pinned)?;
        let file = Path::new("dbt_project.yml");
        let text = fs::read_to_string(folder.join(file)).map_err(|err| {
            Diagnostic::project(format!("`{}` holds no dbt_project.yml", folder.display()))
                .at(at)
                .because(err)
        })?;
        let name = yaml::parse(file, &text)?
            .get("name")
            .and_then(Value::as_str)
            .map(str::to_owned);
        let name = name.ok_or_else(|| {
            Diagnostic::project(format!("the package in `{}` has no name", folder.display())).at(at)
        })?;
        let mut listed = List::default();
        for file in ["dependencies.yml", "packages.yml"].map(Path::new) {
            let Ok(text) = fs::read_to_string(folder.join(file)) else {
                continue;
            };
            let value = yaml::parse(file, &text)?;
            if value.get("packages").is_some() {
                listed = list(file, &value, &value)?;
                break;
            }
        }
        Ok((name, listed, pinned))
    }

    /// Puts a package below `into`: a local one as a link, any other as a copy.
    pub(super) fn install(&mut self, package: &Package, into: &Path) -> Result<()> {
        let (folder, _) = self.folder(&package.pinned)?;
        let target = into.join(&package.name);
        let unwritable = |err: std::io::Error| {
            Diagnostic::environment(format!("`{}` cannot be installed", package.name)).because(err)
        };
        if let Pinned::Local(path) = &package.pinned {
            let absolute = folder.canonicalize().map_err(|err| {
                Diagnostic::project(format!("there is no folder `{path}`")).because(err)
            })?;
            return link(&absolute, &target).map_err(|err| unwritable(err).into());
        }
        copy(&folder, &target).map_err(|err| unwritable(err).into())
    }
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(from, to)
}

#[cfg(not(unix))]
fn link(from: &Path, to: &Path) -> std::io::Result<()> {
    copy(from, to)
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true if entry.file_name() == ".git" => {}
            true => copy(&entry.path(), &target)?,
            false => drop(fs::copy(entry.path(), target)?),
        }
    }
    Ok(())
}

/// Unpacks a `.tar.gz`; an entry that would land outside is refused.
fn unpack(bytes: &[u8], folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut archive = tar::Archive::new(GzDecoder::new(bytes));
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let is_within = path
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if !is_within {
            let what = format!("`{}` lies outside", path.display());
            return Err(std::io::Error::other(what));
        }
        let target = folder.join(&path);
        if entry.header().entry_type().is_dir() {
            fs::create_dir_all(&target)?;
        } else if entry.header().entry_type().is_file() {
            if let Some(above) = target.parent() {
                fs::create_dir_all(above)?;
            }
            let mut content = Vec::new();
            entry.read_to_end(&mut content)?;
            fs::write(&target, content)?;
        }
    }
    Ok(())
}

fn git(folder: &Path, arguments: &[&str]) -> Result<String> {
    let ran = Command::new("git")
        .args(arguments)
        .current_dir(folder)
        .env("GIT_TERMINAL_PROMPT", "0")
        .output()
        .map_err(|err| {
            Diagnostic::environment("`git` cannot be run")
                .because(err)
                .hint("install git, or list the package of the hub instead")
        })?;
    if ran.status.success() {
        return Ok(String::from_utf8_lossy(&ran.stdout).into_owned());
    }
    let what = format!("`git {}` failed", arguments.join(" "));
    Err(Diagnostic::environment(what)
        .note(String::from_utf8_lossy(&ran.stderr).trim().to_owned())
        .into())
}
