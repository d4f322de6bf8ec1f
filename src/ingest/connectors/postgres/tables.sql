-- Returns the names of the tables and views of PostgreSQL that the role may see.
select table_schema::text || '.' || table_name::text as name
from information_schema.tables
where table_schema not in ('pg_catalog', 'information_schema')
order by 1
