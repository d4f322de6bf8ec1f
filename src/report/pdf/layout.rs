//! Blocks to pages: what stands where. Each page is the body of an SVG, with charts and links beside.

use super::blocks::{Block, Run, Text};
use super::lines::{lines, width_of};
use super::table::fit;
use crate::report::chart::{Theme, cut, escape, ink};
use crate::report::page::{Table, Tile};

/// Size of a page, in points: A4.
pub(super) const PAGE: (f64, f64) = (595.28, 841.89);
const LEFT: f64 = 52.0;
const RIGHT: f64 = PAGE.0 - LEFT;
const TOP: f64 = 58.0;
const BOTTOM: f64 = PAGE.1 - 62.0;

/// Padding of a chart that is a file of its own, in its own pixels.
const PADDING: f64 = 20.0;

const BODY: f64 = 10.0;
const CELL: f64 = 8.2;
const SMALL: f64 = 7.8;
/// Height of a line, as a multiple of the font size.
const LEADING: f64 = 1.45;

/// A rectangle on a page, in points.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// One page.
#[derive(Debug, Default)]
pub(super) struct Leaf {
    /// Elements of SVG.
    pub(super) body: String,
    /// Numbers of drawings, and where they stand.
    pub(super) charts: Vec<(usize, Place)>,
    /// Addresses, and where they are clicked.
    pub(super) links: Vec<(String, Place)>,
    /// Level, text and height of each heading.
    pub(super) headings: Vec<(u8, String, f64)>,
}

/// What stands above the text, and on every page.
#[derive(Debug)]
pub(super) struct Head<'a> {
    pub(super) title: Option<&'a str>,
    pub(super) description: &'a str,
    pub(super) stamp: String,
    /// At the foot of each page, at the left.
    pub(super) foot: String,
}

/// Lays blocks out on as many pages as they need. `sizes` are the charts' own widths and heights.
pub(super) fn leaves(head: &Head<'_>, blocks: &[Block], sizes: &[(f64, f64)]) -> Vec<Leaf> {
    let mut layout = Layout {
        sizes,
        leaves: vec![Leaf::default()],
        y: TOP,
    };
    layout.head(head);
    for (at, block) in blocks.iter().enumerate() {
        let next = blocks.get(at + 1).map_or(0.0, |next| layout.first(next));
        layout.block(block, next);
    }
    let n_pages = layout.leaves.len();
    for (number, leaf) in layout.leaves.iter_mut().enumerate() {
        foot(leaf, &head.foot, &format!("{} / {n_pages}", number + 1));
    }
    layout.leaves
}

struct Layout<'a> {
    sizes: &'a [(f64, f64)],
    leaves: Vec<Leaf>,
    /// How far the page is filled.
    y: f64,
}

/// A text: where, how large, in which of the page's inks.
struct Look {
    size: f64,
    ink: &'static str,
    anchor: &'static str,
}

impl Look {
    fn new(size: f64, ink: &'static str) -> Self {
        Self {
            size,
            ink,
            anchor: "start",
        }
    }
}

