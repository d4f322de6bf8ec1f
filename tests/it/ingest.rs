//! Files on their way through the lake into a real warehouse.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use arrow::util::display::{ArrayFormatter, FormatOptions};
use wh::diagnostic::{At, Diagnostic, Kind};
use wh::engine::{self, DuckDb, Engine, Relation, Session, Settings};
use wh::ingest::{CONNECTORS, FORMATS, Outcome, Request, ingest};
use wh::project::nodes::{Ingest, Mode, OnUnavailable, Tolerance};

/// A project's folder with a warehouse in it.
struct World {
    folder: tempfile::TempDir,
    engine: DuckDb,
    ingest: Ingest,
    full_refresh: bool,
    day: i8,
}

impl World {
    fn new(options: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            engine: open(&folder.path().join("w.duckdb")),
            folder,
            ingest: declared(options),
            full_refresh: false,
            day: 1,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    fn session(&self) -> Box<dyn Session> {
        self.engine.connect().unwrap()
    }

    fn try_run(&self) -> anyhow::Result<Outcome> {
        let table = Relation::new("raw", "sales");
        let request = Request {
            root: self.folder.path(),
            ingest: &self.ingest,
            table: &table,
            now: jiff::civil::date(2026, 11, self.day)
                .to_zoned(jiff::tz::TimeZone::UTC)
                .unwrap()
                .timestamp(),
            full_refresh: self.full_refresh,
            is_asked_for: false,
            run_id: "run",
        };
        ingest(&mut *self.session(), &request)
    }

    fn run(&self) -> Outcome {
        self.try_run().unwrap_or_else(|err| panic!("{err:#}"))
    }

    /// Runs what must fail and returns the message; nothing may have changed.
    fn refused(&self) -> String {
        let before = self.everything();
        let err = self.try_run().unwrap_err();
        assert_eq!(before, self.everything(), "{err:#}");
        let diagnostic = err
            .downcast_ref::<Diagnostic>()
            .unwrap_or_else(|| panic!("no diagnostic: {err:?}"));
        assert_ne!(diagnostic.kind(), Kind::Bug, "{diagnostic}");
        diagnostic.to_string()
    }

    /// What the warehouse and the lake hold.
    fn everything(&self) -> (Vec<String>, Vec<String>, Vec<String>) {
        let exists =
            self.rows("select count(*) from duckdb_tables() where table_name = 'sales'") == ["1"];
        let rows = |sql| if exists { self.rows(sql) } else { Vec::new() };
        (
            rows("select columns(*)::varchar from raw.sales order by all"),
            rows("select columns(*)::varchar from raw.sales_rejects order by all"),
            self.lake(),
        )
    }

    fn rows(&self, sql: &str) -> Vec<String> {
        let batch = engine::fetch(&mut *self.session(), sql, &[]).unwrap();
        let options = FormatOptions::default().with_null("NULL");
        let columns: Vec<_> = batch
            .columns()
            .iter()
            .map(|column| ArrayFormatter::try_new(column, &options).unwrap())
            .collect();
        let cell = |column: &ArrayFormatter<'_>, row| column.value(row).to_string();
        (0..batch.num_rows())
            .map(|row| {
                columns
                    .iter()
                    .map(|column| cell(column, row))
                    .collect::<Vec<_>>()
                    .join("|")
            })
            .collect()
    }

    fn types(&self) -> Vec<String> {
        let sql = "select column_name, data_type from duckdb_columns() where table_name = 'sales' \
                   and (column_name not like '\\_wh%' escape '\\' or column_name = '_wh_sheet') order by column_index";
        self.rows(sql)
    }

    /// The files of the lake, relative to it; the manifest left out.
    fn lake(&self) -> Vec<String> {
        let mut files = Vec::new();
        let mut folders = vec![self.path("raw/lake")];
        while let Some(folder) = folders.pop() {
            let Ok(entries) = fs::read_dir(folder) else {
                continue;
            };
            for path in entries.map(|entry| entry.unwrap().path()) {
                if path.is_dir() {
                    folders.push(path);
                } else if path.file_name().unwrap() != "_manifest.jsonl" {
                    files.push(
                        path.strip_prefix(self.path("raw/lake"))
                            .unwrap()
                            .to_str()
                            .unwrap()
                            .to_owned(),
                    );
                }
            }
        }
        files.sort();
        files
    }
}

/// Rows, rejects, files and note.
fn counts(outcome: Outcome) -> (u64, u64, u64, Option<String>) {
    (outcome.rows, outcome.rejected, outcome.files, outcome.note)
}

fn open(path: &std::path::Path) -> DuckDb {
    DuckDb::open(&Settings {
        path: path.into(),
        ..Settings::default()
    })
    .unwrap()
}

fn declared(options: &str) -> Ingest {
    Ingest {
        source: "shop".into(),
        table: "sales".into(),
        connector: "file".into(),
        mode: None,
        on_unavailable: OnUnavailable::Error,
        schedule: None,
        primary_key: Vec::new(),
        max_rejects: Tolerance::Rows(0),
        options: serde_yaml::from_str(options).unwrap(),
        at: At::new("models/sources.yml", 7, 9),
    }
}

const CSV: &str = "path: raw/inbox/*.csv";
const DAY_1: &str = "source=shop/type=sales/date=2026-11-01";

#[test]
fn a_csv_file_lands_unchanged_and_its_rows_know_where_they_come_from() {
    let world = World::new(CSV);
    let text = "id,name\r\n1,\"a, \"\"b\"\"\nc\"\r\n\r\n2,\n";
    world.write("raw/inbox/x.csv", text);
    assert_eq!(counts(world.run()), (2, 0, 1, None));
    assert_eq!(world.types(), ["id|VARCHAR", "name|VARCHAR"]);
    let file = format!("raw/lake/{DAY_1}/x.csv");
    assert_eq!(
        world.rows(
            "select id, name, _wh_file, _wh_line, _wh_loaded_at::varchar from raw.sales order by id"
        ),
        [
            format!("1|a, \"b\"\nc|{file}|2|2026-11-01 00:00:00+00"),
            format!("2|NULL|{file}|5|2026-11-01 00:00:00+00")
        ]
    );
    let copy = world.path(&file);
    assert_eq!(fs::read_to_string(&copy).unwrap(), text);
    assert!(fs::metadata(copy).unwrap().permissions().readonly());
    let manifest =
        fs::read_to_string(world.path("raw/lake/source=shop/type=sales/_manifest.jsonl")).unwrap();
    assert!(
        manifest.contains("\"origin\":\"raw/inbox/x.csv\"") && manifest.contains("\"rows\":2"),
        "{manifest}"
    );
}

#[test]
fn a_content_is_loaded_once_whatever_its_name_and_day() {
    let mut world = World::new(CSV);
    world.write("raw/inbox/x.csv", "id\n1\n");
    world.run();
    world.day = 2;
    world.write("raw/inbox/copy.csv", "id\n1\n");
    let again = world.run();
    assert_eq!(
        (again.files, again.note.as_deref()),
        (
            0,
            Some("`copy.csv` has the content of `x.csv` and is not loaded twice")
        )
    );
    world.write("raw/inbox/x.csv", "id\n2\n");
    assert_eq!(world.run().rows, 1);
    assert_eq!(
        world.rows("select id from raw.sales order by id"),
        ["1", "2"]
    );
    assert_eq!(
        world.lake(),
        [
            format!("{DAY_1}/x.csv"),
            "source=shop/type=sales/date=2026-11-02/x.csv".into()
        ]
    );
}

#[test]
fn another_content_of_the_same_name_and_day_gets_part_of_its_hash_as_suffix() {
    let world = World::new(CSV);
    world.write("raw/inbox/x.csv", "id\n1\n").run();
    world.write("raw/inbox/x.csv", "id\n2\n").run();
    let lake = world.lake();
    assert_eq!(lake.len(), 2);
    assert!(lake[0].contains("/x-"), "{lake:?}");
}

#[test]
fn mode_replace_holds_the_newest_version_of_each_matching_file() {
    let mut world = World::new(CSV);
    world.ingest.mode = Some(Mode::Replace);
    world
        .write("raw/inbox/a.csv", "id\na1\n")
        .write("raw/inbox/b.csv", "id\nb1\n")
        .run();
    world.write("raw/inbox/a.csv", "id,extra\na2,x\n");
    assert_eq!(world.run().rows, 1);
    assert_eq!(
        world.rows("select id, extra from raw.sales order by id"),
        ["a2|x", "b1|NULL"]
    );
    fs::remove_file(world.path("raw/inbox/b.csv")).unwrap();
    world.run();
    assert_eq!(world.rows("select id from raw.sales"), ["a2"]);
    world.write("raw/inbox/a.csv", "id\na1\n");
    assert_eq!(world.run().rows, 1);
    assert_eq!(world.rows("select id from raw.sales"), ["a1"]);
    assert_eq!(world.types(), ["id|VARCHAR"]);
    assert_eq!(
        world.rows("select count(*) from wh.ingested_files where active"),
        ["1"]
    );
}

#[test]
fn json_keeps_every_digit_and_widens_types_without_loss() {
    let world = World::new("path: raw/inbox/*.json");
    let text = r#"[{"id": 4532015112830366, "a": 1, "b": true, "n": {"x": [1, "y"]}, "s": "x\u00e9\n"},
 {"a": 0.5, "id": 9999999999999999, "big": 123456789012345678901234567890, "n": null, "m": 1},
 {"m": "two", "b": null}]"#;
    world.write("raw/inbox/x.json", text);
    assert_eq!(world.run().rows, 3);
    assert_eq!(
        world.types(),
        [
            "id|BIGINT",
            "a|DOUBLE",
            "b|BOOLEAN",
            "n|JSON",
            "s|VARCHAR",
            "big|VARCHAR",
            "m|VARCHAR"
        ]
    );
    assert_eq!(
        world.rows("select id, a, b, n, s, big, m, _wh_line from raw.sales order by _wh_line"),
        [
            "4532015112830366|1.0|true|{\"x\": [1, \"y\"]}|xé\n|NULL|NULL|1",
            "9999999999999999|0.5|NULL|NULL|NULL|123456789012345678901234567890|1|2",
            "NULL|NULL|NULL|NULL|NULL|NULL|two|3"
        ]
    );
}

