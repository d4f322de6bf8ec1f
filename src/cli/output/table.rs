//! A table for people: numbers to the right, NULL visible, cut to the window when there is one.
//!
//! Without a window (a pipe, a file) nothing is cut: widths come from the first rows, a later cell that is
//! wider pushes its line out, and memory stays constant.

use std::io::{self, Write};

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{Shown, Writer, text, types};
use crate::diagnostic::Result;
use crate::engine::{RecordBatch, SchemaRef};

/// Rows that decide the widths where all rows are written.
const SAMPLE_ROWS: usize = 1_000;
/// Narrower than this a column of text is folded away rather than cut further.
const MIN_WIDTH: usize = 12;
/// Characters of a cell that are looked at on a terminal.
const MAX_CELL: usize = 4_096;

/// What the table is shown on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Screen {
    /// Characters a line; `None` cuts nothing.
    pub(crate) width: Option<usize>,
    /// Rows to show at most, the others are counted; `None` shows all.
    pub(crate) rows: Option<usize>,
    /// Whether colours are understood.
    pub(crate) color: bool,
    /// Whether the type of each column is shown.
    pub(crate) types: bool,
}

/// A cell's text, made printable; `None` is NULL.
type Cell = Option<String>;

pub(super) struct Table {
    columns: SchemaRef,
    screen: Screen,
    waiting: Vec<Vec<Cell>>,
    layout: Option<Vec<Slot>>,
    n_rows: u64,
}

/// One place in a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Column {
        index: usize,
        width: usize,
    },
    /// Columns that the window has no room for.
    Folded,
}

/// The widths a column can have: as wide as all its cells, or as narrow as can still be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Widths {
    natural: usize,
    least: usize,
}

impl Table {
    pub(super) fn new(columns: &SchemaRef, screen: Screen) -> Self {
        Self {
            columns: columns.clone(),
            screen,
            waiting: Vec::new(),
            layout: None,
            n_rows: 0,
        }
    }

    fn cells(&self, rows: &RecordBatch, row: usize) -> Result<Vec<Cell>> {
        let cell = |column: &arrow::array::ArrayRef| {
            if text::is_null(column, row) {
                return Ok(None);
            }
            let mut cell = String::new();
            text::value(column, row, &mut cell)?;
            Ok(Some(printable(&cell, self.screen.width.map(|_| MAX_CELL))))
        };
        rows.columns().iter().map(cell).collect()
    }

    /// Decides the widths and writes the header and the rows that waited for them.
    fn begin(&mut self, out: &mut dyn Write) -> Result<()> {
        let rows = std::mem::take(&mut self.waiting);
        let widths: Vec<_> = (0..self.columns.fields().len())
            .map(|n| self.widths(n, &rows))
            .collect();
        let layout = fit(&widths, self.screen.width);
        self.header(&layout, out)?;
        for row in &rows {
            self.row(&layout, row, out)?;
        }
        self.layout = Some(layout);
        Ok(())
    }

    fn widths(&self, index: usize, rows: &[Vec<Cell>]) -> Widths {
        let field = self.columns.field(index);
        let cell = |row: &Vec<Cell>| row[index].as_deref().unwrap_or("NULL").width();
        let cells = rows.iter().map(cell).max().unwrap_or(0);
        let name = printable(field.name(), None).width();
        let kind = if self.screen.types {
            types::name(field).width()
        } else {
            0
        };
        let natural = cells.max(name).max(kind).max(1);
        let cut = if types::is_number(field) { cells } else { 0 };
        Widths {
            natural,
            least: natural.min(MIN_WIDTH.max(cut)),
        }
    }

    fn header(&self, layout: &[Slot], out: &mut dyn Write) -> Result<()> {
        let name = |n: usize| printable(self.columns.field(n).name(), None);
        self.line(layout, "1", |n| name(n).into(), out)?;
        if self.screen.types {
            self.line(
                layout,
                "2",
                |n| types::name(self.columns.field(n)).into(),
                out,
            )?;
        }
        let dashes = layout.iter().map(|slot| "─".repeat(slot.width() + 2));
        Ok(writeln!(out, "{}", dashes.collect::<Vec<_>>().join("┼"))?)
    }

