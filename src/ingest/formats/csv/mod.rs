//! CSV as people write it: any one-byte delimiter, quoted fields with line ends, CRLF. Every value stays text.

mod cut;
mod record;

use std::io::Read;
use std::sync::Arc;

use self::cut::CsvCutter;
use self::record::{Field, Record, excess, record};
use super::blocks::{Block, Blocks, Position, open, unreadable};
use super::rows::{Rows, Value};
use super::scan::{Aside, Parse, Text};
use super::{Format, Reading, Source, Survey, Target, check_names, text_columns, without_rows};
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::{Scan, Session};
use crate::ingest::types::Column;

/// Delimiters looked for in a first line when none is declared, the likelier first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// What stands between and around fields.
#[derive(Debug, Clone, Copy)]
struct Dialect {
    delimiter: u8,
    quote: Option<u8>,
}

/// Comma-separated values.
pub(super) struct Csv;

impl Format for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn about(&self) -> &'static str {
        "delimited text, every value as text"
    }

    fn suffixes(&self) -> &'static [&'static str] {
        &["csv", "tsv", "txt"]
    }

    fn columns(&self, _: &mut dyn Session, file: &Source<'_>, _: Survey) -> Result<Vec<Column>> {
        let columns = text_columns(names(file, dialect(file)?)?);
        check_names(&columns, file.shown)?;
        Ok(columns)
    }

    fn open(&self, file: &Source<'_>, target: &Target<'_>) -> Result<Option<Arc<dyn Scan>>> {
        let dialect = dialect(file)?;
        let columns = text_columns(names(file, dialect)?);
        let parse = CsvParse {
            dialect,
            n_columns: columns.len(),
            header: file.reading.header,
            nulls: file.reading.nulls.clone(),
        };
        let text = Text {
            columns: &columns,
            cutter: Box::new(CsvCutter { dialect }),
            parse,
        };
        Ok(Some(text.open(file, target)?))
    }

    fn lacks_rows(&self, reading: &Reading) -> Option<&'static str> {
        (!reading.fetched).then_some("has a header but no rows")
    }
}

/// Returns the declared dialect, or the delimiter that the first line holds most often outside quotes.
fn dialect(file: &Source<'_>) -> Result<Dialect> {
    let quote = file.reading.quote;
    if let Some(delimiter) = file.reading.delimiter {
        return Ok(Dialect { delimiter, quote });
    }
    let mut begin = Vec::new();
    open(file)?
        .take(1 << 16)
        .read_to_end(&mut begin)
        .map_err(|err| unreadable(file.shown, err))?;
    let line = begin
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let mut counts = [0; DELIMITERS.len()];
    let mut inside = false;
    for byte in line {
        inside ^= Some(*byte) == quote;
        if let Some(i) = DELIMITERS.iter().position(|known| !inside && known == byte) {
            counts[i] += 1;
        }
    }
    let most = (0..counts.len())
        .rev()
        .max_by_key(|i| counts[*i])
        .unwrap_or(0);
    Ok(Dialect {
        delimiter: DELIMITERS[most],
        quote,
    })
}

/// Returns the names in the header, or numbered ones where there is none.
///
/// # Errors
/// `Data` when there is no first record or it cannot be read.
fn names(file: &Source<'_>, dialect: Dialect) -> Result<Vec<String>> {
    let Some(block) = Blocks::open(file, Box::new(CsvCutter { dialect }))?.next()? else {
        return Err(without_rows(file.shown, "is empty"));
    };
    let wrong = |what: String, hint: &str| {
        Err(Diagnostic::data(what)
            .at_line(file.shown, 1, 1)
            .hint(hint)
            .into())
    };
    let mut fields = Vec::new();
    let first = record(&block.bytes, 0, dialect, &mut fields);
    if let Some(reason) = block.broken.or(first.fault.map(|(_, reason)| reason)) {
        return wrong(
            format!("the header is broken: {reason}"),
            "correct the first line of the file",
        );
    }
    let bytes = &block.bytes[..first.end];
    if bytes.contains(&0) {
        return wrong(
            "the header holds a NUL character".into(),
            "is this a text file? set `encoding:` if it is",
        );
    }
    if bytes.contains(&b'\r') && !block.bytes.contains(&b'\n') {
        return wrong(
            "lines end in CR alone".into(),
            "convert the file's line ends to LF or CRLF",
        );
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        let hint = "set `encoding:` (such as windows-1252), or save the file as UTF-8";
        return wrong("the header is not UTF-8".into(), hint);
    };
    if !file.reading.header {
        return Ok((1..=fields.len()).map(|i| format!("column_{i}")).collect());
    }
    let quote = dialect.quote.map(char::from);
    Ok(fields
        .iter()
        .map(|field| field.unescaped(text, quote).trim().to_owned())
        .collect())
}