impl Layout<'_> {
    fn leaf(&mut self) -> &mut Leaf {
        if self.leaves.is_empty() {
            self.leaves.push(Leaf::default());
        }
        let last = self.leaves.len() - 1;
        &mut self.leaves[last]
    }

    /// Begins a page unless so much fits on this one.
    fn need(&mut self, height: f64) {
        if self.y + height > BOTTOM && self.y > TOP {
            self.leaves.push(Leaf::default());
            self.y = TOP;
        }
    }

    fn gap(&mut self, height: f64) {
        if self.y > TOP {
            self.y += height;
        }
    }

    fn head(&mut self, head: &Head<'_>) {
        if let Some(title) = head.title {
            self.heading(1, title, 0.0);
        }
        let lead = [plain(head.description)];
        for line in lines(&lead, RIGHT - LEFT, 11.5) {
            self.line(&line, (LEFT, RIGHT), &Look::new(11.5, "muted"));
        }
        self.y += 4.0;
        self.line(
            &[plain(&head.stamp)],
            (LEFT, RIGHT),
            &Look::new(SMALL, "muted"),
        );
        self.y += 12.0;
    }

    /// Returns the least height with which a block may begin.
    fn first(&self, block: &Block) -> f64 {
        match block {
            Block::Chart(number) => self.chart_size(*number).1 + 12.0,
            Block::Table(_) => 70.0,
            Block::Tiles(_) => 66.0,
            Block::Heading(..) => 90.0,
            Block::Text(_) | Block::Code(_) | Block::Rule => 34.0,
        }
    }

    fn block(&mut self, block: &Block, next: f64) {
        match block {
            Block::Heading(level, text) => self.heading(*level, text, next),
            Block::Text(text) => self.text(text),
            Block::Code(code) => self.code(code),
            Block::Rule => {
                self.gap(8.0);
                let y = self.y;
                rule(self.leaf(), y, "grid");
                self.y += 8.0;
            }
            Block::Tiles(tiles) => self.tiles(tiles),
            Block::Table(table) => self.table(table),
            Block::Chart(number) => self.chart(*number),
        }
    }

    fn heading(&mut self, level: u8, text: &str, next: f64) {
        let (size, above) = match level {
            1 => (21.0, 6.0),
            2 => (14.5, 18.0),
            3 => (11.5, 12.0),
            _ => (10.0, 9.0),
        };
        let broken = lines(&[bold(text)], RIGHT - LEFT, size);
        self.gap(above);
        self.need(size * 1.3 * broken.len() as f64 + next);
        let y = self.y;
        self.leaf().headings.push((level, text.to_owned(), y));
        for line in broken {
            self.y += size * 1.25;
            let (x, y) = (LEFT, self.y - size * 0.25);
            write(self.leaf(), (x, y), &line, &Look::new(size, "text"));
        }
        self.y += size * 0.32;
    }

    /// Writes one line and moves below it.
    fn line(&mut self, runs: &[Run], (left, right): (f64, f64), look: &Look) {
        let height = look.size * LEADING;
        self.need(height);
        self.y += height;
        let y = self.y - height * 0.3;
        let mut x = left;
        for run in runs {
            let wide = width_of(&run.text, run.is_bold, look.size);
            if let Some(url) = &run.link {
                let place = Place {
                    x,
                    y: y - look.size,
                    width: wide.min(right - x),
                    height,
                };
                self.leaf().links.push((url.clone(), place));
            }
            x += wide;
        }
        write(self.leaf(), (left, y), runs, look);
    }

    fn text(&mut self, text: &Text) {
        self.gap(if text.marker.is_some() { 1.5 } else { 5.0 });
        let indent = 16.0 * text.depth as f64 + if text.is_quote { 14.0 } else { 0.0 };
        let left = LEFT + indent;
        let (size, ink) = if text.is_quote {
            (11.0, "text")
        } else {
            (BODY, "text")
        };
        for (number, line) in lines(&text.runs, RIGHT - left, size).iter().enumerate() {
            self.need(size * LEADING);
            let top = self.y;
            if text.is_quote {
                bar(self.leaf(), (LEFT, top), size * LEADING);
            }
            if let (0, Some(marker)) = (number, &text.marker) {
                let y = top + size * LEADING * 0.7;
                write(
                    self.leaf(),
                    (left - 13.0, y),
                    &[plain(marker)],
                    &Look::new(size, "muted"),
                );
            }
            self.line(line, (left, RIGHT), &Look::new(size, ink));
        }
        self.y += 2.0;
    }

    fn code(&mut self, code: &str) {
        self.gap(5.0);
        for line in code.lines() {
            let line = cut(line, RIGHT - LEFT - 10.0, SMALL);
            self.line(
                &[plain(&line)],
                (LEFT + 10.0, RIGHT),
                &Look::new(SMALL, "muted"),
            );
        }
        self.y += 4.0;
    }

    fn tiles(&mut self, tiles: &[Tile]) {
        let n_rows = tiles.len().div_ceil(4).max(1);
        let n_across = tiles.len().div_ceil(n_rows).max(1);
        let wide = (RIGHT - LEFT + 8.0) / n_across as f64 - 8.0;
        self.gap(6.0);
        for row in tiles.chunks(n_across) {
            let has_note = row.iter().any(|tile| tile.note.is_some());
            let height = if has_note { 58.0 } else { 46.0 };
            self.need(height + 8.0);
            let top = self.y;
            for (number, tile) in row.iter().enumerate() {
                let x = LEFT + (wide + 8.0) * number as f64;
                let place = Place {
                    x,
                    y: top,
                    width: wide,
                    height,
                };
                draw_tile(self.leaf(), tile, place);
            }
            self.y = top + height + 8.0;
        }
        self.y += 4.0;
    }

    fn chart_size(&self, number: usize) -> (f64, f64) {
        let (width, height) = self.sizes.get(number).copied().unwrap_or((760.0, 0.0));
        // The chart's own padding hangs over the margins, so that its text stands where the page's does.
        let scale =
            ((RIGHT - LEFT) / (width - 2.0 * PADDING)).min((BOTTOM - TOP - 60.0) / height.max(1.0));
        (width * scale, height * scale)
    }

    fn chart(&mut self, number: usize) {
        let (width, height) = self.chart_size(number);
        self.gap(6.0);
        self.need(height);
        let place = Place {
            x: f64::midpoint(LEFT, RIGHT) - width / 2.0,
            y: self.y,
            width,
            height,
        };
        self.leaf().charts.push((number, place));
        self.y += height + 6.0;
    }

    fn table(&mut self, table: &Table) {
        self.gap(7.0);
        if !table.title.is_empty() {
            self.need(60.0);
            self.line(
                &[bold(&table.title)],
                (LEFT, RIGHT),
                &Look::new(BODY, "text"),
            );
            self.y += 2.0;
        }
        let mut notes = Vec::new();
        if !table.rows.is_empty() {
            let fitted = fit(table, (LEFT, RIGHT), CELL);
            let first = fitted.rows.first().map_or(0.0, |row| row_height(row));
            self.need(row_height(&fitted.head) + first);
            self.row(table, (&fitted.columns, &fitted.head), true);
            for row in &fitted.rows {
                if self.y + row_height(row) > BOTTOM {
                    self.leaves.push(Leaf::default());
                    self.y = TOP;
                    self.row(table, (&fitted.columns, &fitted.head), true);
                }
                self.row(table, (&fitted.columns, row), false);
            }
            if fitted.n_hidden > 0 {
                notes.push(format!(
                    "{} more columns have no room here",
                    fitted.n_hidden
                ));
            }
        }
        notes.extend(Some(table.note.clone()).filter(|note| !note.is_empty()));
        if !notes.is_empty() {
            self.y += 2.0;
            self.line(
                &[plain(&notes.join("; "))],
                (LEFT, RIGHT),
                &Look::new(SMALL, "muted"),
            );
        }
        self.y += 6.0;
    }

    /// Draws the cells of a row, or of the head, and a line below.
    fn row(
        &mut self,
        table: &Table,
        (columns, cells): (&[(f64, f64)], &[Vec<String>]),
        is_head: bool,
    ) {
        let height = row_height(cells);
        self.need(height);
        let top = self.y;
        for ((cell, (left, width)), (_, is_number)) in cells.iter().zip(columns).zip(&table.columns)
        {
            let (x, anchor) = match is_number {
                true => (left + width, "end"),
                false => (*left, "start"),
            };
            let ink = if is_head { "muted" } else { "text" };
            let look = Look {
                anchor,
                ..Look::new(CELL, ink)
            };
            // Headings of one line stand at the foot of a head of several.
            let skipped = if is_head {
                height - cell_height(cell)
            } else {
                0.0
            };
            for (number, line) in cell.iter().enumerate() {
                let run = if is_head { bold(line) } else { plain(line) };
                let y = top + skipped + 3.2 + CELL * (1.0 + 1.3 * number as f64);
                write(self.leaf(), (x, y), &[run], &look);
            }
        }
        self.y = top + height;
        let y = self.y;
        rule(self.leaf(), y, if is_head { "axis" } else { "grid" });
    }
}

