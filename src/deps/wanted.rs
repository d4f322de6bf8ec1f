//! What `packages.yml` or `dependencies.yml` lists.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};
use serde_yaml::Value;

use super::sha1;
use super::version::Bound;
use crate::diagnostic::{At, Diagnostic, Result, all_or_none};
use crate::project::yaml::{self, Doc, Fields, Render};

/// A package as a list names it.
#[derive(Debug, Clone)]
pub(super) enum Wanted {
    Local(String),
    Git {
        url: String,
        revisions: Vec<String>,
        subdirectory: Option<String>,
    },
    Tarball {
        url: String,
        name: String,
    },
    Hub {
        package: String,
        bounds: Vec<Bound>,
        prerelease: bool,
    },
}

/// A list: packages with their places, and the same as dbt writes them before it hashes.
#[derive(Debug, Default)]
pub(super) struct List {
    pub(super) packages: Vec<(Wanted, At)>,
    written: Vec<Json>,
}

impl List {
    /// Returns the hash that dbt keeps of a list in the lock file.
    pub(super) fn hash(&self) -> String {
        let mut lines: Vec<String> = self.written.iter().map(python_json).collect();
        lines.sort();
        sha1::hex(lines.join("\n").as_bytes())
    }
}

/// Reads the list of the project in `root`; an empty one where it has none.
pub(super) fn read(root: &Path, render: Render<'_>) -> Result<List> {
    for (name, is_rendered) in [("dependencies.yml", false), ("packages.yml", true)] {
        let file = Path::new(name);
        let Ok(text) = fs::read_to_string(root.join(file)) else {
            continue;
        };
        let written = yaml::parse(file, &text)?;
        if written.get("packages").is_none() {
            continue;
        }
        let mut rendered = written.clone();
        if is_rendered {
            yaml::render(file, &mut rendered, render)?;
        }
        return list(file, &rendered, &written);
    }
    Ok(List::default())
}

/// Reads a list; `written` is the same before it was rendered.
pub(super) fn list(file: &Path, rendered: &Value, written: &Value) -> Result<List> {
    let entries = |value: &'_ Value| -> Vec<Value> {
        match value.get("packages") {
            Some(Value::Sequence(items, _)) => items.clone(),
            _ => Vec::new(),
        }
    };
    let mut list = List::default();
    let mut errors = Vec::new();
    for (entry, written) in entries(rendered).iter().zip(entries(written)) {
        let doc = Doc { value: entry, file };
        match package(doc, &written) {
            Ok((wanted, json)) => {
                list.packages.push((wanted, doc.at()));
                list.written.push(json);
            }
            Err(err) => errors.push(err),
        }
    }
    all_or_none(errors)?;
    Ok(list)
}

fn package(doc: Doc<'_>, written: &Value) -> Result<(Wanted, Json)> {
    let fields = doc.fields("an entry of `packages`")?;
    let mut json = json!({ "unrendered": written });
    let mut put = |key: &str, value: Json| {
        json[key] = value;
    };
    let value = |key: &str| fields.get(key).map_or(Json::Null, |doc| json!(doc.value));
    if let Some(name) = fields.text("name")? {
        put("name", name.into());
    }
    let wanted = if let Some(path) = fields.text("local")? {
        put("local", path.clone().into());
        Wanted::Local(path)
    } else if let Some(url) = fields.text("git")? {
        put("git", url.clone().into());
        put("warn-unpinned", value("warn-unpinned"));
        put("revision", value("revision"));
        put("subdirectory", value("subdirectory"));
        Wanted::Git {
            url,
            revisions: fields.texts("revision")?,
            subdirectory: fields.text("subdirectory")?,
        }
    } else if let Some(url) = fields.text("tarball")? {
        put("tarball", url.clone().into());
        Wanted::Tarball {
            url,
            name: fields.required("name")?,
        }
    } else if let Some(package) = fields.text("package")? {
        put("package", package.clone().into());
        put("version", value("version"));
        put(
            "install_prerelease",
            fields.flag("install_prerelease")?.into(),
        );
        hub(&fields, package)?
    } else {
        return Err(
            Diagnostic::project("an entry of `packages` names no package")
                .at(&doc.at())
                .hint("give one of: package, git, local, tarball")
                .into(),
        );
    };
    fields.pass_over(&["unrendered"]);
    fields.finish()?;
    Ok((wanted, json))
}

