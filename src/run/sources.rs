//! Sources that plug-ins load: each once, before the first node that reads it.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;

use minijinja::context;

use super::adapter::{Known, lock};
use crate::compile::external::PluginSource;
use crate::compile::{Compiled, Index, Node, Resource, is_ephemeral};
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::{Engine, EntryKind, Loaded, Relation, Session, render};
use crate::jinja;
use crate::project::Project;

/// What plug-ins loaded.
pub(super) struct Loads {
    loaded: Mutex<BTreeSet<Index>>,
    /// Where the rows of sources lie that become views.
    folder: PathBuf,
    /// The database of relations that name none.
    database: String,
}

impl Loads {
    /// Has loaded nothing yet.
    pub(super) fn new(project: &Project) -> Self {
        let target = project.root.join(&project.paths.target);
        Self {
            loaded: Mutex::default(),
            folder: target.join("plugins"),
            database: crate::compile::database(&project.warehouse),
        }
    }

    /// Returns the sources that a node reads and a plug-in loads, also through ephemeral models.
    pub(super) fn needed(&self, compiled: &Compiled, index: Index) -> Vec<(Index, PluginSource)> {
        let nodes = &compiled.plan.nodes;
        if let Resource::UnitTest(_) | Resource::Seed = nodes[index].resource {
            return Vec::new();
        }
        let mut left: Vec<Index> = nodes[index].inputs.values().copied().collect();
        let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
        while let Some(input) = left.pop() {
            if !seen.insert(input) {
                continue;
            }
            let node = &nodes[input];
            if let Some(source) = PluginSource::of(node, &self.database) {
                found.push((input, source));
            } else if is_ephemeral(node) {
                left.extend(node.inputs.values().copied());
            }
        }
        found
    }

    /// Has those loaded that are not, one after the other.
    ///
    /// # Errors
    /// `Project` when there is no such plug-in, `Data` when it fails or the warehouse refuses its rows; at the source.
    pub(super) fn load(
        &self,
        compiled: &Compiled,
        needed: &[(Index, PluginSource)],
        (engine, known): (&dyn Engine, &Known),
    ) -> Result<()> {
        if needed.is_empty() {
            return Ok(());
        }
        let mut loaded = lock(&self.loaded);
        for (index, source) in needed {
            if !loaded.contains(index) {
                let node = &compiled.plan.nodes[*index];
                self.load_one((node, source), engine, known)
                    .map_err(|err| placed(node, err))?;
                loaded.insert(*index);
            }
        }
        Ok(())
    }

    fn load_one(
        &self,
        (node, source): (&Node, &PluginSource),
        engine: &dyn Engine,
        known: &Known,
    ) -> Result<()> {
        let relation = super::node::relation(node)?;
        if let Some(plugins) = engine.plugins() {
            if is_kept(source, known.find(relation).is_some())? {
                return Ok(());
            }
            let mut session = engine.connect()?;
            let loaded = plugins.load(&source.plugin, &source.told, &mut *session)?;
            let kind = self.make(&mut *session, (relation, source), loaded)?;
            known.set(relation, Some(kind));
            return Ok(());
        }
        let what = format!("the profile has no plug-in `{}`", source.plugin);
        let hint = "name it under `plugins:` of the target";
        Err(Diagnostic::project(what).hint(hint).into())
    }

    /// Makes the table or view of a source.
    fn make(
        &self,
        session: &mut dyn Session,
        (relation, source): (&Relation, &PluginSource),
        loaded: Loaded,
    ) -> Result<EntryKind> {
        let (database, schema) = (&relation.database, &relation.schema);
        let sql = render(include_str!("schema.sql"), context! {database, schema})?;
        session.execute(&sql)?;
        let (kind, file) = match loaded.materialization.as_str() {
            "table" => (EntryKind::Table, loaded.file),
            "view" => {
                let name = format!("{schema}.{}.parquet", relation.name);
                let kept = self.folder.join(name);
                fs::create_dir_all(&self.folder)?;
                fs::copy(&loaded.file, &kept)?;
                (EntryKind::View, std::path::absolute(kept)?)
            }
            other => {
                let what = format!("`{}` makes no `{other}` of a source", source.plugin);
                let hint = "write `materialization: table` or `view`";
                return Err(Diagnostic::project(what).hint(hint).into());
            }
        };
        let values = context! {
            kind => loaded.materialization,
            relation => relation.to_string(),
            columns => jinja::from_json(&serde_json::to_value(&loaded.columns)?),
            file => file.display().to_string(),
        };
        session.execute(&render(include_str!("source.sql"), values)?)?;
        Ok(kind)
    }
}

/// Returns whether a source stays as it is, as its `save_mode` says.
fn is_kept(source: &PluginSource, is_there: bool) -> Result<bool> {
    match source.told["meta"]["save_mode"].as_str() {
        Some("ignore") => Ok(is_there),
        Some("error_if_exists") if is_there => {
            let what = "the source's table is there already";
            let hint = "drop it, or write another `save_mode`: overwrite or ignore";
            Err(Diagnostic::data(what).hint(hint).into())
        }
        _ => Ok(false),
    }
}

/// Says which source an error is of.
fn placed(node: &Node, err: anyhow::Error) -> anyhow::Error {
    match err.downcast::<Diagnostic>() {
        Ok(diagnostic) => diagnostic.at(&node.at).into(),
        Err(err) => Diagnostic::data(format!("the source `{}` cannot be loaded", node.name))
            .at(&node.at)
            .because(err)
            .into(),
    }
}
