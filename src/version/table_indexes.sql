-- Returns the statements that make a table's indexes. $1 schema, $2 name.
select sql
from duckdb_indexes()
where
    database_name = current_database()
    and lower(schema_name) = lower($1)
    and lower(table_name) = lower($2)
    and sql is not null
order by index_name
