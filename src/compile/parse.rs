//! From files and declarations to nodes: each template is compiled once and rendered once to hear what it
//! says of itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use minijinja::Value;
use regex::Regex;
use serde_yaml::Mapping;

use super::adapter::AdapterObject;
use super::configured::{configured, disabled, single};
use super::context;
use super::names::Namer;
use super::plan::{Config, Generic, Node, Plan, Resource, Test};
use super::relation::RelationObject;
use super::resolve::{Draft, resolve};
use super::said::{Recorded, Recorder};
use super::tests;
use crate::diagnostic::{At, Diagnostic, Place, Result, all_or_none};
use crate::engine::Relation;
use crate::jinja::{Dialect, Globals, Template};
use crate::project::nodes::Reference;
use crate::project::{Declared, Project, SourceFile, TestUse};

/// Drafts every node of the project and resolves their references.
pub(super) fn plan(project: &Project, dialect: &Dialect, shared: &Arc<Globals>) -> Result<Plan> {
    let parser = Parser {
        project,
        namer: Namer {
            project,
            dialect,
            shared,
        },
        dialect,
        shared,
    };
    let mut drafts = Vec::new();
    let mut errors = Vec::new();
    let mut take = |drafted: Result<Vec<Draft>>| match drafted {
        Ok(drafted) => drafts.extend(drafted),
        Err(err) => errors.push(err),
    };
    for file in &project.models {
        take(parser.model(file));
    }
    for file in &project.analyses {
        take(parser.analysis(file));
    }
    for file in &project.tests {
        take(parser.singular(file));
    }
    for file in &project.seeds {
        take(parser.seed(file));
    }
    for source in &project.resources.sources {
        for table in &source.tables {
            take(parser.source(source, table));
        }
    }
    for (declared, view) in &project.resources.feature_views {
        let resource = Resource::FeatureView(Box::new(view.clone()));
        take(parser.maker(declared, resource, vec![view.from.clone()]));
    }
    for (declared, model) in &project.resources.ml_models {
        let resource = Resource::MlModel(Box::new(model.clone()));
        let read = [&model.from].into_iter().chain(&model.score).cloned();
        take(parser.maker(declared, resource, read.collect()));
    }
    for (declared, export) in &project.resources.exports {
        let references = export
            .tables
            .iter()
            .map(|table| table.from.clone())
            .collect();
        take(parser.leaf(
            declared,
            Resource::Export(Box::new(export.clone())),
            references,
            "",
        ));
    }
    for (declared, report) in &project.resources.reports {
        let mut references = named_in(&report.text);
        references.extend(report.profile.iter().map(|profile| profile.from.clone()));
        take(parser.leaf(
            declared,
            Resource::Report(Box::new(report.clone())),
            references,
            &report.text,
        ));
    }
    errors.extend(parser.strays().err());
    all_or_none(errors)?;
    resolve(drafts)
}

pub(super) struct Parser<'a> {
    pub(super) project: &'a Project,
    pub(super) namer: Namer<'a>,
    pub(super) dialect: &'a Dialect,
    pub(super) shared: &'a Arc<Globals>,
}

