//! What dbt's flags are for this call: the command line over `DBT_…` variables over `flags:` of the project's file over what they
//! are by themselves.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::ValueEnum;
use serde_json::{Value, json};

use super::args::{Cli, DOING, Global, LogFormat, LogLevel, OPTIONS, Opt, Vars, truth, vars};
use crate::compile::Flags;
use crate::diagnostic::{Diagnostic, Result};
use crate::project::{locate, project_flags};

/// Flags that only the project's file sets: how dbt behaved in earlier versions, and what they are by themselves.
const BEHAVIOUR: &[(&str, bool)] = &[
    ("allow_jinja_file_extensions", false),
    ("enable_grouped_warn_error_parser_logs", false),
    ("latest_version_pointer_enabled_by_default", false),
    ("require_all_warnings_handled_by_warn_error", true),
    (
        "require_batched_execution_for_custom_microbatch_strategy",
        true,
    ),
    ("require_corrected_analysis_fqns", false),
    (
        "require_explicit_package_overrides_for_builtin_materializations",
        true,
    ),
    ("require_generic_test_arguments_property", true),
    ("require_nested_cumulative_type_params", true),
    ("require_ref_searches_node_package_before_root", false),
    ("require_resource_names_without_spaces", true),
    (
        "require_source_and_semantic_model_names_without_spaces",
        false,
    ),
    ("require_sql_header_in_test_configs", false),
    ("require_unique_project_resource_names", false),
    ("require_valid_schema_from_generate_schema_name", false),
    ("require_yaml_configuration_for_mf_time_spines", true),
    ("skip_nodes_if_on_run_start_fails", true),
    ("source_freshness_run_project_hooks", true),
    ("state_modified_compare_more_unrendered_values", true),
    ("state_modified_compare_vars", false),
    ("strict_mode", false),
    ("support_custom_ref_kwargs", false),
    ("use_catalogs_v2", false),
    ("validate_macro_args", true),
];

/// Variables that had another name once: the new flag, and whether they say the opposite.
const RENAMED: &[(&str, &str, bool)] = &[
    ("DBT_DEFER_TO_STATE", "defer", false),
    ("DBT_FAVOR_STATE_MODE", "favor_state", false),
    ("DBT_ARTIFACT_STATE_PATH", "state", false),
    ("DBT_NO_PRINT", "print", true),
];

/// Decides every flag, and fills in what the options leave open.
///
/// # Errors
/// `Project` for a variable or key whose value the flag does not take.
pub(super) fn settle(cli: &mut Cli) -> Result<()> {
    let global = &mut cli.global;
    global.project_dir = text_or_variable(global.project_dir.take(), "PROJECT_DIR");
    global.profiles_dir = text_or_variable(global.profiles_dir.take(), "PROFILES_DIR");
    global.target = text_or_variable(global.target.take(), "TARGET");
    if global.vars.is_none()
        && let Some(text) = variable("VARS")
    {
        let parsed: Vars = vars(&text).map_err(|why| wrong("DBT_VARS", &text, &why))?;
        global.vars = Some(parsed);
    }
    let in_file = of_project(global)?;
    let mut flags = Flags::default();
    for (name, default) in BEHAVIOUR {
        let value = in_file.get(*name).cloned();
        flags.set(name, value.unwrap_or_else(|| json!(default)));
    }
    let given = cli.command.doing();
    for opt in OPTIONS.iter().chain(DOING) {
        let name = opt.flag();
        let typed = global.given.0.get(&name);
        let typed = typed.or_else(|| given.and_then(|given| given.0.get(&name)));
        let value = match typed {
            Some(value) => Some(value.clone()),
            None => from_variable(opt)?.or_else(|| in_file.get(&name).cloned()),
        };
        let follows = matches!(name.as_str(), "log_level_file" | "log_format_file")
            .then(|| flags.get(name.trim_end_matches("_file")).cloned())
            .flatten()
            .filter(|_| global.given.0.contains_key(name.trim_end_matches("_file")));
        let value = value.or(follows).or_else(|| opt.default());
        flags.set(&name, value.unwrap_or(Value::Null));
    }
    if flags.is("warn_error") && global.given.0.contains_key("warn_error_options") {
        let what = "`--warn-error` and `--warn-error-options` exclude each other";
        return Err(Diagnostic::project(what).into());
    }
    describe(&mut flags, global);
    if let Some(selection) = cli.command.selection() {
        flags.set("select", selection.select.clone());
        flags.set("exclude", selection.exclude.clone());
        flags.set("resource_types", selection.resource_type.clone());
        flags.set(
            "exclude_resource_types",
            selection.exclude_resource_type.clone(),
        );
        flags.set("selector", json!(selection.selector));
    }
    apply(global, flags)
}

