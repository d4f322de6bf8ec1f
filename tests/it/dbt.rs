//! The projects of `tests/dbt` built with `wh`, against what dbt left of them, as `tests/dbt/record` recorded it.
//!
//! Of each step the exit code, node statuses, relations, output, files and manifest are compared. What is known to
//! differ stands in `tests/dbt/failing.txt`; a line that is no longer true fails the test as a new difference does.
//! One project only: `DBT_PROJECT=name cargo test --test it dbt::every_project_leaves`. Lines that are no longer true
//! go with `DBT_FAILING=shrink`; `DBT_FAILING=write` writes the file anew.

mod left;
mod steps;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde_json::{Map, Value};

use super::scratch::Scratch;
use left::Differences;
use steps::{Plan, Step};

const FOLDER: &str = "tests/dbt";

#[test]
fn every_project_leaves_what_dbt_leaves() {
    if let Ok(name) = std::env::var("DBT_PROJECT") {
        let found = differences(&Path::new(FOLDER).join(name));
        let texts: Vec<_> = found.into_values().flatten().collect();
        assert!(texts.is_empty(), "\n{}", texts.join("\n"));
        return;
    }
    let differences: BTreeMap<String, Differences> = projects()
        .par_iter()
        .with_max_len(1)
        .map(|folder| (name_of(folder), differences(folder)))
        .collect();
    let known = known();
    let mut differ = BTreeSet::new();
    let mut wrong = Vec::new();
    for (project, found) in &differences {
        for (section, texts) in found {
            let label = format!("{project} {section}");
            if !known.contains(&label) {
                wrong.push(format!("{label}\n  {}", texts.join("\n  ")));
            }
            differ.insert(label);
        }
    }
    let agree = known.difference(&differ);
    wrong.extend(agree.map(|label| format!("{label}: agrees, so take it out of failing.txt")));
    match std::env::var("DBT_FAILING").as_deref() {
        Ok("shrink") => write_known(&known.intersection(&differ).cloned().collect()),
        Ok("write") => write_known(&differ),
        _ => assert!(wrong.is_empty(), "\n{}", wrong.join("\n")),
    }
}

#[test]
fn every_project_is_recorded() {
    for folder in projects() {
        let file = folder.join("expected.json");
        assert!(file.exists(), "{}: record it", folder.display());
        let recorded: Value = read_json(&file);
        let steps = Plan::read(&folder).steps;
        let runs = recorded["steps"].as_array().unwrap().iter();
        let runs: Vec<_> = runs.map(|step| step["run"].as_str().unwrap()).collect();
        let planned: Vec<_> = steps.iter().map(|step| step.run.as_str()).collect();
        assert_eq!(runs, planned, "{}: record it again", folder.display());
    }
}

fn projects() -> Vec<PathBuf> {
    let entries = fs::read_dir(FOLDER).unwrap();
    let folders = entries.map(|entry| entry.unwrap().path());
    let mut folders: Vec<_> = folders
        .filter(|path| path.join("steps.yml").exists())
        .collect();
    folders.sort();
    folders
}

fn name_of(folder: &Path) -> String {
    folder.file_name().unwrap().to_str().unwrap().to_owned()
}

/// Returns the `project section` pairs that are known to differ.
fn known() -> BTreeSet<String> {
    let text = fs::read_to_string(Path::new(FOLDER).join("failing.txt")).unwrap_or_default();
    let lines = text
        .lines()
        .map(|line| line.split('#').next().unwrap().trim());
    let mut known = BTreeSet::new();
    for line in lines.filter(|line| !line.is_empty()) {
        let mut words = line.split_whitespace();
        let project = words.next().unwrap();
        known.extend(words.map(|section| format!("{project} {section}")));
    }
    known
}

fn write_known(labels: &BTreeSet<String>) {
    let mut lines = BTreeMap::<&str, String>::new();
    for (project, section) in labels.iter().map(|label| label.split_once(' ').unwrap()) {
        *lines.entry(project).or_default() += &format!(" {section}");
    }
    let lines = lines
        .iter()
        .map(|(project, sections)| format!("{project}{sections}\n"));
    fs::write(
        Path::new(FOLDER).join("failing.txt"),
        lines.collect::<String>(),
    )
    .unwrap();
}

fn read_json(file: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

/// Takes the steps of a project in a folder of its own; returns the differences by section.
fn differences(folder: &Path) -> Differences {
    let plan = Plan::read(folder);
    let recorded = read_json(&folder.join("expected.json"));
    let project = Scratch::copy_of(folder);
    let mut differences = Differences::new();
    let mut relations = Value::Null;
    for (step, expected) in plan.steps.iter().zip(recorded["steps"].as_array().unwrap()) {
        if let Err(error) = step.prepare(&project, &plan.databases[0]) {
            let text = format!("`{}` cannot be prepared: {error:#}", step.run);
            differences.entry("exit".into()).or_default().push(text);
            break;
        }
        let is_as_before = !expected["relations"].is_object();
        if !is_as_before {
            relations = expected["relations"].clone();
        }
        let mut expected = expected.as_object().unwrap().clone();
        expected.insert("relations".into(), relations.clone());
        let (found, said) = take(step, &project, &plan.databases, &expected);
        for (section, expected) in &expected {
            if section == "relations" && is_as_before && differences.contains_key("relations") {
                continue;
            }
            let mut texts = Vec::new();
            let found = found.get(section).unwrap_or(&Value::Null);
            left::compare(expected, found, "", &mut texts);
            let place = |text| format!("`{}` {section}{text}", step.run);
            if !texts.is_empty() {
                let section = differences.entry(section.clone()).or_default();
                section.extend(texts.into_iter().map(place));
            }
        }
        if expected["exit"] != found["exit"] {
            differences.entry("exit".into()).or_default().push(said);
        }
    }
    differences
}

/// Takes one step; returns what it left, in the sections that are expected, and what it said.
fn take(
    step: &Step,
    project: &Scratch,
    databases: &[String],
    expected: &Map<String, Value>,
) -> (Map<String, Value>, String) {
    let artifact = |section: &str| project.path(left::artifact(section).unwrap_or_default());
    let before = |section: &str| fs::read(artifact(section)).ok();
    let before: BTreeMap<&String, _> = expected
        .keys()
        .map(|section| (section, before(section)))
        .collect();
    let output = step.command(project).output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut found = Map::new();
    for section in expected.keys() {
        let value = match section.as_str() {
            "run" => Value::from(step.run.as_str()),
            "exit" => Value::from(output.status.code()),
            "statuses" | "freshness" | "catalog"
                if fs::read(artifact(section)).ok() == before[section] =>
            {
                Value::Null
            }
            "statuses" => left::statuses(&artifact(section)),
            "freshness" => left::freshness(&artifact(section)),
            "catalog" => left::catalog(&artifact(section)),
            "relations" => left::relations(project, databases, &expected["relations"]),
            "stdout" => left::said(&stdout, step.stdout.as_deref().unwrap()),
            "files" => left::files(project, &step.files),
            "manifest" => {
                left::manifest(&project.path("target/manifest.json"), &expected["manifest"])
            }
            other => panic!("expected.json has a section `{other}`"),
        };
        found.insert(section.clone(), value);
    }
    (found, project.said(&output).text)
}
