//! A seed's file: its columns with the types dbt would give them, and its rows for macros that want them.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use csv::StringRecord;
use minijinja::value::{Enumerator, Object, ObjectRepr, Value};

use super::infer::Column;
use crate::diagnostic::{At, Diagnostic, Result};
use crate::jinja;

/// A CSV file as templates see it: `column_names`, `rows`, and `sql_types` as inferred.
#[derive(Debug, Clone)]
pub(super) struct SeedTable {
    /// Names of the columns; those without get a letter, those of a taken name a number.
    pub(super) names: Vec<String>,
    types: Vec<&'static str>,
    rows: Arc<Rows>,
    /// The first row that has not as many cells as there are columns: its line, and how many it has.
    pub(super) ragged: Option<(u64, usize)>,
}

impl SeedTable {
    /// Reads a file; `file` is its path as people know it.
    ///
    /// # Errors
    /// `Project` with the line when the file is no CSV or a row has more cells than the header; `Environment` when it cannot be
    /// read.
    pub(super) fn read(path: &Path, file: &Path, delimiter: u8) -> Result<Self> {
        let text = read(path, file)?;
        let mut reader = reader(&text, delimiter);
        let mut record = StringRecord::new();
        let mut next = |record: &mut StringRecord| {
            reader.read_record(record).map_err(|err| {
                Diagnostic::project(format!("the seed `{}` is no CSV", file.display())).because(err)
            })
        };
        if !next(&mut record)? {
            let empty = Diagnostic::project(format!("the seed `{}` is empty", file.display()));
            let hint = "give it a line with the names of its columns";
            return Err(empty.at(&At::new(file, 1, 0)).hint(hint).into());
        }
        let names = named(&record);
        let mut columns = vec![Column::new(); names.len()];
        let (mut count, mut ragged) = (0, None);
        while next(&mut record)? {
            count += 1;
            if record.len() != names.len() {
                let line = record.position().map_or(0, csv::Position::line);
                if record.len() > names.len() {
                    return Err(wrong_length(file, (line, record.len()), names.len()));
                }
                ragged.get_or_insert((line, record.len()));
            }
            for (column, cell) in columns.iter_mut().zip(&record) {
                column.see(cell);
            }
        }
        let types: Vec<_> = columns.iter().map(Column::sql_type).collect();
        let rows = Rows {
            path: path.to_owned(),
            delimiter,
            count,
            is_number: types
                .iter()
                .map(|name| *name == "integer" || *name == "float8")
                .collect(),
            records: OnceLock::new(),
        };
        Ok(Self {
            names,
            types,
            rows: Arc::new(rows),
            ragged,
        })
    }

    /// Keeps the columns and their types only.
    pub(super) fn without_rows(self) -> Self {
        let rows = Rows {
            path: self.rows.path.clone(),
            delimiter: self.rows.delimiter,
            count: 0,
            is_number: self.rows.is_number.clone(),
            records: OnceLock::new(),
        };
        Self {
            rows: Arc::new(rows),
            ..self
        }
    }
}

/// Says that a row does not fit the header.
pub(super) fn wrong_length(
    file: &Path,
    (line, cells): (u64, usize),
    columns: usize,
) -> anyhow::Error {
    let line = u32::try_from(line).unwrap_or(0);
    Diagnostic::project(format!("the row has {cells} cells, the header {columns}"))
        .at(&At::new(file, line, 0))
        .hint("give each row as many cells as the header; a cell with a delimiter, quote or newline in it stands in double quotes")
        .into()
}

fn read(path: &Path, file: &Path) -> Result<String> {
    let bytes = std::fs::read(path).map_err(|err| {
        Diagnostic::environment(format!("`{}` cannot be read", file.display())).because(err)
    })?;
    String::from_utf8(bytes).map_err(|err| {
        let good = &err.as_bytes()[..err.utf8_error().valid_up_to()];
        let line = good.iter().filter(|byte| **byte == b'\n').count() + 1;
        Diagnostic::project(format!("`{}` is not in UTF-8", file.display()))
            .at(&At::new(file, u32::try_from(line).unwrap_or(0), 0))
            .hint("save the file in UTF-8")
            .into()
    })
}

fn reader(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes())
}

/// Names the columns of a header.
fn named(header: &StringRecord) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (index, cell) in header.iter().enumerate() {
        let letter = (b'a'..=b'z').cycle().nth(index).unwrap_or(b'a');
        let name = match cell {
            "" => char::from(letter).to_string().repeat(index / 26 + 1),
            cell => cell.to_owned(),
        };
        let mut unique = name.clone();
        let mut number = 2;
        while names.contains(&unique) {
            unique = format!("{name}_{number}");
            number += 1;
        }
        names.push(unique);
    }
    names
}

impl Object for SeedTable {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "column_names" => Some(jinja::list(self.names.iter().map(Value::from))),
            "sql_types" => Some(jinja::list(self.types.iter().copied())),
            "rows" => Some(Value::from_dyn_object(self.rows.clone())),
            _ => None,
        }
    }
}

/// The rows of a seed, read again when a macro wants their cells.
struct Rows {
    path: PathBuf,
    delimiter: u8,
    count: usize,
    is_number: Vec<bool>,
    records: OnceLock<Vec<StringRecord>>,
}

impl Rows {
    fn records(&self) -> &[StringRecord] {
        self.records.get_or_init(|| {
            let text = read(&self.path, &self.path).unwrap_or_default();
            let records = reader(&text, self.delimiter).into_records();
            records.skip(1).filter_map(Result::ok).collect()
        })
    }

    /// Returns the value of a cell as dbt binds it: nothing for null words, numbers without signs around them.
    fn cell(&self, column: usize, cell: &str) -> Value {
        let text = cell.trim();
        if text.is_empty() || text.eq_ignore_ascii_case("null") {
            return Value::from(());
        }
        match self.is_number.get(column) {
            Some(true) => Value::from(
                text.trim_matches(['%', '$', '€', '£', '¥'])
                    .replace(',', ""),
            ),
            _ => Value::from(cell),
        }
    }
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rows of {}", self.count, self.path.display())
    }
}

impl Object for Rows {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.count)
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let record = self.records().get(key.as_usize()?)?;
        let cells = record.iter().enumerate();
        Some(jinja::list(
            cells.map(|(column, cell)| self.cell(column, cell)),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_without_a_name_get_a_letter_and_twins_a_number() {
        let header = StringRecord::from(vec!["id", "", "id", "id"]);
        assert_eq!(named(&header), ["id", "b", "id_2", "id_3"]);
    }

    #[test]
    fn a_row_with_too_many_cells_is_answered_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, "\u{feff}a,b\n1,2\n1,\"x\ny\"\n1,2,3\n").unwrap();
        let err = SeedTable::read(&path, Path::new("seeds/a.csv"), b',').unwrap_err();
        assert!(format!("{err:?}").contains("3 cells"), "{err:?}");
        std::fs::write(&path, "\u{feff}a,b\n1,x\n2\n").unwrap();
        let table = SeedTable::read(&path, Path::new("seeds/a.csv"), b',').unwrap();
        assert_eq!(table.names, ["a", "b"]);
        assert_eq!(table.types, ["integer", "text"]);
        assert_eq!(table.ragged, Some((3, 1)));
    }
}
