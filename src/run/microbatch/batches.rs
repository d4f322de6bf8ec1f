//! The batches of time that a microbatch model is built in.

use jiff::civil::{Date, DateTime, Time};
use jiff::{Span, ToSpan};

/// How long a batch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    Hour,
    Day,
    Month,
    Year,
}

impl Size {
    /// Reads `batch_size`.
    pub(super) fn read(word: &str) -> Option<Self> {
        Some(match word.to_lowercase().as_str() {
            "hour" => Self::Hour,
            "day" => Self::Day,
            "month" => Self::Month,
            "year" => Self::Year,
            _ => return None,
        })
    }

    fn span(self) -> Span {
        match self {
            Self::Hour => 1.hour(),
            Self::Day => 1.day(),
            Self::Month => 1.month(),
            Self::Year => 1.year(),
        }
    }

    /// Returns the beginning of the batch that an instant lies in.
    pub(super) fn floor(self, at: DateTime) -> DateTime {
        let date = |month, day| Date::new(at.year(), month, day).unwrap_or(at.date());
        match self {
            Self::Hour => {
                let hour = Time::new(at.hour(), 0, 0, 0).unwrap_or(Time::midnight());
                at.date().to_datetime(hour)
            }
            Self::Day => at.date().into(),
            Self::Month => date(at.month(), 1).into(),
            Self::Year => date(1, 1).into(),
        }
    }

    /// Returns the beginning of a batch before or after that of an instant.
    fn offset(self, at: DateTime, batches: i64) -> DateTime {
        let start = self.floor(at);
        start
            .checked_add(self.span().checked_mul(batches).unwrap_or_default())
            .unwrap_or(start)
    }

    /// Returns the instant itself where a batch begins, else the beginning of the next batch.
    fn ceiling(self, at: DateTime) -> DateTime {
        match self.floor(at) == at {
            true => at,
            false => self.offset(at, 1),
        }
    }

    /// Names a batch by its beginning, such as `2024-09-17`.
    pub(super) fn name(self, start: DateTime) -> String {
        let format = match self {
            Self::Hour => "%Y-%m-%dT%H",
            Self::Day => "%Y-%m-%d",
            Self::Month => "%Y-%m",
            Self::Year => "%Y",
        };
        start.strftime(format).to_string()
    }
}

/// What decides which batches are built; instants are in UTC.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    pub(super) size: Size,
    /// `begin`: where a model starts that has no table yet.
    pub(super) begin: Option<DateTime>,
    /// Batches before the last that are built again.
    pub(super) lookback: i64,
    /// `--event-time-start`.
    pub(super) from: Option<DateTime>,
    /// `--event-time-end`, else the start of the run.
    pub(super) until: DateTime,
    /// Whether the model's table is there and kept.
    pub(super) is_incremental: bool,
}

impl Plan {
    /// Returns the beginning and end of each batch, in order; `None` when the model needs a `begin` and has none.
    pub(super) fn batches(&self) -> Option<Vec<(DateTime, DateTime)>> {
        let end = self.size.ceiling(self.until);
        let mut start = self.start(end)?;
        let mut batches = Vec::new();
        loop {
            let next = self.size.offset(start, 1);
            if next >= end {
                batches.push((start, end));
                return Some(batches);
            }
            batches.push((start, next));
            start = next;
        }
    }

    fn start(&self, end: DateTime) -> Option<DateTime> {
        if let Some(from) = self.from {
            return Some(self.size.floor(from));
        }
        if !self.is_incremental {
            return self.begin.map(|begin| self.size.floor(begin));
        }
        // The end is where a batch begins, so the last batch is one before it.
        let lookback = self.lookback + i64::from(end == self.size.floor(end));
        Some(self.size.offset(end, -lookback))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn plan(until: DateTime) -> Plan {
        Plan {
            size: Size::Day,
            begin: Some(date(2024, 1, 1).at(5, 0, 0, 0)),
            lookback: 1,
            from: None,
            until,
            is_incremental: false,
        }
    }

    fn day(day: i8) -> DateTime {
        date(2024, 1, day).into()
    }

    #[test]
    fn a_first_run_begins_where_the_model_says() {
        let batches = plan(date(2024, 1, 3).at(10, 0, 0, 0)).batches().unwrap();
        assert_eq!(
            batches,
            [(day(1), day(2)), (day(2), day(3)), (day(3), day(4))]
        );
        let none = Plan {
            begin: None,
            ..plan(day(3))
        };
        assert_eq!(none.batches(), None);
    }

    #[test]
    fn a_later_run_looks_back() {
        let later = Plan {
            is_incremental: true,
            ..plan(date(2024, 1, 9).at(10, 0, 0, 0))
        };
        assert_eq!(
            later.batches().unwrap(),
            [(day(8), day(9)), (day(9), day(10))]
        );
        let none = Plan {
            lookback: 0,
            ..later
        };
        assert_eq!(none.batches().unwrap(), [(day(9), day(10))]);
    }

    #[test]
    fn a_given_range_is_cut_at_batches() {
        let given = Plan {
            from: Some(date(2024, 1, 4).at(12, 0, 0, 0)),
            ..plan(date(2024, 1, 5).at(1, 0, 0, 0))
        };
        assert_eq!(
            given.batches().unwrap(),
            [(day(4), day(5)), (day(5), day(6))]
        );
    }

    #[test]
    fn months_and_years_have_their_own_lengths() {
        let at = date(2024, 3, 31).at(1, 2, 3, 0);
        assert_eq!(Size::Month.offset(at, -1), date(2024, 2, 1).into());
        assert_eq!(Size::Year.ceiling(at), date(2025, 1, 1).into());
        assert_eq!(Size::Hour.floor(at), date(2024, 3, 31).at(1, 0, 0, 0));
        assert_eq!(Size::Month.name(at), "2024-03");
    }
}
