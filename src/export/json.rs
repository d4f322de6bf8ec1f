//! JSON: one array of objects, or an object a line.

use std::path::Path;

use minijinja::context;

use super::copy::{TextOptions, copy, only_table};
use super::{Content, Sink};
use crate::diagnostic::Result;
use crate::engine::Session;

/// One array of objects.
pub(super) struct Json;

/// Newline-delimited: an object a line.
pub(super) struct Ndjson;

impl Sink for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn about(&self) -> &'static str {
        "one array of objects; options: compression"
    }

    fn send(&self, session: &mut dyn Session, content: &Content, draft: &Path) -> Result<u64> {
        send(session, (content, draft), true)
    }
}

impl Sink for Ndjson {
    fn name(&self) -> &'static str {
        "ndjson"
    }

    fn about(&self) -> &'static str {
        "an object a line; options: compression"
    }

    fn send(&self, session: &mut dyn Session, content: &Content, draft: &Path) -> Result<u64> {
        send(session, (content, draft), false)
    }
}

fn send(
    session: &mut dyn Session,
    (content, draft): (&Content, &Path),
    array: bool,
) -> Result<u64> {
    let table = only_table(content)?;
    let compression = TextOptions::of(content)?.compression(content.path).word();
    let values = context! {array, compression};
    let sql = include_str!("copy_json.sql");
    copy(session, table, (content, draft), sql, values)
}
