-- Records a restore. $1 when (UTC, µs), $2 version, $3 whether all of it, $4 tables replaced (JSON array of text).
insert into wh.data_restores (restored_at, version, newest_version, whole, relations)
select $1, $2, (select max(version) from wh.data_versions), $3, cast(cast($4 as json) as varchar[])