impl Parser<'_> {
    fn fqn(&self, file: &SourceFile) -> Vec<String> {
        let folders = file.inner.parent().into_iter().flat_map(Path::components);
        let folders = folders.map(|part| part.as_os_str().to_string_lossy().into_owned());
        std::iter::once(file.package.clone())
            .chain(folders)
            .chain([file.stem()])
            .collect()
    }

    /// Compiles a template and renders it once to hear its references and configuration.
    pub(super) fn listen(
        &self,
        file: &SourceFile,
        text: &str,
        known: &Config,
    ) -> Result<(Template, Recorded)> {
        let template = self
            .dialect
            .compile(&file.package, file.path.clone(), text)?;
        let recorder = Arc::new(Recorder::default());
        let mut globals = Globals::over(self.shared).lenient();
        let this = RelationObject::value(
            &Relation::new(&self.project.warehouse.schema, file.stem()),
            None,
        );
        let adapter = AdapterObject {
            adapter: None,
            library: self.dialect.library().clone(),
            root: self.project.name.clone(),
        };
        context::parsing(&mut globals, &recorder, known, (this, adapter));
        globals.insert(
            "model",
            crate::jinja::dict([("name", Value::from(file.stem()))]),
        );
        self.dialect.render(&template, &Arc::new(globals))?;
        Ok((template, recorder.take()))
    }

    fn model(&self, file: &SourceFile) -> Result<Vec<Draft>> {
        let declared = self
            .project
            .resources
            .models
            .iter()
            .find(|declared| declared.name == file.stem());
        let mut config = configured(self.project, &["models"], &self.fqn(file));
        config.lay(
            &declared
                .map(|declared| declared.config.clone())
                .unwrap_or_default(),
        );
        let (template, recorded) = self.listen(file, &file.text, &config)?;
        config.lay(&recorded.config);
        if config.text("materialized").is_none() {
            config.lay(&single("materialized", "view"));
        }
        let mut node = self.node(file, Resource::Model(template), config, declared);
        node.said = recorded.config;
        node.relation = Some(self.namer.relation(&node.name, &node.config)?);
        self.with_tests(node, recorded.references, &file.text, declared)
    }

    fn analysis(&self, file: &SourceFile) -> Result<Vec<Draft>> {
        let mut config = configured(self.project, &["analyses"], &self.fqn(file));
        let (template, recorded) = self.listen(file, &file.text, &config)?;
        config.lay(&recorded.config);
        let mut node = self.node(file, Resource::Analysis(template), config, None);
        node.said = recorded.config;
        Ok(vec![draft(node, recorded.references, &file.text)])
    }

    fn singular(&self, file: &SourceFile) -> Result<Vec<Draft>> {
        let declared = self
            .project
            .resources
            .tests
            .iter()
            .find(|declared| declared.name == file.stem());
        let mut config = configured(self.project, &["tests", "data_tests"], &self.fqn(file));
        config.lay(
            &declared
                .map(|declared| declared.config.clone())
                .unwrap_or_default(),
        );
        let (template, recorded) = self.listen(file, &file.text, &config)?;
        config.lay(&recorded.config);
        let test = Test {
            template,
            generic: None,
        };
        let mut node = self.node(file, Resource::Test(Box::new(test)), config, declared);
        node.said = recorded.config;
        Ok(vec![draft(node, recorded.references, &file.text)])
    }

    fn seed(&self, file: &SourceFile) -> Result<Vec<Draft>> {
        let declared = self
            .project
            .resources
            .seeds
            .iter()
            .find(|declared| declared.name == file.stem());
        let mut config = configured(self.project, &["seeds"], &self.fqn(file));
        config.lay(
            &declared
                .map(|declared| declared.config.clone())
                .unwrap_or_default(),
        );
        let mut node = self.node(file, Resource::Seed, config, declared);
        node.relation = Some(self.namer.relation(&node.name, &node.config)?);
        self.with_tests(node, Vec::new(), "", declared)
    }

    fn source(
        &self,
        source: &crate::project::Source,
        table: &crate::project::SourceTable,
    ) -> Result<Vec<Draft>> {
        let declared = &table.declared;
        let fqn = self.declared_fqn(declared, &[&source.name]);
        let mut config = configured(self.project, &["sources"], &fqn);
        config.lay(&declared.config);
        let resource = Resource::Source {
            source: source.name.clone(),
            ingest: table.ingest.clone(),
        };
        let mut node = self.declared_node(declared, resource, config, fqn);
        node.id = format!(
            "source.{}.{}.{}",
            declared.package, source.name, declared.name
        );
        node.relation = Some(Relation {
            database: source.database.clone(),
            schema: source.schema.clone(),
            name: table.identifier.clone(),
        });
        self.with_tests(node, Vec::new(), "", Some(declared))
    }

    /// Drafts a node that makes a relation of others: a feature view or an ML model.
    fn maker(
        &self,
        declared: &Declared,
        resource: Resource,
        read: Vec<Reference>,
    ) -> Result<Vec<Draft>> {
        let fqn = self.declared_fqn(declared, &[]);
        let mut config = configured(self.project, &[&format!("{}s", resource.word())], &fqn);
        config.lay(&declared.config);
        let mut node = self.declared_node(declared, resource, config, fqn);
        node.relation = Some(self.namer.relation(&node.name, &node.config)?);
        self.with_tests(node, read, "", Some(declared))
    }

    /// Drafts a node that makes no relation: an export or a report.
    fn leaf(
        &self,
        declared: &Declared,
        resource: Resource,
        references: Vec<Reference>,
        text: &str,
    ) -> Result<Vec<Draft>> {
        let fqn = self.declared_fqn(declared, &[]);
        let mut config = configured(self.project, &[&format!("{}s", resource.word())], &fqn);
        config.lay(&declared.config);
        let mut node = self.declared_node(declared, resource, config, fqn);
        if let Resource::Report(report) = &node.resource {
            node.path = report.file.clone();
        }
        Ok(vec![draft(node, references, text)])
    }

    fn declared_fqn(&self, declared: &Declared, middle: &[&str]) -> Vec<String> {
        let inner = self
            .project
            .paths
            .models
            .iter()
            .find_map(|folder| declared.at.file.strip_prefix(folder).ok());
        let folders = inner
            .and_then(Path::parent)
            .into_iter()
            .flat_map(Path::components);
        let folders = folders.map(|part| part.as_os_str().to_string_lossy().into_owned());
        std::iter::once(declared.package.clone())
            .chain(folders)
            .chain(middle.iter().map(|word| (*word).to_owned()))
            .chain([declared.name.clone()])
            .collect()
    }

    fn declared_node(
        &self,
        declared: &Declared,
        resource: Resource,
        config: Config,
        fqn: Vec<String>,
    ) -> Node {
        Node {
            id: format!("{}.{}.{}", resource.word(), declared.package, declared.name),
            name: declared.name.clone(),
            package: declared.package.clone(),
            at: declared.at.clone(),
            path: declared.at.file.clone(),
            inner: declared.at.file.clone(),
            patch: None,
            description: declared.description.clone(),
            columns: declared.columns.clone(),
            relation: None,
            parents: BTreeSet::new(),
            references: Vec::new(),
            inputs: BTreeMap::new(),
            said: Mapping::new(),
            resource,
            config,
            fqn,
        }
    }

    pub(super) fn node(
        &self,
        file: &SourceFile,
        resource: Resource,
        config: Config,
        declared: Option<&Declared>,
    ) -> Node {
        Node {
            id: format!("{}.{}.{}", resource.word(), file.package, file.stem()),
            name: file.stem(),
            package: file.package.clone(),
            at: At::new(&file.path, 0, 0),
            path: file.path.clone(),
            inner: file.inner.clone(),
            patch: declared.map(|declared| declared.at.file.clone()),
            fqn: self.fqn(file),
            description: declared
                .map(|declared| declared.description.clone())
                .unwrap_or_default(),
            columns: declared
                .map(|declared| declared.columns.clone())
                .unwrap_or_default(),
            relation: None,
            parents: BTreeSet::new(),
            references: Vec::new(),
            inputs: BTreeMap::new(),
            said: Mapping::new(),
            resource,
            config,
        }
    }

    /// Adds the tests that a declaration puts on a node and its columns.
    fn with_tests(
        &self,
        node: Node,
        references: Vec<Reference>,
        text: &str,
        declared: Option<&Declared>,
    ) -> Result<Vec<Draft>> {
        let mut drafts = Vec::new();
        if let Some(declared) = declared {
            for test in &declared.tests {
                drafts.push(self.generic(&node, test, None)?);
            }
            for column in &declared.columns {
                for test in &column.tests {
                    drafts.push(self.generic(&node, test, Some(&column.name))?);
                }
            }
        }
        drafts.push(draft(node, references, text));
        Ok(drafts)
    }

    fn generic(&self, on: &Node, test: &TestUse, column: Option<&str>) -> Result<Draft> {
        let reference = match &on.resource {
            Resource::Source { source, .. } => Reference::Source {
                source: source.clone(),
                table: on.name.clone(),
            },
            _ => Reference::Ref {
                package: None,
                name: on.name.clone(),
                version: None,
            },
        };
        tests::require(self.dialect.library(), test)?;
        let names = tests::names(test, &reference, column);
        let call = tests::call(test, &reference, column);
        let file = SourceFile {
            package: on.package.clone(),
            path: test.at.file.clone(),
            inner: PathBuf::from(format!("{}.sql", names.short)),
            text: String::new(),
        };
        let mut fqn = on.fqn.clone();
        fqn.pop();
        fqn.push(names.short.clone());
        let mut config = configured(self.project, &["tests", "data_tests"], &fqn);
        config.lay(&test.config);
        if on.config.flag("enabled") == Some(false) {
            config.lay(&disabled());
        }
        let (template, recorded) = self.listen(&file, &call, &config).place(&test.at)?;
        let mut own = recorded.config;
        own.extend(test.config.clone());
        config.lay(&own);
        let said = own;
        let generic = Generic {
            test: test.clone(),
            on: reference,
            column: column.map(str::to_owned),
            call: call.clone(),
        };
        let resource = Resource::Test(Box::new(Test {
            template,
            generic: Some(generic),
        }));
        let mut node = self.node(&file, resource, config, None);
        node.id = format!(
            "test.{}.{}.{}",
            on.package,
            names.full,
            &context::md5(&call)[..10]
        );
        node.name = names.short;
        node.fqn = fqn;
        node.said = said;
        node.at = test.at.clone();
        Ok(draft(node, recorded.references, ""))
    }

    /// Refuses descriptions of models that do not exist: most often a slip of the keys.
    fn strays(&self) -> Result<()> {
        let mut errors = Vec::new();
        let names: Vec<String> = self.project.models.iter().map(SourceFile::stem).collect();
        for declared in &self.project.resources.models {
            if !names.contains(&declared.name) {
                let err = Diagnostic::project(format!(
                    "there is no model `{}` to describe",
                    declared.name
                ))
                .at(&declared.at);
                let near =
                    crate::diagnostic::nearest(&declared.name, names.iter().map(String::as_str));
                errors.push(match near {
                    Some(near) => err.hint(format!("did you mean `{near}`?")).into(),
                    None => err
                        .hint("add its .sql file, or take the description out")
                        .into(),
                });
            }
        }
        all_or_none(errors)
    }
}

fn draft(node: Node, references: Vec<Reference>, text: &str) -> Draft {
    Draft {
        node,
        references,
        text: text.into(),
    }
}

/// Finds the calls of `ref` and `source` in a report's text.
fn named_in(text: &str) -> Vec<Reference> {
    #[expect(
        clippy::unwrap_used,
        reason = "the pattern is a constant that a test compiles"
    )]
    static CALL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"\b(ref|source)\(\s*['"]([^'"]+)['"]\s*(?:,\s*['"]([^'"]+)['"]\s*)?\)"#)
            .unwrap()
    });
    let read = |found: regex::Captures<'_>| {
        let word = |group: usize| found.get(group).map(|word| word.as_str().to_owned());
        match (&found[1], word(2), word(3)) {
            ("ref", Some(name), None) => Some(Reference::Ref {
                package: None,
                name,
                version: None,
            }),
            ("ref", package, Some(name)) => Some(Reference::Ref {
                package,
                name,
                version: None,
            }),
            (_, Some(source), Some(table)) => Some(Reference::Source { source, table }),
            _ => None,
        }
    };
    CALL.captures_iter(text).filter_map(read).collect()
}
