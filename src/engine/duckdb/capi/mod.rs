//! The part of `DuckDB`'s C API that `duckdb` does not wrap: functions, casts and settings of an extension linked
//! into this program (version 2), and statements that run without being prepared (version 1). All `unsafe` code of
//! the engine is here and in its parts; none knows of time zones.
//!
//! `DuckDB` loads an [`Extension`] into every database opened after [`register`]. Callbacks run on any thread,
//! possibly at once; a panic in one becomes the query's error.
#![expect(unsafe_code, reason = "calls DuckDB's C API")]

#[macro_use]
mod macros;
mod callback;
mod connection;
mod rows;
mod vector;

use std::ffi::{CStr, c_char, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::null_mut;

use self::callback::{check_setting, resolve, run_cast, run_scalar};
pub(super) use self::connection::{Database, Link, Reach, Refused};
pub(super) use self::vector::{Frame, Plain, Text};
use super::timezone::definition::{Cast, Scalar, Setting, Type};

/// Outcome of a callback; the text is what the query's error says.
pub(super) type Outcome<T = ()> = Result<T, String>;

/// A pointer that only `DuckDB` looks behind.
pub(super) type Handle = *mut c_void;
/// The place where `DuckDB` expects an error.
type Err = *mut Handle;
type Destroy = unsafe extern "C" fn(*mut Handle) -> u32;
type Callback = unsafe extern "C" fn(Handle, Handle, Err);
type Bind = unsafe extern "C" fn(Handle, Handle, Handle, Err);

api! {
    duckdb_v2_context_get_factory(Handle, *mut Handle);
    duckdb_v2_context_get_config(Handle, *mut Handle);
    duckdb_v2_config_get_option_value(Handle, *const Str, *mut Handle, *mut u32);
    duckdb_v2_factory_create_type_from_id(Handle, u32, *const Str, *const Handle, u64, *mut Handle);
    duckdb_v2_factory_create_type_from_text(Handle, *const Str, *mut Handle);
    duckdb_v2_value_create_varchar(Handle, *const Str, *mut Handle);
    duckdb_v2_value_get_varchar(Handle, *mut Str);
    duckdb_v2_function_signature_add_parameter(Handle, *const Str, Handle, Handle, u32);
    duckdb_v2_function_signature_set_return_type(Handle, Handle);
    duckdb_v2_scalar_function_create(Handle, *mut Handle);
    duckdb_v2_scalar_function_set_name(Handle, *const Str);
    duckdb_v2_scalar_function_get_signature(Handle, *mut Handle);
    duckdb_v2_scalar_function_set_user_data(Handle, *mut Opaque);
    duckdb_v2_scalar_function_set_property(Handle, u32, u32);
    duckdb_v2_scalar_function_set_resolve_types_callback(Handle, Bind);
    duckdb_v2_scalar_function_set_exec_callback(Handle, Callback);
    duckdb_v2_extension_register_scalar_function(Handle, Handle);
    duckdb_v2_cast_function_create(Handle, *mut Handle);
    duckdb_v2_cast_function_set_source_type(Handle, Handle);
    duckdb_v2_cast_function_set_target_type(Handle, Handle);
    duckdb_v2_cast_function_set_implicit_cast_cost(Handle, i64);
    duckdb_v2_cast_function_set_user_data(Handle, *mut Opaque);
    duckdb_v2_cast_function_set_exec_callback(Handle, Callback);
    duckdb_v2_extension_register_cast_function(Handle, Handle);
    duckdb_v2_custom_option_create(Handle, *mut Handle);
    duckdb_v2_custom_option_set_name(Handle, *const Str);
    duckdb_v2_custom_option_set_default_value(Handle, Handle);
    duckdb_v2_custom_option_set_description(Handle, *const Str);
    duckdb_v2_custom_option_set_user_data(Handle, *mut Opaque);
    duckdb_v2_custom_option_set_update_callback(Handle, Callback);
    duckdb_v2_extension_register_custom_option(Handle, Handle);
    duckdb_v2_macro_function_create(Handle, u32, *mut Handle);
    duckdb_v2_macro_function_set_name(Handle, *const Str);
    duckdb_v2_macro_function_set_body(Handle, *const Str);
    duckdb_v2_extension_register_macro_function(Handle, Handle);
}

unsafe extern "C" {
    fn duckdb_register_static_extension(describe: extern "C" fn(*mut Descriptor) -> i32) -> i32;
    fn duckdb_v2_error_info_get_text(info: Handle, text: *mut Str) -> u32;
    fn duckdb_v2_error_info_destroy(info: *mut Handle) -> u32;
    fn duckdb_v2_error_info_set_code(info: Handle, code: u32) -> u32;
    fn duckdb_v2_error_info_set_text(info: Handle, text: *const Str) -> u32;
    fn duckdb_v2_logical_type_destroy(handle: *mut Handle) -> u32;
    fn duckdb_v2_value_destroy(handle: *mut Handle) -> u32;
    fn duckdb_v2_scalar_function_destroy(handle: *mut Handle) -> u32;
    fn duckdb_v2_cast_function_destroy(handle: *mut Handle) -> u32;
    fn duckdb_v2_custom_option_destroy(handle: *mut Handle) -> u32;
    fn duckdb_v2_macro_function_destroy(handle: *mut Handle) -> u32;
}

/// A view of text.
#[repr(C)]
struct Str(*const c_char, u64);

#[repr(C)]
struct Opaque(
    Handle,
    Option<unsafe extern "C" fn(Handle)>,
    Option<unsafe extern "C" fn(Handle, Handle) -> bool>,
);

/// What a linked extension tells about itself, layout 1 of `duckdb_static_extension.h`.
#[repr(C)]
struct Descriptor {
    version: u32,
    set_error: Handle,
    internal: Handle,
    name: *const c_char,
    extension_version: *const c_char,
    api_version: *const c_char,
    entry_cpp: Handle,
    entry_capi_v1: Handle,
    entry_capi_v2: Option<extern "C" fn(*mut Input)>,
}

#[repr(C)]
struct Input {
    get_api: Handle,
    extension: Handle,
    context: Handle,
    err: Err,
}

/// What this program adds to every database.
pub(super) trait Extension {
    /// Name in `duckdb_extensions()`.
    const NAME: &'static CStr;
    /// Registers everything with one database.
    ///
    /// # Errors
    /// Whatever `loader` refuses.
    fn load(loader: &Loader) -> Outcome;
}

/// Adds `E` to every database opened from now on; a second call changes nothing.
///
/// # Errors
/// When another extension has the name.
pub(super) fn register<E: Extension>() -> Outcome {
    // SAFETY: `describe` lives as long as the program and keeps to the documented contract.
    match unsafe { duckdb_register_static_extension(describe::<E>) } {
        0 => Ok(()),
        _ => Err(format!("the extension {:?} is registered twice", E::NAME)),
    }
}

extern "C" fn describe<E: Extension>(descriptor: *mut Descriptor) -> i32 {
    // SAFETY: DuckDB passes a descriptor of at least layout 1 that outlives the call; the texts are static.
    let descriptor = unsafe { &mut *descriptor };
    descriptor.version = 1;
    descriptor.name = E::NAME.as_ptr();
    descriptor.extension_version = c"1".as_ptr();
    descriptor.api_version = c"v2.0.0".as_ptr();
    descriptor.entry_capi_v2 = Some(entry::<E>);
    0
}

extern "C" fn entry<E: Extension>(input: *mut Input) {
    // SAFETY: DuckDB passes a filled input that outlives the call.
    let input = unsafe { &*input };
    guard(input.err, || {
        let factory = get!(duckdb_v2_context_get_factory(input.context))?;
        E::load(&Loader {
            extension: input.extension,
            factory,
        })
    });
}

/// Registers with one database; lives while it loads the extension.
pub(super) struct Loader {
    extension: Handle,
    factory: Handle,
}

impl Loader {
    /// Adds `function` under all its names.
    pub(super) fn scalar(&self, function: &'static Scalar) -> Outcome {
        for name in function.names {
            let built = Owned(
                get!(duckdb_v2_scalar_function_create(self.factory))?,
                duckdb_v2_scalar_function_destroy,
            );
            call!(duckdb_v2_scalar_function_set_name(built.0, &text(name)))?;
            let signature = get!(duckdb_v2_scalar_function_get_signature(built.0))?;
            self.parameters(signature, function.parameters)?;
            let returns = logical_type(self.factory, function.returns)?;
            call!(duckdb_v2_function_signature_set_return_type(
                signature, returns.0
            ))?;
            call!(duckdb_v2_scalar_function_set_user_data(
                built.0,
                &mut borrowed(function)
            ))?;
            call!(duckdb_v2_scalar_function_set_exec_callback(
                built.0, run_scalar
            ))?;
            if function.resolve.is_some() {
                call!(duckdb_v2_scalar_function_set_resolve_types_callback(
                    built.0, resolve
                ))?;
            }
            if function.volatile {
                let [stability, volatile] = [0x1_0000, 0x1_0001];
                call!(duckdb_v2_scalar_function_set_property(
                    built.0, stability, volatile
                ))?;
            }
            call!(duckdb_v2_extension_register_scalar_function(
                self.extension,
                built.0
            ))?;
        }
        Ok(())
    }

    /// Adds or replaces a cast.
    pub(super) fn cast(&self, cast: &'static Cast) -> Outcome {
        let built = Owned(
            get!(duckdb_v2_cast_function_create(self.factory))?,
            duckdb_v2_cast_function_destroy,
        );
        let [from, to] = [
            logical_type(self.factory, cast.from)?,
            logical_type(self.factory, cast.to)?,
        ];
        call!(duckdb_v2_cast_function_set_source_type(built.0, from.0))?;
        call!(duckdb_v2_cast_function_set_target_type(built.0, to.0))?;
        call!(duckdb_v2_cast_function_set_implicit_cast_cost(
            built.0,
            cast.unasked.unwrap_or(-1)
        ))?;
        call!(duckdb_v2_cast_function_set_user_data(
            built.0,
            &mut borrowed(cast)
        ))?;
        call!(duckdb_v2_cast_function_set_exec_callback(built.0, run_cast))?;
        call!(duckdb_v2_extension_register_cast_function(
            self.extension,
            built.0
        ))
    }

    /// Adds a setting with its value in new sessions.
    pub(super) fn setting(&self, setting: &'static Setting, initial: &str) -> Outcome {
        let built = Owned(
            get!(duckdb_v2_custom_option_create(self.factory))?,
            duckdb_v2_custom_option_destroy,
        );
        let initial = get!(duckdb_v2_value_create_varchar(self.factory, &text(initial)))?;
        let initial = Owned(initial, duckdb_v2_value_destroy);
        call!(duckdb_v2_custom_option_set_name(
            built.0,
            &text(setting.name)
        ))?;
        call!(duckdb_v2_custom_option_set_default_value(
            built.0, initial.0
        ))?;
        call!(duckdb_v2_custom_option_set_description(
            built.0,
            &text(setting.about)
        ))?;
        call!(duckdb_v2_custom_option_set_user_data(
            built.0,
            &mut borrowed(setting)
        ))?;
        call!(duckdb_v2_custom_option_set_update_callback(
            built.0,
            check_setting
        ))?;
        call!(duckdb_v2_extension_register_custom_option(
            self.extension,
            built.0
        ))
    }

    /// Adds a macro without parameters: an expression, or a SELECT when `is_table`.
    pub(super) fn definition(&self, name: &str, body: &str, is_table: bool) -> Outcome {
        let kind = u32::from(is_table);
        let built = Owned(
            get!(duckdb_v2_macro_function_create(self.factory, kind))?,
            duckdb_v2_macro_function_destroy,
        );
        call!(duckdb_v2_macro_function_set_name(built.0, &text(name)))?;
        call!(duckdb_v2_macro_function_set_body(built.0, &text(body)))?;
        call!(duckdb_v2_extension_register_macro_function(
            self.extension,
            built.0
        ))
    }

    fn parameters(&self, signature: Handle, types: &[Type]) -> Outcome {
        for (at, kind) in types.iter().enumerate() {
            let name = format!("argument{at}");
            let kind = logical_type(self.factory, *kind)?;
            let positional = 0;
            call!(duckdb_v2_function_signature_add_parameter(
                signature,
                &text(&name),
                kind.0,
                null_mut(),
                positional
            ))?;
        }
        Ok(())
    }
}

/// A handle that is destroyed when it goes out of scope.
struct Owned(Handle, Destroy);

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: the handle is owned, of the destroyer's kind, and destroyed once.
        unsafe { (self.1)(&raw mut self.0) };
    }
}

