//! A node as the manifest describes it.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::json;
use serde_yaml::Value;
use sha2::{Digest, Sha256};

use super::checks;
use super::columns::{Columns, MODEL_CONSTRAINT, primary_key};
use super::config::{ConfigView, Repeated};
use super::depends_on::{PLAIN, called};
use super::shape::Preset::{Each, Maybe, Null};
use super::shape::{Keys, entries};
use super::{About, Rendered, test};
use crate::compile::plan::{Body, Generic, Node, Plan, Resource};
use crate::compile::{body, ephemeral, external, is_ephemeral, template};
use crate::project::nodes::Reference;

/// A node with what a command left of it, as serde writes it.
pub(super) struct NodeView<'a> {
    pub(super) plan: &'a Plan,
    pub(super) about: &'a About,
    pub(super) node: &'a Node,
    /// The tests put on it.
    pub(super) tests: Vec<&'a Node>,
    pub(super) rendered: Option<Rendered>,
    pub(super) was_run: bool,
}

impl Serialize for NodeView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match &self.node.resource {
            Resource::Source { about, .. } => {
                self.place(&mut map)?;
                self.identity(&mut map)?;
                self.source(&mut map, about)?;
            }
            Resource::Exposure | Resource::Export(_) | Resource::Report(_) => {
                self.identity(&mut map)?;
                self.exposure(&mut map)?;
            }
            Resource::Metric => {
                self.identity(&mut map)?;
                self.metric(&mut map)?;
            }
            Resource::SemanticModel => {
                self.identity(&mut map)?;
                self.semantic_model(&mut map)?;
            }
            Resource::SavedQuery => {
                self.identity(&mut map)?;
                self.saved_query(&mut map)?;
            }
            Resource::UnitTest(test) => {
                self.unit_test(&mut map, test)?;
                self.identity(&mut map)?;
                self.unit_test_rest(&mut map, test)?;
            }
            _ => {
                self.place(&mut map)?;
                self.identity(&mut map)?;
                self.described(&mut map)?;
                self.rest(&mut map)?;
            }
        }
        map.end()
    }
}

