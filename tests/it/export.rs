//! Exports of a real warehouse, read back by other readers than those that wrote them.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;

use calamine::{Data, Reader, Xlsx};
use tempfile::TempDir;
use wh::diagnostic::{At, Result};
use wh::engine::{DuckDb, Engine, Relation, Session, Settings, fetch};
use wh::export::{About, Origin, Outcome, Request, SINKS, export, query};
use wh::project::nodes::{Export, ExportTable, Reference};
use wh::project::yaml;

const SALES: &str = "create table sales as select * from (values
    (3, 'P2', '=1+1', 1250.5::decimal(18, 2), date '2024-03-01', 4000000000000003, 'VIP', true),
    (1, 'P1', '00123', 150::decimal(18, 2), date '2024-01-31', 4000000000000001, 'Non-VIP', null),
    (2, 'P1', '', null, null, 4000000000000002, 'VIP', false))
    t(sale_id, product_id, note, sale_price, sale_date, card, label, returned)";

struct Warehouse {
    session: Box<dyn Session>,
    folder: TempDir,
}

impl Warehouse {
    fn new(setup: &str) -> Self {
        let engine = DuckDb::open(&Settings {
            path: ":memory:".into(),
            ..Settings::default()
        })
        .unwrap();
        let mut session = engine.connect().unwrap();
        session.execute(setup).unwrap();
        Self {
            session,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn export(&mut self, spec: &Export) -> Result<Outcome> {
        let names = spec.tables.iter().map(|table| table.from.clone());
        let inputs: BTreeMap<_, _> = names
            .map(|from| {
                let Reference::Ref { name, .. } = &from else {
                    panic!("{from}")
                };
                (from.clone(), Relation::new("main", name.clone()))
            })
            .collect();
        let request = Request {
            root: self.folder.path(),
            export: spec,
            inputs: &inputs,
            about: &about(),
        };
        export(self.session.as_mut(), &request)
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.folder.path().join(path)).unwrap()
    }

    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn workbook(&self, path: &str) -> Xlsx<std::io::BufReader<fs::File>> {
        calamine::open_workbook(self.folder.path().join(path)).unwrap()
    }

    fn sheet(&self, path: &str, name: &str) -> Vec<Vec<Data>> {
        let range = self.workbook(path).worksheet_range(name).unwrap();
        range.rows().map(<[Data]>::to_vec).collect()
    }
}

fn about() -> About {
    About {
        project: "demo".into(),
        generated_at: "2026-11-21T01:05:00Z".parse().unwrap(),
        version: "0.1.0".into(),
        origins: BTreeMap::from([(
            reference("sales"),
            Origin {
                relation: "main.sales".into(),
                description: "Every sale".into(),
                loaded_at: None,
            },
        )]),
    }
}

fn reference(name: &str) -> Reference {
    Reference::Ref {
        package: None,
        name: name.into(),
        version: None,
    }
}

fn mapping(text: &str) -> serde_yaml::Mapping {
    let parsed = yaml::parse(Path::new("models/exports.yml"), text).unwrap();
    parsed.as_mapping().unwrap().clone()
}

fn table(name: &str, from: &str, options: &str) -> ExportTable {
    ExportTable {
        name: name.into(),
        from: reference(from),
        columns: Vec::new(),
        order_by: Vec::new(),
        limit: None,
        options: mapping(options),
        at: At::new("models/exports.yml", 6, 9),
    }
}

fn spec(sink: &str, path: &str, tables: Vec<ExportTable>) -> Export {
    Export {
        name: "sales_export".into(),
        description: "All sales".into(),
        sink: sink.into(),
        path: path.into(),
        tables,
        options: mapping("{}"),
        at: At::new("models/exports.yml", 2, 5),
    }
}

fn sales(sink: &str, path: &str) -> Export {
    spec(sink, path, vec![table("Sales", "sales", "{}")])
}

#[test]
fn a_csv_is_ordered_by_its_columns_and_tells_nothing_from_empty() {
    let mut warehouse = Warehouse::new(SALES);
    let outcome = warehouse.export(&sales("csv", "out/sales.csv")).unwrap();
    assert_eq!(outcome.rows, 3);
    assert_eq!(outcome.files, [Path::new("out/sales.csv")]);
    assert_eq!(
        warehouse.text("out/sales.csv"),
        "sale_id,product_id,note,sale_price,sale_date,card,label,returned\n\
         1,P1,00123,150.00,2024-01-31,4000000000000001,Non-VIP,\n\
         2,P1,\"\",,,4000000000000002,VIP,false\n\
         3,P2,=1+1,1250.50,2024-03-01,4000000000000003,VIP,true\n"
    );
}

#[test]
fn a_csv_has_the_columns_order_and_dress_that_are_declared() {
    let mut warehouse = Warehouse::new(SALES);
    let mut export = sales("csv", "sales.csv");
    export.options = mapping("{header: false, delimiter: ';', null_as: NA}");
    export.tables[0].columns = vec!["Product_ID".into(), "sale_price".into()];
    export.tables[0].order_by = vec!["product_id desc".into()];
    export.tables[0].limit = Some(2);
    warehouse.export(&export).unwrap();
    assert_eq!(warehouse.text("sales.csv"), "P2;1250.50\nP1;150.00\n");
}

#[test]
fn a_suffix_packs_a_csv() {
    let mut warehouse = Warehouse::new(SALES);
    warehouse.export(&sales("csv", "plain.csv")).unwrap();
    warehouse.export(&sales("csv", "sales.csv.gz")).unwrap();
    warehouse.export(&sales("csv", "sales.csv.zst")).unwrap();
    let gzip = fs::File::open(warehouse.folder.path().join("sales.csv.gz")).unwrap();
    let zstd = fs::File::open(warehouse.folder.path().join("sales.csv.zst")).unwrap();
    let readers: [Box<dyn Read>; 2] = [
        Box::new(flate2::read::GzDecoder::new(gzip)),
        Box::new(zstd::Decoder::new(zstd).unwrap()),
    ];
    for mut reader in readers {
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        assert_eq!(text, warehouse.text("plain.csv"));
    }
}

#[test]
fn json_and_parquet_keep_values_and_types() {
    let mut warehouse = Warehouse::new(SALES);
    warehouse.export(&sales("json", "sales.json")).unwrap();
    warehouse.export(&sales("ndjson", "sales.ndjson")).unwrap();
    warehouse
        .export(&sales("parquet", "sales.parquet"))
        .unwrap();
    let array: serde_json::Value = serde_json::from_str(&warehouse.text("sales.json")).unwrap();
    assert_eq!(array[2]["note"], "=1+1");
    let lines = warehouse.text("sales.ndjson");
    let first: serde_json::Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!((lines.lines().count(), &first), (3, &array[0]));
    let path = warehouse.folder.path().join("sales.parquet");
    let sql = format!(
        "select count(*) from (from '{}' except from sales) union all select count(*) from '{0}'",
        path.display()
    );
    let counts = fetch(warehouse.session.as_mut(), &sql, &[]).unwrap();
    let counts =
        arrow::util::pretty::pretty_format_columns("n", &[counts.column(0).clone()]).unwrap();
    let counts = counts.to_string();
    assert!(
        counts.contains("| 0 |") && counts.contains("| 3 |"),
        "{counts}"
    );
}

#[test]
fn the_same_rows_give_the_same_bytes_whatever_their_order() {
    let rows = "select i as id, i % 7 as k, 'text ' || (i % 1000) as t, i / 3 as x from range(300000) r(i)";
    let mut one = Warehouse::new(&format!("create table sales as {rows}"));
    let mut other = Warehouse::new(&format!("create table sales as {rows} order by hash(i)"));
    for sink in SINKS {
        let path = format!("sales.{}", sink.name());
        let mut export = sales(sink.name(), &path);
        export.tables[0].order_by = vec!["k".into()];
        one.export(&export).unwrap();
        other.export(&export).unwrap();
        let bytes = |warehouse: &Warehouse| fs::read(warehouse.folder.path().join(&path)).unwrap();
        assert!(bytes(&one) == bytes(&other), "{path} differs");
    }
}

#[test]
fn every_sink_writes_a_table_without_rows() {
    let mut warehouse = Warehouse::new("create table sales (a integer, b varchar)");
    for sink in SINKS {
        let outcome = warehouse
            .export(&sales(sink.name(), &format!("empty.{}", sink.name())))
            .unwrap();
        assert_eq!(outcome.rows, 0, "{}", sink.name());
    }
    assert_eq!(warehouse.text("empty.csv"), "a,b\n");
    let cells = warehouse.sheet("empty.xlsx", "Sales");
    assert_eq!(cells[1][0], Data::String("no rows".into()));
}

#[test]
fn the_cells_of_a_workbook_have_types() {
    let mut warehouse = Warehouse::new(SALES);
    warehouse.export(&sales("xlsx", "sales.xlsx")).unwrap();
    let cells = warehouse.sheet("sales.xlsx", "Sales");
    assert_eq!(cells[0][0], Data::String("sale_id".into()));
    let row = &cells[3];
    assert_eq!(row[0], Data::Float(3.0));
    assert_eq!(row[2], Data::String("=1+1".into()));
    assert_eq!(row[3], Data::Float(1250.5));
    assert!(
        matches!(&row[4], Data::DateTime(day) if day.as_f64() == 45_352.0),
        "{:?}",
        row[4]
    );
    assert_eq!(row[5], Data::String("4000000000000003".into()));
    assert_eq!(row[7], Data::Bool(true));
    assert_eq!(cells[1][2], Data::String("00123".into()));
    assert_eq!(cells[2][3], Data::Empty);
    assert!(
        warehouse
            .workbook("sales.xlsx")
            .worksheet_formula("Sales")
            .unwrap()
            .is_empty()
    );
}

#[test]
fn types_that_excel_does_not_have_lose_nothing() {
    let mut warehouse = Warehouse::new(
        "set timezone = 'UTC'; create table sales as select
            sum(i) as total, 12345678901234567890123::hugeint as huge, [1, 2] as list,
            {'a': 1} as struct, '{\"b\": 2}'::json as json, uuid '00000000-0000-0000-0000-000000000001' as key,
            'nan'::double as nan, timestamptz '2024-06-01 12:00:00+00' as at, time '10:30:00' as clock,
            interval 2 day as span, 12345678901234567.89::decimal(38, 2) as exact, date '1850-01-01' as old
        from range(1, 101) r(i)",
    );
    warehouse.export(&sales("xlsx", "sales.xlsx")).unwrap();
    let cells = warehouse.sheet("sales.xlsx", "Sales");
    let text = |text: &str| Data::String(text.into());
    assert_eq!(cells[1][0], Data::Float(5050.0));
    assert_eq!(cells[1][1], text("12345678901234567890123"));
    assert_eq!(cells[1][2], text("[1, 2]"));
    assert_eq!(cells[1][3], text("{'a': 1}"));
    assert_eq!(cells[1][4], text("{\"b\": 2}"));
    assert_eq!(cells[1][5], text("00000000-0000-0000-0000-000000000001"));
    assert_eq!(cells[1][6], text("NaN"));
    assert!(
        matches!(&cells[1][7], Data::DateTime(at) if at.as_f64() == 45_444.5),
        "{:?}",
        cells[1][7]
    );
    assert!(
        matches!(&cells[1][8], Data::DateTime(at) if at.as_f64() == 0.4375),
        "{:?}",
        cells[1][8]
    );
    assert_eq!(cells[1][9], text("2 days"));
    assert_eq!(cells[1][10], text("12345678901234567.89"));
    assert_eq!(cells[1][11], text("1850-01-01"));
}

#[test]
fn a_workbook_has_a_cover_charts_marks_and_properties() {
    let mut warehouse = Warehouse::new(SALES);
    let options = "{headers: {sale_price: Price}, formats: {sale_price: currency},
        highlight: {column: label, equals: VIP, color: '#FFE699'},
        charts: [{kind: bar, x: product_id, y: sale_price, title: Sales by product},
                 {kind: line, x: sale_date, y: [sale_price]}]}";
    let mut export = spec("xlsx", "book.xlsx", vec![table("Sales", "sales", options)]);
    export.options = mapping("{title: Our sales, company: Acme}");
    warehouse.export(&export).unwrap();
    let cover: Vec<String> = warehouse
        .sheet("book.xlsx", "Overview")
        .concat()
        .iter()
        .map(Data::to_string)
        .collect();
    for said in [
        "Our sales",
        "All sales",
        "21 November 2026, 01:05 UTC",
        "Every sale",
        "main.sales",
        "3",
    ] {
        assert!(
            cover.contains(&said.to_owned()),
            "{said} is not in {cover:?}"
        );
    }
    assert_eq!(
        warehouse.sheet("book.xlsx", "Sales")[0][3],
        Data::String("Price".into())
    );
    let part = |name: &str| part_of(&warehouse.folder.path().join("book.xlsx"), name);
    assert!(part("xl/charts/chart1.xml").contains("Sales by product"));
    assert!(part("xl/charts/chart2.xml").contains("lineChart"));
    let sheet = part("xl/worksheets/sheet2.xml");
    for piece in ["$G2=\"VIP\"", "<pane ySplit=\"1\"", "sqref=\"A2:H4\""] {
        assert!(sheet.contains(piece), "{piece} is not in the sheet");
    }
    assert!(part("xl/tables/table1.xml").contains("<autoFilter ref=\"A1:H4\""));
    assert!(part("docProps/core.xml").contains("2026-11-21T01:05:00Z"));
    assert!(part("docProps/app.xml").contains("Acme"));
}

