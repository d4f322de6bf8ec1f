//! Excel workbooks for business users: a cover, then a sheet a table, with cells of the right type, number formats,
//! a filter, marks and charts. Formulas are never written: text that looks like one stays text.

mod cells;
mod chart;
mod column;
mod cover;
mod names;
mod options;
mod sheet;

use std::any::Any;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufWriter};
use std::panic::{self, AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::sync::Once;

use arrow::array::RecordBatch;
use jiff::Timestamp;
use jiff::civil::Date;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, Worksheet, XlsxError};

use self::cells::Kind;
use self::cover::{Cover, Entry};
use self::options::{BookOptions, SheetOptions};
use self::sheet::Part;
use super::copy::owner;
use super::draft::cannot_write;
use super::options::parse;
use super::{Content, Sink, Table};
use crate::diagnostic::{Diagnostic, Kind as Blame, Result};
use crate::engine::Session;

/// Rows of data that fit on a sheet below its header.
const MAX_ROWS: usize = 1_048_575;
/// Columns that fit on a sheet.
const MAX_COLUMNS: usize = 16_384;
/// Packing of the file: what Excel itself uses; higher levels take twice the time for a tenth of the size.
const LEVEL: u8 = 3;

/// How the writer's panic begins when the disk is full under the temporary file of a large sheet.
const FULL_DISK: &str = "Couldn't write to xml file";

/// The sink; see the module.
pub(super) struct Xlsx;

impl Sink for Xlsx {
    fn name(&self) -> &'static str {
        "xlsx"
    }

    fn about(&self) -> &'static str {
        "an Excel workbook, a sheet a table; options: title, author, company, style, charts, highlight, formats"
    }

    fn send(&self, session: &mut dyn Session, content: &Content, draft: &Path) -> Result<u64> {
        quieten_full_disk();
        let written = catch_unwind(AssertUnwindSafe(|| write(session, content, draft)));
        match written {
            Ok(outcome) => outcome.map_err(|err| explain(err, content.path)),
            Err(panic) if is_full_disk(panic.as_ref()) => {
                Err(cannot_write(content.path, io::ErrorKind::StorageFull.into()).into())
            }
            Err(panic) => resume_unwind(panic),
        }
    }
}

/// Whether a panic is the writer's answer to a full disk.
fn is_full_disk(payload: &(dyn Any + Send)) -> bool {
    payload
        .downcast_ref::<String>()
        .is_some_and(|message| message.starts_with(FULL_DISK))
}

/// Keeps the writer's panic on a full disk, which becomes an error of ours, from being printed too.
fn quieten_full_disk() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let others = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !is_full_disk(info.payload()) {
                others(info);
            }
        }));
    });
}

fn write(session: &mut dyn Session, content: &Content, draft: &Path) -> Result<u64> {
    let options: BookOptions = parse(content.options, &owner(content), content.at)?;
    let mut book = Book::new(content, &options, draft)?;
    for table in &content.tables {
        book.add(session, table)?;
    }
    book.save(draft)
}

/// Blames the disk for what the writer could not write, and `wh` for the rest.
fn explain(err: anyhow::Error, path: &Path) -> anyhow::Error {
    match err.downcast::<XlsxError>() {
        Ok(XlsxError::IoError(err) | XlsxError::TempFileError(_, err)) => {
            cannot_write(path, err).into()
        }
        Ok(XlsxError::ZipError(err)) => cannot_write(path, err.into()).into(),
        Ok(err) => Diagnostic::new(
            Blame::Bug,
            format!(
                "the workbook `{}` is not accepted by its writer",
                path.display()
            ),
        )
        .because(err)
        .into(),
        Err(err) => err,
    }
}

/// A workbook under way.
struct Book<'a> {
    content: &'a Content<'a>,
    options: &'a BookOptions,
    workbook: Workbook,
    sheets: Vec<Worksheet>,
    cover_name: String,
    taken: BTreeSet<String>,
    entries: Vec<Entry>,
    notes: Vec<(Option<u32>, String)>,
    n_rows: u64,
}

