//! Rows of a database on their way into the lake: compressed CSV in which every value is the text the database
//! gives, and no value (`\N`) differs from empty text. Types travel beside it and are cast when it is loaded.

use std::io::Write;

use crate::diagnostic::{Diagnostic, Result};
use crate::ingest::formats::Reading;
use crate::ingest::lake::{Draft, Lake};

/// How no value is written; text that reads the same is quoted.
pub(super) const NULL: &str = "\\N";
/// Fast rather than small.
const LEVEL: i32 = 1;

/// A table being written.
pub(super) struct Extract {
    out: zstd::Encoder<'static, Draft>,
    line: Vec<u8>,
    n_cells: usize,
}

impl Extract {
    /// Begins a table with a header, or without one where the database writes it.
    ///
    /// # Errors
    /// `Environment` when the lake cannot be written.
    pub(super) fn begin<'n>(lake: &Lake, header: impl Iterator<Item = &'n str>) -> Result<Self> {
        let out = zstd::Encoder::new(lake.draft()?, LEVEL).map_err(unwritable)?;
        let mut extract = Self {
            out,
            line: Vec::new(),
            n_cells: 0,
        };
        for name in header {
            extract.cell(Some(name.as_bytes()));
        }
        if extract.n_cells > 0 {
            extract.end_row()?;
        }
        Ok(extract)
    }

    /// Adds a value to the row.
    pub(super) fn cell(&mut self, value: Option<&[u8]>) {
        if self.n_cells > 0 {
            self.line.push(b',');
        }
        self.n_cells += 1;
        let Some(value) = value else {
            return self.line.extend_from_slice(NULL.as_bytes());
        };
        let is_plain = |byte: &u8| !matches!(byte, b',' | b'"' | b'\n' | b'\r');
        if !value.is_empty() && value != NULL.as_bytes() && value.iter().all(is_plain) {
            return self.line.extend_from_slice(value);
        }
        self.line.push(b'"');
        for byte in value {
            if *byte == b'"' {
                self.line.push(b'"');
            }
            self.line.push(*byte);
        }
        self.line.push(b'"');
    }

    /// Returns the row as far as it has been written.
    pub(super) fn row(&self) -> &[u8] {
        &self.line
    }

    /// Ends the row.
    ///
    /// # Errors
    /// `Environment` when the lake cannot be written.
    pub(super) fn end_row(&mut self) -> Result<()> {
        self.line.push(b'\n');
        self.out.write_all(&self.line).map_err(unwritable)?;
        self.line.clear();
        self.n_cells = 0;
        Ok(())
    }

    /// Adds bytes of CSV that the database wrote itself.
    ///
    /// # Errors
    /// `Environment` when the lake cannot be written.
    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.out.write_all(bytes).map_err(unwritable)
    }

    /// Lands the table, which came from `origin`, and returns its hash.
    ///
    /// # Errors
    /// `Environment` when the lake cannot be written.
    pub(super) fn finish(
        self,
        lake: &mut Lake,
        (origin, table): (&str, &str),
        now: jiff::Timestamp,
    ) -> Result<String> {
        let draft = self.out.finish().map_err(unwritable)?;
        lake.admit(draft, (origin, &format!("{table}.csv.zst")), now)
    }
}

/// Returns how an extract is read whose columns have these types, where they are not text; what the project
/// declares goes before what the database says.
pub(super) fn reading(
    mut declared: Vec<(String, String)>,
    types: impl Iterator<Item = (String, String)>,
) -> Reading {
    for (name, ty) in types {
        if !declared
            .iter()
            .any(|(known, _)| known.eq_ignore_ascii_case(&name))
        {
            declared.push((name, ty));
        }
    }
    Reading {
        format: Some("csv"),
        delimiter: Some(b','),
        nulls: vec![NULL.into()],
        columns: declared,
        fetched: true,
        ..Reading::default()
    }
}

/// Returns the parts of a table's name: `public.accounts`, `"My schema"."a.b"`.
pub(super) fn parts(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut inside = false;
    let mut letters = name.trim().chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if inside && letters.peek() == Some(&'"') => {
                letters.next();
                push(&mut parts, '"');
            }
            '"' => inside = !inside,
            '.' if !inside => parts.push(String::new()),
            other => push(&mut parts, other),
        }
    }
    parts
}

fn push(parts: &mut [String], letter: char) {
    if let Some(part) = parts.last_mut() {
        part.push(letter);
    }
}

fn unwritable(err: std::io::Error) -> anyhow::Error {
    Diagnostic::environment("the lake cannot be written")
        .because(err)
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_tables_are_divided_at_dots_outside_quotes() {
        assert_eq!(parts("accounts"), ["accounts"]);
        assert_eq!(parts("public.accounts"), ["public", "accounts"]);
        assert_eq!(parts(r#""My schema"."a.""b""#), ["My schema", "a.\"b"]);
    }
}
