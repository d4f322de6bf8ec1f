//! How a service hands out its records page by page. Asks for nothing itself.

use std::collections::HashSet;

use serde_json::Value;
use serde_json_path::JsonPath;

use super::client::shown;
use crate::diagnostic::{Diagnostic, Result, nearest};
use crate::ingest::connectors::options::Options;

/// A service's way from page to page.
#[derive(Debug, Clone)]
pub(super) enum Paginate {
    /// There is one page.
    None,
    /// The page holds a word that asks for the next one.
    Cursor { param: String, next: JsonPath },
    /// The page holds the next one's address.
    NextUrl { next: JsonPath },
    /// The header `Link` holds the next one's address (RFC 8288).
    LinkHeader,
    /// Pages are numbered; one without records is after the last.
    Page { param: String, number: u64 },
    /// Records are numbered; fewer than `limit` of them are the last.
    Offset { param: String, limit: u64 },
}

const KINDS: [&str; 5] = ["cursor", "next_url", "link_header", "page", "offset"];

/// What was just read.
pub(super) struct Read<'a> {
    pub(super) url: &'a str,
    pub(super) bytes: &'a [u8],
    pub(super) link: Option<&'a str>,
    pub(super) n_records: u64,
}

/// Where the pages of one fetch stand.
pub(super) struct Pages {
    paginate: Paginate,
    pub(super) url: String,
    /// The parameters that ask for this page.
    pub(super) params: Vec<(String, String)>,
    seen: HashSet<String>,
    n_records: u64,
}

impl Paginate {
    /// Reads `paginate:` of a connector.
    ///
    /// # Errors
    /// `Project` when it is of no known kind, or lacks what its kind needs.
    pub(super) fn parse(options: &Options<'_>) -> Result<Self> {
        let keys = ["kind", "param", "next", "start", "limit"];
        let Some(given) = options.below("paginate", &keys)? else {
            return Ok(Self::None);
        };
        let kind = given.required("kind")?;
        let number = |key: &str, default: u64| match given.text(key)? {
            None => Ok(default),
            Some(text) => text.parse().map_err(|_| {
                anyhow::Error::from(Diagnostic::project(format!(
                    "`{key}` of `paginate` is no whole number"
                )))
            }),
        };
        let param = |default: &str| {
            Ok::<_, anyhow::Error>(given.text("param")?.unwrap_or_else(|| default.into()))
        };
        Ok(match kind.as_str() {
            "cursor" => Self::Cursor {
                param: given.required("param")?,
                next: path("next", &given.required("next")?)?,
            },
            "next_url" => Self::NextUrl {
                next: path("next", &given.required("next")?)?,
            },
            "link_header" => Self::LinkHeader,
            "page" => Self::Page {
                param: param("page")?,
                number: number("start", 1)?,
            },
            "offset" => Self::Offset {
                param: param("offset")?,
                limit: number("limit", 100)?,
            },
            other => {
                let hint = match nearest(other, KINDS) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("known kinds: {}", KINDS.join(", ")),
                };
                return Err(
                    Diagnostic::project(format!("`{other}` is no kind of `paginate`"))
                        .hint(hint)
                        .into(),
                );
            }
        })
    }
}

/// Parses a JSONPath (RFC 9535).
pub(super) fn path(key: &str, text: &str) -> Result<JsonPath> {
    JsonPath::parse(text).map_err(|err| {
        Diagnostic::project(format!("`{key}: {text}` is no JSONPath"))
            .because(anyhow::anyhow!("{err}"))
            .hint("such as `$.data` or `$.meta.next`")
            .into()
    })
}

impl Pages {
    /// Begins with the first page at `url`.
    pub(super) fn begin(paginate: Paginate, url: &str) -> Self {
        let params = match &paginate {
            Paginate::Page { param, number } => vec![(param.clone(), number.to_string())],
            Paginate::Offset { param, limit } => vec![
                (param.clone(), "0".into()),
                ("limit".into(), limit.to_string()),
            ],
            _ => Vec::new(),
        };
        Self {
            paginate,
            url: url.into(),
            params,
            seen: HashSet::new(),
            n_records: 0,
        }
    }

    /// Goes to the next page; returns whether there is one.
    ///
    /// # Errors
    /// `Data` when the service leads in a circle, `Project` when it leads to another host.
    pub(super) fn advance(&mut self, read: &Read<'_>) -> Result<bool> {
        self.n_records += read.n_records;
        let next = match &mut self.paginate {
            Paginate::None => None,
            Paginate::Cursor { next, .. } | Paginate::NextUrl { next } => found(next, read.bytes),
            Paginate::LinkHeader => read.link.and_then(next_of_link),
            Paginate::Page { number, .. } if read.n_records > 0 => {
                *number += 1;
                Some(number.to_string())
            }
            Paginate::Offset { limit, .. } if read.n_records >= *limit => {
                Some(self.n_records.to_string())
            }
            Paginate::Page { .. } | Paginate::Offset { .. } => None,
        };
        let Some(next) = next else {
            return Ok(false);
        };
        // A service that does not know the parameter gives the first page for ever.
        let is_numbered = matches!(
            self.paginate,
            Paginate::Page { .. } | Paginate::Offset { .. }
        );
        let mark = match is_numbered {
            true => String::from_utf8_lossy(read.bytes).into_owned(),
            false => next.clone(),
        };
        if is_numbered {
            self.seen.retain(|seen| *seen == mark);
        }
        if !self.seen.insert(mark) {
            return Err(circle(read.url, &next));
        }
        match &self.paginate {
            Paginate::NextUrl { .. } | Paginate::LinkHeader => {
                self.url = followed(read.url, &next)?;
            }
            Paginate::Offset { param, limit } => {
                self.params = vec![(param.clone(), next), ("limit".into(), limit.to_string())];
            }
            Paginate::Cursor { param, .. } | Paginate::Page { param, .. } => {
                self.params = vec![(param.clone(), next)];
            }
            Paginate::None => {}
        }
        Ok(true)
    }

