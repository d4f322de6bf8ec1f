-- Records the lake's files of a version. $1 number, $2 files (JSON array of path, sha256, n_bytes).
insert into wh.data_version_files (version, path, sha256, n_bytes)
select $1, item ->> '$.path', item ->> '$.sha256', cast(item ->> '$.n_bytes' as bigint)
from (select unnest(cast(cast($2 as json) as json[])) as item)
