-- Returns what was loaded for a source table, oldest first. $1 source, $2 table.
select sha256, origin, path, size_bytes, rows, rejected, modified_at, landed_at, loaded_at, active
from wh.ingested_files
where source = $1 and table_name = $2
order by landed_at, origin, path
