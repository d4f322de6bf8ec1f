//! A growing SVG document. Knows shapes and colours, nothing of axes or data.

use super::WRITTEN_BY;
use super::palette::{Ink, Theme};
use super::text::escape;

/// Fonts of a chart that is a file of its own; the first is the one its PNG is drawn with.
const FONTS: &str = "Inter, 'Helvetica Neue', Arial, sans-serif";

/// Where text begins or ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Type {
    pub(super) size: f64,
    pub(super) ink: Ink,
    pub(super) anchor: Anchor,
    pub(super) is_bold: bool,
    /// Whether the paper shows around the letters, where they stand on lines.
    pub(super) has_halo: bool,
    /// Degrees, counter-clockwise.
    pub(super) slant: f64,
}

impl Type {
    /// Plain text of a size and colour, from its beginning.
    pub(super) fn new(size: f64, ink: Ink) -> Self {
        Self {
            size,
            ink,
            anchor: Anchor::Start,
            is_bold: false,
            has_halo: false,
            slant: 0.0,
        }
    }

    pub(super) fn anchor(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }

    pub(super) fn bold(self) -> Self {
        Self {
            is_bold: true,
            ..self
        }
    }

    pub(super) fn halo(self) -> Self {
        Self {
            has_halo: true,
            ..self
        }
    }

    pub(super) fn slant(self, degrees: f64) -> Self {
        Self {
            slant: degrees,
            ..self
        }
    }
}

/// An upright rectangle, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Area {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

impl Area {
    pub(super) fn width(&self) -> f64 {
        self.right - self.left
    }
}

/// The shapes drawn so far.
#[derive(Debug)]
pub(super) struct Svg {
    theme: Theme,
    body: String,
}

