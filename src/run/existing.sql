-- Lists the tables and views of all databases: database, schema, name, 'table' or 'view'.
select database_name, schema_name, table_name, 'table' as kind
from duckdb_tables()
where not internal and not temporary
union all
select database_name, schema_name, view_name, 'view'
from duckdb_views()
where not internal and not temporary
