//! Parquet, typed and packed by column, for other tools.

use std::path::Path;

use minijinja::context;
use serde::Deserialize;

use super::copy::{copy, only_table, owner};
use super::{Content, Sink, options};
use crate::diagnostic::Result;
use crate::engine::Session;

/// The sink; see the module.
pub(super) struct Parquet;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Options {
    /// Packing of the pages.
    compression: Pages,
}

#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Pages {
    Uncompressed,
    Snappy,
    Gzip,
    #[default]
    Zstd,
}

impl Pages {
    fn word(self) -> &'static str {
        match self {
            Self::Uncompressed => "uncompressed",
            Self::Snappy => "snappy",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

impl Sink for Parquet {
    fn name(&self) -> &'static str {
        "parquet"
    }

    fn about(&self) -> &'static str {
        "typed columns for other tools; options: compression"
    }

    fn send(&self, session: &mut dyn Session, content: &Content, draft: &Path) -> Result<u64> {
        let table = only_table(content)?;
        let options: Options = options::parse(content.options, &owner(content), content.at)?;
        let values = context! {compression => options.compression.word()};
        copy(
            session,
            table,
            (content, draft),
            include_str!("copy_parquet.sql"),
            values,
        )
    }
}
