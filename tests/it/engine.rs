//! The engine on a real file.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use wh::engine::{
    self, DuckDb, Engine, Param, RecordBatch, Relation, Scan, SchemaRef, Settings, SqlError,
};

fn open(path: &std::path::Path) -> DuckDb {
    DuckDb::open(&Settings {
        path: path.into(),
        ..Settings::default()
    })
    .unwrap()
}

/// Ten batches of 5,000 numbers, and then an error if asked for.
struct Numbers {
    next: AtomicU64,
    fails: bool,
}

impl Scan for Numbers {
    fn schema(&self) -> SchemaRef {
        use arrow::datatypes::{DataType, Field, Schema};
        Arc::new(Schema::new(vec![
            Field::new("n", DataType::Int64, false),
            Field::new("text", DataType::Utf8, true),
        ]))
    }

    fn next(&self) -> anyhow::Result<Option<RecordBatch>> {
        let batch = self.next.fetch_add(1, Ordering::Relaxed);
        if batch >= 10 {
            return match self.fails {
                true => Err(anyhow::anyhow!("the scan broke off")),
                false => Ok(None),
            };
        }
        let numbers = (0..5000).map(|n| (batch * 5000 + n) as i64);
        let texts = numbers
            .clone()
            .map(|n| (n % 7 != 0).then(|| format!("text {n}")));
        Ok(Some(RecordBatch::try_new(
            self.schema(),
            vec![
                Arc::new(arrow::array::Int64Array::from_iter_values(numbers)),
                Arc::new(arrow::array::StringArray::from_iter(texts)),
            ],
        )?))
    }
}

#[test]
fn a_scan_is_appended_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(&folder.path().join("w.duckdb"));
    let mut session = engine.connect().unwrap();
    session
        .execute("create table t (text varchar, n bigint)")
        .unwrap();
    let table = Relation::new("main", "t");
    let scan = |fails| {
        Arc::new(Numbers {
            next: AtomicU64::new(0),
            fails,
        })
    };
    let err = session.append(&table, scan(true)).unwrap_err();
    assert_eq!(err.to_string(), "the scan broke off");
    assert_eq!(session.append(&table, scan(false)).unwrap(), 50_000);
    let sums = "select count(*)::varchar || ' ' || sum(n)::varchar || ' ' || count(text)::varchar from t where text is null or text = 'text ' || n";
    let rows = engine::fetch(session.as_mut(), sums, &[]).unwrap();
    use arrow::array::AsArray;
    assert_eq!(
        rows.column(0).as_string::<i32>().value(0),
        "50000 1249975000 42857"
    );
}

#[test]
fn an_empty_result_still_has_its_columns() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(&folder.path().join("w.duckdb"));
    let mut session = engine.connect().unwrap();
    let rows = engine::fetch(
        session.as_mut(),
        "select 1 as a, $1 as b where false",
        &[Param::from("x")],
    )
    .unwrap();
    assert_eq!(
        (rows.num_rows(), rows.schema().field(0).name().as_str()),
        (0, "a")
    );
}

#[test]
fn a_refused_statement_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(&folder.path().join("w.duckdb"));
    let mut session = engine.connect().unwrap();
    let sql = "create table a as\nselect 1 as x,\n  nothing as y";
    let err = session.execute(sql).unwrap_err();
    let sql_error = err
        .chain()
        .find_map(|cause| cause.downcast_ref::<SqlError>())
        .unwrap();
    assert!(
        sql_error.message.contains("nothing"),
        "{}",
        sql_error.message
    );
    assert_eq!(
        sql_error.offset,
        sql.find("nothing"),
        "{sql_error:?} {err:?}"
    );
    let err = session.execute("selec 1").unwrap_err();
    let sql_error = err
        .chain()
        .find_map(|cause| cause.downcast_ref::<SqlError>())
        .unwrap();
    assert_eq!(sql_error.offset, Some(0));
}

#[test]
fn a_file_held_by_another_process_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.duckdb");
    drop(open(&path));
    // DuckDB's lock is one of fcntl, as taken here.
    let python = format!(
        "import fcntl,sys,time\nf=open('{}','r+b')\nfcntl.lockf(f,fcntl.LOCK_EX)\nprint('held',flush=True)\ntime.sleep(30)",
        path.display()
    );
    let mut holder = std::process::Command::new("python3")
        .args(["-c", &python])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(
        &mut std::io::BufReader::new(holder.stdout.take().unwrap()),
        &mut line,
    )
    .unwrap();
    let settings = Settings {
        path: path.clone(),
        ..Settings::default()
    };
    let Err(err) = DuckDb::open(&settings) else {
        panic!("the file is held")
    };
    holder.kill().unwrap();
    holder.wait().unwrap();
    let text = err.to_string();
    assert!(
        text.contains(&format!("(process {})", holder.id())),
        "{text}"
    );
    assert!(text.contains("--lock-timeout"), "{text}");
}

#[test]
fn a_new_file_can_be_opened_by_older_tools() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.duckdb");
    drop(open(&path));
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(&bytes[8..12], b"DUCK");
    // Storage version 67 is that of DuckDB 1.4; 2.0's own is 69.
    assert!(u64::from_le_bytes(bytes[12..20].try_into().unwrap()) <= 67);
}

#[test]
fn an_instant_is_the_same_in_every_zone() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(&folder.path().join("w.duckdb"));
    let mut session = engine.connect().unwrap();
    session.execute("set TimeZone = 'Asia/Tokyo'").unwrap();
    session
        .execute("create table t (moment timestamptz)")
        .unwrap();
    let instant = Param::Instant(1_700_000_000_123_456);
    session
        .execute_with("insert into t values ($1)", &[instant])
        .unwrap();
    let rows = engine::fetch(session.as_mut(), "select epoch_us(moment) from t", &[]).unwrap();
    use arrow::array::AsArray;
    let micros = rows.column(0).as_primitive::<arrow::datatypes::Int64Type>();
    assert_eq!(micros.value(0), 1_700_000_000_123_456);
}
