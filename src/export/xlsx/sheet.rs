//! One sheet: a table with its header, formats, marks and charts.

use arrow::array::RecordBatch;
use rust_xlsxwriter::{
    Color, ConditionalFormatFormula, Format, FormatAlign, FormatBorder, IgnoreError,
    Table as ExcelTable, TableColumn, Workbook, Worksheet, XlsxError,
};

use super::cells::{self, Kind, Lane};
use super::chart;
use super::column::Look;
use super::names;
use super::options::{Highlight, Scalar, SheetOptions, Style};
use crate::diagnostic::Result;

/// Rows up to which a sheet is built in memory.
const IN_MEMORY: usize = 20_000;
/// Rows up to which texts are shared between cells, which makes smaller files but holds every text in memory.
const SHARED_TEXTS: usize = 300_000;

/// Height of a line, in points, and the most that a row may have.
const LINE: u32 = 15;
const MAX_LINES: u32 = 27;

/// What one sheet shows.
pub(super) struct Part<'a> {
    /// The sheet's name, unique.
    pub(super) name: String,
    /// The number of the sheet, from 1.
    pub(super) number: usize,
    /// Its rows; at least one batch, perhaps without rows.
    pub(super) batches: &'a [RecordBatch],
    /// Its columns.
    pub(super) looks: Vec<Look>,
    /// What the project says of it.
    pub(super) options: &'a SheetOptions,
    /// Its colours.
    pub(super) style: Style,
}

impl Part<'_> {
    /// Returns how many rows of data there are.
    pub(super) fn n_rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// Returns the last row of the table, counted from 0; the header is row 0. An empty table has one row.
    pub(super) fn last_row(&self) -> u32 {
        u32::try_from(self.n_rows()).unwrap_or(u32::MAX).max(1)
    }

    /// Returns the last column, counted from 0.
    pub(super) fn last_column(&self) -> u16 {
        u16::try_from(self.looks.len().saturating_sub(1)).unwrap_or(u16::MAX)
    }

    /// Returns the column called `name` and where it stands, counted from 0.
    pub(super) fn find(&self, name: &str) -> Option<(u16, &Look)> {
        (0..)
            .zip(&self.looks)
            .find(|(_, look)| look.name.eq_ignore_ascii_case(name))
    }
}

/// Writes a sheet and returns it with the number of cells that were cut.
///
/// # Errors
/// What the writer answers; `Bug` when Arrow cannot cast.
pub(super) fn build(book: &mut Workbook, part: &Part) -> Result<(Worksheet, u64)> {
    let n_rows = part.n_rows();
    let mut sheet = if n_rows <= IN_MEMORY {
        Worksheet::new()
    } else if n_rows <= SHARED_TEXTS {
        book.new_worksheet_with_low_memory()?
    } else {
        book.new_worksheet_with_constant_memory()?
    };
    sheet.set_name(&part.name)?;
    set_columns(&mut sheet, part)?;
    add_table(&mut sheet, part)?;
    let n_cut = write_rows(&mut sheet, part)?;
    set_page(&mut sheet, part)?;
    for highlight in &part.options.highlight {
        mark(&mut sheet, part, highlight)?;
    }
    chart::add_all(&mut sheet, part)?;
    Ok((sheet, n_cut))
}

fn set_columns(sheet: &mut Worksheet, part: &Part) -> Result<(), XlsxError> {
    for (column, look) in (0..).zip(&part.looks) {
        sheet.set_column_width(column, look.width)?;
        sheet.set_column_format(column, &look.format())?;
        if look.kind == Kind::Text {
            // No green corner beside ids that look like numbers.
            sheet.ignore_error_range(
                1,
                column,
                part.last_row(),
                column,
                IgnoreError::NumberStoredAsText,
            )?;
        }
    }
    Ok(())
}

