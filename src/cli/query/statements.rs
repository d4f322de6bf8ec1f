//! SQL text cut into statements, without understanding them: quotes, comments and `;` only.

use std::ops::Range;

/// One statement of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Statement<'a> {
    /// Its text without the closing `;` and the white space around it.
    pub(crate) sql: &'a str,
    /// Where it begins in the text, in bytes.
    pub(crate) start: usize,
}

/// Cuts `text` at each `;` that is not quoted or in a comment; what is empty but for comments is left out.
pub(crate) fn split(text: &str) -> Vec<Statement<'_>> {
    let mut statements = Vec::new();
    let mut start = 0;
    let mut has_words = false;
    for (kind, range) in pieces(text) {
        match kind {
            Piece::End => {
                statements.extend(has_words.then(|| statement(text, start..range.start)));
                (start, has_words) = (range.end, false);
            }
            Piece::Comment => {}
            Piece::Quoted | Piece::Open => has_words = true,
            Piece::Plain => has_words |= !text[range].trim().is_empty(),
        }
    }
    statements.extend(has_words.then(|| statement(text, start..text.len())));
    statements
}

/// Returns whether the last statement of `text` is closed by `;`, with nothing but comments after it.
pub(crate) fn is_complete(text: &str) -> bool {
    let mut complete = true;
    for (kind, range) in pieces(text) {
        match kind {
            Piece::End => complete = true,
            Piece::Comment => {}
            Piece::Quoted | Piece::Open => complete = false,
            Piece::Plain => complete &= text[range].trim().is_empty(),
        }
    }
    complete
}

/// Returns whether a statement answers with rows, judged by its words outside quotes and comments.
pub(crate) fn returns_rows(sql: &str) -> bool {
    const ASKING: &[&str] = &[
        "select",
        "from",
        "with",
        "values",
        "table",
        "show",
        "describe",
        "desc",
        "summarize",
        "explain",
        "pivot",
        "unpivot",
        "call",
        "pragma",
        "execute",
    ];
    let mut words = words(sql).into_iter();
    words.next().is_none_or(|first| ASKING.contains(&&*first))
        || words.any(|word| word == "returning")
}

/// Returns whether a statement is a query that could stand in another one's `from`.
pub(crate) fn is_query(sql: &str) -> bool {
    let words = words(sql);
    let first = words.first().map_or("", String::as_str);
    let changes = words.iter().any(|word| word == "returning");
    ["select", "from", "with", "values", "table"].contains(&first) && !changes
}

/// Returns whether a statement's answer is how many rows it changed.
pub(crate) fn changes_rows(sql: &str) -> bool {
    let words = words(sql);
    words
        .first()
        .is_some_and(|first| ["insert", "update", "delete", "merge", "copy"].contains(&&**first))
}

/// Returns the words outside quotes and comments, in lower case.
pub(crate) fn words(sql: &str) -> Vec<String> {
    let is_word = |word: &str| word.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    pieces(sql)
        .filter(|(kind, range)| *kind == Piece::Plain && is_word(&sql[range.clone()]))
        .map(|(_, range)| sql[range].to_lowercase())
        .collect()
}

/// Cuts a text into words, quotes, comments and what is between them; together they are the text.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = (Piece, Range<usize>)> {
    Pieces { text, at: 0 }
}

fn statement(text: &str, range: Range<usize>) -> Statement<'_> {
    let whole = &text[range.clone()];
    Statement {
        sql: whole.trim(),
        start: range.start + whole.len() - whole.trim_start().len(),
    }
}

/// What a part of a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece {
    /// One word, or what is between words.
    Plain,
    /// A string or a quoted name, closed.
    Quoted,
    /// A string, name or comment that the text ends in.
    Open,
    /// A comment, closed or at the end of the text.
    Comment,
    /// A `;`.
    End,
}

struct Pieces<'a> {
    text: &'a str,
    at: usize,
}

impl Iterator for Pieces<'_> {
    type Item = (Piece, Range<usize>);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = &self.text[self.at..];
        let (kind, length) = match rest.as_bytes() {
            [] => return None,
            [b';', ..] => (Piece::End, 1),
            [b'-', b'-', ..] => (Piece::Comment, rest.find('\n').unwrap_or(rest.len())),
            [b'/', b'*', ..] => closed(rest, 2, "*/", Piece::Comment),
            [b'\'', ..] => closed(rest, 1, "'", Piece::Quoted),
            [b'"', ..] => closed(rest, 1, "\"", Piece::Quoted),
            [b'e' | b'E', b'\'', ..] => escaped(rest),
            _ => match dollar_tag(rest) {
                Some(tag) => closed(rest, tag.len(), tag, Piece::Quoted),
                None => (Piece::Plain, plain(rest)),
            },
        };
        let range = self.at..self.at + length;
        self.at = range.end;
        Some((kind, range))
    }
}

