-- Returns the manifests of a version's tables. $1 version.
select cast(manifest as varchar) as manifest
from wh.data_version_tables
where version = $1
order by relation