fn cell_height(cell: &[String]) -> f64 {
    CELL * 1.3 * cell.len().max(1) as f64 + 6.4
}

fn row_height(cells: &[Vec<String>]) -> f64 {
    cells
        .iter()
        .map(|cell| cell_height(cell))
        .fold(0.0, f64::max)
}

fn draw_tile(leaf: &mut Leaf, tile: &Tile, place: Place) {
    let Place {
        x,
        y,
        width,
        height,
    } = place;
    leaf.body += &format!(
        "<rect x=\"{x:.2}\" y=\"{y:.2}\" width=\"{width:.2}\" height=\"{height:.2}\" rx=\"5\" fill=\"none\" stroke=\"{}\" stroke-width=\"1\"/>\n",
        ink("grid", Theme::Paper)
    );
    let room = width - 18.0;
    let left = x + 9.0;
    let label = cut(&tile.label, room, SMALL);
    write(
        leaf,
        (left, y + 15.0),
        &[plain(&label)],
        &Look::new(SMALL, "muted"),
    );
    let value = cut(&tile.value, room * 0.95, 15.0);
    write(
        leaf,
        (left, y + 34.0),
        &[bold(&value)],
        &Look::new(15.0, "text"),
    );
    if let Some(note) = &tile.note {
        let note = cut(note, room, SMALL);
        write(
            leaf,
            (left, y + 48.0),
            &[plain(&note)],
            &Look::new(SMALL, "muted"),
        );
    }
}

