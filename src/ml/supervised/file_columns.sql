-- Returns the columns of a file's rows, without rows.
select * exclude ("wh row") from "wh rows" limit 0