/// Returns one file of a zip archive.
fn part_of(archive: &Path, name: &str) -> String {
    let file = fs::File::open(archive).unwrap();
    let mut zip = zip::ZipArchive::new(file).unwrap();
    let mut text = String::new();
    zip.by_name(name)
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    text
}

#[test]
fn rows_beyond_a_sheet_go_on_the_next() {
    let mut warehouse =
        Warehouse::new("create table sales as select i as id from range(1048580) r(i)");
    let outcome = warehouse.export(&sales("xlsx", "sales.xlsx")).unwrap();
    assert_eq!(outcome.rows, 1_048_580);
    assert_eq!(
        warehouse.workbook("sales.xlsx").sheet_names(),
        ["Overview", "Sales", "Sales (2)"]
    );
    assert_eq!(warehouse.sheet("sales.xlsx", "Sales").len(), 1_048_576);
    let rest = warehouse.sheet("sales.xlsx", "Sales (2)");
    assert_eq!(rest.len(), 6);
    assert_eq!(rest[1][0], Data::Float(1_048_575.0));
}

#[test]
fn a_sheet_has_hundreds_of_columns_and_more_than_a_sheet_holds_are_refused() {
    let columns = |n: usize| {
        let columns: Vec<_> = (0..n).map(|i| format!("{i} as c{i}")).collect();
        format!("create table sales as select {}", columns.join(", "))
    };
    let mut warehouse = Warehouse::new(&columns(400));
    warehouse.export(&sales("xlsx", "sales.xlsx")).unwrap();
    assert_eq!(
        warehouse.sheet("sales.xlsx", "Sales")[1][399],
        Data::Float(399.0)
    );
    let mut warehouse = Warehouse::new(&columns(16_385));
    let err = warehouse
        .export(&sales("xlsx", "sales.xlsx"))
        .unwrap_err()
        .to_string();
    assert!(
        err.starts_with(
            "`Sales` has 16385 columns, a sheet has 16,384\n  --> models/exports.yml:6:9"
        ),
        "{err}"
    );
}

