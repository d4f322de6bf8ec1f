//! One look at a relation for several of its tests: those that find nothing there need not read it one by one.
//!
//! Only dbt's own `not_null`, `unique` and `accepted_values` are looked for together, known by what their statements
//! say, and only "finds nothing" is taken from the look. A test that finds something, or is in any way unusual,
//! runs its own statement, as does every test of a relation that the look fails on.

mod check;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use arrow::array::{ArrayRef, AsArray, BooleanArray, Int64Array};
use minijinja::context;

use self::check::Check;
use super::adapter::{SessionAdapter, lock};
use crate::compile::adapter::Adapter;
use crate::compile::{Compiled, Index, Resource, is_ephemeral};
use crate::diagnostic::Result;
use crate::engine::{EntryKind, RecordBatch, Relation, fetch, render};

/// The tests of a run that share a look with others.
#[derive(Debug, Default)]
pub(super) struct Looks {
    looks: Vec<Look>,
    of: HashMap<Index, usize>,
}

/// The tests of one relation.
#[derive(Debug)]
struct Look {
    relation: String,
    checks: BTreeMap<Index, Check>,
    /// The tests that find nothing; `None` before it is known.
    clean: Mutex<Option<BTreeSet<Index>>>,
}

impl Looks {
    /// Finds the tests that can share a look.
    pub(super) fn new(compiled: &Compiled, chosen: &BTreeSet<Index>, keeps_failures: bool) -> Self {
        let mut checks: BTreeMap<Index, BTreeMap<Index, Check>> = BTreeMap::new();
        for index in chosen.iter().filter(|_| !keeps_failures) {
            if let Some((tested, check)) = shareable(compiled, *index) {
                checks.entry(tested).or_default().insert(*index, check);
            }
        }
        let mut found = Self::default();
        for (tested, mut checks) in checks {
            check::keep_one_key(&mut checks);
            let relation = compiled.plan.nodes[tested].relation.as_ref();
            let Some(relation) = relation.filter(|_| checks.len() > 1) else {
                continue;
            };
            let number = found.looks.len();
            found.of.extend(checks.keys().map(|index| (*index, number)));
            found.looks.push(Look {
                relation: relation.to_string(),
                checks,
                clean: Mutex::default(),
            });
        }
        found
    }

    /// Returns the number of the look that a test waits for, when another test may be taking it.
    pub(super) fn awaited(&self, test: Index) -> Option<usize> {
        let number = *self.of.get(&test)?;
        // One that is held is being taken.
        let clean = self.looks[number].clean.try_lock();
        let is_known = clean.is_ok_and(|clean| clean.is_some());
        (!is_known).then_some(number)
    }

    /// Returns the adapter with which a test is to run whose query is `sql`: one that knows the answer when the test
    /// finds nothing, else the given one.
    pub(super) fn adapter(
        &self,
        adapter: &Arc<SessionAdapter>,
        test: Index,
        sql: &str,
    ) -> Arc<dyn Adapter> {
        let look = self.of.get(&test).map(|number| &self.looks[*number]);
        match look.filter(|look| look.finds_nothing(adapter, test, sql)) {
            Some(_) => Arc::new(Foreseen {
                adapter: adapter.clone(),
                question: sql.to_owned(),
            }),
            None => adapter.clone(),
        }
    }
}

/// Returns what a test looks for, and the node in which, when it can share a look.
fn shareable(compiled: &Compiled, index: Index) -> Option<(Index, Check)> {
    let node = &compiled.plan.nodes[index];
    let Resource::Test(test) = &node.resource else {
        return None;
    };
    let check = Check::of(test.generic.as_ref()?, &node.config)?;
    let mut inputs = node.inputs.values();
    let (tested, others) = (*inputs.next()?, inputs.next());
    let is_one = others.is_none() && !is_ephemeral(&compiled.plan.nodes[tested]);
    is_one.then_some((tested, check))
}

impl Look {
    fn finds_nothing(&self, adapter: &SessionAdapter, test: Index, sql: &str) -> bool {
        let check = &self.checks[&test];
        if !check.is_asked_by(sql, &self.relation) {
            return false;
        }
        let mut clean = lock(&self.clean);
        let known = clean.get_or_insert_with(|| {
            self.take(adapter).unwrap_or_else(|err| {
                tracing::debug!(error = %err, relation = self.relation, "look");
                BTreeSet::new()
            })
        });
        known.contains(&test)
    }

    /// Asks for all tests at once, and returns those that find nothing.
    fn take(&self, adapter: &SessionAdapter) -> Result<BTreeSet<Index>> {
        let key = self.checks.values().find_map(Check::key);
        let checks: Vec<_> = self.checks.values().map(|check| check.parts(key)).collect();
        let values = context! {relation => &self.relation, key, checks};
        let sql = render(include_str!("look.sql"), values)?;
        let row = fetch(&mut *adapter.session(), &sql, &[])?;
        let is_true = |column: &ArrayRef| column.as_boolean_opt().is_some_and(|is| is.value(0));
        let tests = self.checks.keys().zip(row.columns());
        let clean = tests.filter(|(_, column)| is_true(column));
        Ok(clean.map(|(index, _)| *index).collect())
    }
}

/// An adapter that knows that a query has no rows.
#[derive(Debug)]
struct Foreseen {
    adapter: Arc<SessionAdapter>,
    question: String,
}

impl Adapter for Foreseen {
    fn query(&self, sql: &str, auto_begin: bool) -> Result<RecordBatch> {
        let counted = render(
            include_str!("counted.sql"),
            context! {sql => &self.question},
        )?;
        if auto_begin || !check::is_same(sql, &counted) {
            return self.adapter.query(sql, auto_begin);
        }
        tracing::debug!(sql, "foreseen");
        let no: ArrayRef = Arc::new(BooleanArray::from(vec![false]));
        let none: ArrayRef = Arc::new(Int64Array::from(vec![0]));
        let columns = [
            ("failures", none),
            ("should_warn", no.clone()),
            ("should_error", no),
        ];
        Ok(RecordBatch::try_from_iter_with_nullable(
            columns.map(|(name, column)| (name, column, true)),
        )?)
    }

    fn execute(&self, sql: &str, auto_begin: bool) -> Result<u64> {
        self.adapter.execute(sql, auto_begin)
    }

    fn begin(&self) -> Result<()> {
        self.adapter.begin()
    }

    fn commit(&self) -> Result<()> {
        self.adapter.commit()
    }

    fn existing(&self, relation: &Relation) -> Result<Option<EntryKind>> {
        self.adapter.existing(relation)
    }

    fn columns(&self, relation: &Relation) -> Result<Vec<(String, String)>> {
        self.adapter.columns(relation)
    }

    fn note(&self, relation: &Relation, kind: Option<EntryKind>) {
        self.adapter.note(relation, kind);
    }

    fn forget_schema(&self, database: &str, schema: &str) {
        self.adapter.forget_schema(database, schema);
    }

    fn key_constraints(&self, relation: &Relation) -> Result<Vec<String>> {
        self.adapter.key_constraints(relation)
    }

    fn store(&self, plugin: &str, target: &serde_json::Value) -> Result<()> {
        self.adapter.store(plugin, target)
    }
}
