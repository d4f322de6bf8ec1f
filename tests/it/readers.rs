//! What others make of the artifacts: typed models from PyPI, a program that draws diagrams of them, and dbt's own comparison of states.

use std::process::Command;

use super::scratch::{Scratch, python};

/// The parts of `state:modified` that compare what the project says; `.macros` compares the text of built-in macros, too, which is
/// our own.
const MODIFIED: [&str; 5] = [
    "state:modified.body",
    "state:modified.configs",
    "state:modified.relation",
    "state:modified.contract",
    "state:modified.persisted_descriptions",
];

/// Copies a project and runs commands in it, of which some nodes may fail.
fn left_by(folder: &str, commands: &[&[&str]]) -> Scratch {
    let project = Scratch::copy_of(folder);
    for words in commands {
        let said = project.run(words);
        assert!(said.code < 2, "{folder}: {words:?}: {}", said.text);
    }
    project
}

/// Runs a program of others to its end, and returns what it prints.
fn answer(command: &mut Command) -> String {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output();
    let output = output
        .unwrap_or_else(|err| panic!("{program}: {err}: run scripts/test, which installs it"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program}: {text}{errors}");
    text
}

#[test]
fn typed_models_of_others_take_every_artifact() {
    let everything: &[&[&str]] = &[
        &["source", "freshness", "--quiet"],
        &["docs", "generate", "--quiet"],
        &["build", "--quiet"],
    ];
    let all = "manifest.json\nrun_results.json\ncatalog.json\nsources.json\n";
    let no_sources = all.trim_end_matches("sources.json\n");
    for (folder, found) in [
        ("tests/dbt/freshness", all),
        ("tests/dbt/tests_on_everything", no_sources),
        ("tests/dbt/versions", no_sources),
        // Kinds of nodes that dbt has not.
        ("tests/projects/feature_store", no_sources),
        ("tests/projects/churn_model", no_sources),
    ] {
        let commands = if found == all {
            everything
        } else {
            &everything[1..]
        };
        let project = left_by(folder, commands);
        let mut command = Command::new(python());
        command.arg("tests/dbt/read_by_others.py");
        let read = answer(command.arg(project.path("target")));
        assert_eq!(read, found, "{folder}");
    }
}

#[test]
fn a_program_draws_tables_columns_and_relations_out_of_the_artifacts() {
    let commands: &[&[&str]] = &[&["build", "--quiet"], &["docs", "generate", "--quiet"]];
    let project = left_by("tests/dbt/generic_tests", commands);
    let target = project.path("target");
    let mut command = Command::new(python().with_file_name("dbterd"));
    command.args(["run", "--target", "mermaid", "--artifacts-dir"]);
    answer(command.arg(&target).arg("--output").arg(&target));
    let drawn = std::fs::read_to_string(target.join("output.md")).unwrap();
    assert_eq!(
        drawn.trim(),
        r#"erDiagram
  "MODEL.SHOP.CUSTOMERS" {
    integer id
  }
  "MODEL.SHOP.ORDERS" {
    integer id
    varchar state
    integer customer
  }
  "MODEL.SHOP.ORDERS" }|--|| "MODEL.SHOP.CUSTOMERS": id--customer"#
    );
}

#[test]
fn dbt_finds_modified_what_was_changed_after_the_manifest_and_nothing_else() {
    let cache = std::env::var("XDG_CACHE_HOME").unwrap_or_else(|_| {
        let home = std::env::var("HOME").unwrap_or_default();
        format!("{home}/.cache")
    });
    let venv = std::env::var("WH_CONFORMANCE_VENV");
    let venv = venv.unwrap_or_else(|_| format!("{cache}/wh-conformance/venv"));
    let project = left_by("tests/dbt/hooks", &[&["parse"]]);
    std::fs::rename(project.path("target"), project.path("kept")).unwrap();
    let modified = || {
        let mut command = Command::new(format!("{venv}/bin/dbt"));
        command.args([
            "--quiet",
            "--no-send-anonymous-usage-stats",
            "ls",
            "--state",
            "kept",
        ]);
        command.arg("--project-dir").arg(project.path(""));
        command.arg("--profiles-dir").arg(project.path(""));
        command.current_dir(project.path(""));
        answer(command.arg("--select").args(MODIFIED))
    };
    assert_eq!(modified(), "");
    project.replace("models/b.sql", "'own before'", "'its own before'");
    assert_eq!(modified(), "shop.b\n");
}
