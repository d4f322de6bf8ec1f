//! Cuts a file into its top-level blocks: macros, tests, materializations, snapshots, docs. Compiles and renders nothing.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use super::tokens::{Broken, Kind, Part, Token, parts};
use crate::diagnostic::{At, Diagnostic, Result};

/// A template file: its path and its text with `\n` line ends and without a byte-order mark.
#[derive(Debug)]
pub struct Source {
    /// Package it belongs to.
    pub package: Arc<str>,
    /// Path relative to the project root.
    pub file: PathBuf,
    /// The text.
    pub text: String,
    /// Whether lines of the file end in `\r\n`.
    pub has_crlf: bool,
    /// Where the text stands, when it is no file of its own: a line of YAML.
    stands_at: Option<At>,
}

impl Source {
    /// Takes a file's text, with line ends made `\n` and a byte-order mark removed, as Jinja2 does.
    #[must_use]
    pub fn new(package: &str, file: impl Into<PathBuf>, text: &str) -> Arc<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let has_crlf = text.contains("\r\n");
        let text = match text.contains('\r') {
            true => text.replace("\r\n", "\n").replace('\r', "\n"),
            false => text.to_owned(),
        };
        Arc::new(Self {
            package: package.into(),
            file: file.into(),
            has_crlf,
            text,
            stands_at: None,
        })
    }

    /// Takes text that was made of what stands at a place in a file of YAML: all its places are that one.
    #[must_use]
    pub fn within(package: &str, at: &At, text: &str) -> Arc<Self> {
        Arc::new(Self {
            package: package.into(),
            file: at.file.clone(),
            has_crlf: false,
            text: text.to_owned(),
            stands_at: Some(at.clone()),
        })
    }

    /// Returns the place of a byte offset of the text.
    #[must_use]
    pub fn at(&self, offset: usize) -> At {
        if let Some(at) = &self.stands_at {
            return at.clone();
        }
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &self.text[..offset];
        let line = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let column = before[start..].chars().count() + 1;
        At::new(&self.file, as_u32(line), as_u32(column))
    }

    /// Returns the place of a line, counted from that of a byte offset.
    pub(crate) fn line_after(&self, offset: usize, lines: u32) -> At {
        let start = self.at(offset);
        match &self.stands_at {
            Some(at) => at.clone(),
            None => At::new(&self.file, start.line + lines, 0),
        }
    }

    /// Makes the error of text that cannot be cut.
    pub(crate) fn broken(&self, broken: Broken) -> Diagnostic {
        Diagnostic::project(broken.what).at(&self.at(broken.offset))
    }
}

/// Converts a count for a place; files have fewer than 2^32 lines.
pub(crate) fn as_u32(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// What a block defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockKind {
    /// `{% macro name(…) %}`.
    Macro,
    /// `{% test name(…) %}`: a generic test, macro `test_<name>`.
    Test,
    /// `{% materialization name, … %}`: macro `materialization_<name>_<adapter>`.
    Materialization,
    /// `{% snapshot name %}`.
    Snapshot,
    /// `{% docs name %}`.
    Docs,
}

impl BlockKind {
    fn of(tag: &str) -> Option<Self> {
        Some(match tag {
            "macro" => Self::Macro,
            "test" | "data_test" | "generic_test" => Self::Test,
            "materialization" => Self::Materialization,
            "snapshot" => Self::Snapshot,
            "docs" => Self::Docs,
            _ => return None,
        })
    }
}

/// A parameter of a macro.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Where its default expression is in the file, when it has one.
    pub default: Option<Range<usize>>,
}

/// One top-level block of a file.
#[derive(Debug, Clone)]
pub struct Block {
    /// What it defines.
    pub kind: BlockKind,
    /// Its name as written.
    pub name: String,
    /// Parameters of a macro or test.
    pub parameters: Vec<Parameter>,
    /// A materialization's adapter; `default` where none is named.
    pub adapter: String,
    /// A materialization's languages; `sql` where none are named.
    pub languages: Vec<String>,
    /// The file.
    pub source: Arc<Source>,
    /// Bytes of the file from the opening to the closing tag, with them.
    pub whole: Range<usize>,
    /// Bytes of the body, without whitespace that `-` removes.
    pub body: Range<usize>,
}

