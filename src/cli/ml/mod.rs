//! `wh ml`: models that were trained. Reads the registry's tables; training is a build.

mod args;
mod report;

use std::process::ExitCode;

use arrow::array::AsArray;
use arrow::datatypes::Int32Type;
use minijinja::context;

pub(crate) use self::args::MlArgs;
use self::args::{MlCommand, PredictArgs, PromoteArgs, ShowArgs, TrainArgs};
use super::args::{Global, QueryArgs, Selection};
use super::build::{self, Call};
use super::output::Format;
use super::query::{self, Source, Warehouse};
use super::say;
use crate::diagnostic::{Diagnostic, Result, nearest};
use crate::engine::{Session, fetch, render, transaction};
use crate::ml::supervised;

/// Measures that `wh ml compare` shows side by side.
const COMPARED: &[&str] = &[
    "roc_auc",
    "accuracy",
    "precision",
    "recall",
    "f1",
    "log_loss",
];

/// Runs `wh ml`. The exit code is 1 when training failed, 2 when there is nothing of that name to train.
///
/// # Errors
/// `Project` when there is no such model or version, `Environment` when the warehouse cannot be opened, `Data` when a
/// file cannot be predicted.
pub(super) fn ml(global: &Global, args: &MlArgs) -> Result<ExitCode> {
    match &args.command {
        MlCommand::Train(args) => return train(global, args),
        MlCommand::Ls(args) => {
            let warehouse = Warehouse::open(global, false)?;
            let mut session = warehouse.connect()?;
            trained(session.as_mut())?;
            let sql = include_str!("ls.sql").into();
            print(global, (&warehouse, session.as_mut()), sql, args.format)?;
        }
        MlCommand::Show(args) => show(global, args, include_str!("show.sql"))?,
        MlCommand::Compare(args) => show(global, args, include_str!("compare.sql"))?,
        MlCommand::Promote(args) => promote(global, args)?,
        MlCommand::Predict(args) => predict(global, args)?,
        MlCommand::Report(args) => report::report(global, args)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn train(global: &Global, args: &TrainArgs) -> Result<ExitCode> {
    let selection = Selection {
        select: vec![args.model.clone()],
        resource_type: vec!["ml_model".into()],
        ..Selection::default()
    };
    let call = Call {
        selection,
        ..Call::default()
    };
    let finished = build::execute(&build::site(global)?, "build", &call)?;
    if finished.is_none() {
        return Err(
            Diagnostic::project(format!("no model to train is called `{}`", args.model))
                .hint("`wh ls --resource-type ml_model` lists those declared under `ml_models:`")
                .into(),
        );
    }
    Ok(build::exit_code(&finished))
}

fn show(global: &Global, args: &ShowArgs, sql: &str) -> Result<()> {
    let warehouse = Warehouse::open(global, false)?;
    let mut session = warehouse.connect()?;
    let version = version(session.as_mut(), &args.model, args.version)?;
    let values = context! {model => &args.model, version, metrics => COMPARED.to_vec()};
    let sql = render(sql, values)?;
    print(global, (&warehouse, session.as_mut()), sql, args.format)
}

fn promote(global: &Global, args: &PromoteArgs) -> Result<()> {
    let warehouse = Warehouse::open(global, true)?;
    let mut session = warehouse.connect()?;
    version(session.as_mut(), &args.model, None)?;
    let promoted = transaction(session.as_mut(), |session| {
        supervised::promote(session, &args.model, &args.which)
    })?;
    say(&format!(
        "champion of `{model}` is v{} {}; `wh build -s {model}+` predicts with it",
        promoted.version,
        promoted.candidate,
        model = args.model
    ));
    Ok(())
}

fn predict(global: &Global, args: &PredictArgs) -> Result<()> {
    let warehouse = Warehouse::open(global, false)?;
    let mut session = warehouse.connect()?;
    version(session.as_mut(), &args.model, None)?;
    let sql = supervised::predict_file(session.as_mut(), &args.model, &args.file)?;
    let asked = QueryArgs {
        format: args.format,
        output: args.output.clone(),
        ..QueryArgs::default()
    };
    let source = Source::new("<predictions>", sql);
    query::answer(global, &asked, Some(source), (&warehouse, session.as_mut()))
}

fn print(
    global: &Global,
    place: (&Warehouse, &mut dyn Session),
    sql: String,
    format: Option<Format>,
) -> Result<()> {
    let mut quiet = global.clone();
    quiet.quiet = true;
    let asked = QueryArgs {
        format,
        ..QueryArgs::default()
    };
    query::answer(&quiet, &asked, Some(Source::new("<ml>", sql)), place)
}

/// Returns every trained model with its newest version.
///
/// # Errors
/// `Project` when nothing was trained yet.
fn trained(session: &mut dyn Session) -> Result<Vec<(String, i32)>> {
    let exists = session
        .catalog()?
        .iter()
        .any(|entry| entry.relation.schema == "wh" && entry.relation.name == "ml_models");
    let mut models = Vec::new();
    if exists {
        let rows = fetch(session, include_str!("known.sql"), &[])?;
        let names = rows.column(0).as_string::<i32>().iter().flatten();
        let versions = rows.column(1).as_primitive::<Int32Type>().iter();
        models.extend(
            names
                .zip(versions)
                .map(|(name, version)| (name.to_owned(), version.unwrap_or(1))),
        );
    }
    if models.is_empty() {
        return Err(Diagnostic::project("no model has been trained yet")
            .hint("`wh build` trains what is declared under `ml_models:`")
            .into());
    }
    Ok(models)
}

/// Returns the version asked for, or the newest.
///
/// # Errors
/// `Project` when the model was not trained or has no such version.
fn version(session: &mut dyn Session, model: &str, asked: Option<i32>) -> Result<i32> {
    let models = trained(session)?;
    let Some((_, newest)) = models.iter().find(|(name, _)| name == model) else {
        let error = Diagnostic::project(format!("there is no trained model `{model}`"));
        return Err(
            match nearest(model, models.iter().map(|(name, _)| name.as_str())) {
                Some(near) => error.hint(format!("did you mean `{near}`?")).into(),
                None => error.hint("`wh ml ls` lists what there is").into(),
            },
        );
    };
    match asked {
        Some(asked) if !(1..=*newest).contains(&asked) => Err(Diagnostic::project(format!(
            "ml model `{model}` has no version {asked}"
        ))
        .hint(format!("versions are 1 to {newest}"))
        .into()),
        asked => Ok(asked.unwrap_or(*newest)),
    }
}
