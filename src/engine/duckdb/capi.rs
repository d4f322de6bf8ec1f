//! The part of `DuckDB`'s C API (version 2) that `duckdb` does not wrap: functions, casts and settings of an
//! extension linked into this program. All `unsafe` code of the engine is here and, for the contents of vectors, in
//! `capi_vector`; neither knows of time zones.
//!
//! `DuckDB` loads an [`Extension`] into every database opened after [`register`]. Callbacks run on any thread,
//! possibly at once; a panic in one becomes the query's error.
#![expect(unsafe_code, reason = "calls DuckDB's C API")]

use std::ffi::{CStr, c_char, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::null_mut;
use std::sync::Mutex;

use super::capi_vector::{Frame, fill};
use super::timezone::definition::{Cast, Interval, Rows, Scalar, Series, Setting, Type};

/// Outcome of a callback; the text is what the query's error says.
pub(super) type Outcome<T = ()> = Result<T, String>;

pub(super) type Handle = *mut c_void;
pub(super) type Err = *mut Handle;
type Destroy = unsafe extern "C" fn(*mut Handle) -> u32;
type Callback = unsafe extern "C" fn(Handle, Handle, Err);
type Bind = unsafe extern "C" fn(Handle, Handle, Handle, Err);

/// Declares functions of the C API; all take a place for an error last and answer its code, 0 for none.
macro_rules! api {
    ($($name:ident($($argument:ty),*);)*) => {
        unsafe extern "C" { $(fn $name($(_: $argument,)* err: Err) -> u32;)* }
    };
}

api! {
    duckdb_v2_context_get_factory(Handle, *mut Handle);
    duckdb_v2_context_get_config(Handle, *mut Handle);
    duckdb_v2_config_get_option_value(Handle, *const Str, *mut Handle, *mut u32);
    duckdb_v2_factory_create_type_from_id(Handle, u32, *const Str, *const Handle, u64, *mut Handle);
    duckdb_v2_factory_create_type_from_text(Handle, *const Str, *mut Handle);
    duckdb_v2_value_create_varchar(Handle, *const Str, *mut Handle);
    duckdb_v2_value_get_varchar(Handle, *mut Str);
    duckdb_v2_value_get_child_count(Handle, *mut u64);
    duckdb_v2_value_get_child(Handle, u64, *mut Handle);
    duckdb_v2_value_is_null(Handle, *mut bool);
    duckdb_v2_value_get_timestamp_tz(Handle, *mut i64);
    duckdb_v2_value_get_interval(Handle, *mut Interval);
    duckdb_v2_function_signature_add_parameter(Handle, *const Str, Handle, Handle, u32);
    duckdb_v2_function_signature_set_return_type(Handle, Handle);
    duckdb_v2_function_bind_get_arg_value(Handle, u64, *mut Handle);
    duckdb_v2_function_bind_get_user_data(Handle, *mut Handle);
    duckdb_v2_function_bind_set_bind_data(Handle, *mut Opaque);
    duckdb_v2_scalar_function_create(Handle, *mut Handle);
    duckdb_v2_scalar_function_set_name(Handle, *const Str);
    duckdb_v2_scalar_function_get_signature(Handle, *mut Handle);
    duckdb_v2_scalar_function_set_user_data(Handle, *mut Opaque);
    duckdb_v2_scalar_function_set_property(Handle, u32, u32);
    duckdb_v2_scalar_function_set_resolve_types_callback(Handle, Bind);
    duckdb_v2_scalar_function_resolve_types_set_return_type(Handle, Handle);
    duckdb_v2_scalar_function_set_exec_callback(Handle, Callback);
    duckdb_v2_scalar_function_exec_get_user_data(Handle, *mut Handle);
    duckdb_v2_scalar_function_exec_get_row_count(Handle, *mut u64);
    duckdb_v2_scalar_function_exec_get_arg(Handle, u64, *mut Handle);
    duckdb_v2_scalar_function_exec_get_result(Handle, *mut Handle);
    duckdb_v2_extension_register_scalar_function(Handle, Handle);
    duckdb_v2_cast_function_create(Handle, *mut Handle);
    duckdb_v2_cast_function_set_source_type(Handle, Handle);
    duckdb_v2_cast_function_set_target_type(Handle, Handle);
    duckdb_v2_cast_function_set_implicit_cast_cost(Handle, i64);
    duckdb_v2_cast_function_set_user_data(Handle, *mut Opaque);
    duckdb_v2_cast_function_set_exec_callback(Handle, Callback);
    duckdb_v2_cast_function_exec_get_user_data(Handle, *mut Handle);
    duckdb_v2_cast_function_exec_get_row_count(Handle, *mut u64);
    duckdb_v2_cast_function_exec_get_input(Handle, *mut Handle);
    duckdb_v2_cast_function_exec_get_output(Handle, *mut Handle);
    duckdb_v2_cast_function_exec_get_mode(Handle, *mut u32);
    duckdb_v2_extension_register_cast_function(Handle, Handle);
    duckdb_v2_custom_option_create(Handle, *mut Handle);
    duckdb_v2_custom_option_set_name(Handle, *const Str);
    duckdb_v2_custom_option_set_default_value(Handle, Handle);
    duckdb_v2_custom_option_set_description(Handle, *const Str);
    duckdb_v2_custom_option_set_user_data(Handle, *mut Opaque);
    duckdb_v2_custom_option_set_update_callback(Handle, Callback);
    duckdb_v2_custom_option_update_get_user_data(Handle, *mut Handle);
    duckdb_v2_custom_option_update_get_value(Handle, *mut Handle);
    duckdb_v2_custom_option_update_set_value(Handle, Handle);
    duckdb_v2_extension_register_custom_option(Handle, Handle);
    duckdb_v2_macro_function_create(Handle, u32, *mut Handle);
    duckdb_v2_macro_function_set_name(Handle, *const Str);
    duckdb_v2_macro_function_set_body(Handle, *const Str);
    duckdb_v2_extension_register_macro_function(Handle, Handle);
    duckdb_v2_table_function_create(Handle, *mut Handle);
    duckdb_v2_table_function_set_name(Handle, *const Str);
    duckdb_v2_table_function_get_signature(Handle, *mut Handle);
    duckdb_v2_table_function_set_user_data(Handle, *mut Opaque);
    duckdb_v2_table_function_set_bind_callback(Handle, Bind);
    duckdb_v2_table_function_set_init_global_callback(Handle, Callback);
    duckdb_v2_table_function_set_exec_callback(Handle, Callback);
    duckdb_v2_table_function_bind_add_result_column(Handle, *const Str, Handle);
    duckdb_v2_table_function_init_global_get_bind_data(Handle, *mut Handle);
    duckdb_v2_table_function_init_global_set_global_state(Handle, *mut Opaque);
    duckdb_v2_table_function_exec_get_global_state(Handle, *mut Handle);
    duckdb_v2_table_function_exec_get_output_chunk(Handle, *mut Handle);
    duckdb_v2_extension_register_table_function(Handle, Handle);
    duckdb_v2_data_chunk_get_vector(Handle, u64, *mut Handle);
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
    fn duckdb_v2_table_function_destroy(handle: *mut Handle) -> u32;
}

/// Calls a function of the C API and turns its code into an [`Outcome`].
macro_rules! call {
    ($name:ident($($argument:expr),*)) => {{
        let mut err: Handle = null_mut();
        // SAFETY: handles come from DuckDB and live for the callback they were given to; places are valid for writes.
        let code = unsafe { $name($($argument,)* &raw mut err) };
        $crate::engine::duckdb::capi::outcome(code, err)
    }};
}

/// Calls a function of the C API whose last argument is the place for its answer, and returns that answer.
macro_rules! get {
    ($name:ident($($argument:expr),*)) => { get!($name($($argument),*), null_mut::<c_void>()) };
    ($name:ident($($argument:expr),*), $initial:expr) => {{
        let mut answer = $initial;
        call!($name($($argument,)* &raw mut answer)).map(|()| answer)
    }};
}

pub(super) use {api, call, get};

/// A view of text.
#[repr(C)]
pub(super) struct Str(*const c_char, u64);

#[repr(C)]
struct Opaque(Handle, Option<unsafe extern "C" fn(Handle)>, Option<unsafe extern "C" fn(Handle, Handle) -> bool>);

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
        E::load(&Loader { extension: input.extension, factory })
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
            let built = Owned(get!(duckdb_v2_scalar_function_create(self.factory))?, duckdb_v2_scalar_function_destroy);
            call!(duckdb_v2_scalar_function_set_name(built.0, &text(name)))?;
            let signature = get!(duckdb_v2_scalar_function_get_signature(built.0))?;
            self.parameters(signature, function.parameters)?;
            let returns = logical_type(self.factory, function.returns)?;
            call!(duckdb_v2_function_signature_set_return_type(signature, returns.0))?;
            call!(duckdb_v2_scalar_function_set_user_data(built.0, &mut borrowed(function)))?;
            call!(duckdb_v2_scalar_function_set_exec_callback(built.0, run_scalar))?;
            if function.resolve.is_some() {
                call!(duckdb_v2_scalar_function_set_resolve_types_callback(built.0, resolve))?;
            }
            if function.volatile {
                let [stability, volatile] = [0x1_0000, 0x1_0001];
                call!(duckdb_v2_scalar_function_set_property(built.0, stability, volatile))?;
            }
            call!(duckdb_v2_extension_register_scalar_function(self.extension, built.0))?;
        }
        Ok(())
    }

    /// Adds or replaces a cast.
    pub(super) fn cast(&self, cast: &'static Cast) -> Outcome {
        let built = Owned(get!(duckdb_v2_cast_function_create(self.factory))?, duckdb_v2_cast_function_destroy);
        let [from, to] = [logical_type(self.factory, cast.from)?, logical_type(self.factory, cast.to)?];
        call!(duckdb_v2_cast_function_set_source_type(built.0, from.0))?;
        call!(duckdb_v2_cast_function_set_target_type(built.0, to.0))?;
        call!(duckdb_v2_cast_function_set_implicit_cast_cost(built.0, cast.unasked.unwrap_or(-1)))?;
        call!(duckdb_v2_cast_function_set_user_data(built.0, &mut borrowed(cast)))?;
        call!(duckdb_v2_cast_function_set_exec_callback(built.0, run_cast))?;
        call!(duckdb_v2_extension_register_cast_function(self.extension, built.0))
    }

    /// Adds a setting with its value in new sessions.
    pub(super) fn setting(&self, setting: &'static Setting, initial: &str) -> Outcome {
        let built = Owned(get!(duckdb_v2_custom_option_create(self.factory))?, duckdb_v2_custom_option_destroy);
        let initial = get!(duckdb_v2_value_create_varchar(self.factory, &text(initial)))?;
        let initial = Owned(initial, duckdb_v2_value_destroy);
        call!(duckdb_v2_custom_option_set_name(built.0, &text(setting.name)))?;
        call!(duckdb_v2_custom_option_set_default_value(built.0, initial.0))?;
        call!(duckdb_v2_custom_option_set_description(built.0, &text(setting.about)))?;
        call!(duckdb_v2_custom_option_set_user_data(built.0, &mut borrowed(setting)))?;
        call!(duckdb_v2_custom_option_set_update_callback(built.0, check_setting))?;
        call!(duckdb_v2_extension_register_custom_option(self.extension, built.0))
    }

    /// Adds a macro without parameters: an expression, or a SELECT when `is_table`.
    pub(super) fn definition(&self, name: &str, body: &str, is_table: bool) -> Outcome {
        let kind = u32::from(is_table);
        let built = Owned(get!(duckdb_v2_macro_function_create(self.factory, kind))?, duckdb_v2_macro_function_destroy);
        call!(duckdb_v2_macro_function_set_name(built.0, &text(name)))?;
        call!(duckdb_v2_macro_function_set_body(built.0, &text(body)))?;
        call!(duckdb_v2_extension_register_macro_function(self.extension, built.0))
    }

    /// Adds a table function.
    pub(super) fn series(&self, series: &'static Series) -> Outcome {
        let built = Owned(get!(duckdb_v2_table_function_create(self.factory))?, duckdb_v2_table_function_destroy);
        call!(duckdb_v2_table_function_set_name(built.0, &text(series.name)))?;
        let signature = get!(duckdb_v2_table_function_get_signature(built.0))?;
        self.parameters(signature, &[Type::TimestampTz, Type::TimestampTz, Type::Interval])?;
        call!(duckdb_v2_table_function_set_user_data(built.0, &mut borrowed(series)))?;
        call!(duckdb_v2_table_function_set_bind_callback(built.0, bind_series))?;
        call!(duckdb_v2_table_function_set_init_global_callback(built.0, start_series))?;
        call!(duckdb_v2_table_function_set_exec_callback(built.0, run_series))?;
        call!(duckdb_v2_extension_register_table_function(self.extension, built.0))
    }

    fn parameters(&self, signature: Handle, types: &[Type]) -> Outcome {
        for (at, kind) in types.iter().enumerate() {
            let name = format!("argument{at}");
            let kind = logical_type(self.factory, *kind)?;
            let positional = 0;
            call!(duckdb_v2_function_signature_add_parameter(signature, &text(&name), kind.0, null_mut(), positional))?;
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

/// User data that `DuckDB` drops.
fn boxed<T: Send>(data: T) -> Opaque {
    unsafe extern "C" fn destroy<T>(data: Handle) {
        // SAFETY: `data` is the box given away below, and DuckDB destroys it once.
        drop(unsafe { Box::from_raw(data.cast::<T>()) });
    }
    Opaque(Box::into_raw(Box::new(data)).cast(), Some(destroy::<T>), None)
}

pub(super) fn outcome(code: u32, mut err: Handle) -> Outcome {
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
            get!(duckdb_v2_factory_create_type_from_id(factory, kind, names.cast(), values.cast(), 0))?
        }
    };
    Ok(Owned(handle, duckdb_v2_logical_type_destroy))
}