#[test]
fn ndjson_gzip_and_zstd_are_read_as_what_they_hold() {
    let world = World::new("path: [raw/inbox/*.gz, raw/inbox/*.zst]");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(b"{\"id\":1}\n\n{\"id\":2,\"x\":\"y\"}\n")
        .unwrap();
    world.write("raw/inbox/a.ndjson.gz", gzip.finish().unwrap());
    world.write(
        "raw/inbox/b.csv.zst",
        zstd::encode_all(&b"id;x\n3;\"z\"\n"[..], 1).unwrap(),
    );
    assert_eq!(world.run().rows, 3);
    assert_eq!(
        world.rows("select id, x, _wh_line from raw.sales order by id"),
        ["1|NULL|1", "2|y|3", "3|z|2"]
    );
}

#[test]
fn records_are_found_where_the_option_says() {
    let world = World::new("{path: x.json, records: $.data.items}");
    world.write("x.json", "{\"meta\": {\"items\": [1]},\n \"data\": {\"items\": [{\"id\": 1},\n{\"id\": 2}], \"next\": null}}");
    assert_eq!(world.run().rows, 2);
    assert_eq!(
        world.rows("select id, _wh_line from raw.sales order by id"),
        ["1|2", "2|3"]
    );
}

#[test]
fn a_late_key_or_type_in_a_large_file_is_found_by_a_second_look() {
    let world = World::new("path: x.json");
    let mut text = String::from("[");
    for i in 0..60_000 {
        text += &format!(
            "{{\"id\": {i}, \"text\": \"some text to fill the first block of the file\"}},\n"
        );
    }
    text += "{\"id\": 0.5, \"late\": true}]";
    world.write("x.json", text);
    assert_eq!(world.run().rows, 60_001);
    assert_eq!(world.types(), ["id|DOUBLE", "text|VARCHAR", "late|BOOLEAN"]);
    assert_eq!(
        world.rows("select count(*), max(_wh_line), count(late) from raw.sales"),
        ["60001|60001|1"]
    );
}