    fn row(&self, layout: &[Slot], row: &[Cell], out: &mut dyn Write) -> Result<()> {
        self.line(layout, "", |n| row[n].clone(), out)
    }

    /// Writes one line; `style` is the number of a terminal's text style.
    fn line(
        &self,
        layout: &[Slot],
        style: &str,
        cell: impl Fn(usize) -> Cell,
        out: &mut dyn Write,
    ) -> Result<()> {
        for (n, slot) in layout.iter().enumerate() {
            out.write_all(if n > 0 { " │ " } else { " " }.as_bytes())?;
            let last = n + 1 == layout.len();
            match *slot {
                Slot::Folded => out.write_all("…".as_bytes())?,
                Slot::Column { index, width } => {
                    let right = types::is_number(self.columns.field(index));
                    let cell = cell(index);
                    let style = if cell.is_none() { "2" } else { style };
                    let text = cut(
                        cell.as_deref().unwrap_or("NULL"),
                        self.screen.width.map(|_| width),
                    );
                    let space = " ".repeat(width.saturating_sub(text.width()));
                    let (before, after) = if right { (&*space, "") } else { ("", &*space) };
                    out.write_all(before.as_bytes())?;
                    self.styled(&text, style, out)?;
                    out.write_all(if last { "" } else { after }.as_bytes())?;
                }
            }
        }
        Ok(out.write_all(b"\n")?)
    }

    fn styled(&self, text: &str, style: &str, out: &mut dyn Write) -> io::Result<()> {
        if self.screen.color && !style.is_empty() {
            write!(out, "\x1b[{style}m{text}\x1b[0m")
        } else {
            out.write_all(text.as_bytes())
        }
    }
}

impl Writer for Table {
    fn write(&mut self, rows: &RecordBatch, out: &mut dyn Write) -> Result<()> {
        for row in 0..rows.num_rows() {
            if let Some(layout) = &self.layout {
                self.row(layout, &self.cells(rows, row)?, out)?;
            } else if self.waiting.len() < self.screen.rows.unwrap_or(SAMPLE_ROWS) {
                self.waiting.push(self.cells(rows, row)?);
                if self.screen.rows.is_none() && self.waiting.len() == SAMPLE_ROWS {
                    self.begin(out)?;
                }
            }
        }
        self.n_rows += rows.num_rows() as u64;
        Ok(())
    }

    fn finish(&mut self, out: &mut dyn Write) -> Result<Shown> {
        if self.layout.is_none() {
            self.begin(out)?;
        }
        let layout = self.layout.as_deref().unwrap_or_default();
        let shown = layout.iter().filter(|slot| **slot != Slot::Folded).count();
        Ok(Shown {
            n_rows_shown: self
                .screen
                .rows
                .map_or(self.n_rows, |rows| self.n_rows.min(rows as u64)),
            n_columns_shown: shown,
            ..Shown::all(self.n_rows, &self.columns)
        })
    }
}

impl Slot {
    fn width(self) -> usize {
        match self {
            Self::Column { width, .. } => width,
            Self::Folded => 1,
        }
    }
}

/// Chooses the widths for a window: all cells whole, else long text cut, else columns in the middle folded.
fn fit(columns: &[Widths], window: Option<usize>) -> Vec<Slot> {
    let capped = |cap: usize| -> Vec<Slot> {
        let width = |widths: &Widths| widths.natural.min(cap.max(widths.least));
        let column = |(index, widths)| Slot::Column {
            index,
            width: width(widths),
        };
        columns.iter().enumerate().map(column).collect()
    };
    let Some(window) = window else {
        return capped(usize::MAX);
    };
    let widest = columns
        .iter()
        .map(|widths| widths.natural)
        .max()
        .unwrap_or(0)
        .min(window);
    let caps = std::iter::once(usize::MAX).chain((MIN_WIDTH..widest).rev());
    let whole = caps.map(capped).find(|slots| length(slots) <= window);
    whole.unwrap_or_else(|| fold(&capped(0), window))
}