impl<'a> Book<'a> {
    fn new(content: &'a Content, options: &'a BookOptions, draft: &Path) -> Result<Self> {
        let mut workbook = Workbook::new();
        workbook.set_zip_compression_level(LEVEL);
        // Large sheets wait in nameless files beside the target, where there must be room anyway.
        if let Some(folder) = draft
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            workbook.set_tempdir(folder)?;
        }
        let mut taken = BTreeSet::new();
        let cover_name =
            match options.cover && content.tables.iter().any(|table| table.from.is_some()) {
                true => names::sheet("Overview", 1, &mut taken),
                false => String::new(),
            };
        Ok(Self {
            content,
            options,
            workbook,
            sheets: Vec::new(),
            cover_name,
            taken,
            entries: Vec::new(),
            notes: Vec::new(),
            n_rows: 0,
        })
    }

    /// Adds a table: a sheet, or as many as its rows need.
    ///
    /// One sheet's rows are held in memory at a time, since the table's size and the columns' looks come first.
    fn add(&mut self, session: &mut dyn Session, table: &Table) -> Result<()> {
        let owner = format!("the sheet `{}`", table.name);
        let options: SheetOptions = parse(&table.options, &owner, &table.at)?;
        options.check(table)?;
        if table.columns.len() > MAX_COLUMNS {
            let n_columns = table.columns.len();
            return Err(Diagnostic::project(format!(
                "`{}` has {n_columns} columns, a sheet has 16,384",
                table.name
            ))
            .at(&table.at)
            .hint("name the columns that are wanted under `columns:`")
            .into());
        }
        let sql = table.query(cells::is_text_only)?;
        let mut part = 1;
        let mut waiting: Vec<RecordBatch> = Vec::new();
        let mut n_waiting = 0;
        session.query(&sql, &[], &mut |batch| {
            let mut rest = batch.clone();
            while n_waiting + rest.num_rows() > MAX_ROWS {
                let room = MAX_ROWS - n_waiting;
                waiting.push(rest.slice(0, room));
                rest = rest.slice(room, rest.num_rows() - room);
                self.add_sheet(table, &options, part, &std::mem::take(&mut waiting))?;
                part += 1;
                n_waiting = 0;
            }
            n_waiting += rest.num_rows();
            waiting.push(rest);
            Ok(())
        })?;
        if part == 1 || n_waiting > 0 {
            self.add_sheet(table, &options, part, &waiting)?;
        }
        self.note_marks(&options, table);
        Ok(())
    }

    fn add_sheet(
        &mut self,
        table: &Table,
        options: &SheetOptions,
        part: usize,
        batches: &[RecordBatch],
    ) -> Result<()> {
        let mut looks = Vec::with_capacity(table.columns.len());
        for (index, column) in table.columns.iter().enumerate() {
            looks.push(column::look(batches, index, column, options)?);
        }
        let headers = names::headers(looks.iter().map(|look| look.header.clone()));
        for (look, header) in looks.iter_mut().zip(headers) {
            look.header = header;
        }
        let part = Part {
            name: names::sheet(&table.name, part, &mut self.taken),
            number: self.sheets.len() + 1,
            batches,
            looks,
            options,
            style: options.style.unwrap_or(self.options.style),
        };
        let (sheet, n_cut) = sheet::build(&mut self.workbook, &part)?;
        self.sheets.push(sheet);
        self.n_rows += part.n_rows() as u64;
        self.note_oddities(&part, n_cut);
        let entry = self.entry(table, &part);
        self.entries.push(entry);
        Ok(())
    }

    fn entry(&self, table: &Table, part: &Part) -> Entry {
        let origin = table
            .from
            .as_ref()
            .and_then(|from| self.content.about.origins.get(from));
        let described = origin
            .map(|origin| origin.description.clone())
            .unwrap_or_default();
        Entry {
            sheet: part.name.clone(),
            n_rows: part.n_rows() as u64,
            description: part.options.description.clone().unwrap_or(described),
            from: match (origin, &table.from) {
                (Some(origin), _) if !origin.relation.is_empty() => origin.relation.clone(),
                (_, Some(from)) => from.to_string(),
                (_, None) => String::new(),
            },
            period: period(part),
        }
    }

    fn note_marks(&mut self, options: &SheetOptions, table: &Table) {
        for highlight in &options.highlight {
            let header = options
                .header(&highlight.column)
                .unwrap_or(&highlight.column);
            let note = format!(
                "{}: rows of this colour have {header} = {}",
                table.name, highlight.equals
            );
            self.notes.push((Some(highlight.color.0), note));
        }
    }

    fn note_oddities(&mut self, part: &Part, n_cut: u64) {
        if n_cut > 0 {
            let cells = if n_cut == 1 { "cell is" } else { "cells are" };
            let note = format!(
                "{}: {n_cut} {cells} longer than Excel's 32,767 characters and cut",
                part.name
            );
            self.notes.push((None, note));
        }
        let types = part.batches.first().map(RecordBatch::schema);
        let fields = types.iter().flat_map(|schema| schema.fields().iter());
        let zones: BTreeSet<_> = fields
            .filter_map(|field| cells::zone_of(field.data_type()))
            .filter_map(|zone| zone.iana_name().map(str::to_owned))
            .collect();
        for zone in zones {
            self.notes.push((
                None,
                format!("{}: times with a zone are shown in {zone}", part.name),
            ));
        }
    }

    fn title(&self) -> String {
        let made = || names::title(self.content.name);
        self.options.title.clone().unwrap_or_else(made)
    }

    fn cover(&self) -> Cover {
        let about = self.content.about;
        let loaded = about
            .origins
            .values()
            .filter_map(|origin| origin.loaded_at)
            .max();
        let people = [
            ("Author", &self.options.author),
            ("Company", &self.options.company),
        ];
        let mut facts: Vec<_> = people
            .into_iter()
            .filter_map(|(label, text)| text.clone().map(|text| (label, text)))
            .collect();
        facts.extend((!about.project.is_empty()).then(|| ("Project", about.project.clone())));
        facts.push(("Generated", instant(about.generated_at)));
        facts.extend(loaded.map(|at| ("Data loaded", instant(at))));
        facts.push(("Made by", format!("wh {}", about.version)));
        Cover {
            name: self.cover_name.clone(),
            title: self.title(),
            description: self.content.description.trim().to_owned(),
            facts,
            entries: Vec::new(),
            notes: self.notes.clone(),
            style: self.options.style,
        }
    }

    fn save(mut self, draft: &Path) -> Result<u64> {
        self.workbook.set_properties(&self.properties()?);
        if !self.cover_name.is_empty() {
            let entries = std::mem::take(&mut self.entries);
            let cover = Cover {
                entries,
                ..self.cover()
            };
            self.workbook.push_worksheet(cover::build(&cover)?);
        }
        for sheet in std::mem::take(&mut self.sheets) {
            self.workbook.push_worksheet(sheet);
        }
        let file = File::create(draft).map_err(XlsxError::IoError)?;
        self.workbook.save_to_writer(BufWriter::new(file))?;
        Ok(self.n_rows)
    }

    fn properties(&self) -> Result<DocProperties> {
        let about = self.content.about;
        let created = ExcelDateTime::from_timestamp(about.generated_at.as_second())?;
        let subject = self
            .options
            .subject
            .as_deref()
            .unwrap_or(self.content.description.trim());
        Ok(DocProperties::new()
            .set_title(self.title())
            .set_subject(subject)
            .set_author(self.options.author.as_deref().unwrap_or(&about.project))
            .set_company(self.options.company.as_deref().unwrap_or_default())
            .set_comment(format!("Made by wh {}", about.version))
            .set_creation_datetime(&created))
    }
}

