//! Numbers, times and paths as people read them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Microseconds in a second.
pub(super) const SECOND: i64 = 1_000_000;

/// Writes a number with separators: 1,234,567.
pub(super) fn count(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "−" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Writes `1 node`, `2 nodes`.
pub(super) fn counted(number: usize, noun: &str) -> String {
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    let plural = match number {
        1 => "",
        _ => "s",
    };
    format!("{} {noun}{plural}", count(number))
}

/// Writes a time in µs: `12 ms`, `1.2 s`, `3 m 05 s`, `2 h 10 m`.
pub(super) fn duration(micros: i64) -> String {
    let seconds = micros.max(0) / SECOND;
    match micros.max(0) {
        micros if micros < SECOND => format!("{} ms", micros / 1000),
        micros if micros < 60 * SECOND => format!("{:.1} s", micros as f64 / SECOND as f64),
        _ if seconds < 3600 => format!("{} m {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} m", seconds / 3600, seconds / 60 % 60),
    }
}

/// Writes how long ago, or in how long, a moment is; both in µs.
pub(super) fn relative(at: i64, now: i64) -> String {
    let seconds = (now - at).abs() / SECOND;
    let (number, unit) = match seconds {
        0..5 => return "now".into(),
        5..60 => (seconds, "s"),
        60..3600 => (seconds / 60, "min"),
        3600..172_800 => (seconds / 3600, "h"),
        _ => (seconds / 86_400, "days"),
    };
    match at <= now {
        true => format!("{number} {unit} ago"),
        false => format!("in {number} {unit}"),
    }
}

/// Writes a moment in the machine's zone, by one of `strftime`'s patterns.
pub(super) fn local(micros: i64, pattern: &str) -> String {
    match Timestamp::from_microsecond(micros) {
        Ok(at) => at
            .to_zoned(TimeZone::system())
            .strftime(pattern)
            .to_string(),
        Err(_) => "—".into(),
    }
}

/// Writes a moment as ISO 8601 in UTC.
pub(super) fn iso(micros: i64) -> String {
    Timestamp::from_microsecond(micros).map_or_else(|_| String::new(), |at| at.to_string())
}

/// Writes a size: `812 B`, `3.4 MiB`.
pub(super) fn size(bytes: i64) -> String {
    let mut value = bytes as f64;
    let mut units = ["B", "KiB", "MiB", "GiB", "TiB"].into_iter();
    let mut unit = units.next().unwrap_or_default();
    while value >= 1024.0
        && let Some(next) = units.next()
    {
        value /= 1024.0;
        unit = next;
    }
    match unit {
        "B" => format!("{bytes} B"),
        _ => format!("{value:.1} {unit}"),
    }
}

/// Writes a measure such as an accuracy: four significant digits, whole numbers whole.
pub(super) fn measure(value: f64) -> String {
    match value {
        value if !value.is_finite() => "—".into(),
        value if value == value.trunc() && value.abs() < 1e15 => count(value as i64),
        value if value.abs() >= 1000.0 => count(value.round() as i64),
        value if value.abs() >= 10.0 => decimal(value, 2),
        value if value.abs() >= 0.001 => decimal(value, 4),
        value => format!("{value:.2e}"),
    }
}

/// Writes a number with as many decimals.
pub(super) fn decimal(value: f64, decimals: usize) -> String {
    format!("{value:.decimals$}").replace('-', "−")
}

/// Shortens text to `most` characters, the middle left out, as both ends of a name tell it from others.
pub(super) fn shortened(text: &str, most: usize) -> String {
    let n = text.chars().count();
    if n <= most {
        return text.into();
    }
    let head = (most - 1) * 3 / 5;
    let tail = most - 1 - head;
    let start: String = text.chars().take(head).collect();
    let end: String = text.chars().skip(n - tail).collect();
    format!("{start}…{end}")
}

/// Returns the first line of a text.
pub(super) fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// Writes a part of a path or query: everything but letters, digits and `-._~` by its bytes.
pub(super) fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out += &format!("%{byte:02X}"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_the_unit_that_fits() {
        let times = [12_345, 1_234_567, 185 * SECOND, 7_812 * SECOND].map(duration);
        assert_eq!(times, ["12 ms", "1.2 s", "3 m 05 s", "2 h 10 m"]);
    }

    #[test]
    fn moments_are_said_from_now_on_in_both_directions() {
        let minute = 60 * SECOND;
        assert_eq!(relative(0, 5 * minute), "5 min ago");
        assert_eq!(relative(90 * minute, 0), "in 1 h");
        assert_eq!(relative(1, 2), "now");
    }

    #[test]
    fn numbers_sizes_and_measures_are_short() {
        assert_eq!(
            [0, -1234, 1_234_567].map(count),
            ["0", "−1,234", "1,234,567"]
        );
        assert_eq!([812, 3_600_000].map(size), ["812 B", "3.4 MiB"]);
        assert_eq!(
            [0.841_83, 120.0, 12.345, 0.000_12, f64::NAN].map(measure),
            ["0.8418", "120", "12.35", "1.20e-4", "—"]
        );
    }

    #[test]
    fn a_long_name_keeps_both_its_ends() {
        assert_eq!(shortened("customers", 9), "customers");
        assert_eq!(shortened("customer_purchases", 9), "cust…ases");
    }

    #[test]
    fn a_part_of_a_path_cannot_leave_its_place() {
        assert_eq!(encoded("model.a b/../ü?"), "model.a%20b%2F..%2F%C3%BC%3F");
    }
}
