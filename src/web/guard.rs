//! Who is answered: requests that name this machine, and changes only from our own pages. And what a browser may do with them.

use axum::extract::{Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// What every answer carries: nothing from elsewhere is loaded, and no other page may frame it or read it.
static HEADERS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
];

/// Turns away what does not come from this machine's own pages.
pub(super) async fn guard(State(port): State<u16>, request: Request, next: Next) -> Response {
    let verdict = check(request.method(), request.headers(), port);
    let mut response = match verdict {
        Ok(()) => next.run(request).await,
        Err(why) => (StatusCode::FORBIDDEN, format!("{why}\n")).into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in &HEADERS {
        headers.insert(name.clone(), HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// A name that resolves to this machine is not enough: another site may have it resolve so (DNS rebinding).
fn check(method: &Method, headers: &HeaderMap, port: u16) -> Result<(), &'static str> {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    if !host.is_some_and(|host| is_ours(host, port)) {
        return Err("this page answers to 127.0.0.1, localhost and [::1] only");
    }
    if matches!(*method, Method::GET | Method::HEAD) {
        return Ok(());
    }
    let origin = headers
        .get(header::ORIGIN)
        .and_then(|text| text.to_str().ok());
    let ours = origin
        .and_then(|origin| origin.strip_prefix("http://"))
        .is_some_and(|origin| Some(origin) == host);
    match ours {
        true => Ok(()),
        false => Err("changes are taken from this page only: the header Origin is not its own"),
    }
}

/// Whether `host`, as in the header, is this machine under a name that no other site can take.
fn is_ours(host: &str, port: u16) -> bool {
    let rest = ["127.0.0.1", "localhost", "[::1]"]
        .iter()
        .find_map(|name| host.strip_prefix(name));
    match rest {
        Some("") => port == 80,
        Some(rest) => rest.strip_prefix(':') == Some(port.to_string().as_str()),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(HeaderName, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn only_names_of_this_machine_with_our_port_are_answered() {
        for host in ["127.0.0.1:8787", "localhost:8787", "[::1]:8787"] {
            assert!(is_ours(host, 8787), "{host}");
        }
        for host in [
            "evil.example:8787",
            "localhost.evil.example:8787",
            "127.0.0.1.evil.example:8787",
            "127.0.0.1",
            "127.0.0.1:80",
            "",
        ] {
            assert!(!is_ours(host, 8787), "{host}");
        }
    }

    #[test]
    fn a_change_needs_our_own_origin() {
        let ours = (header::HOST, "127.0.0.1:8787");
        let asked = |method: Method, origin: &[(HeaderName, &'static str)]| {
            let pairs: Vec<_> = std::iter::once(&ours).chain(origin).cloned().collect();
            check(&method, &headers(&pairs), 8787).is_ok()
        };
        assert!(asked(Method::GET, &[]));
        assert!(!asked(Method::POST, &[]));
        assert!(asked(
            Method::POST,
            &[(header::ORIGIN, "http://127.0.0.1:8787")]
        ));
        assert!(!asked(
            Method::POST,
            &[(header::ORIGIN, "http://localhost:9999")]
        ));
        assert!(!asked(Method::POST, &[(header::ORIGIN, "null")]));
    }
}
