//! Whether templates can be read, where the project that they belong to cannot: so that all that is wrong is said at once.

use rayon::prelude::*;

use crate::diagnostic::{Result, all_or_none};
use crate::jinja::{Dialect, Source, blocks};
use crate::project::{Package, Project, SourceFile};

/// Reads the templates of a package without rendering them.
///
/// # Errors
/// `Project`, all templates that cannot be read together.
pub(super) fn check(dialect: &Dialect, package: &Package) -> Result<()> {
    let files: Vec<_> = package.templates().collect();
    let broken = files.par_iter().filter_map(|file| {
        let compiled = dialect.compile(&file.package, file.path.clone(), &file.text);
        compiled.err()
    });
    all_or_none(broken.collect())
}

/// Reads the templates and the macros of a package without rendering them.
///
/// # Errors
/// `Project`, all files that cannot be read together.
pub(super) fn check_all(dialect: &Dialect, package: &Package) -> Result<()> {
    let source = |file: &SourceFile| Source::new(&file.package, file.path.clone(), &file.text);
    let macros = package.macros.iter();
    let broken = macros.filter_map(|file| blocks(&source(file)).err());
    let errors = broken.chain(check(dialect, package).err());
    all_or_none(errors.collect())
}

/// Returns the macros of a project, or else what is wrong with them and with the templates that would call them.
///
/// # Errors
/// `Project`, all macros and templates that cannot be read together.
pub(super) fn readable(project: &Project, dialect: Result<Dialect>) -> Result<Dialect> {
    dialect.or_else(|error| {
        let bare = Dialect::new("", &[], Vec::new())?;
        let packages = project.packages.iter();
        let broken = packages.filter_map(|package| check(&bare, package).err());
        all_or_none(std::iter::once(error).chain(broken).collect())?;
        Ok(bare)
    })
}
