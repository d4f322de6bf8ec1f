//! `wh data`: versions of the data, kept, compared and restored.

mod args;
mod compare;
mod print;

use std::collections::BTreeSet;
use std::io::Write;

pub(crate) use self::args::{DataCommand, EXAMPLES};
use self::args::{
    DataCommitArgs, DataDiffArgs, DataLogArgs, DataOutput, DataRestoreArgs, DataShowArgs,
    DataTagArgs, Tables,
};
use super::args::Global;
use super::query::{rows, thousands};
use super::warehouse::{Access, open};
use super::{build, project, say};
use crate::compile::{Compiled, Index};
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::{Relation, Session};
use crate::project::Project;
use crate::run;
use crate::version::{self, Origin, Tracked, Version};

/// Runs `wh data …`.
///
/// # Errors
/// What each command answers; `Project` when there is no warehouse yet.
pub(super) fn data(global: &Global, command: &DataCommand) -> Result<()> {
    let (project, compiled) = build::parse(global, "data", false)?;
    let writes = matches!(
        command,
        DataCommand::Commit(_) | DataCommand::Restore(_) | DataCommand::Gc
    ) || matches!(command, DataCommand::Tag(args) if args.name.is_some());
    let settings = project::settings(global, &project, !writes)?;
    let is_recovery =
        matches!(command, DataCommand::Restore(_)) && version::has_records(&project.root);
    if !settings.path.exists() && !is_recovery {
        let what = format!("there is no warehouse at `{}` yet", settings.path.display());
        return Err(Diagnostic::project(what).hint("`wh build` makes it").into());
    }
    let access = if writes { Access::Write } else { Access::Read };
    let engine = open(global, &project, access)?;
    let mut session = engine.connect()?;
    if writes {
        version::prepare(session.as_mut(), &project.root)?;
    }
    let mut work = Work {
        global,
        project: &project,
        compiled: &compiled,
        session: session.as_mut(),
    };
    match command {
        DataCommand::Commit(args) => work.commit(args),
        DataCommand::Log(args) => work.log(args),
        DataCommand::Show(args) => work.show(args),
        DataCommand::Tag(args) => work.tag(args),
        DataCommand::Restore(args) => work.restore(args),
        DataCommand::Diff(args) => work.diff(args),
        DataCommand::Verify => work.verify(),
        DataCommand::Gc => work.gc(),
    }
}

/// What every command shares.
struct Work<'a> {
    global: &'a Global,
    project: &'a Project,
    compiled: &'a Compiled,
    session: &'a mut dyn Session,
}

