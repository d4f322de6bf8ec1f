//! `profiles.yml` of dbt: which warehouse a `dbt_project.yml` builds into.

use std::path::{Path, PathBuf};

use super::settings::{Warehouse, connection};
use super::yaml::{self, Doc, Render};
use super::{Overrides, files};
use crate::diagnostic::{Diagnostic, Result, nearest};

/// Reads the chosen target of `profile`.
///
/// The file is looked for in `--profiles-dir`, then the project, then `~/.dbt`.
pub(super) fn read(
    root: &Path,
    profile: &str,
    overrides: &Overrides,
    render: Render<'_>,
) -> Result<Warehouse> {
    let folder = folder(root, overrides)?;
    let file = Path::new("profiles.yml");
    let mut value = yaml::parse(file, &files::read(&folder, file)?)?;
    yaml::render(file, &mut value, render)?;
    let fields = Doc {
        value: &value,
        file,
    }
    .fields("`profiles.yml`")?;
    let Some(doc) = fields.get(profile) else {
        let names: Vec<_> = value
            .as_mapping()
            .into_iter()
            .flatten()
            .filter_map(|(k, _)| k.as_str())
            .collect();
        let hint = nearest(profile, names.iter().copied())
            .map_or(format!("profiles are: {}", names.join(", ")), |near| {
                format!("did you mean `{near}`?")
            });
        return Err(
            Diagnostic::project(format!("`profiles.yml` has no profile `{profile}`"))
                .at(&fields.at())
                .hint(hint)
                .into(),
        );
    };
    let fields = doc.fields(&format!("the profile `{profile}`"))?;
    let default = fields.text("target")?.unwrap_or_else(|| "default".into());
    let target = overrides.target.clone().unwrap_or(default);
    let outputs = fields
        .get("outputs")
        .ok_or_else(|| {
            Diagnostic::project(format!("the profile `{profile}` has no `outputs`")).at(&doc.at())
        })?
        .fields("`outputs`")?;
    let output = outputs.get(&target).ok_or_else(|| {
        Diagnostic::project(format!("the profile `{profile}` has no target `{target}`"))
            .at(&outputs.at())
    })?;
    let fields = output.fields(&format!("the target `{target}`"))?;
    let kind = fields.required("type")?;
    if kind != "duckdb" {
        return Err(
            Diagnostic::project(format!("the target `{target}` is of type `{kind}`"))
                .at(&output.at())
                .hint("wh builds into `type: duckdb`")
                .into(),
        );
    }
    let mut warehouse = connection(&fields)?;
    if fields.get("path").is_none() {
        warehouse.path = ":memory:".into();
    }
    warehouse.target = target;
    warehouse.profile = profile.into();
    Ok(warehouse)
}

fn folder(root: &Path, overrides: &Overrides) -> Result<PathBuf> {
    let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".dbt"));
    let candidates = match &overrides.profiles_dir {
        Some(folder) => vec![folder.clone()],
        None => [Some(root.to_owned()), home]
            .into_iter()
            .flatten()
            .collect(),
    };
    let found = candidates
        .iter()
        .find(|folder| folder.join("profiles.yml").is_file());
    found.cloned().ok_or_else(|| {
        let places: Vec<_> = candidates
            .iter()
            .map(|folder| folder.display().to_string())
            .collect();
        Diagnostic::project("there is no `profiles.yml`")
            .note(format!("looked in: {}", places.join(", ")))
            .hint("write one beside dbt_project.yml, or give `--profiles-dir`")
            .into()
    })
}
