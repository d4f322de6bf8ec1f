//! A package: the project itself or one it has installed. Its files, read; its configuration, as written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde_yaml::{Mapping, Value};
use sha2::{Digest, Sha256};

use super::files::{self, Shelf};
use super::ignored::Ignored;
use super::settings::{Paths, Settings};
use super::yaml::{self, Render};
use super::{Resources, SourceFile, rendered, resources};
use crate::diagnostic::{Diagnostic, Result, all_or_none, nearest};

/// The project itself, or a package it has installed.
#[derive(Debug)]
pub struct Package {
    /// Its name: `name:` of its file.
    pub name: String,
    /// `version:` of its file.
    pub version: Option<String>,
    /// Its folder, relative to the project's root; empty for the project itself.
    pub folder: PathBuf,
    /// Its project file, relative to the project's root.
    pub file: PathBuf,
    /// Variables as its nodes see them: its own, those of the project, those of the command line.
    pub vars: Mapping,
    /// `models:`, `seeds:`, `tests:`, … : configuration by folder, as written.
    pub config: Mapping,
    /// The same before its Jinja is rendered.
    pub unrendered: Mapping,
    /// Where what kind of file lies, relative to its folder.
    pub paths: Paths,
    /// `dispatch:`; only that of the project itself counts.
    pub dispatch: Vec<Dispatch>,
    /// `quoting:` as written.
    pub quoting: Mapping,
    /// `query-comment:` as written.
    pub query_comment: Option<Value>,
    /// `restrict-access:`: whether others may read its protected models.
    pub restricts_access: bool,
    /// Statements before everything else; templates.
    pub on_run_start: Vec<String>,
    /// Statements after everything else; templates.
    pub on_run_end: Vec<String>,
    /// SQL and Python models.
    pub models: Vec<SourceFile>,
    /// CSV files of the package, loaded as tables.
    pub seeds: Vec<SourceFile>,
    /// Files of snapshot blocks.
    pub snapshots: Vec<SourceFile>,
    /// Files of macros and of generic tests.
    pub macros: Vec<SourceFile>,
    /// Tests that are one query each.
    pub tests: Vec<SourceFile>,
    /// Questions that are compiled but not built.
    pub analyses: Vec<SourceFile>,
    /// Bodies of functions.
    pub functions: Vec<SourceFile>,
    /// Markdown with docs blocks.
    pub docs: Vec<SourceFile>,
    /// What the YAML files declare.
    pub resources: Resources,
}

/// An entry of `dispatch:`: where `adapter.dispatch` looks for the macros of a package.
#[derive(Debug, Clone)]
pub struct Dispatch {
    /// The package whose macros are looked for.
    pub namespace: String,
    /// The packages that are searched, in order.
    pub order: Vec<String>,
}

impl Package {
    /// Returns the files that hold one template each.
    pub fn templates(&self) -> impl Iterator<Item = &SourceFile> {
        let files = [&self.models, &self.tests, &self.analyses];
        let is_sql = |file: &&SourceFile| file.suffix() == "sql";
        files.into_iter().flatten().filter(is_sql)
    }
}

/// Reads the files of a package; what is wrong in those that are left out goes to `faults`.
///
/// # Errors
/// `Environment` where a folder cannot be read.
pub(super) fn read(
    root: &Path,
    (folder, file): (&Path, &Path),
    settings: Settings,
    (vars, render): (Mapping, Render<'_>),
    faults: &mut Vec<anyhow::Error>,
) -> Result<Package> {
    let paths = settings.paths;
    let mut reader = Reader {
        root,
        folder,
        package: &settings.name,
        ours: file.file_name().is_some_and(|name| name == "wh.yml"),
        shelf: Shelf::new(Ignored::of(&root.join(folder))?, settings.jinja_suffixes),
    };
    let mut tests = reader.find(&paths.tests, &["sql"])?;
    let mut macros = reader.find(&paths.macros, &["sql"])?;
    macros.extend(tests.extract_if(.., |found| found.inner.starts_with("generic")));
    tests.retain(|found| !found.inner.starts_with("fixtures"));
    let fixtures = reader.find(&paths.tests, &["csv", "sql"])?;
    let mut package = Package {
        version: settings.version,
        folder: folder.to_owned(),
        file: file.to_owned(),
        vars,
        config: settings.config,
        unrendered: settings.unrendered,
        dispatch: settings.dispatch,
        quoting: settings.quoting,
        query_comment: settings.query_comment,
        restricts_access: settings.restricts_access,
        on_run_start: settings.on_run_start,
        on_run_end: settings.on_run_end,
        models: reader.read(&paths.models, &["sql", "py"], faults)?,
        seeds: kept(checked(root, reader.find(&paths.seeds, &["csv"])?), faults),
        snapshots: reader.read(&paths.snapshots, &["sql"], faults)?,
        analyses: reader.read(&paths.analyses, &["sql"], faults)?,
        functions: reader.read(&paths.functions, &["sql", "py", "js"], faults)?,
        docs: reader.read(&paths.docs(), &["md"], faults)?,
        macros: texts(root, macros, faults),
        tests: texts(root, tests, faults),
        resources: kept(reader.resources(&paths, render), faults),
        name: settings.name.clone(),
        paths,
    };
    read_fixtures(root, &mut package, fixtures)?;
    Ok(package)
}

/// Returns what was read, or nothing where that failed.
fn kept<T: Default>(read: Result<T>, faults: &mut Vec<anyhow::Error>) -> T {
    read.unwrap_or_else(|err| {
        faults.push(err);
        T::default()
    })
}

struct Reader<'a> {
    root: &'a Path,
    folder: &'a Path,
    package: &'a str,
    /// Whether it is a project of our own, whose YAML takes more than dbt's.
    ours: bool,
    shelf: Shelf,
}

