//! One CSV record: where its fields begin and end. Copies nothing.

use std::borrow::Cow;

use super::Dialect;

/// A field as a range of bytes of its record, without its quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field {
    start: usize,
    end: usize,
    /// Whether it stood in quotes.
    pub(super) quoted: bool,
    escaped: bool,
}

impl Field {
    /// Returns the value; `text` is its record's, `quote` what is doubled in it.
    pub(super) fn unescaped<'t>(&self, text: &'t str, quote: Option<char>) -> Cow<'t, str> {
        let value = text.get(self.start..self.end).unwrap_or_default();
        match quote.filter(|_| self.escaped) {
            Some(quote) => {
                Cow::Owned(value.replace(&format!("{quote}{quote}"), &quote.to_string()))
            }
            None => Cow::Borrowed(value),
        }
    }
}

/// Where a record ends.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// End of its text, in bytes of the block.
    pub(super) end: usize,
    /// Start of the next.
    pub(super) next: usize,
    /// How many line ends it holds, its own included.
    pub(super) n_newlines: u64,
    /// What is wrong, and at which byte of the record.
    pub(super) fault: Option<(usize, &'static str)>,
}

/// Finds the record that starts at byte `start` of `bytes` and puts its fields in place of those in `fields`.
///
/// A quote opens a field only as its first byte; elsewhere it is an ordinary character. After a broken field
/// the rest up to the next delimiter or line end is passed over, as the cutter does.
pub(super) fn record(
    bytes: &[u8],
    start: usize,
    dialect: Dialect,
    fields: &mut Vec<Field>,
) -> Record {
    fields.clear();
    let mut found = Record {
        end: bytes.len(),
        next: bytes.len(),
        n_newlines: 0,
        fault: None,
    };
    let mut at = start;
    loop {
        let (field, after) = match dialect.quote.filter(|quote| bytes.get(at) == Some(quote)) {
            Some(quote) => quoted(bytes, at, quote, &mut found),
            None => (
                Field {
                    start: at,
                    end: at,
                    quoted: false,
                    escaped: false,
                },
                at,
            ),
        };
        let stop = memchr::memchr2(dialect.delimiter, b'\n', &bytes[after..]).map(|n| after + n);
        let end = stop.unwrap_or(bytes.len());
        let ends_line = stop.is_none_or(|stop| bytes[stop] == b'\n');
        let text_end = end - usize::from(ends_line && end > after && bytes[end - 1] == b'\r');
        if field.quoted && text_end > after && found.fault.is_none() {
            found.fault = Some((after - start, "text after the quote that closes a field"));
        }
        let field_end = if field.quoted { field.end } else { text_end };
        fields.push(Field {
            start: field.start - start,
            end: field_end - start,
            ..field
        });
        if ends_line {
            found.end = text_end;
            found.next = stop.map_or(bytes.len(), |stop| stop + 1);
            found.n_newlines += u64::from(stop.is_some());
            return found;
        }
        at = end + 1;
    }
}

/// Returns the field whose opening quote is at byte `open`, and the byte after its closing quote.
fn quoted(bytes: &[u8], open: usize, quote: u8, found: &mut Record) -> (Field, usize) {
    let start = open + 1;
    let mut escaped = false;
    let mut at = start;
    while let Some(close) = memchr::memchr(quote, &bytes[at..]).map(|n| at + n) {
        if bytes.get(close + 1) != Some(&quote) {
            found.n_newlines += super::super::blocks::n_newlines(&bytes[start..close]);
            return (
                Field {
                    start,
                    end: close,
                    quoted: true,
                    escaped,
                },
                close + 1,
            );
        }
        escaped = true;
        at = close + 2;
    }
    // The cutter hands out no record with an open quote but as a broken one, which is not parsed for its fields.
    found.fault = Some((0, super::cut::UNCLOSED));
    (
        Field {
            start,
            end: bytes.len(),
            quoted: true,
            escaped,
        },
        bytes.len(),
    )
}

/// Returns where the field after the first `n_columns` starts, in bytes of its record, if there is one.
pub(super) fn excess(fields: &[Field], n_columns: usize) -> Option<usize> {
    fields
        .get(n_columns)
        .map(|field| field.start - usize::from(field.quoted))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIALECT: Dialect = Dialect {
        delimiter: b',',
        quote: Some(b'"'),
    };

    fn fields(text: &str) -> (Vec<String>, Record) {
        let mut fields = Vec::new();
        let found = record(text.as_bytes(), 0, DIALECT, &mut fields);
        let values = fields
            .iter()
            .map(|field| field.unescaped(&text[..found.end], Some('"')).into_owned());
        (values.collect(), found)
    }

    #[test]
    fn quotes_are_undone_and_line_ends_in_them_counted() {
        let (values, found) = fields("1,\"a, \"\"b\"\"\nc\",\r\nnext");
        assert_eq!(values, ["1", "a, \"b\"\nc", ""]);
        assert_eq!((found.n_newlines, found.fault), (2, None));
        assert_eq!(found.next, 17);
    }

    #[test]
    fn a_quote_inside_a_field_is_an_ordinary_character() {
        assert_eq!(fields("5\" pipe,x").0, ["5\" pipe", "x"]);
    }

    #[test]
    fn text_after_a_closing_quote_is_a_fault_at_its_place() {
        let (values, found) = fields("a,\"b\"c,d\n");
        assert_eq!(values.len(), 3);
        assert_eq!(found.fault.unwrap().0, 5);
    }

    #[test]
    fn a_last_line_without_a_line_end_is_a_record() {
        let (values, found) = fields("a,b");
        assert_eq!(values, ["a", "b"]);
        assert_eq!((found.end, found.next, found.n_newlines), (3, 3, 0));
    }
}
