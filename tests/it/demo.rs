//! The demo at the repository's root, as a new user builds it.

use std::fs;

use super::scratch::Scratch;

/// Outputs that the README promises.
const OUTPUTS: &[&str] = &[
    "exports/processed_sales_data.csv",
    "exports/processed_sales_data_with_vip.csv",
    "exports/processed_sales_data_with_vip.xlsx",
    "reports/sales.html",
];

/// Six sales of three customers; one line is broken, one sale has no price, one product has no review.
const SALES: &str = "\
sale_id,product_id,customer_id,sale_price,quantity,sale_date
1,P1,C1,$100.00,2,03-01-2024
2,P1,C2,\"1,250\",,01/13/2024
3,P2,C1,50,1,14-02-2024
4,P2,C2,,1,15-02-2024
5,P3,C3,$75,1,02/20/2024
6,P1,C1,100.00,3,04/01/2024
";

const REVIEWS: &str = r#"[
{"customer_id": "C1", "product_id": "P1", "sentiment_score": 2, "review_date": "2024-05-01"},
{"customer_id": "C1", "product_id": "P1", "sentiment_score": 4, "review_date": "2024/06/01"},
{"customer_id": "C2", "product_id": "P1", "sentiment_score": 5, "review_date": "05/02/2024"},
{"customer_id": "C1", "product_id": "P2", "sentiment_score": null, "review_date": "2024-05-03"}
]"#;

/// The demo with its own data, but nothing that was built.
fn demo() -> Scratch {
    let demo = Scratch::empty();
    for folder in ["models", "sql", "raw/inbox"] {
        demo.add(folder);
    }
    for file in ["wh.yml", "raw/crm.sqlite"] {
        demo.write(file, fs::read(file).unwrap());
    }
    demo
}

fn query(demo: &Scratch, sql: &str) -> String {
    let said = demo.run(&["query", "--format", "csv", sql]);
    assert_eq!(said.code, 0, "{}", said.text);
    said.text
}

#[test]
fn the_demo_builds_and_makes_all_that_the_readme_promises() {
    let demo = demo();
    demo.build();
    for output in OUTPUTS {
        let length = fs::metadata(demo.path(output))
            .unwrap_or_else(|_| panic!("{output} is missing"))
            .len();
        assert!(length > 1000, "{output} has {length} bytes");
    }
    let charts = demo.files(&["reports/sales"]);
    for suffix in ["png", "svg"] {
        assert!(
            charts
                .keys()
                .any(|path| path.extension().is_some_and(|found| found == suffix)),
            "no {suffix} of a chart"
        );
    }
    let rejects = query(
        &demo,
        "select count(*) > 0 and bool_and(reason <> '') as told from raw.sale_price_rejects",
    );
    assert_eq!(rejects, "told\ntrue\n");
    let kept = query(
        &demo,
        "select (select count(*) from raw.sale_price) + (select count(*) from raw.sale_price_rejects) as n",
    );
    let lines = fs::read_to_string(demo.path("raw/inbox/sale_price.csv"))
        .unwrap()
        .lines()
        .count();
    assert_eq!(
        kept,
        format!("n\n{}\n", lines - 1),
        "rows in = rows out + rows rejected"
    );
}

#[test]
fn two_builds_of_the_same_data_give_the_same_bytes() {
    let (first, second) = (demo(), demo());
    first.build();
    second.build();
    second.build();
    let files = first.files(&["exports", "reports"]);
    assert!(files.len() >= OUTPUTS.len());
    for (path, bytes) in second.files(&["exports", "reports"]) {
        assert!(files[&path] == bytes, "{} differs", path.display());
    }
    let (once, twice) = (first.tables(), second.tables());
    for (name, rows) in &once {
        assert!(twice.get(name) == Some(rows), "{name} differs");
    }
    assert_eq!(once.len(), twice.len());
}

#[test]
fn hand_made_sales_give_the_numbers_that_a_pencil_gives() {
    let demo = demo();
    demo.write("raw/inbox/sale_price.csv", SALES);
    demo.write("raw/inbox/customer_feedback.json", REVIEWS);
    let said = demo.run(&["build", "--exclude", "resource_type:test"]);
    assert_eq!(said.code, 0, "{}", said.text);
    let processed = query(
        &demo,
        "select sale_id, quantity, sale_date, total_revenue::double as revenue, sentiment_score from processed_sales_data order by sale_id",
    );
    let expected = "\
sale_id,quantity,sale_date,revenue,sentiment_score
1,2,2024-01-03,200.0,4.00
2,1,2024-01-13,1250.0,5.00
3,1,2024-02-14,50.0,
6,3,2024-04-01,300.0,4.00
";
    assert_eq!(processed, expected);
    let top = query(
        &demo,
        "select period, product_id, total_revenue::double as revenue, revenue_rank from top_products order by all",
    );
    assert_eq!(
        top,
        "period,product_id,revenue,revenue_rank\nall_time,P1,1750.0,1\nall_time,P2,50.0,2\nlast_quarter,P1,300.0,1\n"
    );
    let customers = query(
        &demo,
        "select customer_id, total_purchase_amount::double as amount, purchase_frequency as n from customer_purchases order by all",
    );
    assert_eq!(customers, "customer_id,amount,n\nC1,550.0,3\nC2,1250.0,1\n");
}
