-- Lists the tables and views of all databases: database, schema, name, whether it is a view.
select database_name, schema_name, table_name, false as is_view
from duckdb_tables()
where not internal and not temporary
union all
select database_name, schema_name, view_name, true
from duckdb_views()
where not internal and not temporary