/// Returns an instant for people: `21 November 2026, 01:05 UTC`.
fn instant(at: Timestamp) -> String {
    at.strftime("%-d %B %Y, %H:%M UTC").to_string()
}

/// Returns from when to when the first column of days or instants reaches: `2024-01-01 to 2024-12-31 (sale_date)`.
fn period(part: &Part) -> String {
    let is_time = |kind| matches!(kind, Kind::Date | Kind::DateTime);
    let timed = part.looks.iter().filter(|look| is_time(look.kind));
    let found = timed
        .filter_map(|look| look.range.map(|range| (look, range)))
        .next();
    let Some((look, (first, last))) = found else {
        return String::new();
    };
    match (day(first), day(last)) {
        (first, last) if first == last => format!("{first} ({})", look.header),
        (first, last) => format!("{first} to {last} ({})", look.header),
    }
}

/// Returns the day of Excel's day number.
fn day(serial: f64) -> Date {
    let epoch = Date::constant(1899, 12, 30);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "day numbers are below 2,958,466"
    )]
    let days = serial.floor() as i64;
    jiff::Span::new()
        .try_days(days)
        .and_then(|days| epoch.checked_add(days))
        .unwrap_or(epoch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_for_people() {
        let at: Timestamp = "2026-11-21T01:05:09Z".parse().unwrap();
        assert_eq!(instant(at), "21 November 2026, 01:05 UTC");
    }

    #[test]
    fn a_day_number_is_a_day() {
        assert_eq!(day(25_569.75).to_string(), "1970-01-01");
    }
}
