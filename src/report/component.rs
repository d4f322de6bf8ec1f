//! What a report's text can call: charts, tables and tiles. Each call becomes a piece of HTML.

use super::args::{Arg, Args};
use super::chart::{self, Kind, Spec, Style, Theme, escape, title_of};
use super::format::{Format, Notation};
use super::frame::{Cell, Frame};
use super::page::{Drawing, Page, Slot, Table, Tile};
use crate::diagnostic::{Diagnostic, Result};

/// Something a report's text can call.
pub(super) struct Component {
    /// Its name in the text.
    pub(super) name: &'static str,
    /// Names of the arguments that may be given without one, in order.
    pub(super) positional: &'static [&'static str],
    /// Draws it.
    pub(super) draw: fn(&mut Page, Args) -> Result<Slot>,
}

/// All components.
pub(super) static COMPONENTS: &[Component] = &[
    Component {
        name: "chart",
        positional: &["kind", "data"],
        draw: draw_chart,
    },
    Component {
        name: "table",
        positional: &["data"],
        draw: draw_table,
    },
    Component {
        name: "big_value",
        positional: &["value", "label"],
        draw: draw_big_value,
    },
];

/// Width of a chart in the page and in its files, and on a telephone, in pixels.
const WIDTHS: [f64; 2] = [760.0, 340.0];

/// Rows of a table unless `limit` says otherwise.
const TABLE_ROWS: usize = 20;

/// Options of charts that only some kinds take.
const OPTIONAL: [&str; 7] = [
    "y",
    "value",
    "series",
    "horizontal",
    "reference",
    "reference_label",
    "bins",
];

fn draw_chart(page: &mut Page, mut args: Args) -> Result<Slot> {
    let Some(name) = args.text("kind")? else {
        return Err(Diagnostic::project("`chart` is given no kind")
            .hint("begin with one, as in chart('bar', …)")
            .into());
    };
    let kind = chart::find(&name)?;
    refuse_options(kind, &args)?;
    let Some(x) = args.text("x")? else {
        return Err(
            Diagnostic::project(format!("chart `{name}` is given no `x`"))
                .hint("name a column: x='…'")
                .into(),
        );
    };
    let spec = Spec {
        data: args.rows("data")?,
        title: args.text("title")?.unwrap_or_default(),
        x,
        y: args.text("y")?,
        value: args.text("value")?,
        series: args.text("series")?,
        x_label: args.text("x_label")?,
        y_label: args.text("y_label")?,
        format: page.format(args.text("format")?)?,
        horizontal: args.flag("horizontal")?,
        reference: args.number("reference")?,
        reference_label: args.text("reference_label")?,
        height: args.count("height")?,
        bins: args.count("bins")?,
    };
    let wanted = args.text("name")?;
    args.finish()?;
    let name = page.unique_name(wanted.as_deref().unwrap_or(&spec.title), kind.name());
    let draw = |theme, width, id: &str| {
        kind.draw(
            &spec,
            &Style {
                width,
                theme,
                id: id.into(),
            },
        )
    };
    let [wide, narrow] = [("wide", WIDTHS[0]), ("narrow", WIDTHS[1])].map(|(size, width)| {
        let svg = draw(Theme::Page, width, &format!("{name}-{size}"))?;
        anyhow::Ok(format!("<div class=\"{size}\">\n{svg}</div>\n"))
    });
    let html = format!(
        "<figure class=\"chart\" id=\"{name}\">\n{}{}{}</figure>\n",
        caption(&spec.title),
        wide?,
        narrow?
    );
    page.drawings.push(Drawing {
        svg: draw(Theme::Paper, WIDTHS[0], &name)?,
        name,
        html,
    });
    Ok(Slot::Chart(page.drawings.len() - 1))
}

/// An option that this kind of chart would ignore is a mistake.
fn refuse_options(kind: &dyn Kind, args: &Args) -> Result<()> {
    match OPTIONAL
        .iter()
        .find(|option| args.has(option) && !kind.options().contains(option))
    {
        None => Ok(()),
        Some(option) => Err(Diagnostic::project(format!(
            "chart `{}` takes no `{option}`",
            kind.name()
        ))
        .hint("leave it out, or choose another kind of chart")
        .into()),
    }
}

