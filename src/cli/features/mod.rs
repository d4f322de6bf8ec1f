//! `wh features`: feature views to look at, online values, training sets.

mod args;
mod get;
mod training_set;

use std::io::Write;

use jiff::Timestamp;

pub(super) use self::args::{EXAMPLES, FeaturesCommand};
use self::args::{LsArgs, MaterializeArgs, Output, ShowArgs};
use super::args::Global;
use super::build::present;
use super::output::{self, Format};
use super::query::Warehouse;
use super::{say, terminal};
use crate::diagnostic::{Diagnostic, Result, nearest};
use crate::engine::{Param, Session};
use crate::features;
use crate::state::State;

/// Runs one of the commands.
///
/// # Errors
/// `Project` when the project or the command line is wrong, `Environment` when warehouse or state cannot be opened.
pub(super) fn features(global: &Global, command: &FeaturesCommand) -> Result<()> {
    match command {
        FeaturesCommand::Ls(args) => ls(global, args),
        FeaturesCommand::Show(args) => show(global, args),
        FeaturesCommand::Get(args) => get::get(global, args),
        FeaturesCommand::Materialize(args) => materialize(global, args),
        FeaturesCommand::TrainingSet(args) => training_set::training_set(global, args),
    }
}

fn ls(global: &Global, args: &LsArgs) -> Result<()> {
    let warehouse = Warehouse::open(global, false)?;
    let mut session = warehouse.connect()?;
    let views: Vec<_> = warehouse.project().feature_views().collect();
    if views.is_empty() {
        say("the project declares no feature views");
    }
    let registered = registered(&mut *session)?;
    for (declared, _) in &views {
        if !registered.contains(&declared.name) {
            let name = &declared.name;
            say(&format!(
                "`{name}` is declared and was never built: `wh build -s +{name}`"
            ));
        }
    }
    for name in &registered {
        if !views.iter().any(|(declared, _)| declared.name == *name) {
            say(&format!(
                "`{name}` was built once and is no longer declared"
            ));
        }
    }
    if registered.is_empty() {
        return Ok(());
    }
    let format = match args.output {
        Output::Table => Format::Table,
        Output::Json => Format::Json,
    };
    let now = present()?.as_microsecond();
    print(
        global,
        &mut *session,
        (include_str!("ls.sql"), &[Param::Instant(now)]),
        format,
    )
}

/// Shows the newest version of a view, its features and its versions.
fn show(global: &Global, args: &ShowArgs) -> Result<()> {
    let warehouse = Warehouse::open(global, false)?;
    let mut session = warehouse.connect()?;
    known(&mut *session, &args.view)?;
    let name = Param::from(args.view.as_str());
    let now = Param::Instant(present()?.as_microsecond());
    let facts = crate::engine::fetch(
        &mut *session,
        include_str!("facts.sql"),
        &[name.clone(), now],
    )?;
    let mut out = std::io::stdout().lock();
    for (field, column) in facts.schema().fields().iter().zip(facts.columns()) {
        let value = arrow::util::display::array_value_to_string(column, 0)?;
        if !value.is_empty() {
            writeln!(out, "{:<12} {value}", field.name())?;
        }
    }
    let state = State::open(&warehouse.project().root)?;
    if let Some(online) = state.online_view(&args.view)? {
        let at = Timestamp::from_microsecond(online.materialized_at)?;
        writeln!(
            out,
            "{:<12} version {}, since {at:.0}",
            "online", online.version
        )?;
    }
    drop(out);
    for sql in [include_str!("features.sql"), include_str!("versions.sql")] {
        writeln!(std::io::stdout())?;
        print(
            global,
            &mut *session,
            (sql, std::slice::from_ref(&name)),
            Format::Table,
        )?;
    }
    Ok(())
}

fn materialize(global: &Global, args: &MaterializeArgs) -> Result<()> {
    let warehouse = Warehouse::open(global, false)?;
    let mut session = warehouse.connect()?;
    let is_declared = |name: &String| {
        warehouse
            .project()
            .feature_views()
            .any(|(view, _)| view.name == *name)
    };
    let mut views = args.views.clone();
    if views.is_empty() {
        views = registered(&mut *session)?;
        views.retain(is_declared);
    }
    for view in &views {
        known(&mut *session, view)?;
    }
    if views.is_empty() {
        return Err(Diagnostic::project("no feature view was ever built")
            .hint("declare one under `feature_views:` and `wh build`")
            .into());
    }
    let state = State::open(&warehouse.project().root)?;
    for view in &views {
        let done = features::materialize(&mut *session, &state, view, present()?)?;
        if !global.quiet {
            let plural = if done.entities == 1 { "y" } else { "ies" };
            say(&format!(
                "`{view}` version {}: {} entit{plural} online",
                done.version, done.entities
            ));
        }
    }
    Ok(())
}

/// Returns the names of the views that were ever built, sorted.
fn registered(session: &mut dyn Session) -> Result<Vec<String>> {
    let entries = session.catalog()?;
    let is_there = entries
        .iter()
        .any(|entry| entry.relation.schema == "wh" && entry.relation.name == "feature_views");
    if !is_there {
        return Ok(Vec::new());
    }
    let rows = crate::engine::fetch(session, include_str!("registered.sql"), &[])?;
    (0..rows.num_rows())
        .map(|row| {
            Ok(arrow::util::display::array_value_to_string(
                rows.column(0),
                row,
            )?)
        })
        .collect()
}

/// Refuses the name of a view that was never built.
fn known(session: &mut dyn Session, view: &str) -> Result<()> {
    let views = registered(session)?;
    if views.iter().any(|name| name == view) {
        return Ok(());
    }
    let err = Diagnostic::project(format!("no feature view `{view}` was ever built"));
    let hint = match nearest(view, views.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("`wh build -s +{view}` builds it, `wh features ls` lists those that are"),
    };
    Err(err.hint(hint).into())
}

/// Prints the answer to a query.
fn print(
    global: &Global,
    session: &mut dyn Session,
    (sql, params): (&str, &[Param]),
    format: Format,
) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let screen = terminal::screen(global);
    let mut writer = None;
    session.query(sql, params, &mut |batch| {
        let writer = writer.get_or_insert_with(|| output::writer(format, &batch.schema(), screen));
        writer.write(batch, &mut out)
    })?;
    if let Some(mut writer) = writer {
        writer.finish(&mut out)?;
    }
    Ok(())
}
