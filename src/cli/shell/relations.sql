-- Lists the columns of all tables and views, temporary ones too: schema, relation, 'table' or 'view', column, type. No parameters.
with relations as (
    select database_name, schema_name, table_name as relation, 'table' as kind
    from duckdb_tables()
    union all
    select database_name, schema_name, view_name, 'view'
    from duckdb_views()
    where not internal
)

select relations.schema_name, relation, kind, column_name, lower(data_type) as data_type
from relations
join duckdb_columns() as columns
    on columns.database_name = relations.database_name
    and columns.schema_name = relations.schema_name
    and columns.table_name = relation
where relations.database_name in (current_database(), 'temp')
order by relations.schema_name, relation, column_index
