//! `selectors.yml`: selections with a name.

use std::collections::BTreeMap;
use std::path::Path;

use serde_yaml::{Mapping, Value};

use super::grammar::{Criterion, Indirect, Join, Spec};
use super::methods::wild;
use crate::diagnostic::{At, Diagnostic, Result, Warning, nearest};
use crate::project::yaml::{Doc, Fields};

/// The named selections of a project.
#[derive(Debug, Clone, Default)]
pub struct Selectors {
    by_name: BTreeMap<String, Spec>,
    default: Option<String>,
}

impl Selectors {
    /// Reads the value of `selectors.yml`, whose Jinja is rendered; keys that say nothing are noted in `warnings`.
    ///
    /// # Errors
    /// `Project` with the place of what is no selector; two of one name, and two defaults.
    pub fn read(file: &Path, value: &Value, warnings: &mut Vec<Warning>) -> Result<Self> {
        let mut selectors = Self::default();
        let fields = Doc { value, file }.fields("`selectors.yml`")?;
        let Some(list) = fields.get("selectors") else {
            return Ok(selectors);
        };
        fields.pass_over(&["version"]);
        fields.finish()?;
        for doc in list.items() {
            let fields = doc.fields("a selector")?;
            let name = fields.required("name")?;
            fields.pass_over(&["description"]);
            if fields.flag("default")?
                && let Some(other) = selectors.default.replace(name.clone())
            {
                let what = format!("the selectors `{other}` and `{name}` are both the default");
                return Err(Diagnostic::project(what).at(&doc.at()).into());
            }
            let Some(definition) = fields.get("definition") else {
                let what = format!("the selector `{name}` has no `definition`");
                return Err(Diagnostic::project(what).at(&doc.at()).into());
            };
            fields.finish()?;
            let spec = definition_at_root(&definition, warnings)?;
            if selectors.by_name.insert(name.clone(), spec).is_some() {
                let what = format!("two selectors are called `{name}`");
                return Err(Diagnostic::project(what).at(&doc.at()).into());
            }
        }
        Ok(selectors)
    }

    /// Returns the selector of this name.
    ///
    /// # Errors
    /// `Project` when there is none, with the nearest.
    pub(super) fn require(&self, name: &str) -> Result<&Spec> {
        self.by_name.get(name).ok_or_else(|| self.missing(name))
    }

    /// Returns the default selector.
    pub(super) fn by_default(&self) -> Option<&Spec> {
        self.by_name.get(self.default.as_ref()?)
    }

    /// Returns the selectors whose name matches a pattern.
    ///
    /// # Errors
    /// `Project` when there is none, with the nearest.
    pub(super) fn matching(&self, pattern: &str) -> Result<Vec<(&str, &Spec)>> {
        let matching = self
            .by_name
            .iter()
            .filter(|(name, _)| wild(pattern, name))
            .map(|(name, spec)| (name.as_str(), spec));
        let found: Vec<_> = matching.collect();
        match found.is_empty() {
            true => Err(self.missing(pattern)),
            false => Ok(found),
        }
    }

    fn missing(&self, name: &str) -> anyhow::Error {
        let err = Diagnostic::project(format!("there is no selector `{name}`"));
        let known = || self.by_name.keys().map(String::as_str);
        match nearest(name, known()) {
            Some(near) => err.hint(format!("did you mean `{near}`?")),
            None if self.by_name.is_empty() => err.hint("selectors are defined in selectors.yml"),
            None => err.hint(format!(
                "selectors are: {}",
                known().collect::<Vec<_>>().join(", ")
            )),
        }
        .into()
    }
}

fn definition_at_root(doc: &Doc<'_>, warnings: &mut Vec<Warning>) -> Result<Spec> {
    if let Some(map) = doc.value.as_mapping()
        && map.len() > 1
        && (map.contains_key("union") || map.contains_key("intersection"))
    {
        return Err(wrong(
            doc,
            "`union` or `intersection` stands alone in a definition",
        ));
    }
    definition(doc, warnings)
}

fn definition(doc: &Doc<'_>, warnings: &mut Vec<Warning>) -> Result<Spec> {
    match doc.value {
        Value::String(text, _) => Ok(Spec::One(criterion(doc, text)?)),
        Value::Mapping(map, _) if map.contains_key("union") => joined(doc, Join::Union, warnings),
        Value::Mapping(map, _) if map.contains_key("intersection") => {
            joined(doc, Join::Intersection, warnings)
        }
        Value::Mapping(map, _) => keyed(doc, map, warnings),
        _ => Err(wrong(doc, "this is no selection")),
    }
}

