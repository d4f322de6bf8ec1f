//! The arguments of `chart(…)`, `table(…)` and `big_value(…)`, free of the template engine's types.

use std::collections::BTreeMap;

use super::frame::{Cell, Frame};
use crate::diagnostic::{Diagnostic, Result, nearest};

/// One argument.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Arg {
    /// A name that stands for nothing.
    Undefined,
    /// One value.
    Cell(Cell),
    /// Rows: a query, or a list of dicts.
    Rows(Frame),
    /// A list of values.
    List(Vec<Cell>),
    /// A dict of values, in order.
    Dict(Vec<(String, Cell)>),
}

impl Arg {
    fn kind(&self) -> &'static str {
        match self {
            Self::Undefined => "undefined",
            Self::Cell(Cell::Null) => "none",
            Self::Cell(Cell::Bool(_)) => "true or false",
            Self::Cell(Cell::Int(_) | Cell::Float(_)) => "a number",
            Self::Cell(Cell::Text(_)) => "a text",
            Self::Rows(_) => "rows",
            Self::List(_) => "a list",
            Self::Dict(_) => "a dict",
        }
    }
}

/// The arguments of one call; each is taken once, and what is left over is an error.
#[derive(Debug)]
pub(super) struct Args {
    function: &'static str,
    given: BTreeMap<String, Arg>,
    known: Vec<&'static str>,
}