#[test]
fn a_table_takes_new_columns_and_wider_types_from_later_files() {
    let world = World::new("path: raw/inbox/*.json");
    world
        .write(
            "raw/inbox/1.json",
            r#"[{"id": 1, "score": 1, "gone": "x"}]"#,
        )
        .run();
    world
        .write(
            "raw/inbox/2.json",
            r#"[{"SCORE": 0.25, "id": 2, "new": {"a": 1}}]"#,
        )
        .run();
    world
        .write("raw/inbox/3.json", r#"[{"id": "three", "score": 3}]"#)
        .run();
    assert_eq!(
        world.types(),
        ["id|VARCHAR", "score|DOUBLE", "gone|VARCHAR", "new|JSON"]
    );
    assert_eq!(
        world.rows("select id, score, gone, new from raw.sales order by id"),
        [
            "1|1.0|x|NULL",
            "2|0.25|NULL|{\"a\": 1}",
            "three|3.0|NULL|NULL"
        ]
    );
}

#[test]
fn whole_numbers_a_double_would_round_become_text_when_fractions_come() {
    let world = World::new("path: raw/inbox/*.json");
    world
        .write("raw/inbox/1.json", r#"[{"id": 9999999999999999}]"#)
        .run();
    world.write("raw/inbox/2.json", r#"[{"id": 0.5}]"#).run();
    assert_eq!(
        world.rows("select id from raw.sales order by id"),
        ["0.5", "9999999999999999"]
    );
}

#[test]
fn parquet_keeps_its_types_and_numbers_its_records() {
    let world = World::new("path: raw/inbox/*.parquet");
    fs::create_dir_all(world.path("raw/inbox")).unwrap();
    let sql = format!(
        "copy (select 1::decimal(9, 2) as price, date '2026-01-02' as day, [1, 2] as list from range(3)) to '{}'",
        world
            .path("raw/inbox/odd [1] 'name'.parquet")
            .display()
            .to_string()
            .replace('\'', "''")
    );
    world.session().execute(&sql).unwrap();
    assert_eq!(world.run().rows, 3);
    assert_eq!(
        world.types(),
        ["price|DECIMAL(9,2)", "day|DATE", "list|INTEGER[]"]
    );
    assert_eq!(
        world.rows("select count(*), min(_wh_line), max(_wh_line) from raw.sales"),
        ["3|1|3"]
    );
}

#[test]
fn every_sheet_of_a_workbook_is_read_with_typed_cells() {
    let world = World::new("path: book.xlsx");
    let mut book = rust_xlsxwriter::Workbook::new();
    let day = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
    for (name, id) in [("North", 1_234_567_890_123_456.0), ("South", 2.0)] {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        sheet
            .write_row(1, 1, ["id", "price", "day", "note"])
            .unwrap();
        sheet.write_row(2, 1, [id, 0.5]).unwrap();
        sheet
            .write_with_format(
                2,
                3,
                rust_xlsxwriter::ExcelDateTime::from_ymd(2026, 2, 28).unwrap(),
                &day,
            )
            .unwrap();
        sheet.write(2, 4, "0000000000000017").unwrap();
    }
    book.save(world.path("book.xlsx")).unwrap();
    assert_eq!(world.run().rows, 2);
    assert_eq!(
        world.types(),
        [
            "id|BIGINT",
            "price|DOUBLE",
            "day|DATE",
            "note|VARCHAR",
            "_wh_sheet|VARCHAR"
        ]
    );
    assert_eq!(
        world.rows(
            "select id, price, day, note, _wh_sheet, _wh_line from raw.sales order by id desc"
        ),
        [
            "1234567890123456|0.5|2026-02-28|0000000000000017|North|3",
            "2|0.5|2026-02-28|0000000000000017|South|3"
        ]
    );
}

#[test]
fn other_encodings_are_decoded_and_a_byte_order_mark_is_no_character() {
    let mut world = World::new("{path: x.csv, encoding: latin-1}");
    world.write("x.csv", b"caf\xe9\n\xfcber\n").run();
    assert_eq!(
        world.rows("select * exclude (_wh_file, _wh_line, _wh_loaded_at) from raw.sales"),
        ["über"]
    );
    world = World::new("{path: x.csv, encoding: utf-16}");
    let utf16: Vec<u8> = "\u{feff}a,b\n1,ö\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    world.write("x.csv", utf16).run();
    assert_eq!(world.rows("select a, b from raw.sales"), ["1|ö"]);
    world = World::new(CSV);
    world.write("raw/inbox/x.csv", "\u{feff}a,b\n1,2\n").run();
    assert_eq!(world.types(), ["a|VARCHAR", "b|VARCHAR"]);
}

#[test]
fn names_with_quotes_spaces_and_letters_of_all_languages_are_taken_as_they_are() {
    let world = World::new(CSV);
    world
        .write(
            "raw/inbox/it's \"ä\" [1].csv",
            "a \"b\",größe,select\n1,2,3\n",
        )
        .run();
    assert_eq!(
        world.types(),
        ["a \"b\"|VARCHAR", "größe|VARCHAR", "select|VARCHAR"]
    );
    assert_eq!(world.run().files, 0);
}

#[test]
fn records_that_cannot_be_read_are_set_aside_with_line_and_reason() {
    let mut world = World::new(CSV);
    world.ingest.max_rejects = Tolerance::Rows(6);
    let text = b"id,name\n1,a\n2,b,c\n3\n4,\xff\n\"5\"x,y\n6,\0\n\"7\n8\",ok\n9,\"open\n10,z\n";
    world.write("raw/inbox/x.csv", text);
    assert_eq!(counts(world.run()), (3, 6, 1, None));
    assert_eq!(
        world.rows("select id, _wh_line from raw.sales order by _wh_line"),
        ["1|2", "7\n8|8", "10|11"]
    );
    assert_eq!(
        world.rows("select _wh_line, raw_text, reason from raw.sales_rejects order by _wh_line"),
        [
            "3|2,b,c|3 fields where the header has 2",
            "4|3|1 field where the header has 2",
            "5|4,\u{fffd}|byte 0xff is not UTF-8",
            "6|\"5\"x,y|text after the quote that closes a field",
            "7|6,\u{fffd}|a NUL character",
            "10|9,\"open|a quote opens a field and is never closed",
        ]
    );
    assert_eq!(
        world.rows("select rows, rejected from wh.ingested_files"),
        ["3|6"]
    );
}

#[test]
fn each_of_many_files_keeps_its_own_count_of_rows_and_rejects() {
    let mut world = World::new(CSV);
    world.ingest.max_rejects = Tolerance::Rows(3);
    world.write("raw/inbox/a.csv", "id,name\n1,a\n2,b\n");
    world.write("raw/inbox/b.csv", "id,name\n3,c,x\n4,d\n5\n");
    world.write("raw/inbox/c.csv", "id,name\n6,e,only rejects\n");
    world.write("raw/inbox/d.csv", "name,id\nf,7\n");
    world.write("raw/inbox/e.csv", "id,name\n8,g\n");
    assert_eq!(counts(world.run()), (5, 3, 5, None));
    assert_eq!(
        world.rows("select origin, rows, rejected from wh.ingested_files order by origin"),
        [
            "raw/inbox/a.csv|2|0",
            "raw/inbox/b.csv|1|2",
            "raw/inbox/c.csv|0|1",
            "raw/inbox/d.csv|1|0",
            "raw/inbox/e.csv|1|0",
        ]
    );
    assert_eq!(
        world.rows("select id, name, _wh_line from raw.sales order by id"),
        ["1|a|2", "2|b|3", "4|d|3", "7|f|2", "8|g|2"]
    );
}

#[test]
fn an_empty_file_among_many_is_named_and_nothing_is_loaded() {
    let world = World::new(CSV);
    world.write("raw/inbox/a.csv", "id,name\n1,a\n");
    world.write("raw/inbox/b.csv", "id,name\n");
    world.write("raw/inbox/c.csv", "id,name\n2,b\n");
    let message = world.refused();
    assert!(
        message.contains("`raw/inbox/b.csv` has a header but no rows"),
        "{message}"
    );
}

#[test]
fn broken_json_records_are_set_aside_too() {
    let mut world = World::new("path: raw/inbox/*.*json");
    world.ingest.max_rejects = Tolerance::Share(0.8);
    world.write(
        "raw/inbox/x.ndjson",
        "{\"id\":1}\n{\"id\":2\n[3]\n{\"id\":4,\"ID\":5}\n",
    );
    world.write(
        "raw/inbox/y.json",
        "[{\"id\":6},\n7, {\"id\": nope}, {\"id\":\"\\u0000\"}]",
    );
    let outcome = world.run();
    assert_eq!((outcome.rows, outcome.rejected), (2, 6));
    assert_eq!(
        world.rows("select _wh_line, reason from raw.sales_rejects order by all"),
        [
            "2|a NUL character",
            "2|a record that is no object",
            "2|a value that is no JSON",
            "2|the record ends in the middle",
            "3|a record that is no object",
            "4|a key that stands there twice; upper and lower case are the same",
        ]
    );
}

#[test]
fn declared_types_are_cast_and_what_does_not_cast_is_set_aside() {
    let mut world = World::new(
        "{path: 'raw/inbox/*.csv', columns: {id: int, day: date, price: 'decimal(9,2)'}}",
    );
    world.ingest.max_rejects = Tolerance::Rows(1);
    world.write(
        "raw/inbox/x.csv",
        "id,day,price,note\n1,2026-01-31,1.50,n\n2,2026-02-31,2,\n3,,,\n",
    );
    assert_eq!(counts(world.run()), (2, 1, 1, None));
    assert_eq!(
        world.types(),
        [
            "id|INTEGER",
            "day|DATE",
            "price|DECIMAL(9,2)",
            "note|VARCHAR"
        ]
    );
    assert_eq!(
        world.rows("select _wh_line, raw_text, reason from raw.sales_rejects"),
        ["3|2,2026-02-31,2,|`2026-02-31` of column day is no DATE"]
    );
    world.write("raw/inbox/y.csv", "id,day,price,note\nx,,,\ny,,,\n");
    let message = world.refused();
    assert!(
        message.contains("raw/inbox/y.csv:2") && message.contains("`max_rejects:` (now 1)"),
        "{message}"
    );
}

#[test]
fn mode_merge_keeps_the_newest_row_of_each_key() {
    let mut world = World::new(CSV);
    world.ingest.mode = Some(Mode::Merge);
    assert!(
        world
            .write("raw/inbox/1.csv", "id,v\n1,a\n2,b\n1,c\n")
            .refused()
            .contains("needs a `primary_key:`")
    );
    world.ingest.primary_key = vec!["ID".into()];
    world.ingest.max_rejects = Tolerance::Rows(1);
    assert_eq!(world.run().rows, 3);
    assert_eq!(
        world.rows("select id, v from raw.sales order by id"),
        ["1|c", "2|b"]
    );
    world.write("raw/inbox/2.csv", "v,id\nd,2\ne,3\nf,\n");
    assert_eq!(world.run().rejected, 1);
    assert_eq!(
        world.rows("select id, v from raw.sales order by id"),
        ["1|c", "2|d", "3|e"]
    );
    assert_eq!(
        world.rows("select reason from raw.sales_rejects"),
        ["no value of the primary key id"]
    );
}

#[test]
fn a_full_refresh_builds_the_table_from_the_lake() {
    let mut world = World::new(CSV);
    world.write("raw/inbox/1.csv", "id\n1\n").run();
    world.write("raw/inbox/1.csv", "id\n2\n").run();
    world.ingest.options =
        serde_yaml::from_str("{path: raw/inbox/*.csv, columns: {id: bigint}}").unwrap();
    world.write("raw/inbox/1.csv", "id\n3\n");
    assert!(world.refused().contains("`--full-refresh`"));
    world.full_refresh = true;
    assert_eq!(world.run().rows, 3);
    assert_eq!(world.types(), ["id|BIGINT"]);
    assert_eq!(
        world.rows("select id from raw.sales order by id"),
        ["1", "2", "3"]
    );
    world.session().execute("drop table raw.sales").unwrap();
    world.full_refresh = false;
    assert_eq!(world.run().rows, 3);
}

#[test]
fn a_lost_warehouse_or_manifest_is_made_again_from_the_other() {
    let mut world = World::new(CSV);
    world.write("raw/inbox/1.csv", "id\n1\n").run();
    let manifest = world.path("raw/lake/source=shop/type=sales/_manifest.jsonl");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::remove_file(&manifest).unwrap();
    assert_eq!(world.run().files, 0);
    assert_eq!(fs::read_to_string(&manifest).unwrap(), text);
    fs::remove_file(world.path("raw/inbox/1.csv")).unwrap();
    world.engine = open(&world.path("new.duckdb"));
    assert_eq!(world.run().rows, 1);
    assert_eq!(
        world.rows("select origin from wh.ingested_files"),
        ["raw/inbox/1.csv"]
    );
}

#[test]
fn a_pattern_without_files_is_an_error_only_until_something_was_loaded() {
    let mut world = World::new(CSV);
    assert!(
        world
            .refused()
            .contains("no file matches `raw/inbox/*.csv`")
    );
    world.write("raw/inbox/1.csv", "id\n1\n").run();
    fs::remove_file(world.path("raw/inbox/1.csv")).unwrap();
    assert_eq!(
        world.run().note.as_deref(),
        Some("no file matches `raw/inbox/*.csv`")
    );
    world.ingest.options = serde_yaml::from_str("path: raw/inbox/1.csv").unwrap();
    assert!(
        world
            .refused()
            .contains("there is no file `raw/inbox/1.csv`")
    );
    world.ingest.options =
        serde_yaml::from_str("{path: raw/inbox/1.csv, on_missing: keep}").unwrap();
    assert_eq!(world.run().files, 0);
    assert_eq!(world.rows("select id from raw.sales"), ["1"]);
}

/// Bad files: name, content, and what the message must say.
const BAD: &[(&str, &[u8], &[&str])] = &[
    (
        "x.csv",
        b"",
        &["`raw/inbox/x.csv` is empty", "--> raw/inbox/x.csv"],
    ),
    ("x.csv", b"id,name\n", &["has a header but no rows"]),
    (
        "x.csv",
        b"id,name\n1,2\n3,4,5\n",
        &[
            "raw/inbox/x.csv:3:5",
            "3 fields where the header has 2",
            "`max_rejects:` (now 0)",
        ],
    ),
    (
        "x.csv",
        b"id\n\"a\n",
        &["raw/inbox/x.csv:2:1", "never closed"],
    ),
    (
        "x.csv",
        b"id,id\n1,2\n",
        &["columns 1 and 2 are both called `id`"],
    ),
    ("x.csv", b"id,ID\n1,2\n", &["both called `ID`"]),
    ("x.csv", b"id,\n1,2\n", &["column 2 has no name"]),
    ("x.csv", b"_wh_line\n1\n", &["`wh` uses itself"]),
    (
        "x.csv",
        b"id\ncaf\xe9\n",
        &[
            "raw/inbox/x.csv:2:4",
            "0xe9 is not UTF-8",
            "set `encoding:`",
        ],
    ),
    ("x.csv", b"caf\xe9\n1\n", &["the header is not UTF-8"]),
    ("x.csv", b"\xff\xfea\0\n\0", &["UTF-16", "encoding: utf-16"]),
    ("x.csv", b"a,b\r1,2\r", &["CR alone"]),
    ("x.csv.gz", b"", &["is empty"]),
    ("x.csv.gz", b"id\n5\n", &["damaged"]),
    (
        "x.json",
        b"[\n{\"id\": 1},\n{\"id\": 2, \"na",
        &["raw/inbox/x.json:3:14", "cut off", "begins in line 3"],
    ),
    (
        "x.json",
        b"[{\"id\": 1}\n",
        &["raw/inbox/x.json:2", "before its array"],
    ),
    ("x.json", b"[]", &["holds no records"]),
    (
        "x.json",
        b"[{\"id\": 1}] {}",
        &["raw/inbox/x.json:1:13", "follows the array"],
    ),
    (
        "x.json",
        b"[{\"id\": 1}}]",
        &["raw/inbox/x.json:1:11", "`}` stands where"],
    ),
    (
        "x.ndjson",
        b"{\"id\": 1}\n{\"id\": \n",
        &["raw/inbox/x.ndjson:2:7"],
    ),
    ("x.ndjson", b"\n \n", &["holds no records"]),
    ("x.parquet", b"id,name\n1,2\n", &["is no Parquet file"]),
    (
        "x.parquet",
        b"PAR1 and then something PAR1",
        &["cannot be read as Parquet"],
    ),
    ("x.parquet.gz", b"x", &["compressed"]),
    ("x.xlsx", b"id,name\n1,2\n", &["is no Excel workbook"]),
    (
        "x.dat",
        b"id,name\n1,2\n",
        &["does not tell its format", "set `format:`"],
    ),
];

#[test]
fn a_bad_file_is_refused_with_place_and_remedy_and_changes_nothing() {
    for (name, content, expected) in BAD {
        let world = World::new("path: raw/inbox/*");
        world.write("raw/inbox/good.csv", "id\n1\n").run();
        world.write(&format!("raw/inbox/{name}"), content);
        let message = world.refused();
        for part in *expected {
            assert!(message.contains(part), "{name}: {message}");
        }
        assert!(message.contains("hint: "), "{name}: {message}");
        fs::remove_file(world.path("raw/inbox").join(name)).unwrap();
        world.write("raw/inbox/good2.csv", "id\n2\n");
        assert_eq!(world.run().rows, 1, "{name}");
    }
}

#[test]
fn a_folder_or_an_unreadable_file_is_refused() {
    let world = World::new("path: raw/inbox/*");
    world.write("raw/inbox/sub/x.csv", "id\n1\n");
    assert!(world.refused().contains("`raw/inbox/sub` is a folder"));
    fs::remove_dir_all(world.path("raw/inbox/sub")).unwrap();
    std::os::unix::fs::symlink("nowhere", world.path("raw/inbox/x.csv")).unwrap();
    assert!(world.refused().contains("`raw/inbox/x.csv` cannot be read"));
}

/// Bad options and what the message must say.
const BAD_OPTIONS: &[(&str, &str)] = &[
    ("{path: x.csv, delimter: ','}", "did you mean `delimiter`?"),
    ("{path: x.csv, format: cvs}", "did you mean `csv`?"),
    (
        "{path: x.csv, delimiter: ', '}",
        "is not one ASCII character",
    ),
    (
        "{path: x.csv, encoding: klingon}",
        "no encoding is called `klingon`",
    ),
    (
        "{path: x.csv, columns: {id: no_such_type}}",
        "which is no SQL type",
    ),
    (
        "{path: x.csv, columns: {ids: bigint}}",
        "did you mean `id`?",
    ),
    ("{path: x.csv, on_missing: maybe}", "models/sources.yml:7:9"),
    ("{format: csv}", "path"),
];

#[test]
fn wrong_options_are_answered_with_the_place_and_the_right_ones() {
    for (options, expected) in BAD_OPTIONS {
        let world = World::new(options);
        let message = world.write("x.csv", "id\n1\n").refused();
        assert!(message.contains(expected), "{options}: {message}");
        assert!(
            message.contains("models/sources.yml:7:9"),
            "{options}: {message}"
        );
    }
    let mut world = World::new(CSV);
    world.ingest.connector = "fil".into();
    assert!(world.refused().contains("did you mean `file`?"));
}

#[test]
fn registries_hold_unique_lower_case_names_and_a_word_about_each() {
    let connectors = CONNECTORS
        .iter()
        .map(|connector| (connector.name(), connector.about()));
    for (name, about) in
        connectors.chain(FORMATS.iter().map(|format| (format.name(), format.about())))
    {
        assert!(
            !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase()),
            "{name}"
        );
        assert!(
            !about.is_empty() && !about.ends_with('.'),
            "{name}: {about}"
        );
    }
    let mut suffixes: Vec<_> = FORMATS
        .iter()
        .flat_map(|format| format.suffixes())
        .collect();
    let n_suffixes = suffixes.len();
    suffixes.sort();
    suffixes.dedup();
    assert_eq!(suffixes.len(), n_suffixes);
}

/// Where the child of the test below works; without it, the child has nothing to do.
const CHILD: &str = "WH_TEST_INGEST_CHILD";

#[test]
fn a_child_ingests_where_its_parent_says() {
    let Some(folder) = std::env::var_os(CHILD) else {
        return;
    };
    let folder = PathBuf::from(folder);
    let engine = open(&folder.join("w.duckdb"));
    run_in(&folder, &engine);
}

fn run_in(folder: &Path, engine: &DuckDb) -> Outcome {
    let table = Relation::new("raw", "sales");
    let request = Request {
        root: folder,
        ingest: &declared(CSV),
        table: &table,
        now: jiff::Timestamp::UNIX_EPOCH,
        full_refresh: false,
        is_asked_for: false,
        run_id: "run",
    };
    ingest(&mut *engine.connect().unwrap(), &request).unwrap()
}

/// When a child is killed.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// After this share of the time it takes, in percent.
    Percent(u32),
    /// As soon as a file of the lake has a name that begins so.
    Seen(&'static str),
}

/// Returns a folder with two files to ingest, 60,000 rows each.
fn two_files() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let inbox = folder.path().join("raw/inbox");
    fs::create_dir_all(&inbox).unwrap();
    for name in ["a", "b"] {
        let lines: String = (0..60_000)
            .map(|n| format!("{name}{n},some text\n"))
            .collect();
        fs::write(
            inbox.join(format!("{name}.csv")),
            format!("id,text\n{lines}"),
        )
        .unwrap();
    }
    folder
}

/// Starts a process that ingests in `folder`.
fn child(folder: &Path) -> std::process::Child {
    std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "ingest::a_child_ingests_where_its_parent_says"])
        .env(CHILD, folder)
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn a_file_is_loaded_once_although_the_process_is_killed_at_any_moment() {
    let folder = two_files();
    let started = std::time::Instant::now();
    assert!(child(folder.path()).wait().unwrap().success());
    let whole = started.elapsed();
    let mut moments: Vec<Moment> = (1..=12).map(|n| Moment::Percent(n * 8)).collect();
    moments.extend([".landing-", "a.csv", "b.csv", "_manifest.jsonl"].map(Moment::Seen));
    for moment in moments {
        let folder = two_files();
        let mut child = child(folder.path());
        match moment {
            Moment::Percent(percent) => std::thread::sleep(whole * percent / 100),
            Moment::Seen(begin) => {
                while child.try_wait().unwrap().is_none() && !is_in_lake(folder.path(), begin) {}
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        is_repaired(folder, moment);
    }
}

/// Ingests again and asserts that every row, copy and line of the manifest is there once.
fn is_repaired(folder: tempfile::TempDir, moment: Moment) {
    let engine = open(&folder.path().join("w.duckdb"));
    run_in(folder.path(), &engine);
    let world = World {
        folder,
        engine,
        ingest: declared(CSV),
        full_refresh: false,
        day: 1,
    };
    let counted = world.rows("select count(*), count(distinct id) from raw.sales");
    assert_eq!(counted, ["120000|120000"], "{moment:?}");
    let recorded = world.rows("select sum(rows)::bigint from wh.ingested_files");
    assert_eq!(recorded, ["120000"], "{moment:?}");
    let day = "source=shop/type=sales/date=1970-01-01";
    let copies = [format!("{day}/a.csv"), format!("{day}/b.csv")];
    assert_eq!(world.lake(), copies, "{moment:?}");
    let manifest = world.path("raw/lake/source=shop/type=sales/_manifest.jsonl");
    let manifest = fs::read_to_string(manifest).unwrap();
    let n_loaded = manifest.matches("\"rows\":60000").count();
    assert_eq!(n_loaded, 2, "{moment:?}");
    let again = run_in(world.folder.path(), &world.engine);
    assert_eq!(again.files, 0, "{moment:?}");
}

/// Returns whether a file in the lake has a name that begins with `begin`.
fn is_in_lake(root: &Path, begin: &str) -> bool {
    let folder = root.join("raw/lake/source=shop/type=sales");
    [folder.join("date=1970-01-01"), folder]
        .iter()
        .any(|folder| {
            fs::read_dir(folder).is_ok_and(|entries| {
                entries
                    .flatten()
                    .any(|entry| entry.file_name().to_string_lossy().starts_with(begin))
            })
        })
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 24, ..Default::default() })]

    /// Lines of random bytes from the dangerous part of the alphabet.
    #[test]
    fn records_in_are_rows_and_rejects_out(lines in proptest::collection::vec("[a\",;é 0]{1,9}", 1..60)) {
        let mut world = World::new("{path: x.csv, delimiter: ','}");
        world.ingest.max_rejects = Tolerance::Share(1.0);
        let text = lines.join("\n");
        world.write("x.csv", format!("a,b\n{text}\n"));
        let outcome = world.run();
        let counted = world.rows("select (select count(*) from raw.sales), (select count(*) from raw.sales_rejects)");
        proptest::prop_assert_eq!(counted, [format!("{}|{}", outcome.rows, outcome.rejected)]);
        // Each line is in exactly one record, as a line of its text or of its fields.
        let sql = "select coalesce(sum(1 + len(coalesce(a, '') || coalesce(b, '')) \
                   - len(replace(coalesce(a, '') || coalesce(b, ''), chr(10), ''))), 0)::bigint from raw.sales";
        let in_rows: u64 = world.rows(sql)[0].parse().unwrap();
        let sql = "select coalesce(sum(1 + len(raw_text) - len(replace(raw_text, chr(10), ''))), 0)::bigint \
                   from raw.sales_rejects";
        let in_rejects: u64 = world.rows(sql)[0].parse().unwrap();
        proptest::prop_assert_eq!(in_rows + in_rejects, lines.len() as u64);
    }

    #[test]
    fn csv_to_table_and_back_is_the_identity(rows in proptest::collection::vec(
        (proptest::option::of("[a-z\",\\n\\r é]{0,8}"), "[a-z\",\\n\\r é]{0,8}"), 1..40
    )) {
        let world = World::new("{path: x.csv}");
        let mut writer = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Never).from_writer(Vec::new());
        writer.write_record(["n", "a", "b"]).unwrap();
        let mut expected = Vec::new();
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        for (n, (a, b)) in rows.iter().enumerate() {
            writer.write_record([n.to_string(), a.as_deref().map_or(String::new(), quoted), quoted(b)]).unwrap();
            expected.push(format!("{}|{b}", a.as_deref().unwrap_or("NULL")));
        }
        world.write("x.csv", writer.into_inner().unwrap()).run();
        proptest::prop_assert_eq!(world.rows("select a, b from raw.sales order by n::int"), expected);
    }
}
