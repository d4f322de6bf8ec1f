//! One call of `wh`, as templates see it, and who hears what they say.

use std::sync::Arc;

use super::context::md5;
use super::flags::Flags;

/// How a template says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    /// By `print`: part of what the command answers.
    Print,
    /// By `log(…, info=true)` or a warning.
    Log,
}

/// Hears what templates say, and how.
type Ear = dyn Fn(Voice, &str) + Send + Sync;

/// Whoever hears what templates say.
#[derive(Clone)]
pub struct Listener(pub Arc<Ear>);

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Listener")
    }
}

/// One call of `wh`, as templates see it.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// `invocation_id`.
    pub id: String,
    /// `run_started_at`.
    pub started_at: jiff::Timestamp,
    /// `flags.FULL_REFRESH`.
    pub full_refresh: bool,
    /// `flags.WHICH`.
    pub command: String,
    /// dbt's flags.
    pub flags: Flags,
    /// Hears `print` and `log`.
    pub listener: Listener,
}

impl Invocation {
    /// Returns the id in dbt's form: 32 hexadecimal digits in five groups.
    #[must_use]
    pub fn uuid(&self) -> String {
        let digits = md5(&self.id);
        let (first, rest) = digits.split_at(12);
        // The digits of the version and the variant are fixed.
        format!(
            "{}-{}-4{}-a{}-{}",
            &first[..8],
            &first[8..],
            &rest[..3],
            &rest[3..6],
            &rest[6..18]
        )
    }
}
