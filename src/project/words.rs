//! YAML 1.1 as PyYAML reads it, over a parsed text: `yes` and `off` are truth values, `010` is 8, `1:30` is 90, `1e3` is text, and
//! `<<` puts what it merges in front. The parser itself reads YAML 1.2.

use std::sync::LazyLock;

use regex::Regex;
use serde_yaml::value::{Tag, TaggedValue};
use serde_yaml::{Mapping, Value};

/// A text of YAML with the places of its lines.
pub struct Written<'a> {
    text: &'a str,
    /// Where each line begins.
    lines: Vec<usize>,
}

impl<'a> Written<'a> {
    /// Finds the lines.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            text,
            lines: std::iter::once(0).chain(ends).collect(),
        }
    }

    /// Returns the text of a value from its first character on, when it is no quoted and no block scalar.
    #[must_use]
    pub fn plain(&self, value: &Value) -> Option<&'a str> {
        let start = value.span().start;
        let line = start.line().checked_sub(1)?;
        let text = &self.text[*self.lines.get(line)?..];
        let column = start.column().checked_sub(1)?;
        let mut own = &text[text.char_indices().nth(column)?.0..];
        // An anchor or a tag stands before the value.
        while own.starts_with(['&', '!']) {
            own = own.trim_start_matches(|c: char| !c.is_whitespace());
            own = own.trim_start();
        }
        (!own.starts_with(['\'', '"', '|', '>'])).then_some(own)
    }

    /// Tags plain dates and times, which YAML 1.1 has a type for: [`is_moment`].
    pub fn mark_moments(&self, value: &mut Value) {
        match value {
            Value::String(text, span) if reads_as_moment(text) => {
                let place = Value::Null(span.clone());
                if self.plain(&place).is_some() {
                    let tagged = TaggedValue {
                        tag: Tag::new(MOMENT),
                        value: Value::string(std::mem::take(text)).with_span(span.clone()),
                    };
                    *value = Value::tagged(tagged).with_span(place.span().clone());
                }
            }
            Value::Sequence(items, _) => items.iter_mut().for_each(|item| self.mark_moments(item)),
            Value::Mapping(map, _) => {
                map.iter_mut().for_each(|(_, item)| self.mark_moments(item));
            }
            _ => {}
        }
    }

    /// Gives values the types that YAML 1.1 has for them, and merges what `<<` names.
    ///
    /// # Errors
    /// The value below `<<` that is no mapping and no list of mappings.
    pub fn resolve(&self, value: &mut Value) -> Result<(), Value> {
        match value {
            Value::String(text, span) => {
                if let Some(word) = word(text)
                    && self
                        .plain(&Value::String(String::new(), span.clone()))
                        .is_some()
                {
                    *value = word.with_span(span.clone());
                }
            }
            Value::Number(number, span) if number.is_f64() => {
                let own = self.plain(&Value::Null(span.clone()));
                let own = own.map(|own| own.split([' ', ',', '}', ']', '\n', '\r', '#']).next());
                if let Some(own) = own.flatten().filter(|own| !is_float(own)) {
                    *value = Value::string(own.to_owned()).with_span(span.clone());
                }
            }
            Value::Sequence(items, _) => {
                for item in items {
                    self.resolve(item)?;
                }
            }
            Value::Mapping(map, _) => {
                for (_, item) in map.iter_mut() {
                    self.resolve(item)?;
                }
                if map.contains_key("<<") {
                    *map = merged(std::mem::take(map))?;
                }
            }
            Value::Tagged(tagged, _) => self.resolve(&mut tagged.value)?,
            _ => {}
        }
        Ok(())
    }
}

/// The tag of a date or a time.
const MOMENT: &str = "!moment";

/// Returns whether a tag is that of a plain date or time.
#[must_use]
pub fn is_moment(tag: &Tag) -> bool {
    *tag == MOMENT
}

/// Makes JSON of a value; dates and times are text.
#[must_use]
pub fn to_json(value: &Value) -> serde_json::Value {
    match value {
        Value::Sequence(items, _) => items.iter().map(to_json).collect(),
        Value::Mapping(map, _) => {
            let name = |key: &Value| key.as_scalar_string().map(|name| name.into_owned());
            let pairs = map.iter();
            pairs
                .filter_map(|(key, item)| Some((name(key)?, to_json(item))))
                .collect()
        }
        Value::Tagged(tagged, _) => to_json(&tagged.value),
        _ => serde_json::to_value(value).unwrap_or_default(),
    }
}

/// Returns whether a scalar without quotes is text, not a number, truth value, date or sign of YAML 1.1.
#[must_use]
pub fn is_text(plain: &str) -> bool {
    let is_word = matches!(
        plain,
        "" | "~"
            | "="
            | "<<"
            | "null"
            | "Null"
            | "NULL"
            | "true"
            | "True"
            | "TRUE"
            | "false"
            | "False"
            | "FALSE"
    );
    !is_word && !is_float(plain) && word(plain).is_none() && !reads_as_moment(plain)
}

