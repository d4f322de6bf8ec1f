//! Charts of Excel's own that read a sheet's cells, beside or below its table.

use rust_xlsxwriter::{
    Chart, ChartAxis, ChartAxisCrossing, ChartDataLabel, ChartFont, ChartFormat, ChartLegendPosition, ChartLine, ChartMarker,
    ChartMarkerType, ChartSeries, ChartSolidFill, ChartType, Worksheet, XlsxError,
};

use super::cells::Kind;
use super::column::Look;
use super::options::{ChartKind, ChartOptions, Position};
use super::sheet::Part;

/// Width and height of a chart, in pixels.
const SIZE: (u32, u32) = (760, 400);
/// Rows from the top of one chart to the top of the next; a row is 20 pixels high.
const STRIDE: u32 = SIZE.1 / 20 + 1;
const TEXT: u32 = 0x40_40_40;
const FAINT: u32 = 0xD9_D9_D9;

/// Puts every chart of a sheet in its place.
///
/// # Errors
/// What the writer answers.
pub(super) fn add_all(sheet: &mut Worksheet, part: &Part) -> Result<(), XlsxError> {
    let mut beside = 0;
    let mut below = 0;
    for options in &part.options.charts {
        let Some(chart) = draw(part, options) else {
            continue;
        };
        let (row, column) = match options.position {
            Position::Right => (1 + STRIDE * (beside), part.last_column() + 2),
            Position::Below => (part.last_row() + 2 + STRIDE * below, 0),
        };
        match options.position {
            Position::Right => beside += 1,
            Position::Below => below += 1,
        }
        sheet.insert_chart(row, column, &chart)?;
    }
    Ok(())
}

/// Returns the chart, or `None` on a sheet without rows.
fn draw(part: &Part, options: &ChartOptions) -> Option<Chart> {
    let (x_column, x) = part.find(&options.x)?;
    if part.n_rows() == 0 {
        return None;
    }
    let n_rows = options.limit.unwrap_or(u32::MAX).min(options.kind.max_rows()).min(part.last_row());
    let mut chart = Chart::new(shape(options.kind));
    let ys: Vec<_> = options.y.iter().filter_map(|name| part.find(name)).collect();
    let is_alone = ys.len() == 1;
    for ((y_column, look), color) in ys.iter().zip(part.style.series().into_iter().cycle()) {
        let mut series = ChartSeries::new();
        series
            .set_categories((part.name.as_str(), 1, x_column, n_rows, x_column))
            .set_values((part.name.as_str(), 1, *y_column, n_rows, *y_column))
            .set_name((part.name.as_str(), 0, *y_column));
        paint(&mut series, options.kind, color, n_rows);
        if options.kind == ChartKind::Pie {
            series.set_point_colors(&part.style.series());
            label_shares(&mut series);
        } else if is_alone && n_rows <= 15 && matches!(options.kind, ChartKind::Bar | ChartKind::Column) {
            label_values(&mut series, look);
        }
        chart.push_series(&series);
        if options.kind == ChartKind::Pie {
            break;
        }
    }
    let title = title(options, x, &ys, (n_rows, part.last_row()));
    dress(&mut chart, &title, options.kind, is_alone);
    if options.kind != ChartKind::Pie {
        let looks: Vec<_> = ys.iter().map(|(_, look)| *look).collect();
        set_axes(&mut chart, options, x, &looks);
    }
    Some(chart)
}

fn shape(kind: ChartKind) -> ChartType {
    match kind {
        ChartKind::Bar => ChartType::Bar,
        ChartKind::Column => ChartType::Column,
        ChartKind::Line => ChartType::Line,
        ChartKind::Pie => ChartType::Pie,
        ChartKind::Scatter => ChartType::Scatter,
    }
}

/// Says what is drawn, and of how many rows when not of all.
fn title(options: &ChartOptions, x: &Look, ys: &[(u16, &Look)], (n_drawn, n_rows): (u32, u32)) -> String {
    let title = options.title.clone().unwrap_or_else(|| {
        let names: Vec<_> = ys.iter().map(|(_, look)| look.header.as_str()).collect();
        format!("{} by {}", names.join(", "), x.header)
    });
    match n_drawn < n_rows && options.limit.is_none() {
        true => format!("{title} (first {n_drawn} rows)"),
        false => title,
    }
}

