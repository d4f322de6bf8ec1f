//! SQL's functions over parts of a date: `date_part`, `year` …, `date_trunc`, `date_diff`, `date_sub`, names.

use super::super::capi::{Frame, Outcome, Text};
use super::civil::DAY;
use super::definition::{Scalar, Type};
use super::format::{MONTHS, WEEKDAYS};
use super::moment::is_finite;
use super::part::{Part, parse};
use super::rows::{Memo, clock, map1, map2, map3, text};
use super::zone::Clock;

const INSTANT: &[Type] = &[Type::TimestampTz];
const PART_INSTANT: &[Type] = &[Type::Varchar, Type::TimestampTz];
const PART_INSTANTS: &[Type] = &[Type::Varchar, Type::TimestampTz, Type::TimestampTz];

/// A function of one instant that gives a whole number.
const fn whole(names: &'static [&'static str], run: fn(&mut Frame<'_>) -> Outcome) -> Scalar {
    Scalar::new(names, INSTANT, Type::BigInt, run)
}

/// All of them.
pub(super) static FUNCTIONS: &[Scalar] = &[
    whole(&["century"], |frame| part(frame, Part::Century)),
    whole(&["day", "dayofmonth"], |frame| part(frame, Part::Day)),
    whole(&["dayofweek", "weekday"], |frame| part(frame, Part::Dow)),
    whole(&["dayofyear"], |frame| part(frame, Part::Doy)),
    whole(&["decade"], |frame| part(frame, Part::Decade)),
    whole(&["epoch_ms"], |frame| part(frame, Part::EpochMs)),
    whole(&["epoch_ns"], |frame| part(frame, Part::EpochNs)),
    whole(&["epoch_us"], |frame| part(frame, Part::EpochUs)),
    whole(&["era"], |frame| part(frame, Part::Era)),
    whole(&["hour"], |frame| part(frame, Part::Hour)),
    whole(&["isodow"], |frame| part(frame, Part::Isodow)),
    whole(&["isoyear"], |frame| part(frame, Part::Isoyear)),
    whole(&["microsecond"], |frame| part(frame, Part::Microsecond)),
    whole(&["millennium"], |frame| part(frame, Part::Millennium)),
    whole(&["millisecond"], |frame| part(frame, Part::Millisecond)),
    whole(&["minute"], |frame| part(frame, Part::Minute)),
    whole(&["month"], |frame| part(frame, Part::Month)),
    whole(&["nanosecond"], |frame| part(frame, Part::Nanosecond)),
    whole(&["quarter"], |frame| part(frame, Part::Quarter)),
    whole(&["second"], |frame| part(frame, Part::Second)),
    whole(&["timezone"], |frame| part(frame, Part::Timezone)),
    whole(&["timezone_hour"], |frame| part(frame, Part::TimezoneHour)),
    whole(&["timezone_minute"], |frame| {
        part(frame, Part::TimezoneMinute)
    }),
    whole(&["week", "weekofyear"], |frame| part(frame, Part::Week)),
    whole(&["year"], |frame| part(frame, Part::Year)),
    whole(&["yearweek"], |frame| part(frame, Part::Yearweek)),
    Scalar::new(&["epoch"], INSTANT, Type::Double, |frame| {
        fraction(frame, Part::Epoch)
    }),
    Scalar::new(&["julian"], INSTANT, Type::Double, |frame| {
        fraction(frame, Part::Julian)
    }),
    Scalar {
        resolve: Some(type_of_part),
        ..Scalar::new(
            &["date_part", "datepart"],
            PART_INSTANT,
            Type::Double,
            named_part,
        )
    },
    Scalar {
        resolve: Some(type_of_parts),
        ..Scalar::new(
            &["date_part", "datepart"],
            &[Type::VarcharList, Type::TimestampTz],
            Type::Any,
            named_parts,
        )
    },
    Scalar::new(
        &["date_trunc", "datetrunc"],
        PART_INSTANT,
        Type::TimestampTz,
        truncate,
    ),
    Scalar::new(
        &["date_diff", "datediff"],
        PART_INSTANTS,
        Type::BigInt,
        |frame| count(frame, Part::boundaries),
    ),
    Scalar::new(
        &["date_sub", "datesub"],
        PART_INSTANTS,
        Type::BigInt,
        |frame| count(frame, Part::between),
    ),
    Scalar::new(&["last_day"], INSTANT, Type::Date, last_day),
    Scalar::new(&["dayname"], INSTANT, Type::Varchar, |frame| {
        name(frame, &WEEKDAYS, Part::Isodow)
    }),
    Scalar::new(&["monthname"], INSTANT, Type::Varchar, |frame| {
        name(frame, &MONTHS, Part::Month)
    }),
];

#[inline]
fn part(frame: &mut Frame<'_>, part: Part) -> Outcome {
    let mut clock = clock(frame)?;
    map1(frame, |at: &i64| {
        Ok(is_finite(*at).then(|| part.whole(&mut clock, *at)))
    })
}

