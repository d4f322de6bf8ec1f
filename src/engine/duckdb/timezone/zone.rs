//! Time zones: their names, and the offset at an instant or at a local time, fast for many neighbouring ones.
//!
//! Instants and local times are microseconds since 1970-01-01 00:00, in UTC and in the zone. A local time that occurs
//! twice means the later instant; one that is skipped is read with the offset before the gap. Both are ICU's rules.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::super::capi::Outcome;
use super::civil::{CYCLE_DAYS, DAY, HOUR, MINUTE, SECOND, days};

/// From here on a zone's rules repeat with the calendar, every 400 years.
const HORIZON: i64 = 25_567 * DAY * 2;
const CYCLE: i64 = CYCLE_DAYS * DAY;

/// The database compiled in, so that every machine answers alike.
static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Zones in use, by the name asked for; what is in it never changes.
static LOADED: RwLock<BTreeMap<String, Arc<Zone>>> = RwLock::new(BTreeMap::new());

/// Names that ICU has from Java's first releases, and what they stand for.
const ALIASES: &[(&str, &str)] = &[
    ("ACT", "Australia/Darwin"),
    ("AET", "Australia/Sydney"),
    ("AGT", "America/Argentina/Buenos_Aires"),
    ("ART", "Africa/Cairo"),
    ("AST", "America/Anchorage"),
    ("BET", "America/Sao_Paulo"),
    ("BST", "Asia/Dhaka"),
    ("CAT", "Africa/Maputo"),
    ("CNT", "America/St_Johns"),
    ("CST", "America/Chicago"),
    ("CTT", "Asia/Shanghai"),
    ("Canada/East-Saskatchewan", "America/Regina"),
    ("EAT", "Africa/Nairobi"),
    ("ECT", "Europe/Paris"),
    ("IET", "America/Indiana/Indianapolis"),
    ("IST", "Asia/Kolkata"),
    ("JST", "Asia/Tokyo"),
    ("MIT", "Pacific/Apia"),
    ("NET", "Asia/Yerevan"),
    ("NST", "Pacific/Auckland"),
    ("PLT", "Asia/Karachi"),
    ("PNT", "America/Phoenix"),
    ("PRT", "America/Puerto_Rico"),
    ("PST", "America/Los_Angeles"),
    ("SST", "Pacific/Guadalcanal"),
    ("SystemV/AST4", "America/Puerto_Rico"),
    ("SystemV/AST4ADT", "America/Halifax"),
    ("SystemV/CST6", "America/Regina"),
    ("SystemV/CST6CDT", "America/Chicago"),
    ("SystemV/EST5", "America/Indiana/Indianapolis"),
    ("SystemV/EST5EDT", "America/New_York"),
    ("SystemV/HST10", "Pacific/Honolulu"),
    ("SystemV/MST7", "America/Phoenix"),
    ("SystemV/MST7MDT", "America/Denver"),
    ("SystemV/PST8", "Pacific/Pitcairn"),
    ("SystemV/PST8PDT", "America/Los_Angeles"),
    ("SystemV/YST9", "Pacific/Gambier"),
    ("SystemV/YST9YDT", "America/Anchorage"),
    ("US/Pacific-New", "America/Los_Angeles"),
    ("VST", "Asia/Ho_Chi_Minh"),
];

/// The offsets of one zone over all time.
#[derive(Debug)]
pub(super) struct Zone {
    /// The name, spelt as the database does.
    pub name: String,
    /// When each offset begins, as an instant; the first since ever.
    starts: Vec<i64>,
    /// When each offset begins, on the clock that runs with it.
    local_starts: Vec<i64>,
    /// Microseconds that local time is ahead of UTC.
    offsets: Vec<i64>,
    /// From here on the offsets of 400 years before apply.
    horizon: i64,
}