fn foot(leaf: &mut Leaf, left: &str, right: &str) {
    let y = PAGE.1 - 34.0;
    rule(leaf, y - 13.0, "grid");
    write(leaf, (LEFT, y), &[plain(left)], &Look::new(SMALL, "muted"));
    let look = Look {
        anchor: "end",
        ..Look::new(SMALL, "muted")
    };
    write(leaf, (RIGHT, y), &[plain(right)], &look);
}

fn write(leaf: &mut Leaf, (x, y): (f64, f64), runs: &[Run], look: &Look) {
    let colour = ink(look.ink, Theme::Paper);
    leaf.body += &format!(
        "<text x=\"{x:.2}\" y=\"{y:.2}\" font-size=\"{}\" fill=\"{colour}\" text-anchor=\"{}\">",
        look.size, look.anchor
    );
    for run in runs {
        let weight = if run.is_bold {
            " font-weight=\"600\""
        } else {
            ""
        };
        let link = match run.link {
            Some(_) => format!(" fill=\"{}\"", ink("series-1", Theme::Paper)),
            None => String::new(),
        };
        leaf.body += &format!("<tspan{weight}{link}>{}</tspan>", escape(&run.text));
    }
    leaf.body += "</text>\n";
}

fn rule(leaf: &mut Leaf, y: f64, colour: &str) {
    leaf.body += &format!(
        "<line x1=\"{LEFT}\" y1=\"{y:.2}\" x2=\"{RIGHT}\" y2=\"{y:.2}\" stroke=\"{}\" stroke-width=\"0.6\"/>\n",
        ink(colour, Theme::Paper)
    );
}

fn bar(leaf: &mut Leaf, (x, y): (f64, f64), height: f64) {
    leaf.body += &format!(
        "<rect x=\"{x:.2}\" y=\"{y:.2}\" width=\"2.5\" height=\"{height:.2}\" fill=\"{}\"/>\n",
        ink("series-1", Theme::Paper)
    );
}

fn plain(text: &str) -> Run {
    Run {
        text: text.into(),
        is_bold: false,
        link: None,
    }
}

fn bold(text: &str) -> Run {
    Run {
        is_bold: true,
        ..plain(text)
    }
}
