//! One page asked for until it comes: waits and asks again where that may help. Understands no page.

use std::thread;
use std::time::Duration;

use jiff::Timestamp;

use super::auth::Auth;
use crate::diagnostic::{Diagnostic, Result};
use crate::ingest::connectors::Unavailable;

/// A page larger than this is refused, so that memory stays bounded, in bytes.
const LARGEST: u64 = 64 << 20;
/// The longest pause between two requests unless the service asks for a longer one.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// A service that asks for a longer pause than this is left alone until the next run.
const LONGEST_ASKED: Duration = Duration::from_secs(300);
/// Letters of an answer that are shown when it is an error.
const SHOWN: usize = 200;

/// How often a page is asked for, and how fast.
#[derive(Debug, Clone, Copy)]
pub(super) struct Retry {
    /// Requests at most.
    pub(super) attempts: u32,
    /// The pause after the first; doubled after each.
    pub(super) backoff: Duration,
}

/// One page to be asked for.
pub(super) struct Ask<'a> {
    pub(super) url: &'a str,
    pub(super) params: &'a [(String, String)],
    /// Its number, from 1.
    pub(super) page: u64,
}

/// A page as it came.
pub(super) struct Answer {
    pub(super) bytes: Vec<u8>,
    /// The header `Link`.
    pub(super) link: Option<String>,
}

/// What became of one request.
enum Outcome {
    Page(Answer),
    /// It may come when asked again, after this pause where the service names one.
    Again(String, Option<Duration>),
}

/// Asks one service.
pub(super) struct Client {
    agent: ureq::Agent,
    auth: Auth,
    headers: Vec<(String, String)>,
    retry: Retry,
    /// Requests so far.
    pub(super) n_requests: u64,
}

impl Client {
    /// Asks as `auth`, and waits for an answer as long as `timeout`.
    pub(super) fn new(
        auth: Auth,
        headers: Vec<(String, String)>,
        (retry, timeout): (Retry, Duration),
    ) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(timeout))
            .user_agent(concat!("wh/", env!("CARGO_PKG_VERSION")))
            .accept("application/json")
            .build();
        Self {
            agent: config.into(),
            auth,
            headers,
            retry,
            n_requests: 0,
        }
    }

    /// Returns a page.
    ///
    /// # Errors
    /// [`Unavailable`] in the chain when it does not come though asked for often enough; `Project` when the service
    /// refuses the request, `Data` when the page is too large.
    pub(super) fn get(&mut self, ask: &Ask<'_>) -> Result<Answer> {
        let mut n_tries = 0;
        loop {
            n_tries += 1;
            self.n_requests += 1;
            let (reason, asked) = match self.request(ask)? {
                Outcome::Page(answer) => return Ok(answer),
                Outcome::Again(reason, asked) => (reason, asked),
            };
            let wait = asked.unwrap_or_else(|| pause(self.retry.backoff, n_tries, jitter()));
            let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
            let url = shown(ask.url);
            if n_tries >= self.retry.attempts || wait > LONGEST_ASKED {
                tracing::warn!(url, page = ask.page, attempt = n_tries, reason, "give up");
                let reason = match wait > LONGEST_ASKED {
                    true => format!("{reason}, and asks to come back in {} s", wait.as_secs()),
                    false => reason,
                };
                return Err(Diagnostic::environment(format!("`{url}` is not available"))
                    .because(Unavailable {
                        reason,
                        tries: self.n_requests,
                    })
                    .hint("run again later, or set `on_unavailable: keep` to go on with the rows there are")
                    .into());
            }
            tracing::warn!(
                url,
                page = ask.page,
                attempt = n_tries,
                reason,
                wait_ms,
                "again"
            );
            thread::sleep(wait);
        }
    }

    fn request(&self, ask: &Ask<'_>) -> Result<Outcome> {
        let mut request = self.agent.get(ask.url);
        for (name, value) in ask.params.iter().chain(&self.auth.params) {
            request = request.query(name, value);
        }
        for (name, value) in self.headers.iter().chain(&self.auth.headers) {
            request = request.header(name, value);
        }
        let mut response = match request.call() {
            Ok(response) => response,
            Err(err) => return self.broken(ask, err),
        };
        let header = |name: &str| {
            let value = response.headers().get(name)?;
            value.to_str().ok().map(str::to_owned)
        };
        let (link, after) = (header("link"), header("retry-after"));
        let status = response.status();
        let body = response
            .body_mut()
            .with_config()
            .limit(LARGEST)
            .read_to_vec();
        tracing::info!(
            url = shown(ask.url),
            page = ask.page,
            status = status.as_u16(),
            "page"
        );
        let bytes = match body {
            Ok(bytes) => bytes,
            Err(ureq::Error::BodyExceedsLimit(_)) => {
                let what = format!(
                    "page {} of `{}` is larger than {} MiB",
                    ask.page,
                    shown(ask.url),
                    LARGEST >> 20
                );
                return Err(Diagnostic::data(what)
                    .hint("ask for smaller pages, with the parameter that the service has for it in `params:`")
                    .into());
            }
            Err(err) => return self.broken(ask, err),
        };
        if status.is_success() {
            return Ok(Outcome::Page(Answer { bytes, link }));
        }
        if status.is_server_error() || [408, 425, 429].contains(&status.as_u16()) {
            let asked = after.and_then(|after| wait_asked(&after, Timestamp::now()));
            return Ok(Outcome::Again(format!("it answers {status}"), asked));
        }
        Err(self.refused(ask, status.as_u16(), (&status.to_string(), &bytes)))
    }

    /// Decides whether a request that got no answer is made again.
    fn broken(&self, ask: &Ask<'_>, err: ureq::Error) -> Result<Outcome> {
        let reason = self.auth.redacted(&err.to_string());
        match err {
            ureq::Error::Io(_)
            | ureq::Error::Timeout(_)
            | ureq::Error::HostNotFound
            | ureq::Error::ConnectionFailed
            | ureq::Error::Protocol(_)
            | ureq::Error::BodyStalled => Ok(Outcome::Again(reason, None)),
            _ => Err(Diagnostic::project(format!(
                "`{}` cannot be asked: {reason}",
                shown(ask.url)
            ))
            .hint("check `url:`, `params:` and `headers:`")
            .into()),
        }
    }

    fn refused(&self, ask: &Ask<'_>, status: u16, (said, body): (&str, &[u8])) -> anyhow::Error {
        let hint = match status {
            401 | 403 => "check `auth:`, and the variables it is read from",
            404 | 405 | 410 => "check `url:`",
            400 | 422 => "check `params:` and `cursor:`",
            _ => "see what the service says of this answer",
        };
        let text = String::from_utf8_lossy(&body[..body.len().min(SHOWN)]);
        let text = self.auth.redacted(text.trim());
        Diagnostic::project(format!("`{}` answers {said}", shown(ask.url)))
            .note(text)
            .hint(hint)
            .into()
    }
}

