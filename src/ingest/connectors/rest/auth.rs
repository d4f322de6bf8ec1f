//! Who asks: bearer token, basic password, or a key in a header or parameter. What is secret never leaves this file
//! but in a request.

use std::fmt;

use crate::diagnostic::{Diagnostic, Result};
use crate::ingest::connectors::options::Options;

/// What a request carries so that the service knows who asks.
#[derive(Clone, Default)]
pub(super) struct Auth {
    pub(super) headers: Vec<(String, String)>,
    pub(super) params: Vec<(String, String)>,
    secrets: Vec<String>,
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Auth(***)")
    }
}

impl Auth {
    /// Reads `auth:` of a connector.
    ///
    /// # Errors
    /// `Project` when it is not one of the known kinds, or a secret is empty.
    pub(super) fn parse(options: &Options<'_>) -> Result<Self> {
        let Some(auth) = options.below("auth", &["bearer", "basic", "header", "param"])? else {
            return Ok(Self::default());
        };
        let mut parsed = Self::default();
        if auth.get("bearer").is_some() {
            let token = auth.required("bearer")?;
            parsed.header("Authorization", format!("Bearer {token}"), token);
        } else if let Some(basic) = auth.below("basic", &["user", "password"])? {
            let password = basic.text("password")?.unwrap_or_default();
            let pair = base64(format!("{}:{password}", basic.required("user")?).as_bytes());
            parsed.header("Authorization", format!("Basic {pair}"), password);
            parsed.secrets.push(pair);
        } else if let Some(header) = auth.below("header", &["name", "value"])? {
            let value = header.required("value")?;
            parsed.header(&header.required("name")?, value.clone(), value);
        } else if let Some(param) = auth.below("param", &["name", "value"])? {
            let value = param.required("value")?;
            parsed.params.push((param.required("name")?, value.clone()));
            parsed.secrets.push(value);
        } else {
            return Err(Diagnostic::project("`auth:` says nothing")
                .hint("write one of: {bearer: …}, {basic: {user: …, password: …}}, {header: {name: …, value: …}}, {param: {name: …, value: …}}")
                .into());
        }
        Ok(parsed)
    }

    fn header(&mut self, name: &str, value: String, secret: String) {
        self.headers.push((name.into(), value));
        self.secrets.push(secret);
    }

    /// Returns `text` with `***` in the place of each secret.
    pub(super) fn redacted(&self, text: &str) -> String {
        let secrets = self.secrets.iter().filter(|secret| !secret.is_empty());
        secrets.fold(text.to_owned(), |text, secret| {
            text.replace(secret.as_str(), "***")
        })
    }
}

/// Returns bytes in base 64 (RFC 4648, padded).
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let byte = |i: usize| u32::from(three.get(i).copied().unwrap_or(0));
        let number = byte(0) << 16 | byte(1) << 8 | byte(2);
        for i in 0..4 {
            let letter = LETTERS[(number >> (18 - 6 * i) & 63) as usize];
            text.push(if i <= three.len() {
                char::from(letter)
            } else {
                '='
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_64_is_that_of_the_rfc() {
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn a_secret_is_hidden_wherever_it_stands() {
        let map = serde_yaml::from_str("auth: {bearer: s3cret}").unwrap();
        let auth = Auth::parse(&Options::new("x", &map, &["auth"]).unwrap()).unwrap();
        assert_eq!(auth.redacted("GET /?k=s3cret"), "GET /?k=***");
        assert_eq!(format!("{auth:?}"), "Auth(***)");
    }
}
