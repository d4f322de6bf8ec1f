//! A report's file: front matter, the queries in its fenced blocks, and the text around them. Runs nothing.

use serde::Deserialize;

use crate::diagnostic::{At, Diagnostic, Result};
use crate::project::nodes::Report;

/// Words of Jinja and the functions of a report, which a query of the same name would hide.
pub(super) const RESERVED: &[&str] = &[
    "and",
    "big_value",
    "chart",
    "elif",
    "else",
    "false",
    "for",
    "fromjson",
    "if",
    "in",
    "is",
    "loop",
    "none",
    "not",
    "or",
    "range",
    "ref",
    "set",
    "source",
    "table",
    "true",
    "var",
];

/// What stands between the `---` lines at the top.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FrontMatter {
    /// Heading of the page.
    pub(super) title: Option<String>,
    /// One or two sentences below it.
    pub(super) description: Option<String>,
    /// Sign or code of amounts; `$` unless given.
    pub(super) currency: Option<String>,
    /// Whether the page is broad, for tables of many columns.
    #[serde(default)]
    pub(super) wide: bool,
}

/// A query: a block fenced by ```` ```sql name ````.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Query {
    /// The variable its rows become.
    pub(super) name: String,
    /// Its SQL, a Jinja template.
    pub(super) sql: String,
    /// Byte offset of `sql` in the file.
    pub(super) offset: usize,
}

/// A report's file, cut into its parts.
#[derive(Debug)]
pub(super) struct Source<'a> {
    report: &'a Report,
    pub(super) front: FrontMatter,
    /// In the order in which they run.
    pub(super) queries: Vec<Query>,
    /// The whole text, front matter and queries blanked out: every offset is that of the file.
    pub(super) body: String,
}

impl<'a> Source<'a> {
    /// Cuts a report's text into its parts.
    ///
    /// # Errors
    /// `Project`, with its place, for front matter that is no YAML or has unknown keys, a block that is not closed,
    /// and a name that is no name or is taken.
    pub(super) fn parse(report: &'a Report) -> Result<Self> {
        let mut source = Self {
            report,
            front: FrontMatter::default(),
            queries: Vec::new(),
            body: report.text.clone(),
        };
        let start = source.read_front_matter()?;
        source.read_queries(start)?;
        Ok(source)
    }

    /// Returns the line and column of a byte offset of the file.
    pub(super) fn at(&self, offset: usize) -> At {
        let mut offset = offset.min(self.report.text.len());
        while !self.report.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &self.report.text[..offset];
        let line = before.matches('\n').count() + 1;
        let column = before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count()
            + 1;
        let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        At::new(&self.report.file, narrow(line), narrow(column))
    }

    /// Returns the text with Jinja in it: everything but the front matter.
    pub(super) fn template(&self) -> String {
        let mut text = self.body.clone();
        for query in &self.queries {
            text.replace_range(query.offset..query.offset + query.sql.len(), &query.sql);
        }
        text
    }

    fn read_front_matter(&mut self) -> Result<usize> {
        let text = &self.report.text;
        let Some(rest) = text
            .strip_prefix("---\n")
            .or_else(|| text.strip_prefix("---\r\n"))
        else {
            return Ok(0);
        };
        let start = text.len() - rest.len();
        let mut end = start;
        for line in rest.split_inclusive('\n') {
            if line.trim_end() == "---" {
                let yaml = &text[start..end];
                self.front = self.front_matter(yaml)?;
                let after = end + line.len();
                self.blank(0, after);
                return Ok(after);
            }
            end += line.len();
        }
        let err = Diagnostic::project("the front matter is not closed");
        Err(err.at(&self.at(0)).hint("end it with a line `---`").into())
    }

    fn front_matter(&self, yaml: &str) -> Result<FrontMatter> {
        if yaml.trim().is_empty() {
            return Ok(FrontMatter::default());
        }
        serde_yaml::from_str(yaml).map_err(|err: serde_yaml::Error| {
            let (line, column) = err
                .location()
                .map_or((0, 0), |place| (place.line(), place.column()));
            let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
            Diagnostic::project(format!("the front matter is not understood: {err}"))
                .at_line(&self.report.file, narrow(line) + 1, narrow(column))
                .hint("its keys are title, description, currency and wide")
                .into()
        })
    }

    fn read_queries(&mut self, start: usize) -> Result<()> {
        let text = &self.report.text;
        let mut open: Option<Fence> = None;
        let mut blanks = Vec::new();
        let mut offset = start;
        for line in text[start..].split_inclusive('\n') {
            match &open {
                None => open = Fence::open(line, offset),
                Some(fence) if fence.is_closed_by(line) => {
                    if let Some(name) = &fence.query {
                        self.check_name(name, fence.offset)?;
                        let sql = text[fence.inside..offset].to_string();
                        let (name, inside) = (name.clone(), fence.inside);
                        self.queries.push(Query {
                            name,
                            sql,
                            offset: inside,
                        });
                        blanks.push((fence.offset, offset + line.len()));
                    }
                    open = None;
                }
                Some(_) => {}
            }
            offset += line.len();
        }
        if let Some(Fence {
            query: Some(name),
            offset,
            ..
        }) = open
        {
            return Err(
                Diagnostic::project(format!("the block of query `{name}` is not closed"))
                    .at(&self.at(offset))
                    .hint("end it with a line of three backticks")
                    .into(),
            );
        }
        for (from, to) in blanks {
            self.blank(from, to);
        }
        Ok(())
    }

