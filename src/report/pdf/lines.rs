//! Words to lines of a width.

use super::blocks::Run;
use crate::report::chart::width;

/// Semi-bold letters are wider than regular ones by about this.
const BOLD: f64 = 1.05;

/// [`width`] leaves room for fonts wider than the embedded one; here there is no other.
const SPARE: f64 = 1.04;

/// Breaks runs at spaces into lines of a width in points. A longer word stands alone and reaches over it.
pub(super) fn lines(runs: &[Run], room: f64, size: f64) -> Vec<Vec<Run>> {
    let mut lines: Vec<Vec<Run>> = Vec::new();
    let (mut used, mut has_gap) = (0.0, false);
    for run in runs {
        let mut words = run.text.split(char::is_whitespace).peekable();
        while let Some(word) = words.next() {
            if !word.is_empty() {
                let wide = width_of(word, run.is_bold, size);
                let gap = if has_gap && used > 0.0 {
                    width(" ", size)
                } else {
                    0.0
                };
                let fits =
                    lines.is_empty() || (!has_gap && used > 0.0) || used + gap + wide <= room;
                if lines.is_empty() || !fits {
                    lines.push(Vec::new());
                    used = 0.0;
                }
                let spaced = match used > 0.0 && has_gap {
                    true => format!(" {word}"),
                    false => word.to_owned(),
                };
                used += wide + if used > 0.0 { gap } else { 0.0 };
                if let Some(line) = lines.last_mut() {
                    append(line, run, spaced);
                }
                has_gap = false;
            }
            has_gap |= words.peek().is_some();
        }
    }
    lines
}

fn append(line: &mut Vec<Run>, run: &Run, text: String) {
    match line.last_mut() {
        Some(last) if last.is_bold == run.is_bold && last.link == run.link => last.text += &text,
        _ => line.push(Run {
            text,
            ..run.clone()
        }),
    }
}

/// Returns about how wide text is, in points.
pub(super) fn width_of(text: &str, is_bold: bool, size: f64) -> f64 {
    width(text, size) / SPARE * if is_bold { BOLD } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &str, is_bold: bool) -> Run {
        Run {
            text: text.into(),
            is_bold,
            link: None,
        }
    }

    #[test]
    fn lines_are_no_wider_than_their_room_and_lose_no_word() {
        let text = "The quick brown fox jumps over the lazy dog, and nobody is surprised";
        let runs = [
            run(text, false),
            run(", not even ", false),
            run("she", true),
            run(".", false),
        ];
        let lines = lines(&runs, 120.0, 10.0);
        let texts: Vec<String> = lines
            .iter()
            .map(|line| line.iter().map(|run| run.text.as_str()).collect())
            .collect();
        assert!(texts.len() > 2, "{texts:?}");
        assert!(
            texts.iter().all(|line| width(line, 10.0) <= 125.0),
            "{texts:?}"
        );
        assert_eq!(texts.join(" "), format!("{text}, not even she."));
    }

    #[test]
    fn a_word_that_is_too_long_stands_alone() {
        assert_eq!(
            lines(&[run("a Wagenburgwagen b", false)], 20.0, 10.0).len(),
            3
        );
        assert_eq!(lines(&[run("  ", false)], 20.0, 10.0).len(), 0);
    }
}
