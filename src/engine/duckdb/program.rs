//! The functions through which statements call functions of Python: `wh_python('NUMBER:NAME', 'JSON list of texts')`.

use std::ffi::CStr;

use super::capi::{Extension, Frame, Loader, Outcome, Text, register};
use super::timezone::definition::{Scalar, Type};
use crate::diagnostic::{Diagnostic, Kind, Result};
use crate::engine::plugins;

/// Adds the functions to every database opened from now on; call it before the first is opened, again at will.
///
/// # Errors
/// A bug when `DuckDB` refuses them.
pub(super) fn install() -> Result<()> {
    register::<Programs>().map_err(|err| Diagnostic::new(Kind::Bug, err).into())
}

struct Programs;

impl Extension for Programs {
    const NAME: &'static CStr = c"wh_programs";

    fn load(loader: &Loader) -> Outcome {
        FUNCTIONS
            .iter()
            .try_for_each(|function| loader.scalar(function))
    }
}

/// One for functions whose result depends on their arguments only, and one for the others.
static FUNCTIONS: &[Scalar] = &[
    function(&["wh_python"], false),
    function(&["wh_python_anew"], true),
];

const fn function(names: &'static [&'static str], volatile: bool) -> Scalar {
    Scalar {
        names,
        parameters: &[Type::Varchar, Type::Varchar],
        returns: Type::Varchar,
        resolve: None,
        volatile,
        run: called,
    }
}

/// Calls the function for all rows at once.
fn called(frame: &mut Frame<'_>) -> Outcome {
    let (functions, arguments) = (frame.column::<Text>(0)?, frame.column::<Text>(1)?);
    let rows = 0..frame.n_rows();
    let rows: Vec<usize> = rows
        .filter(|row| functions.get(*row).is_some() && arguments.get(*row).is_some())
        .collect();
    let texts: Vec<&str> = rows
        .iter()
        .filter_map(|row| arguments.get(*row).map(Text::as_str))
        .collect();
    let function = rows.first().and_then(|row| functions.get(*row));
    let values = match function {
        Some(function) => plugins::call(function.as_str(), &texts)?,
        None => Vec::new(),
    };
    let mut output = frame.output::<Text>()?;
    let mut values = rows.iter().zip(values).peekable();
    for row in 0..output.n_rows() {
        let value = values.next_if(|(at, _)| **at == row);
        let text = value.and_then(|(_, value)| value);
        let text = text.map(|text| output.text(&text)).transpose()?;
        output.set(row, text)?;
    }
    Ok(())
}
