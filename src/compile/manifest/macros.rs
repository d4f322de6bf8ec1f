//! Macros as the manifest describes them.

use std::collections::HashMap;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::json;

use crate::compile::Compiled;
use crate::jinja::{BlockKind, Library, Macro};
use crate::project::Declared;

/// All macros by unique id.
pub(super) struct Macros<'a>(pub(super) &'a Compiled);

impl Serialize for Macros<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let compiled = self.0;
        let library = compiled.dialect.library();
        let described = compiled.macros.iter();
        let described: HashMap<(&str, &str), &Declared> = described
            .map(|declared| {
                (
                    (declared.package.as_str(), declared.name.as_str()),
                    declared,
                )
            })
            .collect();
        let mut map = serializer.serialize_map(None)?;
        for item in library.macros() {
            let view = View {
                item,
                library,
                declared: described
                    .get(&(item.package(), item.name.as_str()))
                    .copied(),
                created_at: compiled.about.created_at(),
            };
            map.serialize_entry(&unique_id(item), &view)?;
        }
        map.end()
    }
}

/// Returns a macro's id as dbt writes it.
pub(super) fn unique_id(item: &Macro) -> String {
    format!("macro.{}.{}", item.package(), item.name)
}

/// Returns the ids of macros called by these names in a template of `package`, each once, in order.
pub(super) fn resolved(library: &Library, package: &str, names: &[&str]) -> Vec<String> {
    let mut ids = Vec::new();
    for name in names {
        if let Some(found) = library.find(package, name) {
            let id = unique_id(&found);
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
    }
    ids
}

struct View<'a> {
    item: &'a Macro,
    library: &'a Library,
    declared: Option<&'a Declared>,
    created_at: f64,
}

impl Serialize for View<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (item, block) = (self.item, &self.item.block);
        let path = block.source.file.display().to_string();
        let docs = json!({"show": true, "node_color": null});
        let patch =
            |declared: &Declared| format!("{}://{}", declared.package, declared.at.file.display());
        let languages = (block.kind == BlockKind::Materialization).then_some(&block.languages);
        let calls = resolved(self.library, item.package(), &item.calls());
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", &item.name)?;
        map.serialize_entry("resource_type", "macro")?;
        map.serialize_entry("package_name", item.package())?;
        map.serialize_entry("path", &path)?;
        map.serialize_entry("original_file_path", &path)?;
        map.serialize_entry("unique_id", &unique_id(item))?;
        map.serialize_entry("macro_sql", block.text())?;
        map.serialize_entry("depends_on", &json!({"macros": calls}))?;
        let description = self.declared.map_or("", |declared| &declared.description);
        map.serialize_entry("description", description)?;
        map.serialize_entry("meta", &json!({}))?;
        map.serialize_entry("docs", &docs)?;
        map.serialize_entry("config", &json!({"meta": {}, "docs": docs}))?;
        map.serialize_entry("patch_path", &self.declared.map(patch))?;
        let arguments: Vec<_> = block
            .parameters
            .iter()
            .map(|argument| json!({"name": argument.name, "type": null, "description": ""}))
            .collect();
        map.serialize_entry("arguments", &arguments)?;
        map.serialize_entry("created_at", &self.created_at)?;
        map.serialize_entry("supported_languages", &languages)?;
        map.end()
    }
}
