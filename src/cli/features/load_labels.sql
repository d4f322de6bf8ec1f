-- Reads a file of labels into a table that ends with the session. file: its path; the suffix decides how it is read.
create temporary table labels as
select * from {{ file | literal }}