#[test]
fn a_long_cell_is_cut_and_the_cover_says_so() {
    let mut warehouse = Warehouse::new("create table sales as select repeat('x', 40000) as t");
    warehouse.export(&sales("xlsx", "sales.xlsx")).unwrap();
    let cells = warehouse.sheet("sales.xlsx", "Sales");
    assert!(
        cells[1][0]
            .to_string()
            .ends_with("xxx… [cut, 40000 characters]")
    );
    let cover = warehouse.sheet("sales.xlsx", "Overview").concat();
    let note = "Sales: 1 cell is longer than Excel's 32,767 characters and cut";
    assert!(cover.contains(&Data::String(note.into())), "{cover:?}");
}

#[test]
fn a_query_that_fails_on_the_way_leaves_the_old_file_and_no_other() {
    for sink in SINKS {
        let path = format!("sales.{}", sink.name());
        let mut warehouse = Warehouse::new(
            "create view sales as select if(i > 900000, error('x'), i::varchar) as t from range(1000000) r(i)",
        );
        fs::write(warehouse.folder.path().join(&path), "old").unwrap();
        let err = warehouse.export(&sales(sink.name(), &path)).unwrap_err();
        assert!(err.to_string().contains("models/exports.yml"), "{err}");
        assert_eq!(warehouse.text(&path), "old");
        assert_eq!(warehouse.files(), [path]);
    }
}

