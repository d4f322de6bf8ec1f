//! `wh run-operation`: a macro, or SQL, run by itself.

use std::process::ExitCode;

use jiff::Timestamp;
use serde_yaml::Mapping;

use crate::cli::args::{Global, RunOperationArgs};
use crate::cli::warehouse::{Access, open};
use crate::cli::{build, print_error, say};
use crate::compile::Compiled;
use crate::compile::manifest::Nothing;
use crate::diagnostic::{Diagnostic, Result, nearest};
use crate::project::Project;
use crate::run::Introspection;
use crate::run::artifacts::{self, Lone};
use crate::run::history::explained;

/// Calls a macro with the warehouse behind `adapter`, or runs SQL. The exit code is 1 when it fails.
///
/// # Errors
/// `Project` when there is no such macro, with the nearest; `Environment` when the warehouse cannot be opened.
pub(in crate::cli) fn run_operation(global: &Global, args: &RunOperationArgs) -> Result<ExitCode> {
    let mut noted = global.clone();
    noted.flags.set("macro", args.operation.clone());
    noted.flags.set("sql", args.sql.clone());
    let arguments = args.args.clone().unwrap_or_default().0;
    noted.flags.set("args", serde_json::to_value(&arguments)?);
    let (project, compiled) = build::parse(&noted, "run-operation", false)?;
    let call = match (&args.operation, &args.sql) {
        (Some(name), _) => {
            require(&project, &compiled, name)?;
            call(name, &arguments)?
        }
        (None, Some(sql)) => sql.clone(),
        (None, None) => return Err(Diagnostic::project("there is nothing to run").into()),
    };
    artifacts::manifest(&project, &compiled, &Nothing)?;
    let begun = Timestamp::now();
    let engine = open(global, &project, Access::Write)?;
    let compiled_at = Timestamp::now();
    let adapter = Introspection::open((&project, &compiled), engine)?.adapter()?;
    let done = compiled
        .call(&project, &call, adapter.clone())
        .and_then(|sql| match args.sql.is_some() {
            true => adapter.execute(&sql, true).and_then(|_| adapter.commit()),
            false => Ok(()),
        });
    let lone = Lone {
        id: match &args.operation {
            Some(name) => id_of(&project, &compiled, name),
            None => format!("sql_operation.{}.inline_query", project.name),
        },
        times: [begun, compiled_at, Timestamp::now()],
        is_operation: true,
        sql: None,
        response: args.sql.as_ref().filter(|_| done.is_ok()).map(|_| "OK"),
        error: done.as_ref().err().map(explained),
    };
    artifacts::lone_result(&project, &compiled, &lone)?;
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

fn id_of(project: &Project, compiled: &Compiled, name: &str) -> String {
    let (package, bare) = name.split_once('.').unwrap_or((&project.name, name));
    let found = compiled.dialect.library().find(package, bare);
    found.map_or_else(String::new, |found| found.id())
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
