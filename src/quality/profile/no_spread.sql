-- Makes the tables of bins and boxes for data without a column of numbers that differ.
create or replace temp table profile_bins (column_name varchar, split varchar, low double, high double, n bigint, share double);
create or replace temp table profile_boxes (
    column_name varchar, split varchar, n_known bigint, mean double, sd double,
    low double, q1 double, median double, q3 double, high double, n_outliers bigint
)