/// A view of `text` for the duration of a call.
fn text(text: &str) -> Str {
    Str(text.as_ptr().cast(), text.len() as u64)
}

/// The text behind a view that `DuckDB` filled.
fn owned_text(view: &Str) -> String {
    if view.1 == 0 {
        return String::new();
    }
    // SAFETY: DuckDB fills views with valid pointers and lengths; the bytes are copied at once.
    let bytes = unsafe { std::slice::from_raw_parts(view.0.cast(), view.1 as usize) };
    String::from_utf8_lossy(bytes).into_owned()
}

/// User data that outlives the program.
fn borrowed<T>(data: &'static T) -> Opaque {
    Opaque(std::ptr::from_ref(data).cast_mut().cast(), None, None)
}

fn outcome(code: u32, mut err: Handle) -> Outcome {
    let mut message = Str(null_mut(), 0);
    if !err.is_null() {
        // SAFETY: `err` was filled by the failed call and is destroyed once, after its text is copied.
        unsafe { duckdb_v2_error_info_get_text(err, &raw mut message) };
    }
    let message = owned_text(&message);
    // SAFETY: as above; destroying null does nothing.
    unsafe { duckdb_v2_error_info_destroy(&raw mut err) };
    match code {
        0 => Ok(()),
        _ => Err(message),
    }
}

