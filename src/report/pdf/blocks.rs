//! Markdown to blocks of a document: what stands below what. Knows nothing of pages.

use pulldown_cmark::{Event, HeadingLevel, Parser, Tag, TagEnd};

use crate::report::markdown::options;
use crate::report::page::{Page, Part, Slot, Table, Tile};

/// Words of one look.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Run {
    pub(super) text: String,
    pub(super) is_bold: bool,
    /// Where it leads.
    pub(super) link: Option<String>,
}

/// What stands on its own, from margin to margin.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Block {
    /// A heading of a level from 1.
    Heading(u8, String),
    /// A paragraph, quotation or item of a list.
    Text(Text),
    /// Lines that are not broken.
    Code(String),
    /// A line across.
    Rule,
    /// Values that stand side by side.
    Tiles(Vec<Tile>),
    Table(Table),
    /// The number of a drawing of the page.
    Chart(usize),
}

/// A paragraph.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Text {
    pub(super) runs: Vec<Run>,
    /// How many lists it stands in.
    pub(super) depth: usize,
    /// What stands before the first line of an item, such as `•`.
    pub(super) marker: Option<String>,
    pub(super) is_quote: bool,
}

/// Reads Markdown in which [`Page::keep`]'s words stand for values and components. HTML of the author's is left out.
pub(super) fn blocks(markdown: &str, page: &Page) -> Vec<Block> {
    let mut reader = Reader {
        page,
        blocks: Vec::new(),
        runs: Vec::new(),
        tiles: Vec::new(),
        n_bold: 0,
        n_quotes: 0,
        links: Vec::new(),
        lists: Vec::new(),
        marker: None,
        table: None,
        code: None,
    };
    for event in Parser::new_ext(markdown, options()) {
        reader.read(event);
    }
    reader.blocks
}

struct Reader<'a> {
    page: &'a Page,
    blocks: Vec<Block>,
    runs: Vec<Run>,
    tiles: Vec<Tile>,
    n_bold: usize,
    n_quotes: usize,
    links: Vec<String>,
    /// The next number of each open list; `None` for one without numbers.
    lists: Vec<Option<u64>>,
    marker: Option<String>,
    table: Option<Table>,
    code: Option<String>,
}