impl Args {
    /// Gives the positional arguments their names.
    ///
    /// # Errors
    /// `Project` when there are more of them than names, or one is given twice.
    pub(super) fn new(
        function: &'static str,
        names: &[&'static str],
        positional: Vec<Arg>,
        mut given: BTreeMap<String, Arg>,
    ) -> Result<Self> {
        for (at, arg) in positional.into_iter().enumerate() {
            let Some(name) = names.get(at) else {
                let hint = format!("name the others, as in {}=…", names.last().unwrap_or(&"x"));
                let what = format!(
                    "`{function}` takes {} arguments without a name",
                    names.len()
                );
                return Err(Diagnostic::project(what).hint(hint).into());
            };
            if given.insert((*name).into(), arg).is_some() {
                return Err(
                    Diagnostic::project(format!("`{function}` is given `{name}` twice")).into(),
                );
            }
        }
        Ok(Self {
            function,
            given,
            known: Vec::new(),
        })
    }

    /// Takes any argument; `None` when it is not given or is `none`.
    ///
    /// # Errors
    /// `Project` when it is undefined.
    pub(super) fn any(&mut self, name: &'static str) -> Result<Option<Arg>> {
        self.known.push(name);
        match self.given.remove(name) {
            None | Some(Arg::Cell(Cell::Null)) => Ok(None),
            Some(Arg::Undefined) => Err(Diagnostic::project(format!(
                "`{name}` of `{}` is undefined",
                self.function
            ))
            .hint("it names no query of this report and no variable")
            .into()),
            given => Ok(given),
        }
    }

    /// Takes rows, which must be given.
    ///
    /// # Errors
    /// `Project` when they are missing or something else.
    pub(super) fn rows(&mut self, name: &'static str) -> Result<Frame> {
        match self.any(name)? {
            Some(Arg::Rows(frame)) => Ok(frame),
            Some(Arg::List(list)) if list.is_empty() => Ok(Frame::default()),
            Some(other) => Err(self.wrong(name, &other, "the name of a query")),
            None => Err(
                Diagnostic::project(format!("`{}` is given no `{name}`", self.function))
                    .hint(format!("name a query of this report: {name}=…"))
                    .into(),
            ),
        }
    }

    /// Takes a text.
    ///
    /// # Errors
    /// `Project` when it is something else.
    pub(super) fn text(&mut self, name: &'static str) -> Result<Option<String>> {
        match self.any(name)? {
            None => Ok(None),
            Some(Arg::Cell(Cell::Text(text))) => Ok(Some(text)),
            Some(other) => Err(self.wrong(name, &other, "a text in quotes")),
        }
    }

    /// Takes `true` or `false`; `false` when not given.
    ///
    /// # Errors
    /// `Project` when it is something else.
    pub(super) fn flag(&mut self, name: &'static str) -> Result<bool> {
        match self.any(name)? {
            None => Ok(false),
            Some(Arg::Cell(Cell::Bool(flag))) => Ok(flag),
            Some(other) => Err(self.wrong(name, &other, "`true` or `false`")),
        }
    }

    /// Takes a number.
    ///
    /// # Errors
    /// `Project` when it is something else, or not finite.
    pub(super) fn number(&mut self, name: &'static str) -> Result<Option<f64>> {
        match self.any(name)? {
            None => Ok(None),
            Some(Arg::Cell(cell)) if cell.number().is_some() => Ok(cell.number()),
            Some(other) => Err(self.wrong(name, &other, "a number")),
        }
    }

    /// Takes a whole number above 0.
    ///
    /// # Errors
    /// `Project` when it is something else.
    pub(super) fn count(&mut self, name: &'static str) -> Result<Option<usize>> {
        match self.any(name)? {
            None => Ok(None),
            Some(Arg::Cell(Cell::Int(count))) if count > 0 => Ok(usize::try_from(count).ok()),
            Some(other) => Err(self.wrong(name, &other, "a whole number above 0")),
        }
    }

    /// Takes names, each with a text: a dict, or a list of names without.
    ///
    /// # Errors
    /// `Project` when it is something else.
    pub(super) fn names(&mut self, name: &'static str) -> Result<Vec<(String, Option<String>)>> {
        let format = super::format::Format::default();
        match self.any(name)? {
            None => Ok(Vec::new()),
            Some(Arg::List(list)) => {
                Ok(list.iter().map(|cell| (format.cell(cell), None)).collect())
            }
            Some(Arg::Dict(dict)) => {
                let named = |(name, cell): (String, Cell)| (name, Some(format.cell(&cell)));
                Ok(dict.into_iter().map(named).collect())
            }
            Some(other) => Err(self.wrong(
                name,
                &other,
                "a list of columns, or a dict of column and text",
            )),
        }
    }

    /// Refuses what nobody took.
    ///
    /// # Errors
    /// `Project`, with the nearest name.
    pub(super) fn finish(self) -> Result<()> {
        let Some(name) = self.given.keys().next() else {
            return Ok(());
        };
        let hint = match nearest(name, self.known.iter().copied()) {
            Some(known) => format!("did you mean `{known}`?"),
            None => format!("it takes {}", self.known.join(", ")),
        };
        Err(
            Diagnostic::project(format!("`{}` takes no argument `{name}`", self.function))
                .hint(hint)
                .into(),
        )
    }

    /// Returns whether an argument is given and not yet taken.
    pub(super) fn has(&self, name: &str) -> bool {
        self.given.contains_key(name)
    }

    fn wrong(&self, name: &str, arg: &Arg, wanted: &str) -> anyhow::Error {
        Diagnostic::project(format!("`{name}` of `{}` is {}", self.function, arg.kind()))
            .hint(format!("give it {wanted}"))
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(named: &[(&str, Arg)]) -> Args {
        let named = named
            .iter()
            .map(|(name, arg)| ((*name).to_string(), arg.clone()))
            .collect();
        Args::new("chart", &["kind"], Vec::new(), named).unwrap()
    }

    #[test]
    fn a_slip_in_a_name_is_answered_with_the_name_meant() {
        let mut slip = args(&[("titel", Arg::Cell(Cell::Text("x".into())))]);
        assert_eq!(slip.text("title").unwrap(), None);
        let message = slip.finish().unwrap_err().to_string();
        assert_eq!(
            message,
            "`chart` takes no argument `titel`\nhint: did you mean `title`?"
        );
    }

    #[test]
    fn an_argument_of_another_kind_is_refused_by_name() {
        let mut wrong = args(&[("title", Arg::Cell(Cell::Int(3))), ("data", Arg::Undefined)]);
        assert!(
            wrong
                .text("title")
                .unwrap_err()
                .to_string()
                .starts_with("`title` of `chart` is a number")
        );
        assert!(
            wrong
                .rows("data")
                .unwrap_err()
                .to_string()
                .starts_with("`data` of `chart` is undefined")
        );
        assert!(
            wrong
                .rows("rows")
                .unwrap_err()
                .to_string()
                .starts_with("`chart` is given no `rows`")
        );
    }

    #[test]
    fn too_many_arguments_without_a_name_are_refused() {
        let two = vec![Arg::Cell(Cell::Int(1)), Arg::Cell(Cell::Int(2))];
        assert!(Args::new("chart", &["kind"], two, BTreeMap::new()).is_err());
    }
}
