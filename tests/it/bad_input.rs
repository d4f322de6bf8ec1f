//! What a user gets wrong: each answer names place and remedy, and leaves the warehouse and all outputs as they were.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use super::scratch::{Said, Scratch};

const SHOP: &str = "tests/projects/shop";
const HEADER: &str = "order_id,customer,product,pieces,price,ordered_on\n";
const MARTS: &str = "models/marts/marts.yml";
const REVENUE: &str = "models/marts/revenue.sql";

/// Every row of the warehouse and every byte of what left it.
type State = (BTreeMap<String, Vec<String>>, BTreeMap<PathBuf, Vec<u8>>);

fn shop() -> Scratch {
    let shop = Scratch::copy_of(SHOP);
    shop.build();
    shop
}

fn state(shop: &Scratch) -> State {
    (shop.tables(), shop.files(&["exports", "reports"]))
}

fn assert_says(said: &Said, code: i32, parts: &[&str]) {
    assert_eq!(said.code, code, "{}", said.text);
    for part in parts {
        assert!(
            said.text.contains(part),
            "`{part}` is not in:\n{}",
            said.text
        );
    }
}

/// Builds the shop, spoils it, and builds again: that must answer with `code` and all of `parts` and change
/// nothing. Mended, it must build and be as before.
fn refused(code: i32, parts: &[&str], spoil: impl Fn(&Scratch)) {
    let shop = shop();
    let before = state(&shop);
    spoil(&shop);
    assert_says(&shop.run(&["build"]), code, parts);
    assert!(state(&shop) == before, "the warehouse or an output changed");
    shop.restore(SHOP);
    shop.build();
    assert!(
        state(&shop) == before,
        "the mended project builds something else"
    );
}

#[test]
fn a_missing_inbox_is_answered_with_the_path_and_leaves_no_table() {
    let shop = Scratch::copy_of(SHOP);
    fs::remove_dir_all(shop.path("raw/inbox")).unwrap();
    let parts = [
        "no file matches `raw/inbox/orders*.csv`",
        "--> models/sources.yml:9:17",
        "there is no file `raw/inbox/reviews.json`",
        "hint: put it there, correct `path:`, or set `on_missing: keep`",
    ];
    assert_says(&shop.run(&["build"]), 1, &parts);
    assert!(shop.files(&["exports", "reports"]).is_empty());
    assert!(!shop.tables().keys().any(|name| name.contains("orders")));
}

#[test]
fn an_empty_file_is_refused() {
    let parts = [
        "`raw/inbox/orders.csv` is empty",
        "--> raw/inbox/orders.csv",
        "hint: ",
    ];
    refused(1, &parts, |shop| shop.write("raw/inbox/orders.csv", ""));
}

#[test]
fn a_file_with_a_header_only_is_refused() {
    let parts = [
        "has a header but no rows",
        "--> raw/inbox/orders.csv",
        "hint: ",
    ];
    refused(1, &parts, |shop| shop.write("raw/inbox/orders.csv", HEADER));
}

#[test]
fn a_row_too_long_is_refused_with_its_line_and_column() {
    let parts = [
        "7 fields where the header has 6",
        "--> raw/inbox/orders_2.csv:2:26",
        "raise `max_rejects:`",
    ];
    refused(1, &parts, |shop| {
        shop.write(
            "raw/inbox/orders_2.csv",
            format!("{HEADER}7,e,P3,4,1.25,2025-03-01,x\n"),
        );
    });
}

#[test]
fn a_row_too_short_is_refused_with_its_line_and_column() {
    let parts = [
        "3 fields where the header has 6",
        "--> raw/inbox/orders_2.csv:2:7",
        "hint: ",
    ];
    refused(1, &parts, |shop| {
        shop.write("raw/inbox/orders_2.csv", format!("{HEADER}7,e,P3\n"));
    });
}

#[test]
fn text_that_is_not_utf8_is_refused_with_the_byte() {
    let parts = [
        "byte 0xfc is not UTF-8",
        "--> raw/inbox/orders_2.csv:2:4",
        "hint: set `encoding:`",
    ];
    refused(1, &parts, |shop| {
        let row = b"7,J\xfcrg,P3,4,1.25,2025-03-01\n";
        shop.write("raw/inbox/orders_2.csv", [HEADER.as_bytes(), row].concat());
    });
}

#[test]
fn json_cut_off_is_refused_with_the_record() {
    let parts = [
        "`raw/inbox/reviews.json` is cut off",
        "--> raw/inbox/reviews.json:2:",
        "hint: fetch the file again",
    ];
    refused(1, &parts, |shop| {
        shop.write(
            "raw/inbox/reviews.json",
            "[{\"customer\": \"anna\", \"product\": \"P1\", \"score\": 4},\n {\"cust",
        );
    });
}

