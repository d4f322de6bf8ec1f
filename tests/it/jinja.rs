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

/// A dialect with macros of the root project `shop` in `macros/m.sql`.
fn dialect(macros: &str) -> Dialect {
    let found = blocks(&Source::new("shop", "macros/m.sql", macros)).unwrap();
    Dialect::new("shop", &["dbt"], found).unwrap()
}

fn render(dialect: &Dialect, text: &str) -> String {
    let template = dialect.compile("shop", "models/a.sql", text);
    match template.and_then(|template| dialect.render(&template, &globals())) {
        Ok(text) => text,
        Err(error) => error.to_string(),
    }
}

#[test]
fn an_error_in_a_macro_names_its_place_and_the_calls_around_it() {
    let dialect = dialect(
        "{% macro inner(x) %}\n  {{ x.name.first }}\n{% endmacro %}\n{% macro outer() %}{{ inner({}) }}{% endmacro %}",
    );
    assert_eq!(
        render(&dialect, "select 1\n  {{ outer() }}"),
        "`x.name` is undefined\n  --> macros/m.sql:2:7\n  in macro `inner`, called at macros/m.sql:4:23\n  \
         in macro `outer`, called at models/a.sql:2:6"
    );
}

#[test]
fn an_error_in_a_call_block_keeps_the_place_in_its_file() {
    let dialect = dialect("{% macro boxed() %}[{{ caller() }}]{% endmacro %}");
    assert_eq!(
        render(
            &dialect,
            "{% call boxed() %}\n\n {{ nosuch() }}{% endcall %}"
        ),
        "`nosuch` is no macro or function\n  --> models/a.sql:3:5\n  in macro `boxed`, called at models/a.sql:1:9\n\
         hint: check the name; a macro of a package is there after `wh deps`"
    );
}

