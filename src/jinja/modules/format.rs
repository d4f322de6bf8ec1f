//! `strftime` and `strptime` as C and Python have them.

use jiff::civil::{Date, DateTime, Time};

const DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn day(date: Date) -> &'static str {
    DAYS[usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0)]
}

fn month(date: Date) -> &'static str {
    MONTHS[usize::try_from(date.month() - 1).unwrap_or(0)]
}

/// Writes a time as `format` says; `zone` is offset in seconds and name, where there is one.
pub(crate) fn strftime(at: DateTime, zone: Option<(i32, &str)>, format: &str) -> String {
    let mut out = String::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let Some(mut directive) = chars.next() else {
            out.push('%');
            break;
        };
        let bare = directive == '-';
        if bare {
            directive = chars.next().unwrap_or('-');
        }
        let written = one(at, zone, directive);
        match bare {
            true => out.push_str(match written.trim_start_matches(['0', ' ']) {
                "" => "0",
                rest => rest,
            }),
            false => out.push_str(&written),
        }
    }
    out
}

fn one(at: DateTime, zone: Option<(i32, &str)>, directive: char) -> String {
    let date = at.date();
    let hour12 = match at.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    let week = |weekday: i8| (date.day_of_year() + 6 - i16::from(weekday)) / 7;
    let (sunday, monday) = (
        date.weekday().to_sunday_zero_offset(),
        date.weekday().to_monday_zero_offset(),
    );
    let again = |format: &str| strftime(at, zone, format);
    match directive {
        'Y' => date.year().to_string(),
        'y' => format!("{:02}", date.year().rem_euclid(100)),
        'C' => format!("{:02}", date.year() / 100),
        'm' => format!("{:02}", date.month()),
        'd' => format!("{:02}", date.day()),
        'e' => format!("{:>2}", date.day()),
        'H' => format!("{:02}", at.hour()),
        'I' => format!("{hour12:02}"),
        'M' => format!("{:02}", at.minute()),
        'S' => format!("{:02}", at.second()),
        'f' => format!("{:06}", at.subsec_nanosecond() / 1000),
        'j' => format!("{:03}", date.day_of_year()),
        'a' => day(date)[..3].to_owned(),
        'A' => day(date).to_owned(),
        'b' | 'h' => month(date)[..3].to_owned(),
        'B' => month(date).to_owned(),
        'p' => if at.hour() < 12 { "AM" } else { "PM" }.to_owned(),
        'w' => sunday.to_string(),
        'u' => (monday + 1).to_string(),
        'U' => format!("{:02}", week(sunday)),
        'W' => format!("{:02}", week(monday)),
        'G' => date.iso_week_date().year().to_string(),
        'V' => format!("{:02}", date.iso_week_date().week()),
        'z' => zone.map_or_else(String::new, |(seconds, _)| {
            let (sign, size) = (if seconds < 0 { '-' } else { '+' }, seconds.abs());
            format!("{sign}{:02}{:02}", size / 3600, size / 60 % 60)
        }),
        'Z' => zone.map_or_else(String::new, |(_, name)| name.to_owned()),
        's' => {
            let since = at
                .to_zoned(jiff::tz::TimeZone::UTC)
                .map(|at| at.timestamp().as_second());
            since.map_or_else(|_| String::new(), |seconds| seconds.to_string())
        }
        'F' => again("%Y-%m-%d"),
        'D' | 'x' => again("%m/%d/%y"),
        'T' | 'X' => again("%H:%M:%S"),
        'R' => again("%H:%M"),
        'c' => again("%a %b %e %H:%M:%S %Y"),
        'n' => "\n".to_owned(),
        't' => "\t".to_owned(),
        '%' => "%".to_owned(),
        other => format!("%{other}"),
    }
}

/// What `strptime` reads: the local time, and the offset in seconds where the text has one.
pub(crate) struct Parsed {
    pub(crate) local: DateTime,
    pub(crate) offset: Option<i32>,
}

/// The fields that directives fill.
#[derive(Default)]
struct Fields {
    year: Option<i16>,
    month: Option<i8>,
    day: Option<i8>,
    day_of_year: Option<i16>,
    hour: i8,
    half: Option<bool>,
    minute: i8,
    second: i8,
    nanosecond: i32,
    offset: Option<i32>,
}

/// Reads a text by `format`; none where they do not fit.
pub(crate) fn strptime(text: &str, format: &str) -> Option<Parsed> {
    let mut fields = Fields::default();
    let rest = read(text, format, &mut fields)?;
    if !rest.is_empty() {
        return None;
    }
    let hour = match fields.half {
        Some(after_noon) => fields.hour % 12 + if after_noon { 12 } else { 0 },
        None => fields.hour,
    };
    let year = fields.year.unwrap_or(1900);
    let date = match fields.day_of_year {
        Some(day) => Date::new(year, 1, 1)
            .ok()?
            .with()
            .day_of_year(day)
            .build()
            .ok()?,
        None => Date::new(year, fields.month.unwrap_or(1), fields.day.unwrap_or(1)).ok()?,
    };
    let time = Time::new(hour, fields.minute, fields.second, fields.nanosecond).ok()?;
    Some(Parsed {
        local: date.to_datetime(time),
        offset: fields.offset,
    })
}