#[test]
fn an_error_of_sql_is_shown_at_the_templates_line() {
    let parts = [
        "model `revenue` is refused",
        "--> models/marts/revenue.sql:8:67",
        "\"piecs\"",
        "sum(orders.piecs)",
    ];
    refused(1, &parts, |shop| {
        shop.replace(
            REVENUE,
            "as revenue_cents",
            "as revenue_cents, sum(orders.piecs) as n",
        );
    });
}

#[test]
fn an_error_of_sql_syntax_is_shown_at_the_templates_line() {
    let parts = [
        "syntax error at or near \"by\"",
        "--> models/marts/revenue.sql:12:14",
    ];
    refused(1, &parts, |shop| {
        shop.replace(REVENUE, "group by all", "group by all by");
    });
}

#[test]
fn an_error_of_sql_from_a_macro_is_shown_where_the_model_calls_it() {
    let parts = [
        "model `stg_orders` is refused",
        "--> models/staging/stg_orders.sql:6:",
        "Type with name decimel",
    ];
    refused(1, &parts, |shop| {
        shop.replace("sql/macros/cents.sql", "decimal(18, 2)", "decimel(18, 2)");
    });
}

#[test]
fn an_error_of_sql_after_a_loop_is_shown_at_the_templates_line() {
    refused(
        1,
        &[
            "model `loops` is refused",
            "--> models/marts/loops.sql:5:3",
            "\"nosuch\"",
        ],
        |shop| {
            let text = "select\n{% for n in [1, 2, 3] %}\n  {{ n }} as c{{ n }},\n{% endfor %}\n  nosuch\nfrom {{ ref('stg_orders') }}\n";
            shop.write("models/marts/loops.sql", text);
        },
    );
}

#[test]
fn an_unknown_reference_is_answered_with_the_nearest_name() {
    let parts = [
        "nothing is called `stg_order`",
        "--> models/marts/revenue.sql:2:22",
        "hint: did you mean `stg_orders`?",
    ];
    refused(2, &parts, |shop| {
        shop.replace(REVENUE, "ref('stg_orders')", "ref('stg_order')");
    });
}

#[test]
fn an_unknown_source_is_answered_with_the_nearest_name() {
    let parts = [
        "no source table is called `till.order`",
        "--> models/staging/stg_orders.sql:8:9",
        "did you mean `till.orders`?",
    ];
    refused(2, &parts, |shop| {
        shop.replace("models/staging/stg_orders.sql", "'orders')", "'order')");
    });
}

#[test]
fn a_circle_is_shown_node_by_node() {
    let parts = [
        "in a circle: `again` -> `revenue` -> `again`",
        "models/marts/again.sql",
        "hint: take one of these references out",
    ];
    refused(2, &parts, |shop| {
        shop.write(
            "models/marts/again.sql",
            "select * from {{ ref('revenue') }}",
        );
        shop.replace(REVENUE, "ref('stg_orders')", "ref('again')");
    });
}

#[test]
fn two_nodes_of_one_name_are_refused_with_both_files() {
    let parts = [
        "two nodes are called `customers`",
        "models/staging/customers.sql",
        "models/marts/customers.sql",
        "hint: rename one",
    ];
    refused(2, &parts, |shop| {
        shop.write("models/staging/customers.sql", "select 1 as n");
    });
}

#[test]
fn broken_yaml_is_refused_with_its_line_and_column() {
    let parts = ["`models/x.yml` is not valid YAML", "--> models/x.yml:4:4"];
    refused(2, &parts, |shop| {
        shop.write(
            "models/x.yml",
            "version: 2\nmodels:\n  - name: a\n   description: b\n",
        );
    });
}

#[test]
fn a_key_given_twice_is_doubted_as_in_dbt_and_refused_on_demand() {
    let shop = shop();
    shop.replace(
        MARTS,
        "    key: customer\n",
        "    key: customer\n    key: customer\n",
    );
    let parts = [
        "`key` is given twice in one mapping",
        "--> models/marts/marts.yml:21:5",
    ];
    assert_says(&shop.run(&["build"]), 0, &parts);
    let before = state(&shop);
    assert_says(&shop.run(&["build", "--warn-error"]), 2, &parts);
    assert!(state(&shop) == before, "the warehouse or an output changed");
}

#[test]
fn an_unknown_key_of_the_project_is_answered_with_the_nearest() {
    let parts = [
        "the project does not take `modles`",
        "--> wh.yml:9:1",
        "hint: did you mean `models`?",
    ];
    refused(2, &parts, |shop| {
        shop.write(
            "wh.yml",
            fs::read_to_string(shop.path("wh.yml")).unwrap() + "modles: {}\n",
        );
    });
}

