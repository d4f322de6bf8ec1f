//! Results as text: `print_table()` draws what agate draws.

use minijinja::{Error, State, Value};

use super::TableObject;
use super::cells::Kind;
use crate::jinja::{self, bind};

/// agate's bounds for printed tables.
const MAX_ROWS: usize = 20;
const MAX_COLUMNS: usize = 6;
const MAX_WIDTH: usize = 20;

impl TableObject {
    /// Hands text to the one who hears what templates print.
    pub(super) fn say(&self, state: &mut State<'_, '_>, text: &str) -> Result<Value, Error> {
        let print = state.lookup("print").unwrap_or_default();
        print.call(state, &[Value::from(text)])?;
        Ok(Value::from(()))
    }

    /// `print_table(max_rows=20, max_columns=6, …, max_column_width=20)`.
    pub(super) fn print(&self, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let names = [
            "max_rows",
            "max_columns",
            "output",
            "max_column_width",
            "locale",
            "max_precision",
        ];
        let bound = bind("print_table", &names, 0, args)?;
        let bound = |index: usize, default: usize| match &bound[index] {
            Some(value) if value.is_none() => usize::MAX,
            Some(value) => value.as_usize().unwrap_or(default),
            None => default,
        };
        let drawn = self.drawn(
            bound(0, MAX_ROWS),
            bound(1, MAX_COLUMNS),
            bound(3, MAX_WIDTH),
        );
        self.say(state, &drawn)
    }

    fn drawn(&self, max_rows: usize, max_columns: usize, max_width: usize) -> String {
        let shown = self.names.len().min(max_columns);
        let more = shown < self.names.len();
        let cut = |text: String| match text.chars().count() > max_width {
            true => text
                .chars()
                .take(max_width.saturating_sub(3))
                .chain("...".chars())
                .collect(),
            false => text,
        };
        let cell = |value: &Value| match value.is_none() {
            true => String::new(),
            false => cut(jinja::text(value)),
        };
        let mut lines: Vec<Vec<String>> = vec![
            self.names
                .iter()
                .take(shown)
                .map(|name| cut(name.clone()))
                .collect(),
        ];
        let rows = self.rows.iter().take(max_rows);
        lines.extend(rows.map(|row| row.iter().take(shown).map(cell).collect()));
        if max_rows < self.rows.len() {
            lines.push(vec!["...".into(); shown]);
        }
        if more {
            lines.iter_mut().for_each(|line| line.push("...".into()));
        }
        let widths: Vec<usize> = (0..shown + usize::from(more))
            .map(|at| {
                lines
                    .iter()
                    .map(|line| line[at].chars().count())
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        let is_number =
            |at: usize| matches!(self.kinds.get(at), Some(Kind::Integer | Kind::Number));
        let draw = |line: &Vec<String>| {
            let cells = line.iter().enumerate().map(|(at, text)| {
                let fill = " ".repeat(widths[at] - text.chars().count());
                if at < shown && is_number(at) {
                    format!("{fill}{text}")
                } else {
                    format!("{text}{fill}")
                }
            });
            format!("| {} |", cells.collect::<Vec<_>>().join(" | "))
        };
        let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
        let mut drawn = vec![draw(&lines[0]), format!("| {} |", rule.join(" | "))];
        drawn.extend(lines[1..].iter().map(draw));
        drawn.join("\n")
    }

    /// Returns the rows as CSV with a header.
    pub(super) fn csv(&self) -> String {
        let quoted = |text: String| match text.contains([',', '"', '\n']) {
            true => format!("\"{}\"", text.replace('"', "\"\"")),
            false => text,
        };
        let cell = |value: &Value| {
            if value.is_none() {
                String::new()
            } else {
                quoted(jinja::text(value))
            }
        };
        let mut lines = vec![
            self.names
                .iter()
                .cloned()
                .map(quoted)
                .collect::<Vec<_>>()
                .join(","),
        ];
        let rows = self
            .rows
            .iter()
            .map(|row| row.iter().map(cell).collect::<Vec<_>>().join(","));
        lines.extend(rows);
        lines.join("\n")
    }
}