/// Returns the zone of a name in any case: of the database, ICU's short names, `GMT+5:30`, `UTC-7`.
///
/// The first use of a zone costs some 0.2 ms, later ones a look-up.
///
/// # Errors
/// When no zone has the name; the text names the nearest ones.
pub(super) fn find(name: &str) -> Outcome<Arc<Zone>> {
    if let Some(zone) = LOADED
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .get(name)
    {
        return Ok(Arc::clone(zone));
    }
    let zone = Arc::new(load(name)?);
    let mut loaded = LOADED.write().unwrap_or_else(PoisonError::into_inner);
    Ok(Arc::clone(loaded.entry(name.to_owned()).or_insert(zone)))
}

/// Returns the names of all zones, sorted.
pub(super) fn names() -> Vec<String> {
    let mut names: Vec<String> = DATABASE
        .available()
        .map(|name| name.as_str().to_owned())
        .collect();
    names.extend(ALIASES.iter().map(|(alias, _)| (*alias).to_owned()));
    names.sort();
    names.dedup();
    names
}

/// Returns whether a zone's clocks are set forward at an instant.
///
/// # Errors
/// When no zone has the name.
pub(super) fn is_daylight_saving(name: &str, instant: i64) -> Outcome<bool> {
    let zone = DATABASE
        .get(resolve_alias(name))
        .map_err(|_| unknown(name))?;
    let at = Timestamp::from_microsecond(instant).map_err(|err| err.to_string())?;
    Ok(zone.to_offset_info(at).dst().is_dst())
}

/// Returns the name of the machine's zone: `TZ`, else where `/etc/localtime` points, else UTC.
pub(super) fn system() -> String {
    let link = || std::fs::read_link("/etc/localtime").ok();
    let target = || link()?.to_str().map(str::to_owned);
    let named = std::env::var("TZ").ok().or_else(target).unwrap_or_default();
    let name = named
        .rsplit_once("zoneinfo/")
        .map_or(named.as_str(), |(_, name)| name);
    let name = name.trim_start_matches([':', '/']);
    match DATABASE.get(name) {
        Ok(zone) => zone.iana_name().unwrap_or(name).to_owned(),
        Err(_) => "Etc/UTC".to_owned(),
    }
}

fn load(name: &str) -> Outcome<Zone> {
    let alias = ALIASES
        .iter()
        .find(|(alias, _)| alias.eq_ignore_ascii_case(name));
    if let Ok(zone) = DATABASE.get(resolve_alias(name)) {
        let spelt = zone.iana_name().unwrap_or(name);
        return Ok(Zone::new(alias.map_or(spelt, |(alias, _)| alias), &zone));
    }
    let (spelt, offset) = fixed(name).ok_or_else(|| unknown(name))?;
    Ok(Zone::of_offset(spelt, offset))
}

fn resolve_alias(name: &str) -> &str {
    let alias = ALIASES
        .iter()
        .find(|(alias, _)| alias.eq_ignore_ascii_case(name));
    alias.map_or(name, |(_, zone)| zone)
}

fn unknown(name: &str) -> String {
    let names = names();
    let distance =
        |known: &&String| strsim::damerau_levenshtein(&known.to_lowercase(), &name.to_lowercase());
    let mut nearest: Vec<&String> = names.iter().collect();
    nearest.sort_by_key(distance);
    let nearest: Vec<String> = nearest
        .iter()
        .take(3)
        .map(|name| format!("`{name}`"))
        .collect();
    format!(
        "no time zone is named `{name}`; the nearest are {}",
        nearest.join(", ")
    )
}