impl Work<'_> {
    fn commit(&mut self, args: &DataCommitArgs) -> Result<()> {
        let tables = self.tracked(&args.tables)?;
        if tables.is_empty() {
            say("nothing to commit: there is no table yet");
            return Ok(());
        }
        let request = version::Request {
            root: &self.project.root,
            tables: &tables,
            source: "commit",
            message: &args.message,
            now: build::present()?,
            exactly: is_all(&args.tables),
        };
        let committed = version::commit(self.session, &request)?;
        let version = &committed.version;
        if !committed.is_new {
            self.say(&format!(
                "nothing to commit: the tables are as in {} ({})",
                version.name(),
                version.short_hash()
            ));
            return Ok(());
        }
        writeln!(std::io::stdout().lock(), "{}", version.name())?;
        let n_rows: u64 = version.tables.iter().map(|table| table.n_rows).sum();
        self.say(&format!(
            "{} {}: {}, {}, {} lake file{}; {} written",
            version.name(),
            version.short_hash(),
            print::tables(version.tables.len()),
            rows(n_rows),
            thousands(version.files.len() as u64),
            if version.files.len() == 1 { "" } else { "s" },
            print::size(committed.n_new_bytes)
        ));
        if !committed.views.is_empty() {
            self.say(&format!(
                "views hold no rows and are not kept: {}",
                committed.views.join(", ")
            ));
        }
        Ok(())
    }

    fn log(&mut self, args: &DataLogArgs) -> Result<()> {
        let mut versions = version::log(self.session)?;
        versions.reverse();
        versions.truncate(args.max_count.unwrap_or(usize::MAX));
        let tags = version::tags(self.session)?;
        let mut out = std::io::stdout().lock();
        match args.output {
            DataOutput::Json => print::log_json(&mut out, &versions, &tags)?,
            DataOutput::Text if versions.is_empty() => {
                say("no version yet: `wh data commit -m \"why\"` makes the first");
            }
            DataOutput::Text => print::log(&mut out, &versions, &tags)?,
        }
        Ok(())
    }

    fn show(&mut self, args: &DataShowArgs) -> Result<()> {
        let version = version::find(self.session, Some(&args.version))?;
        let tags = version::tags(self.session)?;
        let mut out = std::io::stdout().lock();
        match args.output {
            DataOutput::Json => print::show_json(&mut out, &version, &tags),
            DataOutput::Text => print::show(&mut out, &version, &tags),
        }
    }

    fn tag(&mut self, args: &DataTagArgs) -> Result<()> {
        let tags = version::tags(self.session)?;
        let Some(name) = &args.name else {
            let mut out = std::io::stdout().lock();
            for tag in tags {
                writeln!(out, "{}\tv{}", tag.name, tag.version)?;
            }
            return Ok(());
        };
        if args.delete {
            version::untag(self.session, name)?;
            self.say(&format!("`{name}` names no version any more"));
            return Ok(());
        }
        let version = version::find(self.session, Some(&args.version))?;
        let before = tags.iter().find(|tag| tag.name == *name);
        if let Some(before) = before.filter(|tag| tag.version != version.number && !args.force) {
            let what = format!("`{name}` names v{} already", before.version);
            return Err(Diagnostic::project(what)
                .hint("take another name, or move it with `--force`")
                .into());
        }
        version::tag(self.session, name, &version)?;
        self.say(&format!("`{name}` names {}", version.name()));
        Ok(())
    }

    fn restore(&mut self, args: &DataRestoreArgs) -> Result<()> {
        let version = version::find(self.session, Some(&args.version))?;
        let only = self.only(&args.tables, &version)?;
        let request = version::RestoreRequest {
            root: &self.project.root,
            version: &version,
            only: only.as_deref(),
            force: args.force,
            now: build::present()?,
        };
        let restored = version::restore(self.session, &request)?;
        for (name, n_rows) in &restored.replaced {
            self.say(&format!("  {name}  {}", rows(*n_rows)));
        }
        let same = match restored.same.len() {
            0 => String::new(),
            n => format!(", {n} already as in it"),
        };
        self.say(&format!(
            "{} restored from {}{same}",
            print::tables(restored.replaced.len()),
            version.name()
        ));
        if !restored.sources.is_empty() {
            self.say(&format!(
                "files of the lake that came later count as new: the next `wh build` or `wh ingest` loads them into {}",
                restored.sources.join(", ")
            ));
        }
        Ok(())
    }

    fn diff(&mut self, args: &DataDiffArgs) -> Result<()> {
        let from = version::find(self.session, Some(&args.from))?;
        let to = match &args.to {
            Some(to) => Some(version::find(self.session, Some(to))?),
            None => None,
        };
        let mut tracked = match to {
            Some(_) => Vec::new(),
            None => self.tracked(&args.tables)?,
        };
        let mut only = match is_all(&args.tables) {
            true => None,
            false => Some(self.relations(&args.tables)?),
        };
        // A version made for a training holds what that training read, and says nothing of other tables.
        if only.is_none() && from.source != "commit" {
            only = Some(from.tables.iter().map(version::Table::relation).collect());
        }
        tracked.retain(|node| self.exists(&node.relation));
        let request = version::DiffRequest {
            root: &self.project.root,
            from: &from,
            to: match &to {
                Some(to) => version::To::Version(to),
                None => version::To::Now(&tracked),
            },
            only: only.as_deref(),
            n_rows: args.rows,
        };
        let diff = version::diff(self.session, &request)?;
        let to = to.map(|to| to.name());
        let names = (from.name(), to.unwrap_or_else(|| "now".into()));
        let mut out = std::io::stdout().lock();
        match args.output {
            DataOutput::Json => compare::diff_json(&mut out, &diff, &names),
            DataOutput::Text => compare::diff(&mut out, &diff, &names),
        }
    }

    fn verify(&mut self) -> Result<()> {
        let found = version::verify(self.session, &self.project.root)?;
        let mut out = std::io::stdout().lock();
        for damaged in &found.damaged {
            writeln!(out, "{}  {}  ({})", damaged.word, damaged.path, damaged.of)?;
        }
        let read = format!(
            "{} objects ({}) and {} lake files",
            thousands(found.n_objects as u64),
            print::size(found.n_bytes),
            thousands(found.n_files as u64)
        );
        if found.damaged.is_empty() {
            self.say(&format!("{read}: all as they were"));
            return Ok(());
        }
        Err(Diagnostic::data(format!(
            "{} of {read} are missing or damaged",
            found.damaged.len()
        ))
        .hint("copy them back from a backup; an object whose table is still as it was is written again by `wh data commit` once the damaged file is deleted")
        .into())
    }

    fn gc(&mut self) -> Result<()> {
        let (n_objects, n_bytes) = version::gc(self.session, &self.project.root)?;
        self.say(&format!(
            "{} objects deleted that no version holds ({})",
            thousands(n_objects as u64),
            print::size(n_bytes)
        ));
        Ok(())
    }

    fn exists(&mut self, relation: &Relation) -> bool {
        let catalog = self.session.catalog().unwrap_or_default();
        catalog.iter().any(|entry| entry.relation.same(relation))
    }

    fn relations(&self, tables: &Tables) -> Result<Vec<Relation>> {
        if !tables.tables.is_empty() {
            return Ok(tables.tables.iter().map(|name| named(name)).collect());
        }
        let chosen = build::choose(self.global, self.compiled, &tables.selection, &[])?;
        let tracked = run::tracked(self.compiled, &chosen);
        Ok(tracked.into_iter().map(|node| node.relation).collect())
    }

    /// Returns the tables that the command line means: those named, else those of the chosen nodes. Without a selection,
    /// nodes that have not been built are left out.
    fn tracked(&mut self, tables: &Tables) -> Result<Vec<Tracked>> {
        if !tables.tables.is_empty() {
            let all: BTreeSet<Index> = (0..self.compiled.plan.nodes.len()).collect();
            let known = run::tracked(self.compiled, &all);
            let named = tables.tables.iter().map(|name| {
                let relation = named(name);
                let node = known.iter().find(|node| node.relation.same(&relation));
                node.cloned().unwrap_or(Tracked {
                    relation,
                    key: Vec::new(),
                    origin: Origin::Built,
                })
            });
            return Ok(named.collect());
        }
        let chosen = build::choose(self.global, self.compiled, &tables.selection, &[])?;
        let mut tracked = run::tracked(self.compiled, &chosen);
        let catalog = self.session.catalog()?;
        let exists = |tracked: &Tracked| {
            catalog
                .iter()
                .any(|entry| entry.relation.same(&tracked.relation))
        };
        if tables.selection.select.is_empty() {
            tracked.retain(exists);
        }
        Ok(tracked)
    }

    /// Returns the tables of a version that the command line means; `None` for all.
    fn only(&self, tables: &Tables, version: &Version) -> Result<Option<Vec<Relation>>> {
        if !tables.tables.is_empty() {
            return Ok(Some(tables.tables.iter().map(|name| named(name)).collect()));
        }
        if is_all(tables) {
            return Ok(None);
        }
        let chosen = build::choose(self.global, self.compiled, &tables.selection, &[])?;
        let mut relations: Vec<Relation> = run::tracked(self.compiled, &chosen)
            .into_iter()
            .map(|tracked| tracked.relation)
            .collect();
        relations.retain(|relation| version.table(relation).is_some());
        if relations.is_empty() {
            let what = format!("the selection matches no table of {}", version.name());
            let hint = format!("`wh data show {}` lists its tables", version.name());
            return Err(Diagnostic::project(what).hint(hint).into());
        }
        Ok(Some(relations))
    }

    fn say(&self, text: &str) {
        if !self.global.quiet {
            say(text);
        }
    }
}

/// Returns whether the command line leaves the choice of tables open.
fn is_all(tables: &Tables) -> bool {
    let selection = &tables.selection;
    tables.tables.is_empty()
        && selection.select.is_empty()
        && selection.exclude.is_empty()
        && selection.resource_type.is_empty()
}

/// Reads `schema.name`, or a name in the schema `main`.
fn named(text: &str) -> Relation {
    match text.split_once('.') {
        Some((schema, name)) => Relation::new(schema, name),
        None => Relation::new("main", text),
    }
}