#[test]
fn an_unknown_materialization_is_answered_with_the_nearest() {
    let parts = [
        "`tabel` is no materialization",
        "--> models/marts/revenue.sql",
        "hint: did you mean `table`?",
    ];
    refused(1, &parts, |shop| {
        let text = fs::read_to_string(shop.path(REVENUE)).unwrap();
        shop.write(
            REVENUE,
            format!("{{{{ config(materialized='tabel') }}}}\n{text}"),
        );
    });
}

#[test]
fn an_unknown_test_is_answered_with_the_nearest() {
    let parts = [
        "there is no test `not_negativ`",
        "--> models/marts/marts.yml:9:22",
        "hint: did you mean `not_negative`?",
    ];
    refused(2, &parts, |shop| {
        shop.replace(MARTS, "[not_negative]", "[not_negativ]");
    });
}

#[test]
fn an_unknown_macro_is_answered_with_the_nearest() {
    let shop = shop();
    let before = state(&shop);
    shop.write("models/marts/j.sql", "select {{ cent(1) }} as n");
    let said = shop.run(&["build"]);
    assert!(said.code == 1 || said.code == 2, "{}", said.text);
    assert_says(
        &said,
        said.code,
        &[
            "`cent` is no",
            "--> models/marts/j.sql:1:11",
            "did you mean `cents`?",
        ],
    );
    assert!(state(&shop) == before);
}

#[test]
fn statements_that_fail_while_compiling_do_not_break_off_those_of_other_templates() {
    let shop = shop();
    let ask = |what: &str| {
        format!(
            "{{% call statement('answer', fetch_result=true) %}}select {what}{{% endcall %}}\n\
             select '{{{{ load_result('answer').table.rows[0][0] }}}}' as answer\n"
        )
    };
    for number in 0..200 {
        shop.write(&format!("models/good_{number}.sql"), ask("41 + 1"));
    }
    for number in 0..9 {
        shop.write(
            &format!("models/wrong_{number}.sql"),
            ask("error('nonsense')"),
        );
    }
    let said = shop.run(&["compile"]);
    assert_says(&said, 2, &["nonsense", "models/wrong_8.sql:1"]);
    for part in ["aborted", "good_"] {
        assert!(!said.text.contains(part), "{}", said.text);
    }
}

#[test]
fn a_template_that_never_ends_is_refused_where_it_begins() {
    let parts = ["this is never closed by `}}`", "--> models/marts/j.sql:1:8"];
    refused(2, &parts, |shop| {
        shop.write("models/marts/j.sql", "select {{ 1 \n");
    });
}

#[test]
fn an_environment_variable_that_is_not_set_is_refused_with_the_way_to_give_it() {
    let parts = [
        "the environment variable `NO_SUCH_NAME` is not set",
        "--> models/marts/j.sql:1:11",
        "hint: set it, or give a default",
    ];
    refused(2, &parts, |shop| {
        shop.write(
            "models/marts/j.sql",
            "select {{ env_var('NO_SUCH_NAME') }} as n",
        );
    });
}

#[test]
fn a_variable_without_value_is_refused_with_the_way_to_give_it() {
    let parts = [
        "the variable `least_pieces` has no value",
        "--> models/staging/stg_orders.sql:9:54",
        "--vars",
    ];
    refused(2, &parts, |shop| {
        shop.replace("wh.yml", "vars: {least_pieces: 1}\n", "");
    });
}

#[test]
fn an_unknown_algorithm_connector_or_column_is_answered_with_the_nearest() {
    refused(
        2,
        &[
            "the algorithm `kmean`",
            "--> models/marts/marts.yml:16:11",
            "did you mean `kmeans`?",
        ],
        |shop| {
            shop.replace(MARTS, "algorithm: kmeans", "algorithm: kmean");
        },
    );
    refused(
        1,
        &[
            "no column `n_order`",
            "models/marts/marts.yml:16",
            "did you mean `n_orders`?",
        ],
        |shop| {
            shop.replace(MARTS, "n_orders]", "n_order]");
        },
    );
    refused(
        1,
        &[
            "no connector is called `fil`",
            "--> models/sources.yml:9:17",
            "did you mean `file`?",
        ],
        |shop| {
            shop.replace(
                "models/sources.yml",
                "connector: file, path: \"raw",
                "connector: fil, path: \"raw",
            );
        },
    );
}

#[test]
fn a_value_that_a_report_does_not_have_leaves_the_old_report() {
    let parts = [
        "`best[0].produt` is undefined",
        "--> models/reports/page.md:9:4",
        "did you mean `product`?",
    ];
    refused(1, &parts, |shop| {
        shop.replace(
            "models/reports/page.md",
            "best[0].product",
            "best[0].produt",
        );
    });
}