fn hub(fields: &Fields<'_>, package: String) -> Result<Wanted> {
    let at = fields.get("package").map_or(fields.at(), |doc| doc.at());
    if !package.contains('/') {
        return Err(
            Diagnostic::project(format!("`{package}` is no package of the hub"))
                .at(&at)
                .hint("a package of the hub has its owner before it: `dbt-labs/dbt_utils`")
                .into(),
        );
    }
    let mut bounds = Vec::new();
    for text in fields.texts("version")? {
        for part in text.split(',') {
            bounds.push(Bound::read(part).ok_or_else(|| {
                Diagnostic::project(format!("`{part}` is no version"))
                    .at(&at)
                    .hint("write `1.2.3`, or a range: `[\">=1.0.0\", \"<2.0.0\"]`")
            })?);
        }
    }
    if bounds.is_empty() {
        return Err(Diagnostic::project(format!("`{package}` has no `version`"))
            .at(&at)
            .hint("write `version: [\">=1.0.0\", \"<2.0.0\"]`")
            .into());
    }
    Ok(Wanted::Hub {
        package,
        bounds,
        prerelease: fields.flag("install_prerelease")?,
    })
}

/// Writes JSON as Python's `json.dumps(…, sort_keys=True)` does.
fn python_json(value: &Json) -> String {
    match value {
        Json::Object(map) => {
            let mut pairs: Vec<_> = map.iter().collect();
            pairs.sort_by_key(|(key, _)| key.as_str());
            let pair =
                |(key, value): (&String, &Json)| format!("{}: {}", text(key), python_json(value));
            format!(
                "{{{}}}",
                pairs.into_iter().map(pair).collect::<Vec<_>>().join(", ")
            )
        }
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(python_json).collect();
            format!("[{}]", items.join(", "))
        }
        Json::String(found) => text(found),
        other => other.to_string(),
    }
}

fn text(found: &str) -> String {
    let mut written = String::new();
    for c in Json::String(found.into()).to_string().chars() {
        if c.is_ascii() {
            written.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                written.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    written
}

/// Adds a package to `packages.yml`, in place of one of the same name.
///
/// # Errors
/// `Project` for a package without a name; `Environment` when the file cannot be written.
pub fn add(root: &Path, package: &str, source: &str) -> Result<PathBuf> {
    let (name, version) = package.rsplit_once('@').unwrap_or((package, ""));
    let version = version.trim();
    let file = PathBuf::from("packages.yml");
    let text = fs::read_to_string(root.join(&file)).unwrap_or_default();
    let mut listed = match yaml::parse(&file, &text)?.get("packages") {
        Some(Value::Sequence(items, _)) => items.clone(),
        _ => Vec::new(),
    };
    listed.retain(|entry| {
        let keys = ["package", "git", "local", "tarball"];
        let named = keys.iter().find_map(|key| entry.get(*key)?.as_str());
        !named.is_some_and(|named| is_same(named, name))
    });
    let (key, pin) = match source {
        "git" => ("git", "revision"),
        "local" => ("local", ""),
        "tarball" => ("tarball", ""),
        _ => ("package", "version"),
    };
    let mut entry = serde_yaml::Mapping::new();
    entry.insert(Value::string(key.into()), Value::string(name.into()));
    if !version.is_empty() && !pin.is_empty() {
        let parts: Vec<Value> = version
            .split(',')
            .map(|part| Value::string(part.trim().into()))
            .collect();
        let value = match parts.as_slice() {
            [one] => one.clone(),
            _ => Value::sequence(parts),
        };
        entry.insert(Value::string(pin.into()), value);
    }
    listed.push(Value::mapping(entry));
    let mut whole = serde_yaml::Mapping::new();
    whole.insert(Value::string("packages".into()), Value::sequence(listed));
    super::lock::save(root, &file, &serde_yaml::to_string(&Value::mapping(whole))?)?;
    Ok(file)
}

/// Returns whether two names mean one package, whoever owns it and however its words are joined.
fn is_same(listed: &str, name: &str) -> bool {
    let short = |text: &str| {
        let last = text
            .trim_end_matches('/')
            .rsplit('/')
            .next()
            .unwrap_or(text);
        last.trim_end_matches(".git").replace('-', "_")
    };
    short(listed) == short(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(text: &str) -> String {
        let value: Value = serde_yaml::from_str(text).unwrap();
        list(Path::new("packages.yml"), &value, &value)
            .unwrap()
            .hash()
    }

    #[test]
    fn a_list_is_hashed_as_dbt_hashes_it() {
        assert_eq!(
            hash("packages: [{package: dbt-labs/dbt_utils, version: 1.1.1}, {local: ../x}]"),
            "2d29c76d6c93e90086ad57286162a877ee756bb5"
        );
        assert_eq!(
            hash(
                "packages: [{git: 'https://a/b.git', revision: v1}, \
                 {package: a/b, version: ['>=1.0.0', '<2.0.0']}]"
            ),
            "6ea26879415d214ed2cc2a293206507f0f20181a"
        );
        assert_eq!(
            hash("packages: [{tarball: 'http://x/y.tar.gz', name: y}]"),
            "fab516fa1caed4a28d8d83c8b29f761c37086c0b"
        );
    }

    #[test]
    fn one_package_has_many_names() {
        assert!(is_same(
            "https://x/dbt-labs/dbt-utils.git",
            "dbt-labs/dbt_utils"
        ));
        assert!(!is_same("dbt-labs/dbt_utils_more", "dbt-labs/dbt_utils"));
    }
}
