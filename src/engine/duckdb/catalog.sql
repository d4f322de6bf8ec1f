-- Lists the tables and views of the session's database: database, schema, name, 'table' or 'view'.
select database_name, schema_name, table_name, 'table' as kind
from duckdb_tables()
where database_name = current_database() and not temporary
union all
select database_name, schema_name, view_name, 'view' as kind
from duckdb_views()
where database_name = current_database() and not internal and not temporary
order by all
