//! Statements of `wh` itself: `.sql` files with names filled in by the `ident` filter.

use minijinja::{Environment, UndefinedBehavior, Value};

use crate::diagnostic::{Diagnostic, Kind, Result};

/// Quotes a name: `a"b` becomes `"a""b"`.
#[must_use]
pub fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Quotes text as a SQL literal: `it's` becomes `'it''s'`. Where a parameter can stand, use a parameter.
#[must_use]
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Fills in one of `wh`'s own `.sql` files.
///
/// Names go through `| ident`, text that cannot be a parameter (options of `copy`) through `| literal`;
/// a [`super::Relation`] is passed as its text, which is quoted already.
///
/// # Errors
/// `Bug` when the file and `values` do not fit together.
pub fn render(sql: &str, values: Value) -> Result<String> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.add_filter("ident", |name: &str| quote(name));
    env.add_filter("literal", |text: &str| literal(text));
    env.render_str(sql, values).map_err(|err| {
        Diagnostic::new(Kind::Bug, "a built-in statement does not render")
            .because(err)
            .into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_in_a_name_or_text_is_doubled() {
        let sql = "select {{ text | literal }} as {{ name | ident }}";
        let values = minijinja::context! {text => "it's", name => "a\"b"};
        assert_eq!(render(sql, values).unwrap(), r#"select 'it''s' as "a""b""#);
    }
}
