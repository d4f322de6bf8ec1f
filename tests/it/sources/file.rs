//! Months of files as they come: doubled, missing, with a new column.

use super::{good, rows, source};

#[test]
fn a_month_that_is_doubled_is_loaded_once_and_one_with_a_new_column_widens_the_table() {
    let project = source("connector: file, path: raw/inbox/usage_*.csv");
    project.write("raw/inbox/usage_2025_01.csv", "customer_id,minutes\n1,10\n");
    good(&project, &[]);
    project.write(
        "raw/inbox/usage_2025_01_again.csv",
        "customer_id,minutes\n1,10\n",
    );
    let text = good(&project, &[]);
    let said =
        "`usage_2025_01_again.csv` has the content of `usage_2025_01.csv` and is not loaded twice";
    assert!(text.contains(said), "{text}");
    // The second month is missing; the third one has a column more.
    project.write(
        "raw/inbox/usage_2025_03.csv",
        "customer_id,minutes,roaming\n1,12,3\n",
    );
    let text = good(&project, &[]);
    assert!(
        text.contains("1 file") && text.contains("new column `roaming`"),
        "{text}"
    );
    assert_eq!(
        rows(
            &project,
            "select minutes, roaming from s.t order by minutes"
        ),
        ["10,", "12,3"]
    );
    std::fs::remove_file(project.path("raw/inbox/usage_2025_03.csv")).unwrap();
    good(&project, &[]);
    assert_eq!(rows(&project, "select count(*) from s.t"), ["2"]);
}
