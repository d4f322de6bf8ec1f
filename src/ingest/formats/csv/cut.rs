//! Finds where CSV records end, without looking at each field.

use memchr::{memchr, memrchr};

use super::Dialect;
use crate::diagnostic::Result;
use crate::ingest::formats::blocks::{Cut, Cutter, Position};

/// Why a record with an open quote is set aside.
pub(super) const UNCLOSED: &str = "a quote opens a field and is never closed";
/// A quoted field still open after this many bytes is taken for one that is never closed.
const LONGEST_QUOTED: usize = 16 << 20;

/// Cuts after the last line end that stands outside quotes.
///
/// A buffer without quotes costs one search; with quotes, the cost grows with their number. A quote that is
/// never closed costs its line only: the line is cut off as broken, and what follows is read as usual.
pub(super) struct CsvCutter {
    pub(super) dialect: Dialect,
}

impl Cutter for CsvCutter {
    fn cut(&mut self, buffer: &[u8], _: Position, last: bool) -> Result<Cut> {
        let mut start = 0;
        let mut at = 0;
        while let Some(quote) = self.dialect.quote
            && let Some(found) = memchr(quote, &buffer[at..]).map(|n| at + n)
        {
            if let Some(newline) = memrchr(b'\n', &buffer[at..found]) {
                start = at + newline + 1;
            }
            if !self.opens(buffer, found, start) {
                at = found + 1;
                continue;
            }
            match closes(buffer, found + 1, quote, last) {
                Some(close) => at = close + 1,
                None if start > 0 => return Ok(Cut::At(start)),
                None if last || buffer.len() > LONGEST_QUOTED => {
                    let end = memchr(b'\n', buffer).map_or(buffer.len(), |newline| newline + 1);
                    return Ok(Cut::Broken(end, UNCLOSED));
                }
                None => return Ok(Cut::More),
            }
        }
        if last {
            return Ok(Cut::At(buffer.len()));
        }
        let end = memrchr(b'\n', &buffer[at..]).map_or(start, |newline| at + newline + 1);
        Ok(if end > 0 { Cut::At(end) } else { Cut::More })
    }

    fn end(&self, _: Position) -> Result<()> {
        Ok(())
    }
}

impl CsvCutter {
    /// Returns whether the quote at byte `at` is the first of a field; `start` is where its record begins.
    fn opens(&self, buffer: &[u8], at: usize, start: usize) -> bool {
        at == start || buffer[at - 1] == self.dialect.delimiter
    }
}

/// Returns the quote that closes the field begun before byte `at`; `None` when it is not in the buffer.
fn closes(buffer: &[u8], mut at: usize, quote: u8, last: bool) -> Option<usize> {
    loop {
        let close = at + memchr(quote, &buffer[at..])?;
        match buffer.get(close + 1) {
            Some(next) if *next == quote => at = close + 2,
            None if !last => return None,
            _ => return Some(close),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, last: bool) -> Cut {
        let dialect = Dialect {
            delimiter: b',',
            quote: Some(b'"'),
        };
        CsvCutter { dialect }
            .cut(text.as_bytes(), Position::START, last)
            .unwrap()
    }

    #[test]
    fn a_line_end_in_quotes_ends_no_record() {
        assert_eq!(cut("a,b\nc,\"d\ne", false), Cut::At(4));
        assert_eq!(cut("a,\"b\nc\"\nd", false), Cut::At(8));
        assert_eq!(cut("\"b\nc", false), Cut::More);
    }

    #[test]
    fn a_record_with_two_quoted_fields_is_not_cut_between_them() {
        assert_eq!(cut("x\n\"a\nb\",\"c\nd", false), Cut::At(2));
    }

    #[test]
    fn a_quote_within_a_field_is_no_opening_one() {
        assert_eq!(cut("5\" pipe,1\nx", false), Cut::At(10));
        assert_eq!(cut("\"a\" \"b\n\"c\n\"\n", false), Cut::At(12));
    }

    #[test]
    fn a_quote_at_the_end_of_the_buffer_may_be_half_of_two() {
        assert_eq!(cut("a\n\"b\"", false), Cut::At(2));
        assert_eq!(cut("a\n\"b\"", true), Cut::At(5));
    }

    #[test]
    fn a_quote_that_is_never_closed_costs_its_line() {
        assert_eq!(cut("a,b\nc,\"d\ne,f\n", true), Cut::At(4));
        assert_eq!(cut("c,\"d\ne,f\n", true), Cut::Broken(5, UNCLOSED));
    }
}
