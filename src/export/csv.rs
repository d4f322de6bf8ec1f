//! CSV as RFC 4180 has it: a header, commas, quotes where needed, UTF-8. NULL is nothing between two commas, an
//! empty text is `""`.

use std::path::Path;

use minijinja::context;
use serde::Deserialize;

use super::copy::{Compression, compression_of, copy, only_table, owner};
use super::{Content, Sink, options};
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::Session;

/// The sink; see the module.
pub(super) struct Csv;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Options {
    /// Whether the first line names the columns.
    header: bool,
    /// What stands between two values: one character.
    delimiter: String,
    /// What stands for NULL.
    null_as: String,
    /// Packing; as the target's suffix says when it is not given.
    compression: Option<Compression>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            header: true,
            delimiter: ",".into(),
            null_as: String::new(),
            compression: None,
        }
    }
}

impl Sink for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn about(&self) -> &'static str {
        "text with commas; options: header, delimiter, null_as, compression"
    }

    fn send(&self, session: &mut dyn Session, content: &Content, draft: &Path) -> Result<u64> {
        let table = only_table(content)?;
        let options: Options = options::parse(content.options, &owner(content), content.at)?;
        if options.delimiter.len() != 1 {
            return Err(Diagnostic::project(format!(
                "the delimiter `{}` is not one character",
                options.delimiter
            ))
            .at(content.at)
            .hint("use `,`, `;`, `|` or a tab (\"\\t\")")
            .into());
        }
        let compression = options
            .compression
            .unwrap_or(compression_of(content.path).1)
            .word();
        let values = context! {
            header => options.header, delimiter => options.delimiter, null => options.null_as, compression
        };
        copy(
            session,
            table,
            (content, draft),
            include_str!("copy_csv.sql"),
            values,
        )
    }
}
