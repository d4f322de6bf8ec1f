-- Returns how far a source table has been read, or no row. $1 source, $2 table.
select field, value, boundary from wh.cursors where source = $1 and table_name = $2