/// Returns an address as messages show it: without user, password and parameters.
pub(super) fn shown(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            let host = host.rsplit('@').next().unwrap_or_default();
            let slash = if rest.contains('/') { "/" } else { "" };
            format!("{scheme}://{host}{slash}{path}")
        }
        None => url.into(),
    }
}

/// Returns the pause after `n_tries` requests: doubled each time, shortened by up to half so that many who were
/// refused at once do not come back at once. `jitter` is from 0 to 1.
fn pause(backoff: Duration, n_tries: u32, jitter: f64) -> Duration {
    let doubled = backoff.saturating_mul(2_u32.saturating_pow(n_tries.saturating_sub(1)));
    doubled.min(LONGEST_PAUSE).mul_f64(1.0 - jitter / 2.0)
}

/// Returns a number from 0 to 1 that differs from process to process and from call to call.
fn jitter() -> f64 {
    use std::hash::{BuildHasher, RandomState};
    let number = RandomState::new().hash_one(0_u8);
    f64::from(u32::try_from(number >> 32).unwrap_or(0)) / f64::from(u32::MAX)
}

/// Reads `Retry-After`: seconds, or a date.
fn wait_asked(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    Some(Duration::try_from(until.duration_since(now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_minute_and_are_shortened_by_half_at_most() {
        let second = Duration::from_secs(1);
        let pauses = [1, 2, 3, 4, 20].map(|n| pause(second, n, 0.0).as_secs());
        assert_eq!(pauses, [1, 2, 4, 8, 60]);
        assert_eq!(pause(second, 1, 1.0), Duration::from_millis(500));
        assert!((0.0..=1.0).contains(&jitter()));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now: Timestamp = "2015-10-21T07:27:00Z".parse().unwrap();
        assert_eq!(wait_asked("7", now), Some(Duration::from_secs(7)));
        let date = "Wed, 21 Oct 2015 07:28:00 GMT";
        assert_eq!(wait_asked(date, now), Some(Duration::from_secs(60)));
        let past = "Wed, 21 Oct 2015 07:00:00 GMT";
        assert_eq!(wait_asked(past, now), Some(Duration::ZERO));
        assert_eq!(wait_asked("soon", now), None);
    }

    #[test]
    fn addresses_are_shown_without_what_may_be_secret() {
        assert_eq!(
            shown("https://u:p@api.x.com/v1/t?key=1"),
            "https://api.x.com/v1/t"
        );
        assert_eq!(shown("http://localhost:8788"), "http://localhost:8788");
    }
}
