//! What can be completed: names of the warehouse and words of the SQL dialect. Touches no terminal.

use std::collections::HashSet;

use arrow::array::AsArray;

use crate::cli::query::words;
use crate::diagnostic::Result;
use crate::engine::{Session, fetch, quote};

use super::commands;

/// A table or view and its columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Relation {
    pub(super) schema: String,
    pub(super) name: String,
    /// `table` or `view`.
    pub(super) kind: String,
    /// Names and SQL types, in order.
    pub(super) columns: Vec<(String, String)>,
}

/// All names and words, as they are now.
#[derive(Debug, Default)]
pub(super) struct Words {
    relations: Vec<Relation>,
    keywords: Vec<String>,
    reserved: HashSet<String>,
}

impl Words {
    /// Asks the warehouse.
    ///
    /// # Errors
    /// What the engine answers.
    pub(super) fn of(session: &mut dyn Session) -> Result<Self> {
        let rows = fetch(session, include_str!("keywords.sql"), &[])?;
        let mut words = Self {
            relations: relations(session)?,
            ..Self::default()
        };
        for (word, reserved) in rows
            .column(0)
            .as_string::<i32>()
            .iter()
            .zip(rows.column(1).as_boolean())
        {
            let word = word.unwrap_or_default().to_owned();
            if reserved == Some(true) {
                words.reserved.insert(word.clone());
            }
            words.keywords.push(word);
        }
        Ok(words)
    }

    /// Asks the warehouse for its tables again.
    ///
    /// # Errors
    /// What the engine answers.
    pub(super) fn refresh(&mut self, session: &mut dyn Session) -> Result<()> {
        self.relations = relations(session)?;
        Ok(())
    }

    /// Returns all tables and views, sorted by schema and name.
    pub(super) fn relations(&self) -> &[Relation] {
        &self.relations
    }

    /// Returns whether a word can be no name in SQL.
    pub(super) fn is_reserved(&self, word: &str) -> bool {
        self.reserved.contains(&word.to_lowercase())
    }

    /// Returns where the word before the cursor begins, in bytes, and what it can become, best first.
    pub(super) fn complete(&self, line: &str, cursor: usize) -> (usize, Vec<String>) {
        let before = &line[..cursor];
        if before.trim_start().starts_with('.') {
            return self.complete_command(before);
        }
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let start = before.trim_end_matches(is_word).len();
        let (head, word) = before.split_at(start);
        if let Some(owner) = head.strip_suffix('.') {
            return (start, matching(word, self.members(line, owner)));
        }
        if head.ends_with("ref('") || head.ends_with("ref(\"") {
            return (start, matching(word, self.tables().map(String::from)));
        }
        if word.is_empty() {
            return (start, Vec::new());
        }
        let names = self.tables().chain(self.schemas()).map(quoted);
        let columns = self.columns_in_reach(line).into_iter();
        let keywords = self.keywords.iter().map(|keyword| cased(keyword, word));
        (start, matching(word, columns.chain(names).chain(keywords)))
    }

    fn complete_command(&self, before: &str) -> (usize, Vec<String>) {
        let start = before.rfind(char::is_whitespace).map_or(0, |at| at + 1);
        let choices: Vec<String> = match before[..start].trim() {
            "" => commands::names().map(Into::into).collect(),
            ".schema" => self.tables().map(Into::into).collect(),
            command => commands::choices(command),
        };
        (start, matching(&before[start..], choices))
    }

    fn tables(&self) -> impl Iterator<Item = &str> {
        self.relations.iter().map(|relation| relation.name.as_str())
    }

    fn schemas(&self) -> impl Iterator<Item = &str> {
        self.relations
            .iter()
            .map(|relation| relation.schema.as_str())
    }

    /// What follows `owner.`: tables of a schema, columns of a table or of an alias.
    fn members(&self, line: &str, owner: &str) -> Vec<String> {
        let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '"';
        let owner = owner[owner.trim_end_matches(is_name).len()..].trim_matches('"');
        let table = self.aliased(line, owner).unwrap_or(owner);
        let columns = self
            .relations
            .iter()
            .filter(|relation| relation.name.eq_ignore_ascii_case(table));
        let columns =
            columns.flat_map(|relation| relation.columns.iter().map(|(name, _)| quoted(name)));
        let tables = self
            .relations
            .iter()
            .filter(|relation| relation.schema.eq_ignore_ascii_case(owner));
        columns
            .chain(tables.map(|relation| quoted(&relation.name)))
            .collect()
    }