/// Adds what is known of the call beside its options.
fn describe(flags: &mut Flags, global: &Global) {
    flags.set("invocation_command", super::build::typed());
    flags.set("vars", json!(global.vars.as_ref().map(Vars::json)));
    if flags.get("vars").is_none() {
        flags.set("vars", json!({}));
    }
    let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
    flags.set("project_dir", json!(path(&global.project_dir)));
    flags.set("profiles_dir", json!(path(&global.profiles_dir)));
    flags.set("target", json!(global.target));
    flags.set("threads", json!(global.threads));
}

/// Gives the options that steer this process the value of their flag.
fn apply(global: &mut Global, flags: Flags) -> Result<()> {
    global.quiet = flags.is("quiet");
    global.use_colors = flags.is("use_colors");
    let format = flags.text("log_format").unwrap_or_default();
    global.log_format =
        LogFormat::from_str(format, true).map_err(|_| one_of::<LogFormat>("log-format", format))?;
    let level = flags.text("log_level").unwrap_or_default();
    let level =
        LogLevel::from_str(level, true).map_err(|_| one_of::<LogLevel>("log-level", level))?;
    global.log_level = match flags.is("debug") {
        true => Some(LogLevel::Debug),
        false => Some(level),
    };
    global.flags = flags;
    Ok(())
}

fn one_of<T: ValueEnum>(option: &str, text: &str) -> anyhow::Error {
    let known = T::value_variants().iter();
    let known: Vec<String> = known
        .filter_map(T::to_possible_value)
        .map(|value| format!("`{}`", value.get_name()))
        .collect();
    Diagnostic::project(format!("`--{option} {text}` is none of its values"))
        .hint(format!("use {}", known.join(", ")))
        .into()
}

/// Returns `flags:` of the project's file, if there is a project.
fn of_project(global: &Global) -> Result<BTreeMap<String, Value>> {
    let start = match &global.project_dir {
        Some(folder) => folder.clone(),
        None => super::project::here()?,
    };
    match locate(&start) {
        Ok(root) => project_flags(&root),
        Err(_) => Ok(BTreeMap::new()),
    }
}

/// Returns `DBT_ENGINE_X`, else `DBT_X`; an empty one is as none.
fn variable(name: &str) -> Option<String> {
    let read = |name: String| std::env::var(name).ok().filter(|text| !text.is_empty());
    read(format!("DBT_ENGINE_{name}")).or_else(|| read(format!("DBT_{name}")))
}

fn text_or_variable<T: From<String>>(typed: Option<T>, name: &str) -> Option<T> {
    typed.or_else(|| variable(name).map(T::from))
}

fn from_variable(opt: &Opt) -> Result<Option<Value>> {
    let flag = opt.flag();
    let read = |name: &str, text: &str| opt.read(text).map_err(|why| wrong(name, text, &why));
    if let Some(text) = variable(&flag.to_uppercase()) {
        return read(&format!("DBT_{}", flag.to_uppercase()), &text).map(Some);
    }
    for (old, _, opposite) in RENAMED.iter().filter(|(_, new, _)| *new == flag) {
        if let Ok(text) = std::env::var(old) {
            return match opposite {
                false => read(old, &text).map(Some),
                true => truth(&text)
                    .map(|on| Some(json!(!on)))
                    .map_err(|why| wrong(old, &text, &why)),
            };
        }
    }
    Ok(None)
}

fn wrong(name: &str, text: &str, why: &str) -> anyhow::Error {
    Diagnostic::project(format!("`{name}={text}` is {why}"))
        .hint("unset it, or give it a value that dbt takes")
        .into()
}