#[test]
fn errors_say_what_is_and_what_was_meant() {
    let dialect = dialect("{% macro cents(column, scale=2) %}{{ column }}{% endmacro %}");
    let cases = [
        (
            "{{ cnets(1) }}",
            "`cnets` is no macro or function\n  --> models/a.sql:1:4\nhint: did you mean `cents`?",
        ),
        (
            "{{ cents(1, 2, 3) }}",
            "macro `cents` takes at most 2 arguments, 3 are given\n  --> models/a.sql:1:4\nhint: its signature is `cents(column, scale=2)`",
        ),
        (
            "{{ cents(1, size=3) }}",
            "macro `cents` has no parameter `size`\n  --> models/a.sql:1:4\nhint: its signature is `cents(column, scale=2)`",
        ),
        (
            "{{ shop.cent(1) }}",
            "package `shop` has no macro `cent`\n  --> models/a.sql:1:8\nhint: did you mean `shop.cents`?",
        ),
        (
            "{{ 'a' | uper }}",
            "`uper` is no filter\n  --> models/a.sql:1:10\nhint: did you mean `upper`?",
        ),
        (
            "{{ 1 is nmber }}",
            "`nmber` is no test\n  --> models/a.sql:1:9\nhint: did you mean `number`?",
        ),
        (
            "{{ [].push(1) }}",
            "a list has no method `push`\n  --> models/a.sql:1:6",
        ),
        (
            "{{ {}.udpate(a=1) }}",
            "a dict has no method `udpate`\n  --> models/a.sql:1:6\nhint: did you mean `update`?",
        ),
        (
            "{{ 'a'.uper() }}",
            "a string has no method `uper`\n  --> models/a.sql:1:7\nhint: did you mean `upper`?",
        ),
        (
            "{{ target.nope.x }}",
            "`target.nope` is undefined\n  --> models/a.sql:1:10",
        ),
        (
            "{{ target.frobnicate() }}",
            "a dict has no method `frobnicate`\n  --> models/a.sql:1:10",
        ),
        (
            "{{ 'a' + 1 }}",
            "`+` is not defined for a string and a number\n  --> models/a.sql:1:4",
        ),
        (
            "{{ return(1) }}",
            "`return` stands outside a macro\n  --> models/a.sql:1:4",
        ),
        (
            "a\n{% if x %}",
            "the template ends within a block that is never closed\n  --> models/a.sql:2:9\n\
             hint: close every `{% if %}` by `{% endif %}`, every `{% for %}` by `{% endfor %}`",
        ),
        (
            "a\n {{ 1 + }}",
            "this cannot be read: unexpected end of variable block\n  --> models/a.sql:2:9",
        ),
        (
            "{{ 'a }}",
            "this string is never closed\n  --> models/a.sql:1:4",
        ),
        (
            "a\n{{ b",
            "this is never closed by `}}`\n  --> models/a.sql:2:1",
        ),
        (
            "{% call f %}{% endcall %}",
            "expected a call such as `name(…)`, found `f`\n  --> models/a.sql:1:9",
        ),
        (
            "{% call cents() %}x{% endcall %}",
            concat!(
                "macro `cents` uses no `caller`, so it takes no call block\n  --> models/a.sql:1:9\n",
                "hint: its signature is `cents(column, scale=2)`"
            ),
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(render(&dialect, text), expected, "{text}");
    }
}

#[test]
fn a_diagnostic_of_a_function_comes_through_with_the_place_of_its_call() {
    let dialect = dialect("{% macro guard() %}\n{{ fail('no such thing') }}{% endmacro %}");
    let mut globals = Globals::new();
    let fail = |what: String| -> Result<Value, minijinja::Error> {
        Err(wh::jinja::raise(
            wh::diagnostic::Diagnostic::data(what).hint("do this"),
        ))
    };
    globals.insert("fail", Value::from_function(fail));
    let template = dialect
        .compile("shop", "models/a.sql", "{{ guard() }}")
        .unwrap();
    let error = dialect.render(&template, &Arc::new(globals)).unwrap_err();
    let diagnostic = error.downcast_ref::<wh::diagnostic::Diagnostic>().unwrap();
    assert_eq!(diagnostic.exit_code(), 1);
    assert_eq!(
        diagnostic.to_string(),
        "no such thing\n  --> macros/m.sql:2:4\n  in macro `guard`, called at models/a.sql:1:4\nhint: do this"
    );
}

#[test]
fn what_never_ends_is_stopped() {
    let dialect = dialect(
        "{% macro again(n) %}{{ again(n + 1) }}{% endmacro %}\
         {% macro twice(n) %}{% if n < 60 %}{{ twice(n + 1) }}{{ twice(n + 1) }}{% endif %}{% endmacro %}",
    );
    assert!(
        render(&dialect, "{{ again(1) }}")
            .starts_with("macro `again` is called within macros more than 400 deep\n")
    );
    let steps = "the template takes more than 100 million steps\n";
    assert!(render(&dialect, "{{ twice(1) }}").starts_with(steps));
    let loops = "{% for a in range(90000) %}{% for b in range(90000) %}{% set c = b %}{% endfor %}{% endfor %}";
    assert!(render(&dialect, loops).starts_with(steps));
}

#[test]
fn unknown_names_are_harmless_in_the_template_itself_while_parsing() {
    let dialect = dialect("{% macro strict() %}{{ nosuch() }}{% endmacro %}");
    let parsing = Arc::new(Globals::over(&globals()).lenient());
    let template = |text: &str| dialect.compile("shop", "models/a.sql", text).unwrap();
    let text = concat!(
        "[{{ nosuch(1).a[0].b() }}]{% for x in nosuch().columns.values() %}x{% endfor %}",
        "{{ nosuch is defined }}{{ nosuch | default('d') }}{{ missing.a.b }}{{ nothing.columns[0].values() }}{{ ref('x') }}"
    );
    assert_eq!(
        dialect.render(&template(text), &parsing).unwrap(),
        "[]Falsed\"dev\".\"main\".\"x\""
    );
    assert!(
        dialect
            .render(&template("{{ strict() }}"), &parsing)
            .is_err()
    );
}

#[test]
fn yaml_text_that_is_one_expression_keeps_its_type() {
    let dialect = dialect("{% macro names() %}{{ return(['a']) }}{% endmacro %}");
    let cases = [
        ("plain", "'plain'"),
        ("{{ 1 + 1 }}", "2"),
        ("{{ names() }}", "['a']"),
        ("{{ model.tags }}", "['daily', 'core']"),
        ("n {{ 1 }}", "'n 1'"),
        ("{{ 1 }}{{ 2 }}", "'12'"),
        ("{{ '5' }}", "'5'"),
        ("{{ '5' | as_number }}", "5"),
        ("{{ 'True' | as_bool }}", "True"),
        ("{{ '[1, \"a\"]' | as_native }}", "[1, 'a']"),
        ("{% if true %}x{% endif %}", "'x'"),
        ("{{ none }}", "None"),
    ];
    for (text, expected) in cases {
        let value = dialect.evaluate("shop", text, &globals()).unwrap();
        assert_eq!(wh::jinja::repr(&value), expected, "{text}");
    }
    assert!(
        dialect
            .evaluate("shop", "{{ 'x' | as_bool }}", &globals())
            .is_err()
    );
}

#[test]
fn macros_are_called_from_rust_with_positional_and_named_arguments() {
    let dialect = dialect(
        "{% macro pair(a, b=1) %}{{ return([a, b, target.name]) }}{% endmacro %}{% macro text() %}t{% endmacro %}",
    );
    let value = dialect
        .call(
            "shop",
            "pair",
            (&[Value::from(5)], &[("b", Value::from("x"))]),
            &globals(),
        )
        .unwrap();
    assert_eq!(wh::jinja::repr(&value), "[5, 'x', 'dev']");
    let value = dialect
        .call("other", "text", (&[], &[]), &globals())
        .unwrap();
    assert_eq!(value.as_str(), Some("t"));
    let error = dialect
        .call("shop", "txet", (&[], &[]), &globals())
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no macro `txet`\nhint: did you mean `text`?"
    );
}

