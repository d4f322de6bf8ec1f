//! Lengths of time as people write them.

use std::time::Duration;

/// Reads `500ms`, `30s`, `15m`, `2h`, `1d`, `1h 30m`, or a number of seconds.
#[must_use]
pub fn duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let span: jiff::Span = text.parse().ok()?;
    let relative = jiff::SpanRelativeTo::days_are_24_hours();
    Duration::try_from(span.to_duration(relative).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_their_unit_or_as_seconds() {
        let seconds = |n| Some(Duration::from_secs(n));
        assert_eq!(duration("90"), seconds(90));
        assert_eq!(duration("1m 30s"), seconds(90));
        assert_eq!(duration("1d"), seconds(86_400));
        assert_eq!(duration("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(duration("-1s"), None);
        assert_eq!(duration("soon"), None);
        assert_eq!(duration("1 month"), None);
    }
}