/// Keeps as many columns as fit, from both ends inwards, and at least the first.
fn fold(slots: &[Slot], window: usize) -> Vec<Slot> {
    let folded = |left: usize, right: usize| {
        let mut kept = slots[..left].to_vec();
        kept.push(Slot::Folded);
        kept.extend_from_slice(&slots[slots.len() - right..]);
        kept
    };
    let (mut left, mut right) = (1.min(slots.len()), 0);
    while left + right + 1 < slots.len() {
        if left > right && length(&folded(left, right + 1)) <= window {
            right += 1;
        } else if length(&folded(left + 1, right)) <= window {
            left += 1;
        } else {
            break;
        }
    }
    if slots.len() < 2 {
        slots.to_vec()
    } else {
        folded(left, right)
    }
}

fn length(slots: &[Slot]) -> usize {
    slots
        .iter()
        .map(|slot| slot.width() + 3)
        .sum::<usize>()
        .saturating_sub(2)
}

/// Returns `text` on one line, control characters as escapes, at most `max` characters looked at.
fn printable(text: &str, max: Option<usize>) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().take(max.unwrap_or(usize::MAX)) {
        if c.is_control() {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// Returns `text`, its end replaced by `…` where it is wider than `width`.
fn cut(text: &str, width: Option<usize>) -> std::borrow::Cow<'_, str> {
    let Some(width) = width.filter(|width| text.width() > *width) else {
        return text.into();
    };
    let mut used = 0;
    let fits = |c: &char| {
        used += c.width().unwrap_or(0);
        used < width
    };
    let kept: String = text.chars().take_while(fits).collect();
    (kept + "…").into()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Float64Array, StringArray};

    use super::super::test_rows::{batch, written};
    use super::*;

    const PIPE: Screen = Screen {
        width: None,
        rows: None,
        color: false,
        types: false,
    };

    fn columns(natural: &[usize]) -> Vec<Widths> {
        let column = |&natural: &usize| Widths {
            natural,
            least: natural.min(MIN_WIDTH),
        };
        natural.iter().map(column).collect()
    }

    #[test]
    fn numbers_are_to_the_right_and_null_is_visible() {
        let names = StringArray::from(vec![Some("P104"), None, Some("a\nb\x1b[31m")]);
        let rows = RecordBatch::try_from_iter([
            ("product", Arc::new(names) as ArrayRef),
            (
                "n",
                Arc::new(Float64Array::from(vec![Some(1.5), Some(-10.25), None])) as ArrayRef,
            ),
        ])
        .unwrap();
        let screen = Screen {
            types: true,
            ..PIPE
        };
        let columns = types::note(&rows.schema(), &["VARCHAR".into(), "DOUBLE".into()]);
        insta::assert_snapshot!(written(Table::new(&columns, screen), &rows), @r"
         product        │      n
         varchar        │ double
        ────────────────┼────────
         P104           │    1.5
         NULL           │ -10.25
         a\nb\u{1b}[31m │   NULL
        ");
    }

    #[test]
    fn a_window_cuts_long_text_first_and_folds_columns_then() {
        let slots = fit(&columns(&[10, 50, 20]), Some(60));
        assert!(
            length(&slots) <= 60 && !slots.contains(&Slot::Folded),
            "{slots:?}"
        );
        let slots = fit(&columns(&[12; 20]), Some(60));
        assert!(length(&slots) <= 60, "{slots:?}");
        assert_eq!(slots.len(), 4);
        assert_eq!(slots[2], Slot::Folded);
    }

    #[test]
    fn a_window_too_small_for_anything_still_shows_the_first_column() {
        assert_eq!(fit(&columns(&[30]), Some(5)).len(), 1);
        assert_eq!(fit(&columns(&[30, 30]), Some(5))[1], Slot::Folded);
        assert_eq!(fit(&[], Some(80)), []);
    }

    #[test]
    fn wide_letters_are_cut_by_their_width() {
        assert_eq!(cut("日本語テキスト", Some(7)), "日本語…");
        assert_eq!(cut("plain", Some(5)), "plain");
    }

    #[test]
    fn rows_beyond_the_window_are_counted() {
        let rows = batch(&["a"], &[&[Some("1")], &[Some("2")], &[Some("3")]]);
        let screen = Screen {
            rows: Some(2),
            ..PIPE
        };
        let mut table = Table::new(&rows.schema(), screen);
        let mut out = Vec::new();
        table.write(&rows, &mut out).unwrap();
        let shown = table.finish(&mut out).unwrap();
        assert_eq!((shown.n_rows, shown.n_rows_shown), (3, 2));
    }
}