impl NodeView<'_> {
    fn place<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let about = self.about;
        let relation = self.node.relation.as_ref();
        let database = relation.and_then(|relation| relation.database.as_ref());
        let schema = relation.map_or(&about.schema, |relation| &relation.schema);
        map.serialize_entry("database", database.unwrap_or(&about.database))?;
        map.serialize_entry("schema", schema)
    }

    fn identity<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let node = self.node;
        let path = match &node.resource {
            Resource::Source { .. } => &node.original,
            _ => &node.inner,
        };
        let word = match &node.resource {
            Resource::FeatureView(_) | Resource::MlModel(_) => "model",
            Resource::Export(_) | Resource::Report(_) => "exposure",
            resource => resource.word(),
        };
        map.serialize_entry("name", &node.name)?;
        map.serialize_entry("resource_type", word)?;
        map.serialize_entry("package_name", &node.package)?;
        map.serialize_entry("path", path)?;
        match &node.resource {
            Resource::Operation(_) => {
                let file = format!("./{}", node.original.display());
                map.serialize_entry("original_file_path", &file)?;
            }
            _ => map.serialize_entry("original_file_path", &node.original)?,
        }
        map.serialize_entry("unique_id", &node.id)?;
        map.serialize_entry("fqn", &node.fqn)
    }

    /// Writes what files and configuration say of it.
    fn described<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let node = self.node;
        let alias = node.relation.as_ref().map_or(&node.name, |made| &made.name);
        map.serialize_entry("alias", alias)?;
        map.serialize_entry("checksum", &self.checksum())?;
        self.config(map)?;
        let own = match &node.resource {
            Resource::Operation(_) => node.config.texts("tags"),
            _ => Vec::new(),
        };
        map.serialize_entry("tags", &[&node.tags[..], &own].concat())?;
        map.serialize_entry("description", &node.description)?;
        map.serialize_entry("columns", &self.columns())?;
        map.serialize_entry("meta", &self.repeated("meta"))?;
        map.serialize_entry("group", &self.repeated("group"))?;
        map.serialize_entry("docs", &self.repeated("docs"))?;
        let patch = node.patch.as_ref();
        let patch = patch.map(|(package, file)| format!("{package}://{}", file.display()));
        map.serialize_entry("patch_path", &patch)?;
        let build_path = self.was_run.then(|| self.below_target("run"));
        map.serialize_entry("build_path", &build_path)?;
        map.serialize_entry("unrendered_config", &node.unrendered)?;
        self.created(map)?;
        map.serialize_entry("relation_name", &self.relation_name())?;
        map.serialize_entry("raw_code", &self.raw_code())?;
        map.serialize_entry("doc_blocks", &node.doc_blocks)
    }

    /// Writes what differs by kind: references, SQL, what only models or generic tests have.
    fn rest<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        if let Resource::Seed = &self.node.resource {
            let root = self.about.root_of(self.node);
            map.serialize_entry("root_path", &root)?;
            return map.serialize_entry("depends_on", &json!({"macros": []}));
        }
        let language = body(self.node).map_or("sql", Body::language);
        map.serialize_entry("language", language)?;
        self.references(map)?;
        let functions = self.node.references.iter().filter_map(|read| match read {
            Reference::Function { package, name } => Some(listed(package.as_ref(), name)),
            _ => None,
        });
        map.serialize_entry("functions", &functions.collect::<Vec<_>>())?;
        map.serialize_entry("depends_on", &self.depends_on())?;
        self.sql(map)?;
        map.serialize_entry("contract", &self.contract())?;
        match &self.node.resource {
            Resource::Test(test) => match &test.generic {
                Some(generic) => self.generic(map, generic),
                None => Ok(()),
            },
            Resource::Operation(operation) => map.serialize_entry("index", &(operation.number + 1)),
            Resource::Function(_) => self.function(map),
            Resource::Analysis(_) | Resource::Snapshot(_) => Ok(()),
            _ => self.model(map),
        }
    }

    fn function<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        const ARGUMENT: Keys = &[
            ("name", Null),
            ("data_type", Null),
            ("description", Null),
            ("default_value", Null),
        ];
        const RETURNS: Keys = &[("data_type", Null), ("description", Null)];
        const OVERLOAD: Keys = &[
            ("defined_in", Null),
            ("arguments", Each(ARGUMENT)),
            ("returns", Maybe(RETURNS)),
            ("description", Null),
            ("raw_body", Null),
            ("compiled_body", Null),
        ];
        let keys: Keys = &[
            ("returns", super::shape::Preset::Nested(RETURNS)),
            ("arguments", Each(ARGUMENT)),
            ("overloads", Each(OVERLOAD)),
        ];
        let overloads = self.rendered.as_ref().map(|rendered| &rendered.overloads);
        let Some(overloads) = overloads.filter(|texts| !texts.is_empty()) else {
            return entries(keys, &self.node.options, map);
        };
        let mut options = self.node.options.clone();
        let listed = options
            .get_mut("overloads")
            .and_then(Value::as_sequence_mut);
        for (overload, text) in listed.into_iter().flatten().zip(&**overloads) {
            if let Some(overload) = overload.as_mapping_mut() {
                overload.insert("compiled_body".into(), Value::string(text.to_string()));
            }
        }
        entries(keys, &options, map)
    }

    fn model<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        const SPINE: Keys = &[
            ("standard_granularity_column", Null),
            (
                "custom_granularities",
                Each(&[("name", Null), ("column_name", Null)]),
            ),
        ];
        let (version, latest) = match &self.node.resource {
            Resource::Model(model) => (model.version.as_ref(), model.latest.as_ref()),
            _ => (None, None),
        };
        let options = &self.node.options;
        let day = options.get("deprecation_date").and_then(Value::as_str);
        map.serialize_entry("access", &self.repeated("access"))?;
        entries(&[("constraints", Each(MODEL_CONSTRAINT))], options, map)?;
        map.serialize_entry("version", &version)?;
        map.serialize_entry("latest_version", &latest)?;
        map.serialize_entry("deprecation_date", &day.map(moment))?;
        map.serialize_entry("primary_key", &primary_key(self.node, &self.tests))?;
        entries(&[("time_spine", Maybe(SPINE))], options, map)
    }

    fn contract(&self) -> serde_json::Value {
        let given = self.node.config.values.get("contract");
        let flag = |key: &str| given.and_then(|given| given.get(key)?.as_bool());
        json!({
            "enforced": flag("enforced").unwrap_or(false),
            "alias_types": flag("alias_types").unwrap_or(true),
            "checksum": checks::contract(self.node),
        })
    }

    /// Writes what the node reads by name.
    pub(super) fn references<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        self.refs(map)?;
        let references = self.node.references.iter();
        let sources = references.clone().filter_map(|reference| match reference {
            Reference::Source { source, table } => Some([source, table]),
            _ => None,
        });
        let metrics = references.filter_map(|reference| match reference {
            Reference::Metric { package, name } => Some(listed(package.as_ref(), name)),
            _ => None,
        });
        map.serialize_entry("sources", &sources.collect::<Vec<_>>())?;
        map.serialize_entry("metrics", &metrics.collect::<Vec<_>>())
    }

    pub(super) fn refs<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let mut references: Vec<&Reference> = self.node.references.iter().collect();
        if let Some(generic) = self.generic_test() {
            // The relation under test is the last of a generic test's arguments.
            references.sort_by_key(|reference| **reference == generic.on);
        }
        let references = references.into_iter();
        let refs = references.filter_map(|reference| match reference {
            Reference::Ref {
                package,
                name,
                version,
            } => {
                let is_text = |text: &&String| Some(*text) == self.version_under_test();
                if let Some(text) = version.as_ref().filter(is_text) {
                    return Some(json!({"name": name, "package": package, "version": text}));
                }
                let version = version.as_ref();
                let version =
                    version.map(|text| text.parse::<i64>().map_or(json!(text), |n| json!(n)));
                Some(json!({"name": name, "package": package, "version": version}))
            }
            _ => None,
        });
        map.serialize_entry("refs", &refs.collect::<Vec<_>>())
    }

    /// Returns the version of the model that a generic test is put on, which dbt keeps as text, but of its two plainest tests.
    fn version_under_test(&self) -> Option<&String> {
        let is_plain = |id: &&String| PLAIN.contains(&id.as_str());
        if called(self.node).first().is_some_and(is_plain) {
            return None;
        }
        match &self.generic_test()?.on {
            Reference::Ref { version, .. } => version.as_ref(),
            _ => None,
        }
    }

    /// Writes the SQL that was made of the template; nothing of it where nothing was made.
    fn sql<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let Some(rendered) = &self.rendered else {
            return map.serialize_entry("compiled_path", &());
        };
        let nodes = &self.plan.nodes;
        let ctes: Vec<_> = rendered
            .ctes
            .iter()
            .map(|(index, sql)| {
                let node = &nodes[*index];
                let sql = ephemeral::expression(&ephemeral::name(node), sql);
                json!({"id": node.id, "sql": sql})
            })
            .collect();
        map.serialize_entry("compiled_path", &self.below_target("compiled"))?;
        map.serialize_entry("compiled", &true)?;
        map.serialize_entry("compiled_code", &*rendered.sql)?;
        map.serialize_entry("extra_ctes_injected", &true)?;
        map.serialize_entry("extra_ctes", &ctes)
    }

    pub(super) fn config<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("config", &ConfigView(self.node))
    }

    pub(super) fn repeated(&self, key: &'static str) -> Repeated<'_> {
        Repeated {
            config: &self.node.config,
            key,
        }
    }

    pub(super) fn created<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("created_at", &self.about.created_at())
    }

    pub(super) fn columns(&self) -> Columns<'_> {
        Columns(&self.node.columns)
    }

    pub(super) fn relation_name(&self) -> Option<String> {
        relation_name(self.about, self.node)
    }

    fn generic_test(&self) -> Option<&Generic> {
        match &self.node.resource {
            Resource::Test(test) => test.generic.as_ref(),
            _ => None,
        }
    }

    /// Returns the template as it is in its file; of a generic test, the one dbt makes.
    fn raw_code(&self) -> String {
        match self.generic_test() {
            Some(generic) => test::raw_code(generic, &self.node.said),
            None => self.source_text(),
        }
    }

    /// Returns the template with the line ends of its file.
    fn source_text(&self) -> String {
        let text = self.text().unwrap_or_default();
        match template(self.node).is_some_and(|template| template.source().has_crlf) {
            true => text.replace('\n', "\r\n"),
            false => text.to_owned(),
        }
    }

    fn text(&self) -> Option<&str> {
        match (body(self.node), template(self.node)) {
            (Some(Body::Other { text, .. }), _) => Some(text.trim()),
            // dbt keeps the space within a block.
            (_, Some(template)) if matches!(self.node.resource, Resource::Snapshot(_)) => {
                Some(template.text())
            }
            (_, Some(template)) => Some(template.text().trim()),
            _ => None,
        }
    }

    fn checksum(&self) -> serde_json::Value {
        if let Some((name, checksum)) = &self.node.checksum {
            return json!({"name": name, "checksum": checksum});
        }
        let whole = template(self.node).map(|template| template.source().text.as_str());
        match (self.generic_test(), whole.or(self.text())) {
            (None, Some(text)) => {
                let words: Vec<&str> = text.split_whitespace().collect();
                json!({"name": "sha256", "checksum": sha256(&words.join(" "))})
            }
            _ => json!({"name": "none", "checksum": ""}),
        }
    }

    /// Returns the path of the node's SQL in a folder of the target.
    fn below_target(&self, folder: &str) -> PathBuf {
        let target = self.about.target.join(folder);
        let file = written_at(self.node);
        let file = match &self.node.resource {
            Resource::Operation(_) => format!("./{}", file.display()).into(),
            _ => file,
        };
        let package = target.join(&self.node.package);
        // Put together as text: a path would lose the `.` that dbt writes for operations.
        PathBuf::from(format!("{}/{}", package.display(), file.display()))
    }
}

