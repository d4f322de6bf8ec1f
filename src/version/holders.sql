-- Returns the versions that hold exactly this table, newest first. $1 `schema.name`, $2 hash.
select version
from wh.data_version_tables
where lower(relation) = lower($1) and hash = $2
order by version desc
