-- Makes the table of correlations for data with fewer than two columns of numbers.
create or replace temp table profile_correlations (position_a bigint, a varchar, position_b bigint, b varchar, r double)