impl Block {
    /// Returns the block's text with its tags, as dbt's manifest has it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.source.text[self.whole.clone()]
    }

    /// Returns the text between the tags.
    #[must_use]
    pub fn body_text(&self) -> &str {
        &self.source.text[self.body.clone()]
    }

    /// Returns the place of the opening tag.
    #[must_use]
    pub fn at(&self) -> At {
        self.source.at(self.whole.start)
    }

    /// Returns the macro's name that this block defines, as dbt derives it.
    #[must_use]
    pub fn macro_name(&self) -> String {
        match self.kind {
            BlockKind::Test => format!("test_{}", self.name),
            BlockKind::Materialization => format!("materialization_{}_{}", self.name, self.adapter),
            BlockKind::Macro | BlockKind::Snapshot | BlockKind::Docs => self.name.clone(),
        }
    }

    /// Returns the text of a parameter's default expression.
    #[must_use]
    pub fn default_text(&self, parameter: &Parameter) -> Option<&str> {
        parameter
            .default
            .clone()
            .map(|range| &self.source.text[range])
    }
}

/// Cuts a file into its top-level blocks, in order. Text between them is left out, as dbt does.
///
/// # Errors
/// `Project` with a place when a tag or block is not closed or its heading cannot be read.
pub fn blocks(source: &Arc<Source>) -> Result<Vec<Block>> {
    let text = &source.text;
    let parts = parts(text, 0..text.len()).map_err(|broken| source.broken(broken))?;
    let mut found = Vec::new();
    let mut at = 0;
    while at < parts.len() {
        let tag = parts[at].tag(text);
        if let Some(kind) = BlockKind::of(tag) {
            let end = closing(text, &parts, at).map_err(|broken| source.broken(broken))?;
            found.push(
                block(source, kind, &parts[at], &parts[end])
                    .map_err(|broken| source.broken(broken))?,
            );
            at = end;
        } else if let Some(kind) = tag
            .strip_prefix("end")
            .filter(|kind| BlockKind::of(kind).is_some())
        {
            let broken = Broken::new(format!("`{tag}` closes no `{kind}`"), parts[at].outer.start);
            return Err(source.broken(broken).into());
        }
        at += 1;
    }
    Ok(found)
}

/// Returns the index of the tag that closes the block opened at `open`, nested blocks of its kind skipped.
pub(crate) fn closing(text: &str, parts: &[Part], open: usize) -> Result<usize, Broken> {
    let tag = parts[open].tag(text);
    let end = format!("end{tag}");
    let mut depth = 0;
    for (at, part) in parts.iter().enumerate().skip(open) {
        let found = part.tag(text);
        if found == tag {
            depth += 1;
        } else if found == end {
            depth -= 1;
            if depth == 0 {
                return Ok(at);
            }
        }
    }
    let what = format!("`{{% {tag} %}}` is never closed by `{{% {end} %}}`");
    Err(Broken::new(what, parts[open].outer.start))
}

/// Returns the bytes between two tags, without the whitespace that their `-` removes.
pub(crate) fn between(text: &str, open: &Part, close: &Part) -> Range<usize> {
    let mut range = open.outer.end..close.outer.start;
    if open.trims_after(text) {
        range.start = range.end - text[range.clone()].trim_start().len();
    }
    if close.trims_before(text) {
        range.end = range.start + text[range.clone()].trim_end().len();
    }
    range
}