/// Runs a callback's work and hands its error, or its panic, to `DuckDB`.
fn guard(err: Err, work: impl FnOnce() -> Outcome) {
    const CONVERSION: u32 = 4001;
    let done = catch_unwind(AssertUnwindSafe(work));
    if let Err(message) = done.unwrap_or_else(|_| Err("a function of `wh` panicked".into())) {
        // SAFETY: DuckDB gives every callback a live error slot and copies the text.
        unsafe {
            duckdb_v2_error_info_set_code(*err, CONVERSION);
            duckdb_v2_error_info_set_text(*err, &text(&message));
        }
    }
}

fn logical_type(factory: Handle, kind: Type) -> Outcome<Owned> {
    let list = match kind {
        Type::VarcharList => Some("VARCHAR[]"),
        Type::TimestampTzList => Some("TIMESTAMP WITH TIME ZONE[]"),
        _ => None,
    };
    let handle = match list {
        Some(sql) => get!(duckdb_v2_factory_create_type_from_text(factory, &text(sql)))?,
        None => {
            let [names, values] = [null_mut::<c_void>(); 2];
            let kind = kind as u32;
            get!(duckdb_v2_factory_create_type_from_id(
                factory,
                kind,
                names.cast(),
                values.cast(),
                0
            ))?
        }
    };
    Ok(Owned(handle, duckdb_v2_logical_type_destroy))
}

/// A setting's value in the session of a callback.
fn setting(context: Handle, name: &str) -> Outcome<String> {
    let config = get!(duckdb_v2_context_get_config(context))?;
    let (mut value, mut scope) = (Owned(null_mut(), duckdb_v2_value_destroy), 0);
    call!(duckdb_v2_config_get_option_value(
        config,
        &text(name),
        &raw mut value.0,
        &raw mut scope
    ))?;
    Ok(owned_text(&get!(
        duckdb_v2_value_get_varchar(value.0),
        Str(null_mut(), 0)
    )?))
}
