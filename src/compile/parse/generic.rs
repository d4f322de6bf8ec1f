//! Nodes of generic tests: what `data_tests:` of a relation and its columns put to use.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_yaml::{Mapping, Value};

use super::{Parser, Placed, fqn};
use crate::compile::plan::{Config, Generic, Model, Node, Resource, Test};
use crate::compile::said::Recorded;
use crate::compile::{tests, unrendered};
use crate::diagnostic::{Diagnostic, Place, Result, all_or_none};
use crate::jinja::Template;
use crate::project::nodes::Reference;
use crate::project::{Declared, TestUse};

/// Tests that dbt knows without rendering them: it notes no other macro for them.
const NOT_RENDERED: &[&str] = &["macro.dbt.test_not_null", "macro.dbt.test_unique"];

/// What dbt calls warnings of YAML that does not fit.
const UNKNOWN_TEST: &str = "GenericJSONSchemaValidationDeprecation";

/// What a test is put on.
#[derive(Clone)]
struct Target<'a> {
    /// Its unique id; that of nothing where there is no such node.
    id: &'a str,
    /// The section of the YAML file that declares it, as in `models.orders`.
    key: String,
    declared: &'a Declared,
    reference: Reference,
    /// The tags that its tests take over: those beside the configuration of a source, those of a column.
    tags: Vec<String>,
}

impl Parser<'_> {
    /// Adds the tests that a declaration puts on a node and its columns.
    pub(super) fn with_tests(&self, node: Node, declared: Option<&Declared>) -> Result<Vec<Node>> {
        let mut tests = match declared {
            Some(declared) => self.tests_of(&target(&node, declared))?,
            None => Vec::new(),
        };
        tests.push(node);
        Ok(tests)
    }

    /// Returns the tests of a description that describes nothing: they are kept, and not run.
    pub(super) fn stray_tests(&self, word: &str, declared: &Declared) -> Result<Vec<Node>> {
        self.tests_of(&Target {
            id: "",
            key: format!("{word}s.{}", declared.name),
            declared,
            reference: Reference::Ref {
                package: None,
                name: declared.name.clone(),
                version: None,
            },
            tags: Vec::new(),
        })
    }

    fn tests_of(&self, target: &Target<'_>) -> Result<Vec<Node>> {
        let declared = target.declared;
        let mut tests = Vec::new();
        let mut errors = Vec::new();
        let mut add = |test: Result<Node>| match test {
            Ok(test) => tests.push(test),
            Err(err) => errors.push(err),
        };
        for test in &declared.tests {
            add(self.generic(target, test, None));
        }
        for column in &declared.columns {
            let name = quoted(&column.name, &column.options, &declared.options);
            let target = Target {
                tags: column_tags(&target.tags, &column.options),
                ..target.clone()
            };
            for test in &column.tests {
                add(self.generic(&target, test, Some(&name)));
            }
        }
        all_or_none(errors)?;
        Ok(tests)
    }

    fn generic(&self, target: &Target<'_>, test: &TestUse, column: Option<&str>) -> Result<Node> {
        let package = &target.declared.package;
        match tests::unknown(self.dialect.library(), package, test) {
            Some(unknown) if self.project.is_ours() => return Err(unknown.into()),
            Some(unknown) => self.warn(UNKNOWN_TEST, &test.at, unknown.what()),
            None => {}
        }
        let test = self.rendered(test, package)?;
        let tested = tests::column_of(&test, column);
        let names = tests::names(&test, &target.reference, tested);
        let call = tests::call(&test, &target.reference, tested);
        let template = Template::within(package, &test.at, &call);
        let generic = Generic {
            on: target.reference.clone(),
            on_id: target.id.to_owned(),
            key: target.key.clone(),
            column: column.map(str::to_owned),
            call,
            test: test.clone(),
        };
        let resource = Resource::Test(Box::new(Test {
            template,
            generic: Some(generic),
        }));
        let original = &target.declared.original;
        let below: PathBuf = original.components().skip(1).collect();
        let mut node = Node {
            id: format!(
                "test.{package}.{}.{}",
                names.full,
                tests::hash(&test, &names.full, (&target.reference, tested))
            ),
            fqn: fqn(package, &crate::project::folders(&below), &[&names.full]),
            name: names.full,
            package: package.clone(),
            path: target.declared.at.file.clone(),
            original: original.clone(),
            inner: PathBuf::from(format!("{}.sql", names.short)),
            description: test.description.clone(),
            ..Node::new(resource, test.at.clone())
        };
        self.settle_test(&mut node, (&test, &names.short))?;
        let mut tags = [&*target.tags, &Config::of(&test.config).texts("tags")].concat();
        tags.sort();
        tags.extend(node.config.texts("tags"));
        let mut seen = BTreeSet::new();
        tags.retain(|tag| seen.insert(tag.clone()));
        node.tags = tags;
        node.relation = Some(self.namer.relation(&node)?);
        Ok(node)
    }

    /// Resolves the configuration and the references of a test.
    fn settle_test(&self, node: &mut Node, (test, short): (&TestUse, &str)) -> Result<()> {
        let mut own = test.config.clone();
        if short != node.name && !own.contains_key("alias") {
            own.insert(Value::string("alias".into()), Value::string(short.into()));
        }
        let (package, fqn) = (node.package.clone(), node.fqn.clone());
        let placed = Placed {
            trees: &["tests", "data_tests"],
            package: &package,
            fqn: &fqn,
        };
        let known = self.config(&placed, &[&own]);
        let recorded = self.hear_test(node, &known)?;
        node.references = recorded.references;
        node.macros = recorded.macros;
        let known_to_dbt = |id: &&String| NOT_RENDERED.contains(&id.as_str());
        let known_to_dbt = node.macros.iter().find(known_to_dbt).cloned();
        let is_rendered = known_to_dbt.is_none();
        node.config = match known_to_dbt {
            Some(id) => {
                node.macros = vec![id];
                known
            }
            // Its configuration is heard once more from the template that dbt makes of it: what adds up is there twice.
            None => self.config(&placed, &[&own, &recorded.config, &own]),
        };
        // What its macro says counts where the test itself says nothing.
        let written = match own.is_empty() {
            true => recorded.config,
            false if is_rendered => unrendered::of_test(&own),
            false => own.clone(),
        };
        node.unrendered = self.unrendered(&placed, (&Mapping::new(), &written));
        node.said = own;
        super::checked::check(node)
    }

    /// Hears what a test's macro refers to and says of it. dbt's own `not_null` and `unique` read what they test, and nothing else:
    /// they are the most of all tests, and are not rendered for that.
    fn hear_test(&self, node: &Node, known: &Config) -> Result<Recorded> {
        let Resource::Test(test) = &node.resource else {
            return Ok(Recorded::default());
        };
        if let Some(generic) = &test.generic
            && generic.test.arguments.is_empty()
            && let Some(found) = tests::found(self.dialect.library(), &node.package, &generic.test)
            && NOT_RENDERED.contains(&found.id().as_str())
        {
            return Ok(Recorded {
                references: vec![generic.on.clone()],
                macros: vec![found.id()],
                ..Recorded::default()
            });
        }
        self.listen(node, &test.template, known).place(&node.at)
    }

    /// Renders the texts of a test's configuration that hold Jinja; what comes to nothing says nothing.
    fn rendered(&self, test: &TestUse, package: &str) -> Result<TestUse> {
        let mut test = test.clone();
        for value in test.config.values_mut() {
            let Value::String(text, _) = &*value else {
                continue;
            };
            if crate::jinja::is_template(text) {
                let evaluated = self.dialect.evaluate(package, text, self.scope(package));
                // The text's own places are of no file.
                let evaluated = evaluated.map_err(|err| match err.downcast::<Diagnostic>() {
                    Ok(inner) => Diagnostic::project(inner.what()).at(&test.at).into(),
                    Err(other) => other,
                })?;
                *value = serde_yaml::to_value(crate::jinja::to_json(&evaluated))?;
            }
        }
        test.config.retain(|_, value| !value.is_null());
        Ok(test)
    }
}

