//! Macros as the manifest describes them.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;
use serde::Serialize;
use serde::ser::{Error, SerializeMap, Serializer};
use serde_json::json;
use serde_json::value::to_raw_value;
use serde_yaml::Mapping;

use super::config::DOCS;
use super::declared::Shaped;
use super::shape::Preset::{Each, Map, Nested, Null, Text};
use super::shape::{Keys, entries};

use crate::compile::adapter::PREFIXES;
use crate::compile::plan::Node;
use crate::compile::{BUILT_IN, Compiled};
use crate::jinja::{Block, BlockKind, Library, Macro};
use crate::project::Declared;

/// All macros by unique id.
pub(super) struct Macros<'a>(pub(super) &'a Compiled);

impl Serialize for Macros<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let compiled = self.0;
        let library = compiled.dialect.library();
        let described = compiled.plan.macros.iter();
        let described: HashMap<(&str, &str), &Declared> = described
            .map(|declared| {
                (
                    (declared.package.as_str(), declared.name.as_str()),
                    declared,
                )
            })
            .collect();
        let packages: BTreeSet<&str> = library.macros().map(|item| item.package()).collect();
        let own: BTreeSet<&str> = packages
            .into_iter()
            .filter(|package| !compiled.is_ours && is_own(compiled, package))
            .collect();
        let shown = |item: &&Arc<Macro>| !own.contains(item.package());
        let view = |item: &Arc<Macro>| {
            let file = &item.block.source.file;
            let folder = compiled.about.packages.get(item.package());
            let inner = folder.and_then(|folder| file.strip_prefix(folder).ok());
            let view = View {
                item,
                path: inner.unwrap_or(file),
                library,
                declared: described
                    .get(&(item.package(), item.name.as_str()))
                    .copied(),
                created_at: compiled.about.created_at(),
            };
            to_raw_value(&view).map(|text| (unique_id(item), text))
        };
        let shown: Vec<&Arc<Macro>> = library.macros().filter(shown).collect();
        let texts: Result<Vec<_>, _> = shown.par_iter().map(|item| view(item)).collect();
        serializer.collect_map(texts.map_err(S::Error::custom)?)
    }
}

/// Returns whether a package of macros is none of a dbt project's: our own one, and what stands in for a package that nobody uses.
fn is_own(compiled: &Compiled, package: &str) -> bool {
    let id = format!("macro.{package}.");
    let uses = |node: &Node| node.macros.iter().any(|called| called.starts_with(&id));
    let is_known = BUILT_IN.contains(&package) || compiled.about.packages.contains_key(package);
    package == "wh" || !is_known && !compiled.plan.nodes.iter().any(uses)
}

/// Returns a macro's id as dbt writes it.
pub(super) fn unique_id(item: &Macro) -> String {
    format!("macro.{}.{}", item.package(), item.name)
}

/// Returns the ids of the macros that a macro calls.
fn called(library: &Library, item: &Macro) -> Vec<String> {
    let dispatch = |name: &str, namespace: Option<&str>| {
        library.find_dispatch(item.package(), name, namespace, PREFIXES)
    };
    let called = library.depends_on(item, &dispatch);
    called.iter().map(|called| called.id()).collect()
}

struct View<'a> {
    item: &'a Macro,
    /// Its file, relative to the root of its package.
    path: &'a Path,
    library: &'a Library,
    declared: Option<&'a Declared>,
    created_at: f64,
}

/// Returns a block's text with the whitespace around it that its tags remove, unless the tag before has removed it or the file
/// begins or ends with it.
fn text(block: &Block) -> &str {
    let (text, whole) = (&block.source.text, &block.whole);
    let before = text[..whole.start].trim_end();
    let start = match block.text().starts_with("{%-") {
        true if before.is_empty() || before.ends_with("-%}") => whole.start,
        true => before.len(),
        false => whole.start,
    };
    let after = &text[whole.end..];
    let end = match (block.text().ends_with("-%}"), after.trim_start()) {
        (false, _) | (true, "") => whole.end,
        (true, rest) => text.len() - rest.len(),
    };
    &text[start..end]
}

/// Keys of a macro's argument.
const ARGUMENT: Keys = &[("name", Null), ("type", Null), ("description", Text(""))];

impl View<'_> {
    /// Returns the arguments that the block itself names; dbt passes over those of tests below the tests' folder.
    fn parameters(&self) -> Vec<serde_json::Value> {
        let block = &self.item.block;
        let is_below_tests = self
            .path
            .components()
            .any(|part| part.as_os_str() == "generic");
        if block.kind == BlockKind::Materialization && !block.languages.is_empty() {
            let name = "supported_languages";
            return vec![json!({"name": name, "type": null, "description": ""})];
        }
        let parameters = block.parameters.iter().filter(|_| !is_below_tests);
        parameters
            .map(|argument| json!({"name": argument.name, "type": null, "description": ""}))
            .collect()
    }
}

impl Serialize for View<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (item, block) = (self.item, &self.item.block);
        let path = self.path.display().to_string();
        let nothing = Mapping::new();
        let config = self.declared.map_or(&nothing, |declared| &declared.config);
        let shaped = |keys: Keys| Shaped(keys, config);
        let patch =
            |declared: &Declared| format!("{}://{}", declared.package, declared.original.display());
        let languages = (block.kind == BlockKind::Materialization).then_some(&block.languages);
        let calls = called(self.library, item);
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", &item.name)?;
        map.serialize_entry("resource_type", "macro")?;
        map.serialize_entry("package_name", item.package())?;
        map.serialize_entry("path", &path)?;
        map.serialize_entry("original_file_path", &path)?;
        map.serialize_entry("unique_id", &unique_id(item))?;
        let written = text(block);
        match block.source.has_crlf {
            true => map.serialize_entry("macro_sql", &written.replace('\n', "\r\n"))?,
            false => map.serialize_entry("macro_sql", written)?,
        }
        map.serialize_entry("depends_on", &json!({"macros": calls}))?;
        let description = self.declared.map_or("", |declared| &declared.description);
        map.serialize_entry("description", description)?;
        entries(&[("meta", Map), ("docs", Nested(DOCS))], config, &mut map)?;
        map.serialize_entry("config", &shaped(&[("meta", Map), ("docs", Nested(DOCS))]))?;
        map.serialize_entry("patch_path", &self.declared.map(patch))?;
        match self
            .declared
            .filter(|declared| declared.options.contains_key("arguments"))
        {
            Some(declared) => entries(
                &[("arguments", Each(ARGUMENT))],
                &declared.options,
                &mut map,
            )?,
            None => map.serialize_entry("arguments", &self.parameters())?,
        }
        map.serialize_entry("created_at", &self.created_at)?;
        map.serialize_entry("supported_languages", &languages)?;
        map.end()
    }
}
