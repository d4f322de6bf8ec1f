//! Unit tests: the SQL of a model over given rows in place of what it reads.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use minijinja::Value;
use regex::Regex;
use serde_yaml::Mapping;

use super::adapter::Adapter;
use super::context::from_yaml;
use super::ephemeral;
use super::parse::named_in;
use super::plan::{Config, Index, Node, Resource};
use super::relation::RelationObject;
use super::runtime::runtime_config;
use super::said::{Answer, ConfigObject, Referrer, ref_arguments, source_arguments};
use super::{Compiled, template};
use crate::diagnostic::{Diagnostic, Place, Result};
use crate::jinja::{self, Globals};
use crate::project::nodes::Reference;
use crate::project::{Given, RowFormat, Rows, UnitTest};

/// A unit test as its materialization takes it.
pub struct UnitSql {
    /// The model's SQL over the given rows.
    pub sql: String,
    /// The queries of the given rows, by the name of what they stand for.
    pub fixtures: Vec<(String, String)>,
    /// What the materialization's macro may name; `config` has the rows that are expected.
    pub globals: Globals,
}

impl Compiled {
    /// Renders a unit test.
    ///
    /// # Errors
    /// `Project` with the place of rows that do not fit, or of the template.
    pub fn unit_test(&self, index: Index, adapter: &Arc<dyn Adapter>) -> Result<UnitSql> {
        let node = &self.plan.nodes[index];
        let Resource::UnitTest(test) = &node.resource else {
            return Err(Diagnostic::project(format!("`{}` is no unit test", node.name)).into());
        };
        let bench = Bench {
            compiled: self,
            node,
            test,
            model: tested(node, test)?,
            adapter,
        };
        let mut stand_ins = BTreeMap::new();
        let (mut ctes, mut fixtures) = (Vec::new(), Vec::new());
        for given in &test.given {
            let (input, name) = bench.input(given)?;
            let sql = bench.fixture(input, &given.rows).place(&given.rows.at)?;
            fixtures.push((self.plan.nodes[input].name.clone(), sql.clone()));
            ctes.push((name.clone(), sql));
            stand_ins.insert(input, name);
        }
        let globals = Arc::new(bench.globals(&stand_ins));
        let model = &self.plan.nodes[bench.model];
        let Some(template) = template(model) else {
            let what = format!("`{}` is not written in SQL", model.name);
            return Err(Diagnostic::project(what).at(&node.at).into());
        };
        let body = self.dialect.render(template, &globals)?;
        let borrowed = ctes.iter().map(|(name, sql)| (name.clone(), sql.as_str()));
        let borrowed: Vec<_> = borrowed.collect();
        Ok(UnitSql {
            sql: ephemeral::inject(body.trim(), &borrowed),
            fixtures,
            globals: bench.materialization_globals()?,
        })
    }
}

/// Returns the model that a unit test is of.
fn tested(node: &Node, test: &UnitTest) -> Result<Index> {
    let found = node.inputs.iter().find(|(reference, _)| {
        matches!(reference, Reference::Ref { name, package: None, .. } if *name == test.model)
    });
    found.map(|(_, index)| *index).ok_or_else(|| {
        Diagnostic::project(format!("there is no model `{}`", test.model))
            .at(&node.at)
            .into()
    })
}

struct Bench<'a> {
    compiled: &'a Compiled,
    node: &'a Node,
    test: &'a UnitTest,
    model: Index,
    adapter: &'a Arc<dyn Adapter>,
}

