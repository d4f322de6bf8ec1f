//! A folder becomes one checked value: configuration, files, declared nodes. Renders no template by itself
//! and asks no warehouse.

mod declare;
mod duration;
mod feature_view;
mod files;
pub mod jobs;
mod load;
pub mod nodes;
mod profile;
mod resources;
pub mod schedule;
mod settings;
pub mod yaml;

use std::path::PathBuf;

use serde_yaml::Mapping;

pub use self::duration::duration;
pub use self::load::{Overrides, SELECTORS, load, locate};
pub use self::resources::{Column, Declared, Resources, Source, SourceTable, TestUse};
pub use self::settings::{Paths, Warehouse};

/// A project: everything its files say, checked, with places.
#[derive(Debug)]
pub struct Project {
    /// The folder that holds it.
    pub root: PathBuf,
    /// `wh.yml` or `dbt_project.yml`, relative to the root.
    pub file: PathBuf,
    /// Its name; also the name of its package.
    pub name: String,
    /// Variables: those of the file, then those of the command line.
    pub vars: Mapping,
    /// `models:`, `seeds:`, `tests:`, … : configuration by folder, as written.
    pub config: Mapping,
    /// Where what kind of file lies.
    pub paths: Paths,
    /// The warehouse and how it is opened.
    pub warehouse: Warehouse,
    /// Statements before everything else; templates.
    pub on_run_start: Vec<String>,
    /// Statements after everything else; templates.
    pub on_run_end: Vec<String>,
    /// What runs when.
    pub jobs: Vec<jobs::Job>,
    /// Who is told how jobs went.
    pub alerts: Vec<jobs::Alert>,
    /// SQL models.
    pub models: Vec<SourceFile>,
    /// CSV files of the project, loaded as tables.
    pub seeds: Vec<SourceFile>,
    /// Files of macros.
    pub macros: Vec<SourceFile>,
    /// Tests that are one query each.
    pub tests: Vec<SourceFile>,
    /// Questions that are compiled but not built.
    pub analyses: Vec<SourceFile>,
    /// What the YAML files declare.
    pub resources: Resources,
    /// What `selectors.yml` says; an empty mapping where there is none.
    pub selectors: serde_yaml::Value,
}

/// A file of the project.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// The package it belongs to.
    pub package: String,
    /// Path relative to the root.
    pub path: PathBuf,
    /// Path relative to the configured folder it was found in, such as `staging/stg_orders.sql`.
    pub inner: PathBuf,
    /// Its text; empty for seeds, which are data.
    pub text: String,
}

impl SourceFile {
    /// Returns the file's name without its suffix.
    #[must_use]
    pub fn stem(&self) -> String {
        self.path
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default()
    }
}