/// Length of a whole word, or else of what is up to the next word, quote, comment or `;`.
fn plain(rest: &str) -> usize {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let first = rest.chars().next().unwrap_or_default();
    let after = &rest[first.len_utf8()..];
    let end = match is_word(first) {
        true => after.find(|c| !is_word(c) && c != '$'),
        false => after.find(|c| is_word(c) || matches!(c, ';' | '-' | '/' | '\'' | '"' | '$')),
    };
    end.map_or(rest.len(), |at| first.len_utf8() + at)
}

/// Length of what begins with `skip` bytes and ends with `end`. A doubled quote begins a piece of its own.
fn closed(rest: &str, skip: usize, end: &str, kind: Piece) -> (Piece, usize) {
    match rest[skip..].find(end) {
        Some(at) => (kind, skip + at + end.len()),
        None => (Piece::Open, rest.len()),
    }
}

/// Length of `E'…'`, where a backslash keeps a quote from closing.
fn escaped(rest: &str) -> (Piece, usize) {
    let mut backslash = false;
    for (at, byte) in rest.bytes().enumerate().skip(2) {
        if byte == b'\'' && !backslash {
            return (Piece::Quoted, at + 1);
        }
        backslash = byte == b'\\' && !backslash;
    }
    (Piece::Open, rest.len())
}

/// Returns `$$` or `$tag$` at the beginning of `rest`.
fn dollar_tag(rest: &str) -> Option<&str> {
    let (name, _) = rest.strip_prefix('$')?.split_once('$')?;
    let is_name = name.chars().all(|c| c.is_alphanumeric() || c == '_');
    (is_name && !name.starts_with(|c: char| c.is_ascii_digit())).then(|| &rest[..name.len() + 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<&str> {
        split(text).iter().map(|statement| statement.sql).collect()
    }

    #[test]
    fn a_semicolon_in_quotes_or_comments_does_not_end_a_statement() {
        assert_eq!(texts("select ';' ; select 1"), ["select ';'", "select 1"]);
        assert_eq!(
            texts("select 'it''s;'; select 2"),
            ["select 'it''s;'", "select 2"]
        );
        assert_eq!(
            texts("select E'\\';'; select 3"),
            ["select E'\\';'", "select 3"]
        );
        assert_eq!(
            texts("select $$;$$; select $a$;$$;$a$"),
            ["select $$;$$", "select $a$;$$;$a$"]
        );
        assert_eq!(
            texts("select \"a;b\"; -- no; more\n/* ; */"),
            ["select \"a;b\""]
        );
        assert_eq!(texts("select $1; select $2"), ["select $1", "select $2"]);
        assert_eq!(
            texts("select case when true then 'e;' else';' end"),
            ["select case when true then 'e;' else';' end"]
        );
    }

    #[test]
    fn a_statement_knows_where_it_begins() {
        let text = "select 1;\n\n  select é;";
        assert_eq!(split(text)[1].start, text.find("select é").unwrap());
    }

    #[test]
    fn text_without_a_closing_semicolon_or_quote_is_not_complete() {
        for text in [
            "select 1;",
            "select 1; -- done",
            "",
            "-- only words",
            "select ';';\n",
        ] {
            assert!(is_complete(text), "{text}");
        }
        for text in [
            "select 1",
            "select ';",
            "select 1; select",
            "select $$ ;",
            "/* ;",
            "select 'a' ';",
        ] {
            assert!(!is_complete(text), "{text}");
        }
    }

    #[test]
    fn statements_that_answer_with_rows_are_known_by_their_words() {
        for sql in [
            "select 1",
            "FROM t",
            "(select 1)",
            "-- a\nwith x as (select 1) from x",
            "explain select 1",
        ] {
            assert!(returns_rows(sql), "{sql}");
        }
        assert!(returns_rows("insert into t values (1) returning a"));
        for sql in [
            "create table t as select 1",
            "insert into t values ('returning')",
            "set threads = 1",
        ] {
            assert!(!returns_rows(sql), "{sql}");
        }
        assert!(changes_rows("delete from t") && !changes_rows("create table t(a int)"));
    }
}
