-- Returns the schema, the name and the statement that makes a table. $1 schema, $2 name.
select schema_name, table_name, sql
from duckdb_tables()
where database_name = current_database() and lower(schema_name) = lower($1) and lower(table_name) = lower($2)
