-- Returns the columns of a table, without rows. input: the table.
select * from {{ input }} limit 0
