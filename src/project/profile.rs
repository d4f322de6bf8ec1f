//! `profiles.yml` of dbt: which warehouse a `dbt_project.yml` builds into.

use std::fmt;
use std::path::{Path, PathBuf};

use serde_yaml::Value;

use super::warehouse::{Warehouse, connection};
use super::yaml::{self, Doc, Fields, Render};
use super::{Overrides, files};
use crate::diagnostic::{Diagnostic, Result, nearest};

/// The context of an error that leaves the project without a profile: what `dbt debug` says of it, which people and programs
/// look for.
#[derive(Debug)]
pub struct Unloaded(pub String);

impl fmt::Display for Unloaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads the chosen target of `profile`; the others are not looked at, since what they need may not be there.
///
/// The file is looked for in `--profiles-dir`, then the current folder and the project, then `~/.dbt`.
pub(super) fn read(
    root: &Path,
    profile: &str,
    overrides: &Overrides,
    render: Render<'_>,
) -> Result<Warehouse> {
    let folder = folder(root, overrides)?;
    let file = Path::new("profiles.yml");
    let value = yaml::parse(file, &files::read(&folder, file)?)?;
    let doc = |value| Doc { value, file };
    let Some(found) = value.get(profile) else {
        return Err(no_profile(profile, doc(&value)));
    };
    let fields = doc(found).fields(&format!("the profile `{profile}`"))?;
    let target = target(&fields, overrides, (file, render))?;
    let Some(outputs) = fields.get("outputs") else {
        let what = format!("the profile `{profile}` has no `outputs`");
        return Err(Diagnostic::project(what).at(&doc(found).at()).into());
    };
    let outputs = outputs.fields("`outputs`")?;
    let Some(output) = outputs.get(&target) else {
        let what = format!("the profile `{profile}` has no target `{target}`");
        let all = outputs.all();
        let names: Vec<&str> = all.iter().filter_map(|(key, _)| key.as_str()).collect();
        let err = Diagnostic::project(what).at(&outputs.at());
        let hint = nearest(&target, names.iter().copied())
            .map_or(format!("targets are: {}", names.join(", ")), |near| {
                format!("did you mean `{near}`?")
            });
        let said = format!("The profile '{profile}' does not have a target named '{target}'.");
        return Err(anyhow::Error::from(err.hint(hint)).context(Unloaded(said)));
    };
    let mut rendered = output.value.clone();
    yaml::render(file, &mut rendered, render)?;
    let fields = doc(&rendered).fields(&format!("the target `{target}`"))?;
    let kind = fields.required("type")?;
    if kind != "duckdb" {
        return Err(
            Diagnostic::project(format!("the target `{target}` is of type `{kind}`"))
                .at(&output.at())
                .hint("wh builds into `type: duckdb`")
                .into(),
        );
    }
    let mut warehouse = connection(&fields, ":memory:")?;
    let strangers = fields.strangers(&format!("the target `{target}`"));
    warehouse.warnings.extend(strangers);
    warehouse.target = target;
    warehouse.profile = profile.into();
    Ok(warehouse)
}

/// Returns the name of the target: of the command line, else of the profile, else `default`.
fn target(
    fields: &Fields<'_>,
    overrides: &Overrides,
    (file, render): (&Path, Render<'_>),
) -> Result<String> {
    if let Some(target) = &overrides.target {
        return Ok(target.clone());
    }
    let Some(doc) = fields.get("target") else {
        return Ok("default".into());
    };
    let mut value: Value = doc.value.clone();
    yaml::render(file, &mut value, render)?;
    Doc {
        value: &value,
        file,
    }
    .text("`target`")
}

fn no_profile(profile: &str, doc: Doc<'_>) -> anyhow::Error {
    let names: Vec<&str> = doc
        .value
        .as_mapping()
        .into_iter()
        .flatten()
        .filter_map(|(key, _)| key.as_str())
        .collect();
    let hint = nearest(profile, names.iter().copied())
        .map_or(format!("profiles are: {}", names.join(", ")), |near| {
            format!("did you mean `{near}`?")
        });
    let err = Diagnostic::project(format!("`profiles.yml` has no profile `{profile}`"))
        .at(&doc.at())
        .hint(hint);
    let said = format!("Could not find profile named '{profile}'");
    anyhow::Error::from(err).context(Unloaded(said))
}

fn folder(root: &Path, overrides: &Overrides) -> Result<PathBuf> {
    let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".dbt"));
    let here = std::env::current_dir().ok();
    let candidates: Vec<PathBuf> = match &overrides.profiles_dir {
        Some(folder) => vec![folder.clone()],
        None => [here, Some(root.to_owned()), home]
            .into_iter()
            .flatten()
            .collect(),
    };
    let found = candidates
        .iter()
        .find(|folder| folder.join("profiles.yml").is_file());
    found.cloned().ok_or_else(|| {
        let mut places: Vec<_> = candidates
            .iter()
            .map(|folder| folder.display().to_string())
            .collect();
        places.dedup();
        let err = Diagnostic::project("there is no `profiles.yml`")
            .note(format!("looked in: {}", places.join(", ")))
            .hint("write one beside dbt_project.yml, or give `--profiles-dir`");
        let said = places
            .iter()
            .map(|place| format!("dbt looked for a profiles.yml file in {place}"));
        let said = said.collect::<Vec<_>>().join("\n");
        anyhow::Error::from(err).context(Unloaded(said))
    })
}
