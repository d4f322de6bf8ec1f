//! What `DuckDB` calls: each function takes its description back from `DuckDB`, does the work, and reports errors.
#![expect(unsafe_code, reason = "calls DuckDB's C API")]

use std::ptr::null_mut;

use super::vector::Frame;
use super::*;

api! {
    duckdb_v2_value_get_child_count(Handle, *mut u64);
    duckdb_v2_value_get_child(Handle, u64, *mut Handle);
    duckdb_v2_value_is_null(Handle, *mut bool);
    duckdb_v2_function_bind_get_arg_value(Handle, u64, *mut Handle);
    duckdb_v2_function_bind_get_user_data(Handle, *mut Handle);
    duckdb_v2_scalar_function_resolve_types_set_return_type(Handle, Handle);
    duckdb_v2_scalar_function_exec_get_user_data(Handle, *mut Handle);
    duckdb_v2_scalar_function_exec_get_row_count(Handle, *mut u64);
    duckdb_v2_scalar_function_exec_get_arg(Handle, u64, *mut Handle);
    duckdb_v2_scalar_function_exec_get_result(Handle, *mut Handle);
    duckdb_v2_cast_function_exec_get_user_data(Handle, *mut Handle);
    duckdb_v2_cast_function_exec_get_row_count(Handle, *mut u64);
    duckdb_v2_cast_function_exec_get_input(Handle, *mut Handle);
    duckdb_v2_cast_function_exec_get_output(Handle, *mut Handle);
    duckdb_v2_cast_function_exec_get_mode(Handle, *mut u32);
    duckdb_v2_custom_option_update_get_user_data(Handle, *mut Handle);
    duckdb_v2_custom_option_update_get_value(Handle, *mut Handle);
    duckdb_v2_custom_option_update_set_value(Handle, Handle);
}

pub(super) unsafe extern "C" fn run_scalar(info: Handle, context: Handle, err: Err) {
    guard(err, || {
        let function: *const Scalar =
            get!(duckdb_v2_scalar_function_exec_get_user_data(info))?.cast();
        let n_rows = get!(duckdb_v2_scalar_function_exec_get_row_count(info), 0)? as usize;
        let output = get!(duckdb_v2_scalar_function_exec_get_result(info))?;
        let input = |at| get!(duckdb_v2_scalar_function_exec_get_arg(info, at));
        // SAFETY: the user data is the `&'static Scalar` given at registration.
        let function = unsafe { &*function };
        (function.run)(&mut Frame {
            context,
            input: &input,
            output,
            n_rows,
            is_tolerant: false,
        })
    });
}

pub(super) unsafe extern "C" fn run_cast(info: Handle, context: Handle, err: Err) {
    guard(err, || {
        let cast: *const Cast = get!(duckdb_v2_cast_function_exec_get_user_data(info))?.cast();
        let n_rows = get!(duckdb_v2_cast_function_exec_get_row_count(info), 0)? as usize;
        let output = get!(duckdb_v2_cast_function_exec_get_output(info))?;
        let is_tolerant = get!(duckdb_v2_cast_function_exec_get_mode(info), 0)? == 1;
        let input = |_| get!(duckdb_v2_cast_function_exec_get_input(info));
        // SAFETY: the user data is the `&'static Cast` given at registration.
        let cast = unsafe { &*cast };
        (cast.run)(&mut Frame {
            context,
            input: &input,
            output,
            n_rows,
            is_tolerant,
        })
    });
}

pub(super) unsafe extern "C" fn resolve(info: Handle, result: Handle, context: Handle, err: Err) {
    guard(err, || {
        let function: *const Scalar = get!(duckdb_v2_function_bind_get_user_data(info))?.cast();
        // SAFETY: the user data is the `&'static Scalar` given at registration.
        let Some(resolve) = (unsafe { &*function }).resolve else {
            return Ok(());
        };
        let constant = get!(duckdb_v2_function_bind_get_arg_value(info, 0));
        let texts = constant.map(|value| texts(&Owned(value, duckdb_v2_value_destroy)));
        let sql = resolve(&texts.unwrap_or(Ok(Vec::new()))?)?;
        let factory = get!(duckdb_v2_context_get_factory(context))?;
        let kind = get!(duckdb_v2_factory_create_type_from_text(
            factory,
            &text(&sql)
        ))?;
        let kind = Owned(kind, duckdb_v2_logical_type_destroy);
        call!(duckdb_v2_scalar_function_resolve_types_set_return_type(
            result, kind.0
        ))
    });
}

/// The texts of a VARCHAR or VARCHAR[] value; none for NULL.
fn texts(value: &Owned) -> Outcome<Vec<String>> {
    if get!(duckdb_v2_value_is_null(value.0), false)? {
        return Ok(Vec::new());
    }
    if let Ok(view) = get!(duckdb_v2_value_get_varchar(value.0), Str(null_mut(), 0)) {
        return Ok(vec![owned_text(&view)]);
    }
    let n_children = get!(duckdb_v2_value_get_child_count(value.0), 0)?;
    let child = |at| {
        let child = Owned(
            get!(duckdb_v2_value_get_child(value.0, at))?,
            duckdb_v2_value_destroy,
        );
        Ok(owned_text(&get!(
            duckdb_v2_value_get_varchar(child.0),
            Str(null_mut(), 0)
        )?))
    };
    (0..n_children).map(child).collect()
}

pub(super) unsafe extern "C" fn check_setting(info: Handle, context: Handle, err: Err) {
    guard(err, || {
        let setting: *const Setting =
            get!(duckdb_v2_custom_option_update_get_user_data(info))?.cast();
        let value = Owned(
            get!(duckdb_v2_custom_option_update_get_value(info))?,
            duckdb_v2_value_destroy,
        );
        // SAFETY: the user data is the `&'static Setting` given at registration.
        let setting = unsafe { &*setting };
        let Some(given) = texts(&value)?.pop() else {
            return Err(format!("the setting {} cannot be NULL", setting.name));
        };
        let checked = (setting.check)(&given)?;
        let factory = get!(duckdb_v2_context_get_factory(context))?;
        let checked = get!(duckdb_v2_value_create_varchar(factory, &text(&checked)))?;
        let checked = Owned(checked, duckdb_v2_value_destroy);
        call!(duckdb_v2_custom_option_update_set_value(info, checked.0))
    });
}
