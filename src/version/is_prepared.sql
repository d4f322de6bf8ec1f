-- Returns a row when the tables of data versions are there.
select 1 as found
from duckdb_tables()
where database_name = current_database() and schema_name = 'wh' and table_name = 'data_versions'
