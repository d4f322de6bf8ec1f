//! The way back from a line of rendered text to the line of the template, by marks in the text. Used after an error only.
//!
//! A mark is three characters of Unicode's private use planes: a sign and two digits of the line number. Marks stand where no
//! tag removes whitespace: before the first other character of a line, and in a print of their own before each print. Text
//! that becomes a value (`set`, `filter` and call blocks, macros) gets none.

use std::path::{Path, PathBuf};

use super::blocks::as_u32;
use super::tokens::{Part, Piece};
use crate::diagnostic::At;

const SIGN: char = '\u{f0000}';
const ZERO: u32 = 0xf_0001;
const BASE: u32 = 0x4000;

/// The lines of a rendered text and where they came from.
#[derive(Debug)]
pub struct Trace {
    file: PathBuf,
    lines: Vec<Option<u32>>,
}

impl Trace {
    /// Returns the place in the template of a line of the rendered text, counted from 1.
    #[must_use]
    pub fn origin(&self, line: u32) -> Option<At> {
        let index = usize::try_from(line).ok()?.checked_sub(1)?;
        let origin = (*self.lines.get(index)?)?;
        Some(At::new(&self.file, origin, 0))
    }

    /// Reads the marks of a rendered text.
    pub(crate) fn read(file: &Path, rendered: &str) -> Self {
        let mut last = None;
        let mut lines = Vec::new();
        for line in rendered.split('\n') {
            let mut marks = line
                .char_indices()
                .filter(|(_, c)| *c == SIGN)
                .map(|(at, _)| number(&line[at..]));
            let first = marks.next().flatten();
            lines.push(first.or(last));
            last = marks.next_back().flatten().or(first).or(last);
        }
        Self {
            file: file.to_owned(),
            lines,
        }
    }
}

/// Reads the mark at the beginning of `text`.
fn number(text: &str) -> Option<u32> {
    let mut digits = text.chars().skip(1).map(|c| (c as u32).checked_sub(ZERO));
    Some(digits.next()?? * BASE + digits.next()??)
}

fn push_mark(out: &mut String, line: usize) {
    let line = as_u32(line).min(BASE * BASE - 1);
    let digits = [line / BASE, line % BASE].map(|digit| char::from_u32(ZERO + digit));
    out.push(SIGN);
    out.extend(digits.into_iter().flatten());
}

/// Returns by how much a tag changes the number of blocks around that make text a value.
pub(crate) fn captures(text: &str, part: &Part) -> i32 {
    let inline = || {
        part.tokens
            .iter()
            .any(|token| &text[token.range.clone()] == "=")
    };
    match part.tag(text) {
        "filter" => 1,
        "set" if !inline() => 1,
        "endfilter" | "endset" => -1,
        _ => 0,
    }
}

/// Writes a text with its marks and returns true; before a print writes its mark only and returns false.
pub(crate) fn mark(text: &str, part: &Part, out: &mut String) -> bool {
    let mut number = text[..part.outer.start].matches('\n').count() + 1;
    match part.piece {
        Piece::Print => {
            out.push_str(if part.trims_before(text) {
                "{{- '"
            } else {
                "{{ '"
            });
            push_mark(out, number);
            out.push_str("' }}");
            false
        }
        Piece::Text => {
            for (index, line) in text[part.outer.clone()].split('\n').enumerate() {
                if index > 0 {
                    out.push('\n');
                    number += 1;
                }
                let begins = line.len() - line.trim_start().len();
                out.push_str(&line[..begins]);
                if begins < line.len() {
                    push_mark(out, number);
                    out.push_str(&line[begins..]);
                }
            }
            true
        }
        _ => false,
    }
}