impl Bench<'_> {
    fn node_of(&self, index: Index) -> &Node {
        &self.compiled.plan.nodes[index]
    }

    /// Returns what an entry of `given` stands for, and the name of the common table expression of its rows.
    fn input(&self, given: &Given) -> Result<(Index, String)> {
        let index = match given.input.trim() {
            "this" => self.model,
            written => {
                let named = named_in(written);
                let found = named.iter().find_map(|name| self.node.inputs.get(name));
                *found.ok_or_else(|| {
                    Diagnostic::project(format!("there is no `{written}`")).at(&given.at)
                })?
            }
        };
        let node = self.node_of(index);
        let name = match &node.resource {
            Resource::Source { source, .. } => format!("__dbt__cte__{source}__{}", node.name),
            _ if index == self.model => {
                let alias = node
                    .relation
                    .as_ref()
                    .map_or(&node.name, |found| &found.name);
                format!("__dbt__cte__{alias}")
            }
            _ => ephemeral::name(node),
        };
        Ok((index, name))
    }

    /// Returns the query of given rows; types are those of the columns of what they stand for.
    fn fixture(&self, input: Index, rows: &Rows) -> Result<String> {
        let compiled = self.compiled;
        let node = self.node_of(input);
        let mut globals = compiled.globals(input, Some(self.adapter.clone()));
        if node.relation.is_none() || super::is_ephemeral(node) {
            globals.insert("this", Value::from(&node.name));
        }
        let globals = Arc::new(globals);
        if rows.format == RowFormat::Sql {
            let template =
                compiled
                    .dialect
                    .compile(&self.node.package, self.node.path.clone(), &rows.text)?;
            let sql = compiled.dialect.render(&template, &globals)?;
            return Ok(sql.trim().to_owned());
        }
        let args = [dicts(rows)?, Value::from(())];
        let root = &self.node.package;
        let made = compiled
            .dialect
            .call(root, "get_fixture_sql", (&args, &[]), &globals)?;
        Ok(jinja::text(&made).trim().to_owned())
    }

    /// Returns what the model's template may name: its inputs are common table expressions, and the overrides hold.
    fn globals(&self, stand_ins: &BTreeMap<Index, String>) -> Globals {
        let compiled = self.compiled;
        let mut globals = compiled.globals(self.model, Some(self.adapter.clone()));
        let relation = |name: &String| Value::from_object(RelationObject::ephemeral(name));
        let inputs = self.node_of(self.model).inputs.iter();
        let known = inputs.filter_map(|(reference, input)| {
            Some((reference.clone(), relation(stand_ins.get(input)?)))
        });
        let known = Arc::new(known.collect::<BTreeMap<_, _>>());
        for (name, read) in [
            ("ref", ref_arguments as fn(&[Value]) -> _),
            ("source", source_arguments),
        ] {
            let answer = Answer::Given(known.clone());
            let config = runtime_config(&globals);
            let referrer = Referrer {
                read,
                answer,
                config,
            };
            globals.insert(name, Value::from_object(referrer));
        }
        let this = stand_ins.get(&self.model);
        globals.insert("this", this.map_or(Value::from(()), relation));
        self.override_in(&mut globals);
        globals
    }

    fn override_in(&self, globals: &mut Globals) {
        for (name, own) in [("var", &self.test.vars), ("env_var", &self.test.env_vars)] {
            if !own.is_empty() {
                let base = globals.get(name).cloned().unwrap_or_default();
                globals.insert(name, jinja::overlaid(base, named(own)));
            }
        }
        let mut macros = named(&self.test.macros);
        macros
            .entry("is_incremental".to_owned())
            .or_insert(Value::from(false));
        let library = self.compiled.dialect.library();
        let mut packages: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
        for (name, value) in macros {
            let (package, own) = match name.split_once('.') {
                Some((package, own)) => (Some(package.to_owned()), own.to_owned()),
                None => (None, name),
            };
            let is_macro = package.is_some() || library.find(&self.node.package, &own).is_some();
            let answer = match is_macro {
                true => jinja::answering(value),
                false => value,
            };
            if package.as_deref().is_none_or(|package| package == "dbt") {
                globals.overrule(own.clone(), answer.clone());
            }
            let package = package.unwrap_or_else(|| "dbt".into());
            packages.entry(package).or_default().insert(own, answer);
        }
        for (package, own) in packages {
            let base = library.value(&self.node.package, &package);
            globals.overrule(package, jinja::overlaid(base.unwrap_or_default(), own));
        }
    }

    /// Returns what the materialization may name: the test has a relation of its own, and its configuration.
    fn materialization_globals(&self) -> Result<Globals> {
        let mut globals = self
            .compiled
            .globals(self.model, Some(self.adapter.clone()));
        let model = self.node_of(self.model);
        if let Some(relation) = &model.relation {
            let own = relation.with_name(&self.node.name);
            globals.insert(
                "this",
                Value::from_object(RelationObject::new(&own).with_quoting(model.quoted)),
            );
        }
        let about = [
            ("name", Value::from(&self.node.name)),
            ("unique_id", Value::from(&self.node.id)),
            ("resource_type", Value::from("unit_test")),
            ("package_name", Value::from(&self.node.package)),
        ];
        globals.insert("model", jinja::dict(about));
        let expect = &self.test.expect;
        let (rows, sql) = match expect.format {
            RowFormat::Sql => (jinja::list(Vec::<Value>::new()), Value::from(&expect.text)),
            _ => (dicts(expect).place(&expect.at)?, Value::from(())),
        };
        let mut known = Config::default();
        for (key, value) in [("expected_rows", rows), ("expected_sql", sql)] {
            let value = serde_yaml::to_value(jinja::to_json(&value))?;
            known
                .values
                .insert(serde_yaml::Value::string(key.into()), value);
        }
        let recorder = None;
        globals.insert(
            "config",
            Value::from_object(ConfigObject { recorder, known }),
        );
        Ok(globals)
    }
}

