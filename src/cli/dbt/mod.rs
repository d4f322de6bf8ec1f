//! The commands that dbt has beside building: each with its options and what it prints.

pub(super) mod clean;
pub(super) mod clone;
pub(super) mod compile;
pub(super) mod docs;
pub(super) mod freshness;
pub(super) mod operation;
pub(super) mod retry;
pub(super) mod seeds;
pub(super) mod show;
pub(super) mod state;

use super::args::Global;
use super::build;
use super::warehouse::{Access, opener};
use crate::compile::Compiled;
use crate::compile::manifest::Nothing;
use crate::diagnostic::{Diagnostic, Kind, Result, Several};
use crate::engine::SqlError;
use crate::project::Project;
use crate::run::{Introspection, artifacts};

/// Returns the warehouse for what templates ask of it while they are compiled: with `--no-introspect` only which relations there are.
///
/// It is opened when one asks: as `access` says; for changes also where its file, or one that it attaches, may have to be made.
///
/// # Errors
/// `Project` when the settings of the warehouse are wrong, or the comment of statements does not render.
fn introspect(global: &Global, of: (&Project, &Compiled), access: Access) -> Result<Introspection> {
    let (project, warehouse) = (of.0, &of.0.warehouse);
    let is_made = project.root.join(&warehouse.path).exists() && warehouse.attach.is_empty();
    let access = if is_made { access } else { Access::Write };
    let open = opener(global, project, access)?;
    Introspection::new(of, !global.flags.is("introspect"), open)
}

/// Does what asks the warehouse while it is open for reading, which many may do at once; again with one that is open for
/// changes where a template makes some.
fn asking<T>(work: impl Fn(Access) -> Result<T>) -> Result<T> {
    match work(Access::Read) {
        Err(err) if is_change(&err) => work(Access::Write),
        done => done,
    }
    .map_err(without_nodes)
}

/// Makes what the warehouse refuses an error of the project: where no node is run, dbt knows no other.
fn without_nodes(err: anyhow::Error) -> anyhow::Error {
    match err.downcast::<Several>() {
        Ok(Several(errors)) => Several(errors.into_iter().map(without_nodes).collect()).into(),
        Err(err) => match err.downcast::<Diagnostic>() {
            Ok(diagnostic) if diagnostic.kind() == Kind::Data => {
                diagnostic.of(Kind::Project).into()
            }
            Ok(diagnostic) => diagnostic.into(),
            Err(err) => err,
        },
    }
}

/// Returns whether a statement was refused for the warehouse being open for reading.
fn is_change(err: &anyhow::Error) -> bool {
    let is_refused = |sql: &SqlError| sql.message.contains("read-only mode");
    let mut causes = err.chain();
    causes.any(|cause| {
        let several = cause.downcast_ref::<Several>();
        cause.downcast_ref().is_some_and(is_refused)
            || several.is_some_and(|several| several.0.iter().any(is_change))
    })
}

/// Reads the project and writes `manifest.json`.
///
/// # Errors
/// `Project` when it is wrong; `Environment` when the file cannot be written.
pub(super) fn parse(global: &Global) -> Result<()> {
    let (project, compiled) = build::parse(global, "parse", false)?;
    artifacts::manifest(&project, &compiled, &Nothing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_statement_is_an_error_of_the_project_where_no_node_is_run() {
        let errors = vec![
            Diagnostic::data("the statement is refused").into(),
            Diagnostic::environment("there is no disk").into(),
        ];
        let Several(errors) = without_nodes(Several(errors).into()).downcast().unwrap();
        let kinds = errors
            .iter()
            .map(|err| err.downcast_ref::<Diagnostic>().unwrap().kind());
        assert_eq!(
            kinds.collect::<Vec<_>>(),
            [Kind::Project, Kind::Environment]
        );
    }
}
