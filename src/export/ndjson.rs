//! Newline-delimited JSON: an object a line.

use std::path::Path;

use minijinja::context;

use super::copy::{TextOptions, copy, only_table};
use super::{Content, Sink};
use crate::diagnostic::Result;
use crate::engine::Session;

/// The sink; see the module.
pub(super) struct Ndjson;

impl Sink for Ndjson {
    fn name(&self) -> &'static str {
        "ndjson"
    }

    fn about(&self) -> &'static str {
        "an object a line; options: compression"
    }

    fn send(&self, session: &mut dyn Session, content: &Content, draft: &Path) -> Result<u64> {
        let table = only_table(content)?;
        let compression = TextOptions::of(content)?.compression(content.path).word();
        let values = context! {array => false, compression};
        copy(
            session,
            table,
            (content, draft),
            include_str!("copy_json.sql"),
            values,
        )
    }
}
