//! Where rows come from: one file a connector. A connector brings contents into the lake and loads nothing.

mod file;

use super::Request;
use super::formats::Reading;
use super::lake::Lake;
use crate::diagnostic::Result;

/// A kind of source. One file in this folder, one line in [`CONNECTORS`].
pub trait Connector: Sync {
    /// The word after `connector:`; lower case, unique.
    fn name(&self) -> &'static str;
    /// One line for people.
    fn about(&self) -> &'static str;
    /// Lands what is new in `lake` and says what the table is to be made of.
    ///
    /// # Errors
    /// `Project` when the options are wrong, `Environment` or `Data` when the source does not give its contents.
    fn land(&self, request: &Request<'_>, lake: &mut Lake) -> Result<Landing>;
}

/// Every connector, by name.
pub static CONNECTORS: &[&dyn Connector] = &[&file::File];

/// What a connector has found.
#[derive(Debug, Clone)]
pub struct Landing {
    /// Hashes of all contents that the declaration matches now, landed before or just now.
    pub matching: Vec<String>,
    /// How contents are read.
    pub reading: Reading,
    /// What is worth a word to people.
    pub note: Option<String>,
}
