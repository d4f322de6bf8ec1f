//! Files on their way through the lake into a real warehouse.

use std::fs;
use std::path::PathBuf;

use arrow::util::display::{ArrayFormatter, FormatOptions};
use wh::diagnostic::{At, Diagnostic, Kind};
use wh::engine::{self, DuckDb, Engine, Relation, Session, Settings};
use wh::ingest::{CONNECTORS, FORMATS, Outcome, Request, ingest};
use wh::project::nodes::{Ingest, Mode, Tolerance};

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
        };
        ingest(&mut *self.session(), &request)
    }

    fn run(&self) -> Outcome {
        self.try_run().unwrap_or_else(|err| panic!("{err:#}"))
    }

    /// Runs what must fail and returns the message; nothing may have changed.
    fn refused(&self) -> String {
        let before = self.everything();
        let err = self.try_run().expect_err("it must be refused");
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
            rows("from raw.sales order by all"),
            rows("from raw.sales_rejects order by all"),
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
        mode: Mode::Append,
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
    assert_eq!(
        world.run(),
        Outcome {
            rows: 2,
            rejected: 0,
            files: 1,
            note: None
        }
    );
    assert_eq!(world.types(), ["id|VARCHAR", "name|VARCHAR"]);
    let file = format!("raw/lake/{DAY_1}/x.csv");
    assert_eq!(
        world.rows("select id, name, _wh_file, _wh_line, _wh_loaded_at::varchar from raw.sales order by id"),
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
        (0, Some("no new file"))
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
    world.ingest.mode = Mode::Replace;
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