/// Returns whether YAML 1.1 takes a plain scalar for a date or a time.
fn reads_as_moment(text: &str) -> bool {
    static FORM: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let day = r"\d{4}-\d\d-\d\d";
        let time = r"\d{1,2}:\d\d:\d\d(\.\d*)?([ \t]*(Z|[-+]\d{1,2}(:\d\d)?))?";
        Regex::new(&format!(
            r"^({day}|\d{{4}}-\d{{1,2}}-\d{{1,2}}([Tt]|[ \t]+){time})$"
        ))
        .ok()
    });
    let is_near = text.len() >= 10 && text.as_bytes().get(4) == Some(&b'-');
    is_near && FORM.as_ref().is_some_and(|form| form.is_match(text))
}

/// Puts what `<<` merges in front of a mapping's own pairs; the first of several mappings wins, the own pairs win over all.
fn merged(map: Mapping) -> Result<Mapping, Value> {
    let mut all = Mapping::new();
    let mut own = Vec::new();
    for (key, value) in map {
        match (key.as_str(), value) {
            (Some("<<"), Value::Mapping(base, _)) => all.extend(base),
            (Some("<<"), Value::Sequence(bases, _)) => {
                for base in bases.into_iter().rev() {
                    match base {
                        Value::Mapping(base, _) => all.extend(base),
                        other => return Err(other),
                    }
                }
            }
            (Some("<<"), other) => return Err(other),
            (_, value) => own.push((key, value)),
        }
    }
    all.extend(own);
    Ok(all)
}

/// Returns what a plain scalar means that YAML 1.2 takes for text.
fn word(text: &str) -> Option<Value> {
    match text {
        "yes" | "Yes" | "YES" | "on" | "On" | "ON" => return Some(Value::bool(true)),
        "no" | "No" | "NO" | "off" | "Off" | "OFF" => return Some(Value::bool(false)),
        _ => {}
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let first = digits.bytes().next()?;
    if !(first.is_ascii_digit() || first == b'.') || text.len() > 40 {
        return None;
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    if let Some(number) = whole(digits) {
        return Some(Value::number((sign * number).into()));
    }
    let number = fraction(digits)?;
    #[expect(clippy::cast_precision_loss, reason = "the sign is one")]
    Some(Value::number((sign as f64 * number).into()))
}

/// Reads a whole number: octal after a `0`, in base 60 between colons, `_` anywhere between digits.
fn whole(digits: &str) -> Option<i64> {
    let bare = digits.replace('_', "");
    let radix = |digits: &str, radix| i64::from_str_radix(digits, radix).ok();
    if let Some(binary) = bare.strip_prefix("0b") {
        return radix(binary, 2);
    }
    if let Some(hex) = bare.strip_prefix("0x") {
        return radix(hex, 16);
    }
    if bare.contains(':') {
        return sexagesimal(&bare).filter(|_| !bare.starts_with('0'));
    }
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match bare.strip_prefix('0') {
        Some("") | None => radix(&bare, 10).filter(|_| is_digits(&bare)),
        Some(octal) => radix(octal, 8).filter(|_| is_digits(octal)),
    }
}

/// Reads `1:30` as 90.
fn sexagesimal(text: &str) -> Option<i64> {
    let mut total = 0i64;
    for (index, part) in text.split(':').enumerate() {
        let is_digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let number = part.parse::<i64>().ok().filter(|_| is_digits)?;
        if index > 0 && number >= 60 {
            return None;
        }
        total = total.checked_mul(60)?.checked_add(number)?;
    }
    Some(total)
}

/// Reads a number with a point, in base 60 where it has colons.
fn fraction(digits: &str) -> Option<f64> {
    let bare = digits.replace('_', "");
    if let Some((whole, rest)) = bare
        .split_once('.')
        .filter(|(whole, _)| whole.contains(':'))
    {
        let rest = format!("0.{rest}0").parse::<f64>().ok()?;
        #[expect(clippy::cast_precision_loss, reason = "as Python reads it")]
        return sexagesimal(whole).map(|whole| whole as f64 + rest);
    }
    bare.parse().ok().filter(|_| is_float(&bare))
}

/// Returns whether YAML 1.1 takes a number for a float: it has a point, and its exponent a sign.
fn is_float(text: &str) -> bool {
    let own = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(own, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let (mantissa, exponent) = match own.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (own, None),
    };
    let has_sign = exponent.is_none_or(|exponent| exponent.starts_with(['-', '+']));
    let is_digit = |c: char| c.is_ascii_digit() || c == '_' || c == '.';
    mantissa.contains('.') && mantissa.chars().all(is_digit) && has_sign
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(text: &str) -> String {
        let mut value: Value = serde_yaml::from_str(text).unwrap();
        Written::new(text).resolve(&mut value).unwrap();
        let json = serde_json::to_value(value).unwrap();
        json.to_string()
    }

    #[test]
    fn words_and_numbers_are_those_of_yaml_1_1() {
        assert_eq!(
            resolved(
                "[yes, 'yes', off, 010, 08, 0x1F, 1:30, 1_000, 1e3, 1.5, 1.5e+3, '010', 12:30:45.5, n]"
            ),
            r#"[true,"yes",false,8,"08",31,90,1000,"1e3",1.5,1500.0,"010",45045.5,"n"]"#
        );
    }

    #[test]
    fn merged_pairs_stand_in_front_and_lose() {
        assert_eq!(
            resolved("a: &a {x: 1, y: 2}\nb: {z: 0, <<: *a, y: 3}\nc: {<<: [{x: 9}, *a]}\n"),
            r#"{"a":{"x":1,"y":2},"b":{"x":1,"y":3,"z":0},"c":{"x":9,"y":2}}"#
        );
    }
}
