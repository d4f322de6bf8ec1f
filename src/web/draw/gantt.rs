//! When each node of a run ran, and on which worker: a lane a worker, a bar an attempt.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::n;
use crate::state::runs::{NodeRun, NodeStatus};
use crate::web::words::{self, SECOND};

/// A stretch of time on a lane.
pub(in crate::web) struct Bar<'a> {
    pub(in crate::web) attempt: &'a NodeRun,
    /// Where a click leads.
    pub(in crate::web) href: String,
}

/// Width of the drawing, and where its time axis begins, in pixels.
const WIDTH: f64 = 1100.0;
const LEFT: f64 = 26.0;
/// Heights in pixels.
const LANE: f64 = 26.0;
const BAR: f64 = 18.0;
const AXIS: f64 = 22.0;
/// A bar is wide enough to be hit with a mouse.
const LEAST: f64 = 3.0;
/// Width of a letter in a bar, in pixels.
const LETTER: f64 = 6.3;
/// Marks on the time axis, at most.
const MARKS: i64 = 8;

/// Draws the attempts of a run between two moments (µs). Nodes that were skipped took no time and are left out.
pub(in crate::web) fn gantt(bars: &[Bar<'_>], from: i64, to: i64) -> Markup {
    let span = (to - from).max(1);
    let scale = Scale {
        from,
        pixels: (WIDTH - LEFT - 4.0) / span as f64,
    };
    let ran: Vec<&Bar<'_>> = bars
        .iter()
        .filter(|bar| bar.attempt.status != NodeStatus::Skipped)
        .collect();
    let lanes = lanes(&ran);
    let bottom = AXIS + lanes.len() as f64 * LANE;
    html! {
        svg.gantt viewBox=(format!("0 0 {} {}", n(WIDTH), n(bottom + 4.0))) role="img" aria-label="When each node ran" {
            @for (mark, label) in marks(span) {
                @let x = n(scale.x(from + mark));
                line.grid x1=(x) y1=(n(AXIS - 4.0)) x2=(x) y2=(n(bottom)) {}
                text.axis x=(x) y=(n(AXIS - 9.0)) text-anchor=(if mark == 0 { "start" } else { "middle" }) { (label) }
            }
            @for (worker, lane) in &lanes {
                @let y = AXIS + *lane as f64 * LANE;
                text.axis x="0" y=(n(y + LANE / 2.0 + 4.0)) { (worker + 1) }
            }
            @for (before, after) in waits(&ran) {
                @let y = n(middle(&lanes, before));
                line.wait x1=(n(scale.x(before.ended_at.unwrap_or(to)))) x2=(n(scale.x(after.started_at))) y1=(y) y2=(y) {}
            }
            @for bar in &ran { (drawn(bar, &scale, to, middle(&lanes, bar.attempt))) }
        }
    }
}

struct Scale {
    from: i64,
    pixels: f64,
}

impl Scale {
    fn x(&self, at: i64) -> f64 {
        LEFT + (at - self.from) as f64 * self.pixels
    }
}

/// Lanes by worker, without gaps.
fn lanes(bars: &[&Bar<'_>]) -> BTreeMap<u32, usize> {
    let mut lanes: BTreeMap<u32, usize> = BTreeMap::new();
    for bar in bars {
        lanes.insert(bar.attempt.worker, 0);
    }
    for (at, lane) in lanes.values_mut().enumerate() {
        *lane = at;
    }
    lanes
}

fn middle(lanes: &BTreeMap<u32, usize>, attempt: &NodeRun) -> f64 {
    let lane = lanes.get(&attempt.worker).copied().unwrap_or_default();
    AXIS + lane as f64 * LANE + LANE / 2.0
}

/// Attempts that were followed by another one.
fn waits<'a>(bars: &[&Bar<'a>]) -> Vec<(&'a NodeRun, &'a NodeRun)> {
    let next = |attempt: &NodeRun| {
        let same = |bar: &&&Bar<'a>| {
            bar.attempt.node_id == attempt.node_id && bar.attempt.attempt == attempt.attempt + 1
        };
        bars.iter().find(same).map(|bar| bar.attempt)
    };
    let retried = bars
        .iter()
        .filter(|bar| bar.attempt.status == NodeStatus::Retried);
    retried
        .filter_map(|bar| Some((bar.attempt, next(bar.attempt)?)))
        .collect()
}