/// Takes a number of at most `most` digits off the beginning.
fn number(text: &str, most: usize) -> Option<(i64, &str)> {
    let digits = text
        .bytes()
        .take(most)
        .take_while(u8::is_ascii_digit)
        .count();
    Some((text[..digits].parse().ok()?, &text[digits..]))
}

/// Takes one of the names off the beginning, by its whole or its first three letters.
fn name<'a>(text: &'a str, names: &[&str], short: bool) -> Option<(usize, &'a str)> {
    names.iter().enumerate().find_map(|(index, name)| {
        let name = if short { &name[..3] } else { name };
        let head = text.get(..name.len())?;
        head.eq_ignore_ascii_case(name)
            .then(|| (index, &text[name.len()..]))
    })
}

fn read<'a>(mut text: &'a str, format: &str, fields: &mut Fields) -> Option<&'a str> {
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c.is_whitespace() {
            text = text.trim_start();
        } else if c == '%' {
            let directive = chars.by_ref().find(|c| *c != '-')?;
            text = read_one(text, directive, fields)?;
        } else {
            text = text.strip_prefix(c)?;
        }
    }
    Some(text)
}

fn read_one<'a>(text: &'a str, directive: char, fields: &mut Fields) -> Option<&'a str> {
    match directive {
        'Y' | 'y' | 'm' | 'd' | 'e' | 'j' | 'b' | 'h' | 'B' => read_date(text, directive, fields),
        'H' | 'I' | 'M' | 'S' | 'f' | 'p' | 'z' => read_time(text, directive, fields),
        'a' => Some(name(text, &DAYS, true)?.1),
        'A' => Some(name(text, &DAYS, false)?.1),
        'Z' => Some(text.trim_start_matches(|c: char| c.is_ascii_alphabetic())),
        'F' => read(text, "%Y-%m-%d", fields),
        'T' | 'X' => read(text, "%H:%M:%S", fields),
        'D' | 'x' => read(text, "%m/%d/%y", fields),
        '%' => text.strip_prefix('%'),
        _ => None,
    }
}

fn read_date<'a>(text: &'a str, directive: char, fields: &mut Fields) -> Option<&'a str> {
    let (value, rest) = match directive {
        'Y' => number(text, 4).filter(|_| text.len() >= 4)?,
        'y' | 'm' => number(text, 2)?,
        'd' | 'e' => number(text.trim_start(), 2)?,
        'j' => number(text, 3)?,
        directive => {
            let (at, rest) = name(text, &MONTHS, directive != 'B')?;
            (i64::try_from(at + 1).ok()?, rest)
        }
    };
    match directive {
        'Y' => fields.year = i16::try_from(value).ok(),
        'y' => {
            let century = if value < 69 { 2000 } else { 1900 };
            fields.year = i16::try_from(value + century).ok();
        }
        'd' | 'e' => fields.day = i8::try_from(value).ok(),
        'j' => fields.day_of_year = i16::try_from(value).ok(),
        _ => fields.month = i8::try_from(value).ok(),
    }
    Some(rest)
}

fn read_time<'a>(text: &'a str, directive: char, fields: &mut Fields) -> Option<&'a str> {
    match directive {
        'f' => {
            let digits = text.bytes().take(6).take_while(u8::is_ascii_digit).count();
            let padded = format!("{:0<9}", &text[..digits]);
            fields.nanosecond = padded.parse().ok().filter(|_| digits > 0)?;
            return Some(&text[digits..]);
        }
        'p' => {
            let head = text.get(..2)?;
            fields.half = Some(head.eq_ignore_ascii_case("pm"));
            let is_half = head.to_ascii_lowercase().ends_with('m');
            return text.get(2..).filter(|_| is_half);
        }
        'z' => return read_offset(text, fields),
        _ => {}
    }
    let (value, rest) = number(text, 2)?;
    let value = i8::try_from(value).ok()?;
    match directive {
        'M' => fields.minute = value,
        'S' => fields.second = value,
        _ => fields.hour = value,
    }
    Some(rest)
}

fn read_offset<'a>(text: &'a str, fields: &mut Fields) -> Option<&'a str> {
    if let Some(rest) = text.strip_prefix('Z') {
        fields.offset = Some(0);
        return Some(rest);
    }
    let sign = match text.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let (hours, rest) = number(&text[1..], 2)?;
    let (minutes, rest) = number(rest.strip_prefix(':').unwrap_or(rest), 2)?;
    fields.offset = i32::try_from(sign * (hours * 3600 + minutes * 60)).ok();
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let at = jiff::civil::datetime(2024, 3, 7, 15, 4, 5, 120_000_000);
        for format in [
            "%Y-%m-%d %H:%M:%S.%f",
            "%d %B %Y %I:%M:%S %p %f",
            "%y%j %T,%f",
        ] {
            let text = strftime(at, None, format);
            assert_eq!(strptime(&text, format).unwrap().local, at, "{text}");
        }
        assert_eq!(
            strftime(at, Some((7200, "CEST")), "%-d %e %a %U %W %V %z %Z"),
            "7  7 Thu 09 10 10 +0200 CEST"
        );
    }
}