/// The name and offset of `GMT+5`, `gmt-0530`, `UTC+05:30`.
fn fixed(name: &str) -> Option<(String, i64)> {
    let kind = name.get(..3)?;
    let (sign, digits) = match name.get(3..4)? {
        "+" => (1, name.get(4..)?),
        "-" => (-1, name.get(4..)?),
        _ => return None,
    };
    let (hours, minutes) = match (digits.split_once(':'), digits.len()) {
        (Some(parts), _) => parts,
        (None, 1 | 2) => (digits, "0"),
        (None, 3 | 4) => digits.split_at(digits.len() - 2),
        _ => return None,
    };
    let number = |text: &str| {
        text.parse::<i64>()
            .ok()
            .filter(|_| text.bytes().all(|b| b.is_ascii_digit()))
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let spelt = match kind {
        _ if kind.eq_ignore_ascii_case("gmt") => name.to_owned(),
        // POSIX counts westwards.
        "UTC" => format!("Etc/GMT{}{hours}", if sign == 1 { '-' } else { '+' }),
        _ => return None,
    };
    let minutes = if spelt.starts_with("Etc/") {
        0
    } else {
        minutes
    };
    (hours <= 23 && minutes <= 59).then_some((spelt, sign * (hours * HOUR + minutes * MINUTE)))
}

impl Zone {
    fn of_offset(name: String, offset: i64) -> Self {
        Self {
            name,
            starts: vec![i64::MIN],
            local_starts: vec![i64::MIN],
            offsets: vec![offset],
            horizon: i64::MAX,
        }
    }

    fn new(name: &str, zone: &TimeZone) -> Self {
        let micros = |offset: jiff::tz::Offset| i64::from(offset.seconds()) * SECOND;
        let first =
            Timestamp::from_second(days(1700, 1, 1) * DAY / SECOND).unwrap_or(Timestamp::MIN);
        let mut all = Self::of_offset(name.to_owned(), micros(zone.to_offset(first)));
        let end = HORIZON + CYCLE + 2 * 366 * DAY;
        for transition in zone.following(first) {
            let start = transition.timestamp().as_microsecond();
            if start > end {
                all.horizon = HORIZON;
                break;
            }
            let offset = micros(transition.offset());
            if all.offsets.last() != Some(&offset) {
                all.starts.push(start);
                all.local_starts.push(start + offset);
                all.offsets.push(offset);
            }
        }
        all
    }

    /// The stretch of time around `at` with one offset, by `starts` on the same clock as `at`.
    fn span(&self, at: i64, starts: &[i64]) -> Span {
        let shift = match at >= self.horizon.saturating_add(CYCLE) {
            true => (at - self.horizon) / CYCLE * CYCLE,
            false => 0,
        };
        let after = starts.partition_point(|start| *start <= at - shift);
        let bound = |start: Option<&i64>, open: i64| {
            start
                .filter(|s| **s != i64::MIN)
                .map_or(open, |s| s.saturating_add(shift))
        };
        Span {
            from: bound(starts.get(after.saturating_sub(1)), i64::MIN),
            to: bound(starts.get(after), i64::MAX),
            offset: self
                .offsets
                .get(after.saturating_sub(1))
                .copied()
                .unwrap_or_default(),
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Span {
    from: i64,
    to: i64,
    offset: i64,
}

/// A zone that remembers the stretch of time it was last asked about.
pub(super) struct Clock {
    /// The zone.
    pub zone: Arc<Zone>,
    instant: Span,
    local: Span,
}

impl Clock {
    /// Begins with no memory.
    pub(super) fn new(zone: Arc<Zone>) -> Self {
        let nothing = Span {
            from: i64::MAX,
            to: i64::MIN,
            offset: 0,
        };
        Self {
            zone,
            instant: nothing,
            local: nothing,
        }
    }

    /// Returns the microseconds that local time is ahead of UTC at an instant.
    #[inline]
    pub(super) fn offset(&mut self, instant: i64) -> i64 {
        if instant < self.instant.from || instant >= self.instant.to {
            self.instant = self.zone.span(instant, &self.zone.starts);
        }
        self.instant.offset
    }

    /// Returns the local time of an instant.
    #[inline]
    pub(super) fn local(&mut self, instant: i64) -> i64 {
        instant.saturating_add(self.offset(instant))
    }

    /// Returns the instant of a local time.
    #[inline]
    pub(super) fn instant(&mut self, local: i64) -> i64 {
        if local < self.local.from || local >= self.local.to {
            self.local = self.zone.span(local, &self.zone.local_starts);
        }
        local.saturating_sub(self.local.offset)
    }
}
