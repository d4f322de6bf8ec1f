//! Names that Excel accepts: of sheets, of tables, of headers. Pure.

use std::collections::BTreeSet;

/// The longest name of a sheet, in UTF-16 units.
const MAX_SHEET: usize = 31;
/// The longest header of a table's column, in UTF-16 units.
const MAX_HEADER: usize = 255;

/// Returns `wanted` as Excel allows a sheet to be called, and puts it into `taken`.
///
/// `part` counts from 1; from 2 on it is appended, as for a name that is taken: `Sales (2)`.
pub(super) fn sheet(wanted: &str, part: usize, taken: &mut BTreeSet<String>) -> String {
    let allowed =
        |c: char| !matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\') && !c.is_control();
    let clean: String = wanted
        .chars()
        .map(|c| if allowed(c) { c } else { '_' })
        .collect();
    let clean = clean.trim().trim_matches('\'');
    let clean = match clean.is_empty() || clean.eq_ignore_ascii_case("history") {
        true => "Sheet",
        false => clean,
    };
    let mut number = part;
    loop {
        let suffix = match number {
            0 | 1 => String::new(),
            number => format!(" ({number})"),
        };
        let name = format!(
            "{}{suffix}",
            cut(clean, MAX_SHEET - suffix.len()).trim_end()
        );
        if taken.insert(name.to_lowercase()) {
            return name;
        }
        number = number.max(1) + 1;
    }
}

/// Returns the name of the `number`th table object, on a sheet called `sheet`: letters, digits and underscores.
pub(super) fn table(sheet: &str, number: usize) -> String {
    let words: String = sheet
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    format!("t{number}_{}", words.trim_matches('_'))
}

/// Returns the headers made unique as Excel compares them, without case: `id`, `ID (2)`.
pub(super) fn headers(wanted: impl Iterator<Item = String>) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let unique = |header: String| {
        let clean: String = header
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let clean = match clean.trim() {
            "" => "column",
            clean => clean,
        };
        let mut name = cut(clean, MAX_HEADER).to_owned();
        let mut number = 2;
        while !taken.insert(name.to_lowercase()) {
            name = format!("{} ({number})", cut(clean, MAX_HEADER - 12));
            number += 1;
        }
        name
    };
    wanted.map(unique).collect()
}

/// Returns a name as a person would write it: `vip_workbook` becomes `Vip workbook`.
pub(super) fn title(name: &str) -> String {
    let words = name.replace(['_', '-'], " ");
    let mut chars = words.trim().chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// Returns the longest start of `text` of at most `max` UTF-16 units, never half a character.
pub(super) fn cut(text: &str, max: usize) -> &str {
    // UTF-8 is never shorter than UTF-16.
    if text.len() <= max {
        return text;
    }
    let mut units = 0;
    for (at, c) in text.char_indices() {
        units += c.len_utf16();
        if units > max {
            return &text[..at];
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forbidden_characters_and_duplicates_are_made_names() {
        let mut taken = BTreeSet::new();
        assert_eq!(sheet("a/b: [c]?", 1, &mut taken), "a_b_ _c__");
        assert_eq!(sheet("Sales", 1, &mut taken), "Sales");
        assert_eq!(sheet("SALES", 1, &mut taken), "SALES (2)");
        assert_eq!(sheet("sales", 2, &mut taken), "sales (3)");
        assert_eq!(sheet("'", 1, &mut taken), "Sheet");
        assert_eq!(sheet("History", 1, &mut taken), "Sheet (2)");
    }

    #[test]
    fn a_long_name_is_cut_and_stays_unique() {
        let mut taken = BTreeSet::new();
        let long = "processed_sales_data_with_vip_customers";
        assert_eq!(
            sheet(long, 1, &mut taken),
            "processed_sales_data_with_vip_c"
        );
        assert_eq!(
            sheet(long, 2, &mut taken),
            "processed_sales_data_with_v (2)"
        );
        assert_eq!(sheet(&"😀".repeat(20), 1, &mut taken), "😀".repeat(15));
    }

    #[test]
    fn headers_are_unique_without_case() {
        let names = ["id", "ID", "", "a\nb"].map(String::from);
        assert_eq!(
            headers(names.into_iter()),
            ["id", "ID (2)", "column", "a b"]
        );
    }

    #[test]
    fn a_table_is_never_called_like_a_cell() {
        assert_eq!(table("A1", 3), "t3_A1");
        assert_eq!(table("Top products", 1), "t1_Top_products");
        assert_eq!(table("总计", 2), "t2_");
    }

    #[test]
    fn a_title_is_a_name_in_words() {
        assert_eq!(title("vip_workbook"), "Vip workbook");
        assert_eq!(title(""), "");
    }
}
