//! `%` of strings: `'%s and %05d' % ('a', 7)`, `'%(name)s' % {'name': 'a'}`.

use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use super::{Spec, character, number};
use crate::jinja::errors::problem;
use crate::jinja::methods::kind_name;
use crate::jinja::value::{repr, text};

/// The template that is left to read, and the values that are left to write.
struct Reader<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    values: std::vec::IntoIter<Value>,
}

/// Writes values into a template as Python's `%` does.
///
/// # Errors
/// `Project` where there are too few or too many values, or one does not fit its conversion.
pub(crate) fn percent(template: &str, given: &Value) -> Result<String, Error> {
    let values: Vec<Value> = match given.is_tuple() {
        true => given.try_iter()?.collect(),
        false => vec![given.clone()],
    };
    // As in Python, what can be subscribed may go unused.
    let is_free = !given.is_tuple() && matches!(given.kind(), ValueKind::Map | ValueKind::Seq);
    let mut reader = Reader {
        rest: template.chars().peekable(),
        values: values.into_iter(),
    };
    let mut out = String::new();
    let mut by_name = false;
    while let Some(c) = reader.rest.next() {
        match c {
            '%' => out.push_str(&reader.conversion(given, &mut by_name)?),
            c => out.push(c),
        }
    }
    match reader.values.next() {
        Some(_) if !is_free && !by_name => Err(problem(
            "`%` is given more values than the string has conversions",
        )),
        _ => Ok(out),
    }
}

impl Reader<'_> {
    fn next(&mut self) -> Result<Value, Error> {
        self.values
            .next()
            .ok_or_else(|| problem("`%` is given fewer values than the string has conversions"))
    }

    /// Writes the conversion after a `%`.
    fn conversion(&mut self, given: &Value, by_name: &mut bool) -> Result<String, Error> {
        let named = match self.rest.next_if_eq(&'(') {
            Some(_) => {
                *by_name = true;
                Some(self.named(given)?)
            }
            None => None,
        };
        let mut spec = self.flags();
        if let Some(width) = self.size()? {
            if width < 0 {
                spec.align = Some('<');
            }
            spec.width = usize::try_from(width.unsigned_abs()).unwrap_or(0);
        }
        if self.rest.next_if_eq(&'.').is_some() {
            spec.precision = Some(usize::try_from(self.size()?.unwrap_or(0)).unwrap_or(0));
        }
        while self
            .rest
            .next_if(|c| matches!(c, 'h' | 'l' | 'L'))
            .is_some()
        {}
        let Some(kind) = self.rest.next() else {
            return Err(problem("the string ends within a conversion of `%`"));
        };
        if kind == '%' {
            return Ok("%".to_owned());
        }
        let value = match named {
            Some(value) => value,
            None => self.next()?,
        };
        converted(spec, kind, &value)
    }

    /// Reads `name)` and returns the value that is given for it.
    fn named(&mut self, given: &Value) -> Result<Value, Error> {
        let mut name = String::new();
        let mut depth = 1;
        for c in self.rest.by_ref() {
            depth += i32::from(c == '(') - i32::from(c == ')');
            if depth == 0 {
                break;
            }
            name.push(c);
        }
        if given.kind() != ValueKind::Map {
            return Err(problem(format!(
                "`%({name})` takes a dict, not {}",
                kind_name(given)
            )));
        }
        let found = given.get_item(&Value::from(name.as_str()))?;
        match found.is_undefined() {
            true => Err(problem(format!(
                "`%({name})`: the dict has no key `{name}`"
            ))),
            false => Ok(found),
        }
    }

    fn flags(&mut self) -> Spec {
        let mut spec = Spec::default();
        while let Some(flag) = self
            .rest
            .next_if(|c| matches!(c, '-' | '+' | ' ' | '#' | '0'))
        {
            match flag {
                '-' => spec.align = Some('<'),
                '+' => spec.sign = Some('+'),
                ' ' => spec.sign = spec.sign.or(Some(' ')),
                '#' => spec.alternate = true,
                _ => spec.fill = Some('0'),
            }
        }
        spec
    }

    /// Reads a number, or takes it from the values where a `*` stands.
    fn size(&mut self) -> Result<Option<i64>, Error> {
        if self.rest.next_if_eq(&'*').is_some() {
            let size = self.next()?;
            let number = size.as_i64().filter(|_| size.is_integer());
            return number
                .map(Some)
                .ok_or_else(|| problem("`*` in a conversion of `%` takes a whole number"));
        }
        let mut digits = String::new();
        while let Some(digit) = self.rest.next_if(char::is_ascii_digit) {
            digits.push(digit);
        }
        Ok(digits.parse().ok())
    }
}

fn converted(mut spec: Spec, kind: char, value: &Value) -> Result<String, Error> {
    let zeros = spec.fill.take().filter(|_| spec.align.is_none());
    let words = |own: String| -> Result<String, Error> {
        let spec = Spec {
            align: Some(spec.align.unwrap_or('>')),
            ..spec.clone()
        };
        Ok(spec.text(&own))
    };
    match kind {
        's' => return words(text(value)),
        'r' | 'a' => return words(repr(value)),
        'c' => return words(character(value)?),
        _ => {}
    }
    let number = number(value, kind)?;
    let number = match kind {
        'd' | 'i' | 'u' => super::Number::Whole(number.whole()),
        'x' | 'X' | 'o' | 'e' | 'E' | 'f' | 'F' | 'g' | 'G' => number,
        other => {
            return Err(problem(format!("`%{other}` is no conversion of `%`")));
        }
    };
    let spec = Spec {
        fill: zeros,
        align: zeros.map(|_| '=').or(spec.align),
        kind: Some(kind),
        ..spec
    };
    spec.number(&number)
}
