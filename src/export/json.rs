//! JSON: one array of objects.

use std::path::Path;

use minijinja::context;

use super::copy::{TextOptions, copy, only_table};
use super::{Content, Sink};
use crate::diagnostic::Result;
use crate::engine::Session;

/// The sink; see the module.
pub(super) struct Json;

impl Sink for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn about(&self) -> &'static str {
        "one array of objects; options: compression"
    }

    fn send(&self, session: &mut dyn Session, content: &Content, draft: &Path) -> Result<u64> {
        let table = only_table(content)?;
        let compression = TextOptions::of(content)?.compression(content.path).word();
        let values = context! {array => true, compression};
        copy(
            session,
            table,
            (content, draft),
            include_str!("copy_json.sql"),
            values,
        )
    }
}
