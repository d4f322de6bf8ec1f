-- Makes the temporary tables that a report of quality reads, empty but for the tests it is about.
create or replace temp table quality_selected (test_id varchar);
create or replace temp table quality_rejects (relation varchar, reason varchar, n_records bigint);
create or replace temp table quality_completeness (relation varchar, position bigint, column_name varchar, n_rows bigint, n_missing bigint);
