-- Returns a row when the record of ingested files is there.
select 1 as found
from duckdb_tables()
where database_name = current_database() and schema_name = 'wh' and table_name = 'ingested_files'