impl Reader<'_> {
    fn read(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.open(tag),
            Event::End(tag) => self.close(tag),
            Event::Text(text) | Event::Code(text) => match &mut self.code {
                Some(code) => *code += &self.page.plain(&text),
                None => self.text(&text),
            },
            Event::SoftBreak | Event::HardBreak => self.push(" "),
            Event::Rule => self.blocks.push(Block::Rule),
            _ => {}
        }
    }

    fn open(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Strong => self.n_bold += 1,
            Tag::BlockQuote(_) => self.n_quotes += 1,
            Tag::Link { dest_url, .. } => self.links.push(self.page.plain(&dest_url)),
            Tag::List(first) => {
                self.paragraph();
                self.lists.push(first);
            }
            Tag::Item => {
                self.marker = Some(match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number += 1;
                        format!("{}.", *number - 1)
                    }
                    _ => "•".into(),
                });
            }
            Tag::CodeBlock(_) => self.code = Some(String::new()),
            Tag::Table(alignments) => {
                let right = |alignment| alignment == pulldown_cmark::Alignment::Right;
                self.table = Some(Table {
                    columns: alignments
                        .into_iter()
                        .map(|alignment| (String::new(), right(alignment)))
                        .collect(),
                    ..Table::default()
                });
            }
            Tag::TableRow => {
                if let Some(table) = &mut self.table {
                    table.rows.push(Vec::new());
                }
            }
            _ => {}
        }
    }

    fn close(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Strong => self.n_bold = self.n_bold.saturating_sub(1),
            TagEnd::BlockQuote(_) => self.n_quotes = self.n_quotes.saturating_sub(1),
            TagEnd::Link => drop(self.links.pop()),
            TagEnd::Paragraph | TagEnd::Item | TagEnd::FootnoteDefinition => self.paragraph(),
            TagEnd::List(_) => drop(self.lists.pop()),
            TagEnd::Heading(level) => {
                let text = self.taken();
                self.blocks.push(Block::Heading(depth(level), text));
            }
            TagEnd::CodeBlock => {
                let code = self.code.take().unwrap_or_default();
                self.blocks.push(Block::Code(code));
            }
            TagEnd::TableCell => self.cell(),
            TagEnd::Table => self.blocks.extend(self.table.take().map(Block::Table)),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        for part in self.page.parts(text) {
            match part {
                Part::Text(text) => self.push(text),
                Part::Slot(Slot::Text(text)) => self.push(text),
                Part::Slot(Slot::Tile(tile)) => self.tiles.push(tile.clone()),
                Part::Slot(Slot::Table(table)) => self.component(Block::Table(table.clone())),
                Part::Slot(Slot::Chart(number)) => self.component(Block::Chart(*number)),
            }
        }
    }

    fn push(&mut self, text: &str) {
        self.runs.push(Run {
            text: text.into(),
            is_bold: self.n_bold > 0,
            link: self.links.last().cloned(),
        });
    }

    fn component(&mut self, block: Block) {
        self.paragraph();
        self.blocks.push(block);
    }

    /// Ends a paragraph; the tiles in it stand before the next one.
    fn paragraph(&mut self) {
        let runs = std::mem::take(&mut self.runs);
        if runs.iter().any(|run| !run.text.trim().is_empty()) {
            self.blocks.push(Block::Text(Text {
                runs,
                depth: self.lists.len(),
                marker: self.marker.take(),
                is_quote: self.n_quotes > 0,
            }));
        }
        if !self.tiles.is_empty() {
            let tiles = std::mem::take(&mut self.tiles);
            self.blocks.push(Block::Tiles(tiles));
        }
    }

    fn taken(&mut self) -> String {
        let runs = std::mem::take(&mut self.runs);
        runs.into_iter().map(|run| run.text).collect()
    }

    fn cell(&mut self) {
        let text = self.taken();
        let Some(table) = &mut self.table else { return };
        match table.rows.last_mut() {
            Some(row) => row.push(text),
            None => {
                let unnamed = table.columns.iter_mut().find(|(name, _)| name.is_empty());
                if let Some((name, _)) = unnamed {
                    *name = text;
                }
            }
        }
    }
}

fn depth(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_lists_tables_and_components_become_blocks_in_their_order() {
        let mut page = Page::new("", "$");
        let value = page.keep(Slot::Text("<7>".into()));
        let chart = page.keep(Slot::Chart(0));
        let tiles = [0, 1].map(|_| page.keep(Slot::Tile(Tile::default())));
        let markdown = format!(
            "## A {value}\n\nOne **two** [three](https://a.b)\nfour {chart}\n\n{} {}\n\n1. x\n2. y\n\n> z\n\n| a | b |\n|---|--:|\n| {value} | 2 |\n\n---\n",
            tiles[0], tiles[1]
        );
        let blocks = blocks(&markdown, &page);
        assert_eq!(blocks[0], Block::Heading(2, "A <7>".into()));
        let Block::Text(text) = &blocks[1] else {
            panic!("{blocks:?}")
        };
        assert!(
            text.runs[1].is_bold && text.runs[3].link.is_some(),
            "{text:?}"
        );
        assert_eq!(blocks[2], Block::Chart(0));
        assert_eq!(blocks[3], Block::Tiles(vec![Tile::default(); 2]));
        let marker = |block: &Block| match block {
            Block::Text(text) => text.marker.clone(),
            _ => None,
        };
        assert_eq!(marker(&blocks[4]).as_deref(), Some("1."));
        assert_eq!(marker(&blocks[5]).as_deref(), Some("2."));
        assert!(matches!(&blocks[6], Block::Text(text) if text.is_quote));
        let table = Table {
            columns: vec![("a".into(), false), ("b".into(), true)],
            rows: vec![vec!["<7>".into(), "2".into()]],
            ..Table::default()
        };
        assert_eq!(blocks[7..], [Block::Table(table), Block::Rule]);
    }
}