fn drawn(bar: &Bar<'_>, scale: &Scale, now: i64, middle: f64) -> Markup {
    let attempt = bar.attempt;
    let end = attempt.ended_at.unwrap_or(now);
    let (x, right) = (scale.x(attempt.started_at), scale.x(end));
    let width = (right - x).max(LEAST);
    let letters = ((width - 8.0) / LETTER) as usize;
    html! {
        a href=(bar.href) {
            rect class={ "fill s-" (attempt.status.word()) } x=(n(x)) y=(n(middle - BAR / 2.0)) width=(n(width)) height=(n(BAR)) rx="3" {
                title { (title(attempt, end)) }
            }
            @if letters >= 4 {
                text.inside x=(n(x + 5.0)) y=(n(middle + 4.0)) { (words::shortened(&attempt.name, letters)) }
            }
        }
    }
}

fn title(attempt: &NodeRun, end: i64) -> String {
    let mut text = format!(
        "{} ({}): {}, {}",
        attempt.name,
        attempt.kind.replace('_', " "),
        attempt.status.word(),
        words::duration(end - attempt.started_at)
    );
    if attempt.attempt > 1 || attempt.status == NodeStatus::Retried {
        text += &format!(", attempt {}", attempt.attempt);
    }
    if let Some(rows) = attempt.n_rows {
        text += &format!(", {} rows", words::count(rows));
    }
    text
}

/// Moments of the time axis after its beginning (µs), with their names: 1, 2 or 5 times a power of ten, or of an hour.
fn marks(span: i64) -> Vec<(i64, String)> {
    let steps = (0..10).flat_map(|power| [1, 2, 5].map(|n| n * 10_i64.pow(power)));
    let minutes = [15, 30, 60, 120, 300, 600, 900, 1800].map(|seconds| seconds * SECOND);
    let hours = [1, 2, 4, 6, 12, 24, 48, 168].map(|hours| hours * 3600 * SECOND);
    let steps = steps
        .filter(|step| *step <= 10 * SECOND)
        .chain(minutes)
        .chain(hours);
    let step = steps
        .filter(|step| *step >= 1000)
        .find(|step| span / step <= MARKS)
        .unwrap_or(span);
    (0..=span / step)
        .map(|k| (k * step, mark(k * step, step)))
        .collect()
}

fn mark(at: i64, step: i64) -> String {
    let seconds = at / SECOND;
    match step {
        _ if at == 0 => "0".into(),
        step if step < SECOND && at < SECOND => format!("{} ms", at / 1000),
        step if step < SECOND => format!("{:.1} s", at as f64 / SECOND as f64),
        step if step < 60 * SECOND && seconds < 60 => format!("{seconds} s"),
        step if step < 60 * SECOND => format!("{}:{:02}", seconds / 60, seconds % 60),
        _ if seconds < 3600 => format!("{} min", seconds / 60),
        _ => format!("{}:{:02} h", seconds / 3600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_axis_has_few_round_marks() {
        let names =
            |span| -> Vec<String> { marks(span).into_iter().map(|(_, name)| name).collect() };
        assert_eq!(
            names(35_000),
            [
                "0", "5 ms", "10 ms", "15 ms", "20 ms", "25 ms", "30 ms", "35 ms"
            ]
        );
        assert_eq!(names(4 * SECOND)[..3], ["0", "500 ms", "1.0 s"]);
        assert_eq!(
            names(150 * SECOND),
            ["0", "30 s", "1:00", "1:30", "2:00", "2:30"]
        );
        for span in [
            1,
            999,
            SECOND,
            90 * SECOND,
            7200 * SECOND,
            40 * 86_400 * SECOND,
        ] {
            assert!(marks(span).len() <= 10, "{span}: {:?}", names(span));
        }
    }
}