fn fraction(frame: &mut Frame<'_>, part: Part) -> Outcome {
    let mut clock = clock(frame)?;
    map1(frame, |at: &i64| {
        Ok(is_finite(*at).then(|| part.fraction(&mut clock, *at)))
    })
}

/// A part that is known while binding gives its own type, any other a DOUBLE.
fn type_of_part(constant: &[String]) -> Outcome<String> {
    let Some(word) = constant.first() else {
        return Ok("DOUBLE".into());
    };
    Ok(if parse(word)?.is_fraction() {
        "DOUBLE"
    } else {
        "BIGINT"
    }
    .into())
}

fn named_part(frame: &mut Frame<'_>) -> Outcome {
    let mut clock = clock(frame)?;
    let mut memo = Memo::new();
    if frame.returns(Type::BigInt)? {
        return map2(frame, |word: &Text, at: &i64| {
            let part: Part = *memo.get(word.as_str(), parse)?;
            Ok(is_finite(*at).then(|| part.whole(&mut clock, *at)))
        });
    }
    map2(frame, |word: &Text, at: &i64| {
        let part: Part = *memo.get(word.as_str(), parse)?;
        Ok(is_finite(*at).then(|| part.fraction(&mut clock, *at)))
    })
}

/// A STRUCT with a field for each part; the parts must be known while binding.
fn type_of_parts(constant: &[String]) -> Outcome<String> {
    if constant.is_empty() {
        return Err("the list of parts is a constant that is not empty".into());
    }
    let fields: Outcome<Vec<String>> = constant.iter().map(|word| field_of(word)).collect();
    Ok(format!("STRUCT({})", fields?.join(", ")))
}

fn field_of(word: &str) -> Outcome<String> {
    let kind = if parse(word)?.is_fraction() {
        "DOUBLE"
    } else {
        "BIGINT"
    };
    Ok(format!("\"{}\" {kind}", word.replace('"', "\"\"")))
}

fn named_parts(frame: &mut Frame<'_>) -> Outcome {
    let mut clock = clock(frame)?;
    let parts: Outcome<Vec<Part>> = frame.texts(0)?.iter().map(|word| parse(word)).collect();
    let instants = frame.column::<i64>(1)?;
    let finite = |row| instants.get(row).copied().filter(|at| is_finite(*at));
    for (at, part) in (0..).zip(parts?) {
        if part.is_fraction() {
            let mut field = frame.field::<f64>(at)?;
            for row in 0..field.n_rows() {
                field.set(
                    row,
                    finite(row).map(|instant| part.fraction(&mut clock, instant)),
                )?;
            }
        } else {
            let mut field = frame.field::<i64>(at)?;
            for row in 0..field.n_rows() {
                field.set(
                    row,
                    finite(row).map(|instant| part.whole(&mut clock, instant)),
                )?;
            }
        }
    }
    for row in (0..frame.n_rows()).filter(|row| instants.get(*row).is_none()) {
        frame.null_struct(row)?;
    }
    Ok(())
}

fn truncate(frame: &mut Frame<'_>) -> Outcome {
    let mut clock = clock(frame)?;
    let mut memo = Memo::new();
    map2(frame, |word: &Text, at: &i64| {
        let part: Part = *memo.get(word.as_str(), parse)?;
        match is_finite(*at) {
            true => part.truncate(&mut clock, *at).map(Some),
            false => Ok(Some(*at)),
        }
    })
}

#[inline]
fn count(
    frame: &mut Frame<'_>,
    between: impl Fn(Part, &mut Clock, i64, i64) -> Outcome<i64>,
) -> Outcome {
    let mut clock = clock(frame)?;
    let mut memo = Memo::new();
    map3(frame, |word: &Text, start: &i64, end: &i64| {
        let part: Part = *memo.get(word.as_str(), parse)?;
        match is_finite(*start) && is_finite(*end) {
            true => between(part, &mut clock, *start, *end).map(Some),
            false => Ok(None),
        }
    })
}

fn last_day(frame: &mut Frame<'_>) -> Outcome {
    let mut clock = clock(frame)?;
    map1(frame, |at: &i64| {
        if !is_finite(*at) {
            return Ok(None);
        }
        let date = super::civil::date(clock.local(*at).div_euclid(DAY));
        // A timestamp's days fit 32 bits: its range is 292,000 years either way.
        Ok(Some(super::civil::days(date.year, date.month + 1, 0) as i32))
    })
}

fn name(frame: &mut Frame<'_>, names: &[&str], part: Part) -> Outcome {
    let mut clock = clock(frame)?;
    let instants = frame.column::<i64>(0)?;
    text(frame, |row, out| {
        let Some(instant) = instants.get(row).filter(|at| is_finite(**at)) else {
            return Ok(false);
        };
        out.push_str(names[(part.whole(&mut clock, *instant) - 1) as usize]);
        Ok(true)
    })
}
