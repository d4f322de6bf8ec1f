//! What a test looks for, in the words of a report's reader.

/// A test's name and its kind. `meta: {kind: …}` of a test says another; a test that is not here is `other`.
const KINDS: &[(&str, &str)] = &[
    ("accepted_range", "ranges"),
    ("accepted_values", "values"),
    ("at_least_one", "missing values"),
    ("equal_rowcount", "row counts"),
    ("expect_column_mean_to_be_between", "ranges"),
    (
        "expect_column_pair_values_A_to_be_greater_than_B",
        "consistency",
    ),
    ("expect_column_pair_values_to_be_equal", "consistency"),
    ("expect_column_value_lengths_to_be_between", "formats"),
    ("expect_column_values_to_be_between", "ranges"),
    ("expect_column_values_to_be_in_set", "values"),
    ("expect_column_values_to_be_of_type", "types"),
    ("expect_column_values_to_be_unique", "duplicates"),
    ("expect_column_values_to_match_regex", "formats"),
    ("expect_column_values_to_not_be_null", "missing values"),
    ("expect_column_values_to_not_match_regex", "formats"),
    ("expect_compound_columns_to_be_unique", "duplicates"),
    (
        "expect_row_values_to_have_data_for_every_n_datepart",
        "missing periods",
    ),
    ("expect_table_row_count_to_be_between", "row counts"),
    ("expect_table_row_count_to_equal_other_table", "row counts"),
    ("expression_is_true", "consistency"),
    ("is_castable", "types"),
    ("matches_regex", "formats"),
    ("no_missing_periods", "missing periods"),
    ("not_accepted_values", "values"),
    ("not_constant", "values"),
    ("not_empty_string", "missing values"),
    ("not_null", "missing values"),
    ("not_null_proportion", "missing values"),
    ("recency", "freshness"),
    ("relationships", "referential integrity"),
    ("relationships_where", "referential integrity"),
    ("row_count_anomaly", "row counts"),
    ("unique", "duplicates"),
    ("unique_combination_of_columns", "duplicates"),
];

/// Returns what a generic test looks for; `name` may bear its package's name.
#[must_use]
pub fn kind(name: &str) -> &'static str {
    let name = name.rsplit('.').next().unwrap_or(name);
    let found = KINDS.iter().find(|(test, _)| *test == name);
    found.map_or("other", |(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_test_has_a_kind_and_every_kind_a_test() {
        let folder = "src/jinja/macros/wh/tests";
        let own = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().path());
        let files = own.chain(["src/jinja/macros/dbt/generic_tests.sql".into()]);
        let text: String = files
            .map(|file| std::fs::read_to_string(file).unwrap())
            .collect();
        let names: Vec<&str> = text
            .split("{% test ")
            .skip(1)
            .filter_map(|rest| rest.split('(').next())
            .collect();
        for name in &names {
            assert_ne!(kind(name), "other", "{name}");
        }
        for (name, _) in KINDS {
            assert!(names.contains(name), "{name}");
        }
        assert_eq!(kind("dbt_utils.accepted_range"), "ranges");
        assert_eq!(kind("is_my_own"), "other");
    }
}