/// Returns a name, after its package when one is given.
fn listed<'a>(package: Option<&'a String>, name: &'a String) -> Vec<&'a String> {
    package.into_iter().chain([name]).collect()
}

/// Completes a day to the moment it begins.
fn moment(day: &str) -> String {
    match day.len() {
        10 => format!("{day}T00:00:00+00:00"),
        _ => day.to_owned(),
    }
}

/// Returns a node's relation as SQL names it, for what has one: not for ephemeral models, nor for tests that keep no rows.
#[must_use]
pub fn relation_name(about: &About, node: &Node) -> Option<String> {
    if let Some(location) = external::location(node) {
        return Some(location);
    }
    let relation = node.relation.as_ref()?;
    let asked = about.args.get("store_failures") == Some(&true.into());
    let is_kept = || match node.config.text("store_failures_as") {
        Some(kind) => kind != "ephemeral",
        None => node.config.flag("store_failures").unwrap_or(asked),
    };
    let is_made = match &node.resource {
        Resource::Operation(_) => false,
        Resource::Test(_) => is_kept(),
        _ => !is_ephemeral(node),
    };
    if !is_made {
        return None;
    }
    let database = relation.database.as_ref().unwrap_or(&about.database);
    let parts = [database, &relation.schema, &relation.name];
    let quoted = match &node.resource {
        Resource::Source { .. } => node.quoting_over(about.quoting),
        _ => node.quoted,
    };
    let written = parts.into_iter().zip(quoted);
    let written = written.map(|(part, is_quoted)| match is_quoted {
        true => format!("\"{part}\""),
        false => part.clone(),
    });
    Some(written.collect::<Vec<_>>().join("."))
}

/// Returns where a node's SQL is written, below the folder of its package: its own file, or one in a folder with
/// the name of the YAML file it comes from.
#[must_use]
pub fn written_at(node: &Node) -> PathBuf {
    if matches!(node.resource, Resource::UnitTest(_)) {
        let folder = node.original.parent().unwrap_or(Path::new(""));
        let file = format!("{}.sql", node.name);
        return node.original.join(folder).join(file);
    }
    let has_its_own = node.original.file_name() == node.inner.file_name();
    match has_its_own && !matches!(node.resource, Resource::Snapshot(_)) {
        true => node.original.clone(),
        false => match &node.resource {
            Resource::Snapshot(_) => node.original.join(format!("{}.sql", node.name)),
            _ => node.original.join(&node.inner),
        },
    }
}

/// Returns the SHA-256 of a text in hexadecimal.
pub(super) fn sha256(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
