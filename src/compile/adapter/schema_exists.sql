-- One row where a schema exists. `database`: none for the session's own; `schema`.
select 1
from duckdb_schemas()
where lower(database_name) = lower({% if database is none %}current_database(){% else %}{{ database | literal }}{% endif %})
    and lower(schema_name) = lower({{ schema | literal }})
