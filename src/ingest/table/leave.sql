-- Removes the rows that a file gave to a table. $1 the file's path in the lake.
delete from {{ table }} where _wh_file = $1