#[test]
fn a_target_that_is_a_folder_is_refused_with_its_place() {
    let mut warehouse = Warehouse::new(SALES);
    fs::create_dir(warehouse.folder.path().join("sales.csv")).unwrap();
    let err = warehouse.export(&sales("csv", "sales.csv")).unwrap_err();
    assert_eq!(
        err.to_string(),
        "`sales.csv` is a folder, not a file\n  --> models/exports.yml:2:5\n\
         hint: name a file in it, or remove the folder"
    );
}

#[test]
fn what_does_not_exist_is_answered_with_what_does() {
    let mut warehouse = Warehouse::new(SALES);
    let mut unknown = sales("csv", "sales.csv");
    unknown.tables[0].columns = vec!["sale_prize".into()];
    let err = warehouse.export(&unknown).unwrap_err().to_string();
    assert_eq!(
        err,
        "`sales` has no column `sale_prize`\n  --> models/exports.yml:6:9\nhint: did you mean `sale_price`?"
    );
    for (options, hint) in [
        (
            "{chart: {kind: bar, x: produkt_id, y: sale_price}}",
            "did you mean `product_id`?",
        ),
        (
            "{highlite: {column: label, equals: VIP}}",
            "did you mean `highlight`?",
        ),
        (
            "{charts: {kind: bars, x: product_id, y: sale_price}}",
            "`bar`",
        ),
        (
            "{highlight: {column: label, equals: VIP, color: yellow}}",
            "#FFF2CC",
        ),
        ("{formats: {sale_price: curency}}", "`currency`"),
    ] {
        let export = spec("xlsx", "sales.xlsx", vec![table("Sales", "sales", options)]);
        let err = warehouse.export(&export).unwrap_err().to_string();
        assert!(
            err.contains(hint) && err.contains("--> models/exports.yml:6:9"),
            "{options}: {err}"
        );
    }
    assert!(warehouse.files().is_empty());
}

