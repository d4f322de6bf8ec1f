//! Where in the SQL an error is, shown with its line and a caret.

use crate::diagnostic::{Diagnostic, Kind, nearest};
use crate::engine::SqlError;

use super::{Source, Statement};

const WRITE: &str = "`wh query --write` may change it";

/// Rewrites what the engine says of a statement so that it names the place in `source`.
///
/// `sql` is the text of `source` after Jinja, `statement` a part of it, `names` those of the warehouse's relations. Errors that the engine did not raise,
/// or that have a place already, stay as they are.
pub(crate) fn located(
    err: anyhow::Error,
    source: &Source,
    sql: &str,
    statement: &Statement,
    names: &[String],
) -> anyhow::Error {
    let Some(refusal) = err
        .chain()
        .find_map(|cause| cause.downcast_ref::<SqlError>())
    else {
        return err;
    };
    let kind = err
        .downcast_ref::<Diagnostic>()
        .map_or(Kind::Data, Diagnostic::kind);
    if refusal.message.contains("read-only mode") {
        return Diagnostic::new(kind, "the warehouse is open for reading only")
            .hint(WRITE)
            .into();
    }
    let (what, hint) = sentence(&refusal.message);
    let hint = nearer(&refusal.message, names).or(hint);
    let mut diagnostic = Diagnostic::new(kind, what);
    // The engine may have got the statement inside another one.
    let begin = refusal.statement.find(statement.sql);
    let offset = refusal
        .offset
        .zip(begin)
        .and_then(|(offset, begin)| offset.checked_sub(begin));
    if let Some(offset) = offset {
        let spot = Spot::of(sql, statement.start + offset);
        let (line, column) = spot.in_template(&source.text, sql);
        diagnostic = diagnostic
            .at_line(&source.name, line, column)
            .note(spot.picture());
    }
    match hint {
        Some(hint) => diagnostic.hint(hint).into(),
        None => diagnostic.into(),
    }
}

/// Returns the name that a statement may have meant, where the engine only lists what there is, or what it has itself.
fn nearer(message: &str, names: &[String]) -> Option<String> {
    let (first, rest) = message.split_once('\n').unwrap_or((message, ""));
    let near = if let Some((_, missing)) = first.split_once("Table with name ") {
        let missing = missing.split_once(" does not exist")?.0;
        nearest(missing, names.iter().map(String::as_str))?.to_owned()
    } else {
        let (_, bindings) = rest.split_once("Candidate bindings: ")?;
        let missing = first.split('"').nth(1)?;
        let columns = bindings.split('"').skip(1).step_by(2);
        nearest(missing, columns)?.to_owned()
    };
    Some(format!("did you mean `{near}`?"))
}

/// Returns the engine's first line as a diagnostic's, and the others as its hint.
fn sentence(message: &str) -> (String, Option<String>) {
    let (first, rest) = message
        .trim()
        .split_once('\n')
        .unwrap_or((message.trim(), ""));
    let first = match first.split_once("Error: ") {
        Some((kind, what)) if kind.split(' ').count() <= 3 => what,
        _ => first,
    };
    let rest = rest
        .split('\n')
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>();
    let hint = (!rest.is_empty()).then(|| lower(&rest.join(" ")));
    (lower(first.trim_end_matches(['.', '!'])), hint)
}

/// Writes the first letter small, unless the word is in capitals.
fn lower(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next();
    let capitals = letters.as_str().starts_with(char::is_uppercase);
    match first {
        Some(first) if !capitals => first.to_lowercase().to_string() + letters.as_str(),
        _ => text.to_owned(),
    }
}

/// A line of SQL and a place in it.
struct Spot<'a> {
    /// From 1.
    line: u32,
    text: &'a str,
    /// Bytes of the line before the place.
    before: usize,
}

impl<'a> Spot<'a> {
    fn of(sql: &'a str, offset: usize) -> Self {
        let mut offset = offset.min(sql.len());
        while !sql.is_char_boundary(offset) {
            offset -= 1;
        }
        let begin = sql[..offset].rfind('\n').map_or(0, |at| at + 1);
        let text = sql[begin..].lines().next().unwrap_or_default();
        Self {
            line: number(sql[..begin].matches('\n').count() + 1),
            text,
            before: (offset - begin).min(text.len()),
        }
    }

    /// Returns line and column in the template, 0 where Jinja moved them.
    fn in_template(&self, template: &str, sql: &str) -> (u32, u32) {
        let column = number(self.text[..self.before].chars().count() + 1);
        if template.lines().count() != sql.lines().count() {
            return (0, 0);
        }
        let line = template
            .lines()
            .nth(self.line as usize - 1)
            .unwrap_or_default();
        let unmoved = line
            .as_bytes()
            .starts_with(&self.text.as_bytes()[..self.before]);
        (self.line, if unmoved { column } else { 0 })
    }

    fn picture(&self) -> String {
        let number = self.line.to_string();
        let blank = |c: char| if c == '\t' { '\t' } else { ' ' };
        let indent: String = self.text[..self.before].chars().map(blank).collect();
        format!(
            "{number} | {}\n{} | {indent}^",
            self.text,
            " ".repeat(number.len())
        )
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(template: &str, sql: &str, message: &str, word: &str) -> String {
        let refusal = SqlError {
            message: message.into(),
            offset: Some(sql.find(word).unwrap() + "copy (".len()),
            statement: format!("copy ({sql}) to 'x'"),
        };
        let err = Diagnostic::data("x").because(refusal);
        let source = Source::new("q.sql", template.into());
        located(
            err.into(),
            &source,
            sql,
            &Statement { sql, start: 0 },
            &["stg_orders".into()],
        )
        .to_string()
    }

    #[test]
    fn an_error_shows_its_line_with_a_caret() {
        let sql = "select a\nfrom orderz o";
        let message =
            "Catalog Error: Table with name orderz does not exist!\nDid you mean \"orders\"?";
        insta::assert_snapshot!(shown(sql, sql, message, "orderz"), @r#"
        table with name orderz does not exist
          --> q.sql:2:6
          2 | from orderz o
            |      ^
        hint: did you mean "orders"?
        "#);
    }

    #[test]
    fn the_name_meant_is_one_of_the_warehouse_or_of_the_tables_read() {
        let message =
            "Catalog Error: Table with name stg_ordres does not exist!\nDid you mean \"pg_am\"?";
        let text = shown("from stg_ordres", "from stg_ordres", message, "stg_ordres");
        assert!(text.ends_with("hint: did you mean `stg_orders`?"), "{text}");
        let message = "Binder Error: Referenced column \"ordr_id\" not found in FROM clause!\nCandidate bindings: \"amount\", \"order_id\"";
        let text = shown("select ordr_id", "select ordr_id", message, "ordr_id");
        assert!(text.ends_with("hint: did you mean `order_id`?"), "{text}");
    }

    #[test]
    fn a_line_that_jinja_changed_before_the_place_has_no_column() {
        let template = "select x\nfrom {{ ref('a') }} wher x";
        let sql = "select x\nfrom \"main\".\"a\" wher x";
        let text = shown(template, sql, "Parser Error: syntax error", "wher");
        assert!(text.contains("--> q.sql:2\n"), "{text}");
        let text = shown(
            "{% set a = 1 %}\nselect x",
            "select x",
            "Binder Error: no x",
            "x",
        );
        assert!(text.contains("--> q.sql\n"), "{text}");
    }
}