/// Understands records, all with the same number of fields.
struct CsvParse {
    dialect: Dialect,
    n_columns: usize,
    header: bool,
    nulls: Vec<String>,
}

impl Parse for CsvParse {
    fn parse(&self, block: &Block, rows: &mut Rows<'_>, out: &Aside<'_>) -> Result<()> {
        let bytes = &block.bytes;
        let valid = std::str::from_utf8(bytes).ok();
        let has_nul = memchr::memchr(0, bytes).is_some();
        let mut fields = Vec::new();
        let (mut start, mut line) = (0, block.position.line);
        let mut in_header = self.header && block.ordinal == 0;
        while start < bytes.len() {
            let found = record(bytes, start, self.dialect, &mut fields);
            let (raw, here) = (&bytes[start..found.end], line);
            let blank = raw.is_empty();
            line += found.n_newlines;
            let text = match valid {
                Some(text) => text.get(start..found.end),
                None => std::str::from_utf8(raw).ok(),
            };
            start = found.next;
            if std::mem::take(&mut in_header) || blank {
                continue;
            }
            match (text, self.fault(&found, &fields, has_nul.then_some(raw))) {
                (None, _) => {
                    let (at, reason) = not_utf8(raw);
                    out.put(here, column(raw, at), raw, reason);
                }
                (_, Some((at, reason))) => out.put(here, column(raw, at), raw, reason),
                (Some(text), None) => {
                    for (i, field) in fields.iter().enumerate() {
                        let value = field.unescaped(text, self.dialect.quote.map(char::from));
                        let null = !field.quoted && self.is_null(&value);
                        rows.push(
                            i,
                            if null {
                                Value::Null
                            } else {
                                Value::Text(&value)
                            },
                        )?;
                    }
                    rows.end(here, text);
                }
            }
        }
        Ok(())
    }
}

impl CsvParse {
    /// Returns what is wrong with a record, and at which of its bytes.
    fn fault(
        &self,
        found: &Record,
        fields: &[Field],
        nul_in: Option<&[u8]>,
    ) -> Option<(usize, String)> {
        if let Some((at, reason)) = found.fault {
            return Some((at, reason.into()));
        }
        if let Some(at) = nul_in.and_then(|raw| memchr::memchr(0, raw)) {
            return Some((at, "a NUL character".into()));
        }
        let (n_fields, n_columns) = (fields.len(), self.n_columns);
        if n_fields == n_columns {
            return None;
        }
        let plural = if n_fields == 1 { "field" } else { "fields" };
        let at = excess(fields, n_columns).unwrap_or(usize::MAX);
        Some((
            at,
            format!("{n_fields} {plural} where the header has {n_columns}"),
        ))
    }

    fn is_null(&self, value: &str) -> bool {
        self.nulls.iter().any(|null| null == value)
    }
}

/// Returns the place of the first byte that is not UTF-8, and the reason as a sentence.
pub(super) fn not_utf8(raw: &[u8]) -> (usize, String) {
    let at = std::str::from_utf8(raw)
        .err()
        .map_or(0, |err| err.valid_up_to());
    (
        at,
        format!(
            "byte 0x{:02x} is not UTF-8",
            raw.get(at).copied().unwrap_or(0)
        ),
    )
}

/// Returns the column in characters, from 1, of a byte of a record; 0 when it is not on the record's first line.
fn column(raw: &[u8], at: usize) -> u64 {
    let before = &raw[..at.min(raw.len())];
    if before.contains(&b'\n') {
        return 0;
    }
    Position::START.after(before).column
}
