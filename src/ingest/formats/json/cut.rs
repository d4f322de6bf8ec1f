//! Finds where JSON records end: between the elements of an array, between values, or at line ends.

use std::path::PathBuf;

use memchr::memrchr;

use super::text::{skip_space, skip_string, skip_value};
use crate::diagnostic::{Diagnostic, Result};
use crate::ingest::formats::blocks::{Cut, Cutter, Position};

/// Cuts after the last line end: one record a line.
pub(super) struct LineCutter;

impl Cutter for LineCutter {
    fn cut(&mut self, buffer: &[u8], _: Position, last: bool) -> Result<Cut> {
        Ok(match memrchr(b'\n', buffer) {
            _ if last => Cut::At(buffer.len()),
            Some(newline) => Cut::At(newline + 1),
            None => Cut::More,
        })
    }

    fn end(&self, _: Position) -> Result<()> {
        Ok(())
    }
}

/// Where in a file a cutter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before the first record.
    Before,
    /// Among the elements of an array.
    Array,
    /// Among values that follow each other, without an array around them.
    Values,
    /// After the array.
    After,
}

/// Cuts between the elements of one array, or between values that follow each other.
///
/// Cost: one pass over the bytes that looks at brackets and quotes only.
pub(super) struct ElementCutter {
    shown: PathBuf,
    /// Keys that lead to the array.
    records: Vec<String>,
    place: Place,
}

impl ElementCutter {
    /// Looks for the array at the end of the keys `records`; the whole file when there are none.
    pub(super) fn new(shown: PathBuf, records: Vec<String>) -> Self {
        Self {
            shown,
            records,
            place: Place::Before,
        }
    }

    /// Describes what is wrong after `before`, which begins at `from`.
    fn wrong(&self, what: impl Into<String>, before: &[u8], from: Position) -> Diagnostic {
        from.after(before).of(Diagnostic::data(what), &self.shown)
    }

    fn cut_off(&self, buffer: &[u8], at: usize, from: Position) -> anyhow::Error {
        let what = format!(
            "`{}` is cut off in the middle of a record",
            self.shown.display()
        );
        let begins = from.after(&buffer[..at]).line;
        self.wrong(what, buffer, from)
            .note(format!(
                "the record that is cut off begins in line {begins}"
            ))
            .hint("fetch the file again, complete, from where it came")
            .into()
    }

    /// Passes over what stands before the first record.
    fn begin(&mut self, buffer: &[u8], from: Position, last: bool) -> Result<Cut> {
        let mut at = skip_space(buffer, 0);
        for key in &self.records {
            match find_key(buffer, at, key) {
                Found::At(value) => at = value,
                Found::More if last => return Err(self.cut_off(buffer, at, from)),
                Found::More => return Ok(Cut::More),
                Found::Nothing => {
                    let path = self.records.join(".");
                    return Err(self
                        .wrong(format!("nothing stands at `records: {path}`: no key `{key}` here"), &buffer[..at], from)
                        .hint("correct `records:`, the keys that lead to the array of records, joined by dots")
                        .into());
                }
            }
        }
        match buffer.get(at) {
            Some(b'[') => {
                self.place = Place::Array;
                Ok(Cut::Skip(at + 1))
            }
            Some(_) if self.records.is_empty() => {
                self.place = Place::Values;
                self.elements(buffer, from, last)
            }
            Some(_) => Err(self
                .wrong(
                    format!("`records: {}` is no array", self.records.join(".")),
                    &buffer[..at],
                    from,
                )
                .hint("name the keys that lead to an array of objects")
                .into()),
            None if last => Ok(Cut::End),
            None => Ok(Cut::More),
        }
    }

    /// Cuts after the last whole element.
    fn elements(&mut self, buffer: &[u8], from: Position, last: bool) -> Result<Cut> {
        let mut at = 0;
        let mut end = 0;
        loop {
            at = skip_between(buffer, at);
            match buffer.get(at) {
                None => break,
                Some(b']') if self.place == Place::Array => {
                    self.place = Place::After;
                    return Ok(if end > 0 {
                        Cut::At(end)
                    } else {
                        Cut::Skip(at + 1)
                    });
                }
                Some(b']' | b'}' | b':') => {
                    let what = format!(
                        "`{}` stands where a record should begin",
                        char::from(buffer[at])
                    );
                    let wrong = self.wrong(what, &buffer[..at], from);
                    return Err(wrong.hint("correct the JSON there").into());
                }
                Some(_) => match skip_value(buffer, at, last) {
                    Some(after) => (at, end) = (after, after),
                    None => break,
                },
            }
        }
        Ok(match () {
            () if end > 0 => Cut::At(end),
            () if last && at < buffer.len() => return Err(self.cut_off(buffer, at, from)),
            () if last => Cut::Skip(buffer.len()),
            () => Cut::More,
        })
    }

