//! Ephemeral models become common table expressions of those that read them.

use super::plan::Node;

/// Returns the name of the common table expression that stands for an ephemeral model.
pub(super) fn name(node: &Node) -> String {
    format!("__dbt__cte__{}", node.name)
}

/// Puts `ctes` (name, SQL), inputs first, before the expressions `sql` has already.
pub(super) fn inject(sql: &str, ctes: &[(String, &str)]) -> String {
    if ctes.is_empty() {
        return sql.into();
    }
    let parts: Vec<String> = ctes
        .iter()
        .map(|(name, body)| format!("{name} as (\n{body}\n)"))
        .collect();
    let parts = parts.join(",\n");
    let start = sql.len() - after_comments(sql).len();
    let (before, rest) = sql.split_at(start);
    match keyword(rest, "with") {
        None => format!("{before}with {parts}\n{rest}"),
        Some(after) => match keyword(after.trim_start(), "recursive") {
            Some(after) => format!("{before}with recursive {parts},\n{}", after.trim_start()),
            None => format!("{before}with {parts},\n{}", after.trim_start()),
        },
    }
}

/// Returns what follows `word`, when `sql` begins with it as a whole word.
fn keyword<'a>(sql: &'a str, word: &str) -> Option<&'a str> {
    let head = sql.get(..word.len())?;
    let rest = &sql[word.len()..];
    let whole = rest.starts_with(|c: char| !c.is_alphanumeric() && c != '_');
    (head.eq_ignore_ascii_case(word) && whole).then_some(rest)
}

fn after_comments(sql: &str) -> &str {
    let mut rest = sql.trim_start();
    loop {
        let after = if rest.starts_with("--") {
            rest.split_once('\n').map_or("", |(_, after)| after)
        } else if rest.starts_with("/*") {
            rest.split_once("*/").map_or("", |(_, after)| after)
        } else {
            return rest;
        };
        rest = after.trim_start();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_come_before_those_a_query_has() {
        let ctes = [("a".to_owned(), "select 1")];
        assert_eq!(
            inject("select * from a", &ctes),
            "with a as (\nselect 1\n)\nselect * from a"
        );
        assert_eq!(
            inject("-- why\nWITH b as (select 2) select * from a", &ctes),
            "-- why\nwith a as (\nselect 1\n),\nb as (select 2) select * from a"
        );
        assert_eq!(inject("with_x", &ctes), "with a as (\nselect 1\n)\nwith_x");
    }
}
