-- Returns the tables of `wh` that say what of each source was ingested so far: schema, name. They belong to the source's rows.
select schema_name, table_name
from duckdb_tables()
where
    database_name = current_database()
    and schema_name = 'wh'
    and table_name in ('ingested_files', 'cursors')
order by table_name
