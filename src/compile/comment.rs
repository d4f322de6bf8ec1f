//! `query-comment:`: a comment that is sent with each statement and says what it is of.

use std::sync::Arc;

use minijinja::Value;

use super::{Compiled, Index};
use crate::diagnostic::{Diagnostic, Result};
use crate::jinja::{self, Globals, Template};
use crate::project::{DBT_VERSION, Project};

/// What connections are called outside of nodes.
pub const OUTSIDE: &str = "master";

/// Makes the comments of a run.
pub struct Commenter {
    said: Said,
    is_appended: bool,
}

/// What the project says.
enum Said {
    /// Nothing: a comment of the program, the profile and the node, in JSON.
    Nothing { profile: String, target: String },
    /// A template, and what it may name beside the node.
    Template(Box<Template>, Arc<Globals>),
}

/// A comment, ready for any statement.
#[derive(Debug, Clone)]
pub struct Comment {
    /// Between `/*` and `*/`.
    text: String,
    is_appended: bool,
}

impl Comment {
    /// Returns a statement with the comment.
    #[must_use]
    pub fn with(&self, sql: &str) -> String {
        let text = &self.text;
        if !self.is_appended {
            return format!("{text}\n{sql}");
        }
        let sql = sql.trim_end();
        match sql.strip_suffix(';') {
            Some(sql) => format!("{sql}\n{text};"),
            None => format!("{sql}\n{text}"),
        }
    }

    /// Returns how many bytes stand in front of a statement that has the comment.
    #[must_use]
    pub fn length_in_front(&self, sql: &str) -> usize {
        let is_in_front = !self.is_appended && sql.starts_with(&self.text);
        usize::from(is_in_front) * (self.text.len() + 1)
    }
}

impl Commenter {
    /// Reads what the project says; `None` where it wants no comment, or is of `wh` and says nothing.
    ///
    /// # Errors
    /// `Project` where the comment is no template.
    pub fn of(compiled: &Compiled, project: &Project) -> Result<Option<Self>> {
        let warehouse = &project.warehouse;
        let nothing = || Said::Nothing {
            profile: warehouse.profile.clone(),
            target: warehouse.target.clone(),
        };
        let Some(value) = &project.own().query_comment else {
            return Ok((!project.is_ours()).then(|| Self {
                said: nothing(),
                is_appended: false,
            }));
        };
        let is_appended = value.get("append").and_then(serde_yaml::Value::as_bool);
        let text = match value.as_mapping().filter(|map| !map.is_empty()) {
            Some(map) => map.get("comment"),
            None => Some(value),
        };
        let said = match text.map(|text| text.as_str().unwrap_or_default()) {
            None => nothing(),
            Some("") => return Ok(None),
            Some(text) => {
                // Within a macro, so that the comment may be what `return` gives.
                let text = format!(
                    "{{%- macro query_comment_macro(connection_name, node) -%}}\n{text}\n\
                     {{% endmacro %}}{{{{ query_comment_macro(connection_name, node) }}}}"
                );
                let template = compiled
                    .dialect
                    .compile(&project.name, &*project.file, &text)?;
                Said::Template(Box::new(template), compiled.scope(&project.name).clone())
            }
        };
        Ok(Some(Self {
            said,
            is_appended: is_appended.unwrap_or_default(),
        }))
    }

    /// Returns the comment of the statements of a node, or of those outside of nodes; `None` where it is empty.
    ///
    /// # Errors
    /// `Project` where the template does not render, or makes something that ends a comment.
    pub fn comment(&self, compiled: &Compiled, index: Option<Index>) -> Result<Option<Comment>> {
        let text = match &self.said {
            Said::Nothing { profile, target } => {
                let id = index.map(|index| compiled.plan.nodes[index].id.as_str());
                let of = match id {
                    Some(id) => ("node_id", id),
                    None => ("connection_name", OUTSIDE),
                };
                let about = [
                    ("app", "dbt"),
                    ("dbt_version", DBT_VERSION),
                    ("profile_name", profile),
                    ("target_name", target),
                    of,
                ];
                let about = jinja::dict(about.map(|(key, text)| (key, Value::from(text))));
                jinja::json_text(&about, false, None)
            }
            Said::Template(template, shared) => {
                let mut globals = Globals::over(shared);
                let id = index.map(|index| compiled.plan.nodes[index].id.as_str());
                globals.insert("connection_name", Value::from(id.unwrap_or(OUTSIDE)));
                let node = index.map_or(Value::from(()), |index| compiled.model(index));
                globals.insert("node", node);
                compiled.dialect.render(template, &Arc::new(globals))?
            }
        };
        if text.contains("*/") {
            let what = "`query-comment` holds `*/`, which ends a comment";
            return Err(Diagnostic::project(what).note(text).into());
        }
        let text = text.trim();
        Ok((!text.is_empty()).then(|| Comment {
            text: format!("/* {text} */"),
            is_appended: self.is_appended,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_stands_in_front_or_before_the_last_semicolon() {
        let mut comment = Comment {
            text: "/* why */".into(),
            is_appended: false,
        };
        let sql = comment.with("select 1;");
        assert_eq!(sql, "/* why */\nselect 1;");
        assert_eq!(&sql[comment.length_in_front(&sql)..], "select 1;");
        assert_eq!(comment.length_in_front("select 1;"), 0);
        comment.is_appended = true;
        assert_eq!(comment.with("select 1; \n"), "select 1\n/* why */;");
        assert_eq!(comment.with("select 1"), "select 1\n/* why */");
    }
}
