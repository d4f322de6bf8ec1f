//! `{% docs %}` blocks of Markdown files.

use std::sync::Arc;

use crate::compile::plan::Doc;
use crate::diagnostic::{Place, Result};
use crate::jinja::{self, Block, BlockKind, Dialect, Globals, Source, blocks};
use crate::project::Project;

/// Gathers the blocks of all packages.
pub(super) fn blocks_of(
    project: &Project,
    dialect: &Dialect,
    errors: &mut Vec<anyhow::Error>,
) -> Vec<Doc> {
    let mut docs = Vec::new();
    let files = project.packages.iter().flat_map(|package| &package.docs);
    for file in files.filter(|file| file.text.contains("enddocs")) {
        match blocks(&Source::new(&file.package, &file.path, &file.text)) {
            Ok(found) => {
                let found = found
                    .into_iter()
                    .filter(|block| block.kind == BlockKind::Docs);
                for block in found {
                    match text(dialect, &block) {
                        Ok(text) => docs.push(Doc {
                            package: file.package.clone(),
                            name: block.name.clone(),
                            text,
                            path: file.path.clone(),
                            original: file.original.clone(),
                            inner: file.inner.clone(),
                        }),
                        Err(err) => errors.push(err),
                    }
                }
            }
            Err(err) => errors.push(err),
        }
    }
    docs
}

/// Returns what readers see of a block: Jinja in it is rendered with nothing to name.
fn text(dialect: &Dialect, block: &Block) -> Result<String> {
    let body = block.body_text();
    if !jinja::is_template(body) {
        return Ok(body.trim().to_owned());
    }
    let template = dialect.compile_part(&block.source, block.body.clone())?;
    let rendered = dialect.render(&template, &Arc::new(Globals::default()));
    Ok(rendered.place(&block.at())?.trim().to_owned())
}