fn target<'a>(node: &'a Node, declared: &'a Declared) -> Target<'a> {
    let version = match &node.resource {
        Resource::Model(model) => version_of(model),
        _ => None,
    };
    let reference = match &node.resource {
        Resource::Source { source, .. } => Reference::Source {
            source: source.clone(),
            table: node.name.clone(),
        },
        _ => Reference::Ref {
            package: None,
            name: node.name.clone(),
            version,
        },
    };
    let tags = match &node.resource {
        Resource::Source { about, .. } => [&*about.tags, &declared.tags].concat(),
        _ => Vec::new(),
    };
    let key = match &node.resource {
        Resource::Source { source, .. } => format!("sources.{source}"),
        resource => format!("{}s.{}", resource.word(), node.name),
    };
    Target {
        id: &node.id,
        key,
        declared,
        reference,
        tags,
    }
}

fn version_of(model: &Model) -> Option<String> {
    model.version.as_ref().map(super::described::version_text)
}

/// Quotes a column's name where its declaration, or that of its relation, asks for it.
fn quoted(name: &str, column: &Mapping, relation: &Mapping) -> String {
    let asks = |options: &Mapping, key: &str| options.get(key).and_then(Value::as_bool);
    match asks(column, "quote").or(asks(relation, "quote_columns")) {
        Some(true) => crate::engine::quote(name),
        _ => name.to_owned(),
    }
}

/// Adds the tags of a column to those of its relation.
fn column_tags(tags: &[String], column: &Mapping) -> Vec<String> {
    let nested = column.get("config").and_then(Value::as_mapping);
    let own = [Some(column), nested].into_iter().flatten();
    let own = own.flat_map(|options| Config::of(options).texts("tags"));
    tags.iter().cloned().chain(own).collect()
}
