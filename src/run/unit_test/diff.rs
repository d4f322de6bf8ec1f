//! How two tables differ, as lines a person reads: `+++` for rows too many, `---` for rows that are missing, `→` for changed ones.

/// Two tables of the same columns; the order of rows does not count.
#[derive(Debug)]
pub(super) struct Diff {
    pub(super) names: Vec<String>,
    pub(super) expected: Vec<Vec<String>>,
    pub(super) actual: Vec<Vec<String>>,
}

impl Diff {
    /// Returns the differences as a table of text; `None` where there are none.
    pub(super) fn shown(mut self) -> Option<String> {
        self.expected.sort();
        self.actual.sort();
        let [same, missing, extra] = self.split();
        if missing.is_empty() && extra.is_empty() {
            return None;
        }
        let mut lines = vec![line("@@", self.names.clone())];
        lines.extend(same.into_iter().map(|row| line("", row)));
        lines.extend(paired(missing, extra));
        let width = |column: usize| {
            let cells = lines.iter().filter_map(|line| line.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..=self.names.len()).map(width).collect();
        let text = lines.iter().map(|line| {
            let cells = line.iter().zip(&widths);
            let cells: Vec<String> = cells
                .map(|(cell, width)| format!("{cell:<width$}"))
                .collect();
            cells.join(",").trim_end().to_owned()
        });
        let text: Vec<String> = text.collect();
        Some(format!(
            "\n\nactual differs from expected:\n\n{}\n",
            text.join("\n")
        ))
    }

    /// Splits sorted rows into those of both, those only expected, and those only made.
    fn split(&self) -> [Vec<Vec<String>>; 3] {
        let (mut same, mut missing) = (Vec::new(), Vec::new());
        let mut extra = self.actual.clone();
        for row in &self.expected {
            match extra.iter().position(|other| other == row) {
                Some(found) => same.push(extra.remove(found)),
                None => missing.push(row.clone()),
            }
        }
        [same, missing, extra]
    }
}

fn line(mark: &str, cells: Vec<String>) -> Vec<String> {
    std::iter::once(mark.to_owned()).chain(cells).collect()
}

/// Shows rows that have a cell in common as changed, and the others as missing or too many.
fn paired(missing: Vec<Vec<String>>, mut extra: Vec<Vec<String>>) -> Vec<Vec<String>> {
    let common =
        |one: &[String], other: &[String]| one.iter().zip(other).filter(|(a, b)| a == b).count();
    let mut lines = Vec::new();
    for row in missing {
        let nearest = (0..extra.len()).max_by_key(|other| common(&row, &extra[*other]));
        match nearest.filter(|other| common(&row, &extra[*other]) > 0) {
            None => lines.push(line("---", row)),
            Some(other) => {
                let made = extra.remove(other);
                let cells = row.into_iter().zip(made);
                let cell = |(expected, actual): (String, String)| match expected == actual {
                    true => actual,
                    false => format!("{expected}→{actual}"),
                };
                lines.push(line("→", cells.map(cell).collect()));
            }
        }
    }
    lines.extend(extra.into_iter().map(|row| line("+++", row)));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(rows: &[&[&str]]) -> Vec<Vec<String>> {
        let row = |row: &&[&str]| row.iter().map(|cell| (*cell).to_owned()).collect();
        rows.iter().map(row).collect()
    }

    fn diff(expected: &[&[&str]], actual: &[&[&str]]) -> Option<String> {
        let (expected, actual) = (rows(expected), rows(actual));
        let names = vec!["id".to_owned(), "name".to_owned()];
        Diff {
            names,
            expected,
            actual,
        }
        .shown()
    }

    #[test]
    fn the_order_of_rows_does_not_count() {
        assert_eq!(
            diff(&[&["1", "a"], &["2", "b"]], &[&["2", "b"], &["1", "a"]]),
            None
        );
        assert!(diff(&[&["1", "a"]], &[&["1", "a"], &["1", "a"]]).is_some());
    }

    #[test]
    fn changed_missing_and_extra_rows_have_marks() {
        let shown = diff(
            &[&["1", "a"], &["2", "b"], &["3", "c"]],
            &[&["1", "a"], &["2", "x"], &["9", "z"]],
        );
        let lines: Vec<&str> = "@@ ,id,name\n   ,1 ,a\n→  ,2 ,b→x\n---,3 ,c\n+++,9 ,z"
            .split('\n')
            .collect();
        let shown = shown.unwrap();
        for line in lines {
            assert!(shown.contains(line), "{line} in {shown}");
        }
    }
}
