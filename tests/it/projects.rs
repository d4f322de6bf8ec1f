//! Runs every folder of `tests/projects` and compares the whole transcript.
//!
//! A folder is a test: its `cmd` holds one line of shell a line, in which `wh` is the binary under test; lines
//! that begin with `#` say why. Run one only with `INSTA_GLOB_FILTER='late_orders/*'`.

use std::fs;
use std::path::Path;

use super::scratch::Scratch;

#[test]
fn every_project_says_what_its_snapshot_says() {
    insta::glob!("../projects", "*/cmd", |cmd| {
        let project = Scratch::copy_of(cmd.parent().unwrap());
        let mut transcript = String::new();
        for line in fs::read_to_string(cmd).unwrap().lines() {
            if line.is_empty() || line.starts_with('#') {
                transcript += &format!("{line}\n");
                continue;
            }
            let said = project.shell(line);
            transcript += &format!("$ {line}\n{}[exit {}]\n", said.text, said.code);
        }
        insta::with_settings!({omit_expression => true}, {
            insta::assert_snapshot!(transcript);
        });
    });
}

#[test]
fn every_folder_of_projects_has_commands() {
    for entry in fs::read_dir("tests/projects").unwrap() {
        let folder = entry.unwrap().path();
        let cmd = fs::read_to_string(folder.join("cmd")).unwrap_or_default();
        assert!(
            cmd.lines().any(|line| line.contains("wh ")),
            "{}: `cmd` runs nothing",
            folder.display()
        );
    }
}

#[test]
fn every_snapshot_belongs_to_a_project() {
    for entry in fs::read_dir("tests/it/snapshots").unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        let Some((_, name)) = file.split_once("@") else {
            continue;
        };
        let folder = name.trim_end_matches("__cmd.snap");
        assert!(
            Path::new("tests/projects").join(folder).exists(),
            "{file} has no project"
        );
    }
}
