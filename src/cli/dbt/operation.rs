//! `wh run-operation`: a macro, or SQL, run by itself.

use std::process::ExitCode;

use jiff::Timestamp;
use serde_yaml::Mapping;

use super::question;
use crate::cli::args::{Global, RunOperationArgs};
use crate::cli::warehouse::{Access, open};
use crate::cli::{build, print_error, say};
use crate::compile::Compiled;
use crate::diagnostic::{Diagnostic, Result, nearest};
use crate::project::Project;
use crate::run::artifacts::{self, Alone, Ledger};
use crate::run::{self, Summary, history};

/// Calls a macro with the warehouse behind `adapter`, or runs SQL. The exit code is 1 when it fails.
///
/// # Errors
/// `Project` when there is no such macro, with the nearest; `Environment` when the warehouse cannot be opened.
pub(in crate::cli) fn run_operation(global: &Global, args: &RunOperationArgs) -> Result<ExitCode> {
    let (project, compiled) = build::parse(global, "run-operation", false)?;
    let call = match (&args.operation, &args.sql) {
        (Some(name), _) => {
            require(&project, &compiled, name)?;
            let arguments = args.args.clone().unwrap_or_default().0;
            call(name, &arguments)?
        }
        (None, Some(sql)) => sql.clone(),
        (None, None) => return Err(Diagnostic::project("there is nothing to run").into()),
    };
    let engine = open(global, &project, Access::Write)?;
    let adapter = run::ask(&project, &*engine)?;
    let began = Timestamp::now();
    let done = compiled
        .call(&project, &call, adapter.clone())
        .and_then(|sql| match args.sql.is_some() {
            true => adapter.execute(&sql, true).and_then(|_| adapter.commit()),
            false => Ok(()),
        });
    let ledger = Ledger::default();
    ledger.alone(Alone {
        id: id(&project, &compiled, args.operation.as_deref()),
        time: (began, Timestamp::now()),
        sql: None,
        error: done.as_ref().err().map(history::explained),
    });
    let summary = Summary {
        ledger,
        elapsed: Timestamp::now().duration_since(began).unsigned_abs(),
        ..Summary::default()
    };
    artifacts::manifest(&project, &compiled, &summary.ledger)?;
    artifacts::run_results(&project, &compiled, &summary)?;
    match done {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(err) => {
            if let Some(name) = &args.operation {
                say(&format!("the operation `{name}` failed"));
            }
            print_error(global, &err);
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Returns the unique id that results name an operation by; without a name it is SQL.
fn id(project: &Project, compiled: &Compiled, operation: Option<&str>) -> String {
    let Some(name) = operation else {
        return question(project);
    };
    let (package, bare) = name.split_once('.').unwrap_or((&project.name, name));
    let found = compiled.dialect.library().find(package, bare);
    found.map_or_else(|| name.to_owned(), |found| found.id())
}

fn require(project: &Project, compiled: &Compiled, name: &str) -> Result<()> {
    let library = compiled.dialect.library();
    let (package, bare) = name.split_once('.').unwrap_or((&project.name, name));
    if library.find(package, bare).is_some() {
        return Ok(());
    }
    let known = library.macros().map(|found| found.name.as_str());
    let err = Diagnostic::project(format!("there is no macro `{name}`"));
    Err(match nearest(bare, known) {
        Some(near) => err.hint(format!("did you mean `{near}`?")),
        None => err.hint("define it in a file of the macro folders: `{% macro name() %}`"),
    }
    .into())
}

/// Writes the call of a macro as a template; arguments travel as JSON.
fn call(name: &str, arguments: &Mapping) -> Result<String> {
    let json = serde_json::to_string(arguments)?;
    let literal = json.replace('\\', "\\\\").replace('\'', "\\'");
    Ok(match arguments.is_empty() {
        true => format!("{{% do {name}() %}}"),
        false => format!("{{% do {name}(**fromjson('{literal}')) %}}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_a_literal_whatever_is_in_them() {
        let arguments: Mapping = serde_yaml::from_str(r#"{who: "it's \"me\""}"#).unwrap();
        assert_eq!(
            call("greet", &arguments).unwrap(),
            r#"{% do greet(**fromjson('{"who":"it\'s \\"me\\""}')) %}"#
        );
        assert_eq!(call("a.b", &Mapping::new()).unwrap(), "{% do a.b() %}");
    }
}