/// A setting's value in the session of a callback.
pub(super) fn setting(context: Handle, name: &str) -> Outcome<String> {
    let config = get!(duckdb_v2_context_get_config(context))?;
    let (mut value, mut scope) = (Owned(null_mut(), duckdb_v2_value_destroy), 0);
    call!(duckdb_v2_config_get_option_value(config, &text(name), &raw mut value.0, &raw mut scope))?;
    Ok(owned_text(&get!(duckdb_v2_value_get_varchar(value.0), Str(null_mut(), 0))?))
}

unsafe extern "C" fn run_scalar(info: Handle, context: Handle, err: Err) {
    guard(err, || {
        let function: *const Scalar = get!(duckdb_v2_scalar_function_exec_get_user_data(info))?.cast();
        let n_rows = get!(duckdb_v2_scalar_function_exec_get_row_count(info), 0)? as usize;
        let output = get!(duckdb_v2_scalar_function_exec_get_result(info))?;
        let input = |at| get!(duckdb_v2_scalar_function_exec_get_arg(info, at));
        // SAFETY: the user data is the `&'static Scalar` given at registration.
        let function = unsafe { &*function };
        (function.run)(&mut Frame { context, input: &input, output, n_rows, is_tolerant: false })
    });
}

unsafe extern "C" fn run_cast(info: Handle, context: Handle, err: Err) {
    guard(err, || {
        let cast: *const Cast = get!(duckdb_v2_cast_function_exec_get_user_data(info))?.cast();
        let n_rows = get!(duckdb_v2_cast_function_exec_get_row_count(info), 0)? as usize;
        let output = get!(duckdb_v2_cast_function_exec_get_output(info))?;
        let is_tolerant = get!(duckdb_v2_cast_function_exec_get_mode(info), 0)? == 1;
        let input = |_| get!(duckdb_v2_cast_function_exec_get_input(info));
        // SAFETY: the user data is the `&'static Cast` given at registration.
        let cast = unsafe { &*cast };
        (cast.run)(&mut Frame { context, input: &input, output, n_rows, is_tolerant })
    });
}

