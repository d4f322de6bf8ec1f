//! Keeps the values of secrets out of what is printed and logged.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Write};
use std::sync::OnceLock;

/// What the names of variables begin with whose values nobody is to see, as in dbt.
const PREFIX: &str = "DBT_ENV_SECRET";

/// What stands in place of a secret.
const HIDDEN: &str = "*****";

/// Returns a text without the values of secrets.
pub(super) fn hidden(text: &str) -> Cow<'_, str> {
    static SECRETS: OnceLock<Vec<String>> = OnceLock::new();
    let secrets = SECRETS.get_or_init(|| {
        let named = std::env::vars().filter(|(name, _)| name.starts_with(PREFIX));
        named.map(|(_, value)| value).collect()
    });
    without(text, secrets)
}

fn without<'a>(text: &'a str, secrets: &[String]) -> Cow<'a, str> {
    let mut text = Cow::Borrowed(text);
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        if text.contains(secret) {
            text = Cow::Owned(text.replace(secret, HIDDEN));
        }
    }
    text
}

/// A log file, to which lines are written whole.
pub(super) struct Log(pub(super) File);

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match std::str::from_utf8(line) {
            Ok(text) => self.0.write_all(hidden(text).as_bytes())?,
            Err(_) => self.0.write_all(line)?,
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_hidden_wherever_it_stands() {
        let secrets = ["abc".to_owned(), String::new()];
        assert_eq!(
            without("git clone https://u:abc@h/abc", &secrets),
            "git clone https://u:*****@h/*****"
        );
        assert!(matches!(
            without("nothing", &secrets),
            Cow::Borrowed("nothing")
        ));
    }
}