#[test]
fn an_output_that_cannot_be_written_is_named_and_the_others_are_made() {
    let shop = shop();
    let before = shop.files(&["exports", "reports"]);
    shop.write("blocked", "a file where a folder should be");
    shop.replace(
        MARTS,
        "{csv: exports/revenue.csv}",
        "{csv: blocked/revenue.csv}",
    );
    let parts = [
        "`blocked/revenue.csv` cannot be written",
        "--> models/marts/marts.yml:27:11",
        "hint: part of `blocked` is a file",
    ];
    assert_says(&shop.run(&["build"]), 1, &parts);
    assert!(shop.files(&["exports", "reports"]) == before);
    assert_eq!(
        fs::read_to_string(shop.path("blocked")).unwrap(),
        "a file where a folder should be"
    );
}

#[test]
fn a_file_that_is_no_warehouse_is_left_alone() {
    let shop = Scratch::copy_of(SHOP);
    shop.write("warehouse.duckdb", "an old shopping list, nothing else");
    let parts = [
        "`warehouse.duckdb` is not a DuckDB file",
        "hint: move the file away",
    ];
    assert_says(&shop.run(&["build"]), 2, &parts);
    assert_eq!(
        fs::read_to_string(shop.path("warehouse.duckdb")).unwrap(),
        "an old shopping list, nothing else"
    );
}

#[test]
fn a_folder_without_a_project_says_how_to_make_one() {
    let shop = Scratch::copy_of(SHOP);
    fs::remove_file(shop.path("wh.yml")).unwrap();
    assert_says(
        &shop.run(&["build"]),
        2,
        &["there is no project in `$PROJECT`", "hint: ", "wh init"],
    );
    assert!(!shop.path("warehouse.duckdb").exists());
}

/// A model that takes as many times a hundred million steps as it is told.
fn slow_model(hundred_millions: u32) -> String {
    format!(
        "select count(*) as n from range({hundred_millions}) a, range(1000000) b, range(100) c where hash(a.range + b.range + c.range) % 7 = 0"
    )
}

/// Starts a build and returns when its slow model, the last node of the selection, is running.
fn start_slow(shop: &Scratch, hundred_millions: u32) -> Child {
    shop.write(
        "models/marts/slow.sql",
        format!(
            "-- depends_on: {{{{ ref('revenue') }}}}\n{}",
            slow_model(hundred_millions)
        ),
    );
    let words = [
        "build",
        "--log-format",
        "json",
        "-s",
        "+slow",
        "--exclude",
        "resource_type:test",
    ];
    let mut child = shop.wh(&words).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let revenue = lines.find(|line| line.as_ref().unwrap().contains("\"revenue\""));
    assert!(revenue.is_some(), "the build ended early");
    std::thread::spawn(move || lines.for_each(drop));
    child
}

#[test]
fn a_second_build_names_the_first_and_changes_nothing() {
    let shop = shop();
    let mut first = start_slow(&shop, 1_000_000);
    let output = shop.wh(&["build"]).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    let pid = first.id().to_string();
    first.kill().unwrap();
    first.wait().unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    for part in ["is in use by", "wh", &pid, "--lock-timeout"] {
        assert!(text.contains(part), "`{part}` is not in:\n{text}");
    }
    fs::remove_file(shop.path("models/marts/slow.sql")).unwrap();
    shop.build();
}

#[test]
fn compiling_opens_the_warehouse_only_for_templates_that_ask_and_says_once_that_it_is_held() {
    let shop = shop();
    let mut first = start_slow(&shop, 1_000_000);
    let without = shop.run(&["compile", "-s", "customers"]);
    for number in 0..20 {
        let asks = "select {{ run_query('select 42').rows[0][0] if execute }} as answer";
        shop.write(&format!("models/asks_{number}.sql"), asks);
    }
    let asking = shop.run(&["compile"]);
    first.kill().unwrap();
    first.wait().unwrap();
    assert_says(&without, 0, &[]);
    assert_says(
        &asking,
        2,
        &["is in use by `wh` (process", "--lock-timeout"],
    );
    assert_eq!(asking.text.matches("error:").count(), 1, "{}", asking.text);
}

#[test]
fn a_second_build_waits_as_long_as_it_is_told() {
    let shop = shop();
    let mut first = start_slow(&shop, 2);
    let second = shop.run(&["build", "-q", "-s", "customers", "--lock-timeout", "300s"]);
    assert_eq!(second.code, 0, "{}", second.text);
    assert!(first.wait().unwrap().success());
}

#[test]
fn an_interrupted_build_undoes_what_runs_and_keeps_what_is_done() {
    let shop = shop();
    let before = state(&shop);
    let mut first = start_slow(&shop, 1_000_000);
    Command::new("kill")
        .args(["-INT", &first.id().to_string()])
        .status()
        .unwrap();
    assert_eq!(first.wait().unwrap().code(), Some(1));
    assert!(state(&shop) == before);
}
