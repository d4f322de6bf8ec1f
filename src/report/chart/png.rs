//! The PNG of a chart: the same drawing in pixels, with fonts that are compiled in.

use std::sync::Arc;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

use crate::diagnostic::{Diagnostic, Kind, Result};

const REGULAR: &[u8] = include_bytes!("../fonts/Inter-Regular.otf");
const SEMI_BOLD: &[u8] = include_bytes!("../fonts/Inter-SemiBold.otf");

/// Draws an SVG of [`super::Theme::Paper`] with `scale` pixels for one of its units, and returns the PNG's bytes.
///
/// The same SVG gives the same bytes on every machine, unless it holds letters beyond Latin, Greek and Cyrillic:
/// those are drawn with the machine's fonts.
///
/// # Errors
/// `Bug` when the SVG cannot be drawn.
pub fn png(svg: &str, scale: f32) -> Result<Vec<u8>> {
    let options = options(svg.chars());
    let bug = || Diagnostic::new(Kind::Bug, "a chart cannot be drawn as PNG");
    let tree = Tree::from_str(svg, &options).map_err(|err| bug().because(err))?;
    let size = tree.size().to_int_size().scale_by(scale).ok_or_else(bug)?;
    let mut pixels = Pixmap::new(size.width(), size.height()).ok_or_else(bug)?;
    resvg::render(
        &tree,
        Transform::from_scale(scale, scale),
        &mut pixels.as_mut(),
    );
    Ok(pixels.encode_png().map_err(|err| bug().because(err))?)
}

/// Returns how text is drawn: with fonts that are compiled in, and with the machine's where those lack one of the letters.
pub fn options(letters: impl Iterator<Item = char>) -> Options<'static> {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(REGULAR.to_vec());
    fonts.load_font_data(SEMI_BOLD.to_vec());
    if { letters }.any(is_beyond_own_fonts) {
        fonts.load_system_fonts();
    }
    Options {
        font_family: "Inter".into(),
        fontdb: Arc::new(fonts),
        ..Options::default()
    }
}

fn is_beyond_own_fonts(c: char) -> bool {
    let own = [
        '\u{0}'..='\u{17f}',
        '\u{370}'..='\u{45f}',
        '\u{1e80}'..='\u{1ef9}',
        '\u{2010}'..='\u{2265}',
    ];
    !own.iter().any(|range| range.contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_becomes_pixels_and_its_text_is_among_them() {
        let svg = |text: &str| {
            format!(
                "<svg xmlns='http://www.w3.org/2000/svg' width='40' height='20'>\
                 <text x='2' y='15' font-size='14' font-family='Inter'>{text}</text></svg>"
            )
        };
        let blank = png(&svg(""), 2.0).unwrap();
        let drawn = png(&svg("P104"), 2.0).unwrap();
        let pixels = Pixmap::decode_png(&drawn).unwrap();
        assert_eq!((pixels.width(), pixels.height()), (80, 40));
        assert!(
            drawn.len() > blank.len() && pixels.pixels().iter().any(|pixel| pixel.alpha() == 255)
        );
        assert_eq!(png(&svg("P104"), 2.0).unwrap(), drawn);
    }
}
