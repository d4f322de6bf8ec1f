//! What git says of the project's folder. Changes nothing; a folder outside git has nothing to say.

use std::path::Path;
use std::process::Command;

/// The commit that is checked out, and whether files that git knows differ from it.
pub(super) fn state(root: &Path) -> (Option<String>, bool) {
    let commit = ask(root, &["rev-parse", "--verify", "--quiet", "HEAD"]);
    let dirty = commit.is_some()
        && ask(root, &["status", "--porcelain", "--untracked-files=no"])
            .is_some_and(|changes| !changes.is_empty());
    (commit, dirty)
}

/// Who commits: git's name and address, else the system's user.
pub(super) fn author(root: &Path) -> String {
    let name = ask(root, &["config", "user.name"]).filter(|name| !name.is_empty());
    let address = ask(root, &["config", "user.email"]).filter(|address| !address.is_empty());
    let user = || std::env::var("USER").or_else(|_| std::env::var("USERNAME"));
    match (name, address) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (Some(name), None) => name,
        (None, Some(address)) => address,
        (None, None) => user().unwrap_or_else(|_| "unknown".into()),
    }
}

fn ask(root: &Path, words: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(words)
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
