//! A folder becomes one checked value: configuration, packages, files, declared nodes. Renders no template by itself
//! and asks no warehouse.

mod age;
mod declare;
mod describe;
mod duration;
mod feature_view;
mod files;
mod ignored;
mod installed;
pub mod jobs;
mod load;
pub mod nodes;
mod package;
mod profile;
mod rendered;
mod required;
mod resources;
pub mod schedule;
mod settings;
mod shared;
mod sources;
mod unit_test;
mod uses;
mod warehouse;
mod words;
pub mod yaml;

use std::path::PathBuf;

use serde_yaml::Mapping;

use crate::diagnostic::Warning;

pub use self::duration::duration;
pub use self::load::{
    Overrides, Renderer, Rendering, SELECTORS, Target, installation, load, locate, project_flags,
};
pub use self::nodes::{Export, FeatureView, MlModel, Report};
pub use self::package::{Dispatch, Package};
pub use self::profile::Unloaded;
pub use self::required::DBT_VERSION;
pub use self::resources::Resources;
pub use self::settings::Paths;
pub use self::shared::{Column, Declared, Source, SourceTable, TestUse, Version};
pub use self::sources::AGED;
pub use self::unit_test::{Given, RowFormat, Rows, UnitTest};
pub use self::warehouse::{Attach, Extension, Warehouse, database_of};

/// A project: everything its files say, checked, with places.
#[derive(Debug)]
pub struct Project {
    /// The folder that holds it.
    pub root: PathBuf,
    /// `wh.yml` or `dbt_project.yml`, relative to the root.
    pub file: PathBuf,
    /// Its name; also the name of its package.
    pub name: String,
    /// Variables as the project's own nodes see them.
    pub vars: Mapping,
    /// Where what kind of file of the project's own package lies.
    pub paths: Paths,
    /// The warehouse and how it is opened.
    pub warehouse: Warehouse,
    /// What runs when.
    pub jobs: Vec<jobs::Job>,
    /// Who is told how jobs went.
    pub alerts: Vec<jobs::Alert>,
    /// `flags:` as written.
    pub flags: Mapping,
    /// The project's own package, then those it has installed, by name. Never empty.
    pub packages: Vec<Package>,
    /// What `selectors.yml` says; an empty mapping where there is none.
    pub selectors: serde_yaml::Value,
    /// What is read over or written as dbt no longer wants it, with its place.
    pub warnings: Vec<Warning>,
}

impl Project {
    /// Returns the project's own package.
    #[must_use]
    pub fn own(&self) -> &Package {
        &self.packages[0]
    }

    /// Returns which parts of relations' names are quoted, database, schema and identifier: all but those of which `quoting:`
    /// says otherwise.
    #[must_use]
    pub fn quoting(&self) -> [bool; 3] {
        quoted(&self.own().quoting, [true; 3])
    }

    /// Returns whether the project's file is `wh.yml`: what dbt leaves to the run is then refused when the project is read.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        self.file.as_os_str() == "wh.yml"
    }

    /// Returns the package of this name.
    #[must_use]
    pub fn package(&self, name: &str) -> Option<&Package> {
        self.packages.iter().find(|package| package.name == name)
    }

    /// Returns the feature views of all packages.
    pub fn feature_views(&self) -> impl Iterator<Item = &(Declared, FeatureView)> {
        self.packages
            .iter()
            .flat_map(|package| &package.resources.feature_views)
    }
}

/// A file of the project.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// The package it belongs to.
    pub package: String,
    /// Path relative to the project's root, also for files of installed packages.
    pub path: PathBuf,
    /// Path relative to the root of its package.
    pub original: PathBuf,
    /// Path relative to the configured folder it was found in, such as `staging/stg_orders.sql`.
    pub inner: PathBuf,
    /// Its text; empty for seeds, which are data.
    pub text: String,
    /// Of a seed, what tells its content from another: the kind of the check, and the check.
    pub checksum: Option<(&'static str, String)>,
}

impl SourceFile {
    /// Returns the file's name without its suffix, and without one that says that it is a template.
    #[must_use]
    pub fn stem(&self) -> String {
        let path = files::without_jinja_suffix(&self.path);
        let stem = path.as_ref().unwrap_or(&self.path).file_stem();
        stem.map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default()
    }

    /// Returns what the file is, in small letters: the suffix of its name, but for one that says that it is a template.
    #[must_use]
    pub fn suffix(&self) -> String {
        let path = files::without_jinja_suffix(&self.path);
        let suffix = path.as_ref().unwrap_or(&self.path).extension();
        suffix
            .map(|suffix| suffix.to_string_lossy().to_lowercase())
            .unwrap_or_default()
    }

    /// Returns the folders below the configured one, in order.
    #[must_use]
    pub fn folders(&self) -> Vec<String> {
        folders(&self.inner)
    }
}

/// Returns the folders that a relative path goes through.
pub(crate) fn folders(path: &std::path::Path) -> Vec<String> {
    let parts = path
        .parent()
        .into_iter()
        .flat_map(std::path::Path::components);
    parts
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect()
}

/// Returns which parts of a name are quoted, database, schema and identifier: as a `quoting:` says, else as before.
#[must_use]
pub fn quoted(said: &Mapping, before: [bool; 3]) -> [bool; 3] {
    let part = |(name, before): (&str, bool)| {
        let said = said.get(name).and_then(serde_yaml::Value::as_bool);
        said.unwrap_or(before)
    };
    let [database, schema, identifier] = before;
    [
        ("database", database),
        ("schema", schema),
        ("identifier", identifier),
    ]
    .map(part)
}