impl Reader<'_> {
    /// Finds files; their texts are still empty.
    fn find(&mut self, folders: &[PathBuf], suffixes: &[&str]) -> Result<Vec<SourceFile>> {
        let base = self.root.join(self.folder);
        let found = self.shelf.find(&base, folders, suffixes)?;
        let file = |(original, inner): (PathBuf, PathBuf)| SourceFile {
            package: self.package.into(),
            path: self.folder.join(&original),
            original,
            inner,
            text: String::new(),
            checksum: None,
        };
        Ok(found.into_iter().map(file).collect())
    }

    fn read(
        &mut self,
        folders: &[PathBuf],
        suffixes: &[&str],
        faults: &mut Vec<anyhow::Error>,
    ) -> Result<Vec<SourceFile>> {
        Ok(texts(self.root, self.find(folders, suffixes)?, faults))
    }

    fn resources(&mut self, paths: &Paths, render: Render<'_>) -> Result<Resources> {
        let files = self.find(&paths.described(), &["yml", "yaml"])?;
        let (root, ours) = (self.root, self.ours);
        let read = |mut file: SourceFile| -> Result<Resources> {
            file.text = files::read(root, &file.path)?;
            let text = file.text.trim_end();
            let mut repeated = Vec::new();
            let mut value = yaml::parse_noting(&file.path, text, &mut repeated)?;
            let written = yaml::holds_jinja(text).then(|| value.clone());
            rendered::resources(&file.path, &mut value, render)?;
            let mut found = resources::read(root, &file, (&value, ours))?;
            found.warnings.extend(repeated);
            if let Some(written) = written {
                found.keep_unrendered(&written);
            }
            Ok(found)
        };
        let outcomes: Vec<Result<Resources>> = files.into_par_iter().map(read).collect();
        let mut all = Resources::default();
        let mut errors = Vec::new();
        for outcome in outcomes {
            match outcome {
                Ok(resources) => all.extend(resources),
                Err(err) => errors.push(err),
            }
        }
        all_or_none(errors)?;
        Ok(all)
    }
}

/// Reads the texts of files on all cores; those that cannot be read are left out, and said in `faults`.
fn texts(root: &Path, files: Vec<SourceFile>, faults: &mut Vec<anyhow::Error>) -> Vec<SourceFile> {
    let read = |mut file: SourceFile| -> Result<SourceFile> {
        file.text = files::read(root, &file.path)?;
        Ok(file)
    };
    let outcomes: Vec<Result<SourceFile>> = files.into_par_iter().map(read).collect();
    let mut all = Vec::with_capacity(outcomes.len());
    for outcome in outcomes {
        match outcome {
            Ok(file) => all.push(file),
            Err(err) => faults.push(err),
        }
    }
    all
}

/// Larger seeds are told apart by their path, as in dbt.
const MAX_CHECKED: u64 = 1 << 20;

/// Computes the checksums of seeds: of their text without the space around it, with lines that end in `\n`.
fn checked(root: &Path, files: Vec<SourceFile>) -> Result<Vec<SourceFile>> {
    let check = |mut file: SourceFile| -> Result<SourceFile> {
        let size = std::fs::metadata(root.join(&file.path)).map_or(0, |found| found.len());
        file.checksum = Some(match size > MAX_CHECKED {
            true => ("path", file.original.display().to_string()),
            false => ("sha256", sha256(&files::bytes(root, &file.path)?)),
        });
        Ok(file)
    };
    files.into_par_iter().map(check).collect()
}

fn sha256(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let digest = Sha256::digest(text.trim().as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Puts the texts of `tests/fixtures` into the unit tests that name them.
fn read_fixtures(root: &Path, package: &mut Package, found: Vec<SourceFile>) -> Result<()> {
    let found = found
        .into_iter()
        .filter(|file| file.inner.starts_with("fixtures"));
    let by_name: BTreeMap<(String, String), SourceFile> = found
        .map(|file| ((file.stem(), file.suffix()), file))
        .collect();
    let mut errors = Vec::new();
    for (_, test) in &mut package.resources.unit_tests {
        for rows in test.fixtures() {
            let name = rows.fixture.clone().unwrap_or_default();
            match by_name.get(&(name.clone(), rows.format.word().to_owned())) {
                Some(file) => rows.text = files::read(root, &file.path)?.trim().to_owned(),
                None => {
                    let what = format!("there is no fixture `{name}.{}`", rows.format.word());
                    let known = by_name.keys().map(|(name, _)| name.as_str());
                    let hint = nearest(&name, known).map_or_else(
                        || "add the file to tests/fixtures".to_owned(),
                        |near| format!("did you mean `{near}`?"),
                    );
                    errors.push(Diagnostic::project(what).at(&rows.at).hint(hint).into());
                }
            }
        }
    }
    all_or_none(errors)
}
