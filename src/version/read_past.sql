-- Returns every manifest that any version has of a table, each once. $1 `schema.name`.
select distinct cast(manifest as varchar) as manifest
from wh.data_version_tables
where lower(relation) = lower($1)
