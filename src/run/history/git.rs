//! The commit that is checked out, read from git's own files: starting git would cost more than a small build.

use std::fs;
use std::path::{Path, PathBuf};

/// Returns the commit checked out in the repository that `folder` lies in, as 40 or 64 hexadecimal digits.
pub(super) fn commit(folder: &Path) -> Option<String> {
    let folder = folder.canonicalize().ok()?;
    let git = folder.ancestors().find_map(git_folder)?;
    let head = fs::read_to_string(git.join("HEAD")).ok()?;
    let Some(name) = head.trim().strip_prefix("ref: ") else {
        return Some(head.trim().to_owned());
    };
    // A work tree has its own HEAD and shares the branches.
    let shared = match fs::read_to_string(git.join("commondir")) {
        Ok(path) => git.join(path.trim()),
        Err(_) => git,
    };
    let loose = fs::read_to_string(shared.join(name)).ok();
    loose.map(|commit| commit.trim().to_owned()).or_else(|| {
        let packed = fs::read_to_string(shared.join("packed-refs")).ok()?;
        let mut lines = packed.lines().filter_map(|line| line.split_once(' '));
        lines
            .find(|(_, packed)| *packed == name)
            .map(|(commit, _)| commit.to_owned())
    })
}

fn git_folder(folder: &Path) -> Option<PathBuf> {
    let git = folder.join(".git");
    if git.is_dir() {
        return Some(git);
    }
    let text = fs::read_to_string(&git).ok()?;
    Some(folder.join(text.trim().strip_prefix("gitdir: ")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commit_is_found_loose_packed_detached_and_from_below() {
        let root = tempfile::tempdir().unwrap();
        let git = root.path().join(".git");
        let below = root.path().join("a/b");
        fs::create_dir_all(&below).unwrap();
        assert_eq!(commit(&below), None);
        fs::create_dir_all(git.join("refs/heads")).unwrap();
        fs::write(git.join("HEAD"), "ref: refs/heads/main\n").unwrap();
        fs::write(git.join("packed-refs"), "# x\nabc refs/heads/main\n").unwrap();
        assert_eq!(commit(&below).as_deref(), Some("abc"));
        fs::write(git.join("refs/heads/main"), "def\n").unwrap();
        assert_eq!(commit(&below).as_deref(), Some("def"));
        fs::write(git.join("HEAD"), "123\n").unwrap();
        assert_eq!(commit(&below).as_deref(), Some("123"));
    }
}
