//! How wide the columns of a table are on a page, and what is in its cells then.

use crate::report::chart::{cut, width, wrap};
use crate::report::page::Table;

/// Space between columns, in points.
pub(super) const GAP: f64 = 10.0;

/// The narrowest a column may be, in points: fewer columns are shown before that.
const LEAST: f64 = 34.0;

/// Words up to this width, in points, are not broken.
const WORD: f64 = 84.0;

/// Lines of one cell at most.
const MOST_LINES: usize = 12;

/// A table fitted to a page.
#[derive(Debug)]
pub(super) struct Fitted {
    /// Left edge and width of each column, in points.
    pub(super) columns: Vec<(f64, f64)>,
    /// Lines of the heading of each column.
    pub(super) head: Vec<Vec<String>>,
    /// Lines of each cell of each row.
    pub(super) rows: Vec<Vec<Vec<String>>>,
    /// Columns that have no room.
    pub(super) n_hidden: usize,
}

/// Fits a table between two margins at a font size, all in points.
pub(super) fn fit(table: &Table, (left, right): (f64, f64), size: f64) -> Fitted {
    let room = right - left;
    let most = ((room + GAP) / (LEAST + GAP)).floor() as usize;
    let n_shown = table.columns.len().min(most.max(1));
    let room = room - GAP * (n_shown.saturating_sub(1)) as f64;
    let widths = shares(table, n_shown, room, size);
    let mut columns = Vec::new();
    let mut x = left;
    for width in &widths {
        columns.push((x, *width));
        x += width + GAP;
    }
    let cell = |text: &str, width: f64| {
        let mut lines = broken(text, width, size);
        if lines.len() > MOST_LINES {
            lines.truncate(MOST_LINES);
            if let Some(last) = lines.last_mut() {
                *last = cut(&format!("{last} …"), width, size);
            }
        }
        lines
    };
    let head = table.columns.iter().zip(&widths);
    let row = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths);
        cells.map(|(text, width)| cell(text, *width)).collect()
    };
    Fitted {
        columns,
        head: head.map(|((name, _), width)| cell(name, *width)).collect(),
        rows: table.rows.iter().map(row).collect(),
        n_hidden: table.columns.len() - n_shown,
    }
}

/// Breaks text into lines: at spaces, and in words that are too long also after `_`, `.`, `/` and `,`.
fn broken(text: &str, room: f64, size: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in wrap_words(text, room, size) {
        if width(&line, size) <= room {
            lines.push(line);
            continue;
        }
        let mut part = String::new();
        for piece in pieces(&line) {
            if !part.is_empty() && width(&part, size) + width(piece, size) > room {
                lines.push(std::mem::take(&mut part));
            }
            part += piece;
        }
        lines.push(part);
    }
    lines.iter().map(|line| cut(line, room, size)).collect()
}

/// As [`wrap`], but a word that is too long stays whole on a line of its own.
fn wrap_words(text: &str, room: f64, size: f64) -> Vec<String> {
    let longest = text.split_whitespace().map(|word| width(word, size));
    match longest.fold(0.0, f64::max) > room {
        false => wrap(text, room, size),
        true => text.split_whitespace().map(str::to_owned).collect(),
    }
}

/// Cuts a word after each `_`, `.`, `/` and `,`; a number stays whole.
fn pieces(word: &str) -> Vec<&str> {
    let is_number = word.chars().any(|c| c.is_ascii_digit()) && !word.contains(char::is_alphabetic);
    match is_number {
        true => vec![word],
        false => word.split_inclusive(['_', '.', '/', ',']).collect(),
    }
}

/// Gives each column what its longest word needs, and shares the rest by how much more its longest text would take.
fn shares(table: &Table, n_shown: usize, room: f64, size: f64) -> Vec<f64> {
    let texts = |column: usize| {
        let cells = table.rows.iter().filter_map(move |row| row.get(column));
        cells.chain(std::iter::once(&table.columns[column].0))
    };
    let words = |text: &str| {
        let widths = text.split_whitespace().map(|word| {
            let whole = width(word, size);
            let pieces = pieces(word).into_iter().map(|piece| width(piece, size));
            if whole <= WORD {
                whole
            } else {
                pieces.fold(0.0, f64::max).max(WORD)
            }
        });
        widths.fold(0.0, f64::max)
    };
    let least: Vec<f64> = (0..n_shown)
        .map(|column| {
            texts(column)
                .map(|text| words(text))
                .fold(LEAST * 0.6, f64::max)
        })
        .map(|least| least.min(room * 0.4) + 1.0)
        .collect();
    let wanted: Vec<f64> = (0..n_shown)
        .map(|column| {
            texts(column)
                .map(|text| width(text, size))
                .fold(0.0, f64::max)
        })
        .zip(&least)
        .map(|(wanted, least)| (wanted + 1.0).max(*least))
        .collect();
    let (sum_least, sum_wanted) = (least.iter().sum::<f64>(), wanted.iter().sum::<f64>());
    if sum_least > room {
        return least.iter().map(|least| least * room / sum_least).collect();
    }
    if sum_wanted <= room {
        return wanted
            .iter()
            .map(|wanted| wanted * room / sum_wanted)
            .collect();
    }
    let more = (room - sum_least) / (sum_wanted - sum_least);
    let columns = least.iter().zip(&wanted);
    columns
        .map(|(least, wanted)| least + (wanted - least) * more)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(n_columns: usize, text: &str) -> Table {
        Table {
            columns: vec![("column".into(), false); n_columns],
            rows: vec![vec![text.into(); n_columns]; 2],
            ..Table::default()
        }
    }

    #[test]
    fn columns_fill_the_page_and_never_reach_over_it() {
        for (n_columns, text) in [
            (1, "a"),
            (3, "a longer text of some words"),
            (9, "word"),
            (40, "x"),
        ] {
            let fitted = fit(&table(n_columns, text), (50.0, 545.0), 8.5);
            let (left, width) = *fitted.columns.last().unwrap();
            assert!(
                (left + width - 545.0).abs() < 0.01,
                "{n_columns}: {fitted:?}"
            );
            assert_eq!(fitted.columns.len() + fitted.n_hidden, n_columns);
        }
    }

    #[test]
    fn a_cell_that_is_too_long_is_cut() {
        let fitted = fit(&table(2, &"many words ".repeat(200)), (50.0, 545.0), 8.5);
        assert_eq!(fitted.rows[0][0].len(), MOST_LINES);
        assert!(fitted.rows[0][0][MOST_LINES - 1].ends_with('…'));
    }
}