#[test]
fn a_file_of_one_table_does_not_take_two() {
    let mut warehouse = Warehouse::new(SALES);
    let tables = vec![table("a", "sales", "{}"), table("b", "sales", "{}")];
    let err = warehouse
        .export(&spec("csv", "sales.csv", tables))
        .unwrap_err()
        .to_string();
    assert!(
        err.starts_with("`sales.csv` is one file for 2 tables"),
        "{err}"
    );
}

#[test]
fn a_query_goes_to_a_file_in_its_own_order() {
    let mut warehouse = Warehouse::new(SALES);
    let target = warehouse.folder.path().join("result.csv");
    let sql = "select sale_id, sale_id from sales order by 1 desc -- newest first";
    let outcome = query(warehouse.session.as_mut(), sql, &target, &about()).unwrap();
    assert_eq!(outcome.rows, 3);
    assert_eq!(
        warehouse
            .text("result.csv")
            .lines()
            .skip(1)
            .collect::<Vec<_>>(),
        ["3,3", "2,2", "1,1"]
    );
    let target = warehouse.folder.path().join("result.xlsx");
    query(warehouse.session.as_mut(), "from sales", &target, &about()).unwrap();
    assert_eq!(warehouse.workbook("result.xlsx").sheet_names(), ["Result"]);
}
