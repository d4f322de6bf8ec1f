//! How wide text is, and what to do when it is too wide. An estimate: the page's font is the reader's.

/// Advance widths of U+0020 to U+007E in Inter Regular, in 1/2816 of the font size.
const WIDTHS: [u16; 95] = [
    792, 784, 1136, 1776, 1796, 2288, 1800, 624, 1020, 1020, 1408, 1856, 788, 1296, 776, 1004,
    1760, 1308, 1704, 1792, 1808, 1712, 1756, 1608, 1736, 1756, 776, 788, 1856, 1856, 1856, 1428,
    2636, 1904, 1832, 2048, 2024, 1684, 1652, 2092, 2084, 744, 1528, 1836, 1584, 2504, 2120, 2144,
    1788, 2144, 1800, 1796, 1808, 2088, 1904, 2672, 1808, 1872, 1760, 1020, 1004, 1020, 1320, 1272,
    1400, 1588, 1748, 1572, 1748, 1640, 1016, 1716, 1664, 668, 668, 1532, 668, 2448, 1648, 1680,
    1716, 1716, 1048, 1472, 1024, 1636, 1568, 2288, 1520, 1568, 1524, 1020, 920, 1020, 1856,
];

/// The page's font may be wider than Inter; most are not by more than this.
const MARGIN: f64 = 1.06;

/// Returns the width of `text` at a font size, both in pixels.
#[must_use]
pub fn width(text: &str, size: f64) -> f64 {
    let units = |c: char| match c as u32 {
        code @ 0x20..=0x7e => f64::from(WIDTHS[code as usize - 0x20]) / 2816.0,
        // From Hangul and CJK on, characters are as wide as they are high.
        0x1100..=0x115f | 0x2e80..=0xd7ff | 0xf900..=0xfaff | 0xff00.. => 1.0,
        _ => 0.62,
    };
    text.chars().map(units).sum::<f64>() * size * MARGIN
}

/// Returns the widest of several texts, 0 for none.
pub(super) fn widest<'a>(texts: impl IntoIterator<Item = &'a str>, size: f64) -> f64 {
    texts
        .into_iter()
        .fold(0.0, |most, text| width(text, size).max(most))
}

/// Cuts text to a width, with an ellipsis where something is lost.
#[must_use]
pub fn cut(text: &str, room: f64, size: f64) -> String {
    if width(text, size) <= room {
        return text.into();
    }
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if width(&kept, size) + width("…", size) > room && kept.chars().count() > 1 {
            kept.pop();
            break;
        }
    }
    format!("{}…", kept.trim_end())
}

/// Cuts text to a width in its middle: labels that begin alike often differ at their ends.
pub(super) fn cut_middle(text: &str, room: f64, size: f64) -> String {
    if width(text, size) <= room {
        return text.into();
    }
    let letters = text.chars().collect::<Vec<_>>();
    for kept in (3..letters.len()).rev() {
        let (start, end) = letters.split_at(kept - kept / 3);
        let end = &end[end.len() - kept / 3..];
        let cut = format!(
            "{}…{}",
            String::from_iter(start).trim_end(),
            String::from_iter(end)
        );
        if width(&cut, size) <= room {
            return cut;
        }
    }
    cut(text, room, size)
}

/// Breaks text at spaces into lines of a width; a longer word stands alone and is cut.
#[must_use]
pub fn wrap(text: &str, room: f64, size: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width(line, size) + width(" ", size) + width(word, size) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(cut(word, room, size)),
        }
    }
    lines
}

/// Turns a column's name into a title: `total_revenue` becomes `Total revenue`.
#[must_use]
pub fn title_of(column: &str) -> String {
    let words = column.replace('_', " ");
    let words = words.trim();
    match words.strip_suffix(" id") {
        Some(thing) => capital(thing),
        None => capital(words),
    }
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// Escapes text for XML, and drops the control characters that XML cannot hold.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(' '),
            control if control.is_control() => {}
            '\u{fffe}' | '\u{ffff}' => {}
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_to_its_room_and_long_titles_are_wrapped() {
        assert_eq!(cut("P101", 100.0, 12.0), "P101");
        let short = cut("a very long product name indeed", 80.0, 12.0);
        assert!(
            short.ends_with('…') && width(&short, 12.0) <= 80.0,
            "{short}"
        );
        assert_eq!(cut("WWWW", 1.0, 12.0), "W…");
        let middle = cut_middle("Product number 104", 80.0, 12.0);
        assert!(
            middle.ends_with("104") && width(&middle, 12.0) <= 80.0,
            "{middle}"
        );
        assert_eq!(cut_middle("WWWW", 1.0, 12.0), "W…");
        let lines = wrap(
            "Revenue of every product in all the years of the shop",
            120.0,
            16.0,
        );
        assert!(
            lines.len() > 2 && lines.iter().all(|line| width(line, 16.0) <= 120.0),
            "{lines:?}"
        );
        assert_eq!(
            lines.join(" "),
            "Revenue of every product in all the years of the shop"
        );
    }

    #[test]
    fn column_names_become_titles() {
        assert_eq!(title_of("total_revenue"), "Total revenue");
        assert_eq!(title_of("product_id"), "Product");
        assert_eq!(title_of("id"), "Id");
    }

    #[test]
    fn markup_and_control_characters_cannot_leave_their_text() {
        assert_eq!(
            escape("<a b='c'>&\u{0}\n\""),
            "&lt;a b=&#39;c&#39;&gt;&amp; &quot;"
        );
    }
}