fn paint(series: &mut ChartSeries, kind: ChartKind, color: u32, n_rows: u32) {
    let mut line = ChartLine::new();
    line.set_color(color).set_width(2.25);
    let mut fill = ChartSolidFill::new();
    fill.set_color(color);
    let mut dot = ChartMarker::new();
    match n_rows {
        ..=40 => dot
            .set_type(ChartMarkerType::Circle)
            .set_size(5)
            .set_format(ChartFormat::new().set_solid_fill(&fill).set_no_border()),
        _ => dot.set_none(),
    };
    let mut format = ChartFormat::new();
    match kind {
        ChartKind::Line => {
            series.set_format(format.set_line(&line)).set_marker(&dot);
        }
        ChartKind::Scatter => {
            dot.set_type(ChartMarkerType::Circle)
                .set_size(6)
                .set_format(ChartFormat::new().set_solid_fill(&fill).set_no_border());
            series.set_format(format.set_no_line()).set_marker(&dot);
        }
        ChartKind::Bar | ChartKind::Column => {
            series.set_format(format.set_solid_fill(&fill)).set_gap(60);
        }
        ChartKind::Pie => {}
    }
}

fn label_values(series: &mut ChartSeries, look: &Look) {
    let mut label = ChartDataLabel::new();
    label.show_value().set_num_format(axis_format(look)).set_font(&font(9.0));
    series.set_data_label(&label);
}

fn label_shares(series: &mut ChartSeries) {
    let mut label = ChartDataLabel::new();
    label.show_percentage().set_num_format("0%").set_font(&font(9.0));
    series.set_data_label(&label);
}

fn font(size: f64) -> ChartFont {
    let mut font = ChartFont::new();
    font.set_size(size).set_color(TEXT);
    font
}

fn dress(chart: &mut Chart, title: &str, kind: ChartKind, is_alone: bool) {
    let mut faint = ChartLine::new();
    faint.set_color(FAINT).set_width(0.75);
    let mut heading = font(14.0);
    heading.set_bold();
    chart.title().set_name(title).set_font(&heading);
    chart.set_width(SIZE.0).set_height(SIZE.1).set_alt_text(title);
    chart.chart_area().set_format(ChartFormat::new().set_border(&faint));
    match is_alone && kind != ChartKind::Pie {
        true => chart.legend().set_hidden(),
        false => chart.legend().set_position(ChartLegendPosition::Bottom).set_font(&font(9.0)),
    };
}

fn set_axes(chart: &mut Chart, options: &ChartOptions, x: &Look, ys: &[&Look]) {
    let x_title = options.x_title.clone().unwrap_or_else(|| x.header.clone());
    let y_title = options.y_title.clone().unwrap_or_else(|| match ys {
        [only] => only.header.clone(),
        _ => String::new(),
    });
    let mut faint = ChartLine::new();
    faint.set_color(FAINT).set_width(0.75);
    let kind = options.kind;
    set_text(categories(chart, kind), &x_title);
    set_text(values(chart, kind), &y_title);
    values(chart, kind)
        .set_major_gridlines(true)
        .set_major_gridlines_line(&faint)
        .set_format(ChartFormat::new().set_no_line());
    categories(chart, kind).set_major_gridlines(false).set_format(ChartFormat::new().set_line(&faint));
    if let Some(first) = ys.first() {
        values(chart, kind).set_num_format(axis_format(first));
    }
    match (kind, x.kind) {
        // The first row on top, as in the table, and the values' axis at the bottom nevertheless.
        (ChartKind::Bar, _) => {
            categories(chart, kind).set_reverse().set_crossing(ChartAxisCrossing::Max);
        }
        (ChartKind::Line, Kind::Date | Kind::DateTime) => {
            categories(chart, kind).set_date_axis(true).set_num_format(date_format(x));
        }
        (ChartKind::Scatter, _) => {
            categories(chart, kind).set_num_format(axis_format(x));
        }
        _ => {}
    }
}

/// Returns the axis of the categories; the writer calls the horizontal one x, which of lying bars is the values'.
fn categories(chart: &mut Chart, kind: ChartKind) -> &mut ChartAxis {
    match kind {
        ChartKind::Bar => chart.y_axis(),
        _ => chart.x_axis(),
    }
}

fn values(chart: &mut Chart, kind: ChartKind) -> &mut ChartAxis {
    match kind {
        ChartKind::Bar => chart.x_axis(),
        _ => chart.y_axis(),
    }
}

fn set_text(axis: &mut ChartAxis, title: &str) {
    axis.set_font(&font(9.0));
    if !title.is_empty() {
        axis.set_name(title).set_name_font(&font(10.0));
    }
}

/// Returns a format short enough for an axis: no decimals from a thousand on, millions as such.
fn axis_format(look: &Look) -> String {
    let magnitude = look.range.map_or(0.0, |(least, most)| least.abs().max(most.abs()));
    let own = look.number_format.clone().unwrap_or_else(|| "General".into());
    if own.contains('%') || !matches!(look.kind, Kind::Number(_)) {
        return own;
    }
    match magnitude {
        1e7.. => "#,##0.0,,\" M\"".into(),
        1e3.. => "#,##0".into(),
        _ => own,
    }
}

/// Returns months for a long time, days for a short one.
fn date_format(look: &Look) -> &'static str {
    match look.range {
        Some((first, last)) if last - first > 150.0 => "mmm yyyy",
        _ => "d mmm yyyy",
    }
}