#[test]
fn dispatch_searches_packages_then_prefixes() {
    let mut found = Vec::new();
    for (package, text) in [
        ("shop", "{% macro default__f() %}shop{% endmacro %}"),
        (
            "tools",
            "{% macro duckdb__f() %}tools{% endmacro %}{% macro default__g() %}g{% endmacro %}",
        ),
        ("dbt", "{% macro default__h() %}h{% endmacro %}"),
    ] {
        found.extend(blocks(&Source::new(package, "m.sql", text)).unwrap());
    }
    let of = |dialect: &Dialect, name: &str, namespace: Option<&str>| {
        let prefixes = ["duckdb", "default"];
        let found = dialect
            .library()
            .find_dispatch("shop", name, namespace, &prefixes);
        found.map(|found| found.id())
    };
    let dialect = Dialect::new("shop", &["dbt"], found.clone()).unwrap();
    let id = |name: &str, namespace| of(&dialect, name, namespace);
    assert_eq!(id("f", Some("tools")).unwrap(), "macro.shop.default__f");
    assert_eq!(id("g", Some("tools")).unwrap(), "macro.tools.default__g");
    assert_eq!(id("h", None).unwrap(), "macro.dbt.default__h");
    assert_eq!(id("h", Some("dbt")).unwrap(), "macro.dbt.default__h");
    assert_eq!(id("h", Some("tools")), None);

    let order = [(
        "tools".to_owned(),
        vec!["tools".to_owned(), "shop".to_owned()],
    )];
    let configured = Dialect::new("shop", &["dbt"], found)
        .unwrap()
        .with_dispatch(order.into());
    assert_eq!(
        of(&configured, "f", Some("tools")).unwrap(),
        "macro.tools.duckdb__f"
    );
}

#[test]
fn each_line_of_the_text_leads_back_to_its_template_line() {
    let dialect = dialect("{% macro two() %}m1\n  m2{% endmacro %}");
    let text = concat!(
        "{{ '' }}\n",
        "{% set x %}\nin a set\n{% endset -%}\n\n",
        "select\n",
        "  {%- for c in ['a', 'b'] %}\n",
        "  {{ c }},\n",
        "  {%- endfor %}\n",
        "  {{ two() }},\n",
        "{# comment\n#}  {{- x | trim | length }}\n",
        "from {% if true -%}\n  t {%- endif %}\n",
    );
    let template = dialect.compile("shop", "models/a.sql", text).unwrap();
    let rendered = dialect.render(&template, &globals()).unwrap();
    let trace = dialect.trace(&template, &globals()).unwrap();
    let lines: Vec<(&str, u32)> = rendered
        .lines()
        .zip(1..)
        .map(|(line, number)| (line.trim(), trace.origin(number).map_or(0, |at| at.line)))
        .collect();
    let expected = [
        ("", 1),
        ("select", 6),
        ("a,", 8),
        ("b,", 8),
        ("m1", 10),
        ("m2,", 10),
        ("8", 12),
        ("from t", 13),
    ];
    assert_eq!(lines, expected);
    assert_eq!(trace.origin(0), None);
    assert_eq!(trace.origin(99), None);
}

#[test]
fn templates_are_rendered_by_many_threads() {
    let dialect = dialect("{% macro id(x) %}{{ return(x) }}{% endmacro %}");
    let template = dialect
        .compile(
            "shop",
            "models/a.sql",
            "{% for i in range(50) %}{{ id(i) }}{% endfor %}",
        )
        .unwrap();
    let expected = dialect.render(&template, &globals()).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..50 {
                    assert_eq!(dialect.render(&template, &globals()).unwrap(), expected);
                }
            });
        }
    });
}

#[test]
fn a_template_may_define_macros_of_its_own() {
    let dialect = dialect("{% macro shown(x) %}<{{ x }}>{% endmacro %}");
    let text = "{% set v = 1 %}{% macro local(n) %}{{ shown(v) }}{% if n %}{{ local(n - 1) }}{% endif %}{% endmacro %}{{ local(2) }}";
    assert_eq!(render(&dialect, text), "<1><1><1>");
}

#[test]
fn two_macros_of_one_name_and_unreadable_macros_are_reported_together() {
    let text = "{% macro a() %}{% endmacro %}\n{% macro a() %}{% endmacro %}\n{% macro b() %}{{ 1 + }}{% endmacro %}";
    let found = blocks(&Source::new("shop", "m.sql", text)).unwrap();
    let error = Dialect::new("shop", &[], found).unwrap_err();
    let several = error.downcast_ref::<wh::diagnostic::Several>().unwrap();
    let texts: Vec<String> = several.0.iter().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        [
            "this cannot be read: unexpected end of variable block\n  --> m.sql:3:23",
            "macro `a` is defined twice in package `shop`\n  --> m.sql:2:1\n  first at m.sql:1:1",
        ]
    );
}
