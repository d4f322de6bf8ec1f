//! How the C API is declared and called.

/// Declares functions of the C API; all take a place for an error last and answer its code, 0 for none.
macro_rules! api {
    ($($name:ident($($argument:ty),*);)*) => {
        unsafe extern "C" { $(fn $name($(_: $argument,)* err: Err) -> u32;)* }
    };
}

/// Calls a function of the C API and turns its code into an [`Outcome`].
macro_rules! call {
    ($name:ident($($argument:expr),*)) => {{
        let mut err: $crate::engine::duckdb::capi::Handle = std::ptr::null_mut();
        // SAFETY: handles come from DuckDB and live for the callback they were given to; places are valid for writes.
        let code = unsafe { $name($($argument,)* &raw mut err) };
        $crate::engine::duckdb::capi::outcome(code, err)
    }};
}

/// Calls a function of the C API whose last argument is the place for its answer, and returns that answer.
macro_rules! get {
    ($name:ident($($argument:expr),*)) => { get!($name($($argument),*), std::ptr::null_mut::<std::ffi::c_void>()) };
    ($name:ident($($argument:expr),*), $initial:expr) => {{
        let mut answer = $initial;
        call!($name($($argument,)* &raw mut answer)).map(|()| answer)
    }};
}