fn block(
    source: &Arc<Source>,
    kind: BlockKind,
    open: &Part,
    close: &Part,
) -> Result<Block, Broken> {
    let text = &source.text;
    let mut heading = Heading::new(text, open);
    let name = heading.name("a name")?.to_owned();
    let mut block = Block {
        kind,
        name,
        parameters: Vec::new(),
        adapter: "default".into(),
        languages: vec!["sql".into()],
        source: source.clone(),
        whole: open.outer.start..close.outer.end,
        body: between(text, open, close),
    };
    match kind {
        BlockKind::Macro | BlockKind::Test => block.parameters = heading.parameters()?,
        BlockKind::Materialization => heading.materialization(&mut block)?,
        BlockKind::Snapshot | BlockKind::Docs => {}
    }
    heading.finish()?;
    Ok(block)
}

/// Reads the opening tag of a block from left to right.
pub(crate) struct Heading<'a> {
    text: &'a str,
    tokens: &'a [Token],
    end: usize,
}

impl<'a> Heading<'a> {
    /// Begins after the tag's first word.
    pub(crate) fn new(text: &'a str, open: &'a Part) -> Self {
        Self {
            text,
            tokens: open.tokens.get(1..).unwrap_or_default(),
            end: open.inner.end,
        }
    }

    /// Returns the tokens not yet read.
    pub(crate) fn rest(&self) -> &'a [Token] {
        self.tokens
    }

    /// Returns the next word, empty at the end.
    pub(crate) fn peek(&self) -> &'a str {
        self.tokens
            .first()
            .map_or("", |token| &self.text[token.range.clone()])
    }

    fn next(&mut self) -> Option<&'a Token> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first)
    }

    fn expected(&self, what: &str) -> Broken {
        match self.tokens.first() {
            Some(token) => Broken::new(
                format!("expected {what}, found `{}`", self.peek()),
                token.range.start,
            ),
            None => Broken::new(
                format!("expected {what} before the end of the tag"),
                self.end,
            ),
        }
    }

    /// Reads a name.
    pub(crate) fn name(&mut self, what: &str) -> Result<&'a str, Broken> {
        match self.tokens.first() {
            Some(token) if token.kind == Kind::Name => {
                self.tokens = &self.tokens[1..];
                Ok(&self.text[token.range.clone()])
            }
            _ => Err(self.expected(what)),
        }
    }

    fn skip_if(&mut self, sign: &str) -> bool {
        let found = self.peek() == sign;
        if found {
            self.tokens = &self.tokens[1..];
        }
        found
    }

    /// Reads `(a, b: string, c=1)`; types are read and ignored, as dbt does.
    pub(crate) fn parameters(&mut self) -> Result<Vec<Parameter>, Broken> {
        let mut parameters = Vec::<Parameter>::new();
        if !self.skip_if("(") {
            return Err(self.expected("`(`"));
        }
        while !self.skip_if(")") {
            if !parameters.is_empty() && !self.skip_if(",") {
                return Err(self.expected("`,` or `)`"));
            }
            if self.skip_if(")") {
                break;
            }
            let name = self.name("a parameter's name")?.to_owned();
            if self.skip_if(":") {
                self.expression();
            }
            let default = match self.skip_if("=") {
                true => Some(
                    self.expression()
                        .ok_or_else(|| self.expected("a default"))?,
                ),
                false => None,
            };
            parameters.push(Parameter { name, default });
        }
        Ok(parameters)
    }

    /// Skips tokens up to `,`, `=` or `)` outside brackets; returns the bytes skipped, none when there are none.
    fn expression(&mut self) -> Option<Range<usize>> {
        let mut range: Option<Range<usize>> = None;
        let mut depth = 0;
        while let Some(token) = self.tokens.first() {
            match self.peek() {
                "(" | "[" | "{" => depth += 1,
                ")" if depth == 0 => break,
                "," | "=" if depth == 0 => break,
                ")" | "]" | "}" => depth -= 1,
                _ => {}
            }
            let start = range.map_or(token.range.start, |range| range.start);
            range = Some(start..token.range.end);
            self.next();
        }
        range
    }

    /// Reads `, default` and `, adapter='…'` and `, supported_languages=[…]`.
    fn materialization(&mut self, block: &mut Block) -> Result<(), Broken> {
        while self.skip_if(",") {
            match self.peek() {
                "default" => {
                    self.next();
                }
                "adapter" => block.adapter = self.strings()?.pop().unwrap_or_default(),
                "supported_languages" => block.languages = self.strings()?,
                _ => return Err(self.expected("`default`, `adapter=` or `supported_languages=`")),
            }
        }
        Ok(())
    }

    /// Reads `name = '…'` or `name = ['…', '…']` and returns the strings.
    fn strings(&mut self) -> Result<Vec<String>, Broken> {
        self.next();
        if !self.skip_if("=") {
            return Err(self.expected("`=`"));
        }
        let range = self.expression().ok_or_else(|| self.expected("a string"))?;
        let words = self.text[range]
            .split([',', '[', ']'])
            .map(|word| word.trim().trim_matches(['\'', '"']));
        Ok(words
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect())
    }

    /// Refuses what is left; a colon at the end is taken, as in Python.
    fn finish(&mut self) -> Result<(), Broken> {
        self.skip_if(":");
        match self.tokens.is_empty() {
            true => Ok(()),
            false => Err(self.expected("the end of the tag")),
        }
    }
}