fn criterion(doc: &Doc<'_>, text: &str) -> Result<Criterion> {
    use crate::diagnostic::Place;
    Criterion::read(text).place(&doc.at())
}

/// Reads `union: […]` or `intersection: […]`, where one element may be `exclude: […]`; what else that element says does not
/// count, as in dbt.
fn joined(doc: &Doc<'_>, join: Join, warnings: &mut Vec<Warning>) -> Result<Spec> {
    let key = match join {
        Join::Intersection => "intersection",
        _ => "union",
    };
    let fields = doc.fields(key)?;
    let Some(list) = fields.get(key) else {
        return Err(wrong(doc, "this is no selection"));
    };
    let (mut parts, mut excluded) = (Vec::new(), None);
    for part in list.items() {
        let excludes = part.value.as_mapping().and_then(|map| map.get("exclude"));
        let Some(value) = excludes else {
            parts.push(definition(&part, warnings)?);
            continue;
        };
        let list = Doc {
            value,
            file: part.file,
        };
        if excluded.replace(exclusion(&list, warnings)?).is_some() {
            return Err(wrong(&part, "`exclude` stands here twice"));
        }
        let exclusion = part.fields("an exclusion")?;
        exclusion.pass_over(&["exclude"]);
        warnings.extend(exclusion.strangers("an exclusion inside `union` or `intersection`"));
    }
    let joined = Spec::group(join, parts);
    Ok(match excluded {
        Some(excluded) => Spec::group(Join::Difference, vec![joined, excluded]),
        None => joined,
    })
}

fn exclusion(doc: &Doc<'_>, warnings: &mut Vec<Warning>) -> Result<Spec> {
    let parts = doc.items();
    let parts: Result<Vec<Spec>> = parts
        .iter()
        .map(|part| definition(part, warnings))
        .collect();
    Ok(Spec::group(Join::Union, parts?))
}

/// Reads `method: value`, or `method:`, `value:` and how far its relatives are chosen too.
fn keyed(doc: &Doc<'_>, map: &Mapping, warnings: &mut Vec<Warning>) -> Result<Spec> {
    let mut pairs = map.iter();
    if let (Some((key, value)), None) = (pairs.next(), pairs.next()) {
        let (method, arguments) = Criterion::method(key.as_str().unwrap_or_default());
        return Ok(Spec::One(Criterion {
            method,
            arguments,
            value: value.clone(),
            at: false,
            up: None,
            down: None,
            indirect: None,
        }));
    }
    let fields = doc.fields("a selection")?;
    let method = fields.required("method")?;
    let Some(value) = fields.get("value") else {
        return Err(wrong(doc, "this selection has a `method` and no `value`"));
    };
    let (method, arguments) = Criterion::method(&method);
    let indirect = fields.text("indirect_selection")?;
    let criterion = Criterion {
        method,
        arguments,
        value: value.value.clone(),
        at: fields.flag("childrens_parents")?,
        up: depth(&fields, "parents", "parents_depth")?,
        down: depth(&fields, "children", "children_depth")?,
        indirect: indirect.map(|word| Indirect::read(&word)).transpose()?,
    };
    if criterion.at && criterion.down.is_some() {
        return Err(wrong(
            doc,
            "`childrens_parents` and `children` exclude each other",
        ));
    }
    let excluded = fields.get("exclude");
    let excluded = excluded.map(|list| exclusion(&list, warnings));
    warnings.extend(fields.strangers("a selection"));
    Ok(match excluded.transpose()? {
        Some(excluded) => Spec::group(Join::Difference, vec![Spec::One(criterion), excluded]),
        None => Spec::One(criterion),
    })
}

/// Reads `parents: true` and `parents_depth: 2`; 0 counts as no limit, as in dbt.
fn depth(fields: &Fields<'_>, key: &str, depth_key: &str) -> Result<Option<usize>> {
    let wanted = fields.flag(key)?;
    let depth = fields.get(depth_key).and_then(|doc| doc.value.as_u64());
    let steps = depth.filter(|steps| *steps > 0);
    let steps = steps.and_then(|steps| usize::try_from(steps).ok());
    Ok(wanted.then(|| steps.unwrap_or(usize::MAX)))
}

fn wrong(doc: &Doc<'_>, what: &str) -> anyhow::Error {
    let at: At = doc.at();
    Diagnostic::project(what)
        .at(&at)
        .hint(
            "write `method: tag` with `value: nightly`, `tag: nightly`, or a text as for --select",
        )
        .into()
}