    /// Makes sure that nothing follows a whole file's array.
    fn after(&self, buffer: &[u8], from: Position) -> Result<Cut> {
        if !self.records.is_empty() {
            return Ok(Cut::End);
        }
        // The bracket itself is still there when elements were cut before it.
        let mut at = skip_between(buffer, 0);
        if buffer.get(at) == Some(&b']') {
            at = skip_space(buffer, at + 1);
        }
        if at < buffer.len() {
            let wrong = self.wrong("text follows the array of records", &buffer[..at], from);
            return Err(wrong
                .hint("one file holds one array; for several records a line, `format: ndjson`")
                .into());
        }
        Ok(Cut::Skip(at))
    }
}

impl Cutter for ElementCutter {
    fn cut(&mut self, buffer: &[u8], from: Position, last: bool) -> Result<Cut> {
        match self.place {
            Place::Before => self.begin(buffer, from, last),
            Place::Array | Place::Values => self.elements(buffer, from, last),
            Place::After => self.after(buffer, from),
        }
    }

    fn end(&self, from: Position) -> Result<()> {
        if self.place != Place::Array {
            return Ok(());
        }
        let what = format!(
            "`{}` ends before its array of records is closed",
            self.shown.display()
        );
        Err(from
            .of(Diagnostic::data(what), &self.shown)
            .hint("fetch the file again, complete, from where it came")
            .into())
    }
}

/// Returns the first byte from `at` on that is neither white space nor a comma.
pub(super) fn skip_between(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at) == Some(&b',') || skip_space(bytes, at) > at {
        at = skip_space(bytes, at + usize::from(bytes[at] == b','));
    }
    at
}

enum Found {
    At(usize),
    More,
    Nothing,
}

/// Looks for the value of `key` in the object that starts at `at`.
fn find_key(bytes: &[u8], at: usize, key: &str) -> Found {
    match bytes.get(at) {
        Some(b'{') => {}
        Some(_) => return Found::Nothing,
        None => return Found::More,
    }
    let mut at = at + 1;
    loop {
        at = skip_between(bytes, at);
        match bytes.get(at) {
            Some(b'"') => {}
            Some(_) => return Found::Nothing,
            None => return Found::More,
        }
        let Some(key_end) = skip_string(bytes, at + 1) else {
            return Found::More;
        };
        let found = bytes[at + 1..key_end - 1] == *key.as_bytes();
        let colon = skip_space(bytes, key_end);
        match bytes.get(colon) {
            Some(b':') => at = skip_space(bytes, colon + 1),
            Some(_) => return Found::Nothing,
            None => return Found::More,
        }
        if found {
            return if at < bytes.len() {
                Found::At(at)
            } else {
                Found::More
            };
        }
        let Some(end) = skip_value(bytes, at, false) else {
            return Found::More;
        };
        at = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_after_the_last_line_end() {
        assert_eq!(
            LineCutter
                .cut(b"{}\n{}\n{", Position::START, false)
                .unwrap(),
            Cut::At(6)
        );
        assert_eq!(
            LineCutter.cut(b"{}", Position::START, true).unwrap(),
            Cut::At(2)
        );
    }

    #[test]
    fn keys_lead_to_the_records_whatever_stands_before_them() {
        let mut cutter = ElementCutter::new("x.json".into(), vec!["data".into(), "items".into()]);
        let text = br#"{"meta":{"items":[0]},"data":{"n":"]","items":[{"a":1}],"z":1}}"#;
        assert_eq!(
            cutter.cut(text, Position::START, true).unwrap(),
            Cut::Skip(47)
        );
        assert_eq!(
            cutter.cut(&text[47..], Position::START, true).unwrap(),
            Cut::At(7)
        );
        assert_eq!(
            cutter.cut(&text[54..], Position::START, true).unwrap(),
            Cut::End
        );
    }

    #[test]
    fn a_file_that_ends_in_a_record_or_before_the_bracket_is_cut_off() {
        for text in [
            "[{\"a\":1},\n{\"a\":",
            "[{\"a\":1},\n{\"a\":1}\n",
            "[",
            "{\"a\":",
        ] {
            let mut cutter = ElementCutter::new("x.json".into(), Vec::new());
            let mut rest = text.as_bytes();
            let err = loop {
                if rest.is_empty() {
                    break cutter.end(Position::START).unwrap_err();
                }
                match cutter.cut(rest, Position::START, true) {
                    Ok(Cut::At(n) | Cut::Skip(n)) => rest = &rest[n..],
                    Ok(other) => panic!("{other:?}"),
                    Err(err) => break err,
                }
            };
            assert!(err.to_string().contains("x.json"), "{err}");
        }
    }
}
