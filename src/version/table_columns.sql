-- Returns columns and types of a table, in order. $1 schema, $2 name.
select column_name, data_type
from duckdb_columns()
where database_name = current_database() and lower(schema_name) = lower($1) and lower(table_name) = lower($2)
order by column_index
