//! The first sheet: what the workbook is, when and from what it was made, and the way to each sheet.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Url, Worksheet, XlsxError};

use super::options::Style;

/// What the cover says.
pub(super) struct Cover {
    /// Its sheet's name.
    pub(super) name: String,
    /// The workbook's title.
    pub(super) title: String,
    /// What it is; may be empty.
    pub(super) description: String,
    /// What was made when, by whom: labels and texts.
    pub(super) facts: Vec<(&'static str, String)>,
    /// The sheets in order.
    pub(super) entries: Vec<Entry>,
    /// What a reader should know: marks, cuts, zones. A mark has its colour.
    pub(super) notes: Vec<(Option<u32>, String)>,
    /// Its colours.
    pub(super) style: Style,
}

/// A sheet as the cover lists it.
pub(super) struct Entry {
    /// The sheet's name.
    pub(super) sheet: String,
    /// Rows of data.
    pub(super) n_rows: u64,
    /// What it shows; may be empty.
    pub(super) description: String,
    /// Where its rows come from; may be empty.
    pub(super) from: String,
    /// The days its rows are of; may be empty.
    pub(super) period: String,
}

/// Widths of the columns, in characters: a margin, then sheet, rows, description, source, period.
const WIDTHS: [f64; 6] = [2.5, 30.0, 14.0, 62.0, 34.0, 28.0];
const FIRST: u16 = 1;
const LAST: u16 = 5;
/// Characters of a line of text across the whole cover.
const LINE: usize = 150;

/// Writes the cover.
///
/// # Errors
/// What the writer answers.
pub(super) fn build(cover: &Cover) -> Result<Worksheet, XlsxError> {
    let mut sheet = Worksheet::new();
    sheet.set_name(&cover.name)?.set_screen_gridlines(false);
    sheet.set_tab_color(cover.style.dark());
    for (column, width) in (0..).zip(WIDTHS) {
        sheet.set_column_width(column, width)?;
    }
    write_band(&mut sheet, cover)?;
    let row = write_facts(&mut sheet, cover, 4)?;
    let row = write_entries(&mut sheet, cover, row + 1)?;
    write_notes(&mut sheet, cover, row + 1)?;
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    Ok(sheet)
}

fn write_band(sheet: &mut Worksheet, cover: &Cover) -> Result<(), XlsxError> {
    let band = Format::new()
        .set_background_color(cover.style.dark())
        .set_font_color(Color::White)
        .set_align(FormatAlign::VerticalCenter);
    let title = band.clone().set_font_size(20).set_bold();
    let text = band.set_font_size(11).set_text_wrap();
    sheet.merge_range(1, FIRST, 1, LAST, &cover.title, &title.set_indent(1))?;
    sheet.merge_range(2, FIRST, 2, LAST, &cover.description, &text.set_indent(1))?;
    sheet.set_row_height(1, 40)?;
    sheet.set_row_height(2, height(&cover.description, LINE) + 8.0)?;
    Ok(())
}

/// Returns how high a row must be, in points, for `text` in lines of `width` characters.
fn height(text: &str, width: usize) -> f64 {
    let lines = text.lines().map(|line| line.chars().count().div_ceil(width).max(1));
    #[expect(clippy::cast_precision_loss, reason = "a text has few lines")]
    let n_lines = lines.sum::<usize>().max(1) as f64;
    n_lines * 15.0 + 3.0
}

fn write_facts(sheet: &mut Worksheet, cover: &Cover, first: u32) -> Result<u32, XlsxError> {
    let label = Format::new().set_font_color(0x59_59_59).set_align(FormatAlign::Left).set_indent(1);
    let value = Format::new().set_align(FormatAlign::Left);
    let mut row = first;
    for (name, text) in &cover.facts {
        sheet.write_string_with_format(row, FIRST, *name, &label)?;
        sheet.write_string_with_format(row, FIRST + 1, text, &value)?;
        row += 1;
    }
    Ok(row)
}

fn write_entries(sheet: &mut Worksheet, cover: &Cover, first: u32) -> Result<u32, XlsxError> {
    let header = Format::new()
        .set_bold()
        .set_font_color(cover.style.dark())
        .set_border_bottom(FormatBorder::Medium)
        .set_border_bottom_color(cover.style.dark())
        .set_indent(1);
    for (column, name) in (FIRST..).zip(["Sheet", "Rows", "What it shows", "From", "Period"]) {
        let align = match name {
            "Rows" => FormatAlign::Right,
            _ => FormatAlign::Left,
        };
        sheet.write_string_with_format(first, column, name, &header.clone().set_align(align))?;
    }
    sheet.set_row_height(first, 20)?;
    let cell = Format::new()
        .set_align(FormatAlign::Left)
        .set_align(FormatAlign::VerticalCenter)
        .set_border_bottom(FormatBorder::Hair)
        .set_border_bottom_color(Color::Silver)
        .set_text_wrap()
        .set_indent(1);
    let count = cell.clone().set_num_format("#,##0").set_align(FormatAlign::Right);
    let link = cell.clone().set_hyperlink();
    let mut row = first + 1;
    for entry in &cover.entries {
        let target = format!("internal:'{}'!A1", entry.sheet.replace('\'', "''"));
        let url = Url::new(target).set_text(&entry.sheet).set_tip("Go to the sheet");
        sheet.write_url_with_format(row, FIRST, url, &link)?;
        #[expect(clippy::cast_precision_loss, reason = "a workbook has fewer than 2^53 rows")]
        sheet.write_number_with_format(row, FIRST + 1, entry.n_rows as f64, &count)?;
        let texts = [&entry.description, &entry.from, &entry.period];
        for (column, text) in (FIRST + 2..).zip(texts) {
            sheet.write_string_with_format(row, column, text, &cell)?;
        }
        let tallest = height(&entry.description, 64).max(height(&entry.from, 34)).max(height(&entry.period, 28));
        sheet.set_row_height(row, tallest + 6.0)?;
        row += 1;
    }
    Ok(row)
}

fn write_notes(sheet: &mut Worksheet, cover: &Cover, first: u32) -> Result<(), XlsxError> {
    if cover.notes.is_empty() {
        return Ok(());
    }
    let heading = Format::new().set_bold().set_font_color(cover.style.dark()).set_indent(1);
    sheet.write_string_with_format(first, FIRST, "Notes", &heading)?;
    let text = Format::new()
        .set_align(FormatAlign::Left)
        .set_align(FormatAlign::VerticalCenter)
        .set_text_wrap()
        .set_indent(1);
    for (row, (color, note)) in (first + 1..).zip(&cover.notes) {
        let format = match color {
            Some(color) => text.clone().set_background_color(*color),
            None => text.clone(),
        };
        sheet.merge_range(row, FIRST, row, LAST, note, &format)?;
        sheet.set_row_height(row, height(note, LINE))?;
    }
    Ok(())
}
