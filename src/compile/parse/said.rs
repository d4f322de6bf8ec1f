//! Nodes that a declaration makes by itself: exposures, unit tests, the semantic layer, and those that dbt does not have.

use serde_yaml::{Mapping, Value};

use super::described::Described;
use super::{Parser, Placed, fqn, named_in};
use crate::compile::plan::{Config, Node, Resource};
use crate::compile::semantic;
use crate::compile::semantic::measures::{self, names};
use crate::diagnostic::{Diagnostic, Result, nearest};
use crate::project::nodes::{Export, FeatureView, MlModel, Reference, Report};
use crate::project::{Declared, Package, UnitTest};

/// What a declaration makes.
pub(super) enum Kind<'a> {
    Exposure(&'a Declared),
    Metric(&'a Declared),
    SemanticModel(&'a Declared),
    /// A model whose entry declares a semantic model and its metrics.
    Modelled(&'a Declared),
    SavedQuery(&'a Declared),
    UnitTest(&'a Declared, &'a UnitTest),
    FeatureView(&'a Declared, &'a FeatureView),
    MlModel(&'a Declared, &'a MlModel),
    Export(&'a Declared, &'a Export),
    Report(&'a Declared, &'a Report),
}

/// Returns what the declarations of a package make.
pub(super) fn kinds(package: &Package) -> Vec<Kind<'_>> {
    let resources = &package.resources;
    let mut kinds: Vec<Kind<'_>> = Vec::new();
    kinds.extend(resources.exposures.iter().map(Kind::Exposure));
    kinds.extend(resources.metrics.iter().map(Kind::Metric));
    kinds.extend(resources.semantic_models.iter().map(Kind::SemanticModel));
    kinds.extend(resources.saved_queries.iter().map(Kind::SavedQuery));
    let models = resources.models.iter();
    let modelled = models.filter(|model| model.options.contains_key("semantic_model"));
    kinds.extend(modelled.map(Kind::Modelled));
    kinds.extend(
        resources
            .unit_tests
            .iter()
            .map(|(a, b)| Kind::UnitTest(a, b)),
    );
    kinds.extend(
        resources
            .feature_views
            .iter()
            .map(|(a, b)| Kind::FeatureView(a, b)),
    );
    kinds.extend(resources.ml_models.iter().map(|(a, b)| Kind::MlModel(a, b)));
    kinds.extend(resources.exports.iter().map(|(a, b)| Kind::Export(a, b)));
    kinds.extend(resources.reports.iter().map(|(a, b)| Kind::Report(a, b)));
    kinds
}

impl Parser<'_> {
    pub(super) fn said(&self, kind: &Kind<'_>, described: &Described<'_>) -> Result<Vec<Node>> {
        match kind {
            Kind::Exposure(declared) => {
                checked_exposure(declared)?;
                self.exposure(declared)
            }
            Kind::Metric(declared) => {
                semantic::check_name(declared)?;
                match semantic::standing_alone(declared)? {
                    Some(metric) => self.metric(&metric),
                    None => self.old_metric(declared),
                }
            }
            Kind::SemanticModel(declared) => {
                let mut nodes = self.semantic_model(declared)?;
                for metric in measures::metrics_of(declared, &nodes[0].config) {
                    nodes.extend(self.old_metric(&metric)?);
                }
                Ok(nodes)
            }
            Kind::Modelled(model) => match semantic::said_in(model)? {
                Some(declared) => {
                    let mut nodes = self.semantic_model(&declared)?;
                    for metric in semantic::metrics_of(model)? {
                        nodes.extend(self.metric(&metric)?);
                    }
                    Ok(nodes)
                }
                None => Ok(Vec::new()),
            },
            Kind::SavedQuery(declared) => {
                let metrics = strings_at(declared, &["query_params", "metrics"]);
                let references = metrics.into_iter().map(metric).collect();
                let mut nodes = self.only_said(declared, Resource::SavedQuery, references)?;
                for node in &mut nodes {
                    node.tags = strings_at(declared, &["tags"]);
                    node.tags.extend(node.config.texts("tags"));
                    node.tags.sort();
                    node.tags.dedup();
                }
                Ok(nodes)
            }
            Kind::UnitTest(declared, test) => self.unit_tests(declared, test, described),
            Kind::FeatureView(declared, view) => {
                let resource = Resource::FeatureView(Box::new((*view).clone()));
                self.maker(declared, resource, vec![view.from.clone()])
            }
            Kind::MlModel(declared, model) => {
                let resource = Resource::MlModel(Box::new((*model).clone()));
                let read = [&model.from].into_iter().chain(&model.score).cloned();
                self.maker(declared, resource, read.collect())
            }
            Kind::Export(declared, export) => {
                let references = export.tables.iter().map(|table| table.from.clone());
                let resource = Resource::Export(Box::new((*export).clone()));
                self.only_said(declared, resource, references.collect())
            }
            Kind::Report(declared, report) => {
                let mut references = named_in(&report.text);
                references.extend(report.profile.iter().map(|profile| profile.from.clone()));
                let resource = Resource::Report(Box::new((*report).clone()));
                let mut nodes = self.only_said(declared, resource, references)?;
                nodes[0].path.clone_from(&report.file);
                Ok(nodes)
            }
        }
    }

    /// Drafts an exposure, whose tags are those of all places, sorted; `meta` of the project's file counts for it without a `+`, too.
    fn exposure(&self, declared: &Declared) -> Result<Vec<Node>> {
        let package = self.packages.get(declared.package.as_str());
        let tree = package.and_then(|package| package.config.get("exposures"));
        let shared = tree.and_then(|tree| tree.get("meta")?.as_mapping());
        let references = texts_at(declared, &["depends_on"]);
        let mut nodes = self.only_said(declared, Resource::Exposure, references)?;
        for node in &mut nodes {
            if node.config.values.get("tags").is_some_and(Value::is_null) {
                let what = format!("`tags` of the exposure `{}` is null", node.name);
                let hint = "write a list, or take `tags` out of the project's file";
                return Err(Diagnostic::project(what).at(&node.at).hint(hint).into());
            }
            let mut config = Config::default();
            config.lay(
                &shared
                    .map(|meta| of("meta", Value::mapping(meta.clone())))
                    .unwrap_or_default(),
            );
            config.lay(&node.config.values);
            node.config.values = config.values;
            node.tags = [declared.tags.clone(), node.config.texts("tags")].concat();
            node.tags.sort();
            node.tags.dedup();
            let tags = node.tags.iter().cloned().map(Value::string).collect();
            node.config.values.extend(of("tags", Value::sequence(tags)));
        }
        Ok(nodes)
    }

    fn semantic_model(&self, declared: &Declared) -> Result<Vec<Node>> {
        let references = texts_at(declared, &["model"]);
        let mut nodes = self.only_said(declared, Resource::SemanticModel, references)?;
        for node in &mut nodes {
            semantic::share_meta(&mut node.options, &node.config.values);
        }
        Ok(nodes)
    }

    fn metric(&self, declared: &Declared) -> Result<Vec<Node>> {
        self.only_said(declared, Resource::Metric, metric_inputs(declared))
    }

    /// Drafts a metric of the first form, which repeats `meta` of its configuration beside it.
    fn old_metric(&self, declared: &Declared) -> Result<Vec<Node>> {
        let mut nodes = self.metric(declared)?;
        for node in &mut nodes {
            node.tags = strings_at(declared, &["tags"]);
            if let Some(meta @ Value::Mapping(map, _)) = node.config.values.get("meta")
                && !map.is_empty()
            {
                node.options
                    .insert(Value::string("meta".into()), meta.clone());
            }
        }
        Ok(nodes)
    }

    /// Drafts a node that makes a relation of others: a feature view or an ML model.
    fn maker(
        &self,
        declared: &Declared,
        resource: Resource,
        read: Vec<Reference>,
    ) -> Result<Vec<Node>> {
        let mut node = self.configured_node(declared, resource, &[]);
        node.references = read;
        node.relation = Some(self.namer.relation(&node)?);
        self.with_tests(node, Some(declared))
    }

    /// Drafts a node that makes no relation.
    fn only_said(
        &self,
        declared: &Declared,
        resource: Resource,
        references: Vec<Reference>,
    ) -> Result<Vec<Node>> {
        let mut node = self.configured_node(declared, resource, &[]);
        super::checked::check_enabled(&node)?;
        node.references = references;
        node.unrendered.clone_from(&declared.unrendered);
        Ok(vec![node])
    }

    /// Drafts a unit test; of a model with versions, one for each that it tests.
    fn unit_tests(
        &self,
        declared: &Declared,
        test: &UnitTest,
        described: &Described<'_>,
    ) -> Result<Vec<Node>> {
        let mut test = test.clone();
        for given in test.without_rows() {
            given.rows.dicts = super::fixture::of_seed(self.project, &declared.package, given)?;
        }
        let test = &test;
        let versions = described.versions_of(&declared.package, &test.model);
        if versions.is_empty() {
            return Ok(vec![self.unit_test(declared, test, None)?]);
        }
        let tested = versions
            .iter()
            .filter(|version| test.tests_version(version));
        let nodes = tested.map(|version| self.unit_test(declared, test, Some(version)));
        let nodes: Vec<Node> = nodes.collect::<Result<_>>()?;
        match nodes.is_empty() {
            false => Ok(nodes),
            true => {
                let what = format!(
                    "unit test `{}` tests no version of `{}`",
                    declared.name, test.model
                );
                Err(Diagnostic::project(what)
                    .at(&declared.at)
                    .hint(format!("its versions are: {}", versions.join(", ")))
                    .into())
            }
        }
    }

    fn unit_test(
        &self,
        declared: &Declared,
        test: &UnitTest,
        version: Option<&String>,
    ) -> Result<Node> {
        let resource = Resource::UnitTest(Box::new(test.clone()));
        let mut node = self.configured_node(declared, resource, &[&test.model]);
        let suffix = version.map(|version| format!("_v{version}"));
        node.id = format!(
            "unit_test.{}.{}.{}{}",
            declared.package,
            test.model,
            declared.name,
            suffix.unwrap_or_default()
        );
        node.references.push(Reference::Ref {
            package: None,
            name: test.model.clone(),
            version: version.cloned(),
        });
        for given in test
            .given
            .iter()
            .filter(|given| given.input.trim() != "this")
        {
            let named = named_in(&given.input);
            if named.is_empty() {
                let what = format!("`{}` is no input of a unit test", given.input);
                return Err(Diagnostic::project(what)
                    .at(&given.at)
                    .hint("write `ref('model')`, `source('source', 'table')` or `this`")
                    .into());
            }
            node.references.extend(named);
        }
        Ok(node)
    }

    fn configured_node(&self, declared: &Declared, resource: Resource, middle: &[&str]) -> Node {
        let names = [middle, &[declared.name.as_str()]].concat();
        let fqn = fqn(&declared.package, &self.folders_of(declared), &names);
        let trees: &[&str] = match &resource {
            Resource::Exposure => &["exposures"],
            Resource::Metric => &["metrics"],
            Resource::SemanticModel => &["semantic-models"],
            Resource::SavedQuery => &["saved-queries"],
            Resource::UnitTest(_) => &["unit_tests"],
            Resource::FeatureView(_) => &["feature_views"],
            Resource::MlModel(_) => &["ml_models"],
            Resource::Export(_) => &["exports"],
            _ => &["reports"],
        };
        let mut node = self.declared_node(declared, resource, fqn);
        let placed = Placed {
            trees,
            package: &declared.package,
            fqn: &node.fqn,
        };
        node.config = self.config(&placed, &[&declared.config]);
        node
    }
}

fn of(key: &str, value: Value) -> Mapping {
    std::iter::once((Value::string(key.into()), value)).collect()
}

fn metric(name: String) -> Reference {
    Reference::Metric {
        package: None,
        name,
    }
}

/// Finds the references in the texts at a path of keys.
fn texts_at(declared: &Declared, path: &[&str]) -> Vec<Reference> {
    let texts = strings_at(declared, path);
    texts.iter().flat_map(|text| named_in(text)).collect()
}

/// Returns the texts at a path of keys: one, or a list of them; of mappings their `name`.
fn strings_at(declared: &Declared, path: &[&str]) -> Vec<String> {
    let mut value = declared.options.get(path[0]);
    for key in &path[1..] {
        value = value.and_then(|value| value.get(*key));
    }
    value.map(names).unwrap_or_default()
}

/// Returns the metrics that a metric is made of.
fn metric_inputs(declared: &Declared) -> Vec<Reference> {
    let paths: &[&[&str]] = &[
        &["type_params", "numerator"],
        &["type_params", "denominator"],
        &["type_params", "metrics"],
        &["type_params", "cumulative_type_params", "metric"],
        &["type_params", "conversion_type_params", "base_metric"],
        &["type_params", "conversion_type_params", "conversion_metric"],
    ];
    let names = paths.iter().flat_map(|path| strings_at(declared, path));
    names.map(metric).collect()
}

/// Refuses an exposure without the keys that dbt requires.
fn checked_exposure(declared: &Declared) -> Result<()> {
    const TYPES: &[&str] = &["dashboard", "notebook", "analysis", "ml", "application"];
    let wrong = |what: String| Diagnostic::project(what).at(&declared.at);
    let name = &declared.name;
    let Some(kind) = declared.options.get("type").map(names) else {
        return Err(wrong(format!("exposure `{name}` has no `type`"))
            .hint(format!("use one of: {}", TYPES.join(", ")))
            .into());
    };
    let kind = kind.concat();
    if !TYPES.contains(&kind.as_str()) {
        let hint = nearest(&kind, TYPES.iter().copied()).map_or_else(
            || format!("use one of: {}", TYPES.join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        return Err(wrong(format!("`{kind}` is no type of exposure"))
            .hint(hint)
            .into());
    }
    match declared.options.contains_key("owner") {
        true => Ok(()),
        false => Err(wrong(format!("exposure `{name}` has no `owner`"))
            .hint("add `owner: {name: …, email: …}`")
            .into()),
    }
}
