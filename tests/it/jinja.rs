//! dbt's Jinja dialect against what dbt itself makes of the same templates, as `scripts/record_jinja.py` recorded it.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use wh::jinja::{Block, Dialect, Globals, Source, Value, blocks, from_json};

const FOLDER: &str = "tests/jinja";

fn macros() -> Vec<Block> {
    let mut found = Vec::new();
    for package in ["dbt", "tools", "shop"] {
        let file = Path::new(FOLDER).join(format!("macros/{package}/{package}.sql"));
        let text = fs::read_to_string(&file).unwrap();
        found.extend(blocks(&Source::new(package, file, &text)).unwrap());
    }
    found
}

fn globals() -> Arc<Globals> {
    let text = fs::read_to_string(Path::new(FOLDER).join("globals.json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut globals = Globals::new();
    for (name, value) in json.as_object().unwrap() {
        globals.insert(name, from_json(value));
    }
    globals.insert(
        "ref",
        Value::from_function(|name: String| format!("\"dev\".\"main\".\"{name}\"")),
    );
    Arc::new(globals)
}

#[test]
fn templates_render_to_the_byte_as_dbt_renders_them() {
    let dialect = Dialect::new("shop", &["dbt"], macros()).unwrap();
    let mut wrong = Vec::new();
    let mut count = 0;
    for entry in fs::read_dir(FOLDER).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_none_or(|extension| extension != "sql") {
            continue;
        }
        count += 1;
        let text = fs::read_to_string(&file).unwrap();
        let expected = fs::read_to_string(file.with_extension("txt")).unwrap();
        let template = dialect.compile("shop", &file, &text);
        match template.and_then(|template| dialect.render(&template, &globals())) {
            Ok(rendered) if rendered == expected => {}
            Ok(rendered) => wrong.push(format!(
                "{}\n  wh:  {rendered:?}\n  dbt: {expected:?}",
                file.display()
            )),
            Err(error) => wrong.push(format!("{}\n  {error}", file.display())),
        }
    }
    assert!(count >= 60, "{count} templates");
    assert!(
        wrong.is_empty(),
        "{} of {count} differ\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
