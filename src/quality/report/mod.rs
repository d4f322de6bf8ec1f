//! What a report of quality shows, as temporary tables of a session, and the report's own text. Writes no page.

use std::path::Path;

use minijinja::context;

use crate::diagnostic::Result;
use crate::engine::{Relation, Session, render};

/// The report: Markdown with queries on the tables that [`gather`] makes.
pub const REPORT: &str = include_str!("report.md");

/// The query that returns one row an issue.
pub const ISSUES: &str = include_str!("csv.sql");

/// Names the report in messages.
#[must_use]
pub fn report_file() -> &'static Path {
    Path::new("<the report of quality>")
}

/// What a report of quality is about.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Unique ids of tests.
    pub tests: Vec<String>,
    /// Relations whose missing values are counted; those that do not exist are passed over.
    pub relations: Vec<Relation>,
    /// Tables of sources that may have a table of rejects beside them.
    pub sources: Vec<Relation>,
}

/// Makes the temporary tables `quality_checks`, `quality_issues`, `quality_history`, `quality_runs`, `quality_rejects` and
/// `quality_completeness` of a session from the recorded results. Cost: one scan of each relation.
///
/// # Errors
/// As [`Session::execute`].
pub fn gather(session: &mut dyn Session, scope: &Scope) -> Result<()> {
    let exists = session.catalog()?;
    let exists = |relation: &Relation| {
        exists.iter().any(|entry| {
            let own = &entry.relation;
            own.schema.eq_ignore_ascii_case(&relation.schema)
                && own.name.eq_ignore_ascii_case(&relation.name)
        })
    };
    session.execute(include_str!("select.sql"))?;
    let tests = serde_json::to_string(&scope.tests)?;
    session.execute_with(include_str!("selected.sql"), &[tests.into()])?;
    for source in &scope.sources {
        let rejects = Relation {
            name: format!("{}_rejects", source.name),
            ..source.clone()
        };
        if exists(&rejects) {
            let values = context! {name => super::plain(source), rejects => rejects.to_string()};
            session.execute(&render(include_str!("rejects.sql"), values)?)?;
        }
    }
    for relation in scope.relations.iter().filter(|relation| exists(relation)) {
        let columns = session.columns(relation)?.into_iter();
        let columns: Vec<String> = columns
            .map(|(name, _)| name)
            .filter(|name| !name.starts_with("_wh_"))
            .collect();
        let values = context! {
            name => super::plain(relation),
            relation => relation.to_string(),
            columns,
        };
        session.execute(&render(include_str!("completeness.sql"), values)?)?;
    }
    session.execute(include_str!("issues.sql"))?;
    Ok(())
}
