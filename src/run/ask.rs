//! The warehouse as templates reach it outside a run of nodes.

use std::sync::Arc;

use super::adapter::{Known, SessionAdapter};
use crate::compile::adapter::Adapter;
use crate::compile::database;
use crate::diagnostic::Result;
use crate::engine::Engine;
use crate::project::Project;

/// Opens a session that templates ask and change the warehouse through.
///
/// # Errors
/// `Environment` when the warehouse refuses a session.
pub fn ask(project: &Project, engine: &dyn Engine) -> Result<Arc<dyn Adapter>> {
    let mut session = engine.connect()?;
    let known = Known::read(&mut *session, database(&project.warehouse))?;
    let known = Arc::new(known);
    Ok(Arc::new(SessionAdapter::new(session, known)))
}
