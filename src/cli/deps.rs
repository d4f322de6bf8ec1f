//! `wh deps`.

use super::args::{DepsArgs, Global};
use super::{project, say};
use crate::compile::YamlRenderer;
use crate::deps;
use crate::diagnostic::Result;
use crate::project::{Renderer, installation};

/// Resolves and installs the packages that the project lists.
///
/// # Errors
/// `Project` where the list cannot be met; `Environment` for network, git and disk.
pub(super) fn deps(global: &Global, args: &DepsArgs) -> Result<()> {
    let root = project::root(global)?;
    if let Some(package) = &args.add_package {
        let file = deps::add(&root, package, &args.source)?;
        if !global.quiet {
            say(&format!("added `{package}` to {}", file.display()));
        }
    }
    let vars = global.vars.clone().unwrap_or_default().0;
    let renderer = YamlRenderer::new()?;
    let render = renderer.with(&vars, (None, None));
    let (name, install_path) = installation(&root, &render)?;
    let request = deps::Request {
        root: &root,
        name: &name,
        install_path: &install_path,
        render: &render,
        upgrade: args.upgrade,
        only_lock: args.lock,
    };
    deps::run(&request, &|said| {
        if !global.quiet {
            say(said);
        }
    })
}