    fn check_name(&self, name: &str, offset: usize) -> Result<()> {
        let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if !starts_well || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return Err(Diagnostic::project(format!("`{name}` cannot name a query"))
                .at(&self.at(offset))
                .hint("use letters, digits and `_`, the first no digit")
                .into());
        }
        if RESERVED.contains(&name) {
            return Err(Diagnostic::project(format!(
                "`{name}` cannot name a query: it means something else in the text"
            ))
            .at(&self.at(offset))
            .hint("choose another name")
            .into());
        }
        if self.queries.iter().any(|query| query.name == name) {
            return Err(
                Diagnostic::project(format!("there are two queries `{name}`"))
                    .at(&self.at(offset))
                    .hint("give one of them another name")
                    .into(),
            );
        }
        Ok(())
    }

    /// Replaces a stretch by spaces, line ends kept, so that what follows keeps its place.
    fn blank(&mut self, from: usize, to: usize) {
        let blank = |byte: u8| if byte == b'\n' { '\n' } else { ' ' };
        let spaces = self.body[from..to].bytes().map(blank).collect::<String>();
        self.body.replace_range(from..to, &spaces);
    }
}

/// An open fence of Markdown.
#[derive(Debug)]
struct Fence {
    mark: String,
    /// The query's name, when it is one.
    query: Option<String>,
    /// Byte offset of the fence.
    offset: usize,
    /// Byte offset of the line after it.
    inside: usize,
}

impl Fence {
    fn open(line: &str, offset: usize) -> Option<Self> {
        let indent = line.len() - line.trim_start_matches(' ').len();
        let trimmed = line.trim();
        let mark = trimmed
            .chars()
            .next()
            .filter(|c| ['`', '~'].contains(c) && indent <= 3)?;
        let length = trimmed.chars().take_while(|c| *c == mark).count();
        let info = trimmed[length..].trim();
        if length < 3 || (mark == '`' && info.contains('`')) {
            return None;
        }
        let query = info
            .strip_prefix("sql")
            .filter(|rest| rest.starts_with(char::is_whitespace));
        Some(Self {
            mark: String::from(mark).repeat(length),
            query: query
                .map(|name| name.trim().to_string())
                .filter(|name| !name.is_empty()),
            offset: offset + indent,
            inside: offset + line.len(),
        })
    }

    fn is_closed_by(&self, line: &str) -> bool {
        let line = line.trim();
        line.starts_with(&self.mark) && line.chars().all(|c| self.mark.starts_with(c))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A report of a text, for tests of what reads it.
    pub(in super::super) fn report(text: &str) -> Report {
        Report {
            name: "sales".into(),
            description: String::new(),
            file: "models/reports/sales.md".into(),
            text: text.into(),
            profile: None,
            to: vec!["reports/sales.html".into()],
            at: At::new("models/reports.yml", 2, 5),
        }
    }

    fn error(text: &str) -> String {
        Source::parse(&report(text)).unwrap_err().to_string()
    }

    #[test]
    fn front_matter_queries_and_text_are_told_apart_and_keep_their_places() {
        let text = "---\ntitle: Sales\n---\n# Hä {{ x }}\n```sql top\nselect 1\n```\n\n~~~sql\n```sql no\n~~~\nend\n";
        let report = report(text);
        let source = Source::parse(&report).unwrap();
        assert_eq!(source.front.title.as_deref(), Some("Sales"));
        assert_eq!(source.queries.len(), 1);
        assert_eq!(
            (
                source.queries[0].name.as_str(),
                source.queries[0].sql.as_str()
            ),
            ("top", "select 1\n")
        );
        assert_eq!(source.body.len(), text.len());
        assert_eq!(source.body.find("end"), text.find("end"));
        assert!(!source.body.contains("select 1") && source.body.contains("```sql no"));
        assert!(source.template().contains("select 1") && !source.template().contains("title"));
        assert_eq!(
            source.at(text.find("{{").unwrap()).to_string(),
            "models/reports/sales.md:4:6"
        );
    }

    #[test]
    fn an_unclosed_block_names_its_line() {
        let message = error("# A\n\n```sql top\nselect 1\n");
        assert!(
            message.starts_with(
                "the block of query `top` is not closed\n  --> models/reports/sales.md:3:1"
            ),
            "{message}"
        );
        assert!(error("---\ntitle: x\n").contains("the front matter is not closed"));
    }

    #[test]
    fn names_of_queries_are_names_and_used_once() {
        assert!(error("```sql 1st\n```\n").contains("`1st` cannot name a query"));
        assert!(
            error("```sql none\n```\n")
                .contains("`none` cannot name a query: it means something else")
        );
        let twice = error("```sql a\n```\n```sql a\n```\n");
        assert!(
            twice.starts_with("there are two queries `a`\n  --> models/reports/sales.md:3:1"),
            "{twice}"
        );
    }

    #[test]
    fn an_unknown_key_of_the_front_matter_is_refused_with_its_line() {
        let message = error("---\ntitle: a\ntitel: b\n---\n");
        assert!(
            message.contains("titel") && message.contains("sales.md:3"),
            "{message}"
        );
    }
}
