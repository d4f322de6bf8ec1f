//! `wh deps`: what `packages.yml` or `dependencies.yml` lists, resolved with what those packages list, written to
//! `package-lock.yml` and put into the folder of packages. Reads and renders no model.

mod fetch;
mod hub;
mod lock;
mod resolve;
mod sha1;
mod version;
mod wanted;

use std::fs;
use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, Result};
use crate::project::yaml::Render;

pub use self::wanted::add;

/// What to do, and for which project.
pub struct Request<'a> {
    /// The project's folder.
    pub root: &'a Path,
    /// The project's name: no package may have it.
    pub name: &'a str,
    /// The folder of packages, relative to the root.
    pub install_path: &'a Path,
    /// Renders `env_var` and `var` in `packages.yml`.
    pub render: Render<'a>,
    /// Resolves anew although the lock fits the list.
    pub upgrade: bool,
    /// Writes the lock and installs nothing.
    pub only_lock: bool,
}

/// A package in a version of its own.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Pinned {
    /// A folder.
    Local(String),
    /// A commit of a repository, and the folder within.
    Git {
        url: String,
        revision: String,
        subdirectory: Option<String>,
    },
    /// A packed folder at an address.
    Tarball { url: String, name: String },
    /// A version of a package of the hub.
    Hub { package: String, version: String },
}

/// A package, and the name of its project.
#[derive(Debug, Clone)]
pub(crate) struct Package {
    pub(crate) pinned: Pinned,
    pub(crate) name: String,
}

/// Resolves and installs; says each package to `told`.
///
/// # Errors
/// `Project` where the list cannot be met; `Environment` for network, git and disk.
pub fn run(request: &Request<'_>, told: &dyn Fn(&str)) -> Result<()> {
    let list = wanted::read(request.root, request.render)?;
    let lock = lock::read(request.root)?;
    let scratch = tempfile::tempdir_in(request.root).map_err(|err| {
        Diagnostic::environment("the project's folder cannot be written").because(err)
    })?;
    let mut fetched = fetch::Fetched::new(request.root, scratch.path());
    let packages = match lock {
        Some(lock) if lock.hash == list.hash() && !request.upgrade => lock.packages,
        _ => {
            let packages = resolve::resolve(&list, &mut fetched, request.name)?;
            if !packages.is_empty() {
                lock::write(request.root, &packages, &list.hash())?;
            }
            packages
        }
    };
    if packages.is_empty() {
        told("no packages are listed in packages.yml or dependencies.yml");
        return Ok(());
    }
    if request.only_lock {
        told("wrote package-lock.yml");
        return Ok(());
    }
    install(request, &packages, (&mut fetched, told))
}

/// Puts all packages beside the folder of packages, then in its place.
fn install(
    request: &Request<'_>,
    packages: &[Package],
    (fetched, told): (&mut fetch::Fetched<'_>, &dyn Fn(&str)),
) -> Result<()> {
    let fresh = fetched.scratch().join("installed");
    let unwritable = |err: std::io::Error| {
        let what = format!("`{}` cannot be written", request.install_path.display());
        Diagnostic::environment(what).because(err)
    };
    fs::create_dir_all(&fresh).map_err(unwritable)?;
    for package in packages {
        fetched.install(package, &fresh)?;
        told(&format!(
            "installed {} ({})",
            package.name,
            shown(&package.pinned)
        ));
    }
    let target: PathBuf = request.root.join(request.install_path);
    if target.exists() {
        fs::remove_dir_all(&target).map_err(unwritable)?;
    }
    if let Some(above) = target.parent() {
        fs::create_dir_all(above).map_err(unwritable)?;
    }
    fs::rename(&fresh, &target).map_err(unwritable)?;
    Ok(())
}

fn shown(pinned: &Pinned) -> String {
    match pinned {
        Pinned::Local(path) => path.clone(),
        Pinned::Git { revision, .. } => {
            format!("revision {}", revision.chars().take(12).collect::<String>())
        }
        Pinned::Tarball { url, .. } => url.clone(),
        Pinned::Hub { version, .. } => format!("version {version}"),
    }
}
