//! Quality and profiles where a transcript does not show it: anomalies over runs, pages and PDFs.

use std::fs;
use std::process::Command;

use super::scratch::Scratch;

/// Returns the text of a PDF, as `pdftotext` of poppler-utils reads it, and its number of pages.
fn pdf(project: &Scratch, file: &str) -> (String, usize) {
    let output = Command::new("pdftotext")
        .args(["-layout", project.path(file).to_str().unwrap(), "-"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let n_pages = text.matches('\u{c}').count();
    (text, n_pages)
}

/// A project of one table of `n` rows, with a test for anomalies.
fn counted(measure: &str) -> Scratch {
    let project = Scratch::empty();
    project.write("wh.yml", "name: counted\n");
    project.write(
        "models/t.sql",
        "{{ config(materialized='table') }} select * from range({{ var('n') }})",
    );
    project.write(
        "models/t.yml",
        format!("models: [{{name: t, data_tests: [{{row_count_anomaly: {{arguments: {{measure: {measure}}}}}}}]}}]\n"),
    );
    project
}

/// Builds `n_rows` rows on a day of May 2024.
fn build_with(project: &Scratch, day: u32, n_rows: u32) -> (i32, String) {
    let vars = format!("{{n: {n_rows}}}");
    let mut build = project.wh(&["build", "--vars", &vars]);
    let output = build.env("WH_NOW", format!("2024-05-{day:02}T06:00:00Z"));
    let said = project.said(&output.output().unwrap());
    (said.code, said.text)
}

#[test]
fn a_row_count_far_from_the_runs_before_is_an_anomaly_and_a_short_history_passes_with_a_word() {
    let project = counted("rows");
    for (run, n_rows) in (0..).zip([1000, 1010, 995, 1005, 990]) {
        let (code, text) = build_with(&project, run + 1, n_rows);
        assert_eq!(code, 0, "{text}");
        let word = format!("row_count_anomaly of main.t passes: {run} of 5 runs to compare with");
        assert!(text.contains(&word), "{text}");
    }
    let (code, text) = build_with(&project, 6, 1030);
    assert_eq!(code, 0, "3% is within the tolerance: {text}");
    assert!(!text.contains("runs to compare with"), "{text}");
    let (code, text) = build_with(&project, 7, 500);
    assert_eq!(code, 1, "{text}");
    assert!(
        text.contains("500") && text.contains("usual_rows"),
        "{text}"
    );
    let (code, text) = build_with(&project, 8, 2000);
    assert_eq!(code, 1, "{text}");
}

#[test]
fn a_table_that_grows_evenly_is_no_anomaly_where_new_rows_are_compared() {
    let project = counted("new_rows");
    for day in 1..=8 {
        let (code, text) = build_with(&project, day, 100 * day);
        assert_eq!(code, 0, "{text}");
    }
    let (code, text) = build_with(&project, 9, 1500);
    assert_eq!(code, 1, "{text}");
}

#[test]
fn a_test_of_the_project_wins_over_the_built_in_one_of_its_name() {
    let project = Scratch::empty();
    project.write("wh.yml", "name: own\n");
    project.write("models/t.sql", "select 1 as id");
    project.write(
        "models/t.yml",
        "models: [{name: t, columns: [{name: id, data_tests: [{accepted_range: {arguments: {min_value: 5}}}]}]}]\n",
    );
    assert_eq!(project.run(&["build"]).code, 1);
    project.write(
        "sql/macros/own.sql",
        "{% test accepted_range(model, column_name, min_value) %}select 1 where false{% endtest %}",
    );
    let said = project.run(&["build"]);
    assert_eq!(said.code, 0, "{}", said.text);
}

#[test]
fn results_are_recorded_when_the_run_fails_and_the_report_knows_since_when() {
    let project = Scratch::copy_of("tests/projects/quality");
    for day in ["2024-05-01", "2024-05-02", "2024-05-03"] {
        if day == "2024-05-02" {
            project.replace("seeds/raw_customers.csv", "36,2024", "360,2024");
            project.replace(
                "models/models.yml",
                "max_value: 120}, config: {severity: warn, ",
                "max_value: 120}, config: {",
            );
        }
        let mut build = project.wh(&["build", "--quiet"]);
        build.env("WH_NOW", format!("{day}T06:00:00Z"));
        let good = build.output().unwrap().status.success();
        assert_eq!(good, day == "2024-05-01");
    }
    let said = project.run(&["quality", "report"]);
    assert_eq!(said.code, 0, "{}", said.text);
    let html = fs::read_to_string(project.path("reports/quality.html")).unwrap();
    for wanted in [
        "of 63 checks found something:</strong> 1 stopped what reads the table, ",
        "<h3>1. main.customers.age: ranges</h3>",
        "found <strong>2</strong> of 5 rows (40.0%), since 1 May 2024. <strong>What was done:</strong> set to missing.",
        "imputed with “unknown” (int_customers)",
        "Found by run: main.customers.age",
        "<h2>Completeness</h2>",
    ] {
        assert!(html.contains(wanted), "{wanted} in {html}");
    }
    let (text, n_pages) = pdf(&project, "reports/quality.pdf");
    assert!(
        n_pages > 3 && text.replace(' ', "").contains(&format!("1/{n_pages}\n")),
        "{text}"
    );
    for wanted in [
        "Data quality",
        "of 63 checks found something",
        "1. main.customers.age: ranges",
        "Found by run: main.customers.age",
    ] {
        assert!(text.contains(wanted), "{wanted} in {text}");
    }
}

#[test]
fn rejected_records_are_issues_by_reason() {
    let project = Scratch::copy_of("tests/projects/rejects");
    project.replace("models/sources.yml", "max_rejects: 2", "max_rejects: 50%");
    project.build();
    project.run(&["quality", "report"]);
    let html = fs::read_to_string(project.path("reports/quality.html")).unwrap();
    assert!(
        html.contains("<h2>Rejected records</h2>")
            && html.contains("set aside in raw.sales_rejects, each with its reason"),
        "{html}"
    );
}

#[test]
fn a_profile_by_class_shows_what_tells_the_classes_apart() {
    let project = Scratch::copy_of("tests/projects/profile");
    project.build();
    let html = fs::read_to_string(project.path("reports/eda.html")).unwrap();
    for wanted in [
        "<h1>Profile of customers</h1>",
        "What tells <strong>left</strong> from <strong>stayed</strong>",
        "Distribution of months by churned",
        "left: median 2.5, half between 1.75 and 3.25, whiskers 1 to 4",
        "Share of churned = stayed by plan",
        "Heat map of",
    ] {
        assert!(html.contains(wanted), "{wanted} in {html}");
    }
    let (text, n_pages) = pdf(&project, "reports/eda.pdf");
    assert!(
        n_pages >= 3 && text.contains("Profile of customers"),
        "{text}"
    );
    assert!(text.contains("Share of churned = stayed by plan"), "{text}");
}

#[test]
fn the_same_report_gives_the_same_pdf() {
    let project = Scratch::copy_of("tests/projects/profile");
    let built = || {
        let mut build = project.wh(&["build", "--quiet"]);
        build.env("WH_NOW", "2024-05-01T06:00:00Z");
        assert!(build.output().unwrap().status.success());
        fs::read(project.path("reports/eda.pdf")).unwrap()
    };
    assert_eq!(built(), built());
}

#[test]
fn odd_tables_can_be_profiled() {
    let project = Scratch::empty();
    project.write("wh.yml", "name: odd\n");
    let models = [
        (
            "empty",
            "select 1 as id, 'a' as word, date '2024-01-01' as day where false",
        ),
        ("lonely", "select 1 as id"),
        (
            "missing",
            "select null::integer as id, null::varchar as word from range(3)",
        ),
        (
            "endless",
            "select unnest([1.5, 'inf'::double, 'nan'::double, 2]) as \"a \"\"name\"\"\"",
        ),
        (
            "nested",
            "select [1, 2] as list, {'a': 1} as struct, 'x'::blob as bytes from range(2)",
        ),
        (
            "huge",
            "select 1e300 * x as x, 9007199254740993 + x as n from range(5) t(x)",
        ),
    ];
    for (name, sql) in models {
        project.write(&format!("models/{name}.sql"), sql);
    }
    project.build();
    for (name, _) in models {
        let said = project.run(&["profile", name, "--to", "p.html", "--to", "p.pdf"]);
        assert_eq!(said.code, 0, "{name}: {}", said.text);
    }
}
