//! Which declaration in YAML describes which file.

use std::collections::{HashMap, HashSet};

use serde_yaml::{Mapping, Value};

use super::{Parser, Placed, fqn};
use crate::diagnostic::{Diagnostic, Result, Warning, all_or_none, nearest};
use crate::project::{Declared, Package, Source, SourceFile, SourceTable, Version};

/// A kind of file that YAML describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Model,
    Seed,
    Snapshot,
    Analysis,
    Test,
    Function,
}

impl Kind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Seed => "seed",
            Self::Snapshot => "snapshot",
            Self::Analysis => "analysis",
            Self::Test => "test",
            Self::Function => "function",
        }
    }

    fn files(self, package: &Package) -> &[SourceFile] {
        match self {
            Self::Model => &package.models,
            Self::Seed => &package.seeds,
            Self::Snapshot => &package.snapshots,
            Self::Analysis => &package.analyses,
            Self::Test => &package.tests,
            Self::Function => &package.functions,
        }
    }

    fn declared(self, package: &Package) -> &[Declared] {
        let resources = &package.resources;
        match self {
            Self::Model => &resources.models,
            Self::Seed => &resources.seeds,
            Self::Snapshot => &resources.snapshots,
            Self::Analysis => &resources.analyses,
            Self::Test => &resources.tests,
            Self::Function => &resources.functions,
        }
    }
}

type Key = (Kind, String, String);

/// Returns the names of the files that a function's overloads are in.
pub(super) fn defined_in(options: &Mapping) -> impl Iterator<Item = &str> {
    let overloads = options.get("overloads").and_then(Value::as_sequence);
    let overloads = overloads.into_iter().flatten();
    overloads.filter_map(|overload| overload.get("defined_in")?.as_str())
}

/// What YAML says of files, by kind, package and name.
#[derive(Default)]
pub(super) struct Described<'a> {
    declared: HashMap<Key, &'a Declared>,
    versions: HashMap<(String, String), (&'a Declared, &'a Version)>,
    overrides: HashMap<(String, String), &'a Source>,
    versioned: HashMap<(String, String), &'a Declared>,
    /// The files that are overloads of functions.
    overloads: HashSet<(String, String)>,
    /// What describes nothing that there is.
    pub(super) strays: Vec<(Kind, &'a Declared)>,
}

/// The names of files by kind: which packages have one.
type Known<'a> = HashMap<(Kind, String), Vec<&'a str>>;

impl<'a> Described<'a> {
    /// Finds for each declaration the file it describes: of its own package, else of any; of several, not one that is off.
    ///
    /// # Errors
    /// `Project` where two declarations describe one file.
    pub(super) fn of(parser: &Parser<'a>, warnings: &mut Vec<Warning>) -> Result<Self> {
        let project = parser.project;
        let known = known(parser);
        let mut described = Self::default();
        let mut errors = Vec::new();
        for package in &project.packages {
            for kind in [
                Kind::Model,
                Kind::Seed,
                Kind::Analysis,
                Kind::Test,
                Kind::Function,
                Kind::Snapshot,
            ] {
                for declared in kind.declared(package) {
                    match declared.versions.is_empty() {
                        true => errors.extend(described.put(kind, declared, &known, warnings)),
                        false => described.put_versions(declared, &known, warnings),
                    }
                }
            }
            for source in &package.resources.sources {
                if let Some(of) = &source.overrides {
                    let key = (of.clone(), source.name.clone());
                    described.overrides.insert(key, source);
                }
            }
        }
        all_or_none(errors)?;
        described.overloads = described.overloads();
        Ok(described)
    }

    fn overloads(&self) -> HashSet<(String, String)> {
        let functions = self.declared.iter();
        let functions = functions.filter(|((kind, ..), _)| *kind == Kind::Function);
        functions
            .flat_map(|((_, package, _), declared)| {
                let names = defined_in(&declared.options);
                names.map(|name| (package.clone(), name.to_owned()))
            })
            .collect()
    }