unsafe extern "C" fn resolve(info: Handle, result: Handle, context: Handle, err: Err) {
    guard(err, || {
        let function: *const Scalar = get!(duckdb_v2_function_bind_get_user_data(info))?.cast();
        // SAFETY: the user data is the `&'static Scalar` given at registration.
        let Some(resolve) = (unsafe { &*function }).resolve else { return Ok(()) };
        let constant = get!(duckdb_v2_function_bind_get_arg_value(info, 0));
        let texts = constant.map(|value| texts(&Owned(value, duckdb_v2_value_destroy)));
        let sql = resolve(&texts.unwrap_or(Ok(Vec::new()))?)?;
        let factory = get!(duckdb_v2_context_get_factory(context))?;
        let kind = get!(duckdb_v2_factory_create_type_from_text(factory, &text(&sql)))?;
        let kind = Owned(kind, duckdb_v2_logical_type_destroy);
        call!(duckdb_v2_scalar_function_resolve_types_set_return_type(result, kind.0))
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
        let child = Owned(get!(duckdb_v2_value_get_child(value.0, at))?, duckdb_v2_value_destroy);
        Ok(owned_text(&get!(duckdb_v2_value_get_varchar(child.0), Str(null_mut(), 0))?))
    };
    (0..n_children).map(child).collect()
}

unsafe extern "C" fn check_setting(info: Handle, context: Handle, err: Err) {
    guard(err, || {
        let setting: *const Setting = get!(duckdb_v2_custom_option_update_get_user_data(info))?.cast();
        let value = Owned(get!(duckdb_v2_custom_option_update_get_value(info))?, duckdb_v2_value_destroy);
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

/// What a table function remembers between its bind and its rows.
struct Bound(i64, i64, Interval, String, &'static Series);

unsafe extern "C" fn bind_series(info: Handle, result: Handle, context: Handle, err: Err) {
    guard(err, || {
        let series: *const Series = get!(duckdb_v2_function_bind_get_user_data(info))?.cast();
        // SAFETY: the user data is the `&'static Series` given at registration.
        let series: &'static Series = unsafe { &*series };
        let argument = |at| {
            let value = get!(duckdb_v2_function_bind_get_arg_value(info, at))?;
            Ok::<_, String>(Owned(value, duckdb_v2_value_destroy))
        };
        let [from, to, step] = [argument(0)?, argument(1)?, argument(2)?];
        let from = get!(duckdb_v2_value_get_timestamp_tz(from.0), 0)?;
        let to = get!(duckdb_v2_value_get_timestamp_tz(to.0), 0)?;
        let step = get!(duckdb_v2_value_get_interval(step.0), Interval::default())?;
        let bound = Bound(from, to, step, setting(context, series.setting)?, series);
        let kind = logical_type(get!(duckdb_v2_context_get_factory(context))?, Type::TimestampTz)?;
        call!(duckdb_v2_table_function_bind_add_result_column(result, &text(series.name), kind.0))?;
        call!(duckdb_v2_function_bind_set_bind_data(info, &mut boxed(bound)))
    });
}

unsafe extern "C" fn start_series(info: Handle, _context: Handle, err: Err) {
    guard(err, || {
        let bound: *const Bound = get!(duckdb_v2_table_function_init_global_get_bind_data(info))?.cast();
        // SAFETY: the bind data is the `Bound` that `bind_series` set and outlives the scan.
        let Bound(from, to, step, setting, series) = unsafe { &*bound };
        let rows = Mutex::new((series.start)(*from, *to, *step, setting)?);
        call!(duckdb_v2_table_function_init_global_set_global_state(info, &mut boxed::<Mutex<Rows>>(rows)))
    });
}

unsafe extern "C" fn run_series(info: Handle, _context: Handle, err: Err) {
    guard(err, || {
        let rows: *const Mutex<Rows> = get!(duckdb_v2_table_function_exec_get_global_state(info))?.cast();
        // SAFETY: the global state is the box that `start_series` set and outlives the scan.
        let mut rows = unsafe { &*rows }.lock().map_err(|_| "a series panicked".to_owned())?;
        let chunk = get!(duckdb_v2_table_function_exec_get_output_chunk(info))?;
        let vector = get!(duckdb_v2_data_chunk_get_vector(chunk, 0))?;
        fill(vector, rows.by_ref().take(2048).collect::<Vec<_>>().as_slice())
    });
}