impl Svg {
    pub(super) fn new(theme: Theme) -> Self {
        Self {
            theme,
            body: String::new(),
        }
    }

    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), ink: Ink) {
        let [x1, y1, x2, y2] = [from.0, from.1, to.0, to.1].map(number);
        let ink = ink.css(self.theme);
        self.push(&format!(
            r#"<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{ink}"/>"#
        ));
    }

    /// A dashed line that stays visible where it crosses bars.
    pub(super) fn dashes(&mut self, from: (f64, f64), to: (f64, f64)) {
        let [x1, y1, x2, y2] = [from.0, from.1, to.0, to.1].map(number);
        for (ink, look) in [
            (Ink::Paper, r#"stroke-width="2""#),
            (Ink::Text, r#"stroke-width="1.25" stroke-dasharray="5 4""#),
        ] {
            let ink = ink.css(self.theme);
            self.push(&format!(
                r#"<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{ink}" {look}/>"#
            ));
        }
    }

    /// A rectangle that tells its value to whoever points at it.
    pub(super) fn bar(&mut self, area: Area, ink: Ink, tip: &str) {
        let [x, y] = [area.left, area.top].map(number);
        let [width, height] =
            [area.width(), area.bottom - area.top].map(|size| number(size.max(0.0)));
        let (ink, tip) = (ink.css(self.theme), escape(tip));
        self.push(&format!(
            r#"<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{ink}"><title>{tip}</title></rect>"#
        ));
    }

    /// A rectangle of a colour's strength, 0 to 1, that tells its value to whoever points at it.
    pub(super) fn shade(&mut self, area: Area, ink: Ink, strength: f64, tip: &str) {
        let [x, y] = [area.left, area.top].map(number);
        let [width, height] =
            [area.width(), area.bottom - area.top].map(|size| number(size.max(0.0)));
        let (ink, tip, strength) = (ink.css(self.theme), escape(tip), number(strength));
        self.push(&format!(
            r#"<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{ink}" fill-opacity="{strength}"><title>{tip}</title></rect>"#
        ));
    }

    /// A point that tells its value to whoever points at it.
    pub(super) fn dot(&mut self, at: (f64, f64), radius: f64, ink: Ink, tip: &str) {
        let [x, y, radius] = [at.0, at.1, radius].map(number);
        let (ink, paper, tip) = (ink.css(self.theme), Ink::Paper.css(self.theme), escape(tip));
        self.push(&format!(
            r#"<circle cx="{x}" cy="{y}" r="{radius}" fill="{ink}" stroke="{paper}"><title>{tip}</title></circle>"#
        ));
    }

    /// An open line through points; `dash` as in SVG, empty for none.
    pub(super) fn path(&mut self, points: &[(f64, f64)], ink: Ink, dash: &str) {
        let mut way = String::new();
        for (at, (x, y)) in points.iter().enumerate() {
            let verb = if at == 0 { 'M' } else { 'L' };
            way.push_str(&format!("{verb}{} {}", number(*x), number(*y)));
        }
        let ink = ink.css(self.theme);
        let dash = match dash {
            "" => String::new(),
            dash => format!(r#" stroke-dasharray="{dash}""#),
        };
        self.push(&format!(
            r#"<path d="{way}" fill="none" stroke="{ink}" stroke-width="2.25" stroke-linejoin="round" stroke-linecap="round"{dash}/>"#
        ));
    }

    pub(super) fn text(&mut self, at: (f64, f64), text: &str, style: Type) {
        let [x, y, size] = [at.0, at.1, style.size].map(number);
        let ink = style.ink.css(self.theme);
        let anchor = match style.anchor {
            Anchor::Start => "",
            Anchor::Middle => r#" text-anchor="middle""#,
            Anchor::End => r#" text-anchor="end""#,
        };
        let weight = if style.is_bold {
            r#" font-weight="600""#
        } else {
            ""
        };
        let turn = match style.slant {
            0.0 => String::new(),
            degrees => format!(r#" transform="rotate({} {x} {y})""#, number(-degrees)),
        };
        let halo = if style.has_halo {
            let paper = Ink::Paper.css(self.theme);
            format!(
                r#" stroke="{paper}" stroke-width="3" stroke-linejoin="round" paint-order="stroke""#
            )
        } else {
            String::new()
        };
        let text = escape(text);
        self.push(&format!(
            r#"<text x="{x}" y="{y}" font-size="{size}" fill="{ink}"{anchor}{weight}{halo}{turn}>{text}</text>"#
        ));
    }

    /// Closes the document: `id` makes its names unique in a page, `title` and `about` are read aloud.
    pub(super) fn finish(self, size: (f64, f64), id: &str, title: &str, about: &str) -> String {
        let [width, height] = [size.0.ceil(), size.1.ceil()].map(number);
        let (id, title, about) = (escape(id), escape(title), escape(about));
        let (extent, paper) = match self.theme {
            Theme::Page => (r#" font-family="inherit""#.into(), String::new()),
            Theme::Paper => (
                format!(r#" width="{width}" height="{height}" font-family="{FONTS}""#),
                format!(
                    "{WRITTEN_BY}\n<rect width=\"{width}\" height=\"{height}\" fill=\"{}\"/>\n",
                    Ink::Paper.css(self.theme)
                ),
            ),
        };
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\"{extent} role=\"img\" \
             aria-labelledby=\"{id}-title {id}-desc\">\n<title id=\"{id}-title\">{title}</title>\n\
             <desc id=\"{id}-desc\">{about}</desc>\n{paper}{}</svg>\n",
            self.body
        )
    }

    fn push(&mut self, shape: &str) {
        self.body.push_str(shape);
        self.body.push('\n');
    }
}

/// Writes a coordinate with two decimals at most; whatever cannot be drawn stands at 0.
fn number(value: f64) -> String {
    let rounded = (value * 100.0).round() / 100.0;
    match rounded.is_finite() && rounded != 0.0 {
        true => rounded.to_string(),
        false => "0".into(),
    }
}