    fn put(
        &mut self,
        kind: Kind,
        declared: &'a Declared,
        known: &Known<'a>,
        warnings: &mut Vec<Warning>,
    ) -> Option<anyhow::Error> {
        let kind = kind_of(kind, declared, known, warnings);
        let packages = known.get(&(kind, declared.name.clone()));
        let own = |packages: &&Vec<&'a str>| packages.contains(&declared.package.as_str());
        let package = match packages.filter(own) {
            Some(_) => declared.package.as_str(),
            None => match packages.and_then(|packages| packages.first()) {
                Some(package) => package,
                None => {
                    warn_of_stray(kind, declared, known, warnings);
                    self.strays.push((kind, declared));
                    return None;
                }
            },
        };
        let key = (kind, package.to_owned(), declared.name.clone());
        let first = self.declared.insert(key, declared)?;
        let what = format!("{} `{}` is described twice", kind.word(), declared.name);
        let err = Diagnostic::project(what)
            .at(&declared.at)
            .note(format!("the other is {}", first.at))
            .hint("put all that is said of it into one place");
        Some(err.into())
    }

    fn put_versions(
        &mut self,
        declared: &'a Declared,
        known: &Known<'a>,
        warnings: &mut Vec<Warning>,
    ) {
        let key = (declared.package.clone(), declared.name.clone());
        self.versioned.insert(key, declared);
        let latest = latest(declared);
        let exists = |name: &str| {
            let packages = known.get(&(Kind::Model, name.to_owned()));
            packages.is_some_and(|packages| packages.contains(&declared.package.as_str()))
        };
        for version in &declared.versions {
            let text = version_text(&version.version);
            let mut file = version
                .defined_in
                .clone()
                .unwrap_or_else(|| format!("{}_v{text}", declared.name));
            if !exists(&file) && Some(&version.version) == latest.as_ref() {
                file.clone_from(&declared.name);
            }
            match exists(&file) {
                true => drop(
                    self.versions
                        .insert((declared.package.clone(), file), (declared, version)),
                ),
                false => warnings.push(Warning::new(
                    NO_NODE,
                    version.declared.at.clone(),
                    format!(
                        "there is no file `{file}` for version {text} of `{}`",
                        declared.name
                    ),
                )),
            }
        }
    }

    /// Returns what YAML says of a file.
    pub(super) fn find(&self, kind: Kind, package: &str, name: &str) -> Option<&'a Declared> {
        let key = (kind, package.to_owned(), name.to_owned());
        self.declared.get(&key).copied()
    }

    /// Returns whether a file is an overload of a function, and none of its own.
    pub(super) fn is_overload(&self, file: &SourceFile) -> bool {
        self.overloads
            .contains(&(file.package.clone(), file.stem()))
    }

    /// Returns the version of a model that a file holds.
    pub(super) fn version(&self, file: &SourceFile) -> Option<(&'a Declared, &'a Version)> {
        let key = (file.package.clone(), file.stem());
        self.versions.get(&key).copied()
    }

    /// Returns the versions of a model that has any.
    pub(super) fn versions_of(&self, package: &str, model: &str) -> Vec<String> {
        let key = (package.to_owned(), model.to_owned());
        let versions = self.versioned.get(&key).map(|model| &model.versions);
        let versions = versions.into_iter().flatten();
        versions
            .map(|version| version_text(&version.version))
            .collect()
    }

    /// Returns what another package says instead of a source of `package`, and of its table.
    pub(super) fn overriding(
        &self,
        package: &str,
        source: &str,
        table: &str,
    ) -> Option<(&'a Source, Option<&'a SourceTable>)> {
        let key = (package.to_owned(), source.to_owned());
        let over = *self.overrides.get(&key)?;
        let named = |found: &&SourceTable| found.declared.name == table;
        Some((over, over.tables.iter().find(named)))
    }
}

/// Returns the version that a reference without one means: `latest_version`, else the greatest.
pub(super) fn latest(declared: &Declared) -> Option<Value> {
    if let Some(latest) = declared.options.get("latest_version") {
        return Some(latest.clone());
    }
    let versions = declared.versions.iter().map(|version| &version.version);
    versions
        .max_by(|a, b| {
            let number = |value: &Value| version_text(value).parse::<f64>().ok();
            match (number(a), number(b)) {
                (Some(a), Some(b)) => a.total_cmp(&b),
                _ => version_text(a).cmp(&version_text(b)),
            }
        })
        .cloned()
}

