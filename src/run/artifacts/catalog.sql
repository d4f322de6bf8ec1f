-- Lists the columns of every table and view of all databases, those of one relation together and in order.
select
    tables.database_name,
    tables.schema_name,
    tables.table_name,
    tables.table_type,
    tables.comment as table_comment,
    columns.column_name,
    columns.column_index::bigint as column_index,
    columns.data_type,
    columns.comment as column_comment
from (
    select database_name, schema_name, table_name, 'BASE TABLE' as table_type, comment from duckdb_tables()
    union all
    select database_name, schema_name, view_name, 'VIEW', comment from duckdb_views()
) as tables
join duckdb_columns() as columns using (database_name, schema_name, table_name)
order by tables.database_name, tables.schema_name, tables.table_name, columns.column_index
