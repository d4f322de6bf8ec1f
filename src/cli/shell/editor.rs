//! The line editor: when a statement ends, what Tab offers, how SQL is coloured.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use rustyline::completion::{Completer, FilenameCompleter, Pair};
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Context, Helper, Hinter};

use crate::cli::query::{Piece, is_complete, pieces};

use super::words::Words;

/// Answers the editor's questions from the words that the shell keeps up to date.
#[derive(Helper, Hinter)]
pub(super) struct Assistant {
    pub(super) words: Rc<RefCell<Words>>,
    pub(super) color: bool,
}

impl Completer for Assistant {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        cursor: usize,
        ctx: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        if [".read ", ".output "]
            .iter()
            .any(|command| line.starts_with(command))
        {
            return FilenameCompleter::new().complete(line, cursor, ctx);
        }
        let (start, choices) = self.words.borrow().complete(line, cursor);
        let pair = |word: String| Pair {
            display: word.clone(),
            replacement: word,
        };
        Ok((start, choices.into_iter().map(pair).collect()))
    }
}

impl Validator for Assistant {
    fn validate(&self, ctx: &mut ValidationContext) -> rustyline::Result<ValidationResult> {
        let input = ctx.input();
        let ends = input.trim_start().starts_with('.') || is_complete(input);
        Ok(if ends {
            ValidationResult::Valid(None)
        } else {
            ValidationResult::Incomplete
        })
    }
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, _cursor: usize) -> Cow<'l, str> {
        if !self.color || line.trim_start().starts_with('.') {
            return line.into();
        }
        let words = self.words.borrow();
        let mut styled = String::new();
        for (kind, range) in pieces(line) {
            let text = &line[range];
            let style = match kind {
                Piece::Plain if words.is_reserved(text) => "1;36",
                Piece::Plain if text.starts_with(|c: char| c.is_ascii_digit()) => "35",
                Piece::Quoted | Piece::Open if text.starts_with(['\'', 'e', 'E', '$']) => "32",
                Piece::Comment | Piece::Open if text.starts_with(['-', '/']) => "2",
                _ => "",
            };
            match style {
                "" => styled.push_str(text),
                style => styled += &format!("\x1b[{style}m{text}\x1b[0m"),
            }
        }
        styled.into()
    }

    fn highlight_char(&self, _line: &str, _cursor: usize, kind: CmdKind) -> bool {
        self.color && kind != CmdKind::MoveCursor
    }
}
