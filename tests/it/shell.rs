//! The interactive shell, typed into on a terminal of its own.

use std::io::Write;
use std::process::{Command, Stdio};

use super::scratch::{Scratch, python};

/// Types lines into `wh query` and returns what the terminal showed, without colours, and the exit code.
fn typed(project: &Scratch, lines: &[&str]) -> (String, Option<i32>) {
    let mut command = Command::new(python());
    command.arg(std::path::absolute("tests/shell/type_lines.py").unwrap());
    command.args(["wh> ", env!("CARGO_BIN_EXE_wh"), "query"]);
    command.env("TERM", "xterm").env("NO_COLOR", "1");
    command.current_dir(project.path(""));
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(lines.join("\n").as_bytes()).unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    (shown, output.status.code())
}

#[test]
fn a_typed_question_is_answered_with_a_table_until_the_shell_is_left() {
    let project = Scratch::copy_of("tests/projects/dbt_project");
    project.build();
    let question = "select status, count(*) as n from dev.orders group by all order by all;";
    let lines = [".tables", question, "select wrong;", question, ".quit"];
    let (shown, code) = typed(&project, &lines);
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("Ctrl-D leaves"), "{shown}");
    assert!(shown.contains("dev.orders"), "{shown}");
    // What is wrong is said, and the shell goes on.
    assert!(shown.contains("error:"), "{shown}");
    let row = regex::Regex::new(r"returned +[│|]? *1").unwrap();
    assert_eq!(row.find_iter(&shown).count(), 2, "{shown}");
    // What was typed can be had again.
    let history = std::fs::read_to_string(project.path(".wh/history")).unwrap();
    assert!(history.contains(question), "{history}");
}