fn add_table(sheet: &mut Worksheet, part: &Part) -> Result<(), XlsxError> {
    let header = |align| {
        Format::new()
            .set_bold()
            .set_font_color(Color::White)
            .set_background_color(part.style.dark())
            .set_align(align)
            .set_align(FormatAlign::VerticalCenter)
            .set_border_bottom(FormatBorder::Thin)
            .set_text_wrap()
    };
    let columns: Vec<_> = part
        .looks
        .iter()
        .map(|look| {
            let align = match look.kind {
                Kind::Number(_) => FormatAlign::Right,
                Kind::Text => FormatAlign::Left,
                _ => FormatAlign::Center,
            };
            let format = match look.kind {
                Kind::Text => header(align).set_indent(1),
                _ => header(align),
            };
            TableColumn::new()
                .set_header(&look.header)
                .set_header_format(format)
        })
        .collect();
    let table = ExcelTable::new()
        .set_name(names::table(&part.name, part.number))
        .set_style(part.style.table())
        .set_columns(&columns);
    sheet.set_row_height(0, 24)?;
    sheet.add_table(0, 0, part.last_row(), part.last_column(), &table)?;
    Ok(())
}

fn write_rows(sheet: &mut Worksheet, part: &Part) -> Result<u64> {
    let mut target = 1;
    let mut n_cut = 0;
    for batch in part.batches {
        let lanes = batch.columns().iter().zip(&part.looks);
        let lanes: Vec<Lane> = lanes
            .map(|(array, look)| cells::lane(array, look.kind))
            .collect::<Result<_>>()?;
        for row in 0..batch.num_rows() {
            n_cut += cells::write_row(sheet, target, &lanes, row)?;
            let n_lines = n_lines(&part.looks, &lanes, row);
            if n_lines > 1 {
                sheet.set_row_height(target, n_lines * LINE)?;
            }
            target += 1;
        }
    }
    if target == 1 {
        let note = Format::new()
            .set_italic()
            .set_font_color(Color::Gray)
            .set_align(FormatAlign::Left);
        sheet.write_string_with_format(1, 0, "no rows", &note)?;
    }
    Ok(n_cut)
}

/// Returns how many lines the wrapped texts of a row need; not every program finds out by itself.
fn n_lines(looks: &[Look], lanes: &[Lane], row: usize) -> u32 {
    let wrapped = looks.iter().zip(lanes).filter(|(look, _)| look.is_wrapped);
    let needed = wrapped.filter_map(|(look, lane)| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a width is 1 to 255"
        )]
        // A width counts digits, and most letters are narrower.
        let width = (look.width * 1.1).max(1.0) as usize;
        let lines = lane.text(row)?.lines();
        Some(
            lines
                .map(|line| line.chars().count().div_ceil(width).max(1))
                .sum::<usize>(),
        )
    });
    u32::try_from(needed.max().unwrap_or(1))
        .unwrap_or(MAX_LINES)
        .min(MAX_LINES)
}

fn set_page(sheet: &mut Worksheet, part: &Part) -> Result<(), XlsxError> {
    sheet.set_freeze_panes(1, 0)?;
    sheet.set_tab_color(part.style.dark());
    sheet
        .set_landscape()
        .set_paper_size(9)
        .set_print_fit_to_pages(1, 0);
    sheet.set_repeat_rows(0, 0)?;
    sheet.set_margins(0.4, 0.4, 0.6, 0.6, 0.3, 0.3);
    sheet.set_footer("&L&8&A&R&8Page &P of &N");
    Ok(())
}

/// Marks rows by a rule, so that they stay marked when a reader sorts or changes them.
fn mark(sheet: &mut Worksheet, part: &Part, highlight: &Highlight) -> Result<(), XlsxError> {
    let Some((column, _)) = part.find(&highlight.column) else {
        return Ok(());
    };
    let cell = format!(
        "${}2",
        rust_xlsxwriter::utility::column_number_to_name(column)
    );
    let rule = match &highlight.equals {
        Scalar::Text(text) => format!("={cell}=\"{}\"", text.replace('"', "\"\"")),
        Scalar::Number(number) => format!("={cell}={number}"),
        Scalar::Bool(truth) => format!("={cell}={}", truth.to_string().to_uppercase()),
    };
    let format = Format::new().set_background_color(highlight.color.0);
    let mark = ConditionalFormatFormula::new()
        .set_rule(rule.as_str())
        .set_format(format);
    sheet.add_conditional_format(1, 0, part.last_row(), part.last_column(), &mark)?;
    Ok(())
}
