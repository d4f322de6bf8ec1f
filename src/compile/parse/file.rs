//! Nodes that a file makes: models, seeds, snapshots, analyses, singular tests, functions.

use std::path::{Path, PathBuf};

use serde_yaml::{Mapping, Value};

use super::described::{Described, Kind, defined_in, latest, version_text};
use super::{Parser, Placed, batched, fqn, named_in, python};
use crate::compile::configured::single;
use crate::compile::plan::{Body, Config, Function, Model, Node, Resource, Test};
use crate::compile::unrendered;
use crate::diagnostic::{At, Diagnostic, Place, Result};
use crate::jinja::{BlockKind, Source, Template, blocks};
use crate::project::nodes::Reference;
use crate::project::{Declared, SourceFile};

impl Parser<'_> {
    pub(super) fn model(&self, file: &SourceFile, described: &Described<'_>) -> Result<Vec<Node>> {
        let versioned = described.version(file);
        let declared = match versioned {
            Some((_, version)) => Some(&version.declared),
            None => described.find(Kind::Model, &file.package, &file.stem()),
        };
        let body = self.body(file)?;
        let resource = Resource::Model(Box::new(Model {
            body,
            version: versioned.map(|(_, version)| version.version.clone()),
            latest: versioned.and_then(|(model, _)| latest(model)),
        }));
        let mut node = self.node(file, resource, declared);
        if let Some((model, version)) = versioned {
            let suffix = format!("v{}", version_text(&version.version));
            node.id = format!("model.{}.{}.{suffix}", file.package, model.name);
            node.name.clone_from(&model.name);
            node.fqn.pop();
            node.fqn.extend([model.name.clone(), suffix]);
        }
        let said = self.hear(&mut node, &["models"], declared)?;
        if node.config.text("materialized").is_none() {
            let default = match said.is_program {
                true => "table",
                false => "view",
            };
            node.config.lay(&single("materialized", default));
        }
        self.listen_to_hooks(&mut node)?;
        batched::check(&node, self.dialect.library())?;
        let keys = foreign_keys(&node);
        node.references.extend(keys);
        node.relation = Some(self.namer.relation(&node)?);
        self.with_tests(node, declared)
    }

    fn body(&self, file: &SourceFile) -> Result<Body> {
        let language = match file.suffix().as_str() {
            "py" => "python",
            "js" => "javascript",
            _ => {
                let template =
                    self.dialect
                        .compile_trimmed(&file.package, file.path.clone(), &file.text)?;
                return Ok(Body::Sql(Box::new(template)));
            }
        };
        Ok(Body::Other {
            language,
            text: file.text.as_str().into(),
        })
    }

    /// Hears what a node's text says and resolves its configuration.
    fn hear(&self, node: &mut Node, trees: &[&str], declared: Option<&Declared>) -> Result<Heard> {
        let nothing = Mapping::new();
        let patch = declared.map_or(&nothing, |declared| &declared.config);
        // Whatever is configured for its folder, a program makes a table unless it is described, or says itself, otherwise.
        let mut of_program = single("materialized", "table");
        let patch = match super::super::body(node) {
            Some(Body::Other { language, .. }) if *language == "python" => {
                of_program.extend(patch.clone());
                &of_program
            }
            _ => patch,
        };
        let fqn = node.fqn.clone();
        let package = node.package.clone();
        let placed = Placed {
            trees,
            package: &package,
            fqn: &fqn,
        };
        let known = self.config(&placed, &[patch]);
        let (recorded, is_program) = match super::super::body(node) {
            Some(Body::Other { language, text }) if *language == "python" => {
                (python::listen(text, &node.path)?, true)
            }
            Some(Body::Other { .. }) => (crate::compile::said::Recorded::default(), true),
            _ => match crate::compile::template(node).cloned() {
                Some(template) => (self.listen(node, &template, &known)?, false),
                None => (crate::compile::said::Recorded::default(), false),
            },
        };
        node.config = match recorded.config.is_empty() {
            true => known,
            false => self.config(&placed, &[patch, &recorded.config]),
        };
        let unpatched = self.config(&placed, &[&recorded.config]);
        node.tags = unique([&unpatched, &node.config]);
        if node.config.has_nulls() {
            node.config.fall_back(&unpatched);
            node.config.fall_back(&self.config(&placed, &[]));
        }
        let said = match crate::compile::template(node) {
            Some(template) => {
                let is_model = matches!(node.resource, Resource::Model(_));
                unrendered::said(template.text(), is_model, &recorded.config)
            }
            None => recorded.config.clone(),
        };
        let written = declared.map_or(&nothing, |declared| &declared.unrendered);
        let written = super::as_written(patch, written);
        node.unrendered = self.unrendered(&placed, (&written, &said));
        node.said = recorded.config;
        node.references.extend(recorded.references);
        node.macros = recorded.macros;
        super::checked::check(node)?;
        if let Some(warning) = super::checked::warning(node) {
            self.warn(warning.event, &warning.at, &warning.text);
        }
        Ok(Heard { is_program })
    }

    pub(super) fn analysis(
        &self,
        file: &SourceFile,
        described: &Described<'_>,
    ) -> Result<Vec<Node>> {
        let declared = described.find(Kind::Analysis, &file.package, &file.stem());
        let template = self.template(file)?;
        let mut node = self.node(file, Resource::Analysis(Box::new(template)), declared);
        let flag = self.project.flags.get("require_corrected_analysis_fqns");
        let tree = match flag.and_then(Value::as_bool) {
            Some(true) => "analyses",
            _ => {
                node.inner = Path::new("analysis").join(&file.inner);
                node.fqn.insert(1, "analysis".into());
                "models"
            }
        };
        self.hear(&mut node, &[tree], declared)?;
        Ok(vec![node])
    }

    pub(super) fn singular(
        &self,
        file: &SourceFile,
        described: &Described<'_>,
    ) -> Result<Vec<Node>> {
        let declared = described.find(Kind::Test, &file.package, &file.stem());
        let test = Test {
            template: self.template(file)?,
            generic: None,
        };
        let mut node = self.node(file, Resource::Test(Box::new(test)), declared);
        self.hear(&mut node, &["tests", "data_tests"], declared)?;
        node.relation = Some(self.namer.relation(&node)?);
        Ok(vec![node])
    }

    fn template(&self, file: &SourceFile) -> Result<Template> {
        self.dialect
            .compile_trimmed(&file.package, file.path.clone(), &file.text)
    }

    pub(super) fn seed(&self, file: &SourceFile, described: &Described<'_>) -> Result<Vec<Node>> {
        let declared = described.find(Kind::Seed, &file.package, &file.stem());
        let mut node = self.node(file, Resource::Seed, declared);
        node.checksum.clone_from(&file.checksum);
        self.hear(&mut node, &["seeds"], declared)?;
        self.listen_to_hooks(&mut node)?;
        if let Some(reference) = node.references.first() {
            let what = format!("a hook of the seed `{}` calls `{reference}`", node.name);
            return Err(Diagnostic::project(what)
                .at(&node.at)
                .hint("Seeds cannot depend on other nodes: write the name of the relation instead")
                .into());
        }
        node.relation = Some(self.namer.relation(&node)?);
        self.with_tests(node, declared)
    }

    pub(super) fn function(
        &self,
        file: &SourceFile,
        described: &Described<'_>,
    ) -> Result<Vec<Node>> {
        if described.is_overload(file) {
            return Ok(Vec::new());
        }
        let declared = described.find(Kind::Function, &file.package, &file.stem());
        let function = Function::of(self.body(file)?);
        let mut node = self.node(file, Resource::Function(function), declared);
        self.hear(&mut node, &["functions"], declared)?;
        self.take_overloads(&mut node)?;
        node.relation = Some(self.namer.relation(&node)?);
        match node.options.contains_key("returns") {
            true => {}
            // dbt's word where no YAML describes a function.
            false if node.patch.is_none() => {
                let returns = single("data_type", "INVALID_TYPE");
                node.options.insert("returns".into(), returns.into());
            }
            false => {
                let what = format!("function `{}` does not say what it returns", node.name);
                let hint = "write `returns: {data_type: …}` where its YAML describes it";
                return Err(Diagnostic::project(what).at(&node.at).hint(hint).into());
            }
        }
        super::checked::arguments(&node)?;
        Ok(vec![node])
    }

    /// Takes the files of a function's overloads: their texts, and what they refer to.
    fn take_overloads(&self, node: &mut Node) -> Result<()> {
        let names: Vec<String> = defined_in(&node.options).map(str::to_owned).collect();
        for (place, name) in names.iter().enumerate() {
            let packages = self.project.packages.iter();
            let mut files = packages.flat_map(|package| &package.functions);
            let own = |file: &&SourceFile| file.package == node.package && file.stem() == *name;
            let found = files.find(own).filter(|_| *name != node.name);
            let file = found.ok_or_else(|| {
                let what = format!(
                    "`{name}` is no other function, and an overload of `{}`",
                    node.name
                );
                Diagnostic::project(what).at(&node.at).hint(format!(
                    "write functions/{name}.sql, or take it out of `overloads:`"
                ))
            })?;
            let body = self.body(file)?;
            let raw = body.raw().to_owned();
            let mut heard = self.node(file, Resource::Function(Function::of(body.clone())), None);
            self.hear(&mut heard, &["functions"], None)?;
            for reference in heard.references {
                if !node.references.contains(&reference) {
                    node.references.push(reference);
                }
            }
            let listed = node.options.get_mut("overloads");
            let listed = listed.and_then(Value::as_sequence_mut);
            let overload = listed.and_then(|listed| listed.get_mut(place)?.as_mapping_mut());
            if let Some(overload) = overload {
                overload.insert("raw_body".into(), Value::string(raw));
            }
            if let Resource::Function(function) = &mut node.resource {
                function.overloads.push(body);
            }
        }
        Ok(())
    }

    /// Drafts the snapshots of a file of blocks.
    pub(super) fn snapshots(
        &self,
        file: &SourceFile,
        described: &Described<'_>,
    ) -> Result<Vec<Node>> {
        let source = Source::new(&file.package, &file.path, &file.text);
        let mut nodes = Vec::new();
        for block in blocks(&source)? {
            if block.kind != BlockKind::Snapshot {
                continue;
            }
            let template = self.dialect.compile_part(&source, block.body.clone())?;
            let declared = described.find(Kind::Snapshot, &file.package, &block.name);
            let mut node = self.node(file, Resource::Snapshot(Box::new(template)), declared);
            node.name.clone_from(&block.name);
            node.id = format!("snapshot.{}.{}", file.package, block.name);
            node.fqn.push(block.name.clone());
            node.at = block.at();
            nodes.extend(self.snapshot(node, declared)?);
        }
        Ok(nodes)
    }

    /// Drafts a snapshot that YAML makes of a relation.
    pub(super) fn written_snapshot(&self, declared: &Declared) -> Result<Vec<Node>> {
        let relation = declared.options.get("relation").and_then(Value::as_str);
        let relation = relation.unwrap_or_default();
        if named_in(relation).is_empty() {
            let what = format!(
                "`{relation}` is no relation for snapshot `{}`",
                declared.name
            );
            return Err(Diagnostic::project(what)
                .at(&declared.at)
                .hint("write `relation: ref('model')` or `relation: source('source', 'table')`")
                .into());
        }
        let text = format!("select * from {{{{ {relation} }}}}");
        let template = self
            .dialect
            .compile(&declared.package, declared.at.file.clone(), &text)?;
        let folders = self.folders_of(declared);
        let fqn = fqn(&declared.package, &folders, &[&declared.name]);
        let mut node = self.declared_node(declared, Resource::Snapshot(Box::new(template)), fqn);
        node.inner = PathBuf::from(format!("{}.sql", declared.name));
        node.patch = Some((declared.package.clone(), declared.original.clone()));
        self.snapshot(node, Some(declared))
    }

    fn snapshot(&self, mut node: Node, declared: Option<&Declared>) -> Result<Vec<Node>> {
        let at = node.at.clone();
        self.hear(&mut node, &["snapshots"], declared).place(&at)?;
        node.config.lay(&single("materialized", "snapshot"));
        checked_snapshot(&node.config, &node.name, &at)?;
        self.listen_to_hooks(&mut node)?;
        let named = self.namer.relation(&node)?;
        let schema = node.config.text("target_schema");
        let database = node.config.text("target_database").or(named.database);
        let schema = schema.unwrap_or(named.schema);
        node.relation = Some(self.namer.placed(database, schema, named.name));
        self.with_tests(node, declared)
    }
}

