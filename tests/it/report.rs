//! Reports, from a real warehouse to real files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use wh::diagnostic::At;
use wh::engine::{DuckDb, Engine, Relation, Session, Settings};
use wh::project::nodes::{Reference, Report};
use wh::report::{About, Outcome, Request, references, write};

/// A project folder with a warehouse in it.
struct Project {
    folder: tempfile::TempDir,
    warehouse: DuckDb,
}

impl Project {
    fn new(sql: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("warehouse.duckdb");
        let warehouse = DuckDb::open(&Settings {
            path,
            ..Settings::default()
        })
        .unwrap();
        let project = Self { folder, warehouse };
        project.session().execute(sql).unwrap();
        project
    }

    fn session(&self) -> Box<dyn Session> {
        self.warehouse.connect().unwrap()
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a report whose every reference is a table of the schema `main`.
    fn write(&self, text: &str) -> anyhow::Result<Outcome> {
        self.write_report(&report(text))
    }

    fn write_report(&self, report: &Report) -> anyhow::Result<Outcome> {
        let tables = self.session().catalog().unwrap();
        let named = |table: &str| Reference::Ref {
            package: None,
            name: table.into(),
            version: None,
        };
        let inputs = tables.into_iter().map(|entry| {
            (
                named(&entry.relation.name),
                Relation::new("main", entry.relation.name),
            )
        });
        let about = About {
            project: "shop".into(),
            generated_at: "2026-11-21T01:00:00Z".parse().unwrap(),
            version: "0.1.0".into(),
        };
        let vars = serde_json::from_str(r#"{"goal": 100}"#).unwrap();
        write(
            self.session().as_mut(),
            &Request {
                root: self.root(),
                report,
                inputs: &inputs.collect::<BTreeMap<_, _>>(),
                vars: &vars,
                about: &about,
            },
        )
    }

    fn page(&self) -> String {
        fs::read_to_string(self.root().join("reports/sales.html")).unwrap()
    }

    fn error(&self, text: &str) -> String {
        self.write(text).unwrap_err().to_string()
    }
}

fn report(text: &str) -> Report {
    Report {
        name: "sales".into(),
        description: String::new(),
        file: "models/reports/sales.md".into(),
        text: text.into(),
        profile: None,
        to: vec!["reports/sales.html".into()],
        at: At::new("models/reports.yml", 4, 5),
    }
}

const TOP: &str = "create table top_products as \
    select * from (values ('P104', 47797.5, 2.9), ('P101', 42313.5, null)) t(product_id, total_revenue, sentiment)";

const QUERY: &str =
    "```sql top\nselect * from {{ ref('top_products') }} order by total_revenue desc\n```\n\n";

#[test]
fn a_report_becomes_one_page_with_its_charts_beside() {
    let project = Project::new(TOP);
    let text = format!(
        "---\ntitle: Sales & more\n---\n{QUERY}**{{{{ top[0].product_id }}}}** earns {{{{ top[0].total_revenue | money }}}}, \
         of {{{{ var('goal') }}}} and {{{{ var('other', 7) }}}}; missing: {{{{ top[1].sentiment | number(2) }}}}.\n\n\
         {{{{ big_value(top[0].total_revenue, 'Revenue', format='money0') }}}}\n\n\
         {{{{ chart('bar', data=top, x='product_id', y='total_revenue', title='By revenue', format='money') }}}}\n\n\
         {{{{ table(top, limit=1) }}}}\n"
    );
    let outcome = project.write(&text).unwrap();
    let files = [
        "reports/sales.html",
        "reports/sales/by-revenue.svg",
        "reports/sales/by-revenue.png",
    ];
    assert_eq!(outcome.files, files.map(PathBuf::from));
    let page = project.page();
    for wanted in [
        "<title>Sales &amp; more</title>",
        "<strong>P104</strong> earns $47,797.50, of 100 and 7; missing: –.",
        "<p class=\"value\">$47,798</p>",
        "<td class=\"number\">47,797.5</td>",
        "1 of 2 rows",
        "role=\"img\"",
        "21 November 2026, 01:00 UTC",
    ] {
        assert!(page.contains(wanted), "{wanted} in {page}");
    }
    let without_names = page.replace("http://www.w3.org/2000/svg", "");
    for foreign in ["http:", "https:", "<script", "<link", "url(", "@import"] {
        assert!(!without_names.contains(foreign), "{foreign} in {page}");
    }
    let png = fs::read(project.root().join(&outcome.files[2])).unwrap();
    assert!(png.starts_with(b"\x89PNG\r\n") && png.len() > 5_000);
}

#[test]
fn the_same_data_give_the_same_files_and_a_renamed_chart_leaves_no_old_one() {
    let project = Project::new(TOP);
    let text = |title: &str| {
        format!(
            "{QUERY}{{{{ chart('bar', data=top, x='product_id', y='total_revenue', title='{title}') }}}}\n"
        )
    };
    let first = project.write(&text("First")).unwrap();
    let bytes = |outcome: &Outcome| {
        outcome
            .files
            .iter()
            .map(|file| fs::read(project.root().join(file)).unwrap())
            .collect::<Vec<_>>()
    };
    let before = bytes(&first);
    assert_eq!(bytes(&project.write(&text("First")).unwrap()), before);
    fs::write(project.root().join("reports/sales/own.svg"), "<svg/>").unwrap();
    project.write(&text("Second")).unwrap();
    let mut names = fs::read_dir(project.root().join("reports/sales"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect::<Vec<_>>();
    names.sort();
    assert_eq!(names, ["own.svg", "second.png", "second.svg"]);
}

#[test]
fn an_error_in_a_query_names_the_line_of_the_report() {
    let project = Project::new(TOP);
    let message = project.error(
        "# Sales\n\n```sql top\nselect\n  {# the best #}{{ 'product_id' }},\n  revenu\nfrom {{ ref('top_products') }}\n```\n",
    );
    assert!(
        message.starts_with("query `top` does not run: Binder Error: "),
        "{message}"
    );
    assert!(
        message.contains("\n  --> models/reports/sales.md:6:3"),
        "{message}"
    );
    let message =
        project.error("```sql top\nselect *\nfrom {{ ref('top_products') }}\nwhere where\n```\n");
    assert!(
        message.contains("Parser Error") && message.contains("models/reports/sales.md:4:7"),
        "{message}"
    );
}

/// A wrong line of a text, and what its message says, with its place and its hint.
const SLIPS: &[(&str, &str, &str, &str)] = &[
    (
        "{{ ref('top_product') }}",
        "`ref('top_product')` names nothing",
        "sales.md:5:4",
        "did you mean `ref('top_products')`?",
    ),
    (
        "{{ top[0].product }}",
        "`top[0].product` is undefined",
        "sales.md:5:4",
        "",
    ),
    (
        "{{ topp }}",
        "`topp` is undefined",
        "sales.md:5:4",
        "did you mean `top`?",
    ),
    (
        "{{ 3 | numbr }}",
        "there is no filter `numbr`",
        "sales.md:5:",
        "did you mean `number`?",
    ),
    (
        "{{ chrt('bar') }}",
        "there is no function `chrt`",
        "sales.md:5:",
        "did you mean `chart`?",
    ),
    (
        "{{ chart('bra', data=top, x='product_id', y='sentiment') }}",
        "there is no chart `bra`",
        "sales.md:5:4",
        "did you mean `bar`?",
    ),
    (
        "{{ chart('bar', data=top, x='produkt_id', y='sentiment') }}",
        "the data have no column `produkt_id`",
        "sales.md:5:4",
        "did you mean `product_id`?",
    ),
    (
        "{{ chart('bar', data=top, x='product_id', y='sentiment', formt='money') }}",
        "`chart` takes no argument `formt`",
        "sales.md:5:4",
        "did you mean `format`?",
    ),
    (
        "{{ chart('histogram', data=top, x='sentiment', horizontal=true) }}",
        "chart `histogram` takes no `horizontal`",
        "sales.md:5:4",
        "leave it out",
    ),
    (
        "{{ table(top, formats={'sentimnt': 'number'}) }}",
        "the data have no column `sentimnt`",
        "sales.md:5:4",
        "did you mean `sentiment`?",
    ),
    (
        "{{ var('gaol') }}",
        "there is no variable `gaol`",
        "sales.md:5:4",
        "did you mean `goal`?",
    ),
    (
        "{{ 'x' | money }}",
        "`x` is no number",
        "sales.md:5:",
        "cast it",
    ),
    ("{% if %}", "syntax error", "sales.md:5:", ""),
    (
        "![a](b.png)",
        "the image `b.png` is another file",
        "sales.md",
        "",
    ),
];

#[test]
fn what_a_text_names_wrongly_is_answered_with_its_place_and_the_nearest_name() {
    let project = Project::new(TOP);
    for (line, what, place, hint) in SLIPS {
        let message = project.error(&format!("{QUERY}{line}\n"));
        for wanted in [what, place, hint] {
            assert!(message.contains(wanted), "{line}: {wanted} in {message}");
        }
    }
    assert!(!project.root().join("reports").exists());
}

#[test]
fn more_rows_than_a_page_can_show_are_refused() {
    let project = Project::new("create table many as select i from range(10001) t(i)");
    let message = project.error("\n```sql rows\nselect * from {{ ref('many') }}\n```\n");
    assert!(
        message.starts_with(
            "query `rows` returns more than 10,000 rows\n  --> models/reports/sales.md:3:1"
        ),
        "{message}"
    );
    let fits =
        "```sql rows\nselect * from {{ ref('many') }} limit 10000\n```\n{{ rows | length }}\n";
    project.write(fits).unwrap();
    assert!(project.page().contains("<p>10,000</p>"));
}

#[test]
fn a_report_that_fails_leaves_the_page_that_was_there() {
    let project = Project::new(TOP);
    project.write("first").unwrap();
    let before = project.page();
    project.error("{{ nothing }}");
    fs::create_dir_all(project.root().join("reports/sales/by.svg")).unwrap();
    let blocked = format!(
        "{QUERY}{{{{ chart('bar', data=top, x='product_id', y='sentiment', name='by') }}}}"
    );
    assert!(
        project
            .error(&blocked)
            .contains("`reports/sales/by.svg` cannot be written")
    );
    assert_eq!(project.page(), before);
    let is_part = |name: &str| name.ends_with(".tmp");
    let names = fs::read_dir(project.root().join("reports"))
        .unwrap()
        .chain(fs::read_dir(project.root().join("reports/sales")).unwrap())
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(names.filter(|name| is_part(name)).count(), 0);
}

#[test]
fn only_pages_can_be_written() {
    let project = Project::new("select 1");
    let mut wrong = report("text");
    wrong.to = vec!["reports/sales.docx".into()];
    let about = About {
        project: "shop".into(),
        generated_at: jiff::Timestamp::UNIX_EPOCH,
        version: "0".into(),
    };
    let request = Request {
        root: project.root(),
        report: &wrong,
        inputs: &BTreeMap::new(),
        vars: &serde_json::Map::new(),
        about: &about,
    };
    let message = write(project.session().as_mut(), &request)
        .unwrap_err()
        .to_string();
    assert!(
        message.starts_with(
            "report `sales` cannot be written as `reports/sales.docx`\n  --> models/reports.yml:4:5"
        ),
        "{message}"
    );
}

#[test]
fn a_pdf_holds_the_text_its_links_and_tables_over_pages_with_repeated_heads() {
    let project = Project::new(
        "create table many as select n, 'row ' || n as name from range(1, 121) t(n); create table empty as select 1 as a where false",
    );
    let text = "---\ntitle: Many <rows>\n---\n```sql many\nfrom {{ ref('many') }} order by n\n```\n\n\
                **Bold** and [a link](https://example.com/a), {{ many[0].name }}, 日本.\n\n- one\n- two\n\n\
                {{ big_value(many[119].n, 'Rows') }}\n\n{{ table(many, limit=120) }}\n\n\
                {{ chart('bar', data=many[:3], x='name', y='n', title='A chart') }}\n";
    let mut pdf = report(text);
    pdf.to = vec!["reports/many.pdf".into()];
    let outcome = project.write_report(&pdf).unwrap();
    assert_eq!(outcome.files, [PathBuf::from("reports/many.pdf")]);
    let file = project.root().join("reports/many.pdf");
    let output = std::process::Command::new("pdftotext")
        .args(["-layout", file.to_str().unwrap(), "-"])
        .output()
        .expect("pdftotext of poppler-utils");
    let text = String::from_utf8(output.stdout).unwrap();
    let n_pages = text.matches('\u{c}').count();
    assert!(n_pages >= 3, "{text}");
    for wanted in [
        "Many <rows>",
        "Bold and a link, row 1",
        "• one",
        "row 120",
        "A chart",
    ] {
        assert!(text.contains(wanted), "{wanted} in {text}");
    }
    let heads = text
        .lines()
        .filter(|line| line.split_whitespace().collect::<Vec<_>>() == ["N", "Name"]);
    assert!(heads.count() >= 3, "{text}");
    let bytes = fs::read(&file).unwrap();
    assert!(
        bytes
            .windows(21)
            .any(|part| part == b"https://example.com/a")
    );
}

#[test]
fn data_cannot_bring_markup_into_the_page() {
    let project = Project::new(
        "create table evil as select '<img src=x onerror=alert(1)>*_`|' as name, 1 as n",
    );
    let text = "```sql rows\nselect * from {{ ref('evil') }}\n```\n\n{{ rows[0].name }} `{{ rows[0].name }}`\n\n\
                {% set title %}{{ rows[0].name }}!{% endset %}\n\n\
                {{ chart('bar', data=rows, x='name', y='n', title=title) }}\n\n{{ table(rows) }}\n\n\
                {{ big_value(rows[0].name, rows[0].name) }}\n";
    project.write(text).unwrap();
    let page = project.page();
    assert!(!page.contains("<img"), "{page}");
    assert!(
        page.contains("<figcaption>&lt;img src=x onerror=alert(1)&gt;*_`|!</figcaption>"),
        "{page}"
    );
}

#[test]
fn references_are_known_without_running_anything() {
    let text = format!(
        "{QUERY}```sql more\nselect * from {{{{ source('shop', 'sales') }}}}, {{{{ ref('top_products') }}}}\n```\n"
    );
    let names = references(&report(&text)).unwrap();
    let shown = names.iter().map(Reference::to_string).collect::<Vec<_>>();
    assert_eq!(shown, ["ref('top_products')", "source('shop', 'sales')"]);
    let err = references(&report("a\n{{ ref(name) }}\n"))
        .unwrap_err()
        .to_string();
    assert!(err.contains("--> models/reports/sales.md:2:4"), "{err}");
}

#[test]
fn a_loop_can_write_the_rows_of_a_table_in_markdown() {
    let project = Project::new(TOP);
    let text = format!(
        "{QUERY}| product | earns |\n|---|---|\n{{% for row in top %}}\n| {{{{ row.product_id }}}} | {{{{ row.total_revenue | money(0) }}}} |\n{{% endfor %}}\n"
    );
    project.write(&text).unwrap();
    assert!(
        project
            .page()
            .contains("<tr><td>P101</td><td>$42,314</td></tr>"),
        "{}",
        project.page()
    );
}

/// The tables that the demo's report reads, for sales of `(product, revenue, score)`.
fn demo(sales: &str) -> Project {
    Project::new(&format!(
        "create table processed_sales_data as
             select row_number() over () as sale_id, product_id, 'C_' || (row_number() over () % 3) as customer_id,
                 revenue::decimal(10, 2) as total_revenue, score::decimal(4, 2) as sentiment_score,
                 date '2023-01-15' + to_months((row_number() over ())::int) as sale_date
             from ({sales}) t(product_id, revenue, score);
         create table top_products as
             select 'all_time' as period, product_id, sum(total_revenue) as total_revenue, count(*) as n_sales,
                 avg(sentiment_score) as avg_sentiment,
                 row_number() over (order by sum(total_revenue) desc, product_id) as revenue_rank
             from processed_sales_data group by product_id
             union all select 'last_quarter', 'P9', 10, 1, 4.5, 1 from processed_sales_data limit 5;
         create table monthly_trend as
             select date_trunc('month', sale_date)::date as month, sum(total_revenue) as total_revenue,
                 count(*) as n_sales, avg(sentiment_score) as avg_sentiment
             from processed_sales_data group by all;
         create table customer_purchases as
             select customer_id, sum(total_revenue) as total_purchase_amount, count(*) as purchase_frequency,
                 avg(total_revenue) as avg_transaction_value
             from processed_sales_data group by all;
         create table vip_customers as
             select customer_id, 0 as cluster, if(customer_id = 'C_1', 'VIP', 'Non-VIP') as label, 0.1 as distance
             from customer_purchases;
         create table data_quality as
             select 'missing_scores' as check_name, 'Reviews without a score' as description, 3000 as n_rows,
                 99 as n_affected, 0.033 as share"
    ))
}

#[test]
fn the_demos_report_answers_its_question_from_the_data() {
    let text = fs::read_to_string("models/reports/sales.md").unwrap();
    let others = "('P2', 50, 4), ('P3', 40, 4), ('P2', 50, 4), ('P3', 40, 4)";
    let cases = [
        (
            "2",
            "<strong>P1 earns most, but its sentiment is below average:</strong> 2.00",
        ),
        (
            "5",
            "<strong>P1 earns most, and customers like it better than average:</strong> 5.00",
        ),
        (
            "4.05",
            "<strong>P1 earns most, and customers like it about as much as the rest:</strong>",
        ),
        (
            "null",
            "<strong>P1 earns most;</strong> nobody has scored it",
        ),
    ];
    for (score, answer) in cases {
        let project = demo(&format!("values ('P1', 500, {score}), {others}"));
        let outcome = project.write(&text).unwrap();
        let page = project
            .page()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert!(page.contains(answer), "{answer} in {page}");
        assert!(page.contains("Reviews without a score") && page.contains("3.3%"));
        assert!(page.contains("<strong>1 VIP customer</strong>"));
        assert!(outcome.files.len() >= 5, "{:?}", outcome.files);
    }
}

#[test]
fn the_demos_report_can_be_written_before_there_are_any_sales() {
    let text = fs::read_to_string("models/reports/sales.md").unwrap();
    let project = demo("select 'P1', 1, 1 where false");
    project.write(&text).unwrap();
    assert!(project.page().contains("nothing to compare yet"));
}
