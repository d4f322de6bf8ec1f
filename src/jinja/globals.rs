//! The names that a rendering brings to its templates.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::Value;

/// Functions and objects that templates of one node see by name. Layers share what is common without copying it.
#[derive(Debug, Clone, Default)]
pub struct Globals {
    own: BTreeMap<String, Value>,
    /// Names that mean this even where a macro has the name.
    overruled: BTreeMap<String, Value>,
    base: Option<Arc<Globals>>,
    /// Whether unknown names are harmless in the template itself.
    pub(crate) lenient: bool,
    /// Whether macros of any package are found by their names alone.
    pub(crate) anywhere: bool,
}

impl Globals {
    /// Creates an empty set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a layer over `base`: names of its own come first.
    #[must_use]
    pub fn over(base: &Arc<Self>) -> Self {
        Self {
            own: BTreeMap::new(),
            overruled: BTreeMap::new(),
            base: Some(base.clone()),
            lenient: base.lenient,
            anywhere: base.anywhere,
        }
    }

    /// Makes unknown names harmless in the template itself, as dbt does while it parses: they may be called and have any attribute.
    /// Macros stay strict.
    #[must_use]
    pub fn lenient(mut self) -> Self {
        self.lenient = true;
        self
    }

    /// Makes macros of any package known by their names alone, as dbt does while it parses a generic test.
    #[must_use]
    pub fn anywhere(mut self) -> Self {
        self.anywhere = true;
        self
    }

    /// Adds or replaces a name.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.own.insert(name.into(), value.into());
    }

    /// Makes a name mean this even where a macro has the name.
    pub fn overrule(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.overruled.insert(name.into(), value.into());
    }

    /// Returns what a name means before any macro.
    pub(crate) fn overruled(&self, name: &str) -> Option<&Value> {
        let own = self.overruled.get(name);
        own.or_else(|| self.base.as_ref().and_then(|base| base.overruled(name)))
    }

    /// Returns the value of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        let own = self.own.get(name);
        own.or_else(|| self.base.as_ref().and_then(|base| base.get(name)))
    }

    /// Returns all names, sorted, without duplicates.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.own.keys().map(String::as_str).collect();
        names.extend(self.base.iter().flat_map(|base| base.names()));
        names.sort_unstable();
        names.dedup();
        names
    }
}
