//! Trying a failed node again, as its configuration says.

use std::time::Duration;

use crate::compile::Node;
use crate::diagnostic::{Diagnostic, Result};
use crate::project::duration;

/// The wait before the second attempt, unless `retry_delay` says otherwise.
const DELAY: Duration = Duration::from_secs(5);

/// No wait between two attempts is longer, however often it was doubled.
const LONGEST: Duration = Duration::from_secs(3600);

/// How often a node is tried again, and after what wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Retry {
    /// Attempts after the first.
    pub(super) times: u32,
    delay: Duration,
}

impl Retry {
    /// Reads `retries` and `retry_delay` of a node's configuration; `times` is what holds without the first.
    ///
    /// # Errors
    /// `Project` with the node's place when one of them is no number or no time.
    pub(super) fn of(node: &Node, times: u32) -> Result<Self> {
        let wrong = |key: &str, text: &str, hint: &str| {
            let what = format!("`{key}: {text}` of `{}` cannot be read", node.name);
            Diagnostic::project(what).at(&node.at).hint(hint)
        };
        let times = match node.config.text("retries") {
            None => times,
            Some(text) => text
                .parse()
                .map_err(|_| wrong("retries", &text, "give a whole number, such as 2"))?,
        };
        let delay = match node.config.text("retry_delay") {
            None => DELAY,
            Some(text) => duration(&text).ok_or_else(|| {
                wrong("retry_delay", &text, "give a time, such as 500ms, 5s or 2m")
            })?,
        };
        Ok(Self { times, delay })
    }

    /// Returns the wait after a failed attempt, doubled each time; `None` when there is no further one.
    pub(super) fn wait(self, attempt: u32) -> Option<Duration> {
        let doubled = || {
            self.delay
                .saturating_mul(1_u32.checked_shl(attempt - 1).unwrap_or(u32::MAX))
        };
        (attempt <= self.times).then(|| doubled().min(LONGEST.max(self.delay)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_until_no_attempt_is_left() {
        let retry = Retry {
            times: 3,
            delay: Duration::from_secs(5),
        };
        let waits: Vec<_> = (1..=4).map(|attempt| retry.wait(attempt)).collect();
        let seconds = |n| Some(Duration::from_secs(n));
        assert_eq!(waits, [seconds(5), seconds(10), seconds(20), None]);
    }

    #[test]
    fn no_wait_overflows() {
        let retry = Retry {
            times: u32::MAX,
            delay: Duration::from_secs(7200),
        };
        assert_eq!(retry.wait(40), Some(Duration::from_secs(7200)));
        let none = Retry { times: 0, ..retry };
        assert_eq!(none.wait(1), None);
    }
}
