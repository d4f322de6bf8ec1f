//! The colours of charts: once, for the page (CSS variables, light and dark) and for files of their own (fixed, light).
//!
//! Series colours are ordered so that neighbours stay apart for every common colour blindness, after Okabe and Ito,
//! "Color Universal Design", 2008, darkened or lightened until each stands 3:1 against the page (WCAG 2.2, 1.4.11).

/// What a colour is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    /// The page behind the chart.
    Paper,
    /// Titles and values.
    Text,
    /// Axis labels.
    Muted,
    /// Grid lines.
    Grid,
    /// The zero line and axis.
    Axis,
    /// A data series, from 0; colours repeat after the last.
    Series(usize),
}

/// Where a chart will be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Inside the page: colours are the page's CSS variables, fonts the page's.
    Page,
    /// A file of its own: dark on white, with its font named.
    Paper,
}

struct Colour {
    name: &'static str,
    light: &'static str,
    dark: &'static str,
}

const fn colour(name: &'static str, light: &'static str, dark: &'static str) -> Colour {
    Colour { name, light, dark }
}

const PLAIN: [Colour; 5] = [
    colour("paper", "#ffffff", "#15181d"),
    colour("text", "#1c2128", "#e8eaed"),
    colour("muted", "#59636e", "#a3adb8"),
    colour("grid", "#e4e7eb", "#2d333b"),
    colour("axis", "#8c959f", "#6b7683"),
];

const SERIES: [Colour; 6] = [
    colour("series-1", "#0072b2", "#4ba3e0"),
    colour("series-2", "#d55e00", "#f08a3c"),
    colour("series-3", "#00805e", "#2fbf94"),
    colour("series-4", "#a8518a", "#dd8fbb"),
    colour("series-5", "#2e8bc0", "#8fd0f5"),
    colour("series-6", "#9a6f00", "#f0c04a"),
];

/// How many series have a colour of their own.
pub(super) const N_COLOURS: usize = SERIES.len();

impl Ink {
    /// Returns the value of a `fill` or `stroke`.
    pub(super) fn css(self, theme: Theme) -> String {
        let colour = match self {
            Self::Paper => &PLAIN[0],
            Self::Text => &PLAIN[1],
            Self::Muted => &PLAIN[2],
            Self::Grid => &PLAIN[3],
            Self::Axis => &PLAIN[4],
            Self::Series(number) => &SERIES[number % N_COLOURS],
        };
        match theme {
            Theme::Page => format!("var(--{})", colour.name),
            Theme::Paper => colour.light.into(),
        }
    }
}

/// Returns a colour by its name, such as `muted` or `series-1`; that of text when there is none.
#[must_use]
pub fn ink(name: &str, theme: Theme) -> String {
    let colours = PLAIN.iter().chain(&SERIES);
    let colour = colours.into_iter().find(|colour| colour.name == name);
    match (theme, colour.unwrap_or(&PLAIN[1])) {
        (Theme::Page, colour) => format!("var(--{})", colour.name),
        (Theme::Paper, colour) => colour.light.into(),
    }
}

/// Returns the page's CSS variables: light, dark where the reader prefers it, light again on paper.
#[must_use]
pub fn variables() -> String {
    let list = |value: fn(&Colour) -> &'static str| {
        let colours = PLAIN.iter().chain(&SERIES);
        colours
            .map(|colour| format!("--{}:{};", colour.name, value(colour)))
            .collect::<String>()
    };
    let light = list(|colour| colour.light);
    let dark = list(|colour| colour.dark);
    format!(
        ":root{{color-scheme:light dark;{light}}}\n\
         @media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n\
         @media print{{:root{{color-scheme:light;{light}}}}}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance as WCAG 2.2 defines it.
    fn luminance(hex: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
            match value <= 0.040_45 {
                true => value / 12.92,
                false => ((value + 0.055) / 1.055).powf(2.4),
            }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_stands_out_4_5_to_1_and_series_3_to_1_in_light_and_dark() {
        let paper = &PLAIN[0];
        for (inks, least) in [(&PLAIN[1..3], 4.5), (&SERIES[..], 3.0)] {
            for ink in inks {
                for (ink, paper) in [(ink.light, paper.light), (ink.dark, paper.dark)] {
                    let ratio = contrast(ink, paper);
                    assert!(ratio >= least, "{ink} on {paper}: {ratio:.2}");
                }
            }
        }
    }
}
