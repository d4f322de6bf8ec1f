-- Lists the key constraints of all tables: database, schema, table, type in dbt's words.
select distinct database_name, schema_name, table_name, lower(replace(constraint_type, ' ', '_')) as constraint_type
from duckdb_constraints()
where constraint_type in ('PRIMARY KEY', 'UNIQUE', 'FOREIGN KEY')