/// Returns a version as it stands in names.
pub(super) fn version_text(version: &Value) -> String {
    version
        .as_scalar_string()
        .map_or_else(String::new, |text| text.into_owned())
}

fn known<'a>(parser: &Parser<'a>) -> Known<'a> {
    let mut known: Known<'a> = HashMap::new();
    for package in &parser.project.packages {
        for kind in [
            Kind::Model,
            Kind::Seed,
            Kind::Analysis,
            Kind::Test,
            Kind::Function,
        ] {
            for file in kind.files(package) {
                let packages = known.entry((kind, file.stem())).or_default();
                packages.push(&package.name);
            }
        }
        for name in snapshot_names(package) {
            let packages = known.entry((Kind::Snapshot, name)).or_default();
            packages.push(&package.name);
        }
    }
    for ((kind, name), packages) in known.iter_mut().filter(|(_, all)| all.len() > 1) {
        let is_on = |package: &str| !is_off(parser, *kind, package, name);
        if packages.iter().any(|package| is_on(package)) {
            packages.retain(|package| is_on(package));
        }
    }
    known
}

/// Returns whether the trees of configuration switch off a model or seed.
fn is_off(parser: &Parser<'_>, kind: Kind, package: &str, name: &str) -> bool {
    let tree = match kind {
        Kind::Model => "models",
        Kind::Seed => "seeds",
        _ => return false,
    };
    let files = parser.packages.get(package).map(|own| kind.files(own));
    let file = files.into_iter().flatten().find(|file| file.stem() == name);
    file.is_some_and(|file| {
        let placed = Placed {
            trees: &[tree],
            package,
            fqn: &fqn(package, &file.folders(), &[name]),
        };
        parser.config(&placed, &[]).flag("enabled") == Some(false)
    })
}

/// Returns the names of the snapshots of a package: those of blocks, and those that YAML makes.
fn snapshot_names(package: &Package) -> Vec<String> {
    let mut names = Vec::new();
    for file in &package.snapshots {
        let words: Vec<&str> = file.text.split_whitespace().collect();
        let heads = words.windows(2).filter(|pair| {
            let head = pair[0].trim_start_matches(['{', '%', '-', '+']);
            head == "snapshot"
        });
        names.extend(heads.map(|pair| pair[1].trim_end_matches(['%', '-', '}']).to_owned()));
    }
    names.extend(package.resources.snapshots.iter().filter_map(|declared| {
        let is_made = declared.options.contains_key("relation");
        is_made.then(|| declared.name.clone())
    }));
    names
}

/// Returns the kind of what is described: `models:`, `seeds:` and `snapshots:` also describe one another's, with a warning.
fn kind_of(
    kind: Kind,
    declared: &Declared,
    known: &Known<'_>,
    warnings: &mut Vec<Warning>,
) -> Kind {
    const REFERABLE: [Kind; 3] = [Kind::Model, Kind::Seed, Kind::Snapshot];
    let is_there = |kind: &Kind| known.contains_key(&(*kind, declared.name.clone()));
    if is_there(&kind) || !REFERABLE.contains(&kind) {
        return kind;
    }
    let Some(other) = REFERABLE.into_iter().find(is_there) else {
        return kind;
    };
    let (name, word) = (&declared.name, other.word());
    let warning = format!("`{name}` is a {word}: describe it under `{word}s:`");
    warnings.push(Warning::new(
        "WrongResourceSchemaFile",
        declared.at.clone(),
        warning,
    ));
    other
}

/// What dbt calls the warning of a description of nothing.
const NO_NODE: &str = "NoNodeForYamlKey";

fn warn_of_stray(kind: Kind, declared: &Declared, known: &Known<'_>, warnings: &mut Vec<Warning>) {
    let names = known.keys().filter(|(other, _)| *other == kind);
    let near = nearest(&declared.name, names.map(|(_, name)| name.as_str()));
    let near = near.map(|near| format!("; did you mean `{near}`?"));
    let warning = format!(
        "there is no {} `{}` to describe{}",
        kind.word(),
        declared.name,
        near.unwrap_or_default()
    );
    warnings.push(Warning::new(NO_NODE, declared.at.clone(), warning));
}
