//! The dependency direction of `src/`, and what else clippy cannot check, by reading the files.

use std::fs;
use std::path::Path;

/// A module may name only modules of the lines above its own.
const LAYERS: &[&[&str]] = &[
    &["diagnostic", "memory"],
    &["project", "engine", "state"],
    &["jinja"],
    &["compile"],
    &[
        "deps", "ingest", "quality", "features", "ml", "version", "export", "report",
    ],
    &["run"],
    &["web"],
    &["cli"],
];

fn layer(module: &str) -> usize {
    LAYERS
        .iter()
        .position(|names| names.contains(&module))
        .unwrap_or_else(|| panic!("`{module}` has no layer: add it to LAYERS"))
}

#[test]
fn modules_name_only_lower_layers() {
    let mut wrong = Vec::new();
    visit(Path::new("src"), &mut |file, text| {
        let own = file.components().nth(1).unwrap().as_os_str();
        let own = own.to_str().unwrap().trim_end_matches(".rs");
        if ["lib", "main"].contains(&own) {
            return;
        }
        for (at, _) in text.match_indices("crate::") {
            let line = text[..at].matches('\n').count();
            if text
                .lines()
                .nth(line)
                .unwrap()
                .trim_start()
                .starts_with("//")
            {
                continue;
            }
            for used in modules_after(&text[at + "crate::".len()..]) {
                if used != own && layer(&used) >= layer(own) {
                    let place = format!("{}:{}", file.display(), line + 1);
                    wrong.push(format!("{place}: `{own}` must not use `{used}`"));
                }
            }
        }
    });
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// `engine::Relation;` gives `engine`; `{diagnostic::{A, B}, engine::C};` gives both.
fn modules_after(path: &str) -> Vec<String> {
    let word = |text: &str| {
        text.chars()
            .take_while(|c| c.is_ascii_lowercase() || *c == '_')
            .collect::<String>()
    };
    let mut names = Vec::new();
    if path.starts_with('{') {
        let mut depth = 0;
        for (at, c) in path.char_indices() {
            depth += i32::from(c == '{') - i32::from(c == '}');
            if depth == 0 {
                break;
            }
            if depth == 1 && (c == '{' || c == ',') {
                names.push(word(path[at + 1..].trim_start()));
            }
        }
    } else {
        names.push(word(path));
    }
    names.retain(|name| is_module(name));
    names
}

/// Macros and types are no modules.
fn is_module(name: &str) -> bool {
    let path = Path::new("src").join(name);
    !name.is_empty() && (path.is_dir() || path.with_extension("rs").is_file())
}

#[test]
fn only_the_engine_names_duckdb_and_only_two_places_hold_unsafe_code() {
    visit(Path::new("src"), &mut |file, text| {
        let outside = !file.starts_with("src/engine");
        assert!(
            !(outside && text.contains("duckdb::")),
            "{}: only the engine names `duckdb`",
            file.display()
        );
        let may_be_unsafe =
            file.starts_with("src/engine/duckdb/capi") || file == Path::new("src/memory.rs");
        assert!(
            may_be_unsafe || !text.contains("unsafe {") && !text.contains("unsafe fn"),
            "{}: unsafe code belongs in src/engine/duckdb/capi or src/memory.rs",
            file.display()
        );
    });
}

#[test]
fn files_stay_under_500_lines() {
    visit(Path::new("src"), &mut |file, text| {
        let code = text.split("#[cfg(test)]").next().unwrap().lines().count();
        assert!(
            code <= 500,
            "{}: {code} lines before its tests; split it",
            file.display()
        );
    });
}

#[test]
fn every_file_is_compiled() {
    visit(Path::new("src"), &mut |file, _| {
        let name = file.file_stem().unwrap().to_str().unwrap();
        let folder = file.parent().unwrap();
        if ["lib", "main"].contains(&name) || name == "mod" {
            return;
        }
        let parent = match folder == Path::new("src") {
            true => "src/lib.rs".into(),
            false => folder.join("mod.rs"),
        };
        let declared = fs::read_to_string(&parent).unwrap();
        assert!(
            declared.contains(&format!("mod {name};")),
            "{}: not declared in {}",
            file.display(),
            parent.display()
        );
    });
}

#[test]
fn every_sql_file_says_in_its_first_line_what_it_does() {
    walk(Path::new("src"), &mut |file| {
        if file.extension().is_some_and(|ext| ext == "sql") {
            let text = fs::read_to_string(file).unwrap();
            let comment = text.starts_with("-- ") || text.starts_with("{#");
            assert!(comment, "{}: begins without a comment", file.display());
        }
    });
}

fn visit(dir: &Path, check: &mut dyn FnMut(&Path, &str)) {
    walk(dir, &mut |path| {
        if path.extension().is_some_and(|ext| ext == "rs") {
            check(path, &fs::read_to_string(path).unwrap());
        }
    });
}

fn walk(dir: &Path, each: &mut dyn FnMut(&Path)) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => walk(&path, each),
            false => each(&path),
        }
    }
}