/// Returns the HTML of a figure's heading, nothing for none.
pub(super) fn caption(title: &str) -> String {
    match title.is_empty() {
        true => String::new(),
        false => format!("<figcaption>{}</figcaption>\n", escape(title)),
    }
}

/// A column of a table.
struct Column {
    position: usize,
    heading: String,
    format: Format,
    is_number: bool,
}

fn draw_table(page: &mut Page, mut args: Args) -> Result<Slot> {
    let data = args.rows("data")?;
    let wanted = args.names("columns")?;
    let formats = args.names("formats")?;
    let title = args.text("title")?.unwrap_or_default();
    let limit = args.count("limit")?.unwrap_or(TABLE_ROWS);
    args.finish()?;
    if data.rows.is_empty() {
        let note = "no data".into();
        return Ok(Slot::Table(Table {
            title,
            note,
            ..Table::default()
        }));
    }
    let columns = columns_of(page, &data, wanted, &formats)?;
    let count = |n: usize| Format::default().number(n as f64);
    let note = match data.rows.len() > limit {
        true => format!("{} of {} rows", count(limit), count(data.rows.len())),
        false => String::new(),
    };
    let texts = |row: &Vec<Cell>| {
        let cells = columns.iter();
        cells
            .map(|column| column.format.cell(&row[column.position]))
            .collect()
    };
    let rows = data.rows.iter().take(limit).map(texts).collect();
    let columns = columns.into_iter();
    Ok(Slot::Table(Table {
        title,
        columns: columns
            .map(|column| (column.heading, column.is_number))
            .collect(),
        rows,
        note,
    }))
}

fn columns_of(
    page: &Page,
    data: &Frame,
    wanted: Vec<(String, Option<String>)>,
    formats: &[(String, Option<String>)],
) -> Result<Vec<Column>> {
    let wanted = match wanted.is_empty() {
        true => data
            .columns
            .iter()
            .map(|name| (name.clone(), None))
            .collect(),
        false => wanted,
    };
    for (name, _) in formats {
        data.position(name)
            .ok_or_else(|| chart::unknown_column(data, name))?;
    }
    let column = |(name, heading): (String, Option<String>)| {
        let position = data
            .position(&name)
            .ok_or_else(|| chart::unknown_column(data, &name))?;
        let format = formats
            .iter()
            .find(|(column, _)| column.eq_ignore_ascii_case(&name));
        let is_number = data.cells(position).all(Cell::is_numeric);
        let format = match format.and_then(|(_, format)| format.clone()) {
            Some(format) => page.format(Some(format))?,
            None => Format {
                notation: if is_number && is_key(&name) {
                    Notation::Text
                } else {
                    Notation::Auto
                },
                ..page.format(None)?
            },
        };
        Ok(Column {
            heading: heading.unwrap_or_else(|| title_of(&name)),
            position,
            format,
            is_number,
        })
    };
    wanted.into_iter().map(column).collect()
}

/// Keys and years are numbers without separators.
fn is_key(column: &str) -> bool {
    let column = column.to_lowercase();
    column == "id" || column.ends_with("_id") || column == "year" || column.ends_with("_year")
}

fn draw_big_value(page: &mut Page, mut args: Args) -> Result<Slot> {
    let value = args.any("value")?;
    let label = args.text("label")?.unwrap_or_default();
    let format = page.format(args.text("format")?)?;
    let note = args.text("note")?;
    args.finish()?;
    let value = match value {
        None => format.cell(&Cell::Null),
        Some(Arg::Cell(cell)) => format.cell(&cell),
        Some(_) => {
            return Err(
                Diagnostic::project("`value` of `big_value` is not one value")
                    .hint("choose a row and a column, as in top[0].total_revenue")
                    .into(),
            );
        }
    };
    Ok(Slot::Tile(Tile { label, value, note }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_query_can_hide_a_component() {
        for component in COMPONENTS {
            assert!(
                super::super::source::RESERVED.contains(&component.name),
                "{}",
                component.name
            );
        }
    }
}