    /// Returns the table that `line` gives the name `alias`: `from orders o`, `join orders as o`.
    fn aliased(&self, line: &str, alias: &str) -> Option<&str> {
        let words = words(line);
        let ends = (1..words.len()).filter(|&n| words[n].eq_ignore_ascii_case(alias));
        let mut named = ends.map(|n| {
            &words[if words[n - 1] == "as" {
                n.saturating_sub(2)
            } else {
                n - 1
            }]
        });
        named.find_map(|word| self.tables().find(|table| table.eq_ignore_ascii_case(word)))
    }

    /// Columns of the tables that the text names, or of all where it names none.
    fn columns_in_reach(&self, line: &str) -> Vec<String> {
        let words = words(line);
        let is_named = |relation: &&Relation| {
            words
                .iter()
                .any(|word| word.eq_ignore_ascii_case(&relation.name))
        };
        let mut reach: Vec<_> = self.relations.iter().filter(is_named).collect();
        if reach.is_empty() {
            reach = self.relations.iter().collect();
        }
        reach
            .into_iter()
            .flat_map(|relation| relation.columns.iter().map(|(name, _)| quoted(name)))
            .collect()
    }
}

/// Asks for all tables and views, sorted by schema and name.
fn relations(session: &mut dyn Session) -> Result<Vec<Relation>> {
    let rows = fetch(session, include_str!("relations.sql"), &[])?;
    let mut relations: Vec<Relation> = Vec::new();
    for row in 0..rows.num_rows() {
        let text = |column: usize| rows.column(column).as_string::<i32>().value(row).to_owned();
        let (schema, name) = (text(0), text(1));
        if relations
            .last()
            .is_none_or(|last| (&last.schema, &last.name) != (&schema, &name))
        {
            relations.push(Relation {
                schema,
                name,
                kind: text(2),
                columns: Vec::new(),
            });
        }
        if let Some(relation) = relations.last_mut() {
            relation.columns.push((text(3), text(4)));
        }
    }
    Ok(relations)
}

/// Keeps what begins with `word`, whatever its case, each once.
fn matching(word: &str, choices: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut kept = Vec::new();
    for choice in choices {
        let bare = choice.trim_start_matches('"');
        let begins = bare
            .get(..word.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(word));
        if begins && !kept.contains(&choice) {
            kept.push(choice);
        }
    }
    kept
}

/// Quotes a name that SQL would not read as one word in lower case.
fn quoted(name: &str) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let begins = name.starts_with(|c: char| !c.is_ascii_digit());
    if begins && name.chars().all(plain) {
        name.to_owned()
    } else {
        quote(name)
    }
}

/// Writes a keyword as the word begun: in capitals after capitals.
fn cased(keyword: &str, word: &str) -> String {
    let capitals = word.chars().all(|c| !c.is_lowercase());
    if capitals {
        keyword.to_uppercase()
    } else {
        keyword.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> Words {
        let relation = |name: &str, columns: &[&str]| Relation {
            schema: "shop".into(),
            name: name.into(),
            kind: "table".into(),
            columns: columns
                .iter()
                .map(|name| ((*name).to_owned(), "integer".to_owned()))
                .collect(),
        };
        Words {
            relations: vec![
                relation("orders", &["order_id", "Total"]),
                relation("products", &["product_id"]),
            ],
            keywords: ["order", "select"].map(String::from).to_vec(),
            reserved: HashSet::new(),
        }
    }

    fn complete(line: &str) -> Vec<String> {
        words().complete(line, line.len()).1
    }

    #[test]
    fn columns_come_before_tables_and_keywords() {
        assert_eq!(complete("select or"), ["order_id", "orders", "order"]);
        assert_eq!(complete("SEL"), ["SELECT"]);
        assert_eq!(complete("select "), [""; 0]);
    }

    #[test]
    fn columns_of_other_tables_are_left_out_where_the_statement_names_one() {
        let (start, columns) = words().complete("select p from orders", 8);
        assert_eq!((start, columns), (7, vec!["products".to_owned()]));
    }

    #[test]
    fn a_point_asks_for_what_a_schema_table_or_alias_holds() {
        assert_eq!(complete("from shop."), ["orders", "products"]);
        assert_eq!(
            complete("select * from orders where orders."),
            ["order_id", "\"Total\""]
        );
        assert_eq!(
            words().complete("select o.t from shop.orders as o", 10).1,
            ["\"Total\""]
        );
        assert_eq!(
            words()
                .complete("select p. from orders o join products p", 9)
                .1,
            ["product_id"]
        );
    }

    #[test]
    fn nodes_are_completed_inside_ref() {
        assert_eq!(complete("from {{ ref('pro"), ["products"]);
    }

    #[test]
    fn commands_and_their_words_are_completed() {
        assert_eq!(complete(".ta"), [".tables"]);
        assert_eq!(complete(".schema o"), ["orders"]);
        assert_eq!(complete(".timer o"), ["on", "off"]);
        assert_eq!(complete(".mode mark"), ["markdown"]);
    }
}