/// Returns whether the text has any delimiter of Jinja's.
#[must_use]
pub fn is_template(text: &str) -> bool {
    ["{{", "{%", "{#", "}}", "%}", "#}"]
        .iter()
        .any(|sign| text.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<Block> {
        blocks(&Source::new("shop", "macros/a.sql", text)).unwrap()
    }

    fn fails(text: &str) -> String {
        blocks(&Source::new("shop", "macros/a.sql", text))
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn macros_carry_their_parameters_and_trimmed_body() {
        let found = cut(
            "-- x\n{% macro cents(col, scale: int = f(1, [2]), b='%}') -%}\n\n  {{ col }}\n{%- endmacro %}",
        );
        let names: Vec<_> = found[0]
            .parameters
            .iter()
            .map(|p| (p.name.as_str(), found[0].default_text(p)))
            .collect();
        assert_eq!(
            names,
            [
                ("col", None),
                ("scale", Some("f(1, [2])")),
                ("b", Some("'%}'"))
            ]
        );
        assert_eq!(found[0].body_text(), "{{ col }}");
        assert_eq!(found[0].at().to_string(), "macros/a.sql:2:1");
    }

    #[test]
    fn every_kind_of_block_has_dbts_macro_name() {
        let found = cut(concat!(
            "{% test not_empty(model) %}{% call x() %}{% endcall %}{% endtest %}",
            "{% materialization cube, adapter='duckdb', supported_languages=['sql', 'python'] %}x{% endmaterialization %}",
            "{% materialization cube, default %}x{% endmaterialization %}",
            "{% snapshot s %}{% raw %}{% endsnapshot %}{% endraw %}{% endsnapshot %}{% docs d %}it's{% enddocs %}"
        ));
        let names: Vec<_> = found.iter().map(Block::macro_name).collect();
        let expected = [
            "test_not_empty",
            "materialization_cube_duckdb",
            "materialization_cube_default",
            "s",
            "d",
        ];
        assert_eq!(names, expected);
        assert_eq!(found[1].languages, ["sql", "python"]);
        assert_eq!(
            found[3].body_text(),
            "{% raw %}{% endsnapshot %}{% endraw %}"
        );
    }

    #[test]
    fn a_block_that_is_not_closed_is_placed_at_its_tag() {
        let err = fails("\n  {% macro a() %}");
        assert_eq!(
            err,
            "`{% macro %}` is never closed by `{% endmacro %}`\n  --> macros/a.sql:2:3"
        );
    }

    #[test]
    fn a_heading_says_what_was_expected() {
        let err = fails("{% macro a %}{% endmacro %}");
        assert_eq!(
            err,
            "expected `(` before the end of the tag\n  --> macros/a.sql:1:12"
        );
    }
}