fn named(mapping: &Mapping) -> BTreeMap<String, Value> {
    let entries = mapping.iter();
    entries
        .filter_map(|(name, value)| Some((name.as_str()?.to_owned(), from_yaml(value))))
        .collect()
}

/// Returns rows as a list of mappings; the first without a null comes first, for its values decide types.
fn dicts(rows: &Rows) -> Result<Value> {
    let mut found: Vec<Vec<(String, Value)>> = match rows.format {
        RowFormat::Csv => of_csv(&rows.text)?,
        _ => rows
            .dicts
            .iter()
            .map(|row| {
                let cells = row.iter();
                cells
                    .filter_map(|(name, value)| Some((name.as_str()?.to_owned(), cell(value))))
                    .collect()
            })
            .collect(),
    };
    let whole = |row: &Vec<(String, Value)>| row.iter().all(|(_, value)| !value.is_none());
    if let Some(first) = found.iter().position(whole) {
        found.swap(0, first);
    }
    Ok(jinja::list(found.into_iter().map(jinja::dict)))
}

/// Returns a value of a row; an instant of YAML is written out, as Python has it, for SQL takes no short offset from UTC.
fn cell(value: &serde_yaml::Value) -> Value {
    #[expect(
        clippy::unwrap_used,
        reason = "the pattern is a constant that a test compiles"
    )]
    static INSTANT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d(?:\.\d+)?) ?(?:Z|([-+])(\d\d?))$")
            .unwrap()
    });
    let Some(found) = value.as_str().and_then(|text| INSTANT.captures(text)) else {
        return from_yaml(value);
    };
    let (day, time) = (&found[1], &found[2]);
    let sign = found.get(3).map_or("+", |sign| sign.as_str());
    let hours = found.get(4).map_or("0", |hours| hours.as_str());
    let sign = if hours.trim_start_matches('0').is_empty() {
        "+"
    } else {
        sign
    };
    Value::from(format!("{day} {time}{sign}{hours:0>2}:00"))
}

/// Reads rows of CSV: empty cells are nulls, all others text.
fn of_csv(text: &str) -> Result<Vec<Vec<(String, Value)>>> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(text.trim_start().as_bytes());
    let header = reader.headers()?.clone();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record?;
        let cell = |(at, name): (usize, &str)| {
            let cell = record.get(at).filter(|cell| !cell.is_empty());
            (name.to_owned(), cell.map_or(Value::from(()), Value::from))
        };
        rows.push(header.iter().enumerate().map(cell).collect());
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_out() {
        let pairs = [
            ("2013-11-03 00:00:00-0", "2013-11-03 00:00:00+00:00"),
            ("2013-11-03T00:00:00.5Z", "2013-11-03 00:00:00.5+00:00"),
            ("2013-11-03 00:00:00 -7", "2013-11-03 00:00:00-07:00"),
            ("2013-11-03", "2013-11-03"),
            ("2013-11-03 00:00:00", "2013-11-03 00:00:00"),
        ];
        for (given, written) in pairs {
            let found = cell(&serde_yaml::Value::string(given.into()));
            assert_eq!(found, Value::from(written), "{given}");
        }
    }
}