/// Returns the tags of configurations, each once, those of the first first.
pub(super) fn unique<'a>(configs: impl IntoIterator<Item = &'a Config>) -> Vec<String> {
    let mut tags = Vec::new();
    for tag in configs.into_iter().flat_map(|config| config.texts("tags")) {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

/// Returns what the foreign keys of a model and of its columns refer to.
fn foreign_keys(node: &Node) -> Vec<Reference> {
    let of_columns = node.columns.iter().map(|column| &column.options);
    let options = of_columns.chain([&node.options]);
    let constraints = options.filter_map(|options| options.get("constraints")?.as_sequence());
    let to = constraints
        .flatten()
        .filter_map(|constraint| constraint.get("to")?.as_str());
    to.flat_map(named_in).collect()
}

struct Heard {
    /// Whether the node is in another language than SQL.
    is_program: bool,
}

/// Refuses a snapshot whose configuration does not say how changes are known.
fn checked_snapshot(config: &Config, name: &str, at: &At) -> Result<()> {
    if config.flag("enabled") == Some(false) {
        return Ok(());
    }
    let has = |key: &str| config.values.get(key).is_some_and(|value| !value.is_null());
    let missing = match config.text("strategy").as_deref() {
        None => Some("strategy"),
        _ if !has("unique_key") => Some("unique_key"),
        Some("timestamp") if !has("updated_at") => Some("updated_at"),
        Some("check") if !has("check_cols") => Some("check_cols"),
        Some(_) => None,
    };
    match missing {
        None => Ok(()),
        Some(key) => Err(Diagnostic::project(format!("snapshot `{name}` has no `{key}`"))
            .at(at)
            .hint("a snapshot needs `strategy` and `unique_key`, and `updated_at` or `check_cols` with it")
            .into()),
    }
}
