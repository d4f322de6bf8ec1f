//! `wh init`: a new project, small enough to read in five minutes, that builds at once.

use std::fs;
use std::path::Path;

use include_dir::{Dir, DirEntry, include_dir};

use super::args::{Global, InitArgs};
use super::say;
use crate::diagnostic::{Diagnostic, Result};

/// The files of a new project; `__project__` stands for its name in them.
static TEMPLATE: Dir = include_dir!("$CARGO_MANIFEST_DIR/src/cli/template");

/// Writes a new project into a folder of its own name.
///
/// # Errors
/// `Project` when the name is none or the folder holds something; `Environment` when it cannot be written.
pub(super) fn init(global: &Global, args: &InitArgs) -> Result<()> {
    let name = args.name.as_str();
    check_name(name)?;
    let folder = global
        .project_dir
        .as_deref()
        .unwrap_or(Path::new(""))
        .join(name);
    check_empty(&folder)?;
    write(&TEMPLATE, &folder, name).map_err(|err| {
        Diagnostic::environment(format!("`{}` cannot be written", folder.display())).because(err)
    })?;
    if !global.quiet {
        say(&format!(
            "Wrote the project `{name}`. Build it:\n\n  cd {} && wh build",
            folder.display()
        ));
    }
    Ok(())
}

fn check_name(name: &str) -> Result<()> {
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if begins && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Ok(());
    }
    let like: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    let like = like
        .trim_matches(|c: char| c == '_' || c.is_ascii_digit())
        .to_lowercase();
    let diagnostic = Diagnostic::project(format!("`{name}` is no name for a project"));
    Err(match like.is_empty() {
        true => diagnostic.hint("use letters, digits and underscores, a letter first"),
        false => diagnostic.hint(format!(
            "use letters, digits and underscores, such as `{like}`"
        )),
    }
    .into())
}

fn check_empty(folder: &Path) -> Result<()> {
    let is_empty = match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(err) if err.kind() == std::io::ErrorKind::NotFound => true,
        Err(err) => {
            let what = format!("`{}` cannot be read", folder.display());
            return Err(Diagnostic::environment(what).because(err).into());
        }
    };
    if is_empty {
        return Ok(());
    }
    Err(
        Diagnostic::project(format!("the folder `{}` is not empty", folder.display()))
            .hint("choose another name, or empty it first")
            .into(),
    )
}

fn write(dir: &Dir, folder: &Path, name: &str) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    for entry in dir.entries() {
        match entry {
            DirEntry::Dir(dir) => write(dir, folder, name)?,
            DirEntry::File(file) => {
                // Under its own name it would hide files of this repository.
                let path = match file.path().to_str() {
                    Some("gitignore") => Path::new(".gitignore"),
                    _ => file.path(),
                };
                let target = folder.join(path);
                if let Some(parent) = target.parent() {
                    fs::create_dir_all(parent)?;
                }
                let text = String::from_utf8_lossy(file.contents()).replace("__project__", name);
                fs::write(target, text)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_sql_could_not_hold_is_answered_with_one_that_it_can() {
        assert!(check_name("shop_2").is_ok());
        let err = check_name("2nd-Shop!").unwrap_err().to_string();
        assert!(err.contains("such as `nd_shop`"), "{err}");
        assert!(check_name("../x").is_err());
        assert!(check_name("").is_err());
    }

    #[test]
    fn every_file_of_the_template_is_written_with_the_name_filled_in() {
        let folder = tempfile::tempdir().unwrap();
        write(&TEMPLATE, folder.path(), "shop").unwrap();
        let project = fs::read_to_string(folder.path().join("wh.yml")).unwrap();
        assert!(project.contains("name: shop\n") && !project.contains("__project__"));
        assert!(folder.path().join(".gitignore").exists());
        assert!(folder.path().join("models/staging/stg_orders.sql").exists());
    }

    #[test]
    fn a_folder_that_holds_something_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(check_empty(folder.path()).is_ok());
        fs::write(folder.path().join("mine"), "").unwrap();
        assert!(
            check_empty(folder.path())
                .unwrap_err()
                .to_string()
                .contains("is not empty")
        );
    }
}