    /// Returns whether the address holds all parameters already.
    pub(super) fn is_whole_url(&self, first: &str) -> bool {
        self.url != first
    }
}

/// Returns the text or number at a path of a page; null, false, empty text and nothing mean that there is none.
fn found(path: &JsonPath, bytes: &[u8]) -> Option<String> {
    let page: Value = serde_json::from_slice(bytes).ok()?;
    match path.query(&page).first()? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Returns the address of the relation `next` in a header `Link`.
fn next_of_link(link: &str) -> Option<String> {
    link.split(',').find_map(|part| {
        let (url, rest) = part.trim().strip_prefix('<')?.split_once('>')?;
        let is_next = |word: &str| matches!(word.trim(), "rel=\"next\"" | "rel=next");
        rest.split(';').any(is_next).then(|| url.to_owned())
    })
}

/// Returns the next page's address, which may begin at the host. The token goes to no other host.
fn followed(from: &str, next: &str) -> Result<String> {
    let host = |url: &str| {
        let (scheme, rest) = url.split_once("://")?;
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        Some(format!("{scheme}://{host}"))
    };
    let own = host(from).unwrap_or_default();
    match host(next) {
        None if next.starts_with('/') => Ok(format!("{own}{next}")),
        Some(other) if other == own => Ok(next.into()),
        _ => Err(Diagnostic::project(format!(
            "`{}` leads to another host for its next page: `{}`",
            shown(from),
            shown(next)
        ))
        .hint("who asks is told to the host of `url:` only; use that host there, or another kind of `paginate`")
        .into()),
    }
}

fn circle(url: &str, next: &str) -> anyhow::Error {
    let next: String = next.chars().take(60).collect();
    Diagnostic::data(format!(
        "`{}` leads in a circle: its pages lead to `{next}` again",
        shown(url)
    ))
    .hint("check `paginate:`; does the service know the parameter?")
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(yaml: &str) -> Pages {
        let map = serde_yaml::from_str(yaml).unwrap();
        let options = Options::new("x", &map, &["paginate"]).unwrap();
        Pages::begin(Paginate::parse(&options).unwrap(), "http://h/t")
    }

    fn advance(pages: &mut Pages, body: &str, n_records: u64) -> Result<bool> {
        let read = Read {
            url: "http://h/t",
            bytes: body.as_bytes(),
            link: None,
            n_records,
        };
        pages.advance(&read)
    }

    #[test]
    fn a_cursor_is_followed_until_it_is_null_missing_or_comes_again() {
        let yaml = "paginate: {kind: cursor, param: after, next: $.meta.next}";
        let mut cursor = pages(yaml);
        assert!(advance(&mut cursor, r#"{"meta": {"next": "a"}}"#, 1).unwrap());
        assert_eq!(cursor.params, [("after".to_owned(), "a".to_owned())]);
        assert!(advance(&mut cursor, r#"{"meta": {"next": 7}}"#, 1).unwrap());
        assert!(!advance(&mut cursor, r#"{"meta": {"next": null}}"#, 1).unwrap());
        assert!(!advance(&mut cursor, r#"{"data": []}"#, 1).unwrap());
        let err = advance(&mut cursor, r#"{"meta": {"next": "a"}}"#, 1).unwrap_err();
        assert!(err.to_string().contains("leads in a circle"), "{err}");
    }

    #[test]
    fn numbered_pages_end_with_an_empty_one_and_must_differ() {
        let mut page = pages("paginate: {kind: page, param: p}");
        assert_eq!(page.params, [("p".to_owned(), "1".to_owned())]);
        assert!(advance(&mut page, "[1]", 1).unwrap());
        assert_eq!(page.params, [("p".to_owned(), "2".to_owned())]);
        assert!(!advance(&mut page, "[]", 0).unwrap());
        let mut same = pages("paginate: {kind: page}");
        assert!(advance(&mut same, "[1]", 1).unwrap());
        assert!(advance(&mut same, "[1]", 1).is_err());
    }

    #[test]
    fn numbered_records_end_with_a_page_that_is_not_full() {
        let mut offset = pages("paginate: {kind: offset, limit: 2}");
        assert!(advance(&mut offset, "[1,2]", 2).unwrap());
        assert_eq!(offset.params[0], ("offset".to_owned(), "2".to_owned()));
        assert!(!advance(&mut offset, "[3]", 1).unwrap());
    }

    #[test]
    fn a_link_is_followed_on_its_own_host_only() {
        let link = r#"<http://h/t?page=2>; rel="next", <http://h/t?page=9>; rel="last""#;
        assert_eq!(next_of_link(link).unwrap(), "http://h/t?page=2");
        assert_eq!(next_of_link(r#"<http://h/t>; rel="prev""#), None);
        assert_eq!(followed("http://h/t", "/t?p=2").unwrap(), "http://h/t?p=2");
        assert!(followed("http://h/t", "http://evil/t").is_err());
        assert!(followed("https://h/t", "http://h/t").is_err());
    }
}
