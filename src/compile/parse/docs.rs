//! `{% docs %}` blocks of Markdown files.

use crate::compile::plan::Doc;
use crate::jinja::{BlockKind, Source, blocks};
use crate::project::Project;

/// Gathers the blocks of all packages.
pub(super) fn blocks_of(project: &Project, errors: &mut Vec<anyhow::Error>) -> Vec<Doc> {
    let mut docs = Vec::new();
    let files = project.packages.iter().flat_map(|package| &package.docs);
    for file in files.filter(|file| file.text.contains("enddocs")) {
        match blocks(&Source::new(&file.package, &file.path, &file.text)) {
            Ok(found) => {
                let found = found
                    .into_iter()
                    .filter(|block| block.kind == BlockKind::Docs);
                docs.extend(found.map(|block| Doc {
                    package: file.package.clone(),
                    name: block.name.clone(),
                    text: block.body_text().trim().to_owned(),
                    path: file.path.clone(),
                    original: file.original.clone(),
                    inner: file.inner.clone(),
                }));
            }
            Err(err) => errors.push(err),
        }
    }
    docs
}
