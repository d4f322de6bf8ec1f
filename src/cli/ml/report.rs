//! `wh ml report`: a version of a model as a page, and as Markdown for a repository.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::args::ReportArgs;
use crate::cli::args::Global;
use crate::cli::output::{self, Format, Screen};
use crate::cli::query::Warehouse;
use crate::cli::{build, say};
use crate::diagnostic::{At, Diagnostic, Result};
use crate::engine::{Session, fetch};
use crate::ml::supervised::report::{PAGE, SECTIONS, gather};
use crate::project::nodes::Report;
use crate::report;

/// Writes the report of a version.
///
/// # Errors
/// `Project` when there is no such model, it has no report, or a target is neither HTML nor Markdown; `Environment`
/// when a target cannot be written.
pub(super) fn report(global: &Global, args: &ReportArgs) -> Result<()> {
    let warehouse = Warehouse::open(global, false)?;
    let mut session = warehouse.connect()?;
    let version = super::version(session.as_mut(), &args.model, args.version)?;
    gather(session.as_mut(), &args.model, version)?;
    if fetch(session.as_mut(), SECTIONS[0].1, &[])?.num_rows() == 0 {
        let what = format!(
            "ml model `{}` learns no target, and only such models have a report",
            args.model
        );
        return Err(Diagnostic::project(what)
            .hint(format!("`wh ml show {}` shows it", args.model))
            .into());
    }
    let root = &warehouse.project().root;
    for target in targets(root, args)? {
        let writing = Writing {
            project: &warehouse.project().name,
            model: &args.model,
            version,
            target: &target,
        };
        match target.extension().and_then(|suffix| suffix.to_str()) {
            Some("html") => writing.page(session.as_mut(), &target)?,
            Some("md") => writing.markdown(session.as_mut())?,
            _ => {
                let what = format!("a report cannot be written as `{}`", target.display());
                return Err(Diagnostic::project(what)
                    .hint("end the name in .html or .md")
                    .into());
            }
        }
        let shown = target.strip_prefix(root).unwrap_or(&target);
        say(&format!("wrote {}", shown.display()));
    }
    Ok(())
}

fn targets(root: &Path, args: &ReportArgs) -> Result<Vec<PathBuf>> {
    let folder = root.join("reports");
    let named = |suffix: &str| folder.join(format!("{}_model.{suffix}", args.model));
    if args.to.is_empty() {
        return Ok(vec![named("html"), named("md")]);
    }
    let here = std::env::current_dir()?;
    Ok(args.to.iter().map(|target| here.join(target)).collect())
}

/// One file of a report.
struct Writing<'a> {
    project: &'a str,
    model: &'a str,
    version: i32,
    target: &'a Path,
}

impl Writing<'_> {
    /// Writes a page to `target`, with its charts in the folder beside it.
    fn page(&self, session: &mut dyn Session, target: &Path) -> Result<()> {
        let page = Report {
            name: format!("{}_model", self.model),
            description: String::new(),
            file: "report.md".into(),
            text: PAGE.into(),
            profile: None,
            to: vec![target.into()],
            at: At::new("--to", 0, 0),
        };
        let request = report::Request {
            root: Path::new(""),
            report: &page,
            inputs: &BTreeMap::new(),
            vars: &serde_json::Map::new(),
            about: &report::About {
                project: self.project.into(),
                generated_at: build::present()?,
                version: env!("CARGO_PKG_VERSION").into(),
            },
        };
        report::write(session, &request)?;
        Ok(())
    }

    /// Writes tables as Markdown, and the page's charts in the folder beside it.
    fn markdown(&self, session: &mut dyn Session) -> Result<()> {
        let refused = |err| {
            Diagnostic::environment(format!("`{}` cannot be written", self.target.display()))
                .because(err)
        };
        let draft = tempfile::tempdir().map_err(refused)?;
        self.page(session, &draft.path().join("page.html"))?;
        let charts = self.target.with_extension("");
        fs::create_dir_all(&charts).map_err(refused)?;
        let mut names = Vec::new();
        for entry in fs::read_dir(draft.path().join("page")).map_err(refused)? {
            let path = entry.map_err(refused)?.path();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            fs::copy(&path, charts.join(&name)).map_err(refused)?;
            names.extend(name.strip_suffix(".svg").map(str::to_owned));
        }
        names.sort_by_key(|name| (name != "roc", name.clone()));
        let text = self.text(session, &names)?;
        crate::cli::query::replace(self.target, |out| Ok(out.write_all(text.as_bytes())?))
    }

    fn text(&self, session: &mut dyn Session, charts: &[String]) -> Result<String> {
        let mut text = format!("# {} v{}\n", self.model, self.version);
        for (heading, sql) in SECTIONS {
            let rows = fetch(session, sql, &[])?;
            if rows.num_rows() == 0 {
                continue;
            }
            write!(text, "\n## {heading}\n\n")?;
            let screen = Screen {
                width: None,
                rows: None,
                color: false,
                types: false,
            };
            let mut table = Vec::new();
            let mut writer = output::writer(Format::Markdown, &rows.schema(), screen);
            writer.write(&rows, &mut table)?;
            writer.finish(&mut table)?;
            text += &String::from_utf8_lossy(&table);
        }
        text += "\n## Charts\n";
        let folder = self
            .target
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy();
        for name in charts {
            write!(text, "\n![{name}]({folder}/{name}.svg)\n")?;
        }
        Ok(text)
    }
}
