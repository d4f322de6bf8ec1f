//! The text of JSON values: where they end, what an object's members are. Builds no tree.

use memchr::memchr2;

/// What is wrong in a record, and at which byte.
pub(super) type Fault = (usize, &'static str);

/// Returns the first byte from `at` on that is no white space.
pub(super) fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(at) {
        at += 1;
    }
    at
}

/// Returns the byte after the value that starts at `at`; `None` when the bytes end within it.
///
/// Only brackets and quotes are looked at, whatever stands between them. A number or word that reaches the end
/// of the bytes is over only when they are the `last`.
pub(super) fn skip_value(bytes: &[u8], at: usize, last: bool) -> Option<usize> {
    match bytes.get(at)? {
        b'"' => skip_string(bytes, at + 1),
        b'{' | b'[' => skip_nested(bytes, at),
        _ => {
            let ends =
                |byte: &u8| matches!(byte, b',' | b']' | b'}' | b' ' | b'\n' | b'\r' | b'\t');
            match bytes[at + 1..].iter().position(ends) {
                Some(n_bytes) => Some(at + 1 + n_bytes),
                None => last.then_some(bytes.len()),
            }
        }
    }
}

/// Returns the byte after the quote that closes the string whose first character is at `at`.
pub(super) fn skip_string(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
        match bytes[at] {
            b'"' => return Some(at + 1),
            _ => at += 2,
        }
    }
}

fn skip_nested(bytes: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    loop {
        match bytes.get(at)? {
            b'"' => {
                at = skip_string(bytes, at + 1)?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
}

/// Hands each member of the object that `text` is to `each`: the key as it stands between its quotes, the value
/// as it stands. Nested values are checked by the caller.
///
/// # Errors
/// A [`Fault`] when `text` is no single object, or what `each` answers.
pub(super) fn members<'t>(
    text: &'t str,
    mut each: impl FnMut(&'t str, &'t str, usize) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let bytes = text.as_bytes();
    if bytes.first() != Some(&b'{') {
        return Err((0, "a record that is no object"));
    }
    let mut at = skip_space(bytes, 1);
    if bytes.get(at) == Some(&b'}') {
        return over(bytes, at + 1);
    }
    loop {
        if bytes.get(at) != Some(&b'"') {
            return Err((at, "a key in quotes is missing"));
        }
        let key_end = skip_string(bytes, at + 1).ok_or((at, "a quote is never closed"))?;
        let key = text.get(at + 1..key_end - 1).unwrap_or_default();
        let colon = skip_space(bytes, key_end);
        if bytes.get(colon) != Some(&b':') {
            return Err((colon, "a colon is missing after a key"));
        }
        let start = skip_space(bytes, colon + 1);
        if matches!(bytes.get(start), None | Some(b',' | b'}' | b']')) {
            return Err((start, "a value is missing"));
        }
        let end =
            skip_value(bytes, start, true).ok_or((start, "a quote or bracket is never closed"))?;
        each(key, text.get(start..end).unwrap_or_default(), start)?;
        at = skip_space(bytes, end);
        match bytes.get(at) {
            Some(b',') => at = skip_space(bytes, at + 1),
            Some(b'}') => return over(bytes, at + 1),
            None => return Err((at, "the record ends in the middle")),
            Some(_) => return Err((at, "a comma is missing")),
        }
    }
}

fn over(bytes: &[u8], at: usize) -> Result<(), Fault> {
    match skip_space(bytes, at) {
        end if end == bytes.len() => Ok(()),
        end => Err((end, "text after the end of the record")),
    }
}

/// Returns whether `text` is a number as JSON writes it.
pub(super) fn is_number(text: &str) -> bool {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let text = text.strip_prefix('-').unwrap_or(text);
    let whole = digits(text);
    if whole == 0 || whole > 1 && text.starts_with('0') {
        return false;
    }
    let mut rest = &text[whole..];
    if let Some(fraction) = rest.strip_prefix('.') {
        let n_digits = digits(fraction);
        if n_digits == 0 {
            return false;
        }
        rest = &fraction[n_digits..];
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        return !exponent.is_empty() && digits(exponent) == exponent.len();
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys_and_values(text: &str) -> Result<Vec<(&str, &str)>, Fault> {
        let mut found = Vec::new();
        members(text, |key, value, _| {
            found.push((key, value));
            Ok(())
        })?;
        Ok(found)
    }

    #[test]
    fn members_are_found_as_they_stand() {
        let text = r#"{ "a" : 1, "b\"c":"x\\", "d":{"e":[1,"}"]} ,"f":null }"#;
        let expected = [
            ("a", "1"),
            ("b\\\"c", r#""x\\""#),
            ("d", r#"{"e":[1,"}"]}"#),
            ("f", "null"),
        ];
        assert_eq!(keys_and_values(text).unwrap(), expected);
        assert_eq!(keys_and_values("{}").unwrap(), []);
    }

    #[test]
    fn what_is_no_object_has_its_fault_named() {
        for (text, at) in [
            ("[1]", 0),
            ("{\"a\" 1}", 5),
            ("{\"a\":1 \"b\":2}", 7),
            ("{\"a\":1} x", 8),
            ("{\"a\":}", 5),
        ] {
            assert_eq!(keys_and_values(text).unwrap_err().0, at, "{text}");
        }
    }

    #[test]
    fn a_value_is_over_when_its_bracket_or_quote_is_closed() {
        assert_eq!(skip_value(br#"{"a":"}"},"#, 0, false), Some(9));
        assert_eq!(skip_value(br#"{"a":"}"#, 0, true), None);
        assert_eq!(skip_value(b"12", 0, false), None);
        assert_eq!(skip_value(b"12", 0, true), Some(2));
        assert_eq!(skip_value(br#""a\"#, 0, true), None);
    }

    #[test]
    fn numbers_are_told_as_json_writes_them() {
        for good in [
            "0",
            "-1",
            "1.5",
            "1e5",
            "-0.1E-7",
            "123456789012345678901234567890",
        ] {
            assert!(is_number(good), "{good}");
        }
        for bad in ["", "-", "01", "1.", ".5", "1e", "NaN", "0x1", "1_000"] {
            assert!(!is_number(bad), "{bad}");
        }
    }
}
